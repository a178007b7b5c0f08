"""Codes, names and vintages by what is in the columns."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import rcp_geo as rg
from rcp_geo import errors
from rcp_geo.authorities import register
from rcp_geo.io.editions import dated, find_columns, stated_period
from tests.areas import codes, found, squares
from tests.world import A, B

DAYS = {
    "2012-06-01": ("2011-12-31", "2013-03-31"),
    "2015-06-01": ("2013-04-01", "2019-03-31"),
    "2019-06-01": ("2019-04-01", "2020-03-31"),
    "2020-06-01": ("2020-04-01", "2021-03-31"),
    "2022-06-01": ("2021-04-01", "2023-03-31"),
    "2024-06-01": ("2023-04-01", "2025-03-31"),
    "2026-06-01": ("2025-04-01", None),
}


def tiled(codes: list[str], column: str = "code", names: list[str] | None = None) -> gpd.GeoDataFrame:
    """A square of 1 km for each code, side by side."""
    x, y = np.arange(len(codes)) % 100 * 1000 + 300_000, np.arange(len(codes)) // 100 * 1000 + 300_000
    shapes = shapely.box(x, y, x + 1000, y + 1000)
    names = list(register().names()[codes]) if names is None else names
    return gpd.GeoDataFrame({column: codes, "label": names}, geometry=shapes, crs="EPSG:27700")


def whole(day: str, level: str = "upper") -> list[str]:
    return register().in_force(day, level)["authority_code"].tolist()


# --------------------------------------------------------------------------------------------------------- columns


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("CTYUA22CD", "CTYUA22NM"),
        ("ctyua19cd", "ctyua19nm"),
        ("LAD22CD", "LAD22NM"),
        ("UTLA23CD", "UTLA23NM"),
        ("LTLA21_code", "LTLA21_name"),
        ("lad_code", "lad_name"),
        ("GSS_CODE", "NAME"),
        ("code", "name"),
        ("authority_code", "authority_name"),
        ("whatever", "it is called"),
    ],
)
def test_columns_whatever_they_are_called(code: str, name: str) -> None:
    frame = squares().rename(columns={"CTYUA23CD": code, "CTYUA23NM": name})
    frame.insert(0, "OBJECTID", range(4))
    frame.insert(1, "RGN22CD", ["E12000001", "E12000001", "E12000003", "E12000003"])
    frame.insert(2, "RGN22NM", ["North East", "North East", "Yorkshire and The Humber", "Yorkshire and The Humber"])
    mapped = found(rg.read_boundaries(frame), "column.mapping")
    assert mapped.severity == "info"
    assert mapped.message == f"read authority_code from {code!r}, authority_name from {name!r}"
    assert mapped.remedy == "pass code= or name= to change it"


def test_codes_in_small_letters_and_with_spaces() -> None:
    frame = squares()
    frame["CTYUA23CD"] = [f" {c.lower()}\u00a0" for c in frame["CTYUA23CD"]]
    assert rg.read_boundaries(frame).frame["authority_code"].tolist() == squares()["CTYUA23CD"].tolist()


def test_of_two_columns_that_of_more_authorities_is_read() -> None:
    cumbria = ["E07000026", "E07000027", "E07000028"]
    frame = tiled(cumbria, "LAD21CD").assign(UTLA21CD="E10000006", UTLA21NM="Cumbria")
    lower = rg.read_boundaries(frame[["UTLA21CD", "UTLA21NM", "LAD21CD", "label", "geometry"]])
    assert lower.frame["authority_code"].tolist() == cumbria
    assert "column.several" not in codes(lower)
    upper = rg.read_boundaries(frame, code="UTLA21CD")
    assert upper.frame["authority_name"].tolist() == ["Cumbria"]
    assert upper.frame.area.tolist() == [3e6]
    assert (lower.level, upper.level) == ("lower", "upper")


def test_two_columns_of_as_many_are_doubtful() -> None:
    boundaries = rg.read_boundaries(squares().assign(LAD24CD=squares()["CTYUA23CD"]))
    finding = found(boundaries, "column.several")
    assert (finding.severity, finding.column) == ("warning", "LAD24CD")
    assert finding.message == "both 'CTYUA23CD' and 'LAD24CD' hold codes of authorities; 'CTYUA23CD' was taken"
    chosen = rg.read_boundaries(squares().assign(LAD24CD=squares()["CTYUA23CD"]), code="LAD24CD")
    assert "column.several" not in codes(chosen)


def test_columns_that_the_caller_names() -> None:
    frame = squares().assign(short=["H", "M", "K", "E"])
    boundaries = rg.read_boundaries(frame, name="short")
    assert boundaries.frame["authority_name"].tolist() == ["H", "M", "K", "E"]
    for option in ("code", "name"):
        with pytest.raises(
            errors.MissingColumnError, match=rf"frame: column 'x' for the {option} is missing \(columns found: CT"
        ):
            rg.read_boundaries(squares(), **{option: "x"})  # type: ignore[arg-type]


def test_names_of_the_register_where_the_file_has_none() -> None:
    boundaries = rg.read_boundaries(squares().drop(columns=["CTYUA23NM", "CTYUA23NMW"]))
    assert boundaries.frame["authority_name"].tolist()[2] == "Kingston upon Hull, City of"
    assert found(boundaries, "column.mapping").message.endswith(
        "; no column holds names, so those of the register stand for them"
    )


def test_names_that_are_none_of_the_register_are_read_by_their_heading() -> None:
    frame = squares().assign(CTYUA23NM=["Kalaw", "Mawlamyine", "Bago", "Pathein"])
    boundaries = rg.read_boundaries(frame)
    assert boundaries.frame["authority_name"][0] == "Kalaw"
    finding = found(boundaries, "boundaries.name_unknown")
    assert finding.message.startswith("4 names are not known as those of their codes: E06000001 is called 'Kalaw'; ")


def test_other_ways_to_write_a_name_are_no_matter() -> None:
    frame = squares().assign(CTYUA23NM=["Hartlepool BC", "middlesbrough", "Hull", "East Riding"])
    boundaries = rg.read_boundaries(frame)
    assert [c for c in codes(boundaries) if "name" in c] == []
    assert boundaries.frame["authority_name"].tolist() == ["Hartlepool BC", "middlesbrough", "Hull", "East Riding"]


def test_a_former_name_of_the_same_ground_is_no_conflict() -> None:
    frame = tiled(["E07000112", "E07000105"], names=["Shepway", "Ashford"])
    assert [c for c in codes(rg.read_boundaries(frame)) if "name" in c] == []


def test_a_few_wrong_codes_do_not_hide_the_column() -> None:
    frame = squares()
    frame.loc[3, "CTYUA23CD"] = "n/a"
    with pytest.raises(errors.UnknownAuthorityError, match=r"1 code is of no English .* \(N/A\)"):
        rg.read_boundaries(frame)


def test_a_column_with_a_code_here_and_there_is_not_that_of_codes() -> None:
    frame = squares().drop(columns="CTYUA23CD").assign(note=["was E06000001", A, "", "see Hull"])
    with pytest.raises(errors.MissingColumnError, match="no column holds the codes of local authorities"):
        rg.read_boundaries(frame)


def test_a_table_without_any_code() -> None:
    with pytest.raises(
        errors.MissingColumnError, match=r"no column holds the codes of local authorities \(columns found: a\)"
    ):
        find_columns(pd.DataFrame({"a": ["x", ""]}), None, None, "t")


# -------------------------------------------------------------------------------------------------------- vintages


@pytest.mark.parametrize("day", DAYS)
def test_a_whole_set_of_codes_has_one_vintage(day: str) -> None:
    first, last = DAYS[day]
    for stated in (None, dt.date.fromisoformat(day), day, day[:7], day[:4], int(day[:4])):
        boundaries = rg.read_boundaries(tiled(whole(day)), vintage=stated)
        assert (boundaries.vintage.label, boundaries.vintage.valid_to and str(boundaries.vintage.valid_to)) == (
            first,
            last,
        )
        assert boundaries.level == "upper"
        assert codes(boundaries) == ["column.mapping"]


@pytest.mark.parametrize("day", DAYS)
def test_districts_are_the_lower_tier(day: str) -> None:
    boundaries = rg.read_boundaries(tiled(whole(day, "lower"), "LAD_code"))
    assert boundaries.level == "lower"
    assert dt.date.fromisoformat(day) in boundaries.vintage
    assert codes(boundaries) == ["column.mapping"]


@pytest.mark.parametrize("year", ["19", "20", "21", "23"])
def test_lists_of_the_ons_have_the_vintage_of_their_names(year: str, shared_data: Path) -> None:
    file, day = f"ltla{year}_utla{year}", f"20{year}-12-31"
    with (shared_data / "lookups" / f"{file}.csv").open(encoding="utf-8-sig") as handle:
        table = list(csv.DictReader(handle))
    for tier, level in (("utla", "upper"), ("ltla", "lower")):
        column = f"{tier}{year}_code"
        listed = sorted({row[column] for row in table if row[column].startswith("E")})
        boundaries = rg.read_boundaries(tiled(listed, column), strict=True)
        assert (len(boundaries), boundaries.level) == (len(listed), level)
        assert dt.date.fromisoformat(day) in boundaries.vintage


def test_single_tier_authorities_alone_are_upper_unless_the_column_says_districts() -> None:
    london = [c for c in whole("2023-06-01") if c.startswith("E09")]
    for column, level in (("code", "upper"), ("CTYUA23CD", "upper"), ("LAD23CD", "lower"), ("ltla23_code", "lower")):
        boundaries = rg.read_boundaries(tiled(london, column))
        assert boundaries.level == level
        missing = found(boundaries, "boundaries.missing_authorities")
        assert len(missing.ids) == len(whole("2023-06-01", level)) - 33


def test_a_part_of_a_set_has_the_whole_period_of_its_codes_unless_a_date_is_named() -> None:
    north_east = ["E06000001", "E06000002", "E06000057", "E08000037"]
    assert (found(rg.read_boundaries(tiled(north_east)), "boundaries.missing_authorities").message).endswith(
        "in force on 2025-04-01 have no polygon"
    )
    open_ended = rg.read_boundaries(tiled(north_east)).vintage
    assert (open_ended.label, open_ended.valid_to) == ("2013-04-01", None)
    for frame, stated in ((tiled(north_east), "2022-11-01"), (tiled(north_east, "CTYUA22CD"), None)):
        vintage = rg.read_boundaries(frame, vintage=stated).vintage
        assert (vintage.label, str(vintage.valid_to)) == ("2021-04-01", "2023-03-31")


def test_vintages_together_are_an_error_that_names_the_odd_ones() -> None:
    mixed = [c for c in whole("2022-06-01") if c != "E10000006"] + ["E06000063", "E06000064"]
    with pytest.raises(errors.VintageError) as caught:
        rg.read_boundaries(tiled([*mixed, "E10000006"]))
    text = str(caught.value)
    assert text.startswith(
        "boundaries.mixed_vintages: frame.code: its codes are of several vintages: 2 of 154 were not in force on "
    )
    assert "E06000063 from 2023-04-01, E06000064 from 2023-04-01" in text
    assert "recode(codes, to=...)" in text
    with pytest.raises(
        errors.VintageError, match=r"1 of 2 were not in force on 2023-12-31 \(E10000006 to 2023-03-31\)"
    ):
        rg.read_boundaries(tiled(["E10000006", "E06000063"]), vintage=2023)
    with pytest.raises(
        errors.VintageError, match=r"1 of 2 were not in force on 2022-12-31 \(E06000063 from 2023-04-01\)"
    ):
        rg.read_boundaries(tiled(["E10000006", "E06000063"], "CTYUA22CD"))


def test_a_vintage_that_the_codes_contradict_is_an_error() -> None:
    with pytest.raises(errors.VintageError) as caught:
        rg.read_boundaries(tiled(whole("2022-06-01")), vintage="2023-05-01")
    assert str(caught.value).startswith(
        "boundaries.vintage: frame.code: 3 codes were not in force on the vintage stated, 2023-05-01 "
        "(E10000006 to 2023-03-31, E10000023 to 2023-03-31, E10000027 to 2023-03-31); all of its codes were in force "
        "from 2021-04-01 to 2023-03-31 (E10000006, E10000023, E10000027); state a date of that period"
    )
    with pytest.raises(errors.VintageError, match=r"2022-01-01 to 2022-12-31 .*from 2025-04-01 on"):
        rg.read_boundaries(tiled(whole("2025-06-01")), vintage=2022)


def test_a_year_of_changes_is_of_what_came_of_them_or_went_before() -> None:
    assert rg.read_boundaries(tiled(whole("2023-06-01")), vintage=2023).vintage.label == "2023-04-01"
    assert rg.read_boundaries(tiled(whole("2023-01-01")), vintage=2023).vintage.label == "2021-04-01"
    assert rg.read_boundaries(tiled(["E06000001"]), vintage=2023).vintage.label == "2023-04-01"


def test_a_year_in_the_column_that_the_codes_contradict_is_a_warning() -> None:
    boundaries = rg.read_boundaries(tiled(whole("2023-06-01"), "CTYUA22CD"))
    finding = found(boundaries, "boundaries.vintage_column")
    assert finding.severity == "warning"
    assert finding.message == (
        "the name of the column says 2022, but its codes were in force from 2023-04-01 to 2025-03-31, which was taken"
    )
    assert boundaries.vintage.label == "2023-04-01"
    # What the caller says goes before what the column says.
    assert "boundaries.vintage_column" not in codes(
        rg.read_boundaries(tiled(whole("2023-06-01"), "CTYUA22CD"), vintage=2023)
    )


@pytest.mark.parametrize(
    ("column", "label"),
    [
        ("CTYUA21CD", "2021-04-01"),
        ("lad_code_2020", "2020-04-01"),
        ("lad20cd", "2020-04-01"),
        ("E06000001", "2011-12-31"),
        ("LAD05CD", "2011-12-31"),
        ("code", "2011-12-31"),
    ],
)
def test_the_year_in_a_column(column: str, label: str) -> None:
    assert dated([A, B], None, column, "t").vintage.valid_from == dt.date.fromisoformat(label)  # type: ignore[union-attr]


def test_counties_and_their_districts_side_by_side() -> None:
    with pytest.raises(
        errors.InputError, match=r"boundaries\.mixed_levels: .*1 counties and 2 districts, .*keep one of the two tiers"
    ):
        rg.read_boundaries(tiled(["E10000006", "E07000026", "E07000027"]))


@pytest.mark.parametrize("stated", ["spring", "2023-13", "", "23", 20230501, "2023-02-30"])
def test_a_vintage_that_is_no_date(stated: str | int) -> None:
    with pytest.raises(errors.InputError, match="is no year or date; give a year"):
        rg.read_boundaries(squares(), vintage=stated)


def test_a_moment_is_a_day() -> None:
    assert stated_period(pd.Timestamp("2023-05-01 12:00")) == (dt.date(2023, 5, 1), dt.date(2023, 5, 1))


EVERY = register().frame.set_index("authority_code")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(EVERY.index[EVERY["level"] != "lower"])), min_size=1, max_size=6, unique=True))
def test_a_vintage_is_one_in_which_every_code_was_in_force(some: list[str]) -> None:
    """Against a walk over every day on which anything changed."""
    edition = dated(some, None, "code", "t")
    days = [dt.date(y, m, 1) for y in range(2012, 2027) for m in (1, 3, 4, 12)]
    together = [d for d in days if set(some) <= set(whole(d.isoformat()))]
    if not together:
        assert edition.vintage is None
        assert [f.severity for f in edition.findings] == ["error"]
    else:
        assert edition.vintage is not None
        assert [d for d in days if d in edition.vintage] == together
