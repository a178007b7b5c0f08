"""Writing all or nothing, and saying in words why something cannot be written."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rcp_geo.errors import InputError, IntegrityError
from rcp_geo.files import atomic_file, atomic_folder

Write = Callable[[Path], None]


def _folder(path: Path) -> None:
    with atomic_folder(path, marker="mark", overwrite=True) as staging:
        (staging / "mark").write_text("new")


def _file(path: Path) -> None:
    with atomic_file(path, overwrite=True) as staging:
        staging.write_text("new")


@pytest.mark.parametrize("write", [_folder, _file])
def test_what_the_system_refuses_is_said_in_words(write: Write, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"xxx: cannot be written \(file name too long\); choose another name or place"
    ):
        write(tmp_path / ("x" * 300))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux's folder of processes")
@pytest.mark.parametrize("write", [_folder, _file])
def test_a_place_where_nothing_can_be_made(write: Write) -> None:
    with pytest.raises(InputError, match=r"^/proc/x: cannot be written \(.+\); choose another name or place$"):
        write(Path("/proc/x"))


@pytest.mark.parametrize("atomic", [atomic_folder, atomic_file])
def test_an_error_of_our_own_is_left_as_it_is(atomic: Any, tmp_path: Path) -> None:
    options = {"marker": "mark"} if atomic is atomic_folder else {}
    with pytest.raises(IntegrityError, match="not the one"), atomic(tmp_path / "out", overwrite=True, **options):
        raise IntegrityError("not the one")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_put_in_place_leaves_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    _folder(folder)
    (folder / "mark").write_text("old")
    real = Path.replace

    def busy(self: Path, target: Path) -> Path:
        if target == folder and (self / "mark").read_text() == "new":
            raise OSError(errno.EBUSY, "Device or resource busy")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    with pytest.raises(InputError, match="device or resource busy"):
        _folder(folder)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert (folder / "mark").read_text() == "old"
