"""Inequality: published figures, the definitions written out pair by pair, and the laws that hold whatever the data."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import rcp_geo as rg
from rcp_geo.equity import inequality_table, require_options
from rcp_geo.errors import InputError, MissingColumnError
from tests.world import World

NAN = float("nan")

# --- published: five hexagons of Belo Horizonte (R accessibility, inst/extdata) ----------------------------------------

# Cumulative jobs within 30 minutes, people and income per head of E, F, G, H and I, of which I has no people and no income.
JOBS = np.array([22_239.0, 36_567, 42_372, 55_571, 26_774])
PEOPLE = np.array([852.0, 394, 1_969, 2_189, 0])
INCOME = np.array([4_757.8, 1_627.8, 543.1, 3_822.0, NAN])
# The 40th and 90th percentile of income over all 898 hexagons.
QUANTILES = (1_208.6, 3_741.6)
ALL, WITHOUT_H = [0, 1, 2, 3, 4], [0, 1, 2, 4]


@pytest.mark.parametrize(
    ("rows", "options", "published"),
    [
        (ALL, {"index": "gini"}, 0.1386),
        (WITHOUT_H, {"index": "gini"}, 0.1148),
        (ALL, {"index": "fgt", "line": 100_000, "alpha": 0}, 1),
        (ALL, {"index": "fgt", "line": 100_000, "alpha": 1}, 0.5588),
        (ALL, {"index": "fgt", "line": 100_000, "alpha": 2}, 0.3256),
        (WITHOUT_H, {"index": "fgt", "line": 100_000, "alpha": 1}, 0.6367),
        (WITHOUT_H, {"index": "fgt", "line": 100_000, "alpha": 2}, 0.4129),
    ],
)
def test_published_figures_of_access_alone(rows: list[int], options: dict[str, Any], published: float) -> None:
    assert rg.inequality(JOBS[rows], PEOPLE[rows], **options) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize(
    ("rows", "options", "published"),
    [
        (ALL, {"index": "concentration"}, -0.0248),
        (WITHOUT_H, {"index": "concentration"}, -0.1148),
        (ALL, {"index": "erreygers"}, -0.1314),
        (ALL, {"index": "erreygers", "bounds": (22_239, 55_571)}, -0.1314),
        (WITHOUT_H, {"index": "erreygers"}, -0.8282),
        (ALL, {"index": "palma", "thresholds": QUANTILES}, 1.0911),
        (WITHOUT_H, {"index": "palma", "thresholds": QUANTILES}, 0.5249),
    ],
)
def test_published_figures_by_income(rows: list[int], options: dict[str, Any], published: float) -> None:
    found = rg.inequality(JOBS[rows], PEOPLE[rows], rank=INCOME[rows], missing="drop", **options)
    assert found == pytest.approx(published, abs=5e-5)


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_theil_keeps_those_who_have_nothing() -> None:
    # Half have 0 and half have twice the mean: 0 + 2 ln 2 / 2. Without the zeros it would be 0.
    assert rg.inequality([0, 2], index="theil") == pytest.approx(math.log(2))
    # One of a hundred has everything.
    assert rg.inequality([0, 7], [99, 1], index="theil") == pytest.approx(math.log(100))


def test_a_group_that_has_nothing_adds_nothing_within() -> None:
    values, groups = [0, 0, 1, 3], ["none", "none", "some", "some"]
    # Between: half have 0 and half twice the mean. Within: all is in one group, of 1/2 and 3/2 of its mean.
    assert rg.inequality(values, index="theil_between", groups=groups) == pytest.approx(math.log(2))
    own = (0.5 * math.log(0.5) + 1.5 * math.log(1.5)) / 2
    assert rg.inequality(values, index="theil_within", groups=groups) == pytest.approx(own)


def test_palma_takes_the_poorest_up_to_the_40th_and_the_richest_beyond_the_90th_percentile() -> None:
    ranks = np.arange(1, 11)
    values = np.array([1.0, 2, 3, 4, 50, 50, 50, 50, 50, 7])
    assert rg.inequality(values, index="palma", rank=ranks) == 7 / 2.5
    # With 3 people at rank 2, ranks 1 and 2 are 4 of 12, and the 40th percentile is rank 3; the 90th is rank 9.
    weights = np.where(ranks == 2, 3.0, 1.0)
    assert rg.inequality(values, weights, index="palma", rank=ranks) == pytest.approx(7 / ((1 + 3 * 2 + 3) / 5))
    # Named thresholds are in the unit of the rank, the first included.
    assert rg.inequality(values, weights, index="palma", rank=ranks, thresholds=(4, 9)) == pytest.approx(7 / (14 / 6))


def test_percentiles_reached_but_for_rounding_are_reached() -> None:
    # Ten tenths do not add up to 1 in floating point.
    values = np.arange(1.0, 11)
    for weight in (0.1, 1 / 3, 7.0):
        assert rg.inequality(values, np.full(10, weight), index="palma", rank=values) == pytest.approx(10 / 2.5)


def test_places_of_one_rank_share_the_mean_of_their_fractional_ranks() -> None:
    # Ranks 1, 1, 2 of one person each: 1/3, 1/3 and 5/6; values 1, 5, 6 of mean 4.
    ranks = [1, 1, 2]
    by_hand = 2 / 4 * ((1 - 4) * (1 / 3 - 1 / 2) + (5 - 4) * (1 / 3 - 1 / 2) + (6 - 4) * (5 / 6 - 1 / 2)) / 3
    assert rg.inequality([1, 5, 6], index="concentration", rank=ranks) == pytest.approx(by_hand)
    assert rg.inequality([5, 1, 6], index="concentration", rank=ranks) == pytest.approx(by_hand)
    # Whoever are all of one rank are neither better nor worse off.
    assert rg.inequality([1, 5, 6], index="concentration", rank=[3, 3, 3]) == pytest.approx(0, abs=1e-15)


def test_the_sign_of_concentration() -> None:
    deprivation = [1, 2, 3]  # 1 is the most deprived
    far_for_the_deprived, near_for_them = [30, 20, 10], [10, 20, 30]
    assert rg.inequality(far_for_the_deprived, index="concentration", rank=deprivation) < 0
    assert rg.inequality(near_for_them, index="concentration", rank=deprivation) > 0


def test_fgt_counts_on_the_line_as_enough() -> None:
    assert rg.inequality([1, 2, 3], index="fgt", line=2) == pytest.approx(1 / 3)
    assert rg.inequality([1, 2, 3], index="fgt", line=2, poor="above") == pytest.approx(1 / 3)
    assert rg.inequality([6, 2], index="fgt", line=2, poor="above", alpha=1) == 1
    assert rg.inequality([6, 2], index="fgt", line=2, poor="above", alpha=2) == 2
    assert rg.inequality([0, 0], index="fgt", line=2, alpha=2) == 1


def test_erreygers_is_the_same_of_what_people_have_and_of_what_they_lack() -> None:
    values, rank = np.array([0.1, 0.7, 0.4]), [1, 2, 3]
    have = rg.inequality(values, index="erreygers", rank=rank, bounds=(0, 1))
    lack = rg.inequality(1 - values, index="erreygers", rank=rank, bounds=(0, 1))
    assert have == pytest.approx(-lack)
    # Values on either side of 0 only move the bounds.
    assert rg.inequality(values - 0.5, index="erreygers", rank=rank, bounds=(-0.5, 0.5)) == pytest.approx(have)


EVERY = [
    {"index": "gini"},
    {"index": "theil"},
    {"index": "theil_between", "groups": True},
    {"index": "theil_within", "groups": True},
    {"index": "palma", "rank": True},
    {"index": "concentration", "rank": True},
    {"index": "erreygers", "rank": True},
    {"index": "fgt", "line": 3.0, "alpha": 0},
    {"index": "fgt", "line": 3.0, "alpha": 1},
    {"index": "fgt", "line": 3.0, "alpha": 2},
    {"index": "fgt", "line": 3.0, "alpha": 2, "poor": "above"},
]
UNEQUAL = [o for o in EVERY if o["index"] != "fgt"]


def name_of(options: dict[str, Any]) -> str:
    return "-".join(str(v) for v in options.values() if v is not True)


def ask(options: dict[str, Any], table: pd.DataFrame, **more: Any) -> float:
    columns = {k: table[k].to_numpy() for k in ("rank", "groups") if options.get(k)}
    return rg.inequality(table["value"].to_numpy(), table["weight"].to_numpy(), **{**options, **columns, **more})


@pytest.mark.parametrize("options", [o for o in UNEQUAL if o["index"] != "palma"], ids=name_of)
@pytest.mark.parametrize("value", [0.0, 0.1, 1e300])
def test_where_all_have_the_same_nothing_is_unequal(options: dict[str, Any], value: float) -> None:
    for n in (1, 7):
        table = pd.DataFrame({"value": np.full(n, value), "weight": 0.3, "rank": np.arange(n), "groups": "a"})
        assert ask(options, table) == 0


def test_palma_of_the_same_is_one_and_of_nothing_is_refused() -> None:
    ranks = np.arange(10)
    assert rg.inequality(np.full(10, 0.3), index="palma", rank=ranks) == pytest.approx(1)
    with pytest.raises(InputError, match="palma: the poorest have 0, and there is no ratio to 0"):
        rg.inequality(np.zeros(10), index="palma", rank=ranks)


def test_palma_without_a_richest_or_a_poorest_says_who_is_missing() -> None:
    # The best off place holds more than a tenth of the people, so that nobody is above the 90th percentile.
    with pytest.raises(InputError, match="palma: nobody is above rank 2, among the richest; pass thresholds="):
        rg.inequality([1, 2], index="palma", rank=[1, 2])
    with pytest.raises(InputError, match="palma: nobody is up to rank 0, among the poorest"):
        rg.inequality([1, 2], index="palma", rank=[1, 2], thresholds=(0, 1))


# --- pair by pair, and the laws ---------------------------------------------------------------------------------------

PLACE = st.tuples(
    st.integers(0, 10_000).map(lambda n: n / 8),  # value
    st.integers(1, 500).map(lambda n: n / 4),  # weight
    st.integers(1, 10),  # rank, with ties
    st.sampled_from("abc"),  # group
)


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Places of which not all have the same, and the poorest have something."""
    rows = draw(st.lists(PLACE, min_size=2, max_size=12))
    table = pd.DataFrame(rows, columns=["value", "weight", "rank", "groups"])
    assume(table["value"].min() < table["value"].max())
    return table


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


