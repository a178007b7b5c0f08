"""How well polygons agree with the authority that each postcode is recorded in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rcp_geo.grid import PolygonGrid

__all__ = ["postcode_accuracy"]


def postcode_accuracy(table: pd.DataFrame, postcodes: pd.DataFrame, own: dict[str, str]) -> dict[str, Any]:
    """Return the share of England's postcodes that lie in the polygon of the authority that they are recorded in.

    Parameters
    ----------
    table
        ``authority_code`` and ``geometry``, in the order of the codes; a point on a border counts for the smaller.
    postcodes
        ``easting``, ``northing``, ``district_code``.
    own
        Authority of each district of today; postcodes of others are left out.
    """
    recorded = postcodes["district_code"].map(own)
    there = recorded.notna().to_numpy()
    xy = postcodes.loc[there, ["easting", "northing"]].to_numpy(dtype=np.float64)
    found = PolygonGrid(np.asarray(table["geometry"], dtype=object)).holders_of(xy[:, 0], xy[:, 1]).polygon
    codes = np.append(table["authority_code"].to_numpy(dtype=object), "")[found]
    right = pd.Series(codes == recorded[there].to_numpy())
    by_authority = right.groupby(recorded[there].to_numpy()).mean()
    return {
        "postcodes": int(there.sum()),
        "in_own_authority": round(float(right.mean()), 5),
        "in_none": round(float((codes == "").mean()), 5),
        "lowest_authority": str(by_authority.idxmin()),
        "lowest_share": round(float(by_authority.min()), 5),
    }
