"""From a user's file, whatever its format, to a directory."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from rcp_geo.directory import REFERENCE_DATE, Directory
from rcp_geo.errors import InputError, InputWarning
from rcp_geo.io.formats import read_table, sniff
from rcp_geo.io.json import load_json
from rcp_geo.io.plain import plain_tables
from rcp_geo.io.safety import local_path, read_bytes
from rcp_geo.io.tables import assemble, holds_tables, is_folder_of_tables, read_folder, read_geopackage
from rcp_geo.openreferral import from_openreferral
from rcp_geo.openreferral.vocabulary import EXTENSION
from rcp_geo.schema import Finding, period_bounds, to_date

__all__ = ["read_directory"]


def read_directory(
    source: str | Path | pd.DataFrame | gpd.GeoDataFrame,
    *,
    as_of: dt.date | str | None = None,
    columns: Mapping[str, str] | None = None,
    family: str | None = None,
    layer: str | None = None,
    encoding: str | None = None,
    strict: bool = False,
) -> Directory:
    """Read a list of services that you have.

    Parameters
    ----------
    source
        A file or a frame with one row per service (or several, with its id): CSV, TSV, Excel, Parquet, GeoJSON, GeoPackage,
        Shapefile, KML or KMZ; Open Referral UK JSON, a file or a folder of them; or the directory's own tables, as a folder
        of CSV files or a GeoPackage. What a file is is told by its content.
    as_of
        The date that the file stands for. Needed where rows do not say until when their status is known; it is the
        reference date of the directory too.
    columns
        For a field (``name``, ``family``, ``postcode``, ``served``, ...) the column to read; others are recognised by their
        headings.
    family
        Family of the rows that state none.
    layer
        Sheet or layer to read, where there are several.
    encoding
        Encoding of a text file that is not UTF-8.
    strict
        Raise once, with everything that is wrong, in place of leaving it out with a finding.

    Returns
    -------
    Directory
        With ``findings``: how columns were read, and every row or value that was not. A row is read, or named there.

    Raises
    ------
    InputError
        If the file cannot be read, or no row of it; if it says no dates and ``as_of`` is not given; with ``strict``, if
        anything is wrong.
    MissingColumnError
        If ``columns`` names what is not there, or one of the directory's own tables lacks a column.
    UnknownAuthorityError, AmbiguousAuthorityError
        If one of the directory's own tables names no authority, or one of two.
    MissingExtraError
        If the file is Excel and openpyxl is not installed; it comes with the extra ``excel``.

    Warns
    -----
    InputWarning
        If something was wrong and was left out.

    See Also
    --------
    Directory.overlay : lay what you read over the embedded directory.

    Notes
    -----
    A site is placed by the first of its geometry, its coordinates (WGS 84 or National Grid, told apart by their range), its
    postcode, sector or district, its place, if that is a local government district in its authority, and its authority;
    ``sites.precision`` says which. A service without a status operates;
    a date of opening is evidence that it had not started before, one of closing that it was closed from then on. An authority
    named without saying who is served is taken to be served, as inferred. Nothing is mended unsaid.

    Examples
    --------
    >>> import pandas as pd
    >>> mine = pd.DataFrame(
    ...     {"Service": ["Fresh Start"], "Type": ["local"], "Post code": ["HU1 1AA"], "Council": ["Hull"]}
    ... )
    >>> directory = read_directory(mine, as_of="2024-01-01")
    >>> directory.footprints[["authority_code", "extent", "certainty"]].values.tolist()
    [['E06000010', 'whole', 'inferred']]
    """
    day = None if as_of is None else to_date(as_of)
    directory = _read(source, day, columns, family, layer, encoding)
    wrong = [f for f in directory.noticed if f.severity == "error"]
    if wrong and strict:
        raise InputError("\n".join(str(f) for f in wrong))
    if wrong:
        warnings.warn(
            f"{directory.source}: {len(wrong)} things are wrong and were left out, the first: {wrong[0]}; "
            "look at Directory.findings",
            InputWarning,
            stacklevel=2,
        )
    return directory


def _read(
    source: str | Path | pd.DataFrame,
    day: dt.date | None,
    columns: Mapping[str, str] | None,
    family: str | None,
    layer: str | None,
    encoding: str | None,
) -> Directory:
    if not isinstance(source, pd.DataFrame):
        path = local_path(source)
        if is_folder_of_tables(path):
            _require_unused(
                "the directory's own tables", columns=columns, family=family, layer=layer, encoding=encoding
            )
            return read_folder(path, reference_date=day)
        kind = sniff(path)
        if kind == "openreferral":
            _require_unused("Open Referral UK", columns=columns, layer=layer, encoding=encoding)
            return _read_openreferral(path, day, family)
        if kind == "gpkg" and layer is None and holds_tables(path):
            _require_unused("the directory's own tables", columns=columns, family=family, encoding=encoding)
            return read_geopackage(path, reference_date=day)
    raw = read_table(source, layer=layer, encoding=encoding)
    made = plain_tables(raw, as_of=day, columns=columns, family=family)
    directory = Directory.from_tables(
        made.services,
        made.sites,
        made.footprints,
        made.status,
        reference_date=day or _latest(made.status),
        source=raw.name,
    )
    return replace(directory, noticed=tuple(made.findings))


def _require_unused(what: str, **options: object) -> None:
    """Raise for an option that would be passed over."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise InputError(f"{', '.join(given)}: means nothing for {what}, whose parts have fixed names; leave it out")


