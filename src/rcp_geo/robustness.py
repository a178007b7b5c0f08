"""Which answers hang on the cutoff or on the circuity factor, and on how much of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo._coverage import MEAN, Areas
from rcp_geo.errors import InputError
from rcp_geo.schema import is_number
from rcp_geo.travel import Circuity, Geodesic, TravelModel
from rcp_geo.travel.model import CUTOFF_TOLERANCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rcp_geo._reach import NearestBlock

__all__ = [
    "FLIP_CIRCUITY",
    "FLIP_CUTOFF",
    "TURNING_CUTOFF",
    "Move",
    "Stance",
    "flip_rows",
    "flip_shares",
    "moves_of",
    "turning_rows",
]

TURNING_CUTOFF = "rcp.robust.turning_cutoff@1"
FLIP_CUTOFF = "rcp.robust.flip_cutoff@1"
FLIP_CIRCUITY = "rcp.robust.flip_circuity@1"


@dataclass(frozen=True, slots=True)
class Stance:
    """The question to each authority: whether at least this share of its demand is within this cutoff.

    Attributes
    ----------
    cutoff
        In the model's unit, itself included.
    share
        Share of demand that must be within it, itself included; 0 asks for any demand at all.
    """

    cutoff: float
    share: float

    @classmethod
    def of(cls, cutoff: float | None, share: float, cutoffs: Sequence[float]) -> Stance:
        """Return a stance, its cutoff by default the greatest of an assessment, or raise where it cannot be."""
        found = cutoff if cutoff is not None else max(cutoffs, default=None)
        if found is None:
            raise InputError("cutoff: the assessment has none to take in its place; give one")
        if not (is_number(found) and found >= 0):
            raise InputError(f"cutoff: {found!r} is not a distance or a duration; give a number of 0 or more")
        if not (is_number(share) and 0 <= share <= 1):
            raise InputError(f"share: {share!r} is not a share of demand; give a number from 0 to 1")
        return cls(float(found), float(share))


@dataclass(frozen=True, slots=True)
class Move:
    """One way of moving a cutoff or a factor: where to, and what then lies within the cutoff of the stance.

    Attributes
    ----------
    metric_id, to
        The figure that it belongs to; the cutoff or the factor that it is moved to.
    factor, cutoff
        A cost c counts as within where c times ``factor`` is at most ``cutoff``.
    """

    metric_id: str
    to: float
    factor: float
    cutoff: float


def _turning(areas: Areas, weight: NDArray[np.float64], cost: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Return for each area the smallest cutoff within which a share of its demand lies; NaN where there is none."""
    n, inside = len(areas.codes), areas.of >= 0
    everyone = np.bincount(areas.of[inside], weight[inside], minlength=n)
    rows = np.flatnonzero(inside & ~np.isnan(cost) & (weight > 0))
    rows = rows[np.lexsort((cost[rows], areas.of[rows]))]
    starts = np.searchsorted(areas.of[rows], np.arange(n + 1))
    found = np.full(n, np.nan)
    for area in range(n):
        own = rows[starts[area] : starts[area + 1]]
        # Sums of weights carry rounding: a share reached but for the last bits counts as reached.
        at = int(np.searchsorted(np.cumsum(weight[own]), share * everyone[area] * (1 - 1e-12)))
        if at < len(own):
            found[area] = cost[own[at]]
    return found


