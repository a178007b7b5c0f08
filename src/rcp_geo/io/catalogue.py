"""Official boundaries by edition: what each is called on the Open Geography Portal of the Office for National Statistics.

The portal has no rule for the names of its services: they were changed in 2022, and spell months and resolutions in several
ways. Only names that were found in a source are listed; any other service is fetched by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from rcp_geo.authorities import Level
from rcp_geo.errors import InputError

__all__ = ["LEVELS", "LICENCE", "PORTAL", "RESOLUTIONS", "Edition", "Resolution", "editions", "find_edition"]

Resolution = Literal["BUC", "BSC", "BGC", "BFC", "BFE"]

PORTAL = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services"
# https://www.ons.gov.uk/methodology/geography/licences
LICENCE = "Open Government Licence v3.0"
LEVELS: Mapping[Level, str] = {
    "upper": "counties and unitary authorities",
    "lower": "local authority districts",
}
# In the words of the portal's own descriptions, such as that of Regions_December_2015_GCB_in_England_2022/FeatureServer.
RESOLUTIONS: Mapping[Resolution, str] = {
    "BUC": "ultra generalised (500 m), clipped to the coastline",
    "BSC": "super generalised (200 m), clipped to the coastline",
    "BGC": "generalised (20 m), clipped to the coastline",
    "BFC": "full resolution, clipped to the coastline (mean high water)",
    "BFE": "full resolution, extent of the realm (as a rule to mean low water)",
}

# Where a name was found.
_SOURCES = {
    "page": "the service's own page in the portal's directory of services",
    "list": "wpatke/crossroads-uk, src/crossroads/reference/ons_boundaries.json at 91c573b, "
    "checked there against the answers of the portal",
    "code": "addresses in published code, by which others fetch it",
}

_TABLE = """
upper 2019-04 BGC Counties_and_Unitary_Authorities_April_2019_Generalised_Boundaries_UK_2022 list
upper 2019-12 BUC CTYUA_Dec_2019_UGCB_in_the_UK_2022 page
upper 2019-12 BGC Counties_and_Unitary_Authorities_December_2019_GCB_UK_2022 list
upper 2019-12 BFC Counties_and_Unitary_Authorities_December_2019_FCB_UK_2022 code
upper 2020-12 BGC Counties_and_Unitary_Authorities_December_2020_UK_BGC_2022 list
upper 2020-12 BFE CUA_Dec_2020_UK_BFE_2022 page
upper 2021-05 BGC Counties_and_Unitary_Authorities_May_2021_UK_BGC_2022 list
upper 2021-12 BGC Counties_and_Unitary_Authorities_December_2021_UK_BGC_2022 list
upper 2022-12 BUC Counties_and_Unitary_Authorities_December_2022_UK_BUC code
upper 2022-12 BGC Counties_and_Unitary_Authorities_December_2022_UK_BGC list
upper 2022-12 BFC Counties_and_Unitary_Authorities_December_2022_UK_BFC code
upper 2023-05 BGC Counties_and_Unitary_Authorities_May_2023_UK_BGC list
upper 2023-12 BUC Counties_and_Unitary_Authorities_December_2023_Boundaries_UK_BUC code
upper 2023-12 BGC Counties_and_Unitary_Authorities_December_2023_Boundaries_UK_BGC list
upper 2023-12 BFC Counties_and_Unitary_Authorities_December_2023_Boundaries_UK_BFC code
upper 2024-12 BUC Counties_and_Unitary_Authorities_December_2024_Boundaries_UK_BUC code
upper 2024-12 BSC Counties_and_Unitary_Authorities_December_2024_Boundaries_UK_BSC code
upper 2024-12 BGC Counties_and_Unitary_Authorities_December_2024_Boundaries_UK_BGC list
upper 2024-12 BFC Counties_and_Unitary_Authorities_December_2024_Boundaries_UK_BFC code
upper 2025-12 BUC Counties_and_Unitary_Authorities_December_2025_Boundaries_UK_BUC code
upper 2025-12 BSC Counties_and_Unitary_Authorities_December_2025_Boundaries_UK_BSC code
upper 2025-12 BGC Counties_and_Unitary_Authorities_December_2025_Boundaries_UK_BGC list
upper 2025-12 BFC Counties_and_Unitary_Authorities_December_2025_Boundaries_UK_BFC code
lower 2019-04 BGC Local_Authority_Districts_April_2019_UK_BGC_2022 list
lower 2019-12 BGC Local_Authority_Districts_December_2019_GCB_UK_2022 list
lower 2019-12 BFC LAD_Dec_2019_Boundaries_UK_BFC_2022 page
lower 2020-05 BFE LAD_May_2020_Boundaries_UK_BFE_2022 page
lower 2020-12 BGC LAD_DEC_2020_UK_BGC list
lower 2020-12 BFC LAD_Dec_2020_UK_BFC_2022 page
lower 2021-05 BGC Local_Authority_Districts_May_2021_UK_BGC_2022 page
lower 2021-05 BFC Local_Authority_Districts_May_2021_UK_BFC_2022 page
lower 2021-12 BUC Local_Authority_Districts_December_2021_UK_BUC_2022 code
lower 2021-12 BGC Local_Authority_Districts_December_2021_UK_BGC_2022 page
lower 2022-05 BGC Local_Authority_Districts_May_2022_UK_BGC_V3_2022 list
lower 2022-12 BUC Local_Authority_Districts_December_2022_Boundaries_UK_BUC code
lower 2022-12 BGC Local_Authority_Districts_December_2022_UK_BGC_V2 list
lower 2022-12 BFC Local_Authority_Districts_December_2022_UK_BFC_V2 code
lower 2023-05 BUC Local_Authority_Districts_May_2023_UK_BUC_V2 code
lower 2023-05 BGC Local_Authority_Districts_May_2023_UK_BGC_V2 list
lower 2023-05 BFC Local_Authority_Districts_May_2023_UK_BFC_V2 code
lower 2023-05 BFE Local_Authority_Districts_May_2023_UK_BFE_V2 code
lower 2023-12 BUC Local_Authority_Districts_December_2023_Boundaries_UK_BUC code
lower 2023-12 BSC Local_Authority_Districts_December_2023_Boundaries_UK_BSC code
lower 2023-12 BGC Local_Authority_Districts_December_2023_Boundaries_UK_BGC list
lower 2023-12 BFC Local_Authority_Districts_December_2023_Boundaries_UK_BFC code
lower 2024-05 BSC Local_Authority_Districts_May_2024_Boundaries_UK_BSC code
lower 2024-05 BGC Local_Authority_Districts_May_2024_Boundaries_UK_BGC list
lower 2024-05 BFC Local_Authority_Districts_May_2024_Boundaries_UK_BFC code
lower 2024-12 BUC Local_Authority_Districts_December_2024_Boundaries_UK_BUC code
lower 2024-12 BGC Local_Authority_Districts_December_2024_Boundaries_UK_BGC list
lower 2024-12 BFC Local_Authority_Districts_December_2024_Boundaries_UK_BFC code
lower 2025-05 BUC LAD_MAY_2025_UK_BUC code
lower 2025-05 BGC LAD_MAY_2025_UK_BGC_V2 list
lower 2025-12 BUC Local_Authority_Districts_DEC_2025_Boundaries_UK_BUC code
lower 2025-12 BSC Local_Authority_Districts_DEC_2025_Boundaries_UK_BSC code
lower 2025-12 BGC Local_Authority_Districts_DEC_2025_Boundaries_UK_BGC list
lower 2025-12 BFC Local_Authority_Districts_DEC_2025_Boundaries_UK_BFC code
"""


@dataclass(frozen=True, slots=True)
class Edition:
    """One layer of official boundaries.

    Attributes
    ----------
    level, vintage, resolution
        Tier of authorities, month that it is for (``2023-05``), and how far its lines are generalised.
    service
        Its name on the portal.
    source
        Where that name was found.
    licence
        Terms that the polygons are under.
    """

    level: str
    vintage: str
    resolution: str
    service: str
    source: str
    licence: str = LICENCE


@cache
def editions() -> tuple[Edition, ...]:
    """Return every edition whose name is known, in the order of tier and month."""
    rows = (line.split() for line in _TABLE.strip().splitlines())
    return tuple(Edition(level, month, kind, name, _SOURCES[found]) for level, month, kind, name, found in rows)


def find_edition(level: str, vintage: str, resolution: str) -> Edition:
    """Return the edition of a tier, a month and a resolution.

    Raises
    ------
    InputError
        If none is known; the message lists those of the tier.
    """
    for edition in editions():
        if (edition.level, edition.vintage, edition.resolution) == (level, vintage, resolution):
            return edition
    known: dict[str, list[str]] = {}
    for edition in editions():
        if edition.level == level:
            known.setdefault(edition.vintage, []).append(edition.resolution)
    listed = "; ".join(f"{month} {', '.join(kinds)}" for month, kinds in known.items())
    raise InputError(
        f"vintage: the name of {level}-tier boundaries {vintage} {resolution} on the portal is not known here; "
        f"known are {listed}; take one of these, or look up the name at geoportal.statistics.gov.uk and pass it as service"
    )
