"""Who borders whom: on squares by hand, and on England by what anyone can look up."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

import rcp_geo as rg
from rcp_geo.errors import InputError
from tests.world import A, B, C, D, World


def test_squares_share_their_sides_and_not_their_corners(world: World) -> None:
    graph = rg.neighbours(world.boundaries())
    assert list(graph) == [A, B, C, D]
    borders = {tuple(sorted(pair)): metres for *pair, metres in graph.edges(data="border_m")}
    assert borders == {(A, B): 10_000.0, (A, C): 10_000.0, (B, D): 10_000.0, (C, D): 10_000.0}
    assert graph.nodes[A] == {"name": "Hartlepool", "region": "North East"}
    assert set(nx.get_edge_attributes(graph, "kind").values()) == {"border"}
    assert set(nx.get_edge_attributes(graph, "crossings").values()) == {()}
    assert graph.graph == {"vintage": world.boundaries().vintage.label, "level": "upper"}


def test_lines_that_do_not_quite_meet_need_a_tolerance(world: World) -> None:
    world.squares.loc[world.squares["authority_code"] == B, "geometry"] = shapely.box(
        410_003, 400_000, 420_000, 409_998
    )
    apart = world.boundaries()
    assert not rg.neighbours(apart).has_edge(A, B)
    graph = rg.neighbours(apart, tolerance_m=5)
    assert graph.edges[A, B]["border_m"] == pytest.approx(10_000, rel=0.001)
    assert graph.edges[B, D]["border_m"] == pytest.approx(10_000, rel=0.002)
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InputError, match="tolerance_m: .* is not a distance; give metres of 0 or more"):
            rg.neighbours(apart, tolerance_m=wrong)


@pytest.mark.parametrize(("day", "level"), [("2019-06-01", "upper"), ("2025-06-01", "upper"), ("2021-06-01", "lower")])
def test_lengths_add_up_to_the_boundary_that_is_not_coast(day: str, level: str) -> None:
    """What all authorities have of boundary is the rim of England once and every inner border twice."""
    boundaries = rg.load_boundaries(day, level)
    geometry = boundaries.frame.geometry.to_numpy()
    rim = shapely.length(shapely.coverage_union_all(geometry))
    inner = sum(nx.get_edge_attributes(rg.neighbours(boundaries), "border_m").values())
    assert shapely.length(geometry).sum() == pytest.approx(rim + 2 * inner, rel=1e-9)


def test_who_borders_whom_in_england() -> None:
    graph = rg.neighbours(rg.load_boundaries("2023-06-01"))
    names = nx.get_node_attributes(graph, "name")
    around = {name: {names[n] for n in graph[code]} for code, name in names.items()}
    assert around["Rutland"] == {"Leicestershire", "Lincolnshire", "North Northamptonshire"}
    assert around["Cornwall"] == {"Devon", "Plymouth", "Isles of Scilly"}
    assert around["Isle of Wight"] == {"Hampshire", "Portsmouth", "Southampton"}
    assert around["Leicester"] == {"Leicestershire"}
    assert {"Southwark", "Tower Hamlets", "Westminster"} <= around["City of London"]


def test_water_is_crossed_by_name() -> None:
    boundaries = rg.load_boundaries("2023-06-01")
    graph = rg.neighbours(boundaries)
    code = {name: c for c, name in nx.get_node_attributes(graph, "name").items()}
    thames = graph.edges[code["Lambeth"], code["Westminster"]]
    assert thames["kind"] == "crossing"
    assert thames["border_m"] == 0
    assert "Westminster Bridge" in thames["crossings"]
    # Dartford is in Kent: a crossing between districts is one between the authorities that hold them.
    assert "Dartford Crossing" in graph.edges[code["Thurrock"], code["Kent"]]["crossings"]
    # A bridge within one authority joins nobody: Bournemouth, Poole and Purbeck's ferry is between two in 2023.
    assert graph.edges[code["Bournemouth, Christchurch and Poole"], code["Dorset"]]["kind"] == "border"
    by_land = rg.neighbours(boundaries, crossings=False)
    assert by_land.degree[code["Isle of Wight"]] == 0
    assert set(by_land.edges) == {(u, v) for u, v, k in graph.edges(data="kind") if k == "border"}


def test_england_hangs_together_by_land_and_crossings_alone() -> None:
    for level in ("upper", "lower"):
        boundaries = rg.load_boundaries("2025-06-01", level)
        assert nx.is_connected(rg.neighbours(boundaries))
        by_land = sorted(map(len, nx.connected_components(rg.neighbours(boundaries, crossings=False))))
        # Wight and Scilly.
        assert by_land == [1, 1, len(boundaries) - 2]


def test_areas_of_ones_own_have_borders_and_no_crossings() -> None:
    squares = gpd.GeoDataFrame(
        {"authority_code": ["north", "south"], "authority_name": ["N", "S"]},
        geometry=shapely.box([0, 0], [1, 0], [1, 1], [2, 1]),
        crs="EPSG:27700",
    )
    graph = rg.neighbours(rg.Boundaries.from_frame(squares, valid_from="2023-04-01"))
    assert list(graph.edges(data="border_m")) == [("north", "south", 1.0)]
    assert np.isclose(graph.edges["north", "south"]["border_m"], 1)
