"""GeoJSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rcp_geo.errors import CrsError, InputError
from rcp_geo.io.areas import Areas, condensed
from rcp_geo.io.json import load_json
from rcp_geo.io.places import Places, Sink, settle_crs
from rcp_geo.io.raw import Columns, RawTable
from rcp_geo.io.safety import MAX_TEXT, read_bytes, reading, shown
from rcp_geo.io.text import text_of

if TYPE_CHECKING:
    from pyproj import CRS

__all__ = ["is_geojson", "read_geojson"]

_FEATURE = re.compile(rb'"type"\s*:\s*"Feature(Collection)?"')
_OTHER = re.compile(
    rb'"type"\s*:\s*"(Topology|Point|MultiPoint|LineString|MultiLineString|Polygon|MultiPolygon|GeometryCollection)"'
    rb'|"(geometryType)"\s*:\s*"esri'
)
_CRS = re.compile(r"(?:urn:ogc:def:crs:)?(EPSG|OGC):(?:[\d.]*:)?(\d+|CRS84)", re.IGNORECASE)
_NESTED = json.JSONEncoder(ensure_ascii=False, default=text_of).encode


def is_geojson(path: Path, limit: int = MAX_TEXT) -> bool:
    """Say whether JSON of at most ``limit`` bytes holds GeoJSON features.

    Raises
    ------
    InputError
        If it is another kind of geographic JSON.
    """
    data = read_bytes(path, limit)
    if _FEATURE.search(data):
        return True
    if found := _OTHER.search(data[: 1 << 16]):
        kind = (found[1] or b"Esri JSON").decode()
        raise InputError(f"{shown(path.name)}: is JSON of kind {kind} without features; save it as GeoJSON")
    return False


def read_geojson(path: Path, *, sink: type[Sink] = Places) -> RawTable:
    """Read the features of a GeoJSON file: their properties, their points or areas and, if they have one, their id.

    Raises
    ------
    CrsError
        If the file states a coordinate reference system that is not known.
    InputError
        If it is damaged or hostile, or holds no features.
    """
    name = shown(path.name)
    condense = condensed if issubclass(sink, Areas) else None
    top = load_json(read_bytes(path, sink.max_text), name, limit=sink.max_values, condense=condense)
    with reading(name, "GeoJSON"):
        return _table(top, name, sink())


def _table(top: object, name: str, places: Sink) -> RawTable:
    top = top if isinstance(top, dict) else {}
    features = [top] if top.get("type") == "Feature" else top.get("features")
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        raise InputError(f"{name}: holds no list of features; save it as a GeoJSON FeatureCollection")
    made = Columns(name)
    made.places = places
    made.crs = _crs(top, name)
    own_id = not any(isinstance(f.get("properties"), dict) and "id" in f["properties"] for f in features)
    for i, feature in enumerate(features, start=1):
        made.row(f"feature {i}")
        if isinstance(places, Areas):
            places.condensed(feature.get("geometry"))
        elif isinstance(places, Places):
            _place(feature.get("geometry"), places)
        if own_id and feature.get("id") is not None:
            made.put("id", _text(feature["id"]))
        properties = feature.get("properties")
        if properties is None:
            continue
        if not isinstance(properties, dict):
            raise InputError(f"{name}: the properties of feature {i} are not an object; save it as GeoJSON again")
        for key, value in properties.items():
            made.put(key, _text(value))
    return made.table()


def _text(value: object) -> str:
    if isinstance(value, list) and any(isinstance(v, list | dict) for v in value):
        return text_of(_NESTED(value))
    return text_of(value)


def _place(geometry: object, places: Places) -> None:
    if geometry is None:
        places.none()
        return
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    at = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "MultiPoint" and isinstance(at, list) and len(at) == 1:
        kind, at = "Point", at[0]
    if kind == "Point" and isinstance(at, list):
        if not at:
            places.none()
        elif len(at) > 1:
            places.point(at[0], at[1])
        else:
            places.broken()
    elif isinstance(kind, str) and kind != "Point":
        places.not_point()
    else:
        places.broken()


def _crs(top: dict[Any, Any], name: str) -> CRS | str:
    """Return the CRS that files made before the standard of 2016 may state; longitude and latitude otherwise."""
    if "crs" not in top:
        return "EPSG:4326"
    stated = top["crs"]
    properties = stated.get("properties") if isinstance(stated, dict) else None
    label = properties.get("name") if isinstance(properties, dict) else None
    found = _CRS.fullmatch(label) if isinstance(label, str) and len(label) < 100 else None
    if not found:
        raise CrsError(
            f"{name}: states a coordinate reference system that is not known ({shown(label)}); save it in EPSG:4326"
        )
    return "EPSG:4326" if found[2].upper() == "CRS84" else settle_crs(f"EPSG:{found[2]}", name)
