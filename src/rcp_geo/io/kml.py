"""Maps as KML and KMZ: what Google Earth and Google My Maps export."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from rcp_geo.errors import InputError
from rcp_geo.io.archive import opened, read_member
from rcp_geo.io.areas import Areas
from rcp_geo.io.places import Places, Sink
from rcp_geo.io.raw import Columns, RawTable, check_size
from rcp_geo.io.safety import (
    MAX_FIELD,
    MAX_FILE,
    MAX_XML_DEPTH,
    MAX_XML_ELEMENTS,
    megabytes,
    read_bytes,
    reading,
    require_plain_xml,
    shown,
)
from rcp_geo.io.text import clean

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["read_kml", "read_kmz"]

_WGS84 = "EPSG:4326"
# Children of a placemark that hold text of their own; the last three stand inside TimeStamp and TimeSpan.
_TEXTS = ("name", "description", "folder", "address", "phoneNumber", "when", "begin", "end")
_HOLDERS = ("Placemark", "TimeSpan", "TimeStamp")
_DATA = (("value", "Data"), ("SimpleData", "SchemaData"))
_SHAPES = ("LineString", "LinearRing", "Polygon", "Model", "Track", "MultiTrack")
_RINGS = ("outerBoundaryIs", "innerBoundaryIs")
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


def read_kml(path: Path, *, folder: str | None = None, sink: type[Sink] = Places) -> RawTable:
    """Read the placemarks of a KML file.

    Parameters
    ----------
    path
        A file that has been found to be plain.
    folder
        Read only the placemarks in the folder of this name.
    sink
        What takes in the geometry.

    Raises
    ------
    InputError
        If it is not well-formed, declares entities, or holds no placemark.
    """
    return _read(read_bytes(path, sink.max_text), shown(path.name), folder, sink)


def read_kmz(path: Path, *, folder: str | None = None, sink: type[Sink] = Places) -> RawTable:
    """Read the placemarks of the KML in a KMZ file: ``doc.kml``, or else the first there is.

    Raises
    ------
    InputError
        As :func:`read_kml`, or if the archive is damaged or hostile.
    """
    name = shown(path.name)
    with opened(path, max(MAX_FILE, sink.max_text)) as archive:
        inside = [m for m in archive.namelist() if m.lower().endswith(".kml")]
        chosen = next((m for m in inside if m.lower() == "doc.kml"), inside[0])
        data = read_member(archive, chosen, sink.max_text, name)
    made = Columns(name)
    if len(inside) > 1:
        others = [shown(m) for m in inside if m != chosen]
        message = f"{shown(chosen)} was read, and {len(others)} other KML files in it were not"
        made.note("file.sheets", "info", message, "unpack it and give the one that is meant", others)
    table = _read(data, name, folder, sink)
    return replace(table, findings=(*made.findings, *table.findings))


def _read(data: bytes, name: str, folder: str | None, sink: type[Sink]) -> RawTable:
    require_plain_xml(data, f"{name}:")
    _require_short_tags(data, name, sink.max_gap)
    target = _Target(name, sink)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    with reading(name, "KML"):
        try:
            # In one piece: expat scans a tag that spans many pieces from its start each time.
            parser.feed(data)
            parser.close()
        except DefusedXmlException as error:
            raise InputError(
                f"{name}: declares a document type or entities, which are never read; export the map again"
            ) from error
        except ParseError as error:
            raise InputError(
                f"{name}: is not well-formed KML ({shown(error)}); it may be damaged or cut short: export the map again"
            ) from error
    return _table(target, name, folder, sink())


def _require_short_tags(data: bytes, name: str, limit: int) -> None:
    """Refuse a tag that is too long: it is parsed as a whole, however many attributes it has."""
    at = 0
    while len(data) - at > limit:
        # Within a tag there is no other mark of this kind.
        found = data.rfind(b"<", at + 1, at + limit)
        if found < 0:
            raise InputError(f"{name}: has a tag or text above {megabytes(limit)}; it is not a map that is read")
        at = found


@dataclass
class _Placemark:
    folders: tuple[str, ...]
    texts: dict[str, str] = field(default_factory=dict)
    values: list[tuple[str, str]] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    # The rings of each polygon, the outer one first, as they are written
    polygons: list[list[str]] = field(default_factory=list)
    shapes: int = 0


class _Target:
    """Takes in the parser's events; keeps what placemarks say and nothing else, so that no tree is ever built."""

    def __init__(self, name: str, sink: type[Sink]) -> None:
        self.name = name
        self._areas = issubclass(sink, Areas)
        self._max_run = sink.max_run
        self.placemarks: list[_Placemark] = []
        self.links = 0
        self._path: list[str] = []
        self._folders: list[str] = []
        self._elements = 0
        self._cells = 0
        self._now: _Placemark | None = None
        self._key = ""
        # The depth of the element whose text is being gathered, none at 0
        self._gathering = 0
        self._gathered: list[str] = []
        self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition("}")[2]
        parent = self._path[-1] if self._path else ""
        self._path.append(local)
        self._elements += 1
        if len(self._path) > MAX_XML_DEPTH or self._elements > MAX_XML_ELEMENTS:
            raise InputError(
                f"{self.name}: is nested more than {MAX_XML_DEPTH} deep or has more than {MAX_XML_ELEMENTS:,} elements; "
                "export only the layer that is needed"
            )
        if self._elements == 1 and local != "kml":
            raise InputError(f"{self.name}: is XML but not KML (it holds {shown(local)}); export the map as KML")
        if self._gathering:
            return  # markup inside a text, left as it is written
        if local in {"Data", "SimpleData"}:
            self._key = attributes.get("name", "")
        if self._now is None:
            self._outside(local, parent)
        elif local == "Placemark":
            raise InputError(f"{self.name}: has a placemark inside a placemark; export the map again")
        elif (local in _TEXTS and parent in _HOLDERS) or (local, parent) in (*_DATA, ("coordinates", "Point")):
            self._gather()
        else:
            self._shape(self._now, local, parent)

    def _outside(self, local: str, parent: str) -> None:
        if local == "Folder":
            self._folders.append("")
        elif local == "NetworkLink":
            self.links += 1
        elif local == "Placemark":
            self._now = _Placemark(tuple(self._folders))
        elif local == "name" and parent == "Folder":
            self._gather()

    def _shape(self, mark: _Placemark, local: str, parent: str) -> None:
        if self._areas and local == "Polygon":
            mark.polygons.append([])
        elif self._areas and (local, parent) == ("coordinates", "LinearRing") and mark.polygons:
            self._gather()
        elif local in _SHAPES and not (self._areas and parent in _RINGS):
            mark.shapes += 1

    def _gather(self) -> None:
        self._gathering, self._gathered, self._length = len(self._path), [], 0

    def data(self, text: str) -> None:
        if not self._gathering:
            return
        self._gathered.append(text)
        self._length += len(text)
        if self._length > (self._max_run if self._path[self._gathering - 1] == "coordinates" else MAX_FIELD):
            raise Columns(self.name).too_long(
                self._path[self._gathering - 1], f"Placemark number {len(self.placemarks) + 1}"
            )

    def end(self, _tag: str) -> None:
        local = self._path[-1]
        if self._gathering == len(self._path):
            self._gathering = 0
            self._keep(local, clean("".join(self._gathered)))
            self._gathered = []
        elif not self._gathering and local == "Folder" and self._now is None:
            self._folders.pop()
        elif not self._gathering and local == "Placemark" and self._now is not None:
            self.placemarks.append(self._now)
            self._cells += len(self._now.texts) + len(self._now.values)
            check_size(self.name, len(self.placemarks), 1)
            check_size(self.name, self._cells, 1)
            self._now = None
        self._path.pop()

    def _keep(self, local: str, text: str) -> None:
        if self._now is None:
            self._folders[-1] = text
        elif local == "coordinates" and self._path[-2] == "LinearRing":
            rings = self._now.polygons[-1]
            rings.insert(0 if "outerBoundaryIs" in self._path else len(rings), text)
        elif local == "coordinates":
            self._now.points.append(text)
        elif local in {"value", "SimpleData"}:
            self._now.values.append((self._key, text))
        else:
            self._now.texts[local] = text

    def close(self) -> None:
        return None


