"""Metrics: each figure has an id to cite it by, and the library can be cited."""

from __future__ import annotations

import doctest
import html
import json
import re

import pandas as pd
import pytest

import rcp_geo as rg
from rcp_geo.citation import Reference
from rcp_geo.errors import InputError, UnknownMetricError


def test_ids_are_stable_names_with_versions() -> None:
    table = rg.metrics()
    assert table.index.name == "metric_id"
    assert table.index.is_unique
    assert all(re.fullmatch(r"rcp\.[a-z]+\.[a-z0-9_]+@\d+", i) for i in table.index)
    assert {"rcp.gap.count_min@1", "rcp.gap.count_max@1", "rcp.access.share_within@1"} <= set(table.index)


def test_every_metric_is_told_in_full() -> None:
    table = rg.metrics()
    assert (table != "").all(axis=None)
    assert table.notna().all(axis=None)
    assert set(table["direction"]) <= {"more", "less", "even"}
    assert table["formula"].str.count("{").equals(table["formula"].str.count("}"))


def test_figures_of_published_methods_name_a_doi() -> None:
    table = rg.metrics()
    published = table[table["group"].isin(["access", "equity"])]
    assert published["references"].str.contains(r"doi:10\.\d{4,}/", regex=True).all()


def test_every_figure_of_an_assessment_is_a_metric(world_answer: rg.Assessment) -> None:
    table = rg.metrics()
    rows = world_answer.coverage.drop_duplicates("metric_id").set_index("metric_id")
    assert set(rows.index) <= set(table.index)
    shares = table.index[(table["unit"] == "share") & (table["group"] == "access")]
    assert set(rows.index[rows["unit"] == "share"]) <= set(shares)


@pytest.mark.parametrize("metric", rg.metrics().index)
def test_citing_a_metric_names_it_and_its_source(metric: str) -> None:
    said = rg.cite(metric)
    row = rg.metrics().loc[metric]
    assert metric in said
    assert row["title"] in said
    assert row["references"].split("; ")[0].split(",")[0] in said
    assert rg.__version__ in said
    entry = rg.cite(metric, "bibtex")
    assert entry.startswith("@software{")
    assert entry.count("{") == entry.count("}")


def test_citing_the_library() -> None:
    assert rg.__version__ in rg.cite()
    assert "[software]" in rg.cite()
    assert rg.__version__ in rg.cite(None, "bibtex")


@pytest.mark.parametrize("metric", rg.metrics().index)
def test_the_example_of_a_metric_runs(metric: str) -> None:
    text = rg.metrics().loc[metric, "example"]
    found = doctest.DocTestParser().get_doctest(text, {}, metric, None, 0)
    said: list[str] = []
    result = doctest.DocTestRunner().run(found, out=said.append)
    assert result.failed == 0, "".join(said)
    assert any(example.want for example in found.examples)


@pytest.mark.parametrize("metric", rg.metrics().index)
def test_a_metric_is_cited_as_csl_json_with_the_works_that_define_it(metric: str) -> None:
    own, *works = json.loads(rg.cite(metric, "csl-json"))
    assert own["type"] == "software"
    assert metric in own["note"]
    assert own["version"] == rg.__version__
    stated = rg.metrics().loc[metric, "references"]
    assert len(works) == len(stated.split("; "))
    for work in works:
        assert work["title"] in stated
        assert str(work["issued"]["date-parts"][0][0]) in stated
        assert work["author"]


def test_tables_and_series_are_cited_by_the_metrics_in_them(world_answer: rg.Assessment) -> None:
    said = rg.cite(world_answer.coverage)
    assert all(metric in said for metric in world_answer.coverage["metric_id"].unique())
    assert said.count("Hakimi, S. L.") == 1
    assert "Metric rcp.access.share_within@1" in rg.cite(pd.Series([1.0], name="rcp.access.share_within@1"))
    for nameless in (pd.Series([1.0]), pd.DataFrame({"value": [1.0]})):
        with pytest.raises(InputError, match="names no metric"):
            rg.cite(nameless)


def test_a_bibtex_entry_of_a_metric_brings_its_works() -> None:
    said = rg.cite("rcp.access.share_within@1", "bibtex")
    assert "@software{rcp-access-share_within-v1," in said
    assert "@article{church1974," in said
    assert r"journal = {Papers of the Regional Science Association}" in said
    assert "pages = {101--118}" in said


