"""A saved folder: made again from itself, and every change in it named."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely import GeometryCollection, Point, to_wkb
from typer.testing import CliRunner

import rcp_geo as rg
from rcp_geo import _inputs, verification
from rcp_geo.cli import app
from rcp_geo.errors import InputError, IntegrityError
from rcp_geo.io.saved import json_text, read_parquet_exactly, sealed, write_input
from rcp_geo.provenance import digest_inputs, digest_table
from rcp_geo.schema import TABLES, Finding
from tests import world as small
from tests.roads import lines
from tests.world import A, World

CUTOFFS = [4_500.0, 9_000.0]
OUTPUTS = [
    *("authorities.gpkg", "coverage.csv", "datapackage.json", "findings.csv", "gaps.csv", "located.csv"),
    *("nearest.parquet", "regions.csv", "served.csv", "summary.csv"),
]
INPUTS = [f"inputs/directory_{t}.parquet" for t in TABLES] + ["inputs/boundaries.parquet", "inputs/demand.parquet"]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small world's answer, saved; not to be changed."""
    return small.draw().assess(cutoffs=CUTOFFS).save(tmp_path_factory.mktemp("saved") / "out")


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """A copy of it in another place."""
    return Path(shutil.copytree(original, tmp_path / "copy"))


def codes(found: rg.Verification, severity: str = "error") -> list[tuple[str, str]]:
    rows = found.findings[found.findings["severity"] == severity]
    return list(zip(rows["code"], rows["table"], strict=True))


def edit(folder: Path, change: Callable[[dict[str, Any]], object], *, seal: bool = True) -> None:
    """Change the record of a folder, and, as someone who knows how would, write its digests anew."""
    said = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    change(said)
    if seal:
        said["digest"] = digest_inputs(said["inputs"], said["parameters"])
        said = sealed(said)
    (folder / "provenance.json").write_text(json_text(said), encoding="utf-8")


def forge(folder: Path, path: str, content: bytes) -> None:
    """Put other content in a file and its digest in the record."""
    (folder / path).write_bytes(content)

    def change(said: dict[str, Any]) -> None:
        files = [*said["outputs"], *(r["file"] for r in said["inputs"] if "file" in r)]
        (file,) = [f for f in files if f["path"] == path]
        file |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    edit(folder, change)


# --- it holds ---------------------------------------------------------------------------------------------------------


def test_a_plan_is_the_same_from_a_saved_folder(original: Path) -> None:
    answer = small.draw().assess(cutoffs=CUTOFFS)
    again = rg.read_assessment(original)
    assert again.provenance["digest"] == answer.provenance["digest"]
    for table in ("gaps", "coverage", "findings"):
        pd.testing.assert_frame_equal(getattr(again, table), getattr(answer, table))
    for model, options in (("mclp", {"cutoff": 4_500.0, "p": 2}), ("p-median", {"p": 1})):
        plans = [a.plan("pause", model=model, **options) for a in (answer, again)]  # type: ignore[arg-type]
        assert plans[0].sites == plans[1].sites
        assert plans[0].objective == plans[1].objective


@pytest.mark.parametrize("path", ["inputs/demand.parquet", "provenance.json"])
def test_an_answer_is_not_made_again_from_what_was_changed(folder: Path, path: str) -> None:
    content = (folder / path).read_bytes()
    if path == "provenance.json":
        edit(folder, lambda said: said["counts"].update(services=99), seal=False)
    else:
        (folder / path).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(IntegrityError, match=path):
        rg.read_assessment(folder)


def test_an_answer_is_made_again_though_what_was_made_of_it_is_gone(folder: Path) -> None:
    (folder / "gaps.csv").unlink()
    assert len(rg.read_assessment(folder).gaps) == 4


def test_an_answer_is_not_made_again_without_its_inputs(tmp_path: Path) -> None:
    folder = small.draw().assess().save(tmp_path / "out", inputs=False)
    with pytest.raises(IntegrityError, match="left out of the folder"):
        rg.read_assessment(folder)


def test_what_was_said_of_demand_when_it_was_read_is_said_again(world: World, tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"id": ["a", "b", "far"], "people": [3, 4, 5], "easting": 405_000, "northing": [401_000, 405_000, 407_000]}
    )
    world.demand = rg.read_demand(table, attribution="A count of ours", licence="OGL-UK-3.0", vintage="2021")
    answer = world.assess(cutoffs=CUTOFFS)
    assert world.demand.attrs["findings"]
    (record,) = [r for r in answer.provenance["inputs"] if r["name"] == "demand"]
    assert (record["source"], record["licence"], record["vintage"]) == ("A count of ours", "OGL-UK-3.0", "2021")
    found = rg.verify(answer.save(tmp_path / "out"))
    assert found.holds, str(found)


