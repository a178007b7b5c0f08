"""What was found: where to put sites, how good that is, how sure, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from rcp_geo.planning.effects import cost_name, grouped, mean_cost, summed

if TYPE_CHECKING:
    import pandas as pd

    from rcp_geo.travel.model import Unit

__all__ = ["Plan", "PlanModel", "Status", "means_text", "number_text", "site_mean"]

PlanModel = Literal["mclp", "lscp", "p-median", "p-center"]
Status = Literal["optimal", "within_gap", "stopped", "greedy"]

_NAMES = {
    "mclp": "Maximal covering",
    "lscp": "Set covering",
    "p-median": "p-median",
    "p-center": "p-center",
}
_METRICS = {
    "mclp": "rcp.plan.covered@1",
    "lscp": "rcp.plan.sites_needed@1",
    "p-median": "rcp.plan.weighted_cost@1",
    "p-center": "rcp.plan.largest_cost@1",
}
_SHOWN = 12


@dataclass(frozen=True)
class Plan:
    """Where to put sites, as :func:`plan` found it.

    Attributes
    ----------
    sites
        Ids of the new sites, in order.
    objective
        What the model is about: weight covered (mclp), number or cost of new sites (lscp), sum of weight times cost (p-median),
        largest cost (p-center). Existing sites count in it, save for lscp. Of a fair plan: the share covered of the group that
        is covered least, or the mean cost of that with the largest.
    bound
        No choice of sites has a better objective: at most this where more is better (mclp), at least this where less is.
    gap
        Difference of the two as a share of the larger; 0 where the plan is proved to be the best, to the solver's tolerance of a
        millionth.
    status
        ``optimal`` (proved), ``within_gap`` (a gap was asked for and reached), ``stopped`` (a limit on nodes or time came first)
        or ``greedy`` (sites added one by one, since no proof was asked for or it would not fit in memory).
    repeatable
        Whether the same call gives the same plan on any machine; a limit on time leaves that open.
    only
        Whether no other choice is as good; None where that is not known. Of equal ones the plan is that with fewest sites, then
        that with the smallest ids, compared one by one.
    alternatives
        The ``k_best`` answers in order: ``rank``, ``sites`` (tuple), ``objective``.
    table
        One row per demand point, by id: ``demand_id``, ``weight``, ``site_before``, ``<cost>_before``, ``site_after``,
        ``<cost>_after``, ``covered_before``, ``covered_after`` (``reached_`` where there is no cutoff) and ``effect``:
        ``newly_covered``, ``nearer`` or ``same``.
    by_site
        One row per existing and new site that is nearest to someone, and per new site: ``site``, ``new``, ``weight`` (to which it
        is nearest), ``mean_<cost>`` and ``newly_covered`` (or ``newly_reached``).
    by_group
        The table added up by the groups of a fair plan; None of others.
    model, p, budget, cutoff, unit, existing
        What was asked.
    notes
        What to know before using it, in sentences.
    """

    sites: tuple[Any, ...]
    objective: float
    bound: float
    gap: float
    status: Status
    repeatable: bool
    only: bool | None
    alternatives: pd.DataFrame
    table: pd.DataFrame
    by_site: pd.DataFrame
    by_group: pd.DataFrame | None
    model: PlanModel
    p: int | None
    budget: float | None
    cutoff: float | None
    unit: Unit | None
    existing: tuple[Any, ...]
    notes: tuple[str, ...]

    @property
    def metric_id(self) -> str | None:
        """The metric that the objective is, for :func:`cite`; None of a fair plan, which has no single one."""
        return _METRICS[self.model] if self.by_group is None else None

    def summary(self) -> dict[str, float]:
        """Return weight, what of it is covered or reached, and mean costs, before and after.

        Returns
        -------
        dict
            ``weight``, ``covered_before``, ``covered_after`` (or ``reached_``), ``mean_<cost>_before``, ``mean_<cost>_after``,
            ``gains`` and ``loses``.

        Examples
        --------
        >>> pairs = pd.DataFrame({"origin_id": ["x", "y"], "destination_id": ["a", "b"], "cost": [3.0, 4.0]})
        >>> people = pd.DataFrame({"demand_id": ["x", "y"], "weight": [1.0, 2.0]})
        >>> plan(pairs, people, model="mclp", p=1, cutoff=5).summary()["covered_after"]
        2.0
        """
        return summed(self.table)

    def by(self, groups: pd.Series) -> pd.DataFrame:
        """Add the table up by a grouping of the demand, such as its authority.

        Parameters
        ----------
        groups
            The group of each demand point, indexed by ``demand_id``.

        Returns
        -------
        pandas.DataFrame
            One row per group, indexed by it, with the columns of :meth:`summary`.

        Examples
        --------
        >>> pairs = pd.DataFrame({"origin_id": ["x", "y"], "destination_id": ["a", "b"], "cost": [3.0, 4.0]})
        >>> people = pd.DataFrame({"demand_id": ["x", "y"], "weight": [1.0, 2.0]})
        >>> found = plan(pairs, people, model="mclp", p=1, cutoff=5)
        >>> found.by(pd.Series(["north", "south"], index=["x", "y"]))["gains"].to_dict()
        {'north': 0.0, 'south': 2.0}
        """
        return grouped(self.table, groups)

    def explain(self, names: Mapping[Any, str] | pd.Series | None = None) -> str:
        """Say in a paragraph what was asked, what was found, who gains, how sure it is and what binds.

        Parameters
        ----------
        names
            What to call sites, by id; their ids if left out.

        Returns
        -------
        str
            ``by_site`` and ``table`` have the figures behind it.

        Examples
        --------
        >>> pairs = pd.DataFrame({"origin_id": ["x", "y"], "destination_id": ["a", "b"], "cost": [3.0, 4.0]})
        >>> people = pd.DataFrame({"demand_id": ["x", "y"], "weight": [1.0, 2.0]})
        >>> print(plan(pairs, people, model="mclp", p=1, cutoff=5).explain())  # doctest: +ELLIPSIS, +NORMALIZE_WHITESPACE
        Maximal covering with 1 new site: b. Covered within 5: 2 of 3 (66.7 %), 0 before, so 2 newly. ... One more site would
        cover 1 more.
        """
        parts = [
            self._asked({} if names is None else dict(names)),
            self._covered(),
            self._means(),
            self._sure(),
            *self.notes,
        ]
        return " ".join(part for part in parts if part)

    def _asked(self, names: Mapping[Any, str]) -> str:
        number = len(self.sites)
        shown = ", ".join(names.get(s, str(s)) for s in self.sites[:_SHOWN]) or "none"
        more = f" and {number - _SHOWN} more" if number > _SHOWN else ""
        beside = f" beside {len(self.existing)} existing" if self.existing else ""
        money = "" if self.budget is None else f" within a budget of {number_text(self.budget)}"
        new = f"{number} new site{'' if number == 1 else 's'}"
        return f"{_NAMES[self.model]} with {new}{beside}{money}: {shown}{more}."

    def _covered(self) -> str:
        found = self.summary()
        word = "reached" if self.cutoff is None else "covered"
        before, after, weight = found[f"{word}_before"], found[f"{word}_after"], found["weight"]
        if self.cutoff is None and before == after:
            return ""
        within = "" if self.cutoff is None else f" within {self._cost(self.cutoff)}"
        return (
            f"{word.title()}{within}: {number_text(after)} of {number_text(weight)} ({100 * after / weight:.1f} %), "
            f"{number_text(before)} before, so {number_text(after - before)} newly."
        )

    def _means(self) -> str:
        return means_text(self.table, self.unit)

    def _sure(self) -> str:
        if self.status == "optimal":
            beside = {True: "; no other choice is as good", False: "; others are as good", None: ""}[self.only]
            return f"Proved to be the best{beside}."
        why = {
            "within_gap": "The search ended at the gap that was asked for",
            "stopped": "The search was stopped by a limit",
            "greedy": "Sites were added one by one",
        }[self.status]
        again = "" if self.repeatable else "; another run may find another"
        return f"{why}: the best is at most {100 * self.gap:.2g} % better{again}."

    def _cost(self, value: float) -> str:
        return f"{number_text(value)}{'' if self.unit is None else f' {self.unit}'}"

    def __str__(self) -> str:
        return self.explain()

    def __repr__(self) -> str:
        return (
            f"<Plan {self.model}: {len(self.sites)} new sites, objective {number_text(self.objective)}, "
            f"gap {100 * self.gap:.2g} %, {self.status}>"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.explain())}</p>{self.by_site.to_html(index=False, na_rep='')}"


def means_text(table: pd.DataFrame, unit: Unit | None) -> str:
    """Say what the mean goes from and to; where others are reached than before, only what it is, as the two compare no one."""
    name, shown = cost_name(unit), "" if unit is None else f" {unit}"
    found = summed(table)
    before, after = found[f"mean_{name}_before"], found[f"mean_{name}_after"]
    known = table[[f"{name}_before", f"{name}_after"]].notna().to_numpy()[table["weight"].to_numpy() > 0]
    if np.isnan(after):
        return ""
    if (known[:, 0] != known[:, 1]).any():
        return f"The mean over those whose cost is known is {number_text(after)}{shown}."
    return f"The mean goes from {number_text(before)}{shown} to {number_text(after)}{shown}."


def number_text(value: float) -> str:
    """Write a number for people: whole where it is large or whole, else with three figures."""
    if value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.4g}"


def site_mean(table: pd.DataFrame, rows: np.ndarray, column: str) -> float:
    """Return the weighted mean cost of some rows of a plan's table."""
    own = table[rows]
    return mean_cost(own["weight"].to_numpy(dtype=np.float64), own[column].to_numpy(dtype=np.float64))
