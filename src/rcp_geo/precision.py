"""How much the figures owe to places that are known only roughly: sites put where else they may be, many times over."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from rcp_geo._coverage import Areas, figures, weighted_quantile
from rcp_geo._reach import EVIDENCE, NearestBlock, reached_blocks, served_blocks
from rcp_geo.authorities import register
from rcp_geo.crs import WGS84, bng_to_wgs84, to_wgs84
from rcp_geo.demand import load_demand
from rcp_geo.errors import InputError
from rcp_geo.grouping import Groups
from rcp_geo.io.central import ground_of, place_in
from rcp_geo.names.match import codes_named
from rcp_geo.postcodes import postcodes_within
from rcp_geo.schema import is_number, listed
from rcp_geo.travel import Circuity, Geodesic, TravelMatrix
from rcp_geo.travel.chords import arc_over, chord_space

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rcp_geo.directory import Directory
    from rcp_geo.travel import TravelModel

__all__ = ["LOCATION_INTERVAL", "Asked", "interval_rows", "require_draws", "rule_rows"]

LOCATION_INTERVAL = "rcp.robust.location_interval@1"
_EXACT = frozenset({"point", "postcode"})
_RELATIONS = ("reached", "served")
_TOLD = ("precision", "postcode", "postcode_district", "place")
_LABELS = ("area_type", "area_code", "area_name", "group", "relation", "evidence", "metric_id", "cutoff")


@dataclass(frozen=True)
class Asked:
    """What the costs of an assessment were asked of.

    Attributes
    ----------
    directory, demand, model
        As they were passed.
    authority, codes
        For each demand point the position of its authority; the authorities' codes.
    serving, status, groups
        Who serves whom, which services operate, and the services of each group.
    """

    directory: Directory
    demand: gpd.GeoDataFrame
    model: TravelModel
    authority: NDArray[np.intp]
    codes: pd.Index
    serving: pd.DataFrame
    status: pd.Series
    groups: Groups

    def blocks(self, sites: gpd.GeoDataFrame, relations: Sequence[str]) -> list[NearestBlock]:
        """Find the nearest of some sites, as the assessment did of all."""
        found = []
        if "reached" in relations:
            found += reached_blocks(sites, self.demand, self.groups, self.status, self.model)
        if "served" in relations:
            found += served_blocks(
                sites, self.demand, self.authority, self.codes, self.serving, self.groups, self.model
            )
        return found


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a site may be: the rule by which it is said, and points with weights, none where it stays."""

    rule: str
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    weight: NDArray[np.float64]

    @classmethod
    def none(cls, rule: str) -> _Places:
        return cls(rule, np.empty(0), np.empty(0), np.empty(0))

    def drawn(self, site_id: str, seed: int, draws: int) -> NDArray[np.intp]:
        """Return positions drawn at random, by weight.

        A site's draws follow from the seed and its id alone, so that no other site, nor the order of any, changes them.
        """
        words = np.frombuffer(hashlib.sha256(site_id.encode()).digest(), dtype="<u4")
        stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words.tolist()])))
        reached = np.cumsum(self.weight)
        drawn = np.searchsorted(reached[:-1], stream.random(draws) * reached[-1], side="right")
        return np.asarray(drawn, dtype=np.intp)


def require_draws(draws: int, seed: int, level: float, relations: Sequence[str]) -> tuple[str, ...]:
    """Return the relations in their order, or raise unless what was asked can be drawn."""
    if not (is_number(draws, whole=True) and draws >= 1):
        raise InputError(f"draws: {draws!r} draws have no spread; give a whole number of 1 or more, such as 200")
    if not (is_number(seed, whole=True) and seed >= 0):
        raise InputError(f"seed: {seed!r} is no seed; give a whole number of 0 or more")
    if not (is_number(level) and 0 < level < 1):
        raise InputError(f"level: {level!r} is not a share of the draws; give a number between 0 and 1, such as 0.9")
    asked = listed(relations)
    unknown = [r for r in asked if r not in _RELATIONS]
    if unknown or not asked:
        raise InputError(f"relations: {asked!r} are not among {', '.join(_RELATIONS)}; give one of them or both")
    return tuple(r for r in _RELATIONS if r in asked)


