"""The two coordinate systems that rcp_geo works in, and the one way between them.

Planar work is done on the British National Grid (EPSG:27700, metres); distances are taken on the WGS 84 ellipsoid
(EPSG:4326, degrees). No other module reprojects.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.enums import TransformDirection

from rcp_geo.errors import CrsError
from rcp_geo.schema import counted, first_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BNG",
    "WGS84",
    "bng_to_wgs84",
    "foreign",
    "require_crs",
    "require_native",
    "to_bng",
    "to_wgs84",
    "wgs84_to_bng",
]

BNG = "EPSG:27700"
WGS84 = "EPSG:4326"

# EPSG operation 1314, "OSGB36 to WGS 84 (6)": a seven-parameter shift that is good to about 2 m over Great Britain and,
# unlike OSTN15, needs no grid file. Spelt out, so that every machine runs the same operation whatever grids it has.
_BNG_TO_WGS84 = (
    "+proj=pipeline "
    "+step +inv +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy "
    "+step +proj=push +v_3 "
    "+step +proj=cart +ellps=airy "
    "+step +proj=helmert +x=446.448 +y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 +rz=0.842 +s=-20.489 "
    "+convention=position_vector "
    "+step +inv +proj=cart +ellps=WGS84 "
    "+step +proj=pop +v_3 "
    "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
)


@cache
def _crs(name: str) -> CRS:
    return CRS.from_user_input(name)


@cache
def _pipeline() -> Transformer:
    return Transformer.from_pipeline(_BNG_TO_WGS84)


def bng_to_wgs84(easting: ArrayLike, northing: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn National Grid metres into WGS 84 degrees.

    Parameters
    ----------
    easting, northing
        EPSG:27700 coordinates in metres; any shape, NaN passes through.

    Returns
    -------
    tuple of numpy.ndarray
        Longitude and latitude in degrees, in that order.

    References
    ----------
    EPSG Geodetic Parameter Dataset, operation 1314 (accuracy 2 m).

    Examples
    --------
    >>> longitude, latitude = bng_to_wgs84([530000], [180000])
    >>> [round(float(v[0]), 3) for v in (longitude, latitude)]
    [-0.128, 51.504]
    """
    return _transform(easting, northing, TransformDirection.FORWARD)


def wgs84_to_bng(longitude: ArrayLike, latitude: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn WGS 84 degrees into National Grid metres: the inverse of :func:`bng_to_wgs84`.

    Examples
    --------
    >>> easting, northing = wgs84_to_bng(*bng_to_wgs84([530000], [180000]))
    >>> [round(float(v[0])) for v in (easting, northing)]
    [530000, 180000]
    """
    return _transform(longitude, latitude, TransformDirection.INVERSE)


def _transform(
    x: ArrayLike, y: ArrayLike, direction: TransformDirection
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if xs.size == 1:
        # pyproj turns an array of one into a scalar, of which numpy warns.
        one = _pipeline().transform(xs.item(), ys.item(), direction=direction)
        out_x, out_y = (np.full(xs.shape, v) for v in one)
    else:
        out_x, out_y = _pipeline().transform(xs, ys, direction=direction)
    lost = ~(np.isfinite(out_x) & np.isfinite(out_y))
    return np.where(lost, np.nan, out_x), np.where(lost, np.nan, out_y)


def require_crs(frame: gpd.GeoDataFrame | gpd.GeoSeries, table: str) -> CRS:
    """Return the frame's CRS, or raise :class:`~rcp_geo.errors.CrsError` if it has none."""
    if frame.crs is None:
        raise CrsError(
            f"{table}: the geometry has no CRS, so its numbers mean nothing; "
            f"state it with set_crs ({WGS84} for degrees, {BNG} for National Grid metres)"
        )
    crs: CRS = frame.crs
    return crs


def foreign(crs: CRS, points: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which points cannot be of a system: degrees in one of metres, or metres in one of degrees.

    Within 180 m of its origin a system of metres has no ground of Great Britain: that of the National Grid is at sea.
    """
    at = (shapely.get_type_id(points) == shapely.GeometryType.POINT) & ~shapely.is_empty(points)
    x, y = np.full(len(points), np.nan), np.full(len(points), np.nan)
    x[at], y[at] = np.abs(shapely.get_x(points[at])), np.abs(shapely.get_y(points[at]))
    if crs.is_geographic:
        return np.asarray((x > 360) | (y > 90))
    metres = crs.is_projected and crs.axis_info[0].unit_name in {"metre", "meter"}
    # 0,0 is what missing coordinates become, in every system.
    return np.asarray(metres & (x <= 180) & (y <= 180) & ((x > 0) | (y > 0)))


def require_native(frame: gpd.GeoDataFrame | gpd.GeoSeries, table: str) -> None:
    """Raise :class:`~rcp_geo.errors.CrsError` if there is no CRS, or points cannot be of the one that is stated."""
    crs = require_crs(frame, table)
    wrong = foreign(crs, frame.geometry.to_numpy())
    if wrong.any():
        held, other = ("metres", BNG) if crs.is_geographic else ("degrees", WGS84)
        ids = frame.index[wrong].tolist()
        raise CrsError(
            f"{table}.geometry: {counted(len(ids), 'rows hold what can only be')} {held}, but the CRS says that they are "
            f"{'degrees' if held == 'metres' else 'metres'} ({first_of(ids)}); "
            f"state the right one with set_crs({other!r}, allow_override=True)"
        )


def to_bng(frame: gpd.GeoDataFrame | gpd.GeoSeries, table: str) -> gpd.GeoSeries:
    """Return the frame's geometry on the National Grid, index kept.

    Raises
    ------
    CrsError
        If the frame has no CRS.
    """
    return _moved(frame, table, BNG)


def to_wgs84(frame: gpd.GeoDataFrame | gpd.GeoSeries, table: str) -> gpd.GeoSeries:
    """Return the frame's geometry in WGS 84 degrees, index kept.

    Raises
    ------
    CrsError
        If the frame has no CRS.
    """
    return _moved(frame, table, WGS84)


def _moved(frame: gpd.GeoDataFrame | gpd.GeoSeries, table: str, target: str) -> gpd.GeoSeries:
    crs = require_crs(frame, table)
    geometry = frame.geometry
    if crs == _crs(target):
        return geometry
    pinned = {BNG: wgs84_to_bng, WGS84: bng_to_wgs84}
    other = WGS84 if target == BNG else BNG
    if crs != _crs(other):
        # A third system goes by whatever operation PROJ prefers as far as WGS 84, and on from there by the pinned one.
        geometry = geometry.to_crs(WGS84)
        if target == WGS84:
            return geometry
    move = pinned[target]
    moved = shapely.transform(geometry.to_numpy(), lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))
    return gpd.GeoSeries(moved, index=geometry.index, crs=target)
