"""Travel: one suite of behaviour that every model must show, held against a brute-force twin."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import LineString, Point

import rcp_geo as rg
from rcp_geo.crs import to_bng
from rcp_geo.errors import CrsError, DuplicateIdError, GeometryError, InputError, MissingColumnError, TravelError
from rcp_geo.travel import RoadEdges
from tests import fake_engines
from tests.models import FakeModel, SpoiltModel, matrix_of, wide_matrix_of
from tests.typing_conformance import models

GEOD = Geod(ellps="WGS84")
FACTOR = 1.3


def _geodesic(origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame) -> rg.TravelModel:
    return rg.Geodesic()


def _circuity(origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame) -> rg.TravelModel:
    return rg.Circuity(FACTOR, "made up for the test")


def _fake(origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame) -> rg.TravelModel:
    return FakeModel(_brute(origins, destinations, 1 / 20))


def _matrix(origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame) -> rg.TravelModel:
    return matrix_of(_brute(origins, destinations, 1.0), _ids(origins, "demand_id"), _ids(destinations, "site_id"))


def _wide_matrix(origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame) -> rg.TravelModel:
    here, there = _ids(origins, "demand_id"), _ids(destinations, "site_id")
    return wide_matrix_of(_brute(origins, destinations, 1 / 1200), here, there, unit="min")


def _valhalla(origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame) -> rg.TravelModel:
    return rg.travel.Valhalla(fake_engines.path("map.osm.pbf"), cache=fake_engines.path("cache"))


def _osrm(origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame) -> rg.TravelModel:
    return rg.travel.OSRM(fake_engines.path("map.osm.pbf"), cache=fake_engines.path("cache"), impedance="distance")


def _roads(origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame) -> rg.TravelModel:
    """A one-way road from every home straight to every site; places that coincide are one node."""
    homes, sites = (to_bng(frame, "places") for frame in (origins, destinations))
    xy = shapely.get_coordinates([*homes, *sites])
    spots, node = np.unique(xy, axis=0, return_inverse=True)
    node = np.asarray(node).reshape(-1)
    u, v = (a.ravel() for a in np.meshgrid(node[: len(homes)], node[len(homes) :], indexing="ij"))
    metres = np.array(list(_brute(origins, destinations, 1.0).values()))
    # Somewhere to be for homes without a site.
    x, y = np.r_[spots[:, 0], 0.0], np.r_[spots[:, 1], 0.0]
    u, v, metres = np.r_[u, node[: len(homes)]], np.r_[v, node[: len(homes)]], np.r_[metres, np.zeros(len(homes))]
    if not len(u):
        u, v, metres = np.array([len(spots)]), np.array([len(spots)]), np.zeros(1)
    edges = RoadEdges(x=x, y=y, u=u, v=v, length_m=metres, oneway=np.ones(len(u), dtype=bool))
    return rg.RoadNetwork.from_edges(edges)


# What each model is called, how it is made for given places, and what it makes of a metre of straight line.
MODELS = [("Geodesic", _geodesic, 1.0), ("Circuity", _circuity, FACTOR), ("FakeModel", _fake, 1 / 20)]
MODELS += [("RoadNetwork", _roads, 1.0), ("TravelMatrix", _matrix, 1.0), ("TravelMatrix-wide", _wide_matrix, 1 / 20)]
pytestmark = pytest.mark.usefixtures("made_up_engines")
Make = Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], rg.TravelModel]
# The adapters are held to the suite with engines made up for it; the real ones are asked in test_engines.py.
MODELS += [("Valhalla", _valhalla, 1 / fake_engines.SPEED), ("OSRM", _osrm, 1.0)]
every_model = pytest.mark.parametrize(("make", "factor"), [m[1:] for m in MODELS], ids=[m[0] for m in MODELS])


def _brute(origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, factor: float) -> dict[tuple[Any, Any], float]:
    """The cost of every pair, one geodesic at a time, by the twin's own call of pyproj."""
    found = {}
    for (a, p), (b, q) in itertools.product(_places(origins, "demand_id"), _places(destinations, "site_id")):
        found[a, b] = GEOD.inv(p.x, p.y, q.x, q.y)[2] * factor
    return found


def _places(frame: gpd.GeoDataFrame, column: str) -> list[tuple[Any, Point]]:
    ids = frame[column] if column in frame.columns else frame.index
    return list(zip(ids, frame.geometry, strict=True))


