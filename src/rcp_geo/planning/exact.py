"""Choosing sites by mixed-integer programming, with HiGHS: the best, or the best found and how much better one could be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from rcp_geo.errors import TravelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rcp_geo.planning.covers import Covers

__all__ = [
    "Cut",
    "Limits",
    "Resource",
    "Rows",
    "Solved",
    "chosen_rows",
    "least_loss",
    "least_sites",
    "solve",
    "without",
]


@dataclass(frozen=True, slots=True)
class Limits:
    """When the solver stops before it has proved the best: a relative gap, a number of nodes, seconds."""

    gap: float = 0.0
    nodes: int | None = None
    seconds: float | None = None

    def options(self) -> dict[str, Any]:
        """Return them as scipy takes them."""
        # Without a gap of 0 the solver would stop at one of 0.01 %.
        found: dict[str, Any] = {"mip_rel_gap": self.gap}
        if self.nodes is not None:
            found["node_limit"] = self.nodes
        if self.seconds is not None:
            found["time_limit"] = self.seconds
        return found


@dataclass(frozen=True, slots=True)
class Resource:
    """What each candidate takes of what there is: 1 of a number of sites that is used up, or a cost within a budget."""

    price: NDArray[np.float64]
    amount: float | None
    all_of_it: bool

    @property
    def counts_sites(self) -> bool:
        """Whether every answer has as many sites as any other."""
        return self.all_of_it

    def used(self, sites: Sequence[int]) -> float:
        """Return what sites take."""
        return math.fsum(self.price[list(sites)])


@dataclass(frozen=True, slots=True)
class Cut:
    """A condition on the choice: the sum of coefficients over chosen candidates lies between two numbers."""

    members: NDArray[np.intp]
    low: float = -np.inf
    high: float = np.inf


def without(sites: Sequence[int]) -> Cut:
    """Rule out an answer, and those that only add sites to it."""
    return Cut(np.asarray(sites, dtype=np.intp), high=len(sites) - 1)


@dataclass(frozen=True, slots=True)
class Solved:
    """What the solver found.

    Attributes
    ----------
    sites
        Positions in order; None where nothing was found.
    bound
        No choice does better; None where there is none.
    proved
        Whether the search came to its end.
    """

    sites: tuple[int, ...] | None
    bound: float | None
    proved: bool


@dataclass(slots=True)
class Rows:
    """Constraints as they are put together."""

    row: list[NDArray[np.intp]] = field(default_factory=list)
    column: list[NDArray[np.intp]] = field(default_factory=list)
    value: list[NDArray[np.float64]] = field(default_factory=list)
    low: list[NDArray[np.float64]] = field(default_factory=list)
    high: list[NDArray[np.float64]] = field(default_factory=list)
    count: int = 0

    def add(
        self,
        n: int,
        row: NDArray[np.intp],
        column: NDArray[np.intp],
        value: NDArray[np.float64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
    ) -> None:
        """Add n constraints; their rows are counted from 0."""
        self.row.append(row + self.count)
        self.column.append(column)
        self.value.append(value)
        self.low.append(low)
        self.high.append(high)
        self.count += n

    def one(self, column: NDArray[np.intp], value: NDArray[np.float64], low: float, high: float) -> None:
        """Add one constraint."""
        self.add(1, np.zeros(len(column), dtype=np.intp), column, value, np.array([low]), np.array([high]))

    def constraint(self, columns: int) -> object:
        """Return them all for the solver."""
        from scipy.optimize import LinearConstraint
        from scipy.sparse import csr_array

        # HiGHS takes indices of 32 bits, and scipy 1.12 passes on what it is given.
        at = tuple(np.concatenate(index).astype(np.int32) for index in (self.row, self.column))
        matrix = csr_array((np.concatenate(self.value), at), shape=(self.count, columns))
        return LinearConstraint(matrix, np.concatenate(self.low), np.concatenate(self.high))


def least_loss(
    covers: Covers,
    resource: Resource,
    cuts: Sequence[Cut] = (),
    limits: Limits = Limits(),
    most: float | None = None,
) -> Solved:
    """Choose the sites that lose least, summed over all groups.

    Parameters
    ----------
    covers
        What is lost where none of a set is open.
    resource
        What there is to choose with.
    cuts
        Further conditions.
    limits
        When to stop.
    most
        Find the fewest sites that lose no more than this instead.
    """
    n, m = len(resource.price), len(covers.parent)
    loss = covers.loss.sum(axis=1)
    scale = _scale(loss)
    rows = chosen_rows(covers, resource, cuts)
    highest = np.r_[np.ones(n), np.where(covers.must, 0.0, 1.0)]
    if most is None:
        objective = np.r_[np.zeros(n), loss * scale]
    else:
        objective = np.r_[np.ones(n), np.zeros(m)]
        rows.one(n + np.arange(m), loss * scale, -np.inf, most * scale)
        scale = 1.0
    return solve(objective, n, highest, rows, limits, scale)


def least_sites(
    covers: Covers,
    resource: Resource,
    cuts: Sequence[Cut] = (),
    limits: Limits = Limits(),
    objective: NDArray[np.float64] | None = None,
) -> Solved:
    """Choose the sites that take least of the resource and leave no set without one.

    Where the resource has an amount, it is kept to as well. ``objective`` is in place of the prices.
    """
    n = len(resource.price)
    rows = Rows()
    m = len(covers.parent)
    rows.add(m, covers.of, covers.member, np.ones(len(covers.of)), np.ones(m), np.full(m, np.inf))
    _limit(rows, resource)
    _cut(rows, cuts)
    wanted = resource.price if objective is None else objective
    scale = _scale(wanted)
    return solve(wanted * scale, n, np.ones(n), rows, limits, scale)


def _scale(values: NDArray[np.float64]) -> float:
    """Return what brings values to where the solver's absolute tolerances of a millionth mean little."""
    top = float(np.abs(values).max(initial=0.0))
    return 1.0 if top == 0 else 2.0 ** -round(math.log2(top) - 10)


