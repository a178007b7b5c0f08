"""Errors that rcp_geo raises.

The tree, every branch of which is also the builtin that fits it::

    RcpGeoError(Exception)
    ├── InputError(ValueError)            something that the caller passed is wrong
    │   ├── MissingColumnError
    │   ├── DuplicateIdError
    │   ├── GeometryError
    │   ├── UnknownAuthorityError
    │   ├── AmbiguousAuthorityError
    │   ├── CrsError
    │   ├── VintageError
    │   └── InfeasibleError               no choice of sites does what was asked of a plan
    ├── TravelError(RuntimeError)         a travel model could not answer
    ├── UnknownMetricError(LookupError)   no metric has this id
    ├── IntegrityError(OSError)           a data file is not what its manifest says
    └── MissingExtraError(ImportError)    an optional dependency is not installed

and one warning, :class:`InputWarning`, for what was wrong in an input and was left out rather than raised.
"""

__all__ = [
    "AmbiguousAuthorityError",
    "CrsError",
    "DuplicateIdError",
    "GeometryError",
    "InfeasibleError",
    "InputError",
    "InputWarning",
    "IntegrityError",
    "MissingColumnError",
    "MissingExtraError",
    "RcpGeoError",
    "TravelError",
    "UnknownAuthorityError",
    "UnknownMetricError",
    "VintageError",
]


class RcpGeoError(Exception):
    """Base of every error that this library raises on purpose."""


class InputError(RcpGeoError, ValueError):
    """Something that the caller passed cannot be used as it is."""


class MissingColumnError(InputError):
    """A table lacks a column that the call reads."""


class DuplicateIdError(InputError):
    """An identifier that must be unique is not."""


class GeometryError(InputError):
    """A geometry is null, empty, of the wrong kind or outside the plausible range."""


class UnknownAuthorityError(InputError):
    """A code or name is of no authority that the register knows."""


class AmbiguousAuthorityError(InputError):
    """A name fits more than one authority."""


class CrsError(InputError):
    """A coordinate reference system is missing, or is not the one that the call needs."""


class VintageError(InputError):
    """Tables of different boundary vintages would be joined by code."""


class InfeasibleError(InputError):
    """No choice of sites does what was asked of a plan.

    Attributes
    ----------
    ids, weight
        The demand that no site reaches, where that is the reason.
    """

    def __init__(self, message: str = "", ids: tuple[object, ...] = (), weight: float = 0.0) -> None:
        super().__init__(message)
        self.ids = ids
        self.weight = weight


class TravelError(RcpGeoError, RuntimeError):
    """A travel model could not produce the costs asked of it."""


class UnknownMetricError(RcpGeoError, LookupError):
    """No metric has the id asked for."""

    def __str__(self) -> str:
        # LookupError would print the repr of its argument, quotes and all.
        return str(self.args[0]) if self.args else ""


class IntegrityError(RcpGeoError, OSError):
    """A data file is missing, cannot be fetched whole, or differs from the checksum that was kept of it."""


class MissingExtraError(RcpGeoError, ImportError):
    """A call needs an optional dependency that is not installed."""


class InputWarning(UserWarning):
    """Something in an input was wrong and was left out; the findings say what."""
