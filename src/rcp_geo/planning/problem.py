"""A question of where to put sites, checked and in one order, whatever the order of the tables it came in."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo.errors import DuplicateIdError, InputError
from rcp_geo.schema import counted, first_of, require_columns, require_unique
from rcp_geo.travel.model import CostTable, Unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Problem", "in_order", "read_problem", "totals"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Demand, candidates and the sites that there are already, each in the order of its ids.

    Attributes
    ----------
    demand, weight
        Ids and weights.
    candidates, existing
        Ids of the sites to choose from, and of those that stay.
    row, column, cost
        Position of the demand, position of the candidate and cost of each pair, by row, then cost, then column.
    held, holder
        Cost from each demand point to the nearest existing site, infinite where it reaches none, and that site's position, -1
        for none.
    unit
        Of the costs; None where it was not said.
    known_to
        Greatest cost that was looked for; None for all.
    """

    demand: NDArray[np.object_]
    weight: NDArray[np.float64]
    candidates: tuple[Any, ...]
    existing: tuple[Any, ...]
    row: NDArray[np.intp]
    column: NDArray[np.intp]
    cost: NDArray[np.float64]
    held: NDArray[np.float64]
    holder: NDArray[np.intp]
    unit: Unit | None
    known_to: float | None

    @property
    def total(self) -> float:
        """Weight of all demand."""
        return math.fsum(self.weight)

    def nearest(self, sites: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Return the least cost of each demand point to an existing or a chosen site, and which chosen one that is.

        The position is that among the candidates, or -1 where an existing site is as near or nothing is reached.
        """
        least, who = self.held.copy(), np.full(len(self.held), -1, dtype=np.intp)
        chosen = np.zeros(len(self.candidates), dtype=bool)
        chosen[list(sites)] = True
        pairs = np.flatnonzero(chosen[self.column])
        # Pairs come by row and cost, so that the first of a row is its nearest.
        rows, first = np.unique(self.row[pairs], return_index=True)
        best = pairs[first]
        nearer = self.cost[best] < least[rows]
        least[rows[nearer]], who[rows[nearer]] = self.cost[best[nearer]], self.column[best[nearer]]
        return least, who

    def weight_within(self, sites: Sequence[int], limit: float) -> float:
        """Return the weight of the demand that an existing or a chosen site is near enough to."""
        return math.fsum(self.weight[self.nearest(sites)[0] <= limit])

    def weighted_cost(self, least: NDArray[np.float64]) -> float:
        """Return the sum of weight times cost over the demand that is reached."""
        reached = np.isfinite(least)
        return math.fsum(self.weight[reached] * least[reached])

    def dense(self) -> NDArray[np.float64]:
        """Return the costs as a table of demand by candidate, infinite where there is no pair."""
        table = np.full((len(self.demand), len(self.candidates)), np.inf)
        table[self.row, self.column] = self.cost
        return table

    def reachable(self) -> NDArray[np.bool_]:
        """Say which demand an existing site or any candidate reaches."""
        found = np.isfinite(self.held)
        found[self.row] = True
        return found


def totals(place: NDArray[np.intp], values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return the sums of values by their place, of which there are n."""
    return np.asarray(np.bincount(place, values, minlength=n), dtype=np.float64)


def in_order(ids: Iterable[Hashable]) -> list[Any]:
    """Return ids in their own order, or in that of their texts where they cannot be compared."""
    values = list(ids)
    try:
        return sorted(values)
    except TypeError:
        return sorted(values, key=lambda v: (str(v), type(v).__name__))


def read_problem(
    costs: CostTable | pd.DataFrame,
    demand: pd.DataFrame,
    existing: Iterable[Hashable] = (),
    candidates: Iterable[Hashable] | None = None,
) -> Problem:
    """Check costs, demand and sites against each other and put them in order.

    Raises
    ------
    MissingColumnError, DuplicateIdError, InputError
        Each with the table, the column, how many rows and the first of them.
    """
    require_columns(demand, ["demand_id", "weight"], "demand")
    if demand.empty:
        raise InputError("demand: the table is empty; pass at least one demand point")
    require_unique(demand["demand_id"], "demand", "demand_id")
    weight = _weights(demand)
    pairs = costs.pairs if isinstance(costs, CostTable) else costs
    require_columns(pairs, ["origin_id", "destination_id", "cost"], "costs")
    places, people = pd.Index(in_order(demand["demand_id"]), dtype=object), demand["demand_id"].to_numpy(dtype=object)
    order = pd.Index(people, dtype=object).get_indexer(places)
    _require_origins(costs, pairs, places)
    offered = costs.destinations["id"] if isinstance(costs, CostTable) else pairs["destination_id"].unique()
    stay, choose = _sites(list(offered), existing, candidates)
    known = pd.Index([*choose, *stay], dtype=object)
    row = places.get_indexer(pd.Index(pairs["origin_id"].to_numpy(dtype=object), dtype=object))
    column = known.get_indexer(pd.Index(pairs["destination_id"].to_numpy(dtype=object), dtype=object))
    cost = _costs(pairs)
    used = column >= 0
    row, column, cost = row[used], column[used], cost[used]
    by = np.lexsort((column, cost, row))
    row, column, cost = row[by], column[by], cost[by]
    _require_once(row, column, len(known), places, known)
    held, holder = _held(row, column, cost, len(choose), len(places))
    new = column < len(choose)
    return Problem(
        places.to_numpy(),
        weight[order],
        tuple(choose),
        tuple(stay),
        row[new],
        column[new],
        cost[new],
        held,
        holder,
        costs.unit if isinstance(costs, CostTable) else None,
        costs.cutoff if isinstance(costs, CostTable) else None,
    )


def _weights(demand: pd.DataFrame) -> NDArray[np.float64]:
    weight = pd.to_numeric(demand["weight"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(weight) | (weight < 0)
    if wrong.any():
        ids = demand.loc[wrong, "demand_id"].tolist()
        raise InputError(
            f"demand.weight: {counted(len(ids), 'rows are missing, infinite or negative')} ({first_of(ids)}); "
            "give each a weight of 0 or more"
        )
    if not weight.sum():
        raise InputError("demand.weight: all weights are 0, so no site is better than another; give people or a proxy")
    return weight


def _costs(pairs: pd.DataFrame) -> NDArray[np.float64]:
    cost = pd.to_numeric(pairs["cost"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(cost) | (cost < 0)
    if wrong.any():
        rows = pairs[wrong]
        ids = [f"{a} to {b}" for a, b in zip(rows["origin_id"], rows["destination_id"], strict=True)]
        raise InputError(
            f"costs.cost: {counted(len(ids), 'rows are missing, infinite or negative')} ({first_of(ids)}); "
            "leave pairs that cannot be travelled out of the table"
        )
    return cost


def _require_origins(costs: CostTable | pd.DataFrame, pairs: pd.DataFrame, places: pd.Index) -> None:
    origins = pd.Index(pd.unique(pairs["origin_id"]), dtype=object)
    strange = origins[~origins.isin(places)].tolist()
    if strange:
        raise InputError(
            f"costs.origin_id: {counted(len(strange), 'ids are not in demand.demand_id')} ({first_of(strange)}); "
            "pass the demand that the costs are of"
        )
    if isinstance(costs, CostTable):
        lost = places[~places.isin(pd.Index(costs.origins["id"], dtype=object))].tolist()
        if lost:
            raise InputError(
                f"demand.demand_id: {counted(len(lost), 'ids are not among the origins of the costs')} "
                f"({first_of(lost)}); pass the demand that the costs are of"
            )


def _sites(
    offered: list[Any], existing: Iterable[Hashable], candidates: Iterable[Hashable] | None
) -> tuple[list[Any], list[Any]]:
    """Return the sites that stay and those to choose from, each in order."""
    stay = in_order(dict.fromkeys(existing))
    free = set(offered) - set(stay)
    choose = in_order(free if candidates is None else set(candidates) - set(stay))
    for name, ids in (("existing", stay), ("candidates", choose)):
        unknown = in_order(set(ids) - set(offered))
        if unknown:
            raise InputError(
                f"{name}: {counted(len(unknown), 'ids are not among the destinations of the costs')} "
                f"({first_of(unknown)}); work the costs out to these sites too"
            )
    if not offered:
        raise InputError("costs: there are no destinations; work out the costs to at least one site")
    return stay, choose


def _require_once(row: NDArray[np.intp], column: NDArray[np.intp], n: int, places: pd.Index, known: pd.Index) -> None:
    keys = row * n + column
    values, counts = np.unique(keys, return_counts=True)
    again = values[counts > 1]
    if len(again):
        ids = [f"{places[k // n]} to {known[k % n]}" for k in again.tolist()]
        raise DuplicateIdError(
            f"costs: {counted(len(ids), 'pairs occur more than once')} ({first_of(ids)}); keep one row of each"
        )


def _held(
    row: NDArray[np.intp], column: NDArray[np.intp], cost: NDArray[np.float64], n: int, places: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the cost to the nearest existing site of each demand point and its position; pairs come by row and cost."""
    held, holder = np.full(places, np.inf), np.full(places, -1, dtype=np.intp)
    pairs = np.flatnonzero(column >= n)
    rows, first = np.unique(row[pairs], return_index=True)
    held[rows], holder[rows] = cost[pairs[first]], column[pairs[first]] - n
    return held, holder
