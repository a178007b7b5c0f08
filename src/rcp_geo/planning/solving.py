"""Where to put the next sites: the question, checked, and its answer."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.planning.asking import (
    Ask,
    Method,
    Unreached,
    groups_of,
    impossible,
    reachable,
    require_known,
    require_sense,
    resource_of,
)
from rcp_geo.planning.covers import cost_covers, covers_within
from rcp_geo.planning.exact import Limits, Resource
from rcp_geo.planning.fair import group_losses, least_worst
from rcp_geo.planning.models import Model, center, covering, median, set_covering
from rcp_geo.planning.problem import Problem, read_problem, totals
from rcp_geo.planning.ranking import Answer, ranked
from rcp_geo.planning.result import Plan, PlanModel, Status
from rcp_geo.planning.telling import binding, bound_of, gap_between, objective_of, told
from rcp_geo.travel.model import CostTable

__all__ = ["plan"]

_TOO_EARLY = "plan: a limit came before any answer was found; allow more nodes or time"


def plan(  # noqa: PLR0913 - a keyword for each thing that can be asked
    costs: CostTable | pd.DataFrame,
    demand: pd.DataFrame,
    *,
    model: PlanModel,
    p: int | None = None,
    cutoff: float | None = None,
    existing: Iterable[Hashable] = (),
    candidates: Iterable[Hashable] | None = None,
    k_best: int = 1,
    site_costs: pd.Series | Mapping[Any, float] | None = None,
    budget: float | None = None,
    fair: str | None = None,
    unreached: Unreached = "raise",
    method: Method = "exact",
    gap: float = 0.0,
    node_limit: int | None = None,
    time_limit: float | None = None,
) -> Plan:
    r"""Choose where to put the next sites.

    Parameters
    ----------
    costs
        From demand to sites: a :class:`CostTable`, or a table of ``origin_id``, ``destination_id`` and ``cost``. Pairs that
        are not in it cannot be travelled.
    demand
        ``demand_id`` and ``weight`` (people, need, or another measure). Points of weight 0 count for nothing.
    model
        ``mclp``: cover the most demand within the cutoff; ``lscp``: cover everyone within it with the fewest sites;
        ``p-median``: keep the mean cost least; ``p-center``: keep the largest cost least.
    p
        Number of new sites; existing ones are not counted in it.
    cutoff
        Cost within which demand is covered, itself included, in the unit of the costs; for ``mclp`` and ``lscp``.
    existing
        Ids of the destinations that are there already and stay.
    candidates
        Ids of the destinations to choose from; all that do not exist already if left out.
    k_best
        How many of the best answers to list, in order.
    site_costs
        What each candidate costs, by id. With it a budget takes the place of ``p``, and ``lscp`` finds the cheapest sites.
    budget
        The most that new sites may cost together.
    fair
        A column of demand, such as a region or a decile of deprivation: its groups are compared by the share covered (``mclp``)
        or the mean cost (``p-median``), and the worst-off is lifted first, then the two worst-off, and so on.
    unreached
        Demand that no site reaches at all: ``raise``, or ``leave`` it out of ``p-median``, ``p-center`` and ``lscp``, with a
        note.
    method
        ``exact``, or ``greedy`` to add sites one by one, with a bound on how much better the best could be.
    gap
        Relative gap at which to stop: 0.01 for an answer within 1 % of the best.
    node_limit
        Number of nodes of the search tree at which to stop; the answer repeats.
    time_limit
        Seconds after which each search of the solver stops; the answer may not repeat.

    Returns
    -------
    Plan

    Raises
    ------
    MissingColumnError, DuplicateIdError
        If a table lacks a column or holds a demand point or a pair twice.
    InputError
        If ids of costs, demand and sites do not match, a cost, weight, site cost or limit is not a number of 0 or more, all
        weights are 0, or the model does not fit what was asked with it (p, cutoff, budget, fair).
    InfeasibleError
        If no choice of sites does what was asked; it names the demand that no candidate reaches, or the least number of sites.
    TravelError
        If the solver gives up.

    Notes
    -----
    With :math:`y_j` = 1 where site j is open, :math:`P_i` the weight of demand i and :math:`d_{ij}` its cost to j:

    - mclp: max :math:`\sum_i P_i z_i`, :math:`z_i \le \sum_{j: d_{ij} \le d_0} y_j`, :math:`\sum_j y_j = p` [1]_
    - lscp: min :math:`\sum_j y_j`, :math:`\sum_{j: d_{ij} \le d_0} y_j \ge 1` for all i [2]_
    - p-median: min :math:`\sum_i P_i \min_{j: y_j = 1} d_{ij}`, :math:`\sum_j y_j = p` [3]_
    - p-center: min :math:`\max_i \min_{j: y_j = 1} d_{ij}`, :math:`\sum_j y_j = p`, by halving over lscp [3]_

    Demand that sees the same sites is put together first, which changes no answer; the p-median is solved in the form of [4]_.
    The solver is HiGHS, on one core. Answers do not depend on the order of rows. Of equal ones the one with fewest sites comes
    first, then that with the smallest ids, compared one by one; a further answer that only adds sites to a better one is left
    out. A fair plan stops at the first that the solver finds of equal ones.

    Sites added one by one cover, of what can be gained, at least 1 - 1/e, about 63 % [5]_; the bound told is as tight as the
    figures allow. For the p-median they are then swapped [6]_, and the bound is Lagrangian. Fairness is the lexicographic minimax
    of [7]_ over groups.

    References
    ----------
    .. [1] Church, R. and ReVelle, C. (1974), The maximal covering location problem, doi:10.1007/BF01942293.
    .. [2] Toregas, C. et al. (1971), The location of emergency service facilities, doi:10.1287/opre.19.6.1363.
    .. [3] Hakimi, S. L. (1965), Optimum distribution of switching centers in a communication network and some related graph
       theoretic problems, doi:10.1287/opre.13.3.462.
    .. [4] Elloumi, S. (2010), A tighter formulation of the p-median problem, Journal of Combinatorial Optimization 19(1):69-83.
    .. [5] Nemhauser, G. L., Wolsey, L. A. and Fisher, M. L. (1978), An analysis of approximations for maximizing submodular set
       functions, doi:10.1007/BF01588971.
    .. [6] Teitz, M. B. and Bart, P. (1968), Heuristic methods for estimating the generalized vertex median of a weighted graph,
       doi:10.1287/opre.16.5.955.
    .. [7] Ogryczak, W. (1997), On the lexicographic minimax approach to location problems, doi:10.1016/S0377-2217(96)00154-3.

    Examples
    --------
    Three hamlets in a row, a site in the first; where should the second one be?

    >>> pairs = pd.DataFrame(
    ...     [("x", "a", 0.0), ("x", "b", 5.0), ("y", "a", 5.0), ("y", "b", 0.0), ("y", "c", 5.0), ("z", "c", 0.0)],
    ...     columns=["origin_id", "destination_id", "cost"],
    ... )
    >>> people = pd.DataFrame({"demand_id": ["x", "y", "z"], "weight": [10.0, 20.0, 30.0]})
    >>> found = plan(pairs, people, model="mclp", p=1, cutoff=4, existing=["a"])
    >>> found.sites, found.objective, found.gap
    (('c',), 40.0, 0.0)
    """
    ask = Ask(model, p, budget, cutoff, k_best, method, Limits(gap, node_limit, time_limit))
    require_sense(ask, site_costs, unreached, fair)
    problem = read_problem(costs, demand, existing, candidates)
    require_known(problem, ask)
    problem, notes = reachable(problem, ask, unreached)
    resource = resource_of(problem, ask, site_costs)
    if fair is not None:
        return _fair(problem, ask, resource, groups_of(problem, demand, fair), notes)
    made = _model(problem, ask, resource)
    answers, only, status, more = _answers(problem, ask, resource, made)
    best = answers[0]
    alternatives = [(a.sites, objective_of(problem, ask, a)) for a in answers]
    notes += [*more, *binding(problem, ask, best)]
    return told(problem, ask, alternatives, bound_of(problem, ask, best), status, only=only, notes=notes)


def _model(problem: Problem, ask: Ask, resource: Resource) -> Model:
    if ask.model == "mclp":
        return covering(problem, ask.limit, resource, ask.limits)
    if ask.model == "lscp":
        return set_covering(problem, ask.limit, resource, ask.limits)
    return median(problem, resource, ask.limits) if ask.model == "p-median" else center(problem, resource, ask.limits)


def _answers(
    problem: Problem, ask: Ask, resource: Resource, made: Model
) -> tuple[list[Answer], bool | None, Status, list[str]]:
    """Return the answers in order, whether the first is the only one, how the search ended and what to say of that."""
    exact = ask.method == "exact" and made.exact
    first = made.search(()) if exact else made.greedy()
    if first is None:
        raise impossible(problem, ask, resource)
    if not exact:
        said = [] if ask.method == "greedy" else ["A proof would not fit in 2 GB of memory."]
        return [first], None, "greedy", said
    if first.proved:
        answers, only = ranked(made.search, ask.k_best, first, len(problem.candidates))
        said = [] if len(answers) == ask.k_best else [f"Found {len(answers)} of the {ask.k_best} answers asked for."]
        return answers, only, "optimal", said
    quick = made.greedy()
    bound = first.bound
    if quick is not None:
        first, bound = min(first, quick, key=lambda a: a.value), max(bound, quick.bound)
    if math.isinf(first.value):
        raise InputError(_TOO_EARLY)
    first = replace(first, bound=min(bound, first.value))
    if first.bound == first.value:
        return [first], None, "optimal", []
    return [first], None, "within_gap" if gap_between(first.value, first.bound) <= ask.limits.gap else "stopped", []


def _fair(
    problem: Problem, ask: Ask, resource: Resource, groups: tuple[list[Any], np.ndarray], notes: list[str]
) -> Plan:
    """Lift the worst-off group first; groups without weight have no share and no mean, and are left out."""
    names, of = groups
    weight = totals(of, problem.weight, len(names))
    if ask.model == "mclp":
        covers = covers_within(problem, ask.limit, of, len(names))
    else:
        covers = cost_covers(problem, of, len(names))
    some = weight > 0
    covers = replace(covers, loss=covers.loss[:, some], base=covers.base[some])
    solved = least_worst(covers, weight[some], resource, ask.limits)
    if solved.sites is None:
        raise impossible(problem, ask, resource) if solved.proved else InputError(_TOO_EARLY)
    worst = float(group_losses(covers, weight[some], solved.sites).max())
    least = worst if solved.proved or solved.bound is None else min(worst, solved.bound)
    if ask.model == "mclp":
        worst, least = 1 - worst, 1 - least
    labels = pd.Series([names[g] for g in of.tolist()], index=pd.Index(problem.demand, dtype=object), name="group")
    status: Status = "optimal" if solved.proved else "stopped"
    return told(problem, ask, [(solved.sites, worst)], least, status, only=None, notes=notes, groups=labels)
