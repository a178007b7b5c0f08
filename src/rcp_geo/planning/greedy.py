"""Choosing sites one by one: quick for any size, with a bound that says how much better a choice could be at most."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rcp_geo.planning.covers import Covers
    from rcp_geo.planning.exact import Resource
    from rcp_geo.planning.problem import Problem

__all__ = ["greedy_cover", "greedy_median", "greedy_set", "median_bound", "most_gained"]

# What a choice of at least 1 - 1/e of the best gain proves of the best (Nemhauser, Wolsey and Fisher 1978).
_GUARANTEE = 1 - math.exp(-1)
# Rounds of the sub-gradient method; without progress in so many the step is halved (Held, Wolfe and Crowder 1974).
_ROUNDS, _PATIENCE = 300, 15


def greedy_cover(covers: Covers, resource: Resource) -> tuple[tuple[int, ...], float]:
    """Add the site that covers most of what is left, again and again; and return the most that any choice can cover more.

    Gains are worked out again only where they may be the largest (lazy evaluation, Minoux 1978). Under a budget it is gain for
    money, and the best single site in place of all of them where it covers more (Khuller, Moss and Naor 1999).
    """
    loss = covers.loss.sum(axis=1)
    members = _sets_of(covers, len(resource.price))
    left = loss.copy()
    alone = np.array([math.fsum(loss[s]) for s in members])
    chosen: list[int] = []
    gained, room = 0.0, _room(resource)
    # Ties go to the smaller position, hence the smaller id.
    heap = [(-_worth(g, resource.price[j]), j, 0) for j, g in enumerate(alone.tolist())]
    heapq.heapify(heap)
    while heap:
        _, j, seen = heapq.heappop(heap)
        if resource.price[j] > room:
            continue
        gain = math.fsum(left[members[j]])
        if seen < len(chosen):
            heapq.heappush(heap, (-_worth(gain, resource.price[j]), j, len(chosen)))
            continue
        if not (gain or resource.all_of_it):
            break
        chosen.append(j)
        left[members[j]] = 0.0
        gained, room = gained + gain, room - resource.price[j]
    single = int(np.argmax(np.where(resource.price <= _room(resource), alone, -1.0))) if len(alone) else -1
    if not resource.all_of_it and single >= 0 and alone[single] > gained and resource.price[single] <= _room(resource):
        chosen, gained, left = [single], float(alone[single]), loss.copy()
        left[members[single]] = 0.0
    gains = np.array([math.fsum(left[s]) for s in members])
    bound = gained + most_gained(gains, resource)
    if resource.all_of_it:
        bound = min(bound, gained / _GUARANTEE)
    return tuple(sorted(chosen)), min(bound, math.fsum(loss))


def most_gained(gains: NDArray[np.float64], resource: Resource) -> float:
    """Return the most that further sites can gain, each no more than alone: what is best put in a knapsack that may be cut."""
    worth = np.argsort(-np.array([_worth(g, c) for g, c in zip(gains, resource.price, strict=True)]), kind="stable")
    room, total = _room(resource), 0.0
    for j in worth.tolist():
        if room <= 0 and resource.price[j] > 0:
            break
        share = 1.0 if resource.price[j] <= room else room / resource.price[j]
        total += share * float(gains[j])
        room -= share * resource.price[j]
    return total


def _worth(gain: float, price: float) -> float:
    return gain / price if price > 0 else (math.inf if gain > 0 else 0.0)


def _room(resource: Resource) -> float:
    return math.inf if resource.amount is None else resource.amount


def _sets_of(covers: Covers, candidates: int) -> list[NDArray[np.intp]]:
    """Return for each candidate the sets that it is in."""
    order = np.argsort(covers.member, kind="stable")
    ends = np.searchsorted(covers.member[order], np.arange(candidates + 1))
    return [covers.of[order[a:b]] for a, b in pairwise(ends)]


def greedy_set(covers: Covers, resource: Resource) -> tuple[tuple[int, ...], float]:
    """Cover every set, the cheapest for what it newly covers first; and return the least that any choice takes.

    What is paid for a set, over the harmonic number of the largest, adds up to no more than the best choice (Chvátal 1979).
    """
    members = _sets_of(covers, len(resource.price))
    open_ = np.ones(len(covers.parent), dtype=bool)
    chosen: list[int] = []
    while open_.any():
        new = np.array([open_[s].sum() for s in members])
        with np.errstate(divide="ignore"):
            rate = np.where(new > 0, resource.price / np.maximum(new, 1), np.inf)
        j = int(np.argmin(rate))
        chosen.append(j)
        open_[members[j]] = False
    largest = max((len(s) for s in members), default=1)
    harmonic = math.fsum(1 / k for k in range(1, max(largest, 1) + 1))
    return tuple(sorted(chosen)), resource.used(chosen) / harmonic


def greedy_median(problem: Problem, resource: Resource) -> tuple[int, ...] | None:
    """Add the site that saves most, again and again, then swap sites as long as that saves (Teitz and Bart 1968).

    Demand that nothing reaches yet is reached first. None where the sites do not reach everyone.
    """
    table = problem.dense()
    used = problem.weight > 0
    table, weight = table[used], problem.weight[used]
    far = 2.0 * float(table[np.isfinite(table)].max(initial=1.0)) + 1.0
    table = np.minimum(table, far)
    least = np.minimum(problem.held[used], far)
    chosen: list[int] = []
    room = _room(resource)
    while True:
        able = np.flatnonzero(resource.price <= room)
        able = able[~np.isin(able, chosen)]
        gains = np.array([weight @ np.maximum(least - table[:, j], 0) for j in able])
        if not len(able) or not (resource.all_of_it or gains.max() > 0):
            break
        best = int(able[int(np.argmax([_worth(g, resource.price[j]) for g, j in zip(gains, able, strict=True)]))])
        chosen.append(best)
        least = np.minimum(least, table[:, best])
        room -= resource.price[best]
    chosen, least = _swapped(table, weight, np.minimum(problem.held[used], far), chosen, resource)
    return None if (least >= far).any() else tuple(sorted(chosen))


def _swapped(
    table: NDArray[np.float64],
    weight: NDArray[np.float64],
    held: NDArray[np.float64],
    chosen: list[int],
    resource: Resource,
) -> tuple[list[int], NDArray[np.float64]]:
    """Swap one chosen site for another as long as that lowers the cost."""
    least = np.minimum(held, table[:, chosen].min(axis=1, initial=np.inf))
    total, moved = float(weight @ least), True
    while moved:
        moved = False
        for out in sorted(chosen):
            others = [j for j in chosen if j != out]
            rest = np.minimum(held, table[:, others].min(axis=1, initial=np.inf))
            able = np.flatnonzero(resource.price <= _room(resource) - resource.used(others))
            able = able[~np.isin(able, chosen)]
            costs = np.array([weight @ np.minimum(rest, table[:, j]) for j in able])
            if len(able) and costs.min() < total * (1 - 1e-12):
                best = int(np.argmin(costs))
                chosen, total, moved = [*others, int(able[best])], float(costs[best]), True
                least = np.minimum(rest, table[:, able[best]])
    return chosen, least


def median_bound(problem: Problem, resource: Resource, best: float) -> float:
    """Return a cost that no choice of sites goes below, by Lagrangian relaxation of who goes where.

    Each demand point pays a price for being served; prices are moved towards those that make the bound largest by the
    sub-gradient method (Held, Wolfe and Crowder 1974).
    """
    used = (problem.weight > 0) & problem.reachable()
    weight = problem.weight[used]
    table = problem.dense()[used] * weight[:, None]
    held = problem.held[used] * weight
    # What is served by an existing site never costs more than that.
    price = np.minimum(held, table.min(axis=1))
    bound, found, calm, step = -math.inf, 0.0, 0, 2.0
    for _ in range(_ROUNDS):
        saving = np.minimum(table - price[:, None], 0.0)
        worth = -saving.sum(axis=0)
        kept = _filled(worth, resource)
        served = (saving[:, kept] < 0).sum(axis=1)
        stays = held < price
        found = float(price.sum() - most_gained(worth, resource) - np.where(stays, price - held, 0.0).sum())
        calm = 0 if found > bound else calm + 1
        bound = max(bound, found)
        slope = 1.0 - served - stays
        size = float(slope @ slope)
        if size == 0 or best - bound <= 1e-12 * abs(best):
            break
        if calm >= _PATIENCE:
            step, calm = step / 2, 0
        price = np.maximum(price + step * (best - found) / size * slope, 0.0)
    return min(bound, best)


def _filled(worth: NDArray[np.float64], resource: Resource) -> Sequence[int]:
    """Return the sites of most worth that there is room for."""
    room, kept = _room(resource), []
    for j in np.argsort(-worth, kind="stable").tolist():
        if resource.price[j] <= room and (worth[j] > 0 or resource.all_of_it):
            kept.append(j)
            room -= resource.price[j]
    return kept
