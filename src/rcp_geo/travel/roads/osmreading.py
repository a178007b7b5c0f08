"""The two passes over an extract of OpenStreetMap (PBF): its ways, and the nodes that they name, in flat arrays."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rcp_geo._optional import require
from rcp_geo.crs import wgs84_to_bng
from rcp_geo.errors import GeometryError, InputError
from rcp_geo.schema import first_of
from rcp_geo.travel.roads.osmtags import KEYS, Profile, bars, passage

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OsmFile", "OsmNodes", "OsmWays", "is_osm_pbf", "read_nodes", "read_ways"]

# Five times the greatest id of a node in 2026. osmium marks ids in blocks of 4 MB, so that a few made-up ones of any size
# would fill the memory.
_MOST_ID = 2**36
# Positions of nodes are 32-bit numbers; the roads of the whole planet would not fill them.
_MOST_REFS = 2**31 - 1
# Coordinates in a PBF file are whole multiples of this many degrees.
_DEGREE = 1e-7
_AT_ONCE = 2_000_000
# Kinds of ways remembered, by all that they say.
_REMEMBERED = 2**16
# Characters kept of what could not be read.
_SHOWN = 80


def is_osm_pbf(head: bytes) -> bool:
    """Say whether a file begins as an extract of OpenStreetMap in PBF does."""
    return head[4:40].find(b"OSMHeader") >= 0


class OsmFile:
    """A PBF file on this machine, as osmium is to read it."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.osmium = require("osmium", "osm")
        try:
            with path.open("rb") as opened:
                head = opened.read(40)
        except OSError as error:
            reason = (error.strerror or "unknown reason").lower()
            raise InputError(f"{path.name}: cannot be opened ({reason}); check the path and who may read it") from error
        if not is_osm_pbf(head):
            raise InputError(
                f"{path.name}: is not an extract of OpenStreetMap in PBF; give the .osm.pbf file as it was downloaded"
            )
        # A whole path and a stated format: osmium would take other names for addresses or standard input.
        self._path = str(path.resolve())
        with self.reading():
            reader = self.osmium.io.Reader(self._file(), self.osmium.osm.NOTHING)
            history = bool(reader.header().has_multiple_object_versions)
            reader.close()
        if history:
            raise InputError(
                f"{path.name}: is a history, with several versions of each way; give an extract of one date"
            )

    def _file(self) -> Any:  # noqa: ANN401 - osmium's
        return self.osmium.io.File(self._path, "pbf")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Turn what osmium raises into an :class:`~rcp_geo.errors.InputError`."""
        try:
            yield
        except MemoryError:
            raise
        except Exception as error:
            # osmium passes on whatever its C++ libraries threw.
            raise InputError(
                f"{self.name}: cannot be read ({str(error).strip() or type(error).__name__}); it may be damaged or cut short: "
                "copy or download it again"
            ) from error

    def objects(self, kind: str, *filters: Any) -> Iterator[Any]:  # noqa: ANN401 - osmium's
        """Go through the objects of one kind that pass all filters."""
        with self.reading():
            processor = self.osmium.FileProcessor(self._file(), getattr(self.osmium.osm, kind))
            for chosen in filters:
                processor = processor.with_filter(chosen)
            yield from processor


@dataclass(eq=False)
class OsmWays:
    """Ways that are open, in flat arrays, and the nodes that they name, one way after the other.

    A way that is open only against the way it was drawn is turned round.
    """

    id: array[int] = field(default_factory=lambda: array("q"))
    kind: array[int] = field(default_factory=lambda: array("h"))
    oneway: array[int] = field(default_factory=lambda: array("b"))
    speed: array[float] = field(default_factory=lambda: array("d"))
    speed_back: array[float] = field(default_factory=lambda: array("d"))
    seconds: array[float] = field(default_factory=lambda: array("d"))
    size: array[int] = field(default_factory=lambda: array("i"))
    refs: array[int] = field(default_factory=lambda: array("q"))
    kinds: dict[str, int] = field(default_factory=dict)
    closed: int = 0
    unread: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, way: Any, found: Any, refs: list[int]) -> None:  # noqa: ANN401 - osmium's, and a passage
        """Keep a way."""
        speed, speed_back = found.speed, found.speed_back
        if not found.there:
            refs.reverse()
            speed, speed_back = speed_back, speed
        self.id.append(way.id)
        self.kind.append(self.kinds.setdefault(found.kind, len(self.kinds)))
        self.oneway.append(not (found.there and found.back))
        self.speed.append(speed)
        self.speed_back.append(speed_back)
        self.seconds.append(found.seconds)
        self.size.append(len(refs))
        self.refs.extend(refs)


def read_ways(file: OsmFile, profile: Profile) -> OsmWays:
    """Read the ways that a traveller may use.

    Raises
    ------
    InputError
        If the file is damaged, or ids are beyond what OpenStreetMap has.
    """
    ways = OsmWays()
    # Most ways say the same as many others, but for their names.
    read = lru_cache(_REMEMBERED)(lambda said: passage(dict(said), profile))
    for way in file.objects("WAY", file.osmium.filter.KeyFilter("highway", "route")):
        found = read(tuple([(key, value) for key, value in way.tags if key in KEYS]))
        if not found.kind:
            continue
        for key, value in found.unread:
            ways.unread.setdefault(key, Counter())[value[:_SHOWN]] += 1
        if not (found.there or found.back):
            ways.closed += 1
            continue
        refs = [node.ref for node in way.nodes]
        if refs and not 0 < min(refs) <= max(refs) < _MOST_ID:
            raise InputError(
                f"{file.name}: way {way.id} names a node with an id below 1 or above {_MOST_ID:,}; "
                "number the file anew (osmium renumber)"
            )
        ways.add(way, found, refs)
        if len(ways.refs) > _MOST_REFS:
            raise InputError(f"{file.name}: its ways name over {_MOST_REFS:,} nodes; give an extract of a country")
    return ways


@dataclass(frozen=True, eq=False)
class OsmNodes:
    """Nodes in the order of their ids, on the National Grid, and whether each stops the traveller."""

    id: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    barred: NDArray[np.bool_]


def read_nodes(file: OsmFile, ways: OsmWays, profile: Profile) -> OsmNodes:
    """Read the nodes of some ways, less those that are nowhere on Earth; of one that is there twice, the first.

    Raises
    ------
    InputError
        If the file is damaged.
    GeometryError
        If a node lies where the National Grid does not reach.
    """
    ids, xs, ys, barred = array("q"), array("i"), array("i"), array("b")
    wanted = np.sort(np.asarray(ways.refs))
    wanted = wanted[np.concatenate([wanted[:1] > 0, wanted[1:] != wanted[:-1]])]
    parts = (wanted[start : start + _AT_ONCE].tolist() for start in range(0, len(wanted), _AT_ONCE))
    for node in file.objects("NODE", file.osmium.filter.IdFilter(chain.from_iterable(parts))):
        place = node.location
        ids.append(node.id)
        xs.append(place.x)
        ys.append(place.y)
        tags = node.tags
        barred.append(bool(tags) and bars(dict(tags), profile))
    every, first = np.unique(np.asarray(ids), return_index=True)
    x, y = (_degrees(values, first) for values in (xs, ys))
    real = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    every, first, x, y = every[real], first[real], x[real], y[real]
    for start in range(0, len(every), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        x[some], y[some] = wgs84_to_bng(x[some], y[some])
    lost = ~(np.isfinite(x) & np.isfinite(y))
    if lost.any():
        raise GeometryError(
            f"{file.name}: {int(lost.sum())} nodes have no place on the National Grid ({first_of(every[lost].tolist())}); "
            "give an extract of Great Britain"
        )
    return OsmNodes(every, x, y, np.asarray(barred, dtype=bool)[first])


def _degrees(values: array[int], order: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.asarray(values)[order] * _DEGREE
