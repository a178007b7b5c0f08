"""Snapping: the nearest point of the nearest edge, within reach and never across the water."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as examined
from hypothesis import strategies as st

import rcp_geo as rg
from rcp_geo.travel import RoadEdges
from rcp_geo.travel.roads import snapping
from rcp_geo.travel.roads.edges import lines_of
from rcp_geo.travel.roads.snapping import Snapper
from tests import roads
from tests.roads import homes, sites, square


def _random(n: int, seed: int, *, bent: bool) -> RoadEdges:
    """Edges over some 10 km, some of them long, some a point."""
    random = np.random.default_rng(seed)
    x, y = random.uniform(0, 10_000, n), random.uniform(0, 10_000, n)
    u = random.integers(0, n, 2 * n)
    v = np.where(random.random(2 * n) < 0.1, u, random.integers(0, n, 2 * n))
    if not bent:
        return RoadEdges(x=x, y=y, u=u, v=v, length_m=np.full(2 * n, 10.0))
    middle = np.column_stack([random.uniform(0, 10_000, 2 * n), random.uniform(0, 10_000, 2 * n)])
    ends = [np.column_stack([x[at], y[at]]) for at in (u, v)]
    coords = np.stack([ends[0], middle, ends[1]], axis=1).reshape(-1, 2)
    return RoadEdges(x=x, y=y, u=u, v=v, length_m=np.full(2 * n, 10.0), coords=coords, offsets=np.arange(2 * n + 1) * 3)


@examined(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.sampled_from([30.0, 400.0, 5_000.0, 100_000.0]), st.booleans())
def test_the_nearest_edge_is_that_of_a_search_through_all(seed: int, n: int, reach: float, bent: bool) -> None:
    edges = _random(n, seed, bent=bent)
    random = np.random.default_rng(seed + 1)
    x, y = random.uniform(-2_000, 12_000, 40), random.uniform(-2_000, 12_000, 40)
    # Some far from everything, some at nodes.
    x[0], x[1:3], y[1:3] = -400_000.0, edges.x[0], edges.y[0]
    found = Snapper(edges, reach).snap(x, y)
    lines, points = lines_of(edges, np.arange(len(edges))), shapely.points(x, y)
    metres = shapely.distance(points[:, None], lines[None, :])
    # Of a street that is drawn twice, the first: rounding aside, both are equally near.
    nearest = (metres <= metres.min(axis=1, keepdims=True) + 1e-9).argmax(axis=1)
    on = metres.min(axis=1) <= reach
    assert (found.edge >= 0).tolist() == on.tolist()
    assert found.edge[on].tolist() == nearest[on].tolist()
    assert np.allclose(found.snap_m[on], metres.min(axis=1)[on], rtol=0, atol=1e-9)
    assert np.isnan(found.snap_m[~on]).all()
    spots = shapely.line_interpolate_point(lines[nearest[on]], found.fraction[on], normalized=True)
    assert np.allclose(shapely.distance(spots, points[on]), found.snap_m[on], rtol=0, atol=1e-5)


def test_the_index_of_the_points_is_kept() -> None:
    points = homes(a=(500.0, 0.0), far=(90_000.0, 0.0)).set_index(np.array([7, 3]))
    found = square().snap(points)
    assert found["status"].to_dict() == {7: "ok", 3: "unsnapped"}
    assert found["edge"].to_dict()[3] == -1


def test_ties_go_to_the_first_edge() -> None:
    # Half-way between the southern and the northern street, and at a corner where two meet.
    found = square(max_snap_m=600.0).snap(homes(middle=(500.0, 500.0), corner=(1000.0, 0.0), beyond=(1100.0, -100.0)))
    assert found["edge"].tolist() == [0, 0, 0]
    assert found["fraction"].tolist() == [0.5, 1.0, 1.0]
    assert found["snap_m"].tolist() == pytest.approx([500.0, 0.0, 100 * np.sqrt(2)])


def test_the_limit_itself_is_included() -> None:
    at = homes(just=(500.0, -250.0), not_quite=(500.0, float(np.nextafter(-250.0, -300.0))))
    assert square(max_snap_m=250.0).snap(at)["status"].tolist() == ["ok", "unsnapped"]


def test_points_that_are_nowhere() -> None:
    far = gpd.GeoDataFrame(
        {"demand_id": ["paris", "pole"]}, geometry=gpd.points_from_xy([2.35, 0.0], [48.86, -90.0]), crs=4326
    )
    assert square().snap(far)["status"].tolist() == ["unsnapped", "unsnapped"]
    found = rg.nearest(far, sites(s=(0.0, 0.0)), square())
    assert found["status"].tolist() == ["unsnapped", "unsnapped"]


def test_points_are_snapped_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    find = Snapper._find

    def counted(self: Snapper, x: np.ndarray, y: np.ndarray) -> object:
        asked.append(len(x))
        return find(self, x, y)

    monkeypatch.setattr(Snapper, "_find", counted)
    network = square()
    at = homes(a=(10.0, 5.0), b=(20.0, 5.0), c=(10.0, 5.0))
    first = network.snap(at)
    again = network.snap(at.iloc[[2, 1]])
    assert asked == [2]
    assert again["fraction"].tolist() == [first["fraction"].iloc[2], first["fraction"].iloc[1]]
    network.snap(homes(a=(10.0, 5.0), d=(30.0, 5.0)))
    assert asked == [2, 1]
    # Beyond what is remembered it begins anew.
    monkeypatch.setattr(snapping, "_REMEMBERED", 3)
    found = network.snap(homes(a=(10.0, 5.0), e=(40.0, 5.0)))
    assert found["fraction"].tolist() == pytest.approx([0.01, 0.04])
    assert len(network._snapper._known[0]) == 2


def test_an_access_leg_is_counted_or_left_out_as_asked() -> None:
    at, to = homes(h=(500.0, -60.0)), sites(s=(1000.0, -30.0))
    # The service is 30 m south of the corner.
    assert rg.nearest(at, to, square())["distance_m"].tolist() == [60.0 + 500.0 + 30.0]
    assert rg.nearest(at, to, square(access="ignore"))["distance_m"].tolist() == [500.0]
    timed = square(impedance="time", access_speed_kmh=3.6, speeds={"primary": 36.0})
    assert rg.nearest(at, to, timed)["duration_s"].tolist() == pytest.approx([60.0 + 50.0 + 30.0])
    table = rg.costs(at, to, square(access="ignore"))
    assert (table.origins["snap_m"].tolist(), table.destinations["snap_m"].tolist()) == ([60.0], [30.0])


def test_the_same_point_costs_nothing_however_far_from_the_road() -> None:
    found = rg.nearest(homes(h=(500.0, -60.0)), sites(s=(500.0, -60.0), t=(500.0, -50.0)), square(), k=2)
    assert found["distance_m"].tolist() == [0.0, 110.0]
    corner = rg.nearest(homes(h=(-40.0, -30.0)), sites(s=(-40.0, -30.0)), square())
    assert corner["distance_m"].tolist() == [0.0]


# --- the Solent -------------------------------------------------------------------------------------------------------


def _solent(shared_data: Path) -> gpd.GeoDataFrame:
    path = shared_data / "networks" / "southampton_isle_of_wight_major_roads.gpkg"
    frame = gpd.read_file(path, layer="network")
    return frame.assign(highway=np.where(frame["ferry"] == 1, "ferry", "primary"))


def test_an_island_does_not_snap_across_the_water(shared_data: Path) -> None:
    lines = _solent(shared_data)
    mainland = lines[(lines["ferry"] == 0) & (shapely.bounds(lines.geometry.to_numpy())[:, 3] > 97_500)]
    network = rg.RoadNetwork.from_lines(mainland, noding="vertices")
    # Fort Victoria, Yarmouth, is where the island comes nearest to the mainland; Newport is its middle.
    island = homes(fort_victoria=(433_900.0, 89_800.0), cowes=(449_600.0, 96_400.0), newport=(449_900.0, 89_200.0))
    found = rg.nearest(island, sites(southampton=(442_000.0, 112_000.0)), network)
    assert set(found["status"]) == {"unsnapped"}


def test_the_ferry_is_the_way_across(shared_data: Path) -> None:
    lines = _solent(shared_data)
    at, to = homes(newport=(449_900.0, 89_200.0)), sites(southampton=(442_000.0, 112_000.0))
    roads_only = rg.RoadNetwork.from_lines(lines[lines["ferry"] == 0], noding="vertices", max_snap_m=3_000.0)
    assert rg.nearest(at, to, roads_only)["status"].tolist() == ["disconnected"]
    network = rg.RoadNetwork.from_lines(lines, noding="vertices", max_snap_m=3_000.0)
    assert roads.compared(network, at, to) == 1
    straight = rg.nearest(at, to)["distance_m"].item()
    assert rg.nearest(at, to, network)["distance_m"].item() > straight
    # A ferry at 20 km/h takes longer than the same way by road would.
    slow = network.using(impedance="time", speeds={"ferry": 20.0})
    fast = network.using(impedance="time", speeds={"ferry": 80.0})
    assert rg.nearest(at, to, slow)["duration_s"].item() > rg.nearest(at, to, fast)["duration_s"].item()


def test_nobody_boards_a_ferry_half_way() -> None:
    """A ferry of 4 km between two roads of 1 km; a light ship in the middle and a home on each shore."""
    lines = [[(0, 0), (1000, 0)], [(1000, 0), (5000, 0)], [(5000, 0), (6000, 0)]]
    layer = gpd.GeoDataFrame(
        {"highway": ["primary", None, "primary"], "route": [None, "ferry", None]},
        geometry=[shapely.LineString(line) for line in lines],
        crs="EPSG:27700",
    )
    network = rg.RoadNetwork.from_lines(layer)
    places = homes(ship=(3000.0, 10.0), west=(1100.0, 0.0), east=(5500.0, 0.0))
    found = network.snap(places)
    assert found["status"].tolist() == ["unsnapped", "ok", "ok"]
    # Off the pier by 100 m, where the ferry's line passes right under it.
    assert found["snap_m"].tolist()[1:] == [100.0, 0.0]
    assert rg.nearest(places, sites(clinic=(0.0, 0.0)), network)["distance_m"].fillna(-1).tolist() == [
        -1,
        1100.0,
        5500.0,
    ]
    only = rg.RoadNetwork.from_lines(layer.iloc[1:2])
    assert (only.snap(places)["status"] == "unsnapped").all()


def test_a_ferry_passes_under_a_bridge_without_a_landing() -> None:
    lines = [[(0, 0), (2000, 0)], [(1000, -500), (1000, 500)]]
    layer = gpd.GeoDataFrame({"boat": [1, 0]}, geometry=[shapely.LineString(line) for line in lines], crs="EPSG:27700")
    crossed = rg.RoadNetwork.from_lines(layer)
    afloat = rg.RoadNetwork.from_lines(layer, columns={"ferry": "boat"})
    assert (crossed.info()["edges"], afloat.info()["edges"]) == (4, 2)
    assert set(afloat.info()["km_by_class"]) == {"ferry", ""}
