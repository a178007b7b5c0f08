"""Services that others publish as rows of a directory's tables, with nothing taken for granted."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rcp_geo.openreferral.feed import objects
from rcp_geo.openreferral.notes import Notes
from rcp_geo.openreferral.vocabulary import (
    DISTRICT_SCHEME,
    EXTENSION,
    FAMILY_TAXONOMY,
    PART_OF,
    STAGE_TAXONOMY,
    STATUS_TO_STANDARD,
    Record,
    identifier,
    key_of,
)

__all__ = ["Rows", "read_service"]

_STATUS_FROM_STANDARD: Mapping[str, str] = {theirs: ours for ours, theirs in STATUS_TO_STANDARD.items()}
_USED = {"service_areas", "service_at_locations", "organization", "attributes", EXTENSION}
_FDAC = re.compile(r"\bFDAC\b|\bfamily,? drug (?:and|&) alcohol courts?\b", re.IGNORECASE)
_PAUSE = re.compile(r"\bpause\b", re.IGNORECASE)
_CODE = re.compile(r"(?<![A-Za-z0-9])([A-Z]\d{8})(?![A-Za-z0-9])")
_AUTHORITY = re.compile(r"E(?:06|07|08|09|10)\d{6}")
_OUTWARD = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(?:\s*\d[A-Z]{2})?", re.IGNORECASE)
_STALE = dt.timedelta(days=366)
_POLYGONS = {"geojson", "topojson", "kml", "wkt"}


@dataclass
class Rows:
    """Rows of the four tables, and the services that no date was found for."""

    services: list[Record] = field(default_factory=list)
    sites: list[Record] = field(default_factory=list)
    footprints: list[Record] = field(default_factory=list)
    status: list[Record] = field(default_factory=list)
    undated: list[str] = field(default_factory=list)
    site_ids: set[str] = field(default_factory=set)


def read_service(service: Record, as_of: dt.date | None, rows: Rows, notes: Notes) -> None:
    """Add the rows of one service."""
    service_id = key_of(service.get("id"))
    own_day = _own_day(service, service_id, notes)
    attributes = _attributes(service, service_id, notes)
    organization = _object(service, "organization", service_id, notes)
    name = _text(service, "name", "service", service_id, notes)
    if not name:
        notes.add("service.no_name", "service", "name", service_id)
    rows.services.append(
        {
            "service_id": service_id,
            "name": name or service_id,
            "family": _family(service, name, attributes, service_id, notes),
            "provider": _text(organization, "name", "organization", service_id, notes),
            "provider_type": "",
            "stage": next((term for taxonomy, term in attributes if taxonomy == STAGE_TAXONOMY), ""),
            "confidence": "",
            "source_url": _text(service, "url", "service", service_id, notes),
            "source_date": own_day.isoformat() if own_day else "",
            "source_note": _text(service, "description", "service", service_id, notes),
        }
    )
    _read_status(service, service_id, as_of, own_day, rows, notes)
    _read_areas(service, service_id, rows, notes)
    _read_sites(service, service_id, rows, notes)
    for other, value in service.items():
        if other not in _USED and isinstance(value, list | dict) and value:
            notes.add("record.not_used", other, "", service_id)


def _text(record: Mapping[str, object], name: str, table: str, owner: str, notes: Notes) -> str:
    value = record.get(name)
    if value is None or isinstance(value, str):
        return (value or "").strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    notes.add("value.wrong_type", table, name, owner)
    return ""


def _object(record: Mapping[str, object], name: str, owner: str, notes: Notes) -> Record:
    value = record.get(name)
    if isinstance(value, dict):
        return value
    if value is not None:
        notes.add("value.wrong_type", name, "", owner)
    elif record.get(f"{name}_id") is not None:
        notes.add("id.unknown", name, "", owner)
    return {}


def _own_day(service: Record, service_id: str, notes: Notes) -> dt.date | None:
    """Return the day on which the record was last assured, else changed."""
    for name in ("assured_date", "last_modified"):
        text = _text(service, name, "service", service_id, notes)
        if not text:
            continue
        try:
            return dt.date.fromisoformat(text[:10])
        except ValueError:
            notes.add("date.invalid", "service", name, service_id)
    return None


def _attributes(service: Record, service_id: str, notes: Notes) -> list[tuple[str, str]]:
    """Return the taxonomy and the term of each attribute."""
    found = []
    for attribute in objects(service, "attributes", service_id, notes):
        term = _object(attribute, "taxonomy_term", service_id, notes)
        words = [_text(term, name, "taxonomy_term", service_id, notes) for name in ("term", "name")]
        found.append((_text(term, "taxonomy", "taxonomy_term", service_id, notes), words[0] or words[1]))
    return found


def _family(service: Record, name: str, attributes: list[tuple[str, str]], service_id: str, notes: Notes) -> str:
    """Return the family that the record states; else the one that its name and terms suggest, which is noted."""
    extension = service.get(EXTENSION)
    stated = extension.get("family") if isinstance(extension, dict) else None
    stated = stated or next((term for taxonomy, term in attributes if taxonomy == FAMILY_TAXONOMY), "")
    if isinstance(stated, str) and stated.strip():
        return stated.strip()
    words = "; ".join([name, *(term for _, term in attributes)])
    family = "fdac" if _FDAC.search(words) else "pause" if _PAUSE.search(words) else "local"
    notes.add("service.family_inferred", "service", "name", service_id, family)
    return family


def _read_status(
    service: Record, service_id: str, as_of: dt.date | None, own_day: dt.date | None, rows: Rows, notes: Notes
) -> None:
    text = _text(service, "status", "service", service_id, notes)
    standard = text.casefold().replace("_", " ")
    status = _STATUS_FROM_STANDARD.get(standard)
    if status is None:
        code = "status.inactive" if standard == "inactive" else "status.not_recognised"
        notes.add(code, "service", "status", service_id)
        return
    day = as_of or own_day
    if day is None:
        rows.undated.append(service_id)
        return
    if own_day and own_day > day:
        notes.add("status.later", "service", "assured_date", service_id)
    elif own_day and day - own_day > _STALE:
        notes.add("status.stale", "service", "assured_date", service_id)
    rows.status.append(
        {
            "service_id": service_id,
            "status": status,
            "observed_from": day.isoformat(),
            "observed_to": day.isoformat(),
            "basis": "stated",
            "source_url": "",
            "note": f"Open Referral status: {standard}",
        }
    )


def _read_areas(service: Record, service_id: str, rows: Rows, notes: Notes) -> None:
    areas = objects(service, "service_areas", service_id, notes)
    if not areas:
        notes.add("service.no_footprint", "service_area", "", service_id)
    for area in areas:
        area_id = key_of(area.get("id")) or service_id
        code = _gss(area, area_id, notes)
        name = _text(area, "name", "service_area", area_id, notes) or _text(
            area, "service_area", "service_area", area_id, notes
        )
        if _is_polygon(area):
            notes.add("footprint.polygon_not_read", "service_area", "extent", area_id)
        if code and not _AUTHORITY.fullmatch(code):
            notes.add("footprint.not_an_authority", "service_area", "uri", area_id, code)
        elif code or name:
            rows.footprints.append(_footprint(service_id, code, name))
        elif not _is_polygon(area):
            notes.add("footprint.no_area", "service_area", "name", area_id)


def _gss(area: Record, area_id: str, notes: Notes) -> str:
    """Return the GSS code in an area's URI; else the text that is nothing but a code."""
    if match := _CODE.search(_text(area, "uri", "service_area", area_id, notes)):
        return match.group(1)
    for name in ("extent", "name", "service_area"):
        value = area.get(name)
        if isinstance(value, str) and (match := _CODE.fullmatch(value.strip())):
            return match.group(1)
    return ""


