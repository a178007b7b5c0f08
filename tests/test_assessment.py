"""The whole question at once: what it answers, what it notices, how it is saved, cited and drawn."""

from __future__ import annotations

import csv
import dataclasses
import errno
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

import rcp_geo as rg
from rcp_geo import resources
from rcp_geo.crs import to_wgs84
from rcp_geo.errors import GeometryError, InputError, MissingColumnError, MissingExtraError
from rcp_geo.io.bundle import to_csv_text
from rcp_geo.join import locate_sites
from tests import world as small
from tests.models import FakeModel
from tests.world import A, B, C, D, World

ANSWERS = ["served", "part", "in_development", "unknown", "none_recorded"]
SUMMARY = [
    "authorities",
    *ANSWERS,
    "gap_min",
    "gap_max",
    "recorded",
    "published",
    "published_unit",
    "published_date",
    "published_gap",
]
FILES = {
    "gaps.csv",
    "regions.csv",
    "summary.csv",
    "coverage.csv",
    "located.csv",
    "served.csv",
    "findings.csv",
    "nearest.parquet",
    "authorities.gpkg",
    "datapackage.json",
    "provenance.json",
}


# --- what it answers --------------------------------------------------------------------------------------------------


def test_no_argument_at_all_answers_for_the_reference_date(november_2022: rg.Assessment) -> None:
    assert november_2022.as_of.isoformat() == "2022-11-01"
    assert len(november_2022.gaps) == 152
    # Somerset's court closed in October 2022; Dorset's Pause was being set up.
    assert november_2022.gaps.loc["E10000027", "fdac"] == "none_recorded"
    assert november_2022.gaps.loc["E06000059", "pause"] == "in_development"
    assert november_2022.by == "family"
    assert november_2022.groups == ["pause", "fdac", "local", "any"]


@pytest.mark.parametrize(("day", "count"), [("2021-07-01", 152), ("2022-11-01", 152), ("2024-01-01", 153)])
def test_each_authority_once(day: str, count: int, directory: rg.Directory, demand: gpd.GeoDataFrame) -> None:
    answer = rg.assess(directory, demand=demand.head(1), as_of=day)
    assert len(answer.gaps) == answer.gaps.index.nunique() == count
    assert answer.summary[ANSWERS].sum(axis=1).tolist() == [count] * 4
    assert answer.summary["gap_min"].equals(answer.summary["none_recorded"] + answer.summary["in_development"])
    assert answer.summary["gap_max"].equals(answer.summary["gap_min"] + answer.summary["unknown"])


def test_columns_are_those_of_the_design(july_2021: rg.Assessment) -> None:
    groups = ["pause", "fdac", "local", "any"]
    assert july_2021.gaps.index.name == "authority_code"
    assert july_2021.gaps.columns.tolist() == [
        "authority_name",
        "region_name",
        *groups,
        *[f"{g}_services" for g in groups],
        *[f"{g}_located" for g in groups],
        "local_searched",
    ]
    assert july_2021.summary.columns.tolist() == SUMMARY
    assert july_2021.summary.index.tolist() == groups
    assert set(july_2021.coverage.columns) == {
        *("area_type", "area_code", "area_name", "group", "relation", "evidence"),
        *("metric_id", "cutoff", "value", "unit", "reached_share", "reason"),
    }
    assert set(july_2021.coverage["metric_id"]) <= set(rg.metrics().index)
    assert july_2021.findings.columns.tolist() == [
        *("code", "severity", "table", "column", "count", "ids", "message", "remedy")
    ]


def test_nearest_has_one_row_per_point_group_relation_and_evidence(july_2021: rg.Assessment) -> None:
    near = july_2021.nearest
    assert near.columns.tolist() == [
        *("demand_id", "group", "relation", "evidence", "service_id", "site_id", "distance_m", "status")
    ]
    assert len(near) == 32_844 * 4 * 2 * 2
    sizes = near.groupby(["group", "relation", "evidence"], observed=True)["demand_id"].nunique()
    assert (sizes == 32_844).all()
    missing = near["distance_m"].isna()
    assert (missing == (near["status"] != "reached")).all()
    assert (missing == near["site_id"].isna()).all()
    assert (missing == near["service_id"].isna()).all()
    # A site is of the service beside it.
    of = july_2021.directory.sites.set_index("site_id")["service_id"]
    seen = near.loc[~missing, ["service_id", "site_id"]].astype(str).drop_duplicates()
    assert (seen["site_id"].map(of) == seen["service_id"]).all()


def test_nearest_of_the_small_world(world_answer: rg.Assessment) -> None:
    near = world_answer.nearest.astype(dict.fromkeys(("group", "relation", "evidence", "service_id", "status"), object))
    rows = near.set_index(["group", "relation", "evidence", "demand_id"]).sort_index()
    any_certain = rows.loc[("any", "reached", "certain"), "service_id"]
    expected = {name: "home" if name[0] in "ac" else "court" for name in small.DEMAND}
    assert any_certain.to_dict() == expected
    of_c = rows.loc[("any", "reached", "possible"), "service_id"]
    assert {of_c[name] for name in ("c1", "c2", "c3")} == {"silent"}
    served = rows.loc[("any", "served", "certain")]
    assert served["service_id"].dropna().to_dict() == {
        **{f"a{i}": "home" for i in (1, 2, 3)},
        **{f"d{i}": "court" for i in (1, 2, 3)},
    }
    assert set(served.loc[["b1", "c1"], "status"]) == {"no_facility"}


def test_situated_and_serving_are_counted_apart(world_answer: rg.Assessment) -> None:
    table = world_answer.gaps
    # The court sits in B and serves C and D; the shut, the silent and the planned do not operate.
    assert table["fdac_located"].to_dict() == {A: 0, B: 1, C: 0, D: 0}
    assert table["fdac_services"].to_dict() == {A: 0, B: 0, C: 1, D: 1}
    assert table["any_located"].to_dict() == {A: 1, B: 1, C: 0, D: 0}


