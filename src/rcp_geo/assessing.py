"""The whole question at once: who is served, how far the nearest is, and how sure that is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo._coverage import areas_of, coverage_table
from rcp_geo._findings import (
    date_findings,
    group_findings,
    published_findings,
    reach_findings,
    service_findings,
    travel_findings,
)
from rcp_geo._gaps import as_date, gaps_table, summary_table
from rcp_geo._reach import NearestBlock, reached_blocks, served_blocks
from rcp_geo.assessment import Assessment
from rcp_geo.authorities import register
from rcp_geo.boundaries import load_boundaries
from rcp_geo.demand import load_demand, noticed_in, require_demand
from rcp_geo.directory import load_directory
from rcp_geo.errors import InputError
from rcp_geo.grouping import groups_of
from rcp_geo.join import authority_of, locate_sites, served
from rcp_geo.schema import Finding, findings_frame, is_number, listed
from rcp_geo.travel import MILES_5_10_20, Geodesic, TravelModel

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from rcp_geo.boundaries import Boundaries
    from rcp_geo.directory import Directory

__all__ = ["assess"]

_STRAIGHT = Geodesic()


def assess(
    directory: Directory | None = None,
    boundaries: Boundaries | None = None,
    demand: gpd.GeoDataFrame | None = None,
    *,
    as_of: dt.date | str | None = None,
    model: TravelModel = _STRAIGHT,
    cutoffs: Sequence[float] = MILES_5_10_20,
    by: str = "family",
) -> Assessment:
    """Answer for every authority: is there a service, how far is the nearest, how sure is that.

    Parameters
    ----------
    directory
        The services; the embedded directory if left out.
    boundaries
        The authorities; the embedded ones in force on the date if left out.
    demand
        Where people are: a GeoDataFrame of points with ``demand_id`` and ``weight`` (people, or a stated proxy), in any
        stated CRS; one point per Lower Layer Super Output Area with equal weights if left out. A ``district_code`` column
        (district of 2011) places points by register rather than by polygon.
    as_of
        A full date; the directory's reference date if left out.
    model
        A travel model; straight lines on the ellipsoid unless another is given.
    cutoffs
        Costs within which to count people, in the model's unit; 5, 10 and 20 miles unless others are given. Twenty miles
        is the distance beyond which the Department for Education counts a child in care as placed far from home [1]_.
    by
        Column of ``services`` to group by: ``stage`` (pre_birth, during, post_removal; a service at ``all`` counts for each),
        ``provider_type``, one of your own. A service whose value is ``unknown`` is in the group ``<by>_unknown`` and may be
        in any other: it makes ``none_recorded`` there ``unknown``.

    Returns
    -------
    Assessment

    Raises
    ------
    InputError
        If the date is not a full date, a cutoff is not a number of 0 or more, the default cutoffs in miles are left to
        a model that counts seconds, or a table has wrong rows.
    MissingColumnError, DuplicateIdError, CrsError, GeometryError
        If the demand or the sites cannot be used as they are.
    TravelError
        If the model's answer is not one.

    Notes
    -----
    Nothing is dropped unsaid: every authority has its row, and what was noticed on the way is in ``findings``.
    Straight-line distances are the least that a journey could be.

    References
    ----------
    .. [1] Department for Education, *Children looked after in England including adoption*, annual statistics: distance
       between home and placement, 20 miles or less and more than 20 miles.

    Examples
    --------
    >>> answer = assess(as_of="2022-11-01")
    >>> answer.gaps.loc["E10000027", ["authority_name", "fdac"]].tolist()
    ['Somerset', 'none_recorded']
    """
    directory = load_directory() if directory is None else directory
    day = as_date(directory, as_of)
    embedded_demand = demand is None
    boundaries = load_boundaries(day) if boundaries is None else boundaries
    demand = load_demand() if demand is None else demand
    require_demand(demand)
    limits = _require_cutoffs(cutoffs, model)
    groups = groups_of(directory.services, by)

    by_district = "district_code" in demand.columns
    serving = served(directory, boundaries, day, demand=demand if by_district else None)
    located = locate_sites(directory, boundaries)
    status = directory.status_on(day)
    table = _with_located(gaps_table(serving, groups, boundaries), located, groups, status)
    table = _with_searched(table, directory, boundaries)
    summary = summary_table(table, groups, directory, day, boundaries.level, by)

    authority = authority_of(demand, boundaries)
    codes = pd.Index(boundaries.frame["authority_code"], dtype=object)
    blocks = reached_blocks(directory.sites, demand, groups, status, model)
    blocks += served_blocks(directory.sites, demand, authority, codes, serving, groups, model)
    weight = demand["weight"].to_numpy(dtype=np.float64)
    coverage = coverage_table(blocks, areas_of(boundaries.frame, authority), weight, limits, model.unit)
    found = [
        *directory.noticed,
        *noticed_in(demand),
        *date_findings(boundaries, serving, day),
        *service_findings(directory, located, serving, status),
        *group_findings(groups, by),
        *published_findings(summary),
        *travel_findings(boundaries, directory.sites, demand, authority, model, embedded_demand),
    ]
    found += reach_findings(directory.sites, demand, blocks, model)
    counts = _counts(demand, authority, blocks, directory, serving) | _noticed(directory, found)
    return Assessment(
        day,
        table,
        summary,
        coverage,
        located,
        serving,
        findings_frame(found),
        directory,
        boundaries,
        demand,
        model,
        limits,
        by,
        tuple(blocks),
        counts,
    )


def _require_cutoffs(cutoffs: Sequence[float], model: TravelModel) -> tuple[float, ...]:
    given = listed(cutoffs)
    bad = [c for c in given if not (is_number(c) and c >= 0)]
    if bad:
        raise InputError(f"cutoffs: {bad[0]!r} is not a distance or a duration; give numbers of 0 or more")
    limits = tuple(map(float, given))
    if model.unit != "m" and limits == MILES_5_10_20:
        raise InputError(f"cutoffs: {model.model_id} counts seconds, and the default cutoffs are miles; give seconds")
    return tuple(sorted(set(limits)))


def _with_located(
    table: pd.DataFrame, located: pd.DataFrame, groups: Mapping[str, Sequence[str]], status: pd.Series
) -> pd.DataFrame:
    operating = located[located["service_id"].map(status).eq("operating")]
    columns = {}
    for group, members in groups.items():
        own = operating[operating["service_id"].isin(members)]
        found = own.groupby("authority_code")["service_id"].nunique()
        columns[f"{group}_located"] = found.reindex(table.index).fillna(0).astype("int64")
    return table.assign(**columns)


def _with_searched(table: pd.DataFrame, directory: Directory, boundaries: Boundaries) -> pd.DataFrame:
    """Add what a search of the authority found; of several earlier authorities' results the one that found most."""
    strength = ("none_found", "near_miss", "service_found")
    known = register()
    holder = known.district_to(boundaries.frame["authority_code"])
    columns = {}
    for family, rows in directory.searched.groupby("family", sort=True):
        best: dict[str, str] = {}
        for code, result in zip(rows["authority_code"], rows["result"], strict=True):
            for target in {holder[d] for d in known.districts[code] if d in holder}:
                kept = best.get(target, strength[0])
                best[target] = max(kept, result, key=lambda r: strength.index(r) if r in strength else -1)
        columns[f"{family}_searched"] = table.index.to_series().map(best).fillna("")
    return table.assign(**columns)


