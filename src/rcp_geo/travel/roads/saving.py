"""A network in one file: Arrow's own format, read where it lies, with its recipe and a checksum in its metadata."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rcp_geo.errors import InputError, IntegrityError
from rcp_geo.files import atomic_file
from rcp_geo.schema import Finding
from rcp_geo.travel.roads.edges import RoadEdges

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Stored", "load_edges", "save_edges"]

_FORMAT = "rcp_geo.network.1"
_PER_NODE = ("x", "y", "node_id")
_PER_EDGE = ("u", "v", "length_m", "oneway", "speed_kmh", "duration_s", "duration_back_s", "road_class", "edge_id")
_SHAPES = ("coords", "offsets")


@dataclass(frozen=True)
class Stored:
    """What a file held: edges, and the settings that the network had."""

    edges: RoadEdges
    settings: Mapping[str, Any]


def save_edges(edges: RoadEdges, settings: Mapping[str, Any], path: Path, *, overwrite: bool) -> None:
    """Write edges and settings to one file, whole or not at all.

    Raises
    ------
    InputError
        If the file exists and may not be replaced, its folder does not exist, or identifiers are not texts or whole numbers.
    """
    import pyarrow as pa

    columns = {name: _column(name, getattr(edges, name)) for name in (*_PER_NODE, *_PER_EDGE, *_SHAPES)}
    kept = {name: values for name, values in columns.items() if values is not None}
    recipe = json.dumps(
        {
            "format": _FORMAT,
            "settings": dict(settings),
            "classes": list(edges.classes),
            "source": dict(edges.source),
            "findings": [asdict(f) for f in edges.findings],
        },
        sort_keys=True,
        allow_nan=False,
    )
    # One row, each of whose cells is a whole array: arrays of different lengths lie in one file, in one piece each.
    lists = {n: pa.LargeListArray.from_arrays(pa.array([0, len(v)], pa.int64()), v) for n, v in kept.items()}
    meta = {b"recipe": recipe.encode(), b"sha256": _digest(recipe, kept).encode()}
    table = pa.table(lists).replace_schema_metadata(meta)
    with (
        atomic_file(path, overwrite=overwrite) as staged,
        pa.OSFile(str(staged), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table)


def _column(name: str, values: NDArray[Any] | None) -> Any:  # noqa: ANN401 - pyarrow ships no types
    import pyarrow as pa

    if values is None:
        return None
    if values.dtype == np.bool_:
        return pa.array(values.astype(np.uint8))
    if values.dtype != object:
        return pa.array(np.ascontiguousarray(values).reshape(-1))
    if name == "edge_id":
        return pa.array([None if v is None or v != v else str(v) for v in values.tolist()], pa.large_string())  # noqa: PLR0124
    if not all(isinstance(v, str) for v in values.tolist()):
        raise InputError("nodes.id: to be saved they must all be whole numbers or all be texts; rename them first")
    return pa.array(values.tolist(), pa.large_string())


def _digest(recipe: str, columns: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(recipe.encode())
    for name in sorted(columns):
        values = columns[name]
        digest.update(f"\x1e{name}\x1f{values.type}\x1f{len(values)}\x1f".encode())
        for part in _bytes(values):
            digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()


def _bytes(values: Any) -> list[NDArray[Any]]:  # noqa: ANN401 - pyarrow ships no types
    """Return the content of an array without what Arrow pads it with."""
    import pyarrow as pa

    if not len(values):
        return []
    if not pa.types.is_large_string(values.type):
        return [values.to_numpy(zero_copy_only=True)]
    _, offsets, data = values.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[values.offset : values.offset + len(values) + 1]
    texts = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, dtype=np.uint8)
    return [bounds - bounds[0], texts[bounds[0] : bounds[-1]], values.is_null().to_numpy(zero_copy_only=False)]


def load_edges(path: Path) -> Stored:
    """Read a file that :func:`save_edges` wrote, its arrays where they lie in it.

    Raises
    ------
    InputError
        If there is no such file.
    IntegrityError
        If it is not such a file, is cut short, or differs from its checksum.
    """
    import pyarrow as pa

    if not path.is_file():
        raise InputError(f"{path}: there is no such file; check the path")
    try:
        source = pa.memory_map(str(path), "r")
        table = pa.ipc.open_file(source).read_all()
        meta = table.schema.metadata or {}
        recipe = meta[b"recipe"].decode()
        columns = {name: _values(table.column(name)) for name in table.column_names}
        whole = _digest(recipe, columns) == meta[b"sha256"].decode()
        read = json.loads(recipe)
    except (
        pa.ArrowException,
        ArithmeticError,
        AttributeError,
        LookupError,
        MemoryError,
        OSError,
        TypeError,
        ValueError,
    ) as error:
        # Arrow meets damaged bytes with errors of every kind.
        raise _spoilt(path, "is not a saved network, or is damaged or cut short") from error
    if not whole:
        raise _spoilt(path, "differs from its checksum")
    if read.get("format") != _FORMAT:
        raise _spoilt(path, f"is of format {read.get('format')!r}, and this version reads {_FORMAT}")
    return Stored(_edges(columns, read), read["settings"])


def _spoilt(path: Path, what: str) -> IntegrityError:
    return IntegrityError(f"{path.name}: {what}; make the network again from its source and save it")


def _values(column: Any) -> Any:  # noqa: ANN401 - pyarrow ships no types
    import pyarrow as pa

    if column.num_chunks != 1 or len(column) != 1 or not pa.types.is_large_list(column.type):
        raise ValueError("not one row of arrays")
    chunk = column.chunk(0)
    chunk.validate(full=True)
    return chunk.flatten()


def _edges(columns: Mapping[str, Any], recipe: Mapping[str, Any]) -> RoadEdges:
    import pyarrow as pa

    arrays: dict[str, Any] = {}
    for name, values in columns.items():
        if pa.types.is_large_string(values.type):
            made = np.empty(len(values), dtype=object)
            made[:] = values.to_pylist()
            arrays[name] = made
        else:
            arrays[name] = values.to_numpy(zero_copy_only=True)
    arrays["oneway"] = arrays["oneway"].view(np.bool_)
    if "coords" in arrays:
        arrays["coords"] = arrays["coords"].reshape(-1, 2)
    findings = tuple(Finding(**{**f, "ids": tuple(f["ids"])}) for f in recipe["findings"])
    return RoadEdges(**arrays, classes=tuple(recipe["classes"]), findings=findings, source=recipe["source"])
