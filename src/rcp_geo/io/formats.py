"""Any file that a user may have, into one kind of table: what it is, told by its content."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.io.archive import opened
from rcp_geo.io.areas import Areas
from rcp_geo.io.delimited import read_delimited
from rcp_geo.io.frames import read_frame
from rcp_geo.io.geojson import is_geojson, read_geojson
from rcp_geo.io.geopackage import read_geopackage
from rcp_geo.io.kml import read_kml, read_kmz
from rcp_geo.io.layers import read_flatgeobuf, read_shapefile, read_zipped_shapefile
from rcp_geo.io.parquet import read_parquet
from rcp_geo.io.places import Places, Sink
from rcp_geo.io.raw import RawTable
from rcp_geo.io.safety import local_path, reading, shown, too_large
from rcp_geo.io.spreadsheet import read_workbook
from rcp_geo.schema import Finding

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["RawTable", "read_areas", "read_table", "sniff"]

_HEAD = 4096
_WORDS = {
    "csv": "a text table",
    "excel": "an Excel workbook",
    "flatgeobuf": "FlatGeobuf",
    "geojson": "GeoJSON",
    "gpkg": "a GeoPackage",
    "kml": "KML",
    "kmz": "KMZ",
    "openreferral": "JSON",
    "parquet": "Parquet",
    "shapefile": "a shapefile",
    "shapefile.zip": "a zipped shapefile",
}
_EXTENSIONS = {
    ".csv": ("csv",),
    ".txt": ("csv",),
    ".tsv": ("csv",),
    ".tab": ("csv",),
    ".xlsx": ("excel",),
    ".xlsm": ("excel",),
    ".xls": ("excel",),
    ".parquet": ("parquet",),
    ".geoparquet": ("parquet",),
    ".pq": ("parquet",),
    ".geojson": ("geojson",),
    ".json": ("geojson", "openreferral"),
    ".gpkg": ("gpkg",),
    ".shp": ("shapefile",),
    ".zip": ("shapefile.zip", "kmz", "excel"),
    ".fgb": ("flatgeobuf",),
    ".kml": ("kml",),
    ".kmz": ("kmz",),
}
_TABS = (".tsv", ".tab")
_SPATIAL = ("flatgeobuf", "geojson", "gpkg", "kml", "kmz", "parquet", "shapefile", "shapefile.zip")
_SPATIAL_ACCEPTED = "a GeoPackage, shapefile, GeoJSON, FlatGeobuf, GeoParquet, KML or KMZ with polygons"
_ACCEPTED = "CSV, TSV, Excel (.xlsx), Parquet, GeoJSON, GeoPackage, a shapefile, FlatGeobuf, KML or KMZ"
# What people give by mistake, by its first bytes, and what to do.
_REFUSED = (
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel workbook (.xls), or one with a password",
        "save it as .xlsx without a password",
    ),
    (b"\x89PNG", "a picture (PNG)", ""),
    (b"\xff\xd8\xff", "a picture (JPEG)", ""),
    (b"GIF8", "a picture (GIF)", ""),
    (b"%PDF", "a PDF document", "copy its table into a spreadsheet and save that"),
    (b"\x1f\x8b", "packed with gzip", "unpack it first"),
    (b"BZh", "packed with bzip2", "unpack it first"),
    (b"\xfd7zXZ", "packed with xz", "unpack it first"),
    (b"7z\xbc\xaf", "packed with 7-Zip", "unpack it first"),
    (b"Rar!", "packed with RAR", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "unpack it first"),
)
_MAGIC = {
    b"SQLite format 3\x00": "gpkg",
    b"PAR1": "parquet",
    b"fgb\x03": "flatgeobuf",
    b"\x00\x00\x27\x0a": "shapefile",
}
# Where SQLite keeps the kind of document that it holds
_GEOPACKAGES = (b"GPKG", b"GP10", b"GP11")
_PART_OF_SHAPEFILE = (".shx", ".dbf", ".prj", ".cpg")
_JSON = re.compile(rb'\s*(\{\s*["}]|\[\s*[\[\]{"\d-])')
_XML = re.compile(rb"\s*<(\?xml|!--|!DOCTYPE|[A-Za-z])", re.IGNORECASE)
_HTML = re.compile(rb"\s*<(!DOCTYPE\s+html|html|table|head)\b", re.IGNORECASE)
# The tables of Open Referral UK and HSDS 3, one of which a folder of them must hold.
_OPEN_REFERRAL = ("service.json", "services.json", "organization.json", "service_at_location.json", "location.json")


def read_table(
    source: str | Path | pd.DataFrame | gpd.GeoDataFrame, *, layer: str | None = None, encoding: str | None = None
) -> RawTable:
    """Read a table of any usual format as texts, whatever types the format has.

    Parameters
    ----------
    source
        A frame, or the path of a file on this machine: CSV, TSV and other delimited text, Excel (``.xlsx``, ``.xlsm``),
        Parquet and GeoParquet, GeoJSON, GeoPackage, a shapefile or a zip archive of one, FlatGeobuf, KML or KMZ. The
        format is told by the content; where the name says otherwise there is a finding.
    layer
        Which sheet of a workbook, layer of a GeoPackage, shapefile of an archive or folder of a map is read. Without it, the
        first sheet with content, the only layer or shapefile, all folders.
    encoding
        That of the texts in delimited text or a shapefile, where it is known and the file does not say.

    Returns
    -------
    RawTable
        Rows in the order of the file. Wholly blank rows are left out, with a finding.

    Raises
    ------
    MissingExtraError
        If the file is an Excel workbook and openpyxl is not installed.
    CrsError
        If there is geometry without a known coordinate reference system.
    InputError
        If the file cannot be read as a table, or is larger, deeper or stranger than a list of services can be.

    Notes
    -----
    Files are taken as hostile: nothing in them is run or fetched, and time and memory are bounded by the constants of
    :mod:`rcp_geo.io.safety`.
    """
    if isinstance(source, pd.DataFrame):
        _no_layer(layer, "a frame")
        return read_frame(source)
    path = local_path(source)
    kind = sniff(path)
    if kind in {"tables", "openreferral"}:
        what = "a folder of tables" if kind == "tables" else "JSON without features"
        raise InputError(f"{shown(path.name)}: is {what}, not one table; read it with rcp_geo.read_directory")
    return _checked(_read(path, kind, layer, encoding, Places), path, kind)


def read_areas(
    source: str | Path | gpd.GeoDataFrame, *, layer: str | None = None, encoding: str | None = None
) -> RawTable:
    """Read a table of areas as :func:`read_table` does one of points, from files as large as the finest boundaries are.

    Parameters
    ----------
    source
        A GeoDataFrame, or the path of a GeoPackage, shapefile (also zipped), GeoJSON, FlatGeobuf, GeoParquet, KML or KMZ.
    layer, encoding
        As for :func:`read_table`.

    Returns
    -------
    RawTable
        Its ``geometry`` holds polygons.

    Raises
    ------
    CrsError
        If there is no known coordinate reference system.
    InputError
        If the file cannot be read, or has no geometry.
    """
    if isinstance(source, pd.DataFrame):
        _no_layer(layer, "a frame")
        table = read_frame(source, sink=Areas)
    else:
        path = local_path(source)
        kind = sniff(path, sink=Areas)
        if kind not in _SPATIAL:
            what = _WORDS.get(kind, "a folder of tables")
            raise InputError(f"{shown(path.name)}: is {what}, which holds no areas; give {_SPATIAL_ACCEPTED}")
        table = _checked(_read(path, kind, layer, encoding, Areas), path, kind)
    if table.geometry is None:
        raise InputError(f"{table.name}: has no geometry; give {_SPATIAL_ACCEPTED}")
    return table


def _checked(table: RawTable, path: Path, kind: str) -> RawTable:
    """Add a finding where the name of a file says that it is something else."""
    suffix = path.suffix.lower()
    expected = _EXTENSIONS.get(suffix)
    if expected is None or kind in expected:
        return table
    message = f"the name ends in {suffix} but the content is {_WORDS[kind]}, and was read as that"
    finding = Finding("file.extension", "warning", table.name, "", (), message, "give the file the right ending")
    return replace(table, findings=(finding, *table.findings))


def _read(path: Path, kind: str, layer: str | None, encoding: str | None, sink: type[Sink]) -> RawTable:
    in_layers: dict[str, Callable[[], RawTable]] = {
        "excel": lambda: read_workbook(path, sheet=layer),
        "gpkg": lambda: read_geopackage(path, layer=layer, sink=sink),
        "kml": lambda: read_kml(path, folder=layer, sink=sink),
        "kmz": lambda: read_kmz(path, folder=layer, sink=sink),
        "shapefile.zip": lambda: read_zipped_shapefile(path, layer=layer, encoding=encoding, sink=sink),
    }
    single: dict[str, Callable[[], RawTable]] = {
        "csv": lambda: read_delimited(path, tabs=path.suffix.lower() in _TABS, encoding=encoding),
        "flatgeobuf": lambda: read_flatgeobuf(path, sink=sink),
        "geojson": lambda: read_geojson(path, sink=sink),
        "parquet": lambda: read_parquet(path, sink=sink),
        "shapefile": lambda: read_shapefile(path, encoding=encoding, sink=sink),
    }
    if kind in in_layers:
        return in_layers[kind]()
    _no_layer(layer, _WORDS[kind])
    return single[kind]()


def _no_layer(layer: str | None, what: str) -> None:
    if layer is not None:
        raise InputError(f"{what} has no layers; leave out the layer {shown(layer)!r}")


def sniff(source: str | Path, *, sink: type[Sink] = Places) -> str:
    """Say what a file or folder is, by its content.

    Parameters
    ----------
    source
        A path on this machine.
    sink
        What is to take in its geometry, by which the size of a file is bounded.

    Returns
    -------
    str
        For a file ``csv`` (any delimiter), ``excel``, ``parquet``, ``geojson``, ``gpkg``, ``shapefile``,
        ``shapefile.zip``, ``flatgeobuf``, ``kml``, ``kmz`` or ``openreferral`` (JSON without geographic features); for a
        folder ``openreferral`` if it holds JSON tables of that standard, ``tables`` if it holds ``services.csv``.

    Raises
    ------
    InputError
        If it is none of these, or cannot be opened.
    """
    path = local_path(source)
    name = shown(path.name)
    if path.is_dir():
        return _folder(path, shown(str(path)))
    with reading(name, "a file"):
        if path.stat().st_size > sink.max_file:
            raise too_large(path, sink.max_file)
        try:
            with path.open("rb") as file:
                head = file.read(_HEAD)
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            raise InputError(f"{name}: cannot be opened ({reason}); check who may read it") from error
    if not head.strip():
        raise InputError(f"{name}: is empty; give a file with something in it")
    return _by_content(path, head, name, sink)


def _folder(path: Path, name: str) -> str:
    with reading(name, "a folder"):
        if (path / "services.csv").is_file():
            return "tables"
        if any((path / file).is_file() for file in _OPEN_REFERRAL):
            return "openreferral"
    raise InputError(
        f"{name}: is a folder without tables of services; give a file ({_ACCEPTED}), or the folder of the tables"
    )


def _by_content(path: Path, head: bytes, name: str, sink: type[Sink]) -> str:
    for magic, what, remedy in _REFUSED:
        if head.startswith(magic):
            raise InputError(f"{name}: is {what}, not a table; {remedy or f'give {_ACCEPTED}'}")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _in_zip(path, name, sink.max_file)
    kind = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None)
    if kind == "gpkg" and head[68:72] not in _GEOPACKAGES:
        raise InputError(f"{name}: is an SQLite database but not a GeoPackage; save the layer as a GeoPackage")
    if path.suffix.lower() in _PART_OF_SHAPEFILE and kind in {"shapefile", None}:
        raise InputError(f"{name}: is one part of a shapefile; give the .shp file")
    return kind or _text(path, head.removeprefix(b"\xef\xbb\xbf"), name, sink)


def _text(path: Path, head: bytes, name: str, sink: type[Sink]) -> str:
    suffix = path.suffix.lower()
    if _JSON.match(head):
        return "geojson" if is_geojson(path, sink.max_text) else "openreferral"
    if _HTML.match(head):
        raise InputError(f"{name}: is a web page; open it in a spreadsheet and save the table as .xlsx or CSV")
    if _XML.match(head):
        return "kml"
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    kinds = _EXTENSIONS.get(suffix)
    if kinds and "csv" not in kinds and (wide or b"\x00" in head or not _is_words(head)):
        raise InputError(
            f"{name}: is not {_WORDS[kinds[0]]}, as its name says: it does not begin like one; it may be damaged or misnamed"
        )
    return "csv"


def _is_words(head: bytes) -> bool:
    """Say whether bytes are text with a header: no control characters but white space."""
    return not any(byte < 0x20 and byte not in b"\t\n\r\f" for byte in head)


def _in_zip(path: Path, name: str, limit: int) -> str:
    with opened(path, limit) as archive:
        inside = archive.namelist()
        lower = [member.lower() for member in inside]
        if "mimetype" in lower or any(member.startswith(("word/", "ppt/")) for member in lower):
            raise InputError(f"{name}: is a document of another kind (OpenDocument, Word); save its table as .xlsx")
        if any(member.endswith("workbook.bin") for member in lower):
            raise InputError(f"{name}: is a binary Excel workbook (.xlsb); save it as .xlsx")
        if any(member.endswith("workbook.xml") for member in lower):
            return "excel"
        if any(member.endswith(".shp") for member in lower):
            return "shapefile.zip"
        if any(member.endswith(".kml") for member in lower):
            return "kmz"
    listed = shown(", ".join(inside), 200) or "nothing"
    raise InputError(
        f"{name}: is a zip archive without a workbook, shapefile or map ({listed}); unpack it and give one file"
    )
