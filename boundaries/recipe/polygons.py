"""One polygon for each district of 2011, and what is put together from them: authorities of any vintage and tier."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Voronoi, cKDTree

from rcp_geo.polygons import canonical, union

from .register import Register

__all__ = ["VINTAGES", "country_polygons", "district_polygons", "land_borders", "regroup"]

# Vintage: first and last day in force.
VINTAGES: dict[str, tuple[str, str | None]] = {
    "2019": ("2019-04-01", "2020-03-31"),
    "2020": ("2020-04-01", "2021-03-31"),
    "2021": ("2021-04-01", "2023-03-31"),
    "2023": ("2023-04-01", "2025-03-31"),
    "2025": ("2025-04-01", None),
}

_GRID_M = 1.0
_FAR_AWAY_M = 2_000_000
_SLIVER_M2 = 10.0
_SPECK_M2 = 10_000.0
_UNINHABITED_M2 = 1_000_000.0
_WALES_WITHIN_M, _WALES_LENGTH_M = 100.0, 1_000.0
_SCOTLAND_WITHIN_M = 2_000.0
# The outline of Wales is only asked whether a point outside England is in Wales.
_WALES_SIMPLIFIED_M = 50.0
_SCOTLAND_CELL_M, _SCOTLAND_REACH_M = 1_000.0, 5_000.0


def district_polygons(
    lsoas: pd.DataFrame, lsoa_district: pd.Series, outline: shapely.Geometry, points: pd.DataFrame
) -> pd.Series:
    """Return the polygon of every district of 2011.

    Parameters
    ----------
    lsoas
        LSOAs with ``geometry`` on the National Grid.
    lsoa_district
        District of 2011 of each LSOA, in the same order; null for one to be cut between its postcodes.
    outline
        England.
    points
        England's postcodes: ``easting``, ``northing`` and ``atom``, the district of 2011 they are in.

    Returns
    -------
    pandas.Series
        Polygons and multipolygons by code, sorted; a valid coverage of the outline.
    """
    geometry = np.asarray(lsoas["geometry"], dtype=object)
    codes = sorted(set(lsoa_district.dropna()))
    dissolved = np.array(
        [shapely.union_all(geometry[(lsoa_district == code).to_numpy()], grid_size=_GRID_M) for code in codes]
    )
    uncovered = shapely.difference(outline, shapely.union_all(dissolved, grid_size=_GRID_M), grid_size=_GRID_M)
    sites = _one_per_place(points)

    lines = [shapely.boundary(outline), *_lines_within(dissolved, outline), *_voronoi_edges(sites, uncovered)]
    noded = shapely.union_all(lines, grid_size=_GRID_M)
    faces = np.asarray(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))), dtype=object)
    inside = shapely.point_on_surface(faces)
    shapely.prepare(outline)
    # Snapping leaves faces of a few square metres that are neither inside nor outside.
    kept = shapely.intersects(outline, inside) | (shapely.area(faces) < _SLIVER_M2)
    faces, inside = faces[kept], inside[kept]

    owner = _owners(inside, dissolved, codes, sites)
    parts, owner = _dissolve(faces, owner, codes)
    parts, owner = _dissolve(parts, _without_specks(parts, owner, sites), codes)
    parts, owner = parts[shapely.area(parts) >= _SLIVER_M2], owner[shapely.area(parts) >= _SLIVER_M2]
    polygons = [canonical(shapely.multipolygons(parts[owner == code])) for code in codes]
    return pd.Series(polygons, index=codes, dtype=object)


def _dissolve(faces: np.ndarray, owner: np.ndarray, codes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the connected parts of each authority and whose they are."""
    whole = np.array([shapely.union_all(faces[owner == code]) for code in codes])
    parts, index = shapely.get_parts(whole, return_index=True)
    return parts, np.array(codes, dtype=object)[index]


def _without_specks(parts: np.ndarray, owner: np.ndarray, sites: pd.DataFrame) -> np.ndarray:
    """Return the owner of each part, crumbs going to the larger part they share most boundary with.

    LSOA lines are coarser than the outline, which follows tidal rivers: where a line wanders over the water it leaves
    crumbs of one district on the other's bank. A crumb is a part under a hectare, or one under a square kilometre in which no
    postcode of its district lies. Islands touch nothing and stay.
    """
    area = shapely.area(parts)
    places = shapely.points(sites[["easting", "northing"]].to_numpy(dtype=np.float64))
    at_part, at_site = shapely.STRtree(places).query(parts, predicate="intersects")
    at_home = owner[at_part] == sites["atom"].to_numpy(dtype=object)[at_site]
    inhabited = np.isin(np.arange(len(parts)), at_part[at_home])
    crumb = (area < _SPECK_M2) | (~inhabited & (area < _UNINHABITED_M2))
    small, large = np.flatnonzero(crumb), np.flatnonzero(~crumb)
    at_small, at_large = shapely.STRtree(parts[large]).query(parts[small], predicate="intersects")
    pairs = pd.DataFrame({"part": small[at_small], "neighbour": large[at_large]})
    edges = [shapely.boundary(parts[pairs[side].to_numpy()]) for side in ("part", "neighbour")]
    pairs["shared"] = shapely.length(shapely.intersection(*edges))
    pairs = pairs[pairs["shared"] > 0].sort_values(["part", "shared", "neighbour"], ascending=[True, False, True])
    pairs = pairs.drop_duplicates("part")
    owner = owner.copy()
    owner[pairs["part"].to_numpy()] = owner[pairs["neighbour"].to_numpy()]
    return owner


