"""The one point that stands for many."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rcp_geo.errors import InputError
from rcp_geo.points import medoid

_PLACES = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50), st.integers(0, 5)), min_size=1, max_size=20)


def _sums(places: list[tuple[int, int, int]]) -> list[float]:
    return [math.fsum(w * math.dist((x, y), (u, v)) for u, v, w in places) for x, y, _ in places]


@settings(max_examples=200)
@given(places=_PLACES)
def test_no_point_has_a_smaller_sum(places: list[tuple[int, int, int]]) -> None:
    x, y, weight = zip(*places, strict=True)
    sums = _sums(places)
    assert sums[medoid(x, y, weight)] <= min(sums) + 1e-9
    alike = _sums([(a, b, 1) for a, b, _ in places])
    assert alike[medoid(x, y)] <= min(alike) + 1e-9


def test_ties_go_to_the_first() -> None:
    assert medoid([0, 10], [0, 0]) == 0
    # The four corners of a square are alike.
    assert medoid([0, 0, 8, 8], [0, 8, 0, 8]) == 0
    assert medoid([5, 5, 5], [1, 1, 1]) == 0


def test_one_point_stands_for_itself() -> None:
    assert medoid([7.0], [9.0]) == 0


def test_many_points_are_taken_in_blocks_without_a_seam() -> None:
    random = np.random.default_rng(1)
    x, y = random.uniform(0, 1000, 1300), random.uniform(0, 1000, 1300)
    x[1290], y[1290] = np.mean(x), np.mean(y)
    sums = [float(np.hypot(x - a, y - b).sum()) for a, b in zip(x, y, strict=True)]
    assert medoid(x, y) == int(np.argmin(sums))


def test_no_point_at_all() -> None:
    with pytest.raises(InputError, match="medoid: there are no points"):
        medoid([], [])
