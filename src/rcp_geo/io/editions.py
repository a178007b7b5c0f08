"""Which authorities the rows of a boundary file are, and over which period these were in force."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from rcp_geo.authorities import Level, Vintage, register
from rcp_geo.errors import InputError, MissingColumnError
from rcp_geo.io.safety import shown
from rcp_geo.names import match_authority
from rcp_geo.schema import Finding, counted, period_bounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Coded", "Edition", "dated", "find_columns", "name_findings", "stated_period"]

_GSS = re.compile(r"[A-Z]\d{8}")
# Wales, Scotland, Northern Ireland, the Isle of Man and the Channel Islands, whose codes some files of the United Kingdom hold
_OUTSIDE = re.compile(r"[LMNSW]\d{8}")
_CODE = re.compile(r"(cd|code)$")
# Years stand between the kind of area and what the column holds, CTYUA22CD, or at its end, lad_code_2019.
_YEAR = re.compile(r"(?<!\d)(?:20)?(1[1-9]|[2-9]\d)(?!\d)")
_DISTRICT = re.compile(r"lad|ltla|district", re.IGNORECASE)
_NAMES = ("nm", "name", "authorityname", "areaname", "localauthority")
# The register begins with what was in force at the end of this year.
_FIRST = dt.date(2011, 12, 31)
_LAST = dt.date.max


@dataclass(frozen=True)
class Coded:
    """The code and name of each row.

    Attributes
    ----------
    codes, names
        By row; blank where there is none. Names are blank throughout where no column holds them.
    column
        What the column of codes is called.
    findings
        Which columns were read.
    """

    codes: pd.Series
    names: pd.Series
    column: str
    findings: tuple[Finding, ...]

    def outside(self) -> pd.Series:
        """Say which rows are outside England by their code."""
        return self.codes.str.fullmatch(_OUTSIDE.pattern)


def find_columns(frame: pd.DataFrame, code: str | None, name: str | None, table: str) -> Coded:
    """Find the columns of codes and of names by what is in them.

    Parameters
    ----------
    frame
        Texts.
    code, name
        Columns that the caller names; go before any that is found.
    table
        Its name, for messages.

    Raises
    ------
    MissingColumnError
        If no column holds codes of authorities, or one that the caller names is not there.
    """
    have = ", ".join(frame.columns) or "none"
    for option, label in (("code", code), ("name", name)):
        if label is not None and label not in frame.columns:
            raise MissingColumnError(
                f"{table}: column {shown(label)!r} for the {option} is missing (columns found: {shown(have, 300)}); "
                f"pass one of these as {option}="
            )
    findings = []
    if code is None:
        code, others = _code_column(frame, table, have)
        findings += [
            Finding(
                "column.several",
                "warning",
                table,
                other,
                (),
                f"both {code!r} and {other!r} hold codes of authorities; {code!r} was taken",
                "pass code= to choose",
            )
            for other in others
        ]
    codes = frame[code].str.strip().str.upper()
    if name is None:
        name = _name_column(frame.drop(columns=code), code, codes)
    names = frame[name].str.strip() if name is not None else pd.Series("", index=frame.index, dtype=codes.dtype)
    read = f"authority_code from {code!r}, authority_name from {name!r}" if name else f"authority_code from {code!r}"
    missing = "" if name else "; no column holds names, so those of the register stand for them"
    mapped = Finding(
        "column.mapping", "info", table, "", (), f"read {read}{missing}", "pass code= or name= to change it"
    )
    return Coded(codes, names, code, (mapped, *findings))


def _code_column(frame: pd.DataFrame, table: str, have: str) -> tuple[str, list[str]]:
    """Return the column with the most different codes of authorities, and those that have as many."""
    known = register().districts
    counts, foreign = {}, ""
    for label in frame.columns:
        values = frame[label].str.strip().str.upper()
        filled = values[values != ""]
        found = filled[filled.isin(known.keys()) | filled.str.fullmatch(_OUTSIDE.pattern)]
        # Half of them, so that a few wrong codes are named and do not hide the column.
        if len(found) and 2 * len(found) >= len(filled):
            counts[label] = found.nunique()
        elif not foreign and len(filled) and filled.str.fullmatch(_GSS.pattern).all():
            foreign = f" ({shown(label)} holds codes of another kind of area, such as {shown(filled.iloc[0])})"
    if not counts:
        raise MissingColumnError(
            f"{table}: no column holds the codes of local authorities{foreign} (columns found: {shown(have, 300)}); name it "
            "with code=, or take areas of another kind with Boundaries.from_frame"
        )
    best, *rest = sorted(counts, key=lambda label: -counts[label])
    return best, [label for label in rest if counts[label] == counts[best]]


def _name_column(frame: pd.DataFrame, code: str, codes: pd.Series) -> str | None:
    """Return the column whose values are the names of the codes, or else the one that is called so."""
    names = codes.map(register().names()).fillna("").str.casefold()
    there = names != ""
    shares = {label: (frame[label].str.casefold()[there] == names[there]).mean() for label in frame.columns}
    best = max(shares, key=lambda label: shares[label], default=None)
    if best is not None and shares[best] >= 0.5:
        return best
    stem = _CODE.sub("", _letters(code))
    wanted = [*(stem + ending for ending in _NAMES[:2]), *_NAMES[1:]]
    called = {_letters(label): label for label in reversed(frame.columns)}
    return next((called[w] for w in wanted if w in called), None)


def _letters(label: str) -> str:
    return re.sub(r"[^a-z0-9]", "", label.casefold())


class Period(NamedTuple):
    """The first and the last day of a year, month or day that somebody named."""

    first: dt.date
    last: dt.date


def stated_period(vintage: dt.date | str | int) -> Period:
    """Return the days that a vintage may mean: a year, a month or a day.

    Raises
    ------
    InputError
        If it is none of these.
    """
    text = vintage.isoformat()[:10] if isinstance(vintage, dt.date) else str(vintage)
    frame = pd.DataFrame({"id": [""], "vintage": [text]})
    first, last, wrong = period_bounds(frame, "read_boundaries", "vintage", "vintage", "id")
    if wrong or not text.strip():
        raise InputError(f"vintage: {text!r} is no year or date; give a year (2023) or a date (2023-05-01)")
    return Period(first[0].item(), last[0].item())


@dataclass(frozen=True)
class Edition:
    """The set of authorities that a file is of.

    Attributes
    ----------
    level
        ``upper`` or ``lower``.
    vintage
        The period over which they were in force; None where no day has them all.
    findings
        What disagrees, and what is missing.
    """

    level: Level
    vintage: Vintage | None
    findings: tuple[Finding, ...]


@dataclass
class _Dating:
    codes: list[str]
    table: str
    column: str
    level: Level = "upper"
    findings: list[Finding] = field(default_factory=list)

    def note(self, code: str, severity: str, ids: Iterable[str], message: str, remedy: str) -> None:
        self.findings.append(Finding(code, severity, self.table, self.column, tuple(ids), message, remedy))  # type: ignore[arg-type]

    def edition(self, vintage: Vintage | None) -> Edition:
        return Edition(self.level, vintage, tuple(self.findings))


def dated(codes: Iterable[str], stated: Period | None, column: str, table: str) -> Edition:
    """Infer the tier and the vintage of a set of codes, and check it against what is said of it.

    Parameters
    ----------
    codes
        Codes that the register knows.
    stated
        The days that the caller names.
    column
        Name of the column of codes, which may state a year.
    table
        For the findings.

    Returns
    -------
    Edition
        With findings of severity ``error`` where there is no such vintage.
    """
    made = _Dating(sorted(set(codes)), table, column)
    known = register().frame.set_index("authority_code")
    tiers = known.loc[made.codes, "level"]
    upper, lower = tiers.index[tiers == "upper"], tiers.index[tiers == "lower"]
    if len(upper) and len(lower):
        made.note(
            "boundaries.mixed_levels",
            "error",
            [*upper, *lower],
            f"{len(upper)} counties and {len(lower)} districts, which are parts of counties, stand side by side",
            "keep one of the two tiers, or read each by itself",
        )
        return made.edition(None)
    if len(lower) or (not len(upper) and _DISTRICT.search(column)):
        made.level = "lower"
    span = _span(made.codes)
    hint = _year(column)
    said = stated or hint
    if span is None:
        _note_mixed(made, said)
        return made.edition(None)
    both = _common(span, said)
    if said is not None and both is None:
        if stated is not None:
            _note_disagreement(made, stated, span)
            return made.edition(None)
        message = f"the name of the column says {said.first.year}, but its codes were in force {_words(span)}, which was taken"
        made.note("boundaries.vintage_column", "warning", [column], message, "check which edition the file is")
    vintage, day = _settled(made, span, both)
    _note_missing(made, day)
    return made.edition(vintage)


def _span(codes: Sequence[str]) -> Period | None:
    """Return the days on which all of the codes were in force."""
    rows = register().frame.set_index("authority_code").loc[list(codes)]
    first = max((dt.date.fromisoformat(v) for v in rows["valid_from"] if v), default=_FIRST)
    last = min((dt.date.fromisoformat(v) for v in rows["valid_to"] if v), default=_LAST)
    return Period(first, last) if first <= last else None


def _year(column: str) -> Period | None:
    found = _YEAR.search(column)
    year = 2000 + int(found[1]) if found else 0
    return Period(dt.date(year, 1, 1), dt.date(year, 12, 31)) if year else None


def _common(span: Period, said: Period | None) -> Period | None:
    if said is None or said.last < span.first or said.first > span.last:
        return None
    return Period(max(span.first, said.first), min(span.last, said.last))


def _words(span: Period) -> str:
    return f"from {span.first} on" if span.last == _LAST else f"from {span.first} to {span.last}"


def _absent(codes: Iterable[str], level: Level, day: dt.date) -> list[str]:
    """Return the codes that were not in force on a day."""
    now = set(register().in_force(day, level)["authority_code"])
    return sorted(set(codes) - now)


def _changes(level: Level) -> list[dt.date]:
    """Return the days since when the set of authorities of a tier has been another."""
    frame = register().frame
    frame = frame[frame["level"].isin([level, "both"])]
    starts = {dt.date.fromisoformat(v) for v in frame["valid_from"] if v}
    after = {dt.date.fromisoformat(v) + dt.timedelta(days=1) for v in frame["valid_to"] if v}
    return sorted({_FIRST} | starts | after)


def _lives(codes: Iterable[str]) -> str:
    """Say of a few codes when each was in force."""
    frame = register().frame.set_index("authority_code")
    parts = []
    for code in list(codes)[:3]:
        first, last = frame.loc[code, ["valid_from", "valid_to"]]
        parts.append(
            f"{code} {f'from {first}' if first else ''}{' ' if first and last else ''}{f'to {last}' if last else ''}"
        )
    return ", ".join(parts)


def _note_mixed(made: _Dating, said: Period | None) -> None:
    days = _changes(made.level)
    # On the day that is meant, or else on that on which the fewest are odd, of several the last.
    day = said.last if said else min(reversed(days), key=lambda d: len(_absent(made.codes, made.level, d)))
    odd = _absent(made.codes, made.level, day)
    message = (
        f"its codes are of several vintages: {len(odd)} of {len(made.codes)} were not in force on {day} ({_lives(odd)})"
    )
    remedy = (
        "take the polygons of one edition; recode(codes, to=...) says what became of an authority, and union_all over what "
        "it became or was makes its polygon"
    )
    made.note("boundaries.mixed_vintages", "error", odd, message, remedy)


def _note_disagreement(made: _Dating, stated: Period, span: Period) -> None:
    odd = _absent(made.codes, made.level, stated.last)
    when = str(stated.first) if stated.first == stated.last else f"{stated.first} to {stated.last}"
    made.note(
        "boundaries.vintage",
        "error",
        odd,
        counted(len(odd), f"codes were not in force on the vintage stated, {when} ({_lives(odd)}); ")
        + f"all of its codes were in force {_words(span)}",
        "state a date of that period, or leave the vintage out, or take the edition of the date that is meant",
    )


def _settled(made: _Dating, span: Period, both: Period | None) -> tuple[Vintage, dt.date]:
    """Return the period of the edition, and the day on which to look for what is missing."""
    changes = _changes(made.level)
    if both is not None:
        # An edition of a year of changes is of what came of them.
        day = both.last
        since = [d for d in changes if d <= day]
        until = [d - dt.timedelta(days=1) for d in changes if d > day]
        span = Period(max(span.first, *since), min([span.last, *until]))
    else:
        # A part of a set may be in force through several: the last one is meant.
        day = max([span.first, *(d for d in changes if d <= span.last)])
    return Vintage(span.first, None if span.last == _LAST else span.last), day


def _note_missing(made: _Dating, day: dt.date) -> None:
    now = set(register().in_force(day, made.level)["authority_code"])
    missing = sorted(now - set(made.codes))
    if missing:
        made.note(
            "boundaries.missing_authorities",
            "warning",
            missing,
            f"{len(missing)} of the {len(now)} {made.level}-tier authorities in force on {day} have no polygon",
            "read rows for regions and England as for the authorities that are there",
        )


def name_findings(codes: pd.Series, names: pd.Series, edition: Edition, table: str) -> list[Finding]:
    """Return findings on names that are not those of their codes.

    Parameters
    ----------
    codes, names
        By authority.
    edition
        Whose names are meant.
    table
        For the findings.
    """
    official = codes.map(register().names())
    differs = (names != "") & (names.str.casefold() != official.str.casefold())
    if not differs.any():
        return []
    day = edition.vintage.valid_from if edition.vintage else None
    found = match_authority(names[differs], as_of=day)
    known = register().districts
    wrong, other = [], []
    for code, name, match, method in zip(
        codes[differs], names[differs], found["authority_code"], found["method"], strict=True
    ):
        if method in {"name", "variant", "similar"} and known[code] & known[match]:
            continue
        if method in {"name", "variant"}:
            wrong.append((code, f"{code} is called {shown(name)!r}, which is {match}"))
        else:
            other.append((code, f"{code} is called {shown(name)!r}"))
    findings = []
    if wrong:
        message = counted(
            len(wrong), f"codes stand beside the name of another authority: {'; '.join(t for _, t in wrong[:3])}"
        )
        remedy = "find out which of the two is right: the polygons may belong to other rows"
        ids = tuple(c for c, _ in wrong)
        findings.append(Finding("boundaries.name_conflict", "error", table, "authority_name", ids, message, remedy))
    if other:
        message = f"{len(other)} names are not known as those of their codes: {'; '.join(t for _, t in other[:3])}"
        ids = tuple(c for c, _ in other)
        remedy = "check that code and name belong together"
        findings.append(Finding("boundaries.name_unknown", "warning", table, "authority_name", ids, message, remedy))
    return findings
