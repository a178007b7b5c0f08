"""Lines into networks: split where they meet, bridges and tunnels apart, one-way as OSM writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, MultiLineString, Point, Polygon

import rcp_geo as rg
from rcp_geo.errors import CrsError, GeometryError, InputError, MissingColumnError
from rcp_geo.travel.roads.lines import _along_parents
from tests.roads import homes, lines, sites

CROSS = ([(0, 0), (200, 0)], [(100, -100), (100, 100)])


def shape(network: rg.RoadNetwork) -> tuple[int, int, int]:
    """Nodes, edges, components."""
    info = network.info()
    return info["nodes"], info["edges"], info["components"]


def test_lines_that_cross_meet() -> None:
    network = rg.RoadNetwork.from_lines(lines(*CROSS))
    assert shape(network) == (5, 4, 1)
    assert network.edges.length_m.tolist() == [100.0] * 4
    assert network.edges.edge_id.tolist() == [0, 0, 1, 1]  # type: ignore[union-attr]
    assert rg.nearest(homes(h=(0.0, 0.0)), sites(s=(100.0, 100.0)), network)["distance_m"].tolist() == [200.0]


def test_lines_that_share_no_vertex_do_not_meet_where_vertices_count() -> None:
    assert shape(rg.RoadNetwork.from_lines(lines(*CROSS), noding="vertices")) == (4, 2, 2)
    shared = ([(0, 0), (100, 0), (200, 0)], [(100, -100), (100, 0), (100, 100)])
    assert shape(rg.RoadNetwork.from_lines(lines(*shared), noding="vertices")) == (5, 4, 1)
    # An end on a vertex, and an end on no vertex.
    assert shape(rg.RoadNetwork.from_lines(lines(shared[0], [(100, 0), (100, 50)]), noding="vertices")) == (4, 3, 1)
    assert shape(rg.RoadNetwork.from_lines(lines(shared[0], [(150, 0), (150, 50)]), noding="vertices")) == (4, 2, 2)


@pytest.mark.parametrize(("gap", "meets"), [(0.0, True), (0.04, True), (0.3, False)])
def test_ends_that_nearly_touch(gap: float, meets: bool) -> None:
    side = lines([(0, 0), (200, 0)], [(100, gap), (100, 100)])
    assert shape(rg.RoadNetwork.from_lines(side))[2] == (1 if meets else 2)
    ends = lines([(0, 0), (100, 0)], [(100, gap), (200, 0)])
    assert shape(rg.RoadNetwork.from_lines(ends))[2] == (1 if meets else 2)
    assert shape(rg.RoadNetwork.from_lines(ends, tolerance_m=1.0))[2] == 1


def test_a_line_that_crosses_itself() -> None:
    eight = lines([(0, 0), (100, 100), (100, 0), (0, 100)])
    network = rg.RoadNetwork.from_lines(eight)
    assert shape(network) == (3, 3, 1)
    assert rg.nearest(homes(h=(0.0, 0.0)), sites(s=(0.0, 100.0)), network)["distance_m"].item() == pytest.approx(
        2 * np.hypot(50, 50), abs=0.2
    )
    ring = lines([(0, 0), (100, 0), (100, 100), (0, 0)])
    assert shape(rg.RoadNetwork.from_lines(ring)) == (1, 1, 1)


def test_lines_on_one_another_are_one_road() -> None:
    network = rg.RoadNetwork.from_lines(lines([(0, 0), (200, 0)], [(100, 0), (300, 0)], highway=["primary", "service"]))
    assert network.info()["km"] == pytest.approx(0.3)
    assert network.info()["km_by_class"] == pytest.approx({"primary": 0.2, "service": 0.1})


@pytest.mark.parametrize("noding", ["crossings", "vertices"])
@pytest.mark.parametrize(
    ("second", "oneway", "open_"),
    [
        ([(1000, 0), (0, 0)], ["yes", "yes"], (True, True)),
        ([(0, 0), (1000, 0)], ["yes", "-1"], (True, True)),
        ([(0, 0), (1000, 0)], ["-1", "yes"], (True, True)),
        ([(0, 0), (1000, 0)], ["yes", None], (True, True)),
        ([(0, 0), (1000, 0)], [None, "yes"], (True, True)),
        ([(0, 0), (1000, 0)], ["yes", "yes"], (True, False)),
        ([(1000, 0), (0, 0)], ["yes", "-1"], (True, False)),
        ([(1000, 0), (0, 0)], ["-1", "yes"], (False, True)),
    ],
)
def test_lines_on_one_another_keep_every_direction(
    second: list[tuple[float, float]], oneway: list[str | None], open_: tuple[bool, bool], noding: Any
) -> None:
    network = rg.RoadNetwork.from_lines(lines([(0, 0), (1000, 0)], second, oneway=oneway), noding=noding)
    for start, end, way in ((300.0, 700.0, open_[0]), (700.0, 300.0, open_[1])):
        found = rg.nearest(homes(h=(start, 0.0)), sites(s=(end, 0.0)), network)
        assert found["status"].tolist() == ["reached" if way else "disconnected"]
        assert found["distance_m"].dropna().tolist() == [400.0] * way
    overlaps = [(f.code, f.ids, f.message) for f in network.findings]
    said = "1 row lies on others: what lies together is one road, open in every direction that any of it is"
    assert overlaps == ([("edge.overlap", ("1",), said)] if noding == "crossings" else [])


def test_lines_that_partly_overlap_are_open_both_ways_there_only() -> None:
    # East over 0 to 200 m, west over 100 to 300 m; a side street that crosses both, and one that touches neither's length.
    drawn = lines(
        [(0, 0), (200, 0)],
        [(300, 0), (100, 0)],
        [(150, -50), (150, 50)],
        [(250, 0), (250, 50)],
        oneway=["yes", "yes", "no", "no"],
    )
    network = rg.RoadNetwork.from_lines(drawn)
    assert [(f.code, f.ids) for f in network.findings] == [("edge.overlap", ("1",))]
    at = {f"m{x}": (float(x), 0.0) for x in (50, 120, 180, 270)}
    found = rg.costs(homes(**at), sites(**at), network).pairs
    ways = {(int(a[1:]), int(b[1:])): c for a, b, c, _ in found.itertuples(index=False) if a != b}
    # From 50 m nobody comes back, and to 270 m nobody goes.
    open_ = [(50, 120), (50, 180), (120, 180), (180, 120), (270, 120), (270, 180)]
    assert ways == pytest.approx({(a, b): float(abs(a - b)) for a, b in open_})


def test_a_line_through_a_short_piece_does_not_lie_on_it() -> None:
    # Two streets that cross a third 15 cm apart, on a grid of 10 cm.
    drawn = lines([(0, 0), (10, 0)], [(5, -5), (5, 5)], [(5.15, -5), (5.15, 5)], oneway=["yes", "no", "no"])
    network = rg.RoadNetwork.from_lines(drawn)
    assert network.findings == ()
    assert rg.nearest(homes(h=(9.0, 0.0)), sites(s=(1.0, 0.0)), network)["status"].tolist() == ["disconnected"]


@pytest.mark.parametrize(
    "columns",
    [
        {"bridge": [None, "yes"]},
        {"bridge": ["no", "viaduct"]},
        {"tunnel": [None, "yes"]},
        {"layer": ["0", "1"]},
        {"layer": [None, -1]},
    ],
)
def test_levels_pass_over_one_another(columns: dict[str, Any]) -> None:
    assert shape(rg.RoadNetwork.from_lines(lines(*CROSS, **columns))) == (4, 2, 2)
    assert shape(rg.RoadNetwork.from_lines(lines(*CROSS, **{k: [v[0], v[0]] for k, v in columns.items()}))) == (5, 4, 1)


def test_a_bridge_meets_the_ground_at_its_ends_only() -> None:
    # A street under a bridge, with a crossing right under a crossing of two bridges, and ramps at both ends of one.
    network = rg.RoadNetwork.from_lines(
        lines(
            [(0, 0), (200, 0)],
            [(100, -100), (100, 100)],
            [(50, -50), (150, 50)],
            [(50, 50), (150, -50)],
            [(50, -50), (50, 0)],
            bridge=[None, None, "yes", "yes", None],
        )
    )
    # The ramp joins bridge and street; the street and its crossing are joined; the second bridge joins the first above them.
    assert network.info()["components"] == 1
    up = rg.nearest(homes(h=(100.0, 0.0)), sites(s=(50.0, 50.0)), network)["distance_m"].item()
    # From the crossing back along the street, down the ramp and up onto the bridges: never straight up.
    assert up == pytest.approx(50 + 50 + 2 * np.hypot(50, 50), abs=0.5)


def test_a_raised_way_joins_the_side_of_a_street() -> None:
    ramp = lines([(0, 0), (200, 0)], [(100, 0), (100, 100)], bridge=[None, "yes"])
    network = rg.RoadNetwork.from_lines(ramp)
    assert shape(network) == (4, 3, 1)
    assert shape(rg.RoadNetwork.from_lines(ramp, noding="vertices")) == (4, 3, 1)
    # At an end of the street there is nothing to split; a street's end under a bridge joins nothing.
    assert shape(rg.RoadNetwork.from_lines(lines([(0, 0), (200, 0)], [(200, 0), (200, 9)], bridge=[None, "yes"]))) == (
        3,
        2,
        1,
    )
    under = lines([(0, 0), (200, 0)], [(100, 0), (100, 100)], bridge=["yes", None])
    assert shape(rg.RoadNetwork.from_lines(under))[2] == 2


@pytest.mark.parametrize(
    ("columns", "way"),
    [
        ({"oneway": ["yes"]}, "there"),
        ({"oneway": [True]}, "there"),
        ({"oneway": ["1"]}, "there"),
        ({"oneway": ["-1"]}, "back"),
        ({"oneway": ["reverse"]}, "back"),
        ({"oneway": ["no"]}, "both"),
        ({"oneway": [None]}, "both"),
        ({"oneway": [float("nan")]}, "both"),
        ({}, "both"),
        ({"highway": ["motorway"]}, "there"),
        ({"highway": ["motorway"], "oneway": ["no"]}, "both"),
        ({"junction": ["roundabout"]}, "there"),
        ({"junction": ["roundabout"], "oneway": [None]}, "there"),
    ],
)
def test_one_way_as_osm_writes_it(columns: dict[str, Any], way: str) -> None:
    network = rg.RoadNetwork.from_lines(lines([(0, 0), (60, 80), (160, 80)], **columns))
    west, east = (0.0, 0.0), (160.0, 80.0)
    there = rg.nearest(homes(h=west), sites(s=east), network)["status"].item() == "reached"
    back = rg.nearest(homes(h=east), sites(s=west), network)["status"].item() == "reached"
    assert (there, back) == {"there": (True, False), "back": (False, True), "both": (True, True)}[way]
    # Turning a line round must not move where points meet it.
    assert rg.nearest(homes(h=(60.0, 80.0)), sites(s=(60.0, 80.0)), network)["distance_m"].item() == 0
    assert network.snap(homes(h=(60.0, 80.0)))["snap_m"].item() == pytest.approx(0, abs=1e-9)


def test_pieces_run_as_the_line_that_they_are_of() -> None:
    # GEOS does not promise which way round it returns them.
    parent = LineString([(0, 0), (100, 0), (100, 100)])
    pieces = np.array([LineString([(30, 0), (10, 0)]), LineString([(90, 0), (100, 0), (100, 20)])], dtype=object)
    turned = _along_parents(pieces, np.array([parent, parent], dtype=object))
    assert [list(p.coords) for p in turned] == [[(10, 0), (30, 0)], list(pieces[1].coords)]


def test_one_way_streets_that_cross_keep_their_ways() -> None:
    network = rg.RoadNetwork.from_lines(lines(*CROSS, oneway=["yes", "-1"]))
    west, south, east, north = (0.0, 0.0), (100.0, -100.0), (200.0, 0.0), (100.0, 100.0)
    found = rg.costs(homes(w=west, s=south, e=east, n=north), sites(w=west, s=south, e=east, n=north), network).pairs
    pairs = set(zip(found["origin_id"], found["destination_id"], strict=True))
    assert pairs == {*((p, p) for p in "wsen"), ("w", "e"), ("w", "s"), ("n", "e"), ("n", "s")}


def test_one_way_that_cannot_be_read_is_said() -> None:
    network = rg.RoadNetwork.from_lines(lines(*CROSS, oneway=["reversible", "yes"]))
    (finding,) = network.findings
    assert (finding.code, finding.ids) == ("edge.oneway", ("reversible",))
    assert network.info()["oneway_share"] == 0.5


def test_columns_of_other_names() -> None:
    frame = lines(*CROSS, kind=["A", "B"], over=["yes", "no"], kmh=["36", None], direction=["yes", "no"])
    network = rg.RoadNetwork.from_lines(
        frame, columns={"road_class": "kind", "bridge": "over", "maxspeed": "kmh", "oneway": "direction"}
    )
    assert shape(network) == (4, 2, 2)
    assert network.edges.class_names().tolist() == ["A", "B"]
    assert network.edges.speed_kmh.tolist()[0] == 36.0
    assert network.edges.oneway.tolist() == [True, False]


def test_a_duration_is_shared_out_by_length() -> None:
    frame = lines([(0, 0), (400, 0)], [(100, -100), (100, 100)], duration_s=[200.0, None])
    network = rg.RoadNetwork.from_lines(frame, impedance="time", speeds={"": 36.0})
    assert network.edges.duration_s.tolist() == pytest.approx([50.0, 150.0, np.nan, np.nan], nan_ok=True)
    assert rg.nearest(homes(h=(0.0, 0.0)), sites(s=(100.0, 100.0)), network)["duration_s"].tolist() == pytest.approx(
        [60.0]
    )


def test_lines_in_parts_in_degrees_and_with_heights() -> None:
    frame = gpd.GeoDataFrame(
        geometry=[MultiLineString([[(0, 0), (100, 0)], [(100, 0), (100, 50)]]), LineString([(0, 0, 9), (0, 70, 9)])],
        crs="EPSG:27700",
    )
    assert shape(rg.RoadNetwork.from_lines(frame)) == (4, 3, 1)
    degrees = rg.RoadNetwork.from_lines(
        gpd.GeoDataFrame(geometry=[LineString([(-1.5, 53.8), (-1.49, 53.8)])], crs=4326)
    )
    assert degrees.edges.length_m[0] == pytest.approx(659, abs=2)


def test_rows_without_a_line() -> None:
    frame = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (9, 0)]), None, LineString()], crs="EPSG:27700")
    network = rg.RoadNetwork.from_lines(frame)
    assert [(f.code, f.ids) for f in network.findings] == [("edge.no_geometry", ("1", "2"))]
    # Lines of no extent are left out as well.
    point = lines([(0, 0), (9, 0)], [(5, 5), (5, 5)])
    assert shape(rg.RoadNetwork.from_lines(point)) == (2, 1, 1)
    for wrong in (Point(0, 0), Polygon([(0, 0), (1, 0), (1, 1)])):
        with pytest.raises(
            GeometryError, match=r"lines.geometry: 1 row has a geometry other than a line \(1\); keep only the roads"
        ):
            rg.RoadNetwork.from_lines(
                gpd.GeoDataFrame(geometry=[LineString([(0, 0), (9, 0)]), wrong], crs="EPSG:27700")
            )


def test_settings_that_are_none() -> None:
    with pytest.raises(CrsError, match="lines: the geometry has no CRS"):
        rg.RoadNetwork.from_lines(lines(*CROSS).set_crs(None, allow_override=True))
    for wrong in (0.0, -1.0, float("nan")):
        with pytest.raises(InputError, match="tolerance_m: .* give metres above 0"):
            rg.RoadNetwork.from_lines(lines(*CROSS), tolerance_m=wrong)
    with pytest.raises(InputError, match="noding: 'all' is not known; use crossings or vertices"):
        rg.RoadNetwork.from_lines(lines(*CROSS), noding="all")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="columns: kind are not known; the keys are road_class, oneway"):
        rg.RoadNetwork.from_lines(lines(*CROSS), columns={"kind": "highway"})
    with pytest.raises(MissingColumnError, match="lines: column kind is missing"):
        rg.RoadNetwork.from_lines(lines(*CROSS), columns={"road_class": "kind"})
    with pytest.raises(InputError, match="lines: there is none with any extent; give a layer of roads"):
        rg.RoadNetwork.from_lines(lines(*CROSS).iloc[:0])


@pytest.mark.parametrize("noding", ["vertices", "crossings"])
def test_leeds_loses_no_road(shared_data: Path, noding: Any) -> None:
    frame = gpd.read_file(shared_data / "networks" / "leeds_centre_roads_osm.gpkg")
    network = rg.RoadNetwork.from_lines(frame, noding=noding)
    whole = frame.to_crs("EPSG:27700").length.sum() / 1000
    assert network.info()["km"] == pytest.approx(whole, abs=0.001)
    assert network.info()["largest_component_nodes"] > 0.9 * network.info()["nodes"]
    # Every piece is of a row that has its class.
    rows = frame["highway"].reindex(network.edges.edge_id).tolist()  # type: ignore[arg-type]
    assert network.edges.class_names().tolist() == rows


def test_leeds_meets_where_its_lines_share_vertices(shared_data: Path) -> None:
    # OSM's own rule, counted by hand: a vertex is a node where two lines or more have it, or where one ends.
    frame = gpd.read_file(shared_data / "networks" / "leeds_centre_roads_osm.gpkg")
    times: dict[tuple[float, float], int] = {}
    ends = set()
    for line in frame.geometry:
        ends |= {line.coords[0], line.coords[-1]}
        for at in line.coords:
            times[at] = times.get(at, 0) + 1
    nodes = {at for at, n in times.items() if n > 1} | ends
    network = rg.RoadNetwork.from_lines(frame, noding="vertices", tolerance_m=0.001)
    assert network.info()["nodes"] == len(nodes)
