"""What is said of a figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rcp_geo.citation import Reference

__all__ = ["Metric"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure: what it is, how it is made and where it comes from.

    Attributes
    ----------
    id
        ``rcp.<group>.<name>@<version>``; a changed definition is a new version.
    title, formula
        In words, and in LaTeX.
    unit, direction
        Unit of the value; whether ``more`` or ``less`` of it is better for people, or the value of an ``even`` spread.
    relation
        The relation between services and authorities that it is over.
    needs
        What it is computed from.
    references
        Works that define it.
    example
        A case small enough to follow by hand, as a session of Python that runs.
    """

    id: str
    title: str
    formula: str
    unit: str
    direction: Literal["more", "less", "even"]
    relation: str
    needs: tuple[str, ...]
    references: tuple[Reference, ...]
    example: str

    @property
    def group(self) -> str:
        """The group of figures that it belongs to."""
        return self.id.split(".")[1]

    @property
    def version(self) -> int:
        """The version of its definition."""
        return int(self.id.rpartition("@")[2])
