"""Service areas as polygons, for drawing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely

from rcp_geo.errors import InputError
from rcp_geo.travel.model import TravelModel
from rcp_geo.travel.roads import RoadNetwork
from rcp_geo.travel.roads.settings import require_limits

__all__ = ["service_areas"]

# How far the outline stands off the roads, so that a lone road can be seen.
_MARGIN_M = 50.0
_CORNERS = 4


def service_areas(
    facilities: gpd.GeoDataFrame,
    model: TravelModel,
    *,
    cutoffs: Sequence[float] | float,
    bands: Literal["nested", "disjoint"] = "nested",
    together: bool = False,
    fill_m: float = 500.0,
) -> gpd.GeoDataFrame:
    """Draw the areas from which facilities are reached within cutoffs.

    The areas are for drawing. A figure such as "people within 20 minutes" comes from demand points (:func:`nearest`,
    :func:`coverage`), never from laying these polygons over others.

    Parameters
    ----------
    facilities
        Points in a stated CRS, identified by ``site_id`` where there is such a column, else by the index.
    model
        A :class:`RoadNetwork`.
    cutoffs
        Costs in the model's unit, each above 0; one number for one.
    bands
        ``nested``: every area holds those of smaller cutoffs. ``disjoint``: every area begins where the smaller one ends.
    together
        Whether to draw one area of whatever facility is nearest, rather than one for each.
    fill_m
        Land between reached roads is filled where it is narrower than twice this, in metres; what is wider stays open, as a
        hole or between parts.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per facility and cutoff, in the order of the facilities and from the smallest cutoff, in EPSG:27700:
        ``site_id`` (missing where they are drawn together), ``over_m`` and ``cutoff_m`` (``over_s`` and ``cutoff_s`` where
        time is counted; ``over`` is 0 or, of disjoint bands, the smaller cutoff), ``status`` (``ok`` or ``unsnapped``) and the
        area, empty where nothing is reached.

    Raises
    ------
    CrsError, GeometryError, DuplicateIdError, InputError
        If a frame has no CRS, a row is not a point, an id occurs twice, the model has no roads, there is no cutoff or one is
        not above 0, or a setting is not one of those allowed.

    Notes
    -----
    An area is the alpha-hull of the reached parts of roads [1]_, edges cut where the cutoff falls on them, with ``fill_m`` for
    radius, and 50 m more so that a lone road can be seen: the concave hull that leaves open every place where a disc of that
    radius touches no reached road. A convex hull would span bays and moors, and a concave hull of one piece the water between
    an island and its ferry. Direction is towards the facility.

    References
    ----------
    .. [1] Edelsbrunner, H., Kirkpatrick, D. G. and Seidel, R. (1983), On the shape of a set of points in the plane, IEEE
       Transactions on Information Theory 29(4):551-559, doi:10.1109/TIT.1983.1056714.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> road = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (10_000, 0)])], crs="EPSG:27700")
    >>> site = gpd.GeoDataFrame({"site_id": ["s"]}, geometry=gpd.points_from_xy([0], [0]), crs="EPSG:27700")
    >>> areas = service_areas(site, RoadNetwork.from_lines(road), cutoffs=[1_000, 3_000], bands="disjoint")
    >>> areas[["site_id", "over_m", "cutoff_m"]].values.tolist()
    [['s', 0.0, 1000.0], ['s', 1000.0, 3000.0]]
    """
    if not isinstance(model, RoadNetwork):
        raise InputError(f"service_areas: {model.model_id} has no roads to draw; give a RoadNetwork")
    if bands not in {"nested", "disjoint"}:
        raise InputError(f"bands: {bands!r} is not known; use nested or disjoint")
    if not (np.isfinite(fill_m) and fill_m > 0):
        raise InputError(f"fill_m: {fill_m!r} is not a distance; give metres above 0")
    roads = model.reached_roads(facilities, cutoffs=cutoffs, together=together)
    unit = model.unit
    limits = require_limits(cutoffs)
    areas = np.asarray([_area(g, fill_m) for g in roads.geometry], dtype=object).reshape(-1, len(limits))
    for i in range(1, len(limits)):
        # Rounding must not let an area stick out of a greater one.
        areas[:, i] = shapely.union(areas[:, i], areas[:, i - 1])
    over = np.zeros(areas.shape)
    if bands == "disjoint":
        areas[:, 1:] = shapely.difference(areas[:, 1:], areas[:, :-1])
        over[:, 1:] = limits[:-1]
    columns = {
        "site_id": roads["site_id"],
        f"over_{unit}": over.ravel(),
        f"cutoff_{unit}": roads[f"cutoff_{unit}"],
        "status": roads["status"],
    }
    return gpd.GeoDataFrame(columns, geometry=areas.ravel(), crs=roads.crs)


def _area(roads: shapely.Geometry, fill_m: float) -> shapely.Geometry:
    if shapely.is_empty(roads):
        return shapely.Polygon()
    margin = min(_MARGIN_M, fill_m)
    parts = shapely.get_parts(roads)
    # Widening and narrowing again, a closing by a disc, leaves out just what discs free of roads cover.
    wide = shapely.union_all(shapely.buffer(parts, fill_m, quad_segs=_CORNERS))
    return shapely.buffer(wide, margin - fill_m, quad_segs=_CORNERS) if margin < fill_m else wide
