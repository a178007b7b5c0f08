"""Where services could be, and what it costs to get there: the candidates and costs of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from rcp_geo.crs import to_bng
from rcp_geo.demand import require_demand
from rcp_geo.errors import DuplicateIdError, InputError
from rcp_geo.join import authority_of, locate
from rcp_geo.planning.problem import in_order, read_problem
from rcp_geo.planning.solving import plan
from rcp_geo.planning.telling import retold
from rcp_geo.points import medoid
from rcp_geo.postcodes import geocode, postcode_districts
from rcp_geo.schema import counted, first_of, require_unique
from rcp_geo.travel import METRES_PER_MILE, CostTable, TravelModel, costs
from rcp_geo.travel.model import ids_of, require_cutoff

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from rcp_geo.boundaries import Boundaries
    from rcp_geo.planning.result import Plan, PlanModel

__all__ = ["Candidates", "candidate_sites", "candidates_of", "costs_to", "plan_sites", "with_weights"]

Candidates = Literal["authorities", "postcode_districts"]
_MILES_20 = 20 * METRES_PER_MILE


def candidate_sites(demand: gpd.GeoDataFrame, boundaries: Boundaries) -> gpd.GeoDataFrame:
    """Offer one place in each authority: the demand point from which the rest of its demand is nearest.

    Parameters
    ----------
    demand
        Points with ``demand_id`` and ``weight``.
    boundaries
        The authorities.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per authority with demand, in their order and in the CRS of the demand: ``site_id`` (the authority's code),
        ``name``, ``demand_id`` (the point) and its geometry. It is the weighted medoid, in straight lines on the National Grid;
        equal ones go to the smallest ``demand_id``. An authority whose weights are all 0 has the medoid of its points.

    Raises
    ------
    MissingColumnError, DuplicateIdError, CrsError, GeometryError, VintageError, InputError
        If the demand cannot be used as it is.

    Notes
    -----
    Other candidates are any points with a ``site_id``, and ``Assessment.plan(candidates="postcode_districts")`` takes one in
    every postcode district, at the medoid of its postcodes.

    Examples
    --------
    >>> sites = candidate_sites(load_demand(), load_boundaries("2023-06-01"))
    >>> len(sites), sites.loc[0, ["site_id", "name"]].tolist()
    (153, ['E06000001', 'Hartlepool'])
    """
    require_demand(demand)
    return _centres(demand, authority_of(demand, boundaries), boundaries)


def candidates_of(
    candidates: gpd.GeoDataFrame | Candidates, demand: gpd.GeoDataFrame, boundaries: Boundaries
) -> gpd.GeoDataFrame:
    """Return the candidates that are named, or those given.

    Raises
    ------
    InputError
        If they are named by another word.
    """
    if not isinstance(candidates, str):
        return candidates
    if candidates == "authorities":
        return candidate_sites(demand, boundaries)
    if candidates == "postcode_districts":
        return _districts(boundaries)
    raise InputError(
        f"candidates: {candidates!r} is not known; use authorities or postcode_districts, or give points with site_id"
    )


def _districts(boundaries: Boundaries) -> gpd.GeoDataFrame:
    """Return the medoid of every postcode district whose medoid lies in an authority, and of it the name."""
    places = geocode(postcode_districts())
    held = locate(places, boundaries)["authority_name"]
    inside = held.notna().to_numpy()
    named = places["postcode"] + ", " + held
    return places.assign(site_id=places["postcode"], name=named)[inside][["site_id", "name", "geometry"]].reset_index(
        drop=True
    )


def _centres(demand: gpd.GeoDataFrame, authority: NDArray[np.intp], boundaries: Boundaries) -> gpd.GeoDataFrame:
    points = to_bng(demand, "demand")
    x, y = points.x.to_numpy(), points.y.to_numpy()
    weight = demand["weight"].to_numpy(dtype=np.float64)
    ids = demand["demand_id"].to_numpy(dtype=object)
    rank = np.empty(len(ids), dtype=np.intp)
    rank[pd.Index(ids, dtype=object).get_indexer(pd.Index(in_order(ids), dtype=object))] = np.arange(len(ids))
    order = np.lexsort((rank, authority))
    starts = np.searchsorted(authority[order], np.arange(len(boundaries.frame) + 1))
    held, chosen = [], []
    for k in range(len(boundaries.frame)):
        own = order[starts[k] : starts[k + 1]]
        if len(own):
            held.append(k)
            chosen.append(own[medoid(x[own], y[own], weight[own] if weight[own].any() else None)])
    named = boundaries.frame.iloc[held]
    found = demand.iloc[chosen]
    made = found[["demand_id", found.geometry.name]].reset_index(drop=True)
    made.insert(0, "site_id", named["authority_code"].to_numpy(dtype=object))
    made.insert(1, "name", named["authority_name"].to_numpy(dtype=object))
    return made


def with_weights(demand: gpd.GeoDataFrame, weights: pd.Series | None) -> gpd.GeoDataFrame:
    """Put other weights in place of the demand's own.

    Raises
    ------
    InputError
        If a demand point has none.
    """
    if weights is None:
        return demand
    require_unique(weights.index, "weights", "demand_id")
    found = weights.reindex(pd.Index(demand["demand_id"]))
    lost = found.index[found.isna()].tolist()
    if lost:
        raise InputError(
            f"weights: {counted(len(lost), 'demand points have no weight')} ({first_of(lost)}); "
            "give each one, 0 where there is none"
        )
    return demand.assign(weight=found.to_numpy(dtype=np.float64))


def costs_to(
    demand: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    model: TravelModel,
    cutoff: float | None,
) -> CostTable:
    """Work out what it costs to get to existing sites and to candidates.

    Raises
    ------
    DuplicateIdError
        If a candidate has the id of an existing site, or of another.
    """
    import geopandas as gpd

    ids = ids_of(candidates, "candidates", "site_id")
    again = ids[ids.isin(pd.Index(existing["site_id"], dtype=object))].tolist()
    if again:
        raise DuplicateIdError(
            f"candidates.site_id: {counted(len(again), 'ids are those of existing sites')} ({first_of(again)}); rename them"
        )
    both = [*existing["site_id"], *ids]
    points = [*existing.geometry.to_crs(demand.crs), *candidates.geometry.to_crs(demand.crs)]
    origins = gpd.GeoDataFrame(
        {"demand_id": demand["demand_id"].to_numpy(dtype=object)}, geometry=demand.geometry.to_numpy()
    )
    places = gpd.GeoDataFrame({"site_id": pd.Series(both, dtype=object)}, geometry=points, crs=demand.crs)
    return costs(origins.set_crs(demand.crs), places, model, cutoff=cutoff)


def plan_sites(
    demand: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    model: TravelModel,
    held: NDArray[np.float64],
    *,
    ask: PlanModel,
    cutoff: float | None,
    **options: Any,  # noqa: ANN401 - those of plan
) -> Plan:
    """Plan beside existing sites; ``held`` is what each demand point has to go now, missing where it reaches nothing.

    Raises
    ------
    InputError
        If a model that covers is left without a cutoff, and costs are not metres.
    """
    require_cutoff(cutoff)
    if ask in {"mclp", "lscp"}:
        if cutoff is None and model.unit != "m":
            raise InputError(f"cutoff: {model.model_id} counts seconds, and the default is 20 miles; give seconds")
        limit = _MILES_20 if cutoff is None else cutoff
        found = costs_to(demand, existing, candidates, model, limit)
        best = plan(found, demand, model=ask, cutoff=limit, existing=existing["site_id"], **options)
        # Means are over everyone, also those whom no site is near enough to.
        ids = ids_of(candidates, "candidates", "site_id")
        chosen = candidates.assign(site_id=ids)[ids.isin(list(best.sites))]
        full = costs_to(demand, existing, chosen, model, None)
        return retold(best, read_problem(full, demand, existing["site_id"]))
    # No candidate farther than everyone has to go now can bring anyone nearer; one more, since searches round as they please.
    farthest = float(held.max()) + 1.0 if len(held) and not np.isnan(held).any() else None
    found = costs_to(demand, existing, candidates, model, farthest)
    return plan(found, demand, model=ask, cutoff=cutoff, existing=existing["site_id"], **options)
