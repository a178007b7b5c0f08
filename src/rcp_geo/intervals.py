"""Arithmetic of numbers that are known only within bounds: sums, shares, means, and limits of what was counted.

A pair of arrays holds the least and the greatest value of each cell; the greatest is infinite where nothing bounds it. Every
function returns the least and the greatest value that its figure takes over all values of the cells between their bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["ANY_TOTAL", "mean_extremes", "poisson_limits", "share_extremes", "tightened", "wilson_limits"]

ANY_TOTAL = (0.0, np.inf)


def tightened(low: Floats, high: Floats, total: tuple[float, float]) -> tuple[Floats, Floats]:
    """Return the bounds that are left to each cell where all of them add up to a total.

    They are the exact ones: a cell is what the total leaves when all others are as large, or as small, as they can be. Where
    the cells cannot add up to the total, some lower bound is above its upper one.

    Examples
    --------
    >>> low, high = tightened(np.array([7.0, 1.0, 0.0]), np.array([7.0, 5.0, np.inf]), (10, 10))
    >>> low.tolist(), high.tolist()
    ([7.0, 1.0, 0.0], [7.0, 3.0, 2.0])
    """
    others_low = low.sum() - low
    open_ended = np.isinf(high)
    closed = np.where(open_ended, 0, high)
    others_high = np.where(open_ended.sum() - open_ended > 0, np.inf, closed.sum() - closed)
    return np.maximum(low, total[0] - others_high), np.minimum(high, total[1] - others_low)


def share_extremes(
    part: tuple[Floats, Floats], rest: tuple[Floats, Floats], total: tuple[float, float] = ANY_TOTAL
) -> tuple[Floats, Floats]:
    """Return the least and the greatest share that a part can have of itself and the rest.

    The share rises with the part and falls with the rest, so it is least with the part low and the rest high, as far as what they
    add up to lets them. NaN where both are 0 in any case.

    Examples
    --------
    >>> ends = share_extremes((np.array([3.0]), np.array([4.0])), (np.array([6.0]), np.array([9.0])))
    >>> [float(e[0]) for e in ends]
    [0.25, 0.4]
    """
    other, own = _apart(rest, part, total)
    least = _ratio(own, other, np.where(part[1] > 0, 1.0, np.nan))
    own, other = _apart(part, rest, total)
    return least, _ratio(own, other, np.where(rest[1] > 0, 0.0, np.nan))


def _apart(
    part: tuple[Floats, Floats], rest: tuple[Floats, Floats], total: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Return the part as large and the rest as small as the total lets them be."""
    own = np.clip(total[1] - rest[0], part[0], part[1])
    return own, np.clip(total[0] - own, rest[0], rest[1])


def _ratio(own: Floats, other: Floats, nothing: Floats) -> Floats:
    """Return the share of a part; where both are 0 at this end, what it is as soon as there is anything at all."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(np.isinf(own), 1.0, own / (own + other))
    return np.where(own + other == 0, nothing, share)


def mean_extremes(values: Floats, low: Floats, high: Floats, of: NDArray[np.intp], n: int) -> tuple[Floats, Floats]:
    """Return the least and the greatest mean of values, weighted by cells, in each of n areas; NaN where all weights are 0.

    The mean is least where every value below some threshold has its greatest weight and every other one its least; so the
    candidates are one for each place in the order of the values, and the least of them is exact. A weight without an upper
    bound draws the mean as near to its own value as one likes.

    Examples
    --------
    >>> costs, least, most = np.array([1.0, 2.0, 6.0]), np.array([1.0, 1.0, 1.0]), np.array([3.0, 1.0, 1.0])
    >>> ends = mean_extremes(costs, least, most, np.zeros(3, dtype=int), 1)
    >>> [float(e[0]) for e in ends]  # (3 x 1 + 2 + 6) / 5 and (1 + 2 + 6) / 3
    [2.2, 3.0]
    """
    rows = np.flatnonzero(of >= 0)
    rows = rows[np.lexsort((values[rows], of[rows]))]
    starts = np.searchsorted(of[rows], np.arange(n + 1))
    least, greatest = np.full(n, np.nan), np.full(n, np.nan)
    for area in range(n):
        own = rows[starts[area] : starts[area + 1]]
        if len(own):
            least[area] = _least_mean(values[own], low[own], high[own])
            back = own[::-1]
            greatest[area] = -_least_mean(-values[back], low[back], high[back])
    return least, greatest


def _least_mean(values: Floats, low: Floats, high: Floats) -> float:
    """Return the least mean of values in rising order."""
    open_ended = np.isinf(high)
    most = np.where(open_ended, low, high)
    weight = _switched(most, low)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = _switched(most * values, low * values) / weight
    pulls = values[open_ended][:1]
    candidates = np.r_[means[weight > 0], pulls]
    return float(candidates.min()) if len(candidates) else float("nan")


def _switched(before: Floats, after: Floats) -> Floats:
    """Return for each place the sum of one array before it and of the other from it on."""
    switched: Floats = np.r_[0, np.cumsum(before)] + np.r_[np.cumsum(after[::-1])[::-1], 0]
    return switched


def poisson_limits(low: Floats, high: Floats, level: float) -> tuple[Floats, Floats]:
    """Return exact limits of the mean of a Poisson count: the lower at the least count, the upper at the greatest.

    Examples
    --------
    >>> [round(float(e[0]), 2) for e in poisson_limits(np.array([25.0]), np.array([25.0]), 0.95)]
    [16.18, 36.9]
    """
    from scipy.special import gammaincinv

    tail = (1 - level) / 2
    closed = np.where(np.isinf(high), 0, high)
    # Half the quantile of chi-squared with 2x degrees of freedom is that of the gamma distribution of shape x.
    lower = np.where(low > 0, gammaincinv(np.where(low > 0, low, 1), tail), 0.0)
    return lower, np.where(np.isinf(high), np.inf, gammaincinv(closed + 1, 1 - tail))


def wilson_limits(count: tuple[Floats, Floats], of: tuple[Floats, Floats], level: float) -> tuple[Floats, Floats]:
    """Return score limits of a proportion: the lower at the least count of the most, the upper at the most of the fewest.

    Examples
    --------
    >>> ends = wilson_limits((np.array([5.0]), np.array([5.0])), (np.array([10.0]), np.array([10.0])), 0.95)
    >>> [round(float(e[0]), 4) for e in ends]
    [0.2366, 0.7634]
    """
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))
    lower = _wilson(count[0], of[1], -z)
    # As many as there are: the proportion may be all of them, whose upper limit is 1.
    whole = count[1] >= of[0]
    upper = np.where(whole, 1.0, _wilson(np.where(whole, 0, count[1]), of[0], z))
    return lower, np.where(of[1] > 0, upper, np.nan)


def _wilson(count: Floats, of: Floats, z: float) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.where(np.isinf(of), 0, count / of)
        middle = p + z * z / (2 * of)
        spread = z * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
        limit: Floats = np.clip((middle + spread) / (1 + z * z / of), 0, 1)
    return limit
