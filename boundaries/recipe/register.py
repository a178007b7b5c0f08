"""Which authorities there were, when, and what each is made of.

Everything is expressed in *atoms*: the 326 districts that England had on 31 December 2011, the date that LSOA names of
2011 go by. No change since has cut through one by more than a few houses, so every authority since is a set of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import pandas as pd

__all__ = ["CHANGES", "Register", "build_register", "read_changes", "read_crossings"]

CHANGES = Path(__file__).with_name("changes.csv")
REGIONS = Path(__file__).with_name("regions.csv")
CROSSINGS = Path(__file__).with_name("crossings.csv")

_LOOKUP_DATE = "2021-04-01"
_LSOA_NUMBER = re.compile(r" \d{3}[A-Z]$")


@dataclass(frozen=True)
class Register:
    """The register and what follows from it.

    Attributes
    ----------
    authorities
        One row per code, without ``land_border``.
    members
        The atoms of each code, as a set.
    atom_names
        Name of 2011 of each atom.
    """

    authorities: pd.DataFrame
    members: dict[str, frozenset[str]]
    atom_names: dict[str, str]

    def in_force(self, day: str, level: str = "upper") -> list[str]:
        """Return the codes of one tier's authorities in force on a day, sorted."""
        table = self.authorities
        tier = table["level"].isin([level, "both"])
        begun = table["valid_from"] <= day
        going_on = (table["valid_to"] == "") | (table["valid_to"] >= day)
        return table.loc[tier & begun & going_on, "authority_code"].tolist()

    def of_atoms(self, day: str, level: str = "upper") -> dict[str, str]:
        """Return the authority of one tier that each atom was in on a day."""
        return {atom: code for code in self.in_force(day, level) for atom in self.members[code]}

    def holders(self, day: str, level: str = "upper") -> dict[str, str]:
        """Return, for every code ever, the authority of one tier on a day that holds all of it, where one does."""
        of_atom = self.of_atoms(day, level)
        found = {code: {of_atom[atom] for atom in atoms} for code, atoms in self.members.items()}
        return {code: those.pop() for code, those in found.items() if len(those) == 1}

    def atom_of_lsoa_name(self, name: str) -> str:
        """Return the atom that an LSOA name of 2011 begins with."""
        return self._by_lsoa_name[_LSOA_NUMBER.sub("", name)]

    @cached_property
    def _by_lsoa_name(self) -> dict[str, str]:
        # LSOA names leave out what ONS puts after a comma: "Bristol, City of" is "Bristol" there.
        names = {name.partition(",")[0]: atom for atom, name in self.atom_names.items()}
        if len(names) != len(self.atom_names):
            raise ValueError("two districts of 2011 share a name")
        return names


def read_changes(path: Path = CHANGES) -> pd.DataFrame:
    """Return the changes of codes and names, sorted, after checking what can be checked."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    kinds, levels = {"rename", "recode", "merge", "split", "boundary"}, {"upper", "lower", "both"}
    if not (set(table["kind"]) <= kinds and set(table["level"]) <= levels):
        raise ValueError("changes.csv: unknown kind or level")
    for day in table["date"].unique():
        date.fromisoformat(day)
    table = table.sort_values(["date", "old_code", "new_code"], ignore_index=True)
    if table.duplicated(["date", "old_code", "new_code"]).any():
        raise ValueError("changes.csv: a change is listed twice")
    return table


def read_crossings(register: Register, path: Path = CROSSINGS) -> pd.DataFrame:
    """Return the crossings of water between districts of 2011, sorted, after checking their codes and names."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    for side in ("a", "b"):
        pairs = zip(table[f"district_{side}"], table[f"name_{side}"], strict=True)
        wrong = [name for code, name in pairs if register.atom_names.get(code) != name]
        if wrong:
            raise ValueError(f"crossings.csv: not districts of 2011: {wrong}")
    if not (table["district_a"] < table["district_b"]).all() or table["crossing"].duplicated().any():
        raise ValueError(
            "crossings.csv: a crossing is listed twice, or its districts are not in the order of their codes"
        )
    return table.sort_values(["district_a", "district_b", "crossing"], ignore_index=True)


