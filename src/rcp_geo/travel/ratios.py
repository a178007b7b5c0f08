"""How much longer roads are than straight lines, with its error: the arithmetic of a calibrated circuity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Calibration", "ratio_table"]


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a circuity was worked out from.

    Attributes
    ----------
    table
        One row per group of origins and band of straight-line distance, all pairs first: ``group`` (``all``, or a value of the
        column that pairs were grouped by), ``over_m`` and ``upto_m`` (the band; missing where it is open), ``pairs``,
        ``origins``, ``factor`` (summed road distance over summed straight-line distance), ``standard_error`` of it, and the 10th
        and 90th percentile of the ratios of single pairs, ``ratio_p10`` and ``ratio_p90``.
    model
        The description of the model that measured the roads.
    pairs, not_reached, coincident
        Pairs asked for; those that the roads do not join, and those without a straight-line distance, both of which are left out.
    """

    table: pd.DataFrame
    model: Mapping[str, Any]
    pairs: int
    not_reached: int
    coincident: int

    def describe(self) -> dict[str, Any]:
        """Return it as plain data, for the provenance."""
        rows = self.table.astype(object).where(self.table.notna(), None).to_dict("records")
        return {
            "model": dict(self.model),
            "pairs": self.pairs,
            "not_reached": self.not_reached,
            "coincident": self.coincident,
            "table": rows,
        }


def ratio_table(
    road: NDArray[np.float64],
    straight: NDArray[np.float64],
    origin: NDArray[np.intp],
    group: NDArray[np.object_] | None,
    bands_m: Sequence[float],
) -> pd.DataFrame:
    """Return the table of :class:`Calibration` for pairs of which both distances are above 0.

    Parameters
    ----------
    road, straight
        Metres by road and in a straight line.
    origin
        Position of each pair's origin.
    group
        Group of each pair, or None for no groups.
    bands_m
        Where bands of straight-line distance end, rising; the last one is open.
    """
    edges = [float(b) for b in bands_m]
    if any(not np.isfinite(b) or b <= 0 for b in edges) or edges != sorted(set(edges)):
        raise InputError(f"bands_m: {list(bands_m)!r} are not rising distances; give metres above 0, each once")
    names: list[Any] = ["all"]
    if group is not None:
        names += sorted({g for g in group.tolist() if g is not None}, key=str)
    bounds: list[tuple[float, float]] = [(np.nan, np.nan)]
    bounds += list(zip([np.nan, *edges], [*edges, np.nan], strict=True)) if edges else []
    rows = []
    for name in names:
        own = np.full(len(road), fill_value=True) if name == "all" or group is None else group == name
        for over, upto in bounds:
            kept = own & ~(straight <= over) & ~(straight > upto)
            rows.append(
                {"group": str(name), "over_m": over, "upto_m": upto, **_ratio(road[kept], straight[kept], origin[kept])}
            )
    return pd.DataFrame(rows)


def _ratio(road: NDArray[np.float64], straight: NDArray[np.float64], origin: NDArray[np.intp]) -> dict[str, float]:
    """Return the ratio of the sums, its error over origins, and the spread of single ratios; missing where there is no pair."""
    n = len(road)
    if not n:
        return {
            "pairs": 0,
            "origins": 0,
            **dict.fromkeys(("factor", "standard_error", "ratio_p10", "ratio_p90"), np.nan),
        }
    factor = float(road.sum() / straight.sum())
    clusters, of = np.unique(origin, return_inverse=True)
    k = len(clusters)
    # Pairs of one origin share its corner of the network, so the origins are what was sampled.
    residual = np.bincount(of, road - factor * straight, minlength=k)
    error = float(np.sqrt(k / (k - 1) * (residual**2).sum()) / straight.sum()) if k > 1 else np.nan
    low, high = np.quantile(road / straight, [0.1, 0.9])
    return {
        "pairs": n,
        "origins": k,
        "factor": factor,
        "standard_error": error,
        "ratio_p10": float(low),
        "ratio_p90": float(high),
    }
