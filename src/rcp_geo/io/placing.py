"""Where the rows of a user's table are, by the first thing in each that says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from rcp_geo.crs import bng_to_wgs84, foreign, to_wgs84
from rcp_geo.io.csv import parse_numbers
from rcp_geo.postcodes import geocode
from rcp_geo.schema import Finding, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Placed", "on_grid", "place_rows"]

# Great Britain's extent, in degrees and in metres of the National Grid (Ordnance Survey, "A guide to coordinate systems
# in Great Britain": the grid spans 700 km by 1,300 km).
_LON, _LAT = (-9.0, 2.1), (49.0, 61.0)
_EASTING, _NORTHING = (1_000.0, 700_000.0), (1_000.0, 1_300_000.0)
# Letters and figures that are typed for one another.
_SLIPS = str.maketrans({"0": "O", "O": "0", "1": "I", "I": "1", "L": "1", "5": "S", "S": "5"})


@dataclass
class Placed:
    """Points in WGS 84 degrees, NaN where none was found, and how precise each is."""

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    precision: NDArray[np.object_]
    findings: list[Finding] = field(default_factory=list)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Say which rows have no point yet."""
        return np.isnan(self.longitude)


def place_rows(table: str, rows: Sequence[str], text: pd.DataFrame, geometry: gpd.GeoSeries | None) -> Placed:
    """Find a point for each row from its geometry, its coordinates or its postcode, in this order.

    Parameters
    ----------
    table, rows
        Name of the table and of each of its rows, for the findings.
    text
        Any of the columns ``longitude``, ``latitude``, ``easting``, ``northing``, ``postcode``.
    geometry
        One geometry per row, or None.

    Returns
    -------
    Placed
        ``precision`` is ``point``, ``postcode``, ``sector`` or ``district``; blank where nothing was found.
    """
    n = len(text)
    placed = Placed(np.full(n, np.nan), np.full(n, np.nan), np.full(n, "", dtype=object))
    names = np.asarray(rows, dtype=object)
    if geometry is not None:
        _from_geometry(placed, table, names, geometry)
    for x, y in (("longitude", "latitude"), ("easting", "northing")):
        if x in text.columns or y in text.columns:
            _from_numbers(placed, table, names, text.reindex(columns=[x, y], fill_value=""))
    if "postcode" in text.columns:
        _from_postcodes(placed, table, names, text["postcode"])
    return placed


def _note(placed: Placed, table: str, column: str, rows: NDArray[np.object_], kind: tuple[str, str, str]) -> None:
    """Record rows that are wrong; the kind is its code, what they are and what to do."""
    code, what, remedy = kind
    if len(rows):
        placed.findings.append(
            Finding(code, "error", table, column, tuple(rows), counted(len(rows), f"rows {what}"), remedy)
        )


def _from_geometry(placed: Placed, table: str, names: NDArray[np.object_], geometry: gpd.GeoSeries) -> None:
    if geometry.crs is None:
        there = ~geometry.isna().to_numpy()
        _note(
            placed,
            table,
            "geometry",
            names[there],
            (
                "crs.missing",
                "have a geometry without a CRS, which was not read",
                "state the CRS in the file, or set it with set_crs",
            ),
        )
        return
    values = geometry.to_numpy()
    there = shapely.get_type_id(values) >= 0
    points = there & (shapely.get_type_id(values) == shapely.GeometryType.POINT) & ~shapely.is_empty(values)
    _note(
        placed,
        table,
        "geometry",
        names[there & ~points],
        ("geometry.not_point", "have a geometry that is not a point, which was not read", "give each site one point"),
    )
    wrong = foreign(geometry.crs, values)
    _note(
        placed,
        table,
        "geometry",
        names[wrong],
        (
            "crs.wrong",
            f"have a point that cannot be of its CRS, {geometry.crs.name}: degrees for metres, or metres for degrees",
            "state the right CRS in the file, or with set_crs(..., allow_override=True)",
        ),
    )
    points &= ~wrong
    x, y = np.full(len(values), np.nan), np.full(len(values), np.nan)
    x[points], y[points] = shapely.get_x(values[points]), shapely.get_y(values[points])
    # 0,0 is no place in any system, and would be one at sea in another.
    kept = points & ((x != 0) | (y != 0))
    moved = to_wgs84(geometry[kept], table).to_numpy()
    x[kept], y[kept] = shapely.get_x(moved), shapely.get_y(moved)
    _accept(placed, table, "geometry", names, x, y)


def _from_numbers(placed: Placed, table: str, names: NDArray[np.object_], text: pd.DataFrame) -> None:
    column = ", ".join(text.columns)
    raw = [text[c].str.strip().str.replace(",", "", regex=False) for c in text.columns]
    x, y = (parse_numbers(r) for r in raw)
    given = [(r != "").to_numpy() for r in raw]
    unread = (given[0] & ~np.isfinite(x)) | (given[1] & ~np.isfinite(y))
    _note(
        placed,
        table,
        column,
        names[unread],
        ("coordinate.not_a_number", "hold something that is no number", "write plain decimals"),
    )
    half = (given[0] != given[1]) & ~unread
    _note(
        placed,
        table,
        column,
        names[half],
        ("coordinate.incomplete", "have one coordinate of two", "give both or neither"),
    )
    usable = given[0] & given[1] & ~unread
    x, y = np.where(usable, x, np.nan), np.where(usable, y, np.nan)
    grid = on_grid(x, y)
    x[grid], y[grid] = bng_to_wgs84(x[grid], y[grid])
    degrees = usable & ~grid
    _accept(placed, table, column, names, x, y)
    said = [
        f"{int(m.sum())} as {what}"
        for m, what in ((degrees, "WGS 84 degrees"), (grid, "National Grid metres"))
        if m.any()
    ]
    if said:
        message = f"coordinates were read {' and '.join(said)}, by their range"
        placed.findings.append(
            Finding("coordinate.system", "info", table, column, (), message, "give geometry with a CRS to be sure")
        )


