"""The folder of files that an assessment is saved to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from rcp_geo.files import atomic_folder, csv_text
from rcp_geo.io.harmless import harmless
from rcp_geo.io.packaging import DESCRIPTOR, RECORD, describe_package, input_path
from rcp_geo.io.saved import FORMAT, INPUTS, json_text, sealed, sha256_of, write_input

if TYPE_CHECKING:
    import geopandas as gpd

    from rcp_geo.io.fields import Saved

__all__ = ["neutralise", "to_csv_text", "write_bundle"]

# Only the answer for an overlaid directory has the first two, and an answer of what ships with the library no inputs.
_OPTIONAL = ("overlay.csv", "overlay_changes.csv", *(input_path(name) for name in INPUTS))


def neutralise(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which no text can run as a formula in a spreadsheet: such a text gets an apostrophe before it.

    Headings are texts too: the groups of ``by=`` come from the user's own table.
    """
    answer = frame.copy()
    for column in answer.columns:
        if answer[column].dtype == object or isinstance(answer[column].dtype, pd.StringDtype):
            cells: list[Any] = [harmless(v) for v in answer[column].tolist()]
            answer[column] = cells
    return answer.set_axis([harmless(c) for c in answer.columns], axis="columns")


def to_csv_text(frame: pd.DataFrame) -> str:
    """Return a table as CSV for people: no formulas, Unix line ends, numbers in their shortest exact form."""
    return csv_text(neutralise(frame))


def write_bundle(
    folder: Path,
    saved: Saved,
    inputs: Mapping[str, pd.DataFrame],
    provenance: Mapping[str, Any],
    *,
    overwrite: bool,
) -> Path:
    """Write an answer to a folder, all or nothing.

    Parameters
    ----------
    folder
        Where it is to appear.
    saved
        The tables of the answer.
    inputs
        The inputs to keep with it, by their names in the provenance.
    provenance
        What the answer says of itself; the record in the folder adds the digest of every file.
    overwrite
        Whether an earlier result may be replaced.
    """
    with atomic_folder(folder, marker=RECORD, overwrite=overwrite, optional=_OPTIONAL) as staging:
        for name, table in saved.tables.items():
            (staging / f"{name}.csv").write_text(to_csv_text(table), encoding="utf-8", newline="")
        saved.nearest.to_parquet(staging / "nearest.parquet", index=False, compression="zstd")
        _write_layer(saved.polygons, staging / "authorities.gpkg", provenance["parameters"]["as_of"])
        for name, table in inputs.items():
            (staging / "inputs").mkdir(exist_ok=True)
            write_input(table, staging / input_path(name))
        files = {p: _file(staging, p) for p in sorted(_paths(staging))}
        described = describe_package(saved, inputs, files, provenance)
        (staging / DESCRIPTOR).write_text(json_text(described), encoding="utf-8", newline="")
        record = {
            **provenance,
            "format": FORMAT,
            "inputs": [_kept(r, inputs, files) for r in provenance["inputs"]],
            "outputs": [files[p] for p in files if not p.startswith("inputs/")] + [_file(staging, DESCRIPTOR)],
        }
        (staging / RECORD).write_text(json_text(sealed(record)), encoding="utf-8", newline="")
    return folder


def _write_layer(polygons: gpd.GeoDataFrame, path: Path, day: str) -> None:
    """Write a GeoPackage that is the same whenever it is written: the moment that it must state is the date of the answers."""
    import pyogrio

    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{day}T00:00:00.000Z"})
    try:
        polygons.to_file(path, layer="authorities", driver="GPKG", engine="pyogrio")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _paths(folder: Path) -> list[str]:
    return [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()]


def _file(folder: Path, path: str) -> dict[str, Any]:
    return {"path": path, "bytes": (folder / path).stat().st_size, "sha256": sha256_of(folder / path)}


def _kept(
    record: Mapping[str, Any], inputs: Mapping[str, pd.DataFrame], files: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    return {**record, "file": files[input_path(record["name"])]} if record["name"] in inputs else dict(record)
