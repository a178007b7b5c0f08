"""What each column of the saved tables holds, in which unit, and which words it may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["KEYS", "TITLES", "Saved", "schema", "title"]


@dataclass(frozen=True)
class Saved:
    """The tables of an answer as they are saved, its groups, and the unit of its costs."""

    tables: Mapping[str, pd.DataFrame]
    nearest: pd.DataFrame
    polygons: gpd.GeoDataFrame
    groups: tuple[str, ...]
    unit: str

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return every table by its name, that is, by the name of its file without the ending."""
        return {**self.tables, "nearest": self.nearest, "authorities": self.polygons}


@dataclass(frozen=True, slots=True)
class _Field:
    description: str
    unit: str = "none"
    words: tuple[str, ...] = ()


TITLES: Mapping[str, str] = {
    "gaps": "The answer for every authority and group of services",
    "summary": "The answers counted, and what was printed nationally",
    "regions": "The answers counted region by region",
    "coverage": "Cost to the nearest service and shares of people within cutoffs, by area",
    "located": "The authority that each site lies in",
    "served": "The authorities that each service works for",
    "findings": "What was noticed in the inputs and the answers",
    "overlay": "What was done with each service that was laid over the directory",
    "overlay_changes": "The answers that the overlay changed",
    "nearest": "The nearest service of every demand point",
    "authorities": "Polygons of the authorities with their answers",
    "directory_services": "Services",
    "directory_sites": "Places where services sit",
    "directory_footprints": "Authorities that services work for, by period",
    "directory_status": "Periods in which a status is evidenced",
    "directory_published": "Printed national counts",
    "directory_searched": "Authorities that were searched for services",
    "overlaid": "What was done with each service that was laid over",
    "boundaries": "Polygons of the authorities",
    "demand": "Where people are",
}

# What tells the rows of a table apart. Where a part of it may be blank the key is one of those that the standard calls unique
# keys, since no part of a primary key may be.
KEYS: Mapping[str, tuple[str, ...]] = {
    "gaps": ("authority_code",),
    "summary": ("group",),
    "regions": ("area_code", "group"),
    "coverage": ("area_code", "group", "relation", "evidence", "metric_id", "cutoff"),
    "located": ("site_id",),
    "served": ("service_id", "authority_code"),
    "overlay": ("service_id",),
    "overlay_changes": ("authority_code", "group"),
    "nearest": ("demand_id", "group", "relation", "evidence"),
    "authorities": ("authority_code",),
    "directory_services": ("service_id",),
    "directory_sites": ("site_id",),
    "overlaid": ("service_id",),
    "boundaries": ("authority_code",),
    "demand": ("demand_id",),
}
_WITH_BLANKS = ("coverage",)

_ANSWERS = ("served", "part", "unknown", "in_development", "none_recorded")
_AUTHORITIES = "authorities"
_PERIOD = "ISO 8601, to the year, month or day"

_CODE = _Field("GSS code of the authority")
_NAME = _Field("name of the authority")
_SERVICE = _Field("id of the service")
_SITE = _Field("id of the site")
_GROUP = _Field("group of services, or any for all of them")
_RELATION = _Field(
    "reached: nearest wherever it is; served: nearest of those that serve the authority", words=("reached", "served")
)
_EVIDENCE = _Field(
    "certain: services that operate on the date; possible: those of which that is not known as well",
    words=("certain", "possible"),
)
_EXTENT = _Field("whether the service works for all of the authority or part of it", words=("whole", "part"))
_CERTAINTY = _Field("how sure that is", words=("stated", "inferred", "unclear"))
_SAID_BY = _Field("which of the directories that were laid over one another says so")
_URL = _Field("page that says so")
_NOTE = _Field("note")
_VINTAGE = _Field("date at which the code was in force", "date")
_POINT = _Field("point, as well-known binary", "unit of the coordinate system")
_FAMILY = _Field("family of the service: pause, fdac, local or a word of its own")

