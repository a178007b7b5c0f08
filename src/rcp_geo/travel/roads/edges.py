"""Stretches of road between junctions: the one table that every reader of road data makes, and its checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from rcp_geo.errors import InputError
from rcp_geo.schema import Finding, counted, raise_errors

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike, NDArray

__all__ = ["FERRY", "Lengths", "RoadEdges", "lines_of", "settle_lengths"]

Lengths = Literal["given", "fill", "geometry"]
_TABLE = "edges"
# The class of edges that cross water by boat.
FERRY = "ferry"


@dataclass(frozen=True, eq=False)
class RoadEdges:
    """A road network as plain arrays: nodes, and edges that run from node ``u`` to node ``v``.

    One row is one stretch of road. It can be travelled from ``u`` to ``v``, and back unless ``oneway`` says otherwise, so a
    two-way street is one row with one geometry. A road that may only be travelled against the way it was drawn is turned
    round by its reader: ends swapped, points reversed. Parallel edges and loops stay as they are.

    Attributes
    ----------
    x, y
        Nodes in National Grid metres (EPSG:27700), float64.
    node_id
        What the source calls each node; integers or objects, each once.
    u, v
        Positions of an edge's nodes in ``x`` and ``y``, int32.
    length_m
        Length in metres as the source has it; NaN where it has none.
    oneway
        Whether the edge may be travelled from ``u`` to ``v`` only.
    speed_kmh
        Speed stated for this very edge (``maxspeed``), in km/h; NaN where none is. Applies to both directions.
    duration_s
        Seconds from ``u`` to ``v`` that the source states (a ferry's, OSMnx's ``travel_time``); NaN where none is. It wins over
        any speed.
    duration_back_s
        The same from ``v`` to ``u``; None where it is as ``duration_s``.
    road_class
        Position of each edge's class in ``classes``, int16.
    classes
        Classes of road as the source writes them, such as ``primary`` or ``A Road, Single Carriageway``.
    edge_id
        What the source calls each edge; need not be unique. None where it calls them nothing.
    coords, offsets
        Geometry: edge ``i`` runs through ``coords[offsets[i]:offsets[i + 1]]`` from ``u`` to ``v``, its ends included, in
        National Grid metres. Both None where edges are straight lines between their nodes.
    findings
        What was noticed in the source.
    source
        Where it comes from, as plain data for the provenance: format, file, sha256, options of the reader.

    Raises
    ------
    InputError
        If the arrays are not of one length, or an edge names a node that is not there.

    Examples
    --------
    >>> import numpy as np
    >>> from rcp_geo.travel import RoadEdges
    >>> edges = RoadEdges(x=np.array([0.0, 100.0]), y=np.array([0.0, 0.0]), u=np.array([0]), v=np.array([1]))
    >>> len(edges), edges.oneway.tolist(), edges.classes
    (1, [False], ('',))
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    length_m: NDArray[np.float64] = None  # type: ignore[assignment] # filled in on the way, as are the others
    oneway: NDArray[np.bool_] = None  # type: ignore[assignment]
    speed_kmh: NDArray[np.float64] = None  # type: ignore[assignment]
    duration_s: NDArray[np.float64] = None  # type: ignore[assignment]
    duration_back_s: NDArray[np.float64] | None = None
    road_class: NDArray[np.int16] = None  # type: ignore[assignment]
    classes: tuple[str, ...] = ("",)
    node_id: NDArray[Any] = None  # type: ignore[assignment]
    edge_id: NDArray[Any] | None = None
    coords: NDArray[np.float64] | None = None
    offsets: NDArray[np.int64] | None = None
    findings: tuple[Finding, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n, m = len(self.x), len(self.u)
        filled: dict[str, Any] = {
            "x": np.asarray(self.x, dtype=np.float64),
            "y": np.asarray(self.y, dtype=np.float64),
            "u": np.asarray(self.u, dtype=np.int32),
            "v": np.asarray(self.v, dtype=np.int32),
            "length_m": _or_full(self.length_m, m, np.nan, np.float64),
            "oneway": _or_full(self.oneway, m, False, np.bool_),
            "speed_kmh": _or_full(self.speed_kmh, m, np.nan, np.float64),
            "duration_s": _or_full(self.duration_s, m, np.nan, np.float64),
            "road_class": _or_full(self.road_class, m, 0, np.int16),
            "node_id": _or_range(self.node_id, n),
        }
        for name, value in filled.items():
            object.__setattr__(self, name, value)
        self._require_whole(n, m)

    def _require_whole(self, n: int, m: int) -> None:
        """Raise :class:`~rcp_geo.errors.InputError` unless the arrays fit together."""
        per_edge = ("v", "length_m", "oneway", "speed_kmh", "duration_s", "duration_back_s", "road_class", "edge_id")
        for name, size in {"y": n, "node_id": n, **dict.fromkeys(per_edge, m)}.items():
            value = getattr(self, name)
            if value is not None and len(value) != size:
                raise InputError(f"{_TABLE}: {name} has {len(value)} values where {size} are needed; give one for each")
        if (self.coords is None) != (self.offsets is None):
            raise InputError(f"{_TABLE}: coords and offsets belong together; give both or neither")
        if self.offsets is not None and (len(self.offsets) != m + 1 or (np.diff(self.offsets) < 2).any()):
            raise InputError(f"{_TABLE}: every edge needs two points or more between its offsets; check the geometry")
        if m and (min(self.u.min(), self.v.min()) < 0 or max(self.u.max(), self.v.max()) >= n):
            raise InputError(f"{_TABLE}: edges name nodes beyond the {n} there are; u and v are positions in x and y")

    def __len__(self) -> int:
        return len(self.u)

    @cached_property
    def measured_m(self) -> NDArray[np.float64]:
        """Length of each edge's geometry in National Grid metres, on the plane."""
        if self.coords is None or self.offsets is None:
            return np.hypot(self.x[self.u] - self.x[self.v], self.y[self.u] - self.y[self.v])
        steps = np.hypot(*np.diff(self.coords, axis=0).T)
        # The step from the last point of one edge to the first of the next belongs to neither.
        steps[self.offsets[1:-1] - 1] = 0.0
        return np.asarray(np.add.reduceat(steps, self.offsets[:-1])) if len(self) else np.zeros(0)

    def keep(self, edges: NDArray[np.bool_], nodes: NDArray[np.bool_]) -> RoadEdges:
        """Return some of the edges and nodes; every node of an edge that is kept must be kept."""
        position = np.cumsum(nodes, dtype=np.int32) - 1
        changed: dict[str, Any] = {name: getattr(self, name)[nodes] for name in ("x", "y", "node_id")}
        changed |= {name: position[getattr(self, name)[edges]] for name in ("u", "v")}
        for name in ("length_m", "oneway", "speed_kmh", "duration_s", "duration_back_s", "road_class", "edge_id"):
            value = getattr(self, name)
            changed[name] = None if value is None else value[edges]
        if self.coords is not None and self.offsets is not None:
            size = np.diff(self.offsets)
            changed["coords"] = self.coords[np.repeat(edges, size)]
            changed["offsets"] = np.r_[0, np.cumsum(size[edges])]
        return replace(self, **changed)

    def afloat(self, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Say which of some edges cross water by boat: they are boarded at their ends only, and no place snaps to them."""
        boats = np.array([str(c).casefold() == FERRY for c in self.classes], dtype=bool)
        return boats[self.road_class[rows]]

    def class_names(self) -> NDArray[np.object_]:
        """Return the class of each edge as text."""
        return np.asarray(self.classes, dtype=object)[self.road_class]


def _or_full(value: ArrayLike | None, size: int, default: float, dtype: DTypeLike) -> NDArray[Any]:
    return np.full(size, default, dtype=dtype) if value is None else np.asarray(value, dtype=dtype)


def _or_range(value: ArrayLike | None, size: int) -> NDArray[Any]:
    return np.arange(size) if value is None else np.asarray(value)


def lines_of(edges: RoadEdges, which: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return the geometry of some edges, from ``u`` to ``v``."""
    if edges.coords is None or edges.offsets is None:
        ends = [np.column_stack([edges.x[at[which]], edges.y[at[which]]]) for at in (edges.u, edges.v)]
        return np.asarray(shapely.linestrings(np.stack(ends, axis=1)), dtype=object)
    start, stop = edges.offsets[:-1][which], edges.offsets[1:][which]
    size = stop - start
    of = np.repeat(np.arange(len(which)), size)
    step = np.arange(len(of)) - np.repeat(np.cumsum(size) - size, size)
    return np.asarray(shapely.linestrings(edges.coords[start[of] + step], indices=of), dtype=object)


def settle_lengths(edges: RoadEdges, lengths: Lengths) -> RoadEdges:
    """Return edges that all have a length, or raise with all that have none.

    Parameters
    ----------
    edges
        As a reader made them.
    lengths
        ``given`` takes the source's lengths and raises where one is missing or negative; ``fill`` measures those along the
        geometry, and those that are zero too, with a finding; ``geometry`` measures all.

    Raises
    ------
    InputError
        If a length is missing, negative or infinite and is not to be measured.
    """
    if lengths not in {"given", "fill", "geometry"}:
        raise InputError(f"lengths: {lengths!r} is not known; use given, fill or geometry")
    if lengths == "geometry":
        return replace(edges, length_m=edges.measured_m)
    length = edges.length_m
    missing, negative = ~np.isfinite(length), length < 0
    zero = length == 0
    if lengths == "given":
        findings = [
            *_found(edges, missing, "edge.length_missing", "error", "have no length"),
            *_found(edges, negative, "edge.length_negative", "error", "have a negative length"),
            *_found(edges, zero, "edge.length_zero", "warning", "have no extent; they cost nothing to travel"),
        ]
        raise_errors(findings)
        return replace(edges, findings=(*edges.findings, *findings))
    bad = missing | negative | (zero & (edges.measured_m > 0))
    findings = _found(edges, bad, "edge.length_measured", "warning", "have no usable length and were measured")
    return replace(edges, length_m=np.where(bad, edges.measured_m, length), findings=(*edges.findings, *findings))


_REMEDY = {
    "edge.length_missing": 'correct them, or pass lengths="fill" to measure them along their geometry',
    "edge.length_negative": 'correct them, or pass lengths="fill" to measure them along their geometry',
    "edge.length_zero": 'pass lengths="fill" if their geometry is longer than that',
    "edge.length_measured": "check them if lengths along the geometry are not good enough",
}


def _found(
    edges: RoadEdges, which: NDArray[np.bool_], code: str, severity: Literal["error", "warning"], said: str
) -> list[Finding]:
    at = np.flatnonzero(which)
    if not len(at):
        return []
    ids = tuple(f"{edges.node_id[edges.u[i]]} to {edges.node_id[edges.v[i]]}" for i in at.tolist())
    return [Finding(code, severity, _TABLE, "length_m", ids, counted(len(at), f"edges {said}"), _REMEDY[code])]
