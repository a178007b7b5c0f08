"""A layer of an ArcGIS feature service: asked for page by page, checked against itself, put together as one file.

The protocol is that of *Query (Feature Service/Layer)* in the ArcGIS REST API reference: ``returnCountOnly`` for the number of
features, ``resultOffset`` and ``resultRecordCount`` for pages in the order of ``orderByFields``, and ``exceededTransferLimit``
while there are more. Servers differ in where they say that, so the count has the last word.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from rcp_geo.errors import GeometryError, InputError, IntegrityError
from rcp_geo.io.safety import megabytes, shown
from rcp_geo.io.stored import Pages, StoredLayer, new_file, store
from rcp_geo.io.web import Web

__all__ = ["download"]

# Some hundreds of authorities at most; a layer of wards or of output areas is not what is wanted.
_MOST_FEATURES = 2_000
# The portal states 42 MB for those of Great Britain in full, packed (CTYUA_Dec_2017_GCB_GB_2022); as GeoJSON a few times that.
_MOST_BYTES = 1_000_000_000


def download(web: Web, url: str, folder: Path, *, page_size: int, said: dict[str, Any]) -> StoredLayer:
    """Fetch a layer of polygons into a folder, going on from the pages that have arrived there.

    Parameters
    ----------
    web, url
        The session, and the address of the layer.
    folder
        Where the layer is kept.
    page_size
        Features to ask for at a time; servers may give fewer.
    said
        What else the record is to say.

    Raises
    ------
    GeometryError
        If the layer is not one of polygons.
    InputError
        If it is not one of authorities, or not to be had in pages.
    IntegrityError
        If it cannot be had whole.
    """
    plan = _plan(web, url, page_size)
    pages = Pages.of(folder, plan)
    with new_file(folder) as file:
        try:
            record = _assemble(web, plan, pages, file)
        except _NotWholeError as error:
            # The pages contradict each other or the layer: nothing to go on from.
            pages.clear()
            raise IntegrityError(f"{url}: {error}; call again, which begins anew") from None
        layer = store(folder, file, {**said, **plan, **record})
    pages.clear()
    return layer


class _NotWholeError(Exception):
    """The pages of a layer are not the layer."""


def _plan(web: Web, url: str, page_size: int) -> dict[str, Any]:
    """Ask a layer what it is and how much of it there is."""
    _, about = web.get(url, {"f": "json"})
    if about.get("geometryType") != "esriGeometryPolygon":
        kind = shown(about.get("geometryType") or about.get("type") or "nothing that it names")
        raise GeometryError(f"{url}: the layer is of {kind}, not of polygons; pass the address of a layer of areas")
    formats = about.get("supportedQueryFormats")
    able = about.get("advancedQueryCapabilities")
    if (isinstance(formats, str) and "geojson" not in formats.lower()) or (
        isinstance(able, dict) and able.get("supportsPagination") is False
    ):
        raise InputError(f"{url}: the server does not give the layer as GeoJSON in pages; download the file by hand")
    _, counted = web.get(f"{url}/query", {"where": "1=1", "returnCountOnly": "true", "f": "json"})
    count = counted.get("count")
    if not isinstance(count, int) or isinstance(count, bool) or not 0 < count <= _MOST_FEATURES:
        raise InputError(
            f"{url}: the layer has {shown(count)} features, where boundaries of authorities have 1 to {_MOST_FEATURES:,}; "
            "pass the address of a layer of authorities"
        )
    most = about.get("maxRecordCount")
    size = min(page_size, most) if isinstance(most, int) and most > 0 else page_size
    edited = about.get("editingInfo")
    return {
        "layer": url,
        "count": count,
        "object_id": _object_id(about, url),
        # The server's own date of the last edit, so that pages of two states of a layer are never mixed.
        "last_edit": edited.get("lastEditDate") if isinstance(edited, dict) else None,
        "page_size": size,
    }


def _object_id(about: dict[str, Any], url: str) -> str:
    fields = about.get("fields")
    listed = [f for f in fields if isinstance(f, dict)] if isinstance(fields, list) else []
    names = [about.get("objectIdField"), *(f.get("name") for f in listed if f.get("type") == "esriFieldTypeOID")]
    for name in names:
        if isinstance(name, str) and re.fullmatch(r"\w{1,60}", name, re.ASCII):
            return name
    raise IntegrityError(f"{url}: the layer names no object id, without which its pages have no order; pass another")


def _assemble(web: Web, plan: dict[str, Any], pages: Pages, file: BinaryIO) -> dict[str, Any]:
    """Write the pages of a layer as one GeoJSON file; return the record of what was written."""
    seen: dict[str, int] = {}
    features: dict[str, str] = {}
    records, crs = [], ""
    for offset, body, page in _pages(web, plan, pages):
        here = _crs_of(page)
        if crs not in ("", here):
            raise _NotWholeError(f"the page from feature {offset} on is in {here}, the ones before in {crs}")
        file.write(_head(here) if not crs else b",\n")
        crs = here
        for feature in page["features"]:
            key = _identity(feature, plan["object_id"])
            if key in seen:
                same = "the server gives the same page again" if seen[key] == 0 else "pages overlap"
                raise _NotWholeError(f"feature {key} comes again in the page from feature {offset} on: {same}")
            seen[key] = offset
            code, digest = _fingerprint(feature, plan["object_id"])
            features[code or key] = digest
        if len(seen) > _MOST_FEATURES:
            raise _NotWholeError(f"the layer counts {plan['count']} features and its pages do not end")
        file.write(b",\n".join(_text(f) for f in page["features"]))
        records.append(
            {"offset": offset, "features": len(page["features"]), "sha256": hashlib.sha256(body).hexdigest()}
        )
    if len(seen) != plan["count"]:
        raise _NotWholeError(f"the layer counts {plan['count']} features and its pages hold {len(seen)}")
    file.write(b"\n]}\n")
    return {"crs": crs, "pages": records, "features": features}


def _pages(web: Web, plan: dict[str, Any], pages: Pages) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Yield the pages of a layer, those that arrived before without asking again."""
    offset, total, more = 0, 0, True
    while more:
        body = pages.take(offset)
        if body is None:
            body, page = web.get(f"{plan['layer']}/query", _query(plan, offset))
            fresh = True
        else:
            page, fresh = json.loads(body), False
        found = page.get("features")
        if page.get("type") != "FeatureCollection" or not _is_features(found):
            raise IntegrityError(f"{plan['layer']}: the page from feature {offset} on is not GeoJSON; call again later")
        if fresh:
            pages.keep(offset, body)
        total += len(body)
        if total > _MOST_BYTES:
            raise InputError(f"{plan['layer']}: the layer is above {megabytes(_MOST_BYTES)}; take a coarser resolution")
        if not found:
            return
        yield offset, body, page
        offset += len(found)
        # Servers say it in one of two places, and some not at all; then the count says it.
        more = _exceeded(page) or offset < plan["count"]


