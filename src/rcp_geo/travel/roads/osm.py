"""Extracts of OpenStreetMap (PBF) into a network, read in two passes and split where ways meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rcp_geo.errors import InputError
from rcp_geo.schema import Finding, counted
from rcp_geo.travel.roads.edges import FERRY, RoadEdges
from rcp_geo.travel.roads.osmreading import OsmFile, OsmNodes, OsmWays, read_nodes, read_ways
from rcp_geo.travel.roads.osmtags import FERRY_SOURCE, RULES, Profile, ferry_speed
from rcp_geo.travel.roads.speeds import WALK_KMH, WALK_SOURCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["read_osm"]

_RULES_SOURCE = (
    "OpenStreetMap Wiki (OSM tags for routing; keys access, oneway, maxspeed, maxspeed:type, duration, motorroad) and the "
    "default profiles of OSRM, GraphHopper and OpenTripPlanner"
)
_NOT_READ = "turn restrictions, restrictions by hour or weight, ferries that only a relation describes, areas"


def read_osm(path: Path, profile: Profile) -> RoadEdges:
    """Read the ways of an extract of OpenStreetMap that a traveller may use.

    Raises
    ------
    MissingExtraError
        If osmium is not installed.
    InputError
        If the file is not an extract in PBF, is damaged or a history, has no usable way, or the profile is not known.
    GeometryError
        If nodes lie where the National Grid does not reach.
    """
    if profile not in RULES:
        raise InputError(f"profile: {profile!r} is not known; use one of {', '.join(RULES)}")
    file = OsmFile(path)
    ways = read_ways(file, profile)
    if not len(ways.id):
        raise InputError(f"{path.name}: has no way that profile {profile!r} may use; check the extract and the profile")
    nodes = read_nodes(file, ways, profile)
    if not len(nodes.id):
        raise InputError(
            f"{path.name}: none of the nodes of its ways are in it; make the extract anew, with the nodes of its ways"
        )
    return _edges(path.name, profile, ways, nodes)


# ---------------------------------------------------------------------------------------------------- splitting


@dataclass(frozen=True, eq=False)
class _Steps:
    """Nodes along ways, one after the other, less those that are not in the file.

    Attributes
    ----------
    node, way
        Position of the node, and of the way it is on.
    first, last
        Whether a run of nodes begins or ends here: at the ends of a way, and where nodes are missing.
    broken
        Ways with missing nodes.
    """

    node: NDArray[np.int32]
    way: NDArray[np.int32]
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]
    broken: NDArray[np.int32]


def _steps(ways: OsmWays, nodes: OsmNodes, once: NDArray[np.bool_]) -> _Steps:
    refs = np.asarray(ways.refs)
    way = np.repeat(np.arange(len(ways.id), dtype=np.int32), np.asarray(ways.size))
    # What is not there is after the last of all.
    node = np.minimum(np.searchsorted(nodes.id, refs), len(nodes.id) - 1).astype(np.int32)
    there = nodes.id[node] == refs
    broken = np.unique(way[~there])
    # A run ends where the way does, and where the next node is missing.
    same = (way[1:] == way[:-1]) & there[1:] & there[:-1]
    # The same node twice in a row is one.
    kept = there & once[way] & np.r_[True, ~(same & (node[1:] == node[:-1]))][: len(node)]
    run = np.cumsum(np.r_[True, ~same][: len(node)])[kept]
    first, last = _ends(run)
    # A node by itself is no road.
    road = ~(first & last)
    return _Steps(node[kept][road], way[kept][road], first[road], last[road], broken)


def _ends(run: NDArray[np.intp]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    changes = run[1:] != run[:-1]
    one = np.ones(min(len(run), 1), dtype=bool)
    return np.concatenate([one, changes]), np.concatenate([changes, one])


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Ways split where they meet: the steps at which each piece starts and stops."""

    start: NDArray[np.intp]
    stop: NDArray[np.intp]
    u: NDArray[np.int64]
    v: NDArray[np.int64]


