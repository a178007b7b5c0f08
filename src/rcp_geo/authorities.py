"""English local authorities since 2011: which codes were in force when, and what ground each stands for.

Every authority of any vintage is a set of *districts of 2011*, the 326 lower-tier districts in force at the census of
that year. Mergers, splits, renamings and recodings only regroup them, so one table of membership carries a
footprint from any vintage to any other, forwards and backwards. The small boundary changes among them (eight new codes
between 2012 and 2025) moved few homes and are read as recodings.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from rcp_geo import resources
from rcp_geo.errors import AmbiguousAuthorityError, InputError, UnknownAuthorityError
from rcp_geo.schema import counted, first_of, to_date, within

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = [
    "FIRST_DAY",
    "LEVELS",
    "Level",
    "Register",
    "Vintage",
    "register",
    "require_level",
    "vintage_at",
    "vintage_days",
]

Level = Literal["upper", "lower"]
LEVELS: tuple[Level, ...] = get_args(Level)
# The register holds the authorities in force on this day, the date of the census geography of 2011, and all since.
FIRST_DAY = dt.date(2011, 12, 31)


def require_level(level: Level) -> Level:
    """Return the tier, or raise :class:`~rcp_geo.errors.InputError` where it is none."""
    if level not in LEVELS:
        raise InputError(f"level: {level!r} is not a tier of local government; use upper or lower")
    return level


@dataclass(frozen=True, slots=True)
class Vintage:
    """A period in which one set of upper-tier authorities was in force.

    Attributes
    ----------
    valid_from, valid_to
        First and last day; ``valid_to`` is None while it is still in force.
    """

    valid_from: dt.date
    valid_to: dt.date | None

    @property
    def label(self) -> str:
        """The day on which the vintage began, as ISO 8601 text."""
        return self.valid_from.isoformat()

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@cache
def _vintages() -> tuple[Vintage, ...]:
    found = []
    for name, record in resources.manifest()["files"].items():
        if name.startswith("upper_"):
            end = record["valid_to"]
            start = dt.date.fromisoformat(record["valid_from"])
            found.append(Vintage(start, dt.date.fromisoformat(end) if end else None))
    return tuple(sorted(found, key=lambda v: v.valid_from))


def vintage_at(as_of: dt.date | str) -> Vintage:
    """Return the embedded vintage in force on a date, or the nearest one to it."""
    day = to_date(as_of)
    vintages = _vintages()
    return next((v for v in reversed(vintages) if v.valid_from <= day), vintages[0])


def vintage_days() -> list[dt.date]:
    """Return the days on which the embedded vintages begin, in order."""
    return [v.valid_from for v in _vintages()]


@dataclass(frozen=True)
class Register:
    """Every English authority code in force since the end of 2011.

    Attributes
    ----------
    frame
        One row per code: ``authority_code``, ``authority_name``, ``level`` (upper, lower, both), ``valid_from``,
        ``valid_to`` (ISO 8601, blank where open), ``region_code``, ``region_name``, ``land_border``.
    districts
        For each code, the districts of 2011 that it is made of.
    changes
        One row per change of code: ``date``, ``kind``, ``old_code``, ``old_name``, ``new_code``, ``new_name``, ``level``,
        ``order``.
    """

    frame: pd.DataFrame
    districts: dict[str, frozenset[str]]
    changes: pd.DataFrame

    @cached_property
    def _holders(self) -> dict[tuple[dt.date, Level], dict[str, str]]:
        return {}

    @cached_property
    def atoms(self) -> frozenset[str]:
        """The districts of 2011, of which every authority is made."""
        return frozenset[str]().union(*self.districts.values())

    @cached_property
    def levels(self) -> dict[str, str]:
        """The tier of each code: upper, lower or both."""
        return dict(zip(self.frame["authority_code"], self.frame["level"], strict=True))

    def holders_on(self, day: dt.date, level: Level) -> dict[str, str]:
        """Return for each district of 2011 the authority of one tier that held it on a date."""
        key = day, level
        if key not in self._holders:
            self._holders[key] = self.district_to(self.in_force(day, level)["authority_code"])
        return self._holders[key]

    def names(self) -> pd.Series:
        """Return the name of each code."""
        return self.frame.set_index("authority_code")["authority_name"]

    def require(self, codes: Iterable[str], table: str) -> None:
        """Raise :class:`~rcp_geo.errors.UnknownAuthorityError` where a code is not in the register."""
        lost = sorted({c for c in codes if c not in self.districts})
        if lost:
            raise UnknownAuthorityError(
                f"{table}: {counted(len(lost), 'authority codes are of no English authority since 2011')} "
                f"({first_of(lost)}); correct them, or leave out what is outside England"
            )

    def in_force(self, as_of: dt.date | str, level: str = "upper") -> pd.DataFrame:
        """Return the authorities of one tier in force on a date, in the order of their codes."""
        day = to_date(as_of)
        frame = self.frame
        first = frame["valid_from"].replace("", "NaT").to_numpy(dtype="datetime64[D]")
        last = frame["valid_to"].replace("", "NaT").to_numpy(dtype="datetime64[D]")
        kept = within(first, last, day) & frame["level"].isin([level, "both"]).to_numpy()
        return frame[kept].sort_values("authority_code", ignore_index=True)

    def code_of(self, name: str, as_of: dt.date | str) -> str:
        """Return the code of the authority with exactly this official name on a date, case aside.

        Raises
        ------
        UnknownAuthorityError
            If no authority had that name then.
        AmbiguousAuthorityError
            If a county and one of its districts shared it: say which by its code.
        """
        day = to_date(as_of)
        wanted = name.strip().casefold()
        import pandas as pd

        both = pd.concat([self.in_force(day, "upper"), self.in_force(day, "lower")]).drop_duplicates("authority_code")
        found = both.loc[both["authority_name"].str.casefold() == wanted, "authority_code"].tolist()
        if not found:
            raise UnknownAuthorityError(
                f"authority name {name!r}: no English authority had this official name on {day}; "
                "check the spelling, or give its code"
            )
        if len(found) > 1:
            raise AmbiguousAuthorityError(
                f"authority name {name!r}: {len(found)} authorities had it on {day} ({first_of(found)}); give the code"
            )
        return str(found[0])

    def carry(self, code: str, to: Iterable[str]) -> dict[str, str]:
        """Say how the ground of one authority lies in others.

        Parameters
        ----------
        code
            A code of any vintage and tier.
        to
            Codes to carry it to, as a rule all authorities of one vintage.

        Returns
        -------
        dict
            For each target that shares ground with it: ``same`` (the same ground), ``inside`` (the code is a part of
            the target: a district, or a merger), ``contains`` (the target is a part of the code: a split) or
            ``overlaps``.
        """
        ground = self.districts[code]
        found = {}
        for target in to:
            other = self.districts.get(target, frozenset())
            if ground == other:
                found[target] = "same"
            elif other and ground < other:
                found[target] = "inside"
            elif other and other < ground:
                found[target] = "contains"
            elif ground & other:
                found[target] = "overlaps"
        return found

    def district_to(self, targets: Iterable[str]) -> dict[str, str]:
        """Return for each district of 2011 the one of the targets that holds it."""
        return {district: code for code in targets for district in self.districts.get(code, ())}


@cache
def register() -> Register:
    """Return the embedded register of authorities."""
    frame = resources.read_csv("authorities")
    members = resources.read_csv("members")
    codes = members["authority_code"].to_numpy()
    starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    groups = np.split(members["district_code"].to_numpy(), starts[1:])
    districts = {str(code): frozenset(group) for code, group in zip(codes[starts], groups, strict=True)}
    return Register(frame, districts, resources.read_csv("changes"))
