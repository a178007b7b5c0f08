"""A plan put into words and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo.planning.asking import Ask
from rcp_geo.planning.covers import covers_within
from rcp_geo.planning.effects import cost_name, effect_table, grouped
from rcp_geo.planning.problem import Problem, in_order, totals
from rcp_geo.planning.ranking import Answer
from rcp_geo.planning.result import Plan, Status, number_text, site_mean
from rcp_geo.schema import counted, first_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["binding", "bound_of", "gap_between", "objective_of", "retold", "told"]


def gap_between(value: float, bound: float) -> float:
    """Return the difference of two objectives as a share of the larger."""
    largest = max(abs(value), abs(bound))
    return 0.0 if value == bound else abs(value - bound) / largest


def objective_of(problem: Problem, ask: Ask, answer: Answer) -> float:
    """Return what the model is about: of mclp the weight that is covered, of the others what was minimised."""
    return problem.weight_within(answer.sites, ask.limit) if ask.model == "mclp" else answer.value


def bound_of(problem: Problem, ask: Ask, answer: Answer) -> float:
    """Return the bound of an answer in terms of its objective."""
    if answer.bound == answer.value:
        return objective_of(problem, ask, answer)
    return problem.total - answer.bound if ask.model == "mclp" else answer.bound


def told(
    problem: Problem,
    ask: Ask,
    answers: Sequence[tuple[tuple[int, ...], float]],
    bound: float,
    status: Status,
    *,
    only: bool | None,
    notes: Sequence[str],
    groups: pd.Series | None = None,
) -> Plan:
    """Put answers, each its sites and objective, into a plan."""
    named = [(rank, tuple(problem.candidates[j] for j in s), o) for rank, (s, o) in enumerate(answers, start=1)]
    sites, objective = named[0][1:]
    table = _table(problem, ask.cutoff, problem.nearest(answers[0][0]))
    return Plan(
        sites,
        objective,
        bound,
        gap_between(objective, bound),
        status,
        ask.limits.seconds is None or status == "optimal",
        only,
        pd.DataFrame(named, columns=["rank", "sites", "objective"]),
        table,
        _by_site(problem, table, sites),
        None if groups is None else grouped(table, groups),
        ask.model,
        ask.p,
        ask.budget,
        ask.cutoff,
        problem.unit,
        problem.existing,
        tuple(notes),
    )


def retold(found: Plan, problem: Problem) -> Plan:
    """Tell a plan again with costs beyond its cutoff; the problem has its sites as the candidates."""
    least, who = problem.nearest(range(len(problem.candidates)))
    table = _table(problem, found.cutoff, (least, who))
    return replace(found, table=table, by_site=_by_site(problem, table, found.sites))


def _table(problem: Problem, cutoff: float | None, after: tuple[NDArray[np.float64], NDArray[np.intp]]) -> pd.DataFrame:
    least, who = after
    before = [problem.existing[h] if h >= 0 else None for h in problem.holder.tolist()]
    now = [problem.candidates[j] if j >= 0 else old for j, old in zip(who.tolist(), before, strict=True)]
    return effect_table(
        problem.demand, problem.weight, (problem.held, before), (least, now), unit=problem.unit, cutoff=cutoff
    )


def _by_site(problem: Problem, table: pd.DataFrame, new: tuple[Any, ...]) -> pd.DataFrame:
    name = cost_name(problem.unit)
    word = "covered" if "covered_after" in table.columns else "reached"
    weight, site = table["weight"].to_numpy(dtype=np.float64), table["site_after"].to_numpy(dtype=object)
    newly = (table["effect"] == f"newly_{word}").to_numpy()
    rows = []
    used = in_order({s for s in site[weight > 0].tolist() if s is not None} - set(new))
    for one in [*new, *used]:
        own = np.array([s == one for s in site.tolist()])
        mean = site_mean(table, own, f"{name}_after")
        rows.append((one, one in new, float(weight[own].sum()), mean, float(weight[own & newly].sum())))
    return pd.DataFrame(rows, columns=["site", "new", "weight", f"mean_{name}", f"newly_{word}"])


def binding(problem: Problem, ask: Ask, best: Answer) -> list[str]:
    """Say what stands in the way of a better objective."""
    unit = "" if problem.unit is None else f" {problem.unit}"
    least, _ = problem.nearest(best.sites)
    if ask.model == "lscp":
        covers = covers_within(problem, ask.limit)
        alone = np.bincount(covers.of, minlength=len(covers.parent))[covers.of] == 1
        forced = [problem.candidates[j] for j in np.unique(covers.member[alone]).tolist()]
        return (
            [f"{counted(len(forced), 'sites are the only ones for some demand')} ({first_of(forced)})."]
            if forced
            else []
        )
    if ask.model == "p-center":
        worst = problem.demand[(least >= best.value) & (problem.weight > 0)].tolist()
        return [f"The largest cost, {number_text(best.value)}{unit}, is that of {first_of(worst)}."]
    gains = _next_gains(problem, ask, least)
    gains[list(best.sites)] = 0.0
    more = float(gains.max(initial=0.0))
    if more <= 0:
        return ["No further site would add anything."]
    if ask.model == "mclp":
        return [f"One more site would cover {number_text(more)} more."]
    return [f"One more site would lower the mean by {number_text(more / problem.total)}{unit}."]


def _next_gains(problem: Problem, ask: Ask, least: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each candidate would add alone to what there is."""
    here, weight = least[problem.row], problem.weight[problem.row]
    if ask.model == "mclp":
        gain = np.where((problem.cost <= ask.limit) & (here > ask.limit), weight, 0.0)
    else:
        gain = weight * np.maximum(np.where(np.isfinite(here), here, 0.0) - problem.cost, 0.0)
    return totals(problem.column, gain, len(problem.candidates))
