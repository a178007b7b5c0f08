"""Tables of nodes and directed edges, such as OSMnx makes, as one row per stretch of road."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from rcp_geo.crs import to_bng
from rcp_geo.errors import GeometryError, InputError
from rcp_geo.schema import Finding, counted, first_of, require_unique
from rcp_geo.travel.roads.edges import RoadEdges
from rcp_geo.travel.roads.speeds import class_of, speeds_of_texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EdgeTable", "classes_of", "edges_of_table", "numbers_of", "ragged"]


@dataclass(frozen=True)
class EdgeTable:
    """What a source says of its nodes and edges, row by row, in its own coordinate system.

    Attributes
    ----------
    node_id, points
        Nodes and where they are.
    u, v
        Identifiers of each edge's nodes.
    lines
        Geometry of each edge, None for a straight line.
    columns
        What else is said of each edge: ``length``, ``highway``, ``maxspeed``, ``speed_kph``, ``travel_time``, ``osmid``; any may
        be missing.
    both_ways
        Whether each edge may be travelled back as well. Where it may not, an edge the other way that is otherwise the same makes
        the two of them one street.
    source
        For the provenance.
    findings
        What was noticed on the way.
    """

    node_id: Sequence[Any]
    points: gpd.GeoSeries
    u: Sequence[Any]
    v: Sequence[Any]
    lines: NDArray[np.object_]
    columns: Mapping[str, Sequence[Any]]
    both_ways: NDArray[np.bool_]
    source: Mapping[str, Any]
    findings: tuple[Finding, ...] = field(default=())


def edges_of_table(table: EdgeTable) -> RoadEdges:
    """Return a source's nodes and edges as :class:`RoadEdges`, twins joined into two-way streets.

    Raises
    ------
    DuplicateIdError
        If a node occurs twice.
    CrsError
        If the points have no CRS.
    GeometryError
        If a node has no place or an edge's geometry is not a line.
    InputError
        If an edge names a node that is not there.
    """
    ids = pd.Index(np.asarray(table.node_id, dtype=object))
    require_unique(ids, "nodes", "id")
    points = to_bng(table.points, "nodes").to_numpy()
    x, y = shapely.get_x(points), shapely.get_y(points)
    _require_places(ids, x, y)
    u, v = _positions(ids, table.u), _positions(ids, table.v)
    lines = _moved(table.lines, table.points.crs)
    coords, offsets = ragged(lines, x, y, u, v)
    speed, findings = speeds_of_texts(table.columns.get("maxspeed", [None] * len(u)))
    if "speed_kph" in table.columns:
        speed = np.where(np.isnan(speed), numbers_of(table.columns["speed_kph"]), speed)
    names, codes = classes_of([class_of(h) for h in table.columns.get("highway", [""] * len(u))])
    edges = RoadEdges(
        x=x,
        y=y,
        node_id=_plain(ids),
        u=u,
        v=v,
        length_m=numbers_of(table.columns.get("length", [None] * len(u))),
        oneway=~table.both_ways,
        speed_kmh=speed,
        duration_s=numbers_of(table.columns.get("travel_time", [None] * len(u))),
        road_class=codes,
        classes=names,
        edge_id=_edge_ids(table.columns.get("osmid")),
        coords=coords,
        offsets=offsets,
        findings=(*table.findings, *findings),
        source=table.source,
    )
    return _joined(edges)


def _require_places(ids: pd.Index, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    """Raise :class:`~rcp_geo.errors.GeometryError` unless every node has a place."""
    lost = ~(np.isfinite(x) & np.isfinite(y))
    if lost.any():
        raise GeometryError(
            f"nodes: {int(lost.sum())} have no place on the National Grid ({first_of(ids[lost].tolist())}); "
            "check their coordinates and the CRS"
        )


def _positions(ids: pd.Index, wanted: Sequence[Any]) -> NDArray[np.int32]:
    at = ids.get_indexer(pd.Index(np.asarray(wanted, dtype=object)))
    if (at < 0).any():
        lost = pd.unique(np.asarray(wanted, dtype=object)[at < 0]).tolist()
        raise InputError(
            f"edges: {counted(len(lost), 'nodes are named and are not there')} ({first_of(lost)}); add them to the nodes"
        )
    return at.astype(np.int32)


def _moved(lines: NDArray[np.object_], crs: Any) -> NDArray[np.object_]:  # noqa: ANN401 - pyproj's or what makes one
    """Return lines on the National Grid, None where there is none."""
    there = ~shapely.is_missing(lines)
    wrong = there & (shapely.get_type_id(lines) != shapely.GeometryType.LINESTRING)
    wrong |= there & shapely.is_empty(lines)
    if wrong.any():
        raise GeometryError(
            f"edges.geometry: {counted(int(wrong.sum()), 'rows have a geometry other than a line')} "
            f"({first_of(np.flatnonzero(wrong).tolist())}); "
            "give each edge one line, or none"
        )
    moved = lines.copy()
    if there.any():
        moved[there] = to_bng(gpd.GeoSeries(shapely.force_2d(lines[there]), crs=crs), "edges").to_numpy()
    return moved


def ragged(
    lines: NDArray[np.object_],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    u: NDArray[np.int32],
    v: NDArray[np.int32],
) -> tuple[NDArray[np.float64] | None, NDArray[np.int64] | None]:
    """Return lines as points and offsets, each from its ``u`` to its ``v``; straight where there is none."""
    there = ~shapely.is_missing(lines)
    if not there.any():
        return None, None
    size = np.full(len(lines), 2, dtype=np.int64)
    size[there] = shapely.get_num_coordinates(lines[there])
    offsets = np.r_[0, np.cumsum(size)]
    coords = np.empty((offsets[-1], 2))
    coords[np.repeat(there, size)] = shapely.get_coordinates(lines[there])
    straight = np.flatnonzero(~there)
    coords[offsets[straight]] = np.column_stack([x[u[straight]], y[u[straight]]])
    coords[offsets[straight] + 1] = np.column_stack([x[v[straight]], y[v[straight]]])
    _turn(coords, offsets, x, y, u, v)
    return coords, offsets


def _turn(
    coords: NDArray[np.float64],
    offsets: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    u: NDArray[np.int32],
    v: NDArray[np.int32],
) -> None:
    """Reverse in place the lines that begin nearer to ``v`` and end nearer to ``u``: undirected graphs keep either way."""
    first, last = coords[offsets[:-1]], coords[offsets[1:] - 1]

    def away(at: NDArray[np.float64], node: NDArray[np.int32]) -> NDArray[np.float64]:
        return np.hypot(at[:, 0] - x[node], at[:, 1] - y[node])

    for i in np.flatnonzero(away(first, v) + away(last, u) < away(first, u) + away(last, v)):
        coords[offsets[i] : offsets[i + 1]] = coords[offsets[i] : offsets[i + 1]][::-1].copy()


def numbers_of(values: Sequence[Any]) -> NDArray[np.float64]:
    """Read a column of numbers that may be text; NaN where there is none."""
    return np.asarray(pd.to_numeric(pd.Series(list(values), dtype=object), errors="coerce").to_numpy(dtype=np.float64))


def classes_of(texts: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """Return the classes there are, in the order of their names, and the position of each row's."""
    names, codes = np.unique(np.asarray(texts, dtype=object).astype(str), return_inverse=True)
    if len(names) > np.iinfo(np.int16).max:
        raise InputError(
            f"edges.road_class: {len(names):,} classes of road are too many; name a column of a few kinds of road"
        )
    return tuple(names.tolist()), codes.reshape(-1).astype(np.int16)


