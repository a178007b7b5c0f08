"""Codes and figures carried between vintages, against the official lists and by what must be conserved."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rcp_geo as rg
from rcp_geo.authorities import register
from rcp_geo.errors import InputError, MissingColumnError, UnknownAuthorityError, VintageError

DAYS = ["2011-12-31", "2012-06-01", "2013-06-01", "2019-06-01", "2020-06-01", "2021-06-01", "2023-06-01", "2025-06-01"]
NORTHAMPTONSHIRE, NORTH, WEST = "E10000021", "E06000061", "E06000062"


def _official(year: int, shared_data: Path) -> pd.DataFrame:
    table = pd.read_csv(shared_data / "lookups" / f"ltla{year}_utla{year}.csv")
    return table[table[f"ltla{year}_code"].str.startswith("E")]


# --- recode -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [19, 20, 21, 23])
def test_districts_since_2019_recode_to_the_successor_that_the_official_list_names(
    year: int, shared_data: Path
) -> None:
    """The list of all codes says which code each has now, and which upper-tier authority it is in."""
    now = pd.read_csv(shared_data / "lookups" / "la_all_codes.csv").set_index("LADCD")
    codes = _official(year, shared_data)[f"ltla{year}_code"].drop_duplicates()
    assert rg.recode(codes, to="2025-05-01", level="lower").tolist() == now.loc[codes, "LADCD_ACTIVE"].tolist()
    assert rg.recode(codes, to="2025-05-01", level="upper").tolist() == now.loc[codes, "UTLACD"].tolist()


@pytest.mark.parametrize("year", [19, 20, 21, 23])
def test_upper_tier_codes_recode_to_the_successors_that_hold_their_districts(year: int, shared_data: Path) -> None:
    now = pd.read_csv(shared_data / "lookups" / "la_all_codes.csv").set_index("LADCD")
    official = _official(year, shared_data)
    successors = official[f"ltla{year}_code"].map(now["UTLACD"]).groupby(official[f"utla{year}_code"]).agg(set)
    whole = successors[successors.map(len) == 1]
    assert rg.recode(whole.index.to_series(), to="2025-05-01").to_dict() == whole.map(min).to_dict()
    for code, expected in successors[successors.map(len) > 1].items():
        with pytest.raises(VintageError) as caught:
            rg.recode([code], to="2025-05-01")
        assert all(successor in str(caught.value) for successor in expected)


@pytest.mark.parametrize(("late", "early"), [(23, 21), (23, 20), (23, 19), (21, 20), (21, 19), (20, 19)])
def test_codes_go_back_to_the_authority_of_the_official_list(late: int, early: int, shared_data: Path) -> None:
    """Backwards, too: a county that was split holds each of its successors."""
    known = register()
    before = _official(early, shared_data).set_index(f"ltla{early}_code")[f"utla{early}_code"]
    for code in _official(late, shared_data)[f"utla{late}_code"].unique():
        holders = {before[d] for d in before.index if known.districts[d] <= known.districts[code]}
        if len(holders) == 1:
            assert rg.recode([code], to=f"20{early}-05-01").tolist() == [holders.pop()], code


def test_every_change_of_districts_in_the_official_list_is_in_the_register(shared_data: Path) -> None:
    official = pd.read_csv(shared_data / "lookups" / "la_changes_2014_2025.csv", encoding="utf-8-sig")
    districts = official["oldcd"].str.match(r"E0[6789]") & official["newcd"].str.match(r"E0[6789]")
    changes = rg.history()
    ours = set(zip(changes["old_code"], changes["new_code"], strict=True))
    pairs = set(zip(official.loc[districts, "oldcd"], official.loc[districts, "newcd"], strict=True))
    # The list has more than changes of codes: pairs whose code stays, and new names of the same authority.
    missing = {(old, new) for old, new in pairs - ours if old != new}
    assert missing == set()
    assert len(pairs) > 30


def test_an_index_and_missing_codes_stay() -> None:
    codes = pd.Series(["E10000023", None, "E09000007", np.nan], index=list("wxyz"), name="code")
    found = rg.recode(codes, to="2023-04-01")
    assert found.index.tolist() == list("wxyz")
    assert found.name == "code"
    assert found.iloc[[0, 2]].tolist() == ["E06000065", "E09000007"]
    assert found.isna().tolist() == [False, True, False, True]
    assert codes.iloc[0] == "E10000023"
    assert rg.recode("E10000023", to=dt.date(2023, 4, 1)).tolist() == ["E06000065"]
    assert rg.recode([], to="2023-04-01").tolist() == []


def test_chains_over_several_changes() -> None:
    """Taunton Deane merged in 2019 with West Somerset, and that with all of Somerset in 2023."""
    days = ["2018-06-01", "2019-06-01", "2023-06-01"]
    assert [rg.recode(["E07000190"], to=d).item() for d in days] == ["E07000190", "E07000246", "E06000066"]
    assert rg.recode(["E07000190"], to="2019-06-01", level="upper").item() == "E10000027"


@pytest.mark.parametrize("level", ["upper", "lower"])
@pytest.mark.parametrize("day", DAYS)
def test_codes_in_force_stay_as_they_are(day: str, level: str) -> None:
    codes = register().in_force(day, level)["authority_code"]
    assert rg.recode(codes, to=day, level=level).tolist() == codes.tolist()


def test_a_split_is_refused_with_the_successors_and_the_share_of_demand_in_each(demand: pd.DataFrame) -> None:
    """The shares are those of the small areas counted by hand: by the district that each is in."""
    north = {"E07000150", "E07000152", "E07000153", "E07000156"}
    west = {"E07000151", "E07000154", "E07000155"}
    held = [demand["district_code"].isin(part).sum() for part in (north, west)]
    with pytest.raises(VintageError) as caught:
        rg.recode(["E09000001", NORTHAMPTONSHIRE], to="2021-04-01")
    said = str(caught.value)
    assert said.startswith(
        "codes: 1 authority lies in several on 2021-04-01: E10000021 Northamptonshire into E06000061 "
    )
    assert f"North Northamptonshire ({held[0] / sum(held):.1%} of its demand)" in said
    assert f"West Northamptonshire ({held[1] / sum(held):.1%} of its demand)" in said
    assert said.endswith("share their figures out with rcp_geo.apportion")


def test_many_splits_are_counted() -> None:
    counties = register().in_force("2021-06-01")["authority_code"]
    counties = counties[counties.str.startswith("E10")]
    with pytest.raises(
        VintageError, match=rf"{len(counties)} authorities lie in several.* and {len(counties) - 5} more;"
    ):
        rg.recode(counties, to="2021-06-01", level="lower")


def test_what_cannot_be_recoded() -> None:
    with pytest.raises(UnknownAuthorityError, match=r"codes: 2 authority codes .*\(Cumbria, W06000001\)"):
        rg.recode(["W06000001", "Cumbria", "E09000001"], to="2021-04-01")
    with pytest.raises(InputError, match="to: 2010-01-01 is before 2011-12-31, the first day of the register"):
        rg.recode(["E09000001"], to="2010-01-01")
    with pytest.raises(InputError, match="to: '2021' is not a date"):
        rg.recode(["E09000001"], to="2021")
    with pytest.raises(InputError, match="level: 'county' is not a tier of local government; use upper or lower"):
        rg.recode(["E09000001"], to="2021-04-01", level="county")


# --- apportion --------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    start=st.sampled_from(DAYS),
    end=st.sampled_from(DAYS),
    level=st.sampled_from(["upper", "lower"]),
    to=st.sampled_from(["upper", "lower"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_nothing_is_lost_or_counted_twice(start: str, end: str, level: str, to: str, seed: int) -> None:
    codes = register().in_force(start, level)["authority_code"]
    figures = np.random.default_rng(seed).integers(0, 1000, len(codes))
    table = pd.DataFrame({"authority_code": codes, "children": figures}).sample(frac=1, random_state=seed)
    carried = rg.apportion(table, to=end, level=to)
    assert carried["children"].sum() == pytest.approx(figures.sum())
    assert carried.index.tolist() == register().in_force(end, to)["authority_code"].tolist()
    assert (carried["covered_share"] == 1).all()
    # What was not shared out is whole.
    exact = carried.loc[~carried["apportioned"], "children"]
    assert (exact == exact.round()).all()


def test_demand_of_each_authority_is_conserved_by_every_recoding(demand: pd.DataFrame) -> None:
    """Demand counted per authority of one date and carried to another is the demand counted there."""
    known = register()
    for start in DAYS[3:]:
        for end in DAYS[3:]:
            counts = [
                demand["district_code"].map(known.district_to(known.in_force(day)["authority_code"])).value_counts()
                for day in (start, end)
            ]
            carried = rg.apportion(counts[0].rename_axis("authority_code").reset_index(name="n"), to=end)
            assert carried["n"].to_dict() == pytest.approx(counts[1].to_dict())


def test_figures_of_a_split_go_by_the_demand_given() -> None:
    """Three people in Corby for each in Daventry: three quarters and a quarter of 400."""
    demand = pd.DataFrame({"weight": [3.0, 1.0], "district_code": ["E07000150", "E07000151"]})
    table = pd.DataFrame({"authority_code": [NORTHAMPTONSHIRE], "n": [400], "name": ["x"]})
    carried = rg.apportion(table, to="2021-06-01", demand=demand)
    assert carried["n"].to_dict() == {NORTH: 300.0, WEST: 100.0}
    assert carried["apportioned"].tolist() == [True, True]
    assert carried.columns.tolist() == ["authority_name", "n", "apportioned", "covered_share"]
    assert table.columns.tolist() == ["authority_code", "n", "name"]


def test_a_part_that_is_not_known_makes_a_whole_that_is_not(demand: pd.DataFrame) -> None:
    """Bournemouth and Poole merged in 2019, with Christchurch, of which there is no figure."""
    table = pd.DataFrame({"code": ["E06000028", "E06000029"], "n": [10.0, np.nan], "m": [1, 2]})
    carried = rg.apportion(table, to="2019-06-01", code="code")
    assert carried.index.tolist() == ["E06000058"]
    row = carried.iloc[0]
    assert np.isnan(row["n"])
    assert row["m"] == 3
    assert not row["apportioned"]
    parts = demand["district_code"].isin(["E06000028", "E06000029"]).sum()
    assert row["covered_share"] == parts / (parts + (demand["district_code"] == "E07000048").sum())


def test_districts_stay_districts_unless_asked() -> None:
    table = pd.DataFrame({"authority_code": ["E07000026", "E07000029"], "n": [1, 2]})
    assert rg.apportion(table, to="2022-06-01")["n"].to_dict() == {"E07000026": 1.0, "E07000029": 2.0}
    assert rg.apportion(table, to="2022-06-01", level="upper")["n"].to_dict() == {"E10000006": 3.0}
    assert rg.apportion(table, to="2023-06-01")["n"].to_dict() == {"E06000063": 3.0}


def test_tables_that_cannot_be_apportioned() -> None:
    table = pd.DataFrame({"authority_code": ["E10000006", "E07000026"], "n": [1, 2], "name": ["a", "b"]})
    with pytest.raises(InputError, match=r"table.authority_code: E07000026, E10000006 share ground.*count twice"):
        rg.apportion(table, to="2021-06-01")
    with pytest.raises(InputError, match="table: column name is not of numbers"):
        rg.apportion(table.iloc[:1], to="2021-06-01", columns=["name"])
    with pytest.raises(InputError, match="table.authority_code: 1 code is missing"):
        rg.apportion(table.assign(authority_code=["E10000006", None]), to="2021-06-01")
    with pytest.raises(MissingColumnError, match="table: column GSS is missing"):
        rg.apportion(table, to="2021-06-01", code="GSS")
    with pytest.raises(UnknownAuthorityError, match="table.authority_code: 1 authority code"):
        rg.apportion(table.assign(authority_code=["E10000006", "E99"]), to="2021-06-01")
    nowhere = pd.DataFrame({"weight": [1.0], "district_code": ["E09000001"]})
    with pytest.raises(InputError, match="demand.weight: no weight lies in E10000006"):
        rg.apportion(table.iloc[:1], to="2023-06-01", demand=nowhere)


def test_calls_that_follow_each_other_keep_what_was_said() -> None:
    """Allerdale alone is a part of Cumbria, and what Cumbria's estimate becomes in Cumberland is still a part and an estimate."""
    table = pd.DataFrame({"authority_code": ["E07000026"], "n": [100]})
    county = rg.apportion(table, to="2022-06-01", level="upper")
    assert 0 < county["covered_share"].item() < 0.5
    split = rg.apportion(county.reset_index(), to="2023-06-01")
    assert split.columns.tolist() == ["authority_name", "n", "apportioned", "covered_share"]
    assert split["covered_share"].tolist() == pytest.approx([county["covered_share"].item()] * 2)
    assert split["apportioned"].tolist() == [True, True]
    back = rg.apportion(split.reset_index(), to="2022-06-01")
    assert back["apportioned"].tolist() == [True]
    assert back["covered_share"].item() == pytest.approx(county["covered_share"].item())
    assert back["n"].item() == pytest.approx(100)