def test_what_a_search_found_stands_beside_the_answer(july_2021: rg.Assessment, directory: rg.Directory) -> None:
    found = directory.searched.set_index("authority_code")["result"]
    ours = july_2021.gaps["local_searched"]
    assert ours.to_dict() == found.reindex(ours.index).fillna("").to_dict()
    # On boundaries of 2023 the result of a county that was split stands beside both its successors.
    later = rg.assess(directory, demand=rg.load_demand().head(1), as_of="2023-06-01").gaps["local_searched"]
    assert later["E06000063"] == later["E06000064"] == found["E10000006"]


def test_table_puts_mean_distances_beside_the_answers(world_answer: rg.Assessment) -> None:
    table = world_answer.table()
    assert table.loc[A, "pause_mean_distance_m"] == pytest.approx(4_250 * small.GROUND, rel=1e-4)
    assert table.loc[C, "any_mean_distance_m_possible"] == pytest.approx(4_500 * small.GROUND, rel=1e-4)
    assert table.loc[C, "local_mean_distance_m"] != table.loc[C, "local_mean_distance_m"]
    assert table[world_answer.gaps.columns.tolist()].equals(world_answer.gaps)


def test_gap_list_with_and_without_what_is_not_known(world_answer: rg.Assessment) -> None:
    assert world_answer.gap_list()["answer"].to_dict() == {B: "unknown"}
    assert world_answer.gap_list(certain=True).empty
    assert world_answer.gap_list("pause")["answer"].to_dict() == {
        B: "none_recorded",
        C: "none_recorded",
        D: "in_development",
    }
    assert world_answer.gap_list("local", certain=True).index.tolist() == [A, D]
    with pytest.raises(InputError, match="group: 'nobody' is not one of pause, fdac, local, any"):
        world_answer.gap_list("nobody")


def test_length_of_the_list_is_the_end_of_the_interval(july_2021: rg.Assessment) -> None:
    for group, row in july_2021.summary.iterrows():
        assert len(july_2021.gap_list(str(group), certain=True)) == row["gap_min"]
        assert len(july_2021.gap_list(str(group))) == row["gap_max"]


# --- what it is asked with --------------------------------------------------------------------------------------------


def test_own_demand_with_people(world: World) -> None:
    world.demand["weight"] = [10.0, 0.0, 0.0] * 4
    answer = world.assess()
    assert answer.table().loc[A, "pause_mean_distance_m"] == pytest.approx(3_000 * small.GROUND, rel=1e-4)
    assert answer.provenance["counts"]["demand_weight"] == 40


def test_demand_outside_every_authority_is_counted_out_aloud(world: World) -> None:
    lost = gpd.GeoDataFrame(
        {"demand_id": ["sea", "hill"]}, geometry=[Point(500_000, 500_000), Point(380_000, 405_000)], crs="EPSG:27700"
    )
    world.demand = pd.concat([world.demand, lost.assign(weight=[2.5, 1.0])], ignore_index=True)
    answer = world.assess()
    finding = answer.findings.set_index("code").loc["demand.in_no_authority"]
    assert (finding["count"], finding["ids"]) == (2, "sea; hill")
    counts = answer.provenance["counts"]
    assert counts["demand_weight"] == 17 + 3.5
    assert counts["demand_weight_in_no_authority"] == 3.5
    assert counts["demand_points_in_no_authority"] == 2
    pd.testing.assert_frame_equal(answer.coverage, small.draw().assess().coverage)
    assert len(answer.nearest) == 14 * 16


def test_district_codes_place_demand_by_register_and_not_by_polygon(world: World) -> None:
    world.demand["district_code"] = [A] * 3 + [B] * 3 + [C] * 3 + [A] * 3
    answer = world.assess(cutoffs=[9_000.0])
    own = answer.coverage[(answer.coverage["area_code"] == D) & (answer.coverage["area_type"] == "authority")]
    assert set(own["reason"]) == {"no_demand"}
    assert own["value"].isna().all()


def test_order_of_the_rows_changes_nothing(world: World, world_answer: rg.Assessment) -> None:
    for name in ("services", "footprints", "status", "squares", "demand"):
        frame = getattr(world, name)
        setattr(world, name, frame.iloc[::-1])
    again = world.assess(cutoffs=[9_000.0, 4_500.0, 9_000.0])
    pd.testing.assert_frame_equal(again.gaps, world_answer.gaps)
    pd.testing.assert_frame_equal(again.summary, world_answer.summary)
    pd.testing.assert_frame_equal(again.coverage, world_answer.coverage)
    assert again.cutoffs == (4_500.0, 9_000.0)
    assert again.provenance["digest"] == world_answer.provenance["digest"]


def test_inputs_are_not_modified(world: World) -> None:
    directory, boundaries, demand = world.directory(), world.boundaries(), world.demand
    frames = {
        "demand": demand,
        "boundaries": boundaries.frame,
        **{t: getattr(directory, t) for t in ("services", "sites", "footprints", "status", "published", "searched")},
    }
    before = {name: frame.copy() for name, frame in frames.items()}
    answer = rg.assess(directory, boundaries, demand)
    answer.table()
    assert answer.provenance
    assert len(answer.nearest)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])


def test_answers_cannot_be_reassigned(world_answer: rg.Assessment) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        world_answer.as_of = None  # type: ignore[assignment,misc]


