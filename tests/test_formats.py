"""Files of every usual format into one kind of table, and anything else into a clear error."""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import os
import socket
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rcp_geo.errors import InputError, RcpGeoError
from rcp_geo.io import delimited, safety
from rcp_geo.io.formats import read_table, sniff
from rcp_geo.io.text import clean, text_of
from tests import tables
from tests.tables import POINTS, TEXTS, WRITERS, found, refusal, write


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("the network was touched")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


# -------------------------------------------------------------------------------------------------- the same from each


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_texts(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    before = sorted((p, p.read_bytes()) for p in tmp_path.iterdir() if p.is_file())
    table = read_table(tmp_path / name)
    pd.testing.assert_frame_equal(table.frame, TEXTS)
    assert [f.code for f in table.findings if f.severity != "info"] == []
    assert len(table.rows) == len(set(table.rows)) == len(TEXTS)
    assert name in table.name
    if name in tables.SPATIAL:
        assert [(p.x, p.y) for p in table.geometry] == POINTS
        assert table.geometry.crs == "EPSG:4326"
        assert table.geometry.index.equals(table.frame.index)
    else:
        assert table.geometry is None
    assert before == sorted((p, p.read_bytes()) for p in tmp_path.iterdir() if p.is_file())


def test_frames_give_the_same_texts() -> None:
    plain, spatial = read_table(tables.frame()), read_table(tables.layer())
    for table in (plain, spatial):
        pd.testing.assert_frame_equal(table.frame, TEXTS)
    assert plain.geometry is None
    assert [(p.x, p.y) for p in spatial.geometry] == POINTS
    assert plain.rows == ("row 0", "row 1", "row 2", "row 3")


def test_a_second_geometry_of_a_frame_is_left_out_and_said() -> None:
    frame = tables.layer()
    frame["area"] = frame.geometry
    table = read_table(frame)
    pd.testing.assert_frame_equal(table.frame, TEXTS)
    assert found(table, "column.unreadable").column == "area"


def test_frames_are_not_changed_and_a_named_index_is_a_column() -> None:
    frame = tables.frame().set_index("name")
    copy = frame.copy(deep=True)
    table = read_table(frame)
    pd.testing.assert_frame_equal(frame, copy)
    pd.testing.assert_frame_equal(table.frame, TEXTS)
    assert table.rows[0] == "row Pause Hull"


@pytest.mark.parametrize("name", ["services.gpkg", "services.shp", "services.fgb", "services.geojson", "geo.parquet"])
def test_the_national_grid_is_kept(tmp_path: Path, name: str) -> None:
    table = tables.layer().to_crs("EPSG:27700")
    path = tmp_path / name
    if name.endswith("parquet"):
        table.to_parquet(path)
    else:
        options = {"SPATIAL_INDEX": "NO"} if name.endswith("fgb") else {}
        table.drop(columns="open").to_file(path, engine="pyogrio", **options)
    read = read_table(path).geometry
    assert read.crs == "EPSG:27700"
    assert [(p.x, p.y) for p in read] == [(p.x, p.y) for p in table.geometry]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        (np.datetime64("NaT", "ns"), ""),
        (12, "12"),
        (12.0, "12"),
        (np.int64(12), "12"),
        (np.float64(12), "12"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (np.float32(0.1), "0.1"),
        (1e22, "1e+22"),
        (float("inf"), "inf"),
        (True, "true"),
        (np.bool_(False), "false"),
        (decimal.Decimal("12.50"), "12.5"),
        (decimal.Decimal(1200), "1200"),
        (decimal.Decimal("1E+999999"), "1E+999999"),
        (decimal.Decimal("NaN"), ""),
        (dt.date(2021, 3, 4), "2021-03-04"),
        (dt.datetime(2021, 3, 4), "2021-03-04"),  # noqa: DTZ001
        (dt.datetime(2021, 3, 4, tzinfo=dt.UTC), "2021-03-04"),
        (pd.Timestamp("2021-03-04 05:06"), "2021-03-04T05:06:00"),
        (np.datetime64("2021-03-04"), "2021-03-04"),
        (dt.time(5, 6), "05:06:00"),
        (dt.timedelta(days=1), "1 day, 0:00:00"),
        (["Leeds", "York"], "Leeds; York"),
        ({"a": 1}, '{"a": 1}'),
        ("\u00a0St\u00a0Helens\u200b \ufeff", "St Helens"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\ud800", "�"),
        (b"Hull", "Hull"),
    ],
)
def test_values_are_written_one_way(value: Any, text: str) -> None:
    assert text_of(value) == text


# ----------------------------------------------------------------------------------------------------- shape of tables


def test_blank_rows_are_left_out_and_said(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.csv", "\n\nname,town\nA,Hull\n\n,\nB,York\n\n\n"))
    assert table.frame["name"].tolist() == ["A", "B"]
    assert table.rows == ("row 4", "row 7")
    finding = found(table, "row.blank")
    assert finding.ids == ("row 5", "row 6")
    assert finding.severity == "info"


def test_rows_are_counted_as_spreadsheets_count_them(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.csv", 'name,notes\nA,"two\nlines"\nB,\n'))
    assert table.rows == ("row 2", "row 3")
    assert table.frame["notes"].tolist() == ["two\nlines", ""]


def test_columns_are_distinct_named_and_on_one_line(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.csv", ' name ,name,name (2),,"local\nauthority",\nA,B,C,D,E,\n'))
    assert list(table.frame.columns) == ["name", "name (3)", "name (2)", "column 4", "local authority"]
    assert table.frame.iloc[0].tolist() == list("ABCDE")
    assert found(table, "column.duplicate").ids == ("name (3)",)
    assert found(table, "column.unnamed").ids == ("column 4",)


def test_ragged_rows_are_named(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.csv", "name,town,county\nA,Hull,x\nB,York,y,z\nC\nD,Hull,,\n"))
    assert found(table, "row.long").ids == ("row 3",)
    assert found(table, "row.long").severity == "error"
    assert found(table, "row.short").ids == ("row 4",)
    assert len(table.frame) == 4


def test_a_title_above_the_header_is_skipped_and_said(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.csv", "Services 2022,,\n\nname,town,county\nA,Hull,x\n"))
    assert table.frame.to_dict("list") == {"name": ["A"], "town": ["Hull"], "county": ["x"]}
    assert table.rows == ("row 4",)
    assert "Services 2022" in found(table, "row.title").message


def test_a_header_alone_is_a_table_with_an_error_in_it(tmp_path: Path) -> None:
    table = read_table(write(tmp_path / "a.csv", "name,town\n"))
    assert len(table.frame) == 0
    assert found(table, "file.no_rows").severity == "error"


@pytest.mark.parametrize("text", ["1,2,3\n4,5,6\n", "Pause Hull,HU1 2AA,53.745,-0.333\n"])
def test_a_missing_header_is_refused(tmp_path: Path, text: str) -> None:
    said = refusal(write(tmp_path / "a.csv", text))
    assert said.startswith("file.no_header: a.csv: row 1 should name the columns")
    assert "add a first row" in said


def test_numbered_columns_of_a_frame_are_no_header() -> None:
    with pytest.raises(InputError, match="should name the columns") as caught:
        read_table(pd.DataFrame([["a", "b"]]))
    assert "frame" in str(caught.value)


# --------------------------------------------------------------------------------------------------------- text tables


def test_windows_text_is_read_and_said(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "name,notes\nCaf\u00e9 \u2013 Hull,x\n".encode("cp1252"))
    table = read_table(path)
    assert table.frame["name"].tolist() == ["Café – Hull"]
    assert "Windows-1252" in found(table, "file.encoding").message
    assert read_table(path, encoding="cp1252").findings == ()
    assert "is not text in utf-8" in refusal(path, encoding="utf-8")
    assert "'no-such' is not the name of an encoding" in refusal(path, encoding="no-such")


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\r\n', "\ufeffsep=;\n"])
def test_excels_own_note_on_the_delimiter(tmp_path: Path, first: str) -> None:
    table = read_table(write(tmp_path / "a.csv", f"{first}name;notes\nA;b, c\n"))
    assert table.frame.to_dict("list") == {"name": ["A"], "notes": ["b, c"]}


def test_commas_in_text_do_not_make_a_delimiter(tmp_path: Path) -> None:
    text = "name;notes\nA;one, two, three\nB;none\nC;x, y\n"
    table = read_table(write(tmp_path / "a.csv", text))
    assert list(table.frame.columns) == ["name", "notes"]
    assert "semicolons" in found(table, "file.delimiter").message
    single = read_table(write(tmp_path / "b.csv", "authority\nLeeds\nBournemouth, Christchurch and Poole\n"))
    assert list(single.frame.columns) == ["authority"]
    assert read_table(write(tmp_path / "c.csv", "name\n|\n;\n")).frame["name"].tolist() == ["|", ";"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b" \n\n  \n", "is empty"),
        ("commas.csv", b",,\n,,\n", "is empty"),
        ("nul.csv", b"name,town\nA\x00,B\n", "holds NUL bytes"),
        ("quote.csv", b'name,town\nA,"Hull\nB,York\n', "line 2 cannot be split"),
        ("inner.csv", b'name,town\nA,"Hull" x\n', "line 2 cannot be split"),
        ("line.csv", b"name,town\n" + b"x" * 11_000_000, "has a line above 10 MB"),
        ("head.csv", b"x" * 11_000_000 + b",y\n1,2\n", "has a line above 10 MB"),
        ("field.csv", b"name,town\nA," + b"x" * 200_000 + b"\n", "more than 131,072 characters"),
        ("open.csv", b'name,town\nA,"' + b"x,\n" * 100_000, "line 2 cannot be split"),
        ("wide.csv", b",".join(b"c%d" % i for i in range(2_000)) + b"\n", "more than 1,000 columns"),
        ("undefined.csv", b"name\n\x81\x8d\n", "is not text in cp1252"),
    ],
)
def test_hostile_text_tables(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    message = refusal(write(tmp_path / name, content))
    assert name in message
    assert said in message


def test_a_line_across_the_pieces_that_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_CHUNK", 7)
    monkeypatch.setattr(delimited, "MAX_LINE", 20)
    assert len(read_table(write(tmp_path / "a.csv", "name,town\n" + "abcdefgh,ijklmnopqr\n" * 5)).frame) == 5
    assert "has a line above" in refusal(write(tmp_path / "b.csv", "name,town\n" + "abcdefgh,ijklmnopqrst\n" * 2))
    # A letter whose two bytes fall into different pieces is still UTF-8.
    assert read_table(write(tmp_path / "c.csv", "name,t\nHullé,x\n")).findings == ()


@pytest.mark.parametrize(("limit", "said"), [("MAX_ROWS", "rows"), ("MAX_CELLS", "cells")])
def test_bounds_on_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, said: str) -> None:
    monkeypatch.setattr(f"rcp_geo.io.raw.{limit}", 20)
    path = write(tmp_path / "a.csv", "name,town\n" + "A,B\n" * 40)
    assert f"has more than 20 {said}; keep only those that are needed" in refusal(path)


# ---------------------------------------------------------------------------------------------------------- what it is


def test_sniff(tmp_path: Path) -> None:
    for name, writer in WRITERS.items():
        writer(tmp_path / name)
    kinds = {name: sniff(tmp_path / name) for name in WRITERS}
    assert kinds["bars.txt"] == kinds["services.tsv"] == kinds["unicode.txt"] == "csv"
    assert {kinds[n] for n in ("services.geojson", "gdal.geojson")} == {"geojson"}
    assert (kinds["services.zip"], kinds["services.kmz"], kinds["services.xlsx"]) == ("shapefile.zip", "kmz", "excel")
    assert sniff(write(tmp_path / "feed.json", '[{"id": "1", "name": "Pause"}]')) == "openreferral"
    assert sniff(write(tmp_path / "feed2.json", '{"contents": [{"id": "1"}]}')) == "openreferral"
    folder = tmp_path / "feed"
    folder.mkdir()
    with pytest.raises(InputError, match="is a folder without tables"):
        sniff(folder)
    write(folder / "service.json", "[]")
    assert sniff(folder) == "openreferral"
    write(folder / "services.csv", "x")
    assert sniff(folder) == "tables"


def test_openreferral_is_not_one_table(tmp_path: Path) -> None:
    said = refusal(write(tmp_path / "feed.json", '[{"id": "1"}]'))
    assert "read it with rcp_geo.read_directory" in said


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("services.xlsx", "a.csv"),
        ("services.csv", "a.xlsx"),
        ("services.kml", "a.kmz"),
        ("services.parquet", "a.xls"),
        ("services.gpkg", "a.shp"),
        ("services.geojson", "a.csv"),
        ("services.kmz", "a.kml"),
        ("services.fgb", "a.gpkg"),
    ],
)
def test_the_content_decides_and_a_wrong_name_is_said(tmp_path: Path, name: str, wrong: str) -> None:
    WRITERS[name](tmp_path / name)
    (tmp_path / name).rename(tmp_path / wrong)
    table = read_table(tmp_path / wrong)
    pd.testing.assert_frame_equal(table.frame, TEXTS)
    finding = found(table, "file.extension")
    assert finding.severity == "warning"
    assert f"ends in {Path(wrong).suffix}" in finding.message


def test_a_zip_archive_may_hold_any_of_three(tmp_path: Path) -> None:
    for name in ("services.xlsx", "services.kmz"):
        WRITERS[name](tmp_path / name)
        (tmp_path / name).rename(tmp_path / "a.zip")
        pd.testing.assert_frame_equal(read_table(tmp_path / "a.zip").frame, TEXTS)


PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("picture.csv", PNG, "is a picture (PNG)"),
        ("picture.jpg", b"\xff\xd8\xff\xe0" + bytes(64), "is a picture (JPEG)"),
        ("report.pdf", b"%PDF-1.7\n", "copy its table into a spreadsheet"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as .xlsx without a password"),
        ("a.csv.gz", b"\x1f\x8b\x08" + bytes(30), "unpack it first"),
        ("page.xls", b"<html><table><tr><td>a</td></tr></table></html>", "is a web page"),
        ("page.csv", b"<!DOCTYPE html>\n<html>", "is a web page"),
        ("a.xlsx", bytes(range(256)) * 4, "is not an Excel workbook, as its name says"),
        ("a.parquet", b"\x00\x01\x02", "is not Parquet, as its name says"),
        ("a.gpkg", b"\xff\xfe\x00", "is not a GeoPackage, as its name says"),
        ("a.shp", b"\x00" * 200, "is not a shapefile, as its name says"),
        ("a.db", b"SQLite format 3\x00" + bytes(200), "is an SQLite database but not a GeoPackage"),
        ("a.dbf", b"\x03abc", "give the .shp file"),
        ("a.shx", b"\x00\x00\x27\x0a" + bytes(100), "give the .shp file"),
        (
            "a.vrt",
            b"<OGRVRTDataSource><SrcDataSource>/vsicurl/http://x</SrcDataSource></OGRVRTDataSource>",
            "is XML but not KML",
        ),
        ("a.gml", b'<?xml version="1.0"?><gml:FeatureCollection xmlns:gml="http://x"/>', "is XML but not KML"),
        ("a.gpx", b'<gpx xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="1" lon="2"/></gpx>', "is XML but not KML"),
        ("a.topojson", b'{"type": "Topology", "objects": {}}', "is JSON of kind Topology"),
        ("a.json", b'{"type": "Point", "coordinates": [0, 0]}', "is JSON of kind Point"),
        ("esri.json", b'{"geometryType": "esriGeometryPoint", "features": []}', "is JSON of kind Esri JSON"),
    ],
)
def test_other_files_are_refused_by_name(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    message = refusal(write(tmp_path / name, content))
    assert message.startswith(f"{name}: ")
    assert said in message


@pytest.mark.parametrize(
    "source",
    [
        "https://example.org/services.csv",
        "http://example.org/a.geojson",
        "ftp://x/y.csv",
        "s3://bucket/key.parquet",
        "file:///etc/passwd",
        "/vsicurl/https://example.org/a.gpkg",
        "/vsizip/a.zip",
        "/VSIMEM/a",
        Path("https://example.org/a.csv"),
    ],
)
def test_only_files_on_this_machine(source: str | Path) -> None:
    assert "is not a file on this machine; download it first" in refusal(source)
    with pytest.raises(InputError):
        sniff(source)


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    assert "there is no such file; check the path" in refusal(tmp_path / "none.csv")
    assert "is a folder without tables" in refusal(tmp_path)
    assert "is blank" in refusal("  ")
    assert "cannot be looked at" in refusal("a\x00b.csv")
    assert "cannot be looked at" in refusal("x" * 5_000)
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "gone.csv")
    assert "there is no such file" in refusal(tmp_path / "dangling.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is a device or a pipe" in refusal(tmp_path / "pipe.csv")
    assert "is a device or a pipe" in refusal("/dev/zero")


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.csv", "name\nA\n")

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert refusal(path) == "a.csv: cannot be opened (permission denied); check who may read it"


def test_a_file_above_the_bound_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.write(b"name\n")
        file.truncate(safety.MAX_FILE + 1)
    assert "is 200 MB, above the 200 MB that are read" in refusal(path)


def test_names_of_files_cannot_break_a_message(tmp_path: Path) -> None:
    message = refusal(write(tmp_path / "a\n\x1b[31mb.csv", b""))
    assert "\x1b" not in message


def test_layers_are_for_formats_that_have_them(tmp_path: Path) -> None:
    assert "has no layers" in refusal(write(tmp_path / "a.csv", "name\nA\n"), layer="x")
    with pytest.raises(InputError, match="a frame has no layers"):
        read_table(tables.frame(), layer="x")


# ----------------------------------------------------------------------------------------------------------- cut short


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("name", [n for n in WRITERS if not n.endswith((".csv", ".txt", ".tsv"))])
def test_files_cut_short(tmp_path: Path, name: str, share: float) -> None:
    WRITERS[name](tmp_path / name)
    data = (tmp_path / name).read_bytes()
    message = refusal(write(tmp_path / name, data[: int(len(data) * share)]))
    assert name in message


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_parts_of_a_shapefile_cut_short(tmp_path: Path, part: str) -> None:
    tables.shapefile(tmp_path / "a.shp")
    data = (tmp_path / f"a{part}").read_bytes()
    write(tmp_path / f"a{part}", data[:-40])
    assert "is cut short" in refusal(tmp_path / "a.shp")


# ----------------------------------------------------------------------------------------------------------- any table


# What every one of these formats can hold: no control characters, no halves of pairs.
LETTERS = st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n\t\u00a0\u200b")
WORDS = st.text(LETTERS, max_size=12)
NAMES = st.lists(
    st.text("abcXYZ éß_", min_size=1, max_size=8).map(lambda s: f"c{s}".strip()), min_size=1, max_size=4, unique=True
)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    names = draw(NAMES.filter(lambda n: len({" ".join(x.split()) for x in n}) == len(n)))
    rows = draw(st.lists(st.tuples(*(WORDS for _ in names)), max_size=5))
    return pd.DataFrame(rows, columns=names, dtype=str)


def expected(frame: pd.DataFrame) -> list[list[str]]:
    rows = [[clean(v) for v in row] for row in frame.to_numpy().tolist()]
    return [row for row in rows if any(row)]


@pytest.mark.parametrize("ending", ["csv", "tsv", "xlsx", "parquet"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frame=frames())
@example(frame=pd.DataFrame({"a": ["=1+1", "'x", '"', "\\", ",;|\t"], "b": ["sep=;", "a\nb", " ", "#N/A", "NULL"]}))
@example(frame=pd.DataFrame({"only": ["NA", "", "nan", "None", "-"]}))
@example(frame=pd.DataFrame({"a": ["1"], "b": ["x\u2028y\x85z"]}))
def test_random_tables_come_back(tmp_path: Path, frame: pd.DataFrame, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    if ending in {"csv", "tsv"}:
        frame.to_csv(path, index=False, sep="," if ending == "csv" else "\t", encoding="utf-8")
    elif ending == "parquet":
        frame.to_parquet(path)
    else:
        made = openpyxl.Workbook()
        for row in [list(frame.columns), *frame.to_numpy().tolist()]:
            made.active.append([None] * len(row))
            for i, value in enumerate(row, start=1):
                cell = made.active.cell(made.active._current_row, i)
                cell.value, cell.data_type = value, "s"
        made.save(path)
    table = read_table(path)
    assert list(table.frame.columns) == [" ".join(c.split()) for c in frame.columns]
    assert table.frame.to_numpy().tolist() == expected(frame)
    blank = [f for f in table.findings if f.code == "row.blank"]
    lost = sum(len(f.ids) for f in blank)
    # Blank lines at the end of text and of a sheet are no rows.
    assert len(table.frame) + lost <= len(frame)
    if ending == "parquet":
        assert len(table.frame) + lost == len(frame)


ENDINGS = [
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".parquet",
    ".geojson",
    ".json",
    ".gpkg",
    ".shp",
    ".zip",
    ".fgb",
    ".kml",
    ".kmz",
    "",
]
STARTS = [
    b"",
    b"PK\x03\x04",
    b"PAR1",
    b"SQLite format 3\x00",
    b"fgb\x03fgb\x00",
    b"\x00\x00\x27\x0a",
    b"<kml>",
    b"{",
    b"[",
    b"\xff\xfe",
    b"a,b\n",
]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(STARTS), rest=st.binary(max_size=300), ending=st.sampled_from(ENDINGS))
def test_random_bytes_never_raise_anything_else(tmp_path: Path, start: bytes, rest: bytes, ending: str) -> None:
    path = write(tmp_path / f"a{ending}", start + rest)
    with contextlib.suppress(RcpGeoError):
        read_table(path)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("samples")
    for name, writer in WRITERS.items():
        writer(folder / name)
    return {name: (folder / name).read_bytes() for name in WRITERS} | {
        f"part{part}": (folder / f"services{part}").read_bytes() for part in (".shx", ".dbf", ".prj", ".cpg")
    }


@pytest.mark.parametrize("name", [n for n in WRITERS if not n.endswith(("csv", "txt", "tsv"))])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_never_raise_anything_else(
    tmp_path: Path, samples: dict[str, bytes], name: str, data: st.DataObject
) -> None:
    content = bytearray(samples[name])
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path = write(tmp_path / name, bytes(content))
    if name.endswith(".shp"):
        for part in (".shx", ".dbf", ".prj", ".cpg"):
            write(path.with_suffix(part), samples[f"part{part}"])
    with contextlib.suppress(RcpGeoError):
        read_table(path)


def test_what_is_kept_open(tmp_path: Path) -> None:
    # Windows cannot delete what is open; ResourceWarning is an error in these tests.
    for name, writer in WRITERS.items():
        writer(tmp_path / name)
        read_table(tmp_path / name)
        (tmp_path / name).unlink()
