"""The data files that ship with the library: found wherever it is installed, and checked when read."""

from __future__ import annotations

import hashlib
import io
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rcp_geo.errors import IntegrityError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = ["entry", "manifest", "read_bytes", "read_csv", "read_geoparquet", "read_parquet"]

_DATA = Path(__file__).parent / "data"


@cache
def manifest() -> dict[str, Any]:
    """Return the manifest of the embedded data: for each id its file, sha256, rows, CRS, licence and validity."""
    loaded: dict[str, Any] = json.loads((_DATA / "manifest.json").read_text(encoding="utf-8"))
    return loaded


def entry(file_id: str) -> dict[str, Any]:
    """Return one file's record in the manifest."""
    found: dict[str, Any] = manifest()["files"][file_id]
    return found


def _path(folder: str, name: str) -> Path:
    installed = _DATA / folder / name
    if installed.exists() or folder == "directory":
        return installed
    # An editable install or a checkout keeps the heavy files where their recipe is.
    return _DATA.parents[2] / "boundaries" / "data" / name


def read_bytes(file_id: str) -> bytes:
    """Return a data file's bytes, checked against the manifest.

    Raises
    ------
    IntegrityError
        If the file is missing or its sha256 is not the one in the manifest.
    """
    record = entry(file_id)
    path = _path(record["folder"], record["name"])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IntegrityError(
            f"{record['name']}: the data file is missing from this installation of rcp_geo; install the package again"
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != record["sha256"]:
        raise IntegrityError(
            f"{record['name']}: the data file is not the one in the manifest (sha256 {found[:12]}, expected "
            f"{record['sha256'][:12]}); install the package again, or rebuild with {manifest()['recipe']}"
        )
    return content


def read_csv(file_id: str) -> pd.DataFrame:
    """Return a table as text, blanks as empty strings."""
    import pandas as pd

    return pd.read_csv(io.BytesIO(read_bytes(file_id)), dtype=str, keep_default_na=False, encoding="utf-8")


def read_parquet(file_id: str) -> pd.DataFrame:
    """Return a Parquet table."""
    import pandas as pd

    return pd.read_parquet(io.BytesIO(read_bytes(file_id)))


def read_geoparquet(file_id: str) -> gpd.GeoDataFrame:
    """Return a GeoParquet layer."""
    import geopandas as gpd

    return gpd.read_parquet(io.BytesIO(read_bytes(file_id)))