@given(tables())
def test_gini_is_half_the_mean_difference_over_the_mean(table: pd.DataFrame) -> None:
    v, p = table["value"].to_numpy(), (table["weight"] / table["weight"].sum()).to_numpy()
    difference = sum(p[i] * p[j] * abs(v[i] - v[j]) for i in range(len(v)) for j in range(len(v)))
    assert ask({"index": "gini"}, table) == near(difference / (2 * sum(p * v)))


@given(tables())
def test_gini_is_one_less_twice_the_area_under_the_lorenz_curve(table: pd.DataFrame) -> None:
    ordered = table.sort_values("value")
    people = ordered["weight"] / ordered["weight"].sum()
    held = ordered["weight"] * ordered["value"]
    lorenz = np.r_[0, np.cumsum(held / held.sum())]
    area = float(np.sum((lorenz[:-1] + lorenz[1:]) * people))
    assert ask({"index": "gini"}, table) == near(1 - area)


@given(tables())
def test_concentration_is_the_mean_difference_between_the_better_and_the_worse_off(table: pd.DataFrame) -> None:
    v, r = table["value"].to_numpy(), table["rank"].to_numpy()
    p = (table["weight"] / table["weight"].sum()).to_numpy()
    n = range(len(v))
    difference = sum(p[i] * p[j] * (v[i] - v[j]) * np.sign(r[i] - r[j]) for i in n for j in n)
    assert ask({"index": "concentration", "rank": True}, table) == near(difference / (2 * sum(p * v)))