def _counts(
    demand: gpd.GeoDataFrame,
    authority: NDArray[np.intp],
    blocks: list[NearestBlock],
    directory: Directory,
    serving: pd.DataFrame,
) -> dict[str, float]:
    weight = demand["weight"].to_numpy(dtype=np.float64)
    counts: dict[str, float] = {
        "services": len(directory),
        "sites": len(directory.sites),
        "sites_without_point": int((directory.sites.geometry.isna() | directory.sites.geometry.is_empty).sum()),
        "services_that_serve_somewhere": int(serving["service_id"].nunique()),
        "demand_points": len(demand),
        "demand_weight": float(weight.sum()),
        "demand_weight_in_no_authority": float(weight[authority < 0].sum()),
        "demand_points_in_no_authority": int((authority < 0).sum()),
    }
    for block in blocks:
        name = f"{block.group}.{block.relation}.{block.evidence}"
        counts[f"nearest_tied.{name}"] = block.tied
        missed = np.isnan(block.cost)
        counts[f"nearest_not_reached.{name}"] = int(missed.sum())
        for reason, n in zip(*np.unique(block.status[missed].astype(str), return_counts=True), strict=True):
            counts[f"nearest_not_reached.{name}.{reason}"] = int(n)
    return counts


def _noticed(directory: Directory, found: Sequence[Finding]) -> dict[str, float]:
    """Count what was left out when the directory was read, and what each kind of finding is about."""
    counts: dict[str, float] = {}
    left_out = set(directory.noticed)
    for finding in found:
        what = "left_out" if finding.severity == "error" and finding in left_out else "noticed"
        name = f"{what}.{finding.code}"
        counts[name] = counts.get(name, 0) + max(len(finding.ids), 1)
    return counts
