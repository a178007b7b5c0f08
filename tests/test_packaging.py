"""A saved folder as a Data Package: every file and every column described, in the form that the standard asks for."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest

import rcp_geo as rg
from rcp_geo.io.fields import TITLES
from tests import world as small
from tests.roads import lines
from tests.world import World

# What version 2 of the standard asks of a descriptor (datapackage.org/profiles/2.0), as far as ours goes.
PATH = {"type": "string", "pattern": r"^((?=[^./~])(?!file:)((?!\/\.\.\/)(?!\\)(?!:\/\/).)*|(http|ftp)s?:\/\/.*)$"}
LICENCES = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "anyOf": [{"required": ["name"]}, {"required": ["path"]}],
        "properties": {
            "name": {"type": "string", "pattern": "^([-a-zA-Z0-9._])+$"},
            "path": PATH,
            "title": {"type": "string"},
        },
    },
}
SOURCES = {"type": "array", "items": {"type": "object", "minProperties": 1, "required": ["title"]}}
KEYS = {"type": "array", "minItems": 1, "items": {"type": "string"}}
FIELD = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "type": {"enum": ["string", "number", "integer", "boolean", "date", "datetime", "any", "geojson"]},
        "description": {"type": "string"},
        "constraints": {
            "type": "object",
            "properties": {"enum": {"type": "array", "minItems": 1, "uniqueItems": True}},
        },
    },
}
RESOURCE = {
    "type": "object",
    "required": ["name", "path"],
    "properties": {
        "name": {"type": "string", "pattern": "^[-a-z0-9._]+$"},
        "path": PATH,
        "type": {"enum": ["table"]},
        "format": {"type": "string"},
        "mediatype": {"type": "string", "pattern": r"^(.+)/(.+)$"},
        "encoding": {"type": "string"},
        "bytes": {"type": "integer"},
        "hash": {"type": "string", "pattern": r"^([^:]+:[a-fA-F0-9]+|[a-fA-F0-9]{32}|)$"},
        "licenses": LICENCES,
        "sources": SOURCES,
        "schema": {
            "type": "object",
            "required": ["fields"],
            "properties": {
                "fields": {"type": "array", "minItems": 1, "items": FIELD},
                "missingValues": {"type": "array", "items": {"type": "string"}},
                "primaryKey": KEYS,
                "uniqueKeys": {"type": "array", "minItems": 1, "items": KEYS},
            },
        },
    },
}
PACKAGE = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["resources"],
    "properties": {
        "$schema": {"const": "https://datapackage.org/profiles/2.0/datapackage.json"},
        "name": {"type": "string", "pattern": "^[-a-z0-9._]+$"},
        "contributors": {"type": "array", "minItems": 1, "items": {"minProperties": 1}},
        "keywords": {"type": "array", "minItems": 1, "items": {"type": "string"}},
        "licenses": LICENCES,
        "sources": SOURCES,
        "resources": {"type": "array", "minItems": 1, "items": RESOURCE},
    },
}
UNITS = {
    *("none", "m", "s", "degree", "date", "share", "percent", "authorities", "services", "ids", "published_unit"),
    *("people or a proxy", "as the column unit says", "unit of the coordinate system", "not stated"),
}


def saved(case: str) -> rg.Assessment:
    world = small.draw()
    match case:
        case "embedded":
            return rg.assess()
        case "world":
            return world.assess(cutoffs=[9_000.0])
        case "by":
            world.services["kind"] = ["=1+1", "a", "b", "a", "b", "a"]
            return world.assess(by="kind")
        case "time":
            frame = lines([(400_000, 405_000), (420_000, 405_000)]).assign(highway="primary", maxspeed="30 mph")
            return world.assess(model=rg.RoadNetwork.from_lines(frame, impedance="time"), cutoffs=[600.0])
    mine = pd.DataFrame({"name": ["Nest"], "family": ["local"], "served": ["Hartlepool"], "postcode": ["TS24 7AA"]})
    both = world.directory().overlay(rg.read_directory(mine, as_of="2023-06-01"))
    return rg.assess(both, world.boundaries(), world.demand)


@pytest.fixture(scope="module", params=["embedded", "world", "by", "time", "overlay"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(request.param).save(tmp_path_factory.mktemp("package") / "out")


def package(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return read


def columns(path: Path) -> list[str]:
    """The columns of a file, by other means than those that wrote the descriptor."""
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return next(csv.reader(file))
    if path.suffix == ".parquet":
        return list(pq.read_schema(path).names)
    return [*pyogrio.read_info(path)["fields"].tolist(), "geometry"]


def test_the_descriptor_is_of_the_form_of_the_standard(folder: Path) -> None:
    jsonschema.Draft7Validator(PACKAGE).validate(package(folder))


def test_every_file_is_a_resource_with_its_digest(folder: Path) -> None:
    described = package(folder)
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    paths = [r["path"] for r in described["resources"]]
    assert sorted([*paths, "datapackage.json"]) == sorted(files)
    names = [r["name"] for r in described["resources"]]
    assert len({*names}) == len(names)
    for resource in described["resources"]:
        # The record holds the digest of the descriptor, so the descriptor cannot hold that of the record.
        if resource["path"] != "provenance.json":
            content = (folder / resource["path"]).read_bytes()
            assert resource["bytes"] == len(content)
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_every_column_is_described_with_its_unit(folder: Path) -> None:
    for resource in package(folder)["resources"]:
        if resource["path"] == "provenance.json":
            continue
        fields = resource["schema"]["fields"]
        names = [f["name"] for f in fields]
        there = columns(folder / resource["path"])
        assert sorted(names) == sorted(there), resource["path"]
        if not resource["path"].endswith(".gpkg"):
            assert names == there
        for field in fields:
            assert field.get("description"), (resource["path"], field["name"])
            assert field["unit"] in UNITS, (resource["path"], field)


def test_no_column_of_an_output_is_called_ones_own(folder: Path) -> None:
    for resource in package(folder)["resources"]:
        own = [f["name"] for f in resource.get("schema", {}).get("fields", ()) if f["unit"] == "not stated"]
        assert own == ([] if "kind" not in own else ["kind"]), resource["path"]


def test_values_keep_to_what_is_said_of_them(folder: Path) -> None:
    for resource in package(folder)["resources"]:
        if resource.get("format") not in {"csv", "parquet"}:
            continue
        path = folder / resource["path"]
        frame = pd.read_csv(path, dtype=str, keep_default_na=False) if path.suffix == ".csv" else pd.read_parquet(path)
        schema = resource["schema"]
        for field in schema["fields"]:
            values = frame[field["name"]].dropna()
            values = values[[v != "" for v in values]]
            words = field.get("constraints", {}).get("enum")
            if words is not None:
                assert set(values) <= set(words), (resource["path"], field["name"])
            if path.suffix == ".csv" and field["type"] == "integer":
                assert all(re.fullmatch(r"-?\d+", v) for v in values), (resource["path"], field["name"])
            if path.suffix == ".csv" and field["type"] == "number":
                values.astype(float)
        for key in [schema["primaryKey"]] if "primaryKey" in schema else schema.get("uniqueKeys", []):
            assert not frame.duplicated(key).any(), (resource["path"], key)
        if "primaryKey" in schema:
            assert not (frame[schema["primaryKey"]].astype(str) == "").any(axis=None), resource["path"]


def test_the_five_answers_are_the_words_of_a_group(tmp_path: Path) -> None:
    described = package(saved("world").save(tmp_path / "out"))
    (gaps,) = [r for r in described["resources"] if r["name"] == "gaps"]
    fields = {f["name"]: f for f in gaps["schema"]["fields"]}
    for group in ("pause", "fdac", "local", "any"):
        assert fields[group]["constraints"]["enum"] == ["served", "part", "unknown", "in_development", "none_recorded"]
        assert fields[f"{group}_services"]["unit"] == "services"
    assert gaps["schema"]["primaryKey"] == ["authority_code"]


def test_costs_are_in_the_unit_of_the_model(tmp_path: Path) -> None:
    for case, unit, column in (("world", "m", "distance_m"), ("time", "s", "duration_s")):
        described = package(saved(case).save(tmp_path / case))
        of = {
            r["name"]: {f["name"]: f["unit"] for f in r.get("schema", {}).get("fields", ())}
            for r in described["resources"]
        }
        assert of["coverage"]["cutoff"] == unit
        assert of["nearest"][column] == unit
        assert of["authorities"][f"any_mean_{column}"] == unit


def test_terms_are_those_of_the_inputs(november_2022: rg.Assessment, world: World, tmp_path: Path) -> None:
    described = package(november_2022.save(tmp_path / "embedded"))
    assert {r["name"]: r["title"] for r in described["licenses"]} == {
        "CC-BY-4.0": "CC BY 4.0",
        "OGL-UK-3.0": "Open Government Licence v3.0",
    }
    assert any("Royal Mail" in s["title"] for s in described["sources"])
    assert "created" not in described
    assert described["id"] == november_2022.provenance["digest"]
    boundaries = rg.Boundaries.from_frame(
        world.squares, valid_from="2023-04-01", source="drawn by hand", licence="Mine, all mine!"
    )
    own = package(rg.assess(world.directory(), boundaries, world.demand).save(tmp_path / "own"))
    assert own["licenses"] == [{"name": "Mine-all-mine", "title": "Mine, all mine!"}]
    (squares,) = [r for r in own["resources"] if r["name"] == "input-boundaries"]
    assert squares["sources"] == [{"title": "drawn by hand"}]
    assert squares["licenses"] == own["licenses"]


def test_nothing_says_where_or_when_it_was_saved(folder: Path) -> None:
    for name in ("datapackage.json", "provenance.json"):
        text = (folder / name).read_text(encoding="utf-8")
        assert str(folder.parent) not in text
        assert str(Path.home()) + "/" not in text.replace("https://", "")


def test_every_title_is_of_a_table_that_is_saved_somewhere() -> None:
    assert {"gaps", "overlay", "directory_sites", "overlaid", "demand"} <= set(TITLES)