def test_a_copy_in_another_place_holds(folder: Path) -> None:
    found = rg.verify(folder)
    assert found.holds
    assert found.recomputed
    assert found.findings.empty
    assert found.differences.empty
    assert str(found) == f"The figures hold. Digest {found.digest}"
    assert "The figures hold." in found._repr_html_()
    assert rg.verify(str(folder)).digest == found.digest


def test_nothing_in_the_folder_is_changed(folder: Path) -> None:
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    rg.verify(folder)
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_the_embedded_answer_holds_without_any_input_in_the_folder(
    november_2022: rg.Assessment, tmp_path: Path
) -> None:
    folder = november_2022.save(tmp_path / "out")
    assert not (folder / "inputs").exists()
    said = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert {r["embedded"] for r in said["inputs"]} == {True}
    found = rg.verify(folder)
    assert found.holds, str(found)
    # The demand was left to the library, which is said.
    assert "demand.proxy" in (folder / "findings.csv").read_text(encoding="utf-8")


def test_an_embedded_table_in_another_order_is_kept_as_it_was(world: World, tmp_path: Path) -> None:
    demand = rg.load_demand().iloc[::-1].reset_index(drop=True)
    answer = rg.assess(demand=demand)
    assert answer.provenance["digest"] == rg.assess().provenance["digest"]
    assert list(_inputs.stored_tables(answer._inputs, answer.directory, answer.boundaries, answer.demand)) == ["demand"]


def mixed(world: World, seed: int) -> World:
    """The same world with its rows and columns in another order, and other types for its values."""

    def shuffle(frame: Any) -> Any:
        columns = [c for c in frame.columns if c != "geometry"][::-1]
        columns += ["geometry"] if "geometry" in frame.columns else []
        return frame.sample(frac=1, random_state=seed)[columns]

    tables = {name: shuffle(table) for name, table in vars(world).items() if table is not None}
    tables["services"] = tables["services"].astype("string")
    tables["footprints"] = tables["footprints"].astype(object)
    tables["status"] = tables["status"].astype("category")
    tables["demand"]["weight"] = tables["demand"]["weight"].astype("int64")
    return World(**tables)


@pytest.mark.parametrize("seed", range(3))
def test_the_digest_is_the_same_in_any_order_and_for_any_types(seed: int, original: Path, tmp_path: Path) -> None:
    answer = mixed(small.draw(), seed).assess(cutoffs=CUTOFFS[::-1])
    folder = answer.save(tmp_path / "other")
    one, two = rg.verify(original), rg.verify(folder)
    assert one.holds
    assert two.holds, str(two)
    assert one.digest == two.digest == answer.provenance["digest"]
    first = pd.read_csv(original / "gaps.csv", index_col="authority_code")
    pd.testing.assert_frame_equal(pd.read_csv(folder / "gaps.csv", index_col="authority_code"), first)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ([1, 2], [1.0, 2.0]),
        ([1, 2], ["1", "2"]),
        (pd.array([1, None], dtype="Int64"), [1.0, np.nan]),
        (pd.array(["a", None], dtype="string"), np.array(["a", None], dtype=object)),
        (pd.Categorical(["a", "b"]), ["a", "b"]),
        ([0.1, -0.0], [0.1, 0]),
        (pd.to_datetime(["2021-01-02", "2021-01-03"]), ["2021-01-02", "2021-01-03"]),
        (pd.array([0.5, 7], dtype="Float64"), np.array([0.5, 7], dtype=object)),
    ],
)
def test_the_types_of_values_do_not_enter_a_digest(one: Any, two: Any) -> None:
    assert digest_table(pd.DataFrame({"a": one})) == digest_table(pd.DataFrame({"a": two}))


def test_what_does_enter_a_digest() -> None:
    at = gpd.GeoDataFrame({"a": [1]}, geometry=[Point(400_000, 300_000)], crs=27700)
    assert digest_table(at) != digest_table(at.set_crs(3857, allow_override=True))
    assert digest_table(at) != digest_table(at.set_crs(None, allow_override=True))
    assert digest_table(at) == digest_table(gpd.GeoDataFrame(at[["geometry", "a"]]))
    one, two = pd.DataFrame({"a": ["x\x1fy"], "b": ["z"]}), pd.DataFrame({"a": ["x"], "b": ["y\x1fz"]})
    assert digest_table(one) != digest_table(two)
    rows = pd.DataFrame({"a": [1, 2]})
    assert digest_table(rows) == digest_table(rows[::-1])
    assert digest_table(rows, ordered=True) != digest_table(rows[::-1], ordered=True)


