"""What commands read: the services of a user, or none for the embedded ones."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from rcp_geo.cli.printing import say
from rcp_geo.errors import InputWarning

if TYPE_CHECKING:
    from rcp_geo.directory import Directory

__all__ = ["read_services"]


def read_services(source: Path | None, as_of: str | None) -> Directory | None:
    """Read a list of services, saying on standard error what was wrong in it; None where there is no list."""
    from rcp_geo.io.reading import read_directory

    if source is None:
        return None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", InputWarning)
        directory = read_directory(source, as_of=as_of)
    for warning in caught:
        say(f"warning: {warning.message}")
    return directory
