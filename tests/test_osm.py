"""Networks from extracts of OpenStreetMap: the tags by their rules, a town worked by hand, damaged files, a real extract."""

from __future__ import annotations

import importlib
import itertools
import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rcp_geo as rg
from rcp_geo.crs import bng_to_wgs84, wgs84_to_bng
from rcp_geo.errors import GeometryError, InputError, MissingExtraError
from rcp_geo.travel.roads.osmreading import _MOST_ID
from rcp_geo.travel.roads.osmtags import KEYS, RULES, bars, ferry_speed, parse_duration, passage
from tests import roads

osmium = pytest.importorskip("osmium", reason="the extra osm is not installed: extracts of OpenStreetMap were not read")
town = importlib.import_module("tests.osm")

MPH = 1.609344

# --- tags -------------------------------------------------------------------------------------------------------------


def open_to(profile: str, **tags: str) -> bool:
    found = passage({key.replace("__", ":"): value for key, value in tags.items()}, profile)  # type: ignore[arg-type]
    return bool(found.kind) and (found.there or found.back)


@pytest.mark.parametrize(
    ("tags", "drive", "walk"),
    [
        ({"highway": "residential"}, True, True),
        ({"highway": "motorway"}, True, False),
        ({"highway": "motorway", "foot": "yes"}, True, True),
        ({"highway": "trunk", "motorroad": "yes"}, True, False),
        ({"highway": "trunk", "motorroad": "yes", "foot": "yes"}, True, True),
        ({"highway": "footway"}, False, True),
        ({"highway": "cycleway"}, False, True),
        ({"highway": "bridleway", "foot": "no"}, False, False),
        ({"highway": "steps", "access": "private", "foot": "permissive"}, False, True),
        ({"highway": "track"}, False, True),
        ({"highway": "track", "access": "yes"}, False, True),
        ({"highway": "track", "motor_vehicle": "designated"}, True, True),
        ({"highway": "pedestrian", "motor_vehicle": "destination"}, True, True),
        ({"highway": "service", "service": "driveway"}, True, True),
        ({"highway": "service", "service": "emergency_access"}, False, True),
        ({"highway": "service", "service": "emergency_access", "motor_vehicle": "yes"}, True, True),
        ({"highway": "construction"}, False, False),
        ({"highway": "residential", "area": "yes"}, False, False),
        # The most telling key decides; one that says nothing known passes the question on; of several values an open one wins.
        ({"highway": "residential", "access": "private"}, False, False),
        ({"highway": "residential", "access": "no", "motorcar": "yes"}, True, False),
        ({"highway": "residential", "access": "no", "foot": "yes"}, False, True),
        ({"highway": "residential", "vehicle": "no"}, False, True),
        ({"highway": "residential", "vehicle": "no", "motor_vehicle": "yes", "motorcar": "no"}, False, True),
        ({"highway": "residential", "motor_vehicle": "psv"}, False, True),
        ({"highway": "residential", "motor_vehicle": "agricultural; destination"}, True, True),
        ({"highway": "residential", "motor_vehicle": "unknown", "access": "no"}, False, False),
        ({"highway": "residential", "access": "unknown"}, True, True),
        ({"highway": "residential", "foot": "use_sidepath"}, True, False),
        # Ferries.
        ({"route": "ferry"}, True, True),
        ({"route": "ferry", "ferry": "no"}, False, False),
        ({"route": "ferry", "foot": "yes"}, False, True),
        ({"route": "ferry", "bicycle": "yes"}, False, True),
        ({"route": "ferry", "foot": "yes", "hgv": "yes"}, True, True),
        ({"route": "ferry", "foot": "no", "motor_vehicle": "yes"}, True, False),
        ({"route": "ferry", "access": "private"}, False, False),
        ({"route": "bus"}, False, False),
        ({"railway": "rail"}, False, False),
    ],
)
def test_who_may_pass(tags: dict[str, str], drive: bool, walk: bool) -> None:
    assert (open_to("drive", **tags), open_to("walk", **tags)) == (drive, walk)


BOTH, THERE, BACK, NEITHER = (True, True), (True, False), (False, True), (False, False)


