"""The page of findings lists every code that the source can emit, with its severities, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from rcp_geo.names import match
from rcp_geo.openreferral import check
from rcp_geo.openreferral.notes import KINDS

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "rcp_geo"
CODE = re.compile(r"[a-z]+\.[a-z]+(_[a-z]+)*")
# Texts of the same form that are no codes: names of files and of modules.
FILE = re.compile(
    r"matplotlib\..*|attr\.name|.*\.(bin|csv|gpkg|ini|json|kml|lua|npy|parquet|rels|shp|sqlite|fgb|xml|zip)"
)
SEVERITIES = {"error", "warning", "info"}
# The codes that are put together when the program runs, by the file that does it.
MADE = {
    "names/match.py": {f"authority.{kind}" for kind, *_ in match._UNMATCHED.values()},
    "openreferral/check.py": {f"openreferral.{kind}" for kind in check._REMEDIES},
}
ROW = re.compile(r"^\| `([^`]+)` \| ([^|]+) \|", re.MULTILINE)


def page() -> dict[str, set[str]]:
    """Return the severities of each code on the page."""
    rows = ROW.findall((ROOT / "docs" / "findings.md").read_text(encoding="utf-8"))
    codes = [code for code, _ in rows]
    assert len(codes) == len(set(codes)), "a code has two rows"
    return {code: set(severity.split(", ")) for code, severity in rows}


def literals(nodes: list[ast.expr]) -> list[str]:
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def source() -> tuple[dict[str, set[str]], set[str]]:
    """Return the codes in the source with the severities written beside them, and the files that put codes together."""
    codes: dict[str, set[str]] = {code: {severity} for code, (severity, *_) in KINDS.items()}
    made = set()
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                codes.setdefault(node.value, set())
            if isinstance(node, ast.Call) and ast.unparse(node.func).lower().endswith(("finding", "note")):
                made |= {path.relative_to(SOURCE).as_posix() for n in node.args[:1] if isinstance(n, ast.JoinedStr)}
            if isinstance(node, ast.Call | ast.Tuple):
                beside = literals(node.args if isinstance(node, ast.Call) else node.elts)
                for code in filter(CODE.fullmatch, beside):
                    codes.setdefault(code, set()).update(SEVERITIES.intersection(beside))
    return {code: said for code, said in codes.items() if not FILE.fullmatch(code)}, made


def test_the_page_has_every_code_of_the_source_and_no_other() -> None:
    codes, made = source()
    assert made == set(MADE), "a file puts codes together when the program runs: say in MADE which"
    assert set(page()) == set(codes).union(*MADE.values())


def test_the_page_says_the_severities_that_the_source_says() -> None:
    told = page()
    assert all(severities <= SEVERITIES for severities in told.values())
    wrong = {code: (told.get(code), said) for code, said in source()[0].items() if not said <= told.get(code, set())}
    assert not wrong, "code: (on the page, in the source)"
