"""An independent twin of the gap logic: the directory's answers recomputed from its CSV files alone.

It is the oracle that the library is compared with, so it imports nothing of the library and only the standard library.
It was written from the written contract, not from the code: sets of districts of 2011, one service at a time.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

ANSWERS = ("served", "part", "unknown", "in_development", "none_recorded")
"""Every answer; where several services speak, the first of these that holds."""

FAMILIES = ("pause", "fdac", "local")
GROUPS = (*FAMILIES, "any")

VINTAGES = (date(2019, 4, 1), date(2020, 4, 1), date(2021, 4, 1), date(2023, 4, 1), date(2025, 4, 1))

SILENT = frozenset({"not_started", "paused", "closed"})

Members = Mapping[str, frozenset[str]]


def vintage(as_of: date) -> date:
    """Give the start of the vintage of boundaries in use on a date: the latest begun, or the first of all."""
    return max((start for start in VINTAGES if start <= as_of), default=VINTAGES[0])


def read_members(path: Path) -> dict[str, frozenset[str]]:
    """Read the districts of 2011 that make up each authority code, from `authority_code,district_code` rows."""
    members: defaultdict[str, set[str]] = defaultdict(set)
    for row in _rows(path):
        members[row["authority_code"]].add(row["district_code"])
    return {code: frozenset(districts) for code, districts in members.items()}


def served(
    folder: Path, as_of: date, authorities: Iterable[str], members: Members
) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Tell what each service says of each authority on a date.

    Returns `(service_id, authority_code)` -> `(extent, status, answer)`, with extent `whole`, `part` or `unclear` and
    status `operating`, `in_development` or `unknown`. Services that add nothing there have no entry.
    """
    folder = Path(folder)
    statuses = _statuses(folder, as_of)
    footprints: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _rows(folder / "footprints.csv"):
        if _covers(row["valid_from"], row["valid_to"], as_of):
            footprints[row["service_id"]].append(row)

    targets = sorted(authorities)
    answers: dict[tuple[str, str], tuple[str, str, str]] = {}
    for service_id in sorted(footprints):
        status = statuses[service_id]
        if status in SILENT:
            continue
        for target in targets:
            extent = _extent(footprints[service_id], members[target], members)
            if extent is not None:
                answers[service_id, target] = (extent, status, _answer(status, extent))
    return answers


def gaps(folder: Path, as_of: date, authorities: Iterable[str], members: Members) -> dict[str, dict[str, str]]:
    """Give the five-valued answer of every authority on a date: authority_code -> group -> answer."""
    folder, targets = Path(folder), sorted(authorities)
    family = {row["service_id"]: row["family"] for row in _rows(folder / "services.csv")}
    said: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for (service_id, target), (_, _, answer) in served(folder, as_of, targets, members).items():
        said[target, family[service_id]].add(answer)
        said[target, "any"].add(answer)
    return {target: {group: _first(said[target, group]) for group in GROUPS} for target in targets}


def summary(folder: Path, as_of: date, authorities: Iterable[str], members: Members) -> dict[str, dict[str, int]]:
    """Per group the number of authorities, the count of each answer, and the two ends of the gap."""
    answers = gaps(folder, as_of, authorities, members)
    table: dict[str, dict[str, int]] = {}
    for group in GROUPS:
        counts = Counter(row[group] for row in answers.values())
        gap_min = counts["none_recorded"] + counts["in_development"]
        table[group] = {
            "authorities": len(answers),
            **{answer: counts[answer] for answer in ANSWERS},
            "gap_min": gap_min,
            "gap_max": gap_min + counts["unknown"],
        }
    return table


def _extent(rows: Iterable[Mapping[str, str]], target: frozenset[str], members: Members) -> str | None:
    """How much of the target one service's valid footprints cover, None where they do not touch it."""
    covered: set[str] = set()
    part = unclear = False
    for row in rows:
        source = members[row["authority_code"]]
        if not source & target:
            continue
        if row["certainty"] == "unclear":
            unclear = True
        elif row["extent"] == "whole":
            covered |= source & target
        elif source <= target:
            part = True
        else:
            # The part that is served may lie in any successor of an authority that was split.
            unclear = True
    if covered == target:
        return "whole"
    if covered or part:
        return "part"
    return "unclear" if unclear else None


def _answer(status: str, extent: str) -> str:
    if status == "operating":
        return {"whole": "served", "part": "part", "unclear": "unknown"}[extent]
    if status in {"in_development", "unknown"}:
        return status
    msg = f"status {status!r} is not one that the contract names"
    raise ValueError(msg)


def _statuses(folder: Path, as_of: date) -> dict[str, str]:
    found: dict[str, set[str]] = {row["service_id"]: set() for row in _rows(folder / "services.csv")}
    for row in _rows(folder / "status.csv"):
        if _covers(row["observed_from"], row["observed_to"], as_of):
            found[row["service_id"]].add(row["status"])
    for service_id, statuses in found.items():
        if len(statuses) > 1:
            msg = f"{service_id} has more than one status on {as_of}: {sorted(statuses)}"
            raise ValueError(msg)
    return {service_id: min(statuses, default="unknown") for service_id, statuses in found.items()}


def _first(said: set[str]) -> str:
    return next((answer for answer in ANSWERS if answer in said), "none_recorded")


def _covers(early: str, late: str, day: date) -> bool:
    return (not early or _first_day(early) <= day) and (not late or day <= _last_day(late))


def _first_day(text: str) -> date:
    year, month, day = (*map(int, text.split("-")), 1, 1)[:3]
    return date(year, month, day)


def _last_day(text: str) -> date:
    first = _first_day(text)
    match text.count("-"):
        case 0:
            return date(first.year, 12, 31)
        case 1:
            # Day 28 plus four is always in the next month.
            following = first.replace(day=28) + timedelta(days=4)
            return following - timedelta(days=following.day)
        case _:
            return first


def _rows(path: Path) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
