"""Codes and figures of one vintage of authorities carried to another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo.authorities import FIRST_DAY, Level, Register, register, require_level
from rcp_geo.demand import district_weights, load_demand
from rcp_geo.errors import InputError, VintageError
from rcp_geo.schema import counted, first_of, require_columns, to_date

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["apportion", "history", "recode", "require_apart", "shares_of"]

# What apportion says of its answer; in a table that it made, no figures.
_SAID = ("authority_name", "apportioned", "covered_share")


def recode(
    codes: Iterable[str],
    *,
    to: dt.date | str,
    level: Level | None = None,
    demand: gpd.GeoDataFrame | None = None,
) -> pd.Series:
    """Return the code that each authority has on a date.

    Parameters
    ----------
    codes
        GSS codes of English local authorities of any date since the end of 2011, either tier. Missing ones stay missing.
    to
        The date. It may be earlier than the codes: an authority made by a merger has no code of before it, but one made by
        a split goes back to the authority that was split.
    level
        Tier of the answer: ``upper`` or ``lower``. Left out, districts of counties stay districts and all others are upper
        tier. ``upper`` turns districts into their counties.
    demand
        Demand points with ``weight`` and ``district_code``, for the shares in the message where an authority was split;
        the embedded ones if left out.

    Returns
    -------
    pandas.Series
        One code for each, in the order and with the index of a Series given.

    Raises
    ------
    UnknownAuthorityError
        If a code is of no English authority since 2011.
    VintageError
        If an authority lies in several on the date. The message names them with the share of demand in each.
    InputError
        If the date is not a full one, is before 31 December 2011, or there is no such level.

    See Also
    --------
    apportion : share figures of an authority out among its successors.
    history : what became of an authority.

    Notes
    -----
    Boundary changes that gave new codes (eight between 2012 and 2025) moved few homes and are read as recodings.

    Examples
    --------
    >>> recode(["E10000023", "E07000026", "E08000016"], to="2025-04-01").tolist()
    ['E06000065', 'E06000063', 'E08000038']
    >>> recode(["E07000026"], to="2020-04-01", level="upper").tolist()
    ['E10000006']
    """
    given = _as_series(codes)
    day = _day(to)
    known = register()
    unique = given.dropna().unique().tolist()
    known.require(unique, "codes")
    holders = {code: _holders(known, code, day, level) for code in unique}
    split = {code: found for code, found in holders.items() if len(found) > 1}
    if split:
        raise VintageError(_split_message(known, split, day, district_weights(_or_embedded(demand))))
    return given.map({code: found[0] for code, found in holders.items()}).astype(object)


def _as_series(codes: Iterable[str]) -> pd.Series:
    if isinstance(codes, pd.Series):
        return codes.astype(object)
    return pd.Series([codes] if isinstance(codes, str) else list(codes), dtype=object)


def _or_embedded(demand: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    return load_demand() if demand is None else demand


def _day(to: dt.date | str) -> dt.date:
    day = to_date(to, "to")
    if day < FIRST_DAY:
        raise InputError(
            f"to: {day} is before {FIRST_DAY}, the first day of the register; give that day or a later one"
        )
    return day


def _tier(known: Register, code: str, level: Level | None) -> Level:
    if level is not None:
        return require_level(level)
    return "lower" if known.levels[code] == "lower" else "upper"


def _holders(known: Register, code: str, day: dt.date, level: Level | None) -> list[str]:
    """Return the authorities of a date that share ground with one, in the order of their codes."""
    of_district = known.holders_on(day, _tier(known, code, level))
    return sorted({of_district[d] for d in known.districts[code]})


def _split_message(known: Register, split: dict[str, list[str]], day: dt.date, weights: dict[str, float]) -> str:
    names = known.names()
    parts = []
    for code, found in list(split.items())[:5]:
        shares = shares_of(known, code, found, weights)
        into = " and ".join(f"{c} {names[c]} ({s:.1%} of its demand)" for c, s in zip(found, shares, strict=True))
        parts.append(f"{code} {names[code]} into {into}")
    more = f" and {len(split) - 5} more" if len(split) > 5 else ""
    return (
        f"codes: {counted(len(split), 'authorities lie in several')} on {day}: {'; '.join(parts)}{more}; "
        "take them out, or share their figures out with rcp_geo.apportion"
    )


def shares_of(known: Register, code: str, holders: Sequence[str], weights: dict[str, float]) -> list[float]:
    """Return the share of an authority's demand that lies in each of its holders; they add up to 1."""
    ground = known.districts[code]
    held = [sum(weights.get(d, 0.0) for d in sorted(ground & known.districts[h])) for h in holders]
    total = sum(held)
    if total == 0:
        raise InputError(
            f"demand.weight: no weight lies in {code}, so its figures cannot be shared out; pass demand that covers it"
        )
    return [h / total for h in held]