def test_where_a_table_was_kept_does_not_enter_the_digest(world: World) -> None:
    one = world.directory()
    moved = replace(one, source="elsewhere", noticed=(Finding("row.blank", "info", "x", "", (), "a", "b"),))
    digests = {rg.assess(d, world.boundaries(), world.demand).provenance["digest"] for d in (one, moved)}
    assert len(digests) == 1


def test_ties_go_to_the_smallest_id_in_any_order(world: World) -> None:
    twin = world.sites.loc[world.sites["site_id"] == "home-1"].assign(site_id="home-0")
    world.sites = pd.concat([world.sites, twin], ignore_index=True)
    for sites in (world.sites, world.sites[::-1]):
        world.sites = sites
        near = world.assess().nearest
        own = near[(near["group"] == "pause") & (near["relation"] == "served") & (near["status"] == "reached")]
        assert set(own["site_id"]) == {"home-0"}


def test_what_was_noticed_on_reading_is_part_of_the_answer_made_again(tmp_path: Path) -> None:
    mine = pd.DataFrame(
        {
            "name": ["One", "Two"],
            "family": ["local", ""],
            "postcode": ["HU1 1AA", "LS1 1UR"],
            "served": ["Hull", "Leeds"],
        }
    )
    with pytest.warns(rg.errors.InputWarning):
        directory = rg.read_directory(mine, as_of="2023-06-01")
    world = small.draw()
    answer = rg.assess(directory, world.boundaries(), world.demand)
    assert answer.provenance["counts"]["left_out.service.no_family"] == 1
    found = rg.verify(answer.save(tmp_path / "out"))
    assert found.holds, str(found)


def test_an_overlaid_directory_holds(tmp_path: Path) -> None:
    world = small.draw()
    mine = pd.DataFrame({"name": ["Nest"], "family": ["local"], "served": ["Hartlepool"], "postcode": ["TS24 7AA"]})
    both = world.directory().overlay(rg.read_directory(mine, as_of="2023-06-01"))
    answer = rg.assess(both, world.boundaries(), world.demand)
    folder = answer.save(tmp_path / "out")
    assert (folder / "inputs" / "base_services.parquet").is_file()
    changes = pd.read_csv(folder / "overlay_changes.csv")
    assert [A, "local", "none_recorded", "served"] in changes[
        ["authority_code", "group", "before", "after"]
    ].values.tolist()
    assert rg.verify(folder).holds, str(rg.verify(folder))
    # Once more, over the embedded directory, whose tables are then not written.
    more = rg.load_directory().overlay(rg.read_directory(mine, as_of="2023-06-01"))
    second = rg.assess(more, world.boundaries(), world.demand).save(tmp_path / "second")
    assert not list((second / "inputs").glob("base_*"))
    assert rg.verify(second).holds, str(rg.verify(second))


# --- models -----------------------------------------------------------------------------------------------------------


def roads(**settings: Any) -> rg.RoadNetwork:
    """Two roads across the small world, which leave most of its places too far away."""
    frame = lines([(400_000, 405_000), (420_000, 405_000)], [(405_000, 400_000), (405_000, 420_000)])
    return rg.RoadNetwork.from_lines(frame.assign(highway="primary", maxspeed="30 mph"), **settings)


def test_a_circuity_is_made_again(tmp_path: Path) -> None:
    world = small.draw()
    places = world.sites[world.sites["site_id"].isin(["home-1", "silent-1"])]
    calibrated = rg.Circuity.calibrate(roads(max_snap_m=5_000.0), world.demand, places)
    for i, model in enumerate((rg.Circuity(1.3, "made up"), calibrated)):
        folder = world.assess(model=model).save(tmp_path / str(i))
        found = rg.verify(folder)
        assert found.holds, str(found)


