"""How much supply reaches people: floating catchments, gravity and cumulative opportunities."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from rcp_geo.decay import Decay, Steps, Weighing
from rcp_geo.demand import require_weights
from rcp_geo.errors import DuplicateIdError, InputError, MissingColumnError
from rcp_geo.schema import Finding, counted, first_of, raise_errors, require_columns
from rcp_geo.travel import CostTable
from rcp_geo.travel.model import CUTOFF_TOLERANCE, ids_of, require_cutoff

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

__all__ = ["Counting", "Method", "Recipe", "Scope", "count_supply", "matrix_of", "share_out", "supply", "unit_of"]

Method = Literal["2sfca", "e2sfca", "3sfca", "m2sfca", "bfca", "gravity", "cumulative"]
Scope = Literal["catchment", "all"]
Counting = Literal["capacity", "services"]

# Whether a method cannot do without a decay; those that are not here take none.
_DECAYS: Mapping[str, bool] = {"e2sfca": True, "3sfca": False, "m2sfca": False, "bfca": False, "gravity": True}


@dataclass(frozen=True, slots=True)
class Recipe:
    """A method with its cutoff and its decay, known to fit together.

    Attributes
    ----------
    method
        The method.
    cutoff
        The greatest cost that counts, itself included; None for all.
    cutoffs
        In the interval form of cumulative opportunities, the cutoffs that the mean is taken over; else empty.
    decay
        The weight of each cost within the cutoff; None for 1.
    scope
        What the selection weights of 3SFCA are shares of.
    """

    method: Method
    cutoff: float | None
    cutoffs: tuple[float, ...]
    decay: Decay | Weighing | None
    scope: Scope

    @classmethod
    def of(
        cls,
        method: Method,
        cutoff: float | Sequence[float] | None,
        decay: Decay | Weighing | Mapping[float, float] | None,
        scope: Scope,
    ) -> Recipe:
        """Check what was asked for.

        Raises
        ------
        InputError
            If there is no such method or scope, or the method does not go with the cutoff, the decay or the scope.
        """
        if method not in get_args(Method):
            raise InputError(f"method: {method!r} is not known; use one of {', '.join(get_args(Method))}")
        if scope not in get_args(Scope) or (scope == "all" and method != "3sfca"):
            raise InputError(f"scope: {scope!r} does not go with {method}; it is catchment, or all with 3sfca")
        if decay is not None and method not in _DECAYS:
            raise InputError(
                f"decay: {method} counts all within the cutoff alike; leave it out, or use "
                f"{'gravity' if method == 'cumulative' else 'e2sfca'}"
            )
        if decay is None and _DECAYS.get(method):
            raise InputError(f"decay: {method} is nothing without one; give one of rcp_geo.decay, or zones and weights")
        if isinstance(decay, Mapping):
            decay = Steps(decay)
        if decay is not None and not callable(decay):
            raise InputError(
                f"decay: {decay!r} is no function of costs; give one of rcp_geo.decay, or zones and weights"
            )
        several = _several(cutoff, method)
        if several:
            return cls(method, several[-1], several, decay, scope)
        own = _limit_of(decay)
        require_cutoff(cutoff)  # type: ignore[arg-type]  # several cutoffs have returned
        limit = min(math.inf if cutoff is None else float(cutoff), own)  # type: ignore[arg-type]
        return cls(method, None if limit == math.inf else limit, (), decay, scope)

    @property
    def metric_id(self) -> str:
        """The metric that it is."""
        name = f"{self.method}{'_interval' if self.cutoffs else ''}{'_all' if self.scope == 'all' else ''}"
        return f"rcp.supply.{name}@1"

    @property
    def search(self) -> float | None:
        """The greatest cost that has to be looked for; None for no limit."""
        own = _limit_of(self.decay)
        return self.cutoff if self.scope == "catchment" else None if own == math.inf else own

    def over(self, limit: float | None) -> Recipe:
        """Return the recipe for costs that were looked for up to a limit, which is the cutoff where none was asked for.

        Raises
        ------
        InputError
            If they do not go as far as was asked for.
        """
        if limit is None:
            return self
        far = math.inf if self.search is None else self.search
        if limit < far - CUTOFF_TOLERANCE and not (self.cutoff is None and self.scope == "catchment"):
            asked = "all that there is" if far == math.inf else f"{far:g}"
            raise InputError(
                f"costs: they end at {limit:g}, and {asked} was asked for; look for them with a cutoff as great as that"
            )
        return self if self.cutoff is not None else replace(self, cutoff=limit)

    def describe(self) -> dict[Hashable, Any]:
        """Return it as plain data."""
        decay = self.decay
        name = getattr(decay, "__qualname__", type(decay).__qualname__)
        said = decay.describe() if isinstance(decay, Decay) else None if decay is None else {"decay": name}
        return {
            "metric_id": self.metric_id,
            "method": self.method,
            "cutoff": list(self.cutoffs) if self.cutoffs else self.cutoff,
            "decay": said,
            **({"scope": self.scope} if self.method == "3sfca" else {}),
        }

    def weigh(self, costs: csr_array, cutoff: float | None) -> csr_array:
        """Return the weights of costs up to a cutoff, and 0 beyond it."""
        near = costs.data <= (math.inf if cutoff is None else cutoff + CUTOFF_TOLERANCE)
        weights = np.zeros(len(costs.data))
        weights[near] = self._weights(costs.data[near])
        return _with_data(costs, weights)

    def _weights(self, cost: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.cutoffs:
            # The mean over the cutoffs of what lies within each: a pair counts in as many of them as are no less than it.
            below = np.searchsorted(np.array(self.cutoffs) + CUTOFF_TOLERANCE, cost, side="left")
            return (len(self.cutoffs) - below) / len(self.cutoffs)
        if self.decay is None:
            return np.ones(len(cost))
        weights = np.asarray(self.decay(cost.copy()), dtype=np.float64)
        if weights.shape != cost.shape:
            raise InputError(
                f"decay: it returned {weights.shape} weights for {cost.shape} costs; take an array and return one as long"
            )
        most = 1 + 1e-12 if self.method == "m2sfca" else np.finfo(float).max
        bad = ~(weights >= 0) | (weights > most)
        if bad.any():
            what = "above 1" if self.method == "m2sfca" else "infinite"
            raise InputError(
                f"decay: {counted(int(bad.sum()), f'weights are negative, missing or {what}')} (of costs "
                f"{first_of(np.unique(cost[bad]).tolist())}); give a decay that is a number there, such as a Power with a minimum"
            )
        return weights


def _several(cutoff: object, method: str) -> tuple[float, ...]:
    """Return several cutoffs in ascending order; nothing where there is one or none."""
    if cutoff is None or np.isscalar(cutoff):
        return ()
    if method != "cumulative":
        raise InputError(f"cutoff: {method} takes one; several are for cumulative")
    several = sorted({float(c) for c in cutoff})  # type: ignore[attr-defined]  # what cannot be iterated says so itself
    if len(several) < 2:
        raise InputError("cutoff: there are no two different ones to take a mean over; give several, or one number")
    for one in several:
        require_cutoff(one)
    return tuple(several)


def _limit_of(decay: object) -> float:
    return float(decay.reach) if isinstance(decay, Decay) else math.inf


def supply(
    costs: CostTable | pd.DataFrame,
    demand: pd.DataFrame,
    facilities: pd.DataFrame,
    *,
    method: Method,
    cutoff: float | Sequence[float] | None = None,
    decay: Decay | Weighing | Mapping[float, float] | None = None,
    scope: Scope = "catchment",
    counting: Counting | None = None,
) -> pd.Series:
    r"""Measure how much supply reaches each demand point.

    Parameters
    ----------
    costs
        What it costs to travel between demand and facilities: a cost table, as :func:`costs` returns it, or the long table of
        its pairs (``origin_id``, ``destination_id``, ``cost``), every pair within the cutoff and not only the nearest. A pair
        that is not there cannot be travelled.
    demand
        ``weight`` (people, or a stated proxy) and ``demand_id``, which may be the index.
    facilities
        ``site_id``, which may be the index, and ``capacity`` where it is known.
    method
        ``2sfca``, ``e2sfca``, ``3sfca``, ``m2sfca``, ``bfca``, ``gravity`` or ``cumulative``; see the notes.
    cutoff
        The greatest cost that counts, itself included to a millionth of a metre or second, in the unit of the costs. Left out,
        it is that of the decay or else of the cost table, if they have one. Several cutoffs, with ``cumulative`` only, ask for
        the mean over them.
    decay
        The weight of each cost within the cutoff: one of :mod:`rcp_geo.decay`; a mapping from the upper bound of each zone to
        its weight; or any function that takes an array of costs and returns one of weights. ``e2sfca`` and ``gravity`` need
        one, ``2sfca`` and ``cumulative`` take none, the others count all alike without one.
    scope
        With ``3sfca``: whether a point's selection weights are shares of its weights within the ``catchment``, or of ``all``
        that are in the table, as in PySAL's ``access``.
    counting
        ``capacity``, or ``services``, each facility counting as one. Left out, it is capacity where facilities have it.

    Returns
    -------
    pandas.Series
        One value for each demand point, with the index of ``demand`` and in its order, named by the metric id. A point that
        reaches nothing has 0. ``attrs`` says what it is: ``unit``, ``counting``, ``method``, ``cutoff``, ``decay``,
        ``cost_unit`` and ``model_id`` (None where a plain table does not say), and for checking, ``supply`` (all of it),
        ``supply_unreached`` (of facilities with no demand in reach, which goes to nobody) and ``demand_unreached`` (the weight
        of points with none).

    Raises
    ------
    MissingColumnError
        If a column is missing.
    DuplicateIdError
        If an id or a pair occurs twice.
    InputError
        If the method does not go with what else was asked, the cost table ends before the cutoff, a cost, weight or capacity is
        missing or negative, some facilities have a capacity and some none, or the tables do not speak of the same places.

    Notes
    -----
    With :math:`P_i` the weight of a demand point, :math:`S_j` the supply of a facility and :math:`w_{ij}` the decay of the cost
    between them, 1 without a decay and 0 beyond the cutoff:

    ==============  ==============================================================================================
    ``2sfca``       :math:`\sum_j w_{ij} S_j / \sum_k w_{kj} P_k`, all weights 1: supply is shared by those within reach of it
    ``e2sfca``      the same, those nearer counting more
    ``3sfca``       the same with :math:`G_{ij} w_{ij}` for :math:`w_{ij}`, where :math:`G_{ij} = w_{ij} / \sum_k w_{ik}`: who has
                    several in reach asks less of each
    ``m2sfca``      :math:`\sum_j w_{ij}^2 S_j / \sum_k w_{kj} P_k`: what is far from everybody is partly lost
    ``bfca``        :math:`\sum_j w^{c}_{ij} S_j / \sum_k w^{r}_{kj} P_k`, the weights made to add up to 1 over each
                    facility's points (c) and each point's facilities (r): no demand counts twice
    ``gravity``     :math:`\sum_j w_{ij} S_j`, without competition
    ``cumulative``  the same with all weights 1: what is within reach
    ==============  ==============================================================================================

    Several cutoffs, published as minute by minute, are ``cutoff=range(900, 1801, 60)`` for costs in seconds. The mean is taken
    over them, where R's ``accessibility`` takes the median unless told otherwise.

    The first three give out all supply that has demand in reach: :math:`\sum_i P_i A_i = \sum_j S_j`. ``bfca``
    gives out each facility's level of service, :math:`\sum_i A_i = \sum_j L_j`. The scale of a decay matters in two only:
    ``gravity``, and ``m2sfca``, in which no weight may be above 1. Demand whose weight is 0 has a value and takes nothing. Time
    and memory are in proportion to the pairs.

    References
    ----------
    The works that define each are in the :func:`metrics`, which :func:`cite` names.

    Examples
    --------
    Two places for 50 people who reach one facility, and 30 who reach both:

    >>> pairs = pd.DataFrame(
    ...     {"origin_id": ["a", "b", "b"], "destination_id": ["x", "x", "y"], "cost": [600.0, 300.0, 900.0]}
    ... )
    >>> people = pd.DataFrame({"demand_id": ["a", "b"], "weight": [50.0, 30.0]})
    >>> places = pd.DataFrame({"site_id": ["x", "y"], "capacity": [8, 3]})
    >>> found = supply(pairs, people, places, method="2sfca", cutoff=900)
    >>> found.tolist()  # 8 / 80, and 8 / 80 + 3 / 30
    [0.1, 0.2]
    >>> found.name, found.attrs["unit"]
    ('rcp.supply.2sfca@1', 'capacity per unit of demand')
    """
    recipe = Recipe.of(method, cutoff, decay, scope)
    table = costs if isinstance(costs, CostTable) else None
    pairs = costs.pairs if isinstance(costs, CostTable) else costs
    require_columns(pairs, ["origin_id", "destination_id", "cost"], "costs")
    require_columns(demand, ["weight"], "demand")
    origins, destinations = ids_of(demand, "demand", "demand_id"), ids_of(facilities, "facilities", "site_id")
    if table is not None:
        recipe = recipe.over(table.cutoff)
        _require_looked_for(table, origins, destinations)
    people = _people(demand)
    known = facilities["capacity"] if "capacity" in facilities.columns else None
    amount, by = count_supply(known, destinations, counting, "facilities")
    values, wanted = share_out(recipe, matrix_of(pairs, origins, destinations), people, amount)
    found = pd.Series(values, index=demand.index, name=recipe.metric_id)
    found.attrs = {
        **recipe.describe(),
        "unit": unit_of(method, by),
        "counting": by,
        "cost_unit": None if table is None else table.unit,
        "model_id": None if table is None else table.model_id,
        "supply": float(amount.sum()),
        "supply_unreached": float(amount[~wanted].sum()),
        "demand_unreached": float(people[values == 0].sum()),
    }
    return found


def unit_of(method: Method, counting: Counting) -> str:
    """Return the unit of a method's values, which supply was counted in capacity or in services for."""
    if method == "cumulative":
        return counting
    return f"weighted {counting}" if method == "gravity" else f"{counting} per unit of demand"


