"""A user's additions, corrections and retirements on top of a directory: what is matched, what changes, and who said it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

import rcp_geo as rg
from rcp_geo.directory import TABLES
from tests import world as small
from tests.world import DAY, A, B, C, D

COLUMNS = ["service_id", "status", "observed_from", "observed_to"]


def mine(*rows: dict[str, str], as_of: str = DAY) -> rg.Directory:
    """A user's list of a few services."""
    return rg.read_directory(pd.DataFrame(rows, dtype=object).fillna(""), as_of=as_of, strict=True)


@pytest.fixture(scope="module")
def base() -> rg.Directory:
    return small.draw().directory()


def _windows(directory: rg.Directory, service: str) -> list[tuple[str, ...]]:
    own = directory.status[directory.status["service_id"] == service]
    return sorted(own[COLUMNS[1:]].itertuples(index=False, name=None), key=lambda w: w[1] or "0")


def test_what_is_new_is_added_and_all_else_stays(base: rg.Directory) -> None:
    new = {"id": "fresh", "name": "Fresh Start", "family": "local", "served": "Middlesbrough", "action": "add"}
    both = base.overlay(mine(new))
    assert both.services["service_id"].tolist() == [*base.services["service_id"], "fresh"]
    assert both.sites["service_id"].tolist() == [*base.sites["service_id"], "fresh"]
    assert both.footprints.set_index("service_id").loc["fresh", "authority_code"] == B
    assert both.status_on(DAY).to_dict() == base.status_on(DAY).to_dict() | {"fresh": "operating"}
    for name in ("services", "footprints", "status"):
        old = getattr(base, name)
        pd.testing.assert_frame_equal(
            getattr(both, name)[list(old.columns)].head(len(old)), old, check_dtype=False, check_column_type=False
        )


def test_by_its_id_a_service_is_corrected_in_all_that_is_said_and_in_nothing_else(base: rg.Directory) -> None:
    both = base.overlay(
        mine({"id": "home", "name": "Home Again", "family": "pause", "provider": "Coram", "served": "Hull", "note": ""})
    )
    row = both.services.set_index("service_id").loc["home"]
    assert row[["name", "family", "provider"]].tolist() == ["Home Again", "pause", "Coram"]
    assert both.services["service_id"].tolist() == base.services["service_id"].tolist()
    # Said to serve Hull, it no longer serves Hartlepool.
    assert both.footprints.set_index("service_id").loc["home", "authority_code"] == C
    assert both.overlaid is not None
    assert both.overlaid[["action", "matched_id", "how", "score"]].values.tolist() == [
        ["corrected", "home", "id", 100.0]
    ]


@pytest.mark.parametrize(
    ("row", "matched"),
    [
        ({"name": "HOME", "family": "pause", "served": "Hartlepool"}, "home"),
        ({"name": "Home (Hartlepool)", "family": "pause", "served": "Hartlepool, Hull"}, "home"),
        # Another family, another place, another name.
        ({"name": "Home", "family": "fdac", "served": "Hartlepool"}, ""),
        ({"name": "Home", "family": "pause", "served": "Middlesbrough"}, ""),
        ({"name": "Hearth", "family": "pause", "served": "Hartlepool"}, ""),
    ],
)
def test_without_an_id_the_family_the_name_and_the_ground_must_agree(
    row: dict[str, str], matched: str, base: rg.Directory
) -> None:
    both = base.overlay(mine({"id": "mine-1", **row}))
    assert both.overlaid is not None
    log = both.overlaid.iloc[0]
    assert (log["service_id"], log["name"], log["matched_id"]) == ("mine-1", row["name"], matched)
    assert log["action"] == ("corrected" if matched else "added")
    assert log["how"] == ("name, family and authority" if matched else "none")
    assert ("home" in log["candidates"]) == bool(matched)
    assert len(both) == len(base) + (0 if matched else 1)
    # Another spelling is no correction of the name.
    assert both.services.set_index("service_id").loc["home", "name"] == "Home"


