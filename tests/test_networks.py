"""Road networks from files: told by their content, hostile ones refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import pytest
from shapely import LineString

import rcp_geo as rg
from rcp_geo.errors import CrsError, InputError, IntegrityError
from tests import roads, test_openroads
from tests.roads import homes, lines, sites
from tests.test_graphs import town

STREETS = lines([(0, 0), (200, 0)], [(100, -100), (100, 100)], highway=["primary", "service"])


def as_graphml(graph: nx.Graph, path: Path) -> Path:
    """Save a graph as OSMnx does: everything as text, geometry as WKT, lists as Python writes them."""
    copy = type(graph)(crs=str(graph.graph["crs"]))
    for node, said in graph.nodes(data=True):
        copy.add_node(node, **{k: str(v) for k, v in said.items()})
    for u, v, said in graph.edges(data=True):
        copy.add_edge(u, v, **{k: x.wkt if k == "geometry" else str(x) for k, x in said.items() if x is not None})
    nx.write_graphml(copy, path)
    return path


@pytest.mark.parametrize("kind", [nx.MultiDiGraph, nx.MultiGraph, nx.Graph])
def test_graphml_is_the_graph(tmp_path: Path, kind: type[nx.Graph]) -> None:
    graph = town(kind)
    network = rg.read_network(as_graphml(graph, tmp_path / "a.graphml"))
    direct = rg.RoadNetwork.from_networkx(graph)
    assert network.sha256 == direct.sha256
    assert network.edges.node_id.tolist() == [1, 2]
    assert network.edges.source["format"] == "GraphML"
    assert len(network.edges.source["sha256"]) == 64


def test_osmnx_itself(tmp_path: Path) -> None:
    osmnx = pytest.importorskip("osmnx")
    # A node in no edge would be lost in OSMnx's own frames.
    graph = rg.RoadNetwork.from_networkx(town()).to_networkx()
    direct = rg.RoadNetwork.from_networkx(graph)
    osmnx.save_graphml(graph, tmp_path / "a.graphml")
    osmnx.save_graph_geopackage(graph, tmp_path / "directed.gpkg", directed=True)
    osmnx.save_graph_geopackage(graph, tmp_path / "undirected.gpkg", directed=False)
    for name in ("a.graphml", "directed.gpkg", "undirected.gpkg"):
        network = rg.read_network(tmp_path / name)
        assert sorted(network.edges.oneway.tolist()) == sorted(direct.edges.oneway.tolist()), name
        at, to = homes(h=(1100.0, 2000.0), g=(1050.0, 2040.0)), sites(s=(1000.0, 2000.0))
        assert rg.costs(at, to, network).pairs["cost"].tolist() == rg.costs(at, to, direct).pairs["cost"].tolist(), name


@pytest.mark.parametrize("directed", [True, False])
def test_a_geopackage_of_osmnx(tmp_path: Path, directed: bool) -> None:
    path = tmp_path / "a.gpkg"
    nodes = gpd.GeoDataFrame({"osmid": [1, 2]}, geometry=gpd.points_from_xy([0, 100], [0, 0]), crs="EPSG:27700")
    there, street = LineString([(0, 0), (50, 9), (100, 0)]), LineString([(0, 0), (100, 0)])
    rows: list[tuple[Any, ...]] = [
        (1, 2, 0, False, 110.0, there),
        (2, 1, 0, False, 110.0, there.reverse()),
        (2, 1, 1, True, 100.0, street),
    ]
    if not directed:
        rows = [rows[0], (1, 2, 1, True, 100.0, street)]
    u, v, key, oneway, length, shapes = zip(*rows, strict=True)
    columns = {"u": u, "v": v, "key": key, "oneway": oneway, "length": length, "highway": ["service"] * len(u)}
    if not directed:
        columns |= {"from": [1, 2], "to": [2, 1]}
    gpd.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:27700").to_file(path, layer="edges", engine="pyogrio")
    nodes.to_file(path, layer="nodes", engine="pyogrio", mode="a")
    network = rg.read_network(path)
    assert network.edges.oneway.tolist() == [False, True]
    assert network.edges.node_id[network.edges.u].tolist() == [1, 2]
    # Both streets run over the same ground; the one-way one from 2 to 1.
    back = rg.nearest(homes(h=(100.0, 0.0)), sites(s=(0.0, 0.0)), network)
    there_again = rg.nearest(homes(h=(0.0, 0.0)), sites(s=(100.0, 0.0)), network)
    assert (back["distance_m"].item(), there_again["distance_m"].item()) == (100.0, 110.0)
    nodes.rename(columns={"osmid": "id"}).to_file(path, layer="nodes", engine="pyogrio", mode="w")
    with pytest.raises(InputError, match=r"a.gpkg, layer nodes: column osmid is missing"):
        rg.read_network(path)


@pytest.mark.parametrize("ending", ["gpkg", "shp", "geojson", "fgb", "parquet"])
def test_lines_of_every_format(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"roads.{ending}"
    frame = STREETS.to_crs(4326) if ending == "geojson" else STREETS
    frame.to_parquet(path) if ending == "parquet" else frame.to_file(path, engine="pyogrio")
    network = rg.read_network(path, impedance="time", max_snap_m=50.0)
    assert (network.info()["nodes"], network.info()["edges"]) == (5, 4)
    assert set(network.edges.class_names()) == {"primary", "service"}
    assert (network.impedance, network.max_snap_m) == ("time", 50.0)
    assert network.edges.source["file"] == f"roads.{ending}"
    assert rg.read_network(path, noding="vertices").info()["components"] == 2


def test_a_geopackage_of_several_layers(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    STREETS.to_file(path, layer="streets", engine="pyogrio")
    STREETS.iloc[:1].to_file(path, layer="lanes", engine="pyogrio", mode="a")
    with pytest.raises(InputError, match=r"a.gpkg: has several layers or none \(streets, lanes\).*name the one"):
        rg.read_network(path)
    assert len(rg.read_network(path, layer="lanes").edges) == 1
    with pytest.raises(InputError, match=r"has no layer 'x'; it has streets, lanes"):
        rg.read_network(path, layer="x")


def test_open_roads(tmp_path: Path) -> None:
    path = test_openroads.written(tmp_path / "oproad_gb.gpkg")
    network = rg.read_network(path)
    assert network.sha256 == rg.RoadNetwork.from_open_roads(path).sha256
    assert network.edges.source["sha256"]


def test_a_saved_network(tmp_path: Path) -> None:
    roads.square(max_snap_m=70.0).save(tmp_path / "a.arrow")
    assert rg.read_network(tmp_path / "a.arrow").describe() == roads.square(max_snap_m=70.0).describe()
    changed = rg.read_network(tmp_path / "a.arrow", impedance="time")
    assert (changed.unit, changed.max_snap_m) == ("s", 70.0)
    with pytest.raises(
        InputError, match=r"is a saved network, and components, lengths cannot be changed; make it again"
    ):
        rg.read_network(tmp_path / "a.arrow", lengths="fill", components="strong")
    whole = (tmp_path / "a.arrow").read_bytes()
    (tmp_path / "b.arrow").write_bytes(whole[:-20])
    with pytest.raises(IntegrityError, match="cut short"):
        rg.read_network(tmp_path / "b.arrow")


def test_files_that_are_no_network(tmp_path: Path) -> None:
    for name, content, said in (
        ("a.csv", b"name,family\nx,pause\n", "a.csv: is not a road network; give a saved network"),
        ("a.pbf", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18", r"a.pbf: cannot be read \(PBF error"),
        ("a.parquet", b"PAR1 and then nothing", r"a.parquet: cannot be read"),
        ("a.fgb", b"fgb\x03fgb\x00 and then nothing", r"a.fgb: cannot be read"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', r"a.geojson: cannot be read"),
        ("empty.gpkg", b"", "is not a road network"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=said):
            rg.read_network(tmp_path / name)
    with pytest.raises(InputError, match="is a folder, not a file"):
        rg.read_network(tmp_path)
    with pytest.raises(InputError, match="there is no such file"):
        rg.read_network(tmp_path / "nowhere")
    with pytest.raises(InputError, match="not a file on this machine"):
        rg.read_network("https://example.org/roads.gpkg")
    STREETS.to_file(tmp_path / "a.shp", engine="pyogrio")
    with pytest.raises(InputError, match="has no layers; leave out the layer 'x'"):
        rg.read_network(tmp_path / "a.shp", layer="x")
    feature = '{"type": "Feature", "properties": {"a": 1}, "geometry": null}'
    (tmp_path / "b.geojson").write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}')
    with pytest.raises((InputError, CrsError)):
        rg.read_network(tmp_path / "b.geojson")


# --- GraphML as something hostile -------------------------------------------------------------------------------------

HEAD = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="c" for="graph" attr.name="crs"/>'
    '<key id="x" for="node" attr.name="x"/><key id="y" for="node" attr.name="y"/>'
    '<key id="l" for="edge" attr.name="length"/><key id="g" for="edge" attr.name="geometry"/><key id="n" attr.name="note"/>'
)
NODES = (
    '<node id="a"><data key="x">0</data><data key="y">0</data><data key="n">skipped</data></node>'
    '<node id="b"><data key="x">9</data><data key="y">0</data></node>'
)
EDGE = '<edge source="a" target="b"><data key="l">9</data></edge>'


def graphml(path: Path, head: str = HEAD, crs: str = "EPSG:27700", nodes: str = NODES, edges: str = EDGE) -> Path:
    about = f'<data key="c">{crs}</data>' if crs else ""
    path.write_text(f'<?xml version="1.0"?>{head}<graph edgedefault="directed">{about}{nodes}{edges}</graph></graphml>')
    return path


def test_graphml_by_hand(tmp_path: Path) -> None:
    network = rg.read_network(graphml(tmp_path / "a.graphml"))
    assert network.edges.node_id.tolist() == ["a", "b"]
    assert (network.edges.length_m.tolist(), network.edges.oneway.tolist()) == ([9.0], [True])


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        ({"head": '<!DOCTYPE x [<!ENTITY a "b">]>' + HEAD}, InputError, "declares a document type or entities"),
        ({"head": "<kml>" + HEAD}, InputError, r"is XML but not GraphML \(it holds kml\)"),
        ({"crs": ""}, CrsError, "does not say its coordinate reference system"),
        ({"crs": "EPSG:999999"}, InputError, "cannot be read as a graph of places"),
        ({"nodes": ""}, InputError, "0 nodes have no x or no y .there are none"),
        ({"nodes": NODES + '<node id="c"/>'}, InputError, r"1 nodes have no x or no y \(c\)"),
        ({"nodes": NODES.replace(">9<", ">east<")}, InputError, "cannot be read as a graph of places"),
        ({"edges": EDGE.replace('"b"', '"z"')}, InputError, r"1 node is named and is not there \(z\)"),
        (
            {"edges": EDGE.replace("</edge>", '<data key="g">LINE</data></edge>')},
            InputError,
            "cannot be read as a graph of places",
        ),
        ({"edges": EDGE + "<edge"}, InputError, "is not well-formed GraphML"),
        ({"edges": "<a>" * 30 + "</a>" * 30}, InputError, "is nested more than 20 deep"),
        ({"edges": EDGE.replace(">9<", ">" + "9" * 600_000 + "<")}, InputError, "has a length above"),
    ],
)
def test_graphml_that_is_none(tmp_path: Path, changed: dict[str, str], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        rg.read_network(graphml(tmp_path / "a.graphml", **changed))


def test_graphml_in_an_encoding_that_could_hide_something(tmp_path: Path) -> None:
    path = graphml(tmp_path / "a.graphml")
    path.write_text(path.read_text(), encoding="utf-16")
    with pytest.raises(InputError):
        rg.read_network(path)
    path.write_text('<?xml version="1.0" encoding="utf-7"?><graphml/>')
    with pytest.raises(InputError, match="is not XML in UTF-8"):
        rg.read_network(path)
