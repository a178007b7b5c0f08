"""A point for each site of the directory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from rcp_geo.crs import bng_to_wgs84
from rcp_geo.points import medoid

from .register import Register

__all__ = ["site_points"]


def site_points(directory: Path, postcodes: pd.DataFrame, demand: pd.DataFrame, register: Register) -> pd.DataFrame:
    """Return one row per site, in the order of ``sites.csv``.

    Parameters
    ----------
    directory
        The folder of the directory's tables.
    postcodes
        All postcodes, terminated ones too, sorted by postcode.
    demand
        Demand points, sorted by ``demand_id``.
    register
        To turn the authorities that a service names into districts of 2011.
    """
    sites = pd.read_csv(directory / "sites.csv", dtype=str, keep_default_na=False)
    footprints = pd.read_csv(directory / "footprints.csv", dtype=str, keep_default_na=False)
    rows = []
    for site in sites.itertuples():
        if site.precision == "district":
            found = _district_medoid(site.postcode_district, postcodes)
        elif site.precision == "authority":
            named = footprints.loc[footprints["service_id"] == site.service_id, "authority_code"]
            found = _authority_medoid(site.site_id, named, demand, register)
        else:
            raise ValueError(f"{site.site_id}: unknown precision {site.precision!r}")
        rows.append((site.site_id, *found))
    table = pd.DataFrame(rows, columns=["site_id", "easting", "northing", "postcode", "basis"])
    longitude, latitude = bng_to_wgs84(table["easting"], table["northing"])
    table.insert(3, "longitude", [f"{value:.7f}" for value in np.round(longitude, 7)])
    table.insert(4, "latitude", [f"{value:.7f}" for value in np.round(latitude, 7)])
    return table


def _district_medoid(outward: str, postcodes: pd.DataFrame) -> tuple[int, int, str, str]:
    here = postcodes[postcodes["outward"] == outward]
    best = here.iloc[medoid(here["easting"], here["northing"])]
    return int(best["easting"]), int(best["northing"]), best["postcode"], "district medoid"


def _authority_medoid(
    site_id: str, named: pd.Series, demand: pd.DataFrame, register: Register
) -> tuple[int, int, str, str]:
    atoms = frozenset().union(*(register.members[code] for code in named))
    if not atoms:
        raise ValueError(f"{site_id}: its service names no authority, so it has no point")
    here = demand[demand["district_code"].isin(atoms)]
    best = here.iloc[medoid(here["easting"], here["northing"])]
    return int(best["easting"]), int(best["northing"]), "", "authority medoid"
