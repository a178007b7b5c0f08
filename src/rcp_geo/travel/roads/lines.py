"""Lines on a map into a network: split where they meet, bridges and tunnels kept apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import shapely

from rcp_geo.crs import to_bng
from rcp_geo.errors import GeometryError, InputError, MissingColumnError
from rcp_geo.schema import Finding, counted, first_of
from rcp_geo.travel.roads.edges import FERRY, RoadEdges
from rcp_geo.travel.roads.graphs import is_true
from rcp_geo.travel.roads.speeds import class_of, speeds_of_texts
from rcp_geo.travel.roads.tables import classes_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["Noding", "edges_of_lines"]

Noding = Literal["crossings", "vertices"]

# The column that each thing is read from where no other is named: OSM's keys.
_COLUMNS: Mapping[str, str] = {
    "road_class": "highway",
    "oneway": "oneway",
    "maxspeed": "maxspeed",
    "duration_s": "duration_s",
    "junction": "junction",
    "layer": "layer",
    "bridge": "bridge",
    "tunnel": "tunnel",
    "route": "route",
    "ferry": "ferry",
}
_FORWARD = frozenset({"yes", "true", "1", "1.0", "t", "f"})
_BACKWARD = frozenset({"-1", "-1.0", "reverse", "b"})
_BOTH = frozenset({"", "no", "false", "0", "0.0", "none", "nan", "<na>"})
# OSM's rule: these are one-way without saying so.
_ONEWAY_CLASSES = frozenset({"motorway"})
_ONEWAY_JUNCTIONS = frozenset({"roundabout", "circular"})
_GROUND = 0
# Half of a piece lies between its quarters, and so it does on a line along it, but for the bends and the rounding.
_ALONG = 0.4


@dataclass(frozen=True, eq=False)
class _Ways:
    """Lines in one piece each.

    Attributes
    ----------
    lines, row
        Geometry, and the row each is of.
    level
        Number of its level; 0 is the ground.
    opened
        Whether a line that lies on it may be travelled the other way.
    """

    lines: NDArray[np.object_]
    row: NDArray[np.intp]
    level: NDArray[np.intp]
    opened: NDArray[np.bool_]


def edges_of_lines(
    frame: gpd.GeoDataFrame, *, tolerance_m: float, noding: Noding, columns: Mapping[str, str] | None
) -> RoadEdges:
    """Return a layer of lines as :class:`RoadEdges`; see :meth:`RoadNetwork.from_lines`.

    Raises
    ------
    CrsError
        If the frame has no CRS.
    GeometryError
        If a row is not a line.
    MissingColumnError
        If a column that was named is not there.
    InputError
        If there is no line, the tolerance is not above 0, or ``noding`` or a key of ``columns`` is not known.
    """
    _require_settings(tolerance_m, noding, columns)
    read = _columns(frame, columns or {})
    lines, findings = _lines(frame, "lines")
    afloat = _ferries(read, len(frame))
    ways = _exploded(lines, _levels(read, afloat))
    if not len(ways.lines):
        raise InputError("lines: there is none with any extent; give a layer of roads")
    ends = _end_points(ways)
    turned, oneway, unread = _directions(read, len(frame))
    if noding == "crossings":
        ways, covered = _crossed(ways, turned, oneway, tolerance_m)
        findings += _overlaps(frame.index[covered])
    ways = _with_raised_ends(ways, ends, tolerance_m)
    x, y, u, v, way, coords, offsets = _split(ways, ends, tolerance_m)
    row = ways.row[way]
    speed, bad_speeds = speeds_of_texts(read["maxspeed"]) if "maxspeed" in read else (np.full(len(frame), np.nan), [])
    classes = read.get("road_class", [""] * len(frame))
    names, codes = classes_of([FERRY if boat else class_of(c) for c, boat in zip(classes, afloat, strict=True)])
    duration = pd.to_numeric(read["duration_s"], errors="coerce").to_numpy(np.float64) if "duration_s" in read else None
    against = turned[row]
    edges = RoadEdges(
        x=x,
        y=y,
        u=np.where(against, v, u),
        v=np.where(against, u, v),
        oneway=oneway[row] & ~ways.opened[way],
        speed_kmh=speed[row],
        road_class=codes[row],
        classes=names,
        edge_id=frame.index.to_numpy(dtype=object)[row],
        coords=_reversed(coords, offsets, against),
        offsets=offsets,
        findings=(*findings, *unread, *bad_speeds),
        source={"format": "lines", "noding": noding, "tolerance_m": tolerance_m, "rows": len(frame)},
    )
    return _with_lengths(edges, row, duration)


def _require_settings(tolerance_m: float, noding: str, columns: Mapping[str, str] | None) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` unless the settings can be used."""
    if not (np.isfinite(tolerance_m) and tolerance_m > 0):
        raise InputError(f"tolerance_m: {tolerance_m!r} is not a distance; give metres above 0")
    if noding not in {"crossings", "vertices"}:
        raise InputError(f"noding: {noding!r} is not known; use crossings or vertices")
    strange = [key for key in columns or {} if key not in _COLUMNS]
    if strange:
        raise InputError(f"columns: {', '.join(strange)} are not known; the keys are {', '.join(_COLUMNS)}")


