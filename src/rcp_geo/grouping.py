"""Which services count together: the groups that answers are given for, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rcp_geo.errors import InputError
from rcp_geo.schema import counted, first_of, require_columns

__all__ = ["FAMILIES", "STAGES", "Groups", "group_labels", "groups_of", "label_of", "order_of", "title_of"]

FAMILIES = ("pause", "fdac", "local")
STAGES = ("pre_birth", "during", "post_removal")
# What answers say of a group, each in a column of its own, of an authority, and what a layer of a map adds.
_OF_A_GROUP = ("", "_services", "_located", "_searched")
_OF_COSTS = tuple(f"_mean_{cost}{evidence}" for cost in ("distance_m", "duration_s") for evidence in ("", "_possible"))
_OF_AN_AUTHORITY = tuple(f"{of}_{what}" for of in ("authority", "region", "upper") for what in ("code", "name"))
_OF_A_LAYER = ("fid", "geom", "geometry")

_TITLES = {
    "pause": "Pause practices",
    "fdac": "Family Drug and Alcohol Courts",
    "local": "Locally developed services",
    "any": "Any service",
}


def label_of(value: object) -> str:
    """Write a value that names a group: a whole number without a decimal point, nothing and what is missing as blank.

    Examples
    --------
    >>> [label_of(v) for v in (3.0, " a b ", None)]
    ['3', 'a b', '']
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float | np.floating):
        number = float(value)
        return "" if np.isnan(number) else str(int(number)) if number.is_integer() else str(number)
    return str(value).strip()


def order_of(label: str) -> tuple[bool, float, str]:
    """Return what labels are sorted by: numbers by value, before texts by text.

    Examples
    --------
    >>> sorted(["b", "10", "9", "a"], key=order_of)
    ['9', '10', 'a', 'b']
    """
    try:
        number = float(label)
    except ValueError:
        number = float("nan")
    return (False, number, label) if np.isfinite(number) else (True, 0.0, label)


def group_labels(services: pd.DataFrame, by: str = "family") -> pd.Series:
    """Return the group that each service is in, as text.

    Whole numbers have no decimal point, and the space around a text does not count. ``unknown`` is ``<by>_unknown``.

    Raises
    ------
    MissingColumnError
        If there is no such column.
    InputError
        If a service has no value, or one that cannot name a group.
    """
    require_columns(services, [by], "services")
    labels = services[by].astype(object).map(label_of)
    blank = (labels == "").to_numpy()
    if blank.any():
        ids = services.loc[blank, "service_id"].tolist()
        raise InputError(
            f"services.{by}: {counted(len(ids), 'services have no value to be grouped by')} ({first_of(ids)}); "
            "give each one, or write unknown"
        )
    if (labels == "any").any():
        raise InputError(f"services.{by}: any is the name of the group that holds all; use another word")
    return labels.replace("unknown", f"{by}_unknown")


@dataclass(frozen=True)
class Groups(Mapping[str, list[str]]):
    """The services of each group, and those that may be in any of them.

    Attributes
    ----------
    members
        For each group its services; ``any``, which holds all of them, comes last.
    undecided
        Services of which it is not known in which group they are.
    """

    members: Mapping[str, list[str]]
    undecided: tuple[str, ...] = ()

    def __getitem__(self, group: str) -> list[str]:
        return self.members[group]

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def doubtful(self, group: str) -> list[str]:
        """Return the services that may be in a group and are not known to be."""
        own = set(self.members[group])
        return [service for service in self.undecided if service not in own]

    def counting(self, group: str, evidence: str) -> list[str]:
        """Return the services that count for a group: those in it, and as ``possible`` those that may be too."""
        return [*self[group], *(self.doubtful(group) if evidence == "possible" else [])]


def groups_of(services: pd.DataFrame, by: str = "family") -> Groups:
    """Return the services of each group, and of ``any``, which holds all of them.

    Families come in the order pause, fdac, local, stages in that of a case (pre_birth, during, post_removal), and all three
    whether or not there is a service; other groups by number or alphabet, ``any`` last. Grouped by ``stage``, a service that
    works at ``all`` stages counts for each of them. Services of which the value is ``unknown`` make the group
    ``<by>_unknown``, since unknown is an answer, and may be in any other.

    Raises
    ------
    MissingColumnError
        If there is no such column.
    InputError
        If a service has no value, or the values cannot name columns beside one another.
    """
    labels = group_labels(services, by)
    ids, unknown = services["service_id"], f"{by}_unknown"
    everywhere = ids[labels == "all"].tolist() if by == "stage" else []
    named = set(labels) - {unknown} - ({"all"} if by == "stage" else set())
    known = {"family": FAMILIES, "stage": STAGES}.get(by, ())
    # In a user's own words for the stages, ours would be groups that nobody asked for.
    first = known if by == "family" or named <= set(known) else ()
    ordered = [*first, *sorted(named - set(first), key=order_of), *([unknown] if unknown in set(labels) else [])]
    groups = {name: [*ids[labels == name], *(everywhere if name != unknown else [])] for name in ordered}
    _require_columns_apart([*groups, "any"], by)
    return Groups({**groups, "any": ids.tolist()}, tuple(ids[labels == unknown]))


def _require_columns_apart(groups: Sequence[str], by: str) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` if two groups, or a group and what is said of an authority, share a column.

    A layer of a map knows no difference between capitals and small letters.
    """
    taken = dict.fromkeys([*_OF_AN_AUTHORITY, *_OF_A_LAYER], "")
    for group in groups:
        for name in {f"{group}{end}".casefold() for end in [*_OF_A_GROUP, *_OF_COSTS]}:
            other = taken.setdefault(name, group)
            if other == group:
                continue
            clash = f"{other!r} and {group!r} cannot" if other else f"{group!r} cannot"
            raise InputError(
                f"services.{by}: {clash} name {'two groups' if other else 'a group'}, since the answers would have two columns "
                f"{name!r}; use another word"
            )


def title_of(group: str, by: str) -> str:
    """Name a group of services as the title of a picture."""
    if group == "any" or by == "family":
        return _TITLES.get(group, group)
    return f"Services by {by.replace('_', ' ')}: {group}"
