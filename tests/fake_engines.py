"""Routing engines made up for the tests: packages that speak as the real ones do, over a world without roads.

A journey is a straight line at 20 metres a second. North of 57 degrees there is no road, and no road joins what lies east of
10 degrees to what lies west. The packages are written to a folder, with programs that make files from a "map", so that the
adapters find, run and import them as they would the real ones.
"""

from __future__ import annotations

import stat
import sys
import tempfile
from functools import cache
from pathlib import Path

SPEED = 20.0
NO_ROAD_NORTH_OF = 57.0
ISLAND_EAST_OF = 10.0
VALHALLA, OSRM = "1.0.fake", "2.0.fake"

_WORLD = f"""
import math
from pyproj import Geod

GEOD = Geod(ellps="WGS84")

def metres(a, b):
    if max(a[1], b[1]) > {NO_ROAD_NORTH_OF} or (a[0] > {ISLAND_EAST_OF}) != (b[0] > {ISLAND_EAST_OF}):
        return None
    return GEOD.inv(a[0], a[1], b[0], b[1])[2]

def seconds(a, b):
    return None if metres(a, b) is None else metres(a, b) / {SPEED}
"""

_VALHALLA = """
import json
from pathlib import Path
from world import NO_ROAD, metres, seconds

CALLS = []

class ValhallaError(RuntimeError):
    pass

LIMITS = {"max_locations": 20, "max_matrix_distance": 400000.0, "max_matrix_location_pairs": 2500}
CONFIG = {
    "mjolnir": {"traffic_extract": "/data/traffic.tar"},
    "loki": {"use_connectivity": True},
    "additional_data": {"elevation": "/data/elevation"},
    "service_limits": {c: dict(LIMITS) for c in ("auto", "bicycle", "pedestrian")},
}

def get_config(tile_extract="tiles.tar", tile_dir="tiles", verbose=False):
    # As in the real package, only the outermost dictionary is copied.
    config = dict(CONFIG)
    config["mjolnir"]["tile_dir"], config["mjolnir"]["tile_extract"] = tile_dir, tile_extract
    return config

class Actor:
    def __init__(self, config):
        self.config = json.loads(Path(config).read_text())
        tiles = Path(self.config["mjolnir"]["tile_dir"])
        self.map = (tiles / "0.gph").read_text()

    def locate(self, request):
        CALLS.append(("locate", request))
        if "broken" in self.map:
            raise ValhallaError("tiles are broken")
        return [self._place(p) for p in request["locations"]]

    def _place(self, p):
        near = p["lat"] <= NO_ROAD
        # Two edges meet at a place 0.001 degrees of latitude south of it where the map says that roads are off.
        off = 0.001 if "off" in self.map else 0.0
        edge = {"correlated_lon": p["lon"], "correlated_lat": p["lat"] - off}
        return {"edges": [edge, dict(edge, correlated_lat=p["lat"] - 2 * off)] if near else []}

    def matrix(self, request):
        CALLS.append(("matrix", request))
        limits = self.config["service_limits"][request["costing"]]
        ends = [[(p["lon"], p["lat"]) for p in request[e]] for e in ("sources", "targets")]
        if len(ends[0]) * len(ends[1]) > limits["max_matrix_location_pairs"] or sum(map(len, ends)) > limits["max_locations"]:
            raise ValhallaError("Exceeded max locations")
        if any(y > NO_ROAD for end in ends for _, y in end):
            raise ValhallaError("No suitable edges near location")
        if "broken table" in self.map:
            return {"sources_to_targets": {"durations": [[-1.0]], "distances": [[-1.0]]}}
        told = {
            "durations": [[seconds(a, b) for b in ends[1]] for a in ends[0]],
            "distances": [[None if metres(a, b) is None else metres(a, b) / 1000 for b in ends[1]] for a in ends[0]],
        }
        return {"sources_to_targets": told, "units": request["units"]}
"""

