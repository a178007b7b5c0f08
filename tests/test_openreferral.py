"""Open Referral UK in and out: our own documents come back as they were, foreign ones are read honestly."""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
import uuid
from collections.abc import Callable
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import rcp_geo as rg
from rcp_geo.directory import TABLES
from rcp_geo.errors import InputError, MissingColumnError, RcpGeoError
from rcp_geo.openreferral import check_openreferral, from_openreferral, to_openreferral
from rcp_geo.openreferral.check import schema, violations
from rcp_geo.openreferral.notes import KINDS
from rcp_geo.openreferral.vocabulary import COLUMNS

MARCH = {"id": "d2", "city": "March", "postal_code": "pe15"}
ONS_PAGE = "https://www.ons.gov.uk/explore-local-statistics/areas"
AREA = "http://statistics.data.gov.uk/id/statistical-geography/"
DATES = ["2016-07-01", "2021-07-01", "2022-11-01", "2026-01-01"]


def _tables(directory: rg.Directory) -> dict[str, pd.DataFrame]:
    tables = {name: getattr(directory, name) for name in TABLES}
    points = directory.sites.geometry
    plain = pd.DataFrame(directory.sites.drop(columns="geometry"))
    return {**tables, "sites": plain.assign(longitude=points.x, latitude=points.y)}


def _through_text(document: object) -> Any:
    return json.loads(json.dumps(document, allow_nan=False))


def _codes(findings: list[Any]) -> list[str]:
    return [f.code for f in findings]


@pytest.fixture(scope="module")
def embedded() -> dict[str, pd.DataFrame]:
    return _tables(rg.load_directory())


@pytest.fixture(scope="module")
def document(embedded: dict[str, pd.DataFrame]) -> Any:
    return _through_text(to_openreferral(embedded, as_of="2022-11-01"))


# ------------------------------------------------------------------------------------------------------- our own


def test_the_columns_are_those_of_a_directory() -> None:
    points = {"sites": ("longitude", "latitude")}
    assert dict(COLUMNS) == {name: (*columns, *points.get(name, ())) for name, columns in TABLES.items()}


@pytest.mark.parametrize("as_of", DATES)
def test_the_embedded_directory_comes_back_cell_by_cell(embedded: dict[str, pd.DataFrame], as_of: str) -> None:
    before = {name: frame.copy() for name, frame in embedded.items()}
    tables, findings = from_openreferral(_through_text(to_openreferral(embedded, as_of=as_of)))
    assert findings == []
    assert list(tables) == list(TABLES)
    for name, frame in before.items():
        assert_frame_equal(tables[name], frame, check_exact=True)
        assert_frame_equal(embedded[name], frame, check_exact=True)


def test_a_directory_can_be_made_of_what_comes_back(document: Any) -> None:
    import geopandas as gpd

    tables, _ = from_openreferral(document)
    sites = tables["sites"]
    tables["sites"] = gpd.GeoDataFrame(
        sites.drop(columns=["longitude", "latitude"]),
        geometry=gpd.points_from_xy(sites["longitude"], sites["latitude"]),
        crs="EPSG:4326",
    )
    assert len(rg.Directory.from_tables(**tables)) == 83


@pytest.mark.parametrize("as_of", DATES)
def test_what_is_written_is_valid(embedded: dict[str, pd.DataFrame], as_of: str) -> None:
    page = _through_text(to_openreferral(embedded, as_of=as_of))
    validator = jsonschema.Draft7Validator(schema(), format_checker=jsonschema.FormatChecker())
    assert [error.message for service in page["contents"] for error in validator.iter_errors(service)] == []
    assert check_openreferral(page) == []
    assert page["total_items"] == page["size"] == len(page["contents"]) == 83


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(schema())


@pytest.mark.parametrize("as_of", DATES)
def test_the_standard_part_is_true_on_its_date(embedded: dict[str, pd.DataFrame], as_of: str) -> None:
    directory = rg.load_directory()
    words = {"operating": "active", "paused": "temporarily closed", "closed": "defunct"}
    status = directory.status_on(as_of)
    held = directory.footprints_on(as_of)
    held = held[held["certainty"] != "unclear"]
    page: Any = to_openreferral(embedded, as_of=as_of)
    for service, (service_id, truth) in zip(page["contents"], status.items(), strict=True):
        assert service["status"] == words.get(truth, "inactive")
        assert (truth in words) != ("alert" in service)
        assert service.get("assured_date") == (None if truth == "unknown" else as_of)
        own = held[held["service_id"] == service_id]
        whole, part = (own[own["extent"] == extent] for extent in ("whole", "part"))
        areas = service["service_areas"]
        assert sorted(a["uri"] for a in areas if "uri" in a) == sorted(AREA + whole["authority_code"])
        assert sorted(a["name"] for a in areas if "uri" not in a) == sorted("Part of " + part["authority_name"])


