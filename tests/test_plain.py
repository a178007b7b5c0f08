"""The table of a user made into tables: that work grows with its rows, and no faster."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
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


def oracle(*districts: str) -> tuple[float, float]:
    """The demand point of these districts of 2011 from which all the others are nearest, by trying each."""
    own = rg.load_demand().query("district_code in @districts")
    x, y = own["easting"].to_numpy(), own["northing"].to_numpy()
    sums = [np.hypot(x - a, y - b).sum() for a, b in zip(x, y, strict=True)]
    best = own.iloc[int(np.argmin(sums))]
    return best["longitude"], best["latitude"]


def placed(place: str, **row: str) -> tuple[str, tuple[float, float], list[tuple[str, ...]]]:
    """The precision and the point of one service, and the rows of which the place is said not to be known."""
    directory = read([{"name": "n", "family": "local", "place": place, **row}])
    (site,) = directory.sites.itertuples()
    lost = [f.ids for f in directory.noticed if f.code == "site.place_unknown"]
    return site.precision, (site.geometry.x, site.geometry.y), lost


SCARBOROUGH, POOLE, NEWCASTLE_UNDER_LYME, ST_EDMUNDSBURY, FOREST_HEATH = (
    "E07000168",
    "E06000029",
    "E07000195",
    "E07000204",
    "E07000201",
)


@pytest.mark.parametrize(
    ("place", "row", "districts"),
    [
        ("Scarborough", {"authority": "North Yorkshire"}, [SCARBOROUGH]),
        ("scarborough", {"served": "North Yorkshire; Leeds"}, [SCARBOROUGH]),
        ("Poole", {"authority": "BCP"}, [POOLE]),
        # Two authorities have the name; one of them is in the county.
        ("Newcastle", {"authority": "Staffordshire"}, [NEWCASTLE_UNDER_LYME]),
        # Made of two districts of 2011.
        ("West Suffolk", {"authority": "Suffolk"}, [ST_EDMUNDSBURY, FOREST_HEATH]),
    ],
)
def test_a_place_within_the_authority_is_where_the_site_is(
    place: str, row: dict[str, str], districts: list[str]
) -> None:
    assert placed(place, **row) == ("place", oracle(*districts), [])


@pytest.mark.parametrize(
    ("place", "row"),
    [
        ("Leeds", {"authority": "Kent"}),  # there is a village of that name
        ("Whitby", {"authority": "North Yorkshire"}),  # no district
        ("Scarboro", {"authority": "North Yorkshire"}),  # like one, which is a guess
        ("Scarborough", {"served": "Leeds"}),
        ("Cardiff", {"authority": "Kent"}),
        ("1 High Street, Scarborough", {"authority": "North Yorkshire"}),
    ],
)
def test_a_place_that_is_not_known_there_is_named_and_the_authority_stands_for_it(
    place: str, row: dict[str, str]
) -> None:
    precision, point, lost = placed(place, **row)
    assert (precision, lost) == ("authority", [("row 0",)])
    assert point == placed("", **row)[1]


def test_a_place_that_is_the_authority_says_no_more_than_that() -> None:
    for place, row in (("Leeds", {"authority": "Leeds"}), ("Medway", {"served": "Kent; Medway"})):
        precision, point, lost = placed(place, **row)
        assert (precision, lost) == ("authority", [])
        assert point == placed("", authority=place)[1]


def test_a_place_is_not_asked_for_where_something_finer_is_known_or_the_row_is_left_out() -> None:
    precision, _, lost = placed("Whitby", authority="North Yorkshire", postcode="YO21 1DN")
    assert (precision, lost) == ("postcode", [])
    rows = [{"name": "n", "family": "local", "authority": "Kent"}, {"place": "Whitby", "authority": "Kent"}]
    assert "site.place_unknown" not in {f.code for f in read(rows).noticed}


def test_a_site_known_by_its_place_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    directory = read([{"name": "n", "family": "local", "place": "Scarborough", "authority": "North Yorkshire"}])
    for name in ("folder", "file.gpkg", "file.json"):
        back = rg.read_directory(directory.save(tmp_path / name))
        assert back.sites["precision"].tolist() == ["place"]
        assert back.sites.geometry.iloc[0].distance(directory.sites.geometry.iloc[0]) < 1e-9
    located = rg.assess(directory, as_of=AS_OF)
    assert located.located["authority_name"].tolist() == ["North Yorkshire"]
    assert "site.imprecise" in set(located.findings["code"])


@pytest.mark.parametrize(("said", "precision"), [("", "place"), ("authority", "authority")])
def test_a_folder_of_tables_is_placed_by_its_places_too(said: str, precision: str, tmp_path: Path) -> None:
    directory = read([{"name": "n", "family": "local", "authority": "North Yorkshire"}])
    folder = directory.save(tmp_path / "folder")
    sites = pd.read_csv(folder / "sites.csv", dtype=str).assign(place="Scarborough", precision=said)
    sites.drop(columns=["longitude", "latitude"]).to_csv(folder / "sites.csv", index=False)
    back = rg.read_directory(folder).sites
    assert back["precision"].tolist() == [precision]
    point = back.geometry.iloc[0]
    assert ((point.x, point.y) == oracle(SCARBOROUGH)) == (precision == "place")
