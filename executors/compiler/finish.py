"""Owns the last steps of a query: several periods, conditions on metrics, order and limit."""

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from executors.compiler.answer import Part
from executors.compiler.conditions import condition
from executors.compiler.draft import Draft
from executors.compiler.names import Wanted
from executors.compiler.plan import (
    Closed,
    Compute,
    Filter as Kept,
    Named,
    OrderLimit,
    SortKey,
    Stack,
)
from executors.compiler.post import post_aggregated
from executors.compiler.scope import Scope
from executors.compiler.syntax import Expr, cast, column
from executors.statement import Column
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue, nearest_names
from metric_catalog.query import Compare, Filter, MetricCondition, MetricQuery

PERIOD_START, PERIOD_END = "period__start", "period__end"


def finished(
    draft: Draft,
    query: MetricQuery,
    metrics: tuple[str, ...],
    groups: tuple[Wanted, ...],
    scope: Scope,
    parts: list[Part],
) -> tuple[Closed, tuple[Column, ...]]:
    """Return the root of the plan and the columns of the result."""
    if query.other and query.limit is not None:
        from executors.compiler.other import with_other

        parts = [with_other(draft, query, metrics, scope, part) for part in parts]
    whole = stacked(draft, parts) if len(query.periods) > 1 else parts[0]
    if query.having and not (query.other and query.limit is not None):
        whole = _having(draft, whole, query.having)
    if query.post is not None:
        whole = post_aggregated(draft, query, metrics, groups, scope, whole)
    shown = tuple(c for c in whole.columns if c.metric is None or c.metric in query.metrics)
    roles = {w.column: "time" if w.grain else "dimension" for w in groups}
    roles |= {PERIOD_START: "time", PERIOD_END: "time"}
    keys = tuple(Column(key, roles.get(key, "dimension")) for key in whole.keys)  # type: ignore[arg-type]
    node = _sorted(draft, query, groups, whole)
    if len(shown) < len(whole.columns):
        node = _only(draft, node, (*keys, *shown))
    return node, (*keys, *shown)


def _only(draft: Draft, node: Closed, columns: tuple[Column, ...]) -> Closed:
    if isinstance(node, OrderLimit):
        hidden = node.source
        kept = replace(node, source=hidden)
        inner = draft.close(replace(kept, name="sorted"))
        carried = tuple(Named(c.name, column(inner.name, c.name)) for c in columns)
        shown = draft.close(Compute("shown", inner, carried))
        keys = tuple(key for key in node.keys if key.column in {c.name for c in columns})
        return draft.close(OrderLimit("result", shown, keys))
    carried = tuple(Named(c.name, column(node.name, c.name)) for c in columns)
    return draft.close(Compute("shown", node, carried))


def stacked(draft: Draft, parts: list[Part]) -> Part:
    """Return the rows of all periods below each other, each with its bounds."""
    sources = []
    for part in parts:
        bounds = [
            Named(PERIOD_START, _bound(draft, part, "start")),
            Named(PERIOD_END, _bound(draft, part, "end")),
        ]
        names = [*part.keys, *(c.name for c in part.columns)]
        carried = [Named(name, column(part.node.name, name)) for name in names]
        sources.append(draft.close(Compute("in_period", part.node, (*bounds, *carried))))
    keys = (PERIOD_START, PERIOD_END, *parts[0].keys)
    node = draft.close(Stack("periods", tuple(sources)))
    return Part(node, keys, parts[0].columns, None)


def _bound(draft: Draft, part: Part, side: str) -> Expr:
    moment = getattr(part.period, side) if part.period else None
    if moment is None:
        return cast(exp.Null(), "TIMESTAMP")
    return cast(draft.bind(moment.isoformat(sep=" ")), "TIMESTAMP")


def _having(draft: Draft, part: Part, tree: Filter) -> Part:
    node = part.node
    names = [*part.keys, *(c.name for c in part.columns)]
    met = condition(tree, having_leaf(draft, node.name, names))
    carried = tuple(Named(name, column(node.name, name)) for name in names)
    return replace(part, node=draft.close(Compute("met", Kept(node, (met,)), carried)))


def having_leaf(
    draft: Draft, table: str, names: list[str]
) -> Callable[[Compare | MetricCondition], tuple[Expr, Callable[[object], Expr]]]:
    """Return how a condition on metrics reads the columns `names` of `table`."""

    def leaf_column(leaf: Compare | MetricCondition) -> tuple[Expr, Callable[[object], Expr]]:
        name = leaf.dimension if isinstance(leaf, Compare) else leaf.metric
        if name not in names:
            near = nearest_names(name, names)
            raise CatalogError((issue("unknown_having", nearest=near, name=name),))
        return column(table, name), draft.bind  # type: ignore[return-value]

    return leaf_column


def sort_keys(query: MetricQuery, groups: tuple[Wanted, ...], part: Part) -> tuple[SortKey, ...]:
    """Return the order asked for, then all groups, so that equal rows always come alike."""
    names = [*part.keys, *(c.name for c in part.columns)]
    by_name = {w.name: w.column for w in groups}
    keys: dict[str, SortKey] = {}
    for item in query.order:
        found = item.by if item.by in names else by_name.get(item.by)
        if found is None or found not in names:
            near = nearest_names(item.by, names)
            raise CatalogError((issue("unknown_order", nearest=near, name=item.by),))
        keys.setdefault(found, SortKey(found, item.descending))
    for key in part.keys:
        keys.setdefault(key, SortKey(key))
    return tuple(keys.values())


def _sorted(
    draft: Draft, query: MetricQuery, groups: tuple[Wanted, ...], part: Part
) -> Closed:
    limit = None if query.other else query.limit
    keys = sort_keys(query, groups, part)
    if query.other and query.limit is not None:
        from executors.compiler.other import other_last

        return other_last(draft, part, keys)
    if not keys and limit is None:
        return part.node
    return draft.close(OrderLimit("result", part.node, keys, limit))