def _labels(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return one row per block and authority, in the order of the blocks."""
    rows = coverage[(coverage["metric_id"] == MEAN) & (coverage["area_type"] == "authority")].reset_index(drop=True)
    return rows[["area_code", "area_name", "group", "relation", "evidence", "unit", "reason"]]


def turning_rows(
    coverage: pd.DataFrame,
    blocks: Sequence[NearestBlock],
    areas: Areas,
    weight: NDArray[np.float64],
    stance: Stance,
) -> pd.DataFrame:
    """Return for each block and authority the cutoff at which its answer turns to yes, beside the cutoff in use."""
    rows = _labels(coverage)
    value = np.concatenate([_turning(areas, weight, block.cost, stance.share) for block in blocks])
    answer = np.where(_within(value, stance.cutoff), "within", "beyond").astype(object)
    answer[(rows["reason"] == "no_demand").to_numpy()] = "no_demand"
    return pd.DataFrame(
        {
            **{name: rows[name] for name in ("area_code", "area_name", "group", "relation", "evidence")},
            "metric_id": TURNING_CUTOFF,
            "share": stance.share,
            "value": value,
            "unit": rows["unit"],
            "cutoff": stance.cutoff,
            "margin": stance.cutoff - value,
            "answer": answer,
            "reason": rows["reason"].where(np.isnan(value), ""),
        }
    )


def _within(turning: NDArray[np.float64], cutoff: float) -> NDArray[np.bool_]:
    # Nothing is within any cutoff where the answer never turns: NaN compares as false.
    return np.asarray(turning <= cutoff + CUTOFF_TOLERANCE)


def flip_rows(turning: pd.DataFrame, areas: Areas, weight: NDArray[np.float64], moves: Sequence[Move]) -> pd.DataFrame:
    """Return the answers of ``turning`` that flip, one row each: what was moved, where to, and what the answer becomes."""
    people = _people(areas, weight, len(turning))
    value, answer = turning["value"].to_numpy(dtype=np.float64), turning["answer"].to_numpy(dtype=object)
    parts = []
    for move in moves:
        then = np.where(_within(value * move.factor, move.cutoff), "within", "beyond").astype(object)
        flips = (answer != "no_demand") & (then != answer)
        rows = turning.loc[flips, ["area_code", "area_name", "group", "relation", "evidence"]]
        told = {
            "metric_id": move.metric_id,
            "moved_to": move.to,
            "before": answer[flips],
            "after": then[flips],
            "turning_cutoff": value[flips],
            "weight": people[flips],
        }
        parts.append(rows.assign(**told))
    found: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return found


def flip_shares(
    turning: pd.DataFrame,
    flips: pd.DataFrame,
    areas: Areas,
    weight: NDArray[np.float64],
    moves: Sequence[Move],
    model: TravelModel,
) -> pd.DataFrame:
    """Return the share of answers that flip, for each group, relation, evidence and thing that is moved."""
    keys = ["group", "relation", "evidence"]
    asked = turning.assign(weight=_people(areas, weight, len(turning)))
    rows = []
    for key, own in asked.groupby(keys, sort=False):
        some = own[own["answer"] != "no_demand"]
        here = flips[(flips[keys] == list(key)).all(axis=1)]
        for metric_id in (FLIP_CUTOFF, FLIP_CIRCUITY):
            span = [m.to for m in moves if m.metric_id == metric_id]
            # Each at most once: an answer that turns on the one side of the cutoff has nothing to turn on the other.
            flipped = here[here["metric_id"] == metric_id]
            told = bool(span) and len(some) > 0
            row = dict(zip(keys, key, strict=True)) | {
                "metric_id": metric_id,
                "cutoff": float(own["cutoff"].iloc[0]),
                "share": float(own["share"].iloc[0]),
                "low": min(span, default=np.nan),
                "high": max(span, default=np.nan),
                "value": len(flipped) / len(some) if told else np.nan,
                "unit": "share of authorities",
                "weight_share": float(flipped["weight"].sum() / some["weight"].sum()) if told else np.nan,
                "authorities": len(some),
                "become_within": int((flipped["after"] == "within").sum()),
                "become_beyond": int((flipped["after"] == "beyond").sum()),
                "reason": _why_not(span, len(some), model),
            }
            rows.append(row)
    return pd.DataFrame(rows)


def _people(areas: Areas, weight: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    """Return the demand weight of the authority of each row of the table of turning cutoffs."""
    inside = areas.of >= 0
    own = np.bincount(areas.of[inside], weight[inside], minlength=len(areas.codes))
    return np.tile(own, rows // max(len(areas.codes), 1)).astype(np.float64)


def moves_of(stance: Stance, model: TravelModel, change: float, circuity_error: float | None) -> list[Move]:
    """Return the ways of moving the cutoff by a share of it, and the factor of the model, if it has one, by its error."""
    if not (is_number(change) and 0 <= change < 1):
        raise InputError(
            f"change: {change!r} is not a share of the cutoff; give a number from 0 to below 1, such as 0.1"
        )
    ends = [stance.cutoff * (1 - change), stance.cutoff * (1 + change)]
    moves = [Move(FLIP_CUTOFF, end, 1.0, end) for end in ends]
    error = _error_of(model, circuity_error)
    if error is not None and isinstance(model, Circuity):
        # No road is shorter than the straight line, however large the error.
        factors = [max(1.0, model.factor - error), model.factor + error]
        moves += [Move(FLIP_CIRCUITY, f, f / model.factor, stance.cutoff) for f in factors]
    return moves


def _error_of(model: TravelModel, stated: float | None) -> float | None:
    """Return the error of a circuity factor: the one stated, else the standard error of its calibration, else None."""
    if stated is not None:
        if not isinstance(model, Circuity):
            raise InputError(
                f"circuity_error: the model is {model.model_id}, which has no circuity factor to be in error; "
                "leave it out, or assess with a Circuity"
            )
        if not (is_number(stated) and stated >= 0):
            raise InputError(f"circuity_error: {stated!r} is not an error; give a number of 0 or more")
        return float(stated)
    if not isinstance(model, Circuity) or model.calibration is None:
        return None
    error = float(model.calibration.table["standard_error"].iloc[0])
    return None if np.isnan(error) else error


def _why_not(span: Sequence[float], authorities: int, model: TravelModel) -> str:
    if authorities == 0:
        return "no_demand"
    if span:
        return ""
    if isinstance(model, Geodesic):
        return "straight_lines"
    return "no_error_stated" if isinstance(model, Circuity) else "no_circuity_factor"
