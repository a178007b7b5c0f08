"""A saved answer as files: how its inputs and its record are written, and read back in the face of a hostile folder."""

from __future__ import annotations

import hashlib
import json
import math
import re
import stat
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.io.areas import require_whole
from rcp_geo.io.json import load_json
from rcp_geo.io.packaging import RECORD, input_path
from rcp_geo.io.safety import MAX_TEXT, local_path, megabytes, read_bytes, reading, shown
from rcp_geo.provenance import digest_of, text_of_cell
from rcp_geo.schema import TABLES, Finding

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = [
    "FORMAT",
    "INPUTS",
    "Record",
    "check_files",
    "json_text",
    "parse_csv",
    "read_parquet_exactly",
    "read_record",
    "sealed",
    "sha256_of",
    "write_input",
]

# Of the folder. It rises when an earlier version of the library could not check what a later one writes.
FORMAT = 1
# Every name that an input may have. Those of the base, and what was laid over, are there only for a directory that was overlaid.
INPUTS = (
    *(f"directory.{table}" for table in TABLES),
    *(f"base.{table}" for table in TABLES),
    "overlaid",
    "boundaries",
    "demand",
)

_OUTPUT = re.compile(r"[a-z][a-z0-9_]{0,60}\.(csv|gpkg|json|parquet)")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# What systems leave in every folder that somebody looks at.
_NOBODYS = {".DS_Store", "Thumbs.db", "desktop.ini"}
# Ten times the demand of every postcode of Great Britain, and of those at most what fits in the memory of a laptop.
_MAX_ROWS, _MAX_UNPACKED = 20_000_000, 4_000_000_000
_MAX_METADATA = 10_000_000
_LIMITS = {"thrift_string_size_limit": _MAX_METADATA, "thrift_container_size_limit": _MAX_METADATA}


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def json_text(content: Mapping[str, Any]) -> str:
    """Return plain data as JSON for people, always in the same words."""
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with the digest of all that it says, by which a change in itself is told."""
    said = {key: value for key, value in record.items() if key != "seal"}
    return {**said, "seal": digest_of(said)}


# ---------------------------------------------------------------------------------------------------------- the record


@dataclass(frozen=True)
class Record:
    """``provenance.json`` of a saved folder, of a form that can be relied on.

    Attributes
    ----------
    folder
        The folder.
    said
        All of it.
    whole
        Whether it is as it was written.
    """

    folder: Path
    said: Mapping[str, Any]
    whole: bool

    @property
    def inputs(self) -> dict[str, Mapping[str, Any]]:
        """The inputs, by name."""
        return {record["name"]: record for record in self.said["inputs"]}

    @property
    def files(self) -> dict[str, Mapping[str, Any]]:
        """What was written of every file but the record itself, by path."""
        kept = [record["file"] for record in self.said["inputs"] if "file" in record]
        return {file["path"]: file for file in [*self.said["outputs"], *kept]}


def read_record(folder: str | Path) -> Record:
    """Read the record of a saved folder.

    Raises
    ------
    InputError
        If there is none, it is of another version of the library that wrote it in another form, or it is damaged or hostile.
    """
    home = local_path(folder)
    if not home.is_dir():
        raise InputError(f"{shown(home)}: is a file; give the folder that Assessment.save made")
    path = home / RECORD
    if not _is_plain(path):
        raise InputError(f"{shown(home)}: holds no {RECORD}; give a folder that Assessment.save made")
    data = read_bytes(path, MAX_TEXT)
    said = load_json(data, RECORD)
    if not isinstance(said, dict):
        raise InputError(f"{RECORD}: is not the record of an answer; give a folder that Assessment.save made")
    _require_format(said)
    try:
        _require_form(said)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(
            f"{RECORD}: was changed since it was written, or is not the record of an answer ({shown(error)}); "
            "take the folder anew from where it came"
        ) from error
    whole = data == _written(said)
    return Record(home, said, whole)


def _written(said: Mapping[str, Any]) -> bytes:
    try:
        return json_text(sealed(said)).encode()
    except ValueError:
        # Numbers that JSON has none of, and halves of characters.
        return b""


def _require_format(said: Mapping[str, Any]) -> None:
    """Refuse a record that another version of the library wrote in another form."""
    versions = said.get("versions")
    by = versions.get("rcp_geo") if isinstance(versions, dict) else None
    who = f"rcp_geo {shown(by)}" if isinstance(by, str) else "another version of rcp_geo"
    if "format" not in said and "seal" not in said:
        raise InputError(
            f"{RECORD}: was saved by an earlier {who}, which kept no digests of its files, so it cannot be checked; "
            "save the answer again with this version"
        )
    form = said.get("format")
    if isinstance(form, int) and form > FORMAT:
        raise InputError(
            f"{RECORD}: was saved by a later {who}, in a form that this version does not know; update rcp_geo to check it"
        )


def _require_form(said: Mapping[str, Any]) -> None:
    """Raise ``KeyError``, ``TypeError`` or ``ValueError`` unless a record says what every record says, within bounds."""
    _require(said["format"] == FORMAT, "format")
    parameters = said["parameters"]
    for key in ("as_of", "by", "rcp_geo"):
        _require(isinstance(parameters[key], str), key)
    for key in ("level", "valid_from", "valid_to"):
        _require(isinstance(parameters["boundaries"][key], str), key)
    _require(isinstance(parameters["model"], dict) and isinstance(parameters["model"]["model"], str), "model")
    _require(isinstance(parameters["cutoffs"], list) and all(map(_is_number, parameters["cutoffs"])), "cutoffs")
    _require(isinstance(said["about"]["demand"]["given"], bool), "demand")
    _require(isinstance(said["about"]["directory"], dict), "about")
    for key in ("counts", "versions"):
        _require(isinstance(said[key], dict), key)
    _require(all(isinstance(v, str) for v in said["versions"].values()), "versions")
    _require(all(map(_is_number, said["counts"].values())), "counts")
    _require(_SHA256.fullmatch(said["digest"]), "digest")
    for record in said["inputs"]:
        _require(record["name"] in INPUTS, f"input {shown(record['name'])}")
        _require(_SHA256.fullmatch(record["sha256"]) and isinstance(record["rows"], int), "input")
        _require(all(isinstance(record[k], str) for k in ("vintage", "licence", "source")), "input")
        _require(isinstance(record["embedded"], bool), "input")
        if "file" in record:
            _require_file(record["file"], input_path(record["name"]).__eq__)
    for file in said["outputs"]:
        _require_file(file, _is_output)
    names = [record["name"] for record in said["inputs"]]
    paths = [file["path"] for file in said["outputs"]]
    _require(len({*names}) == len(names) and len({*paths}) == len(paths), "a name twice")
    needed = {*(f"directory.{t}" for t in TABLES), "boundaries", "demand"}
    _require(needed <= {*names}, "inputs")


def _require(holds: object, what: str) -> None:
    if not holds:
        raise ValueError(what)


def _is_output(path: str) -> bool:
    return path != RECORD and _OUTPUT.fullmatch(path) is not None


def _require_file(file: Mapping[str, Any], allowed: Callable[[str], object]) -> None:
    path, size = file["path"], file["bytes"]
    _require(isinstance(path, str) and allowed(path), f"{shown(path)!r} is no file of such a folder")
    _require(isinstance(size, int) and not isinstance(size, bool) and _SHA256.fullmatch(file["sha256"]), shown(path))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


# ----------------------------------------------------------------------------------------------------------- the files


def check_files(record: Record) -> list[Finding]:
    """Hold every file of a folder against what was written of it."""
    found = []
    for path, file in record.files.items():
        place = record.folder / path
        if not _is_plain(place):
            what = "is not there" if not place.exists() else "is a link or no plain file, and was not read"
            remedy = "take the folder anew from where it came"
            found.append(Finding("file.missing", "error", path, "", (), f"the file {what}", remedy))
        elif place.stat().st_size != file["bytes"] or sha256_of(place) != file["sha256"]:
            message = f"the file is not the one that was written (sha256 {file['sha256'][:12]}…)"
            remedy = "take the folder anew from where it came, or find out who changed it"
            found.append(Finding("file.changed", "error", path, "", (), message, remedy))
    return found + list(_strangers(record))


def _strangers(record: Record) -> Iterator[Finding]:
    known = {*record.files, RECORD}
    inside = [p.name for p in record.folder.iterdir() if p.name != "inputs"]
    home = record.folder / "inputs"
    if home.is_dir() and not home.is_symlink():
        inside += [f"inputs/{p.name}" for p in home.iterdir()]
    elif home.exists():
        inside.append("inputs")
    for path in sorted({p for p in inside if p.rpartition("/")[2] not in _NOBODYS} - known):
        message = "the file is not of this answer, and was not looked at"
        yield Finding("file.extra", "warning", shown(path), "", (), message, "keep files of your own in another folder")


def _is_plain(path: Path) -> bool:
    """Say whether a path is a plain file in a plain folder, and no way out of it."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and not path.parent.is_symlink()
    except OSError:
        return False


