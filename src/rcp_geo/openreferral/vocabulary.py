"""Words that writing and reading share: identifiers, columns, statuses."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping

from rcp_geo.schema import TABLES

__all__ = [
    "AREA_URI",
    "CELL_TYPE",
    "COLUMNS",
    "DISTRICT_SCHEME",
    "EXTENSION",
    "FAMILY_TAXONOMY",
    "PART_OF",
    "STAGE_TAXONOMY",
    "STATUS_TO_STANDARD",
    "VERSION",
    "Record",
    "identifier",
    "key_of",
]

Record = dict[str, object]

EXTENSION = "x_rcp_geo"
VERSION = 1
AREA_URI = "http://statistics.data.gov.uk/id/statistical-geography/"
DISTRICT_SCHEME = "UK postcode district"
FAMILY_TAXONOMY = "rcp_geo family"
STAGE_TAXONOMY = "rcp_geo stage"
PART_OF = "Part of "
# The types that a column may be read back with: numbers, truth values and times. The rest is text, or mixed.
CELL_TYPE = re.compile(
    r"u?int\d+|float\d+|bool(ean)?|U?Int\d+|Float\d+|datetime64\[\w+(, [\w/+:-]+)?\]|category|object", re.ASCII
)
STATUS_TO_STANDARD: Mapping[str, str] = {"operating": "active", "paused": "temporarily closed", "closed": "defunct"}

# Here a site's point is two numbers.
COLUMNS: Mapping[str, tuple[str, ...]] = dict(TABLES) | {"sites": (*TABLES["sites"], "longitude", "latitude")}


def identifier(kind: str, *parts: str) -> str:
    """Return the UUID (version 5) of one of our records: the same at every export, different for every record."""
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "urn:rcp_geo:openreferral")
    return str(uuid.uuid5(namespace, json.dumps([kind, *parts])))


def key_of(value: object) -> str:
    """Return a value as an identifier, blank where it cannot be one."""
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
