"""Where the ends of journeys are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from rcp_geo.crs import to_wgs84
from rcp_geo.travel.model import ids_of, require_points

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["Points", "points_of"]


@dataclass(frozen=True, slots=True)
class Points:
    """Places by id, longitude and latitude (WGS 84)."""

    ids: pd.Index
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]


def points_of(frame: gpd.GeoDataFrame, table: str, column: str) -> Points:
    """Return the places of a frame, or raise unless each is one point in a stated coordinate system."""
    ids = ids_of(frame, table, column)
    require_points(frame, ids, table)
    geometry = to_wgs84(frame, table).to_numpy()
    return Points(ids, shapely.get_x(geometry), shapely.get_y(geometry))
