"""Groups of services by any column: who is in which, in what order, under what name, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

import rcp_geo as rg
from rcp_geo.cli import app
from rcp_geo.cli.printing import print_assessment
from rcp_geo.grouping import group_labels, groups_of
from tests.world import A, B, C, D, World

IDS = ["home", "court", "silent", "planned", "shut", "doubtful"]


def _services(values: Any) -> pd.DataFrame:
    return pd.DataFrame({"service_id": IDS, "kind": values})


def _by(world: World, values: Any, column: str = "kind") -> World:
    world.services[column] = values
    return world


@pytest.mark.parametrize(
    ("values", "groups"),
    [
        ([10, 9, 2, 2, 2, 2], ["2", "9", "10"]),
        ([1.0, 2.5, 1, 1, 1, 1], ["1", "2.5"]),
        (["b ", "a", " b", "10", "9", "a"], ["9", "10", "a", "b"]),
        ([True, False] * 3, ["False", "True"]),
        (pd.Categorical(["x", "y"] * 3, categories=["y", "x", "z"]), ["x", "y"]),
        (["unknown", "x", "zeta", "x", "x", "x"], ["x", "zeta", "kind_unknown"]),
        (["pause", "alpha", "local", "x", "x", "x"], ["alpha", "local", "pause", "x"]),
    ],
)
def test_groups_come_by_number_then_text_any_last(values: Any, groups: list[str]) -> None:
    found = groups_of(_services(values), "kind")
    assert list(found) == [*groups, "any"]
    assert found["any"] == IDS
    assert len(found) == len(groups) + 1
    # Every service is in one group, and in the one that its label names.
    assert sorted(s for g in groups for s in found[g]) == sorted(IDS)
    labels = group_labels(_services(values), "kind")
    assert all(labels[i] == g for g in groups for i in range(6) if IDS[i] in found[g])


@pytest.mark.parametrize("values", [["all"] * 6, ["during", "all", "all", "all", "unknown", "during"]])
def test_the_three_stages_are_there_whether_or_not_there_is_a_service(values: list[str]) -> None:
    found = groups_of(_services(values).rename(columns={"kind": "stage"}), "stage")
    assert list(found)[:3] == ["pre_birth", "during", "post_removal"]
    assert found["pre_birth"] == [s for s, v in zip(IDS, values, strict=True) if v == "all"]
    assert found["during"] == [
        *(s for s, v in zip(IDS, values, strict=True) if v == "during"),
        *(s for s, v in zip(IDS, values, strict=True) if v == "all"),
    ]
    assert found.doubtful("pre_birth") == [s for s, v in zip(IDS, values, strict=True) if v == "unknown"]
    assert found.doubtful("any") == []


def test_a_service_of_unknown_group_makes_nothing_recorded_unknown(world: World) -> None:
    """Home serves A whole and its stage is not known; court serves D whole and C in part, before birth."""
    table = _by(world, ["unknown", "pre_birth", "during", "during", "during", "during"], "stage").gaps(by="stage")
    # Home may work before birth; what is in development or recorded stays what it is.
    assert table["pre_birth"].to_dict() == {A: "unknown", B: "none_recorded", C: "part", D: "served"}
    assert table["during"].to_dict() == {A: "unknown", B: "unknown", C: "unknown", D: "in_development"}
    assert table["stage_unknown"].to_dict() == {A: "served", B: "none_recorded", C: "none_recorded", D: "none_recorded"}
    assert table["any"].to_dict() == {A: "served", B: "unknown", C: "part", D: "served"}
    # Counted are the services of which it is known.
    assert table["pre_birth_services"].to_dict() == {A: 0, B: 0, C: 1, D: 1}
    answer = world.assess(by="stage")
    assert answer.summary.loc["pre_birth", ["gap_min", "gap_max"]].tolist() == [1, 2]
    assert A in answer.gap_list("pre_birth").index
    assert A not in answer.gap_list("pre_birth", certain=True).index
    (finding,) = [f for f in answer.findings.itertuples() if f.code == "service.group_unknown"]
    assert (finding.ids, finding.column) == ("home", "stage")
    assert "1 service has the value unknown" in finding.message


@pytest.mark.parametrize("relation", ["reached", "served"])
def test_a_service_of_unknown_group_is_possibly_the_nearest(relation: str, world: World) -> None:
    answer = _by(world, ["unknown", "pre_birth", "during", "during", "during", "during"], "stage").assess(by="stage")
    near = answer.nearest[(answer.nearest["relation"] == relation) & (answer.nearest["demand_id"] == "a1")]
    near = near.set_index(["group", "evidence"])["service_id"].astype(object)
    assert near["pre_birth", "possible"] == "home"
    assert near["stage_unknown", "certain"] == "home"
    if relation == "reached":
        assert near["pre_birth", "certain"] == "court"
    else:
        assert pd.isna(near["pre_birth", "certain"])


def test_a_service_in_development_is_no_more_than_that_in_a_group_that_it_may_be_in(world: World) -> None:
    table = _by(world, ["x", "x", "x", "unknown", "x", "y"]).gaps(by="kind")
    assert table.loc[D, "y"] == "in_development"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["any", "x", "x", "x", "x", "x"], "any is the name of the group that holds all"),
        ([" any ", "x", "x", "x", "x", "x"], "any is the name"),
        (["Any", "x", "x", "x", "x", "x"], "'Any' and 'any' cannot name two groups"),
        (["Trust", "trust", "x", "x", "x", "x"], "'Trust' and 'trust' cannot name two groups"),
        (["authority_name", "x", "x", "x", "x", "x"], "'authority_name' cannot name a group"),
        (["Geometry", "x", "x", "x", "x", "x"], "'Geometry' cannot name a group"),
        (["x_services", "x", "x", "x", "x", "x"], "cannot name two groups.*'x_services'; use another word"),
        (["x_mean_distance_m", "x", "x", "x", "x", "x"], "cannot name two groups"),
        (
            ["x", None, "", " ", float("nan"), pd.NA],
            r"5 services have no value .*\(court, silent, .*give each one, or write unknown",
        ),
    ],
)
def test_values_that_cannot_name_a_group(values: Any, said: str, world: World) -> None:
    for call in (world.gaps, world.assess):
        _by(world, values)
        with pytest.raises(rg.errors.InputError, match=said):
            call(by="kind")


def test_a_group_whose_name_ends_like_a_column_is_listed(world: World) -> None:
    answer = _by(world, ["x_services"] * 6).assess(by="kind")
    assert answer.gap_list("x_services").index.tolist() == answer.gap_list("any").index.tolist() == [B]
    with pytest.raises(rg.errors.InputError, match="group: 'x' is not one of x_services, any"):
        answer.gap_list("x")


def test_printed_counts_of_families_stand_beside_families_only(world: World) -> None:
    world.published = pd.DataFrame(
        [("2023-06", family, "authorities", 3, "England") for family in ("fdac", "any")],
        columns=["date", "family", "unit", "value", "extent"],
    )
    assert world.assess().summary["published"].dropna().to_dict() == {"fdac": 3, "any": 3}
    answer = _by(world, ["fdac", "x", "x", "x", "x", "x"]).assess(by="kind")
    assert answer.summary["published"].dropna().to_dict() == {"any": 3}


def test_the_sentence_names_the_column_and_not_every_one_of_many_groups(world: World) -> None:
    said = _by(world, ["x", "y", "x", "x", "x", "x"], "provider_type").assess(by="provider_type").sentence()
    assert "have no service recorded in any provider type: x 1 to 3, y 2." in said
    many = pd.concat([world.services, *(world.services.iloc[:1].assign(service_id=f"s{i}") for i in range(20))])
    world.services = many.reset_index(drop=True)
    said = world.assess(by="service_id").sentence()
    assert said.endswith(" and 14 more.")
    assert said.count(",") == 12


def test_numbers_and_blanks_around_texts_save_and_show(world: World, tmp_path: Any) -> None:
    answer = _by(world, [2019, 2020, 2019, 2019, 2019, 2019]).assess(by="kind")
    folder = answer.save(tmp_path / "out")
    assert pd.read_csv(folder / "gaps.csv")["2019"].tolist() == answer.gaps["2019"].tolist()
    assert answer.by_district()["2019"].isin(["none_recorded"]).any()
    assert set(answer.by_region()["group"]) == {"2019", "2020", "any"}


@pytest.fixture
def axes() -> Iterator[ModuleType]:
    """Figures without a screen, closed afterwards."""
    pytest.importorskip("matplotlib").use("Agg")
    import matplotlib.pyplot as plt

    yield plt
    plt.close("all")


def test_maps_of_groups_say_of_what(world: World, axes: ModuleType) -> None:
    answer = _by(world, ["unknown", "pre_birth", "all", "all", "all", "all"], "stage").assess(by="stage")
    assert answer.plot("pre_birth").get_title(loc="left") == "Services by stage: pre_birth, 1 June 2023"
    assert answer.plot("any").get_title(loc="left") == "Any service, 1 June 2023"
    words = [t.get_text() for t in answer.plot("any").get_legend().get_texts()][5:]
    assert {"stage_unknown, operating", "pre_birth, operating", "all, operating"} <= set(words)


def test_a_map_of_more_kinds_than_shapes_draws_them_alike(world: World, axes: ModuleType) -> None:
    many = [(f"s{i}", (400_500 + 900 * i, 402_000)) for i in range(9)]
    services = world.services.iloc[:1]
    world.services = pd.concat([world.services, *(services.assign(service_id=s) for s, _ in many)], ignore_index=True)
    sites = pd.concat([world.sites.iloc[:1].assign(site_id=f"{s}-1", service_id=s) for s, _ in many])
    world.sites = pd.concat([world.sites, sites], ignore_index=True)
    status = pd.concat([world.status.iloc[:1].assign(service_id=s) for s, _ in many])
    world.status = pd.concat([world.status, status], ignore_index=True)
    words = [t.get_text() for t in world.assess(by="service_id").plot("any").get_legend().get_texts()][5:]
    assert words == ["any kind, operating", "hollow: status not known"]


def test_a_name_with_a_dollar_is_no_mathematics(world: World, axes: ModuleType) -> None:
    answer = _by(world, ["$\\frac$", "x", "x", "x", "x", "x"]).assess(by="kind")
    ax = answer.plot("$\\frac$")
    ax.figure.canvas.draw()
    assert "\\$" in ax.get_title(loc="left")


# --- from a shell -----------------------------------------------------------------------------------------------------


def _run(*arguments: str) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


def test_gaps_by_stage_from_a_shell(directory: rg.Directory) -> None:
    boundaries = rg.load_boundaries("2022-11-01")
    table = rg.gaps(directory, boundaries, "2022-11-01", by="stage")
    for certain in (False, True):
        lines = _run("gaps", "--group-by", "stage", "--group", "pre_birth", *(["--certain"] if certain else []))
        without = ["none_recorded", "in_development", *([] if certain else ["unknown"])]
        codes = [line.split(",")[0] for line in lines.splitlines()[1:]]
        assert codes == table.index[table["pre_birth"].isin(without)].tolist()
    done = CliRunner().invoke(app, ["gaps", "--group-by", "stage", "--group", "pause"])
    assert isinstance(done.exception, rg.errors.InputError)
    assert "not one of pre_birth, during, post_removal, stage_unknown, any" in str(done.exception)


def test_assess_by_stage_from_a_shell() -> None:
    header = _run("assess", "--group-by", "stage").splitlines()[0]
    assert header.split(",")[:7] == [
        "authority_code",
        "authority_name",
        "region_name",
        "pre_birth",
        "during",
        "post_removal",
        "stage_unknown",
    ]
    done = CliRunner().invoke(app, ["assess", "--group-by", "nothing"])
    assert isinstance(done.exception, rg.errors.MissingColumnError)


@pytest.mark.parametrize("group", ["authority", "[red]x", "gap"])
def test_tables_for_people_with_any_name(group: str, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    answer = _by(world, [group, "y", "y", "y", "y", "y"]).assess(by="kind")
    print_assessment(answer, answer.table())
    out = capsys.readouterr().out
    # Above the answers, and beside the counts.
    assert out.count(group) >= 2
    assert "Hartlepool" in out
    assert "kind" in out


def test_a_column_named_like_one_of_the_counts(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    answer = _by(world, ["x", "y", "y", "y", "y", "y"], "printed").assess(by="printed")
    print_assessment(answer, answer.table())
    assert "group" in capsys.readouterr().out
