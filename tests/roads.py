"""Small road networks for tests, and the same journeys by networkx."""

from __future__ import annotations

import itertools
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
from shapely import LineString

import rcp_geo as rg
from rcp_geo.travel import RoadEdges

BNG = "EPSG:27700"


def points(column: str, **places: tuple[float, float]) -> gpd.GeoDataFrame:
    """Points on the National Grid, by id."""
    x, y = zip(*places.values(), strict=True) if places else ((), ())
    return gpd.GeoDataFrame({column: list(places)}, geometry=gpd.points_from_xy(x, y), crs=BNG)


def homes(**places: tuple[float, float]) -> gpd.GeoDataFrame:
    return points("demand_id", **places)


def sites(**places: tuple[float, float]) -> gpd.GeoDataFrame:
    return points("site_id", **places)


def lines(*coordinates: list[tuple[float, float]], **columns: list[Any]) -> gpd.GeoDataFrame:
    """Lines on the National Grid with columns of their own."""
    return gpd.GeoDataFrame(columns, geometry=[LineString(c) for c in coordinates], crs=BNG)


def square(**settings: Any) -> rg.RoadNetwork:
    """Four streets of 1 km round a block, the southern one one-way to the east.

    Nodes a (0, 0), b (1000, 0), c (1000, 1000), d (0, 1000); edges a→b, b–c, c–d, d–a.
    """
    edges = RoadEdges(
        x=np.array([0.0, 1000.0, 1000.0, 0.0]),
        y=np.array([0.0, 0.0, 1000.0, 1000.0]),
        node_id=np.array(["a", "b", "c", "d"], dtype=object),
        u=np.array([0, 1, 2, 3]),
        v=np.array([1, 2, 3, 0]),
        length_m=np.full(4, 1000.0),
        oneway=np.array([True, False, False, False]),
        road_class=np.array([0, 1, 1, 1]),
        classes=("primary", "residential"),
    )
    return rg.RoadNetwork.from_edges(edges, **settings)


def journeys(
    network: rg.RoadNetwork, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame
) -> dict[tuple[Any, Any], float]:
    """What every pair that can be travelled costs, by networkx over the network cut at every snapped point.

    The oracle takes from the network its edges, what each costs, and where points snap; it searches by itself.
    """
    at = network.snap(origins), network.snap(destinations)
    graph = cut_graph(network, *at)
    per_metre = 0.0 if network.access == "ignore" else 1.0 if network.unit == "m" else 3.6 / network.access_speed_kmh
    found = {}
    for i, a in enumerate(origins["demand_id"]):
        if at[0]["edge"].iloc[i] < 0:
            continue
        reached = nx.single_source_dijkstra_path_length(graph, ("origin", i), weight="cost")
        for j, b in enumerate(destinations["site_id"]):
            if origins.geometry.iloc[i].equals(destinations.geometry.iloc[j]):
                found[a, b] = 0.0
            elif ("destination", j) in reached:
                legs = (at[0]["snap_m"].iloc[i] + at[1]["snap_m"].iloc[j]) * per_metre
                found[a, b] = reached["destination", j] + legs
    return found


def cut_graph(network: rg.RoadNetwork, origins: Any, destinations: Any) -> nx.MultiDiGraph:
    """The network as a graph whose edges are cut where points snap to them."""
    e = network.edges
    cuts: dict[int, list[tuple[float, Any]]] = {}
    for side, snapped in (("origin", origins), ("destination", destinations)):
        for i, (edge, fraction) in enumerate(zip(snapped["edge"], snapped["fraction"], strict=True)):
            if edge >= 0:
                for k, along in streets(network, edge, fraction):
                    cuts.setdefault(k, []).append((along, (side, i)))
    cost = e.length_m if network.unit == "m" else seconds(network)
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(e.x)))
    for k in range(len(e)):
        middle = sorted(cuts.get(k, []), key=lambda stop: stop[0])
        stops = [(0.0, int(e.u[k])), *middle, (1.0, int(e.v[k]))]
        for (f, p), (g, q) in itertools.pairwise(stops):
            graph.add_edge(p, q, cost=(g - f) * cost[k])
            # Stops at one spot are one place, whatever the direction of the street.
            if not e.oneway[k] or f == g:
                graph.add_edge(q, p, cost=(g - f) * cost[k])
    return graph


def streets(network: rg.RoadNetwork, edge: int, fraction: float) -> list[tuple[int, float]]:
    """Every edge that is one street with an edge, and how far along it is the point at a fraction of that."""
    e, (own, *others) = network.edges, [edge, *(k for k in range(len(network.edges)) if k != edge)]
    found, line = [(edge, fraction)], line_of(network, own)
    for k in others:
        if fraction in (0.0, 1.0) or {e.u[k], e.v[k]} != {e.u[edge], e.v[edge]}:
            continue
        other = line_of(network, k)
        # The same line as a set of points, and drawn from the same end or from the other.
        if line.equals(other):
            turned = line.interpolate(0.3, normalized=True).distance(other.interpolate(0.3, normalized=True)) > 1e-6
            found.append((k, 1 - fraction if turned else fraction))
    return found


def line_of(network: rg.RoadNetwork, k: int) -> LineString:
    """The geometry of one edge."""
    e = network.edges
    if e.coords is None or e.offsets is None:
        return LineString([(e.x[e.u[k]], e.y[e.u[k]]), (e.x[e.v[k]], e.y[e.v[k]])])
    return LineString(e.coords[e.offsets[k] : e.offsets[k + 1]])


def seconds(network: rg.RoadNetwork) -> np.ndarray:
    """Seconds along each edge from its length and its stated speed; every edge of the test must have one."""
    return network.edges.length_m / (network.edges.speed_kmh / 3.6)


def compared(network: rg.RoadNetwork, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame) -> int:
    """Check costs and nearest, with and without a cutoff, against networkx; return the number of pairs."""
    full = journeys(network, origins, destinations)
    table = rg.costs(origins, destinations, network)
    ours = {(a, b): cost for a, b, cost, _ in table.pairs.itertuples(index=False)}
    assert ours.keys() == full.keys()
    assert all(abs(ours[pair] - full[pair]) < 1e-5 for pair in full)
    costs = sorted(ours.values())
    for cutoff in (None, costs[len(costs) // 2] if costs else 1.0):
        within = {p: c for p, c in ours.items() if cutoff is None or c <= cutoff + 1e-6}
        some = rg.costs(origins, destinations, network, cutoff=cutoff).pairs
        assert {(a, b): c for a, b, c, _ in some.itertuples(index=False)} == within
        for k in (1, 2, 4):
            _same_nearest(rg.nearest(origins, destinations, network, k=k, cutoff=cutoff), within, k, network)
    return len(full)


def _same_nearest(found: Any, within: dict[tuple[Any, Any], float], k: int, network: rg.RoadNetwork) -> None:
    column = "distance_m" if network.unit == "m" else "duration_s"
    reached = found[found["status"] == "reached"]
    for a in found["origin_id"].unique():
        ranked = sorted((cost, b) for (origin, b), cost in within.items() if origin == a)
        every = [cost for cost, _ in ranked]
        expected = [(cost, b, every.count(cost) > 1) for cost, b in ranked[:k]]
        own = reached[reached["origin_id"] == a]
        assert list(zip(own[column], own["destination_id"], own["tied"], strict=True)) == expected
