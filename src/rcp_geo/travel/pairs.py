"""Pairs of origins and destinations with what they cost, put in order and made into a cost table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo.travel.model import CostTable, Unit, objects

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["End", "Pairs", "cost_table"]


@dataclass(frozen=True, slots=True)
class End:
    """What a cost table says of its origins or of its destinations, in the order asked for."""

    ids: pd.Index
    status: NDArray[np.object_]
    snap_m: NDArray[np.float64]

    @classmethod
    def of(cls, ids: pd.Index) -> End:
        """Take all of them for usable where they stand."""
        return cls(ids, np.full(len(ids), "ok", dtype=object), np.zeros(len(ids)))

    def frame(self) -> pd.DataFrame:
        """Return them as a table of ``id``, ``status`` and ``snap_m``."""
        return pd.DataFrame({"id": objects(self.ids.to_numpy()), "status": objects(self.status), "snap_m": self.snap_m})


@dataclass(frozen=True, slots=True)
class Pairs:
    """Positions of origins and destinations, and what it costs between them."""

    i: NDArray[np.intp]
    j: NDArray[np.intp]
    cost: NDArray[np.float64]

    def where(self, kept: NDArray[np.bool_]) -> Pairs:
        """Keep some of them."""
        return Pairs(self.i[kept], self.j[kept], self.cost[kept])

    def within(self, cutoff: float | None) -> Pairs:
        """Keep those that cost no more than the cutoff."""
        return self if cutoff is None else self.where(self.cost <= cutoff)

    def ordered(self, ids: pd.Index) -> Pairs:
        """Sort by origin, then cost, then the destination's id."""
        order = np.argsort(self.i, kind="stable")
        i = self.i[order]
        # Most origins have one pair, so that only the rest need the slower sort.
        again = i[1:] == i[:-1]
        several = np.flatnonzero(np.r_[again, False][: len(i)] | np.r_[False, again][: len(i)])
        if len(several):
            rank = np.empty(len(ids), dtype=np.intp)
            rank[ids.argsort()] = np.arange(len(ids))
            own = order[several]
            order[several] = own[np.lexsort((rank[self.j[own]], self.cost[own], self.i[own]))]
        return Pairs(i, self.j[order], self.cost[order])

    def starts(self) -> NDArray[np.intp]:
        """Return where the pairs of each origin begin, for pairs that come by origin."""
        return np.flatnonzero(np.r_[True, self.i[1:] != self.i[:-1]][: len(self.i)])

    def place(self) -> NDArray[np.intp]:
        """Return for each pair how many of its origin come before it."""
        starts = self.starts()
        return np.arange(len(self.i)) - np.repeat(starts, np.diff(np.r_[starts, len(self.i)]))

    def tied(self) -> NDArray[np.bool_]:
        """Say which pairs cost exactly what another of their origin does."""
        same = (self.i[1:] == self.i[:-1]) & (self.cost[1:] == self.cost[:-1])
        return np.asarray(np.r_[same, False][: len(self.i)] | np.r_[False, same][: len(self.i)])


def cost_table(
    pairs: Pairs,
    origins: End,
    destinations: End,
    *,
    unit: Unit,
    cutoff: float | None,
    model_id: str,
    k: int | None = None,
) -> CostTable:
    """Return pairs that are in order as a cost table, the first k of each origin where k is given."""
    tied = pairs.tied()
    if k is not None:
        kept = pairs.place() < k
        pairs, tied = pairs.where(kept), tied[kept]
    columns = {
        "origin_id": objects(origins.ids.to_numpy()[pairs.i]),
        "destination_id": objects(destinations.ids.to_numpy()[pairs.j]),
        "cost": pairs.cost,
        "tied": tied,
    }
    return CostTable(pd.DataFrame(columns), origins.frame(), destinations.frame(), unit, cutoff, model_id)