def _ids(frame: gpd.GeoDataFrame, column: str) -> list[Any]:
    return [a for a, _ in _places(frame, column)]


def _random(n: int, column: str, seed: int, *, prefix: str) -> gpd.GeoDataFrame:
    random = np.random.default_rng(seed)
    points = gpd.points_from_xy(random.uniform(-6, 2, n), random.uniform(50, 56, n))
    ids = [f"{prefix}{i:03d}" for i in random.permutation(n)]
    return gpd.GeoDataFrame({column: ids}, geometry=points, crs="EPSG:4326")


@pytest.fixture(scope="module")
def homes() -> gpd.GeoDataFrame:
    """150 homes, five of them at a site."""
    frame = _random(150, "demand_id", 1, prefix="h")
    frame.loc[:4, "geometry"] = _random(30, "site_id", 2, prefix="s").geometry.iloc[:5].to_numpy()
    return frame


@pytest.fixture(scope="module")
def sites() -> gpd.GeoDataFrame:
    """33 sites; the last three stand exactly where the first three do."""
    frame = _random(30, "site_id", 2, prefix="s")
    twins = frame.iloc[:3].assign(site_id=["a-twin", "t-twin", "u-twin"])
    return pd.concat([frame, twins], ignore_index=True)


def _column(model: rg.TravelModel) -> str:
    return {"m": "distance_m", "s": "duration_s"}[model.unit]


