"""What is asked of a plan, checked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from rcp_geo.errors import InfeasibleError, InputError
from rcp_geo.planning.covers import covers_within
from rcp_geo.planning.exact import Limits, Resource, least_sites
from rcp_geo.planning.problem import Problem, in_order
from rcp_geo.planning.result import PlanModel, number_text
from rcp_geo.schema import counted, first_of, require_columns
from rcp_geo.travel.model import CUTOFF_TOLERANCE, require_cutoff

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "MODELS",
    "Ask",
    "Method",
    "Unreached",
    "groups_of",
    "impossible",
    "reachable",
    "require_known",
    "require_sense",
    "resource_of",
]

MODELS = ("mclp", "lscp", "p-median", "p-center")
Method = Literal["exact", "greedy"]
Unreached = Literal["raise", "leave"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a problem."""

    model: PlanModel
    p: int | None
    budget: float | None
    cutoff: float | None
    k_best: int
    method: Method
    limits: Limits

    @property
    def limit(self) -> float:
        """The cutoff, and so far beyond it as costs may be lifted by rounding; infinite where there is none."""
        return math.inf if self.cutoff is None else self.cutoff + CUTOFF_TOLERANCE


def require_sense(ask: Ask, site_costs: object, unreached: str, fair: str | None) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` unless what was asked goes together."""
    for name, value, known in (
        ("model", ask.model, MODELS),
        ("method", ask.method, ("exact", "greedy")),
        ("unreached", unreached, ("raise", "leave")),
    ):
        if value not in known:
            raise InputError(f"{name}: {value!r} is not known; use {', '.join(known[:-1])} or {known[-1]}")
    require_cutoff(ask.cutoff)
    _require_numbers(ask)
    _require_limits(ask.limits)
    # Of what does not go together the first is told: the rest may follow from it.
    for wrong, message in _contradictions(ask, site_costs, fair):
        if wrong:
            raise InputError(message)


def _contradictions(ask: Ask, site_costs: object, fair: str | None) -> Iterator[tuple[bool, str]]:
    """Return what may be at odds in a question, and what to say of it."""
    model, covers = ask.model, ask.model in {"mclp", "lscp"}
    yield (
        covers and ask.cutoff is None,
        f"cutoff: {model} needs the cost within which demand is covered; give one, in the unit of the costs",
    )
    yield (
        not covers and ask.cutoff is not None,
        f"cutoff: {model} has none; leave it out, or work the costs out with one",
    )
    yield (
        model == "lscp" and (ask.p is not None or ask.budget is not None),
        "p, budget: lscp finds the fewest or cheapest sites itself; leave both out, or use mclp",
    )
    yield (
        model != "lscp" and (ask.p is None) == (ask.budget is None),
        f"p, budget: {model} needs the number of new sites, or a budget; give one of them",
    )
    yield (
        ask.budget is not None and site_costs is None,
        "site_costs: a budget needs what each candidate costs; give a series by id",
    )
    yield (
        ask.p is not None and site_costs is not None,
        "site_costs: they matter under a budget, and p is a number of sites; give a budget in place of p",
    )
    yield (
        fair is not None and model not in {"mclp", "p-median"},
        f"fair: {model} compares no groups, since it is about everyone; use mclp or p-median",
    )
    yield (
        fair is not None and (ask.k_best != 1 or ask.method != "exact" or ask.limits.gap > 0),
        "fair: only the best fair plan is found, by exact search; leave k_best, method and gap out",
    )


def _require_numbers(ask: Ask) -> None:
    if ask.p is not None and not _is_count(ask.p):
        raise InputError(f"p: {ask.p!r} new sites cannot be placed; give a whole number of 1 or more")
    if not _is_count(ask.k_best):
        raise InputError(f"k_best: {ask.k_best!r} answers cannot be listed; give a whole number of 1 or more")
    if ask.budget is not None and not (np.isfinite(ask.budget) and ask.budget >= 0):
        raise InputError(f"budget: {ask.budget!r} is not an amount; give a number of 0 or more")


def _require_limits(limits: Limits) -> None:
    if not 0 <= limits.gap < 1:
        raise InputError(f"gap: {limits.gap!r} is not a share; give a number from 0 to below 1, such as 0.01")
    if limits.nodes is not None and not _is_count(limits.nodes):
        raise InputError(f"node_limit: {limits.nodes!r} is no number of nodes; give 1 or more, or None")
    if limits.seconds is not None and not limits.seconds > 0:
        raise InputError(f"time_limit: {limits.seconds!r} is no time; give seconds above 0, or None")


def _is_count(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and bool(value >= 1)


def require_known(problem: Problem, ask: Ask) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` unless the costs and the candidates are enough for what is asked."""
    if ask.cutoff is not None and problem.known_to is not None and problem.known_to < ask.cutoff - CUTOFF_TOLERANCE:
        raise InputError(
            f"cutoff: the costs were looked for up to {number_text(problem.known_to)} only, and {number_text(ask.cutoff)} is "
            "asked; work them out with a cutoff no smaller"
        )
    if ask.budget is not None and not problem.candidates:
        raise InputError("candidates: there are none for the budget to be spent on; offer sites that do not exist yet")
    if ask.p is not None and ask.p > len(problem.candidates):
        raise InputError(
            f"p: {ask.p} new sites cannot be chosen from {len(problem.candidates)} candidates; ask for fewer or offer more"
        )


def resource_of(problem: Problem, ask: Ask, site_costs: pd.Series | Mapping[Any, float] | None) -> Resource:
    """Return what there is to choose with: a number of sites, a budget, or as much as it takes.

    Raises
    ------
    InputError
        If a candidate has no cost, or one that is not a number of 0 or more.
    """
    n = len(problem.candidates)
    if site_costs is None:
        return Resource(np.ones(n), None if ask.p is None else float(ask.p), all_of_it=ask.p is not None)
    known = pd.Series(dict(site_costs), dtype=object)
    lost = [c for c in problem.candidates if c not in known.index]
    if lost:
        raise InputError(
            f"site_costs: {counted(len(lost), 'candidates have no cost')} ({first_of(lost)}); "
            "give each one, 0 where it costs nothing"
        )
    price = pd.to_numeric(known.loc[list(problem.candidates)], errors="coerce").to_numpy(
        dtype=np.float64, na_value=np.nan
    )
    wrong = [c for c, ok in zip(problem.candidates, np.isfinite(price) & (price >= 0), strict=True) if not ok]
    if wrong:
        raise InputError(
            f"site_costs: {counted(len(wrong), 'candidates have a cost that is missing, infinite or negative')} "
            f"({first_of(wrong)}); give numbers of 0 or more"
        )
    return Resource(price, ask.budget, all_of_it=False)


def reachable(problem: Problem, ask: Ask, unreached: Unreached) -> tuple[Problem, list[str]]:
    """Set demand apart that no site reaches, or raise; mclp leaves it uncovered as it is."""
    seen = np.isfinite(problem.held) & (problem.held <= ask.limit)
    seen[problem.row[problem.cost <= ask.limit]] = True
    lost = ~seen & (problem.weight > 0)
    if not lost.any():
        return problem, []
    ids, weight = problem.demand[lost].tolist(), math.fsum(problem.weight[lost])
    within = "" if ask.cutoff is None else f" within {number_text(ask.cutoff)}"
    if ask.model == "mclp":
        return problem, [f"{number_text(weight)} can be covered by no candidate ({first_of(ids)})."]
    if unreached == "raise" or not (seen & (problem.weight > 0)).any():
        raise InfeasibleError(
            f"{ask.model}: {counted(len(ids), 'demand points are reached by no site')}{within}, weight {number_text(weight)} "
            f"({first_of(ids)}); raise the cutoff, add candidates, or leave them out (unreached='leave')",
            ids=tuple(ids),
            weight=weight,
        )
    note = f"Left out, since no site reaches it{within}: {number_text(weight)} ({first_of(ids)})."
    return replace(problem, weight=np.where(lost, 0.0, problem.weight)), [note]


def impossible(problem: Problem, ask: Ask, resource: Resource) -> InfeasibleError:
    """Say why no choice of sites reaches everyone."""
    covers = covers_within(problem, np.finfo(np.float64).max)
    needed = least_sites(covers, Resource(resource.price, None, all_of_it=False)).sites or ()
    if resource.used(needed) <= (resource.amount or 0.0):
        return InfeasibleError(f"{ask.model}: sites added one by one do not reach everyone; use method='exact'")
    short = f"{ask.p} new sites" if ask.p is not None else f"a budget of {number_text(ask.budget or 0)}"
    return InfeasibleError(
        f"{ask.model}: {short} cannot reach everyone, and it takes at least {number_text(resource.used(needed))}; "
        "allow more, or use mclp to reach the most"
    )


def groups_of(problem: Problem, demand: pd.DataFrame, column: str) -> tuple[list[Any], NDArray[np.intp]]:
    """Return the groups of a column of the demand in order, and the position of each demand point's.

    Raises
    ------
    MissingColumnError, InputError
        If there is no such column, or a demand point has no group.
    """
    require_columns(demand, [column], "demand")
    values = pd.Series(
        demand[column].to_numpy(dtype=object), index=pd.Index(demand["demand_id"].to_numpy(dtype=object), dtype=object)
    )
    values = values.reindex(pd.Index(problem.demand, dtype=object))
    blank = values.isna()
    if blank.any():
        ids = values.index[blank].tolist()
        raise InputError(f"demand.{column}: {counted(len(ids), 'rows have no group')} ({first_of(ids)}); give each one")
    groups = in_order(set(values))
    return groups, pd.Index(groups, dtype=object).get_indexer(pd.Index(values.to_numpy(dtype=object), dtype=object))