@pytest.mark.parametrize(
    ("tags", "drive", "walk"),
    [
        ({}, BOTH, BOTH),
        ({"oneway": "yes"}, THERE, BOTH),
        ({"oneway": "1"}, THERE, BOTH),
        ({"oneway": "TRUE"}, THERE, BOTH),
        ({"oneway": "-1"}, BACK, BOTH),
        ({"oneway": "no"}, BOTH, BOTH),
        ({"oneway": "alternating"}, BOTH, BOTH),
        ({"oneway": "reversible"}, NEITHER, BOTH),
        ({"oneway": "perhaps"}, BOTH, BOTH),
        ({"junction": "roundabout"}, THERE, BOTH),
        ({"junction": "circular", "oneway": "-1"}, BACK, BOTH),
        ({"junction": "roundabout", "oneway": "perhaps"}, THERE, BOTH),
        ({"junction": "jughandle"}, BOTH, BOTH),
        ({"oneway": "yes", "oneway:motor_vehicle": "no"}, BOTH, BOTH),
        ({"oneway": "no", "oneway:motorcar": "yes"}, THERE, BOTH),
        ({"oneway": "yes", "oneway:motorcar": "maybe"}, THERE, BOTH),
        ({"oneway": "yes", "oneway:foot": "-1"}, THERE, BACK),
        ({"motor_vehicle:backward": "no"}, THERE, BOTH),
        ({"vehicle:forward": "no"}, BACK, BOTH),
        ({"access:forward": "no", "foot:forward": "yes"}, BACK, BOTH),
        ({"oneway": "yes", "vehicle:forward": "no"}, NEITHER, BOTH),
    ],
)
def test_which_way(tags: dict[str, str], drive: tuple[bool, bool], walk: tuple[bool, bool]) -> None:
    road = {"highway": "residential", **tags}
    assert passage(road, "drive")[1:3] == drive
    assert passage(road, "walk")[1:3] == walk


@given(
    st.dictionaries(
        st.sampled_from([*KEYS, "name", "surface", "oneway:bicycle"]),
        st.sampled_from(["yes", "no", "private", "ferry", "residential", "track", "-1", "30 mph", "00:30"]),
        max_size=8,
    )
)
def test_no_other_key_is_looked_at(tags: dict[str, str]) -> None:
    class Watched(dict[str, str]):
        asked: set[str]

        def get(self, key: str, default: Any = None) -> Any:
            self.asked.add(key)
            return super().get(key, default)

    watched = Watched(tags)
    watched.asked = set()
    for profile in RULES:
        said = {key: value for key, value in tags.items() if key in KEYS}
        assert repr(passage(said, profile)) == repr(passage(watched, profile))
    assert watched.asked <= KEYS


def test_motorways_are_one_way_and_their_slip_roads_say_so() -> None:
    assert passage({"highway": "motorway"}, "drive")[1:3] == THERE
    assert passage({"highway": "motorway", "oneway": "no"}, "drive")[1:3] == BOTH
    assert passage({"highway": "motorway_link"}, "drive")[1:3] == BOTH


NONE = math.nan


@pytest.mark.parametrize(
    ("tags", "there", "back", "unread"),
    [
        ({}, NONE, NONE, ()),
        ({"maxspeed": "50"}, 50, 50, ()),
        ({"maxspeed": "30 mph"}, 30 * MPH, 30 * MPH, ()),
        ({"maxspeed": "GB:motorway"}, 70 * MPH, 70 * MPH, ()),
        ({"maxspeed": "national"}, NONE, NONE, ()),
        ({"maxspeed": "none"}, NONE, NONE, ()),
        ({"maxspeed": "signals"}, NONE, NONE, ()),
        ({"maxspeed": "walk"}, 4.8, 4.8, ()),
        ({"maxspeed": "40 mph;30 mph"}, 30 * MPH, 30 * MPH, ()),
        ({"maxspeed": "fast"}, NONE, NONE, (("maxspeed", "fast"),)),
        ({"maxspeed:type": "GB:nsl_single"}, 60 * MPH, 60 * MPH, ()),
        ({"maxspeed": "national", "maxspeed:type": "GB:nsl_dual"}, 70 * MPH, 70 * MPH, ()),
        ({"maxspeed": "20 mph", "maxspeed:type": "GB:nsl_dual"}, 20 * MPH, 20 * MPH, ()),
        ({"maxspeed:type": "sign"}, NONE, NONE, ()),
        ({"maxspeed:type": "FR:urban"}, NONE, NONE, ()),
        ({"maxspeed": "50", "maxspeed:forward": "30"}, 30, 50, ()),
        ({"maxspeed:backward": "30"}, NONE, 30, ()),
        ({"maxspeed": "50", "maxspeed:backward": "x"}, 50, 50, (("maxspeed:backward", "x"),)),
    ],
)
def test_how_fast(tags: dict[str, str], there: float, back: float, unread: tuple[tuple[str, str], ...]) -> None:
    found = passage({"highway": "primary", **tags}, "drive")
    np.testing.assert_allclose([found.speed, found.speed_back], [there, back])
    assert found.unread == unread
    assert math.isnan(passage({"highway": "primary", **tags}, "walk").speed)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("01:30", 5_400),
        ("1:30", 5_400),
        ("00:05", 300),
        ("25", 1_500),
        ("00:01:30", 90),
        (" 26:00 ", 93_600),
        ("PT20M", 1_200),
        ("P1DT2H", 93_600),
        ("pt45s", 45),
        ("0", None),
        ("P", None),
        ("1.5 h", None),
        ("", None),
        ("10-15", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert parse_duration(text) == seconds


def test_a_ferry_without_a_duration_has_a_speed_by_its_length() -> None:
    assert [ferry_speed(m) for m in (0, 999, 1_000, 29_999, 30_000)] == [5, 5, 15, 15, 30]


@pytest.mark.parametrize(
    ("tags", "drive", "walk"),
    [
        ({}, False, False),
        ({"highway": "crossing", "access": "no"}, False, False),
        ({"barrier": "gate"}, False, False),
        ({"barrier": "lift_gate", "motor_vehicle": "private"}, True, False),
        ({"barrier": "gate", "access": "private"}, True, True),
        ({"barrier": "gate", "access": "private", "foot": "yes"}, True, False),
        ({"barrier": "bollard"}, True, False),
        ({"barrier": "bollard", "bollard": "rising"}, False, False),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, False, False),
        ({"barrier": "stile"}, True, False),
        ({"barrier": "wall"}, False, True),
        ({"barrier": "fence"}, True, True),
        ({"barrier": "kerb"}, False, False),
    ],
)
def test_what_stops_whom(tags: dict[str, str], drive: bool, walk: bool) -> None:
    assert (bars(tags, "drive"), bars(tags, "walk")) == (drive, walk)


