"""The one kind of table that every format is read into: texts under the file's own column names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.io.places import Sink
from rcp_geo.io.safety import MAX_CELLS, MAX_COLUMNS, MAX_FIELD, MAX_ROWS, shown
from rcp_geo.schema import Finding, raise_errors

if TYPE_CHECKING:
    import geopandas as gpd
    from pyproj import CRS

__all__ = ["Columns", "RawTable", "from_grid"]

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
# A number such as 53.74, which is a place or a share but never the name of a column.
_FRACTION = re.compile(r"[-+]?\d*\.\d{2,}")
# Rows above the header that may hold the title of the sheet and notes to it.
_TITLES = 10
_NAME = 200


@dataclass(frozen=True)
class RawTable:
    """A table as the file has it, before anything is made of its columns.

    Attributes
    ----------
    frame
        Every value a text as :func:`rcp_geo.io.text.text_of` writes it, blank where there is none. Columns are named as in
        the file, on one line, and are distinct. The index counts from 0.
    rows
        How a person finds each row in the source: ``row 2`` counts the header as row 1, as spreadsheets do.
    geometry
        The point (or the area, where areas were asked for) of each row, nothing where it has none, with the CRS of the
        file; None where the format has no geometry.
    name
        The file, or the sheet or layer of it.
    findings
        What was noticed on the way. Those of severity ``error`` are not raised: what comes next adds its own, so that
        all are heard at once.
    room
        How many characters the format has for the name of a column; None where it has as many as anyone needs.
    """

    frame: pd.DataFrame
    rows: tuple[str, ...]
    geometry: gpd.GeoSeries | None
    name: str
    findings: tuple[Finding, ...]
    room: int | None = None


class Columns:
    """A table in the making, bounded in every direction.

    Parameters
    ----------
    name
        The file, or the sheet or layer of it, as it stands in messages.
    """

    def __init__(self, name: str) -> None:
        self.name = shown(name)
        self.rows: list[str] = []
        self.findings: list[Finding] = []
        self.places: Sink | None = None
        self.crs: CRS | str | None = None
        self.room: int | None = None
        self._columns: list[tuple[str, list[str]]] = []
        self._keys: dict[str, int] = {}

    def add(self, label: str, values: list[str]) -> None:
        """Add a whole column; the label need not be a new one."""
        self._columns.append((label, values))
        check_size(self.name, len(values), len(self._columns))
        if len(max(values, key=len, default="")) > MAX_FIELD:
            at = next(i for i, value in enumerate(values) if len(value) > MAX_FIELD)
            raise self.too_long(label, self.rows[at] if at < len(self.rows) else f"row {at + 1}")

    def put(self, label: str, value: str) -> None:
        """Put a value into the row that was added last, under a column that may be new."""
        at = self._keys.get(label)
        if at is None:
            at = self._keys[label] = len(self._columns)
            self.add(label, [])
        values = self._columns[at][1]
        values.extend([""] * (len(self.rows) - 1 - len(values)))
        if len(value) > MAX_FIELD:
            raise self.too_long(label, self.rows[-1])
        values.append(value)

    def too_long(self, label: str, row: str) -> InputError:
        """Return the error for a value above the bound."""
        return InputError(
            f"{self.name}: {row} has more than {MAX_FIELD:,} characters in column {shown(label)}; "
            "shorten the text or leave the column out"
        )

    def row(self, label: str) -> None:
        """Begin a row."""
        self.rows.append(label)
        check_size(self.name, len(self.rows), len(self._columns))

    def labels(self) -> list[str]:
        """Return the labels of the columns so far."""
        return [label for label, _ in self._columns]

    def note(
        self, code: str, severity: str, message: str, remedy: str, ids: Iterable[str] = (), column: str = ""
    ) -> None:
        """Add a finding on the table."""
        self.findings.append(Finding(code, severity, self.name, shown(column), tuple(ids), message, remedy))  # type: ignore[arg-type]

    def table(self) -> RawTable:
        """Return the table: wholly blank rows and nameless blank columns out, names made distinct, all of it noted."""
        count = len(self.rows)
        columns = [(label, values + [""] * (count - len(values))) for label, values in self._columns]
        columns = self._named(columns)
        if not columns and self.places is None:
            raise InputError(f"{self.name}: holds no table; give a file with a header row and a row for each service")
        filled = np.zeros(count, dtype=bool)
        for _, values in columns:
            filled |= np.fromiter((value != "" for value in values), dtype=bool, count=count)
        if self.places is not None:
            filled |= self.places.there()
            self.findings += self.places.findings(self.name, self.rows)
        blank = [self.rows[i] for i in np.flatnonzero(~filled)]
        if blank:
            self.note("row.blank", "info", f"{len(blank)} rows are blank and were left out", "no need to act", blank)
        if not filled.any():
            self.note("file.no_rows", "error", "there is no row below the names of the columns", "add a row for each")
        kept = np.flatnonzero(filled)
        data = {label: values if not blank else [values[i] for i in kept] for label, values in columns}
        frame = pd.DataFrame(data, index=pd.RangeIndex(len(kept)), dtype=str)
        geometry = None
        if self.places is not None and self.crs is not None:
            geometry = self.places.series(self.crs, kept)
        rows = tuple(self.rows[i] for i in kept)
        return RawTable(frame, rows, geometry, self.name, tuple(self.findings), self.room)

    def _named(self, columns: list[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
        """Give every column a name of its own; drop those with neither a name nor a value."""
        labels = [one_line(label) for label, _ in columns]
        _require_header(labels, "the header", self.name)
        kept = [i for i, label in enumerate(labels) if label or any(columns[i][1])]
        nameless = [i for i in kept if not labels[i]]
        seen = set(labels)
        answer, again, taken = [], [], set[str]()
        for i in kept:
            label = labels[i] or f"column {i + 1}"
            if label in taken or (not labels[i] and label in seen):
                first, number = label, 2
                while label in taken or label in seen:
                    label, number = f"{first} ({number})", number + 1
                if labels[i]:
                    again.append(label)
            labels[i] = label
            taken.add(label)
            answer.append((label, columns[i][1]))
        if again:
            message = f"{len(again)} columns have a name that an earlier one has, and were numbered"
            self.note("column.duplicate", "warning", message, "give each column a name of its own", map(shown, again))
        if nameless:
            ids = [labels[i] for i in nameless]
            message = f"{len(ids)} columns have values but no name"
            self.note("column.unnamed", "warning", message, "name each column in the header row", ids)
        return answer


def one_line(label: str) -> str:
    """Return the name of a column without line breaks, and short enough to be one."""
    line = " ".join(label.split())
    return line if len(line) <= _NAME else f"{line[: _NAME - 1]}…"


def check_size(name: str, rows: int, columns: int) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` for a table that is too large to be a list of services."""
    for count, limit, what in (
        (rows, MAX_ROWS, "rows"),
        (columns, MAX_COLUMNS, "columns"),
        (rows * columns, MAX_CELLS, "cells"),
    ):
        if count > limit:
            raise InputError(f"{name}: has more than {limit:,} {what}; keep only those that are needed")


