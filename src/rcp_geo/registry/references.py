"""The works that define the figures."""

from __future__ import annotations

from rcp_geo.citation import Reference

__all__ = [
    "CHURCH_REVELLE_1974",
    "FIVE_ANSWERS",
    "GARWOOD_1936",
    "HAKIMI_1964",
    "KARNIK_MENDEL_2001",
    "WILSON_1927",
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
FIVE_ANSWERS = Reference(
    ("rcp_geo contributors",), 2026, "Five answers, not two", "rcp_geo documentation", kind="webpage"
)
GARWOOD_1936 = Reference(
    ("Garwood, F.",),
    1936,
    "Fiducial limits for the Poisson distribution",
    "Biometrika",
    volume="28",
    issue="3-4",
    pages="437-442",
    doi="10.1093/biomet/28.3-4.437",
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
KARNIK_MENDEL_2001 = Reference(
    ("Karnik, N. N.", "Mendel, J. M."),
    2001,
    "Centroid of a type-2 fuzzy set",
    "Information Sciences",
    volume="132",
    issue="1-4",
    pages="195-220",
)
WILSON_1927 = Reference(
    ("Wilson, E. B.",),
    1927,
    "Probable inference, the law of succession, and statistical inference",
    "Journal of the American Statistical Association",
    volume="22",
    issue="158",
    pages="209-212",
    doi="10.1080/01621459.1927.10502953",
)
