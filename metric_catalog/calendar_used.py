"""Owns the part of a calendar that a metric is counted by, whatever queries wish for.

A business year matters to a metric whose window, offset, condition or default grain names one of
its units, the first day of the week likewise. The zone dates every row; holidays are a matter of
comparisons alone.
"""

from collections.abc import Iterator
from dataclasses import replace

from metric_catalog.business_years import FISCAL, RETAIL
from metric_catalog.calendars import DEFAULT_CALENDAR, Calendar
from metric_catalog.foundations import grains_used
from metric_catalog.periods import Grain
from metric_catalog.used_names import Definitions, metrics_below, models_of


def calendar_used(metric_id: str, known: Definitions, calendar: Calendar) -> Calendar:
    """Return `calendar` with everything as by default that does not move the metric's number."""
    grains, plain = set(_grains(metric_id, known)), DEFAULT_CALENDAR
    return replace(
        calendar,
        week_start=calendar.week_start if Grain.WEEK in grains else plain.week_start,
        fiscal_year_start_month=(
            calendar.fiscal_year_start_month
            if grains & set(FISCAL)
            else plain.fiscal_year_start_month
        ),
        retail_week_start=(
            calendar.retail_week_start if grains & set(RETAIL) else plain.retail_week_start
        ),
        holidays=plain.holidays,
    )


def _grains(metric_id: str, known: Definitions) -> Iterator[str]:
    """Yield the grains that the metric and all it is made of are counted by."""
    pending, done = [metric_id], set[str]()
    while pending:
        metric = known.metrics.get(pending.pop())
        if metric is None or metric.id in done:
            continue
        done.add(metric.id)
        yield from grains_used(metric, known)
        yield metric.default_grain or ""
        for model in (known.models[name] for name in models_of(metric) if name in known.models):
            yield from (dimension.grain or "" for dimension in model.dimensions)
        pending.extend(metrics_below(metric))
