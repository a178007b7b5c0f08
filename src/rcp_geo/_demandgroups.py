"""The groups of demand: what deprivation decile, what kind of place, whatever column people have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo._coverage import Areas
from rcp_geo.errors import InputError
from rcp_geo.grouping import label_of, order_of
from rcp_geo.schema import require_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MISSING", "labelled_coverage", "placed_groups"]

MISSING = "missing"
# Each pair is a row for every figure, group of services, relation and evidence: about a hundred.
_MOST_PAIRS = 50_000


def placed_groups(demand: pd.DataFrame, column: str, areas: Areas) -> tuple[Areas, list[str]]:
    """Cut areas by the groups of demand in them.

    Parameters
    ----------
    demand
        The demand points.
    column
        Its column that holds the groups.
    areas
        Where the points lie. Those in none are in no group either.

    Returns
    -------
    tuple
        For each area each group, areas first; and the groups, in their order.

    Raises
    ------
    MissingColumnError
        If there is no such column.
    InputError
        If it holds geometry, or there would be too many pairs.
    """
    require_columns(demand, [column], "demand")
    if demand[column].dtype == "geometry":
        raise InputError(f"demand.{column}: holds geometry, by which nothing can be grouped; name another column")
    labels = demand[column].astype(object).map(label_of).replace("", MISSING)
    groups = _ordered(demand[column], labels)
    if len(groups) * len(areas.codes) > _MOST_PAIRS:
        raise InputError(
            f"demand.{column}: {len(groups):,} groups in {len(areas.codes):,} areas are more than {_MOST_PAIRS:,} pairs; "
            "put the values into classes first, such as with pandas.qcut, or leave within= out"
        )
    group = pd.Index(groups).get_indexer(pd.Index(labels))
    pair = np.where(areas.of >= 0, areas.of * len(groups) + group, -1)
    n = len(areas.codes)
    return Areas(str(column), groups * n, groups * n, pair), groups


def _ordered(values: pd.Series, labels: pd.Series) -> list[str]:
    """Return the groups: categories in their own order, else numbers by value before texts by text; what is missing last."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        present = set(labels)
        found = [label for c in values.cat.categories if (label := label_of(c)) in present]
    else:
        found = sorted(set(labels), key=order_of)
    kept = [label for label in dict.fromkeys(found) if label != MISSING]
    return [*kept, *([MISSING] if (labels == MISSING).any() else [])]


def labelled_coverage(
    table: pd.DataFrame,
    groups: Sequence[str],
    cut: Areas,
    areas: Areas | None,
    weight: NDArray[np.float64],
    blocks: int,
) -> pd.DataFrame:
    """Finish a table of coverage by group: groups as ordered categories, the weight of each, and the area it is in.

    Parameters
    ----------
    table
        The figures: for each block every area, in it every group, of that every figure.
    groups, cut
        From :func:`placed_groups`.
    areas
        The areas that were cut; None for the country, which need not be named.
    weight
        Of each demand point.
    blocks
        How many there are.
    """
    there = cut.of >= 0
    held = np.bincount(cut.of[there], weight[there], minlength=len(cut.codes))
    figures = len(table) // (blocks * len(cut.codes))
    answer = table.assign(
        area_code=pd.Categorical(table["area_code"], categories=list(groups), ordered=True),
        weight=np.tile(np.repeat(held, figures), blocks),
    )
    if areas is not None:
        for at, (name, values) in enumerate((("code", areas.codes), ("name", areas.names))):
            once = np.repeat(np.asarray(values, dtype=object), len(groups) * figures)
            answer.insert(at, f"within_{name}", np.tile(once, blocks))
        answer.insert(0, "within_type", areas.kind)
    return answer
