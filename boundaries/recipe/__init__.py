"""The recipe that makes the embedded data of rcp_geo; run it with ``python3 boundaries/build.py``."""

from __future__ import annotations

import importlib.metadata
import sys
import types
from pathlib import Path


def _make_submodules_importable() -> None:
    """Let modules of the lowest layers, such as ``rcp_geo.crs``, be imported where ``rcp_geo`` itself is not installed.

    The package as a whole needs its own metadata and the very data that is being made here; these modules do not.
    """
    try:
        importlib.metadata.version("rcp_geo")
    except importlib.metadata.PackageNotFoundError:
        package = types.ModuleType("rcp_geo")
        package.__path__ = [str(Path(__file__).resolve().parents[2] / "src" / "rcp_geo")]
        sys.modules.setdefault("rcp_geo", package)


_make_submodules_importable()
