"""Boundaries from any file: official ones in every format, and small worlds with one thing wrong in each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box
from shapely.affinity import translate

import rcp_geo as rg
from rcp_geo import errors
from rcp_geo.authorities import register
from tests.areas import EXACT, WRITERS, codes, found, rows, squares
from tests.world import SQUARES, A, B, C, D, World

ONE = box(400_000, 400_000, 410_000, 410_000)
BOWTIE = Polygon([(400_000, 400_000), (410_000, 410_000), (410_000, 400_000), (400_000, 410_000)])
ALWAYS = ["column.mapping", "boundaries.missing_authorities"]


@pytest.mark.parametrize("format_name", WRITERS)
def test_the_same_squares_from_every_format(format_name: str, tmp_path: Path) -> None:
    # A hole in A that B fills, and an island of D
    hole = box(404_000, 404_000, 405_000, 405_000)
    island = box(430_000, 430_000, 431_000, 431_000)
    shapes = {
        A: SQUARES[A][2].difference(hole),
        B: MultiPolygon([SQUARES[B][2], hole]),
        D: MultiPolygon([SQUARES[D][2], island]),
    }
    frame = squares(**shapes)
    WRITERS[format_name](frame, tmp_path / format_name)
    boundaries = rg.read_boundaries(tmp_path / format_name)
    assert boundaries.frame["authority_code"].tolist() == [A, B, C, D]
    assert boundaries.frame["authority_name"].tolist() == [name for name, *_ in SQUARES.values()]
    assert boundaries.frame["region_name"].tolist() == [region for _, (_, region), _ in SQUARES.values()]
    assert (boundaries.vintage.label, boundaries.level) == ("2023-04-01", "upper")
    assert boundaries.vintage.valid_to == dt.date(2025, 3, 31)
    assert boundaries.source == found(boundaries, "column.mapping").table
    apart = shapely.symmetric_difference(boundaries.frame.geometry.to_numpy(), frame.geometry.to_numpy())
    # In degrees the sides of a square are other lines than on the grid: a metre or so over 10 km.
    assert shapely.area(apart).max() <= (0 if format_name in EXACT else 60_000)
    assert [c for c in codes(boundaries) if c not in ALWAYS] == [
        *(["geometry.heights"] if format_name.endswith(("kml", "kmz")) else []),
        "boundaries.parts",
    ]


@pytest.mark.parametrize("format_name", WRITERS)
def test_official_file_from_every_format(format_name: str, tmp_path: Path, shared_data: Path) -> None:
    path = shared_data / "boundaries" / "ctyua_may_2023_uk_buc.gpkg"
    official = gpd.read_file(path)[["CTYUA23CD", "CTYUA23NM", "CTYUA23NMW", "geometry"]].fillna({"CTYUA23NMW": ""})
    WRITERS[format_name](official, tmp_path / format_name)
    read, direct = rg.read_boundaries(tmp_path / format_name, vintage=2023), rg.read_boundaries(path)
    expected = register().in_force("2023-05-01")[["authority_code", "authority_name", "region_code", "region_name"]]
    pd.testing.assert_frame_equal(pd.DataFrame(read.frame.drop(columns="geometry")), expected, check_dtype=False)
    apart = shapely.symmetric_difference(read.frame.geometry.to_numpy(), direct.frame.geometry.to_numpy())
    assert (shapely.area(apart) <= 1e-3 * direct.frame.area).all()
    # Neighbours share their lines in the official file, whatever it has been through.
    assert shapely.coverage_is_valid(read.frame.geometry.to_numpy())
    assert {f.severity for f in read.noticed} == {"info"}
    assert found(read, "boundaries.outside_england").message == (
        "65 rows are outside England and were left out (11 Northern Ireland, 32 Scotland, 22 Wales)"
    )


@pytest.mark.parametrize(
    ("file", "count", "first", "last"),
    [
        ("ctyua_dec_2019_uk_buc.gpkg", 151, "2019-04-01", "2020-03-31"),
        ("ctyua_may_2023_uk_buc.gpkg", 153, "2023-04-01", "2025-03-31"),
    ],
)
def test_official_files(file: str, count: int, first: str, last: str, shared_data: Path) -> None:
    boundaries = rg.read_boundaries(
        shared_data / "boundaries" / file, strict=True, attribution="Source: ONS", licence="OGL v3.0"
    )
    assert len(boundaries) == count
    assert (boundaries.vintage.label, str(boundaries.vintage.valid_to)) == (first, last)
    assert (boundaries.source, boundaries.licence) == ("Source: ONS", "OGL v3.0")
    raw = gpd.read_file(shared_data / "boundaries" / file)
    column = next(c for c in raw.columns if c.lower().endswith("cd"))
    same = raw.set_index(column).geometry[boundaries.frame["authority_code"]]
    assert shapely.equals_exact(boundaries.frame.geometry.to_numpy(), same.to_numpy()).all()
    # Worked out apart from the reader
    parts = same.explode().groupby(level=0).size()
    assert found(boundaries, "boundaries.parts").ids == tuple(parts.index[parts > 1])
    assert f"{parts[parts > 1].sum()} in all" in found(boundaries, "boundaries.parts").message


def test_an_assessment_on_the_official_file(shared_data: Path) -> None:
    boundaries = rg.read_boundaries(shared_data / "boundaries" / "ctyua_may_2023_uk_buc.gpkg")
    answer, ours = rg.assess(boundaries=boundaries, as_of="2023-06-01"), rg.assess(as_of="2023-06-01")
    # Who is served does not depend on where the lines are drawn.
    families = ["pause", "fdac", "local", "any"]
    pd.testing.assert_frame_equal(answer.gaps[families], ours.gaps[families], check_index_type=False)
    assert (answer.located["authority_code"].fillna("") == ours.located["authority_code"].fillna("")).mean() > 0.95


def test_squares_give_the_answers_of_the_small_world(world: World, world_answer: rg.Assessment) -> None:
    boundaries = rg.read_boundaries(squares(), vintage="2023-06-01")
    answer = rg.assess(world.directory(), boundaries, world.demand, cutoffs=[4_500.0, 9_000.0])
    pd.testing.assert_frame_equal(answer.gaps, world_answer.gaps)
    pd.testing.assert_frame_equal(answer.coverage, world_answer.coverage)


def test_what_is_passed_in_is_not_changed() -> None:
    frame = squares(crs="EPSG:4326", **{A: BOWTIE})
    before = frame.copy()
    rg.read_boundaries(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_findings_as_a_table() -> None:
    boundaries = rg.read_boundaries(squares())
    assert boundaries.findings["code"].tolist() == ALWAYS
    assert boundaries.findings["severity"].tolist() == ["info", "warning"]
    assert rg.load_boundaries("2023-06-01").findings.empty


def test_a_missing_authority_is_named() -> None:
    finding = found(rg.read_boundaries(squares()), "boundaries.missing_authorities")
    assert finding.message == "149 of the 153 upper-tier authorities in force on 2023-12-31 have no polygon"
    assert len(finding.ids) == 149
    assert not {A, B, C, D} & set(finding.ids)


def test_rows_of_one_authority_are_joined() -> None:
    west, east = box(400_000, 400_000, 405_000, 410_000), box(405_000, 400_000, 410_000, 410_000)
    frame = pd.concat([rows((A, "Hartlepool", west), (A, "", east)), squares().iloc[1:]])
    boundaries = rg.read_boundaries(frame)
    assert len(boundaries) == 4
    assert boundaries.frame.geometry[0].equals(ONE)
    assert boundaries.frame["authority_name"][0] == "Hartlepool"
    assert (
        found(boundaries, "boundaries.dissolved").message
        == "1 authority has several rows (2 in all), which were joined"
    )
    assert "boundaries.parts_overlap" not in codes(boundaries)


def test_rows_of_one_authority_that_lie_over_each_other() -> None:
    frame = rows(
        (A, "Hartlepool", ONE),
        (A, "Hartlepool", box(409_000, 400_000, 411_000, 410_000)),
        (B, "", translate(ONE, 30_000)),
    )
    finding = found(rg.read_boundaries(frame), "boundaries.parts_overlap")
    assert finding.ids == (A,)
    assert finding.message == "the rows of 1 authorities lie over each other, those of E06000001 by 10,000,000 m2"


def test_an_invalid_area_is_repaired_and_measured() -> None:
    # Two triangles of 25 km2 with opposite turns: their signed areas cancel.
    boundaries = rg.read_boundaries(squares(**{A: BOWTIE}))
    finding = found(boundaries, "geometry.repaired")
    assert (finding.severity, finding.ids) == ("warning", (A,))
    assert finding.message == (
        "1 area was invalid and was repaired: E06000001 self-intersection, area +50,000,000 m2 of 0"
    )
    assert boundaries.frame.geometry[0].area == 50e6
    assert boundaries.frame.geometry.is_valid.all()


def test_the_area_that_changed_most_comes_first() -> None:
    spike = Polygon([(410e3, 400e3), (420e3, 400e3), (420e3, 410e3), (420e3, 411e3), (420e3, 410e3), (410e3, 410e3)])
    finding = found(rg.read_boundaries(squares(**{A: spike, B: BOWTIE})), "geometry.repaired")
    assert finding.ids == (B, A)
    assert "E06000001 ring self-intersection, area +0 m2 of 100,000,000" in finding.message


def test_a_ring_that_encloses_nothing_is_an_error() -> None:
    flat = Polygon([(400_000, 400_000), (410_000, 400_000), (405_000, 400_000)])
    with pytest.raises(
        errors.GeometryError, match=r"geometry\.collapsed: frame\.geometry: 1 area has rings.*E06000001"
    ):
        rg.read_boundaries(squares(**{A: flat}))


def test_overlaps_are_measured_by_pairs() -> None:
    wide = box(400_000, 400_000, 410_010, 410_020)
    boundaries = rg.read_boundaries(squares(**{A: wide}))
    finding = found(boundaries, "boundaries.overlap")
    # Along B 10 m by 10 km, along C 20 m by 10 km, and in the corner of D 10 by 20 m
    assert finding.ids == (f"{A}+{C}", f"{A}+{B}", f"{A}+{D}")
    assert finding.severity == "warning"
    assert finding.message == (
        "3 authority pairs overlap, by 300,200 m2 in all: E06000001+E06000010 200,000 m2; "
        "E06000001+E06000002 100,000 m2; E06000001+E06000011 200 m2"
    )
    assert boundaries.frame.geometry[0].equals(wide)


def test_an_authority_within_another_overlaps_it() -> None:
    frame = rows((A, "", ONE), (B, "", box(404_000, 404_000, 405_000, 405_000)))
    assert found(rg.read_boundaries(frame), "boundaries.overlap").ids == (f"{A}+{B}",)


def test_overlaps_of_rounding_are_only_for_information() -> None:
    finding = found(
        rg.read_boundaries(squares(**{A: box(400_000, 400_000, 410_000.00001, 410_000)})), "boundaries.overlap"
    )
    assert finding.severity == "info"
    assert "none by as much as a square metre" in finding.message


def test_gaps_are_counted_and_measured() -> None:
    # 2 m by 6 km between A and B, closed at both ends, and a square of 100 m in C
    short = ONE - box(409_998, 402_000, 410_000, 408_000)
    holed = SQUARES[C][2].difference(box(403_000, 413_000, 403_100, 413_100))
    boundaries = rg.read_boundaries(squares(**{A: short, C: holed}))
    finding = found(boundaries, "boundaries.gap")
    assert finding.severity == "warning"
    assert finding.ids == (A, B)
    assert finding.message == (
        "1 gaps between authorities belong to none, 12,000 m2 in all, the largest at 409999, 405000 with 12,000 m2; "
        "some may be the ground of authorities that are missing"
    )
    hole = found(boundaries, "boundaries.hole")
    assert (hole.severity, hole.ids) == ("info", (C,))
    assert hole.message == (
        "1 holes lie each in one authority and belong to none, 10,000 m2 in all, the largest at 403050, 413050 with 10,000 m2"
    )


def test_a_gap_of_rounding_is_only_for_information() -> None:
    holed = SQUARES[C][2].difference(box(409_999.9, 413_000, 410_000, 413_000.1))
    finding = found(rg.read_boundaries(squares(**{C: holed})), "boundaries.gap")
    assert finding.severity == "info"
    assert "1 gaps between authorities belong to none, none of them as much as a square metre" in finding.message


def test_where_no_authority_is_missing_a_gap_is_the_ground_of_none(shared_data: Path) -> None:
    frame = gpd.read_file(shared_data / "boundaries" / "ctyua_may_2023_uk_buc.gpkg").set_index("CTYUA23CD", drop=False)
    leeds, bradford = "E08000035", "E08000032"
    line = frame.geometry[leeds].intersection(frame.geometry[bradford])
    frame.loc[leeds, "geometry"] = frame.geometry[leeds].difference(line.interpolate(0.5, normalized=True).buffer(50))
    finding = found(rg.read_boundaries(frame.reset_index(drop=True)), "boundaries.gap")
    assert finding.ids == (bradford, leeds)
    assert "missing" not in finding.message


def test_heights_are_dropped() -> None:
    frame = squares()
    frame.geometry = gpd.GeoSeries(shapely.force_3d(frame.geometry.to_numpy(), 12.0), crs=frame.crs)
    boundaries = rg.read_boundaries(frame)
    assert not boundaries.frame.geometry.has_z.any()
    assert found(boundaries, "geometry.heights").ids == (A, B, C, D)


def test_of_a_collection_the_polygons_are_kept() -> None:
    mixed = GeometryCollection([ONE, LineString([(400_000, 400_000), (300_000, 400_000)])])
    boundaries = rg.read_boundaries(squares(**{A: mixed}))
    assert boundaries.frame.geometry[0].equals(ONE)
    assert found(boundaries, "geometry.mixed").ids == ("row 0",)


GeometryCase = tuple[Callable[[], gpd.GeoDataFrame], type[errors.InputError], str]
WRONG: dict[str, GeometryCase] = {
    "no geometry": (
        lambda: squares(**{A: None, B: Polygon()}),
        errors.GeometryError,
        r"geometry\.missing: frame\.geometry: 2 rows have no geometry \(E06000001, E06000002\); complete them",
    ),
    "points": (
        lambda: squares(**{A: Point(1, 2)}),
        errors.GeometryError,
        r"geometry\.not_area: frame: 1 row has a point, line or curve in place of an area \(row 0\); keep only polygons",
    ),
    "not finite": (
        lambda: squares(**{A: Polygon([(400_000, 400_000), (np.inf, 400_000), (410_000, 410_000)])}),
        errors.GeometryError,
        r"geometry\.invalid: frame: 1 row has a geometry that cannot be read \(row 0\)",
    ),
    "another system": (
        lambda: squares().set_crs("EPSG:32631", allow_override=True),
        errors.GeometryError,
        r"coordinate\.out_of_range: frame\.geometry: 4 areas lie outside England, the first from .*; check the coordinate",
    ),
    "degrees taken for metres": (
        lambda: squares("EPSG:4326").set_crs("EPSG:27700", allow_override=True),
        errors.GeometryError,
        r"coordinate\.out_of_range: .*4 areas lie outside England",
    ),
    "latitude first": (
        lambda: squares("EPSG:4326").set_geometry(
            gpd.GeoSeries(shapely.transform(squares("EPSG:4326").geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=4326)
        ),
        errors.GeometryError,
        r"coordinate\.out_of_range: .*4 areas lie outside England",
    ),
    "no system": (
        lambda: squares().set_crs(None, allow_override=True),
        errors.CrsError,
        r"frame: its areas have no coordinate reference system; set it",
    ),
    "names of one code": (
        lambda: rows((A, "Hartlepool", ONE), (A, "Darlington", translate(ONE, 10_000))),
        errors.InputError,
        r"boundaries\.code_twice: .*1 code has rows of different names, such as E06000001: Hartlepool, Darlington",
    ),
    "one code twice": (
        lambda: rows((A, "Some", ONE), (A, "Other", translate(ONE, 10_000))),
        errors.DuplicateIdError,
        r"boundaries\.code_twice: .*1 code has rows of different names, such as E06000001: Some, Other",
    ),
    "unknown code": (
        lambda: rows((A, "", ONE), ("E06000999", "", translate(ONE, 10_000))),
        errors.UnknownAuthorityError,
        r"authority\.unknown: frame\.CTYUA23CD: 1 code is of no English authority since 2011 \(E06000999\)",
    ),
    "no code": (
        lambda: rows((A, "", ONE), ("", "Elsewhere", translate(ONE, 10_000))),
        errors.InputError,
        r"boundaries\.no_code: frame\.CTYUA23CD: 1 row has no code \(row 1\); complete the codes",
    ),
    "another name": (
        lambda: rows((A, "Middlesbrough", ONE), (B, "Hartlepool", translate(ONE, 10_000))),
        errors.InputError,
        (
            r"boundaries\.name_conflict: .*2 codes stand beside the name of another authority: E06000001 is .*'Middlesbrough', "
            r"which is E06000002; .*the polygons may belong to other rows"
        ),
    ),
    "Wales alone": (
        lambda: rows(("W06000001", "Isle of Anglesey", ONE)),
        errors.InputError,
        "frame: none of its 1 rows is of an English authority; give a file that has some",
    ),
    "wards": (
        lambda: rows(("E05000001", "Ward", ONE), code="WD22CD"),
        errors.MissingColumnError,
        (
            r"no column holds the codes of local authorities \(WD22CD holds codes of another kind of area, such as E05000001\) "
            r"\(columns found: WD22CD, CTYUA23NM\); name it with code=, or .*Boundaries\.from_frame"
        ),
    ),
    "nothing": (lambda: squares().iloc[:0], errors.InputError, r"file\.no_rows|no geometry"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_used_is_named(case: str) -> None:
    make, error, words = WRONG[case]
    with pytest.raises(error, match=words) as caught:
        rg.read_boundaries(make())
    assert type(caught.value) is error


def test_all_that_is_wrong_is_said_at_once() -> None:
    frame = rows((A, "", None), ("E06000999", "", ONE), ("E10000006", "", ONE), ("E06000063", "", Point(1, 1)))
    with pytest.raises(errors.InputError) as caught:
        rg.read_boundaries(frame)
    said = [line.partition(":")[0] for line in str(caught.value).splitlines()]
    assert said == ["geometry.not_area", "authority.unknown", "boundaries.mixed_vintages", "geometry.missing"]
    assert type(caught.value) is errors.InputError


def test_what_is_wrong_outside_england_is_no_matter() -> None:
    wales = [("W06000001", "Isle of Anglesey", Point(1, 1)), ("W06000002", "Gwynedd", None)]
    boundaries = rg.read_boundaries(rows((A, "Hartlepool", ONE), *wales))
    assert [f.severity for f in boundaries.noticed] == ["info", "info", "warning"]
    with pytest.raises(
        errors.GeometryError, match=r"^geometry\.not_area: frame: 1 rows have a point, .* \(row 0\); .*$"
    ):
        rg.read_boundaries(rows((A, "", Point(1, 1)), (B, "", ONE), *wales))


def test_strict_raises_for_warnings_and_not_for_information() -> None:
    with pytest.raises(errors.InputError, match=r"boundaries\.missing_authorities: .*\n.*geometry\.repaired") as caught:
        rg.read_boundaries(squares(**{A: BOWTIE}), strict=True)
    assert "column.mapping" not in str(caught.value)


def test_a_frame_without_geometry_and_a_table_without_areas(tmp_path: Path) -> None:
    with pytest.raises(errors.InputError, match="frame: has no geometry; give a GeoPackage, shapefile"):
        rg.read_boundaries(pd.DataFrame({"code": [A]}))
    with pytest.raises(errors.InputError, match="a frame has no layers"):
        rg.read_boundaries(squares(), layer="x")
    (tmp_path / "a.csv").write_text(f"code,name\n{A},Hartlepool\n")
    with pytest.raises(errors.InputError, match=r"a\.csv: is a text table, which holds no areas; give a GeoPackage"):
        rg.read_boundaries(tmp_path / "a.csv")
    (tmp_path / "services.csv").write_text("service_id\n")
    with pytest.raises(errors.InputError, match="is a folder of tables, which holds no areas"):
        rg.read_boundaries(tmp_path)


def test_one_layer_of_several(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    squares().to_file(path, layer="upper", driver="GPKG", engine="pyogrio")
    squares().iloc[:2].to_file(path, layer="some", driver="GPKG", engine="pyogrio", mode="a")
    with pytest.raises(errors.InputError, match=r"has several layers \(upper, some\); name one of them \(layer=\)"):
        rg.read_boundaries(path)
    assert len(rg.read_boundaries(path, layer="some")) == 2


def test_a_wrong_ending_is_noticed(tmp_path: Path) -> None:
    squares().to_file(tmp_path / "a.gpkg", driver="GPKG", engine="pyogrio")
    (tmp_path / "a.gpkg").rename(tmp_path / "a.shp")
    finding = found(rg.read_boundaries(tmp_path / "a.shp"), "file.extension")
    assert finding.message == "the name ends in .shp but the content is a GeoPackage, and was read as that"


def test_any_stated_system(tmp_path: Path) -> None:
    for crs in ("EPSG:4326", "EPSG:4258", "EPSG:3857", "EPSG:32630"):
        frame = rg.read_boundaries(squares(crs)).frame
        assert np.allclose(np.sqrt(frame.area), 10_000, atol=20), crs


def test_areas_of_another_kind_are_taken_from_a_frame() -> None:
    wards = gpd.GeoDataFrame(
        {"authority_code": ["E05000001"], "authority_name": ["Ward"]}, geometry=[ONE], crs="EPSG:27700"
    )
    boundaries = rg.Boundaries.from_frame(wards, valid_from="2023-04-01", level="lower")
    assert (boundaries.level, boundaries.noticed) == ("lower", ())


def options_of(function: Any) -> set[str]:
    import inspect

    return set(inspect.signature(function).parameters)


def test_a_layer_is_a_word_of_both_readers() -> None:
    assert {"layer", "encoding", "strict"} <= options_of(rg.read_boundaries) & options_of(rg.read_directory)
