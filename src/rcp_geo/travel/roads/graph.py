"""The network as scipy's sparse matrices, with costs that add up exactly in any order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Arcs", "Graph", "exact", "side_by_side"]

# About 60 nanometres or nanoseconds. Multiples of it up to 2**29 (537,000 km, 17 years) are added without any rounding, so a
# path costs the same from either end, whatever search found it, and equal costs are equal.
_STEP = 2.0**-24


def exact(cost: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round costs to multiples of the step within which sums are exact."""
    return np.rint(cost / _STEP) * _STEP


# Cells along the longer side of the area; at national size a cell holds some nodes.
_CELLS = 2**11


def side_by_side(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return a place for each node in an order that keeps neighbours together, so that a search finds them in the cache.

    Notes
    -----
    Nodes are ordered by their cell along a Z-order curve: Morton, G. M. (1966), A computer oriented geodetic data base and a new
    technique in file sequencing, IBM. Those of one cell stay in their order.
    """
    from scipy.sparse import csc_array

    n = len(x)
    if not n:
        return np.empty(0, dtype=np.int32)
    side = max(float(np.ptp(x)), float(np.ptp(y)))
    scale = _CELLS / (side * (1 + 1e-9)) if side > 0 else 0.0
    cell = _spread((x - x.min()) * scale) | _spread((y - y.min()) * scale) << np.uint32(1)
    # A matrix of cells by nodes with one entry to a node: turning it into rows sorts the nodes by cell in linear time.
    entries = (np.zeros(n, dtype=np.int8), cell.astype(np.int32), np.arange(n + 1, dtype=np.int32))
    order = csc_array(entries, shape=(int(cell.max()) + 1, n)).tocsr().indices
    place = np.empty(n, dtype=np.int32)
    place[order] = np.arange(n, dtype=np.int32)
    return place


def _spread(cells: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Put the bits of each number, of which there are at most 16, at the even positions."""
    bits = cells.astype(np.uint32)
    for step, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        bits = (bits | (bits << np.uint32(step))) & np.uint32(mask)
    return bits


@dataclass(frozen=True, eq=False)
class Arcs:
    """Arcs by the place of the node they start from: those of ``i`` lie between ``indptr[i]`` and ``indptr[i + 1]``."""

    indptr: NDArray[np.int32]
    head: NDArray[np.int32]
    cost: NDArray[np.float64]

    def with_sources(self, node: NDArray[np.int32], cost: NDArray[np.float64]) -> Arcs:
        """Append nodes that only have arcs to others: row i of ``node`` and ``cost``, infinite where there is no arc."""
        there = np.isfinite(cost)
        ends = self.indptr[-1] + np.cumsum(there.sum(axis=1))
        return Arcs(
            np.concatenate([self.indptr, ends.astype(np.int32)]),
            np.concatenate([self.head, node[there].astype(np.int32)]),
            np.concatenate([self.cost, cost[there]]),
        )

    def matrix(self) -> Any:  # noqa: ANN401 - scipy ships no types
        """Return the arcs as a sparse matrix for scipy's searches, parallel arcs and zero costs kept."""
        from scipy.sparse import csr_array

        n = len(self.indptr) - 1
        return csr_array((self.cost, self.head, self.indptr), shape=(n, n))


@dataclass(frozen=True, eq=False)
class Graph:
    """Edges between nodes with their exact costs.

    Attributes
    ----------
    n
        Number of nodes.
    u, v
        Ends of each edge.
    there, back
        Cost from ``u`` to ``v`` and from ``v`` to ``u``; infinite where that way is closed.
    place
        Place of each node among arcs; None where they keep the nodes' own order.
    """

    n: int
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    there: NDArray[np.float64]
    back: NDArray[np.float64]
    place: NDArray[np.int32] | None = None

    def placed(self, node: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the places of nodes among arcs."""
        return node if self.place is None else self.place[node]

    def by_node(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return values by place in the order of the nodes, less what was appended."""
        return values[: self.n] if self.place is None else values[self.place]

    @cached_property
    def forward(self) -> Arcs:
        """Arcs in the direction of travel."""
        return self._arcs(self.u, self.v)

    @cached_property
    def reverse(self) -> Arcs:
        """Arcs against the direction of travel: a search from a destination finds who can reach it."""
        return self._arcs(self.v, self.u)

    def _arcs(self, tail: NDArray[np.int32], head: NDArray[np.int32]) -> Arcs:
        from scipy.sparse import csc_array

        tail, head = self.placed(tail), self.placed(head)
        open_back = np.flatnonzero(np.isfinite(self.back))
        tails = np.concatenate([tail, head[open_back]])
        heads = np.concatenate([head, tail[open_back]])
        costs = np.concatenate([self.there, self.back[open_back]])
        m = len(tails)
        # A matrix of nodes by arcs with one entry to an arc: turning it into rows sorts the arcs by their tail in linear time.
        rows = csc_array((costs, tails, np.arange(m + 1, dtype=np.int32)), shape=(self.n, m)).tocsr()
        return Arcs(rows.indptr.astype(np.int32, copy=False), heads[rows.indices], rows.data)

    @cached_property
    def weak(self) -> NDArray[np.int32]:
        """Number of the weakly connected component of each node: what hangs together when one-way is ignored."""
        return self._components("weak")

    @cached_property
    def strong(self) -> NDArray[np.int32]:
        """Number of the strongly connected component of each node: within it everyone reaches everyone."""
        return self._components("strong")

    def _components(self, connection: str) -> NDArray[np.int32]:
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        arcs = self.forward
        n = self.n
        matrix = csr_array((np.ones(len(arcs.head)), arcs.head.copy(), arcs.indptr.copy()), shape=(n, n))
        # Of parallel arcs scipy's search for strong components may never come to an end.
        matrix.sum_duplicates()
        _, labels = connected_components(matrix, directed=True, connection=connection)
        return self.by_node(np.asarray(labels, dtype=np.int32))