def _places_of(asked: Asked) -> list[_Places]:
    """Return where each site of the directory may be, in their order."""
    sites = asked.directory.sites
    no_point = np.asarray(sites.geometry.isna() | sites.geometry.is_empty)
    footprints = asked.directory.footprints.groupby("service_id")["authority_code"].unique()
    candidates = codes_named(asked.directory.reference_date)
    text = {c: sites[c].fillna("").astype(str).tolist() for c in _TOLD if c in sites.columns}
    found = []
    for row, service_id in enumerate(sites["service_id"]):
        told = {c: values[row].strip() for c, values in text.items()}
        kind = told.get("precision", "")
        codes = tuple(footprints.get(service_id, ()))
        if no_point[row]:
            places = _Places.none("no_point")
        elif kind in _EXACT:
            places = _Places.none("exact")
        elif kind in ("district", "sector"):
            places = _among_postcodes(kind, [told.get("postcode", ""), told.get("postcode_district", "")])
        elif kind == "authority":
            places = _among_demand(asked, ground_of(codes))
        elif kind == "place":
            places = _in_place(asked, place_in(candidates(told.get("place", "")), codes))
        else:
            places = _Places.none("left")
        found.append(places)
    return found


def _among_postcodes(kind: str, texts: Sequence[str]) -> _Places:
    for text in texts:
        longitude, latitude = _postcode_points(text, kind)
        if len(longitude):
            return _Places("postcodes", longitude, latitude, np.ones(len(longitude)))
    return _Places.none("left")


