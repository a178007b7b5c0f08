"""Which authorities are next to each other, by land and by the crossings of water that people use."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import shapely

from rcp_geo import resources
from rcp_geo.authorities import register
from rcp_geo.boundaries import require_boundaries
from rcp_geo.errors import InputError

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

    from rcp_geo.boundaries import Boundaries

__all__ = ["neighbours"]


def neighbours(boundaries: Boundaries, *, crossings: bool = True, tolerance_m: float = 0.0) -> nx.Graph:
    """Return the graph of the authorities that border each other.

    Parameters
    ----------
    boundaries
        Authorities of one vintage, either tier.
    crossings
        Join authorities on two sides of water by the bridges, tunnels and ferries between them, too. Tidal water is in no
        authority, so that across it there is no border.
    tolerance_m
        How far apart, in metres, two lines may be that are the same border. 0 fits polygons that share their points, as the
        embedded ones do.

    Returns
    -------
    networkx.Graph
        One node per authority in the order of the codes: the code, with ``name`` and ``region``. One edge per pair: ``border_m``
        (length of the border they share, in metres; 0 where only water lies between), ``crossings`` (tuple of names, may be
        empty) and ``kind``: ``border`` or ``crossing``. Two that touch in points alone are not neighbours (rook contiguity).

    Raises
    ------
    InputError
        If the tolerance is not a number of 0 or more.

    Notes
    -----
    Crossings are those of 2025 that carry the public between two English authorities over tidal water or the sea; seasonal boats
    are left out. ``boundaries/recipe/crossings.csv`` in the repository has the source of each.

    Examples
    --------
    >>> graph = neighbours(load_boundaries("2023-06-01"))
    >>> sorted(graph["E06000046"])
    ['E06000044', 'E06000045', 'E10000014']
    >>> graph.edges["E08000012", "E08000015"]["crossings"]
    ('Kingsway Tunnel', 'Mersey Ferry', 'Queensway Tunnel')
    """
    import networkx as nx

    require_boundaries(boundaries)
    if not (np.isfinite(tolerance_m) and tolerance_m >= 0):
        raise InputError(f"tolerance_m: {tolerance_m!r} is not a distance; give metres of 0 or more")
    frame = boundaries.frame
    codes = frame["authority_code"].tolist()
    graph = nx.Graph(vintage=boundaries.vintage.label, level=boundaries.level)
    for code, name, region in zip(codes, frame["authority_name"], frame["region_name"], strict=True):
        graph.add_node(code, name=name, region=region)
    named = _crossings_between(codes) if crossings else {}
    shared = _borders(frame.geometry.to_numpy(), tolerance_m)
    lengths = {(codes[i], codes[j]): length for (i, j), length in shared.items()}
    for one, other in sorted({*lengths, *named}):
        length = lengths.get((one, other), 0.0)
        kind = "border" if length else "crossing"
        graph.add_edge(one, other, border_m=length, crossings=named.get((one, other), ()), kind=kind)
    return graph


def _borders(polygons: NDArray[np.object_], tolerance_m: float) -> dict[tuple[int, int], float]:
    """Return the length of the border that each pair of polygons shares, where it is more than none."""
    tree = shapely.STRtree(polygons)
    predicate = {"predicate": "dwithin", "distance": tolerance_m} if tolerance_m else {"predicate": "intersects"}
    one, other = tree.query(polygons, **predicate)
    one, other = one[one < other], other[one < other]
    lines = shapely.boundary(polygons)
    theirs = shapely.buffer(polygons[other], tolerance_m) if tolerance_m else lines[other]
    length = shapely.length(shapely.intersection(lines[one], theirs))
    pairs = zip(one.tolist(), other.tolist(), length.tolist(), strict=True)
    return {(i, j): metres for i, j, metres in sorted(pairs) if metres > 0}


def _crossings_between(codes: list[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the names of the crossings between authorities, in order, by the pair of codes in order."""
    holder = register().district_to(codes)
    table = resources.read_csv("crossings")
    found = defaultdict(list)
    for name, a, b in zip(table["crossing"], table["district_a"], table["district_b"], strict=True):
        one, other = sorted((holder.get(a, ""), holder.get(b, "")))
        if one and one != other:
            found[one, other].append(name)
    return {pair: tuple(sorted(names)) for pair, names in found.items()}
