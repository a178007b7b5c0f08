"""The works that define the figures."""

from __future__ import annotations

from rcp_geo.citation import Reference

__all__ = [
    "CHURCH_REVELLE_1974",
    "COCHRAN_1977",
    "FIVE_ANSWERS",
    "HAKIMI_1964",
    "HENRY_BOSCOE_2008",
    "PEREIRA_2019",
    "ROYSTON_PARMAR_2013",
]

CHURCH_REVELLE_1974 = Reference(
    ("Church, R.", "ReVelle, C."),
    1974,
    "The maximal covering location problem",
    "Papers of the Regional Science Association",
    volume="32",
    pages="101-118",
    doi="10.1007/BF01942293",
)
COCHRAN_1977 = Reference(("Cochran, W. G.",), 1977, "Sampling Techniques, third edition", "Wiley", kind="book")
FIVE_ANSWERS = Reference(
    ("rcp_geo contributors",), 2026, "Five answers, not two", "rcp_geo documentation", kind="webpage"
)
HAKIMI_1964 = Reference(
    ("Hakimi, S. L.",),
    1964,
    "Optimum locations of switching centers and the absolute centers and medians of a graph",
    "Operations Research",
    volume="12",
    issue="3",
    pages="450-459",
    doi="10.1287/opre.12.3.450",
)
HENRY_BOSCOE_2008 = Reference(
    ("Henry, K. A.", "Boscoe, F. P."),
    2008,
    "Estimating the accuracy of geographical imputation",
    "International Journal of Health Geographics",
    volume="7",
    pages="3",
    doi="10.1186/1476-072X-7-3",
)
PEREIRA_2019 = Reference(
    ("Pereira, R. H. M.",),
    2019,
    "Future accessibility impacts of transport policy scenarios: Equity and sensitivity to travel time thresholds for Bus Rapid "
    "Transit expansion in Rio de Janeiro",
    "Journal of Transport Geography",
    volume="74",
    pages="321-332",
    doi="10.1016/j.jtrangeo.2018.12.005",
)
ROYSTON_PARMAR_2013 = Reference(
    ("Royston, P.", "Parmar, M. K. B."),
    2013,
    "Restricted mean survival time: an alternative to the hazard ratio for the design and analysis of randomized trials with a "
    "time-to-event outcome",
    "BMC Medical Research Methodology",
    volume="13",
    pages="152",
    doi="10.1186/1471-2288-13-152",
)
