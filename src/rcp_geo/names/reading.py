"""Takes a written name apart: the words that say which authority, and those that say what kind of council it is."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

from rcp_geo.names.tables import CITIES, COUNTIES, KINDS, LITTLE, ROYAL, WORDS

__all__ = ["Reading", "contradicts", "fits", "gss_codes", "has_text", "read", "squeezed"]

# Words for a kind of council that are long enough for a slip in them to be told from another word.
_SPELT = tuple(word for word in KINDS if len(word) > 6)
# A department, as what follows the council's name.
_DEPARTMENT = re.compile(
    r"(?<=\w)\s+(?:(?:adult|children|childrens)(?:\s+(?:and|adult|children|childrens|families|social|care|services?))*"
    r"|social\s+services)$"
)

# What a council of each type is, by the first letters of its code, and what it may be called besides.
_TRUE = {
    "E06": ("unitary",),
    "E07": ("district", "borough"),
    "E08": ("metropolitan",),
    "E09": ("london", "borough"),
    "E10": ("county",),
}
_TOLERATED = {"E06": ("borough", "district"), "E08": ("borough", "district", "unitary"), "E09": ("unitary",)}


@dataclass(frozen=True, slots=True)
class Reading:
    """One name taken apart.

    Attributes
    ----------
    raw
        Every letter and figure, with nothing left out or written out.
    whole
        The words less the little ones and those that only say that there is a council.
    base
        The words that say which authority.
    kinds
        What the name says about the kind of council; ``county or city`` is CC.
    stated
        Whether it says at all that it is a council's.
    """

    raw: str
    whole: tuple[str, ...]
    base: tuple[str, ...]
    kinds: frozenset[str]
    stated: bool


def has_text(text: str) -> bool:
    """Say whether there is a letter or a figure."""
    return re.search(r"[^\W_]", text) is not None


def squeezed(text: str) -> str:
    """Return a text without case and with single spaces: all that an official name may differ in."""
    return " ".join(text.casefold().split())


def gss_codes(text: str) -> tuple[list[str], str]:
    """Return the nine-character codes in a text, and the text without them."""
    whole = re.sub(r"[\s._-]+", "", text).upper()
    if re.fullmatch(r"[A-Z]\d{8}", whole, re.ASCII):
        return [whole], ""
    pattern = re.compile(r"\b[EKNSW]\d{8}\b", re.IGNORECASE | re.ASCII)
    return [code.upper() for code in pattern.findall(text)], pattern.sub(" ", text)


def _plain(text: str) -> str:
    """Return lower-case words: no accents, entities, apostrophes or punctuation, dotted letters joined (M.B.C.)."""
    text = re.sub(r"['’‘`´ʼ′\"“”]", "", html.unescape(text))
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    text = re.sub(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?", lambda m: m.group().replace(".", "") + " ", text)
    return " ".join(re.sub(r"[\W_]+", " ", re.sub(r"[&+]", " and ", text)).split())


def _spelt(word: str) -> str:
    """Return the word for a kind of council that this one is, or is one slip from."""
    if len(word) < 6 or word in KINDS:
        return word
    from rapidfuzz.distance import OSA

    return next((kind for kind in _SPELT if OSA.distance(word, kind, score_cutoff=1) <= 1), word)


def read(text: str) -> Reading:
    """Take a name apart."""
    plain = _plain(text)
    words = [w for part in _DEPARTMENT.sub("", plain).split() for w in WORDS.get(part, part).split()]
    words = [_spelt(w) for w in words if w not in LITTLE]
    start, end = 0, len(words)
    while start < end and words[start] in KINDS:
        start += 1
    while end > start and words[end - 1] in KINDS:
        end -= 1
    around = words[:start] + words[end:]
    whole = [w for i, w in enumerate(words) if start <= i < end or KINDS[w]]
    kinds = frozenset(kind for word in around for kind in KINDS[word])
    return Reading(plain.replace(" ", ""), tuple(whole), tuple(words[start:end]), kinds, bool(around))


def _true(code: str, name: str) -> frozenset[str]:
    """Return the kinds of council that an authority's is."""
    kinds = {*_TRUE[code[:3]]}
    if name in CITIES:
        kinds.add("city")
    elif code.startswith("E08"):
        kinds.add("borough")
    if name in ROYAL:
        kinds |= {"royal", "borough"}
    return frozenset(kinds)


def _tolerated(code: str, name: str) -> frozenset[str]:
    """Return what else an authority's council may be called."""
    if not code.startswith("E06"):
        return frozenset(_TOLERATED.get(code[:3], ()))
    if name in COUNTIES:
        return frozenset(("county",))
    # North Lincolnshire County Council: a slip, but there is no county of that name to take it for.
    slip = ("county",) if re.search("shire|Somerset", name) else ()
    return frozenset((*_TOLERATED["E06"], *slip))


def _holds(kinds: frozenset[str], within: frozenset[str]) -> bool:
    either = not within.isdisjoint(("county", "city"))
    return all(kind in within or (kind == "county or city" and either) for kind in kinds)


def fits(code: str, name: str, kinds: frozenset[str]) -> bool:
    """Say whether the kinds of council said are exactly this authority's."""
    return _holds(kinds, _true(code, name))


def contradicts(code: str, name: str, kinds: frozenset[str]) -> bool:
    """Say whether the kinds of council said rule this authority out."""
    return not _holds(kinds, _true(code, name) | _tolerated(code, name))
