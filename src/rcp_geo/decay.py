"""How much less a service counts the dearer it is to reach: what :func:`rcp_geo.supply` takes as ``decay``.

Each is a function of costs, in the unit of the costs that it will be given: metres, or seconds. Any other function that takes an
array of costs and returns an array of weights will do as well; these also say of themselves what they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from rcp_geo.errors import InputError
from rcp_geo.schema import is_number
from rcp_geo.travel.model import CUTOFF_TOLERANCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Decay", "Exponential", "Gaussian", "Power", "Steps"]

Weighing: TypeAlias = "Callable[[NDArray[np.float64]], NDArray[np.float64]]"


@runtime_checkable
class Decay(Protocol):
    """What a decay offers beside being a function of costs."""

    @property
    def reach(self) -> float:
        """The cost beyond which nothing counts; infinite where there is none."""

    def __call__(self, cost: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weight of each cost."""

    def describe(self) -> dict[str, Any]:
        """Return what it is as plain data, for the provenance."""


@dataclass(frozen=True)
class Steps:
    r"""Weights by zone: each cost counts as the zone does that it lies in.

    .. math:: f(d) = w_r \quad \text{for the smallest bound } b_r \ge d, \text{ and 0 beyond the last}

    Parameters
    ----------
    zones
        For the upper bound of each zone, itself included, its weight.

    Raises
    ------
    InputError
        If there is no zone, a bound is not a positive number, or a weight is not a number of 0 or more.

    References
    ----------
    Luo, W. and Qi, Y. (2009), doi:10.1016/j.healthplace.2009.06.002, with zones that end at 10, 20 and 30 minutes.

    Examples
    --------
    The weights that PySAL's ``access`` takes unless others are given:

    >>> zones = rg.decay.Steps({10 * 60: 1.0, 20 * 60: 0.68, 30 * 60: 0.22})
    >>> zones(np.array([0.0, 600.0, 601.0, 1800.0, 1801.0])).tolist()
    [1.0, 1.0, 0.68, 0.22, 0.0]
    """

    zones: Mapping[float, float]

    def __post_init__(self) -> None:
        bad = [b for b, w in self.zones.items() if not (is_number(b) and b > 0 and is_number(w) and w >= 0)]
        if bad or not self.zones:
            raise InputError(
                f"decay: {f'the zone up to {bad[0]!r} is none' if bad else 'there is no zone'}; "
                "give bounds above 0, each with a weight of 0 or more"
            )
        object.__setattr__(self, "zones", {float(b): float(self.zones[b]) for b in sorted(self.zones)})

    def __hash__(self) -> int:
        return hash(tuple(self.zones.items()))

    @property
    def reach(self) -> float:
        """The bound of the last zone."""
        return max(self.zones)

    def __call__(self, cost: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weight of each cost."""
        bounds = np.array(list(self.zones)) + CUTOFF_TOLERANCE
        weights = np.array([*self.zones.values(), 0.0])
        return weights[np.searchsorted(bounds, cost, side="left")]

    def describe(self) -> dict[str, Any]:
        """Return what it is as plain data."""
        return {"decay": "steps", "zones": [list(zone) for zone in self.zones.items()]}


@dataclass(frozen=True)
class Gaussian:
    r"""A bell curve, 1 at no cost at all; with ``reach``, lowered so that it ends in 0 there.

    .. math:: g(d) = e^{-d^2 / 2 \sigma^2}, \qquad f(d) = g(d) \quad \text{or} \quad
              f(d) = \frac{g(d) - g(r)}{1 - g(r)} \text{ up to } r

    Parameters
    ----------
    sigma
        The cost at which the bell has fallen to 0.61 of its height, before it is lowered.
    reach
        The cost r at which it ends. Dai's kernel, widely used with floating catchments, has sigma and reach equal to the cutoff.

    Raises
    ------
    InputError
        If one of them is not a number above 0.

    References
    ----------
    Dai, D. (2010), doi:10.1016/j.healthplace.2010.06.012. Without ``reach`` as in PySAL's ``access``: Saxon, J. and others
    (2020), An open software environment to make spatial access metrics more accessible, doi:10.13140/RG.2.2.12396.28807.

    Examples
    --------
    >>> rg.decay.Gaussian(20.0)(np.array([0.0, 20.0, 40.0])).round(4).tolist()
    [1.0, 0.6065, 0.1353]
    >>> rg.decay.Gaussian(20.0, reach=20.0)(np.array([0.0, 10.0, 20.0, 40.0])).round(4).tolist()
    [1.0, 0.7014, 0.0, 0.0]
    """

    sigma: float
    reach: float = field(default=math.inf, kw_only=True)

    def __post_init__(self) -> None:
        _require_positive(sigma=self.sigma)
        if self.reach != math.inf:
            _require_positive(reach=self.reach)

    def __call__(self, cost: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weight of each cost."""
        # Differences of exponentials by expm1, which keeps the digits of a bell much wider than its reach.
        here = -0.5 * np.square(cost / self.sigma)
        if self.reach == math.inf:
            return np.exp(here)
        end = -0.5 * (self.reach / self.sigma) ** 2
        fallen: NDArray[np.float64] = 1 - np.expm1(here) / math.expm1(end)
        return np.where(cost <= self.reach, fallen, 0.0)

    def describe(self) -> dict[str, Any]:
        """Return what it is as plain data."""
        return {"decay": "gaussian", "sigma": self.sigma, "reach": None if self.reach == math.inf else self.reach}


@dataclass(frozen=True)
class Exponential:
    r"""A constant share less for each unit of cost.

    .. math:: f(d) = e^{-\beta d}

    Parameters
    ----------
    rate
        The share lost by metre or by second, such as ``math.log(2) / 600`` to halve every ten minutes.

    Raises
    ------
    InputError
        If it is not a number above 0.

    References
    ----------
    Wilson, A. G. (1971), A family of spatial interaction models, and associated developments, Environment and Planning A
    3(1):1-32, doi:10.1068/a030001.

    Examples
    --------
    >>> rg.decay.Exponential(np.log(2) / 600)(np.array([0.0, 600.0, 1200.0])).round(4).tolist()
    [1.0, 0.5, 0.25]
    """

    rate: float

    def __post_init__(self) -> None:
        _require_positive(rate=self.rate)

    @property
    def reach(self) -> float:
        """Infinite: it never ends in 0."""
        return math.inf

    def __call__(self, cost: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weight of each cost."""
        return np.exp(-self.rate * cost)

    def describe(self) -> dict[str, Any]:
        """Return what it is as plain data."""
        return {"decay": "exponential", **asdict(self)}


@dataclass(frozen=True)
class Power:
    r"""A power of the cost, as in the law of gravity.

    .. math:: f(d) = (\max(d, d_{\min}) / s)^{-\beta}

    Parameters
    ----------
    exponent
        How steeply it falls.
    scale
        The cost s at which the weight is 1.
    minimum
        The cost below which all counts alike. It has to be above 0 where some costs are 0, which would count without bound.

    Raises
    ------
    InputError
        If ``exponent`` or ``scale`` is not a number above 0, or ``minimum`` not one of 0 or more.

    References
    ----------
    Hansen, W. G. (1959), doi:10.1080/01944365908978307.

    Examples
    --------
    >>> rg.decay.Power(2, scale=20.0, minimum=10.0)(np.array([0.0, 10.0, 20.0, 40.0])).tolist()
    [4.0, 4.0, 1.0, 0.25]
    """

    exponent: float
    scale: float = field(default=1.0, kw_only=True)
    minimum: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        _require_positive(exponent=self.exponent, scale=self.scale)
        if self.minimum != 0:
            _require_positive(minimum=self.minimum)

    @property
    def reach(self) -> float:
        """Infinite: it never ends in 0."""
        return math.inf

    def __call__(self, cost: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weight of each cost; infinite at a cost of 0, unless ``minimum`` is above it."""
        with np.errstate(divide="ignore"):
            return np.asarray((np.maximum(cost, self.minimum) / self.scale) ** -self.exponent)

    def describe(self) -> dict[str, Any]:
        """Return what it is as plain data."""
        return {"decay": "power", **asdict(self)}


def _require_positive(**given: float) -> None:
    """Raise :class:`~rcp_geo.errors.InputError` unless every parameter is a number above 0."""
    for name, value in given.items():
        if not (is_number(value) and value > 0):
            raise InputError(f"decay: {name}={value!r} does not make a decay; give a number above 0")
