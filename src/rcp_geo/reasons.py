"""Why an answer is another than it was."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["REASONS", "of_extent", "of_status"]

REASONS: Mapping[str, str] = {
    "opened": "a service opened",
    "restarted": "a service that was paused or closed runs again",
    "closed": "a service closed",
    "paused": "a service paused",
    "planned": "a service is in development",
    "plan_ended": "a service in development came to nothing",
    "evidenced": "the status of a service, not known before, is evidenced",
    "no_longer_evidenced": "the status of a service is no longer evidenced",
    "footprint_grew": "a service works for more of it",
    "footprint_shrank": "a service works for less of it",
    "boundary_change": "the authority was made, ended or changed its ground",
    "correction": "the two directories say different things of one date",
}
# How much of an authority a service works for, in order; blank for none of it.
_EXTENT = ("", "unclear", "part", "whole")


def of_status(old: str, new: str) -> str:
    """Name what happened to a service between two statuses that differ.

    Examples
    --------
    >>> of_status("in_development", "operating"), of_status("operating", "unknown")
    ('opened', 'no_longer_evidenced')
    """
    if new == "unknown":
        return "no_longer_evidenced"
    if old == "unknown":
        return "evidenced"
    if new == "operating":
        return "restarted" if old in {"paused", "closed"} else "opened"
    if old == "operating":
        return "paused" if new in {"paused", "in_development"} else "closed"
    return "planned" if new == "in_development" else "plan_ended"


def of_extent(old: str, new: str) -> str:
    """Name what happened to the footprint of a service whose status stayed.

    Examples
    --------
    >>> of_extent("part", "whole"), of_extent("part", "")
    ('footprint_grew', 'footprint_shrank')
    """
    return "footprint_grew" if _EXTENT.index(new) > _EXTENT.index(old) else "footprint_shrank"