@given(tables())
def test_theil_is_its_sum_written_out(table: pd.DataFrame) -> None:
    total = table["weight"].sum()
    mean = (table["weight"] * table["value"]).sum() / total
    terms = [
        w / total * v / mean * math.log(v / mean) for v, w in zip(table["value"], table["weight"], strict=True) if v
    ]
    assert ask({"index": "theil"}, table) == near(sum(terms))


@given(tables())
def test_theil_is_what_is_between_groups_and_what_is_within(table: pd.DataFrame) -> None:
    between = ask({"index": "theil_between", "groups": True}, table)
    within = ask({"index": "theil_within", "groups": True}, table)
    assert between + within == near(ask({"index": "theil"}, table))
    assert between >= 0 <= within
    # Between is the index of means, and within the mean of the groups' own, by what they hold.
    held = (table["weight"] * table["value"]).groupby(table["groups"]).sum()
    weight = table.groupby("groups")["weight"].sum()
    assert between == near(rg.inequality(held / weight, weight, index="theil"))
    own = {g: rg.inequality(t["value"], t["weight"], index="theil") for g, t in table.groupby("groups")}
    assert within == near(sum(held[g] / held.sum() * own[g] for g in own))


@given(tables(), st.sampled_from(EVERY), st.permutations(range(12)))
def test_the_order_of_rows_does_not_matter(table: pd.DataFrame, options: dict[str, Any], order: list[int]) -> None:
    def ask_or_refuse(rows: pd.DataFrame) -> float | str:
        try:
            return ask(options, rows)
        except InputError as error:
            return str(error)

    shuffled = table.iloc[[i for i in order if i < len(table)]]
    first, again = ask_or_refuse(table), ask_or_refuse(shuffled)
    assert again == (first if isinstance(first, str) else near(first))


