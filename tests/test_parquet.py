"""Parquet with its types, and GeoParquet."""

from __future__ import annotations

import datetime as dt
import decimal
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rcp_geo.errors import RcpGeoError
from rcp_geo.io.formats import read_table
from tests.tables import found, refusal


def test_types_of_parquet(tmp_path: Path) -> None:
    columns = {
        "whole": pa.array([1, None]),
        "narrow": pa.array([0.1, None], pa.float32()),
        "word": pa.array(["a", None]).dictionary_encode(),
        "exact": pa.array([decimal.Decimal("1.50"), None]),
        "stamp": pa.array([dt.datetime(2021, 1, 2), None], pa.timestamp("ns")),  # noqa: DTZ001
        "old": pa.array([b"Hull", None]),
        "raw": pa.array([b"\xff\x00", None]),
        "many": pa.array([[1], None]),
        "both": pa.array([{"x": 1}, None]),
        "empty": pa.nulls(2),
        "last": pa.array(["x", "y"], pa.large_string()),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet")
    assert table.frame.iloc[0].to_dict() == {
        "whole": "1", "narrow": "0.1", "word": "a", "exact": "1.5", "stamp": "2021-01-02", "old": "Hull", "empty": "", "last": "x"
    }  # fmt: skip
    assert table.frame.iloc[1].tolist() == [""] * 7 + ["y"]
    assert {f.column for f in table.findings} == {"raw", "many", "both"}


def test_a_short_parquet_of_long_texts(tmp_path: Path) -> None:
    values = pa.array(["x" * 200_000] * 1_000).dictionary_encode()
    pq.write_table(pa.table({"name": pa.array(["A"] * 1_000), "long": values}), tmp_path / "a.parquet")
    tracemalloc.start()
    assert "more than 131,072 characters in column long" in refusal(tmp_path / "a.parquet")
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_a_parquet_of_too_many_rows_is_not_unpacked(tmp_path: Path) -> None:
    pq.write_table(pa.table({"name": pa.array([True] * 1_000_001)}), tmp_path / "a.parquet")
    assert "has more than 1,000,000 rows" in refusal(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("geo", "said"),
    [
        (b"[" * 10_000, "is nested more than 64 deep"),
        (b"{", "cannot be read as JSON"),
        (b'{"primary_column":"geometry","columns":{"geometry":{"encoding":"point"}}}', "its geometry is not in WKB"),
        (b'{"primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","crs":"nonsense"}}}', "cannot be read"),
        (b'{"primary_column":"name","columns":{"name":{"encoding":"WKB"}}}', ""),
        (b'{"primary_column":"gone","columns":{"gone":{"encoding":"WKB"}}}', ""),
        (b'{"primary_column":7}', ""),
        (b"[]", ""),
    ],
)
def test_hostile_geoparquet(tmp_path: Path, geo: bytes, said: str) -> None:
    table = pa.table({"name": ["A"], "geometry": [b"\x01\x01"]}).replace_schema_metadata({b"geo": geo})
    pq.write_table(table, tmp_path / "a.parquet")
    if said:
        assert said in refusal(tmp_path / "a.parquet")
    else:
        with pytest.raises(RcpGeoError) if b"name" in geo else pytest.MonkeyPatch.context():
            read_table(tmp_path / "a.parquet")


def test_nested_geometry_never_reaches_the_engine(tmp_path: Path) -> None:
    deep = b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 300_000
    table = pa.table({"name": ["A", "B"], "geometry": [deep, b"\x01\x04\x00\x00\x00\x01\x00\x00\x00" + deep]})
    geo = b'{"primary_column":"geometry","columns":{"geometry":{"encoding":"WKB"}}}'
    pq.write_table(table.replace_schema_metadata({b"geo": geo}), tmp_path / "a.parquet")
    assert len(found(read_table(tmp_path / "a.parquet"), "geometry.not_point").ids) == 2
