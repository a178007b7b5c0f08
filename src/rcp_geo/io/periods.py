"""Dates as people write them, and the status windows that follow from them."""

from __future__ import annotations

import datetime as dt
import re

__all__ = ["before", "read_period", "windows"]

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug"), start=1
    )
    for name in names.split()
} | {
    "september": 9,
    "sept": 9,
    "sep": 9,
    "october": 10,
    "oct": 10,
    "november": 11,
    "nov": 11,
    "december": 12,
    "dec": 12,
}
_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_IN_WORDS = re.compile(r"(?:(\d{1,2})(?:st|nd|rd|th)?\s+)?([a-z]+)[\s-]+(\d{4})")


def read_period(text: str) -> str:
    """Return a date as ISO 8601 with as much precision as it was written with; blank for blank.

    ``2021``, ``2021-07``, ``2021-07-01``, ``1/7/2021`` (the day first, as in Britain), ``July 2021`` and ``1 July 2021``.

    Raises
    ------
    ValueError
        If it is no date.

    Examples
    --------
    >>> [read_period(t) for t in ("2017", "July 2021", "1/7/2021")]
    ['2017', '2021-07', '2021-07-01']
    """
    tidy = text.strip().casefold()
    if not tidy:
        return ""
    year, month, day = _parts(tidy)
    # Made into a date, so that 31 February does not pass.
    dt.date(year, month or 1, day or 1)
    if not 1900 <= year <= 2200:
        raise ValueError(text)
    return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")


def _parts(text: str) -> tuple[int, int, int]:
    if match := _ISO.fullmatch(text.partition("t00:00")[0]):
        year, month, day = match.groups()
        if month == "00" or day == "00":
            raise ValueError(text)
        return int(year), int(month or 0), int(day or 0)
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = match.groups()
        return int(year), int(month), int(day)
    if (match := _IN_WORDS.fullmatch(text)) and match.group(2) in _MONTHS:
        return int(match.group(3)), _MONTHS[match.group(2)], int(match.group(1) or 0)
    raise ValueError(text)


def before(period: str) -> str:
    """Return the period of the same length just before: the year, month or day before.

    Examples
    --------
    >>> [before(p) for p in ("2017", "2021-01", "2021-03-01")]
    ['2016', '2020-12', '2021-02-28']
    """
    if len(period) == 4:
        return f"{int(period) - 1:04d}"
    if len(period) == 7:
        year, month = int(period[:4]), int(period[5:])
        return f"{year:04d}-{month - 1:02d}" if month > 1 else f"{year - 1:04d}-12"
    return (dt.date.fromisoformat(period) - dt.timedelta(days=1)).isoformat()


def windows(
    status: str, opened: str, closed: str, observed_from: str, observed_to: str, as_of: str
) -> list[tuple[str, str, str]]:
    """Return the windows ``(status, from, to)`` that one row of a table is evidence for.

    An opening date is evidence that the service had not started before it; a closing date that it was closed from then on.
    A status without dates is evidence for the day ``as_of`` alone, or for ``observed_to`` alone where that is earlier; closed
    excepted, which lasts. A pause did not begin with the opening, and what is planned for after ``as_of`` has not begun.
    """
    found: list[tuple[str, str, str]] = []
    planned = status in ("in_development", "not_started") and bool(as_of) and opened > as_of
    seen = observed_to if observed_to and (not as_of or _ends_before(observed_to, as_of)) else as_of
    if opened and not planned:
        found.append(("not_started", "", before(opened)))
    if closed:
        found.append(("closed", closed, ""))
    if status == "closed" and not closed:
        found.append(("closed", observed_from or seen, ""))
    if status not in ("", "unknown", "closed"):
        last = observed_to or (before(closed) if closed else as_of)
        began = opened if status != "paused" and not planned else ""
        found.append((status, observed_from or began or seen or last, last))
    elif opened and closed:
        found.append(("operating", opened, before(closed)))
    return found


def _ends_before(period: str, day: str) -> bool:
    """Say whether a period, all of it, lies before a day."""
    return period < day and not day.startswith(period)
