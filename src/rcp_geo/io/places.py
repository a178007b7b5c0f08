"""Points beside the rows of a table, from whatever geometry a file holds."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rcp_geo.errors import CrsError
from rcp_geo.schema import Finding

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

__all__ = ["Places", "settle_crs"]

_POINT, _MULTIPOINT = 1, 4
_EWKB_Z, _EWKB_M, _EWKB_SRID = 0x80000000, 0x40000000, 0x20000000


@dataclass
class Places:
    """The point of each row, in order, and the rows that have something else.

    Only points are taken in, with their first two ordinates. Bytes from a file never reach a geometry engine: a few nested
    collections are enough to overflow its stack.
    """

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
            kind, start, order = _wkb_header(data, 0)
            if kind == _MULTIPOINT:
                count = struct.unpack_from(f"{order}I", data, start)[0]
                if count != 1:
                    self.none() if count == 0 else self.not_point()
                    return
                kind, start, order = _wkb_header(data, start + 4)
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
                    f"{len(ids)} rows have a geometry that cannot be read",
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
                    f"{len(ids)} rows are lines, areas or several points, and have no place of their own",
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


def _wkb_header(data: bytes, at: int) -> tuple[int, int, str]:
    """Return the kind of geometry, less its further dimensions, where its content starts, and the order of its bytes."""
    order = "<" if struct.unpack_from("B", data, at)[0] == 1 else ">"
    code = struct.unpack_from(f"{order}I", data, at + 1)[0]
    start = at + (9 if code & _EWKB_SRID else 5)
    plain = code & ~(_EWKB_Z | _EWKB_M | _EWKB_SRID)
    return (plain % 1000 if plain < 4000 else 0), start, order


def settle_crs(crs: object, name: str) -> CRS:
    """Return a coordinate reference system as pyproj's, by its EPSG code where it has one.

    Raises
    ------
    CrsError
        If there is none, or it makes no sense.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if not crs:
        raise CrsError(
            f"{name}: its points have no coordinate reference system; set it in the program that made the file (for a shapefile, "
            "keep the .prj file beside it) and save it again"
        )
    try:
        known = CRS.from_user_input(crs)
        code = known.to_epsg()
    except (CRSError, ValueError) as error:
        raise CrsError(
            f"{name}: its coordinate reference system cannot be read; save it again in EPSG:27700 or EPSG:4326"
        ) from error
    return CRS.from_epsg(code) if code else known
