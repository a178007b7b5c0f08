"""How evenly a value is spread over people, and whether it follows how well off they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.grouping import label_of
from rcp_geo.registry import METRICS
from rcp_geo.schema import counted, first_of, is_number, require_columns

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Index", "Missing", "inequality", "inequality_table", "require_options"]

Index = Literal["gini", "theil", "theil_between", "theil_within", "palma", "concentration", "erreygers", "fgt"]
Missing = Literal["raise", "drop"]

# What each index takes beside values and weights.
_TAKES: Mapping[str, tuple[str, ...]] = {
    "gini": (),
    "theil": (),
    "theil_between": ("groups",),
    "theil_within": ("groups",),
    "palma": ("rank", "thresholds"),
    "concentration": ("rank",),
    "erreygers": ("rank", "bounds"),
    "fgt": ("line", "alpha", "poor"),
}
# What those that take it cannot do without.
_NEEDED = {
    "rank": "a number for each place that grows from the worst off to the best off",
    "groups": "the group of each place",
    "line": "the value that separates those who have enough from those who do not",
}
# What a demand point has by the authority that it lies in.
_BY_AUTHORITY = ("authority_code", "region_code")


@dataclass(frozen=True, slots=True)
class _Asked:
    """An index and its options, checked."""

    index: Index
    bounds: tuple[float, float] | None
    line: float
    alpha: int
    above: bool
    thresholds: tuple[float, float] | None

    @property
    def metric_id(self) -> str:
        """The figure that it is."""
        name = f"fgt{self.alpha}{'_cost' if self.above else ''}" if self.index == "fgt" else self.index
        return f"rcp.equity.{name}@1"


@dataclass(frozen=True, slots=True)
class _Places:
    """Places with people in them: how many, their share of all people, and what is known of each."""

    weight: NDArray[np.float64]
    share: NDArray[np.float64]
    values: NDArray[np.float64]
    rank: NDArray[np.float64]
    group: NDArray[np.intp]


def inequality(  # noqa: PLR0913 -- each index has options of its own, and none is passed over in silence
    values: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    index: Index,
    rank: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    bounds: tuple[float, float] | None = None,
    line: float | None = None,
    alpha: Literal[0, 1, 2] | None = None,
    poor: Literal["below", "above"] | None = None,
    thresholds: tuple[float, float] | None = None,
    missing: Missing = "raise",
) -> float:
    """Say in one number how unevenly a value is spread over people.

    Parameters
    ----------
    values
        What the people of each place have: access, of which more is better, or a cost, of which less is better; in any unit.
    weights
        People in each place; 1 each if left out. A place of 0 people counts for nothing.
    index
        ``gini``, ``theil``, ``theil_between``, ``theil_within``, ``palma``, ``concentration``, ``erreygers`` or ``fgt``: see
        the notes.
    rank
        Of ``palma``, ``concentration`` and ``erreygers``: a number for each place that grows from the worst off to the best
        off, such as income, or a rank or decile of deprivation of which 1 is the most deprived. Of a score that grows with
        deprivation, pass the negative.
    groups
        Of ``theil_between`` and ``theil_within``: the group of each place, such as its region.
    bounds
        Of ``erreygers``: the least and the greatest value that there could be; the least and the greatest of the values if
        left out. Only figures under the same bounds can be compared.
    line
        Of ``fgt``: the value, above 0, that separates those who have enough from those who do not.
    alpha
        Of ``fgt``: 0 for the share of people who do not have enough (if left out), 1 for how far from the line people are, 2
        for the same with those furthest from it weighing more.
    poor
        Of ``fgt``: the side of the line on which people do not have enough: ``below`` (if left out), of access, or ``above``,
        of a cost. On the line they have.
    thresholds
        Of ``palma``: the rank up to which a place is one of the poorest and the rank beyond which it is one of the richest;
        the 40th and the 90th percentile of people if left out. Of deciles pass ``(4, 9)``.
    missing
        Where a value, a weight, a rank or a group is missing: ``raise`` an error that says how many, or ``drop`` the place.

    Returns
    -------
    float
        Without a unit.

    Raises
    ------
    InputError
        If the index or an option is not known; an option is missing or is one that the index does not take; the columns are
        not of the same places; something is no number, missing, infinite, or negative where it may not be; nobody is left; or
        there is no ratio, since nobody is among the richest or the poorest have 0.

    Notes
    -----
    People are compared, not places: one place of 200 people is two of 100. Where all have the same, be it 0, ``palma`` is 1
    (of 0, it is not defined) and every other index but ``fgt`` is 0. All but ``fgt``, and ``erreygers`` of given bounds, stay
    the same when all values are multiplied. Only ``erreygers`` takes values below 0.

    ``gini``
        From 0, all have the same, towards 1, one has everything. Of a cost it says how unlike the journeys are, not whether they
        are long, nor whose they are.
    ``theil``
        Theil's T: from 0 to at most the logarithm of the number of people. A place of value 0 stays and adds 0 to the
        sum. It is ``theil_between``, what it would be if all had their group's mean, plus ``theil_within``, the mean over
        groups of the T of each, weighted by the sum of their values.
    ``palma``
        The mean of the richest 10 % over the mean of the poorest 40 %. Above 1 the better off have more: of access this is
        their advantage, of a cost that of the worse off. A percentile is the smallest rank at which the cumulative weight
        reaches it; the poorest are at or below the 40th and the richest above the 90th.
    ``concentration``
        From -1 to 1; 0 where the value does not follow the rank. Above 0 the better off have more: of access this is their
        advantage, of a cost they travel further. Below 0 the worse off have more: of a cost, they travel further. Places of
        one rank share the mean of the fractional ranks that they take up, so that their order does not matter.
    ``erreygers``
        The same sign, of a value that cannot go beyond its bounds: it is as large of what people have as of what they lack.
    ``fgt``
        The mean over all people of the gap to the power of ``alpha``. The gap is the distance from the line as a share of
        the line, and 0 for those who have enough. Of access it is at most 1; a cost of three times the line has a gap of 2.

    The works that define them are in :func:`metrics`, group ``equity``.

    Examples
    --------
    One of two has three quarters of everything:

    >>> inequality([1, 3], index="gini")
    0.25

    Three people live 60, 20 and 10 km from a service, the most deprived first. The more deprived travel further:

    >>> round(inequality([60, 20, 10], index="concentration", rank=[1, 2, 3]), 3)
    -0.37

    One of them is more than 20 km away:

    >>> round(inequality([60, 20, 10], index="fgt", line=20, poor="above"), 3)
    0.333
    """
    given = {"rank": rank, "groups": groups, "bounds": bounds, "line": line, "alpha": alpha, "poor": poor}
    asked = require_options(index, given | {"thresholds": thresholds})
    drop = _drops(missing)
    columns = {"weights": weights, "rank": rank, "groups": groups}
    read = _read({"values": values, **{name: column for name, column in columns.items() if column is not None}})
    return _index_of(_places(asked, read, drop=drop), asked)


def require_options(index: Index, given: Mapping[str, Any]) -> _Asked:
    """Check that an index has the options that it needs, and no other; None is an option that was left out.

    Raises
    ------
    InputError
        If the index is not known, lacks an option, does not take one, or one is not what it should be.
    """
    if index not in list(_TAKES):
        raise InputError(f"index: {index!r} is not known; use one of {', '.join(_TAKES)}")
    for name, value in given.items():
        taken = name in _TAKES[index]
        if value is not None and not taken:
            takers = " or ".join(i for i, names in _TAKES.items() if name in names)
            raise InputError(f"{name}: {index} does not take it; leave it out, or ask for {takers}")
        if value is None and taken and name in _NEEDED:
            raise InputError(f"{name}: {index} needs it; pass {_NEEDED[name]}")
    line, alpha, poor = given["line"], given["alpha"], given["poor"]
    if line is not None and not (is_number(line) and line > 0):
        raise InputError(f"line: {line!r} is not a number above 0; give one in the unit of the values")
    if alpha not in [None, 0, 1, 2]:
        raise InputError(f"alpha: {alpha!r} is not known; use 0, 1 or 2")
    if poor not in {None, "below", "above"}:
        raise InputError(f"poor: {poor!r} is not known; use below or above")
    bounds, thresholds = (None if given[n] is None else _pair(given[n], n) for n in ("bounds", "thresholds"))
    if bounds is not None and bounds[0] == bounds[1]:
        raise InputError(f"bounds: {given['bounds']!r} leave no room for a value; give the least and the greatest")
    return _Asked(index, bounds, float(line or 1), int(alpha or 0), poor == "above", thresholds)


def _pair(given: Iterable[float], name: str) -> tuple[float, float]:
    pair = tuple(given) if np.ndim(given) == 1 else ()  # type: ignore[arg-type]
    if len(pair) != 2 or not all(is_number(v) for v in pair) or pair[0] > pair[1]:
        raise InputError(f"{name}: {given!r} is not two numbers, the smaller first")
    return float(pair[0]), float(pair[1])


def _drops(missing: str) -> bool:
    if missing not in {"raise", "drop"}:
        raise InputError(f"missing: {missing!r} is not known; use raise or drop")
    return missing == "drop"


# --- reading the columns ----------------------------------------------------------------------------------------------


def _read(columns: Mapping[str, ArrayLike]) -> pd.DataFrame:
    """Put the columns side by side: numbers, and groups by number; NaN and -1 for what is missing."""
    for name, given in columns.items():
        if np.ndim(given) != 1:
            raise InputError(f"{name}: pass one for each place, as a list, an array or a series")
    lengths = {name: len(given) for name, given in columns.items()}  # type: ignore[arg-type]
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{n} {name}" for name, n in lengths.items())
        raise InputError(f"values: not every place has one of each ({said}); pass one for each place")
    indexed = {name: given for name, given in columns.items() if isinstance(given, pd.Series)}
    labels = next((given.index for given in indexed.values()), pd.RangeIndex(lengths["values"]))
    strange = [name for name, given in indexed.items() if not given.index.equals(labels)]
    if strange:
        raise InputError(
            f"{strange[0]}: its index is not that of {next(iter(indexed))}; reindex it, or pass arrays in the same order"
        )
    read = {name: _numbers(given, name) if name != "groups" else _codes(given) for name, given in columns.items()}
    return pd.DataFrame(read, index=labels)


def _numbers(given: ArrayLike, name: str) -> NDArray[np.float64]:
    try:
        column = pd.Series(given)
        # Dates would pass as numbers of nanoseconds.
        if column.dtype.kind not in "mMc":
            return pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        pass
    raise InputError(f"{name}: not all are numbers; give each place one")


def _codes(given: ArrayLike) -> NDArray[np.intp]:
    """Return the groups by number, told apart as ``coverage_by`` does: 3, 3.0 and ``" 3"`` are one, and a blank is none."""
    code, values = pd.factorize(pd.Series(given))
    labels = pd.Series([label_of(v) for v in values], dtype=object).replace("", None)
    # One more for -1, what is missing.
    numbers = np.append(pd.factorize(labels)[0], -1)
    return np.asarray(numbers[code], dtype=np.intp)


def _places(asked: _Asked, read: pd.DataFrame, *, drop: bool) -> _Places:
    """Name all that is wrong with the columns at once, and keep the places with people."""
    n = len(read)
    values = read["values"].to_numpy()
    weight = read["weights"].to_numpy() if "weights" in read else np.ones(n)
    rank = read["rank"].to_numpy() if "rank" in read else np.zeros(n)
    group = read["groups"].to_numpy() if "groups" in read else np.zeros(n, dtype=np.intp)
    columns = {"values": values, "weights": weight, "rank": rank}
    absent = {name: np.isnan(column) for name, column in columns.items()} | {"groups": group < 0}
    wrong = [(name, np.isinf(column), "are infinite; give each a number") for name, column in columns.items()]
    wrong.append(("weights", weight < 0, "are negative; give each a weight of 0 or more"))
    if asked.index != "erreygers":
        wrong.append(("values", values < 0, f"are negative, and {asked.index} is of values of 0 or more"))
    if asked.bounds is not None:
        low, high = asked.bounds
        wrong.append(("values", (values < low) | (values > high), f"lie beyond {low:g} and {high:g}; widen the bounds"))
    if not drop:
        remedy = "are missing; fill them, or leave the places out with missing='drop'"
        wrong += [(name, gone, remedy) for name, gone in absent.items()]
    lines = [
        f"{name}: {counted(int(rows.sum()), f'places {said}')} ({first_of(read.index[rows].tolist())})"
        for name, rows, said in wrong
        if rows.any()
    ]
    if lines:
        raise InputError("\n".join(lines))
    kept = ~np.logical_or.reduce(list(absent.values())) & (weight > 0)
    if not kept.any():
        raise InputError("weights: no place has people and all that is needed; there is nobody to compare")
    people = _scaled(weight[kept])
    return _Places(people, people / people.sum(), values[kept], rank[kept], group[kept])


# --- the indices ------------------------------------------------------------------------------------------------------


def _index_of(places: _Places, asked: _Asked) -> float:
    """Return the index; raise :class:`~rcp_geo.errors.InputError` where it is not defined."""
    if asked.index == "fgt":
        return _fgt(places, asked)
    if asked.index == "palma":
        return _palma(places, asked.thresholds)
    if places.values.min() == places.values.max():
        return 0.0
    if asked.index == "erreygers":
        return _erreygers(places, asked.bounds)
    scaled = replace(places, values=_scaled(places.values))
    if asked.index.startswith("theil"):
        return _theil(scaled, asked.index)
    return _concentration(scaled if asked.index == "concentration" else replace(scaled, rank=scaled.values))


def _scaled(column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide by a power of 2, which loses no digit, so that the largest is below 1 and sums of any are numbers."""
    return np.ldexp(column, -int(np.frexp(column.max())[1]))


