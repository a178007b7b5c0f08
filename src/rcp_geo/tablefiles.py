"""The directory's tables as files: a folder of CSV, or one GeoPackage."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from rcp_geo.files import atomic_file, atomic_folder, csv_text
from rcp_geo.openreferral import to_openreferral

if TYPE_CHECKING:
    from typing import Any

__all__ = ["ABOUT", "ABOUT_FILE", "FILES", "plain_sites", "write_folder", "write_geopackage", "write_openreferral"]

# published_totals.csv is what the table is called in the directory's own folder.
FILES: Mapping[str, str] = {
    "services": "services.csv",
    "sites": "sites.csv",
    "footprints": "footprints.csv",
    "status": "status.csv",
    "published": "published_totals.csv",
    "searched": "searched.csv",
}


# One row about the tables themselves: the date that answers are for, and where they come from.
ABOUT, ABOUT_FILE = "directory", "directory.csv"


def plain_sites(sites: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return sites with ``longitude`` and ``latitude`` as text in their shortest exact form in place of the geometry."""
    frame = pd.DataFrame(sites.drop(columns=[sites.geometry.name, "longitude", "latitude"], errors="ignore"))
    points = sites.geometry
    there = ~(points.isna() | points.is_empty)
    for name, values in (("longitude", points.x), ("latitude", points.y)):
        frame[name] = [repr(float(v)) if t else "" for v, t in zip(values, there, strict=True)]
    return frame


def _about(as_of: dt.date, source: str) -> pd.DataFrame:
    return pd.DataFrame({"reference_date": [as_of.isoformat()], "source": [source]}, dtype=object)


def write_folder(
    folder: Path, tables: Mapping[str, pd.DataFrame], *, as_of: dt.date, source: str, overwrite: bool
) -> Path:
    """Write the tables as CSV, as they are: this is data to be read back, not a sheet for people."""
    with atomic_folder(folder, marker=FILES["services"], overwrite=overwrite) as staging:
        for name, file in FILES.items():
            frame = plain_sites(tables[name]) if name == "sites" else tables[name]
            (staging / file).write_text(csv_text(frame), encoding="utf-8", newline="")
        (staging / ABOUT_FILE).write_text(csv_text(_about(as_of, source)), encoding="utf-8", newline="")
    return folder


def write_geopackage(
    path: Path, tables: Mapping[str, pd.DataFrame], *, as_of: dt.date, source: str, overwrite: bool
) -> Path:
    """Write the sites as a layer of points and the other tables as layers without geometry."""
    with atomic_file(path, overwrite=overwrite) as staging:
        for name, frame in [*((n, tables[n]) for n in FILES), (ABOUT, _about(as_of, source))]:
            if isinstance(frame, gpd.GeoDataFrame):
                frame.to_file(staging, layer=name, driver="GPKG", engine="pyogrio")
            else:
                import pyogrio

                pyogrio.write_dataframe(
                    frame.astype(object), staging, layer=name, driver="GPKG", append=staging.exists()
                )
    return path


def write_openreferral(path: Path, tables: Mapping[str, pd.DataFrame], *, as_of: dt.date, overwrite: bool) -> Path:
    """Write the tables as Open Referral UK, with what that standard has no place for in its extension points."""
    plain = {n: plain_sites(f) if n == "sites" else f for n, f in tables.items()}
    document: Any = to_openreferral(plain, as_of=as_of)
    with atomic_file(path, overwrite=overwrite) as staging:
        text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
        staging.write_text(text + "\n", encoding="utf-8")
    return path
