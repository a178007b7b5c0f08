"""What one more or one fewer site would change, and for whom."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.planning.effects import effect_table, grouped, summed
from rcp_geo.planning.problem import Problem, in_order, read_problem
from rcp_geo.planning.result import means_text, number_text
from rcp_geo.schema import counted, first_of, require_columns
from rcp_geo.travel.model import CostTable, require_cutoff

if TYPE_CHECKING:
    from rcp_geo.travel.model import Unit

__all__ = ["WhatIf", "what_if"]


@dataclass(frozen=True)
class WhatIf:
    """What :func:`what_if` found.

    Attributes
    ----------
    add, close, existing
        Sites that would be added and closed, and those that are there before.
    table
        One row per demand point, by id: ``demand_id``, ``weight``, ``site_before``, ``<cost>_before``, ``site_after``,
        ``<cost>_after``, ``covered_before``, ``covered_after`` (``reached_`` where there is no cutoff) and ``effect``:
        ``newly_covered``, ``no_longer_covered``, ``nearer``, ``farther`` or ``same``.
    by_group
        The table added up by a column of the demand; None where none was named.
    cutoff, unit
        What was asked.
    """

    add: tuple[Any, ...]
    close: tuple[Any, ...]
    existing: tuple[Any, ...]
    table: pd.DataFrame
    by_group: pd.DataFrame | None
    cutoff: float | None
    unit: Unit | None

    @property
    def gains(self) -> pd.DataFrame:
        """Demand to which a site comes nearer, the largest weight first."""
        return self._those("newly_covered", "newly_reached", "nearer")

    @property
    def loses(self) -> pd.DataFrame:
        """Demand to which the nearest site goes farther, the largest weight first."""
        return self._those("no_longer_covered", "no_longer_reached", "farther")

    def _those(self, *effects: str) -> pd.DataFrame:
        rows = self.table[self.table["effect"].isin(effects)]
        return rows.sort_values("weight", ascending=False, kind="stable").reset_index(drop=True)

    def summary(self) -> dict[str, float]:
        """Return weight, what of it is covered or reached, and mean costs, before and after.

        Returns
        -------
        dict
            As of :meth:`Plan.summary`.

        Examples
        --------
        >>> pairs = pd.DataFrame({"origin_id": ["x", "y"], "destination_id": ["a", "b"], "cost": [3.0, 4.0]})
        >>> people = pd.DataFrame({"demand_id": ["x", "y"], "weight": [1.0, 2.0]})
        >>> what_if(pairs, people, existing=["a"], add=["b"]).summary()["gains"]
        2.0
        """
        return summed(self.table)

    def __str__(self) -> str:
        found = self.summary()
        word = "reached" if self.cutoff is None else "covered"
        unit = "" if self.unit is None else f" {self.unit}"
        within = "" if self.cutoff is None else f" within {number_text(self.cutoff)}{unit}"
        added = [f"with {_listed(self.add)}"] if self.add else []
        closed = [f"without {_listed(self.close)}"] if self.close else []
        changes = " and ".join([*added, *closed])
        after, before, weight = (number_text(found[k]) for k in (f"{word}_after", f"{word}_before", "weight"))
        return (
            f"{changes[0].upper()}{changes[1:]}: {word}{within} {after} of {weight}, {before} before. A site comes nearer to "
            f"{number_text(found['gains'])} and goes farther from {number_text(found['loses'])}. "
            f"{means_text(self.table, self.unit)}"
        ).rstrip()

    def __repr__(self) -> str:
        return f"<WhatIf: {len(self.add)} added, {len(self.close)} closed>"

    def _repr_html_(self) -> str:
        table = "" if self.by_group is None else self.by_group.to_html(na_rep="")
        return f"<p>{escape(str(self))}</p>{table}"


def what_if(
    costs: CostTable | pd.DataFrame,
    demand: pd.DataFrame,
    *,
    existing: Iterable[Hashable],
    add: Iterable[Hashable] = (),
    close: Iterable[Hashable] = (),
    cutoff: float | None = None,
    by: str | None = None,
) -> WhatIf:
    """Say what sites that are added or closed would change, and for whom.

    Parameters
    ----------
    costs
        From demand to sites: a :class:`CostTable`, or a table of ``origin_id``, ``destination_id`` and ``cost``.
    demand
        ``demand_id`` and ``weight``.
    existing
        Ids of the destinations that are there.
    add
        Ids of destinations to add.
    close
        Ids of existing ones to close.
    cutoff
        Cost within which demand is covered, itself included, in the unit of the costs; None to ask only what is reached.
    by
        A column of demand to add the effects up by, such as ``authority_code``.

    Returns
    -------
    WhatIf

    Raises
    ------
    MissingColumnError, DuplicateIdError
        If a table lacks a column or holds a demand point or a pair twice.
    InputError
        If ids do not match, a cost, weight or cutoff is not a number of 0 or more, a site to add exists already, one to close
        does not, or there is nothing to change.

    Examples
    --------
    >>> pairs = pd.DataFrame({"origin_id": ["x", "y", "y"], "destination_id": ["a", "a", "b"], "cost": [3.0, 9.0, 4.0]})
    >>> people = pd.DataFrame({"demand_id": ["x", "y"], "weight": [1.0, 2.0]})
    >>> print(what_if(pairs, people, existing=["a"], add=["b"], cutoff=5))  # doctest: +NORMALIZE_WHITESPACE
    With b: covered within 5 3 of 3, 1 before. A site comes nearer to 2 and goes farther from 0. The mean goes from 7 to 3.667.
    """
    require_cutoff(cutoff)
    there, more, fewer = in_order(dict.fromkeys(existing)), in_order(dict.fromkeys(add)), in_order(dict.fromkeys(close))
    _require_change(there, more, fewer)
    if by is not None:
        require_columns(demand, [by], "demand")
    before = read_problem(costs, demand, there, more)
    after = read_problem(costs, demand, [s for s in there if s not in set(fewer)] + more, [])
    table = effect_table(
        before.demand,
        before.weight,
        (before.held, _names(before)),
        (after.held, _names(after)),
        unit=before.unit,
        cutoff=cutoff,
    )
    groups = None
    if by is not None:
        index = pd.Index(demand["demand_id"].to_numpy(dtype=object), dtype=object)
        groups = grouped(table, pd.Series(demand[by].to_numpy(dtype=object), index=index, name=by))
    return WhatIf(tuple(more), tuple(fewer), tuple(there), table, groups, cutoff, before.unit)


def _require_change(existing: list[Any], add: list[Any], close: list[Any]) -> None:
    if not (add or close):
        raise InputError("add, close: there is nothing to change; name a site to add or to close")
    again = [s for s in add if s in set(existing)]
    if again:
        raise InputError(f"add: {counted(len(again), 'sites are there already')} ({first_of(again)}); leave them out")
    absent = [s for s in close if s not in set(existing)]
    if absent:
        raise InputError(
            f"close: {counted(len(absent), 'sites are not among those existing')} ({first_of(absent)}); leave them out"
        )


def _names(problem: Problem) -> list[Any]:
    return [problem.existing[h] if h >= 0 else None for h in problem.holder.tolist()]


def _listed(sites: tuple[Any, ...]) -> str:
    return first_of([str(s) for s in sites])