def _concentration(places: _Places) -> float:
    return 2 * _with_rank(places) / float(places.share @ places.values)


def _with_rank(places: _Places) -> float:
    """Return the covariance of the values with the fractional rank.

    Both are taken from their means first: the sum is then of small numbers, and few digits are lost.
    """
    deviation = places.values - places.share @ places.values
    return float(np.sum(places.share * deviation * (_fractional_rank(places) - 0.5)))


def _fractional_rank(places: _Places) -> NDArray[np.float64]:
    """Return the share of people of lower rank, and half of those of the same rank."""
    order = np.argsort(places.rank, kind="stable")
    ranks = places.rank[order]
    # Of weights: they are often whole numbers, of which no sum is rounded, as one of shares is.
    up_to = np.cumsum(places.weight[order])
    first = np.flatnonzero(np.r_[True, ranks[1:] != ranks[:-1]])
    ends = up_to[np.r_[first[1:] - 1, len(ranks) - 1]]
    middle = (np.r_[0.0, ends[:-1]] + ends) / (2 * ends[-1])
    fractional = np.empty(len(ranks))
    fractional[order] = np.repeat(middle, np.diff(np.r_[first, len(ranks)]))
    return fractional


def _theil(places: _Places, index: Index) -> float:
    from scipy.special import kl_div

    # x ln x - x + 1 in the place of x ln x: the sum is the same, since x is 1 on average, and nothing in it is below 0.
    share, values = places.share, places.values
    mean = share @ values
    if index == "theil":
        return float(np.sum(share * kl_div(values / mean, 1.0)))
    of_group = np.bincount(places.group, share)
    held = np.bincount(places.group, share * values)
    means = np.divide(held, of_group, out=np.zeros_like(held), where=of_group > 0)
    if index == "theil_between":
        return float(np.sum(of_group * kl_div(means / mean, 1.0)))
    own = means[places.group]
    some = own > 0
    return float(np.sum(share[some] * own[some] * kl_div(values[some] / own[some], 1.0)) / mean)