# --- the town ---------------------------------------------------------------------------------------------------------


def streets(network: rg.RoadNetwork) -> dict[tuple[str, int, int], tuple[bool, float, str]]:
    """What each edge is, by its way and nodes: whether it is one-way, whole metres, class."""
    e = network.edges
    assert e.edge_id is not None
    ends = zip(e.edge_id.tolist(), e.node_id[e.u].tolist(), e.node_id[e.v].tolist(), strict=True)
    return dict(
        zip(
            ends,
            zip(e.oneway.tolist(), e.length_m.round().tolist(), e.class_names().tolist(), strict=True),
            strict=True,
        )
    )


def test_the_town_by_car(tmp_path: Path) -> None:
    """The picture in tests/osm.py, without what cars may not use; the bollard parts the road to the south."""
    network = rg.RoadNetwork.from_osm(town.town(tmp_path / "town.osm.pbf"))
    assert streets(network) == {
        (101, 1, 2): (False, 300, "residential"),
        (102, 2, 3): (True, 300, "residential"),
        (103, 3, 4): (True, 300, "residential"),
        (104, 4, 1): (False, 300, "secondary"),
        (105, 2, 5): (False, 100, "tertiary"),
        (106, 5, 7): (True, 100, "tertiary"),
        (106, 7, 5): (True, 100, "tertiary"),
        (107, 7, 9): (False, 100, "tertiary"),
        (108, 9, 20): (False, 2_000, "ferry"),
        (109, 20, 21): (False, 100, "unclassified"),
        (111, 1, -1): (False, 100, "residential"),
        (111, 11, 15): (False, 100, "residential"),
        (113, 13, 14): (False, 200, "residential"),
    }
    x = dict(zip(network.edges.node_id.tolist(), network.edges.x.tolist(), strict=True))
    assert {n: round(x[n] - town.CORNER[0]) for n in (1, 2, 9, 20, 11, -1)} == {
        1: 0,
        2: 300,
        9: 560,
        20: 2_560,
        11: 0,
        -1: 0,
    }
    assert [(f.code, f.ids) for f in network.findings] == [
        ("edge.maxspeed", ("as signed",)),
        ("network.node_missing", ("114",)),
    ]
    source = network.describe()["network"]["source"]
    assert (source["ways"], source["barriers"]) == ({"open": 12, "closed": 1}, 1)
    assert "turn restrictions" in source["not_read"]
    assert "OpenStreetMap contributors" in source["licence"]


def test_the_town_on_foot(tmp_path: Path) -> None:
    """Walkers go either way, past the bollard and along the footpath; the bend at 12 and the bollard are no junctions."""
    network = rg.RoadNetwork.from_osm(town.town(tmp_path / "town.osm.pbf"), profile="walk")
    found = streets(network)
    assert found[112, 1, 3] == (False, 424, "footway")
    assert found[111, 1, 15] == (False, 200, "residential")
    assert not any(single for single, *_ in found.values())
    assert len(found) == 13
    assert (110, 3, 10) not in found
    kmh = network.edges.speed_kmh[network.edges.class_names() != "ferry"]
    assert set(kmh.tolist()) == {4.8}


