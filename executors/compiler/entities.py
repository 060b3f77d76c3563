"""Owns metrics that count entities: entity share, retention, interval.

The metric's own filters choose the events; the filters and the period of the query choose which
entities, cohorts or later events are counted.
"""

from datetime import datetime, time

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.plan import Aggregate, Compute, Join, Named, Window
from executors.compiler.plan import Filter as Kept
from executors.compiler.rows import MetricColumn, Rows, open_rows
from executors.compiler.scope import DENOMINATOR, INCOMPLETE, NUMERATOR, Measured, Scope
from executors.compiler.simple import aggregate, kept
from executors.compiler.syntax import (
    Expr,
    all_of,
    between_units,
    case,
    cast,
    column,
    count_distinct,
    divide,
    equal,
    interval,
    not_null,
    number,
    over,
    plus,
    qualified,
    truncated,
)
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import parse_condition
from metric_catalog.issues import issue, nearest_names
from metric_catalog.model.metrics import EntityShare, Interval, Metric, Retention
from metric_catalog.model.semantic_model import own

MICROSECONDS = {"day": 86_400_000_000, "hour": 3_600_000_000}
_OPS: dict[str, type[exp.Binary]] = {
    ">=": exp.GTE, ">": exp.GT, "=": exp.EQ, "<": exp.LT, "<=": exp.LTE,
}  # fmt: skip


def _share(metric: Metric, above: Expr, below: Expr) -> tuple[Named, ...]:
    value = divide(above, below)
    if metric.zero_denominator == "zero":
        value = case((equal(below, number(0)), number(0)), default=value)
    return (
        Named(metric.id, value),
        Named(f"{metric.id}__{NUMERATOR}", above),
        Named(f"{metric.id}__{DENOMINATOR}", below),
    )


def _rows(draft: Draft, metric: Metric, model_id: str, metric_column: MetricColumn) -> Rows:
    model = draft.catalog.model(model_id)
    time_name = metric.time_dimension or model.time_dimension
    return open_rows(draft, model, time_name, metric_column=metric_column)


def _filtered(metric: Metric, *texts: str | None) -> Scope:
    scope = Scope(())
    return scope.narrowed(*(parse_condition(text) for text in (metric.filter, *texts) if text))


def measure_entity_share(
    draft: Draft, metric: Metric, of: EntityShare, scope: Scope, metric_column: MetricColumn
) -> Measured:
    """Return the share of active entities whose measure meets the condition, per group and cell."""
    rows = _rows(draft, metric, of.model, metric_column)
    measure = rows.model.measure(of.measure)
    if measure is None:
        near = nearest_names(of.measure, (m.name for m in rows.model.measures))
        raise CatalogError(
            (issue("unknown_measure", nearest=near, metric=metric.id, measure=of.measure),)
        )
    rows.prepare(scope.groups, scope.filters)
    groups = tuple(Named(w.column, rows.column(w)) for w in scope.groups)
    entity = rows.entity(of.entity)
    value = aggregate(measure, qualified(own(measure), rows.model.id))
    narrowed = scope.narrowed(*_filtered(metric).filters)
    source = kept(draft, rows, narrowed)
    known = Kept(source, (not_null(entity),))
    per_entity = draft.close(
        Aggregate(
            f"{metric.id}_entities",
            known,
            (*groups, Named("__entity", entity)),
            (Named("__value", value),),
        )
    )
    meets = _OPS[of.op](this=column(per_entity.name, "__value"), expression=draft.bind(of.value))
    above: Expr = exp.Count(this=case((meets, number(1))), big_int=True)
    below: Expr = exp.Count(this=exp.Star(), big_int=True)
    keys = tuple(group.name for group in groups)
    again = tuple(Named(key, column(per_entity.name, key)) for key in keys)
    node = draft.close(Aggregate(metric.id, per_entity, again, _share(metric, above, below)))
    return Measured(node, keys, metric.id, parts=(NUMERATOR, DENOMINATOR))


def measure_retention(
    draft: Draft, metric: Metric, of: Retention, scope: Scope, metric_column: MetricColumn
) -> Measured:
    """Return the share of each cohort that comes back, dated by the cohort's day.

    An entity joins its cohort with its first row. Where the day asked is known, cohorts whose
    last day is not over are counted beside it.
    """
    cohort = _cohort(draft, metric, of, scope, metric_column)
    back = _returns(draft, of, metric_column)
    entity, day = column(cohort.name, "__entity"), column(cohort.name, "__day")
    returned_on = column(back.name, "__day")
    on = all_of(
        (
            equal(entity, column(back.name, "__entity")),
            exp.GTE(this=returned_on, expression=plus(day, of.from_day, "day")),
            exp.LTE(this=returned_on, expression=plus(day, of.to_day, "day")),
        )
    )
    above = count_distinct(case((not_null(returned_on), entity)))
    values = list(_share(metric, above, count_distinct(entity)))
    parts = [NUMERATOR, DENOMINATOR]
    if draft.as_of is not None:
        today = draft.moment(datetime.combine(draft.as_of, time()))
        running = exp.GTE(this=plus(day, of.to_day, "day"), expression=today)
        count = count_distinct(case((running, entity)))
        values.append(Named(f"{metric.id}__{INCOMPLETE}", count))
        parts.append(INCOMPLETE)
    keys = tuple(w.column for w in scope.groups)
    again = tuple(Named(key, column(cohort.name, key)) for key in keys)
    joined = Join(cohort, back, "left", on)
    node = draft.close(Aggregate(metric.id, joined, again, tuple(values)))
    return Measured(node, keys, metric.id, parts=tuple(parts))


