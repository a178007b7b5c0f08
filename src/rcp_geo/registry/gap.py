"""Figures of the five answers."""

from __future__ import annotations

from rcp_geo.registry.record import Metric
from rcp_geo.registry.references import FIVE_ANSWERS

__all__ = ["RECORDS"]

_ANSWERS = """\
>>> import pandas as pd
>>> answers = pd.Series(["served", "part", "unknown", "in_development", "none_recorded", "none_recorded"])
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
)
