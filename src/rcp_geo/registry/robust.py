"""Figures of how far an answer hangs on what was assumed."""

from __future__ import annotations

from rcp_geo.registry.record import Metric
from rcp_geo.registry.references import CHURCH_REVELLE_1974, COCHRAN_1977, HENRY_BOSCOE_2008, PEREIRA_2019

__all__ = ["RECORDS"]

_NEEDS = ("costs to the nearest facility", "demand weights")
_RELATION = "reached or served"

# The cost at which half of the people of each of four authorities are near enough.
_TURNING = """\
>>> import pandas as pd
>>> turning = pd.Series([8.0, 19.0, 21.5, None], index=list("abcd"))
"""

RECORDS = (
    Metric(
        "rcp.robust.turning_cutoff@1",
        "Smallest cutoff within which a share s of an authority's demand lies, at which its answer turns to yes",
        r"\min\{d : \sum_{i: d_i \le d} P_i \ge s \sum_i P_i\}, \quad \sum_{i: d_i \le d} P_i > 0",
        "unit of the travel model",
        "less",
        _RELATION,
        _NEEDS,
        (CHURCH_REVELLE_1974, PEREIRA_2019),
        """\
>>> import numpy as np
>>> cost, weight = np.array([100.0, 200.0, 300.0]), np.array([2.0, 3.0, 1.0])  # and 4 people who reach nothing
>>> within = weight.cumsum() / 10
>>> float(cost[within >= 0.5][0])  # 2 of 10 people within 100, 5 within 200
200.0
>>> bool((within >= 0.7).any())  # 4 of 10 reach nothing: no cutoff holds 7
False
""",
    ),
    Metric(
        "rcp.robust.flip_cutoff@1",
        "Share of authorities whose answer flips when the cutoff moves by a share h of it, either way",
        r"\frac{1}{n} \sum_a [d_0 (1 - h) < t_a \le d_0 (1 + h)]",
        "share of authorities",
        "less",
        _RELATION,
        _NEEDS,
        (PEREIRA_2019,),
        _TURNING
        + """\
>>> before = turning <= 20  # a missing one is never within
>>> flips = ((turning <= 20 * 0.9) != before) | ((turning <= 20 * 1.1) != before)
>>> flips[flips].index.tolist(), float(flips.mean())  # 18 < 19 and 21.5 <= 22
(['b', 'c'], 0.5)
""",
    ),
    Metric(
        "rcp.robust.flip_circuity@1",
        "Share of authorities whose answer flips when the circuity factor moves by its error e, either way, not below 1",
        r"\frac{1}{n} \sum_a \left[\frac{c}{c + e} d_0 < t_a \le \frac{c}{\max(1, c - e)} d_0\right]",
        "share of authorities",
        "less",
        _RELATION,
        (*_NEEDS, "a circuity factor with its error"),
        (COCHRAN_1977, PEREIRA_2019),
        _TURNING
        + """\
>>> before = turning <= 20  # with a factor of 1.3, of which the error is 0.1
>>> flips = ((turning * 1.2 / 1.3 <= 20) != before) | ((turning * 1.4 / 1.3 <= 20) != before)
>>> flips[flips].index.tolist(), float(flips.mean())  # 19 x 1.4 / 1.3 = 20.46 and 21.5 x 1.2 / 1.3 = 19.85
(['b', 'c'], 0.5)
""",
    ),
    Metric(
        "rcp.robust.location_interval@1",
        "Interval of a figure over draws of the places of sites that are known only roughly",
        r"\left[F^{-1}\left(\tfrac{1 - l}{2}\right), F^{-1}\left(\tfrac{1 + l}{2}\right)\right], \quad "
        r"F(v) = \tfrac{1}{B} \sum_{b=1}^{B} [v_b \le v]",
        "unit of the figure",
        "less",
        _RELATION,
        (*_NEEDS, "precision of the sites"),
        (HENRY_BOSCOE_2008,),
        """\
>>> import numpy as np
>>> draws = np.array([12.0, 10.0, 14.0, 11.0, 13.0, 19.0, 16.0, 15.0, 18.0, 17.0])
>>> low, high = np.quantile(draws, [0.1, 0.9], method="inverted_cdf")  # l = 0.8: one of ten at or below 10, nine at or below 18
>>> float(low), float(high)
(10.0, 18.0)
""",
    ),
)