def chosen_rows(covers: Covers, resource: Resource, cuts: Sequence[Cut]) -> Rows:
    """Return the constraints that tie what is lost to what is open."""
    n, m = len(resource.price), len(covers.parent)
    rows = Rows()
    child = np.flatnonzero(covers.parent >= 0)
    row = np.r_[covers.of, np.arange(m), child]
    column = np.r_[covers.member, n + np.arange(m), n + covers.parent[child]]
    value = np.r_[np.ones(len(covers.of)), np.ones(m), -np.ones(len(child))]
    rows.add(m, row, column, value, np.where(covers.parent >= 0, 0.0, 1.0), np.full(m, np.inf))
    _limit(rows, resource)
    _cut(rows, cuts)
    return rows


def _limit(rows: Rows, resource: Resource) -> None:
    if resource.amount is not None:
        n = len(resource.price)
        low = resource.amount if resource.all_of_it else -np.inf
        # A budget that the sites use up to the last penny is kept to, whatever the sum of prices rounds to.
        slack = 0.0 if resource.all_of_it else 1e-9 * max(1.0, abs(resource.amount))
        rows.one(np.arange(n), resource.price, low, resource.amount + slack)


def _cut(rows: Rows, cuts: Sequence[Cut]) -> None:
    for cut in cuts:
        rows.one(cut.members, np.ones(len(cut.members)), cut.low, cut.high)


def solve(
    objective: NDArray[np.float64],
    n: int,
    highest: NDArray[np.float64],
    rows: Rows,
    limits: Limits,
    scale: float,
) -> Solved:
    """Minimise; the first n variables are whole numbers."""
    from scipy.optimize import Bounds, milp

    if not rows.count:
        # Nothing is asked, so nothing is the least.
        return Solved((), 0.0, proved=True)
    whole = np.r_[np.ones(n), np.zeros(len(objective) - n)]
    result = milp(
        objective,
        integrality=whole,
        bounds=Bounds(0, highest),
        constraints=rows.constraint(len(objective)),
        options=limits.options(),
    )
    if result.status == 2:
        return Solved(None, None, proved=True)
    if result.status not in {0, 1}:
        raise TravelError(f"plan: the solver gave up ({result.message}); ask for a gap or fewer nodes")
    bound = None if result.mip_dual_bound is None else float(result.mip_dual_bound) / scale
    sites = None if result.x is None else tuple(np.flatnonzero(result.x[:n] > 0.5).tolist())
    return Solved(sites, bound, proved=result.status == 0)
