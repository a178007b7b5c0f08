"""From a user's table of counts, whatever its format, to need with what was suppressed in it kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from rcp_geo.errors import DuplicateIdError, InputError, MissingColumnError
from rcp_geo.io.formats import RawTable, read_table
from rcp_geo.io.safety import shown
from rcp_geo.io.text import text_of
from rcp_geo.need import Key, Need
from rcp_geo.schema import Finding, bounds_of, counted, first_of, raise_errors, require_columns

__all__ = ["read_need"]

Bounds = tuple[float, float | None] | None

# Headings of columns of codes, without case and punctuation; of several the first is taken.
_HEADINGS: Mapping[Key, tuple[str, ...]] = {
    "authority_code": (
        r"authoritycode",
        r"(new)?lacode",
        r"localauthoritycode",
        r"(ctyua|utla|ltla|lad)(\d\d)?(cd|code)",
        r"(ons|gss|area|geography)code",
    ),
    "demand_id": (r"demandid", r"(lsoa|msoa|oa)(\d\d|\d{4})?(cd|code)", r"(area|geography)code"),
}
_NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?([eE][-+]?\d+)?")
# Countries, regions, combined authorities: sums of what stands below them.
_HIGHER = re.compile(r"E(12|47|92)\d{6}|[KJ]\d{8}")


def read_need(
    source: str | Path | pd.DataFrame,
    *,
    value: str,
    code: str | None = None,
    key: Key = "authority_code",
    where: Mapping[str, object] | None = None,
    suppressed: Mapping[str, Bounds] | None = None,
    total: float | tuple[float, float] | None = None,
    name: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
) -> Need:
    """Read counts per authority or demand point, with suppressed cells kept as intervals.

    Parameters
    ----------
    source
        A frame, or a file of any format that :func:`read_directory` reads: one row per authority or demand point, or several
        of which ``where`` chooses one.
    value
        The column of counts.
    code
        The column of GSS codes, or of ids of demand points; recognised by its heading if left out.
    key
        What the counts are of: ``authority_code`` or ``demand_id``.
    where
        For a column, the value of the rows to keep, or several: ``{"time_period": 2025}``.
    suppressed
        For each marker that stands in place of a number, the least and the greatest number that it stands for, such as
        ``{"c": (1, 5)}``; ``(1, None)`` where nothing bounds it from above, None where nothing is known. A blank cell is ``""``.
        Case does not matter.
    total
        What the rows add up to where that is published, or the least and the greatest of it where it is rounded: 81,770 to
        the nearest ten is ``(81_765, 81_775)``. It tightens the bounds.
    name
        What is counted, as sentences say it; the name of the column if left out.
    layer, encoding
        As for :func:`read_directory`.

    Returns
    -------
    Need

    Raises
    ------
    MissingColumnError
        If a column is missing, or none is recognised as that of the codes.
    DuplicateIdError
        If a code occurs twice.
    InputError
        If a cell holds a marker that ``suppressed`` does not name, a count is negative, a code is missing or is of a region or
        a country, no row is left, the bounds of a marker are none, or the rows cannot add up to the total.

    See Also
    --------
    Assessment.need : the share of the need in authorities without a service.

    Notes
    -----
    Government statistics use ``c`` (confidential), ``low`` (rounds to zero, and is not), ``u`` (low reliability), ``x`` (not
    available) and ``z`` (not applicable) [1]_, and older tables others. What a marker stands for is said in the notes of each
    table: there may be a least number that is shown, such as 6; but a larger number is hidden too where it would tell a
    smaller one (secondary suppression), and ``(1, 5)`` is then too narrow.

    References
    ----------
    .. [1] Government Analysis Function, *Using symbols and shorthand in tables*,
       https://analysisfunction.civilservice.gov.uk/policy-store/symbols-in-tables-definitions-and-help/

    Examples
    --------
    >>> table = pd.DataFrame({"new_la_code": ["E06000001", "E06000002"], "number": ["40", "c"]})
    >>> read_need(table, value="number", suppressed={"c": (1, 5)}).frame.values.tolist()
    [[40.0, 40.0, ''], [1.0, 5.0, 'c']]
    """
    if key not in _HEADINGS:
        raise InputError(f"key: {key!r} is not known; use {' or '.join(_HEADINGS)}")
    raw = read_table(source, layer=layer, encoding=encoding)
    require_columns(raw.frame, [value, *([] if code is None else [code])], raw.name)
    found = list(raw.findings)
    column = code or _recognised(raw, key, found)
    rows = _chosen(raw, where or {})
    frame = raw.frame.loc[rows]
    labels = [raw.rows[i] for i in rows]
    bounds = _bounds({} if suppressed is None else suppressed)
    low, high, marker, wrong = _read(frame[value], bounds, raw.name, labels)
    wrong += _code_faults(frame[column], key, raw.name, labels)
    raise_errors([*found, *wrong])
    _require_one_row(frame, column, raw.name)
    cells = pd.DataFrame({key: frame[column].to_numpy(), "low": low, "high": high, "marker": marker})
    need = Need.from_bounds(cells, key=key, name=name or value, total=total, source=raw.name)
    kept = [f for f in found if f.code != "row.blank"]
    return replace(need, noticed=(*kept, *need.noticed))


def _recognised(raw: RawTable, key: Key, found: list[Finding]) -> str:
    """Return the column whose heading says that it holds the codes."""
    bare = {str(c): re.sub(r"[^a-z0-9]", "", str(c).casefold()) for c in raw.frame.columns}
    fits = [c for pattern in _HEADINGS[key] for c, text in bare.items() if re.fullmatch(pattern, text)]
    if not fits:
        have = ", ".join(bare)
        raise MissingColumnError(
            f"{raw.name}: no column is recognised as the {key} (columns found: {have}); pass code= to say which it is"
        )
    for other in fits[1:]:
        message = f"both {fits[0]!r} and {other!r} look like the {key}; {fits[0]!r} was taken"
        found.append(Finding("column.several", "warning", raw.name, other, (), message, "pass code= to choose"))
    return fits[0]


def _chosen(raw: RawTable, where: Mapping[str, object]) -> list[int]:
    """Return the positions of the rows that hold what is asked for."""
    require_columns(raw.frame, where, raw.name)
    kept = np.ones(len(raw.frame), dtype=bool)
    for column, wanted in where.items():
        several = wanted if isinstance(wanted, Iterable) and not isinstance(wanted, str) else [wanted]
        texts = {text_of(v) for v in several}
        has = raw.frame[column].isin(texts).to_numpy()
        if not (kept & has).any():
            values = sorted(set(raw.frame.loc[kept, column]))
            raise InputError(
                f"where: no row of {raw.name} has {shown(', '.join(sorted(texts)))!r} in column {column} "
                f"(it holds {shown(first_of(values), 200)}); choose one of these"
            )
        kept &= has
    return np.flatnonzero(kept).tolist()


def _bounds(suppressed: object) -> dict[str, tuple[float, float]]:
    """Return the ends that each marker stands for, under its name without case."""
    if not isinstance(suppressed, Mapping):
        raise InputError(
            f"suppressed: {suppressed!r} does not say what each marker stands for; pass a dictionary such as {{'c': (1, 5)}}"
        )
    answer = {}
    for marker, ends in suppressed.items():
        found = bounds_of((0, None) if ends is None else ends)
        if found is None:
            raise InputError(
                f"suppressed: {marker!r} stands for {ends!r}, which is no pair of a least and a greatest number of 0 or more; "
                "give such as (1, 5), (1, None) where nothing bounds it, or None where nothing is known"
            )
        answer[text_of(marker).casefold()] = found
    return answer


def _read(
    texts: pd.Series, bounds: Mapping[str, tuple[float, float]], name: str, rows: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Finding]]:
    """Return the ends and the marker of each cell, and what is wrong."""
    low, high = np.full(len(texts), np.nan), np.full(len(texts), np.nan)
    marker = np.full(len(texts), "", dtype=object)
    unnamed: dict[str, int] = {}
    negative = []
    for i, text in enumerate(texts):
        # What is named goes before what it looks like: -1 may be a marker.
        if text.casefold() in bounds:
            low[i], high[i] = bounds[text.casefold()]
            marker[i] = text or "blank"
        elif _NUMBER.fullmatch(text):
            low[i] = high[i] = float(text.replace(",", ""))
            if low[i] < 0:
                negative.append(rows[i])
        else:
            unnamed[text] = unnamed.get(text, 0) + 1
    found = []
    column = str(texts.name)
    if unnamed:
        said = ", ".join(f"{shown(m, 20)!r} in {n}" for m, n in sorted(unnamed.items())[:10])
        more = f" and {len(unnamed) - 10} others" if len(unnamed) > 10 else ""
        first = shown(min(unnamed), 20)
        found.append(
            Finding(
                "need.marker",
                "error",
                name,
                column,
                (),
                counted(sum(unnamed.values()), f"cells hold no number: {said}{more}"),
                f"say what each stands for: suppressed={{{first!r}: (1, 5)}} where it is 1 to 5, None where nothing is known",
            )
        )
    if negative:
        message = counted(len(negative), "counts are negative")
        remedy = "correct them; where a negative number is a marker, name it in suppressed="
        found.append(Finding("need.negative", "error", name, column, tuple(negative), message, remedy))
    return low, high, marker, found


def _code_faults(codes: pd.Series, key: Key, name: str, rows: Sequence[str]) -> list[Finding]:
    found = []
    column = str(codes.name)
    missing = tuple(row for row, code in zip(rows, codes, strict=True) if not code)
    if missing:
        message = counted(len(missing), "rows have no code")
        remedy = "complete them, or leave out the rows of countries and regions with where="
        found.append(Finding("need.no_code", "error", name, column, missing, message, remedy))
    higher = tuple(c for c in codes if _HIGHER.fullmatch(c)) if key == "authority_code" else ()
    if higher:
        message = counted(len(higher), "rows are of countries, regions or other sums, and would count twice")
        remedy = "keep the rows of authorities with where=, such as where={'geographic_level': 'Local authority'}"
        found.append(Finding("need.not_authority", "error", name, column, higher, message, remedy))
    return found


def _require_one_row(frame: pd.DataFrame, column: str, name: str) -> None:
    """Raise where a code has several rows, and say in which columns they differ."""
    again = frame[frame[column].duplicated(keep=False)]
    if again.empty:
        return
    codes = again[column].unique().tolist()
    kinds = again.groupby(column).nunique().max()
    varies = [str(c) for c in again.columns if c != column and kinds[c] > 1]
    by = f" that differ in {first_of(varies)}" if varies else ""
    raise DuplicateIdError(
        f"{name}.{column}: {counted(len(codes), 'codes have several rows')}{by} ({first_of(codes)}); "
        "choose one row of each with where="
    )
