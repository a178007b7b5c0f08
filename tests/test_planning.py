"""Where to put the next sites: against published figures, against trying every choice, and in small worlds worked by hand."""

from __future__ import annotations

import io
import itertools
import math
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

import rcp_geo as rg
from rcp_geo.cli import app
from rcp_geo.errors import DuplicateIdError, InfeasibleError, InputError, MissingColumnError, TravelError
from rcp_geo.postcodes import postcode_districts, postcodes_within
from tests.models import FakeModel
from tests.world import DAY, GROUND, A, B, C, D, World, points

MODELS = ("mclp", "lscp", "p-median", "p-center")
CUTOFF = 4.0


# --- published figures ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def san_francisco(shared_data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """16 stores and 205 tracts of San Francisco with network distances, as PySAL's spopt tests with."""
    folder = shared_data.parent / "vectors" / "spopt_sf"
    if not folder.is_dir():
        pytest.skip("no ../shared/vectors/spopt_sf beside the repository: the published figures were not compared")
    people = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv", dtype={"NAME": str})
    pairs = pd.read_csv(
        folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv", dtype={"DestinationName": str}
    )
    pairs["destination_id"] = pairs["name"].str.removeprefix("Store_").astype(int)
    return (
        pairs.rename(columns={"distance": "cost", "DestinationName": "origin_id"}),
        people.rename(columns={"NAME": "demand_id", "POP2000": "weight"}),
    )


