"""Static maps, with matplotlib."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
import shapely

from rcp_geo._optional import require

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    # For each value what the legend says, the colour and the hatch.
    _Styles = Mapping[str, tuple[str, str, str]]

__all__ = ["plot_answers", "plot_changes"]

# Blue and orange, which people with any of the common colour-vision deficiencies tell apart (Okabe and Ito 2008, "Color
# Universal Design"), with a hatch wherever lightness alone would not do: the map can be read without colour. What is not
# known is grey and hatched, as maps draw missing data; orange alone is the certain end of the interval, and orange with
# the hatched grey the other.
_ANSWERS = {
    "served": ("served", "#0072B2", ""),
    "part": ("served in part", "#8CC4E8", "...."),
    "unknown": ("not known", "#ECECEC", "////"),
    "in_development": ("in development", "#F7DDA4", "xxxx"),
    "none_recorded": ("none recorded", "#E69F00", ""),
}
# The same colours, told apart by hatch: full where something changed, pale where it did not.
_CHANGES = {
    "gained": ("gained a service", "#0072B2", ""),
    "found_served": ("was not known, is served", "#0072B2", "...."),
    "lost": ("lost its service", "#E69F00", ""),
    "found_none": ("was not known, has none recorded", "#E69F00", "...."),
    "became_unknown": ("no longer known", "#BDBDBD", "////"),
    "served": ("served then and now", "#D6E6F2", ""),
    "unknown": ("not known then or now", "#ECECEC", "////"),
    "none": ("none recorded then or now", "#FBE9C7", ""),
}
_HATCH = "#6E6E6E"
_SHAPES = {"pause": "o", "fdac": "s", "local": "^"}
_OTHER_SHAPES = "Dvp*hX"
_NAMES = {"pause": "Pause", "fdac": "FDAC", "local": "local service"}
# Greater London's bounding box on the National Grid, for the inset (ONS region E12000007).
_LONDON = (502_000, 562_500, 154_500, 202_000)
# Lengths in miles that a scale may have.
_BARS = (1, 2, 5, 10, 20, 50)
# Axes of this width in inches take the full sizes of text and markers; narrower ones take smaller.
_FULL_WIDTH = 7.5


def plot_answers(
    polygons: gpd.GeoDataFrame,
    column: str,
    sites: gpd.GeoDataFrame | None,
    *,
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw the answers as a map with sites, a London inset, a scale and a source line.

    Parameters
    ----------
    polygons
        Authorities in EPSG:27700 with the answers in ``column``.
    sites
        Points in EPSG:27700 with ``kind`` (the shape) and ``status`` (hollow unless operating), or None.
    """
    subtitle = _subtitle(polygons[column])
    return _map(polygons, column, _ANSWERS, sites, title=title, subtitle=subtitle, source=source, ax=ax)


def plot_changes(
    polygons: gpd.GeoDataFrame, column: str, *, title: str, subtitle: str, source: str, ax: Axes | None = None
) -> Axes:
    """Draw what became of the answers as a map; ``column`` says for each authority which kind of change."""
    wrapped = textwrap.fill(subtitle, 95)
    return _map(polygons, column, _CHANGES, None, title=title, subtitle=wrapped, source=source, ax=ax)


def _map(
    polygons: gpd.GeoDataFrame,
    column: str,
    styles: _Styles,
    sites: gpd.GeoDataFrame | None,
    *,
    title: str,
    subtitle: str,
    source: str,
    ax: Axes | None,
) -> Axes:
    plt = require("matplotlib.pyplot", "viz")
    if ax is None:
        figure, ax = plt.subplots(figsize=(8.5, 10), layout="constrained")
        figure.get_layout_engine().set(w_pad=0.15, h_pad=0.12)
    scale, borders = _scale_of(ax), _borders(polygons)
    whole = _covers_england(polygons.total_bounds)
    sites = _alike(_on_the_map(sites, polygons.total_bounds))
    _draw(ax, polygons, column, styles, borders, _outside_london(sites) if whole else sites, scale)
    # The box keeps its size and the map floats in it, so that a layout engine knows what room the texts need.
    if len(ax.get_shared_x_axes().get_siblings(ax)) == 1:
        ax.set_aspect("equal", adjustable="datalim")
    ax.set_axis_off()
    lines = 1 + subtitle.count("\n")
    ax.set_title(_plain(title), loc="left", fontsize=15 * scale, pad=(8 + 14 * lines) * scale)
    ax.text(0, 1.005, _plain(subtitle), transform=ax.transAxes, fontsize=11 * scale, va="bottom")
    if whole:
        inset = ax.inset_axes((0.0, 0.35, 0.345, 0.28))
        _draw(inset, polygons, column, styles, borders, sites, scale)
        inset.set(xlim=_LONDON[:2], ylim=_LONDON[2:], xticks=[], yticks=[], xlabel="", ylabel="")
        inset.set_title("London", fontsize=9.5 * scale, loc="left", pad=3)
        _frame_london(ax, scale)
    _bar(ax, polygons.total_bounds, whole=whole, scale=scale)
    _legend(ax, polygons, column, styles, sites, whole=whole, scale=scale)
    # The caption hangs below the map, so that constrained layout makes room for it.
    ax.text(
        0,
        -0.005,
        textwrap.fill(source, 120),
        transform=ax.transAxes,
        fontsize=6.5 * scale,
        color="#444444",
        va="top",
    )
    return ax


