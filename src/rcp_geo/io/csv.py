"""CSV tables, read as text so that nothing is guessed."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.schema import counted

__all__ = ["numbers", "parse_numbers", "read_csv"]


def read_csv(source: Path | TextIO) -> pd.DataFrame:
    """Read a CSV table as text, blanks as empty strings.

    Raises
    ------
    InputError
        If there is no such file or it is not CSV in UTF-8.
    """
    name = str(source) if isinstance(source, Path) else "standard input"
    try:
        encoding = "utf-8-sig" if isinstance(source, Path) else None
        return pd.read_csv(source, dtype=str, keep_default_na=False, encoding=encoding).rename(columns=str.strip)
    except OSError as error:
        raise InputError(f"{name}: there is no such file, or it cannot be opened; check the path") from error
    except ValueError as error:
        reason = (str(error).strip().splitlines() or ["no text"])[0]
        raise InputError(f"{name}: cannot be read as CSV in UTF-8 ({reason}); save it again as CSV UTF-8") from error


def numbers(rows: pd.DataFrame, column: str, table: str) -> np.ndarray:
    """Read a column of texts as numbers, blanks as NaN; raise :class:`~rcp_geo.errors.InputError` for the rest."""
    text = rows[column].astype(str).str.strip()
    found = parse_numbers(text)
    bad = np.isnan(found) & (text != "").to_numpy()
    if bad.any():
        seen = ", ".join(repr(v) for v in text[bad].head(5))
        raise InputError(
            f"{table}.{column}: {counted(int(bad.sum()), 'rows hold no number')} ({seen}); write plain decimal numbers"
        )
    return found


def parse_numbers(texts: pd.Series) -> np.ndarray:
    """Return texts as the nearest floating-point numbers; NaN for what is no number.

    Not ``pandas.to_numeric``, which before pandas 3 got the last bit of many decimals wrong.
    """
    return np.array([_number(text) for text in texts], dtype=np.float64)


def _number(text: str) -> float:
    try:
        return float(text) if "_" not in text else np.nan
    except ValueError:
        return np.nan
