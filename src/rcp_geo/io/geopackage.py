"""Layers of a GeoPackage, which is an SQLite database that must not run anything of its own."""

from __future__ import annotations

import datetime as dt
import sqlite3
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from rcp_geo.errors import InputError
from rcp_geo.io.places import Places, Sink, settle_crs
from rcp_geo.io.raw import Columns, RawTable, check_size
from rcp_geo.io.safety import MAX_COLUMNS, MAX_FIELD, MAX_FILE, reading, shown, too_large
from rcp_geo.io.text import text_of

__all__ = ["layer_names", "read_geopackage"]

# A detailed coastline is some tens of megabytes.
_MAX_VALUE = 64_000_000
# Steps of SQLite's machine, in thousands: reading ten million cells takes about a tenth.
_MAX_STEPS = 500_000
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
# What GDAL and QGIS call the key that they add.
_KEYS = ("fid", "ogc_fid", "ogr_fid")
# QGIS keeps how layers are drawn in a table that it lists among them.
_NOT_LAYERS = ("layer_styles", "qgis_projects")


def read_geopackage(path: Path, *, layer: str | None = None, sink: type[Sink] = Places) -> RawTable:
    """Read a layer of a GeoPackage.

    Parameters
    ----------
    path
        A file that has been found to be plain and to begin like a GeoPackage.
    layer
        Its name; it may be left out where there is only one layer with geometry, or only one without.
    sink
        What takes in the geometry.

    Raises
    ------
    CrsError
        If the layer has geometry but no coordinate reference system.
    InputError
        If the file is damaged or hostile, or there are several layers or none.
    """
    name = shown(path.name)
    with _opened(path, name, sink.max_file) as database:
        return _table(database, _choose(database, layer, name), name, sink)


def layer_names(path: Path) -> list[str]:
    """Return the names of a GeoPackage's layers, those without geometry included.

    Raises
    ------
    InputError
        If the file is damaged or hostile.
    """
    with _opened(path, shown(path.name)) as database:
        return [name for names in _layers(database).values() for name in names]


@contextmanager
def _opened(path: Path, name: str, limit: int = MAX_FILE) -> Iterator[sqlite3.Connection]:
    if path.stat().st_size > limit:
        raise too_large(path, limit)
    _require_whole(path, name)
    with reading(name, "a GeoPackage"):
        # The address of a file, which is the only way to say that it may not be written to.
        address = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE)
            steps = iter(range(_MAX_STEPS))
            database.set_progress_handler(lambda: next(steps, None) is None, 1000)
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA cell_size_check = ON")
            yield database


def _require_whole(path: Path, name: str) -> None:
    """Refuse a file with fewer pages than it states: SQLite notices only when it comes to one that is missing."""
    with reading(name, "a GeoPackage"), path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100:
        raise InputError(f"{name}: is cut short; copy or download it again")
    (page,) = struct.unpack_from(">H", head, 16)
    changed, pages = struct.unpack_from(">II", head, 24)
    # The count of pages holds only if it was written with the last change.
    (valid,) = struct.unpack_from(">I", head, 92)
    size = 65_536 if page == 1 else page
    if changed == valid and pages * size > path.stat().st_size:
        raise InputError(f"{name}: is cut short; copy or download it again")


def _layers(database: sqlite3.Connection) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {"features": [], "attributes": []}
    for table, kind in database.execute("SELECT table_name, data_type FROM gpkg_contents"):
        if kind in listed and isinstance(table, str) and table not in _NOT_LAYERS:
            listed[kind].append(table)
    return listed


def _choose(database: sqlite3.Connection, wanted: str | None, name: str) -> str:
    listed = _layers(database)
    every = [*listed["features"], *listed["attributes"]]
    if wanted is not None:
        if wanted not in every:
            raise InputError(f"{name}: has no layer {shown(wanted)!r}; it has {shown(', '.join(every), 300) or 'none'}")
        return wanted
    if not every:
        raise InputError(f"{name}: has no layers; give a GeoPackage with a layer in it")
    first = listed["features"] or listed["attributes"]
    if len(first) > 1:
        raise InputError(f"{name}: has several layers ({shown(', '.join(first), 300)}); name one of them (layer=)")
    return first[0]


