"""The extension ``x_rcp_geo`` as the tables that it was written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.openreferral.notes import Notes
from rcp_geo.openreferral.vocabulary import CELL_TYPE, COLUMNS, EXTENSION, VERSION, Record, key_of
from rcp_geo.openreferral.write import to_openreferral

__all__ = ["Own", "note_changes", "to_table"]

_PER_SERVICE = ("services", "sites", "footprints", "status")
_WHOLE = ("published", "searched")
_TYPES = {"longitude": "float64", "latitude": "float64"}


class Own:
    """Rows that this library wrote, taken out of services and pages."""

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[int, Record]]] = {name: [] for name in _PER_SERVICE}
        self._whole: dict[str, list[Record]] = {name: [] for name in _WHOLE}
        self.columns: dict[str, list[tuple[str, str]]] = {}

    def take_service(self, service: Record) -> bool:
        """Take the rows that a service carries, all of them or none."""
        extension = service.get(EXTENSION)
        if not isinstance(extension, dict) or extension.get("version") != VERSION:
            return False
        found = {name: _numbered(extension.get(name)) for name in _PER_SERVICE[1:]}
        found["services"] = _numbered([extension.get("service")])
        if any(rows is None for rows in found.values()):
            return False
        for name, rows in found.items():
            self._rows[name] += rows or []
        return True

    def take_page(self, extension: Record) -> bool:
        """Take what belongs to no one service, and the columns of the tables; all of it or none."""
        whole = {name: _records(extension.get(name, [])) for name in _WHOLE}
        columns = _columns(extension.get("columns", {}))
        if extension.get("version") != VERSION or columns is None or any(rows is None for rows in whole.values()):
            return False
        for name, rows in whole.items():
            self._whole[name] += rows or []
        self.columns = columns | self.columns
        return True

    def rows(self, name: str) -> list[Record]:
        """Return a table's rows, in the order of their numbers where these tell them apart."""
        if name in self._whole:
            return self._whole[name]
        numbered = self._rows[name]
        if len({number for number, _ in numbered}) == len(numbered):
            numbered = sorted(numbered, key=lambda pair: pair[0])
        return [cells for _, cells in numbered]


def _records(value: object) -> list[Record] | None:
    """Return a list of objects of plain values; None if it is anything else."""
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        return None
    plain = all(c is None or isinstance(c, str | int | float) for v in value for c in v.values())
    return value if plain else None


def _numbered(value: object) -> list[tuple[int, Record]] | None:
    """Return rows with their numbers; None unless each has a number and the id of a service."""
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        return None
    cells = _records([v.get("cells") for v in value])
    numbers = [v.get("row") for v in value]
    if cells is None or not all(isinstance(n, int) for n in numbers):
        return None
    return list(zip(numbers, cells, strict=True)) if all(key_of(c.get("service_id")) for c in cells) else None


def _columns(value: object) -> dict[str, list[tuple[str, str]]] | None:
    if not isinstance(value, dict) or not set(value) <= set(COLUMNS):
        return None
    found: dict[str, list[tuple[str, str]]] = {}
    for name, columns in value.items():
        if not isinstance(columns, list) or not all(_is_column(c) for c in columns):
            return None
        found[name] = [(column, kind) for column, kind in columns]
    return found


def _is_column(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(v, str) for v in value):
        return False
    return not value[1] or CELL_TYPE.fullmatch(value[1]) is not None


def to_table(name: str, rows: Sequence[Record], columns: Sequence[tuple[str, str]] | None) -> pd.DataFrame:
    """Return rows as a table with the columns stated, the standard ones if none are, and any others that the rows have."""
    kinds = dict(columns) if columns is not None else {c: _TYPES.get(c, "") for c in COLUMNS[name]}
    kinds |= {c: "" for row in rows for c in row if c not in kinds}
    return pd.DataFrame({c: _column([row.get(c, "") for row in rows], kind) for c, kind in kinds.items()})


def _column(values: Sequence[object], kind: str) -> pd.Series:
    if not kind:
        # Text that was mixed with other values by hand stays as it is.
        plain = all(v is None or isinstance(v, str) for v in values)
        return pd.Series(list(values), dtype=str if plain else object)
    mixed: pd.Series = pd.Series(list(values), dtype=object)
    if kind == "object":
        return mixed
    given: pd.Series = pd.Series([None if v == "" else v for v in values], dtype=object)
    try:
        typed: pd.Series = given.astype(kind)  # type: ignore[call-overload]
    except (OverflowError, TypeError, ValueError):
        return mixed
    return typed


def note_changes(services: Sequence[Record], tables: Mapping[str, pd.DataFrame], notes: Notes) -> None:
    """Note the services whose standard part is no longer what was written with their extension."""
    written: dict[str, dict[object, Record]] = {}
    for service in services:
        extension = service[EXTENSION]
        as_of = str(extension.get("as_of")) if isinstance(extension, dict) else ""
        if as_of not in written:
            written[as_of] = _written(tables, as_of)
        if _standard(written[as_of].get(service.get("id"), {})) != _standard(service):
            notes.add("extension.disagrees", "service", "", key_of(service.get("id")))


def _written(tables: Mapping[str, pd.DataFrame], as_of: str) -> dict[object, Record]:
    try:
        contents = to_openreferral(tables, as_of=as_of)["contents"]
    except InputError:
        # The tables are wrong in themselves, which whoever builds a directory of them is told in full.
        contents = []
    return {s["id"]: s for s in contents} if isinstance(contents, list) else {}


def _standard(service: Record) -> Record:
    return {name: value for name, value in service.items() if name != EXTENSION}
