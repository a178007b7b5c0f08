"""OS Open Roads, written by the tests as Ordnance Survey publishes it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely import LineString, MultiLineString, Point

import rcp_geo as rg
from rcp_geo.errors import CrsError, InputError, MissingColumnError
from tests.roads import homes, sites

LINKS: dict[str, list[Any]] = {
    "id": ["L1", "L2", "L3", "L4", "L5"],
    "start_node": ["N1", "N2", "N3", "N5", "N7"],
    "end_node": ["N2", "N3", "N1", "N6", "N7"],
    "road_function": ["A Road", "B Road", "A Road", "Local Road", None],
    "form_of_way": ["Single Carriageway", "Single Carriageway", "Slip Road", "Single Carriageway", "Roundabout"],
    "length": [500, 400, 640, 100, 300],
    "name_1": ["High Street", None, None, None, None],
}
SHAPES = [
    LineString([(0, 0), (500, 0)]),
    LineString([(500, 0), (500, 400)]),
    LineString([(0, 0), (10, 10), (500, 400)]),  # drawn from its end to its start
    LineString([(0, 0.004), (0, -100)]),
    LineString([(900, 0), (950, 50), (1000, 0), (900, 0)]),
]
NODES = {"id": ["N1", "N2", "N3", "N5", "N6", "N9"]}
PLACES = [Point(0, 0), Point(500, 0), Point(500, 400), Point(0, 0.004), Point(0, -100), Point(5, 5)]


def written(path: Path, *, camel: bool = False, crs: str | None = "EPSG:27700", **changed: Any) -> Path:
    """Write both layers, in either of the ways that releases name things."""
    links = gpd.GeoDataFrame({**LINKS, **changed}, geometry=SHAPES, crs=crs)
    nodes = gpd.GeoDataFrame(NODES, geometry=PLACES, crs=crs)
    names = ("road_link", "road_node")
    if camel:
        names = ("RoadLink", "RoadNode")
        links = links.rename(columns={c: _camel(c) for c in LINKS if c != "id"})
    links.to_file(path, layer=names[0], driver="GPKG", engine="pyogrio")
    nodes.to_file(path, layer=names[1], driver="GPKG", engine="pyogrio", mode="a")
    return path


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


@pytest.mark.parametrize("camel", [False, True])
def test_links_become_streets(tmp_path: Path, camel: bool) -> None:
    network = rg.RoadNetwork.from_open_roads(written(tmp_path / "oproad.gpkg", camel=camel))
    e = network.edges
    assert e.edge_id.tolist() == LINKS["id"]  # type: ignore[union-attr]
    assert e.length_m.tolist() == LINKS["length"]
    assert not e.oneway.any()
    assert e.class_names().tolist() == ["A Road", "B Road", "A Road, Slip Road", "Local Road", ""]
    # The node that no link names is left out, the one that is missing takes the link's end.
    assert e.node_id.tolist() == ["N1", "N2", "N3", "N5", "N6", "N7"]
    assert (e.x[5], e.y[5]) == (900.0, 0.0)
    assert e.coords[e.offsets[2]].tolist() == [500.0, 400.0]  # type: ignore[index]
    found = rg.nearest(homes(h=(500.0, 0.0)), sites(s=(500.0, 400.0)), network)
    assert found["distance_m"].tolist() == [400.0]
    assert e.source["format"] == "OS Open Roads"


def test_time_by_class(tmp_path: Path) -> None:
    network = rg.RoadNetwork.from_open_roads(written(tmp_path / "a.gpkg"), impedance="time")
    seconds = rg.nearest(homes(h=(0.0, 0.0)), sites(s=(500.0, 0.0)), network)["duration_s"].item()
    assert seconds == pytest.approx(500 / (50 * 1609.344 / 3600), abs=1e-5)
    assert [f.code for f in network.findings][-1] == "edge.class_speed"


def test_what_does_not_hang_together_is_said(tmp_path: Path) -> None:
    found = {f.code: f.ids for f in rg.RoadNetwork.from_open_roads(written(tmp_path / "a.gpkg")).findings}
    assert found == {
        "network.node_missing": ("N7",),
        "network.link_alone": ("L4", "L5"),
        "network.nodes_apart": ("N1", "N5"),
    }


def test_links_without_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    written(path)
    frame = gpd.read_file(path, layer="road_link")
    frame.loc[0, "geometry"] = MultiLineString([[(0, 0), (1, 0)], [(2, 0), (3, 0)]])
    frame.loc[1, "geometry"] = None
    frame.to_file(path, layer="road_link", driver="GPKG", engine="pyogrio")
    network = rg.RoadNetwork.from_open_roads(path)
    assert network.findings[0].ids == ("L1", "L2")
    assert len(network.edges) == 3


def test_lengths_are_needed_or_measured(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpkg", length=[None] * 5)
    with pytest.raises(InputError, match="edge.length_missing"):
        rg.RoadNetwork.from_open_roads(path)
    assert rg.RoadNetwork.from_open_roads(path, lengths="geometry").edges.length_m[0] == 500.0


def test_files_that_are_something_else(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere.gpkg: cannot be opened \(no such file"):
        rg.RoadNetwork.from_open_roads(tmp_path / "nowhere.gpkg")
    (tmp_path / "a.txt").write_text("roads")
    with pytest.raises(InputError, match=r"a.txt: is not a GeoPackage; give the .gpkg file"):
        rg.RoadNetwork.from_open_roads(tmp_path / "a.txt")
    path = written(tmp_path / "a.gpkg")
    (tmp_path / "cut.gpkg").write_bytes(path.read_bytes()[:5000])
    with pytest.raises(InputError, match=r"cut.gpkg: cannot be read"):
        rg.RoadNetwork.from_open_roads(tmp_path / "cut.gpkg")
    gpd.GeoDataFrame(geometry=SHAPES, crs=27700).to_file(tmp_path / "b.gpkg", layer="roads", engine="pyogrio")
    with pytest.raises(InputError, match=r"b.gpkg: has no layers RoadLink and RoadNode \(it has roads\)"):
        rg.RoadNetwork.from_open_roads(tmp_path / "b.gpkg")


@pytest.mark.parametrize("column", ["id", "start_node", "end_node"])
def test_a_column_that_is_missing(tmp_path: Path, column: str) -> None:
    path = written(tmp_path / "a.gpkg")
    frame = gpd.read_file(path, layer="road_link").drop(columns=column)
    frame.to_file(path, layer="road_link", driver="GPKG", engine="pyogrio")
    said = column.replace("_", "")
    with pytest.raises(
        MissingColumnError, match=rf"layer road_link: column {said} is missing \(columns found: fid, geom"
    ):
        rg.RoadNetwork.from_open_roads(path)


def test_classes_and_lengths_may_be_missing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpkg")
    frame = gpd.read_file(path, layer="road_link").drop(columns=["road_function", "form_of_way", "length"])
    frame.to_file(path, layer="road_link", driver="GPKG", engine="pyogrio")
    network = rg.RoadNetwork.from_open_roads(path, lengths="geometry")
    assert set(network.edges.class_names()) == {""}


def test_a_file_without_a_system_or_that_computes(tmp_path: Path) -> None:
    path = written(tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE gpkg_geometry_columns SET srs_id = -1")
        database.commit()
    with pytest.raises(CrsError, match=r"a.gpkg, layer road_link: has no coordinate reference system"):
        rg.RoadNetwork.from_open_roads(path)
    path = written(tmp_path / "b.gpkg")
    with closing(sqlite3.connect(path)) as database:
        triggers = [n for (n,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in triggers:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("ALTER TABLE road_link RENAME TO t")
        database.execute("CREATE VIEW road_link AS SELECT * FROM t")
        database.commit()
    with pytest.raises(InputError, match=r"b.gpkg: has no layers RoadLink and RoadNode"):
        rg.RoadNetwork.from_open_roads(path)
