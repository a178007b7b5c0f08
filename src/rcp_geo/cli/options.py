"""What commands take: words to choose from, and options that several share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "Area",
    "AsOf",
    "Components",
    "Format",
    "GroupBy",
    "Impedance",
    "Lengths",
    "Out",
    "Overwrite",
    "Profile",
    "Shown",
    "Tables",
]


class Format(StrEnum):
    """How an answer is printed."""

    table = "table"
    csv = "csv"
    json = "json"


class Impedance(StrEnum):
    """What journeys along roads cost."""

    length = "length"
    time = "time"


class Components(StrEnum):
    """Which parts of a network are kept."""

    all = "all"
    largest = "largest"
    strong = "strong"


class Lengths(StrEnum):
    """Where the lengths of roads come from."""

    given = "given"
    fill = "fill"
    geometry = "geometry"


class Profile(StrEnum):
    """Who travels on a network."""

    drive = "drive"
    walk = "walk"


class Area(StrEnum):
    """What an answer has a row for."""

    authority = "authority"
    district = "district"
    region = "region"


AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Date of the answers, YYYY-MM-DD.", show_default="2022-11-01"),
]
GroupBy = Annotated[
    str,
    typer.Option(
        "--group-by",
        metavar="COLUMN",
        help="Column of services to group by: family, stage, provider_type, one of your own.",
    ),
]
Tables = Annotated[
    Path | None,
    typer.Option("--directory", metavar="SOURCE", help="Your own services in any format, in place of ours."),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Save every table, map and provenance here.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier result in the --out folder.")]
Shown = Annotated[
    Format | None,
    typer.Option("--format", help="How to print the answer.", show_default="table on a terminal, csv in a pipe"),
]
