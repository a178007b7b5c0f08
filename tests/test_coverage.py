"""Coverage: figures worked on paper, a brute-force twin on the real data, and the laws that hold whatever the data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pyproj import Geod

import rcp_geo as rg
from tests import twin
from tests.world import DEMAND, GROUND, A, B, C, D, World

GEOD = Geod(ellps="WGS84")
MEAN, MEDIAN, P90, SHARE = (
    f"rcp.access.{name}@1" for name in ("mean_nearest", "median_nearest", "p90_nearest", "share_within")
)
KEY = ["area_code", "group", "relation", "evidence", "metric_id", "cutoff"]
Twin = Callable[[str, str, str, str], np.ndarray]
MILES = [5 * 1609.344, 10 * 1609.344, 20 * 1609.344]


def _value(answer: rg.Assessment, area: str, metric: str, cutoff: float | None = None, **where: str) -> float:
    return float(_row(answer, area, metric, cutoff, **where)["value"])


def _row(answer: rg.Assessment, area: str, metric: str, cutoff: float | None = None, **where: str) -> pd.Series:
    rows = answer.coverage
    kept = (rows["area_code"] == area) & (rows["metric_id"] == metric)
    kept &= rows["cutoff"].isna() if cutoff is None else rows["cutoff"] == cutoff
    for column, value in where.items():
        kept &= rows[column] == value
    assert kept.sum() == 1
    return rows[kept].iloc[0]


# --- the small world, by hand -----------------------------------------------------------------------------------------


def _on_paper(*at: tuple[int, int, int]) -> float:
    """Weighted mean of hypotenuses: (dx, dy, weight) in metres."""
    return sum(math.hypot(dx, dy) * w for dx, dy, w in at) / sum(w for *_, w in at)


COURT_FROM_C = _on_paper((10_000, 6_000, 1), (10_000, 14_000, 1), (14_000, 7_000, 2))
HOME_FROM_C = _on_paper((0, 6_000, 1), (0, 14_000, 1), (4_000, 7_000, 2))


@pytest.mark.parametrize(
    ("area", "metric", "group", "relation", "evidence", "metres"),
    [
        (A, MEAN, "pause", "reached", "certain", 4_250),
        (A, MEDIAN, "pause", "reached", "certain", 4_000),
        (A, P90, "pause", "reached", "certain", 5_000),
        (A, MEAN, "pause", "served", "certain", 4_250),
        (B, MEAN, "any", "reached", "certain", 4_000),
        (B, MEDIAN, "any", "reached", "certain", 4_000),
        (B, P90, "any", "reached", "certain", 5_000),
        (B, MEAN, "fdac", "reached", "certain", 4_000),
        (D, MEAN, "fdac", "reached", "certain", 10_500),
        (D, MEDIAN, "fdac", "reached", "certain", 8_000),
        (D, P90, "fdac", "reached", "certain", 14_000),
        (D, MEAN, "fdac", "served", "certain", 10_500),
        (C, MEAN, "fdac", "served", "possible", COURT_FROM_C),
        (C, MEAN, "any", "reached", "certain", HOME_FROM_C),
        (C, MEAN, "any", "reached", "possible", 4_500),
        (C, MEAN, "local", "served", "possible", 4_500),
        ("E12000001", MEAN, "any", "reached", "certain", (17_000 + 20_000) / 9),
        ("E92000001", MEAN, "any", "reached", "certain", (17_000 + 20_000 + 4 * HOME_FROM_C + 42_000) / 17),
        ("E92000001", MEDIAN, "any", "reached", "certain", 5_000),
    ],
)
def test_distances_of_the_small_world(
    area: str, metric: str, group: str, relation: str, evidence: str, metres: float, world_answer: rg.Assessment
) -> None:
    row = _row(world_answer, area, metric, group=group, relation=relation, evidence=evidence)
    assert row["value"] == pytest.approx(metres * GROUND, rel=1e-4)
    assert row["unit"] == "m"
    assert row["reached_share"] == 1


@pytest.mark.parametrize(
    ("area", "group", "relation", "evidence", "cutoff", "share"),
    [
        (A, "pause", "reached", "certain", 4_500, 2 / 4),
        (A, "pause", "reached", "certain", 9_000, 1),
        (B, "any", "reached", "certain", 4_500, 4 / 5),
        (D, "fdac", "reached", "certain", 9_000, 2 / 4),
        (D, "fdac", "reached", "certain", 4_500, 0),
        (B, "fdac", "served", "certain", 9_000, 0),
        (C, "local", "served", "certain", 9_000, 0),
        (C, "local", "served", "possible", 4_500, 2 / 4),
        # England: A 4 of 4, B 5 of 5, C c1 and c3 (8.06 km) 3 of 4, D 2 of 4.
        ("E92000001", "any", "reached", "certain", 9_000, 14 / 17),
        # Yorkshire: C 3 of 4, D 2 of 4.
        ("E12000003", "any", "reached", "certain", 9_000, 5 / 8),
    ],
)
def test_shares_of_the_small_world(
    area: str,
    group: str,
    relation: str,
    evidence: str,
    cutoff: float,
    share: float,
    world_answer: rg.Assessment,
) -> None:
    row = _row(world_answer, area, SHARE, cutoff, group=group, relation=relation, evidence=evidence)
    assert row["value"] == pytest.approx(share)
    assert row["unit"] == "share"


@pytest.mark.parametrize(
    ("area", "group", "relation", "evidence"),
    [(B, "fdac", "served", "certain"), (B, "fdac", "served", "possible"), (C, "fdac", "served", "certain")],
)
def test_an_authority_that_nothing_reaches_keeps_its_rows_with_a_reason(
    area: str, group: str, relation: str, evidence: str, world_answer: rg.Assessment
) -> None:
    rows = world_answer.coverage
    own = rows[
        (rows["area_code"] == area)
        & (rows["group"] == group)
        & (rows["relation"] == relation)
        & (rows["evidence"] == evidence)
    ].set_index("metric_id")
    assert len(own) == 3 + 2
    assert own.loc[[MEAN, MEDIAN, P90], "value"].isna().all()
    assert (own.loc[SHARE, "value"] == 0).all()
    assert (own["reached_share"] == 0).all()
    assert set(own["reason"]) == {"no_facility"}


def test_every_area_group_relation_and_evidence_has_its_rows(world_answer: rg.Assessment) -> None:
    rows = world_answer.coverage
    assert not rows.duplicated(KEY).any()
    # Four authorities, two regions, one country; four groups; two relations; two kinds of evidence; three and two figures.
    assert len(rows) == (4 + 2 + 1) * 4 * 2 * 2 * (3 + 2)
    assert rows.groupby("area_type")["area_code"].nunique().to_dict() == {"authority": 4, "region": 2, "country": 1}


def test_one_hundred_and_fifty_two_authorities_keep_their_rows(july_2021: rg.Assessment) -> None:
    rows = july_2021.coverage
    assert not rows.duplicated(KEY).any()
    counts = rows.groupby("area_type")["area_code"].nunique()
    assert counts.to_dict() == {"authority": 152, "region": 9, "country": 1}
    assert len(rows) == (152 + 9 + 1) * 4 * 2 * 2 * (3 + 3)
    unserved = rows[(rows["relation"] == "served") & (rows["reached_share"] == 0)]
    assert (unserved["reason"] == "no_facility").all()
    assert (
        rows.loc[rows["metric_id"] != SHARE, "value"]
        .isna()
        .equals(rows.loc[rows["metric_id"] != SHARE, "reached_share"] == 0)
    )


# --- a brute-force twin on the real data ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def twin_of(july_2021: rg.Assessment, demand: gpd.GeoDataFrame, tables: Path, members_csv: Path) -> Twin:
    """Distances of an authority's demand to every site, by pyproj alone, and who counts by the twin of the gaps."""
    members = twin.read_members(members_csv)
    codes = july_2021.gaps.index
    says = twin.served(tables, july_2021.as_of, codes, members)
    statuses = twin._statuses(tables, july_2021.as_of)
    family = {row["service_id"]: row["family"] for row in twin._rows(tables / "services.csv")}
    sites = july_2021.directory.sites

    def nearest(code: str, group: str, relation: str, evidence: str) -> np.ndarray:
        own = demand[demand["district_code"].isin(members[code])]
        wanted = {"certain": {"operating"}, "possible": {"operating", "unknown"}}[evidence]
        answers = {"certain": {"served"}, "possible": {"served", "part", "unknown"}}[evidence]
        counted = [
            (family[s] == group or group == "any")
            and (statuses[s] in wanted if relation == "reached" else says.get((s, code), ("", "", ""))[2] in answers)
            for s in sites["service_id"]
        ]
        least = np.full(len(own), np.nan)
        for place in sites.geometry[counted]:
            n = len(own)
            metres = GEOD.inv(own["longitude"], own["latitude"], np.full(n, place.x), np.full(n, place.y))[2]
            least = np.fmin(least, metres)
        return least

    return nearest