def _table(target: _Target, name: str, folder: str | None, places: Sink) -> RawTable:
    made = Columns(name)
    if target.links:
        made.note(
            "file.network_link",
            "warning",
            f"the map links to {target.links} others on the network, which are never fetched",
            "export it with its data: in Google My Maps, without 'Keep data up to date with network link KML'",
        )
    placemarks = _in_folder(target.placemarks, name, folder)
    if not placemarks:
        remedy = made.findings[0].remedy if made.findings else "export a layer that has some"
        raise InputError(f"{name}: holds no placemarks; {remedy}")
    made.places, made.crs = places, _WGS84
    for placemark in placemarks:
        if any(placemark.folders):
            placemark.texts["folder"] = " / ".join(f for f in placemark.folders if f)
        _take_in(placemark, places)
    # All rows first: a column then holds a value for each.
    made.rows = _labels(placemarks)
    own = [key for key in _TEXTS if key == "name" or any(key in p.texts for p in placemarks)]
    for key in own:
        made.add(key, [p.texts.get(key, "") for p in placemarks])
    data = [dict(reversed(p.values)) for p in placemarks]
    for key in dict.fromkeys(key for p in placemarks for key, _ in p.values):
        values = [row.get(key, "") for row in data]
        # My Maps repeats a placemark's name among its data.
        if key not in own or any(v not in {"", p.texts.get(key, "")} for v, p in zip(values, placemarks, strict=True)):
            made.add(key, values)
    twice = sum(len(p.values) > len(row) for p, row in zip(placemarks, data, strict=True))
    if twice:
        message = f"{twice} placemarks give a value twice, of which the first was read"
        made.note("column.duplicate", "warning", message, "give each column a name of its own")
    return made.table()


