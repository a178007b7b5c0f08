"""What changed and why: small worlds on paper, every pair of dates of the embedded directory, counts that reconcile."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rcp_geo as rg
from rcp_geo.errors import InputError, VintageError
from rcp_geo.reasons import REASONS
from tests import world as small
from tests.world import A, B, C, D, World

THEN, NOW = "2022-06-01", "2023-06-01"
DATES = ("2015-01-01", "2019-01-01", "2021-07-01", "2022-11-01", "2024-01-01")
GAP = {"none_recorded", "in_development"}


def windows(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Statuses with their windows."""
    return pd.DataFrame(rows, columns=["service_id", "status", "observed_from", "observed_to"])


def between(world: World, *rows: tuple[str, str, str, str]) -> rg.Changes:
    """Compare two dates of a world of which the statuses of the named services are these."""
    said = windows(*rows)
    kept = world.status[~world.status["service_id"].isin(said["service_id"])]
    world.status = pd.concat([kept, said], ignore_index=True).fillna("")
    directory, boundaries = world.directory(), world.boundaries()
    answers = [rg.assess(directory, boundaries, world.demand, as_of=day) for day in (THEN, NOW)]
    return rg.compare(*answers)


def row(changes: rg.Changes, code: str, group: str) -> dict[str, Any]:
    own = changes.table[(changes.table["authority_code"] == code) & (changes.table["group"] == group)]
    assert len(own) == 1
    found: dict[str, Any] = own.iloc[0].to_dict()
    return found


@pytest.mark.parametrize(
    ("old", "new", "answers", "change", "reason"),
    [
        ("not_started", "operating", ("none_recorded", "served"), "gained", "opened"),
        ("in_development", "operating", ("in_development", "served"), "gained", "opened"),
        ("paused", "operating", ("none_recorded", "served"), "gained", "restarted"),
        ("closed", "operating", ("none_recorded", "served"), "gained", "restarted"),
        ("operating", "closed", ("served", "none_recorded"), "lost", "closed"),
        ("operating", "paused", ("served", "none_recorded"), "lost", "paused"),
        ("operating", "in_development", ("served", "in_development"), "lost", "paused"),
        ("operating", "", ("served", "unknown"), "became_unknown", "no_longer_evidenced"),
        ("not_started", "", ("none_recorded", "unknown"), "became_unknown", "no_longer_evidenced"),
        ("", "operating", ("unknown", "served"), "found_served", "evidenced"),
        ("", "closed", ("unknown", "none_recorded"), "found_none", "evidenced"),
        ("not_started", "in_development", ("none_recorded", "in_development"), "planned", "planned"),
        ("in_development", "closed", ("in_development", "none_recorded"), "plan_ended", "plan_ended"),
    ],
)
def test_a_status_that_changes(
    world: World, old: str, new: str, answers: tuple[str, str], change: str, reason: str
) -> None:
    rows = [
        ("home", status, start, end) for status, start, end in ((old, "2022", "2022"), (new, "2023", "2023")) if status
    ]
    changes = between(world, *(rows or [("home", "operating", "1999", "1999")]))
    found = row(changes, A, "pause")
    assert (found["before"], found["after"]) == answers
    assert (found["change"], found["reasons"], found["services"]) == (change, reason, "home")
    assert set(changes.changed["authority_code"]) == {A}


def test_footprints_that_grow_and_shrink(world: World) -> None:
    own = world.footprints
    # The court takes the whole of C from 2023 on, and leaves D.
    court = own["service_id"] == "court"
    own.loc[court & (own["authority_code"] == C), "valid_to"] = "2022"
    own.loc[court & (own["authority_code"] == D), "valid_to"] = "2022"
    more = own[court & (own["authority_code"] == C)].assign(extent="whole", valid_from="2023", valid_to="")
    world.footprints = pd.concat([own, more], ignore_index=True)
    changes = between(world)
    assert row(changes, C, "fdac") | {"change": "more", "reasons": "footprint_grew", "services": "court"} == row(
        changes, C, "fdac"
    )
    shrunk = row(changes, D, "fdac")
    assert (shrunk["before"], shrunk["after"]) == ("served", "none_recorded")
    assert (shrunk["change"], shrunk["reasons"], shrunk["services"]) == ("lost", "footprint_shrank", "court")