def on_grid(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which numbers are in the range of the National Grid's metres."""
    return _between(x, _EASTING) & _between(y, _NORTHING)


def _between(values: NDArray[np.float64], bounds: tuple[float, float]) -> NDArray[np.bool_]:
    return (values >= bounds[0]) & (values <= bounds[1])


def _accept(
    placed: Placed,
    table: str,
    column: str,
    names: NDArray[np.object_],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> None:
    """Take the points that lie in Great Britain's extent, and say what is wrong with the rest."""
    there = np.isfinite(x) & np.isfinite(y)
    zero = there & (np.abs(x) < 1e-6) & (np.abs(y) < 1e-6)
    swapped = there & _between(x, _LAT) & _between(y, _LON)
    good = there & _between(x, _LON) & _between(y, _LAT)
    off = there & ~good & ~zero & ~swapped
    _note(
        placed,
        table,
        column,
        names[zero],
        ("coordinate.zero", "lie at 0,0, which is what missing coordinates become", "complete or clear them"),
    )
    _note(
        placed,
        table,
        column,
        names[swapped],
        ("coordinate.swapped", "have latitude and longitude swapped", "swap the two columns"),
    )
    _note(
        placed,
        table,
        column,
        names[off],
        ("coordinate.out_of_range", "lie outside Great Britain", "check the numbers and their CRS"),
    )
    new = good & placed.missing
    placed.longitude[new], placed.latitude[new], placed.precision[new] = x[new], y[new], "point"


def _from_postcodes(placed: Placed, table: str, names: NDArray[np.object_], postcodes: pd.Series) -> None:
    given = (postcodes.str.strip() != "").to_numpy()
    found = geocode(postcodes[given])
    status = np.full(len(given), "", dtype=object)
    status[given] = found["status"].to_numpy()
    strange = (status == "invalid") | (status == "unknown")
    hints = _hints(postcodes[strange])
    slips = strange.copy()
    slips[strange] = [bool(h) for h in hints]
    shown = [f"{p!r} may be {h}" for p, h in zip(postcodes[strange], hints, strict=True) if h]
    for rows, kind in (
        (
            (status == "unknown") & ~slips,
            (
                "postcode.unknown",
                "have a postcode that is not in Great Britain's list",
                "correct it, or give coordinates",
            ),
        ),
        (
            slips,
            (
                "postcode.slip",
                f"have a postcode that looks mistyped and was not mended: {'; '.join(shown[:5])}",
                "correct it",
            ),
        ),
        (
            (status == "invalid") & ~slips,
            (
                "postcode.invalid",
                "have a text that is no postcode",
                "write it like CB1 1AA, a district like CB1, or leave it blank",
            ),
        ),
    ):
        _note(placed, table, "postcode", names[rows], kind)
    hit = np.zeros(len(given), dtype=bool)
    hit[given] = (found["status"] == "found").to_numpy()
    at = np.flatnonzero(hit & placed.missing)
    found_at = np.cumsum(given)[at] - 1
    placed.longitude[at] = shapely.get_x(found.geometry.to_numpy()[found_at])
    placed.latitude[at] = shapely.get_y(found.geometry.to_numpy()[found_at])
    placed.precision[at] = found["precision"].replace({"unit": "postcode"}).to_numpy()[found_at]


def _hints(postcodes: pd.Series) -> list[str]:
    """Return for each text a real postcode that differs from it by figures typed as letters or the reverse; else blank."""
    tidy = postcodes.str.upper().str.replace(r"\s+", "", regex=True)
    options = [[c for c in _unslipped(t) if c != t] for t in tidy]
    flat = pd.Series([c for own in options for c in own], dtype=object)
    real = dict(zip(flat, geocode(flat)["status"].to_numpy() == "found", strict=True)) if len(flat) else {}
    return [next((f"{c[:-3]} {c[-3:]}" for c in own if real[c]), "") for own in options]


def _unslipped(code: str) -> list[str]:
    """Return the code with its inward part, then its outward part, as figures and letters should stand there."""
    if not 5 <= len(code) <= 7:
        return []
    figure, letters = code[-3].translate(_SLIPS) if not code[-3].isdigit() else code[-3], code[-2:]
    letters = "".join(c.translate(_SLIPS) if c.isdigit() else c for c in letters)
    head = code[:-3]
    heads = {head} | {head[:i] + head[i].translate(_SLIPS) + head[i + 1 :] for i in range(len(head))}
    return sorted(h + figure + letters for h in heads)
