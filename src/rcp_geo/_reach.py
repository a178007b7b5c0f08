"""The nearest site of every demand point: wherever it is, and among those that serve the point's authority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from rcp_geo.travel import TravelModel, costs, nearest
from rcp_geo.travel.model import COST_COLUMN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rcp_geo.grouping import Groups

__all__ = ["EVIDENCE", "NearestBlock", "reached_blocks", "served_blocks"]

EVIDENCE = ("certain", "possible")


@dataclass(frozen=True)
class NearestBlock:
    """The nearest site of every demand point for one group, relation and evidence.

    Attributes
    ----------
    group, relation, evidence
        What it is for: ``reached`` or ``served``; ``certain`` or ``possible``.
    site
        Position of the site among the directory's sites; -1 where nothing was reached.
    cost
        In the model's unit; NaN where nothing was reached.
    status
        ``reached``, or why not.
    tied
        Number of demand points of which another site costs exactly the same.
    """

    group: str
    relation: str
    evidence: str
    site: NDArray[np.intp]
    cost: NDArray[np.float64]
    status: NDArray[np.object_]
    tied: int


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one service costs the demand of the authorities that it serves."""

    service_id: str
    here: NDArray[np.intp]
    here_status: NDArray[np.object_]
    missed: str
    here_certain: NDArray[np.bool_]
    row: NDArray[np.intp]
    site: NDArray[np.intp]
    cost: NDArray[np.float64]
    certain: NDArray[np.bool_]


