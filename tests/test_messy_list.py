"""One messy national list of 300 services, in every format, is one directory: the one that its author had in mind."""

from __future__ import annotations

import random
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from pyproj import Geod, Transformer

import rcp_geo as rg

AS_OF = "2024-05-01"
COUNT = 300
GEOD = Geod(ellps="WGS84")
HEADINGS = {
    "Ref": "service_id",
    "Service name": "name",
    "Type of service": "family",
    "Current status": "status",
    "Date opened": "opened",
    "Date closed": "closed",
    "Last confirmed": "observed_to",
    "Post Code": "postcode",
    "LAT": "latitude",
    "Long.": "longitude",
    "Eastings": "easting",
    "Northings": "northing",
    "Council": "authority",
    "Areas covered": "served",
    "Run by": "provider",
}
# A shapefile has room for ten characters. ArcGIS writes underscores as well; GDAL cuts and does no more.
SHORT = {h: h.replace(" ", "_")[:10] for h in HEADINGS}

FAMILIES = {
    "pause": ["Pause", "PAUSE", "pause practice", "Pause Project", " pause "],
    "fdac": [
        "FDAC",
        "fdac",
        "Family Drug and Alcohol Court",
        "Family Drug & Alcohol Court",
        "family drug alcohol court",
    ],
    "local": ["local", "Local service", "Locally developed", "LOCALLY-DEVELOPED SERVICE"],
}
# Who is served, as people write it: each with the codes in force on the date and their extents.
WHOLE, PART = "whole", "part"
SERVED: list[tuple[str, dict[str, str]]] = [
    ("Hull", {"E06000010": WHOLE}),
    ("Kingston-upon-Hull", {"E06000010": WHOLE}),
    ("Bristol, City of", {"E06000023": WHOLE}),
    ("Bristol and Bath & North East Somerset", {"E06000023": WHOLE, "E06000022": WHOLE}),
    ("Brighton & Hove", {"E06000043": WHOLE}),
    ("Brighton and Hove, East Sussex", {"E06000043": WHOLE, "E10000011": WHOLE}),
    ("Bournemouth, Christchurch & Poole; Dorset", {"E06000058": WHOLE, "E06000059": WHOLE}),
    ("BCP", {"E06000058": WHOLE}),
    ("Walsall, Dudley and Sandwell", {"E08000030": WHOLE, "E08000027": WHOLE, "E08000028": WHOLE}),
    ("LB Hackney", {"E09000012": WHOLE}),
    ("Royal Borough of Greenwich; London Borough of Lewisham", {"E09000011": WHOLE, "E09000023": WHOLE}),
    ("Leicester City Council", {"E06000016": WHOLE}),
    ("Leicestershire County Council", {"E10000018": WHOLE}),
    ("part of Kent", {"E10000016": PART}),
    ("Medway; part of Kent", {"E06000035": WHOLE, "E10000016": PART}),
    ("Devon (part)", {"E10000008": PART}),
    ("West Sussex (parts)", {"E10000032": PART}),
    ("Hull, part of Kent", {"E06000010": WHOLE, "E10000016": PART}),
    ("Part of Kent and Medway", {"E10000016": PART, "E06000035": WHOLE}),
    ("parts of Kent, Surrey and Medway", {"E10000016": PART, "E10000030": PART, "E06000035": PART}),
    ("Bristol, City of (part), and South Gloucestershire", {"E06000023": PART, "E06000025": WHOLE}),
    ("St. Helens | Knowsley", {"E08000013": WHOLE, "E08000011": WHOLE}),
    ("E08000035", {"E08000035": WHOLE}),
    ("E06000047 / Gateshead", {"E06000047": WHOLE, "E08000037": WHOLE}),
    ("County Durham", {"E06000047": WHOLE}),
    ("Redcar and Cleveland", {"E06000003": WHOLE}),
    ("Redcar & Cleveland and Hartlepool", {"E06000003": WHOLE, "E06000001": WHOLE}),
    ("herefordshire", {"E06000019": WHOLE}),
    ("Telford and Wrekin, and Shropshire", {"E06000020": WHOLE, "E06000051": WHOLE}),
    ("City of York Council", {"E06000014": WHOLE}),
    ("Isle of Wight", {"E06000046": WHOLE}),
]
# The council that a row sits in; served too, as inferred, where nothing else is said.
COUNCILS = {"Cornwall Council": "E06000052", "Leeds City Council": "E08000035", "L.B. Camden": "E09000007"}
# Status, opened, closed, last confirmed as written; and the windows that they are evidence for.
WRITTEN: list[tuple[tuple[str, str, str, str], list[tuple[str, str, str]]]] = [
    (("Open", "", "", ""), [("operating", AS_OF, AS_OF)]),
    (("", "", "", ""), [("operating", AS_OF, AS_OF)]),
    (("operating", "2019", "", ""), [("not_started", "", "2018"), ("operating", "2019", AS_OF)]),
    (("RUNNING", "March 2020", "", ""), [("not_started", "", "2020-02"), ("operating", "2020-03", AS_OF)]),
    (("Active", "1/7/2021", "", ""), [("not_started", "", "2021-06-30"), ("operating", "2021-07-01", AS_OF)]),
    (
        ("", "2 January 2018", "", "2023-11"),
        [("not_started", "", "2018-01-01"), ("operating", "2018-01-02", "2023-11")],
    ),
    (
        ("Closed", "2015-04", "2018-03-31", ""),
        [("not_started", "", "2015-03"), ("operating", "2015-04", "2018-03-30"), ("closed", "2018-03-31", "")],
    ),
    (("", "", "Dec 2022", ""), [("closed", "2022-12", "")]),
    (("closed", "", "", ""), [("closed", AS_OF, "")]),
    (("Planned", "", "", ""), [("in_development", AS_OF, AS_OF)]),
    (("coming soon", "2024-09", "", ""), [("in_development", AS_OF, AS_OF)]),
    (("On hold", "", "", ""), [("paused", AS_OF, AS_OF)]),
    (("Not known", "", "", ""), []),
    (("?", "2016", "", ""), [("not_started", "", "2015")]),
]
# Real postcodes, whole or in part, and how precise a point each gives.
POSTCODES = {"HU1 2AA": "postcode", "LS1 1UR": "postcode", "TR1 3AY": "postcode", "BS1 5TR": "postcode"} | {
    "HU1": "district",
    "CB1": "district",
    "LS1 1": "sector",
}
TO_GRID = Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)


