"""From a user's table of people, whatever its format, to demand points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from rcp_geo.boundaries import load_boundaries
from rcp_geo.crs import WGS84
from rcp_geo.demand import attrs_of, load_demand
from rcp_geo.errors import DuplicateIdError, GeometryError, InputError, MissingColumnError
from rcp_geo.io.columns import FIELDS, recognise
from rcp_geo.io.csv import parse_numbers
from rcp_geo.io.formats import read_table
from rcp_geo.io.placing import place_rows
from rcp_geo.io.raw import RawTable
from rcp_geo.io.safety import shown
from rcp_geo.join import locate
from rcp_geo.schema import Finding, check_unique, counted, raise_errors

__all__ = ["read_demand"]

Source: TypeAlias = str | Path | pd.DataFrame | gpd.GeoDataFrame

_PLACES = ("longitude", "latitude", "easting", "northing", "postcode")
_LSOA = tuple(f"lsoa{y}{c}" for y in ("11", "2011", "", "21", "2021") for c in ("cd", "code", ""))
# As FIELDS of io.columns: headings without spaces, case and punctuation, the likeliest first.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "id": (
        "demandid",
        *_LSOA,
        *(f"lsoacode{year}" for year in ("11", "2011", "21", "2021")),
        *(f"{kind}{year}cd" for kind in ("oa", "msoa") for year in ("11", "21")),
        "geographycode",
        "areacode",
        "gsscode",
        "code",
        "id",
        "uid",
        "reference",
        "ref",
    ),
    "weight": (
        "weight",
        "weights",
        "population",
        "people",
        "persons",
        "residents",
        "usualresidents",
        "allages",
        "total",
        "count",
        "demand",
        "n",
    ),
    **{field: FIELDS[field] for field in _PLACES},
}
_SMALL_AREA = re.compile(r"[EW]01\d{6}")
_ELSEWHERE = re.compile(r"[WSN9]\w{8}")
# What publishers put where a count is withheld or does not apply.
_WITHHELD = re.compile(
    r"\[?(c|x|z|u|w|low|k|sup|suppressed|conf)\]?|[*:~.\u2026-]+|n/?a|<\s*\d+|fewer than \d+", re.IGNORECASE
)
_OTHER_AREAS = (
    "if they are of 2021, or of areas of another kind, add longitude and latitude of each, such as the centroids that the Office "
    "for National Statistics publishes; correct or delete the rest"
)
_PLAIN_NUMBER = re.compile(r"[-+]?(0|[1-9]\d*)?(\.\d*)?(e[-+]?\d+)?", re.IGNORECASE)
_KINDS: Mapping[str, type[InputError]] = {
    "id.duplicate": DuplicateIdError,
    "demand.no_place": GeometryError,
    "coordinate.swapped": GeometryError,
    "coordinate.zero": GeometryError,
    "coordinate.out_of_range": GeometryError,
}


def read_demand(
    source: Source,
    *,
    weight: str | None = None,
    id: str | None = None,  # noqa: A002
    groups: Source | Sequence[Source] | None = None,
    columns: Mapping[str, str] | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    attribution: str = "",
    licence: str = "",
    vintage: str = "",
    strict: bool = False,
) -> gpd.GeoDataFrame:
    """Read where people are, and how many, from a table that you have.

    Parameters
    ----------
    source
        A frame or a file: CSV, TSV, Excel, Parquet, GeoJSON, GeoPackage, Shapefile, FlatGeobuf, KML or KMZ. What a file is
        is told by its content. Rows are points by their geometry, by longitude and latitude, easting and northing, or
        postcode; or they have none of these and are keyed by the code of a Lower Layer Super Output Area (LSOA) of 2011,
        whose points the library has. Not modified.
    weight
        Column of weights: people, or a stated proxy. Recognised by its heading if left out.
    id
        Column of identifiers; recognised by its heading, or by what is in it if that is codes of small areas.
    groups
        Another frame or file, or several, with columns to group by, such as deprivation deciles, joined by identifier.
    columns
        For a field (``longitude``, ``easting``, ``postcode``, ...) the column to read.
    layer, encoding
        Sheet or layer to read where there are several, and the encoding of a text file that is not UTF-8; of ``source`` only.
    attribution, licence, vintage
        For the provenance: where the table comes from (the name of the file otherwise), the terms it is under, and the date or
        period that its counts are of, such as ``2020-06-30``.
    strict
        Raise for warnings too, once, with all of them.

    Returns
    -------
    geopandas.GeoDataFrame
        ``demand_id`` (text), ``weight``, every other column of the tables (as numbers where all of it is), and the point in
        EPSG:4326, in the order of the table; of a table keyed by LSOA the columns of :func:`load_demand`, in its order.
        ``attrs`` hold ``source``, ``licence``, ``vintage`` and ``findings``, which :func:`assess` takes over.

    Raises
    ------
    MissingColumnError
        If no column holds identifiers of small areas nor places, or none holds weights, or one that is named is not there.
    DuplicateIdError
        If an identifier occurs more than once.
    GeometryError
        If a row has no place, or one that is not in Great Britain.
    CrsError
        If geometry has no coordinate reference system.
    InputError
        If the file cannot be read; if a weight is missing, withheld, negative or no number; if a code is of no LSOA of 2011;
        for several faults at once, all of which are named; with ``strict``, for warnings.
    MissingExtraError
        If a file is Excel and openpyxl is not installed; it comes with the extra ``excel``.

    See Also
    --------
    load_demand : the embedded points, with equal weights.
    Assessment.coverage_by : figures for each group.

    Notes
    -----
    A weight is never made up: a row whose count was withheld stops the call. Points in Wales, Scotland or the sea are kept and
    counted by a finding, and :func:`assess` gives them to no authority; rows of Welsh codes without a place are left out, and
    counted too. Codes of LSOAs of 2021 have no points here: bring coordinates beside them, such as those of the centroids that
    the Office for National Statistics publishes.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"LSOA11CD": ["E01000001", "E01000002"], "aged_0_17": [120, "1,080"], "urban": ["yes", "yes"]})
    >>> demand = read_demand(people, weight="aged_0_17")
    >>> demand[["demand_id", "weight", "urban"]].values.tolist()
    [['E01000001', 120.0, 'yes'], ['E01000002', 1080.0, 'yes']]
    >>> [finding["code"] for finding in demand.attrs["findings"]]
    ['column.mapping', 'demand.no_row']
    """
    raw = read_table(source, layer=layer, encoding=encoding)
    named = {f: c for f, c in (("id", id), ("weight", weight)) if c is not None}
    table = _recognised(raw, {**(columns or {}), **named})
    ids, found = _identifiers(table)
    weights, more = _weights(table, ids)
    found += [*table.findings, *more]
    own = pd.DataFrame({"demand_id": ids, "weight": weights})
    carried = pd.DataFrame({c: _typed(raw.frame[c]) for c in table.carried}, index=raw.frame.index)
    if table.has_places:
        frame, more = _at_places(table, own, carried)
    else:
        frame, more = _at_small_areas(table, own, carried)
    found += more
    for other in _listed(groups):
        frame, more = _joined(frame, other, table.of.get("id"))
        found += more
    _raise(found)
    if not frame["weight"].sum() > 0:
        raise InputError(
            f"{raw.name}.{table.of['weight']}: all weights are 0, so no share can be taken; name another column"
        )
    frame, more = _of_england(frame, raw.name)
    found += more
    if strict:
        _raise([replace(f, severity="error") for f in found if f.severity == "warning"])
    frame.attrs = attrs_of(attribution or raw.name, licence, vintage, found)
    return frame


@dataclass(frozen=True)
class _Table:
    """A table whose columns are known."""

    raw: RawTable
    of: Mapping[str, str]
    carried: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def name(self) -> str:
        return self.raw.name

    @property
    def has_places(self) -> bool:
        return self.raw.geometry is not None or any(field in self.of for field in _PLACES)

    def column(self, field: str) -> pd.Series:
        return self.raw.frame[self.of[field]]


def _recognised(
    raw: RawTable, overrides: Mapping[str, str], fields: Mapping[str, tuple[str, ...]] = _HEADINGS
) -> _Table:
    known = recognise(raw.frame, overrides, raw.name, room=raw.room, fields=fields)
    of, carried = dict(known.of), known.left
    if "id" not in of:
        coded = next((c for c in carried if _all_small_areas(raw.frame[c])), None)
        if coded is not None:
            of["id"], carried = coded, tuple(c for c in carried if c != coded)
            known = recognise(raw.frame, {**overrides, "id": coded}, raw.name, room=raw.room, fields=fields)
    return _Table(raw, of, carried, (*raw.findings, *known.findings))


def _all_small_areas(texts: pd.Series) -> bool:
    filled = texts[texts != ""]
    return len(filled) > 0 and bool(filled.str.fullmatch(_SMALL_AREA).all())


def _raise(findings: Iterable[Finding]) -> None:
    """Raise for the errors among findings: of the kind that fits all of them, or else a general one."""
    errors = [f for f in findings if f.severity == "error"]
    kinds = {_KINDS.get(f.code, InputError) for f in errors}
    raise_errors(errors, kinds.pop() if len(kinds) == 1 else InputError)


def _listed(groups: Source | Sequence[Source] | None) -> list[Source]:
    if groups is None:
        return []
    return [groups] if isinstance(groups, str | Path | pd.DataFrame) else list(groups)


def _identifiers(table: _Table) -> tuple[pd.Series, list[Finding]]:
    """Return the identifiers of the rows: those of the table, or where it has places and none, the rows' own numbers."""
    if "id" not in table.of:
        if not table.has_places:
            raise MissingColumnError(
                f"{table.name}: neither places nor codes of small areas were found (columns: "
                f"{', '.join(map(str, table.raw.frame.columns))}); name the column of LSOA codes with id=, or add longitude and "
                "latitude, easting and northing, or postcode"
            )
        numbers = pd.Series([r.removeprefix("row ") for r in table.raw.rows], dtype=object)
        message = "no column holds identifiers, and rows are known by their number"
        finding = Finding("demand.no_id", "info", table.name, "", (), message, "name one with id= to join tables by it")
        return numbers, [finding]
    ids, column = table.column("id").astype(object), table.of["id"]
    found = []
    blank = (ids == "").to_numpy()
    if blank.any():
        rows = tuple(np.asarray(table.raw.rows, dtype=object)[blank])
        message = counted(len(rows), "rows have no identifier")
        found.append(
            Finding("demand.no_id", "error", table.name, column, rows, message, "complete them, or delete the rows")
        )
    return ids, [*found, *check_unique(ids[~blank], table.name, column)]


