"""What was found for one date, and how to read, draw, save and cite it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from rcp_geo import resources
from rcp_geo._coverage import MEAN, Areas, areas_of, coverage_rows
from rcp_geo._gaps import counted_by, gaps_table, list_gaps
from rcp_geo._reach import EVIDENCE, NearestBlock
from rcp_geo.authorities import FIRST_DAY, register
from rcp_geo.boundaries import load_boundaries
from rcp_geo.citation import Style, cited
from rcp_geo.citation import version as own_version
from rcp_geo.crs import to_bng
from rcp_geo.curves import curve_areas, curve_rows, require_limit
from rcp_geo.demand import load_demand
from rcp_geo.directory import groups_of, load_directory
from rcp_geo.errors import InputError
from rcp_geo.join import authority_of, served
from rcp_geo.precision import Asked, interval_rows, require_draws, rule_rows
from rcp_geo.provenance import InputRecord, digest_of, record_table, versions
from rcp_geo.robustness import Stance, flip_rows, flip_shares, moves_of, turning_rows
from rcp_geo.schema import TABLES
from rcp_geo.travel import TravelModel
from rcp_geo.travel.model import COST_COLUMN

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from rcp_geo.boundaries import Boundaries
    from rcp_geo.directory import Directory

__all__ = ["Assessment", "coverage_table"]

_TITLES = {
    "pause": "Pause practices",
    "fdac": "Family Drug and Alcohol Courts",
    "local": "Locally developed services",
    "any": "Any service",
}


@dataclass(frozen=True)
class Assessment:
    """What :func:`assess` found, for one date.

    Attributes
    ----------
    as_of
        The date of the answers.
    gaps
        One row per authority, indexed by ``authority_code``: ``authority_name``, ``region_name``; for each group and for
        ``any`` the answer (served, part, unknown, in_development, none_recorded); ``<group>_services`` (operating services
        that serve the whole or part of it) and ``<group>_located`` (operating services with a site in it); for each
        searched family ``<family>_searched`` (what a search found there, blank where none was made).
    summary
        One row per group and ``any``: ``authorities``, the five answers counted, ``gap_min``, ``gap_max``, ``recorded``,
        ``published``, ``published_unit``, ``published_date``, ``published_gap``.
    coverage
        Tidy, unique on ``area_code``, ``group``, ``relation``, ``evidence``, ``metric_id``, ``cutoff``: ``area_type``,
        ``area_name``, ``value``, ``unit``, ``reached_share``, ``reason``.
    located
        One row per site: the authority it lies in.
    served
        One row per service and authority it works for.
    findings
        What was noticed in the inputs and the answers, one row each, with what to do about it.
    directory, boundaries, demand, model, cutoffs, by
        What the answers were made from.

    See Also
    --------
    assess
    """

    as_of: dt.date
    gaps: pd.DataFrame
    summary: pd.DataFrame
    coverage: pd.DataFrame
    located: pd.DataFrame
    served: pd.DataFrame
    findings: pd.DataFrame
    directory: Directory
    boundaries: Boundaries
    demand: gpd.GeoDataFrame
    model: TravelModel
    cutoffs: tuple[float, ...]
    by: str
    _blocks: tuple[NearestBlock, ...]
    _counts: Mapping[str, float]

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

    @cached_property
    def overlay_changes(self) -> pd.DataFrame:
        """What an overlay changed: one row per authority and group whose answer is another than without it.

        ``authority_code``, ``authority_name``, ``group``, ``before``, ``after`` and ``services``, those laid over that work for
        the authority. Empty where the directory was not made by ``Directory.overlay`` or nothing changed.
        """
        columns = ["authority_code", "authority_name", "group", "before", "after", "services"]
        base = self.directory.base
        if base is None or self.directory.overlaid is None:
            return pd.DataFrame(columns=columns)
        before = gaps_table(
            served(base, self.boundaries, self.as_of), groups_of(base.services, self.by), self.boundaries
        )
        log = self.directory.overlaid
        laid = set(log["service_id"]) | set(log["matched_id"])
        own = pd.concat([self.served, served(base, self.boundaries, self.as_of)])
        own = own[own["service_id"].isin(laid)]
        rows = []
        for group in self.groups:
            # A group that the base does not have is one of which it recorded nothing.
            old = before[group] if group in before.columns else pd.Series("none_recorded", index=before.index)
            for code in self.gaps.index[(self.gaps[group] != old).to_numpy()]:
                who = sorted(set(own.loc[own["authority_code"] == code, "service_id"]))
                name = self.gaps.loc[code, "authority_name"]
                rows.append((code, name, group, old[code], self.gaps.loc[code, group], "; ".join(who)))
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """What the answers were made from: inputs by their content, parameters, counts, versions and a digest.

        The digest is over inputs and parameters, so that the same question asked of the same tables has the same one on any
        day and machine and in any order of their rows.
        """
        inputs = [r.to_dict() for r in self._inputs()]
        parameters = {
            "as_of": self.as_of.isoformat(),
            "by": self.by,
            "cutoffs": list(self.cutoffs),
            "model": self.model.describe(),
            "rcp_geo": own_version(),
        }
        return {
            "title": f"rcp_geo assessment as of {self.as_of.isoformat()}",
            "parameters": parameters,
            "inputs": inputs,
            "counts": dict(self._counts),
            "versions": versions(),
            "digest": digest_of({"inputs": inputs, "parameters": parameters}),
        }

    def _inputs(self) -> list[InputRecord]:
        vintage = self.boundaries.vintage
        until = vintage.valid_to.isoformat() if vintage.valid_to else ".."
        found = _recorded(self.directory, self.demand)
        found.insert(
            -1,
            record_table(
                self.boundaries.frame,
                "boundaries",
                vintage=f"{vintage.label}/{until}",
                licence=self.boundaries.licence,
                source=self.boundaries.source,
            ),
        )
        embedded = _embedded_records()
        # By content: it is the embedded table whoever passed it, in whatever order.
        return [embedded.get((r.name, r.sha256), r) for r in found]

    def table(self) -> pd.DataFrame:
        """Return ``gaps`` with the mean distance to the nearest operating service beside each answer.

        Returns
        -------
        pandas.DataFrame
            ``gaps`` and, for each group, ``<group>_mean_distance_m`` (or ``_duration_s``): over the authority's demand, to
            the nearest operating service wherever it is; ``<group>_mean_distance_m_possible``: the same with services
            whose status is unknown taken as operating.

        Examples
        --------
        >>> round(assess(as_of="2021-07-01").table().loc["E09000007", "fdac_mean_distance_m"] / 1000)
        4
        """
        own = self.coverage[self.coverage["area_type"] == "authority"]
        return self.gaps.join(self._mean_costs(own, self.gaps.index))

    def by_region(self) -> pd.DataFrame:
        """Count the answers region by region.

        Returns
        -------
        pandas.DataFrame
            One row per region and group, regions in the order of their codes: ``area_code``, ``area_name``, ``group``,
            ``authorities``, the five answers counted, ``gap_min`` and ``gap_max``. Authorities without a region are left out.

        See Also
        --------
        by_district : the answers of the lower tier.

        Examples
        --------
        >>> rows = assess(as_of="2022-11-01").by_region()
        >>> rows.loc[rows["group"] == "any", "authorities"].sum()
        np.int64(152)
        """
        frame = self.boundaries.frame
        return counted_by(self.gaps, self.groups, frame["region_code"], frame["region_name"])

    def by_district(self) -> pd.DataFrame:
        """Answer again for the lower tier: the districts of counties, and the authorities that are not counties.

        Returns
        -------
        pandas.DataFrame
            One row per lower-tier authority in force with the boundaries, indexed by ``authority_code`` in its order:
            ``authority_name``, ``upper_code`` and ``upper_name`` (the authority of this assessment that holds it; missing where
            none does), ``region_name``; for each group and for ``any`` the answer, ``<group>_services``, and
            ``<group>_mean_distance_m`` (or ``_duration_s``) with ``_possible`` beside it, as in :meth:`table`.

        Notes
        -----
        A service that works for a whole county works for each of its districts. One that works for some of a county's districts
        is ``served`` in those and adds nothing to the others; one said to work for part of a county, without saying which, is
        ``unknown`` in each.

        Examples
        --------
        >>> rows = assess(as_of="2018-01-01").by_district()
        >>> rows.loc[rows["upper_name"] == "Cumbria", ["authority_name", "pause"]].values.tolist()[:2]
        [['Allerdale', 'served'], ['Barrow-in-Furness', 'none_recorded']]
        """
        lower, serving, _ = self._lower
        answer = gaps_table(serving, groups_of(self.directory.services, self.by), lower)
        known = register()
        holder = known.district_to(self.gaps.index)
        # A district's ground lies whole in one authority of its own vintage, so any part of it will tell.
        upper = [holder.get(min(known.districts[code])) for code in answer.index]
        answer.insert(1, "upper_code", pd.Series(upper, index=answer.index, dtype=object))
        answer.insert(2, "upper_name", answer["upper_code"].map(self.gaps["authority_name"]))
        return answer.join(self._mean_costs(self.coverage_by_district(), answer.index))

    def coverage_by_district(self) -> pd.DataFrame:
        """Take the figures of ``coverage`` over the demand of each lower-tier authority.

        Returns
        -------
        pandas.DataFrame
            The columns of ``coverage``, ``area_type`` being ``district``; relation ``served`` is among the services that serve
            the upper-tier authority of a demand point.

        Examples
        --------
        >>> len(assess(as_of="2022-11-01").coverage_by_district()["area_code"].unique())
        309
        """
        lower, _, of = self._lower
        areas = Areas("district", lower.frame["authority_code"].tolist(), lower.frame["authority_name"].tolist(), of)
        weight = self.demand["weight"].to_numpy(dtype=np.float64)
        return coverage_table(list(self._blocks), [areas], weight, self.cutoffs, self.model.unit)

    @cached_property
    def _lower(self) -> tuple[Boundaries, pd.DataFrame, NDArray[np.intp]]:
        """The lower tier in force with the boundaries, who serves it, and where each demand point lies in it."""
        lower = load_boundaries(self.boundaries.vintage.valid_from, level="lower")
        weights = self.demand if "district_code" in self.demand.columns else None
        serving = served(self.directory, lower, self.as_of, demand=weights)
        return lower, serving, authority_of(self.demand, lower)

    def _mean_costs(self, coverage: pd.DataFrame, codes: pd.Index) -> pd.DataFrame:
        """Return the mean cost to the nearest of each group, one column per group and evidence, one row per area."""
        name = COST_COLUMN[self.model.unit]
        rows = coverage[(coverage["relation"] == "reached") & (coverage["metric_id"] == MEAN)].set_index("area_code")
        columns = {}
        for group in self.groups:
            for evidence in EVIDENCE:
                own = rows[(rows["group"] == group) & (rows["evidence"] == evidence)]
                suffix = "" if evidence == "certain" else "_possible"
                columns[f"{group}_mean_{name}{suffix}"] = own["value"].reindex(codes)
        return pd.DataFrame(columns, index=codes)

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
        if by not in kinds:
            raise InputError(f"by: {by!r} is not one of {', '.join(kinds)}")
        limit = None if upto is None else require_limit(upto, ())
        return curve_rows(kinds[by], self._weight, block.cost, self.model.unit, limit)

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
            services that are moved) and ``left`` (those that are not known exactly and stay all the same).

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
            if given not in known:
                raise InputError(f"{name}: {given!r} is not one of {', '.join(known)}")
        return next(b for b in self._blocks if (b.group, b.relation, b.evidence) == (group, relation, evidence))

    def _turning(self, stance: Stance) -> pd.DataFrame:
        return turning_rows(self.coverage, self._blocks, self._levels[0], self._weight, stance)

    def gap_list(self, group: str = "any", *, certain: bool = False) -> pd.DataFrame:
        """List the authorities with no service of a group.

        Parameters
        ----------
        group
            A group, such as ``pause``, or ``any`` for authorities with none at all.
        certain
            Leave out those of which it is not known (answer ``unknown``).

        Returns
        -------
        pandas.DataFrame
            ``authority_name``, ``region_name`` and ``answer``, indexed by ``authority_code``.

        Raises
        ------
        InputError
            If there is no such group.

        Examples
        --------
        >>> rows = assess(as_of="2022-11-01").gap_list("pause", certain=True)
        >>> rows.loc["E06000059"].tolist()
        ['Dorset', 'South West', 'in_development']
        """
        return list_gaps(self.gaps, group, certain=certain)

    def __repr__(self) -> str:
        row = self.summary.to_dict("index")["any"]
        return (
            f"<Assessment as of {self.as_of}: {row['authorities']} authorities, {_span(row)} with no service recorded>"
        )

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(self.sentence())}</p>{self.summary.to_html(na_rep='')}"

    def sentence(self) -> str:
        """Say the main answer in one sentence.

        Examples
        --------
        >>> assess(as_of="2021-07-01").sentence()  # doctest: +ELLIPSIS
        'On 2021-07-01, ... to ... of 152 authorities have no service recorded in any family: pause ..., fdac ...'
        """
        parts = [f"{g} {_span(r)}" for g, r in self.summary.iterrows() if g != "any"]
        row = self.summary.to_dict("index")["any"]
        word = "family" if self.by == "family" else self.by
        return (
            f"On {self.as_of}, {_span(row)} of {row['authorities']} authorities have no service recorded in any {word}: "
            f"{', '.join(parts)}."
        )

    def cite(self, style: Style = "text") -> str:
        """Say how to cite these answers.

        Parameters
        ----------
        style
            ``text``, ``bibtex`` or ``csl-json``.

        Returns
        -------
        str
            With the date of the answers and the digest of what they were made from.

        Raises
        ------
        InputError
            If the style is none of these.

        Examples
        --------
        >>> assess(as_of="2021-07-01").cite()  # doctest: +ELLIPSIS
        'rcp_geo contributors (2026). Assessment as of 2021-07-01, digest ..., in rcp_geo: ...'
        """
        digest = self.provenance["digest"]
        note = f"Assessment as of {self.as_of}, digest {digest}"
        return cited(style, f"rcp_geo-{self.as_of}-{digest[:8]}", note)

    def plot(self, group: str = "any", *, ax: Axes | None = None, sites: bool = True) -> Axes:
        """Draw a map of the answers, with the sites.

        Parameters
        ----------
        group
            A group, or ``any``.
        ax
            Axes to draw on; new ones if left out.
        sites
            Draw the sites of operating services too, and hollow those of which the status is unknown.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        InputError
            If there is no such group.
        MissingExtraError
            If matplotlib is not installed; it comes with the extra ``viz``.
        """
        from rcp_geo.view.plot import plot_answers

        if group not in self.groups:
            raise InputError(f"group: {group!r} is not one of {', '.join(self.groups)}")
        polygons = self.boundaries.frame.merge(self.gaps[[group]], left_on="authority_code", right_index=True)
        points = self._plotted_sites(group) if sites else None
        day = f"{self.as_of.day} {self.as_of:%B %Y}"
        title = f"{_TITLES.get(group, group)}, {day}"
        return plot_answers(polygons, group, points, title=title, source=self.boundaries.source, ax=ax)

    def _plotted_sites(self, group: str) -> gpd.GeoDataFrame:
        members = groups_of(self.directory.services, self.by)[group]
        sites = self.directory.sites
        status = sites["service_id"].map(self.directory.status_on(self.as_of))
        kind = sites["service_id"].map(self.directory.services.set_index("service_id")[self.by])
        kept = sites["service_id"].isin(members) & status.isin(["operating", "unknown"])
        shown = sites.assign(status=status, kind=kind)[kept]
        return shown.set_geometry(to_bng(shown, "sites"))

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write the answers to a folder.

        Parameters
        ----------
        folder
            Folder to make. It appears whole or not at all.
        overwrite
            Replace a folder that an earlier ``save`` made, and in which nothing else has been put since.

        Returns
        -------
        pathlib.Path
            The folder: ``gaps.csv``, ``summary.csv``, ``regions.csv``, ``coverage.csv``, ``located.csv``, ``served.csv``,
            ``findings.csv``, ``nearest.parquet``, ``authorities.gpkg`` (polygons with the gap columns) and
            ``provenance.json``; of an overlaid directory ``overlay.csv`` and ``overlay_changes.csv`` too.

        Raises
        ------
        InputError
            If the folder exists and ``overwrite`` is not set, was not made by ``save`` or holds something else too.

        Notes
        -----
        In the CSV files a text that a spreadsheet would run as a formula is written with an apostrophe before it.
        """
        from rcp_geo.io.bundle import write_bundle

        tables = {
            "gaps": self.gaps.reset_index(),
            "summary": self.summary.reset_index(),
            "coverage": self.coverage,
            "regions": self.by_region(),
            "located": self.located,
            "served": self.served,
            "findings": self.findings,
        }
        if self.directory.overlaid is not None:
            tables |= {"overlay": self.directory.overlaid, "overlay_changes": self.overlay_changes}
        polygons = self.boundaries.frame.merge(
            self.table().drop(columns=["authority_name", "region_name"]), left_on="authority_code", right_index=True
        )
        return write_bundle(
            Path(folder),
            tables,
            nearest=self.nearest,
            polygons=polygons,
            provenance=self.provenance,
            overwrite=overwrite,
        )


