"""Figures of the five answers."""

from __future__ import annotations

from rcp_geo.registry.record import Metric
from rcp_geo.registry.references import FIVE_ANSWERS

__all__ = ["RECORDS"]

_ANSWERS = """\
>>> import pandas as pd
>>> answers = pd.Series(["served", "part", "unknown", "in_development", "none_recorded", "none_recorded"])
"""

# Four authorities in a row, the third of them served.
_NEIGHBOURS = """\
>>> import networkx as nx
>>> answers = {"a": "none_recorded", "b": "in_development", "c": "served", "d": "none_recorded"}
>>> graph = nx.path_graph(["a", "b", "c", "d"])
>>> gap = [a for a in graph if answers[a] in ("none_recorded", "in_development")]
>>> deserts = sorted(nx.connected_components(graph.subgraph(gap)), key=min)
"""

RECORDS = (
    Metric(
        "rcp.gap.count_min@1",
        "Fewest authorities without a service, by the record",
        r"\sum_a [x_a \in \{\mathrm{none\ recorded}, \mathrm{in\ development}\}]",
        "authorities",
        "less",
        "served",
        ("answers",),
        (FIVE_ANSWERS,),
        _ANSWERS
        + """\
>>> int(answers.isin(["none_recorded", "in_development"]).sum())
3
""",
    ),
    Metric(
        "rcp.gap.count_max@1",
        "Most authorities without a service, by the record",
        r"\sum_a [x_a \in \{\mathrm{none\ recorded}, \mathrm{in\ development}, \mathrm{unknown}\}]",
        "authorities",
        "less",
        "served",
        ("answers",),
        (FIVE_ANSWERS,),
        _ANSWERS
        + """\
>>> int(answers.isin(["none_recorded", "in_development", "unknown"]).sum())
4
""",
    ),
    Metric(
        "rcp.gap.desert_count@1",
        "Connected groups of neighbouring authorities without a service, by the record",
        r"|\mathcal{C}(G[X])|, \quad X = \{a : x_a \text{ is a gap}\}",
        "groups",
        "less",
        "served",
        ("answers", "contiguity graph"),
        (FIVE_ANSWERS,),
        _NEIGHBOURS
        + """\
>>> len(deserts)  # a and b touch, d is apart
2
""",
    ),
    Metric(
        "rcp.gap.desert_demand@1",
        "Demand in a connected group of neighbouring authorities without a service, by the record",
        r"\sum_{a \in D} P_a, \quad D \in \mathcal{C}(G[X]), \quad X = \{a : x_a \text{ is a gap}\}",
        "demand weight",
        "less",
        "served",
        ("answers", "contiguity graph", "demand weights"),
        (FIVE_ANSWERS,),
        _NEIGHBOURS
        + """\
>>> people = {"a": 3.0, "b": 2.0, "c": 9.0, "d": 4.0}
>>> {min(desert): sum(people[a] for a in desert) for desert in deserts}
{'a': 5.0, 'd': 4.0}
""",
    ),
)
