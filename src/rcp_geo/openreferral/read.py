"""Open Referral documents, our own and foreign, as a directory's tables."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.openreferral.feed import collect
from rcp_geo.openreferral.foreign import Rows, read_service
from rcp_geo.openreferral.notes import Notes
from rcp_geo.openreferral.restore import Own, note_changes, to_table
from rcp_geo.openreferral.vocabulary import COLUMNS, EXTENSION, Record
from rcp_geo.schema import Finding, counted, first_of, to_date

__all__ = ["from_openreferral"]


def from_openreferral(
    document: object, *, as_of: dt.date | str | None = None
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Return the tables that Open Referral documents hold, and what was noticed in them.

    Parameters
    ----------
    document
        JSON values: one service in full, a list of services, a page as an API answers it (``contents``), the tables of
        HSDS 3 by name (``service``, ``service_at_location``, ``location``, ``service_area``, ``organization`` ...), or
        a list of any of these. Not modified.
    as_of
        The date that the feed stands for. Without it each service stands for its own ``assured_date``, else its
        ``last_modified``. Not needed for, nor used on, what :func:`to_openreferral` wrote.

    Returns
    -------
    tables : dict of pandas.DataFrame
        The six tables of a :class:`~rcp_geo.Directory`, ``sites`` with ``longitude`` and ``latitude`` (NaN where not
        known) for a geometry. What :func:`to_openreferral` wrote comes back cell by cell. From a foreign feed, an
        operating, paused or closed service has a window of one day; every other has none, and so is unknown. Its sites
        have a column ``postcode``. A service area without a code has a blank ``authority_code`` and its name in
        ``authority_name``. A footprint has no dates of its own.
    findings : list of Finding
        Every record that was not used is in one.

    Raises
    ------
    InputError
        If ``as_of`` is no full date, or is not given and a service has no date of its own.
    """
    day = None if as_of is None else to_date(as_of)
    notes, rows, own = Notes(), Rows(), Own()
    feed = collect(document, notes)
    for extension in feed.extensions:
        if not own.take_page(extension):
            notes.add("extension.not_read", "document", EXTENSION, "")
    restored, foreign = [], []
    for service in feed.services:
        if _carries_rows(service) and own.take_service(service):
            restored.append(service)
            continue
        if _carries_rows(service):
            notes.add("extension.not_read", "service", EXTENSION, str(service["id"]))
        foreign.append(service)
    if restored:
        ours = {name: to_table(name, own.rows(name), own.columns.get(name)) for name in COLUMNS}
        note_changes(restored, ours, notes)
    for service in foreign:
        read_service(service, day, rows, notes)
    _require_dates(rows.undated)
    theirs: dict[str, list[Record]] = {
        "services": rows.services,
        "sites": rows.sites,
        "footprints": rows.footprints,
        "status": rows.status,
    }
    columns = dict(own.columns)
    tables = {name: to_table(name, [*own.rows(name), *theirs.get(name, [])], columns.get(name)) for name in COLUMNS}
    if foreign and "postcode" not in tables["sites"]:
        tables["sites"]["postcode"] = pd.Series("", index=tables["sites"].index, dtype=str)
    return tables, notes.findings()


def _carries_rows(service: Record) -> bool:
    extension = service.get(EXTENSION)
    return isinstance(extension, dict) and "service" in extension


def _require_dates(undated: list[str]) -> None:
    if undated:
        raise InputError(
            f"service.assured_date: {counted(len(undated), 'services have no date of their own')} ({first_of(undated)}); "
            "give as_of, the date that the feed stands for"
        )
