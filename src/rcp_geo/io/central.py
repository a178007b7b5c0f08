"""The point that stands for authorities when a service is known no better than by them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np

from rcp_geo.authorities import register
from rcp_geo.demand import load_demand
from rcp_geo.points import medoid

__all__ = ["central_point"]


def central_point(codes: Iterable[str]) -> tuple[float, float]:
    """Return the demand point from which the sum of distances to all others in the authorities is smallest.

    Longitude and latitude; NaN where no code is known. Equal sums go to the smallest ``demand_id``.
    """
    known = register()
    return _middle(frozenset[str]().union(*(known.districts.get(c, frozenset()) for c in codes)))


@cache  # a list names the same few authorities over and over, and a middle takes the square of the points in them
def _middle(districts: frozenset[str]) -> tuple[float, float]:
    demand = load_demand()
    own = demand[demand["district_code"].isin(districts)]
    if own.empty:
        return np.nan, np.nan
    at = own.iloc[medoid(own["easting"], own["northing"])]
    return float(at["longitude"]), float(at["latitude"])