def _weights(table: _Table, ids: pd.Series) -> tuple[pd.Series, list[Finding]]:
    if "weight" not in table.of:
        raise MissingColumnError(
            f"{table.name}: no column of weights was found (columns: {', '.join(map(str, table.raw.frame.columns))}); name it "
            "with weight=, or add a column of ones where every point counts the same"
        )
    texts = table.column("weight").str.replace(",", "", regex=False)
    values = pd.Series(parse_numbers(texts))
    blank = (texts == "").to_numpy()
    withheld = ~blank & texts.str.fullmatch(_WITHHELD).to_numpy(dtype=bool)
    strange = ~(blank | withheld) & ~np.isfinite(values.to_numpy())
    found = []
    marks = ", ".join(repr(shown(t)) for t in sorted(set(texts[withheld]))[:5])
    words = ", ".join(repr(shown(t)) for t in sorted(set(texts[strange]))[:5])
    need = "read them as a denominator of need, which keeps withheld counts as bounds, or weight by a count published whole"
    for rows, code, severity, message, remedy in (
        (blank, "weight.missing", "error", "rows have no weight", "complete them; a missing count is not a count of 0"),
        (withheld, "weight.withheld", "error", f"rows have a weight that was withheld: {marks}", need),
        (
            strange,
            "weight.not_a_number",
            "error",
            f"rows have a weight that is no number: {words}",
            "write plain numbers",
        ),
        (values < 0, "weight.negative", "error", "rows have a negative weight", "give each 0 or more"),
        (values == 0, "weight.zero", "info", "rows have a weight of 0, and count for nothing", "no need to act"),
    ):
        who = tuple(ids[np.asarray(rows)].astype(str))
        if who:
            said = counted(len(who), message)
            found.append(Finding(code, severity, table.name, table.of["weight"], who, said, remedy))  # type: ignore[arg-type]
    return values, found


