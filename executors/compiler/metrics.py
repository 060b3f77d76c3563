"""Owns how each type of metric is measured: definition and scope in, a closed plan node out."""

from dataclasses import replace
from typing import assert_never

from sqlglot import exp

from executors.compiler.conversion import measure_conversion
from executors.compiler.cumulative import measure_cumulative
from executors.compiler.draft import Draft
from executors.compiler.entities import measure_entity_share
from executors.compiler.intervals import measure_interval
from executors.compiler.names import Wanted
from executors.compiler.offsets import measure_shifted
from executors.compiler.plan import Named, Visible
from executors.compiler.retention import measure_retention
from executors.compiler.rows import Rows
from executors.compiler.scope import (
    DENOMINATOR,
    NUMERATOR,
    Measured,
    Offset,
    Scope,
    combined,
    deduplicated,
)
from executors.compiler.simple import measure_simple
from executors.compiler.syntax import Expr, all_of, case, column, divide, equal, number
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import parse_condition, parse_expression
from metric_catalog.issues import MOST_NEAREST, Issue, issue, nearest_valid
from metric_catalog.model.metrics import (
    Conversion,
    Cumulative,
    Derived,
    EntityShare,
    Interval,
    Metric,
    MetricInput,
    Ratio,
    Retention,
    Simple,
)
from metric_catalog.query import Filter, MetricCondition


def visible_metric(draft: Draft, metric_id: str) -> Metric:
    """Return the metric; one that is hidden from the asker is as unknown as one that is not."""
    if metric_id in draft.policy.hidden_metrics:
        shown = set(draft.catalog.metrics) - draft.policy.hidden_metrics
        near = nearest_valid(metric_id, shown)
        raise CatalogError((issue("unknown_metric", nearest=near, metric=metric_id),))
    return draft.catalog.metric(metric_id)


def measure(draft: Draft, metric_id: str, scope: Scope, offset: Offset | None = None) -> Measured:
    """Return the values of a metric; raises CatalogError or UnsupportedQuery."""
    key = ("metric", metric_id, scope, offset)

    def make() -> Measured:
        return draft.guarded(key, metric_id, lambda: _measure(draft, metric_id, scope, offset))

    return draft.once(key, make)


def _measure(draft: Draft, metric_id: str, scope: Scope, offset: Offset | None) -> Measured:
    metric = draft.catalog.metric(metric_id)
    own_filter = parsed(metric.filter)
    match metric.of:
        case Simple():
            return measure_simple(
                draft, metric, metric.of, scope, own_filter, offset, metric_column
            )
        case Cumulative():
            return measure_cumulative(draft, metric, metric.of, scope, offset, metric_column)
        case _ if offset is not None:
            return measure_shifted(draft, metric, scope, offset, measure)
        case Ratio():
            return _ratio(draft, metric, metric.of, scope.narrowed(own_filter))
        case Derived():
            return _derived(draft, metric, metric.of, scope.narrowed(own_filter))
        case Conversion():
            return measure_conversion(draft, metric, metric.of, scope, measure, metric_column)
        case Retention():
            return measure_retention(draft, metric, metric.of, scope, metric_column)
        case Interval():
            return measure_interval(draft, metric, metric.of, scope, metric_column)
        case EntityShare():
            return measure_entity_share(draft, metric, metric.of, scope, metric_column)
        case _:
            assert_never(metric.of)


def parsed(condition: str | None) -> Filter | None:
    """Return the filter tree of a definition's condition."""
    return parse_condition(condition) if condition else None


def offset_of(draft: Draft, source: MetricInput) -> Offset | None:
    """Return the offset of a metric's input; so many fiscal units are as many civil ones."""
    offset = Offset.of(source)
    if offset is None or offset.count is None:
        return offset
    return replace(offset, grain=draft.names.civil(offset.grain))


def measure_input(draft: Draft, source: MetricInput, scope: Scope) -> Measured:
    """Return the values of a metric's input, narrowed and shifted as the input says."""
    inner = scope.narrowed(parsed(source.filter))
    return deduplicated(draft, measure(draft, source.metric, inner, offset_of(draft, source)))


def _ratio(draft: Draft, metric: Metric, of: Ratio, scope: Scope) -> Measured:
    above = measure_input(draft, of.numerator, scope)
    below = measure_input(draft, of.denominator, scope)
    return ratio_of(draft, metric, above, below)


def ratio_of(draft: Draft, metric: Metric, above: Measured, below: Measured) -> Measured:
    """Return numerator by denominator with both beside it."""
    parts = (
        Named(f"{metric.id}__{NUMERATOR}", above.read()),
        Named(f"{metric.id}__{DENOMINATOR}", below.read()),
    )
    value = Named(metric.id, quotient(metric, parts[0].value, parts[1].value))
    node = combined(draft, metric.id, (above, below), (value, *parts))
    return Measured(node, above.keys, metric.id, parts=(NUMERATOR, DENOMINATOR))


def quotient(metric: Metric, above: Expr, below: Expr) -> Expr:
    """Return the ratio by the metric's zero-denominator rule."""
    value = divide(above, below)
    if metric.zero_denominator == "null":
        return value
    empty = equal(exp.Coalesce(this=below, expressions=[number(0)]), number(0))
    return case((empty, number(0)), default=value)


def _derived(draft: Draft, metric: Metric, of: Derived, scope: Scope) -> Measured:
    inputs = {source.name: measure_input(draft, source, scope) for source in of.inputs}
    tree = exp.Paren(this=parse_expression(of.expr))
    for leaf in list(tree.find_all(exp.Column)):
        if leaf.name not in inputs:
            raise CatalogError(
                (issue("unknown_input", nearest=tuple(inputs), metric=metric.id, name=leaf.name),)
            )
        leaf.replace(inputs[leaf.name].read().copy())
    measured = tuple(inputs.values())
    node = combined(draft, metric.id, measured, (Named(metric.id, tree.this),))
    return Measured(node, measured[0].keys, metric.id)


def _entity_expected(draft: Draft, leaf: MetricCondition) -> Issue:
    """Return that entities are needed: the nearest are the keys of what the metric is made of."""
    bases = (draft.catalog.model(base) for base in draft.catalog.base_models(leaf.metric))
    keys = dict.fromkeys(entity.name for base in bases for entity in base.entities)
    near = [f"metric({leaf.metric}, {key})" for key in keys]
    return issue("entity_expected", nearest=near[:MOST_NEAREST], metric=leaf.metric)


def metric_column(leaf: MetricCondition, rows: Rows) -> Expr:
    """Return the value of a metric by entity beside `rows`, joined on the entity.

    The metric is measured over all time and without the query's other filters.
    """
    draft = rows.draft
    visible_metric(draft, leaf.metric)
    keys = tuple(Wanted(name, None, None, name) for name in leaf.entity)
    key = ("metric", leaf.metric, *leaf.entity)
    if not keys:
        raise CatalogError((_entity_expected(draft, leaf),))
    measured = deduplicated(draft, measure(draft, leaf.metric, Scope(keys)))
    alias = f"{measured.node.name}__by_{'_'.join(leaf.entity)}"
    if key not in rows.customs:
        on = all_of(equal(rows.entity(name), column(alias, name)) for name in leaf.entity)
        rows.join(Visible(measured.node, alias), on)
        rows.customs[key] = measured.filled(column(alias, measured.value))
    return rows.customs[key]
