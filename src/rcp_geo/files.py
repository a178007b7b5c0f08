"""Writing so that a reader never sees half a file, and never loses one unasked."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rcp_geo.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["atomic_file", "atomic_folder", "csv_text"]


def csv_text(frame: pd.DataFrame) -> str:
    r"""Return a table as CSV with ``\n`` line ends; a text that holds a bare ``\r`` cannot break its row."""
    returns = any("\r" in v for c in frame.columns for v in frame[c].tolist() if isinstance(v, str))
    # Python's writer leaves a carriage return bare unless everything is quoted.
    return frame.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL)


@contextmanager
def atomic_folder(folder: Path, *, marker: str, overwrite: bool) -> Iterator[Path]:
    """Give a temporary folder to fill, and put it in place of ``folder`` once all is written.

    Parameters
    ----------
    folder
        Where the result is to appear.
    marker
        Name of a file that every such folder holds. Only a folder that has it, or an empty one, is ever replaced.
    overwrite
        Whether an earlier result may be replaced.

    Raises
    ------
    InputError
        If the folder exists and may not be replaced, or its parent does not exist.
    """
    _require_free(folder, marker, overwrite)
    staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield staging
        # mkdtemp makes a private folder; the result is as open as any other that the user makes.
        mask = os.umask(0)
        os.umask(mask)
        staging.chmod(0o777 & ~mask)
        if folder.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
            folder.replace(old / "old")
            staging.replace(folder)
            shutil.rmtree(old)
        else:
            staging.replace(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def atomic_file(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a temporary path to write to, and put the file in place of ``path`` once all is written.

    Raises
    ------
    InputError
        If the file exists and may not be replaced, or its folder does not exist.
    """
    if not path.parent.is_dir():
        raise InputError(f"{path}: the folder {path.parent} does not exist; make it first")
    if path.is_dir():
        raise InputError(f"{path}: a folder of this name exists; choose another name")
    if path.exists() and not overwrite:
        raise InputError(f"{path}: the file exists; choose another name, or say that it may be overwritten")
    room = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield room / path.name
        (room / path.name).replace(path)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _require_free(folder: Path, marker: str, overwrite: bool) -> None:
    if not folder.parent.is_dir():
        raise InputError(f"{folder}: the folder {folder.parent} does not exist; make it first")
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"{folder}: a file of this name exists; choose another name")
    empty = not any(folder.iterdir())
    if not overwrite and not empty:
        raise InputError(f"{folder}: the folder exists; choose another, or say that it may be overwritten")
    if not empty and not (folder / marker).is_file():
        raise InputError(f"{folder}: the folder holds something else ({marker} is not in it); choose another")
