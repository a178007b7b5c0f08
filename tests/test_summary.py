"""The summary: counts that add up, and what is recorded beside what was printed nationally."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import rcp_geo as rg
from tests import twin
from tests.world import World

COUNTS = [*twin.ANSWERS, "gap_min", "gap_max"]


@pytest.fixture(scope="session")
def members(members_csv: Path) -> dict[str, frozenset[str]]:
    return twin.read_members(members_csv)


@pytest.mark.parametrize("year", range(2008, 2026))
def test_counts_agree_with_the_twin(
    year: int,
    directory: rg.Directory,
    demand: gpd.GeoDataFrame,
    tables: Path,
    members: dict[str, frozenset[str]],
) -> None:
    # Distances are beside the point here, so one place stands for all demand.
    for day in (dt.date(year, 1, 1), dt.date(year, 7, 1), dt.date(year, 11, 30)):
        answer = rg.assess(directory, demand=demand.head(1), as_of=day)
        codes = answer.boundaries.frame["authority_code"]
        ours = answer.summary[["authorities", *COUNTS]].to_dict("index")
        assert ours == twin.summary(tables, day, codes, members), day


def test_small_world_counts(world_answer: rg.Assessment) -> None:
    expected = pd.DataFrame(
        # served, part, unknown, in_development, none_recorded, gap_min, gap_max
        {
            "pause": [1, 0, 0, 1, 2, 3, 3],
            "fdac": [1, 1, 0, 0, 2, 2, 2],
            "local": [0, 0, 2, 0, 2, 2, 4],
            "any": [2, 1, 1, 0, 0, 0, 1],
        },
        index=COUNTS,
    ).T
    assert world_answer.summary[COUNTS].to_dict() == expected.to_dict()
    assert (world_answer.summary["authorities"] == 4).all()


def test_five_columns_add_up_to_the_authorities(july_2021: rg.Assessment) -> None:
    assert july_2021.summary[list(twin.ANSWERS)].sum(axis=1).tolist() == [152] * 4


def test_printed_counts_of_july_2021_by_hand(july_2021: rg.Assessment) -> None:
    # local: 33 authorities printed for 2021-07-01: 152 - 33 = 119 without.
    # fdac: 32 authorities in 2021-03 (92 days away) and 34 in 2021-09 (62 days away): the nearer, 152 - 34 = 118.
    # pause: 28 practices, which are not authorities, so no gap follows. any: nothing was printed.
    printed = july_2021.summary[["published", "published_unit", "published_date", "published_gap"]].astype(object)
    assert printed.loc["local"].tolist() == [33, "authorities", "2021-07-01", 119]
    assert printed.loc["fdac"].tolist() == [34, "authorities", "2021-09", 118]
    assert printed.loc["pause"].tolist()[:3] == [28, "practices", "2021-07-01"]
    assert pd.isna(printed.loc["pause", "published_gap"])
    assert printed.loc["any"].isna().all()


def test_a_printed_gap_outside_the_recorded_interval_is_a_finding(july_2021: rg.Assessment) -> None:
    found = july_2021.findings.set_index("code").loc["published.outside_interval"]
    # 119 is under the least that the record leaves; the 118 of the courts lies inside their interval.
    assert found["ids"] == "local"
    assert "33 authorities" in found["message"]
    assert "119" in found["message"]
    assert july_2021.summary.loc["local", "gap_min"] > 119
    assert july_2021.summary.loc["fdac", "gap_min"] <= 118 <= july_2021.summary.loc["fdac", "gap_max"]


def test_nothing_printed_within_a_year_of_november_2022(november_2022: rg.Assessment) -> None:
    # The nearest for England alone are 2021-09 (397 days) and 2021-07-01 (488 days).
    assert november_2022.summary[["published", "published_gap"]].isna().all(axis=None)


def _printed(*rows: tuple[str, str, int, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["date", "unit", "value", "extent"])
    return frame.assign(family="fdac")


@pytest.mark.parametrize(
    ("rows", "value", "why"),
    [
        ([("2022-07-01", "authorities", 1, "England")], 1, "eleven months before"),
        ([("2024-05-01", "authorities", 1, "England")], 1, "eleven months after"),
        ([("2022-05-01", "authorities", 1, "England")], None, "thirteen months before"),
        ([("2024-07-01", "authorities", 1, "England")], None, "thirteen months after"),
        ([("2022", "authorities", 1, "England")], 1, "the nearest day of a year counts"),
        ([("2024", "authorities", 1, "England")], 1, "the nearest day of a year counts, ahead as well"),
        ([("2023-06-01", "authorities", 1, "UK")], None, "of another country"),
        ([("2023-06-01", "authorities", 1, "England and Wales")], None, "of two countries"),
        ([("2023-06-01", "authorities in development", 1, "England")], None, "of what is only planned"),
        ([("2023-05-01", "authorities", 1, "England"), ("2023-06-15", "authorities", 2, "England")], 2, "nearer"),
        ([("2023-05-30", "authorities", 1, "England"), ("2023-06-03", "authorities", 2, "England")], 2, "tie: later"),
        ([("2023-06-03", "authorities", 2, "England"), ("2023-05-30", "authorities", 1, "England")], 2, "any order"),
        ([("2022-08", "authorities", 1, "England"), ("2023-06", "courts", 2, "England")], 1, "authorities first"),
        ([("2023-06-01", "courts", 3, "England map")], 3, "courts where nothing better was printed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_which_printed_count_is_set_beside_ours(
    rows: list[tuple[str, str, int, str]], value: int | None, why: str, world: World
) -> None:
    world.published = _printed(*rows)
    row = world.assess().summary.loc["fdac"]
    assert (None if pd.isna(row["published"]) else row["published"]) == value, why
    unit = row["published_unit"]
    expected_gap = 4 - value if value is not None and unit == "authorities" else None
    assert (None if pd.isna(row["published_gap"]) else row["published_gap"]) == expected_gap


def test_recorded_is_in_the_unit_that_was_printed(world: World) -> None:
    # One court serves one authority whole and another in part.
    assert world.assess().summary.loc["fdac", "recorded"] == 2
    world.published = _printed(("2023-06-01", "authorities", 3, "England"))
    assert world.assess().summary.loc["fdac", "recorded"] == 2
    world.published = _printed(("2023-06-01", "courts", 3, "England"))
    assert world.assess().summary.loc["fdac", "recorded"] == 1
    # Of the two local services that are not shut, one is evidenced to operate; neither surely serves anyone.
    assert world.assess().summary.loc["local", "recorded"] == 0
