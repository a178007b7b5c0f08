"""Overlaps, gaps and repairs against a world of unit cells, where areas are counted."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, box

import rcp_geo as rg
from rcp_geo.io.topology import repaired, tiling_findings, united
from rcp_geo.schema import Finding

SIDE = 5
CELLS = st.lists(st.sets(st.sampled_from("abc")), min_size=SIDE * SIDE, max_size=SIDE * SIDE)


def shapes_of(cells: list[set[str]]) -> dict[str, shapely.Geometry]:
    """Draw each letter as the union of its cells of 10 m."""
    made = {}
    for letter in "abc":
        tiles = [
            box(10 * (i % SIDE), 10 * (i // SIDE), 10 * (i % SIDE) + 10, 10 * (i // SIDE) + 10)
            for i, holders in enumerate(cells)
            if letter in holders
        ]
        if tiles:
            made[letter] = shapely.union_all(tiles)
    return made


def of(findings: list[Finding], code: str) -> Finding | None:
    return next((f for f in findings if f.code == code), None)


EDGES = ((1, 0), (-1, 0), (0, 1), (0, -1))
CORNERS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def enclosed(cells: list[set[str]], steps: tuple[tuple[int, int], ...]) -> set[int]:
    """Flood the empty cells from outside by these steps, and return those that stay dry."""
    inside = range(SIDE)
    wet: set[tuple[int, int]] = set()
    front = {(x, y) for x in range(-1, SIDE + 1) for y in (-1, SIDE)} | {(x, y) for x in (-1, SIDE) for y in inside}
    while front:
        x, y = front.pop()
        wet.add((x, y))
        near = {(x + dx, y + dy) for dx, dy in steps} - wet
        front |= {(a, b) for a, b in near if a in inside and b in inside and not cells[a + SIDE * b]}
    return {i for i, holders in enumerate(cells) if not holders and (i % SIDE, i // SIDE) not in wet}


@settings(max_examples=150, deadline=None)
@given(CELLS, st.booleans())
def test_overlaps_and_gaps_are_those_that_are_counted(cells: list[set[str]], whole: bool) -> None:
    made = shapes_of(cells)
    if not made:
        return
    findings = tiling_findings(np.array([*made.values()], dtype=object), list(made), "t", whole=whole)
    shared = {f"{a}+{b}": sum({a, b} <= h for h in cells) for a, b in ("ab", "ac", "bc")}
    shared = {pair: 100 * n for pair, n in shared.items() if n}
    overlap = of(findings, "boundaries.overlap")
    assert set(overlap.ids if overlap else ()) == set(shared)
    if overlap:
        assert dict(re.findall(r"([abc]\+[abc]) ([\d,]+) m2", overlap.message)) == {
            p: f"{n:,}" for p, n in shared.items()
        }
        assert f"by {sum(shared.values()):,} m2 in all" in overlap.message
        assert [shared[p] for p in overlap.ids] == sorted(shared.values(), reverse=True)
    # Where walls meet at a corner alone, rings and parts may be drawn either way.
    least, most = enclosed(cells, EDGES + CORNERS), enclosed(cells, EDGES)
    gap, hole = of(findings, "boundaries.gap"), of(findings, "boundaries.hole")
    said = [int(a.replace(",", "")) for f in (gap, hole) if f for a in re.findall(r"([\d,]+) m2 in all", f.message)]
    assert 100 * len(least) <= sum(said) <= 100 * len(most)
    near = {a for a, s in made.items() if any(s.intersects(cell(i)) for i in most)}
    assert {i for f in (gap, hole) if f for i in f.ids} <= near
    if gap:
        assert len(gap.ids) > 1
        assert ("missing" in gap.message) == (not whole)


def cell(i: int) -> Polygon:
    return box(10 * (i % SIDE), 10 * (i // SIDE), 10 * (i % SIDE) + 10, 10 * (i // SIDE) + 10)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9))
def test_what_is_repaired_is_valid_and_its_change_is_said(points: list[tuple[int, int]]) -> None:
    shape = Polygon([(100 * x, 100 * y) for x, y in points])
    mended, findings = repaired(np.array([shape], dtype=object), pd.Series(["a"]), "t")
    if shape.is_valid:
        assert mended[0] is shape
        assert findings == []
        return
    (finding,) = findings
    if finding.code == "geometry.collapsed":
        assert finding.severity == "error"
        assert mended[0].is_empty
        return
    assert mended[0].is_valid
    assert mended[0].geom_type in ("Polygon", "MultiPolygon")
    (change,) = re.findall(r"area ([+-][\d,]+) m2", finding.message)
    assert int(change.replace(",", "")) == round(mended[0].area - shape.area)


def test_shells_that_overlap_are_joined_and_not_made_a_hole() -> None:
    shape = shapely.MultiPolygon([box(0, 0, 2, 2), box(1, 1, 3, 3)])
    mended, (finding,) = repaired(np.array([shape], dtype=object), pd.Series(["a"]), "t")
    assert mended[0].area == 7
    assert "self-intersection, area -1 m2 of 8" in finding.message


def test_a_ring_that_goes_along_itself() -> None:
    """GEOS repairs this one into two triangles that share a line, which no multi-polygon may."""
    shape = Polygon([(0, 0), (0, 10), (10, 10), (0, 0), (10, 0), (10, 10)])
    mended, _ = repaired(np.array([shape], dtype=object), pd.Series(["a"]), "t")
    assert mended[0].equals(box(0, 0, 10, 10))


def test_rows_are_joined_in_the_order_of_the_codes() -> None:
    shapes = np.array([box(0, 0, 1, 1), box(5, 5, 6, 6), box(1, 0, 2, 1)], dtype=object)
    codes, polygons, findings = united(shapes, pd.Series(["b", "a", "b"], index=[7, 8, 9]), "t")
    assert codes == ["a", "b"]
    assert [p.area for p in polygons] == [1, 2]
    assert [f.ids for f in findings] == [("b",)]


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_neighbours_whose_lines_have_other_points(shift: float) -> None:
    """The line between them is the same, though only one of them has a point on it."""
    left = box(0, 0, 10, 10)
    right = Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10 - shift, 5)])
    findings = tiling_findings(np.array([left, right], dtype=object), ["a", "b"], "t", whole=True)
    overlap = of(findings, "boundaries.overlap")
    assert (overlap is None) == (shift == 0)
    if overlap:
        assert "a+b 2 m2" in overlap.message


def test_the_embedded_polygons_have_no_fault() -> None:
    frame = rg.load_boundaries("2023-06-01").frame
    findings = tiling_findings(frame.geometry.to_numpy(), frame["authority_code"].tolist(), "t", whole=True)
    # Of the coast only: closed harbours
    assert [(f.code, f.severity) for f in findings] == [("boundaries.hole", "info"), ("boundaries.parts", "info")]
