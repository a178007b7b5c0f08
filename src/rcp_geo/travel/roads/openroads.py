"""OS Open Roads: the links and nodes of Ordnance Survey's free road network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from rcp_geo.crs import to_bng
from rcp_geo.errors import InputError, MissingColumnError
from rcp_geo.schema import Finding, counted
from rcp_geo.travel.roads.edges import RoadEdges
from rcp_geo.travel.roads.packages import layers_of, read_layer
from rcp_geo.travel.roads.tables import classes_of, numbers_of, ragged

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["is_open_roads", "read_open_roads"]

# As releases write them, less case and underscores: start_node, startNode.
_NEEDED = ("id", "startnode", "endnode")
_WANTED = (*_NEEDED, "roadfunction", "formofway", "length")
_SLIP = "slip road"
# Ends nearer than this are at one place; Open Roads has coordinates to the centimetre.
_SAME_PLACE_M = 0.01


def is_open_roads(layers: dict[str, list[str]]) -> bool:
    """Say whether a GeoPackage's layers are those of OS Open Roads."""
    return {"roadlink", "roadnode"} <= {_plain(name) for name in layers}


def _plain(name: str) -> str:
    return re.sub(r"[_\s]", "", name).lower()


def read_open_roads(path: Path) -> RoadEdges:
    """Read the GeoPackage of OS Open Roads.

    Raises
    ------
    InputError
        If it is not a GeoPackage, or has no layers ``RoadLink`` and ``RoadNode``.
    MissingColumnError
        If a layer lacks a column.
    """
    layers = layers_of(path)
    by_name = {_plain(name): name for name in layers}
    if not is_open_roads(layers):
        raise InputError(
            f"{path.name}: has no layers RoadLink and RoadNode (it has {', '.join(layers) or 'none'}); "
            "give the GeoPackage of OS Open Roads"
        )
    links = _layer(path, by_name["roadlink"], layers, _WANTED, _NEEDED)
    nodes = _layer(path, by_name["roadnode"], layers, ("id",), ("id",))
    return _edges(links, nodes, path.name)


def _layer(
    path: Path, layer: str, layers: dict[str, list[str]], wanted: tuple[str, ...], needed: tuple[str, ...]
) -> gpd.GeoDataFrame:
    labels = {_plain(label): label for label in layers[layer]}
    # Shapefiles and some releases say identifier.
    labels.setdefault("id", labels.get("identifier", ""))
    missing = [name for name in needed if not labels.get(name)]
    if missing:
        raise MissingColumnError(
            f"{path.name}, layer {layer}: column {', '.join(missing)} is missing (columns found: {', '.join(layers[layer])}); "
            "give the file as Ordnance Survey publishes it"
        )
    kept = {labels[name]: name for name in wanted if labels.get(name)}
    return read_layer(path, layer, list(kept)).rename(columns=kept)


def _edges(links: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, name: str) -> RoadEdges:
    lines = to_bng(links, "RoadLink").to_numpy()
    parts = shapely.get_num_geometries(lines) == 1
    usable = parts & ~shapely.is_missing(lines) & ~shapely.is_empty(lines) & (shapely.get_dimensions(lines) == 1)
    findings = _note(
        links["id"][~usable],
        "edge.no_geometry",
        "warning",
        "have no geometry in one line; they were left out",
        "draw them",
    )
    links, lines = links[usable], lines[usable]
    # Lines of one part only are copied, and there are none as a rule: at national size a copy of all is a gigabyte.
    several = shapely.get_type_id(lines) != shapely.GeometryType.LINESTRING
    lines[several] = shapely.get_geometry(lines[several], 0)
    link_id = links["id"].to_numpy(dtype=object)
    node_id, x, y, u, v, unknown = _nodes(links, nodes, lines)
    findings += _note(
        unknown,
        "network.node_missing",
        "warning",
        "are named by links but are not in RoadNode; the links' ends stand for them",
        "download the file again",
    )
    findings += _unshared(link_id, node_id, x, y, u, v)
    coords, offsets = ragged(lines, x, y, u, v)
    function, form = _text(links, "roadfunction"), _text(links, "formofway")
    slip = {f for f in set(form) if _plain(f) == _plain(_SLIP)}
    names, codes = classes_of([f"{f}, Slip Road" if w in slip else f for f, w in zip(function, form, strict=True)])
    length = numbers_of(links["length"].tolist() if "length" in links else [None] * len(links))
    return RoadEdges(
        x=x,
        y=y,
        node_id=node_id,
        u=u,
        v=v,
        length_m=length,
        road_class=codes,
        classes=names,
        edge_id=link_id,
        coords=coords,
        offsets=offsets,
        findings=tuple(findings),
        source={
            "format": "OS Open Roads",
            "file": name,
            "oneway": "not stated in OS Open Roads: every link is open both ways",
        },
    )