def test_the_reason_is_that_of_the_services_that_the_answer_rests_on(world: World) -> None:
    # In C the silent service is no longer evidenced while the court, which gave the answer for any, closes.
    changes = between(
        world,
        ("court", "operating", "2022", "2022"),
        ("court", "closed", "2023", "2023"),
        ("silent", "in_development", "2022", "2022"),
    )
    found = row(changes, C, "any")
    assert (found["before"], found["after"]) == ("part", "unknown")
    assert (found["reasons"], found["services"]) == ("closed", "court")
    assert row(changes, C, "local")["reasons"] == "no_longer_evidenced"


def test_two_services_that_account_for_one_change(world: World) -> None:
    world.footprints.loc[world.footprints["service_id"] == "court", "authority_code"] = [A, B]
    rows = [
        (s, status, y, y) for s in ("home", "court") for status, y in (("not_started", "2022"), ("operating", "2023"))
    ]
    changes = between(world, *rows)
    found = row(changes, A, "any")
    assert (found["reasons"], found["services"]) == ("opened", "court; home")


def test_a_correction_is_told_from_a_change(world: World) -> None:
    first = world.assess(as_of=NOW)
    world.status.loc[world.status["service_id"] == "home", "status"] = "closed"
    changes = rg.compare(first, world.assess(as_of=NOW))
    found = row(changes, A, "pause")
    assert (found["change"], found["reasons"], found["services"]) == ("lost", "correction", "home")
    assert set(changes.changed["authority_code"]) == {A}


def test_time_and_correction_that_cancel_leave_no_change(world: World) -> None:
    world.status = windows(("home", "operating", "2022", "2022"), ("home", "closed", "2023", "2023"))
    first = world.assess(as_of=THEN)
    world.status = windows(("home", "operating", "2022", "2023"))
    changes = rg.compare(first, world.assess(as_of=NOW))
    assert row(changes, A, "pause")["change"] == ""
    assert row(changes, A, "pause")["reasons"] == ""


def test_a_group_that_only_one_directory_has(world: World) -> None:
    first = world.assess(as_of=NOW)
    world.services.loc[world.services["service_id"] == "home", "family"] = "mine"
    changes = rg.compare(first, world.assess(as_of=NOW))
    assert changes.groups == ["pause", "fdac", "local", "mine", "any"]
    assert row(changes, A, "mine")["reasons"] == "correction"
    assert row(changes, A, "pause")["change"] == "lost"
    assert row(changes, A, "any")["change"] == ""


def test_a_service_that_may_be_in_any_group(world: World) -> None:
    world.services["stage"] = ["before", "unknown", "after", "before", "after", "after"]
    windows_of = {"home": "operating", "court": "operating"}
    said = windows(*[(s, w, "2022", "2023") for s, w in windows_of.items()])
    first = [world.status[~world.status["service_id"].isin(windows_of)], said]
    world.status = pd.concat(first, ignore_index=True).fillna("")
    changes = rg.compare(world.assess(as_of=THEN, by="stage"), world.assess(as_of=NOW, by="stage"))
    assert changes.changed.empty
    world.status.loc[world.status["service_id"] == "court", "observed_to"] = "2022"
    closed = windows(("court", "closed", "2023", "2023"))
    world.status = pd.concat([world.status, closed], ignore_index=True)
    changes = rg.compare(world.assess(as_of=THEN, by="stage"), world.assess(as_of=NOW, by="stage"))
    found = row(changes, D, "before")
    assert (found["before"], found["after"]) == ("unknown", "in_development")
    assert (found["change"], found["reasons"], found["services"]) == ("found_none", "closed", "court")


