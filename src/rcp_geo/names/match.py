"""Names in, authorities out: one row per name, and what to look at as findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from rcp_geo.authorities import Level, register
from rcp_geo.errors import InputError
from rcp_geo.names.lookup import Authority, lookup
from rcp_geo.names.matcher import Match, Matcher
from rcp_geo.schema import Finding, to_date

if TYPE_CHECKING:
    from rcp_geo.schema import Severity

__all__ = ["codes_named", "match_authority", "match_findings", "names_one"]

_COLUMNS = ["authority_code", "authority_name", "level", "score", "method", "candidates", "became", "note"]
_SHOWN = 12


def match_authority(
    names: Iterable[object],
    *,
    as_of: dt.date | str | None = None,
    level: Level | None = None,
    min_score: float = 90,
) -> pd.DataFrame:
    """Recognise English local authorities by any code or name that people write.

    Parameters
    ----------
    names
        Names or codes in any mixture; one text alone is one name.
    as_of
        The date that the names are to be understood at. Of the codes that one name has had, the one in force then is
        meant, or else the last before it. None: now, and then any time back to 2011.
    level
        ``upper`` or ``lower`` where only counties or only districts can be meant; single-tier authorities are both.
    min_score
        How alike, from 70 to 100, a misspelt name must be to the one it is taken for.

    Returns
    -------
    pandas.DataFrame
        One row per name, with the index of a Series or else numbered from 0:

        - ``name`` as given;
        - ``authority_code``, ``authority_name``, ``level`` (``upper``, ``lower``, ``both``): missing where not matched;
        - ``score``: likeness from 0 to 100; missing where there is nothing to compare;
        - ``method``: ``code``; ``name`` (an official name, case and spaces aside); ``variant`` (by the rules below);
          ``similar`` (a misspelling); and without a code ``ambiguous``, ``weak``, ``none``, ``blank``;
        - ``candidates``: what a name that is not exact comes near, such as ``E06000016 Leicester (95)``;
        - ``became``: the codes in force on the date (or now) on the ground of an authority abolished or recoded by then;
        - ``note``: what else to know, such as when the authority was in force.

    Raises
    ------
    InputError
        If ``names`` is a table or no series of names, or an option is not one of those above.

    Notes
    -----
    *Variants.* Case, spaces, punctuation, accents and apostrophes never matter, nor do ``and``, ``of``, ``the``, ``on``,
    ``upon``, ``under``, ``in`` and ``with``, nor the order of words (Sussex, West). St is Saint, N and NE are points of the
    compass, and Lincs, Herts, Bucks and the like their counties. Everyday names and initials are known where they are one
    authority's (Hull, BANES, RBKC). A department after the council's name is passed over.

    *Kinds.* What is said about the council is evidence. Leicester City Council is E06000016, Leicestershire County Council
    E10000018, and Leicester County Council no match. County, city, London borough, royal borough, metropolitan and
    unitary must be true; borough and district are taken loosely. Somerset County Council is the county of before 2023
    (E10000027); Somerset, and Somerset Council, what is in force.

    *Misspellings.* A letter missing, added or swapped with its neighbour costs 1, a wrong one 3, of the letters of both
    names. The best name must lead the next by 5 and have fewer slips, begin with the same letter, agree on every point of
    the compass and have no word too many. A name of under nine letters (five, where it says that it is a council's) is too
    near to those of other places: Burley is not Burnley, nor Newnham Newham.

    *Ties.* Codes of one name are one authority: that in force goes first, then the latest before the date, then the earliest
    after it. Between different authorities there is no rule: Newcastle, Kingston and Richmond are ``ambiguous``, as are
    former counties and other areas that hold several authorities, and cells that name several. The answer for a name
    never depends on the rest of the table.

    Examples
    --------
    >>> found = match_authority(["LB Hackney", "Co. Durham", "Leicster City Council", "Newcastle", "Poole", "Cardiff"])
    >>> found[["authority_code", "method", "became"]].fillna("").values.tolist()  # doctest: +NORMALIZE_WHITESPACE
    [['E09000012', 'variant', ''], ['E06000047', 'variant', ''], ['E06000016', 'similar', ''], ['', 'ambiguous', ''],
     ['E06000029', 'name', 'E06000058'], ['', 'none', '']]
    >>> found.loc[3, "candidates"]
    'E07000195 Newcastle-under-Lyme (100); E08000021 Newcastle upon Tyne (100)'
    """
    given = _as_series(names)
    _check_options(level, min_score)
    matcher = Matcher(lookup(), None if as_of is None else to_date(as_of), level, min_score)
    missing = given.isna().to_numpy()
    texts = ["" if m else str(v) for v, m in zip(given, missing, strict=True)]
    # Not pandas' factorize, which in some releases takes texts that differ after a NUL for one.
    position = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    places = [position[text] for text in texts]
    rows = [_row(matcher, match) for match in matcher.all_of(list(position))]
    out = pd.DataFrame(rows, columns=_COLUMNS, dtype=object).iloc[places].set_axis(given.index)
    out.insert(0, "name", given)
    return out.astype({"score": "float64"})


def codes_named(as_of: dt.date | None) -> Callable[[str], tuple[str, ...]]:
    """Return what gives the codes of which a text is the code, the name or a variant of the name, likeness aside."""
    matcher = Matcher(lookup(), as_of, None, 100)

    @cache
    def codes(text: str) -> tuple[str, ...]:
        match = matcher.exactly(text)
        if match is None or match.method not in {"code", "name", "variant", "ambiguous"}:
            return ()
        return (match.code,) if match.code else tuple(code for code, _ in match.candidates)

    return codes


def names_one(as_of: dt.date | None) -> Callable[[str], bool]:
    """Return a test of whether a text is the code, the name or a variant of the name of one authority, likeness aside."""
    matcher = Matcher(lookup(), as_of, None, 100)

    @cache
    def test(text: str) -> bool:
        match = matcher.exactly(text)
        return match is not None and match.code is not None

    return test


def _as_series(names: object) -> pd.Series:
    if isinstance(names, str):
        names = [names]
    if isinstance(names, pd.Series):
        return names.astype(object)
    if isinstance(names, pd.DataFrame) or not isinstance(names, Iterable):
        raise InputError(f"names: a {type(names).__name__} is no series of names; give one column or a list")
    return pd.Series(list(names), dtype=object)


def _check_options(level: object, min_score: object) -> None:
    if level not in (None, "upper", "lower"):
        raise InputError(f"level: {level!r} is not a tier; use 'upper', 'lower' or None for either")
    if not isinstance(min_score, int | float) or not 70 <= min_score <= 100:
        raise InputError(f"min_score: {min_score!r} is not from 70 to 100; below 70 hardly any match is right")


def _row(matcher: Matcher, match: Match) -> tuple[object, ...]:
    named = [(matcher.names.authorities[code], score) for code, score in match.candidates[:_SHOWN]]
    shown = "; ".join(f"{a.code} {a.name}" + ("" if s is None else f" ({s:.0f})") for a, s in named)
    if len(match.candidates) > _SHOWN:
        shown += f" and {len(match.candidates) - _SHOWN} more"
    if match.code is None:
        return None, None, None, match.score, match.method, shown, "", match.note
    authority = matcher.names.authorities[match.code]
    became, note = _standing(authority, matcher)
    return authority.code, authority.name, authority.level, match.score, match.method, shown, "; ".join(became), note


def _standing(authority: Authority, matcher: Matcher) -> tuple[list[str], str]:
    """Return what became of an authority, and from or until when it was in force, where it is not on the date."""
    if matcher.in_force(authority.code):
        return [], ""
    if matcher.day is not None and authority.valid_from > matcher.day.isoformat():
        return [], f"in force from {authority.valid_from}"
    level = "lower" if authority.level == "lower" else "upper"
    tier = [a.code for a in matcher.names.authorities.values() if a.level in {level, "both"}]
    became = register().carry(authority.code, filter(matcher.in_force, tier))
    return sorted(became), f"in force until {authority.valid_to}"


def match_findings(
    matches: pd.DataFrame,
    table: str,
    column: str,
    *,
    ids: Iterable[object] | None = None,
    severity: Severity = "error",
) -> list[Finding]:
    """Return what to look at in the answer of :func:`match_authority`, one finding per distinct name.

    Parameters
    ----------
    matches
        The answer, with its columns.
    table, column
        Where the names stood, as the findings say it.
    ids
        An identifier for each row, in its order; the index where not given.
    severity
        That of names without a code: ``authority.ambiguous``, ``authority.weak`` and ``authority.unknown``. Authorities
        not in force (``authority.abolished``, ``authority.not_yet``) are warnings. Blank names are left to the caller.

    Returns
    -------
    list of Finding
        In the order in which the names first occur.

    Examples
    --------
    >>> matches = match_authority(["Hull", "Kingston", "Poole"])
    >>> for finding in match_findings(matches, "services", "authority", ids=["a", "b", "c"]):
    ...     print(finding)  # doctest: +NORMALIZE_WHITESPACE
    authority.ambiguous: services.authority: 'Kingston' fits more than one authority: E06000010 Kingston upon Hull, City of
      (100); E09000021 Kingston upon Thames (100) (b); give the code or the full name of the one meant
    authority.abolished: services.authority: 'Poole' is E06000029 Poole, in force until 2019-03-31 (c); E06000058
      has its ground: use that if it is meant
    """
    labels = [str(i) for i in (matches.index if ids is None else ids)]
    rows: dict[str, list[int]] = {}
    untold = matches["method"].isin(list(_UNMATCHED)) | (matches["authority_code"].notna() & (matches["note"] != ""))
    for i in untold.to_numpy().nonzero()[0]:
        rows.setdefault(str(matches["name"].iloc[i]), []).append(int(i))
    return [
        _finding(matches.iloc[at[0]], table, column, tuple(labels[i] for i in at), severity) for at in rows.values()
    ]


# By method: the finding's code, what it says of the name, and what to do.
_UNMATCHED = {
    "ambiguous": ("ambiguous", "fits more than one authority", "give the code or the full name of the one meant"),
    "weak": ("weak", "is like an authority's name, but not safely it", "correct it, or give the code"),
    "none": ("unknown", "is not matched", "correct it, or leave out what is not in England"),
}

_NEVER = "no English authority has had this code or name since 2011"


def _finding(row: pd.Series, table: str, column: str, ids: tuple[str, ...], severity: Severity) -> Finding:
    name = str(row["name"]).strip()
    if row["method"] in _UNMATCHED:
        kind, what, remedy = _UNMATCHED[str(row["method"])]
        why = row["note"] or (_NEVER if kind == "unknown" else "")
        note = f" ({why})" if why else ""
        candidates = f": {row['candidates']}" if row["candidates"] else ""
        return Finding(f"authority.{kind}", severity, table, column, ids, f"{name!r} {what}{note}{candidates}", remedy)
    message = f"{name!r} is {row['authority_code']} {row['authority_name']}, {row['note']}"
    if row["became"]:
        remedy = f"{row['became']} has its ground: use that if it is meant"
        return Finding("authority.abolished", "warning", table, column, ids, message, remedy)
    return Finding("authority.not_yet", "warning", table, column, ids, message, "use what was in force on the date")
