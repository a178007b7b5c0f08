"""What the adapters share: places put to an engine in batches, its answers kept, and what it cannot answer named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from rcp_geo.errors import InputError, TravelError
from rcp_geo.files import atomic_file
from rcp_geo.schema import require_known
from rcp_geo.travel.model import CostTable, Unit
from rcp_geo.travel.pairs import End, Pairs, cost_table
from rcp_geo.travel.points import Points, points_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = [
    "DESTINATIONS",
    "ORIGINS",
    "UNIT",
    "Asking",
    "Engine",
    "Impedance",
    "Profile",
    "options_key",
    "require_options",
]

Profile = Literal["car", "bicycle", "foot"]
Impedance = Literal["time", "distance"]
UNIT: dict[str, Unit] = {"time": "s", "distance": "m"}

# How many of each an engine is asked for at once: enough that the call itself costs nothing, few enough for little memory.
ORIGINS, DESTINATIONS = 1_000, 100


class Engine(Protocol):
    """An engine that is ready to be asked. Places are rows of longitude and latitude."""

    def snap(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far each is from a road that may be used, in metres, NaN where none is within ``max_snap_m``."""

    def table(self, origins: NDArray[np.float64], destinations: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the cost from each origin to each destination, NaN where there is no route."""


def require_options(profile: str, impedance: str, max_snap_m: float, pbf: Path) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` unless an adapter's options can be used."""
    for name, value, allowed in (
        ("profile", profile, ("car", "bicycle", "foot")),
        ("impedance", impedance, tuple(UNIT)),
    ):
        require_known(name, value, allowed)
    if not (np.isfinite(max_snap_m) and max_snap_m > 0):
        raise InputError(f"max_snap_m: {max_snap_m!r} is not a distance; give a number of metres above 0")
    if not pbf.is_file():
        raise InputError(f"pbf: there is no file {pbf}; give the path of an OpenStreetMap PBF")


@dataclass(frozen=True)
class Asking:
    """An engine with the folder in which its answers are kept.

    Attributes
    ----------
    engine
        Ready to be asked.
    model_id, unit
        Of the model that asks.
    max_snap_m
        Greatest distance from a place to a road.
    kept
        Folder for answers, that of the same engine, files and options.
    """

    engine: Engine
    model_id: str
    unit: Unit
    max_snap_m: float
    kept: Path

    def answer(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, cutoff: float | None, k: int | None
    ) -> CostTable:
        """Return the pairs within the cutoff, the k cheapest of each origin where k is given."""
        a, b = points_of(origins, "origins", "demand_id"), points_of(destinations, "destinations", "site_id")
        from_, to = _End(a, self), _End(b, self)
        cost = self._costs(from_, to)
        near = ~np.isnan(cost)
        from_.cut_off(np.asarray(near.any(axis=1)), to)
        to.cut_off(np.asarray(near.any(axis=0)), from_)
        if cutoff is not None:
            near &= cost <= cutoff
        if k is not None and k < len(b.ids):
            # All that cost no more than the k-th, so that a tie with one that is left out is seen.
            reach = np.partition(np.where(near, cost, np.inf), k - 1, axis=1)[:, k - 1]
            near &= cost <= reach[:, None]
        i, j = np.nonzero(near)
        pairs = Pairs(i, j, cost[i, j]).ordered(b.ids)
        return cost_table(pairs, from_.told(), to.told(), unit=self.unit, cutoff=cutoff, model_id=self.model_id, k=k)

    def _costs(self, from_: _End, to: _End) -> NDArray[np.float64]:
        """Return the cost of every pair, those known from earlier calls as they were told."""
        n = len(from_.places)
        cost = np.full((n, len(to.places)), np.nan, order="F")
        if not cost.size:
            return cost
        ask = []
        for j in np.flatnonzero(to.on_road):
            known = _kept_array(self._column(from_, to, int(j)), n)
            if known is None:
                ask.append(int(j))
            else:
                cost[:, j] = known
        rows = np.flatnonzero(from_.on_road)
        for columns in _batches(np.array(ask, dtype=np.intp), DESTINATIONS):
            for some in _batches(rows, ORIGINS):
                found = self.engine.table(from_.places[some], to.places[columns])
                self._require_costs(found, (len(some), len(columns)))
                cost[np.ix_(some, columns)] = found
            for j in columns.tolist():
                _keep_array(self._column(from_, to, j), cost[:, j])
        return cost

    def _column(self, from_: _End, to: _End, j: int) -> Path:
        return from_.folder / f"{_digest(to.places[j])}.npy"

    def _require_costs(self, found: NDArray[np.float64], shape: tuple[int, int]) -> None:
        if found.shape != shape or (found < 0).any() or np.isinf(found).any():
            raise TravelError(
                f"{self.model_id}: the engine returned a table of another shape than asked for, or negative or infinite "
                "costs; report it with the version of the engine"
            )


class _End:
    """Places at one end of the journeys, and which of them are on a road."""

    def __init__(self, points: Points, asking: Asking) -> None:
        self.ids = points.ids
        self.places: NDArray[np.float64] = np.column_stack([points.longitude, points.latitude])
        self.folder = asking.kept / _digest(self.places)
        snap = _kept_array(self.folder / "snap.npy", len(self.places))
        if snap is None:
            parts = [asking.engine.snap(some) for some in _batches(self.places, ORIGINS)]
            snap = np.concatenate([np.empty(0), *parts])
            snap[snap > asking.max_snap_m] = np.nan
            _keep_array(self.folder / "snap.npy", snap)
        self.snap_m = snap
        self.on_road = ~np.isnan(snap)

        self.status = np.where(self.on_road, "ok", "unsnapped").astype(object)

    def cut_off(self, joined: NDArray[np.bool_], other: _End) -> None:
        """Mark those on a road that no road joins to any place on a road at the other end."""
        if other.on_road.any():
            self.status[self.on_road & ~joined] = "disconnected"

    def told(self) -> End:
        return End(self.ids, self.status, self.snap_m)


def _batches(rows: NDArray[Any], size: int) -> Iterator[NDArray[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _digest(places: NDArray[np.float64]) -> str:
    return hashlib.sha256(np.ascontiguousarray(places, dtype="<f8").data).hexdigest()[:32]


def _kept_array(path: Path, n: int) -> NDArray[np.float64] | None:
    """Return an array kept earlier; None where there is none, or what is there is not one of n numbers."""
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return array if array.shape == (n,) and array.dtype == np.float64 else None


def _keep_array(path: Path, array: NDArray[np.float64]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path, overwrite=True) as room:
        np.save(room, array, allow_pickle=False)


def options_key(**options: object) -> str:
    """Return a short digest of what answers depend on besides an engine's files."""
    return hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()[:16]
