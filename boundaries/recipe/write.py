"""Writing tables so that the same values give the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from rcp_geo.crs import BNG

__all__ = ["write_csv", "write_demand", "write_geoparquet"]

_COMPRESSION_LEVEL = 19


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8 CSV with Unix line ends."""
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def write_demand(table: pd.DataFrame, path: Path) -> None:
    """Write the demand points as plain Parquet."""
    columns = {
        "demand_id": pa.string(),
        "easting": pa.int32(),
        "northing": pa.int32(),
        "longitude": pa.float64(),
        "latitude": pa.float64(),
        "district_code": pa.string(),
    }
    arrays = [pa.array(table[name].tolist(), type=kind) for name, kind in columns.items()]
    _write(
        pa.table(arrays, names=list(columns)),
        path,
        use_dictionary=["district_code"],
        column_encoding={
            "demand_id": "DELTA_BYTE_ARRAY",
            "easting": "DELTA_BINARY_PACKED",
            "northing": "DELTA_BINARY_PACKED",
            "longitude": "BYTE_STREAM_SPLIT",
            "latitude": "BYTE_STREAM_SPLIT",
        },
    )


def write_geoparquet(table: pd.DataFrame, path: Path) -> None:
    """Write polygons as GeoParquet 1.1.

    By hand rather than by geopandas, whose files name the versions of half a dozen libraries.
    """
    geometry = np.asarray(table["geometry"], dtype=object)
    about = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "geometry_types": sorted({shape.geom_type for shape in geometry}),
                "crs": pyproj.CRS.from_user_input(BNG).to_json_dict(),
                "edges": "planar",
                "orientation": "counterclockwise",
                "bbox": [float(value) for value in shapely.total_bounds(geometry)],
            }
        },
    }
    names = [name for name in table.columns if name != "geometry"]
    arrays = [pa.array(table[name].tolist(), type=pa.string()) for name in names]
    arrays.append(pa.array(shapely.to_wkb(geometry, byte_order=1).tolist(), type=pa.binary()))
    metadata = {"geo": json.dumps(about, sort_keys=True)}
    _write(pa.table(arrays, names=[*names, "geometry"]).replace_schema_metadata(metadata), path, use_dictionary=False)


def _write(table: pa.Table, path: Path, **options: object) -> None:
    pq.write_table(table, path, compression="zstd", compression_level=_COMPRESSION_LEVEL, version="2.6", **options)
