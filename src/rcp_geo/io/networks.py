"""Road networks from files: which format a file is, by its content, and who reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from rcp_geo.errors import InputError
from rcp_geo.io.graphml import read_graphml
from rcp_geo.io.safety import local_path, reading, shown
from rcp_geo.travel.roads.graphs import COLUMNS, directions
from rcp_geo.travel.roads.lines import Noding, edges_of_lines
from rcp_geo.travel.roads.network import RoadNetwork
from rcp_geo.travel.roads.openroads import is_open_roads, read_open_roads
from rcp_geo.travel.roads.osm import read_osm
from rcp_geo.travel.roads.osmreading import is_osm_pbf
from rcp_geo.travel.roads.osmtags import Profile
from rcp_geo.travel.roads.packages import guarded, layers_of, read_layer
from rcp_geo.travel.roads.settings import RoadSettings
from rcp_geo.travel.roads.tables import EdgeTable, edges_of_table

if TYPE_CHECKING:
    import geopandas as gpd

    from rcp_geo.travel.roads.edges import RoadEdges

__all__ = ["read_network"]

_HEAD = 4096
_ACCEPTED = (
    "a saved network (.arrow), OSMnx's GraphML or GeoPackage, OS Open Roads, an extract of OpenStreetMap (.osm.pbf), or a layer "
    "of lines (GeoPackage, shapefile, GeoJSON, FlatGeobuf, GeoParquet)"
)
# What a saved network may be given anew; the rest is fixed when it is made.
_CHANGEABLE = frozenset({"impedance", "max_snap_m", "access", "access_speed_kmh", "speeds"})


def read_network(
    path: str | Path,
    *,
    layer: str | None = None,
    tolerance_m: float = 0.1,
    noding: Noding = "crossings",
    columns: Mapping[str, str] | None = None,
    profile: Profile = "drive",
    **settings: Unpack[RoadSettings],
) -> RoadNetwork:
    """Read a road network from any usual file, told by its content.

    Parameters
    ----------
    path
        A file on this machine: a network that :meth:`RoadNetwork.save` wrote; a graph of OSMnx as GraphML or GeoPackage; OS Open
        Roads as GeoPackage; an extract of OpenStreetMap as PBF; or a layer of lines as GeoPackage, shapefile, GeoJSON,
        FlatGeobuf or GeoParquet.
    layer
        Which layer of a GeoPackage holds the lines, where it has several.
    tolerance_m, noding, columns
        How lines become a network; see :meth:`RoadNetwork.from_lines`. Other formats do not need them.
    profile
        Who travels (``drive`` or ``walk``) on an extract of OpenStreetMap; see :meth:`RoadNetwork.from_osm`. No other format says
        who may use a road, so that ``walk`` is refused for it.
    settings
        As in :meth:`RoadNetwork.from_edges`. A saved network keeps its own where none are given.

    Returns
    -------
    RoadNetwork

    Raises
    ------
    CrsError
        If the file does not say its coordinate reference system.
    GeometryError, MissingColumnError, DuplicateIdError, InputError
        If the file is not one of these or is damaged, a column or a node is missing, or as in :meth:`RoadNetwork.from_edges`.
    IntegrityError
        If a saved network is damaged.
    MissingExtraError
        If the file is an extract of OpenStreetMap and osmium is not installed.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from pathlib import Path
    >>> from shapely import LineString
    >>> from tempfile import TemporaryDirectory
    >>> road = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (1000, 0)])], crs="EPSG:27700")
    >>> with TemporaryDirectory() as folder:
    ...     road.to_file(Path(folder, "road.gpkg"))
    ...     read_network(Path(folder, "road.gpkg"), impedance="time")
    <RoadNetwork: 2 nodes, 1 edges, time in s>
    """
    file = local_path(path)
    if file.is_dir():
        raise InputError(f"{shown(file.name)}: is a folder, not a file; give {_ACCEPTED}")
    with reading(shown(file.name), "a file"), file.open("rb") as opened:
        head = opened.read(_HEAD)
    if profile != "drive" and not is_osm_pbf(head):
        raise InputError(
            f"{shown(file.name)}: profile {shown(profile)!r} is for extracts of OpenStreetMap (PBF); "
            "no other format says who may use a road"
        )
    if head.startswith(b"ARROW1"):
        return _saved(file, settings)
    lines: dict[str, Any] = {"tolerance_m": tolerance_m, "noding": noding, "columns": columns}
    edges = _reader(file, head, layer, lines, profile)()
    source = {**edges.source, "file": file.name, "sha256": _sha256(file)}
    return RoadNetwork.from_edges(replace(edges, source=source), **settings)


def _saved(file: Path, settings: RoadSettings) -> RoadNetwork:
    fixed = sorted(set(settings) - _CHANGEABLE)
    if fixed:
        raise InputError(
            f"{shown(file.name)}: is a saved network, and {', '.join(fixed)} cannot be changed; make it again from its source"
        )
    network = RoadNetwork.load(file)
    changed: dict[str, Any] = dict(settings)
    return network.using(**changed) if changed else network


def _reader(
    file: Path, head: bytes, layer: str | None, lines: Mapping[str, Any], profile: Profile
) -> Callable[[], RoadEdges]:
    name = shown(file.name)
    if head.startswith(b"SQLite format 3\x00"):
        return lambda: _package(file, layer, lines)
    if layer is not None:
        raise InputError(f"{name}: has no layers; leave out the layer {shown(layer)!r}")
    if is_osm_pbf(head):
        return lambda: read_osm(file, profile)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"<graphml" in text or text.startswith(b"<?xml"):
        return lambda: edges_of_table(read_graphml(file))
    if head.startswith(b"PAR1"):
        return lambda: edges_of_lines(_parquet(file), **lines)
    if head.startswith((b"\x00\x00\x27\x0a", b"fgb\x03")) or text.startswith(b"{"):
        return lambda: edges_of_lines(_layer_of_lines(file), **lines)
    raise InputError(f"{name}: is not a road network; give {_ACCEPTED}")


def _package(file: Path, layer: str | None, lines: Mapping[str, Any]) -> RoadEdges:
    layers = layers_of(file)
    if layer is None and is_open_roads(layers):
        return read_open_roads(file)
    if layer is None and {"u", "v"} <= set(layers.get("edges", ())) and "nodes" in layers:
        return edges_of_table(_osmnx(file, layers))
    if layer is None and len(layers) != 1:
        raise InputError(
            f"{shown(file.name)}: has several layers or none ({', '.join(layers) or 'none'}), which are neither OSMnx's nor "
            "OS Open Roads'; name the one of the roads (layer=)"
        )
    chosen = layer or next(iter(layers))
    if chosen not in layers:
        raise InputError(f"{shown(file.name)}: has no layer {shown(chosen)!r}; it has {', '.join(layers) or 'none'}")
    return edges_of_lines(read_layer(file, chosen, layers[chosen]), **lines)


def _osmnx(file: Path, layers: Mapping[str, list[str]]) -> EdgeTable:
    have = layers["edges"]
    wanted = [c for c in ("u", "v", "from", "to", "oneway", *COLUMNS) if c in have]
    edges = read_layer(file, "edges", wanted)
    if "osmid" not in layers["nodes"]:
        raise InputError(f"{shown(file.name)}, layer nodes: column osmid is missing; save the graph with OSMnx again")
    nodes = read_layer(file, "nodes", ["osmid"])
    said = edges.drop(columns=[edges.geometry.name]).to_dict("records")
    rows = [(row["u"], row["v"], row) for row in said]
    # A file of one row for each street has from and to; one of every direction has a row for each.
    u, v, both_ways = directions(rows, directed=not {"from", "to"} <= set(have))
    return EdgeTable(
        node_id=nodes["osmid"].tolist(),
        points=nodes.geometry,
        u=u,
        v=v,
        lines=edges.geometry.to_crs(nodes.crs).to_numpy(),
        columns={c: edges[c].tolist() for c in COLUMNS if c in edges},
        both_ways=both_ways,
        source={"format": "OSMnx GeoPackage"},
    )


def _parquet(file: Path) -> gpd.GeoDataFrame:
    import geopandas as gpd

    frame: gpd.GeoDataFrame = guarded(shown(file.name), lambda: gpd.read_parquet(file))
    return frame


def _layer_of_lines(file: Path) -> gpd.GeoDataFrame:
    import pyogrio

    frame: gpd.GeoDataFrame = guarded(shown(file.name), lambda: pyogrio.read_dataframe(file, use_arrow=True))
    if not hasattr(frame, "geometry"):
        raise InputError(f"{shown(file.name)}: has no lines; give {_ACCEPTED}")
    return frame


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
