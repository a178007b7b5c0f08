"""Reading a table of costs that another program made: which columns are what, which numbers mean not reached, what unit."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from rcp_geo.errors import DuplicateIdError, InputError, MissingColumnError
from rcp_geo.schema import first_of
from rcp_geo.travel.model import METRES_PER_MILE, Unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["UNITS", "GivenUnit", "OdTable", "read_table"]

GivenUnit = Literal["m", "km", "miles", "s", "min", "h"]

# For each unit that a table may be in: the unit of its costs here, and by what they are multiplied.
UNITS: Mapping[str, tuple[Unit, float]] = {
    "m": ("m", 1.0),
    "km": ("m", 1000.0),
    "miles": ("m", METRES_PER_MILE),
    "s": ("s", 1.0),
    "min": ("s", 60.0),
    "h": ("s", 3600.0),
}

# What programs call the two ends of a pair, without case and punctuation.
_ENDS = (
    ("originid", "destinationid"),  # ours, and ArcGIS
    ("fromid", "toid"),  # r5r, r5py, the opentripplanner package, accessibility for R
    ("fromindex", "toindex"),  # Valhalla
    ("origin", "dest"),  # PySAL access
    ("origin", "destination"),  # the scripts of OpenTripPlanner 1
    ("searchid", "id"),  # TravelTime, its results put into one table
    ("sourceid", "targetid"),
    ("source", "target"),
    ("source", "destination"),  # OSRM, whose table names its ends so
    ("fromplace", "toplace"),
    ("from", "to"),
)
_WORDS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "min": ("min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "m": ("m", "metre", "metres", "meter", "meters"),
    "km": ("km", "kilometre", "kilometres", "kilometer", "kilometers"),
    "miles": ("mi", "mile", "miles"),
}
_BEFORE = "(?:total_?|mean_?|avg_?|travel_?|drive_?|driving_?|car_?|journey_?|walk_?|network_?|road_?)*"
_QUANTITY: Mapping[Unit, re.Pattern[str]] = {
    "s": re.compile(rf"{_BEFORE}(?:times?|durations?)(?:_p\d+)?(?:_(?P<unit>[a-z]+))?"),
    "m": re.compile(rf"{_BEFORE}(?:distances?|dist|lengths?)(?:_(?P<unit>[a-z]+))?"),
}
_NEUTRAL = ("cost", "costs", "impedance")
# What a first column is called that holds the origins of a wide table. A saved index has no name, or this one.
_FIRST = ("id", "originid", "origin", "fromid", "from", "demandid", "unnamed0", "")

# Numbers that programs write for "not reached", which no journey costs: the greatest integers of 32 bits (R5, for one,
# writes the first), and the same in thousandths (pandana writes the last).
_CODES = (2_147_483_647.0, 4_294_967_295.0, 2_147_483.647, 4_294_967.295)
# Numbers that people write for it. They may be costs as well, so they are doubted only where nothing costs more.
_NINES = (9_999.0, 99_999.0, 999_999.0, 9_999_999.0)


@dataclass(frozen=True, slots=True)
class OdTable:
    """A table of costs as it was read.

    Attributes
    ----------
    origins, destinations
        Every id of either end, in ascending order, those included from or to which nothing was reached.
    i, j, cost
        Positions of the ends and the cost in metres or seconds, of each row that was reached, in the order of the rows.
    missed
        Positions of the ends of the rows that say "not reached".
    columns
        Which column was read as what; a wide table has none of cost.
    """

    origins: pd.Index
    destinations: pd.Index
    i: NDArray[np.intp]
    j: NDArray[np.intp]
    cost: NDArray[np.float64]
    missed: tuple[NDArray[np.intp], NDArray[np.intp]]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Ends and costs, one for each pair that the table speaks of."""

    origin: tuple[NDArray[np.intp], pd.Index]
    destination: tuple[NDArray[np.intp], pd.Index]
    cost: pd.Series
    columns: Mapping[str, str]