def test_columns_that_cannot_be_told_apart_or_are_the_answers_own() -> None:
    table = pd.DataFrame([["E09000001", 1, 2]], columns=["authority_code", "n", "n"])
    with pytest.raises(InputError, match="table: column n is there more than once; keep one of each name"):
        rg.apportion(table, to="2021-06-01")
    named = pd.DataFrame({"authority_code": ["E09000001"], "kids": [1], "covered_share": [1.0]})
    with pytest.raises(InputError, match="table: column covered_share is what this function says of its answer"):
        rg.apportion(named, to="2021-06-01", columns=["covered_share"])
    assert rg.apportion(named, to="2021-06-01", columns="kids")["kids"].tolist() == [1]


@pytest.mark.parametrize("weight", [-1.0, np.nan, np.inf, "many"])
def test_weights_that_are_none_are_refused(weight: object) -> None:
    demand = pd.DataFrame({"weight": [1.0, weight], "district_code": ["E07000150", "E07000151"]})
    table = pd.DataFrame({"authority_code": [NORTHAMPTONSHIRE], "n": [1]})
    for call in (
        lambda: rg.apportion(table, to="2021-06-01", demand=demand),
        lambda: rg.recode([NORTHAMPTONSHIRE], to="2021-06-01", demand=demand),
    ):
        with pytest.raises(InputError, match=r"demand.weight: 1 row is missing, infinite or negative \(1\)"):
            call()