def _in_folder(placemarks: list[_Placemark], name: str, folder: str | None) -> list[_Placemark]:
    if folder is None:
        return placemarks
    known = dict.fromkeys(f for p in placemarks for f in p.folders)
    if folder not in known:
        listed = shown(", ".join(known), 300) or "none"
        raise InputError(f"{name}: has no folder {shown(folder)!r} with placemarks; it has {listed}")
    return [p for p in placemarks if folder in p.folders]


def _labels(placemarks: list[_Placemark]) -> list[str]:
    names = [p.texts.get("name", "") for p in placemarks]
    count = Counter(names)
    return [
        f"Placemark '{shown(name)}'" + ("" if name and count[name] == 1 else f" (number {i})")
        for i, name in enumerate(names, start=1)
    ]


def _take_in(placemark: _Placemark, places: Sink) -> None:
    if isinstance(places, Areas):
        _area(placemark, places)
    elif isinstance(places, Places):
        _place(placemark, places)


def _place(placemark: _Placemark, places: Places) -> None:
    if placemark.shapes or len(placemark.points) > 1:
        places.not_point()
    elif not placemark.points or not placemark.points[0]:
        places.none()
    else:
        parts = [part.strip() for part in placemark.points[0].split(",")]
        if len(parts) in {2, 3} and all(_NUMBER.fullmatch(part) for part in parts):
            places.point(float(parts[0]), float(parts[1]))
        else:
            places.broken()


def _area(placemark: _Placemark, areas: Areas) -> None:
    if placemark.shapes or placemark.points:
        areas.not_area()
        return
    try:
        areas.rings([[_ring(text) for text in rings] for rings in placemark.polygons])
    except ValueError:
        areas.broken()


def _ring(text: str) -> NDArray[np.float64]:
    """Read coordinates as KML writes them: numbers by commas, points by white space."""
    points = text.split()
    commas = points[0].count(",") if points else 0
    if commas not in {1, 2} or any(point.count(",") != commas for point in points):
        raise ValueError(shown(text))
    return np.array(",".join(points).split(","), dtype=np.float64).reshape(len(points), commas + 1)