def test_set_covering_of_san_francisco(san_francisco: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found = rg.plan(*san_francisco, model="lscp", cutoff=5000, k_best=9)
    assert (found.objective, found.bound, found.gap, found.only) == (8, 8, 0, False)
    # Eight different choices of eight stores cover everyone; the ninth best takes nine.
    assert found.alternatives["objective"].tolist() == [8] * 8 + [9]
    assert found.alternatives["sites"].is_unique
    assert found.alternatives["sites"].tolist()[:8] == sorted(found.alternatives["sites"][:8])


def test_maximal_covering_of_san_francisco(san_francisco: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found = rg.plan(*san_francisco, model="mclp", p=4, cutoff=5000)
    assert found.sites == (2, 11, 12, 15)
    assert (found.objective, found.gap, found.only) == (875_247, 0, True)
    assert (~found.table["covered_after"]).sum() == 21
    assert "875,247 of 955,113 (91.6 %)" in str(found)


def test_p_median_of_san_francisco(san_francisco: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found = rg.plan(*san_francisco, model="p-median", p=4)
    assert found.sites == (2, 11, 12, 15)
    assert found.objective == pytest.approx(2_848_268_129.71, abs=0.005)
    assert found.summary()["mean_cost_after"] == pytest.approx(2982.12686, abs=5e-6)
    assert found.gap == 0


def test_p_center_of_san_francisco(san_francisco: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found = rg.plan(*san_francisco, model="p-center", p=4)
    assert found.sites == (7, 11, 13, 15)
    assert found.objective == pytest.approx(7403.0638, abs=5e-5)
    assert found.gap == 0


def test_greedy_choices_of_san_francisco_keep_to_their_bounds(
    san_francisco: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    cover = rg.plan(*san_francisco, model="mclp", p=4, cutoff=5000, method="greedy")
    assert cover.status == "greedy"
    assert 875_247 * (1 - 1 / math.e) <= cover.objective <= 875_247 <= cover.bound
    median = rg.plan(*san_francisco, model="p-median", p=4, method="greedy")
    # The relaxation is known to be tight here: swaps find the best, and the bound is near it.
    assert median.objective == pytest.approx(2_848_268_129.71, abs=0.005)
    assert median.gap < 0.01
    assert median.bound <= 2_848_268_129.72
    sets = rg.plan(*san_francisco, model="lscp", cutoff=5000, method="greedy")
    assert sets.bound <= 8 <= sets.objective
    center = rg.plan(*san_francisco, model="p-center", p=4, method="greedy")
    assert center.bound <= 7403.0639 <= center.objective + 1e-4


# --- every choice tried -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A small instance: weights by demand point, costs by pair, sites to choose from and existing ones, prices."""

    weights: dict[str, float]
    costs: dict[tuple[str, str], float]
    candidates: tuple[str, ...]
    existing: tuple[str, ...]
    prices: dict[str, float]

    def pairs(self) -> pd.DataFrame:
        rows = [(i, j, c) for (i, j), c in self.costs.items()]
        return pd.DataFrame(rows, columns=["origin_id", "destination_id", "cost"]).astype({"cost": float})

    def table(self) -> rg.CostTable:
        """The pairs as a cost table, which names sites that nobody reaches too."""
        sites = [*self.candidates, *self.existing]
        ends = [pd.DataFrame({"id": ids, "status": "ok", "snap_m": 0.0}) for ids in (list(self.weights), sites)]
        return rg.CostTable(self.pairs().assign(tied=False), ends[0], ends[1], "m", None, "by hand")

    def demand(self) -> pd.DataFrame:
        rows = [(i, w, "north" if k % 2 else "south") for k, (i, w) in enumerate(self.weights.items())]
        return pd.DataFrame(rows, columns=["demand_id", "weight", "area"])

    def nearest(self, i: str, sites: tuple[str, ...]) -> float:
        return min((self.costs[i, j] for j in (*sites, *self.existing) if (i, j) in self.costs), default=math.inf)

    def covered(self, sites: tuple[str, ...]) -> float:
        return sum(w for i, w in self.weights.items() if self.nearest(i, sites) <= CUTOFF)

    def everyone(self, sites: tuple[str, ...], limit: float) -> bool:
        return all(self.nearest(i, sites) <= limit for i, w in self.weights.items() if w)

    def choices(self, sizes: Any) -> Iterator[tuple[str, ...]]:
        return itertools.chain.from_iterable(itertools.combinations(self.candidates, size) for size in sizes)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    demand = [f"d{i}" for i in range(draw(st.integers(1, 7)))]
    sites = [f"s{j}" for j in range(draw(st.integers(2, 7)))]
    kept = draw(st.integers(0, min(2, len(sites) - 1)))
    shuffled = draw(st.permutations(sites))
    weights = {i: float(draw(st.sampled_from([0, 1, 1, 2, 5]))) for i in demand}
    weights[demand[0]] = 1.0
    # Few values, so that many choices tie; None is no way to get there.
    values = st.sampled_from([None, 0, 1, 2, 4, 5, 7])
    costs = {(i, j): draw(values) for i in demand for j in sites}
    prices = {j: float(draw(st.sampled_from([0, 1, 2, 3]))) for j in sites}
    return Case(
        weights,
        {pair: float(c) for pair, c in costs.items() if c is not None},
        tuple(sorted(shuffled[kept:])),
        tuple(sorted(shuffled[:kept])),
        prices,
    )


def _worth(case: Case, model: str, sites: tuple[str, ...]) -> float | None:
    """What a choice of sites is worth, smaller being better; None where it does not do what is asked."""
    if model == "mclp":
        return -case.covered(sites)
    if model == "lscp":
        return float(len(sites)) if case.everyone(sites, CUTOFF) else None
    if not case.everyone(sites, 1e9):
        return None
    least = {i: case.nearest(i, sites) for i, w in case.weights.items() if w}
    return max(least.values()) if model == "p-center" else sum(case.weights[i] * c for i, c in least.items())


def _best(
    case: Case, choices: Iterator[tuple[str, ...]], worth: Callable[[tuple[str, ...]], float | None], k: int
) -> list[tuple[float, tuple[str, ...]]]:
    """The k best of all choices: by worth, then number, then ids; those that only add sites to a better one left out."""
    told = sorted((v, len(s), s) for s in choices if (v := worth(s)) is not None)
    kept: list[tuple[float, tuple[str, ...]]] = []
    for value, _, sites in told:
        if not any(set(better) <= set(sites) for _, better in kept):
            kept.append((value, sites))
    return kept[:k]


def _agree(found: rg.Plan, expected: list[tuple[float, tuple[str, ...]]], k: int) -> None:
    sign = -1 if found.model == "mclp" else 1
    assert found.alternatives["sites"].tolist() == [s for _, s in expected]
    assert found.alternatives["objective"].tolist() == pytest.approx([sign * v for v, _ in expected])
    assert found.sites == expected[0][1]
    assert found.objective == pytest.approx(sign * expected[0][0])
    assert (found.gap, found.status, found.repeatable) == (0, "optimal", True)
    if k > 1:
        assert found.only == (len(expected) < 2 or expected[1][0] != expected[0][0])


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=120)
@given(case=cases(), p=st.integers(1, 4), k=st.integers(1, 4))
def test_every_model_agrees_with_trying_every_choice(model: Any, case: Case, p: int, k: int) -> None:
    p = min(p, len(case.candidates))
    size: dict[str, Any] = {} if model == "lscp" else {"p": p}
    cutoff: dict[str, Any] = {"cutoff": CUTOFF} if model in {"mclp", "lscp"} else {}
    sizes = range(len(case.candidates) + 1) if model == "lscp" else [p]
    expected = _best(case, case.choices(sizes), lambda s: _worth(case, model, s), k)
    ask = {"model": model, "existing": case.existing, "k_best": k, **size, **cutoff}
    if not expected:
        with pytest.raises(InfeasibleError):
            rg.plan(case.table(), case.demand(), **ask)
        return
    _agree(rg.plan(case.table(), case.demand(), **ask), expected, k)


@pytest.mark.parametrize("model", ["mclp", "p-median", "p-center"])
@settings(max_examples=80)
@given(case=cases(), budget=st.sampled_from([0.0, 1.0, 2.0, 4.0, 6.5]), k=st.integers(1, 3))
def test_budgets_agree_with_trying_every_choice(model: Any, case: Case, budget: float, k: int) -> None:
    choices = (s for s in case.choices(range(len(case.candidates) + 1)) if sum(case.prices[j] for j in s) <= budget)
    expected = _best(case, choices, lambda s: _worth(case, model, s), k)
    ask: dict[str, Any] = {"model": model, "existing": case.existing, "k_best": k, "budget": budget}
    ask |= {"site_costs": case.prices, "cutoff": CUTOFF if model == "mclp" else None}
    if not expected:
        with pytest.raises(InfeasibleError):
            rg.plan(case.table(), case.demand(), **ask)
        return
    _agree(rg.plan(case.table(), case.demand(), **ask), expected, k)


@settings(max_examples=80)
@given(case=cases(), k=st.integers(1, 3))
def test_the_cheapest_cover_agrees_with_trying_every_choice(case: Case, k: int) -> None:
    def worth(sites: tuple[str, ...]) -> float | None:
        return sum(case.prices[j] for j in sites) if case.everyone(sites, CUTOFF) else None

    expected = _best(case, case.choices(range(len(case.candidates) + 1)), worth, k)
    ask: dict[str, Any] = {"model": "lscp", "cutoff": CUTOFF, "existing": case.existing, "site_costs": case.prices}
    if expected:
        _agree(rg.plan(case.table(), case.demand(), k_best=k, **ask), expected, k)


@pytest.mark.parametrize("model", ["mclp", "p-median"])
@settings(max_examples=100)
@given(case=cases(), p=st.integers(1, 3))
def test_fair_plans_agree_with_trying_every_choice(model: Any, case: Case, p: int) -> None:
    p = min(p, len(case.candidates))
    demand = case.demand()
    areas = demand[demand["weight"] > 0].groupby("area")["demand_id"].apply(list)

    def losses(sites: tuple[str, ...]) -> list[float] | None:
        if model == "p-median" and not case.everyone(sites, 1e9):
            return None
        found = []
        for people in areas:
            weight = sum(case.weights[i] for i in people)
            near = {i: case.nearest(i, sites) for i in people}
            if model == "mclp":
                found.append(sum(case.weights[i] for i, c in near.items() if c > CUTOFF) / weight)
            else:
                found.append(sum(case.weights[i] * c for i, c in near.items() if case.weights[i]) / weight)
        return sorted(found, reverse=True)

    tried = {s: worst for s in case.choices([p]) if (worst := losses(s)) is not None}
    ask: dict[str, Any] = {"model": model, "p": p, "fair": "area", "existing": case.existing}
    ask["cutoff"] = CUTOFF if model == "mclp" else None
    if not tried:
        with pytest.raises(InfeasibleError):
            rg.plan(case.table(), demand, **ask)
        return
    found = rg.plan(case.table(), demand, **ask)
    best = min(tried.values())
    assert tried[found.sites] == pytest.approx(best, abs=1e-6)
    assert found.objective == pytest.approx(1 - best[0] if model == "mclp" else best[0], abs=1e-6)
    assert found.gap == 0
    assert found.by_group is not None
    assert set(found.by_group.index) == {"north", "south"} & set(demand["area"])


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=60)
@given(case=cases(), p=st.integers(1, 3), paid=st.booleans())
def test_greedy_plans_keep_to_their_bounds(model: Any, case: Case, p: int, paid: bool) -> None:
    ask: dict[str, Any] = {"model": model, "existing": case.existing}
    ask["cutoff"] = CUTOFF if model in {"mclp", "lscp"} else None
    if model == "lscp":
        ask |= {"site_costs": case.prices} if paid else {}
    else:
        ask |= {"budget": float(p), "site_costs": case.prices} if paid else {"p": min(p, len(case.candidates))}
    try:
        best = rg.plan(case.table(), case.demand(), **ask)
        found = rg.plan(case.table(), case.demand(), method="greedy", **ask)
    except InfeasibleError:
        return
    better = 1 if model == "mclp" else -1
    assert better * found.objective <= better * best.objective + 1e-9
    assert better * best.objective <= better * found.bound + 1e-9
    if model == "mclp" and not paid:
        before = case.covered(())
        assert found.objective - before >= (1 - 1 / math.e) * (best.objective - before) - 1e-9
    assert found.status == "greedy"
    assert found.gap == pytest.approx(
        0 if found.objective == found.bound else abs(found.objective - found.bound) / max(found.objective, found.bound)
    )


# --- what always holds ------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(case=cases())
def test_more_sites_are_never_worse_and_as_many_as_cover_everyone_cover_all(case: Case) -> None:
    costs, demand = case.table(), case.demand()
    total = sum(case.weights.values())
    covered = [
        rg.plan(costs, demand, model="mclp", p=p, cutoff=CUTOFF, existing=case.existing).objective
        for p in range(1, len(case.candidates) + 1)
    ]
    assert covered == sorted(covered)
    try:
        needed = len(rg.plan(costs, demand, model="lscp", cutoff=CUTOFF, existing=case.existing).sites)
    except InfeasibleError as error:
        lost = [i for i, w in case.weights.items() if w and case.nearest(i, case.candidates) > CUTOFF]
        assert error.ids == tuple(sorted(lost))
        assert error.weight == sum(case.weights[i] for i in lost)
        assert covered[-1] == total - error.weight
        return
    assert all((c == total) == (p >= needed) for p, c in enumerate(covered, start=1))


@settings(max_examples=40)
@given(case=cases(), seed=st.integers(0, 2**16), model=st.sampled_from(MODELS))
def test_the_order_of_rows_changes_nothing(case: Case, seed: int, model: Any) -> None:
    ask: dict[str, Any] = {"model": model, "existing": case.existing, "k_best": 3}
    ask["cutoff"] = CUTOFF if model in {"mclp", "lscp"} else None
    ask["p"] = None if model == "lscp" else min(2, len(case.candidates))
    table, demand = case.table(), case.demand()
    if set(case.pairs()["destination_id"]) != {*case.candidates, *case.existing}:
        return
    try:
        found = rg.plan(table, demand, **ask)
    except InfeasibleError:
        return
    again = rg.plan(case.pairs().sample(frac=1, random_state=seed), demand.sample(frac=1, random_state=seed), **ask)
    pd.testing.assert_frame_equal(found.alternatives, again.alternatives)
    renamed = again.table.rename(columns={f"cost_{when}": f"distance_m_{when}" for when in ("before", "after")})
    pd.testing.assert_frame_equal(found.table, renamed)
    assert (found.objective, found.bound, found.gap) == (again.objective, again.bound, again.gap)


@settings(max_examples=40)
@given(case=cases())
def test_the_table_says_what_is_nearest_before_and_after(case: Case) -> None:
    found = rg.plan(case.table(), case.demand(), model="mclp", p=1, cutoff=CUTOFF, existing=case.existing)
    assert found.table["demand_id"].tolist() == sorted(case.weights)
    for row in found.table.itertuples():
        before, after = case.nearest(row.demand_id, ()), case.nearest(row.demand_id, found.sites)
        assert (math.inf if pd.isna(row.distance_m_before) else row.distance_m_before) == before
        assert (math.inf if pd.isna(row.distance_m_after) else row.distance_m_after) == after
        assert (row.covered_before, row.covered_after) == (before <= CUTOFF, after <= CUTOFF)
        if row.site_after is not None:
            assert case.costs[row.demand_id, row.site_after] == after
        expected = "newly_covered" if after <= CUTOFF < before else "nearer" if after < before else "same"
        assert row.effect == expected
    held = found.summary()
    assert held["covered_after"] == found.objective
    assert held["weight"] == sum(case.weights.values())
    reached = found.table["site_after"].notna()
    assert found.by_site["weight"].sum() == found.table.loc[reached, "weight"].sum()
    assert found.by_site["newly_covered"].sum() == held["covered_after"] - held["covered_before"]


# --- a street of five houses, worked by hand --------------------------------------------------------------------------

# Houses at 0, 10, 20, 30 and 40, the third with 5 people, the others with 1, 2, 3 and 4; sites stand at the same places.
STREET = {"v": (0, 1.0), "w": (10, 2.0), "x": (20, 5.0), "y": (30, 3.0), "z": (40, 4.0)}


def _street(cutoff: float | None = None) -> tuple[rg.CostTable, pd.DataFrame]:
    rows = [
        (a, f"at_{b}", float(abs(i - j)), False)
        for (a, (i, _)), (b, (j, _)) in itertools.product(STREET.items(), STREET.items())
        if cutoff is None or abs(i - j) <= cutoff
    ]
    pairs = pd.DataFrame(rows, columns=["origin_id", "destination_id", "cost", "tied"])
    ends = [
        pd.DataFrame({"id": ids, "status": "ok", "snap_m": 0.0}) for ids in (list(STREET), [f"at_{b}" for b in STREET])
    ]
    demand = pd.DataFrame({"demand_id": list(STREET), "weight": [w for _, w in STREET.values()]})
    demand["side"] = ["west", "west", "east", "east", "east"]
    return rg.CostTable(pairs, ends[0], ends[1], "m", cutoff, "by hand"), demand


def test_a_plan_explains_itself() -> None:
    # Within 10, at_x covers w, x and y (10), at_y covers x, y and z (12). Beside at_y, at_v and at_w cover v and w (3 more).
    found = rg.plan(*_street(), model="mclp", p=1, cutoff=10)
    assert found.sites == ("at_y",)
    # Means over 15 people: (30 x 1 + 20 x 2 + 10 x 5 + 10 x 4) / 15 = 160 / 15 = 10.67.
    assert found.explain() == (
        "Maximal covering with 1 new site: at_y. Covered within 10 m: 12 of 15 (80.0 %), 0 before, so 12 newly. "
        "The mean over those whose cost is known is 10.67 m. Proved to be the best; no other choice is as good. "
        "One more site would cover 3 more."
    )
    assert str(found) == found.explain()
    assert found.explain({"at_y": "Yonder"}).startswith("Maximal covering with 1 new site: Yonder.")
    assert repr(found) == "<Plan mclp: 1 new sites, objective 12, gap 0 %, optimal>"
    assert "<p>Maximal covering" in found._repr_html_()
    assert found.by_site.to_numpy().tolist() == [["at_y", True, 15.0, pytest.approx(160 / 15), 12.0]]


def test_what_binds_is_said_of_every_model() -> None:
    costs, demand = _street()
    # At 10 each of the ends is covered by two sites; w, x and y in the middle by three.
    assert "No further site" in str(rg.plan(costs, demand, model="mclp", p=2, cutoff=10))
    assert "only ones" not in str(rg.plan(costs, demand, model="lscp", cutoff=10))
    assert "5 sites are the only ones for some demand" in str(rg.plan(costs, demand, model="lscp", cutoff=9))
    # at_x: 20 x 1 + 10 x 2 + 0 + 10 x 3 + 20 x 4 = 150; at_y: 160. Then at_z saves 10 x 3 + 20 x 4 - 30 = 80 or more.
    found = rg.plan(costs, demand, model="p-median", p=1)
    assert (found.sites, found.objective) == (("at_x",), 150)
    assert f"lower the mean by {80 / 15:.4g} m" in str(found)
    assert "The largest cost, 20 m, is that of v, z." in str(rg.plan(costs, demand, model="p-center", p=1))
    assert "others are as good" in str(rg.plan(costs, demand, model="p-center", p=2))
    everywhere = rg.plan(costs, demand, model="p-median", p=1, existing=[f"at_{b}" for b in "vwxy"])
    assert "No further site would add anything" in str(everywhere)
    assert "beside 4 existing" in str(everywhere)
    assert "The mean goes from 2.667 m to 0 m." in str(everywhere)


def test_fairness_lifts_the_side_that_is_worse_off() -> None:
    costs, demand = _street()
    # One site: at_y covers all 12 of the east and none of the west's 3; at_x covers 2 of the west's 3 and 8 of the east's 12.
    assert rg.plan(costs, demand, model="mclp", p=1, cutoff=10).sites == ("at_y",)
    found = rg.plan(costs, demand, model="mclp", p=1, cutoff=10, fair="side")
    assert found.sites == ("at_x",)
    assert found.objective == pytest.approx(2 / 3)
    assert found.by_group is not None
    assert found.by_group["covered_after"].to_dict() == {"east": 8, "west": 2}
    # Means: at_w gives the west 10 / 3 and the east (50 + 60 + 120) / 12 = 19.17; at_x 40 / 3 = 13.3 and 110 / 12 = 9.17.
    means = rg.plan(costs, demand, model="p-median", p=1, fair="side")
    assert (means.sites, means.objective) == (("at_x",), pytest.approx(40 / 3))


def test_a_budget_in_place_of_a_number() -> None:
    costs, demand = _street()
    prices = pd.Series({"at_v": 1.0, "at_w": 3.0, "at_x": 2.0, "at_y": 4.0, "at_z": 2.0})
    # For 4: at_y covers 12; at_x and at_z cover w, x, y, z = 14; at_v, at_x cover 11. For 6, at_v and at_y cover all,
    # and at_v, at_x and at_z do too, but are more.
    assert rg.plan(costs, demand, model="mclp", budget=4, site_costs=prices, cutoff=10).sites == ("at_x", "at_z")
    whole = rg.plan(costs, demand, model="mclp", budget=6, site_costs=prices, cutoff=10)
    assert (whole.sites, whole.objective) == (("at_v", "at_y"), 15)
    assert "within a budget of 6" in str(whole)
    # Everyone at least cost: at_v, at_x and at_z; at_v and at_y; at_w and at_z: 5 each. Two are fewer, at_v comes first.
    cheapest = rg.plan(costs, demand, model="lscp", site_costs=prices, cutoff=10)
    assert (cheapest.sites, cheapest.objective, cheapest.only) == (("at_v", "at_y"), 5, False)


def test_demand_that_nothing_reaches() -> None:
    costs, demand = _street(cutoff=10)
    ask: dict[str, Any] = {"existing": ["at_x"], "candidates": ["at_y"]}
    with pytest.raises(
        InfeasibleError, match=r"lscp: 1 demand point is reached by no site within 10, weight 1 \(v\)"
    ) as raised:
        rg.plan(costs, demand, model="lscp", cutoff=10, **ask)
    assert (raised.value.ids, raised.value.weight) == (("v",), 1.0)
    copy = pickle.loads(pickle.dumps(raised.value))  # noqa: S301 - what a pool of workers does with it
    assert (str(copy), copy.ids, copy.weight) == (str(raised.value), ("v",), 1.0)
    left = rg.plan(costs, demand, model="lscp", cutoff=10, unreached="leave", **ask)
    assert left.sites == ("at_y",)
    assert "Left out, since no site reaches it within 10: 1 (v)." in str(left)
    with pytest.raises(InfeasibleError, match="p-median: 1 demand point is reached by no site, weight 1"):
        rg.plan(costs, demand, model="p-median", p=1, **ask)
    assert rg.plan(costs, demand, model="p-center", p=1, unreached="leave", **ask).objective == 10
    assert "1 can be covered by no candidate (v)." in str(rg.plan(costs, demand, model="mclp", p=1, cutoff=10, **ask))


def test_too_few_sites_to_reach_everyone_say_how_many_it_takes() -> None:
    costs, demand = _street(cutoff=10)
    for model in ("p-median", "p-center"):
        with pytest.raises(
            InfeasibleError, match=f"{model}: 1 new sites cannot reach everyone, and it takes at least 2"
        ):
            rg.plan(costs, demand, model=model, p=1)
    free = pd.Series(2.5, index=[f"at_{b}" for b in STREET])
    with pytest.raises(InfeasibleError, match="a budget of 4 cannot reach everyone, and it takes at least 5"):
        rg.plan(costs, demand, model="p-median", budget=4, site_costs=free)
    with pytest.raises(InfeasibleError, match="takes at least 2"):
        rg.plan(costs, demand, model="p-median", p=1, fair="side")
    with pytest.raises(InfeasibleError):
        rg.plan(costs, demand, model="p-median", p=1, method="greedy")


def test_adding_sites_one_by_one_can_fail_where_a_choice_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    # The middle site reaches most and is added first; the two outer ones together reach everyone.
    rows = [("a", "left", 1), ("b", "left", 1), ("c", "right", 1), ("d", "right", 1), ("b", "mid", 1), ("c", "mid", 1)]
    pairs = pd.DataFrame(rows, columns=["origin_id", "destination_id", "cost"])
    demand = pd.DataFrame({"demand_id": list("abcd"), "weight": [1.0, 2.0, 2.0, 1.0]})
    assert rg.plan(pairs, demand, model="p-median", p=2).sites == ("left", "right")
    # Swapping mends it.
    assert rg.plan(pairs, demand, model="p-median", p=2, method="greedy").sites == ("left", "right")
    monkeypatch.setattr("rcp_geo.planning.models.greedy_median", lambda *_: None)
    with pytest.raises(InfeasibleError, match="sites added one by one do not reach everyone; use method='exact'"):
        rg.plan(pairs, demand, model="p-median", p=2, method="greedy")


def test_limits_and_what_is_told_of_them() -> None:
    rng = np.random.default_rng(7)
    at, sites = rng.uniform(0, 100, (120, 2)), rng.uniform(0, 100, (40, 2))
    far = np.hypot(*(at[:, None] - sites[None]).transpose(2, 0, 1))
    rows = [(i, j, far[i, j]) for i in range(120) for j in range(40)]
    pairs = pd.DataFrame(rows, columns=["origin_id", "destination_id", "cost"])
    demand = pd.DataFrame({"demand_id": range(120), "weight": rng.uniform(1, 9, 120)})
    best = rg.plan(pairs, demand, model="p-median", p=5)
    near = rg.plan(pairs, demand, model="p-median", p=5, gap=0.5)
    assert near.status in {"optimal", "within_gap"}
    assert near.bound <= best.objective <= near.objective
    assert near.gap <= 0.5
    assert near.repeatable
    timed = rg.plan(pairs, demand, model="p-median", p=5, time_limit=1e-3)
    assert timed.status == "stopped"
    assert not timed.repeatable
    assert timed.bound <= best.objective <= timed.objective
    assert "another run may find another" in str(timed)
    nodes = rg.plan(pairs, demand, model="mclp", p=5, cutoff=12, node_limit=1)
    assert nodes.status in {"optimal", "stopped"}
    assert nodes.repeatable
    centre = rg.plan(pairs, demand, model="p-center", p=5, time_limit=1e-9)
    assert centre.bound <= rg.plan(pairs, demand, model="p-center", p=5).objective <= centre.objective


def test_a_limit_before_any_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from rcp_geo.planning import fair, models
    from rcp_geo.planning.exact import Solved

    def stopped(*_: Any) -> Solved:
        return Solved(None, None, proved=False)

    monkeypatch.setattr(models, "least_loss", stopped)
    costs, demand = _street()
    # What was added one by one stands where the search found nothing.
    assert rg.plan(costs, demand, model="mclp", p=2, cutoff=10, time_limit=1).status in {"optimal", "stopped"}
    monkeypatch.setattr(models, "greedy_median", lambda *_: None)
    with pytest.raises(InputError, match="a limit came before any answer was found"):
        rg.plan(costs, demand, model="p-median", p=2, time_limit=1)
    monkeypatch.setattr(fair, "solve", stopped)
    with pytest.raises(InputError, match="a limit came before any answer was found"):
        rg.plan(costs, demand, model="mclp", p=2, cutoff=10, fair="side", time_limit=1)


def test_a_fair_search_that_is_stopped_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    from rcp_geo.planning import fair

    solve, calls = fair.solve, itertools.count()

    def once(*arguments: Any) -> Any:
        return solve(*arguments) if next(calls) == 0 else fair.Solved(None, None, proved=False)

    monkeypatch.setattr(fair, "solve", once)
    found = rg.plan(*_street(), model="mclp", p=1, cutoff=10, fair="side", time_limit=9)
    assert (found.sites, found.status, found.repeatable) == (("at_x",), "stopped", False)
    assert found.objective == pytest.approx(2 / 3)


def test_a_solver_that_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    monkeypatch.setattr("scipy.optimize.milp", lambda *_, **__: SimpleNamespace(status=4, message="numerical trouble"))
    with pytest.raises(TravelError, match="the solver gave up .numerical trouble."):
        rg.plan(*_street(), model="mclp", p=2, cutoff=10)


def test_under_a_budget_one_dear_site_may_be_better_than_the_best_value() -> None:
    # near covers 2 for 1, far covers 9 for 10: value for money takes near first, and nothing is left for far.
    pairs = pd.DataFrame([("x", "near", 1), ("y", "far", 1)], columns=["origin_id", "destination_id", "cost"])
    demand = pd.DataFrame({"demand_id": ["x", "y"], "weight": [2.0, 9.0]})
    ask: dict[str, Any] = {"model": "mclp", "budget": 10, "site_costs": {"near": 1, "far": 10}, "cutoff": 1}
    assert rg.plan(pairs, demand, method="greedy", **ask).sites == ("far",)


def test_a_greedy_center_may_need_no_new_site() -> None:
    found = rg.plan(
        *_street(), model="p-center", p=1, existing=[f"at_{b}" for b in "vwxy"], candidates=["at_z"], method="greedy"
    )
    assert found.bound <= 0 <= found.objective


@pytest.mark.parametrize("model", MODELS)
def test_the_objective_is_a_metric(model: Any) -> None:
    size: dict[str, Any] = {} if model == "lscp" else {"p": 1}
    found = rg.plan(*_street(), model=model, cutoff=10 if model in {"mclp", "lscp"} else None, **size)
    assert found.metric_id in rg.metrics().index
    assert rg.plan(*_street(), model="mclp", p=1, cutoff=10, fair="side").metric_id is None


def test_what_does_not_fit_in_memory_is_added_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from rcp_geo.planning import models

    for name in ("MAX_ENTRIES", "MAX_SET_BYTES"):
        monkeypatch.setattr(models, name, 1)
        for model, cutoff in (("p-median", None), ("mclp", 10)):
            if (name, model) == ("MAX_SET_BYTES", "mclp"):
                continue
            found = rg.plan(*_street(), model=model, p=2, cutoff=cutoff)
            assert found.status == "greedy"
            assert "A proof would not fit in 2 GB of memory." in found.notes
        monkeypatch.undo()


BAD: list[tuple[dict[str, Any], str]] = [
    ({"model": "median"}, "model: 'median' is not known; use mclp, lscp, p-median or p-center"),
    ({"method": "guess"}, "method: 'guess' is not known"),
    ({"unreached": "ignore"}, "unreached: 'ignore' is not known"),
    ({"cutoff": None}, "cutoff: mclp needs the cost within which"),
    ({"cutoff": float("nan")}, "cutoff: nan is not a distance"),
    ({"model": "p-median"}, "cutoff: p-median has none"),
    ({"model": "lscp"}, "p, budget: lscp finds the fewest"),
    ({"p": None}, "p, budget: mclp needs the number"),
    ({"budget": 1.0}, "p, budget: mclp needs the number"),
    ({"p": None, "budget": 1.0}, "site_costs: a budget needs"),
    ({"p": None, "budget": -1.0, "site_costs": {}}, "budget: -1.0 is not an amount"),
    ({"site_costs": {}}, "site_costs: they matter under a budget"),
    ({"p": None, "budget": 1.0, "site_costs": {"at_v": 1}}, r"site_costs: 4 candidates have no cost \(at_w, at_x"),
    (
        {"p": None, "budget": 1.0, "site_costs": dict.fromkeys([f"at_{b}" for b in STREET], -1)},
        "missing, infinite or negative",
    ),
    ({"p": 0}, "p: 0 new sites cannot be placed"),
    ({"p": 1.5}, "p: 1.5 new sites cannot be placed"),
    ({"p": 6}, "p: 6 new sites cannot be chosen from 5 candidates"),
    ({"p": None, "budget": 1.0, "site_costs": {}, "candidates": []}, "candidates: there are none for the budget"),
    ({"candidates": []}, "p: 1 new sites cannot be chosen from 0 candidates"),
    ({"k_best": 0}, "k_best: 0 answers cannot be listed"),
    ({"gap": 1.0}, "gap: 1.0 is not a share"),
    ({"node_limit": 0}, "node_limit: 0 is no number"),
    ({"time_limit": 0.0}, "time_limit: 0.0 is no time"),
    ({"existing": ["nowhere"]}, r"existing: 1 id is not among the destinations of the costs \(nowhere\)"),
    ({"candidates": ["at_v", "moon"]}, r"candidates: 1 id is not among the destinations of the costs \(moon\)"),
    ({"model": "lscp", "p": None, "fair": "side"}, "fair: lscp compares no groups"),
    ({"fair": "side", "k_best": 2}, "fair: only the best fair plan"),
    ({"fair": "side", "gap": 0.1}, "fair: only the best fair plan"),
]


@pytest.mark.parametrize(("change", "said"), BAD, ids=lambda v: str(v)[:40])
def test_questions_that_cannot_be_asked(change: dict[str, Any], said: str) -> None:
    ask: dict[str, Any] = {"model": "mclp", "p": 1, "cutoff": 10.0}
    with pytest.raises(InputError, match=said):
        rg.plan(*_street(), **(ask | change))


def _spoilt(column: str, value: object) -> pd.DataFrame:
    pairs = _street()[0].pairs.astype(object)
    pairs.loc[3, column] = value
    return pairs


def test_tables_that_cannot_be_used() -> None:
    costs, demand = _street()
    ask: dict[str, Any] = {"model": "mclp", "p": 1, "cutoff": 10.0}
    for value in (float("nan"), float("inf"), -1.0, "far"):
        with pytest.raises(InputError, match=r"costs.cost: 1 row is missing, infinite or negative \(v to at_y\)"):
            rg.plan(_spoilt("cost", value), demand, **ask)
        with pytest.raises(InputError, match=r"demand.weight: 1 row is missing, infinite or negative \(w\)"):
            rg.plan(costs, demand.astype({"weight": object}).assign(weight=[1, value, 1, 1, 1]), **ask)
    with pytest.raises(DuplicateIdError, match=r"costs: 1 pair occurs more than once \(v to at_x\)"):
        rg.plan(_spoilt("destination_id", "at_x"), demand, **ask)
    with pytest.raises(InputError, match=r"costs.origin_id: 1 id is not in demand.demand_id \(stranger\)"):
        rg.plan(_spoilt("origin_id", "stranger"), demand, **ask)
    with pytest.raises(InputError, match=r"demand.demand_id: 1 id is not among the origins of the costs \(new\)"):
        rg.plan(costs, pd.concat([demand, pd.DataFrame({"demand_id": ["new"], "weight": [1.0]})]), **ask)
    with pytest.raises(DuplicateIdError):
        rg.plan(costs, pd.concat([demand, demand]), **ask)
    with pytest.raises(MissingColumnError, match="weight"):
        rg.plan(costs, demand[["demand_id"]], **ask)
    with pytest.raises(MissingColumnError, match="cost"):
        rg.plan(costs.pairs[["origin_id", "destination_id"]], demand, **ask)
    with pytest.raises(MissingColumnError, match="decile"):
        rg.plan(costs, demand, fair="decile", **ask)
    with pytest.raises(InputError, match=r"demand.side: 1 row has no group \(v\)"):
        rg.plan(costs, demand.assign(side=[None, "a", "a", "b", "b"]), fair="side", **ask)
    with pytest.raises(InputError, match="demand: the table is empty"):
        rg.plan(costs, demand.iloc[:0], **ask)
    with pytest.raises(InputError, match="all weights are 0"):
        rg.plan(costs, demand.assign(weight=0.0), **ask)
    with pytest.raises(InputError, match="costs: there are no destinations"):
        rg.plan(costs.pairs.iloc[:0], demand, **ask)
    with pytest.raises(InputError, match="the costs were looked for up to 10 only, and 20 is asked"):
        rg.plan(_street(cutoff=10)[0], demand, model="mclp", p=1, cutoff=20)


def test_where_everyone_is_covered_already_no_site_is_needed() -> None:
    existing = [f"at_{b}" for b in "wz"]
    found = rg.plan(*_street(), model="lscp", cutoff=10, existing=existing, k_best=2)
    assert (found.sites, found.objective, found.gap, found.only) == ((), 0, 0, True)
    assert str(found).startswith("Set covering with 0 new sites beside 2 existing: none.")
    assert len(found.alternatives) == 1
    assert "Found 1 of the 2 answers asked for." in found.notes
    assert rg.plan(*_street(), model="lscp", cutoff=10, existing=existing, candidates=[]).sites == ()


def test_ids_of_two_kinds_have_an_order() -> None:
    pairs = pd.DataFrame({"origin_id": ["x", 1], "destination_id": [2, "b"], "cost": [1.0, 1.0]})
    demand = pd.DataFrame({"demand_id": ["x", 1], "weight": [1.0, 1.0]})
    assert rg.plan(pairs, demand, model="mclp", p=1, cutoff=1).sites == (2,)


# --- one more, one fewer ----------------------------------------------------------------------------------------------


def test_what_one_more_and_one_fewer_would_change() -> None:
    costs, demand = _street()
    # at_x alone: within 10 w, x, y. With at_z: z newly, y at 10 as before. Without at_x and with at_z: x, w, v go farther.
    more = rg.what_if(costs, demand, existing=["at_x"], add=["at_z"], cutoff=10, by="side")
    assert more.gains[["demand_id", "effect"]].to_numpy().tolist() == [["z", "newly_covered"]]
    assert more.loses.empty
    assert more.by_group is not None
    assert more.by_group.loc["east", ["covered_before", "covered_after", "gains", "loses"]].tolist() == [8, 12, 4, 0]
    # Means: (20 + 20 + 0 + 30 + 80) / 15 = 10 and (20 + 20 + 0 + 30 + 0) / 15 = 4.667.
    assert str(more) == (
        "With at_z: covered within 10 m 14 of 15, 10 before. A site comes nearer to 4 and goes farther from 0. "
        "The mean goes from 10 m to 4.667 m."
    )
    moved = rg.what_if(costs, demand, existing=["at_x"], add=["at_z"], close=["at_x"], cutoff=10)
    assert moved.loses["demand_id"].tolist() == ["x", "w", "v"]
    assert moved.loses["effect"].tolist() == ["no_longer_covered", "no_longer_covered", "farther"]
    assert moved.gains["demand_id"].tolist() == ["z"]
    assert str(moved).startswith("With at_z and without at_x: covered")
    assert repr(moved) == "<WhatIf: 1 added, 1 closed>"
    assert "<p>With at_z" in more._repr_html_()
    gone = rg.what_if(costs, demand, existing=["at_x"], close=["at_x"])
    assert set(gone.table["effect"]) == {"no_longer_reached"}
    assert str(gone) == "Without at_x: reached 0 of 15, 15 before. A site comes nearer to 0 and goes farther from 15."
    assert "<table" not in gone._repr_html_()


def test_a_plan_is_what_if_its_sites_were_added() -> None:
    costs, demand = _street()
    found = rg.plan(costs, demand, model="mclp", p=2, cutoff=10, existing=["at_w"])
    same = rg.what_if(costs, demand, existing=["at_w"], add=found.sites, cutoff=10)
    pd.testing.assert_frame_equal(found.table, same.table)
    assert found.summary() == same.summary()
    sides = demand.set_index("demand_id")["side"]
    assert found.by(sides)["weight"].to_dict() == {"east": 12, "west": 3}


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({}, "there is nothing to change"),
        ({"add": ["at_x"]}, "add: 1 site is there already"),
        ({"close": ["at_z"]}, "close: 1 site is not among those existing"),
        ({"add": ["at_q"]}, "candidates: 1 id is not among the destinations"),
        ({"add": ["at_z"], "cutoff": -1.0}, "cutoff: -1.0 is not"),
        ({"add": ["at_z"], "by": "region"}, "region"),
    ],
)
def test_changes_that_cannot_be_asked(ask: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        rg.what_if(*_street(), existing=["at_x"], **ask)


# --- from an assessment -----------------------------------------------------------------------------------------------


def test_candidates_are_the_weighted_medoids_of_authorities(world: World) -> None:
    # In km to the others, each times its weight. A: a1 5 + 2 x 7.6, a2 5 + 2 x 8.06, a3 7.6 + 8.06: a3.
    # B: b1 3 x 7 + 7.6, b2 7 + 3, b3 7.6 + 3 x 3: b2. C: c1 8 + 2 x 4.1, c2 8 + 2 x 8.06, c3 4.1 + 8.06: c3.
    # D: d1 2 + 2 x 8, d2 2 + 2 x 6, d3 8 + 6: d2, which comes before d3.
    found = rg.candidate_sites(world.demand, world.boundaries())
    assert found[["site_id", "demand_id"]].to_numpy().tolist() == [[A, "a3"], [B, "b2"], [C, "c3"], [D, "d2"]]
    assert found["name"].tolist()[0] == "Hartlepool"
    assert found.crs == world.demand.crs
    shuffled = rg.candidate_sites(world.demand.sample(frac=1, random_state=3), world.boundaries())
    assert shuffled["demand_id"].tolist() == found["demand_id"].tolist()
    world.demand.loc[world.demand["demand_id"].str.startswith("a"), "weight"] = 0.0
    assert rg.candidate_sites(world.demand, world.boundaries())["demand_id"].tolist()[0] == "a1"
    assert rg.candidate_sites(world.demand.iloc[3:], world.boundaries())["site_id"].tolist() == [B, C, D]


def test_the_next_site_of_the_small_world(world_answer: rg.Assessment) -> None:
    # Pause runs at home (405, 405) alone: within 9 km all of A (4), c1 and c3 (3), b3 (1): 8 of 17. Of the medoids b2 (415, 401)
    # adds b1 (7 km) and itself: 4, d2 (415, 413) adds b1 (5), d1 (2), d2 and d3 (6): 5.
    found = world_answer.plan("pause", cutoff=9_000)
    assert found.sites == (D,)
    assert found.existing == ("home-1",)
    assert found.summary()["covered_before"] == 8
    assert (found.objective, found.gap, found.only) == (13, 0, True)
    # The mean is over everyone, also those who have farther to go than the cutoff.
    nearest = world_answer.nearest.query("group == 'pause' and relation == 'reached' and evidence == 'certain'")
    weight = world_answer.demand["weight"].to_numpy()
    before = (weight * nearest["distance_m"].to_numpy()).sum() / weight.sum()
    assert found.summary()["mean_distance_m_before"] == pytest.approx(before)
    assert found.table[["distance_m_before", "distance_m_after"]].notna().all(axis=None)


def test_plans_of_an_assessment_are_those_of_its_costs(world_answer: rg.Assessment) -> None:
    existing = world_answer.operating_sites("fdac")["site_id"]
    for model, cutoff in (("mclp", 9_000.0), ("p-median", None), ("p-center", None)):
        expected = rg.plan(
            world_answer.costs("fdac"), world_answer.demand, model=model, p=2, cutoff=cutoff, existing=existing
        )
        found = world_answer.plan("fdac", model=model, p=2, cutoff=cutoff)
        assert (found.sites, found.objective) == (expected.sites, pytest.approx(expected.objective))
        pd.testing.assert_frame_equal(found.table, expected.table)
    # Beside home only b2 is near enough to itself, only c3 to c2 and only d2 to d3.
    assert world_answer.plan("pause", model="lscp", cutoff=9_000.0).sites == (B, C, D)


def test_need_and_doubt_and_own_candidates_change_a_plan(world_answer: rg.Assessment) -> None:
    demand = world_answer.demand
    need = pd.Series(0.0, index=demand["demand_id"]).where(demand["demand_id"].to_numpy() != "b2", 100.0)
    assert world_answer.plan("pause", cutoff=9_000, weights=need).sites == (B,)
    own = points({"mine": (415_000, 402_000)}, "site_id")
    assert world_answer.plan("pause", cutoff=9_000, candidates=own).sites == ("mine",)
    # Local services: none operates with a site; one may.
    assert world_answer.operating_sites("local").empty
    assert world_answer.operating_sites("local", evidence="possible")["site_id"].tolist() == ["silent-1"]
    assert world_answer.plan("local", model="p-median").existing == ()
    assert world_answer.plan("local", evidence="possible", cutoff=9_000).existing == ("silent-1",)


def test_plans_that_an_assessment_cannot_make(world: World, world_answer: rg.Assessment) -> None:
    with pytest.raises(InputError, match="group: 'courts' is not one of"):
        world_answer.plan("courts")
    with pytest.raises(InputError, match="evidence: 'likely' is not known; use certain or possible"):
        world_answer.plan("pause", evidence="likely")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="candidates: 'towns' is not known; use authorities"):
        world_answer.plan("pause", candidates="towns")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"weights: 11 demand points have no weight"):
        world_answer.plan("pause", weights=pd.Series({"a1": 1.0}))
    with pytest.raises(
        DuplicateIdError, match=r"candidates.site_id: 1 id is those of existing sites|candidates.site_id: 1 id"
    ):
        world_answer.plan("pause", candidates=points({"home-1": (415_000, 402_000)}, "site_id"))
    seconds = {(i, j): 60.0 for i in world.demand["demand_id"] for j in world.sites["site_id"]}
    timed = world.assess(model=FakeModel(seconds), cutoffs=[600.0])
    with pytest.raises(InputError, match="fake counts seconds, and the default is 20 miles"):
        timed.plan("pause")


