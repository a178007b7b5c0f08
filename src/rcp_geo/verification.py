"""Whether the figures in a saved folder still hold: every file against its digest, every value against its inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo._inputs import embedded_table, restored_boundaries, restored_demand, restored_directory
from rcp_geo.assessing import assess
from rcp_geo.assessment import saved_tables
from rcp_geo.authorities import require_level
from rcp_geo.boundaries import load_boundaries
from rcp_geo.citation import version as own_version
from rcp_geo.errors import InputError, IntegrityError, RcpGeoError
from rcp_geo.io.bundle import to_csv_text
from rcp_geo.io.fields import KEYS
from rcp_geo.io.saved import Record, check_files, parse_csv, read_parquet_exactly, read_record
from rcp_geo.provenance import digest_inputs, digest_table, versions
from rcp_geo.schema import Finding, counted, findings_frame, first_of
from rcp_geo.travel import Circuity, Geodesic, TravelModel
from rcp_geo.travel.ratios import Calibration

if TYPE_CHECKING:
    import geopandas as gpd

    from rcp_geo.assessment import Assessment
    from rcp_geo.boundaries import Boundaries

__all__ = ["Verification", "read_assessment", "verify"]

# Geodesics are good to 15 nanometres (Karney 2013, doi:10.1007/s00190-012-0578-z) and sums of thousands of them to a few
# parts in 1e13, so that other versions of PROJ and numpy may differ by this much and no more: a billionth of the value, and of
# costs, which may be near 0, a micrometre or a microsecond.
_RELATIVE, _COST = 1e-9, 1e-6
_COST_UNITS = ("m", "s")
_COLUMNS = ["table", "row", "column", "saved", "recomputed"]
_ANEW = "take the folder anew from where it came"


@dataclass(frozen=True, eq=False)
class Verification:
    """What :func:`verify` found.

    Attributes
    ----------
    folder
        The folder.
    digest
        Digest of the inputs and the parameters, as the folder states it: the one to hold against a citation.
    recomputed
        Whether the answer was worked out again.
    findings
        What is wrong, one row each, with what to do about it.
    differences
        Every value that is not what was recomputed: ``table``, ``row`` (by the key of the table), ``column``, ``saved`` and
        ``recomputed``.
    versions
        The packages that figures can depend on, of which the version is another here: ``package``, ``saved`` and ``here``.

    See Also
    --------
    verify
    """

    folder: Path
    digest: str
    recomputed: bool
    findings: pd.DataFrame
    differences: pd.DataFrame
    versions: pd.DataFrame

    @property
    def holds(self) -> bool:
        """Whether every file is the one that was written, and every value the one that is recomputed."""
        return self.recomputed and not bool((self.findings["severity"] == "error").any())

    def __str__(self) -> str:
        again = "" if self.recomputed else " They were not recomputed."
        said = "The figures hold." if self.holds else f"The figures do not hold.{again}"
        lines = [f"{said} Digest {self.digest}"]
        for row in self.findings.to_dict("records"):
            where = ".".join(filter(None, (row["table"], row["column"])))
            lines.append(f"{row['severity']}: {row['code']}: {where}: {row['message']}; {row['remedy']}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        first, *_ = str(self).split("\n")
        tables = [t for t in (self.findings, self.differences, self.versions) if len(t)]
        return f"<p>{escape(first)}</p>{''.join(t.to_html(index=False) for t in tables)}"


def verify(folder: str | Path, *, model: TravelModel | None = None) -> Verification:
    """Say whether the figures in a folder that ``Assessment.save`` made still hold.

    Every file is held against the digest that was written of it; then the answer is worked out again from the inputs in the
    folder, or those that ship with the library, and compared value by value.

    Parameters
    ----------
    folder
        The folder. Nothing in it is changed.
    model
        The travel model of the answer, where that was a road network, a matrix or an engine, which is not in the folder. Straight
        lines and circuities are made again from the record.

    Returns
    -------
    Verification

    Raises
    ------
    InputError
        If the folder is none that ``save`` made, is of a version of the library that wrote another form, or its record is
        damaged or hostile; if the model is not the one of the answer.

    See Also
    --------
    Assessment.save : write such a folder.

    Notes
    -----
    Texts and counts must be the same. Other numbers may differ by a billionth of their value, and costs by a micrometre or a
    microsecond, since other versions of PROJ and numpy round otherwise: geodesics are good to 15 nanometres [1]_. A digest is no
    signature: who can change every file of a folder can write new digests too. Hold ``digest`` against the one in the citation.

    References
    ----------
    .. [1] Karney, C. F. F. (2013), "Algorithms for geodesics", *Journal of Geodesy* 87:43-55, doi:10.1007/s00190-012-0578-z.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as room:
    ...     folder = assess(demand=load_demand().head(100)).save(Path(room) / "answers")
    ...     whole = verify(folder)
    ...     _ = (folder / "summary.csv").write_text("group,authorities")
    ...     broken = verify(folder)
    >>> whole.holds, broken.holds
    (True, False)
    >>> broken.findings[["code", "table"]].values.tolist()[0]
    ['file.changed', 'summary.csv']
    """
    record = read_record(folder)
    found = [*_record_findings(record), *check_files(record)]
    answer, more = _again(record, model, {f.table for f in found if f.severity == "error"})
    found += more
    differences: list[pd.DataFrame] = []
    if answer is not None:
        for some, rows in _compared(record, answer):
            found += some
            differences.append(rows)
    table = pd.concat(differences, ignore_index=True) if differences else pd.DataFrame(columns=_COLUMNS)
    others = _other_versions(record.said["versions"])
    found += _version_findings(record, others)
    return Verification(record.folder, record.said["digest"], answer is not None, findings_frame(found), table, others)


def read_assessment(folder: str | Path, *, model: TravelModel | None = None) -> Assessment:
    """Work out again the answer that ``Assessment.save`` wrote to a folder, so that more can be asked of it.

    Parameters
    ----------
    folder
        The folder, with its inputs. Nothing in it is changed.
    model
        The travel model of the answer, where that was a road network, a matrix or an engine; see :func:`verify`.

    Returns
    -------
    Assessment
        Made from the inputs in the folder, or those that ship with the library. Its digest is the one that was saved.

    Raises
    ------
    InputError
        If the folder is none that ``save`` made, or ``model`` is not the one of the answer.
    IntegrityError
        If an input or the record was changed, or the answer cannot be worked out again.

    See Also
    --------
    verify : whether the figures in the folder are those of the answer.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> answer = assess(demand=load_demand().head(100))
    >>> with TemporaryDirectory() as room:
    ...     again = read_assessment(answer.save(Path(room) / "answers"))
    >>> again.provenance["digest"] == answer.provenance["digest"]
    True
    """
    record = read_record(folder)
    inputs = {r["file"]["path"] for r in record.inputs.values() if "file" in r}
    found = [*_record_findings(record), *(f for f in check_files(record) if f.table in inputs)]
    wrong = [f for f in found if f.severity == "error"]
    answer, more = _again(record, model, {f.table for f in wrong})
    wrong += [f for f in more if f not in wrong]
    if wrong or answer is None:
        raise IntegrityError("\n".join(f"{record.folder}: {finding}" for finding in wrong))
    return answer


# ---------------------------------------------------------------------------------------------------------- the record


def _record_findings(record: Record) -> Iterator[Finding]:
    said = record.said
    if not record.whole:
        message = "the record was changed since it was written, so what it says of the files may be wrong too"
        yield Finding("record.changed", "error", "provenance.json", "", (), message, _ANEW)
    elif digest_inputs(said["inputs"], said["parameters"]) != said["digest"]:
        message = "the digest is not that of the inputs and parameters in the record"
        yield Finding("record.changed", "error", "provenance.json", "digest", (), message, _ANEW)


def _other_versions(saved: Mapping[str, str]) -> pd.DataFrame:
    here = versions()
    rows = [(n, saved.get(n, ""), here.get(n, "")) for n in dict.fromkeys([*here, *saved])]
    return pd.DataFrame([r for r in rows if r[1] != r[2]], columns=["package", "saved", "here"])


def _version_findings(record: Record, others: pd.DataFrame) -> Iterator[Finding]:
    saved, here = record.said["parameters"]["rcp_geo"], own_version()
    if saved != here:
        message = f"the answer was saved by rcp_geo {saved}, and this is {here}, which may define figures or hold data otherwise"
        remedy = f"where figures differ, check them with rcp_geo {saved}"
        yield Finding("version.other", "warning", "provenance.json", "versions", (), message, remedy)
    rest = others[others["package"] != "rcp_geo"]
    if len(rest):
        ids = tuple(f"{name} {a or 'none'}, here {b or 'none'}" for name, a, b in rest.to_numpy().tolist())
        message = f"{counted(len(ids), 'packages have another version here')} ({first_of(ids)})"
        yield Finding("version.package", "info", "provenance.json", "versions", ids, message, "no need to act")


# ----------------------------------------------------------------------------------------------------------- once more


class _Unable(Exception):  # noqa: N818 -- it ends the attempt, and is no error of the caller's
    """The answer cannot be worked out again."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