def _table(database: sqlite3.Connection, layer: str, name: str, sink: type[Sink]) -> RawTable:
    quoted = _quote(layer)
    kind = database.execute("SELECT type, sql FROM sqlite_master WHERE name = ?", [layer]).fetchone()
    fields = [
        (row[1], str(row[2]).upper(), row[5], row[6]) for row in database.execute(f"PRAGMA table_xinfo({quoted})")
    ]
    computed = kind is None or kind[0] != "table" or str(kind[1]).lstrip().upper().startswith("CREATE VIRTUAL")
    if computed or any(hidden for *_, hidden in fields):
        raise InputError(f"{name}: layer {shown(layer)} is worked out by the file itself; save it as a plain layer")
    if len(fields) > MAX_COLUMNS:
        check_size(name, 0, len(fields))
    shape, crs = _geometry(database, layer, [field[0] for field in fields])
    made = Columns(f"{name}, layer {layer}")
    key = next((f[0] for f in fields if f[2] == 1 and f[1] == "INTEGER"), None)
    values = [(f[0], f[1]) for f in fields if f[0] != shape and not (f[0] == key and f[0].lower() in _KEYS)]
    parts = [_quote(label) for label, _ in values]
    parts += [_quote(key) if key else "rowid", _bytes(shape, sink.head)]
    rows = database.execute(f"SELECT {', '.join(parts)} FROM {quoted}")  # noqa: S608 - every name is quoted
    places = _fill(made, rows, values, sink())
    if shape:
        made.places = places
        made.crs = settle_crs(crs, made.name, places.what) if places.there().any() or crs else None
    return made.table()


def _bytes(shape: str | None, head: int | None) -> str:
    if shape is None:
        return "NULL"
    return _quote(shape) if head is None else f"substr({_quote(shape)}, 1, {head})"


def _fill(made: Columns, rows: Iterable[tuple[Any, ...]], fields: list[tuple[str, str]], places: Sink) -> Sink:
    """Add the rows, each with its key and geometry at its end, which the sink takes in."""
    columns: list[list[str]] = [[] for _ in fields]
    lost: Counter[str] = Counter()
    for *values, key, shape in rows:
        made.row(f"feature {text_of(key)}")
        check_size(made.name, len(made.rows), len(fields))
        for (label, declared), column, value in zip(fields, columns, values, strict=True):
            lost[label] += isinstance(value, bytes)
            text = "" if isinstance(value, bytes) else _text(value, declared)
            if len(text) > MAX_FIELD:
                raise made.too_long(label, made.rows[-1])
            column.append(text)
        places.wkb(_content(shape))
    for (label, _), column in zip(fields, columns, strict=True):
        made.add(label, column)
    for label in +lost:
        message = f"{lost[label]} values are bytes, not text, and were left out"
        made.note("column.unreadable", "warning", message, "save it as text if it is needed", column=label)
    return places


def _quote(label: str) -> str:
    return '"' + label.replace('"', '""') + '"'


def _geometry(database: sqlite3.Connection, layer: str, labels: list[str]) -> tuple[str | None, Any]:
    """Return the column of geometry and its CRS."""
    found = database.execute(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", [layer]
    ).fetchone()
    if found is None or found[0] not in labels:
        return None, None
    system = database.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
        [found[1]],
    ).fetchone()
    # -1 and 0 are the standard's own ways to say that it is not known.
    if system is None or found[1] in {-1, 0}:
        return found[0], None
    if str(system[0]).upper() == "EPSG":
        return found[0], f"EPSG:{int(system[1])}"
    return found[0], str(system[2])


def _text(value: object, declared: str) -> str:
    if declared == "BOOLEAN" and value in (0, 1):
        return "true" if value else "false"
    if declared in {"DATE", "DATETIME", "TIMESTAMP"} and isinstance(value, str):
        try:
            # The standard has every time in UTC, also where no zone was meant.
            return text_of(dt.datetime.fromisoformat(value.strip().removesuffix("Z")))
        except ValueError:
            return text_of(value)
    return text_of(value)


def _content(data: object) -> bytes | None:
    """Return the geometry without the header that GeoPackage puts before it."""
    if data is None:
        return None
    if not isinstance(data, bytes) or len(data) < 8 or data[:2] != b"GP":
        return b"\x00"
    flags = data[3]
    envelope = _ENVELOPES.get((flags >> 1) & 7)
    if flags & 0x10:
        return None
    return b"\x00" if envelope is None else data[8 + envelope :]
