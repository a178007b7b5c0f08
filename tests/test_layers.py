"""GeoPackages, shapefiles and FlatGeobuf."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import MultiPoint, Point, Polygon

from rcp_geo.errors import CrsError, InputError
from rcp_geo.io.formats import read_table
from tests import tables
from tests.tables import TEXTS, found, refusal


def test_layers_of_a_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    tables.layer().to_file(path, layer="one", driver="GPKG", engine="pyogrio")
    assert read_table(path).name == "a.gpkg, layer one"
    tables.layer().iloc[:2].to_file(path, layer="two", driver="GPKG", engine="pyogrio", mode="a")
    assert "has several layers (one, two); name one of them (layer=)" in refusal(path)
    assert len(read_table(path, layer="two").frame) == 2
    assert "has no layer 'x'; it has one, two" in refusal(path, layer="x")


def sql(path: Path, *statements: str) -> Path:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


def test_a_geopackage_without_layers(tmp_path: Path) -> None:
    tables.by_gdal("GPKG")(tmp_path / "a.gpkg")
    assert "has no layers" in refusal(sql(tmp_path / "a.gpkg", "DELETE FROM gpkg_contents"))


@pytest.mark.parametrize(
    "statements",
    [
        [
            "ALTER TABLE services RENAME TO t",
            "CREATE VIEW services AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i, 'x' AS geom FROM n",
        ],
        ["ALTER TABLE services ADD COLUMN bomb GENERATED ALWAYS AS (hex(zeroblob(100000000)))"],
        ["DROP TABLE services"],
        ["DROP TABLE services", "CREATE VIRTUAL TABLE services USING fts5(name)"],
    ],
)
def test_a_geopackage_that_computes(tmp_path: Path, statements: list[str]) -> None:
    tables.by_gdal("GPKG")(tmp_path / "services.gpkg")
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "services.gpkg")) as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.commit()
    sql(tmp_path / "services.gpkg", "PRAGMA legacy_alter_table = ON", *statements)
    for layer in (None, "services"):
        assert "is worked out by the file itself; save it as a plain layer" in refusal(
            tmp_path / "services.gpkg", layer=layer
        )


def test_odd_values_in_a_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    tables.layer().to_file(path, layer="services", driver="GPKG", engine="pyogrio")
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as database:
        names = [n for (n,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    sql(
        path,
        *(f'DROP TRIGGER "{n}"' for n in names),
        "UPDATE services SET visits = 'many', notes = x'00ff' WHERE fid = 1",
        "UPDATE services SET geom = x'4750' WHERE fid = 2",
        "UPDATE services SET geom = NULL WHERE fid = 3",
        "UPDATE services SET started = 'spring' WHERE fid = 3",
    )
    table = read_table(path)
    assert table.frame["visits"].tolist() == ["many", "7", "0", "123456789"]
    assert table.frame["started"][2] == "spring"
    assert found(table, "column.unreadable").column == "notes"
    assert found(table, "geometry.invalid").ids == ("feature 2",)
    assert table.geometry.notna().tolist() == [True, False, False, True]


def test_a_geopackage_without_a_system(tmp_path: Path) -> None:
    tables.by_gdal("GPKG")(tmp_path / "a.gpkg")
    sql(tmp_path / "a.gpkg", "UPDATE gpkg_geometry_columns SET srs_id = -1")
    with pytest.raises(CrsError, match="have no coordinate reference system"):
        read_table(tmp_path / "a.gpkg")


def test_a_table_without_points_in_a_geopackage(tmp_path: Path) -> None:
    import pyogrio

    pyogrio.write_dataframe(tables.frame(), tmp_path / "a.gpkg", driver="GPKG")
    table = read_table(tmp_path / "a.gpkg")
    pd.testing.assert_frame_equal(table.frame, TEXTS)
    assert table.geometry is None


@pytest.mark.parametrize(
    ("part", "said"),
    [(".shx", "its .shx part"), (".dbf", "its .dbf part"), (".prj", "its .prj part, which names the coordinate")],
)
def test_parts_of_a_shapefile(tmp_path: Path, part: str, said: str) -> None:
    tables.shapefile(tmp_path / "a.shp")
    (tmp_path / f"a{part}").unlink()
    with pytest.raises(CrsError if part == ".prj" else InputError) as caught:
        read_table(tmp_path / "a.shp")
    assert said in str(caught.value)


def test_parts_in_capitals_and_of_another_shapefile(tmp_path: Path) -> None:
    tables.shapefile(tmp_path / "a.shp")
    for part in list(tmp_path.iterdir()):
        part.rename(tmp_path / part.name.upper())
    pd.testing.assert_frame_equal(read_table(tmp_path / "A.SHP").frame, TEXTS)
    tables.layer().iloc[:2].to_file(tmp_path / "b.shp", engine="pyogrio")
    (tmp_path / "A.DBF").write_bytes((tmp_path / "b.dbf").read_bytes())
    assert "do not belong together" in refusal(tmp_path / "A.SHP")


def test_texts_of_a_shapefile_that_states_no_encoding(tmp_path: Path) -> None:
    for encoding in ("utf-8", "cp1252"):
        path = tmp_path / f"{encoding}.shp"
        gpd.GeoDataFrame({"name": ["Café"]}, geometry=[Point(0, 0)], crs=4326).to_file(
            path, engine="pyogrio", encoding=encoding
        )
        path.with_suffix(".cpg").unlink()
        dbf = bytearray(path.with_suffix(".dbf").read_bytes())
        dbf[29] = 0
        path.with_suffix(".dbf").write_bytes(dbf)
        table = read_table(path)
        assert table.frame["name"].tolist() == ["Café"]
        assert [f.code for f in table.findings] == ([] if encoding == "utf-8" else ["file.encoding"])
        assert read_table(path, encoding=encoding).findings == ()


def test_which_shapefile_of_an_archive(tmp_path: Path) -> None:
    tables.zipped(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as file:
        for part in (tmp_path / "a_parts").iterdir():
            file.write(part, f"second{part.suffix}")
            file.write(part, f"__MACOSX/._{part.name}")
    assert "has several shapefiles (services, second)" in refusal(tmp_path / "a.zip")
    pd.testing.assert_frame_equal(read_table(tmp_path / "a.zip", layer="second").frame, TEXTS)
    assert "has no shapefile 'x'" in refusal(tmp_path / "a.zip", layer="x")


@pytest.mark.filterwarnings("ignore:GeoSeries.notna")  # in what writes the files
def test_geometry_that_is_no_point(tmp_path: Path) -> None:
    shapes = [
        Point(1, 2),
        MultiPoint([(3, 4)]),
        MultiPoint([(3, 4), (5, 6)]),
        Polygon([(0, 0), (1, 0), (1, 1)]),
        None,
        Point(),
    ]
    frame = gpd.GeoDataFrame({"name": list("abcdef")}, geometry=shapes, crs="EPSG:4326")
    frame.to_file(tmp_path / "a.gpkg", driver="GPKG", engine="pyogrio")
    frame.to_parquet(tmp_path / "a.parquet")
    for source in (frame, tmp_path / "a.gpkg", tmp_path / "a.parquet"):
        table = read_table(source)
        assert [None if p is None else (p.x, p.y) for p in table.geometry] == [(1, 2), (3, 4), None, None, None, None]
        assert len(found(table, "geometry.not_point").ids) == 2


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_geometry_without_a_system(tmp_path: Path) -> None:
    tables.layer(None).to_parquet(tmp_path / "a.parquet")
    tables.layer(None).to_file(tmp_path / "a.fgb", engine="pyogrio", SPATIAL_INDEX="NO")
    for source in (tables.layer(None), tmp_path / "a.parquet", tmp_path / "a.fgb"):
        with pytest.raises(CrsError, match="have no coordinate reference system; set it"):
            read_table(source)


def test_moments_and_long_texts_in_layers(tmp_path: Path) -> None:
    days = pd.to_datetime(["2021-01-02 00:00:00", "2021-01-02 03:04:05"]).as_unit("ms")
    frame = gpd.GeoDataFrame({"when": days, "day": ["", "x" * 10]}, geometry=[Point(1, 2)] * 2, crs="EPSG:4326")
    frame.to_file(tmp_path / "a.gpkg", driver="GPKG", engine="pyogrio")
    frame.to_file(tmp_path / "a.fgb", engine="pyogrio", SPATIAL_INDEX="NO")
    for name in ("a.gpkg", "a.fgb"):
        assert read_table(tmp_path / name).frame["when"].tolist() == ["2021-01-02", "2021-01-02T03:04:05"]
    frame["day"] = "x" * 200_000
    frame.to_file(tmp_path / "b.gpkg", driver="GPKG", engine="pyogrio")
    assert "feature 1 has more than 131,072 characters in column day" in refusal(tmp_path / "b.gpkg")


def test_a_system_without_a_code(tmp_path: Path) -> None:
    local = "+proj=tmerc +lat_0=50 +lon_0=-1 +k=0.999 +x_0=1 +y_0=2 +ellps=airy +units=m"
    gpd.GeoDataFrame({"a": ["x"]}, geometry=[Point(1, 2)], crs=local).to_file(tmp_path / "a.gpkg", engine="pyogrio")
    crs = read_table(tmp_path / "a.gpkg").geometry.crs
    assert crs.to_epsg() is None
    assert crs.is_projected
