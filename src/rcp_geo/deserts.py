"""Where authorities without a service lie side by side, and which of them lie alone among served ones."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from rcp_geo._coverage import Areas, coverage_rows
from rcp_geo.errors import InputError
from rcp_geo.schema import counted, first_of, require_known
from rcp_geo.travel import TravelModel, nearest
from rcp_geo.travel.model import COST_COLUMN, Unit

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    from numpy.typing import NDArray

    from rcp_geo.boundaries import Boundaries

__all__ = [
    "Evidence",
    "desert_members",
    "deserts_table",
    "gap_islands",
    "nearest_outside",
    "require_need",
    "to_nearest",
]

Evidence = Literal["certain", "possible"]

_CERTAIN = ("none_recorded", "in_development")
_GAP = {"certain": _CERTAIN, "possible": (*_CERTAIN, "unknown")}
_SERVED = ("served", "part")
# Columns, and what a node of the graph calls the same.
_NAMES = {"authority_name": "name", "region_name": "region"}


def require_need(need: pd.Series, boundaries: Boundaries) -> pd.Series:
    """Return the need of every authority in the order of the boundaries, missing where it is not stated.

    Raises
    ------
    InputError
        If a value is no number of 0 or more, or a code is missing or of an authority without a polygon.
    DuplicateIdError, VintageError, UnknownAuthorityError
        If a code occurs twice, is of another vintage, or of no authority.
    """
    table = pd.DataFrame({"authority_code": need.index, "need": need.to_numpy()})
    stated = boundaries.join(table)["need"]
    value = pd.to_numeric(stated, errors="coerce").astype("float64")
    wrong = stated.index[(stated.notna() & ~(np.isfinite(value) & (value >= 0))).to_numpy()].tolist()
    if wrong:
        raise InputError(
            f"need: {counted(len(wrong), 'values are negative, infinite or not numeric')} ({first_of(wrong)}); "
            "correct them, and leave a value missing where it is not known"
        )
    return value


def to_nearest(
    found: pd.DataFrame,
    demand: pd.DataFrame,
    authority: NDArray[np.object_],
    located: pd.DataFrame,
    group: str,
) -> pd.DataFrame:
    """Return what :func:`deserts_table` reads of the demand points: weight, authority, and the nearest operating site.

    Parameters
    ----------
    found
        ``Assessment.nearest``.
    demand
        ``demand_id`` and ``weight``, in the order of the rows of each block of ``found``.
    authority
        The code of the authority that each point lies in, None for none.
    located
        ``Assessment.located``.
    group
        The group of services.
    """
    kept = (found["group"] == group) & (found["relation"] == "reached") & (found["evidence"] == "certain")
    rows = found[kept].reset_index(drop=True)
    rows = rows.astype({"service_id": object, "site_id": object, "status": object})
    return rows.drop(columns=["group", "relation", "evidence"]).assign(
        authority_code=np.asarray(authority, dtype=object),
        weight=demand["weight"].to_numpy(dtype=np.float64),
        located_code=rows["site_id"].map(located.set_index("site_id")["authority_code"]),
    )


def desert_members(answers: pd.Series, graph: nx.Graph) -> pd.DataFrame:
    """Say which desert each authority without a service is in.

    Parameters
    ----------
    answers
        One of the five answers for each authority, indexed by its code.
    graph
        Who borders whom among the same authorities, as :func:`neighbours` returns it.

    Returns
    -------
    pandas.DataFrame
        One row per authority without a service, certain or possible, indexed by ``authority_code`` in order:
        ``authority_name``, ``region_name``, ``answer``, ``certain_id`` (the certain desert it is in, missing where the answer is
        ``unknown``) and ``possible_id`` (the possible desert). A desert is named by the smallest code in it.

    Raises
    ------
    InputError
        If the answers and the graph are not of the same authorities.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.path_graph(["a", "b", "c", "d"])
    >>> answers = pd.Series({"a": "none_recorded", "b": "unknown", "c": "in_development", "d": "served"})
    >>> desert_members(answers, graph)[["certain_id", "possible_id"]].to_dict("index")["c"]
    {'certain_id': 'c', 'possible_id': 'a'}
    """
    _require_same(answers, graph)
    gap = answers[answers.isin(_GAP["possible"])].sort_index()
    columns: dict[str, Any] = {c: [graph.nodes[n].get(k, "") for n in gap.index] for c, k in _NAMES.items()}
    columns["answer"] = gap.to_numpy(dtype=object)
    for evidence in _GAP:
        ids = _components(answers, graph, evidence)
        columns[f"{evidence}_id"] = [ids.get(code) for code in gap.index]
    return pd.DataFrame(columns, index=gap.index.rename("authority_code"), dtype=object)


def _components(answers: pd.Series, graph: nx.Graph, evidence: str) -> dict[str, str]:
    """Return for each authority without a service the smallest code of those it hangs together with."""
    import networkx as nx

    inside = graph.subgraph(answers.index[answers.isin(_GAP[evidence])])
    return {code: min(together) for together in nx.connected_components(inside) for code in together}


def deserts_table(
    answers: pd.Series,
    graph: nx.Graph,
    frame: gpd.GeoDataFrame,
    points: pd.DataFrame,
    *,
    evidence: Evidence = "certain",
    need: pd.Series | None = None,
) -> pd.DataFrame:
    """Describe the connected groups of neighbouring authorities without a service; see ``Assessment.deserts``.

    Parameters
    ----------
    answers
        One of the five answers for each authority, indexed by its code; the name of the series is that of the group.
    graph
        Who borders whom among the same authorities, as :func:`neighbours` returns it.
    frame
        Polygons of the same authorities, as ``Boundaries.frame``.
    points
        One row per demand point: ``authority_code`` (None for none), ``weight``, ``service_id``, ``site_id``, ``distance_m`` or
        ``duration_s``, ``status``, and ``located_code`` (the authority that the site lies in); see :func:`to_nearest`.
    evidence
        ``certain`` or ``possible``.
    need
        A number per authority, indexed by its code; missing where it is not known.

    Raises
    ------
    InputError
        If there is no such evidence, or the answers and the graph are not of the same authorities.
    """
    _require_evidence(evidence)
    members = desert_members(answers, graph)
    members = members[members[f"{evidence}_id"].notna()]
    groups = {str(i): sorted(codes) for i, codes in members.groupby(f"{evidence}_id", sort=True).groups.items()}
    desert_of = {code: i for i, codes in enumerate(groups.values()) for code in codes}
    of = points["authority_code"].map(desert_of).fillna(-1).to_numpy(dtype=np.intp)
    parts = [
        _within(groups, members, frame, str(answers.name), evidence),
        _demand(groups, points, of),
        *([] if need is None else [_need(groups, need)]),
        _with_inside(_nearest_of(points, of, list(groups)), points, desert_of),
        _borders(groups, graph, answers),
    ]
    table = pd.concat(parts, axis=1).rename_axis("desert_id")
    # Stable, so that equal demand leaves them in the order of their codes.
    return table.sort_values("demand", ascending=False, kind="stable")


def nearest_outside(
    answers: pd.Series,
    graph: nx.Graph,
    points: pd.DataFrame,
    demand: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    model: TravelModel,
    *,
    evidence: Evidence = "certain",
) -> pd.DataFrame:
    """Return the nearest operating site outside each desert, and what it costs the demand of the desert on average.

    Parameters
    ----------
    answers, graph, points, evidence
        As in :func:`deserts_table`.
    demand
        The demand points, in the order of ``points``.
    sites
        Operating sites of the group that have a point: ``site_id``, ``service_id`` and ``located_code``.
    model
        The travel model of ``points``.
    """
    cost = COST_COLUMN[model.unit]
    desert = desert_members(answers, graph)[f"{evidence}_id"].dropna()
    ids = sorted(set(desert))
    own, holder = (
        column.map(desert).to_numpy(dtype=object) for column in (points["authority_code"], sites["located_code"])
    )
    of = pd.Index(ids, dtype=object).get_indexer(pd.Index(own, dtype=object))
    inside = (of >= 0) & (points["located_code"].map(desert).to_numpy(dtype=object) == own)
    moved = points.astype({"service_id": object, "site_id": object, "status": object})
    service = sites.set_index("site_id")["service_id"]
    for i in np.unique(of[inside]):
        rows = np.flatnonzero(inside & (of == i))
        found = nearest(demand.iloc[rows], sites[holder != ids[i]], model)
        moved.loc[moved.index[rows], ["site_id", "service_id", cost, "status"]] = np.column_stack(
            [found["destination_id"], found["destination_id"].map(service), found[cost], found["status"]]
        )
    moved[cost] = moved[cost].astype("float64")
    table = _nearest_of(moved, of, ids)[["nearest_service_id", "nearest_site_id", f"mean_{cost}"]]
    names = ["outside_service_id", "outside_site_id", f"outside_mean_{cost}"]
    return table.set_axis(names, axis="columns").rename_axis("desert_id")


def _within(
    groups: Mapping[str, list[str]], members: pd.DataFrame, frame: gpd.GeoDataFrame, group: str, evidence: str
) -> pd.DataFrame:
    """Say what each desert is made of."""
    area = pd.Series(frame.geometry.area.to_numpy() / 1e6, index=frame["authority_code"].to_numpy())
    rows = []
    for codes in groups.values():
        own = members.loc[codes]
        names, certain = "; ".join(own["authority_name"]), "; ".join(sorted(set(own["certain_id"].dropna())))
        unknown = int((own["answer"] == "unknown").sum())
        made_of = (unknown, certain, own["possible_id"].iloc[0])
        rows.append((group, evidence, len(codes), names, _regions(frame, codes), math.fsum(area[codes]), *made_of))
    columns = [
        "group",
        "evidence",
        "authorities",
        "names",
        "regions",
        "area_km2",
        "unknown",
        "certain_ids",
        "possible_id",
    ]
    table = pd.DataFrame(rows, columns=columns, index=_index(groups), dtype=object)
    return table.astype({"authorities": "int64", "area_km2": "float64", "unknown": "int64"})


def _regions(frame: pd.DataFrame, codes: list[str]) -> str:
    rows = frame[frame["authority_code"].isin(codes) & (frame["region_code"] != "")]
    return "; ".join(rows.drop_duplicates("region_code").sort_values("region_code")["region_name"])


def _demand(groups: Mapping[str, list[str]], points: pd.DataFrame, of: NDArray[np.intp]) -> pd.DataFrame:
    weight = points["weight"].to_numpy(dtype=np.float64)
    demand = _sums(of, weight, len(groups))
    everyone = math.fsum(weight[points["authority_code"].notna().to_numpy()])
    share = demand / everyone if everyone else np.full(len(groups), np.nan)
    return pd.DataFrame({"demand": demand, "demand_share": share}, index=_index(groups))


def _need(groups: Mapping[str, list[str]], need: pd.Series) -> pd.DataFrame:
    own = [need.reindex(codes) for codes in groups.values()]
    # One that is missing makes the sum missing: what is known would pass for the need of the whole.
    known = [math.fsum(n) for n in own]
    table = pd.DataFrame({"need": known, "need_missing": [int(n.isna().sum()) for n in own]}, index=_index(groups))
    return table.astype({"need": "float64", "need_missing": "int64"})


def _with_inside(near: pd.DataFrame, points: pd.DataFrame, desert_of: Mapping[str, int]) -> pd.DataFrame:
    """Add whether the nearest site lies in the desert itself, working for others."""
    holder = points.drop_duplicates("site_id").set_index("site_id")["located_code"].map(desert_of)
    inside = [holder.get(site) == i for i, site in enumerate(near["nearest_site_id"])]
    near.insert(2, "nearest_inside", np.array(inside, dtype=bool))
    return near


def _index(ids: Iterable[str]) -> pd.Index:
    return pd.Index(list(ids), dtype=object)


def _sums(of: NDArray[np.intp], weight: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Sum weights by group, to the last bit the same in whatever order they come."""
    order = np.argsort(of, kind="stable")
    starts = np.searchsorted(of[order], np.arange(n + 1))
    return np.array([math.fsum(weight[order[starts[i] : starts[i + 1]]]) for i in range(n)], dtype="float64")


