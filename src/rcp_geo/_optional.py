"""Optional dependencies: imported where they are used, with a message that names the extra to install."""

from __future__ import annotations

import importlib
from types import ModuleType

from rcp_geo.errors import MissingExtraError

__all__ = ["require"]


def require(module: str, extra: str, *, python: str = "") -> ModuleType:
    """Import an optional module, or raise :class:`~rcp_geo.errors.MissingExtraError` that says how to get it.

    ``python`` is the earliest Python that the extra is for, where that is later than the library's own.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        where = f", with Python {python} or later" if python else ""
        raise MissingExtraError(
            f"{package} is not installed and this call needs it; run{where}: pip install 'rcp-geo[{extra}]'"
        ) from error