def _slim(frame: gpd.GeoDataFrame, column: str) -> gpd.GeoDataFrame:
    """Keep what a travel model reads, with plain ids, which are quicker to look up many times."""
    ids = pd.Series(frame[column].to_numpy(dtype=object), dtype=object)
    return gpd.GeoDataFrame({column: ids}, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _placed(sites: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Say which sites have a point; no distance is taken to the others."""
    return np.asarray(~(sites.geometry.isna() | sites.geometry.is_empty))


def reached_blocks(
    sites: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    groups: Groups,
    status: pd.Series,
    model: TravelModel,
) -> list[NearestBlock]:
    """Find the nearest site of each group: of operating services, and of those that may be operating or in the group."""
    origins, places = _slim(demand, "demand_id"), _slim(sites, "site_id")
    ids = pd.Index(places["site_id"])
    of_site = sites["service_id"].to_numpy(dtype=object)
    running = sites["service_id"].map(status).to_numpy(dtype=object)
    placed = _placed(sites)
    blocks = []
    for group in groups:
        for evidence in EVIDENCE:
            counted = running == "operating"
            if evidence == "possible":
                counted |= running == "unknown"
            inside = groups.counting(group, evidence)
            found = nearest(origins, places[counted & placed & pd.Index(of_site).isin(inside)], model)
            blocks.append(
                NearestBlock(
                    group,
                    "reached",
                    evidence,
                    ids.get_indexer(pd.Index(found["destination_id"].to_numpy(dtype=object), dtype=object)),
                    found[COST_COLUMN[model.unit]].to_numpy(dtype=np.float64),
                    found["status"].to_numpy(dtype=object),
                    int(found["tied"].sum()),
                )
            )
    return blocks


def served_blocks(
    sites: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    authority: NDArray[np.intp],
    codes: pd.Index,
    serving: pd.DataFrame,
    groups: Groups,
    model: TravelModel,
) -> list[NearestBlock]:
    """Find the nearest site among the services that serve each demand point's authority.

    Each service is asked once, for the demand of the authorities it serves; the groups then choose among the pairs.
    ``certain`` are those that operate and serve the whole authority; ``possible`` adds parts and what is not known, whether
    of the service or of its group.
    """
    origins, places = _slim(demand, "demand_id"), _slim(sites, "site_id")
    of_site = sites["service_id"].to_numpy(dtype=object)
    placed = _placed(sites)
    usable = serving[serving["answer"].isin(["served", "part", "unknown"])]
    asked = []
    for service_id, rows in usable.groupby("service_id", sort=False):
        some, certain = np.zeros(len(codes) + 1, dtype=bool), np.zeros(len(codes) + 1, dtype=bool)
        at = codes.get_indexer(pd.Index(rows["authority_code"]))
        some[at] = True
        certain[at] = (rows["answer"] == "served").to_numpy()
        # The last place stands for authority -1, no authority, and stays unserved.
        here = np.flatnonzero(some[authority])
        own = np.flatnonzero((of_site == service_id) & placed)
        if len(own) and len(here):
            asked.append(_ask(str(service_id), origins, places, here, own, certain[authority], model))
    rank = _ranks(pd.Index(places["site_id"]))
    return [
        _choose(group, evidence, groups.counting(group, evidence), asked, rank, len(demand))
        for group in groups
        for evidence in EVIDENCE
    ]


def _ask(
    service_id: str,
    origins: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    here: NDArray[np.intp],
    own: NDArray[np.intp],
    certain: NDArray[np.bool_],
    model: TravelModel,
) -> _Asked:
    some, few = origins.iloc[here], places.iloc[own]
    found = costs(some, few, model)
    row = here[pd.Index(some["demand_id"]).get_indexer(pd.Index(found.pairs["origin_id"], dtype=object))]
    site = own[pd.Index(few["site_id"]).get_indexer(pd.Index(found.pairs["destination_id"], dtype=object))]
    return _Asked(
        service_id,
        here,
        found.origins["status"].to_numpy(dtype=object),
        "disconnected" if found.cutoff is None else "beyond_cutoff",
        certain[here],
        row,
        site,
        found.pairs["cost"].to_numpy(dtype=np.float64),
        certain[row],
    )


def _ranks(ids: pd.Index) -> NDArray[np.intp]:
    """Return the place of each id among all of them, so that ties go to the smallest whatever the order of the rows."""
    rank = np.empty(len(ids), dtype=np.intp)
    rank[(ids.map(str) if ids.inferred_type.startswith("mixed") else ids).argsort()] = np.arange(len(ids))
    return rank


def _choose(
    group: str, evidence: str, members: Sequence[str], asked: list[_Asked], rank: NDArray[np.intp], n: int
) -> NearestBlock:
    inside = set(members)
    own = [a for a in asked if a.service_id in inside]
    everything = evidence == "possible"
    kept = [np.full(len(a.row), True) if everything else a.certain for a in own]
    # An empty part in front, since there may be no service at all.
    row = np.concatenate([np.empty(0, dtype=np.intp), *(a.row[k] for a, k in zip(own, kept, strict=True))])
    site = np.concatenate([np.empty(0, dtype=np.intp), *(a.site[k] for a, k in zip(own, kept, strict=True))])
    cost = np.concatenate([np.empty(0), *(a.cost[k] for a, k in zip(own, kept, strict=True))])
    status = np.full(n, "no_facility", dtype=object)
    for a in own:
        offered = np.full(len(a.here), True) if everything else a.here_certain
        status[a.here[offered]] = np.where(a.here_status == "ok", a.missed, a.here_status)[offered]
    best, least = _cheapest(row, site, cost, rank, n)
    status[best >= 0] = "reached"
    ties = np.bincount(row[cost == least[row]], minlength=n) > 1
    return NearestBlock(group, "served", evidence, best, least, status, int(ties.sum()))


def _cheapest(
    row: NDArray[np.intp], site: NDArray[np.intp], cost: NDArray[np.float64], rank: NDArray[np.intp], n: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the cheapest site of each origin, ties to the site of the least rank; -1 and NaN where there is none."""
    order = np.lexsort((rank[site], cost, row))
    first = order[np.flatnonzero(np.r_[True, row[order][1:] != row[order][:-1]])] if len(row) else order
    best_site, best_cost = np.full(n, -1, dtype=np.intp), np.full(n, np.nan)
    best_site[row[first]], best_cost[row[first]] = site[first], cost[first]
    return best_site, best_cost
