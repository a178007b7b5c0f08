"""Which column is what: by its heading, however it is written, or as the user says."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcp_geo.errors import MissingColumnError
from rcp_geo.io.columns import FIELDS, Columns, recognise


def of(*headings: str, **overrides: str) -> dict[str, str]:
    return dict(recognise(pd.DataFrame(columns=list(headings)), overrides, "list").of)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        *((h, "name") for h in ("name", "Name", " NAME ", "service", "Service Name", "service_name", "Service-name:")),
        *((h, "family") for h in ("family", "Type", "Type of service", "Category")),
        *((h, "latitude") for h in ("lat", "Latitude", "LAT.", "y")),
        *((h, "longitude") for h in ("lng", "lon", "long", "Longitude", "X")),
        *((h, "easting") for h in ("easting", "Eastings", "OS easting")),
        *((h, "northing") for h in ("northing", "Northings")),
        *((h, "postcode") for h in ("postcode", "Post code", "POST_CODE", "pcd", "PCDS", "Postal Code")),
        *(
            (h, "authority")
            for h in ("authority", "Council", "LA", "Local Authority", "local_authority", "LAD", "GSS code")
        ),
        *((h, "served") for h in ("served", "Serves", "covers", "Areas", "Areas covered", "Authorities served")),
        *((h, "status") for h in ("status", "Current status")),
        *((h, "opened") for h in ("opened", "Start date", "Date opened", "launched")),
        *((h, "closed") for h in ("closed", "End date", "Date closed")),
        *((h, "observed_to") for h in ("observed_to", "Last confirmed", "as at", "valid to")),
        *((h, "service_id") for h in ("service_id", "ID", "Ref", "Reference")),
    ],
)
def test_headings_are_known_in_the_variants_that_people_use(heading: str, field: str) -> None:
    assert of(heading) == {field: heading}


def test_no_heading_stands_for_two_fields() -> None:
    every = [v for variants in FIELDS.values() for v in variants]
    assert len(every) == len(set(every))
    assert all(v.isalnum() and v == v.lower() for v in every)
    assert all(field.replace("_", "") in variants for field, variants in FIELDS.items())


@given(st.permutations(["name", "service", "title", "lat", "y", "colour"]))
def test_of_two_that_fit_the_likelier_is_taken_in_whatever_order_they_stand(headings: list[str]) -> None:
    found = recognise(pd.DataFrame(columns=headings), None, "list")
    assert found.of == {"name": "name", "latitude": "lat"}
    assert sorted(found.left) == ["colour", "service", "title", "y"]
    several = [(f.column, f.severity) for f in found.findings if f.code == "column.several"]
    assert sorted(several) == [("service", "warning"), ("title", "warning"), ("y", "warning")]


def test_what_the_user_says_goes_before_what_is_recognised() -> None:
    assert of("name", "label", name="label") == {"name": "label"}
    # A column that was given away is no longer taken for what its heading says.
    assert of("name", "town", name="town") == {"name": "town"}
    found = recognise(pd.DataFrame(columns=["name", "label"]), {"name": "label"}, "list")
    assert found.left == ("name",)


def test_the_mapping_is_said() -> None:
    (finding,) = recognise(pd.DataFrame(columns=["Post Code", "mood"]), None, "list").findings
    assert (finding.code, finding.severity, finding.table) == ("column.mapping", "info", "list")
    assert finding.message == "read postcode from 'Post Code'; carried along: 'mood'"
    (nothing,) = recognise(pd.DataFrame(columns=["mood"]), None, "list").findings
    assert nothing.message == "read nothing; carried along: 'mood'"


def cut(*headings: str, **overrides: str) -> Columns:
    return recognise(pd.DataFrame(columns=list(headings)), overrides, "list", room=10)


# As GDAL cuts them, and as ArcGIS does, which has no spaces.
@pytest.mark.parametrize("space", [" ", "_"])
@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Areas covered", "served"),
        ("Authorities served", "served"),
        ("Last confirmed", "observed_to"),
        ("Type of service", "family"),
        ("Name of service", "name"),
        ("Date opened", "opened"),
        ("Current status", "status"),
        ("Local authority name", "authority"),
        ("Delivered by", "provider"),
        ("Provider type", "provider_type"),
    ],
)
def test_a_heading_cut_to_ten_characters_is_known_by_how_it_begins(heading: str, field: str, space: str) -> None:
    short = heading.replace(" ", space)[:10].strip()
    assert cut(short).of == {field: short}
    # Where there is room for whole headings, this one is somebody's own.
    assert of(short) == {}


def test_only_a_heading_that_fills_its_room_is_taken_for_cut() -> None:
    assert cut("serv", "areascov", "cur", "服务服务服务服务服务").of == {}
    # Whole headings are known whole, and go before cut ones by their place in the table.
    assert cut("Areas cove", "served").of == {"served": "served"}


def test_every_heading_cut_short_is_known_or_named() -> None:
    for field, variants in FIELDS.items():
        for variant in variants:
            found = cut(variant[:10])
            (named,) = [f for f in found.findings if f.code == "column.cut"] or [None]
            assert (dict(found.of) == {field: variant[:10]}) != (named is not None and field in named.message)


def test_a_cut_heading_that_may_be_of_two_fields_is_named_and_not_read() -> None:
    found = cut("Organisati", "name")
    assert found.of == {"name": "name"}
    assert found.left == ("Organisati",)
    (finding,) = [f for f in found.findings if f.code == "column.cut"]
    assert (finding.severity, finding.column) == ("warning", "Organisati")
    assert finding.message == (
        "'Organisati' is cut short, may be the provider or the provider_type, and was not read as either"
    )
    chosen = cut("Organisati", "name", provider="Organisati")
    assert chosen.of["provider"] == "Organisati"
    assert not [f for f in chosen.findings if f.code == "column.cut"]


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"colour": "name"}, "'colour' is not a field; choose from"),
        ({"name": "nom"}, "column 'nom' for name is missing"),
    ],
)
def test_an_override_that_leads_nowhere_is_refused(overrides: dict[str, str], words: str) -> None:
    with pytest.raises(MissingColumnError, match=words):
        of("name", **overrides)
