"""The best 1 to 10 new sites for each family in England: what they cover, how sure that is, and how long it takes.

::

    python benchmarks/planning.py                  maximal covering and p-median, 1 to 10 sites, as tables in Markdown
    python benchmarks/planning.py --smoke          one and two sites of one family

One candidate in each of the 153 authorities since April 2023, 32,844 demand points of equal weight, services as recorded on the
reference date, straight lines, 20 miles. Each row is one search and its check for equal answers; costs are worked out before.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator

import numpy as np

import rcp_geo as rg

CUTOFF = 20 * rg.travel.METRES_PER_MILE


def table(answer: rg.Assessment, family: str, model: str, sizes: list[int]) -> Iterator[str]:
    """Yield one row for each number of sites."""
    places = rg.candidate_sites(answer.demand, answer.boundaries)
    names = dict(zip(places["site_id"], places["name"], strict=True))
    existing = answer.operating_sites(family)["site_id"]
    # Beyond what anyone has to go now no candidate helps anyone.
    farthest = answer.nearest.query("group == @family and relation == 'reached' and evidence == 'certain'")[
        "distance_m"
    ]
    start = time.perf_counter()
    costs = answer.costs(family, candidates=places, cutoff=CUTOFF if model == "mclp" else float(farthest.max()))
    made = time.perf_counter() - start
    for p in sizes:
        start = time.perf_counter()
        cutoff = CUTOFF if model == "mclp" else None
        found = rg.plan(costs, answer.demand, model=model, p=p, cutoff=cutoff, existing=existing)
        seconds = time.perf_counter() - start
        if model == "mclp":
            share = found.objective / answer.demand["weight"].sum()
            figure = f"{found.objective:,.0f} ({100 * share:.1f} %)"
        else:
            figure = f"{found.objective / answer.demand['weight'].sum() / 1000:.2f} km"
        where = ", ".join(names[s] for s in found.sites)
        sure = f"{100 * found.gap:.2g} %, {found.status}, {'only one' if found.only else 'others equal'}"
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        yield f"| {family} | {p} | {figure} | {sure} | {seconds:.1f} ({made:.1f}) | {memory:.2f} | {where} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="one family, one and two sites")
    smoke = parser.parse_args().smoke
    answer = rg.assess(boundaries=rg.load_boundaries("2023-06-01"))
    families = ["fdac"] if smoke else [g for g in answer.groups if g != "any"]
    sizes = [1, 2] if smoke else list(np.arange(1, 11).tolist())
    for model, what in (("mclp", "covered within 20 miles"), ("p-median", "mean distance")):
        print(f"\n| family | new sites | {what} | gap | s (costs) | GB so far | where |\n|---|---|---|---|---|---|---|")
        for family in families:
            for line in table(answer, family, model, sizes):
                print(line, flush=True)


if __name__ == "__main__":
    main()