def test_the_standard_part_alone_reads_as_the_directory_on_its_date(document: Any) -> None:
    directory = rg.load_directory()
    bare = copy.deepcopy(document["contents"])
    for service in bare:
        del service["x_rcp_geo"]
    tables, findings = from_openreferral(bare)
    assert tables["services"]["family"].tolist() == directory.services["family"].tolist()
    truth = directory.status_on("2022-11-01")
    stated = truth[truth.isin(["operating", "paused", "closed"])]
    assert tables["status"]["status"].tolist() == stated.tolist()
    assert set(tables["status"]["observed_from"]) == set(tables["status"]["observed_to"]) == {"2022-11-01"}
    assert {"status.inactive"} < set(_codes(findings))
    assert not any(f.severity == "error" for f in findings)


def test_identifiers_are_the_same_at_every_export(document: Any) -> None:
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "urn:rcp_geo:openreferral")
    first = document["contents"][0]
    assert first["id"] == str(uuid.uuid5(namespace, '["service", "after-adoption-breaking-the-cycle"]'))
    found = [s["id"] for s in document["contents"]]
    found += [a["id"] for s in document["contents"] for a in s["service_areas"]]
    found += [a["id"] for s in document["contents"] for a in s["attributes"]]
    found += [
        x for s in document["contents"] for at in s["service_at_locations"] for x in (at["id"], at["location"]["id"])
    ]
    assert len(found) == len(set(found))
    assert {uuid.UUID(x).version for x in found} == {5}


def test_a_point_that_stands_for_an_authority_is_not_given_as_a_place(document: Any) -> None:
    locations = [at["location"] for s in document["contents"] for at in s["service_at_locations"]]
    vague = [x for x in locations if "No place is known" in x.get("description", "")]
    assert len(vague) == 36
    assert not any("latitude" in x for x in vague)
    assert all("latitude" in x for x in locations if x not in vague)


def _small() -> dict[str, pd.DataFrame]:
    """Rows in no order, with columns of several types."""
    return {
        "services": pd.DataFrame(
            {
                "name": ["B", "A"],
                "service_id": ["b", "a"],
                "family": ["local", "pause"],
                "source_url": ["no link; https://example.org/b", ""],
                "provider": ["Town", None],
                "places": [12, 7],
                "cost": [1.5, np.nan],
                "open": [True, False],
                "since": pd.to_datetime(["2020-01-02", None]),
                "mixed": pd.Series(["x", 3], dtype=object),
                "units": pd.Series([1, None], dtype="Int64"),
                "zoned": pd.to_datetime(["2020-01-02", None]).tz_localize("UTC"),
            }
        ),
        "sites": pd.DataFrame(
            {
                "site_id": ["a1", "b1", "a2"],
                "service_id": ["a", "b", "a"],
                "longitude": [-1.25, np.nan, 0.1 + 0.2],
                "latitude": [53.0, np.nan, 51.5],
            }
        ),
        "footprints": pd.DataFrame(
            {
                "service_id": ["a", "b", "a"],
                "authority_code": ["E06000001", "E10000006", "E07000026"],
                "authority_name": ["Hartlepool", "Cumbria", ""],
                "extent": ["whole", "part", "whole"],
                "valid_from": ["2020", "", ""],
                "valid_to": ["", "2023-03", ""],
                "certainty": ["stated", "inferred", "unclear"],
            }
        ),
        "status": pd.DataFrame(
            {
                "service_id": ["a", "b", "a"],
                "status": ["operating", "in_development", "closed"],
                "observed_from": ["2020", "2022", "2022-10-15"],
                "observed_to": ["2022-10-14", "", ""],
            }
        ),
    }


def test_columns_of_your_own_come_back_with_their_types() -> None:
    tables, findings = from_openreferral(_through_text(to_openreferral(_small(), as_of="2022-11-01")))
    assert findings == []
    for name, frame in _small().items():
        assert_frame_equal(tables[name], frame, check_exact=True)
    assert len(tables["published"]) == len(tables["searched"]) == 0
    assert tables["searched"].columns.tolist() == list(TABLES["searched"])


def test_tables_without_rows_keep_their_types() -> None:
    tables = _small()
    tables = {name: frame if name == "services" else frame.iloc[:0] for name, frame in tables.items()}
    back, findings = from_openreferral(_through_text(to_openreferral(tables, as_of="2022-11-01")))
    assert findings == []
    for name, frame in tables.items():
        assert_frame_equal(back[name], frame, check_exact=True)


def test_the_standard_part_of_a_small_directory() -> None:
    page: Any = to_openreferral(_small(), as_of=dt.date(2022, 11, 1))
    b, a = page["contents"]
    assert (b["name"], b["status"], b["url"]) == ("B", "inactive", "https://example.org/b")
    assert b["alert"] == "Status on 2022-11-01: in development; inactive is the standard's nearest word."
    assert b["organization"]["name"] == b["organization"]["description"] == "Town"
    assert [x["name"] for x in b["service_areas"]] == ["Part of Cumbria"]
    assert "latitude" not in b["service_at_locations"][0]["location"]
    assert (a["name"], a["status"], "url" in a, "organization" in a) == ("A", "defunct", False, False)
    assert [(x["name"], x["uri"]) for x in a["service_areas"]] == [("Hartlepool", AREA + "E06000001")]
    assert [x["location"]["longitude"] for x in a["service_at_locations"]] == [-1.25, 0.1 + 0.2]
    (missing,) = check_openreferral(page)
    assert (missing.code, missing.table, missing.column) == ("openreferral.required", "service", "url")
    assert missing.ids == (a["id"],)


