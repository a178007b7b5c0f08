"""The record of every figure that the library reports."""

from rcp_geo.registry import access, equity, gap, need, plan, robust, supply
from rcp_geo.registry.record import Metric

__all__ = ["METRICS", "Metric"]

METRICS = {
    m.id: m
    for m in (
        *gap.RECORDS,
        *access.RECORDS,
        *supply.RECORDS,
        *equity.RECORDS,
        *robust.RECORDS,
        *need.RECORDS,
        *plan.RECORDS,
    )
}
