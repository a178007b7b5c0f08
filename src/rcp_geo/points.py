"""One point that stands for many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rcp_geo.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["medoid"]

_ROWS_AT_ONCE = 512


def medoid(x: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None) -> int:
    """Return the position of the point with the smallest weighted sum of distances to all the others.

    A medoid is one of the points, so it lies where a postcode or a household is, which a mean need not.

    Parameters
    ----------
    x, y
        Planar coordinates in metres, one-dimensional, without nulls.
    weights
        Non-negative weight of each point; equal if left out.

    Returns
    -------
    int
        Position in the input; the first of equals, so sort the input by identifier for a stated tie rule.

    Raises
    ------
    InputError
        If there is no point.

    Notes
    -----
    Exact, in time proportional to the square of the number of points and in bounded memory.

    References
    ----------
    Kaufman, L. and Rousseeuw, P. J. (1990), *Finding Groups in Data*, doi:10.1002/9780470316801, chapter 2.

    Examples
    --------
    >>> medoid([0, 1, 2, 100], [0, 0, 0, 0])
    1
    >>> medoid([0, 1, 2, 100], [0, 0, 0, 0], weights=[1, 1, 1, 10])
    3
    """
    xs, ys = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if len(xs) == 0:
        raise InputError("medoid: there are no points to choose from; pass at least one")
    ws = np.ones_like(xs) if weights is None else np.asarray(weights, dtype=np.float64)
    totals = np.empty_like(xs)
    for start in range(0, len(xs), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        distances = np.hypot(xs[rows, None] - xs[None, :], ys[rows, None] - ys[None, :])
        # Not a matrix product: BLAS sums in an order that differs between machines, and ties would follow it.
        totals[rows] = (distances * ws).sum(axis=1)
    return int(np.argmin(totals))
