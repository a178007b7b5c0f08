"""The seam between travel and everything after it: one table of costs, and what a model must do to make it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import pandas as pd
import shapely

from rcp_geo.errors import GeometryError, InputError
from rcp_geo.schema import counted, first_of, is_number, require_unique

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["COST_COLUMN", "CUTOFF_TOLERANCE", "METRES_PER_MILE", "MILES_5_10_20", "CostTable", "TravelModel", "Unit"]

# International yard and pound agreement of 1959: 1 mile = 1,760 yards of 0.9144 m (Weights and Measures Act 1985,
# schedule 1).
METRES_PER_MILE = 1609.344
MILES_5_10_20 = (5 * METRES_PER_MILE, 10 * METRES_PER_MILE, 20 * METRES_PER_MILE)

# A micrometre or a microsecond: what costs are rounded to on the way may lift them so far beyond a cutoff that they equal.
CUTOFF_TOLERANCE = 1e-6

Unit = Literal["m", "s"]
COST_COLUMN: Mapping[str, str] = {"m": "distance_m", "s": "duration_s"}


@dataclass(frozen=True)
class CostTable:
    """What it costs to travel from origins to destinations.

    Attributes
    ----------
    pairs
        ``origin_id``, ``destination_id``, ``cost``, ``tied``: only pairs that were reached, in the order of the origins, then of
        cost, then of ``destination_id``. ``tied`` says whether another destination costs the origin exactly the same,
        one that ``k`` left out included.
    origins, destinations
        ``id``, ``status`` (``ok``, or why nothing can be reached from or at it: ``unsnapped``, ``disconnected``,
        ``not_in_matrix``) and ``snap_m`` (metres to the network; 0 in a model without one).
    unit
        ``m`` (metres) or ``s`` (seconds), of ``cost`` and ``cutoff``.
    cutoff
        Greatest cost looked for, itself included, to a millionth of a metre or second in models that round; None for no limit.
    model_id
        The model that made the table.
    """

    pairs: pd.DataFrame
    origins: pd.DataFrame
    destinations: pd.DataFrame
    unit: Unit
    cutoff: float | None
    model_id: str


@runtime_checkable
class TravelModel(Protocol):
    """What a travel model must offer. Direction is from the origin (home) to the destination (service)."""

    @property
    def model_id(self) -> str:
        """Stable name of the model and its parameters."""

    @property
    def unit(self) -> Unit:
        """Unit of its costs: ``m`` or ``s``."""

    def describe(self) -> dict[str, Any]:
        """Return its parameters and their references as plain data, for the provenance."""

    def costs(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, cutoff: float | None = None
    ) -> CostTable:
        """Return the cost of every pair within the cutoff."""

    def nearest(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, k: int = 1, cutoff: float | None = None
    ) -> CostTable:
        """Return the k cheapest destinations of each origin; equal costs go to the smallest id."""


def ids_of(frame: gpd.GeoDataFrame, table: str, column: str) -> pd.Index:
    """Return a frame's identifiers: the named column where there is one, else its index."""
    values = frame[column] if column in frame.columns else frame.index
    # Plain objects: looking strings up in an Arrow-backed index would unpack it at every call.
    ids: pd.Index = pd.Index(values.to_numpy(dtype=object), dtype=object)
    require_unique(ids, table, column)
    return ids


def objects(values: NDArray[Any]) -> pd.Series:
    """Return a column of plain objects: turning millions of texts into pandas' string type costs more than the search."""
    return pd.Series(values, dtype=object)


def require_points(frame: gpd.GeoDataFrame, ids: pd.Index, table: str) -> None:
    """Raise :class:`~rcp_geo.errors.GeometryError` unless every geometry is one point."""
    geometry = frame.geometry.to_numpy()
    bad = (shapely.get_type_id(geometry) != shapely.GeometryType.POINT) | shapely.is_empty(geometry)
    if bad.any():
        raise GeometryError(
            f"{table}.geometry: {counted(int(bad.sum()), 'rows have a geometry other than a point')} "
            f"({first_of(ids[bad].tolist())}); "
            "give each row one point, or drop it"
        )


def require_cutoff(cutoff: float | None) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` unless a cutoff is None or a number of 0 or more."""
    if cutoff is not None and not (is_number(cutoff) and cutoff >= 0):
        raise InputError(f"cutoff: {cutoff!r} is not a distance or a duration; give a number of 0 or more, or None")
