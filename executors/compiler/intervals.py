"""Owns intervals: the mean or median time between consecutive events of an entity.

The metric's own filters choose the events; the filters and the period of the query choose which
later events are counted.
"""

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.entities import chosen_by, event_rows, own_scope
from executors.compiler.plan import Aggregate, Compute, Named, Window
from executors.compiler.plan import Filter as Kept
from executors.compiler.rows import MetricColumn, Rows
from executors.compiler.scope import DENOMINATOR, NUMERATOR, Measured, Scope
from executors.compiler.simple import kept
from executors.compiler.syntax import (
    Expr,
    between_units,
    cast,
    column,
    interval,
    not_null,
    number,
    over,
)
from metric_catalog.model.metrics import Interval, Metric

MICROSECONDS = {"day": 86_400_000_000, "hour": 3_600_000_000}


def measure_interval(
    draft: Draft, metric: Metric, of: Interval, scope: Scope, metric_column: MetricColumn
) -> Measured:
    """Return the mean or median time from an entity's event before, by the later event."""
    rows = event_rows(draft, metric, of.model, metric_column)
    if rows.dated_only(scope.groups) and not scope.filters:
        gaps = _dated_gaps(draft, metric, of, scope, rows)
    else:
        gaps = _gaps(draft, metric, of, scope, rows)
    return _values(draft, metric, of, tuple(w.column for w in scope.groups), gaps)


def _dated_gaps(draft: Draft, metric: Metric, of: Interval, scope: Scope, rows: Rows) -> Compute:
    """Return one row per gap where nothing but the moments of events matters."""
    entity, moment = rows.entity(of.entity), cast(rows.known_moment(), "TIMESTAMP")
    source = kept(draft, rows, own_scope(metric))
    pair = (Named("__entity", entity), Named("__moment", moment))
    known = Kept(source, (not_null(entity), not_null(moment)))
    moments = draft.close(Compute(f"{metric.id}_moments", known, pair, distinct=True))
    who, when = (column(moments.name, n) for n in ("__entity", "__moment"))
    before = Named("__before", over(exp.Lag(this=when), [who], [when]))
    events = draft.close(Window(f"{metric.id}_events", moments, (Named("__moment", when), before)))
    later = column(events.name, "__moment")
    again = tuple(Named(w.column, rows.timed(w, later)) for w in scope.groups)
    counted = (not_null(column(events.name, "__before")), *draft.within(later, scope.period))
    columns = (*again, Named("__length", _length(events.name, of)))
    return draft.close(Compute(f"{metric.id}_gaps", Kept(events, counted), columns))


def _gaps(draft: Draft, metric: Metric, of: Interval, scope: Scope, rows: Rows) -> Compute:
    """Return one row per gap, group and later event."""
    rows.prepare(scope.groups, scope.filters)
    columns = [Named(w.column, rows.column(w)) for w in scope.groups]
    entity, moment = rows.entity(of.entity), cast(rows.known_moment(), "TIMESTAMP")
    chosen = chosen_by(draft, rows, scope)
    frame = ("RANGE", "UNBOUNDED", interval(1, "microsecond"))
    before = over(exp.Max(this=moment), [entity], [moment], frame)
    source = kept(draft, rows, own_scope(metric))
    events = draft.close(
        Window(
            f"{metric.id}_events",
            Kept(source, (not_null(entity), not_null(moment))),
            (
                *columns,
                Named("__entity", entity),
                Named("__moment", moment),
                Named("__before", before),
                Named("__chosen", chosen),
            ),
        )
    )
    again = tuple(Named(c.name, column(events.name, c.name)) for c in columns)
    carried = tuple(Named(n, column(events.name, n)) for n in ("__entity", "__moment"))
    counted = (not_null(column(events.name, "__before")), column(events.name, "__chosen"))
    length = Named("__length", _length(events.name, of))
    return draft.close(
        Compute(
            f"{metric.id}_gaps", Kept(events, counted), (*again, *carried, length), distinct=True
        )
    )


def _length(events: str, of: Interval) -> Expr:
    """Return the time from the event before in the metric's unit."""
    between = between_units("microsecond", column(events, "__before"), column(events, "__moment"))
    return exp.Div(this=cast(between, "DOUBLE"), expression=number(MICROSECONDS[of.unit]))


def _values(
    draft: Draft, metric: Metric, of: Interval, keys: tuple[str, ...], gaps: Compute
) -> Measured:
    length = column(gaps.name, "__length")
    groups = tuple(Named(key, column(gaps.name, key)) for key in keys)
    if of.aggregate == "median":
        middle = (Named(metric.id, exp.Median(this=length)),)
        return Measured(draft.close(Aggregate(metric.id, gaps, groups, middle)), keys, metric.id)
    values = (
        Named(metric.id, exp.Avg(this=length)),
        Named(f"{metric.id}__{NUMERATOR}", exp.Sum(this=length)),
        Named(f"{metric.id}__{DENOMINATOR}", exp.Count(this=length, big_int=True)),
    )
    node = draft.close(Aggregate(metric.id, gaps, groups, values))
    return Measured(node, keys, metric.id, parts=(NUMERATOR, DENOMINATOR))
