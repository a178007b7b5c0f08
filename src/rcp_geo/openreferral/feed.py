"""Documents of every shape of HSDS 3 as one list of services in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rcp_geo.openreferral.notes import Notes
from rcp_geo.openreferral.vocabulary import EXTENSION, Record, identifier, key_of

__all__ = ["Feed", "collect", "objects"]

# Tables of the one-file-per-table form, and the names that people give to their files.
_PARTS: Mapping[str, str] = {
    name: table
    for table, plural in {
        "accessibility": "accessibility",
        "address": "addresses",
        "attribute": "attributes",
        "contact": "contacts",
        "cost_option": "cost_options",
        "funding": "funding",
        "language": "languages",
        "location": "locations",
        "meta_table_description": "meta_table_descriptions",
        "metadata": "metadata",
        "organization": "organizations",
        "organization_identifier": "organization_identifiers",
        "phone": "phones",
        "program": "programs",
        "required_document": "required_documents",
        "schedule": "schedules",
        "service": "services",
        "service_area": "service_areas",
        "service_at_location": "service_at_locations",
        "service_capacity": "service_capacities",
        "taxonomy": "taxonomies",
        "taxonomy_term": "taxonomy_terms",
        "unit": "units",
        "url": "urls",
    }.items()
    for name in (table, plural)
}
_JOINED = ("address", "attribute", "location", "organization", "service_area", "service_at_location", "taxonomy_term")


@dataclass
class Feed:
    """The services of a document, each with what belongs to it, and the extensions of its pages."""

    services: list[Record] = field(default_factory=list)
    extensions: list[Record] = field(default_factory=list)


def collect(document: object, notes: Notes) -> Feed:
    """Return the services of a document: one service, a list, a page, tables, or a list of any of these.

    A service that is given twice is read once.
    """
    feed = Feed()
    parts: dict[str, list[Record]] = {}
    announced = 0
    for i, item in enumerate(document if isinstance(document, list) else [document]):
        if not isinstance(item, dict):
            notes.add("record.not_an_object", "document", "", f"[{i}]")
        elif "contents" in item:
            announced = max(announced, _read_page(item, feed, notes))
        elif "id" not in item and any(_is_part(name, records) for name, records in item.items()):
            for name, records in item.items():
                _read_part(name, records, parts, notes)
        else:
            feed.services.append(item)
    if announced > len(feed.services):
        told = f"{announced} services are announced and {len(feed.services)} were given"
        notes.add("feed.incomplete", "document", "contents", "", told)
    feed.services += _joined(parts, notes)
    feed.services = list(_once(feed.services, notes))
    if not feed.services:
        notes.add("feed.no_services", "document", "", "")
    return feed


def objects(record: Mapping[str, object], name: str, owner: str, notes: Notes) -> list[Record]:
    """Return the objects of a list that a record holds under a name; note what is no list or no object."""
    value = record.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        notes.add("value.wrong_type", name, "", owner)
        return []
    found = [v for v in value if isinstance(v, dict)]
    for _ in range(len(value) - len(found)):
        notes.add("record.not_an_object", name, "", owner)
    return found


def _read_page(page: Record, feed: Feed, notes: Notes) -> int:
    """Take the services of a page and return how many it says there are in all."""
    feed.services += objects(page, "contents", "document", notes)
    extension = page.get(EXTENSION)
    if isinstance(extension, dict) and extension not in feed.extensions:
        feed.extensions.append(extension)
    total = page.get("total_items")
    return total if isinstance(total, int) else 0


def _is_part(name: object, records: object) -> bool:
    return name in _PARTS and isinstance(records, list | dict)


def _read_part(name: str, records: object, parts: dict[str, list[Record]], notes: Notes) -> None:
    table = _PARTS.get(name, "")
    if not table or records is None:
        notes.add("record.not_used", name, "", "")
        return
    if isinstance(records, dict):
        records = records.get("contents", [records])
    parts.setdefault(table, []).extend(objects({table: records}, table, name, notes))


def _joined(parts: Mapping[str, list[Record]], notes: Notes) -> list[Record]:
    """Put the records of the tables into the services that they belong to, as a service in full has them."""
    tables = {name: [dict(record) for record in parts.get(name, [])] for name in (*_JOINED, "service")}
    used = _Links(tables, notes)
    used.attach("taxonomy_term", "attribute", "taxonomy_term_id", "taxonomy_term")
    used.gather("address", "location", "location_id", "addresses")
    used.attach("location", "service_at_location", "location_id", "location")
    used.gather("service_at_location", "service", "service_id", "service_at_locations")
    used.gather("service_area", "service", "service_id", "service_areas")
    used.gather("attribute", "service", "link_id", "attributes", strict=False)
    used.attach("organization", "service", "organization_id", "organization")
    for name in ("location", "organization", "taxonomy_term"):
        used.note_unused(name)
    for name, records in parts.items():
        if name not in tables:
            for record in records:
                notes.add("record.not_used", name, "", key_of(record.get("id")))
    return tables["service"]


class _Links:
    """The tables of a feed while they are put together."""

    def __init__(self, tables: Mapping[str, list[Record]], notes: Notes) -> None:
        self._tables = tables
        self._notes = notes
        self._used: set[int] = set()

    def _by_id(self, table: str) -> dict[str, Record]:
        # Reversed, so that of records with one id the first stands, as everywhere.
        return {key_of(r.get("id")): r for r in reversed(self._tables[table]) if key_of(r.get("id"))}

    def attach(self, table: str, to: str, column: str, name: str) -> None:
        """Give each record of a table the one record of another that it refers to."""
        known = self._by_id(table)
        for record in self._tables[to]:
            wanted = key_of(record.get(column))
            if not wanted or record.get(name) is not None:
                continue
            # One that is not there is noted by whoever reads the record and misses it.
            if wanted in known:
                record[name] = known[wanted]
                self._used.add(id(known[wanted]))

    def gather(self, table: str, to: str, column: str, name: str, *, strict: bool = True) -> None:
        """Give each record of a table the records of another that refer to it."""
        known = self._by_id(to)
        for record in self._tables[table]:
            wanted = key_of(record.get(column))
            if wanted in known:
                there = known[wanted].get(name)
                known[wanted][name] = [*(there if isinstance(there, list) else []), record]
            elif strict:
                self._notes.add("id.unknown", table, column, key_of(record.get("id")) or wanted)
            else:
                self._notes.add("record.not_used", table, "", key_of(record.get("id")))

    def note_unused(self, table: str) -> None:
        """Note the records that nothing refers to."""
        for record in self._tables[table]:
            if id(record) not in self._used:
                self._notes.add("record.not_used", table, "", key_of(record.get("id")))


def _once(services: list[Record], notes: Notes) -> Iterator[Record]:
    """Yield each service that can be told from others once."""
    seen: dict[str, Record] = {}
    for i, service in enumerate(services):
        service_id = key_of(service.get("id"))
        if not service_id and not key_of(service.get("name")):
            notes.add("record.not_recognised", "service", "id", f"[{i}]")
        elif not service_id:
            notes.add("id.missing", "service", "id", key_of(service.get("name")))
            yield {**service, "id": identifier("unnamed", str(i), key_of(service.get("name")))}
        elif service_id not in seen:
            seen[service_id] = service
            yield service
        else:
            code = "id.repeated" if service == seen[service_id] else "id.duplicate"
            notes.add(code, "service", "id", service_id)