def test_every_service_laid_over_has_a_row_in_the_log(base: rg.Directory) -> None:
    rows = [
        {"id": "home", "name": "Home", "family": "pause", "served": "Hartlepool", "action": "correct"},
        {"id": "m2", "name": "Court", "family": "fdac", "served": "East Riding of Yorkshire", "action": "retire"},
        {"id": "m3", "name": "Nest", "family": "local", "served": "Hull", "action": "add"},
        {"id": "m4", "name": "Gone", "family": "local", "served": "Hull", "action": "retire"},
    ]
    log = base.overlay(mine(*rows)).overlaid
    assert log is not None
    assert log[["service_id", "action", "matched_id"]].values.tolist() == [
        ["home", "corrected", "home"],
        ["m2", "retired", "court"],
        ["m3", "added", ""],
        ["m4", "not applied", ""],
    ]


def test_retired_a_service_is_closed_from_its_date_and_never_removed(base: rg.Directory) -> None:
    both = base.overlay(
        mine(
            {"id": "home", "name": "Home", "family": "pause", "served": "", "action": "retire", "closed": "2023-04-15"}
        )
    )
    assert "home" in set(both.services["service_id"])
    # Evidenced as operating since 2020 without end; closed on 15 April 2023.
    assert _windows(both, "home") == [("operating", "2020-01-01", "2023-04-14"), ("closed", "2023-04-15", "")]
    days = {"2019-12-31": "unknown", "2020-01-01": "operating", "2023-04-14": "operating", "2023-04-15": "closed"}
    assert {d: both.status_on(d)["home"] for d in (*days, "2030-01-01")} == days | {"2030-01-01": "closed"}
    # Nothing was said of where it sat and whom it served.
    assert both.footprints.set_index("service_id").loc["home", "authority_code"] == A
    assert (both.sites["service_id"] == "home").sum() == 1


def test_retired_without_a_date_it_is_closed_from_the_date_of_the_list(base: rg.Directory) -> None:
    both = base.overlay(mine({"id": "home", "name": "Home", "family": "pause", "action": "retire"}, as_of="2023-09-01"))
    assert (both.status_on("2023-08-31")["home"], both.status_on("2023-09-01")["home"]) == ("operating", "closed")
    assert both.reference_date == dt.date(2023, 9, 1)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        # Base: operating from 2020-01-01 without end. Mine, on its own days only:
        (("paused", "2021-03", "2021-05"), ["2020-01-01/2021-02-28", "2021-03/2021-05", "2021-06-01/"]),
        (("paused", "2019", "2020"), ["2019/2020", "2021-01-01/"]),
        (("paused", "2018", "2019"), ["2018/2019", "2020/"]),
        (("paused", "2020-01-01", "2020-01-01"), ["2020-01-01/2020-01-01", "2020-01-02/"]),
        (("operating", "2021", "2021"), ["2020-01-01/2020-12-31", "2021/2021", "2022-01-01/"]),
        (("closed", "2024-02-29", ""), ["2020-01-01/2024-02-28", "2024-02-29/"]),
    ],
)
def test_my_windows_hold_on_their_own_days_and_the_others_on_the_rest(
    window: tuple[str, str, str], expected: list[str], base: rg.Directory
) -> None:
    status, start, end = window
    row = {
        "id": "home",
        "name": "Home",
        "family": "pause",
        "status": status,
        "observed_from": start,
        "observed_to": end,
    }
    both = base.overlay(mine(row))
    found = _windows(both, "home")
    assert [f"{a}/{b}" for _, a, b in found] == expected
    assert [s for s, a, b in found if f"{a}/{b}" == f"{start}/{end}"] == [status]
    assert {s for s, a, b in found if f"{a}/{b}" != f"{start}/{end}"} <= {"operating"}
    # Nobody else's windows moved.
    others = both.status[both.status["service_id"] != "home"]
    before = base.status[base.status["service_id"] != "home"]
    assert others[COLUMNS].values.tolist() == before[COLUMNS].values.tolist()


