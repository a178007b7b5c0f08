"""How the library and the works that it builds on are cited.

Of the library the same facts as ``CITATION.cff``, which a test compares.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from rcp_geo.errors import InputError

__all__ = ["RELEASED", "TITLE", "Reference", "Style", "cited", "require_style"]

TITLE = "rcp_geo: coverage and gaps of services for parents in recurrent care proceedings"
AUTHOR = "rcp_geo contributors"
RELEASED = "2026-11-22"

Style = Literal["text", "bibtex", "csl-json"]
_STYLES = ("text", "bibtex", "csl-json")

# What BibTeX calls the kinds of work that CSL names.
_BIBTEX_KIND = {"article-journal": "article", "book": "book", "chapter": "incollection", "report": "techreport"}
_BIBTEX_HOLDER = {"article": "journal", "incollection": "booktitle", "techreport": "institution", "book": "publisher"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A published work.

    Attributes
    ----------
    authors
        ``Family, I. I.`` each; one without a comma is a body.
    year, title
        When and under what title it appeared.
    container
        The journal, or whoever published it.
    kind
        A type of the Citation Style Language.
    volume, issue, pages, doi, url
        Blank where there is none.
    """

    authors: tuple[str, ...]
    year: int
    title: str
    container: str
    kind: Literal["article-journal", "book", "chapter", "report", "webpage"] = "article-journal"
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    url: str = ""

    @property
    def key(self) -> str:
        """Family name of the first author, and the year."""
        return f"{re.sub('[^a-z]', '', self.authors[0].split(',')[0].lower())}{self.year}"

    def text(self) -> str:
        """Return the reference as a sentence.

        Examples
        --------
        >>> Reference(("Hansen, W. G.",), 1959, "How accessibility shapes land use", "J. Am. Inst. Plan.", volume="25").text()
        'Hansen, W. G. (1959), How accessibility shapes land use, J. Am. Inst. Plan. 25'
        """
        several = len(self.authors) > 1
        who = " and ".join([", ".join(self.authors[:-1]), self.authors[-1]]) if several else self.authors[0]
        number = f"({self.issue})" if self.issue else ""
        where = f"{self.container} {self.volume}{number}".rstrip() + (f":{self.pages}" if self.pages else "")
        found = f"doi:{self.doi}" if self.doi else self.url
        return ", ".join(part for part in (f"{who} ({self.year})", self.title, where, found) if part)

    def bibtex(self) -> str:
        """Return the reference as a BibTeX entry."""
        kind = _BIBTEX_KIND.get(self.kind, "misc")
        fields = {
            # Braces keep BibTeX from taking the name of a body apart.
            "author": " and ".join(a if "," in a else f"{{{a}}}" for a in self.authors),
            "title": f"{{{self.title}}}",
            _BIBTEX_HOLDER.get(kind, "howpublished"): self.container,
            "year": str(self.year),
            "volume": self.volume,
            "number": self.issue,
            "pages": self.pages.replace("-", "--"),
            "doi": self.doi,
            "url": self.url,
        }
        return _entry(kind, self.key, fields)

    def csl(self) -> dict[str, Any]:
        """Return the reference as an item of CSL-JSON."""
        item = {
            "id": self.key,
            "type": self.kind,
            "author": [_csl_name(a) for a in self.authors],
            "issued": {"date-parts": [[self.year]]},
            "title": self.title,
            "publisher" if self.kind in {"book", "report"} else "container-title": self.container,
            "volume": self.volume,
            "issue": self.issue,
            "page": self.pages,
            "DOI": self.doi,
            "URL": self.url,
        }
        return {name: value for name, value in item.items() if value}


def version() -> str:
    """Return the installed version."""
    return importlib.metadata.version("rcp_geo")


def require_style(style: str) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` unless citations can be written in a style."""
    if style not in _STYLES:
        raise InputError(f"style: {style!r} is not known; use {', '.join(_STYLES[:-1])} or {_STYLES[-1]}")


def cited(style: Style, key: str = "rcp_geo", note: str = "", references: Iterable[Reference] = ()) -> str:
    """Return the citation of the library, with a note on what of it is cited and the works that this rests on."""
    require_style(style)
    works = list(dict.fromkeys(references))
    if style == "bibtex":
        return "\n\n".join([_own_bibtex(key, note), *(w.bibtex() for w in works)])
    if style == "csl-json":
        return json.dumps([_own_csl(key, note), *(w.csl() for w in works)], indent=2, ensure_ascii=False)
    said = f" {note}," if note else ""
    own = f"{AUTHOR} ({RELEASED[:4]}).{said} {'in ' if note else ''}{TITLE}, version {version()} [software]."
    return " ".join([own, *(f"{w.text()}." for w in works)])


def _own_bibtex(key: str, note: str) -> str:
    fields = {
        "author": f"{{{AUTHOR}}}",
        "title": f"{{{TITLE}}}",
        "year": RELEASED[:4],
        "version": version(),
        "note": note,
    }
    return _entry("software", key, fields)


def _own_csl(key: str, note: str) -> dict[str, Any]:
    year, month, day = map(int, RELEASED.split("-"))
    item = {
        "id": key,
        "type": "software",
        "author": [{"literal": AUTHOR}],
        "issued": {"date-parts": [[year, month, day]]},
        "title": TITLE,
        "version": version(),
        "note": note,
    }
    return {name: value for name, value in item.items() if value}


def _entry(kind: str, key: str, fields: dict[str, str]) -> str:
    body = ",\n".join(f"  {name} = {{{_tex(value)}}}" for name, value in fields.items() if value)
    return f"@{kind}{{{key},\n{body}\n}}"


def _tex(value: str) -> str:
    return re.sub(r"([_%&#$])", r"\\\1", value)


def _csl_name(author: str) -> dict[str, str]:
    family, _, given = author.partition(", ")
    return {"family": family, "given": given} if given else {"literal": author}