@cache  # many sites share a district
def _postcode_points(text: str, kind: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows = postcodes_within(text, kind)
    return bng_to_wgs84(rows["easting"].to_numpy(), rows["northing"].to_numpy())


def _among_demand(asked: Asked, ground: frozenset[str]) -> _Places:
    if "district_code" in asked.demand.columns:
        inside = asked.demand["district_code"].isin(ground).to_numpy()
    else:
        known = register().districts
        holds = np.array([bool(known.get(c, frozenset()) & ground) for c in asked.codes], dtype=bool)
        inside = (asked.authority >= 0) & holds[asked.authority]
    return _at_points(asked.demand, inside)


def _in_place(asked: Asked, ground: frozenset[str] | None) -> _Places:
    if ground is None:
        return _Places.none("left")
    # Polygons of authorities do not tell the parts of one apart; the embedded points do.
    points = asked.demand if "district_code" in asked.demand.columns else load_demand()
    return _at_points(points, points["district_code"].isin(ground).to_numpy())


def _at_points(demand: gpd.GeoDataFrame, inside: NDArray[np.bool_]) -> _Places:
    own = demand[inside & (demand["weight"] > 0).to_numpy()]
    if own.empty:
        return _Places.none("left")
    own = own.iloc[np.argsort(own["demand_id"].to_numpy().astype(str), kind="stable")]
    points = to_wgs84(own, "demand").to_numpy()
    return _Places("demand", shapely.get_x(points), shapely.get_y(points), own["weight"].to_numpy(dtype=np.float64))


def rule_rows(asked: Asked) -> pd.DataFrame:
    """Return for each site by which rule it is moved, among how many places, and how far these are from its point."""
    sites = asked.directory.sites
    points = to_wgs84(sites, "sites").to_numpy()
    places = _places_of(asked)
    middle, far = np.full(len(places), np.nan), np.full(len(places), np.nan)
    for row, own in enumerate(places):
        if len(own.weight):
            at = chord_space(shapely.get_x(points[row : row + 1]), shapely.get_y(points[row : row + 1]))
            away = arc_over(np.sqrt(((chord_space(own.longitude, own.latitude) - at) ** 2).sum(axis=1)))
            middle[row], far[row] = (weighted_quantile(away, own.weight, q) for q in (0.5, 0.9))
    said = sites["precision"].fillna("").astype(str) if "precision" in sites.columns else pd.Series("", sites.index)
    return pd.DataFrame(
        {
            "site_id": sites["site_id"].to_numpy(dtype=object),
            "service_id": sites["service_id"].to_numpy(dtype=object),
            "precision": said.to_numpy(dtype=object),
            "rule": np.array([p.rule for p in places], dtype=object),
            "places": [len(p.weight) for p in places],
            "median_m": middle,
            "p90_m": far,
        }
    )


@dataclass(frozen=True, slots=True)
class _Pool:
    """The sites that one block chooses among, by position, and for each the demand points it counts for; None for all."""

    sites: list[int]
    rows: list[NDArray[np.intp] | None]


def _pools(asked: Asked, relations: Sequence[str]) -> list[_Pool]:
    """Return the sites of each block, in the order of :meth:`Asked.blocks`."""
    sites = asked.directory.sites
    placed = np.asarray(~(sites.geometry.isna() | sites.geometry.is_empty))
    service = sites["service_id"].to_numpy(dtype=object)
    running = sites["service_id"].map(asked.status).to_numpy(dtype=object)
    found = []
    for relation in relations:
        for group in asked.groups:
            for evidence in EVIDENCE:
                inside = placed & pd.Index(service).isin(asked.groups.counting(group, evidence))
                if relation == "reached":
                    counted = np.isin(running.astype(str), ["operating", "unknown"][: EVIDENCE.index(evidence) + 1])
                    own = np.flatnonzero(inside & counted).tolist()
                    found.append(_Pool(own, [None] * len(own)))
                else:
                    here = {s: r for s, r in _served_rows(asked, evidence).items() if len(r)}
                    own = [i for i in np.flatnonzero(inside).tolist() if service[i] in here]
                    found.append(_Pool(own, [here[service[i]] for i in own]))
    return found


def _served_rows(asked: Asked, evidence: str) -> dict[str, NDArray[np.intp]]:
    """Return for each service the demand points of the authorities that it serves."""
    answers = ["served"] if evidence == "certain" else ["served", "part", "unknown"]
    rows = asked.serving[asked.serving["answer"].isin(answers)]
    found = {}
    for service_id, own in rows.groupby("service_id", sort=False):
        # The last place stands for authority -1, no authority, and stays unserved.
        some = np.zeros(len(asked.codes) + 1, dtype=bool)
        some[asked.codes.get_indexer(pd.Index(own["authority_code"]))] = True
        found[str(service_id)] = np.flatnonzero(some[asked.authority])
    return found


_Draw = Callable[[int], list["NDArray[np.float64]"]]


def interval_rows(
    asked: Asked,
    coverage: pd.DataFrame,
    levels: Sequence[Areas],
    cutoffs: Sequence[float],
    *,
    draws: int,
    seed: int,
    level: float,
    relations: Sequence[str],
) -> pd.DataFrame:
    """Return the figures of ``coverage`` with the interval of what they are when rough sites are put where else they may be.

    ``coverage`` is the table that was made of the same levels and cutoffs; its labels and values are taken over.
    """
    if isinstance(asked.model, TravelMatrix):
        raise InputError(
            "location_interval: a TravelMatrix holds costs to the places in it alone, so no site can be put elsewhere; "
            "assess with a model that takes any point"
        )
    places = _places_of(asked)
    moved = np.array([len(p.weight) > 0 for p in places], dtype=bool)
    left = np.array([p.rule == "left" for p in places], dtype=bool)
    pools = _pools(asked, relations)
    rows = coverage[coverage["relation"].isin(relations)].reset_index(drop=True)
    per_block = len(rows) // len(pools)
    low, middle, high = (rows["value"].to_numpy(dtype=np.float64).copy() for _ in range(3))
    changing = [b for b, pool in enumerate(pools) if moved[pool.sites].any()]
    sites = asked.directory.sites
    at = {i: places[i].drawn(str(sites["site_id"].iloc[i]), seed, draws) for i in np.flatnonzero(moved).tolist()}
    fixed = [b.cost for b in asked.blocks(sites[~moved], relations)]
    straight = isinstance(asked.model, (Geodesic, Circuity))
    costs = _straight(asked, places, at, pools, changing) if straight else _by_model(asked, places, at, relations)
    weight = asked.demand["weight"].to_numpy(dtype=np.float64)
    found: dict[int, list[NDArray[np.float64]]] = {b: [] for b in changing}
    for draw in range(draws):
        drawn = costs(draw)
        for block in changing:
            # The lesser of the two, and the one where the other is missing.
            cost = np.fmin(fixed[block], drawn[block])
            order = np.argsort(cost, kind="stable")
            values = [figures(areas, weight, cost, cutoffs, order).ravel() for areas in levels]
            found[block].append(np.concatenate(values))
    for block, each in found.items():
        own = slice(block * per_block, (block + 1) * per_block)
        tails = ((1 - level) / 2, 0.5, (1 + level) / 2)
        low[own], middle[own], high[own] = (_quantile(np.vstack(each), q) for q in tails)
    answer = rows[list(_LABELS)].assign(
        value=rows["value"],
        low=low,
        median=middle,
        high=high,
        unit=rows["unit"],
        draws=draws,
        moved=np.repeat([int(moved[p.sites].sum()) for p in pools], per_block),
        left=np.repeat([int(left[p.sites].sum()) for p in pools], per_block),
    )
    answer.attrs = {"metric_id": LOCATION_INTERVAL, "seed": seed, "level": level}
    return answer


def _by_model(
    asked: Asked, places: Sequence[_Places], at: Mapping[int, NDArray[np.intp]], relations: Sequence[str]
) -> _Draw:
    """Ask the model anew for the moved sites of each draw."""
    rows = asked.directory.sites.iloc[list(at)].drop(columns="geometry")

    def drawn(draw: int) -> list[NDArray[np.float64]]:
        x = [places[i].longitude[own[draw]] for i, own in at.items()]
        y = [places[i].latitude[own[draw]] for i, own in at.items()]
        there = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(x, y), crs=WGS84)
        return [b.cost for b in asked.blocks(there, relations)]

    return drawn


