"""Owns the two periods of a comparison: their queries, and which way a size points."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from assistant.insights.investigation import Investigation
from assistant.insights.maturity import young_from
from metric_catalog.model.metrics import Cumulative, inputs_of
from metric_catalog.periods import Grain, Period, whole_units
from metric_catalog.query import GroupBy, MetricQuery

Direction = Literal["up", "down", "flat"]


def direction(size: float | None) -> Direction | None:
    """Return which way a size points."""
    if size is None:
        return None
    return "up" if size > 0 else "down" if size < 0 else "flat"


def has_change(investigation: Investigation) -> bool:
    """Return whether there is a change to take apart.

    Not where members are asked for that meet a condition, nor while cohorts are too young.
    """
    sides = investigation.current is not None and investigation.base is not None
    return sides and investigation.query.having is None and young_from(investigation) is None


def value_query(investigation: Investigation) -> MetricQuery:
    """Return the query of the metric's total in the current and the base period."""
    return over_periods(investigation, (investigation.metric.id,), (), _sides(investigation))


def values_query(investigation: Investigation, metrics: Sequence[str]) -> MetricQuery:
    """Return the query of the totals of several metrics in the current and the base period."""
    return over_periods(investigation, tuple(metrics), (), _sides(investigation))


def leaf_query(investigation: Investigation, dimensions: tuple[str, ...]) -> MetricQuery:
    """Return the query of every combination of `dimensions` in both periods."""
    metrics = (investigation.metric.id,)
    return over_periods(investigation, metrics, dimensions, _sides(investigation))


COMBINED = 3
"""The most telling dimensions that are combined."""


def split_query(
    investigation: Investigation, dimension: str, periods: tuple[Period, ...]
) -> MetricQuery:
    """Return the query of the metric by `dimension` over `periods`, each once."""
    return over_periods(investigation, (investigation.metric.id,), (dimension,), periods)


def _sides(investigation: Investigation) -> tuple[Period, ...]:
    return tuple(p for p in (investigation.current, investigation.base) if p is not None)


def over_periods(
    investigation: Investigation,
    metrics: tuple[str, ...],
    dimensions: tuple[str, ...],
    periods: Sequence[Period],
) -> MetricQuery:
    """Return the query of `metrics` by `dimensions` in each of `periods`.

    Single units without a gap between them are read by their grain, at one go instead of one by
    one (`cells.by_member` reads both forms), but for metrics that look back: how far may depend
    on the grain.
    """
    groups = tuple(GroupBy(dimension) for dimension in dimensions)
    once = tuple(dict.fromkeys(periods))
    filters = investigation.query.filters
    grain = _common_grain(investigation, once)
    if grain is None or any(_looks_back(investigation, metric) for metric in metrics):
        return MetricQuery(metrics, groups, filters, periods=once)
    first, last = min(p.bounds()[0] for p in once), max(p.bounds()[1] for p in once)
    return MetricQuery(metrics, groups, filters, periods=(Period(first, last),), grain=grain.value)


def _common_grain(investigation: Investigation, periods: Sequence[Period]) -> Grain | None:
    """The grain that cuts the stretch of time into exactly these periods, two or more."""
    units = {whole_units(period, investigation.calendar) for period in periods}
    unit = units.pop() if len(units) == 1 else None
    if unit is None or unit[1] != 1 or len(periods) < 2:
        return None
    bounds = sorted(period.bounds() for period in periods)
    follow = all(before[1] == after[0] for before, after in pairwise(bounds))
    return unit[0] if follow else None


def _looks_back(investigation: Investigation, name: str) -> bool:
    """Whether a metric, or one that it is made of, runs on or is offset; true if not known."""
    own = investigation.metric
    metric = own if name == own.id else (investigation.related or {}).get(name)
    if metric is None or isinstance(metric.of, Cumulative):
        return True
    inputs = inputs_of(metric)
    if any(each.offset_window or each.offset_to_grain for each in inputs):
        return True
    return any(_looks_back(investigation, each.metric) for each in inputs)
