"""Valhalla and OSRM: the adapters over engines made up for it, then the real engines over a town written for it."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Geod
from shapely.geometry import Point

import rcp_geo as rg
from rcp_geo.errors import InputError, IntegrityError, MissingExtraError, TravelError
from rcp_geo.travel import OSRM, Valhalla
from rcp_geo.travel.engines import asking, datafiles
from tests import fake_engines, osm_town
from tests.typing_conformance import engines
from tests.world import World

ADAPTERS = [Valhalla, OSRM]
PACKAGES = {Valhalla: "valhalla", OSRM: "osrm"}
Adapter = type[Valhalla] | type[OSRM]
each = pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda a: a.__name__)


def points(column: str, **at: tuple[float, float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({column: list(at)}, geometry=[Point(p) for p in at.values()], crs="EPSG:4326")


HOMES = points("demand_id", near=(-1.0, 52.0), island=(11.0, 52.0), north=(-1.0, 58.0))
SITES = points("site_id", a=(-1.1, 52.0), b=(-1.0, 52.2), off=(-1.0, 57.5))


# --- the adapters, over engines made up for it ------------------------------------------------------------------------


@pytest.fixture
def road_map(tmp_path: Path, made_up_engines: None) -> Path:
    """A map for the made-up engines, with a folder for their files beside it."""
    (tmp_path / "cache").mkdir()
    path = tmp_path / "small.osm.pbf"
    path.write_text("map of the test")
    return path


def make(adapter: Adapter, road_map: Path, **options: Any) -> Any:
    return adapter(road_map, cache=road_map.parent / "cache", **options)


def calls(adapter: Adapter, what: str) -> list[Any]:
    """What the made-up engine was asked, in order."""
    return [asked for name, asked in importlib.import_module(PACKAGES[adapter]).CALLS if name == what]


TABLE = {Valhalla: "matrix", OSRM: "Table"}
SNAP = {Valhalla: "locate", OSRM: "Nearest"}


@each
def test_what_cannot_be_reached_has_its_reason(adapter: Adapter, road_map: Path) -> None:
    model = make(adapter, road_map)
    found = rg.nearest(HOMES, SITES, model)
    assert found["destination_id"].tolist() == ["a", None, None]
    assert found["status"].tolist() == ["reached", "disconnected", "unsnapped"]
    metres = Geod(ellps="WGS84").inv(-1.0, 52.0, -1.1, 52.0)[2]
    assert found["duration_s"].iloc[0] == pytest.approx(metres / fake_engines.SPEED, abs=0.001)
    table = rg.costs(HOMES, SITES, model)
    assert table.origins["status"].tolist() == ["ok", "disconnected", "unsnapped"]
    assert table.destinations["status"].tolist() == ["ok", "ok", "unsnapped"]
    assert table.origins["snap_m"].isna().tolist() == [False, False, True]
    assert (table.unit, table.model_id) == ("s", f"{adapter.__name__.lower()}-car-time")
    # Where no destination is on a road, that says nothing of the origins.
    lost = rg.costs(HOMES, SITES.iloc[[2]], model)
    assert lost.origins["status"].tolist() == ["ok", "ok", "unsnapped"]
    # The reason is no other for a cutoff that leaves everything out.
    near = rg.nearest(HOMES, SITES, model, cutoff=1.0)
    assert near["status"].tolist() == ["beyond_cutoff", "disconnected", "unsnapped"]


@each
def test_distances_are_in_metres(adapter: Adapter, road_map: Path) -> None:
    model = make(adapter, road_map, impedance="distance", profile="foot")
    found = rg.nearest(HOMES.head(1), SITES, model)
    assert found["distance_m"].iloc[0] == pytest.approx(Geod(ellps="WGS84").inv(-1.0, 52.0, -1.1, 52.0)[2], abs=0.001)
    assert (model.unit, model.model_id) == ("m", f"{adapter.__name__.lower()}-foot-distance")


@each
def test_roads_farther_off_than_the_limit(adapter: Adapter, road_map: Path) -> None:
    road_map.write_text("map with roads off by a hundred metres")
    homes = HOMES.head(1)
    table = rg.costs(homes, SITES, make(adapter, road_map))
    # 0.001 degrees of latitude; the second edge is twice as far.
    assert table.origins["snap_m"].tolist() == pytest.approx([111.26], abs=0.5)
    near = rg.costs(homes, SITES, make(adapter, road_map, max_snap_m=110.0))
    assert near.origins["status"].tolist() == ["unsnapped"]
    assert near.pairs.empty


@each
def test_large_requests_go_in_batches(adapter: Adapter, road_map: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ORIGINS", 4)
    monkeypatch.setattr(asking, "DESTINATIONS", 3)
    random = np.random.default_rng(1)
    homes = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(random.uniform(-2, 0, 10), random.uniform(51, 53, 10)), crs=4326
    )
    sites = gpd.GeoDataFrame(geometry=gpd.points_from_xy(random.uniform(-2, 0, 7), random.uniform(51, 53, 7)), crs=4326)
    table = rg.costs(homes, sites, make(adapter, road_map, impedance="distance"))
    straight = rg.costs(homes, sites, rg.Geodesic())
    pd.testing.assert_frame_equal(table.pairs, straight.pairs, check_exact=False, atol=0.001)
    sizes = [_size(adapter, asked) for asked in calls(adapter, TABLE[adapter])]
    assert sizes == [(4, 3), (4, 3), (2, 3), (4, 3), (4, 3), (2, 3), (4, 1), (4, 1), (2, 1)]


def _size(adapter: Adapter, asked: Any) -> tuple[int, int]:
    if adapter is Valhalla:
        return len(asked["sources"]), len(asked["targets"])
    return len(asked.sources), len(asked.destinations)


@each
def test_the_engines_own_limits_allow_a_batch(adapter: Adapter, road_map: Path) -> None:
    n = asking.ORIGINS + 1
    homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy(np.linspace(-1, 0, n), np.full(n, 52.0)), crs=4326)
    sites = homes.iloc[:: n // 120].reset_index(drop=True)
    assert len(sites) > asking.DESTINATIONS
    found = rg.nearest(homes, sites, make(adapter, road_map))
    assert (found["status"] == "reached").all()


@each
def test_answers_are_kept(adapter: Adapter, road_map: Path) -> None:
    first = rg.costs(HOMES, SITES, make(adapter, road_map))
    asked = len(calls(adapter, TABLE[adapter])), len(calls(adapter, SNAP[adapter]))
    again = rg.costs(HOMES, SITES, make(adapter, road_map))
    pd.testing.assert_frame_equal(again.pairs, first.pairs)
    pd.testing.assert_frame_equal(again.origins, first.origins)
    # Other names for the same places, and fewer of the sites, are no new question.
    renamed = HOMES.assign(demand_id=["x", "y", "z"])
    rg.nearest(renamed, SITES.iloc[[1]], make(adapter, road_map))
    assert len(calls(adapter, TABLE[adapter])) == asked[0]
    # One site more is asked for alone; another unit is asked anew.
    more = pd.concat([SITES, points("site_id", c=(-1.0, 52.1))], ignore_index=True)
    rg.nearest(HOMES, more, make(adapter, road_map))
    assert [_size(adapter, a) for a in calls(adapter, TABLE[adapter])[asked[0] :]] == [(2, 1)]
    rg.costs(HOMES, SITES, make(adapter, road_map, impedance="distance"))
    assert len(calls(adapter, TABLE[adapter])) == asked[0] + 2


@each
@pytest.mark.parametrize("spoilt", [b"", b"no array", None])
def test_kept_answers_that_are_spoilt_are_asked_for_again(
    adapter: Adapter, road_map: Path, spoilt: bytes | None
) -> None:
    first = rg.costs(HOMES, SITES, make(adapter, road_map))
    kept = sorted((road_map.parent / "cache").glob("*-costs-*/*/*.npy"))
    # How far each end is from a road, and what the origins take to the two sites that are on one.
    assert len(kept) == 4
    for path in kept:
        if spoilt is None:
            np.save(path, np.zeros(99))
        else:
            path.write_bytes(spoilt)
    again = rg.costs(HOMES, SITES, make(adapter, road_map))
    pd.testing.assert_frame_equal(again.pairs, first.pairs)
    assert sorted((road_map.parent / "cache").glob("*-costs-*/*/*.npy")) == kept


@each
def test_files_are_made_once_for_a_map(adapter: Adapter, road_map: Path) -> None:
    cache = road_map.parent / "cache"
    folder = make(adapter, road_map).build()
    assert [p for p in cache.iterdir() if p.is_dir()] == [folder]
    told = json.loads((folder / "recipe.json").read_text())
    assert told["pbf"] == "small.osm.pbf"
    assert told["version"] == {Valhalla: fake_engines.VALHALLA, OSRM: fake_engines.OSRM}[adapter]
    assert str(cache) not in json.dumps(told), "a recipe that names a folder is not the same elsewhere"
    made = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    # The same map under another name, asked about time or distance, has the same files.
    other = road_map.with_name("other.osm.pbf")
    shutil.copy(road_map, other)
    assert make(adapter, other, impedance="distance").build() == folder
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == made
    road_map.write_text("map that has changed")
    assert make(adapter, road_map).build() != folder


def test_osrm_makes_files_for_each_profile_and_valhalla_for_all(road_map: Path) -> None:
    assert make(OSRM, road_map).build() != make(OSRM, road_map, profile="foot").build()
    assert make(Valhalla, road_map).build() == make(Valhalla, road_map, profile="foot").build()


@each
@pytest.mark.parametrize("spoil", ["shorten", "remove", "forget", "misstate"])
def test_files_that_were_changed_are_refused(adapter: Adapter, road_map: Path, spoil: str) -> None:
    folder = make(adapter, road_map).build()
    largest = max(
        (p for p in folder.rglob("*") if p.name != "recipe.json" and p.is_file()), key=lambda p: p.stat().st_size
    )
    recipe = folder / "recipe.json"
    if spoil == "shorten":
        largest.write_text("m")
    elif spoil == "remove":
        largest.unlink()
    elif spoil == "forget":
        recipe.unlink()
    else:
        recipe.write_text("[]")
    with pytest.raises(IntegrityError, match=r"the files are not as .* made them; delete the folder"):
        make(adapter, road_map).build()


@each
def test_a_map_that_is_none(adapter: Adapter, road_map: Path) -> None:
    road_map.write_text("<html>not found</html>")
    cache = road_map.parent / "cache"
    with pytest.raises(TravelError, match=r"failed with 3: reading .* / PBF error: not a map; check that the map is"):
        rg.costs(HOMES, SITES, make(adapter, road_map))
    assert list(cache.iterdir()) == [], "nothing half made is left"


@each
def test_a_package_without_its_programs(adapter: Adapter, road_map: Path, tmp_path: Path) -> None:
    bare = tmp_path / "site" / "bare"
    bare.mkdir(parents=True)
    (bare / "__init__.py").write_text("")
    module = importlib.util.module_from_spec(importlib.util.spec_from_file_location("bare", bare / "__init__.py"))
    with pytest.raises(
        TravelError, match=r"osrm-extract: the program is not in .*bin; install the engine from its wheel"
    ):
        datafiles.run_program(module, "osrm-extract", folder=tmp_path)


@each
def test_errors_of_the_engine_are_ours(adapter: Adapter, road_map: Path) -> None:
    said = {Valhalla: "tiles are broken", OSRM: "InvalidOptions - broken"}[adapter]
    road_map.write_text("map broken nearest")
    with pytest.raises(TravelError, match=rf"{PACKAGES[adapter]}: .* failed: {said}; check the map"):
        rg.costs(HOMES, SITES, make(adapter, road_map))


def test_tables_that_are_none(road_map: Path) -> None:
    road_map.write_text("map broken table")
    with pytest.raises(TravelError, match=r"osrm: table failed: InvalidOptions"):
        rg.costs(HOMES, SITES, make(OSRM, road_map))


@pytest.mark.parametrize("told", [np.array([[-1.0]]), np.array([[np.inf]]), np.array([[1.0, 2.0]])])
def test_costs_that_no_journey_has(road_map: Path, told: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    model = make(Valhalla, road_map)
    monkeypatch.setattr(model._asking.engine, "table", lambda a, b: told)
    with pytest.raises(TravelError, match="valhalla-car-time: the engine returned a table of another shape"):
        rg.costs(HOMES.head(1), SITES.head(1), model)


@each
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"profile": "horse"}, "profile: 'horse' is not one of car, bicycle, foot"),
        ({"impedance": "cost"}, "impedance: 'cost' is not one of time, distance"),
        ({"max_snap_m": 0}, "max_snap_m: 0 is not a distance"),
        ({"max_snap_m": float("nan")}, "max_snap_m: nan is not a distance"),
    ],
)
def test_options_that_are_none(adapter: Adapter, road_map: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        make(adapter, road_map, **options)


@each
def test_files_and_folders_that_are_not_there(adapter: Adapter, road_map: Path) -> None:
    with pytest.raises(InputError, match=r"pbf: there is no file .*nowhere\.pbf"):
        adapter(road_map.with_name("nowhere.pbf"), cache=road_map.parent)
    model = adapter(road_map, cache=road_map.parent / "nowhere")
    with pytest.raises(InputError, match=r"cache: the folder .*nowhere does not exist; make it first"):
        model.build()


@each
def test_what_the_provenance_keeps_of_an_engine(adapter: Adapter, road_map: Path) -> None:
    import hashlib

    told = make(adapter, road_map).describe()
    assert told["pbf_sha256"] == hashlib.sha256(road_map.read_bytes()).hexdigest()
    assert json.loads(json.dumps(told)) == told
    assert str(road_map.parent) not in json.dumps(told)
    assert told["access"] == "not counted"


@each
def test_an_engine_that_is_not_installed(adapter: Adapter, road_map: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, PACKAGES[adapter], None)
    with pytest.raises(
        MissingExtraError, match=r"is not installed.*with Python 3\.12 or later: pip install 'rcp-geo\[engines\]'"
    ):
        make(adapter, road_map)


def test_valhalla_is_set_up_for_one_user_and_not_for_a_public_service(road_map: Path) -> None:
    config = make(Valhalla, road_map)._asking.engine._actor.config
    assert config["loki"]["use_connectivity"] is False
    assert config["service_limits"]["pedestrian"]["max_matrix_location_pairs"] == asking.ORIGINS * asking.DESTINATIONS
    assert config["mjolnir"]["traffic_extract"] == ""
    # The package's own dictionary is left as it was.
    assert importlib.import_module("valhalla").get_config("", "")["loki"]["use_connectivity"] is True


def test_the_adapters_fit_the_protocol(road_map: Path) -> None:
    assert all(isinstance(model, rg.TravelModel) for model in engines(road_map, road_map.parent / "cache"))


@each
def test_an_assessment_by_an_engine(adapter: Adapter, road_map: Path, world: World) -> None:
    model = make(adapter, road_map)
    answer = world.assess(model=model, cutoffs=[600.0])
    straight = world.assess(cutoffs=[600.0 * fake_engines.SPEED])
    value = answer.nearest["duration_s"] * fake_engines.SPEED
    assert np.allclose(value, straight.nearest["distance_m"], atol=0.1, equal_nan=True)
    assert answer.nearest["site_id"].equals(straight.nearest["site_id"])
    assert answer.provenance["parameters"]["model"]["model"] == model.model_id
    asked = len(calls(adapter, TABLE[adapter]))
    world.assess(model=make(adapter, road_map), cutoffs=[600.0])
    assert len(calls(adapter, TABLE[adapter])) == asked, "the second time everything is known"


# --- the engines themselves -------------------------------------------------------------------------------------------

NODES = [(1, 0), (3, 4), (9, 4), (5, 6), (0, 3), (10, 9), (7, 10), (1, 4), (40, 1), (41, 2)]
HALFWAY = {"sea": (-0.5, 52.2)}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town as a map, with a folder beside it in which the engines keep their files for all tests."""
    pytest.importorskip("osmium", reason="no osmium here, which writes the map: the engines did not run")
    folder = tmp_path_factory.mktemp("town")
    (folder / "cache").mkdir()
    return osm_town.write(folder / "town.osm.pbf")


