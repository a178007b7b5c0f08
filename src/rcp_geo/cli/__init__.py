"""``rcp-geo``: the library from a shell.

Answers go to standard output, everything else to standard error. Exit codes: 0 done, 1 the input cannot be used, 2 the
command line is wrong.
"""

from __future__ import annotations

import sys
from contextlib import suppress

import typer

from rcp_geo.cli.commands import app
from rcp_geo.errors import RcpGeoError

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; print an error in one line instead of a traceback."""
    try:
        app()
    except RcpGeoError as error:
        for line in str(error).splitlines():
            typer.echo(f"rcp-geo: error: {line}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # The reader has closed the pipe, as head does: nothing is left to say to it.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        where, reason = error.filename or "standard output", (error.strerror or str(error)).lower()
        typer.echo(f"rcp-geo: error: {where}: cannot be read or written ({reason}); choose another place", err=True)
        # What could not be written would be tried again on the way out.
        with suppress(OSError):
            sys.stdout.close()
        sys.exit(1)
