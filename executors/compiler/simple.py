"""Owns simple metrics: one aggregate over the rows of one model, at the moment they count."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.look_back import shift_rows
from executors.compiler.names import DEFAULT_GRAIN, Wanted
from executors.compiler.offsets import earlier_period
from executors.compiler.plan import Aggregate, Named, Node, Window
from executors.compiler.plan import Filter as Kept
from executors.compiler.rows import MetricColumn, Rows, open_rows
from executors.compiler.scope import (
    DENOMINATOR,
    NUMERATOR,
    Measured,
    Offset,
    Rest,
    Scope,
)
from executors.compiler.syntax import (
    Expr,
    all_of,
    case,
    column,
    count_distinct,
    equal,
    is_null,
    number,
    over,
    qualified,
    same,
    truncated,
)
from executors.compiler.time_spine import join_spine, shifts_after
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue, nearest_valid
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.model.semantic_model import Aggregation, Measure, SemanticModel, own
from metric_catalog.query import Compare, Filter, filter_leaves

EDGE = "__edge"
TOP = "__top"
Before = Callable[[Rows], None]


def measure_of(draft: Draft, metric: Metric, of: Simple) -> tuple[SemanticModel, Measure]:
    """Return the model and the measure of a simple metric; raises CatalogError."""
    model = draft.catalog.model(of.model)
    measure = model.measure(of.measure)
    if measure is None:
        near = nearest_valid(of.measure, (m.name for m in model.measures))
        raise CatalogError(
            (issue("unknown_measure", nearest=near, metric=metric.id, measure=of.measure),)
        )
    return model, measure


def time_of(metric: Metric, model: SemanticModel, measure: Measure) -> str | None:
    """Return the time dimension at which the rows of a measure count."""
    return metric.time_dimension or measure.time_dimension or model.time_dimension


def adds_up(draft: Draft, metric_id: str) -> bool:
    """Return whether the values of groups are exactly what their rows come to when added up."""
    metric = draft.catalog.metric(metric_id)
    if not isinstance(metric.of, Simple):
        return False
    _, measure = measure_of(draft, metric, metric.of)
    filled = metric.of.join_to_time_spine or metric.of.fill_nulls_with is not None
    return measure.agg.additive and measure.non_additive is None and not filled


def measure_simple(
    draft: Draft,
    metric: Metric,
    of: Simple,
    scope: Scope,
    own_filter: Filter | None,
    offset: Offset | None,
    metric_column: MetricColumn,
    before: Before | None = None,
) -> Measured:
    """Return the values of a simple metric.

    `offset` shifts it back in time; `before` replaces the moment of the rows before anything
    else is joined to them (cumulative metrics).
    """
    model, measure = measure_of(draft, metric, of)
    rows = open_rows(draft, model, time_of(metric, model, measure), metric_column=metric_column)
    timed = tuple(wanted for wanted in scope.groups if rows.counts_by(wanted))
    if before:
        before(rows)
    after = offset if offset and timed and shifts_after(draft, timed, offset) else None
    inner = scope.narrowed(own_filter)
    held_back: tuple[Filter, ...] = ()
    if offset and not timed:
        inner = earlier_period(draft, inner, offset)
    elif after:
        inner, held_back, after = _hold_back_time(rows, inner, after)
    if offset and timed and not after:
        shift_rows(draft, rows, timed, offset, scope.period)
    measured = _aggregated(draft, metric, of, measure, rows, inner)
    spined = of.join_to_time_spine and bool(timed)
    if after or spined:
        time_only = held_back or tuple(f for f in inner.filters if only_time(rows, f))
        dimensional = tuple(f for f in scope.filters if f not in time_only)
        measured = join_spine(draft, measured, timed, scope, after, spined, time_only, dimensional)
    return measured


def only_time(rows: Rows, condition: Filter) -> bool:
    """Return whether a condition reads nothing but the moment at which the rows count."""
    return time_leaves(rows, condition) == {True}


def time_leaves(rows: Rows, condition: Filter) -> set[bool]:
    """Return for the leaves of a condition whether they read the moment of the rows."""
    return {
        isinstance(leaf, Compare)
        and rows.counts_by(rows.draft.names.wanted(leaf.dimension, base=rows.model.id))
        for leaf in filter_leaves(condition)
    }


def _hold_back_time(
    rows: Rows, scope: Scope, offset: Offset
) -> tuple[Scope, tuple[Filter, ...], Offset | None]:
    """Split off conditions on time: they hold for the shifted moment, not for that of the rows."""
    kinds = [(condition, time_leaves(rows, condition)) for condition in scope.filters]
    if any(len(kind) > 1 for _, kind in kinds):
        return scope, (), None
    time_only = tuple(condition for condition, kind in kinds if kind == {True})
    others = tuple(condition for condition, kind in kinds if kind != {True})
    return replace(scope, filters=others, period=None), time_only, offset


def _aggregated(
    draft: Draft, metric: Metric, of: Simple, measure: Measure, rows: Rows, scope: Scope
) -> Measured:
    rows.prepare(scope.groups, scope.filters)
    groups = tuple(Named(wanted.column, rows.column(wanted)) for wanted in scope.groups)
    value = qualified(own(measure), rows.model.id)
    stock = measure.non_additive
    holders = [rows.entity(name) for name in stock.window_groupings] if stock else []
    source = kept(draft, rows, scope)
    if stock:
        source, groups, value = _at_edge(
            draft, measure, rows, scope, source, groups, holders, value
        )
    values, parts = aggregates(metric.id, measure, value)
    node = draft.close(Aggregate(metric.id, source, groups, values))
    keys = tuple(group.name for group in groups)
    return Measured(node, keys, metric.id, of.fill_nulls_with, parts)


def kept(draft: Draft, rows: Rows, scope: Scope) -> Node:
    """Return the rows that the filters and the period of `scope` leave."""
    conditions = [rows.where(item) for item in scope.filters]
    if scope.rest:
        conditions.append(_beyond(rows, scope.rest))
    if scope.period and rows.moment is not None:
        conditions += draft.within(rows.moment, scope.period)
    elif scope.period:
        rows.known_moment()
    return rows.keep(tuple(conditions))


def _beyond(rows: Rows, rest: Rest) -> Expr:
    """Join the members at the top; return the condition that a row belongs to none of them."""
    on = all_of(
        same(rows.column(wanted), column(rest.top.name, wanted.column)) for wanted in rest.keys
    )
    rows.join(rest.top, on, "left")
    return is_null(column(rest.top.name, TOP))


def _at_edge(
    draft: Draft,
    measure: Measure,
    rows: Rows,
    scope: Scope,
    source: Node,
    groups: tuple[Named, ...],
    holders: Sequence[Expr],
    value: Expr,
) -> tuple[Node, tuple[Named, ...], Expr]:
    """Keep the rows of the first or last moment of each time cell and combination of `holders`."""
    assert measure.non_additive is not None
    stock = measure.non_additive
    dimension = rows.model.dimension(stock.name)
    if dimension is None:
        raise CatalogError(
            (issue("unknown_time_dimension", model=rows.model.id, dimension=stock.name),)
        )
    grain = dimension.grain or DEFAULT_GRAIN.value
    moment = truncated(grain, qualified(own(dimension), rows.model.id), draft.week_start)
    if stock.name == rows.time and rows.moment is not None:
        moment = truncated(grain, rows.moment, draft.week_start)
    cells = [
        group.value
        for wanted, group in zip(scope.groups, groups, strict=True)
        if _is_dimension(rows, wanted, stock.name)
    ]
    edge: Expr = (exp.Min if stock.window_choice == "min" else exp.Max)(this=moment)
    columns = (
        *groups,
        Named("__value", value),
        Named("__moment", moment),
        Named(EDGE, over(edge, [*holders, *cells])),
    )
    known = tuple(exp.Not(this=exp.Is(this=h, expression=exp.Null())) for h in holders)
    window = draft.close(
        Window(f"{measure.name}_rows", Kept(source, known) if known else source, columns)
    )
    at_edge = equal(column(window.name, "__moment"), column(window.name, EDGE))
    again = tuple(Named(group.name, column(window.name, group.name)) for group in groups)
    return Kept(window, (at_edge,)), again, column(window.name, "__value")


def _is_dimension(rows: Rows, wanted: Wanted, name: str) -> bool:
    if name == rows.time:
        return rows.counts_by(wanted)
    if rows.counts_by(wanted):
        return False
    path = rows.draft.names.find(rows.model.id, wanted.name)
    return not path.steps and path.short == name


def aggregates(
    name: str, measure: Measure, value: Expr
) -> tuple[tuple[Named, ...], tuple[str, ...]]:
    """Return the aggregate of a measure, for an average with its sum and count beside it."""
    total = Named(name, aggregate(measure, value))
    if measure.agg is not Aggregation.AVERAGE:
        return (total,), ()
    parts = (
        Named(f"{name}__{NUMERATOR}", exp.Sum(this=value)),
        Named(f"{name}__{DENOMINATOR}", exp.Count(this=value, big_int=True)),
    )
    return (total, *parts), (NUMERATOR, DENOMINATOR)


def aggregate(measure: Measure, value: Expr) -> Expr:
    """Return the SQL aggregate of a measure over `value`."""
    match measure.agg:
        case Aggregation.SUM:
            return exp.Sum(this=value)
        case Aggregation.SUM_BOOLEAN:
            return exp.Sum(this=case((value, number(1)), default=number(0)))
        case Aggregation.COUNT:
            return exp.Count(this=value, big_int=True)
        case Aggregation.COUNT_DISTINCT:
            return count_distinct(value)
        case Aggregation.AVERAGE:
            return exp.Avg(this=value)
        case Aggregation.MIN:
            return exp.Min(this=value)
        case Aggregation.MAX:
            return exp.Max(this=value)
        case Aggregation.MEDIAN:
            return _percentile(0.5, False, value)
        case Aggregation.PERCENTILE:
            if measure.approximate and not measure.discrete:
                return exp.ApproxQuantile(this=value, quantile=number(measure.percentile or 0.5))
            share = 0.5 if measure.percentile is None else measure.percentile
            return _percentile(share, measure.discrete, value)


def _percentile(share: float, discrete: bool, value: Expr) -> Expr:
    kind = exp.PercentileDisc if discrete else exp.PercentileCont
    return exp.WithinGroup(
        this=kind(this=number(share)),
        expression=exp.Order(expressions=[exp.Ordered(this=value, nulls_first=False)]),
    )
