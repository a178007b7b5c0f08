"""The answer for each authority, and how many have none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo.grouping import Groups, groups_of
from rcp_geo.join import served as join_served
from rcp_geo.schema import period_bounds, require_known, to_date

if TYPE_CHECKING:
    from rcp_geo.authorities import Level
    from rcp_geo.boundaries import Boundaries
    from rcp_geo.directory import Directory

__all__ = ["ANSWERS", "GAP_MIN", "answers_of", "counted_by", "gaps", "gaps_table", "list_gaps", "span", "summary_table"]

# Where several services or families speak, the first that holds is the answer.
ANSWERS = ("served", "part", "unknown", "in_development", "none_recorded")
GAP_MIN = ("none_recorded", "in_development")
_COUNTS = ("rcp.gap.count_min@1", "rcp.gap.count_max@1")
# A printed count stands beside ours if it was printed no further from the date than this.
_PUBLISHED_WITHIN_DAYS = 366
_EXTENTS = ("England", "England map")


def gaps(
    directory: Directory, boundaries: Boundaries, as_of: dt.date | str | None = None, *, by: str = "family"
) -> pd.DataFrame:
    """Say for each authority which families of service it has on a date.

    Parameters
    ----------
    directory
        The services.
    boundaries
        The authorities to answer for.
    as_of
        A full date; the directory's reference date if left out.
    by
        Column of ``services`` to group by. By ``stage``, a service at ``all`` stages counts for each. One whose value is
        ``unknown`` may be of any group: an authority that it works for is ``unknown`` where nothing better is recorded.

    Returns
    -------
    pandas.DataFrame
        One row per authority, indexed by ``authority_code`` in its order: ``authority_name``, ``region_name``; for each
        group and for ``any`` one of five answers: ``served`` (an operating service works for the whole of it), ``part`` (for
        part of it only), ``unknown`` (a service exists whose status on the date, or whose footprint, is not evidenced),
        ``in_development``, ``none_recorded``; then for each group ``<group>_services``, the number of operating services
        that serve the whole or part of it. Of several services the first answer in this order holds.

    Raises
    ------
    InputError
        If the date is not a full date, or a service has no value to be grouped by, or one that cannot name a group.
    MissingColumnError
        If ``by`` is not a column of ``services``.

    See Also
    --------
    assess : the same with sites, distances and findings.

    Notes
    -----
    ``none_recorded`` says that the directory holds nothing, not that nothing is there. The number of authorities
    without a service lies between ``none_recorded`` + ``in_development`` and that plus ``unknown``, as far as the record goes.

    Examples
    --------
    >>> table = gaps(load_directory(), load_boundaries("2022-11-01"), "2022-11-01")
    >>> table.loc["E06000059", ["authority_name", "pause"]].tolist()
    ['Dorset', 'in_development']
    """
    return gaps_table(join_served(directory, boundaries, as_of), groups_of(directory.services, by), boundaries)


def gaps_table(served: pd.DataFrame, groups: Groups, boundaries: Boundaries) -> pd.DataFrame:
    """Return the table of :func:`gaps` from the rows of :func:`served`.

    Of a service that may be in a group and may not be, no more is known than that it may serve.
    """
    table = pd.DataFrame(boundaries.frame.set_index("authority_code")[["authority_name", "region_name"]])
    rank = served["answer"].map({a: i for i, a in enumerate(ANSWERS)})
    counts = {}
    for group, members in groups.items():
        own = served["service_id"].isin(members)
        maybe = served["service_id"].isin(groups.doubtful(group))
        ranks = rank.mask(maybe, rank.clip(lower=ANSWERS.index("unknown")))[own | maybe]
        best = ranks.groupby(served.loc[own | maybe, "authority_code"]).min()
        place = best.reindex(table.index).fillna(len(ANSWERS) - 1).astype(int)
        table[group] = np.array(ANSWERS, dtype=object)[place]
        serving = served[own & served["answer"].isin(["served", "part"])]
        found = serving.groupby("authority_code")["service_id"].nunique()
        counts[f"{group}_services"] = found.reindex(table.index).fillna(0).astype("int64")
    return table.assign(**counts)


def counted(answers: pd.Series) -> dict[str, int]:
    """Count the answers of some authorities, and the ends of the interval of their gaps."""
    counts = answers.value_counts().reindex(ANSWERS, fill_value=0)
    least = int(counts[list(GAP_MIN)].sum())
    shown = {a: int(counts[a]) for a in ("served", "part", "in_development", "unknown", "none_recorded")}
    return {"authorities": len(answers), **shown, "gap_min": least, "gap_max": least + int(counts["unknown"])}


def counted_by(table: pd.DataFrame, groups: Sequence[str], codes: pd.Series, names: pd.Series) -> pd.DataFrame:
    """Count the answers of each group among the authorities of each area; an authority of no area is left out.

    Parameters
    ----------
    table
        As :func:`gaps` returns it.
    groups
        The columns to count.
    codes, names
        Code and name of the area of each authority, in the order of the table.
    """
    rows = [
        {"area_code": code, "area_name": names.iloc[at[0]], "group": group, **counted(table[group].iloc[at])}
        for code, at in sorted(table.groupby(codes.to_numpy()).indices.items())
        if code != ""
        for group in groups
    ]
    columns = ["area_code", "area_name", "group", *counted(pd.Series(dtype=object))]
    found = pd.DataFrame(rows, columns=columns)
    found.attrs = {"metric_id": list(_COUNTS)}
    return found


def summary_table(
    table: pd.DataFrame,
    groups: Mapping[str, Sequence[str]],
    directory: Directory,
    as_of: dt.date,
    level: Level,
    by: str = "family",
) -> pd.DataFrame:
    """Count the answers of each group, and set what is recorded beside what was printed.

    Printed counts are of families in upper-tier authorities: none stands beside answers for the lower tier, or beside groups of
    another column, whatever their name. ``recorded`` is in the
    unit of the printed count: authorities served in whole or part where authorities were printed, and where nothing was;
    operating services where courts, teams or practices were.
    """
    rows = []
    operating = directory.status_on(as_of).eq("operating")
    for group, members in groups.items():
        counts = counted(table[group])
        comparable = level == "upper" and (by == "family" or group == "any")
        printed = _published(directory.published, group, as_of) if comparable else {}
        unit = printed.get("unit")
        in_authorities = counts["served"] + counts["part"]
        row = {
            "group": group,
            **counts,
            "recorded": in_authorities if unit in (None, "authorities") else int(operating[list(members)].sum()),
            "published": printed.get("value"),
            "published_unit": unit,
            "published_date": printed.get("date"),
            "published_gap": len(table) - printed["value"] if unit == "authorities" else None,
        }
        rows.append(row)
    integers = ["published", "published_gap"]
    found = pd.DataFrame(rows).set_index("group").astype(dict.fromkeys(integers, "Int64"))
    found.attrs = {"metric_id": list(_COUNTS)}
    return found


def _published(published: pd.DataFrame, group: str, as_of: dt.date) -> dict[str, Any]:
    """Return the count printed for England nearest to a date, authorities before any other unit.

    Of two as near the later one is taken.
    """
    own = published[(published["family"] == group) & published["extent"].isin(_EXTENTS)]
    own = own[own["unit"].isin(["authorities", "courts", "practices", "services", "teams"])]
    first, last, _ = period_bounds(own.assign(until=own["date"]), "published", "date", "until", "family")
    day = np.datetime64(as_of, "D")
    away = np.maximum(np.maximum((first - day).astype(int), (day - last).astype(int)), 0)
    near = away <= _PUBLISHED_WITHIN_DAYS
    if not near.any():
        return {}
    other_unit = (own["unit"] != "authorities").to_numpy()[near]
    chosen = np.lexsort((-first[near].astype(int), away[near], other_unit))[0]
    row = own[near].iloc[chosen]
    return {"value": int(row["value"]), "unit": str(row["unit"]), "date": str(row["date"])}


def answers_of(table: pd.DataFrame, group: str) -> pd.Series:
    """Return the answers of one group from a table of :func:`gaps`, or raise where there is no such group."""
    groups = [g for c in table.columns if (g := c.removesuffix("_services")) != c and g in table.columns]
    require_known("group", group, groups)
    answers: pd.Series = table[group]
    return answers


def list_gaps(table: pd.DataFrame, group: str, *, certain: bool = False) -> pd.DataFrame:
    """Return the authorities of a :func:`gaps` table without a service of a group; see ``Assessment.gap_list``."""
    kept = [*GAP_MIN] + ([] if certain else ["unknown"])
    rows = table[answers_of(table, group).isin(kept)]
    return rows[["authority_name", "region_name", group]].rename(columns={group: "answer"})


def span(low: int, high: int) -> str:
    """Write the interval of a gap count, or the one number where both ends meet."""
    return str(low) if low == high else f"{low} to {high}"


def as_date(directory: Directory, as_of: dt.date | str | None) -> dt.date:
    """Return the date asked for, or the directory's reference date."""
    return directory.reference_date if as_of is None else to_date(as_of)
