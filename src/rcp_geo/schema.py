"""Checks on tables: findings are collected whole, then raised once or kept to be shown."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from rcp_geo.errors import DuplicateIdError, InputError, MissingColumnError

__all__ = [
    "TABLES",
    "Finding",
    "Severity",
    "bounds_of",
    "check_allowed",
    "check_references",
    "check_unique",
    "counted",
    "findings_frame",
    "first_of",
    "is_number",
    "listed",
    "period_bounds",
    "raise_errors",
    "require_columns",
    "require_known",
    "require_unique",
    "to_date",
]

# The columns of a directory's six tables.
TABLES: Mapping[str, tuple[str, ...]] = {
    "services": (
        "service_id",
        "name",
        "family",
        "provider",
        "provider_type",
        "stage",
        "confidence",
        "source_url",
        "source_date",
        "source_note",
    ),
    "sites": ("site_id", "service_id", "place", "postcode_district", "precision"),
    "footprints": (
        "service_id",
        "authority_code",
        "authority_name",
        "tier",
        "vintage",
        "extent",
        "valid_from",
        "valid_to",
        "certainty",
        "note",
    ),
    "status": ("service_id", "status", "observed_from", "observed_to", "basis", "source_url", "note"),
    "published": ("date", "family", "unit", "value", "extent", "source_url"),
    "searched": ("authority_code", "authority_name", "vintage", "family", "searched_on", "result", "note"),
}

Severity = Literal["error", "warning", "info"]
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something noticed in an input or an answer, in words that can be acted on.

    Attributes
    ----------
    code
        Stable name of the kind of finding, such as ``footprint.carried``; listed in the documentation.
    severity
        ``error`` (something is wrong and is left out, or the call fails), ``warning`` (an answer may mislead without
        it) or ``info``.
    table, column
        Where it was found; the column is blank where it is about whole rows.
    ids
        Every identifier concerned, in order.
    message, remedy
        What was found, and what to do about it.
    """

    code: str
    severity: Severity
    table: str
    column: str
    ids: tuple[str, ...]
    message: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.table}.{self.column}" if self.column else self.table
        shown = f" ({first_of(self.ids)})" if self.ids else ""
        return f"{self.code}: {where}: {self.message}{shown}; {self.remedy}"


# Verbs that a number changes by more than an s.
_VERBS: Mapping[str, str] = {"are": "is", "do": "does", "have": "has", "were": "was"}
_PRONOUNS = {"them": "it", "their": "its", "they": "it"}


def counted(n: int, message: str) -> str:
    """Write a number before a message about several; of one, let the words that speak of it agree.

    These are the first word that ends in s, the verb after it, "they" and the verb after that, "them" and "their", and the
    verbs that "and" or "or" joins on. What follows a colon, a quotation mark or a bracket may be the user's, and is left.

    Examples
    --------
    >>> counted(2, "rows name a place that they are not in, and were left out")
    '2 rows name a place that they are not in, and were left out'
    >>> counted(1, "rows name a place that they are not in, and were left out")
    '1 row names a place that it is not in, and was left out'
    """
    if n != 1:
        return f"{n} {message}"
    ours = re.split(r"[:'\"(]", message, maxsplit=1)[0]
    words = ours.split(" ")
    noun = next((i for i, word in enumerate(words) if word.endswith("s")), len(words))
    answer, verbs = [], dict(_VERBS)
    for i, (before, word) in enumerate(zip(["", *words], words, strict=False)):
        bare = word.rstrip(",;")
        if i == noun:
            word = bare[:-3] + "y" if bare.endswith("ies") else bare[:-1]  # noqa: PLW2901
        elif i == noun + 1 or before == "they":
            verbs.setdefault(bare, f"{bare}s")
            word = verbs[bare] + word[len(bare) :]  # noqa: PLW2901
        elif before in {"and", "or"}:
            word = verbs.get(bare, bare) + word[len(bare) :]  # noqa: PLW2901
        else:
            word = _PRONOUNS.get(bare, bare) + word[len(bare) :]  # noqa: PLW2901
        answer.append(word)
    return f"1 {' '.join(answer)}{message[len(ours) :]}"


def first_of(ids: Sequence[object]) -> str:
    """Write the first few identifiers and how many more there are."""
    text = ", ".join(str(i) for i in ids[:_SHOWN])
    return text if len(ids) <= _SHOWN else f"{text} and {len(ids) - _SHOWN} more"


