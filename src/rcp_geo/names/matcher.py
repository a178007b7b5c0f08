"""Matches one name after another, on a date and a tier; what cannot be told apart stays unmatched."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from rcp_geo.authorities import Level
from rcp_geo.names.lookup import Lookup
from rcp_geo.names.reading import Reading, contradicts, fits, gss_codes, has_text, read, squeezed
from rcp_geo.names.tables import COUNTRIES

__all__ = ["Match", "Matcher"]


_CLEAR = 5  # how far the best of several similar names must lead
_WORTH_SHOWING = 70  # below this likeness a name is no candidate
_OPPOSED = 80.0  # the likeness of a name that is right but for the kind of council
_LONGEST = 200  # characters; what is longer is not a name
_NEAREST = 12  # how many names a misspelt one is held against
_SHOWN = 3  # candidates of a misspelt name
_NOTHING_SAID: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """What a name was taken for: at most one code, or the candidates, each with its likeness where there is one."""

    method: str
    code: str | None = None
    score: float | None = None
    candidates: tuple[tuple[str, float | None], ...] = ()
    note: str = ""


class _Near(NamedTuple):
    """A name near a misspelt one, and of what codes or country it is.

    It is ``able`` where its kind of council does not rule it out, and ``sound`` where it may well be the one meant.
    """

    score: float
    edits: int
    able: bool
    sound: bool
    codes: tuple[str, ...]
    country: str


@dataclass(frozen=True)
class Matcher:
    """Matches names for one date and tier.

    Attributes
    ----------
    names
        What to look names up in.
    day
        The date that names are understood at; None is now, and then back.
    level
        The tier asked for; None is either.
    min_score
        How alike a misspelt name must be to the one it is taken for.
    """

    names: Lookup
    day: dt.date | None
    level: Level | None
    min_score: float

    def all_of(self, texts: Sequence[str]) -> list[Match]:
        """Match every text, none by the help of another."""
        found = [self.exactly(text) for text in texts]
        open_ = [i for i, m in enumerate(found) if m is None or (m.method == "weak" and m.score is not None)]
        if open_:
            near = self._by_likeness([texts[i] for i in open_], [found[i] for i in open_])
            for i, match in zip(open_, near, strict=True):
                found[i] = match
        return [match for match in found if match is not None]

    def in_force(self, code: str) -> bool:
        """Say whether an authority was in force on the day, or is now."""
        authority = self.names.authorities[code]
        if self.day is None:
            return not authority.valid_to
        day = self.day.isoformat()
        return authority.valid_from <= day and (not authority.valid_to or day <= authority.valid_to)

    def _name(self, code: str) -> str:
        return self.names.authorities[code].name

    def _at_level(self, codes: Iterable[str]) -> tuple[str, ...]:
        levels = {"upper", "lower", "both"} if self.level is None else {self.level, "both"}
        return tuple(c for c in codes if self.names.authorities[c].level in levels)

    def _one_each(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Keep one code of each name: that in force, or else the last before the day, or else the first after it."""
        best: dict[str, str] = {}
        for code in sorted(codes, key=self._preference):
            best.setdefault(self._name(code), code)
        return tuple(sorted(best.values()))

    def _preference(self, code: str) -> tuple[int, int, str]:
        authority = self.names.authorities[code]
        if self.in_force(code):
            return 0, 0, code
        if self.day is not None and authority.valid_from > self.day.isoformat():
            return 2, int(authority.valid_from.replace("-", "")), code
        return 1, -int(authority.valid_to.replace("-", "")), code

    def _choose(self, codes: tuple[str, ...], kinds: frozenset[str], method: str) -> Match:
        """Match an exact name, unless its kind of council or its tier is another's or several authorities have it."""
        fitting = [c for c in codes if fits(c, self._name(c), kinds)]
        fitting = fitting or [c for c in codes if not contradicts(c, self._name(c), kinds)]
        if not fitting:
            wrong = self._one_each(codes)
            is_not = f"which {' or '.join(self._name(c) for c in wrong)} is not"
            listed = tuple((c, _OPPOSED) for c in wrong)
            return Match("weak", None, _OPPOSED, listed, f"it says {' and '.join(sorted(kinds))}, {is_not}")
        left = self._one_each(self._at_level(fitting))
        if not left:
            return self._of_other_tier(self._one_each(fitting)[0])
        if len(left) > 1:
            return Match("ambiguous", None, 100.0, tuple((c, 100.0) for c in left))
        return Match(method, left[0], 100.0)

    def _of_other_tier(self, code: str) -> Match:
        authority = self.names.authorities[code]
        return Match("none", note=f"{code} {authority.name} is an authority of the {authority.level} tier only")

    def exactly(self, text: str) -> Match | None:
        """Match without likeness; None where that settles nothing, and ``weak`` where candidates may be added."""
        if not has_text(text):
            return Match("blank")
        if len(text) > _LONGEST:
            return Match("none", note=f"{len(text)} characters are too many for a name")
        codes, rest = gss_codes(text)
        if codes:
            return self._by_code(codes, rest)
        named = self._by_name(text)
        if named is None or named.method == "weak":
            return self._several(text) or named
        return named

    def _by_code(self, codes: list[str], rest: str) -> Match:
        strange = next((c for c in codes if c not in self.names.authorities), None)
        if strange:
            country = COUNTRIES.get(strange[0])
            what = f"a code of {country}, not of" if country else "not a code since 2011 of"
            return Match("none", note=f"{strange} is {what} an English authority")
        if not self._at_level(codes):
            return self._of_other_tier(codes[0])
        if country := self.names.elsewhere.get("".join(read(rest).base)):
            note = f"the name with it is in {country}, not in England"
            return Match("weak", None, None, ((codes[0], None),), note)
        named = self._by_name(rest)
        said = set(codes)
        if named is not None and named.code and self._name(named.code) != self._name(codes[0]):
            said.add(named.code)
        if len(said) > 1:
            return Match("ambiguous", None, None, tuple((c, None) for c in sorted(said)), "it names several")
        return Match("code", codes[0], 100.0)

    def _by_name(self, text: str) -> Match | None:
        names = self.names
        official = names.official.get(squeezed(text))
        if official:
            return self._choose(official, _NOTHING_SAID, "name")
        reading = read(text)
        whole, base = "".join(reading.whole), "".join(reading.base)
        if country := names.elsewhere.get(base):
            return Match("none", note=f"in {country}, not in England")
        for key, kinds in ((reading.raw, _NOTHING_SAID), (whole, _NOTHING_SAID), (base, reading.kinds)):
            if key in names.areas:
                held = sorted(c for c in self._at_level(names.areas[key]) if self.in_force(c))
                return Match("ambiguous", None, None, tuple((c, None) for c in held), "an area of several")
            if key in names.keys:
                return self._choose(names.keys[key], kinds, "variant")
        bag = names.bags.get(tuple(sorted(reading.base)))
        return self._choose(bag, reading.kinds, "variant") if bag else None

    def _several(self, text: str) -> Match | None:
        """Recognise a cell that lists authorities."""
        parts = [p for p in re.split(r"[;,/|\n]|&|\+|\band\b", text, flags=re.IGNORECASE) if has_text(p)]
        matches = [self._by_name(p) for p in parts] if len(parts) > 1 else []
        named = [m for m in matches if m is not None and (m.code or m.method == "ambiguous")]
        if not named or len(named) < len(parts):
            return None
        codes = dict.fromkeys(c for m in named for c in ([m.code] if m.code else [c for c, _ in m.candidates]))
        return Match("ambiguous", None, None, tuple((c, None) for c in codes), "it names several")

    def _by_likeness(self, texts: list[str], settled: list[Match | None]) -> list[Match]:
        """Match misspelt names; one that its kind of council rules out only gets more candidates."""
        from rcp_geo.names.likeness import nearest

        readings = [read(text) for text in texts]
        keys = nearest(["".join(r.base) for r in readings], list(self.names.pool), _NEAREST)
        ranked = [self._ranked(r, k) for r, k in zip(readings, keys, strict=True)]
        return [
            self._judged(near) if weak is None else _with_candidates(weak, near)
            for near, weak in zip(ranked, settled, strict=True)
        ]

    def _ranked(self, reading: Reading, keys: list[str]) -> list[_Near]:
        """Return the names near enough to show, best first, each set of authorities once."""
        from rcp_geo.names.likeness import edits, likeness, may_be_misspelt

        written = "".join(reading.base)
        best: dict[tuple[tuple[str, ...], str], _Near] = {}
        for key in keys:
            score = likeness(written, key)
            if score < _WORTH_SHOWING:
                continue
            entry = self.names.pool[key]
            able = [c for c in entry.codes if not contradicts(c, self._name(c), reading.kinds)]
            codes = self._one_each(self._at_level(able or entry.codes))
            if codes or entry.country:
                sound = bool(able) and may_be_misspelt(reading, entry.words)
                near = _Near(score, edits(written, key), not entry.codes or bool(able), sound, codes, entry.country)
                best[codes, entry.country] = max(near, best.get((codes, entry.country), near))
        return sorted(best.values(), key=lambda near: (-near.score, not near.sound, near.codes))

    def _judged(self, ranked: list[_Near]) -> Match:
        # From the last to the first, so that a code keeps its best likeness.
        listed = tuple({c: near.score for near in reversed(ranked[:_SHOWN]) for c in reversed(near.codes)}.items())[
            ::-1
        ]
        best = ranked[0] if ranked else None
        if best is not None and best.country and best.score >= self.min_score:
            return Match("none", note=f"like a name in {best.country}, not in England")
        if best is None or not listed:
            return Match("none")
        rivals = [n for n in ranked if n.able and (n.score > best.score - _CLEAR or n.edits <= best.edits)]
        if not best.sound or best.score < self.min_score:
            return Match("weak", None, best.score, listed)
        if len(rivals) > 1 or len(best.codes) > 1:
            return Match("ambiguous", None, best.score, listed)
        return Match("similar", best.codes[0], best.score, listed)


def _with_candidates(weak: Match, ranked: list[_Near]) -> Match:
    scores: dict[str, float | None] = {c: near.score for near in ranked for c in near.codes}
    both = sorted((scores | dict(weak.candidates)).items(), key=lambda item: (-(item[1] or 0), item[0]))
    return replace(weak, candidates=tuple(both[:_SHOWN]), score=both[0][1])