def test_a_model_that_counts_seconds(world: World) -> None:
    seconds = {
        (d, f"{s}-1"): 60.0 * (1 + len(s)) for d in small.DEMAND for s in small.SITES if (d, s) != ("a1", "home")
    }
    model = FakeModel(seconds)
    with pytest.raises(
        InputError, match=r"cutoffs: fake counts seconds, and the default cutoffs are miles; give seconds"
    ):
        world.assess(model=model)
    answer = world.assess(model=model, cutoffs=[300.0, 360.0])
    assert "duration_s" in answer.nearest.columns
    assert "pause_mean_duration_s" in answer.table().columns
    rows = answer.coverage.set_index(["area_code", "group", "relation", "evidence", "metric_id"]).sort_index()
    own = rows.loc[(A, "pause", "reached", "certain")]
    # "home" takes 300 s from a2 (weight 1) and a3 (weight 2); a1 (weight 1) cannot get there.
    assert own.loc["rcp.access.mean_nearest@1", "value"] == 300.0
    assert own.loc["rcp.access.share_within@1", "value"].tolist() == [0.75, 0.75]
    assert set(own["reached_share"]) == {0.75}
    assert set(own["reason"]) == {"disconnected"}
    served = rows.loc[(A, "pause", "served", "certain")]
    assert set(served["reason"]) == {"disconnected"}
    assert set(served["reached_share"]) == {0.75}
    assert "travel.straight_line" not in set(answer.findings["code"])


@pytest.mark.parametrize("cutoff", [-1.0, float("nan"), float("inf"), "far", None])
def test_cutoffs_that_are_none(cutoff: float, world: World) -> None:
    for cutoffs in ([1.0, cutoff], cutoff):
        with pytest.raises(InputError, match=r"cutoffs: .* is not a distance or a duration; give numbers of 0 or more"):
            world.assess(cutoffs=cutoffs)  # type: ignore[arg-type]


@pytest.mark.parametrize("by", [3, None, ["family"]])
def test_what_services_cannot_be_grouped_by(by: object, world: World) -> None:
    with pytest.raises(MissingColumnError, match=r"services: column .* is missing \(columns found: service_id"):
        world.assess(by=by)  # type: ignore[arg-type]


def test_no_cutoff_at_all_gives_distances_alone(world: World) -> None:
    answer = world.assess(cutoffs=[])
    assert answer.coverage["cutoff"].isna().all()


def test_a_date_must_be_in_full(world: World) -> None:
    with pytest.raises(InputError, match="as_of: '2022' is not a date"):
        world.assess(as_of="2022")


# --- what it notices --------------------------------------------------------------------------------------------------


def _ids(answer: rg.Assessment, code: str) -> set[str]:
    rows = answer.findings[answer.findings["code"] == code]
    assert len(rows) <= 1
    return set("; ".join(rows["ids"]).split("; ")) - {""}


def test_findings_of_the_small_world(world_answer: rg.Assessment) -> None:
    assert _ids(world_answer, "service.status_unknown") == {"silent"}
    assert _ids(world_answer, "service.no_site") == {"doubtful"}
    assert _ids(world_answer, "site.located_not_served") == {"court-1"}
    codes = set(world_answer.findings["code"])
    assert {"boundaries.missing_authorities", "travel.straight_line"} <= codes
    assert {"demand.proxy", "site.outside", "demand.in_no_authority", "date.outside_vintage"} & codes == set()
    assert int(world_answer.findings.set_index("code").loc["boundaries.missing_authorities", "count"]) == 153 - 4


def test_findings_of_the_small_world_agree_with_their_number(world_answer: rg.Assessment) -> None:
    said = world_answer.findings.set_index("code")["message"]
    assert said["site.located_not_served"] == "1 site sits in an authority that its operating service does not serve"
    assert said["service.no_site"] == "1 service has no site, so no distance is taken to it"


