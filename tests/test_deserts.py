"""Deserts: on squares by hand, against components found the slow way, and on England by what anyone can look up."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

import rcp_geo as rg
from rcp_geo.cli import app
from rcp_geo.deserts import desert_members, deserts_table, gap_islands
from rcp_geo.errors import DuplicateIdError, InputError, UnknownAuthorityError, VintageError
from tests.models import FakeModel
from tests.world import DAY, DEMAND, GROUND, A, B, C, D, World

ANSWERS = ["served", "part", "unknown", "in_development", "none_recorded"]
CERTAIN = {"in_development", "none_recorded"}
POSSIBLE = {*CERTAIN, "unknown"}
COST = ["mean_distance_m", "least_distance_m", "most_distance_m"]
COLUMNS = [
    *("group", "evidence", "authorities", "names", "regions", "area_km2", "unknown", "certain_ids", "possible_id"),
    *("demand", "demand_share", "nearest_service_id", "nearest_site_id", "nearest_inside", "nearest_share", *COST),
    *("reached_share", "reason", "neighbours", "neighbours_served", "border_served_m"),
    *("outside_service_id", "outside_site_id", "outside_mean_distance_m"),
]
OFFERS = [
    *("authority_code", "authority_name", "region_name", "answer", "demand", "neighbour_code", "neighbour_name"),
    *("neighbour_answer", "border_m", "service_id", "service_name", "service_answer", "site_id", *COST),
    *("reached_share", "reason"),
]


# --- the small world --------------------------------------------------------------------------------------------------


def test_pause_of_the_small_world(world_answer: rg.Assessment) -> None:
    """B and C have none and D one in development: side by side round A, which is served.

    Demand is 5, 4 and 4 of 17. All are nearest to home, the one operating practice: b1 (10, 3), b2 (10, -4), b3 (7, -4), c1
    (0, 6), c2 (0, 14), c3 (-4, 7), d1 (10, 6), d2 (10, 8), d3 (10, 14) km away.
    """
    table = world_answer.deserts("pause")
    assert table.columns.tolist() == COLUMNS
    assert table.index.name == "desert_id"
    row = table.loc[B]
    assert len(table) == 1
    assert row[["group", "evidence", "authorities", "unknown", "certain_ids", "possible_id"]].tolist() == [
        *("pause", "certain", 3, 0, B, B)
    ]
    assert row["names"] == "Middlesbrough; Kingston upon Hull, City of; East Riding of Yorkshire"
    assert row["regions"] == "North East; Yorkshire and The Humber"
    assert row["demand"] == 13
    assert row["demand_share"] == pytest.approx(13 / 17)
    assert row["area_km2"] == 300
    away = {n: np.hypot(DEMAND[n][0] - 405_000, DEMAND[n][1] - 405_000) for n in DEMAND if n[0] != "a"}
    mean = sum(away[n] * DEMAND[n][2] for n in away) / 13
    assert row[COST].tolist() == pytest.approx([mean * GROUND, away["c1"] * GROUND, away["d3"] * GROUND], rel=1e-4)
    assert row[["nearest_service_id", "nearest_site_id", "nearest_inside"]].tolist() == ["home", "home-1", False]
    assert row[["nearest_share", "reached_share", "reason"]].tolist() == [1.0, 1.0, ""]
    # A's eastern and northern sides.
    assert row[["neighbours", "neighbours_served", "border_served_m"]].tolist() == [1, 1, 20_000.0]


def test_fdac_of_the_small_world_counts_a_site_inside_that_works_for_others(world_answer: rg.Assessment) -> None:
    """A and B have no court, though one sits in B: it works for C in part and for D."""
    row = world_answer.deserts("fdac").loc[A]
    assert row[["authorities", "demand", "neighbours", "neighbours_served", "border_served_m"]].tolist() == [
        *(2, 9, 2, 2, 20_000.0)
    ]
    assert row["nearest_service_id"] == "court"
    assert row["nearest_inside"]
    assert row["least_distance_m"] == pytest.approx(3_000 * GROUND, rel=1e-4)


def test_a_possible_desert_says_which_certain_ones_it_is_made_of(world_answer: rg.Assessment) -> None:
    """Local: A and D have none and touch at a corner only; B and C, of which it is not known, join them."""
    certain = world_answer.deserts("local")
    assert certain.index.tolist() == [A, D]
    assert certain["authorities"].tolist() == [1, 1]
    assert certain["possible_id"].tolist() == [A, A]
    assert certain["neighbours_served"].tolist() == [0, 0]
    possible = world_answer.deserts("local", evidence="possible")
    row = possible.loc[A]
    assert len(possible) == 1
    assert row[["authorities", "unknown", "certain_ids", "possible_id", "demand", "demand_share"]].tolist() == [
        *(4, 2, f"{A}; {D}", A, 17, 1.0)
    ]
    members = world_answer.desert_members("local")
    assert members.columns.tolist() == ["authority_name", "region_name", "answer", "certain_id", "possible_id"]
    assert members["certain_id"].to_dict() == {A: A, B: None, C: None, D: D}
    assert set(members["possible_id"]) == {A}
    assert members.loc[D, ["authority_name", "region_name", "answer"]].tolist() == [
        *("East Riding of Yorkshire", "Yorkshire and The Humber", "none_recorded")
    ]
    # Nothing that operates has a site: there is no nearest, and no number stands for it.
    assert row[COST].isna().all()
    assert row[["nearest_service_id", "nearest_site_id", "nearest_share"]].isna().all()
    assert row[["nearest_inside", "reached_share", "reason"]].tolist() == [False, 0.0, "no_facility"]


def test_where_no_authority_is_in_gap_there_is_no_desert(world: World) -> None:
    world.footprints = pd.concat([world.footprints.iloc[:1].assign(authority_code=c) for c in (A, B, C, D)])
    answer = world.assess()
    empty = answer.deserts("pause")
    assert empty.empty
    assert empty.dtypes.to_dict() == answer.deserts("local", evidence="possible").dtypes.to_dict()
    assert empty.index.name == "desert_id"
    assert answer.deserts("pause", evidence="possible").empty
    assert answer.desert_members("pause").empty
    assert answer.gap_islands("pause").columns.tolist() == OFFERS
    assert answer.gap_islands("pause").empty
    assert answer.deserts("pause", need=pd.Series({A: 1.0})).empty


def test_need_that_is_missing_stays_missing(world_answer: rg.Assessment) -> None:
    """Deserts of local services are A and D: A's need is 7, D's is not known."""
    need = pd.Series({D: None, A: 7, C: 2}, dtype=object)
    before = need.copy()
    table = world_answer.deserts("local", need=need)
    assert table.columns.tolist() == [*COLUMNS[:11], "need", "need_missing", *COLUMNS[11:]]
    assert table.loc[A, ["need", "need_missing"]].tolist() == [7.0, 0]
    assert np.isnan(table.loc[D, "need"])
    assert table.loc[D, "need_missing"] == 1
    whole = world_answer.deserts("local", evidence="possible", need=need)
    assert np.isnan(whole.loc[A, "need"])
    assert whole.loc[A, "need_missing"] == 2
    assert world_answer.deserts("local", need=pd.Series({A: 0, D: 0})).loc[A, "need"] == 0
    pd.testing.assert_series_equal(need, before)


@pytest.mark.parametrize(
    ("need", "error", "said"),
    [
        ({A: -1.0}, InputError, "need: 1 value is negative, infinite or not numeric .E06000001."),
        ({A: float("inf")}, InputError, "need: 1 value is negative, infinite or not numeric .E06000001."),
        (
            {A: "many", B: "few"},
            InputError,
            "need: 2 values are negative, infinite or not numeric .E06000001, E06000002.; correct",
        ),
        ({"E07000026": 1.0}, VintageError, "carry them over first"),
        ({"X1": 1.0}, UnknownAuthorityError, "X1"),
        ({None: 1.0}, InputError, "a code is missing"),
    ],
)
def test_need_that_cannot_be_used(
    need: dict[Any, Any], error: type[Exception], said: str, world_answer: rg.Assessment
) -> None:
    with pytest.raises(error, match=said):
        world_answer.deserts("pause", need=pd.Series(need))


def test_need_that_is_stated_twice(world_answer: rg.Assessment) -> None:
    with pytest.raises(DuplicateIdError):
        world_answer.deserts("pause", need=pd.Series([1.0, 2.0], index=[A, A]))


def test_what_cannot_be_asked(world_answer: rg.Assessment) -> None:
    for ask in (world_answer.deserts, world_answer.desert_members, world_answer.gap_islands):
        with pytest.raises(InputError, match="group: 'nobody' is not one of pause, fdac, local, any"):
            ask("nobody")  # type: ignore[operator]
        with pytest.raises(InputError, match="tolerance_m"):
            ask("pause", tolerance_m=-1)  # type: ignore[operator]
    for ask in (world_answer.deserts, world_answer.gap_islands):
        with pytest.raises(InputError, match="evidence: 'likely' is not one of certain, possible"):
            ask("pause", evidence="likely")  # type: ignore[operator]
    answers = world_answer.gaps["pause"]
    with pytest.raises(
        InputError, match="2 authorities are only in the answers or only in the graph .E06000011, X.; take"
    ):
        desert_members(answers.drop(D), nx.path_graph([A, B, C, D, "X"]))


def test_lines_that_do_not_quite_meet_need_a_tolerance(world: World) -> None:
    world.squares["geometry"] = [shapely.buffer(s, -1, join_style="mitre") for s in world.squares.geometry]
    answer = world.assess()
    assert answer.deserts("pause").index.tolist() == [B, C, D]
    assert answer.deserts("pause", tolerance_m=3).index.tolist() == [B]
    assert set(answer.desert_members("pause", tolerance_m=3)["certain_id"]) == {B}


def test_equal_demand_is_in_the_order_of_the_codes_and_more_comes_first(world_answer: rg.Assessment) -> None:
    """A and D have 4 each; with one more in D it is first."""
    assert world_answer.deserts("local").index.tolist() == [A, D]
    graph, answers = rg.neighbours(world_answer.boundaries), world_answer.gaps["local"]
    points = pd.DataFrame({"authority_code": [A, D], "weight": [1.0, 2.0], "distance_m": [5.0, np.nan]})
    points = points.assign(
        service_id=["s", None], site_id=["s1", None], status=["reached", "disconnected"], located_code=None
    )
    table = deserts_table(answers, graph, world_answer.boundaries.frame, points)
    assert table.index.tolist() == [D, A]
    assert table.loc[D, ["demand", "reached_share", "reason"]].tolist() == [2.0, 0.0, "disconnected"]
    assert table.loc[A, ["demand_share", "mean_distance_m"]].tolist() == [pytest.approx(1 / 3), 5.0]


def test_a_desert_without_people_has_no_distance(world: World) -> None:
    world.demand.loc[world.demand["demand_id"].str[0] == "d", "weight"] = 0.0
    row = world.assess().deserts("local").loc[D]
    assert row[["demand", "demand_share", "reason"]].tolist() == [0.0, 0.0, "no_demand"]
    pause = world.assess().deserts("pause").loc[B]
    # Where nobody lives is not how far anyone has to travel: c2 is farther than any other that has people.
    assert pause["most_distance_m"] == pytest.approx(14_000 * GROUND, rel=1e-4)


def test_the_nearest_site_is_that_of_most_demand(world: World) -> None:
    """Of pause's desert B, C, D (5, 4 and 4 of 13): a second practice at b's door takes B and D."""
    world.services.loc[world.services["service_id"] == "shut", "family"] = "pause"
    world.status.loc[world.status["service_id"] == "shut", "status"] = "operating"
    world.sites.loc[world.sites["service_id"] == "shut", "geometry"] = shapely.Point(418_000, 405_000)
    row = world.assess().deserts("pause").loc[B]
    near = {n: np.hypot(DEMAND[n][0] - 418_000, DEMAND[n][1] - 405_000) for n in DEMAND}
    own = {n: np.hypot(DEMAND[n][0] - 405_000, DEMAND[n][1] - 405_000) for n in DEMAND}
    taken = sum(w for n, (_, _, w) in DEMAND.items() if n[0] != "a" and near[n] < own[n])
    assert row["nearest_service_id"] == "shut"
    assert row["nearest_share"] == pytest.approx(taken / 13)
    assert row["nearest_inside"]
    assert row["least_distance_m"] == pytest.approx(
        min(min(near[n], own[n]) for n in DEMAND if n[0] != "a") * GROUND, rel=1e-4
    )


def test_durations_are_named_by_their_unit_and_what_is_not_reached_has_a_reason(world: World) -> None:
    """From b1 it is 60 s to home, from d1 120 s; nothing else is on the way to anywhere."""
    model = FakeModel({("b1", "home-1"): 60.0, ("d1", "home-1"): 120.0}, {"c1": "unsnapped"})
    answer = world.assess(model=model, cutoffs=[600.0])
    row = answer.deserts("pause").loc[B]
    assert row[["mean_duration_s", "least_duration_s", "most_duration_s"]].tolist() == [90.0, 60.0, 120.0]
    assert row[["nearest_share", "reached_share"]].tolist() == pytest.approx([2 / 13, 2 / 13])
    assert row["reason"] == "disconnected"
    assert "mean_duration_s" in answer.gap_islands("pause").columns


# --- gaps among served ones -------------------------------------------------------------------------------------------


def test_gap_islands_of_the_small_world(world: World) -> None:
    """With home working for D too and nothing planned, C has none while its neighbours A and D are served, and so has B."""
    world.footprints = pd.concat(
        [
            world.footprints[world.footprints["service_id"] != "planned"],
            world.footprints.iloc[:1].assign(authority_code=D),
        ]
    )
    answer = world.assess()
    table = answer.gap_islands("pause")
    assert table.columns.tolist() == OFFERS
    assert table[["authority_code", "neighbour_code", "service_id"]].values.tolist() == [
        *([C, A, "home"], [C, D, "home"], [B, A, "home"], [B, D, "home"])
    ]
    first = table.iloc[0]
    assert first[["authority_name", "region_name", "answer", "demand"]].tolist() == [
        *("Kingston upon Hull, City of", "Yorkshire and The Humber", "none_recorded", 4.0)
    ]
    assert first[["neighbour_name", "neighbour_answer", "border_m"]].tolist() == ["Hartlepool", "served", 10_000.0]
    assert first[["service_name", "service_answer", "site_id"]].tolist() == ["Home", "served", "home-1"]
    mean = (6_000 + 14_000 + 2 * np.hypot(4_000, 7_000)) / 4
    assert first[COST].tolist() == pytest.approx([mean * GROUND, 6_000 * GROUND, 14_000 * GROUND], rel=1e-4)
    assert first[["reached_share", "reason"]].tolist() == [1.0, ""]


def test_an_unknown_authority_is_an_island_only_where_it_may_be(world: World) -> None:
    """Any service: B is not known, A is served and D too; the court that serves D sits in B, and home is far."""
    answer = world.assess()
    assert answer.gap_islands("any").empty
    table = answer.gap_islands("any", evidence="possible")
    assert table[["authority_code", "answer", "neighbour_code", "service_id"]].values.tolist() == [
        *([B, "unknown", D, "court"], [B, "unknown", A, "home"])
    ]
    to_home = (np.hypot(10, 3) + 3 * np.hypot(10, 4) + np.hypot(7, 4)) / 5 * 1_000
    assert table["mean_distance_m"].tolist() == pytest.approx([4_000 * GROUND, to_home * GROUND], rel=1e-4)
    # Doubtful works for B, unclear how: it is no offer. Of the certain gaps there is none.
    assert "doubtful" not in set(table["service_id"])


def test_a_service_without_a_site_is_offered_without_a_distance(world: World) -> None:
    world.footprints = world.footprints[world.footprints["service_id"] != "doubtful"]
    more = world.footprints.iloc[:2].assign(service_id="doubtful", certainty="stated", authority_code=[A, D])
    world.footprints = pd.concat([world.footprints[world.footprints["service_id"] != "silent"], more])
    table = world.assess().gap_islands("local")
    assert table["authority_code"].tolist() == [B, B, C, C]
    assert set(table["service_id"]) == {"doubtful"}
    assert table[COST].isna().all(axis=None)
    assert set(table["reason"]) == {"no_facility"}


def test_an_authority_without_neighbours_is_no_island_among_served_ones() -> None:
    graph = nx.Graph()
    graph.add_nodes_from(["far", "near", "served"])
    graph.add_edge("near", "served", border_m=1.0)
    answers = pd.Series({"far": "none_recorded", "near": "none_recorded", "served": "served"})
    serving = pd.DataFrame({"authority_code": ["served"], "service_id": ["s"], "name": ["S"], "answer": ["served"]})
    demand = gpd.GeoDataFrame(
        {"demand_id": ["d"], "weight": [2.0]}, geometry=gpd.points_from_xy([-1.0], [52.0]), crs="EPSG:4326"
    )
    sites = gpd.GeoDataFrame(
        {"site_id": ["s1"], "service_id": ["s"]}, geometry=gpd.points_from_xy([-1.1], [52.0]), crs="EPSG:4326"
    )
    for authority, demand_of_near in (("near", 2.0), ("far", 0.0)):
        of = np.array([authority], dtype=object)
        table = gap_islands(answers, graph, serving, demand, of, sites, rg.Geodesic())
        assert table["authority_code"].tolist() == ["near"]
        assert table["demand"].tolist() == [demand_of_near]
    assert table[["reason"]].values.tolist() == [["no_demand"]]


# --- any world --------------------------------------------------------------------------------------------------------


def components(inside: set[str], edges: set[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Find what hangs together by joining two sets at an edge, until all edges are seen."""
    of = {code: frozenset({code}) for code in inside}
    for one, other in sorted(edges):
        if one in inside and other in inside:
            both = of[one] | of[other]
            of.update(dict.fromkeys(both, both))
    return of


