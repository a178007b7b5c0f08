"""Figures of how unevenly access, or the cost of it, is spread over people."""

from __future__ import annotations

from rcp_geo.registry.record import Metric
from rcp_geo.registry.references import (
    CERIANI_VERME_2012,
    ERREYGERS_2009,
    FOSTER_1984,
    GINI_1912,
    PALMA_2011,
    SHORROCKS_1980,
    THEIL_1967,
    VAN_DOORSLAER_2004,
    WAGSTAFF_1991,
)

__all__ = ["RECORDS"]

_RELATION = "reached or served"
_EACH = ("access or cost of each place", "weights")
_RANKED = (*_EACH, "rank from the worst off to the best off")
_GROUPED = (*_EACH, "group of each place")
_LINED = (*_EACH, "line")

# Half of all people have 1 and half have 3.
_TWO = """\
>>> import rcp_geo as rg
"""
# Two groups of equal size, of 0 and 2 and of 2 and 4; together a quarter have 0, half the mean of 2 and a quarter twice that.
_FOUR = """\
>>> import rcp_geo as rg
>>> values, groups = [0, 2, 2, 4], ["a", "a", "b", "b"]
"""
_LINE = """\
>>> import rcp_geo as rg
>>> jobs = [1, 3, 4, 5]  # on a line of 4 one has enough: the gaps are 3/4, 1/4, 0 and 0
"""
_LINE_COST = """\
>>> import rcp_geo as rg
>>> miles = [5, 20, 30, 60]  # on a line of 20 one is near enough: the gaps are 0, 0, 1/2 and 2
"""
_SHARE = r"p_i = P_i / \sum_k P_k"
_RANK = r"\mu = \sum_i p_i v_i,\quad R_i = \sum_{k:\, r_k < r_i} p_k + \tfrac{1}{2} \sum_{k:\, r_k = r_i} p_k"


def _fgt(alpha: int, title: str, worked: str) -> Metric:
    return Metric(
        f"rcp.equity.fgt{alpha}@1",
        title,
        rf"\sum_{{i:\, v_i < z}} p_i \left(\frac{{z - v_i}}{{z}}\right)^{alpha},\quad {_SHARE}",
        "share" if alpha == 0 else "index",
        "less",
        _RELATION,
        _LINED,
        (FOSTER_1984,),
        _LINE + worked,
    )


def _fgt_cost(alpha: int, title: str, worked: str) -> Metric:
    return Metric(
        f"rcp.equity.fgt{alpha}_cost@1",
        title,
        rf"\sum_{{i:\, v_i > z}} p_i \left(\frac{{v_i - z}}{{z}}\right)^{alpha},\quad {_SHARE}",
        "share" if alpha == 0 else "index",
        "less",
        _RELATION,
        _LINED,
        (FOSTER_1984,),
        _LINE_COST + worked,
    )