def test_the_readme_counts_those_that_sit_and_serve_apart(november_2022: rg.Assessment) -> None:
    text = " ".join((Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8").split())
    gaps = november_2022.gaps
    known = gaps["any"].isin(["served", "part"])
    unserved = gaps[~known & (gaps["any_located"] > 0)]
    # Of one of them it is unknown, which is not the same as not served.
    assert dict(zip(unserved["authority_name"], unserved["any"], strict=True)) == {
        "Buckinghamshire": "unknown",
        "Hounslow": "none_recorded",
        "Manchester": "none_recorded",
    }
    lacking = int((known & (gaps["any_located"] == 0)).sum())
    assert (
        f"{lacking} of the {int(known.sum())} authorities served have no operating service in them, "
        f"and {len(unserved)} that have one are not known to be served by any"
    ) in text


def test_each_finding_says_what_to_do(july_2021: rg.Assessment, november_2022: rg.Assessment) -> None:
    for answer in (july_2021, november_2022):
        assert (answer.findings[["message", "remedy"]] != "").all(axis=None)
        assert answer.findings["code"].is_unique
        assert set(answer.findings["severity"]) <= {"warning", "info"}


def test_the_traps_are_noticed(july_2021: rg.Assessment) -> None:
    located = july_2021.located.set_index("site_id")["authority_name"]
    elsewhere = {located[site] for site in _ids(july_2021, "site.located_not_served")}
    assert {"Wolverhampton", "Hounslow"} <= elsewhere
    # Herefordshire, Cheshire West and Chester, Shropshire, Gloucestershire; Northumberland, Cumbria.
    assert _ids(july_2021, "coverage.land_border") == {
        *("E06000019", "E06000050", "E06000051", "E10000013", "E06000057", "E10000006")
    }
    assert "Scotland" in july_2021.findings.set_index("code").loc["coverage.land_border", "message"]
    assert _ids(july_2021, "site.imprecise") == set(
        july_2021.directory.sites.query("precision == 'authority'")["site_id"]
    ) or _ids(july_2021, "site.imprecise") < set(july_2021.directory.sites["site_id"])


def test_proxy_of_people_is_noticed_where_it_is_used(july_2021: rg.Assessment) -> None:
    assert "demand.proxy" in set(july_2021.findings["code"])


def test_a_date_outside_the_vintages_takes_the_nearest_and_says_so(
    directory: rg.Directory, demand: gpd.GeoDataFrame
) -> None:
    early = rg.assess(directory, demand=demand.head(1), as_of="2015-06-01")
    finding = early.findings.set_index("code").loc["date.outside_vintage"]
    assert "2015-06-01" in finding["message"]
    assert "2019-04-01" in finding["message"]
    assert early.boundaries.vintage.label == "2019-04-01"
    inside = rg.assess(directory, demand=demand.head(1), as_of="2019-04-01")
    assert "date.outside_vintage" not in set(inside.findings["code"])


def test_boundaries_of_another_date_than_the_answers_are_noticed(
    directory: rg.Directory, demand: gpd.GeoDataFrame
) -> None:
    answer = rg.assess(directory, rg.load_boundaries("2024-01-01"), demand.head(1), as_of="2022-11-01")
    codes = set(answer.findings["code"])
    assert {"date.outside_vintage", "footprint.carried"} <= codes
    assert len(answer.gaps) == 153


def test_footprints_that_are_carried_are_counted_as_they_were_declared(world: World) -> None:
    """One declared on Cumbria comes to two authorities; three on its districts come to one."""
    frame = world.squares.assign(authority_code=["E06000063", "E06000064", C, D])
    boundaries = rg.Boundaries.from_frame(frame, valid_from="2023-04-01")
    for codes, n in (
        (["E10000006"], "1 footprint was declared"),
        (["E07000026", "E07000028", "E07000029"], "3 footprints were"),
    ):
        first = world.footprints.iloc[0].to_dict()
        world.footprints = pd.DataFrame([{**first, "authority_code": code} for code in codes])
        answer = rg.assess(world.directory(), boundaries, world.demand)
        found = answer.findings.set_index("code").loc["footprint.carried"]
        assert found["message"].startswith(n)


def test_carried_footprints_are_noticed(directory: rg.Directory, demand: gpd.GeoDataFrame) -> None:
    later = rg.assess(directory, demand=demand.head(1), as_of="2023-04-15")
    assert _ids(later, "footprint.carried") == set(later.served.loc[later.served["carried_from"] != "", "service_id"])
    assert _ids(later, "footprint.carried")


def test_sites_outside_and_without_a_point_are_noticed(world: World) -> None:
    world.sites.loc[0, "geometry"] = None
    world.sites.loc[1, "geometry"] = Point(500_000, 500_000)
    directory, boundaries = world.directory(), world.boundaries()
    located = locate_sites(directory, boundaries)
    assert located["position"].tolist() == ["no_point", "outside", "inside", "inside", "inside"]
    assert located.loc[[0, 1], "authority_code"].isna().all()
    world.sites = world.sites.drop(index=0)
    assert _ids(world.assess(), "site.outside") == {"court-1"}


def test_a_site_on_a_border_is_noticed(world: World) -> None:
    # A corner of the squares, taken through the same operation as the squares, so that both come back to one place.
    world.squares = world.squares.set_geometry(to_wgs84(world.squares, "squares"))
    world.sites = world.sites.set_geometry(to_wgs84(world.sites, "sites"))
    corner = max(world.squares.geometry.iloc[3].exterior.coords[:-1], key=sum)
    world.sites.loc[0, "geometry"] = Point(corner)
    answer = world.assess()
    assert _ids(answer, "site.border") == {"home-1"}
    assert answer.located.set_index("site_id").loc["home-1", "authority_code"] == D


@pytest.mark.parametrize("at", [(53.5, -1.9), (0.0, 0.0)])
def test_sites_that_can_only_be_a_mistake_are_refused(at: tuple[float, float], world: World) -> None:
    world.sites = world.sites.set_geometry(to_wgs84(world.sites, "sites"))
    world.sites.loc[1, "geometry"] = Point(at)
    with pytest.raises(GeometryError, match=r"latitude first|lies at 0,0"):
        world.assess()


# --- provenance -------------------------------------------------------------------------------------------------------


def test_digest_is_the_same_for_the_same_tables_in_any_order(directory: rg.Directory, demand: gpd.GeoDataFrame) -> None:
    few = demand.head(50)
    mixed = rg.Directory.from_tables(
        **{
            t: getattr(directory, t).sample(frac=1, random_state=5)
            for t in ("services", "sites", "footprints", "status", "published", "searched")
        },
        source=directory.source,
    )
    one = rg.assess(directory, demand=few).provenance
    two = rg.assess(mixed, demand=few.sample(frac=1, random_state=6)).provenance
    assert one["digest"] == two["digest"]
    assert one["inputs"] == two["inputs"]


@pytest.mark.parametrize(
    "change", ["services", "footprints", "status", "sites", "demand", "squares", "cutoffs", "by", "date"]
)
def test_digest_changes_with_every_input_and_parameter(change: str, world: World) -> None:
    world.services["stage"] = "all"
    before = world.assess().provenance["digest"]
    options: dict[str, object] = {}
    match change:
        case "services":
            world.services.loc[3, "name"] = "Other"
        case "footprints":
            world.footprints.loc[0, "certainty"] = "inferred"
        case "status":
            world.status.loc[0, "observed_from"] = "2019"
        case "sites":
            world.sites.loc[0, "geometry"] = Point(405_001, 405_000)
        case "demand":
            world.demand.loc[0, "weight"] = 1.5
        case "squares":
            world.squares.loc[0, "authority_name"] = "Hartlepol"
        case "cutoffs":
            options["cutoffs"] = [1.0]
        case "by":
            options["by"] = "stage"
        case "date":
            options["as_of"] = "2023-06-02"
    assert world.assess(**options).provenance["digest"] != before


def test_a_shift_of_a_cell_from_one_column_to_the_next_changes_the_digest() -> None:
    from rcp_geo.provenance import digest_table

    one = pd.DataFrame({"a": ["x", ""], "b": ["", "y"]})
    two = pd.DataFrame({"a": ["", "x"], "b": ["", "y"]})
    assert digest_table(one) != digest_table(two)
    assert digest_table(one) == digest_table(one[["b", "a"]].iloc[::-1])
    assert digest_table(one) == digest_table(one.replace("", None))


def test_provenance_says_what_the_answers_were_made_from(july_2021: rg.Assessment) -> None:
    provenance = july_2021.provenance
    by_name = {record["name"]: record for record in provenance["inputs"]}
    assert by_name["directory.services"]["rows"] == 83
    assert by_name["demand"]["rows"] == 32_844
    assert by_name["boundaries"]["vintage"] == "2021-04-01/2023-03-31"
    assert by_name["boundaries"]["licence"] == "Open Government Licence v3.0"
    assert all(re.fullmatch(r"[0-9a-f]{64}", record["sha256"]) for record in provenance["inputs"])
    # Nothing that ships is without its date, its terms and its source.
    assert [(r["name"], k) for r in provenance["inputs"] for k in ("vintage", "licence", "source") if not r[k]] == []
    assert by_name["demand"]["vintage"] == "2011-12-31"
    assert by_name["demand"]["licence"] == resources.entry("demand")["licence"]
    assert by_name["demand"]["source"] == resources.entry("demand")["attribution"]
    assert by_name["directory.status"]["vintage"] == "2022-11-01"
    assert by_name["directory.status"]["licence"] == resources.entry("directory_status")["licence"]
    # The points of the sites are of postcodes, under terms of their own.
    assert by_name["directory.sites"]["licence"] == "CC BY 4.0; Open Government Licence v3.0"
    assert "Royal Mail" in by_name["directory.sites"]["source"]
    assert provenance["parameters"]["as_of"] == "2021-07-01"
    assert provenance["parameters"]["model"]["model"] == "geodesic"
    assert provenance["parameters"]["cutoffs"] == pytest.approx([8046.72, 16093.44, 32186.88])
    assert {"python", "rcp_geo", "pyproj", "shapely"} <= set(provenance["versions"])
    assert json.loads(json.dumps(provenance, allow_nan=False)) == provenance


def test_provenance_claims_nothing_of_what_the_user_brought(world_answer: rg.Assessment) -> None:
    records = {r["name"]: r for r in world_answer.provenance["inputs"]}
    brought = [records["demand"], *(r for name, r in records.items() if name.startswith("directory."))]
    assert {r["licence"] for r in brought} == {""}
    assert "embedded" not in {word for r in brought for word in r["source"].split()}


def test_provenance_knows_the_embedded_demand_by_its_content(world: World, demand: gpd.GeoDataFrame) -> None:
    own = demand.assign(weight=2.0)
    said = {}
    for name, frame in (("embedded", demand.iloc[::-1]), ("own", own)):
        found = rg.assess(demand=frame).provenance["inputs"]
        said[name] = next(r["licence"] for r in found if r["name"] == "demand")
    assert said == {"embedded": "Open Government Licence v3.0", "own": ""}


# --- saving -----------------------------------------------------------------------------------------------------------


def test_saved_files_hold_the_answers(july_2021: rg.Assessment, tmp_path: Path) -> None:
    folder = july_2021.save(tmp_path / "out")
    assert {p.name for p in folder.iterdir()} == FILES
    gaps = pd.read_csv(folder / "gaps.csv", keep_default_na=False).set_index("authority_code")
    assert gaps["pause"].equals(july_2021.gaps["pause"].astype(gaps["pause"].dtype))
    assert len(gaps) == 152
    coverage = pd.read_csv(folder / "coverage.csv")
    assert len(coverage) == len(july_2021.coverage)
    # Numbers are written in their shortest exact form.
    with (folder / "coverage.csv").open(newline="", encoding="utf-8") as file:
        values = [float(row["value"] or "nan") for row in csv.DictReader(file)]
    assert np.array_equal(values, july_2021.coverage["value"], equal_nan=True)
    near = pd.read_parquet(folder / "nearest.parquet")
    assert len(near) == len(july_2021.nearest)
    assert json.loads((folder / "provenance.json").read_text())["digest"] == july_2021.provenance["digest"]
    for name in ("summary", "located", "served", "findings"):
        assert len(pd.read_csv(folder / f"{name}.csv")) == len(getattr(july_2021, name))


def test_saved_polygons_open_with_the_gap_columns(july_2021: rg.Assessment, tmp_path: Path) -> None:
    folder = july_2021.save(tmp_path / "out")
    layer = gpd.read_file(folder / "authorities.gpkg")
    assert len(layer) == 152
    assert layer.crs == "EPSG:27700"
    assert {"authority_code", "pause", "fdac", "local", "any", "any_services", "fdac_located"} <= set(layer.columns)
    assert (layer.set_index("authority_code")["any"] == july_2021.gaps["any"]).all()
    assert layer.geometry.geom_equals(july_2021.boundaries.frame.geometry).all()


def test_an_earlier_result_is_replaced_only_if_told(world_answer: rg.Assessment, tmp_path: Path) -> None:
    folder = world_answer.save(tmp_path / "out")
    (folder / "gaps.csv").write_text("old")
    with pytest.raises(InputError, match=rf"{folder}: the folder exists; choose another, or say .* overwritten"):
        world_answer.save(folder)
    assert (folder / "gaps.csv").read_text() == "old"
    world_answer.save(folder, overwrite=True)
    assert (folder / "gaps.csv").read_text() != "old"
    assert {p.name for p in folder.iterdir()} == FILES | {"inputs"}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_what_a_user_put_beside_an_earlier_result_is_never_lost(world_answer: rg.Assessment, tmp_path: Path) -> None:
    folder = world_answer.save(tmp_path / "out")
    (folder / "project.qgz").write_text("my map")
    (folder / "notes").mkdir()
    with pytest.raises(InputError, match=r"would be lost \(notes, project\.qgz\); move it, or choose another folder"):
        world_answer.save(folder, overwrite=True)
    assert (folder / "project.qgz").read_text() == "my map"
    assert {p.name for p in folder.iterdir()} == FILES | {"inputs", "project.qgz", "notes"}
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_what_systems_leave_in_a_folder_and_files_of_another_result_of_ours_are_replaced(
    world_answer: rg.Assessment, tmp_path: Path
) -> None:
    folder = world_answer.save(tmp_path / "out")
    for name in (".DS_Store", "overlay.csv", "overlay_changes.csv"):
        (folder / name).write_text("x")
    world_answer.save(folder, overwrite=True)
    assert {p.name for p in folder.iterdir()} == FILES | {"inputs"}


def test_what_is_not_an_earlier_result_is_never_replaced(world_answer: rg.Assessment, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all my work")
    (tmp_path / "file").write_text("x")
    for overwrite in (False, True):
        with pytest.raises(InputError, match="choose another"):
            world_answer.save(tmp_path / "mine", overwrite=overwrite)
        with pytest.raises(InputError, match="a file of this name exists"):
            world_answer.save(tmp_path / "file", overwrite=overwrite)
        with pytest.raises(InputError, match="does not exist; make it first"):
            world_answer.save(tmp_path / "no" / "where", overwrite=overwrite)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "all my work"


def test_an_empty_folder_is_filled(world_answer: rg.Assessment, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    world_answer.save(str(tmp_path / "out"))
    assert {p.name for p in (tmp_path / "out").iterdir()} == FILES | {"inputs"}


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_failing_write_leaves_nothing_and_loses_nothing(
    overwrite: bool, world_answer: rg.Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    before: dict[str, str] = {}
    if overwrite:
        world_answer.save(folder)
        before = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(gpd.GeoDataFrame, "to_file", full)
    with pytest.raises(
        InputError, match=r"out: cannot be written \(no space left on device\); choose another name or place"
    ):
        world_answer.save(folder, overwrite=overwrite)
    assert {p.name for p in tmp_path.iterdir()} == ({"out"} if overwrite else set())
    if overwrite:
        after = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}
        assert after == before


@pytest.mark.parametrize("name", ["=1+1", "+44", "-2", "@SUM(A1)", "\tx", "\r=1"])
def test_no_text_runs_as_a_formula(name: str, world: World, tmp_path: Path) -> None:
    world.services.loc[0, "name"] = name
    world.sites["place"] = name
    folder = world.assess().save(tmp_path / "out")
    assert _cells(folder / "served.csv", "name")[0] == f"'{name}"


def test_no_heading_runs_as_a_formula(world: World, tmp_path: Path) -> None:
    call = "=cmd|' /C calc'!A0"
    world.services["kind"] = [call, "@SUM(A1)"] * (len(world.services) // 2)
    answer = rg.assess(world.directory(), world.boundaries(), world.demand, by="kind")
    folder = answer.save(tmp_path / "out")
    for path in folder.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "@"))], path.name
    with (folder / "gaps.csv").open(newline="", encoding="utf-8") as file:
        assert f"'{call}" in next(csv.reader(file))
    # In the answer itself a group is what its table calls it.
    assert call in answer.groups


@pytest.mark.parametrize("name", ["Pause\r=1+1", "Pause\n=1+1", 'Pause", "=1+1', "Pause;=1+1"])
def test_no_text_breaks_out_of_its_cell(name: str, world: World, tmp_path: Path) -> None:
    world.services.loc[0, "name"] = name
    folder = world.assess().save(tmp_path / "out")
    assert _cells(folder / "served.csv", "name")[0] == name


def test_negative_numbers_are_numbers() -> None:
    assert to_csv_text(pd.DataFrame({"x": [-1.5]})) == "x\n-1.5\n"


def _cells(path: Path, column: str) -> list[str]:
    """Read a column by the rules of RFC 4180, under which a bare return ends a row."""
    with path.open(newline="", encoding="utf-8") as file:
        return [row[column] for row in csv.DictReader(file)]


def test_csv_files_are_utf8_with_plain_line_ends(world: World, tmp_path: Path) -> None:
    world.services.loc[0, "name"] = "Gwasanaeth Ôl-eni, “Pause”"
    folder = world.assess().save(tmp_path / "out")
    content = (folder / "served.csv").read_bytes()
    assert b"\r" not in content
    assert "Gwasanaeth Ôl-eni, “Pause”".encode() in content


def test_two_runs_write_the_same_tables(world: World, tmp_path: Path) -> None:
    one, two = world.assess().save(tmp_path / "one"), world.assess().save(tmp_path / "two")
    for name in sorted(FILES):
        assert (one / name).read_bytes() == (two / name).read_bytes(), name


# --- telling, citing, drawing -----------------------------------------------------------------------------------------


def test_the_answer_in_one_sentence(world_answer: rg.Assessment) -> None:
    said = world_answer.sentence()
    # Intervals in the order any, pause, fdac, local; one number where both ends meet.
    assert re.match(r"On 2023-06-01\b.*\b4 authorities\b", said)
    assert re.search(r"\b0 (to|and) 1\b.*\bpause 3\b.*\bfdac 2\b.*\blocal 2 to 4\b", said)
    assert "no service recorded in any family" in said
    assert repr(world_answer) == "<Assessment as of 2023-06-01: 4 authorities, 0 to 1 with no service recorded>"


def test_html_is_escaped(world: World) -> None:
    world.services["funder"] = ["<script>alert(1)</script>", "b", "b", "b", "b", "b & c"]
    html = world.assess(by="funder")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "b &amp; c" in html
    assert html.count("<table") == 1


def test_citation_as_text(july_2021: rg.Assessment) -> None:
    digest = july_2021.provenance["digest"]
    said = july_2021.cite()
    assert "2021-07-01" in said
    assert digest in said
    assert rg.__version__ in said
    assert rg.cite(july_2021) == said


def test_citation_as_bibtex(july_2021: rg.Assessment) -> None:
    said = july_2021.cite("bibtex")
    assert _parsed(said)["version"] == rg.__version__
    assert july_2021.provenance["digest"] in _parsed(said)["note"]
    assert rg.cite(july_2021, "bibtex") == said
    assert "rcp\\_geo" in _parsed(rg.cite(style="bibtex"))["title"]
    with pytest.raises(InputError, match="style: 'apa' is not known; use text, bibtex or csl-json"):
        july_2021.cite("apa")  # type: ignore[arg-type]


def _parsed(entry: str) -> dict[str, str]:
    """Read one BibTeX entry by its grammar, however small."""
    head = re.fullmatch(r"@software\{([^\s,{}\\%#~]+),\n(.*)\n\}", entry, re.DOTALL)
    assert head is not None
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},?$", head[2], re.MULTILINE))
    lines = head[2].splitlines()
    assert len(fields) == len(lines)
    assert [line.endswith(",") for line in lines] == [True] * (len(lines) - 1) + [False]
    for value in fields.values():
        assert value.count("{") == value.count("}")
        assert not re.search(r"(?<!\\)[_%&#]", value)
    return fields


@pytest.fixture
def axes() -> Iterator[ModuleType]:
    """Figures without a screen, closed afterwards."""
    pytest.importorskip("matplotlib").use("Agg")
    import matplotlib.pyplot as plt

    yield plt
    plt.close("all")


def test_a_map_of_the_answers(july_2021: rg.Assessment, axes: ModuleType) -> None:
    ax = july_2021.plot("pause")
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    row = july_2021.summary.loc["pause"]
    for label, answer in (("served", "served"), ("not known", "unknown"), ("none recorded", "none_recorded")):
        assert f"{label} ({row[answer]})" in words
    assert any(word.startswith("Pause") for word in words[5:])
    assert any(day in ax.get_title(loc="left") for day in ("2021-07-01", "1 July 2021"))
    said = " ".join(text.get_text() for text in ax.texts).replace("\n", " ")
    assert "Open Government Licence" in said
    # Every colour of the map differs from every other, and so does every hatch of coloured ones.
    colours = [patch.get_facecolor() for patch in ax.get_legend().get_patches()]
    assert len(set(colours)) == len(colours) == 5


def test_a_map_on_axes_of_ones_own_without_sites(world_answer: rg.Assessment, axes: ModuleType) -> None:
    _, mine = axes.subplots()
    assert world_answer.plot(ax=mine, sites=False) is mine
    words = [text.get_text() for text in mine.get_legend().get_texts()]
    assert words == ["served (2)", "served in part (1)", "not known (1)", "in development (0)", "none recorded (0)"]


def test_sites_on_the_map_are_those_that_operate_or_may(world_answer: rg.Assessment, axes: ModuleType) -> None:
    ax = world_answer.plot("any")
    words = [text.get_text() for text in ax.get_legend().get_texts()][5:]
    assert [word.split()[0].strip(",") for word in words[:3]] == ["Pause", "FDAC", "local"]
    assert "not known" in words[3]
    # home and court operate, silent may; planned and shut stay off the map.
    drawn = {tuple(round(v) for v in at) for c in ax.collections for at in c.get_offsets() if np.any(at)}
    assert drawn == {small.SITES[name] for name in ("home", "court", "silent")}


def test_a_map_of_groups_of_ones_own(world: World, axes: ModuleType) -> None:
    world.services["funder"] = ["x", "y", "z", "x", "y", "z"]
    words = [t.get_text() for t in world.assess(by="funder").plot("any").get_legend().get_texts()][5:]
    assert {"x", "y", "z"} <= {word.split()[0].strip(",") for word in words}


def test_a_map_of_no_group(world_answer: rg.Assessment) -> None:
    with pytest.raises(InputError, match="group: 'nobody' is not one of"):
        world_answer.plot("nobody")


def test_without_matplotlib_one_is_told_what_to_install(
    world_answer: rg.Assessment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [m for m in sys.modules if m.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError) as raised:
        world_answer.plot()
    assert str(raised.value) == ("matplotlib is not installed and this call needs it; run: pip install 'rcp-geo[viz]'")


# --- region by region and district by district ----------------------------------------------------------------------


def test_regions_count_the_answers_worked_by_hand(world_answer: rg.Assessment) -> None:
    """By the table in world.py: A and B are in the North East, C and D in Yorkshire and The Humber."""
    rows = world_answer.by_region()
    assert rows.columns.tolist()[:4] == ["area_code", "area_name", "group", "authorities"]
    counts = rows.set_index(["area_name", "group"])[
        ["served", "part", "unknown", "in_development", "none_recorded", "gap_min", "gap_max"]
    ]
    north, humber = "North East", "Yorkshire and The Humber"
    assert {key: tuple(row) for key, row in zip(counts.index, counts.to_numpy(), strict=True)} == {
        (north, "pause"): (1, 0, 0, 0, 1, 1, 1),
        (north, "fdac"): (0, 0, 0, 0, 2, 2, 2),
        (north, "local"): (0, 0, 1, 0, 1, 1, 2),
        (north, "any"): (1, 0, 1, 0, 0, 0, 1),
        (humber, "pause"): (0, 0, 0, 1, 1, 2, 2),
        (humber, "fdac"): (1, 1, 0, 0, 0, 0, 0),
        (humber, "local"): (0, 0, 1, 0, 1, 1, 2),
        (humber, "any"): (1, 1, 0, 0, 0, 0, 0),
    }


def test_regions_add_up_to_the_country(november_2022: rg.Assessment) -> None:
    rows = november_2022.by_region()
    assert rows["area_name"].nunique() == 9
    counts = ["authorities", "served", "part", "in_development", "unknown", "none_recorded", "gap_min", "gap_max"]
    totals = rows.groupby("group")[counts].sum()
    pd.testing.assert_frame_equal(totals, november_2022.summary.loc[totals.index, counts], check_names=False)


def test_authorities_without_a_region_are_in_none(world: World) -> None:
    world.squares["region_code"] = world.squares["region_name"] = ""
    assert world.assess().by_region().empty


def test_districts_answer_as_an_assessment_of_the_lower_tier_does(directory: rg.Directory) -> None:
    """By another way: the districts as the authorities of an assessment of their own."""
    day = "2018-06-01"
    rows = rg.assess(directory, as_of=day).by_district()
    lower = rg.assess(directory, rg.load_boundaries(day, level="lower"), as_of=day)
    groups = ["pause", "fdac", "local", "any"]
    pd.testing.assert_frame_equal(rows[groups], lower.gaps[groups])
    distances = [c for c in rows.columns if "distance" in c]
    assert len(distances) == 2 * len(groups)
    pd.testing.assert_frame_equal(rows[distances], lower.table()[distances])
    assert rows["upper_code"].tolist() == rg.recode(rows.index, to="2019-04-01", level="upper").tolist()
    assert (rows["upper_name"] != "").all()
    cumbria = rows[rows["upper_name"] == "Cumbria"].set_index("authority_name")["pause"]
    assert cumbria[cumbria == "served"].index.tolist() == ["Allerdale", "Copeland"]
    assert set(cumbria) == {"served", "none_recorded"}
    # Printed counts are of upper-tier authorities, and stand beside no others.
    assert lower.summary["published"].isna().all()
    assert rg.assess(directory, as_of="2021-07-01").summary["published"].notna().any()


def test_demand_of_districts_adds_up(november_2022: rg.Assessment) -> None:
    rows = november_2022.coverage_by_district()
    assert set(rows["area_type"]) == {"district"}
    assert rows.columns.tolist() == november_2022.coverage.columns.tolist()
    assert not rows.duplicated(["area_code", "group", "relation", "evidence", "metric_id", "cutoff"]).any()
    assert rows["area_code"].nunique() == 309
    # The mean over England is that over its districts, each weighted by its demand.
    own = rows[(rows["group"] == "any") & (rows["relation"] == "reached") & (rows["evidence"] == "certain")]
    means = own[own["metric_id"] == "rcp.access.mean_nearest@1"].set_index("area_code")["value"]
    located = rg.recode(november_2022.demand["district_code"], to="2022-11-01", level="lower").value_counts()
    england = november_2022.coverage[november_2022.coverage["area_type"] == "country"].set_index(
        ["group", "relation", "evidence", "metric_id"]
    )["value"]
    whole = england[("any", "reached", "certain", "rcp.access.mean_nearest@1")]
    assert (means * located).sum() / located.sum() == pytest.approx(whole)


# --- over roads -------------------------------------------------------------------------------------------------------


def _road(*lines: list[tuple[float, float]], **settings: object) -> rg.RoadNetwork:
    frame = gpd.GeoDataFrame(geometry=[LineString(line) for line in lines], crs="EPSG:27700")
    return rg.RoadNetwork.from_lines(frame, **settings)


def test_what_roads_do_not_reach_is_said(world: World) -> None:
    """A road across A to its service, and one of its own past d1 in D: everyone else is more than a kilometre from both."""
    network = _road(
        [(402_000, 401_000), (405_000, 405_000), (405_000, 408_000)], [(414_000, 411_000), (416_000, 411_000)]
    )
    answer = world.assess(model=network, cutoffs=[4_000])
    # a1 and a3 by the road; a2 is 4 km from it, d1 is on one that leads nowhere.
    reached = answer.nearest.query("group == 'any' and relation == 'reached' and evidence == 'possible'").set_index(
        "demand_id"
    )
    assert reached.loc[["a1", "a3"], "distance_m"].tolist() == pytest.approx([3_000, 5_000], abs=0.01)
    assert reached.loc[["a2", "d1"], "status"].tolist() == ["unsnapped", "disconnected"]
    said = answer.findings[answer.findings["table"] == "demand"].set_index("code")["message"]
    assert said["travel.unsnapped"].startswith("9 demand points, with 76.5% of the weight, are too far from any road")
    assert said["travel.disconnected"].startswith(
        "1 demand points, with 5.9% of the weight, are on roads that lead to no"
    )
    sites = answer.findings[(answer.findings["table"] == "sites") & (answer.findings["code"] == "travel.unsnapped")]
    # court, silent and planned; shut stands a kilometre to the west of the road's end and is just on it.
    assert sites["ids"].tolist() == ["court-1; silent-1; planned-1"]
    assert sites["message"].item().startswith("3 sites are too far")
    assert (answer.gaps["any"] == world.assess().gaps["any"]).all()
    assert answer.coverage["value"].isna().any()


def test_a_network_that_everyone_is_on_has_nothing_to_say(world: World) -> None:
    grid = [[(x, 400_000), (x, 420_000)] for x in range(400_000, 421_000, 1_000)]
    grid += [[(400_000, y), (420_000, y)] for y in range(400_000, 421_000, 1_000)]
    answer = world.assess(model=_road(*grid))
    assert not answer.findings["code"].str.startswith("travel.").any()


def test_sites_without_a_point_are_no_matter_for_roads(world: World) -> None:
    world.sites["geometry"] = None
    answer = world.assess(model=_road([(402_000, 401_000), (405_000, 408_000)]))
    assert set(answer.findings.loc[answer.findings["code"].str.startswith("travel."), "table"]) == {"demand"}
