"""Road networks: readers of road data, snapping, searching and service areas."""

from rcp_geo.travel.roads.edges import RoadEdges
from rcp_geo.travel.roads.network import RoadNetwork
from rcp_geo.travel.roads.settings import RoadSettings
from rcp_geo.travel.roads.speeds import CLASS_SPEEDS_MPH, SPEED_SOURCE

__all__ = ["CLASS_SPEEDS_MPH", "SPEED_SOURCE", "RoadEdges", "RoadNetwork", "RoadSettings"]
