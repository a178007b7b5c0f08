"""``rcp-geo``: the library from a shell.

Answers go to standard output, everything else to standard error. Exit codes: 0 done, 1 the input cannot be used, 2 the
command line is wrong.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rcp_geo.errors import InputWarning, RcpGeoError

if TYPE_CHECKING:
    import pandas as pd

    from rcp_geo.assessment import Assessment
    from rcp_geo.directory import Directory
    from rcp_geo.travel import RoadNetwork, RoadSettings

__all__ = ["app", "main"]

app = typer.Typer(
    name="rcp-geo",
    help="Which English authorities have a Pause, an FDAC or a local service for parents in recurrent care proceedings.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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


class Area(StrEnum):
    """What an answer has a row for."""

    authority = "authority"
    district = "district"
    region = "region"


AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Date of the answers, YYYY-MM-DD.", show_default="2022-11-01"),
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
    format_: Shown = None,
) -> None:
    """Answer for every authority: which services are there, and how far is the nearest."""
    from rcp_geo.travel import Geodesic, TravelModel

    if network is None and impedance is not None:
        raise typer.BadParameter("--impedance is of roads; give --network too")
    with _progress("Assessing"):
        from rcp_geo.assessment import assess as run

        model: TravelModel = Geodesic() if network is None else _network(network, impedance)
        limits = _cutoffs(model.unit, cutoff, cutoff_minutes)
        answer = run(_directory(directory, as_of), as_of=as_of, model=model, cutoffs=limits)
        if out is not None:
            answer.save(out, overwrite=overwrite)
    if by is Area.region:
        rows = answer.by_region()
        _show(rows, format_, lambda: _print_table(_counts(rows), f"Answers on {answer.as_of}, region by region"))
    else:
        table = answer.by_district() if by is Area.district else answer.table()
        _show(table.reset_index(), format_, lambda: _print_assessment(answer, table))
    if out is not None:
        _say(f"Saved to {out}")


@app.command()
def gaps(
    as_of: AsOf = None,
    directory: Tables = None,
    family: Annotated[
        str,
        typer.Option("--family", metavar="FAMILY", help="pause, fdac, local, or any for authorities with none at all."),
    ] = "any",
    certain: Annotated[bool, typer.Option("--certain", help="Leave out authorities of which it is not known.")] = False,
    format_: Shown = None,
) -> None:
    """List the authorities with no service recorded."""
    from rcp_geo._gaps import as_date, list_gaps
    from rcp_geo._gaps import gaps as run
    from rcp_geo.boundaries import load_boundaries
    from rcp_geo.directory import load_directory

    with _progress("Listing"):
        services = _directory(directory, as_of) or load_directory()
        day = as_date(services, as_of)
        rows = list_gaps(run(services, load_boundaries(day), day), family, certain=certain)

    def printed() -> None:
        _print_table(rows.reset_index(), f"No service recorded, {family}, {day}: {len(rows)} authorities")
        _say("none_recorded: the directory holds nothing. unknown: a service may be running; it is not evidenced.")

    _show(rows.reset_index(), format_, printed)


@app.command()
def locate(
    points: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="CSV with longitude and latitude, easting and northing, or postcode; - for standard input.",
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

    with _progress("Locating"):
        if points is None:
            rows = pd.DataFrame({"postcode": postcode})
        else:
            rows = read_csv(sys.stdin if str(points) == "-" else points)
        answer = locate_rows(rows, load_boundaries(as_of or REFERENCE_DATE))
    _show(answer, format_, lambda: _print_table(answer, f"{len(answer)} points"))


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

    with _progress("Checking"), warnings.catch_warnings():
        # What would be warned about is printed whole.
        warnings.simplefilter("ignore", InputWarning)
        directory = read_directory(source, as_of=as_of, family=family, layer=layer)
    found = directory.findings

    def printed() -> None:
        for finding in directory.noticed:
            typer.echo(f"{finding.severity}: {finding}")

    _show(found, format_, printed)
    wrong = int((found["severity"] == "error").sum())
    _say(f"{directory!r}: {wrong} errors, {int((found['severity'] == 'warning').sum())} warnings")
    if wrong:
        raise typer.Exit(1)


networks = typer.Typer(
    help="Road networks: build one from a file that you have, look at it, then assess with it.", no_args_is_help=True
)
app.add_typer(networks, name="network")


@networks.command("build")
def network_build(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN", help="OS Open Roads, a graph of OSMnx, an OpenStreetMap extract, or a layer of lines."
        ),
    ],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The network to write, such as roads.arrow.")],
    impedance: Annotated[Impedance, typer.Option("--impedance", help="What journeys cost.")] = Impedance.length,
    components: Annotated[
        Components, typer.Option("--components", help="Keep all roads, or the largest part that hangs together.")
    ] = Components.all,
    lengths: Annotated[
        Lengths, typer.Option("--lengths", help="Take lengths as given, measure those missing, or measure all.")
    ] = Lengths.given,
    max_snap_m: Annotated[
        float | None,
        typer.Option(
            "--max-snap-m", metavar="METRES", help="Farthest from a road that a place may be.", show_default="1000"
        ),
    ] = None,
    layer: Annotated[str | None, typer.Option("--layer", help="Layer to read.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier file.")] = False,
) -> None:
    """Build a network from a file and keep it in one that opens in moments."""
    from rcp_geo.io.networks import read_network

    with _progress("Building"):
        settings: RoadSettings = {
            "impedance": impedance.value,
            "components": components.value,
            "lengths": lengths.value,
        }
        if max_snap_m is not None:
            settings["max_snap_m"] = max_snap_m
        made = read_network(source, layer=layer, **settings)
        made.save(target, overwrite=overwrite)
    for finding in made.findings:
        _say(f"{finding.severity}: {finding}")
    _say(f"{made!r} saved to {target}")


@networks.command("info")
def network_info(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A network, built or in any format that can be.")],
    format_: Shown = None,
) -> None:
    """Say what a network is made of: counts, lengths by class of road, components, findings."""
    import pandas as pd

    from rcp_geo.io.networks import read_network

    with _progress("Reading"):
        network = read_network(source)
        rows = pd.DataFrame(_flat(network.info()), columns=["figure", "value"])
    _show(rows, format_, lambda: _print_table(rows, f"{network!r}"))


def _flat(info: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Return nested figures as rows of a name and a value."""
    for name, value in info.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            yield from ((f"{prefix}{name}", str(one)) for one in value)
        else:
            yield f"{prefix}{name}", str(round(value, 4) if isinstance(value, float) else value)


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
        if miles or not minutes:
            raise typer.BadParameter("this network counts time; give --cutoff-minutes, not --cutoff")
        return [m * 60 for m in minutes]
    if minutes:
        raise typer.BadParameter("distances are counted; give --cutoff in miles, or a --network with --impedance time")
    return [c * METRES_PER_MILE for c in miles] if miles else MILES_5_10_20


