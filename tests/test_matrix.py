"""Matrices of other programs: read as they write them, matched by id, and never a number that means none."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

import rcp_geo as rg
from rcp_geo.errors import DuplicateIdError, InputError, MissingColumnError
from tests.models import matrix_of, wide_matrix_of
from tests.world import D, World

# Two homes, two sites; nobody gets from home i to site t.
MINUTES = {("h", "s"): 10.0, ("h", "t"): 7.5, ("i", "s"): 30.0}


def places(ids: list[Any]) -> gpd.GeoDataFrame:
    """Places with ids and no particular point."""
    return gpd.GeoDataFrame(geometry=[Point(0, 52)] * len(ids), index=pd.Index(ids, dtype=object), crs="EPSG:4326")


def pairs(matrix: rg.TravelMatrix) -> dict[tuple[Any, Any], float]:
    """What the matrix says of every pair of its own ids."""
    table = rg.costs(places(matrix.origins.tolist()), places(matrix.destinations.tolist()), matrix).pairs
    return {(a, b): cost for a, b, cost, _ in table.itertuples(index=False)}


def seconds(minutes: dict[tuple[Any, Any], float] = MINUTES) -> dict[tuple[Any, Any], float]:
    return {pair: cost * 60 for pair, cost in minutes.items()}


def long(origin: str, destination: str, cost: str) -> pd.DataFrame:
    """The table as a program writes it that calls its columns so, the pair that was not reached left empty."""
    rows = [(a, b, MINUTES.get((a, b))) for a, b in itertools.product("hi", "st")]
    return pd.DataFrame(rows, columns=[origin, destination, cost])


# --- headings of other programs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headings",
    [
        ("origin_id", "destination_id", "cost"),
        ("from_id", "to_id", "travel_time"),
        ("from_id", "to_id", "travel_time_p50"),
        ("fromId", "toId", "travelTime"),
        ("Origin", "Destination", "Travel_time"),
        ("origin", "dest", "cost"),
        ("from_index", "to_index", "time"),
        ("source", "destination", "duration"),
        ("search_id", "id", "travel_time"),
        ("OriginID", "DestinationID", "Total_Time"),
        ("source", "target", "minutes"),
        ("from", "to", "duration_min"),
        ("from_id", "to_id", "drive_time_minutes"),
        ("fromPlace", "toPlace", "impedance"),
    ],
)
def test_headings_of_other_programs(headings: tuple[str, str, str]) -> None:
    matrix = rg.TravelMatrix(long(*headings), unit="min")
    assert pairs(matrix) == seconds()
    assert matrix.unit == "s"
    told = matrix.describe()
    assert told["columns"] == dict(zip(("origin", "destination", "cost"), headings, strict=True))
    assert (told["pairs"], told["not_reached"], told["origins"], told["destinations"]) == (3, 1, 2, 2)


def test_of_a_time_and_a_distance_the_unit_decides() -> None:
    frame = long("from_index", "to_index", "time").assign(distance=[1.5, 2.0, 3.0, None])
    assert pairs(rg.TravelMatrix(frame, unit="min")) == seconds()
    assert pairs(rg.TravelMatrix(frame, unit="km")) == {("h", "s"): 1500.0, ("h", "t"): 2000.0, ("i", "s"): 3000.0}


def test_columns_that_are_named_go_before_those_recognised() -> None:
    frame = long("home", "centre", "weight").assign(from_id="wrong", to_id="wrong", time=1.0)
    matrix = rg.TravelMatrix(frame, unit="min", origin="home", destination="centre", cost="weight")
    assert pairs(matrix) == seconds()
    half = long("home", "to_id", "cost")
    assert pairs(rg.TravelMatrix(half, unit="min", origin="home")) == seconds()


@pytest.mark.parametrize(
    ("frame", "options", "said"),
    [
        (
            long("from_id", "to_id", "a"),
            {},
            r"no column of durations is recognised \(columns found: from_id, to_id, a\).*cost=",
        ),
        (
            long("from_id", "to_id", "travel_time_p25").assign(travel_time_p75=1.0),
            {},
            r"'travel_time_p25', 'travel_time_p75' all look like durations.*name the one that is meant \(cost=\)",
        ),
        (long("from_id", "to_id", "distance"), {}, "no column of durations is recognised"),
        (long("from_id", "to_id", "time"), {"cost": "tiem"}, "column 'tiem' for the cost is missing"),
        (long("from_id", "to_id", "time"), {"origin": "form_id"}, "column 'form_id' for the origin is missing"),
        (long("from_id", "to_id", "time"), {"destination": "x"}, "column 'x' for the destination is missing"),
        (long("home", "destination_id", "time"), {}, r"'destination_id' holds the destinations.*name it \(origin=\)"),
    ],
)
def test_columns_that_are_not_there(frame: pd.DataFrame, options: dict[str, str], said: str) -> None:
    with pytest.raises(MissingColumnError, match=said):
        rg.TravelMatrix(frame, unit="min", **options)


@pytest.mark.parametrize(
    ("heading", "unit"), [("travel_time_min", "s"), ("duration_s", "min"), ("distance_km", "m"), ("length_miles", "km")]
)
def test_a_heading_at_odds_with_the_unit(heading: str, unit: str) -> None:
    frame = long("from_id", "to_id", heading)
    said = heading.rpartition("_")[2]
    with pytest.raises(InputError, match=rf"matrix\.{heading}: the heading says {said}, and unit='{unit}' was given"):
        rg.TravelMatrix(frame, unit=unit, cost=heading)  # type: ignore[arg-type]


def test_two_columns_of_one_name() -> None:
    frame = long("GEOID", "GEOID_", "travel_time").set_axis(["GEOID", "GEOID", "travel_time"], axis=1)
    with pytest.raises(InputError, match="several columns are named 'GEOID'"):
        rg.TravelMatrix(frame, unit="min", origin="GEOID", destination="GEOID")


# --- wide tables ------------------------------------------------------------------------------------------------------

WIDE = pd.DataFrame([[10.0, 7.5], [30.0, None]], index=["h", "i"], columns=["s", "t"])


@pytest.mark.parametrize(
    ("frame", "options"),
    [
        (WIDE, {}),
        (WIDE.rename_axis("fromID"), {}),
        (WIDE.rename_axis("fromID").reset_index(), {}),
        (WIDE.rename_axis("LSOA11CD").reset_index(), {}),
        (WIDE.rename_axis("LSOA11CD").reset_index(), {"origin": "LSOA11CD"}),
        (WIDE.reset_index(names="Unnamed: 0"), {}),
        (WIDE.astype(object).where(WIDE.notna(), None), {}),
        (WIDE.astype("Float64"), {}),
        (WIDE.astype(str).replace("nan", "").reset_index(names="place"), {"null": [""]}),
        (WIDE.stack().rename_axis(["from", "to"]), {}),
        (WIDE.stack(), {}),
        (WIDE.stack().rename("travel_time"), {}),
        (WIDE.stack().rename_axis(["from_id", "to_id"]).to_frame("minutes"), {}),
    ],
)
def test_wide_tables_and_indexes_of_two_levels(frame: pd.DataFrame | pd.Series, options: dict[str, Any]) -> None:
    assert pairs(rg.TravelMatrix(frame, unit="min", **options)) == seconds()


def test_a_wide_table_of_numbers_for_ids() -> None:
    frame = pd.DataFrame([[1.0, 2.0], [3.0, 4.0]])
    assert pairs(rg.TravelMatrix(frame, unit="s")) == {(0, 0): 1.0, (0, 1): 2.0, (1, 0): 3.0, (1, 1): 4.0}
    named = pd.DataFrame({"id": [7, 8], 1: [1.0, 2.0]})
    assert pairs(rg.TravelMatrix(named, unit="s")) == {(7, 1): 1.0, (8, 1): 2.0}


def test_wide_tables_whose_names_are_not_unique() -> None:
    with pytest.raises(DuplicateIdError, match="more than one row is named h"):
        rg.TravelMatrix(WIDE.iloc[[0, 0]], unit="min")
    with pytest.raises(DuplicateIdError, match="more than one column is named t"):
        rg.TravelMatrix(WIDE[["t", "t"]], unit="min")


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ([[1.0]], "a list is not a table"),
        (pd.DataFrame(), "the table is empty"),
        (long("from_id", "to_id", "time").iloc[:0], "the table has no rows"),
        (WIDE.set_axis(pd.MultiIndex.from_product([["x"], ["s", "t"]]), axis=1), "the columns have several levels"),
        (WIDE.set_axis(pd.MultiIndex.from_product([["x"], ["y"], ["h", "i"]])), "the index has 3 levels"),
        (WIDE.set_axis(["h", None]), r"matrix\.the index: 1 rows have no id"),
        (long("from_id", "to_id", "time").assign(to_id=["s", None, "s", None]), r"matrix\.to_id: 2 rows have no id"),
        (WIDE.astype(object).where(WIDE.notna(), "far"), r"matrix\.cost: 1 costs are no numbers \('far'\)"),
    ],
)
def test_what_is_no_table_of_costs(frame: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        rg.TravelMatrix(frame, unit="min")


# --- units ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "factor", "made"),
    [
        ("m", 1.0, "m"),
        ("km", 1000.0, "m"),
        ("miles", 1609.344, "m"),
        ("s", 1.0, "s"),
        ("min", 60.0, "s"),
        ("h", 3600.0, "s"),
    ],
)
def test_units_become_metres_or_seconds(unit: Any, factor: float, made: str) -> None:
    matrix = matrix_of(MINUTES, ["h", "i"], ["s", "t"], unit=unit)
    assert pairs(matrix) == {pair: cost * factor for pair, cost in MINUTES.items()}
    told = matrix.describe()
    assert (matrix.unit, told["unit"], told["given_unit"], told["factor"]) == (made, made, unit, factor)


@pytest.mark.parametrize("unit", ["minutes", "", "M", None])
def test_a_unit_that_is_none(unit: Any) -> None:
    with pytest.raises(InputError, match=r"unit: .* is not a unit.*give one of m, km, miles, s, min, h"):
        rg.TravelMatrix(WIDE, unit=unit)


def test_the_unit_is_never_guessed() -> None:
    with pytest.raises(TypeError, match="unit"):
        rg.TravelMatrix(WIDE)  # type: ignore[call-arg]


def test_a_cutoff_in_minutes_includes_what_takes_them() -> None:
    minutes = [29.1, 17.3, 0.1, 33.333]
    matrix = rg.TravelMatrix(pd.DataFrame({"s": minutes}, index=list("abcd")), unit="min")
    for home, cost in zip("abcd", minutes, strict=True):
        assert rg.nearest(places([home]), places(["s"]), matrix, cutoff=cost * 60)["status"].tolist() == ["reached"]


# --- numbers that mean none -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (-1.0, r"1 are negative \(-1\.0\)"),
        (math.inf, r"1 are infinite \(inf\)"),
        (-math.inf, r"1 are negative \(-inf\)"),
        (9999.0, r"1 are the greatest cost of all \(9999\.0\)"),
        (99999.0, "greatest"),
        (2_147_483_647.0, r"1 are a code of programs \(2147483647\.0\)"),
        (4_294_967_295.0, "code of programs"),
        (2_147_483.647, "code of programs"),
        (4_294_967.295, "code of programs"),
        (float(np.float32(4_294_967.295)), "code of programs"),
    ],
)
def test_codes_must_be_declared(code: float, why: str) -> None:
    spoilt = {**MINUTES, ("i", "t"): code}
    with pytest.raises(InputError, match=rf"matrix\.cost: .*{why}.*pass null=\[") as raised:
        matrix_of(spoilt, ["h", "i"], ["s", "t"], unit="min")
    assert ("a cost is never negative or infinite" in str(raised.value)) == (code < 0 or code == math.inf)
    for make in (matrix_of, wide_matrix_of):
        matrix = make(spoilt, ["h", "i"], ["s", "t"], unit="min", null=[code])
        assert pairs(matrix) == seconds()
        assert matrix.describe()["not_reached"] == 1


def test_every_code_is_named_at_once() -> None:
    spoilt = {("h", "s"): -1.0, ("h", "t"): 9999.0, ("i", "s"): math.inf, ("i", "t"): 2_147_483_647.0, ("j", "s"): -1.0}
    with pytest.raises(InputError) as raised:
        matrix_of(spoilt, ["h", "i", "j"], ["s", "t"])
    assert "2 are negative (-1.0)" in str(raised.value)
    assert "pass null=[-1.0, inf, 2147483647.0, 9999.0]" in str(raised.value)


def test_numbers_that_look_like_codes_and_are_costs() -> None:
    assert pairs(matrix_of({("h", "s"): 9999.0}, ["h"], ["s"], real=[9999])) == {("h", "s"): 9999.0}
    assert pairs(matrix_of({("h", "s"): 2_147_483.647}, ["h"], ["s"], real=[2_147_483.647])) != {}
    # Nines among greater costs are costs.
    assert len(pairs(matrix_of({("h", "s"): 9999.0, ("h", "t"): 12_345.0}, ["h"], ["s", "t"]))) == 2
    # Nothing makes a journey of less than nothing.
    with pytest.raises(InputError, match="negative"):
        matrix_of({("h", "s"): -1.0}, ["h"], ["s"], real=[-1.0])


def test_texts_that_mean_none() -> None:
    frame = long("from_id", "to_id", "time").astype({"time": object})
    frame.loc[3, "time"] = " unreachable "
    with pytest.raises(InputError, match=r"matrix\.time: 1 costs are no numbers \(' unreachable '\).*null="):
        rg.TravelMatrix(frame, unit="min")
    matrix = rg.TravelMatrix(frame, unit="min", null=["unreachable", -1])
    assert pairs(matrix) == seconds()
    assert json.loads(json.dumps(matrix.describe()))["null"] == ["unreachable", -1]


def test_codes_beyond_single_precision_and_json() -> None:
    matrix = matrix_of({**MINUTES, ("i", "t"): 1e300}, ["h", "i"], ["s", "t"], unit="min", null=[1e300, math.inf])
    assert pairs(matrix) == seconds()
    assert json.loads(json.dumps(matrix.describe(), allow_nan=False))["null"] == [1e300, "inf"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (pd.to_timedelta([1, 2, 3, 4], unit="min"), r"\.dt\.total_seconds\(\)"),
        ([True, False, True, False], "bool is no cost"),
        (pd.to_datetime(["2022-11-01"] * 4), "is no cost"),
    ],
)
def test_costs_of_another_kind(values: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        rg.TravelMatrix(long("from_id", "to_id", "time").assign(time=values), unit="min")


# --- pairs that are said twice ----------------------------------------------------------------------------------------


def test_a_pair_with_two_costs() -> None:
    frame = long("from_id", "to_id", "time")
    later = frame.assign(time=frame["time"] + 1)
    with pytest.raises(InputError, match=r"3 pairs have more than one cost \(h to s, i to s, h to t\).*departure time"):
        rg.TravelMatrix(pd.concat([frame, later]), unit="min")
    # Reached and not reached are two answers as well.
    half = frame.assign(time=[None, 7.5, 30.0, None])
    with pytest.raises(InputError, match=r"1 pairs have more than one cost \(h to s\)"):
        rg.TravelMatrix(pd.concat([frame, half]), unit="min")


def test_a_pair_said_twice_alike_counts_once() -> None:
    frame = long("from_id", "to_id", "time")
    matrix = rg.TravelMatrix(pd.concat([frame, frame, frame]), unit="min")
    assert pairs(matrix) == seconds()
    assert matrix.describe()["repeated"] == 6
    assert not rg.costs(places(["h"]), places(["s", "t"]), matrix).pairs["tied"].any()


# --- ids, both ways ---------------------------------------------------------------------------------------------------


def test_places_that_the_matrix_does_not_have() -> None:
    matrix = matrix_of(MINUTES, ["h", "i"], ["s", "t"], unit="min")
    found = rg.nearest(places(["x", "i", "h"]), places(["u", "t"]), matrix)
    assert found["status"].tolist() == ["not_in_matrix", "disconnected", "reached"]
    table = rg.costs(places(["x", "i", "h"]), places(["u", "t"]), matrix)
    assert table.origins[["id", "status"]].values.tolist() == [["x", "not_in_matrix"], ["i", "ok"], ["h", "ok"]]
    assert table.destinations[["id", "status"]].values.tolist() == [["u", "not_in_matrix"], ["t", "ok"]]
    assert (table.origins["snap_m"] == 0).all()


def test_ids_are_compared_both_ways() -> None:
    matrix = matrix_of(MINUTES, ["h", "i"], ["s", "t"], unit="min")
    told = matrix.check(places(["x", "h"]), places(["s"]))
    assert told[["code", "severity", "table", "count", "ids"]].values.tolist() == [
        ["matrix.origin_missing", "warning", "origins", 1, "x"],
        ["matrix.origin_unused", "info", "matrix", 1, "i"],
        ["matrix.destination_unused", "info", "matrix", 1, "t"],
    ]
    assert matrix.check(places(["h", "i"]), places(["t", "s"])).empty
    assert matrix.check(places(["h", "i"]), places(["s", "t", "u"]))["code"].tolist() == ["matrix.destination_missing"]


@pytest.mark.parametrize(
    ("known", "asked", "types"),
    [([7, 8], ["7", "9"], "str here, int in the matrix"), (["7", "8"], [7, 9], "int here, str in the matrix")],
)
def test_ids_that_would_match_as_text(known: list[Any], asked: list[Any], types: str) -> None:
    matrix = matrix_of({(a, "s"): 1.0 for a in known}, known, ["s"])
    for ask in (rg.nearest, rg.costs):
        with pytest.raises(
            InputError,
            match=rf"origins\.demand_id: 1 ids are not in the matrix as they are.*\(7: {types}\).*astype\(str\)",
        ):
            ask(places(asked), places(["s"]), matrix)
    with pytest.raises(InputError, match=r"origins\.demand_id"):
        matrix.check(places(asked), places(["s"]))
    turned = matrix_of({("h", b): 1.0 for b in known}, ["h"], known)
    with pytest.raises(InputError, match=r"destinations\.site_id"):
        rg.nearest(places(["h"]), places(asked), turned)


def test_numbers_and_texts_in_one_column_of_ids() -> None:
    matrix = matrix_of({(1, "s"): 1.0, ("a", "s"): 2.0, (2, "s"): 3.0}, [1, "a", 2], ["s"])
    assert matrix.origins.tolist() == [1, 2, "a"]
    assert rg.nearest(places(["a", 1]), places(["s"]), matrix)["distance_m"].tolist() == [2.0, 1.0]


# --- limit ------------------------------------------------------------------------------------------------------------


def test_what_lies_beyond_the_limit_is_beyond_the_cutoff() -> None:
    matrix = matrix_of(MINUTES, ["h", "i"], ["s", "t"], unit="min", limit=30)
    homes, sites = places(["h", "i"]), places(["t"])
    assert rg.nearest(homes, sites, matrix)["status"].tolist() == ["reached", "beyond_cutoff"]
    assert rg.costs(homes, sites, matrix).cutoff == 1800.0
    assert rg.costs(homes, sites, matrix, cutoff=1800).cutoff == 1800
    assert rg.costs(homes, sites, matrix, cutoff=600).cutoff == 600
    assert matrix.describe()["limit"] == 1800.0
    with pytest.raises(InputError, match=r"cutoff: 1801 is beyond what the matrix holds.*1800\.0 s"):
        rg.costs(homes, sites, matrix, cutoff=1801)
    with pytest.raises(InputError, match=r"limit: 1 costs are beyond it"):
        matrix_of(MINUTES, ["h", "i"], ["s", "t"], unit="min", limit=29)
    with pytest.raises(InputError, match="is not a distance or a duration"):
        matrix_of(MINUTES, ["h", "i"], ["s", "t"], unit="min", limit=math.inf)


# --- what it says of itself -------------------------------------------------------------------------------------------


def test_what_the_provenance_keeps() -> None:
    matrix = matrix_of(MINUTES, ["h", "i"], ["s", "t"], unit="min", name="r5", reference="R5 7.1, 1 November 2022")
    told = matrix.describe()
    assert matrix.model_id == told["model"] == "matrix-r5"
    assert told["reference"] == "R5 7.1, 1 November 2022"
    assert matrix_of(MINUTES, ["h", "i"], ["s", "t"]).model_id == "matrix"
    assert repr(matrix) == "<TravelMatrix matrix-r5: 2 origins, 2 destinations, 3 pairs reached, in s>"


def test_the_digest_is_of_the_content() -> None:
    ends = ["h", "i"], ["s", "t"]
    digest = matrix_of(MINUTES, *ends, unit="min").describe()["sha256"]
    turned = dict(reversed(MINUTES.items()))
    assert matrix_of(turned, *ends, unit="min").describe()["sha256"] == digest
    assert wide_matrix_of(MINUTES, *ends, unit="min").describe()["sha256"] == digest
    assert matrix_of(seconds(), *ends, unit="s").describe()["sha256"] == digest
    others = [
        matrix_of(MINUTES, *ends, unit="h"),
        matrix_of(seconds(), *ends, unit="m"),
        matrix_of({**MINUTES, ("i", "t"): 1.0}, *ends, unit="min"),
        matrix_of({**MINUTES, ("i", "s"): 31.0}, *ends, unit="min"),
        matrix_of(
            {(7, b) if a == "h" else (a, b): c for (a, b), c in MINUTES.items()}, [7, "i"], ["s", "t"], unit="min"
        ),
    ]
    assert len({m.describe()["sha256"] for m in others} | {digest}) == len(others) + 1


def test_the_table_is_not_kept() -> None:
    frame = long("from_id", "to_id", "time")
    before = frame.copy()
    matrix = rg.TravelMatrix(frame, unit="min", null=[10])
    pd.testing.assert_frame_equal(frame, before)
    frame["time"] = 0.0
    assert pairs(matrix) == {("h", "t"): 450.0, ("i", "s"): 1800.0}


# --- against plain Python ---------------------------------------------------------------------------------------------


@given(
    costs=st.dictionaries(st.tuples(st.integers(0, 8), st.integers(0, 12)), st.sampled_from([0.0, 1.0, 1.5, 2.0, 7.0])),
    homes=st.lists(st.integers(0, 10), unique=True),
    sites=st.lists(st.integers(0, 14), unique=True),
    k=st.integers(1, 4),
    cutoff=st.sampled_from([None, 0.0, 1.5, 6.9]),
    wide=st.booleans(),
)
def test_any_part_of_any_matrix(
    costs: dict[tuple[int, int], float], homes: list[int], sites: list[int], k: int, cutoff: float | None, wide: bool
) -> None:
    make = wide_matrix_of if wide else matrix_of
    matrix = make(costs, list(range(9)), list(range(13)))
    rows, near = [], []
    for a in homes:
        found = sorted((costs[a, b], b) for b in sites if (a, b) in costs)
        kept = [(c, b) for c, b in found if cutoff is None or c <= cutoff]
        values = [c for c, _ in kept]
        told = [(a, b, c, values.count(c) > 1) for c, b in kept]
        rows += told
        near += told[:k]
    table = rg.costs(places(homes), places(sites), matrix, cutoff=cutoff)
    assert list(table.pairs.itertuples(index=False, name=None)) == rows
    found = matrix.nearest(places(homes), places(sites), k=k, cutoff=cutoff).pairs
    assert list(found.itertuples(index=False, name=None)) == near


# --- the whole question -----------------------------------------------------------------------------------------------


def grid_minutes(world: World) -> dict[tuple[str, str], float]:
    """What it takes to walk along the grid of the hand-drawn world at 5 km an hour, east and then north, in minutes."""
    return {
        (a, b): (abs(p.x - q.x) + abs(p.y - q.y)) / 5_000 * 60
        for a, p in zip(world.demand["demand_id"], world.demand.geometry, strict=True)
        for b, q in zip(world.sites["site_id"], world.sites.geometry, strict=True)
    }


def test_an_assessment_by_a_matrix(world: World) -> None:
    minutes = grid_minutes(world)
    homes, sites = world.demand["demand_id"].tolist(), world.sites["site_id"].tolist()
    model = matrix_of(minutes, homes, sites, unit="min", name="grid", reference="made up")
    answer = world.assess(model=model, cutoffs=[5760.0])
    assert answer.provenance["parameters"]["model"]["reference"] == "made up"
    reached = answer.nearest.query("group == 'fdac' and relation == 'reached' and evidence == 'certain'")
    assert reached["site_id"].unique().tolist() == ["court-1"]
    assert dict(zip(reached["demand_id"], reached["duration_s"], strict=True)) == {
        home: minutes[home, "court-1"] * 60 for home in homes
    }
    assert answer.gaps["any"].equals(world.assess().gaps["any"])
    # d1, d2 and d3 (1, 1 and 2 people) are 6, 8 and 14 km from the court: 72, 96 and 168 minutes.
    rows = answer.coverage.query(
        f"area_code == {D!r} and group == 'fdac' and relation == 'reached' and evidence == 'certain'"
    ).set_index("metric_id")
    assert rows.loc["rcp.access.mean_nearest@1", ["value", "unit"]].tolist() == [126 * 60.0, "s"]
    assert rows.loc["rcp.access.share_within@1", ["value", "cutoff"]].tolist() == [0.5, 5760.0]
    assert not answer.findings["code"].str.startswith("matrix.").any()
    assert "travel.straight_line" not in set(answer.findings["code"])


def test_an_assessment_by_a_matrix_that_lacks_places(world: World) -> None:
    minutes = {(a, b): c for (a, b), c in grid_minutes(world).items() if a != "a1" and b != "court-1"}
    homes = [h for h in world.demand["demand_id"] if h != "a1"]
    sites = [s for s in world.sites["site_id"] if s != "court-1"]
    model = matrix_of({**minutes, ("nobody", sites[0]): 1.0}, [*homes, "nobody"], sites, unit="min")
    answer = world.assess(model=model, cutoffs=[3600.0])
    told = answer.findings.set_index("code")["ids"]
    assert told["matrix.origin_missing"] == "a1"
    assert told["matrix.destination_missing"] == "court-1"
    assert told["matrix.origin_unused"] == "nobody"
    nearest = answer.nearest.query("relation == 'reached' and evidence == 'certain'").set_index(["demand_id", "group"])
    assert nearest.loc[("a1", "pause"), "status"] == "not_in_matrix"
    assert nearest.loc[("a2", "fdac"), "status"] == "disconnected"
    assert nearest.loc[("a2", "pause"), "status"] == "reached"
    limited = world.assess(model=matrix_of(minutes, homes, sites, unit="min", limit=1000), cutoffs=[3600.0])
    rows = limited.nearest.query("group == 'fdac' and evidence == 'certain'").set_index(["demand_id", "relation"])
    assert rows.loc[("d1", "reached"), "status"] == "beyond_cutoff"
    assert rows.loc[("d1", "served"), "status"] == "beyond_cutoff"


@pytest.mark.parametrize(("code", "cell"), [(-1, -1.0), ("none", "none")])
def test_one_code_for_not_reached_needs_no_list(code: float | str, cell: object) -> None:
    frame = pd.DataFrame({"s": [10.0, cell]}, index=["h", "i"])
    told = rg.TravelMatrix(frame, unit="min", null=code).describe()
    assert (told["pairs"], told["not_reached"], told["null"]) == (1, 1, [code])
