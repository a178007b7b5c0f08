"""How the library is cited; the same facts as ``CITATION.cff``, which a test compares."""

from __future__ import annotations

import importlib.metadata

__all__ = ["RELEASED", "TITLE", "bibtex", "text"]

TITLE = "rcp_geo: coverage and gaps of services for parents in recurrent care proceedings"
AUTHOR = "rcp_geo contributors"
RELEASED = "2026-11-22"


def version() -> str:
    """Return the installed version."""
    return importlib.metadata.version("rcp_geo")


def text(note: str = "") -> str:
    """Return a citation as a sentence, with a note on what of it is cited."""
    said = f" {note}," if note else ""
    return f"{AUTHOR} ({RELEASED[:4]}).{said} {'in ' if note else ''}{TITLE}, version {version()} [software]."


def bibtex(key: str, note: str = "") -> str:
    """Return a BibTeX entry."""
    fields = {
        "author": "{" + AUTHOR.replace("_", r"\_") + "}",
        "title": "{" + TITLE.replace("_", r"\_") + "}",
        "year": RELEASED[:4],
        "version": version(),
    }
    if note:
        fields["note"] = note.replace("_", r"\_").replace("%", r"\%").replace("&", r"\&")
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@software{{{key},\n{body}\n}}"
