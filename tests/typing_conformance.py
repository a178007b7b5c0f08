"""Proof for mypy that every model is a TravelModel; checked by the type checker, imported by a test, never called."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from rcp_geo import Circuity, Geodesic, RoadNetwork, TravelMatrix, TravelModel
from rcp_geo.travel import OSRM, Valhalla
from tests import roads
from tests.models import FakeModel


def models() -> list[TravelModel]:
    """Assign each model to the protocol, one by one, so that an error names the one that does not fit."""
    geodesic: TravelModel = Geodesic()
    circuity: TravelModel = Circuity(1.5, "made up")
    matrix: TravelModel = TravelMatrix(pd.DataFrame({"site": [1.0]}, index=["home"]), unit="min")
    fake: TravelModel = FakeModel({})
    square: RoadNetwork = roads.square()
    network: TravelModel = square
    return [geodesic, circuity, matrix, fake, network]


def engines(pbf: Path, cache: Path) -> list[TravelModel]:
    """Assign the adapters of engines to the protocol."""
    valhalla: TravelModel = Valhalla(pbf, cache=cache)
    osrm: TravelModel = OSRM(pbf, cache=cache)
    return [valhalla, osrm]