def test_the_best_next_court_of_england_is_proved(november_2022: rg.Assessment) -> None:
    found = november_2022.plan("fdac", p=3)
    assert (found.status, found.gap) == ("optimal", 0)
    before = november_2022.coverage.query(
        "area_type == 'country' and group == 'fdac' and relation == 'reached' and evidence == 'certain' "
        "and metric_id == 'rcp.access.share_within@1' and cutoff > 30000"
    )["value"].item()
    assert found.summary()["covered_before"] / 32_844 == pytest.approx(before)
    # Each of the three alone, and any two, cover less: the greedy bound holds around the best.
    greedy = november_2022.plan("fdac", p=3, method="greedy")
    assert greedy.objective <= found.objective <= greedy.bound


def test_whose_footprint_could_grow(world_answer: rg.Assessment) -> None:
    # Home serves A, which borders B and C; D, where a practice is planned, touches A in a corner only. B is at the mean of b1
    # 10440, b2 10770 x 3 and b3 8062; C at c1 6000, c2 14000 and c3 8062 x 2.
    found = world_answer.extensions("pause")
    assert found[["rank", "authority_code", "service_id", "through", "weight"]].to_numpy().tolist() == [
        [1, B, "home", A, 5.0],
        [2, C, "home", A, 4.0],
    ]
    means = [(math.hypot(10, 3) + 3 * math.hypot(10, 4) + math.hypot(7, 4)) / 5, (6 + 14 + 2 * math.hypot(4, 7)) / 4]
    assert found["mean_distance_m"].tolist() == pytest.approx([1000 * GROUND * m for m in means], rel=1e-4)
    need = pd.Series(1.0, index=world_answer.demand["demand_id"]).where(lambda w: ~w.index.str.startswith("c"), 9.0)
    assert world_answer.extensions("pause", weights=need)["authority_code"].tolist() == [C, B]
    # The court works for D and part of C: A borders C, B borders D.
    courts = world_answer.extensions("fdac")
    assert courts[["authority_code", "through"]].to_numpy().tolist() == [[B, D], [A, C]]
    # Of the local services none that operates is known to work anywhere.
    assert world_answer.extensions("local").empty
    with pytest.raises(InputError, match="group: 'courts'"):
        world_answer.extensions("courts")


