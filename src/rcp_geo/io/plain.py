"""One row per service, as people keep it in a spreadsheet, made into the directory's tables."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from rcp_geo.authorities import register
from rcp_geo.crs import WGS84
from rcp_geo.directory import FAMILIES, STATUSES
from rcp_geo.errors import InputError
from rcp_geo.io.central import middle_of
from rcp_geo.io.columns import FIELDS, Columns, recognise
from rcp_geo.io.periods import read_period, windows
from rcp_geo.io.placing import Placed, place_rows
from rcp_geo.io.served_areas import Areas, read_areas
from rcp_geo.names import codes_named
from rcp_geo.schema import Finding, Severity, counted, period_bounds

if TYPE_CHECKING:
    from rcp_geo.io.formats import RawTable

__all__ = ["Tables", "plain_tables"]

_STATUS_WORDS: Mapping[str, tuple[str, ...]] = {
    "operating": ("operating", "open", "active", "running", "live", "current", "operational", "yes", "up and running"),
    "in_development": ("in development", "development", "planned", "proposed", "pending", "coming soon", "planning"),
    "paused": ("paused", "suspended", "temporarily closed", "on hold"),
    "closed": ("closed", "ended", "ceased", "defunct", "discontinued", "decommissioned", "no longer running"),
    "not_started": ("not started", "not yet started", "not yet open"),
    "unknown": ("unknown", "not known", "unclear", "?", "unsure", "inactive"),
}
_FAMILY_WORDS: Mapping[str, tuple[str, ...]] = {
    "pause": ("pause", "pause practice", "pause project", "pause programme"),
    "fdac": ("fdac", "family drug and alcohol court", "family drug alcohol court", "drug and alcohol court"),
    "local": ("local", "locally developed", "local service", "locally developed service", "other local"),
}
_EXTENT_WORDS = {"": "whole", "whole": "whole", "all": "whole", "full": "whole", "part": "part", "partial": "part"}
# Carried from the user's table into services where they are there.
_ABOUT = ("provider", "provider_type", "stage", "capacity", "source_url", "note", "action")


@dataclass
class Tables:
    """The directory's tables made from a user's table, and what was noticed on the way."""

    services: pd.DataFrame
    sites: gpd.GeoDataFrame
    footprints: pd.DataFrame
    status: pd.DataFrame
    findings: list[Finding]


@dataclass
class _Reader:
    """One table being read: its rows' names and the findings so far."""

    table: str
    rows: Sequence[str]
    text: pd.DataFrame
    contents: Sequence[tuple[object, ...]]
    findings: list[Finding] = field(default_factory=list)

    def note(self, code: str, severity: Severity, column: str, at: Sequence[int], what: str, remedy: str) -> None:
        """Record a finding about the rows at these positions, if there are any."""
        if len(at):
            ids = tuple(self.rows[i] for i in at)
            self.findings.append(
                Finding(code, severity, self.table, column, ids, counted(len(ids), f"rows {what}"), remedy)
            )

    def get(self, name: str) -> pd.Series:
        """Return a field's column, blank where the table has none."""
        return self.text[name] if name in self.text.columns else self._blank

    @cached_property
    def _blank(self) -> pd.Series:
        return pd.Series("", index=self.text.index, dtype=object)


