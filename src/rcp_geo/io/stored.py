"""Layers of polygons kept in a folder: whole or not at all, checked whenever they are read.

A layer's folder holds ``record.json``, the file that it names by its digest, and, while a download is under way or broken off,
folders of the pages that have arrived. Every file is written beside its place and then put there, so that several processes
may read and write one folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from rcp_geo._optional import require
from rcp_geo.errors import InputError, IntegrityError
from rcp_geo.files import atomic_file

__all__ = ["Pages", "StoredLayer", "layer_folder", "new_file", "read_stored", "store"]

RECORD = "record.json"
# What readers count on.
_READ = {"layer": str, "licence": str, "features": dict}
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class StoredLayer:
    """A layer as it was fetched.

    Attributes
    ----------
    path
        The file: one GeoJSON FeatureCollection, checked against its sha256.
    record
        What was asked of which address, what the server said of itself, and the sha256 of every page and of the whole.
    """

    path: Path
    record: dict[str, Any]


def layer_folder(url: str, name: str, cache: str | Path | None, extra: str) -> Path:
    """Return the folder of one layer, in the folder given or in the user's cache folder; it need not exist.

    Raises
    ------
    InputError
        If the folder given is a file.
    MissingExtraError
        If none is given and platformdirs is not installed.
    """
    if cache is None:
        root = Path(require("platformdirs", extra).user_cache_dir("rcp_geo", appauthor=False)) / "boundaries"
    else:
        root = Path(cache)
        if root.exists() and not root.is_dir():
            raise InputError(f"cache: {root} is a file; pass a folder")
    # Names make the folders readable, the digest makes them distinct.
    return root / f"{re.sub(r'[^A-Za-z0-9_]+', '_', name)[:80]}-{hashlib.sha256(url.encode()).hexdigest()[:12]}"


def read_stored(folder: Path) -> StoredLayer | None:
    """Return the layer that a folder holds, or None if it holds none.

    Raises
    ------
    IntegrityError
        If what it holds is not what was stored.
    """
    try:
        return _read(folder)
    except IntegrityError:
        # Another process may have put a new edition in place between the reading of the record and of the file.
        return _read(folder)


def _read(folder: Path) -> StoredLayer | None:
    try:
        text = (folder / RECORD).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise IntegrityError(f"{folder / RECORD}: cannot be read ({error}); {_REMEDY}") from error
    record, digest = _parsed(text)
    if digest is None or any(not isinstance(record.get(key), kind) for key, kind in _READ.items()):
        raise IntegrityError(f"{folder / RECORD}: is not a record of a stored layer; {_REMEDY}")
    path = folder / f"{digest}.geojson"
    try:
        found = _digest(path)
    except OSError as error:
        raise IntegrityError(f"{path}: the stored layer is missing or cannot be read; {_REMEDY}") from error
    if found != digest:
        raise IntegrityError(f"{path}: the stored layer was changed or damaged (sha256 {found[:12]}); {_REMEDY}")
    return StoredLayer(path, record)


def _parsed(text: bytes) -> tuple[dict[str, Any], str | None]:
    """Return a record and the digest that it names, None where it is no record."""
    try:
        record = json.loads(text)
        return record, record["sha256"] if _DIGEST.fullmatch(record["sha256"]) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}, None


_REMEDY = "call again with refresh=True, or delete its folder"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def new_file(folder: Path) -> Iterator[BinaryIO]:
    """Open a file in a layer's folder that vanishes at the end, unless :func:`store` has put it in place.

    Raises
    ------
    InputError
        If the folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    except OSError as error:
        raise InputError(f"cache: {folder} cannot be written to ({error}); pass another folder") from error
    try:
        with (room / "layer").open("wb") as file:
            yield file
    finally:
        shutil.rmtree(room, ignore_errors=True)


def store(folder: Path, file: BinaryIO, record: dict[str, Any]) -> StoredLayer:
    """Put a file of :func:`new_file` and its record in the place of what the folder held."""
    size = file.tell()
    file.close()
    digest = _digest(Path(file.name))
    try:
        _, before = _parsed((folder / RECORD).read_bytes())
    except OSError:
        before = None
    path = folder / f"{digest}.geojson"
    Path(file.name).replace(path)
    full = {**record, "bytes": size, "sha256": digest}
    with atomic_file(folder / RECORD, overwrite=True) as new:
        new.write_text(json.dumps(full, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if before not in (None, digest):
        # Only what this call replaced: another process may have stored something else meanwhile.
        (folder / f"{before}.geojson").unlink(missing_ok=True)
    return StoredLayer(path, full)


@dataclass(frozen=True)
class Pages:
    """Pages that have arrived of one download, kept until the whole is there.

    Attributes
    ----------
    folder
        Where they are; its name stands for what the pages are of, so that pages of an edition that was replaced are never
        mixed with those of the new one.
    """

    folder: Path

    @classmethod
    def of(cls, folder: Path, plan: dict[str, Any]) -> Pages:
        """Return the place for the pages of one plan in a layer's folder."""
        said = json.dumps(plan, sort_keys=True).encode()
        return cls(folder / f"pages-{hashlib.sha256(said).hexdigest()[:12]}")

    def take(self, offset: int) -> bytes | None:
        """Return the page that begins with a feature, if it has arrived and is whole."""
        for path in sorted(self.folder.glob(f"{offset:06d}-*.json")):
            with contextlib.suppress(OSError):
                page = path.read_bytes()
                if path.stem.partition("-")[2] == hashlib.sha256(page).hexdigest():
                    return page
        return None

    def keep(self, offset: int, page: bytes) -> None:
        """Keep a page."""
        # Should another process have finished and cleared the folder, there is nothing left to go on from.
        with contextlib.suppress(FileNotFoundError, InputError):
            self.folder.mkdir(exist_ok=True)
            name = f"{offset:06d}-{hashlib.sha256(page).hexdigest()}.json"
            with atomic_file(self.folder / name, overwrite=True) as new:
                new.write_bytes(page)

    def clear(self) -> None:
        """Drop the pages of this plan and of those before it."""
        for folder in self.folder.parent.glob("pages-*"):
            shutil.rmtree(folder, ignore_errors=True)
