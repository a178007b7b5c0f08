"""Every name of every authority in the register, by each way of looking it up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from rcp_geo.authorities import register
from rcp_geo.names.reading import Reading, read, squeezed
from rcp_geo.names.tables import ALIASES, AREAS, ELSEWHERE, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Authority", "Entry", "Lookup", "lookup"]

_Key = TypeVar("_Key")
_SHORTEST_COMPARED = 4  # letters
_INITIALS_ALONE = 3  # letters: HF may be anything, H&F is not


class Authority(NamedTuple):
    """One code of the register: an authority between two changes of its code."""

    code: str
    name: str
    level: str
    valid_from: str
    valid_to: str


class Entry(NamedTuple):
    """A name that a misspelt one is compared with: of authorities, or else of somewhere outside England."""

    words: tuple[str, ...]
    codes: tuple[str, ...]
    country: str


@dataclass(frozen=True)
class Lookup:
    """Names by each way of looking them up.

    Attributes
    ----------
    authorities
        By code.
    official
        Codes by official name, squeezed.
    keys
        Codes by the letters of a name: official or everyday, with and without its little words.
    bags
        Codes by the words of an official name in alphabetical order.
    areas
        Codes by the name of an area that holds them.
    elsewhere
        Country by the name of a council outside England.
    pool
        What misspelt names are compared with, by its letters.
    """

    authorities: dict[str, Authority]
    official: dict[str, tuple[str, ...]]
    keys: dict[str, tuple[str, ...]]
    bags: dict[tuple[str, ...], tuple[str, ...]]
    areas: dict[str, tuple[str, ...]]
    elsewhere: dict[str, str]
    pool: dict[str, Entry]


def _gather(pairs: Iterable[tuple[_Key, str]]) -> dict[_Key, tuple[str, ...]]:
    """Return the codes of each key, each once and in order, without the empty key."""
    found: dict[_Key, dict[str, None]] = {}
    for key, code in pairs:
        if key:
            found.setdefault(key, {})[code] = None
    return {key: tuple(codes) for key, codes in found.items()}


@cache
def lookup() -> Lookup:
    """Return the names of the embedded register."""
    columns = ["authority_code", "authority_name", "level", "valid_from", "valid_to"]
    rows = register().frame[columns].itertuples(index=False, name=None)
    authorities = {str(row[0]): Authority(*map(str, row)) for row in rows}
    official = [(a.name, a.code) for a in authorities.values()]
    codes = _gather(official)
    everyday = [(alias, c) for alias, names in ALIASES.items() for name in listed(names) for c in codes[name]]
    official += _former_names()
    readings = {name: read(name) for name, _ in official + everyday}
    return Lookup(
        authorities,
        _gather((squeezed(name), code) for name, code in official),
        _keys(official, everyday, readings),
        _gather((tuple(sorted(readings[name].base)), code) for name, code in official),
        _areas(codes),
        {"".join(read(name).base): country for country, names in ELSEWHERE.items() for name in listed(names)},
        # Initials are known or unknown, never misspelt; Stratford District says nothing about Stratford.
        _pool(
            [(readings[name].base, code) for name, code in official]
            + [(readings[name].base, code) for name, code in everyday if not (name.isupper() or readings[name].kinds)]
        ),
    )


def _former_names() -> list[tuple[str, str]]:
    """Return names given up since 2011 under the same code."""
    changes = register().changes
    renamed = changes[changes["kind"] == "rename"]
    return list(zip(renamed["old_name"].astype(str), renamed["new_code"].astype(str), strict=True))


def _keys(
    official: list[tuple[str, str]], everyday: list[tuple[str, str]], readings: dict[str, Reading]
) -> dict[str, tuple[str, ...]]:
    pairs = [("".join(readings[name].base), code) for name, code in official]
    pairs += [(readings[name].raw, code) for name, code in official + everyday]
    whole = (("".join(readings[name].whole), code) for name, code in everyday)
    return _gather([*pairs, *((key, code) for key, code in whole if len(key) >= _INITIALS_ALONE)])


def _areas(codes: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the codes of each area; West Midlands is here the former county, not the region."""
    pairs = [(area, code) for area, names in AREAS.items() for name in listed(names) for code in codes[name]]
    frame = register().frame
    upper = frame[(frame["level"] != "lower") & ~frame["region_name"].isin(list(AREAS))]
    regions = list(zip(upper["region_name"].astype(str), upper["authority_code"].astype(str), strict=True))
    pairs += [*regions, *(("Greater London", code) for name, code in regions if name == "London")]
    return _gather(("".join(read(name).whole), code) for name, code in pairs)


def _pool(names: list[tuple[tuple[str, ...], str]]) -> dict[str, Entry]:
    abroad = [(read(name).base, country) for country, names in ELSEWHERE.items() for name in listed(names)]
    pool = {"".join(words): Entry(words, (), country) for words, country in abroad}
    for words, codes in _gather(names).items():
        if len(key := "".join(words)) >= _SHORTEST_COMPARED:
            pool[key] = Entry(words, codes, "")
    return pool
