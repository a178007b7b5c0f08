"""The two ways in which a service belongs to an authority: it sits there, or it works for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from rcp_geo.authorities import LEVELS, register
from rcp_geo.boundaries import countries, require_boundaries
from rcp_geo.crs import WGS84, require_native, to_bng
from rcp_geo.demand import district_weights, load_demand
from rcp_geo.errors import GeometryError
from rcp_geo.grid import holders_of
from rcp_geo.schema import counted, first_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    from rcp_geo.boundaries import Boundaries
    from rcp_geo.directory import Directory

__all__ = ["authority_of", "locate", "locate_sites", "served"]

# Below this many points the raster of PolygonGrid takes longer to lay than it saves.
_GRID_FROM = 50_000


def locate(points: gpd.GeoDataFrame | gpd.GeoSeries, boundaries: Boundaries) -> pd.DataFrame:
    """Find the authority that each point lies in.

    Parameters
    ----------
    points
        Points in a stated CRS. A null or empty point keeps its row.
    boundaries
        Polygons of one vintage, from :func:`load_boundaries`.

    Returns
    -------
    pandas.DataFrame
        One row per point, with its index and in its order: ``authority_code``, ``authority_name``, ``region_code``,
        ``region_name`` (missing where there is none) and ``position``: ``inside``, ``border`` (on the line, shared or
        outer; of several authorities the smallest code), ``in_wales``, ``in_scotland``, ``outside`` or ``no_point``.

    Raises
    ------
    InputError
        If ``boundaries`` is a frame.
    CrsError
        If the points have no CRS, or cannot be of the one stated: degrees where it is of metres, or the reverse.
    GeometryError
        If a geometry is not a point, lies at 0,0, or has its latitude where the longitude belongs.

    Notes
    -----
    Exact against the polygons given, in about constant time per point once there are many: see
    ``rcp_geo.grid``. The embedded polygons are generalised, so within some 200 m of a border the answer is theirs, not
    the ground's. Scotland is what lies within some 5 km of a Scottish postcode: a point at sea may be in it.

    Examples
    --------
    >>> located = locate(geocode(["SW1A 2AA", "CB1", "EH1 1YZ"]), load_boundaries("2023-06-01"))
    >>> located[["authority_name", "position"]].fillna("").values.tolist()
    [['Westminster', 'inside'], ['Cambridgeshire', 'inside'], ['', 'in_scotland']]
    """
    require_boundaries(boundaries)
    _require_plausible(points)
    geometry = to_bng(points, "points").to_numpy()
    x, y, there = _coordinates(geometry)
    polygon, on_border = np.full(len(x), -1), np.zeros(len(x), dtype=bool)
    many = len(x) >= _GRID_FROM
    holders = boundaries.grid.holders_of if many else partial(holders_of, boundaries.frame.geometry.to_numpy())
    found = holders(x[there], y[there])
    polygon[there], on_border[there] = found.polygon, found.on_border
    # The last entry, missing, is the one that position -1 takes.
    names = {
        c: np.r_[boundaries.frame[c].to_numpy(dtype=object), [None]][polygon]
        for c in ("authority_code", "authority_name", "region_code", "region_name")
    }
    words = np.array(["inside", "border", "outside", "no_point"], dtype=object)
    position = words[np.select([~there, polygon < 0, on_border], [3, 2, 1], 0)]
    lost = np.flatnonzero(position == "outside")
    if len(lost):
        position[lost] = _countries_of(x[lost], y[lost])
    names["position"] = position
    # Plain objects: turning millions of texts into pandas' string type takes longer than finding them.
    return pd.DataFrame(names, index=points.index, dtype=object)


def _countries_of(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.object_]:
    """Say of points in no authority which country they are in, or that they are outside."""
    names, ground = countries()
    words = np.array([*(f"in_{name.lower()}" for name in names), "outside"], dtype=object)
    return words[holders_of(ground, x, y).polygon]


def _coordinates(
    geometry: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Return the coordinates of the points, NaN where there is none, and which there are."""
    there = (shapely.get_type_id(geometry) == shapely.GeometryType.POINT) & ~shapely.is_empty(geometry)
    x, y = np.full(len(geometry), np.nan), np.full(len(geometry), np.nan)
    x[there], y[there] = shapely.get_x(geometry[there]), shapely.get_y(geometry[there])
    return x, y, there


