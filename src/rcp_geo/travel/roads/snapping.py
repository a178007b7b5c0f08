"""Where points meet the network: the nearest point of an edge, found through an R-tree over edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from rcp_geo.travel.roads.edges import RoadEdges, lines_of
from rcp_geo.travel.roads.twins import NO_TWINS, Twins, twins_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Snapped", "Snapper"]

# Points remembered, 40 bytes each; a national demand table has some ten thousands.
_REMEMBERED = 4_000_000
# A point this near to the end of an edge stands at its node.
_AT_NODE_M = 1e-6
# Side of the raster that tells which edges are near any point.
_RASTER = 2048


@dataclass(frozen=True, eq=False)
class Snapped:
    """Points on the network.

    Attributes
    ----------
    x, y
        Where the points are, in National Grid metres.
    edge
        Position of the nearest edge, the first of several that are equally near or one street; -1 where none is within reach.
    fraction
        How far along the edge, from 0 at ``u`` to 1 at ``v``.
    snap_m
        Metres to the network; NaN where none is within reach.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    edge: NDArray[np.int64]
    fraction: NDArray[np.float64]
    snap_m: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.edge)

    def take(self, rows: NDArray[np.intp]) -> Snapped:
        """Return some of the points."""
        return Snapped(self.x[rows], self.y[rows], self.edge[rows], self.fraction[rows], self.snap_m[rows])