@given(tables(), st.sampled_from(EVERY), st.sampled_from([0.25, 3.0, 1e200]))
def test_only_shares_of_people_matter(table: pd.DataFrame, options: dict[str, Any], factor: float) -> None:
    more = {"thresholds": (5, 5)} if options["index"] == "palma" else {}
    assume(not more or _has_both(table))
    first = ask(options, table, **more)
    assert ask(options, table.assign(weight=table["weight"] * factor), **more) == near(first)
    # A place cut in two, and one of nobody.
    halves = pd.concat([table, table.iloc[[0]]])
    halves.iloc[[0, -1], 1] /= 2
    assert ask(options, halves, **more) == near(first)
    nobody = pd.DataFrame({"value": [1e6], "weight": [0.0], "rank": [99], "groups": ["z"]})
    assert ask(options, pd.concat([table, nobody]), **more) == near(first)


def _has_both(table: pd.DataFrame) -> bool:
    poorest = table["rank"] <= 5
    return bool(not poorest.all() and table.loc[poorest, "value"].sum() > 0)


@given(tables(), st.sampled_from(UNEQUAL), st.sampled_from([2.0, 1609.344, 1e-300, 1e300]))
def test_the_unit_of_the_values_does_not_matter(table: pd.DataFrame, options: dict[str, Any], factor: float) -> None:
    more = {"thresholds": (5, 5)} if options["index"] == "palma" else {}
    assume(not more or _has_both(table))
    assert ask(options, table.assign(value=table["value"] * factor), **more) == near(ask(options, table, **more))


@given(tables(), st.sampled_from(["concentration", "erreygers"]))
def test_the_other_way_round_the_sign_is(table: pd.DataFrame, index: str) -> None:
    options = {"index": index, "rank": True}
    assert ask(options, table.assign(rank=-table["rank"])) == near(-ask(options, table))
    # Only the order of the ranks counts.
    assert ask(options, table.assign(rank=table["rank"] ** 3)) == near(ask(options, table))


@given(tables())
def test_no_ranking_says_more_than_that_by_the_value_itself(table: pd.DataFrame) -> None:
    gini, ranked = ask({"index": "gini"}, table), ask({"index": "concentration", "rank": True}, table)
    assert 0 <= gini < 1
    assert abs(ranked) <= gini + 1e-12
    assert ask({"index": "concentration", "rank": True}, table.assign(rank=table["value"])) == near(gini)


@given(tables(), st.sampled_from([0, 1, 2]), st.floats(1, 2_000), st.floats(1, 2_000))
def test_a_higher_line_has_more_below_it_and_less_above(
    table: pd.DataFrame, alpha: int, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    below = [ask({"index": "fgt", "line": line, "alpha": alpha}, table) for line in (low, high)]
    above = [ask({"index": "fgt", "line": line, "alpha": alpha, "poor": "above"}, table) for line in (low, high)]
    assert below[0] <= below[1] + 1e-12
    assert above[0] >= above[1] - 1e-12
    assert 0 <= below[0] <= 1 + 1e-12


@given(tables(), st.floats(1, 2_000))
def test_below_the_line_fewer_are_far_from_it_than_below_it(table: pd.DataFrame, line: float) -> None:
    share, gap, squared = (ask({"index": "fgt", "line": line, "alpha": a}, table) for a in (0, 1, 2))
    assert share + 1e-12 >= gap >= squared - 1e-12


def test_digits_are_kept_far_from_zero_and_among_many() -> None:
    # Two values that differ by 1 in 10 to the 9, each of a million people: half their difference over twice their sum.
    values = 1e9 + np.arange(2_000_000) % 2
    exact = 1 / (4 * (1e9 + 0.5))
    assert rg.inequality(values, index="gini") == pytest.approx(exact, rel=1e-6)
    assert rg.inequality(values, index="concentration", rank=-values) == pytest.approx(-exact, rel=1e-6)
    # The mean difference of 1 to n is (n² - 1) / (3 n), and their mean (n + 1) / 2.
    n = 1_000_000
    assert rg.inequality(np.arange(1.0, n + 1), index="gini") == pytest.approx((n - 1) / (3 * n), rel=1e-12)


def test_figures_of_any_size_are_added_up() -> None:
    for size in (5e-324, 1e-300, 1.5e308):
        assert rg.inequality([size, 0], index="gini") == pytest.approx(1 / 2)
        assert rg.inequality([size, 0], index="theil_within", groups=["a", "a"]) == pytest.approx(math.log(2))
        assert rg.inequality([1, 3], [size, size], index="gini") == pytest.approx(1 / 4)


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"index": "hoover"}, "index: 'hoover' is not known; use one of gini, theil, "),
        (
            {"index": "gini", "rank": [1, 2]},
            "rank: gini does not take it; leave it out, or ask for palma or concentration or",
        ),
        (
            {"index": "theil", "groups": ["a", "b"]},
            "groups: theil does not take it; leave it out, or ask for theil_between or",
        ),
        ({"index": "gini", "line": 3}, "line: gini does not take it; leave it out, or ask for fgt"),
        (
            {"index": "concentration"},
            "rank: concentration needs it; pass a number for each place that grows from the worst",
        ),
        ({"index": "theil_within"}, "groups: theil_within needs it; pass the group of each place"),
        ({"index": "fgt"}, "line: fgt needs it; pass the value that separates those who have enough"),
        ({"index": "fgt", "line": 0}, "line: 0 is not a number above 0"),
        ({"index": "fgt", "line": NAN}, "line: nan is not a number above 0"),
        ({"index": "fgt", "line": "far"}, "line: 'far' is not a number above 0"),
        ({"index": "fgt", "line": 3, "alpha": 3}, "alpha: 3 is not known; use 0, 1 or 2"),
        ({"index": "fgt", "line": 3, "alpha": [1]}, r"alpha: \[1\] is not known"),
        ({"index": ["gini"]}, r"index: \['gini'\] is not known"),
        ({"index": "fgt", "line": 3, "poor": "near"}, "poor: 'near' is not known; use below or above"),
        ({"index": "erreygers", "rank": [1, 2], "bounds": 3}, "bounds: 3 is not two numbers, the smaller first"),
        ({"index": "erreygers", "rank": [1, 2], "bounds": (3, 1)}, r"bounds: \(3, 1\) is not two numbers"),
        ({"index": "erreygers", "rank": [1, 2], "bounds": (0, NAN)}, r"bounds: \(0, nan\) is not two numbers"),
        ({"index": "erreygers", "rank": [1, 2], "bounds": (1, 1)}, r"bounds: \(1, 1\) leave no room for a value"),
        ({"index": "palma", "rank": [1, 2], "thresholds": (9, 4)}, r"thresholds: \(9, 4\) is not two numbers"),
        ({"index": "gini", "missing": "skip"}, "missing: 'skip' is not known; use raise or drop"),
    ],
)
def test_options_that_cannot_be_used_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        rg.inequality([1, 2], **options)


