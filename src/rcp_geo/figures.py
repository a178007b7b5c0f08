"""The figures that may be asked of an answer, beyond those that it holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from rcp_geo._coverage import Areas, areas_of, coverage_table
from rcp_geo._demandgroups import labelled_coverage, placed_groups
from rcp_geo._gaps import answers_of
from rcp_geo._reach import EVIDENCE, NearestBlock
from rcp_geo._supply import supply_table
from rcp_geo.catchments import Counting, Method, Recipe, Scope
from rcp_geo.contiguity import neighbours
from rcp_geo.curves import curve_areas, curve_rows, require_limit
from rcp_geo.decay import Decay, Weighing
from rcp_geo.deserts import (
    Evidence,
    desert_members,
    deserts_table,
    gap_islands,
    nearest_outside,
    require_need,
    to_nearest,
)
from rcp_geo.equity import Index, Missing, inequality_table, require_options
from rcp_geo.errors import InputError
from rcp_geo.grouping import groups_of, title_of
from rcp_geo.join import authority_of
from rcp_geo.planning.extending import extensions_of
from rcp_geo.planning.result import Plan, PlanModel
from rcp_geo.planning.siting import Candidates, candidates_of, costs_to, plan_sites, with_weights
from rcp_geo.precision import Asked, interval_rows, require_draws, rule_rows
from rcp_geo.robustness import Stance, flip_rows, flip_shares, moves_of, turning_rows
from rcp_geo.schema import counted, require_known
from rcp_geo.travel import CostTable, TravelModel
from rcp_geo.travel.model import COST_COLUMN
from rcp_geo.weighing import ByNeed, weigh

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from rcp_geo.boundaries import Boundaries
    from rcp_geo.directory import Directory
    from rcp_geo.need import Need

__all__ = ["Figures"]


class Figures:
    """What an :class:`~rcp_geo.Assessment` can be asked for."""

    directory: Directory
    boundaries: Boundaries
    demand: gpd.GeoDataFrame
    gaps: pd.DataFrame
    served: pd.DataFrame
    located: pd.DataFrame
    summary: pd.DataFrame
    coverage: pd.DataFrame
    as_of: dt.date
    model: TravelModel
    cutoffs: tuple[float, ...]
    by: str
    _blocks: tuple[NearestBlock, ...]

    @property
    def groups(self) -> list[str]:
        """The groups that are answered for, ``any`` last."""
        return self.summary.index.tolist()

    @cached_property
    def nearest(self) -> pd.DataFrame:
        """One row per demand point, group, relation and evidence: the nearest service and site, the cost and the status.

        ``relation`` is ``reached`` (the nearest wherever it is) or ``served`` (the nearest of those that serve the demand
        point's authority); ``evidence`` is ``certain`` or ``possible``. Where nothing was reached, service, site and cost
        are missing and ``status`` says why.
        """
        n = len(self.demand)
        sites = self.directory.sites
        site_ids, service_ids = sites["site_id"].to_numpy(dtype=object), sites["service_id"].to_numpy(dtype=object)
        services = pd.Index(pd.unique(service_ids))
        site = np.concatenate([b.site for b in self._blocks])
        # One extra at the end, so that -1, for no site, stays -1.
        service_of = np.r_[services.get_indexer(pd.Index(service_ids)), -1]
        labels = {
            "group": [b.group for b in self._blocks],
            "relation": [b.relation for b in self._blocks],
            "evidence": [b.evidence for b in self._blocks],
        }
        columns: dict[str, Any] = {"demand_id": np.tile(self.demand["demand_id"].to_numpy(), len(self._blocks))}
        for name, values in labels.items():
            kinds = list(dict.fromkeys(values))
            codes = np.repeat([kinds.index(v) for v in values], n)
            columns[name] = pd.Categorical.from_codes(codes, categories=pd.Index(kinds))
        columns["service_id"] = pd.Categorical.from_codes(service_of[site], categories=services)
        columns["site_id"] = pd.Categorical.from_codes(site, categories=site_ids)
        columns[COST_COLUMN[self.model.unit]] = np.concatenate([b.cost for b in self._blocks])
        columns["status"] = pd.Categorical(np.concatenate([b.status for b in self._blocks]))
        return pd.DataFrame(columns)

    def coverage_by(self, column: str, *, within: Literal["authority", "region"] | None = None) -> pd.DataFrame:
        """Take the figures of ``coverage`` over each group of the demand, such as each deprivation decile.

        Parameters
        ----------
        column
            A column of ``demand``: a decile, urban or rural, an age group, any of your own.
        within
            Take them in each ``authority`` or each ``region``; over all of the demand that lies in an authority if left out.

        Returns
        -------
        pandas.DataFrame
            The columns of ``coverage`` and ``weight``, that of the group. ``area_type`` is the name of the column, ``area_code``
            and ``area_name`` the group as text: the code an ordered categorical, categories in their own order, numbers by
            value, then texts. Points without a value, or with a blank one, are the group ``missing``, the last. With
            ``within``, ``within_type``, ``within_code`` and ``within_name`` stand in front, and every group has its rows in
            every area; where it has no demand ``reason`` is ``no_demand``.

        Raises
        ------
        MissingColumnError
            If the demand has no such column.
        InputError
            If the column holds geometry, ``within`` is neither, or there would be more than 50,000 pairs of area and group.

        Notes
        -----
        The weights of the groups add up to that of the country, and its shares are theirs, weighted. Demand that lies in no
        authority is in no group, as it is not in the country. Means and quantiles are over what is reached, so they recombine
        only with ``reached_share``.

        See Also
        --------
        read_demand : demand with columns to group by.

        Examples
        --------
        >>> demand = load_demand()
        >>> demand["half"] = np.where(demand["northing"] > 300_000, "north", "south")
        >>> rows = assess(demand=demand, as_of="2022-11-01").coverage_by("half")
        >>> rows.drop_duplicates("area_code")[["area_type", "area_code", "weight"]].values.tolist()
        [['half', 'north', 13274.0], ['half', 'south', 19570.0]]
        """
        weight, areas = self._weight, {a.kind: a for a in self._levels}
        if within is not None and within not in ["authority", "region"]:
            raise InputError(f"within: {within!r} is not authority or region; leave it out for the country")
        if within is not None and within not in areas:
            raise InputError(f"within: the boundaries have no {within}; leave it out for the country")
        cut, groups = placed_groups(self.demand, column, areas[within or "country"])
        table = coverage_table(list(self._blocks), [cut], weight, self.cutoffs, self.model.unit)
        return labelled_coverage(table, groups, cut, areas[within] if within else None, weight, len(self._blocks))

    def inequality(
        self,
        index: Index,
        *,
        rank: str | None = None,
        groups: str | None = None,
        bounds: tuple[float, float] | None = None,
        line: float | None = None,
        alpha: Literal[0, 1, 2] | None = None,
        thresholds: tuple[float, float] | None = None,
        missing: Missing = "raise",
    ) -> pd.DataFrame:
        """Say how unevenly the cost to the nearest service is spread over the people who reach one.

        Parameters
        ----------
        index
            An index of :func:`inequality`: ``gini``, ``theil``, ``theil_between``, ``theil_within``, ``palma``,
            ``concentration``, ``erreygers`` or ``fgt``, of which the last is of costs above the line.
        rank
            Of ``palma``, ``concentration`` and ``erreygers``: a column of the demand that grows from the worst off to the best
            off, such as a rank or decile of deprivation of which 1 is the most deprived.
        groups
            Of ``theil_between`` and ``theil_within``: a column of the demand; or ``authority_code`` or ``region_code``, by the
            authority that a point lies in.
        bounds
            Of ``erreygers``: the least and the greatest cost that there could be, in the model's unit.
        line
            Of ``fgt``: the cost beyond which a service is too far, in the model's unit.
        alpha
            Of ``fgt``: 0 for the share of people who are beyond the line (if left out), 1 for how far beyond it, 2 for the
            same with the furthest weighing more.
        thresholds
            Of ``palma``: the ranks up to which and beyond which people are the poorest and the richest; of deciles ``(4, 9)``.
        missing
            Where a demand point has no rank or no group: ``raise`` an error that says how many, or ``drop`` the point.

        Returns
        -------
        pandas.DataFrame
            One row per group, relation and evidence, as in ``coverage`` for England: ``group``, ``relation``, ``evidence``,
            ``metric_id``, ``value``, ``unit``, ``reached_share`` (share of all demand that reaches a service), ``left_out``
            (share of all demand that reaches one and has no rank or no group) and ``reason`` (why most of the rest was not
            reached; ``not_defined`` where the index is not). The value is over the demand that is reached and not left out.

        Raises
        ------
        InputError
            If the index or an option is not known; an option is missing or is one that the index does not take, of which
            ``erreygers`` needs ``bounds`` here; or a point has no rank or no group.
        MissingColumnError
            If the demand does not have the column.

        See Also
        --------
        inequality : the indices, and what each of them says.

        Notes
        -----
        Demand that reaches nothing has no cost, and no index can hold it: where ``reached_share`` is below 1, read the two
        together. The values are costs. With a rank of which 1 is the most deprived, ``concentration`` and ``erreygers`` below
        0, and ``palma`` below 1, say that the more deprived travel further.

        Examples
        --------
        >>> rows = assess(as_of="2022-11-01").inequality("theil_between", groups="region_code")
        >>> rows.loc[0, ["group", "relation", "evidence", "metric_id"]].tolist()
        ['pause', 'reached', 'certain', 'rcp.equity.theil_between@1']
        """
        given = {"rank": rank, "groups": groups, "bounds": bounds, "line": line, "alpha": alpha}
        given |= {"thresholds": thresholds, "poor": "above" if index == "fgt" else None}
        asked = require_options(index, given)
        areas = self.boundaries.frame[["authority_code", "region_code"]].reset_index(drop=True)
        # -1, for no authority, is not among them; a blank region is none.
        areas = areas.where(areas != "").reindex(self._levels[0].of)
        nearest = [((b.group, b.relation, b.evidence), b.cost, b.status) for b in self._blocks]
        return inequality_table(nearest, self.demand, areas, asked, rank=rank, groups=groups, missing=missing)

    def need(self, need: Need) -> ByNeed:
        """Weigh the answers by how many people there are who may need a service.

        Parameters
        ----------
        need
            Counts per authority, of any vintage, or per demand point, from :func:`read_need`.

        Returns
        -------
        ByNeed
            ``gaps``: for each group the least and the greatest share of need in authorities without a service, over the values
            that suppressed cells may have and the answers that are unknown; ``coverage``, for need by demand point: the share
            within each cutoff and the mean cost, each with its ends; ``sentence(group)``; ``findings``.

        Raises
        ------
        UnknownAuthorityError
            If a code is of no English authority since 2011.
        InputError
            If two rows share ground, or are of an authority without a polygon or of no demand point.
        VintageError
            If an authority was carried to one that has no polygon.

        Examples
        --------
        >>> table = pd.DataFrame({"authority_code": ["E06000001", "E06000002"], "children": ["40", "c"]})
        >>> children = read_need(table, value="children", suppressed={"c": (1, 5)})
        >>> found = assess(as_of="2022-11-01").need(children)
        >>> found.gaps.loc["any", ["suppressed", "unbounded"]].tolist()  # 150 authorities have no row
        [151, 150]
        """
        return weigh(
            need,
            self.gaps,
            self.boundaries,
            self.demand,
            self._blocks,
            cutoffs=self.cutoffs,
            unit=self.model.unit,
            as_of=self.as_of,
        )

    def curve(
        self,
        group: str = "any",
        *,
        relation: Literal["reached", "served"] = "reached",
        evidence: Literal["certain", "possible"] = "certain",
        by: Literal["authority", "region", "country"] = "country",
        upto: float | None = None,
    ) -> pd.DataFrame:
        """Return the share of demand within every cost, of which the shares in ``coverage`` are single points.

        Parameters
        ----------
        group
            A group, or ``any``.
        relation, evidence
            As in ``coverage``.
        by
            The areas: ``country``, ``region`` or ``authority``.
        upto
            Leave out what costs more, in the model's unit; None for all of it.

        Returns
        -------
        pandas.DataFrame
            ``area_code``, ``area_name``, ``distance_m`` (or ``duration_s``) and ``share``, areas in their order,
            costs rising: one row for each cost at which the share grows, to hold until the next, and one for 0. The
            share of all demand, so that it ends at the share that is reached; missing, in one row, for an area
            without demand.

        Raises
        ------
        InputError
            If there is no such group, relation, evidence or area, or ``upto`` is not a number above 0.

        See Also
        --------
        curve_area : one number for a curve.

        Examples
        --------
        >>> curve = assess(as_of="2022-11-01").curve("fdac", upto=32_186.88)
        >>> round(float(curve["share"].iloc[-1]), 2)  # within 20 miles of a court that is known to sit
        0.45
        """
        block = self._block(group, relation, evidence)
        kinds = {areas.kind: areas for areas in self._levels}
        require_known("by", by, kinds)
        limit = None if upto is None else require_limit(upto, ())
        found = curve_rows(kinds[by], self._weight, block.cost, self.model.unit, limit)
        found.attrs = {"metric_id": "rcp.access.share_within@1"}
        return found

    def curve_area(self, upto: float | None = None) -> pd.DataFrame:
        """Take the area under every curve, as a share of the most that it could be (``rcp.access.curve_area@1``).

        Parameters
        ----------
        upto
            Cost at which to stop, in the model's unit; the greatest cutoff if left out.

        Returns
        -------
        pandas.DataFrame
            The columns of ``coverage``, one row per area, group, relation and evidence, ``cutoff`` being the cost at
            which the area stops: 1 where all demand is at a site, 0 where none is nearer than that. It is the mean
            over all demand of how much nearer than that people are, those who reach nothing counted as not at all.

        Raises
        ------
        InputError
            If ``upto`` is not a number above 0, or is left out where there are no cutoffs.

        Examples
        --------
        >>> rows = assess(as_of="2022-11-01").curve_area()
        >>> rows.query("area_type == 'country' and group == 'any' and relation == 'reached'")["value"].round(2).tolist()
        [0.39, 0.56]
        """
        limit = require_limit(upto, self.cutoffs)
        return curve_areas(self.coverage, self._blocks, self._levels, self._weight, limit)

    def turning_cutoffs(self, *, cutoff: float | None = None, share: float = 0.5) -> pd.DataFrame:
        """Find the cutoff at which each authority's answer turns to yes (``rcp.robust.turning_cutoff@1``).

        The answer is whether at least a share of the authority's demand is within the cutoff.

        Parameters
        ----------
        cutoff
            The cutoff in use, in the model's unit; the greatest of the assessment if left out.
        share
            Share of demand that must be within it; 0 asks for any demand at all.

        Returns
        -------
        pandas.DataFrame
            One row per authority, group, relation and evidence: ``area_code``, ``area_name``, ``group``,
            ``relation``, ``evidence``, ``metric_id``, ``share``, ``value`` (the turning cutoff; missing where the
            answer is no at every cutoff), ``unit``, ``cutoff``, ``margin`` (the cutoff less the value: how much the
            cutoff may shrink before the answer is no; below 0, how much it must grow), ``answer`` (``within``,
            ``beyond`` or ``no_demand``) and ``reason`` (why there is no value).

        Raises
        ------
        InputError
            If the cutoff is not a number of 0 or more, the share is not one, or there is no cutoff.

        See Also
        --------
        flips : the answers that a small move of the cutoff changes.

        Examples
        --------
        >>> rows = assess(as_of="2022-11-01").turning_cutoffs().query("group == 'any' and relation == 'reached'")
        >>> rows.query("evidence == 'certain' and area_name == 'Kent'")["answer"].item()
        'beyond'
        """
        return self._turning(Stance.of(cutoff, share, self.cutoffs))

    def flips(
        self,
        *,
        cutoff: float | None = None,
        share: float = 0.5,
        change: float = 0.1,
        circuity_error: float | None = None,
    ) -> pd.DataFrame:
        """List the authorities whose answer flips when the cutoff moves a little, or the circuity factor by its error.

        Parameters
        ----------
        cutoff, share
            The answer, as in :meth:`turning_cutoffs`.
        change
            How much the cutoff moves, either way, as a share of it.
        circuity_error
            How much the factor of a :class:`Circuity` moves, either way; the standard error of its calibration if left out.

        Returns
        -------
        pandas.DataFrame
            One row per authority, group, relation, evidence and move that flips its answer: ``metric_id``
            (``rcp.robust.flip_cutoff@1`` or ``rcp.robust.flip_circuity@1``), ``moved_to`` (the cutoff or the factor),
            ``before`` and ``after`` (``within`` or ``beyond``), ``turning_cutoff`` and ``weight`` (of the authority's
            demand).

        Raises
        ------
        InputError
            If the cutoff, the share or the change is not one, or an error is given for a model without a circuity factor.

        Notes
        -----
        Straight lines have no factor and so no error; nor has a :class:`Circuity` of which none is stated. Then only
        the cutoff is moved, and :meth:`robustness` says why. A factor does not fall below 1.

        See Also
        --------
        robustness : how many they are, and how many people live in them.

        Examples
        --------
        >>> rows = assess(as_of="2022-11-01").flips()
        >>> sorted(set(rows["after"]))
        ['beyond', 'within']
        """
        stance = Stance.of(cutoff, share, self.cutoffs)
        moves = moves_of(stance, self.model, change, circuity_error)
        return flip_rows(self._turning(stance), self._levels[0], self._weight, moves)

    def robustness(
        self,
        *,
        cutoff: float | None = None,
        share: float = 0.5,
        change: float = 0.1,
        circuity_error: float | None = None,
    ) -> pd.DataFrame:
        """Say what share of the authorities' answers flips when the cutoff or the circuity factor moves.

        Parameters
        ----------
        cutoff, share, change, circuity_error
            As in :meth:`flips`.

        Returns
        -------
        pandas.DataFrame
            One row per group, relation, evidence and metric (``rcp.robust.flip_cutoff@1``,
            ``rcp.robust.flip_circuity@1``): ``cutoff`` and ``share``, ``low`` and ``high`` (what the cutoff or the
            factor is moved to), ``value`` (share of the authorities with demand whose answer flips either way),
            ``unit``, ``weight_share`` (share of their demand that lives in those), ``authorities`` (those with
            demand), ``become_within``, ``become_beyond`` and ``reason`` (why there is no value: ``straight_lines``,
            ``no_error_stated``, ``no_circuity_factor`` or ``no_demand``).

        Raises
        ------
        InputError
            As :meth:`flips`.

        Examples
        --------
        >>> rows = assess(as_of="2022-11-01").robustness()
        >>> rows.loc[rows["metric_id"] == "rcp.robust.flip_circuity@1", "reason"].unique().tolist()
        ['straight_lines']
        """
        stance = Stance.of(cutoff, share, self.cutoffs)
        moves = moves_of(stance, self.model, change, circuity_error)
        turning = self._turning(stance)
        flipped = flip_rows(turning, self._levels[0], self._weight, moves)
        return flip_shares(turning, flipped, self._levels[0], self._weight, moves, self.model)

    def location_rules(self) -> pd.DataFrame:
        """Say of each site where else it may be, which is what :meth:`location_interval` draws from.

        Returns
        -------
        pandas.DataFrame
            One row per site in the order of ``directory.sites``: ``site_id``, ``service_id``, ``precision``,
            ``rule``, ``places`` (how many it may be at), ``median_m`` and ``p90_m`` (half of these, and nine in ten,
            by weight, are no further from its point than so many metres in a straight line). The rules: ``exact``
            (known by its point or full postcode; stays), ``postcodes`` (known by its district or sector; any postcode
            of it, all alike), ``demand`` (known by a place or by the authorities that its service serves; any demand
            point of these, by weight), ``left`` (none of these, or nothing is known of its district, sector, place or
            authorities; stays) and ``no_point``.

        Examples
        --------
        >>> assess(as_of="2022-11-01").location_rules()["rule"].value_counts().to_dict()
        {'postcodes': 57, 'demand': 36}
        """
        return rule_rows(self._asked)

    def location_interval(
        self,
        *,
        draws: int = 200,
        seed: int = 0,
        level: float = 0.9,
        relations: Sequence[str] = ("reached",),
    ) -> pd.DataFrame:
        """Carry the rough places of sites into an interval of every figure of ``coverage``.

        In each draw every site that is not known exactly is put at random where else it may be, and the figures are
        taken again (``rcp.robust.location_interval@1``).

        Parameters
        ----------
        draws
            How many draws.
        seed
            Of the random numbers: the same seed gives the same bytes, in whatever order the sites come.
        level
            Share of the draws that the interval holds, as much left out at either end.
        relations
            ``reached``, ``served`` or both.

        Returns
        -------
        pandas.DataFrame
            The rows of ``coverage`` of these relations: ``area_type``, ``area_code``, ``area_name``, ``group``,
            ``relation``, ``evidence``, ``metric_id``, ``cutoff``, ``value`` (the figure itself, with sites at their
            points), ``low``, ``median`` and ``high`` of the draws, ``unit``, ``draws``, ``moved`` (sites of these
            services that are moved) and ``left`` (those that are not known exactly and stay all the same). ``attrs`` has
            the seed and the level.

        Raises
        ------
        InputError
            If draws, seed, level or relations cannot be used, or the model is a :class:`TravelMatrix`, which has no costs to
            other places.

        Notes
        -----
        Sites are drawn independently of one another, two in one district too, each by its own stream of PCG64 that
        follows from the seed and the site's id. Straight lines to moved sites are taken from their chords, right to a
        centimetre at 100 km and to a metre at 500 km; any other model is asked anew in every draw, so a search of a
        large network takes as many times longer. A quantile is the smallest value that so large a share of the draws
        do not exceed; missing where a draw has no value.

        A site's own point is the most central place of its district, so a figure may lie outside its interval: from
        anywhere else the way is on the whole longer. The interval is of the places of the sites that are recorded,
        and of nothing else.

        See Also
        --------
        location_rules : where each site may be.

        Examples
        --------
        >>> rows = assess(as_of="2022-11-01").location_interval(draws=20)
        >>> row = rows.query("area_type == 'country' and group == 'any' and evidence == 'certain'").iloc[-1]
        >>> bool(row["low"] <= row["median"] <= row["high"])
        True
        """
        asked = require_draws(draws, seed, level, relations)
        return interval_rows(
            self._asked, self.coverage, self._levels, self.cutoffs, draws=draws, seed=seed, level=level, relations=asked
        )

    @cached_property
    def _levels(self) -> list[Areas]:
        """Authorities, regions and the country, with where each demand point lies."""
        return areas_of(self.boundaries.frame, authority_of(self.demand, self.boundaries))

    @property
    def _weight(self) -> NDArray[np.float64]:
        return np.asarray(self.demand["weight"], dtype=np.float64)

    @property
    def _asked(self) -> Asked:
        """What the costs were asked of."""
        codes = pd.Index(self.boundaries.frame["authority_code"], dtype=object)
        status, groups = self.directory.status_on(self.as_of), groups_of(self.directory.services, self.by)
        return Asked(self.directory, self.demand, self.model, self._levels[0].of, codes, self.served, status, groups)

    def _block(self, group: str, relation: str, evidence: str) -> NearestBlock:
        """Return the costs of one group, relation and evidence, or raise where there are none."""
        for name, given, known in (
            ("group", group, self.groups),
            ("relation", relation, ["reached", "served"]),
            ("evidence", evidence, list(EVIDENCE)),
        ):
            require_known(name, given, known)
        return next(b for b in self._blocks if (b.group, b.relation, b.evidence) == (group, relation, evidence))

    def _turning(self, stance: Stance) -> pd.DataFrame:
        return turning_rows(self.coverage, self._blocks, self._levels[0], self._weight, stance)

    def supply(
        self,
        method: Method,
        *,
        cutoff: float | Sequence[float] | None = None,
        decay: Decay | Weighing | Mapping[float, float] | None = None,
        scope: Scope = "catchment",
        counting: Counting | None = None,
    ) -> pd.DataFrame:
        """Measure how much supply reaches the people of each area: the mean of :func:`supply` over their demand.

        Parameters
        ----------
        method, cutoff, decay, scope
            As :func:`supply` takes them; costs are in the unit of the model.
        counting
            ``capacity`` or ``services``. Left out, supply is counted in capacity where ``directory.services`` has it of every
            service that counts, and in services where it has it of none.

        Returns
        -------
        pandas.DataFrame
            One row for each area, group and evidence, with the columns of ``coverage``: ``value`` is the mean over all demand,
            those who reach nothing counting 0; ``reached_share`` the share of demand that has any; ``reason`` why most of the
            rest has none. ``relation`` is ``reached``; ``evidence`` is ``certain`` (operating services) or ``possible`` (those of
            unknown status added). ``cutoff`` is the greatest of several. ``attrs`` says how it was made.

        Raises
        ------
        MissingColumnError
            If capacity is asked for and there is none.
        InputError
            If the method does not go with what else was asked, or a capacity is no number or is known of some services only.

        Notes
        -----
        A service at several sites shares its capacity, or its count of one, equally between those that have a point. Each group
        is shared out as if there were no other. All demand competes, also what lies in no authority.

        Examples
        --------
        >>> table = assess(as_of="2022-11-01").supply("2sfca", cutoff=20 * rg.travel.METRES_PER_MILE)
        >>> table.query("area_type == 'authority' and group == 'fdac' and evidence == 'certain'").shape[0]
        152
        """
        recipe = Recipe.of(method, cutoff, decay, scope)
        groups = groups_of(self.directory.services, self.by)
        return supply_table(
            recipe, self.directory, self.demand, self.model, self._levels, groups, self.as_of, counting=counting
        )

    def deserts(
        self,
        group: str = "any",
        *,
        evidence: Evidence = "certain",
        crossings: bool = True,
        need: pd.Series | None = None,
        tolerance_m: float = 0.0,
    ) -> pd.DataFrame:
        """Find the connected groups of neighbouring authorities with no service of a group.

        Parameters
        ----------
        group
            A group, such as ``fdac``, or ``any`` for authorities with none at all.
        evidence
            ``certain``: authorities answered ``none_recorded`` or ``in_development``; ``possible``: ``unknown`` too.
        crossings
            Take authorities on two sides of water as neighbours where a bridge, tunnel or ferry joins them.
        need
            A number per authority, 0 or more, indexed by its code, such as children in care proceedings; missing where it is not
            known. Not modified.
        tolerance_m
            How far apart, in metres, two lines may be that are the same border; see :func:`neighbours`.

        Returns
        -------
        pandas.DataFrame
            One row per desert, the most demand first, indexed by ``desert_id`` (the smallest code in it): ``group``,
            ``evidence``, ``authorities`` (how many), ``names`` and ``regions`` (a semicolon between several;
            :meth:`desert_members` has a row for each authority), ``area_km2``, ``unknown`` (authorities in it answered so),
            ``certain_ids`` (the certain deserts that it is made of, a semicolon between several) and ``possible_id`` (the
            possible desert that it lies in); ``demand`` (weight) and ``demand_share`` (of the demand in all authorities);
            where a need is given, ``need`` (missing if that of any authority in it is) and ``need_missing`` (of how many it
            is); ``nearest_service_id`` and ``nearest_site_id`` (the operating site that is the nearest for most of its
            demand), ``nearest_inside`` (whether that site lies in the desert, working for others), ``nearest_share`` (of
            its demand, for which that site is the nearest); ``mean_distance_m``, ``least_distance_m``, ``most_distance_m``
            (or ``_duration_s``: from each point to its own nearest operating site), ``reached_share`` and ``reason``;
            ``neighbours`` (authorities around it), ``neighbours_served`` (of these, served in whole or part) and
            ``border_served_m`` (length of the border with them); ``outside_service_id``, ``outside_site_id`` (the operating
            site outside it that is the nearest for most of its demand) and ``outside_mean_distance_m``.

        Raises
        ------
        InputError
            If there is no such group or evidence, the tolerance is not a number of 0 or more, or a need is not.
        DuplicateIdError, VintageError, UnknownAuthorityError
            If a code of ``need`` occurs twice, is of another vintage, or of no authority.

        See Also
        --------
        desert_members : the authorities of each.
        gap_islands : those that are alone among served ones.

        Notes
        -----
        Which authorities are neighbours says nothing of how people travel, and no service recorded is not no service: a
        desert is a statement on the record. Areas are those of the National Grid.

        Examples
        --------
        >>> rows = assess(as_of="2022-11-01").deserts("any", crossings=False)
        >>> rows.loc["E06000046", ["names", "nearest_service_id"]].tolist()
        ['Isle of Wight', 'pause-west-sussex']
        """
        stated = None if need is None else require_need(need, self.boundaries)
        answers, graph = answers_of(self.gaps, group), self._graph(crossings, tolerance_m)
        points = to_nearest(self.nearest, self.demand, self._authority(), self.located, group)
        table = deserts_table(answers, graph, self.boundaries.frame, points, evidence=evidence, need=stated)
        located = self.located.set_index("site_id")["authority_code"]
        sites = self.operating_sites(group).assign(located_code=lambda own: own["site_id"].map(located))
        return table.join(nearest_outside(answers, graph, points, self.demand, sites, self.model, evidence=evidence))

    def desert_members(self, group: str = "any", *, crossings: bool = True, tolerance_m: float = 0.0) -> pd.DataFrame:
        """Say which desert each authority with no service of a group is in.

        Parameters
        ----------
        group, crossings, tolerance_m
            As for :meth:`deserts`.

        Returns
        -------
        pandas.DataFrame
            One row per authority without a service, certain or possible, indexed by ``authority_code``: ``authority_name``,
            ``region_name``, ``answer``, ``certain_id`` (the certain desert that it is in; missing where the answer is
            ``unknown``) and ``possible_id``.

        Raises
        ------
        InputError
            If there is no such group, or the tolerance is not a number of 0 or more.

        Examples
        --------
        >>> rows = assess(as_of="2022-11-01").desert_members("fdac")
        >>> rows.loc["E10000027", ["authority_name", "answer"]].tolist()
        ['Somerset', 'none_recorded']
        """
        return desert_members(answers_of(self.gaps, group), self._graph(crossings, tolerance_m))

    def gap_islands(
        self, group: str = "any", *, evidence: Evidence = "certain", crossings: bool = True, tolerance_m: float = 0.0
    ) -> pd.DataFrame:
        """List the authorities with no service of a group whose neighbours all have one: a footprint could be extended.

        Parameters
        ----------
        group, evidence, crossings, tolerance_m
            As for :meth:`deserts`.

        Returns
        -------
        pandas.DataFrame
            One row per authority, neighbour and operating service that serves the whole or part of the neighbour;
            authorities by their cheapest service, then their services by cost: ``authority_code``, ``authority_name``,
            ``region_name``, ``answer``, ``demand``; ``neighbour_code``, ``neighbour_name``, ``neighbour_answer``, ``border_m``
            (0 where water lies between); ``service_id``, ``service_name``, ``service_answer`` (``served`` or ``part``, of the
            neighbour); ``site_id`` (its site that is the nearest for most of the authority's demand), ``mean_distance_m``,
            ``least_distance_m``, ``most_distance_m`` (or ``_duration_s``: from each point of the authority to the nearest site
            of the service), ``reached_share`` and ``reason``.

        Raises
        ------
        InputError
            If there is no such group or evidence, or the tolerance is not a number of 0 or more.

        Notes
        -----
        An authority without neighbours is none of these. Whether a service has room for another authority is not in the record.

        Examples
        --------
        >>> rows = assess(as_of="2022-11-01").gap_islands("fdac")
        >>> rows["neighbour_answer"].isin(["served", "part"]).all()
        np.True_
        """
        members = groups_of(self.directory.services, self.by)
        answers, graph = answers_of(self.gaps, group), self._graph(crossings, tolerance_m)
        serving = self.served[self.served["service_id"].isin(members[group])]
        authority, sites = self._authority(), self.directory.sites
        return gap_islands(answers, graph, serving, self.demand, authority, sites, self.model, evidence=evidence)

    def plot_deserts(
        self,
        group: str = "any",
        *,
        evidence: Evidence = "certain",
        crossings: bool = True,
        tolerance_m: float = 0.0,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw a map of the answers with the deserts outlined, and numbered from the one with the most demand.

        Parameters
        ----------
        group, evidence, crossings, tolerance_m
            As for :meth:`deserts`.
        ax
            Axes to draw on; new ones if left out.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        InputError
            If there is no such group or evidence, or the tolerance is not a number of 0 or more.
        MissingExtraError
            If matplotlib is not installed; it comes with the extra ``viz``.
        """
        from rcp_geo.view.plot_deserts import plot_deserts

        table = self.deserts(group, evidence=evidence, crossings=crossings, tolerance_m=tolerance_m)
        members = self.desert_members(group, crossings=crossings, tolerance_m=tolerance_m)[f"{evidence}_id"]
        polygons = self.boundaries.frame.merge(self.gaps[[group]], left_on="authority_code", right_index=True)
        day = f"{self.as_of.day} {self.as_of:%B %Y}"
        title = f"{title_of(group, self.by)}, {day}\n{counted(len(table), f'{evidence} deserts')}, by demand"
        source, order = self.boundaries.source, table.index.tolist()
        return plot_deserts(polygons, group, members, order, title=title, source=source, ax=ax)

    def _graph(self, crossings: bool, tolerance_m: float) -> nx.Graph:
        return neighbours(self.boundaries, crossings=crossings, tolerance_m=tolerance_m)

    def _authority(self) -> NDArray[np.object_]:
        """Return the code of the authority that each demand point lies in, None for none."""
        codes = np.array([*self.boundaries.frame["authority_code"], None], dtype=object)
        return codes[self._levels[0].of]

    def operating_sites(
        self, group: str = "any", *, evidence: Literal["certain", "possible"] = "certain"
    ) -> gpd.GeoDataFrame:
        """Return the sites of a group that people can go to on the date.

        Parameters
        ----------
        group
            A group, such as ``fdac``, or ``any``.
        evidence
            ``certain``: of services that operate; ``possible``: also of those whose status is unknown.

        Returns
        -------
        geopandas.GeoDataFrame
            Rows of ``directory.sites`` with a point, in their order.

        Raises
        ------
        InputError
            If there is no such group, or no such evidence.

        Examples
        --------
        >>> len(assess(as_of="2022-11-01").operating_sites("fdac"))
        13
        """
        require_known("group", group, self.groups)
        if evidence not in EVIDENCE:
            raise InputError(f"evidence: {evidence!r} is not known; use {' or '.join(EVIDENCE)}")
        sites = self.directory.sites
        status = sites["service_id"].map(self.directory.status_on(self.as_of))
        counted = status.isin(["operating"] if evidence == "certain" else ["operating", "unknown"])
        counted &= sites["service_id"].isin(groups_of(self.directory.services, self.by).counting(group, evidence))
        return sites[counted & ~(sites.geometry.isna() | sites.geometry.is_empty)]

    def costs(
        self,
        group: str = "any",
        *,
        candidates: gpd.GeoDataFrame | Candidates = "authorities",
        cutoff: float | None = None,
        evidence: Literal["certain", "possible"] = "certain",
    ) -> CostTable:
        """Work out what it costs the demand to get to the sites of a group, and to candidates.

        Parameters
        ----------
        group, evidence
            Which sites, as in :meth:`operating_sites`.
        candidates
            ``authorities`` for one in each (:func:`candidate_sites`), ``postcode_districts`` for one in each of those, or points
            with ``site_id``.
        cutoff
            Greatest cost to look for, in the model's unit; None for all.

        Returns
        -------
        CostTable
            For :func:`plan` and :func:`what_if`, with ``operating_sites(group)["site_id"]`` as the existing ones.

        Raises
        ------
        InputError, DuplicateIdError, CrsError, GeometryError, TravelError
            If there is no such group, a candidate has the id of a site, or points or costs cannot be used.

        Examples
        --------
        >>> answer = assess(as_of="2022-11-01")
        >>> len(answer.costs("fdac", cutoff=32_186.88).destinations)
        165
        """
        places = candidates_of(candidates, self.demand, self.boundaries)
        return costs_to(self.demand, self.operating_sites(group, evidence=evidence), places, self.model, cutoff)

    def plan(
        self,
        group: str = "any",
        *,
        model: PlanModel = "mclp",
        cutoff: float | None = None,
        candidates: gpd.GeoDataFrame | Candidates = "authorities",
        evidence: Literal["certain", "possible"] = "certain",
        weights: pd.Series | None = None,
        **options: Any,  # noqa: ANN401 - those of plan
    ) -> Plan:
        """Choose where the next sites of a group should be, beside those that operate.

        Parameters
        ----------
        group, evidence
            Which sites are there already, as in :meth:`operating_sites`.
        model
            ``mclp``, ``lscp``, ``p-median`` or ``p-center``, as in :func:`plan`.
        cutoff
            Cost within which demand is covered, in the travel model's unit; 20 miles if left out of a model that covers.
        candidates
            ``authorities`` for one in each (:func:`candidate_sites`), ``postcode_districts`` for one in each of those, or points
            with ``site_id``.
        weights
            Need, or another measure in place of the demand's weights, by ``demand_id``.
        options
            Further arguments of :func:`plan`, such as ``p`` (1 if neither it nor a budget is given) and ``k_best``.

        Returns
        -------
        Plan
            Of relation ``reached``: who has a site near enough, whichever authority it works for.

        Raises
        ------
        InputError, InfeasibleError, DuplicateIdError, CrsError, GeometryError, TravelError
            As :func:`plan` and :meth:`costs`.

        Examples
        --------
        >>> found = assess(as_of="2022-11-01").plan("fdac", p=2)
        >>> found.status, found.gap, len(found.sites)
        ('optimal', 0.0, 2)
        """
        if model != "lscp" and "p" not in options and "budget" not in options:
            options["p"] = 1
        sites = self.operating_sites(group, evidence=evidence)
        places = candidates_of(candidates, self.demand, self.boundaries)
        held = next(b.cost for b in self._blocks if (b.group, b.relation, b.evidence) == (group, "reached", evidence))
        demand = with_weights(self.demand, weights)
        return plan_sites(demand, sites, places, self.model, held, ask=model, cutoff=cutoff, **options)

    def extensions(self, group: str = "any", *, weights: pd.Series | None = None) -> pd.DataFrame:
        """List whose footprint could grow: gap authorities beside those that an operating service works for.

        Parameters
        ----------
        group
            A group, such as ``fdac``, or ``any``.
        weights
            Need, or another measure in place of the demand's weights, by ``demand_id``.

        Returns
        -------
        pandas.DataFrame
            One row per authority whose answer is ``none_recorded`` or ``in_development`` and operating service of the group that
            works for a neighbour of it, whole or in part, the heaviest authority first and its nearest service first:
            ``rank`` (of the authority), ``authority_code``, ``authority_name``, ``answer``, ``service_id``, ``through`` (the
            neighbours that it works for, by code; a semicolon between several), ``weight`` (of the demand that would be served)
            and ``mean_distance_m`` (or ``_duration_s``; of that demand to the service's nearest site, missing where it has none).

        Raises
        ------
        InputError
            If there is no such group, or a demand point has no weight.

        Notes
        -----
        Of relation ``served``. Each authority adds its own demand whatever else is added, so that the first p ranks are the p
        extensions by which most demand gains a service. Neighbours are those of :func:`neighbours`.

        Examples
        --------
        >>> rows = assess(as_of="2022-11-01").extensions("fdac")
        >>> rows.loc[0, ["authority_name", "answer", "service_id"]].tolist()
        ['Surrey', 'none_recorded', 'fdac-london']
        """
        sites = self.operating_sites(group)
        members = groups_of(self.directory.services, self.by)[group]
        status = self.directory.status_on(self.as_of)
        running = [s for s in members if status.get(s) == "operating"]
        demand, authority = with_weights(self.demand, weights), self._levels[0].of
        serving = self.served[self.served["service_id"].isin(running)]
        return extensions_of(self.gaps[group], serving, sites, demand, authority, self.boundaries, self.model)