def is_number(value: object, *, whole: bool = False) -> bool:
    """Say whether a value is a finite number, or a whole one, and not a text that looks like it.

    Examples
    --------
    >>> [is_number(v) for v in (3, 2.5, float("inf"), "3", None, [3])]
    [True, True, False, False, False, False]
    """
    kinds = (int, np.integer) if whole else (int, float, np.number)
    return isinstance(value, kinds) and bool(np.isfinite(value))


def bounds_of(given: object) -> tuple[float, float] | None:
    """Return a least and a greatest number of 0 or more, the greatest infinite for None; None if they are not that.

    Examples
    --------
    >>> [bounds_of(v) for v in ((1, 5), [1, None], (5, 1), 5, ("a", "b"))]
    [(1.0, 5.0), (1.0, inf), None, None, None]
    """
    low: Any
    high: Any
    low, high = given if isinstance(given, (tuple, list)) and len(given) == 2 else (None, None)
    high = float("inf") if high is None else high
    if not (is_number(low) and (is_number(high) or high == float("inf")) and 0 <= low <= high):
        return None
    return float(low), float(high)


def listed(given: object) -> list[Any]:
    """Return what was given as a list; a text, or what is no collection, as a list of one."""
    return list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return findings as a table: ``code``, ``severity``, ``table``, ``column``, ``count``, ``ids``, ``message``, ``remedy``."""
    rows = [
        (f.code, f.severity, f.table, f.column, len(f.ids), "; ".join(f.ids), f.message, f.remedy) for f in findings
    ]
    columns = ["code", "severity", "table", "column", "count", "ids", "message", "remedy"]
    return pd.DataFrame(rows, columns=columns).astype({"count": "int64"})


def raise_errors(findings: Sequence[Finding], error: type[InputError] = InputError) -> None:
    """Raise one error that names every finding of severity ``error``; do nothing where there is none."""
    errors = [f for f in findings if f.severity == "error"]
    if errors:
        raise error("\n".join(str(f) for f in errors))


def require_known(name: str, value: object, known: Iterable[str]) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` unless a value is one of those that there are."""
    allowed = list(known)
    if value not in allowed:
        raise InputError(f"{name}: {value!r} is not one of {', '.join(allowed)}")


def require_columns(frame: pd.DataFrame, columns: Iterable[str], table: str) -> None:
    """Raise :class:`~rcp_geo.errors.MissingColumnError` unless the frame has all the columns."""
    # A list, since what is asked for may be anything.
    missing = [c for c in columns if c not in list(frame.columns)]
    if missing:
        have = ", ".join(map(str, frame.columns)) or "none"
        raise MissingColumnError(
            f"{table}: column {', '.join(map(str, missing))} is missing (columns found: {have}); add it or rename one"
        )


def require_unique(values: pd.Series | pd.Index, table: str, column: str) -> None:
    """Raise :class:`~rcp_geo.errors.DuplicateIdError` if a value occurs twice."""
    finding = check_unique(values, table, column)
    raise_errors(finding, DuplicateIdError)


def check_unique(values: pd.Series | pd.Index, table: str, column: str) -> list[Finding]:
    """Return a finding that names the values which occur more than once."""
    again = pd.unique(values[values.duplicated()]).tolist()
    if not again:
        return []
    ids = tuple(str(v) for v in again)
    message = counted(len(ids), "identifiers occur more than once")
    return [Finding("id.duplicate", "error", table, column, ids, message, "make each unique")]


def check_allowed(frame: pd.DataFrame, table: str, column: str, allowed: Sequence[str], key: str) -> list[Finding]:
    """Return a finding that names the rows whose value is not one of those allowed."""
    wrong = frame[~frame[column].isin(allowed)]
    if wrong.empty:
        return []
    seen = ", ".join(repr(v) for v in sorted({"" if pd.isna(v) else str(v) for v in wrong[column]})[:_SHOWN])
    return [
        Finding(
            "value.not_allowed",
            "error",
            table,
            column,
            tuple(wrong[key].astype(str)),
            counted(len(wrong), f"rows hold {seen}"),
            f"use one of {', '.join(allowed)}",
        )
    ]


