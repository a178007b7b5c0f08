"""How fast, beside what geopandas takes for the same on the same machine, in one command.

::

    python benchmarks/run.py                      print a table and write benchmarks/results/latest.json
    python benchmarks/run.py --all                those of national size and beyond as well: roads_x10, osm, openroads
    python benchmarks/run.py --smoke              all of them on small inputs, in seconds, to see that they run
    python benchmarks/run.py --only locate        one of them: assess, locate, nearest, geocode, roads, roads_x10, osm, openroads

Ratios of medians, taken by turns in one run, are what to compare: times depend on the machine. Answers are checked against
geopandas' or against brute force before anything is timed; the run fails where they differ. It does not fail where a bar
is missed, which on a busy machine says little; it says so in the table.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from harness import FULL, SERVICES, SMOKE, Result, Sizes, Step, by_turns
from national import openroads, osm
from pyproj import Geod
from roads import roads, tenfold

import rcp_geo as rg
from rcp_geo.postcodes import _letter

SEED = 20221101
PACKAGES = ("geopandas", "numpy", "pandas", "pyproj", "rcp_geo", "scipy", "shapely")


def people(count: int) -> gpd.GeoDataFrame:
    """Return points scattered about 2 km around the demand points, on the National Grid: where people are, some at sea."""
    rng = np.random.default_rng(SEED)
    demand = rg.load_demand()
    at = rng.integers(0, len(demand), count)
    x = demand["easting"].to_numpy()[at] + rng.normal(0, 2_000, count)
    y = demand["northing"].to_numpy()[at] + rng.normal(0, 2_000, count)
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs="EPSG:27700")


def assess(sizes: Sizes) -> list[Result]:
    """Time the whole command, cold, against importing geopandas."""
    ours = [str(Path(sys.executable).with_name("rcp-geo")), "assess"]
    theirs = [sys.executable, "-c", "import geopandas"]
    lines = subprocess.run(ours, check=True, capture_output=True, text=True).stdout.splitlines()
    if len(lines) != len(rg.load_boundaries(rg.load_directory().reference_date)) + 1:
        raise SystemExit(f"assess printed {len(lines)} lines")
    times = by_turns(
        lambda: subprocess.run(ours, check=True, stdout=subprocess.DEVNULL),
        lambda: subprocess.run(theirs, check=True, stdout=subprocess.DEVNULL),
        sizes.processes,
    )
    ratio = times[0] / times[1]
    return [
        Result(
            "assess",
            "`rcp-geo assess`, whole process",
            '`python -c "import geopandas"`',
            *times,
            ratio,
            "under 5 times as long",
            ratio < 5,
            f"{len(lines)} lines",
        )
    ]


def locate(sizes: Sizes) -> list[Result]:
    """Time the authority of many points against geopandas' spatial join."""
    points = people(sizes.points)
    embedded = rg.load_boundaries("2023-04-01")
    polygons = embedded.frame

    def ours() -> pd.DataFrame:
        # A copy has no raster yet, so that laying it is part of the time.
        return rg.locate(points, replace(embedded))

    def theirs() -> gpd.GeoDataFrame:
        return points.sjoin(polygons[["authority_code", "geometry"]], predicate="within")

    found, joined = ours(), theirs()
    inside = found[found["position"] == "inside"]
    if (
        not joined["authority_code"]
        .sort_index()
        .equals(inside["authority_code"].astype(joined["authority_code"].dtype))
    ):
        raise SystemExit("locate: the answers are not those of sjoin")
    counts = found["position"].value_counts()
    times = by_turns(ours, theirs, sizes.runs)
    ratio = times[1] / times[0]
    return [
        Result(
            "locate",
            f"`locate`, {sizes.points:,} points, {len(polygons)} polygons",
            '`sjoin(predicate="within")`',
            *times,
            ratio,
            "at least 3 times as fast",
            ratio >= 3,
            f"{counts.get('inside', 0):,} inside, the same; {counts.get('outside', 0):,} outside; "
            f"{counts.get('border', 0):,} on a border, which `within` drops",
        )
    ]


