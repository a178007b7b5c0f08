"""Groups of demand: figures worked by hand, weights conserved, shares that recombine, and columns of every odd kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rcp_geo as rg
from tests import world as small
from tests.world import GROUND, A, B, C, D, World

KEY = ["group", "relation", "evidence", "metric_id", "cutoff"]
SHARE, MEAN = "rcp.access.share_within@1", "rcp.access.mean_nearest@1"
# By the table in world.py, the points of each decile. c3 has none.
DECILES = dict(zip(small.DEMAND, [10, 2, 1, 10, 2, 1, 10, 2, None, 10, 2, 1], strict=True))
CUTOFFS = [4_500.0, 9_000.0]


def _grouped(world: World, values: Any, **options: Any) -> rg.Assessment:
    world.demand["decile"] = values
    return world.assess(cutoffs=CUTOFFS, **options)


def _pick(rows: pd.DataFrame, **wanted: Any) -> pd.DataFrame:
    kept = rows
    for column, value in wanted.items():
        kept = kept[kept[column] == value]
    return kept


def test_figures_of_groups_worked_by_hand(world: World) -> None:
    """Nearest of any operating service, in grid metres: a1 3000, a2 4000, a3 5000, b1 3000, b2 4000, b3 5000, d3 14000 ..."""
    rows = _grouped(world, list(DECILES.values())).coverage_by("decile")
    one = _pick(rows, area_code="1", group="any", relation="reached", evidence="certain")
    # a3 (2), b3 (1) and d3 (2): 5000 × 2, 5000 × 1, 14000 × 2.
    assert one.loc[one["metric_id"] == MEAN, "value"].item() == pytest.approx(43_000 / 5 * GROUND, rel=1e-4)
    assert one.loc[one["metric_id"] == SHARE, "value"].tolist() == [0, 3 / 5]
    # a2 (1), b2 (3), c2 (1) and d2 (1): 4000, 4000 × 3, 14000, 8000.
    two = _pick(rows, area_code="2", group="any", relation="reached", evidence="certain")
    assert two.loc[two["metric_id"] == MEAN, "value"].item() == pytest.approx(38_000 / 6 * GROUND, rel=1e-4)
    assert two.loc[two["metric_id"] == SHARE, "value"].tolist() == [4 / 6, 5 / 6]


def test_groups_come_by_number_and_what_is_missing_last(world: World) -> None:
    rows = _grouped(world, list(DECILES.values())).coverage_by("decile")
    assert rows["area_code"].cat.categories.tolist() == ["1", "2", "10", "missing"]
    assert rows["area_code"].cat.ordered
    assert set(rows["area_type"]) == {"decile"}
    weights = rows.drop_duplicates("area_code").set_index("area_code")["weight"]
    assert weights.to_dict() == {"1": 5, "2": 6, "10": 4, "missing": 2}
    assert rows["area_name"].tolist() == rows["area_code"].tolist()
    assert not rows.duplicated(["area_code", *KEY]).any()


def test_a_constant_column_is_the_country(world: World) -> None:
    answer = _grouped(world, "all")
    ours = answer.coverage_by("decile").drop(columns=["area_type", "area_code", "area_name", "weight"])
    country = answer.coverage[answer.coverage["area_type"] == "country"]
    pd.testing.assert_frame_equal(
        ours.reset_index(drop=True), country[ours.columns].reset_index(drop=True), check_dtype=False
    )


@pytest.mark.parametrize("within", ["authority", "region"])
def test_crossed_with_areas_a_constant_column_is_the_areas(within: Any, world: World) -> None:
    answer = _grouped(world, "all")
    rows = answer.coverage_by("decile", within=within)
    own = answer.coverage[answer.coverage["area_type"] == within].reset_index(drop=True)
    assert rows["within_type"].tolist() == own["area_type"].tolist()
    assert rows["within_code"].tolist() == own["area_code"].tolist()
    assert rows["within_name"].tolist() == own["area_name"].tolist()
    for column in [*KEY, "value", "reached_share", "reason"]:
        pd.testing.assert_series_equal(rows[column], own[column], check_dtype=False)


def test_crossed_with_authorities_every_group_has_its_rows(world: World) -> None:
    rows = _grouped(world, list(DECILES.values())).coverage_by("decile", within="authority")
    assert set(rows["within_code"]) == {A, B, C, D}
    assert not rows.duplicated(["within_code", "area_code", *KEY]).any()
    empty = _pick(rows, within_code=C, area_code="1")
    assert set(empty["reason"]) == {"no_demand"}
    assert empty["value"].isna().all()
    assert set(empty["weight"]) == {0.0}
    held = rows.drop_duplicates(["within_code", "area_code"])
    assert held.groupby("within_code")["weight"].sum().to_dict() == {A: 4, B: 5, C: 4, D: 4}
    # a1 alone is of the tenth decile in A, 3000 from home.
    one = _pick(
        rows, within_code=A, area_code="10", group="pause", relation="reached", evidence="certain", metric_id=MEAN
    )
    assert one["value"].item() == pytest.approx(3_000 * GROUND, rel=1e-4)


_ANY = st.sampled_from([None, float("nan"), "", " ", "a", "b", 1, 1.0, 2.5, 10, "10", "missing", True])


@settings(max_examples=15, deadline=None)
@given(values=st.lists(_ANY, min_size=12, max_size=12), weights=st.lists(st.integers(0, 9), min_size=12, max_size=12))
def test_weights_are_conserved_and_shares_recombine(values: list[object], weights: list[int]) -> None:
    world = small.draw()
    world.demand["weight"] = [float(w) for w in weights]
    world.demand.loc[0, "weight"] = 1.0
    # One point lies in no authority: it is in no group, as it is not in the country.
    world.demand = pd.concat(
        [world.demand, small.points({"far": (300_000, 300_000)}, "demand_id").assign(weight=50.0)], ignore_index=True
    )
    answer = _grouped(world, pd.Series([*values, "a"], dtype=object))
    rows = answer.coverage_by("decile")
    inside = float(sum(weights[1:])) + 1
    assert rows.groupby(KEY, dropna=False, observed=True)["weight"].sum().eq(inside).all()
    shares = rows[rows["metric_id"] == SHARE]
    held = (shares["value"].fillna(0) * shares["weight"]).groupby(
        [shares[c] for c in KEY], observed=True
    ).sum() / inside
    country = answer.coverage[(answer.coverage["area_type"] == "country") & (answer.coverage["metric_id"] == SHARE)]
    pd.testing.assert_series_equal(
        held.sort_index(), country.set_index(KEY)["value"].sort_index(), check_names=False, check_dtype=False
    )


def test_order_of_demand_is_irrelevant(world: World) -> None:
    rows = _grouped(world, list(DECILES.values())).coverage_by("decile", within="region")
    world.demand = world.demand.iloc[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(world.assess(cutoffs=CUTOFFS).coverage_by("decile", within="region"), rows)


@pytest.mark.parametrize(
    ("values", "groups"),
    [
        (["b", "a", " a ", "", None, "10", "9", "b", "b", "b", "b", "b"], ["9", "10", "a", "b", "missing"]),
        ([True, False] * 6, ["False", "True"]),
        ([1.0, 2.5, float("nan")] * 4, ["1", "2.5", "missing"]),
        (pd.array([3, None, 1] * 4, dtype="Int64"), ["1", "3", "missing"]),
        (pd.cut(range(12), [-1, 5, 11]), ["(-1, 5]", "(5, 11]"]),
        (pd.Categorical(["low", "high", None] * 4, categories=["low", "none", "high"]), ["low", "high", "missing"]),
        (pd.date_range("2020-01-01", periods=2).repeat(6), ["2020-01-01 00:00:00", "2020-01-02 00:00:00"]),
        (np.repeat(["missing", "x"], 6), ["x", "missing"]),
    ],
)
def test_odd_values_are_groups(values: Any, groups: list[str], world: World) -> None:
    rows = _grouped(world, values).coverage_by("decile")
    assert rows["area_code"].cat.categories.tolist() == groups
    assert rows["area_code"].astype(str).drop_duplicates().tolist() == groups


def test_columns_that_cannot_group(world: World) -> None:
    answer = _grouped(world, 1)
    with pytest.raises(rg.errors.MissingColumnError, match="demand: column nothing is missing"):
        answer.coverage_by("nothing")
    with pytest.raises(rg.errors.InputError, match="demand.geometry: holds geometry"):
        answer.coverage_by("geometry")
    with pytest.raises(rg.errors.InputError, match="within: 'district' is not authority or region"):
        answer.coverage_by("decile", within="district")  # type: ignore[arg-type]
    with pytest.raises(rg.errors.InputError, match=r"within: \['region'\] is not authority or region"):
        answer.coverage_by("decile", within=["region"])  # type: ignore[arg-type]
    with pytest.raises(rg.errors.MissingColumnError, match=r"demand: column \['decile'\] is missing"):
        answer.coverage_by(["decile"])  # type: ignore[arg-type]
    world.squares[["region_code", "region_name"]] = ""
    with pytest.raises(rg.errors.InputError, match="within: the boundaries have no region"):
        world.assess().coverage_by("decile", within="region")


def test_the_notebook_is_kept_without_what_it_printed() -> None:
    """What it prints comes of tables that are not part of the repository."""
    path = Path(__file__).resolve().parents[1] / "examples" / "children_by_deprivation.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not [c["id"] for c in cells if c.get("outputs") or c.get("execution_count")]


def test_more_pairs_than_anyone_reads_are_refused(november_2022: rg.Assessment) -> None:
    with pytest.raises(
        rg.errors.InputError,
        match=r"demand.demand_id: 32,844 groups in 152 areas are more than 50,000 pairs; put the values into classes",
    ):
        november_2022.coverage_by("demand_id", within="authority")