def _without(table: str) -> Callable[[dict[str, pd.DataFrame]], Any]:
    return lambda tables: tables.pop(table)


def _cell(table: str, column: str, value: object) -> Callable[[dict[str, pd.DataFrame]], Any]:
    def change(tables: dict[str, pd.DataFrame]) -> None:
        frame = tables[table].astype({column: object}) if column in tables[table] else tables[table]
        tables[table] = frame.assign(**{column: pd.Series([value] * len(frame), dtype=object)})

    return change


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (_without("status"), InputError, "status: the table is missing"),
        (
            lambda t: t.update(sites=t["sites"].drop(columns="latitude")),
            MissingColumnError,
            "column latitude is missing",
        ),
        (_cell("services", "service_id", "a"), InputError, "occurs more than once"),
        (_cell("sites", "site_id", "s"), InputError, "occurs more than once"),
        (_cell("footprints", "service_id", "z"), InputError, "not in services"),
        (_cell("status", "observed_from", "spring"), InputError, "hold 'spring'"),
        (_cell("services", "cost", math.inf), InputError, "services.cost: float 'inf' cannot be written"),
        (_cell("services", "tags", ["x"]), InputError, "services.tags: list .* cannot be written"),
        (_cell("services", "since", dt.date(2020, 1, 1)), InputError, "make it text"),
        (lambda t: t.update(status=t["status"].set_axis([0, "a", "b", "c"], axis=1)), RcpGeoError, "status"),
    ],
)
def test_tables_that_cannot_be_written(
    change: Callable[[dict[str, pd.DataFrame]], Any], error: type[Exception], message: str
) -> None:
    tables = _small()
    change(tables)
    with pytest.raises(error, match=message) as raised:
        to_openreferral(tables, as_of="2022-11-01")
    assert isinstance(raised.value, RcpGeoError)


def test_a_column_name_must_be_text() -> None:
    tables = _small()
    tables["services"][7] = "x"
    with pytest.raises(InputError, match="a name is not text"):
        to_openreferral(tables, as_of="2022-11-01")


def test_pages_of_our_document_in_any_order(embedded: dict[str, pd.DataFrame], document: Any) -> None:
    pages = [
        {**document, "contents": document["contents"][i : i + 30], "page_number": i // 30 + 1} for i in (60, 0, 30, 60)
    ]
    tables, findings = from_openreferral(pages)
    for name, frame in embedded.items():
        assert_frame_equal(tables[name], frame, check_exact=True)
    (repeated,) = findings
    assert (repeated.code, len(repeated.ids)) == ("id.repeated", 23)


def test_one_service_of_ours_alone(embedded: dict[str, pd.DataFrame], document: Any) -> None:
    tables, findings = from_openreferral(document["contents"][45])
    assert findings == []
    own = embedded["status"]["service_id"] == "pause-derby"
    assert_frame_equal(tables["status"], embedded["status"][own].reset_index(drop=True))
    assert len(tables["searched"]) == 0


def test_a_change_of_the_standard_part_is_noticed(document: Any) -> None:
    edited = copy.deepcopy(document)
    edited["contents"][3]["status"] = "temporarily closed"
    tables, (finding,) = from_openreferral(edited)
    assert (finding.code, finding.ids) == ("extension.disagrees", (edited["contents"][3]["id"],))
    assert len(tables["services"]) == 83


def test_tables_that_are_wrong_in_themselves_are_still_read(document: Any) -> None:
    edited = copy.deepcopy(document["contents"][:2])
    edited[0]["x_rcp_geo"]["status"][0]["cells"]["observed_to"] = "never"
    edited[1]["x_rcp_geo"]["as_of"] = {}
    tables, (finding,) = from_openreferral(edited)
    assert (finding.code, len(finding.ids)) == ("extension.disagrees", 2)
    assert "never" in tables["status"]["observed_to"].tolist()


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("version", 2),
        ("service", None),
        ("service", {"row": 0, "cells": {"name": "no id"}}),
        ("sites", {}),
        ("footprints", [3]),
        ("status", [{"row": "first", "cells": {"service_id": "x"}}]),
        ("status", [{"row": 1, "cells": {"service_id": "x", "note": ["nested"]}}]),
        ("status", [{"row": 1}]),
    ],
)
def test_an_extension_of_another_form_is_not_believed(document: Any, where: str, value: object) -> None:
    service = copy.deepcopy(document["contents"][1])
    service["x_rcp_geo"][where] = value
    tables, findings = from_openreferral(service)
    assert _codes(findings)[0] == "extension.not_read"
    assert tables["services"]["service_id"].tolist() == [service["id"]]
    assert tables["services"]["family"].tolist() == ["local"]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 9},
        {"columns": []},
        {"columns": {"elsewhere": []}},
        {"columns": {"services": [["name"]]}},
        {"columns": {"services": [["name", "complex128"]]}},
        {"columns": {"services": "name"}},
        {"published": [1]},
        {"searched": {}},
    ],
)
def test_a_page_extension_of_another_form_is_not_believed(document: Any, change: dict[str, object]) -> None:
    page = {**document, "x_rcp_geo": {**document["x_rcp_geo"], **change}}
    tables, findings = from_openreferral(page)
    assert _codes(findings) == ["extension.not_read"]
    assert len(tables["services"]) == 83
    assert len(tables["searched"]) == len(tables["published"]) == 0