_OSRM = """
from pathlib import Path
from world import NO_ROAD, metres, seconds

CALLS = []

class NearestParameters:
    def __init__(self, coordinates, radiuses):
        self.coordinates, self.radiuses = coordinates, radiuses

class TableParameters:
    def __init__(self, coordinates, radiuses, sources, destinations, annotations):
        self.coordinates, self.radiuses, self.annotations = coordinates, radiuses, annotations
        self.sources, self.destinations = sources, destinations

class OSRM:
    def __init__(self, algorithm, storage_config, use_shared_memory, max_locations_distance_table):
        if use_shared_memory:
            raise RuntimeError("No shared memory block")
        self.limit = max_locations_distance_table
        self.map = Path(storage_config).read_text()

    def Nearest(self, asked):
        CALLS.append(("Nearest", asked))
        if "broken nearest" in self.map:
            raise RuntimeError("InvalidOptions - broken")
        [(x, y)] = asked.coordinates
        if y > NO_ROAD:
            raise RuntimeError("NoSegment - Could not find a matching segment for coordinate")
        off = 111.0 if "off" in self.map else 0.0
        return {"waypoints": [{"distance": off}]}

    def Table(self, asked):
        CALLS.append(("Table", asked))
        if len(asked.coordinates) > self.limit:
            raise RuntimeError("TooBig - Too many table coordinates")
        if "broken table" in self.map:
            raise RuntimeError("InvalidOptions - broken")
        if any(y > NO_ROAD for _, y in asked.coordinates):
            raise RuntimeError("NoSegment - Could not find a matching segment for coordinate 0")
        a = [asked.coordinates[k] for k in asked.sources]
        b = [asked.coordinates[k] for k in asked.destinations]
        [what] = asked.annotations
        cost = {"duration": seconds, "distance": metres}[what]
        return {what + "s": [tuple(cost(p, q) for q in b) for p in a]}
"""

_PROGRAMS = {
    "valhalla": {
        "valhalla_build_admins": "open(config()['mjolnir']['admin'], 'w').write('borders')",
        "valhalla_build_tiles": """
tiles = Path(config()["mjolnir"]["tile_dir"])
(tiles / "0.gph").write_text(road_map(args[-1]))
""",
    },
    "osrm": {
        "osrm-extract": """
assert args[0] == "--profile" and Path(args[1]).read_text() == "-- " + Path(args[1]).name
assert args[2] == "--output"
assert ".osrm" not in args[3]
Path(args[3] + ".osrm.extracted").write_text(road_map(args[4]))
""",
        "osrm-partition": "Path(args[0] + '.partitioned').write_text(Path(args[0] + '.extracted').read_text())",
        "osrm-customize": "Path(args[0]).write_text(Path(args[0] + '.partitioned').read_text())",
    },
}

_HEAD = f"""#!{sys.executable}
import json, sys
from pathlib import Path
args = sys.argv[1:]

def config():
    return json.loads(Path(args[args.index("-c") + 1]).read_text())

def road_map(path):
    text = Path(path).read_text()
    if not text.startswith("map"):
        print("reading", path)
        print("PBF error: not a map")
        sys.exit(3)
    return text

"""


@cache
def folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that lives as long as the tests: ``site`` with the packages, ``cache``, and ``map.osm.pbf``."""
    room = tempfile.TemporaryDirectory(prefix="rcp-geo-fake-engines-")
    site = Path(room.name) / "site"
    for name, text in (("valhalla", _VALHALLA), ("osrm", _OSRM)):
        _write(site / name / "__init__.py", text)
        for program, body in _PROGRAMS[name].items():
            path = site / name / "bin" / program
            _write(path, _HEAD + body)
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
    for profile in ("car", "bicycle", "foot"):
        _write(site / "osrm" / "share" / "profiles" / f"{profile}.lua", f"-- {profile}.lua")
    _write(site / "world.py", f"NO_ROAD = {NO_ROAD_NORTH_OF}\n{_WORLD}")
    for package, version in (("pyvalhalla", VALHALLA), ("osrm_bindings", OSRM)):
        _write(
            site / f"{package}-{version}.dist-info" / "METADATA",
            f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n",
        )
    (Path(room.name) / "cache").mkdir()
    _write(Path(room.name) / "map.osm.pbf", "map of a world without roads")
    return room


def path(name: str) -> Path:
    """The path of something in the folder."""
    return Path(folder().name) / name


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
