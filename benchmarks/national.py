"""Files of national size, made up and written here: read, built, saved, loaded, and searched from every node."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from harness import SERVICES, Sizes, Step, measured
from scipy.sparse.csgraph import dijkstra
from streets import SEED, Streets, services, streets

from rcp_geo.crs import bng_to_wgs84

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 250_000
# Points that a street is drawn with between its ends.
BENDS = 2
OSM = {
    "residential": 0.5,
    "unclassified": 0.2,
    "service": 0.15,
    "tertiary": 0.08,
    "secondary": 0.04,
    "primary": 0.02,
    "trunk": 0.01,
}
FUNCTIONS = {
    "Local Road": 0.5,
    "Minor Road": 0.2,
    "Local Access Road": 0.2,
    "B Road": 0.06,
    "A Road": 0.03,
    "Motorway": 0.01,
}


def osm(sizes: Sizes) -> list[Step]:
    """Time an extract of OpenStreetMap in PBF, for cars."""
    if importlib.util.find_spec("osmium") is None:
        print("osm: osmium is not installed (pip install 'rcp-geo[osm]'), so no extract was read", file=sys.stderr)
        return []
    made = streets(sizes.national_nodes, sizes.national_tiles)
    return file_of("osm", "roads.osm.pbf", made, write_osm, 1.0)


def openroads(sizes: Sizes) -> list[Step]:
    """Time a GeoPackage of OS Open Roads, which has no one-way streets."""
    made = streets(sizes.national_nodes, sizes.national_tiles, both_ways=True)
    return file_of("openroads", "oproad_gb.gpkg", made, write_open_roads, 1e-3)


def file_of(name: str, file: str, made: Streets, write: Callable[[Streets, Path], None], metres: float) -> list[Step]:
    """Write a file and time what is done with it, in processes of their own; check every distance against scipy's."""
    at = services(made, SERVICES)
    with TemporaryDirectory() as folder:
        path, saved, answers = Path(folder, file), Path(folder, "roads.arrow"), Path(folder, "answers.npz")
        start = time.perf_counter()
        write(made, path)
        size = path.stat().st_size / 1e9
        steps = [Step(name, f"`{file}` written by the benchmark", time.perf_counter() - start, None, f"{size:.2f} GB")]
        found = measured("read", path=str(path), saved=str(saved))
        found += measured("answer", saved=str(saved), services=at.tolist(), answers=str(answers))
        steps += [Step(name, *step) for step in found]
        kept = np.load(answers)
        ours = np.full(len(made.x), np.nan)
        ours[kept["number"]] = kept["metres"]
    theirs = dijkstra(made.against(), indices=at, min_only=True)
    if not np.allclose(ours, theirs, rtol=1e-5, atol=metres):
        raise SystemExit(f"{name}: the distances are not those of scipy, by up to {np.nanmax(np.abs(ours - theirs))} m")
    return steps


def drawn(made: Streets, some: slice) -> NDArray[np.float64]:
    """Return the points of some streets, ends included."""
    share = np.linspace(0, 1, BENDS + 2)[None, :, None]
    a, b = (np.column_stack([made.x[ends[some]], made.y[ends[some]]])[:, None] for ends in (made.u, made.v))
    return np.asarray(a + (b - a) * share)


def chunks(count: int) -> Iterator[slice]:
    """Go through a number of rows in parts."""
    return (slice(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK))


def write_osm(made: Streets, path: Path) -> None:
    """Write streets as OpenStreetMap has them: a way each, with its bends, class and here and there a limit."""
    import osmium
    from osmium.osm.mutable import Node, Way

    rng = np.random.default_rng(SEED)
    kind = rng.choice(list(OSM), len(made.u), p=list(OSM.values()))
    limited = rng.random(len(made.u)) < 0.4
    n = len(made.x)
    writer = osmium.SimpleWriter(str(path))
    for some in chunks(n):
        longitude, latitude = bng_to_wgs84(made.x[some], made.y[some])
        for i, place in enumerate(zip(longitude.tolist(), latitude.tolist(), strict=True), start=some.start + 1):
            writer.add_node(Node(id=i, location=place))
    for some in chunks(len(made.u)):
        bends = drawn(made, some)[:, 1:-1].reshape(-1, 2)
        longitude, latitude = bng_to_wgs84(bends[:, 0], bends[:, 1])
        first = n + 1 + some.start * BENDS
        for i, place in enumerate(zip(longitude.tolist(), latitude.tolist(), strict=True), start=first):
            writer.add_node(Node(id=i, location=place))
    rows = zip(made.u.tolist(), made.v.tolist(), made.oneway.tolist(), kind.tolist(), limited.tolist(), strict=True)
    for i, (u, v, oneway, highway, limit) in enumerate(rows):
        tags = {"highway": highway, "name": f"Street {i}"}
        if oneway:
            tags["oneway"] = "yes"
        if limit:
            tags["maxspeed"] = "30 mph"
        first = n + 1 + i * BENDS
        writer.add_way(Way(id=i + 1, nodes=[u + 1, *range(first, first + BENDS), v + 1], tags=tags))
    writer.close()


def ids(numbers: NDArray[np.int64]) -> list[str]:
    """Return identifiers of the form of Ordnance Survey's."""
    return [f"4F0A1B2C-0000-4000-8000-{i + 1:012d}" for i in numbers.tolist()]


def write_open_roads(made: Streets, path: Path) -> None:
    """Write streets as OS Open Roads has them: links with their bends, and nodes."""
    rng = np.random.default_rng(SEED)
    function = rng.choice(list(FUNCTIONS), len(made.u), p=list(FUNCTIONS.values()))
    for some in chunks(len(made.u)):
        columns = {
            "id": ids(np.arange(some.start, some.stop)),
            "road_function": function[some],
            "form_of_way": "Single Carriageway",
            "start_node": ids(made.u[some]),
            "end_node": ids(made.v[some]),
            "length": made.length_m[some],
        }
        append(
            path,
            "road_link",
            gpd.GeoDataFrame(columns, geometry=shapely.linestrings(drawn(made, some)), crs="EPSG:27700"),
        )
    for some in chunks(len(made.x)):
        columns = {"id": ids(np.arange(some.start, some.stop))}
        append(
            path,
            "road_node",
            gpd.GeoDataFrame(columns, geometry=shapely.points(made.x[some], made.y[some]), crs="EPSG:27700"),
        )


def append(path: Path, layer: str, rows: gpd.GeoDataFrame) -> None:
    """Add rows to a layer of a GeoPackage."""
    exists = path.exists() and layer in pyogrio.list_layers(path)[:, 0]
    pyogrio.write_dataframe(rows, path, layer=layer, append=exists, layer_options={"SPATIAL_INDEX": "NO"})
