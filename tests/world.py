"""A hand-drawn small world: four square authorities, six services, twelve demand points, all answers on paper.

Authorities are squares of 10 km on the National Grid, with real codes so that the register knows them::

    y 420 ┌───────────┬───────────┐
          │ C         │ D         │     A  E06000001  Hartlepool           North East
          │ E06000010 │ E06000011 │     B  E06000002  Middlesbrough        North East
    y 410 ├───────────┼───────────┤     C  E06000010  Kingston upon Hull   Yorkshire and The Humber
          │ A         │ B         │     D  E06000011  East Riding          Yorkshire and The Humber
          │ E06000001 │ E06000002 │
    y 400 └───────────┴───────────┘
         x 400       410         420    (km)

Services on 1 June 2023 (coordinates in km):

=========  ======  ==============  ================  =================================================
service    family  status          site              serves
=========  ======  ==============  ================  =================================================
home       pause   operating       A (405, 405)      A whole
court      fdac    operating       B (415, 405)      D whole, C part; not B, in which it sits
silent     local   unknown         C (405, 415)      C whole
planned    pause   in_development  D (415, 415)      D whole
shut       local   closed          A (401, 401)      A whole
doubtful   local   operating       none              B, unclear
=========  ======  ==============  ================  =================================================

Answers:

==  ==============  =============  =============  =======
..  pause           fdac           local          any
==  ==============  =============  =============  =======
A   served          none_recorded  none_recorded  served
B   none_recorded   none_recorded  unknown        unknown
C   none_recorded   part           unknown        part
D   in_development  served         none_recorded  served
==  ==============  =============  =============  =======

Demand, with grid distances in metres (triangles of 3, 4 and 5 km where not on a line):

=====  ==========  ======  ==================  ====================  ==================
point  at (km)     weight  to home             to court              to silent
=====  ==========  ======  ==================  ====================  ==================
a1     405, 408    1       3000
a2     409, 405    1       4000                6000
a3     402, 401    2       5000
b1     415, 408    1                           3000
b2     415, 401    3                           4000
b3     412, 401    1       √(7²+4²) = 8062.3   5000
c1     405, 411    1       6000                √(10²+6²) = 11661.9   4000
c2     405, 419    1       14000               √(10²+14²) = 17204.7  4000
c3     401, 412    2       √(4²+7²) = 8062.3   √(14²+7²) = 15652.5   5000
d1     415, 411    1                           6000
d2     415, 413    1                           8000
d3     415, 419    2                           14000
=====  ==========  ======  ==================  ====================  ==================

Two kilometres either side of the grid's central meridian (2° W) a grid metre is 1 / 0.9996013 metres on the ground, within
a few parts in 100,000, so a distance on the ellipsoid is the grid distance times ``GROUND`` to one part in 10,000.

Means, medians, 90th percentiles (smallest cost whose cumulative weight reaches q) and shares, in grid metres:

* pause, reached, certain, A: 3000 × 1, 4000 × 1, 5000 × 2. Mean 17000 / 4 = 4250; median 4000 (2 of 4); p90 5000.
  Within 4.5 km 2 of 4 = 0.5; within 9 km 1.
* any, reached, certain, B: 3000 × 1, 4000 × 3, 5000 × 1. Mean 20000 / 5 = 4000; median 4000 (4 of 5 ≥ 2.5);
  p90 5000 (5 ≥ 4.5). Within 4.5 km 4 of 5 = 0.8.
* fdac, reached and served, certain, D: 6000 × 1, 8000 × 1, 14000 × 2. Mean 42000 / 4 = 10500; median 8000; p90 14000.
  Within 9 km 2 of 4 = 0.5.
* fdac, served, B: the court sits there and does not serve it: no value, reason ``no_facility``, shares 0.
* fdac, served, C: part only, so nothing that is certain; possible: (11661.9 + 17204.7 + 2 × 15652.5) / 4 = 15042.9.
* any, reached, C: certain (6000 + 14000 + 2 × 8062.3) / 4 = 9031.1; possible, with silent: (4000 + 4000 + 2 × 5000) / 4
  = 4500.
* any, reached, certain, North East: (17000 + 20000) / (4 + 5) = 4111.1.
* any, reached, certain, England: (17000 + 20000 + 36124.5 + 42000) / 17 = 6772.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point, box

import rcp_geo as rg

GROUND = 1 / 0.9996013
DAY = "2023-06-01"
A, B, C, D = "E06000001", "E06000002", "E06000010", "E06000011"
NORTH_EAST, YORKSHIRE = ("E12000001", "North East"), ("E12000003", "Yorkshire and The Humber")
SQUARES = {
    A: ("Hartlepool", NORTH_EAST, box(400_000, 400_000, 410_000, 410_000)),
    B: ("Middlesbrough", NORTH_EAST, box(410_000, 400_000, 420_000, 410_000)),
    C: ("Kingston upon Hull, City of", YORKSHIRE, box(400_000, 410_000, 410_000, 420_000)),
    D: ("East Riding of Yorkshire", YORKSHIRE, box(410_000, 410_000, 420_000, 420_000)),
}
SERVICES = {
    "home": ("pause", "operating"),
    "court": ("fdac", "operating"),
    "silent": ("local", None),
    "planned": ("pause", "in_development"),
    "shut": ("local", "closed"),
    "doubtful": ("local", "operating"),
}
SITES = {
    "home": (405_000, 405_000),
    "court": (415_000, 405_000),
    "silent": (405_000, 415_000),
    "planned": (415_000, 415_000),
    "shut": (401_000, 401_000),
}
FOOTPRINTS = [
    ("home", A, "whole", "stated"),
    ("court", D, "whole", "stated"),
    ("court", C, "part", "inferred"),
    ("silent", C, "whole", "stated"),
    ("planned", D, "whole", "stated"),
    ("shut", A, "whole", "stated"),
    ("doubtful", B, "whole", "unclear"),
]
DEMAND = {
    "a1": (405_000, 408_000, 1),
    "a2": (409_000, 405_000, 1),
    "a3": (402_000, 401_000, 2),
    "b1": (415_000, 408_000, 1),
    "b2": (415_000, 401_000, 3),
    "b3": (412_000, 401_000, 1),
    "c1": (405_000, 411_000, 1),
    "c2": (405_000, 419_000, 1),
    "c3": (401_000, 412_000, 2),
    "d1": (415_000, 411_000, 1),
    "d2": (415_000, 413_000, 1),
    "d3": (415_000, 419_000, 2),
}
ANSWERS = {
    A: ("served", "none_recorded", "none_recorded", "served"),
    B: ("none_recorded", "none_recorded", "unknown", "unknown"),
    C: ("none_recorded", "part", "unknown", "part"),
    D: ("in_development", "served", "none_recorded", "served"),
}


@dataclass
class World:
    """Tables of a small world, each free to change before it is put together."""

    services: pd.DataFrame
    sites: gpd.GeoDataFrame
    footprints: pd.DataFrame
    status: pd.DataFrame
    squares: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    published: pd.DataFrame | None = None

    def directory(self) -> rg.Directory:
        """Check the tables and make a directory of them."""
        return rg.Directory.from_tables(
            self.services, self.sites, self.footprints, self.status, self.published, reference_date=DAY, source="small"
        )

    def boundaries(self) -> rg.Boundaries:
        """Take the squares as the authorities since April 2023."""
        return rg.Boundaries.from_frame(self.squares, valid_from="2023-04-01", source="drawn by hand")

    def gaps(self, **options: Any) -> pd.DataFrame:
        """Answer for the four authorities."""
        return rg.gaps(self.directory(), self.boundaries(), **options)

    def assess(self, **options: Any) -> rg.Assessment:
        """Assess the four authorities."""
        return rg.assess(self.directory(), self.boundaries(), self.demand, **options)


def draw() -> World:
    """Draw the world of the docstring."""
    services = pd.DataFrame(
        {
            "service_id": list(SERVICES),
            "name": [s.title() for s in SERVICES],
            "family": [family for family, _ in SERVICES.values()],
        }
    )
    sites = points({f"{s}-1": at for s, at in SITES.items()}, "site_id")
    sites.insert(1, "service_id", list(SITES))
    footprints = pd.DataFrame(FOOTPRINTS, columns=["service_id", "authority_code", "extent", "certainty"])
    status = pd.DataFrame(
        [(s, said) for s, (_, said) in SERVICES.items() if said is not None], columns=["service_id", "status"]
    )
    squares = gpd.GeoDataFrame(
        [(code, name, *region) for code, (name, region, _) in SQUARES.items()],
        columns=["authority_code", "authority_name", "region_code", "region_name"],
        geometry=[shape for _, _, shape in SQUARES.values()],
        crs="EPSG:27700",
    )
    demand = points({name: (x, y) for name, (x, y, _) in DEMAND.items()}, "demand_id")
    demand["weight"] = [float(w) for _, _, w in DEMAND.values()]
    return World(
        services,
        sites,
        footprints.assign(valid_from="2020", valid_to=""),
        status.assign(observed_from="2020", observed_to=""),
        squares,
        demand,
    )


def points(at: dict[str, tuple[float, float]], column: str, crs: str = "EPSG:27700") -> gpd.GeoDataFrame:
    """Make a layer of named points."""
    return gpd.GeoDataFrame({column: list(at)}, geometry=[Point(xy) for xy in at.values()], crs=crs)
