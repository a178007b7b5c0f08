"""Gaps: the five answers against an independent twin, against answers worked by hand, and against their own rules."""

from __future__ import annotations

import calendar
import datetime as dt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rcp_geo as rg
from tests import twin, world
from tests.worked import CARRIED, EXPECTED, Carried
from tests.world import A, B, C, D, World

RANK = {answer: place for place, answer in enumerate(twin.ANSWERS)}


def _dates(year: int) -> list[dt.date]:
    """One date in every month: its first, its last and a middle day by turns, since windows turn on those."""
    days = [(1, 15, calendar.monthrange(year, month)[1])[month % 3] for month in range(1, 13)]
    return [dt.date(year, month, day) for month, day in zip(range(1, 13), days, strict=True)]


@pytest.fixture(scope="session")
def members(members_csv: Path) -> dict[str, frozenset[str]]:
    return twin.read_members(members_csv)


@pytest.mark.parametrize("year", range(2008, 2026))
def test_answers_agree_with_the_twin_in_every_month(
    year: int, directory: rg.Directory, tables: Path, members: dict[str, frozenset[str]]
) -> None:
    for day in _dates(year):
        boundaries = rg.load_boundaries(day)
        assert boundaries.vintage.valid_from == twin.vintage(day)
        codes = boundaries.frame["authority_code"].tolist()
        ours = rg.gaps(directory, boundaries, day)[list(twin.GROUPS)].to_dict("index")
        assert ours == twin.gaps(tables, day, codes, members), day


@pytest.mark.parametrize("year", range(2008, 2026))
def test_served_agrees_with_the_twin_in_every_month(
    year: int, directory: rg.Directory, tables: Path, members: dict[str, frozenset[str]]
) -> None:
    for day in _dates(year):
        boundaries = rg.load_boundaries(day)
        rows = rg.served(directory, boundaries, day)
        keys = zip(rows["service_id"], rows["authority_code"], strict=True)
        ours = dict(zip(keys, zip(rows["extent"], rows["status"], rows["answer"], strict=True), strict=True))
        assert len(ours) == len(rows)
        assert ours == twin.served(tables, day, boundaries.frame["authority_code"], members), day


def _case_id(case: tuple[dt.date, str, str, str, str]) -> str:
    day, code, group, _, why = case
    return f"{day}-{code}-{group}-{why.partition(':')[0]}"


@pytest.mark.parametrize("case", EXPECTED, ids=_case_id)
def test_answers_worked_by_hand(case: tuple[dt.date, str, str, str, str], directory: rg.Directory) -> None:
    day, code, group, answer, why = case
    assert rg.gaps(directory, rg.load_boundaries(day), day).loc[code, group] == answer, why


@pytest.mark.parametrize("case", CARRIED, ids=lambda case: case.why)
def test_footprints_carried_between_vintages(case: Carried) -> None:
    boundaries = rg.load_boundaries(case.as_of)
    assert rg.gaps(_made_up(case), boundaries, case.as_of).loc[case.authority_code, "fdac"] == case.answer


@pytest.mark.parametrize("case", CARRIED, ids=lambda case: case.why)
def test_twin_agrees_on_carried_footprints(case: Carried, tmp_path: Path, members: dict[str, frozenset[str]]) -> None:
    tables = _made_up(case)
    for name in ("services", "footprints", "status"):
        getattr(tables, name).to_csv(tmp_path / f"{name}.csv", index=False)
    codes = rg.load_boundaries(case.as_of).frame["authority_code"]
    answer = twin.gaps(tmp_path, case.as_of, codes, members)
    ours = rg.gaps(tables, rg.load_boundaries(case.as_of), case.as_of)
    assert ours["fdac"].to_dict() == {code: row["fdac"] for code, row in answer.items()}


def _made_up(case: Carried) -> rg.Directory:
    ids = sorted({row.service for row in case.footprints})
    services = pd.DataFrame({"service_id": ids, "name": ids, "family": "fdac"})
    sites = gpd.GeoDataFrame({"site_id": [], "service_id": []}, geometry=[], crs="EPSG:4326")
    footprints = pd.DataFrame(
        [(row.service, row.authority_code, row.extent, "", "", row.certainty) for row in case.footprints],
        columns=["service_id", "authority_code", "extent", "valid_from", "valid_to", "certainty"],
    )
    known = [] if case.status == "unknown" else ids
    status = pd.DataFrame({"service_id": known, "status": case.status, "observed_from": "", "observed_to": ""})
    return rg.Directory.from_tables(services, sites, footprints, status)


@pytest.mark.parametrize(
    ("day", "count"), [("2021-07-01", 152), ("2022-11-01", 152), ("2024-01-01", 153), ("2008-01-01", 151)]
)
def test_one_row_per_authority_in_the_order_of_the_codes(day: str, count: int, directory: rg.Directory) -> None:
    boundaries = rg.load_boundaries(day)
    table = rg.gaps(directory, boundaries, day)
    assert len(table) == count
    assert table.index.is_unique
    assert table.index.tolist() == sorted(boundaries.frame["authority_code"])
    assert table.index.name == "authority_code"


