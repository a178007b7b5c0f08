"""Embedded files: each is what the manifest says, or the reader is told."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pandas as pd
import pytest

from rcp_geo import resources
from rcp_geo.errors import IntegrityError

FILES = sorted(resources.manifest()["files"])


@pytest.mark.parametrize("file_id", FILES)
def test_every_file_is_the_one_in_the_manifest(file_id: str) -> None:
    record, content = resources.entry(file_id), resources.read_bytes(file_id)
    assert hashlib.sha256(content).hexdigest() == record["sha256"]
    assert len(content) == record["bytes"]
    table = (
        pd.read_parquet(io.BytesIO(content))
        if record["name"].endswith(".parquet")
        else pd.read_csv(io.BytesIO(content))
    )
    assert len(table) == record["rows"]


@pytest.mark.parametrize("file_id", FILES)
def test_every_file_has_a_title_a_licence_and_an_attribution(file_id: str) -> None:
    record = resources.entry(file_id)
    assert all(record[key].strip() for key in ("title", "licence", "attribution", "name"))


def test_all_that_ships_is_under_six_megabytes() -> None:
    assert sum(record["bytes"] for record in resources.manifest()["files"].values()) < 6_000_000


def _changed(monkeypatch: pytest.MonkeyPatch, **change: Any) -> None:
    record = {**resources.entry("changes"), **change}
    monkeypatch.setattr(resources, "entry", lambda _: record)


def test_a_file_that_differs_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    _changed(monkeypatch, sha256="0" * 64)
    with pytest.raises(IntegrityError) as raised:
        resources.read_csv("changes")
    message = str(raised.value)
    assert message.startswith("changes.csv: the data file is not the one in the manifest")
    assert "expected 000000000000" in message
    assert "install the package again" in message


def test_a_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _changed(monkeypatch, name="gone.csv")
    with pytest.raises(IntegrityError, match=r"^gone.csv: the data file is missing from this installation.*install"):
        resources.read_csv("changes")


def test_blanks_stay_blank_and_codes_stay_text() -> None:
    table = resources.read_csv("authorities")
    assert not table.isna().any(axis=None)
    assert (table["valid_to"] == "").any()
    assert all(isinstance(v, str) for v in table["authority_code"])
