"""Areas beside the rows of a table, from whatever geometry a file holds."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from rcp_geo.io.places import Sink, wkb_header
from rcp_geo.schema import Finding, counted

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

__all__ = ["Areas", "condensed", "require_whole"]

_AREAS = ("Polygon", "MultiPolygon")
_POINT, _LINE, _POLYGON, _LAST_SIMPLE = 1, 2, 3, 7
# Polygons in multi-polygons in a collection
_MAX_DEPTH = 3
# Rings, lines and points of one row: the islands of Great Britain at full resolution are some tens of thousands.
_MAX_PARTS = 1_000_000


@dataclass
class Areas(Sink):
    """The polygons of each row, in order, and the rows that have something else.

    Bytes from a file reach the geometry engine once they are known to be whole and hardly nested.
    """

    # The finest boundaries of the United Kingdom that the ONS and GADM publish are 100 to 400 MB, in binary and in JSON.
    max_file = 1_000_000_000
    max_text = 500_000_000
    # Three to a vertex of some twenty bytes
    max_values = 75_000_000
    # One ring: a mainland
    max_run = 100_000_000
    max_gap = 100_000_000
    what = "areas"

    shapes: list[BaseGeometry | None] = field(default_factory=list)
    other: list[int] = field(default_factory=list)
    bad: list[int] = field(default_factory=list)
    unclosed: list[int] = field(default_factory=list)
    mixed: list[int] = field(default_factory=list)

    def none(self) -> None:
        """Add a row without a geometry."""
        self.shapes.append(None)

    def not_area(self) -> None:
        """Add a row whose geometry is no area."""
        self.other.append(len(self.shapes))
        self.none()

    def broken(self) -> None:
        """Add a row whose geometry cannot be read."""
        self.bad.append(len(self.shapes))
        self.none()

    def shape(self, shape: BaseGeometry | None) -> None:
        """Add a row by its geometry; of a collection the polygons are kept."""
        if shape is None or shape.is_empty:
            self.none()
        elif not np.isfinite(shapely.get_coordinates(shape)).all():
            self.broken()
        elif shape.geom_type in _AREAS:
            self.shapes.append(shape)
        else:
            parts = shapely.get_parts(shapely.get_parts(shape))
            parts = parts[~shapely.is_empty(parts)]
            polygons = parts[shapely.get_type_id(parts) == _POLYGON]
            if not len(polygons):
                self.not_area()
                return
            if len(polygons) < len(parts):
                self.mixed.append(len(self.shapes))
            self.shapes.append(shapely.multipolygons(polygons))

    def wkb(self, data: bytes | None) -> None:
        """Add a row by its geometry as well-known binary."""
        if not data:
            self.none()
            return
        try:
            if not 0 < wkb_header(data, 0)[0] <= _LAST_SIMPLE:
                # Curves, surfaces in space and what there may be else
                self.not_area() if wkb_header(data, 0)[0] else self.broken()
                return
            require_whole(data)
        except (struct.error, ValueError):
            self.broken()
            return
        shape = shapely.from_wkb(data, on_invalid="ignore")
        if shape is None:
            shape = shapely.from_wkb(data, on_invalid="fix")
            if shape is None:
                self.broken()
                return
            self.unclosed.append(len(self.shapes))
        self.shape(shape)

    def rings(self, polygons: Sequence[Sequence[NDArray[Any]]]) -> None:
        """Add a row by the rings of its polygons, the outer one first in each.

        Raises
        ------
        ValueError
            If a ring has fewer points than one can have.
        """
        kept = [rings for rings in polygons if rings]
        shape = _built(kept)
        if any(not np.array_equal(ring[0, :2], ring[-1, :2]) for rings in kept for ring in rings):
            self.unclosed.append(len(self.shapes))
        self.shape(shape)

    def condensed(self, geometry: object) -> None:
        """Add a row by a geometry of GeoJSON that :func:`condensed` has seen."""
        if geometry is None:
            self.none()
            return
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        polygons = geometry.get("coordinates") if isinstance(geometry, dict) else None
        if kind == "GeometryCollection" and isinstance(geometry, dict):
            members = geometry.get("geometries")
            members = members if isinstance(members, list) else []
            inside = [m.get("coordinates") for m in members if isinstance(m, dict) and m.get("type") in _AREAS]
            if inside and len(inside) < len(members):
                self.mixed.append(len(self.shapes))
            kind = _AREAS[1] if inside else "Point"
            whole = [p for p in inside if isinstance(p, _Rings)]
            polygons = _Rings(p for rings in whole for p in rings) if len(whole) == len(inside) else None
        if kind in _AREAS and isinstance(polygons, _Rings):
            try:
                self.rings(polygons)
            except ValueError:
                self.broken()
        elif isinstance(kind, str) and kind not in _AREAS:
            self.not_area()
        else:
            self.broken()

    def there(self) -> NDArray[np.bool_]:
        """Say which rows have a geometry of any kind."""
        has = np.array([shape is not None for shape in self.shapes], dtype=bool)
        has[[*self.other, *self.bad]] = True
        return has

    def findings(self, table: str, rows: Sequence[str]) -> list[Finding]:
        """Name the rows with a geometry that is not taken in, or not as it is."""

        def ids(places: list[int]) -> tuple[str, ...]:
            return tuple(rows[i] for i in places)

        found = []
        if self.bad:
            message = counted(len(self.bad), "rows have a geometry that cannot be read")
            remedy = "draw the areas again, or export them anew from where they came"
            found.append(Finding("geometry.invalid", "error", table, "", ids(self.bad), message, remedy))
        if self.other:
            message = counted(len(self.other), "rows have a point, line or curve in place of an area")
            remedy = "keep only polygons, curves turned into straight pieces"
            found.append(Finding("geometry.not_area", "error", table, "", ids(self.other), message, remedy))
        if self.mixed:
            message = counted(len(self.mixed), "rows have points or lines beside their areas, which were left out")
            found.append(Finding("geometry.mixed", "info", table, "", ids(self.mixed), message, "keep only polygons"))
        if self.unclosed:
            message = counted(len(self.unclosed), "rows have rings whose ends do not meet, and were closed")
            remedy = "look whether their borders are whole"
            found.append(Finding("geometry.unclosed", "warning", table, "", ids(self.unclosed), message, remedy))
        return found

    def series(self, crs: CRS | str, keep: np.ndarray) -> gpd.GeoSeries:
        """Return the areas of the rows to keep, nothing where there is none."""
        import geopandas as gpd
        import pandas as pd

        shapes = np.empty(len(self.shapes), dtype=object)
        shapes[:] = self.shapes
        return gpd.GeoSeries(shapes[keep], index=pd.RangeIndex(len(keep)), crs=crs)


def require_whole(data: bytes) -> None:
    """Raise ``ValueError`` or ``struct.error`` unless well-known binary of simple features is whole and hardly nested."""
    _end_of(data, 0, 1, iter(range(_MAX_PARTS)))


def _end_of(data: bytes, at: int, depth: int, parts: Iterator[int]) -> int:
    """Return where a geometry ends; raise where it is deeper, larger or shorter than it may be."""
    kind, start, order, dimensions = wkb_header(data, at)
    if depth > _MAX_DEPTH or next(parts, None) is None or not 0 < kind <= _LAST_SIMPLE:
        raise ValueError(kind)
    if kind == _POINT:
        start += 8 * dimensions
    else:
        (count,) = struct.unpack_from(f"{order}I", data, start)
        start += 4
        if kind == _LINE:
            start += 8 * dimensions * count
        elif kind == _POLYGON:
            for _ in range(count):
                (points,) = struct.unpack_from(f"{order}I", data, start)
                start += 4 + 8 * dimensions * points
                if next(parts, None) is None:
                    raise ValueError(count)
        else:
            for _ in range(count):
                start = _end_of(data, start, depth + 1, parts)
    if start > len(data):
        raise ValueError(start)
    return start


class _Rings(list[list[Any]]):
    """The rings of polygons as arrays, where GeoJSON had lists of lists."""


def condensed(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object of GeoJSON with the coordinates of polygons as arrays, a tenth as large; any other as it is."""
    kind, at = value.get("type"), value.get("coordinates")
    if kind in _AREAS and isinstance(at, list):
        try:
            value["coordinates"] = _Rings([_ring(r) for r in p] for p in ([at] if kind == _AREAS[0] else at))
        except (TypeError, ValueError):
            value["coordinates"] = None
    return value


def _ring(points: object) -> NDArray[Any]:
    if not isinstance(points, list):
        raise TypeError(type(points))
    ring = np.array(points)
    if ring.dtype.kind not in "if" or ring.ndim != 2 or ring.shape[1] < 2:
        raise ValueError(ring.shape)
    return ring[:, :3].astype(np.float64)


def _built(polygons: Sequence[Sequence[NDArray[Any]]]) -> BaseGeometry | None:
    made = []
    for rings in polygons:
        if any(len(ring) < 3 or not np.isfinite(ring).all() for ring in rings):
            raise ValueError(len(rings))
        # One that does not end where it begins is closed here.
        shell, *holes = [shapely.linearrings(ring) for ring in rings]
        made.append(shapely.polygons(shell, holes=holes or None))
    return shapely.multipolygons(made) if made else None
