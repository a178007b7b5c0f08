"""The list of the figures that the library reports, and how each is cited."""

from __future__ import annotations

from typing import Any, Protocol

import pandas as pd

from rcp_geo.citation import Style, cited, require_style
from rcp_geo.errors import InputError, UnknownMetricError
from rcp_geo.registry import METRICS, Metric
from rcp_geo.schema import listed

__all__ = ["cite", "metrics"]


def metrics() -> pd.DataFrame:
    """List the figures that the library reports.

    Returns
    -------
    pandas.DataFrame
        Indexed by metric id: ``group``, ``version``, ``title``, ``formula`` (LaTeX between dollar signs, which notebooks
        render), ``unit``, ``direction`` (``more`` or ``less`` is better, or the value of an ``even`` spread), ``relation``,
        ``needs``, ``references`` (a semicolon between several) and ``example`` (a worked case, as a session of Python).

    Examples
    --------
    >>> metrics().loc["rcp.access.share_within@1", "unit"]
    'share'
    """
    rows = [
        {
            "metric_id": m.id,
            "group": m.group,
            "version": m.version,
            "title": m.title,
            "formula": f"${m.formula}$",
            "unit": m.unit,
            "direction": m.direction,
            "relation": m.relation,
            "needs": "; ".join(m.needs),
            "references": "; ".join(r.text() for r in m.references),
            "example": m.example,
        }
        for m in METRICS.values()
    ]
    return Listing(rows).set_index("metric_id")


class Listing(pd.DataFrame):
    """A table that a notebook shows whole: half a formula is no formula."""

    @property
    def _constructor(self) -> type[Listing]:
        # So that what is chosen from it is one too.
        return Listing

    def _repr_html_(self) -> str | None:
        limits: list[Any] = [one for of in ("colwidth", "rows", "columns") for one in (f"display.max_{of}", None)]
        with pd.option_context(*limits):
            return super()._repr_html_()  # type: ignore[misc,no-any-return]


class Citable(Protocol):
    """A result that knows how it is cited."""

    def cite(self, style: Style = "text") -> str:
        """Return the citation."""


def cite(what: str | Citable | pd.DataFrame | pd.Series | None = None, style: Style = "text") -> str:
    """Say how to cite the library, one of its metrics, or a result.

    Parameters
    ----------
    what
        A metric id; a result such as an :class:`Assessment`; a table of figures, such as ``Assessment.coverage`` or
        ``Assessment.summary``, or a series of :func:`supply`, for the metrics in it; or None for the library itself.
    style
        ``text``, ``bibtex`` or ``csl-json``.

    Returns
    -------
    str
        The library, with what of it is cited, and the works that define the metrics.

    Raises
    ------
    UnknownMetricError
        If no metric has the id.
    InputError
        If the style is none of these, a table or series names no metric, or it is nothing that can be cited.

    Notes
    -----
    A table names its metrics in a column ``metric_id`` or in ``attrs["metric_id"]``, a series by its name. ``attrs`` are lost
    where pandas puts tables together.

    Examples
    --------
    >>> print(cite("rcp.access.share_within@1"))  # doctest: +ELLIPSIS
    rcp_geo contributors (...). Metric rcp.access.share_within@1, ... Church, R. and ReVelle, C. (1974), ...
    >>> print(cite("rcp.access.share_within@1", "bibtex"))  # doctest: +ELLIPSIS
    @software{rcp-access-share_within-v1,
    ...
    @article{church1974,
    ...
    """
    require_style(style)
    if what is None:
        return cited(style)
    if not isinstance(what, (str, pd.DataFrame, pd.Series)):
        return _citable(what).cite(style)
    found = [_metric(name) for name in _named(what)]
    if not found:
        raise InputError("cite: the table names no metric; pass one with a column metric_id, or a metric id")
    several = len(found) > 1
    note = "; ".join(f"{'' if several else 'Metric '}{m.id}, {m.title}" for m in found)
    key = "rcp_geo-metrics" if several else found[0].id.replace("@", "-v").replace(".", "-")
    works = [r for m in found for r in m.references]
    return cited(style, key, f"Metrics {note}" if several else note, works)


def _citable(what: Citable) -> Citable:
    if callable(getattr(what, "cite", None)):
        return what
    raise InputError(
        f"cite: {type(what).__name__} is nothing that can be cited; pass a metric id, a result such as an Assessment, "
        "a table of figures, or nothing for the library"
    )


def _named(what: str | pd.DataFrame | pd.Series) -> list[str]:
    """Return the metrics that a text, a table or a series names."""
    if isinstance(what, str):
        return [what]
    if isinstance(what, pd.DataFrame):
        column = what["metric_id"].dropna().tolist() if "metric_id" in what.columns else []
        return [str(name) for name in dict.fromkeys([*listed(what.attrs.get("metric_id", [])), *column])]
    return [] if what.name is None else [str(what.name)]


def _metric(metric_id: str) -> Metric:
    metric = METRICS.get(metric_id)
    if metric is None:
        known = ", ".join(METRICS)
        raise UnknownMetricError(f"metric {metric_id!r}: no metric has this id; metrics() lists them: {known}")
    return metric
