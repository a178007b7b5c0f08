"""The table of a user made into tables: that work grows with its rows, and no faster."""

from __future__ import annotations

import warnings
from collections import Counter
from typing import Any

import pandas as pd
import pytest

import rcp_geo as rg
from rcp_geo.errors import InputWarning
from rcp_geo.io import central, plain
from rcp_geo.schema import check_unique

AS_OF = "2024-05-01"


def read(rows: list[dict[str, str]], **options: Any) -> rg.Directory:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        return rg.read_directory(pd.DataFrame(rows, dtype=object).fillna(""), **{"as_of": AS_OF, **options})


def test_the_middle_of_the_same_authorities_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    central._middle.cache_clear()
    found: list[int] = []
    real = central.medoid
    monkeypatch.setattr(central, "medoid", lambda x, y: found.append(len(x)) or real(x, y))
    served = ["Kent; Medway", "Medway, Kent", "Leeds"]
    sites = read([{"name": f"n{i}", "family": "local", "served": served[i % 3]} for i in range(60)]).sites
    assert len(found) == 2
    assert len(set(zip(sites.geometry.x, sites.geometry.y, strict=True))) == 2


def test_services_of_one_name_are_numbered_in_as_many_steps_as_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = plain._Ids.clash
    monkeypatch.setattr(plain._Ids, "clash", lambda self, key, *own: asked.append(key) or real(self, key, *own))
    count = 300
    services = read([{"name": "Pause", "family": f"f{i}", "authority": "Hull"} for i in range(count)]).services
    assert services["service_id"].tolist() == ["pause-hull", *(f"pause-hull-{i}" for i in range(2, count + 1))]
    assert len(asked) <= 3 * count


def test_an_id_that_was_made_is_none_that_is_stated_and_stays_one_for_one_service() -> None:
    named = {"name": "Pause", "authority": "Hull"}
    rows = [
        {**named, "family": "pause"},
        {**named, "family": "local", "postcode": "HU1 2AA"},
        {"id": "pause-hull-2", "name": "Other", "family": "local", "authority": "Hull"},
        {**named, "family": "fdac"},
        {**named, "family": "local", "postcode": "HU1 3AA"},
        {**named, "family": "pause", "postcode": "HU1 2AA"},
    ]
    directory = read(rows)
    assert directory.services[["service_id", "family"]].values.tolist() == [
        ["pause-hull", "pause"],
        ["pause-hull-3", "local"],
        ["pause-hull-2", "local"],
        ["pause-hull-4", "fdac"],
    ]
    (same,) = [f for f in directory.noticed if f.code == "row.same_service"]
    assert same.ids == ("row 4", "row 5")


@pytest.mark.parametrize("what", ["_identify", "_dates"])
def test_no_set_is_made_anew_for_every_row(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: Counter[str] = Counter()

    class Counted(set[Any]):
        def __init__(self, *given: Any) -> None:
            made[what] += 1
            super().__init__(*given)

    monkeypatch.setattr(plain, "set", Counted, raising=False)
    read([{"name": "" if i % 2 else f"n{i}", "family": "" if i % 3 else "local", "opened": "never"} for i in range(90)])
    assert made[what] < 10


def test_windows_of_one_service_are_compared_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    real = pd.DataFrame.merge
    monkeypatch.setattr(
        pd.DataFrame, "merge", lambda self, *a, **k: sizes.append(len(self)) or real(self, *a, **k), raising=True
    )
    days = pd.date_range("1950-01-01", periods=400).strftime("%Y-%m-%d")
    directory = read([{"id": "x", "name": "n", "family": "local", "from": d, "to": d} for d in days])
    assert len(directory.status) == 400
    # Joined with itself, one service of 20,000 windows would be 400,000,000 pairs.
    assert sizes == []
    assert check_unique(directory.status["observed_from"], "status", "observed_from") == []