@every_model
@pytest.mark.parametrize("k", [1, 2, 5])
def test_nearest_is_the_brute_force_nearest(
    make: Make, factor: float, k: int, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    model = make(homes, sites)
    found = rg.nearest(homes, sites, model, k=k)
    cost = _brute(homes, sites, factor)
    expected = [
        (a, rank, b)
        for a in homes["demand_id"]
        for rank, (_, b) in enumerate(sorted((cost[a, b], b) for b in sites["site_id"])[:k], start=1)
    ]
    assert list(zip(found["origin_id"], found["rank"], found["destination_id"], strict=True)) == expected
    worst = max(abs(c - cost[a, b]) for (a, _, b), c in zip(expected, found[_column(model)], strict=True))
    assert worst < 0.001
    assert (found["status"] == "reached").all()


@every_model
def test_costs_are_the_brute_force_costs(
    make: Make, factor: float, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    model = make(homes, sites)
    table = rg.costs(homes, sites, model)
    cost = _brute(homes, sites, factor)
    pairs = table.pairs
    assert len(pairs) == len(homes) * len(sites)
    ours = dict(zip(zip(pairs["origin_id"], pairs["destination_id"], strict=True), pairs["cost"], strict=True))
    assert ours.keys() == cost.keys()
    assert max(abs(ours[pair] - cost[pair]) for pair in cost) < 0.001
    # In the order of the origins, then of cost, then of the destination's id.
    place = {a: i for i, a in enumerate(homes["demand_id"])}
    keys = [(place[a], c, b) for a, b, c, _ in pairs.itertuples(index=False)]
    assert keys == sorted(keys)
    assert (table.unit, table.model_id, table.cutoff) == (model.unit, model.model_id, None)
    assert table.origins["id"].tolist() == homes["demand_id"].tolist()
    assert table.destinations["id"].tolist() == sites["site_id"].tolist()


@every_model
def test_ties_go_to_the_smallest_id_and_are_flagged(
    make: Make, factor: float, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    cost = _brute(homes, sites, factor)
    found = rg.nearest(homes, sites, make(homes, sites))
    tied = set()
    for a in homes["demand_id"]:
        least = min(cost[a, b] for b in sites["site_id"])
        if sum(cost[a, b] == least for b in sites["site_id"]) > 1:
            tied.add(a)
    assert tied, "the twins of the sites are nearest to some homes, or this test shows nothing"
    assert set(found.loc[found["tied"], "origin_id"]) == tied
    # The order of the rows of the sites must not matter.
    turned = sites.iloc[::-1]
    again = rg.nearest(homes, turned, make(homes, turned))
    pd.testing.assert_frame_equal(again, found)


@every_model
def test_a_tie_with_one_that_k_leaves_out_is_flagged(make: Make, factor: float) -> None:
    homes = _at("demand_id", home=(0.0, 52.0))
    sites = _at("site_id", near=(0.1, 52.0), c=(0.2, 52.0), b=(0.2, 52.0), a=(0.2, 52.0))
    model = make(homes, sites)
    assert rg.nearest(homes, sites, model, k=2)[["destination_id", "tied"]].values.tolist() == [
        ["near", False],
        ["a", True],
    ]
    assert rg.nearest(homes, sites, model, k=4)["destination_id"].tolist() == ["near", "a", "b", "c"]


def _at(column: str, **places: tuple[float, float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({column: list(places)}, geometry=[Point(p) for p in places.values()], crs="EPSG:4326")


@every_model
def test_a_home_at_a_site_costs_nothing(
    make: Make, factor: float, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    model = make(homes, sites)
    found = rg.nearest(homes, sites, model)
    assert (found[_column(model)].iloc[:5] == 0).all()
    # Sites s… of the first three stand where twins do, and "a-twin" is the smallest id of its place.
    assert found["destination_id"].iloc[0] == "a-twin"


@every_model
def test_more_asked_for_than_there_are(make: Make, factor: float, homes: gpd.GeoDataFrame) -> None:
    sites = _at("site_id", near=(0.1, 52.0), far=(0.2, 52.0))
    home = homes.head(2)
    model = make(home, sites)
    found = rg.nearest(home, sites, model, k=3)
    assert found["rank"].tolist() == [1, 2, 3, 1, 2, 3]
    assert found["status"].tolist() == ["reached", "reached", "no_facility"] * 2
    assert found.loc[found["rank"] == 3, ["destination_id", _column(model)]].isna().all(axis=None)


@every_model
@pytest.mark.parametrize("cutoff", [None, 10_000.0])
def test_no_destinations_reach_no_one(
    make: Make, factor: float, cutoff: float | None, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    none = sites.iloc[:0]
    model = make(homes, none)
    found = rg.nearest(homes, none, model, cutoff=cutoff)
    assert found["origin_id"].tolist() == homes["demand_id"].tolist()
    assert set(found["status"]) == {"no_facility"}
    assert found[_column(model)].isna().all()
    assert len(rg.costs(homes, none, model, cutoff=cutoff).pairs) == 0


@every_model
def test_no_origins_give_no_rows(make: Make, factor: float, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> None:
    none = homes.iloc[:0]
    model = make(none, sites)
    assert len(rg.nearest(none, sites, model, k=2)) == 0
    assert len(rg.costs(none, sites, model, cutoff=1.0).pairs) == 0


@every_model
def test_the_cutoff_itself_is_included(
    make: Make, factor: float, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    model = make(homes, sites)
    column = _column(model)
    free = rg.nearest(homes, sites, model)
    for row in range(5, 60):
        home, cost = homes.iloc[[row]], float(free[column].iloc[row])
        exact = rg.nearest(home, sites, model, cutoff=cost)
        assert exact[["status", column]].values.tolist() == [["reached", cost]]
        # A model that rounds allows a millionth more than the cutoff.
        less = cost - 2e-6 if isinstance(model, rg.RoadNetwork) else float(np.nextafter(cost, 0))
        under = rg.nearest(home, sites, model, cutoff=less)
        assert under["status"].tolist() == ["beyond_cutoff"]
        assert under[["destination_id", column]].isna().all(axis=None)
        assert len(rg.costs(home, sites, model, cutoff=cost).pairs) >= 1
        assert len(rg.costs(home, sites, model, cutoff=less).pairs) == 0


@every_model
@pytest.mark.parametrize("metres", [0.0, 20_000.0, 90_000.0, 2_000_000.0])
def test_a_cutoff_only_leaves_pairs_out(
    make: Make, factor: float, metres: float, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    model, cutoff = make(homes, sites), metres * factor
    full = rg.costs(homes, sites, model).pairs
    kept = full[full["cost"] <= cutoff].reset_index(drop=True)
    columns = ["origin_id", "destination_id", "cost"]
    table = rg.costs(homes, sites, model, cutoff=cutoff)
    pd.testing.assert_frame_equal(table.pairs[columns], kept[columns])
    assert table.cutoff == cutoff
    near = rg.nearest(homes, sites, model, k=3, cutoff=cutoff)
    free = rg.nearest(homes, sites, model, k=3)
    within = (free[_column(model)] <= cutoff).to_numpy()
    assert (near["status"] == np.where(within, "reached", "beyond_cutoff")).all()
    assert near.loc[within, "destination_id"].tolist() == free.loc[within, "destination_id"].tolist()


@every_model
def test_order_and_index_of_the_origins_are_kept(
    make: Make, factor: float, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    shuffled = homes.sample(frac=1, random_state=3).set_axis(range(1000, 1000 + len(homes)))
    model = make(homes, sites)
    found = rg.nearest(shuffled, sites, model, k=2)
    assert found.index.tolist() == [i for i in shuffled.index for _ in range(2)]
    assert found["origin_id"].tolist() == [a for a in shuffled["demand_id"] for _ in range(2)]
    by_id = rg.nearest(homes, sites, model, k=2).set_index(["origin_id", "rank"])["destination_id"]
    assert (
        found.set_index(["origin_id", "rank"])["destination_id"]
        == by_id.reindex(found.set_index(["origin_id", "rank"]).index)
    ).all()


@every_model
def test_the_index_names_rows_without_an_id_column(make: Make, factor: float) -> None:
    homes = _at("demand_id", x=(0.0, 52.0), y=(1.0, 52.0)).drop(columns="demand_id").set_axis([7, 9])
    sites = _at("site_id", x=(0.1, 52.0), y=(0.9, 52.0)).drop(columns="site_id").set_axis(["left", "right"])
    found = rg.nearest(homes, sites, make(homes, sites))
    assert found[["origin_id", "destination_id"]].values.tolist() == [[7, "left"], [9, "right"]]


@every_model
def test_unit_is_in_the_name_of_the_column(
    make: Make, factor: float, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    model = make(homes, sites)
    columns = rg.nearest(homes, sites, model).columns.tolist()
    cost = {"m": "distance_m", "s": "duration_s"}[model.unit]
    assert columns == ["origin_id", "rank", "destination_id", cost, "status", "tied"]
    assert model.describe()["unit"] == model.unit
    assert model.describe()["model"] == model.model_id


@every_model
def test_inputs_are_not_modified(make: Make, factor: float, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> None:
    before = homes.copy(), sites.copy()
    model = make(homes, sites)
    rg.nearest(homes, sites, model, k=2, cutoff=1e5)
    rg.costs(homes, sites, model)
    pd.testing.assert_frame_equal(homes, before[0])
    pd.testing.assert_frame_equal(sites, before[1])


@every_model
@pytest.mark.parametrize("call", ["nearest", "costs"])
@pytest.mark.parametrize("cutoff", [-1.0, float("nan"), float("inf")])
def test_a_cutoff_that_is_none(
    make: Make, factor: float, call: str, cutoff: float, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    with pytest.raises(InputError, match=r"cutoff: .* is not a distance or a duration.*or None"):
        getattr(rg, call)(homes, sites, make(homes, sites), cutoff=cutoff)


@every_model
def test_k_must_be_positive(make: Make, factor: float, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> None:
    with pytest.raises(InputError, match="k: 0"):
        rg.nearest(homes, sites, make(homes, sites), k=0)


@every_model
@pytest.mark.parametrize("call", ["nearest", "costs"])
def test_ids_must_be_unique(
    make: Make, factor: float, call: str, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    model = make(homes, sites)
    twice = pd.concat([sites, sites.iloc[[4]]])
    with pytest.raises(DuplicateIdError, match=rf"destinations.site_id.*{sites['site_id'].iloc[4]}"):
        getattr(rg, call)(homes, twice, model)
    with pytest.raises(DuplicateIdError, match=r"origins.demand_id"):
        getattr(rg, call)(pd.concat([homes, homes.iloc[[4]]]), sites, model)


straight_models = pytest.mark.parametrize("model", models()[:2], ids=lambda model: type(model).__name__)


@straight_models
@pytest.mark.parametrize("call", ["nearest", "costs"])
def test_places_must_be_points_in_a_stated_system(
    model: rg.TravelModel, call: str, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    ask = getattr(rg, call)
    with pytest.raises(CrsError, match="origins"):
        ask(homes.set_crs(None, allow_override=True), sites, model)
    with pytest.raises(CrsError, match="destinations"):
        ask(homes, sites.set_crs(None, allow_override=True), model)
    for wrong in (None, Point(), LineString([(0, 52), (1, 52)])):
        spoilt = sites.copy()
        spoilt.loc[2, "geometry"] = wrong
        with pytest.raises(
            GeometryError,
            match=rf"destinations.geometry: 1 row has a geometry other than a point.*{sites['site_id'][2]}",
        ):
            ask(homes, spoilt, model)


@straight_models
def test_the_coordinate_system_is_irrelevant(
    model: rg.TravelModel, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame
) -> None:
    # Sites and their exact twins would be told apart by rounding, so they stay out.
    expected = rg.nearest(homes, sites.head(30), model)
    found = rg.nearest(rg_crs(homes), sites.head(30), model)
    assert found["destination_id"].tolist() == expected["destination_id"].tolist()
    assert np.abs(found["distance_m"] - expected["distance_m"]).max() < 0.01


def rg_crs(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same points on the National Grid, by the library's own operation."""
    from rcp_geo.crs import to_bng

    return frame.set_geometry(to_bng(frame, "homes"))


@pytest.mark.parametrize("seed", range(3))
def test_the_candidate_search_never_misses_the_nearest_over_the_whole_globe(seed: int) -> None:
    random = np.random.default_rng(seed)

    def scattered(n: int, column: str) -> gpd.GeoDataFrame:
        at = gpd.points_from_xy(random.uniform(-180, 180, n), random.uniform(-90, 90, n))
        return gpd.GeoDataFrame({column: range(n)}, geometry=at, crs="EPSG:4326")

    homes, sites = scattered(400, "demand_id"), scattered(40, "site_id")
    lon_a, lon_b = np.meshgrid(homes.geometry.x, sites.geometry.x, indexing="ij")
    lat_a, lat_b = np.meshgrid(homes.geometry.y, sites.geometry.y, indexing="ij")
    every = np.sort(GEOD.inv(lon_a, lat_a, lon_b, lat_b)[2], axis=1)
    found = rg.nearest(homes, sites, k=4)["distance_m"].to_numpy().reshape(400, 4)
    assert np.abs(found - every[:, :4]).max() < 0.001


def test_millions_of_pairs_are_answered_as_few_are() -> None:
    # Beyond some millions of pairs the search goes by a tree. Sixty sites in one place make it widen its search.
    homes, sites = _random(2_100, "demand_id", 5, prefix="h"), _random(2_000, "site_id", 6, prefix="s")
    sites.loc[:59, "geometry"] = Point(-1.0, 52.0)
    homes.loc[:19, "geometry"] = Point(-1.001, 52.0)
    found = rg.nearest(homes, sites, k=3)
    few = homes.iloc[[*range(5), *range(20, 120)]]
    expected = rg.nearest(few, sites, k=3)
    pd.testing.assert_frame_equal(found.loc[few.index], expected)
    first = few.iloc[:1]
    cost = _brute(first, sites, 1.0)
    nearest = sorted((metres, b) for (_, b), metres in cost.items())[:3]
    assert found.loc[0, "destination_id"].tolist() == [b for _, b in nearest]
    assert found.loc[0, "tied"].all()


def test_nearly_equal_distances_are_told_apart() -> None:
    # Sites due east and due north at the same chord, a metre apart on the ellipsoid.
    homes = _at("demand_id", home=(-1.5, 52.5))
    east = GEOD.fwd(-1.5, 52.5, 90, 50_000.0)[:2]
    north = GEOD.fwd(-1.5, 52.5, 0, 50_000.001)[:2]
    found = rg.nearest(homes, _at("site_id", a_north=north, b_east=east), k=2)
    assert found["destination_id"].tolist() == ["b_east", "a_north"]
    assert found["distance_m"].tolist() == pytest.approx([50_000.0, 50_000.001], abs=1e-6)
    assert not found["tied"].any()


# --- what a model reports of an origin, and what it may not hand over -------------------------------------------------


def test_reasons_that_a_model_gives_are_kept() -> None:
    homes = _at("demand_id", on=(0.0, 52.0), off=(0.0, 53.0), cut=(0.0, 54.0))
    sites = _at("site_id", s=(0.1, 52.0))
    model = FakeModel({("on", "s"): 60.0, ("off", "s"): 5.0}, {"off": "unsnapped"})
    found = rg.nearest(homes, sites, model)
    assert found["status"].tolist() == ["reached", "unsnapped", "disconnected"]
    assert found["duration_s"].isna().tolist() == [False, True, True]
    limited = rg.nearest(homes, sites, model, cutoff=100.0)
    assert limited["status"].tolist() == ["reached", "unsnapped", "beyond_cutoff"]


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("call", ["nearest", "costs"])
def test_a_number_that_means_none_is_refused(call: str, value: float) -> None:
    homes, sites = _at("demand_id", h=(0.0, 52.0)), _at("site_id", s=(0.1, 52.0))
    model = SpoiltModel({("h", "s"): 60.0}, column="cost", value=value)
    with pytest.raises(TravelError, match=r"fake: .*costs that are negative, infinite or missing.*leave pairs"):
        getattr(rg, call)(homes, sites, model)


@pytest.mark.parametrize("column", ["origin_id", "destination_id"])
@pytest.mark.parametrize("call", ["nearest", "costs"])
def test_ids_that_were_not_asked_for_are_refused(call: str, column: str) -> None:
    homes, sites = _at("demand_id", h=(0.0, 52.0)), _at("site_id", s=(0.1, 52.0))
    with pytest.raises(TravelError, match=r"fake: .*ids that were not asked for"):
        getattr(rg, call)(homes, sites, SpoiltModel({("h", "s"): 60.0}, column=column, value="stranger"))


@pytest.mark.parametrize("column", ["origin_id", "destination_id", "cost", "tied"])
def test_a_table_without_a_column_is_refused(column: str) -> None:
    homes, sites = _at("demand_id", h=(0.0, 52.0)), _at("site_id", s=(0.1, 52.0))
    with pytest.raises(MissingColumnError, match=rf"fake: pairs: column {column} is missing"):
        rg.nearest(homes, sites, SpoiltModel({("h", "s"): 60.0}, column=column, value=None))


@dataclass(frozen=True)
class Careless(FakeModel):
    """A model whose table of pairs breaks a rule that ``nearest`` counts on."""

    fault: str = ""

    def _table(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, k: int, cutoff: float | None
    ) -> rg.CostTable:
        table = super()._table(origins, destinations, len(destinations) if self.fault == "more than k" else k, cutoff)
        order = {"pairs out of order": table.pairs.iloc[::-1], "a pair twice": table.pairs.iloc[[0, 0, 2, 3]]}
        pairs = order.get(self.fault, table.pairs).reset_index(drop=True)
        return replace(table, pairs=pairs)


@pytest.mark.parametrize("fault", ["more than k", "pairs out of order", "a pair twice"])
def test_pairs_that_would_overwrite_one_another_are_refused(fault: str) -> None:
    homes = _at("demand_id", h=(0.0, 52.0), i=(0.0, 53.0))
    sites = _at("site_id", s=(0.1, 52.0), t=(0.1, 53.0), u=(0.1, 54.0))
    seconds = {(h, s): cost for h in "hi" for s, cost in (("s", 60.0), ("t", 70.0), ("u", 80.0))}
    with pytest.raises(TravelError, match="fake"):
        rg.nearest(homes, sites, Careless(seconds, fault=fault), k=2)


def test_every_model_fits_the_protocol() -> None:
    assert all(isinstance(model, rg.TravelModel) for model in models())


# --- circuity ---------------------------------------------------------------------------------------------------------


def test_circuity_lengthens_the_straight_line(homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> None:
    straight = rg.nearest(homes, sites)
    longer = rg.nearest(homes, sites, rg.Circuity(1.5, "made up"))
    assert longer["destination_id"].tolist() == straight["destination_id"].tolist()
    assert np.allclose(longer["distance_m"], 1.5 * straight["distance_m"], rtol=0, atol=1e-6)


def test_circuity_keeps_whose_factor_it_is() -> None:
    described = rg.Circuity(1.25, "Someone (2020)").describe()
    assert described == {"model": "circuity-1.25", "factor": 1.25, "reference": "Someone (2020)", "unit": "m"}


@pytest.mark.parametrize("factor", [0.99, 0.0, -1.3, float("nan"), float("inf")])
def test_circuity_of_less_than_a_straight_line(factor: float) -> None:
    with pytest.raises(InputError, match=r"Circuity: factor .* shorter than straight lines; give 1 or more"):
        rg.Circuity(factor, "made up")


def test_circuity_without_a_source() -> None:
    with pytest.raises(InputError, match="Circuity: the reference is blank"):
        rg.Circuity(1.3, "  ")
    with pytest.raises(TypeError):
        rg.Circuity()  # type: ignore[call-arg]
