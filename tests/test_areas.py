"""Areas taken in from files: every form that they have, and files made to do harm."""

from __future__ import annotations

import json
import pickle
import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

import rcp_geo as rg
from rcp_geo.errors import CrsError, InputError
from rcp_geo.io.areas import Areas
from rcp_geo.io.formats import read_areas
from tests.areas import EXACT, WRITERS, codes, found, kml_text, squares
from tests.tables import packed, write
from tests.world import SQUARES, A, B

ONE = SQUARES[A][2]
RING = [[0, 0], [4, 0], [4, 4], [0, 0]]


def refusal(source: Any, **options: Any) -> str:
    """What is said of a file that cannot be read: one line, and no hint of the machinery."""
    with pytest.raises(InputError) as caught:
        rg.read_boundaries(source, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert not any(word in text for word in ("Traceback", "0x", "rcp_geo.", "layer."))
    return text


def taken(data: bytes | None) -> Areas:
    areas = Areas()
    areas.wkb(data)
    return areas


# ---------------------------------------------------------------------------------------------------------- binary

SHAPES = st.recursive(
    st.sampled_from([Polygon(), ONE, ONE - box(404_000, 404_000, 405_000, 405_000), Point(1, 2), LineString([(0, 0), (1, 1)])]),
    lambda inner: st.lists(inner, max_size=3).map(shapely.GeometryCollection),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(SHAPES, st.booleans(), st.booleans(), st.sampled_from([2, 3]), st.sampled_from(["iso", "extended"]))
def test_binary_of_any_kind_order_and_dimension(
    shape: Any, little: bool, srid: bool, dimension: int, flavor: str
) -> None:
    if dimension == 3:
        shape = shapely.force_3d(shape, 5.0)
    if srid and flavor == "extended":
        shape = shapely.set_srid(shape, 27700)
    data = shapely.to_wkb(
        shape, byte_order=int(little), output_dimension=dimension, flavor=flavor, include_srid=flavor == "extended"
    )
    areas = taken(data)
    polygons = [p for p in flattened(shape) if p.geom_type == "Polygon" and not p.is_empty]
    if depth_of(shape) > 3:
        assert areas.bad == [0]
    elif polygons:
        assert shapely.equals_exact(shapely.normalize(areas.shapes[0]), shapely.normalize(joined(shape, polygons)))
    else:
        assert areas.shapes == [None]
        assert bool(areas.other) == (not shape.is_empty)


def flattened(shape: Any) -> list[Any]:
    return [p for g in shape.geoms for p in flattened(g)] if hasattr(shape, "geoms") else [shape]


def joined(shape: Any, polygons: list[Any]) -> Any:
    return shape if shape.geom_type == "Polygon" else MultiPolygon(polygons)


def depth_of(shape: Any) -> int:
    return 1 + max((depth_of(g) for g in getattr(shape, "geoms", [])), default=0)


WHOLE = shapely.to_wkb(MultiPolygon([ONE, box(0, 0, 1, 1)]))


@pytest.mark.parametrize("length", range(1, len(WHOLE)))
def test_binary_that_is_cut_short(length: int) -> None:
    assert taken(WHOLE[:length]).bad == [0]


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=80)
    | st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)).map(
        lambda c: WHOLE[: c[0]] + bytes([c[1]]) + WHOLE[c[0] + 1 :]
    )
)
def test_any_bytes_are_taken_in_or_named(data: bytes) -> None:
    areas = taken(data)
    (shape,) = areas.shapes
    assert shape is None or shape.geom_type in ("Polygon", "MultiPolygon")
    assert areas.there().tolist() == [shape is not None or bool(areas.bad) or bool(areas.other)]


@pytest.mark.parametrize(
    "data",
    [
        b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 300_000,
        b"\x01\x03\x00\x00\x00\xff\xff\xff\xff" + bytes(100),
        b"\x01\x06\x00\x00\x00\xff\xff\xff\xff" + b"\x01\x03\x00\x00\x00\x00\x00\x00\x00" * 1_000,
        b"\x01\x03\x00\x00\x00\xff\xff\xff\x7f" + bytes(5_000_000),
    ],
)
def test_binary_that_is_made_to_overflow(data: bytes) -> None:
    assert taken(data).bad == [0]


@pytest.mark.parametrize("kind", [8, 9, 10, 12, 15, 17])
def test_curves_and_surfaces_are_no_areas(kind: int) -> None:
    assert taken(struct.pack("<BII", 1, kind, 0)).other == [0]


