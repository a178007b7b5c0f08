"""Where a point lies, by rules stated for every case, and whom a service works for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal, assert_geoseries_equal
from shapely.geometry import LineString, Point, Polygon, box

import rcp_geo as rg
from rcp_geo.boundaries import countries
from rcp_geo.grid import Holders, PolygonGrid, holders_of
from rcp_geo.join import locate_sites
from tests.world import A, B, C, D, World

Find = Callable[[np.ndarray, np.ndarray, np.ndarray], Holders]
BNG, WGS84 = "EPSG:27700", "EPSG:4326"


def _layer(*at: tuple[float, float] | None, crs: str | None = BNG) -> gpd.GeoSeries:
    return gpd.GeoSeries([None if xy is None else Point(xy) for xy in at], crs=crs)


@pytest.mark.parametrize(
    ("at", "code", "position"),
    [
        ((405_000, 405_000), A, "inside"),
        ((405_000, 405_000.001), A, "inside"),
        ((410_000, 405_000), A, "border"),
        ((410_000, 415_000), C, "border"),
        ((405_000, 410_000), A, "border"),
        ((410_000, 410_000), A, "border"),
        ((400_000, 405_000), A, "border"),
        ((420_000, 420_000), D, "border"),
        ((399_999.999, 405_000), None, "outside"),
        ((420_000.001, 405_000), None, "outside"),
        ((300_000, 405_000), None, "outside"),
        (None, None, "no_point"),
    ],
)
def test_one_point(at: tuple[float, float] | None, code: str | None, position: str, world: World) -> None:
    row = rg.locate(_layer(at), world.boundaries()).iloc[0]
    assert row["position"] == position
    assert (None if pd.isna(row["authority_code"]) else row["authority_code"]) == code


def test_a_shared_border_goes_to_the_smallest_code_in_any_order_of_the_polygons(world: World) -> None:
    on_border = _layer((410_000, 405_000), (405_000, 410_000), (415_000, 410_000), (410_000, 410_000))
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]):
        world.squares = world.squares.iloc[order]
        assert rg.locate(on_border, world.boundaries())["authority_code"].tolist() == [A, A, B, A]


def test_names_and_regions_come_with_the_code(world: World) -> None:
    located = rg.locate(_layer((405_000, 415_000), (300_000, 405_000)), world.boundaries())
    columns = ["authority_code", "authority_name", "region_code", "region_name"]
    assert located.columns.tolist() == [*columns, "position"]
    assert located.loc[0, columns].tolist() == [
        C,
        "Kingston upon Hull, City of",
        "E12000003",
        "Yorkshire and The Humber",
    ]
    assert located.loc[1, columns].isna().all()


def test_index_and_order_of_the_points_are_kept(world: World) -> None:
    points = _layer((415_000, 415_000), None, (405_000, 405_000)).set_axis(["z", "a", "z"])
    located = rg.locate(points, world.boundaries())
    assert located.index.tolist() == ["z", "a", "z"]
    assert located["position"].tolist() == ["inside", "no_point", "inside"]
    assert located["authority_code"].iloc[[0, 2]].tolist() == [D, A]


def test_empty_point_keeps_its_row(world: World) -> None:
    located = rg.locate(gpd.GeoSeries([Point(), Point(405_000, 405_000)], crs=BNG), world.boundaries())
    assert located["position"].tolist() == ["no_point", "inside"]


def test_no_points_give_no_rows(world: World) -> None:
    located = rg.locate(_layer(), world.boundaries())
    assert len(located) == 0
    assert "position" in located.columns


@pytest.mark.parametrize("crs", [WGS84, "EPSG:3857", "EPSG:32630", "EPSG:4258"])
def test_points_in_any_stated_system(crs: str, world: World) -> None:
    # Well inside each square, so that the metres between transformations do not matter.
    points = _layer((405_000, 405_000), (415_000, 405_000), (405_000, 415_000), (415_000, 415_000))
    located = rg.locate(points.to_crs(crs), world.boundaries())
    assert located["authority_code"].tolist() == [A, B, C, D]


def test_a_frame_is_located_as_its_points_are(world: World) -> None:
    points = _layer((405_000, 405_000), (300_000, 405_000))
    frame = gpd.GeoDataFrame({"anything": [1, 2]}, geometry=points)
    pd.testing.assert_frame_equal(rg.locate(frame, world.boundaries()), rg.locate(points, world.boundaries()))


def test_inputs_are_not_modified(world: World) -> None:
    points = _layer((405_000, 405_000), None)
    before, boundaries = points.copy(), world.boundaries()
    frame = boundaries.frame.copy()
    rg.locate(points, boundaries)
    assert_geoseries_equal(points, before)
    assert_geodataframe_equal(boundaries.frame, frame)


def test_points_without_a_crs_are_refused(world: World) -> None:
    with pytest.raises(rg.errors.CrsError, match=r"points: the geometry has no CRS.*set_crs.*EPSG:4326"):
        rg.locate(_layer((1, 1), crs=None), world.boundaries())


def test_what_is_not_a_point_is_refused(world: World) -> None:
    shapes = gpd.GeoSeries([Point(405_000, 405_000), LineString([(0, 1), (1, 1)]), box(1, 1, 2, 2)], crs=BNG)
    shapes.index = ["p", "line", "area"]
    with pytest.raises(rg.errors.GeometryError, match=r"2 rows hold no point \(line, area\).*centroids"):
        rg.locate(shapes, world.boundaries())


@pytest.mark.parametrize(("good", "crs"), [((-1.9, 53.5), WGS84), ((405_000, 405_000), BNG)])
def test_null_island_is_refused(good: tuple[float, float], crs: str, world: World) -> None:
    with pytest.raises(rg.errors.GeometryError, match=r"points.geometry: 1 row lies at 0,0.*\(1\).*drop or complete"):
        rg.locate(_layer(good, (0, 0), crs=crs), world.boundaries())


def test_latitude_first_is_refused(world: World) -> None:
    with pytest.raises(rg.errors.GeometryError, match=r"1 row has latitude first \(1\).*longitude, latitude"):
        rg.locate(_layer((-1.9, 53.5), (53.5, -1.9), crs=WGS84), world.boundaries())


@pytest.mark.parametrize("level", ["upper", "lower"])
def test_points_in_wales_and_scotland_are_named_as_such_and_the_sea_is_outside(level: str) -> None:
    known = {
        "in_wales": [(-3.179, 51.485), (-2.673, 51.640), (-4.31, 53.25)],  # Cardiff, Chepstow, Anglesey
        "in_scotland": [(-3.200, 55.949), (-3.066, 55.000), (-1.15, 60.15)],  # Edinburgh, Gretna, Lerwick
        # the Irish Sea, the North Sea, Paris, the middle of the Severn, Belfast, Douglas
        "outside": [(-4.9, 53.8), (1.5, 54.5), (2.35, 48.86), (-2.79, 51.53), (-5.93, 54.60), (-4.48, 54.15)],
        "inside": [(-2.60, 51.45), (-2.005, 55.771), (-2.94, 54.90)],  # Bristol, Berwick, Carlisle
    }
    points = _layer(*(xy for places in known.values() for xy in places), crs=WGS84)
    located = rg.locate(points, rg.load_boundaries("2023-06-01", level))
    assert located["position"].tolist() == [name for name, places in known.items() for _ in places]
    assert located["authority_code"].notna().sum() == 3


def test_countries_have_no_ground_in_england() -> None:
    _, ground = countries()
    england = shapely.coverage_union_all(rg.load_boundaries("2025-06-01").frame.geometry.to_numpy())
    # But for the rounding of corners to a metre, along some 420 km of border.
    assert shapely.area(shapely.intersection(ground, england)).sum() < 5_000
    # Wales has 20,782 sq km to mean high water (Standard Area Measurements, ONS).
    assert shapely.area(ground)[1] / 1e6 == pytest.approx(20_782, rel=0.005)


def test_postcodes_of_each_country_are_in_it() -> None:
    """One place of every postcode area that is wholly in one country."""
    scotland = ["AB10", "DD1", "EH1", "FK8", "G1", "HS1", "IV1", "KA1", "KW15", "KY1", "ML1", "PA1", "PH1", "ZE1"]
    wales = ["CF10", "LD1", "LL11", "NP20", "SA1"]
    located = rg.locate(rg.geocode([*scotland, *wales]), rg.load_boundaries("2023-06-01"))
    assert located["position"].tolist() == ["in_scotland"] * len(scotland) + ["in_wales"] * len(wales)


def test_known_places_lie_in_their_authorities() -> None:
    # Town halls, each well over a kilometre from a border of its authority: longitude, latitude.
    known = {
        "Leeds": (-1.5491, 53.8020),
        "Bristol, City of": (-2.6010, 51.4525),
        "Cornwall": (-5.0527, 50.2632),
        "Norfolk": (1.2930, 52.6286),
        "Cumberland": (-2.9386, 54.8957),
        "Isle of Wight": (-1.2913, 50.6996),
        "Herefordshire, County of": (-2.7140, 52.0560),
    }
    located = rg.locate(_layer(*known.values(), crs=WGS84), rg.load_boundaries("2023-06-01"))
    assert located["authority_name"].tolist() == list(known)


# --- the raster against brute force -----------------------------------------------------------------------------------


def _both(polygons: np.ndarray, x: np.ndarray, y: np.ndarray, cell: float) -> None:
    fast, slow = PolygonGrid(polygons, cell).holders_of(x, y), holders_of(polygons, x, y)
    assert (fast.polygon == slow.polygon).all()
    assert (fast.on_border == slow.on_border).all()


@pytest.fixture(scope="module")
def england() -> np.ndarray:
    polygons: np.ndarray = rg.load_boundaries("2023-06-01").frame.geometry.to_numpy()
    return polygons


def test_raster_agrees_with_brute_force_on_random_points(england: np.ndarray) -> None:
    random = np.random.default_rng(1)
    x, y = random.uniform(60_000, 680_000, 300_000), random.uniform(-20_000, 680_000, 300_000)
    _both(england, x, y, 500.0)


def test_raster_agrees_with_brute_force_on_borders_and_vertices(england: np.ndarray) -> None:
    random = np.random.default_rng(2)
    vertices = random.permutation(shapely.get_coordinates(england))[:60_000]
    middles = (vertices[1:] + vertices[:-1]) / 2
    lines = shapely.boundary(england[:40])
    along = shapely.get_coordinates(
        shapely.line_interpolate_point(lines[:, None], np.linspace(0, 1, 200), normalized=True)
    )
    at = np.vstack([vertices, middles, along, vertices + [0.0005, 0], vertices - [0, 0.0005]])
    _both(england, at[:, 0], at[:, 1], 500.0)
    # Every vertex of a polygon lies on its border.
    found = PolygonGrid(england).holders_of(vertices[:, 0], vertices[:, 1])
    assert (found.polygon >= 0).all()
    assert found.on_border.all()


def test_raster_agrees_with_brute_force_on_its_own_cell_lines() -> None:
    # Polygons whose borders run along cell lines and through cell corners, an island, a hole and a gap.
    hole = Polygon([(0, 0), (40, 0), (40, 40), (0, 40)], [[(10, 10), (20, 10), (20, 20), (10, 20)]])
    island = box(12, 12, 16, 16)
    triangle = Polygon([(40, 0), (80, 40), (40, 40)])
    polygons = np.array([hole, island, triangle, box(100, 0, 130, 30)], dtype=object)
    x, y = (v.ravel().astype(float) for v in np.meshgrid(np.arange(-5, 136), np.arange(-5, 46)))
    for cell in (1.0, 5.0, 10.0, 7.3, 1000.0):
        _both(polygons, x, y, cell)
    random = np.random.default_rng(3)
    for cell in (5.0, 7.3):
        _both(polygons, random.uniform(-20, 150, 20_000), random.uniform(-20, 60, 20_000), cell)


@pytest.mark.parametrize(
    "find", [holders_of, lambda p, x, y: PolygonGrid(p, 3.0).holders_of(x, y)], ids=["all", "raster"]
)
def test_where_polygons_overlap_inside_comes_before_border_and_first_before_second(find: Find) -> None:
    polygons = np.array([box(0, 0, 10, 10), box(5, 0, 15, 10)], dtype=object)
    x, y = np.array([7.0, 10.0, 5.0, 12.0, 7.0, 16.0]), np.array([5.0, 5.0, 5.0, 5.0, 10.0, 5.0])
    found = find(polygons, x, y)
    # In both; on the first's border, in the second; in the first, on the second's border; in the second; on both; in none.
    assert found.polygon.tolist() == [0, 1, 0, 1, 0, -1]
    assert found.on_border.tolist() == [False, False, False, False, True, False]


def test_many_points_are_located_as_few_are(world: World) -> None:
    random = np.random.default_rng(4)
    at = random.integers(3_990, 4_210, (60_000, 2)) * 100.0
    points = gpd.GeoSeries(gpd.points_from_xy(at[:, 0], at[:, 1]), crs=BNG)
    boundaries = world.boundaries()
    many = rg.locate(points, boundaries)
    few = pd.concat([rg.locate(points.iloc[i : i + 20_000], boundaries) for i in range(0, 60_000, 20_000)])
    pd.testing.assert_frame_equal(many, few)
    # By arithmetic alone: inside a square, on a line, or beyond.
    x, y = at.T / 10_000 - 40
    beyond = (x < 0) | (x > 2) | (y < 0) | (y > 2)
    line = np.isin(x, [0, 1, 2]) | np.isin(y, [0, 1, 2])
    assert (many["position"].to_numpy() == np.select([beyond, line], ["outside", "border"], "inside")).all()
    smallest = np.array([[A, B], [C, D]])[
        np.clip(np.ceil(y) - 1, 0, 1).astype(int), np.clip(np.ceil(x) - 1, 0, 1).astype(int)
    ]
    assert (many["authority_code"].to_numpy()[~beyond] == smallest[~beyond]).all()


# --- whom a service works for -----------------------------------------------------------------------------------------


def test_served_of_the_small_world(world: World) -> None:
    rows = rg.served(world.directory(), world.boundaries())
    columns = ["service_id", "authority_code", "status", "extent", "certainty", "answer"]
    assert rows[columns].values.tolist() == [
        ["home", A, "operating", "whole", "stated", "served"],
        ["court", C, "operating", "part", "inferred", "part"],
        ["court", D, "operating", "whole", "stated", "served"],
        ["silent", C, "unknown", "whole", "stated", "unknown"],
        ["planned", D, "in_development", "whole", "stated", "in_development"],
        ["doubtful", B, "operating", "unclear", "unclear", "unknown"],
    ]
    assert rows["demand_share"].tolist()[0] == 1.0
    assert rows["demand_share"].isna().tolist() == [False, True, False, False, False, True]
    assert set(rows["carried_from"]) == {""}


def test_rows_of_served_are_one_per_service_and_authority(world: World) -> None:
    world.footprints = pd.concat([world.footprints, world.footprints.assign(certainty="inferred")])
    rows = rg.served(world.directory(), world.boundaries())
    assert not rows.duplicated(["service_id", "authority_code"]).any()
    # Of two rows that say the same with different certainty, the least certain is shown.
    assert rows.set_index("service_id").loc["home", "certainty"] == "inferred"


def test_cumbria_on_both_sides_of_its_split(directory: rg.Directory, demand: gpd.GeoDataFrame) -> None:
    # Allerdale (60 areas) and Copeland (49) of Cumbria's 321 small areas of 2011.
    sizes = demand.groupby("district_code").size()
    west = int(sizes["E07000026"] + sizes["E07000029"])
    assert west == 60 + 49
    rows = rg.served(directory, rg.load_boundaries("2018-06-01"), "2018-06-01")
    cumbria = rows[rows["service_id"] == "pause-cumbria"]
    assert cumbria[["authority_code", "extent", "answer"]].values.tolist() == [["E10000006", "part", "part"]]
    assert cumbria["demand_share"].item() == pytest.approx(109 / 321)
    # The same footprints on the boundaries of 2023: part of Cumberland, nothing of Westmorland and Furness.
    later = rg.served(directory, rg.load_boundaries("2023-06-01"), "2018-06-01")
    cumberland = later[later["service_id"] == "pause-cumbria"]
    assert cumberland[["authority_code", "extent", "answer"]].values.tolist() == [["E06000063", "part", "part"]]
    carlisle = int(sizes["E07000028"])
    assert cumberland["demand_share"].item() == pytest.approx(109 / (109 + carlisle))
    assert set(cumberland["carried_from"].item().split(";")) == {"E07000026", "E07000029"}


def test_shares_follow_the_weights_of_ones_own_demand(directory: rg.Directory, demand: gpd.GeoDataFrame) -> None:
    own = demand.head(3).copy()
    own["district_code"] = ["E07000026", "E07000029", "E07000027"]
    own["weight"] = [1.0, 2.0, 9.0]
    rows = rg.served(directory, rg.load_boundaries("2018-06-01"), "2018-06-01", demand=own)
    assert rows.set_index("service_id").loc["pause-cumbria", "demand_share"] == pytest.approx(3 / 12)
    with pytest.raises(rg.errors.MissingColumnError, match="district_code"):
        rg.served(directory, rg.load_boundaries("2018-06-01"), "2018-06-01", demand=own.drop(columns="district_code"))


@pytest.mark.parametrize(("day", "county"), [("2018-06-01", "E10000006"), ("2022-11-01", "E10000032")])
def test_a_county_in_force_is_not_of_another_vintage_than_its_districts(
    directory: rg.Directory, day: str, county: str
) -> None:
    lower = rg.load_boundaries(day, level="lower")
    rows = rg.served(directory, lower, day)
    own = rows[rg.recode(rows["authority_code"], to=lower.vintage.valid_from, level="upper") == county]
    assert len(own) > 1
    assert set(own["carried_from"]) == {""}


def test_carried_from_names_codes_of_another_vintage_only(directory: rg.Directory) -> None:
    rows = rg.served(directory, rg.load_boundaries("2023-06-01"), "2023-04-15").set_index(
        ["service_id", "authority_code"]
    )
    north_yorkshire = rows[rows.index.get_level_values(1) == "E06000065"]
    assert (north_yorkshire["carried_from"] == "E10000023").all()
    assert len(north_yorkshire) > 0
    unchanged = rows[rows.index.get_level_values(1) == "E08000035"]
    assert (unchanged["carried_from"] == "").all()


# --- where a service sits is not whom it serves -----------------------------------------------------------------------


@pytest.mark.parametrize(("code", "name"), [("E08000031", "Wolverhampton"), ("E09000018", "Hounslow")])
def test_a_court_sits_in_an_authority_that_none_serves(code: str, name: str, july_2021: rg.Assessment) -> None:
    row = july_2021.gaps.loc[code]
    assert row["authority_name"] == name
    assert row["fdac_located"] == 1
    assert row["fdac_services"] == 0
    assert row["fdac"] == "none_recorded"
    here = july_2021.located[july_2021.located["authority_code"] == code]
    assert len(here) >= 1


def test_sites_of_the_small_world_are_located(world: World) -> None:
    located = locate_sites(world.directory(), world.boundaries())
    assert located["authority_code"].tolist() == [A, B, C, D, A]
    assert set(located["basis"]) == {"point"}
    assert located["site_id"].tolist() == world.sites["site_id"].tolist()


def test_a_site_known_by_authority_alone_is_located_where_its_service_declares(world: World) -> None:
    world.sites["precision"] = ["authority", "authority", "district", "authority", "authority"]
    world.sites["place"] = ["", "east riding of yorkshire", "", "", ""]
    # All points in one place: only what is declared can tell them apart.
    world.sites = world.sites.set_geometry(_layer(*[(405_000, 405_000)] * 5))
    located = locate_sites(world.directory(), world.boundaries()).set_index("site_id")
    assert located.loc["home-1", ["authority_code", "basis"]].tolist() == [A, "declared"]
    # The court serves two: the one named as its place is meant.
    assert located.loc["court-1", ["authority_code", "basis"]].tolist() == [D, "declared"]
    assert located.loc["silent-1", ["authority_code", "basis"]].tolist() == [A, "point"]
    assert located.loc["planned-1", ["authority_name", "region_name", "position"]].tolist() == [
        "East Riding of Yorkshire",
        "Yorkshire and The Humber",
        "inside",
    ]
    # Without a place that names one of them, the court's two authorities leave it to its point.
    world.sites["place"] = ""
    assert locate_sites(world.directory(), world.boundaries()).set_index("site_id").loc["court-1", "basis"] == "point"


# --- against independent data -----------------------------------------------------------------------------------------


def test_small_areas_lie_where_the_official_lookup_says(shared_data: Path, demand: gpd.GeoDataFrame) -> None:
    lookup = pd.read_csv(shared_data / "lookups" / "lsoa11_lsoa21_ltla22.csv").drop_duplicates("lsoa11_code")
    upper = pd.read_csv(shared_data / "lookups" / "ltla21_utla21.csv").set_index("ltla21_code")["utla21_code"]
    expected = lookup.set_index("lsoa11_code")["ltla22_code"].map(upper)
    located = rg.locate(demand, rg.load_boundaries("2022-11-01"))
    official = demand["demand_id"].map(expected)
    agree = located["authority_code"].to_numpy() == official.to_numpy()
    assert official.notna().all()
    assert agree.mean() > 0.998


def test_polygons_place_points_as_the_official_ones_do(shared_data: Path) -> None:
    official = gpd.read_file(shared_data / "boundaries" / "ctyua_may_2023_uk_buc.gpkg")
    code = next(c for c in official.columns if c.upper() == "CTYUA23CD")
    official = official[official[code].str.startswith("E")]
    centres = pd.read_csv(shared_data / "demand" / "lsoa_2011_2021_centres.csv")
    points = gpd.GeoSeries(gpd.points_from_xy(centres["longitude"], centres["latitude"]), crs=WGS84)
    ours = rg.locate(points, rg.load_boundaries("2023-06-01"))["authority_code"]
    theirs = gpd.sjoin(gpd.GeoDataFrame(geometry=points.to_crs(BNG)), official, predicate="within")[code]
    both = pd.concat([ours.rename("ours"), theirs[~theirs.index.duplicated()].rename("theirs")], axis=1).dropna()
    assert len(both) > 0.99 * len(centres)
    # The official file is drawn to 500 m, ours to 200 m: centres close to a border may differ.
    assert (both["ours"] == both["theirs"]).mean() > 0.985


def test_degrees_that_are_said_to_be_metres_are_refused_and_not_put_in_the_sea(world: World) -> None:
    wrong = world.sites.to_crs("EPSG:4326").set_crs("EPSG:27700", allow_override=True)
    for call in (
        lambda: rg.locate(wrong, world.boundaries()),
        lambda: rg.assess(
            world.directory(), world.boundaries(), world.demand.to_crs(4326).set_crs(27700, allow_override=True)
        ),
        lambda: rg.Directory.from_tables(world.services, wrong, world.footprints, world.status),
    ):
        with pytest.raises(
            rg.errors.CrsError, match=r"can only be degrees.*set_crs\('EPSG:4326', allow_override=True\)"
        ):
            call()