def _recorded(directory: Directory, demand: gpd.GeoDataFrame) -> list[InputRecord]:
    """Describe the tables of a directory, then the demand."""
    day = directory.reference_date.isoformat()
    found = [
        record_table(getattr(directory, t), f"directory.{t}", vintage=day, source=directory.source) for t in TABLES
    ]
    return [*found, record_table(demand, "demand")]


@cache
def _embedded_records() -> dict[tuple[str, str], InputRecord]:
    """Return the records of the embedded tables, with the terms that the manifest states, by name and digest."""
    found = {}
    for record in _recorded(load_directory(), load_demand()):
        files = [record.name.replace(".", "_"), *(["site_points"] if record.name.endswith(".sites") else [])]
        terms = {t: "; ".join(dict.fromkeys(resources.entry(f)[t] for f in files)) for t in ("licence", "attribution")}
        # Districts of the demand are those of the census geography.
        vintage = record.vintage or FIRST_DAY.isoformat()
        source = f"{record.source}. {terms['attribution']}" if record.source else terms["attribution"]
        found[record.name, record.sha256] = replace(record, vintage=vintage, licence=terms["licence"], source=source)
    return found


def _span(row: Mapping[Any, Any] | pd.Series) -> str:
    """Write the interval of a gap count, or the one number where both ends meet."""
    low, high = row["gap_min"], row["gap_max"]
    return str(low) if low == high else f"{low} to {high}"


def coverage_table(
    blocks: list[NearestBlock],
    areas: list[Areas],
    weight: NDArray[np.float64],
    cutoffs: tuple[float, ...],
    unit: str,
) -> pd.DataFrame:
    """Return the figures of ``Assessment.coverage`` for some sets of areas."""
    parts = []
    for block in blocks:
        for some in areas:
            columns = coverage_rows(some, weight, block.cost, block.status, cutoffs, unit)
            n = len(columns["value"])
            labels = {"group": block.group, "relation": block.relation, "evidence": block.evidence}
            parts.append(columns | {name: np.full(n, label, dtype=object) for name, label in labels.items()})
    order = ["area_type", "area_code", "area_name", "group", "relation", "evidence", "metric_id", "cutoff"]
    order += ["value", "unit", "reached_share", "reason"]
    return pd.DataFrame({name: np.concatenate([p[name] for p in parts]) for name in order})