def _columns(frame: gpd.GeoDataFrame, named: Mapping[str, str]) -> dict[str, pd.Series]:
    missing = [label for label in named.values() if label not in frame.columns]
    if missing:
        raise MissingColumnError(f"lines: column {', '.join(missing)} is missing; add it or name another")
    labels = {**_COLUMNS, **named}
    return {key: frame[label] for key, label in labels.items() if label in frame.columns}


def _lines(frame: gpd.GeoDataFrame, table: str) -> tuple[NDArray[np.object_], list[Finding]]:
    geometry = to_bng(frame, table).to_numpy()
    missing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    kinds = (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING, shapely.GeometryType.MULTILINESTRING)
    wrong = ~missing & ~np.isin(shapely.get_type_id(geometry), kinds)
    if wrong.any():
        raise GeometryError(
            f"{table}.geometry: {counted(int(wrong.sum()), 'rows have a geometry other than a line')} "
            f"({first_of(frame.index[wrong].tolist())}); "
            "keep only the roads"
        )
    if not missing.any():
        return shapely.force_2d(geometry), []
    ids = tuple(frame.index[missing].astype(str))
    message = counted(len(ids), "rows have no geometry and were left out")
    return shapely.force_2d(geometry), [
        Finding("edge.no_geometry", "warning", table, "geometry", ids, message, "draw them")
    ]


def _ferries(read: Mapping[str, pd.Series], n: int) -> NDArray[np.bool_]:
    """Say which lines are crossings by boat: OSM's ``route=ferry``, or a column that says so."""
    afloat = np.zeros(n, dtype=bool)
    if "route" in read:
        afloat |= np.array([str(v).strip().casefold() == FERRY for v in read["route"]], dtype=bool)
    if "ferry" in read:
        afloat |= np.array([_is_built(v) for v in read["ferry"]], dtype=bool)
    return afloat


