"""Supply: published figures, a twin in plain loops, the laws that hold whatever the data, and a small world on paper."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rcp_geo as rg
from rcp_geo import decay
from rcp_geo.errors import DuplicateIdError, InputError, MissingColumnError
from rcp_geo.travel import CostTable
from tests.models import FakeModel
from tests.world import A, B, C, D, World

Costs = dict[tuple[Any, Any], float]
SHARED = ("2sfca", "e2sfca", "3sfca", "m2sfca", "bfca")
METHODS = (*SHARED, "gravity", "cumulative")


def table(costs: Costs) -> pd.DataFrame:
    return pd.DataFrame([(*ends, c) for ends, c in costs.items()], columns=["origin_id", "destination_id", "cost"])


def cost_table(costs: Costs, cutoff: float | None = None) -> CostTable:
    pairs = table(costs).assign(tied=False)
    ends = [pd.DataFrame({"id": pairs[c].unique(), "status": "ok", "snap_m": 0.0}) for c in pairs.columns[:2]]
    return CostTable(pairs, ends[0], ends[1], "s", cutoff, "made up")


def people(weights: dict[Any, float]) -> pd.DataFrame:
    return pd.DataFrame({"demand_id": list(weights), "weight": list(weights.values())})


def places(capacity: dict[Any, Any]) -> pd.DataFrame:
    return pd.DataFrame({"site_id": list(capacity), "capacity": list(capacity.values())})


# --- published figures ------------------------------------------------------------------------------------------------

# PySAL access, test_hospital_example.py: what travel costs into, out of and past the third tract.
TRACTS = {"s0": (40, 40, 80), "s1": (20, 40, 80), "s2": (40, 20, 80), "s3": (20, 20, 40)}
POPULATION, DOCTORS = {1: 100.0, 2: 50.0, 3: 10.0}, {1: 15.0, 2: 20.0, 3: 100.0}


def tracts(scenario: str) -> Costs:
    inbound, outbound, across = TRACTS[scenario]
    costs: Costs = {(i, i): 1 for i in (1, 2, 3)}
    costs |= {(1, 3): inbound, (2, 3): inbound, (3, 1): outbound, (3, 2): outbound, (1, 2): across, (2, 1): across}
    return costs


@pytest.mark.parametrize(
    ("scenario", "method", "scope", "values"),
    [
        ("s0", "e2sfca", "catchment", (0.331444, 0.579828, 7.286418)),
        ("s1", "e2sfca", "catchment", (0.435340, 0.683724, 5.727977)),
        ("s2", "e2sfca", "catchment", (0.331072, 0.577858, 7.299992)),
        ("s3", "e2sfca", "catchment", (0.442568, 0.666758, 5.740525)),
        ("s0", "3sfca", "all", (0.156257, 0.406216, 9.906352)),
        ("s1", "3sfca", "all", (0.173814, 0.423772, 9.643002)),
        ("s2", "3sfca", "all", (0.156526, 0.406373, 9.902877)),
        ("s3", "3sfca", "all", (0.174802, 0.424036, 9.631801)),
        ("s0", "3sfca", "catchment", (0.156332, 0.406293, 9.905212)),
        ("s1", "3sfca", "catchment", (0.174087, 0.424046, 9.638898)),
        ("s2", "3sfca", "catchment", (0.156606, 0.406454, 9.901673)),
        ("s3", "3sfca", "catchment", (0.174802, 0.424036, 9.631801)),
        ("s0", "m2sfca", "catchment", (0.154171, 0.402555, 7.273070)),
        ("s1", "m2sfca", "catchment", (0.163912, 0.412296, 5.714628)),
        ("s2", "m2sfca", "catchment", (0.153799, 0.400585, 7.274091)),
        ("s3", "m2sfca", "catchment", (0.161942, 0.391736, 5.715598)),
        ("s0", "bfca", "catchment", (0.330252, 0.578674, 7.238362)),
        ("s1", "bfca", "catchment", (0.426003, 0.680445, 5.468570)),
        ("s2", "bfca", "catchment", (0.332499, 0.573621, 7.496610)),
        ("s3", "bfca", "catchment", (0.439767, 0.664020, 5.684139)),
    ],
)
def test_three_tracts(scenario: str, method: Any, scope: Any, values: tuple[float, ...]) -> None:
    found = rg.supply(
        table(tracts(scenario)),
        people(POPULATION),
        places(DOCTORS),
        method=method,
        cutoff=61,
        decay=decay.Power(1),
        scope=scope,
    )
    assert found.tolist() == pytest.approx(values, abs=5e-7)
    assert found.name in rg.metrics().index


@pytest.mark.parametrize(
    ("scenario", "values"),
    [
        ("s0", (0.15, 0.4, 10)),
        ("s1", (0.775, 1.025, 0.625)),
        ("s2", (0.136364, 0.333333, 10.469697)),
        ("s3", (0.761364, 0.958333, 1.094697)),
    ],
)
def test_three_tracts_unweighted(scenario: str, values: tuple[float, ...]) -> None:
    found = rg.supply(table(tracts(scenario)), people(POPULATION), places(DOCTORS), method="2sfca", cutoff=30)
    assert found.tolist() == pytest.approx(values, abs=5e-7)


# R accessibility: five hexagons of Belo Horizonte, minutes in rows.
HEXAGONS = "EFGHI"
MINUTES = (
    (5.8, 47, 48, 47, 64),
    (45, 5.8, 13, 41, 70),
    (44, 13, 5.8, 42, 67),
    (43, 43, 49, 5.8, 58),
    (60, 70, 68, 64, 5.8),
)
BELO: Costs = {(a, b): m for a, row in zip(HEXAGONS, MINUTES, strict=True) for b, m in zip(HEXAGONS, row, strict=True)}
HEADS = dict(zip(HEXAGONS, (852.0, 394.0, 1969.0, 2189.0, 0.0), strict=True))
JOBS = dict(zip(HEXAGONS, (82, 308, 100, 109, 0), strict=True))


@pytest.mark.parametrize(
    ("method", "cutoff", "values"),
    [
        ("2sfca", 45, (0.0152, 0.1491, 0.1491, 0.1068, 0)),
        ("bfca", 45, (0.0094, 0.1993, 0.1993, 0.1147, 0)),
        # Of the five alone, by hand: 82, 308 + 100 twice, 109, 0.
        ("cumulative", 30, (82, 408, 408, 109, 0)),
    ],
)
def test_belo_horizonte(method: Any, cutoff: float, values: tuple[float, ...]) -> None:
    found = rg.supply(table(BELO), people(HEADS), places(JOBS), method=method, cutoff=cutoff)
    assert found.tolist() == pytest.approx(values, abs=5e-5)


def test_the_interval_form_is_the_mean_over_its_cutoffs() -> None:
    asked = range(40, 51)
    found = rg.supply(table(BELO), people(HEADS), places(JOBS), method="cumulative", cutoff=asked)
    each = [rg.supply(table(BELO), people(HEADS), places(JOBS), method="cumulative", cutoff=c) for c in asked]
    assert found.tolist() == pytest.approx(np.mean(each, axis=0).tolist())
    # E: 82 in all, 308 + 109 from 47 on (4 of 11), 100 from 48 on (3 of 11).
    assert found[0] == pytest.approx(82 + 417 * 4 / 11 + 100 * 3 / 11)
    assert found.name == "rcp.supply.cumulative_interval@1"
    assert found.attrs["cutoff"] == list(asked)


# --- a twin in plain loops --------------------------------------------------------------------------------------------


def twin(
    method: str,
    costs: Costs,
    heads: dict[Any, float],
    stock: dict[Any, float],
    f: Callable[[float], float],
    cutoff: float,
) -> list[float]:
    """Work out a method as its paper writes it, over dictionaries."""

    def w(i: Any, j: Any) -> float:
        return f(costs[i, j]) if (i, j) in costs and costs[i, j] <= cutoff else 0.0

    def per(a: float, b: float) -> float:
        return a / b if b > 0 else 0.0

    def g(i: Any, j: Any) -> float:
        return per(w(i, j), sum(w(i, k) for k in stock))

    answer = []
    for i in heads:
        total = 0.0
        for j, there in stock.items():
            everyone = sum(w(k, j) * heads[k] for k in heads)
            if method in {"gravity", "cumulative"}:
                total += w(i, j) * there
            elif method in {"2sfca", "e2sfca"}:
                total += w(i, j) * per(there, everyone)
            elif method == "m2sfca":
                total += w(i, j) ** 2 * per(there, everyone)
            elif method == "3sfca":
                total += g(i, j) * w(i, j) * per(there, sum(g(k, j) * w(k, j) * heads[k] for k in heads))
            else:
                level = per(there, sum(heads[k] * g(k, j) for k in heads))
                total += level * per(w(i, j), sum(w(k, j) for k in heads))
        answer.append(total)
    return answer


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Costs, dict[Any, float], dict[Any, float]]:
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    heads = {f"i{k}": float(draw(st.integers(0, 50))) for k in range(n)}
    heads["i0"] += 1
    stock = {f"j{k}": float(draw(st.integers(0, 20))) for k in range(m)}
    cells = st.one_of(st.none(), st.integers(0, 40).map(float))
    grid = {(i, j): draw(cells) for i in heads for j in stock}
    return {ends: c for ends, c in grid.items() if c is not None}, heads, stock


def halving(cost: float) -> float:
    return 0.5 ** (cost / 10)


def asked(method: str) -> dict[str, Any]:
    return {"method": method} if method in {"2sfca", "cumulative"} else {"method": method, "decay": HALVING}


HALVING = decay.Exponential(math.log(2) / 10)


def measured(costs: Costs, heads: dict[Any, float], stock: dict[Any, float], **options: Any) -> pd.Series:
    return rg.supply(table(costs).astype({"cost": float}), people(heads), places(stock), **options)


@given(worlds(), st.sampled_from(METHODS), st.sampled_from([5.0, 20.0, 1e9]))
def test_each_method_is_what_plain_loops_make_of_it(world: Any, method: str, cutoff: float) -> None:
    found = measured(*world, cutoff=cutoff, **asked(method))
    f = halving if "decay" in asked(method) else lambda _: 1.0
    assert found.tolist() == pytest.approx(twin(method, *world, f, cutoff), rel=1e-9, abs=1e-12)


@given(worlds(), st.sampled_from(METHODS))
def test_without_a_decay_weights_are_1(world: Any, method: str) -> None:
    if method not in {"e2sfca", "gravity"}:
        found = measured(*world, method=method, cutoff=20)
        assert found.tolist() == pytest.approx(twin(method, *world, lambda _: 1.0, 20), rel=1e-9, abs=1e-12)


@given(worlds())
def test_selection_over_all_pairs(world: Any) -> None:
    costs, heads, stock = world
    found = measured(*world, method="3sfca", decay=HALVING, cutoff=20, scope="all")
    choice = {i: sum(halving(costs[i, j]) for j in stock if (i, j) in costs) for i in heads}
    taken = {(i, j): halving(c) ** 2 / choice[i] for (i, j), c in costs.items() if c <= 20}
    for i, value in zip(heads, found, strict=True):
        parts = [
            taken[i, j] * stock[j] / total
            for j in stock
            if (i, j) in taken and (total := sum(taken.get((k, j), 0) * heads[k] for k in heads)) > 0
        ]
        assert value == pytest.approx(sum(parts), rel=1e-9)


# --- laws -------------------------------------------------------------------------------------------------------------


@given(worlds(), st.sampled_from(SHARED))
def test_supply_is_conserved(world: Any, method: str) -> None:
    costs, heads, stock = world
    found = measured(*world, cutoff=20, **asked(method))
    wanted = {j for (i, j), c in costs.items() if c <= 20 and heads[i] > 0}
    within = sum(stock[j] for j in wanted)
    assert found.attrs["supply"] - found.attrs["supply_unreached"] == pytest.approx(within)
    given_out = float((found * np.array(list(heads.values()))).sum())
    if method == "m2sfca":
        assert given_out <= within * (1 + 1e-9)
    elif method == "bfca":
        near = {ends: halving(c) for ends, c in costs.items() if c <= 20}
        choice = {i: sum(near.get((i, k), 0) for k in stock) for i in heads}
        levels = [stock[j] / sum(heads[i] * near[i, j] / choice[i] for i in heads if (i, j) in near) for j in wanted]
        assert found.sum() == pytest.approx(sum(levels))
    else:
        assert given_out == pytest.approx(within)


@given(worlds())
def test_with_everything_in_reach_all_have_the_same(world: Any) -> None:
    _, heads, stock = world
    costs = {(i, j): 10.0 for i in heads for j in stock}
    for method in ("2sfca", "e2sfca", "3sfca"):
        found = measured(costs, heads, stock, **asked(method))
        assert found.tolist() == pytest.approx([sum(stock.values()) / sum(heads.values())] * len(heads))


@given(worlds(), st.floats(0, 50), st.floats(0, 50))
def test_cumulative_supply_grows_with_the_cutoff(world: Any, one: float, other: float) -> None:
    less, more = (measured(*world, method="cumulative", cutoff=c) for c in sorted((one, other)))
    assert (less <= more).all()


@given(worlds(), st.sampled_from(METHODS), st.sampled_from([0.5, 3.0]))
def test_twice_the_capacity_is_twice_the_supply(world: Any, method: str, factor: float) -> None:
    costs, heads, stock = world
    once = measured(*world, cutoff=20, **asked(method))
    more = measured(costs, heads, {j: s * factor for j, s in stock.items()}, cutoff=20, **asked(method))
    assert more.tolist() == pytest.approx((once * factor).tolist())


@given(worlds(), st.sampled_from(["e2sfca", "3sfca", "bfca"]))
def test_the_scale_of_a_decay_does_not_matter(world: Any, method: Any) -> None:
    found = [measured(*world, method=method, cutoff=20, decay=lambda c, s=s: s * HALVING(c)) for s in (1.0, 1e-3)]
    assert found[0].tolist() == pytest.approx(found[1].tolist())


@given(worlds(), st.sampled_from(METHODS), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(world: Any, method: str, chance: Any) -> None:
    tables = [table(world[0]).astype({"cost": float}), people(world[1]), places(world[2])]
    before = rg.supply(*tables, cutoff=20, **asked(method))
    shuffled = [t.sample(frac=1, random_state=chance.randint(0, 999)) for t in tables]
    copies = [t.copy() for t in shuffled]
    after = rg.supply(*shuffled, cutoff=20, **asked(method))
    assert after.index.equals(shuffled[1].index)
    assert after.sort_index().tolist() == pytest.approx(before.tolist())
    for mine, copy in zip(shuffled, copies, strict=True):
        pd.testing.assert_frame_equal(mine, copy)


def test_what_lies_far_beyond_every_scale_is_shared_too() -> None:
    """Weights too small for their inverse to be a number still add up to one."""
    found = measured({("a", "x"): 7_100.0, ("b", "x"): 7_110.0}, {"a": 1, "b": 1}, {"x": 3}, **asked("e2sfca"))
    assert found.sum() == pytest.approx(3)
    far = measured({("a", "x"): 10_300.0}, {"a": 2}, {"x": 3}, **asked("e2sfca"))
    assert far.tolist() == pytest.approx([1.5])


# --- cutoffs, counting and what is said -------------------------------------------------------------------------------

ONE: Costs = {("a", "x"): 600.0, ("b", "x"): 300.0, ("b", "y"): 900.0}
TWO = people({"a": 50, "b": 30})
PLACES = places({"x": 8, "y": 3})


@pytest.mark.parametrize(("cutoff", "value"), [(600, 0.1), (600 - 9e-7, 0.1), (600 - 1.1e-6, 0.0), (599, 0.0)])
def test_a_cutoff_includes_what_costs_just_that(cutoff: float, value: float) -> None:
    assert rg.supply(table(ONE), TWO, PLACES, method="2sfca", cutoff=cutoff)[0] == value


def test_without_a_cutoff_that_of_the_costs_is_taken_and_said() -> None:
    found = rg.supply(cost_table(ONE, 900.0), TWO, PLACES, method="2sfca")
    assert found.tolist() == [0.1, 0.2]
    assert found.attrs == {
        "metric_id": "rcp.supply.2sfca@1",
        "method": "2sfca",
        "cutoff": 900.0,
        "decay": None,
        "unit": "capacity per unit of demand",
        "counting": "capacity",
        "cost_unit": "s",
        "model_id": "made up",
        "supply": 11.0,
        "supply_unreached": 0.0,
        "demand_unreached": 0.0,
    }
    assert rg.supply(cost_table(ONE), TWO, PLACES, method="2sfca").attrs["cutoff"] is None
    bounded = rg.supply(cost_table(ONE, 900.0), TWO, PLACES, method="e2sfca", decay={300: 1, 600: 0.5})
    assert bounded.attrs["cutoff"] == 600.0
    assert bounded.attrs["supply_unreached"] == 3.0
    assert bounded.attrs["decay"] == {"decay": "steps", "zones": [[300.0, 1.0], [600.0, 0.5]]}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "2sfca", "cutoff": 901}, "they end at 900, and 901 was asked for"),
        ({"method": "cumulative", "cutoff": (600, 1000)}, "and 1000 was asked for"),
        ({"method": "e2sfca", "decay": {1200: 1}}, "and 1200 was asked for"),
        ({"method": "3sfca", "cutoff": 600, "decay": HALVING, "scope": "all"}, "and all that there is was asked for"),
    ],
)
def test_costs_that_end_before_the_cutoff_are_refused(options: Any, said: str) -> None:
    with pytest.raises(InputError, match=f"costs: .*{said}; look for them with a cutoff as great"):
        rg.supply(cost_table(ONE, 900.0), TWO, PLACES, **options)
    assert rg.supply(cost_table(ONE), TWO, PLACES, **options).notna().all()


def test_selection_from_all_needs_costs_only_as_far_as_the_decay_goes() -> None:
    options: Any = {"method": "3sfca", "cutoff": 600, "decay": {900: 1}, "scope": "all"}
    found = rg.supply(cost_table(ONE, 900.0), TWO, PLACES, **options)
    # b halves what it asks of x, since y is there too: 8 / (50 + 15), half of it for b.
    assert found.tolist() == pytest.approx([8 / 65, 4 / 65])


def test_supply_is_counted_in_services_where_no_capacity_is_known() -> None:
    for facilities in (PLACES[["site_id"]], places({"x": None, "y": " "}), PLACES.set_index("site_id")[[]]):
        found = rg.supply(table(ONE), TWO, facilities, method="2sfca")
        assert found.tolist() == pytest.approx([1 / 80, 1 / 80 + 1 / 30])
        assert (found.attrs["counting"], found.attrs["unit"]) == ("services", "services per unit of demand")
    found = rg.supply(table(ONE), TWO, PLACES, method="cumulative", counting="services")
    assert (found.tolist(), found.attrs["unit"]) == ([1, 2], "services")
    assert rg.supply(table(ONE), TWO, PLACES, method="gravity", decay=HALVING).attrs["unit"] == "weighted capacity"
    assert rg.supply(table(ONE), TWO, places({"x": "8", "y": "3"}), method="2sfca").tolist() == [0.1, 0.2]


def test_no_facility_at_all() -> None:
    found = rg.supply(table({}), TWO, PLACES.iloc[:0], method="2sfca", cutoff=9)
    assert found.tolist() == [0, 0]
    assert found.attrs["demand_unreached"] == 80


def test_people_of_no_weight_have_a_value_and_take_nothing() -> None:
    found = rg.supply(table(ONE), people({"a": 50, "b": 0}), PLACES, method="2sfca")
    assert found.tolist() == [8 / 50, 8 / 50]
    assert found.attrs["supply_unreached"] == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "huff"}, "method: 'huff' is not known; use one of 2sfca, e2sfca"),
        ({"method": "2sfca", "decay": HALVING}, "decay: 2sfca counts all within the cutoff alike; .* e2sfca"),
        ({"method": "cumulative", "decay": HALVING}, "leave it out, or use gravity"),
        ({"method": "e2sfca"}, "decay: e2sfca is nothing without one"),
        ({"method": "gravity"}, "decay: gravity is nothing without one"),
        ({"method": "gravity", "decay": 3}, "decay: 3 is no function of costs"),
        ({"method": "2sfca", "scope": "all"}, "scope: 'all' does not go with 2sfca"),
        ({"method": "3sfca", "scope": "world"}, "scope: 'world' does not go with 3sfca"),
        ({"method": "2sfca", "cutoff": -1}, "cutoff: -1 is not a distance"),
        ({"method": "2sfca", "cutoff": "far"}, "cutoff: 'far' is not a distance"),
        ({"method": "e2sfca", "decay": {"near": 1}}, "decay: the zone up to 'near' is none"),
        ({"method": "2sfca", "cutoff": [1, 2]}, "cutoff: 2sfca takes one"),
        ({"method": "cumulative", "cutoff": [5]}, "cutoff: there are no two different ones"),
        ({"method": "cumulative", "cutoff": [5, math.nan]}, "cutoff: nan is not a distance"),
        ({"method": "2sfca", "counting": "beds"}, "counting: 'beds' is not known; use capacity or services"),
        ({"method": "gravity", "decay": lambda c: c[:1]}, r"decay: it returned \(1,\) weights for \(3,\) costs"),
        ({"method": "gravity", "decay": lambda c: -c}, "decay: 3 weights are negative, missing or infinite"),
        ({"method": "gravity", "decay": lambda c: c * math.nan}, "decay: 3 weights .* 300.0, 600.0, 900.0"),
        ({"method": "m2sfca", "decay": lambda c: c / 600}, "decay: 1 weight is negative, missing or above 1 .* 900"),
    ],
)
def test_what_does_not_go_together(options: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        rg.supply(table(ONE), TWO, PLACES, **options)


def test_a_function_of_ones_own() -> None:
    found = rg.supply(table(ONE), TWO, PLACES, method="gravity", decay=np.ones_like)
    assert found.tolist() == [8, 11]
    assert found.attrs["decay"] == {"decay": "ones_like"}


def test_a_power_of_no_cost_is_refused() -> None:
    here = {**ONE, ("a", "y"): 0.0}
    with pytest.raises(InputError, match=r"1 weight is .* infinite \(of costs 0.0\); .* a Power with a minimum"):
        rg.supply(table(here), TWO, PLACES, method="gravity", decay=decay.Power(2))
    near = rg.supply(table(here), TWO, PLACES, method="gravity", decay=decay.Power(1, minimum=300))
    assert near[0] == pytest.approx(8 / 600 + 3 / 300)


def wrong(costs: Any = None, demand: Any = TWO, facilities: Any = PLACES, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        rg.supply(table(ONE) if costs is None else costs, demand, facilities, **{"method": "2sfca", **options})
    return str(caught.value)


def test_costs_that_are_none() -> None:
    spoilt = table({**ONE, ("a", "y"): math.nan, ("c", "y"): -1.0, ("a", "z"): math.inf, ("b", "z"): 1.0})
    said = wrong(spoilt).splitlines()
    assert said == [
        "id.unknown: costs.origin_id: 1 identifier is not in demand (c); add them to demand, or drop their pairs",
        "id.unknown: costs.destination_id: 1 identifier is not in facilities (z); add them to facilities, or drop their pairs",
        (
            "cost.invalid: costs.cost: 3 pairs have a cost that is missing, negative or infinite (a to y, c to y, a to z); "
            "leave out the pairs that were not reached"
        ),
    ]


def test_pairs_and_ids_that_occur_twice() -> None:
    again = pd.concat([table(ONE), table(ONE).iloc[[1]].assign(cost=5.0)])
    assert wrong(again) == "costs: 1 row repeats a pair (b to x); keep one row of each"
    with pytest.raises(DuplicateIdError):
        rg.supply(again, TWO, PLACES, method="2sfca")
    with pytest.raises(DuplicateIdError, match=r"demand\.demand_id"):
        rg.supply(table(ONE), pd.concat([TWO, TWO]), PLACES, method="2sfca")
    with pytest.raises(DuplicateIdError, match=r"facilities\.site_id"):
        rg.supply(table(ONE), TWO, pd.concat([PLACES, PLACES]), method="2sfca")


def test_places_that_costs_were_not_looked_for() -> None:
    more, others = people({"a": 1, "b": 1, "c": 1}), places({"x": 1, "y": 1, "z": 1})
    assert "demand: 1 row is not among the origins of the costs (c)" in wrong(cost_table(ONE), more)
    assert "facilities: 1 row is not among the destinations of the costs (z)" in wrong(cost_table(ONE), TWO, others)
    # A plain table lists the pairs that were reached, and no others need be known.
    assert rg.supply(table(ONE), more, others, method="2sfca")[2] == 0


def test_weights_and_capacities_that_are_none() -> None:
    assert "demand.weight: 1 row is missing, infinite or negative (a)" in wrong(None, people({"a": -1, "b": 2}))
    assert "all weights are 0, so nobody is there" in wrong(None, people({"a": 0, "b": 0}))
    said = wrong(None, TWO, places({"x": None, "y": 3}))
    assert said.startswith("capacity.missing: facilities.capacity: 1 row has no capacity (x); complete them, or pass")
    both = wrong(None, TWO, places({"x": "many", "y": -1}))
    assert "capacity.invalid: facilities.capacity: 2 rows hold no number of 0 or more (x, y); correct them" in both
    assert "2 rows have no capacity" in wrong(None, TWO, places({"x": None, "y": None}), counting="capacity")
    for tables in (
        (table(ONE), TWO[["demand_id"]], PLACES),
        (table(ONE)[["cost"]], TWO, PLACES),
    ):
        with pytest.raises(MissingColumnError):
            rg.supply(*tables, method="2sfca")
    with pytest.raises(MissingColumnError, match="column capacity is missing; add it, or pass counting='services'"):
        rg.supply(table(ONE), TWO, PLACES[["site_id"]], method="2sfca", counting="capacity")


# --- decays -----------------------------------------------------------------------------------------------------------


def test_zones_include_their_bounds_in_any_order() -> None:
    zones = decay.Steps({30: 0.22, 10: 1, 20: 0.68})
    assert zones(np.array([0, 10, 10 + 9e-7, 10.1, 20, 30, 30.1])).tolist() == [1, 1, 1, 0.68, 0.68, 0.22, 0]
    assert zones == decay.Steps({10: 1.0, 20: 0.68, 30: 0.22})
    assert hash(zones) == hash(decay.Steps({10: 1.0, 20: 0.68, 30: 0.22}))
    assert zones.reach == 30


def test_a_wide_bell_that_ends_in_0_keeps_its_digits() -> None:
    costs = np.array([0.0, 0.5, 1.0])
    # As sigma grows the lowered bell becomes the parabola 1 - d²/r².
    assert decay.Gaussian(1e8, reach=1)(costs).tolist() == pytest.approx([1, 0.75, 0])
    assert decay.Gaussian(20)(np.array([0.0, 30.0])).tolist() == pytest.approx([1, math.exp(-9 / 8)])
    dai = decay.Gaussian(20, reach=20)(np.array([10.0]))[0]
    assert dai == pytest.approx((math.exp(-1 / 8) - math.exp(-1 / 2)) / (1 - math.exp(-1 / 2)))


def test_decays_say_what_they_are() -> None:
    said = [d.describe() for d in (decay.Gaussian(2), decay.Gaussian(2, reach=3), HALVING, decay.Power(2, scale=5))]
    assert said == [
        {"decay": "gaussian", "sigma": 2, "reach": None},
        {"decay": "gaussian", "sigma": 2, "reach": 3},
        {"decay": "exponential", "rate": math.log(2) / 10},
        {"decay": "power", "exponent": 2, "scale": 5, "minimum": 0.0},
    ]
    assert all(isinstance(d, decay.Decay) for d in (decay.Steps({1: 1}), decay.Gaussian(1), HALVING, decay.Power(1)))
    assert {HALVING.reach, decay.Power(1).reach, decay.Gaussian(1).reach} == {math.inf}


@pytest.mark.parametrize(
    "make",
    [
        lambda: decay.Steps({}),
        lambda: decay.Steps({0: 1}),
        lambda: decay.Steps({10: -1}),
        lambda: decay.Steps({math.inf: 1}),
        lambda: decay.Steps({10: "much"}),  # type: ignore[dict-item]
        lambda: decay.Gaussian("wide"),  # type: ignore[arg-type]
        lambda: decay.Gaussian(0),
        lambda: decay.Gaussian(1, reach=0),
        lambda: decay.Exponential(-1),
        lambda: decay.Power(math.nan),
        lambda: decay.Power(1, scale=0),
        lambda: decay.Power(1, minimum=-1),
    ],
)
def test_parameters_that_make_no_decay(make: Callable[[], object]) -> None:
    with pytest.raises(InputError, match="^decay: "):
        make()


# --- the assessment ---------------------------------------------------------------------------------------------------

# Within 6.5 km of the home in the small world are a1, a2, a3 and c1, 5 people; of the court a2, b1, b2, b3 and d1, 7; of the
# silent service c1, c2 and c3, 4.
SUPPLY = {
    ("pause", "certain"): {A: (4 / 5) / 4, B: 0, C: (1 / 5) / 4, D: 0},
    ("fdac", "certain"): {A: (1 / 7) / 4, B: 1 / 7, C: 0, D: (1 / 7) / 4},
    ("local", "certain"): {A: 0, B: 0, C: 0, D: 0},
    ("local", "possible"): {A: 0, B: 0, C: 1 / 4, D: 0},
    ("any", "certain"): {A: (4 / 5 + 1 / 7) / 4, B: 1 / 7, C: (1 / 5) / 4, D: (1 / 7) / 4},
    ("any", "possible"): {A: (4 / 5 + 1 / 7) / 4, B: 1 / 7, C: (1 / 5) / 4 + 1 / 4, D: (1 / 7) / 4},
}


def rows_of(found: pd.DataFrame, group: str, evidence: str) -> pd.DataFrame:
    return found[(found["group"] == group) & (found["evidence"] == evidence)].set_index("area_code")


def test_supply_of_each_authority_on_paper(world_answer: rg.Assessment) -> None:
    found = world_answer.supply("2sfca", cutoff=6_500)
    for (group, evidence), values in SUPPLY.items():
        rows = rows_of(found, group, evidence)
        assert rows.loc[list(values), "value"].tolist() == pytest.approx(list(values.values()))
    everyone = rows_of(found, "any", "possible").loc["E92000001"]
    # Three services, all of which someone reaches, for 17 people of whom all but d2 and d3 have some.
    assert everyone["value"] == pytest.approx(3 / 17)
    assert everyone["reached_share"] == pytest.approx(14 / 17)
    assert everyone["reason"] == "beyond_cutoff"
    assert rows_of(found, "any", "certain").loc["E12000001", "value"] == pytest.approx((4 / 5 + 6 / 7) / 9)
    assert rows_of(found, "local", "certain")["reason"].unique().tolist() == ["no_facility"]


def test_the_table_has_a_row_for_every_area_always(world_answer: rg.Assessment) -> None:
    found = world_answer.supply("cumulative", cutoff=[1_000, 2_000])
    key = ["area_code", "group", "relation", "evidence", "metric_id", "cutoff"]
    assert list(found.columns) == list(world_answer.coverage.columns)
    assert not found.duplicated(key).any()
    assert len(found) == (4 + 2 + 1) * 4 * 2
    assert (found["value"] == 0).all()
    assert set(found["cutoff"]) == {2_000}
    assert set(found["metric_id"]) == {"rcp.supply.cumulative_interval@1"}
    assert found.attrs["counting"] == "services"
    assert found.attrs["services_without_site"] == ["doubtful"]
    assert "rcp.supply.cumulative_interval@1" in rg.cite(found)


def test_an_area_without_people_has_no_mean(world: World) -> None:
    world.demand = world.demand[~world.demand["demand_id"].str.startswith("b")]
    row = rows_of(world.assess().supply("2sfca", cutoff=6_500), "any", "certain").loc[B]
    assert math.isnan(row["value"])
    assert row["reason"] == "no_demand"


def test_capacity_of_services_is_shared_between_their_sites(world: World) -> None:
    world.services["capacity"] = (
        world.services["service_id"].map({"home": "10", "court": "21", "silent": "4"}).fillna("")
    )
    second = world.sites[world.sites["service_id"] == "silent"].assign(service_id="home", site_id="home-2")
    nowhere = second.assign(site_id="home-3", geometry=None)
    world.sites = pd.concat([world.sites, second, nowhere], ignore_index=True)
    found = world.assess().supply("2sfca", cutoff=6_500)
    assert found.attrs["counting"] == "capacity"
    assert set(found["unit"]) == {"capacity per unit of demand"}
    pause = rows_of(found, "pause", "certain")["value"]
    # Five places at each of the two sites that have a point.
    assert pause[[A, B, C, D]].tolist() == pytest.approx([4 / 4, 0, (1 + 5) / 4, 0])
    assert rows_of(found, "any", "possible").loc["E92000001", "value"] == pytest.approx(35 / 17)
    once = world.assess().supply("2sfca", cutoff=6_500, counting="services")
    assert rows_of(once, "pause", "certain").loc["E92000001", "value"] == pytest.approx(1 / 17)


def test_capacity_of_some_services_only_is_refused_by_name(world: World) -> None:
    # What is planned or shut, or has no site, counts for nothing and need not have one.
    world.services["capacity"] = world.services["service_id"].map({"home": "10", "court": "21"}).fillna("")
    answer = world.assess()
    with pytest.raises(InputError, match=r"capacity.missing: services.capacity: 1 row has no capacity \(silent\)"):
        answer.supply("2sfca", cutoff=6_500)
    with pytest.raises(InputError, match="decay: e2sfca is nothing without one"):
        answer.supply("e2sfca", cutoff=6_500)


def test_reasons_come_from_the_model(world: World) -> None:
    seconds = {(d, s): 60.0 for d in ("a1", "a2", "b1") for s in ("home-1", "court-1", "silent-1")}
    model = FakeModel(seconds, {"a3": "unsnapped", "b2": "unsnapped"})
    found = world.assess(model=model, cutoffs=[60.0]).supply("e2sfca", decay=HALVING)
    rows = rows_of(found, "any", "certain")
    assert rows.loc[[A, B, C], "reason"].tolist() == ["unsnapped", "unsnapped", "disconnected"]
    assert rows.loc["E92000001", "value"] == pytest.approx(2 / 17)


def test_selection_from_all_is_asked_of_the_model_without_a_cutoff(world_answer: rg.Assessment) -> None:
    some = world_answer.supply("3sfca", cutoff=6_500, decay=decay.Exponential(1e-4), scope="all")
    assert rows_of(some, "any", "certain").loc["E92000001", "value"] == pytest.approx(2 / 17)
    assert set(some["metric_id"]) == {"rcp.supply.3sfca_all@1"}
    assert set(some["cutoff"]) == {6_500}


def test_by_another_column(world_answer: rg.Assessment, world: World) -> None:
    world.services["kind"] = "one"
    found = world.assess(by="kind").supply("2sfca", cutoff=6_500)
    assert set(found["group"]) == {"one", "any"}
    assert replace(world_answer).supply("2sfca", cutoff=6_500)["value"].sum() > 0