# A served authority, one that a court merely sits in, a part, one that none serves, an island, a new unitary, London.
SOME = ["E08000012", "E08000031", "E10000016", "E08000016", "E06000046", "E06000061", "E09000007", "E10000006"]


@pytest.mark.parametrize("code", SOME)
@pytest.mark.parametrize("relation", ["reached", "served"])
@pytest.mark.parametrize("evidence", ["certain", "possible"])
def test_distances_agree_with_brute_force_to_a_millimetre(
    code: str, relation: str, evidence: str, july_2021: rg.Assessment, twin_of: Twin
) -> None:
    for group in twin.GROUPS:
        metres = np.sort(twin_of(code, group, relation, evidence))
        where = {"group": group, "relation": relation, "evidence": evidence}
        row = _row(july_2021, code, MEAN, **where)
        n = len(metres)
        if np.isnan(metres).all():
            assert np.isnan(row["value"])
            assert row["reason"] == "no_facility"
            metres = np.full(n, np.inf)
        else:
            assert row["value"] == pytest.approx(metres.mean(), abs=0.001)
            # Equal weights: the smallest cost that half, or nine tenths, of the points do not exceed.
            assert _value(july_2021, code, MEDIAN, **where) == pytest.approx(
                metres[math.ceil(n * 5 / 10) - 1], abs=0.001
            )
            assert _value(july_2021, code, P90, **where) == pytest.approx(metres[math.ceil(n * 9 / 10) - 1], abs=0.001)
        for cutoff in MILES:
            share = _value(july_2021, code, SHARE, cutoff, **where)
            assert share == pytest.approx((metres <= cutoff).mean(), abs=1e-12)


