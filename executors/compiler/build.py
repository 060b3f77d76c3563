"""Owns the way from a query to a plan."""

import datetime as dt
from dataclasses import dataclass, replace

from executors.compiler.answer import answered
from executors.compiler.compare import compared
from executors.compiler.distinct import distinct_values
from executors.compiler.draft import Draft
from executors.compiler.finish import finished
from executors.compiler.grains import default_grain
from executors.compiler.metrics import visible_metric
from executors.compiler.names import Names, Wanted, agreeing
from executors.compiler.plan import Plan
from executors.compiler.scope import Scope
from executors.statement import Column, Parameter
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.model.metrics import Retention
from metric_catalog.policy import Policy
from metric_catalog.query import (
    METRIC_TIME,
    Compare,
    CubeQuery,
    Filter,
    GroupBy,
    MetricCondition,
    MetricQuery,
    Query,
    filter_leaves,
)


@dataclass(frozen=True)
class Built:
    """A plan with its bound values and the columns of its result."""

    plan: Plan
    parameters: dict[str, Parameter]
    columns: tuple[Column, ...]


def build(
    query: Query, catalog: Catalog, policy: Policy, as_of: dt.date | None = None
) -> Built:
    """Return the plan of `query`; raises CatalogError (UnsupportedQuery where it cannot be done)."""
    if isinstance(query, CubeQuery):
        from executors.compiler.cube import build_cube

        draft = Draft(_names(catalog, policy, (query.metric,), query.dimensions, query.filters), as_of)
        node, columns = build_cube(draft, query)
        return Built(Plan(node), draft.parameters, columns)
    if not query.metrics:
        draft = Draft(Names(catalog, policy, (), "day"), as_of)
        node, columns = distinct_values(draft, query)
        return Built(Plan(node), draft.parameters, columns)
    return _build_metrics(query, catalog, policy, as_of)


def _build_metrics(
    query: MetricQuery, catalog: Catalog, policy: Policy, as_of: dt.date | None
) -> Built:
    asked = tuple(item.name for item in query.group_by)
    draft = Draft(_names(catalog, policy, query.metrics, asked, query.filters), as_of)
    metrics = _needed_metrics(draft, query)
    for metric in metrics:
        visible_metric(draft, metric)
    groups = wanted_groups(draft, query)
    scope = Scope(groups).narrowed(query.filters)
    parts = [
        compared(draft, query, metrics, replace(scope, period=period))
        if query.comparison and query.comparison.kind != "members"
        else answered(draft, metrics, replace(scope, period=period))
        for period in query.periods or (None,)
    ]
    node, columns = finished(draft, query, metrics, groups, scope, parts)
    return Built(Plan(node), draft.parameters, columns)


def _names(
    catalog: Catalog,
    policy: Policy,
    metrics: tuple[str, ...],
    asked: tuple[str, ...],
    filters: Filter | None,
) -> Names:
    hidden = next((m for m in metrics if m in policy.hidden_metrics), None)
    if hidden is None:
        bases = tuple(dict.fromkeys(b for m in metrics for b in _bases(catalog, m)))
        grain = default_grain(catalog, metrics)
    else:
        bases, grain = (), "day"
    names = Names(catalog, policy, bases, grain, owner=metrics[0])
    leaves = [leaf for leaf in filter_leaves(filters) if isinstance(leaf, Compare)]
    every = [*asked, *(leaf.dimension for leaf in leaves)]
    return agreeing(names, tuple(dict.fromkeys(names.bare(text) for text in every)))


def _bases(catalog: Catalog, metric_id: str) -> tuple[str, ...]:
    metric = catalog.metric(metric_id)
    if isinstance(metric.of, Retention):
        return (metric.of.cohort_model,)
    return catalog.base_models(metric_id)


def _needed_metrics(draft: Draft, query: MetricQuery) -> tuple[str, ...]:
    """Return the metrics to measure: those asked, and those that `having` or `order` name."""
    known = draft.catalog.metrics
    others = [
        leaf.metric if isinstance(leaf, MetricCondition) else leaf.dimension
        for leaf in filter_leaves(query.having)
    ]
    others += [key.by for key in query.order]
    return tuple(dict.fromkeys((*query.metrics, *(name for name in others if name in known))))


def wanted_groups(draft: Draft, query: MetricQuery) -> tuple[Wanted, ...]:
    """Return the group-bys, with `grain` put on `metric_time`, which is added where it is missing."""
    items = list(query.group_by)
    if query.grain:
        items = [
            replace(item, grain=query.grain)
            if item.name == METRIC_TIME and not item.grain and not item.date_part
            else item
            for item in items
        ]
        if not any(item.name.startswith(METRIC_TIME) for item in items):
            items.insert(0, GroupBy(METRIC_TIME, query.grain))
    wanted = [draft.names.wanted(item.name, item.grain, item.date_part) for item in items]
    if len({w.column for w in wanted}) < len(wanted):
        wanted = list(dict.fromkeys(wanted))
    if len({w.column for w in wanted}) < len(wanted):
        raise CatalogError((issue("group_by_twice", columns=[w.column for w in wanted]),))
    return tuple(wanted)
