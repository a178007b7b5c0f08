"""Coverage and gaps of services for parents in recurrent care proceedings in England.

The main question in one line::

    import rcp_geo as rg

    answer = rg.assess(as_of="2022-11-01")

``answer.gaps`` has one row per upper-tier authority, ``answer.summary`` the counts, ``answer.coverage`` the distances and
``answer.findings`` what to know before citing any of them.
"""

from rcp_geo import decay, errors, travel
from rcp_geo._coverage import coverage
from rcp_geo._gaps import gaps
from rcp_geo._metrics import cite, metrics
from rcp_geo._timeline import Timeline, timeline
from rcp_geo.assessing import assess
from rcp_geo.assessment import Assessment
from rcp_geo.boundaries import Boundaries, load_boundaries
from rcp_geo.catchments import supply
from rcp_geo.changes import Changes, compare
from rcp_geo.citation import version as _version
from rcp_geo.contiguity import neighbours
from rcp_geo.demand import load_demand
from rcp_geo.directory import Directory, load_directory
from rcp_geo.equity import inequality
from rcp_geo.errors import RcpGeoError
from rcp_geo.io.boundaries import read_boundaries
from rcp_geo.io.demand import read_demand
from rcp_geo.io.need import read_need
from rcp_geo.io.networks import read_network
from rcp_geo.io.portal import fetch_boundaries
from rcp_geo.io.reading import read_directory
from rcp_geo.join import locate, served
from rcp_geo.names import match_authority
from rcp_geo.need import Need
from rcp_geo.planning import Plan, WhatIf, candidate_sites, plan, what_if
from rcp_geo.postcodes import geocode
from rcp_geo.recoding import apportion, history, recode
from rcp_geo.travel import (
    Circuity,
    CostTable,
    Geodesic,
    RoadNetwork,
    TravelMatrix,
    TravelModel,
    costs,
    nearest,
    service_areas,
)
from rcp_geo.verification import Verification, read_assessment, verify

__version__ = _version()

__all__ = [
    "Assessment",
    "Boundaries",
    "Changes",
    "Circuity",
    "CostTable",
    "Directory",
    "Geodesic",
    "Need",
    "Plan",
    "RcpGeoError",
    "RoadNetwork",
    "Timeline",
    "TravelMatrix",
    "TravelModel",
    "Verification",
    "WhatIf",
    "apportion",
    "assess",
    "candidate_sites",
    "cite",
    "compare",
    "costs",
    "coverage",
    "decay",
    "errors",
    "fetch_boundaries",
    "gaps",
    "geocode",
    "history",
    "inequality",
    "load_boundaries",
    "load_demand",
    "load_directory",
    "locate",
    "match_authority",
    "metrics",
    "nearest",
    "neighbours",
    "plan",
    "read_assessment",
    "read_boundaries",
    "read_demand",
    "read_directory",
    "read_need",
    "read_network",
    "recode",
    "served",
    "service_areas",
    "supply",
    "timeline",
    "travel",
    "verify",
    "what_if",
]