def _typed(texts: pd.Series) -> pd.Series:
    """Return a column as numbers if it is all plain numbers, else as texts; what is blank is missing."""
    blank = (texts == "").to_numpy()
    filled = texts[~blank]
    if len(filled) and filled.str.fullmatch(_PLAIN_NUMBER).all():
        values = parse_numbers(texts)
        whole = not blank.any() and (values == np.floor(values)).all() and (np.abs(values) < 2**53).all()
        return pd.Series(values.astype(np.int64) if whole else values)
    return texts.astype(object).where(~blank, None)


def _at_places(table: _Table, own: pd.DataFrame, carried: pd.DataFrame) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    at = {field: table.column(field) for field in _PLACES if field in table.of}
    names = own["demand_id"].where(own["demand_id"] != "", pd.Series(table.raw.rows)).astype(str).tolist()
    text = pd.DataFrame(at, index=own.index)
    placed = place_rows(table.name, names, text, table.raw.geometry)
    found, named = list(placed.findings), {i for f in placed.findings if f.severity == "error" for i in f.ids}
    lost = tuple(name for name, missing in zip(names, placed.missing, strict=True) if missing and name not in named)
    if lost:
        message = counted(len(lost), "rows have no place")
        remedy = "give each coordinates or a postcode, or leave the rows out"
        found.append(Finding("demand.no_place", "error", table.name, "", lost, message, remedy))
    kept, more = _without(carried, ("demand_id", "weight", "geometry"), table.name)
    points = gpd.points_from_xy(placed.longitude, placed.latitude)
    return gpd.GeoDataFrame(pd.concat([own, kept], axis=1), geometry=points, crs=WGS84), [*found, *more]