def real(adapter: Adapter, pbf: Path, cache: Path | None = None, **options: Any) -> Any:
    """The adapter over the real engine, or a skip that says which engine is missing."""
    name = PACKAGES[adapter]
    pytest.importorskip(
        name, reason=f"no {name} here (Python 3.12 or later, the extra engines): the engine did not run"
    )
    return adapter(pbf, cache=pbf.parent / "cache" if cache is None else cache, **options)


@each
@pytest.mark.parametrize("profile", ["car", "foot"])
def test_distances_in_the_town(adapter: Adapter, profile: Any, town: Path) -> None:
    model = real(adapter, town, profile=profile, impedance="distance")
    homes, sites = osm_town.places(NODES, "demand_id", **HALFWAY), osm_town.places(NODES, "site_id")
    expected = {
        (osm_town.name(a), osm_town.name(b)): metres
        for (a, b), metres in osm_town.distances(profile, NODES, NODES).items()
    }
    table = rg.costs(homes, sites, model)
    ours = {(a, b): cost for a, b, cost, _ in table.pairs.itertuples(index=False)}
    # No pair between the town and the island, and none from the sea.
    assert ours.keys() == expected.keys()
    # Each engine has an earth of its own.
    for pair, metres in expected.items():
        assert ours[pair] == pytest.approx(metres, rel=0.005, abs=2)
    assert table.origins["status"].tolist() == ["ok"] * len(NODES) + ["unsnapped"]
    assert table.origins["snap_m"].iloc[:-1].max() < 1


