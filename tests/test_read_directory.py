"""A folder of tables of one's own: read as it is, placed by what it has, refused with all that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

import rcp_geo as rg
from rcp_geo.crs import bng_to_wgs84
from rcp_geo.errors import InputError, InputWarning, MissingColumnError, UnknownAuthorityError
from tests import twin
from tests.world import DAY, A, World

GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def from_folder(tables: Path) -> rg.Directory:
    """The embedded tables, read as a user's folder."""
    return rg.read_directory(tables)


def _edit(folder: Path, table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    path = folder / f"{table}.csv"
    change(pd.read_csv(path, dtype=str, keep_default_na=False)).to_csv(path, index=False)


def test_the_embedded_tables_from_a_folder_give_the_same_answers(
    from_folder: rg.Directory, directory: rg.Directory
) -> None:
    own = from_folder
    for day in ("2015-06-01", "2021-07-01", "2022-11-01", "2024-03-11"):
        boundaries = rg.load_boundaries(day)
        pd.testing.assert_frame_equal(rg.gaps(own, boundaries, day), rg.gaps(directory, boundaries, day))
    assert own.reference_date == directory.reference_date
    for name in ("services", "footprints", "status", "published", "searched"):
        pd.testing.assert_frame_equal(getattr(own, name), getattr(directory, name))


def test_sites_of_the_embedded_tables_come_within_metres_of_those_that_ship(
    from_folder: rg.Directory, directory: rg.Directory
) -> None:
    # Placed anew from the postcode districts, and from the demand of the authorities served.
    own = from_folder.sites
    assert own["site_id"].tolist() == directory.sites["site_id"].tolist()
    theirs = directory.sites.geometry
    metres = GEOD.inv(own.geometry.x, own.geometry.y, theirs.x, theirs.y)[2]
    assert np.max(metres) < 5


def test_a_folder_of_the_small_world_is_the_small_world(folder: Path, world: World) -> None:
    own = rg.read_directory(folder, as_of=DAY)
    assert rg.gaps(own, world.boundaries()).equals(world.gaps())
    assert own.published.empty
    assert own.searched.empty
    assert own.source == folder.name
    # And the twin reads the very same files.
    members = {code: frozenset({code}) for code in world.squares["authority_code"]}
    expected = twin.gaps(folder, own.reference_date, world.squares["authority_code"], members)
    assert rg.gaps(own, world.boundaries())[list(twin.GROUPS)].to_dict("index") == expected


def test_coordinates_of_either_system_name_the_same_place(folder: Path) -> None:
    by_grid = rg.read_directory(folder).sites.geometry

    def to_degrees(sites: pd.DataFrame) -> pd.DataFrame:
        longitude, latitude = bng_to_wgs84(sites.pop("easting").astype(float), sites.pop("northing").astype(float))
        return sites.assign(longitude=longitude, latitude=latitude)

    _edit(folder, "sites", to_degrees)
    by_degrees = rg.read_directory(folder).sites.geometry
    assert np.max(GEOD.inv(by_grid.x, by_grid.y, by_degrees.x, by_degrees.y)[2]) < 0.001


@pytest.mark.parametrize("column", ["postcode", "postcode_district"])
@pytest.mark.parametrize("text", ["TS24 7BT", "ts24"])
def test_postcodes_place_a_site(column: str, text: str, folder: Path) -> None:
    _edit(folder, "sites", lambda s: s.drop(columns=["easting", "northing"]).assign(**{column: text}))
    placed = rg.read_directory(folder).sites.geometry.iloc[0]
    expected = rg.geocode([text]).geometry.iloc[0]
    assert (placed.x, placed.y) == (expected.x, expected.y)


def test_coordinates_come_before_postcodes(folder: Path) -> None:
    before = rg.read_directory(folder).sites.geometry.iloc[0]
    _edit(folder, "sites", lambda s: s.assign(postcode="TR1 3AY"))
    after = rg.read_directory(folder).sites.geometry.iloc[0]
    assert (after.x, after.y) == (before.x, before.y)


def test_each_site_is_placed_by_what_it_has(folder: Path) -> None:
    def mixed(sites: pd.DataFrame) -> pd.DataFrame:
        sites.loc[1, ["easting", "northing"]] = ""
        return sites.assign(postcode=["", "TR1 3AY", "", "", ""])

    _edit(folder, "sites", mixed)
    placed = rg.read_directory(folder).sites.geometry
    truro = rg.geocode(["TR1 3AY"]).geometry.iloc[0]
    assert (placed.iloc[1].x, placed.iloc[1].y) == (truro.x, truro.y)
    assert abs(placed.iloc[0].x - truro.x) > 1


def test_failing_all_else_the_middle_of_the_demand_served(folder: Path) -> None:
    _edit(folder, "sites", lambda s: s.drop(columns=["easting", "northing"]))
    placed = rg.read_directory(folder).sites.geometry.iloc[0]
    own = rg.load_demand().query(f"district_code == '{A}'")
    x, y = own["easting"].to_numpy(), own["northing"].to_numpy()
    sums = [np.hypot(x - a, y - b).sum() for a, b in zip(x, y, strict=True)]
    best = own.iloc[int(np.argmin(sums))]
    assert (placed.x, placed.y) == (best["longitude"], best["latitude"])


def test_a_site_that_nothing_places_has_no_point(folder: Path, world: World) -> None:
    def lost(sites: pd.DataFrame) -> pd.DataFrame:
        sites.loc[0, ["easting", "northing"]] = ""
        return sites

    _edit(folder, "sites", lost)
    _edit(folder, "footprints", lambda f: f[f["service_id"] != "home"])
    own = rg.read_directory(folder, as_of=DAY)
    assert own.sites.geometry.iloc[0] is None
    # The assessment goes on without it, and says so.
    answer = rg.assess(own, world.boundaries(), world.demand)
    finding = answer.findings.set_index("code").loc["site.no_point"]
    assert finding["ids"] == "home-1"


@pytest.mark.parametrize(("x", "y"), [("easting", "northing"), ("longitude", "latitude")])
@pytest.mark.parametrize("lost", ["x", "y"])
def test_half_a_coordinate_is_not_a_place(lost: str, x: str, y: str, folder: Path) -> None:
    def half(sites: pd.DataFrame) -> pd.DataFrame:
        # The other system's columns are there and wholly blank for this site.
        sites.loc[0, ["easting", "northing"]] = ""
        given = {"easting": "450000", "northing": "532000", "longitude": "-1.23", "latitude": "54.68"}
        for column in {"easting", "northing", "longitude", "latitude"} - set(sites.columns):
            sites[column] = ""
        kept = y if lost == "x" else x
        sites.loc[0, kept] = given[kept]
        return sites

    _edit(folder, "sites", half)
    # Placed by the next best means, at the middle of the demand of the authority that it serves, and not in silence.
    with pytest.warns(InputWarning, match=r"coordinate\.incomplete: .*home-1.*give both or neither"):
        placed = rg.read_directory(folder).sites.geometry.iloc[0]
    assert 54.5 < placed.y < 54.8


def test_official_names_stand_in_for_codes(folder: Path, world: World) -> None:
    def named(footprints: pd.DataFrame) -> pd.DataFrame:
        names = world.squares.set_index("authority_code")["authority_name"]
        return footprints.assign(authority_name=footprints["authority_code"].map(names), authority_code="")

    _edit(folder, "footprints", named)
    own = rg.read_directory(folder, as_of=DAY)
    assert own.footprints["authority_code"].tolist() == world.footprints["authority_code"].tolist()


def test_a_name_is_read_on_the_vintage_that_its_row_states(folder: Path) -> None:
    def named(footprints: pd.DataFrame) -> pd.DataFrame:
        footprints = footprints.head(2).assign(authority_code="", authority_name="Barnsley")
        return footprints.assign(vintage=["2023-04-01", "2025-04-01"])

    _edit(folder, "footprints", named)
    assert rg.read_directory(folder).footprints["authority_code"].tolist() == ["E08000016", "E08000038"]


def test_a_name_that_is_none_is_refused(folder: Path) -> None:
    _edit(folder, "footprints", lambda f: f.assign(authority_code="", authority_name="Hartlepol"))
    with pytest.raises(UnknownAuthorityError, match=r"'Hartlepol'.*check the spelling, or give its code"):
        rg.read_directory(folder)


@pytest.mark.parametrize("table", ["services", "sites", "footprints", "status"])
def test_a_missing_table_is_named(table: str, folder: Path) -> None:
    (folder / f"{table}.csv").unlink()
    with pytest.raises(InputError, match=rf"{table}\.csv.* is missing; a directory needs it"):
        rg.read_directory(folder)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: there is no such"):
        rg.read_directory(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00\x01binary", "caf\u00e9".encode("utf-16"), b'a,b\n"x,y\n', b"a,b\n1,2,3\n"],
    ids=["empty", "binary", "utf-16", "open quote", "ragged"],
)
def test_what_is_not_a_csv_table_is_refused(content: bytes, folder: Path) -> None:
    (folder / "services.csv").write_bytes(content)
    with pytest.raises(InputError) as raised:
        rg.read_directory(folder)
    assert "services" in str(raised.value)


def test_a_byte_order_mark_and_spaces_in_headers_do_no_harm(folder: Path) -> None:
    text = (folder / "services.csv").read_text(encoding="utf-8").replace("name,family", " name , family ")
    (folder / "services.csv").write_text(text, encoding="utf-8-sig")
    assert rg.read_directory(folder).services.columns.tolist() == ["service_id", "name", "family"]


def test_ids_are_read_as_text(folder: Path) -> None:
    _edit(folder, "services", lambda s: s.assign(service_id=["001", "02", "3", "NA", "null", "6.0"]))
    order = dict(
        zip(
            ["home", "court", "silent", "planned", "shut", "doubtful"],
            ["001", "02", "3", "NA", "null", "6.0"],
            strict=True,
        )
    )
    for table in ("sites", "footprints", "status"):
        _edit(folder, table, lambda f: f.assign(service_id=f["service_id"].map(order)))
    assert rg.read_directory(folder).services["service_id"].tolist() == list(order.values())


@pytest.mark.parametrize("column", ["easting", "northing"])
def test_coordinates_that_are_no_numbers_are_named(column: str, folder: Path) -> None:
    def spoil(sites: pd.DataFrame) -> pd.DataFrame:
        sites.loc[[1, 3], column] = ["4o5000", "near the park"]
        return sites

    _edit(folder, "sites", spoil)
    _is_named(folder, "sites", 2, ["court-1", "planned-1"])


def test_postcodes_that_are_not_found_are_all_named(folder: Path) -> None:
    codes = ["TR1 3AY", "ZZ99 9ZZ", "TR1", "ZZ98 9ZZ", "LS1"]
    _edit(folder, "sites", lambda s: s.drop(columns=["easting", "northing"]).assign(postcode=codes))
    _is_named(folder, "sites.postcode", 2, ["court-1", "planned-1"])


def _is_named(folder: Path, where: str, count: int, ids: list[str]) -> None:
    """Reading goes on with a warning and a finding that name the rows; strictly, it is refused with the same."""
    with pytest.warns(InputWarning, match=re.escape(where)):
        found = rg.read_directory(folder).findings
    rows = found[(found["severity"] == "error") & (found["count"] == count)]
    assert rows["ids"].tolist() == ["; ".join(ids)]
    assert (rows["remedy"] != "").all()
    with pytest.raises(InputError) as raised:
        rg.read_directory(folder, strict=True)
    assert where in str(raised.value)
    assert ", ".join(ids) in str(raised.value)


def test_a_missing_column_is_named_before_anything_is_placed(folder: Path) -> None:
    _edit(folder, "sites", lambda s: s.drop(columns="service_id"))
    with pytest.raises(MissingColumnError, match="sites: column service_id is missing"):
        rg.read_directory(folder)
    _edit(folder, "footprints", lambda f: f.drop(columns="authority_code"))
    with pytest.raises(MissingColumnError, match="footprints: column authority_code is missing"):
        rg.read_directory(folder)


def test_footprints_without_their_service_are_named_and_not_a_crash(folder: Path) -> None:
    _edit(folder, "footprints", lambda f: f.drop(columns="service_id"))
    _edit(folder, "sites", lambda s: s.drop(columns=["easting", "northing"]))
    with pytest.raises(MissingColumnError, match="footprints: column service_id is missing"):
        rg.read_directory(folder)


def test_wrong_rows_of_several_tables_are_named_at_once(folder: Path) -> None:
    _edit(folder, "status", lambda s: s.assign(status="open", observed_from="yesterday"))
    _edit(folder, "footprints", lambda f: f.assign(extent="most"))
    with pytest.raises(InputError) as raised:
        rg.read_directory(folder)
    for words in ("status.status", "'open'", "status.observed_from", "'yesterday'", "footprints.extent", "'most'"):
        assert words in str(raised.value)


def test_files_are_not_changed(folder: Path) -> None:
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    rg.read_directory(str(folder))
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