def _split(steps: _Steps, nodes: OsmNodes) -> tuple[_Pieces, OsmNodes, int]:
    """Cut ways at nodes that they share, and part them at nodes that stop the traveller; return how many of these there are."""
    again = np.bincount(steps.node, minlength=len(nodes.id)) > 1
    stops = np.flatnonzero(steps.first | steps.last | again[steps.node] | nodes.barred[steps.node])
    within = ~steps.last[stops[:-1]]
    start, stop = stops[:-1][within], stops[1:][within]
    ends = np.concatenate([steps.node[start], steps.node[stop]])
    # Every piece that ends at a barrier gets an end of its own there: one keeps the node, for the others it is copied.
    at = np.flatnonzero(nodes.barred[ends])
    _, kept = np.unique(ends[at], return_index=True)
    copied = np.delete(at, kept)
    originals = ends[copied]
    ends[copied] = len(nodes.id) + np.arange(len(copied))
    every = OsmNodes(
        np.concatenate([nodes.id, -1 - np.arange(len(copied))]),
        np.concatenate([nodes.x, nodes.x[originals]]),
        np.concatenate([nodes.y, nodes.y[originals]]),
        np.concatenate([nodes.barred, np.ones(len(copied), dtype=bool)]),
    )
    return _Pieces(start, stop, ends[: len(start)], ends[len(start) :]), every, len(np.unique(originals))


# ----------------------------------------------------------------------------------------------------- together


def _edges(name: str, profile: Profile, ways: OsmWays, nodes: OsmNodes) -> RoadEdges:
    way_id = np.asarray(ways.id)
    once = np.zeros(len(way_id), dtype=bool)
    once[np.unique(way_id, return_index=True)[1]] = True
    steps = _steps(ways, nodes, once)
    pieces, every, barriers = _split(steps, nodes)
    if not len(pieces.start):
        raise InputError(
            f"{name}: no two nodes of any way are in it; make the extract anew, with the nodes of its ways"
        )
    way = steps.way[pieces.start]
    size = pieces.stop - pieces.start + 1
    offsets = np.r_[0, np.cumsum(size)]
    along = steps.node[np.repeat(pieces.start - offsets[:-1], size) + np.arange(offsets[-1])]
    used, inverse = np.unique(np.concatenate([pieces.u, pieces.v]), return_inverse=True)
    ends = np.asarray(inverse, dtype=np.int32).reshape(-1)
    names = sorted(ways.kinds)
    number = np.array([names.index(kind) for kind in ways.kinds], dtype=np.int16)
    edges = RoadEdges(
        x=every.x[used],
        y=every.y[used],
        node_id=every.id[used],
        u=ends[: len(way)],
        v=ends[len(way) :],
        oneway=np.asarray(ways.oneway, dtype=bool)[way],
        road_class=number[np.asarray(ways.kind)][way],
        classes=tuple(names),
        edge_id=way_id[way],
        coords=np.column_stack([nodes.x[along], nodes.y[along]]),
        offsets=offsets,
        findings=tuple(_findings(ways, way_id, once, steps.broken)),
        source=_source(name, profile, ways, barriers, int(once.sum())),
    )
    return _timed(replace(edges, length_m=edges.measured_m), way, ways, profile)


