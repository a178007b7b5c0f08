"""The curve of coverage: what it is at every cost, and the area under it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rcp_geo as rg
from rcp_geo._coverage import Areas
from rcp_geo.curves import curve_rows
from rcp_geo.errors import InputError
from tests.world import GROUND, A, B, World

SHARE, AREA = "rcp.access.share_within@1", "rcp.access.curve_area@1"
KEYS = ["area_code", "group", "relation", "evidence"]


def share_at(curve: pd.DataFrame, cost: float, column: str = "distance_m") -> float:
    """Read a curve off: the share from the last step at or below a cost."""
    return float(curve.loc[curve[column] <= cost + 1e-6, "share"].iloc[-1])


def test_the_curve_of_the_worked_world(world_answer: rg.Assessment) -> None:
    # pause, A: 1 of 4 within 3 km, 2 within 4, all within 5. B: 3 km further and more.
    curve = world_answer.curve("pause", by="authority")
    own = curve[curve["area_code"] == A]
    assert own["distance_m"].to_numpy() == pytest.approx([0, 3000 * GROUND, 4000 * GROUND, 5000 * GROUND], rel=1e-4)
    assert own["share"].tolist() == [0, 0.25, 0.5, 1]
    assert curve.columns.tolist() == ["area_code", "area_name", "distance_m", "share"]
    assert curve["area_code"].drop_duplicates().tolist() == world_answer.gaps.index.tolist()


def test_a_curve_ends_at_what_is_reached_and_keeps_its_row_where_nothing_is(world_answer: rg.Assessment) -> None:
    # The court does not serve B, and serves D whole: 6, 8 and 14 km for 1, 1 and 2 of 4.
    curve = world_answer.curve("fdac", relation="served", by="authority")
    assert curve.loc[curve["area_code"] == B, ["distance_m", "share"]].values.tolist() == [[0, 0]]
    england = world_answer.curve("fdac", relation="served")
    assert england["share"].iloc[-1] == 4 / 17
    assert england["area_name"].unique().tolist() == ["England"]


@pytest.mark.parametrize("by", ["authority", "region", "country"])
@pytest.mark.parametrize("relation", ["reached", "served"])
def test_shares_within_cutoffs_are_points_of_the_curve(november_2022: rg.Assessment, by: str, relation: str) -> None:
    rows = november_2022.coverage.query("metric_id == @SHARE and area_type == @by and relation == @relation")
    for (group, evidence), own in rows.groupby(["group", "evidence"], sort=False):
        curve = november_2022.curve(group, relation=relation, evidence=evidence, by=by)  # type: ignore[arg-type]
        assert (curve.groupby("area_code")["share"].diff().dropna() > 0).all()
        assert (curve.groupby("area_code")["distance_m"].diff().dropna() > 0).all()
        ends = curve.groupby("area_code", sort=False)["share"].last()
        stated = own.drop_duplicates("area_code").set_index("area_code")["reached_share"]
        assert ends.to_numpy() == pytest.approx(stated[ends.index].to_numpy())
        steps = dict(list(curve.groupby("area_code")))
        found = [share_at(steps[c], d) for c, d in zip(own["area_code"], own["cutoff"], strict=True)]
        assert found == pytest.approx(own["value"].to_numpy())


def test_a_curve_may_be_cut_short(world_answer: rg.Assessment) -> None:
    whole = world_answer.curve("pause", by="authority")
    short = world_answer.curve("pause", by="authority", upto=5_000)
    pd.testing.assert_frame_equal(short, whole[whole["distance_m"] <= 5_000].reset_index(drop=True))


def test_the_area_of_the_worked_world(world_answer: rg.Assessment) -> None:
    # pause, A, up to 4.5 km of grid: 1 - (3 x 1 + 4 x 1 + 4.5 x 2) / (4.5 x 4) = 1 - 16 / 18.
    rows = world_answer.curve_area(4_500 * GROUND)
    own = rows.query("area_code == @A and group == 'pause' and relation == 'reached' and evidence == 'certain'")
    assert own["value"].item() == pytest.approx(2 / 18, abs=1e-4)
    assert (rows["metric_id"] == AREA).all()
    assert rows[KEYS].values.tolist() == world_answer.coverage.drop_duplicates(KEYS)[KEYS].values.tolist()
    none = rows.query("area_code == @B and group == 'fdac' and relation == 'served' and evidence == 'certain'")
    assert none[["value", "reached_share", "reason"]].values.tolist() == [[0, 0, "no_facility"]]


def test_the_area_is_the_integral_of_the_curve(world_answer: rg.Assessment) -> None:
    default = world_answer.curve_area()
    assert (default["cutoff"] == 9_000).all()
    grid = (np.arange(90_000) + 0.5) * 0.1
    for relation in ("reached", "served"):
        curve = world_answer.curve("any", relation=relation, by="authority")  # type: ignore[arg-type]
        for _, own in curve.groupby("area_code"):
            at = np.searchsorted(own["distance_m"].to_numpy(), grid, side="right") - 1
            row = default.query("area_code == @own.area_code.iloc[0] and group == 'any' and relation == @relation")
            assert row["value"].iloc[0] == pytest.approx(own["share"].to_numpy()[at].mean(), abs=1e-4)


def test_the_area_grows_with_the_limit(world_answer: rg.Assessment) -> None:
    values = [world_answer.curve_area(d)["value"].to_numpy() for d in (1, 3_500, 9_000, 1e5, 1e9)]
    for less, more in pairwise(values):
        assert (more >= less).all()
    reached = world_answer.curve_area(1e12)
    assert reached["value"].to_numpy() == pytest.approx(reached["reached_share"].to_numpy(), abs=1e-6)


def test_an_area_without_demand_has_its_rows(world: World) -> None:
    world.demand = world.demand[~world.demand["demand_id"].str.startswith("a")].reset_index(drop=True)
    answer = world.assess(cutoffs=[9_000.0])
    row = answer.curve(by="authority").query("area_code == @A")
    assert row["distance_m"].tolist() == [0]
    assert row["share"].isna().all()
    area = answer.curve_area().query("area_code == @A")
    assert area["value"].isna().all()
    assert set(area["reason"]) == {"no_demand"}


def test_what_cannot_be_asked(world: World, world_answer: rg.Assessment) -> None:
    for said, asked in (
        ("group: 'fda' is not one of pause, fdac, local, any", {"group": "fda"}),
        ("relation: 'located' is not one of reached, served", {"relation": "located"}),
        ("evidence: 'sure' is not one of certain, possible", {"evidence": "sure"}),
        ("by: 'district' is not one of authority, region, country", {"by": "district"}),
        ("upto: 0 is no cost up to which to look", {"upto": 0}),
        ("upto: inf is no cost", {"upto": float("inf")}),
        ("upto: 'far' is no cost", {"upto": "far"}),
        (r"by: \['region'\] is not one of authority", {"by": ["region"]}),
    ):
        with pytest.raises(InputError, match=said):
            world_answer.curve(**asked)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="upto: the assessment has no cutoff to take in its place"):
        replace(world_answer, cutoffs=()).curve_area()


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(-1, 2), st.integers(1, 5), st.one_of(st.none(), st.integers(0, 6))),
        min_size=0,
        max_size=25,
    )
)
def test_a_curve_equals_counting_one_by_one(points: list[tuple[int, int, int | None]]) -> None:
    areas = Areas("authority", ["x", "y", "z"], ["X", "Y", "Z"], np.array([p[0] for p in points], dtype=np.intp))
    cost = np.array([np.nan if p[2] is None else p[2] for p in points], dtype=float)
    curve = curve_rows(areas, np.array([p[1] for p in points], dtype=float), cost, "s")
    assert curve["area_code"].drop_duplicates().tolist() == ["x", "y", "z"]
    for position, code in enumerate(areas.codes):
        own, here = curve[curve["area_code"] == code], [p for p in points if p[0] == position]
        if not here:
            assert own["share"].isna().all()
            continue
        for limit in range(7):
            count = sum(p[1] for p in here if p[2] is not None and p[2] <= limit)
            assert share_at(own, limit, "duration_s") == pytest.approx(count / sum(p[1] for p in here))
