"""Which polygons hold a point: exact for any number of points, quick for millions.

A raster of cells is laid over the polygons. A cell that no border touches lies wholly in one polygon or in none, so most
points are answered by looking their cell up; only those in the cells that borders cross are tested against polygons,
and only against those whose border crosses the cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Holders", "PolygonGrid", "holders_of"]

_CELL_M = 500.0
_BORDER = -2
_NONE = -1


@dataclass(frozen=True, slots=True)
class Holders:
    """For each point the polygon that holds it.

    Attributes
    ----------
    polygon
        Position of the polygon, the first of several; -1 where there is none.
    on_border
        Whether the point lies on that polygon's border rather than inside.
    """

    polygon: NDArray[np.intp]
    on_border: NDArray[np.bool_]


def holders_of(polygons: NDArray[np.object_], x: NDArray[np.float64], y: NDArray[np.float64]) -> Holders:
    """Test every point against every polygon whose bounding box holds it."""
    rows, which = _near_pairs(polygons, x, y)
    return _test_pairs(polygons, x, y, rows, which)


def _near_pairs(
    polygons: NDArray[np.object_], x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return points and the polygons whose bounding box holds them, in the order of the polygons."""
    shapely.prepare(polygons)
    boxes = shapely.bounds(polygons)
    pairs = [np.flatnonzero((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)) for x0, y0, x1, y1 in boxes]
    rows = np.concatenate(pairs) if pairs else np.empty(0, dtype=np.intp)
    return rows, np.repeat(np.arange(len(pairs)), [len(p) for p in pairs])


def _test_pairs(
    polygons: NDArray[np.object_],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    rows: NDArray[np.intp],
    which: NDArray[np.intp],
) -> Holders:
    """Answer from candidate pairs, which come in the order of the polygons."""
    polygon = np.full(len(x), _NONE, dtype=np.intp)
    on_border = np.zeros(len(x), dtype=bool)
    of, starts = np.unique(which, return_index=True)
    parts = list(zip(of.tolist(), np.split(rows, starts[1:]), strict=True)) if len(which) else []
    for p, at in parts:
        held = at[shapely.contains_xy(polygons[p], x[at], y[at])]
        first = held[polygon[held] == _NONE]
        polygon[first] = p
    for p, at in parts:
        left = at[polygon[at] == _NONE]
        if len(left):
            touched = left[shapely.intersects_xy(polygons[p], x[left], y[left])]
            polygon[touched] = p
            on_border[touched] = True
    return Holders(polygon, on_border)


class PolygonGrid:
    """A raster over polygons that answers most points without testing any.

    Parameters
    ----------
    polygons
        Polygons in planar metres.
    cell
        Side of a cell in metres.
    """

    def __init__(self, polygons: NDArray[np.object_], cell: float = _CELL_M) -> None:
        self._polygons = polygons
        self._cell = cell
        shapely.prepare(polygons)
        x0, y0, x1, y1 = shapely.total_bounds(polygons)
        # A cell of margin, so that every cell on the rim of the raster is outside.
        self._x0, self._y0 = x0 - cell, y0 - cell
        self._nx, self._ny = int((x1 - self._x0) // cell) + 2, int((y1 - self._y0) // cell) + 2
        cells, which = self._with_holders(*self._border_cells())
        self._starts = np.searchsorted(cells, np.arange(self._nx * self._ny + 1))
        self._which = which
        self._label = self._labels(np.unique(cells))

    def _border_cells(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return every cell that a border may touch with the polygon whose border it is, sorted and once each."""
        lines, line_of = shapely.get_parts(shapely.boundary(self._polygons), return_index=True)
        rings, of = shapely.get_coordinates(lines, return_index=True)
        joined = of[1:] == of[:-1]
        a, b, polygon = rings[:-1][joined], rings[1:][joined], line_of[of[1:][joined]]
        # All cells of a segment's bounding box: more than it crosses, never fewer.
        column0, column1 = self._column(np.minimum(a[:, 0], b[:, 0])), self._column(np.maximum(a[:, 0], b[:, 0]))
        row0, row1 = self._row(np.minimum(a[:, 1], b[:, 1])), self._row(np.maximum(a[:, 1], b[:, 1]))
        wide, high = column1 - column0 + 1, row1 - row0 + 1
        count = wide * high
        segment = np.repeat(np.arange(len(count)), count)
        step = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
        cell = (row0[segment] + step // wide[segment]) * self._nx + column0[segment] + step % wide[segment]
        both = np.unique(cell * len(self._polygons) + polygon[segment])
        return both // len(self._polygons), both % len(self._polygons)

    def _with_holders(
        self, cells: NDArray[np.intp], which: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Add to the border cells the polygons that hold them whole, as there are where polygons overlap."""
        border = np.unique(cells)
        x, y = self._centres(border)
        rows, polygon = _near_pairs(self._polygons, x, y)
        starts = np.searchsorted(polygon, np.arange(len(self._polygons) + 1))
        inside = np.zeros(len(rows), dtype=bool)
        for p, a, b in zip(self._polygons, starts[:-1], starts[1:], strict=True):
            inside[a:b] = shapely.contains_xy(p, x[rows[a:b]], y[rows[a:b]])
        n = len(self._polygons)
        both = np.union1d(cells * n + which, border[rows[inside]] * n + polygon[inside])
        return both // n, both % n

    def _centres(self, cells: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return (
            self._x0 + (cells % self._nx + 0.5) * self._cell,
            self._y0 + (cells // self._nx + 0.5) * self._cell,
        )

    def _labels(self, border: NDArray[np.intp]) -> NDArray[np.int32]:
        """Label each cell with its polygon, none, or border; one test for each run of cells between borders."""
        label = np.full(self._nx * self._ny, _NONE, dtype=np.int32)
        label[border] = _BORDER
        free = label != _BORDER
        row_start = np.arange(len(label)) % self._nx == 0
        first = np.flatnonzero(free & (row_start | ~np.r_[False, free[:-1]]))
        run = np.cumsum(np.bincount(first, minlength=len(label)))[free] - 1
        label[free] = holders_of(self._polygons, *self._centres(first)).polygon[run]
        return label

    def _column(self, x: NDArray[np.float64]) -> NDArray[np.intp]:
        return np.asarray((x - self._x0) // self._cell, dtype=np.intp)

    def _row(self, y: NDArray[np.float64]) -> NDArray[np.intp]:
        return np.asarray((y - self._y0) // self._cell, dtype=np.intp)

    def holders_of(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Holders:
        """Answer for points; the same as :func:`holders_of` gives."""
        polygon = np.full(len(x), _NONE, dtype=np.intp)
        on_border = np.zeros(len(x), dtype=bool)
        end_x, end_y = self._x0 + self._nx * self._cell, self._y0 + self._ny * self._cell
        on_raster = np.flatnonzero((x >= self._x0) & (x < end_x) & (y >= self._y0) & (y < end_y))
        cell = self._row(y[on_raster]) * self._nx + self._column(x[on_raster])
        label = self._label[cell]
        polygon[on_raster] = label
        unsure = label == _BORDER
        rows, cell = on_raster[unsure], cell[unsure]
        count = self._starts[cell + 1] - self._starts[cell]
        pair = np.repeat(np.arange(len(rows)), count)
        step = np.arange(len(pair)) - np.repeat(np.cumsum(count) - count, count)
        which = self._which[self._starts[cell[pair]] + step]
        order = np.argsort(which, kind="stable")
        tested = _test_pairs(self._polygons, x[rows], y[rows], pair[order], which[order])
        polygon[rows], on_border[rows] = tested.polygon, tested.on_border
        return Holders(polygon, on_border)
