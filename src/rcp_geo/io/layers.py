"""Shapefiles and FlatGeobuf, by way of GDAL."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path
from typing import Any

from rcp_geo.errors import CrsError, InputError
from rcp_geo.io.archive import opened, read_member
from rcp_geo.io.arrow import add_columns
from rcp_geo.io.places import Places, Sink, settle_crs
from rcp_geo.io.raw import Columns, RawTable, check_size
from rcp_geo.io.safety import read_bytes, reading, shown

__all__ = ["read_flatgeobuf", "read_shapefile", "read_zipped_shapefile"]

_PARTS = {".shp": "the geometry", ".shx": "their index", ".dbf": "the columns"}
_OPTIONAL = (".prj", ".cpg")
_SHP_MAGIC = 9994
# A projection takes one line, the name of an encoding one word.
_MAX_NOTE = 100_000
# dBase IV, which allows 255 columns, and its relatives
_DBF_FIELD = 32
# A name has eleven bytes there, the last of them zero.
_DBF_NAME = 10


def read_shapefile(path: Path, *, encoding: str | None = None, sink: type[Sink] = Places) -> RawTable:
    """Read a shapefile with its parts beside it.

    Parameters
    ----------
    path
        The ``.shp`` file, which has been found to be plain.
    encoding
        That of its texts, if it is known; otherwise that of its ``.cpg`` file, UTF-8, or Windows-1252 with a finding.
    sink
        What takes in the geometry, here and below.

    Raises
    ------
    CrsError
        If there is no ``.prj`` file beside it.
    InputError
        If a part is missing, damaged or too large.
    """
    parts = {}
    for suffix in (*_PARTS, *_OPTIONAL):
        for candidate in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
            # The file that was given counts whatever its name ends in.
            file = path if suffix == ".shp" else candidate
            if suffix not in parts and file.is_file():
                parts[suffix] = read_bytes(file, _MAX_NOTE if suffix in _OPTIONAL else sink.max_file)
    return _read_parts(parts, shown(path.name), encoding, sink)


def read_zipped_shapefile(
    path: Path, *, layer: str | None = None, encoding: str | None = None, sink: type[Sink] = Places
) -> RawTable:
    """Read a shapefile from a zip archive; ``layer`` says which, where there are several.

    Raises
    ------
    CrsError, InputError
        As :func:`read_shapefile`, or if the archive is damaged or hostile.
    """
    name = shown(path.name)
    with opened(path, sink.max_file) as archive:
        # A Mac adds a shadow of each file.
        members = [m for m in archive.namelist() if not m.startswith("__MACOSX/")]
        found = {Path(m).stem: m for m in members if m.lower().endswith(".shp")}
        if layer is not None and layer not in found:
            raise InputError(f"{name}: has no shapefile {shown(layer)!r}; it has {shown(', '.join(found), 300)}")
        if layer is None and len(found) > 1:
            raise InputError(
                f"{name}: has several shapefiles ({shown(', '.join(found), 300)}); name one of them (layer=)"
            )
        stem = found[layer] if layer is not None else next(iter(found.values()))
        parts = {}
        for member in members:
            suffix = member[-4:].lower()
            if member[:-4] == stem[:-4] and suffix in {*_PARTS, *_OPTIONAL}:
                limit = _MAX_NOTE if suffix in _OPTIONAL else sink.max_file
                parts[suffix] = read_member(archive, member, limit, name)
    return _read_parts(parts, name, encoding, sink)


def _read_parts(parts: dict[str, bytes], name: str, encoding: str | None, sink: type[Sink]) -> RawTable:
    for suffix, what in _PARTS.items():
        if suffix not in parts:
            raise InputError(
                f"{name}: its {suffix} part, which holds {what}, is missing; keep all parts of a shapefile together"
            )
    if not parts.get(".prj", b"").strip():
        raise CrsError(
            f"{name}: its .prj part, which names the coordinate reference system, is missing; "
            "export it again with one (a GeoPackage keeps all in one file)"
        )
    made = Columns(name)
    made.room = _DBF_NAME
    _require_whole(parts, name)
    if ".cpg" not in parts and encoding is None:
        encoding = _guess(parts[".dbf"], made)
    with tempfile.TemporaryDirectory(prefix="rcp_geo.") as folder:
        # GDAL sees copies under plain names: nothing else that lies beside the file, and no name that means more to it.
        for suffix, data in parts.items():
            Path(folder, f"layer{suffix}").write_bytes(data)
        return _read(Path(folder, "layer.shp"), made, "a shapefile", encoding, sink)


def _require_whole(parts: dict[str, bytes], name: str) -> None:
    """Refuse parts that are shorter than they state, or of different files: GDAL fills what is missing with nulls."""
    shp, shx, dbf = parts[".shp"], parts[".shx"], parts[".dbf"]
    if len(shp) < 100 or len(shx) < 100 or len(dbf) < 33:
        raise InputError(f"{name}: is cut short; copy or download all its parts again")
    if struct.unpack_from(">i", shp)[0] != _SHP_MAGIC or struct.unpack_from(">i", shx)[0] != _SHP_MAGIC:
        raise InputError(f"{name}: is not a shapefile: it does not begin like one; export it again")
    rows, start, width = struct.unpack_from("<IHH", dbf, 4)
    check_size(name, rows, max(0, start - 33) // _DBF_FIELD)
    short = any(2 * struct.unpack_from(">i", part, 24)[0] > len(part) for part in (shp, shx))
    if short or start + rows * width > len(dbf):
        raise InputError(f"{name}: is cut short; copy or download all its parts again")
    shapes = (2 * struct.unpack_from(">i", shx, 24)[0] - 100) // 8
    if shapes != rows:
        raise InputError(
            f"{name}: has {shapes:,} shapes but {rows:,} rows of values: its parts do not belong together; export it again"
        )


def _guess(dbf: bytes, made: Columns) -> str | None:
    """Return the encoding of a file that may not state one: byte 29 names a code page."""
    body = dbf[struct.unpack_from("<H", dbf, 8)[0] :]
    if dbf[29] or body.isascii():
        return None
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        message = "the file does not say how its texts are encoded; they were read as Windows-1252"
        made.note("file.encoding", "warning", message, "check names with accents, or give its encoding")
        return "cp1252"
    return "utf-8"


def read_flatgeobuf(path: Path, *, sink: type[Sink] = Places) -> RawTable:
    """Read a FlatGeobuf file that has been found to be plain and to begin like one.

    Raises
    ------
    CrsError
        If it has no coordinate reference system.
    InputError
        If it is damaged or too large.
    """
    made = Columns(shown(path.name))
    data = read_bytes(path, sink.max_file)
    with tempfile.TemporaryDirectory(prefix="rcp_geo.") as folder:
        Path(folder, "layer.fgb").write_bytes(data)
        return _read(Path(folder, "layer.fgb"), made, "FlatGeobuf", None, sink)


def _read(path: Path, made: Columns, kind: str, encoding: str | None, sink: type[Sink]) -> RawTable:
    import pyogrio

    name, folder = made.name, str(path.parent)
    with reading(name, kind, str(path), folder):
        about: dict[str, Any] = pyogrio.read_info(path, encoding=encoding, force_feature_count=True)
        check_size(name, about["features"], len(about["fields"]))
        meta, table = pyogrio.raw.read_arrow(path, encoding=encoding)
        made.rows = [f"feature {i}" for i in range(1, table.num_rows + 1)]
        if table.num_rows != about["features"]:
            raise InputError(f"{name}: is cut short; copy or download it again")
        geometry = meta["geometry_name"] or "wkb_geometry"
        add_columns(made, table, geometry if geometry in table.column_names else None, sink)
        if made.places is not None and (meta["crs"] or made.places.there().any()):
            made.crs = settle_crs(meta["crs"], name, made.places.what)
        return made.table()
