"""A circuity worked out from roads: ratios and errors by hand, by simulation, and on a network to measure with a ruler."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

import rcp_geo as rg
from rcp_geo.errors import InputError, MissingColumnError
from rcp_geo.travel.ratios import ratio_table
from tests.models import FakeModel
from tests.world import points


def test_ratios_worked_by_hand() -> None:
    """Origin 0: 12 for 10 and 33 for 30; origin 1: 30 for 20. All: 75 / 60 = 1.25.

    Residuals by origin: 45 - 1.25 × 40 = -5 and 30 - 1.25 × 20 = 5. Error: √(2/1 × 50) / 60 = 10 / 60.
    """
    road, straight = np.array([12.0, 33.0, 30.0]), np.array([10.0, 30.0, 20.0])
    table = ratio_table(road, straight, np.array([0, 0, 1]), np.array(["u", "u", "r"], dtype=object), [20.0])
    rows = {(r.group, np.nan_to_num(r.over_m), np.nan_to_num(r.upto_m)): r for r in table.itertuples()}
    whole = rows["all", 0, 0]
    assert (whole.pairs, whole.origins, whole.factor) == (3, 2, 1.25)
    assert whole.standard_error == pytest.approx(10 / 60)
    assert (whole.ratio_p10, whole.ratio_p90) == pytest.approx((1.12, 1.44))  # of 1.1, 1.2, 1.5
    near, far = rows["all", 0, 20], rows["all", 20, 0]
    assert (near.pairs, near.factor) == (2, 42 / 30)
    assert (far.pairs, far.factor) == (1, 1.1)
    assert np.isnan(far.standard_error)
    assert rows["u", 0, 0].factor == 45 / 40
    assert rows["r", 0, 0].factor == 1.5
    empty = rows["r", 20, 0]
    assert (empty.pairs, empty.origins) == (0, 0)
    assert np.isnan(empty.factor)
    assert table["group"].tolist() == ["all"] * 3 + ["r"] * 3 + ["u"] * 3


def test_the_error_is_that_of_drawing_origins_again() -> None:
    """By simulation: the spread of the ratio over 2,000 draws of 60 origins is the error that one draw states."""
    rng = np.random.default_rng(4)

    def draw() -> tuple[float, float]:
        origin = np.repeat(np.arange(60), 5)
        straight = rng.gamma(4, 1000, 300)
        detour = 1.3 + 0.1 * rng.standard_normal(60)[origin]
        table = ratio_table(straight * detour, straight, origin, None, [])
        return table["factor"].item(), table["standard_error"].item()

    factors, errors = np.array([draw() for _ in range(2_000)]).T
    assert factors.mean() == pytest.approx(1.3, abs=0.002)
    assert np.median(errors) == pytest.approx(factors.std(), rel=0.06)


@pytest.mark.parametrize("bands", [[2, 1], [1, 1], [0, 1], [-1], [np.nan], [np.inf]])
def test_bands_that_do_not_rise(bands: list[float]) -> None:
    with pytest.raises(InputError, match="bands_m: .* are not rising distances"):
        ratio_table(np.ones(1), np.ones(1), np.zeros(1, dtype=int), None, bands)


def test_a_factor_from_roads_round_two_sides_of_a_square() -> None:
    """On the plane 7 for 5; the geodesic and the grid differ alike on both, so the ratio is theirs to a few parts in 100,000."""
    road = LineString([(400_000, 300_000), (403_000, 300_000), (403_000, 304_000)])
    network = rg.RoadNetwork.from_lines(gpd.GeoDataFrame(geometry=[road], crs="EPSG:27700"))
    homes = points({"west": (400_000, 300_000), "corner": (403_000, 300_000), "off": (460_000, 300_000)}, "demand_id")
    homes["kind"] = ["urban", "rural", "rural"]
    sites = points({"north": (403_000, 304_000), "here": (403_000, 300_000)}, "site_id")
    model = rg.Circuity.calibrate(network, homes, sites, bands_m=[4_500], by="kind")
    table = model.calibration.table
    # west to north 7 for 5 and to here 3 for 3; corner to north 4 for 4, and to itself nothing, which is left out.
    assert model.factor == table["factor"].iloc[0] == pytest.approx(14 / 12, rel=1e-3)
    assert table["pairs"].tolist() == [3, 2, 1, 1, 1, 0, 2, 1, 1]
    assert (model.calibration.pairs, model.calibration.not_reached, model.calibration.coincident) == (6, 2, 1)
    assert model.reference == f"calibrated on {network.model_id}: 3 pairs of 3 origins and 2 destinations"
    described = model.describe()["calibration"]
    assert described["model"]["network"]["sha256"] == network.sha256
    assert described["table"][0]["over_m"] is None
    urban = table[(table["group"] == "urban") & (table["over_m"] == 4_500)]
    assert urban["factor"].item() == pytest.approx(7 / 5, rel=1e-3)
    # It is a model like any other, and says where it comes from.
    answer = rg.assess(model=model)
    assert answer.provenance["parameters"]["model"]["calibration"]["pairs"] == 6


def test_what_cannot_be_calibrated() -> None:
    homes, sites = points({"h": (400_000, 300_000)}, "demand_id"), points({"s": (401_000, 300_000)}, "site_id")
    with pytest.raises(InputError, match="counts seconds, and a circuity is of distances"):
        rg.Circuity.calibrate(FakeModel({("h", "s"): 60.0}), homes, sites)
    with pytest.raises(MissingColumnError, match="origins: column urban is missing"):
        rg.Circuity.calibrate(rg.Geodesic(), homes, sites, by="urban")
    with pytest.raises(InputError, match="no pair of places is reached by road"):
        rg.Circuity.calibrate(rg.Geodesic(), homes, sites, cutoff=10)
    with pytest.raises(InputError, match="would make roads shorter than straight lines"):
        rg.Circuity.calibrate(rg.TravelMatrix(_pair(900.0), unit="m"), homes, sites)


def _pair(metres: float) -> object:
    import pandas as pd

    return pd.DataFrame({"origin_id": ["h"], "destination_id": ["s"], "cost": [metres]})
