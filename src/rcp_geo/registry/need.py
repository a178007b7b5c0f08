"""Figures weighed by need, of which some cells are known only within bounds."""

from __future__ import annotations

from rcp_geo.registry.record import Metric
from rcp_geo.registry.references import (
    CHURCH_REVELLE_1974,
    FIVE_ANSWERS,
    GARWOOD_1936,
    HAKIMI_1964,
    KARNIK_MENDEL_2001,
    WILSON_1927,
)

__all__ = ["RECORDS"]

_SHARE = "share of need"

# Four authorities with 40, 30, 25 and 1 to 5 children; the third is a gap and the last may be one.
_GAPS = """\
>>> import pandas as pd
>>> import rcp_geo as rg
>>> from rcp_geo.weighing import gap_shares
>>> table = pd.DataFrame({"authority_code": list("abcd"), "children": ["40", "30", "25", "c"]})
>>> need = rg.read_need(table, value="children", suppressed={"c": (1, 5)})
>>> answers = pd.DataFrame({"authority_name": list("abcd"), "region_name": ""}, index=list("abcd"))
>>> answers["any"] = ["served", "part", "none_recorded", "unknown"]
>>> answers["any_services"] = [1, 1, 0, 0]
>>> found = gap_shares(need, answers).loc["any"]
"""

# Three places 1, 2 and 6 km from the nearest, with 3 people, 1 to 3 and 1.
_PLACES = """\
>>> import numpy as np
>>> from rcp_geo.intervals import mean_extremes, share_extremes
>>> low, high = np.array([3.0, 1.0, 1.0]), np.array([3.0, 3.0, 1.0])
"""

_CELL = """\
>>> import pandas as pd
>>> import rcp_geo as rg
>>> cells = pd.DataFrame({"authority_code": ["a", "b"], "low": [25, 1], "high": [25, 5]})
>>> need = rg.Need.from_bounds(cells)
"""

RECORDS = (
    Metric(
        "rcp.need.gap_share_min@1",
        "Least share of need in authorities without a service, over suppressed cells and unknown answers",
        r"\sum_{a \in G} \underline{n}_a / \left(\sum_{a \in G} \underline{n}_a + \sum_{a \notin G} \overline{n}_a\right)",
        _SHARE,
        "less",
        "served",
        ("answers", "need by authority"),
        (FIVE_ANSWERS,),
        _GAPS
        + """\
>>> round(float(found["share_min"]), 4)  # the third only: 25 / (25 + 40 + 30 + 5)
0.25
""",
    ),
    Metric(
        "rcp.need.gap_share_max@1",
        "Greatest share of need in authorities without a service, over suppressed cells and unknown answers",
        r"\sum_{a \in G'} \overline{n}_a / \left(\sum_{a \in G'} \overline{n}_a + \sum_{a \notin G'} \underline{n}_a\right)",
        _SHARE,
        "less",
        "served",
        ("answers", "need by authority"),
        (FIVE_ANSWERS,),
        _GAPS
        + """\
>>> round(float(found["share_max"]), 4)  # the third and the last: (25 + 5) / (25 + 5 + 40 + 30)
0.3
""",
    ),
    Metric(
        "rcp.need.share_within@1",
        "Least and greatest share of need within a cutoff of the nearest facility, over suppressed cells",
        r"\left[\frac{\sum_{i: d_i \le d_0} \underline{n}_i}{\sum_{i: d_i \le d_0} \underline{n}_i + "
        r"\sum_{i: d_i > d_0} \overline{n}_i}, \frac{\sum_{i: d_i \le d_0} \overline{n}_i}"
        r"{\sum_{i: d_i \le d_0} \overline{n}_i + \sum_{i: d_i > d_0} \underline{n}_i}\right]",
        _SHARE,
        "more",
        "reached or served",
        ("costs to the nearest facility", "need by demand point"),
        (CHURCH_REVELLE_1974,),
        _PLACES
        + """\
>>> near, far = (low[:2].sum(), high[:2].sum()), (low[2:].sum(), high[2:].sum())
>>> [round(float(end), 4) for end in share_extremes(near, far)]  # 4 of 5 and 6 of 7
[0.8, 0.8571]
""",
    ),
    Metric(
        "rcp.need.mean_nearest@1",
        "Least and greatest mean cost to the nearest facility weighted by need, over suppressed cells",
        r"\left[\min_{\underline{n} \le n \le \overline{n}}, \max_{\underline{n} \le n \le \overline{n}}\right] "
        r"\sum_i n_i \min_j d_{ij} / \sum_i n_i",
        "unit of the travel model",
        "less",
        "reached or served",
        ("costs to the nearest facility", "need by demand point"),
        (HAKIMI_1964, KARNIK_MENDEL_2001),
        _PLACES
        + """\
>>> ends = mean_extremes(np.array([1.0, 2.0, 6.0]), low, high, np.zeros(3, dtype=int), 1)
>>> [round(float(end[0]), 4) for end in ends]  # (3 + 2 x 3 + 6) / 7 and (3 + 2 + 6) / 5
[2.1429, 2.2]
""",
    ),
    Metric(
        "rcp.need.rate@1",
        "Counts per population, with exact Poisson limits at the bounds of what is suppressed",
        r"\left[\tfrac{1}{2} \chi^2_{\alpha/2}(2 \underline{n}) / \overline{P}, "
        r"\tfrac{1}{2} \chi^2_{1 - \alpha/2}(2 \overline{n} + 2) / \underline{P}\right]",
        "per 10,000 people, or as asked",
        "less",
        "none",
        ("need", "population"),
        (GARWOOD_1936,),
        _CELL
        + """\
>>> rates = need.rate(pd.Series({"a": 10_000, "b": 10_000}))
>>> rates[["lower", "upper"]].round(2).values.tolist()  # the limits of 25; the lower of 1 and the upper of 5
[[16.18, 36.9], [0.03, 11.67]]
""",
    ),
    Metric(
        "rcp.need.proportion@1",
        "Share of those counted among whom something holds, with score limits at the bounds of what is suppressed",
        r"\frac{1}{1 + z^2 / m} \left(\frac{n}{m} + \frac{z^2}{2 m} \pm "
        r"z \sqrt{\frac{n (m - n)}{m^3} + \frac{z^2}{4 m^2}}\right)",
        "share of those counted",
        "less",
        "none",
        ("need", "all those among whom it is counted"),
        (WILSON_1927,),
        _CELL
        + """\
>>> shares = need.proportion(pd.Series({"a": 50, "b": 10}))
>>> shares[["share_min", "share_max"]].values.tolist()  # 25 of 50; 1 to 5 of 10
[[0.5, 0.5], [0.1, 0.5]]
""",
    ),
)
