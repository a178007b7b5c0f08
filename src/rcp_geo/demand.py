"""Where people are: the origins of every journey."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo import resources
from rcp_geo.authorities import FIRST_DAY, register
from rcp_geo.crs import WGS84, require_native
from rcp_geo.errors import GeometryError, InputError, VintageError
from rcp_geo.schema import Finding, counted, findings_frame, first_of, require_columns, require_unique

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

__all__ = [
    "attrs_of",
    "district_weights",
    "load_demand",
    "noticed_in",
    "require_demand",
    "require_districts",
    "require_weights",
    "terms_of",
]


@cache
def _embedded() -> gpd.GeoDataFrame:
    import geopandas as gpd

    frame = resources.read_parquet("demand")
    frame.insert(1, "weight", 1.0)
    points = gpd.points_from_xy(frame["longitude"], frame["latitude"])
    return gpd.GeoDataFrame(frame, geometry=points, crs=WGS84)


def load_demand() -> gpd.GeoDataFrame:
    """Return the embedded demand points: one per Lower Layer Super Output Area of 2011 in England.

    Returns
    -------
    geopandas.GeoDataFrame
        32,844 rows in the order of ``demand_id`` (LSOA 2011 code): ``weight`` (1 each), ``easting`` and ``northing``
        (EPSG:27700, metres), ``longitude`` and ``latitude`` (WGS 84, degrees), ``district_code`` (the GSS code of the
        district of 2011 it lies in) and the point in EPSG:4326. A copy, free to change.

    Raises
    ------
    IntegrityError
        If the data file is not the one that was released.

    Notes
    -----
    The point is the mean of the area's postcodes. Equal weights are a proxy for people: these areas were drawn to hold
    between 1,000 and 3,000 residents, and in mid-2020 half of them held under 1,623, 1 % under 1,099 and 1 % over 3,437
    (coefficient of variation 0.27). Bring your own populations where that matters.

    References
    ----------
    Office for National Statistics, Lower layer Super Output Area population estimates, mid-2020 (the counts above).

    Examples
    --------
    >>> demand = load_demand()
    >>> len(demand), demand["weight"].sum()
    (32844, np.float64(32844.0))
    """
    return _embedded().copy()


def terms_of(demand: pd.DataFrame) -> dict[str, str]:
    """Return where demand comes from, of when it is and the terms it is under, as its ``attrs`` say; blank where they do not."""
    return {name: str(demand.attrs.get(name) or "") for name in ("source", "licence", "vintage")}


def attrs_of(source: str, licence: str, vintage: str, noticed: Sequence[Finding]) -> dict[str, Any]:
    """Return the ``attrs`` of demand that was read: plain data, so that the frame can be written to any file."""
    return {
        "source": source,
        "licence": licence,
        "vintage": vintage,
        "findings": findings_frame(noticed).drop(columns="count").to_dict("records"),
    }


def noticed_in(demand: pd.DataFrame) -> list[Finding]:
    """Return what was noticed when demand was read; nothing where its ``attrs`` hold something else of that name."""
    names = [f.name for f in fields(Finding)]
    rows = demand.attrs.get("findings")
    if not isinstance(rows, list) or not all(isinstance(r, dict) and set(names) == set(r) for r in rows):
        return []
    return [Finding(**{**row, "ids": tuple(filter(None, row["ids"].split("; ")))}) for row in rows]


def require_demand(demand: gpd.GeoDataFrame) -> None:
    """Raise unless a demand frame has unique ids, finite non-negative weights, points and a CRS.

    Raises
    ------
    MissingColumnError, DuplicateIdError, CrsError, GeometryError, VintageError, InputError
        Each with the table, the column, how many rows and the first of them.
    """
    require_columns(demand, ["demand_id", "weight"], "demand")
    if demand.empty:
        raise InputError("demand: the table is empty; pass at least one demand point")
    require_unique(demand["demand_id"], "demand", "demand_id")
    require_native(demand, "demand")
    require_weights(demand)
    if "district_code" in demand.columns:
        require_districts(demand)
    if demand["weight"].sum() == 0:
        raise InputError("demand.weight: all weights are 0, so no share can be taken; give people or a proxy")
    geometry = demand.geometry
    bad = geometry.isna() | geometry.is_empty | (geometry.geom_type != "Point")
    if bad.any():
        ids = demand.loc[bad, "demand_id"].tolist()
        raise GeometryError(
            f"demand.geometry: {counted(len(ids), 'rows hold no point')} ({first_of(ids)}); "
            "give each one point, such as a centroid"
        )


def require_weights(demand: pd.DataFrame) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` unless every weight is a number of 0 or more."""
    weight = pd.to_numeric(demand["weight"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(weight) | (weight < 0)
    if wrong.any():
        ids = (demand["demand_id"] if "demand_id" in demand.columns else demand.index.to_series())[wrong].tolist()
        raise InputError(
            f"demand.weight: {counted(len(ids), 'rows are missing, infinite or negative')} ({first_of(ids)}); "
            "give each a weight of 0 or more"
        )


def require_districts(demand: gpd.GeoDataFrame) -> None:
    """Raise :class:`~rcp_geo.errors.VintageError` where a ``district_code`` is of an authority that is no district of 2011.

    Codes of no English authority pass: their points lie in none.
    """
    known = register()
    later = sorted({str(c) for c in demand["district_code"].dropna().unique()} & (set(known.districts) - known.atoms))
    if later:
        raise VintageError(
            f"demand.district_code: {counted(len(later), 'codes are of no district')} of {FIRST_DAY} ({first_of(later)}); "
            "give the district of that date, or leave the column out, and points are placed by the polygons"
        )


def district_weights(demand: gpd.GeoDataFrame) -> dict[str, float]:
    """Return the weight of the demand in each district of 2011.

    Raises
    ------
    MissingColumnError, InputError, VintageError
        If there is no ``weight`` or ``district_code``, a weight is not a number of 0 or more, or the codes are of another date.
    """
    require_columns(demand, ["weight", "district_code"], "demand")
    require_weights(demand)
    require_districts(demand)
    totals: dict[str, float] = demand.groupby("district_code")["weight"].sum().to_dict()
    return totals
