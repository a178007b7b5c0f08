"""Edges that are one street: between the same nodes along the same line, in either direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from rcp_geo.travel.roads.edges import RoadEdges, lines_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NO_TWINS", "Twins", "twins_of"]

# Lines that stray no farther from each other than this are the same: what is left of a coordinate after reprojection.
_SAME_M = 1e-3


@dataclass(frozen=True, eq=False)
class Twins:
    """Pairs of edges that are one street.

    Attributes
    ----------
    edge
        The edges asked for, ascending, one row for each twin.
    other
        Their twins.
    against
        Whether the twin runs the other way.
    """

    edge: NDArray[np.int64]
    other: NDArray[np.int64]
    against: NDArray[np.bool_]

    def per_turn(self, edge: NDArray[np.int64]) -> list[tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.bool_]]]:
        """Return, for first twins, second twins and so on: positions of the edges that have one, the twin, and its way."""
        if not len(self.edge):
            return []
        start, stop = np.searchsorted(self.edge, edge, "left"), np.searchsorted(self.edge, edge, "right")
        turns = []
        for turn in range(int((stop - start).max(initial=0))):
            rows = np.flatnonzero(start + turn < stop)
            at = start[rows] + turn
            turns.append((rows, self.other[at], self.against[at]))
        return turns

    def merged(self, more: Twins) -> Twins:
        """Return these and those of other edges."""
        both = [np.concatenate([getattr(self, n), getattr(more, n)]) for n in ("edge", "other", "against")]
        order = np.argsort(both[0], kind="stable")
        return Twins(*(a[order] for a in both))


NO_TWINS = Twins(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=bool))


def twins_of(edges: RoadEdges, which: NDArray[np.int64]) -> Twins:
    """Find the twins of some edges, each given once; ferries are no street."""
    # Few edges have both ends among those of the edges asked for, so that only these need to be sorted.
    marked = np.zeros(len(edges.x), dtype=bool)
    marked[edges.u[which]] = marked[edges.v[which]] = True
    near = np.flatnonzero(marked[edges.u] & marked[edges.v])
    near = near[~edges.afloat(near)]
    keys = _ends(edges, near)
    order = np.argsort(keys, kind="stable")
    near, keys, wanted = near[order], keys[order], _ends(edges, which)
    start, stop = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
    count = stop - start
    edge = np.repeat(which, count)
    other = near[np.repeat(start - np.cumsum(count) + count, count) + np.arange(len(edge))]
    edge, other = edge[edge != other], other[edge != other]
    if not len(edge):
        return NO_TWINS
    lines, lines_other = lines_of(edges, edge), lines_of(edges, other)
    same = shapely.hausdorff_distance(lines, lines_other) <= _SAME_M
    edge, other, lines, lines_other = edge[same], other[same], lines[same], lines_other[same]
    loop = edges.u[edge] == edges.v[edge]
    against = np.where(loop, _runs_against(lines, lines_other), edges.u[edge] != edges.u[other])
    order = np.lexsort((other, edge))
    return Twins(edge[order], other[order], against[order])


def _ends(edges: RoadEdges, which: NDArray[np.int64]) -> NDArray[np.int64]:
    u, v = edges.u[which].astype(np.int64), edges.v[which].astype(np.int64)
    return np.asarray(np.minimum(u, v) * len(edges.x) + np.maximum(u, v))


def _runs_against(lines: NDArray[np.object_], others: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which loops are drawn the other way round."""
    quarter = [shapely.line_interpolate_point(drawn, 0.25, normalized=True) for drawn in (lines, others)]
    last = shapely.line_interpolate_point(others, 0.75, normalized=True)
    return np.asarray(shapely.distance(quarter[0], last) < shapely.distance(*quarter))
