"""The small world's squares as a file of boundaries, a writer of it for every format, and what tests of reading them share."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

import rcp_geo as rg
from rcp_geo.schema import Finding
from tests.world import SQUARES


def squares(crs: Any = "EPSG:27700", **changes: BaseGeometry | None) -> gpd.GeoDataFrame:
    """The four squares as the ONS lays out its files, some of them changed."""
    return gpd.GeoDataFrame(
        {"CTYUA23CD": list(SQUARES), "CTYUA23NM": [name for name, *_ in SQUARES.values()], "CTYUA23NMW": [""] * 4},
        geometry=[changes.get(code, shape) for code, (*_, shape) in SQUARES.items()],
        crs="EPSG:27700",
    ).to_crs(crs)


def rows(
    *of: tuple[str, str, BaseGeometry | None], code: str = "CTYUA23CD", name: str = "CTYUA23NM"
) -> gpd.GeoDataFrame:
    """Rows of code, name and shape on the National Grid."""
    return gpd.GeoDataFrame(
        {code: [c for c, *_ in of], name: [n for _, n, _ in of]}, geometry=[s for *_, s in of], crs="EPSG:27700"
    )


def found(boundaries: rg.Boundaries, code: str) -> Finding:
    """The one finding of this code."""
    (finding,) = [f for f in boundaries.noticed if f.code == code]
    assert finding.message
    assert finding.remedy
    return finding


def codes(boundaries: rg.Boundaries) -> list[str]:
    """What was noticed."""
    return [f.code for f in boundaries.noticed]


def by_gdal(driver: str, crs: Any = "EPSG:27700", **options: Any) -> Callable[[gpd.GeoDataFrame, Path], None]:
    return lambda frame, path: frame.to_crs(crs).to_file(path, driver=driver, engine="pyogrio", **options)


def zipped(frame: gpd.GeoDataFrame, path: Path) -> None:
    folder = path.parent / f"{path.stem}_parts"
    folder.mkdir(exist_ok=True)
    frame.to_file(folder / "areas.shp", engine="pyogrio", encoding="utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, f"export/{part.name}")


def _ring(kind: str, ring: Any) -> str:
    at = "\n ".join(f"{x!r},{y!r},0" for x, y in np.asarray(ring.coords)[:, :2].tolist())
    return f"<{kind}><LinearRing><coordinates>\n {at}\n</coordinates></LinearRing></{kind}>"


def _polygon(shape: Polygon) -> str:
    # Inner rings first: their order in the file is not said by the standard.
    inner = "".join(_ring("innerBoundaryIs", r) for r in shape.interiors)
    return f"<Polygon><tessellate>1</tessellate>{inner}{_ring('outerBoundaryIs', shape.exterior)}</Polygon>"


def kml_text(frame: gpd.GeoDataFrame) -> str:
    """Placemarks with the columns as their data, as QGIS and GDAL write them."""
    flat = frame.to_crs("EPSG:4326")
    marks = []
    for values, shape in zip(flat.drop(columns="geometry").itertuples(index=False), flat.geometry, strict=True):
        data = "".join(f'<SimpleData name="{k}">{v}</SimpleData>' for k, v in values._asdict().items())
        parts = [_polygon(p) for p in getattr(shape, "geoms", [shape])]
        body = parts[0] if len(parts) == 1 else f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"
        marks.append(f"<Placemark><ExtendedData><SchemaData>{data}</SchemaData></ExtendedData>{body}</Placemark>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
        f"<Folder><name>areas</name>{''.join(marks)}</Folder></Document></kml>"
    )


def kmz(frame: gpd.GeoDataFrame, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", kml_text(frame))


WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    "areas.gpkg": by_gdal("GPKG", layer="areas"),
    "areas.shp": by_gdal("ESRI Shapefile", encoding="utf-8"),
    "areas.zip": zipped,
    "areas.geojson": by_gdal("GeoJSON", "EPSG:4326", COORDINATE_PRECISION=12),
    "old.geojson": by_gdal("GeoJSON"),
    "areas.fgb": by_gdal("FlatGeobuf"),
    "areas.parquet": lambda frame, path: frame.to_parquet(path),
    "degrees.parquet": lambda frame, path: frame.to_crs("EPSG:4326").to_parquet(path, write_covering_bbox=True),
    "areas.kml": lambda frame, path: path.write_text(kml_text(frame), encoding="utf-8") and None,
    "areas.kmz": kmz,
}
# These keep National Grid metres; the others go through degrees and back.
EXACT = ("areas.gpkg", "areas.shp", "areas.zip", "old.geojson", "areas.fgb", "areas.parquet")
