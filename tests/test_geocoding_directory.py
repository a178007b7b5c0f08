"""Every postcode district of the embedded directory is found, where its site is."""

from __future__ import annotations

import numpy as np
from pyproj import Geod

import rcp_geo as rg

GEOD = Geod(ellps="WGS84")


def test_every_postcode_district_of_the_directory_geocodes(directory: rg.Directory) -> None:
    sites = directory.sites[directory.sites["postcode_district"] != ""]
    assert len(sites) > 50
    found = rg.geocode(sites["postcode_district"])
    assert set(found["status"]) == {"found"}
    assert set(found["precision"]) <= {"district", "sector", "unit"}
    assert found["postcode"].tolist() == sites["postcode_district"].str.upper().tolist()
    metres = GEOD.inv(found.geometry.x, found.geometry.y, sites.geometry.x, sites.geometry.y)[2]
    assert np.max(metres) < 5
