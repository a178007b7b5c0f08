"""``rcp-geo network``: road networks from files that a user has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rcp_geo.cli.options import Components, Impedance, Lengths, Profile, Shown
from rcp_geo.cli.printing import print_table, progress, say, show

if TYPE_CHECKING:
    from rcp_geo.travel import RoadSettings

__all__ = ["networks"]

networks = typer.Typer(
    help="Road networks: build one from a file that you have, look at it, then assess with it.", no_args_is_help=True
)


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
    profile: Annotated[
        Profile, typer.Option("--profile", help="Who travels, where the file is an OpenStreetMap extract.")
    ] = Profile.drive,
    layer: Annotated[str | None, typer.Option("--layer", help="Layer to read.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier file.")] = False,
) -> None:
    """Build a network from a file and keep it in one that opens in moments."""
    from rcp_geo.io.networks import read_network

    with progress("Building"):
        settings: RoadSettings = {
            "impedance": impedance.value,
            "components": components.value,
            "lengths": lengths.value,
        }
        if max_snap_m is not None:
            settings["max_snap_m"] = max_snap_m
        made = read_network(source, layer=layer, profile=profile.value, **settings)
        made.save(target, overwrite=overwrite)
    for finding in made.findings:
        say(f"{finding.severity}: {finding}")
    say(f"{made!r} saved to {target}")


@networks.command("info")
def network_info(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A network, built or in any format that can be.")],
    format_: Shown = None,
) -> None:
    """Say what a network is made of: counts, lengths by class of road, components, findings."""
    import pandas as pd

    from rcp_geo.io.networks import read_network

    with progress("Reading"):
        network = read_network(source)
        rows = pd.DataFrame(_flat(network.info()), columns=["figure", "value"])
    show(rows, format_, lambda: print_table(rows, f"{network!r}"))


def _flat(info: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Return nested figures as rows of a name and a value."""
    for name, value in info.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            yield from ((f"{prefix}{name}", str(one)) for one in value)
        else:
            yield f"{prefix}{name}", str(round(value, 4) if isinstance(value, float) else value)
