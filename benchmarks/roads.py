"""Nearest of 100 services for every node of a road graph: beside scipy, networkx and pandana, and on one ten times as large."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd
from harness import SERVICES, Result, Sizes, by_turns, measured
from measured import sites_at
from scipy.sparse.csgraph import dijkstra
from streets import Streets, services, streets

import rcp_geo as rg

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# Gigabytes, by the bar.
MOST_GB = 12


def roads(sizes: Sizes) -> list[Result]:
    """Time the search beside scipy's, and the way from a table of edges to the answer beside networkx's."""
    made = streets(sizes.road_nodes)
    at = services(made, SERVICES)
    return [*beside_scipy(made, at, sizes), beside_networkx(made, at, sizes), *beside_pandana(sizes)]


def named(made: Streets) -> str:
    """Return how large a graph is, in words."""
    return f"{len(made.x):,} nodes, {len(made.arcs[0]):,} directed edges"


def beside_scipy(made: Streets, at: NDArray[np.intp], sizes: Sizes) -> list[Result]:
    """Time the search alone, services at nodes."""
    network, sites, matrix = rg.RoadNetwork.from_edges(made.edges()), sites_at(made.x[at], made.y[at]), made.against()
    found = network.nearest_of_nodes(sites)
    require_same("roads", found["distance_m"], dijkstra(matrix, indices=at, min_only=True), 1e-3)
    times = by_turns(
        lambda: network.nearest_of_nodes(sites), lambda: dijkstra(matrix, indices=at, min_only=True), sizes.runs
    )
    ratio = times[0] / times[1]
    return [
        Result(
            "roads",
            f"`nearest_of_nodes`, {named(made)}, {SERVICES} services: which one, how far, whether tied",
            "`scipy.sparse.csgraph.dijkstra(min_only=True)`: how far",
            *times,
            ratio,
            "at most 1.3 times as long",
            ratio <= 1.3,
            "every distance the same to a millimetre",
        )
    ]


def beside_networkx(made: Streets, at: NDArray[np.intp], sizes: Sizes) -> Result:
    """Time the way from a table of edges to the answer."""
    sites = sites_at(made.x[at], made.y[at])
    tail, head, length = made.arcs

    def ours() -> pd.DataFrame:
        return rg.RoadNetwork.from_edges(made.edges()).nearest_of_nodes(sites)

    def theirs() -> dict[int, float]:
        graph = nx.DiGraph()
        # Turned round: from the services to everyone.
        graph.add_weighted_edges_from(zip(head.tolist(), tail.tolist(), length.tolist(), strict=True))
        return dict(nx.multi_source_dijkstra_path_length(graph, at.tolist()))

    other = pd.Series(theirs()).reindex(range(len(made.x))).to_numpy()
    require_same("roads", ours()["distance_m"], other, 1e-3)
    times = by_turns(ours, theirs, min(sizes.runs, 3))
    ratio = times[1] / times[0]
    return Result(
        "roads",
        "the same, from a table of edges to the answer",
        "`networkx.DiGraph` and `multi_source_dijkstra_path_length`",
        *times,
        ratio,
        "at least 12 times as fast",
        ratio >= 12,
        "every distance the same to a millimetre",
    )


def beside_pandana(sizes: Sizes) -> list[Result]:
    """Time the search beside pandana's query after its preparation, on a graph that it can prepare in about a minute."""
    try:
        import pandana
    except ImportError:
        print(
            "roads: pandana is not installed (pip install --group bench), so nothing was compared with it",
            file=sys.stderr,
        )
        return []
    made = streets(sizes.pandana_nodes, both_ways=True)
    at = services(made, SERVICES)
    network, sites = rg.RoadNetwork.from_edges(made.edges()), sites_at(made.x[at], made.y[at])
    found = network.nearest_of_nodes(sites)["distance_m"].to_numpy(dtype=np.float64)
    start = time.perf_counter()
    x, y, u, v = (pd.Series(a) for a in (made.x, made.y, made.u, made.v))
    other = pandana.Network(x, y, u, v, pd.DataFrame({"length": made.length_m}), twoway=True)
    build = time.perf_counter() - start
    beyond = float(found.max()) + 1_000
    other.set_pois("services", beyond, 1, x.iloc[at], y.iloc[at])

    def theirs() -> pd.DataFrame:
        return other.nearest_pois(beyond, "services", num_pois=1, include_poi_ids=True)

    # pandana keeps lengths to the millimetre.
    require_same("roads", found, theirs()[1].to_numpy(), 1.0)
    times = by_turns(lambda: network.nearest_of_nodes(sites), theirs, min(sizes.runs, 3))
    ratio = times[1] / times[0]
    return [
        Result(
            "roads",
            f"`nearest_of_nodes`, {named(made)}, {SERVICES} services",
            f"pandana {pandana.__version__}, its query alone, after {build:.1f} s of preparation",
            *times,
            ratio,
            "at least 10 times as fast",
            ratio >= 10,
            "every distance the same to a metre",
        )
    ]


def require_same(name: str, ours: ArrayLike, theirs: ArrayLike, metres: float) -> None:
    """Stop where two sets of distances differ."""
    apart = np.abs(np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64))
    if not (apart <= metres).all():
        raise SystemExit(f"{name}: the distances differ, by up to {np.nanmax(apart)} m")


def tenfold(sizes: Sizes) -> list[Result]:
    """Time a graph ten times as large, each in a process of its own, by turns."""
    found: dict[int, list[dict[str, Any]]] = {1: [], sizes.tiles: []}
    with TemporaryDirectory() as folder:
        for tiles in found:
            kept = Path(folder, str(tiles))
            kept.mkdir()
            made = streets(sizes.road_nodes, tiles)
            for name, values in vars(made).items():
                np.save(kept / f"{name}.npy", values)
            np.save(kept / "services.npy", services(made, SERVICES))
            label = named(made)
            del made
        for _ in range(min(sizes.runs, 3)):
            for tiles, kept_runs in found.items():
                kept_runs.append(measured("graph", folder=str(Path(folder, str(tiles)))))
    if not all(run["same"] for runs in found.values() for run in runs):
        raise SystemExit("roads x10: the distances are not those of scipy")
    results = []
    peak = max(run["peak_gb"] for run in found[sizes.tiles])
    for what, said, barred in (
        ("whole", "from a table of edges to the answer", True),
        ("first", "the same, the first time in its process", False),
        ("search", "the search alone", True),
        ("scipy", "scipy's `dijkstra(min_only=True)` alone", False),
    ):
        ours, theirs = (float(np.median([run[what] for run in found[tiles]])) for tiles in (sizes.tiles, 1))
        ratio = ours / theirs
        results.append(
            Result(
                "roads_x10",
                f"{label}, {SERVICES} services: {said}",
                "a tenth of it",
                ours,
                theirs,
                ratio,
                f"at most 14 times as long; under {MOST_GB} GB" if barred else "",
                ratio <= 14 and peak < MOST_GB if barred else None,
                f"every distance that of scipy to a millimetre; at most {peak:.1f} GB of memory" if barred else "",
            )
        )
    return results
