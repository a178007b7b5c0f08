"""Parquet and GeoParquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rcp_geo.errors import InputError
from rcp_geo.io.arrow import add_columns, is_flat, leave_out
from rcp_geo.io.json import load_json
from rcp_geo.io.places import Places, Sink, settle_crs
from rcp_geo.io.raw import Columns, RawTable, check_size
from rcp_geo.io.safety import megabytes, reading, shown, too_large

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["read_parquet"]

# How much larger than a file may be, it may be unpacked: a dictionary of texts and the places where they stand.
_UNPACKED = 3
_MAX_METADATA = 10_000_000
_LON_LAT = "EPSG:4326"
_LIMITS = {"thrift_string_size_limit": _MAX_METADATA, "thrift_container_size_limit": _MAX_METADATA}


def read_parquet(path: Path, *, sink: type[Sink] = Places) -> RawTable:
    """Read a Parquet file, with its points or areas if it is GeoParquet.

    Parameters
    ----------
    path
        A file that has been found to be plain and to begin like Parquet.
    sink
        What takes in the geometry.

    Raises
    ------
    CrsError
        If it has geometry without a coordinate reference system.
    InputError
        If it is damaged, hostile or too large.
    """
    import pyarrow.parquet as pq

    name = shown(path.name)
    if path.stat().st_size > sink.max_file:
        raise too_large(path, sink.max_file)
    with reading(name, "Parquet"), path.open("rb") as handle:
        schema = pq.ParquetFile(handle, **_LIMITS).schema_arrow
        made = Columns(name)
        geometry, made.crs, boxes = _geometry(schema.metadata, name)
        columns = []
        for field in schema:
            if is_flat(field.type):
                # The labels of a frame that had no name for them
                columns += [] if field.name.startswith("__index_level_") else [field]
            elif field.name not in boxes:
                leave_out(made, field.name, "lists, structures or long bytes")
        # A text that fills a million rows is then held once.
        repeated = [field.name for field in columns if _is_bytes(field.type)]
        file = pq.ParquetFile(handle, read_dictionary=repeated, **_LIMITS)
        _require_small(file.metadata, name, _UNPACKED * sink.max_file)
        names = [field.name for field in columns]
        table = file.read(columns=names, use_threads=False)
        made.rows = [f"row {i}" for i in range(1, table.num_rows + 1)]
        add_columns(made, table, geometry, sink)
        if geometry is not None and made.places is not None and not made.crs and made.places.there().any():
            settle_crs(None, name, made.places.what)
        return made.table()


def _is_bytes(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return any(
        check(kind)
        for check in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    )


def _require_small(metadata: pq.FileMetaData, name: str, limit: int) -> None:
    check_size(name, metadata.num_rows, metadata.num_columns)
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if size > limit:
        raise InputError(
            f"{name}: would unpack to {megabytes(size)}, above the {megabytes(limit)} that are read; "
            "keep only the rows and columns that are needed"
        )


def _geometry(metadata: dict[bytes, bytes] | None, name: str) -> tuple[str | None, Any, set[str]]:
    """Return the column of points, its CRS, and the columns that only repeat its extent."""
    geo = load_json(metadata[b"geo"], name) if metadata and b"geo" in metadata else None
    label = geo.get("primary_column") if isinstance(geo, dict) else None
    columns = geo.get("columns") if isinstance(geo, dict) else None
    about = columns.get(label) if isinstance(columns, dict) else None
    if not isinstance(label, str) or not isinstance(about, dict):
        return None, None, set()
    if about.get("encoding") != "WKB":
        raise InputError(f"{name}: its geometry is not in WKB; save it again as GeoParquet 1.0")
    boxes = {path[0] for path in _paths(about.get("covering"))}
    # The standard: where nothing is said, longitude and latitude.
    crs = about.get("crs", _LON_LAT)
    return label, settle_crs(crs, name) if crs else None, boxes


def _paths(covering: object) -> list[list[str]]:
    box = covering.get("bbox") if isinstance(covering, dict) else None
    found = box.values() if isinstance(box, dict) else []
    return [path for path in found if isinstance(path, list) and path and isinstance(path[0], str)]
