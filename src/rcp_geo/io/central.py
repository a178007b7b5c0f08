"""The point that stands for authorities when a service is known no better than by them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np

from rcp_geo.authorities import register
from rcp_geo.demand import load_demand
from rcp_geo.points import medoid

__all__ = ["Middle", "ground_of", "middle_of", "place_in"]


@dataclass(frozen=True, slots=True)
class Middle:
    """A point for a service that has none: ``precision`` is ``place`` or ``authority``, ``known`` whether its place is.

    Longitude and latitude are NaN where no authority is known.
    """

    longitude: float
    latitude: float
    precision: str
    known: bool


def middle_of(named: Iterable[str], codes: Iterable[str]) -> Middle:
    """Return the central point of the one authority of a name that lies in others, or of these where none or several do."""
    known, ground, place = register(), ground_of(codes), place_in(named, codes)
    if place is None:
        return Middle(*_middle(ground), "authority", known=False)
    whole = place == ground or any(place == known.districts.get(c) for c in codes)
    return Middle(*_middle(place), "authority" if whole else "place", known=True)


def place_in(named: Iterable[str], codes: Iterable[str]) -> frozenset[str] | None:
    """Return the districts of 2011 of the one authority of a name that lies in others; None where none or several do."""
    known, ground = register(), ground_of(codes)
    # One place may have had several codes.
    inside = {own for code in named if (own := known.districts[code]) <= ground}
    return inside.pop() if len(inside) == 1 else None


def ground_of(codes: Iterable[str]) -> frozenset[str]:
    """Return the districts of 2011 that authorities are made of."""
    known = register()
    return frozenset[str]().union(*(known.districts.get(c, frozenset()) for c in codes))


@cache  # a list names the same few authorities over and over, and a middle takes the square of the points in them
def _middle(districts: frozenset[str]) -> tuple[float, float]:
    """Return the demand point from which the sum of distances to all others in the districts is smallest.

    Longitude and latitude; NaN where there is no district. Equal sums go to the smallest ``demand_id``.
    """
    demand = load_demand()
    own = demand[demand["district_code"].isin(districts)]
    if own.empty:
        return np.nan, np.nan
    at = own.iloc[medoid(own["easting"], own["northing"])]
    return float(at["longitude"]), float(at["latitude"])
