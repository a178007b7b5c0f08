"""``rcp-geo plan``: where the next services should be."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rcp_geo.cli.options import AsOf, Shown, Tables
from rcp_geo.cli.printing import print_table, progress, say, show
from rcp_geo.cli.sources import directory_of

if TYPE_CHECKING:
    import pandas as pd

    from rcp_geo.assessment import Assessment
    from rcp_geo.planning import Plan

__all__ = ["plan"]


class Asked(StrEnum):
    """What a plan is to make best."""

    mclp = "mclp"
    lscp = "lscp"
    p_median = "p-median"
    p_center = "p-center"


class Evidence(StrEnum):
    """Which services are there already."""

    certain = "certain"
    possible = "possible"


def plan(
    as_of: AsOf = None,
    directory: Tables = None,
    family: Annotated[
        str, typer.Option("--family", metavar="FAMILY", help="Whose next sites: pause, fdac, local or any.")
    ] = "any",
    model: Annotated[
        Asked,
        typer.Option(
            "--model",
            help="Cover most people (mclp) or everyone (lscp), or keep the mean (p-median) or largest distance (p-center) least.",
        ),
    ] = Asked.mclp,
    sites: Annotated[
        int | None, typer.Option("--sites", metavar="N", help="Number of new sites.", show_default="1")
    ] = None,
    within: Annotated[
        float | None,
        typer.Option("--within", metavar="MILES", help="Distance within which people are covered.", show_default="20"),
    ] = None,
    evidence: Annotated[
        Evidence,
        typer.Option("--evidence", help="Count sites that operate, or also those whose status is unknown."),
    ] = Evidence.certain,
    best: Annotated[int, typer.Option("--best", metavar="K", help="How many of the best answers to list.")] = 1,
    format_: Shown = None,
) -> None:
    """Choose where the next services should be: one candidate in each authority, and the best of them proved."""
    if model is Asked.lscp and sites is not None:
        raise typer.BadParameter("lscp finds the number of sites itself; leave --sites out")
    if within is not None and model in {Asked.p_median, Asked.p_center}:
        raise typer.BadParameter(f"{model} has no distance to be within; leave --within out")
    with progress("Planning"):
        from rcp_geo.assessing import assess
        from rcp_geo.planning import candidate_sites
        from rcp_geo.travel import METRES_PER_MILE

        answer = assess(directory_of(directory, as_of), as_of=as_of)
        places = candidate_sites(answer.demand, answer.boundaries)
        options: dict[str, Any] = {} if model is Asked.lscp else {"p": 1 if sites is None else sites}
        cutoff = None if within is None else within * METRES_PER_MILE
        found = answer.plan(
            family,
            model=model.value,
            cutoff=cutoff,
            candidates=places,
            evidence=evidence.value,
            k_best=best,
            **options,
        )
    names = dict(zip(places["site_id"], places["name"], strict=True))
    rows = _rows(found, names)
    show(rows, format_, lambda: _printed(answer, found, rows, names, family))


def _rows(found: Plan, names: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per answer and new site; who is covered by which site is known of the best answer."""
    import pandas as pd

    own = found.by_site.set_index("site").drop(columns="new")
    answers = found.alternatives
    rows = [
        {"rank": rank, "objective": objective, "site_id": site, "name": names[site]}
        | (own.loc[site].to_dict() if rank == 1 else dict.fromkeys(own.columns))
        for rank, objective, sites in zip(answers["rank"], answers["objective"], answers["sites"], strict=True)
        for site in sites
    ]
    shown = pd.DataFrame(rows, columns=["rank", "objective", "site_id", "name", *own.columns])
    return shown.assign(bound=found.bound, gap=found.gap, status=found.status)


def _printed(answer: Assessment, found: Plan, rows: pd.DataFrame, names: Mapping[str, str], family: str) -> None:
    from rcp_geo.travel import METRES_PER_MILE

    table = rows[["rank", "name", "site_id"]].copy()
    for column in rows.columns:
        if column.startswith("newly_") or column == "weight":
            table[column] = _texts(rows[column], "{:,.0f}")
        if column == "mean_distance_m":
            table["mean miles"] = _texts(rows[column].astype(float) / METRES_PER_MILE, "{:.1f}")
    print_table(table, f"Next sites, {family}, {answer.as_of}: gap {100 * found.gap:.2g} %")
    say(found.explain(names))


def _texts(values: pd.Series, form: str) -> list[str]:
    """Write numbers in a form; blank where there is none."""
    return [form.format(v) if known else "" for v, known in zip(values, values.notna(), strict=True)]