def read_table(
    frame: pd.DataFrame | pd.Series,
    *,
    unit: GivenUnit,
    names: Mapping[str, str],
    defaults: Mapping[str, str],
    null: Iterable[float | str] = (),
    real: Iterable[float] = (),
) -> OdTable:
    """Read a long or a wide table of costs.

    Parameters
    ----------
    frame
        The table.
    unit
        Its unit, a key of :data:`UNITS`.
    names, defaults
        For ``origin``, ``destination`` and ``cost``, the column that the caller names, and the one meant where nothing
        is named. Only in place of a default another heading is recognised.
    null, real
        Values that say "not reached", and numbers that look as if they did and are costs.

    Raises
    ------
    InputError, MissingColumnError, DuplicateIdError
        If the table cannot be read as one of costs.
    """
    if unit not in UNITS:
        raise InputError(f"unit: {unit!r} is not a unit that a matrix can be in; give one of {', '.join(UNITS)}")
    flat = _flat(frame, defaults)
    cells = _long(flat, names, defaults, unit) or _wide(flat, names, defaults)
    cost = _numbers(cells, null)
    _require_costs(cells, cost, {float(v) for v in real})
    reached = ~np.isnan(cost)
    i, j = cells.origin[0], cells.destination[0]
    return OdTable(
        cells.origin[1],
        cells.destination[1],
        i[reached],
        j[reached],
        cost[reached] * UNITS[unit][1],
        (i[~reached], j[~reached]),
        cells.columns,
    )


def _flat(frame: object, defaults: Mapping[str, str]) -> pd.DataFrame:
    """Return the table with both ends in columns where an index of two levels holds them."""
    if isinstance(frame, pd.Series):
        frame = frame.to_frame(defaults["cost"] if frame.name is None else frame.name)
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"matrix: a {type(frame).__name__} is not a table; pass a DataFrame, long or wide")
    if isinstance(frame.columns, pd.MultiIndex):
        raise InputError("matrix: the columns have several levels; keep the one that names the destinations")
    if isinstance(frame.index, pd.MultiIndex):
        if frame.index.nlevels != 2:
            raise InputError(
                f"matrix: the index has {frame.index.nlevels} levels; keep the origin's and the destination's"
            )
        ends = (defaults["origin"], defaults["destination"])
        named = [end if name is None else name for name, end in zip(frame.index.names, ends, strict=True)]
        return frame.reset_index(names=named)
    return frame


def _long(frame: pd.DataFrame, names: Mapping[str, str], defaults: Mapping[str, str], unit: GivenUnit) -> _Cells | None:
    """Read a table of one row for each pair; None where no column holds destinations."""
    origin, destination = _ends(frame, names, defaults)
    if destination is None:
        return None
    if origin is None:
        raise MissingColumnError(
            f"matrix: {destination!r} holds the destinations, and no column is known to hold the origins "
            f"({_have(frame)}); name it (origin=)"
        )
    cost = _cost_column(frame, names["cost"], defaults["cost"], unit)
    if frame.empty:
        raise InputError("matrix: the table has no rows; pass the pairs that were reached")
    for column in (origin, destination, cost):
        if not isinstance(frame[column], pd.Series):
            raise InputError(f"matrix: several columns are named {column!r}; give each a name of its own")
    return _Cells(
        _factorized(frame[origin], str(origin)),
        _factorized(frame[destination], str(destination)),
        frame[cost],
        {"origin": str(origin), "destination": str(destination), "cost": str(cost)},
    )


def _ends(
    frame: pd.DataFrame, names: Mapping[str, str], defaults: Mapping[str, str]
) -> tuple[Hashable | None, Hashable | None]:
    found = {end: _named(frame, names[end], defaults[end], end) for end in ("origin", "destination")}
    headings = {re.sub(r"[^a-z0-9]", "", str(c).casefold()): c for c in reversed(list(frame.columns))}
    for origin, destination in _ENDS:
        a = headings.get(origin) if found["origin"] is None else found["origin"]
        b = headings.get(destination) if found["destination"] is None else found["destination"]
        if a is not None and b is not None and a != b:
            return a, b
    return found["origin"], found["destination"]


def _named(frame: pd.DataFrame, name: str, default: str, what: str) -> Hashable | None:
    """Return a column that the caller names; None for one that has to be recognised."""
    if name in frame.columns:
        return name
    if name == default:
        return None
    raise MissingColumnError(f"matrix: column {name!r} for the {what} is missing ({_have(frame)})")


