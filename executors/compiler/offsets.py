"""Owns metrics shifted back in time as a whole, and shifted periods where no time is grouped by."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from executors.compiler.draft import Draft
from executors.compiler.names import STANDARD_GRAINS, Wanted
from executors.compiler.nearest import by_time
from executors.compiler.scope import Measured, Offset, Scope, deduplicated
from executors.compiler.time_spine import join_spine, shifts_after
from metric_catalog.errors import UnsupportedQuery
from metric_catalog.issues import issue
from metric_catalog.model.metrics import Metric, Simple, inputs_of
from metric_catalog.periods import Grain, Period, shift, whole_units
from metric_catalog.query import METRIC_TIME, Compare, filter_leaves

_DAY = timedelta(days=1)
BOUNDS = ("--start", "--end")
"""The options of the period: what a filter on time is to be said by instead."""
Measure = Callable[[Draft, str, Scope], Measured]


def measure_shifted(
    draft: Draft, metric: Metric, scope: Scope, offset: Offset, measure: Measure
) -> Measured:
    """Return the values that `metric` had `offset` ago, at the moments that look back on them."""
    timed = tuple(w for w in scope.groups if counts_everywhere(draft, metric.id, w))
    if not timed:
        return measure(draft, metric.id, earlier_period(draft, scope, offset))
    if not shifts_after(draft, timed, offset):
        near = by_time(offset.grain)
        code = "offset_finer_than_grain"
        found = issue(code, nearest=near, metric=metric.id, offset=offset.grain)
        raise UnsupportedQuery((found,))
    kinds = [
        (f, {_reads_time(draft, metric.id, leaf) for leaf in filter_leaves(f)})
        for f in scope.filters
    ]
    if any(len(kind) > 1 for _, kind in kinds):
        found = issue("offset_with_mixed_filter", nearest=BOUNDS, metric=metric.id)
        raise UnsupportedQuery((found,))
    time_only = tuple(f for f, kind in kinds if kind == {True})
    others = tuple(f for f, kind in kinds if kind != {True})
    inner = replace(scope, filters=others, period=None)
    measured = deduplicated(draft, measure(draft, metric.id, inner))
    return join_spine(draft, measured, timed, scope, offset, False, time_only, ())


def _reads_time(draft: Draft, metric_id: str, leaf: object) -> bool:
    if not isinstance(leaf, Compare):
        return False
    return counts_everywhere(draft, metric_id, draft.names.wanted(leaf.dimension))


def counts_everywhere(draft: Draft, metric_id: str, wanted: Wanted) -> bool:
    """Return whether `wanted` is the moment at which all simple inputs of the metric count."""
    if wanted.name == METRIC_TIME:
        return True
    pending, times = [metric_id], []
    while pending:
        metric = draft.catalog.metric(pending.pop())
        pending.extend(item.metric for item in inputs_of(metric))
        if isinstance(metric.of, Simple):
            model = draft.catalog.model(metric.of.model)
            measure = model.measure(metric.of.measure)
            time = metric.time_dimension or (measure and measure.time_dimension)
            times.append((model.id, time or model.time_dimension))
    for model_id, time in times:
        path = draft.names.find(model_id, wanted.name)
        if path.steps or not path.is_time or path.short != time:
            return False
    return bool(times)


def earlier_period(draft: Draft, scope: Scope, offset: Offset) -> Scope:
    """Return `scope` with its period shifted back; raises UnsupportedQuery for an open one."""
    period = scope.period
    if offset.count is None:
        near = by_time(offset.grain)
        found = issue("offset_to_start_needs_time", nearest=near, offset=offset.grain)
        raise UnsupportedQuery((found,))
    fixed = offset.grain in STANDARD_GRAINS
    if period is None or period.start is None or period.end is None or not fixed:
        near = by_time(offset.grain)
        found = issue("offset_needs_time_or_period", nearest=near, offset=offset.grain)
        raise UnsupportedQuery((found,))
    if any(
        isinstance(leaf, Compare) and draft.names.wanted(leaf.dimension).name == METRIC_TIME
        for item in scope.filters
        for leaf in filter_leaves(item)
    ):
        found = issue("offset_with_time_filter", nearest=BOUNDS, offset=offset.grain)
        raise UnsupportedQuery((found,))
    try:
        return replace(scope, period=_back(period, offset.count, Grain(offset.grain)))
    except (ValueError, OverflowError) as error:
        raise UnsupportedQuery((issue("beyond_the_calendar"),)) from error


def _back(period: Period, count: int, grain: Grain) -> Period:
    start, end = period.bounds()
    whole = whole_units(period)
    by_months = grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
    if by_months and (whole is None or whole[0].order <= Grain.WEEK.order):
        return Period(shift(start, -count, grain), shift(end - _DAY, -count, grain) + _DAY)
    return Period(shift(start, -count, grain), shift(end, -count, grain))