def _scale_of(ax: Axes) -> float:
    """Return the size of text and markers for the room that the axes have, whether or not they are laid out yet."""
    figure = ax.get_figure(root=True)
    spec, width = ax.get_subplotspec(), _FULL_WIDTH if figure is None else figure.get_figwidth()
    share = ax.get_position().width if spec is None else len(spec.colspan) / spec.get_gridspec().ncols
    return float(min(1.0, max(0.45, width * share / _FULL_WIDTH)))


def _subtitle(answers: pd.Series) -> str:
    """Say the interval that the colours add up to."""
    counts = answers.value_counts()
    least = int(counts.get("none_recorded", 0) + counts.get("in_development", 0))
    most = least + int(counts.get("unknown", 0))
    how_many = str(least) if least == most else f"{least} to {most}"
    return f"No service recorded in {how_many} of {len(answers)} authorities"


def _covers_england(bounds: NDArray[np.float64]) -> bool:
    """Say whether there is so much around London that it needs an inset."""
    left, right, bottom, top = _LONDON
    (x0, y0, x1, y1), room = bounds, right - left
    return bool(x0 < left - room and x1 > right + room and y0 < bottom - room and y1 > top + room)


def _on_the_map(sites: gpd.GeoDataFrame | None, bounds: NDArray[np.float64]) -> gpd.GeoDataFrame | None:
    """Leave out the sites that lie well away from the authorities drawn."""
    if sites is None:
        return None
    x0, y0, x1, y1 = bounds
    room = 0.05 * max(x1 - x0, y1 - y0)
    x, y = sites.geometry.x, sites.geometry.y
    return sites[x.between(x0 - room, x1 + room) & y.between(y0 - room, y1 + room)]