def test_my_sites_and_footprints_take_the_place_of_all_of_theirs(base: rg.Directory) -> None:
    rows = [
        {"id": "court", "name": "Court", "family": "fdac", "postcode": "HU1 2AA", "served": "Hartlepool"},
        {"id": "court", "name": "Court", "family": "fdac", "postcode": "LS1 1UR", "served": "part of Middlesbrough"},
    ]
    both = base.overlay(mine(*rows))
    footprints = both.footprints[both.footprints["service_id"] == "court"]
    assert footprints[["authority_code", "extent"]].values.tolist() == [[A, "whole"], [B, "part"]]
    sites = both.sites[both.sites["service_id"] == "court"]
    expected = rg.geocode(["HU1 2AA", "LS1 1UR"]).geometry
    assert [(p.x, p.y) for p in sites.geometry] == [(p.x, p.y) for p in expected]
    assert both.sites["site_id"].is_unique
    kept = base.sites[base.sites["service_id"] != "court"]["site_id"].tolist()
    assert [s for s in both.sites["site_id"] if s in kept] == kept


def test_a_site_known_only_by_its_authority_replaces_none_that_is_known_better(base: rg.Directory) -> None:
    both = base.overlay(mine({"id": "home", "name": "Home", "family": "pause", "served": "Hull"}))
    ours, theirs = (d.sites.set_index("service_id").loc["home"] for d in (both, base))
    assert (ours["site_id"], ours.geometry) == (theirs["site_id"], theirs.geometry)
    # Of a service without a site it is better than nothing.
    both = base.overlay(mine({"id": "doubtful", "name": "Doubtful", "family": "local", "served": "Hull"}))
    assert both.sites.set_index("service_id").loc["doubtful", "precision"] == "authority"


def test_every_row_says_who_said_it(base: rg.Directory) -> None:
    own = mine(
        {"id": "home", "name": "Home", "family": "pause", "status": "paused", "served": "Hull", "postcode": "HU1 2AA"},
        {"id": "new", "name": "Nest", "family": "local", "served": "Hull"},
    )
    both = base.overlay(own)
    for name in ("sites", "footprints", "status"):
        table = getattr(both, name)
        said = table.groupby("said_by")["service_id"].agg(set).to_dict()
        assert said[own.source] == {"home", "new"}
        assert "new" not in said["small"]
    status = both.status[both.status["service_id"] == "home"]
    assert status[["status", "said_by"]].values.tolist().count(["paused", own.source]) == 1
    services = both.services.set_index("service_id")["said_by"].to_dict()
    assert services == dict.fromkeys(base.services["service_id"], "small") | {"home": own.source, "new": own.source}
    assert both.source == f"small overlaid with {own.source}"
    assert both.base is base


def test_neither_directory_is_changed(base: rg.Directory) -> None:
    own = mine({"id": "home", "name": "Home", "family": "pause", "served": "Hull", "status": "closed"})
    before = [{t: getattr(d, t).copy(deep=True) for t in TABLES} for d in (base, own)]
    base.overlay(own)
    for directory, old in zip((base, own), before, strict=True):
        for name, table in old.items():
            pd.testing.assert_frame_equal(pd.DataFrame(getattr(directory, name)), pd.DataFrame(table))
        assert directory.base is None
        assert directory.overlaid is None


def test_what_was_noticed_in_either_is_kept(base: rg.Directory) -> None:
    own = mine({"id": "x", "name": "home", "family": "pause", "served": "Hartlepol"})
    both = base.overlay(own)
    assert both.noticed[: len(own.noticed)] == own.noticed
    assert "authority.similar" in set(both.findings["code"])
    assert "overlay.matched_by_name" in set(both.findings["code"])


@pytest.mark.parametrize("day", ["2015-06-01", "2021-07-01", "2022-11-01", "2024-03-11"])
def test_a_directory_laid_over_itself_answers_the_same(day: str, directory: rg.Directory) -> None:
    boundaries = rg.load_boundaries(day)
    twice = directory.overlay(directory)
    pd.testing.assert_frame_equal(rg.gaps(twice, boundaries, day), rg.gaps(directory, boundaries, day))
    assert twice.overlaid is not None
    assert set(twice.overlaid["how"]) == {"id"}
    assert len(twice.sites) == len(directory.sites)


