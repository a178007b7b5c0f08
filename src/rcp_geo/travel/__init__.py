"""Travel models: what it costs to get from where people are to where services sit."""

from rcp_geo.travel.comparison import compare_models
from rcp_geo.travel.engines import OSRM, Valhalla
from rcp_geo.travel.isochrones import service_areas
from rcp_geo.travel.matrix import TravelMatrix
from rcp_geo.travel.model import METRES_PER_MILE, MILES_5_10_20, CostTable, TravelModel
from rcp_geo.travel.roads import CLASS_SPEEDS_MPH, RoadEdges, RoadNetwork, RoadSettings
from rcp_geo.travel.search import costs, nearest
from rcp_geo.travel.straight import Circuity, Geodesic

__all__ = [
    "CLASS_SPEEDS_MPH",
    "METRES_PER_MILE",
    "MILES_5_10_20",
    "OSRM",
    "Circuity",
    "CostTable",
    "Geodesic",
    "RoadEdges",
    "RoadNetwork",
    "RoadSettings",
    "TravelMatrix",
    "TravelModel",
    "Valhalla",
    "compare_models",
    "costs",
    "nearest",
    "service_areas",
]
