"""Columns of Arrow as texts: what Parquet and GDAL hand over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from rcp_geo.io.places import Places, Sink
from rcp_geo.io.raw import Columns
from rcp_geo.io.text import text_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["add_columns", "is_flat", "leave_out"]


# Keys and hashes; above it, one text in the dictionary of a small file fills the memory.
_MAX_FIXED = 64


def is_flat(kind: pa.DataType) -> bool:
    """Say whether a type holds one short value to a cell, or a text."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return is_flat(kind.value_type)
    if pa.types.is_fixed_size_binary(kind):
        return bool(kind.byte_width <= _MAX_FIXED)
    return not pa.types.is_nested(kind) and not isinstance(kind, pa.BaseExtensionType)


def add_columns(made: Columns, table: pa.Table, geometry: str | None, sink: type[Sink] = Places) -> None:
    """Add the columns of an Arrow table but its geometry, which goes to the places.

    Columns that hold lists, structures or bytes that are no text are left out, with a finding.
    """
    places = sink()
    for label, column in zip(table.column_names, table.columns, strict=True):
        if label == geometry:
            for chunk in column.chunks:
                for value in _spread(chunk, _plain):
                    places.wkb(value)
            made.places = places
        elif not is_flat(column.type):
            leave_out(made, label, "lists or structures")
        else:
            try:
                made.add(label, [text for chunk in column.chunks for text in _spread(chunk, _texts)])
            except UnicodeDecodeError:
                leave_out(made, label, "bytes that are not text")


def leave_out(made: Columns, label: str, what: str) -> None:
    """Note that a column is not read."""
    made.note(
        "column.unreadable", "warning", f"the column holds {what}, and was left out", "save it as text", (), label
    )


def _spread(chunk: pa.Array, write: Callable[[pa.Array], list[Any]]) -> list[Any]:
    """Write the values of a chunk; those of a dictionary once each, however many rows they fill."""
    import pyarrow as pa

    if not pa.types.is_dictionary(chunk.type):
        return write(chunk)
    (nothing,) = write(pa.nulls(1, chunk.dictionary.type))
    words = [*write(chunk.dictionary), nothing]
    return [words[-1 if i is None else i] for i in chunk.indices.to_pylist()]


def _plain(chunk: pa.Array) -> list[Any]:
    return list(chunk.to_pylist())


def _texts(chunk: pa.Array) -> list[str]:
    import pyarrow as pa

    values = chunk.to_pylist()
    if pa.types.is_float32(chunk.type):
        # As doubles they would show digits that they never had.
        return [text_of(None if value is None else np.float32(value)) for value in values]
    return [text_of(value) for value in values]