def test_a_body_is_an_author_without_given_names() -> None:
    work = Reference(
        ("Department for Education",), 2025, "Children looked after", "GOV.UK", kind="webpage", url="https://x"
    )
    assert work.csl()["author"] == [{"literal": "Department for Education"}]
    assert "author = {{Department for Education}}" in work.bibtex()
    assert work.text() == "Department for Education (2025), Children looked after, GOV.UK, https://x"


def test_citing_nothing_known() -> None:
    with pytest.raises(UnknownMetricError) as raised:
        rg.cite("rcp.access.share_within@99")
    assert str(raised.value).startswith("metric 'rcp.access.share_within@99': no metric has this id")
    with pytest.raises(InputError, match="style: 'mla' is not known"):
        rg.cite(style="mla")  # type: ignore[arg-type]


def test_the_list_is_free_to_change() -> None:
    mine = rg.metrics()
    mine["title"] = "mine"
    assert (rg.metrics()["title"] != "mine").all()


def test_a_notebook_shows_every_formula_whole() -> None:
    table = rg.metrics()
    for some in (table, table[table["group"] == "supply"], table[["title", "formula"]]):
        shown = html.unescape(some._repr_html_())
        assert all(f"<td>{formula}</td>" in shown for formula in some["formula"])
        assert "tex2jax_ignore" not in shown


def test_what_cannot_be_cited_says_so(world_answer: rg.Assessment) -> None:
    for what in (3, [], ["rcp.gap.count_max@1"], world_answer.directory):
        with pytest.raises(InputError, match=rf"cite: {type(what).__name__} is nothing that can be cited"):
            rg.cite(what)  # type: ignore[arg-type]


def test_a_row_without_a_metric_names_none() -> None:
    table = pd.DataFrame({"metric_id": ["rcp.gap.count_max@1", None]})
    assert rg.cite(table) == rg.cite("rcp.gap.count_max@1")


def test_every_result_names_its_metrics(world_answer: rg.Assessment) -> None:
    need = rg.Need.from_bounds(pd.DataFrame({"authority_code": world_answer.gaps.index, "low": 1, "high": 5}))
    points = rg.Need.from_bounds(
        pd.DataFrame({"demand_id": world_answer.demand["demand_id"], "low": 1, "high": 5}), key="demand_id"
    )
    people = pd.Series(100, index=world_answer.gaps.index)
    weighed = world_answer.need(points)
    moved = world_answer.location_interval(draws=2, seed=7)
    counts, shares = ["count_min", "count_max"], ["gap_share_min", "gap_share_max"]
    found: list[tuple[object, str, list[str]]] = [
        (world_answer.summary, "gap", counts),
        (world_answer.by_region(), "gap", counts),
        (world_answer.curve(), "access", ["share_within"]),
        (world_answer.curve_area(), "access", ["curve_area"]),
        (world_answer.turning_cutoffs(), "robust", ["turning_cutoff"]),
        (world_answer.robustness(), "robust", ["flip_cutoff", "flip_circuity"]),
        (moved, "robust", ["location_interval"]),
        (moved, "access", ["mean_nearest", "median_nearest", "p90_nearest", "share_within"]),
        (world_answer.inequality("gini"), "equity", ["gini"]),
        (world_answer.supply("2sfca"), "supply", ["2sfca"]),
        (need.rate(people), "need", ["rate"]),
        (need.proportion(people), "need", ["proportion"]),
        (weighed.gaps, "need", shares),
        (world_answer.need(need), "need", shares),
        (weighed, "need", [*shares, "mean_nearest", "share_within"]),
        (weighed.gaps.loc[["any"]], "need", shares),
    ]
    for what, group, names in found:
        own = json.loads(rg.cite(what, "csl-json"))[0]["note"]  # type: ignore[call-overload]
        assert re.findall(rf"rcp\.{group}\.(\w+)@1", own) == names
    assert (moved.attrs["seed"], moved.attrs["level"]) == (7, 0.9)
    with pytest.raises(InputError, match="style: 'mla' is not known"):
        weighed.cite("mla")  # type: ignore[arg-type]
