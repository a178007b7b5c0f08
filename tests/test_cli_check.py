"""``rcp-geo check``: everything that is wrong or doubtful with a list, on one line each; exit 1 if anything is wrong."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import rcp_geo as rg
from rcp_geo.errors import InputWarning

GOOD = "name,family,served,postcode\nNest,local,Hull,HU1 2AA\n"
DOUBTFUL = GOOD + "Home,pause,Hartlepol,\n"
WRONG = GOOD + ",pause,Leeds,\nCourt,fdac,Narnia,ZZ99 9ZZ\n"


def check(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rcp_geo.cli", "check", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def write(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("text", "code"), [(GOOD, 0), (DOUBTFUL, 0), (WRONG, 1)])
def test_it_exits_with_1_if_anything_is_wrong_and_says_how_much(text: str, code: int, tmp_path: Path) -> None:
    done = check(write(tmp_path, text), "--as-of", "2024-05-01")
    assert done.returncode == code
    errors, warnings = {GOOD: (0, 0), DOUBTFUL: (0, 1), WRONG: (3, 1)}[text]
    assert f"{errors} errors, {warnings} warnings" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", [GOOD, DOUBTFUL, WRONG])
def test_every_finding_is_printed_in_every_form(text: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    if text == WRONG:
        with pytest.warns(InputWarning):
            expected = rg.read_directory(path, as_of="2024-05-01")
    else:
        expected = rg.read_directory(path, as_of="2024-05-01")
    lines = check(path, "--as-of", "2024-05-01", "--format", "table").stdout.splitlines()
    assert lines == [f"{f.severity}: {f}" for f in expected.noticed]
    in_csv = pd.read_csv(
        io.StringIO(check(path, "--as-of", "2024-05-01", "--format", "csv").stdout), dtype=str, keep_default_na=False
    )
    in_json = json.loads(check(path, "--as-of", "2024-05-01", "--format", "json").stdout)
    for found in (in_csv.to_dict("records"), in_json):
        assert [(r["code"], r["severity"], r["ids"], r["remedy"]) for r in found] == [
            (f.code, f.severity, "; ".join(f.ids), f.remedy) for f in expected.noticed
        ]


def test_in_a_pipe_it_is_csv(tmp_path: Path) -> None:
    path = write(tmp_path, DOUBTFUL)
    piped, asked = check(path, "--as-of", "2024-05-01"), check(path, "--as-of", "2024-05-01", "--format", "csv")
    assert piped.stdout == asked.stdout
    assert piped.stdout.startswith("code,severity,table,column,count,ids,message,remedy\n")


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        (GOOD, [], "pass as_of="),
        (GOOD, ["--as-of", "May"], "'May' is not a date"),
        ("name\nNest\n", ["--as-of", "2024-05-01"], "service.no_family"),
        ("name,family\n", ["--as-of", "2024-05-01"], "the table is empty"),
        (GOOD, ["--as-of", "2024-05-01", "--layer", "x"], "layer"),
    ],
)
def test_what_cannot_be_used_at_all_is_an_error_in_plain_lines(
    text: str, arguments: list[str], words: str, tmp_path: Path
) -> None:
    done = check(write(tmp_path, text), *arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert all(line.startswith("rcp-geo: error: ") for line in done.stderr.splitlines())
    assert done.stdout == ""


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = check(tmp_path / "none.csv", "--as-of", "2024-05-01")
    assert done.returncode == 1
    assert "none.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_family_of_all_rows_can_be_given(tmp_path: Path) -> None:
    path = write(tmp_path, "name,served\nNest,Hull\n")
    assert check(path, "--as-of", "2024-05-01").returncode == 1
    assert check(path, "--as-of", "2024-05-01", "--family", "local").returncode == 0


def test_a_folder_of_tables_is_checked_too(folder: Path) -> None:
    done = check(folder)
    assert done.returncode == 0
    assert "6 services" in done.stderr
    sites = (folder / "sites.csv").read_text().replace("405000.0", "4o5000", 1)
    (folder / "sites.csv").write_text(sites)
    again = check(folder, "--format", "table")
    assert again.returncode == 1
    assert "coordinate.not_a_number" in again.stdout