def _levels(read: Mapping[str, pd.Series], afloat: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the level of each line: 0 on the ground, and a number of its own for every mix of the rest.

    That is of layer, bridge, tunnel and ferry: a boat passes over and under everything but its landings.
    """
    n = len(afloat)
    layer = np.zeros(n)
    if "layer" in read:
        layer = np.nan_to_num(pd.to_numeric(read["layer"], errors="coerce").to_numpy(np.float64))
    over, under = (
        np.array([_is_built(x) for x in read[k]], dtype=bool) if k in read else np.zeros(n, dtype=bool)
        for k in ("bridge", "tunnel")
    )
    mix = np.column_stack([layer, over, under, afloat])
    _, number = np.unique(np.vstack([np.zeros(4), mix]), axis=0, return_inverse=True)
    number = np.asarray(number).reshape(-1)
    return np.where(number[1:] == number[0], _GROUND, number[1:] + 1)


def _is_built(value: object) -> bool:
    """Say whether a way is a bridge, tunnel or ferry: any word but no (viaduct, culvert, yes)."""
    if isinstance(value, str):
        return value.strip().lower() not in _BOTH
    return is_true(value)


def _exploded(lines: NDArray[np.object_], level: NDArray[np.intp]) -> _Ways:
    parts, row = shapely.get_parts(lines, return_index=True)
    parts = shapely.remove_repeated_points(parts)
    long = shapely.length(parts) > 0
    return _Ways(parts[long], row[long], level[row[long]], np.zeros(int(long.sum()), dtype=bool))


def _end_points(ways: _Ways) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return both ends of every way as it was drawn, and the level of each."""
    points = [shapely.get_coordinates(shapely.get_point(ways.lines, at)) for at in (0, -1)]
    return np.concatenate(points), np.concatenate([ways.level, ways.level])


def _overlaps(rows: pd.Index) -> list[Finding]:
    if not len(rows):
        return []
    message = counted(
        len(rows), "rows lie on others: what lies together is one road, open in every direction that any of it is"
    )
    remedy = "draw each road once, or check that class and speed of the first are right"
    return [Finding("edge.overlap", "warning", "lines", "geometry", tuple(rows.astype(str)), message, remedy)]


def _crossed(
    ways: _Ways, turned: NDArray[np.bool_], oneway: NDArray[np.bool_], tolerance_m: float
) -> tuple[_Ways, NDArray[np.intp]]:
    """Split ways of one level wherever they cross, touch or nearly touch.

    Where several lie on one another, the first is kept, in whatever directions any of them may be travelled; the rows of the
    others are told.
    """
    lines, row, level, opened, covered = [], [], [], [], [np.empty(0, dtype=np.intp)]
    for number in np.unique(ways.level):
        own = np.flatnonzero(ways.level == number)
        noded = shapely.get_parts(shapely.union_all(ways.lines[own], grid_size=tolerance_m))
        noded = noded[shapely.get_type_id(noded) == shapely.GeometryType.LINESTRING]
        parent, piece, line = _parents(noded, ways.lines[own], tolerance_m)
        against = _is_against(noded[piece], ways.lines[own][line])
        # Of each pair, the way in which the line may be travelled along the piece, and that of the piece's parent.
        first = np.searchsorted(piece, np.arange(len(noded)))
        way = turned[ways.row[own][line]] ^ against
        other = line != parent[piece]
        opens = other & (~oneway[ways.row[own][line]] | (way != way[first][piece]))
        lines.append(_along_parents(noded, ways.lines[own][parent]))
        row.append(ways.row[own][parent])
        level.append(np.full(len(noded), number))
        opened.append(np.bincount(piece[opens], minlength=len(noded)) > 0)
        covered.append(ways.row[own][line[other]])
    made = _Ways(np.concatenate(lines), np.concatenate(row), np.concatenate(level), np.concatenate(opened))
    order = np.argsort(made.row, kind="stable")
    return (
        _Ways(made.lines[order], made.row[order], made.level[order], made.opened[order]),
        np.unique(np.concatenate(covered)),
    )


def _parents(
    pieces: NDArray[np.object_], lines: NDArray[np.object_], tolerance_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return the line that each piece is of, and pieces and lines that lie on one another, each piece's own line first.

    A piece is of the line that it strays from least, the first of several.
    """
    tree = shapely.STRtree(lines)
    piece, line = tree.query(pieces, predicate="dwithin", distance=tolerance_m)
    at = {f: shapely.line_interpolate_point(pieces, f, normalized=True) for f in (0.25, 0.5, 0.75)}
    # Within the tolerance all are as good: a line lies on its pieces but for the rounding of their ends.
    away = np.maximum(*(shapely.distance(at[f][piece], lines[line]) / tolerance_m for f in (0.5, 0.25)))
    order = np.lexsort((line, np.round(away, 3), piece))
    piece, line, away = piece[order], line[order], away[order]
    first = np.r_[True, piece[1:] != piece[:-1]][: len(piece)]
    # A line that only passes through a short piece is near it, but does not run along it.
    near = np.flatnonzero(first | (away <= 1))
    a, b = (shapely.line_locate_point(lines[line[near]], at[f][piece[near]]) for f in (0.25, 0.75))
    along = np.abs(b - a) >= _ALONG * shapely.length(pieces)[piece[near]]
    along &= shapely.distance(at[0.75][piece[near]], lines[line[near]]) <= tolerance_m
    near = near[first[near] | along]
    return line[first], piece[near], line[near]


def _is_against(pieces: NDArray[np.object_], lines: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which pieces run against the line they lie on."""
    a, b = (
        shapely.line_locate_point(lines, shapely.line_interpolate_point(pieces, at, normalized=True))
        for at in (0.4, 0.6)
    )
    return np.asarray(b < a)


def _along_parents(pieces: NDArray[np.object_], parents: NDArray[np.object_]) -> NDArray[np.object_]:
    """Turn the pieces that run against the line they are of."""
    if not len(pieces):
        return pieces
    against = _is_against(pieces, parents)
    turned = pieces.copy()
    turned[against] = shapely.reverse(pieces[against])
    return turned


def _with_raised_ends(ways: _Ways, ends: tuple[NDArray[np.float64], NDArray[np.intp]], tolerance_m: float) -> _Ways:
    """Give ways a vertex where a way of another level, not the ground, ends on them: it joins them there."""
    raised = np.flatnonzero(ends[1] != _GROUND)
    if not len(raised):
        return ways
    points = shapely.points(ends[0][raised])
    tree = shapely.STRtree(ways.lines)
    p, line = tree.query(points, predicate="dwithin", distance=tolerance_m)
    other = ways.level[line] != ends[1][raised][p]
    p, line = p[other], line[other]
    lines = ways.lines.copy()
    for i in np.unique(line):
        there = points[p[line == i]]
        lines[i] = _with_vertices(lines[i], there, tolerance_m)
    return _Ways(lines, ways.row, ways.level, ways.opened)


def _with_vertices(line: Any, points: NDArray[np.object_], tolerance_m: float) -> Any:  # noqa: ANN401 - a shapely line
    xy = shapely.get_coordinates(line)
    place = np.r_[0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T))]
    found = shapely.line_locate_point(line, points)
    inner = (found > tolerance_m) & (found < place[-1] - tolerance_m)
    if not inner.any():
        return line
    every = np.concatenate([xy, shapely.get_coordinates(points[inner])])
    order = np.argsort(np.r_[place, found[inner]], kind="stable")
    return shapely.linestrings(every[order])


