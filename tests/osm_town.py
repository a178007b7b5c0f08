"""A small town, written as a map of OpenStreetMap, and what its journeys are by a graph of its own.

Streets make a grid of six by six crossings, 0.0045 degrees of latitude and 0.0073 of longitude apart (about 500 m); every block
has a node in its middle. All are residential streets of 30 miles an hour. The third row from the south is one way, eastward.
A footway joins the south-western crossing to the one north-east of it, straight across the block. Ten kilometres east
lies an island of four streets around one block.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
from pyproj import Geod
from shapely.geometry import Point

GEOD = Geod(ellps="WGS84")
WEST, SOUTH, EAST, NORTH = -1.0, 52.0, 0.0073, 0.0045
SIZE = 6
ISLAND = 20
ONE_WAY = 2
# 30 miles an hour (Road Traffic Regulation Act 1984, section 81) in metres a second.
SPEED_LIMIT = 30 * 1609.344 / 3600

# A crossing is at even numbers of half blocks east and north; the middle of a block has one odd number.
Node = tuple[int, int]


def at(node: Node) -> tuple[float, float]:
    """Longitude and latitude of a node, to the precision of the map."""
    return round(WEST + node[0] * EAST / 2, 7), round(SOUTH + node[1] * NORTH / 2, 7)


def ways() -> list[tuple[list[Node], dict[str, str]]]:
    """The nodes and tags of every street."""
    street = {"highway": "residential", "maxspeed": "30 mph"}
    line = range(2 * SIZE - 1)
    rows = [([(x, 2 * r) for x in line], street | ({"oneway": "yes"} if r == ONE_WAY else {})) for r in range(SIZE)]
    columns = [([(2 * c, y) for y in line], street) for c in range(SIZE)]
    x = 2 * ISLAND
    ring = [(x, 0), (x + 1, 0), (x + 2, 0), (x + 2, 1), (x + 2, 2), (x + 1, 2), (x, 2), (x, 1), (x, 0)]
    return [*rows, *columns, (ring, street), ([(0, 0), (2, 2)], {"highway": "footway"})]


def write(path: Path) -> Path:
    """Write the town as a PBF."""
    import osmium
    from osmium.osm import mutable

    nodes = sorted({node for line, _ in ways() for node in line})
    number = {node: i for i, node in enumerate(nodes, start=1)}
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for node, i in number.items():
            writer.add_node(mutable.Node(id=i, version=1, location=at(node)))
        for i, (line, tags) in enumerate(ways(), start=1):
            writer.add_way(mutable.Way(id=i, version=1, nodes=[number[n] for n in line], tags=tags))
    return path


def graph(profile: str) -> nx.DiGraph:
    """The town as a directed graph of metres, for drivers or for walkers."""
    made = nx.DiGraph()
    for line, tags in ways():
        if tags["highway"] == "footway" and profile != "foot":
            continue
        for a, b in itertools.pairwise(line):
            metres = GEOD.inv(*at(a), *at(b))[2]
            made.add_edge(a, b, metres=metres)
            if "oneway" not in tags or profile == "foot":
                made.add_edge(b, a, metres=metres)
    return made


def distances(profile: str, origins: list[Node], destinations: list[Node]) -> dict[tuple[Node, Node], float]:
    """The shortest way of each pair in metres; pairs without one are left out."""
    network = graph(profile)
    found = {a: nx.single_source_dijkstra_path_length(network, a, weight="metres") for a in origins}
    return {(a, b): found[a][b] for a in origins for b in destinations if b in found[a]}


def places(nodes: list[Node], column: str, **elsewhere: tuple[float, float]) -> gpd.GeoDataFrame:
    """Points at nodes, named by them, and any that lie elsewhere."""
    names: list[Any] = [name(n) for n in nodes]
    points = [Point(at(n)) for n in nodes] + [Point(p) for p in elsewhere.values()]
    return gpd.GeoDataFrame({column: [*names, *elsewhere]}, geometry=points, crs="EPSG:4326")


def name(node: Node) -> str:
    """Name of a node as the tests use it for an id."""
    return f"{node[0]:02d}-{node[1]:02d}"
