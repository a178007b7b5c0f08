"""Whose footprint to extend: gap authorities beside those that a service works for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo.contiguity import neighbours
from rcp_geo.planning.effects import mean_cost
from rcp_geo.travel import TravelModel, nearest
from rcp_geo.travel.model import COST_COLUMN

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from rcp_geo.boundaries import Boundaries

__all__ = ["extensions_of"]

_GAP = ("none_recorded", "in_development")
_SERVES = ("served", "part")


def extensions_of(
    answers: pd.Series,
    serving: pd.DataFrame,
    sites: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    authority: NDArray[np.intp],
    boundaries: Boundaries,
    model: TravelModel,
) -> pd.DataFrame:
    """Return one row per gap authority and service that works beside it.

    ``answers`` are by authority code in the order of the boundaries; ``serving`` and ``sites`` are of services that operate.
    """
    graph = neighbours(boundaries)
    works = serving[serving["answer"].isin(_SERVES)]
    served_by = works.groupby("authority_code")["service_id"].apply(set).to_dict()
    weight = demand["weight"].to_numpy(dtype=np.float64)
    name = f"mean_{COST_COLUMN[model.unit]}"
    rows = []
    for place, (code, answer) in enumerate(answers.items()):
        if answer not in _GAP:
            continue
        own = np.flatnonzero(authority == place)
        beside = {n: served_by.get(n, set()) for n in sorted(graph[code])}
        for service in sorted(set().union(*beside.values())):
            through = "; ".join(n for n, found in beside.items() if service in found)
            cost = _costs(demand.iloc[own], sites[sites["service_id"] == service], model)
            mean = mean_cost(weight[own], cost)
            rows.append((code, graph.nodes[code]["name"], answer, service, through, float(weight[own].sum()), mean))
    columns = ["authority_code", "authority_name", "answer", "service_id", "through", "weight", name]
    found = pd.DataFrame(rows, columns=columns)
    order = ["weight", "authority_code", name, "service_id"]
    found = found.sort_values(order, ascending=[False, True, True, True], na_position="last").reset_index(drop=True)
    found.insert(0, "rank", (~found["authority_code"].duplicated()).cumsum())
    return found


def _costs(people: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, model: TravelModel) -> NDArray[np.float64]:
    if people.empty or sites.empty:
        return np.full(len(people), np.nan)
    return nearest(people, sites, model)[COST_COLUMN[model.unit]].to_numpy(dtype=np.float64)
