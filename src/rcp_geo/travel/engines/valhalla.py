"""Valhalla, by way of its Python package."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from pyproj import Geod

from rcp_geo.errors import TravelError
from rcp_geo.provenance import digest_of
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

__all__ = ["Valhalla"]

_COSTING: Mapping[str, str] = {"car": "auto", "bicycle": "bicycle", "foot": "pedestrian"}
# Files that a service would have and that are not made here.
_ABSENT = ("traffic_extract", "landmarks", "timezone", "transit_dir", "transit_feeds_dir")
# What Valhalla itself allows a route by car, in metres; its limits for matrices are for a service that strangers call.
_FAR = 5_000_000.0
_METRES_PER_KILOMETRE = 1000.0


@dataclass(frozen=True)
class Valhalla(Adapter):
    """Routes by Valhalla over a map of OpenStreetMap, inside the process.

    Tiles are made from the map by Valhalla's own programs the first time that a cost is asked for, and kept; so are the
    costs that were told. Of the routes that the profile allows the fastest is taken; ``distance`` is how long that one is.

    Parameters
    ----------
    pbf
        The map, an OpenStreetMap PBF such as the extracts of Geofabrik.
    cache
        Folder in which tiles and answers are kept. It must exist. What is in it is found again by the content of the map, the
        version of the engine and the options, and may be deleted at any time.
    profile
        ``car``, ``bicycle`` or ``foot``.
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
    OSRM : another engine.
    rcp_geo.TravelMatrix : costs that an engine elsewhere worked out.

    Notes
    -----
    Times are those of an empty road at any hour, in whole seconds; distances are in whole metres. The way from a place to
    the nearest road counts nothing, and is ``snap_m`` long. Where that road leads to fewer than 50 others, Valhalla takes one
    within ``max_snap_m`` that leads on as well, and the better of the two for each journey (its default of minimum
    reachability). Islands are ``disconnected`` unless the map holds the ferry.

    References
    ----------
    .. [1] Valhalla contributors, *Valhalla: Time-Distance Matrix service API reference*,
       https://valhalla.github.io/valhalla/api/matrix/api-reference/.
    """

    _module = "valhalla"

    @cached_property
    def _recipe(self) -> Recipe:
        return recipe_of("pyvalhalla", Path(self.pbf), {"config_sha256": digest_of(_config(self._package()))})

    def _make(self, room: Path) -> None:
        with tempfile.TemporaryDirectory() as aside:
            config = _written(_config(self._package(), room), Path(aside))
            for program in ("valhalla_build_admins", "valhalla_build_tiles"):
                run_program(
                    self._package(), program, "-c", str(config), str(Path(self.pbf).resolve()), folder=Path(aside)
                )

    def _start(self, files: Path) -> Asking:
        with tempfile.TemporaryDirectory() as aside:
            # It is read once, when the engine starts.
            actor = self._package().Actor(str(_written(_config(self._package(), files), Path(aside))))
        engine = _Engine(actor, _COSTING[self.profile], self.impedance, self.max_snap_m)
        key = options_key(profile=self.profile, impedance=self.impedance, max_snap_m=self.max_snap_m)
        kept = files.with_name(f"{files.name}-costs-{key}")
        return Asking(engine, self.model_id, self.unit, self.max_snap_m, kept)


def _config(package: ModuleType, tiles: Path | None = None) -> dict[str, Any]:
    """Return the engine's own configuration, its limits those of a user and not of a public service; paths only with tiles."""
    config: dict[str, Any] = copy.deepcopy(package.get_config(tile_extract="", tile_dir=""))
    mjolnir = config["mjolnir"]
    mjolnir |= dict.fromkeys(_ABSENT, "")
    mjolnir["tile_dir"] = "" if tiles is None else str(tiles.resolve())
    # Which side the traffic keeps to comes with the borders.
    mjolnir["admin"] = "" if tiles is None else str(tiles.resolve() / "admin.sqlite")
    config["additional_data"] = {"elevation": ""}
    # Else one place without a road to the others would fail the whole batch.
    config["loki"]["use_connectivity"] = False
    for costing in _COSTING.values():
        config["service_limits"][costing] |= {
            "max_locations": ORIGINS + DESTINATIONS,
            "max_matrix_distance": _FAR,
            "max_matrix_location_pairs": ORIGINS * DESTINATIONS,
        }
    return config


def _written(config: dict[str, Any], folder: Path) -> Path:
    path = folder / "valhalla.json"
    path.write_text(json.dumps(config, sort_keys=True), encoding="utf-8")
    return path


class _Engine:
    def __init__(self, actor: Any, costing: str, impedance: Impedance, max_snap_m: float) -> None:  # noqa: ANN401
        self._actor = actor
        self._costing = costing
        self._max_snap_m = max_snap_m
        self._what, self._factor = {"time": ("durations", 1.0), "distance": ("distances", _METRES_PER_KILOMETRE)}[
            impedance
        ]

    def snap(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        told = self._ask("locate", {"locations": self._located(places)})
        snap = np.full(len(places), np.nan)
        for row, (place, found) in enumerate(zip(places, told, strict=True)):
            at = {(edge["correlated_lon"], edge["correlated_lat"]) for edge in found.get("edges") or ()}
            if at:
                lon, lat = np.array(sorted(at)).T
                snap[row] = _metres(place, lon, lat).min()
        return snap

    def table(self, origins: NDArray[np.float64], destinations: NDArray[np.float64]) -> NDArray[np.float64]:
        places = {"sources": self._located(origins), "targets": self._located(destinations)}
        told = self._ask("matrix", {**places, "verbose": False, "units": "kilometers"})
        cost = np.array(told["sources_to_targets"][self._what], dtype=np.float64)
        # Kilometres come to three decimals: without the noise of the multiplication.
        return np.asarray(np.round(cost * self._factor, 3))

    def _located(self, places: NDArray[np.float64]) -> list[dict[str, float]]:
        return [{"lon": x, "lat": y, "search_cutoff": self._max_snap_m} for x, y in places.tolist()]

    def _ask(self, action: str, request: dict[str, Any]) -> Any:  # noqa: ANN401
        try:
            return getattr(self._actor, action)({**request, "costing": self._costing})
        except RuntimeError as error:
            raise TravelError(f"valhalla: {action} failed: {error}; check the map and the places") from error


def _metres(place: NDArray[np.float64], lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y = np.full(len(lon), place[0]), np.full(len(lat), place[1])
    return np.asarray(Geod(ellps="WGS84").inv(x, y, lon, lat)[2], dtype=np.float64)
