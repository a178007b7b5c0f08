"""Boundaries: the embedded polygons are what they say, and polygons of one's own are checked."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import Point, Polygon, box

import rcp_geo as rg
from rcp_geo import resources
from rcp_geo.authorities import register
from tests.world import A, B, C, D, World

DAYS = {"2019-06-01": 151, "2020-06-01": 151, "2021-06-01": 152, "2023-06-01": 153, "2025-06-01": 153}


@pytest.mark.parametrize(("day", "count"), DAYS.items())
def test_embedded_polygons_are_those_of_the_register(day: str, count: int) -> None:
    boundaries = rg.load_boundaries(day)
    assert len(boundaries) == len(boundaries.frame) == count
    expected = register().in_force(day)[["authority_code", "authority_name", "region_code", "region_name"]]
    pd.testing.assert_frame_equal(
        pd.DataFrame(boundaries.frame.drop(columns="geometry")).astype(object), expected.astype(object)
    )
    assert boundaries.frame.crs == "EPSG:27700"
    assert "Office for National Statistics" in boundaries.source
    assert boundaries.licence == "Open Government Licence v3.0"


@pytest.mark.parametrize("day", DAYS)
def test_embedded_polygons_tile_england_without_gap_or_overlap(day: str) -> None:
    geometry = rg.load_boundaries(day).frame.geometry
    assert geometry.is_valid.all()
    assert set(geometry.geom_type) <= {"Polygon", "MultiPolygon"}
    assert shapely.coverage_is_valid(geometry.to_numpy())
    # England's land is 130,279 sq km to the coast at mean high water (Standard Area Measurements, ONS), and with inland and
    # tidal water some more.
    assert geometry.area.sum() / 1e6 == pytest.approx(130_300, rel=0.005)


def test_vintages_differ_only_where_authorities_did() -> None:
    old, new = (rg.load_boundaries(d).frame.set_index("authority_code").geometry for d in ("2021-06-01", "2023-06-01"))
    cumbria = shapely.union_all(new[["E06000063", "E06000064"]].to_numpy())
    assert cumbria.symmetric_difference(old["E10000006"]).area < 1
    both = old.index.intersection(new.index)
    assert len(both) == 152 - 3
    assert old[both].geom_equals(new[both]).all()


LOWER = {"2019-06-01": 317, "2020-06-01": 314, "2021-06-01": 309, "2023-06-01": 296, "2025-06-01": 296}


@pytest.mark.parametrize(("day", "count"), LOWER.items())
def test_the_lower_tier_tiles_the_upper(day: str, count: int) -> None:
    """Each district lies in the authority of the register, and together they are its ground to the last square metre."""
    lower, upper = rg.load_boundaries(day, level="lower"), rg.load_boundaries(day)
    assert (len(lower), lower.level, upper.level) == (count, "lower", "upper")
    assert lower.vintage == upper.vintage
    expected = register().in_force(day, "lower")[["authority_code", "authority_name", "region_code", "region_name"]]
    pd.testing.assert_frame_equal(
        pd.DataFrame(lower.frame.drop(columns="geometry")).astype(object), expected.astype(object)
    )
    geometry = lower.frame.geometry.to_numpy()
    assert shapely.coverage_is_valid(geometry)
    holder = rg.recode(lower.frame["authority_code"], to=day, level="upper")
    for code, polygon in zip(upper.frame["authority_code"], upper.frame.geometry, strict=True):
        parts = geometry[(holder == code).to_numpy()]
        assert shapely.area(shapely.symmetric_difference(shapely.union_all(parts), polygon)) == 0


def test_merged_polygons_equal_the_union_of_their_parts() -> None:
    """Every vintage is made of the same ground: each authority that others merged into is the union of them."""
    changes = rg.history()
    merged = changes[(changes["kind"] == "merge") & (changes["date"] >= "2020-01-01")]
    for (day, new), rows in merged.groupby(["date", "new_code"]):
        before = (
            rg.load_boundaries(f"{int(day[:4]) - 1}-06-01", level="lower").frame.set_index("authority_code").geometry
        )
        after = rg.load_boundaries(day, level="lower").frame.set_index("authority_code").geometry
        parts = shapely.union_all(before[rows["old_code"]].to_numpy())
        assert shapely.area(shapely.symmetric_difference(parts, after[new])) == 0


def test_accuracy_comes_with_the_polygons() -> None:
    for day in DAYS:
        for level in ("upper", "lower"):
            accuracy = rg.load_boundaries(day, level=level).accuracy
            assert accuracy["in_own_authority"] >= 0.997
            assert accuracy["lowest_share"] > 0.98
            assert accuracy["lowest_authority"] in set(register().frame["authority_code"])


def test_there_are_two_tiers() -> None:
    with pytest.raises(rg.errors.InputError, match="level: 'ward' is not a tier"):
        rg.load_boundaries("2023-06-01", level="ward")  # type: ignore[arg-type]


# --- joins by code ----------------------------------------------------------------------------------------------------


def test_figures_join_by_code(world: World) -> None:
    table = pd.DataFrame({"GSS": [D, A], "children": [4, 1], "authority_name": ["theirs", "too"]})
    joined = world.boundaries().join(table, on="GSS")
    assert joined.index.tolist() == [A, B, C, D]
    assert joined["children"].fillna(-1).tolist() == [1, -1, -1, 4]
    assert joined.columns.tolist() == ["authority_name", "region_code", "region_name", "children"]
    assert table.columns.tolist() == ["GSS", "children", "authority_name"]


def test_figures_of_another_vintage_are_refused_with_the_way_out() -> None:
    boundaries = rg.load_boundaries("2022-11-01")
    table = pd.DataFrame({"authority_code": ["E10000021", "E06000063", "E09000001"], "n": 1})
    with pytest.raises(rg.errors.VintageError) as caught:
        boundaries.join(table)
    said = str(caught.value)
    assert said.startswith("table.authority_code: 2 codes belong to none of the upper-tier authorities of 2021-04-01 ")
    assert "(E06000063, E10000021)" in said
    assert "rcp_geo.recode(codes, to='2021-04-01', level='upper')" in said
    assert "rcp_geo.apportion" in said
    carried = rg.apportion(table, to="2021-04-01").reset_index()
    assert boundaries.join(carried[["authority_code", "n"]])["n"].sum() == pytest.approx(3)


def test_figures_of_authorities_in_force_without_a_polygon_here(world: World) -> None:
    """Not of another vintage: there is nothing to recode."""
    table = pd.DataFrame({"authority_code": [A, "E09000001"], "n": 1})
    with pytest.raises(
        rg.errors.InputError,
        match=r"table.authority_code: 1 code is of an? .*no polygon here \(E09000001\)|no polygon here",
    ) as caught:
        world.boundaries().join(table)
    assert "recode" not in str(caught.value)
    assert "E09000001" in str(caught.value)
    table.loc[0, "authority_code"] = "E10000006"
    with pytest.raises(rg.errors.VintageError, match=r"\(E10000006\); carry"):
        world.boundaries().join(table)


def test_figures_that_cannot_be_joined(world: World) -> None:
    boundaries = world.boundaries()
    with pytest.raises(
        rg.errors.UnknownAuthorityError, match="table.authority_code: 1 authority code .* \\(W06000001\\)"
    ):
        boundaries.join(pd.DataFrame({"authority_code": ["W06000001"]}))
    with pytest.raises(rg.errors.DuplicateIdError, match="table.authority_code"):
        boundaries.join(pd.DataFrame({"authority_code": [A, A]}))
    with pytest.raises(rg.errors.InputError, match="table.authority_code: a code is missing, so its row would be lost"):
        boundaries.join(pd.DataFrame({"authority_code": [A, None]}))
    with pytest.raises(rg.errors.MissingColumnError, match="table: column code is missing"):
        boundaries.join(pd.DataFrame({"authority_code": [A]}), on="code")


def test_findings_are_a_table(world: World) -> None:
    assert world.boundaries().findings.empty
    assert "remedy" in world.boundaries().findings.columns


def test_one_vintage_is_read_once() -> None:
    assert rg.load_boundaries("2022-11-01") is rg.load_boundaries("2021-07-01")
    assert rg.load_boundaries("2022-11-01") is not rg.load_boundaries("2023-11-01")


def test_postcodes_fall_in_their_own_authority(directory: rg.Directory) -> None:
    """Postcodes of town halls and courts, whose authority anyone can look up."""
    known = {"LS1 1UR": "Leeds", "B1 1BB": "Birmingham", "NE1 8QH": "Newcastle upon Tyne", "TR1 3AY": "Cornwall"}
    located = rg.locate(rg.geocode(known), rg.load_boundaries("2022-11-01"))
    assert located["authority_name"].tolist() == list(known.values())


def test_manifest_says_how_many_rows_and_since_when() -> None:
    for start, count in DAYS.items():
        record = resources.entry(f"upper_{start[:4]}")
        assert record["rows"] == count
        assert record["crs"] == "EPSG:27700"
        assert record["valid_from"] == f"{start[:4]}-04-01"


def test_own_polygons_come_back_sorted_on_the_grid(world: World) -> None:
    world.squares = world.squares.iloc[[2, 0, 3, 1]].to_crs("EPSG:4326").rename_geometry("shape")
    before = world.squares.copy()
    frame = world.boundaries().frame
    assert frame["authority_code"].tolist() == [A, B, C, D]
    assert frame.geometry.name == "geometry"
    assert frame.crs == "EPSG:27700"
    # 10 km squares, through another operation and back: within some metres.
    assert np.allclose(np.sqrt(frame.area), 10_000, atol=20)
    pd.testing.assert_frame_equal(world.squares, before)


def test_regions_that_are_left_out_are_those_of_the_register(world: World) -> None:
    given = world.boundaries().frame
    world.squares = world.squares.drop(columns=["region_code", "region_name"])
    pd.testing.assert_frame_equal(pd.DataFrame(world.boundaries().frame), pd.DataFrame(given))
    world.squares["authority_code"] = ["one", "two", "three", "four"]
    assert (world.boundaries().frame[["region_code", "region_name"]] == "").all(axis=None)


def test_areas_without_a_region_are_in_none(world: World) -> None:
    world.squares["region_code"] = world.squares["region_name"] = ""
    assert set(world.assess().coverage["area_type"]) == {"authority", "country"}


def test_codes_of_ones_own_world_are_taken_as_they_are() -> None:
    frame = gpd.GeoDataFrame(
        {"authority_code": ["ward-1"], "authority_name": ["Ward"]}, geometry=[box(0, 1, 2, 3)], crs="EPSG:27700"
    )
    boundaries = rg.Boundaries.from_frame(
        frame, valid_from="2023-04-01", valid_to="2024-03-31", source="s", licence="l"
    )
    assert (boundaries.source, boundaries.licence) == ("s", "l")
    assert boundaries.vintage.valid_to is not None
    assert boundaries.vintage.valid_to.isoformat() == "2024-03-31"


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (None, "have no geometry"),
        (Polygon(), "have no geometry"),
        (Point(1, 1), "are not polygons"),
        (Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), "are invalid"),
    ],
)
def test_geometry_that_is_no_area_is_named(shape: object, words: str, world: World) -> None:
    world.squares.loc[[1, 3], "geometry"] = shape
    with pytest.raises(rg.errors.GeometryError, match=rf"boundaries.geometry: 2 rows {words} \({B}, {D}\); \w+"):
        world.boundaries()


def test_tables_that_cannot_be_boundaries(world: World) -> None:
    squares = world.squares
    with pytest.raises(rg.errors.MissingColumnError, match="boundaries: column authority_name is missing"):
        rg.Boundaries.from_frame(squares.drop(columns="authority_name"), valid_from="2023-04-01")
    with pytest.raises(rg.errors.InputError, match="boundaries: the table is empty"):
        rg.Boundaries.from_frame(squares.iloc[:0], valid_from="2023-04-01")
    with pytest.raises(rg.errors.DuplicateIdError, match=rf"boundaries.authority_code.*{A}"):
        rg.Boundaries.from_frame(squares.iloc[[0, 0, 1]], valid_from="2023-04-01")
    with pytest.raises(rg.errors.CrsError, match="boundaries"):
        rg.Boundaries.from_frame(squares.set_crs(None, allow_override=True), valid_from="2023-04-01")
    with pytest.raises(rg.errors.InputError, match="valid_from: '2023' is not a date"):
        rg.Boundaries.from_frame(squares, valid_from="2023")
    with pytest.raises(rg.errors.InputError, match="valid_to"):
        rg.Boundaries.from_frame(squares, valid_from="2023-04-01", valid_to="soon")
    with pytest.raises(rg.errors.InputError, match=r"valid_to: 2023-03-31 is before valid_from \(2023-04-01\)"):
        rg.Boundaries.from_frame(squares, valid_from="2023-04-01", valid_to="2023-03-31")


def test_boundaries_say_what_they_are() -> None:
    said = "<Boundaries of 152 upper-tier areas in force from 2021-04-01 to 2023-03-31>"
    assert repr(rg.load_boundaries("2022-11-01")) == said
    assert repr(rg.load_boundaries("2025-11-01")).endswith("from 2025-04-01 on>")


def test_codes_of_another_vintage_are_refused(world: World) -> None:
    world.squares.loc[1, "authority_code"] = "E10000006"
    with pytest.raises(
        rg.errors.VintageError, match=r"1 code was not in force on 2023-04-01 \(E10000006\).*valid_from"
    ):
        world.boundaries()


def test_districts_may_be_the_areas_of_the_answer(world: World) -> None:
    """Lower-tier authorities in force are as good as upper-tier ones."""
    world.squares["authority_code"] = ["E07000026", "E07000029", "E07000028", "E07000027"]
    boundaries = rg.Boundaries.from_frame(world.squares, valid_from="2021-04-01")
    table = rg.gaps(rg.load_directory(), boundaries, "2018-06-01")
    # Pause Cumbria's footprints name Allerdale and Copeland.
    assert table["pause"].to_dict() == {
        "E07000026": "served",
        "E07000027": "none_recorded",
        "E07000028": "none_recorded",
        "E07000029": "served",
    }


def test_a_date_must_be_in_full() -> None:
    with pytest.raises(rg.errors.InputError, match="as_of: '2022-11' is not a date"):
        rg.load_boundaries("2022-11")
