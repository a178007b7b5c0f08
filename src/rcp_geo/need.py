"""How many people there are who may need a service, with what was suppressed kept as what it is: a number between two others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from rcp_geo.carrying import carried
from rcp_geo.demand import district_weights
from rcp_geo.errors import InputError
from rcp_geo.intervals import ANY_TOTAL, poisson_limits, tightened, wilson_limits
from rcp_geo.schema import (
    Finding,
    bounds_of,
    counted,
    findings_frame,
    first_of,
    is_number,
    require_columns,
    require_unique,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from rcp_geo.boundaries import Boundaries

__all__ = ["Key", "Need"]

Key = Literal["authority_code", "demand_id"]
_NO_ROW = "no row"


@dataclass(frozen=True)
class Need:
    """Counts per authority or per demand point, each a number or an interval.

    Attributes
    ----------
    frame
        One row per cell, indexed by ``authority_code`` or ``demand_id``: ``low`` and ``high``, the least and the greatest that
        it can be, which are the same where it is known (``high`` is infinite where nothing bounds it), and ``marker``, what
        stood in place of a number, blank where one did. Treat it as read-only.
    name
        What is counted, as sentences say it: ``children looked after``.
    total
        The least and the greatest that all cells add up to, from a published total; 0 and infinity where there is none.
    source
        Where the counts come from.
    noticed
        What was noticed on the way; :attr:`findings` shows it as a table.

    See Also
    --------
    read_need : read the counts from a file or a frame.
    Assessment.need : the share of them in authorities without a service.
    """

    frame: pd.DataFrame
    name: str = "need"
    total: tuple[float, float] = ANY_TOTAL
    source: str = ""
    noticed: tuple[Finding, ...] = ()

    @classmethod
    def from_bounds(
        cls,
        frame: pd.DataFrame,
        *,
        key: Key = "authority_code",
        name: str = "need",
        total: float | tuple[float, float] | None = None,
        source: str = "",
    ) -> Need:
        """Take counts of which you have the bounds.

        Parameters
        ----------
        frame
            One row per cell: the key, ``low`` and ``high`` (missing where nothing bounds it) and, if you like, ``marker``. Not
            modified.
        key
            ``authority_code`` (GSS codes) or ``demand_id``.
        name
            What is counted.
        total
            What all these rows add up to, or the least and the greatest of it where it is rounded. It tightens the bounds.
        source
            Kept for whoever asks.

        Returns
        -------
        Need

        Raises
        ------
        MissingColumnError
            If a column is missing.
        DuplicateIdError
            If a key occurs twice.
        InputError
            If the table is empty, a key is missing, a bound is no number of 0 or more or above the other one, or the cells
            cannot add up to the total.

        Examples
        --------
        >>> cells = pd.DataFrame({"authority_code": ["E06000001", "E06000002"], "low": [40, 1], "high": [40, 5]})
        >>> Need.from_bounds(cells, name="proceedings", total=43).frame["high"].tolist()
        [40.0, 3.0]
        """
        require_columns(frame, [key, "low", "high"], "need")
        if frame.empty:
            raise InputError("need: the table is empty; pass at least one row")
        if frame[key].isna().any():
            raise InputError(f"need.{key}: {counted(int(frame[key].isna().sum()), 'rows have no key')}; complete them")
        ids = frame[key].astype(str)
        require_unique(ids, "need", key)
        low = pd.to_numeric(frame["low"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        high = pd.to_numeric(frame["high"], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        high = np.where(frame["high"].isna(), np.inf, high)
        bad = ~(np.isfinite(low) & (low >= 0) & (high >= low))
        if bad.any():
            raise InputError(
                f"need.low, need.high: {counted(int(bad.sum()), 'rows have bounds that are no numbers of 0 or more, or turned')} "
                f"({first_of(ids[bad].tolist())}); give the least and the greatest, and leave high blank where nothing bounds it"
            )
        marker = (
            frame["marker"].fillna("").astype(str) if "marker" in frame.columns else np.where(low < high, "bounds", "")
        )
        cells = pd.DataFrame(
            {"low": low, "high": high, "marker": np.asarray(marker, dtype=object)},
            index=pd.Index(ids, name=key, dtype=object),
        )
        made = cls(cells, name, ANY_TOTAL, source)
        if total is not None:
            made = _held_to(made, _ends(total))
        return replace(made, noticed=(*made.noticed, *_open_findings(made)))

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        what = "authorities" if self.key == "authority_code" else "demand points"
        return f"<Need: {_between(*self.sum())} {self.name} in {len(self)} {what}, {int(self.open.sum())} of them suppressed>"

    @property
    def key(self) -> Key:
        """``authority_code`` or ``demand_id``."""
        return "demand_id" if self.frame.index.name == "demand_id" else "authority_code"

    @property
    def open(self) -> pd.Series:
        """Whether each cell is still an interval."""
        return (self.frame["high"] > self.frame["low"]).rename("open")

    @property
    def unbounded(self) -> pd.Series:
        """Whether nothing bounds each cell from above."""
        return pd.Series(np.isinf(self.frame["high"]), index=self.frame.index, name="unbounded")

    @property
    def findings(self) -> pd.DataFrame:
        """What was noticed, one row each, with what to do about it."""
        return findings_frame(self.noticed)

    def sum(self) -> tuple[float, float]:
        """Return the least and the greatest that all cells add up to.

        Examples
        --------
        >>> cells = pd.DataFrame({"authority_code": ["E06000001", "E06000002"], "low": [40, 1], "high": [40, 5]})
        >>> Need.from_bounds(cells).sum()
        (41.0, 45.0)
        """
        return (
            max(float(self.frame["low"].sum()), self.total[0]),
            min(float(self.frame["high"].sum()), self.total[1]),
        )

    def to(self, boundaries: Boundaries, *, demand: gpd.GeoDataFrame | None = None) -> Need:
        """Carry counts per authority to the authorities of some boundaries, one row each.

        Parameters
        ----------
        boundaries
            The authorities.
        demand
            Demand points with ``weight`` and ``district_code``, by whose weight the count of an authority that was split is
            shared out, which is an estimate. Left out, each successor holds anything from none of it to all of it, which is not.

        Returns
        -------
        Need
            In the order of the boundaries. An authority without a row, or with rows for a part of its ground only, has no upper
            bound, and ``findings`` names it.

        Raises
        ------
        UnknownAuthorityError
            If a code is of no English authority since 2011.
        InputError
            If this counts by demand point, two rows share ground, an authority in force has no polygon here, or no demand lies in
            an authority that was split.
        VintageError
            If an authority was split or merged into one that has no polygon here.

        Notes
        -----
        Mergers and recodings are exact: both ends add up.

        Examples
        --------
        >>> cells = pd.DataFrame({"authority_code": ["E06000061", "E06000062"], "low": [40, 1], "high": [40, 5]})
        >>> Need.from_bounds(cells).to(load_boundaries("2020-04-01")).frame.loc[["E10000021"]].values.tolist()
        [[41.0, 45.0, 'bounds']]
        """
        if self.key != "authority_code":
            raise InputError(f"need: counts by {self.key}, not by authority; read it with key='authority_code'")
        table, found, total = self.frame, list(self.noticed), self.total
        if not set(table.index) <= set(boundaries.frame["authority_code"]):
            weights = None if demand is None else district_weights(demand)
            table, more = carried(table, boundaries, weights)
            found += more
            # Of rows for a part of an authority the total says nothing of the whole.
            total = ANY_TOTAL if any(f.code == "need.part" for f in more) else total
        beside = boundaries.join(table.rename_axis("authority_code").reset_index())
        return _whole(replace(self, frame=beside[["low", "high", "marker"]], total=total, noticed=tuple(found)))

    def at(self, demand: pd.DataFrame) -> Need:
        """Put counts per demand point into the order of some demand points, one row each.

        Parameters
        ----------
        demand
            A frame with ``demand_id``.

        Returns
        -------
        Need
            A point without a row has no upper bound, and ``findings`` names it.

        Raises
        ------
        MissingColumnError
            If there is no ``demand_id``.
        InputError
            If this counts by authority, or by demand points that are not there.

        Examples
        --------
        >>> cells = pd.DataFrame({"demand_id": ["a"], "low": [1], "high": [5]})
        >>> Need.from_bounds(cells, key="demand_id").at(pd.DataFrame({"demand_id": ["b", "a"]})).frame["high"].tolist()
        [inf, 5.0]
        """
        if self.key != "demand_id":
            raise InputError(f"need: counts by {self.key}, not by demand point; read it with key='demand_id'")
        require_columns(demand, ["demand_id"], "demand")
        ids = pd.Index(demand["demand_id"].astype(str), name="demand_id", dtype=object)
        lost = self.frame.index[~self.frame.index.isin(ids)].tolist()
        if lost:
            raise InputError(
                f"need.demand_id: {counted(len(lost), 'rows are of no demand point')} ({first_of(lost)}); "
                "pass demand that holds them, or leave them out"
            )
        return _whole(replace(self, frame=self.frame.reindex(ids)))

    def rate(self, population: Need | pd.Series, *, per: float = 10_000, level: float = 0.95) -> pd.DataFrame:
        """Divide by a population, with the limits of chance and the bounds of what was suppressed.

        Parameters
        ----------
        population
            The people among whom the events were counted: a :class:`Need` of the same keys, or numbers indexed by them.
        per
            Size of the population that the rate is for.
        level
            Of confidence.

        Returns
        -------
        pandas.DataFrame
            One row per cell, in order: ``rate_min`` and ``rate_max``, the least and the greatest that the rate can be, which are
            the same where everything is known; ``lower`` and ``upper``, the limits of confidence at these ends (infinite where
            nothing bounds the count, or the population may be 0); ``marker``. Missing where there is no population.

        Raises
        ------
        InputError
            If a cell has no population, the level is not between 0 and 1, or ``per`` is not above 0.

        Notes
        -----
        Exact limits for a Poisson count [1]_, which the Office for Health Improvement and Disparities takes for counts below 10
        and approximates above [2]_. They are for events that happen independently; children of one family do not.

        References
        ----------
        .. [1] Garwood, F. (1936), Fiducial limits for the Poisson distribution, Biometrika 28(3-4), 437-442,
           doi:10.1093/biomet/28.3-4.437.
        .. [2] Office for Health Improvement and Disparities, *Public health technical guidance: rates*,
           https://fingertips.phe.org.uk/static-reports/public-health-technical-guidance/Basic_statistics/Rates.html

        Examples
        --------
        >>> cells = pd.DataFrame({"authority_code": ["E06000001", "E06000002"], "low": [25, 1], "high": [25, 5]})
        >>> people = pd.Series({"E06000001": 10_000, "E06000002": 10_000})
        >>> Need.from_bounds(cells).rate(people)[["rate_min", "rate_max", "lower", "upper"]].round(2).values.tolist()
        [[25.0, 25.0, 16.18, 36.9], [1.0, 5.0, 0.03, 11.67]]
        """
        _require_level(level)
        if not (is_number(per) and per > 0):
            raise InputError(f"per: {per!r} is no size of a population; give a number above 0, such as 10_000")
        least, most = self._beside(population, "population")
        low, high = self.frame["low"].to_numpy(), self.frame["high"].to_numpy()
        lower, upper = poisson_limits(low, high, level)
        with np.errstate(invalid="ignore", divide="ignore"):
            columns = {
                "rate_min": low / most * per,
                # None of whatever population there is are none.
                "rate_max": np.where(high == 0, 0.0, high / least * per),
                "lower": lower / most * per,
                "upper": upper / least * per,
            }
        nobody = most == 0
        kept = {name: np.where(nobody, np.nan, values) for name, values in columns.items()}
        return self._told(kept, {"metric_id": "rcp.need.rate@1", "per": per, "level": level})

    def proportion(self, of: Need | pd.Series, *, level: float = 0.95) -> pd.DataFrame:
        """Divide by those among whom these are counted, with the limits of chance and the bounds of what was suppressed.

        Parameters
        ----------
        of
            All those some of whom are counted here: a :class:`Need` of the same keys, or numbers indexed by them.
        level
            Of confidence.

        Returns
        -------
        pandas.DataFrame
            One row per cell, in order: ``share_min`` and ``share_max``, the least and the greatest that the share can be;
            ``lower`` and ``upper``, the limits of confidence at these ends; ``marker``. Missing where there is nobody to count.

        Raises
        ------
        InputError
            If a cell has nothing to be a share of or is more than all, or the level is not between 0 and 1.

        Notes
        -----
        Score limits [1]_.

        References
        ----------
        .. [1] Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference, Journal of the American
           Statistical Association 22(158), 209-212, doi:10.1080/01621459.1927.10502953.

        Examples
        --------
        >>> cells = pd.DataFrame({"authority_code": ["E06000001"], "low": [5], "high": [5]})
        >>> Need.from_bounds(cells).proportion(pd.Series({"E06000001": 10})).round(4).values.tolist()
        [[0.5, 0.5, 0.2366, 0.7634, '']]
        """
        _require_level(level)
        least, most = self._beside(of, "of")
        low, high = self.frame["low"].to_numpy(), self.frame["high"].to_numpy()
        over = low > most
        if over.any():
            raise InputError(
                f"of: {counted(int(over.sum()), 'cells are more than they are a share of')} "
                f"({first_of(self.frame.index[over].tolist())}); pass all those among whom these are counted"
            )
        lower, upper = wilson_limits((low, high), (least, most), level)
        with np.errstate(invalid="ignore", divide="ignore"):
            columns = {"share_min": low / most, "share_max": np.where(high > 0, np.minimum(high / least, 1.0), 0.0)}
        columns |= {"lower": lower, "upper": upper}
        kept = {name: np.where(most == 0, np.nan, values) for name, values in columns.items()}
        return self._told(kept, {"metric_id": "rcp.need.proportion@1", "level": level})

    def _told(self, columns: Mapping[str, np.ndarray], said: Mapping[str, object]) -> pd.DataFrame:
        """Return figures of each cell, and with them which they are."""
        found = pd.DataFrame(columns, index=self.frame.index).assign(marker=self.frame["marker"])
        found.attrs.update(said)
        return found

    def _beside(self, other: Need | pd.Series, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the bounds of another count for each cell of this one."""
        if isinstance(other, Need):
            table = other.frame
        elif not isinstance(other, pd.Series):
            raise InputError(
                f"{name}: {type(other).__name__} is not a count of each {self.key}; pass a Need, or a series indexed by them"
            )
        else:
            ids = pd.Index(other.index.astype(str), name=self.key)
            cells = pd.DataFrame({self.key: ids, "low": other.to_numpy(), "high": other.to_numpy()})
            missing = cells[cells["low"].isna()][self.key].tolist()
            table = Need.from_bounds(cells[~cells[self.key].isin(missing)], key=self.key).frame
        lost = self.frame.index[~self.frame.index.isin(table.index)].tolist()
        if lost:
            raise InputError(
                f"{name}: {counted(len(lost), 'cells have none')} ({first_of(lost)}); "
                f"give one number for each {self.key}, of the same vintage"
            )
        beside = table.reindex(self.frame.index)
        return beside["low"].to_numpy(), beside["high"].to_numpy()


