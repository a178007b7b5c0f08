"""Putting polygons together so that the same parts always give the same whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["canonical", "union"]


def canonical(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a geometry in one stated form: parts, rings and first points in shapely's normal order.

    Shells run counterclockwise, as GeoParquet 1.1 and GeoJSON (RFC 7946) have them. Points and lines are left out.
    """
    parts = shapely.get_parts(shapely.normalize(geometry))
    parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    merged = shapely.multipolygons(parts) if len(parts) != 1 else parts[0]
    return shapely.orient_polygons(shapely.normalize(merged), exterior_cw=False)


def union(polygons: NDArray[np.object_]) -> shapely.Geometry:
    """Return the union of polygons that neither overlap nor leave gaps along the borders they share.

    Parameters
    ----------
    polygons
        Polygons of one coverage, at least one.

    Examples
    --------
    >>> union(shapely.box([0, 1], [0, 0], [1, 2], [1, 1])).wkt
    'POLYGON ((0 0, 1 0, 2 0, 2 1, 1 1, 0 1, 0 0))'
    """
    if len(polygons) == 1:
        return canonical(polygons[0])
    return canonical(shapely.coverage_union_all(polygons))
