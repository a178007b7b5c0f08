"""Demand: the embedded points are the small areas of 2011, and points of one's own are checked."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Geod
from shapely.geometry import LineString, Point

import rcp_geo as rg
from rcp_geo.authorities import register
from rcp_geo.crs import bng_to_wgs84
from rcp_geo.demand import require_demand
from tests.world import World


def test_one_point_per_small_area_of_2011(demand: gpd.GeoDataFrame) -> None:
    assert len(demand) == 32_844
    assert demand["demand_id"].is_unique
    assert demand["demand_id"].is_monotonic_increasing
    assert demand["demand_id"].str.fullmatch(r"E01\d{6}").all()
    assert demand["weight"].sum() == 32_844
    assert demand.crs == "EPSG:4326"
    assert (demand.geom_type == "Point").all()


def test_both_systems_name_the_same_place(demand: gpd.GeoDataFrame) -> None:
    assert (demand.geometry.x == demand["longitude"]).all()
    assert (demand.geometry.y == demand["latitude"]).all()
    longitude, latitude = bng_to_wgs84(demand["easting"], demand["northing"])
    metres = Geod(ellps="WGS84").inv(longitude, latitude, demand["longitude"], demand["latitude"])[2]
    # Degrees are kept to seven decimals, metres to whole ones or better.
    assert np.max(metres) < 1


def test_districts_are_the_326_of_2011(demand: gpd.GeoDataFrame) -> None:
    assert set(demand["district_code"]) == set(register().in_force("2011-12-31", "lower")["authority_code"])


def test_a_copy_is_free_to_change() -> None:
    mine = rg.load_demand()
    mine["weight"] = 0.0
    mine.loc[0, "geometry"] = Point(0, 0)
    fresh = rg.load_demand()
    assert (fresh["weight"] == 1).all()
    assert fresh.geometry.iloc[0] != Point(0, 0)


def test_areas_are_those_of_the_official_estimates(shared_data: Path, demand: gpd.GeoDataFrame) -> None:
    official = pd.read_csv(shared_data / "demand" / "lsoa11_population_mid2020.csv")
    assert set(demand["demand_id"]) == set(official["lsoa11_code"])
    # The figures that the docstring gives of the proxy's error.
    people = official["population"]
    assert people.median() == pytest.approx(1623, abs=1)
    assert people.quantile(0.01) == pytest.approx(1099, abs=2)
    assert people.quantile(0.99) == pytest.approx(3437, abs=2)
    assert people.std() / people.mean() == pytest.approx(0.27, abs=0.005)


def test_points_lie_near_the_official_centres(shared_data: Path, demand: gpd.GeoDataFrame) -> None:
    centres = pd.read_csv(shared_data / "demand" / "lsoa_2011_2021_centres.csv").set_index("LSOACD")
    centres = centres.reindex(demand["demand_id"]).dropna()
    ours = demand.set_index("demand_id").loc[centres.index]
    metres = Geod(ellps="WGS84").inv(ours["longitude"], ours["latitude"], centres["longitude"], centres["latitude"])[2]
    assert len(centres) > 30_000
    # Theirs are geometric centres, ours the mean of the postcodes: apart in large rural areas, close in towns.
    assert np.median(metres) < 150
    assert np.quantile(metres, 0.99) < 3_000


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_weights_that_are_none_are_named(weight: float, world: World) -> None:
    world.demand.loc[[1, 4], "weight"] = weight
    with pytest.raises(
        rg.errors.InputError, match=r"demand.weight: 2 rows .*\(a2, b2\); give each a weight of 0 or more"
    ):
        world.assess()


def test_weights_that_are_all_nought(world: World) -> None:
    world.demand["weight"] = 0.0
    with pytest.raises(rg.errors.InputError, match=r"demand\.weight: all weights are 0"):
        world.assess()


@pytest.mark.parametrize("wrong", [None, Point(), LineString([(400_000, 400_000), (400_001, 400_000)])])
def test_places_that_are_no_points_are_named(wrong: object, world: World) -> None:
    world.demand.loc[2, "geometry"] = wrong
    with pytest.raises(
        rg.errors.GeometryError, match=r"demand.geometry: 1 row holds no point \(a3\); give each one point"
    ):
        world.assess()


def test_tables_that_cannot_be_demand(world: World) -> None:
    demand = world.demand
    with pytest.raises(rg.errors.MissingColumnError, match="demand: column weight is missing"):
        require_demand(demand.drop(columns="weight"))
    with pytest.raises(rg.errors.InputError, match="demand: the table is empty"):
        require_demand(demand.iloc[:0])
    with pytest.raises(rg.errors.DuplicateIdError, match=r"demand.demand_id: .*\(a1\)"):
        require_demand(pd.concat([demand, demand.head(1)]))
    with pytest.raises(rg.errors.CrsError, match="demand: the geometry has no CRS"):
        require_demand(demand.set_crs(None, allow_override=True))


def test_a_weight_of_nought_is_a_weight(world: World) -> None:
    world.demand.loc[0, "weight"] = 0.0
    require_demand(world.demand)


def test_districts_of_another_date_are_refused(world: World) -> None:
    """North Northamptonshire is a district of 2021; no code of that date can be put beside one of 2011 unsaid."""
    world.demand["district_code"] = ["E06000061", "E07000150", "W06000001"] * 4
    with pytest.raises(
        rg.errors.VintageError,
        match=r"demand.district_code: 1 code is of no district of 2011-12-31 \(E06000061\);.*leave the column out",
    ):
        world.assess()
    with pytest.raises(rg.errors.VintageError, match="demand.district_code"):
        rg.served(world.directory(), world.boundaries(), demand=world.demand)
