"""The four models: each a search for the best sites under further conditions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from rcp_geo.planning.covers import Covers, cost_covers, covers_within
from rcp_geo.planning.exact import Cut, Limits, Resource, Solved, least_loss, least_sites
from rcp_geo.planning.greedy import greedy_cover, greedy_median, greedy_set, median_bound
from rcp_geo.planning.problem import Problem
from rcp_geo.planning.ranking import Answer, Search, same

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Model", "center", "covering", "median", "set_covering"]

# Numbers other than 0 in the solver's constraints, above which a search may take more than 2 GB; and bytes of sets as they
# are made.
MAX_ENTRIES, MAX_SET_BYTES = 1_500_000, 400_000_000


@dataclass(frozen=True, slots=True)
class Model:
    """How the best sites are searched for.

    Attributes
    ----------
    search
        Given further conditions, the best answer that keeps to them.
    greedy
        A quick answer and its bound.
    value
        What is minimised, worked out from the sites alone.
    exact
        Whether the search fits in memory.
    """

    search: Search
    greedy: Callable[[], Answer | None]
    value: Callable[[Sequence[int]], float]
    exact: bool


def covering(problem: Problem, limit: float, resource: Resource, limits: Limits) -> Model:
    """Leave the least weight uncovered (maximal covering)."""
    covers = covers_within(problem, limit)
    base = math.fsum(covers.base)

    def value(sites: Sequence[int]) -> float:
        least, _ = problem.nearest(sites)
        return math.fsum(problem.weight[least > limit])

    def greedy() -> Answer:
        sites, most = greedy_cover(covers, resource)
        found, bound = value(sites), base + math.fsum(covers.loss.sum(axis=1)) - most
        return _answer(sites, found, bound, proved=False)

    return Model(_by_loss(covers, base, resource, limits, value), greedy, value, covers.entries <= MAX_ENTRIES)


def median(problem: Problem, resource: Resource, limits: Limits) -> Model:
    """Keep the sum of weight times cost least (p-median)."""

    def value(sites: Sequence[int]) -> float:
        return problem.weighted_cost(problem.nearest(sites)[0])

    def greedy() -> Answer | None:
        sites = greedy_median(problem, resource)
        if sites is None:
            return None
        found = value(sites)
        return _answer(sites, found, median_bound(problem, resource, found), proved=False)

    fits = len(problem.row) * (len(problem.candidates) // 8 + 1) <= MAX_SET_BYTES
    covers = cost_covers(problem) if fits else None
    if covers is None or covers.entries > MAX_ENTRIES:
        return Model(lambda _: None, greedy, value, exact=False)
    search = _by_loss(covers, math.fsum(covers.base), resource, limits, value)
    return Model(search, greedy, value, exact=True)


def _by_loss(
    covers: Covers, base: float, resource: Resource, limits: Limits, value: Callable[[Sequence[int]], float]
) -> Search:
    if resource.all_of_it and resource.amount == 1 and not covers.must.any():
        return partial(_best_alone, len(resource.price), value)

    def search(cuts: Sequence[Cut]) -> Answer | None:
        solved = least_loss(covers, resource, cuts, limits)
        found = _told(solved, base, value, limits)
        if found is None or not found.proved or resource.counts_sites:
            return found
        # Under a budget equal answers differ in size, and the smallest comes first.
        fewer = least_loss(covers, resource, cuts, limits, most=(found.value - base) * (1 + 1e-12)).sites
        return found if fewer is None or not same(value(fewer), found.value) else replace(found, sites=fewer)

    return search


def _best_alone(candidates: int, value: Callable[[Sequence[int]], float], cuts: Sequence[Cut]) -> Answer | None:
    """Return the best single site, by trying each: the solver takes longer over one than over ten."""
    able = np.ones(candidates, dtype=bool)
    for cut in cuts:
        inside = np.isin(np.arange(candidates), cut.members)
        able &= (inside >= cut.low) & (inside <= cut.high)
    tried = [(value([j]), j) for j in np.flatnonzero(able).tolist()]
    if not tried:
        return None
    best, j = min(tried)
    return Answer((j,), best, best, proved=True)


def set_covering(problem: Problem, limit: float, resource: Resource, limits: Limits) -> Model:
    """Cover everyone with the least of the resource (location set covering)."""
    covers = covers_within(problem, limit)

    def search(cuts: Sequence[Cut]) -> Answer | None:
        found = _told(least_sites(covers, resource, cuts, limits), 0.0, resource.used, limits)
        if found is None or not found.proved or (resource.price == 1).all():
            return found
        within = Resource(resource.price, found.value, all_of_it=False)
        fewer = least_sites(covers, within, cuts, limits, np.ones(len(resource.price))).sites
        return found if fewer is None or not same(resource.used(fewer), found.value) else replace(found, sites=fewer)

    def greedy() -> Answer:
        sites, bound = greedy_set(covers, resource)
        # A number of sites is a whole one.
        bound = math.ceil(bound - 1e-9) if (resource.price == 1).all() else bound
        return _answer(sites, resource.used(sites), bound, proved=False)

    return Model(search, greedy, resource.used, covers.entries <= MAX_ENTRIES)


def center(problem: Problem, resource: Resource, limits: Limits) -> Model:
    """Keep the largest cost least (p-center): the least cutoff at which a choice covers everyone, found by halving."""
    radii = _radii(problem)
    wanted = np.zeros(len(problem.candidates)) if resource.all_of_it else np.ones(len(problem.candidates))

    @cache
    def covers(place: int) -> Covers:
        return covers_within(problem, float(radii[place]))

    def value(sites: Sequence[int]) -> float:
        least, _ = problem.nearest(sites)
        return float(least[problem.weight > 0].max())

    def search(cuts: Sequence[Cut]) -> Answer | None:
        return _halved(radii, lambda place: least_sites(covers(place), resource, cuts, limits, wanted), value)

    def added(place: int) -> Solved:
        sites, _ = greedy_set(covers(place), resource)
        return Solved(sites if resource.used(sites) <= (resource.amount or 0.0) else None, None, proved=False)

    def greedy() -> Answer | None:
        found = _halved(radii, added, value)
        return None if found is None or math.isinf(found.value) else replace(found, proved=False)

    return Model(search, greedy, value, exact=True)


def _halved(
    radii: NDArray[np.float64], at: Callable[[int], Solved], value: Callable[[Sequence[int]], float]
) -> Answer | None:
    """Find the smallest of some costs within which a choice covers everyone."""
    low, high = 0, len(radii) - 1
    best = at(high)
    if best.sites is None:
        return None if best.proved else Answer((), math.inf, float(radii[0]), proved=False)
    proved = 0
    while low < high:
        middle = (low + high) // 2
        found = at(middle)
        if found.sites is not None:
            best, high = found, middle
        else:
            low = middle + 1
            # A search that was stopped proves nothing, and one that was not proves it of every smaller cost as well.
            proved = low if found.proved else proved
    sites = best.sites or ()
    return _answer(sites, value(sites), float(radii[proved]), proved=proved == high)


def _radii(problem: Problem) -> NDArray[np.float64]:
    """Return the costs that the largest could be: no less than what each demand point has at best."""
    used = problem.weight > 0
    nearest = problem.held.copy()
    np.minimum.at(nearest, problem.row, problem.cost)
    least = float(nearest[used].max())
    own = np.r_[problem.cost[used[problem.row]], problem.held[used & np.isfinite(problem.held)]]
    return np.unique(own[own >= least])


def _told(solved: Solved, base: float, value: Callable[[Sequence[int]], float], limits: Limits) -> Answer | None:
    """Return what the solver found with its value worked out from the sites; None where there is no answer at all."""
    bound = -math.inf if solved.bound is None else solved.bound + base
    if solved.sites is None:
        return None if solved.proved else Answer((), math.inf, bound, proved=False)
    found = value(solved.sites)
    # A search may end at a gap, which is not the best unless nothing is left between.
    proved = solved.proved and (limits.gap == 0 or same(bound, found))
    return _answer(solved.sites, found, found if proved else bound, proved=proved)


def _answer(sites: Sequence[int], value: float, bound: float, *, proved: bool) -> Answer:
    """Return an answer; a bound that the solver's rounding lifts above the value is the value."""
    return Answer(tuple(sites), value, min(bound, value), proved)