def _palma(places: _Places, thresholds: tuple[float, float] | None) -> float:
    low, high = thresholds or _percentiles(places, (0.4, 0.9))
    poorest, richest = places.rank <= low, places.rank > high
    if not poorest.any() or not richest.any():
        who = f"above rank {high:g}, among the richest" if poorest.any() else f"up to rank {low:g}, among the poorest"
        raise InputError(f"palma: nobody is {who}; pass thresholds=, the ranks that part both from the others")
    low_mean, high_mean = (
        float(np.average(places.values[few], weights=places.share[few])) for few in (poorest, richest)
    )
    if low_mean == 0:
        raise InputError("palma: the poorest have 0, and there is no ratio to 0; ask for concentration")
    return high_mean / low_mean


def _percentiles(places: _Places, qs: tuple[float, float]) -> list[float]:
    """Return the smallest ranks at which the cumulative weight reaches shares of all weight."""
    order = np.argsort(places.rank, kind="stable")
    up_to = np.cumsum(places.weight[order])
    # Sums of weights carry rounding: a share reached but for the last bits counts as reached.
    return [float(places.rank[order][np.searchsorted(up_to, q * up_to[-1] * (1 - 1e-12))]) for q in qs]


def _erreygers(places: _Places, bounds: tuple[float, float] | None) -> float:
    low, high = bounds or (float(places.values.min()), float(places.values.max()))
    return 8 * _with_rank(replace(places, values=(places.values - low) / (high - low)))


