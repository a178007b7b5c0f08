"""JSON, measured before it is parsed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from rcp_geo.errors import InputError
from rcp_geo.io.safety import MAX_JSON_DEPTH, MAX_JSON_VALUES, reading

__all__ = ["load_json"]

_CHUNK = 1 << 22
# Texts and objects take the most memory: as many as a list of the largest size can have, whatever else there is.
_MAX_TEXTS = 2 * MAX_JSON_VALUES


def load_json(
    data: bytes,
    name: str,
    *,
    limit: int = MAX_JSON_VALUES,
    condense: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> object:
    """Parse JSON in bounded time and memory; a name that occurs twice in an object is numbered.

    Parameters
    ----------
    data
        The bytes of a file.
    name
        The file, as it stands in messages.
    limit
        How many values it may hold.
    condense
        Called with each object as soon as it is whole, to return what is to stand for it.

    Raises
    ------
    InputError
        If it is too deeply nested, not in UTF-8, or not one JSON value.
    """
    _require_shallow(data, name, limit)

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        answer = _distinct(pairs)
        return answer if condense is None else condense(answer)

    with reading(name, "JSON"):
        try:
            value: object = json.loads(data.decode("utf-8-sig"), object_pairs_hook=made)
        except UnicodeDecodeError as error:
            raise InputError(f"{name}: is not JSON in UTF-8; save it again") from error
        except json.JSONDecodeError as error:
            if error.msg == "Extra data":
                raise InputError(
                    f"{name}: holds several JSON values one after the other; save them as one GeoJSON FeatureCollection"
                ) from error
            raise
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    answer = dict(pairs)
    if len(answer) < len(pairs):
        answer, seen = {}, Counter[str]()
        for key, value in pairs:
            seen[key] += 1
            label = key if seen[key] == 1 else f"{key} ({seen[key]})"
            while label in answer:  # a name that is numbered so already
                label += " again"
            answer[label] = value
    return answer


def _require_shallow(data: bytes, name: str, limit: int) -> None:
    """Refuse nesting and numbers of values that would cost a parser its stack or the machine its memory."""
    # Of a run of backslashes each pair is one character; what is left before a quotation mark escapes it.
    plain = data.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in data else data
    inside, depth, values, texts = 0, 0, 0, 0
    for start in range(0, len(plain), _CHUNK):
        part = np.frombuffer(plain, dtype=np.uint8, count=min(_CHUNK, len(plain) - start), offset=start)
        quotes = part == 0x22
        outside = (np.cumsum(quotes, dtype=np.int64) + inside) % 2 == 0
        opening = outside & ((part == 0x5B) | (part == 0x7B))
        closing = outside & ((part == 0x5D) | (part == 0x7D))
        depths = np.cumsum(opening.astype(np.int8) - closing.astype(np.int8), dtype=np.int64) + depth
        values += int(opening.sum()) + int((outside & (part == 0x2C)).sum())
        texts += int(quotes.sum()) // 2 + int((outside & (part == 0x7B)).sum())
        if depths.max(initial=0) > MAX_JSON_DEPTH:
            raise InputError(f"{name}: is nested more than {MAX_JSON_DEPTH} deep; it is no list or map that is read")
        if values > limit or texts > _MAX_TEXTS:
            most = limit if values > limit else _MAX_TEXTS
            raise InputError(f"{name}: holds more than {most:,} values; keep only what is needed")
        inside, depth = (inside + int(quotes.sum())) % 2, int(depths[-1])
