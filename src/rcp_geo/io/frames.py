"""Tables of pandas and geopandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from rcp_geo.io.areas import Areas
from rcp_geo.io.places import Places, Sink, settle_crs
from rcp_geo.io.raw import Columns, RawTable, check_size
from rcp_geo.io.safety import reading, shown
from rcp_geo.io.text import text_of

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

__all__ = ["read_frame"]


def read_frame(frame: pd.DataFrame, *, sink: type[Sink] = Places) -> RawTable:
    """Read a frame, with its points or areas if it is a geopandas one; a named index counts as columns.

    Raises
    ------
    CrsError
        If it has geometry without a coordinate reference system.
    InputError
        If it is too large, its columns have no names, or a value cannot be written as text.
    """
    import geopandas as gpd

    made = Columns("frame")
    check_size(made.name, *frame.shape)
    with reading(made.name, "a table"):
        made.rows = [f"row {shown(text_of(label))}" for label in frame.index]
        geometry = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
        for level, label in enumerate(frame.index.names):
            if label is not None:
                made.add(_label(label), [text_of(v) for v in frame.index.get_level_values(level)])
        for i, label in enumerate(frame.columns):
            if geometry is not None and label == geometry:
                continue
            column = frame.iloc[:, i]
            if isinstance(column.dtype, gpd.array.GeometryDtype):
                message = "the column holds a second geometry, and was left out"
                made.note("column.unreadable", "warning", message, "make it the only one", (), _label(label))
                continue
            # As objects: whole numbers beside gaps would otherwise pass through floats.
            made.add(_label(label), [text_of(v) for v in column.astype(object)])
        if geometry is not None:
            _places(made, frame.geometry, sink())
        return made.table()


def _label(label: object) -> str:
    return " ".join(text_of(part) for part in label) if isinstance(label, tuple) else text_of(label)


def _places(made: Columns, shapes: gpd.GeoSeries, places: Sink) -> None:
    made.places = places
    for shape in shapes.array:
        if isinstance(places, Areas):
            places.shape(shape)
        elif isinstance(places, Places):
            _point(shape, places)
    if shapes.crs is not None or made.places.there().any():
        made.crs = settle_crs(shapes.crs, made.name, places.what)


def _point(shape: BaseGeometry | None, places: Places) -> None:
    import shapely

    if shape is None or shape.is_empty:
        places.none()
    elif isinstance(shape, shapely.MultiPoint) and len(shape.geoms) == 1:
        places.point(shape.geoms[0].x, shape.geoms[0].y)
    elif isinstance(shape, shapely.Point):
        places.point(float(shapely.get_x(shape)), float(shapely.get_y(shape)))
    else:
        places.not_point()
