"""The command that compares two dates."""

from __future__ import annotations

from typing import Annotated

import typer

from rcp_geo.cli.options import Format, Shown, Tables
from rcp_geo.cli.printing import MARK, chosen_format, print_table, progress, say, show
from rcp_geo.cli.sources import directory_of

__all__ = ["compare"]


def compare(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="The earlier date, YYYY-MM-DD.", show_default=False)],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="The later date, YYYY-MM-DD.", show_default=False)],
    directory: Tables = None,
    family: Annotated[
        str | None,
        typer.Option("--family", metavar="FAMILY", help="pause, fdac, local, or any.", show_default="every one"),
    ] = None,
    format_: Shown = None,
) -> None:
    """List the authorities whose answer changed between two dates, and why."""
    from rcp_geo.assessing import assess
    from rcp_geo.changes import compare as run

    with progress("Comparing"):
        services = directory_of(directory, after)
        found = run(assess(services, as_of=before), assess(services, as_of=after))
        groups = found.groups if family is None else [family]
        said = [found.sentence(group) for group in groups]
    rows = found.changed[found.changed["group"].isin(groups)].reset_index(drop=True)

    def printed() -> None:
        narrow = rows[["authority_name", "group", "before", "after", "reasons", "services"]].rename(
            columns={"authority_name": "authority", "group": "family"}
        )
        narrow["before"], narrow["after"] = (narrow[side].map(MARK) for side in ("before", "after"))
        narrow["reasons"] = narrow["reasons"].str.replace("_", " ")
        print_table(narrow, f"What changed between {before} and {after}: {len(rows)} answers")

    show(rows, format_, printed)
    if chosen_format(format_) is Format.table:
        for line in said:
            say(line)