@each
def test_one_way_streets_are_one_way(adapter: Adapter, town: Path) -> None:
    west, east = (1, 2 * osm_town.ONE_WAY), (3, 2 * osm_town.ONE_WAY)
    homes, sites = osm_town.places([west, east], "demand_id"), osm_town.places([west, east], "site_id")
    for profile, back in (("car", 2_500), ("foot", 500)):
        model = real(adapter, town, profile=profile, impedance="distance")
        pairs = rg.costs(homes, sites, model).pairs.set_index(["origin_id", "destination_id"])["cost"]
        assert pairs[osm_town.name(west), osm_town.name(east)] == pytest.approx(500, abs=10)
        assert pairs[osm_town.name(east), osm_town.name(west)] == pytest.approx(back, abs=30)


@each
def test_times_in_the_town(adapter: Adapter, town: Path) -> None:
    homes, sites = osm_town.places(NODES, "demand_id"), osm_town.places(NODES, "site_id")
    pairs = rg.costs(homes, sites, real(adapter, town)).pairs.set_index(["origin_id", "destination_id"])["cost"]
    for (a, b), metres in osm_town.distances("car", NODES, NODES).items():
        least = metres / osm_town.SPEED_LIMIT
        # Nobody drives faster than the limit, and turns and junctions cost less than as much again.
        assert 0.98 * least - 1 <= pairs[osm_town.name(a), osm_town.name(b)] <= 2 * least + 30