class Snapper:
    """Snaps points to edges other than ferries.

    It remembers those it has snapped, since an assessment asks for the same ones many times.
    """

    def __init__(self, edges: RoadEdges, max_snap_m: float) -> None:
        self._edges = edges
        self._reach = max_snap_m
        none = np.empty(0)
        # Replaced whole, never changed in place, so that threads may share a network.
        self._known = (none.astype(complex), none.astype(np.int64), none, none)
        self._asked = (none.astype(np.int64), NO_TWINS)

    def snap(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Snapped:
        """Find the nearest point of the network for each point within reach."""
        keys = x + 1j * y
        usable = np.isfinite(x) & np.isfinite(y)
        wanted = np.unique(keys[usable])
        known = self._known
        if not _all_in(wanted, known[0]):
            fresh = wanted[~_is_in(wanted, known[0])]
            found = (fresh, *self._find(fresh.real.copy(), fresh.imag.copy()))
            if len(known[0]) + len(fresh) > _REMEMBERED:
                known = tuple(a[:0] for a in known)  # type: ignore[assignment]
                fresh = wanted
                found = (fresh, *self._find(fresh.real.copy(), fresh.imag.copy()))
            order = np.argsort(np.concatenate([known[0], found[0]]), kind="stable")
            known = tuple(np.concatenate([a, b])[order] for a, b in zip(known, found, strict=True))  # type: ignore[assignment]
            self._known = known
        edge, fraction, snap_m = np.full(len(x), -1, dtype=np.int64), np.zeros(len(x)), np.full(len(x), np.nan)
        at = np.searchsorted(known[0], keys[usable])
        edge[usable], fraction[usable], snap_m[usable] = known[1][at], known[2][at], known[3][at]
        return Snapped(x, y, edge, fraction, snap_m)

    def _find(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        edge, fraction, snap_m = np.full(len(x), -1, dtype=np.int64), np.zeros(len(x)), np.full(len(x), np.nan)
        if not len(x) or not len(self._edges):
            return edge, fraction, snap_m
        candidates = self._near(x, y)
        candidates = candidates[~self._edges.afloat(candidates)]
        if not len(candidates):
            return edge, fraction, snap_m
        lines = lines_of(self._edges, candidates)
        tree = shapely.STRtree(lines)
        points = shapely.points(x, y)
        # A hair more, so that a point at the very limit is found, and then measured.
        (i, j), metres = tree.query_nearest(points, max_distance=self._reach * (1 + 1e-9) + 1e-6, return_distance=True)
        kept = metres <= self._reach
        i, j, metres = i[kept], j[kept], metres[kept]
        order = np.lexsort((j, i))
        i, j, metres = i[order], j[order], metres[order]
        first = np.flatnonzero(np.r_[True, i[1:] != i[:-1]]) if len(i) else np.empty(0, dtype=np.intp)
        i, j, metres = i[first], j[first], metres[first]
        edge[i], snap_m[i] = self._first_twins(candidates[j]), metres
        fraction[i] = _along(lines_of(self._edges, edge[i]), points[i])
        return edge, fraction, snap_m

    def _first_twins(self, edge: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return for each edge the first of its street: rounding may put a point nearer to another of them."""
        first = edge.copy()
        for rows, other, _ in self.twins(edge).per_turn(edge):
            first[rows] = np.minimum(first[rows], other)
        return first

    def twins(self, edge: NDArray[np.int64]) -> Twins:
        """Return the twins of edges, and of others that were asked for before."""
        asked, twins = self._asked
        fresh = np.setdiff1d(edge, asked)
        if len(fresh):
            twins = twins.merged(twins_of(self._edges, fresh))
            self._asked = np.union1d(asked, fresh), twins
        return twins

    def _near(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the edges whose bounding box is within reach of any point, and some more, in order."""
        x0, y0 = x.min(), y.min()
        # A hair more than the reach, so that rounding loses nothing.
        cell = max(self._reach * (1 + 1e-9) + 1e-3, (x.max() - x0) / _RASTER, (y.max() - y0) / _RASTER)
        x0, y0 = x0 - 2 * cell, y0 - 2 * cell
        wide, high = int((x.max() - x0) // cell) + 3, int((y.max() - y0) // cell) + 3
        marked = np.zeros((high, wide), dtype=bool)
        column, row = ((x - x0) // cell).astype(np.intp), ((y - y0) // cell).astype(np.intp)
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                marked[row + down, column + right] = True
        sums = np.zeros((high + 1, wide + 1), dtype=np.int32)
        sums[1:, 1:] = marked.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)
        # The outermost cells are never marked, so that what lies beyond them may be taken to lie in them.
        first_column, last_column = _extent(self._edges, 0, x0, cell, wide)
        first_row, last_row = _extent(self._edges, 1, y0, cell, high)
        flat, width = sums.ravel(), wide + 1
        above, below = (last_row + 1) * width, first_row * width
        held = flat[above + last_column + 1] - flat[below + last_column + 1]
        held -= flat[above + first_column] - flat[below + first_column]
        return np.flatnonzero(held > 0)


def _extent(
    edges: RoadEdges, axis: int, origin: float, cell: float, size: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the first and the last column, or row, of a raster that each edge's bounding box lies in."""

    def cells(values: NDArray[np.float64]) -> NDArray[np.int16]:
        return ((values - origin) / cell).clip(0, size - 1).astype(np.int16)

    if edges.coords is None or edges.offsets is None:
        at = cells(edges.y if axis else edges.x)
        u, v = at[edges.u], at[edges.v]
        return np.minimum(u, v).astype(np.int32), np.maximum(u, v).astype(np.int32)
    at, starts = cells(edges.coords[:, axis]), edges.offsets[:-1]
    return np.minimum.reduceat(at, starts).astype(np.int32), np.maximum.reduceat(at, starts).astype(np.int32)


def _is_in(wanted: NDArray[np.complex128], known: NDArray[np.complex128]) -> NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(wanted), dtype=bool)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.asarray(known[at] == wanted)


def _all_in(wanted: NDArray[np.complex128], known: NDArray[np.complex128]) -> bool:
    return bool(_is_in(wanted, known).all())


def _along(lines: NDArray[np.object_], points: NDArray[np.object_]) -> NDArray[np.float64]:
    length = shapely.length(lines)
    metres = shapely.line_locate_point(lines, points)
    metres = np.where(np.isfinite(metres), metres, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        fraction = np.where(length > 0, metres / length, 0.0)
    fraction[metres <= _AT_NODE_M] = 0.0
    fraction[(length > 0) & (metres >= length - _AT_NODE_M)] = 1.0
    return np.asarray(fraction)
