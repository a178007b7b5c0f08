"""How answers are printed: tables for people, CSV and JSON for programs, and all else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from rcp_geo.cli.options import Format

if TYPE_CHECKING:
    import pandas as pd

    from rcp_geo.assessment import Assessment

__all__ = [
    "MARK",
    "chosen_format",
    "counts",
    "print_assessment",
    "print_table",
    "progress",
    "say",
    "say_findings",
    "show",
]


def say(text: str) -> None:
    """Print a line to standard error."""
    typer.echo(text, err=True)


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show that work is going on, where someone is there to see it."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{what} ..."):
        yield


def chosen_format(format_: Format | None) -> Format:
    """Return the format asked for: a table on a terminal and CSV in a pipe, unless another was."""
    return format_ or (Format.table if sys.stdout.isatty() else Format.csv)


def show(frame: pd.DataFrame, format_: Format | None, printed: Callable[[], None]) -> None:
    """Print an answer in the format asked for: on a terminal as ``printed`` does, in a pipe as CSV."""
    chosen = chosen_format(format_)
    if chosen is Format.table:
        printed()
    elif chosen is Format.csv:
        from rcp_geo.io.bundle import to_csv_text

        typer.echo(to_csv_text(frame), nl=False)
    else:
        typer.echo(frame.to_json(orient="records", indent=2, force_ascii=False))


def print_table(frame: pd.DataFrame, title: str) -> None:
    """Print a table for people."""
    import pandas as pd
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(title), title_justify="left")
    for column in frame.columns:
        number = frame[column].dtype.kind in "if"
        table.add_column(escape(str(column).replace("_", " ")), justify="right" if number else "left", overflow="fold")
    for row in frame.itertuples(index=False):
        table.add_row(*("" if pd.isna(v) else escape(str(v)) for v in row))
    Console().print(table)


# A sign beside each word, so that a terminal without colour loses nothing.
MARK = {
    "served": "● served",
    "part": "◐ part",
    "unknown": "? unknown",
    "in_development": "○ planned",
    "none_recorded": "– none",
}
# Columns that a terminal must have for all the distances beside the answers.
_WIDE = 130


def print_assessment(answer: Assessment, full: pd.DataFrame) -> None:
    """Print an assessment for people: the rows given, and the counts."""
    import pandas as pd
    from rich.console import Console

    from rcp_geo.travel import METRES_PER_MILE, Geodesic

    first = "authority" if "authority" not in answer.groups else "authority_name"
    shown = full[["authority_name"]].rename(columns={"authority_name": first})
    for group in answer.groups:
        shown[group] = full[group].map(MARK)
    timed = answer.model.unit == "s"
    column, per, word = ("duration_s", 60, "minutes") if timed else ("distance_m", METRES_PER_MILE, "miles")
    for group in answer.groups if Console().width >= _WIDE else answer.groups[-1:]:
        costs = full[f"{group}_mean_{column}"] / per
        shown[f"{group} {word}"] = ["" if pd.isna(c) else f"{c:.1f}" for c in costs]
    how = f"straight-line {word}" if isinstance(answer.model, Geodesic) else f"{word} ({answer.model.model_id})"
    title = f"Services on {answer.as_of}; mean {how} to the nearest operating one"
    print_table(shown.reset_index(drop=True), title)
    print_table(
        counts(answer.summary, answer.by),
        f"How many of {len(answer.gaps)} authorities, and what was printed nationally",
    )
    say(answer.sentence())


def say_findings(findings: pd.DataFrame, *, every: bool) -> None:
    """Say what was noticed, of a severity that may mislead if it is not known, or all of it."""
    for row in findings.itertuples():
        if every or row.severity != "info":
            say(f"{row.severity}: {row.code}: {row.message}; {row.remedy}")


def counts(summary: pd.DataFrame, by: str = "family") -> pd.DataFrame:
    """Return the summary of the groups of a column of services in few and narrow columns."""
    import pandas as pd

    rows = summary if "group" in summary.columns else summary.reset_index()
    short = {"in_development": "planned", "none_recorded": "none"}
    kept = rows[["group", "served", "part", "unknown", "in_development", "none_recorded"]].rename(columns=short)
    kept["gap"] = [f"{a}" if a == b else f"{a} to {b}" for a, b in zip(rows["gap_min"], rows["gap_max"], strict=True)]
    own = {"gap", "printed", "region"}.union(kept.columns)
    kept = kept.rename(columns={"group": "group" if by in own else by})
    if "area_name" in rows.columns:
        of = [f"{name} ({n})" for name, n in zip(rows["area_name"], rows["authorities"], strict=True)]
        kept.insert(0, "region", of)
        return kept
    printed = zip(rows["published"], rows["published_unit"], rows["published_date"], strict=True)
    kept["printed"] = ["" if pd.isna(n) else f"{n} {unit} ({date})" for n, unit, date in printed]
    return kept