def _at_small_areas(table: _Table, own: pd.DataFrame, carried: pd.DataFrame) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    known, column = load_demand(), table.of["id"]
    rows = pd.Index(own["demand_id"])
    here, welsh = rows.isin(known["demand_id"]), np.array([bool(_ELSEWHERE.fullmatch(c)) for c in rows])
    found = _unmatched(own, here, welsh, table.name, column)
    if not here.any():
        _raise(found)
        raise InputError(
            f"{table.name}.{column}: none of {len(own)} codes is of an LSOA of 2011 in England; name the column of codes "
            "with id=, or add coordinates"
        )
    at = pd.Index(known["demand_id"]).isin(rows[here])
    absent = tuple(known.loc[~at, "demand_id"])
    if absent:
        message = counted(len(absent), f"of the {len(known)} LSOAs of 2011 in England have no row, and are no demand")
        remedy = "add them where people live there too, or read the figures as for the others"
        found.append(Finding("demand.no_row", "warning", table.name, column, absent, message, remedy))
    # In the order of the embedded points, whatever that of the table.
    order = rows.get_indexer_for(known.loc[at, "demand_id"]) if rows.is_unique else np.flatnonzero(here)[: at.sum()]
    frame = known[at].reset_index(drop=True)
    frame["weight"] = own["weight"].to_numpy()[order]
    kept, more = _without(carried, tuple(frame.columns), table.name)
    kept = kept.iloc[order].reset_index(drop=True)
    return _beside(frame, kept, at=2), [*found, *more]