def test_small_world_answers(world: World) -> None:
    table = world.gaps()
    assert {code: tuple(table.loc[code, list(twin.GROUPS)]) for code in table.index} == _answers()


def _answers() -> dict[str, tuple[str, str, str, str]]:
    return world.ANSWERS


def test_counts_are_of_operating_services_that_serve_the_whole_or_part(world: World) -> None:
    table = world.gaps()
    assert table["any_services"].to_dict() == {A: 1, B: 0, C: 1, D: 1}
    assert table["fdac_services"].to_dict() == {A: 0, B: 0, C: 1, D: 1}
    assert table["local_services"].sum() == 0


def test_reference_date_is_the_default(world: World) -> None:
    assert world.gaps().equals(world.gaps(as_of="2023-06-01"))
    # A day before its windows begin every status is unknown, and no footprint holds.
    assert set(world.gaps(as_of="2019-12-31")["any"]) == {"none_recorded"}


@pytest.mark.parametrize("first", range(len(twin.ANSWERS)))
@pytest.mark.parametrize("second", range(len(twin.ANSWERS)))
def test_the_first_answer_that_holds_is_given(first: int, second: int, world: World) -> None:
    _add(world, "x", twin.ANSWERS[first])
    _add(world, "y", twin.ANSWERS[second])
    answer = world.gaps().loc[D]
    assert answer["extra"] == twin.ANSWERS[min(first, second)]
    assert answer["any"] == "served"


def _add(world: World, service_id: str, answer: str) -> None:
    """Add a service whose answer for authority D is the one given."""
    status = {"in_development": "in_development", "none_recorded": "closed", "unknown": None}.get(answer, "operating")
    extent = "part" if answer == "part" else "whole"
    world.services.loc[len(world.services)] = [service_id, service_id, "extra"]
    world.footprints.loc[len(world.footprints)] = [service_id, D, extent, "stated", "", ""]
    if status is not None:
        world.status.loc[len(world.status)] = [service_id, status, "", ""]


def test_grouped_by_stage_a_service_at_all_stages_counts_for_each(world: World) -> None:
    world.services["stage"] = ["before birth", "during proceedings", "after removal", "all", "after removal", "all"]
    table = world.gaps(by="stage")
    answers = ["after removal", "before birth", "during proceedings", "any"]
    assert [c for c in table.columns if not c.endswith(("_services", "_name"))] == answers
    # D: planned works at all stages and is in development; the court serves it during proceedings.
    assert table.loc[D, answers].tolist() == ["in_development", "in_development", "served", "served"]
    # B: doubtful works at all stages and is unclear.
    assert set(table.loc[B, answers]) == {"unknown"}


def test_any_stage_is_any_family(directory: rg.Directory) -> None:
    boundaries = rg.load_boundaries("2021-07-01")
    by_stage = rg.gaps(directory, boundaries, "2021-07-01", by="stage")
    assert by_stage["any"].equals(rg.gaps(directory, boundaries, "2021-07-01")["any"])
    assert "all" not in by_stage.columns


def test_grouped_by_a_column_of_ones_own(world: World) -> None:
    world.services["funder"] = ["x", "x", "y", "y", "y", "y"]
    table = world.gaps(by="funder")
    assert table["x"].to_dict() == {A: "served", B: "none_recorded", C: "part", D: "served"}
    assert table["y"].to_dict() == {A: "none_recorded", B: "unknown", C: "unknown", D: "in_development"}


def test_a_family_of_ones_own_stands_beside_the_three(world: World) -> None:
    world.services.loc[0, "family"] = "doula"
    table = world.gaps()
    assert table["doula"].to_dict() == {A: "served", B: "none_recorded", C: "none_recorded", D: "none_recorded"}
    assert table.loc[A, "pause"] == "none_recorded"


@pytest.mark.parametrize(
    ("column", "value", "error", "words"),
    [
        ("stage", "", rg.errors.InputError, ["services.stage", "1 service", "home"]),
        ("stage", "any", rg.errors.InputError, ["services.stage", "any is the name"]),
        ("nothing", None, rg.errors.MissingColumnError, ["services", "column nothing is missing"]),
    ],
)
def test_a_column_that_cannot_group(
    column: str, value: str | None, error: type[Exception], words: list[str], world: World
) -> None:
    world.services["stage"] = "all"
    if value is not None:
        world.services.loc[0, "stage"] = value
    with pytest.raises(error) as raised:
        world.gaps(by=column)
    assert all(word in str(raised.value) for word in words)


def test_footprint_outside_its_own_dates_serves_nothing(world: World) -> None:
    world.footprints.loc[0, ["valid_from", "valid_to"]] = ["2020", "2023-05"]
    assert world.gaps(as_of="2023-05-31").loc[A, "pause"] == "served"
    assert world.gaps(as_of="2023-06-01").loc[A, "pause"] == "none_recorded"