_COUNTED: dict[str, _Field] = {
    "group": _GROUP,
    "authorities": _Field("how many there are", _AUTHORITIES),
    "served": _Field("served whole by an operating service", _AUTHORITIES),
    "part": _Field("served in part only", _AUTHORITIES),
    "in_development": _Field("with a service being set up and none that operates", _AUTHORITIES),
    "unknown": _Field("with a service of which it is not known whether it operates or whom it serves", _AUTHORITIES),
    "none_recorded": _Field("with no service recorded", _AUTHORITIES),
    "gap_min": _Field("least number without a service, by the record: none_recorded and in_development", _AUTHORITIES),
    "gap_max": _Field("greatest number without a service, by the record: gap_min and unknown", _AUTHORITIES),
}
_AREA: dict[str, _Field] = {
    "area_code": _Field("GSS code of the area"),
    "area_name": _Field("name of the area"),
}
_OVERLAY: dict[str, _Field] = {
    "service_id": _Field("id of the service that was laid over"),
    "name": _Field("its name"),
    "action": _Field("what was done with it"),
    "matched_id": _Field("id of the service that it was taken for"),
    "matched_name": _Field("name of that service"),
    "how": _Field("how it was matched"),
    "score": _Field("likeness of the names", "percent"),
    "candidates": _Field("services that it may be"),
}
_BOUNDARIES: dict[str, _Field] = {
    "authority_code": _CODE,
    "authority_name": _NAME,
    "region_code": _Field("GSS code of the region"),
    "region_name": _Field("name of the region"),
    "geometry": _Field("polygons on the British National Grid (EPSG:27700)", "m"),
}
_FIELDS: Mapping[str, Mapping[str, _Field]] = {
    "gaps": {"authority_code": _CODE, "authority_name": _NAME, "region_name": _BOUNDARIES["region_name"]},
    "authorities": _BOUNDARIES,
    "summary": _COUNTED
    | {
        "recorded": _Field("what is recorded, in published_unit, or authorities where that is blank", "published_unit"),
        "published": _Field("count printed within twelve months of the date", "published_unit"),
        "published_unit": _Field("what was counted in print"),
        "published_date": _Field(f"date of the printed count: {_PERIOD}", "date"),
        "published_gap": _Field("authorities that the printed count leaves without a service", _AUTHORITIES),
    },
    "regions": _COUNTED | _AREA,
    "coverage": _AREA
    | {
        "area_type": _Field("kind of area", words=("authority", "region", "country")),
        "group": _GROUP,
        "relation": _RELATION,
        "evidence": _EVIDENCE,
        "metric_id": _Field("metric, with the version of its definition"),
        "cutoff": _Field("cost within which people are counted; blank where there is none", "<cost>"),
        "value": _Field("the figure", "as the column unit says"),
        "unit": _Field("unit of the value: m, s, or share (0 to 1)", words=("m", "s", "share")),
        "reached_share": _Field("share of the demand that reaches a service at all, 0 to 1", "share"),
        "reason": _Field("why the rest does not, the reason of most of its weight"),
    },
    "located": _BOUNDARIES
    | {
        "site_id": _SITE,
        "service_id": _SERVICE,
        "position": _Field("inside, border, outside, in_wales, in_scotland or no_point"),
        "basis": _Field("whether it was placed by its point or as declared", words=("point", "declared")),
    },
    "served": {
        "service_id": _SERVICE,
        "name": _Field("name of the service"),
        "family": _FAMILY,
        "authority_code": _CODE,
        "authority_name": _NAME,
        "status": _Field("status of the service on the date"),
        "extent": _Field("how much of the authority the service works for", words=("whole", "part", "unclear")),
        "certainty": _CERTAINTY,
        "answer": _Field("what the service adds to the answer for the authority", words=_ANSWERS),
        "demand_share": _Field("share of the authority's demand in the districts that are named, 0 to 1", "share"),
        "carried_from": _Field("codes of an earlier or later vintage that the footprint was declared on"),
    },
    "findings": {
        "code": _Field("kind of finding; the documentation lists them"),
        "severity": _Field("how severe it is", words=("error", "warning", "info")),
        "table": _Field("table in which it was found"),
        "column": _Field("column in which it was found; blank where it is about rows"),
        "count": _Field("how many ids are concerned", "ids"),
        "ids": _Field("the ids, joined by semicolons"),
        "message": _Field("what was found"),
        "remedy": _Field("what to do about it"),
    },
    "overlay": _OVERLAY,
    "overlaid": _OVERLAY,
    "overlay_changes": {
        "authority_code": _CODE,
        "authority_name": _NAME,
        "group": _GROUP,
        "before": _Field("the answer without the overlay", words=_ANSWERS),
        "after": _Field("the answer with it", words=_ANSWERS),
        "services": _Field("services laid over that work for the authority"),
    },
    "nearest": {
        "demand_id": _Field("id of the demand point"),
        "group": _GROUP,
        "relation": _RELATION,
        "evidence": _EVIDENCE,
        "service_id": _Field("the nearest service; blank where none is reached"),
        "site_id": _Field("the nearest site; blank where none is reached"),
        "distance_m": _Field("distance to it", "m"),
        "duration_s": _Field("duration of the journey to it", "s"),
        "status": _Field("reached, or why not"),
    },
    "directory_services": {
        "service_id": _SERVICE,
        "name": _Field("name of the service"),
        "family": _FAMILY,
        "provider": _Field("who runs it"),
        "provider_type": _Field("what kind of body that is"),
        "stage": _Field("stage at which it works"),
        "confidence": _Field("how sure the record is"),
        "source_url": _URL,
        "source_date": _Field(f"date of the source: {_PERIOD}", "date"),
        "source_note": _NOTE,
        "said_by": _SAID_BY,
    },
    "directory_sites": {
        "site_id": _SITE,
        "service_id": _SERVICE,
        "place": _Field("where it sits, in words"),
        "postcode": _Field("postcode, or the district or sector of one, that the list gives"),
        "postcode_district": _Field("postcode district"),
        "precision": _Field("what the point was placed by"),
        "geometry": _POINT,
        "said_by": _SAID_BY,
    },
    "directory_footprints": {
        "service_id": _SERVICE,
        "authority_code": _CODE,
        "authority_name": _NAME,
        "tier": _Field("tier of the authority", words=("upper", "lower")),
        "vintage": _VINTAGE,
        "extent": _EXTENT,
        "valid_from": _Field(f"first day; blank is open: {_PERIOD}", "date"),
        "valid_to": _Field(f"last day; blank is open: {_PERIOD}", "date"),
        "certainty": _CERTAINTY,
        "note": _NOTE,
        "said_by": _SAID_BY,
    },
    "directory_status": {
        "service_id": _SERVICE,
        "status": _Field("what is evidenced", words=("not_started", "operating", "in_development", "paused", "closed")),
        "observed_from": _Field(f"first day; blank is open: {_PERIOD}", "date"),
        "observed_to": _Field(f"last day; blank is open: {_PERIOD}", "date"),
        "basis": _Field("whether it is stated or inferred"),
        "source_url": _URL,
        "note": _NOTE,
        "said_by": _SAID_BY,
    },
    "directory_published": {
        "date": _Field(f"date of the count: {_PERIOD}", "date"),
        "family": _FAMILY,
        "unit": _Field("what was counted"),
        "value": _Field("the count", "as the column unit says"),
        "extent": _Field("of where"),
        "source_url": _URL,
        "said_by": _SAID_BY,
    },
    "directory_searched": {
        "authority_code": _CODE,
        "authority_name": _NAME,
        "vintage": _VINTAGE,
        "family": _FAMILY,
        "searched_on": _Field(f"when: {_PERIOD}", "date"),
        "result": _Field("what was found"),
        "note": _NOTE,
        "said_by": _SAID_BY,
    },
    "boundaries": _BOUNDARIES,
    "demand": {
        "demand_id": _Field("id of the demand point"),
        "weight": _Field("people, or a stated proxy for them", "people or a proxy"),
        "easting": _Field("easting on the British National Grid (EPSG:27700)", "m"),
        "northing": _Field("northing on the British National Grid (EPSG:27700)", "m"),
        "longitude": _Field("longitude (WGS 84)", "degree"),
        "latitude": _Field("latitude (WGS 84)", "degree"),
        "district_code": _Field("GSS code of the district of 2011 that it lies in"),
        "geometry": _POINT,
    },
}
# By the ending of a column that each group of services has.
_BY_GROUP: Mapping[str, _Field] = {
    "": _Field("what is recorded of services of the group {group}", words=_ANSWERS),
    "_services": _Field("operating services of the group {group} that serve the whole or part of it", "services"),
    "_located": _Field("operating services of the group {group} with a site in it", "services"),
    "_searched": _Field(
        "what a search for services of the group {group} found; blank where none was made",
        words=("none_found", "near_miss", "service_found"),
    ),
    "_mean_distance_m": _Field("mean distance to the nearest operating service of the group {group}", "m"),
    "_mean_duration_s": _Field("mean duration to the nearest operating service of the group {group}", "s"),
    "_mean_distance_m_possible": _Field("the same with services of unknown status, group {group}", "m"),
    "_mean_duration_s_possible": _Field("the same with services of unknown status, group {group}", "s"),
}
_GROUPED = ("gaps", "authorities")
_OWN = _Field("a column of the table's own", "not stated")


