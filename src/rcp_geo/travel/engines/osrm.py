"""OSRM, by way of its Python package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from rcp_geo.errors import TravelError
from rcp_geo.travel.engines.adapter import Adapter
from rcp_geo.travel.engines.asking import (
    DESTINATIONS,
    ORIGINS,
    Asking,
    Impedance,
    options_key,
)
from rcp_geo.travel.engines.datafiles import Recipe, recipe_of, run_program

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OSRM"]

_LUA: Mapping[str, str] = {"car": "car.lua", "bicycle": "bicycle.lua", "foot": "foot.lua"}
_WHAT: Mapping[str, tuple[str, str]] = {"time": ("duration", "durations"), "distance": ("distance", "distances")}
_BASE = "map"


@dataclass(frozen=True)
class OSRM(Adapter):
    """Routes by OSRM over a map of OpenStreetMap, inside the process.

    Data files are made from the map by OSRM's own programs (extract, partition, customize) the first time that a cost is asked
    for, and kept; so are the costs that were told. Of the routes that the profile allows the fastest is taken; ``distance`` is
    how long that one is.

    Parameters
    ----------
    pbf
        The map, an OpenStreetMap PBF such as the extracts of Geofabrik.
    cache
        Folder in which data files and answers are kept. It must exist. What is in it is found again by the content of the map,
        the version of the engine and the options, and may be deleted at any time.
    profile
        ``car``, ``bicycle`` or ``foot``: the profiles that OSRM comes with.
    impedance
        ``time`` (seconds) or ``distance`` (metres).
    max_snap_m
        Greatest distance from a place to a road in metres; what is farther off is ``unsnapped``. The default is a choice: far
        enough for a house up a track, not far enough to cross the Solent.

    Raises
    ------
    InputError
        If an option is not one of those above, or there is no such file.
    MissingExtraError
        If the engine is not installed: ``pip install 'rcp-geo[engines]'``, with Python 3.12 or later.

    See Also
    --------
    Valhalla : another engine.
    rcp_geo.TravelMatrix : costs that an engine elsewhere worked out.

    Notes
    -----
    Times are those of an empty road at any hour, in tenths of a second; distances are in tenths of a metre. The way from a
    place to the nearest road counts nothing, and is ``snap_m`` long. Where that road belongs to a small piece of the network
    and the journey leaves it, OSRM takes one within ``max_snap_m`` that belongs to a large piece. Islands are ``disconnected``
    unless the map holds the ferry.

    References
    ----------
    .. [1] Luxen, D. and Vetter, C. (2011), "Real-time routing with OpenStreetMap data", *Proceedings of the 19th ACM
       SIGSPATIAL International Conference on Advances in Geographic Information Systems*, 513-516, doi:10.1145/2093973.2094062.
    """

    _module = "osrm"

    @cached_property
    def _recipe(self) -> Recipe:
        settings = {"profile": _LUA[self.profile], "algorithm": "MLD"}
        return recipe_of("osrm-bindings", Path(self.pbf), settings)

    def _make(self, room: Path) -> None:
        package = self._package()
        lua = Path(str(package.__file__)).parent / "share" / "profiles" / _LUA[self.profile]
        path = str(Path(self.pbf).resolve())
        # Names are given within the folder: OSRM cuts a path at the first ".osrm" in it.
        run_program(package, "osrm-extract", "--profile", str(lua), "--output", _BASE, path, folder=room)
        run_program(package, "osrm-partition", f"{_BASE}.osrm", folder=room)
        run_program(package, "osrm-customize", f"{_BASE}.osrm", folder=room)

    def _start(self, files: Path) -> Asking:
        service = self._package().OSRM(
            algorithm="MLD",
            storage_config=str(files / f"{_BASE}.osrm"),
            use_shared_memory=False,
            max_locations_distance_table=ORIGINS + DESTINATIONS,
        )
        engine = _Engine(self._package(), service, self.impedance, self.max_snap_m)
        key = options_key(impedance=self.impedance, max_snap_m=self.max_snap_m)
        kept = files.with_name(f"{files.name}-costs-{key}")
        return Asking(engine, self.model_id, self.unit, self.max_snap_m, kept)


class _Engine:
    def __init__(self, package: ModuleType, service: Any, impedance: Impedance, max_snap_m: float) -> None:  # noqa: ANN401
        self._package = package
        self._service = service
        self._max_snap_m = max_snap_m
        self._asked, self._told = _WHAT[impedance]

    def snap(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([self._nearest(tuple(place)) for place in places.tolist()], dtype=np.float64)

    def _nearest(self, place: tuple[float, float]) -> float:
        asked = self._package.NearestParameters(coordinates=[place], radiuses=[self._max_snap_m])
        try:
            return float(self._service.Nearest(asked)["waypoints"][0]["distance"])
        except RuntimeError as error:
            if str(error).startswith("NoSegment"):
                return float("nan")
            raise TravelError(f"osrm: nearest failed: {error}; check the map and the places") from error

    def table(self, origins: NDArray[np.float64], destinations: NDArray[np.float64]) -> NDArray[np.float64]:
        n, m = len(origins), len(destinations)
        asked = self._package.TableParameters(
            coordinates=[tuple(place) for place in (*origins.tolist(), *destinations.tolist())],
            radiuses=[self._max_snap_m] * (n + m),
            sources=list(range(n)),
            destinations=list(range(n, n + m)),
            annotations=[self._asked],
        )
        try:
            told = self._service.Table(asked)[self._told]
        except RuntimeError as error:
            raise TravelError(f"osrm: table failed: {error}; check the map and the places") from error
        return np.array([list(row) for row in told], dtype=np.float64)
