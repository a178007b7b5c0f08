"""Tables of points, by coordinates or postcodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from rcp_geo.crs import BNG, WGS84
from rcp_geo.errors import MissingColumnError
from rcp_geo.io.csv import numbers
from rcp_geo.join import locate
from rcp_geo.postcodes import geocode

if TYPE_CHECKING:
    from rcp_geo.boundaries import Boundaries

__all__ = ["locate_rows"]


def locate_rows(rows: pd.DataFrame, boundaries: Boundaries) -> pd.DataFrame:
    """Return the rows with the columns of :func:`rcp_geo.locate` beside them.

    Raises
    ------
    MissingColumnError
        If there are neither coordinates nor postcodes.
    InputError
        If a coordinate is not a number.
    """
    points = _points(rows)
    return pd.concat([rows, locate(points, boundaries)], axis=1)


def _points(rows: pd.DataFrame) -> gpd.GeoSeries:
    for x, y, crs in (("longitude", "latitude", WGS84), ("easting", "northing", BNG)):
        if {x, y} <= set(rows.columns):
            xs, ys = numbers(rows, x, "points"), numbers(rows, y, "points")
            there = ~(np.isnan(xs) | np.isnan(ys))
            return gpd.GeoSeries(gpd.points_from_xy(xs, ys), index=rows.index, crs=crs).where(there, None)
    if "postcode" in rows.columns:
        return geocode(rows["postcode"]).geometry
    raise MissingColumnError(
        f"points: no coordinates were found (columns: {', '.join(map(str, rows.columns))}); "
        "name them longitude and latitude, easting and northing, or postcode"
    )
