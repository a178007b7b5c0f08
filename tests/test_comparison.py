"""Where two travel models disagree, case by case."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import rcp_geo as rg
from rcp_geo.errors import InputError
from rcp_geo.travel import compare_models
from tests.world import points

HOMES = {"same": 1, "elsewhere": 2, "too_far": 3, "over_water": 4, "cut_off": 5}
# Minutes that two programs say, by home: to site a and to site b; None is no way.
ONE = {"same": (5, 9), "elsewhere": (5, 6), "too_far": (9, 12), "over_water": (5, None), "cut_off": (None, None)}
OTHER = {"same": (6, 8), "elsewhere": (7, 6), "too_far": (11, 15), "over_water": (None, None), "cut_off": (None, None)}


def _model(costs: dict[str, tuple[int | None, int | None]], unit: str = "min") -> rg.TravelMatrix:
    return rg.TravelMatrix(pd.DataFrame(costs, index=["a", "b"]).T.astype(float), unit=unit)


def _places() -> tuple[object, object]:
    homes = points({name: (400_000 + 100 * i, 300_000) for name, i in HOMES.items()}, "demand_id")
    return homes, points({"a": (400_000, 301_000), "b": (400_500, 301_000)}, "site_id")


def test_every_way_to_disagree() -> None:
    found = compare_models(*_places(), _model(ONE), _model(OTHER), cutoff=600).set_index("origin_id")
    assert found["difference"].to_dict() == {
        "same": "",
        "elsewhere": "destination",
        "too_far": "cutoff",
        "over_water": "reached",
        "cut_off": "",
    }
    assert found["one_destination"].tolist()[:4] == ["a", "a", "a", "a"]
    assert found["other_destination"].tolist()[:3] == ["a", "b", "a"]
    assert found["ratio"].tolist()[:3] == [6 / 5, 6 / 5, 11 / 9]
    assert np.isnan(found["ratio"].to_numpy()[3:]).all()
    assert found["other_status"].tolist()[3:] == ["disconnected", "disconnected"]


def test_without_a_cutoff_everything_reached_is_covered() -> None:
    found = compare_models(*_places(), _model(ONE), _model(OTHER))
    assert found["difference"].tolist() == ["", "destination", "", "reached", ""]


def test_models_of_different_units_need_a_cutoff_each() -> None:
    metres = _model(dict.fromkeys(HOMES, (1000, 2000)), unit="m")
    found = compare_models(*_places(), _model(ONE), metres, cutoff=480, other_cutoff=1_000)
    assert found.columns.tolist() == [
        "origin_id",
        "one_destination",
        "one_duration_s",
        "one_status",
        "other_destination",
        "other_distance_m",
        "other_status",
        "difference",
    ]
    assert found["difference"].tolist() == ["", "", "cutoff", "", "reached"]
    for cutoffs in ({"cutoff": 480}, {"other_cutoff": 1_000}):
        with pytest.raises(InputError, match="counts s and .* m; give both cutoff and other_cutoff"):
            compare_models(*_places(), _model(ONE), metres, **cutoffs)
    with pytest.raises(InputError, match="cutoff: -1 is not a distance or a duration"):
        compare_models(*_places(), _model(ONE), _model(OTHER), cutoff=-1)


def test_the_index_of_the_origins_is_kept() -> None:
    homes, sites = _places()
    homes = homes.set_index(pd.Index([10, 20, 30, 40, 50]))
    assert compare_models(homes, sites, rg.Geodesic(), rg.Geodesic()).index.tolist() == [10, 20, 30, 40, 50]