def _split(ways: _Ways, ends: tuple[NDArray[np.float64], NDArray[np.intp]], tolerance_m: float) -> tuple[Any, ...]:
    """Cut ways at the vertices that they share, and number the nodes; pieces are told by the number of their way.

    Vertices are one where they fall into one cell of a grid of the tolerance. Ways of one level share any vertex; ways of
    different levels share it only where one of them was drawn to end.
    """
    xy, way = shapely.get_coordinates(ways.lines, return_index=True)
    cells = np.rint(np.concatenate([xy, ends[0]]) / tolerance_m).astype(np.int64)
    _, spot = np.unique(cells, axis=0, return_inverse=True)
    spot = np.asarray(spot).reshape(-1)
    spot, end_spot = spot[: len(xy)], spot[len(xy) :]
    level = ways.level[way]
    levels_at = pd.DataFrame({"spot": spot, "level": level}).drop_duplicates().groupby("spot")["level"].size()
    n = int(spot.max(initial=-1)) + 2 if len(end_spot) == 0 else max(int(spot.max(initial=-1)), int(end_spot.max())) + 1
    several, is_end = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    several[levels_at.index[levels_at > 1]] = True
    is_end[end_spot] = True
    joined = several & is_end
    # A node is a spot, and where levels pass each other without meeting, a spot on one level.
    key = spot * (int(level.max(initial=0)) + 2) + np.where(joined[spot], 0, level + 1)
    _, node = np.unique(key, return_inverse=True)
    node = np.asarray(node).reshape(-1)
    again = np.bincount(node)[node] > 1
    at_end = np.r_[True, way[1:] != way[:-1]] | np.r_[way[1:] != way[:-1], True]
    cut = again | at_end
    stops = np.flatnonzero(cut)
    start, stop = stops[:-1], stops[1:]
    within = way[start] == way[stop]
    start, stop = start[within], stop[within]
    # A piece of no extent, within one cell, is no edge.
    real = (node[start] != node[stop]) | (stop - start > 1)
    start, stop = start[real], stop[real]
    size = stop - start + 1
    offsets = np.r_[0, np.cumsum(size)]
    of = np.repeat(start - offsets[:-1], size) + np.arange(offsets[-1])
    used, ends_of = np.unique(np.r_[node[start], node[stop]], return_inverse=True)
    ends_of = np.asarray(ends_of).reshape(-1)
    first = np.unique(node, return_index=True)[1]
    return (
        xy[first[used], 0],
        xy[first[used], 1],
        ends_of[: len(start)].astype(np.int32),
        ends_of[len(start) :].astype(np.int32),
        way[start],
        xy[of],
        offsets,
    )