@each
def test_the_nearest_in_the_town(adapter: Adapter, town: Path) -> None:
    homes = osm_town.places(NODES, "demand_id", **HALFWAY).sample(frac=1, random_state=1).set_axis(range(50, 61))
    sites = osm_town.places([(3, 0), (3, 10), (9, 6)], "site_id").set_axis(["x", "y", "z"])
    twin = sites.iloc[[1]].assign(site_id="00-twin")
    sites = pd.concat([sites, twin])
    before = homes.copy(), sites.copy()
    model = real(adapter, town)
    pairs = rg.costs(homes, sites, model).pairs
    found = rg.nearest(homes, sites, model, k=2)
    pd.testing.assert_frame_equal(homes, before[0])
    pd.testing.assert_frame_equal(sites, before[1])
    assert found.index.tolist() == [i for i in homes.index for _ in range(2)]
    for home in homes["demand_id"]:
        own = sorted(
            pairs.loc[pairs["origin_id"] == home, ["cost", "destination_id"]].itertuples(index=False, name=None)
        )
        told = found[found["origin_id"] == home].dropna()
        assert list(told[["duration_s", "destination_id"]].itertuples(index=False, name=None)) == own[:2]
        costs = [cost for cost, _ in own]
        assert told["tied"].tolist() == [costs.count(cost) > 1 for cost, _ in own[:2]]
    away = found[~found["destination_id"].notna()].drop_duplicates("origin_id").set_index("origin_id")["status"]
    assert away.to_dict() == {"40-01": "disconnected", "41-02": "disconnected", "sea": "unsnapped"}
    row = found.dropna().iloc[0]
    home = homes[homes["demand_id"] == row["origin_id"]]
    assert rg.nearest(home, sites, model, cutoff=row["duration_s"])["status"].tolist() == ["reached"]
    under = float(np.nextafter(row["duration_s"], 0))
    assert rg.nearest(home, sites, model, cutoff=under)["status"].tolist() == ["beyond_cutoff"]