def from_grid(
    records: Iterable[tuple[int, Sequence[str]]], name: str, *, ragged: bool, findings: Sequence[Finding] = ()
) -> RawTable:
    """Make a table of rows of texts, the first of which that is no title names the columns.

    Parameters
    ----------
    records
        Numbers of rows, counted from 1, and their texts as :func:`~rcp_geo.io.text.text_of` writes them.
    name
        The file or sheet.
    ragged
        Whether rows may differ in length without that being a slip: they do in a spreadsheet.
    findings
        Those made so far.

    Raises
    ------
    InputError
        If there is no row, the first one is not a header, or the table is too large.
    """
    made = Columns(name)
    made.findings += findings
    number, header, body = _header(_bounded(records, made.name), made)
    _require_header(header, f"row {number}", made.name)
    made.rows = [f"row {number}" for number, _ in body]
    width = len(header)
    extra = [i for i, (_, cells) in enumerate(body) if any(cells[width:])]
    short = [made.rows[i] for i, (_, cells) in enumerate(body) if any(cells) and len(cells) < width]
    if ragged:
        width = max((len(body[i][1]) for i in extra), default=width)
        header += [""] * (width - len(header))
    elif extra:
        message = f"{len(extra)} rows have more values than there are columns ({width})"
        remedy = "put texts that hold the delimiter between double quotes"
        made.note("row.long", "error", message, remedy, [made.rows[i] for i in extra])
    if short and not ragged:
        message = (
            f"{len(short)} rows have fewer values than there are columns ({width}); the last ones were taken as blank"
        )
        made.note("row.short", "warning", message, "check that no value is missing in the middle", short)
    for i, label in enumerate(header):
        made.add(label, [cells[i] if i < len(cells) else "" for _, cells in body])
    return made.table()


