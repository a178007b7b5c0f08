"""The manifest: what every embedded file is, and what it must hash to."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from .polygons import VINTAGES
from .sources import SOURCES

__all__ = ["build_manifest"]

_OGL = "Open Government Licence v3.0"
_ONS = "Source: Office for National Statistics licensed under the Open Government Licence v3.0."
_ORDERS = "Contains public sector information (statutory instruments) licensed under the Open Government Licence v3.0."
_OS = "Contains OS data © Crown copyright and database right"
_MAIL = "Contains Royal Mail data © Royal Mail copyright and database right"
_ONS_OS_MAIL = f"{_ONS} {_OS} 2011, 2025. {_MAIL} 2025."

_COMPILED = "CC BY 4.0"
_COMPILED_BY = "Compiled by the rcp_geo project from public pages; each fact is from the source cited beside it."

_BOUNDARIES = {
    "countries": ("countries.parquet", "Where Wales and Scotland are", _ONS_OS_MAIL),
    "districts_2011": ("districts_2011.parquet", "Districts of England, 31 December 2011", _ONS_OS_MAIL),
    "demand": ("demand.parquet", "Demand points: LSOAs of 2011, England", _ONS_OS_MAIL),
    "authorities": ("authorities.csv", "Local authorities of England since 31 December 2011, by code", _ONS_OS_MAIL),
    "members": ("members.csv", "Districts of 2011 that each authority is made of", _ONS),
    "changes": ("changes.csv", "Changes of authority codes and names since 31 December 2011", f"{_ONS} {_ORDERS}"),
    "site_points": ("site_points.csv", "Points of the directory's sites", _ONS_OS_MAIL),
}
_DIRECTORY = {
    "directory_services": ("services.csv", "Directory: services"),
    "directory_sites": ("sites.csv", "Directory: sites"),
    "directory_footprints": ("footprints.csv", "Directory: authorities served"),
    "directory_status": ("status.csv", "Directory: status windows"),
    "directory_searched": ("searched.csv", "Directory: authorities searched"),
    "directory_published": ("published_totals.csv", "Directory: published totals"),
}


def build_manifest(boundaries: Path, directory: Path, accuracy: dict[str, Any]) -> str:
    """Return the manifest of the files in the two folders, and of the accuracy measured of each vintage, as JSON."""
    files: dict[str, Any] = {}
    for vintage, (first, last) in VINTAGES.items():
        path = boundaries / f"upper_{vintage}.parquet"
        title = f"Upper-tier local authorities of England, {first[:7]}"
        files[f"upper_{vintage}"] = _entry(path, "boundaries", title, _OGL, _ONS_OS_MAIL, first, last)
    for name, (file, title, attribution) in _BOUNDARIES.items():
        files[name] = _entry(boundaries / file, "boundaries", title, _OGL, attribution)
    crossings = "Crossings of water between districts of England"
    files["crossings"] = _entry(boundaries / "crossings.csv", "boundaries", crossings, _COMPILED, _COMPILED_BY)
    for name, (file, title) in _DIRECTORY.items():
        files[name] = _entry(directory / file, "directory", title, _COMPILED, _COMPILED_BY)
    sources = [
        {
            "name": source.name,
            "version": source.version,
            "sha256": source.sha256,
            "title": source.title,
            "licence": source.licence,
            "files": list(source.files),
        }
        for source in SOURCES
    ]
    manifest = {"recipe": "boundaries/build.py", "sources": sources, "files": files, "accuracy": accuracy}
    return json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _entry(
    path: Path,
    folder: str,
    title: str,
    licence: str,
    attribution: str,
    valid_from: str | None = None,
    valid_to: str | None = None,
) -> dict[str, Any]:
    content = path.read_bytes()
    parquet = path.suffix == ".parquet"
    return {
        "folder": folder,
        "name": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "rows": pq.read_metadata(path).num_rows if parquet else len(pd.read_csv(path, dtype=str)),
        "crs": "EPSG:27700" if parquet or path.name == "site_points.csv" else None,
        "licence": licence,
        "attribution": attribution,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "title": title,
    }