@st.composite
def grids(draw: st.DrawFn) -> tuple[dict[str, str], set[tuple[str, str]], list[tuple[str | None, int]], int]:
    """A grid of squares with an answer each, demand points in some of them, and a seed to shuffle rows by."""
    width, height = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    codes = [[f"E{100 + y * width + x}" for x in range(width)] for y in range(height)]
    flat = [code for row in codes for code in row]
    answers = {code: draw(st.sampled_from(ANSWERS)) for code in flat}
    edges = {pair for line in [*codes, *zip(*codes, strict=True)] for pair in pairwise(line)}
    points = draw(st.lists(st.tuples(st.sampled_from([*flat, None]), st.integers(0, 5)), min_size=1, max_size=20))
    return answers, edges, points, draw(st.integers(0, 9))


def _ask(
    answers: dict[str, str],
    edges: set[tuple[str, str]],
    points: list[tuple[str | None, int]],
    seed: int | None,
    evidence: Any,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put a grid's tables together, shuffled where a seed is given, and ask for its deserts."""
    random = np.random.default_rng(seed)
    order = list(answers) if seed is None else random.permutation(list(answers)).tolist()
    graph = nx.Graph()
    graph.add_nodes_from(order)
    graph.add_edges_from([(v, u) if seed else (u, v) for u, v in edges], border_m=1.0)
    frame = gpd.GeoDataFrame(
        {"authority_code": order, "region_code": "", "region_name": ""},
        geometry=[shapely.box(0, 0, 1e3, 1e3)] * len(order),
    )
    rows = pd.DataFrame(points, columns=["authority_code", "weight"]).astype(
        {"authority_code": object, "weight": float}
    )
    cost = [float(w) * 100 + i for i, (_, w) in enumerate(points)]
    rows = rows.assign(service_id="s", site_id=[f"s{i % 3}" for i in range(len(rows))], distance_m=cost)
    rows = rows.assign(status="reached", located_code=None)
    if seed is not None:
        rows = rows.iloc[random.permutation(len(rows))].reset_index(drop=True)
    series = pd.Series(answers, name="any", dtype=object).reindex(order)
    return deserts_table(series, graph, frame, rows, evidence=evidence), desert_members(series, graph)


@settings(max_examples=40)
@given(grids())
def test_deserts_are_the_components_found_the_slow_way(world: Any) -> None:
    answers, edges, points, seed = world
    tables = {}
    for evidence, gap in (("certain", CERTAIN), ("possible", POSSIBLE)):
        inside = {code for code, answer in answers.items() if answer in gap}
        expected = components(inside, edges)
        table, members = _ask(answers, edges, points, None, evidence)
        tables[evidence] = table
        # Every authority in gap is in exactly one desert, named by the smallest code in it.
        ids = members[f"{evidence}_id"].dropna().to_dict()
        assert ids == {code: min(together) for code, together in expected.items()}
        assert members.index.tolist() == sorted(c for c, a in answers.items() if a in POSSIBLE)
        assert set(table.index) == set(ids.values())
        assert table["authorities"].sum() == len(inside)
        # Demand is conserved, and ranked by.
        assert table["demand"].sum() == sum(w for code, w in points if code in inside)
        everyone = sum(w for code, w in points if code is not None)
        assert np.allclose(table["demand_share"], table["demand"] / everyone if everyone else np.nan, equal_nan=True)
        assert list(zip(-table["demand"], table.index, strict=True)) == sorted(
            zip(-table["demand"], table.index, strict=True)
        )
        for code, row in table.iterrows():
            together = expected[str(code)]
            own = [(w * 100 + i, w, f"s{i % 3}") for i, (c, w) in enumerate(points) if c in together and w]
            around = {v for u, v in edges if u in together} | {u for u, v in edges if v in together}
            outside = around - together
            served = {c for c in outside if answers[c] in ("served", "part")}
            assert row["neighbours"] == len(outside)
            assert row["neighbours_served"] == len(served)
            assert row["border_served_m"] == sum(
                (u in together and v in served) or (v in together and u in served) for u, v in edges
            )
            assert row["area_km2"] == len(together)
            if own:
                assert row["mean_distance_m"] == pytest.approx(
                    sum(c * w for c, w, _ in own) / sum(w for _, w, _ in own)
                )
                assert row[["least_distance_m", "most_distance_m"]].tolist() == [min(own)[0], max(own)[0]]
                held = {s: sum(w for _, w, t in own if s == t) for s in ("s0", "s1", "s2")}
                assert row["nearest_site_id"] == max(sorted(held), key=lambda s: held[s])
        # Neither row order nor the direction of an edge changes anything.
        shuffled, _ = _ask(answers, edges, points, seed, evidence)
        pd.testing.assert_frame_equal(shuffled.drop(columns="mean_distance_m"), table.drop(columns="mean_distance_m"))
        assert np.allclose(shuffled["mean_distance_m"], table["mean_distance_m"], rtol=1e-12, equal_nan=True)
    # A possible desert is a union of certain ones and of authorities that are not known.
    certain, possible = tables["certain"], tables["possible"]
    parts = [i for ids in possible["certain_ids"] if ids for i in ids.split("; ")]
    assert sorted(parts) == sorted(certain.index)
    for code, row in possible.iterrows():
        own = [i for i in row["certain_ids"].split("; ") if i]
        assert set(certain.loc[own, "possible_id"]) <= {code}
        assert certain.loc[own, "authorities"].sum() + row["unknown"] == row["authorities"]
    assert possible["demand"].sum() >= certain["demand"].sum()


@settings(max_examples=40)
@given(grids())
def test_islands_are_gaps_of_which_every_neighbour_is_served(world: Any) -> None:
    answers, edges, points, _ = world
    serving = pd.DataFrame(
        [(c, f"of-{c}", c, a) for c, a in answers.items() if a in ("served", "part")],
        columns=["authority_code", "service_id", "name", "answer"],
    )
    graph = nx.Graph()
    graph.add_nodes_from(answers)
    graph.add_edges_from(edges, border_m=1.0)
    demand = gpd.GeoDataFrame(
        {"demand_id": range(len(points)), "weight": [float(w) for _, w in points]},
        geometry=gpd.points_from_xy(np.linspace(-1, 0, len(points)), [52.0] * len(points)),
        crs="EPSG:4326",
    )
    sites = gpd.GeoDataFrame(
        {"site_id": serving["service_id"] + "-1", "service_id": serving["service_id"]},
        geometry=gpd.points_from_xy(np.linspace(0, 1, len(serving)), [52.0] * len(serving)),
        crs="EPSG:4326",
    )
    around = {c: {v for u, v in edges if u == c} | {u for u, v in edges if v == c} for c in answers}
    of = np.array([c for c, _ in points], dtype=object)
    for evidence, gap in (("certain", CERTAIN), ("possible", POSSIBLE)):
        table = gap_islands(
            pd.Series(answers, dtype=object), graph, serving, demand, of, sites, rg.Geodesic(), evidence=evidence
        )
        expected = {
            (c, n)
            for c, a in answers.items()
            if a in gap and around[c] and all(answers[n] in ("served", "part") for n in around[c])
            for n in around[c]
        }
        assert set(zip(table["authority_code"], table["neighbour_code"], strict=True)) == expected
        assert len(table) == len(expected)
        assert (table["service_id"] == "of-" + table["neighbour_code"]).all()
        # A block per authority, the cheapest first.
        best = table.groupby("authority_code", sort=False)["mean_distance_m"].min().dropna()
        assert best.is_monotonic_increasing
        assert (table["authority_code"] != table["authority_code"].shift()).sum() == table["authority_code"].nunique()


# --- England ----------------------------------------------------------------------------------------------------------


def test_every_gap_of_england_is_in_one_desert(november_2022: rg.Assessment) -> None:
    for group in november_2022.groups:
        counts = november_2022.summary.loc[group]
        members = november_2022.desert_members(group)
        assert members["certain_id"].notna().sum() == counts["gap_min"]
        assert len(members) == counts["gap_max"]
        for evidence, end in (("certain", "gap_min"), ("possible", "gap_max")):
            table = november_2022.deserts(group, evidence=evidence)
            assert table["authorities"].sum() == counts[end]
            held = november_2022.demand["district_code"].map(
                {d: c for c in members.index[members[f"{evidence}_id"].notna()] for d in _districts(c)}
            )
            assert table["demand"].sum() == held.notna().sum()
            assert table["demand_share"].sum() == pytest.approx(held.notna().sum() / 32_844)


def _districts(code: str) -> frozenset[str]:
    from rcp_geo.authorities import register

    return register().districts[code]


def test_wight_is_a_desert_of_its_own_but_for_the_ferries(november_2022: rg.Assessment) -> None:
    wight = "E06000046"
    assert november_2022.gaps.loc[wight, "any"] == "none_recorded"
    alone = november_2022.deserts(crossings=False).loc[wight]
    assert alone[["names", "authorities", "neighbours", "border_served_m"]].tolist() == ["Isle of Wight", 1, 0, 0.0]
    joined = november_2022.desert_members().loc[wight, "certain_id"]
    names = november_2022.deserts().loc[joined, "names"].split("; ")
    assert {"Isle of Wight", "Southampton", "Portsmouth"} & set(names) > {"Isle of Wight"}
    assert november_2022.desert_members(crossings=False).loc[wight, "certain_id"] == wight


def test_islands_of_england_have_served_neighbours_alone(november_2022: rg.Assessment) -> None:
    for group in november_2022.groups:
        table = november_2022.gap_islands(group, evidence="possible")
        gap = set(november_2022.gap_list(group).index)
        served = set(november_2022.gaps.index) - gap
        graph = rg.neighbours(november_2022.boundaries)
        expected = {c for c in gap if graph.degree[c] and set(graph[c]) <= served}
        assert set(table["authority_code"]) == expected
    # All of Derby's border is with Derbyshire.
    assert {"E06000015"} == set(november_2022.gap_islands("pause", evidence="possible")["authority_code"])


# --- drawn ------------------------------------------------------------------------------------------------------------


def _numbers(ax: Any) -> list[str]:
    return sorted(t.get_text() for panel in (ax, *ax.child_axes) for t in panel.texts if t.get_text().isdigit())


def test_each_desert_is_outlined_and_numbered_once(november_2022: rg.Assessment, world: World) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    import matplotlib.pyplot as plt

    ax = november_2022.plot_deserts()
    assert _numbers(ax) == sorted(str(n) for n in range(1, 14))
    assert ax.get_title("left") == "Any service, 1 November 2022\n13 certain deserts, by demand"
    # Lewisham and the City are numbered where London is large enough to see them.
    assert {t.get_text() for t in ax.child_axes[0].texts} >= {"10", "13"}
    small = world.assess().plot_deserts("local")
    assert _numbers(small) == ["1", "2"]
    at = {t.get_text(): t.get_position() for t in small.texts}
    assert at["1"] == (405_000, 405_000)
    outline = next(line for line in small.lines if len(line.get_xdata()) == 5)
    assert (min(outline.get_xdata()), max(outline.get_ydata())) == (400_000, 410_000)
    whole = world.assess().plot_deserts("local", evidence="possible")
    assert "1 possible desert, by" in whole.get_title("left")
    plt.close("all")


def test_what_cannot_be_drawn(world_answer: rg.Assessment) -> None:
    with pytest.raises(InputError, match="group: 'nobody'"):
        world_answer.plot_deserts("nobody")


# --- from a shell -----------------------------------------------------------------------------------------------------


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["deserts", *arguments])