def test_an_empty_table_gives_an_empty_one() -> None:
    table = pd.DataFrame({"authority_code": pd.Series(dtype=str), "n": pd.Series(dtype=float)})
    assert rg.apportion(table, to="2021-06-01").empty


def test_demand_of_another_date_is_refused() -> None:
    demand = pd.DataFrame({"weight": [1.0, 1.0], "district_code": ["E07000150", NORTH]})
    with pytest.raises(
        VintageError, match=r"demand.district_code: 1 code is of no district of 2011-12-31 \(E06000061\)"
    ):
        rg.recode([NORTHAMPTONSHIRE], to="2021-06-01", demand=demand)


# --- history ----------------------------------------------------------------------------------------------------------


def test_history_reaches_back_and_on() -> None:
    """Dorset of 2019 was made of a split county and of districts that merged."""
    rows = rg.history("E06000059")
    assert set(rows["old_name"]) >= {"East Dorset", "North Dorset", "Purbeck", "West Dorset", "Weymouth and Portland"}
    assert ("split", "E10000009") in set(zip(rows["kind"], rows["old_code"], strict=True))
    assert rows["date"].is_monotonic_increasing
    assert (rows["order"] != "").all()
    forward = rg.history("E10000009")
    assert set(forward["new_code"]) == {"E06000058", "E06000059"}
    assert set(forward["kind"]) == {"split"}


def test_history_of_a_rename_and_of_none() -> None:
    assert rg.history("E07000112")[["kind", "old_name", "new_name"]].values.tolist() == [
        ["rename", "Shepway", "Folkestone and Hythe"]
    ]
    assert rg.history("E09000007").empty
    assert rg.history("E08000038")["kind"].tolist() == ["boundary"]
    with pytest.raises(UnknownAuthorityError, match="code: 1 authority code"):
        rg.history("Barnsley")


def test_history_is_a_copy() -> None:
    mine = rg.history()
    mine.loc[0, "kind"] = "spoilt"
    assert "spoilt" not in set(rg.history()["kind"])
