"""The directory: dates of evidence, and every fault of its tables named at once."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

import rcp_geo as rg
from rcp_geo.errors import CrsError, InputError, MissingColumnError, UnknownAuthorityError
from tests.world import World


def test_embedded_tables_have_the_rows_that_their_readme_counts(directory: rg.Directory) -> None:
    assert len(directory) == len(directory.services) == 83
    assert len(directory.sites) == 93
    assert len(directory.footprints) == 136
    assert len(directory.status) == 200
    assert len(directory.searched) == 152
    assert len(directory.published) == 21
    assert directory.reference_date == dt.date(2022, 11, 1)
    assert directory.sites.crs == "EPSG:4326"
    assert directory.sites.geometry.notna().all()
    # One service has neither a footprint nor a site.
    assert len(set(directory.services["service_id"]) - set(directory.sites["service_id"])) == 1


def test_it_is_read_once_and_says_what_it_is(directory: rg.Directory) -> None:
    assert rg.load_directory() is directory
    counts = directory.services["family"].value_counts()
    assert repr(directory) == (
        f"<Directory of 83 services ({counts['fdac']} fdac, {counts['local']} local, {counts['pause']} pause) at 93 sites>"
    )


@pytest.mark.parametrize(
    ("service", "day", "status"),
    [
        ("fdac-somerset", "2021-07-01", "operating"),
        ("fdac-somerset", "2022-09-30", "operating"),
        ("fdac-somerset", "2022-10-01", "closed"),
        ("fdac-somerset", "2022-11-01", "closed"),
        ("pause-cumbria", "2016-12-31", "not_started"),
        ("pause-cumbria", "2018-06-01", "operating"),
        ("pause-cumbria", "2019-04-01", "unknown"),
        ("pause-dorset", "2022-11-01", "in_development"),
        ("pause-dorset", "2023-01-01", "operating"),
    ],
)
def test_status_on_a_date(service: str, day: str, status: str, directory: rg.Directory) -> None:
    assert directory.status_on(day)[service] == status
    assert directory.status_on(dt.date.fromisoformat(day))[service] == status


def test_every_service_has_one_status_in_the_order_of_the_services(world: World) -> None:
    world.services = world.services.iloc[::-1]
    status = world.directory().status_on("2023-06-01")
    assert status.to_dict() == {
        "doubtful": "operating",
        "shut": "closed",
        "planned": "in_development",
        "silent": "unknown",
        "court": "operating",
        "home": "operating",
    }
    assert status.index.tolist() == world.services["service_id"].tolist()


def test_windows_hold_their_first_and_last_day_and_no_other(world: World) -> None:
    world.status.loc[0, ["observed_from", "observed_to"]] = ["2021-07", "2022-02"]
    directory = world.directory()
    days = ["2021-06-30", "2021-07-01", "2022-02-28", "2022-03-01"]
    assert [directory.status_on(day)["home"] for day in days] == ["unknown", "operating", "operating", "unknown"]


def test_windows_of_one_status_may_overlap(world: World) -> None:
    again = world.status.head(1).assign(observed_from="2021", observed_to="2022")
    world.status = pd.concat([world.status, again])
    assert world.directory().status_on("2021-06-01")["home"] == "operating"


def test_windows_may_touch(world: World) -> None:
    world.status.loc[0, ["observed_from", "observed_to"]] = ["2020", "2021"]
    world.status.loc[len(world.status)] = ["home", "closed", "2022", ""]
    directory = world.directory()
    assert directory.status_on("2021-12-31")["home"] == "operating"
    assert directory.status_on("2022-01-01")["home"] == "closed"


def test_footprints_on_a_date_whatever_the_status(world: World) -> None:
    world.footprints.loc[0, ["valid_from", "valid_to"]] = ["2021", "2021-03"]
    directory = world.directory()
    assert "home" in set(directory.footprints_on("2021-03-31")["service_id"])
    assert "home" not in set(directory.footprints_on("2021-04-01")["service_id"])
    assert "shut" in set(directory.footprints_on("2021-04-01")["service_id"])
    assert directory.footprints_on("2019-12-31").empty


def test_all_faults_of_all_tables_are_named_at_once(world: World) -> None:
    world.services.loc[5, ["service_id", "family"]] = ["home", ""]
    world.sites.loc[1, "site_id"] = "home-1"
    world.sites.loc[2, "service_id"] = "nobody"
    world.footprints.loc[0, "extent"] = "half"
    world.footprints.loc[1, "certainty"] = "rumour"
    world.footprints.loc[2, ["valid_from", "valid_to"]] = ["2022-02-30", "soon"]
    world.footprints.loc[3, ["valid_from", "valid_to"]] = ["2022", "2021"]
    world.status.loc[0, "status"] = "open"
    world.status.loc[1, "observed_from"] = "13/2020"
    world.published = pd.DataFrame(
        {"date": ["mid 2020"], "family": ["fdac"], "unit": ["courts"], "value": [1], "extent": ["England"]}
    )
    with pytest.raises(InputError) as raised:
        world.directory()
    lines = str(raised.value).splitlines()
    assert {line.split("; ")[0] for line in lines} == {
        "id.duplicate: services.service_id: 1 identifier occurs more than once (home)",
        "id.duplicate: sites.site_id: 1 identifier occurs more than once (home-1)",
        "id.unknown: sites.service_id: 1 identifier is not in services (nobody)",
        "id.unknown: footprints.service_id: 1 identifier is not in services (doubtful)",
        "id.unknown: status.service_id: 1 identifier is not in services (doubtful)",
        "value.not_allowed: footprints.extent: 1 row holds 'half' (home)",
        "value.not_allowed: footprints.certainty: 1 row holds 'rumour' (court)",
        "value.not_allowed: status.status: 1 row holds 'open' (home)",
        "service.no_family: services.family: 1 service has no family, or the reserved word any (home)",
        "date.invalid: footprints.valid_from: 1 row holds '2022-02-30' (court)",
        "date.invalid: footprints.valid_to: 1 row holds 'soon' (court)",
        "date.reversed: footprints.valid_from, valid_to: 1 row ends before it begins (silent)",
        "date.invalid: status.observed_from: 1 row holds '13/2020' (court)",
        "date.invalid: published.date: 1 row holds 'mid 2020' (fdac)",
    }


def test_overlapping_windows_of_different_status_are_named(world: World) -> None:
    world.status.loc[len(world.status)] = ["home", "paused", "2022-06", "2022-07"]
    world.status.loc[len(world.status)] = ["court", "closed", "2023", ""]
    with pytest.raises(InputError, match=r"status.overlap: status\..*2 services.*\(.*home.*court.*\)|\(court, home\)"):
        world.directory()


@pytest.mark.parametrize("table", ["services", "sites", "footprints", "status"])
def test_a_missing_column_is_named_with_its_table(table: str, world: World) -> None:
    frame = getattr(world, table)
    column = {"services": "name", "sites": "site_id", "footprints": "extent", "status": "status"}[table]
    setattr(world, table, frame.drop(columns=column))
    with pytest.raises(MissingColumnError, match=rf"{table}: column {column} is missing \(columns found: .*\)"):
        world.directory()


def test_a_directory_without_services_is_none(world: World) -> None:
    world.services = world.services.iloc[:0]
    with pytest.raises(InputError, match="services: the table is empty; give at least one service"):
        world.directory()


def test_codes_of_no_english_authority_are_named(world: World) -> None:
    world.footprints.loc[[0, 1], "authority_code"] = ["W06000015", "E99999999"]
    with pytest.raises(UnknownAuthorityError, match=r"footprints: 2 authority codes .*\(E99999999, W06000015\)"):
        world.directory()


def test_sites_without_a_system_are_refused(world: World) -> None:
    world.sites = world.sites.set_crs(None, allow_override=True)
    with pytest.raises(CrsError, match="sites: the geometry has no CRS"):
        world.directory()


@pytest.mark.parametrize("family", [None, float("nan"), "", "any"])
def test_a_service_must_have_a_family(family: object, world: World) -> None:
    world.services["family"] = world.services["family"].astype(object)
    world.services.loc[2, "family"] = family
    with pytest.raises(InputError, match=r"service.no_family: services.family: 1 service .*\(silent\); name one"):
        world.directory()


@pytest.mark.parametrize(
    ("table", "column"), [("footprints", "extent"), ("footprints", "certainty"), ("status", "status")]
)
def test_a_missing_value_is_named_as_any_other_wrong_one(table: str, column: str, world: World) -> None:
    getattr(world, table).loc[0, column] = None
    with pytest.raises(InputError, match=rf"value.not_allowed: {table}.{column}: 1 row holds .*\(home\)"):
        world.directory()


def test_blank_dates_may_be_missing_values(world: World) -> None:
    world.status["observed_to"] = None
    world.footprints["valid_to"] = float("nan")
    assert world.directory().status_on("2023-06-01")["home"] == "operating"


def test_tables_are_not_modified_and_their_index_does_not_matter(world: World) -> None:
    names = ("services", "sites", "footprints", "status")
    for name in names:
        frame = getattr(world, name)
        setattr(world, name, frame.set_index(pd.Index(range(100, 100 + len(frame)))))
    before = {name: getattr(world, name).copy() for name in names}
    directory = world.directory()
    for name in names:
        pd.testing.assert_frame_equal(getattr(world, name), before[name])
        assert getattr(directory, name).index.tolist() == list(range(len(before[name])))


def test_a_reference_date_must_be_in_full(world: World) -> None:
    with pytest.raises(InputError, match="reference_date: '2022' is not a date"):
        rg.Directory.from_tables(world.services, world.sites, world.footprints, world.status, reference_date="2022")


def test_columns_of_ones_own_are_carried(world: World) -> None:
    world.services["colour"] = "red"
    assert set(world.directory().services["colour"]) == {"red"}


def test_one_service_in_one_place_is_enough() -> None:
    directory = rg.Directory.from_tables(
        pd.DataFrame({"service_id": ["s"], "name": ["S"], "family": ["local"]}),
        gpd.GeoDataFrame({"site_id": ["p"], "service_id": ["s"]}, geometry=[Point(-1.5, 53.8)], crs="EPSG:4326"),
        pd.DataFrame([["s", "E08000035", "whole", "", "", "stated"]], columns=_FOOTPRINT),
        pd.DataFrame([["s", "operating", "", ""]], columns=["service_id", "status", "observed_from", "observed_to"]),
    )
    table = rg.gaps(directory, rg.load_boundaries("2022-11-01"), "2022-11-01")
    assert table.index[table["any"] == "served"].tolist() == ["E08000035"]


_FOOTPRINT = ["service_id", "authority_code", "extent", "valid_from", "valid_to", "certainty"]