def test_a_cell_that_is_not_of_its_column_leaves_the_column_as_it_is(document: Any) -> None:
    page = copy.deepcopy(document)
    page["contents"][0]["x_rcp_geo"]["sites"] = []
    page["contents"][1]["x_rcp_geo"]["sites"][0]["cells"]["longitude"] = "west"
    page["contents"][2]["x_rcp_geo"]["sites"][0]["cells"]["place"] = 7
    tables, _ = from_openreferral(page)
    assert tables["sites"].loc[0, "longitude"] == "west"
    assert tables["sites"].loc[1, "place"] == 7


# -------------------------------------------------------------------------------------------------------- foreign

ORGANIZATION = {"id": "o1", "name": "Town Trust", "description": "A charity"}
LOCATION = {
    "id": "l1",
    "name": "The Hub",
    "latitude": 52.2,
    "longitude": "0.12",
    "addresses": [{"id": "d1", "address_1": "1 High Street", "city": "Cambridge", "postal_code": "CB1 1AA"}],
}
SERVICE: dict[str, Any] = {
    "id": "s1",
    "name": "Pause Cambridge",
    "description": "For women",
    "url": "https://example.org/pause",
    "status": "active",
    "assured_date": "2024-03-01",
    "organization": ORGANIZATION,
    "service_at_locations": [{"id": "x1", "location": LOCATION}],
    "service_areas": [
        {"id": "a1", "name": "Cambridgeshire", "uri": AREA + "E10000003"},
        {"id": "a2", "name": "Part of Peterborough"},
    ],
    "attributes": [{"id": "t1", "taxonomy_term": {"id": "k1", "taxonomy": "esd", "term": "Children"}}],
}
PARTS: dict[str, Any] = {
    "service": [
        {
            **{k: SERVICE[k] for k in ("id", "name", "description", "url", "status", "assured_date")},
            "organization_id": "o1",
        }
    ],
    "organization": [ORGANIZATION],
    "service_at_location": [{"id": "x1", "service_id": "s1", "location_id": "l1"}],
    "location": [{k: v for k, v in LOCATION.items() if k != "addresses"}],
    "address": [{**LOCATION["addresses"][0], "location_id": "l1"}],  # type: ignore[index]
    "service_area": [{**area, "service_id": "s1"} for area in SERVICE["service_areas"]],
    "attribute": [{"id": "t1", "link_id": "s1", "link_entity": "service", "taxonomy_term_id": "k1"}],
    "taxonomy_term": [{"id": "k1", "taxonomy": "esd", "name": "Children"}],
}
EXPECTED: dict[str, list[tuple[object, ...]]] = {
    "services": [
        (
            "s1",
            "Pause Cambridge",
            "pause",
            "Town Trust",
            "",
            "",
            "",
            "https://example.org/pause",
            "2024-03-01",
            "For women",
        )
    ],
    "sites": [("x1", "s1", "Cambridge", "CB1", "point", 0.12, 52.2, "CB1 1AA")],
    "footprints": [
        ("s1", "E10000003", "Cambridgeshire", "upper", "", "whole", "", "", "stated", ""),
        ("s1", "", "Peterborough", "", "", "part", "", "", "stated", ""),
    ],
    "status": [("s1", "operating", "2024-03-01", "2024-03-01", "stated", "", "Open Referral status: active")],
    "published": [],
    "searched": [],
}


def _page(*services: object, total: int | None = None) -> dict[str, Any]:
    return {"total_items": len(services) if total is None else total, "contents": list(services)}


@pytest.mark.parametrize(
    "shape",
    [
        SERVICE,
        [SERVICE],
        _page(SERVICE),
        [_page(SERVICE)],
        PARTS,
        [{name: records} for name, records in PARTS.items()],
        {f"{name}s" if name != "address" else "addresses": records for name, records in PARTS.items()},
        {name: _page(*records) for name, records in PARTS.items()},
        {name: records[0] if len(records) == 1 else records for name, records in PARTS.items()},
        {
            **PARTS,
            "service": [SERVICE],
            "organization": None,
            "service_at_location": [],
            "service_area": [],
        },
    ],
    ids=["one", "list", "page", "pages", "parts", "files", "plural", "paged parts", "bare parts", "nested and parts"],
)
def test_every_shape_reads_the_same(shape: Any) -> None:
    before = copy.deepcopy(shape)
    tables, findings = from_openreferral(shape)
    for name, rows in EXPECTED.items():
        assert list(tables[name].itertuples(index=False, name=None)) == rows
        extra = ["postcode"] if name == "sites" else []
        assert tables[name].columns.tolist() == [*COLUMNS[name], *extra]
    assert {f.code for f in findings} <= {"service.family_inferred", "record.not_used"}
    assert shape == before


def test_ours_and_a_foreign_one_together(document: Any) -> None:
    tables, _ = from_openreferral([document, SERVICE])
    assert len(tables["services"]) == 84
    assert tables["services"]["service_id"].iloc[-1] == "s1"
    assert tables["sites"]["longitude"].dtype == "float64"
    assert tables["sites"]["postcode"].tolist() == [""] * 93 + ["CB1 1AA"]


