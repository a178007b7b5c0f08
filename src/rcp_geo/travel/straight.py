"""Straight lines: the geodesic on the WGS 84 ellipsoid, and the same times a stated circuity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.schema import require_columns
from rcp_geo.travel.chords import chord_space, geod, longest_geodesic
from rcp_geo.travel.model import MILES_5_10_20, CostTable, TravelModel, Unit
from rcp_geo.travel.pairs import End, Pairs, cost_table
from rcp_geo.travel.points import Points, points_of
from rcp_geo.travel.ratios import Calibration, ratio_table

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["Circuity", "Geodesic"]


# Up to so many pairs all chords are measured: scipy's tree would take longer to import than it saves.
_FEW_PAIRS = 4_000_000
_ROWS_AT_ONCE = 4_096


def _distance(a: Points, i: NDArray[np.intp], b: Points, j: NDArray[np.intp]) -> NDArray[np.float64]:
    _, _, metres = geod().inv(a.longitude[i], a.latitude[i], b.longitude[j], b.latitude[j])
    return np.asarray(metres, dtype=np.float64)


@dataclass(frozen=True)
class Geodesic:
    """Straight-line distance: the shortest line on the WGS 84 ellipsoid, in metres.

    A straight line is the shortest a journey could be, never how long it is: estuaries, moors and motorways lie between.
    In South West England straight-line distance and drive time agree closely over the region (r² above 0.93) and least at
    the coast and in the rural far west [1]_.

    Notes
    -----
    Exact to the precision of ``pyproj.Geod``. Candidates come from a k-d tree over earth-centred coordinates with a bound
    that cannot miss the nearest; see the source. ``nearest`` takes about n log m time for n origins and m destinations,
    ``costs`` n times m.

    References
    ----------
    .. [1] Jordan, H., Roderick, P., Martin, D. and Barnett, S. (2004), "Distance, rurality and the need for care",
       *International Journal of Health Geographics* 3:21, doi:10.1186/1476-072X-3-21.

    Examples
    --------
    >>> Geodesic().describe()
    {'model': 'geodesic', 'ellipsoid': 'WGS84', 'unit': 'm'}
    """

    @property
    def model_id(self) -> str:
        """Stable name of the model."""
        return "geodesic"

    @property
    def unit(self) -> Unit:
        """Metres."""
        return "m"

    def describe(self) -> dict[str, Any]:
        """Return the model's parameters as plain data."""
        return {"model": self.model_id, "ellipsoid": "WGS84", "unit": self.unit}

    def costs(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, cutoff: float | None = None
    ) -> CostTable:
        """Return the distance of every pair within the cutoff; see :func:`rcp_geo.costs`."""
        a, b = points_of(origins, "origins", "demand_id"), points_of(destinations, "destinations", "site_id")
        i, j = _all_pairs(a, b) if cutoff is None else _candidates_within(a, b, cutoff)
        pairs = Pairs(i, j, _distance(a, i, b, j)).within(cutoff).ordered(b.ids)
        return self._table(a, b, pairs, cutoff)

    def nearest(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, k: int = 1, cutoff: float | None = None
    ) -> CostTable:
        """Return the k nearest destinations of each origin; see :func:`rcp_geo.nearest`."""
        a, b = points_of(origins, "origins", "demand_id"), points_of(destinations, "destinations", "site_id")
        i, j = _candidates_nearest(a, b, k)
        pairs = Pairs(i, j, _distance(a, i, b, j)).within(cutoff).ordered(b.ids)
        return self._table(a, b, pairs, cutoff, k)

    def _table(self, a: Points, b: Points, pairs: Pairs, cutoff: float | None, k: int | None = None) -> CostTable:
        return cost_table(
            pairs, End.of(a.ids), End.of(b.ids), unit=self.unit, cutoff=cutoff, model_id=self.model_id, k=k
        )


def _all_pairs(a: Points, b: Points) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    i, j = np.divmod(np.arange(len(a.ids) * len(b.ids)), max(len(b.ids), 1))
    return i, j


