"""What a network may be asked to count, and what it takes where nothing is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypedDict

import numpy as np

from rcp_geo.errors import InputError
from rcp_geo.travel.roads.edges import Lengths

__all__ = ["MAX_SNAP_M", "Access", "Components", "Impedance", "RoadSettings", "require_limits", "require_word"]

Impedance = Literal["length", "time"]
Access = Literal["count", "ignore"]
Components = Literal["all", "largest", "strong"]

# Under the narrowest water between the Isle of Wight and the mainland, about 1.3 km at Hurst Castle, so that an island never
# snaps across it; and what TravelTime, a commercial engine, allowed as its maximum snapping distance.
MAX_SNAP_M = 1_000.0


class RoadSettings(TypedDict, total=False):
    """Settings that every way to make a network takes; see :meth:`rcp_geo.RoadNetwork.from_edges`."""

    impedance: Impedance
    max_snap_m: float
    access: Access
    access_speed_kmh: float
    speeds: Mapping[str, float] | None
    lengths: Lengths
    components: Components


def require_word(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` unless a setting is one of the words allowed."""
    if value not in allowed:
        raise InputError(f"RoadNetwork: {name} {value!r} is not known; use one of {', '.join(allowed)}")


def require_limits(cutoffs: Sequence[float] | float) -> list[float]:
    """Return cutoffs, or the only one, from the smallest; raise :class:`~rcp_geo.errors.InputError` where none is above 0."""
    try:
        limits = sorted({float(c) for c in (cutoffs if isinstance(cutoffs, Iterable) else [cutoffs])})
    except (TypeError, ValueError):
        limits = []
    if not limits or not (np.isfinite(limits).all() and limits[0] > 0):
        raise InputError(f"cutoffs: {cutoffs!r} are not distances or durations; give one or more above 0")
    return limits
