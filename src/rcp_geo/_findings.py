"""What an assessment notices in its inputs and its answers, in words that can be acted on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo.authorities import register
from rcp_geo.schema import Finding, counted
from rcp_geo.travel import Circuity, Geodesic, TravelMatrix, TravelModel

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from rcp_geo._reach import NearestBlock
    from rcp_geo.boundaries import Boundaries
    from rcp_geo.directory import Directory
    from rcp_geo.grouping import Groups

__all__ = [
    "date_findings",
    "group_findings",
    "published_findings",
    "reach_findings",
    "service_findings",
    "travel_findings",
]


def date_findings(boundaries: Boundaries, serving: pd.DataFrame, day: dt.date) -> list[Finding]:
    found = []
    vintage = boundaries.vintage
    if day not in vintage:
        until = f"to {vintage.valid_to}" if vintage.valid_to else "on"
        found.append(
            Finding(
                "date.outside_vintage",
                "warning",
                "boundaries",
                "vintage",
                (),
                f"the date {day} is outside the vintage of the boundaries ({vintage.label} {until}), the nearest at hand",
                "read the answers as for the authorities of that vintage",
            )
        )
    carried = serving[serving["carried_from"] != ""]
    if len(carried):
        pairs = zip(carried["service_id"], carried["carried_from"], strict=True)
        found.append(
            Finding(
                "footprint.carried",
                "info",
                "footprints",
                "authority_code",
                tuple(dict.fromkeys(carried["service_id"])),
                counted(
                    len({(s, c) for s, codes in pairs for c in codes.split(";")}),
                    "footprints were declared on authorities of another vintage and carried to this one",
                ),
                "look at served.carried_from where the extent matters",
            )
        )
    now = set(register().in_force(vintage.valid_from, boundaries.level)["authority_code"])
    missing = sorted(now - set(boundaries.frame["authority_code"]))
    lacking = f"{boundaries.level}-tier authorities have no polygon, though they were in force on {vintage.label}"
    if missing:
        found.append(
            Finding(
                "boundaries.missing_authorities",
                "warning",
                "boundaries",
                "authority_code",
                tuple(missing),
                counted(len(missing), lacking),
                "read the rows for regions and England as for the authorities that are there",
            )
        )
    return found


def service_findings(
    directory: Directory, located: pd.DataFrame, serving: pd.DataFrame, status: pd.Series
) -> list[Finding]:
    active = status[status.isin(["operating", "in_development", "unknown"])].index
    footprint = pd.Index(serving["service_id"].unique())
    sited = pd.Index(directory.sites["service_id"].unique())
    by_site = {
        position: located.loc[located["position"] == position, "site_id"]
        for position in ("border", "in_scotland", "in_wales", "outside", "no_point")
    }
    operating = located[located["service_id"].map(status).eq("operating") & located["authority_code"].notna()]
    pairs = set(zip(serving["service_id"], serving["authority_code"], strict=True))
    elsewhere = [
        site
        for site, service, code in zip(
            operating["site_id"], operating["service_id"], operating["authority_code"], strict=True
        )
        if (service, code) not in pairs
    ]
    sites = directory.sites
    vague = (
        sites.loc[sites["precision"].isin(["authority", "place"]), "site_id"] if "precision" in sites.columns else []
    )
    cases = (
        (
            "service.status_unknown",
            "warning",
            "status",
            status.index[status == "unknown"],
            "services have no evidence of their status on the date",
            "read unknown as not known, never as closed; add a dated source to settle it",
        ),
        (
            "service.no_footprint",
            "warning",
            "footprints",
            active.difference(footprint, sort=False),
            "services name no authority that they serve on the date, so they answer for none",
            "add their footprints if they are known",
        ),
        (
            "service.no_site",
            "warning",
            "sites",
            active.difference(sited, sort=False),
            "services have no site, so no distance is taken to them",
            "add a site if one is known",
        ),
        (
            "site.outside",
            "warning",
            "sites",
            by_site["outside"],
            "sites lie in none of the authorities",
            "check their coordinates",
        ),
        (
            "site.other_country",
            "warning",
            "sites",
            pd.concat([by_site["in_scotland"], by_site["in_wales"]]),
            "sites lie in Scotland or Wales, outside these authorities",
            "look at located.position; people near the border may travel there",
        ),
        ("site.no_point", "warning", "sites", by_site["no_point"], "sites have no point", "give them one"),
        (
            "site.border",
            "info",
            "sites",
            by_site["border"],
            "sites lie on a border and are given to the smallest code",
            "check which side is meant",
        ),
        (
            "site.located_not_served",
            "info",
            "sites",
            elsewhere,
            "sites sit in an authority that their operating service does not serve",
            "take who is served from the footprints, not from the map",
        ),
        (
            "site.imprecise",
            "info",
            "sites",
            vague,
            "sites are known no better than by authority or council district; distances are taken from a central point of it",
            "read distances to them as rough; location_interval says how rough",
        ),
    )
    return [
        Finding(code, severity, table, "", tuple(map(str, ids)), counted(len(ids), message), remedy)  # type: ignore[arg-type]
        for code, severity, table, ids, message, remedy in cases
        if len(ids)
    ]


def group_findings(groups: Groups, by: str) -> list[Finding]:
    """Name the services of which it is not known in which group they are."""
    ids = groups.undecided
    if not ids:
        return []
    return [
        Finding(
            "service.group_unknown",
            "warning",
            "services",
            by,
            ids,
            counted(len(ids), f"services have the value unknown, so they may be in any group of {by}"),
            "settle them; until then an authority that they work for is unknown where nothing better is recorded",
        )
    ]


def travel_findings(
    boundaries: Boundaries,
    sites: gpd.GeoDataFrame,
    demand: gpd.GeoDataFrame,
    authority: NDArray[np.intp],
    model: TravelModel,
    proxy: bool,
) -> list[Finding]:
    found = []
    lost = demand.loc[authority < 0, "demand_id"]
    if len(lost):
        found.append(
            Finding(
                "demand.in_no_authority",
                "warning",
                "demand",
                "geometry",
                tuple(map(str, lost)),
                counted(len(lost), "demand points lie in no authority, so they count for none"),
                "check their coordinates, or pass boundaries that hold them",
            )
        )
    if proxy:
        found.append(
            Finding(
                "demand.proxy",
                "info",
                "demand",
                "weight",
                (),
                "every Lower Layer Super Output Area counts the same, as a proxy for people",
                "pass demand with populations where shares of people matter",
            )
        )
    if isinstance(model, Geodesic):
        found.append(
            Finding(
                "travel.straight_line",
                "info",
                "coverage",
                "value",
                (),
                "distances are straight lines, the least that a journey could be",
                "use a model of roads where water or moors lie between",
            )
        )
    if isinstance(model, TravelMatrix):
        found += model.noticed(demand, sites)
    borders = register().frame.set_index("authority_code")["land_border"]
    shared = borders.reindex(boundaries.frame["authority_code"]).fillna("")
    if (shared != "").any():
        names = sorted(set(shared[shared != ""]))
        found.append(
            Finding(
                "coverage.land_border",
                "info",
                "coverage",
                "value",
                tuple(shared.index[shared != ""]),
                counted(
                    int((shared != "").sum()),
                    f"authorities border {' or '.join(names)}, whose services are not in the directory",
                ),
                "the nearest service may be across the border",
            )
        )
    return found


# Why a place reaches nothing, by the status that a model gives it: what is said of it, and what to do.
_UNREACHED = {
    "unsnapped": (
        "travel.unsnapped",
        "too far from any road of the network to be on it",
        "bring a network that covers them, or allow a greater max_snap_m",
    ),
    "disconnected": (
        "travel.disconnected",
        "on roads that lead to no service",
        "look at the components of the network; islands need their ferries",
    ),
}


def reach_findings(
    sites: gpd.GeoDataFrame, demand: gpd.GeoDataFrame, blocks: Sequence[NearestBlock], model: TravelModel
) -> list[Finding]:
    """Say of which places a model of roads knows no journey, and how much of the demand that is."""
    if isinstance(model, (Circuity, Geodesic)):
        return []
    weight = demand["weight"].to_numpy(dtype=np.float64)
    block = next(b for b in blocks if (b.group, b.relation, b.evidence) == ("any", "reached", "possible"))
    found = []
    for status, (code, what, remedy) in _UNREACHED.items():
        lost = block.status == status
        if lost.any():
            ids = tuple(map(str, demand.loc[lost, "demand_id"]))
            share = weight[lost].sum() / weight.sum()
            message = f"{len(ids)} demand points, with {share:.1%} of the weight, are {what}; they reach nothing"
            found.append(Finding(code, "warning", "demand", "geometry", ids, message, remedy))
    placed = sites[~(sites.geometry.isna() | sites.geometry.is_empty)]
    # One journey is enough to learn which sites are on the network.
    ends = model.costs(demand.iloc[:1], placed).destinations if len(placed) else pd.DataFrame({"id": [], "status": []})
    astray = tuple(map(str, ends.loc[ends["status"] == "unsnapped", "id"]))
    if astray:
        code, what, remedy = _UNREACHED["unsnapped"]
        message = counted(len(astray), f"sites are {what}; nobody reaches them")
        found.append(Finding(code, "warning", "sites", "geometry", astray, message, remedy))
    return found


def published_findings(summary: pd.DataFrame) -> list[Finding]:
    """Say where a printed count of authorities lies outside the interval that is recorded."""
    found = []
    for group, row in summary.iterrows():
        gap = row["published_gap"]
        if pd.isna(gap) or row["gap_min"] <= gap <= row["gap_max"]:
            continue
        found.append(
            Finding(
                "published.outside_interval",
                "warning",
                "summary",
                "published_gap",
                (str(group),),
                f"{row['published']} authorities were printed for {row['published_date']}, which leaves {gap} without; "
                f"the record leaves {row['gap_min']} to {row['gap_max']}",
                "read the interval as one over what is recorded, not over the world",
            )
        )
    return found
