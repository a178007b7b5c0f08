"""What was found for one date, and how to read, draw, save and cite it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rcp_geo._coverage import MEAN, Areas, coverage_table
from rcp_geo._gaps import counted_by, gaps_table, list_gaps, span
from rcp_geo._inputs import about_inputs, input_records, stored_tables
from rcp_geo._reach import EVIDENCE, NearestBlock
from rcp_geo.authorities import register
from rcp_geo.boundaries import load_boundaries
from rcp_geo.citation import Style, cited
from rcp_geo.citation import version as own_version
from rcp_geo.crs import to_bng
from rcp_geo.figures import Figures
from rcp_geo.grouping import group_labels, groups_of, title_of
from rcp_geo.io.fields import Saved
from rcp_geo.join import authority_of, served
from rcp_geo.provenance import InputRecord, digest_inputs, versions
from rcp_geo.schema import require_known
from rcp_geo.travel import TravelModel
from rcp_geo.travel.model import COST_COLUMN

if TYPE_CHECKING:
    import geopandas as gpd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from rcp_geo.boundaries import Boundaries
    from rcp_geo.directory import Directory

__all__ = ["Assessment", "saved_tables"]


# A sentence that names more groups than this is none.
_SAID = 12


@dataclass(frozen=True)
class Assessment(Figures):
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

        The digest is over the content of the inputs and the parameters, so that the same question asked of the same tables has
        the same one on any day and machine, in any order of their rows and columns, and whatever types hold their values.
        """
        inputs = [r.to_dict() for r in self._inputs]
        vintage = self.boundaries.vintage
        parameters = {
            "as_of": self.as_of.isoformat(),
            "boundaries": {
                "level": self.boundaries.level,
                "valid_from": vintage.valid_from.isoformat(),
                "valid_to": vintage.valid_to.isoformat() if vintage.valid_to else "",
            },
            "by": self.by,
            "cutoffs": list(self.cutoffs),
            "model": self.model.describe(),
            "rcp_geo": own_version(),
        }
        return {
            "title": f"rcp_geo assessment as of {self.as_of.isoformat()}",
            "parameters": parameters,
            "inputs": inputs,
            "about": about_inputs(
                self.directory, self.demand, demand_given="demand.proxy" not in set(self.findings["code"])
            ),
            "counts": dict(self._counts),
            "versions": versions(),
            "digest": digest_inputs(inputs, parameters),
        }

    @cached_property
    def _inputs(self) -> list[InputRecord]:
        return input_records(self.directory, self.boundaries, self.demand)

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

    def __repr__(self) -> str:
        row = self.summary.to_dict("index")["any"]
        return (
            f"<Assessment as of {self.as_of}: {row['authorities']} authorities, "
            f"{span(row['gap_min'], row['gap_max'])} with no service recorded>"
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
        parts = [f"{g} {span(r['gap_min'], r['gap_max'])}" for g, r in self.summary.iterrows() if g != "any"]
        row = self.summary.to_dict("index")["any"]
        interval = span(row["gap_min"], row["gap_max"])
        said = f"On {self.as_of}, {interval} of {row['authorities']} authorities have no service recorded in any "
        more = f" and {len(parts) - _SAID} more" if len(parts) > _SAID else ""
        return f"{said}{self.by.replace('_', ' ')}: {', '.join(parts[:_SAID])}{more}."

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

        require_known("group", group, self.groups)
        polygons = self.boundaries.frame.merge(self.gaps[[group]], left_on="authority_code", right_index=True)
        points = self._plotted_sites(group) if sites else None
        day = f"{self.as_of.day} {self.as_of:%B %Y}"
        title = f"{title_of(group, self.by)}, {day}"
        return plot_answers(polygons, group, points, title=title, source=self.boundaries.source, ax=ax)

    def _plotted_sites(self, group: str) -> gpd.GeoDataFrame:
        members = groups_of(self.directory.services, self.by)[group]
        sites = self.directory.sites
        status = sites["service_id"].map(self.directory.status_on(self.as_of))
        services = self.directory.services
        kind = sites["service_id"].map(group_labels(services, self.by).set_axis(services["service_id"]))
        kept = sites["service_id"].isin(members) & status.isin(["operating", "unknown"])
        shown = sites.assign(status=status, kind=kind)[kept]
        return shown.set_geometry(to_bng(shown, "sites"))

    def save(self, folder: str | Path, *, overwrite: bool = False, inputs: bool = True) -> Path:
        """Write the answers to a folder, with what they were made from.

        Parameters
        ----------
        folder
            Folder to make. It appears whole or not at all.
        overwrite
            Replace a folder that an earlier ``save`` made, and in which nothing else has been put since.
        inputs
            Write the tables that the answers were made from as well, but for those that ship with the library, so that
            :func:`verify` can work everything out again from the folder alone.

        Returns
        -------
        pathlib.Path
            The folder: ``gaps.csv``, ``summary.csv``, ``regions.csv``, ``coverage.csv``, ``located.csv``, ``served.csv``,
            ``findings.csv``, ``nearest.parquet``, ``authorities.gpkg`` (polygons with the gap columns), ``datapackage.json``
            (every file and column described, as a Data Package) and ``provenance.json``; of an overlaid directory
            ``overlay.csv`` and ``overlay_changes.csv`` too; tables that do not ship with the library in ``inputs``, as Parquet.

        Raises
        ------
        InputError
            If the folder exists and ``overwrite`` is not set, was not made by ``save`` or holds something else too.

        See Also
        --------
        verify : read such a folder, work it out again and compare.

        Notes
        -----
        In the CSV files a text that a spreadsheet would run as a formula is written with an apostrophe before it. A road
        network or a matrix is named by its digest in ``provenance.json`` and not written: keep its file.
        """
        from rcp_geo.io.bundle import write_bundle

        own = stored_tables(self._inputs, self.directory, self.boundaries, self.demand) if inputs else {}
        return write_bundle(Path(folder), saved_tables(self), own, self.provenance, overwrite=overwrite)


def saved_tables(answer: Assessment) -> Saved:
    """Return the tables that ``Assessment.save`` writes."""
    tables = {
        "gaps": answer.gaps.reset_index(),
        "summary": answer.summary.reset_index(),
        "coverage": answer.coverage,
        "regions": answer.by_region(),
        "located": answer.located,
        "served": answer.served,
        "findings": answer.findings,
    }
    if answer.directory.overlaid is not None:
        tables |= {"overlay": answer.directory.overlaid, "overlay_changes": answer.overlay_changes}
    polygons = answer.boundaries.frame.merge(
        answer.table().drop(columns=["authority_name", "region_name"]), left_on="authority_code", right_index=True
    )
    return Saved(tables, answer.nearest, polygons, tuple(answer.groups), answer.model.unit)