def _people(demand: pd.DataFrame) -> NDArray[np.float64]:
    require_weights(demand)
    people = pd.to_numeric(demand["weight"]).to_numpy(dtype=np.float64)
    if not people.any():
        raise InputError("demand.weight: all weights are 0, so nobody is there to be supplied; give people or a proxy")
    return people


def count_supply(
    capacity: pd.Series | None, ids: pd.Index, counting: Counting | None, table: str
) -> tuple[NDArray[np.float64], Counting]:
    """Return the supply of each facility, and what it was counted in.

    Raises
    ------
    MissingColumnError, InputError
        If capacity is asked for and not known, is not a number of 0 or more, or is known of some only.
    """
    if counting not in {None, *get_args(Counting)}:
        raise InputError(f"counting: {counting!r} is not known; use {' or '.join(get_args(Counting))}, or leave it out")
    if capacity is None and counting == "capacity":
        raise MissingColumnError(f"{table}: column capacity is missing; add it, or pass counting='services'")
    if capacity is None or counting == "services":
        return np.ones(len(ids)), "services"
    text = capacity.to_numpy(dtype=object)
    blank = np.array([pd.isna(v) or (isinstance(v, str) and not v.strip()) for v in text], dtype=bool)
    number = pd.to_numeric(pd.Series(text, dtype=object), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    bad = ~blank & ~(np.isfinite(number) & (number >= 0))
    missing = blank if counting == "capacity" or not blank.all() else np.zeros(len(ids), dtype=bool)
    remedy = "complete them, or pass counting='services' to count each as one"
    found = [
        ("capacity.invalid", bad, "rows hold no number of 0 or more", "correct them"),
        ("capacity.missing", missing, "rows have no capacity", remedy),
    ]
    raise_errors([_finding(c, table, "capacity", ids[rows], what, to) for c, rows, what, to in found if rows.any()])
    return (np.ones(len(ids)), "services") if blank.all() and len(ids) else (number, "capacity")


def _finding(code: str, table: str, column: str, ids: Iterable[object], message: str, remedy: str) -> Finding:
    which = tuple(map(str, ids))
    return Finding(code, "error", table, column, which, counted(len(which), message), remedy)


def _require_looked_for(table: CostTable, origins: pd.Index, destinations: pd.Index) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` unless costs were looked for from all demand and to all facilities."""
    found = []
    for ids, end, what in ((origins, table.origins, "demand"), (destinations, table.destinations, "facilities")):
        lost = ids[~ids.isin(end["id"].to_numpy(dtype=object))]
        if len(lost):
            message = f"rows are not among the {'origins' if what == 'demand' else 'destinations'} of the costs"
            found.append(
                _finding("id.unknown", what, "", lost, message, "look for costs to them too, or leave them out")
            )
    raise_errors(found)


def matrix_of(pairs: pd.DataFrame, origins: pd.Index, destinations: pd.Index) -> csr_array:
    """Return costs as a sparse matrix: a row for each origin, a column for each destination, and 0 a cost like any other.

    Raises
    ------
    DuplicateIdError, InputError
        If a pair occurs twice, is of unknown ends, or its cost is not a number of 0 or more.
    """
    from scipy.sparse import coo_array

    ends = [pairs[c].to_numpy(dtype=object) for c in ("origin_id", "destination_id")]
    i, j = (
        known.get_indexer(pd.Index(e, dtype=object)) for known, e in zip((origins, destinations), ends, strict=True)
    )
    cost = pd.to_numeric(pairs["cost"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    found = []
    for at, end, column, whole in ((i, ends[0], "origin_id", "demand"), (j, ends[1], "destination_id", "facilities")):
        if (at < 0).any():
            lost = pd.unique(end[at < 0])
            message = f"identifiers are not in {whole}"
            found.append(
                _finding("id.unknown", "costs", column, lost, message, f"add them to {whole}, or drop their pairs")
            )
    bad = ~(np.isfinite(cost) & (cost >= 0))
    if bad.any():
        which = _named(ends, bad)
        message = "pairs have a cost that is missing, negative or infinite"
        found.append(
            _finding("cost.invalid", "costs", "cost", which, message, "leave out the pairs that were not reached")
        )
    raise_errors(found)
    matrix = coo_array((cost, (i, j)), shape=(len(origins), len(destinations))).tocsr()
    if matrix.nnz < len(cost):
        again = pd.DataFrame({"i": i, "j": j}).duplicated().to_numpy()
        said = first_of(list(dict.fromkeys(_named(ends, again))))
        raise DuplicateIdError(
            f"costs: {counted(int(again.sum()), 'rows repeat a pair')} ({said}); keep one row of each"
        )
    return matrix


def _named(ends: list[NDArray[np.object_]], which: NDArray[np.bool_]) -> list[str]:
    return [f"{a} to {b}" for a, b in zip(ends[0][which], ends[1][which], strict=True)]


def share_out(
    recipe: Recipe, costs: csr_array, people: NDArray[np.float64], amount: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the supply of each demand point, and which facilities have demand in reach."""
    weights = recipe.weigh(costs, recipe.cutoff)
    wanted = np.asarray(weights.T @ people > 0)
    if recipe.method in {"gravity", "cumulative"}:
        return weights @ amount, wanted
    if recipe.method == "bfca":
        level = _ratio(amount, _by_row(weights, weights @ np.ones(len(amount))).T @ people)
        return _by_column(weights, weights.T @ np.ones(len(people))) @ level, wanted
    taken = weights
    if recipe.method == "3sfca":
        chosen_from = weights if recipe.scope == "catchment" else recipe.weigh(costs, None)
        taken = _with_data(weights, _by_row(weights, chosen_from @ np.ones(len(amount))).data * weights.data)
    # Of each facility the share that goes to each point, before its supply: no ratio in between can overflow.
    share = _by_column(taken, taken.T @ people)
    if recipe.method == "m2sfca":
        share = _with_data(share, share.data * weights.data)
    return share @ amount, wanted


def _with_data(matrix: csr_array, data: NDArray[np.float64]) -> csr_array:
    from scipy.sparse import csr_array

    return csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape)


def _ratio(of: NDArray[np.float64], by: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide, and say 0 where there is nothing to divide by."""
    return np.divide(of, by, out=np.zeros(len(of)), where=by > 0)


def _by_row(matrix: csr_array, totals: NDArray[np.float64]) -> csr_array:
    return _with_data(matrix, _ratio(matrix.data, np.repeat(totals, np.diff(matrix.indptr))))


def _by_column(matrix: csr_array, totals: NDArray[np.float64]) -> csr_array:
    return _with_data(matrix, _ratio(matrix.data, totals[matrix.indices]))
