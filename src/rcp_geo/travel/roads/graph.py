"""The network as scipy's sparse matrices, with costs that add up exactly in any order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Arcs", "Graph", "exact"]

# About 60 nanometres or nanoseconds. Multiples of it up to 2**29 (537,000 km, 17 years) are added without any rounding, so a
# path costs the same from either end, whatever search found it, and equal costs are equal.
_STEP = 2.0**-24


def exact(cost: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round costs to multiples of the step within which sums are exact."""
    return np.rint(cost / _STEP) * _STEP


@dataclass(frozen=True, eq=False)
class Arcs:
    """Arcs by the node they start from: those of node ``i`` lie between ``indptr[i]`` and ``indptr[i + 1]``."""

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
    """

    n: int
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    there: NDArray[np.float64]
    back: NDArray[np.float64]

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
        return np.asarray(labels, dtype=np.int32)