@dataclass
class Messy:
    """The list as written, and what its author knows it to say."""

    rows: pd.DataFrame
    services: pd.DataFrame
    footprints: set[tuple[str, str, str, str]]
    windows: set[tuple[str, str, str, str]]
    precision: dict[str, str]
    points: dict[str, tuple[float, float]]


def _typed(postcode: str, dice: random.Random) -> str:
    """A postcode in odd case and spacing; a sector keeps its one space, by which it is told from a district."""
    text = dice.choice([postcode, postcode.lower(), postcode.title()])
    if len(postcode) >= 6:
        text = text.replace(" ", dice.choice(["", " ", "  "]))
    return dice.choice([text, f" {text}", f"{text} "])


def _generate(seed: int) -> Messy:
    dice = random.Random(seed)  # noqa: S311
    rows, services, precision, points = [], [], {}, {}
    footprints: set[tuple[str, str, str, str]] = set()
    said: set[tuple[str, str, str, str]] = set()
    for i in range(COUNT):
        ref, family = f"S-{i:03d}", dice.choice(list(FAMILIES))
        name = (
            dice.choice(["Fresh Start", "Début", "Mums & Babies", 'The "Nest"', "Pause", "Way; Back, Home"]) + f" {i}"
        )
        (status, opened, closed, confirmed), windows = dice.choice(WRITTEN)
        row = dict.fromkeys(HEADINGS, "") | {
            "Ref": ref,
            "Service name": dice.choice([name, f"  {name}"]),
            "Type of service": dice.choice(FAMILIES[family]),
            "Current status": status,
            "Date opened": opened,
            "Date closed": closed,
            "Last confirmed": confirmed,
            "Run by": dice.choice(["", "Coram", "Tavistock & Portman", "O’Neill Trust"]),
        }
        said |= {(ref, *w) for w in windows}
        if dice.random() < 0.15:
            row["Council"], code = dice.choice(list(COUNCILS.items()))
            footprints.add((ref, code, WHOLE, "inferred"))
        else:
            row["Areas covered"], codes = dice.choice(SERVED)
            footprints |= {(ref, code, extent, "stated") for code, extent in codes.items()}
            row["Council"] = dice.choice(["", "", "Leeds"])
        longitude, latitude = round(dice.uniform(-2.5, -0.5), 6), round(dice.uniform(51.5, 54.0), 6)
        how = dice.choice(["degrees", "grid", "postcode", "nothing", "both"])
        if how in ("degrees", "both"):
            row["LAT"], row["Long."] = repr(latitude), repr(longitude)
        if how == "grid":
            x, y = (round(v, 1) for v in TO_GRID.transform(longitude, latitude))
            row["Eastings"], row["Northings"] = repr(x), repr(y)
        if how in ("postcode", "both"):
            code = dice.choice(list(POSTCODES))
            row["Post Code"] = _typed(code, dice)
        precision[ref] = {"postcode": POSTCODES[code] if how == "postcode" else "", "nothing": "authority"}.get(
            how, "point"
        )
        if precision[ref] == "point":
            points[ref] = (longitude, latitude)
        rows.append(row)
        services.append((ref, name, family, row["Run by"]))
    table = pd.DataFrame(rows, columns=list(HEADINGS), dtype=object)
    columns = ["service_id", "name", "family", "provider"]
    return Messy(table, pd.DataFrame(services, columns=columns), footprints, said, precision, points)


