"""What is different between two answers, and why; and the answers through time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from rcp_geo._gaps import ANSWERS, GAP_MIN, gaps_table, span
from rcp_geo.authorities import register
from rcp_geo.errors import InputError, VintageError
from rcp_geo.grouping import Groups, groups_of, title_of
from rcp_geo.join import served
from rcp_geo.reasons import REASONS, of_extent, of_status
from rcp_geo.schema import TABLES, require_known

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rcp_geo.assessment import Assessment
    from rcp_geo.boundaries import Boundaries
    from rcp_geo.directory import Directory

__all__ = ["Changes", "compare"]

_WORDS: Mapping[str, str] = {
    "gained": "gained a service",
    "found_served": "not known then, served now",
    "more": "served in part then, whole now",
    "lost": "lost their service",
    "found_none": "not known then, none recorded now",
    "less": "served whole then, in part now",
    "became_unknown": "no longer known, which is no closure",
    "planned": "one in development since",
    "plan_ended": "one in development no more",
    "made": "new authorities",
    "ended": "authorities that ended",
}
# The change where the answers are of different kinds.
_BETWEEN = {
    ("none", "served"): "gained",
    ("served", "none"): "lost",
    ("none", "unknown"): "became_unknown",
    ("served", "unknown"): "became_unknown",
    ("unknown", "served"): "found_served",
    ("unknown", "none"): "found_none",
}
_NOTHING = ("none_recorded", "")
_RANK = {answer: i for i, answer in enumerate(ANSWERS)}
_ENDS: Mapping[str, tuple[str, ...]] = {"min": GAP_MIN, "max": (*GAP_MIN, "unknown")}


@dataclass(frozen=True)
class Changes:
    """What :func:`compare` found.

    Attributes
    ----------
    before, after
        The dates of the two answers.
    table
        One row per authority and group, authorities of the later answer in their order, then those that ended:
        ``authority_code``, ``code_before`` (another where the code changed and the ground did not, missing where the
        authority was made since), ``authority_name``, ``region_name``, ``group``, ``before`` and ``after`` (the five answers,
        missing where there was no such authority), ``carried`` (the answer then, over the ground of the authority now;
        missing where it ended), ``change``, ``reasons`` and ``services`` that account for it, a semicolon between several.
    counts
        One row per ``group`` and ``end`` of the interval (``min``, ``max``): how many authorities were without a service
        ``before``, how many of them are not any more (``gained``), how many are that were not (``lost``), and how many are
        ``after``; before + lost - gained = after. Of the lost and the gained, ``made`` and ``ended`` are so because the
        authority was made or ended.

    Notes
    -----
    A change is ``gained`` (no service recorded, then one that serves it), ``lost`` (the other way), ``became_unknown``,
    ``found_served`` and ``found_none`` (what was unknown is evidenced), ``more`` and ``less`` (part of it served, then the
    whole; the other way), ``planned`` and ``plan_ended`` (nothing recorded, then something in development; the other way),
    ``made``, ``ended``, or blank. Reasons are opened, restarted, closed, paused, planned, plan_ended, evidenced,
    no_longer_evidenced, footprint_grew, footprint_shrank, boundary_change and correction.
    """

    before: dt.date
    after: dt.date
    table: pd.DataFrame
    counts: pd.DataFrame
    _boundaries: Boundaries
    _by: str

    @property
    def groups(self) -> list[str]:
        """The groups compared, ``any`` last."""
        return list(dict.fromkeys(self.table["group"]))

    @cached_property
    def changed(self) -> pd.DataFrame:
        """The rows of ``table`` with a change."""
        return self.table[self.table["change"] != ""].reset_index(drop=True)

    def by_reason(self) -> pd.DataFrame:
        """Count the changes by their reasons.

        Returns
        -------
        pandas.DataFrame
            One row per reason, one column per group: authorities that changed with that reason among theirs. One that changed
            for two reasons is in both rows.

        Examples
        --------
        >>> import rcp_geo as rg
        >>> changes = compare(rg.assess(as_of="2015-01-01"), rg.assess(as_of="2019-01-01"))
        >>> int(changes.by_reason().loc["opened", "pause"]) > 0
        True
        """
        each = self.changed.assign(reason=self.changed["reasons"].str.split("; ")).explode("reason")
        found = pd.crosstab(each["reason"], each["group"])
        return found.reindex(index=list(REASONS), columns=self.groups, fill_value=0).rename_axis(None, axis="columns")

    def sentence(self, group: str = "any") -> str:
        """Say what changed in words.

        Parameters
        ----------
        group
            A group, or ``any``.

        Returns
        -------
        str

        Raises
        ------
        InputError
            If there is no such group.
        """
        require_known("group", group, self.groups)
        rows = self.counts[self.counts["group"] == group]
        spans = [span(*rows[side]) for side in ("before", "after")]
        changes = self.changed.loc[self.changed["group"] == group, "change"].value_counts()
        told = [f"{words} {n}" for change, words in _WORDS.items() if (n := int(changes.get(change, 0)))]
        return (
            f"Between {self.before} and {self.after} the number of authorities with no "
            f"{'' if group == 'any' else f'{group} '}service recorded went from {spans[0]} to {spans[1]}: "
            f"{'; '.join(told) if told else 'nothing changed'}."
        )

    def __repr__(self) -> str:
        return f"<Changes {self.before} to {self.after}: {len(self.changed)} of {len(self.table)} answers>"

    def __str__(self) -> str:
        return "\n".join(self.sentence(group) for group in self.groups)

    def _repr_html_(self) -> str:
        from html import escape

        said = "".join(f"<p>{escape(self.sentence(group))}</p>" for group in self.groups)
        return said + self.counts.to_html(index=False)

    def plot(self, group: str = "any", *, ax: Axes | None = None) -> Axes:
        """Draw a map of what changed.

        Parameters
        ----------
        group
            A group, or ``any``.
        ax
            Axes to draw on; new ones if left out.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        InputError
            If there is no such group.
        MissingExtraError
            If matplotlib is not installed; it comes with the extra ``viz``.
        """
        from rcp_geo.view.plot import plot_changes

        subtitle = self.sentence(group)
        own = self.table[(self.table["group"] == group) & self.table["after"].notna()]
        kinds = pd.Series(
            [_drawn(b, a) for b, a in zip(own["carried"], own["after"], strict=True)], index=own["authority_code"]
        )
        polygons = self._boundaries.frame.assign(kind=self._boundaries.frame["authority_code"].map(kinds))
        title = f"{title_of(group, self._by)}, {self.before} to {self.after}"
        return plot_changes(polygons, "kind", title=title, subtitle=subtitle, source=self._boundaries.source, ax=ax)


def compare(before: Assessment, after: Assessment) -> Changes:
    """Say what is different between two answers and why.

    Parameters
    ----------
    before, after
        Answers of two dates, or of one date for two directories, such as ours and ours with yours laid over it; for the
        same tier and the same groups.

    Returns
    -------
    Changes

    Raises
    ------
    InputError
        If the first is of the later date, or the groups are of different columns.
    VintageError
        If the authorities are of different tiers.

    Notes
    -----
    The answer then is first taken over the ground of the authorities now, by the register of changes; then time passes in the
    earlier directory; then the later directory is put in its place. A change has the reasons of the steps in which the answer
    moved, and of each step those services that the answer rests on: where it became better those that give the new answer,
    where it became worse those that gave the old one. What ends with the evidence for it is ``no_longer_evidenced`` and
    never a closure.

    Examples
    --------
    >>> import rcp_geo as rg
    >>> changes = compare(rg.assess(as_of="2021-07-01"), rg.assess(as_of="2022-11-01"))
    >>> rows = changes.changed.set_index(["authority_name", "group"])
    >>> rows.loc[("Somerset", "fdac"), ["before", "after", "reasons"]].tolist()
    ['served', 'none_recorded', 'closed']
    """
    _require_alike(before, after)
    groups = list(dict.fromkeys([*before.groups[:-1], *after.groups[:-1], "any"]))
    steps = _steps(before, after)
    own = _paired(before, after)
    tables = [_group_rows(group, own, before, after, steps) for group in groups]
    table = pd.concat(tables, ignore_index=True)
    return Changes(before.as_of, after.as_of, table, _counts(table, groups), after.boundaries, after.by)


@dataclass(frozen=True, slots=True)
class _State:
    """One directory on one date, over the authorities of the later answer: what each service gave each of them."""

    answers: pd.DataFrame
    given: Mapping[tuple[str, str], tuple[str, str]]
    status: Mapping[Hashable, str]
    groups: Groups

    def members(self, group: str) -> frozenset[str]:
        """Return the services that are in a group or may be."""
        return frozenset([*self.groups[group], *self.groups.doubtful(group)]) if group in self.groups else frozenset()

    def of(self, service: str, code: str, group: str) -> tuple[str, str]:
        """Return the answer that a service gave an authority within a group, and the extent of its footprint there."""
        if service not in self.members(group):
            return _NOTHING
        answer, extent = self.given.get((service, code), _NOTHING)
        # Of a service that may be in the group, no more is known than that it may serve.
        if service not in self.groups[group]:
            answer = max(answer, "unknown", key=_RANK.__getitem__)
        return answer, extent


@dataclass(frozen=True, slots=True)
class _Step:
    """The same question asked twice, with one thing changed between."""

    old: _State
    new: _State
    correction: bool

    def reasons(self, code: str, group: str) -> list[tuple[str, str]]:
        """Return why the answer moved, as pairs of a reason and a service."""
        ranks = [_RANK[_answers(s.answers, group)[code]] for s in (self.old, self.new)]
        if ranks[0] == ranks[1]:
            return []
        # Better: who gives the new answer. Worse: who gave the old one.
        rests_on = self.new if ranks[1] < ranks[0] else self.old
        found = []
        for service in sorted(rests_on.members(group)):
            old, new = (s.of(service, code, group) for s in (self.old, self.new))
            if _RANK[rests_on.of(service, code, group)[0]] == min(ranks) and old[0] != new[0]:
                found.append((self._reason(service, old[1], new[1]), service))
        return found

    def _reason(self, service: str, extent_before: str, extent_after: str) -> str:
        if self.correction:
            return "correction"
        old, new = self.old.status[service], self.new.status[service]
        return of_extent(extent_before, extent_after) if old == new else of_status(old, new)


def _steps(before: Assessment, after: Assessment) -> list[_Step]:
    """Return the steps between two answers: time passes, then the later directory is put in the place of the earlier."""
    one, other = before.directory, after.directory
    states = [_state(one, before.as_of, after), _state(one, after.as_of, after)]
    steps = [_Step(states[0], states[1], correction=False)]
    return (
        steps if _same(one, other) else [*steps, _Step(states[1], _state(other, after.as_of, after), correction=True)]
    )


def _state(directory: Directory, day: dt.date, after: Assessment) -> _State:
    rows = served(directory, after.boundaries, day)
    groups = groups_of(directory.services, after.by)
    keys = zip(rows["service_id"], rows["authority_code"], strict=True)
    given = dict(zip(keys, zip(rows["answer"], rows["extent"], strict=True), strict=True))
    return _State(gaps_table(rows, groups, after.boundaries), given, directory.status_on(day).to_dict(), groups)


def _same(one: Directory, other: Directory) -> bool:
    return one is other or all(getattr(one, table).equals(getattr(other, table)) for table in TABLES)


def _paired(before: Assessment, after: Assessment) -> pd.DataFrame:
    """Return one row per authority of either date: its code then and now, missing where there was none.

    Codes of the same ground are one authority, whatever it was called.
    """
    known = register()
    old, new = before.gaps.index, after.gaps.index
    ground = {known.districts[c]: c for c in old if c in known.districts}
    then = {c: c if c in old else ground.get(known.districts.get(c, frozenset())) for c in new}
    # A code that both dates have may stand for other ground, but it is the same authority.
    taken = [c for c in then.values() if c is not None]
    ended = [c for c in old if c not in set(taken)]
    rows = [(code, then[code], code) for code in new] + [(code, code, None) for code in ended]
    return pd.DataFrame(rows, columns=["authority_code", "code_before", "code_after"], dtype=object)


def _group_rows(
    group: str, own: pd.DataFrame, before: Assessment, after: Assessment, steps: Sequence[_Step]
) -> pd.DataFrame:
    then, now = _answers(before.gaps, group), _answers(after.gaps, group)
    names = pd.concat([before.gaps, after.gaps])[["authority_name", "region_name"]]
    names = names[~names.index.duplicated(keep="last")]
    carried = _answers(steps[0].old.answers, group)
    rows = []
    for code, old, new in own.itertuples(index=False):
        was = then.get(old) if old is not None else None
        held = carried.get(new) if new is not None else None
        answer = now.get(new) if new is not None else None
        found: list[tuple[str, str]] = []
        if old is None or new is None or was != held:
            found.append(("boundary_change", ""))
        if new is not None:
            found += [pair for step in steps for pair in step.reasons(new, group)]
        change = _change(was, answer)
        if not change:
            found = []
        rows.append(
            {
                "authority_code": code,
                "code_before": old,
                "authority_name": names.at[code, "authority_name"],
                "region_name": names.at[code, "region_name"],
                "group": group,
                "before": was,
                "after": answer,
                "carried": held,
                "change": change,
                "reasons": "; ".join(dict.fromkeys(r for r, _ in found)),
                "services": "; ".join(dict.fromkeys(s for _, s in found if s)),
            }
        )
    return pd.DataFrame(rows)


def _answers(table: pd.DataFrame, group: str) -> dict[str, str]:
    """Return the answers of a group; of one that a directory does not have it recorded nothing."""
    if group in table.columns:
        return dict(zip(table.index, table[group], strict=True))
    return dict.fromkeys(table.index, "none_recorded")


def _kind(answer: str) -> str:
    return "none" if answer in GAP_MIN else "unknown" if answer == "unknown" else "served"


def _change(was: str | None, now: str | None) -> str:
    if was is None or now is None:
        return "made" if was is None else "ended"
    if was == now:
        return ""
    kinds = _kind(was), _kind(now)
    if kinds in _BETWEEN:
        return _BETWEEN[kinds]
    better = _RANK[now] < _RANK[was]
    if kinds[0] == "none":
        return "planned" if better else "plan_ended"
    return "more" if better else "less"


def _counts(table: pd.DataFrame, groups: Iterable[str]) -> pd.DataFrame:
    rows = []
    for group in groups:
        own = table[table["group"] == group]
        for end, answers in _ENDS.items():
            then, now = own["before"].isin(answers), own["after"].isin(answers)
            lost, gained = ~then & now, then & ~now
            rows.append(
                {
                    "group": group,
                    "end": end,
                    "before": int(then.sum()),
                    "lost": int(lost.sum()),
                    "gained": int(gained.sum()),
                    "after": int(now.sum()),
                    "made": int((lost & (own["change"] == "made")).sum()),
                    "ended": int((gained & (own["change"] == "ended")).sum()),
                }
            )
    return pd.DataFrame(rows)


def _drawn(carried: str, after: str) -> str:
    """Say what became of an answer for a map, over one ground: what changed, or what stayed."""
    return _BETWEEN.get((_kind(carried), _kind(after)), _kind(after))


def _require_alike(before: Assessment, after: Assessment) -> None:
    if before.as_of > after.as_of:
        raise InputError(f"compare: before is of {before.as_of} and after of {after.as_of}; give the earlier first")
    if before.by != after.by:
        raise InputError(f"compare: one answer is by {before.by} and the other by {after.by}; ask both by one column")
    if before.boundaries.level != after.boundaries.level:
        raise VintageError(
            f"compare: one answer is of the {before.boundaries.level} tier and the other of the "
            f"{after.boundaries.level} tier; take boundaries of one tier"
        )
