"""Owns the two periods of a comparison: their queries, and which way a size points."""

from typing import Literal

from assistant.insights.investigation import Investigation
from metric_catalog.periods import Period
from metric_catalog.query import GroupBy, MetricQuery

Direction = Literal["up", "down", "flat"]


def direction(size: float | None) -> Direction | None:
    """Return which way a size points."""
    if size is None:
        return None
    return "up" if size > 0 else "down" if size < 0 else "flat"


def value_query(investigation: Investigation) -> MetricQuery:
    """Return the query of the metric's total in the current and the base period."""
    sides = (investigation.current, investigation.base)
    periods = tuple(dict.fromkeys(p for p in sides if p is not None))
    filters = investigation.query.filters
    return MetricQuery((investigation.metric.id,), filters=filters, periods=periods)


def split_query(
    investigation: Investigation, dimension: str, periods: tuple[Period, ...]
) -> MetricQuery:
    """Return the query of the metric by `dimension` over `periods`, each once."""
    return MetricQuery(
        (investigation.metric.id,),
        (GroupBy(dimension),),
        investigation.query.filters,
        periods=tuple(dict.fromkeys(periods)),
    )
