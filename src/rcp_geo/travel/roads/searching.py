"""Shortest paths between snapped points: the nearest by one search for all, costs by one search for each of the fewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rcp_geo.travel.roads.graph import Arcs, Graph, exact
from rcp_geo.travel.roads.snapping import Snapped
from rcp_geo.travel.roads.twins import Twins

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Doors",
    "Ends",
    "Pairs",
    "costs_between",
    "ends_of",
    "nearest_of_points",
    "nearest_places",
    "several_nearest",
]

# Distances held at once, 8 bytes each.
_AT_ONCE = 32_000_000
_NOWHERE = np.iinfo(np.int32).max
# Nodes looked at together: few enough that what is made of them stays in the cache.
_BLOCK = 2**17


@dataclass(frozen=True, eq=False)
class Doors:
    """The nodes through which a point is left or entered, and the cost; infinite where a door is closed.

    There are two columns for the edge that a point is on, and two more for each edge that is the same street.
    """

    node: NDArray[np.int32]
    cost: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ends:
    """Snapped points as ends of journeys.

    Attributes
    ----------
    snapped
        The points, all of them on the network.
    access
        Exact cost between each point and the network.
    out, into
        Doors from the point to the network, and from the network to the point; ``access`` included.
    place
        Number of the place of each point: points of one place have the same doors.
    twins
        Edges that are one street with those that the points are on.
    """

    snapped: Snapped
    access: NDArray[np.float64]
    out: Doors
    into: Doors
    place: NDArray[np.intp]
    twins: Twins

    @property
    def first(self) -> NDArray[np.intp]:
        """One point of each place."""
        return np.unique(self.place, return_index=True)[1]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Positions of origins and destinations and the cost between them."""

    i: NDArray[np.intp]
    j: NDArray[np.intp]
    cost: NDArray[np.float64]


def ends_of(graph: Graph, snapped: Snapped, access: NDArray[np.float64], twins: Twins) -> Ends:
    """Work out where points that are on the network enter and leave it."""
    edge, fraction = snapped.edge, snapped.fraction
    access = exact(access)
    at_node = (fraction == 0) | (fraction == 1)
    own = _doors(graph, edge, fraction)
    node, out, into = [own[0]], [own[1]], [own[2]]
    for rows, other, against in twins.per_turn(edge):
        # A point at a node goes through it, whatever the street.
        inner = ~at_node[rows]
        rows, other, against = rows[inner], other[inner], against[inner]  # noqa: PLW2901
        found = _doors(graph, other, np.where(against, 1 - fraction[rows], fraction[rows]))
        closed = np.full(out[0].shape, np.inf)
        node.append(own[0].copy())
        out.append(closed)
        into.append(closed.copy())
        node[-1][rows], out[-1][rows], into[-1][rows] = found
    where = np.where(at_node, len(graph.u) + node[0][:, 0].astype(np.int64), edge)
    keys = np.column_stack([where.astype(np.float64), np.where(at_node, 0.0, fraction), access])
    _, place = np.unique(keys, axis=0, return_inverse=True)
    nodes = np.concatenate(node, axis=1)
    return Ends(
        snapped,
        access,
        Doors(nodes, np.concatenate(out, axis=1) + access[:, None]),
        Doors(nodes, np.concatenate(into, axis=1) + access[:, None]),
        np.asarray(place).reshape(-1),
        twins,
    )


