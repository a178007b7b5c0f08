"""One demand point for each LSOA of 2011, and the district of 2025 that most of its postcodes are in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from rcp_geo.crs import bng_to_wgs84

from .register import Register

__all__ = ["atoms_of_postcodes", "demand_points", "lsoa_districts", "lsoa_of_postcodes"]


def lsoa_of_postcodes(lsoas: pd.DataFrame, postcodes: pd.DataFrame) -> np.ndarray:
    """Return the row of the LSOA whose polygon holds each postcode, -1 where none does.

    A postcode on the line between two belongs to the one with the smaller code.
    """
    points = shapely.points(postcodes[["easting", "northing"]].to_numpy(dtype=np.float64))
    tree = shapely.STRtree(np.asarray(lsoas["geometry"], dtype=object))
    at_point, at_lsoa = tree.query(points, predicate="intersects")
    none = len(lsoas)
    row = np.full(len(points), none)
    np.minimum.at(row, at_point, at_lsoa)
    return np.where(row == none, -1, row)


def lsoa_districts(lsoas: pd.DataFrame, postcodes: pd.DataFrame, row: np.ndarray, fallback: pd.Series) -> pd.Series:
    """Return the majority district of each LSOA's postcodes; the smallest code of equals, ``fallback`` of none."""
    inside = pd.DataFrame({"row": row[row >= 0], "district": postcodes["district_code"].to_numpy()[row >= 0]})
    counted = inside.groupby(["row", "district"], sort=True).size().rename("n").reset_index()
    counted = counted.sort_values(["row", "n", "district"], ascending=[True, False, True]).drop_duplicates("row")
    majority = pd.Series(counted["district"].to_numpy(), index=counted["row"].to_numpy()).reindex(range(len(lsoas)))
    return majority.where(majority.notna(), fallback)


def atoms_of_postcodes(
    postcodes: pd.DataFrame, row: np.ndarray, demand: pd.DataFrame, lower: dict[str, str]
) -> pd.Series:
    """Return the district of 2011 that each postcode is in.

    Where its district of today is made of several, that of its LSOA; or, if that is no part of today's, of the nearest
    demand point that is.

    Parameters
    ----------
    postcodes, row
        England's postcodes and the LSOA that each lies in.
    demand
        Demand points, in the order of the LSOAs.
    lower
        District of today of each district of 2011.
    """
    atom = demand["district_code"].to_numpy(dtype=object)
    today = postcodes["district_code"].to_numpy(dtype=object)
    found = np.where(row >= 0, atom[row], "")
    astray = np.array([lower.get(a) != d for a, d in zip(found, today, strict=True)])
    of_demand = demand["district_code"].map(lower).to_numpy(dtype=object)
    for district in sorted(set(today[astray])):
        at, near = np.flatnonzero(astray & (today == district)), np.flatnonzero(of_demand == district)
        tree = cKDTree(demand[["easting", "northing"]].to_numpy(dtype=np.float64)[near])
        # The nearest of two as near is the one with the smaller code.
        distance, which = tree.query(postcodes[["easting", "northing"]].to_numpy(dtype=np.float64)[at], k=2)
        tied = distance[:, 0] == distance[:, 1]
        found[at] = atom[near[np.where(tied, which.min(axis=1), which[:, 0])]]
    return pd.Series(found, index=postcodes.index)


def demand_points(lsoas: pd.DataFrame, postcodes: pd.DataFrame, row: np.ndarray, register: Register) -> pd.DataFrame:
    """Return the demand table: the mean of each LSOA's postcodes, or ONS's centroid where it has none."""
    held = row >= 0
    number = np.bincount(row[held], minlength=len(lsoas))
    place = {}
    for axis in ("easting", "northing"):
        total = np.bincount(row[held], weights=postcodes[axis].to_numpy(dtype=np.float64)[held], minlength=len(lsoas))
        mean = total / np.maximum(number, 1)
        place[axis] = np.where(number > 0, np.rint(mean), lsoas[axis]).astype(np.int32)
    longitude, latitude = bng_to_wgs84(place["easting"], place["northing"])
    return pd.DataFrame(
        {
            "demand_id": lsoas["lsoa_code"],
            "easting": place["easting"],
            "northing": place["northing"],
            "longitude": np.round(longitude, 7),
            "latitude": np.round(latitude, 7),
            "district_code": [register.atom_of_lsoa_name(name) for name in lsoas["lsoa_name"]],
        }
    )