def test_a_service_without_a_point_can_extend_too(world: World) -> None:
    world.sites = world.sites[world.sites["site_id"] != "court-1"].reset_index(drop=True)
    found = world.assess().extensions("fdac")
    assert found["service_id"].tolist() == ["court", "court"]
    assert found["mean_distance_m"].isna().all()


# --- from a shell -----------------------------------------------------------------------------------------------------


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["plan", *map(str, arguments)])


def test_plan_in_a_pipe(november_2022: rg.Assessment) -> None:
    done = _run("--family", "fdac", "--sites", "2", "--within", "20", "--best", "2")
    assert done.exit_code == 0
    rows = pd.read_csv(io.StringIO(done.stdout))
    found = november_2022.plan("fdac", p=2, k_best=2)
    assert rows["site_id"].tolist() == [s for sites in found.alternatives["sites"] for s in sites]
    assert rows["rank"].tolist() == [1, 1, 2, 2]
    assert rows["objective"].tolist() == np.repeat(found.alternatives["objective"], 2).tolist()
    assert set(rows["status"]) == {"optimal"}
    assert rows["newly_covered"].notna().tolist() == [True, True, False, False]


def test_plan_for_people(folder: Path) -> None:
    done = _run("--directory", folder, "--as-of", DAY, "--family", "pause", "--format", "table")
    assert done.exit_code == 0
    assert "Next sites, pause" in done.stdout
    assert "Maximal covering with 1 new site beside 1 existing" in done.stderr


