"""Figures of plans: how good a choice of new sites is."""

from __future__ import annotations

from rcp_geo.registry.record import Metric
from rcp_geo.registry.references import CHURCH_REVELLE_1974, HAKIMI_1964, HAKIMI_1965, TOREGAS_1971

__all__ = ["RECORDS"]

_NEEDS = ("costs to existing and candidate sites", "demand weights")
_RELATION = "reached"

# Five houses along a street, 10 apart, of 1, 2, 5, 3 and 4 people; a site could stand at each.
_STREET = """\
>>> import itertools
>>> import pandas as pd
>>> import rcp_geo as rg
>>> at = {"v": 0, "w": 10, "x": 20, "y": 30, "z": 40}
>>> costs = pd.DataFrame(
...     [(a, b, abs(at[a] - at[b])) for a, b in itertools.product(at, at)], columns=["origin_id", "destination_id", "cost"]
... )
>>> people = pd.DataFrame({"demand_id": list(at), "weight": [1.0, 2.0, 5.0, 3.0, 4.0]})
"""

RECORDS = (
    Metric(
        "rcp.plan.covered@1",
        "Weight of the demand within a cutoff of an existing or a new site: the objective of maximal covering",
        r"\max_y \sum_i P_i [\min_{j: y_j = 1} d_{ij} \le d_0], \quad \sum_j y_j = p",
        "unit of the weights",
        "more",
        _RELATION,
        _NEEDS,
        (CHURCH_REVELLE_1974,),
        _STREET
        + """\
>>> found = rg.plan(costs, people, model="mclp", p=1, cutoff=10)
>>> found.sites, found.objective  # at y: x, y and z, 5 + 3 + 4
(('y',), 12.0)
""",
    ),
    Metric(
        "rcp.plan.sites_needed@1",
        "Fewest new sites with which all demand is within a cutoff: the objective of set covering",
        r"\min_y \sum_j y_j, \quad \sum_{j: d_{ij} \le d_0} y_j \ge 1 \ \forall i",
        "sites",
        "less",
        _RELATION,
        _NEEDS,
        (TOREGAS_1971,),
        _STREET
        + """\
>>> found = rg.plan(costs, people, model="lscp", cutoff=10)
>>> found.sites, found.objective  # v and w see v, the others y
(('v', 'y'), 2.0)
""",
    ),
    Metric(
        "rcp.plan.weighted_cost@1",
        "Sum over demand of weight times cost to the nearest existing or new site: the objective of the p-median",
        r"\min_y \sum_i P_i \min_{j: y_j = 1} d_{ij}, \quad \sum_j y_j = p",
        "unit of the weights times unit of the travel model",
        "less",
        _RELATION,
        _NEEDS,
        (HAKIMI_1964, HAKIMI_1965),
        _STREET
        + """\
>>> found = rg.plan(costs, people, model="p-median", p=1)
>>> found.sites, found.objective  # at x: 1 x 20 + 2 x 10 + 0 + 3 x 10 + 4 x 20
(('x',), 150.0)
""",
    ),
    Metric(
        "rcp.plan.largest_cost@1",
        "Largest cost from demand to the nearest existing or new site: the objective of the p-center",
        r"\min_y \max_i \min_{j: y_j = 1} d_{ij}, \quad \sum_j y_j = p",
        "unit of the travel model",
        "less",
        _RELATION,
        _NEEDS,
        (HAKIMI_1964, HAKIMI_1965),
        _STREET
        + """\
>>> found = rg.plan(costs, people, model="p-center", p=1)
>>> found.sites, found.objective  # at x no one has more than 20 to go
(('x',), 20.0)
""",
    ),
)