@pytest.mark.parametrize("impedance", ["length", "time"])
def test_roads_are_asked_for_and_must_be_the_same(impedance: Any, tmp_path: Path) -> None:
    world, model = small.draw(), roads(impedance=impedance)
    folder = world.assess(model=model, cutoffs=[900.0]).save(tmp_path / "out")
    counts = json.loads((folder / "provenance.json").read_text())["counts"]
    # On the roads are only a1, a2, c1 and c2, and within a kilometre of them none of the rest.
    assert counts["nearest_not_reached.pause.reached.certain.unsnapped"] == 8
    assert counts["nearest_not_reached.pause.reached.certain"] == 8
    assert counts["noticed.travel.unsnapped"] == 8 + 2
    alone = rg.verify(folder)
    assert not alone.holds
    assert not alone.recomputed
    assert codes(alone) == [("model.needed", "provenance.json")]
    assert "--network FILE" in str(alone)
    assert "They were not recomputed." in str(alone)
    assert rg.verify(folder, model=model).holds
    other = roads(impedance=impedance, max_snap_m=999.0)
    with pytest.raises(InputError, match=r"is not the model of the answer, .*: it differs in .*max_snap_m"):
        rg.verify(folder, model=other)
    with pytest.raises(InputError, match="geodesic is not the model of the answer"):
        rg.verify(folder, model=rg.Geodesic())


def test_a_matrix_is_asked_for(tmp_path: Path) -> None:
    world = small.draw()
    pairs = rg.costs(world.demand, world.sites, rg.Geodesic()).pairs
    model = rg.TravelMatrix(pairs[["origin_id", "destination_id", "cost"]], unit="m")
    folder = world.assess(model=model, cutoffs=CUTOFFS).save(tmp_path / "out")
    assert codes(rg.verify(folder)) == [("model.needed", "provenance.json")]
    assert rg.verify(folder, model=model).holds
    fewer = rg.TravelMatrix(pairs[["origin_id", "destination_id", "cost"]].iloc[1:], unit="m")
    with pytest.raises(InputError, match="differs in .*sha256"):
        rg.verify(folder, model=fewer)


# --- it does not ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "where"), [*((p, 0.5) for p in (*OUTPUTS, *INPUTS)), ("gaps.csv", 0.0), ("gaps.csv", 1.0)]
)
def test_a_flipped_byte_in_any_file_is_named(path: str, where: float, folder: Path) -> None:
    data = bytearray((folder / path).read_bytes())
    data[int(where * (len(data) - 1))] ^= 0x01
    (folder / path).write_bytes(data)
    found = rg.verify(folder)
    assert not found.holds
    assert ("file.changed", path) in codes(found)
    assert [p for code, p in codes(found) if code == "file.changed"] == [path]
    assert path in str(found)
    if path in INPUTS:
        assert ("input.changed", path) in codes(found)
        assert not found.recomputed


def test_a_flipped_byte_anywhere_in_the_record_is_named(folder: Path) -> None:
    whole = (folder / "provenance.json").read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 20)):
        data = bytearray(whole)
        data[at] ^= 0x01
        (folder / "provenance.json").write_bytes(data)
        try:
            found = rg.verify(folder)
        except InputError as error:
            assert "provenance.json" in str(error)
        else:
            assert ("record.changed", "provenance.json") in codes(found)
            assert not found.holds


def test_changed_values_are_named_cell_by_cell(folder: Path) -> None:
    table = pd.read_csv(folder / "gaps.csv", keep_default_na=False)
    table.loc[table["authority_code"] == A, "pause"] = "none_recorded"
    table.to_csv(folder / "gaps.csv", index=False, lineterminator="\n")
    found = rg.verify(folder)
    assert codes(found) == [("file.changed", "gaps.csv"), ("figures.differ", "gaps")]
    assert found.differences.values.tolist() == [["gaps", A, "pause", "none_recorded", "served"]]
    assert f"the first, {A}, is 'none_recorded' and was 'served' when recomputed" in str(found)
    assert "none_recorded" in found._repr_html_()


def test_digests_written_anew_do_not_hide_a_changed_value(folder: Path) -> None:
    text = (folder / "coverage.csv").read_text(encoding="utf-8")
    forge(folder, "coverage.csv", text.replace(",0.5,share", ",0.6,share", 1).encode())
    found = rg.verify(folder)
    assert codes(found) == [("figures.differ", "coverage")]
    assert found.differences[["column", "saved", "recomputed"]].values.tolist() == [["value", "0.6", "0.5"]]


@pytest.mark.parametrize(("change", "holds"), [(1e-12, True), (2e-9, False)])
def test_numbers_may_differ_by_a_billionth(change: float, holds: bool, folder: Path) -> None:
    table = pd.read_csv(folder / "coverage.csv", keep_default_na=False, dtype=str)
    row = table.index[(table["unit"] == "share") & (table["value"] == "0.5")][0]
    table.loc[row, "value"] = repr(0.5 * (1 + change))
    forge(folder, "coverage.csv", table.to_csv(index=False, lineterminator="\n").encode())
    assert rg.verify(folder).holds is holds