def test_nearest_agrees_with_brute_force_point_by_point(
    july_2021: rg.Assessment, twin_of: Twin, demand: gpd.GeoDataFrame
) -> None:
    near = july_2021.nearest
    kept = (near["group"] == "any") & (near["relation"] == "reached") & (near["evidence"] == "certain")
    metres = near[kept].set_index("demand_id")["distance_m"]
    own = demand.loc[demand["district_code"] == "E06000046", "demand_id"]
    assert np.abs(metres[own].to_numpy() - twin_of("E06000046", "any", "reached", "certain")).max() < 0.001


def test_weight_in_is_weight_out(july_2021: rg.Assessment, demand: gpd.GeoDataFrame) -> None:
    assert july_2021.provenance["counts"]["demand_weight"] == demand["weight"].sum()
    assert july_2021.provenance["counts"]["demand_weight_in_no_authority"] == 0
    # The country's share is the mean of the authorities' shares, each by its number of points.
    size = demand["district_code"].map(_holder(july_2021)).value_counts()
    assert size.sum() == len(demand)
    where = {"group": "any", "relation": "reached", "evidence": "certain"}
    for cutoff in MILES:
        held = sum(_value(july_2021, code, SHARE, cutoff, **where) * n for code, n in size.items())
        assert _value(july_2021, "E92000001", SHARE, cutoff, **where) * size.sum() == pytest.approx(held)


def _holder(answer: rg.Assessment) -> dict[str, str]:
    from rcp_geo.authorities import register

    return register().district_to(answer.gaps.index)


@pytest.mark.parametrize("name", ["july_2021", "november_2022", "world_answer"])
def test_more_services_never_lie_farther(name: str, request: pytest.FixtureRequest) -> None:
    answer: rg.Assessment = request.getfixturevalue(name)
    near = answer.nearest.astype({"group": str, "relation": str, "evidence": str})
    metres = near.set_index(["demand_id", "group", "relation", "evidence"])["distance_m"]
    wide = {key: rows.droplevel([1, 2, 3]).fillna(np.inf) for key, rows in metres.groupby(level=[1, 2, 3])}
    for group in answer.groups:
        for relation in ("reached", "served"):
            assert (wide[group, relation, "possible"] <= wide[group, relation, "certain"]).all()
            assert (wide["any", relation, "certain"] <= wide[group, relation, "certain"]).all()
        for evidence in ("certain", "possible"):
            assert (wide[group, "reached", evidence] <= wide[group, "served", evidence]).all()


