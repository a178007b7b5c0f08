"""Tables of points, by coordinates or postcodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from rcp_geo.crs import BNG, WGS84
from rcp_geo.errors import MissingColumnError
from rcp_geo.io.columns import recognise
from rcp_geo.io.csv import numbers
from rcp_geo.io.placing import on_grid
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

    Notes
    -----
    Columns are known by the headings that :func:`rcp_geo.read_directory` knows; x and y are degrees, or metres of the National
    Grid where all of them are in its range.
    """
    points = _points(rows)
    return pd.concat([rows, locate(points, boundaries)], axis=1)


def _points(rows: pd.DataFrame) -> gpd.GeoSeries:
    # The headings that a list of services may have.
    of = recognise(rows, None, "points").of
    for x, y in (("longitude", "latitude"), ("easting", "northing")):
        if x in of and y in of:
            xs, ys = numbers(rows, of[x], "points"), numbers(rows, of[y], "points")
            there = ~(np.isnan(xs) | np.isnan(ys))
            metres = x == "easting" or (there.any() and on_grid(xs[there], ys[there]).all())
            points = gpd.GeoSeries(gpd.points_from_xy(xs, ys), index=rows.index, crs=BNG if metres else WGS84)
            return points.where(there, None)
    if "postcode" in of:
        return geocode(rows[of["postcode"]]).geometry
    raise MissingColumnError(
        f"points: no coordinates were found (columns: {', '.join(map(str, rows.columns))}); "
        "name them longitude and latitude, easting and northing, or postcode"
    )