@pytest.fixture(scope="module")
def messy() -> Messy:
    return _generate(20240501)


def _layer(rows: pd.DataFrame) -> gpd.GeoDataFrame:
    """The list as a layer: those with degrees are drawn as points and have no columns for them."""
    x, y = pd.to_numeric(rows["Long."]), pd.to_numeric(rows["LAT"])
    points = gpd.GeoSeries(gpd.points_from_xy(x, y), crs="EPSG:4326", index=rows.index).where(x.notna(), None)
    return gpd.GeoDataFrame(rows.drop(columns=["LAT", "Long."]), geometry=points, crs="EPSG:4326")


def _typed_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """The list with numbers as numbers, as spreadsheets and data frames have them."""
    numbers = {c: pd.to_numeric(rows[c]) for c in ("LAT", "Long.", "Eastings", "Northings")}
    return rows.assign(**numbers)


def _excel(rows: pd.DataFrame, path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(list(rows.columns))
    for row in _typed_cells(rows).itertuples(index=False):
        book.active.append([None if v == "" or pd.isna(v) else v for v in row])
    book.save(path)


def _kml_text(rows: pd.DataFrame) -> str:
    marks = []
    for row in rows.to_dict("records"):
        data = "".join(
            f'<Data name="{k}"><value>{escape(v)}</value></Data>'
            for k, v in row.items()
            if k not in ("Service name", "LAT", "Long.")
        )
        point = f"<Point><coordinates>{row['Long.']},{row['LAT']}</coordinates></Point>" if row["LAT"] else ""
        marks.append(
            f"<Placemark><name>{escape(row['Service name'])}</name><ExtendedData>{data}</ExtendedData>{point}</Placemark>"
        )
    return f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(marks)}</Document></kml>'


def _kmz(rows: pd.DataFrame, path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doc.kml", _kml_text(rows))


WRITERS: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "list.csv": lambda rows, path: rows.to_csv(path, index=False),
    "semicolons.csv": lambda rows, path: rows.to_csv(path, index=False, sep=";", encoding="utf-8-sig"),
    "list.tsv": lambda rows, path: rows.to_csv(path, index=False, sep="\t"),
    "list.xlsx": _excel,
    "list.parquet": lambda rows, path: _typed_cells(rows).to_parquet(path),
    "geo.parquet": lambda rows, path: _layer(rows).to_parquet(path),
    "list.geojson": lambda rows, path: _layer(rows).to_file(path, driver="GeoJSON", engine="pyogrio"),
    "list.gpkg": lambda rows, path: _layer(rows).to_file(path, driver="GPKG", engine="pyogrio"),
    "list.shp": lambda rows, path: (
        _layer(rows).rename(columns=SHORT).to_file(path, driver="ESRI Shapefile", engine="pyogrio", encoding="utf-8")
    ),
    "cut.shp": lambda rows, path: _layer(rows).to_file(
        path, driver="ESRI Shapefile", engine="pyogrio", encoding="utf-8"
    ),
    "list.kml": lambda rows, path: path.write_text(_kml_text(rows), encoding="utf-8"),
    "list.kmz": _kmz,
}
FRAMES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "pandas, all text": lambda rows: rows,
    "pandas, with numbers": _typed_cells,
    "pandas, rows by id": lambda rows: rows.set_index("Ref"),
    "geopandas": _layer,
    "geopandas on the National Grid": lambda rows: _layer(rows).to_crs("EPSG:27700"),
}
SAVED = ("folder", "saved.gpkg", "saved.json")


