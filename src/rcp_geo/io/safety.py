"""What every reader holds to in the face of a hostile file: bounds, plain files only, and one kind of error."""

from __future__ import annotations

import re
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rcp_geo.errors import InputError, RcpGeoError

__all__ = [
    "MAX_CELLS",
    "MAX_COLUMNS",
    "MAX_FIELD",
    "MAX_FILE",
    "MAX_JSON_DEPTH",
    "MAX_JSON_VALUES",
    "MAX_LINE",
    "MAX_ROWS",
    "MAX_TEXT",
    "MAX_XML_DEPTH",
    "MAX_XML_ELEMENTS",
    "local_path",
    "megabytes",
    "read_bytes",
    "reading",
    "require_plain_xml",
    "shown",
]

# A national list of services is a few megabytes at most; what is larger is some other kind of data.
MAX_FILE = 200_000_000
# JSON and XML grow some ten times when they are parsed.
MAX_TEXT = 100_000_000
# Excel's sheets end at 1,048,576 rows, and its other programs' layers of points seldom go further.
MAX_ROWS = 1_000_000
# The widest published tables on authorities have a few hundred columns.
MAX_COLUMNS = 1_000
# About a gigabyte as Python texts.
MAX_CELLS = 10_000_000
# In characters: four times what a cell of Excel can hold, and where Python's own CSV reader stops.
MAX_FIELD = 131_072
# In bytes: every column of a row at a tenth of the longest field.
MAX_LINE = 10_000_000
# Points in a collection are five levels deep and polygons eight; the rest is for properties.
MAX_JSON_DEPTH = 64
# A value takes up to 200 bytes once parsed.
MAX_JSON_VALUES = 5_000_000
# Folders in folders: people stop at five or six.
MAX_XML_DEPTH = 100
# Some twenty to a placemark, hence 150,000 placemarks; several seconds.
MAX_XML_ELEMENTS = 3_000_000

# Two letters at least, or the drives of Windows would count. pathlib leaves one slash of two.
_URL = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_SHOWN = 80


def shown(text: object, limit: int = _SHOWN) -> str:
    """Return a text from a file as it may stand in a message: on one line, and short."""
    line = _UNPRINTABLE.sub(" ", str(text)).strip()
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def megabytes(size: int) -> str:
    """Write a number of bytes for people."""
    return f"{size / 1e6:,.0f} MB" if size >= 10_000_000 else f"{size / 1e6:,.1f} MB"


def local_path(source: str | Path) -> Path:
    """Return the path of a file or folder on this machine.

    Raises
    ------
    InputError
        If it is an address on the network or one of GDAL's, if there is no such file, or if it is neither a plain file nor a
        folder.
    """
    text = str(source)
    name = shown(text)
    if _URL.match(text) or text.replace("\\", "/").lower().startswith("/vsi"):
        raise InputError(f"{name}: is not a file on this machine; download it first and give the path of the copy")
    if not text.strip():
        raise InputError("the name of the file is blank; give the path of a file on this machine")
    path = Path(text)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise InputError(f"{name}: there is no such file; check the path") from error
    except (OSError, ValueError) as error:
        raise InputError(
            f"{name}: cannot be looked at ({_reason(error)}); check the path and who may read it"
        ) from error
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError(f"{name}: is a device or a pipe, not a file; save what it gives to a file first")
    return path


def read_bytes(path: Path, limit: int = MAX_FILE) -> bytes:
    """Read a whole file of at most ``limit`` bytes.

    Raises
    ------
    InputError
        If it is longer or cannot be opened.
    """
    name = shown(path.name)
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise InputError(f"{name}: cannot be opened ({_reason(error)}); check who may read it") from error
    if len(data) > limit:
        raise too_large(path, limit)
    return data


def too_large(path: Path, limit: int) -> InputError:
    """Return the error for a file above its bound."""
    return InputError(
        f"{shown(path.name)}: is {megabytes(path.stat().st_size)}, above the {megabytes(limit)} that are read; "
        "keep only the rows and columns that are needed"
    )


@contextmanager
def reading(name: str, kind: str, *hide: str) -> Iterator[None]:
    """Turn whatever a parser raises into an :class:`~rcp_geo.errors.InputError`, and keep its warnings to itself.

    Parameters
    ----------
    name
        The file, as the person who gave it knows it.
    kind
        What it was read as, with its article.
    hide
        Texts that mean nothing to that person, such as the paths of temporary copies.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except RcpGeoError:
        raise
    except Exception as error:
        # Parsers meet hostile bytes with errors of every kind: KeyError, struct.error, MemoryError, their own.
        reason = _reason(error)
        for text in hide:
            reason = reason.replace(text, name)
        raise InputError(
            f"{name}: cannot be read as {kind} ({reason}); it may be damaged or cut short: "
            "open it in the program that made it and save it again"
        ) from error


_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ENCODINGS = (b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252")


def require_plain_xml(data: bytes, what: str) -> None:
    """Refuse XML in encodings in which marks could hide from a search for their bytes.

    Parameters
    ----------
    data
        All of it, or its first piece.
    what
        How it is called in messages.

    Raises
    ------
    InputError
        If it is not in UTF-8 or a relative of it.
    """
    declared = _DECLARED.search(data[:500])
    if b"\x00" in data or (declared and declared[1].lower() not in _ENCODINGS):
        raise InputError(f"{what} is not XML in UTF-8; save the file again")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, ValueError) and "set_int_max_str_digits" in str(error):
        # Python's advice to programmers, who could raise its limit
        return "it holds a number of thousands of digits"
    lines = str(error).strip().splitlines()
    return shown(lines[0], 200) if lines else type(error).__name__
