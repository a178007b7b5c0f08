"""The authorities that a cell of a user's table names."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

import pandas as pd

from rcp_geo.authorities import register
from rcp_geo.names import match_authority, names_one
from rcp_geo.schema import Finding

__all__ = ["Areas", "read_areas"]

# Strong separators part a list; commas and "and" do so only where the whole is no one authority's name.
_SPACES = re.compile(r"\s+")
_STRONG = re.compile(r"\s*[;|\n/]\s*")
_WEAK = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s+&\s+|\s*\+\s*")
_PART = re.compile(r"^\s*parts?\s+of\s+(.+)$|^(.+?)\s*\((?:in\s+)?part(?:s|ly|ial)?\)\s*$", re.IGNORECASE)
_PARTS = re.compile(r"\s*parts\s+of\s", re.IGNORECASE)


@dataclass
class Areas:
    """For each row the authority it is in, blank if none, and those it serves: code, extent, certainty."""

    located: list[str]
    served: list[list[tuple[str, str, str]]]
    findings: list[Finding] = field(default_factory=list)


def read_areas(
    table: str, rows: Sequence[str], served: pd.Series, authority: pd.Series, as_of: dt.date | None
) -> Areas:
    """Read the columns of authorities, served and located.

    Where nothing is said of who is served, the authority that the row names is taken, as inferred and with a finding.
    """
    texts = [_spaced(cell) for cell in served]
    overfull = {i for i, text in enumerate(texts) if _overfull(text)}
    split = cache(partial(_split, known=names_one(as_of)))
    cells = [[] if i in overfull else split(text) for i, text in enumerate(texts)]
    wanted = sorted({name for cell in cells for name, _ in cell} | {a for a in authority if a})
    matched = _matches(wanted, as_of)
    located = [matched[a][0] if a else "" for a in authority]
    answer, inferred = [], []
    for i, cell in enumerate(cells):
        own = [(matched[name][0], extent, "stated") for name, extent in cell if matched[name][0]]
        if not cell and located[i] and i not in overfull:
            own = [(located[i], "whole", "inferred")]
            inferred.append(i)
        answer.append(list(dict.fromkeys(own)))
    findings = _doubts(table, rows, cells, authority, matched)
    if overfull:
        ids = tuple(rows[i] for i in sorted(overfull))
        findings.append(
            Finding(
                "authority.too_many",
                "error",
                table,
                "served",
                ids,
                f"{len(ids)} rows list more than the {_most()} authorities that there have been since 2011, and were not read",
                "name each authority that is served once",
            )
        )
    if inferred:
        ids = tuple(rows[i] for i in inferred)
        findings.append(
            Finding(
                "footprint.inferred",
                "warning",
                table,
                "authority",
                ids,
                f"{len(ids)} rows name an authority but not who is served; it was taken to be served whole",
                "add a column served",
            )
        )
    return Areas(located, answer, findings)


def _matches(names: Sequence[str], as_of: dt.date | None) -> dict[str, tuple[str, str, str, str]]:
    """Return for each name its code (blank if none), how it was matched, the candidates and what became of it."""
    if not names:
        return {}
    found = match_authority(pd.Series(names, dtype=object), as_of=as_of)
    columns = [found[c].fillna("").tolist() for c in ("authority_code", "method", "candidates", "became")]
    return dict(zip(names, zip(*columns, strict=True), strict=True))


def _split(cell: str, known: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Return the names in a cell, each with its extent."""
    found = []
    for piece in _STRONG.split(cell):
        named = _parted(piece.strip(), known)
        # "Parts of Kent and Surrey" is part of each.
        found += [(name, "part") for name, _ in named] if _PARTS.match(piece) else named
    return found


def _extent(text: str) -> tuple[str, str]:
    """Return a name without what says that only part of it is served, and the extent."""
    match = _PART.match(text)
    return ((match.group(1) or match.group(2)).strip(), "part") if match else (text, "whole")


def _parted(text: str, known: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Part a text at commas and "and", keeping together names that hold them, such as Bristol, City of."""
    marks = list(_WEAK.finditer(text))
    starts, ends = [0, *(m.end() for m in marks)], [*(m.start() for m in marks), len(text)]
    answer, i = [], 0
    while i < len(starts):
        # The longest run of pieces that is one authority's name; a single piece stands as it is, known or not.
        runs = ((j, _extent(text[starts[i] : ends[j]])) for j in range(min(i + _longest(), len(marks)), i, -1))
        j, named = next(((j, named) for j, named in runs if known(named[0])), (i, _extent(text[starts[i] : ends[i]])))
        if named[0]:
            answer.append(named)
        i = j + 1
    return answer


@cache
def _longest() -> int:
    """Return how many commas and "and" a name may hold: as many as an official one, one before a department and two in it."""
    return max(len(_WEAK.findall(name)) for name in register().frame["authority_name"]) + 3


@cache
def _most() -> int:
    return len(register().frame)


def _spaced(cell: str) -> str:
    """Return a text with one space or line break for each run of them: patterns would try every part of a run."""
    return _SPACES.sub(lambda run: "\n" if "\n" in run[0] else " ", cell)


def _overfull(text: str) -> bool:
    """Say whether a cell is in more pieces than there have been authorities, and so is no list of them."""
    return len(_STRONG.findall(text)) + len(_WEAK.findall(text)) >= _most()


def _doubts(
    table: str,
    rows: Sequence[str],
    cells: list[list[tuple[str, str]]],
    authority: pd.Series,
    matched: dict[str, tuple[str, str, str, str]],
) -> list[Finding]:
    cases = {
        "ambiguous": (
            "authority.ambiguous",
            "error",
            "fits more than one authority and was not read",
            "give the GSS code",
        ),
        "weak": (
            "authority.weak",
            "error",
            "is like no authority's name and was not read",
            "correct it or give the GSS code",
        ),
        "none": (
            "authority.unknown",
            "error",
            "is no English authority and was not read",
            "correct it or leave it out",
        ),
        "similar": (
            "authority.similar",
            "warning",
            "was read by its likeness to a name",
            "check that it is the one meant",
        ),
    }
    findings = []
    for column, named in (
        ("served", [[n for n, _ in cell] for cell in cells]),
        ("authority", [[a] if a else [] for a in authority]),
    ):
        uses: dict[str, list[int]] = {}
        for i, names in enumerate(named):
            for name in names:
                uses.setdefault(name, []).append(i)
        for name, at in uses.items():
            code, method, candidates, became = matched[name]
            ids = tuple(rows[i] for i in at)
            if method in cases:
                kind, severity, what, remedy = cases[method]
                hint = f" (candidates: {candidates})" if candidates else ""
                findings.append(Finding(kind, severity, table, column, ids, f"{name!r} {what}{hint}", remedy))  # type: ignore[arg-type]
            if code and became:
                findings.append(
                    Finding(
                        "authority.abolished",
                        "info",
                        table,
                        column,
                        ids,
                        f"{name!r} was read as {code}, which is no longer in force; it became {became}",
                        "nothing to do: its ground is carried to today's authorities",
                    )
                )
    return findings
