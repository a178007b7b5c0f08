"""Every error is raised by some real call, says what to do, and survives a trip through a worker pool."""

from __future__ import annotations

import inspect
import pickle
import sys
from collections.abc import Callable
from dataclasses import replace

import geopandas as gpd
import pytest
from shapely.geometry import Point

import rcp_geo as rg
from rcp_geo import errors, resources
from rcp_geo.authorities import register
from tests.models import SpoiltModel
from tests.world import A, World

CLASSES = {n: getattr(errors, n) for n in errors.__all__ if not issubclass(getattr(errors, n), Warning)}
BUILTINS = {
    "InputError": ValueError,
    "TravelError": RuntimeError,
    "UnknownMetricError": LookupError,
    "IntegrityError": OSError,
    "MissingExtraError": ImportError,
}


def _missing_column(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.services = world.services.drop(columns="family")
    world.directory()


def _duplicate(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.demand.loc[1, "demand_id"] = "a1"
    world.assess()


def _geometry(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rg.locate(gpd.GeoSeries([Point(0, 0)], crs="EPSG:4326", index=["gulf of guinea"]), world.boundaries())


def _unknown_authority(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.footprints.loc[0, "authority_code"] = "W06000015"
    world.directory()


def _ambiguous(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = register().frame.copy()
    frame.loc[frame["authority_code"] == "E07000026", "authority_name"] = "Cumbria"
    replace(register(), frame=frame).code_of("Cumbria", "2022-11-01")


def _crs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.demand = world.demand.set_crs(None, allow_override=True)
    world.assess()


def _vintage(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rg.Boundaries.from_frame(world.squares.assign(authority_code=["E10000006", *"abc"]), valid_from="2023-04-01")


def _infeasible(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.assess().plan("pause", model="lscp", cutoff=2_000.0)


def _input(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.assess(as_of="November 2022")


def _travel(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rg.nearest(world.demand.head(1), world.sites.head(1), SpoiltModel({("a1", "home-1"): 1.0}, value=-1.0))


def _metric(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rg.cite("rcp.access.nothing@1")


def _integrity(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record = {**resources.entry("changes"), "sha256": "0" * 64}
    monkeypatch.setattr(resources, "entry", lambda _: record)
    resources.read_csv("changes")


def _extra(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [m for m in sys.modules if m.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    world.assess().plot()


# For each error a call that a user could make, and what its message must hold: the table, the column, how many, the first
# of them, and what to do.
RAISED: dict[str, tuple[Callable[[World, pytest.MonkeyPatch], None], list[str]]] = {
    "MissingColumnError": (_missing_column, ["services", "family", "columns found", "service_id", "add it"]),
    "DuplicateIdError": (_duplicate, ["demand", "demand_id", "1 identifier", "a1", "make each unique"]),
    "GeometryError": (_geometry, ["points", "geometry", "1 row", "gulf of guinea", "drop or complete"]),
    "UnknownAuthorityError": (_unknown_authority, ["footprints", "1 authority code", "W06000015", "correct"]),
    "AmbiguousAuthorityError": (_ambiguous, ["'Cumbria'", "2 authorities", "E07000026", "E10000006", "give the code"]),
    "CrsError": (_crs, ["demand", "no CRS", "set_crs", "EPSG:4326", "EPSG:27700"]),
    "VintageError": (_vintage, ["boundaries", "authority_code", "1 code", "E10000006", "2023-04-01", "valid_from"]),
    "InfeasibleError": (
        _infeasible,
        ["lscp", "8 demand points", "2,000", "weight 9", "a1", "raise the cutoff", "unreached='leave'"],
    ),
    "InputError": (_input, ["as_of", "'November 2022'", "YYYY-MM-DD", "2022-11-01"]),
    "TravelError": (_travel, ["fake", "negative, infinite or missing", "leave pairs"]),
    "UnknownMetricError": (_metric, ["rcp.access.nothing@1", "metrics()", "rcp.access.share_within@1"]),
    "IntegrityError": (_integrity, ["changes.csv", "manifest", "install the package again"]),
    "MissingExtraError": (_extra, ["matplotlib", "pip install 'rcp-geo[viz]'"]),
}


def test_every_error_has_its_call() -> None:
    assert {*RAISED, "RcpGeoError"} == set(CLASSES)


@pytest.mark.parametrize("name", RAISED)
def test_the_error_is_raised_and_its_message_can_be_acted_on(
    name: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, words = RAISED[name]
    with pytest.raises(errors.RcpGeoError) as raised:
        call(world, monkeypatch)
    assert type(raised.value) is CLASSES[name]
    message = str(raised.value)
    assert all(word in message for word in words), message
    assert "\n" not in message
    assert not message.startswith(("'", "(", '"'))


@pytest.mark.parametrize("name", CLASSES)
def test_an_error_survives_a_worker_pool(name: str) -> None:
    error = CLASSES[name]("sites: what is wrong; what to do")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(again) is type(error)
    assert str(again) == str(error) == "sites: what is wrong; what to do"


@pytest.mark.parametrize("name", CLASSES)
def test_an_error_can_be_caught_by_our_base_and_by_the_builtin(name: str) -> None:
    assert issubclass(CLASSES[name], errors.RcpGeoError)
    for base, builtin in BUILTINS.items():
        assert issubclass(CLASSES[name], builtin) == issubclass(CLASSES[name], CLASSES[base])


def test_the_warning_is_no_error_and_can_be_made_one() -> None:
    assert issubclass(errors.InputWarning, UserWarning)
    assert not issubclass(errors.InputWarning, errors.RcpGeoError)
    assert str(pickle.loads(pickle.dumps(errors.InputWarning("1 row")))) == "1 row"  # noqa: S301 - our own bytes


def test_an_error_without_words_is_no_fault() -> None:
    assert str(errors.UnknownMetricError()) == ""


def test_the_tree_that_is_drawn_is_the_tree_that_is() -> None:
    drawn = inspect.getdoc(errors) or ""
    for name, cls in CLASSES.items():
        assert name in drawn
        parents = [
            b.__name__ for b in cls.__bases__ if b is not errors.RcpGeoError and not issubclass(b, errors.InputError)
        ]
        if name != "RcpGeoError" and parents:
            assert f"{name}({parents[0]})" in drawn
    assert sorted(errors.__all__) == errors.__all__
    here = {n for n, v in vars(errors).items() if isinstance(v, type) and v.__module__ == errors.__name__}
    assert here == set(errors.__all__)


def test_one_base_catches_all(world: World) -> None:
    world.footprints.loc[0, "authority_code"] = "nowhere"
    with pytest.raises(rg.RcpGeoError):
        world.directory()
    with pytest.raises(ValueError, match="nowhere"):
        world.directory()
    world.footprints.loc[0, "authority_code"] = A
    world.directory()
