"""The authorities' polygons, one vintage at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from rcp_geo import resources
from rcp_geo.authorities import Level, Vintage, register, require_level, vintage_at
from rcp_geo.crs import BNG, to_bng
from rcp_geo.errors import GeometryError, InputError, VintageError
from rcp_geo.grid import PolygonGrid
from rcp_geo.polygons import union
from rcp_geo.schema import Finding, counted, findings_frame, first_of, require_columns, require_unique, to_date

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["Boundaries", "countries", "load_boundaries", "require_boundaries"]

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
        ``upper`` or ``lower``: the tier that the authorities are of.
    noticed
        What was noticed when they were read; :attr:`findings` shows it as a table.
    accuracy
        How well they agree with the authority that each English postcode is recorded in: ``postcodes`` compared,
        ``in_own_authority``, ``in_none`` and ``lowest_share`` (0 to 1), ``lowest_authority``. Empty where it was not measured.

    See Also
    --------
    load_boundaries : the polygons that ship with the library.
    read_boundaries : those of a file that you have.
    """

    frame: gpd.GeoDataFrame
    vintage: Vintage
    source: str
    licence: str
    level: Level = "upper"
    noticed: tuple[Finding, ...] = ()
    accuracy: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_frame(
        cls,
        frame: gpd.GeoDataFrame,
        *,
        valid_from: dt.date | str,
        valid_to: dt.date | str | None = None,
        source: str = "",
        licence: str = "",
        level: Level = "upper",
    ) -> Boundaries:
        """Take polygons of your own.

        Parameters
        ----------
        frame
            One row per authority: ``authority_code`` (GSS code), ``authority_name``, optionally ``region_code`` and
            ``region_name`` (those of the register if left out, blank for areas that it does not know), and polygons in any
            stated CRS. Not modified.
        valid_from, valid_to
            First and last day on which these authorities were in force.
        source, licence
            Kept for the provenance.
        level
            ``upper`` or ``lower``: the tier that the authorities are of.

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
            If the table is empty, there is no such level, or the vintage ends before it begins.

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
        require_level(level)
        require_columns(frame, ["authority_code", "authority_name"], table)
        if frame.empty:
            raise InputError(f"{table}: the table is empty; pass at least one authority")
        require_unique(frame["authority_code"], table, "authority_code")
        geometry = to_bng(frame, table)
        _require_polygons(geometry, frame["authority_code"], table)
        start, end = to_date(valid_from, "valid_from"), None if valid_to is None else to_date(valid_to, "valid_to")
        if end is not None and end < start:
            raise InputError(f"valid_to: {end} is before valid_from ({start}); swap or correct the two dates")
        vintage = Vintage(start, end)
        _require_vintage(frame["authority_code"], vintage)
        regions = register().frame.set_index("authority_code").reindex(frame["authority_code"]).set_index(frame.index)
        missing = {c: regions[c] for c in ("region_code", "region_name") if c not in frame.columns}
        kept = frame.assign(**missing).reindex(columns=_COLUMNS).set_geometry(geometry.rename("geometry"), crs=BNG)
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

    def join(self, table: pd.DataFrame, *, on: str = "authority_code") -> pd.DataFrame:
        """Put a table of figures beside the authorities, by code.

        Parameters
        ----------
        table
            One row per authority, with a column of GSS codes. Not modified.
        on
            Name of that column.

        Returns
        -------
        pandas.DataFrame
            One row per authority, indexed by ``authority_code`` in the order of the codes: ``authority_name``,
            ``region_code``, ``region_name`` and the table's other columns, missing where the table has no row. Its own names and
            regions are left out.

        Raises
        ------
        MissingColumnError
            If there is no such column.
        DuplicateIdError
            If a code occurs twice.
        InputError
            If a code is missing, or is of an authority in force that has no polygon here.
        VintageError
            If a code is of an authority that was not in force in this vintage: figures of another one cannot be put beside it.
        UnknownAuthorityError
            If a code is of no authority here nor of any in England since 2011.

        See Also
        --------
        recode, apportion : carry a table to another vintage.

        Examples
        --------
        >>> import pandas as pd
        >>> table = pd.DataFrame({"authority_code": ["E06000061"], "children_looked_after": [1]})
        >>> load_boundaries("2022-11-01").join(table)["children_looked_after"].sum()
        np.float64(1.0)
        """
        require_columns(table, [on], "table")
        require_unique(table[on], "table", on)
        if table[on].isna().any():
            raise InputError(f"table.{on}: a code is missing, so its row would be lost; complete it or drop the row")
        self._require_codes(table[on], f"table.{on}")
        known = self.frame.drop(columns="geometry").set_index("authority_code")
        figures = table.set_index(on).rename_axis("authority_code").drop(columns=[*known.columns], errors="ignore")
        beside: pd.DataFrame = known.join(figures)
        return beside

    def _require_codes(self, codes: pd.Series, column: str) -> None:
        """Raise unless every code is of an authority here; see :meth:`join`."""
        own = set(self.frame["authority_code"])
        strays = sorted({str(c) for c in codes} - own)
        if not strays:
            return
        register().require(strays, column)
        absent = set(strays) & set(register().in_force(self.vintage.valid_from, self.level)["authority_code"])
        if absent == set(strays):
            raise InputError(
                f"{column}: {counted(len(strays), 'codes are of authorities that have no polygon here')} "
                f"({first_of(strays)}); leave their rows out, or take boundaries that hold them"
            )
        strays = sorted(set(strays) - absent)
        raise VintageError(
            f"{column}: {counted(len(strays), 'codes belong to none')} of the {self.level}-tier authorities of "
            f"{self.vintage.label} ({first_of(strays)}); carry them over first: rcp_geo.recode(codes, to={self.vintage.label!r}, "
            f"level={self.level!r}), or rcp_geo.apportion for figures of an authority that was split"
        )

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
            raise GeometryError(f"{table}.geometry: {counted(len(bad), f'rows {what}')} ({first_of(bad)}); {remedy}")


def _require_vintage(codes: pd.Series, vintage: Vintage) -> None:
    known = register()
    now = set(known.in_force(vintage.valid_from)["authority_code"])
    now |= set(known.in_force(vintage.valid_from, "lower")["authority_code"])
    old = [c for c in codes if c in known.districts and c not in now]
    if old:
        raise VintageError(
            f"boundaries.authority_code: {counted(len(old), 'codes were not in force')} on {vintage.label} ({first_of(old)}); "
            "state the date of this edition as valid_from, or take the polygons of load_boundaries for that date"
        )


@cache
def _embedded(vintage: Vintage, level: Level) -> Boundaries:
    file_id = f"upper_{vintage.valid_from.year}" if level == "upper" else "districts_2011"
    record = resources.entry(file_id)
    frame = resources.read_geoparquet(file_id)
    if level == "lower":
        frame = _put_together(frame, vintage)
    accuracy = resources.manifest()["accuracy"][level][str(vintage.valid_from.year)]
    return Boundaries(frame, vintage, record["attribution"], record["licence"], level, (), accuracy)


def _put_together(districts: gpd.GeoDataFrame, vintage: Vintage) -> gpd.GeoDataFrame:
    """Return the lower-tier authorities of a vintage, each the union of the districts of 2011 that it is made of."""
    import geopandas as gpd

    known = register()
    table = known.in_force(vintage.valid_from, "lower")[_COLUMNS]
    position = {code: i for i, code in enumerate(districts["district_code"])}
    geometry = districts.geometry.to_numpy()
    made = [union(geometry[sorted(position[d] for d in known.districts[code])]) for code in table["authority_code"]]
    return gpd.GeoDataFrame(table, geometry=made, crs=BNG)


@cache
def countries() -> tuple[tuple[str, ...], np.ndarray]:
    """Return the names of the countries beside England and the ground of each, in EPSG:27700.

    Wales is its outline; of Scotland there is none under an open licence in the sources, so it is what lies within some 5 km of a
    Scottish postcode. Neither has ground in England, but for corners rounded to a metre.
    """
    frame = resources.read_geoparquet("countries")
    return tuple(frame["country"]), frame.geometry.to_numpy()


def require_boundaries(given: object) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` unless boundaries are that, and not the frame that they may be made from."""
    if not isinstance(given, Boundaries):
        raise InputError(
            f"boundaries: {type(given).__name__} holds no vintage; load_boundaries gives ours, and read_boundaries makes "
            "them from a frame or a file"
        )


def load_boundaries(as_of: dt.date | str, level: Level = "upper") -> Boundaries:
    """Return the embedded polygons of the authorities of England.

    Parameters
    ----------
    as_of
        Date on which the authorities were in force. A date before the first vintage gets the first one; compare
        ``Boundaries.vintage`` with what you asked for.
    level
        ``upper``: counties, unitaries, metropolitan districts and London boroughs, which hold the duty: 151 from April 2019
        and from April 2020, 152 from April 2021, 153 from April 2023 and, with new codes for Barnsley and Sheffield, from
        April 2025. ``lower``: the districts of counties, and again all that are not counties: 317, 314, 309, 296 and 296.

    Returns
    -------
    Boundaries

    Raises
    ------
    InputError
        If the date is not a full date, or there is no such level.
    IntegrityError
        If the data file is not the one that was released.

    Notes
    -----
    Inland lines are generalised to about 200 m. ``boundaries/README.md`` in the repository has the method and the
    measured accuracy, ``Boundaries.accuracy`` the share of postcodes on the right side of the lines.

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
    >>> len(load_boundaries("2024-01-01", level="lower"))
    296
    """
    return _embedded(vintage_at(as_of), require_level(level))