def _latest(status: pd.DataFrame) -> dt.date:
    """Return the last full day that any window states, for a table that states no date of its own."""
    first, last, _ = period_bounds(status, "status", "observed_from", "observed_to", "service_id")
    days = [d.item() for d in (*first, *last) if not np.isnat(d)]
    return max(days, default=REFERENCE_DATE)


def _stated_date(document: object) -> dt.date | None:
    """Return the date for which a document that we wrote is true; None for anyone else's."""
    extension = document.get(EXTENSION) if isinstance(document, dict) else None
    stated = extension.get("as_of") if isinstance(extension, dict) else None
    return to_date(stated) if isinstance(stated, str) else None


def _of_a_family(
    tables: Mapping[str, pd.DataFrame], findings: Sequence[Finding], family: str | None
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Leave out the services of a feed that nothing says are of a family, unless the caller says which.

    A council's feed lists its libraries and toddler groups too: to take them all for local services would fill every gap.
    """
    guessed = [f for f in findings if f.code == "service.family_inferred" and " local " in f"{f.message} "]
    unsaid = {i for f in guessed for i in f.ids}
    kept = [f for f in findings if f not in guessed]
    services = tables["services"]
    if family is not None:
        chosen = services["family"].mask(services["service_id"].isin(unsaid), family)
        return {**tables, "services": services.assign(family=chosen)}, kept
    if not unsaid:
        return dict(tables), kept
    finding = Finding(
        "service.no_family",
        "error",
        "service",
        "name",
        tuple(sorted(unsaid)),
        f"{len(unsaid)} services do not say what family they are and were left out",
        "pass family= if they are all of one, or keep only services for parents in recurrent care proceedings",
    )
    answer = {n: f[~f["service_id"].isin(unsaid)] if "service_id" in f.columns else f for n, f in tables.items()}
    if answer["services"].empty:
        raise InputError(str(finding))
    return answer, [*kept, finding]


def _read_openreferral(path: Path, day: dt.date | None, family: str | None) -> Directory:
    if path.is_dir():
        documents: object = {f.stem: load_json(read_bytes(f), f.name) for f in sorted(path.glob("*.json"))}
    else:
        documents = load_json(read_bytes(path), path.name)
    tables, findings = from_openreferral(documents, as_of=day)
    tables, findings = _of_a_family(tables, findings, family)
    return assemble(
        tables,
        reference_date=day or _stated_date(documents) or _latest(tables["status"]),
        source=path.name,
        findings=findings,
        place_names=True,
    )
