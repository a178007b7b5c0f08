"""Counts through time: the same as asked date by date, and the days on which evidence ends marked as that."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import rcp_geo as rg
from rcp_geo.errors import InputError
from tests.world import World

DATES = ["2019-01-01", "2015-01-01", "2022-11-01", "2015-01-01"]


@pytest.fixture
def told(world: World) -> World:
    """The small world, in which the home opens in 2021 and nothing is known of it from July 2022 on."""
    own = world.status["service_id"] == "home"
    known = {"observed_from": ["2020", "2021"], "observed_to": ["2020", "2022-06-30"]}
    rows = pd.DataFrame({"service_id": "home", "status": ["not_started", "operating"], **known})
    world.status = pd.concat([world.status[~own], rows], ignore_index=True)
    return world


def test_counts_are_those_of_each_date_alone() -> None:
    found = rg.timeline(dates=DATES)
    assert found.groups == ["pause", "fdac", "local", "any"]
    assert found.table["date"].drop_duplicates().tolist() == [pd.Timestamp(d) for d in sorted(set(DATES))]
    for (date, group), row in found.table.set_index(["date", "group"]).iterrows():
        directory = rg.load_directory()
        answers = rg.gaps(directory, rg.load_boundaries(date.date()), date.date())[group]
        assert row["authorities"] == len(answers)
        assert row["gap_min"] == answers.isin(["none_recorded", "in_development"]).sum()
        assert row["gap_max"] - row["gap_min"] == (answers == "unknown").sum()


def test_left_out_dates_are_all_on_which_an_answer_may_change(told: World) -> None:
    directory = told.directory()
    found = rg.timeline(directory)
    days = [d.date() for d in found.table["date"].drop_duplicates()]
    # Windows begin and end with the years 2020 and 2021 and after June 2022; boundaries changed on 1 April 2020 and 2021.
    first = dt.date(2020, 1, 1)
    assert days == [first, dt.date(2020, 4, 1), dt.date(2021, 1, 1), dt.date(2021, 4, 1), dt.date(2022, 7, 1)]
    assert directory.turning_days == [first, dt.date(2021, 1, 1), dt.date(2022, 7, 1)]
    pause = found.table[found.table["group"] == "pause"].set_index("date")
    unknown = pause["unknown"]
    assert unknown.tolist() == [0, 0, 0, 0, 1]


def test_marks_tell_what_opens_from_evidence_that_ends(told: World) -> None:
    marks = rg.timeline(told.directory()).marks
    own = marks[(marks["service_id"] == "home") & (marks["group"] == "pause")]
    assert list(zip(own["date"].dt.strftime("%Y-%m-%d"), own["event"], strict=True)) == [
        ("2020-01-01", "evidenced"),
        ("2021-01-01", "opened"),
        ("2022-07-01", "no_longer_evidenced"),
    ]
    assert "closed" not in set(own["event"])
    everywhere = marks[(marks["service_id"] == "home") & (marks["group"] == "any")]
    assert everywhere["event"].tolist() == own["event"].tolist()


def test_marks_stop_at_the_last_date(told: World) -> None:
    marks = rg.timeline(told.directory(), ["2021-06-01"]).marks
    assert marks["date"].max() == pd.Timestamp("2021-01-01")


def test_a_picture_of_the_interval(told: World) -> None:
    found = rg.timeline(told.directory())
    ax = found.plot("pause")
    labels = [t.get_text() for t in ax.get_legend().get_texts()]
    assert "evidence for a service ends: no closure" in labels
    assert ax.get_ylabel() == "authorities without a service, of 151 to 152"
    assert ax.get_title(loc="left") == "Pause practices"
    # Of the court nothing ends.
    assert len(found.plot("fdac").get_legend().get_texts()) == 3
    with pytest.raises(InputError, match="group: 'home' is not one of"):
        found.plot("home")


def test_how_it_is_shown(told: World) -> None:
    found = rg.timeline(told.directory(), ["2020-06-01", "2022-06-01"])
    assert repr(found) == "<Timeline 2020-06-01 to 2022-06-01: 2 dates>"
    assert "<table" in found._repr_html_()
    one = rg.timeline(told.directory(), [dt.date(2022, 6, 1)], level="lower").table
    assert one["authorities"].unique().tolist() == [309]


def test_no_dates(world: World) -> None:
    with pytest.raises(InputError, match="dates: there is none; give one full date or more"):
        rg.timeline(world.directory(), [])
    with pytest.raises(InputError, match="dates: '2022' is not a date"):
        rg.timeline(world.directory(), ["2022"])
    world.status["observed_from"] = ""
    world.footprints["valid_from"] = ""
    with pytest.raises(InputError, match="dates: there is none"):
        rg.timeline(world.directory())
