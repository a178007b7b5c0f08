"""What an answer is made from, table by table: described, told from what ships with the library, and put together again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from rcp_geo import resources
from rcp_geo.authorities import FIRST_DAY, Level
from rcp_geo.boundaries import Boundaries, load_boundaries
from rcp_geo.demand import attrs_of, load_demand, noticed_in, terms_of
from rcp_geo.directory import Directory, load_directory
from rcp_geo.provenance import InputRecord, record_table
from rcp_geo.schema import TABLES, Finding

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

__all__ = [
    "about_inputs",
    "embedded_table",
    "input_records",
    "input_tables",
    "restored_boundaries",
    "restored_demand",
    "restored_directory",
    "stored_tables",
]


def input_tables(directory: Directory, boundaries: Boundaries, demand: gpd.GeoDataFrame) -> dict[str, pd.DataFrame]:
    """Return every table that an answer is made from, by its name in the provenance."""
    found = {f"directory.{table}": getattr(directory, table) for table in TABLES}
    if directory.base is not None and directory.overlaid is not None:
        found |= {f"base.{table}": getattr(directory.base, table) for table in TABLES}
        found["overlaid"] = directory.overlaid
    return found | {"boundaries": boundaries.frame, "demand": demand}


def input_records(directory: Directory, boundaries: Boundaries, demand: gpd.GeoDataFrame) -> list[InputRecord]:
    """Describe every table; one that ships with the library by content has its terms, whoever passed it and in whatever order."""
    vintage = boundaries.vintage
    until = vintage.valid_to.isoformat() if vintage.valid_to else ".."
    said = {"directory": directory, "base": directory.base}
    found = []
    for name, frame in input_tables(directory, boundaries, demand).items():
        of = said.get(name.partition(".")[0])
        record = record_table(frame, name)
        if name == "boundaries":
            record = replace(
                record,
                vintage=f"{vintage.label}/{until}",
                licence=boundaries.licence,
                source=boundaries.source,
                embedded=record.sha256 == _embedded_boundaries(boundaries.level, vintage.label, until),
            )
        elif name == "demand":
            terms = terms_of(demand)
            record = replace(record, source=terms["source"], licence=terms["licence"], vintage=terms["vintage"])
        elif of is not None:
            record = replace(record, vintage=of.reference_date.isoformat(), source=of.source)
        known = _embedded_records().get((name.replace("base.", "directory."), record.sha256))
        if known is not None:
            record = replace(record, vintage=known.vintage, licence=known.licence, source=known.source, embedded=True)
        found.append(record)
    return found


@cache
def _embedded_records() -> dict[tuple[str, str], InputRecord]:
    """Return the records of the embedded tables, with the terms that the manifest states, by name and digest."""
    directory, found = load_directory(), {}
    tables = {f"directory.{table}": getattr(directory, table) for table in TABLES} | {"demand": load_demand()}
    for name, frame in tables.items():
        files = [name.replace(".", "_"), *(["site_points"] if name.endswith(".sites") else [])]
        terms = {t: "; ".join(dict.fromkeys(resources.entry(f)[t] for f in files)) for t in ("licence", "attribution")}
        # Districts of the demand are those of the census geography.
        day, said = (FIRST_DAY, "") if name == "demand" else (directory.reference_date, f"{directory.source}. ")
        record = record_table(
            frame, name, vintage=day.isoformat(), licence=terms["licence"], source=said + terms["attribution"]
        )
        found[name, record.sha256] = record
    return found


@cache
def _embedded_boundaries(level: Level, valid_from: str, until: str) -> str:
    """Return the digest of the embedded polygons of one vintage, blank where there are none of it."""
    known = load_boundaries(valid_from, level=level)
    ends = known.vintage.valid_to.isoformat() if known.vintage.valid_to else ".."
    return record_table(known.frame, "boundaries").sha256 if (known.vintage.label, ends) == (valid_from, until) else ""


def embedded_table(name: str, level: Level, valid_from: str) -> pd.DataFrame:
    """Return the table of a name that ships with the library."""
    if name == "boundaries":
        table: pd.DataFrame = load_boundaries(valid_from, level=level).frame
    elif name == "demand":
        table = load_demand()
    else:
        table = getattr(load_directory(), name.partition(".")[2])
    return table


def stored_tables(
    records: Sequence[InputRecord], directory: Directory, boundaries: Boundaries, demand: gpd.GeoDataFrame
) -> dict[str, pd.DataFrame]:
    """Return the tables that an answer cannot be made again without: those that do not ship, or not in this order."""
    tables = input_tables(directory, boundaries, demand)
    return {r.name: tables[r.name] for r in records if not (r.embedded and _in_order(r, tables[r.name], boundaries))}


def _in_order(record: InputRecord, frame: pd.DataFrame, boundaries: Boundaries) -> bool:
    if record.name == "boundaries":
        known = load_boundaries(boundaries.vintage.valid_from, level=boundaries.level).frame
        return bool(frame["authority_code"].tolist() == known["authority_code"].tolist())
    return _embedded_records()[record.name.replace("base.", "directory."), record.sha256].ordered == record.ordered


def about_inputs(directory: Directory, demand: pd.DataFrame, *, demand_given: bool) -> dict[str, Any]:
    """Return as plain data what the tables do not hold themselves: dates, sources, and what was noticed when they were read."""
    of_demand = {"given": demand_given, **terms_of(demand), "noticed": _plain(noticed_in(demand))}
    about = {"directory": _about(directory), "demand": of_demand}
    if directory.base is not None and directory.overlaid is not None:
        about["base"] = _about(directory.base)
    return about


def _about(directory: Directory) -> dict[str, Any]:
    day = directory.reference_date.isoformat()
    return {"reference_date": day, "source": directory.source, "noticed": _plain(directory.noticed)}


def _plain(noticed: Iterable[Finding]) -> list[dict[str, Any]]:
    return [asdict(f) | {"ids": list(f.ids)} for f in noticed]


def _findings(noticed: Iterable[Mapping[str, Any]]) -> list[Finding]:
    return [Finding(**{**f, "ids": tuple(map(str, f["ids"]))}) for f in noticed]


def restored_directory(tables: Mapping[str, pd.DataFrame], about: Mapping[str, Any]) -> Directory:
    """Put a directory together again from its tables and what :func:`about_inputs` said.

    Raises
    ------
    InputError
        If the tables are wrong.
    KeyError, TypeError, ValueError
        If what was said is not what :func:`about_inputs` says.
    """
    directory = _restored(tables, "directory", about["directory"])
    if "overlaid" not in tables:
        return directory
    return replace(directory, base=_restored(tables, "base", about["base"]), overlaid=tables["overlaid"])


def _restored(tables: Mapping[str, pd.DataFrame], kind: str, about: Mapping[str, Any]) -> Directory:
    noticed = tuple(_findings(about["noticed"]))
    own: dict[str, Any] = {table: tables[f"{kind}.{table}"] for table in TABLES}
    made = Directory.from_tables(**own, reference_date=str(about["reference_date"]), source=str(about["source"]))
    return replace(made, noticed=noticed)


def restored_demand(frame: gpd.GeoDataFrame, about: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Give demand again what was said of it when it was read.

    Raises
    ------
    KeyError, TypeError
        If what was said is not what :func:`about_inputs` says.
    """
    answer = frame.copy()
    terms = {name: str(about[name]) for name in ("source", "licence", "vintage")}
    if any(terms.values()) or about["noticed"]:
        answer.attrs = attrs_of(**terms, noticed=_findings(about["noticed"]))
    return answer


def restored_boundaries(
    frame: gpd.GeoDataFrame, parameters: Mapping[str, Any], record: Mapping[str, Any]
) -> Boundaries:
    """Put boundaries together again from their polygons, the parameters of the answer and their record.

    Raises
    ------
    InputError
        If they cannot be.
    KeyError
        If the parameters lack something.
    """
    return Boundaries.from_frame(
        frame,
        valid_from=parameters["valid_from"],
        valid_to=parameters["valid_to"] or None,
        source=record["source"],
        licence=record["licence"],
        level=parameters["level"],
    )
