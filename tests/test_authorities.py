"""The register of authorities: which codes were in force when, what ground each stands for, against official lists."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from rcp_geo.authorities import Vintage, register, vintage_at
from rcp_geo.errors import AmbiguousAuthorityError, InputError, UnknownAuthorityError

VINTAGES = {"2019-05-01": 151, "2020-05-01": 151, "2021-05-01": 152, "2023-05-01": 153, "2025-05-01": 153}
# Lower-tier authorities of England, by the Office for National Statistics' lists of those years.
LOWER = {"2011-12-31": 326, "2019-05-01": 317, "2020-05-01": 314, "2021-05-01": 309, "2023-05-01": 296}


@pytest.mark.parametrize(("day", "count"), VINTAGES.items())
def test_upper_tier_authorities_in_force(day: str, count: int) -> None:
    frame = register().in_force(day)
    assert len(frame) == count
    assert frame["authority_code"].is_unique
    assert frame["authority_name"].is_unique
    assert frame["authority_code"].is_monotonic_increasing


@pytest.mark.parametrize(("day", "count"), LOWER.items())
def test_lower_tier_authorities_in_force(day: str, count: int) -> None:
    assert len(register().in_force(day, "lower")) == count


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2023])
@pytest.mark.parametrize("level", ["upper", "lower"])
def test_codes_and_names_are_those_of_the_official_lists(year: int, level: str, shared_data: Path) -> None:
    short = f"{'utla' if level == 'upper' else 'ltla'}{year % 100}"
    official = pd.read_csv(shared_data / "lookups" / f"ltla{year % 100}_utla{year % 100}.csv")
    official = official[official[f"{short}_code"].str.startswith("E")].drop_duplicates(f"{short}_code")
    ours = register().in_force(f"{year}-05-01", level)
    expected = official.set_index(f"{short}_code")[f"{short}_name"].to_dict()
    assert ours.set_index("authority_code")["authority_name"].to_dict() == expected


def test_codes_names_and_regions_of_2025_are_those_of_the_official_list(shared_data: Path) -> None:
    official = pd.read_csv(shared_data / "lookups" / "utla_all_codes.csv")
    official = official[official["CTRYCD"] == "E92000001"].set_index("UTLACD")
    ours = register().in_force("2025-05-01").set_index("authority_code")
    assert ours["region_code"].to_dict() == official["RGNCD"].to_dict()
    assert ours["region_name"].to_dict() == official["RGNNM"].to_dict()
    assert ours["authority_name"].to_dict() == official["UTLANM"].to_dict()


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2023])
def test_districts_belong_to_the_upper_tier_that_the_official_lookup_says(year: int, shared_data: Path) -> None:
    official = pd.read_csv(shared_data / "lookups" / f"ltla{year % 100}_utla{year % 100}.csv")
    official = official[official[f"ltla{year % 100}_code"].str.startswith("E")]
    known = register()
    targets = known.in_force(f"{year}-05-01")["authority_code"].tolist()
    for lower, upper in zip(official[f"ltla{year % 100}_code"], official[f"utla{year % 100}_code"], strict=True):
        how = known.carry(lower, targets)
        assert how == {upper: "same" if known.districts[lower] == known.districts[upper] else "inside"}


def test_every_district_since_2011_lies_in_the_authority_of_today_that_the_official_list_says(
    shared_data: Path,
) -> None:
    official = pd.read_csv(shared_data / "lookups" / "la_all_codes.csv")
    official = official[official["CTRYCD"] == "E92000001"]
    known = register()
    targets = known.in_force("2025-05-01")["authority_code"].tolist()
    official = official[official["LADCD"].isin(known.districts)]
    assert len(official) >= 326
    regions = known.frame.set_index("authority_code")["region_code"]
    for row in official.itertuples():
        assert list(known.carry(row.LADCD, targets)) == [row.UTLACD], row.LADNM
        assert regions[row.LADCD] == row.RGNCD


@pytest.mark.parametrize("day", VINTAGES)
@pytest.mark.parametrize("level", ["upper", "lower"])
def test_the_authorities_of_a_day_share_out_the_districts_of_2011(day: str, level: str) -> None:
    known = register()
    parts = [known.districts[code] for code in known.in_force(day, level)["authority_code"]]
    everything = frozenset().union(*parts)
    assert sum(map(len, parts)) == len(everything) == 326
    assert everything == set(known.in_force("2011-12-31", "lower")["authority_code"])


def test_every_day_since_2011_has_a_whole_set_of_authorities() -> None:
    known = register()
    edges = {*known.frame["valid_from"], *known.frame["valid_to"]} - {""}
    for day in sorted(edges):
        parts = [known.districts[code] for code in known.in_force(day)["authority_code"]]
        assert sum(map(len, parts)) == len(frozenset().union(*parts)) == 326, day


def test_every_code_has_ground_a_name_and_a_region() -> None:
    known = register()
    assert set(known.frame["authority_code"]) == set(known.districts)
    assert all(known.districts.values())
    assert (known.frame[["authority_name", "region_code", "region_name"]] != "").all(axis=None)
    assert known.frame["region_code"].nunique() == 9
    assert known.names()["E06000047"] == "County Durham"


def test_authorities_that_border_scotland_or_wales() -> None:
    frame = register().frame
    neighbours = frame[frame["land_border"] != ""].groupby("land_border")["authority_name"].agg(set).to_dict()
    assert neighbours == {
        "Scotland": {"Northumberland", "Cumbria", "Cumberland", "Carlisle"},
        "Wales": {
            "Cheshire West and Chester",
            "Shropshire",
            "Herefordshire, County of",
            "Gloucestershire",
            "Forest of Dean",
        },
    }


@pytest.mark.parametrize(
    ("code", "day", "how"),
    [
        ("E10000021", "2021-05-01", {"E06000061": "contains", "E06000062": "contains"}),
        ("E06000061", "2019-05-01", {"E10000021": "inside"}),
        ("E10000006", "2023-05-01", {"E06000063": "contains", "E06000064": "contains"}),
        ("E07000026", "2023-05-01", {"E06000063": "inside"}),
        ("E07000026", "2019-05-01", {"E10000006": "inside"}),
        ("E10000023", "2023-05-01", {"E06000065": "same"}),
        ("E10000027", "2023-05-01", {"E06000066": "same"}),
        ("E10000002", "2020-05-01", {"E06000060": "same"}),
        ("E08000016", "2025-05-01", {"E08000038": "same"}),
        ("E08000019", "2025-05-01", {"E08000039": "same"}),
        ("E06000028", "2019-05-01", {"E06000058": "inside"}),
        ("E10000009", "2019-05-01", {"E06000058": "overlaps", "E06000059": "overlaps"}),
        ("E09000007", "2025-05-01", {"E09000007": "same"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_how_ground_carries(code: str, day: str, how: dict[str, str]) -> None:
    known = register()
    found = known.carry(code, known.in_force(day)["authority_code"])
    if code == "E10000009":
        # Dorset County was split in 2019: Christchurch went to Bournemouth, Christchurch and Poole, which holds more.
        assert set(found) == set(how)
        assert found["E06000058"] == "overlaps"
        return
    assert found == how


def test_ground_of_a_code_that_is_not_known_is_shared_by_none() -> None:
    assert register().carry("E08000016", ["W06000001"]) == {}


@pytest.mark.parametrize(
    ("name", "day", "code"),
    [
        ("Hartlepool", "2022-11-01", "E06000001"),
        ("  hartlepool ", "2022-11-01", "E06000001"),
        ("CUMBRIA", "2022-11-01", "E10000006"),
        ("Allerdale", "2022-11-01", "E07000026"),
        ("Barnsley", "2024-01-01", "E08000016"),
        ("Barnsley", "2025-04-01", "E08000038"),
        ("Somerset", "2022-11-01", "E10000027"),
        ("Somerset", "2023-04-01", "E06000066"),
        ("Bristol, City of", "2022-11-01", "E06000023"),
    ],
)
def test_an_official_name_has_the_code_of_its_day(name: str, day: str, code: str) -> None:
    assert register().code_of(name, day) == code


@pytest.mark.parametrize(
    ("name", "day"),
    [("Hartlepol", "2022-11-01"), ("", "2022-11-01"), ("Cumbria", "2024-01-01"), ("Cardiff", "2022-11-01")],
)
def test_a_name_that_is_none_is_never_guessed_at(name: str, day: str) -> None:
    with pytest.raises(UnknownAuthorityError) as raised:
        register().code_of(name, day)
    assert repr(name) in str(raised.value)
    assert day in str(raised.value)
    assert "check the spelling, or give its code" in str(raised.value)


def test_a_name_that_fits_two_is_left_to_the_caller() -> None:
    known = register()
    # No two authorities of England have had one name on one day since 2011, so one is made up.
    frame = known.frame.copy()
    frame.loc[frame["authority_code"] == "E07000026", "authority_name"] = "Cumbria"
    with pytest.raises(
        AmbiguousAuthorityError, match=r"'Cumbria': 2 authorities had it on 2022-11-01 \(E\d+, E\d+\); give"
    ):
        replace(known, frame=frame).code_of("Cumbria", "2022-11-01")


def test_codes_that_no_english_authority_has_are_named() -> None:
    register().require(["E06000001", "E10000006"], "mine")
    with pytest.raises(
        UnknownAuthorityError, match=r"mine: 2 authority codes are of no .*\(E99999999, W06000001\).*England"
    ):
        register().require(["W06000001", "E06000001", "E99999999", "W06000001"], "mine")


@pytest.mark.parametrize(
    ("day", "start"),
    [
        ("2008-01-01", "2019-04-01"),
        ("2019-04-01", "2019-04-01"),
        ("2020-03-31", "2019-04-01"),
        ("2020-04-01", "2020-04-01"),
        ("2021-03-31", "2020-04-01"),
        ("2021-04-01", "2021-04-01"),
        ("2023-03-31", "2021-04-01"),
        ("2023-04-01", "2023-04-01"),
        ("2025-03-31", "2023-04-01"),
        ("2025-04-01", "2025-04-01"),
        ("2030-01-01", "2025-04-01"),
    ],
)
def test_the_vintage_of_a_date(day: str, start: str) -> None:
    vintage = vintage_at(day)
    assert vintage.label == start
    assert (dt.date.fromisoformat(day) in vintage) == (day >= "2019-04-01")


def test_vintages_follow_one_another_without_a_day_between() -> None:
    starts = ["2019-04-01", "2020-04-01", "2021-04-01", "2023-04-01", "2025-04-01"]
    vintages = [vintage_at(day) for day in starts]
    for before, after in itertools.pairwise(vintages):
        assert before.valid_to == after.valid_from - dt.timedelta(days=1)
    assert vintages[-1].valid_to is None


def test_days_of_a_vintage() -> None:
    vintage = Vintage(dt.date(2021, 4, 1), dt.date(2023, 3, 31))
    assert dt.date(2021, 4, 1) in vintage
    assert dt.date(2023, 3, 31) in vintage
    assert dt.date(2023, 4, 1) not in vintage
    assert dt.date(2021, 3, 31) not in vintage
    assert dt.date(2999, 1, 1) in Vintage(dt.date(2021, 4, 1), None)
    assert "2021-04-01" not in vintage


def test_a_day_must_be_in_full() -> None:
    for ask in (vintage_at, register().in_force):
        with pytest.raises(InputError, match="'2022' is not a date"):
            ask("2022")
