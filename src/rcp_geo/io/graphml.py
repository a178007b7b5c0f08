"""GraphML, as OSMnx saves graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from rcp_geo.errors import CrsError, InputError
from rcp_geo.io.safety import MAX_FIELD, megabytes, read_bytes, reading, require_plain_xml, shown
from rcp_geo.schema import first_of
from rcp_geo.travel.roads.graphs import COLUMNS, directions
from rcp_geo.travel.roads.tables import EdgeTable

__all__ = ["read_graphml"]

# A graph of a county's roads is some 300 MB; what is larger is better kept as a GeoPackage.
_MAX_FILE = 500_000_000
# Some fifteen to an edge, hence two million edges.
_MAX_ELEMENTS = 30_000_000
_MAX_DEPTH = 20
# A coastal road of ten thousand points as text
_MAX_TEXT = 4 * MAX_FIELD
_KEPT = frozenset({*COLUMNS, "x", "y", "crs", "geometry", "oneway", "from", "to"})


def read_graphml(path: Path) -> EdgeTable:
    """Read a graph that OSMnx or networkx saved as GraphML.

    Raises
    ------
    CrsError
        If the graph does not say its CRS.
    InputError
        If it is not well-formed, declares entities, or is not a graph of places.
    """
    name = shown(path.name)
    data = read_bytes(path, _MAX_FILE)
    require_plain_xml(data, f"{name}:")
    target = _Target(name)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    with reading(name, "GraphML"):
        try:
            # In one piece: expat scans a tag that spans many pieces from its start each time.
            parser.feed(data)
            parser.close()
        except DefusedXmlException as error:
            raise InputError(
                f"{name}: declares a document type or entities, which are never read; save the graph again"
            ) from error
        except ParseError as error:
            raise InputError(
                f"{name}: is not well-formed GraphML ({shown(error)}); it may be damaged or cut short: save it again"
            ) from error
    return _table(target, name)


class _Target:
    """Takes in the parser's events; keeps what is read of nodes and edges, and no tree."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.about: dict[str, str] = {}
        self.nodes: dict[str, dict[str, str]] = {}
        self.edges: list[tuple[str, str, dict[str, str]]] = []
        self.directed = True
        self._keys: dict[str, str] = {}
        self._path: list[str] = []
        self._elements = 0
        self._into: dict[str, str] = self.about
        self._label = ""
        self._gathered: list[str] | None = None
        self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition("}")[2]
        self._path.append(local)
        self._elements += 1
        if len(self._path) > _MAX_DEPTH or self._elements > _MAX_ELEMENTS:
            raise InputError(
                f"{self.name}: is nested more than {_MAX_DEPTH} deep or has more than {_MAX_ELEMENTS:,} elements; "
                "save the graph as a GeoPackage"
            )
        if self._elements == 1 and local != "graphml":
            raise InputError(
                f"{self.name}: is XML but not GraphML (it holds {shown(local)}); save the graph as GraphML"
            )
        if local == "key":
            self._keys[attributes.get("id", "")] = attributes.get("attr.name", "")
        elif local == "graph":
            self.directed = attributes.get("edgedefault") != "undirected"
        elif local == "node":
            self._into = self.nodes.setdefault(attributes.get("id", ""), {})
        elif local == "edge":
            self._into = {}
            self.edges.append((attributes.get("source", ""), attributes.get("target", ""), self._into))
        elif local == "data":
            self._label = self._keys.get(attributes.get("key", ""), "")
            self._gathered = [] if self._label in _KEPT else None
            self._length = 0

    def data(self, text: str) -> None:
        if self._gathered is None:
            return
        self._gathered.append(text)
        self._length += len(text)
        if self._length > _MAX_TEXT:
            raise InputError(f"{self.name}: has a {self._label} above {megabytes(_MAX_TEXT)}; save the graph again")

    def end(self, _tag: str) -> None:
        local = self._path.pop()
        if local == "data" and self._gathered is not None:
            self._into[self._label] = "".join(self._gathered)
            self._gathered = None
        elif local in {"node", "edge"}:
            self._into = self.about

    def close(self) -> None:
        return None


def _table(target: _Target, name: str) -> EdgeTable:
    crs = target.about.get("crs")
    if not crs:
        raise CrsError(
            f"{name}: the graph does not say its coordinate reference system (crs); save it with OSMnx again"
        )
    lost = [n for n, said in target.nodes.items() if not {"x", "y"} <= said.keys()]
    if lost or not target.nodes:
        raise InputError(
            f"{name}: {len(lost)} nodes have no x or no y ({first_of(lost) or 'there are none'}); save it again"
        )
    ids = list(target.nodes)
    whole = all(n.removeprefix("-").isascii() and n.removeprefix("-").isdigit() and len(n) < 19 for n in ids)
    with reading(name, "a graph of places"):
        x, y = (np.array([float(said[axis]) for said in target.nodes.values()]) for axis in ("x", "y"))
        points = gpd.GeoSeries(shapely.points(x, y), crs=crs)
        lines = shapely.from_wkt(np.array([said.get("geometry") for *_, said in target.edges], dtype=object))

    def as_id(text: Any) -> Any:  # noqa: ANN401 - an identifier of either kind
        return int(text) if whole else text

    u, v, both_ways = directions(target.edges, directed=target.directed)
    columns = {c: [said.get(c) for *_, said in target.edges] for c in COLUMNS}
    return EdgeTable(
        node_id=[as_id(n) for n in ids],
        points=points,
        u=[as_id(n) if n in target.nodes else n for n in u],
        v=[as_id(n) if n in target.nodes else n for n in v],
        lines=np.asarray(lines, dtype=object).reshape(-1),
        columns={c: values for c, values in columns.items() if any(value is not None for value in values)},
        both_ways=both_ways,
        source={"format": "GraphML", "file": name},
    )
