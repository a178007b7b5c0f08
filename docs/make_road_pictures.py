"""Draw the road networks of the documentation: ``python docs/make_road_pictures.py FOLDER``.

FOLDER holds the networks, which are not part of the repository; docs/examples/roads.md says which they are. Figures that the page
quotes are printed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pyogrio
from matplotlib.axes import Axes

import rcp_geo as rg
from rcp_geo.travel import METRES_PER_MILE, compare_models

STATIC = Path(__file__).resolve().parent / "_static"
OSM = "© OpenStreetMap contributors (ODbL)"
OS = "Contains OS data © Crown copyright 2012 (OGL)"
ROAD, GOOD, BAD = "#9a9a9a", "#0072b2", "#e69f00"
BANDS = ("#08519c", "#6baed6", "#deebf7")
REACHED = ("#08306b", "#4292c6", "#9ecae1")


def main(folder: Path) -> None:
    """Draw one picture for each network."""
    mpl.use("Agg")
    for name, draw in (("cambridge", cambridge), ("leeds", leeds), ("solent", solent)):
        figure = draw(folder)
        figure.savefig(STATIC / f"roads-{name}.png", dpi=80, metadata={"Software": None})
        plt.close(figure)


def cambridge(folder: Path) -> plt.Figure:
    """Draw times by road to three places, and where straight lines would mislead."""
    network = rg.read_network(folder / "cambridge_drive_osm_2020.gpkg", impedance="time")
    demand = rg.load_demand().to_crs("EPSG:27700")
    homes = demand[network.snap(demand)["status"] == "ok"]
    places = rg.geocode(["CB1 1", "CB4 2", "CB2 9"])
    sites = places.set_geometry(places.to_crs("EPSG:27700").geometry).assign(site_id=places["postcode"])
    found = rg.nearest(homes, sites, network)
    apart = compare_models(homes, sites, rg.Geodesic(), network.using(impedance="length"), cutoff=2 * METRES_PER_MILE)
    print("cambridge:", network, "homes:", len(homes), apart["difference"].value_counts().to_dict())
    print("minutes: mean", round(found["duration_s"].mean() / 60, 1), "most", round(found["duration_s"].max() / 60, 1))
    figure, axes = plt.subplots(1, 2, figsize=(11, 6), layout="constrained")
    areas = rg.service_areas(sites, network, cutoffs=[240, 480, 720], bands="disjoint", together=True, fill_m=200)
    areas.assign(colour=BANDS).pipe(lambda a: a.plot(ax=axes[0], color=a["colour"]))
    _roads(network, axes[0])
    sites.plot(ax=axes[0], color="black", marker="s", markersize=40, zorder=3)
    axes[0].set_title("Within 4, 8 and 12 minutes of three places", loc="left", fontsize=10)
    _roads(network, axes[1])
    agrees = (apart["difference"] == "").to_numpy()
    homes[agrees].plot(ax=axes[1], color=GOOD, markersize=14, zorder=3, label="straight line and road agree")
    homes[~agrees].plot(ax=axes[1], color=BAD, marker="D", markersize=26, zorder=4, label="they do not")
    sites.plot(ax=axes[1], color="black", marker="s", markersize=40, zorder=5)
    axes[1].legend(loc="lower left", fontsize=8)
    axes[1].set_title("Nearest place, and whether it is within 2 miles", loc="left", fontsize=10)
    return _finished(figure, axes, f"Cambridge, 2020. {OSM}")


def leeds(folder: Path) -> plt.Figure:
    """Draw lines that are not split where they meet, before and after."""
    path = folder / "leeds_centre_roads_osm.gpkg"
    raw = pyogrio.read_dataframe(path).to_crs("EPSG:27700")
    network = rg.read_network(path)
    pbf = rg.read_network(folder / "leeds_its_example.osm.pbf")
    figures = {name: n.info() for name, n in (("lines", network), ("pbf", pbf))}
    for name, info in figures.items():
        print(f"leeds {name}:", {k: info[k] for k in ("nodes", "edges", "components", "largest_component_nodes")})
    figure, axes = plt.subplots(1, 2, figsize=(11, 6), layout="constrained")
    raw.plot(ax=axes[0], color=ROAD, linewidth=0.6)
    ends = raw.boundary.explode()
    ends.plot(ax=axes[0], color=BAD, markersize=4, zorder=3)
    axes[0].set_title(f"{len(raw):,} lines and where they end", loc="left", fontsize=10)
    _roads(network, axes[1])
    axes[1].plot(network.edges.x, network.edges.y, ".", color=GOOD, markersize=2, zorder=3)
    info = figures["lines"]
    axes[1].set_title(f"{info['edges']:,} edges between {info['nodes']:,} nodes", loc="left", fontsize=10)
    for ax in axes:
        ax.set_xlim(429_000, 431_000)
        ax.set_ylim(432_800, 434_800)
    return _finished(figure, axes, f"Leeds, 2025. {OSM}")


def solent(folder: Path) -> plt.Figure:
    """Draw an island with and without its ferries."""
    lines = pyogrio.read_dataframe(folder / "southampton_isle_of_wight_major_roads.gpkg", layer="network").to_crs(
        "EPSG:27700"
    )
    southampton = rg.geocode(["SO14"])
    site = gpd.GeoDataFrame({"site_id": ["Southampton"]}, geometry=southampton.geometry.to_list(), crs=southampton.crs)
    demand = rg.load_demand().to_crs("EPSG:27700")
    homes = demand[demand["district_code"] == "E06000046"]
    figure, axes = plt.subplots(1, 2, figsize=(11, 6), layout="constrained")
    for ax, kept, title in (
        (axes[0], lines, "with its ferries"),
        (axes[1], lines[lines["ferry"] == 0], "without them"),
    ):
        network = rg.RoadNetwork.from_lines(kept, max_snap_m=5_000)
        found = rg.nearest(homes, site, network)
        km = found["distance_m"].dropna() / 1000
        print(
            "solent",
            title,
            found["status"].value_counts().to_dict(),
            "km:",
            f"{km.min():.0f} to {km.max():.0f}" if len(km) else "",
        )
        _roads(network, ax)
        reach = network.reached_roads(site, cutoffs=[20_000, 40_000, 60_000])[::-1]
        for roads, colour, width in zip(reach.geometry, REACHED[::-1], (1.5, 2.5, 3.5), strict=True):
            if not roads.is_empty:
                gpd.GeoSeries([roads]).plot(ax=ax, color=colour, linewidth=width, zorder=3)
        lines[lines["ferry"] != 0].plot(
            ax=ax, color=BAD if ax is axes[0] else "none", linewidth=1.2, linestyle="--", zorder=4
        )
        site.to_crs("EPSG:27700").plot(ax=ax, color="black", marker="s", markersize=40, zorder=6)
        reached = pd.Series(np.where(found["status"] == "reached", GOOD, "black"), index=homes.index)
        homes.plot(ax=ax, color=reached, markersize=8, zorder=5)
        ax.set_title(f"Within 20, 40 and 60 km of Southampton, {title}", loc="left", fontsize=10)
    return _finished(figure, axes, f"Major roads of south Hampshire and the Isle of Wight. {OS}")


def _roads(network: rg.RoadNetwork, ax: Axes) -> None:
    ends = np.flatnonzero(np.diff(network.edges.offsets))
    lines = [network.edges.coords[network.edges.offsets[i] : network.edges.offsets[i + 1]] for i in ends]
    ax.add_collection(mpl.collections.LineCollection(lines, colors=ROAD, linewidths=0.6, zorder=2))
    ax.autoscale_view()


def _finished(figure: plt.Figure, axes: np.ndarray, source: str) -> plt.Figure:
    for ax in axes:
        ax.set_aspect("equal")
        ax.set_axis_off()
    figure.text(0.01, 0.005, source, fontsize=7, color="#444444")
    return figure


if __name__ == "__main__":
    main(Path(sys.argv[1]))