def _one_per_place(points: pd.DataFrame) -> pd.DataFrame:
    """Keep one authority where postcodes share a place: the commonest there, the smallest code of equals."""
    counted = points.groupby(["easting", "northing", "atom"], sort=True).size().rename("n").reset_index()
    counted = counted.sort_values(["easting", "northing", "n", "atom"], ascending=[True, True, False, True])
    return counted.drop_duplicates(["easting", "northing"], ignore_index=True)


def _lines_within(dissolved: np.ndarray, outline: shapely.Geometry) -> list[shapely.Geometry]:
    clipped = shapely.intersection(shapely.boundary(dissolved), outline, grid_size=_GRID_M)
    return [part for part in shapely.get_parts(clipped) if shapely.get_type_id(part) == 1]


def _voronoi_edges(sites: pd.DataFrame, uncovered: shapely.Geometry) -> list[shapely.Geometry]:
    """Return the parts within ``uncovered`` of the Voronoi edges between places of different authorities."""
    far = _FAR_AWAY_M
    # Four places far out at sea, so that every edge that matters is a finite one.
    frame = np.array([[-far, -far], [-far, far], [far, -far], [far, far]], dtype=np.float64)
    xy = np.vstack([sites[["easting", "northing"]].to_numpy(dtype=np.float64), frame])
    label = np.append(pd.factorize(sites["atom"])[0], [-1, -1, -1, -1])
    diagram = Voronoi(xy)
    ends = np.asarray(diagram.ridge_vertices)
    sides = label[diagram.ridge_points]
    wanted = (sides[:, 0] != sides[:, 1]) & (sides >= 0).all(axis=1) & (ends >= 0).all(axis=1)
    edges = shapely.linestrings(diagram.vertices[ends[wanted]])

    pieces = shapely.get_parts(uncovered)
    at_piece, at_edge = shapely.STRtree(edges).query(pieces, predicate="intersects")
    cut = shapely.intersection(edges[at_edge], pieces[at_piece])
    cut = shapely.get_parts(cut)
    return list(cut[shapely.get_type_id(cut) == 1])


def _owners(inside: np.ndarray, dissolved: np.ndarray, codes: list[str], sites: pd.DataFrame) -> np.ndarray:
    """Return the authority of each face: whose LSOAs hold a point of it, or else whose postcode is nearest."""
    owner = np.full(len(inside), "", dtype=object)
    at_face, at_code = shapely.STRtree(dissolved).query(inside, predicate="intersects")
    for face, code in sorted(zip(at_face.tolist(), at_code.tolist(), strict=True), reverse=True):
        owner[face] = codes[code]
    left = owner == ""
    tree = cKDTree(sites[["easting", "northing"]].to_numpy(dtype=np.float64))
    nearest = tree.query(shapely.get_coordinates(inside[left]))[1]
    owner[left] = sites["atom"].to_numpy()[nearest]
    return owner


def regroup(polygons: pd.Series, register: Register, vintage: str, level: str = "upper") -> pd.DataFrame:
    """Return the authorities of one tier and vintage: districts of 2011 put together as they were then."""
    then = register.of_atoms(VINTAGES[vintage][0], level)
    owner = np.array([then[atom] for atom in polygons.index], dtype=object)
    table = register.authorities.set_index("authority_code")
    rows = []
    for code in register.in_force(VINTAGES[vintage][0], level):
        about = table.loc[code]
        geometry = union(polygons.to_numpy()[owner == code])
        rows.append((code, about["authority_name"], about["region_code"], about["region_name"], geometry))
    return pd.DataFrame(rows, columns=["authority_code", "authority_name", "region_code", "region_name", "geometry"])


def country_polygons(england: shapely.Geometry, wales: shapely.Geometry, scottish: pd.DataFrame) -> pd.DataFrame:
    """Return where Wales and Scotland are, none of it in England.

    Wales by its outline. Of Scotland there is no outline here: it is what lies within some 5 km of a Scottish postcode, in
    squares.
    """
    outline = shapely.simplify(wales, _WALES_SIMPLIFIED_M)
    cells = (scottish[["easting", "northing"]] // _SCOTLAND_CELL_M).drop_duplicates().to_numpy(dtype=np.float64)
    low, high = cells * _SCOTLAND_CELL_M - _SCOTLAND_REACH_M, (cells + 1) * _SCOTLAND_CELL_M + _SCOTLAND_REACH_M
    squares = shapely.union_all(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))
    both = {"Scotland": squares, "Wales": outline}
    made = [canonical(shapely.difference(shape, england, grid_size=_GRID_M)) for _, shape in sorted(both.items())]
    return pd.DataFrame({"country": sorted(both), "geometry": made})


def land_borders(polygons: pd.Series, wales: shapely.Geometry, scottish: pd.DataFrame) -> dict[str, str]:
    """Return the districts of 2011 that share a land border with Wales or Scotland.

    With Wales: at least 1 km of the authority's boundary lies within 100 m of the outline of Wales.
    With Scotland, of which there is no outline here: a Scottish postcode lies within 2 km of the authority.
    """
    near_wales = shapely.buffer(wales, _WALES_WITHIN_M)
    shared = shapely.length(shapely.intersection(shapely.boundary(polygons.to_numpy()), near_wales))
    border = {code: "Wales" for code, length in zip(polygons.index, shared, strict=True) if length >= _WALES_LENGTH_M}
    points = shapely.points(scottish[["easting", "northing"]].to_numpy(dtype=np.float64))
    near = shapely.STRtree(points).query(polygons.to_numpy(), predicate="dwithin", distance=_SCOTLAND_WITHIN_M)[0]
    border.update({polygons.index[position]: "Scotland" for position in sorted(set(near.tolist()))})
    return border
