"""The services: who they are, where they sit, whom they work for and what is evidenced of them when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo import resources
from rcp_geo.authorities import register
from rcp_geo.crs import WGS84, require_native, to_wgs84
from rcp_geo.errors import InputError
from rcp_geo.grouping import FAMILIES
from rcp_geo.overlaying import overlay_tables
from rcp_geo.schema import (
    TABLES,
    Finding,
    check_allowed,
    check_references,
    check_unique,
    counted,
    findings_frame,
    period_bounds,
    raise_errors,
    require_columns,
    to_date,
    within,
)
from rcp_geo.tablefiles import write_folder, write_geopackage, write_openreferral

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["FAMILIES", "REFERENCE_DATE", "STATUSES", "TABLES", "Directory", "load_directory"]

REFERENCE_DATE = dt.date(2022, 11, 1)
STATUSES = ("not_started", "operating", "in_development", "paused", "closed")
# Without these a row cannot be used; the rest of the columns are carried where they are present.
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "services": ("service_id", "name", "family"),
    "sites": ("site_id", "service_id"),
    "footprints": ("service_id", "authority_code", "extent", "valid_from", "valid_to", "certainty"),
    "status": ("service_id", "status", "observed_from", "observed_to"),
    "published": ("date", "family", "unit", "value", "extent"),
    "searched": ("authority_code", "family", "result"),
}


@dataclass(frozen=True)
class Directory:
    """Services for parents in recurrent care proceedings, as six tables.

    Dates are ISO 8601 with reduced precision allowed (``2017``, ``2021-07``): an early bound means the first day of its
    period and a late bound its last day. A blank bound is open.

    Attributes
    ----------
    services
        One row per service: ``service_id``, ``name``, ``family`` and any columns of your own.
    sites
        GeoDataFrame in EPSG:4326, one row per place where a service sits: ``site_id``, ``service_id``, ``place``,
        ``precision``.
    footprints
        One row per service, authority and period: ``authority_code`` (GSS code of any vintage and tier), ``extent``
        (whole, part), ``valid_from``, ``valid_to``, ``certainty`` (stated, inferred, unclear).
    status
        One row per window in which a status is evidenced: ``status``, ``observed_from``, ``observed_to``. Outside every
        window the status is unknown.
    published
        Printed national counts to compare with: ``date``, ``family``, ``unit``, ``value``, ``extent``. May be empty.
    searched
        Authorities that were searched for services and with what result. May be empty.
    reference_date
        The date that answers are for unless another is given.
    source
        Where the tables come from, for the provenance.
    noticed
        What was noticed when they were read; :attr:`findings` shows it as a table.
    base, overlaid
        Of a directory made by :meth:`overlay`: the one that was laid over, and what was done with each service.

    See Also
    --------
    load_directory : the directory that ships with the library.
    read_directory : a folder of the tables.
    """

    services: pd.DataFrame
    sites: gpd.GeoDataFrame
    footprints: pd.DataFrame
    status: pd.DataFrame
    published: pd.DataFrame
    searched: pd.DataFrame
    reference_date: dt.date = REFERENCE_DATE
    source: str = ""
    noticed: tuple[Finding, ...] = ()
    base: Directory | None = None
    overlaid: pd.DataFrame | None = None

    @classmethod
    def from_tables(
        cls,
        services: pd.DataFrame,
        sites: gpd.GeoDataFrame,
        footprints: pd.DataFrame,
        status: pd.DataFrame,
        published: pd.DataFrame | None = None,
        searched: pd.DataFrame | None = None,
        *,
        reference_date: dt.date | str = REFERENCE_DATE,
        source: str = "",
    ) -> Directory:
        """Check the tables whole and make a directory of them.

        Parameters
        ----------
        services, sites, footprints, status, published, searched
            The tables, with the columns that :class:`Directory` lists. Not modified.
        reference_date
            The date that answers are for unless another is given.
        source
            Kept for the provenance.

        Returns
        -------
        Directory

        Raises
        ------
        MissingColumnError
            If a table lacks a column.
        CrsError
            If the sites have no CRS, or cannot be of the one stated.
        UnknownAuthorityError
            If a code is of no English authority since 2011.
        InputError
            If there is no service, or a row is wrong: duplicate or unknown ids, values that are not allowed, impossible
            or reversed dates, windows of different status that overlap. All of them are named at once.
        """
        tables = {
            "services": services,
            "sites": sites,
            "footprints": footprints,
            "status": status,
            "published": _or_empty(published, "published"),
            "searched": _or_empty(searched, "searched"),
        }
        for name, frame in tables.items():
            require_columns(frame, _REQUIRED[name], name)
        if services.empty:
            raise InputError("services: the table is empty; give at least one service")
        require_native(sites, "sites")
        points = to_wgs84(sites, "sites")
        raise_errors(_check_tables(tables))
        known = register()
        known.require(footprints["authority_code"], "footprints")
        known.require(tables["searched"]["authority_code"], "searched")
        return cls(
            services.reset_index(drop=True),
            sites.set_geometry(points).reset_index(drop=True),
            footprints.reset_index(drop=True),
            status.reset_index(drop=True),
            tables["published"].reset_index(drop=True),
            tables["searched"].reset_index(drop=True),
            to_date(reference_date, "reference_date"),
            source,
        )

    def __len__(self) -> int:
        return len(self.services)

    def __repr__(self) -> str:
        families = ", ".join(
            f"{n} {family}" for family, n in self.services["family"].value_counts().sort_index().items()
        )
        return f"<Directory of {len(self)} services ({families}) at {len(self.sites)} sites>"

    @cached_property
    def _status_days(self) -> tuple[np.ndarray, np.ndarray]:
        return period_bounds(self.status, "status", "observed_from", "observed_to", "service_id")[:2]

    @cached_property
    def _footprint_days(self) -> tuple[np.ndarray, np.ndarray]:
        return period_bounds(self.footprints, "footprints", "valid_from", "valid_to", "service_id")[:2]

    def status_on(self, as_of: dt.date | str) -> pd.Series:
        """Return what is evidenced of each service on a date.

        Parameters
        ----------
        as_of
            A full date.

        Returns
        -------
        pandas.Series
            Indexed by ``service_id`` in the order of ``services``: not_started, operating, in_development, paused,
            closed, or unknown where no window holds the date.

        Examples
        --------
        >>> load_directory().status_on("2022-11-01")["fdac-somerset"]
        'closed'
        """
        held = self.status[within(*self._status_days, to_date(as_of))]
        found = held.drop_duplicates("service_id").set_index("service_id")["status"]
        if isinstance(found.dtype, pd.CategoricalDtype):
            # unknown need not be one of its words.
            found = found.astype(object)
        return found.reindex(self.services["service_id"], fill_value="unknown")

    @cached_property
    def turning_days(self) -> list[dt.date]:
        """The days on which a window of a status or a footprint begins, or has ended the day before, in order.

        Between two of them the directory says the same of every day.
        """
        bounds = (self._status_days, self._footprint_days)
        days = np.concatenate([d for first, last in bounds for d in (first, last + np.timedelta64(1, "D"))])
        found: list[dt.date] = np.unique(days[~np.isnat(days)]).tolist()
        return found

    @property
    def findings(self) -> pd.DataFrame:
        """What was noticed when the tables were read, one row each, with what to do about it."""
        return findings_frame(self.noticed)

    def overlay(self, mine: Directory) -> Directory:
        """Lay another directory over this one: your additions, corrections and retirements.

        Parameters
        ----------
        mine
            Services of your own, as a rule from :func:`read_directory`. A column ``action`` of its services may say add,
            correct or retire; left blank, a service that is matched is corrected and any other is added. Retired, a service
            is closed from its closing date, or from the date that the table stands for.

        Returns
        -------
        Directory
            With a column ``said_by`` in every table, ``overlaid`` (one row per service of ``mine``: ``action`` taken,
            ``matched_id``, ``how`` it was matched, ``score``, ``candidates``) and the reference date of ``mine``.
            :func:`assess` shows what it changed in the answers.

        Raises
        ------
        InputError
            If the tables that result are wrong, such as two statuses on one day.

        Notes
        -----
        A service is the same if its id is; else if its family is, its name is alike (at least 85 of 100 by rapidfuzz's token
        set ratio) and its footprint shares ground, and no other service fits as well. Your fields that are not blank, your
        sites and your footprints go before ours; your status holds on the days of its own windows.

        Examples
        --------
        >>> import pandas as pd
        >>> mine = read_directory(
        ...     pd.DataFrame({"name": ["Pause Hull"], "family": ["pause"], "authority": ["Hull"], "status": ["closed"]}),
        ...     as_of="2023-06-01",
        ... )
        >>> both = load_directory().overlay(mine)
        >>> both.overlaid[["action", "matched_id"]].values.tolist()
        [['corrected', 'pause-hull']]
        >>> both.status_on("2023-06-01")["pause-hull"]
        'closed'
        """
        names = tuple(TABLES)
        laid = overlay_tables(
            {n: getattr(self, n) for n in names},
            {n: getattr(mine, n) for n in names},
            base_source=self.source or "base",
            mine_source=mine.source or "overlay",
        )
        both = Directory.from_tables(
            **laid.tables,
            reference_date=mine.reference_date,
            source=f"{self.source} overlaid with {mine.source}",
        )
        noticed = (*self.noticed, *mine.noticed, *laid.findings)
        return replace(both, noticed=noticed, base=self, overlaid=laid.log)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the tables to a folder or a file, from which :func:`read_directory` makes the same directory.

        Parameters
        ----------
        path
            What ends in ``.gpkg`` becomes a GeoPackage, in ``.json`` Open Referral UK (true for the reference date, with what
            that standard has no place for in its extension points); anything else a folder of CSV tables.
        overwrite
            Replace what an earlier ``save`` made; a folder in which something else has been put since never is.

        Returns
        -------
        pathlib.Path
            The path, written whole or not at all.

        Raises
        ------
        InputError
            If the path exists and ``overwrite`` is not set, its folder does not exist, or the folder holds something else.
        """
        target = Path(path)
        tables = {name: getattr(self, name) for name in TABLES}
        if target.suffix.lower() == ".gpkg":
            return write_geopackage(target, tables, as_of=self.reference_date, source=self.source, overwrite=overwrite)
        if target.suffix.lower() == ".json":
            return write_openreferral(target, tables, as_of=self.reference_date, overwrite=overwrite)
        return write_folder(target, tables, as_of=self.reference_date, source=self.source, overwrite=overwrite)

    def footprints_on(self, as_of: dt.date | str) -> pd.DataFrame:
        """Return the footprints whose own dates hold a date, whatever the status of their service."""
        return self.footprints[within(*self._footprint_days, to_date(as_of))]


