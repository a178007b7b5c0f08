"""GeoPackages of national size: which layers there are, and their columns without the rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rcp_geo.errors import CrsError, InputError

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["layers_of", "read_layer"]

_MAGIC = b"SQLite format 3\x00"


def layers_of(path: Path) -> dict[str, list[str]]:
    """Return the layers of a GeoPackage and their columns.

    Raises
    ------
    InputError
        If there is no such file, or it is not a GeoPackage or is damaged.
    """
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise InputError(f"{path.name}: cannot be opened ({reason}); check the path and who may read it") from error
    if head != _MAGIC:
        raise InputError(f"{path.name}: is not a GeoPackage; give the .gpkg file as it was downloaded")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            names = database.execute(
                "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes')"
            )
            # A view would be worked out by the file itself.
            plain = {n for (n,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            kept = [str(n) for (n,) in names.fetchall() if n in plain]
            found = {n: database.execute("SELECT name FROM pragma_table_info(?)", [n]).fetchall() for n in kept}
    except sqlite3.Error as error:
        raise InputError(f"{path.name}: cannot be read as a GeoPackage ({error}); copy or download it again") from error
    return {layer: [str(c) for (c,) in columns] for layer, columns in found.items()}


def read_layer(path: Path, layer: str, columns: list[str]) -> gpd.GeoDataFrame:
    """Read a layer's geometry and some of its columns.

    Raises
    ------
    CrsError
        If it has no coordinate reference system.
    InputError
        If it cannot be read.
    """
    import pyogrio

    frame = guarded(path.name, lambda: pyogrio.read_dataframe(path, layer=layer, columns=columns, use_arrow=True))
    crs = getattr(frame, "crs", None)
    # GDAL makes a system of its own of the two by which a GeoPackage says that it is not known.
    if crs is None or not (crs.is_projected or crs.is_geographic) or str(crs.name).startswith("Undefined"):
        raise CrsError(f"{path.name}, layer {layer}: has no coordinate reference system; state it in the file")
    return frame


def guarded(name: str, read: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is read
    """Turn what GDAL raises into an :class:`~rcp_geo.errors.InputError`."""
    import warnings

    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return read()
    except (CrsError, MemoryError):
        raise
    except Exception as error:
        # GDAL and what lies above it meet damaged bytes with errors of every kind.
        lines = str(error).strip().splitlines()
        raise InputError(
            f"{name}: cannot be read ({lines[0] if lines else type(error).__name__}); it may be damaged or cut short: "
            "copy or download it again"
        ) from error