def _candidates_within(a: Points, b: Points, cutoff: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    from scipy.spatial import cKDTree

    if not len(a.ids) or not len(b.ids):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    found = cKDTree(chord_space(b.longitude, b.latitude)).query_ball_point(
        chord_space(a.longitude, a.latitude), cutoff + 1e-6
    )
    counts = np.array([len(f) for f in found])
    j = np.fromiter((x for f in found for x in f), dtype=np.intp, count=int(counts.sum()))
    return np.repeat(np.arange(len(a.ids)), counts), j


def _candidates_nearest(a: Points, b: Points, k: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs among which are the k nearest of every origin, ties included."""
    if not len(a.ids) or not len(b.ids):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    at, among = chord_space(a.longitude, a.latitude), chord_space(b.longitude, b.latitude)
    if len(at) * len(among) <= _FEW_PAIRS:
        return _near_of_all(at, among, k)
    return _near_of_tree(at, among, k)


def _near_of_all(
    at: NDArray[np.float64], among: NDArray[np.float64], k: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    found_i, found_j = [], []
    for start in range(0, len(at), _ROWS_AT_ONCE):
        some = at[start : start + _ROWS_AT_ONCE]
        squared = np.zeros((len(some), len(among)))
        for axis in range(3):
            squared += (some[:, axis, None] - among[None, :, axis]) ** 2
        last = min(k, len(among)) - 1
        reach = longest_geodesic(np.sqrt(np.partition(squared, last, axis=1)[:, last]))
        i, j = np.nonzero(squared <= (reach**2)[:, None])
        found_i.append(i + start)
        found_j.append(j)
    return np.concatenate(found_i), np.concatenate(found_j)


def _near_of_tree(
    at: NDArray[np.float64], among: NDArray[np.float64], k: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    from scipy.spatial import cKDTree

    tree, n, rows = cKDTree(among), len(among), np.arange(len(at))
    found_i, found_j = [], []
    asked = k + 1
    while len(rows):
        asked = min(asked, n)
        chord, j = tree.query(at[rows], k=asked)
        chord, j = chord.reshape(len(rows), asked), j.reshape(len(rows), asked)
        reach = longest_geodesic(chord[:, min(k, n) - 1])
        # Whatever lies beyond the longest geodesic over the k-th chord cannot be among the k nearest.
        near = chord <= reach[:, None]
        open_ended = near[:, -1] & (asked < n)
        near[open_ended] = False
        found_i.append(np.repeat(rows, near.sum(axis=1)))
        found_j.append(j[near])
        rows, asked = rows[open_ended], asked * 2
    return np.concatenate(found_i), np.concatenate(found_j)


@dataclass(frozen=True)
class Circuity:
    """Straight-line distance times a factor for the detours of real roads.

    There is no default: factors differ by country, by how distances were drawn and by length of journey, so a figure made
    with one must say whose it is.

    Parameters
    ----------
    factor
        Road distance divided by straight-line distance, 1 or more.
    reference
        Where the factor comes from; kept in the provenance.
    calibration
        What it was worked out from, where :meth:`calibrate` made it: the factor by distance and by group, each with its error.

    Raises
    ------
    InputError
        If the factor is under 1 or not a number, or the reference is blank.

    See Also
    --------
    Geodesic : the same without a factor.

    Notes
    -----
    A network circuity is the ratio of summed network to summed straight-line distances over pairs; a mean of ratios is
    another figure and is larger where short trips are many [1]_.

    References
    ----------
    .. [1] Ballou, R. H., Rahardja, H. and Sakai, N. (2002), "Selected country circuity factors for road travel distance
       estimation", *Transportation Research Part A* 36(9):843-848, doi:10.1016/S0965-8564(01)00044-1.

    Examples
    --------
    >>> Circuity(1.5, "made up for this example").model_id
    'circuity-1.5'
    """

    factor: float
    reference: str
    calibration: Calibration | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.factor) and self.factor >= 1):
            raise InputError(
                f"Circuity: factor {self.factor!r} would make roads shorter than straight lines; give 1 or more"
            )
        if not self.reference.strip():
            raise InputError("Circuity: the reference is blank; say where the factor comes from")

    @classmethod
    def calibrate(
        cls,
        model: TravelModel,
        origins: gpd.GeoDataFrame,
        destinations: gpd.GeoDataFrame,
        *,
        bands_m: Sequence[float] = MILES_5_10_20,
        by: str | None = None,
        cutoff: float | None = None,
    ) -> Circuity:
        """Work the factor out from distances by road that you have for some of the country, to use for the rest of it.

        Parameters
        ----------
        model
            A model of real distances in metres, such as a :class:`RoadNetwork` or a :class:`TravelMatrix`.
        origins, destinations
            Points in a stated CRS, between all pairs of which distances are taken: a sample of the journeys that it is for.
        bands_m
            Straight-line distances at which bands end, in metres, each included; the last band is open. 5, 10 and 20 miles
            unless others are given.
        by
            Column of ``origins`` to tell apart, such as urban and rural.
        cutoff
            Longest journey by road to take into account, in metres; None for all.

        Returns
        -------
        Circuity
            With the factor over all pairs, and ``calibration``, whose table has it by band and by group with its error.

        Raises
        ------
        InputError
            If the model does not count metres, no pair is reached, the roads are shorter than straight lines, or the bands do not
            rise.
        MissingColumnError
            If there is no column ``by``.
        CrsError, GeometryError, DuplicateIdError
            If a frame has no CRS, a row is not a point or an id occurs twice.

        Notes
        -----
        The factor is the ratio of the sums, so that long journeys weigh as much as they are long. Its standard error is that of a
        ratio of totals of origins drawn at random, by linearisation: √(k/(k-1) Σ (Σ road - factor × Σ straight)²) / Σ straight,
        the outer sum over the k origins [1]_. It says nothing of how roads elsewhere differ. Pairs that are not reached, and
        places that coincide, are left out and counted.

        References
        ----------
        .. [1] Cochran, W. G. (1977), *Sampling Techniques*, third edition, Wiley, chapter 6.

        Examples
        --------
        A road round two sides of a square:

        >>> import geopandas as gpd
        >>> from shapely import LineString
        >>> road = LineString([(400000, 300000), (403000, 300000), (403000, 304000)])
        >>> network = RoadNetwork.from_lines(gpd.GeoDataFrame(geometry=[road], crs="EPSG:27700"))
        >>> home, site = (gpd.GeoDataFrame(geometry=gpd.points_from_xy([x], [y]), crs="EPSG:27700")
        ...               for x, y in ((400000, 300000), (403000, 304000)))
        >>> round(Circuity.calibrate(network, home, site).factor, 2)
        1.4
        """
        if model.unit != "m":
            raise InputError(
                f"Circuity: {model.model_id} counts seconds, and a circuity is of distances; give one in metres"
            )
        if by is not None:
            require_columns(origins, [by], "origins")
        a, b = points_of(origins, "origins", "demand_id"), points_of(destinations, "destinations", "site_id")
        pairs = model.costs(origins, destinations, cutoff=cutoff).pairs
        i = a.ids.get_indexer(pd.Index(pairs["origin_id"].to_numpy(dtype=object), dtype=object))
        j = b.ids.get_indexer(pd.Index(pairs["destination_id"].to_numpy(dtype=object), dtype=object))
        straight = _distance(a, i, b, j) if len(i) else np.zeros(0)
        apart = straight > 0
        if not apart.any():
            raise InputError("Circuity: no pair of places is reached by road, so there is nothing to calibrate on")
        groups = None if by is None else origins[by].to_numpy(dtype=object)[i][apart]
        road = pairs["cost"].to_numpy(dtype=np.float64)[apart]
        table = ratio_table(road, straight[apart], i[apart], groups, bands_m)
        asked = len(a.ids) * len(b.ids)
        found = Calibration(table, model.describe(), asked, asked - len(i), int((~apart).sum()))
        ends = f"{len(a.ids)} origins and {len(b.ids)} destinations"
        reference = f"calibrated on {model.model_id}: {int(apart.sum())} pairs of {ends}"
        return cls(float(table["factor"].iloc[0]), reference, found)

    @property
    def model_id(self) -> str:
        """Name of the model, with its factor."""
        return f"circuity-{self.factor!r}"

    @property
    def unit(self) -> Unit:
        """Metres."""
        return "m"

    def describe(self) -> dict[str, Any]:
        """Return the model's parameters and their reference as plain data."""
        said: dict[str, Any] = {
            "model": self.model_id,
            "factor": self.factor,
            "reference": self.reference,
            "unit": self.unit,
        }
        return said if self.calibration is None else said | {"calibration": self.calibration.describe()}

    def costs(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, cutoff: float | None = None
    ) -> CostTable:
        """Return the lengthened distance of every pair within the cutoff; see :func:`rcp_geo.costs`."""
        return self._lengthened(Geodesic().costs(origins, destinations, cutoff=self._straight(cutoff)), cutoff)

    def nearest(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, k: int = 1, cutoff: float | None = None
    ) -> CostTable:
        """Return the k nearest destinations of each origin; see :func:`rcp_geo.nearest`."""
        table = Geodesic().nearest(origins, destinations, k=k, cutoff=self._straight(cutoff))
        return self._lengthened(table, cutoff)

    def _straight(self, cutoff: float | None) -> float | None:
        # A hair more than the quotient: the lengthened cost, not the straight one, is held against the cutoff.
        return None if cutoff is None else cutoff / self.factor * (1 + 1e-12)

    def _lengthened(self, table: CostTable, cutoff: float | None) -> CostTable:
        pairs = table.pairs.assign(cost=table.pairs["cost"] * self.factor)
        if cutoff is not None:
            pairs = pairs[pairs["cost"] <= cutoff].reset_index(drop=True)
        return CostTable(pairs, table.origins, table.destinations, table.unit, cutoff, self.model_id)
