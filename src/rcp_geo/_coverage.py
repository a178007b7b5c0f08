"""How far people in each area have to travel, and what share of them is near enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.schema import require_columns
from rcp_geo.travel.model import CUTOFF_TOLERANCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "MEAN",
    "MEDIAN",
    "P90",
    "SHARE",
    "Areas",
    "areas_of",
    "coverage",
    "coverage_rows",
    "figures",
    "weighted_quantile",
]

COUNTRY_CODE, COUNTRY_NAME = "E92000001", "England"
MEAN, MEDIAN, P90, SHARE = (
    "rcp.access.mean_nearest@1",
    "rcp.access.median_nearest@1",
    "rcp.access.p90_nearest@1",
    "rcp.access.share_within@1",
)


def weighted_quantile(values: NDArray[np.float64], weights: NDArray[np.float64], q: float) -> float:
    """Return the smallest value whose cumulative weight reaches the share q of all weight; NaN where there is none.

    Examples
    --------
    >>> weighted_quantile(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), 0.5)
    2.0
    """
    order = np.argsort(values, kind="stable")
    return _quantile_of_sorted(values[order], np.cumsum(weights[order]), q)


def _quantile_of_sorted(values: NDArray[np.float64], reached: NDArray[np.float64], q: float) -> float:
    if not len(reached) or reached[-1] <= 0:
        return float("nan")
    # Sums of weights carry rounding: a share reached but for the last bits counts as reached.
    return float(values[np.searchsorted(reached, q * reached[-1] * (1 - 1e-12))])


@dataclass(frozen=True)
class Areas:
    """Where each demand point belongs.

    Attributes
    ----------
    kind
        ``authority``, ``region`` or ``country``.
    codes, names
        The areas, in their order.
    of
        For each demand point the position of its area; -1 for none.
    """

    kind: str
    codes: Sequence[str]
    names: Sequence[str]
    of: NDArray[np.intp]


class Nearest(Protocol):
    """The cost to the nearest, for every demand point, of one group, relation and evidence."""

    @property
    def group(self) -> str: ...
    @property
    def relation(self) -> str: ...
    @property
    def evidence(self) -> str: ...
    @property
    def cost(self) -> NDArray[np.float64]: ...
    @property
    def status(self) -> NDArray[np.object_]: ...


def coverage(
    nearest: pd.DataFrame, demand: pd.DataFrame, areas: pd.Series, *, cutoffs: Sequence[float], cost: str = "distance_m"
) -> pd.DataFrame:
    """Summarise the cost to the nearest facility, area by area.

    Parameters
    ----------
    nearest
        One row per demand point, as :func:`nearest` returns it: ``origin_id``, the cost column and ``status``.
    demand
        ``demand_id`` and ``weight``.
    areas
        The area of each demand point, indexed by ``demand_id``.
    cutoffs
        Costs within which to count people, each included to a millionth of a metre or second, in the unit of the cost column.
    cost
        Name of the cost column: ``distance_m`` or ``duration_s``.

    Returns
    -------
    pandas.DataFrame
        One row per area, metric and cutoff, areas in their order: ``area_code``, ``metric_id``, ``cutoff``, ``value``, ``unit``
        (``m``, ``s`` or ``share``), ``reached_share`` and ``reason`` (why the rest was not reached, the reason of most of its
        weight). Mean, median and 90th percentile are over the demand that is reached; shares are of all demand.

    Raises
    ------
    MissingColumnError
        If a column is missing.
    InputError
        If a demand point has no row in ``nearest`` or no area.

    Notes
    -----
    A weighted quantile is the smallest cost whose cumulative weight reaches it. An area of which nothing is reached keeps
    its rows: the mean and the quantiles are missing, the shares are 0.

    Examples
    --------
    >>> import pandas as pd
    >>> near = pd.DataFrame({"origin_id": [1, 2], "distance_m": [100.0, 300.0], "status": "reached"})
    >>> people = pd.DataFrame({"demand_id": [1, 2], "weight": [3.0, 1.0]})
    >>> table = coverage(near, people, pd.Series("here", index=[1, 2]), cutoffs=[200.0])
    >>> table[["metric_id", "value"]].values.tolist()[0]
    ['rcp.access.mean_nearest@1', 150.0]
    """
    require_columns(nearest, ["origin_id", cost, "status"], "nearest")
    require_columns(demand, ["demand_id", "weight"], "demand")
    rows = pd.Index(nearest["origin_id"]).get_indexer(pd.Index(demand["demand_id"]))
    area = areas.reindex(demand["demand_id"])
    lost = (rows < 0) | area.isna().to_numpy()
    if lost.any():
        raise InputError(
            f"demand.demand_id: {int(lost.sum())} demand points have no row in nearest or no area; "
            "pass the same points to all three, so that none vanishes"
        )
    codes, of = np.unique(area.to_numpy().astype(str), return_inverse=True)
    found = coverage_rows(
        Areas("area", codes.tolist(), codes.tolist(), of),
        demand["weight"].to_numpy(dtype=np.float64),
        nearest[cost].to_numpy(dtype=np.float64)[rows],
        nearest["status"].to_numpy(dtype=object)[rows],
        cutoffs,
        "s" if cost == "duration_s" else "m",
    )
    return pd.DataFrame(found).drop(columns=["area_type", "area_name"])


def coverage_rows(
    areas: Areas,
    weight: NDArray[np.float64],
    cost: NDArray[np.float64],
    status: NDArray[np.object_],
    cutoffs: Sequence[float],
    unit: str,
) -> dict[str, NDArray[Any]]:
    """Return the columns of :func:`coverage` for one set of areas; ``cost`` is NaN where nothing was reached."""
    n = len(areas.codes)
    values = figures(areas, weight, cost, cutoffs)
    reached = ~np.isnan(cost) & (areas.of >= 0)
    everyone = np.bincount(areas.of[areas.of >= 0], weight[areas.of >= 0], minlength=n)
    there = np.bincount(areas.of[reached], weight[reached], minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(everyone > 0, there / everyone, np.nan)
    names = [(MEAN, np.nan, unit), (MEDIAN, np.nan, unit), (P90, np.nan, unit)]
    names += [(SHARE, cutoff, "share") for cutoff in cutoffs]
    reason = _reasons(areas, weight, status, reached, everyone)
    per_area = len(names)
    return {
        "area_type": np.full(n * per_area, areas.kind, dtype=object),
        "area_code": np.repeat(np.asarray(areas.codes, dtype=object), per_area),
        "area_name": np.repeat(np.asarray(areas.names, dtype=object), per_area),
        "metric_id": np.tile(np.asarray([v[0] for v in names], dtype=object), n),
        "cutoff": np.tile([v[1] for v in names], n),
        "value": values.ravel(),
        "unit": np.tile(np.asarray([v[2] for v in names], dtype=object), n),
        "reached_share": np.repeat(share, per_area),
        "reason": np.repeat(reason, per_area),
    }


def figures(
    areas: Areas,
    weight: NDArray[np.float64],
    cost: NDArray[np.float64],
    cutoffs: Sequence[float],
    order: NDArray[np.intp] | None = None,
) -> NDArray[np.float64]:
    """Return one row per area: mean, median, 90th percentile, and the share within each cutoff.

    ``order`` sorts the costs, for one who asks of several sets of areas.
    """
    n = len(areas.codes)
    # What lies in no area is counted apart, at the end.
    of = np.where(areas.of >= 0, areas.of, n)

    def held(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(of, weights, minlength=n + 1)[:n], dtype=np.float64)

    reached = ~np.isnan(cost)
    everyone, there = held(weight), held(weight * reached)
    total = held(weight * np.where(reached, cost, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there > 0, total / there, np.nan)
        # A missing cost is within no cutoff.
        shares = [held(weight * (cost <= c + CUTOFF_TOLERANCE)) / everyone for c in cutoffs]
    rows = np.argsort(cost, kind="stable") if order is None else order
    return np.column_stack([mean, *_quantiles(of, weight, cost, rows[reached[rows]], n, (0.5, 0.9)), *shares])


def _quantiles(
    of: NDArray[np.intp],
    weight: NDArray[np.float64],
    cost: NDArray[np.float64],
    rows: NDArray[np.intp],
    n: int,
    qs: Sequence[float],
) -> list[NDArray[np.float64]]:
    """Return quantiles of each of n areas; ``rows`` are the points that are reached, by cost."""
    # Areas are few, and numbers of 16 bits are sorted in one pass.
    rows = rows[np.argsort(of[rows].astype(np.min_scalar_type(n)), kind="stable")]
    starts = np.searchsorted(of[rows], np.arange(n + 1))
    answers = [np.full(n, np.nan) for _ in qs]
    for area in range(n):
        own = rows[starts[area] : starts[area + 1]]
        values, cumulative = cost[own], np.cumsum(weight[own])
        for answer, q in zip(answers, qs, strict=True):
            answer[area] = _quantile_of_sorted(values, cumulative, q)
    return answers


def _reasons(
    areas: Areas,
    weight: NDArray[np.float64],
    status: NDArray[np.object_],
    reached: NDArray[np.bool_],
    everyone: NDArray[Any],
) -> NDArray[np.object_]:
    """Return for each area why most of the weight that was not reached was not; blank where all was."""
    n = len(areas.codes)
    reasons = np.full(n, "", dtype=object)
    left = ~reached & (areas.of >= 0)
    most = np.zeros(n)
    for reason in sorted(set(status[left])):
        rows = left & (status == reason)
        held = np.bincount(areas.of[rows], weight[rows], minlength=n)
        larger = held > most
        reasons[larger], most[larger] = reason, held[larger]
    reasons[everyone == 0] = "no_demand"
    return reasons


def areas_of(frame: pd.DataFrame, authority: NDArray[np.intp]) -> list[Areas]:
    """Return authorities, regions and the country that demand points lie in, by the position of their authority."""
    levels = [Areas("authority", frame["authority_code"].tolist(), frame["authority_name"].tolist(), authority)]
    regions = frame[frame["region_code"] != ""].drop_duplicates("region_code").sort_values("region_code")
    if len(regions):
        of_authority = pd.Index(regions["region_code"]).get_indexer(pd.Index(frame["region_code"]))
        of = np.where(authority >= 0, of_authority[authority], -1)
        levels.append(Areas("region", regions["region_code"].tolist(), regions["region_name"].tolist(), of))
    whole = np.where(authority >= 0, 0, -1)
    return [*levels, Areas("country", [COUNTRY_CODE], [COUNTRY_NAME], whole)]


def coverage_table(
    blocks: Sequence[Nearest],
    areas: Sequence[Areas],
    weight: NDArray[np.float64],
    cutoffs: Sequence[float],
    unit: str,
) -> pd.DataFrame:
    """Return the figures of ``Assessment.coverage`` for some sets of areas."""
    parts = []
    for block in blocks:
        for some in areas:
            columns = coverage_rows(some, weight, block.cost, block.status, cutoffs, unit)
            n = len(columns["value"])
            labels = {"group": block.group, "relation": block.relation, "evidence": block.evidence}
            parts.append(columns | {name: np.full(n, label, dtype=object) for name, label in labels.items()})
    order = ["area_type", "area_code", "area_name", "group", "relation", "evidence", "metric_id", "cutoff"]
    order += ["value", "unit", "reached_share", "reason"]
    return pd.DataFrame({name: np.concatenate([p[name] for p in parts]) for name in order})