def _nearest_of(points: pd.DataFrame, of: NDArray[np.intp], ids: list[str]) -> pd.DataFrame:
    """Say for each area which site is the nearest for most of its demand, and what the nearest costs its demand.

    The mean is over demand that reaches a site; least and most are over the points that reach one and hold any demand.
    """
    cost_column = next(c for c in COST_COLUMN.values() if c in points.columns)
    unit: Unit = "s" if cost_column == COST_COLUMN["s"] else "m"
    cost = points[cost_column].to_numpy(dtype=np.float64)
    weight = points["weight"].to_numpy(dtype=np.float64)
    status = points["status"].to_numpy(dtype=object)
    rows = coverage_rows(Areas("desert", ids, ids, of), weight, cost, status, (), unit)
    # Three rows to an area: mean, median, 90th percentile.
    first = slice(None, None, 3)
    reached = ~np.isnan(cost) & (of >= 0) & (weight > 0)
    held = points.loc[reached, ["service_id", "site_id", "weight"]].assign(at=of[reached])
    sites = held.groupby(["at", "site_id", "service_id"], observed=True)["weight"].agg(math.fsum).reset_index()
    sites = sites.sort_values(["at", "weight", "site_id"], ascending=[True, False, True]).drop_duplicates("at")
    sites = sites.set_index("at").reindex(range(len(ids)))
    spread = pd.Series(cost[reached]).groupby(of[reached])
    everyone = _sums(of, weight, len(ids))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = sites["weight"].to_numpy(dtype=np.float64) / everyone
    columns = {
        "nearest_service_id": sites["service_id"].to_numpy(dtype=object),
        "nearest_site_id": sites["site_id"].to_numpy(dtype=object),
        "nearest_share": share,
        f"mean_{cost_column}": rows["value"][first],
        f"least_{cost_column}": spread.min().reindex(range(len(ids))).to_numpy(dtype=np.float64),
        f"most_{cost_column}": spread.max().reindex(range(len(ids))).to_numpy(dtype=np.float64),
        "reached_share": rows["reached_share"][first],
        "reason": rows["reason"][first],
    }
    return pd.DataFrame(columns, index=_index(ids)).astype(
        {"nearest_service_id": object, "nearest_site_id": object, "reason": object}
    )