def test_shares_grow_with_the_cutoff_and_stay_between_nought_and_one(july_2021: rg.Assessment) -> None:
    shares = july_2021.coverage[july_2021.coverage["metric_id"] == SHARE]
    assert shares["value"].between(0, 1).all()
    wide = shares.pivot_table(index=KEY[:4], columns="cutoff", values="value")
    assert (wide[MILES[0]] <= wide[MILES[1]]).all()
    assert (wide[MILES[1]] <= wide[MILES[2]]).all()
    assert shares["reached_share"].between(0, 1).all()


def test_a_court_that_sits_there_reaches_whom_it_does_not_serve(july_2021: rg.Assessment) -> None:
    where = {"group": "fdac", "evidence": "certain"}
    assert _value(july_2021, "E08000031", MEAN, relation="reached", **where) < 10_000
    assert np.isnan(_value(july_2021, "E08000031", MEAN, relation="served", **where))


# --- coverage() of one's own table ------------------------------------------------------------------------------------


def _naive_quantile(costs: Sequence[float], weights: Sequence[float], q: float) -> float:
    total, so_far = sum(weights), 0.0
    for cost, weight in sorted(zip(costs, weights, strict=True)):
        so_far += weight
        if so_far >= q * total:
            return cost
    raise AssertionError


def _table(
    costs: Sequence[float | None], weights: Sequence[float], areas: Sequence[str], cutoffs: Sequence[float]
) -> pd.DataFrame:
    ids = [f"d{i}" for i in range(len(costs))]
    near = pd.DataFrame({"origin_id": ids, "distance_m": np.array(costs, dtype=float)})
    near["status"] = np.where(near["distance_m"].isna(), "beyond_cutoff", "reached")
    people = pd.DataFrame({"demand_id": ids, "weight": np.array(weights, dtype=float)})
    return rg.coverage(near, people, pd.Series(areas, index=ids), cutoffs=cutoffs)


# Whole numbers, so that sums are exact and the naive definition has no rounding of its own.
_POINTS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 50).map(float)), st.integers(0, 9).map(float), st.sampled_from("xyz")
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(points=_POINTS)
@example(points=[(None, 1.0, "x"), (3.0, 0.0, "x")])
@example(points=[(2.0, 0.0, "x"), (3.0, 1.0, "x"), (3.0, 1.0, "x")])
def test_figures_are_as_defined(points: list[tuple[float | None, float, str]]) -> None:
    costs, weights, areas = zip(*points, strict=True)
    table = _table(costs, weights, areas, [10.0, 20.0]).set_index(["area_code", "metric_id"])
    for area in sorted(set(areas)):
        own = [(c, w) for c, w, a in points if a == area]
        reached = [(c, w) for c, w in own if c is not None]
        everyone, there = sum(w for _, w in own), sum(w for _, w in reached)
        rows = table.loc[area]
        if there:
            assert rows.loc[MEAN, "value"] == pytest.approx(sum(c * w for c, w in reached) / there)
            costs_, weights_ = zip(*reached, strict=True)
            assert rows.loc[MEDIAN, "value"] == _naive_quantile(costs_, weights_, 0.5)
            assert rows.loc[P90, "value"] == _naive_quantile(costs_, weights_, 0.9)
        else:
            assert rows.loc[[MEAN, MEDIAN, P90], "value"].isna().all()
        for cutoff, row in zip([10.0, 20.0], rows.loc[SHARE].itertuples(), strict=True):
            held = sum(w for c, w in reached if c <= cutoff)
            assert row.cutoff == cutoff
            assert (math.isnan(row.value)) if everyone == 0 else row.value == pytest.approx(held / everyone)
        share = rows["reached_share"].iloc[0]
        assert math.isnan(share) if everyone == 0 else share == pytest.approx(there / everyone)


@settings(max_examples=80, deadline=None)
@given(
    points=_POINTS,
    cutoffs=st.lists(st.floats(0, 60), min_size=2, max_size=2).map(sorted),
)
def test_shares_are_monotone_and_conserve_weight(
    points: list[tuple[float | None, float, str]], cutoffs: list[float]
) -> None:
    costs, weights, areas = zip(*points, strict=True)
    assume(cutoffs[0] < cutoffs[1] and sum(weights) > 0)
    table = _table(costs, weights, areas, cutoffs)
    shares = table[table["metric_id"] == SHARE].dropna(subset="value")
    assert shares["value"].between(0, 1).all()
    wide = shares.pivot_table(index="area_code", columns="cutoff", values="value")
    assert (wide[cutoffs[0]] <= wide[cutoffs[1]]).all()
    # Over all areas, people within the cutoff are as many as they are point by point.
    of_area = pd.Series(weights).groupby(list(areas)).sum()
    held = (wide[cutoffs[1]] * of_area.reindex(wide.index)).sum()
    assert held == pytest.approx(sum(w for c, w, _ in points if c is not None and c <= cutoffs[1]))