def _changes(rows: list[dict[str, str]]) -> tuple[rg.Assessment, pd.DataFrame]:
    """Assess the small world with a list laid over it, and compare it with the world without, cell by cell."""
    world = small.draw()
    both = world.directory().overlay(mine(*rows))
    after = rg.assess(both, world.boundaries(), world.demand, as_of=DAY)
    before = rg.assess(world.directory(), world.boundaries(), world.demand, as_of=DAY)
    expected = []
    for group in after.groups:
        for code in after.gaps.index:
            old = before.gaps.loc[code, group] if group in before.groups else "none_recorded"
            if old != after.gaps.loc[code, group]:
                expected.append((code, group, old, after.gaps.loc[code, group]))
    return after, pd.DataFrame(expected, columns=["authority_code", "group", "before", "after"])


OVERLAYS: dict[str, tuple[list[dict[str, str]], set[tuple[str, str, str, str, str]]]] = {
    # The answers of the small world are on paper in tests/world.py.
    "added": (
        [{"id": "new", "name": "Nest", "family": "local", "served": "Middlesbrough", "place": "x"}],
        {(B, "local", "unknown", "served", "doubtful; new"), (B, "any", "unknown", "served", "doubtful; new")},
    ),
    "retired": (
        [{"id": "home", "name": "Home", "family": "pause", "action": "retire"}],
        {(A, "pause", "served", "none_recorded", "home"), (A, "any", "served", "none_recorded", "home")},
    ),
    "moved": (
        [{"id": "court", "name": "Court", "family": "fdac", "served": "Hull", "status": "open"}],
        {
            (C, "fdac", "part", "served", "court"),
            (C, "any", "part", "served", "court"),
            (D, "fdac", "served", "none_recorded", "court"),
            (D, "any", "served", "in_development", "court"),
        },
    ),
    "a family of one's own": (
        [{"id": "new", "name": "Nest", "family": "doula", "served": "Hartlepool"}],
        {(A, "doula", "none_recorded", "served", "new")},
    ),
    "nothing new": ([{"id": "home", "name": "Home", "family": "pause", "served": "Hartlepool"}], set()),
}


@pytest.mark.parametrize("case", OVERLAYS)
def test_the_changes_are_those_between_the_answers_before_and_after(case: str) -> None:
    rows, by_hand = OVERLAYS[case]
    after, expected = _changes(rows)
    found = after.overlay_changes
    assert found[list(expected.columns)].values.tolist() == expected.values.tolist()
    cells = set(found[["authority_code", "group", "before", "after"]].itertuples(index=False, name=None))
    assert cells == {cell[:4] for cell in by_hand}
    named = after.gaps["authority_name"].to_dict()
    assert found["authority_name"].tolist() == [named[c] for c in found["authority_code"]]
    laid = {r["id"] for r in rows}
    for (code, group, *_), who in zip(
        found[["authority_code", "group"]].itertuples(index=False, name=None), found["services"], strict=True
    ):
        assert set(who.split("; ")) == laid, (code, group)


def test_without_an_overlay_there_are_no_changes(world_answer: rg.Assessment) -> None:
    assert world_answer.overlay_changes.empty
    assert list(world_answer.overlay_changes.columns) == [
        *("authority_code", "authority_name", "group", "before", "after", "services"),
    ]


def test_an_assessment_of_an_overlay_saves_what_was_done_and_what_it_changed(tmp_path: Path) -> None:
    after, expected = _changes(OVERLAYS["moved"][0])
    folder = after.save(tmp_path / "out")
    log = pd.read_csv(folder / "overlay.csv")
    assert log[["service_id", "action", "matched_id", "how"]].values.tolist() == [["court", "corrected", "court", "id"]]
    changes = pd.read_csv(folder / "overlay_changes.csv")
    assert changes[list(expected.columns)].values.tolist() == expected.values.tolist()