def _borders(groups: Mapping[str, list[str]], graph: nx.Graph, answers: pd.Series) -> pd.DataFrame:
    """Count the neighbours of each desert, and measure its border with those that are served in whole or part."""
    import networkx as nx

    served = set(answers.index[answers.isin(_SERVED)])
    rows = []
    for codes in groups.values():
        edges = [(v, data["border_m"]) for _, v, data in nx.edge_boundary(graph, codes, data=True)]
        around = {v for v, _ in edges}
        shared = math.fsum(metres for v, metres in edges if v in served)
        rows.append((len(around), len(around & served), shared))
    columns = ["neighbours", "neighbours_served", "border_served_m"]
    table = pd.DataFrame(rows, columns=columns, index=_index(groups))
    return table.astype({"neighbours": "int64", "neighbours_served": "int64", "border_served_m": "float64"})


def gap_islands(
    answers: pd.Series,
    graph: nx.Graph,
    serving: pd.DataFrame,
    demand: gpd.GeoDataFrame,
    authority: NDArray[np.object_],
    sites: gpd.GeoDataFrame,
    model: TravelModel,
    *,
    evidence: Evidence = "certain",
) -> pd.DataFrame:
    """List the authorities without a service of which every neighbour has one; see ``Assessment.gap_islands``.

    Parameters
    ----------
    answers
        One of the five answers for each authority, indexed by its code.
    graph
        Who borders whom among the same authorities, as :func:`neighbours` returns it.
    serving
        Who serves whom, as :func:`served` returns it, of the services that the answers are of.
    demand
        ``demand_id``, ``weight`` and points.
    authority
        The code of the authority that each point lies in, None for none.
    sites
        Where the services are, as ``Directory.sites``.
    model
        A travel model.
    evidence
        ``certain``, or ``possible`` for authorities of which it is not known too.

    Raises
    ------
    InputError
        If there is no such evidence, or the answers and the graph are not of the same authorities.
    """
    _require_evidence(evidence)
    _require_same(answers, graph)
    codes = _alone(answers, graph, evidence)
    of = pd.Index(codes, dtype=object).get_indexer(pd.Index(np.asarray(authority, dtype=object)))
    held = dict(zip(codes, _sums(of, demand["weight"].to_numpy(dtype=np.float64), len(codes)), strict=True))
    pairs = _offers(codes, answers, graph, serving)
    pairs.insert(4, "demand", pairs["authority_code"].map(held).astype("float64"))
    asked = [
        _from_service(str(service), sorted(set(rows["authority_code"])), demand, authority, sites, model)
        for service, rows in pairs.groupby("service_id", sort=True)
    ]
    # With no service there is nobody to ask, and the columns are those of an answer about nothing.
    found = pd.concat(asked) if asked else _from_service("", [], demand, authority, sites, model)
    table = pairs.merge(found, on=["authority_code", "service_id"], how="left")
    mean = f"mean_{COST_COLUMN[model.unit]}"
    least = table.groupby("authority_code")[mean].transform("min")
    order = ["_least", "authority_code", mean, "neighbour_code", "service_id"]
    return table.assign(_least=least).sort_values(order, ignore_index=True).drop(columns="_least")