def test_geometry_follows_the_way_it_is_travelled(tmp_path: Path) -> None:
    e = rg.RoadNetwork.from_osm(town.town(tmp_path / "town.osm.pbf")).edges
    assert e.coords is not None
    assert e.offsets is not None
    for i in range(len(e)):
        line = e.coords[e.offsets[i] : e.offsets[i + 1]]
        assert line[0].tolist() == [e.x[e.u[i]], e.y[e.u[i]]]
        assert line[-1].tolist() == [e.x[e.v[i]], e.y[e.v[i]]]
    bend = e.coords[e.offsets[0] : e.offsets[1]] - town.CORNER
    np.testing.assert_allclose(bend, [(0, 0), (150, 0), (300, 0)], atol=0.02)
    # The way 5-6-7-8-5 is cut at 7, and keeps its northern corner.
    north = next(i for i in range(len(e)) if (e.node_id[e.u[i]], e.node_id[e.v[i]]) == (5, 7))
    np.testing.assert_allclose(
        e.coords[e.offsets[north] : e.offsets[north + 1]] - town.CORNER, [(400, 0), (430, 40), (460, 0)], atol=0.02
    )


def at(*nodes: int) -> dict[str, tuple[float, float]]:
    return {str(n): (town.CORNER[0] + town.PLACES[n][0], town.CORNER[1] + town.PLACES[n][1]) for n in nodes}


def journey(network: rg.RoadNetwork, start: int, stop: int) -> float:
    """What it costs from node to node; infinite where there is no way."""
    pairs = rg.costs(roads.homes(**at(start)), roads.sites(**at(stop)), network).pairs
    return float(pairs["cost"].iloc[0]) if len(pairs) else math.inf


def test_journeys_by_car(tmp_path: Path) -> None:
    """From 3 to 2 round the block: 300 + 300 + 300 m. From 9 to 2 round the southern half, from 2 to 9 round the northern."""
    path = town.town(tmp_path / "town.osm.pbf")
    metres = rg.read_network(path)
    assert journey(metres, 2, 3) == pytest.approx(300, abs=0.1)
    assert journey(metres, 3, 2) == pytest.approx(900, abs=0.1)
    assert journey(metres, 1, 9) == pytest.approx(600, abs=0.1)
    assert journey(metres, 9, 21) == pytest.approx(2_100, abs=0.1)
    assert journey(metres, 1, 15) == journey(metres, 1, 13) == math.inf
    timed = metres.using(impedance="time")
    # 300 m at 30 mph; 300 m at 40 mph one way and at 20 mph the other; one-way streets at 60 mph and at 25 mph (its class).
    ms = MPH / 3.6
    assert journey(timed, 1, 2) == pytest.approx(300 / (30 * ms), rel=1e-3)
    assert journey(timed, 4, 1) == pytest.approx(300 / (40 * ms), rel=1e-3)
    assert journey(timed, 1, 4) == pytest.approx(300 / (20 * ms), rel=1e-3)
    assert journey(timed, 2, 3) == pytest.approx(300 / (60 * ms), rel=1e-3)
    assert journey(timed, 3, 4) == pytest.approx(300 / (25 * ms), rel=1e-3)
    # Places are stored to a centimetre, so that a pier may lie a hair along its road.
    assert journey(timed, 9, 20) == pytest.approx(1_200, abs=0.05)
    assert journey(timed, 20, 9) == pytest.approx(1_200, abs=0.05)


def test_journeys_on_foot(tmp_path: Path) -> None:
    timed = rg.read_network(town.town(tmp_path / "town.osm.pbf"), profile="walk", impedance="time")
    assert journey(timed, 3, 2) == pytest.approx(300 / (4.8 / 3.6), rel=1e-3)
    assert journey(timed, 1, 15) == pytest.approx(200 / (4.8 / 3.6), rel=1e-3)
    assert journey(timed, 9, 21) == pytest.approx(1_200 + 100 / (4.8 / 3.6), rel=1e-3)
    source = timed.describe()["network"]["source"]
    assert source["speed"].startswith("4.8 km/h")
    assert source["ferry_speed"].startswith("GraphHopper")
    assert source["sha256"]


def test_limits_by_direction_where_one_is_missing(tmp_path: Path) -> None:
    """Along the way 50 km/h as it says, against it the 40 mph of its class."""
    ways = {1: ([1, 2], {"highway": "secondary", "maxspeed:forward": "50"})}
    timed = rg.read_network(town.town(tmp_path / "a.osm.pbf", ways), impedance="time")
    assert journey(timed, 1, 2) == pytest.approx(300 / (50 / 3.6), rel=1e-3)
    assert journey(timed, 2, 1) == pytest.approx(300 / (40 * MPH / 3.6), rel=1e-3)
    # On a one-way street there is only one direction, and its limit is the street's.
    ways = {1: ([1, 2], {"highway": "secondary", "oneway": "-1", "maxspeed": "90", "maxspeed:backward": "50"})}
    edges = rg.read_network(town.town(tmp_path / "a.osm.pbf", ways)).edges
    assert (edges.speed_kmh.tolist(), edges.duration_back_s) == ([50.0], None)