def _doors(
    graph: Graph, edge: NDArray[np.int64], fraction: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of edges, and what it costs to get there and from there, for points along them."""
    u, v, there, back = graph.u[edge], graph.v[edge], graph.there[edge], graph.back[edge]
    # What is left of an edge is the whole less the part, so that the two make the whole exactly.
    part, part_back = _part(there, fraction), _part(back, fraction)
    at_u, at_v = fraction == 0, fraction == 1
    at_node = at_u | at_v
    node = np.column_stack([np.where(at_v, v, u), np.where(at_u, u, v)])
    closed = np.full(len(edge), np.inf)
    out = np.column_stack([np.where(at_node, 0.0, part_back), np.where(at_node, closed, there - part)])
    into = np.column_stack([np.where(at_node, 0.0, part), np.where(at_node, closed, _less(back, part_back))])
    return node, out, into


def _part(cost: NDArray[np.float64], fraction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the exact cost of the first part of an edge; infinite where the edge is closed."""
    passable = np.isfinite(cost)
    return np.where(passable, exact(np.where(passable, cost, 0.0) * fraction), np.inf)


def _less(cost: NDArray[np.float64], part: NDArray[np.float64]) -> NDArray[np.float64]:
    passable = np.isfinite(cost)
    return np.where(passable, cost - np.where(passable, part, 0.0), np.inf)


# ------------------------------------------------------------------------------------------- pairs on one edge


def _direct(graph: Graph, a: Ends, b: Ends) -> Pairs:
    """Return journeys that never reach a node: along one edge as it may be travelled, or between points at one spot."""
    fa, fb = _spot(graph, a), _spot(graph, b)
    order = np.argsort(fb, kind="stable")
    start, stop = np.searchsorted(fb[order], fa, "left"), np.searchsorted(fb[order], fa, "right")
    count = stop - start
    i = np.repeat(np.arange(len(fa)), count)
    j = order[np.repeat(start - np.cumsum(count) + count, count) + np.arange(len(i))]
    edge = a.snapped.edge[i]
    from_, to = a.snapped.fraction[i], b.snapped.fraction[j]
    along = _along(graph, edge, from_, to)
    for rows, other, against in a.twins.per_turn(edge):
        f, g = (np.where(against, 1 - at[rows], at[rows]) for at in (from_, to))
        along[rows] = np.minimum(along[rows], _along(graph, other, f, g))
    inside = fa[i] < len(graph.u)
    cost = np.where(inside, along + a.access[i] + b.access[j], np.inf)
    same = (a.snapped.x[i] == b.snapped.x[j]) & (a.snapped.y[i] == b.snapped.y[j])
    cost[same] = 0.0
    kept = np.isfinite(cost)
    return Pairs(i[kept], j[kept], cost[kept])


def _along(
    graph: Graph, edge: NDArray[np.int64], from_: NDArray[np.float64], to: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what it costs to go between two fractions of an edge without leaving it."""
    there, back = graph.there[edge], graph.back[edge]
    ahead = np.where(to >= from_, _less(_part(there, to), _part(there, from_)), np.inf)
    behind = np.where(to <= from_, _less(_part(back, from_), _part(back, to)), np.inf)
    return np.minimum(ahead, behind)


def _spot(graph: Graph, ends: Ends) -> NDArray[np.int64]:
    """Return the number of the edge that each point is on, or beyond those the node that it stands at."""
    fraction = ends.snapped.fraction
    at_node = (fraction == 0) | (fraction == 1)
    return np.where(at_node, len(graph.u) + ends.out.node[:, 0].astype(np.int64), ends.snapped.edge)


# --------------------------------------------------------------------------------------------------- nearest one


@dataclass(frozen=True, eq=False)
class Reached:
    """For every node the cost to the nearest destination, and the smallest and greatest rank of those that cost that."""

    cost: NDArray[np.float64]
    least: NDArray[np.int32]
    most: NDArray[np.int32]


def nearest_places(graph: Graph, into: Ends, rank: NDArray[np.intp], cutoff: float | None) -> Reached:
    """Find for every node its nearest destination, by one search from all destinations against the direction of travel.

    Parameters
    ----------
    graph
        The network.
    into
        The destinations.
    rank
        Place of each destination in the order of their ids.
    cutoff
        Greatest cost looked for.
    """
    from scipy.sparse.csgraph import dijkstra

    first = into.first
    places = len(first)
    arcs = graph.reverse.with_sources(graph.placed(into.into.node[first]), into.into.cost[first])
    cost, _, source = dijkstra(
        arcs.matrix(),
        indices=np.arange(graph.n, graph.n + places),
        min_only=True,
        return_predecessors=True,
        limit=np.inf if cutoff is None else cutoff,
    )
    # The last place stands for no destination at all.
    least_of, most_of = np.full(places + 1, _NOWHERE, dtype=np.int32), np.full(places + 1, -1, dtype=np.int32)
    np.minimum.at(least_of, into.place, rank.astype(np.int32))
    np.maximum.at(most_of, into.place, rank.astype(np.int32))
    source -= graph.n
    label = np.where(source < 0, np.int32(places), source)
    least, most = least_of[label], most_of[label]
    _spread_ties(arcs, cost, label, least, most)
    return Reached(graph.by_node(cost), graph.by_node(least), graph.by_node(most))


def _spread_ties(
    arcs: Arcs,
    cost: NDArray[np.float64],
    label: NDArray[np.int32],
    least: NDArray[np.int32],
    most: NDArray[np.int32],
) -> None:
    """Widen ``least`` and ``most`` to every destination that costs the same: the search itself keeps one of them."""
    borders = np.concatenate([_borders(arcs, label, start) for start in range(0, len(label), _BLOCK)])
    tail = np.searchsorted(arcs.indptr, borders, side="right") - 1
    changed = _widen(arcs, cost, least, most, tail, borders)
    while len(changed):
        start = arcs.indptr[changed]
        size = arcs.indptr[changed + 1] - start
        tail = np.repeat(changed, size)
        at = np.repeat(start - np.cumsum(size) + size, size) + np.arange(len(tail))
        changed = _widen(arcs, cost, least, most, tail, at)


def _borders(arcs: Arcs, label: NDArray[np.int32], start: int) -> NDArray[np.intp]:
    """Return the arcs of a block of nodes that lead from one label to another."""
    bounds = arcs.indptr[start : start + _BLOCK + 1]
    own = np.repeat(label[start : start + _BLOCK], np.diff(bounds))
    return np.asarray(np.flatnonzero(own != label[arcs.head[bounds[0] : bounds[-1]]]) + bounds[0], dtype=np.intp)


def _widen(
    arcs: Arcs,
    cost: NDArray[np.float64],
    least: NDArray[np.int32],
    most: NDArray[np.int32],
    tail: NDArray[np.intp],
    at: NDArray[np.intp],
) -> NDArray[np.intp]:
    """Carry ranks over the given arcs that lie on a shortest path; return the nodes where that changed anything."""
    head = arcs.head[at]
    reached = cost[tail]
    gains = np.isfinite(reached) & (cost[head] == reached + arcs.cost[at])
    gains &= (least[tail] < least[head]) | (most[tail] > most[head])
    tail, head = tail[gains], head[gains]
    np.minimum.at(least, head, least[tail])
    np.maximum.at(most, head, most[tail])
    return np.asarray(np.unique(head), dtype=np.intp)


def nearest_of_points(graph: Graph, reached: Reached, a: Ends, b: Ends, rank: NDArray[np.intp]) -> Reached:
    """Find the nearest destination of each origin from what is known of every node."""
    offers = a.out.cost + reached.cost[a.out.node]
    best = offers.min(axis=1)
    direct = _direct(graph, a, b)
    np.minimum.at(best, direct.i, direct.cost)
    counts = (offers == best[:, None]) & np.isfinite(offers)
    least = np.where(counts, reached.least[a.out.node], _NOWHERE).min(axis=1)
    most = np.where(counts, reached.most[a.out.node], -1).max(axis=1)
    tight = direct.cost == best[direct.i]
    ranks = rank[direct.j[tight]].astype(np.int32)
    np.minimum.at(least, direct.i[tight], ranks)
    np.maximum.at(most, direct.i[tight], ranks)
    return Reached(best, least.astype(np.int32), most.astype(np.int32))


# ------------------------------------------------------------------------------------------------ costs of pairs


def costs_between(graph: Graph, a: Ends, b: Ends, cutoff: float | None, guess: float) -> Pairs:
    """Return the cost of every pair that can be travelled within the cutoff, in no order.

    One search goes out from each place of the side with fewer of them. ``guess`` is how far the first attempt goes; it is
    widened until nothing that hangs together is missing.
    """
    turned = len(b.first) <= len(a.first)
    near, far = (b, a) if turned else (a, b)
    arcs = graph.reverse if turned else graph.forward
    near_doors, far_doors = (near.into, far.out) if turned else (near.out, far.into)
    direct = _direct(graph, a, b)
    found = []
    members = np.argsort(near.place, kind="stable")
    bounds = np.searchsorted(near.place[members], np.arange(len(near.first) + 1))
    step = max(1, _AT_ONCE // (graph.n + len(near.first)))
    for start in range(0, len(near.first), step):
        some = near.first[start : start + step]
        cost = _matrix(graph, arcs, near_doors, some, far_doors, cutoff, guess)
        mine = members[bounds[start] : bounds[start + len(some)]]
        whole = cost[near.place[mine] - start]
        there, back = (direct.j, direct.i) if turned else (direct.i, direct.j)
        row = np.full(len(near.snapped), -1, dtype=np.intp)
        row[mine] = np.arange(len(mine))
        here = row[there] >= 0
        np.minimum.at(whole, (row[there[here]], back[here]), direct.cost[here])
        r, c = np.nonzero(np.isfinite(whole) if cutoff is None else whole <= cutoff)
        i, j = (c, mine[r]) if turned else (mine[r], c)
        found.append(Pairs(i, j, whole[r, c]))
    none = np.empty(0, dtype=np.intp)
    return Pairs(
        np.concatenate([none, *(p.i for p in found)]),
        np.concatenate([none, *(p.j for p in found)]),
        np.concatenate([np.empty(0), *(p.cost for p in found)]),
    )


def _matrix(
    graph: Graph,
    arcs: Arcs,
    near: Doors,
    some: NDArray[np.intp],
    far: Doors,
    cutoff: float | None,
    guess: float,
) -> NDArray[np.float64]:
    """Return the cost between some places of one side and all points of the other, by way of the network's nodes."""
    from scipy.sparse.csgraph import dijkstra

    matrix = arcs.with_sources(graph.placed(near.node[some]), near.cost[some]).matrix()
    sources = np.arange(graph.n, graph.n + len(some))
    limit = cutoff if cutoff is not None else guess
    joined, ends = None, graph.placed(far.node)
    while True:
        reached = dijkstra(matrix, indices=sources, limit=limit)
        # A closed door is at no node in particular, and costs infinitely much.
        cost = (reached[:, ends] + far.cost).min(axis=2)
        if cutoff is not None or not np.isfinite(limit):
            return np.asarray(cost)
        if joined is None:
            joined = graph.weak[near.node[some, 0]][:, None] == graph.weak[far.node[:, 0]]
        # Within the limit everything is found as it is; what costs more may have a way that the search did not see.
        if (cost[joined] <= limit).all():
            return np.asarray(np.where(cost <= limit, cost, np.inf))
        limit = limit * 4 if limit < guess * 16 else np.inf


def several_nearest(
    graph: Graph, a: Ends, b: Ends, rank: NDArray[np.intp], k: int, cutoff: float | None, guess: float
) -> Pairs:
    """Return for each origin its ``k`` nearest destinations and the next one, equal costs by rank."""
    best_cost = np.full((len(a.snapped), k + 1), np.inf)
    best_rank = np.full((len(a.snapped), k + 1), _NOWHERE, dtype=np.int64)
    by_rank = np.argsort(rank)
    dense = np.empty(len(by_rank), dtype=np.int64)
    dense[by_rank] = np.arange(len(by_rank))
    step = max(1, _AT_ONCE // max(len(a.snapped), 1))
    for start in range(0, len(by_rank), step):
        some = by_rank[start : start + step]
        pairs = costs_between(graph, a, subset(b, some), cutoff, guess)
        cost = np.full((len(a.snapped), len(some)), np.inf)
        cost[pairs.i, pairs.j] = pairs.cost
        both = np.concatenate([best_cost, cost], axis=1)
        ranks = np.concatenate([best_rank, np.broadcast_to(dense[some], cost.shape)], axis=1)
        order = np.lexsort((ranks, both), axis=1)[:, : k + 1]
        best_cost, best_rank = np.take_along_axis(both, order, 1), np.take_along_axis(ranks, order, 1)
    i, place = np.nonzero(np.isfinite(best_cost))
    return Pairs(i, by_rank[best_rank[i, place]], best_cost[i, place])


def subset(ends: Ends, rows: NDArray[np.intp]) -> Ends:
    """Return some of the ends."""
    _, place = np.unique(ends.place[rows], return_inverse=True)
    return Ends(
        ends.snapped.take(rows),
        ends.access[rows],
        Doors(ends.out.node[rows], ends.out.cost[rows]),
        Doors(ends.into.node[rows], ends.into.cost[rows]),
        np.asarray(place).reshape(-1),
        ends.twins,
    )
