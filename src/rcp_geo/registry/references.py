"""The works that define the figures."""

from __future__ import annotations

from rcp_geo.citation import Reference

__all__ = ["CHURCH_REVELLE_1974", "FIVE_ANSWERS", "HAKIMI_1964", "HAKIMI_1965", "TOREGAS_1971"]

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
HAKIMI_1965 = Reference(
    ("Hakimi, S. L.",),
    1965,
    "Optimum distribution of switching centers in a communication network and some related graph theoretic problems",
    "Operations Research",
    volume="13",
    issue="3",
    pages="462-475",
    doi="10.1287/opre.13.3.462",
)
TOREGAS_1971 = Reference(
    ("Toregas, C.", "Swain, R.", "ReVelle, C.", "Bergman, L."),
    1971,
    "The location of emergency service facilities",
    "Operations Research",
    volume="19",
    issue="6",
    pages="1363-1373",
    doi="10.1287/opre.19.6.1363",
)
