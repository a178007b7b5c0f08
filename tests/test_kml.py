"""Maps, as Google exports them and as an attacker would."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rcp_geo.io.formats import read_table
from tests import tables
from tests.tables import TEXTS, found, packed, refusal, write


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("the network was touched")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def kml(path: Path, body: str, head: str = "") -> Path:
    return write(path, f'<?xml version="1.0"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2">{body}</kml>')


MARK = "<Placemark><name>A</name><Point><coordinates>-1.5,53.5</coordinates></Point></Placemark>"


def test_my_maps(tmp_path: Path) -> None:
    body = """<Document><name>Services</name>
      <Folder><name>Pause</name>
        <Placemark><name>Pause Hull</name><description><![CDATA[postcode: HU1 2AA<br>status: open]]></description>
          <ExtendedData><Data name="name"><value>Pause Hull</value></Data>
            <Data name="postcode"><value>HU1 2AA</value></Data></ExtendedData>
          <Point><coordinates>
            -0.333,53.745,0
          </coordinates></Point></Placemark>
        <Placemark><name>Route</name><LineString><coordinates>-1,53 -2,54</coordinates></LineString></Placemark>
      </Folder>
      <Folder><name>FDAC</name><Folder><name>South</name>
        <Placemark><TimeSpan><begin>2019</begin></TimeSpan><ExtendedData><SchemaData>
          <SimpleData name="postcode">SW1A 1AA</SimpleData></SchemaData></ExtendedData></Placemark>
      </Folder></Folder></Document>"""
    table = read_table(kml(tmp_path / "a.kml", body))
    assert list(table.frame.columns) == ["name", "description", "folder", "begin", "postcode"]
    assert table.frame["folder"].tolist() == ["Pause", "Pause", "FDAC / South"]
    assert table.frame["begin"].tolist() == ["", "", "2019"]
    assert table.frame["postcode"].tolist() == ["HU1 2AA", "", "SW1A 1AA"]
    assert table.frame["description"][0] == "postcode: HU1 2AA<br>status: open"
    assert table.rows == ("Placemark 'Pause Hull'", "Placemark 'Route'", "Placemark '' (number 3)")
    assert table.geometry.isna().tolist() == [False, True, True]
    assert found(table, "geometry.not_point").ids == ("Placemark 'Route'",)
    assert len(read_table(tmp_path / "a.kml", layer="Pause").frame) == 2
    assert "has no folder 'X' with placemarks; it has Pause, FDAC, South" in refusal(tmp_path / "a.kml", layer="X")


def test_kml_as_qgis_writes_it(tmp_path: Path) -> None:
    body = """<Document id="root_doc"><Schema name="a" id="a"><SimpleField name="postcode" type="string"/></Schema>
      <Folder><name>a</name><Placemark id="a.1"><name>A</name><Style><IconStyle/></Style>
        <ExtendedData><SchemaData schemaUrl="#a"><SimpleData name="postcode">HU1 2AA</SimpleData></SchemaData></ExtendedData>
        <Point><coordinates>-1.5,53.5</coordinates></Point></Placemark></Folder></Document>"""
    table = read_table(kml(tmp_path / "a.kml", body))
    assert table.frame.to_dict("list") == {"name": ["A"], "folder": ["a"], "postcode": ["HU1 2AA"]}


def test_a_map_that_only_links_to_another(tmp_path: Path) -> None:
    link = "<NetworkLink><Link><href>http://127.0.0.1:1/x.kml</href></Link></NetworkLink>"
    said = refusal(kml(tmp_path / "a.kml", f"<Document>{link}</Document>"))
    assert "without 'Keep data up to date with network link KML'" in said
    table = read_table(kml(tmp_path / "b.kml", f"<Document>{link}{MARK}</Document>"))
    assert "never fetched" in found(table, "file.network_link").message


@pytest.mark.parametrize(
    ("coordinates", "kept"),
    [
        ("-1.5, 53.5", True),
        ("-1.5,53.5,12", True),
        ("", None),
        ("a,b", False),
        ("1", False),
        ("1,2 3,4", False),
        ("nan,1", False),
    ],
)
def test_coordinates_of_placemarks(tmp_path: Path, coordinates: str, kept: bool | None) -> None:
    mark = MARK.replace("-1.5,53.5", coordinates)
    table = read_table(kml(tmp_path / "a.kml", mark))
    assert table.geometry.notna().tolist() == [bool(kept)]
    codes = [(f.code, f.ids) for f in table.findings]
    assert codes == ([("geometry.invalid", ("Placemark 'A'",))] if kept is False else [])


def test_data_that_differ_from_the_placemarks_own_are_kept(tmp_path: Path) -> None:
    values = [("name", "B"), ("x", "1"), ("x", "2")]
    data = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in values)
    data = f"<ExtendedData>{data}</ExtendedData>"
    table = read_table(kml(tmp_path / "a.kml", MARK.replace("<Point>", f"{data}<Point>")))
    assert table.frame.to_dict("list") == {"name": ["A"], "name (2)": ["B"], "x": ["1"]}
    assert [f.code for f in table.findings] == ["column.duplicate"] * 2


LAUGHS = "<!DOCTYPE lolz [<!ENTITY lol 'lol'>" + "".join(
    f"<!ENTITY lol{i} '{f'&lol{i - 1};' * 10 if i > 1 else '&lol;' * 10}'>" for i in range(1, 10)
)


@pytest.mark.parametrize(
    ("body", "head", "said"),
    [
        ("<Placemark><name>&lol9;</name></Placemark>", LAUGHS + "]>", "which are never read"),
        (
            "<Placemark><name>&x;</name></Placemark>",
            "<!DOCTYPE k [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
            "which are never read",
        ),
        ("<Placemark/>", "<!DOCTYPE k SYSTEM 'http://127.0.0.1:1/k.dtd'>", "which are never read"),
        ("<Placemark><name>&unknown;</name></Placemark>", "", "is not well-formed KML"),
        ("<Folder>" * 200 + "</Folder>" * 200, "", "is nested more than 100 deep"),
        ("<Placemark>" * 2 + "</Placemark>" * 2, "", "a placemark inside a placemark"),
        ("<Document/>", "", "holds no placemarks"),
        (f"<Placemark><name>{'x' * 200_000}</name></Placemark>", "", "more than 131,072 characters"),
        (f"<Placemark {'a' * 11_000_000}='1'/>", "", "has a tag or text above 10 MB"),
        (f"<Placemark {' '.join(f'a{i}=1' for i in range(9))}/>", "", "is not well-formed KML"),
    ],
)
def test_hostile_kml(tmp_path: Path, body: str, head: str, said: str) -> None:
    assert said in refusal(kml(tmp_path / "a.kml", body, head))


def test_a_hidden_document_type(tmp_path: Path) -> None:
    text = f'<?xml version="1.0" encoding="UTF-16"?>{LAUGHS}]><kml><Placemark><name>&lol9;</name></Placemark></kml>'
    refusal(write(tmp_path / "a.kml", text.encode("utf-16")))


def test_too_many_elements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rcp_geo.io.kml.MAX_XML_ELEMENTS", 100)
    assert "more than 100 elements" in refusal(kml(tmp_path / "a.kml", "<a/>" * 200))


def test_which_map_of_an_archive(tmp_path: Path) -> None:
    text = tables.kml_text().encode()
    path = packed(tmp_path / "a.kmz", {"other.kml": b"<kml/>", "doc.kml": text})
    table = read_table(path)
    pd.testing.assert_frame_equal(table.frame, TEXTS)
    assert found(table, "file.sheets").ids == ("other.kml",)