def _unmatched(own: pd.DataFrame, here: np.ndarray, welsh: np.ndarray, table: str, column: str) -> list[Finding]:
    """Name the rows whose codes are of no LSOA of 2011 in England, and how much weight they hold."""
    found = []
    elsewhere, lost = welsh & ~here, ~here & ~welsh & (own["demand_id"] != "").to_numpy()
    for rows, code, severity, what, remedy in (
        (elsewhere, "demand.outside_england", "info", "rows are outside England and were left out", "no need to act"),
        (
            lost,
            "demand.unknown_area",
            "error",
            "codes are of no LSOA of 2011",
            _OTHER_AREAS,
        ),
    ):
        ids = tuple(own.loc[rows, "demand_id"].astype(str))
        if ids:
            message = f"{counted(len(ids), what)} (weight {own.loc[rows, 'weight'].sum():,.0f})"
            found.append(Finding(code, severity, table, column, ids, message, remedy))  # type: ignore[arg-type]
    return found


def _without(carried: pd.DataFrame, ours: Sequence[str], table: str) -> tuple[pd.DataFrame, list[Finding]]:
    """Leave out columns that have the name of one of the library's own."""
    clash = [c for c in carried.columns if str(c) in ours]
    if not clash:
        return carried, []
    message = counted(len(clash), "columns have the name of one that demand has, and were left out")
    finding = Finding(
        "column.reserved", "warning", table, ", ".join(map(str, clash)), (), message, "rename them to carry them along"
    )
    return carried.drop(columns=clash), [finding]


def _joined(frame: gpd.GeoDataFrame, source: Source, heading: str | None) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Put columns of another table beside the demand, by identifier."""
    raw = read_table(source)
    same = {"id": heading} if heading in raw.frame.columns else {}
    table = _recognised(raw, same, {"id": _HEADINGS["id"]})  # type: ignore[arg-type]
    if "id" not in table.of:
        raise MissingColumnError(
            f"{raw.name}: no column of identifiers was found to join by (columns: {', '.join(map(str, raw.frame.columns))}); "
            f"head it {heading or 'demand_id'}, as in the other table"
        )
    ids, found = _identifiers(table)
    index, asked = pd.Index(ids), pd.Index(frame["demand_id"])
    found += table.findings
    absent = ~asked.isin(index)
    if absent.any():
        weight = frame.loc[absent, "weight"].sum() / max(frame["weight"].sum(), 1e-300)
        message = f"{counted(int(absent.sum()), 'demand points have no row in it')}, with {weight:.1%} of the weight"
        remedy = "read them as the group missing, or complete the table"
        who = tuple(asked[absent].astype(str))
        found.append(Finding("groups.no_row", "warning", raw.name, table.of["id"], who, message, remedy))
    unused = index[~index.isin(asked) & (index != "")]
    if len(unused):
        message = counted(len(unused), "rows are of no demand point, and were not used")
        who = tuple(unused.astype(str))
        found.append(Finding("groups.unused", "info", raw.name, table.of["id"], who, message, "no need to act"))
    if not index.is_unique:
        return frame, found
    carried = pd.DataFrame({c: _typed(raw.frame[c]) for c in table.carried}, index=raw.frame.index)
    kept, more = _without(carried, tuple(frame.columns), raw.name)
    beside = kept.set_axis(index).reindex(asked).set_axis(frame.index)
    return _beside(frame, beside, at=len(frame.columns) - 1), [*found, *more]


def _beside(frame: gpd.GeoDataFrame, more: pd.DataFrame, *, at: int) -> gpd.GeoDataFrame:
    """Put columns at a position of a frame, all at once."""
    return gpd.GeoDataFrame(pd.concat([frame.iloc[:, :at], more, frame.iloc[:, at:]], axis=1), geometry="geometry")


def _of_england(frame: gpd.GeoDataFrame, table: str) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Count the points that lie in no authority of England."""
    if "district_code" in frame.columns:
        return frame, []
    lost = locate(frame, load_boundaries("9999-12-31"))["authority_code"].isna().to_numpy()
    if not lost.any():
        return frame, []
    ids = tuple(frame.loc[lost, "demand_id"].astype(str))
    held = frame.loc[lost, "weight"].sum()
    message = f"{counted(len(ids), 'points lie outside England')} (weight {held:,.0f}, {held / frame['weight'].sum():.1%} of all)"
    remedy = "no authority counts them; leave them out, or check their coordinates"
    return frame, [Finding("demand.outside_england", "warning", table, "geometry", ids, message, remedy)]
