"""``rcp-geo deserts``: authorities with no service recorded that lie side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rcp_geo.cli.options import AsOf, Shown, Tables
from rcp_geo.cli.printing import print_table, progress, say, show
from rcp_geo.cli.sources import directory_of

if TYPE_CHECKING:
    import pandas as pd

    from rcp_geo.deserts import Evidence

__all__ = ["deserts"]

# Names of a desert's authorities that a terminal shows, and how many more there are.
_NAMED = 3


def deserts(
    as_of: AsOf = None,
    directory: Tables = None,
    family: Annotated[
        str,
        typer.Option("--family", metavar="FAMILY", help="pause, fdac, local, or any for authorities with none at all."),
    ] = "any",
    possible: Annotated[bool, typer.Option("--possible", help="Count authorities of which it is not known.")] = False,
    crossings: Annotated[
        bool, typer.Option("--crossings/--no-crossings", help="Whether bridges, tunnels and ferries make neighbours.")
    ] = True,
    members: Annotated[bool, typer.Option("--members", help="Print the desert that each authority is in.")] = False,
    islands: Annotated[
        bool, typer.Option("--islands", help="Print the authorities of which every neighbour is served, and by whom.")
    ] = False,
    format_: Shown = None,
) -> None:
    """List groups of neighbouring authorities with no service recorded, the most demand first."""
    if members and islands:
        raise typer.BadParameter("--members and --islands are two answers; ask for one at a time")
    if members and possible:
        raise typer.BadParameter("--members has both, in the columns certain_id and possible_id; leave out --possible")
    evidence: Evidence = "possible" if possible else "certain"
    with progress("Looking for deserts"):
        from rcp_geo.assessing import assess

        answer = assess(directory_of(directory, as_of), as_of=as_of)
        if members:
            rows = answer.desert_members(family, crossings=crossings).reset_index()
        elif islands:
            rows = answer.gap_islands(family, evidence=evidence, crossings=crossings)
        else:
            rows = answer.deserts(family, evidence=evidence, crossings=crossings).reset_index()
    what = f"{family}, {answer.as_of}, {evidence}"

    def printed() -> None:
        if members:
            print_table(rows, f"The deserts that authorities are in, {family}, {answer.as_of}")
        elif islands:
            n = rows["authority_code"].nunique()
            print_table(_narrow_islands(rows), f"No service recorded, and every neighbour served, {what}: {n}")
        else:
            print_table(
                _narrow(rows), f"Deserts, {what}: {len(rows)}; straight-line miles to the nearest operating service"
            )
        say("Neighbours on the map; it says nothing of travel. No service recorded is a statement on the record.")

    show(rows, format_, printed)


def _narrow(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the deserts in few and narrow columns."""
    kept = rows[["desert_id", "authorities"]].assign(
        where=[_few(names.split("; ")) for names in rows["names"]],
        demand=[f"{share:.1%}" for share in rows["demand_share"]],
    )
    kept["nearest"] = rows["nearest_service_id"]
    kept["miles"] = _miles(rows)
    if (rows["unknown"] > 0).any():
        kept["not_known"] = rows["unknown"]
    return kept


def _narrow_islands(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the authorities among served ones, and what serves their neighbours, in few and narrow columns."""
    kept = rows[["authority_name", "neighbour_name", "service_id"]]
    return kept.set_axis(["authority", "neighbour", "served_by"], axis=1).assign(miles=_miles(rows))


def _few(names: list[str]) -> str:
    more = len(names) - _NAMED
    return "; ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _miles(rows: pd.DataFrame) -> list[str]:
    import pandas as pd

    from rcp_geo.travel import METRES_PER_MILE

    return ["" if pd.isna(m) else f"{m / METRES_PER_MILE:.1f}" for m in rows["mean_distance_m"]]
