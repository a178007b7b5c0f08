"""The two questions asked of a travel model: what does each pair cost, and which destinations are nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError, TravelError
from rcp_geo.schema import require_columns
from rcp_geo.travel.model import COST_COLUMN, CostTable, TravelModel, ids_of, objects, require_cutoff
from rcp_geo.travel.straight import Geodesic

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["costs", "nearest"]

_STRAIGHT = Geodesic()


def costs(
    origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, model: TravelModel, *, cutoff: float | None = None
) -> CostTable:
    """Return what it costs to travel from every origin to every destination.

    Parameters
    ----------
    origins
        Points in a stated CRS, identified by ``demand_id`` where there is such a column, else by the index.
    destinations
        Points in a stated CRS, identified by ``site_id`` where there is such a column, else by the index.
    model
        A travel model, such as :class:`Geodesic`.
    cutoff
        Greatest cost to look for, itself included, in the model's unit; None for no limit.

    Returns
    -------
    CostTable

    Raises
    ------
    CrsError, GeometryError, DuplicateIdError, InputError
        If a frame has no CRS, a row is not a point, an id occurs twice, or the cutoff is not a number of 0 or more.
    TravelError
        If the model's answer is not one: negative or missing costs, or ids that were not asked for.

    Examples
    --------
    >>> import geopandas as gpd
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0.0], [51.5]), index=["home"], crs="EPSG:4326")
    >>> sites = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0.1], [51.5]), index=["site"], crs="EPSG:4326")
    >>> costs(homes, sites, Geodesic()).pairs["cost"].round(1).tolist()
    [6944.1]
    """
    require_cutoff(cutoff)
    table = model.costs(origins, destinations, cutoff=cutoff)
    _positions(table, ids_of(origins, "origins", "demand_id"), ids_of(destinations, "destinations", "site_id"), model)
    return table


def nearest(
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame,
    model: TravelModel = _STRAIGHT,
    *,
    k: int = 1,
    cutoff: float | None = None,
) -> pd.DataFrame:
    """Find the nearest destinations of each origin.

    Parameters
    ----------
    origins
        Points in a stated CRS, identified by ``demand_id`` where there is such a column, else by the index.
    destinations
        Points in a stated CRS, identified by ``site_id`` where there is such a column, else by the index.
    model
        A travel model; straight lines on the ellipsoid (:class:`Geodesic`) unless another is given.
    k
        How many to find for each origin.
    cutoff
        Greatest cost to look for, itself included, in the model's unit; None for no limit.

    Returns
    -------
    pandas.DataFrame
        k rows per origin, in the order of the origins and with their index: ``origin_id``, ``rank`` (1 is the
        nearest), ``destination_id``, ``distance_m`` or ``duration_s``, ``status`` (``reached``, or why not: ``beyond_cutoff``,
        ``no_facility``, ``unsnapped``, ``disconnected``, ``not_in_matrix``) and ``tied`` (whether another destination
        costs its origin exactly the same). Where nothing was reached, the id and the cost are missing.

    Raises
    ------
    CrsError, GeometryError, DuplicateIdError, InputError
        If a frame has no CRS, a row is not a point, an id occurs twice, k is not positive, or the cutoff is not a
        number of 0 or more.
    TravelError
        If the model's answer is not one.

    Notes
    -----
    Equal costs go to the smallest ``destination_id``.

    Examples
    --------
    >>> import geopandas as gpd
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0.0], [51.5]), index=["home"], crs="EPSG:4326")
    >>> sites = gpd.GeoDataFrame(
    ...     geometry=gpd.points_from_xy([0.1, 0.2], [51.5, 51.5]), index=["a", "b"], crs="EPSG:4326"
    ... )
    >>> nearest(homes, sites)[["destination_id", "status"]].values.tolist()
    [['a', 'reached']]
    """
    if k < 1:
        raise InputError(f"k: {k} destinations per origin cannot be found; give 1 or more")
    require_cutoff(cutoff)
    origin_ids = ids_of(origins, "origins", "demand_id")
    destination_ids = ids_of(destinations, "destinations", "site_id")
    table = model.nearest(origins, destinations, k=k, cutoff=cutoff)
    row, column = _positions(table, origin_ids, destination_ids, model)
    _require_ranked(table, row, column, origin_ids, k, model)
    return _ranked(table, row, origins.index, origin_ids, k, len(destination_ids))


def _positions(
    table: CostTable, origins: pd.Index, destinations: pd.Index, model: TravelModel
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the positions of each pair's ends, or raise where the model's answer is not one."""
    pairs = table.pairs
    require_columns(pairs, ["origin_id", "destination_id", "cost", "tied"], f"{model.model_id}: pairs")
    cost = pairs["cost"].to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.isfinite(cost).all() or (cost < 0).any():
        raise TravelError(
            f"{model.model_id}: the model returned costs that are negative, infinite or missing; "
            "leave pairs that were not reached out of the table"
        )
    i = origins.get_indexer(pd.Index(pairs["origin_id"].to_numpy(dtype=object), dtype=object))
    j = destinations.get_indexer(pd.Index(pairs["destination_id"].to_numpy(dtype=object), dtype=object))
    if (i < 0).any() or (j < 0).any():
        raise TravelError(f"{model.model_id}: the model returned ids that were not asked for; check how it labels rows")
    return i, j