def check_references(frame: pd.DataFrame, table: str, column: str, known: pd.Series, other: str) -> list[Finding]:
    """Return a finding that names the identifiers which the other table does not have."""
    lost = pd.unique(frame.loc[~frame[column].isin(known), column]).tolist()
    if not lost:
        return []
    ids = tuple(str(v) for v in lost)
    message = counted(len(ids), f"identifiers are not in {other}")
    return [Finding("id.unknown", "error", table, column, ids, message, f"add them to {other} or correct them")]


def to_date(value: dt.date | str, name: str = "as_of") -> dt.date:
    """Return a full calendar date from a date or an ISO 8601 text such as ``2022-11-01``.

    Raises
    ------
    InputError
        If the text is not a full date; a month or a year alone would leave the answer open.

    Examples
    --------
    >>> to_date("2022-11-01")
    datetime.date(2022, 11, 1)
    """
    if isinstance(value, dt.date) and not pd.isna(value):
        return value.date() if isinstance(value, dt.datetime) else value
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        pass
    raise InputError(f"{name}: {value!r} is not a date; write it in full as YYYY-MM-DD, such as 2022-11-01")


_PERIOD = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def _first_day(text: str) -> dt.date:
    year, month, day = (int(p) if p else 1 for p in _matched(text))
    return dt.date(year, month, day)


def _last_day(text: str) -> dt.date:
    year, month, day = _matched(text)
    if day:
        return dt.date(int(year), int(month), int(day))
    after = dt.date(int(year) + 1, 1, 1) if not month or month == "12" else dt.date(int(year), int(month) + 1, 1)
    return after - dt.timedelta(days=1)


def _matched(text: str) -> tuple[str, str, str]:
    match = _PERIOD.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    year, month, day = match.groups()
    return year, month or "", day or ""


def period_bounds(
    frame: pd.DataFrame, table: str, start: str, end: str, key: str
) -> tuple[np.ndarray, np.ndarray, list[Finding]]:
    """Read two columns of dates of reduced precision as the first and the last day of each row.

    An early bound (``start``) is the first day of its period and a late bound (``end``) its last day, so that
    ``2017`` to ``2021-07`` runs from 2017-01-01 to 2021-07-31. A blank bound is open and reads as ``NaT``.

    Returns
    -------
    tuple
        Two ``datetime64[D]`` arrays and the findings: ``date.invalid`` and ``date.reversed``.
    """
    first, bad_first = _read_days(frame[start], _first_day)
    last, bad_last = _read_days(frame[end], _last_day)
    findings = []
    for column, bad in ((start, bad_first), (end, bad_last)):
        if bad.any():
            seen = ", ".join(repr(v) for v in frame.loc[bad, column].head(_SHOWN))
            findings.append(
                Finding(
                    "date.invalid",
                    "error",
                    table,
                    column,
                    tuple(frame.loc[bad, key].astype(str)),
                    counted(int(bad.sum()), f"rows hold {seen}"),
                    "write YYYY, YYYY-MM or YYYY-MM-DD, or leave it blank where the bound is open",
                )
            )
    turned = first > last
    if turned.any():
        findings.append(
            Finding(
                "date.reversed",
                "error",
                table,
                f"{start}, {end}",
                tuple(frame.loc[turned, key].astype(str)),
                counted(int(turned.sum()), "rows end before they begin"),
                "swap or correct the two dates",
            )
        )
    return first, last, findings


def _read_days(texts: pd.Series, read: Callable[[str], dt.date]) -> tuple[np.ndarray, np.ndarray]:
    days = np.full(len(texts), np.datetime64("NaT", "D"), dtype="datetime64[D]")
    bad = np.zeros(len(texts), dtype=bool)
    for i, text in enumerate(texts.astype(object).where(texts.notna(), "").astype(str)):
        if not text.strip():
            continue
        try:
            days[i] = np.datetime64(read(text), "D")
        except ValueError:
            bad[i] = True
    return days, bad


def within(first: np.ndarray, last: np.ndarray, day: dt.date) -> np.ndarray:
    """Say for which rows the day lies between the bounds, both included; ``NaT`` is an open bound."""
    at = np.datetime64(day, "D")
    # A comparison with NaT is false, so an open bound is asked for by name.
    return np.asarray((np.isnat(first) | (first <= at)) & (np.isnat(last) | (last >= at)))
