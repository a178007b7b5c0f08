"""The answers through time, with the days on which evidence begins and ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from rcp_geo._gaps import counted, gaps_table
from rcp_geo.authorities import Level, vintage_at, vintage_days
from rcp_geo.boundaries import load_boundaries
from rcp_geo.directory import load_directory
from rcp_geo.errors import InputError
from rcp_geo.grouping import groups_of, title_of
from rcp_geo.join import served
from rcp_geo.reasons import of_status
from rcp_geo.schema import require_known, to_date

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rcp_geo.boundaries import Boundaries
    from rcp_geo.directory import Directory

__all__ = ["Timeline", "timeline"]


@dataclass(frozen=True)
class Timeline:
    """What :func:`timeline` found.

    Attributes
    ----------
    table
        One row per date and group: ``date``, ``group``, ``authorities`` in force, the five answers counted, ``gap_min`` and
        ``gap_max``.
    marks
        One row per day, group and service whose status is another than the day before, up to the last date: ``date``,
        ``group``, ``service_id``, ``name``, ``event`` (opened, restarted, closed, paused, planned, plan_ended, evidenced,
        no_longer_evidenced).
    """

    table: pd.DataFrame
    marks: pd.DataFrame
    _by: str

    @property
    def groups(self) -> list[str]:
        """The groups counted, ``any`` last."""
        return list(dict.fromkeys(self.table["group"]))

    def __repr__(self) -> str:
        days = self.table["date"]
        return f"<Timeline {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}: {days.nunique()} dates>"

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False)

    def plot(self, group: str = "any", *, ax: Axes | None = None) -> Axes:
        """Draw the interval of the gap count as a band, with a tick wherever the evidence for a service ends.

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
        from rcp_geo.view.plot_timeline import plot_timeline

        require_known("group", group, self.groups)
        rows = self.table[self.table["group"] == group]
        faded = self.marks[(self.marks["group"] == group) & (self.marks["event"] == "no_longer_evidenced")]
        faded = faded[faded["date"].between(rows["date"].min(), rows["date"].max())]
        return plot_timeline(rows, faded["date"], title=title_of(group, self._by), ax=ax)


def timeline(
    directory: Directory | None = None,
    dates: Iterable[dt.date | str] | None = None,
    *,
    by: str = "family",
    level: Level = "upper",
) -> Timeline:
    """Count the authorities without a service on many dates.

    Parameters
    ----------
    directory
        The services; the embedded directory if left out.
    dates
        Full dates, in any order. If left out, every day on which a window of evidence begins or has just ended, or boundaries
        changed: between two of them no answer changes.
    by
        Column of ``services`` to group by.
    level
        Tier of the authorities, each date's own.

    Returns
    -------
    Timeline

    Raises
    ------
    InputError
        If there is no date, or one is not a full date.

    Notes
    -----
    Where windows of evidence end, services become unknown and the interval widens: ``gap_max`` rises and ``gap_min`` does not.
    That is no closure, and the days on which it happens are in ``marks``.

    Examples
    --------
    >>> found = timeline(dates=["2015-01-01", "2021-07-01"])
    >>> rows = found.table[found.table["group"] == "any"]
    >>> rows[["authorities", "gap_min"]].values.tolist()
    [[151, 117], [152, 71]]
    """
    directory = load_directory() if directory is None else directory
    turning = _turning_days(directory)
    days = turning if dates is None else sorted({to_date(d, "dates") for d in dates})
    if not days:
        raise InputError("dates: there is none; give one full date or more")
    groups = groups_of(directory.services, by)
    grounds: dict[dt.date, Boundaries] = {}
    rows = []
    for day in days:
        since = vintage_at(day).valid_from
        if since not in grounds:
            grounds[since] = load_boundaries(day, level=level)
        ground = grounds[since]
        table = gaps_table(served(directory, ground, day), groups, ground)
        rows += [{"date": pd.Timestamp(day), "group": group, **counted(table[group])} for group in groups]
    return Timeline(pd.DataFrame(rows), _marks(directory, groups, [d for d in turning if d <= days[-1]]), by)


def _turning_days(directory: Directory) -> list[dt.date]:
    """Return the days on which an answer may change: those of the directory, and between them those of new boundaries."""
    days = directory.turning_days
    return sorted({*days, *(d for d in vintage_days() if days and days[0] <= d <= days[-1])})


def _marks(directory: Directory, groups: Mapping[str, Sequence[str]], days: Iterable[dt.date]) -> pd.DataFrame:
    names = directory.services.set_index("service_id")["name"]
    rows = []
    for day in days:
        old, new = directory.status_on(day - dt.timedelta(days=1)), directory.status_on(day)
        for service in old.index[(old != new).to_numpy()]:
            event = of_status(old[service], new[service])
            rows += [
                (pd.Timestamp(day), g, service, names[service], event) for g, own in groups.items() if service in own
            ]
    return pd.DataFrame(rows, columns=["date", "group", "service_id", "name", "event"])
