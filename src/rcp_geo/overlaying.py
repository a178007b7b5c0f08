"""One directory's tables laid over another's: additions, corrections and retirements, and who said what."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from rcp_geo.authorities import register
from rcp_geo.schema import Finding, period_bounds

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Overlaid", "overlay_tables"]

Tables = Mapping[str, "pd.DataFrame | gpd.GeoDataFrame"]

# Two names are taken for one service's if this much alike (0 to 100, rapidfuzz's token set ratio), and only if the services
# are of one family and share an authority too.
_ALIKE = 85
_LOG = ["service_id", "name", "action", "matched_id", "matched_name", "how", "score", "candidates"]
_ACTIONS = {"add": "add", "added": "add", "new": "add", "correct": "correct", "update": "correct", "change": "correct"}
_ACTIONS |= {"retire": "retire", "remove": "retire", "close": "retire", "closed": "retire", "": ""}


@dataclass(frozen=True)
class Overlaid:
    """The tables that result, what was done with each service laid over, and what was doubtful."""

    tables: dict[str, pd.DataFrame]
    log: pd.DataFrame
    findings: tuple[Finding, ...]


def overlay_tables(base: Tables, mine: Tables, *, base_source: str, mine_source: str) -> Overlaid:
    """Lay one directory's tables over another's.

    Parameters
    ----------
    base, mine
        The six tables of each.
    base_source, mine_source
        Who says what they hold; kept in the column ``said_by`` of every table.

    Returns
    -------
    Overlaid

    Notes
    -----
    A service is the same if the ids are; else if the families are, the names are alike and the footprints share ground,
    and no other service fits as well. What ``mine`` says of a service it corrects goes before what ``base`` says: fields
    that are not blank, all sites and all footprints if it has any, and its status on the days of its own windows; on
    other days the windows of ``base`` stand. A service is never removed: retired, it is closed.
    """
    labelled = {name: _said(base[name], base_source) for name in base}
    log, findings = _match(base, mine, mine_source)
    ids = dict(zip(log["service_id"], log["matched_id"].where(log["matched_id"] != "", log["service_id"]), strict=True))
    skipped = set(log.loc[log["action"] == "not applied", "service_id"])
    own = {name: _renamed(_said(mine[name], mine_source), ids, skipped) for name in mine}
    touched = {ids[s] for s in log["service_id"] if s not in skipped}
    tables = {
        "services": _services(
            labelled["services"],
            own["services"].drop(columns="action", errors="ignore"),
            set(log.loc[log["how"] == "id", "matched_id"]),
        ),
        "sites": _replaced(labelled["sites"], _better(own["sites"], labelled["sites"])),
        "footprints": _replaced(labelled["footprints"], own["footprints"]),
        "status": _status(labelled["status"], own["status"], touched),
        "published": pd.concat([labelled["published"], own["published"]], ignore_index=True),
        "searched": pd.concat([labelled["searched"], own["searched"]], ignore_index=True),
    }
    tables["sites"] = _distinct_sites(tables["sites"])
    return Overlaid(tables, log, tuple(findings))


def _said(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    if "said_by" in frame.columns:
        return frame
    # A geometry stays last, as it is read back.
    columns = [
        *(c for c in frame.columns if c != "geometry"),
        "said_by",
        *(c for c in frame.columns if c == "geometry"),
    ]
    return frame.assign(said_by=source)[columns]


def _renamed(frame: pd.DataFrame, ids: Mapping[str, str], skipped: set[str]) -> pd.DataFrame:
    if "service_id" not in frame.columns:
        return frame
    kept = frame[~frame["service_id"].isin(skipped)]
    return kept.assign(service_id=kept["service_id"].map(ids))


def _match(base: Tables, mine: Tables, source: str) -> tuple[pd.DataFrame, list[Finding]]:
    rows, findings = [], []
    known = base["services"].set_index("service_id")
    names = {str(key): str(name) for key, name in known["name"].items()}
    ground, own_ground = _ground(base["footprints"]), _ground(mine["footprints"])
    actions = (
        mine["services"]["action"] if "action" in mine["services"].columns else pd.Series("", mine["services"].index)
    )
    for service, asked in zip(mine["services"].itertuples(), actions, strict=True):
        want = _ACTIONS.get(str(asked).strip().casefold(), "?")
        fits = _fits(service, known, ground, own_ground.get(service.service_id, frozenset()))
        best = fits[0] if fits and (len(fits) == 1 or fits[0][0] > fits[1][0]) else None
        shown = "; ".join(f"{key} {names[key]} ({score:.0f})" for score, key, _ in fits[:5])
        # An id that is another family's service: made from the same words, or given by mistake.
        taken = service.service_id in known.index and (best is None or best[1] != service.service_id)
        action, match = _decide(want, taken, best)
        finding = _doubt(service.service_id, want, taken, best, fits, shown, source)
        findings += [finding] if finding else []
        score, key, how = match or (np.nan, "", "none")
        rows.append((service.service_id, service.name, action, key, names.get(key, ""), how, score, shown))
    return pd.DataFrame(rows, columns=_LOG), findings


def _fits(
    service: object, known: pd.DataFrame, ground: Mapping[str, frozenset[str]], own: frozenset[str]
) -> list[tuple[float, str, str]]:
    """Return the services of the base that one may be: score, id and how it was matched, the likeliest first."""
    key = str(service.service_id)  # type: ignore[attr-defined]
    if key in known.index and known.loc[key, "family"] == service.family:  # type: ignore[attr-defined]
        return [(100.0, key, "id")]
    same = known.index[known["family"] == service.family]  # type: ignore[attr-defined]
    found = []
    for other in same:
        if own & ground.get(other, frozenset()):
            score = fuzz.token_set_ratio(_tidy(service.name), _tidy(known.loc[other, "name"]))  # type: ignore[attr-defined]
            if score >= _ALIKE:
                found.append((float(score), str(other), "name, family and authority"))
    return sorted(found, key=lambda f: (-f[0], f[1]))


def _tidy(name: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", str(name).casefold()).split())


def _ground(footprints: pd.DataFrame) -> dict[str, frozenset[str]]:
    known = register()
    found: dict[str, frozenset[str]] = {}
    for service_id, code in zip(footprints["service_id"], footprints["authority_code"], strict=True):
        found[service_id] = found.get(service_id, frozenset()) | known.districts[code]
    return found


def _decide(want: str, taken: bool, best: tuple[float, str, str] | None) -> tuple[str, tuple[float, str, str] | None]:
    if want == "?" or taken or (want == "retire" and best is None):
        return "not applied", None
    if want == "add":
        # Said to be new: an id that is taken would overwrite what is there.
        return ("not applied", best) if best and best[2] == "id" else ("added", None)
    if best is None:
        return "added", None
    return ("retired" if want == "retire" else "corrected"), best


def _doubt(
    key: str,
    want: str,
    taken: bool,
    best: tuple[float, str, str] | None,
    fits: list[tuple[float, str, str]],
    shown: str,
    source: str,
) -> Finding | None:
    def finding(code: str, severity: str, message: str, remedy: str) -> Finding:
        return Finding(code, severity, source, "service_id", (key,), message, remedy)  # type: ignore[arg-type]

    if want == "?":
        return finding(
            "overlay.action",
            "error",
            "the action is not known; the row was not applied",
            "write add, correct or retire",
        )
    if taken or (want == "add" and best and best[2] == "id"):
        return finding(
            "overlay.id_taken", "error", "has an id that another service has; not applied", "give another id"
        )
    if want == "retire" and best is None:
        return finding(
            "overlay.no_match",
            "error",
            f"is to be retired but matches no one service ({shown or 'none'}); not applied",
            "give the service_id",
        )
    if want != "add" and best is None and fits:
        return finding(
            "overlay.ambiguous",
            "warning",
            f"fits several services as well ({shown}) and was added as new",
            "give the service_id of the one meant",
        )
    if best and best[2] != "id" and want != "add":
        return finding("overlay.matched_by_name", "info", f"was taken for {shown}", "give the service_id to be sure")
    return None


def _services(base: pd.DataFrame, own: pd.DataFrame, by_id: set[str]) -> pd.DataFrame:
    """Correct the fields that are said, and append the services that are new.

    A name corrects the base's only where the id is the same: one that was matched by its likeness is another spelling.
    """
    merged = base.set_index("service_id").astype(object)
    own = own.set_index("service_id").astype(object)
    for column in own.columns:
        if column not in merged.columns:
            merged[column] = ""
    for key, row in own[own.index.isin(merged.index)].iterrows():
        said = {
            c: v for c, v in row.items() if pd.notna(v) and v != "" and (c != "name" or (key in by_id and v != key))
        }
        merged.loc[key, list(said)] = list(said.values())
    new = own[~own.index.isin(merged.index)]
    return pd.concat([merged, new]).fillna("").rename_axis("service_id").reset_index()


def _replaced(base: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Let the rows of the services that ``own`` speaks of take the place of the base's."""
    kept = base[~base["service_id"].isin(own["service_id"])]
    if own.empty:
        return base
    joined = pd.concat([kept, own], ignore_index=True)
    text = [c for c in joined.columns if c != "geometry"]
    # A column that the list alone has came after the geometry.
    joined = joined[[*text, *(c for c in joined.columns if c == "geometry")]]
    return joined.assign(**{c: joined[c].astype(object).where(joined[c].notna(), "") for c in text})


