"""Owns retention: which share of a cohort comes back, dated by the cohort's day.

The metric's own filters choose the events; the filters and the period of the query choose which
cohorts are counted.
"""

from dataclasses import replace
from datetime import datetime, time, timedelta

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.entities import chosen_by, event_rows, own_scope, share_values
from executors.compiler.plan import Aggregate, Compute, Join, Named, Node, Window
from executors.compiler.plan import Filter as Kept
from executors.compiler.rows import MetricColumn, Rows, open_rows
from executors.compiler.scope import DENOMINATOR, INCOMPLETE, NUMERATOR, Measured, Scope
from executors.compiler.simple import kept
from executors.compiler.syntax import (
    Expr,
    all_of,
    between_units,
    case,
    cast,
    column,
    equal,
    not_null,
    number,
    over,
    plus,
)
from metric_catalog.expressions import parse_condition
from metric_catalog.model.metrics import Metric, Retention
from metric_catalog.periods import Period


def measure_retention(
    draft: Draft, metric: Metric, of: Retention, scope: Scope, metric_column: MetricColumn
) -> Measured:
    """Return the share of each cohort that comes back, dated by the cohort's day.

    An entity joins its cohort with its first row. Where the day asked is known, cohorts whose
    last day is not over are counted beside it.
    """
    rows = event_rows(draft, metric, of.cohort_model, metric_column)
    if rows.dated_only(scope.groups) and not scope.filters:
        cohort = _dated_cohort(draft, metric, of, scope, rows)
    else:
        cohort = _cohort(draft, metric, of, scope, rows)
    back = _returned(draft, metric, of, cohort, scope.period, metric_column)
    entity = column(cohort.name, "__entity")
    above: Expr = exp.Count(this=column(back.name, "__entity"), big_int=True)
    below: Expr = exp.Count(this=entity, big_int=True)
    values = list(share_values(metric, above, below))
    parts = [NUMERATOR, DENOMINATOR]
    if draft.as_of is not None:
        today = draft.moment(datetime.combine(draft.as_of, time()))
        last = plus(column(cohort.name, "__day"), of.to_day, "day")
        running = case((exp.GTE(this=last, expression=today), entity))
        count = exp.Count(this=running, big_int=True)
        values.append(Named(f"{metric.id}__{INCOMPLETE}", count))
        parts.append(INCOMPLETE)
    keys = tuple(w.column for w in scope.groups)
    again = tuple(Named(key, column(cohort.name, key)) for key in keys)
    joined = Join(cohort, back, "left", equal(entity, column(back.name, "__entity")))
    node = draft.close(Aggregate(metric.id, joined, again, tuple(values)))
    return Measured(node, keys, metric.id, parts=tuple(parts))


def _dated_cohort(draft: Draft, metric: Metric, of: Retention, scope: Scope, rows: Rows) -> Compute:
    """Return one row per entity where nothing but the day of its first row matters."""
    entity, moment = rows.entity(of.entity), rows.known_moment()
    known = Kept(_cohort_rows(draft, metric, of, rows), (not_null(entity), not_null(moment)))
    group, first = Named("__entity", entity), Named("__moment", exp.Min(this=moment))
    firsts = draft.close(Aggregate(f"{metric.id}_first_rows", known, (group,), (first,)))
    began = column(firsts.name, "__moment")
    columns = [Named(w.column, rows.timed(w, began)) for w in scope.groups]
    columns.append(Named("__entity", column(firsts.name, "__entity")))
    columns.append(Named("__day", cast(began, "DATE")))
    source = Kept(firsts, inside) if (inside := draft.within(began, scope.period)) else firsts
    return draft.close(Compute(f"{metric.id}_cohort", source, tuple(columns)))


def _cohort(draft: Draft, metric: Metric, of: Retention, scope: Scope, rows: Rows) -> Compute:
    """Return one row per entity, that of its first row, where the query's filters hold for it."""
    whole = replace(scope, period=None)
    key = ("first rows", metric.id, whole)
    ranked = draft.once(key, lambda: _ranked(draft, metric, of, whole, rows))
    is_first = equal(column(ranked.name, "__place"), number(1))
    inside = draft.within(column(ranked.name, "__moment"), scope.period)
    names = [*(w.column for w in scope.groups), "__entity", "__day"]
    kept_columns = tuple(Named(name, column(ranked.name, name)) for name in names)
    source = Kept(ranked, (is_first, column(ranked.name, "__chosen"), *inside))
    return draft.close(Compute(f"{metric.id}_cohort", source, kept_columns))


def _ranked(draft: Draft, metric: Metric, of: Retention, scope: Scope, rows: Rows) -> Window:
    """Return all rows of the cohort's model with their place, the same for every period."""
    rows.prepare(scope.groups, scope.filters)
    groups = [Named(w.column, rows.column(w)) for w in scope.groups]
    moment, entity = rows.known_moment(), rows.entity(of.entity)
    chosen = chosen_by(draft, rows, scope)
    first = over(exp.RowNumber(), [entity], [moment, *(g.value for g in groups)])
    columns = (
        *groups,
        Named("__entity", entity),
        Named("__day", cast(moment, "DATE")),
        Named("__moment", moment),
        Named("__chosen", chosen),
        Named("__place", first),
    )
    known = (not_null(entity), not_null(moment))
    source = Kept(_cohort_rows(draft, metric, of, rows), known)
    return draft.close(Window(f"{metric.id}_first_rows", source, columns))


def _cohort_rows(draft: Draft, metric: Metric, of: Retention, rows: Rows) -> Node:
    return kept(draft, rows, own_scope(metric, of.cohort_filter))


def _returned(
    draft: Draft,
    metric: Metric,
    of: Retention,
    cohort: Compute,
    period: Period | None,
    metric_column: MetricColumn,
) -> Compute:
    """Return the entities of the cohort that come back in time, each once."""
    model = draft.catalog.model(of.return_model)
    rows = open_rows(draft, model, model.time_dimension, metric_column=metric_column)
    entity = rows.entity(of.entity)
    moment = cast(rows.known_moment(), "DATE")
    filters = (parse_condition(of.return_filter),) if of.return_filter else ()
    near = replace(Scope(()).narrowed(*filters), period=_reach(of, period))
    source = kept(draft, rows, near)
    columns = (Named("__entity", entity), Named("__day", moment))
    events = draft.close(Compute("returns", source, columns))
    day, later = column(cohort.name, "__day"), column(events.name, "__day")
    after = between_units("day", day, later)
    on = all_of(
        (
            equal(column(cohort.name, "__entity"), column(events.name, "__entity")),
            exp.GTE(this=after, expression=number(of.from_day)),
            exp.LTE(this=after, expression=number(of.to_day)),
        )
    )
    joined = Join(cohort, events, "inner", on)
    found = (Named("__entity", column(cohort.name, "__entity")),)
    return draft.close(Compute(f"{metric.id}_returned", joined, found, distinct=True))


def _reach(of: Retention, period: Period | None) -> Period | None:
    """Return when those who join in `period` come back at the widest: no other rows are read."""
    if period is None:
        return None
    start, end = period.start, period.end
    if start is not None:
        start = _days_after(start, of.from_day)
    if end is not None:
        # A cohort's last day may begin just before the end: its days run on past it.
        end = _days_after(end, of.to_day + 1)
    return Period(start, end)


def _days_after(moment: datetime, count: int) -> datetime | None:
    """Return the start of the day `count` days later; None, without bound, where there is none."""
    try:
        return datetime.combine(moment.date(), time()) + timedelta(days=count)
    except OverflowError:
        return None