def _have(frame: pd.DataFrame) -> str:
    return f"columns found: {first_of(list(frame.columns)) or 'none'}"


def _cost_column(frame: pd.DataFrame, name: str, default: str, unit: GivenUnit) -> Hashable:
    wanted = UNITS[unit][0]
    column = _named(frame, name, default, "cost")
    if column is None:
        words = [(c, re.sub(r"[^a-z0-9]+", "_", str(c).casefold()).strip("_")) for c in frame.columns]
        fits = [c for c, word in words if _stated(word, wanted) is not None or word in _NEUTRAL]
        if len(fits) != 1:
            what = "durations" if wanted == "s" else "distances"
            seen = (
                f"{', '.join(map(repr, fits))} all look like {what}" if fits else f"no column of {what} is recognised"
            )
            raise MissingColumnError(f"matrix: {seen} ({_have(frame)}); name the one that is meant (cost=)")
        column = fits[0]
    word = re.sub(r"[^a-z0-9]+", "_", str(column).casefold()).strip("_")
    stated = _stated(word, "m") or _stated(word, "s")
    if stated and stated != unit:
        raise InputError(
            f"matrix.{column}: the heading says {stated}, and unit={unit!r} was given; correct one of them"
        )
    return column


def _stated(heading: str, quantity: Unit) -> str | None:
    """Return the unit that a heading of this quantity states: empty if it states none, None if it is of another quantity."""
    match = _QUANTITY[quantity].fullmatch(heading)
    of_quantity = {word: unit for unit, words in _WORDS.items() if UNITS[unit][0] == quantity for word in words}
    if match is None:
        # A single letter is too little to go by.
        return of_quantity.get(heading) if len(heading) > 1 else None
    said = match["unit"]
    return "" if said is None else of_quantity.get(said)


def _wide(frame: pd.DataFrame, names: Mapping[str, str], defaults: Mapping[str, str]) -> _Cells:
    """Read a table of one row for each origin and one column for each destination."""
    for end in ("destination", "cost"):
        _named(frame, names[end], defaults[end], end)
    column = _named(frame, names["origin"], defaults["origin"], "origin")
    if column is None:
        column = _first(frame)
    table = frame if column is None else frame.set_index(column)
    n, m = table.shape
    if not n and not m:
        raise InputError("matrix: the table is empty; pass one row for each pair, or a column for each destination")
    for ids, what in ((table.index, "row"), (table.columns, "column")):
        if ids.has_duplicates:
            again = first_of(pd.unique(ids[ids.duplicated()]).tolist())
            raise DuplicateIdError(
                f"matrix: more than one {what} is named {again}; a wide table has one row for each origin and one column "
                "for each destination (a long one needs its columns named: origin=, destination=, cost=)"
            )
    where = "the index" if column is None else str(column)
    a, origins = _factorized(pd.Series(table.index), where)
    b, destinations = _factorized(pd.Series(table.columns), "the columns")
    plain = all(pd.api.types.is_numeric_dtype(d) for d in table.dtypes)
    values = table.to_numpy(dtype=np.float64 if plain else object, na_value=np.nan)
    return _Cells(
        (np.repeat(a, m), origins),
        (np.tile(b, n), destinations),
        pd.Series(values.ravel()),
        {"origin": where, "destination": "the columns"},
    )


def _first(frame: pd.DataFrame) -> Hashable | None:
    """Return the first column of a wide table if it holds the origins, None if the index does."""
    if frame.empty or frame.index.name is not None or not isinstance(frame.index, pd.RangeIndex):
        return None
    first, rest = frame.iloc[:, 0], frame.dtypes.iloc[1:]
    if re.sub(r"[^a-z0-9]", "", str(first.name).casefold()) in _FIRST:
        return first.name
    if pd.api.types.is_numeric_dtype(first.dtype):
        return None
    costs = any(pd.api.types.is_numeric_dtype(d) for d in rest)
    return first.name if costs or pd.to_numeric(first, errors="coerce").isna().any() else None


