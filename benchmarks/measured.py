"""The parts of benchmarks that run in processes of their own, so that the memory that is told is theirs.

::

    python benchmarks/measured.py WHAT '{"its": "arguments"}'
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
from streets import Streets

import rcp_geo as rg

if TYPE_CHECKING:
    from numpy.typing import NDArray


def peak_gb() -> float:
    """Return the most memory that this process has held, in GB."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage tells begins, in a new process, with what its parent held.
        return next(int(line.split()[1]) * 1024 / 1e9 for line in status.read_text().splitlines() if "VmHWM" in line)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most * (1 if sys.platform == "darwin" else 1024) / 1e9


def sites_at(x: NDArray[np.float64], y: NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Return services at places on the National Grid."""
    return gpd.GeoDataFrame(
        {"site_id": [f"s{i:03d}" for i in range(len(x))]}, geometry=gpd.points_from_xy(x, y), crs="EPSG:27700"
    )


def graph(folder: str) -> dict[str, Any]:
    """From a table of edges to the nearest service of every node, twice; checked against scipy's own search."""
    from scipy.sparse.csgraph import dijkstra

    made = Streets(*(np.load(Path(folder, f"{n}.npy")) for n in ("x", "y", "u", "v", "length_m", "oneway")))
    at = np.load(Path(folder, "services.npy"))
    sites = sites_at(made.x[at], made.y[at])
    # A machine that hands memory out bit by bit, as virtual ones do, takes its time over what a process touches for the first
    # time: the second run tells what the work takes.
    seconds = [timed(lambda: rg.RoadNetwork.from_edges(made.edges()).nearest_of_nodes(sites)) for _ in range(2)]
    network = rg.RoadNetwork.from_edges(made.edges())
    search = [timed(lambda: network.nearest_of_nodes(sites)) for _ in range(2)][-1]
    peak = peak_gb()
    found = network.nearest_of_nodes(sites)["distance_m"].to_numpy(dtype=np.float64)
    matrix = made.against()
    scipy = [timed(lambda: dijkstra(matrix, indices=at, min_only=True)) for _ in range(2)][-1]
    apart = np.abs(found - dijkstra(matrix, indices=at, min_only=True))
    return {
        "first": seconds[0],
        "whole": seconds[1],
        "search": search,
        "scipy": scipy,
        "peak_gb": peak,
        "same": bool((apart <= 1e-3).all()),
    }


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def read(path: str, saved: str) -> list[tuple[str, float, float, str]]:
    """Read a file and save the network."""
    steps = []
    start = time.perf_counter()
    network = rg.read_network(path)
    steps.append(("read and built", time.perf_counter() - start, peak_gb(), f"{network!r}".strip("<>")))
    start = time.perf_counter()
    network.save(saved)
    size = Path(saved).stat().st_size
    steps.append(("saved", time.perf_counter() - start, peak_gb(), f"{size / 1e9:.2f} GB"))
    return steps


def answer(saved: str, services: list[int], answers: str) -> list[tuple[str, float, float, str]]:
    """Load a network and find the nearest service of every node, twice; keep the answers."""
    steps = []
    start = time.perf_counter()
    network = rg.RoadNetwork.load(saved)
    steps.append(("loaded", time.perf_counter() - start, peak_gb(), "checksum and all"))
    # Ids end in the number of the node. Services stand exactly at nodes of the network: a hair beside, on a one-way street,
    # would be another place.
    number = np.array([int(str(n)[-12:]) - 1 for n in network.edges.node_id.tolist()])
    at = np.flatnonzero(np.isin(number, services))
    sites = sites_at(network.edges.x[at], network.edges.y[at])
    for step in ("nearest of all nodes, the first time", "again"):
        start = time.perf_counter()
        found = network.nearest_of_nodes(sites)
        steps.append((step, time.perf_counter() - start, peak_gb(), f"{len(sites)} services, {len(found):,} nodes"))
    np.savez(answers, number=number, metres=found["distance_m"].to_numpy(dtype=np.float64))
    return steps


PARTS: dict[str, Callable[..., Any]] = {"graph": graph, "read": read, "answer": answer}

if __name__ == "__main__":
    print(json.dumps(PARTS[sys.argv[1]](**json.loads(sys.argv[2]))))
