"""What is lost where no site of a set is open: demand that sees the same sites is put together.

Both covering and the p-median are sums of such losses. Of covering a set is the candidates within the cutoff of a demand point,
and its loss the point's weight. Of the p-median the sets of a point are its nearest candidate, its two nearest and so on, and the
loss of each is what the next one costs more (Cornuéjols, Nemhauser and Wolsey 1980; Elloumi 2010). Points with the same set
share it, whatever their costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rcp_geo.planning.problem import totals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rcp_geo.planning.problem import Problem

__all__ = ["Covers", "cost_covers", "covers_within"]


@dataclass(frozen=True, slots=True)
class Covers:
    """Sets of candidates and what is lost where none of a set is open.

    Attributes
    ----------
    loss
        For each set and group of demand.
    parent
        For each set the position of one that it adds candidates to; -1 where it adds to none.
    of, member
        Position of a set and of a candidate that it adds, for each pair of them.
    must
        Whether one of the set has to be open.
    base
        Loss of each group that no choice changes.
    """

    loss: NDArray[np.float64]
    parent: NDArray[np.intp]
    of: NDArray[np.intp]
    member: NDArray[np.intp]
    must: NDArray[np.bool_]
    base: NDArray[np.float64]

    @property
    def entries(self) -> int:
        """How many numbers other than 0 the constraints hold."""
        return len(self.of) + len(self.parent) + int((self.parent >= 0).sum())


def covers_within(problem: Problem, limit: float, group: NDArray[np.intp] | None = None, groups: int = 1) -> Covers:
    """Return for each set of candidates at costs up to a limit the weight that sees just these and no existing site."""
    group = np.zeros(len(problem.weight), dtype=np.intp) if group is None else group
    open_ = (problem.held > limit) & (problem.weight > 0)
    near = (problem.cost <= limit) & open_[problem.row]
    row, column = problem.row[near], problem.column[near]
    rows, of = np.unique(row, return_inverse=True)
    bits = np.zeros((len(rows), len(problem.candidates) // 8 + 1), dtype=np.uint8)
    np.bitwise_or.at(bits, (of, column // 8), np.left_shift(1, column % 8).astype(np.uint8))
    first, which = _distinct(bits)
    n = len(first)
    loss = np.zeros((n, groups))
    np.add.at(loss, (which, group[rows]), problem.weight[rows])
    kept = np.isin(of, first)
    place = np.empty(len(rows), dtype=np.intp)
    place[first] = np.arange(n)
    never = open_.copy()
    never[rows] = False
    base = totals(group[never], problem.weight[never], groups)
    return Covers(
        loss,
        np.full(n, -1, dtype=np.intp),
        place[of[kept]],
        column[kept],
        np.zeros(n, dtype=bool),
        base,
    )


def cost_covers(problem: Problem, group: NDArray[np.intp] | None = None, groups: int = 1) -> Covers:
    """Return the sets of nearest candidates of demand points and what the next nearest costs more.

    Only candidates that are nearer than the nearest existing site change anything. The last set of a point without one has to
    be open somewhere.
    """
    group = np.zeros(len(problem.weight), dtype=np.intp) if group is None else group
    useful = (problem.cost < problem.held[problem.row]) & (problem.weight[problem.row] > 0)
    row, column, cost = problem.row[useful], problem.column[useful], problem.cost[useful]
    starts = np.flatnonzero(np.r_[True, row[1:] != row[:-1]][: len(row)])
    rank = np.arange(len(row)) - np.repeat(starts, np.diff(np.r_[starts, len(row)]))
    last = np.r_[row[1:] != row[:-1], True][: len(row)]
    following = np.where(last, problem.held[row], np.r_[cost[1:], 0.0][: len(row)])
    step = np.where(np.isfinite(following), following - cost, 0.0) * problem.weight[row]
    must = last & ~np.isfinite(problem.held[row])

    bits = np.zeros((len(row), len(problem.candidates) // 8 + 1), dtype=np.uint8)
    bits[np.arange(len(row)), column // 8] = np.left_shift(1, column % 8).astype(np.uint8)
    for k in range(1, int(rank.max(initial=0)) + 1):
        at = np.flatnonzero(rank == k)
        bits[at] |= bits[at - 1]
    first, which = _distinct(bits)
    n = len(first)
    loss = np.zeros((n, groups))
    np.add.at(loss, (which, group[row]), step)
    has = np.zeros(n, dtype=bool)
    has[which[must]] = True
    # A set's own point says which one it adds to: the set before it.
    parent = np.where(rank[first] > 0, which[first - 1], -1)
    least = problem.held.copy()
    least[row[starts]] = cost[starts]
    counted = np.isfinite(least)
    base = totals(group[counted], (problem.weight * np.where(counted, least, 0))[counted], groups)
    return Covers(loss, parent, np.arange(n), column[first], has, base)


def _distinct(bits: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the position of one row of each kind, and for each row which kind it is."""
    keys = np.ascontiguousarray(bits).view(np.dtype((np.void, bits.shape[1]))).ravel()
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    return first, which.reshape(-1)
