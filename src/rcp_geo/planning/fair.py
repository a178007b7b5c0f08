"""Lifting the worst-off group first, then the next: the lexicographic minimax of groups of demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rcp_geo.planning.exact import Solved, chosen_rows, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rcp_geo.planning.covers import Covers
    from rcp_geo.planning.exact import Limits, Resource

__all__ = ["group_losses", "least_worst"]

# How far a later round may give back what an earlier one gained, as a share of the largest loss: the solver's own tolerance.
_SLACK = 1e-7


def group_losses(covers: Covers, weight: NDArray[np.float64], sites: tuple[int, ...]) -> NDArray[np.float64]:
    """Return what each group loses per head with some sites open."""
    open_ = np.zeros(int(covers.member.max(initial=-1)) + 1, dtype=bool)
    open_[[s for s in sites if s < len(open_)]] = True
    hit = np.zeros(len(covers.parent), dtype=bool)
    np.logical_or.at(hit, covers.of, open_[covers.member])
    # A set holds all that its parent does; parents may come after it, so ask until nothing changes.
    while True:
        more = hit | ((covers.parent >= 0) & hit[covers.parent])
        if (more == hit).all():
            break
        hit = more
    return np.asarray((covers.loss[~hit].sum(axis=0) + covers.base) / weight)


def least_worst(covers: Covers, weight: NDArray[np.float64], resource: Resource, limits: Limits) -> Solved:
    """Choose sites so that the group that loses most per head loses least, then the two that do, then the three, and so on.

    The sum of the k largest losses is the least k t + sum of max(loss - t, 0) over t, which is linear (Ogryczak and Śliwiński
    2006). Minimising these sums one after the other gives the lexicographic minimax (Ogryczak 1997).
    """
    n, m, groups = len(resource.price), len(covers.parent), len(weight)
    per_head = covers.loss / weight
    base = covers.base / weight
    scale = float((per_head.sum(axis=0) + base).max()) or 1.0
    per_head, base = per_head / scale, base / scale
    reached: list[float] = []
    sites: tuple[int, ...] | None = None
    bound: float | None = None
    for k in range(1, groups + 1):
        width = n + m + k * (groups + 1)
        rows = chosen_rows(covers, resource, ())
        sums = []
        for level in range(k):
            start = n + m + level * (groups + 1)
            for g in range(groups):
                sets = np.flatnonzero(per_head[:, g])
                column = np.r_[start, start + 1 + g, n + sets]
                rows.one(column, np.r_[1.0, 1.0, -per_head[sets, g]], float(base[g]), np.inf)
            column = np.arange(start, start + groups + 1)
            value = np.r_[level + 1.0, np.ones(groups)]
            sums.append((column, value))
            if level < k - 1:
                rows.one(column, value, -np.inf, reached[level] + _SLACK)
        objective = np.zeros(width)
        objective[sums[-1][0]] = sums[-1][1]
        highest = np.r_[np.ones(n), np.where(covers.must, 0.0, 1.0), np.full(k * (groups + 1), np.inf)]
        found = solve(objective, n, highest, rows, limits, 1.0)
        if k == 1 and found.bound is not None:
            bound = found.bound * scale
        if found.sites is None or not found.proved:
            # Later rounds only refine: what an earlier one found stands, and is not proved fair beyond it.
            return Solved(found.sites if sites is None else sites, bound, proved=found.proved and found.sites is None)
        sites = found.sites
        losses = np.sort(group_losses(covers, weight, sites) / scale)[::-1]
        reached.append(float(losses[:k].sum()))
    return Solved(sites, bound, proved=True)
