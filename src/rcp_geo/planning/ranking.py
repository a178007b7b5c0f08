"""The best answers in order, equal ones by a stated rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rcp_geo.planning.exact import Cut, without

__all__ = ["Answer", "Search", "ranked", "same"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Sites and how good they are.

    Attributes
    ----------
    sites
        Positions among the candidates, in order.
    value
        What is minimised, worked out from the sites alone.
    bound
        No choice has a smaller value.
    proved
        Whether the search came to its end.
    """

    sites: tuple[int, ...]
    value: float
    bound: float
    proved: bool


# Given further conditions, the best answer that keeps to them, of several equal ones with fewest sites; None where none does.
Search = Callable[[Sequence[Cut]], Answer | None]


def same(one: float, other: float) -> bool:
    """Say whether two values are equal but for rounding."""
    return abs(one - other) <= 1e-9 * max(abs(one), abs(other), 1e-300)


def ranked(search: Search, k: int, first: Answer | None, offered: int) -> tuple[list[Answer], bool | None]:
    """Return the k best answers in order, and whether the first is the only one of its value (None where that is not known).

    Of equal answers that with fewer sites comes first, then that with the smaller ids, compared one by one. An answer that only
    adds sites to a better one is left out. The list ends where a search is stopped by a limit.
    """
    found: list[Answer] = []
    only: bool | None = None
    cuts: list[Cut] = []
    best = first
    if first is not None and first.proved and not first.sites:
        # Every other answer only adds sites to none.
        return [first], True
    while best is not None and best.proved:
        following = search([*cuts, without(best.sites)])
        if following is not None and not following.proved:
            return [*found, best], only
        tied = following is not None and same(following.value, best.value) and len(following.sites) == len(best.sites)
        if not found:
            only = following is None or not same(following.value, best.value)
        if tied:
            best = _smallest(search, cuts, best, offered)
            following = search([*cuts, without(best.sites)]) if len(found) + 1 < k else None
        found.append(best)
        if len(found) == k:
            break
        cuts.append(without(best.sites))
        best = following
    return found, only


def _smallest(search: Search, cuts: Sequence[Cut], best: Answer, offered: int) -> Answer:
    """Return of the answers as good as one, and of as many sites, that with the smallest ids."""
    size = len(best.sites)
    place = 0
    while place < size:
        fixed, least = best.sites[:place], (best.sites[place - 1] + 1 if place else 0)
        between = np.arange(least, best.sites[place])
        if not len(between):
            place += 1
            continue
        passed = np.setdiff1d(np.arange(least), fixed)
        conditions = [
            Cut(np.arange(offered), low=size, high=size),
            Cut(np.asarray(fixed, dtype=np.intp), low=len(fixed)),
            Cut(passed, high=0.0),
            Cut(between, low=1.0),
        ]
        other = search([*cuts, *conditions])
        if other is not None and other.proved and same(other.value, best.value) and len(other.sites) == size:
            best = replace(best, sites=other.sites)
        else:
            place += 1
    return best
