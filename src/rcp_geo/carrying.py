"""Intervals of one vintage of authorities carried to another: exactly through mergers, as bounds or estimates through splits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rcp_geo.authorities import register
from rcp_geo.recoding import require_apart, shares_of
from rcp_geo.schema import Finding, counted

if TYPE_CHECKING:
    from rcp_geo.authorities import Register
    from rcp_geo.boundaries import Boundaries

__all__ = ["carried"]

_PART = "part"
_SPLIT = "split"


def carried(
    table: pd.DataFrame, boundaries: Boundaries, weights: dict[str, float] | None
) -> tuple[pd.DataFrame, list[Finding]]:
    """Carry cells to the authorities of another vintage or tier; say what became of them.

    Parameters
    ----------
    table
        ``low``, ``high`` and ``marker``, indexed by code.
    boundaries
        The authorities to carry to.
    weights
        Of the demand in each district of 2011, by which what was split is shared out; without them each successor has bounds.

    Returns
    -------
    tuple
        The same columns for every authority that shares ground with the table, and the findings.

    Raises
    ------
    UnknownAuthorityError, InputError
        If a code is unknown, two rows share ground, or no weight lies in an authority that was split.
    """
    known = register()
    codes = pd.Series(table.index, dtype=object)
    require_apart(known, codes, f"need.{table.index.name}")
    holder = known.holders_on(boundaries.vintage.valid_from, boundaries.level)
    into = {c: sorted({holder[d] for d in known.districts[c]}) for c in codes}
    split = [c for c, targets in into.items() if len(targets) > 1]
    rows: list[tuple[str, float, float, str]] = []
    for code, (low, high, marker) in zip(codes, table[["low", "high", "marker"]].itertuples(index=False), strict=True):
        targets = into[code]
        if len(targets) == 1:
            rows.append((targets[0], low, high, marker))
        elif weights is None:
            rows += [(target, 0.0, high, _SPLIT) for target in targets]
        else:
            shares = shares_of(known, code, targets, weights)
            # A share of 0 of a number without bounds has none either.
            most = [high if np.isinf(high) else high * share for share in shares]
            rows += [(t, low * s, m, marker) for t, s, m in zip(targets, shares, most, strict=True)]
    cells = pd.DataFrame(rows, columns=["authority_code", "low", "high", "marker"])
    answer = cells.groupby("authority_code", sort=True).agg({"low": "sum", "high": "sum", "marker": _joined})
    moved = [c for c, targets in into.items() if targets != [c]]
    found = _findings(moved, split, boundaries.vintage.label, shared=weights is not None)
    return _open_parts(answer, known, codes, found)


def _joined(markers: Sequence[str]) -> str:
    return "; ".join(sorted({m for m in markers if m}))


def _findings(moved: list[str], split: list[str], day: str, *, shared: bool) -> list[Finding]:
    message = counted(
        len(moved), f"rows are of authorities of another date or tier, and were carried to those of {day}"
    )
    found = [Finding("need.carried", "info", "need", "authority_code", tuple(moved), message, "mergers are exact")]
    if split and shared:
        message = counted(
            len(split), "rows are of authorities that were split, and were shared out by the weight of demand"
        )
        remedy = "read the parts as estimates; leave demand out for bounds that hold"
        found.append(Finding("need.shared_out", "warning", "need", "authority_code", tuple(split), message, remedy))
    elif split:
        message = counted(
            len(split), "rows are of authorities that were split; each successor holds from none to all of it"
        )
        remedy = "pass demand to need.to() to share it out by weight, or take counts of the later date"
        found.append(Finding("need.split", "warning", "need", "authority_code", tuple(split), message, remedy))
    return found


def _open_parts(
    table: pd.DataFrame, known: Register, codes: pd.Series, found: list[Finding]
) -> tuple[pd.DataFrame, list[Finding]]:
    """Take the upper bound from authorities of which some ground has no row."""
    ground = frozenset[str]().union(*(known.districts[c] for c in codes))
    part = np.array([not known.districts[c] <= ground for c in table.index])
    if not part.any():
        return table, found
    kept = table.assign(high=table["high"].mask(part, np.inf), marker=table["marker"].mask(part, _PART))
    message = counted(int(part.sum()), "authorities have rows for a part of their ground only, so nothing bounds them")
    remedy = "add the rows of the rest"
    ids = tuple(table.index[part])
    return kept, [*found, Finding("need.part", "warning", "need", "authority_code", ids, message, remedy)]