def _fgt(places: _Places, asked: _Asked) -> float:
    short = places.values > asked.line if asked.above else places.values < asked.line
    gap = np.abs(places.values[short] - asked.line) / asked.line
    return float(np.sum(places.share[short] * gap**asked.alpha))


# --- over the demand of an assessment ---------------------------------------------------------------------------------


def inequality_table(
    nearest: Iterable[tuple[tuple[str, str, str], NDArray[np.float64], NDArray[np.object_]]],
    demand: pd.DataFrame,
    areas: pd.DataFrame,
    asked: _Asked,
    *,
    rank: str | None,
    groups: str | None,
    missing: Missing,
) -> pd.DataFrame:
    """Return the index of the cost to the nearest, one row for each way of taking it.

    Parameters
    ----------
    nearest
        Group, relation and evidence, and with them the cost and the status of each demand point; a cost is NaN where nothing
        was reached.
    demand
        ``demand_id``, ``weight`` and the columns that are ranked or grouped by.
    areas
        ``authority_code`` and ``region_code`` of each demand point; points without an authority are left aside.
    asked
        The index and its options.
    rank, groups
        Columns of the demand, or for groups of the areas.
    missing
        ``raise`` or ``drop``.

    Raises
    ------
    MissingColumnError
        If the demand does not have the column.
    InputError
        If a rank or a group is missing and ``missing`` is ``raise``, or ``erreygers`` has no bounds.
    """
    drop = _drops(missing)
    if asked.index == "erreygers" and asked.bounds is None:
        raise InputError("bounds: give the least and the greatest cost, so that the rows of erreygers can be compared")
    here = areas["authority_code"].notna().to_numpy()
    weight = np.where(here, demand["weight"].to_numpy(dtype=np.float64), 0.0)
    ranks, group = np.zeros(len(demand)), np.zeros(len(demand), dtype=np.intp)
    if rank is not None:
        ranks = _numbers(_named(rank, "rank", demand), f"demand.{rank}")
    if groups is not None:
        of_area = groups in _BY_AUTHORITY and groups not in demand.columns
        group = _codes(_named(groups, "groups", areas if of_area else demand))
    unknown = here & (np.isnan(ranks) | (group < 0))
    if unknown.any() and not drop:
        ids = demand.loc[unknown, "demand_id"].tolist()
        raise InputError(
            f"demand.{rank or groups}: {counted(len(ids), 'demand points have none')} ({first_of(ids)}); "
            "fill them in, or leave the points out with missing='drop'"
        )
    read = pd.DataFrame({"weights": weight, "rank": ranks, "groups": group}, index=pd.Index(demand["demand_id"]))
    everyone = weight.sum()
    rows = []
    for labels, cost, status in nearest:
        reached = here & ~np.isnan(cost)
        value, reason = _one(asked, read.assign(values=cost), reached & ~unknown & (weight > 0))
        with np.errstate(invalid="ignore"):
            shares = (weight[reached].sum() / everyone, weight[reached & unknown].sum() / everyone)
        unit = METRICS[asked.metric_id].unit
        why = reason or _why_not(status, weight, ~reached & (weight > 0)) or ("" if everyone else "no_demand")
        rows.append((*labels, asked.metric_id, value, unit, *shares, why))
    names = ["group", "relation", "evidence", "metric_id", "value", "unit", "reached_share", "left_out", "reason"]
    return pd.DataFrame(rows, columns=names)


def _named(column: str, name: str, frame: pd.DataFrame) -> pd.Series:
    if not isinstance(column, str):
        raise InputError(f"{name}: {type(column).__name__} is not a name; pass that of a column of the demand")
    require_columns(frame, [column], "demand")
    return frame[column]


def _one(asked: _Asked, read: pd.DataFrame, used: NDArray[np.bool_]) -> tuple[float, str]:
    """Return the index of some places, or NaN and why there is none."""
    if not used.any():
        return float("nan"), ""
    places = _places(asked, read[used], drop=False)
    try:
        return _index_of(places, asked), ""
    except InputError:
        return float("nan"), "not_defined"


def _why_not(status: NDArray[np.object_], weight: NDArray[np.float64], rest: NDArray[np.bool_]) -> str:
    """Return the status of most of the weight that was not reached; blank where all was."""
    held = pd.Series(weight[rest]).groupby(status[rest].astype(str)).sum()
    return str(held.idxmax()) if len(held) else ""
