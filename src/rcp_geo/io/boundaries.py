"""From a user's file of polygons, whatever its format, to boundaries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from rcp_geo.authorities import register
from rcp_geo.boundaries import Boundaries, load_boundaries
from rcp_geo.crs import BNG, to_bng
from rcp_geo.errors import DuplicateIdError, GeometryError, InputError, UnknownAuthorityError, VintageError
from rcp_geo.io.editions import Coded, Edition, dated, find_columns, name_findings, stated_period
from rcp_geo.io.formats import read_areas
from rcp_geo.io.safety import shown
from rcp_geo.io.topology import repaired, tiling_findings, united
from rcp_geo.schema import Finding, counted, raise_errors

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["read_boundaries"]

# In metres, beyond the bounds of the embedded polygons: official lines to the extent of the realm go a few miles out to sea.
_BEYOND = 50_000
# The error that fits where only findings of one kind were made.
_KINDS: dict[str, type[InputError]] = {
    "authority.unknown": UnknownAuthorityError,
    "boundaries.code_twice": DuplicateIdError,
    "boundaries.mixed_vintages": VintageError,
    "boundaries.vintage": VintageError,
    "coordinate.out_of_range": GeometryError,
    "geometry.collapsed": GeometryError,
    "geometry.invalid": GeometryError,
    "geometry.missing": GeometryError,
    "geometry.not_area": GeometryError,
}


def read_boundaries(
    source: str | Path | gpd.GeoDataFrame,
    *,
    vintage: dt.date | str | int | None = None,
    code: str | None = None,
    name: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    attribution: str = "",
    licence: str = "",
    strict: bool = False,
) -> Boundaries:
    """Read the polygons of English authorities from a file that you have.

    Parameters
    ----------
    source
        A GeoDataFrame, or a file: GeoPackage, shapefile (also zipped), GeoJSON, FlatGeobuf, GeoParquet, KML or KMZ. What a
        file is is told by its content. Polygons in any stated coordinate system, one row per authority or several that are
        parts of one; rows of Wales, Scotland and Northern Ireland are left out. Not modified.
    vintage
        The edition that you take it to be: a year (2023), a month or a day on which the authorities were in force. It is
        checked against the codes, from which it is inferred in any case.
    code, name
        The columns of codes and names; they are found by what is in them otherwise.
    layer
        Layer to read, where there are several.
    encoding
        Encoding of the texts in a shapefile that does not say.
    attribution, licence
        Where the polygons come from, for the provenance (the name of the file otherwise), and the terms they are under.
    strict
        Raise for warnings too, once, with all of them.

    Returns
    -------
    Boundaries
        With ``level`` (``upper`` or ``lower``, by the codes), ``vintage`` (the period in which these authorities were in
        force) and ``findings``: which columns were read, and what is odd, missing, repaired, overlapping or gappy.

    Raises
    ------
    MissingColumnError
        If no column holds codes of authorities, or ``code`` or ``name`` is not there.
    CrsError
        If there is no coordinate reference system.
    UnknownAuthorityError
        If a code is of no English authority since 2011.
    DuplicateIdError
        If rows of one code have different names.
    VintageError
        If the codes were never in force together, or not on ``vintage``.
    GeometryError
        If a geometry is missing, no area, damaged or outside England.
    InputError
        If the file cannot be read or holds no English authority, or for several of these faults at once, all of which are
        named; with ``strict``, for warnings.

    See Also
    --------
    Boundaries.from_frame : areas of another kind, such as wards.

    Notes
    -----
    An invalid polygon is repaired by its structure (shells joined, holes taken away), and the finding says by how much its
    area changed. Overlaps and gaps are measured and left as they are. Heights are dropped. Names are those of the file, or
    of the register where it has none; regions are those of the register.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> frame = gpd.GeoDataFrame(
    ...     {"CTYUA23CD": ["E06000001", "W06000001"], "CTYUA23NM": ["Hartlepool", "Isle of Anglesey"]},
    ...     geometry=[box(440000, 520000, 455000, 540000), box(230000, 370000, 260000, 395000)],
    ...     crs="EPSG:27700",
    ... )
    >>> boundaries = read_boundaries(frame)
    >>> boundaries.vintage.label, boundaries.level, len(boundaries)
    ('2023-04-01', 'upper', 1)
    >>> boundaries.findings["code"].tolist()
    ['column.mapping', 'boundaries.outside_england', 'boundaries.missing_authorities']
    """
    stated = None if vintage is None else stated_period(vintage)
    raw = read_areas(source, layer=layer, encoding=encoding)
    _raise(f for f in raw.findings if f.code == "file.no_rows")
    coded = find_columns(raw.frame, code, name, raw.name)
    rows = pd.DataFrame({"code": coded.codes, "name": coded.names, "row": list(raw.rows)})
    if raw.geometry is None:  # pragma: no cover - read_areas raises where there is none
        raise InputError(f"{raw.name}: has no geometry")
    layer_rows = gpd.GeoDataFrame(rows, geometry=raw.geometry)
    layer_rows, more = _of_england(layer_rows, coded, raw.name)
    left_out = set(raw.rows) - set(layer_rows["row"])
    noticed = [kept for f in raw.findings if (kept := _but_for(f, left_out)) is not None]
    found = [*noticed, *coded.findings, *more]
    edition = dated(layer_rows["code"], stated, coded.column, raw.name)
    found += [*edition.findings, *name_findings(layer_rows["code"], layer_rows["name"], edition, raw.name)]
    named = {i for f in noticed if f.code in {"geometry.invalid", "geometry.not_area"} for i in f.ids}
    layer_rows, more = _on_the_ground(layer_rows, named, raw.name)
    found += [*more, *_doubled(layer_rows, raw.name)]
    _raise(found)
    return _made(layer_rows, edition, found, raw.name, (attribution or raw.name, licence), strict=strict)


def _raise(findings: Iterable[Finding]) -> None:
    """Raise for the errors among findings: of the kind that fits all of them, or else a general one."""
    errors = [f for f in findings if f.severity == "error"]
    kinds = {_KINDS.get(f.code, InputError) for f in errors}
    raise_errors(errors, kinds.pop() if len(kinds) == 1 else InputError)


def _but_for(finding: Finding, left_out: set[str]) -> Finding | None:
    """Return a finding on the geometry of rows without those left out; nothing where these are all."""
    ids = tuple(i for i in finding.ids if i not in left_out)
    if not finding.code.startswith("geometry.") or len(ids) == len(finding.ids):
        return finding
    count = str(len(finding.ids))
    return replace(finding, ids=ids, message=f"{len(ids)}{finding.message.removeprefix(count)}") if ids else None


def _of_england(rows: gpd.GeoDataFrame, coded: Coded, table: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Keep the rows of English authorities; name the others."""
    outside = coded.outside().to_numpy(dtype=bool)
    blank = (rows["code"] == "").to_numpy()
    known = rows["code"].isin(register().districts.keys()).to_numpy()
    found = []
    if outside.any():
        ids = tuple(rows.loc[outside, "code"])
        countries = {"W": "Wales", "S": "Scotland", "N": "Northern Ireland"}
        counts = rows.loc[outside, "code"].str[0].map(countries).fillna("elsewhere").value_counts().sort_index()
        said = ", ".join(f"{n} {country}" for country, n in counts.items())
        message = counted(len(ids), f"rows are outside England and were left out ({said})")
        found.append(Finding("boundaries.outside_england", "info", table, coded.column, ids, message, "no need to act"))
    if blank.any():
        ids = tuple(rows.loc[blank, "row"])
        message = counted(len(ids), "rows have no code")
        remedy = "complete the codes, or leave these rows out"
        found.append(Finding("boundaries.no_code", "error", table, coded.column, ids, message, remedy))
    lost = ~(outside | blank | known)
    if lost.any():
        ids = tuple(shown(c) for c in rows.loc[lost, "code"])
        message = counted(len(ids), "codes are of no English authority since 2011")
        remedy = "correct them, or leave these rows out"
        found.append(Finding("authority.unknown", "error", table, coded.column, ids, message, remedy))
    if not known.any():
        _raise(found)
        raise InputError(f"{table}: none of its {len(rows)} rows is of an English authority; give a file that has some")
    return rows[known].reset_index(drop=True), found


