"""Graphs of networkx, as OSMnx makes them: in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from rcp_geo.crs import BNG
from rcp_geo.errors import CrsError, InputError
from rcp_geo.schema import counted, first_of
from rcp_geo.travel.roads.edges import RoadEdges, lines_of
from rcp_geo.travel.roads.tables import EdgeTable, edges_of_table

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

__all__ = ["COLUMNS", "directions", "edges_of_graph", "graph_of_edges", "is_true"]

# What is read of an edge, under the names that OSMnx gives it.
COLUMNS = ("length", "highway", "maxspeed", "speed_kph", "travel_time", "osmid")


def edges_of_graph(graph: nx.Graph) -> RoadEdges:
    """Return a graph as :class:`RoadEdges`.

    Raises
    ------
    CrsError
        If ``graph.graph`` has no ``crs``.
    InputError
        If it is no graph, or a node has no ``x`` and ``y``.
    """
    if not all(hasattr(graph, name) for name in ("graph", "nodes", "edges", "is_directed")):
        raise InputError(f"graph: {type(graph).__name__} is no graph of networkx; give one, such as OSMnx makes")
    crs = graph.graph.get("crs")
    if crs is None:
        raise CrsError('graph: graph.graph["crs"] is missing, so x and y mean nothing; set it, such as to "EPSG:4326"')
    nodes = list(graph.nodes(data=True))
    lost = [n for n, d in nodes if "x" not in d or "y" not in d]
    if lost:
        raise InputError(
            f"graph: {counted(len(lost), 'nodes have no x or no y')} ({first_of(lost)}); set both, in the graph's CRS"
        )
    x, y = (np.array([d[axis] for _, d in nodes], dtype=np.float64) for axis in ("x", "y"))
    edges = list(graph.edges(data=True))
    data = [d for *_, d in edges]
    lines = np.empty(len(edges), dtype=object)
    lines[:] = [d.get("geometry") for d in data]
    u, v, both_ways = directions(edges, directed=graph.is_directed())
    return edges_of_table(
        EdgeTable(
            node_id=[n for n, _ in nodes],
            points=gpd.GeoSeries(shapely.points(x, y), crs=crs),
            u=u,
            v=v,
            lines=lines,
            columns={name: [d.get(name) for d in data] for name in COLUMNS if any(name in d for d in data)},
            both_ways=both_ways,
            source={"format": "networkx", "kind": type(graph).__name__},
        )
    )


def directions(
    edges: list[tuple[Any, Any, dict[str, Any]]], *, directed: bool
) -> tuple[list[Any], list[Any], NDArray[np.bool_]]:
    """Return the ends of edges as they may be travelled.

    An undirected graph of OSMnx keeps the way of a one-way street in ``from`` and ``to``.
    """
    if directed:
        return [u for u, *_ in edges], [v for _, v, _ in edges], np.zeros(len(edges), dtype=bool)
    kept = [{d.get("from"), d.get("to")} == {u, v} for u, v, d in edges]
    ends = [(d["from"], d["to"]) if k else (u, v) for (u, v, d), k in zip(edges, kept, strict=True)]
    single = [k and is_true(d.get("oneway")) for (*_, d), k in zip(edges, kept, strict=True)]
    return [u for u, _ in ends], [v for _, v in ends], ~np.array(single, dtype=bool)


def is_true(value: object) -> bool:
    """Say whether a flag is set, in any of the ways that files write it."""
    if isinstance(value, str):
        return value.strip().lower() in {"true", "yes", "1", "1.0", "t"}
    return value is not None and value == value and bool(value)  # noqa: PLR0124 - NaN is not equal to itself


def graph_of_edges(
    edges: RoadEdges, duration: tuple[NDArray[np.float64], NDArray[np.float64]] | None
) -> nx.MultiDiGraph:
    """Return edges as a graph that OSMnx can use: a MultiDiGraph on the National Grid."""
    import networkx as nx

    graph = nx.MultiDiGraph(crs=BNG)
    ids = edges.node_id.tolist()
    graph.add_nodes_from((n, {"x": x, "y": y}) for n, x, y in zip(ids, edges.x.tolist(), edges.y.tolist(), strict=True))
    lines = lines_of(edges, np.arange(len(edges)))
    back = shapely.reverse(lines)
    names = edges.class_names()
    for i, (u, v) in enumerate(zip(edges.u.tolist(), edges.v.tolist(), strict=True)):
        said: dict[str, Any] = {"length": float(edges.length_m[i]), "oneway": bool(edges.oneway[i])}
        if names[i]:
            said["highway"] = names[i]
        if not np.isnan(edges.speed_kmh[i]):
            said["maxspeed"] = repr(float(edges.speed_kmh[i]))
        if edges.edge_id is not None:
            said["osmid"] = edges.edge_id[i]
        ways = (
            [(u, v, lines[i], False, 0)] if edges.oneway[i] else [(u, v, lines[i], False, 0), (v, u, back[i], True, 1)]
        )
        for start, end, line, turned, way in ways:
            timed = {} if duration is None else {"travel_time": float(duration[way][i])}
            graph.add_edge(ids[start], ids[end], geometry=line, reversed=turned, **said, **timed)
    return graph
