"""Workbooks, as people and programs make them."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from rcp_geo.errors import MissingExtraError
from rcp_geo.io.formats import read_table
from tests import tables
from tests.tables import found, packed, refusal


def book(path: Path, rows: list[list[Any]], change: Callable[[openpyxl.Workbook], None] | None = None) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    if change:
        change(made)
    made.save(path)
    return path


def patched(path: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
    """The workbook with a member of it changed."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members[member] = change(members[member])
    return packed(path, members)


def test_the_first_sheet_that_is_shown_and_filled(tmp_path: Path) -> None:
    def change(made: openpyxl.Workbook) -> None:
        hidden = made.create_sheet("Lists", 0)
        hidden.append(["pause"])
        hidden.sheet_state = "hidden"
        made.create_sheet("Blank", 0)
        made.create_sheet("Notes").append(["read me"])

    path = book(tmp_path / "a.xlsx", [["name"], ["Pause"]], change)
    table = read_table(path)
    assert table.name == "a.xlsx, sheet Sheet"
    assert found(table, "file.sheets").ids == ("Notes", "Lists")
    assert read_table(path, layer="Sheet").findings == ()
    assert "has no sheet 'None such'; it has Blank, Lists, Sheet, Notes" in refusal(path, layer="None such")


def test_an_empty_workbook(tmp_path: Path) -> None:
    assert "a.xlsx: is empty" in refusal(book(tmp_path / "a.xlsx", []))


def test_types_of_cells(tmp_path: Path) -> None:
    row = ["=1+1", 3.0, dt.datetime(2021, 3, 4, 5, 6), dt.time(9, 30), True, " x\u00a0_x000D_\n", "00123"]  # noqa: DTZ001
    table = read_table(book(tmp_path / "a.xlsx", [list("abcdefg"), row]))
    assert table.frame.iloc[0].tolist() == ["", "3", "2021-03-04T05:06:00", "09:30:00", "true", "x", "00123"]
    finding = found(table, "file.formula")
    assert finding.severity == "error"
    assert finding.ids == ("A2",)


def test_formulas_give_the_values_last_seen(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["a", "b", "c"], ["=1+1", '=IF(1,"",2)', "x"]])

    def cache(data: bytes) -> bytes:
        data = data.replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>").replace(b"<f>1+1</f><v/>", b"<f>1+1</f><v>2</v>")
        return data.replace(b'<c r="B2">', b'<c r="B2" t="str">')

    table = read_table(patched(path, "xl/worksheets/sheet1.xml", cache))
    assert table.frame.iloc[0].tolist() == ["2", "", "x"]
    assert table.findings == ()


def test_columns_without_a_header_are_kept(tmp_path: Path) -> None:
    table = read_table(book(tmp_path / "a.xlsx", [["name", None, "town"], ["A", None, "Hull", "x"]]))
    assert list(table.frame.columns) == ["name", "town", "column 4"]
    assert found(table, "column.unnamed").ids == ("column 4",)


def test_rows_beyond_the_size_that_the_sheet_states(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["name", "town"], ["A", "Hull"], ["B", "York"]])
    patched(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b'ref="A1:B3"', b'ref="A1:A1"'))
    assert read_table(path).frame.to_dict("list") == {"name": ["A", "B"], "town": ["Hull", "York"]}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'<row r="2"', b'<row r="99999999999"', "is formatted far beyond its last value"),
        (b'<row r="2"', b'<row r="900000"', "has a gap of"),
        (b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet', "declares a document type or entities"),
        (b"<worksheet", b'<?xml version="1.0" encoding="cp037"?><worksheet', "is not XML in UTF-8"),
        (b"</worksheet>", b"", "cannot be read as an Excel workbook"),
        (b'r="A2"', b'r="ABCDE2"', "cannot be read as an Excel workbook"),
        (b'<c r="A2"', b'<c s="9999999" r="A2"', ""),
    ],
)
def test_hostile_sheets(tmp_path: Path, old: bytes, new: bytes, said: str) -> None:
    path = book(tmp_path / "a.xlsx", [["name", "town"], ["A", "Hull"]])
    with zipfile.ZipFile(path) as file:
        assert old in file.read("xl/worksheets/sheet1.xml")
    patched(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(old, new))
    if said:
        assert said in refusal(path)
    else:
        assert len(read_table(path).frame) == 1


def test_entities_in_any_part_of_a_workbook(tmp_path: Path) -> None:
    for part in ("xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml", "_rels/.rels"):
        path = book(tmp_path / "a.xlsx", [["name"], ["A"]])
        patched(path, part, lambda data: b'<!DOCTYPE lolz [<!ENTITY lol "lol">]>' + data)
        assert "declares a document type or entities, which are never read" in refusal(path)


def test_a_row_that_would_take_too_long(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["name"], ["A"]])
    noise = b"<!--" + np.random.default_rng(1).integers(97, 122, 200_000, dtype=np.uint8).tobytes() + b"-->"
    cells = b"<c/>" * 3_000_000 + b"</row>"
    patched(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b"</row>", cells, 1) + noise)
    assert "holds more than 3,000,000 cells" in refusal(path)


def test_bloated_styles(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["name"], ["A"]])
    noise = b"<!--" + np.random.default_rng(1).integers(97, 122, 11_000_000, dtype=np.uint8).tobytes() + b"-->"
    patched(path, "xl/styles.xml", lambda data: data + noise)
    assert "xl/styles.xml in it is above 10 MB" in refusal(path)


def test_excel_without_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables.excel(tmp_path / "a.xlsx")
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'rcp-geo\[excel\]'"):
        read_table(tmp_path / "a.xlsx")