# ---------------------------------------------------------------------------------------------------------- the tables


def write_input(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet, or as GeoParquet if it has geometry, with every value as it is.

    Values of several types in one column, which Parquet has no place for, are written as their texts in digests.
    """
    import geopandas as gpd

    plain = frame.reset_index(drop=True).set_axis([str(c) for c in frame.columns], axis="columns")
    plain.attrs = {}
    for column in plain.columns:
        if plain[column].dtype == object and not _fits(plain[column]):
            plain[column] = pd.Series([text_of_cell(v) for v in plain[column]], index=plain.index, dtype=object)
    if isinstance(frame, gpd.GeoDataFrame):
        layer = gpd.GeoDataFrame(plain).set_geometry(frame.geometry.name)
        layer.to_parquet(path, index=False, compression="zstd", geometry_encoding="WKB", write_covering_bbox=False)
    else:
        plain.to_parquet(path, index=False, compression="zstd")


def _fits(column: pd.Series) -> bool:
    import pyarrow as pa

    try:
        kind = pa.array(column, from_pandas=True).type
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return False
    return not pa.types.is_nested(kind)


def read_parquet_exactly(path: Path, *, rows: int | None = None) -> pd.DataFrame:
    """Read a Parquet file that a save wrote, with the types that it had.

    Parameters
    ----------
    path
        A plain file.
    rows
        How many rows it must have, where that is known.

    Raises
    ------
    InputError
        If it is damaged or hostile, unpacks to more than is read, or has another number of rows.
    """
    import pyarrow.parquet as pq

    name = shown(path.name)
    with reading(name, "Parquet"), path.open("rb") as handle:
        file = pq.ParquetFile(handle, **_LIMITS)
        _require_small(file.metadata, name, rows)
        table = file.read(use_threads=False)
        about = load_json(table.schema.metadata[b"geo"], name) if b"geo" in (table.schema.metadata or {}) else None
        return _frame(table, about)


def _require_small(metadata: pq.FileMetaData, name: str, rows: int | None) -> None:
    if rows is not None and metadata.num_rows != rows:
        raise InputError(f"{name}: has {metadata.num_rows} rows, and {rows} belong to this answer; take it anew")
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    # A column of which every value is the same takes nothing at all in the file.
    size = max(size, 8 * metadata.num_rows * metadata.num_columns)
    if metadata.num_rows > _MAX_ROWS or size > _MAX_UNPACKED:
        raise InputError(f"{name}: would unpack to {megabytes(size)}, above what is read; it cannot be checked here")


def _frame(table: pa.Table, about: object) -> pd.DataFrame:
    """Return a table of Arrow as a frame, its geometry from bytes that are known to be whole."""
    import geopandas as gpd
    import shapely
    from pyproj import CRS

    frame: pd.DataFrame = table.to_pandas()
    columns: Any = about.get("columns") if isinstance(about, dict) else None
    if not isinstance(columns, dict) or not isinstance(about, dict):
        return frame
    for label, said in columns.items():
        column: list[Any] = list(frame[label])
        for data in column:
            if data is not None:
                _require_geometry(data)
        # What a GeoParquet does not say is longitude and latitude; what it says to be nothing is not known.
        crs = said.get("crs", "OGC:CRS84")
        shapes = shapely.from_wkb(column)
        frame[label] = gpd.GeoSeries(shapes, index=frame.index, crs=None if crs is None else CRS.from_user_input(crs))
    layer: pd.DataFrame = gpd.GeoDataFrame(frame).set_geometry(about["primary_column"])
    return layer


def _require_geometry(data: bytes) -> None:
    try:
        require_whole(data)
    except struct.error as error:
        raise ValueError("a geometry is cut short") from error


def parse_csv(text: str) -> pd.DataFrame:
    """Return a table of CSV as texts, blanks as empty texts."""
    import io

    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, na_filter=False)
