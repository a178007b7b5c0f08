"""Optional dependencies: imported where they are used, with a message that names the extra to install."""

from __future__ import annotations

import importlib
from types import ModuleType

from rcp_geo.errors import MissingExtraError

__all__ = ["require"]


def require(module: str, extra: str) -> ModuleType:
    """Import an optional module, or raise :class:`~rcp_geo.errors.MissingExtraError` that says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingExtraError(
            f"{package} is not installed and this call needs it; run: pip install 'rcp-geo[{extra}]'"
        ) from error
