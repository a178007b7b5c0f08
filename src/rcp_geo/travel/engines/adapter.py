"""What the adapters have in common: options, files made once, and questions passed on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from rcp_geo._optional import require
from rcp_geo.travel.engines.asking import UNIT, Asking, Impedance, Profile, require_options
from rcp_geo.travel.engines.datafiles import Recipe, built
from rcp_geo.travel.model import CostTable, Unit

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Adapter"]


@dataclass(frozen=True)
class Adapter(ABC):
    """A travel model over an engine whose package is named in ``_module``; see :class:`Valhalla` and :class:`OSRM`."""

    _module: ClassVar[str]

    pbf: str | Path
    _: KW_ONLY
    cache: str | Path
    profile: Profile = "car"
    impedance: Impedance = "time"
    max_snap_m: float = 1000.0

    def __post_init__(self) -> None:
        require_options(self.profile, self.impedance, self.max_snap_m, Path(self.pbf))
        self._package()

    @property
    def model_id(self) -> str:
        """Name of the model, with its profile and impedance."""
        return f"{self._module}-{self.profile}-{self.impedance}"

    @property
    def unit(self) -> Unit:
        """Unit of its costs: ``s`` or ``m``."""
        return UNIT[self.impedance]

    def describe(self) -> dict[str, Any]:
        """Return the engine, the map by its content, and the options as plain data."""
        return {
            "model": self.model_id,
            "unit": self.unit,
            "profile": self.profile,
            "impedance": self.impedance,
            "max_snap_m": self.max_snap_m,
            "access": "not counted",
            **self._recipe.content(),
        }

    def build(self) -> Path:
        """Make the engine's files now, unless they are there, and return their folder.

        Raises
        ------
        InputError, IntegrityError, TravelError
            If the folder for the cache does not exist, files made earlier were changed since, or the engine's programs fail.
        """
        return built(self._recipe, Path(self.cache), self._make)

    def costs(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, cutoff: float | None = None
    ) -> CostTable:
        """Return the cost of every pair within the cutoff; see :func:`rcp_geo.costs`."""
        return self._asking.answer(origins, destinations, cutoff=cutoff, k=None)

    def nearest(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, k: int = 1, cutoff: float | None = None
    ) -> CostTable:
        """Return the k cheapest destinations of each origin; see :func:`rcp_geo.nearest`."""
        return self._asking.answer(origins, destinations, cutoff=cutoff, k=k)

    def _package(self) -> ModuleType:
        return require(self._module, "engines", python="3.12")

    @property
    @abstractmethod
    def _recipe(self) -> Recipe:
        """What the files are made of."""

    @abstractmethod
    def _make(self, room: Path) -> None:
        """Make the files in an empty folder."""

    @cached_property
    def _asking(self) -> Asking:
        return self._start(self.build())

    @abstractmethod
    def _start(self, files: Path) -> Asking:
        """Start the engine over its files."""
