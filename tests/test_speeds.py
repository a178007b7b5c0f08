"""Speeds: limits as people write them, classes of road, and what takes precedence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import rcp_geo as rg
from rcp_geo.errors import InputError
from rcp_geo.travel import CLASS_SPEEDS_MPH, RoadEdges
from rcp_geo.travel.roads.speeds import class_of, durations, parse_maxspeed, speeds_of_texts

MPH = 1.609344


@pytest.mark.parametrize(
    ("value", "kmh"),
    [
        ("30 mph", 30 * MPH),
        ("30mph", 30 * MPH),
        ("50", 50.0),
        ("50 km/h", 50.0),
        ("50kmh", 50.0),
        ("50 kph", 50.0),
        ("5 knots", 9.26),
        (" 20 MPH ", 20 * MPH),
        (48, 48.0),
        (48.5, 48.5),
        (np.float64(48.5), 48.5),
        ("GB:nsl_single", 60 * MPH),
        ("GB:nsl_dual", 70 * MPH),
        ("GB:motorway", 70 * MPH),
        ("GB:nsl_restricted", 30 * MPH),
        ("walk", 4.8),
        (["40 mph", "30 mph"], 30 * MPH),
        ("['40 mph', '30 mph']", 30 * MPH),
        ('["40 mph", "none"]', 40 * MPH),
        ("[40, 30]", 30.0),
        ("40 mph;30 mph", 30 * MPH),
        ("40 mph|30 mph", 30 * MPH),
        (["30 mph", None], 30 * MPH),
    ],
)
def test_limits_that_are_numbers(value: Any, kmh: float) -> None:
    assert parse_maxspeed(value) == pytest.approx(kmh, abs=1e-9)


@pytest.mark.parametrize("value", [None, float("nan"), "", "none", "signals", "variable", "national", ["none"]])
def test_limits_that_are_no_number(value: Any) -> None:
    read = parse_maxspeed(value)
    assert read is not None
    assert math.isnan(read)


@pytest.mark.parametrize("value", ["fast", "30 miles", "0", "0 mph", "-5", 0, -5.0, float("inf"), ["30 mph", "fast"]])
def test_limits_that_cannot_be_read(value: Any) -> None:
    assert parse_maxspeed(value) is None


def test_a_column_of_limits() -> None:
    speeds, findings = speeds_of_texts(["30 mph", None, "fast", ["20 mph", "40"], "fast"])
    assert np.isnan(speeds).tolist() == [False, True, True, False, True]
    assert speeds[3] == pytest.approx(20 * MPH)
    (finding,) = findings
    assert (finding.code, finding.ids) == ("edge.maxspeed", ("fast",))
    assert finding.message == "2 edges state a speed that cannot be read"


def test_one_class_of_several() -> None:
    assert class_of(["trunk", "service", "primary"]) == "service"
    assert class_of("trunk|primary") == class_of("primary|trunk") == "primary"
    assert class_of(float("nan")) == ""
    assert class_of([]) == ""


def _edges(**columns: Any) -> RoadEdges:
    n = len(next(iter(columns.values())))
    return RoadEdges(
        x=np.zeros(n + 1),
        y=np.zeros(n + 1),
        u=np.arange(n),
        v=np.arange(1, n + 1),
        length_m=np.full(n, 1000.0),
        **columns,
    )


def test_what_is_stated_comes_before_what_is_usual() -> None:
    nothing = np.nan
    edges = _edges(
        duration_s=np.array([nothing, nothing, 7.0]),
        duration_back_s=np.array([9.0, nothing, nothing]),
        speed_kmh=np.array([nothing, 36.0, 36.0]),
        classes=("motorway",),
    )
    there, back, findings = durations(edges, None)
    usual = 3600 / (CLASS_SPEEDS_MPH["motorway"] * MPH)
    assert there.tolist() == pytest.approx([usual, 100.0, 7.0])
    assert back.tolist() == pytest.approx([9.0, 100.0, 100.0])
    assert findings == []


def test_speeds_of_ones_own() -> None:
    edges = _edges(road_class=np.array([0, 1, 2]), classes=("Primary", "footway", "track"))
    there, back, findings = durations(edges, {"PRIMARY": 72.0})
    assert there.tolist() == pytest.approx([50.0, 3600 / (25 * MPH), 3600 / (10 * MPH)])
    assert back is there
    assert [(f.code, f.ids) for f in findings] == [("edge.class_speed", ("footway",))]
    assert durations(edges, {"footway": 5.0})[2] == []


@pytest.mark.parametrize("speed", [0.0, -3.0, float("nan"), float("inf")])
def test_speeds_that_are_none(speed: float) -> None:
    with pytest.raises(InputError, match=r"speeds: primary=.* are not speeds; give km/h above 0"):
        durations(_edges(classes=("primary",), oneway=np.zeros(1)), {"primary": speed})


def test_a_stated_speed_that_is_none() -> None:
    with pytest.raises(InputError, match=r"edges.speed_kmh: 1 edges state a speed of 0 or less"):
        rg.RoadNetwork.from_edges(_edges(speed_kmh=np.array([0.0])), impedance="time")


def test_every_usual_speed_is_a_speed() -> None:
    assert all(0 < mph <= 70 for mph in CLASS_SPEEDS_MPH.values())
    assert all(name == name.lower() for name in CLASS_SPEEDS_MPH)
