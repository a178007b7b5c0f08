"""Prove the floors that pyproject.toml declares: its dependencies and all extras but two.

They are that of the documentation, and that of the routing engines, which have no wheels for the oldest Python.

::

    python .ci/floors.py pins     print each floor as a pin, NAME==VERSION, for pip
    python .ci/floors.py check    exit 1 unless this interpreter's environment holds exactly these versions
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
FLOOR = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)>=(?P<version>[0-9.]+)")


def floors() -> dict[str, str]:
    """Return the oldest release allowed of each package that the library or its tests need."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    extras = [
        r
        for name, listed in project["optional-dependencies"].items()
        if name not in {"docs", "engines"}
        for r in listed
    ]
    found = {}
    for requirement in (*project["dependencies"], *extras):
        if requirement.startswith(f"{project['name']}["):
            continue
        match = FLOOR.fullmatch(requirement)
        if match is None:
            raise SystemExit(f"pyproject.toml: {requirement!r} is not NAME>=VERSION, so its floor cannot be tested")
        found[match["name"]] = match["version"]
    return found


def same(one: str, other: str) -> bool:
    """Say whether two release numbers are the same, as 1.0 and 1.0.0 are."""
    return one.removesuffix(".0").removesuffix(".0") == other.removesuffix(".0").removesuffix(".0")


def main(mode: str) -> int:
    """Print the pins, or compare them with what is installed."""
    if mode == "pins":
        print("\n".join(f"{name}=={floor}" for name, floor in floors().items()))
        return 0
    wrong = {name: version(name) for name, floor in floors().items() if not same(version(name), floor)}
    for name, found in wrong.items():
        print(f"{name}: {found} is installed, the floor is {floors()[name]}")
    if not wrong:
        print("installed:", ", ".join(f"{name} {version(name)}" for name in floors()))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
