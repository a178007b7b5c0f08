"""A saved folder as a Data Package: every file, its licence and sources, and every column with its unit.

The descriptor is of version 2 of the Data Package standard (https://datapackage.org/standard/data-package/), which allows
properties of one's own: ``unit`` of a field is the only one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rcp_geo.io.fields import Saved, schema, title
from rcp_geo.io.harmless import harmless

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DESCRIPTOR", "RECORD", "describe_package", "input_path"]

DESCRIPTOR, RECORD = "datapackage.json", "provenance.json"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_MEDIA = {
    "csv": "text/csv",
    "gpkg": "application/geopackage+sqlite3",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
# Names in the list of the Open Definition, which the standard asks for, and where the texts are.
_LICENCES = {
    "CC BY 4.0": ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "Open Government Licence v3.0": (
        "OGL-UK-3.0",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    ),
}


def input_path(name: str) -> str:
    """Return where in a saved folder an input is kept."""
    return f"inputs/{name.replace('.', '_')}.parquet"


def describe_package(
    saved: Saved, inputs: Mapping[str, pd.DataFrame], files: Mapping[str, Mapping[str, Any]], said: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the descriptor of a saved folder.

    Parameters
    ----------
    saved
        The tables.
    inputs
        The inputs that are kept in the folder, by name.
    files
        Path, number of bytes and sha256 of every file but the record and the descriptor, by path.
    said
        The provenance of the answer.
    """
    records = {record["name"]: record for record in said["inputs"]}
    resources = [_output(name, frame, saved, files) for name, frame in saved.frames().items()]
    resources += [_input(name, frame, files, records[name]) for name, frame in inputs.items()]
    record = {"name": "provenance", "path": RECORD, "title": "What the answers were made from, with all digests"}
    resources.append(record | {"format": "json", "mediatype": _MEDIA["json"], "encoding": "utf-8"})
    answer = {
        "$schema": _PROFILE,
        "name": f"rcp-geo-{said['parameters']['as_of']}",
        "id": said["digest"],
        "title": said["title"],
        "description": (
            "Which English local authorities have a service for parents in recurrent care proceedings, and how far people "
            f"travel to one. The id is the digest of inputs and parameters, which {RECORD} lists."
        ),
        "keywords": ["recurrent care proceedings", "local authorities", "England", "accessibility"],
        "contributors": [{"title": "rcp_geo contributors"}],
        "resources": resources,
    }
    terms, sources = _terms(said["inputs"])
    return answer | ({"licenses": terms} if terms else {}) | ({"sources": sources} if sources else {})


def _output(name: str, frame: pd.DataFrame, saved: Saved, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    path = {"nearest": "nearest.parquet", "authorities": "authorities.gpkg"}.get(name, f"{name}.csv")
    described = schema(name, frame, saved.groups, saved.unit)
    if path.endswith(".csv"):
        # Headings are written as cells are, lest one runs as a formula.
        for field in described["fields"]:
            field["name"] = str(harmless(field["name"]))
    return _resource(name, path, files[path], described)


def _input(
    name: str, frame: pd.DataFrame, files: Mapping[str, Mapping[str, Any]], record: Mapping[str, Any]
) -> dict[str, Any]:
    path = input_path(name)
    answer = _resource(name, path, files[path], schema(name, frame))
    terms, sources = _terms([record])
    return answer | ({"licenses": terms} if terms else {}) | ({"sources": sources} if sources else {})


def _resource(name: str, path: str, file: Mapping[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    ending = path.rpartition(".")[2]
    answer: dict[str, Any] = {
        "name": f"{'input-' if path.startswith('inputs/') else ''}{re.sub(r'[._]', '-', name)}",
        "path": path,
        "title": title(name),
        "format": ending,
        "mediatype": _MEDIA[ending],
        "bytes": file["bytes"],
        "hash": f"sha256:{file['sha256']}",
        "schema": described,
    }
    if ending == "csv":
        answer |= {"encoding": "utf-8"}
    # A layer of a GeoPackage is no table to those that read packages.
    return answer | ({} if ending == "gpkg" else {"type": "table"})


def _terms(records: list[Mapping[str, Any]]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the licences and the sources of inputs, each once, as the standard has them."""
    licences = dict.fromkeys(part for r in records for part in str(r["licence"]).split("; ") if part)
    sources = dict.fromkeys(str(r["source"]) for r in records if r["source"])
    return [_licence(text) for text in licences], [{"title": text} for text in sources]


def _licence(text: str) -> dict[str, str]:
    if text in _LICENCES:
        name, path = _LICENCES[text]
        return {"name": name, "path": path, "title": text}
    return {"name": re.sub(r"[^-a-zA-Z0-9._]+", "-", text).strip("-")[:100] or "other", "title": text}
