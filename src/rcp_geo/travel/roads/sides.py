"""The two sides of a question, origins and destinations, and the table that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo.travel.model import objects
from rcp_geo.travel.roads.graph import Graph
from rcp_geo.travel.roads.searching import Ends, Pairs
from rcp_geo.travel.roads.snapping import Snapped

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Answer", "Side"]


@dataclass(frozen=True, eq=False)
class Side:
    """The origins or the destinations of one question.

    Attributes
    ----------
    ids, snapped
        All of them, and where they meet the network.
    on
        Positions of those that do.
    ends
        How these enter and leave it.
    """

    ids: pd.Index
    snapped: Snapped
    on: NDArray[np.intp]
    ends: Ends

    @cached_property
    def rank(self) -> NDArray[np.intp]:
        """Place of each id in their order."""
        rank = np.empty(len(self.ids), dtype=np.intp)
        rank[self.by_rank] = np.arange(len(self.ids))
        return rank

    @cached_property
    def by_rank(self) -> NDArray[np.intp]:
        """Positions in the order of the ids."""
        return np.asarray(self.ids.argsort(), dtype=np.intp)

    def frame(self, disconnected: NDArray[np.intp]) -> pd.DataFrame:
        """Return the side as :class:`~rcp_geo.travel.CostTable` has it."""
        status = np.where(self.snapped.edge >= 0, "ok", "unsnapped").astype(object)
        status[disconnected] = "disconnected"
        ids = objects(self.ids.to_numpy())
        return pd.DataFrame({"id": ids, "status": objects(status), "snap_m": self.snapped.snap_m})


@dataclass(frozen=True, eq=False)
class Answer:
    """Pairs that were found, in the order of the origins, then of cost, then of the destination's id.

    Attributes
    ----------
    a, b
        Origins and destinations.
    pairs
        Positions among all of them.
    tied
        Whether another destination costs the origin the same.
    """

    a: Side
    b: Side
    pairs: Pairs
    tied: NDArray[np.bool_]

    @classmethod
    def ordered(cls, a: Side, b: Side, pairs: Pairs, k: int | None = None) -> Answer:
        """Sort pairs and keep the first ``k`` of each origin; ties are told before any is left out."""
        i, j, cost = a.on[pairs.i], b.on[pairs.j], pairs.cost
        order = np.lexsort((b.rank[j], cost, i))
        i, j, cost = i[order], j[order], cost[order]
        same = (i[1:] == i[:-1]) & (cost[1:] == cost[:-1])
        tied = np.r_[same, False][: len(i)] | np.r_[False, same][: len(i)]
        kept = np.full(len(i), True) if k is None else np.arange(len(i)) - np.searchsorted(i, i) < k
        return cls(a, b, Pairs(i[kept], j[kept], cost[kept]), tied[kept])

    def pair_frame(self) -> pd.DataFrame:
        """Return the pairs as :class:`~rcp_geo.travel.CostTable` has them."""
        columns = {
            "origin_id": objects(self.a.ids.to_numpy()[self.pairs.i]),
            "destination_id": objects(self.b.ids.to_numpy()[self.pairs.j]),
            "cost": self.pairs.cost,
            "tied": self.tied,
        }
        return pd.DataFrame(columns)

    def origin_frame(self, graph: Graph, cutoff: float | None) -> pd.DataFrame:
        """Return the origins, with the reason where nothing can be reached from them whatever the cutoff."""
        return _end(self.a, self.b, self.pairs.i, graph, cutoff)

    def destination_frame(self, graph: Graph, cutoff: float | None, *, every_pair: bool) -> pd.DataFrame:
        """Return the destinations; of one that is nearest to no one nothing is known unless every pair was looked for."""
        return _end(self.b, self.a, self.pairs.j, graph, cutoff) if every_pair else self.b.frame(self.b.on[:0])


def _end(side: Side, other: Side, met: NDArray[np.intp], graph: Graph, cutoff: float | None) -> pd.DataFrame:
    missed = np.ones(len(side.ids), dtype=bool)
    missed[met] = False
    lost = np.flatnonzero(missed[side.on])
    if not len(other.ids):
        lost = lost[:0]
    elif cutoff is not None and len(lost):
        # Beyond the cutoff nothing was looked for: only what does not even hang together is certain.
        there = np.unique(graph.weak[other.ends.out.node[:, 0]])
        lost = lost[~np.isin(graph.weak[side.ends.out.node[lost, 0]], there)]
    return side.frame(side.on[lost])
