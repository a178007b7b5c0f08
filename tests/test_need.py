"""Need: what was suppressed stays an interval, and every figure's ends are the least and the greatest that it can be."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

import rcp_geo as rg
from rcp_geo.errors import DuplicateIdError, InputError, MissingColumnError, UnknownAuthorityError, VintageError
from rcp_geo.intervals import mean_extremes, poisson_limits, share_extremes, tightened, wilson_limits
from rcp_geo.weighing import gap_shares
from tests.world import GROUND, A, B, C, D

# A cell is a pair of whole numbers, the first no greater than the second.
ENDS = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda pair: (float(min(pair)), float(max(pair))))
CELLS = st.lists(ENDS, min_size=1, max_size=7)


def arrays(cells: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([c[0] for c in cells]), np.array([c[1] for c in cells])


def need(cells: dict[str, Any], **options: Any) -> rg.Need:
    """Make a need of numbers, pairs and None for what nothing is known of."""
    ends = {k: (0, None) if v is None else v if isinstance(v, tuple) else (v, v) for k, v in cells.items()}
    key = options.get("key", "authority_code")
    frame = pd.DataFrame({key: list(ends), "low": [e[0] for e in ends.values()], "high": [e[1] for e in ends.values()]})
    return rg.Need.from_bounds(frame, **options)


def codes(found: pd.DataFrame) -> set[str]:
    return set(found["code"])


# ------------------------------------------------------------------------------------------------------ intervals


def share(values: tuple[float, ...], member: list[bool]) -> float:
    inside = sum(v for v, m in zip(values, member, strict=True) if m)
    return inside / sum(values)


@given(CELLS, st.data())
def test_shares_are_the_extremes_over_all_corners(cells: list[tuple[float, float]], data: st.DataObject) -> None:
    member = data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells)))
    low, high = arrays(cells)
    inside = np.array(member)
    found = [float(e) for e in ends_of(low, high, inside)]
    corners = [share(v, member) for v in itertools.product(*cells) if sum(v) > 0]
    if corners:
        assert found == pytest.approx([min(corners), max(corners)])
    else:
        assert all(map(math.isnan, found))


def ends_of(
    low: np.ndarray, high: np.ndarray, inside: np.ndarray, total: tuple[float, float] = (0, np.inf)
) -> tuple[float, float]:
    part = np.array([low[inside].sum()]), np.array([high[inside].sum()])
    rest = np.array([low[~inside].sum()]), np.array([high[~inside].sum()])
    least, greatest = share_extremes(part, rest, total)
    return least[0], greatest[0]


SMALL = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda p: (min(p), max(p))), min_size=1, max_size=4
)


@given(SMALL, st.integers(0, 8), st.integers(0, 3), st.data())
def test_a_total_bounds_cells_and_shares_exactly(
    cells: list[tuple[int, int]], least: int, more: int, data: st.DataObject
) -> None:
    """Against every whole number that the cells can be, of which those are kept that add up."""
    member = data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells)))
    every = itertools.product(*(range(a, b + 1) for a, b in cells))
    kept = [v for v in every if least <= sum(v) <= least + more]
    assume(kept)
    low, high = arrays([(float(a), float(b)) for a, b in cells])
    low, high = tightened(low, high, (least, least + more))
    assert low.tolist() == [min(v[i] for v in kept) for i in range(len(cells))]
    assert high.tolist() == [max(v[i] for v in kept) for i in range(len(cells))]
    shares = [share(v, member) for v in kept if sum(v) > 0]
    if shares:
        ends = ends_of(low, high, np.array(member), (least, least + more))
        assert ends == pytest.approx((min(shares), max(shares)))


@given(CELLS, st.data())
def test_means_are_the_extremes_over_all_corners(cells: list[tuple[float, float]], data: st.DataObject) -> None:
    n = len(cells)
    costs = data.draw(st.lists(st.integers(0, 50), min_size=n, max_size=n))
    low, high = arrays(cells)
    ends = mean_extremes(np.array(costs, dtype=float), low, high, np.zeros(n, dtype=int), 1)
    corners = [sum(w * c for w, c in zip(v, costs, strict=True)) / sum(v) for v in itertools.product(*cells) if sum(v)]
    if corners:
        assert (ends[0][0], ends[1][0]) == pytest.approx((min(corners), max(corners)))
    else:
        assert np.isnan([ends[0][0], ends[1][0]]).all()


def test_means_of_several_areas_leave_out_what_lies_in_none() -> None:
    costs, ones = np.array([1.0, 5.0, 9.0, 7.0]), np.ones(4)
    least, greatest = mean_extremes(costs, ones, np.array([1.0, 3.0, 1.0, 1.0]), np.array([1, 1, -1, 0]), 3)
    assert least[:2].tolist() == [7.0, 3.0]  # (1 + 5) / 2
    assert greatest[:2].tolist() == [7.0, 4.0]  # (1 + 3 x 5) / 4
    assert np.isnan([least[2], greatest[2]]).all()


@given(CELLS, st.integers(0, 6), st.data())
def test_a_weight_without_an_upper_bound_is_the_limit_of_ever_larger_ones(
    cells: list[tuple[float, float]], at: int, data: st.DataObject
) -> None:
    n = len(cells)
    at %= n
    costs = np.array(data.draw(st.lists(st.integers(0, 50), min_size=n, max_size=n)), dtype=float)
    low, high = arrays(cells)
    high[at] = np.inf
    member = np.arange(n) == at
    zero = np.zeros(n, dtype=int)
    ends = [float(e[0]) for e in mean_extremes(costs, low, high, zero, 1)]
    shares = [float(e) for e in ends_of(low, high, member)]
    high[at] = 1e12
    assert ends == pytest.approx([float(e[0]) for e in mean_extremes(costs, low, high, zero, 1)], abs=1e-6)
    assert shares == pytest.approx([float(e) for e in ends_of(low, high, member)], abs=1e-6)


# Printed 90, 95 and 99 % limits of a count of 25 (GraphPad, by Garwood's method), and the upper limit of none at 95 %,
# half the 97.5 % quantile of chi-squared with two degrees of freedom: -ln 0.025.
@pytest.mark.parametrize(
    ("count", "level", "lower", "upper"),
    [(25, 0.90, 17.38, 34.92), (25, 0.95, 16.18, 36.90), (25, 0.99, 14.00, 41.00), (0, 0.95, 0, -math.log(0.025))],
)
def test_poisson_limits_are_the_printed_ones(count: int, level: float, lower: float, upper: float) -> None:
    ends = poisson_limits(np.array([float(count)]), np.array([float(count)]), level)
    assert [e[0] for e in ends] == pytest.approx([lower, upper], abs=0.005)


@given(st.integers(1, 400), st.sampled_from([0.5, 0.8, 0.95, 0.998]))
def test_poisson_limits_leave_half_the_rest_in_each_tail(count: int, level: float) -> None:
    lower, upper = (e[0] for e in poisson_limits(np.array([float(count)]), np.array([float(count)]), level))
    tail = (1 - level) / 2
    assert stats.poisson.sf(count - 1, lower) == pytest.approx(tail, rel=1e-6)
    assert stats.poisson.cdf(count, upper) == pytest.approx(tail, rel=1e-6)
    assert lower == pytest.approx(stats.chi2.ppf(tail, 2 * count) / 2)
    assert upper == pytest.approx(stats.chi2.ppf(1 - tail, 2 * count + 2) / 2)


@given(st.integers(0, 60), st.integers(1, 60), st.sampled_from([0.8, 0.95, 0.998]))
def test_score_limits_are_as_far_from_the_share_as_they_say(count: int, of: int, level: float) -> None:
    assume(count <= of)
    n, m = np.array([float(count)]), np.array([float(of)])
    z = stats.norm.ppf((1 + level) / 2)
    for limit in (float(e[0]) for e in wilson_limits((n, n), (m, m), level)):
        assert (count / of - limit) ** 2 == pytest.approx(z * z * limit * (1 - limit) / of, abs=1e-9)


@given(st.tuples(ENDS, ENDS), st.data())
def test_score_limits_at_the_ends_hold_those_of_every_value_between(
    both: tuple[tuple[float, float], tuple[float, float]], data: st.DataObject
) -> None:
    (a, b), (c, d) = both
    count, of = data.draw(st.integers(int(a), int(b))), data.draw(st.integers(int(c), int(d)))
    assume(of > 0 and count <= of)
    n, m = np.array([float(count)]), np.array([float(of)])
    lower, upper = wilson_limits((np.array([a]), np.array([b])), (np.array([c]), np.array([d])), 0.95)
    inner = wilson_limits((n, n), (m, m), 0.95)
    assert lower[0] <= inner[0][0] + 1e-12
    assert upper[0] >= inner[1][0] - 1e-12


# --------------------------------------------------------------------------------------------------------- reading


def table(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_numbers_and_markers() -> None:
    frame = table(authority_code=[A, B, C, D], children=["1,332", " C ", "", 7.5])
    found = rg.read_need(frame, value="children", suppressed={"c": (1, 5), "": None})
    assert found.frame.index.tolist() == [A, B, C, D]
    assert found.frame.values.tolist() == [[1332, 1332, ""], [1, 5, "C"], [0, np.inf, "blank"], [7.5, 7.5, ""]]
    assert found.name == "children"
    assert found.open.tolist() == [False, True, True, False]
    assert found.unbounded.tolist() == [False, False, True, False]
    assert found.sum() == (1340.5, np.inf)
    assert {"need.suppressed", "need.unbounded"} == codes(found.findings)
    assert "1,340.5 or more children in 4 authorities, 2 of them suppressed" in repr(found)


@pytest.mark.parametrize(("ends", "low", "high"), [((1, None), 1, np.inf), (None, 0, np.inf), ((0, 0), 0, 0)])
def test_what_a_marker_may_stand_for(ends: Any, low: float, high: float) -> None:
    frame = table(authority_code=[A], n=["[low]"])
    assert rg.read_need(frame, value="n", suppressed={"[low]": ends}).frame.values.tolist() == [[low, high, "[low]"]]


@pytest.mark.parametrize("ends", [(5, 1), (-1, 5), (math.nan, 5), (math.inf, None), 5, (1,), "1-5", ("a", "b")])
def test_bounds_that_are_none(ends: Any) -> None:
    with pytest.raises(InputError, match="suppressed: 'c' stands for"):
        rg.read_need(table(authority_code=[A], n=["c"]), value="n", suppressed={"c": ends})


def test_markers_without_bounds_and_unknown_keys_are_refused() -> None:
    with pytest.raises(InputError, match=r"suppressed: \['c'\] does not say what each marker stands for"):
        rg.read_need(table(authority_code=[A], n=["c"]), value="n", suppressed=["c"])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="key: 'postcode' is not known; use authority_code or demand_id"):
        rg.read_need(table(authority_code=[A], n=[1]), value="n", key="postcode")  # type: ignore[arg-type]
    with pytest.raises(MissingColumnError, match="column 3 is missing"):
        rg.read_need(table(authority_code=[A], n=[1]), value=3)  # type: ignore[arg-type]


def test_a_number_can_be_a_marker() -> None:
    frame = table(authority_code=[A, B], n=[-1, 9])
    assert rg.read_need(frame, value="n", suppressed={"-1": (1, 7)}).frame["high"].tolist() == [7, 9]


def test_markers_that_are_not_named_are_listed_with_the_remedy() -> None:
    frame = table(authority_code=[A, B, C, D], n=["c", "..", "c", "-3"])
    with pytest.raises(InputError) as raised:
        rg.read_need(frame, value="n")
    said = str(raised.value)
    assert "need.marker" in said
    assert "3 cells hold no number: '..' in 1, 'c' in 2" in said
    assert "suppressed={'..': (1, 5)}" in said
    assert "need.negative" in said
    assert "1 count is negative (row 3)" in said


def test_many_markers_are_counted() -> None:
    frame = table(authority_code=[f"E0600000{i}" for i in range(10)] + [D, C], n=list("abcdefghijkl"))
    with pytest.raises(InputError, match="and 2 others"):
        rg.read_need(frame, value="n")


@pytest.mark.parametrize("heading", ["authority_code", "new_la_code", "LAD22CD", "UTLA code", "GSS code", "CTYUA23CD"])
def test_codes_are_recognised_by_their_heading(heading: str) -> None:
    frame = pd.DataFrame({"n": [1], heading: [A]})
    assert rg.read_need(frame, value="n").frame.index.tolist() == [A]


def test_codes_of_demand_points() -> None:
    found = rg.read_need(
        table(LSOA11CD=["x", "y"], women=[3, 4]), value="women", key="demand_id", name="women 15 to 44"
    )
    assert found.key == "demand_id"
    assert "7 women 15 to 44 in 2 demand points" in repr(found)


def test_no_or_several_columns_of_codes() -> None:
    with pytest.raises(MissingColumnError, match=r"no column is recognised as the authority_code.*pass code="):
        rg.read_need(table(place=[A], n=[1]), value="n")
    several = rg.read_need(table(gss_code=[B], authority_code=[A], n=[1]), value="n")
    assert several.frame.index.tolist() == [A]
    assert "column.several" in codes(several.findings)
    assert rg.read_need(table(place=[A], n=[1]), value="n", code="place").frame.index.tolist() == [A]
    with pytest.raises(MissingColumnError, match="column m is missing"):
        rg.read_need(table(place=[A], n=[1]), value="m")


def test_rows_are_chosen() -> None:
    frame = table(authority_code=[A, A, B, B], year=[2021, 2022] * 2, kind=["x", "x", "y", "z"], n=[1, 2, 3, 4])
    assert rg.read_need(frame, value="n", where={"year": 2022}).frame["low"].tolist() == [2, 4]
    assert rg.read_need(frame, value="n", where={"year": 2022, "kind": ["x", "y"]}).frame["low"].tolist() == [2]
    with pytest.raises(InputError, match=r"no row of frame has '2023' in column year \(it holds 2021, 2022\)"):
        rg.read_need(frame, value="n", where={"year": 2023})
    with pytest.raises(MissingColumnError, match="column month is missing"):
        rg.read_need(frame, value="n", where={"month": 1})
    with pytest.raises(DuplicateIdError, match=r"2 codes have several rows that differ in year, kind, n .*where="):
        rg.read_need(frame, value="n")


def test_exact_repeats_are_not_counted_twice() -> None:
    with pytest.raises(DuplicateIdError, match=rf"1 code has several rows \({A}\)"):
        rg.read_need(table(authority_code=[A, A], n=[1, 1]), value="n")


def test_sums_and_rows_without_a_code_are_refused() -> None:
    frame = table(authority_code=[A, "E12000001", "E92000001", None], n=[1, 2, 3, 4])
    with pytest.raises(InputError) as raised:
        rg.read_need(frame, value="n")
    assert "need.not_authority" in str(raised.value)
    assert "2 rows are of countries, regions or other sums" in str(raised.value)
    assert "1 row has no code" in str(raised.value)


def test_a_file_is_read_as_a_frame_is(tmp_path: Path) -> None:
    frame = table(authority_code=[A, B], children=["12", "c"])
    frame.to_csv(tmp_path / "need.csv", index=False)
    of_file = rg.read_need(tmp_path / "need.csv", value="children", suppressed={"c": (1, 5)})
    assert of_file.frame.equals(rg.read_need(frame, value="children", suppressed={"c": (1, 5)}).frame)
    assert of_file.source == "need.csv"


@pytest.mark.parametrize(
    ("frame", "error", "words"),
    [
        (table(authority_code=[A], low=[1]), MissingColumnError, "column high is missing"),
        (table(authority_code=[], low=[], high=[]), InputError, "empty"),
        (table(authority_code=[None], low=[1], high=[1]), InputError, "1 row has no key"),
        (table(authority_code=[A, A], low=[1, 1], high=[1, 1]), DuplicateIdError, "more than once"),
        (table(authority_code=[A, B], low=[3, -1], high=[2, 1]), InputError, "2 rows have bounds"),
        (table(authority_code=[A], low=["x"], high=[1]), InputError, "1 row has bounds"),
        (table(authority_code=[A], low=[1], high=["x"]), InputError, "1 row has bounds"),
        (table(authority_code=[A], low=[None], high=[1]), InputError, "1 row has bounds"),
    ],
)
def test_bounds_that_cannot_be_used(frame: pd.DataFrame, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        rg.Need.from_bounds(frame)


def test_the_frame_given_is_not_changed() -> None:
    frame = table(authority_code=[A, B], low=[1, 1], high=[9, None])
    before = frame.copy()
    rg.Need.from_bounds(frame, total=12)
    pd.testing.assert_frame_equal(frame, before)


def test_a_total_tightens() -> None:
    made = need({A: 40, B: (1, 5), C: None}, total=44)
    assert made.frame[["low", "high"]].values.tolist() == [[40, 40], [1, 4], [0, 3]]
    assert made.sum() == (44, 44)
    assert "need.disclosed" not in codes(made.findings)
    rounded = need({A: 40, B: (1, 5), C: None}, total=(45, 55))
    assert rounded.frame[["low", "high"]].values.tolist() == [[40, 40], [1, 5], [0, 14]]


def test_a_total_that_discloses_says_so() -> None:
    made = need({A: 40, B: (1, 5)}, total=43)
    assert made.frame.loc[B, ["low", "high"]].tolist() == [3, 3]
    (finding,) = (f for f in made.noticed if f.code == "need.disclosed")
    assert finding.ids == (B,)
    assert "do not publish" in finding.remedy


@pytest.mark.parametrize("total", [30, 50, (46, 60)])
def test_a_total_of_something_else(total: Any) -> None:
    with pytest.raises(InputError, match=r"the rows add up to 41 to 45, and the total is"):
        need({A: 40, B: (1, 5)}, total=total)


@pytest.mark.parametrize("total", [-1, math.nan, math.inf, (5, 4), "9", (1,), ("a", 2)])
def test_a_total_that_is_none(total: Any) -> None:
    with pytest.raises(InputError, match=r"total: .* is no number of 0 or more"):
        need({A: (0, 9)}, total=total)


# ---------------------------------------------------------------------------------------------------- other vintages

NORTHANTS, NORTH, WEST = "E10000021", "E06000061", "E06000062"
CUMBRIA, CUMBERLAND, WESTMORLAND = "E10000006", "E06000063", "E06000064"


def test_mergers_add_up_exactly() -> None:
    held = need({NORTH: (1, 5), WEST: 40, A: 7}).to(rg.load_boundaries("2020-04-01"))
    assert held.frame.loc[NORTHANTS, ["low", "high"]].tolist() == [41, 45]
    assert held.frame.loc[A].tolist() == [7, 7, ""]
    assert len(held) == 151
    assert {"need.carried", "need.no_row"} <= codes(held.findings)


def test_recodings_keep_the_marker_and_the_total() -> None:
    whole = rg.load_boundaries("2025-04-01").frame["authority_code"]
    cells = dict.fromkeys(whole, 10) | {"E08000038": (1, 5)}
    held = need(cells, total=1523).to(rg.load_boundaries("2022-11-01"))
    assert held.frame.loc["E08000016", ["low", "high"]].tolist() == [3, 3]
    assert held.total == held.sum() == (1523, 1523)
    assert held.frame.loc[CUMBRIA, "low"] == 20


def test_a_split_has_bounds_that_hold_without_demand() -> None:
    held = need({CUMBRIA: (90, 100)}).to(rg.load_boundaries("2024-01-01"))
    assert held.frame.loc[[CUMBERLAND, WESTMORLAND], ["low", "high"]].values.tolist() == [[0, 100]] * 2
    assert "need.split" in codes(held.findings)


def test_a_split_is_shared_out_by_demand() -> None:
    given_need = need({CUMBRIA: (90, 100), A: 7})
    held = given_need.to(rg.load_boundaries("2024-01-01"), demand=rg.load_demand())
    parts = held.frame.loc[[CUMBERLAND, WESTMORLAND]]
    assert parts["low"].sum() == pytest.approx(90)
    assert parts["high"].sum() == pytest.approx(100)
    by_hand = rg.apportion(table(authority_code=[CUMBRIA], n=[90]), to="2024-01-01")["n"]
    assert parts["low"].tolist() == pytest.approx(by_hand.tolist())
    assert "need.shared_out" in codes(held.findings)
    unknown = need({CUMBRIA: None}).to(rg.load_boundaries("2024-01-01"), demand=rg.load_demand())
    assert np.isinf(unknown.frame.loc[CUMBERLAND, "high"])


def test_a_merger_of_which_a_part_has_no_row_has_no_upper_bound() -> None:
    held = need({CUMBERLAND: 40}).to(rg.load_boundaries("2022-11-01"))
    assert held.frame.loc[CUMBRIA].tolist() == [40, np.inf, "part"]
    assert "need.part" in codes(held.findings)


def test_a_total_of_parts_says_nothing_of_the_whole() -> None:
    whole = rg.load_boundaries("2025-04-01").frame["authority_code"]
    held = need(dict.fromkeys(whole.drop(whole.index[whole == WESTMORLAND]), 10), total=1520).to(
        rg.load_boundaries("2022-11-01")
    )
    assert "need.no_row" not in codes(held.findings)
    assert held.sum() == (1520, np.inf)


def test_authorities_without_a_row_are_kept_and_named() -> None:
    held = need({A: 7}).to(rg.load_boundaries("2022-11-01"))
    assert held.frame.loc[B].tolist() == [0, np.inf, "no row"]
    (finding,) = (f for f in held.noticed if f.code == "need.no_row")
    assert len(finding.ids) == 151
    assert B in finding.ids


@pytest.mark.parametrize(
    ("cells", "error", "words"),
    [
        ({"W06000001": 1}, UnknownAuthorityError, "W06000001"),
        ({CUMBRIA: 1, CUMBERLAND: 1}, InputError, "share ground"),
    ],
)
def test_codes_that_cannot_be_carried(cells: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        need(cells).to(rg.load_boundaries("2022-11-01"))


def test_authorities_beyond_the_boundaries(world: Any) -> None:
    with pytest.raises((InputError, VintageError), match="E06000003"):
        need({A: 1, "E06000003": 2}).to(world.boundaries())


@given(st.lists(ENDS, min_size=4, max_size=4), st.data())
def test_carrying_holds_what_it_holds(cells: list[tuple[float, float]], data: st.DataObject) -> None:
    """Whatever the cells are, carried apart they lie between the ends that are carried; nothing is lost on the way."""
    names = [NORTH, WEST, CUMBRIA, A]
    values = [data.draw(st.integers(int(a), int(b))) for a, b in cells]
    boundaries = rg.load_boundaries("2020-04-01")
    ends = need(dict(zip(names, cells, strict=True))).to(boundaries).frame
    exact = need(dict(zip(names, values, strict=True))).to(boundaries).frame
    own = [NORTHANTS, CUMBRIA, A]
    assert (ends.loc[own, "low"] <= exact.loc[own, "low"]).all()
    assert (ends.loc[own, "high"] >= exact.loc[own, "high"]).all()
    assert exact.loc[own, "low"].sum() == sum(values)


# ------------------------------------------------------------------------------------------------------------ rates


def test_rates_worked_by_hand() -> None:
    found = need({A: 25, B: (1, 5), C: None, D: 0}).rate(pd.Series({D: 100, A: 1000, B: 200, C: 50}), per=100)
    assert found["rate_min"].tolist() == [2.5, 0.5, 0, 0]
    assert found["rate_max"].tolist() == [2.5, 2.5, np.inf, 0]
    # Limits of 25 are 16.18 and 36.90; the lower one of 1 is -ln 0.975, the upper one of 0 is -ln 0.025.
    assert found["lower"].tolist() == pytest.approx([1.618, -math.log(0.975) / 2, 0, 0], abs=5e-4)
    assert found["upper"].tolist()[:1] == pytest.approx([3.690], abs=5e-4)
    assert np.isinf(found.loc[C, "upper"])
    assert found.loc[D, "upper"] == pytest.approx(-math.log(0.025))


def test_rates_of_a_population_with_bounds() -> None:
    people = need({A: (100, 200), B: 0, C: (0, 10)})
    found = need({A: 10, B: 0, C: 1}).rate(people, per=1)
    assert found.loc[A, ["rate_min", "rate_max"]].tolist() == [0.05, 0.1]
    assert found.loc[B, ["rate_min", "rate_max", "lower", "upper"]].isna().all()
    assert found.loc[C, ["rate_min", "rate_max"]].tolist() == [0.1, np.inf]
    none = need({A: 0}).rate(need({A: (0, 10)})).loc[A]
    assert none[["rate_min", "rate_max", "lower", "upper"]].tolist() == [0, 0, 0, np.inf]


@given(ENDS, ENDS, st.data())
def test_rates_hold_those_of_every_value(cell: Any, people: Any, data: st.DataObject) -> None:
    count, of = (data.draw(st.integers(int(a), int(b))) for a, b in (cell, people))
    assume(of > 0)
    outer = need({A: cell}).rate(need({A: people})).loc[A]
    inner = need({A: count}).rate(need({A: of})).loc[A]
    assert outer["rate_min"] <= inner["rate_min"] <= inner["rate_max"] <= outer["rate_max"]
    assert outer["lower"] <= inner["lower"] <= inner["upper"] <= outer["upper"]


def test_proportions_worked_by_hand() -> None:
    found = need({A: 5, B: (1, 5), C: 0}).proportion(need({A: 10, B: (4, 10), C: 0}))
    assert found.loc[A, ["share_min", "share_max"]].tolist() == [0.5, 0.5]
    # Half of ten: 0.5 ± z √(n + z²) / 2 (n + z²), with z = 1.959964.
    z2 = 1.959964**2
    half = 1.959964 * math.sqrt(10 + z2) / (2 * (10 + z2))
    assert found.loc[A, ["lower", "upper"]].tolist() == pytest.approx([0.5 - half, 0.5 + half], abs=1e-6)
    assert found.loc[B, ["share_min", "share_max", "upper"]].tolist() == [0.1, 1, 1]
    assert found.loc[C, ["share_min", "share_max", "lower", "upper"]].isna().all()
    none = need({A: 0, B: (0, 3)}).proportion(need({A: (0, 10), B: (0, 10)}))
    assert none[["share_min", "share_max"]].values.tolist() == [[0, 0], [0, 1]]


def test_what_cannot_be_divided() -> None:
    made = need({A: 5, B: 3})
    with pytest.raises(InputError, match=rf"1 cell has none \({B}\)"):
        made.rate(pd.Series({A: 10, B: None}))
    with pytest.raises(InputError, match=rf"1 cell has none \({B}\)"):
        made.rate(pd.Series({A: 10}))
    with pytest.raises(InputError, match=rf"1 cell is more than it is a share of \({A}\)"):
        made.proportion(pd.Series({A: 4, B: 3}))
    for level in (0, 1, 95):
        with pytest.raises(InputError, match="level: .* give 0.95 for 95 %"):
            made.rate(pd.Series({A: 10, B: 10}), level=level)
        with pytest.raises(InputError, match="level: .* give 0.95 for 95 %"):
            made.proportion(pd.Series({A: 10, B: 10}), level=level)
    for people in (None, 10, [10, 10]):
        with pytest.raises(InputError, match="population: .* is not a count of each authority_code"):
            made.rate(people)  # type: ignore[arg-type]
        with pytest.raises(InputError, match="of: .* is not a count of each authority_code"):
            made.proportion(people)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=rf"of: 1 cell has none \({B}\)"):
        made.proportion(pd.Series({A: 10}))
    for per in (0, -1, "thousand"):
        with pytest.raises(InputError, match="per: .* is no size of a population"):
            made.rate(pd.Series({A: 10, B: 10}), per=per)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------------------------- gaps

# The small world's answers: A served, B unknown, C part, D served by any; pause: A served, B and C none, D in development.


def test_gaps_worked_by_hand(world_answer: rg.Assessment) -> None:
    found = world_answer.need(need({A: 40, B: (1, 5), C: 20, D: 30}, name="children looked after"))
    any_row = found.gaps.loc["any"]
    # Nothing is a gap for certain; B may be one.
    assert any_row[["gap_min", "gap_max", "need_min", "need_max"]].tolist() == [0, 1, 0, 5]
    assert any_row[["share_min", "share_certain_max", "share_possible_min", "share_max"]].tolist() == pytest.approx(
        [0, 0, 1 / 91, 5 / 95]
    )
    pause = found.gaps.loc["pause"]
    assert pause["share_min"] == pause["share_possible_min"] == pytest.approx(51 / 91)
    assert pause["share_max"] == pause["share_certain_max"] == pytest.approx(55 / 95)
    # local: A and D none recorded, B and C unknown.
    local = found.gaps.loc["local"]
    assert local[["share_min", "share_certain_max"]].tolist() == pytest.approx([70 / 95, 70 / 91])
    assert local[["share_possible_min", "share_max"]].tolist() == [1, 1]
    assert found.gaps["suppressed"].tolist() == [1] * 4
    assert found.gaps["suppressed_in_gap"].to_dict() == {"pause": 1, "fdac": 1, "local": 1, "any": 1}
    assert found.sentence("pause") == (
        "On 2023-06-01 the gap authorities of pause, certain and possible (3 of 4), hold 56.0 to 57.9 % of children looked "
        "after. 1 cell is suppressed and was counted at its bounds."
    )
    assert "(0 to 1 of 4), hold 0.0 to 5.3 % of children" in found.sentence()
    assert found.coverage.empty
    assert "ByNeed: On 2023-06-01" in repr(found)
    assert "<table" in found._repr_html_()
    with pytest.raises(InputError, match="group: 'x' is not one of"):
        found.sentence("x")


def test_a_cell_without_bounds_says_so(world_answer: rg.Assessment) -> None:
    found = world_answer.need(need({A: 40, B: None, C: 20, D: 30}))
    assert found.gaps.loc["any", ["share_min", "share_max"]].tolist() == [0, 1]
    # fdac: A and B have none, C part and D served.
    assert found.gaps.loc["fdac", ["share_min", "share_max"]].tolist() == [40 / 90, 1]
    assert found.gaps.loc["any", "unbounded"] == 1
    assert "need.unbounded" in codes(found.findings)
    assert "1 of them without an upper one." in found.sentence()


def test_nothing_suppressed_and_both_ends_meet(world_answer: rg.Assessment) -> None:
    found = world_answer.need(need({A: 40, B: 10, C: 20, D: 30}))
    assert found.sentence("pause").endswith("hold 60.0 % of need.")
    assert found.gaps["share_min"].equals(found.gaps["share_certain_max"])
    assert found.gaps["share_possible_min"].equals(found.gaps["share_max"])


def test_no_need_at_all_is_no_share(world_answer: rg.Assessment) -> None:
    found = world_answer.need(need(dict.fromkeys([A, B, C, D], 0)))
    assert found.gaps[["share_min", "share_max"]].isna().all(axis=None)
    assert "an unknown share" in found.sentence()


def test_a_published_total_narrows_the_share(world_answer: rg.Assessment) -> None:
    cells = {A: (30, 60), B: (10, 40), C: (10, 30), D: (10, 30)}
    free, held = (world_answer.need(need(cells, **o)).gaps.loc["fdac"] for o in ({}, {"total": 100}))
    # A and B: 40 to 100 of itself and 20 to 60; of 100 in all, 40 to 80.
    assert free[["share_min", "share_max"]].tolist() == pytest.approx([40 / 100, 100 / 120])
    assert held[["share_min", "share_max"]].tolist() == pytest.approx([0.4, 0.8])


ANSWER = st.sampled_from(["served", "part", "unknown", "in_development", "none_recorded"])


def answered(answers: list[str]) -> pd.DataFrame:
    ids = pd.Index([f"a{i}" for i in range(len(answers))], name="authority_code")
    return pd.DataFrame({"authority_name": ids, "region_name": "", "any": answers, "any_services": 0}, index=ids)


@given(st.lists(st.tuples(ENDS, ANSWER), min_size=1, max_size=6), st.data())
def test_the_ends_are_those_over_every_corner_and_every_answer(
    rows: list[tuple[tuple[float, float], str]], data: st.DataObject
) -> None:
    gaps = answered([answer for _, answer in rows])
    cells = [ends for ends, _ in rows]
    found = gap_shares(need(dict(zip(gaps.index, cells, strict=True))), gaps).loc["any"]
    # An unknown answer is either a gap or none.
    choices = [{"unknown": (0, 1), "none_recorded": (1,), "in_development": (1,)}.get(a, (0,)) for _, a in rows]
    corners = [
        share(values, [bool(m) for m in member])
        for member in itertools.product(*choices)
        for values in itertools.product(*cells)
        if sum(values) > 0
    ]
    if not corners:
        assert math.isnan(found["share_min"])
        return
    assert found[["share_min", "share_max"]].tolist() == pytest.approx([min(corners), max(corners)])
    # Whatever it really is lies within, and wider bounds never narrow.
    truth = [data.draw(st.integers(int(a), int(b))) for a, b in cells]
    wider = [(max(a - data.draw(st.integers(0, 3)), 0), b + data.draw(st.integers(0, 3))) for a, b in cells]
    outer = gap_shares(need(dict(zip(gaps.index, wider, strict=True))), gaps).loc["any"]
    assert outer["share_min"] <= found["share_min"] + 1e-12
    assert outer["share_max"] >= found["share_max"] - 1e-12
    exact = gap_shares(need(dict(zip(gaps.index, truth, strict=True))), gaps).loc["any"]
    if sum(truth):
        assert exact["share_min"] == pytest.approx(exact["share_certain_max"])
        assert found["share_min"] - 1e-12 <= exact["share_min"] <= exact["share_max"] <= found["share_max"] + 1e-12


@given(st.permutations([A, B, C, D]))
def test_the_order_of_rows_does_not_matter(world_answer: rg.Assessment, order: list[str]) -> None:
    cells = {A: 40, B: (1, 5), C: 20, D: (2, 30)}
    first = world_answer.need(need(cells, total=80)).gaps
    again = world_answer.need(need({c: cells[c] for c in order}, total=80)).gaps
    pd.testing.assert_frame_equal(first, again)


# ----------------------------------------------------------------------------------------------------- demand points

WEIGHTS = {"a1": 1, "a2": 1, "a3": 2, "b1": 1, "b2": 3, "b3": 1, "c1": 1, "c2": 1, "c3": 2, "d1": 1, "d2": 1, "d3": 2}


def figures(
    found: Any, code: str, group: str = "any", relation: str = "reached"
) -> dict[tuple[str, float], list[float]]:
    rows = found.coverage[
        (found.coverage["area_code"] == code)
        & (found.coverage["group"] == group)
        & (found.coverage["relation"] == relation)
        & (found.coverage["evidence"] == "certain")
    ]
    return {
        (r.metric_id, 0.0 if math.isnan(r.cutoff) else r.cutoff): [r.value_min, r.value_max] for r in rows.itertuples()
    }


MEAN, WITHIN = "rcp.need.mean_nearest@1", "rcp.need.share_within@1"


def test_known_need_gives_the_figures_of_coverage(world_answer: rg.Assessment) -> None:
    """With the weights of the demand for need, both ends are what the assessment says."""
    found = world_answer.need(need(WEIGHTS, key="demand_id")).coverage
    ours = found.assign(metric_id=found["metric_id"].str.replace(".need.", ".access."))
    keys = ["area_code", "group", "relation", "evidence", "metric_id", "cutoff"]
    beside = ours.merge(world_answer.coverage, on=keys, how="left", suffixes=("", "_there"))
    assert len(beside) == len(found) == 7 * 4 * 4 * 3
    for end in ("value_min", "value_max"):
        np.testing.assert_allclose(beside[end], beside["value"], rtol=1e-12)
    assert set(found["area_type"]) == {"authority", "region", "country"}


def test_need_by_demand_point_worked_by_hand(world_answer: rg.Assessment) -> None:
    """Pause in A: 3000 m with 1, 4000 with 1 to 5, 5000 with 2."""
    found = world_answer.need(need(WEIGHTS | {"a2": (1, 5)}, key="demand_id"))
    own = figures(found, A, "pause")
    # (3000 + 4000 + 10000) / 4 and (3000 + 20000 + 10000) / 8: more at 4000 draws the mean of 4250 down.
    assert own[MEAN, 0] == pytest.approx([33000 / 8 * GROUND, 4250 * GROUND], rel=1e-4)
    assert own[WITHIN, 4500] == pytest.approx([2 / 4, 6 / 8])
    assert own[WITHIN, 9000] == [1, 1]
    # In A and all England, of need in the gaps of pause: B 5, C 4 and D 4 of 17 to 21.
    assert found.gaps.loc["pause", ["share_min", "share_max"]].tolist() == pytest.approx([13 / 21, 13 / 17])
    rows = found.coverage.set_index("area_code")
    assert rows.loc[A, "suppressed"].unique().tolist() == [1]
    assert rows.loc["E92000001", "suppressed"].unique().tolist() == [1]
    assert rows.loc[B, "suppressed"].unique().tolist() == [0]
    assert found.need.frame.loc[A].tolist() == [4, 8, "sum"]


def test_where_nothing_is_reached_shares_are_0_and_means_missing(world_answer: rg.Assessment) -> None:
    own = figures(world_answer.need(need(WEIGHTS, key="demand_id")), B, "fdac", "served")
    assert own[WITHIN, 9000] == [0, 0]
    assert np.isnan(own[MEAN, 0]).all()


def test_demand_points_without_a_row_and_rows_without_a_point(world_answer: rg.Assessment) -> None:
    found = world_answer.need(need({k: v for k, v in WEIGHTS.items() if k != "a2"}, key="demand_id"))
    assert figures(found, A, "pause")[WITHIN, 4500] == pytest.approx([1 / 3, 1])
    assert "need.no_row" in codes(found.findings)
    assert found.gaps.loc["pause", "unbounded"] == 1
    with pytest.raises(InputError, match=r"1 row is of no demand point \(z9\)"):
        world_answer.need(need(WEIGHTS | {"z9": 1}, key="demand_id"))
    with pytest.raises(MissingColumnError, match="demand_id"):
        need(WEIGHTS, key="demand_id").at(pd.DataFrame({"x": [1]}))


def test_need_in_no_authority_is_named(world: Any) -> None:
    world.demand.geometry = world.demand.geometry.where(
        world.demand["demand_id"] != "d3", world.demand.geometry.iloc[0]
    )
    world.squares = world.squares[world.squares["authority_code"] != A]
    answer = world.assess(cutoffs=[4_500.0])
    found = answer.need(need(WEIGHTS, key="demand_id", total=17))
    (finding,) = (f for f in found.need.noticed if f.code == "need.in_no_authority")
    assert finding.ids == ("a1", "a2", "a3", "d3")
    assert found.need.sum() == (11, 11)


def test_the_key_must_fit() -> None:
    with pytest.raises(InputError, match="counts by demand_id, not by authority"):
        need(WEIGHTS, key="demand_id").to(rg.load_boundaries("2022-11-01"))
    with pytest.raises(InputError, match="counts by authority_code, not by demand point"):
        need({A: 1}).at(pd.DataFrame({"demand_id": ["a"]}))


def test_a_table_is_no_need_yet(world_answer: rg.Assessment) -> None:
    with pytest.raises(InputError, match="need: DataFrame is no Need; make one with read_need"):
        world_answer.need(table(authority_code=[A], n=[1]))  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------- children looked after, printed

# Department for Education, Children looked after in England including adoptions, reporting year 2025: 81,770 on 31 March 2025, to
# the nearest 10, https://explore-education-statistics.service.gov.uk/find-statistics/children-looked-after-in-england-including-adoptions/2025
PRINTED = (81_765, 81_775)
FILE = "demand/children_looked_after_by_la_2021_2025.csv"
ON_31_MARCH = "Children looked after on 31 March each year"


def children(shared_data: Path, year: int, **options: Any) -> rg.Need:
    return rg.read_need(
        shared_data / FILE,
        value="number",
        where={"time_period": year, "population_count": ON_31_MARCH},
        suppressed={"c": (1, None), "z": None},
        name="children looked after",
        **options,
    )


def test_children_looked_after_end_to_end(shared_data: Path, november_2022: rg.Assessment) -> None:
    free, held = children(shared_data, 2025), children(shared_data, 2025, total=PRINTED)
    assert len(free) == 153
    # City of London is confidential, the Isles of Scilly not applicable: 81,766 without them.
    assert free.sum() == (81_767, np.inf)
    assert held.frame.loc["E09000001"].tolist() == [1, 9, "c"]
    assert held.frame.loc["E06000053"].tolist() == [0, 8, "z"]
    assert held.sum() == (81_767, 81_775)
    assert "need.unbounded" in codes(free.findings)
    assert "need.unbounded" not in codes(held.findings)

    found = november_2022.need(held)
    assert len(found.need) == 152
    # Cumbria of 2022 is two authorities of 2025.
    two = held.frame.loc[[CUMBERLAND, WESTMORLAND], "low"].sum()
    assert found.need.frame.loc[CUMBRIA].tolist() == [two, two, ""]
    assert "need.carried" in codes(found.findings)
    assert "need.no_row" not in codes(found.findings)
    assert found.need.sum() == held.sum()

    frame, members = found.need.frame, november_2022.gaps["any"]
    certain = members.isin(["none_recorded", "in_development"])
    possible = certain | members.eq("unknown")
    row = found.gaps.loc["any"]
    # At most 9 children are unknown of 81,770, so the shares are those of the known ones to a part in 8,000.
    assert row["share_min"] == pytest.approx(frame.loc[certain, "low"].sum() / 81_770, abs=1.2e-4)
    assert row["share_max"] == pytest.approx(frame.loc[possible, "low"].sum() / 81_770, abs=1.2e-4)
    assert row["share_min"] < row["share_possible_min"] < row["share_max"]

    loose = november_2022.need(free).gaps.loc["any"]
    assert (loose["share_min"], loose["share_max"]) != (row["share_min"], row["share_max"])
    assert 1 in (loose["share_max"], loose["share_certain_max"]) or loose["share_min"] == 0


def test_markers_of_the_file_must_be_named(shared_data: Path) -> None:
    with pytest.raises(InputError, match=r"2 cells hold no number: 'c' in 1, 'z' in 1"):
        rg.read_need(shared_data / FILE, value="number", where={"time_period": 2025, "population_count": ON_31_MARCH})
    with pytest.raises(DuplicateIdError, match=r"153 codes have several rows that differ in time_period, .*where="):
        rg.read_need(shared_data / FILE, value="number", suppressed={"c": (1, None), "z": None})


def test_the_printed_rates_are_those_of_the_file(shared_data: Path) -> None:
    count = children(shared_data, 2025)
    people = rg.read_need(
        shared_data / FILE, value="population_estimate", where={"time_period": 2025, "population_count": ON_31_MARCH}
    )
    printed = rg.read_need(
        shared_data / FILE,
        value="rate_per_10000",
        where={"time_period": 2025, "population_count": ON_31_MARCH},
        suppressed={"c": None, "z": None},
    )
    known = ~count.open
    rates = count.rate(people)[known]
    assert (rates["rate_min"] - printed.frame.loc[known, "low"]).abs().max() <= 0.5 + 1e-9
    assert ((rates["lower"] < rates["rate_min"]) & (rates["rate_max"] < rates["upper"])).all()


def test_figures_of_2022_leave_cumbria_open(shared_data: Path, november_2022: rg.Assessment) -> None:
    """The file has no figure of 2022 for the authorities that Cumbria became: they are unknown, and never 0."""
    found = november_2022.need(children(shared_data, 2022))
    assert found.need.frame.loc[CUMBRIA].tolist() == [0, np.inf, "z"]
    assert found.gaps.loc["any", "unbounded"] == 2
