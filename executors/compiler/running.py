"""Owns the quick way to running values: rows condensed per unit of time before they are summed up.

Same values as joining every row to every moment that it counts for, at a fraction of the pairs.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.names import Wanted
from executors.compiler.plan import Aggregate, Closed, Compute, Join, Named
from executors.compiler.rows import Rows
from executors.compiler.scope import Measured, Scope
from executors.compiler.simple import aggregate, kept, time_leaves
from executors.compiler.syntax import Expr, column, count_distinct, qualified, truncated
from executors.compiler.time_spine import MOMENT, spine
from metric_catalog.joins import validity
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.model.semantic_model import Aggregation, Measure, own
from metric_catalog.periods import Period
from metric_catalog.query import Compare, MetricCondition, filter_leaves

HAPPENED = "__happened"
_SUMMED = (Aggregation.SUM, Aggregation.COUNT, Aggregation.SUM_BOOLEAN)
_CONDENSED = (*_SUMMED, Aggregation.MIN, Aggregation.MAX, Aggregation.COUNT_DISTINCT)


def can_condense(rows: Rows, measure: Measure, scope: Scope) -> bool:
    """Return whether the values of `measure` can be made of those of single units of time."""
    if measure.agg not in _CONDENSED or measure.non_additive:
        return False
    if any(len(time_leaves(rows, condition)) > 1 for condition in scope.filters):
        return False
    names = [w.name for w in scope.groups if not rows.counts_by(w)]
    for leaf in (leaf for tree in scope.filters for leaf in filter_leaves(tree)):
        if isinstance(leaf, MetricCondition):
            names += leaf.entity
        elif isinstance(leaf, Compare) and time_leaves(rows, leaf) != {True}:
            names.append(rows.draft.names.wanted(leaf.dimension, base=rows.model.id).name)
    find = rows.draft.names.find
    models = {step.right for name in names for step in find(rows.model.id, name).steps}
    return not any(validity(rows.draft.catalog.model(model)) for model in models)


def running_values(
    draft: Draft,
    metric: Metric,
    of: Simple,
    measure: Measure,
    rows: Rows,
    scope: Scope,
    period: Period | None,
    reach: Period | None,
    bounds: Callable[[Expr, Expr], Expr],
) -> Measured:
    """Return the running values at every moment of the spine inside `period`.

    `bounds(moment, happened)` says which units count for a moment; rows outside `reach` do not.
    """
    kinds = [(condition, time_leaves(rows, condition)) for condition in scope.filters]
    time_only = tuple(condition for condition, kind in kinds if kind == {True})
    others = tuple(condition for condition, kind in kinds if kind != {True})
    timed = [w for w in scope.groups if rows.counts_by(w)]
    plain = [w for w in scope.groups if w not in timed]
    condensed = _condensed(
        draft, metric, measure, rows, replace(scope, filters=others, period=reach), plain
    )
    moments = spine(draft, timed, rows.grain, period, time_only, rows)
    on = bounds(column(moments.name, MOMENT), column(condensed.name, HAPPENED))
    groups = tuple(
        Named(w.column, column(moments.name if w in timed else condensed.name, w.column))
        for w in scope.groups
    )
    value = _again(measure, column(condensed.name, "__value"))
    node = draft.close(
        Aggregate(
            metric.id, Join(moments, condensed, "inner", on), groups, (Named(metric.id, value),)
        )
    )
    return Measured(node, tuple(g.name for g in groups), metric.id, of.fill_nulls_with)


def _condensed(
    draft: Draft,
    metric: Metric,
    measure: Measure,
    rows: Rows,
    scope: Scope,
    plain: Sequence[Wanted],
) -> Closed:
    rows.prepare(plain, scope.filters)
    columns = [Named(w.column, rows.column(w)) for w in plain]
    columns.append(Named(HAPPENED, truncated(rows.grain, rows.known_moment(), draft.week_start)))
    value = qualified(own(measure), rows.model.id)
    source = kept(draft, rows, scope)
    name = f"{metric.id}_by_{rows.grain}"
    if measure.agg is Aggregation.COUNT_DISTINCT:
        return draft.close(Compute(name, source, (*columns, Named("__value", value)), True))
    values = (Named("__value", aggregate(measure, value)),)
    return draft.close(Aggregate(name, source, tuple(columns), values))


def _again(measure: Measure, value: Expr) -> Expr:
    if measure.agg is Aggregation.COUNT_DISTINCT:
        return count_distinct(value)
    if measure.agg is Aggregation.MIN:
        return exp.Min(this=value)
    if measure.agg is Aggregation.MAX:
        return exp.Max(this=value)
    return exp.Sum(this=value)
