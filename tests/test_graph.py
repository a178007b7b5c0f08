"""The order in which a graph keeps its nodes: neighbours side by side, and no answer depends on it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rcp_geo as rg
from rcp_geo.travel import RoadEdges
from rcp_geo.travel.roads import searching
from rcp_geo.travel.roads.graph import Graph, side_by_side
from tests import roads


def test_four_corners_and_their_middles() -> None:
    """A Z: south-west, south-east, north-west, north-east; within each quarter the same again."""
    x = np.array([3.0, 0.0, 3.0, 0.0, 1.0, 1.0, 0.0])
    y = np.array([3.0, 3.0, 0.0, 0.0, 0.0, 1.0, 1.0])
    assert side_by_side(x, y).tolist() == [6, 5, 4, 0, 1, 3, 2]


@pytest.mark.parametrize(
    ("x", "y"), [([], []), ([5.0], [7.0]), ([5.0, 5.0, 5.0], [7.0, 7.0, 7.0]), ([0.0, 9.0], [1.0, 1.0])]
)
def test_few_places(x: list[float], y: list[float]) -> None:
    assert side_by_side(np.array(x), np.array(y)).tolist() == list(range(len(x)))


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=60))
def test_every_node_has_a_place_of_its_own(places: list[tuple[float, float]]) -> None:
    x, y = np.array(places).T
    assert sorted(side_by_side(x, y).tolist()) == list(range(len(places)))


def test_neighbours_are_together() -> None:
    """Of points at random, the next in the order is some ten times as near as the next in their own."""
    x, y = np.random.default_rng(3).uniform(0, 1e5, (2, 5_000))
    order = np.argsort(side_by_side(x, y))
    apart = np.hypot(np.diff(x[order]), np.diff(y[order]))
    assert np.median(apart) < np.median(np.hypot(np.diff(x), np.diff(y))) / 10


def test_values_by_place_come_back_by_node() -> None:
    nodes = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32), np.zeros(0), np.zeros(0)
    placed = Graph(3, *nodes, np.array([2, 0, 1], dtype=np.int32))
    assert placed.placed(np.array([0, 2], dtype=np.int32)).tolist() == [2, 1]
    # What was appended is left off.
    assert placed.by_node(np.array([10, 20, 30, 40])).tolist() == [30, 10, 20]
    plain = Graph(3, *nodes)
    assert plain.placed(np.array([0, 2], dtype=np.int32)).tolist() == [0, 2]
    assert plain.by_node(np.array([10, 20, 30, 40])).tolist() == [10, 20, 30]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_answers_do_not_depend_on_the_order_of_nodes(seed: int) -> None:
    """The same network with its nodes in another order: the same costs, reasons and roads."""
    rng = np.random.default_rng(seed)
    n, m = 12, 20
    x, y = rng.integers(0, 20, (2, n)) * 100.0
    u, v = rng.integers(0, n, (2, m))
    oneway = rng.random(m) < 0.4
    other = rng.permutation(n)
    made = []
    for order in (np.arange(n), other):
        place = np.argsort(order)
        edges = RoadEdges(
            x=x[order],
            y=y[order],
            u=place[u],
            v=place[v],
            oneway=oneway,
            node_id=order,
            length_m=np.arange(1, m + 1) * 10.0,
        )
        made.append(rg.RoadNetwork.from_edges(edges))
    homes = roads.homes(**{f"h{i}": (float(rng.uniform(0, 2_000)), float(rng.uniform(0, 2_000))) for i in range(6)})
    sites = roads.sites(**{f"s{i}": (float(rng.uniform(0, 2_000)), float(rng.uniform(0, 2_000))) for i in range(4)})
    a, b = (rg.nearest(homes, sites, network, k=2) for network in made)
    assert a.equals(b)
    found = [network.nearest_of_nodes(sites).sort_values("node_id", ignore_index=True) for network in made]
    assert found[0].equals(found[1])
    ends = [rg.costs(homes, sites, network, cutoff=500.0).origins for network in made]
    assert ends[0].equals(ends[1])
    assert made[0].info()["components"] == made[1].info()["components"]
    drawn = [network.reached_roads(sites, cutoffs=[300.0]).length.tolist() for network in made]
    np.testing.assert_allclose(drawn[0], drawn[1])


def test_ties_are_found_whatever_is_looked_at_together(monkeypatch: pytest.MonkeyPatch) -> None:
    network = roads.square()
    sites = roads.sites(p=(1000, 0), q=(0, 1000))
    whole = network.nearest_of_nodes(sites)
    assert whole["tied"].any()
    monkeypatch.setattr(searching, "_BLOCK", 1)
    assert roads.square().nearest_of_nodes(sites).equals(whole)
