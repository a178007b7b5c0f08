"""How fast a road is travelled: what its source states, else what is usual for its class, each with its reference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.schema import Finding, counted
from rcp_geo.travel.model import METRES_PER_MILE
from rcp_geo.travel.roads.edges import RoadEdges

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CLASS_SPEEDS_MPH",
    "LIMIT_SOURCE",
    "SPEED_SOURCE",
    "WALK_KMH",
    "WALK_SOURCE",
    "class_of",
    "durations",
    "parse_maxspeed",
    "speeds_of_texts",
]

# Motorways, trunk and primary roads: mean free-flow car speeds by the Department for Transport's vehicle speed compliance
# statistics (2019: 69 mph on motorways, 50 mph on single carriageways under the national limit); all other classes: what
# OpenTripPlanner, an open journey planner, uses for realistic car times in the United Kingdom.
SPEED_SOURCE = (
    "OpenTripPlanner, UKMapper and OsmTagMapper (car speeds in the United Kingdom by OSM class; those of motorway, trunk and "
    "primary are free-flow speeds of the Department for Transport, Vehicle speed compliance statistics for Great Britain); "
    "OS Open Roads by the classes that OSM's United Kingdom tagging guidelines hold equal"
)
CLASS_SPEEDS_MPH: Mapping[str, float] = {
    "motorway": 68,
    "motorway_link": 50,
    "trunk": 50,
    "trunk_link": 40,
    "primary": 50,
    "primary_link": 40,
    "secondary": 40,
    "secondary_link": 30,
    "tertiary": 35,
    "tertiary_link": 25,
    "unclassified": 25,
    "residential": 25,
    "road": 25,
    "service": 15,
    "track": 10,
    "living_street": 5,
    "pedestrian": 5,
    # OS Open Roads: what an A road is to OSM is its primary, a B road its secondary, a classified unnumbered its tertiary.
    "motorway, slip road": 50,
    "a road": 50,
    "a road, slip road": 40,
    "b road": 40,
    "b road, slip road": 30,
    "minor road": 35,
    "minor road, slip road": 25,
    "local road": 25,
    "local access road": 15,
    "restricted local access road": 15,
    "secondary access road": 15,
}
_OTHER_MPH = 25.0
_KMH_PER_MPH = METRES_PER_MILE / 1000
# 1 knot is 1,852 m an hour (International Hydrographic Conference of 1929).
_KMH_PER_KNOT = 1.852

# A speed at which people choose to walk: 80 m a minute.
WALK_KMH = 4.8
WALK_SOURCE = (
    "4.8 km/h: Thurrock Council, Study of travel access in and around Thurrock (2016), 'accepted as the speed at "
    "which people choose to walk in normal conditions'"
)

# What OSM writes for a limit that follows from the kind of road, in mph.
LIMIT_SOURCE = "The Highway Code, rule 124: speed limits of cars"
_IMPLICIT_MPH: Mapping[str, float] = {
    "gb:motorway": 70,
    "gb:nsl_dual": 70,
    "gb:nsl_single": 60,
    "gb:nsl_restricted": 30,
    "gb:urban": 30,
}
# Said of a road whose limit is not a number: its class decides.
_NO_NUMBER = frozenset({"", "none", "signals", "variable", "national", "default", "unknown", "nan"})
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(mph|km/?h|kph|knots?)?")
_QUOTED = re.compile(r"""'([^']*)'|"([^"]*)\"""")


def parse_maxspeed(value: object) -> float | None:
    """Read a speed limit as OSM writes it, in km/h; the smallest where there are several.

    Returns
    -------
    float or None
        NaN where the text says that there is no number (``none``, ``signals``); None where it cannot be read.

    Examples
    --------
    >>> parse_maxspeed("50"), parse_maxspeed(["30 mph", "20 mph"]), parse_maxspeed("GB:nsl_single")
    (50.0, 32.18688, 96.56064)
    """
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return float("nan")
    if isinstance(value, int | float | np.number):
        return float(value) if np.isfinite(value) and value > 0 else None
    found = [_parse_one(part) for part in _parts(value)]
    if any(speed is None for speed in found):
        return None
    numbers = [speed for speed in found if speed is not None and not np.isnan(speed)]
    return min(numbers) if numbers else float("nan")


def _parts(value: object) -> list[str]:
    if isinstance(value, list | tuple | set | np.ndarray):
        return [str(v) for v in value]
    text = str(value)
    if text.startswith("["):
        return [a or b for a, b in _QUOTED.findall(text)] or text.strip("[] ").split(",")
    return re.split(r"[;|]", text)