def test_ferries(tmp_path: Path) -> None:
    """A ferry that stops half-way shares its 20 minutes out by length; one that says nothing of use takes 15 km/h."""
    ways = {
        1: ([9, 8, 20], {"route": "ferry", "duration": "00:21"}),
        2: ([8, 5], {"highway": "residential"}),
        3: ([20, 2], {"route": "ferry", "duration": "hourly"}),
        4: ([20, 1], {"route": "ferry"}),
        # Piers have a road, from which they are boarded.
        **{5 + i: (pier, {"highway": "residential"}) for i, pier in enumerate([[9, 7], [20, 21], [2, 3]])},
    }
    network = rg.read_network(town.town(tmp_path / "a.osm.pbf", ways), impedance="time")
    near, far = math.hypot(130, 40), math.hypot(2_130, 40)
    assert journey(network, 9, 8) == pytest.approx(1_260 * near / (near + far), rel=1e-3)
    assert journey(network, 8, 20) == pytest.approx(1_260 * far / (near + far), rel=1e-3)
    assert journey(network, 20, 2) == pytest.approx(2_260 / (15 / 3.6), rel=1e-3)
    assert [(f.code, f.ids) for f in network.findings] == [
        ("edge.duration", ("hourly",)),
        ("edge.ferry_duration", ("3", "4")),
    ]
    # On foot it is the same ferry.
    walk = rg.read_network(tmp_path / "a.osm.pbf", profile="walk", impedance="time")
    assert journey(walk, 20, 2) == pytest.approx(2_260 / (15 / 3.6), rel=1e-3)


def test_a_barrier_where_several_ways_meet(tmp_path: Path) -> None:
    """Ways 1-2, 2-3 and 2-5 meet at a bollard: three ends, one of which keeps the node."""
    ways = {1: ([1, 2], {"highway": "road"}), 2: ([2, 3], {"highway": "road"}), 3: ([5, 2], {"highway": "road"})}
    path = town.write(tmp_path / "a.osm.pbf", town.PLACES, ways, {2: {"barrier": "bollard"}})
    network = rg.read_network(path)
    assert network.info()["components"] == 3
    assert sorted(network.edges.node_id.tolist()) == [-2, -1, 1, 2, 3, 5]
    assert network.edges.source["barriers"] == 1
    # The ids are numbers of their own, so the network can be kept.
    network.save(tmp_path / "a.arrow")
    assert rg.read_network(tmp_path / "a.arrow").sha256 == network.sha256


def test_missing_nodes(tmp_path: Path) -> None:
    """1-2-(missing)-3-4-(missing)-(missing)-5: the stretches between what is there; 5 alone is no road."""
    ways = {1: ([1, 2, 901, 3, 4, 902, 903, 5], {"highway": "road"}), 2: ([904, 7], {"highway": "road"})}
    network = rg.read_network(town.town(tmp_path / "a.osm.pbf", ways))
    assert set(streets(network)) == {(1, 1, 2), (1, 3, 4)}
    assert [(f.code, f.ids) for f in network.findings] == [("network.node_missing", ("1", "2"))]
    for ways, said in (
        ({1: ([901, 902], {"highway": "road"})}, "none of the nodes of its ways are in it"),
        ({1: ([1, 902], {"highway": "road"})}, "no two nodes of any way are in it"),
        ({1: ([], {"highway": "road"})}, "none of the nodes of its ways are in it"),
    ):
        with pytest.raises(InputError, match=said):
            rg.read_network(town.town(tmp_path / "b.osm.pbf", ways))


def test_the_same_node_twice(tmp_path: Path) -> None:
    """A node that is repeated at once is one; a way that crosses itself is split there; a loop hangs on its node."""
    ways = {1: ([1, 1, 2, 2, 3, 3], {"highway": "road"}), 2: ([4, 13, 5, 13, 7], {"highway": "road"})}
    network = rg.read_network(town.town(tmp_path / "a.osm.pbf", ways))
    assert set(streets(network)) == {(1, 1, 3), (2, 4, 13), (2, 13, 13), (2, 13, 7)}


def test_ways_and_nodes_that_are_there_twice(tmp_path: Path) -> None:
    """As in a file of two extracts put together: the first of each is taken."""
    path = tmp_path / "a.osm.pbf"
    writer = osmium.SimpleWriter(str(path))
    node, way = osmium.osm.mutable.Node, osmium.osm.mutable.Way
    for n, place in ((2, (300, 0)), (1, (0, 0)), (2, (900, 0))):
        writer.add_node(node(id=n, location=town.degrees(*place)))
    for refs in ([1, 2], [2, 1], [1, 2]):
        writer.add_way(way(id=7, nodes=refs, tags={"highway": "road"}))
    writer.close()
    network = rg.read_network(path)
    assert streets(network) == {(7, 1, 2): (False, 300, "road")}
    assert [(f.code, f.ids) for f in network.findings] == [("network.way_twice", ("7",))]


