"""Official boundaries: fetched whole or not at all, from a server that pages, fails and lies; then read without one."""

from __future__ import annotations

import ast
import datetime as dt
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

import rcp_geo as rg
from rcp_geo.authorities import register
from rcp_geo.errors import (
    GeometryError,
    InputError,
    InputWarning,
    IntegrityError,
    MissingColumnError,
    MissingExtraError,
    VintageError,
)
from rcp_geo.io import featureserver, portal, stored, web
from rcp_geo.io.catalogue import LEVELS, RESOLUTIONS, editions, find_edition
from tests.portal_server import BNG, NAME, Fault, Handler, Service, serving, squares

ROOT = Path(__file__).resolve().parents[1]
ENGLAND = 153
ALL = ENGLAND + 2


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were waited between tries, without waiting them."""
    found: list[float] = []
    monkeypatch.setattr(web, "_sleep", found.append)
    return found


@pytest.fixture
def service(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A sound service in the place of the portal's."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(Service()) as running:
        monkeypatch.setattr(portal, "PORTAL", running.url)
        yield running


def fetch(service: Service, folder: Path, **options: Any) -> stored.StoredLayer:
    layer, findings = rg_fetch(service.layer, folder, **options)
    assert not findings
    return layer


def rg_fetch(layer: str, folder: Path, **options: Any) -> tuple[stored.StoredLayer, list[Any]]:
    return portal.fetch_layer(layer, cache=folder, **options)


def refusal(service: Service, folder: Path, error: type[Exception] = IntegrityError, **options: Any) -> str:
    """What is said when a layer cannot be had; nothing but whole pages may be left behind."""
    with pytest.raises(error) as caught:
        portal.fetch_layer(service.layer, cache=folder, **options)
    assert [p.name for p in files(folder) if not p.parent.name.startswith("pages-")] == []
    return str(caught.value)


def files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def at(offset: int, act: Fault) -> Fault:
    """A fault in one page only."""
    return lambda handler, query: query.get("resultOffset") == str(offset) and act(handler, query)


def body(*answers: bytes, status: int = 200, **headers: str) -> Fault:
    """Answer with these, one after the other, then as the service would."""
    left = list(answers)

    def act(handler: Handler, query: dict[str, str]) -> bool:
        if left:
            handler.send(left.pop(0), status, **headers)
            return True
        return False

    return act


def always(content: bytes, status: int = 200, **headers: str) -> Fault:
    def act(handler: Handler, query: dict[str, str]) -> bool:
        handler.send(content, status, **headers)
        return True

    return act


def cut(handler: Handler, query: dict[str, str]) -> bool:
    """Promise a page and break off in the middle of it."""
    page = json.dumps(handler.service.page(int(query["resultOffset"]), 40)).encode()
    handler.send(page, cut=len(page) // 2)
    return True


# ------------------------------------------------------------------------------------------------------ the whole way


def test_boundaries_come_page_by_page_and_are_those_of_england(service: Service, tmp_path: Path) -> None:
    boundaries = rg.fetch_boundaries("upper", "2023-05", cache=tmp_path)
    assert service.offsets == [0, 40, 80, 120]
    assert len(boundaries) == ENGLAND
    expected = register().in_force("2023-05-31")
    for column in ("authority_code", "authority_name", "region_code", "region_name"):
        assert boundaries.frame[column].tolist() == expected[column].tolist()
    # The squares are laid in the order of the codes.
    for i in (0, 44, 152):
        x, y = 300_000 + 1_000 * (i % 20), 200_000 + 1_000 * (i // 20)
        assert boundaries.frame.geometry[i].bounds == (x, y, x + 900, y + 900)
    assert boundaries.vintage.label == "2023-04-01"
    assert dt.date(2025, 3, 31) in boundaries.vintage
    assert boundaries.licence == "Open Government Licence v3.0"
    assert "Crown copyright and database right 2023. http://127.0.0.1" in boundaries.source


def test_each_page_asks_for_the_national_grid_in_the_order_of_ids(service: Service, tmp_path: Path) -> None:
    fetch(service, tmp_path)
    about, count, *pages = service.asked
    assert about == {"f": "json"}
    assert count == {"where": "1=1", "returnCountOnly": "true", "f": "json"}
    for offset, page in zip((0, 40, 80, 120), pages, strict=True):
        assert page == {
            "where": "1=1",
            "outFields": "*",
            "outSR": "27700",
            "orderByFields": "FID",
            "resultOffset": str(offset),
            "resultRecordCount": "40",
            "f": "geojson",
        }


def test_what_is_kept_is_every_feature_and_a_record_of_it(service: Service, tmp_path: Path) -> None:
    layer = fetch(service, tmp_path)
    assert json.loads(layer.path.read_text(encoding="utf-8"))["features"] == service.features
    content = layer.path.read_bytes()
    assert files(tmp_path) == sorted([layer.path, layer.path.parent / "record.json"])
    record = json.loads((layer.path.parent / "record.json").read_text(encoding="utf-8"))
    assert record == layer.record
    assert record["sha256"] == hashlib.sha256(content).hexdigest()
    assert record["bytes"] == len(content)
    assert (record["service"], record["layer"], record["count"]) == (NAME, service.layer, ALL)
    assert [p["features"] for p in record["pages"]] == [40, 40, 40, 35]
    first = json.dumps(service.page(0, 40)).encode()
    assert record["pages"][0]["sha256"] == hashlib.sha256(first).hexdigest()
    # No clock: a second copy made elsewhere is the same, byte for byte.
    again = fetch(service, tmp_path / "again")
    assert again.path.read_bytes() == content
    assert again.record == record


def test_the_second_time_no_server_is_needed(
    tmp_path: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(Service()) as running:
        first = fetch(running, tmp_path)
        asked = len(running.asked)
        assert fetch(running, tmp_path) == first
        assert len(running.asked) == asked
    monkeypatch.setitem(sys.modules, "requests", None)
    assert fetch(running, tmp_path) == first
    assert fetch(running, tmp_path, offline=True) == first
    with pytest.raises(MissingExtraError, match=r"requests is not installed.*'rcp-geo\[fetch\]'"):
        portal.fetch_layer(running.layer, cache=tmp_path, refresh=True)
    monkeypatch.undo()
    monkeypatch.setattr(web, "_sleep", waits.append)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(IntegrityError, match=r"cannot be reached or broke off .*, 5 times; check the connection"):
        portal.fetch_layer(running.layer, cache=tmp_path, refresh=True)
    assert waits == [1, 2, 4, 8]
    assert fetch(running, tmp_path) == first


def test_offline_says_what_is_missing_and_asks_no_one(service: Service, tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match=rf"{NAME}: is not in .*, and offline forbids fetching it"):
        rg.fetch_boundaries("upper", "2023-05", cache=tmp_path, offline=True)
    with pytest.raises(InputError, match="refresh: contradicts offline"):
        rg.fetch_boundaries("upper", "2023-05", cache=tmp_path, offline=True, refresh=True)
    assert not service.asked
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("flag", ["inner", "top", "none"])
def test_wherever_the_server_says_that_there_is_more(service: Service, tmp_path: Path, flag: str) -> None:
    service.flag = flag
    assert len(fetch(service, tmp_path).record["features"]) == ALL


def test_a_server_that_gives_less_than_it_says(service: Service, tmp_path: Path) -> None:
    service.about = {"maxRecordCount": 90}
    layer = fetch(service, tmp_path)
    assert [q["resultRecordCount"] for q in service.asked if "resultOffset" in q] == ["90"] * 4
    assert [p["offset"] for p in layer.record["pages"]] == [0, 40, 80, 120]


@pytest.mark.parametrize(("kind", "size"), [("BGC", "100"), ("BFC", "20")])
def test_full_lines_come_in_smaller_pages(service: Service, tmp_path: Path, kind: Any, size: str) -> None:
    service.most = 2000
    rg.fetch_boundaries("upper", "2023-12", kind, cache=tmp_path)
    assert {q["resultRecordCount"] for q in service.asked if "resultOffset" in q} == {size}


@pytest.mark.parametrize("about", [{"maxRecordCount": None}, {"maxRecordCount": 0}, {"maxRecordCount": "many"}])
def test_a_server_that_states_no_limit(service: Service, tmp_path: Path, about: dict[str, Any]) -> None:
    service.about = {**about, "editingInfo": None, "supportedQueryFormats": None, "advancedQueryCapabilities": None}
    assert len(fetch(service, tmp_path).record["features"]) == ALL


def test_a_layer_that_names_its_object_id_among_its_fields_only(service: Service, tmp_path: Path) -> None:
    fields = ["FID", {"name": "CTYUA23CD", "type": "esriFieldTypeString"}, {"name": "FID", "type": "esriFieldTypeOID"}]
    service.about = {"objectIdField": None, "fields": fields}
    assert fetch(service, tmp_path).record["object_id"] == "FID"
    service.about = {"objectIdField": "FID; DROP TABLE", "fields": None}
    assert "the layer names no object id" in refusal(service, tmp_path / "b")


def test_a_layer_of_districts_with_names_in_small_letters(service: Service, tmp_path: Path) -> None:
    service.features = squares("2019-12-31", code="lad19cd", name="lad19nm")
    frame = register().in_force("2019-12-31", "lower")
    names = dict(zip(frame["authority_code"], frame["authority_name"], strict=True))
    for feature, code in zip(service.features, [*names, "N09000001"], strict=False):
        feature["properties"] |= {"lad19cd": code, "lad19nm": names.get(code, "Antrim and Newtownabbey")}
    boundaries = rg.fetch_boundaries("lower", dt.date(2019, 12, 1), cache=tmp_path)
    assert boundaries.frame["authority_code"].tolist() == frame["authority_code"].tolist()[: len(service.features)]


def test_the_official_file_comes_through_unchanged(service: Service, tmp_path: Path, shared_data: Path) -> None:
    official = gpd.read_file(shared_data / "boundaries" / "ctyua_may_2023_uk_buc.gpkg")
    official.insert(0, "FID", range(1, len(official) + 1))
    service.features = json.loads(official.to_json(to_wgs84=False))["features"]
    found = rg.fetch_boundaries("upper", "2023-05", cache=tmp_path).frame.set_index("authority_code")
    there = official[official["CTYUA23CD"].str.startswith("E")].set_index("CTYUA23CD")
    assert found.index.tolist() == sorted(there.index)
    assert found.geometry.geom_equals(there.geometry.loc[found.index]).all()
    assert found["authority_name"].tolist() == there["CTYUA23NM"].loc[found.index].tolist()


# -------------------------------------------------------------------------------------------------------- broken off


def test_a_broken_download_goes_on_with_the_pages_that_are_missing(
    service: Service, tmp_path: Path, waits: list[float]
) -> None:
    service.faults = [at(80, cut)]
    said = refusal(service, tmp_path)
    assert service.layer in said
    # Which of the two depends on whether urllib3 compares lengths; releases before 2 do not.
    assert "broke off" in said or "the answer is not whole" in said
    assert "goes on from what has arrived" in said
    assert service.offsets == [0, 40, 80, 80, 80, 80, 80]
    assert waits == [1, 2, 4, 8]
    assert len(files(tmp_path)) == 2
    service.faults, service.asked = [], []
    layer = fetch(service, tmp_path)
    assert service.offsets == [80, 120]
    assert json.loads(layer.path.read_bytes())["features"] == service.features
    assert len(files(tmp_path)) == 2


def test_a_page_cut_where_the_connection_does_not_tell(service: Service, tmp_path: Path) -> None:
    page = json.dumps(service.page(40, 40)).encode()
    service.faults = [at(40, body(page[: len(page) // 2]))]
    fetch(service, tmp_path)
    assert service.offsets == [0, 40, 40, 80, 120]


def test_a_page_that_was_damaged_while_it_waited_is_asked_for_again(service: Service, tmp_path: Path) -> None:
    service.faults = [at(120, cut)]
    refusal(service, tmp_path)
    second = files(tmp_path)[1]
    assert second.name.startswith("000040-")
    second.write_bytes(second.read_bytes().replace(b"E06", b"E07"))
    service.faults, service.asked = [], []
    layer = fetch(service, tmp_path)
    assert service.offsets == [40, 120]
    assert json.loads(layer.path.read_bytes())["features"] == service.features


def test_pages_of_another_state_of_the_layer_are_not_used(service: Service, tmp_path: Path) -> None:
    service.faults = [at(120, cut)]
    refusal(service, tmp_path)
    service.faults, service.asked = [], []
    service.about = {"editingInfo": {"lastEditDate": 1_684_000_000_001}}
    service.features[0]["properties"]["CTYUA23NM"] = "New Hartlepool"
    layer = fetch(service, tmp_path)
    assert service.offsets == [0, 40, 80, 120]
    assert json.loads(layer.path.read_bytes())["features"] == service.features
    assert len(files(tmp_path)) == 2


def test_a_server_that_fails_and_then_does_not(service: Service, tmp_path: Path, waits: list[float]) -> None:
    service.faults = [at(40, body(b"", b"", status=503))]
    fetch(service, tmp_path)
    assert service.offsets == [0, 40, 40, 40, 80, 120]
    assert waits == [1, 2]


def test_an_error_of_a_busy_server_in_an_answer_that_looks_well(
    service: Service, tmp_path: Path, waits: list[float]
) -> None:
    service.faults = [body(b'{"error": {"code": 429, "message": "Too many requests.", "details": []}}')]
    fetch(service, tmp_path)
    assert waits == [1]


def test_a_server_that_asks_to_wait(service: Service, tmp_path: Path, waits: list[float]) -> None:
    service.faults = [at(0, body(b"slow down", status=429, Retry_After="7"))]
    fetch(service, tmp_path)
    assert waits == [7]
    service.faults = [at(40, body(b"", status=429, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"))]
    fetch(service, tmp_path / "date")
    assert waits == [7, 1]
    service.faults = [at(40, body(b"", status=429, Retry_After="3600"))]
    assert "asks to wait 3600 s (the server answers 429 Too Many Requests); call again after" in refusal(
        service, tmp_path / "long"
    )
    assert waits == [7, 1]


# ----------------------------------------------------------------------------------------------------- what is no layer


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            b'{"error": {"code": 400, "message": "Invalid URL", "details": ["Invalid URL"]}}',
            "answers with an error: 400 Invalid URL Invalid URL; look the service up at geoportal",
        ),
        (b'{"error": "gone"}', "answers with an error: gone; look"),
        (b'{"error": {"code": 499, "message": "Token Required", "details": null}}', "error: 499 Token Required; look"),
        (b"<!DOCTYPE html>\n<html><title>Sign in</title>", "is not JSON but begins '<!DOCTYPE html> <html>"),
        (b"", "is not JSON but begins ''"),
        (b"\x89PNG\r\n", "is not JSON but begins"),
        (b"[1, 2]", "is not a JSON object"),
        (b"[" * 100_000, "is not JSON but begins '[[[["),
    ],
)
def test_an_answer_that_is_no_layer(service: Service, tmp_path: Path, content: bytes, said: str) -> None:
    for fault in (always(content), at(80, always(content))):
        service.faults = [fault]
        message = refusal(service, tmp_path)
        assert said in message
        assert message.startswith(service.layer)


def test_an_object_too_deep_or_broken_every_time(service: Service, tmp_path: Path) -> None:
    service.faults = [always(b'{"a":' * 1000 + b"1" + b"}" * 1000)]
    assert "the answer is not whole" in refusal(service, tmp_path)
    assert len(service.asked) == 5


def test_a_server_that_refuses(service: Service, tmp_path: Path) -> None:
    service.faults = [always(b"", status=404)]
    assert "the server answers 404 Not Found; look the service up" in refusal(service, tmp_path)
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("about", "error", "said"),
    [
        ({"geometryType": "esriGeometryPoint"}, GeometryError, "is of esriGeometryPoint, not of polygons"),
        ({"geometryType": None, "type": "Table"}, GeometryError, "is of Table, not of polygons"),
        ({"geometryType": None, "type": None}, GeometryError, "is of nothing that it names, not of polygons"),
        ({"supportedQueryFormats": "JSON, PBF"}, InputError, "does not give the layer as GeoJSON in pages"),
        ({"advancedQueryCapabilities": {"supportsPagination": False}}, InputError, "as GeoJSON in pages"),
        ({"objectIdField": None}, IntegrityError, "names no object id"),
    ],
)
def test_a_layer_that_cannot_be_fetched(
    service: Service, tmp_path: Path, about: dict[str, Any], error: type[Exception], said: str
) -> None:
    service.about = about
    assert said in refusal(service, tmp_path, error)
    assert not service.offsets


@pytest.mark.parametrize("count", [0, 50_000, "many", True, None])
def test_a_layer_of_nothing_or_of_too_much(service: Service, tmp_path: Path, count: Any) -> None:
    service.faults = [
        lambda handler, query: (
            "returnCountOnly" in query and always(json.dumps({"count": count}).encode())(handler, query)
        )
    ]
    assert "features, where boundaries of authorities have 1 to 2,000" in refusal(service, tmp_path, InputError)


# --------------------------------------------------------------------------------------------- pages against each other


@pytest.mark.parametrize(("count", "flag"), [(ALL + 3, "inner"), (ALL - 3, "inner"), (100, "inner")])
def test_a_count_that_is_not_that_of_the_pages(service: Service, tmp_path: Path, count: int, flag: str) -> None:
    service.count, service.flag = count, flag
    said = refusal(service, tmp_path)
    assert f"the layer counts {count} features and its pages hold {ALL}; call again, which begins anew" in said
    assert not files(tmp_path)
    service.count, service.asked = None, []
    fetch(service, tmp_path)
    assert service.offsets == [0, 40, 80, 120]


def test_a_server_that_gives_the_first_page_for_every_page(service: Service, tmp_path: Path) -> None:
    service.faults = [
        lambda handler, query: (
            "resultOffset" in query and always(json.dumps(service.page(0, 40)).encode())(handler, query)
        )
    ]
    assert "feature 1 comes again in the page from feature 40 on: the server gives the same page again" in refusal(
        service, tmp_path
    )
    assert service.offsets == [0, 40]
    assert not files(tmp_path)


def test_pages_that_overlap(service: Service, tmp_path: Path) -> None:
    service.faults = [at(120, always(json.dumps(service.page(115, 40)).encode()))]
    assert "feature 116 comes again in the page from feature 120 on: pages overlap" in refusal(service, tmp_path)
    assert not files(tmp_path)


def test_a_server_that_always_says_that_there_is_more(service: Service, tmp_path: Path) -> None:
    page = {**service.page(ALL, 40), "exceededTransferLimit": True}
    service.faults = [at(ALL, always(json.dumps(page).encode()))]
    service.features = service.features[:120]
    service.faults.append(at(80, always(json.dumps({**service.page(80, 40), "exceededTransferLimit": True}).encode())))
    assert len(fetch(service, tmp_path).record["features"]) == 120
    assert service.offsets == [0, 40, 80, 120]


def test_pages_without_end(service: Service, tmp_path: Path) -> None:
    def endless(handler: Handler, query: dict[str, str]) -> bool:
        if "resultOffset" not in query:
            return False
        offset = int(query["resultOffset"])
        page = {**service.page(0, 40), "exceededTransferLimit": True}
        for i, feature in enumerate(page["features"]):
            feature["properties"]["FID"] = offset + i
        handler.send(json.dumps(page).encode())
        return True

    service.faults = [endless]
    assert f"the layer counts {ALL} features and its pages do not end; call again" in refusal(service, tmp_path)
    assert len(service.offsets) == 2_000 // 40 + 1
    assert not files(tmp_path)


@pytest.mark.parametrize(
    "page",
    [
        {"type": "FeatureSet", "features": []},
        {"type": "FeatureCollection"},
        {"type": "FeatureCollection", "features": {}},
        {"type": "FeatureCollection", "features": [None]},
        {"type": "FeatureCollection", "features": [{"properties": {}, "geometry": None}]},
        {"type": "FeatureCollection", "features": [{"properties": None, "geometry": {}}]},
    ],
)
def test_a_page_that_is_no_geojson_is_not_kept(service: Service, tmp_path: Path, page: dict[str, Any]) -> None:
    service.faults = [at(40, always(json.dumps(page).encode()))]
    assert "the page from feature 40 on is not GeoJSON" in refusal(service, tmp_path)
    assert [p.name[:7] for p in files(tmp_path)] == ["000000-"]


def test_features_without_an_id(service: Service, tmp_path: Path) -> None:
    for feature in service.features:
        del feature["id"]
    fetch(service, tmp_path)
    page = service.page(40, 40)
    page["features"] = [{**f, "properties": {"CTYUA23CD": "x"}} for f in page["features"]]
    service.faults = [at(40, always(json.dumps(page).encode()))]
    assert "a feature lacks its object id, FID" in refusal(service, tmp_path / "b")


def test_features_numbered_outside_their_properties(service: Service, tmp_path: Path) -> None:
    page = service.page(0, 40)
    for feature in page["features"]:
        del feature["properties"]["FID"]
    service.faults = [at(0, always(json.dumps(page).encode()))]
    # Without a code either, such a feature is known by its number.
    del page["features"][0]["properties"]["CTYUA23CD"]
    service.faults = [at(0, always(json.dumps(page).encode()))]
    assert list(fetch(service, tmp_path).record["features"])[:2] == ["1", "E06000002"]


def test_numbers_that_are_none(service: Service, tmp_path: Path) -> None:
    service.features[50]["properties"]["LAT"] = float("nan")
    assert "a feature holds numbers or texts that JSON does not know" in refusal(service, tmp_path)
    service.features[50]["properties"]["LAT"] = "\ud800"
    assert "numbers or texts that JSON does not know" in refusal(service, tmp_path)


# ---------------------------------------------------------------------------------------------------- where it lies


def in_degrees(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    frame = gpd.GeoDataFrame.from_features(features, crs=27700)
    return [
        {**f, "geometry": json.loads(json.dumps(g))}
        for f, g in zip(features, [s.__geo_interface__ for s in rg_degrees(frame)], strict=True)
    ]


def rg_degrees(frame: gpd.GeoDataFrame) -> gpd.GeoSeries:
    from rcp_geo.crs import to_wgs84

    return to_wgs84(frame, "test")


@pytest.mark.parametrize("name", ["EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", None])
def test_a_server_that_answers_in_degrees(service: Service, tmp_path: Path, name: str | None) -> None:
    plain = rg.fetch_boundaries("upper", "2023-05", cache=tmp_path / "plain").frame
    service.features = in_degrees(service.features)
    service.crs = None if name is None else {"type": "name", "properties": {"name": name}}
    found = rg.fetch_boundaries("upper", "2023-05", cache=tmp_path).frame
    assert found.crs == plain.crs
    assert found.geometry.hausdorff_distance(plain.geometry).max() < 0.01


@pytest.mark.parametrize(
    "crs", [None, BNG, {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}, {"properties": []}]
)
def test_a_server_that_answers_in_the_national_grid(
    service: Service, tmp_path: Path, crs: dict[str, Any] | None
) -> None:
    service.crs = crs
    assert fetch(service, tmp_path).record["crs"] == "EPSG:27700"


def test_systems_that_are_not_known_or_mixed(service: Service, tmp_path: Path) -> None:
    mixed = {**service.page(80, 40), "crs": {"type": "name", "properties": {"name": "EPSG:3857"}}}
    service.faults = [at(80, always(json.dumps(mixed).encode()))]
    assert "the page from feature 80 on is in EPSG:3857, the ones before in EPSG:27700" in refusal(service, tmp_path)
    service.faults, service.crs = [], {"type": "name", "properties": {"name": "Web Mercator"}}
    assert "the coordinate system Web Mercator is not known" in refusal(service, tmp_path)
    for none in ([], [["x", "y"]], None):
        service.crs, service.features[0]["geometry"]["coordinates"] = None, none
        assert "the first feature has no coordinates" in refusal(service, tmp_path)


# ---------------------------------------------------------------------------------------------- what was kept


def test_a_damaged_file_is_noticed_and_fetched_again(service: Service, tmp_path: Path) -> None:
    layer = fetch(service, tmp_path)
    content = layer.path.read_bytes()
    layer.path.write_bytes(content.replace(b"Hartlepool", b"Hartlepond"))
    with pytest.raises(IntegrityError, match=r"the stored layer was changed or damaged .*call again with refresh=True"):
        portal.fetch_layer(service.layer, cache=tmp_path, offline=True)
    found, findings = portal.fetch_layer(service.layer, cache=tmp_path)
    assert found.path.read_bytes() == content
    assert [(f.code, f.ids) for f in findings] == [("portal.damaged", (NAME,))]
    layer.path.unlink()
    with pytest.raises(IntegrityError, match="the stored layer is missing or cannot be read"):
        portal.fetch_layer(service.layer, cache=tmp_path, offline=True)
    with pytest.warns(InputWarning, match=r"portal\.damaged: boundaries: the layer was kept, but damaged"):
        rg.fetch_boundaries("upper", "2023-05", cache=tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b"{}",
        b'{"layer": "", "licence": "", "features": {}, "sha256": "../../secret"}',
        b'{"layer": "", "licence": "", "features": {}, "sha256": 5}',
        b'{"layer": "", "licence": "", "features": [], "sha256": "%s"}' % (b"0" * 64),
        b'{"layer": "", "features": {}, "sha256": "%s"}' % (b"0" * 64),
    ],
)
def test_a_record_that_is_none(service: Service, tmp_path: Path, text: bytes) -> None:
    layer = fetch(service, tmp_path)
    (layer.path.parent / "record.json").write_bytes(text)
    with pytest.raises(IntegrityError, match=r"record\.json: is not a record of a stored layer"):
        portal.fetch_layer(service.layer, cache=tmp_path, offline=True)
    _, findings = portal.fetch_layer(service.layer, cache=tmp_path)
    assert [f.code for f in findings] == ["portal.damaged"]
    assert fetch(service, tmp_path, offline=True) == layer


def test_a_record_that_cannot_be_read(service: Service, tmp_path: Path) -> None:
    layer = fetch(service, tmp_path)
    (layer.path.parent / "record.json").unlink()
    (layer.path.parent / "record.json").mkdir()
    with pytest.raises(IntegrityError, match=r"record\.json: cannot be read"):
        portal.fetch_layer(service.layer, cache=tmp_path, offline=True)


def test_a_record_replaced_while_it_is_read(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = fetch(service, tmp_path)
    service.features[3]["properties"]["CTYUA23NM"] = "Elsewhere"
    parsed = stored._parsed
    calls = []

    def slow(text: bytes) -> Any:
        calls.append(text)
        if len(calls) == 1:
            monkeypatch.setattr(stored, "_parsed", parsed)
            portal.fetch_layer(service.layer, cache=tmp_path, refresh=True)
            monkeypatch.setattr(stored, "_parsed", slow)
        return parsed(text)

    monkeypatch.setattr(stored, "_parsed", slow)
    found = stored.read_stored(old.path.parent)
    assert found is not None
    assert found.path != old.path
    assert len(calls) == 2


def test_refresh_says_what_is_not_the_same_any_more(service: Service, tmp_path: Path) -> None:
    old = fetch(service, tmp_path)
    asked = len(service.asked)
    assert fetch(service, tmp_path, refresh=True) == old
    assert len(service.asked) == 2 * asked
    # Numbered anew, nothing has changed that matters.
    for feature in service.features:
        feature["properties"]["FID"] += 1000
        feature["properties"]["GlobalID"] = "new"
        feature["id"] += 1000
    moved = fetch(service, tmp_path, refresh=True)
    assert moved.path != old.path
    assert files(tmp_path) == sorted([moved.path, moved.path.parent / "record.json"])
    ring = service.features[1]["geometry"]["coordinates"][0]
    ring[1][0], ring[2][0] = ring[1][0] + 1, ring[2][0] + 1
    service.features[-1]["properties"]["CTYUA23CD"] = "W06000099"
    _, (finding,) = portal.fetch_layer(service.layer, cache=tmp_path, refresh=True)
    assert (finding.code, finding.ids) == ("portal.changed", ("E06000002", "W06000002", "W06000099"))
    service.features[0]["properties"]["CTYUA23NM"] = "Hartlepool again"
    with pytest.warns(InputWarning, match=r"portal\.changed: boundaries: 1 features of .* \(E06000001\); run again"):
        rg.fetch_boundaries("upper", "2023-05", cache=tmp_path, refresh=True)


def test_a_refresh_that_fails_leaves_what_was_kept(service: Service, tmp_path: Path) -> None:
    old = fetch(service, tmp_path)
    service.faults = [at(40, always(b"<html>"))]
    with pytest.raises(IntegrityError):
        portal.fetch_layer(service.layer, cache=tmp_path, refresh=True)
    assert fetch(service, tmp_path) == old


def test_two_processes_at_once(service: Service, tmp_path: Path) -> None:
    code = (
        "import sys; from rcp_geo.io import portal; "
        "layer, found = portal.fetch_layer(sys.argv[1], cache=sys.argv[2]); print(layer.path.name, len(found))"
    )
    command = [sys.executable, "-W", "error", "-c", code, service.layer, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    answers = [process.communicate(timeout=120) for process in running]
    assert [p.returncode for p in running] == [0, 0, 0], answers
    layer = fetch(service, tmp_path, offline=True)
    assert {out for out, _ in answers} == {f"{layer.path.name} 0\n"}
    assert files(tmp_path) == sorted([layer.path, layer.path.parent / "record.json"])


def test_pages_cleared_by_another_process_are_no_loss(service: Service, tmp_path: Path) -> None:
    def clear(handler: Handler, query: dict[str, str]) -> bool:
        for folder in tmp_path.rglob("pages-*"):
            shutil.rmtree(folder)
        return False

    service.faults = [at(80, clear)]
    assert len(fetch(service, tmp_path).record["features"]) == ALL
    stored.Pages(tmp_path / "gone" / "pages-0").keep(0, b"page")
    assert not (tmp_path / "gone").exists()


def test_where_it_is_kept(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda name, appauthor: str(tmp_path / "home" / name))
    layer, _ = portal.fetch_layer(service.layer)
    assert layer.path.is_relative_to(tmp_path / "home" / "rcp_geo" / "boundaries")
    assert layer.path.parent.name.startswith(f"{NAME}-")
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    with pytest.raises(MissingExtraError, match=r"platformdirs is not installed.*'rcp-geo\[fetch\]'"):
        portal.fetch_layer(service.layer)
    file = tmp_path / "file"
    file.write_text("")
    for cache, said in ((file, "is a file; pass a folder"), (file / "below", "cannot be written to")):
        with pytest.raises(InputError, match=said):
            portal.fetch_layer(service.layer, cache=cache)
    assert not file.read_text()


# ------------------------------------------------------------------------------------------------- hostile servers


def test_an_answer_without_end(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MAX_FILE", 1_000_000)
    packed = gzip.compress(b" " * 50_000_000)
    for fault in (always(b" " * 1_100_000), always(packed, Content_Encoding="gzip")):
        service.faults = [fault]
        assert "the answer is above the 1.0 MB that are read" in refusal(service, tmp_path)


def test_answers_that_are_packed(service: Service, tmp_path: Path) -> None:
    page = json.dumps(service.page(40, 40)).encode()
    service.faults = [at(40, always(gzip.compress(page), Content_Encoding="gzip"))]
    assert len(fetch(service, tmp_path).record["features"]) == ALL
    assert {sent["Accept-Encoding"] for sent in service.headers} == {"gzip"}
    for packed in ("br", "gzip, gzip", "\x07"):
        service.faults = [always(page, Content_Encoding=packed)]
        assert "the answer is packed as" in refusal(service, tmp_path / "b")


def test_a_layer_too_large_as_a_whole(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(featureserver, "_MOST_BYTES", 20_000)
    assert "the layer is above 0.0 MB; take a coarser resolution" in refusal(service, tmp_path, InputError)


@pytest.mark.parametrize("target", ["http://192.0.2.1/x", "ftp://127.0.0.1/x", "http://127.0.0.1.example.org/x"])
def test_a_server_that_sends_on_to_where_anyone_could_listen(service: Service, tmp_path: Path, target: str) -> None:
    service.faults = [always(b"", status=302, Location=target)]
    assert f"the server sends on to {target}, which is not https; nothing was taken" in refusal(service, tmp_path)


def test_a_server_that_sends_on(service: Service, tmp_path: Path) -> None:
    def move(handler: Handler, query: dict[str, str]) -> bool:
        if "moved" in handler.path:
            return False
        handler.send(b"", 307, Location=handler.path.replace("/services/", "/services/moved/"))
        return True

    service.faults = [move]
    assert len(fetch(service, tmp_path).record["features"]) == ALL
    service.faults = [lambda handler, query: always(b"", status=302, Location=handler.path)(handler, query)]
    assert "sends on more than 3 times" in refusal(service, tmp_path / "b")


def test_no_ones_credentials_are_sent(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    fetch(service, tmp_path / "cache")
    assert all("Authorization" not in sent for sent in service.headers)
    assert {sent["User-Agent"] for sent in service.headers} == {f"rcp-geo/{rg.__version__}"}


# --------------------------------------------------------------------------------------------------- what is asked for


@pytest.mark.parametrize(
    ("address", "layer", "name"),
    [
        ("Some_(Dec_2020)_EN", f"{portal.PORTAL}/Some_(Dec_2020)_EN/FeatureServer/0", "Some_(Dec_2020)_EN"),
        ("https://a.org/rest/services/X/FeatureServer", "https://a.org/rest/services/X/FeatureServer/0", "X"),
        ("https://a.org/rest/services/X/FeatureServer/3/", "https://a.org/rest/services/X/FeatureServer/3", "X"),
        ("https://a.org:8443/X/MapServer/12/query?where=1%3D1", "https://a.org:8443/X/MapServer/12", "X"),
        ("http://localhost:80/X/FeatureServer/0", "http://localhost:80/X/FeatureServer/0", "X"),
    ],
)
def test_names_and_addresses_of_services(address: str, layer: str, name: str) -> None:
    assert portal._address(address) == (layer, name)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://a.org/X/FeatureServer/0", "is not an https address"),
        ("http://127.0.0.1.a.org/X/FeatureServer/0", "is not an https address"),
        ("https://user:word@a.org/X/FeatureServer/0", "is not an https address"),
        ("file:///etc/passwd", "is not an https address"),
        ("", "is not an https address"),
        ("two words", "is not an https address"),
        ("https://a.org/X.geojson", "is not the address of a layer"),
        ("https://a.org/X/FeatureServer/0/deleteFeatures", "is not the address of a layer"),
        ("https://a.org/X/FeatureServer/0x", "is not the address of a layer"),
    ],
)
def test_services_that_are_neither(tmp_path: Path, address: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        portal.fetch_layer(address, cache=tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_address_that_no_one_could_ask(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"https://\[::/X/FeatureServer/0 is not an address"):
        portal.fetch_layer("https://[::/X/FeatureServer/0", cache=tmp_path)


def test_a_service_elsewhere_is_under_terms_of_its_own(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal, "PORTAL", "https://elsewhere.example/rest")
    boundaries = rg.fetch_boundaries("upper", "2023-05", service=service.layer, cache=tmp_path)
    assert boundaries.licence == ""
    assert boundaries.source.startswith(service.layer)


@pytest.mark.parametrize(
    ("level", "vintage", "resolution", "said"),
    [
        ("middle", "2023-05", "BGC", "level: 'middle' is not known; use one of upper, lower"),
        ("upper", "2023-05", "HUGE", "resolution: 'HUGE' is not known; use one of BUC, BSC, BGC, BFC, BFE"),
        ("upper", "2023-13", "BGC", "vintage: '2023-13' is not a month; write YYYY-MM"),
        ("upper", "0000-01", "BGC", "vintage: '0000-01' is not a month; write YYYY-MM"),
        ("upper", "2023", "BGC", "vintage: '2023' is not a date"),
        ("upper", "2023-05-32", "BGC", "vintage: '2023-05-32' is not a date"),
        ("upper", "2022-05", "BGC", "known are 2019-04 BGC; 2019-12 BUC, BGC, BFC; 2020-12"),
        ("lower", "2023-05", "BSC", "name of lower-tier boundaries 2023-05 BSC on the portal is not known here"),
    ],
)
def test_editions_that_are_not_known(tmp_path: Path, level: Any, vintage: str, resolution: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        rg.fetch_boundaries(level, vintage, resolution, cache=tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_catalogue_holds_each_edition_once_and_says_where_its_name_is_from() -> None:
    known = editions()
    keys = [(e.level, e.vintage, e.resolution) for e in known]
    assert len(set(keys)) == len(keys) == len({e.service for e in known})
    for edition in known:
        assert edition.level in LEVELS
        assert edition.resolution in RESOLUTIONS
        assert edition.source
        assert portal._NAME.fullmatch(edition.service)
        # A name holds its year and, in the portal's older spelling or the newer, its resolution.
        assert edition.vintage[:4] in edition.service
        old = {"BUC": "UGCB", "BGC": "GCB", "BFC": "FCB"}.get(edition.resolution, edition.resolution)
        generalised = "Generalised" if edition.resolution == "BGC" else old
        assert any(f"_{kind}_" in f"{edition.service}_" for kind in (edition.resolution, old, generalised))
        month = dt.date.fromisoformat(f"{edition.vintage}-01").strftime("%B")
        assert f"_{month[:3].lower()}" in edition.service.lower()
        assert find_edition(edition.level, edition.vintage, edition.resolution) is edition
    # The terms are the same as those of the polygons that ship.
    assert {e.licence for e in known} == {rg.load_boundaries("2023-05-31").licence}


def test_a_layer_of_another_tier_or_year(service: Service, tmp_path: Path) -> None:
    with pytest.raises(
        InputError,
        match=r"level: .* holds counties and unitary authorities, not local authority districts; pass a service",
    ):
        rg.fetch_boundaries("lower", "2023-05", cache=tmp_path, service=service.layer)
    with pytest.raises(VintageError, match=r"2021-12"):
        rg.fetch_boundaries("upper", "2021-12", cache=tmp_path, service=service.layer)


def test_what_is_odd_in_a_layer_is_found(service: Service, tmp_path: Path) -> None:
    boundaries = rg.fetch_boundaries("upper", "2023-05", cache=tmp_path, service=service.layer)
    assert "column.mapping" in set(boundaries.findings["code"])


def test_a_layer_without_codes(service: Service, tmp_path: Path) -> None:
    for feature in service.features:
        feature["properties"].pop("CTYUA23CD")
    with pytest.raises(MissingColumnError, match="CTYUA23NM"):
        rg.fetch_boundaries("upper", "2023-05", cache=tmp_path, service=service.layer)


# ----------------------------------------------------------------------------------------------------- and nothing else


def test_nothing_else_asks_for_the_library_that_reaches_the_network() -> None:
    found = {}
    for path in sorted((ROOT / "src" / "rcp_geo").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("require") and node.args:
                found.setdefault(ast.unparse(node.args[0]), set()).add(path.name)
    assert found["'requests'"] == {"web.py"}


def test_the_main_job_opens_no_connection() -> None:
    code = """
import sys
def refuse(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.")):
        raise SystemExit(f"{event} {arguments}")
sys.addaudithook(refuse)
import rcp_geo as rg
answer = rg.assess()
rg.geocode(["LS1 1UR"])
rg.locate(rg.load_demand().head(), rg.load_boundaries("2023-05-01"))
print(len(answer.gaps), "requests" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["152", "False"], done.stderr
