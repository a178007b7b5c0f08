"""How much supply reaches the people of each area, by group of services and evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from rcp_geo._coverage import Areas, coverage_rows
from rcp_geo._reach import EVIDENCE
from rcp_geo.catchments import Counting, Recipe, count_supply, matrix_of, share_out, unit_of
from rcp_geo.grouping import Groups
from rcp_geo.travel import TravelModel, costs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rcp_geo.directory import Directory

__all__ = ["supply_table"]

COLUMNS = ("area_type", "area_code", "area_name", "group", "relation", "evidence", "metric_id", "cutoff")


def supply_table(
    recipe: Recipe,
    directory: Directory,
    demand: gpd.GeoDataFrame,
    model: TravelModel,
    areas: Sequence[Areas],
    groups: Groups,
    as_of: dt.date,
    *,
    counting: Counting | None,
) -> pd.DataFrame:
    """Return the mean supply of each area's demand, one row for each area, group and evidence.

    Raises
    ------
    MissingColumnError, InputError
        If the capacity of services is asked for and not known, is no number, or is known of some only.
    """
    places, status, amount, by, without = _facilities(directory, as_of, counting)
    origins = gpd.GeoDataFrame(
        {"demand_id": demand["demand_id"].to_numpy(dtype=object)}, geometry=demand.geometry.array
    )
    ids = pd.Index(origins["demand_id"].to_numpy(dtype=object), dtype=object)
    table = costs(origins, places, model, cutoff=recipe.search)
    recipe = recipe.over(table.cutoff)
    matrix = matrix_of(table.pairs, ids, pd.Index(places["site_id"].to_numpy(dtype=object), dtype=object))
    weight = demand["weight"].to_numpy(dtype=np.float64)
    at_origin = table.origins["status"].to_numpy(dtype=object)
    missed = "disconnected" if table.cutoff is None and recipe.cutoff is None else "beyond_cutoff"
    parts = []
    for group in groups:
        for evidence in EVIDENCE:
            own = places["service_id"].isin(groups.counting(group, evidence)).to_numpy()
            chosen = np.flatnonzero(own & ((status == "operating") | (evidence == "possible")))
            values, _ = share_out(recipe, matrix[:, chosen], weight, amount[chosen])
            why = "no_facility" if not len(chosen) else missed
            reason = np.where(at_origin == "ok", why, at_origin).astype(object)
            for some in areas:
                labels = {"group": group, "relation": "reached", "evidence": evidence, "metric_id": recipe.metric_id}
                parts.append(_rows(some, weight, values, reason).assign(**labels))
    limit = recipe.cutoffs[-1] if recipe.cutoffs else recipe.cutoff
    found = pd.concat(parts, ignore_index=True).assign(
        cutoff=np.nan if limit is None else limit, unit=unit_of(recipe.method, by)
    )
    found = found[[*COLUMNS, "value", "unit", "reached_share", "reason"]]
    found.attrs = {**recipe.describe(), "counting": by, "model": model.describe(), "services_without_site": without}
    return found


def _facilities(
    directory: Directory, as_of: dt.date, counting: Counting | None
) -> tuple[gpd.GeoDataFrame, NDArray[np.object_], NDArray[np.float64], Counting, list[str]]:
    """Return the sites of services that operate or may, their status and supply, what it is counted in, and who has no site.

    What a service supplies is shared equally by its sites that have a point, so that a service counts once.
    """
    status = directory.status_on(as_of)
    services = directory.services.set_index("service_id")
    running = services.index[services.index.to_series().map(status).isin(["operating", "unknown"])]
    sites = directory.sites
    placed = sites[~(sites.geometry.isna() | sites.geometry.is_empty) & sites["service_id"].isin(running)]
    times = placed["service_id"].value_counts()
    there = running[running.isin(times.index)]
    capacity = services.loc[there, "capacity"] if "capacity" in services.columns else None
    amount, by = count_supply(capacity, pd.Index(there), counting, "services")
    each = pd.Series(amount, index=there) / times.reindex(there)
    columns = {c: placed[c].to_numpy(dtype=object) for c in ("site_id", "service_id")}
    places = gpd.GeoDataFrame(columns, geometry=placed.geometry.array)
    of_site = placed["service_id"].map(status).to_numpy(dtype=object)
    shared = placed["service_id"].map(each).to_numpy(dtype=np.float64)
    return places, of_site, shared, by, sorted(running[~running.isin(there)])


def _rows(
    areas: Areas, weight: NDArray[np.float64], values: NDArray[np.float64], reason: NDArray[np.object_]
) -> pd.DataFrame:
    """Return for each area the mean over all its demand, the share that has any supply, and why the rest has none."""
    inside = areas.of >= 0
    n = len(areas.codes)
    total = np.bincount(areas.of[inside], (weight * values)[inside], minlength=n)
    people = np.bincount(areas.of[inside], weight[inside], minlength=n)
    mean = np.divide(total, people, out=np.full(n, np.nan), where=people > 0)
    some = values > 0
    status = np.where(some, "reached", reason).astype(object)
    told = pd.DataFrame(coverage_rows(areas, weight, np.where(some, values, np.nan), status, (), ""))
    return told.drop_duplicates("area_code").drop(columns=["metric_id", "cutoff", "unit"]).assign(value=mean)