def _directions(read: Mapping[str, pd.Series], n: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_], list[Finding]]:
    """Return which rows are travelled against the way they were drawn, which are one-way, and what could not be read."""
    kinds = [class_of(c).lower() for c in read["road_class"]] if "road_class" in read else [""] * n
    junctions = [str(j).lower() for j in read["junction"]] if "junction" in read else [""] * n
    said = [str(o).strip().lower() for o in read["oneway"]] if "oneway" in read else [""] * n
    turned, oneway, strange = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool), []
    for i, (word, kind, junction) in enumerate(zip(said, kinds, junctions, strict=True)):
        silent = word in {"", "none", "nan", "<na>"}
        turned[i] = word in _BACKWARD
        oneway[i] = turned[i] or word in _FORWARD
        oneway[i] |= silent and (kind in _ONEWAY_CLASSES or junction in _ONEWAY_JUNCTIONS)
        if word not in _FORWARD | _BACKWARD | _BOTH:
            strange.append(word)
    if not strange:
        return turned, oneway, []
    message = counted(len(strange), "rows say of one-way what cannot be read; they were taken to be open both ways")
    remedy = "write yes, no or -1"
    ids = tuple(dict.fromkeys(strange))
    return turned, oneway, [Finding("edge.oneway", "warning", "lines", "oneway", ids, message, remedy)]


def _reversed(coords: NDArray[np.float64], offsets: NDArray[np.int64], which: NDArray[np.bool_]) -> NDArray[np.float64]:
    size = np.diff(offsets)
    of = np.repeat(np.arange(len(size)), size)
    place = np.arange(len(coords)) - offsets[:-1][of]
    return coords[np.where(which[of], offsets[1:][of] - 1 - place, np.arange(len(coords)))]


def _with_lengths(edges: RoadEdges, row: NDArray[np.intp], duration: NDArray[np.float64] | None) -> RoadEdges:
    """Measure every piece, and share a row's duration out by length."""
    length = edges.measured_m
    edges = replace(edges, length_m=length)
    if duration is None:
        return edges
    whole = np.bincount(row, weights=length, minlength=len(duration))
    return replace(edges, duration_s=duration[row] * length / whole[row])
