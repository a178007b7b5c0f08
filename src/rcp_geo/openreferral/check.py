"""Documents checked against the parts of the Open Referral UK profile's schema that a directory rests on."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from rcp_geo.openreferral.feed import collect
from rcp_geo.openreferral.notes import Notes
from rcp_geo.openreferral.vocabulary import key_of
from rcp_geo.schema import Finding, counted

__all__ = ["check_openreferral", "schema"]

Schema = Mapping[str, Any]
_TYPES: Mapping[str, Callable[[object], bool]] = {
    "string": lambda v: isinstance(v, str),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}
_REMEDIES = {
    "enum": "use one of the words that the profile allows",
    "format": "write UUIDs, URIs with their scheme, and dates as YYYY-MM-DD",
    "required": "give what the profile requires",
    "type": "give the type that the profile states, or leave the field out",
}


@cache
def schema() -> Schema:
    """Return the JSON Schema of one service in full that documents are checked against."""
    text = files("rcp_geo").joinpath("data", "openreferral_uk_3.schema.json").read_text(encoding="utf-8")
    loaded: Schema = json.loads(text)
    return loaded


def check_openreferral(document: object) -> list[Finding]:
    """Check the services of a document against the Open Referral UK profile 3.0.

    The parts that are checked are in the schema that ships with the library, ``data/openreferral_uk_3.schema.json``:
    required fields, types, allowed words, UUIDs, URIs and dates of services and of the organisations, locations,
    addresses, areas, schedules and taxonomy terms in them. Any JSON Schema validator finds the same.

    Parameters
    ----------
    document
        JSON values in any of the shapes that :func:`from_openreferral` reads.

    Returns
    -------
    list of Finding
        ``openreferral.required``, ``.type``, ``.enum`` and ``.format``, one for each field with the ids of its
        services; ``id.duplicate``, and what of the document is no service at all. Empty where all is well.
    """
    notes = Notes()
    seen: dict[tuple[str, str, str], list[str]] = {}
    for service in collect(document, notes).services:
        for kind, path, problem in violations(service, schema()):
            where = ".".join(("service", *path))
            seen.setdefault((kind, where, problem), []).append(key_of(service.get("id")))
    shape = [f for f in notes.findings() if f.code not in {"record.not_used", "id.repeated", "feed.incomplete"}]
    for (kind, where, problem), ids in seen.items():
        table, _, column = where.rpartition(".") if "." in where else (where, "", "")
        named = tuple(dict.fromkeys(i for i in ids if i))
        told = counted(len(ids), f"records {problem}")
        shape.append(Finding(f"openreferral.{kind}", "error", table, column, named, told, _REMEDIES[kind]))
    return shape


def violations(value: object, rule: Schema) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what a value breaks of a schema: the kind, the path without positions, and the problem in words.

    Only the words of JSON Schema that our own schema uses are known.
    """
    if "$ref" in rule:
        rule = schema()["$defs"][rule["$ref"].rsplit("/", 1)[1]]
    expected = rule.get("type")
    if expected and not _TYPES[expected](value):
        found = "nothing (null)" if value is None else type(value).__name__
        yield "type", (), f"hold {found} where the profile wants {expected}"
        return
    if "enum" in rule and value not in rule["enum"]:
        yield "enum", (), f"hold a word that is none of {', '.join(rule['enum'])}"
    if isinstance(value, str) and not _well_formed(value, rule):
        yield "format", (), f"hold a text that is no {rule.get('format', 'word of the right form')}"
    if isinstance(value, dict):
        yield from _in_object(value, rule)
    elif isinstance(value, list):
        for item in value:
            yield from violations(item, rule.get("items", {}))


def _in_object(value: Mapping[str, object], rule: Schema) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for name in rule.get("required", ()):
        if name not in value:
            yield "required", (name,), "lack a field that the profile requires"
    for name, inner in rule.get("properties", {}).items():
        if name in value:
            for kind, path, problem in violations(value[name], inner):
                yield kind, (name, *path), problem


def _well_formed(text: str, rule: Schema) -> bool:
    if "pattern" in rule and not re.search(rule["pattern"], text):
        return False
    if rule.get("format") == "date":
        try:
            dt.date.fromisoformat(text)
        except ValueError:
            return False
    return True
