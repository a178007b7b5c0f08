"""Where the answers of two travel models part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.travel.model import COST_COLUMN, CUTOFF_TOLERANCE, TravelModel, objects, require_cutoff
from rcp_geo.travel.search import nearest

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["compare_models"]


def compare_models(
    origins: gpd.GeoDataFrame,
    destinations: gpd.GeoDataFrame,
    one: TravelModel,
    other: TravelModel,
    *,
    cutoff: float | None = None,
    other_cutoff: float | None = None,
) -> pd.DataFrame:
    """Find the nearest destination of each origin by two models, and say where they disagree.

    Parameters
    ----------
    origins
        Points in a stated CRS, identified by ``demand_id`` where there is such a column, else by the index.
    destinations
        Points in a stated CRS, identified by ``site_id`` where there is such a column, else by the index.
    one, other
        The models, such as :class:`rcp_geo.Geodesic` and a :class:`rcp_geo.RoadNetwork`.
    cutoff, other_cutoff
        Costs within which an origin counts as covered, itself included, in the unit of each model. Where the units are the
        same, the second is the first unless it is given.

    Returns
    -------
    pandas.DataFrame
        One row per origin, with the index of the origins: ``origin_id``; for each model ``one_destination``, ``one_distance_m``
        (or ``_duration_s``) and ``one_status``, and the same with ``other``; ``ratio`` of the two costs where the units are the
        same; and ``difference``: ``reached`` (one model reaches something and the other nothing), ``cutoff`` (covered by one
        and not by the other), ``destination`` (not the same nearest one), or blank where they agree. The first that holds.

    Raises
    ------
    CrsError, GeometryError, DuplicateIdError, InputError, TravelError
        As :func:`rcp_geo.nearest`, or if only one of two models of different units has a cutoff.

    Examples
    --------
    Two homes on either side of water, with a bridge far off:

    >>> import geopandas as gpd
    >>> from rcp_geo.travel import compare_models
    >>> from shapely import LineString
    >>> road = LineString([(0, 0), (0, 5000), (1000, 5000), (1000, 0)])
    >>> network = RoadNetwork.from_lines(gpd.GeoDataFrame(geometry=[road], crs="EPSG:27700"))
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 0], [0, 5000]), index=["near", "bridge"], crs="EPSG:27700")
    >>> site = gpd.GeoDataFrame(geometry=gpd.points_from_xy([1000], [0]), index=["site"], crs="EPSG:27700")
    >>> compare_models(homes, site, Geodesic(), network, cutoff=5500)[["difference", "ratio"]].round(1).values.tolist()
    [['cutoff', 11.0], ['cutoff', 1.2]]
    """
    same_unit = one.unit == other.unit
    if other_cutoff is None and same_unit:
        other_cutoff = cutoff
    if (cutoff is None) != (other_cutoff is None):
        raise InputError(
            f"cutoff: {one.model_id} counts {one.unit} and {other.model_id} {other.unit}; give both cutoff and other_cutoff"
        )
    for limit in (cutoff, other_cutoff):
        require_cutoff(limit)
    found = [nearest(origins, destinations, model) for model in (one, other)]
    columns: dict[str, pd.Series | NDArray[np.float64]] = {"origin_id": found[0]["origin_id"]}
    for name, table, model in (("one", found[0], one), ("other", found[1], other)):
        column = COST_COLUMN[model.unit]
        columns |= {
            f"{name}_destination": table["destination_id"],
            f"{name}_{column}": table[column],
            f"{name}_status": table["status"],
        }
    costs = [t[COST_COLUMN[m.unit]].to_numpy(dtype=np.float64) for t, m in zip(found, (one, other), strict=True)]
    if same_unit:
        with np.errstate(invalid="ignore", divide="ignore"):
            columns["ratio"] = costs[1] / costs[0]
    reached = [np.isfinite(c) for c in costs]
    # A comparison with NaN is false: what is not reached is not covered.
    covered = [
        r if limit is None else c <= limit + CUTOFF_TOLERANCE
        for r, c, limit in zip(reached, costs, (cutoff, other_cutoff), strict=True)
    ]
    both = reached[0] & reached[1]
    another = both & (
        found[0]["destination_id"].to_numpy(dtype=object) != found[1]["destination_id"].to_numpy(dtype=object)
    )
    words = np.select(
        [reached[0] != reached[1], covered[0] != covered[1], another], ["reached", "cutoff", "destination"], default=""
    )
    return pd.DataFrame(
        {**columns, "difference": objects(words.astype(object)).set_axis(origins.index)}, index=origins.index
    )