def apportion(
    table: pd.DataFrame,
    *,
    to: dt.date | str,
    columns: Sequence[str] | str | None = None,
    code: str = "authority_code",
    level: Level | None = None,
    demand: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Carry counts per authority to the authorities of a date, with nothing lost and nothing counted twice.

    Parameters
    ----------
    table
        One row per authority. Not modified.
    to
        The date; it may be earlier or later than the table.
    columns
        The columns to carry: counts, which add up (children, proceedings); never rates or means. All numeric columns if left
        out.
    code
        Name of the column of GSS codes.
    level
        Tier of the answer, as in :func:`recode`; ``upper`` if left out, unless every code is of a district of a county.
    demand
        Demand points with ``weight`` and ``district_code``, by whose weight figures are shared out; the embedded ones,
        of equal weight, if left out.

    Returns
    -------
    pandas.DataFrame
        One row per authority of the date that shares ground with the table, indexed by ``authority_code`` in its order:
        ``authority_name``, the columns, ``apportioned`` (whether any figure in it is a share of a larger area's) and
        ``covered_share`` (the share of its demand that the table has figures for). Where a part is missing, so is the sum.
        The last two are carried on where the table has them, so that calls may follow each other.

    Raises
    ------
    MissingColumnError
        If a column is missing.
    UnknownAuthorityError
        If a code is of no English authority since 2011.
    InputError
        If a code is missing, two rows share ground, a column is not of numbers or is there twice, a weight of the demand is
        not a number of 0 or more, or no demand lies in an authority that was split.

    Notes
    -----
    An authority that was split gives each successor the share of its figure that its demand has of the whole: an estimate,
    as good as the demand is like what is counted. Mergers and recodings are exact.

    Examples
    --------
    >>> table = pd.DataFrame({"authority_code": ["E10000021", "E06000018"], "children": [1000, 500]})
    >>> apportion(table, to="2021-04-01")[["authority_name", "children", "apportioned"]].round().values.tolist()
    [['Nottingham', 500.0, False], ['North Northamptonshire', 460.0, True], ['West Northamptonshire', 540.0, True]]
    """
    wanted = [columns] if isinstance(columns, str) else columns
    require_columns(table, [code, *(wanted or [])], "table")
    day = _day(to)
    known = register()
    given = table[code]
    require_apart(known, given, f"table.{code}")
    figures = _figures(table, wanted, code)
    tier = level or ("lower" if all(known.levels[c] == "lower" for c in given) else "upper")
    weights = district_weights(_or_embedded(demand))
    rows: list[tuple[int, str, float, bool]] = []
    for i, own in enumerate(given):
        found = _holders(known, own, day, tier)
        shares = shares_of(known, own, found, weights) if len(found) > 1 else [1.0]
        rows += [(i, holder, share, len(found) > 1) for holder, share in zip(found, shares, strict=True)]
    at, holders, share, estimated = map(np.asarray, zip(*rows, strict=True)) if rows else [np.empty(0, dtype=int)] * 4
    parts = figures.iloc[at].mul(share, axis=0)
    # A sum with a missing part is missing: it is not known, and never less than it is.
    answer = parts.groupby(holders).sum().mask(parts.isna().groupby(holders).any())
    answer.index = answer.index.astype(object).rename("authority_code")
    answer.insert(0, "authority_name", known.names().reindex(answer.index))
    before = table["apportioned"].to_numpy(dtype=bool) if "apportioned" in table else np.zeros(len(table), dtype=bool)
    shares = table["covered_share"].tolist() if "covered_share" in table else [1.0] * len(table)
    covered = {d: float(share) for c, share in zip(given, shares, strict=True) for d in known.districts[c]}
    return answer.assign(
        apportioned=pd.Series(estimated | before[at]).groupby(holders).any().to_numpy(dtype=bool),
        covered_share=[_covered(known, c, covered, weights) for c in answer.index],
    )


def require_apart(known: Register, codes: pd.Series, column: str) -> None:
    """Raise unless no code is missing, every one is known, and no two share ground."""
    missing = int(codes.isna().sum())
    if missing:
        raise InputError(f"{column}: {counted(missing, 'codes are missing')}; complete them or drop their rows")
    known.require(codes, column)
    seen: dict[str, str] = {}
    for code in codes:
        clash = sorted({seen[d] for d in known.districts[code] if d in seen})
        if clash:
            raise InputError(
                f"{column}: {first_of([code, *clash])} share ground, so their figures would count twice; "
                "keep one row for each piece of ground"
            )
        seen.update(dict.fromkeys(known.districts[code], code))


def _figures(table: pd.DataFrame, columns: Sequence[str] | None, code: str) -> pd.DataFrame:
    if not table.columns.is_unique:
        again = table.columns[table.columns.duplicated()].tolist()
        raise InputError(f"table: column {first_of(again)} is there more than once; keep one of each name")
    if said := [c for c in columns or () if c in _SAID]:
        raise InputError(
            f"table: column {first_of(said)} is what this function says of its answer; leave it out of columns"
        )
    numeric = table.drop(columns=[code, *_SAID], errors="ignore").select_dtypes("number")
    kept = list(numeric.columns) if columns is None else list(columns)
    if lost := [c for c in kept if c not in numeric.columns]:
        raise InputError(f"table: column {first_of(lost)} is not of numbers, so it cannot be shared out; convert it")
    return numeric[kept].astype(np.float64)


def _covered(known: Register, code: str, covered: dict[str, float], weights: dict[str, float]) -> float:
    """Return the share of an authority's demand that there are figures for; ``covered`` has it for each district of 2011."""
    own = sorted(known.districts[code])
    total = sum(weights.get(d, 0.0) for d in own)
    return sum(weights.get(d, 0.0) * covered.get(d, 0.0) for d in own) / total if total else np.nan


def history(code: str | None = None) -> pd.DataFrame:
    """Say what an authority came from and what became of it.

    Parameters
    ----------
    code
        A GSS code of any date since the end of 2011; left out, every change in England.

    Returns
    -------
    pandas.DataFrame
        One row per change that led to it or followed from it, however far back or on, by date, then by codes: ``date`` (the
        first day of the new state), ``kind`` (rename, recode, merge, split, boundary), ``old_code``, ``old_name``,
        ``new_code``, ``new_name``, ``level`` (upper, lower, both) and ``order`` (the instrument). Empty where nothing changed.

    Raises
    ------
    UnknownAuthorityError
        If the code is of no English authority since 2011.
    InputError
        If it is not one code.

    Notes
    -----
    ``boundary`` is a change of lines that gave new codes and moved few homes.

    Examples
    --------
    >>> for change in history("E07000246").itertuples():
    ...     print(change.date, change.kind, change.old_name, "to", change.new_name)
    2019-04-01 merge Taunton Deane to Somerset West and Taunton
    2019-04-01 merge West Somerset to Somerset West and Taunton
    2023-04-01 merge Somerset West and Taunton to Somerset
    """
    known = register()
    changes = known.changes
    if code is None:
        return changes.copy()
    if not isinstance(code, str):
        raise InputError(f"code: {code!r} is not one code; give one GSS code, such as 'E07000246', or nothing")
    known.require([code], "code")
    kept = _chain(changes, code, "new_code", "old_code") | _chain(changes, code, "old_code", "new_code")
    chain: pd.DataFrame = changes[kept].sort_values(["date", "old_code", "new_code"], ignore_index=True)
    return chain


def _chain(changes: pd.DataFrame, code: str, near: str, far: str) -> pd.Series:
    """Mark the changes from which a code follows, or which follow from it, step by step."""
    kept = pd.Series(data=False, index=changes.index)
    ends = {code}
    while True:
        step = changes[near].isin(ends) & ~kept
        if not step.any():
            return kept
        kept |= step
        ends = set(changes.loc[step, far])
