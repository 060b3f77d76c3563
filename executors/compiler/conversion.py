"""Owns conversion metrics: base events followed by a conversion event of the same entity."""

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.names import STANDARD_GRAINS
from executors.compiler.plan import Aggregate, Join, Named, Window
from executors.compiler.plan import Filter as Kept
from executors.compiler.rows import MetricColumn, Rows, open_rows
from executors.compiler.scope import (
    DENOMINATOR,
    NUMERATOR,
    Measured,
    Scope,
    combined,
    deduplicated,
)
from executors.compiler.simple import aggregates, kept, measure_of, time_of
from executors.compiler.syntax import (
    Expr,
    all_of,
    case,
    column,
    divide,
    equal,
    minus,
    number,
    over,
    qualified,
    truncated,
)
from executors.compiler.time_spine import order_of
from metric_catalog.errors import CatalogError, UnsupportedQuery
from metric_catalog.expressions import parse_condition
from metric_catalog.issues import issue, nearest_valid
from metric_catalog.model.metrics import Conversion, Metric, MetricInput, Simple
from metric_catalog.model.semantic_model import Measure, own
from metric_catalog.periods import Grain, Period, floor, shift
from metric_catalog.query import Filter

Measuring = Callable[[Draft, str, Scope], Measured]
PLACE = "__place"
LAST_YEAR = 9000
"""Periods that end later have no end worth a condition."""


def measure_conversion(
    draft: Draft,
    metric: Metric,
    of: Conversion,
    scope: Scope,
    measure: Measuring,
    metric_column: MetricColumn,
) -> Measured:
    """Return conversions, or their share in the base events; both beside it as components.

    A conversion event counts once, for the latest base event at or before it inside the window.
    Filters and the period choose base events.
    """
    base_scope = scope.narrowed(*_filters(of.base))
    base = deduplicated(draft, measure(draft, of.base.metric, base_scope))
    converted = _conversions(draft, metric, of, base_scope, metric_column)
    above, below = converted.read(), base.read()
    parts = (
        Named(f"{metric.id}__{NUMERATOR}", above),
        Named(f"{metric.id}__{DENOMINATOR}", below),
    )
    if of.calculation == "conversions":
        value = above
    else:
        value = divide(above, below)
        if metric.zero_denominator == "zero":
            empty = equal(exp.Coalesce(this=below, expressions=[number(0)]), number(0))
            value = case((empty, number(0)), default=value)
    named = Named(metric.id, value)
    node = combined(draft, metric.id, (base, converted), (named, *parts))
    return Measured(node, base.keys, metric.id, parts=(NUMERATOR, DENOMINATOR))


def _filters(source: MetricInput) -> tuple[Filter, ...]:
    return (parse_condition(source.filter),) if source.filter else ()


def _event_rows(
    draft: Draft, source: MetricInput, metric_column: MetricColumn
) -> tuple[Metric, Simple, Measure, Rows]:
    metric = draft.catalog.metric(source.metric)
    if not isinstance(metric.of, Simple):
        raise UnsupportedQuery((issue("conversion_of", input=metric.id),))
    model, measure = measure_of(draft, metric, metric.of)
    rows = open_rows(draft, model, time_of(metric, model, measure), metric_column=metric_column)
    return metric, metric.of, measure, rows


