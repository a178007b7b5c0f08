"""Inputs that several test files share."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import settings

import rcp_geo as rg
from rcp_geo import resources
from tests import fake_engines
from tests import world as small
from tests.world import World

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

_TABLES = ("services", "sites", "footprints", "status", "published", "searched")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of independent data to test against; it lies beside the repository and is not part of it."""
    folder = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside the repository: the comparison with independent data did not run")
    return folder


@pytest.fixture
def made_up_engines(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the packages of the made-up routing engines where the real ones would be found."""
    for name in ("osrm", "valhalla", "world"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(fake_engines.path("site"))
    yield
    for name in ("osrm", "valhalla", "world"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded directory as the folder of CSV files that a user would keep."""
    folder = tmp_path_factory.mktemp("directory")
    for table in _TABLES:
        file_id = f"directory_{table}"
        (folder / resources.entry(file_id)["name"]).write_bytes(resources.read_bytes(file_id))
    return folder


@pytest.fixture(scope="session")
def members_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded table of the districts of 2011 that make up each authority."""
    path = tmp_path_factory.mktemp("register") / "members.csv"
    path.write_bytes(resources.read_bytes("members"))
    return path


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    """The small world as a folder of tables, its sites by their National Grid coordinates."""
    home = tmp_path / "small"
    home.mkdir()
    sites = pd.DataFrame(world.sites.drop(columns="geometry"))
    sites["easting"], sites["northing"] = world.sites.geometry.x, world.sites.geometry.y
    for name, table in {**vars(world), "sites": sites}.items():
        if name in ("services", "sites", "footprints", "status"):
            table.to_csv(home / f"{name}.csv", index=False)
    return home


@pytest.fixture(scope="session")
def directory() -> rg.Directory:
    """The embedded directory."""
    return rg.load_directory()


@pytest.fixture(scope="session")
def demand() -> gpd.GeoDataFrame:
    """The embedded demand points; not to be changed."""
    return rg.load_demand()


@pytest.fixture(scope="session")
def july_2021() -> rg.Assessment:
    """The embedded assessment of 1 July 2021."""
    return rg.assess(as_of="2021-07-01")


@pytest.fixture(scope="session")
def november_2022() -> rg.Assessment:
    """The embedded assessment of the reference date."""
    return rg.assess()


@pytest.fixture
def world() -> World:
    """The hand-drawn small world, fresh for every test."""
    return small.draw()


@pytest.fixture(scope="session")
def world_answer() -> rg.Assessment:
    """The assessment of the small world on its date, with cutoffs of 4.5 and 9 km."""
    return small.draw().assess(cutoffs=[4_500.0, 9_000.0])
