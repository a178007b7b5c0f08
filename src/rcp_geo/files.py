"""Writing so that a reader never sees half a file, and never loses one unasked."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rcp_geo.errors import InputError, RcpGeoError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["atomic_file", "atomic_folder", "csv_text"]

_MAY_REPLACE = "say that it may be overwritten (overwrite=True, --overwrite)"

# What systems leave in every folder that somebody looks at.
_NOBODYS = (".DS_Store", "Thumbs.db", "desktop.ini")


def csv_text(frame: pd.DataFrame) -> str:
    r"""Return a table as CSV with ``\n`` line ends; a text that holds a bare ``\r`` cannot break its row."""
    returns = any("\r" in v for c in frame.columns for v in frame[c].tolist() if isinstance(v, str))
    # Python's writer leaves a carriage return bare unless everything is quoted.
    return frame.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL)


@contextmanager
def atomic_folder(folder: Path, *, marker: str, overwrite: bool, optional: Collection[str] = ()) -> Iterator[Path]:
    """Give a temporary folder to fill, and put it in place of ``folder`` once all is written.

    Parameters
    ----------
    folder
        Where the result is to appear.
    marker
        Name of a file that every such folder holds. Only a folder that has it, or an empty one, is ever replaced.
    overwrite
        Whether an earlier result may be replaced. A folder that holds something else too never is.
    optional
        Names of files that an earlier result may hold and this one may not. A folder in it of which files are named, such as
        ``inputs/demand.parquet``, is looked into; others are taken whole.

    Raises
    ------
    InputError
        If the folder exists and may not be replaced, its parent does not exist, or the system refuses to write there.
    """
    with _writing(folder):
        _require_free(folder, marker, overwrite)
        with _staging(folder) as staging:
            yield staging
            _require_ours(folder, {*optional, *(p.name for p in staging.iterdir())} - {*_parents(optional)})
            # mkdtemp makes a private folder; the result is as open as any other that the user makes.
            mask = os.umask(0)
            os.umask(mask)
            staging.chmod(0o777 & ~mask)
            _swap(staging, folder)


def _swap(staging: Path, folder: Path) -> None:
    """Put one folder in the place of another, or leave that where it is."""
    if not folder.exists():
        staging.replace(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    old = folder.replace(aside / "old")
    try:
        staging.replace(folder)
    except OSError:
        old.replace(folder)
        aside.rmdir()
        raise
    shutil.rmtree(aside)


@contextmanager
def _staging(path: Path) -> Iterator[Path]:
    """Give a folder beside a path, so that what is in it can be moved there, and remove it in the end."""
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Say in words what the system says of a path that cannot be written to."""
    try:
        yield
    except RcpGeoError:
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path}: cannot be written ({reason}); choose another name or place") from error


@contextmanager
def atomic_file(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a temporary path to write to, and put the file in place of ``path`` once all is written.

    Raises
    ------
    InputError
        If the file exists and may not be replaced, its folder does not exist, or the system refuses to write there.
    """
    with _writing(path):
        if not path.parent.is_dir():
            raise InputError(f"{path}: the folder {path.parent} does not exist; make it first")
        if path.is_dir():
            raise InputError(f"{path}: a folder of this name exists; choose another name")
        if path.exists() and not overwrite:
            raise InputError(f"{path}: the file exists; choose another name, or {_MAY_REPLACE}")
        with _staging(path) as room:
            yield room / path.name
            (room / path.name).replace(path)


def _parents(names: Collection[str]) -> set[str]:
    return {name.partition("/")[0] for name in names if "/" in name}


def _require_ours(folder: Path, names: Collection[str]) -> None:
    """Raise for a folder that holds more than an earlier result, such as the map that a user made of it."""
    inside = {p.name: p for p in folder.iterdir()} if folder.exists() else {}
    for parent in _parents(names) & {*inside}:
        # A link leads to files of someone else's.
        if inside[parent].is_dir() and not inside[parent].is_symlink():
            inside |= {f"{parent}/{p.name}": p for p in inside.pop(parent).iterdir()}
    strays = sorted({name for name, path in inside.items() if path.name not in _NOBODYS} - {*names})
    if strays:
        more = f" and {len(strays) - 5} more" if len(strays) > 5 else ""
        raise InputError(
            f"{folder}: holds what is not of this result and would be lost ({', '.join(strays[:5])}{more}); "
            "move it, or choose another folder"
        )


def _require_free(folder: Path, marker: str, overwrite: bool) -> None:
    if not folder.parent.is_dir():
        raise InputError(f"{folder}: the folder {folder.parent} does not exist; make it first")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"{folder}: a file of this name exists; choose another name")
    empty = not any(folder.iterdir())
    if not overwrite and not empty:
        raise InputError(f"{folder}: the folder exists; choose another, or {_MAY_REPLACE}")
    if not empty and not (folder / marker).is_file():
        raise InputError(f"{folder}: the folder holds something else ({marker} is not in it); choose another")