def _with(**changes: object) -> dict[str, Any]:
    changed = {**copy.deepcopy(SERVICE), **changes}
    return {k: v for k, v in changed.items() if v is not ...}


@pytest.mark.parametrize(
    ("status", "expected", "code"),
    [
        ("active", "operating", None),
        (" Active ", "operating", None),
        ("temporarily closed", "paused", None),
        ("temporarily_closed", "paused", None),
        ("defunct", "closed", None),
        ("inactive", None, "status.inactive"),
        ("open", None, "status.not_recognised"),
        ("", None, "status.not_recognised"),
        (None, None, "status.not_recognised"),
        (..., None, "status.not_recognised"),
        (["active"], None, "value.wrong_type"),
    ],
)
def test_status(status: object, expected: str | None, code: str | None) -> None:
    tables, findings = from_openreferral(_with(status=status))
    assert tables["status"]["status"].tolist() == ([] if expected is None else [expected])
    assert code is None or code in _codes(findings)
    assert ("status.inactive" in _codes(findings)) == (status == "inactive")


@pytest.mark.parametrize(
    ("assured", "modified", "as_of", "day", "code"),
    [
        ("2024-03-01", "2024-05-01T10:00:00Z", None, "2024-03-01", None),
        (None, "2024-05-01T10:00:00.123Z", None, "2024-05-01", None),
        (None, None, "2024-06-01", "2024-06-01", None),
        ("2024-03-01", None, "2024-06-01", "2024-06-01", None),
        ("2024-03-01", None, dt.date(2025, 3, 2), "2025-03-02", None),
        ("2024-03-01", None, "2025-03-03", "2025-03-03", "status.stale"),
        ("2024-03-01", None, "2024-02-29", "2024-02-29", "status.later"),
        ("1 March", "2024-05-01T10:00:00Z", None, "2024-05-01", "date.invalid"),
    ],
)
def test_the_window_is_one_day(
    assured: object, modified: object, as_of: dt.date | str | None, day: str, code: str | None
) -> None:
    tables, findings = from_openreferral(_with(assured_date=assured, last_modified=modified), as_of=as_of)
    assert tables["status"][["observed_from", "observed_to"]].to_numpy().tolist() == [[day, day]]
    told = {"status.stale", "status.later", "date.invalid"} & set(_codes(findings))
    assert told == ({code} if code else set())


def test_a_feed_without_dates_needs_as_of() -> None:
    undated = [_with(id=f"u{i}", assured_date=None) for i in range(7)]
    with pytest.raises(InputError, match=r"7 services have no date of their own \(u0, .* and 2 more\); give as_of"):
        from_openreferral(undated)
    assert len(from_openreferral(undated, as_of="2024-01-01")[0]["status"]) == 7
    with pytest.raises(InputError, match="write it in full"):
        from_openreferral(undated, as_of="2024")


def test_no_date_is_needed_where_nothing_hangs_on_it() -> None:
    assert from_openreferral(_with(status="inactive", assured_date=None))[0]["services"]["source_date"].tolist() == [""]


def _term(term: str, taxonomy: str = "esd") -> list[dict[str, Any]]:
    return [{"id": "t", "taxonomy_term": {"id": "k", "taxonomy": taxonomy, "term": term}}]


@pytest.mark.parametrize(
    ("changes", "family", "inferred"),
    [
        ({"name": "Pause Hull"}, "pause", True),
        ({"name": "PAUSE (Hull)"}, "pause", True),
        ({"name": "Menopause group"}, "local", True),
        ({"name": "Gloucestershire FDAC"}, "fdac", True),
        ({"name": "Family Drug & Alcohol Court, Leeds"}, "fdac", True),
        ({"name": "The court team", "attributes": _term("Family drug and alcohol courts")}, "fdac", True),
        ({"name": "Step Together"}, "local", True),
        ({"name": "Step Together", "attributes": _term("pause", "rcp_geo family")}, "pause", False),
        ({"name": "Step Together", "x_rcp_geo": {"family": "fdac"}}, "fdac", False),
        ({"name": "Pause Hull", "x_rcp_geo": {"family": "local"}}, "local", False),
        ({"name": "Pause Hull", "x_rcp_geo": {"family": ["local"]}}, "pause", True),
        ({"name": "Pause Hull", "x_rcp_geo": "local"}, "pause", True),
    ],
)
def test_family(changes: dict[str, object], family: str, inferred: bool) -> None:
    tables, findings = from_openreferral(_with(**changes))
    assert tables["services"]["family"].tolist() == [family]
    told = [f.message for f in findings if f.code == "service.family_inferred"]
    assert len(told) == inferred
    assert all(f"the family {family} by" in message for message in told)


