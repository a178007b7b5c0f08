"""Geometry beside the rows of a table, from whatever a file holds: what takes it in, and points."""

from __future__ import annotations

import math
import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from rcp_geo.errors import CrsError
from rcp_geo.io.safety import MAX_FIELD, MAX_FILE, MAX_JSON_VALUES, MAX_LINE, MAX_TEXT
from rcp_geo.schema import Finding, counted

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

__all__ = ["Places", "Sink", "settle_crs", "wkb_header"]

_POINT, _MULTIPOINT = 1, 4
_EWKB_Z, _EWKB_M, _EWKB_SRID = 0x80000000, 0x40000000, 0x20000000


class Sink(ABC):
    """What takes in the geometry of each row, in order, and bounds the files that it is read from.

    Attributes
    ----------
    max_file, max_text
        Largest file of bytes, and of JSON or XML, in bytes.
    max_values
        Most values in JSON.
    max_run
        Longest list of coordinates in XML, in characters.
    max_gap
        Longest run without a mark in XML, in bytes.
    head
        How many bytes of a geometry are looked at; None for all of them.
    what
        What is taken in, in the plural.
    """

    max_file: ClassVar[int] = MAX_FILE
    max_text: ClassVar[int] = MAX_TEXT
    max_values: ClassVar[int] = MAX_JSON_VALUES
    max_run: ClassVar[int] = MAX_FIELD
    max_gap: ClassVar[int] = MAX_LINE
    head: ClassVar[int | None] = None
    what: ClassVar[str]

    @abstractmethod
    def none(self) -> None:
        """Add a row without a geometry."""

    @abstractmethod
    def broken(self) -> None:
        """Add a row whose geometry cannot be read."""

    @abstractmethod
    def wkb(self, data: bytes | None) -> None:
        """Add a row by its geometry as well-known binary."""

    @abstractmethod
    def there(self) -> NDArray[np.bool_]:
        """Say which rows have a geometry of any kind."""

    @abstractmethod
    def findings(self, table: str, rows: Sequence[str]) -> list[Finding]:
        """Name the rows that have a geometry which is not taken in."""

    @abstractmethod
    def series(self, crs: CRS | str, keep: np.ndarray) -> gpd.GeoSeries:
        """Return the geometry of the rows to keep, nothing where there is none."""


@dataclass
class Places(Sink):
    """The point of each row, in order, and the rows that have something else.

    Only points are taken in, with their first two ordinates. Bytes from a file never reach a geometry engine: a few nested
    collections are enough to overflow its stack.
    """

    head = 200
    what = "points"

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    other: list[int] = field(default_factory=list)
    bad: list[int] = field(default_factory=list)

    def none(self) -> None:
        """Add a row without a geometry."""
        self.x.append(math.nan)
        self.y.append(math.nan)

    def not_point(self) -> None:
        """Add a row whose geometry is a line, an area or several points."""
        self.other.append(len(self.x))
        self.none()

    def broken(self) -> None:
        """Add a row whose geometry cannot be read."""
        self.bad.append(len(self.x))
        self.none()

    def point(self, x: object, y: object) -> None:
        """Add a row at a point, or a broken one if these are not two finite numbers."""
        numbers = [v for v in (x, y) if isinstance(v, int | float) and not isinstance(v, bool)]
        if len(numbers) == 2 and all(abs(v) < 1e300 for v in numbers):
            self.x.append(float(numbers[0]))
            self.y.append(float(numbers[1]))
        else:
            self.broken()

    def wkb(self, data: bytes | None) -> None:
        """Add a row by its geometry as well-known binary, of which the first 200 bytes are enough."""
        if not data:
            self.none()
            return
        try:
            kind, start, order, _ = wkb_header(data, 0)
            if kind == _MULTIPOINT:
                count = struct.unpack_from(f"{order}I", data, start)[0]
                if count != 1:
                    self.none() if count == 0 else self.not_point()
                    return
                kind, start, order, _ = wkb_header(data, start + 4)
            if kind != _POINT:
                self.broken() if not 0 < kind < 18 else self.not_point()
                return
            x, y = struct.unpack_from(f"{order}dd", data, start)
        except struct.error:
            self.broken()
            return
        if math.isnan(x) and math.isnan(y):
            self.none()  # POINT EMPTY
        else:
            self.point(x, y)

    def findings(self, table: str, rows: Sequence[str]) -> list[Finding]:
        """Name the rows that have a geometry but no point."""
        found = []
        if self.bad:
            ids = tuple(rows[i] for i in self.bad)
            found.append(
                Finding(
                    "geometry.invalid",
                    "error",
                    table,
                    "",
                    ids,
                    counted(len(ids), "rows have a geometry that cannot be read"),
                    "draw the points again, or give coordinates as columns",
                )
            )
        if self.other:
            ids = tuple(rows[i] for i in self.other)
            found.append(
                Finding(
                    "geometry.not_point",
                    "warning",
                    table,
                    "",
                    ids,
                    counted(len(ids), "rows are lines, areas or several points, and have no place of their own"),
                    "mark each with one point, or give a postcode",
                )
            )
        return found

    def series(self, crs: CRS | str, keep: np.ndarray) -> gpd.GeoSeries:
        """Return the points of the rows to keep, nothing where there is none."""
        import geopandas as gpd
        import pandas as pd

        x, y = np.array(self.x, dtype=float)[keep], np.array(self.y, dtype=float)[keep]
        points = np.asarray(gpd.points_from_xy(x, y), dtype=object)
        points[np.isnan(x)] = None
        return gpd.GeoSeries(points, index=pd.RangeIndex(len(x)), crs=crs)

    def there(self) -> NDArray[np.bool_]:
        """Say which rows have a geometry of any kind."""
        has: NDArray[np.bool_] = ~np.isnan(np.array(self.x, dtype=float))
        has[[*self.other, *self.bad]] = True
        return has


def wkb_header(data: bytes, at: int) -> tuple[int, int, str, int]:
    """Return the kind of geometry, where its content starts, the order of its bytes, and its number of dimensions."""
    order = "<" if struct.unpack_from("B", data, at)[0] == 1 else ">"
    code = struct.unpack_from(f"{order}I", data, at + 1)[0]
    start = at + (9 if code & _EWKB_SRID else 5)
    plain = code & ~(_EWKB_Z | _EWKB_M | _EWKB_SRID)
    further = bool(code & _EWKB_Z) + bool(code & _EWKB_M) + (0, 1, 1, 2)[min(plain // 1000, 3)]
    return (plain % 1000 if plain < 4000 else 0), start, order, 2 + further


def settle_crs(crs: object, name: str, what: str = "points") -> CRS:
    """Return a coordinate reference system as pyproj's, by its EPSG code where it has one.

    Raises
    ------
    CrsError
        If there is none, or it makes no sense.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    none = CrsError(
        f"{name}: its {what} have no coordinate reference system; set it in the program that made the file (for a shapefile, "
        "keep the .prj file beside it) and save it again"
    )
    if not crs:
        raise none
    try:
        known = CRS.from_user_input(crs)
        code = known.to_epsg()
    except (CRSError, ValueError) as error:
        raise CrsError(
            f"{name}: its coordinate reference system cannot be read; save it again in EPSG:27700 or EPSG:4326"
        ) from error
    if not known.is_geographic and not known.is_projected:
        # What GDAL writes where none was stated: an engineering system, of no place on earth
        raise none
    return CRS.from_epsg(code) if code else known
