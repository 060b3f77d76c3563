"""Owns the way from a query to a plan."""

import datetime as dt
from dataclasses import dataclass, replace

from executors.compiler.answer import Part, answered
from executors.compiler.average import averaged
from executors.compiler.compare import compared, compared_periods
from executors.compiler.cube import build_cube
from executors.compiler.distinct import distinct_values
from executors.compiler.draft import Draft
from executors.compiler.finish import (
    PERIOD_END,
    PERIOD_START,
    met,
    only,
    ordered_rows,
    sort_keys,
    stacked,
)
from executors.compiler.grains import check_grains, default_grain
from executors.compiler.metrics import visible_metric
from executors.compiler.names import Names, Wanted, agreeing
from executors.compiler.other import other_last, with_other
from executors.compiler.plan import Closed, Plan
from executors.compiler.post import post_aggregated, shared
from executors.compiler.scope import Scope
from executors.statement import Column, Joined, Parameter, Role
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.model.metrics import Retention
from metric_catalog.policy import Policy
from metric_catalog.query import (
    METRIC_TIME,
    AveragePer,
    Compare,
    CountGroups,
    CubeQuery,
    Filter,
    GroupBy,
    MetricCondition,
    MetricQuery,
    Query,
    ShareOfTotal,
    filter_leaves,
)


@dataclass(frozen=True)
class Built:
    """A plan with its bound values, its columns, what was done to the query and what was joined."""

    plan: Plan
    parameters: dict[str, Parameter]
    columns: tuple[Column, ...]
    applied: tuple[str, ...] = ()
    joined: tuple[Joined, ...] = ()


def build(query: Query, catalog: Catalog, policy: Policy, as_of: dt.date | None = None) -> Built:
    """Return the plan of `query`; raises CatalogError, UnsupportedQuery."""
    if isinstance(query, CubeQuery):
        draft = Draft(
            _names(catalog, policy, (query.metric,), query.dimensions, query.filters), as_of
        )
        node, columns = build_cube(draft, query)
        return _built(draft, node, columns)
    if not query.metrics:
        draft = Draft(Names(catalog, policy, (), "day"), as_of)
        node, columns = distinct_values(draft, query)
        return _built(draft, node, columns)
    return _build_metrics(query, catalog, policy, as_of)


def _built(draft: Draft, node: Closed, columns: tuple[Column, ...]) -> Built:
    done, joined = tuple(draft.applied), tuple(draft.joined)
    return Built(Plan(node), draft.parameters, columns, done, joined)


def _build_metrics(
    query: MetricQuery, catalog: Catalog, policy: Policy, as_of: dt.date | None
) -> Built:
    if query.min_max_only:
        raise CatalogError((issue("min_max_of_metric", metric=query.metrics[0]),))
    if isinstance(query.post, CountGroups):
        query = replace(query, other=False, limit=None)  # all groups count, "other" is none
    asked = tuple(item.name for item in query.group_by)
    draft = Draft(_names(catalog, policy, query.metrics, asked, query.filters), as_of)
    metrics = _needed_metrics(draft, query)
    for metric in metrics:
        visible_metric(draft, metric)
    groups = wanted_groups(draft, query)
    check_grains(draft.names, metrics, groups)
    scope = Scope(groups).narrowed(query.filters)
    parts = [
        _part(draft, query, metrics, replace(scope, period=period))
        for period in query.periods or (None,)
    ]
    node, columns = _finished(draft, query, groups, parts)
    return _built(draft, node, columns)


def _part(draft: Draft, query: MetricQuery, metrics: tuple[str, ...], scope: Scope) -> Part:
    """Return the values of one period, with everything beside them that is measured."""
    base = None
    if query.comparison and query.comparison.kind != "members":
        now, base = compared_periods(draft, query, metrics, scope)
        scope = replace(scope, period=now)

    def plain(asked: Scope) -> Part:
        if isinstance(query.post, AveragePer):
            return averaged(draft, metrics, asked, query.post.grain)
        return answered(draft, metrics, asked)

    def answer(asked: Scope) -> Part:
        return plain(asked) if base is None else compared(draft, metrics, asked, base, plain)

    part = with_other(draft, query, scope, answer) if query.other else answer(scope)
    if isinstance(query.post, ShareOfTotal):
        part = shared(draft, metrics, scope, part)
    return part


def _finished(
    draft: Draft, query: MetricQuery, groups: tuple[Wanted, ...], parts: list[Part]
) -> tuple[Closed, tuple[Column, ...]]:
    """Return the root of the plan and the columns of the result."""
    whole = stacked(draft, parts) if len(query.periods) > 1 else parts[0]
    if query.having and not query.other:
        whole = met(draft, whole, query.having)
    whole = post_aggregated(draft, query, groups, whole)
    shown = tuple(c for c in whole.columns if c.metric is None or c.metric in query.metrics)
    roles: dict[str, Role] = {w.column: "time" if w.grain else "dimension" for w in groups}
    roles |= {PERIOD_START: "time", PERIOD_END: "time"}
    keys = tuple(Column(key, roles[key]) for key in whole.keys)
    names = [c.name for c in (*keys, *shown)]
    if len(set(names)) < len(names):
        raise CatalogError((issue("column_twice", columns=names),))
    if query.other:
        members = [w.column for w in groups if not (w.grain or w.part)]
        node = other_last(draft, whole, members, sort_keys(query, groups, whole))
    elif isinstance(query.post, CountGroups):
        node = ordered_rows(draft, replace(query, order=(), limit=None), groups, whole)
    else:
        node = ordered_rows(draft, query, groups, whole)
    if len(shown) < len(whole.columns):
        node = only(draft, node, (*keys, *shown))
    return node, (*keys, *shown)


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
    first = {base: m for m in reversed(metrics) for base in _bases(catalog, m)} if bases else {}
    owners = tuple(first.items())
    names = Names(catalog, policy, bases, grain, owner=metrics[0], owners=owners)
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
    """Return the group-bys; `grain` is put on `metric_time`, which is added if need be."""
    items = list(query.group_by)
    if query.grain:
        draft.names.check_grain(query.grain)
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