def test_deserts_from_a_shell(november_2022: rg.Assessment) -> None:
    rows = json.loads(_run("--family", "local", "--format", "json").stdout)
    table = november_2022.deserts("local")
    assert [r["desert_id"] for r in rows] == table.index.tolist()
    assert [r["demand"] for r in rows] == table["demand"].tolist()
    possible = json.loads(_run("--family", "local", "--possible", "--no-crossings", "--format", "json").stdout)
    expected = november_2022.deserts("local", evidence="possible", crossings=False)
    assert [r["certain_ids"] for r in possible] == expected["certain_ids"].tolist()


def test_members_and_islands_from_a_shell(november_2022: rg.Assessment) -> None:
    rows = json.loads(_run("--members", "--format", "json").stdout)
    assert {r["authority_code"]: r["possible_id"] for r in rows} == november_2022.desert_members()[
        "possible_id"
    ].to_dict()
    rows = json.loads(_run("--islands", "--possible", "--format", "json").stdout)
    assert len(rows) == len(november_2022.gap_islands(evidence="possible"))
    for wrong in (["--members", "--islands"], ["--members", "--possible"]):
        assert _run(*wrong).exit_code == 2


def test_deserts_as_tables_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    shown = _run("--as-of", "2021-07-01", "--format", "table")
    assert shown.exit_code == 0
    assert "Deserts, any, 2021-07-01, certain" in shown.stdout
    assert " more " in shown.stdout
    assert "it says nothing of travel" in shown.stderr
    assert "not known" in _run("--possible", "--format", "table").stdout
    assert "every neighbour served" in _run("--possible", "--islands", "--format", "table").stdout
    assert "certain id" in _run("--members", "--format", "table").stdout