def plain_tables(
    raw: RawTable, *, as_of: dt.date | None, columns: Mapping[str, str] | None, family: str | None
) -> Tables:
    """Make the directory's tables from one table with a row per service, or several rows per service with its id.

    Every row is read, or named in a finding of severity ``error``.

    Raises
    ------
    MissingColumnError
        If ``columns`` names a field or a column that does not exist.
    InputError
        If the table is empty, or rows have no date and no ``as_of`` says what day they stand for.
    """
    if raw.frame.empty:
        raise InputError(f"{raw.name}: the table is empty; give at least one service")
    found = recognise(raw.frame, columns, raw.name, room=raw.room)
    text = pd.DataFrame({f: raw.frame[c] for f, c in found.of.items()}, index=raw.frame.index).reset_index(drop=True)
    reader = _Reader(raw.name, raw.rows, text, _contents(raw), [*raw.findings, *found.findings])
    keys, families = _identify(reader, family)
    kept = [i for i, key in enumerate(keys) if key]
    if not kept:
        errors = "\n".join(str(f) for f in reader.findings if f.severity == "error")
        raise InputError(f"{raw.name}: no row could be read as a service\n{errors}")

    areas = read_areas(reader.table, reader.rows, reader.get("served"), reader.get("authority"), as_of)
    reader.findings += areas.findings
    if not any(areas.served[i] for i in kept):
        reader.findings.append(_no_footprint(raw.name, found))
    placed = place_rows(reader.table, reader.rows, text, raw.geometry)
    reader.findings += placed.findings
    _fall_back(reader, kept, placed, areas, as_of)
    unplaced = [i for i in kept if placed.missing[i]]
    reader.note(
        "site.no_point",
        "warning",
        "",
        unplaced,
        "have nothing to place them by, so no distance is taken to them",
        "add coordinates, a postcode or an authority",
    )
    status, periods = _status(reader, kept, keys, as_of)
    return Tables(
        _services(reader, kept, keys, families, raw, found),
        _sites(reader, kept, keys, placed),
        _footprints(reader, kept, keys, areas, periods, as_of),
        status,
        reader.findings,
    )


def _no_footprint(table: str, found: Columns) -> Finding:
    said = found.of.get("served", found.of.get("authority"))
    return Finding(
        "footprint.none",
        "warning",
        table,
        said or "",
        (),
        "no row says of any authority that it is served, so these services answer for none",
        f"look at what is said of column {said!r}" if said else "name them in a column served, or pass columns=",
    )


def _contents(raw: RawTable) -> list[tuple[object, ...]]:
    """Return all that each row says, its point included."""
    points = [""] * len(raw.frame) if raw.geometry is None else raw.geometry.to_wkt().tolist()
    return [(*row, point) for row, point in zip(raw.frame.itertuples(index=False, name=None), points, strict=True)]


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9?]+", " ", text.casefold()).split())