def _of(form: str, messy: Messy, plain: rg.Directory, folder: Path) -> rg.Directory:
    if form in FRAMES:
        return rg.read_directory(FRAMES[form](messy.rows), as_of=AS_OF)
    if form in SAVED:
        return rg.read_directory(plain.save(folder / form), as_of=AS_OF)
    WRITERS[form](messy.rows, folder / form)
    return rg.read_directory(folder / form, as_of=AS_OF)


@pytest.fixture(scope="module")
def plain(messy: Messy) -> rg.Directory:
    return rg.read_directory(messy.rows, as_of=AS_OF)


@pytest.fixture(scope="module", params=[*FRAMES, *WRITERS, *SAVED])
def read(
    request: pytest.FixtureRequest, messy: Messy, plain: rg.Directory, tmp_path_factory: pytest.TempPathFactory
) -> rg.Directory:
    """The list in one format, read without anything being wrong with it."""
    with warnings.catch_warnings():
        # Truth of the writer, not of the reader: GDAL on the width of columns.
        warnings.filterwarnings("ignore", message=".*(Column names longer|Normalized/laundered).*")
        return _of(request.param, messy, plain, tmp_path_factory.mktemp("messy"))


def test_the_list_is_as_messy_as_it_claims(messy: Messy) -> None:
    assert len(messy.rows) == COUNT
    assert set(messy.rows["Areas covered"]) == {written for written, _ in SERVED} | {""}
    assert set(messy.rows["Council"]) == {*COUNCILS, "Leeds", ""}
    assert set(messy.rows["Type of service"]) == {w for words in FAMILIES.values() for w in words}
    assert set(messy.precision.values()) == {"point", "postcode", "sector", "district", "authority"}
    rows = messy.rows[["Current status", "Date opened", "Date closed", "Last confirmed"]]
    assert set(rows.itertuples(index=False, name=None)) == {written for written, _ in WRITTEN}


def test_every_service_is_there_as_its_author_meant_it(read: rg.Directory, messy: Messy) -> None:
    columns = ["service_id", "name", "family", "provider"]
    pd.testing.assert_frame_equal(read.services[columns].astype(object), messy.services.astype(object))
    assert not (read.findings["severity"] == "error").any()


def test_who_is_served_is_as_meant_whole_or_in_part(read: rg.Directory, messy: Messy) -> None:
    columns = ["service_id", "authority_code", "extent", "certainty"]
    assert not read.footprints.duplicated(columns).any()
    assert set(read.footprints[columns].itertuples(index=False, name=None)) == messy.footprints


def test_status_windows_are_as_meant_and_precise_as_written(read: rg.Directory, messy: Messy) -> None:
    columns = ["service_id", "status", "observed_from", "observed_to"]
    assert len(read.status) == len(messy.windows)
    assert set(read.status[columns].itertuples(index=False, name=None)) == messy.windows


def test_sites_are_where_meant_and_no_more_precise(read: rg.Directory, messy: Messy) -> None:
    sites = read.sites.set_index("service_id")
    assert sites["precision"].to_dict() == messy.precision
    given = sites.loc[list(messy.points)].geometry
    x, y = np.array(list(messy.points.values())).T
    # Written to a tenth of a metre, and the two systems agree to about two.
    assert np.max(GEOD.inv(given.x, given.y, x, y)[2]) < 3
    postcode = messy.rows.set_index("Ref").loc[sites.index[sites["precision"] == "postcode"], "Post Code"]
    hull = postcode[postcode.str.upper().str.replace(" ", "") == "HU12AA"].index
    expected = rg.geocode(["HU1 2AA"]).geometry.iloc[0]
    assert len(hull) > 0
    assert {(p.x, p.y) for p in sites.loc[hull].geometry} == {(expected.x, expected.y)}


def test_whatever_the_format_it_is_one_directory(read: rg.Directory, plain: rg.Directory) -> None:
    for name in ("services", "footprints", "status"):
        ours, theirs = getattr(read, name), getattr(plain, name)
        pd.testing.assert_frame_equal(ours[list(theirs.columns)].astype(object), theirs.astype(object))
    columns = ["site_id", "service_id", "place", "precision"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(read.sites[columns]).astype(object), pd.DataFrame(plain.sites[columns]).astype(object)
    )
    metres = GEOD.inv(read.sites.geometry.x, read.sites.geometry.y, plain.sites.geometry.x, plain.sites.geometry.y)[2]
    assert np.max(metres) < 0.001
    assert read.reference_date == plain.reference_date