def _straight(
    asked: Asked,
    places: Sequence[_Places],
    at: Mapping[int, NDArray[np.intp]],
    pools: Sequence[_Pool],
    changing: Sequence[int],
) -> _Draw:
    """Take the moved sites' straight lines from chords, each once for all blocks."""
    points = to_wgs84(asked.demand, "demand").to_numpy()
    x, y, z = np.ascontiguousarray(chord_space(shapely.get_x(points), shapely.get_y(points)).T)
    ends = {i: chord_space(places[i].longitude, places[i].latitude)[own] for i, own in at.items()}
    users: dict[int, list[tuple[int, NDArray[np.intp] | None]]] = {i: [] for i in at}
    for block in changing:
        for site, rows in zip(pools[block].sites, pools[block].rows, strict=True):
            if site in at:
                users[site].append((block, rows))
    factor = asked.model.factor if isinstance(asked.model, Circuity) else 1.0

    def drawn(draw: int) -> list[NDArray[np.float64]]:
        least = {block: np.full(len(points), np.inf) for block in changing}
        for site, used in users.items():
            if not used:
                continue
            a, b, c = ends[site][draw]
            squared = (x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2
            for block, rows in used:
                if rows is None:
                    np.minimum(least[block], squared, out=least[block])
                else:
                    least[block][rows] = np.minimum(least[block][rows], squared[rows])
        return [_metres(least[b], factor) if b in least else np.empty(0) for b in range(len(pools))]

    return drawn


def _metres(squared: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    cost = arc_over(np.sqrt(squared)) * factor
    return np.where(np.isinf(squared), np.nan, cost)


def _quantile(values: NDArray[np.float64], q: float) -> NDArray[np.float64]:
    """Return the smallest value of each column that a share q of the draws do not exceed; NaN where a draw has none."""
    ordered = np.sort(values, axis=0)
    at = max(int(np.ceil(q * len(values) * (1 - 1e-12))) - 1, 0)
    return np.where(np.isnan(values).any(axis=0), np.nan, ordered[at])
