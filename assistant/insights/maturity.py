"""Owns maturity: which part of a period has had all the days that its metric waits for.

A cohort counts only when everybody in it has had the same time: who signed up yesterday cannot
have come back within seven days yet.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from assistant.insights.investigation import Intent, Investigation
from metric_catalog import periods
from metric_catalog.model.metrics import Conversion, Metric, Retention, inputs_of
from metric_catalog.periods import Grain, Period
from metric_catalog.query import Comparison, MetricQuery

YOUNG = "young_cohorts"
"""The basis of a change that cannot be judged: part of the period is too young."""
STATED: frozenset[Intent] = frozenset({
    "value", "explain", "growth", "comparison", "attainment", "breakdown", "ranking", "share",
    "threshold", "anomaly",
})  # fmt: skip
"""The intents whose answers are of the complete cohorts alone, and say so."""
LEAST_SHARE = 0.5
"""With a smaller part of the period complete, the part does not speak for the period."""


def mature_until(metric: Metric, known: Mapping[str, Metric], as_of: dt.date) -> dt.datetime | None:
    """Return the end (exclusive) of the complete cohorts; None for metrics that wait for nothing.

    Of a metric made of others the earliest of theirs.
    """
    day = periods.as_day(as_of)
    match metric.of:
        case Retention(to_day=days):
            return day - timedelta(days=days)
        case Conversion(window=window):
            if window is None or window.grain not in {grain.value for grain in Grain}:
                return None
            return periods.shift(day, -window.count, Grain(window.grain))
        case _:
            inputs = (known.get(each.metric) for each in inputs_of(metric))
            ends = [mature_until(each, known, as_of) for each in inputs if each is not None]
            return min((end for end in ends if end is not None), default=None)


def young_from(investigation: Investigation) -> dt.datetime | None:
    """Return the first moment of the current period that is too young; None where none is."""
    current = investigation.current
    if current is None or current.start is None or current.end is None:
        return None
    until = mature_until(investigation.metric, investigation.related or {}, investigation.as_of)
    if until is None or until >= current.end:
        return None
    return max(until, current.start)


def on_complete_cohorts(investigation: Investigation) -> Investigation:
    """Return the investigation on the complete part of the current period, like for like.

    Unchanged where all of it or too little is complete, for several metrics at once, and over
    time, where each unit says by itself whether it is complete.
    """
    young, current, base = young_from(investigation), investigation.current, investigation.base
    query = investigation.query
    timed = query.grain is not None or any(item.grain for item in query.group_by)
    stated = investigation.intent in STATED and len(query.metrics) == 1 and not timed
    if young is None or not stated or current is None:
        return investigation
    start, end = current.bounds()
    if young - start < LEAST_SHARE * (end - start):
        return investigation
    if base is not None and base.start is not None and base.end is not None:
        base = Period(base.start, min(base.end, base.start + (young - start)))
    return replace(investigation, current=Period(start, young), base=base)


def query_of_complete(investigation: Investigation) -> MetricQuery:
    """Return the query that was asked over the periods that are investigated.

    So that rows, value and change are of the same cohorts.
    """
    query, current, base = investigation.query, investigation.current, investigation.base
    if investigation.intent not in STATED:
        return query  # a forecast reads the history, not what is to come
    if current is None or len(query.periods) != 1 or query.periods[0] == current:
        return query
    compared = query.comparison
    if compared is not None and compared.period is not None and base is not None:
        compared = Comparison(compared.kind, base)
    return replace(query, periods=(current,), comparison=compared)