def _cohort(
    draft: Draft, metric: Metric, of: Retention, scope: Scope, metric_column: MetricColumn
) -> Compute:
    """Return one row per entity, that of its first row, where the query's filters hold for it."""
    rows = _rows(draft, metric, of.cohort_model, metric_column)
    rows.prepare(scope.groups, scope.filters)
    columns = [Named(w.column, rows.column(w)) for w in scope.groups]
    moment, entity = rows.known_moment(), rows.entity(of.entity)
    day = truncated("day", moment, draft.week_start)
    chosen = _conditions(draft, rows, scope)
    columns += [Named("__entity", entity), Named("__day", day), Named("__chosen", chosen)]
    first = over(exp.RowNumber(), [entity], [moment, *(c.value for c in columns[:-3])])
    source = kept(draft, rows, _filtered(metric, of.cohort_filter))
    ranked = draft.close(
        Window(
            f"{metric.id}_first_rows",
            Kept(source, (not_null(entity), not_null(moment))),
            (*columns, Named("__place", first)),
        )
    )
    is_first = equal(column(ranked.name, "__place"), number(1))
    names = [c.name for c in columns[:-1]]
    kept_columns = tuple(Named(name, column(ranked.name, name)) for name in names)
    source = Kept(ranked, (is_first, column(ranked.name, "__chosen")))
    return draft.close(Compute(f"{metric.id}_cohort", source, kept_columns))


def _conditions(draft: Draft, rows: Rows, scope: Scope) -> Expr:
    """Return the filters and the period of the query as one column."""
    source = kept(draft, rows, scope)
    if isinstance(source, Kept) and source is not rows.node:
        return all_of(source.conditions) or exp.true()
    return exp.true()


def _returns(draft: Draft, of: Retention, metric_column: MetricColumn) -> Compute:
    model = draft.catalog.model(of.return_model)
    rows = open_rows(draft, model, model.time_dimension, metric_column=metric_column)
    entity = rows.entity(of.entity)
    day = truncated("day", rows.known_moment(), draft.week_start)
    filters = (parse_condition(of.return_filter),) if of.return_filter else ()
    source = kept(draft, rows, Scope(()).narrowed(*filters))
    columns = (Named("__entity", entity), Named("__day", day))
    return draft.close(Compute("returns", source, columns, distinct=True))


def measure_interval(
    draft: Draft, metric: Metric, of: Interval, scope: Scope, metric_column: MetricColumn
) -> Measured:
    """Return the mean or median time from an entity's event before, by the later event."""
    rows = _rows(draft, metric, of.model, metric_column)
    rows.prepare(scope.groups, scope.filters)
    columns = [Named(w.column, rows.column(w)) for w in scope.groups]
    entity, moment = rows.entity(of.entity), cast(rows.known_moment(), "TIMESTAMP")
    chosen = _conditions(draft, rows, scope)
    frame = ("RANGE", "UNBOUNDED", interval(1, "microsecond"))
    before = over(exp.Max(this=moment), [entity], [moment], frame)
    source = kept(draft, rows, _filtered(metric))
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
    keys = tuple(c.name for c in columns)
    again = tuple(Named(key, column(events.name, key)) for key in keys)
    length: Expr = exp.Div(
        this=cast(
            between_units(
                "microsecond", column(events.name, "__before"), column(events.name, "__moment")
            ),
            "DOUBLE",
        ),
        expression=number(MICROSECONDS[of.unit]),
    )
    carried = tuple(Named(n, column(events.name, n)) for n in ("__entity", "__moment"))
    counted = (not_null(column(events.name, "__before")), column(events.name, "__chosen"))
    gaps = draft.close(
        Compute(
            f"{metric.id}_gaps",
            Kept(events, counted),
            (*again, *carried, Named("__length", length)),
            distinct=True,
        )
    )
    return _interval_values(draft, metric, of, keys, gaps)


def _interval_values(
    draft: Draft, metric: Metric, of: Interval, keys: tuple[str, ...], gaps: Compute
) -> Measured:
    length = column(gaps.name, "__length")
    groups = tuple(Named(key, column(gaps.name, key)) for key in keys)
    total: Expr = exp.Sum(this=length)
    count: Expr = exp.Count(this=length, big_int=True)
    if of.aggregate == "median":
        values: tuple[Named, ...] = (Named(metric.id, exp.Median(this=length)),)
        node = draft.close(Aggregate(metric.id, gaps, groups, values))
        return Measured(node, keys, metric.id)
    values = (
        Named(metric.id, exp.Avg(this=length)),
        Named(f"{metric.id}__{NUMERATOR}", total),
        Named(f"{metric.id}__{DENOMINATOR}", count),
    )
    node = draft.close(Aggregate(metric.id, gaps, groups, values))
    return Measured(node, keys, metric.id, parts=(NUMERATOR, DENOMINATOR))