def test_rings_that_do_not_close_are_closed_and_named(tmp_path: Path) -> None:
    data = struct.pack("<BIII", 1, 3, 1, 4) + np.array([[0, 0], [4e3, 0], [4e3, 4e3], [0, 4e3]]).astype("<f8").tobytes()
    areas = taken(data)
    assert areas.unclosed == [0]
    assert areas.shapes[0] is not None
    assert areas.shapes[0].area == 16e6
    top = collection(frame_of(squares("EPSG:4326")))
    top["features"][0]["geometry"]["coordinates"][0].pop()
    boundaries = rg.read_boundaries(write(tmp_path / "a.geojson", json.dumps(top)))
    finding = found(boundaries, "geometry.unclosed")
    assert (finding.severity, finding.ids) == ("warning", ("feature 1",))
    assert abs(boundaries.frame.area[0] - 1e8) < 1e5


# --------------------------------------------------------------------------------------------------------- GeoJSON


def frame_of(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    return dict(json.loads(frame.to_json(drop_id=True)))


def collection(top: dict[str, Any], geometry: Any = None) -> dict[str, Any]:
    top.pop("crs", None)
    if geometry is not None:
        top["features"][0]["geometry"] = geometry
    return top


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "Polygon", "coordinates": [[[0, "1"], [1, 1], [1, 0], [0, 1]]]}, "geometry.invalid"),
        ({"type": "Polygon", "coordinates": [[[False, True], [True, False], [True, True]]]}, "geometry.invalid"),
        ({"type": "Polygon", "coordinates": [[[0], [1], [1], [0]]]}, "geometry.invalid"),
        ({"type": "Polygon", "coordinates": [[[0, 1], [1, 1, 2], [1, 0], [0, 1]]]}, "geometry.invalid"),
        ({"type": "Polygon", "coordinates": [[0, 1], [1, 1], [1, 0], [0, 1]]}, "geometry.invalid"),
        ({"type": "Polygon", "coordinates": [RING, 7]}, "geometry.invalid"),
        ({"type": "Polygon", "coordinates": [[[0, 1], [1, 1]]]}, "geometry.invalid"),
        ({"type": "Polygon", "coordinates": [[[-1, 53], [-1, 54], [-1, 53]]]}, "geometry.collapsed"),
        ({"type": "Polygon", "coordinates": 7}, "geometry.invalid"),
        ({"type": "MultiPolygon", "coordinates": [RING]}, "geometry.invalid"),
        ({"type": "MultiPolygon"}, "geometry.invalid"),
        ({"type": 7}, "geometry.invalid"),
        ([], "geometry.invalid"),
        ({"type": "Point", "coordinates": [0, 1]}, "geometry.not_area"),
        ({"type": "GeometryCollection", "geometries": 7}, "geometry.not_area"),
        ({"type": "GeometryCollection", "geometries": [{"type": "Polygon", "coordinates": 7}]}, "geometry.invalid"),
        ({"type": "Polygon", "coordinates": []}, "geometry.missing"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "geometry.missing"),
    ],
)
def test_geometry_of_json_that_is_none(geometry: Any, code: str, tmp_path: Path) -> None:
    top = collection(frame_of(squares("EPSG:4326")), geometry)
    assert refusal(write(tmp_path / "a.geojson", json.dumps(top))).startswith(f"{code}: ")


def test_a_feature_without_geometry(tmp_path: Path) -> None:
    top = collection(frame_of(squares("EPSG:4326")))
    top["features"][0]["geometry"] = None
    assert refusal(write(tmp_path / "a.geojson", json.dumps(top))).startswith("geometry.missing: ")


def test_huge_numbers_of_json(tmp_path: Path) -> None:
    text = json.dumps(collection(frame_of(squares("EPSG:4326")), {"type": "Polygon", "coordinates": [RING]}))
    for number in ("1e999", "9" * 400, "NaN"):
        assert refusal(write(tmp_path / "a.geojson", text.replace("[4, 0]", f"[{number}, 0]"))).startswith(
            "geometry.invalid"
        )


def test_collections_of_json(tmp_path: Path) -> None:
    top = frame_of(squares("EPSG:4326"))
    area = top["features"][0]["geometry"]
    line = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    top = collection(top, {"type": "GeometryCollection", "geometries": [area, line]})
    boundaries = rg.read_boundaries(write(tmp_path / "a.geojson", json.dumps(top)))
    assert found(boundaries, "geometry.mixed").ids == ("feature 1",)
    top["features"][0]["geometry"]["geometries"].pop()
    assert "geometry.mixed" not in codes(rg.read_boundaries(write(tmp_path / "b.geojson", json.dumps(top))))


