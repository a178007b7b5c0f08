"""How far answers hang on the cutoff and the circuity: turning cutoffs and flips, held against asking again."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString

import rcp_geo as rg
from rcp_geo.errors import InputError
from tests.world import GROUND, A, B, C, D, World

SHARE = "rcp.access.share_within@1"
CUTOFF, CIRCUITY = "rcp.robust.flip_cutoff@1", "rcp.robust.flip_circuity@1"
KEYS = ["area_code", "group", "relation", "evidence"]


def one(rows: pd.DataFrame, code: str, group: str = "any", relation: str = "reached") -> pd.Series:
    """The row of an authority, by what is certain."""
    return rows.query(
        "area_code == @code and group == @group and relation == @relation and evidence == 'certain'"
    ).iloc[0]


def answers(answer: rg.Assessment, share: float) -> pd.Series:
    """The answers of an assessment that has one cutoff, from its shares within it."""
    rows = answer.coverage.query("metric_id == @SHARE and area_type == 'authority'").set_index(KEYS)["value"]
    return (rows > 0) if share == 0 else (rows >= share - 1e-12)


def test_turning_cutoffs_of_the_worked_world(world_answer: rg.Assessment) -> None:
    # B, any: 3 km for 1, 4 km for 3 and 5 km for 1 of 5. A quarter lies within 4 km, any at all within 3, all within 5.
    for share, km in ((0.25, 4), (0.5, 4), (0.8, 4), (0.81, 5), (1, 5), (0, 3), (0.2, 3)):
        row = one(world_answer.turning_cutoffs(share=share), B)
        assert row["value"] == pytest.approx(km * 1000 * GROUND, rel=1e-4)
        assert row["margin"] == pytest.approx(9_000 - km * 1000 * GROUND, abs=1)
        assert row[["answer", "reason", "unit", "share", "cutoff"]].tolist() == ["within", "", "m", share, 9_000]
    rows = world_answer.turning_cutoffs(cutoff=3_500)
    assert one(rows, B)["answer"] == "beyond"
    assert one(rows, B)["margin"] < 0
    assert len(rows) == 4 * 4 * 2 * 2
    assert set(rows["metric_id"]) == {"rcp.robust.turning_cutoff@1"}


def test_an_answer_that_never_turns_has_no_cutoff(world_answer: rg.Assessment) -> None:
    row = one(world_answer.turning_cutoffs(), B, "fdac", "served")
    assert np.isnan(row["value"])
    assert np.isnan(row["margin"])
    assert row[["answer", "reason"]].tolist() == ["beyond", "no_facility"]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.5, 1.0])
def test_a_turning_cutoff_is_where_the_curve_crosses(november_2022: rg.Assessment, share: float) -> None:
    rows = november_2022.turning_cutoffs(share=share).query("group == 'any' and relation == 'served'")
    for evidence in ("certain", "possible"):
        curve = november_2022.curve(relation="served", evidence=evidence, by="authority")  # type: ignore[arg-type]
        own = rows[rows["evidence"] == evidence].set_index("area_code")["value"]
        enough = curve[(curve["share"] > 0) if share == 0 else (curve["share"] >= share - 1e-12)]
        pd.testing.assert_series_equal(
            own, enough.groupby("area_code")["distance_m"].first().reindex(own.index), check_names=False
        )


def test_flips_of_the_worked_world(world_answer: rg.Assessment) -> None:
    # any at 4.2 km: half of A within 4 km of grid (4.0016 on the ground), of B too; 10 % less is 3.78 km, and both are lost.
    rows = world_answer.flips(cutoff=4_200).query("group == 'any' and relation == 'reached' and evidence == 'certain'")
    assert rows[["area_code", "before", "after", "weight"]].values.tolist() == [
        [A, "within", "beyond", 4],
        [B, "within", "beyond", 5],
    ]
    assert rows["moved_to"].tolist() == pytest.approx([3_780, 3_780])
    told = world_answer.robustness(cutoff=4_200).query(
        "group == 'any' and relation == 'reached' and evidence == 'certain' and metric_id == @CUTOFF"
    )
    assert told[["value", "authorities", "become_within", "become_beyond"]].values.tolist() == [[0.5, 4, 0, 2]]
    assert told["weight_share"].item() == pytest.approx(9 / 17)
    assert told[["low", "high"]].values.tolist() == [pytest.approx([3_780, 4_620])]
    gained = world_answer.flips(cutoff=3_700).query(
        "group == 'any' and relation == 'reached' and evidence == 'certain'"
    )
    assert gained[["area_code", "after"]].values.tolist() == [[A, "within"], [B, "within"]]


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_flips_are_those_of_asking_again_with_the_moved_cutoff(share: float) -> None:
    limit = 30_000.0
    here, *moved = (rg.assess(cutoffs=[limit * r]) for r in (1.0, 0.9, 1.1))
    flips = here.flips(share=share)
    for answer in moved:
        changed = answers(here, share) != answers(answer, share)
        listed = flips[np.isclose(flips["moved_to"], answer.cutoffs[0])]
        assert set(map(tuple, listed[KEYS].to_numpy())) == set(changed.index[changed])
        assert (listed["after"] == np.where(answer.cutoffs[0] > limit, "within", "beyond")).all()
    assert len(flips) > 10
    told = here.robustness(share=share).query("metric_id == @CUTOFF")
    assert (told["value"] * told["authorities"]).sum() == pytest.approx(len(flips))
    assert (told["become_within"] + told["become_beyond"]).sum() == len(flips)


def test_flips_of_the_circuity_are_those_of_asking_again_with_the_moved_factor() -> None:
    here, *moved = (rg.assess(model=rg.Circuity(f, "made up"), cutoffs=[30_000.0]) for f in (1.3, 1.2, 1.4))
    flips = here.flips(circuity_error=0.1).query("metric_id == @CIRCUITY")
    for answer, factor in zip(moved, (1.2, 1.4), strict=True):
        changed = answers(here, 0.5) != answers(answer, 0.5)
        listed = flips[np.isclose(flips["moved_to"], factor)]
        assert set(map(tuple, listed[KEYS].to_numpy())) == set(changed.index[changed])
    assert len(flips) > 5
    told = here.robustness(circuity_error=0.1).query("metric_id == @CIRCUITY")
    assert (told["value"] * told["authorities"]).sum() == pytest.approx(len(flips))
    assert told[["low", "high"]].drop_duplicates().values.tolist() == [pytest.approx([1.2, 1.4])]


def test_a_calibrated_circuity_brings_its_error_and_no_factor_falls_below_one(world: World) -> None:
    road = LineString([(400_000, 400_000), (405_000, 405_000), (415_000, 405_000), (418_000, 401_000)])
    network = rg.RoadNetwork.from_lines(gpd.GeoDataFrame(geometry=[road], crs="EPSG:27700"))
    model = rg.Circuity.calibrate(network, world.demand, world.sites)
    assert model.calibration is not None
    error = model.calibration.table["standard_error"].iloc[0]
    told = world.assess(model=model, cutoffs=[4_500.0]).robustness().query("metric_id == @CIRCUITY")
    assert told["low"].iloc[0] == pytest.approx(max(1, model.factor - error))
    assert told["high"].iloc[0] == pytest.approx(model.factor + error)
    assert told["value"].notna().all()
    wide = world.assess(model=rg.Circuity(1.1, "made up"), cutoffs=[4_500.0]).robustness(circuity_error=0.5)
    assert wide["low"].min() == 1


def test_without_an_error_the_share_is_missing_and_says_why(world: World, world_answer: rg.Assessment) -> None:
    single = rg.Circuity.calibrate(rg.Geodesic(), world.demand.head(1), world.sites.head(1))
    matrix = rg.TravelMatrix(
        pd.DataFrame(
            [(a, s, 60.0) for a in world.demand["demand_id"] for s in world.sites["site_id"]],
            columns=["origin_id", "destination_id", "cost"],
        ),
        unit="s",
    )
    for model, why in (
        (rg.Geodesic(), "straight_lines"),
        (rg.Circuity(1.3, "made up"), "no_error_stated"),
        (single, "no_error_stated"),
        (matrix, "no_circuity_factor"),
    ):
        answer = world.assess(model=model, cutoffs=[100.0])
        told = answer.robustness().query("metric_id == @CIRCUITY")
        assert told[["value", "weight_share", "low", "high"]].isna().all(axis=None)
        assert set(told["reason"]) == {why}
        assert set(answer.flips()["metric_id"]) <= {CUTOFF}
    with pytest.raises(InputError, match="circuity_error: the model is geodesic, which has no circuity factor"):
        world_answer.robustness(circuity_error=0.1)


def test_authorities_without_demand_have_no_answer_and_are_not_counted(world: World) -> None:
    world.demand = world.demand[world.demand["demand_id"].str.match("[bc]")].reset_index(drop=True)
    answer = world.assess(cutoffs=[4_200.0])
    assert one(answer.turning_cutoffs(), A)[["answer", "reason"]].tolist() == ["no_demand", "no_demand"]
    assert not set(answer.flips()["area_code"]) & {A, D}
    told = answer.robustness()
    assert set(told["authorities"]) == {2}
    assert one(answer.turning_cutoffs(), C)["answer"] == "beyond"
    world.demand = world.demand.assign(geometry=world.demand.translate(100_000, 0))
    nowhere = world.assess(cutoffs=[4_200.0]).robustness()
    assert nowhere["value"].isna().all()
    assert set(nowhere["reason"]) == {"no_demand"}


def test_what_cannot_be_asked(world_answer: rg.Assessment) -> None:
    for said, asked in (
        ("cutoff: -1 is not a distance or a duration", {"cutoff": -1}),
        ("cutoff: nan is not", {"cutoff": float("nan")}),
        ("share: 50 is not a share of demand", {"share": 50}),
        ("change: 10 is not a share of the cutoff", {"change": 10}),
        ("cutoff: 'far' is not a distance or a duration", {"cutoff": "far"}),
        ("share: None is not a share of demand", {"share": None}),
        ("change: '10 %' is not a share of the cutoff", {"change": "10 %"}),
    ):
        with pytest.raises(InputError, match=said):
            world_answer.flips(**asked)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="cutoff: the assessment has none to take in its place"):
        replace(world_answer, cutoffs=()).turning_cutoffs()
    other = replace(world_answer, model=rg.Circuity(1.3, "made up"))
    with pytest.raises(InputError, match="circuity_error: -0.1 is not an error"):
        other.flips(circuity_error=-0.1)
    with pytest.raises(InputError, match="circuity_error: 'some' is not an error"):
        other.flips(circuity_error="some")  # type: ignore[arg-type]