def _alone(answers: pd.Series, graph: nx.Graph, evidence: str) -> list[str]:
    """Return the authorities in gap that have no neighbour but such as are served in whole or part."""
    served = set(answers.index[answers.isin(_SERVED)])
    gap = sorted(answers.index[answers.isin(_GAP[evidence])])
    return [code for code in gap if served.issuperset(graph[code])]


def _offers(codes: Collection[str], answers: pd.Series, graph: nx.Graph, serving: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each authority, neighbour and operating service of the neighbour."""
    rows = [
        (code, *(graph.nodes[code].get(k, "") for k in _NAMES.values()), answers[code], other)
        + (graph.nodes[other].get("name", ""), answers[other], graph.edges[code, other]["border_m"])
        for code in codes
        for other in sorted(graph[code])
    ]
    columns = ["authority_code", *_NAMES, "answer", "neighbour_code", "neighbour_name", "neighbour_answer", "border_m"]
    texts = dict.fromkeys(columns[:-1], object)
    edges = pd.DataFrame(rows, columns=columns).astype({**texts, "border_m": "float64"})
    own = serving.loc[serving["answer"].isin(_SERVED), ["authority_code", "service_id", "name", "answer"]]
    own = own.set_axis(["neighbour_code", "service_id", "service_name", "service_answer"], axis=1).astype(object)
    return edges.merge(own, on="neighbour_code", how="left")


def _from_service(
    service_id: str,
    codes: list[str],
    demand: gpd.GeoDataFrame,
    authority: NDArray[np.object_],
    sites: gpd.GeoDataFrame,
    model: TravelModel,
) -> pd.DataFrame:
    """Say how far the demand of some authorities is from the nearest site of one service."""
    cost = COST_COLUMN[model.unit]
    of = pd.Index(codes, dtype=object).get_indexer(pd.Index(np.asarray(authority, dtype=object)))
    here = np.flatnonzero(of >= 0)
    own = sites[(sites["service_id"] == service_id) & ~(sites.geometry.isna() | sites.geometry.is_empty)]
    points = pd.DataFrame({"weight": demand["weight"].to_numpy(dtype=np.float64)[here], "service_id": service_id})
    if len(here) and len(own):
        found = nearest(demand.iloc[here], own, model).reset_index(drop=True)
        points = points.assign(site_id=found["destination_id"], status=found["status"], **{cost: found[cost]})
    else:
        points = points.assign(site_id=None, status="no_facility", **{cost: np.nan})
    table = _nearest_of(points, of[here], codes).drop(columns=["nearest_service_id", "nearest_share"])
    table = table.rename(columns={"nearest_site_id": "site_id"}).rename_axis("authority_code").reset_index()
    table.insert(1, "service_id", service_id)
    return table.astype({"authority_code": object, "service_id": object})


def _require_evidence(evidence: str) -> None:
    """Raise unless the evidence is one of the two."""
    require_known("evidence", evidence, _GAP)


def _require_same(answers: pd.Series, graph: nx.Graph) -> None:
    """Raise unless answers and graph are of the same authorities."""
    strays = sorted({*answers.index} ^ {*graph.nodes})
    if strays:
        raise InputError(
            f"graph: {counted(len(strays), 'authorities are only in the answers or only in the graph')} "
            f"({first_of(strays)}); take both from the same boundaries"
        )
