"""The directory's own tables, as a folder of CSV or in a GeoPackage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from rcp_geo.authorities import register
from rcp_geo.crs import WGS84
from rcp_geo.directory import REFERENCE_DATE, Directory
from rcp_geo.errors import InputError
from rcp_geo.io.central import middle_of
from rcp_geo.io.csv import read_csv
from rcp_geo.io.geopackage import layer_names
from rcp_geo.io.geopackage import read_geopackage as read_layer
from rcp_geo.io.placing import place_rows
from rcp_geo.names import codes_named, match_authority, match_findings
from rcp_geo.schema import Finding, require_columns, to_date
from rcp_geo.tablefiles import ABOUT, ABOUT_FILE, FILES

__all__ = ["assemble", "holds_tables", "is_folder_of_tables", "read_folder", "read_geopackage"]

_REQUIRED = ("services", "sites", "footprints", "status")


def is_folder_of_tables(path: Path) -> bool:
    """Say whether a path is a folder that holds at least one of the directory's tables."""
    return path.is_dir() and any((path / file).is_file() for file in FILES.values())


def read_folder(folder: Path, *, reference_date: dt.date | None) -> Directory:
    """Read a folder of the tables.

    Raises
    ------
    InputError
        If a table that is needed is missing, or cannot be read.
    """
    missing = [FILES[name] for name in _REQUIRED if not (folder / FILES[name]).is_file()]
    if missing:
        raise InputError(f"{folder}: {', '.join(missing)} is missing; a directory needs it")
    tables = {name: read_csv(folder / file) for name, file in FILES.items() if (folder / file).is_file()}
    about = read_csv(folder / ABOUT_FILE) if (folder / ABOUT_FILE).is_file() else None
    return assemble(tables, reference_date=reference_date or _stated(about), source=folder.name)


def _stated(about: pd.DataFrame | None) -> dt.date:
    """Return the reference date that the tables were saved with, or else that of the embedded directory."""
    if about is None or about.empty or "reference_date" not in about.columns:
        return REFERENCE_DATE
    return to_date(str(about["reference_date"].iloc[0]), "reference_date")


def read_geopackage(path: Path, *, reference_date: dt.date | None) -> Directory:
    """Read a GeoPackage of the tables, as ``Directory.save`` writes it."""
    layers = set(layer_names(path))
    tables = {name: read_layer(path, layer=name) for name in FILES if name in layers}
    frames = {name: raw.frame for name, raw in tables.items()}
    sites = tables["sites"]
    if sites.geometry is not None:
        frames["sites"] = gpd.GeoDataFrame(sites.frame, geometry=sites.geometry.to_numpy(), crs=sites.geometry.crs)
    about = read_layer(path, layer=ABOUT).frame if ABOUT in layers else None
    return assemble(frames, reference_date=reference_date or _stated(about), source=path.name)


def holds_tables(path: Path) -> bool:
    """Say whether a GeoPackage holds the directory's tables."""
    return set(_REQUIRED) <= set(layer_names(path))


def assemble(
    tables: Mapping[str, pd.DataFrame],
    *,
    reference_date: dt.date,
    source: str,
    findings: Sequence[Finding] = (),
    place_names: bool = False,
) -> Directory:
    """Make a directory of tables as text, with a geometry or coordinates or postcodes for the sites.

    A site is placed by the first that it has of a geometry, ``longitude`` and ``latitude`` (WGS 84, degrees), ``easting``
    and ``northing`` (EPSG:27700, metres), ``postcode``, ``postcode_district``; failing these, at the most central of the demand
    points in the district that is its ``place``, if that lies in the authorities that its service serves, or else in these.
    A footprint may give an official ``authority_name`` and leave ``authority_code`` blank; with ``place_names``
    everyday names will do, and those that are not recognised are left out with a finding.
    """
    noticed = list(findings)
    require_columns(tables["footprints"], ["service_id", "authority_code"], "footprints")
    if place_names:
        footprints = _with_names(tables["footprints"], reference_date, noticed)
    else:
        footprints = _with_codes(tables["footprints"], reference_date)
    sites = tables["sites"].reset_index(drop=True)
    require_columns(sites, ["site_id", "service_id"], "sites")
    geometry = sites.geometry if isinstance(sites, gpd.GeoDataFrame) else None
    text = _as_text(pd.DataFrame(sites.drop(columns="geometry", errors="ignore")))
    if "postcode_district" in text.columns:
        full = text["postcode"] if "postcode" in text.columns else pd.Series("", index=text.index)
        text = text.assign(postcode=full.where(full.str.strip() != "", text["postcode_district"]))
    placed = place_rows("sites", sites["site_id"].tolist(), text, geometry)
    said = text["precision"].to_numpy(dtype=object) if "precision" in text.columns else np.full(len(text), "")
    served, candidates = footprints.groupby("service_id")["authority_code"].unique(), codes_named(reference_date)
    for row in np.flatnonzero(placed.missing):
        named = text["place"].iloc[row] if "place" in text.columns and said[row] != "authority" else ""
        middle = middle_of(candidates(named), list(served.get(sites["service_id"].iloc[row], ())))
        placed.longitude[row], placed.latitude[row] = middle.longitude, middle.latitude
        placed.precision[row] = middle.precision
    points = gpd.GeoSeries(gpd.points_from_xy(placed.longitude, placed.latitude), crs=WGS84)
    # The point holds them from here on.
    kept = pd.DataFrame(sites).drop(columns=["geometry", "longitude", "latitude"], errors="ignore")
    kept["precision"] = np.where(said == "", placed.precision, said)
    directory = Directory.from_tables(
        tables["services"],
        gpd.GeoDataFrame(kept, geometry=points.where(~placed.missing, None), crs=WGS84),
        footprints,
        tables["status"],
        tables.get("published"),
        tables.get("searched"),
        reference_date=reference_date,
        source=source,
    )
    wrong = [f for f in placed.findings if f.severity == "error"]
    return replace(directory, noticed=(*noticed, *wrong))


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({c: frame[c].astype(object).where(frame[c].notna(), "").astype(str) for c in frame.columns})


def _with_codes(footprints: pd.DataFrame, reference_date: dt.date) -> pd.DataFrame:
    """Fill blank codes from official names, on the vintage that the row states or else on the reference date."""
    blank = footprints["authority_code"].str.strip() == ""
    if not blank.any() or "authority_name" not in footprints.columns:
        return footprints
    known = register()
    vintage = footprints["vintage"] if "vintage" in footprints.columns else pd.Series("", index=footprints.index)
    codes = [
        known.code_of(name, day or reference_date)
        for name, day in zip(footprints.loc[blank, "authority_name"], vintage[blank], strict=True)
    ]
    filled = footprints["authority_code"].copy()
    filled[blank] = codes
    return footprints.assign(authority_code=filled)


def _with_names(footprints: pd.DataFrame, reference_date: dt.date, noticed: list[Finding]) -> pd.DataFrame:
    """Fill blank codes from names as people write them; leave out, and name, the rows that are not recognised."""
    blank = (footprints["authority_code"].str.strip() == "").to_numpy()
    names = footprints.loc[blank, "authority_name"]
    found = match_authority(names, as_of=reference_date)
    noticed += match_findings(found, "footprints", "authority_name", ids=footprints.loc[blank, "service_id"])
    codes = footprints["authority_code"].copy()
    codes[blank] = found["authority_code"].fillna("").to_numpy()
    return footprints.assign(authority_code=codes)[codes != ""].reset_index(drop=True)