Body = list[tuple[int, Sequence[str]]]


def _header(body: Body, made: Columns) -> tuple[int, list[str], Body]:
    """Return the number of the header's row, the header, and the rows below it; note what was above."""
    while body and not any(body[-1][1]):
        body.pop()
    first = next((i for i, (_, cells) in enumerate(body) if any(cells)), None)
    if first is None:
        raise InputError(f"{made.name}: is empty; give a file with a header row and a row for each service")
    body = body[first:]
    if titles := _titles(body):
        made.note(
            "row.title",
            "warning",
            f"{len(titles)} rows above the header were taken for a title: {shown('; '.join(titles.values()))}",
            "make the names of the columns the first row",
            [f"row {number}" for number in titles],
        )
        last = max(titles)
        body = [(number, cells) for number, cells in body if number > last]
        body = body[next(i for i, (_, cells) in enumerate(body) if any(cells)) :]
    number, cells = body[0]
    header = [text.strip() for text in cells]
    while not header[-1]:
        header.pop()
    return number, header, body[1:]


def _bounded(records: Iterable[tuple[int, Sequence[str]]], name: str) -> list[tuple[int, Sequence[str]]]:
    body, count, width = [], 0, 0
    for number, cells in records:
        body.append((number, cells))
        count += len(cells)
        width = max(width, len(cells))
        if count > MAX_CELLS or len(body) > MAX_ROWS + _TITLES or width > MAX_COLUMNS:
            check_size(name, max(len(body), count // max(width, 1)), width)
            raise InputError(f"{name}: has more than {MAX_CELLS:,} cells; keep only those that are needed")
    return body


def _titles(body: Sequence[tuple[int, Sequence[str]]]) -> dict[int, str]:
    """Return the leading rows with one filled cell where the rows below have three or more."""
    titles: dict[int, str] = {}
    for i, (number, cells) in enumerate(body[:_TITLES]):
        filled = [text for text in cells if text]
        if not filled:
            continue
        below = max((sum(map(bool, c)) for _, c in body[i + 1 : i + 1 + _TITLES]), default=0)
        if len(filled) > 1 or below < 3:
            break
        titles[number] = filled[0]
    return titles


def _require_header(header: Sequence[str], where: str, name: str) -> None:
    filled = [text for text in header if text]
    numeric = [text for text in filled if _NUMBER.fullmatch(text)]
    if 0 < len(numeric) == len(filled) or any(_FRACTION.fullmatch(text) for text in numeric):
        raise_errors(
            [
                Finding(
                    "file.no_header",
                    "error",
                    name,
                    "",
                    (),
                    f"{where} should name the columns but holds values ({shown(', '.join(filled))})",
                    "add a first row with the names of the columns",
                )
            ]
        )