def build_register(districts_2021: pd.DataFrame, changes: pd.DataFrame) -> Register:
    """Work the register out from ONS's lookup of April 2021 and the changes before and after it."""
    lower = changes[changes["level"] != "upper"]
    atoms = _atoms(set(districts_2021["LTLA21CD"]), lower)
    names = _names(districts_2021, changes)
    counties = _counties(atoms, districts_2021, changes)

    members = {atom: frozenset([atom]) for atom in atoms}
    for _, same_day in lower[lower["old_code"] != lower["new_code"]].groupby("date", sort=True):
        for new, rows in same_day.groupby("new_code", sort=True):
            members[new] = frozenset().union(*(members[old] for old in rows["old_code"]))
    for county in sorted(set(counties.values())):
        members[county] = frozenset(atom for atom, parent in counties.items() if parent == county)

    table = pd.DataFrame({"authority_code": sorted(members)})
    table["authority_name"] = table["authority_code"].map(names)
    table["level"] = (
        table["authority_code"]
        .str[:3]
        .map({"E06": "both", "E07": "lower", "E08": "both", "E09": "both", "E10": "upper"})
    )
    table["valid_from"], table["valid_to"] = _validity(table["authority_code"], changes)
    register = Register(table, members, {atom: _old_name(atom, names, changes) for atom in atoms})
    return _with_regions(register)


def _atoms(districts_2021: set[str], lower: pd.DataFrame) -> list[str]:
    """Undo the changes up to April 2021, latest first."""
    codes = set(districts_2021)
    before = lower[lower["date"] <= _LOOKUP_DATE]
    for day in sorted(before["date"].unique(), reverse=True):
        rows = before[before["date"] == day]
        codes -= set(rows["new_code"])
        codes |= set(rows["old_code"])
    return sorted(codes)


def _names(districts_2021: pd.DataFrame, changes: pd.DataFrame) -> dict[str, str]:
    """Return the latest official name of every code."""
    names = dict(zip(changes["old_code"], changes["old_name"], strict=True))
    names.update(zip(changes["new_code"], changes["new_name"], strict=True))
    names.update(zip(districts_2021["LTLA21CD"], districts_2021["LTLA21NM"], strict=True))
    names.update(zip(districts_2021["UTLA21CD"], districts_2021["UTLA21NM"], strict=True))
    return names


def _old_name(atom: str, names: dict[str, str], changes: pd.DataFrame) -> str:
    renamed = changes[(changes["kind"] == "rename") & (changes["old_code"] == atom)]
    return names[atom] if renamed.empty else renamed.iloc[0]["old_name"]


def _counties(atoms: list[str], districts_2021: pd.DataFrame, changes: pd.DataFrame) -> dict[str, str]:
    """Return the county of every atom that was in one.

    A district still there in April 2021 is in the lookup. One merged before stayed in the county of the district that
    it became part of; or it became part of a unitary, together with the one county that passed to that unitary.
    """
    known = dict(zip(districts_2021["LTLA21CD"], districts_2021["UTLA21CD"], strict=True))
    for row in changes[changes["old_code"].str.startswith("E10")].itertuples():
        known.setdefault(f"into {row.new_code}", row.old_code)
    successor = {
        row.old_code: row.new_code
        for row in changes[(changes["level"] != "upper") & (changes["kind"] != "rename")].itertuples()
    }

    def county(district: str) -> str:
        if district in known:
            return known[district]
        into = successor[district]
        return county(into) if into.startswith("E07") else known[f"into {into}"]

    return {atom: county(atom) for atom in atoms if atom.startswith("E07")}


def _validity(codes: pd.Series, changes: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    recoded = changes[changes["old_code"] != changes["new_code"]]
    begun = dict(zip(recoded["new_code"], recoded["date"], strict=True))
    ended = {
        code: (date.fromisoformat(day) - timedelta(days=1)).isoformat()
        for code, day in zip(recoded["old_code"], recoded["date"], strict=True)
    }
    return codes.map(begun).fillna(""), codes.map(ended).fillna("")


def _with_regions(register: Register) -> Register:
    """Add the region of each authority, by way of the upper-tier authorities of 2025 that hold its atoms."""
    regions = pd.read_csv(REGIONS, dtype=str).set_index("authority_code")
    of_atom = register.of_atoms("2025-04-01")
    if set(of_atom.values()) != set(regions.index):
        raise ValueError("regions.csv does not list the upper-tier authorities of 2025")
    table = register.authorities.copy()
    for column in ("region_code", "region_name"):
        found = [
            {regions.at[of_atom[atom], column] for atom in register.members[code]} for code in table["authority_code"]
        ]
        if any(len(values) != 1 for values in found):
            raise ValueError("an authority lies in two regions")
        table[column] = [values.pop() for values in found]
    return Register(table, register.members, register.atom_names)