@pytest.mark.parametrize(("change", "holds"), [(5e-7, True), (2e-5, False)])
def test_costs_may_differ_by_a_micrometre(change: float, holds: bool, folder: Path) -> None:
    near = pd.read_parquet(folder / "nearest.parquet")
    near.loc[0, "distance_m"] += change
    near.to_parquet(folder / "nearest.parquet", index=False)
    forge(folder, "nearest.parquet", (folder / "nearest.parquet").read_bytes())
    found = rg.verify(folder)
    assert found.holds is holds
    if not holds:
        assert found.differences["row"].tolist() == ["a1 pause reached certain"]


def test_rows_and_columns_that_are_lost_or_added_are_named(folder: Path) -> None:
    table = pd.read_csv(folder / "summary.csv", keep_default_na=False, dtype=str)
    table.loc[table["group"] == "fdac", "group"] = "court"
    table = table.rename(columns={"served": "serves"})
    forge(folder, "summary.csv", table.to_csv(index=False, lineterminator="\n").encode())
    found = rg.verify(folder)
    assert codes(found) == [("figures.columns", "summary"), ("figures.rows", "summary"), ("figures.rows", "summary")]
    assert "1 row is missing (fdac)" in str(found)
    assert "1 row is not of this answer (court)" in str(found)
    assert "2 columns are not those that belong to the table (serves, served)" in str(found)


def test_a_row_twice_is_told(folder: Path) -> None:
    table = pd.read_csv(folder / "summary.csv", keep_default_na=False, dtype=str)
    table = pd.concat([table, table.tail(1)])
    forge(folder, "summary.csv", table.to_csv(index=False, lineterminator="\n").encode())
    assert codes(rg.verify(folder)) == [("figures.rows", "summary")]


def test_words_in_the_place_of_a_missing_number_are_told(folder: Path) -> None:
    table = pd.read_csv(folder / "coverage.csv", keep_default_na=False, dtype=str)
    row = table.index[table["value"] == ""][0]
    table.loc[row, "value"] = "far"
    forge(folder, "coverage.csv", table.to_csv(index=False, lineterminator="\n").encode())
    assert rg.verify(folder).differences["saved"].tolist() == ["far"]


def test_polygons_are_compared_too(folder: Path) -> None:
    layer = gpd.read_file(folder / "authorities.gpkg")
    layer.loc[0, "geometry"] = layer.geometry[0].buffer(1)
    layer.loc[1, "any"] = "served"
    layer.to_file(folder / "authorities.gpkg", layer="authorities", driver="GPKG", engine="pyogrio")
    forge(folder, "authorities.gpkg", (folder / "authorities.gpkg").read_bytes())
    found = rg.verify(folder)
    assert codes(found) == [("figures.differ", "authorities")] * 2
    assert set(found.differences["column"]) == {"any", "geometry"}


@pytest.mark.parametrize("path", ["gaps.csv", "datapackage.json", "inputs/demand.parquet"])
def test_a_missing_file_is_named(path: str, folder: Path) -> None:
    (folder / path).unlink()
    found = rg.verify(folder)
    assert ("file.missing", path) in codes(found)
    assert not found.holds


def test_a_file_of_ones_own_is_named_and_the_figures_hold(folder: Path) -> None:
    (folder / "map.qgz").write_text("mine")
    (folder / "inputs" / "notes.txt").write_text("mine")
    (folder / ".DS_Store").write_text("nobody's")
    found = rg.verify(folder)
    assert found.holds
    assert codes(found, "warning") == [("file.extra", "inputs/notes.txt"), ("file.extra", "map.qgz")]


def test_a_table_that_the_record_does_not_name_is_missed(folder: Path) -> None:
    edit(folder, lambda said: said["outputs"].remove(next(f for f in said["outputs"] if f["path"] == "regions.csv")))
    assert codes(rg.verify(folder)) == [("figures.missing", "regions")]


def test_a_changed_parameter_is_told(folder: Path) -> None:
    edit(folder, lambda said: said["parameters"].update(cutoffs=[4_500.0, 8_000.0]), seal=False)
    found = rg.verify(folder)
    assert ("record.changed", "provenance.json") in codes(found)
    edit(folder, lambda said: None)
    # Sealed anew the record is of one piece, but of another answer.
    found = rg.verify(folder)
    assert ("figures.rows", "coverage") in codes(found)
    assert not found.holds


