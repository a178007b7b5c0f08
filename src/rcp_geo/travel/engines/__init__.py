"""Routing engines that run inside the process, over a road map that the user brings."""

from rcp_geo.travel.engines.osrm import OSRM
from rcp_geo.travel.engines.valhalla import Valhalla

__all__ = ["OSRM", "Valhalla"]
