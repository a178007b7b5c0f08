"""A map of deserts: the answers, with each group of neighbours outlined and numbered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from rcp_geo._optional import require
from rcp_geo.view.plot import plot_answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_deserts"]

# Share of a panel, from each edge, that is too near it for a number.
_ROOM = 0.04


def plot_deserts(
    polygons: gpd.GeoDataFrame,
    column: str,
    members: pd.Series,
    order: Sequence[str],
    *,
    title: str,
    source: str,
    ax: Axes | None = None,
) -> Axes:
    """Draw the answers, and over them the outline of each desert with its place in the order.

    Parameters
    ----------
    polygons
        Authorities in EPSG:27700 with ``authority_code`` and the answers in ``column``.
    members
        The desert of each authority that is in one, indexed by its code.
    order
        The deserts, from the first.
    """
    effects = require("matplotlib.patheffects", "viz")
    ax = plot_answers(polygons, column, None, title=title, source=source, ax=ax)
    geometry = polygons.set_index("authority_code").geometry
    # The inset is a child of the map, and has its own limits.
    insets: list[Any] = [*ax.child_axes]
    for number, desert in enumerate(order, start=1):
        ground = shapely.union_all(geometry[members.index[members == desert]].to_numpy())
        for panel in (*insets, ax):
            for ring in shapely.get_rings(shapely.get_parts(ground)):
                line = shapely.get_coordinates(ring).T
                panel.plot(*line, color="black", linewidth=1.3, zorder=5, scalex=False, scaley=False)
        at = shapely.point_on_surface(max(shapely.get_parts(ground), key=shapely.area))
        panel = next((inset for inset in insets if _well_inside(inset, at)), ax)
        text = panel.text(at.x, at.y, str(number), ha="center", va="center", fontsize=8, zorder=6)
        text.set_path_effects([effects.withStroke(linewidth=2.5, foreground="white")])
    return ax


def _well_inside(panel: Axes, point: shapely.Point) -> bool:
    """Say whether a panel shows a point with room for a number round it."""
    limits = (panel.get_xlim(), panel.get_ylim())
    return all(
        low + _ROOM * (high - low) < value < high - _ROOM * (high - low)
        for value, (low, high) in zip((point.x, point.y), limits, strict=True)
    )
