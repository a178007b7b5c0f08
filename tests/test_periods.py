"""Dates as people write them, and what a row's dates are evidence for: worked by hand, then for any day at all."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcp_geo.io.periods import before, read_period, windows

DAYS = st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2200, 12, 31))
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November")
AS_OF = "2024-05-01"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", ""),
        ("   ", ""),
        ("2017", "2017"),
        ("2021-07", "2021-07"),
        ("2021-7", "2021-07"),
        ("2021-7-1", "2021-07-01"),
        ("2021-07-01T00:00:00", "2021-07-01"),
        ("1/7/2021", "2021-07-01"),
        ("01.07.2021", "2021-07-01"),
        ("13/12/2021", "2021-12-13"),
        ("July 2021", "2021-07"),
        ("Sept 2021", "2021-09"),
        ("DEC-2019", "2019-12"),
        ("1st July 2021", "2021-07-01"),
        ("22nd feb 2020", "2020-02-22"),
        ("29/02/2020", "2020-02-29"),
        (" 2021 ", "2021"),
    ],
)
def test_a_date_keeps_the_precision_that_it_was_written_with(written: str, expected: str) -> None:
    assert read_period(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        *("2021-02-31", "29/02/2021", "2021-13", "2021-00", "2021-00-10", "2021-05-00", "7/13/2021", "1/7/21"),
        *("21", "0000", "1899", "2201", "99999", "soon", "Juli 2021", "July", "2021-07-01T12:30:00", "autumn 2021"),
        *("2021-02-31T00:00:00", "2020/21", "2020-2021", "٢٠٢١-13-01", "July 0000"),
    ],
)
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (the message is the text itself)
        read_period(written)


@given(DAYS)
def test_a_day_reads_back_however_it_is_written(day: dt.date) -> None:
    month = (*MONTHS, "December")[day.month - 1]
    for written in (
        f"{day.year:04d}-{day.month:02d}-{day.day:02d}",
        f"{day.day}/{day.month}/{day.year}",
        f"{day.day:02d}.{day.month:02d}.{day.year}",
        f"{day.day} {month} {day.year}",
        f"{day.day} {month[:3].upper()} {day.year}",
    ):
        assert read_period(written) == day.isoformat()
    assert read_period(f"{month} {day.year}") == day.isoformat()[:7]
    assert read_period(str(day.year)) == day.isoformat()[:4]


@given(DAYS, st.sampled_from([4, 7, 10]))
def test_what_is_read_reads_the_same_again(day: dt.date, length: int) -> None:
    text = day.isoformat()[:length]
    assert read_period(text) == text


@given(st.text(max_size=20))
def test_any_text_is_a_date_or_a_value_error(text: str) -> None:
    try:
        period = read_period(text)
    except ValueError:
        return
    assert len(period) in (0, 4, 7, 10)
    assert period == "" or 1900 <= int(period[:4]) <= 2200


@given(DAYS, st.sampled_from([4, 7, 10]))
def test_before_is_the_period_that_ends_the_day_before(day: dt.date, length: int) -> None:
    text = day.isoformat()[:length]
    first = dt.date.fromisoformat((text + "-01-01")[:10])
    assert before(text) == (first - dt.timedelta(days=1)).isoformat()[:length]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        # status, opened, closed, observed from, observed to
        (("operating", "", "", "", ""), [("operating", AS_OF, AS_OF)]),
        (("unknown", "", "", "", ""), []),
        (("operating", "2019", "", "", ""), [("not_started", "", "2018"), ("operating", "2019", AS_OF)]),
        (("operating", "", "", "2020-03", "2022"), [("operating", "2020-03", "2022")]),
        (("closed", "", "", "", ""), [("closed", AS_OF, "")]),
        (("closed", "", "2022-06", "", ""), [("closed", "2022-06", "")]),
        (
            ("closed", "2015-04", "2018-03-31", "", ""),
            [("not_started", "", "2015-03"), ("closed", "2018-03-31", ""), ("operating", "2015-04", "2018-03-30")],
        ),
        (("operating", "", "2025-01", "", ""), [("closed", "2025-01", ""), ("operating", AS_OF, "2024-12")]),
        # Seen last before the date of the file: no evidence for the days since.
        (("operating", "", "", "", "2023-11"), [("operating", "2023-11", "2023-11")]),
        (("closed", "", "", "", "2023-11"), [("closed", "2023-11", "")]),
        (("operating", "", "", "", "2026"), [("operating", AS_OF, "2026")]),
        (("operating", "", "", "", "2024"), [("operating", AS_OF, "2024")]),
        # A pause did not begin on the day of opening.
        (("paused", "2019", "", "", ""), [("not_started", "", "2018"), ("paused", AS_OF, AS_OF)]),
        # What is to open is in development now.
        (("in_development", "2025-01", "", "", ""), [("in_development", AS_OF, AS_OF)]),
        (
            ("in_development", "2023-09", "", "", ""),
            [("not_started", "", "2023-08"), ("in_development", "2023-09", AS_OF)],
        ),
    ],
)
def test_what_a_row_is_evidence_for(row: tuple[str, ...], expected: list[tuple[str, str, str]]) -> None:
    assert windows(*row, AS_OF) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("operating", "", "", "", "2023-11"), [("operating", "2023-11", "2023-11")]),
        (("closed", "", "", "", "2023-11"), [("closed", "2023-11", "")]),
        (("operating", "", "2023-11", "", ""), [("closed", "2023-11", ""), ("operating", "2023-10", "2023-10")]),
    ],
)
def test_without_a_date_of_the_file_nothing_is_claimed_since_ever(
    row: tuple[str, ...], expected: list[tuple[str, str, str]]
) -> None:
    assert windows(*row, "") == expected