def test_settings(tmp_path: Path) -> None:
    path = town.town(tmp_path / "a.osm.pbf")
    network = rg.RoadNetwork.from_osm(str(path), components="largest", max_snap_m=50.0)
    assert network.dropped == {"nodes": 4, "edges": 2}
    with pytest.raises(InputError, match="profile: 'fly' is not known; use one of drive, walk"):
        rg.RoadNetwork.from_osm(path, profile="fly")  # type: ignore[arg-type]


# --- files that are not as they should be -----------------------------------------------------------------------------


def test_damaged_files(tmp_path: Path) -> None:
    whole = town.town(tmp_path / "town.osm.pbf").read_bytes()
    cut = tmp_path / "cut.osm.pbf"
    for size in range(45, len(whole) - 1, 97):
        cut.write_bytes(whole[:size])
        # Cut between two blocks, it is a smaller file that cannot be told from a whole one.
        with pytest.raises(InputError, match=r"cut\.osm\.pbf: (cannot be read \(PBF error|has no way that)"):
            rg.read_network(cut)
    rng = random.Random(5)  # noqa: S311 - no secret
    for _ in range(200):
        spoilt = bytearray(whole)
        for _ in range(3):
            spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
        cut.write_bytes(spoilt)
        try:
            rg.RoadNetwork.from_osm(cut)
        except (InputError, GeometryError) as error:
            assert "cut.osm.pbf" in str(error)


def test_files_that_are_no_extract(tmp_path: Path) -> None:
    other = tmp_path / "a.osm.pbf"
    for content in (b"", b"<osm version='0.6'/>", b"PK\x03\x04" + bytes(60)):
        other.write_bytes(content)
        with pytest.raises(InputError, match=r"a\.osm\.pbf: is not an extract of OpenStreetMap in PBF"):
            rg.RoadNetwork.from_osm(other)
    with pytest.raises(InputError, match="cannot be opened"):
        rg.RoadNetwork.from_osm(tmp_path / "nowhere.osm.pbf")
    with pytest.raises(InputError, match="cannot be opened"):
        rg.RoadNetwork.from_osm("https://example.org/a.osm.pbf")
    with pytest.raises(InputError, match="has no way that profile 'drive' may use"):
        rg.RoadNetwork.from_osm(town.write(other, town.PLACES, {1: ([1, 2], {"highway": "footway"})}))
    with pytest.raises(InputError, match="is a history, with several versions of each way"):
        rg.RoadNetwork.from_osm(town.town(tmp_path / "town.osh.pbf"))


@pytest.mark.parametrize("node", [-5, 0, _MOST_ID, 2**62])
def test_ids_that_no_node_of_openstreetmap_has(tmp_path: Path, node: int) -> None:
    path = town.write(tmp_path / "a.osm.pbf", town.PLACES, {12: ([1, node], {"highway": "road"})})
    with pytest.raises(InputError, match=r"way 12 names a node with an id below 1 or above .*osmium renumber"):
        rg.read_network(path)


def test_more_nodes_than_can_be_numbered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rcp_geo.travel.roads.osmreading._MOST_REFS", 10)
    with pytest.raises(InputError, match="its ways name over 10 nodes; give an extract of a country"):
        rg.read_network(town.town(tmp_path / "a.osm.pbf"))


def placed(path: Path, **degrees: tuple[float, float]) -> Path:
    """Write one road through the places given, in degrees."""
    path.unlink(missing_ok=True)
    writer = osmium.SimpleWriter(str(path))
    for n, place in enumerate(degrees.values(), start=1):
        writer.add_node(osmium.osm.mutable.Node(id=n, location=place))
    writer.add_way(osmium.osm.mutable.Way(id=1, nodes=range(1, len(degrees) + 1), tags={"highway": "road"}))
    writer.close()
    return path


def test_places_where_the_grid_does_not_reach(tmp_path: Path) -> None:
    path = placed(tmp_path / "a.osm.pbf", a=(88.0, 0.0), b=(88.0, 0.1), c=(-1.0, 52.0))
    with pytest.raises(GeometryError, match=r"2 nodes have no place on the National Grid \(1, 2\)"):
        rg.read_network(path)


def test_places_that_are_not_on_earth_are_missing(tmp_path: Path) -> None:
    network = rg.read_network(placed(tmp_path / "a.osm.pbf", a=(-1.0, 52.0), b=(-1.0, 52.1), c=(200.0, 0.0)))
    assert set(streets(network)) == {(1, 1, 2)}
    assert [f.code for f in network.findings] == ["network.node_missing"]


