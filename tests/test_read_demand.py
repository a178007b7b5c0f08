"""Reading demand: any format, any usual heading, every fault named at once, and nobody lost."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rcp_geo as rg
from rcp_geo.crs import bng_to_wgs84
from rcp_geo.errors import CrsError, DuplicateIdError, GeometryError, InputError, MissingColumnError
from tests.world import World

CODES = ["E01000001", "E01000002", "E01000003"]


def _keyed(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"LSOA11CD": CODES, "people": [10, 20, 30], **columns})


def _placed(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"id": ["a", "b"], "n": [120, 80], "lon": [-0.1, -1.5], "lat": [51.5, 53.8], **columns})


def _codes(demand: gpd.GeoDataFrame) -> set[str]:
    return {f["code"] for f in demand.attrs["findings"]}


def _finding(demand: gpd.GeoDataFrame, code: str) -> dict[str, str]:
    (found,) = [f for f in demand.attrs["findings"] if f["code"] == code]
    return found


# --- small areas ------------------------------------------------------------------------------------------------------


def test_codes_of_small_areas_are_joined_to_the_embedded_points(demand: gpd.GeoDataFrame) -> None:
    read = rg.read_demand(_keyed(decile=[3, 1, 2]).iloc[::-1])
    assert read["demand_id"].tolist() == CODES
    assert read["weight"].tolist() == [10, 20, 30]
    assert read["decile"].tolist() == [3, 1, 2]
    known = demand[demand["demand_id"].isin(CODES)].reset_index(drop=True)
    for column in ("easting", "northing", "longitude", "latitude", "district_code"):
        assert read[column].tolist() == known[column].tolist()
    assert read.geometry.geom_equals(known.geometry).all()
    assert read.crs == "EPSG:4326"
    assert "32841 of the 32844 LSOAs of 2011 in England have no row" in _finding(read, "demand.no_row")["message"]


@pytest.mark.parametrize(
    "heading",
    ["LSOA11CD", "lsoa11_code", "LSOA code (2011)", "LSOA Code", "lsoa", "Area code", "odd heading", "demand_id"],
)
def test_identifiers_are_known_by_their_heading_or_their_content(heading: str) -> None:
    table = _keyed(name=["x", "y", "z"]).rename(columns={"LSOA11CD": heading})
    assert rg.read_demand(table)["demand_id"].tolist() == CODES
    assert rg.read_demand(table[["name", "people", heading]], id=heading)["demand_id"].tolist() == CODES


def test_a_table_of_all_small_areas_has_no_finding_but_how_it_was_read(demand: gpd.GeoDataFrame) -> None:
    read = rg.read_demand(pd.DataFrame({"code": demand["demand_id"], "count": 2}))
    assert _codes(read) == {"column.mapping"}
    assert read["demand_id"].tolist() == demand["demand_id"].tolist()
    assert read["weight"].sum() == 2 * len(demand)
    answer = rg.assess(demand=read)
    assert "demand.proxy" not in set(answer.findings["code"])


def test_welsh_areas_are_left_out_and_counted() -> None:
    table = pd.concat([_keyed(), pd.DataFrame({"LSOA11CD": ["W01000001", "W01000002"], "people": [1000, 500]})])
    read = rg.read_demand(table)
    assert read["weight"].sum() == 60
    found = _finding(read, "demand.outside_england")
    assert found["message"] == "2 rows are outside England and were left out (weight 1,500)"
    assert found["ids"] == "W01000001; W01000002"


def test_areas_of_another_date_want_coordinates() -> None:
    with pytest.raises(
        InputError,
        match=r"demand.unknown_area: frame.LSOA11CD: 1 code is of no LSOA of 2011 \(weight 30\) \(E01035624\); if .* of 2021.*"
        "add longitude and latitude",
    ):
        rg.read_demand(_keyed(LSOA11CD=["E01000001", "E01000002", "E01035624"]))
    with pytest.raises(InputError, match=r"none of 1 codes is of an LSOA of 2011 in England"):
        rg.read_demand(pd.DataFrame({"code": ["W01000001"], "people": [1]}))
    read = rg.read_demand(
        pd.DataFrame({"LSOA21CD": ["E01035624"], "people": [9], "latitude": [51.5], "longitude": [-0.1]})
    )
    assert read["demand_id"].tolist() == ["E01035624"]
    assert "district_code" not in read.columns


# --- points -----------------------------------------------------------------------------------------------------------


def test_points_by_each_kind_of_place() -> None:
    degrees = rg.read_demand(_placed())
    assert degrees.geometry.x.tolist() == [-0.1, -1.5]
    assert degrees.columns.tolist() == ["demand_id", "weight", "geometry"]
    grid = rg.read_demand(pd.DataFrame({"id": ["a"], "n": [1], "Easting": [530000], "Northing": [180000]}))
    longitude, latitude = bng_to_wgs84([530000], [180000])
    assert (grid.geometry.x[0], grid.geometry.y[0]) == (longitude[0], latitude[0])
    post = rg.read_demand(pd.DataFrame({"ref": ["a"], "n": [1], "Post code": ["sw1a2aa"]}))
    assert post.geometry[0] == rg.geocode(["SW1A 2AA"]).geometry[0]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "gpkg", "geojson", "shp", "frame"])
def test_any_format_reads_the_same(suffix: str, world: World, tmp_path: Path) -> None:
    layer = world.demand.rename(columns={"demand_id": "id", "weight": "people"}).assign(kind=["urban", "rural"] * 6)
    path: Any = tmp_path / f"mine.{suffix}"
    table = pd.DataFrame(layer.drop(columns="geometry")).assign(
        easting=layer.geometry.x.astype(int), northing=layer.geometry.y.astype(int)
    )
    if suffix == "csv":
        table.to_csv(path, index=False)
    elif suffix == "xlsx":
        pytest.importorskip("openpyxl")
        table.to_excel(path, index=False)
    elif suffix == "parquet":
        layer.to_parquet(path)
    elif suffix == "frame":
        path = layer
    else:
        (layer.to_crs("EPSG:4326") if suffix == "geojson" else layer).to_file(path, engine="pyogrio")
    read = rg.read_demand(path)
    assert read[["demand_id", "weight", "kind"]].values.tolist() == layer[["id", "people", "kind"]].values.tolist()
    metres = read.to_crs("EPSG:27700").geometry.distance(world.demand.geometry)
    assert metres.max() < 5
    assert read.attrs["source"] == ("frame" if suffix == "frame" else read.attrs["source"])
    assert read.attrs["source"].startswith(("mine.", "frame"))


def test_points_without_identifiers_are_known_by_their_row() -> None:
    read = rg.read_demand(_placed().drop(columns="id"))
    assert read["demand_id"].tolist() == ["0", "1"]
    assert _finding(read, "demand.no_id")["severity"] == "info"


def test_points_outside_england_are_kept_and_counted() -> None:
    read = rg.read_demand(_placed(lon=[-0.1, -3.2], lat=[51.5, 55.95]))
    assert len(read) == 2
    found = _finding(read, "demand.outside_england")
    assert found["message"] == "1 point lies outside England (weight 80, 40.0% of all)"
    assert (found["severity"], found["ids"]) == ("warning", "b")
    assert rg.assess(demand=read).provenance["counts"]["demand_weight_in_no_authority"] == 80


@pytest.mark.parametrize(
    ("columns", "error", "said"),
    [
        (
            {"lon": [51.5, -1.5], "lat": [-0.1, 53.8]},
            GeometryError,
            r"coordinate.swapped: .*latitude and longitude swapped \(a\)",
        ),
        ({"lon": [0, -1.5], "lat": [0, 53.8]}, GeometryError, r"coordinate.zero: .*\(a\)"),
        ({"lon": [10.0, -1.5]}, GeometryError, r"coordinate.out_of_range: .*outside Great Britain \(a\)"),
        ({"lon": ["", -1.5], "lat": ["", 53.8]}, GeometryError, r"demand.no_place: frame: 1 row has no place \(a\)"),
        ({"lon": ["x", -1.5]}, InputError, r"coordinate.not_a_number"),
        ({"id": ["a", "a"]}, DuplicateIdError, r"id.duplicate: frame.id: 1 identifier occurs more than once \(a\)"),
        ({"id": ["a", ""]}, InputError, r"demand.no_id: frame.id: 1 row has no identifier \(row 1\)"),
    ],
)
def test_places_that_are_none(columns: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        rg.read_demand(_placed(**columns))


def test_geometry_that_cannot_be_used(world: World) -> None:
    with pytest.raises(CrsError, match="no coordinate reference system"):
        rg.read_demand(world.demand.set_crs(None, allow_override=True))
    areas = world.demand.set_geometry(world.demand.geometry.buffer(10))
    with pytest.raises(GeometryError, match="demand.no_place: frame: 12 rows have no place"):
        rg.read_demand(areas)


# --- weights ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "code", "said"),
    [
        ("", "weight.missing", "1 row has no weight"),
        (None, "weight.missing", "not a count of 0"),
        ("c", "weight.withheld", r"withheld: 'c' .*denominator of need"),
        ("[x]", "weight.withheld", r"'\[x\]'"),
        ("*", "weight.withheld", "withheld"),
        ("<5", "weight.withheld", "withheld"),
        ("..", "weight.withheld", "withheld"),
        ("many", "weight.not_a_number", "'many'"),
        ("inf", "weight.not_a_number", "no number"),
        (-1, "weight.negative", "give each 0 or more"),
    ],
)
def test_weights_that_are_none_stop_the_call(weight: Any, code: str, said: str) -> None:
    with pytest.raises(InputError, match=rf"{code}: frame.people: .*{said}") as raised:
        rg.read_demand(_keyed(people=pd.Series([10, weight, 30], dtype=object)))
    assert "E01000002" in str(raised.value)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(InputError) as raised:
        rg.read_demand(_placed(id=["a", "a"], n=["c", "-1"], lon=[51.5, -1.5], lat=[-0.1, 53.8]))
    told = [line.partition(":")[0] for line in str(raised.value).splitlines()]
    assert sorted(told) == ["coordinate.swapped", "id.duplicate", "weight.negative", "weight.withheld"]


def test_weights_of_nought_are_weights_but_not_all_of_them() -> None:
    read = rg.read_demand(_keyed(people=[0, "1,234", 5]))
    assert read["weight"].tolist() == [0, 1234, 5]
    assert _finding(read, "weight.zero")["ids"] == "E01000001"
    with pytest.raises(InputError, match=r"frame.people: all weights are 0"):
        rg.read_demand(_keyed(people=0))


def test_columns_that_are_not_there() -> None:
    with pytest.raises(
        MissingColumnError, match=r"no column of weights was found \(columns: LSOA11CD\); name it with weight="
    ):
        rg.read_demand(pd.DataFrame({"LSOA11CD": CODES}))
    with pytest.raises(MissingColumnError, match="neither places nor codes of small areas were found"):
        rg.read_demand(pd.DataFrame({"town": ["Hull"], "people": [1]}))
    with pytest.raises(MissingColumnError, match="column 'x' for weight is missing"):
        rg.read_demand(_keyed(), weight="x")
    with pytest.raises(MissingColumnError, match="'family' is not a field; choose from id, weight, longitude"):
        rg.read_demand(_keyed(), columns={"family": "people"})


# --- other columns and other tables -----------------------------------------------------------------------------------


def test_other_columns_are_carried_as_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "lsoa11_code,weight,decile,rank,share,code2,mixed,type\n"
        "E01000001,1,9.0,32000,0.5,007,1,urban\nE01000002,2,10.0,,1,008,x,\nE01000003,3,1,5,1,009,,rural\n"
    )
    read = rg.read_demand(path)
    assert read["decile"].tolist() == [9, 10, 1]
    assert read["decile"].dtype == "int64"
    assert read["rank"].tolist()[::2] == [32000, 5]
    assert np.isnan(read["rank"][1])
    assert read["share"].tolist() == [0.5, 1, 1]
    assert read["code2"].tolist() == ["007", "008", "009"]
    assert read["mixed"].tolist() == ["1", "x", None]
    assert read["type"].tolist() == ["urban", None, "rural"]
    rows = rg.assess(demand=read).coverage_by("decile")
    assert rows["area_code"].cat.categories.tolist() == ["1", "9", "10"]


def test_columns_of_the_librarys_own_names_are_left_out_and_named() -> None:
    read = rg.read_demand(_keyed(weight=[1, 2, 3], district_code="mine"), weight="people")
    assert read["weight"].tolist() == [10, 20, 30]
    assert read["district_code"].str.startswith("E09").all()
    assert _finding(read, "column.reserved")["column"] == "weight, district_code"


def test_groups_from_other_tables(tmp_path: Path) -> None:
    deciles = pd.DataFrame({"LSOA code (2011)": [*CODES[::-1][:2], "E01000099"], "decile": [3, 2, 9]})
    path = tmp_path / "kinds.csv"
    pd.DataFrame({"LSOA11CD": CODES, "kind": ["u", "r", "u"], "people": 0}).to_csv(path, index=False)
    read = rg.read_demand(_keyed(), groups=[deciles, path])
    assert read["kind"].tolist() == ["u", "r", "u"]
    assert read["decile"].tolist()[1:] == [2, 3]
    assert np.isnan(read["decile"][0])
    assert "1 demand point has no row in it, with 16.7% of the weight" in _finding(read, "groups.no_row")["message"]
    assert _finding(read, "groups.unused")["ids"] == "E01000099"
    # What is called people there is no weight here.
    assert read["people"].tolist() == [0, 0, 0]
    assert read["weight"].tolist() == [10, 20, 30]
    one = rg.read_demand(_placed(), groups=pd.DataFrame({"id": ["b", "a"], "kind": ["r", "u"]}))
    assert one["kind"].tolist() == ["u", "r"]


def test_groups_that_cannot_be_joined() -> None:
    with pytest.raises(MissingColumnError, match=r"no column of identifiers was found to join by .*head it LSOA11CD"):
        rg.read_demand(_keyed(), groups=pd.DataFrame({"town": ["x"]}))
    with pytest.raises(DuplicateIdError, match=r"id.duplicate: frame.LSOA11CD: .*\(E01000001\)"):
        rg.read_demand(_keyed(), groups=pd.DataFrame({"LSOA11CD": [CODES[0]] * 2, "x": [1, 2]}))


def test_strict_raises_for_warnings() -> None:
    with pytest.raises(InputError, match="demand.no_row"):
        rg.read_demand(_keyed(), strict=True)


# --- where it comes from ----------------------------------------------------------------------------------------------


def test_the_provenance_says_where_demand_comes_from(tmp_path: Path) -> None:
    read = rg.read_demand(_keyed(), attribution="ONS, mid-2020", licence="OGL v3", vintage="2020-06-30")
    answer = rg.assess(demand=read)
    (record,) = [r for r in answer.provenance["inputs"] if r["name"] == "demand"]
    assert (record["source"], record["licence"], record["rows"]) == ("ONS, mid-2020", "OGL v3", 3)
    assert record["vintage"] == "2020-06-30"
    assert {"column.mapping", "demand.no_row"} <= set(answer.findings["code"])
    told = answer.findings.set_index("code").loc["demand.no_row"]
    assert told["count"] == 32_841
    # They go with the frame to a file and back.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read.to_parquet(tmp_path / "d.parquet")


@pytest.mark.parametrize("value", ["mine", [1], [{"code": "x"}], None])
def test_attributes_of_ones_own_are_left_alone(value: object, world: World) -> None:
    world.demand.attrs = {"findings": value, "source": None, "mine": 1}
    (record,) = [r for r in world.assess().provenance["inputs"] if r["name"] == "demand"]
    assert record["source"] == ""
    assert world.demand.attrs["findings"] == value


def test_nothing_that_is_passed_in_is_changed() -> None:
    table, other = _keyed(), pd.DataFrame({"LSOA11CD": CODES, "x": [1, 2, 3]})
    before = table.copy(), other.copy()
    rg.read_demand(table, groups=other)
    pd.testing.assert_frame_equal(table, before[0])
    pd.testing.assert_frame_equal(other, before[1])


@settings(max_examples=20, deadline=None)
@given(weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=30), seed=st.integers(0, 2**16))
def test_weight_in_is_weight_out_in_any_order(weights: list[int], seed: int) -> None:
    codes = rg.load_demand()["demand_id"].to_numpy(dtype=object)[: len(weights)]
    table = pd.DataFrame({"code": codes, "people": weights, "g": range(len(weights))})
    table.loc[0, "people"] += 1
    shuffled = table.iloc[np.random.default_rng(seed).permutation(len(table))]
    read = rg.read_demand(shuffled, groups=shuffled[["code"]].assign(h=shuffled["g"]))
    assert read["weight"].tolist() == table["people"].tolist()
    assert read["g"].tolist() == read["h"].tolist() == table["g"].tolist()


# --- the official tables ----------------------------------------------------------------------------------------------


def test_official_estimates_and_deciles_in_one_call(shared_data: Path) -> None:
    """The sums are taken from the files by the standard library alone."""
    import csv

    folder = shared_data / "demand"
    people, decile = folder / "lsoa11_population_mid2020.csv", folder / "imd2019_lsoa11.csv"
    with people.open() as file:
        children = {row["lsoa11_code"]: int(row["age_0_17"]) for row in csv.DictReader(file)}
    with decile.open() as file:
        groups = {row["lsoa11_code"]: str(int(float(row["IMD_decile"]))) for row in csv.DictReader(file)}
    read = rg.read_demand(people, weight="age_0_17", groups=decile)
    assert _codes(read) == {"column.mapping"}
    assert read["weight"].sum() == sum(children.values())
    expected: dict[str, int] = {}
    for code, n in children.items():
        expected[groups[code]] = expected.get(groups[code], 0) + n
    rows = rg.assess(demand=read).coverage_by("IMD_decile")
    assert rows["area_code"].cat.categories.tolist() == [str(d) for d in range(1, 11)]
    assert rows.drop_duplicates("area_code").set_index("area_code")["weight"].to_dict() == expected


def test_official_areas_of_2021_are_refused_with_a_remedy_and_read_with_their_centres(shared_data: Path) -> None:
    folder = shared_data / "demand"
    census = folder / "lsoa21_population_census2021_by_age.csv"
    with pytest.raises(InputError, match=r"demand.unknown_area.*1945 codes are of no LSOA of 2011"):
        rg.read_demand(census, weight="Aged 15 years and under")
    centres = pd.read_csv(folder / "lsoa_2011_2021_centres.csv").rename(columns={"LSOACD": "lsoa21_code"})
    table = pd.read_csv(census).merge(centres, on="lsoa21_code")
    read = rg.read_demand(table, weight="Aged 15 years and under")
    assert read["weight"].sum() == table["Aged 15 years and under"].sum()
    assert len(read) == len(table)
