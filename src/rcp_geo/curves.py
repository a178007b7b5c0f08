"""The share of demand within every cost, and the area under that curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo._coverage import MEAN, Areas
from rcp_geo.errors import InputError
from rcp_geo.schema import is_number
from rcp_geo.travel.model import COST_COLUMN, CUTOFF_TOLERANCE, Unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rcp_geo._reach import NearestBlock

__all__ = ["CURVE_AREA", "curve_areas", "curve_rows", "require_limit"]

CURVE_AREA = "rcp.access.curve_area@1"


def require_limit(upto: float | None, cutoffs: Sequence[float]) -> float:
    """Return the cost up to which to look, by default the greatest cutoff, or raise unless it is a number above 0."""
    limit = upto if upto is not None else max(cutoffs, default=None)
    if limit is None:
        raise InputError("upto: the assessment has no cutoff to take in its place; give the cost up to which to look")
    if not (is_number(limit) and limit > 0):
        raise InputError(f"upto: {limit!r} is no cost up to which to look; give a number above 0")
    return float(limit)


def curve_rows(
    areas: Areas, weight: NDArray[np.float64], cost: NDArray[np.float64], unit: Unit, upto: float | None = None
) -> pd.DataFrame:
    """Return the share of each area's demand within every cost: a row for each cost at which it grows, and one for 0.

    ``cost`` is NaN where nothing was reached. An area without demand has one row, its share missing.
    """
    n = len(areas.codes)
    rows = np.flatnonzero(areas.of >= 0)
    # What was not reached sorts last, so that the last sum of an area is all of its demand.
    rows = rows[np.lexsort((cost[rows], areas.of[rows]))]
    starts = np.searchsorted(areas.of[rows], np.arange(n + 1))
    at, shares = [], []
    for area in range(n):
        own = rows[starts[area] : starts[area + 1]]
        x, y = _steps(cost[own], np.cumsum(weight[own]))
        kept = np.full(len(x), fill_value=True) if upto is None else x <= upto + CUTOFF_TOLERANCE
        at.append(x[kept])
        shares.append(y[kept])
    lengths = [len(x) for x in at]
    columns: dict[str, Any] = {
        "area_code": np.repeat(np.asarray(areas.codes, dtype=object), lengths),
        "area_name": np.repeat(np.asarray(areas.names, dtype=object), lengths),
        COST_COLUMN[unit]: np.concatenate([np.empty(0), *at]),
        "share": np.concatenate([np.empty(0), *shares]),
    }
    return pd.DataFrame(columns)


def _steps(
    cost: NDArray[np.float64], cumulative: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the costs at which a share grows, 0 before them, and the share from each on; costs come sorted, NaN last."""
    if not len(cumulative) or cumulative[-1] <= 0:
        return np.zeros(1), np.full(1, np.nan)
    reached = int(np.count_nonzero(~np.isnan(cost)))
    x, y = cost[:reached], cumulative[:reached] / cumulative[-1]
    last_of_its_cost = np.r_[x[1:] != x[:-1], True] if reached else np.zeros(0, dtype=bool)
    x, y = x[last_of_its_cost], y[last_of_its_cost]
    grows = np.diff(y, prepend=0.0) > 0
    x, y = x[grows], y[grows]
    return (x, y) if len(x) and x[0] == 0 else (np.r_[0.0, x], np.r_[0.0, y])


def curve_areas(
    coverage: pd.DataFrame,
    blocks: Sequence[NearestBlock],
    levels: Sequence[Areas],
    weight: NDArray[np.float64],
    limit: float,
) -> pd.DataFrame:
    """Return the area under each curve up to a limit, as a share of the most it could be.

    ``coverage`` is the table that was made of the same blocks and levels; its labels are taken over.
    """
    rows = coverage[coverage["metric_id"] == MEAN].reset_index(drop=True)
    values = [_area_under(areas, weight, block.cost, limit) for block in blocks for areas in levels]
    return rows.assign(metric_id=CURVE_AREA, cutoff=limit, value=np.concatenate(values), unit="share")


def _area_under(
    areas: Areas, weight: NDArray[np.float64], cost: NDArray[np.float64], limit: float
) -> NDArray[np.float64]:
    n, inside = len(areas.codes), areas.of >= 0
    # A place that reaches nothing adds nothing to the area, as one at the limit adds nothing.
    saved = np.where(np.isnan(cost), 0, np.maximum(limit - cost, 0))
    everyone = np.bincount(areas.of[inside], weight[inside], minlength=n)
    held = np.bincount(areas.of[inside], (weight * saved)[inside], minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(everyone > 0, held / (everyone * limit), np.nan)
