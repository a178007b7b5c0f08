"""The authorities' polygons, one vintage at a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from rcp_geo import resources
from rcp_geo.authorities import Vintage, register, vintage_at
from rcp_geo.crs import BNG, to_bng
from rcp_geo.errors import GeometryError, InputError, VintageError
from rcp_geo.grid import PolygonGrid
from rcp_geo.schema import Finding, findings_frame, first_of, require_columns, require_unique, to_date

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["Boundaries", "load_boundaries"]

_COLUMNS = ["authority_code", "authority_name", "region_code", "region_name"]


@dataclass(frozen=True)
class Boundaries:
    """The polygons of the authorities in force over one period.

    Attributes
    ----------
    frame
        GeoDataFrame in EPSG:27700, one row per authority in the order of the codes: ``authority_code``,
        ``authority_name``, ``region_code``, ``region_name``, ``geometry``. Treat it as read-only.
    vintage
        First and last day on which these authorities were in force.
    source, licence
        Where the polygons come from and the terms they are under.
    level
        ``upper`` (counties and single-tier authorities) or ``lower`` (districts and single-tier authorities).
    noticed
        What was noticed when they were read; :attr:`findings` shows it as a table.

    See Also
    --------
    load_boundaries : the polygons that ship with the library.
    read_boundaries : those of a file that you have.
    """

    frame: gpd.GeoDataFrame
    vintage: Vintage
    source: str
    licence: str
    level: str = "upper"
    noticed: tuple[Finding, ...] = ()

    @classmethod
    def from_frame(
        cls,
        frame: gpd.GeoDataFrame,
        *,
        valid_from: dt.date | str,
        valid_to: dt.date | str | None = None,
        source: str = "",
        licence: str = "",
        level: str = "upper",
    ) -> Boundaries:
        """Take polygons of your own.

        Parameters
        ----------
        frame
            One row per authority: ``authority_code`` (GSS code), ``authority_name``, optionally ``region_code`` and
            ``region_name``, and polygons in any stated CRS. Not modified.
        valid_from, valid_to
            First and last day on which these authorities were in force.
        source, licence
            Kept for the provenance.
        level
            ``upper`` or ``lower``: the tier that the areas are of.

        Returns
        -------
        Boundaries

        Raises
        ------
        MissingColumnError
            If a column is missing.
        DuplicateIdError
            If a code occurs twice.
        CrsError
            If the frame has no CRS.
        GeometryError
            If a geometry is null, empty, invalid or not a polygon.
        VintageError
            If a code is of an English authority that was not in force on ``valid_from``.
        InputError
            If the table is empty.

        Examples
        --------
        >>> import geopandas as gpd
        >>> from shapely.geometry import box
        >>> frame = gpd.GeoDataFrame(
        ...     {"authority_code": ["E06000001"], "authority_name": ["Hartlepool"]},
        ...     geometry=[box(440000, 520000, 455000, 540000)],
        ...     crs="EPSG:27700",
        ... )
        >>> len(Boundaries.from_frame(frame, valid_from="2023-04-01").frame)
        1
        """
        table = "boundaries"
        require_columns(frame, ["authority_code", "authority_name"], table)
        if frame.empty:
            raise InputError(f"{table}: the table is empty; pass at least one authority")
        require_unique(frame["authority_code"], table, "authority_code")
        geometry = to_bng(frame, table)
        _require_polygons(geometry, frame["authority_code"], table)
        end = None if valid_to is None else to_date(valid_to, "valid_to")
        vintage = Vintage(to_date(valid_from, "valid_from"), end)
        _require_vintage(frame["authority_code"], vintage)
        kept = frame.reindex(columns=_COLUMNS).set_geometry(geometry.rename("geometry"), crs=BNG)
        kept[_COLUMNS] = kept[_COLUMNS].astype(object).where(kept[_COLUMNS].notna(), "")
        return cls(kept.sort_values("authority_code", ignore_index=True), vintage, source, licence, level)

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        until = f"to {self.vintage.valid_to}" if self.vintage.valid_to else "on"
        return f"<Boundaries of {len(self)} {self.level}-tier areas in force from {self.vintage.label} {until}>"

    @property
    def findings(self) -> pd.DataFrame:
        """What was noticed when the polygons were read, one row each, with what to do about it."""
        return findings_frame(self.noticed)

    @cached_property
    def grid(self) -> PolygonGrid:
        """Raster over the polygons that locates many points quickly; laid once, when first asked for."""
        return PolygonGrid(self.frame.geometry.to_numpy())


def _require_polygons(geometry: gpd.GeoSeries, codes: pd.Series, table: str) -> None:
    null = geometry.isna() | geometry.is_empty
    kind = ~geometry.geom_type.isin(["Polygon", "MultiPolygon"]) & ~null
    invalid = ~geometry.is_valid & ~null & ~kind
    for rows, what, remedy in (
        (null, "have no geometry", "drop or complete them"),
        (kind, "are not polygons", "pass areas, not points or lines"),
        (invalid, "are invalid", "repair them with make_valid and look at the result"),
    ):
        if rows.any():
            bad = codes[rows].tolist()
            raise GeometryError(f"{table}.geometry: {len(bad)} rows {what} ({first_of(bad)}); {remedy}")


def _require_vintage(codes: pd.Series, vintage: Vintage) -> None:
    known = register()
    now = set(known.in_force(vintage.valid_from)["authority_code"])
    now |= set(known.in_force(vintage.valid_from, "lower")["authority_code"])
    old = [c for c in codes if c in known.districts and c not in now]
    if old:
        raise VintageError(
            f"boundaries.authority_code: {len(old)} codes were not in force on {vintage.label} ({first_of(old)}); "
            "state the date of this edition as valid_from, or take the polygons of load_boundaries for that date"
        )


@cache
def _embedded(vintage: Vintage) -> Boundaries:
    file_id = f"upper_{vintage.valid_from.year}"
    record = resources.entry(file_id)
    return Boundaries(resources.read_geoparquet(file_id), vintage, record["attribution"], record["licence"])


def load_boundaries(as_of: dt.date | str) -> Boundaries:
    """Return the embedded polygons of the upper-tier authorities of England.

    Counties, unitaries, metropolitan districts and London boroughs: 151 from April 2019 and from April 2020, 152 from
    April 2021, 153 from April 2023 and, with new codes for Barnsley and Sheffield, from April 2025.

    Parameters
    ----------
    as_of
        Date on which the authorities were in force. A date before the first vintage gets the first one; compare
        ``Boundaries.vintage`` with what you asked for.

    Returns
    -------
    Boundaries

    Raises
    ------
    InputError
        If the date is not a full date.
    IntegrityError
        If the data file is not the one that was released.

    Notes
    -----
    Inland lines are generalised to about 200 m. ``boundaries/README.md`` in the repository has the method and the
    measured accuracy.

    References
    ----------
    Office for National Statistics, Lower Layer Super Output Areas (December 2011) and Postcode Directory (November
    2025), Open Government Licence v3.0.

    Examples
    --------
    >>> len(load_boundaries("2022-11-01"))
    152
    >>> load_boundaries("2024-01-01").vintage.label
    '2023-04-01'
    """
    return _embedded(vintage_at(as_of))