def _require_plausible(points: gpd.GeoDataFrame | gpd.GeoSeries) -> None:
    """Raise for geometry that can only be a mistake: no point at all, 0,0, or swapped axes."""
    require_native(points, "points")
    crs = points.crs
    geometry = points.geometry.to_numpy()
    kind = shapely.get_type_id(geometry)
    x, y, _ = _coordinates(geometry)
    # Great Britain spans longitudes -9 to 2 and latitudes 49 to 61: the other way round it is the Indian Ocean.
    swapped = (crs == WGS84) & (x >= 49) & (x <= 61) & (y >= -9) & (y <= 2)
    for rows, what, remedy in (
        ((kind != shapely.GeometryType.POINT) & (kind >= 0), "hold no point", "take their centroids first"),
        (
            (np.abs(x) < 1e-6) & (np.abs(y) < 1e-6),
            "lie at 0,0, which is what missing coordinates become",
            "drop or complete them",
        ),
        (swapped, "have latitude first", "build points as (longitude, latitude)"),
    ):
        if rows.any():
            ids = points.index[rows].tolist()
            raise GeometryError(f"points.geometry: {counted(len(ids), f'rows {what}')} ({first_of(ids)}); {remedy}")


# What a service adds to an authority, by its status and by how its footprint lies there; anything else adds nothing.
_ANSWER = {
    ("operating", "whole"): "served",
    ("operating", "part"): "part",
    ("operating", "unclear"): "unknown",
    **{("in_development", extent): "in_development" for extent in ("whole", "part", "unclear")},
    **{("unknown", extent): "unknown" for extent in ("whole", "part", "unclear")},
}
_CERTAINTY = ("stated", "inferred", "unclear")


@dataclass(frozen=True, slots=True)
class _Footprint:
    code: str
    extent: str
    certainty: str
    districts: frozenset[str]


