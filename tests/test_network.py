"""The network as a model: its settings, what it says of itself, and England over it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import rcp_geo as rg
from rcp_geo.errors import InputError
from rcp_geo.travel import RoadEdges
from tests.roads import homes, lines, sites, square


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"impedance": "hops"}, "impedance 'hops' is not known; use one of length, time"),
        ({"access": "walk"}, "access 'walk' is not known; use one of count, ignore"),
        ({"components": "main"}, "components 'main' is not known; use one of all, largest, strong"),
        ({"max_snap_m": 0.0}, "max_snap_m is 0.0; give a number above 0"),
        ({"max_snap_m": float("inf")}, "max_snap_m is inf"),
        ({"max_snap_m": float("nan")}, "max_snap_m is nan"),
        ({"access_speed_kmh": -1.0}, "access_speed_kmh is -1.0"),
    ],
)
def test_settings_that_are_none(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        square(**settings)


def test_edges_without_lengths_are_not_taken_as_they_are() -> None:
    edges = RoadEdges(x=np.zeros(2), y=np.zeros(2), u=np.array([0]), v=np.array([1]))
    with pytest.raises(InputError, match="edges have no length; make the network with RoadNetwork.from_edges"):
        rg.RoadNetwork(edges)


def test_what_it_says_of_itself() -> None:
    network = square()
    assert repr(network) == "<RoadNetwork: 4 nodes, 4 edges, length in m>"
    described = network.describe()
    assert json.loads(json.dumps(described)) == described
    assert described == {
        "model": network.model_id,
        "unit": "m",
        "impedance": "length",
        "network": {"sha256": network.sha256, "nodes": 4, "edges": 4, "source": {}},
        "components": "all",
        "dropped": {"nodes": 0, "edges": 0},
        "max_snap_m": 1000.0,
        "access": "count",
    }
    timed = square(impedance="time", speeds={"primary": 40.0}, access_speed_kmh=5.0).describe()
    assert "Department for Transport" in timed["speeds"]
    assert (timed["own_speeds_kmh"], timed["access_speed_kmh"], timed["access_speed"]) == (
        {"primary": 40.0},
        5.0,
        "the user's",
    )
    assert "Thurrock" in square(impedance="time").describe()["access_speed"]
    assert "access_speed" not in square(impedance="time", access="ignore").describe()


def test_its_name_is_that_of_its_content() -> None:
    network = square()
    assert network.model_id == square().model_id == network.using(max_snap_m=1000).model_id
    other = rg.RoadNetwork.from_lines(lines([(0, 0), (1000, 0)]))
    assert len({network.model_id, other.model_id, network.using(impedance="time").model_id}) == 3


def test_its_name_changes_with_what_changes_its_answers() -> None:
    network = square(impedance="time")
    others = [{"max_snap_m": 5.0}, {"access": "ignore"}, {"access_speed_kmh": 5.0}, {"speeds": {"primary": 40.0}}]
    names = [network.model_id, *(network.using(**settings).model_id for settings in others)]
    assert len(set(names)) == 5
    # Speeds stand for nothing where length is counted, and their order never.
    assert square(speeds={"primary": 40.0}, access_speed_kmh=5.0).model_id == square().model_id
    speeds = {"primary": 40.0, "residential": 20.0}
    turned = dict(reversed(speeds.items()))
    assert network.using(speeds=speeds).model_id == network.using(speeds=turned).model_id
    assert square().model_id.startswith(f"road-length-{square().sha256[:12]}-")


def test_other_settings() -> None:
    network = square()
    changed = network.using(
        impedance="time", access="ignore", max_snap_m=3.0, access_speed_kmh=6.0, speeds={"primary": 9.0}
    )
    assert (changed.unit, changed.access, changed.max_snap_m) == ("s", "ignore", 3.0)
    assert changed.edges is network.edges
    assert (network.unit, network.speeds) == ("m", None)
    assert changed.using().describe() == changed.describe()


def test_counts_by_hand() -> None:
    frame = lines(
        [(0, 0), (300, 0)],
        [(300, 0), (300, 100)],
        [(0, 900), (600, 900)],
        highway=["a", "b", "a"],
        oneway=["yes", None, None],
    )
    info = rg.RoadNetwork.from_lines(frame).info()
    assert info == {
        "nodes": 5,
        "edges": 3,
        "km": 1.0,
        "km_by_class": {"a": pytest.approx(0.9), "b": pytest.approx(0.1)},
        "oneway_share": pytest.approx(0.3),
        "components": 2,
        "largest_component_nodes": 3,
        "strong_components": 3,
        "largest_strong_component_nodes": 2,
        "dead_ends": 4,
        "findings": [],
    }
    nothing = RoadEdges(x=np.zeros(1), y=np.zeros(1), u=np.zeros(1), v=np.zeros(1), length_m=np.zeros(1))
    assert rg.RoadNetwork.from_edges(nothing).info()["oneway_share"] == 0.0


def test_only_the_main_part() -> None:
    frame = lines(
        [(0, 0), (300, 0)],
        [(300, 0), (300, 100)],
        [(0, 900), (600, 900)],
        [(300, 100), (0, 0)],
        oneway=["yes", "yes", None, None],
    )
    whole = rg.RoadNetwork.from_lines(frame)
    largest = rg.RoadNetwork.from_lines(frame, components="largest")
    assert (len(whole.edges), len(largest.edges), dict(largest.dropped)) == (4, 3, {"nodes": 2, "edges": 1})
    # Without a way back, only what lies on the two-way part reaches itself.
    single = lines([(0, 0), (300, 0)], [(300, 0), (300, 100)], [(300, 100), (300, 200)], oneway=["yes", None, None])
    strong = rg.RoadNetwork.from_lines(single, components="strong")
    assert strong.edges.edge_id.tolist() == [1, 2]  # type: ignore[union-attr]
    assert strong.describe()["dropped"] == {"nodes": 1, "edges": 1}


def test_parallel_streets_do_not_hang_up_the_search_for_components() -> None:
    edges = RoadEdges(
        x=np.zeros(3), y=np.zeros(3), u=np.array([0, 0, 1, 1, 0]), v=np.array([1, 1, 2, 2, 0]), length_m=np.ones(5)
    )
    network = rg.RoadNetwork.from_edges(edges)
    assert network.info()["strong_components"] == 1


def test_every_node_at_once() -> None:
    network = square()
    found = network.nearest_of_nodes(sites(s=(1000.0, 0.0), t=(900.0, 1000.0)))
    assert found["node_id"].tolist() == ["a", "b", "c", "d"]
    assert found["destination_id"].tolist() == ["s", "s", "t", "t"]
    assert found["distance_m"].tolist() == [1000.0, 0.0, 100.0, 900.0]
    near = network.nearest_of_nodes(sites(s=(1000.0, 0.0), t=(900.0, 1000.0)), cutoff=500.0)
    assert near["destination_id"].tolist() == [None, "s", "t", None]
    assert square(impedance="time").nearest_of_nodes(sites(s=(0.0, 0.0))).columns.tolist()[2] == "duration_s"


def test_a_model_may_be_shared_and_looked_up() -> None:
    network = square()
    assert {network: 1}[network] == 1
    with pytest.raises(AttributeError):
        network.impedance = "time"  # type: ignore[misc]


def test_cutoffs_are_checked_by_the_model_itself() -> None:
    for ask in (square().costs, square().nearest):
        with pytest.raises(InputError, match="cutoff: -1 is not a distance"):
            ask(homes(h=(0.0, 0.0)), sites(s=(0.0, 0.0)), cutoff=-1)


# --- England ----------------------------------------------------------------------------------------------------------


def _grid(metres: float) -> rg.RoadNetwork:
    """Straight roads over England, north to south and east to west."""
    across, up = np.arange(80_000, 660_000, metres), np.arange(5_000, 660_000, metres)
    x, y = np.meshgrid(across, up)
    number = np.arange(x.size).reshape(x.shape)
    u = np.r_[number[:, :-1].ravel(), number[:-1].ravel()]
    v = np.r_[number[:, 1:].ravel(), number[1:].ravel()]
    edges = RoadEdges(x=x.ravel(), y=y.ravel(), u=u, v=v, length_m=np.full(len(u), metres))
    return rg.RoadNetwork.from_edges(edges, max_snap_m=metres)


def test_england_over_a_network() -> None:
    network = _grid(4_000.0)
    answer, straight = rg.assess(model=network), rg.assess()
    assert answer.gaps["any"].equals(straight.gaps["any"])
    assert answer.provenance["parameters"]["model"]["network"]["sha256"] == network.sha256
    assert "travel.straight_line" not in answer.findings["code"].tolist()
    keys = ["demand_id", "group", "relation", "evidence"]
    both = answer.nearest.merge(straight.nearest, on=keys, suffixes=("", "_straight"))
    assert len(both) == len(answer.nearest) == len(straight.nearest)
    # The way along a grid is at least the straight line and at most the square root of two times it, and the legs.
    reached = both[both["status"] == "reached"]
    ratio = (reached["distance_m"] + 1.0) / reached["distance_m_straight"]
    assert ratio.min() > 0.998
    assert (reached["distance_m"] <= np.sqrt(2) * reached["distance_m_straight"] * 1.002 + 4 * 4_000.0).all()


def test_seconds_want_cutoffs_of_their_own() -> None:
    network = _grid(20_000.0).using(impedance="time")
    with pytest.raises(InputError, match="counts seconds"):
        rg.assess(model=network)