@pytest.mark.parametrize("arguments", [["--model", "lscp", "--sites", "2"], ["--model", "p-median", "--within", "5"]])
def test_plans_that_a_command_line_cannot_ask(arguments: list[str]) -> None:
    assert _run(*arguments).exit_code == 2


def test_a_candidate_in_every_postcode_district_of_the_authorities(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The squares reach 20 km north and east of (400, 400) km: Huddersfield and Holmfirth lie in them, Truro and London do not.
    monkeypatch.setattr("rcp_geo.planning.siting.postcode_districts", lambda: ["HD1", "HD9", "SW1A", "TR1"])
    answer = world.assess()
    found = answer.costs("pause", candidates="postcode_districts").destinations["id"]
    assert [d for d in found if d not in set(answer.directory.sites["site_id"])] == ["HD1", "HD9"]
    plan = answer.plan("pause", p=1, candidates="postcode_districts", cutoff=9_000.0)
    assert set(plan.sites) <= {"HD1", "HD9"}
    with pytest.raises(InputError, match="candidates: 'wards' is not known; use authorities or postcode_districts"):
        answer.plan("pause", candidates="wards")  # type: ignore[arg-type]


def test_districts_are_those_that_postcodes_begin_with() -> None:
    districts = postcode_districts()
    assert districts == sorted(set(districts))
    assert {"CB1", "CB10", "E1", "EC1A", "SW1A", "TS24"} <= set(districts)
    assert not any(d.startswith("BT") for d in districts)
    assert all(len(postcodes_within(d, "district")) for d in districts[::200])