def test_deserts_of_ones_own_services(folder: Any) -> None:
    rows = _run("--directory", str(folder), "--as-of", DAY, "--family", "pause", "--members", "--format", "csv").stdout
    assert A not in rows
    assert B in rows


@pytest.mark.parametrize("group", ["fdac", "any"])
def test_the_nearest_outside_is_among_the_sites_that_lie_in_no_authority_of_the_desert(group: str) -> None:
    answer = rg.assess(as_of="2022-11-01")
    table, members = answer.deserts(group), answer.desert_members(group)
    status = answer.directory.status_on(answer.as_of)
    sites = answer.directory.sites
    families = answer.directory.services.set_index("service_id")["family"]
    kept = sites["service_id"].map(status).eq("operating")
    kept &= sites["service_id"].map(families).eq(group) | (group == "any")
    where = answer.located.set_index("site_id")["authority_code"]
    lies_in = rg.locate(answer.demand, answer.boundaries)["authority_code"].to_numpy(dtype=object)
    assert table["nearest_inside"].any()
    for desert, row in table.head(3).iterrows():
        codes = set(members.index[members["certain_id"] == desert])
        own = sites[kept & ~sites["site_id"].map(where).isin(codes)]
        # By polygon here and by register there: the few points that differ lie at borders.
        homes = answer.demand[pd.Series(lies_in, dtype=object).isin(codes).to_numpy()]
        found = rg.nearest(homes, own)
        assert row["outside_mean_distance_m"] == pytest.approx(found["distance_m"].mean(), rel=0.01)
        assert row["outside_site_id"] == found["destination_id"].value_counts().index[0]
        assert where[row["outside_site_id"]] not in codes
        assert row["outside_mean_distance_m"] >= row["mean_distance_m"] - 1e-6


def test_a_group_whose_name_ends_like_a_column_of_counts(world: World) -> None:
    world.services.loc[world.services["family"] == "local", "family"] = "other_services"
    answer = world.assess()
    assert set(answer.desert_members("other_services").index) == set(answer.gap_list("other_services").index)
    with pytest.raises(InputError, match="group: 'other' is not one of pause, fdac, local, other_services, any"):
        answer.deserts("other")
