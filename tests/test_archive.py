"""Archives that are not what they seem."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from rcp_geo.io import archive
from tests import tables
from tests.tables import packed, refusal, write


@pytest.mark.parametrize(
    "member", ["../../evil.kml", "/etc/evil.kml", "C:\\evil.kml", "..\\evil.kml", "a/../../evil.kml", "c:evil.kml"]
)
def test_archives_that_reach_outside(tmp_path: Path, member: str) -> None:
    path = packed(tmp_path / "a.kmz", {"doc.kml": tables.kml_text().encode(), member: b"x"})
    assert "lies outside the archive; do not use this file" in refusal(path)


def test_archives_with_links_passwords_and_odd_packing(tmp_path: Path) -> None:
    link = packed(tmp_path / "link.kmz", {"doc.kml": b"/etc/passwd"}, external_attr=0o120777 << 16)
    assert "is a link to another file" in refusal(link)
    data = packed(tmp_path / "a.kmz", {"doc.kml": b"x"}).read_bytes()
    at = data.rindex(b"PK\x01\x02")
    locked = data[: at + 8] + bytes([data[at + 8] | 1]) + data[at + 9 :]
    assert "is protected by a password" in refusal(write(tmp_path / "locked.kmz", locked))
    with zipfile.ZipFile(tmp_path / "lzma.kmz", "w", zipfile.ZIP_LZMA) as file:
        file.writestr("doc.kml", "x")
    assert "packed in an unusual way" in refusal(tmp_path / "lzma.kmz")


def test_archives_with_a_name_twice_or_another_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "twice.kmz", "w") as file:
        file.writestr("doc.kml", "a")
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("doc.kml", "b")
    assert "holds doc.kml twice" in refusal(tmp_path / "twice.kmz")
    inner = packed(tmp_path / "in.zip", {"doc.kml": b"x"}).read_bytes()
    assert "unpack it and give one file" in refusal(packed(tmp_path / "out.zip", {"in.zip": inner}))
    assert "unpack it and give one file" in refusal(packed(tmp_path / "csv.zip", {"services.csv": b"name\nA\n"}))


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.kmz", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("doc.kml", bytes(30_000_000))
    tracemalloc.start()
    message = refusal(tmp_path / "bomb.kmz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "would unpack to 30 MB" in message
    assert peak < 5_000_000


def test_a_zip_that_lies_about_its_sizes(tmp_path: Path) -> None:
    data = bytearray(packed(tmp_path / "a.kmz", {"doc.kml": b"<kml>" + bytes(20_000_000)}).read_bytes())
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 1_000)
    message = refusal(write(tmp_path / "lie.kmz", bytes(data)))
    assert "cannot be read as a zip archive" in message


@pytest.mark.parametrize("large", [False, True])
def test_a_zip_of_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: bool) -> None:
    monkeypatch.setattr(archive, "_MAX_CATALOGUE", 4_000_000 if large else 2_000)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 50 if large else 10_000)
    path = packed(tmp_path / "many.kmz", {f"{i}.png": b"" for i in range(100)})
    assert "it is not a table or a map" in refusal(path)


def test_a_zip_of_the_large_kind_states_its_size_elsewhere(tmp_path: Path) -> None:
    data = packed(tmp_path / "a.kmz", {"doc.kml": b"x"}).read_bytes()
    end = data.rindex(b"PK\x05\x06")
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, 1 << 40, 0)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)
    assert "it is not a table or a map" in refusal(
        write(tmp_path / "b.kmz", data[:end] + record + locator + data[end:])
    )


@pytest.mark.parametrize(
    ("member", "said"),
    [
        ("xl/workbook.bin", "is a binary Excel workbook (.xlsb)"),
        ("mimetype", "is a document of another kind"),
        ("word/document.xml", "is a document of another kind"),
    ],
)
def test_other_office_files(tmp_path: Path, member: str, said: str) -> None:
    assert said in refusal(packed(tmp_path / "a.xlsx", {member: b"x"}))