def test_without_osmium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = town.town(tmp_path / "a.osm.pbf")
    monkeypatch.setitem(__import__("sys").modules, "osmium", None)
    with pytest.raises(MissingExtraError, match=r"osmium is not installed .* pip install 'rcp-geo\[osm\]'"):
        rg.read_network(path)


def test_running_out_of_memory_is_said_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = town.town(tmp_path / "a.osm.pbf")

    def full(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(osmium, "FileProcessor", full)
    with pytest.raises(MemoryError):
        rg.read_network(path)


def test_nodes_by_the_million_go_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rg.read_network(town.town(tmp_path / "a.osm.pbf")).sha256
    monkeypatch.setattr("rcp_geo.travel.roads.osmreading._AT_ONCE", 3)
    assert rg.read_network(tmp_path / "a.osm.pbf").sha256 == whole


# --- against networkx, segment by segment -----------------------------------------------------------------------------


def segments(
    places: Mapping[int, tuple[float, float]],
    ways: Mapping[int, tuple[Sequence[int], Mapping[str, str]]],
    barred: set[int],
) -> nx.MultiDiGraph:
    """Every step of every way as an edge of its own, by the plainest rules; a barrier is a node of its own on each side."""
    graph = nx.MultiDiGraph()
    for refs, tags in ways.values():
        if "highway" not in tags:
            continue
        for k, (a, b) in enumerate(itertools.pairwise(refs)):
            if a not in places or b not in places or a == b:
                continue
            p = (a, "after", id(refs), k) if a in barred else a
            q = (b, "before", id(refs), k) if b in barred else b
            metres = math.dist(places[a], places[b])
            if tags.get("oneway") != "-1":
                graph.add_edge(p, q, cost=metres)
            if tags.get("oneway") not in {"yes", "1"}:
                graph.add_edge(q, p, cost=metres)
    return graph


def from_ours(network: rg.RoadNetwork) -> nx.MultiDiGraph:
    e = network.edges
    graph = nx.MultiDiGraph()
    for i, (u, v) in enumerate(zip(e.node_id[e.u].tolist(), e.node_id[e.v].tolist(), strict=True)):
        graph.add_edge(u, v, cost=e.length_m[i])
        if not e.oneway[i]:
            graph.add_edge(v, u, cost=e.length_m[i])
    return graph


def same_distances(ours: nx.MultiDiGraph, theirs: nx.MultiDiGraph, barred: set[int]) -> int:
    """Check the distance of every pair of nodes that ours has kept; return how many can be travelled."""
    kept = [n for n in ours if n > 0 and n not in barred]
    assert set(kept) <= set(theirs)
    count = 0
    for a in kept:
        mine = nx.single_source_dijkstra_path_length(ours, a, weight="cost")
        other = nx.single_source_dijkstra_path_length(theirs, a, weight="cost")
        assert {b for b in mine if b in kept} == {b for b in other if b in kept}
        for b in kept:
            if b in mine:
                assert mine[b] == pytest.approx(other[b], abs=0.2)
                count += 1
    return count


SPOTS = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda p: (p[0] * 100.0, p[1] * 100.0))
TAGS = st.fixed_dictionaries(
    {"highway": st.just("road")}, optional={"oneway": st.sampled_from(["yes", "-1", "no", "1"])}
)
# Nodes 9 and 10 are not in the file.
WAYS = st.lists(st.tuples(st.lists(st.integers(1, 10), min_size=1, max_size=7), TAGS), min_size=1, max_size=6)


@settings(deadline=None, max_examples=150)
@given(
    spots=st.lists(SPOTS, min_size=8, max_size=8, unique=True),
    drawn=WAYS,
    barred=st.sets(st.integers(1, 8), max_size=2),
)
def test_random_ways(
    tmp_path_factory: pytest.TempPathFactory,
    spots: list[tuple[float, float]],
    drawn: list[tuple[list[int], dict[str, str]]],
    barred: set[int],
) -> None:
    places = dict(enumerate(spots, start=1))
    ways = dict(enumerate(drawn, start=1))
    path = tmp_path_factory.getbasetemp() / "random.osm.pbf"
    town.write(path, places, ways, {n: {"barrier": "bollard"} for n in barred})
    theirs = segments(places, ways, barred)
    if not theirs:
        with pytest.raises(InputError, match="nodes of"):
            rg.read_network(path)
        return
    network = rg.read_network(path)
    same_distances(from_ours(network), theirs, barred)
    metres = sum(
        math.dist(places[a], places[b])
        for refs, _ in drawn
        for a, b in itertools.pairwise(refs)
        if a in places and b in places
    )
    assert network.edges.length_m.sum() == pytest.approx(metres, abs=0.5)
    # No node is left in the middle of an edge that another edge or a barrier needs.
    ends = np.bincount(np.r_[network.edges.u, network.edges.v])
    assert (ends > 0).all()


