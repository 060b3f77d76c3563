"""Owns the share of entities that meet a condition, and what metrics about entities share."""

from sqlglot import exp

from executors.compiler.draft import Draft
from executors.compiler.plan import Aggregate, Named
from executors.compiler.plan import Filter as Kept
from executors.compiler.rows import MetricColumn, Rows, open_rows
from executors.compiler.scope import DENOMINATOR, NUMERATOR, Measured, Scope
from executors.compiler.simple import aggregate, kept
from executors.compiler.syntax import (
    Expr,
    all_of,
    case,
    column,
    divide,
    equal,
    not_null,
    number,
    qualified,
)
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import parse_condition
from metric_catalog.issues import issue, nearest_valid
from metric_catalog.model.metrics import EntityShare, Metric
from metric_catalog.model.semantic_model import own

_OPS: dict[str, type[exp.Binary]] = {
    ">=": exp.GTE, ">": exp.GT, "=": exp.EQ, "<": exp.LT, "<=": exp.LTE,
}  # fmt: skip


def share_values(metric: Metric, above: Expr, below: Expr) -> tuple[Named, ...]:
    """Return a share by the metric's zero-denominator rule, with both parts beside it."""
    value = divide(above, below)
    if metric.zero_denominator == "zero":
        value = case((equal(below, number(0)), number(0)), default=value)
    return (
        Named(metric.id, value),
        Named(f"{metric.id}__{NUMERATOR}", above),
        Named(f"{metric.id}__{DENOMINATOR}", below),
    )


def event_rows(draft: Draft, metric: Metric, model_id: str, metric_column: MetricColumn) -> Rows:
    """Return the events of a metric: the rows of a model at the metric's time."""
    model = draft.catalog.model(model_id)
    time_name = metric.time_dimension or model.time_dimension
    return open_rows(draft, model, time_name, metric_column=metric_column)


def own_scope(metric: Metric, *texts: str | None) -> Scope:
    """Return the filters of a metric itself, and those in `texts`."""
    scope = Scope(())
    return scope.narrowed(*(parse_condition(text) for text in (metric.filter, *texts) if text))


def measure_entity_share(
    draft: Draft, metric: Metric, of: EntityShare, scope: Scope, metric_column: MetricColumn
) -> Measured:
    """Return the share of active entities whose measure meets the condition, per group and cell."""
    rows = event_rows(draft, metric, of.model, metric_column)
    measure = rows.model.measure(of.measure)
    if measure is None:
        near = nearest_valid(of.measure, (m.name for m in rows.model.measures))
        raise CatalogError(
            (issue("unknown_measure", nearest=near, metric=metric.id, measure=of.measure),)
        )
    rows.prepare(scope.groups, scope.filters)
    groups = tuple(Named(w.column, rows.column(w)) for w in scope.groups)
    entity = rows.entity(of.entity)
    value = aggregate(measure, qualified(own(measure), rows.model.id))
    narrowed = scope.narrowed(*own_scope(metric).filters)
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
    node = draft.close(Aggregate(metric.id, per_entity, again, share_values(metric, above, below)))
    return Measured(node, keys, metric.id, parts=(NUMERATOR, DENOMINATOR))


def chosen_by(draft: Draft, rows: Rows, scope: Scope) -> Expr:
    """Return the filters and the period of the query as one column."""
    source = kept(draft, rows, scope)
    if isinstance(source, Kept) and source is not rows.node:
        return all_of(source.conditions) or exp.true()
    return exp.true()
