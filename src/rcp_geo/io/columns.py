"""Which column of a user's table is what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from rcp_geo.errors import MissingColumnError
from rcp_geo.schema import Finding

__all__ = ["FIELDS", "Columns", "recognise"]

# For each field the headings that people give it, without spaces, case and punctuation. Of two columns that fit one
# field the one whose heading stands first here is taken.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "service_id": ("serviceid", "id", "serviceref", "reference", "ref", "uid", "uuid"),
    "name": ("name", "servicename", "service", "title", "nameofservice", "project", "practice", "scheme", "programme"),
    "family": ("family", "servicefamily", "type", "servicetype", "typeofservice", "kind", "category", "model"),
    "place": (
        "place",
        "town",
        "city",
        "towncity",
        "venue",
        "site",
        "sitename",
        "basedin",
        "base",
        "location",
        "address",
    ),
    "longitude": ("longitude", "lng", "lon", "long", "x", "xcoord", "longitudedegrees"),
    "latitude": ("latitude", "lat", "y", "ycoord", "latitudedegrees"),
    "easting": ("easting", "eastings", "east", "oseasting", "gridx", "bnge", "xbng", "oseast1m"),
    "northing": ("northing", "northings", "north", "osnorthing", "gridy", "bngn", "ybng", "osnrth1m"),
    "postcode": ("postcode", "postalcode", "pcd", "pcds", "pcode", "postcodedistrict", "postcodesector", "zip"),
    "authority": (
        "authority",
        "localauthority",
        "localauthorityname",
        "council",
        "la",
        "laname",
        "lad",
        "ladname",
        "ladcd",
        "lacode",
        "authorityname",
        "authoritycode",
        "localauthoritycode",
        "utla",
        "utlacd",
        "utlanm",
        "borough",
        "county",
        "gsscode",
    ),
    "served": (
        "served",
        "serves",
        "covers",
        "areas",
        "areasserved",
        "areaserved",
        "areascovered",
        "areacovered",
        "authoritiesserved",
        "authoritiescovered",
        "councilsserved",
        "lascovered",
        "lasserved",
        "catchment",
        "footprint",
        "coverage",
    ),
    "extent": ("extent", "coverageextent", "wholeorpart", "partorwhole"),
    "status": ("status", "servicestatus", "state", "currentstatus"),
    "opened": (
        "opened",
        "opendate",
        "openingdate",
        "dateopened",
        "start",
        "startdate",
        "started",
        "launched",
        "launchdate",
    ),
    "closed": ("closed", "closedate", "closingdate", "dateclosed", "end", "enddate", "ended", "closuredate"),
    "observed_from": ("observedfrom", "validfrom", "statusfrom", "from", "datefrom"),
    "observed_to": ("observedto", "validto", "statusto", "to", "dateto", "lastconfirmed", "lastseen", "asat", "asof"),
    "provider": ("provider", "organisation", "organization", "deliveredby", "runby", "organisationname"),
    "provider_type": ("providertype", "organisationtype", "sector"),
    "stage": ("stage", "servicestage", "pathwaystage"),
    "capacity": ("capacity", "places", "caseload"),
    "source_url": ("sourceurl", "source", "url", "link", "website", "web"),
    "note": ("note", "notes", "comment", "comments", "description"),
    "action": ("action", "change", "edit"),
}


@dataclass(frozen=True)
class Columns:
    """The mapping that was used.

    Attributes
    ----------
    of
        For each field that was found, the name of its column.
    left
        Columns that fit no field; they are carried along as the user's own.
    findings
        What was mapped, and what was doubtful.
    """

    of: Mapping[str, str]
    left: tuple[str, ...]
    findings: tuple[Finding, ...]


def recognise(
    frame: pd.DataFrame,
    overrides: Mapping[str, str] | None,
    table: str,
    *,
    room: int | None = None,
    fields: Mapping[str, tuple[str, ...]] = FIELDS,
) -> Columns:
    """Find the columns of a table by their headings.

    Parameters
    ----------
    frame
        The table.
    overrides
        For a field, the column to take; goes before any recognised.
    table
        Its name, for the findings.
    room
        How many characters its format has for a heading: longer ones are cut, and known by how they begin.
    fields
        The headings of each field; those of a list of services if left out.

    Raises
    ------
    MissingColumnError
        If an override names a field that does not exist, or a column that the table does not have.
    """
    chosen = _overridden(frame, overrides or {}, table, fields)
    taken = set(chosen.values())
    doubtful = []
    meant = {c: _meant(str(c), room, fields) for c in frame.columns if c not in taken}
    unsure = {c: several for c, several in meant.items() if len(several) > 1}
    for field in fields:
        if field in chosen:
            continue
        ranks = {c: fits[field] for c, fits in meant.items() if field in fits and c not in unsure}
        ranked = sorted(ranks, key=lambda c: ranks[c])
        if not ranked:
            continue
        chosen[field] = ranked[0]
        taken.add(ranked[0])
        doubtful += [(field, ranked[0], other) for other in ranked[1:]]
    left = tuple(str(c) for c in frame.columns if c not in taken)
    said = ", ".join(f"{field} from {column!r}" for field, column in sorted(chosen.items()))
    carried = f"; carried along: {', '.join(map(repr, left))}" if left else ""
    findings = [
        Finding(
            "column.mapping", "info", table, "", (), f"read {said or 'nothing'}{carried}", "pass columns= to change it"
        )
    ]
    findings += [
        Finding(
            "column.several",
            "warning",
            table,
            other,
            (),
            f"both {first!r} and {other!r} look like the {field}; {first!r} was taken",
            f"pass columns={{{field!r}: ...}} to choose",
        )
        for field, first, other in doubtful
    ]
    findings += [
        Finding(
            "column.cut",
            "warning",
            table,
            str(column),
            (),
            f"{column!r} is cut short, may be the {' or the '.join(several)}, and was not read as either",
            "pass columns= to say which, or save the list in a format with room for whole headings",
        )
        for column, several in unsure.items()
    ]
    return Columns(chosen, left, tuple(findings))


def _meant(heading: str, room: int | None, known: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Return the fields that a heading may stand for, each with the place among its variants; several only if it is cut."""
    bare = re.sub(r"[^a-z0-9]", "", heading.casefold())
    exact = {field: variants.index(bare) for field, variants in known.items() if bare in variants}
    # A space at the end, where it was cut, is no longer there.
    if exact or room is None or not bare or len(heading) < room - 1:
        return exact
    begun = {field: [v.startswith(bare) for v in variants] for field, variants in known.items()}
    return {field: fits.index(True) for field, fits in begun.items() if any(fits)}


def _overridden(
    frame: pd.DataFrame, overrides: Mapping[str, str], table: str, fields: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    for field, column in overrides.items():
        if field not in fields:
            raise MissingColumnError(f"columns: {field!r} is not a field; choose from {', '.join(fields)}")
        if column not in frame.columns:
            have = ", ".join(map(str, frame.columns))
            raise MissingColumnError(f"{table}: column {column!r} for {field} is missing (columns found: {have})")
    return dict(overrides)
