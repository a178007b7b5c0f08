"""Costs that another program worked out: a table of origins, destinations and what it takes between them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.schema import Finding, findings_frame, first_of
from rcp_geo.travel.model import CostTable, Unit, ids_of, require_cutoff
from rcp_geo.travel.odtable import UNITS, GivenUnit, OdTable, read_table
from rcp_geo.travel.pairs import End, Pairs, cost_table

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["TravelMatrix"]

_DEFAULTS = {"origin": "origin_id", "destination": "destination_id", "cost": "cost"}


class TravelMatrix:
    """Travel costs from a table that another program made.

    The table is long, with one row for each pair, or wide, with one row for each origin and one column for each destination.
    A pair that is not in it, or whose cost is null, was not reached. Places are matched by their ids alone: geometry is
    not looked at.

    Parameters
    ----------
    frame
        The table: a DataFrame, or a Series whose index holds origins and destinations. The origins of a wide table are in its
        index or its first column.
    unit
        Unit of the costs in the table: ``m``, ``km``, ``miles`` (of 1,609.344 m), ``s``, ``min`` or ``h``. It is never guessed.
        Costs are turned into metres or seconds, as are ``unit`` and every answer.
    origin, destination, cost
        Columns of a long table; for a wide one ``origin`` may name the column that holds the origins. Where they are left out
        and the table has no such column, the headings of r5py and r5r (``from_id``, ``to_id``, ``travel_time``,
        ``travel_time_p50``), OpenTripPlanner, OSRM, Valhalla (``from_index``, ``to_index``, ``time``, ``distance``),
        TravelTime, ArcGIS and PySAL are recognised. Of a time and a distance the unit decides.
    null
        Values in the table, numbers or texts, or one of them, that say that a pair was not reached.
    real
        Numbers that look like such a code and are costs.
    limit
        Greatest cost that the other program looked for, in ``unit``, such as the longest trip that r5py was asked for. Pairs
        that are missing are then ``beyond_cutoff``.
    name
        What to call the matrix; it becomes part of ``model_id``.
    reference
        Which program made it, of what data, when; kept in the provenance.

    Raises
    ------
    InputError
        If the unit is not one of those above or is at odds with the heading; if costs are negative, infinite or no
        numbers, or look like codes that neither ``null`` nor ``real`` names; if a pair has two different costs; if a
        row has no id; if the table is empty; if a cost is beyond the limit.
    MissingColumnError
        If a column that is named is missing, or none or several are recognised.
    DuplicateIdError
        If two rows or two columns of a wide table have the same name.

    See Also
    --------
    rcp_geo.nearest : the nearest destinations by any model.

    Notes
    -----
    Ids are matched exactly: the number 7 is not the text ``"7"``. Where ids would match if they were text, the call fails and
    says so; an origin or destination that the matrix does not have at all is answered with ``not_in_matrix``. Reading n rows
    takes n log n time, a question about some of the destinations time in proportion to their rows.

    Examples
    --------
    >>> made = pd.DataFrame({"from_id": ["h1", "h1", "h2"], "to_id": ["a", "b", "a"], "travel_time": [12, 7.5, None]})
    >>> matrix = TravelMatrix(made, unit="min", name="r5py", reference="R5 7.1 on OpenStreetMap of 2022-11-01")
    >>> matrix
    <TravelMatrix matrix-r5py: 2 origins, 2 destinations, 2 pairs reached, in s>
    >>> import geopandas as gpd
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 0, 0], [51, 52, 53]), index=["h1", "h2", "h3"], crs="EPSG:4326")
    >>> sites = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 0], [51, 52]), index=["a", "b"], crs="EPSG:4326")
    >>> nearest(homes, sites, matrix)[["destination_id", "duration_s", "status"]].values.tolist()
    [['b', 450.0, 'reached'], [None, nan, 'disconnected'], [None, nan, 'not_in_matrix']]
    """

    def __init__(  # noqa: PLR0913 -- no two tables of other programs are alike
        self,
        frame: pd.DataFrame | pd.Series,
        *,
        unit: GivenUnit,
        origin: str = "origin_id",
        destination: str = "destination_id",
        cost: str = "cost",
        null: Iterable[float | str] | float | str = (),
        real: Iterable[float] = (),
        limit: float | None = None,
        name: str = "",
        reference: str = "",
    ) -> None:
        names = {"origin": origin, "destination": destination, "cost": cost}
        # One code is what is most often meant, and a text would else be taken letter by letter.
        codes = list(null) if isinstance(null, Iterable) and not isinstance(null, str) else [null]
        table = read_table(frame, unit=unit, names=names, defaults=_DEFAULTS, null=codes, real=real)
        self._name, self._reference = name, reference
        self._unit, self._factor = UNITS[unit]
        self._said = {"given_unit": str(unit), "columns": dict(table.columns), "null": [_plain(v) for v in codes]}
        self._origins, self._destinations = table.origins, table.destinations
        self._limit = None if limit is None else self._require_limit(table, float(limit) * self._factor)
        self._missed = len(table.missed[0])
        # All pairs in the order in which they are answered; then where those of each destination are among them.
        order = _ascending(table.j, table.cost, table.i)
        i, j, c = table.i[order], table.j[order], table.cost[order]
        again = np.r_[False, (i[1:] == i[:-1]) & (j[1:] == j[:-1]) & (c[1:] == c[:-1])][: len(order)]
        self._repeated = int(again.sum())
        self._i, self._j, self._cost = i[~again], j[~again], c[~again]
        self._of_destination = _ascending(self._j)
        self._starts = np.r_[0, np.cumsum(np.bincount(self._j, minlength=len(self._destinations)))]
        self._require_one_cost(table)

    def _require_one_cost(self, table: OdTable) -> None:
        """Raise where two rows say different things of a pair."""
        width = max(len(self._origins), 1)
        keys = self._j[self._of_destination] * width + self._i[self._of_destination]
        missed = pd.unique(table.missed[1] * width + table.missed[0])
        twice = np.r_[keys[1:][keys[1:] == keys[:-1]], missed[_within(missed, keys)]]
        if len(twice):
            ends = [divmod(key, width) for key in pd.unique(twice).tolist()]
            pairs = [f"{self._origins[i]} to {self._destinations[j]}" for j, i in ends]
            raise InputError(
                f"matrix: {len(pairs)} pairs have more than one cost ({first_of(pairs)}); keep one row for each pair, such "
                "as that of one departure time or percentile"
            )

    def _require_limit(self, table: OdTable, limit: float) -> float:
        require_cutoff(limit)
        beyond = table.cost > limit
        if beyond.any():
            raise InputError(
                f"limit: {int(beyond.sum())} costs are beyond it; give the greatest cost that was looked for, in the table's unit"
            )
        return limit

    def __repr__(self) -> str:
        n, m = len(self._origins), len(self._destinations)
        return (
            f"<TravelMatrix {self.model_id}: {n:,} origins, {m:,} destinations, {len(self._cost):,} pairs reached, "
            f"in {self.unit}>"
        )

    @property
    def model_id(self) -> str:
        """Name of the model, with that of the matrix."""
        return f"matrix-{self._name}" if self._name else "matrix"

    @property
    def unit(self) -> Unit:
        """Unit of the answers: ``m`` or ``s``."""
        return self._unit

    @property
    def origins(self) -> pd.Index:
        """Ids of the origins, in ascending order."""
        return self._origins

    @property
    def destinations(self) -> pd.Index:
        """Ids of the destinations, in ascending order."""
        return self._destinations

    def describe(self) -> dict[str, Any]:
        """Return what the matrix is made of as plain data.

        Returns
        -------
        dict
            ``model``, ``name``, ``reference``, ``unit``, ``given_unit``, ``factor`` (from the given to the unit), ``columns``,
            ``null``, ``limit``, ``origins``, ``destinations``, ``pairs`` (reached), ``not_reached`` (rows that say so),
            ``repeated`` (rows that say what an earlier one does) and ``sha256`` of ids and costs, the same for any order of
            the rows and for a long and a wide table.

        Examples
        --------
        >>> made = pd.DataFrame({"a": [1.5], "b": [None]}, index=["h1"])
        >>> told = TravelMatrix(made, unit="km").describe()
        >>> told["unit"], told["factor"], told["pairs"], told["not_reached"]
        ('m', 1000.0, 1, 1)
        """
        return {
            "model": self.model_id,
            "name": self._name,
            "reference": self._reference,
            "unit": self.unit,
            "factor": self._factor,
            **self._said,
            "limit": self._limit,
            "origins": len(self._origins),
            "destinations": len(self._destinations),
            "pairs": len(self._cost),
            "not_reached": self._missed,
            "repeated": self._repeated,
            "sha256": self._sha256,
        }

    @cached_property
    def _sha256(self) -> str:
        ids = [[[type(v).__name__, str(v)] for v in end.tolist()] for end in (self._origins, self._destinations)]
        digest = hashlib.sha256(json.dumps([self.unit, *ids]).encode())
        for array, kind in ((self._i, "<i8"), (self._j, "<i8"), (self._cost, "<f8")):
            digest.update(np.ascontiguousarray(array, dtype=kind).data)
        return digest.hexdigest()

    def check(self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame) -> pd.DataFrame:
        """Compare the ids of the matrix with those of the places that it is to be used for.

        Parameters
        ----------
        origins, destinations
            The places, as :func:`rcp_geo.nearest` takes them.

        Returns
        -------
        pandas.DataFrame
            Findings: places that the matrix does not have, and ids of the matrix that are not among the places.

        Raises
        ------
        DuplicateIdError, InputError
            If an id occurs twice, or ids would match if they were text.

        Examples
        --------
        >>> import geopandas as gpd
        >>> matrix = TravelMatrix(pd.DataFrame({"a": [10.0, 20.0]}, index=["h1", "h2"]), unit="min")
        >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [51]), index=["h1"], crs="EPSG:4326")
        >>> sites = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 0], [51, 52]), index=["a", "b"], crs="EPSG:4326")
        >>> matrix.check(homes, sites)[["code", "count", "ids"]].values.tolist()
        [['matrix.destination_missing', 1, 'b'], ['matrix.origin_unused', 1, 'h2']]
        """
        return findings_frame(self.noticed(origins, destinations))

    def noticed(self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame) -> list[Finding]:
        """Return what :meth:`check` tells, for those who collect findings."""
        ends = (
            ("origin", ids_of(origins, "origins", "demand_id"), self._origins, "demand_id"),
            ("destination", ids_of(destinations, "destinations", "site_id"), self._destinations, "site_id"),
        )
        found = []
        for end, asked, known, column in ends:
            at = self._positions(asked, known, f"{end}s", column)
            missing = asked[at < 0].tolist()
            used = np.zeros(len(known), dtype=bool)
            used[at[at >= 0]] = True
            unused = known[~used].tolist()
            if missing:
                found.append(
                    Finding(
                        "matrix.origin_missing" if end == "origin" else "matrix.destination_missing",
                        "warning",
                        f"{end}s",
                        column,
                        tuple(map(str, missing)),
                        f"{len(missing)} are not in the travel matrix, so that nothing is known of their journeys",
                        "make the matrix with them in it, or correct the ids",
                    )
                )
            if unused:
                found.append(
                    Finding(
                        "matrix.origin_unused" if end == "origin" else "matrix.destination_unused",
                        "info",
                        "matrix",
                        f"{end}_id",
                        tuple(map(str, unused)),
                        f"{len(unused)} of the travel matrix are not among the {end}s and were not used",
                        "nothing, if fewer places are meant",
                    )
                )
        return sorted(found, key=lambda f: f.severity, reverse=True)

    def costs(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, cutoff: float | None = None
    ) -> CostTable:
        """Return the cost of every pair within the cutoff; see :func:`rcp_geo.costs`."""
        return self._table(origins, destinations, cutoff, None)

    def nearest(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, k: int = 1, cutoff: float | None = None
    ) -> CostTable:
        """Return the k cheapest destinations of each origin; see :func:`rcp_geo.nearest`."""
        return self._table(origins, destinations, cutoff, k)

    def _table(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, cutoff: float | None, k: int | None
    ) -> CostTable:
        if self._limit is not None and cutoff is not None and cutoff > self._limit:
            raise InputError(
                f"cutoff: {cutoff!r} is beyond what the matrix holds, which is limited to {self._limit!r} {self.unit}; "
                "give no more than that"
            )
        a, b = ids_of(origins, "origins", "demand_id"), ids_of(destinations, "destinations", "site_id")
        from_, to = (
            self._positions(a, self._origins, "origins", "demand_id"),
            self._positions(b, self._destinations, "destinations", "site_id"),
        )
        pairs = self._pairs(from_, to, cutoff)
        limit = self._limit if cutoff is None else cutoff
        return cost_table(pairs, _end(a, from_), _end(b, to), unit=self.unit, cutoff=limit, model_id=self.model_id, k=k)

    def _positions(self, asked: pd.Index, known: pd.Index, table: str, column: str) -> NDArray[np.intp]:
        """Return where the ids asked for are among those of the matrix, -1 for not at all."""
        at: NDArray[np.intp] = known.get_indexer(asked)
        missing = asked[at < 0].tolist()
        if missing:
            texts = self._texts[0 if known is self._origins else 1]
            alike = [v for v in missing if texts.get(str(v), v) != v]
            if alike:
                other = texts[str(alike[0])]
                raise InputError(
                    f"{table}.{column}: {len(alike)} ids are not in the matrix as they are and would be as text "
                    f"({first_of(alike)}: "
                    f"{type(alike[0]).__name__} here, {type(other).__name__} in the matrix); make them of one type, such as "
                    "with astype(str) on both sides"
                )
        return at

    @cached_property
    def _texts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return {str(v): v for v in self._origins.tolist()}, {str(v): v for v in self._destinations.tolist()}

    def _pairs(self, from_: NDArray[np.intp], to: NDArray[np.intp], cutoff: float | None) -> Pairs:
        """Return the pairs of the asked positions, by origin, then by cost."""
        n = len(self._cost)
        wanted = np.flatnonzero(to >= 0)
        first, last = self._starts[to[wanted]], self._starts[to[wanted] + 1]
        if (last - first).sum() < n // 8:
            at = np.sort(self._of_destination[_ranges(first, last - first)])
        else:
            taken = np.zeros(len(self._destinations), dtype=bool)
            taken[to[wanted]] = True
            at = np.flatnonzero(taken[self._j])
        place = np.full(len(self._origins), -1, dtype=np.intp)
        place[from_[from_ >= 0]] = np.flatnonzero(from_ >= 0)
        column = np.full(len(self._destinations), -1, dtype=np.intp)
        column[to[wanted]] = wanted
        found = Pairs(place[self._i[at]], column[self._j[at]], self._cost[at])
        kept = found.i >= 0
        if cutoff is not None:
            kept &= found.cost <= cutoff
        found = found.where(kept)
        # Whole origins change places, so that each keeps its pairs as they are.
        starts = found.starts()
        turn = np.argsort(found.i[starts], kind="stable")
        sizes = np.diff(np.r_[starts, len(found.i)])
        at = _ranges(starts[turn], sizes[turn])
        return Pairs(found.i[at], found.j[at], found.cost[at])


def _ranges(starts: NDArray[np.intp], sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the positions of several runs, one run after the other."""
    before = np.cumsum(sizes) - sizes
    return np.asarray(np.arange(int(sizes.sum())) + np.repeat(starts - before, sizes))