def served(
    directory: Directory,
    boundaries: Boundaries,
    as_of: dt.date | str | None = None,
    *,
    demand: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Say which authorities each service works for on a date.

    Footprints are carried to the vintage of the boundaries, each service on its own: ground is compared by the districts of
    2011 that make it up. All of an authority's districts covered is ``whole``; some of them is ``part``. A footprint said
    to be in part of an authority stays ``part`` where that authority lies inside one of today's, and is ``unclear`` where it
    has been split.

    Parameters
    ----------
    directory
        The services.
    boundaries
        The vintage of the answer.
    as_of
        A full date; the directory's reference date if left out.
    demand
        Demand points with ``weight`` and ``district_code``, for ``demand_share``; the embedded ones if left out.

    Returns
    -------
    pandas.DataFrame
        One row per service and authority, in the order of the services, then of the codes; only services whose status on
        the date adds to an answer (operating, in development, unknown) and only footprints whose own dates hold it:
        ``service_id``, ``name``, ``family``, ``authority_code``, ``authority_name``, ``status``, ``extent`` (whole, part,
        unclear), ``certainty`` (the least of its footprints'), ``answer`` (served, part, in_development, unknown),
        ``demand_share`` (0 to 1, missing where the part is not known) and ``carried_from`` (codes of another vintage that
        it was declared on, a semicolon between several).

    Raises
    ------
    InputError
        If the date is not a full date.
    MissingColumnError
        If ``demand`` has no ``district_code``.
    VintageError
        If ``demand`` has districts of another date than 31 December 2011.

    Examples
    --------
    >>> directory, boundaries = load_directory(), load_boundaries("2018-01-01")
    >>> rows = served(directory, boundaries, "2018-01-01")
    >>> rows.loc[rows["service_id"] == "pause-cumbria", ["authority_name", "extent", "demand_share"]].round(2).values.tolist()
    [['Cumbria', 'part', 0.34]]
    """
    require_boundaries(boundaries)
    day = directory.reference_date if as_of is None else as_of
    status = directory.status_on(day)
    footprints = directory.footprints_on(day)
    footprints = footprints[footprints["service_id"].map(status).isin({s for s, _ in _ANSWER})]
    known = register()
    codes = boundaries.frame["authority_code"].tolist()
    ground = {code: known.districts.get(code, frozenset()) for code in codes}
    holder = known.district_to(codes)
    weights = district_weights(load_demand() if demand is None else demand)
    since = boundaries.vintage.valid_from
    current = {*codes, *(c for level in LEVELS for c in known.in_force(since, level)["authority_code"])}
    rows = []
    for service_id, own in footprints.groupby("service_id", sort=False):
        parts = [
            _Footprint(code, extent, certainty, known.districts[code])
            for code, extent, certainty in zip(own["authority_code"], own["extent"], own["certainty"], strict=True)
        ]
        targets = sorted({holder[d] for p in parts for d in p.districts if d in holder})
        for code in targets:
            here = [p for p in parts if p.districts & ground[code]]
            extent, share = _extent(here, ground[code], weights)
            carried = sorted({p.code for p in here} - current)
            certainty = max((p.certainty for p in here), key=_CERTAINTY.index)
            rows.append((service_id, code, extent, certainty, share, ";".join(carried)))
    columns = ["service_id", "authority_code", "extent", "certainty", "demand_share", "carried_from"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["status"] = frame["service_id"].map(status)
    pairs = zip(frame["status"], frame["extent"], strict=True)
    frame["answer"] = [_ANSWER[pair] for pair in pairs]
    frame["authority_name"] = frame["authority_code"].map(
        boundaries.frame.set_index("authority_code")["authority_name"]
    )
    services = directory.services.set_index("service_id")
    for column in ("name", "family"):
        frame[column] = frame["service_id"].map(services[column])
    order = frame["service_id"].map({s: i for i, s in enumerate(services.index)})
    ordered = frame.assign(_order=order).sort_values(["_order", "authority_code"], ignore_index=True)
    return ordered[
        [
            "service_id",
            "name",
            "family",
            "authority_code",
            "authority_name",
            "status",
            "extent",
            "certainty",
            "answer",
            "demand_share",
            "carried_from",
        ]
    ]


def _extent(parts: list[_Footprint], ground: frozenset[str], weights: dict[str, float]) -> tuple[str, float]:
    """Say how one service's footprints lie in an authority, and the share of its demand they hold."""
    clear = [p for p in parts if p.certainty != "unclear"]
    covered = frozenset[str]().union(*(p.districts for p in clear if p.extent == "whole")) & ground
    if covered == ground:
        return "whole", 1.0
    in_part = any(p.extent == "part" and p.districts <= ground for p in clear)
    if covered and not in_part:
        return "part", _share(covered, ground, weights)
    return ("part" if covered or in_part else "unclear"), np.nan


def _share(covered: Iterable[str], ground: Iterable[str], weights: dict[str, float]) -> float:
    total = sum(weights.get(d, 0.0) for d in sorted(ground))
    return sum(weights.get(d, 0.0) for d in sorted(covered)) / total if total else np.nan


def locate_sites(directory: Directory, boundaries: Boundaries) -> pd.DataFrame:
    """Find the authority that each site of a directory lies in.

    A site of precision ``authority`` has a point only to measure distances from; it is located in the authority that its
    service declares: the one named as its ``place``, or the only one served.

    Returns
    -------
    pandas.DataFrame
        One row per site in the order of ``sites``: ``site_id``, ``service_id``, ``authority_code``, ``authority_name``,
        ``region_code``, ``region_name``, ``position`` as in :func:`locate`, and ``basis`` (``point`` or ``declared``).
    """
    sites = directory.sites
    found = locate(sites, boundaries).reset_index(drop=True)
    names = boundaries.frame.set_index("authority_code")[["authority_name", "region_code", "region_name"]]
    declared = _declared(directory, names.index)
    code = sites["site_id"].map(declared)
    kept = code.notna().to_numpy()
    found.loc[kept, "authority_code"] = code[kept].to_numpy()
    for column in names.columns:
        found.loc[kept, column] = code[kept].map(names[column]).to_numpy()
    found.loc[kept, "position"] = "inside"
    found.insert(0, "site_id", sites["site_id"].to_numpy())
    found.insert(1, "service_id", sites["service_id"].to_numpy())
    return found.assign(basis=np.where(kept, "declared", "point"))


def _declared(directory: Directory, codes: Iterable[str]) -> dict[str, str]:
    """Return the declared authority, in the vintage of the codes, of each site known no better than by authority."""
    sites = directory.sites
    if "precision" not in sites.columns:
        return {}
    known = register()
    names = known.names()
    footprints = directory.footprints.groupby("service_id")["authority_code"].unique()
    targets = list(codes)
    found = {}
    for site in sites[sites["precision"] == "authority"].itertuples():
        own = list(footprints.get(site.service_id, ()))
        named = [c for c in own if names[c].casefold() == str(getattr(site, "place", "")).casefold()]
        if len(named or own) != 1:
            continue
        carried = [t for t, how in known.carry((named or own)[0], targets).items() if how in ("same", "inside")]
        if len(carried) == 1:
            found[site.site_id] = carried[0]
    return found


def authority_of(demand: gpd.GeoDataFrame, boundaries: Boundaries) -> NDArray[np.intp]:
    """Return for each demand point the position of its authority, -1 where it lies in none."""
    codes = pd.Index(boundaries.frame["authority_code"])
    known = register()
    if "district_code" in demand.columns and all(c in known.districts for c in codes):
        holder = known.district_to(codes)
        found = codes.get_indexer(pd.Index(demand["district_code"].map(holder)))
    else:
        found = codes.get_indexer(pd.Index(locate(demand, boundaries)["authority_code"]))
    return np.asarray(found, dtype=np.intp)
