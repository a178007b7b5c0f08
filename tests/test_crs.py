"""The one way between the National Grid and WGS 84."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from geopandas.testing import assert_geoseries_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from shapely.geometry import Point, Polygon

from rcp_geo.crs import BNG, WGS84, bng_to_wgs84, foreign, require_crs, require_native, to_bng, to_wgs84, wgs84_to_bng
from rcp_geo.errors import CrsError

GEOD = Geod(ellps="WGS84")
CHOSEN = Transformer.from_crs(BNG, WGS84, always_xy=True)
EASTING, NORTHING = st.floats(80_000, 656_000), st.floats(5_000, 658_000)


@settings(max_examples=300)
@given(easting=EASTING, northing=NORTHING)
def test_there_and_back_to_two_millimetres(easting: float, northing: float) -> None:
    # Heights are set aside on the way, so the two directions are not exact inverses.
    back = wgs84_to_bng(*bng_to_wgs84(easting, northing))
    assert np.hypot(float(back[0]) - easting, float(back[1]) - northing) < 0.002


@settings(max_examples=300)
@given(easting=EASTING, northing=NORTHING)
def test_within_five_metres_of_the_operation_that_pyproj_would_choose(easting: float, northing: float) -> None:
    longitude, latitude = bng_to_wgs84(easting, northing)
    chosen = CHOSEN.transform(easting, northing)
    assert GEOD.inv(float(longitude), float(latitude), *chosen)[2] < 5


def test_a_point_that_the_ordnance_survey_publishes() -> None:
    # "A guide to coordinate systems in Great Britain" (Ordnance Survey), annexe C: Caister water tower on OSGB36, 651409.903 m
    # E, 313177.270 m N by OSTN02; by WGS 84 52°39'28.723" N 1°42'57.787" E. The seven parameters are good to some metres.
    longitude, latitude = bng_to_wgs84(651_409.903, 313_177.270)
    known = 1 + 42 / 60 + 57.787 / 3600, 52 + 39 / 60 + 28.723 / 3600
    assert GEOD.inv(float(longitude), float(latitude), *known)[2] < 5


def test_longitude_comes_first() -> None:
    longitude, latitude = bng_to_wgs84([530_000, 400_000], [180_000, 400_000])
    assert ((longitude > -9) & (longitude < 2)).all()
    assert ((latitude > 49) & (latitude < 61)).all()


def test_missing_coordinates_pass_through_and_touch_no_others() -> None:
    longitude, latitude = bng_to_wgs84([530_000, np.nan, np.inf], [180_000, 180_000, 180_000])
    assert np.isnan(longitude).tolist() == np.isnan(latitude).tolist() == [False, True, True]
    assert np.isnan(wgs84_to_bng([np.nan, 0.0], [52.0, np.nan])).all()


def test_shape_is_kept() -> None:
    longitude, _ = bng_to_wgs84(np.full((2, 3), 530_000.0), np.full((2, 3), 180_000.0))
    assert longitude.shape == (2, 3)
    assert np.shape(bng_to_wgs84(530_000.0, 180_000.0)[0]) == ()


def test_frames_keep_index_nulls_and_holes() -> None:
    hole = [(400_500, 400_200), (400_700, 400_200), (400_700, 400_400)]
    ring = Polygon([(400_000, 400_000), (401_000, 400_000), (401_000, 401_000)], [hole])
    frame = gpd.GeoDataFrame(geometry=[Point(400_000, 400_000), None, ring], crs=BNG, index=["p", "none", "ring"])
    moved = to_wgs84(frame, "table")
    assert moved.index.tolist() == ["p", "none", "ring"]
    assert moved.crs == WGS84
    assert moved.iloc[1] is None
    assert len(moved.iloc[2].interiors) == 1
    longitude, latitude = bng_to_wgs84(400_000, 400_000)
    assert (moved.iloc[0].x, moved.iloc[0].y) == (float(longitude), float(latitude))
    back = to_bng(moved, "table")
    assert back.crs == BNG
    assert back.isna().tolist() == [False, True, False]
    assert back.distance(frame.geometry).drop("none").max() < 0.002
    assert frame.crs == BNG


def test_nothing_moves_where_it_is_already() -> None:
    grid = gpd.GeoSeries([Point(1.25, 2.5)], crs=BNG)
    assert_geoseries_equal(to_bng(grid, "table"), grid)
    degrees = grid.set_crs(WGS84, allow_override=True)
    assert_geoseries_equal(to_wgs84(degrees, "table"), degrees)


def test_a_third_system_goes_by_way_of_wgs84() -> None:
    web = gpd.GeoSeries([Point(-2.0, 53.5)], crs=WGS84).to_crs("EPSG:3857")
    degrees, grid = to_wgs84(web, "table"), to_bng(web, "table")
    assert degrees.iloc[0].x == pytest.approx(-2.0, abs=1e-9)
    expected = wgs84_to_bng(-2.0, 53.5)
    assert (grid.iloc[0].x, grid.iloc[0].y) == pytest.approx((float(expected[0]), float(expected[1])), abs=0.001)
    assert grid.crs == BNG


@pytest.mark.parametrize("call", [require_crs, to_bng, to_wgs84])
def test_numbers_without_a_system_are_refused(call) -> None:  # noqa: ANN001
    with pytest.raises(CrsError, match=r"my table: the geometry has no CRS.*set_crs \(EPSG:4326 .* EPSG:27700"):
        call(gpd.GeoSeries([Point(1, 2)]), "my table")


DEGREES, METRES = Point(-1.5, 53.8), Point(430_000, 433_000)


@pytest.mark.parametrize(
    ("point", "crs", "wrong"),
    [
        (DEGREES, WGS84, False),
        (METRES, BNG, False),
        (DEGREES, BNG, True),
        (DEGREES, "EPSG:3857", True),
        (DEGREES, "EPSG:32630", True),
        (METRES, WGS84, True),
        (METRES, "EPSG:4277", True),
        (Point(358.5, 53.8), WGS84, False),  # degrees that are counted eastwards
        (Point(-1.5, 91), WGS84, True),
        (Point(0, 6_711_542), "EPSG:3857", False),  # Greenwich
        (Point(180, 180), BNG, True),
        (Point(181, 5), BNG, False),
        (Point(0, 0), BNG, False),
        (Point(), BNG, False),
        (None, BNG, False),
        (Polygon([(0, 0), (1, 0), (1, 1)]), BNG, False),
        (Point(530, 180), "+proj=tmerc +lat_0=49 +lon_0=-2 +ellps=airy +units=km", False),
    ],
)
def test_degrees_and_metres_are_told_apart_from_what_the_system_says(
    point: Point | None, crs: str, wrong: bool
) -> None:
    frame = gpd.GeoSeries([METRES, point], crs=crs, index=["good", "other"]).iloc[1:]
    assert foreign(frame.crs, frame.to_numpy()).tolist() == [wrong]
    if not wrong:
        require_native(frame, "table")
        return
    held, said = ("metres", "degrees") if frame.crs.is_geographic else ("degrees", "metres")
    with pytest.raises(CrsError) as raised:
        require_native(frame, "table")
    assert str(raised.value).startswith(
        f"table.geometry: 1 row holds what can only be {held}, but the CRS says that they are {said} (other); state"
    )
