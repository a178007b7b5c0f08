"""Where to put the next services, and what one more or one fewer would change."""

from rcp_geo.planning.changing import WhatIf, what_if
from rcp_geo.planning.result import Plan
from rcp_geo.planning.siting import candidate_sites
from rcp_geo.planning.solving import plan

__all__ = ["Plan", "WhatIf", "candidate_sites", "plan", "what_if"]
