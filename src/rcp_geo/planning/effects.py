"""Who gains and who loses where the sites change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo.travel.model import COST_COLUMN, CUTOFF_TOLERANCE, Unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cost_name", "effect_table", "grouped", "mean_cost", "summed"]


def cost_name(unit: Unit | None) -> str:
    """Return what a column of costs is called; ``cost`` where their unit was not said."""
    return "cost" if unit is None else COST_COLUMN[unit]


def effect_table(
    demand: NDArray[np.object_],
    weight: NDArray[np.float64],
    before: tuple[NDArray[np.float64], Sequence[Any]],
    after: tuple[NDArray[np.float64], Sequence[Any]],
    *,
    unit: Unit | None,
    cutoff: float | None,
) -> pd.DataFrame:
    """Return one row per demand point: its nearest site and what it costs, before and after, and what that means for it.

    Costs are infinite where nothing is reached, and missing in the table.
    """
    name = cost_name(unit)
    (old, old_site), (new, new_site) = before, after
    effect = np.full(len(demand), "same", dtype=object)
    effect[new < old], effect[new > old] = "nearer", "farther"
    limit = np.inf if cutoff is None else cutoff + CUTOFF_TOLERANCE
    word = "reached" if cutoff is None else "covered"
    was, is_ = (old <= limit) & np.isfinite(old), (new <= limit) & np.isfinite(new)
    effect[~was & is_], effect[was & ~is_] = f"newly_{word}", f"no_longer_{word}"
    columns = {
        "demand_id": pd.Series(demand, dtype=object),
        "weight": weight,
        "site_before": pd.Series(list(old_site), dtype=object),
        f"{name}_before": np.where(np.isfinite(old), old, np.nan),
        "site_after": pd.Series(list(new_site), dtype=object),
        f"{name}_after": np.where(np.isfinite(new), new, np.nan),
        f"{word}_before": was,
        f"{word}_after": is_,
        "effect": pd.Series(effect, dtype=object),
    }
    return pd.DataFrame(columns)


def mean_cost(weight: NDArray[np.float64], cost: NDArray[np.float64]) -> float:
    """Return the weighted mean over demand that is reached; missing where none is."""
    reached = np.isfinite(cost)
    held = float(weight[reached].sum())
    return float((weight[reached] * cost[reached]).sum() / held) if held else float("nan")


def grouped(table: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Add an effect table up by a column of the demand, given by demand id.

    One row per group in its order, indexed by it: ``weight``, ``covered_before`` and ``covered_after`` (or ``reached_``: weight),
    the mean cost before and after over demand that is reached, ``gains`` and ``loses`` (weight to which a site comes nearer, and
    to which it goes farther).
    """
    keys = groups.reindex(table["demand_id"]).to_numpy(dtype=object)
    rows = {key: summed(rows) for key, rows in table.groupby(keys, sort=True)}
    index = pd.Index(list(rows), name=groups.name)
    return pd.DataFrame(list(rows.values()), index=index)


def summed(table: pd.DataFrame) -> dict[str, float]:
    """Return the sums of an effect table."""
    word = "covered" if "covered_before" in table.columns else "reached"
    name = next(c for c in table.columns if c.endswith("_before") and c not in {"site_before", f"{word}_before"})
    name = name.removesuffix("_before")
    weight = table["weight"].to_numpy(dtype=np.float64)
    gains = table["effect"].isin([f"newly_{word}", "nearer"]).to_numpy()
    loses = table["effect"].isin([f"no_longer_{word}", "farther"]).to_numpy()
    found = {"weight": float(weight.sum())}
    for when in ("before", "after"):
        found[f"{word}_{when}"] = float(weight[table[f"{word}_{when}"].to_numpy()].sum())
    for when in ("before", "after"):
        found[f"mean_{name}_{when}"] = mean_cost(weight, table[f"{name}_{when}"].to_numpy(dtype=np.float64))
    return found | {"gains": float(weight[gains].sum()), "loses": float(weight[loses].sum())}