def _plain(ids: pd.Index) -> NDArray[Any]:
    """Return ids as integers where they all are, else as they are."""
    kind = pd.api.types.infer_dtype(ids, skipna=False)
    return ids.to_numpy(dtype=np.int64) if kind == "integer" else ids.to_numpy(dtype=object)


def _edge_ids(values: Sequence[Any] | None) -> NDArray[np.object_] | None:
    if values is None:
        return None
    made = np.empty(len(values), dtype=object)
    made[:] = [str(v) if isinstance(v, list | tuple | set) else v for v in values]
    return made


def _joined(edges: RoadEdges) -> RoadEdges:
    """Join each one-way edge with the first that is the same the other way round."""
    waiting: dict[Any, list[int]] = {}
    dropped = np.zeros(len(edges), dtype=bool)
    oneway = edges.oneway.copy()
    # The same sum in the other order may differ in its last digits.
    said = np.round(np.column_stack([edges.length_m, edges.speed_kmh, edges.duration_s]), 4)
    numbered = map(tuple, np.where(np.isnan(said), -1.0, said).tolist())
    rows = zip(
        edges.u.tolist(), edges.v.tolist(), edges.road_class.tolist(), numbered, edges.oneway.tolist(), strict=True
    )
    for i, (u, v, kind, numbers, single) in enumerate(rows):
        if not single:
            continue
        there, back = _shape(edges, i)
        twins = waiting.get((v, u, kind, numbers, back))
        if twins:
            oneway[twins.pop(0)] = False
            dropped[i] = True
        else:
            waiting.setdefault((u, v, kind, numbers, there), []).append(i)
    return replace(edges, oneway=oneway).keep(~dropped, np.ones(len(edges.x), dtype=bool))


def _shape(edges: RoadEdges, i: int) -> tuple[bytes, bytes]:
    if edges.coords is None or edges.offsets is None:
        return b"", b""
    points = edges.coords[edges.offsets[i] : edges.offsets[i + 1]]
    there, back = points.tobytes(), points[::-1].tobytes()
    # Of a loop the way back may be drawn either way round.
    return (min(there, back), min(there, back)) if edges.u[i] == edges.v[i] else (there, back)