@settings(max_examples=40, deadline=None)
@given(points=_POINTS, seed=st.integers(0, 1000))
def test_order_of_points_is_irrelevant(points: list[tuple[float | None, float, str]], seed: int) -> None:
    costs, weights, areas = zip(*points, strict=True)
    order = np.random.default_rng(seed).permutation(len(points))
    again = _table(*(np.array(v, dtype=object)[order] for v in (costs, weights, areas)), [10.0])
    pd.testing.assert_frame_equal(again, _table(costs, weights, areas, [10.0]))


def test_the_cutoff_itself_is_included() -> None:
    table = _table([5.0, 5.1], [1, 1], ["x", "x"], [5.0]).set_index("metric_id")
    assert table.loc[SHARE, "value"] == 0.5


def test_the_reason_is_that_of_most_of_the_weight_not_reached() -> None:
    near = pd.DataFrame(
        {
            "origin_id": list("abcd"),
            "duration_s": [60.0, np.nan, np.nan, np.nan],
            "status": ["reached", "unsnapped", "beyond_cutoff", "beyond_cutoff"],
        }
    )
    people = pd.DataFrame({"demand_id": list("abcd"), "weight": [1.0, 5.0, 1.0, 2.0]})
    table = rg.coverage(near, people, pd.Series("x", index=list("abcd")), cutoffs=[60.0], cost="duration_s")
    assert set(table["reason"]) == {"unsnapped"}
    assert set(table.loc[table["metric_id"] == MEAN, "unit"]) == {"s"}
    assert table["reached_share"].iloc[0] == pytest.approx(1 / 9)
    all_reached = _table([1.0], [1.0], ["x"], [2.0])
    assert set(all_reached["reason"]) == {""}


def test_an_area_without_people_says_so() -> None:
    table = _table([1.0, 2.0], [0.0, 1.0], ["empty", "x"], [5.0])
    empty = table[table["area_code"] == "empty"]
    assert empty["value"].isna().all()
    assert set(empty["reason"]) == {"no_demand"}


def test_coverage_of_nearest_is_the_assessment_of_it(world: World, world_answer: rg.Assessment) -> None:
    court = world.sites[world.sites["site_id"] == "court-1"]
    near = rg.nearest(world.demand, court)
    areas = pd.Series([{"a": A, "b": B, "c": C, "d": D}[name[0]] for name in DEMAND], index=list(DEMAND))
    table = rg.coverage(near, world.demand, areas, cutoffs=[4_500.0, 9_000.0])
    rows = world_answer.coverage
    same = rows[
        (rows["area_type"] == "authority")
        & (rows["group"] == "fdac")
        & (rows["relation"] == "reached")
        & (rows["evidence"] == "certain")
    ]
    pd.testing.assert_frame_equal(table, same[table.columns].reset_index(drop=True))


@pytest.mark.parametrize("lost", ["nearest", "areas", "null area"])
def test_no_point_may_vanish(lost: str) -> None:
    near = pd.DataFrame({"origin_id": ["a", "b"], "distance_m": [1.0, 2.0], "status": "reached"})
    people = pd.DataFrame({"demand_id": ["a", "b"], "weight": [1.0, 1.0]})
    areas = pd.Series(["x", "x"], index=["a", "b"])
    if lost == "nearest":
        near = near.head(1)
    else:
        areas = areas.head(1) if lost == "areas" else areas.where(areas.index == "a")
    with pytest.raises(rg.errors.InputError, match=r"1 demand points have no row in nearest or no area.*\(?b?\)?"):
        rg.coverage(near, people, areas, cutoffs=[1.0])


def test_columns_that_are_read_must_be_there() -> None:
    near = pd.DataFrame({"origin_id": ["a"], "distance_m": [1.0], "status": "reached"})
    people = pd.DataFrame({"demand_id": ["a"], "weight": [1.0]})
    areas = pd.Series(["x"], index=["a"])
    with pytest.raises(rg.errors.MissingColumnError, match="nearest: column duration_s"):
        rg.coverage(near, people, areas, cutoffs=[1.0], cost="duration_s")
    with pytest.raises(rg.errors.MissingColumnError, match="demand: column weight"):
        rg.coverage(near, people[["demand_id"]], areas, cutoffs=[1.0])
