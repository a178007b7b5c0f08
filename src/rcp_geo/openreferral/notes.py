"""What was noticed in a document: collected record by record, told once for each kind."""

from __future__ import annotations

from collections.abc import Mapping

from rcp_geo.schema import Finding, Severity, counted

__all__ = ["KINDS", "Notes"]

# For each code: severity, message, remedy. {n} is the number of records and {detail} what they have in common.
KINDS: Mapping[str, tuple[Severity, str, str]] = {
    "date.invalid": ("warning", "{n} records hold a date that cannot be read", "write YYYY-MM-DD"),
    "extension.disagrees": (
        "warning",
        "{n} services have a standard part that is not what their x_rcp_geo says; x_rcp_geo was read",
        "make the change in x_rcp_geo, or take x_rcp_geo out to have the standard part read",
    ),
    "extension.not_read": (
        "warning",
        "{n} x_rcp_geo parts are not of the form that this version writes; the standard part was read",
        "export the directory again",
    ),
    "feed.incomplete": (
        "warning",
        "{detail}",
        "give all pages of the feed",
    ),
    "feed.no_services": ("error", "no service was found in the document", "give services, or a page of them"),
    "footprint.no_area": ("warning", "{n} service areas have neither a code nor a name", "name the authority served"),
    "footprint.not_an_authority": (
        "warning",
        "{n} service areas have the code {detail}, which is of no English local authority, and were not read",
        "name the authorities that are served",
    ),
    "footprint.polygon_not_read": (
        "warning",
        "{n} service areas come with a polygon, which was not read",
        "give the authority's GSS code as the uri of the service area",
    ),
    "id.duplicate": (
        "error",
        "{n} identifiers stand for several records that differ; the first of each was read",
        "make each unique",
    ),
    "id.missing": ("warning", "{n} records have no id and were given one", "give each record its id"),
    "id.repeated": ("info", "{n} records are given more than once, the same each time", "nothing to do"),
    "id.unknown": (
        "warning",
        "{n} records refer to a record that is not in the document",
        "give it, or correct the id",
    ),
    "record.not_an_object": ("error", "{n} records are not JSON objects and were not read", "give objects"),
    "record.not_recognised": (
        "error",
        "{n} records have neither an id nor a name and were not read",
        "give services of the standard's form",
    ),
    "record.not_used": ("info", "{n} records are of no use to a directory and were not read", "nothing to do"),
    "service.family_inferred": (
        "warning",
        "{n} services were taken to be of the family {detail} by their name and taxonomy terms",
        'keep only services for parents in recurrent care proceedings, and state "x_rcp_geo": {{"family": ...}}',
    ),
    "service.no_footprint": (
        "warning",
        "{n} services have no service area, so whom they serve is not known",
        "give service_areas (the full service, not the listing)",
    ),
    "service.no_name": ("warning", "{n} services have no name; the id stands for it", "name them"),
    "service.no_site": ("info", "{n} services have no location", "give service_at_locations (the full service)"),
    "site.no_place": ("warning", "{n} locations have neither coordinates nor a postcode", "give one of the two"),
    "status.inactive": (
        "info",
        "{n} services are inactive, which is no evidence that they closed: their status is unknown",
        "state defunct or temporarily closed where that is so",
    ),
    "status.later": (
        "warning",
        "{n} services were assured or changed after the date that their status is taken for",
        "check as_of",
    ),
    "status.not_recognised": (
        "warning",
        "{n} services have a status that the standard does not know, or none: it is unknown",
        "use active, inactive, defunct or temporarily closed",
    ),
    "status.stale": (
        "warning",
        "{n} services were last assured or changed over a year before the date that their status is taken for",
        "check that they are still as the feed says",
    ),
    "value.wrong_type": ("warning", "{n} records hold a value of the wrong type, which was not read", "correct it"),
}


class Notes:
    """What was noticed, in the order in which each kind was first seen."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, str, str, str], list[str]] = {}

    def add(self, code: str, table: str, column: str, record_id: str, detail: str = "") -> None:
        """Note one record."""
        self._ids.setdefault((code, table, column, detail), []).append(record_id)

    def findings(self) -> list[Finding]:
        """Return one finding for each kind, table, column and detail."""
        found = []
        for (code, table, column, detail), ids in self._ids.items():
            severity, message, remedy = KINDS[code]
            said = message.removeprefix("{n} ")
            told = message.format(detail=detail) if said == message else counted(len(ids), said.format(detail=detail))
            found.append(Finding(code, severity, table, column, tuple(i for i in ids if i), told, remedy.format()))
        return found