@pytest.fixture(scope="module")
def answers() -> dict[str, rg.Assessment]:
    """The embedded directory on the dates of the design."""
    return {day: rg.assess(as_of=day) for day in (*DATES, "2023-06-01")}


@pytest.mark.parametrize(("then", "now"), list(itertools.combinations(DATES, 2)))
def test_every_change_has_a_reason_and_the_counts_reconcile(
    answers: dict[str, rg.Assessment], then: str, now: str
) -> None:
    before, after = answers[then], answers[now]
    changes = rg.compare(before, after)
    counts = changes.counts
    assert (counts["before"] + counts["lost"] - counts["gained"] == counts["after"]).all()
    for group, end, old, new in counts[["group", "end", "before", "after"]].itertuples(index=False):
        assert old == before.summary.at[group, f"gap_{end}"]
        assert new == after.summary.at[group, f"gap_{end}"]
    assert (changes.changed["reasons"] != "").all()
    assert (changes.table.loc[changes.table["change"] == "", ["reasons", "services"]] == "").all(axis=None)
    assert {r for text in changes.changed["reasons"] for r in text.split("; ")} <= set(REASONS)
    # Every authority of either date is there once, with the answer it had.
    for side, answer in (("before", before), ("after", after)):
        own = changes.table[changes.table[side].notna()]
        codes = own["code_before"] if side == "before" else own["authority_code"]
        for group in answer.groups:
            there = own["group"] == group
            assert dict(zip(codes[there], own.loc[there, side], strict=True)) == answer.gaps[group].to_dict()


def test_authorities_made_and_ended(answers: dict[str, rg.Assessment]) -> None:
    changes = rg.compare(answers["2022-11-01"], answers["2023-06-01"])
    cumbria = row(changes, "E10000006", "pause")
    assert (cumbria["change"], cumbria["reasons"], cumbria["authority_name"]) == ("ended", "boundary_change", "Cumbria")
    assert pd.isna(cumbria["after"])
    for code in ("E06000063", "E06000064"):
        made = row(changes, code, "pause")
        assert pd.isna(made["before"])
        assert (made["change"], pd.isna(made["code_before"])) == ("made", True)
        assert made["reasons"].startswith("boundary_change")
    # Somerset and North Yorkshire were given new codes on the same ground.
    for old, new in (("E10000027", "E06000066"), ("E10000023", "E06000065")):
        assert row(changes, new, "any")["code_before"] == old
        assert old not in set(changes.table["authority_code"])


def test_what_is_no_longer_evidenced_is_never_a_closure(answers: dict[str, rg.Assessment]) -> None:
    changes = rg.compare(answers["2022-11-01"], answers["2024-01-01"])
    rows = changes.changed[changes.changed["change"] == "became_unknown"]
    assert len(rows) > 0
    assert not rows["reasons"].str.contains("closed").any()
    assert "no longer known, which is no closure" in changes.sentence()


def test_a_closure_that_is_recorded(answers: dict[str, rg.Assessment]) -> None:
    found = row(rg.compare(answers["2021-07-01"], answers["2022-11-01"]), "E10000027", "fdac")
    assert (found["change"], found["reasons"], found["services"]) == ("lost", "closed", "fdac-somerset")


STATUS = st.sampled_from(["operating", "in_development", "closed", "paused", "not_started", ""])


