"""Figures of the supply that reaches people."""

from __future__ import annotations

from rcp_geo.citation import Reference
from rcp_geo.registry.record import Metric
from rcp_geo.registry.references import (
    DELAMATER_2013,
    HANSEN_1959,
    KWAN_1998,
    LUO_QI_2009,
    LUO_WANG_2003,
    PAEZ_2019,
    SAXON_2020,
    TOMASIELLO_2023,
    WAN_2012,
)

__all__ = ["RECORDS"]

_RELATION = "reached"
_NEEDS = ("costs", "demand weights", "capacity of facilities, or their number")
_SHARED = "capacity or services per unit of demand"
_SELECTION = (
    r"\sum_j \frac{G_{ij} w_{ij} S_j}{\sum_k G_{kj} w_{kj} P_k}, \quad G_{ij} = \frac{w_{ij}}{\sum_{l%s} w_{il}}"
)

# 50 people reach one facility, at 20 minutes; 30 reach it at 10 and another at 20. Half counts at more than 10 minutes.
_PLACES = """\
>>> import pandas as pd
>>> import rcp_geo as rg
>>> pairs = pd.DataFrame({"origin_id": list("abb"), "destination_id": list("xxy"), "cost": [1200.0, 600.0, 1200.0]})
>>> people = pd.DataFrame({"demand_id": list("ab"), "weight": [50.0, 30.0]})
>>> places = pd.DataFrame({"site_id": list("xy"), "capacity": [11.0, 3.0]})
>>> half = rg.decay.Steps({600: 1.0, 1200: 0.5})
"""


def _record(
    name: str, title: str, formula: str, unit: str, asked: str, shown: str, said: str, *works: Reference
) -> Metric:
    method = name.partition("_")[0]
    example = f'{_PLACES}>>> found = rg.supply(pairs, people, places, method="{method}", {asked})\n{shown}\n{said}\n'
    return Metric(f"rcp.supply.{name}@1", title, formula, unit, "more", _RELATION, _NEEDS, works, example)


RECORDS = (
    _record(
        "2sfca",
        "Two-step floating catchment area: supply shared by all within the cutoff of it",
        r"\sum_{j: d_{ij} \le d_0} \frac{S_j}{\sum_{k: d_{kj} \le d_0} P_k}",
        _SHARED,
        "cutoff=1200",
        ">>> found.round(4).tolist()  # 11 / 80, and 11 / 80 + 3 / 30",
        "[0.1375, 0.2375]",
        LUO_WANG_2003,
    ),
    _record(
        "e2sfca",
        "Enhanced two-step floating catchment area: supply shared by all within reach of it, those nearer counting more",
        r"\sum_j \frac{w_{ij} S_j}{\sum_k w_{kj} P_k}",
        _SHARED,
        "decay=half",
        ">>> found.round(4).tolist()  # of 11 places 0.5 / 55 and 1 / 55 each, of 3 places 0.5 / 15",
        "[0.1, 0.3]",
        LUO_QI_2009,
    ),
    _record(
        "3sfca",
        "Three-step floating catchment area: who has several facilities within the catchment asks less of each",
        _SELECTION % r": d_{il} \le d_0",
        _SHARED,
        "decay=half",
        ">>> found.round(4).tolist()  # b asks 2/3 of x and 1/3 of y: 11 x (0.5, 2/3) / (25 + 20), and 3 / 30 for b",
        "[0.1222, 0.263]",
        WAN_2012,
    ),
    _record(
        "3sfca_all",
        "Three-step floating catchment area with selection weights over all facilities, also those beyond the catchment",
        _SELECTION % "",
        _SHARED,
        'decay=half, cutoff=600, scope="all"',
        ">>> found.round(4).tolist()  # only b and x are within 600, and b takes all that x has, whatever it asks",
        "[0.0, 0.3667]",
        WAN_2012,
        SAXON_2020,
    ),
    _record(
        "m2sfca",
        "Modified two-step floating catchment area: of supply that is far from all who share it a part is lost",
        r"\sum_j \frac{w_{ij}^2 S_j}{\sum_k w_{kj} P_k}",
        _SHARED,
        "decay=half",
        ">>> found.round(4).tolist()  # as e2sfca, each part weighed again: 0.1 x 0.5, and 0.2 + 0.1 x 0.5",
        "[0.05, 0.25]",
        DELAMATER_2013,
    ),
    _record(
        "bfca",
        "Balanced floating catchment area: weights add up to 1 over each point and over each facility",
        r"\sum_j w^{c}_{ij} \frac{S_j}{\sum_k w^{r}_{kj} P_k}, \quad w^{c}_{ij} = \frac{w_{ij}}{\sum_k w_{kj}}, "
        r"\quad w^{r}_{ij} = \frac{w_{ij}}{\sum_l w_{il}}",
        _SHARED,
        "decay=half",
        ">>> found.round(4).tolist()  # x has 11 / (50 + 20), a third of it for a; y has 3 / 10, all for b",
        "[0.0524, 0.4048]",
        PAEZ_2019,
    ),
    _record(
        "gravity",
        "Gravity: supply, weighed by the cost to reach it",
        r"\sum_j w_{ij} S_j",
        "weighted capacity or weighted services",
        "decay=half",
        ">>> found.tolist()  # 0.5 x 11, and 11 + 0.5 x 3",
        "[5.5, 12.5]",
        HANSEN_1959,
    ),
    _record(
        "cumulative",
        "Cumulative opportunities: supply within the cutoff",
        r"\sum_{j: d_{ij} \le d_0} S_j",
        "capacity or services",
        "cutoff=600",
        ">>> found.tolist()  # x is within 600 of b",
        "[0.0, 11.0]",
        KWAN_1998,
    ),
    _record(
        "cumulative_interval",
        "Cumulative opportunities: mean over several cutoffs of the supply within each",
        r"\frac{1}{n} \sum_{r=1}^{n} \sum_{j: d_{ij} \le d_r} S_j",
        "capacity or services",
        "cutoff=range(600, 1201, 300)",
        ">>> found.round(4).tolist()  # within 600, 900 and 1,200: 0, 0, 11 and 11, 11, 14",
        "[3.6667, 12.0]",
        TOMASIELLO_2023,
    ),
)
