"""Run the recipe: ``python -m recipe WHEELS DIRECTORY OUT``, in the pinned environment (``build.py`` sees to it)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd

from rcp_geo.polygons import union

from .accuracy import postcode_accuracy
from .demand import atoms_of_postcodes, demand_points, lsoa_districts, lsoa_of_postcodes
from .manifest import build_manifest
from .polygons import VINTAGES, country_polygons, district_polygons, land_borders, regroup
from .register import Register, build_register, read_changes, read_crossings
from .sites import site_points
from .sources import Wheels
from .write import write_csv, write_demand, write_geoparquet

LATEST = "2025-04-01"


def main(wheels: Path, directory: Path, out: Path) -> None:
    """Make every file, and the manifest last."""
    read = Wheels(wheels)
    changes = read_changes()
    register = build_register(read.districts_2021(), changes)
    _say(f"register: {len(register.authorities)} codes, {len(register.atom_names)} districts of 2011")

    everywhere = read.postcodes()
    postcodes = everywhere[everywhere["district_code"].str.startswith("E")].reset_index(drop=True)
    lsoas = read.lsoas()
    row = lsoa_of_postcodes(lsoas, postcodes)
    demand = demand_points(lsoas, postcodes, row, register)
    _say(f"demand: {len(demand)} points, {len(lsoas) - len(set(row[row >= 0]))} of them without a postcode")

    lower = register.of_atoms(LATEST, "lower")
    # An LSOA of 2011 nests in its district of 2011 by construction. Where most of its postcodes say otherwise (a mail
    # centre just over a generalised line), neither is right for the whole of it, and it is cut between postcodes.
    atoms = demand["district_code"]
    torn = lsoa_districts(lsoas, postcodes, row, atoms.map(lower)) != atoms.map(lower)
    _say(f"polygons: {int(torn.sum())} LSOAs cut between postcodes: {', '.join(lsoas.loc[torn, 'lsoa_name'])}")
    points = postcodes[["easting", "northing"]].assign(atom=atoms_of_postcodes(postcodes, row, demand, lower))
    polygons = district_polygons(lsoas, atoms.where(~torn), read.outline("England"), points)
    names = [register.atom_names[atom] for atom in polygons.index]
    districts = pd.DataFrame({"district_code": polygons.index, "district_name": names, "geometry": polygons.to_numpy()})
    write_geoparquet(districts, out / "districts_2011.parquet")
    england = union(polygons.to_numpy())
    accuracy: dict[str, dict[str, Any]] = {"upper": {}, "lower": {}}
    for vintage, (first_day, _) in VINTAGES.items():
        for level, measured in accuracy.items():
            table = regroup(polygons, register, vintage, level)
            measured[vintage] = postcode_accuracy(table, postcodes, register.holders(first_day, level))
            _say(f"{vintage}, {level}: {len(table)} authorities")
            # The lower tier is put together when it is asked for: its borders are those of the districts of 2011.
            if level == "upper":
                write_geoparquet(table, out / f"upper_{vintage}.parquet")

    scottish = everywhere[everywhere["district_code"].str.startswith("S")]
    borders = land_borders(polygons, read.outline("Wales"), scottish)
    write_geoparquet(country_polygons(england, read.outline("Wales"), scottish), out / "countries.parquet")
    write_demand(demand, out / "demand.parquet")
    write_csv(_authorities(register, borders), out / "authorities.csv")
    members = [(code, atom) for code, atoms in register.members.items() for atom in atoms]
    write_csv(pd.DataFrame(sorted(members), columns=["authority_code", "district_code"]), out / "members.csv")
    write_csv(changes, out / "changes.csv")
    write_csv(read_crossings(register), out / "crossings.csv")
    write_csv(site_points(directory, everywhere, demand, register), out / "site_points.csv")
    (out / "manifest.json").write_bytes(build_manifest(out, directory, accuracy).encode())


def _authorities(register: Register, borders: dict[str, str]) -> pd.DataFrame:
    """Add the land border, which an authority has if one of its districts of 2011 has it."""
    table = register.authorities.copy()
    countries = [
        {borders[atom] for atom in register.members[code] if atom in borders} for code in table["authority_code"]
    ]
    table["land_border"] = [";".join(sorted(found)) for found in countries]
    return table


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