def test_a_digest_of_nothing_in_the_record_is_told(folder: Path) -> None:
    def change(said: dict[str, Any]) -> None:
        said["digest"] = "0" * 64
        said |= sealed(said)

    edit(folder, change, seal=False)
    assert codes(rg.verify(folder)) == [("record.changed", "provenance.json")] * 2


def test_changed_counts_are_told(folder: Path) -> None:
    edit(folder, lambda said: said["counts"].update(services=7))
    found = rg.verify(folder)
    assert found.differences.values.tolist() == [["provenance", "services", "value", "7", "6"]]


def test_an_input_of_other_content_is_told(folder: Path) -> None:
    frame = gpd.read_parquet(folder / "inputs" / "demand.parquet")
    write_input(frame.assign(weight=2.0), folder / "inputs" / "demand.parquet")
    forge(folder, "inputs/demand.parquet", (folder / "inputs" / "demand.parquet").read_bytes())
    found = rg.verify(folder)
    assert codes(found) == [("input.changed", "inputs/demand.parquet")]
    assert not found.recomputed


def test_without_inputs_nothing_can_be_recomputed(world: World, tmp_path: Path) -> None:
    folder = world.assess().save(tmp_path / "out", inputs=False)
    assert not (folder / "inputs").exists()
    found = rg.verify(folder)
    assert codes(found) == [("input.left_out", "directory.services")]
    assert not found.holds