def nearest(sizes: Sizes) -> list[Result]:
    """Time the nearest service of many points, on the ellipsoid, against geopandas' planar one."""
    homes = people(sizes.points)
    demand = rg.load_demand()
    sites = demand.iloc[:: len(demand) // SERVICES][:SERVICES].reset_index(drop=True)[["geometry"]]
    planar = sites.to_crs("EPSG:27700")
    degrees = homes.to_crs("EPSG:4326")

    def theirs() -> gpd.GeoDataFrame:
        return homes.sjoin_nearest(planar, distance_col="distance_m")

    checked = check_nearest(degrees, sites, rg.nearest(degrees, sites), theirs())
    results = []
    # The bar is for coordinates as each computes with; from the National Grid ours has them to turn first.
    for origins, what, barred in ((degrees, "longitude and latitude", True), (homes, "National Grid", False)):
        times = by_turns(partial(rg.nearest, origins, sites), theirs, sizes.runs)
        ratio = times[0] / times[1]
        results.append(
            Result(
                "nearest",
                f"`nearest`, {sizes.points:,} points in {what}, {SERVICES} services, exact on the ellipsoid",
                "`sjoin_nearest`, planar",
                *times,
                ratio,
                "at most 2 times as long" if barred else "",
                ratio <= 2 if barred else None,
                checked if barred else "the same",
            )
        )
    return results


def check_nearest(
    homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, ours: pd.DataFrame, theirs: gpd.GeoDataFrame
) -> str:
    """Compare some rows with brute force on the ellipsoid, and say how many of geopandas' answers are the same."""
    some = np.random.default_rng(SEED).choice(len(homes), 2_000, replace=False)
    home, site = homes.geometry.iloc[some], sites.geometry
    m, n = len(home), len(site)
    _, _, every = Geod(ellps="WGS84").inv(
        np.repeat(home.x, n), np.repeat(home.y, n), np.tile(site.x, m), np.tile(site.y, m)
    )
    metres = np.asarray(every).reshape(m, n)
    row = ours.iloc[some]
    if not (
        np.array_equal(row["destination_id"].to_numpy(dtype=np.int64), metres.argmin(axis=1))
        and np.array_equal(row["distance_m"].to_numpy(), metres.min(axis=1))
    ):
        raise SystemExit("nearest: the answers are not those of brute force on the ellipsoid")
    flat_answer = theirs[~theirs.index.duplicated()].sort_index()["index_right"].to_numpy()
    same = (ours["destination_id"].to_numpy(dtype=np.int64) == flat_answer).mean()
    return f"{len(some):,} rows as by brute force; {same:.3%} of all go to the same service on the plane"


def geocode(sizes: Sizes) -> list[Result]:
    """Time the points of many postcodes against reading the table that holds them."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "postcodes.csv"
        drawn = some_postcodes(sizes.points)
        drawn.to_csv(path, index=False)
        found = rg.geocode(drawn["postcode"])
        if not (found["status"] == "found").all() or not (found["matched"] == drawn["postcode"].to_numpy()).all():
            raise SystemExit("geocode: a postcode was not found, or another was found for it")
        times = by_turns(lambda: rg.geocode(pd.read_csv(path)["postcode"]), lambda: pd.read_csv(path), sizes.runs)
    return [
        Result(
            "geocode",
            f"`geocode`, {sizes.points:,} postcodes, read from CSV",
            "`pandas.read_csv` of the table alone",
            *times,
            times[0] / times[1],
            "under 10 s",
            times[0] < 10,
            "every postcode found, as itself",
        )
    ]


def some_postcodes(count: int) -> pd.DataFrame:
    """Return postcodes drawn from all of Great Britain's, written with their space."""
    letters = [t for t in map(_letter, "ABCDEFGHIJKLMNOPRSTUWYZ") if t is not None]
    codes = np.concatenate([t.codes.to_numpy() for t in letters])
    drawn = np.random.default_rng(SEED).choice(codes, count)
    return pd.DataFrame({"postcode": [f"{c[:-3]} {c[-3:]}" for c in drawn]})


def machine() -> dict[str, Any]:
    """Say what the figures were measured on."""
    model = platform.processor() or platform.machine()
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        names = [line.partition(":")[2].strip() for line in listing.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "cpu": model,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
    }


def tables(found: Sequence[Result | Step], about: dict[str, Any], *, bars: bool) -> str:
    """Return the results as Markdown tables, with what they were measured on below; bars are for full sizes only."""
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    where = f"{about['cpu']}, {about['cores']} cores, {about['system']}; Python {about['python']}; {packages}."
    results = [r for r in found if isinstance(r, Result)]
    steps = [s for s in found if isinstance(s, Step)]
    parts = [*([table(results, bars=bars)] if results else []), *([table_of_steps(steps)] if steps else [])]
    return "\n\n".join([*parts, f"{where} Load before the run: {about['load_before']}."])


def table_of_steps(steps: list[Step]) -> str:
    """Return the steps as a Markdown table."""
    lines = ["| file | step | s | most memory so far, GB | |", "|---|---|---|---|---|"]
    for s in steps:
        peak = "" if s.peak_gb is None else f"{s.peak_gb:.1f}"
        lines.append(f"| `{s.name}` | {s.step} | {s.seconds:.1f} | {peak} | {s.said} |")
    return "\n".join(lines)


def table(results: list[Result], *, bars: bool) -> str:
    """Return comparisons as a Markdown table."""
    lines = [
        "| ours | s | theirs | s | ratio | bar | met | answers |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in results:
        met = "" if r.met is None or not bars else "yes" if r.met else "**no**"
        lines.append(
            f"| {r.ours} | {r.ours_s:.3f} | {r.theirs} | {r.theirs_s:.3f} | {r.ratio:.2f} | {r.bar} | {met} | {r.checked} |"
        )
    return "\n".join(lines)


BENCHMARKS: dict[str, Callable[[Sizes], Sequence[Result | Step]]] = {
    "assess": assess,
    "locate": locate,
    "nearest": nearest,
    "geocode": geocode,
    "roads": roads,
    "roads_x10": tenfold,
    "osm": osm,
    "openroads": openroads,
}
# These take minutes each, and gigabytes.
LARGE = {"roads_x10", "osm", "openroads"}


def main() -> int:
    """Run what the command line asks for, print the table and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--smoke", action="store_true", help="small inputs, once each; bars mean nothing then")
    parser.add_argument("--all", action="store_true", help="those of national size and beyond as well")
    parser.add_argument("--only", choices=BENCHMARKS, action="append", help="run one of them; repeatable")
    parser.add_argument(
        "--json", type=Path, default=Path(__file__).parent / "results" / "latest.json", help="file for the figures"
    )
    arguments = parser.parse_args()
    sizes = SMOKE if arguments.smoke else FULL
    about = machine()
    usual = [name for name in BENCHMARKS if arguments.all or arguments.smoke or name not in LARGE]
    results = [r for name in arguments.only or usual for r in BENCHMARKS[name](sizes)]
    print(tables(results, about, bars=not arguments.smoke))
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    figures = {
        "machine": about,
        "sizes": asdict(sizes),
        "results": [asdict(r) for r in results if isinstance(r, Result)],
        "steps": [asdict(r) for r in results if isinstance(r, Step)],
    }
    arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
