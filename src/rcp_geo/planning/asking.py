"""What is asked of a plan, checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
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

__all__ = ["MODELS", "Ask", "Method", "Unreached", "groups_of", "impossible", "reachable", "require_known", "require_sense", "resource_of"]

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
    if unreached not in {"raise", "leave"}:
        raise InputError(f"unreached: {unreached!r} is not known; use raise or leave")
    if ask.model not in MODELS:
        raise InputError(f"model: {ask.model!r} is not known; use {', '.join(MODELS[:-1])} or {MODELS[-1]}")
    if ask.method not in {"exact", "greedy"}:
        raise InputError(f"method: {ask.method!r} is not known; use exact or greedy")
    require_cutoff(ask.cutoff)
    if ask.model in {"mclp", "lscp"} and ask.cutoff is None:
        raise InputError(f"cutoff: {ask.model} needs the cost within which demand is covered; give one, in the unit of the costs")
    if ask.model in {"p-median", "p-center"} and ask.cutoff is not None:
        raise InputError(f"cutoff: {ask.model} has none; leave it out, or work the costs out with one")
    if ask.model == "lscp":
        if ask.p is not None or ask.budget is not None:
            raise InputError("p, budget: lscp finds the fewest or cheapest sites itself; leave both out, or use mclp")
    elif (ask.p is None) == (ask.budget is None):
        raise InputError(f"p, budget: {ask.model} needs the number of new sites, or a budget; give one of them")
    if ask.budget is not None and site_costs is None:
        raise InputError("site_costs: a budget needs what each candidate costs; give a series by id")
    if ask.p is not None and site_costs is not None:
        raise InputError("site_costs: they matter under a budget, and p is a number of sites; give a budget in place of p")
    if fair is not None and ask.model not in {"mclp", "p-median"}:
        raise InputError(f"fair: {ask.model} compares no groups, since it is about everyone; use mclp or p-median")
    if fair is not None and (ask.k_best != 1 or ask.method != "exact"):
        raise InputError("fair: only the best fair plan is found, by exact search; leave k_best and method out")
    _require_numbers(ask)


def _require_numbers(ask: Ask) -> None:
    if ask.p is not None and (not isinstance(ask.p, (int, np.integer)) or isinstance(ask.p, bool) or ask.p < 1):
        raise InputError(f"p: {ask.p!r} new sites cannot be placed; give a whole number of 1 or more")
    if not isinstance(ask.k_best, (int, np.integer)) or ask.k_best < 1:
        raise InputError(f"k_best: {ask.k_best!r} answers cannot be listed; give a whole number of 1 or more")
    if ask.budget is not None and not (np.isfinite(ask.budget) and ask.budget >= 0):
        raise InputError(f"budget: {ask.budget!r} is not an amount; give a number of 0 or more")
    if not 0 <= ask.limits.gap < 1:
        raise InputError(f"gap: {ask.limits.gap!r} is not a share; give a number from 0 to below 1, such as 0.01")
    nodes, seconds = ask.limits.nodes, ask.limits.seconds
    if nodes is not None and nodes < 1:
        raise InputError(f"node_limit: {nodes!r} is no number of nodes; give 1 or more, or None")
    if seconds is not None and not seconds > 0:
        raise InputError(f"time_limit: {seconds!r} is no time; give seconds above 0, or None")


def require_known(problem: Problem, ask: Ask) -> None:
    if ask.cutoff is not None and problem.known_to is not None and problem.known_to < ask.cutoff - CUTOFF_TOLERANCE:
        raise InputError(
            f"cutoff: the costs were looked for up to {number_text(problem.known_to)} only, and {number_text(ask.cutoff)} is asked; "
            "work them out with a cutoff no smaller"
        )
    if ask.p is not None and ask.p > len(problem.candidates):
        raise InputError(
            f"p: {ask.p} new sites cannot be chosen from {len(problem.candidates)} candidates; ask for fewer or offer more"
        )


def resource_of(problem: Problem, ask: Ask, site_costs: pd.Series | Mapping[Any, float] | None) -> Resource:
    n = len(problem.candidates)
    if site_costs is None:
        return Resource(np.ones(n), None if ask.p is None else float(ask.p), all_of_it=ask.p is not None)
    known = pd.Series(dict(site_costs), dtype=object)
    lost = [c for c in problem.candidates if c not in known.index]
    if lost:
        raise InputError(
            f"site_costs: {counted(len(lost), 'candidates have no cost')} ({first_of(lost)}); give each one, 0 where it costs nothing"
        )
    price = pd.to_numeric(known.loc[list(problem.candidates)], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
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
    require_columns(demand, [column], "demand")
    values = pd.Series(demand[column].to_numpy(dtype=object), index=pd.Index(demand["demand_id"].to_numpy(dtype=object), dtype=object))
    values = values.loc[problem.demand]
    blank = values.isna()
    if blank.any():
        ids = values.index[blank].tolist()
        raise InputError(f"demand.{column}: {counted(len(ids), 'rows have no group')} ({first_of(ids)}); give each one")
    groups = in_order(set(values))
    return groups, pd.Index(groups, dtype=object).get_indexer(pd.Index(values.to_numpy(dtype=object), dtype=object))