def _require_ranked(
    table: CostTable, row: NDArray[np.intp], column: NDArray[np.intp], ids: pd.Index, k: int, model: TravelModel
) -> None:
    """Raise unless the pairs come by origin, then by cost, at most k of an origin and none twice."""
    cost = table.pairs["cost"].to_numpy(dtype=np.float64)
    step, dearer = np.diff(row), np.diff(cost)
    wrong = (step < 0).any() or ((step == 0) & (dearer < 0)).any()
    wrong = wrong or np.bincount(row, minlength=1).max() > k
    wrong = wrong or pd.DataFrame({"row": row, "column": column}).duplicated().any()
    if wrong or not ids.equals(pd.Index(table.origins["id"].to_numpy(dtype=object), dtype=object)):
        raise TravelError(
            f"{model.model_id}: the model's nearest pairs are not in the order of the origins and of cost, are more than {k} "
            "of an origin, or name one twice; sort and trim them as CostTable says"
        )


def _ranked(
    table: CostTable, row: NDArray[np.intp], index: pd.Index, ids: pd.Index, k: int, offered: int
) -> pd.DataFrame:
    cost = table.pairs["cost"].to_numpy(dtype=np.float64)
    destination = table.pairs["destination_id"].to_numpy(dtype=object)
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    slot = row * k + rank
    n = len(ids) * k
    out_cost, out_id, tied = np.full(n, np.nan), np.full(n, None, dtype=object), np.zeros(n, dtype=bool)
    out_cost[slot], out_id[slot], tied[slot] = cost, destination, table.pairs["tied"].to_numpy()
    ranks = np.tile(np.arange(1, k + 1), len(ids))
    status = np.full(n, "reached", dtype=object)
    missed = np.isnan(out_cost)
    status[missed] = "disconnected" if table.cutoff is None else "beyond_cutoff"
    status[missed & (ranks > offered)] = "no_facility"
    at_origin = np.repeat(table.origins["status"].to_numpy(dtype=object), k)
    unusable = missed & (at_origin != "ok")
    status[unusable] = at_origin[unusable]
    columns = {
        "origin_id": objects(ids.to_numpy().repeat(k)),
        "rank": ranks,
        "destination_id": objects(out_id),
        COST_COLUMN[table.unit]: out_cost,
        "status": objects(status),
        "tied": tied,
    }
    return pd.DataFrame(columns).set_axis(index.repeat(k))
