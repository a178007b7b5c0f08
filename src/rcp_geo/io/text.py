"""Values of every format as text, one way each, so that the same table reads the same from any file."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import math
import re

import numpy as np
import pandas as pd

__all__ = ["clean", "text_of"]

# What word processors and web pages leave behind: they look like a space or like nothing, and break every comparison.
_SPACES = dict.fromkeys([0xA0, 0x2007, 0x202F], " ")
_NOTHING = dict.fromkeys(
    [
        *(c for c in range(0x20) if c not in (0x09, 0x0A, 0x0D)),
        0x7F,
        0xAD,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2065),
        *range(0x2066, 0x206A),
        0xFEFF,
    ]
)
# Half of a pair, which no encoding can write.
_HALVES = dict.fromkeys(range(0xD800, 0xE000), "�")
_TABLE = str.maketrans({**_SPACES, **_NOTHING, **_HALVES})
_PLAIN = re.compile(r"[\n -~]*")
# Whole numbers above this are not all floats of their own.
_EXACT = 2**53


def clean(text: str) -> str:
    r"""Return a text without surrounding white space and invisible characters, its line ends as ``\n``."""
    if _PLAIN.fullmatch(text):
        return text.strip()
    return text.translate(_TABLE).replace("\r\n", "\n").replace("\r", "\n").strip()


def text_of(value: object) -> str:
    """Write a value of any format as text.

    Parameters
    ----------
    value
        A text, number, truth value, date, time, list of these, or nothing.

    Returns
    -------
    str
        Blank for nothing. Whole numbers have no decimal point, whatever type they come in; other numbers are in the
        shortest form that reads back the same; truth values are ``true`` and ``false``; dates are ISO 8601, and a
        moment at midnight is a date; the members of a list are joined by ``; ``.
    """
    if isinstance(value, str):
        return clean(value)
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return _float(value)
    return _other(value)


def _float(value: float | np.floating) -> str:
    if math.isnan(value):
        return ""
    if abs(float(value)) < _EXACT and float(value) == int(value):
        return str(int(value))
    # numpy writes the shortest text for the type at hand: a float32 of 0.1 is not 0.10000000149011612.
    return repr(float(value)) if isinstance(value, float) else str(value)


def _other(value: object) -> str:
    if isinstance(value, np.datetime64):
        return text_of(pd.Timestamp(value))
    if isinstance(value, dt.date | dt.time):
        return _moment(value)
    if isinstance(value, decimal.Decimal):
        return _decimal(value)
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return "; ".join(text_of(v) for v in value)
    if isinstance(value, dict):
        value = json.dumps(value, ensure_ascii=False, default=text_of)
    return clean(value.decode("utf-8") if isinstance(value, bytes) else str(value))


def _moment(value: dt.date | dt.time) -> str:
    midnight = isinstance(value, dt.datetime) and value.time() == dt.time() and not getattr(value, "nanosecond", 0)
    return value.isoformat()[:10] if midnight else value.isoformat()


def _decimal(value: decimal.Decimal) -> str:
    if value.is_nan():
        return ""
    # Written out, 1E+999999 is a megabyte.
    if not value.is_finite() or not -40 < value.adjusted() < 40:
        return str(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
