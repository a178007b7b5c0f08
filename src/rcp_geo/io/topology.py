"""Polygons that are to tile a country: repaired, and looked over for overlaps and gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from rcp_geo.schema import Finding, counted

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["repaired", "tiling_findings", "united"]

# In square metres. The National Grid's official lines are kept to the metre or coarser; what is smaller comes of rounding.
_ROUNDING = 1.0
_SHOWN = 3


def repaired(shapes: NDArray[np.object_], codes: pd.Series, table: str) -> tuple[NDArray[np.object_], list[Finding]]:
    """Make invalid polygons valid, and say of each by how much its area changed.

    Parameters
    ----------
    shapes
        Polygons in metres.
    codes
        Of each, the authority.
    table
        For the findings.

    Returns
    -------
    tuple
        The polygons, and ``geometry.repaired`` or, where nothing is left of one, ``geometry.collapsed``.
    """
    invalid = np.flatnonzero(~shapely.is_valid(shapes))
    if not len(invalid):
        return shapes, []
    before = shapely.area(shapes[invalid])
    reasons = [str(r).partition("[")[0].lower() for r in shapely.is_valid_reason(shapes[invalid])]
    mended = shapes.copy()
    # By structure: holes are taken from shells and shells joined, where the other way of it would make the overlap of two
    # shells a hole.
    mended[invalid] = shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=False)
    # Where a ring goes along itself, GEOS leaves parts side by side that share a line.
    for i in invalid[~shapely.is_valid(mended[invalid])]:
        mended[i] = shapely.union_all(shapely.get_parts(mended[i]))
    after = shapely.area(mended[invalid])
    lost = shapely.is_empty(mended[invalid])
    findings = []
    if lost.any():
        ids = tuple(codes.iloc[invalid[lost]])
        message = counted(len(ids), "areas have rings that enclose nothing")
        findings.append(Finding("geometry.collapsed", "error", table, "geometry", ids, message, "draw them again"))
    if not lost.all():
        change = (after - before)[~lost]
        order = np.argsort(-np.abs(change), kind="stable")
        ids = tuple(codes.iloc[invalid[~lost]].iloc[order])
        why = [r for r, gone in zip(reasons, lost, strict=True) if not gone]
        said = "; ".join(
            f"{ids[n]} {why[i]}, area {change[i]:+,.0f} m2 of {before[~lost][i]:,.0f}"
            for n, i in enumerate(order[:_SHOWN])
        )
        message = counted(len(ids), f"areas were invalid and were repaired: {said}")
        remedy = "look at the result where the area changed, or repair the file"
        findings.append(Finding("geometry.repaired", "warning", table, "geometry", ids, message, remedy))
    return mended, findings


def united(
    shapes: NDArray[np.object_], codes: pd.Series, table: str
) -> tuple[list[str], NDArray[np.object_], list[Finding]]:
    """Join the rows of each code, and say which had several.

    Returns
    -------
    tuple
        The codes in order, the polygon of each, and the findings ``boundaries.dissolved`` and
        ``boundaries.parts_overlap``.
    """
    groups = {str(code): rows for code, rows in codes.reset_index(drop=True).groupby(codes.to_numpy()).groups.items()}
    made, several, doubled = [], [], {}
    for code, rows in groups.items():
        parts = shapes[np.asarray(rows)]
        if len(parts) == 1:
            made.append(parts[0])
            continue
        whole = shapely.union_all(parts)
        several.append(code)
        twice = float(shapely.area(parts).sum() - whole.area)
        if twice >= _ROUNDING:
            doubled[code] = twice
        made.append(whole)
    findings = []
    if several:
        count = sum(len(groups[c]) for c in several)
        message = counted(len(several), f"authorities have several rows ({count} in all), which were joined")
        findings.append(
            Finding("boundaries.dissolved", "info", table, "geometry", tuple(several), message, "no need to act")
        )
    if doubled:
        worst = max(doubled, key=lambda c: doubled[c])
        message = (
            f"the rows of {len(doubled)} authorities lie over each other, those of {worst} by {doubled[worst]:,.0f} m2"
        )
        remedy = "keep one row of each authority, or rows that are parts of it"
        findings.append(
            Finding("boundaries.parts_overlap", "warning", table, "geometry", tuple(doubled), message, remedy)
        )
    polygons = np.empty(len(made), dtype=object)
    polygons[:] = made
    return list(groups), polygons, findings


def tiling_findings(shapes: NDArray[np.object_], codes: list[str], table: str, *, whole: bool) -> list[Finding]:
    """Return findings on overlaps, gaps and authorities in several parts.

    Parameters
    ----------
    shapes
        Valid polygons in metres, one for each code.
    codes
        In the same order.
    table
        For the findings.
    whole
        Whether no authority is missing: otherwise a gap may be the ground of one.
    """
    # The quick way to know that neighbours share their lines, and so overlap nowhere: most files do.
    tiles = bool(shapely.coverage_is_valid(shapes))
    findings = [] if tiles else _overlaps(shapes, codes, table)
    findings += _gaps(shapes, codes, table, tiles=tiles, whole=whole)
    parts = shapely.get_num_geometries(shapes)
    several = [codes[i] for i in np.flatnonzero(parts > 1)]
    if several:
        message = counted(
            len(several), f"authorities are in several parts, {int(parts[parts > 1].sum())} in all, such as islands"
        )
        findings.append(
            Finding("boundaries.parts", "info", table, "geometry", tuple(several), message, "no need to act")
        )
    return findings


def _overlaps(shapes: NDArray[np.object_], codes: list[str], table: str) -> list[Finding]:
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects").T
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    area = shapely.area(shapely.intersection(shapes[pairs[:, 0]], shapes[pairs[:, 1]]))
    order = np.argsort(-area, kind="stable")
    order = order[area[order] > 0]
    if not len(order):
        return []
    names = [f"{codes[i]}+{codes[j]}" for i, j in pairs[order]]
    said = "; ".join(f"{names[n]} {area[i]:,.0f} m2" for n, i in enumerate(order[:_SHOWN]))
    largest = area[order[0]]
    small = "" if largest >= _ROUNDING else ", none by as much as a square metre"
    return [
        Finding(
            "boundaries.overlap",
            "warning" if largest >= _ROUNDING else "info",
            table,
            "geometry",
            tuple(names),
            counted(len(names), f"authority pairs overlap, by {area[order].sum():,.0f} m2 in all{small}: {said}"),
            "a point there goes to the smaller code; take a file in which neighbours share their lines",
        )
    ]


def _gaps(shapes: NDArray[np.object_], codes: list[str], table: str, *, tiles: bool, whole: bool) -> list[Finding]:
    union = shapely.coverage_union_all(shapes) if tiles else shapely.union_all(shapes)
    holes = shapely.polygons(shapely.get_rings(shapely.get_parts(union)))
    holes = holes[~_is_shell(union)]
    if not len(holes):
        return []
    at, beside = shapely.STRtree(shapes).query(holes, predicate="intersects")
    between = np.bincount(at, minlength=len(holes)) > 1
    found = []
    if between.any():
        area = shapely.area(holes[between])
        warn = area.max() >= _ROUNDING
        message = f"{len(area)} gaps between authorities belong to none, {_size(holes[between])}"
        found.append(
            Finding(
                "boundaries.gap",
                "warning" if warn else "info",
                table,
                "geometry",
                tuple(codes[n] for n in np.unique(beside[between[at]])),
                message if whole else f"{message}; some may be the ground of authorities that are missing",
                "a point there lies in no authority; take a file in which neighbours share their lines",
            )
        )
    if not between.all():
        message = (
            f"{int((~between).sum())} holes lie each in one authority and belong to none, {_size(holes[~between])}"
        )
        ids = tuple(codes[n] for n in np.unique(beside[~between[at]]))
        remedy = "no need to act if they are water"
        found.append(Finding("boundaries.hole", "info", table, "geometry", ids, message, remedy))
    return found


def _size(holes: NDArray[np.object_]) -> str:
    area = shapely.area(holes)
    i = int(np.argmax(area))
    if area[i] < _ROUNDING:
        return "none of them as much as a square metre"
    at = holes[i].representative_point()
    return f"{area.sum():,.0f} m2 in all, the largest at {at.x:.0f}, {at.y:.0f} with {area[i]:,.0f} m2"


def _is_shell(union: shapely.Geometry) -> NDArray[np.bool_]:
    """Say which rings of polygons, in their order, are outer ones."""
    parts = shapely.get_parts(union)
    counts = shapely.get_num_interior_rings(parts) + 1
    shell = np.zeros(int(counts.sum()), dtype=bool)
    shell[np.cumsum(counts) - counts] = True
    return shell
