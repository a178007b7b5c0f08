"""Official boundaries from the Open Geography Portal of the Office for National Statistics: fetched once, then at hand."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rcp_geo.authorities import Level
from rcp_geo.errors import InputError, InputWarning, IntegrityError
from rcp_geo.io.boundaries import read_boundaries
from rcp_geo.io.catalogue import LEVELS, LICENCE, PORTAL, RESOLUTIONS, Resolution, find_edition
from rcp_geo.io.featureserver import download
from rcp_geo.io.safety import shown
from rcp_geo.io.stored import StoredLayer, layer_folder, read_stored
from rcp_geo.io.web import EXTRA, connect, require_safe
from rcp_geo.schema import Finding, to_date

if TYPE_CHECKING:
    from rcp_geo.boundaries import Boundaries

__all__ = ["fetch_boundaries", "fetch_layer"]

# Features to a page: what is lost when a connection breaks. Full lines are heavy, and servers give up on large answers.
_PAGE = 100
_PAGE_IN_FULL = 20

_NAME = re.compile(r"[\w().-]{1,200}", re.ASCII)
_LAYER = re.compile(r"(?P<layer>.+/(?P<name>[^/]+)/(?:Feature|Map)Server(?:/\d+)?)", re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})-(\d{2})")


def fetch_boundaries(
    level: Level,
    vintage: dt.date | str,
    resolution: Resolution = "BGC",
    *,
    service: str | None = None,
    cache: str | Path | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> Boundaries:
    """Fetch official boundaries from the Open Geography Portal, or take them from where they were kept.

    Nothing else in the library reaches the network. What was fetched once is read from the cache folder from then on, after
    its checksum has been compared. It needs the extra ``fetch``.

    Parameters
    ----------
    level
        ``upper`` (counties and unitary authorities) or ``lower`` (local authority districts).
    vintage
        The month that the edition is for, such as ``2023-05``, or a date in it.
    resolution
        ``BUC`` (ultra generalised, 500 m), ``BSC`` (super generalised, 200 m), ``BGC`` (generalised, 20 m) or ``BFC`` (full
        resolution), all clipped to the coastline at mean high water; ``BFE`` (full resolution, extent of the realm).
    service
        Name of the service on the portal, or the https address of a layer anywhere that speaks the same protocol, for an
        edition that is not known here. ``vintage`` still says what it is for.
    cache
        Folder to keep it in, in place of the user's cache folder.
    offline
        Take it from the cache folder or raise.
    refresh
        Fetch it again, and warn if it is not what was kept.

    Returns
    -------
    Boundaries
        The authorities of England, in force as at the end of that month, with what :func:`read_boundaries` finds in them.

    Raises
    ------
    InputError
        If no edition is known for level, vintage and resolution (the message lists those that are), the layer is of the other
        tier, or an argument is wrong.
    IntegrityError
        If the server cannot be reached, answers with a fault or not with all of the layer, or nothing is kept and ``offline``
        is true. Pages that arrived are kept, and the next call goes on from them.
    GeometryError
        If the layer is not one of polygons, or a polygon of it is missing or damaged.
    MissingColumnError
        If the layer has no column of codes.
    VintageError
        If its codes are not those that were in force in that month.
    MissingExtraError
        If the extra ``fetch`` is not installed.

    Warns
    -----
    InputWarning
        If what was kept was damaged and was fetched again, or was refreshed and is not the same any more.

    See Also
    --------
    load_boundaries : the polygons that ship with the library; they need no network.

    References
    ----------
    Office for National Statistics, Open Geography Portal, https://geoportal.statistics.gov.uk, Open Government Licence v3.0.

    Examples
    --------
    >>> official = fetch_boundaries("upper", "2023-05", "BGC")  # doctest: +SKIP
    >>> fetch_boundaries("upper", "2023-07")
    Traceback (most recent call last):
    ...
    rcp_geo.errors.InputError: vintage: the name of upper-tier boundaries 2023-07 BGC on the portal is not known here; known ...
    """
    for name, value, allowed in (("level", level, LEVELS), ("resolution", resolution, RESOLUTIONS)):
        if value not in allowed:
            raise InputError(f"{name}: {value!r} is not known; use one of {', '.join(allowed)}")
    day = _end_of_month(vintage)
    if service is None:
        service = find_edition(level, f"{day:%Y-%m}", resolution).service
    size = _PAGE_IN_FULL if resolution in ("BFC", "BFE") else _PAGE
    stored, findings = fetch_layer(service, cache=cache, offline=offline, refresh=refresh, page_size=size)
    for finding in findings:
        warnings.warn(str(finding), InputWarning, stacklevel=2)
    return _read(stored, level, day, findings)


def fetch_layer(
    service: str,
    *,
    cache: str | Path | None = None,
    offline: bool = False,
    refresh: bool = False,
    page_size: int = _PAGE,
) -> tuple[StoredLayer, list[Finding]]:
    """Fetch a layer of polygons, whole and checked, or take it from where it was kept.

    Parameters
    ----------
    service
        Name of a service on the portal, or the address of a layer.
    cache, offline, refresh
        As for :func:`fetch_boundaries`.
    page_size
        Features to ask for at a time; servers may give fewer.

    Returns
    -------
    tuple
        The stored layer and the findings: ``portal.damaged`` and ``portal.changed``.

    Raises
    ------
    InputError
        If the service is no name and no address, or the layer is not one that can be fetched.
    GeometryError
        If the layer is not one of polygons.
    IntegrityError
        If it cannot be had whole.
    """
    if offline and refresh:
        raise InputError("refresh: contradicts offline; leave one out")
    url, name = _address(service)
    folder = layer_folder(url, name, cache, EXTRA)
    kept, damage = None, None
    try:
        kept = read_stored(folder)
    except IntegrityError as error:
        damage = error
    if kept is not None and not refresh:
        return kept, []
    if offline:
        raise damage or IntegrityError(
            f"{name}: is not in {folder}, and offline forbids fetching it; call once without offline, or pass as cache "
            "the folder that has it"
        )
    with connect() as web:
        licence = LICENCE if url.startswith(f"{PORTAL}/") else ""
        new = download(web, url, folder, page_size=page_size, said={"service": name, "licence": licence})
    return new, [*_damaged(name, damage), *_changed(name, kept, new)]


def _damaged(name: str, damage: IntegrityError | None) -> Iterator[Finding]:
    if damage is not None:
        yield Finding(
            "portal.damaged",
            "warning",
            "boundaries",
            "",
            (name,),
            f"the layer was kept, but damaged, and was fetched again ({damage})",
            "look after the disk, and at what else may have been changed there",
        )


def _changed(name: str, old: StoredLayer | None, new: StoredLayer) -> Iterator[Finding]:
    if old is None:
        return
    before, after = old.record["features"], new.record["features"]
    ids = tuple(sorted(key for key in {*before, *after} if before.get(key) != after.get(key)))
    if ids:
        yield Finding(
            "portal.changed",
            "warning",
            "boundaries",
            "",
            ids,
            f"{len(ids)} features of {name} are not as they were when it was fetched before",
            "run again what was computed with the earlier ones",
        )


def _end_of_month(vintage: dt.date | str) -> dt.date:
    """Return the last day of an edition's month: what changed on its first day is in it."""
    match = _MONTH.fullmatch(vintage) if isinstance(vintage, str) else None
    if match and 1 <= int(match[2]) <= 12 and int(match[1]):
        year, month = int(match[1]), int(match[2])
    elif match:
        raise InputError(f"vintage: {vintage!r} is not a month; write YYYY-MM, such as 2023-05")
    else:
        day = to_date(vintage, "vintage")
        year, month = day.year, day.month
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _address(service: str) -> tuple[str, str]:
    """Return the address of a layer and the name of its service."""
    if _NAME.fullmatch(service):
        return f"{PORTAL}/{service}/FeatureServer/0", service
    require_safe(service)
    match = _LAYER.match(service)
    rest = service[match.end() :] if match else ""
    if match is None or not re.fullmatch(r"/?(query)?/?([?#].*)?", rest):
        raise InputError(
            f"service: {shown(service)} is not the address of a layer; pass one that ends like /FeatureServer/0"
        )
    layer = match["layer"]
    return (layer if layer[-1].isdigit() else f"{layer}/0"), match["name"]


def _read(stored: StoredLayer, level: Level, day: dt.date, findings: list[Finding]) -> Boundaries:
    record = stored.record
    said = f"{_attribution(day) if record['licence'] else ''}{record['layer']}, sha256 {record['sha256'][:12]}"
    boundaries = read_boundaries(stored.path, vintage=day, attribution=said, licence=record["licence"])
    if boundaries.level != level:
        raise InputError(
            f"level: {record['layer']} holds {LEVELS[boundaries.level]}, not {LEVELS[level]}; "
            "pass a service of this tier, or the other level"
        )
    # A stored layer is called by its checksum, which tells nobody anything.
    noticed = (*findings, *(replace(f, table=record["service"]) for f in boundaries.noticed))
    return replace(boundaries, noticed=noticed)


def _attribution(day: dt.date) -> str:
    return (
        f"Source: Office for National Statistics licensed under the {LICENCE}. "
        f"Contains OS data © Crown copyright and database right {day.year}. "
    )
