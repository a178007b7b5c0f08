"""What the tags of OpenStreetMap say of a way or a node: who may pass, which way, how fast, for how long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rcp_geo.travel.roads.edges import FERRY
from rcp_geo.travel.roads.speeds import parse_maxspeed

__all__ = ["FERRY_SOURCE", "KEYS", "RULES", "Passage", "Profile", "Rules", "bars", "ferry_speed", "passage"]

Profile = Literal["drive", "walk"]
Tags = Mapping[str, str]


# Roads that are built for cars and open to them unless a tag says otherwise: OpenStreetMap Wiki, "OSM tags for routing/Access
# restrictions". OSMnx's network type drive_service has the same classes; it leaves out car parks, whose ways are kept here.
_ROADS = frozenset(
    {
        *(f"{kind}{link}" for kind in ("trunk", "primary", "secondary", "tertiary") for link in ("", "_link")),
        "unclassified",
        "residential",
        "living_street",
        "service",
        "road",
    }
)
_MOTORWAYS = frozenset({"motorway", "motorway_link"})
# Ways on foot. That cycleways and bridleways are among them is so in the United Kingdom: OpenTripPlanner, UKMapper.
_PATHS = frozenset(
    {"footway", "path", "steps", "pedestrian", "corridor", "track", "cycleway", "bridleway"},
)

# Values of an access key: OpenStreetMap Wiki, "Key:access", sorted as GraphHopper's access parsers sort them. Whether someone
# is on the way to a place on this very road cannot be known of a network, so destination and customers are open. A value that
# is in neither set says nothing, and the next key is asked.
_OPEN = frozenset({"yes", "designated", "permissive", "official", "destination", "customers", "public"})
_CLOSED = frozenset(
    {
        "no",
        "private",
        "permit",
        "restricted",
        "military",
        "emergency",
        "agricultural",
        "forestry",
        "delivery",
        "psv",
        "bus",
        "use_sidepath",
    }
)

# Nodes that stop a car: GraphHopper, CarAccessParser. Nodes that stop someone on foot: OSRM, foot profile.
_STOP_CARS = frozenset(
    {
        "block",
        "bollard",
        "bus_trap",
        "cycle_barrier",
        "fence",
        "jersey_barrier",
        "kissing_gate",
        "motorcycle_barrier",
        "stile",
        "sump_buster",
        "turnstile",
    }
)
_STOP_WALKERS = frozenset({"yes", "wall", "fence"})

# OpenStreetMap Wiki, "Key:oneway". A road that is passed by turns is open both ways; one whose direction changes with the hour
# is open in neither, as in OSRM's car profile.
_ONEWAY: Mapping[str, str] = {
    **dict.fromkeys(("yes", "true", "1"), "there"),
    **dict.fromkeys(("-1", "reverse"), "back"),
    **dict.fromkeys(("no", "false", "0", "alternating"), "both"),
    "reversible": "neither",
}
_ROUND = frozenset({"roundabout", "circular"})

# OpenStreetMap Wiki, "Key:duration": hh:mm, with seconds or without, or minutes; a few are ISO 8601.
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4})(?::(\d{2}))?")
_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE)

# Speed of a ferry that states no duration, by the length of the crossing.
FERRY_SOURCE = "GraphHopper, FerrySpeedCalculator: 5 km/h on less than 1 km, 15 km/h on less than 30 km, 30 km/h beyond"


@dataclass(frozen=True)
class Rules:
    """What one kind of traveller goes by.

    Attributes
    ----------
    open
        Values of ``highway`` that are open unless a tag closes them.
    asked
        Values of ``highway`` that are open only where a tag opens them.
    keys
        Access keys, the most telling first.
    oneway
        Keys that say which way is open, the most telling first.
    stops
        Values of ``barrier`` that stop the traveller.
    """

    open: frozenset[str]
    asked: frozenset[str]
    keys: tuple[str, ...]
    oneway: tuple[str, ...]
    stops: frozenset[str]


RULES: Mapping[Profile, Rules] = {
    "drive": Rules(
        open=_ROADS | _MOTORWAYS,
        asked=frozenset({"track", "pedestrian"}),
        keys=("motorcar", "motor_vehicle", "vehicle", "access"),
        oneway=("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway"),
        stops=_STOP_CARS,
    ),
    # Signs of one-way streets are not for people on foot: OSRM, foot profile.
    "walk": Rules(
        open=_ROADS | _PATHS, asked=_MOTORWAYS, keys=("foot", "access"), oneway=("oneway:foot",), stops=_STOP_WALKERS
    ),
}

# Every key of a way that is looked at.
KEYS = frozenset(
    {
        *(
            "highway",
            "route",
            "area",
            "ferry",
            "service",
            "motorroad",
            "junction",
            "duration",
            "bicycle",
            "foot",
            "hgv",
        ),
        *("maxspeed", "maxspeed:forward", "maxspeed:backward", "maxspeed:type"),
        *(key for rules in RULES.values() for key in rules.oneway),
        *(f"{key}{way}" for rules in RULES.values() for key in rules.keys for way in ("", ":forward", ":backward")),
    }
)


class Passage(NamedTuple):
    """How a way may be travelled.

    ``kind`` is its class, blank where it is no way for this traveller. ``there`` and ``back`` say whether it is open along and
    against the way it was drawn. Speeds in km/h and the duration in seconds are NaN where none is stated. ``unread`` holds key
    and value of what could not be read.
    """

    kind: str
    there: bool = False
    back: bool = False
    speed: float = float("nan")
    speed_back: float = float("nan")
    seconds: float = float("nan")
    unread: tuple[tuple[str, str], ...] = ()


def passage(tags: Tags, profile: Profile) -> Passage:
    """Say how a way may be travelled.

    Examples
    --------
    >>> passage({"highway": "residential", "oneway": "-1", "maxspeed": "50"}, "drive")[:5]
    ('residential', False, True, 50.0, 50.0)
    >>> passage({"highway": "residential", "access": "private"}, "drive")[:3]
    ('residential', False, False)
    >>> passage({"route": "ferry", "duration": "00:40"}, "walk").seconds
    2400.0
    """
    rules = RULES[profile]
    kind = _kind(tags, rules)
    if not kind or not _is_open(tags, kind, rules):
        return Passage(kind)
    there, back, unread = _directions(tags, kind, rules)
    if kind == FERRY:
        seconds = parse_duration(tags["duration"]) if "duration" in tags else float("nan")
        if seconds is None:
            return Passage(kind, there, back, unread=(*unread, ("duration", tags["duration"])))
        return Passage(kind, there, back, seconds=seconds, unread=unread)
    if profile == "walk":
        return Passage(kind, there, back, unread=unread)
    speed, speed_back, bad = _speeds(tags)
    return Passage(kind, there, back, speed, speed_back, unread=(*unread, *bad))


def _kind(tags: Tags, rules: Rules) -> str:
    """Return the class of a way, blank where it is none for this traveller."""
    highway = tags.get("highway", "")
    if highway in rules.open or highway in rules.asked:
        return "" if tags.get("area") == "yes" else highway
    return FERRY if tags.get("route") == FERRY and tags.get("ferry") != "no" else ""


def _said(tags: Tags, keys: tuple[str, ...], suffix: str = "") -> bool | None:
    """Return what the first key that says something says: open, closed, or nothing."""
    for key in keys:
        value = tags.get(f"{key}{suffix}")
        if value is None:
            continue
        words = {word.strip().lower() for word in value.split(";")}
        if words & _OPEN:
            return True
        if words & _CLOSED:
            return False
    return None


def _is_open(tags: Tags, kind: str, rules: Rules) -> bool:
    if kind in rules.asked:
        # That anyone may enter does not make it a road: a key of this very traveller must say so.
        return _said(tags, rules.keys[:-1]) is True
    said = _said(tags, rules.keys)
    if said is not None:
        return said
    if "foot" in rules.keys:
        # OpenStreetMap Wiki, "Key:motorroad": like a motorway, closed to people on foot.
        return tags.get("motorroad") != "yes"
    if kind == FERRY:
        # GraphHopper, CarAccessParser: one that speaks of walkers or cyclists only takes no cars.
        return not ({"foot", "bicycle"} & tags.keys()) or tags.get("hgv") == "yes"
    return not (kind == "service" and tags.get("service") == "emergency_access")


def _directions(tags: Tags, kind: str, rules: Rules) -> tuple[bool, bool, tuple[tuple[str, str], ...]]:
    unread: tuple[tuple[str, str], ...] = ()
    way = "both"
    if "oneway" in rules.oneway and (kind == "motorway" or tags.get("junction") in _ROUND):
        way = "there"
    for key in rules.oneway:
        value = tags.get(key)
        if value is None:
            continue
        read = _ONEWAY.get(value.strip().lower())
        if read is not None:
            way = read
            break
        unread = (*unread, (key, value))
    there = way in {"there", "both"} and _said(tags, rules.keys, ":forward") is not False
    back = way in {"back", "both"} and _said(tags, rules.keys, ":backward") is not False
    return there, back, unread


def _speeds(tags: Tags) -> tuple[float, float, tuple[tuple[str, str], ...]]:
    """Return the limits along and against the way it was drawn."""
    found, unread = [], []
    for key in ("maxspeed:forward", "maxspeed:backward", "maxspeed"):
        value = tags.get(key)
        speed = float("nan") if value is None else parse_maxspeed(value)
        if speed is None:
            unread.append((key, str(value)))
            speed = float("nan")
        found.append(speed)
    there, back, both = found
    if both != both:  # noqa: PLR0124 - NaN
        both = _by_type(tags)
    there, back = (both if own != own else own for own in (there, back))  # noqa: PLR0124 - NaN
    return there, back, tuple(unread)


def _by_type(tags: Tags) -> float:
    """Return the limit that follows from the kind of road, which the United Kingdom keeps in a key of its own."""
    value = tags.get("maxspeed:type", "")
    # Other values say where the limit was seen, such as sign.
    speed = parse_maxspeed(value) if ":" in value else None
    return float("nan") if speed is None else speed


def parse_duration(text: str) -> float | None:
    """Read a duration in seconds; None where it cannot be read or is none.

    Examples
    --------
    >>> parse_duration("01:05"), parse_duration("90"), parse_duration("00:00:30"), parse_duration("PT1H30M")
    (3900.0, 5400.0, 30.0, 5400.0)
    >>> parse_duration("soon") is None
    True
    """
    word = text.strip()
    clock, iso = _CLOCK.fullmatch(word), _ISO.fullmatch(word)
    if clock is not None:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        total = hours * 3600 + minutes * 60 + seconds
    elif iso is not None:
        days, hours, minutes, seconds = (int(part or 0) for part in iso.groups())
        total = days * 86_400 + hours * 3600 + minutes * 60 + seconds
    else:
        return None
    return float(total) if total > 0 else None


def ferry_speed(length_m: float) -> float:
    """Return the speed in km/h of a ferry that states no duration; see :data:`FERRY_SOURCE`."""
    return 5.0 if length_m < 1_000 else 15.0 if length_m < 30_000 else 30.0


def bars(tags: Tags, profile: Profile) -> bool:
    """Say whether a node stops the traveller.

    Examples
    --------
    >>> bars({"barrier": "bollard"}, "drive"), bars({"barrier": "bollard"}, "walk"), bars({"barrier": "gate"}, "drive")
    (True, False, False)
    >>> bars({"barrier": "gate", "access": "private"}, "drive")
    True
    """
    barrier = tags.get("barrier")
    if barrier is None:
        return False
    rules = RULES[profile]
    said = _said(tags, rules.keys)
    if said is not None:
        return not said
    # OSRM, car profile: one that sinks into the ground lets traffic pass.
    return barrier in rules.stops and not (barrier == "bollard" and tags.get("bollard") == "rising")
