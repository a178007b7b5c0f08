"""Graphs of networkx, in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from shapely import LineString, Point

import rcp_geo as rg
from rcp_geo.errors import CrsError, GeometryError, InputError
from rcp_geo.travel.roads.graphs import is_true
from tests import roads
from tests.roads import homes, sites


def town(kind: type[nx.Graph] = nx.MultiDiGraph, crs: object = "EPSG:27700") -> nx.Graph:
    """Two nodes 100 m apart with a bent two-way street of 130 m and a straight one-way street back."""
    graph = kind(crs=crs)
    graph.add_node(1, x=1000.0, y=2000.0)
    graph.add_node(2, x=1100.0, y=2000.0)
    bend = LineString([(1000, 2000), (1050, 2040), (1100, 2000)])
    said: dict[str, Any] = {
        "length": 130.0,
        "highway": ["tertiary", "residential"],
        "maxspeed": ["30 mph", "20 mph"],
        "osmid": 7,
    }
    graph.add_edge(1, 2, geometry=bend, oneway=False, reversed=False, **said)
    if graph.is_directed():
        turned = {**said, "length": 130.00000000001, "highway": said["highway"][::-1]}
        graph.add_edge(2, 1, geometry=bend.reverse(), oneway=False, reversed=True, **turned)
    if graph.is_multigraph():
        graph.add_edge(2, 1, length=100.0, highway="service", oneway=True, osmid=[8, 9], **({"from": 2, "to": 1}))
    return graph


def test_twins_are_one_street_and_the_rest_is_one_way() -> None:
    network = rg.RoadNetwork.from_networkx(town())
    e = network.edges
    assert (len(e), e.oneway.tolist(), e.length_m.tolist()) == (2, [False, True], [130.0, 100.0])
    assert e.class_names().tolist() == ["residential", "service"]
    assert e.speed_kmh.tolist()[:1] == pytest.approx([20 * 1.609344])
    assert e.edge_id.tolist() == [7, "[8, 9]"]  # type: ignore[union-attr]
    assert e.coords[e.offsets[1] :].tolist() == [[1100.0, 2000.0], [1000.0, 2000.0]]  # type: ignore[index]
    assert e.source == {"format": "networkx", "kind": "MultiDiGraph"}
    there, back = (
        (homes(h=(1000.0, 2000.0)), sites(s=(1100.0, 2000.0))),
        (homes(h=(1100.0, 2000.0)), sites(s=(1000.0, 2000.0))),
    )
    assert [rg.nearest(*ends, network)["distance_m"].item() for ends in (there, back)] == [130.0, 100.0]


@pytest.mark.parametrize("change", [{"length": 131.0}, {"highway": "primary"}, {"maxspeed": None}, {"geometry": None}])
def test_twins_that_differ_stay_apart(change: dict[str, Any]) -> None:
    graph = town()
    graph.edges[2, 1, 0].update(change)
    assert rg.RoadNetwork.from_networkx(graph).edges.oneway.all()


@pytest.mark.parametrize(
    ("kind", "oneway"),
    [(nx.DiGraph, [False]), (nx.Graph, [False]), (nx.MultiGraph, [False, True]), (nx.MultiDiGraph, [False, True])],
)
def test_every_kind_of_graph(kind: type[nx.Graph], oneway: list[bool]) -> None:
    network = rg.RoadNetwork.from_networkx(town(kind))
    assert network.edges.oneway.tolist() == oneway
    # The one-way street runs from 2 to 1, also where an undirected graph has it the other way.
    if len(oneway) == 2:
        assert network.edges.node_id[network.edges.u[1]] == 2


def test_a_line_that_an_undirected_graph_keeps_backwards_is_turned() -> None:
    graph = nx.Graph(crs="EPSG:27700")
    graph.add_node("a", x=0.0, y=0.0)
    graph.add_node("b", x=100.0, y=0.0)
    graph.add_edge("a", "b", length=120.0, geometry=LineString([(100, 0), (90, 40), (0, 0)]))
    network = rg.RoadNetwork.from_networkx(graph)
    assert network.edges.coords.tolist() == [[0.0, 0.0], [90.0, 40.0], [100.0, 0.0]]  # type: ignore[union-attr]
    assert network.snap(homes(h=(90.0, 40.0)))["fraction"].item() > 0.5


def test_loops_both_ways_are_one() -> None:
    graph = nx.MultiDiGraph(crs="EPSG:27700")
    graph.add_node(0, x=0.0, y=0.0)
    ring = LineString([(0, 0), (50, 50), (100, 0), (50, -50), (0, 0)])
    graph.add_edge(0, 0, length=283.0, geometry=ring)
    graph.add_edge(0, 0, length=283.0, geometry=ring)
    assert rg.RoadNetwork.from_networkx(graph).edges.oneway.tolist() == [False]


def test_degrees_become_national_grid_metres() -> None:
    graph = nx.MultiDiGraph(crs="epsg:4326")
    graph.add_node(0, x=-1.5, y=53.8)
    graph.add_node(1, x=-1.49, y=53.8)
    graph.add_edge(0, 1, length=658.0, geometry=LineString([(-1.5, 53.8), (-1.495, 53.801), (-1.49, 53.8)]))
    e = rg.RoadNetwork.from_networkx(graph).edges
    assert e.measured_m[0] == pytest.approx(695, abs=3)
    assert 400_000 < e.x[0] < 450_000


def test_times_and_speeds_that_osmnx_added() -> None:
    graph = town()
    for *_, data in graph.edges(data=True):
        data["speed_kph"] = 36.0
    network = rg.RoadNetwork.from_networkx(graph, impedance="time")
    assert network.edges.speed_kmh.tolist() == pytest.approx([20 * 1.609344, 36.0])
    for *_, data in graph.edges(data=True):
        data["travel_time"] = 12.5
    found = rg.nearest(
        homes(h=(1000.0, 2000.0)), sites(s=(1100.0, 2000.0)), rg.RoadNetwork.from_networkx(graph, impedance="time")
    )
    assert found["duration_s"].tolist() == [12.5]


def test_graphs_that_are_none() -> None:
    with pytest.raises(CrsError, match=r'graph: graph.graph\["crs"\] is missing.*set it, such as to "EPSG:4326"'):
        rg.RoadNetwork.from_networkx(town(crs=None))
    for spoil, error, said in (
        (lambda g: g.add_node(3), InputError, r"graph: 1 node has no x or no y \(3\)"),
        (
            lambda g: g.add_node(3, x=float("nan"), y=0.0),
            GeometryError,
            r"nodes: 1 have no place on the National Grid \(3\)",
        ),
        (
            lambda g: g.edges[1, 2, 0].update(geometry=Point(0, 0)),
            GeometryError,
            r"edges.geometry: 1 row has a geometry other than a line \(0\)",
        ),
        (
            lambda g: g.edges[1, 2, 0].update(geometry=LineString()),
            GeometryError,
            r"edges.geometry: 1 row has a geometry other than a line",
        ),
        (lambda g: g.edges[1, 2, 0].pop("length"), InputError, r"edge.length_missing: .*1 to 2.*lengths=\"fill\""),
        (lambda g: g.remove_edges_from(list(g.edges)), InputError, "edges: there are none"),
    ):
        graph = town()
        spoil(graph)
        with pytest.raises(error, match=said):
            rg.RoadNetwork.from_networkx(graph)


def test_there_and_back() -> None:
    network = rg.RoadNetwork.from_networkx(town())
    graph = network.to_networkx()
    assert graph.graph["crs"] == "EPSG:27700"
    assert sorted((u, v, d["length"], d["reversed"]) for u, v, d in graph.edges(data=True)) == [
        (1, 2, 130.0, False),
        (2, 1, 100.0, False),
        (2, 1, 130.0, True),
    ]
    assert "travel_time" not in graph.edges[1, 2, 0]
    assert rg.RoadNetwork.from_networkx(graph).sha256 == network.sha256
    timed = network.using(impedance="time").to_networkx()
    assert timed.edges[1, 2, 0]["travel_time"] == pytest.approx(130 / (20 * 1.609344 / 3.6))
    # What is not known is left out; straight edges get a line all the same.
    plain = rg.RoadNetwork.from_lines(roads.lines([(0, 0), (10, 0)])).to_networkx()
    assert set(plain.edges[0, 1, 0]) == {"length", "oneway", "geometry", "reversed", "osmid"}


def test_distances_are_those_of_the_graph_itself(shared_data: Path) -> None:
    # Between nodes, over the graph as OSMnx made it, with networkx alone.
    import geopandas as gpd

    path = shared_data / "networks" / "cambridge_drive_osm_2020.gpkg"
    nodes, edges = gpd.read_file(path, layer="nodes"), gpd.read_file(path, layer="edges")
    graph = nx.MultiDiGraph(crs=nodes.crs)
    graph.add_nodes_from((n, {"x": x, "y": y}) for n, x, y in zip(nodes["osmid"], nodes["x"], nodes["y"], strict=True))
    for row in edges.itertuples():
        graph.add_edge(row.u, row.v, key=row.key, length=row.length, geometry=row.geometry, highway=row.highway)
    network = rg.RoadNetwork.from_networkx(graph)
    same = rg.read_network(path)
    assert len(network.edges.x) == len(same.edges.x) == 4708
    random = np.random.default_rng(4)
    at = random.choice(len(network.edges.x), 45, replace=False)
    x, y = network.edges.x, network.edges.y
    origins = homes(**{str(network.edges.node_id[i]): (x[i], y[i]) for i in at[:25]})
    destinations = sites(**{str(network.edges.node_id[i]): (x[i], y[i]) for i in at[25:]})
    ours = rg.costs(origins, destinations, network).pairs.set_index(["origin_id", "destination_id"])["cost"].to_dict()
    other = rg.costs(origins, destinations, same).pairs.set_index(["origin_id", "destination_id"])["cost"].to_dict()
    assert other == pytest.approx(ours, abs=1e-6)
    found = 0
    for a in origins["demand_id"]:
        lengths = nx.single_source_dijkstra_path_length(graph, int(a), weight="length")
        for b in destinations["site_id"]:
            if int(b) in lengths:
                assert ours[a, b] == pytest.approx(lengths[int(b)], abs=1e-4)
                found += 1
    assert found == len(ours) >= 480


@pytest.mark.parametrize("value", [True, 1, "yes", "True", "1", 1.0])
def test_flags_that_are_set(value: object) -> None:
    assert is_true(value)


@pytest.mark.parametrize("value", [False, 0, "no", "False", "0", None, float("nan"), ""])
def test_flags_that_are_not(value: object) -> None:
    assert not is_true(value)


def test_what_is_no_graph() -> None:
    with pytest.raises(InputError, match="graph: list is no graph of networkx; give one, such as OSMnx makes"):
        rg.RoadNetwork.from_networkx([1])  # type: ignore[arg-type]
