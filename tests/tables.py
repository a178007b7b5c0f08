"""One small table, a writer of it for every format that users have, and what tests of the readers share."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from shapely import Point

from rcp_geo.errors import InputError
from rcp_geo.io.formats import RawTable, read_table

# Names of ten characters at most, which is all that a shapefile has room for.
COLUMNS = ("name", "family", "postcode", "visits", "share", "open", "started", "notes")
ROWS: list[tuple[Any, ...]] = [
    ("Pause Hull", "pause", "HU1 2AA", 12, 0.1, True, dt.date(2013, 10, 1), "first, of many"),
    ('The "Newydd" – Sefton', "local", "L20 3NL", 7, 12.5, False, dt.date(2020, 2, 29), "café\u00a0"),
    ("FDAC 'West'", "fdac", "", 0, 1e-05, True, dt.date(1999, 12, 31), ""),
    (" Leeds\u200b ", "pause", "LS1 1UR", 123456789, 0.3333, False, dt.date(2022, 11, 1), "a; b | c\td"),
]
POINTS = [(-0.333, 53.745), (-2.988, 53.448), (-1.5, 50.25), (-1.549, 53.8)]
TEXTS = pd.DataFrame(
    [
        ("Pause Hull", "pause", "HU1 2AA", "12", "0.1", "true", "2013-10-01", "first, of many"),
        ('The "Newydd" – Sefton', "local", "L20 3NL", "7", "12.5", "false", "2020-02-29", "café"),
        ("FDAC 'West'", "fdac", "", "0", "1e-05", "true", "1999-12-31", ""),
        ("Leeds", "pause", "LS1 1UR", "123456789", "0.3333", "false", "2022-11-01", "a; b | c\td"),
    ],
    columns=COLUMNS,
    dtype=str,
)


def frame() -> pd.DataFrame:
    """The table with the types that pandas gives it."""
    return pd.DataFrame(ROWS, columns=COLUMNS)


def layer(crs: Any = "EPSG:4326") -> gpd.GeoDataFrame:
    """The table with its points."""
    return gpd.GeoDataFrame(frame(), geometry=[Point(p) for p in POINTS], crs=crs)


def written(value: Any) -> str:
    """A value as a person types it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else repr(value) if isinstance(value, float) else str(value)


def delimited(path: Path, delimiter: str, encoding: str = "utf-8") -> None:
    texts = pd.DataFrame([[written(v) for v in row] for row in ROWS], columns=COLUMNS)
    texts.to_csv(path, sep=delimiter, index=False, encoding=encoding)


def excel(path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(COLUMNS)
    for row in ROWS:
        book.active.append(row)
    book.save(path)


def parquet(path: Path) -> None:
    frame().to_parquet(path)


def geojson(path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {k: str(v) if isinstance(v, dt.date) else v for k, v in zip(COLUMNS, row, strict=True)},
            "geometry": {"type": "Point", "coordinates": list(point)},
        }
        for row, point in zip(ROWS, POINTS, strict=True)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


def by_gdal(driver: str) -> Callable[[Path], None]:
    return lambda path: layer().to_file(path, driver=driver, engine="pyogrio")


def shapefile(path: Path) -> None:
    # Truth values have no type of their own in what GDAL writes.
    table = layer()
    table["open"] = [written(v) for v in table["open"]]
    table.to_file(path, driver="ESRI Shapefile", engine="pyogrio", encoding="utf-8")


def zipped(path: Path) -> None:
    folder = path.parent / f"{path.stem}_parts"
    folder.mkdir(exist_ok=True)
    shapefile(folder / "services.shp")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, f"export/{part.name}")


def kml_text() -> str:
    marks = []
    for row, (x, y) in zip(ROWS, POINTS, strict=True):
        data = "".join(
            f'<Data name="{k}"><value>{escape(written(v))}</value></Data>'
            for k, v in zip(COLUMNS[1:], row[1:], strict=True)
        )
        marks.append(
            f"<Placemark><name>{escape(row[0])}</name><styleUrl>#icon</styleUrl><ExtendedData>{data}</ExtendedData>"
            f"<Point><coordinates>\n  {x},{y},0\n </coordinates></Point></Placemark>"
        )
    body = "".join(marks)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<name>Services</name><Style id='icon'/>{body}</Document></kml>"
    )


def kml(path: Path) -> None:
    path.write_text(kml_text(), encoding="utf-8")


def kmz(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", kml_text())
        archive.writestr("images/icon-1.png", b"\x89PNG")


WRITERS: dict[str, Callable[[Path], None]] = {
    "services.csv": lambda path: delimited(path, ","),
    "bom.csv": lambda path: delimited(path, ",", "utf-8-sig"),
    "semicolons.csv": lambda path: delimited(path, ";"),
    "bars.txt": lambda path: delimited(path, "|"),
    "services.tsv": lambda path: delimited(path, "\t"),
    "unicode.txt": lambda path: delimited(path, "\t", "utf-16"),
    "services.xlsx": excel,
    "services.parquet": parquet,
    "geo.parquet": lambda path: layer().to_parquet(path),
    "boxed.parquet": lambda path: layer().to_parquet(path, write_covering_bbox=True),
    "services.geojson": geojson,
    "gdal.geojson": by_gdal("GeoJSON"),
    "services.gpkg": by_gdal("GPKG"),
    "services.shp": shapefile,
    "services.zip": zipped,
    "services.fgb": lambda path: layer().to_file(path, driver="FlatGeobuf", engine="pyogrio", SPATIAL_INDEX="NO"),
    "services.kml": kml,
    "services.kmz": kmz,
}
SPATIAL = (
    "geo.parquet",
    "boxed.parquet",
    *(n for n in WRITERS if n.endswith(("json", "gpkg", "shp", "zip", "fgb", "kml", "kmz"))),
)


def found(table: RawTable, code: str) -> Any:
    """The one finding of this code."""
    (finding,) = [f for f in table.findings if f.code == code]
    assert finding.table == table.name or finding.table in table.name
    assert finding.message
    assert finding.remedy
    return finding


def refusal(path: Path | str, **options: Any) -> str:
    """What is said of a file that cannot be read: one line, and no hint of the machinery."""
    with pytest.raises(InputError) as caught:
        read_table(path, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert "Traceback" not in text
    assert "0x" not in text
    return text


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def packed(path: Path, members: dict[str, bytes], **info: Any) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            for key, value in info.items():
                setattr(entry, key, value)
            file.writestr(entry, data)
    return path