def _again(record: Record, model: TravelModel | None, wrong: set[str]) -> tuple[Assessment | None, list[Finding]]:
    """Work the answer out again, or say why that cannot be."""
    travel = _model(record.said["parameters"]["model"], model)
    if travel is None:
        name = record.said["parameters"]["model"]["model"]
        message = f"the answer was made with {name}, which is not in the folder"
        remedy = "give it: model=, or --network FILE for roads"
        return None, [Finding("model.needed", "error", "provenance.json", "model", (), message, remedy)]
    try:
        tables = _tables(record, wrong)
        return _assessed(record, tables, travel), []
    except _Unable as stop:
        return None, [stop.finding]
    except (RcpGeoError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        message = f"the answer cannot be worked out again from what the folder holds ({_line(error)})"
        return None, [Finding("answer.impossible", "error", "provenance.json", "", (), message, _ANEW)]


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def _model(said: Mapping[str, Any], given: TravelModel | None) -> TravelModel | None:
    """Return the travel model of an answer: made again, or the one that is given if it is that one."""
    if given is None:
        try:
            made = _made(said)
        except (InputError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"provenance.json: the travel model makes no sense ({_line(error)}); {_ANEW}") from error
        return made if made is not None and made.describe() == said else None
    told = given.describe()
    if told != said:
        keys = [k for k in dict.fromkeys([*said, *told]) if said.get(k) != told.get(k)]
        raise InputError(
            f"model: {given.model_id} is not the model of the answer, {said['model']}: it differs in {first_of(keys)}; "
            "give the file and the settings that the answer was made with"
        )
    return given


def _made(said: Mapping[str, Any]) -> TravelModel | None:
    if said["model"] == "geodesic":
        return Geodesic()
    if not said["model"].startswith("circuity-"):
        return None
    found = said.get("calibration")
    if found is None:
        return Circuity(said["factor"], said["reference"])
    counts = (found[k] for k in ("pairs", "not_reached", "coincident"))
    calibration = Calibration(pd.DataFrame(found["table"]), found["model"], *counts)
    return Circuity(said["factor"], said["reference"], calibration)


def _tables(record: Record, wrong: set[str]) -> dict[str, pd.DataFrame]:
    """Return the inputs of an answer, each held against the digest of its content."""
    at = record.said["parameters"]["boundaries"]
    tables = {}
    for name, said in record.inputs.items():
        if "file" in said:
            path = said["file"]["path"]
            if path in wrong:
                message = "the answer was not recomputed, since an input is not the one that it was made from"
                raise _Unable(Finding("input.changed", "error", path, "", (), message, _ANEW))
            frame = read_parquet_exactly(record.folder / path)
        elif said["embedded"]:
            path, frame = name, embedded_table(name, require_level(at["level"]), at["valid_from"])
        else:
            message = "the table was left out of the folder, so the answer cannot be recomputed from it"
            remedy = "save the answer again with its inputs (inputs=True)"
            raise _Unable(Finding("input.left_out", "error", name, "", (), message, remedy))
        if digest_table(frame) != said["sha256"]:
            raise _Unable(_other_input(path, record, held="file" in said))
        tables[name] = frame
    return tables


def _other_input(path: str, record: Record, *, held: bool) -> Finding:
    if held:
        message = "the table does not hold what the answer was made from, by its digest"
        return Finding("input.changed", "error", path, "", (), message, _ANEW)
    saved = record.said["parameters"]["rcp_geo"]
    message = f"the answer was made from the table that ships with rcp_geo {saved}; this version ships another"
    return Finding("input.embedded_other", "error", path, "", (), message, f"check the folder with rcp_geo {saved}")


def _assessed(record: Record, tables: Mapping[str, pd.DataFrame], model: TravelModel) -> Assessment:
    said, asked = record.said["about"], record.said["parameters"]
    # Whether the demand was left to the library changes one of the findings.
    proxy = not said["demand"]["given"] and "file" not in record.inputs["demand"]
    return assess(
        restored_directory(tables, said),
        _boundaries(record, tables),
        None if proxy else restored_demand(tables["demand"], said["demand"]),
        as_of=asked["as_of"],
        model=model,
        cutoffs=asked["cutoffs"],
        by=asked["by"],
    )


def _boundaries(record: Record, tables: Mapping[str, pd.DataFrame]) -> Boundaries:
    at, said = record.said["parameters"]["boundaries"], record.inputs["boundaries"]
    if "file" not in said:
        return load_boundaries(at["valid_from"], level=require_level(at["level"]))
    return restored_boundaries(tables["boundaries"], at, said)


# ----------------------------------------------------------------------------------------------------------- comparing


def _compared(record: Record, answer: Assessment) -> Iterator[tuple[list[Finding], pd.DataFrame]]:
    """Compare every table of a folder with what was recomputed; a file that is not there was named before."""
    saved = saved_tables(answer)
    for name, frame in saved.tables.items():
        yield _of_file(record, f"{name}.csv", name, frame)
    yield _of_file(record, "nearest.parquet", "nearest", saved.nearest)
    yield _of_file(record, "authorities.gpkg", "authorities", saved.polygons)
    yield _counts(record, answer)


def _counts(record: Record, answer: Assessment) -> tuple[list[Finding], pd.DataFrame]:
    def table(counts: Mapping[str, float]) -> pd.DataFrame:
        return pd.DataFrame({"count": list(counts), "value": [float(v) for v in counts.values()]}, dtype=object)

    here = answer.provenance
    found, rows = _differences("provenance", table(record.said["counts"]), table(here["counts"]), ("count",), {"value"})
    same_library = record.said["parameters"]["rcp_geo"] == own_version()
    if same_library and here["digest"] != record.said["digest"]:
        message = f"the digest of what was recomputed is another ({here['digest'][:12]}…)"
        found.append(Finding("record.changed", "error", "provenance.json", "digest", (), message, _ANEW))
    return found, rows


def _of_file(record: Record, path: str, name: str, frame: pd.DataFrame) -> tuple[list[Finding], pd.DataFrame]:
    nothing = pd.DataFrame(columns=_COLUMNS)
    place = record.folder / path
    if path not in record.files or not place.is_file() or place.is_symlink():
        message = f"the answer has a table that the folder does not hold, {path}"
        missing = Finding("figures.missing", "error", name, "", (), message, _ANEW)
        return ([] if path in record.files else [missing]), nothing
    try:
        saved, expected = _read(place, frame)
    except InputError as error:
        return [Finding("file.unreadable", "error", path, "", (), _line(error), _ANEW)], nothing
    floats = {str(c) for c in frame.columns if pd.api.types.is_float_dtype(frame[c].dtype)}
    return _differences(name, saved, expected, KEYS.get(name, ()), floats)


def _read(path: Path, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table as it was saved and as it was recomputed, both as texts, or as numbers where they are."""
    if path.suffix == ".parquet":
        return read_parquet_exactly(path, rows=len(frame)), frame
    if path.suffix == ".gpkg":
        return _layer(path, frame)
    text = to_csv_text(frame)
    return _csv(path, limit=2 * len(text.encode()) + 1_000_000), parse_csv(text)


def _csv(path: Path, limit: int) -> pd.DataFrame:
    from rcp_geo.io.safety import read_bytes, reading

    data = read_bytes(path, limit)
    with reading(path.name, "CSV in UTF-8"):
        return parse_csv(data.decode("utf-8"))


def _layer(path: Path, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the layer of polygons, its values as texts and its geometry as well-known binary."""
    from rcp_geo.io.formats import read_areas
    from rcp_geo.io.text import text_of

    raw = read_areas(path, layer="authorities")
    if raw.geometry is None:  # pragma: no cover - read_areas raises where there is none
        raise InputError(f"{path.name}: has no geometry")
    saved = pd.DataFrame(raw.frame).assign(geometry=_polygons(raw.geometry))
    plain = {str(c): [text_of(v) for v in frame[c].tolist()] for c in frame.columns if c != "geometry"}
    return saved, pd.DataFrame(plain, dtype=object).assign(geometry=_polygons(frame.geometry))


def _polygons(shapes: gpd.GeoSeries) -> list[str]:
    """Return polygons as well-known binary, each as one of several, as layers of a GeoPackage have them."""
    import shapely

    several = [shapely.MultiPolygon([s]) if s is not None and s.geom_type == "Polygon" else s for s in shapes]
    return [h or "" for h in shapely.to_wkb(several, hex=True, byte_order=1)]


def _differences(
    table: str, saved: pd.DataFrame, expected: pd.DataFrame, key: Sequence[str], floats: set[str]
) -> tuple[list[Finding], pd.DataFrame]:
    """Compare two tables row by row, told apart by their key, or by their order where they have none."""
    found = []
    columns = [c for c in expected.columns if c in saved.columns]
    astray = [str(c) for c in (*saved.columns, *expected.columns) if c not in columns]
    if astray:
        message = f"{counted(len(astray), 'columns are not those')} that belong to the table ({first_of(astray)})"
        found.append(Finding("figures.columns", "error", table, "", tuple(astray), message, _ANEW))
    ours, theirs = _labels(expected, key), _labels(saved, key)
    if ours.has_duplicates or theirs.has_duplicates:
        ours, theirs = pd.RangeIndex(len(expected)).map(str), pd.RangeIndex(len(saved)).map(str)
    place = theirs.get_indexer(ours)
    lost, extra = ours[place < 0], theirs[~theirs.isin(ours)]
    for labels, what in ((lost, "rows are missing"), (extra, "rows are not of this answer")):
        if len(labels):
            ids = tuple(labels.tolist())
            message = f"{counted(len(ids), what)} ({first_of(ids)})"
            found.append(Finding("figures.rows", "error", table, "", ids, message, _ANEW))
    both = place >= 0
    saved, expected, labels = saved.iloc[place[both]], expected.iloc[np.flatnonzero(both)], ours[both]
    slack = _slack(table, expected)
    parts = []
    for column in columns:
        one, two = saved[column], expected[column]
        differs = ~(_close(one, two, slack(column)) if str(column) in floats else _texts(one) == _texts(two))
        if differs.any():
            rows = np.flatnonzero(differs)
            parts.append(_shown(table, str(column), labels, one, two, rows))
            found.append(_of_column(table, str(column), parts[-1]))
    return found, pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COLUMNS)


def _labels(frame: pd.DataFrame, key: Sequence[str]) -> pd.Index:
    if not key or not set(key) <= {*frame.columns}:
        return pd.RangeIndex(len(frame)).map(str)
    parts = [_texts(frame[k]) for k in key]
    return pd.Index(parts[0] if len(parts) == 1 else [" ".join(row) for row in zip(*parts, strict=True)], dtype=object)


def _texts(column: pd.Series) -> np.ndarray:
    from rcp_geo.provenance import text_of_cell

    if isinstance(column.dtype, pd.CategoricalDtype):
        # Of a million rows with ten words each word is written once.
        words = np.array([*map(text_of_cell, column.cat.categories), ""], dtype=object)
        return np.asarray(words[column.cat.codes.to_numpy()])
    values = column.astype(object).where(column.notna(), None).tolist()
    return np.array([text_of_cell(v) for v in values], dtype=object)


def _slack(table: str, frame: pd.DataFrame) -> Callable[[str], np.ndarray]:
    """Return for a column how far its values may differ beyond a share of them."""
    timed = frame["unit"].isin(_COST_UNITS).to_numpy() if table == "coverage" else np.zeros(len(frame), dtype=bool)

    def of(column: str) -> np.ndarray:
        cost = timed if column == "value" else "distance_m" in column or "duration_s" in column
        return np.where(cost, _COST, 0.0)

    return of


def _close(saved: pd.Series, expected: pd.Series, slack: np.ndarray) -> np.ndarray:
    from rcp_geo.io.csv import parse_numbers

    def numbers(column: pd.Series) -> np.ndarray:
        if pd.api.types.is_numeric_dtype(column.dtype):
            return column.to_numpy(dtype=np.float64, na_value=np.nan)
        return parse_numbers(pd.Series(_texts(column), dtype=object))

    a, b = numbers(saved), numbers(expected)
    blank = np.isnan(a) & np.isnan(b)
    if saved.dtype == object or isinstance(saved.dtype, pd.StringDtype):
        # What is no number is not the same as nothing.
        blank &= _texts(saved) == _texts(expected)
    with np.errstate(invalid="ignore"):
        return np.asarray(blank | (a == b) | (np.abs(a - b) <= slack + _RELATIVE * np.abs(b)))


def _shown(
    table: str, column: str, labels: pd.Index, saved: pd.Series, expected: pd.Series, rows: np.ndarray
) -> pd.DataFrame:
    some, others = _texts(saved.iloc[rows]), _texts(expected.iloc[rows])
    return pd.DataFrame(
        {"table": table, "row": labels[rows].tolist(), "column": column, "saved": some, "recomputed": others},
        columns=_COLUMNS,
    )


def _of_column(table: str, column: str, rows: pd.DataFrame) -> Finding:
    first = rows.iloc[0]
    said = f"the first, {first['row']}, is {first['saved'][:60]!r} and was {first['recomputed'][:60]!r} when recomputed"
    message = f"{counted(len(rows), 'values differ from those recomputed')}: {said}"
    remedy = "look at Verification.differences"
    return Finding("figures.differ", "error", table, column, tuple(rows["row"]), message, remedy)
