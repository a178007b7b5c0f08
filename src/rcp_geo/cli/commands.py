"""The commands, one function each."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rcp_geo.cli.changes import compare
from rcp_geo.cli.deserts import deserts
from rcp_geo.cli.networks import networks
from rcp_geo.cli.options import Area, AsOf, Format, GroupBy, Impedance, Out, Overwrite, Shown, Tables
from rcp_geo.cli.planning import plan
from rcp_geo.cli.printing import chosen_format, counts, print_assessment, print_table, progress, say, say_findings, show
from rcp_geo.cli.sources import directory_of
from rcp_geo.errors import InputWarning

if TYPE_CHECKING:
    from rcp_geo.travel import RoadNetwork

__all__ = ["app"]

app = typer.Typer(
    name="rcp-geo",
    help="Which English authorities have a Pause, an FDAC or a local service for parents in recurrent care proceedings.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def assess(
    as_of: AsOf = None,
    directory: Tables = None,
    cutoff: Annotated[
        list[float] | None,
        typer.Option(
            "--cutoff",
            metavar="MILES",
            help="Distance within which to count people; repeatable.",
            show_default="5 10 20",
        ),
    ] = None,
    network: Annotated[
        Path | None,
        typer.Option(
            "--network", metavar="FILE", help="Roads to travel on, in place of straight lines; see network build."
        ),
    ] = None,
    impedance: Annotated[
        Impedance | None, typer.Option("--impedance", help="What roads cost.", show_default="as the network was built")
    ] = None,
    cutoff_minutes: Annotated[
        list[float] | None,
        typer.Option(
            "--cutoff-minutes", metavar="MINUTES", help="The same in minutes, where time is counted; repeatable."
        ),
    ] = None,
    out: Out = None,
    overwrite: Overwrite = False,
    by: Annotated[Area, typer.Option("--by", help="What to print a row for.")] = Area.authority,
    group_by: GroupBy = "family",
    format_: Shown = None,
) -> None:
    """Answer for every authority: which services are there, and how far is the nearest."""
    from rcp_geo.travel import Geodesic, TravelModel

    if network is None and impedance is not None:
        raise typer.BadParameter("--impedance is of roads; give --network too")
    with progress("Assessing"):
        from rcp_geo.assessing import assess as run

        model: TravelModel = Geodesic() if network is None else _network(network, impedance)
        limits = _cutoffs(model.unit, cutoff, cutoff_minutes)
        answer = run(directory_of(directory, as_of), as_of=as_of, model=model, cutoffs=limits, by=group_by)
        if out is not None:
            answer.save(out, overwrite=overwrite)
    if by is Area.region:
        rows = answer.by_region()
        show(rows, format_, lambda: print_table(counts(rows, group_by), f"Answers on {answer.as_of}, region by region"))
    else:
        table = answer.by_district() if by is Area.district else answer.table()
        show(table.reset_index(), format_, lambda: print_assessment(answer, table))
    say_findings(answer.findings, every=by is not Area.region and chosen_format(format_) is Format.table)
    if out is not None:
        say(f"Saved to {out}")


@app.command()
def gaps(
    as_of: AsOf = None,
    directory: Tables = None,
    family: Annotated[
        str,
        typer.Option(
            "--family",
            "--group",
            metavar="GROUP",
            help="pause, fdac, local, another group of --group-by, or any for authorities with none at all.",
        ),
    ] = "any",
    group_by: GroupBy = "family",
    certain: Annotated[bool, typer.Option("--certain", help="Leave out authorities of which it is not known.")] = False,
    format_: Shown = None,
) -> None:
    """List the authorities with no service recorded."""
    from rcp_geo._gaps import as_date, list_gaps
    from rcp_geo._gaps import gaps as run
    from rcp_geo.boundaries import load_boundaries
    from rcp_geo.directory import load_directory

    with progress("Listing"):
        services = directory_of(directory, as_of) or load_directory()
        day = as_date(services, as_of)
        rows = list_gaps(run(services, load_boundaries(day), day, by=group_by), family, certain=certain)

    def printed() -> None:
        print_table(rows.reset_index(), f"No service recorded, {family}, {day}: {len(rows)} authorities")
        say("none_recorded: the directory holds nothing. unknown: a service may be running; it is not evidenced.")

    show(rows.reset_index(), format_, printed)


@app.command()
def locate(
    points: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="CSV with longitude and latitude, easting and northing, or postcode (as usually headed); - for standard input.",
            show_default=False,
        ),
    ] = None,
    postcode: Annotated[
        list[str] | None, typer.Option("--postcode", help="A postcode, sector or district; repeatable.")
    ] = None,
    as_of: AsOf = None,
    format_: Shown = None,
) -> None:
    """Find the authority that each point or postcode lies in."""
    from rcp_geo.boundaries import load_boundaries
    from rcp_geo.directory import REFERENCE_DATE
    from rcp_geo.io.csv import read_csv
    from rcp_geo.io.points import locate_rows

    if (points is None) == (not postcode):
        raise typer.BadParameter("give a FILE, or one --postcode or more")
    import pandas as pd

    with progress("Locating"):
        if points is None:
            rows = pd.DataFrame({"postcode": postcode})
        else:
            rows = read_csv(sys.stdin if str(points) == "-" else points)
        answer = locate_rows(rows, load_boundaries(as_of or REFERENCE_DATE))
    show(answer, format_, lambda: print_table(answer, f"{len(answer)} points"))


@app.command()
def check(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="A list of services in any format, or a folder of tables.")
    ],
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Date that the file stands for, YYYY-MM-DD.", show_default=False),
    ] = None,
    family: Annotated[str | None, typer.Option("--family", help="Family of the rows that state none.")] = None,
    layer: Annotated[str | None, typer.Option("--layer", help="Sheet or layer to read.")] = None,
    format_: Shown = None,
) -> None:
    """Say everything that is wrong or doubtful in a list of services; exit with 1 if anything is wrong."""
    from rcp_geo.io.reading import read_directory

    with progress("Checking"), warnings.catch_warnings():
        # What would be warned about is printed whole.
        warnings.simplefilter("ignore", InputWarning)
        directory = read_directory(source, as_of=as_of, family=family, layer=layer)
    found = directory.findings

    def printed() -> None:
        for finding in directory.noticed:
            typer.echo(f"{finding.severity}: {finding}")

    show(found, format_, printed)
    wrong = int((found["severity"] == "error").sum())
    say(f"{directory!r}: {wrong} errors, {int((found['severity'] == 'warning').sum())} warnings")
    if wrong:
        raise typer.Exit(1)


@app.command()
def verify(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A folder that assess --out or Assessment.save made.")
    ],
    network: Annotated[
        Path | None,
        typer.Option("--network", metavar="FILE", help="The roads that the answer was made with, if it was."),
    ] = None,
) -> None:
    """Say whether the figures in a saved folder still hold; exit with 1 if they do not."""
    with progress("Verifying"):
        from rcp_geo.io.saved import read_record
        from rcp_geo.verification import verify as run

        model = None
        if network is not None:
            made_with = read_record(folder).said["parameters"]["model"]
            known = [i for i in Impedance if i.value == made_with.get("impedance")]
            model = _network(network, known[0] if known else None)
        found = run(folder, model=model)
    typer.echo(str(found))
    if not found.holds:
        raise typer.Exit(1)


@app.command()
def version() -> None:
    """Print the version of the library, of its data and of what figures depend on."""
    from rcp_geo.authorities import vintage_at
    from rcp_geo.directory import REFERENCE_DATE
    from rcp_geo.postcodes import edition
    from rcp_geo.provenance import versions

    for name, value in versions().items():
        typer.echo(f"{name} {value}")
    typer.echo(f"postcodes {edition()}")
    typer.echo(f"directory reference date {REFERENCE_DATE}, latest boundaries {vintage_at('9999-12-31').label}")


def _network(path: Path, impedance: Impedance | None) -> RoadNetwork:
    from rcp_geo.io.networks import read_network

    return read_network(path) if impedance is None else read_network(path, impedance=impedance.value)


def _cutoffs(unit: str, miles: list[float] | None, minutes: list[float] | None) -> Sequence[float]:
    from rcp_geo.travel import METRES_PER_MILE, MILES_5_10_20

    if unit == "s":
        if miles:
            raise typer.BadParameter("this network counts time; give --cutoff-minutes, not --cutoff")
        if not minutes:
            raise typer.BadParameter("this network counts time; give --cutoff-minutes, such as 30")
        return [m * 60 for m in minutes]
    if minutes:
        raise typer.BadParameter("distances are counted; give --cutoff in miles, or a --network with --impedance time")
    return [c * METRES_PER_MILE for c in miles] if miles else MILES_5_10_20


app.command()(compare)
app.command()(deserts)
app.command()(plan)
app.add_typer(networks, name="network")