@each
def test_an_island_does_not_land_on_the_mainland(adapter: Adapter, town: Path) -> None:
    """Places off the island's coast go to the island or nowhere, however near the town is by another measure."""
    lon, lat = osm_town.at((40, 0))
    homes = points("demand_id", beach=(lon - 0.01, lat), ship=(lon - 0.05, lat))
    sites = osm_town.places([(1, 0), (41, 2)], "site_id")
    table = rg.costs(homes, sites, real(adapter, town))
    assert table.origins["status"].tolist() == ["ok", "unsnapped"]
    assert table.origins["snap_m"].iloc[0] == pytest.approx(
        Geod(ellps="WGS84").inv(lon - 0.01, lat, lon, lat)[2], rel=0.01
    )
    assert table.pairs[["origin_id", "destination_id"]].values.tolist() == [["beach", "41-02"]]


@each
def test_files_made_elsewhere_give_the_same_answers(adapter: Adapter, town: Path, tmp_path: Path) -> None:
    homes, sites = osm_town.places(NODES, "demand_id"), osm_town.places(NODES, "site_id")
    here, there = real(adapter, town), real(adapter, town, cache=tmp_path)
    assert here.describe() == there.describe()
    pd.testing.assert_frame_equal(rg.costs(homes, sites, there).pairs, rg.costs(homes, sites, here).pairs)
    moved = tmp_path / "moved"
    moved.mkdir()
    shutil.move(there.build(), moved)
    again = rg.costs(homes, sites, real(adapter, town, cache=moved)).pairs
    pd.testing.assert_frame_equal(again, rg.costs(homes, sites, here).pairs)