def _is_polygon(area: Record) -> bool:
    extent = area.get("extent")
    if isinstance(extent, dict | list):
        return True
    kind = area.get("extent_type")
    named = isinstance(kind, str) and kind.strip().casefold() in _POLYGONS
    return isinstance(extent, str) and (named or extent.lstrip()[:1] in {"{", "<"})


def _footprint(service_id: str, code: str, name: str) -> Record:
    part = not code and name.casefold().startswith(PART_OF.casefold())
    return {
        "service_id": service_id,
        "authority_code": code,
        "authority_name": name[len(PART_OF) :].strip() if part else "" if name == code else name,
        "tier": ("lower" if code.startswith("E07") else "upper") if code else "",
        "vintage": "",
        "extent": "part" if part else "whole",
        "valid_from": "",
        "valid_to": "",
        "certainty": "stated",
        "note": "",
    }


def _read_sites(service: Record, service_id: str, rows: Rows, notes: Notes) -> None:
    links = objects(service, "service_at_locations", service_id, notes)
    if not links:
        notes.add("service.no_site", "service_at_location", "", service_id)
    for i, link in enumerate(links):
        site_id = key_of(link.get("id"))
        if not site_id:
            site_id = identifier("unnamed site", service_id, str(i))
            notes.add("id.missing", "service_at_location", "id", service_id)
        location = link.get("location")
        if not isinstance(location, dict):
            code = "id.unknown" if location is None else "value.wrong_type"
            notes.add(code, "service_at_location", "location", site_id)
        elif site_id in rows.site_ids:
            notes.add("id.duplicate", "service_at_location", "id", site_id)
        else:
            rows.site_ids.add(site_id)
            rows.sites.append(_site(location, service_id, site_id, notes))


def _site(location: Record, service_id: str, site_id: str, notes: Notes) -> Record:
    addresses = objects(location, "addresses", site_id, notes)
    postcodes = [_text(a, "postal_code", "address", site_id, notes) for a in addresses]
    at = next((i for i, postcode in enumerate(postcodes) if postcode), 0)
    for i, address in enumerate(addresses):
        if i != at:
            notes.add("record.not_used", "address", "", key_of(address.get("id")) or site_id)
    postcode = postcodes[at] if addresses else ""
    district = _text(location, "external_identifier", "location", site_id, notes)
    if location.get("external_identifier_type") != DISTRICT_SCHEME:
        district = ""
    match = _OUTWARD.fullmatch(postcode)
    city = _text(addresses[at], "city", "address", site_id, notes) if addresses else ""
    longitude, latitude = (_degrees(location, name, site_id, notes) for name in ("longitude", "latitude"))
    placed = not math.isnan(longitude) and not math.isnan(latitude)
    if not placed and not postcode and not district:
        notes.add("site.no_place", "location", "", site_id)
    return {
        "site_id": site_id,
        "service_id": service_id,
        "place": city or _text(location, "name", "location", site_id, notes),
        "postcode_district": district or (match.group(1).upper() if match else ""),
        "precision": "point" if placed and not district else "district" if placed else "",
        "longitude": longitude,
        "latitude": latitude,
        "postcode": postcode,
    }


def _degrees(location: Record, name: str, site_id: str, notes: Notes) -> float:
    """Return a coordinate as a number, NaN where there is none; its range is for the stage that places sites."""
    value = location.get(name)
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (OverflowError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        number = math.nan
    if math.isnan(number) and value is not None and value != "":
        notes.add("value.wrong_type", "location", name, site_id)
    return number