def test_embedded_data_of_another_version_are_told(
    november_2022: rg.Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = november_2022.save(tmp_path / "out")
    status = rg.load_directory().status.assign(note="")
    monkeypatch.setattr(_inputs, "load_directory", lambda: replace(rg.load_directory(), status=status))
    found = rg.verify(folder)
    assert codes(found) == [("input.embedded_other", "directory.status")]
    assert f"check the folder with rcp_geo {rg.__version__}" in str(found)


def test_another_version_of_a_package_is_told_and_of_the_library_warned(folder: Path) -> None:
    edit(folder, lambda said: said["versions"].update(numpy="0.0.1"))
    found = rg.verify(folder)
    assert found.holds
    assert found.versions[["package", "saved"]].values.tolist() == [["numpy", "0.0.1"]]
    assert codes(found, "info") == [("version.package", "provenance.json")]

    def older(said: dict[str, Any]) -> None:
        said["parameters"]["rcp_geo"] = said["versions"]["rcp_geo"] = "0.0.9"

    edit(folder, older)
    found = rg.verify(folder)
    assert found.holds
    assert codes(found, "warning") == [("version.other", "provenance.json")]
    assert f"was saved by rcp_geo 0.0.9, and this is {rg.__version__}" in str(found)


# --- folders that are something else ----------------------------------------------------------------------------------


def test_a_folder_of_another_form_is_told_plainly(folder: Path) -> None:
    def old(said: dict[str, Any]) -> None:
        del said["format"]
        said.pop("seal")

    edit(folder, lambda said: said.update(format=2))
    with pytest.raises(InputError, match=rf"was saved by a later rcp_geo {rg.__version__}, .* update rcp_geo"):
        rg.verify(folder)
    edit(folder, old, seal=False)
    with pytest.raises(InputError, match="was saved by an earlier rcp_geo .* save the answer again"):
        rg.verify(folder)


def test_what_is_no_saved_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        rg.verify(tmp_path / "none")
    with pytest.raises(InputError, match=r"holds no provenance\.json"):
        rg.verify(tmp_path)
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(InputError, match="is a file; give the folder"):
        rg.verify(tmp_path / "a.txt")
    for text in ("[]", "{", "[" * 100, '{"format": 1}', "\x00"):
        (tmp_path / "provenance.json").write_text(text)
        with pytest.raises(InputError, match=r"provenance\.json: "):
            rg.verify(tmp_path)


HOSTILE: dict[str, Callable[[dict[str, Any]], object]] = {
    "up": lambda said: said["outputs"][0].update(path="../secret.csv"),
    "root": lambda said: said["outputs"][0].update(path="/etc/passwd"),
    "input": lambda said: said["inputs"][0]["file"].update(path="inputs/../../secret.parquet"),
    "other": lambda said: said["inputs"][0]["file"].update(path="inputs/demand.parquet"),
    "number": lambda said: said["outputs"][0].update(path=7),
    "itself": lambda said: said["outputs"][0].update(path="provenance.json"),
    "twice": lambda said: said["outputs"].append(said["outputs"][0]),
    "name": lambda said: said["inputs"][0].update(name="passwords"),
    "sha": lambda said: said["outputs"][0].update(sha256="x"),
    "bytes": lambda said: said["outputs"][0].update(bytes=True),
    "cutoffs": lambda said: said["parameters"].update(cutoffs=["5"]),
    "huge": lambda said: said["parameters"].update(cutoffs=[10**400]),
    "model": lambda said: said["parameters"].update(model="geodesic"),
    "lost": lambda said: said["inputs"].pop(),
    "about": lambda said: said.update(about=[]),
    "counts": lambda said: said["counts"].update(services="6"),
    "versions": lambda said: said["versions"].update(numpy=1),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_record_is_refused(case: str, folder: Path) -> None:
    edit(folder, HOSTILE[case])
    with pytest.raises(InputError, match=r"provenance\.json: was changed since it was written"):
        rg.verify(folder)


STRANGE: dict[str, Callable[[dict[str, Any]], object]] = {
    "date": lambda said: said["parameters"].update(as_of="one day"),
    "by": lambda said: said["parameters"].update(by="colour"),
    "level": lambda said: said["parameters"]["boundaries"].update(level="middle"),
    "vintage": lambda said: said["parameters"]["boundaries"].update(valid_from="1066"),
    "noticed": lambda said: said["about"]["directory"].update(noticed=[{"code": "x"}]),
    "reference": lambda said: said["about"]["directory"].pop("reference_date"),
}


@pytest.mark.parametrize("case", STRANGE)
def test_a_record_of_no_possible_answer_is_told(case: str, folder: Path) -> None:
    edit(folder, STRANGE[case])
    found = rg.verify(folder)
    assert codes(found) == [("answer.impossible", "provenance.json")]
    assert not found.recomputed


@pytest.mark.parametrize(
    "model",
    [
        {"model": "circuity-x"},
        {"model": "circuity-0.5", "factor": 0.5, "reference": "r"},
        {"model": "circuity-2", "factor": 2, "reference": "r", "calibration": 7},
    ],
)
def test_a_model_that_makes_no_sense_is_refused(model: dict[str, Any], folder: Path) -> None:
    edit(folder, lambda said: said["parameters"].update(model=model))
    with pytest.raises(InputError, match="the travel model makes no sense"):
        rg.verify(folder)


def test_a_straight_line_of_another_ellipsoid_is_not_made_again(folder: Path) -> None:
    edit(folder, lambda said: said["parameters"]["model"].update(ellipsoid="sphere"))
    assert codes(rg.verify(folder)) == [("model.needed", "provenance.json")]


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.csv").write_bytes((folder / "gaps.csv").read_bytes())
    (folder / "gaps.csv").unlink()
    (folder / "gaps.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert codes(rg.verify(folder)) == [("file.missing", "gaps.csv")]
    (folder / "inputs").rename(tmp_path / "moved")
    (folder / "inputs").symlink_to(tmp_path / "moved")
    found = rg.verify(folder)
    assert ("file.missing", "inputs/demand.parquet") in codes(found)
    assert ("file.extra", "inputs") in codes(found, "warning")


def test_hostile_tables_are_refused(folder: Path) -> None:
    deep: Any = Point(0, 0)
    for _ in range(10):
        deep = GeometryCollection([deep])
    for data in (to_wkb(deep), to_wkb(Point(1, 2))[:12]):
        table = pq.read_table(folder / "inputs" / "demand.parquet")
        column = pa.array([data] * len(table), pa.binary())
        table = table.set_column(table.schema.get_field_index("geometry"), "geometry", column)
        pq.write_table(table, folder / "inputs" / "demand.parquet")
        forge(folder, "inputs/demand.parquet", (folder / "inputs" / "demand.parquet").read_bytes())
        found = rg.verify(folder)
        assert codes(found) == [("answer.impossible", "provenance.json")]
        assert "demand.parquet: cannot be read as Parquet" in str(found)


def test_tables_that_unpack_to_more_than_is_read_are_refused(folder: Path, tmp_path: Path) -> None:
    rows = 30_000_000
    pq.write_table(pa.table({"a": pa.nulls(rows, pa.int8())}), tmp_path / "bomb.parquet")
    assert (tmp_path / "bomb.parquet").stat().st_size < 1_000_000
    with pytest.raises(InputError, match="would unpack to"):
        read_parquet_exactly(tmp_path / "bomb.parquet")
    forge(folder, "nearest.parquet", (tmp_path / "bomb.parquet").read_bytes())
    found = rg.verify(folder)
    assert codes(found) == [("file.unreadable", "nearest.parquet")]
    assert f"has {rows} rows" in str(found)
    forge(folder, "gaps.csv", b"\xff\xfe")
    assert ("file.unreadable", "gaps.csv") in codes(rg.verify(folder))


# --- what is written --------------------------------------------------------------------------------------------------


def test_inputs_come_back_as_they_were(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {
            "demand_id": [3, 1, 2],
            "text": ["a", None, ""],
            "odd": [1, "x", 2.5],
            "lists": [[1], [2], [3]],
            "yes": [True, False, True],
            7: [0.1, np.nan, 1e300],
        },
        geometry=[Point(0.1, 0.2), None, Point(1, 2, 3)],
        crs=27700,
        index=[5, 6, 7],
    ).rename_geometry("where")
    write_input(frame, tmp_path / "a.parquet")
    back = read_parquet_exactly(tmp_path / "a.parquet")
    assert digest_table(back, ordered=True) == digest_table(frame, ordered=True)
    assert back["demand_id"].tolist() == [3, 1, 2]
    assert back["demand_id"].dtype == "int64"
    assert isinstance(back, gpd.GeoDataFrame)
    assert back.geometry.name == "where"
    assert to_wkb(back.geometry.to_numpy()).tolist() == to_wkb(frame.geometry.to_numpy()).tolist()
    plain = pd.DataFrame({"a": [1]})
    write_input(plain, tmp_path / "b.parquet")
    pd.testing.assert_frame_equal(read_parquet_exactly(tmp_path / "b.parquet"), plain)


def test_every_file_is_recorded_with_its_digest(original: Path) -> None:
    said = json.loads((original / "provenance.json").read_text(encoding="utf-8"))
    files = {f["path"]: f for f in [*said["outputs"], *(r["file"] for r in said["inputs"])]}
    assert sorted(files) == sorted([*OUTPUTS, *INPUTS])
    for path, file in files.items():
        content = (original / path).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_two_runs_write_the_same_bytes(original: Path, tmp_path: Path) -> None:
    again = small.draw().assess(cutoffs=CUTOFFS).save(tmp_path / "again")
    for path in [*OUTPUTS, *INPUTS, "provenance.json"]:
        assert (again / path).read_bytes() == (original / path).read_bytes(), path


def test_an_earlier_result_with_inputs_is_replaced_and_strangers_in_it_are_not(tmp_path: Path) -> None:
    answer = small.draw().assess()
    folder = answer.save(tmp_path / "out")
    answer.save(folder, overwrite=True, inputs=False)
    assert not (folder / "inputs").exists()
    answer.save(folder, overwrite=True)
    (folder / "inputs" / "mine.txt").write_text("all my work")
    for inputs in (True, False):
        with pytest.raises(InputError, match=r"would be lost \(inputs/mine\.txt\)"):
            answer.save(folder, overwrite=True, inputs=inputs)
    assert (folder / "inputs" / "mine.txt").read_text() == "all my work"
    (folder / "inputs").rename(tmp_path / "moved")
    (folder / "inputs").symlink_to(tmp_path / "moved")
    with pytest.raises(InputError, match=r"would be lost \(inputs\)"):
        answer.save(folder, overwrite=True)


# --- from a shell -----------------------------------------------------------------------------------------------------


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_verify_from_a_shell(folder: Path) -> None:
    done = run("verify", folder)
    assert done.exit_code == 0
    assert done.stdout.startswith("The figures hold. Digest ")
    (folder / "gaps.csv").write_text("x")
    done = run("verify", folder)
    assert done.exit_code == 1
    first, *rest = done.stdout.splitlines()
    assert first.startswith("The figures do not hold. Digest ")
    assert rest[0].startswith("error: file.changed: gaps.csv: ")
    assert isinstance(run("verify", folder / "none").exception, InputError)


def test_verify_with_roads_from_a_shell(tmp_path: Path) -> None:
    roads().save(tmp_path / "roads.arrow")
    timed = rg.read_network(tmp_path / "roads.arrow", impedance="time")
    folder = small.draw().assess(model=timed, cutoffs=[600.0]).save(tmp_path / "out")
    # The file's own setting is length; the record says time.
    done = run("verify", folder, "--network", tmp_path / "roads.arrow")
    assert done.exit_code == 0, done.output
    roads(max_snap_m=50.0).save(tmp_path / "other.arrow")
    done = run("verify", folder, "--network", tmp_path / "other.arrow")
    assert isinstance(done.exception, InputError)
    straight = small.draw().assess().save(tmp_path / "straight")
    assert isinstance(run("verify", straight, "--network", tmp_path / "roads.arrow").exception, InputError)


def test_the_module_says_what_it_exports() -> None:
    assert set(verification.__all__) == {"Verification", "read_assessment", "verify"}
