"""Travel models made up for the tests."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

import rcp_geo as rg
from rcp_geo.travel import CostTable


@dataclass(frozen=True)
class FakeModel:
    """A model that looks its costs up in a table of seconds; a pair that is not in it cannot be travelled.

    Its whole implementation is sorting and slicing, in plain Python, so that what surrounds it is what is tested.
    """

    seconds: dict[tuple[Any, Any], float]
    statuses: dict[Any, str] = field(default_factory=dict)

    @property
    def model_id(self) -> str:
        return "fake"

    @property
    def unit(self) -> Literal["m", "s"]:
        return "s"

    def describe(self) -> dict[str, Any]:
        return {"model": self.model_id, "pairs": len(self.seconds), "unit": self.unit}

    def costs(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, cutoff: float | None = None
    ) -> CostTable:
        return self._table(origins, destinations, len(destinations), cutoff)

    def nearest(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, k: int = 1, cutoff: float | None = None
    ) -> CostTable:
        return self._table(origins, destinations, k, cutoff)

    def _table(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, k: int, cutoff: float | None
    ) -> CostTable:
        here, there = _ids(origins, "demand_id"), _ids(destinations, "site_id")
        rows = []
        for a in here:
            if a in self.statuses:
                continue
            known = sorted((self.seconds[a, b], b) for b in there if (a, b) in self.seconds)
            within = [(cost, b) for cost, b in known if cutoff is None or cost <= cutoff]
            costs = [cost for cost, _ in within]
            rows += [(a, b, cost, costs.count(cost) > 1) for cost, b in within[:k]]
        pairs = pd.DataFrame(rows, columns=["origin_id", "destination_id", "cost", "tied"])
        pairs = pairs.astype({"cost": float, "tied": bool})
        return CostTable(
            pairs,
            pd.DataFrame({"id": here, "status": [self.statuses.get(a, "ok") for a in here], "snap_m": 0.0}),
            pd.DataFrame({"id": there, "status": "ok", "snap_m": 0.0}),
            self.unit,
            cutoff,
            self.model_id,
        )


@dataclass(frozen=True)
class SpoiltModel(FakeModel):
    """A model that spoils its table in a given way before it hands it over."""

    column: str = "cost"
    value: object = -1.0

    def _table(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, k: int, cutoff: float | None
    ) -> CostTable:
        table = super()._table(origins, destinations, k, cutoff)
        pairs = table.pairs.astype(object)
        if self.value is None:
            pairs = pairs.drop(columns=self.column)
        else:
            pairs[self.column] = [*pairs[self.column].tolist()[:-1], self.value]
        return replace(table, pairs=pairs)


def matrix_of(
    costs: dict[tuple[Any, Any], float], origins: list[Any], destinations: list[Any], **options: Any
) -> rg.TravelMatrix:
    """A matrix from a long table of these costs, its rows out of order; a wide one where there is no pair at all."""
    if not costs:
        return wide_matrix_of(costs, origins, destinations, **options)
    rows = [(a, b, cost) for (a, b), cost in costs.items()]
    frame = pd.DataFrame(rows, columns=["origin_id", "destination_id", "cost"])
    return rg.TravelMatrix(frame.sample(frac=1, random_state=7), **{"unit": "m", **options})


def wide_matrix_of(
    costs: dict[tuple[Any, Any], float], origins: list[Any], destinations: list[Any], **options: Any
) -> rg.TravelMatrix:
    """A matrix from a wide table of these costs, its rows and columns out of order."""
    rows = [[costs.get((a, b)) for b in reversed(destinations)] for a in reversed(origins)]
    index, columns = pd.Index(origins[::-1], dtype=object), pd.Index(destinations[::-1], dtype=object)
    return rg.TravelMatrix(pd.DataFrame(rows, index=index, columns=columns, dtype=float), **{"unit": "m", **options})


def _ids(frame: gpd.GeoDataFrame, column: str) -> list[Any]:
    return list(frame[column] if column in frame.columns else frame.index)