def _timed(edges: RoadEdges, way: NDArray[np.int32], ways: OsmWays, profile: Profile) -> RoadEdges:
    """Add what is known of speed and duration; the duration of a ferry is shared out by length."""
    metres = np.bincount(way, weights=edges.length_m, minlength=len(ways.id))
    speed, back, seconds = (np.asarray(v) for v in (ways.speed, ways.speed_back, ways.seconds))
    ferry = np.asarray(ways.kind) == ways.kinds.get(FERRY, -1)
    if profile == "walk":
        speed = back = np.where(ferry, np.nan, WALK_KMH)
    slow = ferry & np.isnan(seconds)
    speed = speed.copy()
    speed[slow] = [ferry_speed(m) for m in metres[slow].tolist()]
    # Limits that differ by direction are given as the time that each takes; where one is missing, the class decides.
    apart = ~ferry & ~np.asarray(ways.oneway, dtype=bool) & (speed != back) & ~(np.isnan(speed) & np.isnan(back))
    with np.errstate(invalid="ignore", divide="ignore"):
        shared = edges.length_m * np.where(metres > 0, seconds / metres, np.nan)[way]
    limited: dict[str, Any] = {"speed_kmh": np.where(apart, np.nan, speed)[way], "duration_s": shared}
    if apart.any():
        limited["duration_s"] = np.where(apart[way], edges.length_m / (speed[way] / 3.6), shared)
        limited["duration_back_s"] = np.where(apart[way], edges.length_m / (back[way] / 3.6), shared)
    return replace(edges, **limited)


# ----------------------------------------------------------------------------------------------- what to say of it


def _source(name: str, profile: Profile, ways: OsmWays, barriers: int, kept: int) -> dict[str, Any]:
    said: dict[str, Any] = {
        "format": "OpenStreetMap PBF",
        "file": name,
        "profile": profile,
        "rules": _RULES_SOURCE,
        "not_read": _NOT_READ,
        "ways": {"open": kept, "closed": ways.closed},
        "barriers": barriers,
        "licence": "© OpenStreetMap contributors, Open Database Licence",
    }
    if profile == "walk":
        said |= {"speed": WALK_SOURCE}
    if FERRY in ways.kinds:
        said |= {"ferry_speed": FERRY_SOURCE}
    return said


def _findings(
    ways: OsmWays, way_id: NDArray[np.int64], once: NDArray[np.bool_], broken: NDArray[np.int32]
) -> list[Finding]:
    silent = (np.asarray(ways.kind) == ways.kinds.get(FERRY, -1)) & np.isnan(np.asarray(ways.seconds))
    return [
        *_unread(
            ways.unread, "maxspeed", "edge.maxspeed", "a speed", "their class decides; write it like 30 mph or 50"
        ),
        *_unread(
            ways.unread,
            "oneway",
            "edge.oneway",
            "one-way",
            "they were read as if nothing was said; write yes, no or -1",
        ),
        *_unread(ways.unread, "duration", "edge.duration", "a duration", "write it like 01:30, in hours and minutes"),
        *_noted(
            way_id[silent & once],
            "edge.ferry_duration",
            "ferries state no duration that can be read; a speed by their length was taken",
            "add the duration, or check what they cost",
        ),
        *_noted(
            way_id[broken],
            "network.node_missing",
            "ways name nodes that are not in the file; they were cut there, which is usual at the edge of an extract",
            "take a larger extract if it matters there",
        ),
        *_noted(
            np.unique(way_id[~once]),
            "network.way_twice",
            "ways are in the file more than once; the first of each was taken",
            "merge extracts with osmium merge",
        ),
    ]


def _unread(unread: Mapping[str, Counter[str]], key: str, code: str, what: str, remedy: str) -> list[Finding]:
    """Report the values of a key and of those that go by direction or traveller that could not be read."""
    values = sum((n for k, n in unread.items() if k.partition(":")[0] == key), start=Counter[str]())
    if not values:
        return []
    message = counted(values.total(), f"ways state {what} that cannot be read")
    return [Finding(code, "warning", "ways", key, tuple(sorted(values)), message, remedy)]


def _noted(ids: NDArray[np.int64], code: str, said: str, remedy: str) -> list[Finding]:
    if not len(ids):
        return []
    texts = tuple(str(i) for i in ids.tolist())
    return [Finding(code, "warning", "ways", "", texts, counted(len(texts), said), remedy)]
