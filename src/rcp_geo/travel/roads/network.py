"""The travel model over a road network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import pandas as pd
import shapely

from rcp_geo.crs import BNG, to_bng
from rcp_geo.errors import InputError
from rcp_geo.schema import Finding
from rcp_geo.travel.model import (
    COST_COLUMN,
    CUTOFF_TOLERANCE,
    CostTable,
    Unit,
    ids_of,
    objects,
    require_cutoff,
    require_points,
)
from rcp_geo.travel.roads.edges import Lengths, RoadEdges, settle_lengths
from rcp_geo.travel.roads.graph import Graph, exact, side_by_side
from rcp_geo.travel.roads.lines import Noding
from rcp_geo.travel.roads.osmtags import Profile
from rcp_geo.travel.roads.reach import node_costs, reached_parts
from rcp_geo.travel.roads.report import counts, digest, largest, settings_digest
from rcp_geo.travel.roads.searching import (
    Pairs,
    costs_between,
    ends_of,
    nearest_of_points,
    nearest_places,
    several_nearest,
    subset,
)
from rcp_geo.travel.roads.settings import (
    MAX_SNAP_M,
    Access,
    Components,
    Impedance,
    RoadSettings,
    require_limits,
    require_word,
)
from rcp_geo.travel.roads.sides import Answer, Side
from rcp_geo.travel.roads.snapping import Snapped, Snapper
from rcp_geo.travel.roads.speeds import SPEED_SOURCE, WALK_KMH, WALK_SOURCE, durations

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    from numpy.typing import NDArray

__all__ = ["RoadNetwork"]


@dataclass(frozen=True, eq=False, repr=False)
class RoadNetwork:
    """Distance or time along roads, one-way streets respected, from points snapped to the nearest road.

    Make one from what you have: :meth:`from_networkx`, :meth:`from_lines`, :meth:`from_osm`, :meth:`from_open_roads`,
    :meth:`from_edges`, or :func:`rcp_geo.read_network` for a file; keep it with :meth:`save` and :meth:`load`.

    Parameters
    ----------
    edges
        The network as a reader made it, its lengths settled.
    impedance
        ``length`` (metres) or ``time`` (seconds): what is made least and what costs are given in.
    max_snap_m
        Farthest that a point may be from the nearest road. One that is farther is ``unsnapped`` and reaches nothing.
    access
        ``count`` adds the straight line between a point and the road to the cost; ``ignore`` leaves it out.
    access_speed_kmh
        How fast that line is travelled where time is counted.
    speeds
        Speeds in km/h by class of road, where yours differ from :data:`rcp_geo.travel.CLASS_SPEEDS_MPH`.
    components
        What was kept of the network; see :meth:`from_edges`.
    dropped
        Nodes and edges left out with the smaller components.

    Raises
    ------
    InputError
        If a setting is not one of those allowed, or a speed or distance is not above 0.

    Notes
    -----
    Costs are rounded to multiples of 2⁻²⁴ (about 60 nanometres), within which sums are exact: a path costs the same
    whichever end it is searched from, and ties are ties. So that rounding puts nothing beyond a cutoff that it equals, a cutoff
    includes what costs up to a millionth of a metre or second more.

    ``nearest`` is one search from all destinations at once, however many origins there are; ``costs`` one search for each
    place of the side that has fewer.

    A point at the end of an edge stands at its node. Nobody boards a ferry half-way: no point snaps to one. One that snaps to
    a one-way edge leaves along it only. Edges between the same two nodes along the same line, to a millimetre, are one
    street: a point on one of them is on all, each with its own cost and direction. Points with the same coordinates cost
    nothing from each other. Equal distances to several edges go to the first of them.

    Examples
    --------
    Two homes on a road of 1 km that runs east, with a service at its end:

    >>> import geopandas as gpd
    >>> from shapely import LineString
    >>> road = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (1000, 0)])], crs="EPSG:27700")
    >>> network = RoadNetwork.from_lines(road)
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 400], [0, 30]), index=["a", "b"], crs="EPSG:27700")
    >>> sites = gpd.GeoDataFrame(geometry=gpd.points_from_xy([1000], [0]), index=["service"], crs="EPSG:27700")
    >>> nearest(homes, sites, network)[["origin_id", "distance_m", "status"]].values.tolist()
    [['a', 1000.0, 'reached'], ['b', 630.0, 'reached']]
    """

    edges: RoadEdges
    impedance: Impedance = "length"
    max_snap_m: float = MAX_SNAP_M
    access: Access = "count"
    access_speed_kmh: float = WALK_KMH
    speeds: Mapping[str, float] | None = None
    components: Components = "all"
    dropped: Mapping[str, int] = field(default_factory=lambda: {"nodes": 0, "edges": 0})

    def __post_init__(self) -> None:
        require_word("impedance", self.impedance, ("length", "time"))
        require_word("access", self.access, ("count", "ignore"))
        require_word("components", self.components, ("all", "largest", "strong"))
        for name in ("max_snap_m", "access_speed_kmh"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value > 0):
                raise InputError(f"RoadNetwork: {name} is {value!r}; give a number above 0")
        if not np.isfinite(self.edges.length_m).all():
            raise InputError("RoadNetwork: edges have no length; make the network with RoadNetwork.from_edges")
        # What time costs is worked out at once, so that speeds that are none are refused here and not in a search.
        _ = self._costs if self.impedance == "time" else None

    @classmethod
    def from_edges(
        cls,
        edges: RoadEdges,
        *,
        impedance: Impedance = "length",
        max_snap_m: float = MAX_SNAP_M,
        access: Access = "count",
        access_speed_kmh: float = WALK_KMH,
        speeds: Mapping[str, float] | None = None,
        lengths: Lengths = "given",
        components: Components = "all",
    ) -> RoadNetwork:
        """Make a network from a table of edges.

        Parameters
        ----------
        edges
            A table that a reader made, or arrays of your own.
        impedance
            ``length`` (metres) or ``time`` (seconds).
        max_snap_m
            Farthest that a point may be from the nearest road, in metres. The default of 1 km is under the narrowest water
            between the Isle of Wight and the mainland. Raise it for a network of main roads only.
        access
            Whether the straight line between a point and the road is counted (``count``) or not (``ignore``).
        access_speed_kmh
            Speed of that line where time is counted; 4.8 km/h, a walk, unless another is given.
        speeds
            Speeds in km/h by class of road, in place of the usual ones.
        lengths
            ``given`` takes lengths as they are and raises where one is missing or negative; ``fill`` measures those along
            the geometry; ``geometry`` measures all. Measures are metres on the plane of the National Grid.
        components
            ``all`` keeps everything; ``largest`` the largest part that hangs together when one-way is ignored; ``strong``
            the largest in which everyone reaches everyone.

        Returns
        -------
        RoadNetwork

        Raises
        ------
        InputError
            If there is no edge, a length is missing or negative, or a setting is not one of those allowed.
        """
        if not len(edges):
            raise InputError("edges: there are none; give a network with at least one road")
        edges = settle_lengths(edges, lengths)
        require_word("components", components, ("all", "largest", "strong"))
        kept = edges if components == "all" else largest(edges, components)
        dropped = {"nodes": len(edges.x) - len(kept.x), "edges": len(edges) - len(kept)}
        return cls(kept, impedance, max_snap_m, access, access_speed_kmh, speeds, components, dropped)

    @classmethod
    def from_networkx(cls, graph: nx.Graph, **settings: Unpack[RoadSettings]) -> RoadNetwork:
        """Make a network from a graph of networkx, such as OSMnx makes.

        Parameters
        ----------
        graph
            A ``MultiDiGraph``, ``DiGraph``, ``MultiGraph`` or ``Graph``, projected or not. Nodes have ``x`` and ``y`` in the CRS
            of ``graph.graph["crs"]``; edges ``length`` in metres and, where they are known, ``geometry``, ``highway``,
            ``maxspeed``, ``speed_kph``, ``travel_time`` (seconds) and ``osmid``. In a directed graph every edge is one-way, and
            two that are the same but for their direction are one street. Of an undirected graph every edge is open both ways,
            but for those that OSMnx marks with ``oneway``, ``from`` and ``to``.
        settings
            As in :meth:`from_edges`.

        Returns
        -------
        RoadNetwork

        Raises
        ------
        CrsError
            If the graph has no CRS.
        GeometryError
            If a node has no place or a geometry is not a line.
        InputError
            If it is no graph, a node lacks ``x`` or ``y``, or as in :meth:`from_edges`.

        Examples
        --------
        >>> import networkx as nx
        >>> graph = nx.MultiDiGraph(crs="EPSG:27700")
        >>> graph.add_node("a", x=0.0, y=0.0)
        >>> graph.add_node("b", x=300.0, y=400.0)
        >>> graph.add_edge("a", "b", length=520.0)
        0
        >>> RoadNetwork.from_networkx(graph).info()["oneway_share"]
        1.0
        """
        from rcp_geo.travel.roads.graphs import edges_of_graph

        return cls.from_edges(edges_of_graph(graph), **settings)

    @classmethod
    def from_lines(
        cls,
        frame: gpd.GeoDataFrame,
        *,
        tolerance_m: float = 0.1,
        noding: Noding = "crossings",
        columns: Mapping[str, str] | None = None,
        **settings: Unpack[RoadSettings],
    ) -> RoadNetwork:
        """Make a network from lines on a map, which need not be split where they meet.

        Parameters
        ----------
        frame
            Lines in any stated CRS. Read where they are there, by OSM's names: ``highway`` (class), ``oneway`` (``yes``, ``no``,
            ``-1``), ``maxspeed``, ``duration_s`` (seconds from end to end), ``junction``, ``layer``, ``bridge``, ``tunnel``, and
            ``route`` or ``ferry``, which tell ferries.
        tolerance_m
            Side of the grid on which lines are split: ends and crossings that fall into one cell are one node.
        noding
            ``crossings`` splits lines of one level wherever they cross or touch; ``vertices`` only at points that both have,
            which is how OSM says that roads meet.
        columns
            Names of columns where they are others: keys are ``road_class``, ``oneway``, ``maxspeed``, ``duration_s``,
            ``junction``, ``layer``, ``bridge``, ``tunnel``, ``route`` and ``ferry``.
        settings
            As in :meth:`from_edges`.

        Returns
        -------
        RoadNetwork

        Raises
        ------
        CrsError
            If the frame has no CRS.
        GeometryError
            If a row is not a line.
        MissingColumnError
            If a column that was named is not there.
        InputError
            If the tolerance is not above 0, ``noding`` is not known, or as in :meth:`from_edges`.

        Notes
        -----
        Where ``crossings`` finds lines on one another, they are one road of the first one's class and speed, open in whatever
        directions any of them may be travelled, and a finding tells the rows.

        A bridge, a tunnel, a ferry or a way on another ``layer`` meets ways on other levels only where one of them ends. Lengths
        are measured along the lines, on the plane of the National Grid.

        Examples
        --------
        Two roads that cross, and a bridge over both:

        >>> import geopandas as gpd
        >>> from shapely import LineString
        >>> lines = [LineString([(0, 0), (200, 0)]), LineString([(100, -100), (100, 100)]), LineString([(0, -50), (200, 90)])]
        >>> roads = gpd.GeoDataFrame({"bridge": [None, None, "yes"]}, geometry=lines, crs="EPSG:27700")
        >>> network = RoadNetwork.from_lines(roads)
        >>> network.info()["edges"], network.info()["components"]
        (5, 2)
        """
        from rcp_geo.travel.roads.lines import edges_of_lines

        edges = edges_of_lines(frame, tolerance_m=tolerance_m, noding=noding, columns=columns)
        return cls.from_edges(edges, **settings)

    @classmethod
    def from_open_roads(cls, path: str | Path, **settings: Unpack[RoadSettings]) -> RoadNetwork:
        """Make a network from the GeoPackage of OS Open Roads.

        Parameters
        ----------
        path
            The file, as Ordnance Survey publishes it: layers ``RoadLink`` and ``RoadNode`` (or ``road_link`` and ``road_node``).
        settings
            As in :meth:`from_edges`.

        Returns
        -------
        RoadNetwork

        Raises
        ------
        InputError
            If the file is not a GeoPackage of OS Open Roads, or as in :meth:`from_edges`.
        MissingColumnError
            If a layer lacks a column.

        Notes
        -----
        OS Open Roads does not say which roads are one-way, nor their speed limits: every link is open both ways, and time is
        counted by class. Links that share no node with another, and nodes at one place, are findings.
        """
        from rcp_geo.travel.roads.openroads import read_open_roads

        return cls.from_edges(read_open_roads(Path(path)), **settings)

    @classmethod
    def from_osm(cls, path: str | Path, *, profile: Profile = "drive", **settings: Unpack[RoadSettings]) -> RoadNetwork:
        """Make a network from an extract of OpenStreetMap.

        Needs osmium: ``pip install 'rcp-geo[osm]'``.

        Parameters
        ----------
        path
            An extract in PBF (``.osm.pbf``) of one date, of Great Britain or a part of it.
        profile
            ``drive`` for cars, ``walk`` for people on foot.
        settings
            As in :meth:`from_edges`.

        Returns
        -------
        RoadNetwork

        Raises
        ------
        MissingExtraError
            If osmium is not installed.
        InputError
            If the file is not an extract in PBF, is damaged or a history, has no way for the profile, or as in
            :meth:`from_edges`.
        GeometryError
            If nodes lie where the National Grid does not reach.

        Notes
        -----
        The file is read twice, ways first and then the nodes that they name, whatever its order; nothing else of it is kept in
        memory. Ways are split where they meet, at barriers that stop the traveller, and where nodes are missing.

        Who may pass is decided by the class of road and the access keys, one-way streets by ``oneway`` (implied on motorways
        and roundabouts; on foot by ``oneway:foot`` only), speed by ``maxspeed`` (km/h, mph, and words such as
        ``GB:nsl_single``) and by class where there is none; on foot it is 4.8 km/h. Ferries take the time of their
        ``duration``, waiting not counted, or else of a speed by their length. The rules and their sources stand in the
        provenance. Turn restrictions, restrictions by hour or weight, areas, and ferries that only a relation describes are
        not read.

        At a barrier, one piece of road keeps the node of OpenStreetMap and the others end at copies of it, whose ids are below 0.
        """
        from rcp_geo.travel.roads.osm import read_osm

        return cls.from_edges(read_osm(Path(path), profile), **settings)

    @classmethod
    def load(cls, path: str | Path) -> RoadNetwork:
        """Read a network that :meth:`save` wrote, with the settings it had.

        Parameters
        ----------
        path
            The file. Its arrays are used where they lie in it, so it should stay where it is while the network is in use.

        Returns
        -------
        RoadNetwork

        Raises
        ------
        InputError
            If there is no such file.
        IntegrityError
            If it is not a saved network, is cut short, or differs from its checksum.
        """
        from rcp_geo.travel.roads.saving import load_edges

        stored = load_edges(Path(path))
        return cls(edges=stored.edges, **stored.settings)

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the network to one file, for :meth:`load`.

        Parameters
        ----------
        path
            Where to write. The file is Arrow's (``.arrow``): arrays as they are in memory, with the recipe and a checksum in its
            metadata.
        overwrite
            Whether an earlier file may be replaced.

        Returns
        -------
        pathlib.Path
            The file that was written.

        Raises
        ------
        InputError
            If the file exists and may not be replaced, or its folder does not exist.
        """
        from rcp_geo.travel.roads.saving import save_edges

        names = ("impedance", "max_snap_m", "access", "access_speed_kmh", "components")
        settings: dict[str, Any] = {name: getattr(self, name) for name in names}
        settings["speeds"] = None if self.speeds is None else dict(self.speeds)
        settings["dropped"] = dict(self.dropped)
        save_edges(self.edges, settings, Path(path), overwrite=overwrite)
        return Path(path)

    def to_networkx(self) -> nx.MultiDiGraph:
        """Return the network as a graph that OSMnx can use.

        Returns
        -------
        networkx.MultiDiGraph
            On the National Grid, with ``x`` and ``y`` of nodes, and of edges ``length``, ``geometry``, ``oneway``, ``reversed``
            and, where they are known, ``highway``, ``maxspeed``, ``osmid`` and (if time is counted) ``travel_time``. A two-way
            street is two edges.
        """
        from rcp_geo.travel.roads.graphs import graph_of_edges

        return graph_of_edges(self.edges, self._costs[:2] if self.impedance == "time" else None)

    def using(
        self,
        *,
        impedance: Impedance | None = None,
        max_snap_m: float | None = None,
        access: Access | None = None,
        access_speed_kmh: float | None = None,
        speeds: Mapping[str, float] | None = None,
    ) -> RoadNetwork:
        """Return the same network with other settings; those left out stay as they are."""
        given = {
            "impedance": impedance,
            "max_snap_m": max_snap_m,
            "access": access,
            "access_speed_kmh": access_speed_kmh,
            "speeds": speeds,
        }
        return replace(self, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]

    # ------------------------------------------------------------------------------------------- what it is

    @property
    def model_id(self) -> str:
        """Name of the model: what it counts, the first figures of the network's sha256, and those of its settings' sha256."""
        return f"road-{self.impedance}-{self.sha256[:12]}-{settings_digest(self._answering)[:8]}"

    @property
    def unit(self) -> Unit:
        """Metres, or seconds where time is counted."""
        return "m" if self.impedance == "length" else "s"

    @cached_property
    def sha256(self) -> str:
        """Digest of the network's content: nodes, edges, geometry, and what is stated of them."""
        return digest(self.edges)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed in the source, and on the way to the network."""
        return (*self.edges.findings, *self._costs[2])

    def describe(self) -> dict[str, Any]:
        """Return the network, its settings and their references as plain data, for the provenance."""
        described: dict[str, Any] = {
            "model": self.model_id,
            "unit": self.unit,
            "impedance": self.impedance,
            "network": {
                "sha256": self.sha256,
                "nodes": len(self.edges.x),
                "edges": len(self.edges),
                "source": dict(self.edges.source),
            },
            "components": self.components,
            "dropped": dict(self.dropped),
            "max_snap_m": self.max_snap_m,
            "access": self.access,
        }
        if self.impedance == "time":
            described["speeds"] = SPEED_SOURCE
            if self.speeds:
                described["own_speeds_kmh"] = dict(self.speeds)
            if self.access == "count":
                described |= {"access_speed_kmh": self.access_speed_kmh, "access_speed": WALK_SOURCE}
                if self.access_speed_kmh != WALK_KMH:
                    described["access_speed"] = "the user's"
        return described

    def info(self) -> dict[str, Any]:
        """Return what the network is made of: counts, lengths by class, one-way share, components, dead ends, findings."""
        return {**counts(self.edges, self._graph), "findings": [str(f) for f in self.findings]}

    def __repr__(self) -> str:
        e = self.edges
        return f"<RoadNetwork: {len(e.x):,} nodes, {len(e):,} edges, {self.impedance} in {self.unit}>"

    # --------------------------------------------------------------------------------------------- answers

    def costs(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, cutoff: float | None = None
    ) -> CostTable:
        """Return the cost of every pair within the cutoff; see :func:`rcp_geo.costs`."""
        a, b = self._sides(origins, destinations, cutoff)
        pairs = costs_between(self._graph, a.ends, b.ends, _reach(cutoff), self._guess(a, b))
        return self._table(Answer.ordered(a, b, pairs), cutoff, every_pair=True)

    def nearest(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, *, k: int = 1, cutoff: float | None = None
    ) -> CostTable:
        """Return the k nearest destinations of each origin; see :func:`rcp_geo.nearest`."""
        a, b = self._sides(origins, destinations, cutoff)
        if k > 1 or not len(b.on):
            pairs = several_nearest(self._graph, a.ends, b.ends, b.rank[b.on], k, _reach(cutoff), self._guess(a, b))
            return self._table(Answer.ordered(a, b, pairs, k), cutoff, every_pair=False)
        rank = b.rank[b.on]
        reach = _reach(cutoff)
        reached = nearest_places(self._graph, b.ends, rank, reach)
        best = nearest_of_points(self._graph, reached, a.ends, b.ends, rank)
        there = np.flatnonzero(np.isfinite(best.cost) if reach is None else best.cost <= reach)
        # Origins come in their order, and each has one pair.
        pairs = Pairs(a.on[there], b.by_rank[best.least[there]], best.cost[there])
        return self._table(Answer(a, b, pairs, best.least[there] != best.most[there]), cutoff, every_pair=False)

    def nearest_of_nodes(self, destinations: gpd.GeoDataFrame, *, cutoff: float | None = None) -> pd.DataFrame:
        """Find the nearest destination of every node of the network, by one search.

        Parameters
        ----------
        destinations
            Points in a stated CRS, identified by ``site_id`` where there is such a column, else by the index.
        cutoff
            Greatest cost to look for, itself included; None for no limit.

        Returns
        -------
        pandas.DataFrame
            One row per node in the order of ``edges.node_id``: ``node_id``, ``destination_id``, ``distance_m`` or
            ``duration_s`` and ``tied``. Where nothing was reached, the id and the cost are missing.

        Raises
        ------
        CrsError, GeometryError, DuplicateIdError, InputError
            If the frame has no CRS, a row is not a point, an id occurs twice, or the cutoff is not a number of 0 or more.
        """
        require_cutoff(cutoff)
        b = self._side(destinations, "destinations", "site_id")
        cost, ids = np.full(self._graph.n, np.nan), np.full(self._graph.n, None, dtype=object)
        tied = np.zeros(self._graph.n, dtype=bool)
        if len(b.on):
            reached = nearest_places(self._graph, b.ends, b.rank[b.on], _reach(cutoff))
            there = np.isfinite(reached.cost)
            cost, tied = np.where(there, reached.cost, np.nan), there & (reached.least != reached.most)
            # Last of all, what stands for none.
            names = np.array([*b.ids.to_numpy()[b.by_rank], None], dtype=object)
            ids = names[np.where(there, reached.least, len(names) - 1)]
        name = COST_COLUMN[self.unit]
        return pd.DataFrame({"node_id": self.edges.node_id, "destination_id": objects(ids), name: cost, "tied": tied})

    def reached_roads(
        self, destinations: gpd.GeoDataFrame, *, cutoffs: Sequence[float] | float, together: bool = False
    ) -> gpd.GeoDataFrame:
        """Return the roads from which destinations are reached within cutoffs.

        Parameters
        ----------
        destinations
            Points in a stated CRS, identified by ``site_id`` where there is such a column, else by the index.
        cutoffs
            Costs in the model's unit, each above 0; one number for one.
        together
            Whether to take whatever destination is nearest, rather than each by itself.

        Returns
        -------
        geopandas.GeoDataFrame
            One row per destination and cutoff, in the order of the destinations and from the smallest cutoff, in EPSG:27700:
            ``site_id`` (missing where they are taken together), ``cutoff_m`` or ``cutoff_s``, ``status`` (``ok`` or
            ``unsnapped``) and the roads as lines, edges cut where the cutoff falls on them.

        Raises
        ------
        CrsError, GeometryError, DuplicateIdError, InputError
            If the frame has no CRS, a row is not a point, an id occurs twice, or there is no cutoff or one is not above 0.
        """
        import geopandas as gpd

        limits = require_limits(cutoffs)
        b = self._side(destinations, "destinations", "site_id")
        found, which = [], [np.arange(len(b.on))] if together else [np.array([i]) for i in range(len(b.on))]
        for some in which:
            ends = subset(b.ends, some)
            cost = node_costs(self._graph, ends, limits[-1])
            found.append([reached_parts(self.edges, self._graph, ends, cost, limit) for limit in limits])
        status = np.where(b.snapped.edge >= 0, "ok", "unsnapped").astype(object)
        ids = b.ids.to_numpy()
        if together:
            ids, status = np.array([None], dtype=object), np.array(["ok" if len(b.on) else "unsnapped"], dtype=object)
        none = np.empty(0, dtype=object)
        at = iter(found)
        every = [next(at) if s == "ok" else [none] * len(limits) for s in status]
        lines = [shapely.multilinestrings(parts[shapely.length(parts) > 0]) for row in every for parts in row]
        columns = {
            "site_id": objects(np.repeat(ids, len(limits))),
            f"cutoff_{self.unit}": np.tile(limits, len(status)),
            "status": objects(np.repeat(status, len(limits))),
        }
        return gpd.GeoDataFrame(columns, geometry=lines, crs=BNG)

    def snap(self, points: gpd.GeoDataFrame) -> pd.DataFrame:
        """Say where points meet the network.

        Parameters
        ----------
        points
            Points in a stated CRS.

        Returns
        -------
        pandas.DataFrame
            With the index of the points: ``edge`` (position in ``edges``, -1 where none is within reach), ``fraction``
            (from 0 at ``u`` to 1 at ``v``), ``snap_m`` and ``status`` (``ok`` or ``unsnapped``).

        Raises
        ------
        CrsError, GeometryError
            If the frame has no CRS or a row is not a point.
        """
        require_points(points, pd.Index(points.index), "points")
        found = self._snapped(points, "points")
        on = found.edge >= 0
        return pd.DataFrame(
            {
                "edge": found.edge,
                "fraction": np.where(on, found.fraction, np.nan),
                "snap_m": found.snap_m,
                "status": np.where(on, "ok", "unsnapped").astype(object),
            },
            index=points.index,
        )

    # ---------------------------------------------------------------------------------------------- inside

    @property
    def _answering(self) -> dict[str, Any]:
        """Settings that answers depend on, and none that they do not."""
        said: dict[str, Any] = {"max_snap_m": float(self.max_snap_m), "access": self.access}
        if self.impedance == "time":
            said["speeds"] = {name: float(speed) for name, speed in (self.speeds or {}).items()}
            if self.access == "count":
                said["access_speed_kmh"] = float(self.access_speed_kmh)
        return said

    @cached_property
    def _costs(self) -> tuple[NDArray[np.float64], NDArray[np.float64], list[Finding]]:
        if self.impedance == "time":
            return durations(self.edges, self.speeds)
        return self.edges.length_m, self.edges.length_m, []

    @cached_property
    def _graph(self) -> Graph:
        e = self.edges
        there = exact(self._costs[0])
        back = there if self._costs[1] is self._costs[0] else exact(self._costs[1])
        return Graph(len(e.x), e.u, e.v, there, np.where(e.oneway, np.inf, back), side_by_side(e.x, e.y))

    @cached_property
    def _snapper(self) -> Snapper:
        return Snapper(self.edges, self.max_snap_m)

    def _snapped(self, frame: gpd.GeoDataFrame, table: str) -> Snapped:
        geometry = to_bng(frame, table).to_numpy()
        return self._snapper.snap(shapely.get_x(geometry), shapely.get_y(geometry))

    def _sides(
        self, origins: gpd.GeoDataFrame, destinations: gpd.GeoDataFrame, cutoff: float | None
    ) -> tuple[Side, Side]:
        require_cutoff(cutoff)
        return self._side(origins, "origins", "demand_id"), self._side(destinations, "destinations", "site_id")

    def _side(self, frame: gpd.GeoDataFrame, table: str, column: str) -> Side:
        ids = ids_of(frame, table, column)
        require_points(frame, ids, table)
        snapped = self._snapped(frame, table)
        on = np.flatnonzero(snapped.edge >= 0)
        some = snapped.take(on)
        twins = self._snapper.twins(some.edge)
        per_metre = 0.0 if self.access == "ignore" else 1.0 if self.unit == "m" else 3.6 / self.access_speed_kmh
        return Side(ids, snapped, on, ends_of(self._graph, some, some.snap_m * per_metre, twins))

    def _table(self, answer: Answer, cutoff: float | None, *, every_pair: bool) -> CostTable:
        origins = answer.origin_frame(self._graph, cutoff)
        destinations = answer.destination_frame(self._graph, cutoff, every_pair=every_pair)
        return CostTable(answer.pair_frame(), origins, destinations, self.unit, cutoff, self.model_id)

    def _guess(self, a: Side, b: Side) -> float:
        """Return a cost within which most pairs will be: far points by a road a good deal longer than the straight line."""
        metres = self.edges.length_m.sum()
        if not len(a.on) or not len(b.on) or metres <= 0:
            return float("inf")
        x, y = (np.r_[getattr(a.ends.snapped, n), getattr(b.ends.snapped, n)] for n in ("x", "y"))
        apart = float(np.hypot(x.max() - x.min(), y.max() - y.min()))
        return max(1.6 * apart, 2 * self.max_snap_m) * float(self._graph.there.sum() / metres)


def _reach(cutoff: float | None) -> float | None:
    """Return the greatest rounded cost that counts as within a cutoff."""
    return None if cutoff is None else cutoff + CUTOFF_TOLERANCE