def test_an_assessment_without_an_overlay_saves_neither(world_answer: rg.Assessment, tmp_path: Path) -> None:
    folder = world_answer.save(tmp_path / "out")
    assert not list(folder.glob("overlay*"))


# ------------------------------------------------------------------------------------------------------- round trip

FORMS = ("folder", "all.gpkg", "all.json")


def _overlaid(directory: rg.Directory) -> rg.Directory:
    return directory.overlay(
        mine(
            {"id": "pause-hull", "name": "Pause Hull", "family": "pause", "status": "closed", "served": "Hull"},
            {"id": "new", "name": 'Zoë\'s "Nest", =1+1', "family": "local", "served": "part of Kent", "note": "a\nb"},
        )
    )


@pytest.fixture(scope="module", params=["embedded", "plain", "overlaid"])
def saved(request: pytest.FixtureRequest, directory: rg.Directory) -> rg.Directory:
    if request.param == "embedded":
        return directory
    if request.param == "overlaid":
        return _overlaid(directory)
    return mine(
        {
            "id": "001",
            "name": "Nest",
            "family": "local",
            "served": "Hull, part of Kent",
            "opened": "2019",
            "town": "Hull",
        },
        {"id": "2.0", "name": "NA", "family": "pause", "council": "Leeds", "status": "planned", "colour": "null"},
        {"id": "nowhere", "name": "Nowhere", "family": "fdac", "status": "unknown"},
    )


@pytest.mark.parametrize("form", FORMS)
def test_what_is_saved_reads_back_the_same(form: str, saved: rg.Directory, tmp_path: Path) -> None:
    path = saved.save(tmp_path / form)
    back = rg.read_directory(path, as_of=saved.reference_date, strict=True)
    for name in TABLES:
        ours, theirs = pd.DataFrame(getattr(back, name)), pd.DataFrame(getattr(saved, name))
        assert list(ours.columns) == list(theirs.columns), name
        for column in theirs.columns:
            if column != "geometry":
                assert ours[column].fillna("").astype(str).tolist() == theirs[column].fillna("").astype(str).tolist()
    same = [a == b or (a is None and b is None) for a, b in zip(back.sites.geometry, saved.sites.geometry, strict=True)]
    assert all(same)
    assert back.reference_date == saved.reference_date
    again = back.save(tmp_path / f"again-{form}")
    if again.is_file() and form.endswith("json"):
        assert again.read_bytes() == path.read_bytes()
    if again.is_dir():
        tables = [{f.name: f.read_bytes() for f in folder.iterdir()} for folder in (again, path)]
        # Where they come from is now the folder.
        assert [t.pop("directory.csv") != b"" for t in tables] == [True, True]
        assert tables[0] == tables[1]


@pytest.mark.parametrize("form", FORMS)
def test_the_reference_date_is_saved_too(form: str, saved: rg.Directory, tmp_path: Path) -> None:
    back = rg.read_directory(saved.save(tmp_path / form))
    assert back.reference_date == saved.reference_date


@pytest.mark.parametrize("form", FORMS)
def test_saving_replaces_only_what_it_is_told_to(form: str, base: rg.Directory, tmp_path: Path) -> None:
    path = base.save(tmp_path / form)
    with pytest.raises(rg.errors.InputError):
        base.save(path)
    assert base.save(path, overwrite=True) == path
    with pytest.raises(rg.errors.InputError):
        base.save(tmp_path / "no" / "where" / form)


def test_saving_changes_nothing_in_memory(base: rg.Directory, tmp_path: Path) -> None:
    before: dict[str, Any] = {t: getattr(base, t).copy(deep=True) for t in TABLES}
    for form in FORMS:
        base.save(tmp_path / form)
    for name, table in before.items():
        assert getattr(base, name).equals(table)
    assert isinstance(base.sites, gpd.GeoDataFrame)