def _end(ids: pd.Index, at: NDArray[np.intp]) -> End:
    status = np.where(at >= 0, "ok", "not_in_matrix").astype(object)
    return End(ids, status, np.zeros(len(ids)))


def _plain(value: float | str) -> float | str:
    """Return a code in a form that JSON has."""
    return value if isinstance(value, str) or np.isfinite(value) else str(value)


def _ascending(*keys: NDArray[Any]) -> NDArray[np.intp]:
    """Return the order by the last key, within it by the one before, and so on: what lexsort does, in a third of its time.

    Numbers of 0 or more are in the order of their bits, sixteen of which at a time are sorted by counting.
    """
    order = np.arange(len(keys[0]))
    for key in keys:
        bits = (key + 0.0).view(np.uint64) if key.dtype == np.float64 else key.astype(np.uint64)
        for shift in range(0, 64, 16):
            digits = (bits >> np.uint64(shift)).astype(np.uint16)
            if len(digits) and digits.min() != digits.max():
                order = order[np.argsort(digits[order], kind="stable")]
    return order


def _within(values: NDArray[np.int64], ordered: NDArray[np.int64]) -> NDArray[np.bool_]:
    at = np.searchsorted(ordered, values)
    return np.asarray(np.r_[ordered, -1][at] == values)