def _or_empty(frame: pd.DataFrame | None, table: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(TABLES[table]), dtype=str) if frame is None else frame


def _check_tables(tables: Mapping[str, pd.DataFrame]) -> list[Finding]:
    services, sites, footprints, status = (tables[t] for t in ("services", "sites", "footprints", "status"))
    found = check_unique(services["service_id"], "services", "service_id")
    found += check_unique(sites["site_id"], "sites", "site_id")
    for name in ("sites", "footprints", "status"):
        found += check_references(tables[name], name, "service_id", services["service_id"], "services")
    found += check_allowed(footprints, "footprints", "extent", ("whole", "part"), "service_id")
    found += check_allowed(footprints, "footprints", "certainty", ("stated", "inferred", "unclear"), "service_id")
    found += check_allowed(status, "status", "status", STATUSES, "service_id")
    found += _check_families(services)
    *_, wrong = period_bounds(footprints, "footprints", "valid_from", "valid_to", "service_id")
    found += wrong
    first, last, wrong = period_bounds(status, "status", "observed_from", "observed_to", "service_id")
    found += wrong or _check_overlaps(status, first, last)
    *_, wrong = period_bounds(tables["published"], "published", "date", "date", "family")
    # The one column is read as both bounds, and is found wrong as both.
    return found + list(dict.fromkeys(wrong))