def _conversions(
    draft: Draft, metric: Metric, of: Conversion, scope: Scope, metric_column: MetricColumn
) -> Measured:
    bases, base_grain = _base_events(draft, metric, of, scope, metric_column)
    later_metric, later_of, measure, events, event_grain = _conversion_events(
        draft, metric, of, metric_column, scope.period, base_grain
    )
    on: list[Expr] = [equal(column(bases.name, "__entity"), column(events.name, "__entity"))]
    on += [
        equal(column(bases.name, f"__same_{i}"), column(events.name, f"__same_{i}"))
        for i in range(len(of.constant_properties))
    ]
    # Both happen at the coarser of the two grains, or the one could never be told to be first.
    grain = max(base_grain, event_grain, key=order_of)
    start, end = (
        truncated(grain, column(node.name, "__moment"), draft.week_start)
        for node in (bases, events)
    )
    on.append(exp.LTE(this=start, expression=end))
    if of.window:
        if of.window.grain not in STANDARD_GRAINS:
            raise UnsupportedQuery((issue("custom_window", grain=of.window.grain),))
        on.append(exp.GT(this=start, expression=minus(end, of.window.count, of.window.grain)))
    keys = tuple(w.column for w in scope.groups)
    groups = tuple(Named(key, column(bases.name, key)) for key in keys)
    latest = exp.Window(
        this=exp.RowNumber(),
        partition_by=[column(events.name, "__event")],
        order=exp.Order(
            expressions=[
                exp.Ordered(this=start, desc=True, nulls_first=False),
                exp.Ordered(this=column(bases.name, "__base"), nulls_first=False),
            ]
        ),
    )
    pairs = draft.close(
        Window(
            f"{metric.id}_pairs",
            Join(bases, events, "inner", all_of(on)),
            (*groups, Named("__value", column(events.name, "__value")), Named(PLACE, latest)),
        )
    )
    first = Kept(pairs, (equal(column(pairs.name, PLACE), number(1)),))
    values, parts = aggregates(later_metric.id, measure, column(pairs.name, "__value"))
    again = tuple(Named(key, column(pairs.name, key)) for key in keys)
    node = draft.close(Aggregate(f"{metric.id}_conversions", first, again, values))
    return Measured(node, keys, later_metric.id, later_of.fill_nulls_with, parts)


def _base_events(
    draft: Draft, metric: Metric, of: Conversion, scope: Scope, metric_column: MetricColumn
) -> tuple[Window, str]:
    base, _, _, rows = _event_rows(draft, of.base, metric_column)
    scope = scope.narrowed(*((parse_condition(base.filter),) if base.filter else ()))
    rows.prepare(scope.groups, scope.filters)
    columns = [Named(w.column, rows.column(w)) for w in scope.groups]
    columns += _event_columns(draft, of, rows, [p.base for p in of.constant_properties])
    columns.append(Named("__base", over(exp.RowNumber())))
    source = kept(draft, rows, scope)
    return draft.close(Window(f"{metric.id}_bases", source, tuple(columns))), rows.grain


def _conversion_events(
    draft: Draft,
    metric: Metric,
    of: Conversion,
    metric_column: MetricColumn,
    period: Period | None,
    base_grain: str,
) -> tuple[Metric, Simple, Measure, Window, str]:
    later, simple, measure, rows = _event_rows(draft, of.conversion, metric_column)
    grain = Grain(max(base_grain, rows.grain, key=order_of))
    columns = _event_columns(draft, of, rows, [p.conversion for p in of.constant_properties])
    columns.append(Named("__value", qualified(own(measure), rows.model.id)))
    columns.append(Named("__event", over(exp.RowNumber())))
    filters = [parse_condition(f) for f in (later.filter, of.conversion.filter) if f]
    near = _reach(draft, of, period, grain)
    source = kept(draft, rows, replace(Scope(()).narrowed(*filters), period=near))
    return (
        later,
        simple,
        measure,
        draft.close(Window(f"{metric.id}_events", source, tuple(columns))),
        rows.grain,
    )


def _reach(draft: Draft, of: Conversion, period: Period | None, grain: Grain) -> Period | None:
    """Return when the conversions of base events in `period` happen, at the widest."""
    if period is None or (of.window and of.window.grain not in STANDARD_GRAINS):
        return None
    calendar = draft.catalog.calendar
    start = floor(period.start, grain, calendar) if period.start else None
    end = None
    if period.end and of.window and period.end.year < LAST_YEAR:
        end = shift(shift(period.end, of.window.count + 1, Grain(of.window.grain)), 1, grain)
    return Period(start, end)


def _event_columns(draft: Draft, of: Conversion, rows: Rows, constants: list[str]) -> list[Named]:
    if rows.moment is None:
        raise UnsupportedQuery((issue("no_metric_time", model=rows.model.id),))
    columns = [
        Named("__entity", rows.entity(of.entity)),
        Named("__moment", truncated(rows.grain, rows.moment, draft.week_start)),
    ]
    for place, constant in enumerate(constants):
        columns.append(Named(f"__same_{place}", _constant(rows, constant)))
    return columns


def _constant(rows: Rows, constant: str) -> Expr:
    model = rows.model
    found = model.entity(constant) or model.dimension(constant)
    if found is None:
        known = [d.name for d in model.dimensions] + [e.name for e in model.entities]
        near = nearest_valid(constant, known)
        owner = rows.draft.names.owner
        raise CatalogError(
            (issue("unknown_dimension", "", near, metric=owner, dimension=constant),)
        )
    return qualified(own(found), model.id)
