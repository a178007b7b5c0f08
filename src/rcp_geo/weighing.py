"""Answers weighed by need: how much of it lies in gaps, how much is near a service."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo._coverage import Areas, areas_of
from rcp_geo._gaps import list_gaps
from rcp_geo._metrics import cite
from rcp_geo.citation import Style
from rcp_geo.errors import InputError
from rcp_geo.intervals import ANY_TOTAL, mean_extremes, share_extremes
from rcp_geo.join import authority_of
from rcp_geo.need import Need
from rcp_geo.schema import Finding, counted, require_known
from rcp_geo.travel.model import CUTOFF_TOLERANCE

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from rcp_geo._reach import NearestBlock
    from rcp_geo.boundaries import Boundaries

    Floats = NDArray[np.float64]

__all__ = ["GAP_SHARES", "MEAN", "SHARE", "ByNeed", "gap_shares", "weigh"]

MEAN, SHARE = "rcp.need.mean_nearest@1", "rcp.need.share_within@1"
GAP_SHARES = ("rcp.need.gap_share_min@1", "rcp.need.gap_share_max@1")


@dataclass(frozen=True)
class ByNeed:
    """What :meth:`Assessment.need` found.

    Attributes
    ----------
    as_of
        The date of the answers.
    need
        The need, one row per authority of the answers.
    gaps
        One row per group and ``any``: ``authorities``; ``gap_min`` and ``gap_max``, how many of them are gaps for certain and
        possibly; ``need_min`` and ``need_max``, the least and the greatest need in them; ``share_min``, ``share_certain_max``,
        ``share_possible_min`` and ``share_max`` (0 to 1); ``suppressed`` and ``unbounded``, how many of all cells are intervals,
        and intervals without an upper end; ``suppressed_in_gap``, how many of them lie in gaps, certain or possible.
    coverage
        Of need by demand point, tidy: ``area_type``, ``area_code``, ``area_name``, ``group``, ``relation``, ``evidence``,
        ``metric_id``, ``cutoff``, ``value_min``, ``value_max``, ``unit``, ``suppressed`` and ``unbounded`` (cells of the area).
        Empty for need by authority.

    Notes
    -----
    From ``share_min`` to ``share_certain_max`` is what suppressed cells leave open of the gaps that are certain; from
    ``share_possible_min`` to ``share_max`` the same of all that are possible. From ``share_min`` to ``share_possible_min`` is
    what unknown answers leave open.
    """

    as_of: dt.date
    need: Need
    gaps: pd.DataFrame
    coverage: pd.DataFrame

    @property
    def findings(self) -> pd.DataFrame:
        """What was noticed in the need, one row each, with what to do about it."""
        return self.need.findings

    def sentence(self, group: str = "any") -> str:
        """Say the share of need in gaps in one sentence, its ends rounded outwards.

        Parameters
        ----------
        group
            A group, or ``any`` for authorities with none at all.

        Returns
        -------
        str

        Raises
        ------
        InputError
            If there is no such group.
        """
        require_known("group", group, self.gaps.index)
        row = self.gaps.to_dict("index")[group]
        of = "" if group == "any" else f" of {group}"
        low, high = row["gap_min"], row["gap_max"]
        several = f"{low} to {high}" if low != high else f"{high}"
        said = (
            f"On {self.as_of} the gap authorities{of}, certain and possible ({several} of {row['authorities']}), "
            f"hold {_percent(row['share_min'], row['share_max'])} of {self.need.name}."
        )
        if row["suppressed"]:
            said += f" {counted(row['suppressed'], 'cells are suppressed and were counted at their bounds')}"
            said += f", {row['unbounded']} of them without an upper one." if row["unbounded"] else "."
        return said

    def cite(self, style: Style = "text") -> str:
        """Say how to cite these figures: the library, their metrics and the works that define them.

        Parameters
        ----------
        style
            ``text``, ``bibtex`` or ``csl-json``.

        Returns
        -------
        str

        Raises
        ------
        InputError
            If the style is none of these.
        """
        named = pd.DataFrame({"metric_id": [*GAP_SHARES, *self.coverage["metric_id"]]})
        return cite(named, style)

    def __repr__(self) -> str:
        return f"<ByNeed: {self.sentence()}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.sentence())}</p>{self.gaps.to_html(na_rep='')}"


def _percent(low: float, high: float) -> str:
    """Write the ends of a share so that what lies between them lies between the printed ones."""
    if math.isnan(low):
        return "an unknown share"
    # Half a unit in the last place that is kept: 12.300000000000001 is 12.3.
    down, up = math.floor(low * 1000 + 1e-9) / 10, math.ceil(high * 1000 - 1e-9) / 10
    return f"{down:.1f} %" if down == up else f"{down:.1f} to {up:.1f} %"


def weigh(
    need: Need,
    gaps: pd.DataFrame,
    boundaries: Boundaries,
    demand: gpd.GeoDataFrame,
    blocks: Sequence[NearestBlock],
    *,
    cutoffs: Sequence[float],
    unit: str,
    as_of: dt.date,
) -> ByNeed:
    """Weigh answers by need; see ``Assessment.need``."""
    if not isinstance(need, Need):
        raise InputError(f"need: {type(need).__name__} is no Need; make one with read_need or Need.from_bounds")
    if need.key == "authority_code":
        held = need.to(boundaries)
        return ByNeed(as_of, held, gap_shares(held, gaps), _coverage([], [], need, (), unit))
    placed = need.at(demand)
    authority = authority_of(demand, boundaries)
    held = _by_authority(placed, authority, gaps.index)
    table = _coverage(blocks, areas_of(boundaries.frame, authority), placed, cutoffs, unit)
    return ByNeed(as_of, held, gap_shares(held, gaps), table)


def _by_authority(placed: Need, authority: NDArray[np.intp], codes: pd.Index) -> Need:
    """Add up the need of the demand points of each authority."""
    inside = authority >= 0
    ends = {
        end: np.bincount(authority[inside], placed.frame[end].to_numpy()[inside], minlength=len(codes))
        for end in ("low", "high")
    }
    marker = np.where(ends["high"] > ends["low"], "sum", "").astype(object)
    frame = pd.DataFrame({**ends, "marker": marker}, index=codes.rename("authority_code"))
    found = list(placed.noticed)
    if inside.all():
        return replace(placed, frame=frame, noticed=tuple(found))
    outside = tuple(placed.frame.index[~inside])
    message = counted(len(outside), "demand points lie in none of the authorities, and their need counts for none")
    remedy = "check their coordinates, or pass boundaries that hold them"
    found.append(Finding("need.in_no_authority", "warning", "need", "demand_id", outside, message, remedy))
    return replace(placed, frame=frame, total=ANY_TOTAL, noticed=tuple(found))


def gap_shares(need: Need, gaps: pd.DataFrame) -> pd.DataFrame:
    """Return ``ByNeed.gaps``: the share of need in authorities without a service of each group.

    Parameters
    ----------
    need
        One row per authority.
    gaps
        As :func:`gaps` returns it, of the same authorities.
    """
    frame = need.frame.reindex(gaps.index)
    low, high = frame["low"].to_numpy(), frame["high"].to_numpy()
    open_cells, unbounded = high > low, np.isinf(high)
    groups = [c.removesuffix("_services") for c in gaps.columns if c.endswith("_services")]
    rows = []
    for group in groups:
        certain, possible = (gaps.index.isin(list_gaps(gaps, group, certain=c).index) for c in (True, False))
        ends = [_share(low, high, member, need.total) for member in (certain, possible)]
        rows.append(
            {
                "group": group,
                "authorities": len(gaps),
                "gap_min": int(certain.sum()),
                "gap_max": int(possible.sum()),
                "need_min": float(low[certain].sum()),
                "need_max": float(high[possible].sum()),
                "share_min": ends[0][0],
                "share_certain_max": ends[0][1],
                "share_possible_min": ends[1][0],
                "share_max": ends[1][1],
                "suppressed": int(open_cells.sum()),
                "unbounded": int(unbounded.sum()),
                "suppressed_in_gap": int((open_cells & possible).sum()),
            }
        )
    found = pd.DataFrame(rows).set_index("group")
    found.attrs = {"metric_id": list(GAP_SHARES)}
    return found


def _share(low: Floats, high: Floats, member: NDArray[np.bool_], total: tuple[float, float]) -> tuple[float, float]:
    part = np.array([low[member].sum()]), np.array([high[member].sum()])
    rest = np.array([low[~member].sum()]), np.array([high[~member].sum()])
    least, greatest = share_extremes(part, rest, total)
    return float(least[0]), float(greatest[0])


def _coverage(
    blocks: Sequence[NearestBlock], areas: Sequence[Areas], need: Need, cutoffs: Sequence[float], unit: str
) -> pd.DataFrame:
    """Return ``ByNeed.coverage``."""
    columns = ["area_type", "area_code", "area_name", "group", "relation", "evidence", "metric_id", "cutoff"]
    columns += ["value_min", "value_max", "unit", "suppressed", "unbounded"]
    low, high = need.frame["low"].to_numpy(), need.frame["high"].to_numpy()
    parts: list[pd.DataFrame] = []
    for some in areas:
        marked = {
            "suppressed": _counted_in(some, high > low),
            "unbounded": _counted_in(some, np.isinf(high)),
        }
        place = {"area_type": some.kind, "area_code": list(some.codes), "area_name": list(some.names)}
        for block in blocks:
            said = {**place, "group": block.group, "relation": block.relation, "evidence": block.evidence}
            figures = _figures(some, block, low, high, cutoffs, unit)
            parts += [pd.DataFrame({**said, **figure, **marked}) for figure in figures]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _counted_in(areas: Areas, cells: NDArray[np.bool_]) -> NDArray[np.intp]:
    return np.bincount(areas.of[cells & (areas.of >= 0)], minlength=len(areas.codes))


def _figures(
    areas: Areas, block: NearestBlock, low: Floats, high: Floats, cutoffs: Sequence[float], unit: str
) -> list[dict[str, Any]]:
    """Return the mean cost and the shares within each cutoff, one value per area each."""
    n = len(areas.codes)
    reached = ~np.isnan(block.cost)
    least, greatest = mean_extremes(np.where(reached, block.cost, 0), low, high, np.where(reached, areas.of, -1), n)
    found = [{"metric_id": MEAN, "cutoff": np.nan, "value_min": least, "value_max": greatest, "unit": unit}]
    for cutoff in cutoffs:
        near = reached & (np.where(reached, block.cost, np.inf) <= cutoff + CUTOFF_TOLERANCE)
        part, rest = (
            tuple(np.bincount(areas.of[rows], end[rows], minlength=n) for end in (low, high))
            for rows in (near & (areas.of >= 0), ~near & (areas.of >= 0))
        )
        least, greatest = share_extremes(part, rest)  # type: ignore[arg-type]
        found.append(
            {"metric_id": SHARE, "cutoff": cutoff, "value_min": least, "value_max": greatest, "unit": "share of need"}
        )
    return found