def _directory(source: Path | None, as_of: str | None) -> Directory | None:
    from rcp_geo.io.reading import read_directory

    if source is None:
        return None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InputWarning)
        directory = read_directory(source, as_of=as_of)
    for warning in caught:
        _say(f"warning: {warning.message}")
    return directory


def _say(text: str) -> None:
    typer.echo(text, err=True)


@contextmanager
def _progress(what: str) -> Iterator[None]:
    """Show that work is going on, where someone is there to see it."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what} ..."):
        yield


def _show(frame: pd.DataFrame, format_: Format | None, printed: Callable[[], None]) -> None:
    chosen = format_ or (Format.table if sys.stdout.isatty() else Format.csv)
    if chosen is Format.table:
        printed()
    elif chosen is Format.csv:
        from rcp_geo.io.bundle import to_csv_text

        typer.echo(to_csv_text(frame), nl=False)
    else:
        typer.echo(frame.to_json(orient="records", indent=2, force_ascii=False))


def _print_table(frame: pd.DataFrame, title: str) -> None:
    import pandas as pd
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), title_justify="left")
    for column in frame.columns:
        number = frame[column].dtype.kind in "if"
        table.add_column(str(column).replace("_", " "), justify="right" if number else "left", overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*("" if pd.isna(v) else escape(str(v)) for v in row))
    Console().print(table)


# A sign beside each word, so that a terminal without colour loses nothing.
_MARK = {
    "served": "● served",
    "part": "◐ part",
    "unknown": "? unknown",
    "in_development": "○ planned",
    "none_recorded": "– none",
}
# Columns that a terminal must have for all the distances beside the answers.
_WIDE = 130


def _print_assessment(answer: Assessment, full: pd.DataFrame) -> None:
    import pandas as pd
    from rich.console import Console

    from rcp_geo.travel import METRES_PER_MILE, Geodesic

    shown = full[["authority_name"]].rename(columns={"authority_name": "authority"})
    for group in answer.groups:
        shown[group] = full[group].map(_MARK)
    timed = answer.model.unit == "s"
    column, per, word = ("duration_s", 60, "minutes") if timed else ("distance_m", METRES_PER_MILE, "miles")
    for group in answer.groups if Console().width >= _WIDE else answer.groups[-1:]:
        costs = full[f"{group}_mean_{column}"] / per
        shown[f"{group} {word}"] = ["" if pd.isna(c) else f"{c:.1f}" for c in costs]
    how = f"straight-line {word}" if isinstance(answer.model, Geodesic) else f"{word} ({answer.model.model_id})"
    title = f"Services on {answer.as_of}; mean {how} to the nearest operating one"
    _print_table(shown.reset_index(drop=True), title)
    _print_table(
        _counts(answer.summary), f"How many of {len(answer.gaps)} authorities, and what was printed nationally"
    )
    _say(answer.sentence())
    for row in answer.findings.itertuples():
        _say(f"{row.severity}: {row.code}: {row.message}; {row.remedy}")


def _counts(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the summary in few and narrow columns."""
    import pandas as pd

    rows = summary if "group" in summary.columns else summary.reset_index()
    short = {"group": "family", "in_development": "planned", "none_recorded": "none"}
    kept = rows[["group", "served", "part", "unknown", "in_development", "none_recorded"]].rename(columns=short)
    kept["gap"] = [f"{a}" if a == b else f"{a} to {b}" for a, b in zip(rows["gap_min"], rows["gap_max"], strict=True)]
    if "area_name" in rows.columns:
        of = [f"{name} ({n})" for name, n in zip(rows["area_name"], rows["authorities"], strict=True)]
        kept.insert(0, "region", of)
        return kept
    printed = zip(rows["published"], rows["published_unit"], rows["published_date"], strict=True)
    kept["printed"] = ["" if pd.isna(n) else f"{n} {unit} ({date})" for n, unit, date in printed]
    return kept


def main() -> None:
    """Run the command line; print an error in one line instead of a traceback."""
    try:
        app()
    except RcpGeoError as error:
        for line in str(error).splitlines():
            typer.echo(f"rcp-geo: error: {line}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # The reader has closed the pipe, as head does: nothing is left to say to it.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        where, reason = error.filename or "standard output", (error.strerror or str(error)).lower()
        typer.echo(f"rcp-geo: error: {where}: cannot be read or written ({reason}); choose another place", err=True)
        # What could not be written would be tried again on the way out.
        with suppress(OSError):
            sys.stdout.close()
        sys.exit(1)


if __name__ == "__main__":
    main()
