"""Proof for mypy that every model is a TravelModel; checked by the type checker, imported by a test, never called."""

from __future__ import annotations

from rcp_geo import Circuity, Geodesic, RoadNetwork, TravelModel
from tests import roads
from tests.models import FakeModel


def models() -> list[TravelModel]:
    """Assign each model to the protocol, one by one, so that an error names the one that does not fit."""
    geodesic: TravelModel = Geodesic()
    circuity: TravelModel = Circuity(1.5, "made up")
    fake: TravelModel = FakeModel({})
    square: RoadNetwork = roads.square()
    network: TravelModel = square
    return [geodesic, circuity, fake, network]