@pytest.mark.parametrize(
    ("area", "expected", "code"),
    [
        ({"uri": AREA + "E06000023"}, ("E06000023", "", "upper", "whole"), None),
        ({"uri": f"{ONS_PAGE}/E07000165-harrogate"}, ("E07000165", "", "lower", "whole"), None),
        ({"name": "Leeds", "uri": AREA + "E08000035"}, ("E08000035", "Leeds", "upper", "whole"), None),
        ({"extent": "E09000012", "extent_type": "text"}, ("E09000012", "", "upper", "whole"), None),
        ({"name": "E10000003"}, ("E10000003", "", "upper", "whole"), None),
        ({"name": "Bristol, City of"}, ("", "Bristol, City of", "", "whole"), None),
        ({"service_area": "Bristol"}, ("", "Bristol", "", "whole"), None),
        ({"name": "part of Cumbria"}, ("", "Cumbria", "", "part"), None),
        ({"name": "Bristol", "uri": "http://example.com"}, ("", "Bristol", "", "whole"), None),
        ({"name": "Leeds", "extent": "{}", "extent_type": "geojson"}, ("", "Leeds", "", "whole"), "footprint.polygon_not_read"),
        ({"extent": "<kml/>", "extent_type": None}, None, "footprint.polygon_not_read"),
        ({"extent": {"type": "Polygon"}}, None, "footprint.polygon_not_read"),
        ({"name": "London", "uri": AREA + "E12000007"}, None, "footprint.not_an_authority"),
        ({"name": "Cardiff", "uri": AREA + "W06000015"}, None, "footprint.not_an_authority"),
        ({"name": None, "uri": None, "extent": None}, None, "footprint.no_area"),
        ({"name": {"en": "Leeds"}}, None, "value.wrong_type"),
    ],
)  # fmt: skip
def test_service_area(area: dict[str, object], expected: tuple[str, ...] | None, code: str | None) -> None:
    tables, findings = from_openreferral(_with(service_areas=[{"id": "a9", **area}]))
    found = tables["footprints"][["authority_code", "authority_name", "tier", "extent"]]
    assert list(found.itertuples(index=False, name=None)) == ([] if expected is None else [expected])
    told = {f.code: f.ids for f in findings if f.code.startswith(("footprint", "value"))}
    assert (code in told) if code else told == {}
    assert all(ids == ("a9",) for ids in told.values())


def _named(identifier: str, scheme: str) -> dict[str, object]:
    return {"external_identifier": identifier, "external_identifier_type": scheme}


@pytest.mark.parametrize(
    ("change", "expected", "code"),
    [
        ({"latitude": None}, ("Cambridge", "CB1", "", "CB1 1AA"), None),
        ({"latitude": "north"}, ("Cambridge", "CB1", "", "CB1 1AA"), "value.wrong_type"),
        ({"latitude": True}, ("Cambridge", "CB1", "", "CB1 1AA"), "value.wrong_type"),
        ({"latitude": math.inf}, ("Cambridge", "CB1", "", "CB1 1AA"), "value.wrong_type"),
        ({"latitude": 10**400}, ("Cambridge", "CB1", "", "CB1 1AA"), "value.wrong_type"),
        ({"latitude": 100}, ("Cambridge", "CB1", "point", "CB1 1AA"), None),
        ({"addresses": []}, ("The Hub", "", "point", ""), None),
        ({"addresses": [], "latitude": None}, ("The Hub", "", "", ""), "site.no_place"),
        ({"addresses": {"city": "Ely"}}, ("The Hub", "", "point", ""), "value.wrong_type"),
        ({"addresses": [{"city": "Ely"}, MARCH]}, ("March", "PE15", "point", "pe15"), "record.not_used"),
        ({"addresses": [{"postal_code": "none"}]}, ("The Hub", "", "point", "none"), None),
        (_named("CB2", "UK postcode district"), ("Cambridge", "CB2", "district", "CB1 1AA"), None),
        (_named("100", "UPRN"), ("Cambridge", "CB1", "point", "CB1 1AA"), None),
    ],
)  # fmt: skip
def test_location(change: dict[str, object], expected: tuple[str, ...], code: str | None) -> None:
    tables, findings = from_openreferral(_with(service_at_locations=[{"id": "x1", "location": {**LOCATION, **change}}]))
    found = tables["sites"][["place", "postcode_district", "precision", "postcode"]]
    assert list(found.itertuples(index=False, name=None)) == [expected]
    assert code is None or code in _codes(findings)