def test_properties_that_look_like_areas_are_texts(tmp_path: Path) -> None:
    top = collection(frame_of(squares("EPSG:4326")))
    for feature in top["features"]:
        feature["properties"]["extent"] = {"type": "Polygon", "coordinates": [RING]}
    assert len(rg.read_boundaries(write(tmp_path / "a.geojson", json.dumps(top)))) == 4


def test_json_of_too_many_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.geojson", json.dumps(collection(frame_of(squares("EPSG:4326")))))
    monkeypatch.setattr("rcp_geo.io.json._MAX_TEXTS", 20)
    assert refusal(path) == "a.geojson: holds more than 20 values; keep only what is needed"


def test_areas_may_be_larger_than_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds for lists of services leave boundaries alone."""
    for bound in ("max_file", "max_text", "max_values", "max_run"):
        monkeypatch.setattr(f"rcp_geo.io.places.Places.{bound}", 10, raising=False)
    for name, writer in WRITERS.items():
        writer(squares(), tmp_path / name)
        assert len(rg.read_boundaries(tmp_path / name)) == 4


@pytest.mark.parametrize("name", WRITERS)
def test_areas_have_bounds_of_their_own(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    WRITERS[name](squares(), tmp_path / name)
    monkeypatch.setattr(Areas, "max_file", 100)
    monkeypatch.setattr(Areas, "max_text", 100)
    assert "above the 0.0 MB that are read" in refusal(tmp_path / name) or name.endswith(("zip", "kmz"))


# --------------------------------------------------------------------------------------------------------------- KML


def test_billion_laughs(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    text = kml_text(squares()).replace(
        "<kml ", f'<!DOCTYPE kml [<!ENTITY l0 "lol">{laughs}]><kml ', 1
    ).replace("Hartlepool", "&l9;")  # fmt: skip
    assert refusal(write(tmp_path / "a.kml", text)) == (
        "a.kml: declares a document type or entities, which are never read; export the map again"
    )
    packed(tmp_path / "a.kmz", {"doc.kml": text.encode()})
    assert "declares a document type or entities" in refusal(tmp_path / "a.kmz")


@pytest.mark.parametrize(
    "bad", ["1,2,3,4 5,6,7,8 9,1,2,3", "1 2 3", "a,b c,d e,f", "1,2 3,4,5 6,7", "1,2", "nan,1 2,3 4,5"]
)
def test_coordinates_of_a_map_that_are_none(bad: str, tmp_path: Path) -> None:
    text = kml_text(squares())
    start = text.index("<coordinates>") + 13
    end = text.index("</coordinates>")
    assert "a geometry that cannot be read" in refusal(write(tmp_path / "a.kml", text[:start] + bad + text[end:]))


def test_lines_and_points_of_a_map_are_no_areas(tmp_path: Path) -> None:
    ring = "<LinearRing><coordinates>0,0 1,1 1,0 0,0</coordinates></LinearRing>"
    for extra in (
        "<Point><coordinates>1,2</coordinates></Point>",
        "<LineString><coordinates>1,2 3,4</coordinates></LineString>",
        ring,
    ):
        text = kml_text(squares()).replace("<Polygon>", f"{extra}<Polygon>", 1)
        assert "1 row has a point, line or curve" in refusal(write(tmp_path / "a.kml", text))
    empty = kml_text(squares()).replace("<Polygon>", "<Was>", 1).replace("</Polygon>", "</Was>", 1)
    empty = (
        empty.replace("<coordinates>", "<c>", 1).replace("</coordinates>", "</c>", 1).replace("LinearRing>", "R>", 2)
    )
    assert "no geometry" in refusal(write(tmp_path / "b.kml", empty))


def test_a_ring_of_a_map_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.kml", kml_text(squares()))
    monkeypatch.setattr(Areas, "max_run", 60)
    assert "has more than" in refusal(path)


def test_one_folder_of_a_map(tmp_path: Path) -> None:
    path = write(tmp_path / "a.kml", kml_text(squares()))
    assert len(rg.read_boundaries(path, layer="areas")) == 4
    assert "has no folder 'x' with placemarks; it has areas" in refusal(path, layer="x")


# ------------------------------------------------------------------------------------------------------- damaged files


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("share", [0.02, 0.4, 0.9, 0.99])
def test_a_file_that_is_cut_short(name: str, share: float, tmp_path: Path) -> None:
    frame = squares()
    frame["filler"] = ["x" * 200] * 4
    WRITERS[name](frame, tmp_path / "whole" / name if (tmp_path / "whole").mkdir() is None else tmp_path)
    data = (tmp_path / "whole" / name).read_bytes()
    for part in (tmp_path / "whole").iterdir():
        if part.is_file():
            (tmp_path / part.name).write_bytes(part.read_bytes())
    (tmp_path / name).write_bytes(data[: int(len(data) * share)])
    refusal(tmp_path / name)


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a pickle was run",))


@pytest.mark.parametrize("name", ["a.pkl", "a.gpkg", "a.shp", "a.geojson", "a.parquet", "a.fgb", "a.kml", "a"])
def test_a_pickle_is_never_run(name: str, tmp_path: Path) -> None:
    refusal(write(tmp_path / name, pickle.dumps(Bomb())))


def test_addresses_and_what_is_not_there(tmp_path: Path) -> None:
    assert "is not a file on this machine" in refusal("https://example.org/a.gpkg")
    assert "is not a file on this machine" in refusal("/vsicurl/https://example.org/a.gpkg")
    with pytest.raises(InputError, match="there is no such file; check the path"):
        rg.read_boundaries(tmp_path / "gone.gpkg")


def test_a_geopackage_that_computes(tmp_path: Path) -> None:
    squares().to_file(tmp_path / "a.gpkg", layer="areas", driver="GPKG", engine="pyogrio")
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute("PRAGMA legacy_alter_table = ON")
        database.execute("ALTER TABLE areas RENAME TO t")
        database.execute("CREATE VIEW areas AS SELECT * FROM t")
        database.commit()
    assert "is worked out by the file itself" in refusal(tmp_path / "a.gpkg")


def test_nested_geometry_never_reaches_the_engine(tmp_path: Path) -> None:
    deep = b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 300_000
    table = pa.table({"code": [A, B], "geometry": [deep, shapely.to_wkb(ONE)]})
    geo = b'{"primary_column":"geometry","columns":{"geometry":{"encoding":"WKB"}}}'
    pq.write_table(table.replace_schema_metadata({b"geo": geo}), tmp_path / "a.parquet")
    with pytest.raises(
        InputError, match=r"geometry\.invalid: .*1 row has .* read \(row 1\).*\ncoordinate\.out_of_range: .*E06000002"
    ):
        # Longitude and latitude, where nothing is said, and these are metres.
        rg.read_boundaries(tmp_path / "a.parquet")


@pytest.mark.parametrize("where", [(1e7, 1e7), (1e30, 0), (0, -1e300)])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32630", "EPSG:3857", "EPSG:27700"])
def test_one_area_out_of_this_world(where: tuple[float, float], crs: str) -> None:
    frame = squares(crs)
    x, y = where
    frame.loc[1, "geometry"] = Polygon([(x, y), (x + 1e15, y), (x + 1e15, y + 1e15)])
    with pytest.raises(InputError, match=r"coordinate\.out_of_range: .*1 area lies outside England.*\(E06000002\)"):
        rg.read_boundaries(frame)


@pytest.mark.parametrize("points", [[[0.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]]])
def test_binary_rings_of_too_few_points(points: list[list[float]]) -> None:
    data = struct.pack("<BIII", 1, 3, 1, len(points)) + np.array(points).astype("<f8").tobytes()
    areas = taken(data)
    assert (areas.bad == [0]) == (len(points) == 1)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_files_without_a_system(tmp_path: Path) -> None:
    bare = squares().set_crs(None, allow_override=True)
    bare.to_file(tmp_path / "a.gpkg", engine="pyogrio")
    bare.to_file(tmp_path / "a.fgb", engine="pyogrio")
    bare.to_parquet(tmp_path / "a.parquet")
    squares().to_file(tmp_path / "a.shp", engine="pyogrio")
    (tmp_path / "a.prj").unlink()
    for name in ("a.gpkg", "a.fgb", "a.parquet", "a.shp"):
        with pytest.raises(CrsError, match="coordinate reference system"):
            rg.read_boundaries(tmp_path / name)


@pytest.mark.parametrize("name", EXACT)
def test_areas_are_read_to_the_last_bit(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    shape = Polygon(rng.normal(0, 1, (40, 2))).convex_hull
    frame = squares()
    frame.geometry = [shapely.affinity.affine_transform(shape, [3e3, 0, 0, 3e3, 4e5 + 1e4 * i, 4e5]) for i in range(4)]
    WRITERS[name](frame, tmp_path / name)
    read = read_areas(tmp_path / name).geometry
    assert read is not None
    read = read[np.argsort(read.bounds["minx"])]  # FlatGeobuf sorts by place
    tolerance = 1e-6 if name.endswith("json") else 0  # GDAL writes seven decimals there
    first = shapely.normalize(shapely.get_geometry(read.to_numpy(), 0))
    assert shapely.equals_exact(first, shapely.normalize(frame.geometry.to_numpy()), tolerance).all()
