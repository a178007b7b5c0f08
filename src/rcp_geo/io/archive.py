"""Zip archives, looked at before anything is taken out of them."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rcp_geo.errors import InputError
from rcp_geo.io.safety import MAX_FILE, MAX_LINE, megabytes, reading, require_plain_xml, shown

__all__ = ["XmlMembers", "opened", "read_member"]

# A workbook has some tens of members, a map with pictures some hundreds.
MAX_MEMBERS = 10_000
# The catalogue of so many members with long names; Python keeps a few times as much for it.
_MAX_CATALOGUE = 4_000_000
# Text shrinks to a tenth, sheets of repeated values to a fiftieth; a bomb to a thousandth.
MAX_RATIO = 200
# Below this size no ratio does harm.
_HARMLESS = 10_000_000
# Four to a filled cell. Python's parsers take some ten seconds to a million cells.
_MAX_MARKS = 12_000_000
_CHUNK = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DRIVE = re.compile(r"[a-z]:", re.IGNORECASE)
_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"


@contextmanager
def opened(path: Path, limit: int = MAX_FILE) -> Iterator[zipfile.ZipFile]:
    """Open an archive all of whose members are safe to read, ``limit`` bytes in all at most.

    Raises
    ------
    InputError
        If it is damaged, or a member is encrypted, outside the folder, a link, given twice or too large.
    """
    name = shown(path.name)
    _check_catalogue(path, name)
    with reading(name, "a zip archive"), zipfile.ZipFile(path) as archive:
        _check_members(archive.infolist(), name, limit)
        yield archive


def _check_catalogue(path: Path, name: str) -> None:
    """Check the size of the list of members, which Python would take in whole."""
    with reading(name, "a zip archive"), path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 70_000))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise InputError(f"{name}: is cut short: the end of the archive is missing; copy or download it again")
    catalogue = struct.unpack_from("<I", tail, at + 12)[0]
    # The same place that Python looks in for the record of a large archive, which overrides the plain one.
    if at >= 76 and tail[at - 20 : at - 16] == _LOCATOR64 and tail[at - 76 : at - 72] == _END64:
        catalogue = struct.unpack_from("<Q", tail, at - 36)[0]
    if catalogue > _MAX_CATALOGUE:
        raise _too_many(name)


def _too_many(name: str) -> InputError:
    return InputError(f"{name}: holds more than {MAX_MEMBERS:,} files; it is not a table or a map: give another file")


def _check_members(members: list[zipfile.ZipInfo], name: str, limit: int) -> None:
    if len(members) > MAX_MEMBERS:
        raise _too_many(name)
    total, packed, seen = 0, 0, set[str]()
    for member in members:
        inner = member.filename.replace("\\", "/")
        label = shown(member.filename)
        if inner.startswith("/") or _DRIVE.match(inner) or ".." in inner.split("/"):
            raise InputError(f"{name}: holds {label}, which lies outside the archive; do not use this file")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise InputError(f"{name}: holds {label}, which is a link to another file; do not use this file")
        if inner in seen:
            raise InputError(f"{name}: holds {label} twice; make the archive again")
        if member.flag_bits & 1:
            raise InputError(f"{name}: is protected by a password; save it without one")
        if member.compress_type not in _METHODS:
            raise InputError(f"{name}: holds {label}, packed in an unusual way; make the archive again as a plain zip")
        seen.add(inner)
        total += member.file_size
        packed += member.compress_size
    if total > limit or (total > _HARMLESS and total > MAX_RATIO * max(packed, 1)):
        raise InputError(
            f"{name}: would unpack to {megabytes(total)}, from {megabytes(packed)}; at most {megabytes(limit)}, and "
            f"{MAX_RATIO} times its size, are read: keep only what is needed"
        )


def read_member(archive: zipfile.ZipFile, member: str, limit: int, name: str) -> bytes:
    """Read a member of at most ``limit`` bytes.

    Raises
    ------
    InputError
        If it is longer, or damaged.
    """
    with reading(name, "a zip archive"), archive.open(member) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise InputError(
            f"{name}: {shown(member)} in it is above the {megabytes(limit)} that are read; keep only what is needed"
        )
    return data


class XmlMembers:
    """The XML in an archive that another library is to parse, read once as a stream beforehand.

    Parameters
    ----------
    archive
        One that :func:`opened` gave.
    name
        The file, as it stands in messages.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self._marks = 0

    def check(self, member: str, *sought: bytes, break_at: bytes = b"<") -> bool:
        """Refuse a member that declares entities or would take too long; say whether any of the sought texts is in it.

        Parameters
        ----------
        member
            Its name in the archive.
        sought
            Texts to look for.
        break_at
            What a parser is done with a part at: memory is for the longest run without it.

        Raises
        ------
        InputError
            If it has a document type, is damaged, in an unusual encoding, or too much to parse.
        """
        found, before, run, first = False, b"", 0, True
        with reading(self._name, "a zip archive"), self._archive.open(member) as file:
            while chunk := file.read(_CHUNK):
                window = before + chunk
                if first or b"\x00" in chunk:
                    require_plain_xml(window, f"{self._name}: {shown(member)} in it")
                if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                    raise InputError(
                        f"{self._name}: {shown(member)} in it declares a document type or entities, which are never read; "
                        "save the file again"
                    )
                self._marks += chunk.count(b"<")
                at = chunk.rfind(break_at)
                run = run + len(chunk) if at < 0 else len(chunk) - at
                if run > MAX_LINE or self._marks > _MAX_MARKS:
                    raise InputError(
                        f"{self._name}: holds more than {_MAX_MARKS // 4:,} cells; keep only what is needed"
                    )
                found = found or any(text in window for text in sought)
                before, first = window[-16:], False
        return found