def _factorized(column: pd.Series, name: str) -> tuple[NDArray[np.intp], pd.Index]:
    """Return ids as positions among the different ones, which are in ascending order."""
    codes, different = pd.factorize(column)
    if (codes < 0).any():
        raise InputError(f"matrix.{name}: {int((codes < 0).sum())} rows have no id; complete or drop them")
    ids = pd.Index(np.asarray(different, dtype=object), dtype=object).to_numpy()
    order = np.array(_ascending(ids.tolist()), dtype=np.intp)
    place = np.empty(len(ids), dtype=np.intp)
    place[order] = np.arange(len(ids))
    return place[codes], pd.Index(ids[order], dtype=object)


def _ascending(ids: list[Any]) -> list[int]:
    try:
        return sorted(range(len(ids)), key=ids.__getitem__)
    except TypeError:
        # Numbers and texts in one column have no order of their own.
        return sorted(range(len(ids)), key=lambda at: (type(ids[at]).__name__, str(ids[at])))


def _numbers(cells: _Cells, null: Iterable[float | str]) -> NDArray[np.float64]:
    """Return the costs with NaN where the table says "not reached"."""
    values, codes = cells.cost, list(null)
    texts = {v.strip() for v in codes if isinstance(v, str)}
    numbers = {float(v) for v in codes if not isinstance(v, str)}
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype):
        raise InputError(
            f"matrix.{_cost_of(cells)}: {values.dtype} is no cost; pass numbers in the unit that you state"
        )
    if pd.api.types.is_timedelta64_dtype(values.dtype):
        raise InputError(f"matrix.{_cost_of(cells)}: durations have a type of their own; pass .dt.total_seconds()")
    if not pd.api.types.is_numeric_dtype(values.dtype):
        said = values.map(lambda v: None if isinstance(v, str) and v.strip() in texts else v).astype(object)
        read = pd.to_numeric(said, errors="coerce")
        lost = (read.isna() & said.notna()).to_numpy()
        if lost.any():
            seen = first_of([repr(v) for v in pd.unique(said[lost]).tolist()])
            raise InputError(
                f"matrix.{_cost_of(cells)}: {int(lost.sum())} costs are no numbers ({seen}); correct them, or pass those that "
                "say 'not reached' as null=[...]"
            )
        values = read
    cost = values.to_numpy(dtype=np.float64, na_value=np.nan).copy()
    for code in numbers:
        cost[_same(cost, code)] = np.nan
    return cost


def _cost_of(cells: _Cells) -> str:
    return cells.columns.get("cost", "cost")


def _same(cost: NDArray[np.float64], code: float) -> NDArray[np.bool_]:
    """Say which costs are a code, kept in single precision included."""
    with np.errstate(over="ignore"):
        single = np.float64(np.float32(code))
    return np.asarray((cost == code) | (cost == single))


def _require_costs(cells: _Cells, cost: NDArray[np.float64], real: set[float]) -> None:
    found = [("negative", cost[cost < 0]), ("infinite", cost[np.isposinf(cost)])]
    impossible = "; a cost is never negative or infinite" if any(len(v) for _, v in found) else ""
    # The codes are tens of days or thousands of kilometres, and few tables have anything like it to look through.
    large = cost[(cost >= _NINES[0]) & np.isfinite(cost)]
    if len(large):
        found += [("a code of programs", large[_same(large, c)]) for c in _CODES if c not in real]
        rest = large[~np.logical_or.reduce([_same(large, c) for c in _CODES])]
        top = rest.max(initial=0.0)
        found += [("the greatest cost of all", rest[rest == n]) for n in _NINES if n == top and n not in real]
    doubts = [(why, values) for why, values in found if len(values)]
    if not doubts:
        return
    told = "; ".join(f"{len(v)} are {why} ({first_of(pd.unique(v).tolist())})" for why, v in doubts)
    codes = ", ".join(str(c) for _, v in doubts for c in pd.unique(v)[:3].tolist())
    raise InputError(
        f"matrix.{_cost_of(cells)}: some costs look like codes for 'not reached': {told}; pass null=[{codes}] if that is what "
        f"they are, or real=[...] for numbers that are costs{impossible}"
    )
