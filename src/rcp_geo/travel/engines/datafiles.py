"""The files that an engine routes over: made once from a map by the engine's own programs, and kept."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from rcp_geo.errors import InputError, IntegrityError, TravelError
from rcp_geo.files import atomic_folder
from rcp_geo.provenance import digest_of

__all__ = ["Recipe", "built", "recipe_of", "run_program"]

_RECIPE = "recipe.json"
_TOLD_LINES = 5


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an engine's files are made of; the same recipe always stands for the same files.

    Attributes
    ----------
    engine, version
        The package that makes them.
    pbf, pbf_sha256
        Name and content of the map.
    settings
        All that the files depend on besides, as plain data without paths.
    """

    engine: str
    version: str
    pbf: str
    pbf_sha256: str
    settings: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Digest of all but the map's name."""
        return digest_of({k: v for k, v in self.content().items() if k != "pbf"})

    def content(self) -> dict[str, Any]:
        """Return the recipe as plain data."""
        return {
            "engine": self.engine,
            "version": self.version,
            "pbf": self.pbf,
            "pbf_sha256": self.pbf_sha256,
            "settings": dict(self.settings),
        }


def recipe_of(engine: str, pbf: Path, settings: Mapping[str, Any]) -> Recipe:
    """Return the recipe for a map, whose content is read for it."""
    with pbf.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Recipe(engine, importlib.metadata.version(engine), pbf.name, digest, settings)


def built(recipe: Recipe, cache: Path, build: Callable[[Path], None]) -> Path:
    """Return the folder of an engine's files, made now unless an earlier call has made it.

    Parameters
    ----------
    recipe
        What they are made of.
    cache
        Folder to keep them in.
    build
        Fills a folder with them.

    Raises
    ------
    InputError
        If the folder for the cache does not exist.
    IntegrityError
        If files made earlier are no longer as they were made.
    """
    if not cache.is_dir():
        raise InputError(f"cache: the folder {cache} does not exist; make it first")
    folder = cache / f"{recipe.engine}-{recipe.key[:16]}"
    if not folder.exists():
        with atomic_folder(folder, marker=_RECIPE, overwrite=True) as room:
            build(room)
            told = recipe.content() | {"key": recipe.key, "files": _sizes(room)}
            (room / _RECIPE).write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    try:
        told = json.loads((folder / _RECIPE).read_text(encoding="utf-8"))
        whole = told["key"] == recipe.key and told["files"] == _sizes(folder)
    except (OSError, ValueError, LookupError, TypeError):
        whole = False
    if not whole:
        raise IntegrityError(
            f"{folder}: the files are not as {recipe.engine} made them; delete the folder to make them anew"
        )
    return folder


def _sizes(folder: Path) -> dict[str, int]:
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != _RECIPE]
    return {p.relative_to(folder).as_posix(): p.stat().st_size for p in files}


def run_program(package: ModuleType, name: str, *arguments: str, folder: Path) -> None:
    """Run a program that comes in an engine's package.

    Raises
    ------
    TravelError
        If the package has no such program, or the program fails.
    """
    home = Path(str(package.__file__)).parent
    program = shutil.which(name, path=str(home / "bin"))
    if program is None:
        raise TravelError(f"{name}: the program is not in {home / 'bin'}; install the engine from its wheel")
    # On Windows the libraries of a wheel lie beside it and are found by the path.
    libraries = [str(p) for p in sorted(home.parent.glob("*.libs"))]
    path = os.pathsep.join([*libraries, os.environ.get("PATH", "")])
    done = subprocess.run(  # noqa: S603 - the engine's own program, its arguments not a shell's
        [program, *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        lines = done.stdout.decode(errors="replace").strip().splitlines()[-_TOLD_LINES:]
        raise TravelError(
            f"{name}: failed with {done.returncode}: {' / '.join(lines) or 'no word why'}; check that the map is a whole "
            "OpenStreetMap PBF with roads in it"
        )