def _text(links: gpd.GeoDataFrame, column: str) -> list[str]:
    if column not in links:
        return [""] * len(links)
    return ["" if v is None or v != v else str(v) for v in links[column].tolist()]  # noqa: PLR0124 - NaN


def _nodes(
    links: gpd.GeoDataFrame, nodes: gpd.GeoDataFrame, lines: NDArray[np.object_]
) -> tuple[
    NDArray[np.object_], NDArray[np.float64], NDArray[np.float64], NDArray[np.int32], NDArray[np.int32], pd.Series
]:
    ids = nodes["id"].to_numpy(dtype=object)
    points = to_bng(nodes, "RoadNode").to_numpy()
    named = pd.Series(np.concatenate([links["startnode"].to_numpy(object), links["endnode"].to_numpy(object)]))
    known = pd.Index(ids)
    known_first = ~known.duplicated()
    known, points = known[known_first], points[known_first]
    fresh = ~named.isin(known).to_numpy()
    extra = named[fresh].drop_duplicates()
    every = known.append(pd.Index(extra.to_numpy(object)))
    at = every.get_indexer(pd.Index(named))
    n = len(links)
    link, is_end = extra.index.to_numpy() % n, extra.index.to_numpy() >= n
    place = np.concatenate([points, shapely.get_point(lines[link], np.where(is_end, -1, 0))])
    # Nodes that no link names are of no use to anyone.
    used = np.unique(at)
    position = np.full(len(every), -1, dtype=np.int32)
    position[used] = np.arange(len(used))
    x, y = shapely.get_x(place[used]), shapely.get_y(place[used])
    return every.to_numpy(object)[used], x, y, position[at[:n]], position[at[n:]], extra


def _unshared(
    link_id: NDArray[np.object_],
    node_id: NDArray[np.object_],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    u: NDArray[np.int32],
    v: NDArray[np.int32],
) -> list[Finding]:
    """Report links that share no node with any other, and places where links end at different nodes."""
    degree = np.bincount(np.r_[u, v], minlength=len(x))
    alone = (degree[u] == 1) & (degree[v] == 1)
    alone |= (u == v) & (degree[u] == 2)
    cells = np.rint(np.column_stack([x, y]) / _SAME_PLACE_M).astype(np.int64)
    _, spot = np.unique(cells, axis=0, return_inverse=True)
    spot = np.asarray(spot).reshape(-1)
    twice = np.bincount(spot)[spot] > 1
    return [
        *_note(
            pd.Series(link_id[alone]),
            "network.link_alone",
            "info",
            "share no node with any other link",
            "see RoadNetwork.info",
        ),
        *_note(
            pd.Series(node_id[twice]),
            "network.nodes_apart",
            "warning",
            "lie at the place of another node, and no link passes from one to the other",
            "check whether they should be one node",
        ),
    ]


def _note(ids: pd.Series, code: str, severity: str, said: str, remedy: str) -> list[Finding]:
    if not len(ids):
        return []
    table = "RoadLink" if code.startswith("edge") or code.endswith("alone") else "RoadNode"
    texts = tuple(ids.astype(str))
    what = "links" if table == "RoadLink" else "nodes"
    return [
        Finding(
            code,
            "info" if severity == "info" else "warning",
            table,
            "id",
            texts,
            counted(len(texts), f"{what} {said}"),
            remedy,
        )
    ]
