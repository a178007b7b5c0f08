"""The folder of files that an assessment is saved to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from rcp_geo.files import atomic_folder, csv_text

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["neutralise", "to_csv_text", "write_bundle"]

# A spreadsheet runs a cell that begins with one of these as a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

# Only the answer for an overlaid directory has them.
_OPTIONAL = ("overlay.csv", "overlay_changes.csv")


def neutralise(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which no text can run as a formula in a spreadsheet: such a text gets an apostrophe before it.

    Headings are texts too: the groups of ``by=`` come from the user's own table.
    """
    answer = frame.copy()
    for column in answer.columns:
        if answer[column].dtype == object or isinstance(answer[column].dtype, pd.StringDtype):
            cells: list[Any] = [_harmless(v) for v in answer[column].tolist()]
            answer[column] = cells
    return answer.set_axis([_harmless(c) for c in answer.columns], axis="columns")


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def to_csv_text(frame: pd.DataFrame) -> str:
    """Return a table as CSV for people: no formulas, Unix line ends, numbers in their shortest exact form."""
    return csv_text(neutralise(frame))


def write_bundle(
    folder: Path,
    tables: Mapping[str, pd.DataFrame],
    *,
    nearest: pd.DataFrame,
    polygons: gpd.GeoDataFrame,
    provenance: Mapping[str, Any],
    overwrite: bool,
) -> Path:
    """Write tables as CSV, ``nearest.parquet``, ``authorities.gpkg`` and ``provenance.json``, all or nothing."""
    with atomic_folder(folder, marker="provenance.json", overwrite=overwrite, optional=_OPTIONAL) as staging:
        for name, table in tables.items():
            (staging / f"{name}.csv").write_text(to_csv_text(table), encoding="utf-8", newline="")
        nearest.to_parquet(staging / "nearest.parquet", index=False, compression="zstd")
        polygons.to_file(staging / "authorities.gpkg", layer="authorities", driver="GPKG", engine="pyogrio")
        text = json.dumps(provenance, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
        (staging / "provenance.json").write_text(text + "\n", encoding="utf-8")
    return folder
