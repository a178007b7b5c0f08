"""The works that define the figures."""

from __future__ import annotations

from rcp_geo.citation import Reference

__all__ = [
    "CERIANI_VERME_2012",
    "CHURCH_REVELLE_1974",
    "COCHRAN_1977",
    "DAI_2010",
    "DELAMATER_2013",
    "ERREYGERS_2009",
    "FIVE_ANSWERS",
    "FOSTER_1984",
    "GARWOOD_1936",
    "GINI_1912",
    "HAKIMI_1964",
    "HAKIMI_1965",
    "HANSEN_1959",
    "HENRY_BOSCOE_2008",
    "KARNIK_MENDEL_2001",
    "KWAN_1998",
    "LUO_QI_2009",
    "LUO_WANG_2003",
    "PAEZ_2019",
    "PALMA_2011",
    "PEREIRA_2019",
    "ROYSTON_PARMAR_2013",
    "SAXON_2020",
    "SHORROCKS_1980",
    "THEIL_1967",
    "TOMASIELLO_2023",
    "TOREGAS_1971",
    "VAN_DOORSLAER_2004",
    "WAGSTAFF_1991",
    "WAN_2012",
    "WILSON_1927",
]

CERIANI_VERME_2012 = Reference(
    ("Ceriani, L.", "Verme, P."),
    2012,
    "The origins of the Gini index: extracts from Variabilità e Mutabilità (1912) by Corrado Gini",
    "The Journal of Economic Inequality",
    volume="10",
    issue="3",
    pages="421-443",
    doi="10.1007/s10888-011-9188-x",
)
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
ERREYGERS_2009 = Reference(
    ("Erreygers, G.",),
    2009,
    "Correcting the concentration index",
    "Journal of Health Economics",
    volume="28",
    issue="2",
    pages="504-515",
    doi="10.1016/j.jhealeco.2008.02.003",
)
FIVE_ANSWERS = Reference(
    ("rcp_geo contributors",), 2026, "Five answers, not two", "rcp_geo documentation", kind="webpage"
)
FOSTER_1984 = Reference(
    ("Foster, J.", "Greer, J.", "Thorbecke, E."),
    1984,
    "A class of decomposable poverty measures",
    "Econometrica",
    volume="52",
    issue="3",
    pages="761-766",
    doi="10.2307/1913475",
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
GINI_1912 = Reference(
    ("Gini, C.",),
    1912,
    "Variabilità e mutabilità",
    "Studi Economico-Giuridici della R. Università di Cagliari",
    volume="3",
    issue="2",
    pages="3-159",
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
HENRY_BOSCOE_2008 = Reference(
    ("Henry, K. A.", "Boscoe, F. P."),
    2008,
    "Estimating the accuracy of geographical imputation",
    "International Journal of Health Geographics",
    volume="7",
    pages="3",
    doi="10.1186/1476-072X-7-3",
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
PALMA_2011 = Reference(
    ("Palma, J. G.",),
    2011,
    "Homogeneous middles vs. heterogeneous tails, and the end of the 'inverted-U': it's all about the share of the rich",
    "Development and Change",
    volume="42",
    issue="1",
    pages="87-153",
    doi="10.1111/j.1467-7660.2011.01694.x",
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
SAXON_2020 = Reference(
    ("Saxon, J.", "Koschinsky, J.", "Acosta, K.", "Anguiano, V.", "Anselin, L.", "Rey, S."),
    2020,
    "An open software environment to make spatial access metrics more accessible",
    "University of Chicago, Center for Spatial Data Science",
    kind="report",
    doi="10.13140/RG.2.2.12396.28807",
)
SHORROCKS_1980 = Reference(
    ("Shorrocks, A. F.",),
    1980,
    "The class of additively decomposable inequality measures",
    "Econometrica",
    volume="48",
    issue="3",
    pages="613-625",
    doi="10.2307/1913126",
)
THEIL_1967 = Reference(("Theil, H.",), 1967, "Economics and information theory", "North-Holland", kind="book")
TOMASIELLO_2023 = Reference(
    ("Tomasiello, D. B.", "Herszenhut, D.", "Oliveira, J. L. A.", "Braga, C. K. V.", "Pereira, R. H. M."),
    2023,
    "A time interval metric for cumulative opportunity accessibility",
    "Applied Geography",
    volume="157",
    pages="103007",
    doi="10.1016/j.apgeog.2023.103007",
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
VAN_DOORSLAER_2004 = Reference(
    ("van Doorslaer, E.", "Koolman, X."),
    2004,
    "Explaining the differences in income-related health inequalities across European countries",
    "Health Economics",
    volume="13",
    issue="7",
    pages="609-628",
    doi="10.1002/hec.918",
)
WAGSTAFF_1991 = Reference(
    ("Wagstaff, A.", "Paci, P.", "van Doorslaer, E."),
    1991,
    "On the measurement of inequalities in health",
    "Social Science & Medicine",
    volume="33",
    issue="5",
    pages="545-557",
    doi="10.1016/0277-9536(91)90212-U",
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