# --- a real extract ---------------------------------------------------------------------------------------------------

WALKED = {
    *("trunk", "trunk_link", "tertiary", "unclassified", "residential", "service"),
    *("footway", "path", "steps", "pedestrian", "corridor", "track", "cycleway"),
}
DRIVEN = {"trunk", "trunk_link", "tertiary", "unclassified", "residential", "service"}


@pytest.fixture(scope="module")
def leeds(shared_data: Path) -> tuple[Path, dict[int, tuple[float, float]], dict[int, Any], dict[int, dict[str, str]]]:
    """An extract of Leeds as a plain osmium handler sees it: places, ways, and nodes with tags."""
    path = shared_data / "networks" / "leeds_its_example.osm.pbf"

    class All(osmium.SimpleHandler):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.places: dict[int, tuple[float, float]] = {}
            self.tagged: dict[int, dict[str, str]] = {}
            self.ways: dict[int, Any] = {}

        def node(self, n: Any) -> None:
            self.places[n.id] = (n.location.lon, n.location.lat)
            if n.tags:
                self.tagged[n.id] = dict(n.tags)

        def way(self, w: Any) -> None:
            self.ways[w.id] = ([r.ref for r in w.nodes], dict(w.tags))

    seen = All()
    seen.apply_file(str(path))
    x, y = wgs84_to_bng(*np.array(list(seen.places.values())).T)
    places = dict(zip(seen.places, zip(x.tolist(), y.tolist(), strict=True), strict=True))
    return path, places, seen.ways, seen.tagged


def test_leeds_on_foot(leeds: Any) -> None:
    """Every way on foot is open to walkers there; none is one-way for them, and nothing bars them."""
    path, places, ways, _ = leeds
    mine = {
        i: (refs, {"highway": t["highway"]})
        for i, (refs, t) in ways.items()
        if t.get("highway") in WALKED and t.get("area") != "yes" and t.get("foot") not in {"no", "private"}
        if t.get("foot") or t.get("access") not in {"no", "private"}
    }
    network = rg.read_network(path, profile="walk")
    theirs = segments(places, mine, set())
    assert same_distances(from_ours(network), theirs, set()) > 10_000
    assert network.info()["components"] == nx.number_weakly_connected_components(theirs)
    assert network.edges.length_m.sum() == pytest.approx(sum(c for *_, c in theirs.edges(data="cost")) / 2)


def test_leeds_by_car(leeds: Any) -> None:
    path, places, ways, tagged = leeds
    mine = {}
    for i, (refs, t) in ways.items():
        motor = t.get("motor_vehicle", t.get("vehicle", t.get("access")))
        by_class = t.get("highway") in DRIVEN and motor not in {"no", "private"}
        by_sign = t.get("highway") in {"pedestrian", "track"} and t.get("motor_vehicle") in {
            "yes",
            "designated",
            "permissive",
        }
        if (by_class or by_sign) and t.get("area") != "yes" and "motorcar" not in t:
            mine[i] = (refs, t)
    barred = {
        n
        for n, t in tagged.items()
        if t.get("barrier") in {"bollard", "cycle_barrier", "block"}
        or (t.get("barrier") and t.get("access") == "private")
    }
    network = rg.read_network(path)
    theirs = segments(places, mine, barred)
    assert same_distances(from_ours(network), theirs, barred) > 4_000
    on_ways = {n for refs, _ in mine.values() for n in refs} & barred
    assert network.edges.source["barriers"] == len(on_ways)


def test_leeds_as_gdal_reads_it(leeds: Any) -> None:
    """GDAL's own reader of OpenStreetMap draws the same lines."""
    path, *_ = leeds
    lines = pyogrio.read_dataframe(path, layer="lines")
    drawn = lines[lines["highway"].isin(WALKED)].to_crs("EPSG:27700")
    network = rg.read_network(path, profile="walk")
    by_way = Counter[str]()
    for way, metres in zip(network.edges.edge_id.tolist(), network.edges.length_m.tolist(), strict=True):
        by_way[str(way)] += metres
    common = drawn[drawn["osm_id"].isin(by_way)]
    assert len(common) == len(by_way)
    ours = [by_way[i] for i in common["osm_id"]]
    # PROJ may take another way to the grid than the pinned one: a few parts in 100,000.
    np.testing.assert_allclose(ours, common.length, rtol=1e-4, atol=0.01)


def test_leeds_edges_lie_where_the_file_has_them(leeds: Any) -> None:
    path, places, _, _ = leeds
    e = rg.read_network(path, profile="walk").edges
    longitude, latitude = bng_to_wgs84(e.x, e.y)
    back = wgs84_to_bng(longitude, latitude)
    for i, node in enumerate(e.node_id.tolist()):
        assert math.dist(places[node], (back[0][i], back[1][i])) < 0.01
