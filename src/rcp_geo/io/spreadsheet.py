"""Workbooks of Excel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO

from rcp_geo._optional import require
from rcp_geo.errors import InputError
from rcp_geo.io.archive import XmlMembers, opened
from rcp_geo.io.raw import RawTable, from_grid
from rcp_geo.io.safety import MAX_CELLS, MAX_ROWS, megabytes, reading, shown
from rcp_geo.io.text import text_of
from rcp_geo.schema import Finding

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

__all__ = ["read_workbook"]

# Styles and names are taken in whole, each as an object of hundreds of bytes; real ones stay below a megabyte.
_MAX_PART = 10_000_000
_WHOLE = ("[content_types].xml", "styles.xml", "workbook.xml", ".rels", "core.xml", "app.xml", "custom.xml")
# Cells that are blank but formatted count here, so that a sheet formatted to its last column can still be read.
_MAX_POSITIONS = 5 * MAX_CELLS
_LAST_ROW = 1_048_576
_FORMULAS = (b"<f>", b"<f ", b"<f/", b":f>", b":f ")
_NAMED = 1_000


def read_workbook(path: Path, *, sheet: str | None = None) -> RawTable:
    """Read a sheet of a workbook, formulas as the values last seen in Excel.

    Parameters
    ----------
    path
        A file that has been found to be a zip archive with a workbook in it.
    sheet
        Its name; otherwise the first sheet that is shown and not empty.

    Raises
    ------
    MissingExtraError
        If openpyxl is not installed.
    InputError
        If it is damaged or hostile, or there is no such sheet.
    """
    openpyxl = require("openpyxl", "excel")
    name = shown(path.name)
    formulas = False
    with opened(path) as archive:
        parts = XmlMembers(archive, name)
        for member in archive.infolist():
            inner = member.filename.lower()
            if inner.endswith(_WHOLE) and member.file_size > _MAX_PART:
                raise InputError(
                    f"{name}: {shown(member.filename)} in it is above {megabytes(_MAX_PART)}; copy the sheet to a new workbook"
                )
            if inner.endswith((".xml", ".rels")):
                rows = "/worksheets/" in inner
                formulas |= parts.check(member.filename, *_FORMULAS, break_at=b"row" if rows else b"<")
    with reading(name, "an Excel workbook"), path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            chosen, findings = _choose(book, sheet, name)
            table = from_grid(_records(chosen, name), f"{name}, sheet {chosen.title}", ragged=True, findings=findings)
            if not formulas:
                return table
            found = _uncached(openpyxl, file, chosen, table.name)
            return replace(table, findings=(*table.findings, *found))
        finally:
            book.close()


def _choose(book: Workbook, wanted: str | None, name: str) -> tuple[ReadOnlyWorksheet, list[Finding]]:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if wanted is not None:
        if wanted not in sheets:
            raise InputError(
                f"{name}: has no sheet {shown(wanted)!r}; it has {shown(', '.join(sheets), 300) or 'none'}"
            )
        return sheets[wanted], []
    # A hidden sheet holds the lists that drop-down cells choose from.
    in_order = sorted(sheets.values(), key=lambda sheet: sheet.sheet_state != "visible")
    filled = [sheet for sheet in in_order if any(any(cells) for _, cells in _records(sheet, name))]
    if not filled:
        raise InputError(f"{name}: is empty; give a workbook with a header row and a row for each service")
    chosen, rest = filled[0], filled[1:]
    if not rest:
        return chosen, []
    message = f"sheet {shown(chosen.title)} was read, and {len(rest)} other sheets were not"
    ids = tuple(shown(sheet.title) for sheet in rest)
    return chosen, [Finding("file.sheets", "info", name, "", ids, message, "name the sheet if it is another (layer=)")]


def _records(sheet: ReadOnlyWorksheet, name: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows of a sheet, each up to its last filled cell; nothing after the last filled row."""
    positions = 0
    blank: list[int] = []
    for number, cells in _rows(sheet):
        positions += len(cells)
        if positions > _MAX_POSITIONS or number > _LAST_ROW:
            raise InputError(
                f"{name}: sheet {shown(sheet.title)} is formatted far beyond its last value; copy the table to a new workbook"
            )
        texts = [text_of(_unescape(cell)) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            blank.append(number)
            continue
        if len(blank) > MAX_ROWS // 2:
            raise InputError(f"{name}: sheet {shown(sheet.title)} has a gap of {len(blank):,} rows; close it")
        yield from ((n, []) for n in blank)
        blank.clear()
        yield number, texts


def _rows(sheet: ReadOnlyWorksheet, *, values: bool = True) -> Iterator[tuple[int, tuple[Any, ...]]]:
    # The sheet states its own size, and some programs state it wrongly: rows beyond it would be lost.
    sheet.reset_dimensions()
    return enumerate(sheet.iter_rows(values_only=values), start=1)


def _unescape(value: object) -> object:
    # Excel's way of keeping the carriage returns of Windows in XML.
    return value.replace("_x000D_", "") if isinstance(value, str) else value


def _uncached(openpyxl: ModuleType, file: BinaryIO, seen_sheet: ReadOnlyWorksheet, name: str) -> list[Finding]:
    """Name the cells whose formula was never worked out."""
    file.seek(0)
    book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    cells: list[str] = []
    try:
        written = book[seen_sheet.title]
        for (number, seen), (_, formula) in zip(
            _rows(seen_sheet, values=False), _rows(written, values=False), strict=False
        ):
            if number > _LAST_ROW or len(cells) >= _NAMED:
                break
            # A formula that gives an empty text has the type of a text and no value: that is an answer.
            cells += [
                f.coordinate
                for v, f in zip(seen, formula, strict=False)
                if f.data_type == "f" and v.value is None and v.data_type != "str"
            ]
    finally:
        book.close()
    if not cells:
        return []
    message = f"{len(cells)} cells hold a formula whose value is not in the file"
    remedy = "open it in Excel and save it, or paste the values over the formulas"
    return [Finding("file.formula", "error", name, "", tuple(cells), message, remedy)]