def _outside_london(sites: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Leave out the sites that the inset shows: on the map itself they would lie on top of one another."""
    if sites is None:
        return None
    left, right, bottom, top = _LONDON
    x, y = sites.geometry.x, sites.geometry.y
    return sites[~(x.between(left, right) & y.between(bottom, top))]


def _frame_london(ax: Axes, scale: float) -> None:
    patches = require("matplotlib.patches", "viz")
    left, right, bottom, top = _LONDON
    frame = patches.Rectangle(
        (left, bottom), right - left, top - bottom, fill=False, edgecolor="black", linewidth=0.9 * scale, zorder=4
    )
    ax.add_patch(frame)


def _draw(
    ax: Axes,
    polygons: gpd.GeoDataFrame,
    column: str,
    styles: _Styles,
    borders: tuple[gpd.GeoSeries, gpd.GeoSeries],
    sites: gpd.GeoDataFrame | None,
    scale: float,
) -> None:
    for answer, (_, colour, hatch) in styles.items():
        own = polygons[polygons[column] == answer]
        if len(own):
            own.plot(ax=ax, facecolor=colour, edgecolor=_HATCH, linewidth=0, hatch=hatch or None, aspect="equal")
    for lines, colour, width in zip(borders, ("white", _HATCH), (0.7, 0.4), strict=True):
        if not lines.is_empty.all():
            lines.plot(ax=ax, color=colour, linewidth=width * scale, aspect="equal")
    if sites is None:
        return
    for kind, shape in _kinds(sites).items():
        for operating in (False, True):
            own = sites[(sites["kind"] == kind) & ((sites["status"] == "operating") == operating)]
            if len(own):
                # The other colour as the edge, so that markers on one another stay apart.
                face, edge = ("black", "white") if operating else ("white", "black")
                ax.scatter(
                    own.geometry.x,
                    own.geometry.y,
                    s=42 * scale**2,
                    marker=shape,
                    facecolor=face,
                    edgecolor=edge,
                    linewidth=0.8 * scale,
                    zorder=3,
                )


def _borders(polygons: gpd.GeoDataFrame) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """Tell lines that two polygons share from lines that are one polygon's own, such as the coast."""
    import geopandas as gpd

    rings = shapely.get_rings(shapely.get_parts(polygons.geometry.to_numpy()))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    # Each edge in one direction, so that two neighbours' copies of it are the same four numbers.
    edges = np.hstack([points[:-1], points[1:]])[ring[:-1] == ring[1:]]
    turned = (edges[:, 0] > edges[:, 2]) | ((edges[:, 0] == edges[:, 2]) & (edges[:, 1] > edges[:, 3]))
    edges[turned] = edges[turned][:, [2, 3, 0, 1]]
    edges, times = np.unique(edges, axis=0, return_counts=True)
    lines = [
        shapely.line_merge(shapely.multilinestrings(shapely.linestrings(edges[kept].reshape(-1, 2, 2))))
        for kept in (times > 1, times == 1)
    ]
    return gpd.GeoSeries(lines[:1], crs=polygons.crs), gpd.GeoSeries(lines[1:], crs=polygons.crs)


def _alike(sites: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Give all sites one kind where there are more kinds than shapes to tell them apart by."""
    if sites is None or len(set(sites["kind"]) - set(_SHAPES)) <= len(_OTHER_SHAPES):
        return sites
    return sites.assign(kind="any kind")


def _plain(text: str) -> str:
    """Keep a text of the user's from being read as mathematics."""
    return text.replace("$", r"\$")


def _kinds(sites: gpd.GeoDataFrame) -> dict[str, str]:
    found = [str(k) for k in sites["kind"].unique()]
    others = sorted(set(found) - set(_SHAPES))
    shapes = {**_SHAPES, **{k: _OTHER_SHAPES[i % len(_OTHER_SHAPES)] for i, k in enumerate(others)}}
    return {k: shapes[k] for k in [*_SHAPES, *others] if k in found}


def _legend(
    ax: Axes,
    polygons: gpd.GeoDataFrame,
    column: str,
    styles: _Styles,
    sites: gpd.GeoDataFrame | None,
    *,
    whole: bool,
    scale: float,
) -> None:
    lines = require("matplotlib.lines", "viz")
    patches = require("matplotlib.patches", "viz")
    counts = polygons[column].value_counts()
    handles = [
        patches.Patch(
            facecolor=colour,
            edgecolor=_HATCH,
            linewidth=0,
            hatch=hatch or None,
            label=f"{label} ({int(counts.get(answer, 0))})",
        )
        for answer, (label, colour, hatch) in styles.items()
    ]
    if sites is not None and len(sites):
        plain = {"color": "black", "linestyle": "", "markersize": 6.5 * scale}
        for kind, shape in _kinds(sites).items():
            handles.append(
                lines.Line2D([], [], marker=shape, label=f"{_plain(_NAMES.get(kind, kind))}, operating", **plain)
            )
        if (sites["status"] != "operating").any():
            for shape, label in zip(_kinds(sites).values(), ["hollow: status not known"], strict=False):
                handles.append(lines.Line2D([], [], marker=shape, markerfacecolor="white", label=label, **plain))
    ax.legend(
        handles=handles,
        loc="upper left",
        frameon=False,
        fontsize=9.5 * scale,
        handleheight=1.4,
        borderaxespad=0,
        # Over Wales and the Irish Sea; beside a map that may have no such room.
        bbox_to_anchor=(0.0, 0.985) if whole else (1.01, 0.985),
    )


def _bar(ax: Axes, bounds: NDArray[np.float64], *, whole: bool, scale: float) -> None:
    """Draw a scale in miles: in the English Channel, or under a map of less than England."""
    from rcp_geo.travel import METRES_PER_MILE

    x0, y0, x1, y1 = bounds
    miles = max((m for m in _BARS if m * METRES_PER_MILE <= (x1 - x0) / 3), default=_BARS[0])
    left, bottom = (480_000, 28_000) if whole else (x0, y0 - 0.06 * (y1 - y0))
    length, tick = miles * METRES_PER_MILE, 0.006 * (y1 - y0)
    ax.plot([left, left + length], [bottom, bottom], color="black", linewidth=1.2 * scale)
    for x in (left, left + length):
        ax.plot([x, x], [bottom - tick, bottom + tick], color="black", linewidth=1.2 * scale)
    label = f"{miles} mile{'s' if miles > 1 else ''}"
    ax.text(left + length / 2, bottom + 1.7 * tick, label, ha="center", fontsize=8.5 * scale)