RECORDS = (
    Metric(
        "rcp.equity.gini@1",
        "Weighted Gini index of access, or of the cost of it",
        rf"\frac{{2}}{{\mu}} \sum_i p_i (v_i - \mu) (R_i - \tfrac{{1}}{{2}}),\quad r_i = v_i,\quad {_RANK}",
        "index",
        "less",
        _RELATION,
        _EACH,
        (GINI_1912, CERIANI_VERME_2012),
        _TWO
        + """\
>>> rg.inequality([1, 3], index="gini")  # half of the people have a quarter of all: 1 - (0 + 1/4) / 2 - (1/4 + 1) / 2
0.25
""",
    ),
    Metric(
        "rcp.equity.theil@1",
        "Weighted Theil index T of access, or of the cost of it",
        rf"\sum_i p_i \frac{{v_i}}{{\mu}} \ln \frac{{v_i}}{{\mu}},\quad 0 \ln 0 = 0,\quad {_SHARE}",
        "index",
        "less",
        _RELATION,
        _EACH,
        (THEIL_1967, SHORROCKS_1980),
        _FOUR
        + """\
>>> round(rg.inequality(values, index="theil"), 4)  # a quarter at 0, half at 1 ln 1, a quarter at 2 ln 2
0.3466
""",
    ),
    Metric(
        "rcp.equity.theil_between@1",
        "Part of the Theil index T that is between groups",
        r"\sum_g p_g \frac{\mu_g}{\mu} \ln \frac{\mu_g}{\mu}",
        "index",
        "less",
        _RELATION,
        _GROUPED,
        (THEIL_1967, SHORROCKS_1980),
        _FOUR
        + """\
>>> round(rg.inequality(values, index="theil_between", groups=groups), 4)  # half at 1/2 ln 1/2, half at 3/2 ln 3/2
0.1308
""",
    ),
    Metric(
        "rcp.equity.theil_within@1",
        "Part of the Theil index T that is within groups",
        r"\sum_g p_g \frac{\mu_g}{\mu} T_g,\quad T_g = \sum_{i \in g} \frac{p_i}{p_g} \frac{v_i}{\mu_g} \ln \frac{v_i}{\mu_g}",
        "index",
        "less",
        _RELATION,
        _GROUPED,
        (THEIL_1967, SHORROCKS_1980),
        _FOUR
        + """\
>>> round(rg.inequality(values, index="theil_within", groups=groups), 4)  # 1/4 of ln 2, 3/4 of (2/3 ln 2/3 + 4/3 ln 4/3) / 2
0.2158
""",
    ),
    Metric(
        "rcp.equity.palma@1",
        "Palma ratio: mean of the best off tenth over mean of the worst off four tenths",
        r"\frac{\sum_{i:\, r_i > q_{0.9}} P_i v_i / \sum_{i:\, r_i > q_{0.9}} P_i}"
        r"{\sum_{i:\, r_i \le q_{0.4}} P_i v_i / \sum_{i:\, r_i \le q_{0.4}} P_i}",
        "ratio",
        "even",
        _RELATION,
        _RANKED,
        (PALMA_2011,),
        _TWO
        + """\
>>> rg.inequality([1, 3, 2, 2, 9, 9, 9, 9, 9, 5], index="palma", rank=range(1, 11))  # 5 over (1 + 3 + 2 + 2) / 4
2.5
""",
    ),
    Metric(
        "rcp.equity.concentration@1",
        "Concentration index of access, or of the cost of it, by how well off people are",
        rf"\frac{{2}}{{\mu}} \sum_i p_i (v_i - \mu) (R_i - \tfrac{{1}}{{2}}),\quad {_RANK}",
        "index",
        "even",
        _RELATION,
        _RANKED,
        (WAGSTAFF_1991, VAN_DOORSLAER_2004),
        _TWO
        + """\
>>> rg.inequality([3, 1], index="concentration", rank=[1, 2])  # 2/2 x ((3 - 2) x (1/4 - 1/2) + (1 - 2) x (3/4 - 1/2)) / 2
-0.25
""",
    ),
    Metric(
        "rcp.equity.erreygers@1",
        "Concentration index corrected for the bounds of the value (Erreygers)",
        r"\frac{4 \mu}{v_{\max} - v_{\min}} C,\quad C = \frac{2}{\mu} \sum_i p_i (v_i - \mu) (R_i - \tfrac{1}{2})",
        "index",
        "even",
        _RELATION,
        (*_RANKED, "bounds"),
        (ERREYGERS_2009,),
        _TWO
        + """\
>>> rg.inequality([3, 1], index="erreygers", rank=[1, 2], bounds=(0, 4))  # 4 x 2 / 4 of -1/4
-0.5
""",
    ),
    _fgt(
        0,
        "Share of people whose access is below a line (FGT 0)",
        """\
>>> rg.inequality(jobs, index="fgt", line=4, alpha=0)
0.5
""",
    ),
    _fgt(
        1,
        "Mean gap between access and a line, as a share of the line (FGT 1)",
        """\
>>> rg.inequality(jobs, index="fgt", line=4, alpha=1)  # (3/4 + 1/4) / 4
0.25
""",
    ),
    _fgt(
        2,
        "Mean squared gap between access and a line, as a share of the line (FGT 2)",
        """\
>>> rg.inequality(jobs, index="fgt", line=4, alpha=2)  # (9/16 + 1/16) / 4
0.15625
""",
    ),
    _fgt_cost(
        0,
        "Share of people whose cost is above a line (FGT 0 of a cost)",
        """\
>>> rg.inequality(miles, index="fgt", line=20, alpha=0, poor="above")
0.5
""",
    ),
    _fgt_cost(
        1,
        "Mean excess of the cost over a line, as a share of the line (FGT 1 of a cost)",
        """\
>>> rg.inequality(miles, index="fgt", line=20, alpha=1, poor="above")  # (1/2 + 2) / 4
0.625
""",
    ),
    _fgt_cost(
        2,
        "Mean squared excess of the cost over a line, as a share of the line (FGT 2 of a cost)",
        """\
>>> rg.inequality(miles, index="fgt", line=20, alpha=2, poor="above")  # (1/4 + 4) / 4
1.0625
""",
    ),
)
