"""Shortest paths: the same as networkx finds, over random networks, worked streets and a real town."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examined
from hypothesis import strategies as st
from shapely import LineString

import rcp_geo as rg
from rcp_geo.travel import RoadEdges
from rcp_geo.travel.roads import searching
from rcp_geo.travel.roads.graph import exact
from tests import roads
from tests.roads import homes, sites, square

# Places, lengths and costs on few values, so that ties, points at nodes, loops and zero lengths are common.
_AXIS = st.integers(0, 8).map(lambda i: i * 50.0)


@st.composite
def networks(draw: st.DrawFn) -> rg.RoadNetwork:
    n = draw(st.integers(1, 9))
    x, y = (np.array(draw(st.lists(_AXIS, min_size=n, max_size=n))) for _ in range(2))
    m = draw(st.integers(1, 18))
    ends = st.integers(0, n - 1)
    u, v = (draw(st.lists(ends, min_size=m, max_size=m)) for _ in range(2))
    middles: list[list[tuple[float, float]]] = [
        draw(st.lists(st.tuples(_AXIS, _AXIS), max_size=1)) if a != b else [] for a, b in zip(u, v, strict=True)
    ]
    # Streets drawn once more, the same way or against it, each with a length, a speed and a direction of its own.
    for k, turned in draw(st.lists(st.tuples(st.integers(0, m - 1), st.booleans()), max_size=5)):
        u.append(v[k] if turned else u[k])
        v.append(u[k] if turned else v[k])
        middles.append(middles[k])
    m = len(u)
    drawn = [[(x[a], y[a]), *bend, (x[b], y[b])] for a, bend, b in zip(u, middles, v, strict=True)]
    bent = draw(st.booleans())
    edges = RoadEdges(
        x=x,
        y=y,
        u=np.array(u),
        v=np.array(v),
        coords=np.concatenate(drawn) if bent else None,
        offsets=np.r_[0, np.cumsum([len(line) for line in drawn])] if bent else None,
        length_m=np.array(draw(st.lists(st.sampled_from([0.0, 10.0, 20.0, 30.0, 37.5]), min_size=m, max_size=m))),
        oneway=np.array(draw(st.lists(st.booleans(), min_size=m, max_size=m))),
        speed_kmh=np.array(draw(st.lists(st.sampled_from([36.0, 18.0]), min_size=m, max_size=m))),
    )
    return rg.RoadNetwork.from_edges(
        edges,
        impedance=draw(st.sampled_from(["length", "time"])),
        access=draw(st.sampled_from(["count", "ignore"])),
        max_snap_m=draw(st.sampled_from([40.0, 120.0])),
        access_speed_kmh=3.6,
    )


@st.composite
def places(draw: st.DrawFn, column: str) -> gpd.GeoDataFrame:
    spots = draw(st.lists(st.tuples(_AXIS, _AXIS), min_size=1, max_size=7))
    ids = draw(st.permutations(range(len(spots))))
    x, y = zip(*spots, strict=True)
    return gpd.GeoDataFrame({column: ids}, geometry=gpd.points_from_xy(x, y), crs=roads.BNG)


@examined(max_examples=300, deadline=None)
@given(networks(), places("demand_id"), places("site_id"))
def test_journeys_are_those_of_networkx(
    network: rg.RoadNetwork, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame
) -> None:
    roads.compared(network, origins, destinations)


@examined(max_examples=100, deadline=None)
@given(networks(), places("demand_id"), places("site_id"), st.sampled_from([1, 3]))
def test_journeys_do_not_depend_on_how_many_are_searched_at_once(
    network: rg.RoadNetwork, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, rows: int
) -> None:
    whole = rg.costs(origins, destinations, network).pairs
    several = rg.nearest(origins, destinations, network, k=2)
    before = searching._AT_ONCE
    searching._AT_ONCE = rows * (len(network.edges.x) + 7)
    try:
        assert rg.costs(origins, destinations, network).pairs.equals(whole)
        searching._AT_ONCE = rows * len(origins)
        assert rg.nearest(origins, destinations, network, k=2).equals(several)
    finally:
        searching._AT_ONCE = before


def test_a_oneway_street_is_left_and_entered_along_its_way() -> None:
    # From the middle of the southern street, which runs east only, to its western end: round the block.
    origin, west, east = homes(h=(500.0, 0.0)), sites(w=(0.0, 0.0)), sites(e=(1000.0, 0.0))
    assert rg.nearest(origin, east, square())["distance_m"].tolist() == [500.0]
    assert rg.nearest(origin, west, square())["distance_m"].tolist() == [500.0 + 3000.0]
    # And to its middle from the eastern end: round the block as well.
    back = rg.nearest(homes(h=(1000.0, 0.0)), sites(s=(500.0, 0.0)), square())
    assert back["distance_m"].tolist() == [3000.0 + 500.0]


def test_points_on_one_street() -> None:
    home = homes(h=(400.0, 0.0))
    ahead, behind = sites(s=(700.0, 0.0)), sites(s=(300.0, 0.0))
    assert rg.nearest(home, ahead, square())["distance_m"].tolist() == [300.0]
    assert rg.nearest(home, behind, square())["distance_m"].tolist() == [3900.0]
    both_ways = homes(h=(1000.0, 400.0))
    assert rg.nearest(both_ways, sites(s=(1000.0, 300.0)), square())["distance_m"].tolist() == [100.0]


@pytest.mark.parametrize(
    ("differs", "there", "back"),
    [
        ({"length": (1000.0, 1000.4)}, 400.0, 400.16),
        ({"travel_time": (60.0, 90.0)}, 24.0, 36.0),
        ({"maxspeed": ("36 km/h", "18 km/h")}, 40.0, 80.0),
        ({"highway": ("primary", "secondary")}, 400.0, 400.0),
        ({"geometry": (LineString([(0, 0), (400, 0), (1000, 0)]), None)}, 400.0, 400.0),
        ({"geometry": (LineString([(0, 0), (500, 0), (1000, 0)]), LineString([(1000, 0), (0, 0)]))}, 400.0, 400.0),
    ],
)
@pytest.mark.parametrize("apart", [0.0, 5.0])
def test_a_street_whose_two_directions_differ_is_one_street(
    differs: dict[str, tuple[Any, Any]], there: float, back: float, apart: float
) -> None:
    """A kilometre as two edges of a directed graph, between points at 300 m and 700 m."""
    graph = nx.MultiDiGraph(crs=roads.BNG)
    graph.add_node("a", x=0.0, y=0.0)
    graph.add_node("b", x=1000.0, y=0.0)
    for ends, way in (("ab", 0), ("ba", 1)):
        said = {name: values[way] for name, values in differs.items() if values[way] is not None}
        graph.add_edge(*ends, **{"length": 1000.0, **said})
    impedance = "time" if {"travel_time", "maxspeed"} & set(differs) else "length"
    network = rg.RoadNetwork.from_networkx(graph, impedance=impedance, access="ignore")
    assert len(network.edges) == 2
    west, east = (300.0, apart), (700.0, -apart)
    for start, end, cost in ((west, east, there), (east, west, back)):
        assert rg.nearest(homes(h=start), sites(s=end), network).iloc[0, 3] == pytest.approx(cost, abs=1e-6)
        assert rg.costs(homes(h=start), sites(s=end), network).pairs["cost"].item() == pytest.approx(cost, abs=1e-6)
    # Both are left by either end: 300 m from the western.
    ends = rg.nearest(homes(h=west), sites(s=(0.0, 0.0)), network).iloc[0, 3]
    assert ends == pytest.approx(back * 300 / 400, abs=1e-6)


def test_two_rows_one_way_each_are_one_street() -> None:
    edges = RoadEdges(
        x=np.array([0.0, 1000.0]),
        y=np.zeros(2),
        u=np.array([0, 1]),
        v=np.array([1, 0]),
        length_m=np.array([1000.0, 1200.0]),
        oneway=np.array([True, True]),
    )
    network = rg.RoadNetwork.from_edges(edges)
    at = {"w": (300.0, 0.0), "e": (700.0, 0.0)}
    found = rg.costs(homes(**at), sites(**at), network).pairs.set_index(["origin_id", "destination_id"])["cost"]
    assert found.to_dict() == pytest.approx({("w", "w"): 0.0, ("w", "e"): 400.0, ("e", "e"): 0.0, ("e", "w"): 480.0})
    # 100 m towards the service along the way there, 100 m on the map along the way back, which is longer.
    reached = network.reached_roads(sites(s=(500.0, 0.0)), cutoffs=[120.0])
    assert reached.geometry.item().bounds == pytest.approx((380.0, 0.0, 600.0, 0.0))


def test_a_loop_drawn_both_ways_is_one_street() -> None:
    loop = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    edges = RoadEdges(
        x=np.zeros(1),
        y=np.zeros(1),
        u=np.array([0, 0]),
        v=np.array([0, 0]),
        length_m=np.array([400.0, 800.0]),
        oneway=np.array([True, True]),
        coords=np.array([*loop, *loop[::-1]], dtype=float),
        offsets=np.array([0, 5, 10]),
    )
    network = rg.RoadNetwork.from_edges(edges)
    # From the corner at 100 m to that at 200 m, and back: by the longer edge 200 m, or 300 m round by the shorter.
    at = {"p": (100.0, 0.0), "q": (100.0, 100.0)}
    found = rg.costs(homes(**at), sites(**at), network).pairs.set_index(["origin_id", "destination_id"])["cost"]
    assert (found["p", "q"], found["q", "p"]) == (100.0, 200.0)


def test_a_ferry_beside_a_road_is_not_boarded_half_way() -> None:
    edges = RoadEdges(
        x=np.array([0.0, 1000.0]),
        y=np.zeros(2),
        u=np.array([0, 1]),
        v=np.array([1, 0]),
        length_m=np.array([1000.0, 1000.0]),
        oneway=np.array([True, True]),
        road_class=np.array([0, 1]),
        classes=("primary", "ferry"),
    )
    network = rg.RoadNetwork.from_edges(edges)
    found = rg.nearest(homes(h=(700.0, 0.0)), sites(s=(300.0, 0.0)), network)
    assert found["distance_m"].tolist() == [300.0 + 1000.0 + 300.0]


def test_a_loop_and_a_parallel_street() -> None:
    # Between the nodes a street of 300 m and one of 200 m; at the second node a close of 400 m that comes back to it.
    straight, close = [(0, 0), (100, 0)], [(100, 0), (150, 50), (200, 0), (150, -50), (100, 0)]
    edges = RoadEdges(
        x=np.array([0.0, 100.0]),
        y=np.array([0.0, 0.0]),
        u=np.array([0, 0, 1]),
        v=np.array([1, 1, 1]),
        length_m=np.array([300.0, 200.0, 400.0]),
        coords=np.array([*straight, (0, 0), (50, 40), (100, 0), *close], dtype=float),
        offsets=np.array([0, 2, 5, 10]),
    )
    network = rg.RoadNetwork.from_edges(edges)
    far_side = sites(s=(200.0, 0.0))
    assert rg.nearest(homes(h=(0.0, 0.0)), far_side, network)["distance_m"].tolist() == [400.0]
    # From one flank of the close to the other, by its far side and not by the node.
    assert rg.nearest(homes(h=(150.0, 50.0)), sites(s=(150.0, -50.0)), network)["distance_m"].tolist() == [200.0]


def test_a_street_without_extent_is_passed_at_no_cost() -> None:
    edges = RoadEdges(
        x=np.array([0.0, 100.0, 200.0]),
        y=np.zeros(3),
        u=np.array([0, 1]),
        v=np.array([1, 2]),
        length_m=np.array([0.0, 50.0]),
    )
    network = rg.RoadNetwork.from_edges(edges)
    found = rg.nearest(homes(h=(0.0, 0.0)), sites(s=(200.0, 0.0)), network)
    assert found["distance_m"].tolist() == [50.0]
    assert [f.code for f in network.findings] == ["edge.length_zero"]
    assert rg.nearest(homes(h=(50.0, 0.0)), sites(s=(60.0, 0.0)), network)["distance_m"].tolist() == [0.0]


def test_what_cannot_be_reached_says_why() -> None:
    # A second road that nothing joins to the first, and a one-way road into the first.
    network = rg.RoadNetwork.from_lines(
        roads.lines(
            [(0, 0), (1000, 0)],
            [(0, 5000), (1000, 5000)],
            [(0, 0), (0, 1000)],
            oneway=[None, None, "-1"],
        )
    )
    at = homes(on=(100.0, 0.0), cut=(100.0, 5000.0), lost=(100.0, 20_000.0), one_way=(0.0, 900.0))
    to = sites(s=(900.0, 0.0), up=(0.0, 1000.0))
    found = rg.nearest(at, to, network)
    assert found["status"].tolist() == ["reached", "disconnected", "unsnapped", "reached"]
    limited = rg.nearest(at, to, network, cutoff=10.0)
    assert limited["status"].tolist() == ["beyond_cutoff", "disconnected", "unsnapped", "beyond_cutoff"]
    table = rg.costs(at, to, network)
    assert table.origins["status"].tolist() == ["ok", "disconnected", "unsnapped", "ok"]
    assert table.origins["snap_m"].isna().tolist() == [False, False, True, False]
    # No one can travel up a road that comes down.
    assert rg.costs(at.iloc[[0]], to, network).destinations["status"].tolist() == ["ok", "disconnected"]
    # Within a cutoff only what lies apart whatever the direction is certain.
    near = rg.costs(at, to, network, cutoff=10.0)
    assert near.origins["status"].tolist() == ["ok", "disconnected", "unsnapped", "ok"]
    assert near.destinations["status"].tolist() == ["ok", "ok"]
    off = rg.costs(at, sites(s=(500.0, 30_000.0)), network)
    assert off.destinations["status"].tolist() == ["unsnapped"]
    assert off.origins["status"].tolist() == ["disconnected", "disconnected", "unsnapped", "disconnected"]


@pytest.mark.parametrize("parts", [1, 5])
@pytest.mark.parametrize("tenths", [*range(1, 1000, 37), 16093.44, 32186.88, 48280.32, 80467.2])
def test_a_cutoff_includes_what_costs_just_that(tenths: float, parts: int) -> None:
    # A road of the length of the cutoff, in one piece or in five; and one a hundredth of a millimetre longer.
    metres = tenths / 10
    for more, status in ((0.0, "reached"), (1e-5, "beyond_cutoff")):
        x = np.linspace(0.0, metres + more, parts + 1)
        length = np.full(parts, (metres + more) / parts)
        edges = RoadEdges(x=x, y=np.zeros(parts + 1), u=np.arange(parts), v=np.arange(1, parts + 1), length_m=length)
        network = rg.RoadNetwork.from_edges(edges)
        at, to = homes(h=(0.0, 0.0)), sites(s=(metres + more, 0.0), t=(metres * 3, 0.0))
        for k in (1, 2):
            found = rg.nearest(at, to, network, k=k, cutoff=metres)
            assert found["status"].iloc[0] == status
        assert len(rg.costs(at, to, network, cutoff=metres).pairs) == (status == "reached")
        nodes = network.nearest_of_nodes(to.iloc[[0]], cutoff=metres)
        assert nodes["distance_m"].notna().iloc[0] == (status == "reached")
        people = pd.DataFrame({"demand_id": ["h"], "weight": [1.0]})
        within = rg.coverage(
            rg.nearest(at, to, network), people, pd.Series("here", index=["h"]), cutoffs=[metres]
        ).set_index("metric_id")["value"]
        assert within["rcp.access.share_within@1"] == float(status == "reached")


def test_no_place_at_all_to_go() -> None:
    table = square().costs(homes(h=(0.0, 0.0)), sites())
    assert table.origins["status"].tolist() == ["ok"]
    assert rg.nearest(homes(h=(0.0, 0.0)), sites(), square(), k=2)["status"].tolist() == ["no_facility", "no_facility"]
    assert square().nearest_of_nodes(sites())["distance_m"].isna().all()


def test_ties_over_a_large_field_reach_every_node() -> None:
    # A grid of equal streets: every node half-way between two services is tied, and all those that pass through such nodes.
    side = 40
    number = np.arange(side * side).reshape(side, side)
    x, y = np.meshgrid(np.arange(side) * 100.0, np.arange(side) * 100.0)
    edges = RoadEdges(
        x=x.ravel(),
        y=y.ravel(),
        u=np.r_[number[:, :-1].ravel(), number[:-1].ravel()],
        v=np.r_[number[:, 1:].ravel(), number[1:].ravel()],
        length_m=np.full(2 * side * (side - 1), 100.0),
    )
    network = rg.RoadNetwork.from_edges(edges)
    to = sites(z=(1500.0, 2500.0), b=(2500.0, 1500.0), m=(3500.0, 3500.0))
    found = network.nearest_of_nodes(to)
    away = np.abs(x.ravel()[:, None] - to.geometry.x.to_numpy()) + np.abs(y.ravel()[:, None] - to.geometry.y.to_numpy())
    least = away.min(axis=1)
    assert found["distance_m"].tolist() == least.tolist()
    assert found["tied"].tolist() == ((away == least[:, None]).sum(axis=1) > 1).tolist()
    ids = to["site_id"].to_numpy()
    expected = [min(ids[row]) for row in away == least[:, None]]
    assert found["destination_id"].tolist() == expected
    assert found["tied"].sum() > 200


def test_costs_add_up_exactly_from_either_end() -> None:
    random = np.random.default_rng(1)
    parts = exact(random.uniform(0, 500, 5_000))
    assert np.abs(parts - np.round(parts / 2.0**-24) * 2.0**-24).max() == 0
    there, back = np.cumsum(parts)[-1], np.cumsum(parts[::-1])[-1]
    assert there == back
    assert np.cumsum(random.uniform(0, 500, 5_000))[-1] != 0


def test_few_searches_whichever_side_is_fewer() -> None:
    # Many destinations and one origin are searched from the origin; the answers agree to the last bit with the other way.
    network = square()
    random = np.random.default_rng(2)
    many = {f"p{i:02d}": (float(random.uniform(0, 1000)), float(random.uniform(0, 1000))) for i in range(60)}
    network = network.using(max_snap_m=600.0)
    one = {"q": (120.0, 430.0)}
    out = rg.costs(homes(**one), sites(**many), network).pairs.set_index("destination_id")["cost"]
    single = {b: rg.costs(homes(**one), sites(**{b: many[b]}), network).pairs["cost"].item() for b in many}
    assert out.to_dict() == single


# --- a real town ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("impedance", ["length", "time"])
def test_five_hundred_pairs_in_cambridge(shared_data: Path, impedance: str) -> None:
    network = rg.read_network(
        shared_data / "networks" / "cambridge_drive_osm_2020.gpkg", impedance=impedance, access="ignore"
    )
    if impedance == "time":
        # A stated speed for every edge, so that the twin needs no table of speeds.
        network = _with_speeds(network)
    x0, y0, x1, y1 = network.edges.x.min(), network.edges.y.min(), network.edges.x.max(), network.edges.y.max()
    random = np.random.default_rng(3)
    origins = homes(**{f"h{i}": (random.uniform(x0, x1), random.uniform(y0, y1)) for i in range(25)})
    destinations = sites(**{f"s{i}": (random.uniform(x0, x1), random.uniform(y0, y1)) for i in range(20)})
    assert roads.compared(network, origins, destinations) > 300


def _with_speeds(network: rg.RoadNetwork) -> rg.RoadNetwork:
    from dataclasses import replace

    stated = np.where(np.isnan(network.edges.speed_kmh), 40.0, network.edges.speed_kmh)
    return replace(network, edges=replace(network.edges, speed_kmh=stated))