@settings(max_examples=12)
@given(st.lists(st.tuples(STATUS, STATUS), min_size=6, max_size=6))
def test_any_two_statuses_reconcile_and_rest_on_services_that_changed(pairs: list[tuple[str, str]]) -> None:
    world = small.draw()
    rows = [
        (service, status, year, year)
        for service, pair in zip(small.SERVICES, pairs, strict=True)
        for status, year in zip(pair, ("2022", "2023"), strict=True)
        if status
    ]
    world.status = windows(*rows) if rows else windows(("home", "operating", "1999", "1999"))
    changes = between(world)
    counts = changes.counts
    assert (counts["before"] + counts["lost"] - counts["gained"] == counts["after"]).all()
    moved = {service for service, (old, new) in zip(small.SERVICES, pairs, strict=True) if old != new}
    for found in changes.changed.to_dict("records"):
        own = set(found["services"].split("; "))
        assert own
        assert own <= moved
        in_group = {s for s, (family, _) in small.SERVICES.items() if found["group"] in (family, "any")}
        serving = {s for s, code, *_ in small.FOOTPRINTS if code == found["authority_code"]}
        assert own <= in_group & serving
    for end, gap in (("min", GAP), ("max", GAP | {"unknown"})):
        for group in changes.groups:
            own_rows = changes.table[changes.table["group"] == group]
            lost = sum(b not in gap and a in gap for b, a in zip(own_rows["before"], own_rows["after"], strict=True))
            stated = counts[(counts["group"] == group) & (counts["end"] == end)]["lost"].item()
            assert stated == lost


def test_counts_by_reason(answers: dict[str, rg.Assessment]) -> None:
    changes = rg.compare(answers["2015-01-01"], answers["2019-01-01"])
    table = changes.by_reason()
    assert table.index.tolist() == list(REASONS)
    assert table.columns.tolist() == changes.groups
    own = changes.changed[changes.changed["group"] == "pause"]
    assert table.loc["opened", "pause"] == own["reasons"].str.split("; ").map(lambda r: "opened" in r).sum()


def test_what_is_said(world: World) -> None:
    changes = between(world, ("home", "not_started", "2022", "2022"), ("home", "operating", "2023", "2023"))
    assert changes.sentence("pause") == (
        "Between 2022-06-01 and 2023-06-01 the number of authorities with no pause service recorded went from 4 to 3: "
        "gained a service 1."
    )
    assert changes.sentence("fdac").endswith("nothing changed.")
    assert str(changes).count("\n") == 3
    assert repr(changes) == "<Changes 2022-06-01 to 2023-06-01: 2 of 16 answers>"
    assert "<p>Between 2022-06-01" in changes._repr_html_()
    with pytest.raises(InputError, match="group: 'court' is not one of pause, fdac, local, any"):
        changes.sentence("court")


def test_a_map_of_what_changed(world: World) -> None:
    changes = between(world, ("home", "not_started", "2022", "2022"), ("home", "operating", "2023", "2023"))
    ax = changes.plot("pause")
    legend = [t.get_text() for t in ax.get_legend().get_texts()]
    assert "gained a service (1)" in legend
    assert "none recorded then or now (3)" in legend
    assert ax.get_title(loc="left") == "Pause practices, 2022-06-01 to 2023-06-01"
    with pytest.raises(InputError, match="group: 'court'"):
        changes.plot("court")


def test_answers_that_cannot_be_compared(world: World) -> None:
    early, late = world.assess(as_of=THEN), world.assess(as_of=NOW)
    with pytest.raises(InputError, match="before is of 2023-06-01 and after of 2022-06-01; give the earlier first"):
        rg.compare(late, early)
    world.services["stage"] = "all"
    world.services.loc[0, "stage"] = "before"
    with pytest.raises(InputError, match="one answer is by family and the other by stage"):
        rg.compare(early, world.assess(as_of=NOW, by="stage"))
    lower = rg.assess(boundaries=rg.load_boundaries("2023-06-01", level="lower"), as_of=NOW)
    with pytest.raises(VintageError, match="one answer is of the upper tier and the other of the lower tier"):
        rg.compare(early, lower)


def test_the_later_date_may_be_the_same(world: World) -> None:
    changes = rg.compare(world.assess(as_of=NOW), world.assess(as_of=NOW))
    assert changes.changed.empty
    assert changes.before == changes.after == dt.date(2023, 6, 1)
