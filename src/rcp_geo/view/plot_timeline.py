"""Counts through time, with matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rcp_geo._optional import require

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_timeline"]

_BAND, _LINE, _FADED = "#BDBDBD", "#E69F00", "#6E6E6E"


def plot_timeline(rows: pd.DataFrame, faded: pd.Series, *, title: str, ax: Axes | None = None) -> Axes:
    """Draw ``gap_min`` and ``gap_max`` by ``date`` as a stepped band, with ticks at the days on which evidence ended."""
    plt = require("matplotlib.pyplot", "viz")
    if ax is None:
        _, ax = plt.subplots(figsize=(9, 4.5), layout="constrained")
    days, low, high = (rows[c].to_numpy() for c in ("date", "gap_min", "gap_max"))
    ax.fill_between(
        days, low, high, step="post", color=_BAND, hatch="////", edgecolor=_FADED, linewidth=0, label="not known"
    )
    ax.step(days, low, where="post", color=_LINE, linewidth=2, label="none recorded, for certain")
    ax.step(days, high, where="post", color=_FADED, linewidth=1, label="none recorded, or not known")
    if len(faded):
        at = [-0.02] * len(faded)
        ax.plot(
            faded.to_numpy(),
            at,
            "|",
            color="black",
            markersize=9,
            transform=ax.get_xaxis_transform(),
            clip_on=False,
            label="evidence for a service ends: no closure",
        )
    ax.set_ylim(0, max(1, int(rows["authorities"].max())))
    ax.set_ylabel(f"authorities without a service, of {_of(rows['authorities'])}")
    ax.set_title(title, loc="left")
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(axis="x", pad=8)
    ax.legend(loc="lower left", frameon=False, fontsize=9)
    return ax


def _of(authorities: pd.Series) -> str:
    low, high = int(authorities.min()), int(authorities.max())
    return str(low) if low == high else f"{low} to {high}"