def _on_the_ground(rows: gpd.GeoDataFrame, named: set[str], table: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Put the polygons on the National Grid, flat; name those that are missing or elsewhere, but for rows named before."""
    found = []
    heights = shapely.has_z(rows.geometry.to_numpy())
    if heights.any():
        ids = tuple(rows.loc[heights, "code"])
        message = counted(len(ids), "areas have heights, which were dropped")
        found.append(Finding("geometry.heights", "info", table, "geometry", ids, message, "no need to act"))
        rows = rows.set_geometry(gpd.GeoSeries(shapely.force_2d(rows.geometry.to_numpy()), crs=rows.crs))
    null = rows.geometry.isna().to_numpy()
    ids = tuple(rows.loc[null & ~rows["row"].isin(named).to_numpy(), "code"])
    if ids:
        message = counted(len(ids), "rows have no geometry")
        remedy = "complete them, or leave these rows out"
        found.append(Finding("geometry.missing", "error", table, "geometry", ids, message, remedy))
    rows = rows[~null].reset_index(drop=True)
    rows = rows.set_geometry(_to_bng(rows, table), crs=BNG)
    x0, y0, x1, y1 = load_boundaries("2023-04-01").frame.total_bounds
    bounds = shapely.bounds(rows.geometry.to_numpy()).reshape(-1, 4)
    inside = (bounds[:, :2] > [x0 - _BEYOND, y0 - _BEYOND]) & (bounds[:, 2:] < [x1 + _BEYOND, y1 + _BEYOND])
    lost = ~inside.all(axis=1)
    if lost.any():
        ids = tuple(rows.loc[lost, "code"])
        at = ", ".join("none" if np.isnan(v) else f"{v:,.0f}" for v in bounds[lost][0])
        message = counted(len(ids), f"areas lie outside England, the first from {at} on the National Grid")
        remedy = "check the coordinate reference system, and that x or longitude stands first"
        found.append(Finding("coordinate.out_of_range", "error", table, "geometry", ids, message, remedy))
    return rows, found


def _to_bng(rows: gpd.GeoDataFrame, table: str) -> gpd.GeoSeries:
    """Return the areas on the National Grid, nothing for those so far off that they have no place on it."""
    try:
        return to_bng(rows, table)
    except shapely.errors.GEOSException:
        # A ring some of whose points are lost no longer closes. One by one, to know which.
        return gpd.GeoSeries([_one_to_bng(rows.iloc[[i]], table) for i in range(len(rows))], index=rows.index, crs=BNG)


def _one_to_bng(row: gpd.GeoDataFrame, table: str) -> BaseGeometry | None:
    try:
        return to_bng(row, table).iloc[0]
    except shapely.errors.GEOSException:
        return None


def _doubled(rows: gpd.GeoDataFrame, table: str) -> list[Finding]:
    """Name the codes whose rows have different names."""
    named = rows[rows["name"] != ""]
    counts = named.groupby("code")["name"].nunique()
    ids = tuple(str(c) for c in counts.index[counts > 1])
    if not ids:
        return []
    names = named.loc[named["code"] == ids[0], "name"].unique()
    message = counted(len(ids), f"codes have rows of different names, such as {ids[0]}: {shown(', '.join(names))}")
    remedy = "give each authority its own code; rows of one authority are joined where their names agree"
    return [Finding("boundaries.code_twice", "error", table, "authority_code", ids, message, remedy)]


def _made(
    rows: gpd.GeoDataFrame,
    edition: Edition,
    found: list[Finding],
    table: str,
    origin: tuple[str, str],
    *,
    strict: bool,
) -> Boundaries:
    shapes, more = repaired(rows.geometry.to_numpy(), rows["code"], table)
    found += more
    _raise(found)
    codes, polygons, more = united(shapes, rows["code"], table)
    whole = not any(f.code == "boundaries.missing_authorities" for f in edition.findings)
    found += [*more, *tiling_findings(polygons, codes, table, whole=whole)]
    if strict:
        _raise([replace(f, severity="error") for f in found if f.severity == "warning"])
    known = register().frame.set_index("authority_code").loc[codes]
    names = rows[rows["name"] != ""].groupby("code")["name"].first()
    frame = gpd.GeoDataFrame(
        {
            "authority_code": codes,
            "authority_name": names.reindex(codes).fillna(known["authority_name"]).to_numpy(),
            "region_code": known["region_code"].to_numpy(),
            "region_name": known["region_name"].to_numpy(),
        },
        geometry=polygons,
        crs=BNG,
    )
    vintage = edition.vintage
    if vintage is None:  # pragma: no cover - an edition without a vintage has an error
        raise VintageError(f"{table}: has no vintage")
    boundaries = Boundaries.from_frame(
        frame,
        valid_from=vintage.valid_from,
        valid_to=vintage.valid_to,
        source=origin[0],
        licence=origin[1],
        level=edition.level,
    )
    return replace(boundaries, noticed=tuple(found))
