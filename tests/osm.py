"""Small extracts of OpenStreetMap for tests, written with osmium from places in metres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Way

from rcp_geo.crs import bng_to_wgs84

# Metres of the town are counted from here.
CORNER = (430_000.0, 433_000.0)

Tags = Mapping[str, str]


def degrees(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a place of the town."""
    longitude, latitude = bng_to_wgs84([CORNER[0] + x], [CORNER[1] + y])
    return float(longitude[0]), float(latitude[0])


def write(
    path: Path,
    places: Mapping[int, tuple[float, float]],
    ways: Mapping[int, tuple[Sequence[int], Tags]],
    node_tags: Mapping[int, Tags] | None = None,
) -> Path:
    """Write nodes and ways to a PBF file, nodes first; a name that ends in .osh.pbf makes it a history."""
    path.unlink(missing_ok=True)
    writer = osmium.SimpleWriter(str(path))
    for node, place in places.items():
        writer.add_node(Node(id=node, version=1, location=degrees(*place), tags=dict((node_tags or {}).get(node, {}))))
    for way, (refs, tags) in ways.items():
        writer.add_way(Way(id=way, version=1, nodes=list(refs), tags=dict(tags)))
    writer.close()
    return path


# A town that can be worked out by hand, on a grid of 100 m:
#
#      y
#    300   4 --<-- 3 ~~ 10 (private)              1-2-3-4: a block; 2-3 is one-way north, 3-4 one-way west (drawn from
#          |       |                              4 to 3, oneway=-1); 4-1 has a limit for each direction
#          |       ^    6                         5-6-7-8: a roundabout, driven clockwise
#          |       |   / \                        9-20: a ferry of 20 minutes, for cars and walkers
#      0   1 --12- 2--5   7---9 ~~~~~ 20 --21     12: a bend; no junction
#                      \ /                        11: a bollard on the road from 1 to the south
#                       8                         1-3: a footpath; 13-14: a bridge over 1-2 that does not meet it
#   -100   11
#   -200   15
PLACES: dict[int, tuple[float, float]] = {
    1: (0, 0),
    2: (300, 0),
    3: (300, 300),
    4: (0, 300),
    5: (400, 0),
    6: (430, 40),
    7: (460, 0),
    8: (430, -40),
    9: (560, 0),
    10: (400, 300),
    11: (0, -100),
    12: (150, 0),
    13: (200, 100),
    14: (200, -100),
    15: (0, -200),
    20: (2_560, 0),
    21: (2_660, 0),
}
WAYS: dict[int, tuple[Sequence[int], Tags]] = {
    101: ([1, 12, 2], {"highway": "residential", "maxspeed": "30 mph", "name": "Ford Lane"}),
    102: ([2, 3], {"highway": "residential", "oneway": "yes", "maxspeed": "GB:nsl_single"}),
    103: ([4, 3], {"highway": "residential", "oneway": "-1", "maxspeed": "as signed"}),
    104: ([4, 1], {"highway": "secondary", "maxspeed": "40 mph", "maxspeed:backward": "20 mph"}),
    105: ([2, 5], {"highway": "tertiary", "maxspeed": "50"}),
    106: ([5, 6, 7, 8, 5], {"highway": "tertiary", "junction": "roundabout"}),
    107: ([7, 9], {"highway": "tertiary", "maxspeed": "national"}),
    108: ([9, 20], {"route": "ferry", "duration": "00:20", "motor_vehicle": "yes", "foot": "yes"}),
    109: ([20, 21], {"highway": "unclassified"}),
    110: ([3, 10], {"highway": "service", "access": "private"}),
    111: ([1, 11, 15], {"highway": "residential"}),
    112: ([1, 3], {"highway": "footway", "oneway": "yes"}),
    113: ([13, 14], {"highway": "residential", "bridge": "yes", "layer": "1"}),
    114: ([21, 998, 999], {"highway": "residential"}),
    115: ([9, 3], {"building": "yes"}),
    116: ([5, 6, 7], {"highway": "pedestrian", "area": "yes"}),
    117: ([2, 13], {"highway": "proposed"}),
}
NODE_TAGS: dict[int, Tags] = {11: {"barrier": "bollard"}, 12: {"barrier": "gate"}, 10: {"amenity": "post_box"}}


def town(path: Path, ways: Mapping[int, tuple[Sequence[int], Tags]] = WAYS) -> Path:
    """Write the town."""
    return write(path, PLACES, ways, NODE_TAGS)