@pytest.mark.parametrize("status", ["not_started", "paused", "closed"])
def test_services_that_do_not_run_add_nothing(status: str, world: World) -> None:
    world.status.loc[world.status["service_id"] == "home", "status"] = status
    assert world.gaps().loc[A, "pause"] == "none_recorded"


def test_confidence_and_basis_never_change_an_answer(world: World) -> None:
    before = world.gaps()
    world.services["confidence"] = "low"
    world.status["basis"] = "inferred"
    assert world.gaps().equals(before)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_order_of_rows_is_irrelevant(seed: int) -> None:
    drawn, shuffled = world.draw(), world.draw()
    random = np.random.default_rng(seed)
    for name in ("services", "sites", "footprints", "status", "squares"):
        frame = getattr(shuffled, name)
        setattr(shuffled, name, frame.iloc[random.permutation(len(frame))])
    pd.testing.assert_frame_equal(shuffled.gaps(), drawn.gaps())


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), day=st.dates(dt.date(2008, 1, 1), dt.date(2025, 12, 31)))
def test_order_of_rows_of_the_embedded_tables_is_irrelevant(seed: int, day: dt.date) -> None:
    directory, boundaries = rg.load_directory(), rg.load_boundaries(day)
    random = np.random.default_rng(seed)
    shuffled = rg.Directory.from_tables(
        **{
            name: (frame := getattr(directory, name)).iloc[random.permutation(len(frame))]
            for name in ("services", "sites", "footprints", "status", "published", "searched")
        }
    )
    pd.testing.assert_frame_equal(rg.gaps(shuffled, boundaries, day), rg.gaps(directory, boundaries, day))


_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from(["E10000021", "E06000061", "E06000062", "E07000150", "E07000151", "E07000154"]),
        st.sampled_from(["whole", "part"]),
        st.sampled_from(["stated", "inferred", "unclear"]),
    ),
    max_size=8,
)
_STATUS = st.fixed_dictionaries(
    {s: st.sampled_from(["operating", "in_development", "closed", None]) for s in ("A", "B", "C")}
)


def _toy(rows: list[tuple[str, str, str, str]], status: dict[str, str | None]) -> rg.Directory:
    ids = sorted({*status, *(row[0] for row in rows)})
    said = [(s, v) for s, v in status.items() if v is not None]
    return rg.Directory.from_tables(
        pd.DataFrame({"service_id": ids, "name": ids, "family": "pause"}),
        gpd.GeoDataFrame({"site_id": [], "service_id": []}, geometry=[], crs="EPSG:4326"),
        pd.DataFrame(rows, columns=["service_id", "authority_code", "extent", "certainty"]).assign(
            valid_from="", valid_to=""
        ),
        pd.DataFrame(said, columns=["service_id", "status"]).assign(observed_from="", observed_to=""),
    )


@settings(max_examples=30, deadline=None)
@given(
    rows=_ROWS,
    status=_STATUS,
    added=st.sampled_from(["E10000021", "E06000061", "E07000150"]),
    day=st.sampled_from(["2019-06-01", "2021-06-01"]),
)
def test_another_operating_whole_footprint_never_makes_an_answer_worse(
    rows: list[tuple[str, str, str, str]], status: dict[str, str | None], added: str, day: str
) -> None:
    boundaries = rg.load_boundaries(day)
    before = rg.gaps(_toy(rows, status), boundaries, day)["pause"].map(RANK)
    more = _toy([*rows, ("new", added, "whole", "stated")], {**status, "new": "operating"})
    after = rg.gaps(more, boundaries, day)["pause"].map(RANK)
    assert (after <= before).all()
    # The same row given to a service that runs already: one footprint more, never an answer worse.
    if "operating" in status.values():
        own = min(s for s, v in status.items() if v == "operating")
        again = rg.gaps(_toy([*rows, (own, added, "whole", "stated")], status), boundaries, day)["pause"].map(RANK)
        assert (again <= before).all()


@settings(max_examples=40, deadline=None)
@given(rows=_ROWS, status=_STATUS, day=st.sampled_from(["2019-06-01", "2020-06-01", "2021-06-01"]))
def test_made_up_directories_agree_with_the_twin(
    rows: list[tuple[str, str, str, str]],
    status: dict[str, str | None],
    day: str,
    tmp_path_factory: pytest.TempPathFactory,
    members: dict[str, frozenset[str]],
) -> None:
    folder = tmp_path_factory.mktemp("toy")
    directory, boundaries = _toy(rows, status), rg.load_boundaries(day)
    for name in ("services", "footprints", "status"):
        getattr(directory, name).to_csv(folder / f"{name}.csv", index=False)
    codes = boundaries.frame["authority_code"]
    expected = twin.gaps(folder, dt.date.fromisoformat(day), codes, members)
    ours = rg.gaps(directory, boundaries, day)[list(twin.GROUPS)].to_dict("index")
    assert ours == expected