def _lookup(words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {variant: name for name, variants in words.items() for variant in (*variants, name.replace("_", " "))}


def _identify(reader: _Reader, family: str | None) -> tuple[list[str], list[str]]:
    """Return each row's service id, blank for a row that is left out, and its family."""
    names, ids = reader.get("name").tolist(), reader.get("service_id").tolist()
    families = _families(reader, names, family)
    named = [bool(name or key) for name, key in zip(names, ids, strict=True)]
    nameless = [i for i, own in enumerate(named) if not own]
    homeless = [i for i, (f, own) in enumerate(zip(families, named, strict=True)) if own and not f]
    reader.note("service.no_name", "error", "name", nameless, "have no name and were left out", "name the service")
    reader.note(
        "service.no_family",
        "error",
        "family",
        homeless,
        "do not say what family of service they are and were left out",
        f"add a column family ({', '.join(FAMILIES)}, or your own), or pass family=",
    )
    reserved = [i for i, f in enumerate(families) if f == "any"]
    reader.note(
        "service.reserved_family",
        "error",
        "family",
        reserved,
        "use the word any, which means all families",
        "rename it",
    )
    out = {*nameless, *homeless, *reserved}
    keys = ["" if i in out else (ids[i] or _slug(reader, i)) for i in range(len(names))]
    return _without_conflicts(reader, keys, names, families, [bool(i) for i in ids]), families


def _slug(reader: _Reader, i: int) -> str:
    """Return an id made of the name, and of where it is, since many services are simply called Pause."""
    parts = [reader.get(f).iloc[i] for f in ("name", "authority", "place")]
    said: list[str] = []
    for part in parts:
        said += [w for w in _words(part).replace("?", "").split() if w not in said]
    return "-".join(said) or f"service-{i + 1}"


@dataclass
class _Ids:
    """Ids that are each one service's: those stated in the table, and those given so far with their name and family."""

    stated: set[str]
    given: dict[str, tuple[str, str]] = field(default_factory=dict)
    _numbered: dict[tuple[str, str, str], str] = field(default_factory=dict)
    _numbers: Counter[str] = field(default_factory=Counter)

    def clash(self, key: str, name: str, family: str) -> bool:
        """Say whether an id is that of another service; a row without a name is of the service that has its id."""
        first, own = self.given.get(key, (name, family))
        return (name or first) != first or family != own

    def apart(self, key: str, name: str, family: str) -> str:
        """Return an id made for a service, with a number where another has it."""
        if not self.clash(key, name, family):
            return key
        service = key, name, family
        while service not in self._numbered:
            # From where the last one of this id left off: 20,000 services called Pause are 20,000 steps.
            self._numbers[key] += 1
            own = f"{key}-{self._numbers[key] + 1}"
            if own not in self.stated and not self.clash(own, name, family):
                self._numbered[service] = own
        return self._numbered[service]


def _without_conflicts(
    reader: _Reader, keys: list[str], names: list[str], families: list[str], given: list[bool]
) -> list[str]:
    """Leave out rows that repeat an earlier one, or give its id to another service.

    Two services of which the ids were made, and would be one, are told apart by a number.
    """
    ids = _Ids({key for key, own in zip(keys, given, strict=True) if own})
    seen: set[tuple[object, ...]] = set()
    repeated, clashing, unsure = [], [], []
    answer = [""] * len(keys)
    for i, key in enumerate(keys):
        if not key:
            continue
        if reader.contents[i] in seen:
            repeated.append(i)
            continue
        seen.add(reader.contents[i])
        service = names[i], families[i]
        own = key if given[i] else ids.apart(key, *service)
        if ids.clash(own, *service):
            clashing.append(i)
            continue
        answer[i] = own
        if own in ids.given and not given[i]:
            unsure.append(i)
        ids.given.setdefault(own, service)
    reader.note(
        "row.duplicate", "warning", "", repeated, "repeat an earlier row exactly and were left out", "delete them"
    )
    reader.note(
        "id.conflict",
        "error",
        "service_id",
        clashing,
        "give the id of an earlier row to a service of another name or family and were left out",
        "give each service an id of its own",
    )
    reader.note(
        "row.same_service",
        "warning",
        "name",
        unsure,
        "have the name and place of an earlier row and were read as the same service",
        "give each service an id if they are different",
    )
    return answer


def _families(reader: _Reader, names: Sequence[str], family: str | None) -> list[str]:
    known = _lookup(_FAMILY_WORDS)
    stated = [known.get(_words(v), _words(v).replace(" ", "_")) for v in reader.get("family")]
    if family is not None:
        return [s or family for s in stated]
    blank = [i for i, s in enumerate(stated) if not s]
    inferred = []
    for i in blank:
        words = f" {_words(names[i])} "
        hit = next((f for f in ("fdac", "pause") for w in _FAMILY_WORDS[f] if f" {w} " in words), "")
        if hit:
            stated[i] = hit
            inferred.append(i)
    reader.note(
        "service.family_inferred",
        "warning",
        "family",
        inferred,
        "state no family; it was taken from their name",
        "add a column family",
    )
    return stated


def _fall_back(reader: _Reader, kept: Sequence[int], placed: Placed, areas: Areas, as_of: dt.date | None) -> None:
    """Place what has no point of its own in the middle of the district that it names as its place, or of its authority.

    The district must lie in that authority, or, where none is named, in those that are served.
    """
    places, candidates, lost = reader.get("place"), codes_named(as_of), []
    for i in (i for i in kept if placed.missing[i]):
        codes = [areas.located[i]] if areas.located[i] else [code for code, *_ in areas.served[i]]
        if not codes:
            continue
        middle = middle_of(candidates(places.iloc[i]), codes)
        placed.longitude[i], placed.latitude[i] = middle.longitude, middle.latitude
        placed.precision[i] = middle.precision
        if places.iloc[i] and not middle.known:
            lost.append(i)
    reader.note(
        "site.place_unknown",
        "warning",
        "place",
        lost,
        "name a place that is no district known to lie in their authority, and were placed by the authority alone",
        "give a postcode or coordinates",
    )


def _dates(reader: _Reader, kept: Sequence[int]) -> pd.DataFrame:
    """Return the four date columns as ISO 8601; blank where a text is no date, with a finding."""
    answer, used = {}, set(kept)
    for column in ("opened", "closed", "observed_from", "observed_to"):
        read, bad, slashed = [], [], []
        for i, text in enumerate(reader.get(column)):
            try:
                read.append(read_period(text))
            except ValueError:
                read.append("")
                if i in used:
                    bad.append(i)
                continue
            if re.match(r"\s*\d{1,2}[/.]\d{1,2}[/.]", text):
                slashed.append(i)
        reader.note(
            "date.invalid",
            "error",
            column,
            bad,
            "hold something that is no date, which was not read",
            "write YYYY, YYYY-MM or YYYY-MM-DD",
        )
        reader.note("date.day_first", "info", column, slashed, "hold dates read with the day first", "write YYYY-MM-DD")
        answer[column] = read
    return pd.DataFrame(answer)


def _said(dates: pd.DataFrame, i: int) -> tuple[str, str, str, str]:
    opened, closed, observed_from, observed_to = dates.iloc[i].tolist()
    return opened, closed, observed_from, observed_to


def _status(
    reader: _Reader, kept: Sequence[int], keys: Sequence[str], as_of: dt.date | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the status windows, and the dates of every row."""
    known = _lookup(_STATUS_WORDS)
    dates = _dates(reader, kept)
    words = [_words(s) for s in reader.get("status")]
    strange = [i for i in kept if words[i] and words[i] not in known]
    reader.note(
        "status.not_recognised",
        "error",
        "status",
        strange,
        "hold a status that is not known, and were read as unknown",
        f"use one of {', '.join((*STATUSES, 'unknown'))}",
    )
    # A row without a status column says that the service is there.
    status = [known.get(w, "unknown") if w else "operating" for w in words]
    retired = reader.get("action").str.casefold().isin(["retire", "remove", "close", "closed"]).tolist()
    for i in kept:
        if not words[i] and (dates["closed"].iloc[i] or retired[i]):
            status[i] = "closed"
    open_ended = [
        i for i in kept if status[i] != "unknown" and not dates["observed_to"].iloc[i] and not dates["closed"].iloc[i]
    ]
    if open_ended and as_of is None:
        raise InputError(
            f"{reader.table}: {counted(len(open_ended), 'rows do not say until when their status is known')} "
            f"({', '.join(reader.rows[i] for i in open_ended[:5])}); pass as_of= "
            "(--as-of in a shell), the date that the file stands for"
        )
    day = as_of.isoformat() if as_of else ""
    rows = [
        (keys[i], *window, "stated", reader.get("source_url").iloc[i], "", i)
        for i in kept
        for window in windows(status[i], *_said(dates, i), day)
    ]
    columns = ["service_id", "status", "observed_from", "observed_to", "basis", "source_url", "note", "at"]
    frame = pd.DataFrame(rows, columns=columns).drop_duplicates(columns[:4], ignore_index=True)
    days = _days(frame)
    # Backwards as it stands, or closed before it opened.
    opening = {at: end for at, said, (start, end) in days if said == "not_started" and start == dt.date.min}
    turned = [
        start > end or (said == "closed" and start <= opening.get(at, dt.date.min)) for at, said, (start, end) in days
    ]
    reader.note(
        "date.reversed",
        "error",
        "opened, closed",
        sorted({at for (at, *_), wrong in zip(days, turned, strict=True) if wrong}),
        "end before they begin, or begin after the date that the file stands for; that period was not read",
        "correct the dates",
    )
    frame = frame[~np.array(turned, dtype=bool)].reset_index(drop=True)
    return frame[np.array(_consistent(reader, frame), dtype=bool)].drop(columns="at").reset_index(drop=True), dates


def _days(frame: pd.DataFrame) -> list[tuple[int, str, tuple[dt.date, dt.date]]]:
    """Return for each window the row that it comes from, its status and its first and last day."""
    first, last, _ = period_bounds(frame, "status", "observed_from", "observed_to", "service_id")
    return [
        (at, said, (dt.date.min if np.isnat(a) else a.item(), dt.date.max if np.isnat(b) else b.item()))
        for at, said, a, b in zip(frame["at"], frame["status"], first, last, strict=True)
    ]


def _consistent(reader: _Reader, frame: pd.DataFrame) -> list[bool]:
    """Say which windows to keep: of a service that opened at several dates the first, and none that contradict others."""
    days, keep, clashing = _days(frame), [True] * len(frame), set()
    for places in frame.groupby("service_id", sort=False).indices.values():
        waits = [i for i in places if days[i][1] == "not_started" and days[i][2][0] == dt.date.min]
        earliest = min((days[i][2][1] for i in waits), default=dt.date.max)
        late = {i for i in waits if days[i][2][1] > earliest}
        # By their first days: each against the window of every other status that reaches furthest so far.
        furthest: dict[str, int] = {}
        for i in sorted((i for i in places if i not in late), key=lambda i: days[i][2]):
            _, said, (start, end) = days[i]
            for other, j in furthest.items():
                if other != said and days[j][2][1] >= start:
                    clashing |= {i, j}
            if said not in furthest or days[furthest[said]][2][1] < end:
                furthest[said] = i
        for i in late:
            keep[i] = False
    for i in clashing:
        keep[i] = False
    reader.note(
        "status.overlap",
        "error",
        "status",
        sorted({days[i][0] for i in clashing}),
        "give a service two statuses on one day, and neither was read",
        "end one before the other begins",
    )
    return keep


def _services(
    reader: _Reader, kept: Sequence[int], keys: Sequence[str], families: Sequence[str], raw: RawTable, found: Columns
) -> pd.DataFrame:
    columns: dict[str, list[str]] = {
        "service_id": [keys[i] for i in kept],
        "name": [reader.get("name").iloc[i] or keys[i] for i in kept],
        "family": [families[i] for i in kept],
    }
    for name in _ABOUT:
        if name in reader.text.columns:
            columns[name] = reader.get(name).iloc[list(kept)].tolist()
    for name in found.left:
        if name not in columns and name not in FIELDS:
            columns[name] = raw.frame[name].iloc[list(kept)].tolist()
    frame = pd.DataFrame(columns)
    own = list(columns)[3:]
    said = frame[own].mask(frame[own] == "").groupby(frame["service_id"], sort=False).transform("first").fillna("")
    for name in own:
        other = [
            at for at, differs in zip(kept, (frame[name] != "") & (frame[name] != said[name]), strict=True) if differs
        ]
        reader.note(
            "row.differs",
            "warning",
            name,
            other,
            "say something else of a service than an earlier row, which was kept",
            "say it once",
        )
    frame[own] = said
    return frame.drop_duplicates("service_id", ignore_index=True)


def _sites(reader: _Reader, kept: Sequence[int], keys: Sequence[str], placed: Placed) -> gpd.GeoDataFrame:
    at, postcode = list(kept), reader.get("postcode")
    frame = pd.DataFrame(
        {
            "service_id": [keys[i] for i in at],
            "place": reader.get("place").iloc[at].tolist(),
            # A point does not tell the district or the sector that it stands for.
            "postcode": [postcode.iloc[i] if placed.precision[i] in {"district", "sector"} else "" for i in at],
            "precision": placed.precision[at],
        }
    )
    points = gpd.GeoSeries(gpd.points_from_xy(placed.longitude[at], placed.latitude[at]), crs=WGS84)
    sites = gpd.GeoDataFrame(frame, geometry=points.where(~placed.missing[at], None), crs=WGS84)
    same = pd.DataFrame({"s": frame["service_id"], "x": placed.longitude[at], "y": placed.latitude[at]}).duplicated()
    sites = sites[~same & ~placed.missing[at]].reset_index(drop=True)
    number = sites.groupby("service_id").cumcount() + 1
    sites.insert(0, "site_id", sites["service_id"] + "-" + number.astype(str))
    return sites


def _footprints(
    reader: _Reader,
    kept: Sequence[int],
    keys: Sequence[str],
    areas: Areas,
    periods: pd.DataFrame,
    as_of: dt.date | None,
) -> pd.DataFrame:
    names = register().names()
    stated = [_EXTENT_WORDS.get(_words(e), "") for e in reader.get("extent")]
    odd = [i for i in kept if not stated[i]]
    reader.note(
        "footprint.extent",
        "error",
        "extent",
        odd,
        "say neither whole nor part, and were read as unclear",
        "write whole or part",
    )
    rows = []
    for i in kept:
        for code, extent, certainty in areas.served[i]:
            part = "part" in (extent, stated[i])
            sure = certainty if stated[i] else "unclear"
            begins, ends = periods["observed_from"].iloc[i], periods["observed_to"].iloc[i]
            own = (begins, ends) if begins and ends else ("", "")
            rows.append((keys[i], code, names[code], "part" if part else "whole", *own, sure))
    columns = ["service_id", "authority_code", "authority_name", "extent", "valid_from", "valid_to", "certainty"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    frame["vintage"] = as_of.isoformat() if as_of else ""
    return frame.drop_duplicates(ignore_index=True)
