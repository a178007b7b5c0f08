"""Checks on tables: periods of reduced precision, findings collected whole, messages that can be acted on."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcp_geo.errors import DuplicateIdError, InputError, MissingColumnError
from rcp_geo.schema import (
    Finding,
    check_allowed,
    check_references,
    check_unique,
    counted,
    findings_frame,
    first_of,
    period_bounds,
    raise_errors,
    require_columns,
    require_unique,
    to_date,
    within,
)


def _bounds(*rows: tuple[str | None, str | None]) -> tuple[list[str], list[str], list[Finding]]:
    frame = pd.DataFrame(rows, columns=["from", "to"], dtype=object).assign(id=[f"r{i}" for i in range(len(rows))])
    first, last, found = period_bounds(frame, "table", "from", "to", "id")
    return first.astype(str).tolist(), last.astype(str).tolist(), found


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2017", "2017-01-01", "2017-12-31"),
        ("2021-07", "2021-07-01", "2021-07-31"),
        ("2021-02", "2021-02-01", "2021-02-28"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("2000-02", "2000-02-01", "2000-02-29"),
        ("2100-02", "2100-02-01", "2100-02-28"),
        ("2021-12", "2021-12-01", "2021-12-31"),
        ("2021-07-15", "2021-07-15", "2021-07-15"),
        (" 2021-07 ", "2021-07-01", "2021-07-31"),
        ("", "NaT", "NaT"),
        (None, "NaT", "NaT"),
    ],
)
def test_an_early_bound_is_the_first_day_and_a_late_bound_the_last(text: str | None, first: str, last: str) -> None:
    assert _bounds((text, text)) == ([first], [last], [])


@given(day=st.dates(dt.date(1600, 1, 1), dt.date(9998, 12, 31)))
def test_a_day_lies_in_its_own_month_and_year_and_the_next_does_not(day: dt.date) -> None:
    for text in (f"{day:%Y}".zfill(4), f"{day:%Y}".zfill(4) + f"-{day:%m}", day.isoformat()):
        frame = pd.DataFrame({"a": [text], "b": [text], "id": ["x"]})
        first, last, found = period_bounds(frame, "table", "a", "b", "id")
        assert not found
        assert within(first, last, day).tolist() == [True]
        before, after = first[0].item() - dt.timedelta(days=1), last[0].item() + dt.timedelta(days=1)
        assert within(first, last, before).tolist() == within(first, last, after).tolist() == [False]
        # A period is what its name says: every day between its bounds begins with it.
        assert first[0].item().isoformat().startswith(text)
        assert last[0].item().isoformat().startswith(text)


def test_open_bounds_hold_every_day() -> None:
    frame = pd.DataFrame({"a": ["", "2020", ""], "b": ["", "", "2020"], "id": list("xyz")})
    first, last, _ = period_bounds(frame, "table", "a", "b", "id")
    assert within(first, last, dt.date(1066, 10, 14)).tolist() == [True, False, True]
    assert within(first, last, dt.date(2020, 6, 1)).tolist() == [True, True, True]
    assert within(first, last, dt.date(2021, 1, 1)).tolist() == [True, True, False]


@pytest.mark.parametrize(
    "text",
    ["2021-13", "2021-00", "2021-02-29", "2021-2", "21-02-01", "2021/02/01", "01-02-2021", "soon", "2021-07-", "0"],
)
def test_what_is_no_date_is_named(text: str) -> None:
    first, _, (finding,) = _bounds((text, ""), ("2020", "2021"))
    assert first == ["NaT", "2020-01-01"]
    assert (finding.code, finding.severity, finding.table, finding.column) == ("date.invalid", "error", "table", "from")
    assert finding.ids == ("r0",)
    assert repr(text) in str(finding)
    assert "YYYY-MM" in finding.remedy


def test_a_year_that_no_calendar_has_is_named() -> None:
    _, _, (finding,) = _bounds(("0000", ""))
    assert finding.code == "date.invalid"


def test_dates_the_wrong_way_round_are_named() -> None:
    _, _, (finding,) = _bounds(("2021-07", "2021-06"), ("2021", "2021"), ("2021-07", "2021"))
    assert (finding.code, finding.ids) == ("date.reversed", ("r0",))
    assert "1 row ends before it begins" in finding.message


def test_both_columns_and_both_faults_are_found_at_once() -> None:
    *_, found = _bounds(("x", "y"), ("2022", "2021"), ("2020", "?"))
    assert [(f.code, f.column, f.ids) for f in found] == [
        ("date.invalid", "from", ("r0",)),
        ("date.invalid", "to", ("r0", "r2")),
        ("date.reversed", "from, to", ("r1",)),
    ]


@pytest.mark.parametrize(
    "value",
    [
        "2022-11-01",
        dt.date(2022, 11, 1),
        dt.datetime(2022, 11, 1, 23, 59, tzinfo=dt.UTC),
        pd.Timestamp("2022-11-01 12:00"),
    ],
)
def test_a_full_date_is_read(value: dt.date | str) -> None:
    day = to_date(value)
    assert day == dt.date(2022, 11, 1)
    assert type(day) is dt.date


@pytest.mark.parametrize(
    "value", ["2022", "2022-11", "2022-11-31", "1/11/2022", "20221101", "", None, 20221101, "2022-W44-2"]
)
def test_what_is_no_full_date_is_refused(value: object) -> None:
    with pytest.raises(InputError) as raised:
        to_date(value, "my_date")  # type: ignore[arg-type]
    assert str(raised.value).startswith(f"my_date: {value!r} is not a date")
    assert "YYYY-MM-DD" in str(raised.value)


def test_not_a_time_is_not_a_date() -> None:
    with pytest.raises(InputError, match="as_of"):
        to_date(pd.NaT)


def test_missing_columns_are_all_named_with_what_is_there() -> None:
    with pytest.raises(MissingColumnError, match=r"sites: column y, z is missing \(columns found: x\); add it"):
        require_columns(pd.DataFrame({"x": []}), ["x", "y", "z"], "sites")
    with pytest.raises(MissingColumnError, match="columns found: none"):
        require_columns(pd.DataFrame(), ["x"], "sites")
    require_columns(pd.DataFrame({"x": [], "y": []}), ["x"], "sites")


def test_duplicates_are_named_once_each_and_the_rest_counted() -> None:
    values = pd.Series([v for v in "abcdefg" for _ in range(3)] + ["h"])
    (finding,) = check_unique(values, "sites", "site_id")
    assert finding.ids == tuple("abcdefg")
    assert str(finding) == (
        "id.duplicate: sites.site_id: 7 identifiers occur more than once (a, b, c, d, e and 2 more); make each unique"
    )
    with pytest.raises(DuplicateIdError, match="and 2 more"):
        require_unique(values, "sites", "site_id")
    assert check_unique(values.drop_duplicates(), "sites", "site_id") == []
    require_unique(pd.Index([1, 2]), "sites", "site_id")


def test_values_that_are_not_allowed_are_named_with_those_that_are() -> None:
    frame = pd.DataFrame({"id": ["p", "q", "r"], "extent": ["whole", "half", np.nan]})
    (finding,) = check_allowed(frame, "footprints", "extent", ("whole", "part"), "id")
    assert finding.ids == ("q", "r")
    assert "2 rows hold '', 'half'" in str(finding)
    assert "use one of whole, part" in str(finding)
    assert check_allowed(frame.head(1), "footprints", "extent", ("whole", "part"), "id") == []


def test_references_to_nothing_are_named() -> None:
    frame = pd.DataFrame({"service_id": ["a", "lost", "lost"]})
    (finding,) = check_references(frame, "sites", "service_id", pd.Series(["a"]), "services")
    assert (finding.code, finding.ids) == ("id.unknown", ("lost",))
    assert "1 identifier is not in services (lost)" in str(finding)
    assert check_references(frame.head(1), "sites", "service_id", pd.Series(["a"]), "services") == []


def test_only_errors_are_raised_and_all_of_them_in_one() -> None:
    notes = [Finding(f"c{i}", s, "t", "", (), f"m{i}", "do") for i, s in enumerate(("error", "warning", "error"))]  # type: ignore[arg-type]
    with pytest.raises(InputError) as raised:
        raise_errors(notes)
    assert str(raised.value) == "c0: t: m0; do\nc2: t: m2; do"
    raise_errors(notes[1:2])


def test_findings_as_a_table() -> None:
    notes = [Finding("c", "info", "t", "col", ("a", "b"), "m", "do")]
    table = findings_frame(notes)
    assert table.to_dict("records") == [
        {
            "code": "c",
            "severity": "info",
            "table": "t",
            "column": "col",
            "count": 2,
            "ids": "a; b",
            "message": "m",
            "remedy": "do",
        }
    ]
    empty = findings_frame([])
    assert empty.columns.tolist() == table.columns.tolist()
    assert empty["count"].dtype == "int64"


def test_the_first_five_and_how_many_more() -> None:
    assert first_of(["a", "b"]) == "a, b"
    assert first_of(list(range(5))) == "0, 1, 2, 3, 4"
    assert first_of(list(range(6))) == "0, 1, 2, 3, 4 and 1 more"


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("rows have no name and were left out", "1 row has no name and was left out"),
        ("rows are blank", "1 row is blank"),
        ("rows name an authority but not who is served", "1 row names an authority but not who is served"),
        ("rows do not say what they are", "1 row does not say what it is"),
        ("rows end before they begin", "1 row ends before it begins"),
        (
            "sites sit in an authority that their operating service does not serve",
            "1 site sits in an authority that its operating service does not serve",
        ),
        (
            "services name no authority that they serve on the date, so they answer for none",
            "1 service names no authority that it serves on the date, so it answers for none",
        ),
        ("demand points lie in no authority", "1 demand point lies in no authority"),
        ("authorities border Wales", "1 authority borders Wales"),
        (
            "rows lie at 0,0, which is what missing coordinates become",
            "1 row lies at 0,0, which is what missing coordinates become",
        ),
        (
            "services have no site, so no distance is taken to them",
            "1 service has no site, so no distance is taken to it",
        ),
    ],
)
def test_a_message_agrees_with_its_number(many: str, one: str) -> None:
    assert counted(1, many) == one
    assert counted(2, many) == f"2 {many}"
    assert counted(0, many) == f"0 {many}"


def test_the_number_of_a_word_is_not_that_of_another_word_like_it() -> None:
    """Not every name is a verb, nor every verb one of what is counted."""
    assert counted(1, "rows end before they begin, or begin late") == "1 row ends before it begins, or begins late"
    # What the user wrote is the user's.
    assert counted(1, "rows hold 'they are' and them") == "1 row holds 'they are' and them"
    assert counted(1, "codes are: their and were") == "1 code is: their and were"
    assert counted(1, "rows hold a name that codes have") == "1 row holds a name that codes have"
