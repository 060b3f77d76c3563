"""Owns `resolve`: a reading that passed the gate in, a typed query with its periods out."""

import datetime as dt
from dataclasses import dataclass, replace

from assistant.insights.investigation import Intent
from assistant.insights.maturity import mature_until
from assistant.reading.reading import Reading
from assistant.resolve.defaults import (
    COMPARED,
    choose_base,
    choose_grain,
    choose_history,
    choose_periods,
)
from metric_catalog.catalog import Catalog
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import Period
from metric_catalog.query import (
    METRIC_TIME,
    And,
    Compare,
    Comparison,
    CountGroups,
    Filter,
    GroupBy,
    MetricQuery,
    Not,
    Or,
    Order,
    ShareOfTotal,
    filter_leaves,
)

GROUPED: frozenset[Intent] = frozenset({"breakdown", "ranking", "threshold", "share"})
# A value is told with its change, though nobody asked to compare.
WITH_CHANGE: frozenset[Intent] = frozenset({"value", "cumulative", "anomaly"})

MOST_ROWS = 2**31 - 1
"""A greater limit is none: databases count rows in 64 bits, nobody reads so many."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A question ready to run. `current` and `base` are set where two periods are compared.

    `focus` are the members that a share is asked of; `assumptions` codes of what was chosen.
    """

    reading: Reading
    intent: Intent
    query: MetricQuery
    metric: Metric
    current: Period | None
    base: Period | None
    assumptions: tuple[str, ...] = ()
    focus: tuple[Compare, ...] = ()


def resolve(reading: Reading, catalog: Catalog, as_of: dt.date) -> Resolved:
    """Return the query of `reading`, whose metrics are known and governed."""
    metric = catalog.metric(reading.metrics[0])
    intent = reading.intent
    mature = mature_until(metric, catalog.metrics, as_of)
    chosen = choose_periods(reading, intent, as_of, catalog.calendar, mature)
    current = chosen.periods[0] if len(chosen.periods) == 1 else None
    if intent == "forecast":
        chosen = choose_history(reading, as_of, catalog.calendar)
    base = None
    compared = intent in COMPARED or reading.comparison is not None
    if current and (compared or intent in WITH_CHANGE) and not _compares_members(reading):
        base = choose_base(reading, metric, current, as_of, catalog.calendar)
    query = MetricQuery(
        metrics=reading.metrics,
        group_by=_group_by(reading, intent, metric, catalog),
        filters=keep_unknown(reading.filters),
        having=reading.having,
        periods=chosen.periods,
        grain=choose_grain(reading, metric, intent, chosen.periods[0]),
        comparison=Comparison("period", base) if base and compared else None,
        post=reading.post,
        order=reading.order,
        limit=None if reading.limit is None else min(reading.limit, MOST_ROWS),
    )
    if isinstance(query.post, CountGroups) and query.grain and not query.group_by:
        # Days, weeks, months are counted as any other groups are.
        query = replace(query, group_by=(GroupBy(METRIC_TIME, query.grain),), grain=None)
    resolved = Resolved(reading, intent, query, metric, current, base, chosen.assumptions)
    return _as_share(resolved) if intent == "share" else _ordered(resolved)


def keep_unknown(condition: Filter | None) -> Filter | None:
    """Return a filter as people mean it: all except X keeps the rows whose member is unknown.

    In SQL "not equal" is unknown for a null, and the row would go with X.
    """
    match condition:
        case Compare(dimension, "!=", values):
            return Or((Compare(dimension, "!=", values), Compare(dimension, "is_null", ())))
        case Not(Compare(dimension, "in" | "=", _)):
            return Or((condition, Compare(dimension, "is_null", ())))
        case And(items):
            return And(tuple(part for item in items if (part := keep_unknown(item))))
        case _:
            return condition


def _compares_members(reading: Reading) -> bool:
    return reading.comparison is not None and reading.comparison.kind == "members"


def _group_by(
    reading: Reading, intent: Intent, metric: Metric, catalog: Catalog
) -> tuple[GroupBy, ...]:
    over_time = intent == "threshold" and reading.grain is not None
    if reading.group_by or over_time or intent not in GROUPED:
        return reading.group_by
    if intent == "share" and reading.filters is not None:
        return ()
    paths = catalog.dimensions_of(metric.id)
    return (GroupBy(catalog.canonical(paths[0])),) if paths else ()


def _as_share(resolved: Resolved) -> Resolved:
    """Take the members whose share is asked out of the filter: the total must keep the others."""
    query = resolved.query
    if query.group_by:
        return _ordered(resolved)
    focus = tuple(
        leaf
        for leaf in filter_leaves(query.filters)
        if isinstance(leaf, Compare) and leaf.op in ("=", "in")
    )[-1:]
    if not focus:
        return replace(resolved, query=replace(query, post=None))
    shared = replace(
        query,
        group_by=(GroupBy(focus[0].dimension),),
        filters=_without(query.filters, focus[0]),
        post=ShareOfTotal(),
    )
    return _ordered(replace(resolved, query=shared, focus=focus))


def _without(condition: Filter | None, leaf: Compare) -> Filter | None:
    if condition == leaf:
        return None
    if isinstance(condition, And):
        rest = tuple(item for item in condition.items if item != leaf)
        return rest[0] if len(rest) == 1 else And(rest)
    return condition


def _ordered(resolved: Resolved) -> Resolved:
    """Sort groups by size where nothing else was asked: a table is read from its top."""
    query = resolved.query
    if query.order or not query.group_by or query.grain or query.post is not None:
        return resolved
    below = any(leaf.op in ("<", "<=") for leaf in filter_leaves(query.having))
    order = (Order(query.metrics[0], not below),)
    return replace(resolved, query=replace(query, order=order))
