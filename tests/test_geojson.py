"""GeoJSON in its shapes, and JSON that would cost the parser its stack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rcp_geo.errors import CrsError, InputError
from rcp_geo.io.formats import read_table, sniff
from tests import tables
from tests.tables import TEXTS, found, refusal, write


def collection(*features: Any, **more: Any) -> str:
    return json.dumps({"type": "FeatureCollection", **more, "features": list(features)})


def feature(properties: Any, geometry: Any = None, **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry, **more}


def test_shapes_of_geojson(tmp_path: Path) -> None:
    text = collection(
        feature({"name": "A", "served": ["Leeds", "York"]}, {"type": "Point", "coordinates": [1, 2, 3]}, id=7),
        feature({"name": "B", "extra": {"a": [1]}}, {"type": "MultiPoint", "coordinates": [[3, 4]]}),
        feature(
            {"name": "C", "deep": [[1, 2]]}, {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}
        ),
        feature({"name": "D"}, {"type": "Point", "coordinates": []}),
        feature({"name": "E"}, {"type": "Point", "coordinates": ["1", 2]}),
        feature({"name": "F"}, 5),
        feature(None),
    )
    table = read_table(write(tmp_path / "a.geojson", text))
    assert list(table.frame.columns) == ["id", "name", "served", "extra", "deep"]
    assert table.frame["id"].tolist() == ["7"] + [""] * 5
    assert table.frame["served"][0] == "Leeds; York"
    assert table.frame["extra"][1] == '{"a": [1]}'
    assert table.frame["deep"][2] == "[[1, 2]]"
    assert [None if p is None else (p.x, p.y) for p in table.geometry] == [(1, 2), (3, 4), None, None, None, None]
    assert found(table, "geometry.not_point").ids == ("feature 3",)
    assert found(table, "geometry.invalid").ids == ("feature 5", "feature 6")
    assert found(table, "row.blank").ids == ("feature 7",)


def test_one_feature_is_a_table_too(tmp_path: Path) -> None:
    assert found(read_table(write(tmp_path / "b.geojson", collection())), "file.no_rows").severity == "error"
    assert len(read_table(write(tmp_path / "a.geojson", json.dumps(feature({"name": "A"})))).frame) == 1


def test_a_name_twice_in_an_object_is_numbered(tmp_path: Path) -> None:
    text = '{"type":"Feature","geometry":null,"properties":{"a":"1","a":"2","a (2)":"3"}}'
    table = read_table(write(tmp_path / "a.geojson", text))
    assert sorted(table.frame.iloc[0]) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("label", "code"),
    [("urn:ogc:def:crs:OGC:1.3:CRS84", 4326), ("urn:ogc:def:crs:EPSG::27700", 27700), ("EPSG:27700", 27700)],
)
def test_systems_of_geojson(tmp_path: Path, label: str, code: int) -> None:
    text = collection(feature({"a": 1}), crs={"type": "name", "properties": {"name": label}})
    assert read_table(write(tmp_path / "a.geojson", text)).geometry.crs.to_epsg() == code


@pytest.mark.parametrize(
    "crs", [None, {}, {"type": "link", "properties": {"href": "http://x"}}, {"properties": {"name": "EPSG:1"}}]
)
def test_unknown_systems_of_geojson(tmp_path: Path, crs: Any) -> None:
    with pytest.raises(CrsError, match="coordinate reference system"):
        read_table(write(tmp_path / "a.geojson", collection(feature({"a": 1}), crs=crs)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 10_000 + "]" * 10_000, "is nested more than 64 deep"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "is nested more than 64 deep"),
        ('{"type":"FeatureCollection","features":' + "[" * 10_000, "is nested more than 64 deep"),
        ('{"type":"FeatureCollection","features":5}', "holds no list of features"),
        ('{"type":"FeatureCollection","features":[5]}', "holds no list of features"),
        ('[{"type":"Feature"}]', "holds no list of features"),
        (collection(feature([])), "the properties of feature 1 are not an object"),
        ('{"type":"Feature","properties":{"a":1}}\n{"type":"Feature"}', "several JSON values"),
        ('{"type":"Feature","properties":{"a":' + "9" * 10_000 + "}}", "cannot be read as JSON"),
        (collection(feature({"a": "x" * 200_000})), "feature 1 has more than 131,072 characters in column a"),
        (collection(feature({f"k{i}": 1 for i in range(1_001)})), "more than 1,000 columns"),
    ],
)
def test_hostile_geojson(tmp_path: Path, text: str, said: str) -> None:
    path = write(tmp_path / "a.geojson", text)
    if sniff(path) == "openreferral":  # the reader of that format looks before it parses too
        from rcp_geo.io.json import load_json

        with pytest.raises(InputError, match=said):
            load_json(path.read_bytes(), "a.geojson")
    else:
        assert said in refusal(path)


def test_brackets_in_texts_are_not_depth(tmp_path: Path) -> None:
    for value in ("[" * 500, '\\"' * 50 + "[" * 100, "\\" * 7 + '"[[' * 50):
        path = write(tmp_path / "a.geojson", collection(feature({"a": value})))
        assert read_table(path).frame["a"].tolist() == [value]


def test_geojson_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rcp_geo.io.json._CHUNK", 5)
    monkeypatch.setattr("rcp_geo.io.places.Places.max_values", 200)
    tables.geojson(tmp_path / "a.geojson")
    pd.testing.assert_frame_equal(read_table(tmp_path / "a.geojson").frame, TEXTS)
    monkeypatch.setattr("rcp_geo.io.places.Places.max_values", 30)
    assert "holds more than 30 values" in refusal(tmp_path / "a.geojson")