def _check_families(services: pd.DataFrame) -> list[Finding]:
    blank = services["family"].isna() | services["family"].isin(["", "any"])
    if not blank.any():
        return []
    return [
        Finding(
            "service.no_family",
            "error",
            "services",
            "family",
            tuple(services.loc[blank, "service_id"].astype(str)),
            counted(int(blank.sum()), "services have no family, or the reserved word any"),
            f"name one, such as {', '.join(FAMILIES)}",
        )
    ]


def _check_overlaps(status: pd.DataFrame, first: np.ndarray, last: np.ndarray) -> list[Finding]:
    """Find services of which two different statuses are evidenced on one day."""
    rows = pd.DataFrame(
        {
            "service_id": status["service_id"].to_numpy(),
            "status": status["status"].to_numpy(),
            "first": np.where(np.isnat(first), np.datetime64("0001-01-01"), first),
            "last": np.where(np.isnat(last), np.datetime64("9999-12-31"), last),
        }
    )
    # By their first days: each against the window of every other status that reaches furthest so far.
    reached: dict[str, dict[str, np.datetime64]] = {}
    clash: dict[str, tuple[str, str]] = {}
    for service, said, start, end in rows.sort_values("first", kind="stable").itertuples(index=False, name=None):
        furthest = reached.setdefault(service, {})
        for other, until in furthest.items():
            if other != said and until >= start:
                clash.setdefault(service, (min(said, other), max(said, other)))
        furthest[said] = max(end, furthest.get(said, end))
    if not clash:
        return []
    ids = tuple(service for service in dict.fromkeys(rows["service_id"]) if service in clash)
    one, other = clash[ids[0]]
    return [
        Finding(
            "status.overlap",
            "error",
            "status",
            "observed_from, observed_to",
            ids,
            f"windows of different status overlap for {len(ids)} services, as {one} and {other} do",
            "end one window before the other begins",
        )
    ]


@cache
def load_directory() -> Directory:
    """Return the embedded directory of services in England.

    83 Pause practices, Family Drug and Alcohol Courts and locally developed services, rebuilt one by one from public
    pages. It is incomplete and says so: ``published`` holds the printed national counts, ``searched`` the authorities
    that were searched and what was found there.

    Returns
    -------
    Directory
        The same object at each call; treat its tables as read-only.

    Raises
    ------
    IntegrityError
        If a data file is not the one that was released.

    Examples
    --------
    >>> load_directory()
    <Directory of 83 services (18 fdac, 36 local, 29 pause) at 93 sites>
    """
    import geopandas as gpd

    tables = {name: resources.read_csv(f"directory_{name}") for name in TABLES}
    points = resources.read_csv("site_points").set_index("site_id")
    sites = tables["sites"]
    at = points.loc[sites["site_id"], ["longitude", "latitude"]].astype(float)
    located = gpd.points_from_xy(at["longitude"], at["latitude"])
    tables["sites"] = gpd.GeoDataFrame(sites, geometry=located, crs=WGS84)
    return Directory.from_tables(**tables, source="rcp_geo embedded directory")  # type: ignore[arg-type]
