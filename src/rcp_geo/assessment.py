"""What was found for one date, and how to read, draw, save and cite it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from rcp_geo import resources
from rcp_geo._coverage import MEAN, Areas, coverage_rows
from rcp_geo._gaps import counted_by, gaps_table, list_gaps
from rcp_geo._reach import EVIDENCE, NearestBlock
from rcp_geo.authorities import FIRST_DAY, register
from rcp_geo.boundaries import load_boundaries
from rcp_geo.citation import Style, cited
from rcp_geo.citation import version as own_version
from rcp_geo.crs import to_bng
from rcp_geo.demand import load_demand
from rcp_geo.directory import groups_of, load_directory
from rcp_geo.errors import InputError
from rcp_geo.join import authority_of, served
from rcp_geo.planning.extending import extensions_of
from rcp_geo.planning.result import Plan, PlanModel
from rcp_geo.planning.siting import candidates_of, costs_to, plan_sites, with_weights
from rcp_geo.provenance import InputRecord, digest_of, record_table, versions
from rcp_geo.schema import TABLES
from rcp_geo.travel import CostTable, TravelModel
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
        if group not in self.groups:
            raise InputError(f"group: {group!r} is not one of {', '.join(self.groups)}")
        if evidence not in EVIDENCE:
            raise InputError(f"evidence: {evidence!r} is not known; use {' or '.join(EVIDENCE)}")
        sites = self.directory.sites
        status = sites["service_id"].map(self.directory.status_on(self.as_of))
        counted = status.isin(["operating"] if evidence == "certain" else ["operating", "unknown"])
        counted &= sites["service_id"].isin(groups_of(self.directory.services, self.by)[group])
        return sites[counted & ~(sites.geometry.isna() | sites.geometry.is_empty)]

    def costs(
        self,
        group: str = "any",
        *,
        candidates: gpd.GeoDataFrame | Literal["authorities"] = "authorities",
        cutoff: float | None = None,
        evidence: Literal["certain", "possible"] = "certain",
    ) -> CostTable:
        """Work out what it costs the demand to get to the sites of a group, and to candidates.

        Parameters
        ----------
        group, evidence
            Which sites, as in :meth:`operating_sites`.
        candidates
            ``authorities`` for one in each (:func:`candidate_sites`), or points with ``site_id``.
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
        candidates: gpd.GeoDataFrame | Literal["authorities"] = "authorities",
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
            ``authorities`` for one in each (:func:`candidate_sites`), or points with ``site_id``.
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
        demand = with_weights(self.demand, weights)
        authority = authority_of(demand, self.boundaries)
        serving = self.served[self.served["service_id"].isin(running)]
        return extensions_of(self.gaps[group], serving, sites, demand, authority, self.boundaries, self.model)

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