def _ends(total: float | tuple[float, float]) -> tuple[float, float]:
    ends = bounds_of((total, total) if is_number(total) else total)
    if ends is None:
        raise InputError(f"total: {total!r} is no number of 0 or more, nor the least and the greatest of one")
    return ends


def _between(low: float, high: float) -> str:
    """Write two ends for people."""
    if np.isinf(high):
        return f"{low:,.10g} or more"
    return f"{low:,.10g}" if low == high else f"{low:,.10g} to {high:,.10g}"


def _require_level(level: float) -> None:
    if not (is_number(level) and 0 < level < 1):
        raise InputError(f"level: {level!r} is not between 0 and 1; give 0.95 for 95 %")


def _held_to(need: Need, total: tuple[float, float]) -> Need:
    """Hold the cells to what they add up to."""
    low, high = need.frame["low"].to_numpy(), need.frame["high"].to_numpy()
    least, most = low.sum(), high.sum()
    # Sums of shares of counts carry rounding.
    slack = 1e-9 * max(1.0, least)
    if least > total[1] + slack or most < total[0] - slack:
        raise InputError(
            f"total: the rows add up to {_between(least, most)}, and the total is {_between(*total)}; check that it is of "
            "the same rows, and give the least and the greatest that it can be where it is rounded: total=(low, high)"
        )
    lower, upper = tightened(low, high, total)
    upper = np.maximum(upper, lower)
    made = replace(need, frame=need.frame.assign(low=lower, high=upper), total=total)
    pinned = tuple(need.frame.index[(low < high) & (lower == upper)])
    if not pinned:
        return made
    message = counted(len(pinned), "suppressed cells follow from the total and the other cells")
    remedy = "use them to calculate, and do not publish what was suppressed"
    return replace(made, noticed=(Finding("need.disclosed", "warning", "need", need.key, pinned, message, remedy),))


