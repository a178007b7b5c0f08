"""Whatever is wrong with a list is named: the kind, the rows and what to do; and no row is lost without a word.

Every case is a good row, ``row 0``, with a bad one below it, ``row 1``, unless it says otherwise.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

import rcp_geo as rg
from rcp_geo.errors import CrsError, InputError, InputWarning, MissingColumnError, RcpGeoError
from tests.world import World

AS_OF = "2024-05-01"
GOOD = {"ref": "good", "name": "Good", "type": "local", "served": "Hull", "postcode": "HU1 2AA"}
BAD = {"ref": "bad", "name": "Bad", "type": "local", "served": "Leeds", "postcode": "LS1 1UR"}


def table(*bad: Mapping[str, Any], without: tuple[str, ...] = ()) -> pd.DataFrame:
    """A good row, and below it bad ones that differ from a second good one as stated."""
    rows = [GOOD, *({**BAD, **b} for b in bad)]
    return pd.DataFrame(rows, dtype=object).drop(columns=list(without)).fillna("")


def at(x: object, y: object) -> pd.DataFrame:
    return table({"lat": y, "lon": x, "postcode": ""})


def layer(shape: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(table({"postcode": ""}), geometry=[Point(-0.33, 53.74), shape], crs="EPSG:4326")


# Name of the case: the table, the finding's code and severity, a fragment of what it says, and the rows that it names.
Case = tuple[pd.DataFrame, str, str, str, tuple[str, ...]]
ONE = ("row 1",)
CASES: dict[str, Case] = {
    # what it is
    "no name": (
        table({"ref": "", "name": ""}),
        "service.no_name",
        "error",
        "1 row has no name and was left out (row 1); name the service",
        ONE,
    ),
    "no family": (table({"type": ""}), "service.no_family", "error", "does not say what family of service it is", ONE),
    "no family, but its name tells": (
        table({"type": "", "name": "Pause Leeds"}),
        "service.family_inferred",
        "warning",
        "states no family; it was taken from its name",
        ONE,
    ),
    "reserved family": (table({"type": "Any"}), "service.reserved_family", "error", "the word any", ONE),
    "exact duplicate": (table({}, {}), "row.duplicate", "warning", "repeats an earlier row exactly", ("row 2",)),
    "the id of another name": (
        table({}, {"name": "Other"}),
        "id.conflict",
        "error",
        "gives the id of an earlier row to a service of another name or family",
        ("row 2",),
    ),
    "the id of another family": (
        table({}, {"type": "fdac"}),
        "id.conflict",
        "error",
        "another name or family",
        ("row 2",),
    ),
    "one name and place, no ids": (
        table({"ref": ""}, {"ref": "", "postcode": "LS2 7EW"}),
        "row.same_service",
        "warning",
        "has the name and place of an earlier row and was read as the same service",
        ("row 2",),
    ),
    "two providers of one service": (
        table({"provider": "Coram"}, {"provider": "Barnardo's"}),
        "row.differs",
        "warning",
        "1 row says something else of a service than an earlier row, which was kept",
        ("row 2",),
    ),
    # where it is
    "unknown postcode": (
        table({"postcode": "ZZ99 9ZZ"}),
        "postcode.unknown",
        "error",
        "not in Great Britain's list",
        ONE,
    ),
    "invalid postcode": (
        table({"postcode": "town hall"}),
        "postcode.invalid",
        "error",
        "a text that is no postcode",
        ONE,
    ),
    "half a postcode": (table({"postcode": "LS1 1U"}), "postcode.invalid", "error", "a text that is no postcode", ONE),
    "letter l for figure 1": (
        table({"postcode": "HUl 2AA"}),
        "postcode.slip",
        "error",
        "'HUl 2AA' may be HU1 2AA",
        ONE,
    ),
    "letter O for figure 0": (
        table({"postcode": "m2o 2rn"}),
        "postcode.slip",
        "error",
        "'m2o 2rn' may be M20 2RN",
        ONE,
    ),
    "letter O in the inward part": (table({"postcode": "TR1OAA"}), "postcode.", "error", "postcode", ONE),
    "latitude alone": (at("", 53.8), "coordinate.incomplete", "error", "has one coordinate of two", ONE),
    "easting alone": (
        table({"easting": "430000", "northing": ""}),
        "coordinate.incomplete",
        "error",
        "has one coordinate of two",
        ONE,
    ),
    "no number": (at("1.5 W", "53.8"), "coordinate.not_a_number", "error", "holds something that is no number", ONE),
    "infinite": (at("inf", "53.8"), "coordinate.not_a_number", "error", "holds something that is no number", ONE),
    "0,0": (at(0, 0), "coordinate.zero", "error", "lies at 0,0, which is what missing coordinates become", ONE),
    "swapped": (at(53.8, -1.5), "coordinate.swapped", "error", "has latitude and longitude swapped", ONE),
    "in the USA": (at(-74.0, 40.7), "coordinate.out_of_range", "error", "lies outside Great Britain", ONE),
    "eastings under longitude": (
        at(430000, 433000),
        "coordinate.system",
        "info",
        "coordinates were read 1 as National Grid metres, by their range",
        (),
    ),
    "an area": (
        layer(box(-1.6, 53.7, -1.5, 53.8)),
        "geometry.not_point",
        "warning",
        "lines, areas or several points",
        ONE,
    ),
    "a point in the USA": (layer(Point(-74.0, 40.7)), "coordinate.out_of_range", "error", "outside Great Britain", ONE),
    "a point at 0,0": (layer(Point(0, 0)), "coordinate.zero", "error", "lies at 0,0", ONE),
    "degrees under the National Grid": (
        layer(Point(-1.5, 53.8))
        .set_crs("EPSG:27700", allow_override=True)
        .set_geometry(gpd.GeoSeries([Point(509_000, 428_000), Point(-1.5, 53.8)], crs="EPSG:27700")),
        "crs.wrong",
        "error",
        "cannot be of its CRS, OSGB36 / British National Grid: degrees for metres, or metres for degrees",
        ONE,
    ),
    "metres under degrees": (layer(Point(430_000, 433_000)), "crs.wrong", "error", "cannot be of its CRS, WGS 84", ONE),
    "0,0 on the National Grid": (
        gpd.GeoDataFrame(table({"postcode": ""}), geometry=[Point(509_000, 428_000), Point(0, 0)], crs="EPSG:27700"),
        "coordinate.zero",
        "error",
        "lies at 0,0",
        ONE,
    ),
    "nowhere": (
        table({"postcode": "", "served": ""}),
        "site.no_point",
        "warning",
        "has nothing to place it by, so no distance is taken to it",
        ONE,
    ),
    # whom it serves
    "ambiguous authority": (
        table({"served": "Newcastle"}),
        "authority.ambiguous",
        "error",
        "'Newcastle' fits more than one authority and was not read",
        ONE,
    ),
    "one of several is ambiguous": (
        table({"served": "Leeds, Newcastle and Hull"}),
        "authority.ambiguous",
        "error",
        "'Newcastle' fits",
        ONE,
    ),
    "weak authority": (table({"served": "Hackny"}), "authority.weak", "error", "E09000012 Hackney", ONE),
    "no authority": (
        table({"served": "Narnia"}),
        "authority.unknown",
        "error",
        "'Narnia' is no English authority",
        ONE,
    ),
    "a Welsh authority": (table({"served": "Cardiff"}), "authority.", "error", "'Cardiff'", ONE),
    "a code that is none": (table({"served": "E06000099"}), "authority.", "error", "'E06000099'", ONE),
    "misspelt authority": (
        table({"served": "Hartlepol"}),
        "authority.similar",
        "warning",
        "by its likeness to a name",
        ONE,
    ),
    "abolished authority": (
        table({"served": "Poole"}),
        "authority.abolished",
        "info",
        "'Poole' was read as E06000029, which is no longer in force; it became E06000058",
        ONE,
    ),
    "abolished district": (
        table({"served": "Allerdale"}),
        "authority.abolished",
        "info",
        "'Allerdale' was read as E07000026, which is no longer in force; it became E06000063",
        ONE,
    ),
    "an authority, but not who is served": (
        table({"served": "", "council": "Leeds"}),
        "footprint.inferred",
        "warning",
        "names an authority but not who is served; it was taken to be served whole",
        ONE,
    ),
    "unknown council": (table({"council": "Narnia"}), "authority.unknown", "error", "'Narnia' is no English", ONE),
    "neither whole nor part": (
        table({"extent": "most"}).assign(extent=["whole", "most"]),
        "footprint.extent",
        "error",
        "says neither whole nor part, and was read as unclear",
        ONE,
    ),
    # when
    "31 February": (table({"opened": "2021-02-31"}), "date.invalid", "error", "holds something that is no date", ONE),
    "a season": (table({"closed": "autumn 2021"}), "date.invalid", "error", "holds something that is no date", ONE),
    "month first": (table({"opened": "12/25/2021"}), "date.invalid", "error", "holds something that is no date", ONE),
    "closed before it opened": (
        table({"opened": "2022", "closed": "2020"}),
        "date.reversed",
        "error",
        "ends before it begins",
        ONE,
    ),
    "opened after the date of the file": (
        table({"opened": "2025-01"}),
        "date.reversed",
        "error",
        "begins after the date that the file stands for",
        ONE,
    ),
    "two statuses on one day": (
        table({"status": "open", "from": "2020", "to": "2022"}, {"status": "closed", "from": "2021-06", "to": "2023"}),
        "status.overlap",
        "error",
        "2 rows give a service two statuses on one day, and neither was read",
        ("row 1", "row 2"),
    ),
    "day first": (table({"opened": "3/4/2021"}), "date.day_first", "info", "dates read with the day first", ONE),
    "strange status": (
        table({"status": "thriving"}),
        "status.not_recognised",
        "error",
        "holds a status that is not known, and was read as unknown",
        ONE,
    ),
    # the columns
    "two columns for one field": (
        table({}).assign(**{"service name": "x"}),
        "column.several",
        "warning",
        "both 'name' and 'service name' look like the name; 'name' was taken",
        (),
    ),
    "a column that is nothing known": (
        table({}).assign(mood="fine"),
        "column.mapping",
        "info",
        "carried along: 'mood'",
        (),
    ),
    "a blank row": (
        pd.concat([table({}), pd.DataFrame([dict.fromkeys(GOOD, "")])], ignore_index=True),
        "row.blank",
        "info",
        "1 row is blank and was left out",
        ("row 2",),
    ),
}


def _read(frame: pd.DataFrame, **options: Any) -> rg.Directory:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        return rg.read_directory(frame, **{"as_of": AS_OF, **options})


def test_there_are_forty_kinds_and_more() -> None:
    assert len(CASES) + len(REFUSED) + 4 > 60


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_named_with_its_rows_and_a_remedy(case: str) -> None:
    frame, code, severity, words, rows = CASES[case]
    fits = [f for f in _read(frame).noticed if f.code.startswith(code) and words in str(f)]
    assert len(fits) == 1, [str(f) for f in _read(frame).noticed]
    assert fits[0].severity == severity
    assert fits[0].ids == rows
    assert fits[0].remedy


@pytest.mark.parametrize("case", CASES)
def test_every_row_is_read_or_named(case: str) -> None:
    frame = CASES[case][0]
    directory = _read(frame.assign(mark=[f"mark {i}" for i in range(len(frame))]) if case != "a blank row" else frame)
    named = {i for f in directory.noticed for i in f.ids}
    if case == "a blank row":
        assert named == {"row 2"}
        assert len(directory) == 2
        return
    read = set(directory.services["mark"])
    assert {i for i in range(len(frame)) if f"mark {i}" not in read and f"row {i}" not in named} == set()
    # And the good row is as good as ever.
    assert "good" in set(directory.services["service_id"])
    assert directory.footprints.set_index("service_id").loc["good", "authority_code"] == "E06000010"
    assert "good" in set(directory.sites["service_id"])
    assert "row 0" not in {i for f in directory.noticed if f.severity == "error" for i in f.ids}


@pytest.mark.parametrize("case", CASES)
def test_errors_warn_or_stop_and_nothing_less_does(case: str) -> None:
    frame, _, _, words, _ = CASES[case]
    wrong = [f for f in _read(frame).noticed if f.severity == "error"]
    if not wrong:
        rg.read_directory(frame, as_of=AS_OF, strict=True)  # a warning would fail the test
        return
    with pytest.warns(
        InputWarning, match=r"(is|are) wrong and (was|were) left out, the first: .*look at Directory\.findings"
    ):
        rg.read_directory(frame, as_of=AS_OF)
    with pytest.raises(InputError) as raised:
        rg.read_directory(frame, as_of=AS_OF, strict=True)
    assert str(raised.value).splitlines() == [str(f) for f in wrong]
    assert words in str(raised.value) or CASES[case][2] != "error"


def test_values_that_are_left_out_leave_no_trace() -> None:
    for case in ("in the USA", "0,0", "swapped", "latitude alone", "no number"):
        site = _read(CASES[case][0]).sites.set_index("service_id").loc["bad"]
        # Placed by the next best means: in the middle of Leeds, and said to be no better.
        assert site["precision"] == "authority"
        assert 53.7 < site.geometry.y < 53.9
    for case in ("ambiguous authority", "weak authority", "no authority"):
        assert "bad" not in set(_read(CASES[case][0]).footprints["service_id"])
    assert _read(CASES["strange status"][0]).status_on(AS_OF)["bad"] == "unknown"
    unclear = _read(CASES["neither whole nor part"][0]).footprints.set_index("service_id").loc["bad"]
    assert unclear["certainty"] == "unclear"
    assert _read(CASES["31 February"][0]).status_on(AS_OF)["bad"] == "operating"


def test_contradictory_dates_make_a_status_unknown_and_no_other() -> None:
    for case in ("two statuses on one day", "closed before it opened"):
        directory = _read(CASES[case][0])
        assert {directory.status_on(day)["bad"] for day in ("2021-07-01", "2021-12-31", AS_OF)} <= {
            "unknown",
            "not_started",
        }
        assert directory.status_on(AS_OF).to_dict() == {"good": "operating", "bad": "unknown"}


def test_a_service_opened_with_the_first_of_its_sites() -> None:
    frame = table({"opened": "2019"}, {"opened": "2022-06", "postcode": "LS2 7EW"})
    directory = rg.read_directory(frame, as_of=AS_OF, strict=True)
    days = {"2018-12-31": "not_started", "2019-01-01": "operating", "2022-01-01": "operating", AS_OF: "operating"}
    assert {day: directory.status_on(day)["bad"] for day in days} == days


def test_a_point_in_scotland_is_found_outside_england() -> None:
    directory = rg.read_directory(at(-3.19, 55.95), as_of=AS_OF, strict=True)
    located = rg.locate(directory.sites, rg.load_boundaries(AS_OF))
    assert located["authority_code"].isna().tolist() == [False, True] or located["authority_code"].tolist()[1] == ""
    findings = rg.assess(directory, as_of=AS_OF).findings.set_index("code")
    assert findings.loc["site.other_country", "ids"] == "bad-1"
    assert (
        findings.loc["site.other_country", "message"] == "1 site lies in Scotland or Wales, outside these authorities"
    )


def test_services_without_ids_are_told_apart_however_alike_their_names() -> None:
    rows = [
        {"name": "Pause", "authority": "Hull", "type": "pause"},
        {"name": "Pause Hull", "authority": "", "type": "pause"},
        {"name": "Pause", "authority": "Hull", "type": "local"},
        {"name": "服务", "authority": "Hull", "type": "local"},
        {"name": "Ñ", "authority": "Hull", "type": "local"},
    ]
    directory = rg.read_directory(pd.DataFrame(rows), as_of=AS_OF, strict=True)
    assert directory.services["name"].tolist() == [r["name"] for r in rows]
    assert directory.services["service_id"].is_unique


def test_rows_alike_but_for_their_points_are_two_sites() -> None:
    points = [Point(-0.33, 53.74), Point(-0.34, 53.75)]
    frame = gpd.GeoDataFrame([GOOD, GOOD], geometry=points, crs="EPSG:4326")
    assert len(rg.read_directory(frame, as_of=AS_OF).sites) == 2


def test_what_a_later_row_adds_about_a_service_is_kept() -> None:
    frame = table({"provider": "", "phone": ""}, {"provider": "Coram", "phone": "0113"})
    services = rg.read_directory(frame, as_of=AS_OF, strict=True).services.set_index("service_id")
    assert services.loc["bad", ["provider", "phone"]].tolist() == ["Coram", "0113"]


# What leaves nothing to go on with is raised at once.
Refused = tuple[Callable[[], pd.DataFrame], dict[str, Any], type[RcpGeoError], str]
REFUSED: dict[str, Refused] = {
    "no dates and no date of the file": (
        lambda: table({}),
        {"as_of": None},
        InputError,
        r"2 rows do not say until when their status is known \(row 0, row 1\); pass as_of=",
    ),
    "as_of is no date": (lambda: table({}), {"as_of": "2024"}, InputError, "as_of: '2024' is not a date"),
    "a field that is none": (
        lambda: table({}),
        {"columns": {"colour": "name"}},
        MissingColumnError,
        "columns: 'colour' is not a field; choose from service_id, name, family",
    ),
    "a column that is not there": (
        lambda: table({}),
        {"columns": {"name": "nom"}},
        MissingColumnError,
        r"column 'nom' for name is missing \(columns found: ref, name, type",
    ),
    "no row": (lambda: table({}).head(0), {}, InputError, "the table is empty; give at least one service"),
    "no column": (pd.DataFrame, {}, InputError, "holds no table|the table is empty"),
    "blank rows only": (
        lambda: pd.DataFrame([dict.fromkeys(GOOD, "")] * 3),
        {},
        InputError,
        "the table is empty; give at least one service",
    ),
    "no column that is known": (
        lambda: pd.DataFrame({"colour": ["red", "blue"]}),
        {},
        InputError,
        r"no row could be read as a service\n.*service\.no_name: .*2 rows have no name",
    ),
    "no row with a family": (
        lambda: table({}, without=("type",)),
        {},
        InputError,
        r"no row could be read as a service\n.*service\.no_family: .*2 rows do not say.*\(row 0, row 1\).*pass family=",
    ),
    "geometry without a CRS": (
        lambda: gpd.GeoDataFrame(table({}), geometry=[Point(-0.3, 53.7)] * 2),
        {},
        CrsError,
        "its points have no coordinate reference system",
    ),
    "the reserved family for all": (
        lambda: table({}, without=("type",)),
        {"family": "any"},
        InputError,
        r"service\.reserved_family",
    ),
    "a layer of a frame": (lambda: table({}), {"layer": "x"}, InputError, "a frame has no layers"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_leaves_nothing_to_go_on_with_is_refused(case: str) -> None:
    make, options, error, words = REFUSED[case]
    with pytest.raises(error, match=words):
        rg.read_directory(make(), **{"as_of": AS_OF, **options})


def test_a_file_with_a_header_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("name,family,postcode\n")
    with pytest.raises(InputError, match=r"list\.csv: the table is empty; give at least one service"):
        rg.read_directory(tmp_path / "list.csv", as_of=AS_OF)


def test_one_row_is_a_table() -> None:
    directory = rg.read_directory(pd.DataFrame([GOOD]), as_of=AS_OF, strict=True)
    assert (len(directory), len(directory.sites), len(directory.footprints), len(directory.status)) == (1, 1, 1, 1)


def test_a_date_that_is_none_is_not_said_to_have_been_read_with_the_day_first() -> None:
    noticed = _read(table({"opened": "12/31/2020"})).noticed
    assert [f.code for f in noticed if f.code.startswith("date.")] == ["date.invalid"]


@pytest.mark.parametrize("records", ['[{"Service": "Nest", "Postcode": "HU1 2AA"}]', "[]", "[1, 2]", '{"a": 1}'])
def test_json_that_is_no_feed_is_refused_for_what_it_is(records: str, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(records)
    with pytest.raises(InputError) as raised:
        rg.read_directory(tmp_path / "list.json", as_of=AS_OF)
    first, *rest = str(raised.value).splitlines()
    assert first == (
        "list.json: is JSON without a service of Open Referral UK and without a GeoJSON feature; "
        "save a table of plain records as CSV or Excel"
    )
    assert rest
    assert all(line.startswith(("record.", "feed.no_services: ")) for line in rest)


@pytest.mark.parametrize("source", ["json", "geojson", "frame"])
def test_a_number_without_end_is_refused_without_advice_to_programmers(source: str, tmp_path: Path) -> None:
    digits = "9" * 5000
    given: Any = pd.DataFrame({"name": ["a"], "x": pd.Series([10**5000], dtype=object)})
    if source != "frame":
        given = tmp_path / f"list.{source}"
        feature = f'{{"type": "Feature", "properties": {{"x": {digits}}}, "geometry": null}}'
        given.write_text(feature if source == "geojson" else f'[{{"id": "a", "x": {digits}}}]')
    with pytest.raises(InputError, match="it holds a number of thousands of digits") as raised:
        rg.read_directory(given, as_of=AS_OF)
    assert "sys" not in str(raised.value)


@pytest.mark.parametrize(
    ("frame", "column", "remedy"),
    [
        (table({}, without=("served",)), "", "name them in a column served, or pass columns="),
        (table({"served": ""}).assign(served=["Narnia", ""]), "served", "look at what is said of column 'served'"),
    ],
    ids=["no column", "nothing in it that is known"],
)
def test_a_list_that_says_of_no_authority_that_it_is_served_is_warned_of(
    frame: pd.DataFrame, column: str, remedy: str
) -> None:
    (finding,) = [f for f in _read(frame).noticed if f.code == "footprint.none"]
    assert (finding.severity, finding.column, finding.remedy) == ("warning", column, remedy)
    assert finding.message == "no row says of any authority that it is served, so these services answer for none"


@pytest.mark.parametrize(
    ("row", "code", "severity", "words"),
    [
        (
            {"ref": "x", "action": "delete?"},
            "overlay.action",
            "error",
            "the action is not known; the row was not applied",
        ),
        (
            {"ref": "x", "action": "retire"},
            "overlay.no_match",
            "error",
            "is to be retired but matches no one service (none); not applied",
        ),
        (
            {"ref": "good", "action": "add"},
            "overlay.id_taken",
            "error",
            "has an id that another service has; not applied",
        ),
        (
            {"ref": "x", "name": "Nest", "served": "Leeds"},
            "overlay.ambiguous",
            "warning",
            "fits several services as well (nest-1 Nest (100); nest-2 Nest (100)) and was added as new",
        ),
        (
            {"ref": "x", "name": "Nest", "served": "Leeds", "action": "retire"},
            "overlay.no_match",
            "error",
            "matches no one service (nest-1 Nest (100); nest-2 Nest (100))",
        ),
        (
            {"ref": "x", "name": "good", "served": "Hull"},
            "overlay.matched_by_name",
            "info",
            "was taken for good Good (100)",
        ),
    ],
)
def test_what_is_doubtful_about_an_overlay_is_named(row: dict[str, str], code: str, severity: str, words: str) -> None:
    base = _read(table({"ref": "nest-1", "name": "Nest"}, {"ref": "nest-2", "name": "Nest", "postcode": "LS2 7EW"}))
    both = base.overlay(_read(pd.DataFrame([{**BAD, **row}])))
    (finding,) = [f for f in both.noticed if f.code == code]
    assert (finding.severity, finding.ids) == (severity, (row["ref"],))
    assert words in finding.message
    assert finding.remedy
    assert both.overlaid is not None
    # Named whatever became of it.
    assert both.overlaid["service_id"].tolist() == [row["ref"]]
    if "not applied" in finding.message:
        assert both.overlaid["action"].tolist() == ["not applied"]
        pd.testing.assert_frame_equal(both.services.drop(columns="said_by"), base.services, check_dtype=False)


def test_every_code_is_documented() -> None:
    page = Path(__file__).resolve().parents[1] / "docs" / "findings.md"
    known = set(re.findall(r"^\| `([a-z_.]+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE))
    used = {f.code for frame, *_ in CASES.values() for f in _read(frame).noticed}
    assert used - known == set()


@pytest.mark.parametrize("ask", [rg.locate, rg.served, rg.gaps, rg.assess, rg.neighbours], ids=lambda f: f.__name__)
def test_a_frame_in_the_place_of_boundaries(ask: Any, world: World) -> None:
    first = {"locate": [world.demand], "neighbours": []}.get(ask.__name__, [world.directory()])
    with pytest.raises(InputError, match="boundaries: GeoDataFrame holds no vintage; load_boundaries gives ours"):
        ask(*first, world.squares)


def test_history_of_several_codes_at_once() -> None:
    with pytest.raises(InputError, match=r"code: \['E06000001'\] is not one code"):
        rg.history(["E06000001"])  # type: ignore[arg-type]