def _query(plan: dict[str, Any], offset: int) -> dict[str, str | int]:
    return {
        "where": "1=1",
        "outFields": "*",
        "outSR": 27700,
        "orderByFields": plan["object_id"],
        "resultOffset": offset,
        "resultRecordCount": plan["page_size"],
        "f": "geojson",
    }


def _exceeded(page: dict[str, Any]) -> bool:
    inner = page.get("properties")
    places = (page, inner if isinstance(inner, dict) else {})
    return any(place.get("exceededTransferLimit") is True for place in places)


def _is_features(found: object) -> bool:
    return isinstance(found, list) and all(
        isinstance(f, dict) and isinstance(f.get("properties"), dict) and isinstance(f.get("geometry"), dict)
        for f in found
    )


def _crs_of(page: dict[str, Any]) -> str:
    """Return the coordinate system of a page: the one that it states, or the one that its coordinates can be in."""
    try:
        stated = str(page["crs"]["properties"]["name"])
    except (KeyError, TypeError):
        stated = ""
    match = re.fullmatch(r"(?:urn:ogc:def:crs:)?EPSG:{1,2}(\d{4,6})|urn:ogc:def:crs:OGC:[\d.]*:CRS84", stated, re.ASCII)
    if match:
        return f"EPSG:{match[1] or 4326}"
    if stated:
        raise _NotWholeError(f"the coordinate system {shown(stated)} is not known")
    # GeoJSON is in degrees unless it says otherwise, and the National Grid was asked for: no place in Britain could be both.
    value = page["features"][0]["geometry"].get("coordinates")
    while isinstance(value, list) and value and isinstance(value[0], list):
        value = value[0]
    try:
        degrees = abs(value[0]) <= 180 and abs(value[1]) <= 90
    except (TypeError, IndexError):
        raise _NotWholeError("the first feature has no coordinates") from None
    return "EPSG:4326" if degrees else "EPSG:27700"


def _head(crs: str) -> bytes:
    # Longitude first: by its EPSG name WGS 84 would have latitude first.
    name = "urn:ogc:def:crs:OGC:1.3:CRS84" if crs == "EPSG:4326" else f"urn:ogc:def:crs:{crs.replace(':', '::')}"
    named = json.dumps({"type": "name", "properties": {"name": name}})
    return f'{{"type": "FeatureCollection", "crs": {named}, "features": [\n'.encode()


def _text(feature: dict[str, Any]) -> bytes:
    try:
        return json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except ValueError:
        raise _NotWholeError("a feature holds numbers or texts that JSON does not know") from None


def _identity(feature: dict[str, Any], object_id: str) -> str:
    own = feature["properties"].get(object_id, feature.get("id"))
    if own is None:
        raise _NotWholeError(f"a feature lacks its object id, {object_id}")
    return shown(own)


def _fingerprint(feature: dict[str, Any], object_id: str) -> tuple[str, str]:
    """Return the code of a feature and a digest of all but the ids that the server numbers it with."""
    kept = {k: v for k, v in feature["properties"].items() if k != object_id and k.lower() not in ("globalid", "fid")}
    code = next((str(v) for k, v in kept.items() if re.fullmatch(r"[a-z]+\d\dcd", k, re.IGNORECASE)), "")
    said = json.dumps([kept, feature["geometry"]], sort_keys=True).encode()
    return code, hashlib.sha256(said).hexdigest()[:16]