# For each code of a finding: a document that earns it, and the ids that it names.
BAD: list[tuple[str, object, tuple[str, ...]]] = [
    ("date.invalid", _with(last_modified="soon", assured_date=..., status="inactive"), ("s1",)),
    ("extension.disagrees", None, ()),
    ("extension.not_read", _with(x_rcp_geo={"service": {}}), ("s1",)),
    ("feed.incomplete", _page(SERVICE, total=120), ()),
    ("feed.no_services", [], ()),
    ("feed.no_services", {"location": [LOCATION]}, ()),
    ("feed.no_services", "service", ()),
    ("footprint.no_area", _with(service_areas=[{"id": "a1"}]), ("a1",)),
    ("footprint.not_an_authority", _with(service_areas=[{"id": "a1", "name": "E92000001"}]), ("a1",)),
    (
        "footprint.polygon_not_read",
        _with(service_areas=[{"id": "a1", "extent": "{}", "extent_type": "GeoJSON"}]),
        ("a1",),
    ),
    ("id.duplicate", [SERVICE, _with(name="Another")], ("s1",)),
    ("id.duplicate", _with(service_at_locations=[{"id": "x1", "location": LOCATION}] * 2), ("x1",)),
    ("id.missing", _with(id=None), ("Pause Cambridge",)),
    ("id.missing", _with(service_at_locations=[{"location": LOCATION}]), ("s1",)),
    ("id.repeated", [SERVICE, copy.deepcopy(SERVICE)], ("s1",)),
    ("id.unknown", _with(service_at_locations=[{"id": "x1"}]), ("x1",)),
    ("id.unknown", _with(organization=None, organization_id="o9"), ("s1",)),
    ("id.unknown", _with(attributes=[{"id": "t1", "taxonomy_term_id": "k9"}]), ("s1",)),
    ("id.unknown", {**PARTS, "location": []}, ("x1",)),
    ("id.unknown", {**PARTS, "organization": []}, ("s1",)),
    ("id.unknown", {**PARTS, "service_area": [{"id": "a7", "service_id": "s9"}]}, ("a7",)),
    ("id.unknown", {**PARTS, "service_at_location": [{"id": "x7", "service_id": None}]}, ("x7",)),
    ("record.not_an_object", [SERVICE, 3, None], ("[1]", "[2]")),
    ("record.not_an_object", _page(SERVICE, "text"), ("document",)),
    ("record.not_an_object", _with(service_areas=[None, {"id": "a1", "name": "Ely"}]), ("s1",)),
    ("record.not_an_object", {"service": [SERVICE, []]}, ("service",)),
    ("record.not_recognised", [SERVICE, {"colour": "blue"}], ("[1]",)),
    ("record.not_used", _with(schedules=[{"id": "h1"}]), ("s1",)),
    ("record.not_used", {**PARTS, "phone": [{"id": "p1"}, {"id": "p2"}]}, ("p1", "p2")),
    ("record.not_used", {**PARTS, "location": [*PARTS["location"], {"id": "l9"}]}, ("l9",)),
    ("record.not_used", {**PARTS, "attribute": [{"id": "t9", "link_id": "o1"}], "taxonomy_term": []}, ("t9",)),
    ("record.not_used", {**PARTS, "readme": "hello"}, ()),
    ("service.family_inferred", _with(name="Rise"), ("s1",)),
    ("service.no_footprint", _with(service_areas=None), ("s1",)),
    ("service.no_name", _with(name=None), ("s1",)),
    ("service.no_site", _with(service_at_locations=[]), ("s1",)),
    ("site.no_place", _with(service_at_locations=[{"id": "x1", "location": {"id": "l1"}}]), ("x1",)),
    ("status.inactive", _with(status="inactive"), ("s1",)),
    ("status.later", _with(assured_date="2024-07-01"), ("s1",)),
    ("status.not_recognised", _with(status="open"), ("s1",)),
    ("status.stale", _with(assured_date="2019-07-01"), ("s1",)),
    ("value.wrong_type", _with(service_areas={"id": "a1"}), ("s1",)),
    ("value.wrong_type", _with(organization=[ORGANIZATION]), ("s1",)),
    ("value.wrong_type", _with(url={"href": "x"}), ("s1",)),
    ("value.wrong_type", _with(service_at_locations=[{"id": "x1", "location": [LOCATION]}]), ("x1",)),
    ("value.wrong_type", _page() | {"contents": {"0": SERVICE}}, ("document",)),
]


@pytest.mark.parametrize(("code", "bad", "ids"), [case for case in BAD if case[1] is not None])
def test_what_is_wrong_is_named(code: str, bad: object, ids: tuple[str, ...]) -> None:
    _, findings = from_openreferral(bad, as_of="2024-06-01")
    found = [f for f in findings if f.code == code]
    assert ids in [f.ids for f in found]
    severity, message, remedy = KINDS[code]
    for finding in found:
        assert finding.severity == severity
        assert "{" not in finding.message + finding.remedy.replace('{"family": ...}', "")
        assert all([message, remedy, finding.table])


def test_every_kind_of_finding_is_tested() -> None:
    assert {code for code, *_ in BAD} == set(KINDS)


# ------------------------------------------------------------------------------------------------------- checking


@pytest.mark.parametrize(
    ("change", "code", "table", "column"),
    [
        ({"id": "s1"}, "format", "service", "id"),
        ({"url": ...}, "required", "service", "url"),
        ({"url": "example.org"}, "format", "service", "url"),
        ({"url": None}, "type", "service", "url"),
        ({"status": "open"}, "enum", "service", "status"),
        ({"name": 3}, "type", "service", "name"),
        ({"assured_date": "2021-02-30"}, "format", "service", "assured_date"),
        ({"assured_date": "2021"}, "format", "service", "assured_date"),
        ({"last_modified": "2021-02-03"}, "format", "service", "last_modified"),
        ({"minimum_age": True}, "type", "service", "minimum_age"),
        ({"service_areas": {}}, "type", "service", "service_areas"),
        ({"service_areas": [{"name": "Leeds"}]}, "required", "service.service_areas", "id"),
        (
            {"organization": {"id": str(uuid.UUID(int=1)), "name": "x"}},
            "required",
            "service.organization",
            "description",
        ),
        ({"schedules": [{"id": str(uuid.UUID(int=1)), "freq": "DAILY"}]}, "enum", "service.schedules", "freq"),
    ],
)
def test_check(document: Any, change: dict[str, object], code: str, table: str, column: str) -> None:
    service = {k: v for k, v in {**document["contents"][0], **change}.items() if v is not ...}
    (finding,) = check_openreferral(service)
    assert (finding.code, finding.table, finding.column) == (f"openreferral.{code}", table, column)
    assert finding.severity == "error"
    assert finding.ids == (str(service["id"]),)


