"""Which parts of which roads lie within a cost of a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from rcp_geo.travel.roads.edges import RoadEdges, lines_of
from rcp_geo.travel.roads.graph import Graph
from rcp_geo.travel.roads.searching import Ends

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["node_costs", "reached_parts"]


def node_costs(graph: Graph, into: Ends, cutoff: float) -> NDArray[np.float64]:
    """Return what it costs from each node to the nearest of some destinations; infinite beyond the cutoff."""
    from scipy.sparse.csgraph import dijkstra

    first = into.first
    arcs = graph.reverse.with_sources(graph.placed(into.into.node[first]), into.into.cost[first])
    sources = np.arange(graph.n, graph.n + len(first))
    return graph.by_node(dijkstra(arcs.matrix(), indices=sources, min_only=True, limit=cutoff))


def reached_parts(
    edges: RoadEdges, graph: Graph, into: Ends, node_cost: NDArray[np.float64], cutoff: float
) -> NDArray[np.object_]:
    """Return the parts of edges from which a destination costs at most the cutoff, as lines."""
    # From the fraction where the way on to v is short enough, and up to the one where the way back to u is.
    after = 1 - _share(cutoff - node_cost[graph.v], graph.there)
    before = _share(cutoff - node_cost[graph.u], graph.back)
    whole = before >= after
    parts = [lines_of(edges, np.flatnonzero(whole))]
    some = ~whole & (after < 1)
    parts.append(_cut(edges, np.flatnonzero(some), after[some], np.ones(some.sum())))
    some = ~whole & (before > 0)
    parts.append(_cut(edges, np.flatnonzero(some), np.zeros(some.sum()), before[some]))
    parts.append(_beside(edges, graph, into, cutoff))
    return np.concatenate(parts)


def _share(left: NDArray[np.float64], cost: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much of an edge can be travelled for what is left of the cutoff, from 0 to 1."""
    open_ = np.isfinite(left) & (left >= 0) & np.isfinite(cost)
    free = cost <= np.where(open_, left, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(free, 1.0, np.where(open_, left, 0.0) / cost)
    return np.where(open_, share, 0.0)


def _beside(edges: RoadEdges, graph: Graph, into: Ends, cutoff: float) -> NDArray[np.object_]:
    """Return the parts of their own edges from which destinations are reached without passing a node."""
    on, at, left = [into.snapped.edge], [into.snapped.fraction], [cutoff - into.access]
    for rows, other, against in into.twins.per_turn(on[0]):
        on.append(other)
        at.append(np.where(against, 1 - at[0][rows], at[0][rows]))
        left.append(left[0][rows])
    return _around(edges, graph, np.concatenate(on), np.concatenate(at), np.concatenate(left))


def _around(
    edges: RoadEdges, graph: Graph, on: NDArray[np.int64], at: NDArray[np.float64], left: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return the parts of edges that lie before and after a point on each, as far as the cost that is left goes."""
    start = np.maximum(at - _share(left, graph.there[on]), 0.0)
    stop = np.minimum(at + _share(left, graph.back[on]), 1.0)
    some = (left >= 0) & (stop > start)
    return _cut(edges, on[some], start[some], stop[some])


def _cut(
    edges: RoadEdges, which: NDArray[np.int64], start: NDArray[np.float64], stop: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return the part of each edge between two fractions of its length."""
    pieces = np.empty(len(which), dtype=object)
    pieces[:] = [
        _part(line, a, b) for line, a, b in zip(lines_of(edges, which), start.tolist(), stop.tolist(), strict=True)
    ]
    return pieces


def _part(line: Any, start: float, stop: float) -> Any:  # noqa: ANN401 - a shapely line
    xy = shapely.get_coordinates(line)
    place = np.r_[0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))]
    a, b = start * place[-1], stop * place[-1]
    inner = xy[(place > a) & (place < b)]
    ends = np.column_stack([np.interp([a, b], place, xy[:, axis]) for axis in (0, 1)])
    return shapely.linestrings(np.concatenate([ends[:1], inner, ends[1:]]))