@pytest.mark.parametrize(
    ("values", "weights", "message"),
    [
        (
            [1, NAN, NAN],
            None,
            r"values: 2 places are missing; fill them, or leave the places out with missing='drop' \(1, 2\)",
        ),
        ([1, 2, 3], [1, NAN, 1], r"weights: 1 place is missing; .* \(1\)"),
        ([1, math.inf, 3], None, r"values: 1 place is infinite; give each a number \(1\)"),
        ([1, 2, 3], [1, 1, math.inf], r"weights: 1 place is infinite; .* \(2\)"),
        ([1, -2, -3], None, r"values: 2 places are negative, and gini is of values of 0 or more \(1, 2\)"),
        ([1, 2, 3], [1, -1, 1], r"weights: 1 place is negative; give each a weight of 0 or more \(1\)"),
        ([1, 2, 3], [0, 0, 0], "weights: no place has people and all that is needed; there is nobody to compare"),
        ([], None, "weights: no place has people"),
        ([1, 2, 3], [1, 2], r"values: not every place has one of each \(3 values, 2 weights\)"),
        (["near", "far"], None, "values: not all are numbers; give each place one"),
        (pd.to_datetime(["2020-01-01", "2020-01-02"]), None, "values: not all are numbers"),
        (np.ones((2, 2)), None, "values: pass one for each place, as a list, an array or a series"),
        (3.0, None, "values: pass one for each place"),
        (None, None, "values: pass one for each place"),
    ],
)
def test_columns_that_cannot_be_used_are_named(values: Any, weights: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        rg.inequality(values, weights, index="gini")


def test_all_that_is_wrong_is_said_at_once() -> None:
    values = pd.Series([1, -2, math.inf], index=["x", "y", "z"])
    with pytest.raises(InputError) as raised:
        rg.inequality(values, [1, -1, NAN], index="concentration", rank=[NAN, NAN, 1])
    said = str(raised.value).splitlines()
    assert [line.partition(":")[0] for line in said] == ["values", "weights", "values", "weights", "rank"]
    assert "(x, y)" in said[-1]


def test_groups_without_a_name_are_missing() -> None:
    with pytest.raises(InputError, match=r"groups: 1 place is missing; .* \(2\)"):
        rg.inequality([1, 2, 3], index="theil_between", groups=["a", "b", None])
    kept = rg.inequality([1, 2, 3], index="theil_between", groups=["a", "b", None], missing="drop")
    assert kept == rg.inequality([1, 2], index="theil_between", groups=["a", "b"])
    with pytest.raises(InputError, match=r"groups: 2 places are missing; .* \(1, 2\)"):
        rg.inequality([1, 2, 3], index="theil_between", groups=["a", "", " "])


@pytest.mark.parametrize("groups", [["a", "a ", "b"], [1, 1.0, 2], ["1", 1, 2], pd.Categorical([" x", "x", "y"])])
def test_groups_are_told_apart_as_those_of_coverage_are(groups: Any) -> None:
    found = rg.inequality([1, 5, 3], index="theil_between", groups=groups)
    assert found == rg.inequality([1, 5, 3], index="theil_between", groups=[0, 0, 1]) == 0


def test_values_beyond_the_bounds_are_named() -> None:
    with pytest.raises(InputError, match=r"values: 2 places lie beyond 2 and 3; widen the bounds \(0, 3\)"):
        rg.inequality([1, 2, 3, 4], index="erreygers", rank=[1, 2, 3, 4], bounds=(2, 3))


def test_dropped_places_leave_the_others_as_they_are() -> None:
    values, weights, rank = [1, 2, NAN, 4, 5], [1, NAN, 1, 2, 3], [1, 2, 3, 4, NAN]
    found = rg.inequality(values, weights, index="concentration", rank=rank, missing="drop")
    assert found == rg.inequality([1, 4], [1, 2], index="concentration", rank=[1, 4])
    with pytest.raises(InputError, match="there is nobody to compare"):
        rg.inequality([NAN], index="gini", missing="drop")


def test_series_of_other_places_are_refused_and_of_the_same_kept_in_order() -> None:
    values, weights = pd.Series([1, 3], index=["a", "b"]), pd.Series([3, 1], index=["b", "a"])
    with pytest.raises(InputError, match="weights: its index is not that of values; reindex it, or pass arrays"):
        rg.inequality(values, weights, index="gini")
    assert rg.inequality(values, weights.reindex(values.index), index="gini") == rg.inequality(
        [1, 3], [1, 3], index="gini"
    )


@pytest.mark.parametrize("kind", ["int64", "float32", "Int64", "Float64", "object", "category", "bool"])
def test_numbers_of_any_kind_will_do(kind: str) -> None:
    values = pd.Series([1, 0, 1]).astype(kind)
    before = values.copy()
    assert rg.inequality(values, index="gini") == pytest.approx(1 / 3)
    pd.testing.assert_series_equal(values, before)


# --- over an assessment -----------------------------------------------------------------------------------------------


@pytest.fixture
def ranked(world: World) -> rg.Assessment:
    """The small world with deciles of deprivation, 1 the most deprived: A has 1, B has 4, C has 7 and D has 10."""
    world.demand["decile"] = world.demand["demand_id"].str[0].map({"a": 1, "b": 4, "c": 7, "d": 10})
    return world.assess(cutoffs=[4_500.0, 9_000.0])


def _rows(answer: rg.Assessment, group: str, relation: str, evidence: str) -> pd.DataFrame:
    near = answer.nearest
    return near[(near["group"] == group) & (near["relation"] == relation) & (near["evidence"] == evidence)].merge(
        pd.DataFrame(answer.demand[["demand_id", "weight", *({"decile"} & set(answer.demand.columns))]])
    )


def test_there_is_a_row_for_each_group_relation_and_evidence(ranked: rg.Assessment) -> None:
    table = ranked.inequality("gini")
    key = ["group", "relation", "evidence"]
    assert not table.duplicated(key).any()
    england = ranked.coverage[
        (ranked.coverage["area_type"] == "country") & ranked.coverage["metric_id"].str.contains("mean_")
    ]
    both = table.merge(england, on=key, how="outer", suffixes=("", "_of_mean"))
    assert len(both) == len(table) == len(england)
    pd.testing.assert_series_equal(both["reached_share"], both["reached_share_of_mean"], check_names=False)
    pd.testing.assert_series_equal(both["reason"], both["reason_of_mean"], check_names=False)
    assert (both["value"].isna() == both["value_of_mean"].isna()).all()
    assert set(table["metric_id"]) == {"rcp.equity.gini@1"}
    assert set(table["unit"]) == {"index"}
    assert (table["left_out"] == 0).all()


def test_the_index_is_of_the_cost_of_those_who_reach_a_service(ranked: rg.Assessment) -> None:
    table = ranked.inequality("concentration", rank="decile").set_index(["group", "relation", "evidence"])
    for key, row in table.iterrows():
        own = _rows(ranked, *key)  # type: ignore[misc]
        own = own[own["distance_m"].notna()]
        if own.empty:
            assert np.isnan(row["value"])
            assert row["reached_share"] == 0
            assert row["reason"] == "no_facility"
            continue
        found = rg.inequality(own["distance_m"], own["weight"], index="concentration", rank=own["decile"])
        assert row["value"] == pytest.approx(found)
        assert row["reached_share"] == pytest.approx(own["weight"].sum() / 17)
    # The nearest Pause is at home in A, the most deprived, who travel least.
    assert table.loc[("pause", "reached", "certain"), "value"] > 0


def test_beyond_the_line_are_those_not_within_the_cutoff(ranked: rg.Assessment) -> None:
    beyond = ranked.inequality("fgt", line=9_000).set_index(["group", "relation", "evidence"])
    assert set(beyond["metric_id"]) == {"rcp.equity.fgt0_cost@1"}
    assert set(beyond["unit"]) == {"share"}
    rows = ranked.coverage[(ranked.coverage["area_type"] == "country") & (ranked.coverage["cutoff"] == 9_000)]
    within = rows.set_index(["group", "relation", "evidence"])["value"]
    reached = beyond[beyond["reached_share"] > 0]
    share = reached["value"] * reached["reached_share"] + within.loc[reached.index]
    assert share.to_numpy() == pytest.approx(reached["reached_share"].to_numpy())


def test_groups_by_area_and_by_a_column_of_the_demand(ranked: rg.Assessment) -> None:
    whole = ranked.inequality("theil")["value"]
    for groups in ("authority_code", "region_code", "decile"):
        parts = [ranked.inequality(index, groups=groups)["value"] for index in ("theil_between", "theil_within")]
        assert (parts[0] + parts[1]).to_numpy() == pytest.approx(whole.to_numpy(), nan_ok=True)
    # Each authority has a decile of its own.
    by_authority, by_decile = (
        ranked.inequality("theil_between", groups=g)["value"] for g in ("authority_code", "decile")
    )
    assert by_authority.to_numpy() == pytest.approx(by_decile.to_numpy(), nan_ok=True)


def test_a_column_of_the_demand_goes_before_that_of_the_area(world: World) -> None:
    world.demand["region_code"] = "one"
    table = world.assess().inequality("theil_between", groups="region_code")
    assert (table["value"].dropna() == 0).all()


def test_demand_without_a_rank_is_named_or_left_out(ranked: rg.Assessment) -> None:
    ranked.demand.loc[ranked.demand["demand_id"].isin(["c1", "d3"]), "decile"] = np.nan
    with pytest.raises(
        InputError, match=r"demand\.decile: 2 demand points have none \(c1, d3\); fill them in, or leave"
    ):
        ranked.inequality("concentration", rank="decile")
    table = ranked.inequality("concentration", rank="decile", missing="drop").set_index(
        ["group", "relation", "evidence"]
    )
    row = table.loc[("any", "reached", "certain")]
    assert (row["reached_share"], row["left_out"]) == (1, pytest.approx(3 / 17))
    own = _rows(ranked, "any", "reached", "certain").dropna(subset=["decile"])
    found = rg.inequality(own["distance_m"], own["weight"], index="concentration", rank=own["decile"])
    assert row["value"] == pytest.approx(found)
    # Nothing that serves B, C or D whole is a Pause: of those reached, none is left out.
    assert table.loc[("pause", "served", "certain"), "left_out"] == 0


def test_where_all_who_are_reached_are_left_out_there_is_no_index(ranked: rg.Assessment) -> None:
    ranked.demand.loc[ranked.demand["demand_id"].str.startswith("a"), "decile"] = np.nan
    table = ranked.inequality("concentration", rank="decile", missing="drop").set_index(
        ["group", "relation", "evidence"]
    )
    row = table.loc[("pause", "served", "certain")]
    assert np.isnan(row["value"])
    assert row["left_out"] == row["reached_share"] == pytest.approx(4 / 17)


def test_an_index_that_is_not_defined_for_some_rows_says_so_there(ranked: rg.Assessment) -> None:
    table = ranked.inequality("palma", rank="decile", thresholds=(4, 9)).set_index(["group", "relation", "evidence"])
    assert table.loc[("any", "reached", "certain"), "value"] > 0
    # The court serves D alone for certain, and there nobody is among the poorest.
    row = table.loc[("fdac", "served", "certain")]
    assert np.isnan(row["value"])
    assert row["reason"] == "not_defined"


def test_demand_in_no_authority_is_left_aside(world: World) -> None:
    first = world.assess().inequality("gini")
    away = world.demand.iloc[[0]].assign(
        demand_id="sea", geometry=world.demand.geometry.iloc[[0]].translate(xoff=-50_000)
    )
    world.demand = pd.concat([world.demand, away], ignore_index=True)
    pd.testing.assert_frame_equal(world.assess().inequality("gini"), first)


def test_the_reason_is_that_of_most_people_who_reach_nothing() -> None:
    cost = np.array([1.0, NAN, NAN, NAN])
    status = np.array(["reached", "unsnapped", "disconnected", "beyond_cutoff"], dtype=object)
    demand = pd.DataFrame({"demand_id": list("abcd"), "weight": [1.0, 1, 2, 0]})
    areas = pd.DataFrame({"authority_code": ["x"] * 4, "region_code": ["y"] * 4})
    asked = require_options("gini", dict.fromkeys(("rank", "groups", "bounds", "line", "alpha", "poor", "thresholds")))

    def reason(weight: list[float], places: pd.DataFrame) -> str:
        people = demand.assign(weight=weight)
        nearest = [(("any", "reached", "certain"), cost, status)]
        return inequality_table(nearest, people, places, asked, rank=None, groups=None, missing="raise").loc[
            0, "reason"
        ]

    assert reason([1, 1, 2, 0], areas) == "disconnected"
    assert reason([1, 3, 2, 0], areas) == "unsnapped"
    assert reason([1, 0, 0, 0], areas) == ""
    assert reason([1, 1, 2, 0], areas.where(areas == "none")) == "no_demand"


@pytest.mark.parametrize(
    ("index", "options", "message"),
    [
        ("concentration", {}, "rank: concentration needs it"),
        ("concentration", {"rank": [1, 2, 3]}, "rank: list is not a name; pass that of a column of the demand"),
        ("concentration", {"rank": "demand_id"}, r"demand\.demand_id: not all are numbers"),
        ("erreygers", {"rank": "decile"}, "bounds: give the least and the greatest cost, so that the rows"),
        ("erreygers", {"rank": "decile", "bounds": (0, 10)}, "places lie beyond 0 and 10; widen the bounds"),
        ("gini", {"missing": "skip"}, "missing: 'skip' is not known"),
    ],
)
def test_what_an_assessment_cannot_answer(
    ranked: rg.Assessment, index: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        ranked.inequality(index, **options)


def test_a_column_that_the_demand_does_not_have(ranked: rg.Assessment) -> None:
    with pytest.raises(MissingColumnError, match="demand: column imd is missing"):
        ranked.inequality("concentration", rank="imd")


def test_distances_by_deprivation_are_those_between_deciles_pair_by_pair(shared_data: Path) -> None:
    demand = rg.load_demand()
    deprivation = pd.read_csv(shared_data / "demand" / "imd2019_lsoa11.csv").set_index("lsoa11_code")["IMD_decile"]
    demand["decile"] = demand["demand_id"].map(deprivation)
    answer = rg.assess(demand=demand)
    table = answer.inequality("concentration", rank="decile").set_index(["group", "relation", "evidence"])
    for group in answer.groups:
        near = answer.nearest.query("group == @group and relation == 'reached' and evidence == 'certain'")
        means = near["distance_m"].to_numpy()[:, None] * (demand["decile"].to_numpy()[:, None] == np.arange(1, 11))
        held, people = (
            means.sum(axis=0) / len(demand),
            demand["decile"].value_counts(normalize=True).sort_index().to_numpy(),
        )
        # Of those of lower rank than each pair's other: sum over i of what i holds, less sum over j, by the people of the other.
        pairs = sum(held[i] * people[j] * np.sign(i - j) for i in range(10) for j in range(10))
        assert table.loc[(group, "reached", "certain"), "value"] == pytest.approx(pairs / held.sum())


def test_every_index_is_a_metric_and_can_be_cited(ranked: rg.Assessment) -> None:
    options: dict[str, dict[str, Any]] = {
        "gini": {},
        "theil": {},
        "theil_between": {"groups": "decile"},
        "theil_within": {"groups": "decile"},
        "palma": {"rank": "decile"},
        "concentration": {"rank": "decile"},
        "erreygers": {"rank": "decile", "bounds": (0, 50_000)},
    }
    found = [ranked.inequality(index, **more) for index, more in options.items()]  # type: ignore[arg-type]
    found += [ranked.inequality("fgt", line=5_000, alpha=a) for a in (0, 1, 2)]
    ids = set(pd.concat(found)["metric_id"])
    listed = rg.metrics().query("group == 'equity'").index
    assert ids == set(listed) - {"rcp.equity.fgt0@1", "rcp.equity.fgt1@1", "rcp.equity.fgt2@1"}
    assert "doi:10.1016/j.jhealeco.2008.02.003" in rg.cite(found[6])