def _better(own: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """Leave out sites that are only the middle of an authority, where the base knows of any site."""
    if "precision" not in own.columns:
        return own
    return own[~((own["precision"] == "authority") & own["service_id"].isin(base["service_id"]))]


def _distinct_sites(sites: pd.DataFrame) -> pd.DataFrame:
    """Give sites new numbers where ids of the two directories meet."""
    again = sites["site_id"].duplicated()
    if not again.any():
        return sites
    taken, ids = set(sites.loc[~again, "site_id"]), sites["site_id"].tolist()
    for i in np.flatnonzero(again):
        number = 1
        while f"{sites['service_id'].iloc[i]}-{number}" in taken:
            number += 1
        ids[i] = f"{sites['service_id'].iloc[i]}-{number}"
        taken.add(ids[i])
    return sites.assign(site_id=ids)


def _status(base: pd.DataFrame, own: pd.DataFrame, touched: set[str]) -> pd.DataFrame:
    """Keep the base's windows on the days of which ``own`` says nothing."""
    spoken = {s: _intervals(rows) for s, rows in own.groupby("service_id")}
    kept = []
    for row, (first, last) in zip(base.to_dict("records"), _intervals(base), strict=True):
        said = spoken.get(row["service_id"], []) if row["service_id"] in touched else []
        pieces = _without((first, last), said)
        if pieces == [(first, last)]:
            kept.append(row)
        else:
            kept += [{**row, "observed_from": _text(a), "observed_to": _text(b)} for a, b in pieces]
    return pd.concat([pd.DataFrame(kept, columns=base.columns), own], ignore_index=True).fillna("")


def _intervals(rows: pd.DataFrame) -> list[tuple[dt.date, dt.date]]:
    first, last, _ = period_bounds(rows, "status", "observed_from", "observed_to", "service_id")
    return [
        (dt.date.min if np.isnat(a) else a.item(), dt.date.max if np.isnat(b) else b.item())
        for a, b in zip(first, last, strict=True)
    ]


def _without(interval: tuple[dt.date, dt.date], cuts: list[tuple[dt.date, dt.date]]) -> list[tuple[dt.date, dt.date]]:
    """Return what is left of an interval of days when others are taken out of it."""
    left = [interval]
    day = dt.timedelta(days=1)
    for start, end in cuts:
        rest = []
        for a, b in left:
            if end < a or start > b:
                rest.append((a, b))
                continue
            if a < start:
                rest.append((a, start - day))
            if end < b:
                rest.append((end + day, b))
        left = rest
    return left


def _text(day: dt.date) -> str:
    return "" if day in (dt.date.min, dt.date.max) else day.isoformat()