def _parse_one(text: str) -> float | None:
    word = text.strip().lower()
    if word in _NO_NUMBER:
        return float("nan")
    if word == "walk":
        return WALK_KMH
    if word in _IMPLICIT_MPH:
        return _IMPLICIT_MPH[word] * _KMH_PER_MPH
    match = _NUMBER.fullmatch(word)
    if match is None or float(match[1]) == 0:
        return None
    unit = match[2] or "km/h"
    factor = _KMH_PER_MPH if unit == "mph" else _KMH_PER_KNOT if unit.startswith("knot") else 1.0
    return float(match[1]) * factor


def class_of(value: object) -> str:
    """Return a class of road as text: of several, which OSMnx keeps in no certain order, the slowest by its usual speed.

    Examples
    --------
    >>> class_of(["trunk", "residential"]), class_of("['trunk', 'primary']"), class_of(None)
    ('residential', 'primary', '')
    """
    if isinstance(value, str) and not value.startswith("[") and "|" not in value:
        return value
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    parts = [part.strip() for part in _parts(value)]
    return min(parts, key=lambda part: (CLASS_SPEEDS_MPH.get(part.lower(), _OTHER_MPH), part), default="")


def speeds_of_texts(values: Iterable[Any]) -> tuple[NDArray[np.float64], list[Finding]]:
    """Read a column of speed limits; return km/h (NaN where there is none) and what could not be read."""
    texts = [_key(v) for v in values]
    read = {text: parse_maxspeed(text) for text in dict.fromkeys(texts)}
    bad = tuple(str(text) for text, speed in read.items() if speed is None)
    speeds = np.array([np.nan if read[t] is None else read[t] for t in texts], dtype=np.float64)
    if not bad:
        return speeds, []
    at = sum(read[t] is None for t in texts)
    message = counted(at, "edges state a speed that cannot be read")
    remedy = "their class decides; write it like 30 mph or 50"
    return speeds, [Finding("edge.maxspeed", "warning", "edges", "maxspeed", bad, message, remedy)]


def _key(value: object) -> Any:  # noqa: ANN401 - whatever can be looked up
    return tuple(str(v) for v in value) if isinstance(value, list | tuple | set | np.ndarray) else value


def durations(
    edges: RoadEdges, speeds: Mapping[str, float] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[Finding]]:
    """Return seconds along each edge and back, and which classes had no usual speed.

    What an edge states for itself comes first (a duration, then a speed), then the user's speed for its class, then the usual.

    Raises
    ------
    InputError
        If a speed is not a positive number.
    """
    by_class = {name: mph * _KMH_PER_MPH for name, mph in CLASS_SPEEDS_MPH.items()}
    own = {str(name).lower(): speed for name, speed in (speeds or {}).items()}
    wrong = [f"{name}={speed!r}" for name, speed in own.items() if not (np.isfinite(speed) and speed > 0)]
    if wrong:
        raise InputError(f"speeds: {', '.join(wrong)} are not speeds; give km/h above 0")
    usual = {**by_class, **own}
    table = np.array([usual.get(c.lower(), _OTHER_MPH * _KMH_PER_MPH) for c in edges.classes])
    speed = np.where(np.isnan(edges.speed_kmh), table[edges.road_class], edges.speed_kmh)
    bad = ~(speed > 0)
    if bad.any():
        raise InputError(
            f"edges.speed_kmh: {int(bad.sum())} edges state a speed of 0 or less; give km/h above 0, or NaN"
        )
    timed = edges.length_m / (speed / 3.6)
    there = np.where(np.isnan(edges.duration_s), timed, edges.duration_s)
    back = there
    if edges.duration_back_s is not None:
        back = np.where(np.isnan(edges.duration_back_s), timed, edges.duration_back_s)
    needed = np.isnan(edges.speed_kmh) & np.isnan(edges.duration_s)
    used = np.unique(edges.road_class[needed])
    unknown = tuple(edges.classes[c] or "(blank)" for c in used if edges.classes[c].lower() not in usual)
    if not unknown:
        return there, back, []
    what = "class of road has" if len(unknown) == 1 else "classes of road have"
    message = f"{len(unknown)} {what} no usual speed; {_OTHER_MPH:.0f} mph was taken"
    remedy = "pass speeds={class: km/h} with a source"
    return there, back, [Finding("edge.class_speed", "warning", "edges", "road_class", unknown, message, remedy)]
