"""Service areas: along the reached roads, cut where the cutoff falls."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as examined
from hypothesis import strategies as st
from shapely import Point

import rcp_geo as rg
from rcp_geo.errors import InputError
from rcp_geo.travel import RoadEdges
from tests.roads import homes, lines, sites, square


def reached_m(network: rg.RoadNetwork, to: gpd.GeoDataFrame, cutoff: float) -> list[float]:
    """Length of the reached roads of each site, what lies twice counted once."""
    found = network.reached_roads(to, cutoffs=[cutoff])
    return [float(shapely.union_all([g]).length) for g in found.geometry]


def test_edges_are_cut_where_the_cutoff_falls() -> None:
    network = rg.RoadNetwork.from_lines(lines([(0, 0), (1000, 0)], [(500, 0), (500, 800)]))
    (roads_within,) = network.reached_roads(sites(s=(300.0, 0.0)), cutoffs=[350.0]).geometry
    expected = shapely.union_all([shapely.LineString([(0, 0), (650, 0)]), shapely.LineString([(500, 0), (500, 150)])])
    assert shapely.union_all([roads_within]).length == pytest.approx(800.0)
    assert shapely.hausdorff_distance(shapely.union_all([roads_within]), expected) < 1e-6


def test_only_roads_that_lead_there_count() -> None:
    # The southern street runs east only: its eastern end is reached from it, not the other way.
    assert reached_m(square(), sites(s=(1000.0, 0.0)), 300.0) == pytest.approx([600.0])
    assert reached_m(square(), sites(s=(0.0, 0.0)), 300.0) == pytest.approx([300.0])
    # A service in the middle of it is reached from before it only.
    (before,) = square().reached_roads(sites(s=(500.0, 0.0)), cutoffs=[200.0]).geometry
    assert shapely.bounds(before).tolist() == pytest.approx([300.0, 0.0, 500.0, 0.0])


def test_an_access_leg_is_part_of_the_cost() -> None:
    at = sites(s=(1000.0, -100.0))
    assert reached_m(square(), at, 300.0) == pytest.approx([400.0])
    assert reached_m(square(access="ignore"), at, 300.0) == pytest.approx([600.0])
    assert reached_m(square(), at, 90.0) == [0.0]


@examined(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from([30.0, 45.0, 60.0, 0.0]), min_size=24, max_size=24),
    st.lists(st.sampled_from(["both", "both", "there", "gone"]), min_size=24, max_size=24),
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 300)), min_size=1, max_size=3),
    st.floats(1, 200),
    st.booleans(),
)
def test_the_reached_roads_are_those_that_reach(
    metres: list[float], ways: list[str], spots: list[tuple[int, float]], cutoff: float, together: bool
) -> None:
    # Streets of a grid that lie apart, so that a point on one is on no other.
    number = np.arange(16).reshape(4, 4)
    x, y = np.meshgrid(np.arange(4) * 100.0, np.arange(4) * 100.0)
    u, v = np.r_[number[:, :-1].ravel(), number[:-1].ravel()], np.r_[number[:, 1:].ravel(), number[1:].ravel()]
    there = np.array(ways) != "gone"
    if not there.any():
        return
    oneway = (np.array(ways) == "there")[there]
    edges = RoadEdges(x=x.ravel(), y=y.ravel(), u=u[there], v=v[there], length_m=np.array(metres)[there], oneway=oneway)
    network = rg.RoadNetwork.from_edges(edges, access="ignore", max_snap_m=30.0)
    to = sites(**{f"s{i}": (100.0 * column, along) for i, (column, along) in enumerate(spots)})
    share = np.tile([0.12, 0.5, 0.83], len(edges))
    edge = np.repeat(np.arange(len(edges)), 3)
    px, py = (a[edges.u[edge]] + share * (a[edges.v[edge]] - a[edges.u[edge]]) for a in (edges.x, edges.y))
    at = homes(**{f"h{i}": spot for i, spot in enumerate(zip(px, py, strict=True))})
    within = network.reached_roads(to, cutoffs=[cutoff], together=together)
    drawn = shapely.distance(shapely.points(px, py)[:, None], within.geometry.to_numpy()[None, :]) < 1e-6
    cost = np.full(drawn.shape, np.inf)
    if together:
        cost[:, 0] = rg.nearest(at, to, network)["distance_m"].fillna(np.inf)
    else:
        pairs = rg.costs(at, to, network).pairs
        cost[pairs["origin_id"].str[1:].astype(int), pairs["destination_id"].str[1:].astype(int)] = pairs["cost"]
    sure = np.abs(cost - cutoff) > 1e-3
    assert (drawn == (cost <= cutoff))[sure].all()


def test_areas_hold_the_reached_roads_and_little_more() -> None:
    network = rg.RoadNetwork.from_lines(lines([(0, 0), (10_000, 0)]))
    found = rg.service_areas(sites(s=(5000.0, 0.0)), network, cutoffs=[2000.0, 500.0])
    assert found["cutoff_m"].tolist() == [500.0, 2000.0]
    assert found["over_m"].tolist() == [0.0, 0.0]
    assert found.crs == "EPSG:27700"
    small, large = found.geometry
    assert small.area == pytest.approx(1000 * 100, rel=0.1)
    assert large.area == pytest.approx(4000 * 100, rel=0.05)
    assert shapely.covers(large, small)
    assert not large.intersects(Point(7100, 0))


@pytest.mark.parametrize("seed", range(8))
def test_greater_areas_hold_smaller_ones(seed: int) -> None:
    random = np.random.default_rng(seed)
    network = rg.RoadNetwork.from_lines(lines(*(random.uniform(0, 5000, (3, 2)).tolist() for _ in range(10))))
    to = sites(s=tuple(random.uniform(0, 5000, 2)))
    areas = rg.service_areas(to, network, cutoffs=[500.0, 1000.0, 2000.0, 4000.0]).geometry.to_numpy()
    assert (shapely.area(shapely.difference(areas[:-1], areas[1:])) < 1e-3).all()
    bands = rg.service_areas(to, network, cutoffs=[500.0, 1000.0, 2000.0, 4000.0], bands="disjoint").geometry.to_numpy()
    assert shapely.area(bands).sum() == pytest.approx(shapely.area(areas[-1]), rel=1e-6)


def test_bands_that_do_not_overlap() -> None:
    network = square()
    nested = rg.service_areas(sites(s=(0.0, 0.0), t=(0.0, 0.0)), network, cutoffs=[300.0, 900.0])
    bands = rg.service_areas(sites(s=(0.0, 0.0), t=(0.0, 0.0)), network, cutoffs=[300.0, 900.0], bands="disjoint")
    assert bands["site_id"].tolist() == ["s", "s", "t", "t"]
    assert bands["over_m"].tolist() == [0.0, 300.0, 0.0, 300.0]
    assert bands.geometry[0].equals(nested.geometry[0])
    assert shapely.intersection(bands.geometry[0], bands.geometry[1]).area == pytest.approx(0, abs=1e-6)
    both = shapely.union_all(bands.geometry[:2].to_numpy())
    assert shapely.symmetric_difference(both, nested.geometry[1]).area == pytest.approx(0, abs=1e-6)


def test_holes_are_kept_where_they_are_wide() -> None:
    network = square()
    whole = rg.service_areas(sites(s=(0.0, 0.0)), network, cutoffs=[5000.0], fill_m=200.0).geometry[0]
    assert len(whole.interiors) == 1
    assert not whole.intersects(Point(500, 500))
    filled = rg.service_areas(sites(s=(0.0, 0.0)), network, cutoffs=[5000.0], fill_m=600.0).geometry[0]
    assert filled.covers(Point(500, 500))
    assert rg.service_areas(sites(s=(0.0, 0.0)), network, cutoffs=[5000.0], fill_m=20.0).geometry[0].area < 4000 * 41


@pytest.mark.parametrize("seed", range(6))
def test_an_area_leaves_out_what_a_disc_free_of_roads_covers_and_nothing_else(seed: int) -> None:
    random = np.random.default_rng(seed)
    network = rg.RoadNetwork.from_lines(lines(*(random.uniform(0, 5000, (3, 2)).tolist() for _ in range(8))))
    to = sites(s=tuple(random.uniform(0, 5000, 2)))
    radius, margin, rounding = 400.0, 50.0, 10.0
    area = rg.service_areas(to, network, cutoffs=[9000.0], fill_m=radius).geometry[0]
    (roads,) = network.reached_roads(to, cutoffs=[9000.0]).geometry
    assert not shapely.is_empty(roads)
    x, y = np.meshgrid(np.arange(-1000, 6000, 40.0), np.arange(-1000, 6000, 40.0))
    spots = shapely.points(x.ravel(), y.ravel())
    free = spots[shapely.distance(spots, roads) > radius]
    assert (shapely.distance(free, area) > radius - margin - rounding).all()
    # What lies well outside is in some disc free of roads.
    centres = shapely.box(-2000, -2000, 7000, 7000).difference(roads.buffer(radius - rounding, quad_segs=64))
    outside = spots[shapely.distance(spots, area) > rounding]
    assert (shapely.distance(outside, centres) < radius + rounding).all()


def test_areas_drawn_together_and_of_what_is_not_on_the_network() -> None:
    network = square()
    to = sites(a=(0.0, 0.0), far=(90_000.0, 0.0), c=(1000.0, 1000.0))
    each = rg.service_areas(to, network, cutoffs=[200.0])
    assert each["status"].tolist() == ["ok", "unsnapped", "ok"]
    assert each.geometry.is_empty.tolist() == [False, True, False]
    one = rg.service_areas(to, network, cutoffs=[200.0], together=True)
    assert (len(one), one["site_id"].tolist(), one["status"].tolist()) == (1, [None], ["ok"])
    assert shapely.symmetric_difference(one.geometry[0], shapely.union_all(each.geometry.to_numpy())).area < 1
    none = rg.service_areas(to.iloc[[1]], network, cutoffs=[200.0], together=True)
    assert (none["status"].tolist(), none.geometry.is_empty.tolist()) == (["unsnapped"], [True])


def test_seconds_where_time_is_counted() -> None:
    found = rg.service_areas(sites(s=(0.0, 0.0)), square(impedance="time"), cutoffs=[60.0])
    assert found.columns.tolist() == ["site_id", "over_s", "cutoff_s", "status", "geometry"]


def test_settings_that_are_none() -> None:
    to = sites(s=(0.0, 0.0))
    with pytest.raises(InputError, match="service_areas: geodesic has no roads to draw; give a RoadNetwork"):
        rg.service_areas(to, rg.Geodesic(), cutoffs=[1.0])
    for cutoffs in ([], [0.0], [-1.0], [float("nan")], [float("inf")]):
        with pytest.raises(InputError, match="cutoffs: .* are not distances or durations; give one or more above 0"):
            rg.service_areas(to, square(), cutoffs=cutoffs)
    with pytest.raises(InputError, match="bands: 'rings' is not known"):
        rg.service_areas(to, square(), cutoffs=[1.0], bands="rings")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="fill_m: 0.0 is not a distance"):
        rg.service_areas(to, square(), cutoffs=[1.0], fill_m=0.0)


def test_one_cutoff_may_be_a_number() -> None:
    at, network = sites(s=(0.0, 0.0)), square()
    drawn = rg.service_areas(at, network, cutoffs=300)
    assert drawn.equals(rg.service_areas(at, network, cutoffs=[300.0]))
    assert network.reached_roads(at, cutoffs=300.0).length.tolist() == [300.0]
    with pytest.raises(InputError, match="cutoffs: None are not distances"):
        rg.service_areas(at, network, cutoffs=None)  # type: ignore[arg-type]