def _open_findings(need: Need) -> list[Finding]:
    """Say which cells are intervals, and which have no upper end."""
    found = []
    cells, key = need.frame, need.key
    unbounded = need.unbounded.to_numpy()
    suppressed = need.open.to_numpy() & ~unbounded
    if suppressed.any():
        found.append(
            Finding(
                "need.suppressed",
                "info",
                "need",
                key,
                tuple(cells.index[suppressed]),
                counted(int(suppressed.sum()), "cells are suppressed and were kept as intervals"),
                "look at need.frame; a published total would tighten them",
            )
        )
    if unbounded.any():
        found.append(
            Finding(
                "need.unbounded",
                "warning",
                "need",
                key,
                tuple(cells.index[unbounded]),
                counted(int(unbounded.sum()), "cells have no upper bound"),
                "give their markers one, or pass the published total, or shares that they touch run to 0 or to 1",
            )
        )
    return found


def _whole(need: Need) -> Need:
    """Give each that has no row one without an upper bound."""
    lost = need.frame["low"].isna().to_numpy()
    if not lost.any():
        return need
    frame = need.frame.assign(
        low=need.frame["low"].fillna(0.0),
        high=need.frame["high"].fillna(np.inf),
        marker=need.frame["marker"].where(~lost, _NO_ROW),
    )
    finding = Finding(
        "need.no_row",
        "warning",
        "need",
        need.key,
        tuple(need.frame.index[lost]),
        counted(int(lost.sum()), "cells have no row, so nothing is known of them"),
        "add rows, with a marker that has bounds where the numbers are not known",
    )
    # The total is of the rows that there were; it has done what it can for their bounds.
    return replace(need, frame=frame, total=ANY_TOTAL, noticed=(*need.noticed, finding))
