"""A directory's tables as one Open Referral UK document."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.openreferral.vocabulary import (
    AREA_URI,
    CELL_TYPE,
    COLUMNS,
    DISTRICT_SCHEME,
    EXTENSION,
    FAMILY_TAXONOMY,
    PART_OF,
    STAGE_TAXONOMY,
    STATUS_TO_STANDARD,
    VERSION,
    Record,
    identifier,
)
from rcp_geo.schema import (
    check_references,
    check_unique,
    period_bounds,
    raise_errors,
    require_columns,
    to_date,
    within,
)

__all__ = ["to_openreferral"]

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "services": ("service_id", "name", "family"),
    "sites": ("site_id", "service_id", "longitude", "latitude"),
    "footprints": ("service_id", "authority_code", "extent", "valid_from", "valid_to", "certainty"),
    "status": ("service_id", "status", "observed_from", "observed_to"),
}
_OWNED = ("sites", "footprints", "status")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_KNOWN_TO: Mapping[str, str] = {
    "district": "The point stands for a postcode district, about 1 to 3 km across.",
    "place": "The point stands for the local government district of this name.",
    "authority": "No place is known, only the authorities served.",
}


def to_openreferral(tables: Mapping[str, pd.DataFrame], *, as_of: dt.date | str) -> Record:
    """Return a directory's tables as one document of Open Referral UK services.

    Parameters
    ----------
    tables
        ``services``, ``sites`` (with ``longitude`` and ``latitude`` in WGS 84 degrees, no geometry), ``footprints``,
        ``status`` and, where there are any, ``published`` and ``searched``, as :class:`~rcp_geo.Directory` has them. Not
        modified.
    as_of
        The date that the standard part of the document is true for. The extension holds every date.

    Returns
    -------
    dict
        A page of services as JSON values: see :mod:`rcp_geo.openreferral` for its form. The same tables and date give
        the same document.

    Raises
    ------
    MissingColumnError
        If a table lacks a column.
    InputError
        If a table is missing, an identifier is duplicate or unknown, a date cannot be read, or a cell is no JSON value.

    Notes
    -----
    A service whose ``source_url`` holds no URI has no ``url``, which the profile requires: ``check_openreferral`` says so.
    """
    day = to_date(as_of)
    frames = _checked(tables)
    held = {
        "footprints": _held(frames["footprints"], "footprints", "valid_from", "valid_to", day),
        "status": _held(frames["status"], "status", "observed_from", "observed_to", day),
    }
    rows = {
        name: [_Row(i, cells, held[name][i] if name in held else True) for i, cells in enumerate(_cells(frame, name))]
        for name, frame in frames.items()
    }
    owned = {name: _by_service(rows[name]) for name in _OWNED}
    services = [
        _service(row, {name: owned[name].get(row.cells["service_id"], []) for name in _OWNED}, day)
        for row in rows["services"]
    ]
    return {
        "total_items": len(services),
        "total_pages": 1,
        "page_number": 1,
        "size": len(services),
        "first_page": True,
        "last_page": True,
        "empty": not services,
        "contents": services,
        EXTENSION: {
            "version": VERSION,
            "as_of": day.isoformat(),
            "columns": {name: [[c, _type_name(frame[c])] for c in frame.columns] for name, frame in frames.items()},
            "published": [row.cells for row in rows["published"]],
            "searched": [row.cells for row in rows["searched"]],
        },
    }


@dataclass(frozen=True, slots=True)
class _Row:
    """A row, its number in its table, and whether it holds on the date."""

    number: int
    cells: Record
    held: bool

    def text(self, column: str) -> str:
        value = self.cells.get(column)
        return "" if value is None else str(value).strip()

    def extension(self) -> Record:
        return {"row": self.number, "cells": self.cells}


def _checked(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    frames = {}
    for name, columns in COLUMNS.items():
        if name not in tables and name in _REQUIRED:
            raise InputError(f"{name}: the table is missing; give services, sites, footprints and status")
        frame = tables.get(name, pd.DataFrame(columns=list(columns), dtype=str)).reset_index(drop=True)
        require_columns(frame, _REQUIRED.get(name, ()), name)
        if not all(isinstance(c, str) for c in frame.columns) or not frame.columns.is_unique:
            raise InputError(f"{name}: two columns have one name, or a name is not text; rename them")
        frames[name] = frame
    known = frames["services"]["service_id"]
    found = check_unique(known, "services", "service_id") + check_unique(frames["sites"]["site_id"], "sites", "site_id")
    for name in _OWNED:
        found += check_references(frames[name], name, "service_id", known, "services")
    raise_errors(found)
    return frames


def _held(frame: pd.DataFrame, table: str, start: str, end: str, day: dt.date) -> list[bool]:
    first, last, found = period_bounds(frame, table, start, end, "service_id")
    raise_errors(found)
    return [bool(held) for held in within(first, last, day)]


def _cells(frame: pd.DataFrame, table: str) -> list[Record]:
    columns = {column: [_cell(v, table, column) for v in frame[column]] for column in frame.columns}
    return [{column: values[i] for column, values in columns.items()} for i in range(len(frame))]


def _cell(value: object, table: str, column: str) -> str | int | float | bool | None:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise InputError(
        f"{table}.{column}: {type(value).__name__} {str(value)[:40]!r} cannot be written as a JSON value; "
        "make it text or a finite number, or leave the column out"
    )


def _type_name(column: pd.Series) -> str:
    """Return the type that a column must be read back with, blank for text."""
    texts = column.dtype == object and all(isinstance(v, str) for v in column)
    if texts or isinstance(column.dtype, pd.StringDtype):
        return ""
    name = str(column.dtype)
    return name if CELL_TYPE.fullmatch(name) else "object"


def _by_service(rows: Sequence[_Row]) -> dict[object, list[_Row]]:
    owned: dict[object, list[_Row]] = {}
    for row in rows:
        owned.setdefault(row.cells["service_id"], []).append(row)
    return owned


def _service(row: _Row, owned: Mapping[str, Sequence[_Row]], day: dt.date) -> Record:
    service_id = row.text("service_id")
    status = next((r.text("status") for r in owned["status"] if r.held), "unknown")
    service: Record = {
        "id": identifier("service", service_id),
        "name": row.text("name") or service_id,
        "status": STATUS_TO_STANDARD.get(status, "inactive"),
    }
    if note := row.text("source_note"):
        service["description"] = note
    urls = [url.strip() for url in row.text("source_url").split(";")]
    if url := next((url for url in urls if _URI.fullmatch(url)), ""):
        service["url"] = url
    if status != "unknown":
        service["assured_date"] = day.isoformat()
    if status not in STATUS_TO_STANDARD:
        service["alert"] = f"Status on {day}: {status.replace('_', ' ')}; inactive is the standard's nearest word."
    if provider := row.text("provider"):
        service["organization"] = _organization(provider, row.text("provider_type"))
    service["service_areas"] = _areas(service_id, owned["footprints"])
    service["service_at_locations"] = [_at_location(site) for site in owned["sites"]]
    service["attributes"] = [
        _attribute(service_id, taxonomy, row.text(column))
        for column, taxonomy in (("family", FAMILY_TAXONOMY), ("stage", STAGE_TAXONOMY))
        if row.text(column)
    ]
    service[EXTENSION] = {
        "version": VERSION,
        "as_of": day.isoformat(),
        "service": row.extension(),
        **{name: [r.extension() for r in owned[name]] for name in _OWNED},
    }
    return service


def _organization(name: str, kind: str) -> Record:
    told = kind.replace("_", " ").strip()
    return {
        "id": identifier("organization", name),
        "name": name,
        "description": f"{name} ({told})" if told not in {"", "unknown"} else name,
    }


def _areas(service_id: str, footprints: Sequence[_Row]) -> list[Record]:
    areas: list[Record] = []
    for footprint in footprints:
        if not footprint.held or footprint.text("certainty") == "unclear":
            continue
        code = footprint.text("authority_code")
        name = footprint.text("authority_name") or code
        # The same authority may come twice, in windows that overlap, so the place in the list is part of the identity.
        area: Record = {"id": identifier("service_area", service_id, str(len(areas)), code, name)}
        if footprint.text("extent") == "part":
            area["name"] = PART_OF + name
        else:
            area["name"] = name
            area |= {"uri": AREA_URI + code} if code else {}
        areas.append(area)
    return areas


def _at_location(site: _Row) -> Record:
    site_id = site.text("site_id")
    location: Record = {"id": identifier("location", site_id)}
    if place := site.text("place"):
        location["name"] = place
    if told := _KNOWN_TO.get(site.text("precision")):
        location["description"] = told
    longitude, latitude = site.cells["longitude"], site.cells["latitude"]
    # Read as a place, the point of a site that is known no finer than an authority would mislead.
    known = site.text("precision") != "authority"
    if known and isinstance(longitude, int | float) and isinstance(latitude, int | float):
        location |= {"latitude": latitude, "longitude": longitude}
    if district := site.text("postcode_district"):
        location |= {"external_identifier": district, "external_identifier_type": DISTRICT_SCHEME}
    return {"id": identifier("service_at_location", site_id), "location": location}


def _attribute(service_id: str, taxonomy: str, term: str) -> Record:
    return {
        "id": identifier("attribute", service_id, taxonomy),
        "link_type": taxonomy.removeprefix("rcp_geo "),
        "taxonomy_term": {"id": identifier("term", taxonomy, term), "taxonomy": taxonomy, "term": term},
    }
