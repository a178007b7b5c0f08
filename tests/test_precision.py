"""Rough places of sites carried into intervals: where a site may be, and what the figures are when it is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import rcp_geo as rg
from rcp_geo.errors import InputError
from rcp_geo.postcodes import postcodes_within
from tests.models import FakeModel
from tests.world import World

MEAN = "rcp.access.mean_nearest@1"
FIGURES = ["value", "low", "median", "high"]


class Planar(FakeModel):
    """Straight lines on the grid by pandas alone, so that the library has to ask it for every draw."""

    def __init__(self) -> None:
        super().__init__({})

    def _table(self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, k: int, cutoff: float | None) -> Any:
        there = destinations.to_crs(27700)
        here = origins.to_crs(27700)
        seconds = {
            (a, b): float(here.geometry.iloc[i].distance(there.geometry.iloc[j]))
            for i, a in enumerate(origins["demand_id"])
            for j, b in enumerate(destinations["site_id"])
        }
        return FakeModel(seconds)._table(origins, destinations, k, cutoff)


def with_sites(world: World, **columns: list[str]) -> World:
    """Say of the five sites of the small world how they are known: home, court, silent, planned, shut."""
    world.sites = world.sites.assign(**columns)
    return world


@pytest.fixture
def rough(world: World) -> World:
    """The small world, of which the site ``home`` is known by its authority alone, and the others exactly."""
    return with_sites(world, precision=["authority", "point", "postcode", "point", "point"])


def by_hand(world: World) -> Iterator[tuple[str, float, rg.Assessment]]:
    """Assess the small world with ``home`` at each of the three demand points of the authority that it serves."""
    for point in ("a1", "a2", "a3"):
        row = world.demand[world.demand["demand_id"] == point].iloc[0]
        sites = world.sites.copy()
        sites.loc[0, "geometry"] = row.geometry
        yield point, row["weight"], replace(world, sites=sites).assess(cutoffs=[4_500.0])


def test_each_draw_is_the_figure_of_a_world_with_the_site_elsewhere(rough: World) -> None:
    worlds = list(by_hand(rough))
    assert [w for _, w, _ in worlds] == [1, 1, 2]
    for relations in ("reached", ["served", "reached"]):
        rows = rough.assess(cutoffs=[4_500.0]).location_interval(draws=400, relations=relations)
        values = np.column_stack([a.coverage["value"].head(len(rows)).to_numpy() for _, _, a in worlds])
        # Sites are at a1 in a quarter of draws, at a2 in a quarter, at a3 in half: nine in ten hold all three.
        assert rows["low"].to_numpy() == pytest.approx(values.min(axis=1), abs=0.01, nan_ok=True)
        assert rows["high"].to_numpy() == pytest.approx(values.max(axis=1), abs=0.01, nan_ok=True)
        assert set(rows["draws"]) == {400}
        moved = rows.groupby(["group", "relation", "evidence"], sort=False)["moved"].first()
        assert moved["pause"].tolist() == moved["any"].tolist() == [1] * (2 if relations == "reached" else 4)
        assert set(moved["fdac"]) == set(moved["local"]) == {0}


def test_demand_points_are_drawn_by_their_weight(rough: World) -> None:
    # Of the mean of A over pause: home at a3 gives the largest of three, in half of the draws.
    worlds = [a for _, _, a in by_hand(rough)]
    where = "area_code == 'E06000001' and group == 'pause' and evidence == 'certain' and metric_id == @MEAN"
    where += " and relation == 'reached'"
    first, second, third = sorted(a.coverage.query(where)["value"].item() for a in worlds)
    heavy = worlds[2].coverage.query(where)["value"].item()
    answer = rough.assess(cutoffs=[4_500.0])
    seen = [answer.location_interval(draws=1, seed=s).query(where)["low"].item() for s in range(120)]
    counts = {v: sum(abs(s - v) < 0.01 for s in seen) for v in (first, second, third)}
    assert sum(counts.values()) == 120
    # Half of 120 by weight, with five standard errors of sqrt(120) / 2 to spare.
    assert abs(counts[heavy] - 60) < 28
    assert abs(sum(counts.values()) - counts[heavy] - 60) < 28


def test_an_interval_has_no_width_where_all_is_exact(world: World) -> None:
    exact = with_sites(world, precision=["point", "postcode", "point", "point", "point"])
    rows = exact.assess().location_interval(relations=["reached", "served"])
    assert (rows[["low", "median", "high"]].T.to_numpy() == rows["value"].to_numpy())[:, rows["value"].notna()].all()
    assert rows.loc[rows["value"].isna(), ["low", "high"]].isna().all(axis=None)
    assert (rows[["moved", "left"]] == 0).all(axis=None)


def test_another_model_is_asked_in_every_draw(rough: World) -> None:
    answer = rough.assess(model=Planar(), cutoffs=[4_500.0])
    straight = rough.assess(cutoffs=[4_500.0]).location_interval(draws=30, relations=["reached", "served"])
    asked = answer.location_interval(draws=30, relations=["reached", "served"])
    costs = asked["unit"] == "s"
    # The grid is 4 parts in 10,000 off the ground here.
    assert asked.loc[costs, FIGURES].to_numpy() == pytest.approx(
        straight.loc[costs, FIGURES].to_numpy(), rel=5e-4, abs=0.01, nan_ok=True
    )
    assert asked.loc[~costs, FIGURES].to_numpy() == pytest.approx(straight.loc[~costs, FIGURES].to_numpy())
    assert (asked["low"] < asked["high"]).any()


def test_a_circuity_lengthens_the_draws_too(rough: World) -> None:
    straight = rough.assess(cutoffs=[1.0]).location_interval(draws=20)
    longer = rough.assess(model=rg.Circuity(1.5, "made up"), cutoffs=[1.0]).location_interval(draws=20)
    costs = straight["unit"] == "m"
    assert longer.loc[costs, FIGURES].to_numpy() == pytest.approx(
        straight.loc[costs, FIGURES].to_numpy() * 1.5, rel=1e-9, nan_ok=True
    )


def test_the_same_seed_gives_the_same_bytes_in_any_order_of_sites(
    november_2022: rg.Assessment, directory: rg.Directory
) -> None:
    rows = november_2022.location_interval(draws=5, seed=3)
    again = rg.assess(replace(directory, sites=directory.sites.iloc[::-1].reset_index(drop=True)))
    pd.testing.assert_frame_equal(again.location_interval(draws=5, seed=3), rows, check_exact=True)
    assert not november_2022.location_interval(draws=5, seed=4)["low"].equals(rows["low"])
    assert (rows["low"] <= rows["median"]).all()
    assert (rows["median"] <= rows["high"]).all()
    labels = ["area_code", "group", "relation", "evidence", "metric_id", "value"]
    stated = november_2022.coverage.query("relation == 'reached'")[labels].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows[labels], stated)


def test_an_exact_site_or_another_group_changes_no_draw(rough: World) -> None:
    rows = rough.assess(cutoffs=[4_500.0]).location_interval(draws=9)
    rough.sites.loc[1, "precision"] = "authority"
    both = rough.assess(cutoffs=[4_500.0]).location_interval(draws=9)
    pause = rows["group"] == "pause"
    pd.testing.assert_frame_equal(both[pause], rows[pause])
    assert not both[~pause].equals(rows[~pause])


def test_each_precision_has_its_rule(world: World) -> None:
    with_sites(
        world,
        precision=["district", "sector", "district", "rooftop", "place"],
        postcode=["", "CB1 1", "CB1 1AA", "", ""],
        postcode_district=["CB1", "", "ZZ9", "CB1", ""],
        place=["", "", "", "", "Whitby"],
    )
    rules = world.assess().location_rules().set_index("service_id")
    assert rules["rule"].to_dict() == {
        "home": "postcodes",
        "court": "postcodes",
        "silent": "left",
        "planned": "left",
        "shut": "left",
    }
    assert rules.loc["home", "places"] == len(postcodes_within("CB1", "district"))
    assert rules.loc["court", "places"] == len(postcodes_within("CB1 1", "sector"))
    assert rules["median_m"].notna().tolist() == [True, True, False, False, False]
    assert (rules["median_m"].dropna() <= rules["p90_m"].dropna()).all()
    # Nothing tells where silent and planned are, and both stay; of these only silent may be operating.
    rows = world.assess().location_interval(draws=2).query("area_type == 'country'")
    assert rows.query("group == 'any' and evidence == 'possible'")[
        ["moved", "left"]
    ].drop_duplicates().values.tolist() == [[2, 1]]
    assert rows.query("group == 'any' and evidence == 'certain'")[
        ["moved", "left"]
    ].drop_duplicates().values.tolist() == [[2, 0]]


def test_sites_without_a_point_a_precision_or_a_footprint_stay(world: World) -> None:
    assert set(world.assess().location_rules()["rule"]) == {"left"}
    with_sites(world, precision=["authority"] * 5)
    world.sites.loc[0, "geometry"] = None
    world.footprints = world.footprints[world.footprints["service_id"] != "court"]
    world.demand.loc[world.demand["demand_id"].str.startswith("c"), "weight"] = 1e-9
    rules = world.assess().location_rules().set_index("service_id")
    assert rules["rule"].to_dict() == dict.fromkeys(["silent", "planned", "shut"], "demand") | {
        "home": "no_point",
        "court": "left",
    }
    assert rules["places"].tolist() == [0, 0, 3, 3, 3]
    world.demand = world.demand[~world.demand["demand_id"].str.startswith("a")].reset_index(drop=True)
    assert world.assess().location_rules().set_index("service_id").loc["shut", "rule"] == "left"


def test_a_place_is_drawn_from_the_districts_of_its_name(demand: gpd.GeoDataFrame, directory: rg.Directory) -> None:
    # Whichever demand is asked of: a district cannot be told from polygons of authorities, so the embedded points stand in.
    sites = directory.sites.copy()
    row = sites.index[sites["service_id"] == "catch22-worcestershire"][0]
    sites.loc[row, ["precision", "place"]] = ["place", "Redditch"]
    points = int((demand["district_code"] == "E07000236").sum())
    for asked in (demand, demand.drop(columns="district_code").head(3)):
        rules = rg.assess(replace(directory, sites=sites), demand=asked).location_rules()
        assert rules.loc[row, ["rule", "places"]].tolist() == ["demand", points]


def test_embedded_sites_move_as_their_points_were_chosen(
    november_2022: rg.Assessment, directory: rg.Directory, demand: gpd.GeoDataFrame
) -> None:
    rules = november_2022.location_rules()
    assert rules["precision"].map({"district": "postcodes", "authority": "demand"}).equals(rules["rule"])
    essex = rules.set_index("service_id").loc["fdac-essex", "places"]
    assert essex == demand["district_code"].isin([f"E070000{n}" for n in range(66, 78)]).sum()


@pytest.mark.parametrize(
    ("text", "kind"), [("CB1", "district"), ("cb1 1", "sector"), ("M2", "district"), ("NPT", "district")]
)
def test_postcodes_of_a_district_are_its_own(text: str, kind: str) -> None:
    rows = postcodes_within(text, kind)
    head = text.upper() if kind == "sector" else text.upper() + " "
    assert len(rows) > 10
    assert rows["postcode"].str.startswith(head).all()
    assert rows["postcode"].is_monotonic_increasing
    assert rows["postcode"].is_unique
    found = rg.geocode(rows["postcode"])
    assert found["easting"].tolist() == rows["easting"].tolist()
    assert found["northing"].tolist() == rows["northing"].tolist()
    assert rg.geocode([text])["matched"].isin(rows["postcode"]).all()


def test_a_list_with_postcode_districts_and_sectors_keeps_them() -> None:
    table = pd.DataFrame(
        {
            "name": ["Ann", "Bea", "Cat"],
            "family": "local",
            "postcode": ["cb1", "CB1 1", "CB2 1TN"],
            "authority": "Cambridgeshire",
        }
    )
    mine = rg.read_directory(table, as_of="2022-11-01")
    rules = rg.assess(mine).location_rules()
    assert rules["precision"].tolist() == ["district", "sector", "postcode"]
    assert rules["rule"].tolist() == ["postcodes", "postcodes", "exact"]
    assert rules["places"].tolist() == [
        len(postcodes_within("CB1", "district")),
        len(postcodes_within("CB1 1", "sector")),
        0,
    ]


@pytest.mark.parametrize(
    ("text", "kind"), [("CB1", "sector"), ("CB1 1AA", "district"), ("QQ1", "district"), ("", "district")]
)
def test_what_is_no_district_has_no_postcodes(text: str, kind: str) -> None:
    rows = postcodes_within(text, kind)
    assert rows.empty
    assert rows.columns.tolist() == ["postcode", "easting", "northing"]


def test_what_cannot_be_asked(rough: World) -> None:
    answer = rough.assess()
    for said, asked in (
        ("draws: 0 draws have no spread", {"draws": 0}),
        ("draws: 2.5 draws have no spread; give a whole number", {"draws": 2.5}),
        ("draws: 'many' draws have no spread", {"draws": "many"}),
        ("seed: -1 is no seed; give a whole number of 0 or more", {"seed": -1}),
        ("seed: None is no seed", {"seed": None}),
        ("level: '90 %' is not a share of the draws", {"level": "90 %"}),
        (r"relations: \[None\] are not among reached, served", {"relations": None}),
        ("level: 90 is not a share of the draws", {"level": 90}),
        (r"relations: \['located'\] are not among reached, served", {"relations": ["located"]}),
        (r"relations: \[\] are not among", {"relations": []}),
    ):
        with pytest.raises(InputError, match=said):
            answer.location_interval(**asked)  # type: ignore[arg-type]
    pairs = [(a, s, 60.0) for a in rough.demand["demand_id"] for s in rough.sites["site_id"]]
    matrix = rg.TravelMatrix(pd.DataFrame(pairs, columns=["origin_id", "destination_id", "cost"]), unit="s")
    with pytest.raises(InputError, match="location_interval: a TravelMatrix holds costs to the places in it alone"):
        rough.assess(model=matrix, cutoffs=[100.0]).location_interval()
