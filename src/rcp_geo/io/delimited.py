"""Tables as text with a delimiter: CSV, TSV and their relatives."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from rcp_geo.errors import InputError
from rcp_geo.io.raw import RawTable, from_grid
from rcp_geo.io.safety import MAX_FIELD, MAX_LINE, megabytes, reading, shown
from rcp_geo.io.text import clean
from rcp_geo.schema import Finding

__all__ = ["read_delimited"]

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_SAMPLE_ROWS = 50
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
# The Windows code page of western Europe, which Excel writes unless told to write UTF-8.
_FALLBACK = "cp1252"
_BOMS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# Excel's own note on the first line of what it exports.
_SEP = re.compile(r'\ufeff?"?sep=([,;|\t])"?\s*$', re.IGNORECASE)


def read_delimited(path: Path, *, tabs: bool, encoding: str | None = None) -> RawTable:
    """Read delimited text whose first row names the columns.

    Parameters
    ----------
    path
        A file that has been found to be plain and not too large.
    tabs
        Whether the name of the file promises tabs.
    encoding
        The encoding, if it is known; otherwise that of the byte order mark, UTF-8, or Windows-1252 with a finding.

    Raises
    ------
    InputError
        If it is not text, a line or value is too long, or a quotation mark is never closed.
    """
    name = shown(path.name)
    findings: list[Finding] = []
    encoding = _encoding(path, name, encoding, findings)
    with reading(name, "a text table"):
        try:
            with path.open(encoding=encoding, newline="") as file:
                delimiter, declared = _delimiter(file.read(_SAMPLE), tabs)
                if delimiter != ("\t" if tabs else ","):
                    message = f"the values are delimited by {_DELIMITERS[delimiter]}"
                    findings.append(Finding("file.delimiter", "info", name, "", (), message, "no need to act"))
                file.seek(0)
                records = _records(file, delimiter, name)
                if declared:
                    next(records)
                return from_grid(records, name, ragged=False, findings=findings)
        except LookupError as error:
            raise InputError(
                f"{name}: {shown(encoding)!r} is not the name of an encoding; try utf-8 or cp1252"
            ) from error
        except UnicodeError as error:
            raise InputError(
                f"{name}: is not text in {encoding}; save it as CSV UTF-8, or give its encoding"
            ) from error


def _encoding(path: Path, name: str, given: str | None, findings: list[Finding]) -> str:
    """Look at every byte once, and say what the text is encoded in."""
    utf8 = codecs.getincrementaldecoder("utf-8-sig")()
    valid, run = True, 0
    with path.open("rb") as file:
        wide = given or _BOMS.get(file.read(2))
        file.seek(0)
        while chunk := file.read(_CHUNK):
            if not wide and b"\x00" in chunk:
                raise InputError(
                    f"{name}: is not a text table: it holds NUL bytes; save it as CSV UTF-8, or give the file its right name"
                )
            run = _require_short_lines(chunk, run, name)
            if valid and not wide:
                try:
                    utf8.decode(chunk)
                except UnicodeDecodeError:
                    valid = False
        if valid and not wide:
            try:
                utf8.decode(b"", final=True)
            except UnicodeDecodeError:
                valid = False
    if wide:
        return wide
    if not valid:
        message = "the text is not UTF-8 and was read as Windows-1252"
        remedy = "check names with accents and dashes; save it as CSV UTF-8, or give its encoding"
        findings.append(Finding("file.encoding", "warning", name, "", (), message, remedy))
        return _FALLBACK
    return "utf-8-sig"


def _require_short_lines(chunk: bytes, run: int, name: str) -> int:
    """Refuse a line above the bound; return how long the line is that the chunk ends in."""
    data = np.frombuffer(chunk, dtype=np.uint8)
    ends = np.flatnonzero((data == 0x0A) | (data == 0x0D))
    if len(ends):
        longest = max(run + int(ends[0]), int(np.diff(ends).max(initial=0)))
        run = len(chunk) - 1 - int(ends[-1])
    else:
        longest = run = run + len(chunk)
    if max(longest, run) > MAX_LINE:
        raise InputError(f"{name}: has a line above {megabytes(MAX_LINE)}; it is not a table with a row per line")
    return run


def _delimiter(sample: str, tabs: bool) -> tuple[str, bool]:
    """Return the delimiter under which the first rows are as wide as the header, and whether the file names it."""
    lines = sample.splitlines(keepends=True)
    if lines and (found := _SEP.match(lines[0])):
        return found[1], True
    if len(lines) > 1 and len(sample) >= _SAMPLE:
        lines.pop()
    expected = "\t" if tabs else ","
    best, delimiter = (0.0, 0), expected
    for candidate in sorted(_DELIMITERS, key=lambda d: d != expected):
        try:
            rows = [
                row for row, _ in zip(_parse(lines, candidate, strict=False), range(_SAMPLE_ROWS), strict=False) if row
            ]
        except csv.Error:
            continue
        width = max((len(row) for row in rows), default=0)
        # What the name promises may begin below a title; anything else must delimit the header as well.
        if width > 1 and (candidate == expected or len(rows[0]) > 1):
            same = sum(len(row) == width for row in rows) / len(rows)
            # Commas in free text make few rows of one width; what makes them all so is the delimiter.
            score = (round(same, 1), width)
            if score > best:
                best, delimiter = score, candidate
    return delimiter, False


def _parse(lines: Iterable[str], delimiter: str, *, strict: bool = True) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=strict)


def _records(lines: Iterable[str], delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    parser = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    number = 0
    while True:
        start = parser.line_num + 1
        try:
            cells = next(parser)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(
                f"{name}: line {start} cannot be split into values ({error}); a double quote there is not closed or stands "
                f"inside a value, where it must be written twice, or a value has more than {MAX_FIELD:,} characters"
            ) from error
        number += 1
        yield number, [clean(cell) for cell in cells]
