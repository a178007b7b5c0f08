"""Figures of the cost to the nearest facility."""

from __future__ import annotations

from rcp_geo.registry.record import Metric
from rcp_geo.registry.references import CHURCH_REVELLE_1974, HAKIMI_1964, ROYSTON_PARMAR_2013

__all__ = ["RECORDS"]

_NEEDS = ("costs to the nearest facility", "demand weights")
_RELATION = "reached or served"
_COST = "unit of the travel model"

# Four places of 1, 2, 3 and 4 people; the last reaches nothing.
_PLACES = """\
>>> import pandas as pd
>>> import rcp_geo as rg
>>> near = pd.DataFrame(
...     {"origin_id": list("abcd"), "distance_m": [300.0, 100.0, 200.0, None], "status": ["reached"] * 3 + ["disconnected"]}
... )
>>> people = pd.DataFrame({"demand_id": list("abcd"), "weight": [1.0, 2.0, 3.0, 4.0]})
>>> here = pd.Series("here", index=list("abcd"))
>>> table = rg.coverage(near, people, here, cutoffs=[200.0]).set_index("metric_id")
"""

RECORDS = (
    Metric(
        "rcp.access.mean_nearest@1",
        "Weighted mean cost to the nearest facility, over demand that reaches one",
        r"\sum_i P_i \min_j d_{ij} / \sum_i P_i",
        _COST,
        "less",
        _RELATION,
        _NEEDS,
        (HAKIMI_1964,),
        _PLACES
        + """\
>>> round(float(table.loc["rcp.access.mean_nearest@1", "value"]), 2)  # (300 + 2 x 100 + 3 x 200) / 6
183.33
""",
    ),
    Metric(
        "rcp.access.median_nearest@1",
        "Weighted median cost to the nearest facility, over demand that reaches one",
        r"\min\{d : \sum_{i: d_i \le d} P_i \ge 0.5 \sum_i P_i\}",
        _COST,
        "less",
        _RELATION,
        _NEEDS,
        (HAKIMI_1964,),
        _PLACES
        + """\
>>> float(table.loc["rcp.access.median_nearest@1", "value"])  # 2 of 6 people within 100, 5 within 200
200.0
""",
    ),
    Metric(
        "rcp.access.p90_nearest@1",
        "Weighted 90th percentile of the cost to the nearest facility, over demand that reaches one",
        r"\min\{d : \sum_{i: d_i \le d} P_i \ge 0.9 \sum_i P_i\}",
        _COST,
        "less",
        _RELATION,
        _NEEDS,
        (HAKIMI_1964,),
        _PLACES
        + """\
>>> float(table.loc["rcp.access.p90_nearest@1", "value"])  # 5 of 6 people are fewer than nine tenths
300.0
""",
    ),
    Metric(
        "rcp.access.share_within@1",
        "Share of all demand within a cutoff of the nearest facility, the cutoff included",
        r"\sum_i P_i [\min_j d_{ij} \le d_0] / \sum_i P_i",
        "share",
        "more",
        _RELATION,
        _NEEDS,
        (CHURCH_REVELLE_1974,),
        _PLACES
        + """\
>>> float(table.loc["rcp.access.share_within@1", "value"])  # 5 of 10 people, those who reach nothing counted
0.5
""",
    ),
    Metric(
        "rcp.access.curve_area@1",
        "Area under the share of demand within every cost, up to a limit, as a share of the most it could be",
        r"1 - \frac{1}{D} \sum_i P_i \min(\min_j d_{ij}, D) / \sum_i P_i",
        "share",
        "more",
        _RELATION,
        _NEEDS,
        (CHURCH_REVELLE_1974, ROYSTON_PARMAR_2013),
        _PLACES
        + """\
>>> cost = near.set_index("origin_id")["distance_m"].fillna(400).clip(upper=400)  # who reaches nothing counts as at the limit
>>> weight = people.set_index("demand_id")["weight"]
>>> round(1 - float((cost * weight).sum()) / (400 * 10), 3)  # 1 - (300 + 2 x 100 + 3 x 200 + 4 x 400) / 4000
0.325
""",
    ),
)
