"""The figures that the library reports, each with an id to cite it by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import pandas as pd

from rcp_geo.citation import bibtex, text
from rcp_geo.errors import InputError, UnknownMetricError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["METRICS", "Metric", "cite", "metrics"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure: what it is, how it is made and where it comes from.

    Attributes
    ----------
    id
        ``rcp.<group>.<name>@<version>``; a changed definition is a new version.
    title, formula
        In words, and in LaTeX.
    unit, direction
        Unit of the value; whether ``more`` or ``less`` of it is better for people.
    relation
        The relation between services and authorities that it is over.
    needs
        What it is computed from.
    references
        Works that define it.
    """

    id: str
    title: str
    formula: str
    unit: str
    direction: Literal["more", "less"]
    relation: str
    needs: tuple[str, ...]
    references: tuple[str, ...] = field(default=())


_HAKIMI = (
    "Hakimi, S. L. (1964), Optimum locations of switching centers and the absolute centers and medians of a graph, "
    "Operations Research 12(3), doi:10.1287/opre.12.3.450"
)
_MCLP = (
    "Church, R. and ReVelle, C. (1974), The maximal covering location problem, Papers of the Regional Science "
    "Association 32:101-118, doi:10.1007/BF01942293"
)
_NEAREST = ("costs to the nearest facility", "demand weights")
_OWN = ("rcp_geo documentation, Five answers, not two",)

METRICS: Mapping[str, Metric] = {
    m.id: m
    for m in (
        Metric(
            "rcp.gap.count_min@1",
            "Fewest authorities without a service, by the record",
            r"\sum_a [x_a \in \{\mathrm{none\ recorded}, \mathrm{in\ development}\}]",
            "authorities",
            "less",
            "served",
            ("answers",),
            _OWN,
        ),
        Metric(
            "rcp.gap.count_max@1",
            "Most authorities without a service, by the record",
            r"\sum_a [x_a \in \{\mathrm{none\ recorded}, \mathrm{in\ development}, \mathrm{unknown}\}]",
            "authorities",
            "less",
            "served",
            ("answers",),
            _OWN,
        ),
        Metric(
            "rcp.access.mean_nearest@1",
            "Weighted mean cost to the nearest facility, over demand that reaches one",
            r"\sum_i P_i \min_j d_{ij} / \sum_i P_i",
            "unit of the travel model",
            "less",
            "reached or served",
            _NEAREST,
            (_HAKIMI,),
        ),
        Metric(
            "rcp.access.median_nearest@1",
            "Weighted median cost to the nearest facility, over demand that reaches one",
            r"\min\{d : \sum_{i: d_i \le d} P_i \ge 0.5 \sum_i P_i\}",
            "unit of the travel model",
            "less",
            "reached or served",
            _NEAREST,
            (_HAKIMI,),
        ),
        Metric(
            "rcp.access.p90_nearest@1",
            "Weighted 90th percentile of the cost to the nearest facility, over demand that reaches one",
            r"\min\{d : \sum_{i: d_i \le d} P_i \ge 0.9 \sum_i P_i\}",
            "unit of the travel model",
            "less",
            "reached or served",
            _NEAREST,
            (_HAKIMI,),
        ),
        Metric(
            "rcp.access.share_within@1",
            "Share of all demand within a cutoff of the nearest facility, the cutoff included",
            r"\sum_i P_i [\min_j d_{ij} \le d_0] / \sum_i P_i",
            "share",
            "more",
            "reached or served",
            _NEAREST,
            (_MCLP,),
        ),
    )
}


def metrics() -> pd.DataFrame:
    """List the figures that the library reports.

    Returns
    -------
    pandas.DataFrame
        Indexed by metric id: ``title``, ``formula`` (LaTeX), ``unit``, ``direction`` (whether more or less is better),
        ``relation``, ``needs`` and ``references`` (a semicolon between several).

    Examples
    --------
    >>> metrics().loc["rcp.access.share_within@1", "unit"]
    'share'
    """
    rows = [
        (m.id, m.title, m.formula, m.unit, m.direction, m.relation, "; ".join(m.needs), "; ".join(m.references))
        for m in METRICS.values()
    ]
    columns = ["metric_id", "title", "formula", "unit", "direction", "relation", "needs", "references"]
    return pd.DataFrame(rows, columns=columns).set_index("metric_id")


class Citable(Protocol):
    """A result that knows how it is cited."""

    def cite(self, style: Literal["text", "bibtex"] = "text") -> str:
        """Return the citation."""


def cite(what: str | Citable | None = None, style: Literal["text", "bibtex"] = "text") -> str:
    """Say how to cite the library, one of its metrics, or a result.

    Parameters
    ----------
    what
        A metric id, a result such as an :class:`Assessment`, or None for the library itself.
    style
        ``text`` or ``bibtex``.

    Returns
    -------
    str

    Raises
    ------
    UnknownMetricError
        If no metric has the id.
    InputError
        If the style is neither.

    Examples
    --------
    >>> print(cite("rcp.access.share_within@1"))  # doctest: +ELLIPSIS
    rcp_geo contributors (...). Metric rcp.access.share_within@1, ... Church, R. and ReVelle, C. (1974), ...
    """
    if style not in ("text", "bibtex"):
        raise InputError(f"style: {style!r} is not known; use text or bibtex")
    if what is not None and not isinstance(what, str):
        return what.cite(style)
    if what is None:
        return text() if style == "text" else bibtex("rcp_geo")
    metric = METRICS.get(what)
    if metric is None:
        raise UnknownMetricError(f"metric {what!r}: no metric has this id; metrics() lists them: {', '.join(METRICS)}")
    note = f"Metric {metric.id}, {metric.title}"
    if style == "bibtex":
        return bibtex(metric.id.replace("@", "-v").replace(".", "-"), note)
    return f"{text(note)} {' '.join(metric.references)}"