def title(table: str) -> str:
    """Say what a table holds, in a few words."""
    return TITLES[_plain(table)] + (", before the overlay" if table.startswith("base.") else "")


def _plain(table: str) -> str:
    """Return the name of a table in this module, the same for the base of an overlay."""
    return table.replace("base.", "directory.").replace(".", "_")


def schema(table: str, frame: pd.DataFrame, groups: Iterable[str] = (), unit: str = "none") -> dict[str, Any]:
    """Describe the columns of a saved table as a Table Schema, each with its unit.

    Parameters
    ----------
    table
        Name of the table: of its file without the ending, or of the input.
    frame
        The table.
    groups, unit
        Groups of the answer and the unit of its costs.

    Returns
    -------
    dict
        ``fields``, ``missingValues`` and a key. The property ``unit`` of a field is ours: ``m``, ``s``, ``degree``, ``date``,
        ``percent`` or ``share`` (0 to 1), what is counted, or ``none`` for texts.
    """
    name = _plain(table)
    known = {**_grouped(name, groups), **_FIELDS.get(name, {})}
    # The columns of what we write are all known, a test says; those of a user's table need not be.
    other = _OWN if name.startswith("directory_") or name in {"boundaries", "demand"} else None
    fields = [_described(str(c), frame[c], known.get(str(c), other), unit) for c in frame.columns]
    answer: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    key = [k for k in KEYS.get(name, ()) if k in frame.columns]
    if key:
        answer |= {"uniqueKeys": [key]} if name in _WITH_BLANKS else {"primaryKey": key}
    return answer


def _grouped(table: str, groups: Iterable[str]) -> dict[str, _Field]:
    if table not in _GROUPED:
        return {}
    return {
        f"{group}{ending}": _Field(field.description.format(group=group), field.unit, field.words)
        for group in groups
        for ending, field in _BY_GROUP.items()
    }


def _described(name: str, column: pd.Series, field: _Field | None, unit: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"name": name, "type": _type(column)}
    if field is None:
        return answer
    answer |= {"description": field.description, "unit": field.unit.replace("<cost>", unit)}
    return answer | ({"constraints": {"enum": list(field.words)}} if field.words else {})


def _type(column: pd.Series) -> str:
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind):
        return "boolean"
    if pd.api.types.is_integer_dtype(kind):
        return "integer"
    if pd.api.types.is_float_dtype(kind):
        return "number"
    if pd.api.types.is_datetime64_any_dtype(kind):
        return "datetime"
    return "any" if kind == "geometry" else "string"
