"""The works that define the figures."""

from __future__ import annotations

from rcp_geo.citation import Reference

__all__ = [
    "CHURCH_REVELLE_1974",
    "DAI_2010",
    "DELAMATER_2013",
    "FIVE_ANSWERS",
    "HAKIMI_1964",
    "HANSEN_1959",
    "KWAN_1998",
    "LUO_QI_2009",
    "LUO_WANG_2003",
    "PAEZ_2019",
    "SAXON_2020",
    "TOMASIELLO_2023",
    "WAN_2012",
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
DAI_2010 = Reference(
    ("Dai, D.",),
    2010,
    "Black residential segregation, disparities in spatial access to health care facilities, and late-stage breast cancer "
    "diagnosis in metropolitan Detroit",
    "Health & Place",
    volume="16",
    issue="5",
    pages="1038-1052",
    doi="10.1016/j.healthplace.2010.06.012",
)
DELAMATER_2013 = Reference(
    ("Delamater, P. L.",),
    2013,
    "Spatial accessibility in suboptimally configured health care systems: a modified two-step floating catchment area "
    "(M2SFCA) metric",
    "Health & Place",
    volume="24",
    pages="30-43",
    doi="10.1016/j.healthplace.2013.07.012",
)
HANSEN_1959 = Reference(
    ("Hansen, W. G.",),
    1959,
    "How accessibility shapes land use",
    "Journal of the American Institute of Planners",
    volume="25",
    issue="2",
    pages="73-76",
    doi="10.1080/01944365908978307",
)
KWAN_1998 = Reference(
    ("Kwan, M.-P.",),
    1998,
    "Space-time and integral measures of individual accessibility: a comparative analysis using a point-based framework",
    "Geographical Analysis",
    volume="30",
    issue="3",
    pages="191-216",
    doi="10.1111/j.1538-4632.1998.tb00396.x",
)
LUO_QI_2009 = Reference(
    ("Luo, W.", "Qi, Y."),
    2009,
    "An enhanced two-step floating catchment area (E2SFCA) method for measuring spatial accessibility to primary care "
    "physicians",
    "Health & Place",
    volume="15",
    issue="4",
    pages="1100-1107",
    doi="10.1016/j.healthplace.2009.06.002",
)
LUO_WANG_2003 = Reference(
    ("Luo, W.", "Wang, F."),
    2003,
    "Measures of spatial accessibility to health care in a GIS environment: synthesis and a case study in the Chicago region",
    "Environment and Planning B: Planning and Design",
    volume="30",
    issue="6",
    pages="865-884",
    doi="10.1068/b29120",
)
PAEZ_2019 = Reference(
    ("Paez, A.", "Higgins, C. D.", "Vivona, S. F."),
    2019,
    "Demand and level of service inflation in Floating Catchment Area (FCA) methods",
    "PLOS ONE",
    volume="14",
    issue="6",
    pages="e0218773",
    doi="10.1371/journal.pone.0218773",
)
SAXON_2020 = Reference(
    ("Saxon, J.", "Koschinsky, J.", "Acosta, K.", "Anguiano, V.", "Anselin, L.", "Rey, S."),
    2020,
    "An open software environment to make spatial access metrics more accessible",
    "University of Chicago, Center for Spatial Data Science",
    kind="report",
    doi="10.13140/RG.2.2.12396.28807",
)
TOMASIELLO_2023 = Reference(
    ("Tomasiello, D. B.", "Herszenhut, D.", "Oliveira, J. L. A.", "Braga, C. K. V.", "Pereira, R. H. M."),
    2023,
    "A time interval metric for cumulative opportunity accessibility",
    "Applied Geography",
    volume="157",
    pages="103007",
    doi="10.1016/j.apgeog.2023.103007",
)
WAN_2012 = Reference(
    ("Wan, N.", "Zou, B.", "Sternberg, T."),
    2012,
    "A three-step floating catchment area method for analyzing spatial access to health services",
    "International Journal of Geographical Information Science",
    volume="26",
    issue="6",
    pages="1073-1089",
    doi="10.1080/13658816.2011.624987",
)
