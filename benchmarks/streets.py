"""Made-up streets of any number: the shortest tree over scattered points and a part of the other sides of their triangles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rcp_geo.travel import RoadEdges

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

SEED = 20221101
# One point to so many square metres; streets come out at some 150 m.
AREA_M2 = 40_000.0
# Of the sides of triangles that are not in the tree.
KEPT = 0.12
# Streets that join one tile to the next.
JOINS = 200


@dataclass(frozen=True)
class Streets:
    """Streets between points on the National Grid; one-way streets run from ``u`` to ``v``."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    length_m: NDArray[np.float64]
    oneway: NDArray[np.bool_]

    @property
    def arcs(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        """Every direction that is open, as tail, head and length."""
        back = ~self.oneway
        return (
            np.concatenate([self.u, self.v[back]]),
            np.concatenate([self.v, self.u[back]]),
            np.concatenate([self.length_m, self.length_m[back]]),
        )

    def edges(self) -> RoadEdges:
        """Return the same as the library takes it."""
        return RoadEdges(x=self.x, y=self.y, u=self.u, v=self.v, length_m=self.length_m, oneway=self.oneway)

    def against(self) -> csr_array:
        """Return the arcs turned round as scipy takes them: a search from services finds who can reach them."""
        from scipy.sparse import csr_array

        tail, head, length = self.arcs
        n = len(self.x)
        return csr_array((length, (head, tail)), shape=(n, n))


def streets(nodes: int, tiles: int = 1, *, both_ways: bool = False) -> Streets:
    """Make streets: so many points to a tile, tiles in a row, joined along their sides.

    The tree keeps everything together and is open both ways, so that everyone reaches everyone; the other streets are one-way.
    A mean of 2.48 streets meet at a point.
    """
    one = _tile(nodes, both_ways=both_ways)
    if tiles == 1:
        return one
    side = np.sqrt(nodes * AREA_M2)
    right, left = (np.argsort(sign * one.x, kind="stable")[:JOINS] for sign in (-1, 1))
    right, left = (some[np.argsort(one.y[some])] for some in (right, left))
    step = np.arange(tiles, dtype=np.int64) * nodes
    u = np.concatenate([(one.u[None] + step[:, None]).ravel(), (right[None] + step[:-1, None]).ravel()])
    v = np.concatenate([(one.v[None] + step[:, None]).ravel(), (left[None] + step[1:, None]).ravel()])
    x = np.concatenate([one.x + i * side for i in range(tiles)])
    y = np.tile(one.y, tiles)
    joined = len(u) - len(one.u) * tiles
    oneway = np.concatenate([np.tile(one.oneway, tiles), np.zeros(joined, dtype=bool)])
    return _measured(x, y, u.astype(np.int32), v.astype(np.int32), oneway)


def _tile(nodes: int, *, both_ways: bool) -> Streets:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree
    from scipy.spatial import Delaunay

    rng = np.random.default_rng(SEED)
    side = np.sqrt(nodes * AREA_M2)
    x, y = rng.uniform(0, side, (2, nodes))
    corners = Delaunay(np.column_stack([x, y])).simplices
    sides = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1)
    code = np.unique(sides[:, 0].astype(np.int64) * nodes + sides[:, 1])
    a, b = code // nodes, code % nodes
    whole = coo_array((np.hypot(x[a] - x[b], y[a] - y[b]), (a, b)), shape=(nodes, nodes)).tocsr()
    tree = minimum_spanning_tree(whole).tocoo()
    low, high = np.minimum(tree.row, tree.col), np.maximum(tree.row, tree.col)
    in_tree = np.isin(code, low.astype(np.int64) * nodes + high)
    kept = in_tree | (rng.random(len(code)) < KEPT)
    # National Grid: the south-west of England at the corner.
    return _measured(
        x + 100_000,
        y + 50_000,
        a[kept].astype(np.int32),
        b[kept].astype(np.int32),
        np.zeros(kept.sum(), dtype=bool) if both_ways else ~in_tree[kept],
    )


def _measured(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    u: NDArray[np.int32],
    v: NDArray[np.int32],
    oneway: NDArray[np.bool_],
) -> Streets:
    return Streets(x, y, u, v, np.hypot(x[u] - x[v], y[u] - y[v]), oneway)


def services(made: Streets, count: int) -> NDArray[np.intp]:
    """Return the points that hold a service, in order."""
    return np.sort(np.random.default_rng(SEED + 1).choice(len(made.x), count, replace=False))