@each
def test_a_file_that_is_no_map(adapter: Adapter, tmp_path: Path) -> None:
    path = tmp_path / "page.osm.pbf"
    path.write_text("<html>not found</html>")
    model = real(adapter, path, cache=tmp_path)
    with pytest.raises(TravelError, match=r"failed with .*check that the map is a whole OpenStreetMap PBF"):
        model.build()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["page.osm.pbf"]


def test_both_engines_in_the_middle_of_leeds(shared_data: Path, tmp_path: Path) -> None:
    osmium = pytest.importorskip("osmium", reason="no osmium here, which reads the map: the engines did not run")
    pbf = shared_data / "networks" / "leeds_its_example.osm.pbf"
    at = {}
    for way in osmium.FileProcessor(str(pbf)).with_locations():
        if way.is_way() and way.tags.get("highway") in ("residential", "tertiary", "unclassified"):
            at |= {node.ref: Point(node.lon, node.lat) for node in way.nodes}
    ids = sorted(at)[::7]
    layer = gpd.GeoDataFrame(geometry=[at[i] for i in ids], index=ids, crs="EPSG:4326")
    straight = rg.costs(layer, layer, rg.Geodesic()).pairs.set_index(["origin_id", "destination_id"])["cost"]
    told = {}
    for adapter in ADAPTERS:
        model = real(adapter, pbf, cache=tmp_path, impedance="distance")
        table = rg.costs(layer, layer, model)
        assert (table.origins["status"] == "ok").all()
        told[adapter] = table.pairs.set_index(["origin_id", "destination_id"])["cost"]
        # Shorter than a straight line only where a place on a loose end is put on a road that leads on.
        assert (told[adapter] > straight.reindex(told[adapter].index) - 20).mean() > 0.9
    one, other = told[Valhalla].align(told[OSRM], join="inner")
    assert len(one) > 100
    assert ((one - other).abs() < 20).mean() > 0.9