def test_check_says_what_is_no_service() -> None:
    assert _codes(check_openreferral([1])) == ["record.not_an_object", "feed.no_services"]


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
_ANY = st.recursive(
    _SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=6), x, max_size=3), max_leaves=8
)
_WORDS = st.sampled_from(
    [
        "s1",
        "s2",
        "active",
        "defunct",
        "inactive",
        "2024-01-01",
        "E06000001",
        AREA + "E08000035",
        "Pause",
        "CB1 1AA",
        "geojson",
    ]
)
_NAMES = sorted(
    {
        *SERVICE,
        *PARTS,
        *LOCATION,
        "services",
        "contents",
        "total_items",
        "x_rcp_geo",
        "version",
        "as_of",
        "columns",
        "row",
    }
    | {"cells", "service_id", "location_id", "sites", "footprints", "status", "published", "searched", "taxonomy_term"}
    | {"extent", "extent_type", "uri", "last_modified", "postal_code", "organization_id", "family", "site_id"}
)
_LIKELY = st.recursive(
    _WORDS | _SCALARS,
    lambda x: st.lists(x, max_size=4) | st.dictionaries(st.sampled_from(_NAMES), x, max_size=6),
    max_leaves=30,
)


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(p for key, inner in items for p in _paths(inner, (*at, key)))]


def _put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copied = copy.copy(value)
    copied[path[0]] = _put(value[path[0]], path[1:], new)
    return copied


_OURS = _through_text(to_openreferral(_small(), as_of="2022-11-01"))


@st.composite
def _mutated(draw: st.DrawFn) -> Any:
    """A good document with a few values replaced by anything."""
    value = draw(st.sampled_from([_OURS, _page(SERVICE), PARTS, [SERVICE, _with(id="s2")]]))
    for _ in range(draw(st.integers(1, 3))):
        value = _put(value, draw(st.sampled_from(_paths(value))), draw(_WORDS | _ANY))
    return value


@settings(max_examples=300, deadline=None)
@given(_ANY | _LIKELY | _mutated(), st.sampled_from([None, "2024-01-01"]))
def test_nothing_but_our_errors(value: Any, as_of: str | None) -> None:
    before = copy.deepcopy(value)
    check_openreferral(value)
    try:
        tables, findings = from_openreferral(value, as_of=as_of)
    except RcpGeoError:
        # Only a missing date can stop the reading.
        tables, findings = from_openreferral(value, as_of="2024-01-01")
    assert list(tables) == list(TABLES)
    assert tables["services"]["service_id"].map(bool).all()
    assert all(str(f) for f in findings)
    assert value == before


@settings(max_examples=200, deadline=None)
@given(st.lists(_LIKELY | _WORDS, max_size=5), st.lists(_LIKELY, max_size=4), st.lists(_LIKELY, max_size=4))
def test_nothing_is_lost(services: list[Any], areas: list[Any], links: list[Any]) -> None:
    """Records in are rows out and records named, one for one."""
    full = {**_with(service_areas=areas, service_at_locations=links), "id": "full"}
    tables, findings = from_openreferral([full], as_of="2024-01-01")
    for given_in, table, names in ((areas, "footprints", "service_area"), (links, "sites", "service_at_location")):
        refused = (
            "id.unknown",
            "id.duplicate",
            "footprint.not_an_authority",
            "footprint.no_area",
            "record.not_an_object",
        )
        named = sum(len(f.ids) for f in findings if f.table in {names, f"{names}s"} and f.code in refused)
        unread = [x for x in given_in if isinstance(x, dict)] if table == "sites" else []
        named += sum(not isinstance(x.get("location"), dict | None) for x in unread)
        polygons = sum(len(f.ids) for f in findings if f.code == "footprint.polygon_not_read" and f.table == names)
        assert len(tables[table]) + named <= len(given_in) <= len(tables[table]) + named + polygons
    tables, findings = from_openreferral(_page(*services), as_of="2024-01-01")
    lost = {"record.not_an_object", "record.not_recognised", "id.repeated", "id.duplicate"}
    at_top = {"contents", "service"}
    named = sum(len(f.ids) for f in findings if f.code in lost and f.table in at_top)
    assert len(tables["services"]) + named == len(services)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_our_check_agrees_with_jsonschema(data: st.DataObject) -> None:
    service = _OURS["contents"][data.draw(st.integers(0, 1))]
    service = {k: v for k, v in service.items() if k != "x_rcp_geo"} | {"url": "https://example.org"}
    for _ in range(data.draw(st.integers(0, 2))):
        paths = [p for p in _paths(service) if p]
        service = _put(service, data.draw(st.sampled_from(paths)), data.draw(_WORDS | _ANY))
    validator = jsonschema.Draft7Validator(schema(), format_checker=jsonschema.FormatChecker(["date"]))
    assert bool(list(violations(service, schema()))) != validator.is_valid(service)
