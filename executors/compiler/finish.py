"""Owns the last steps of a query: several periods, conditions on metrics, order and limit."""

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from executors.compiler.answer import Part
from executors.compiler.compared_values import metric_value
from executors.compiler.conditions import condition
from executors.compiler.draft import Draft
from executors.compiler.names import Wanted
from executors.compiler.plan import (
    Closed,
    Compute,
    Named,
    OrderLimit,
    SortKey,
    Stack,
)
from executors.compiler.plan import Filter as Kept
from executors.compiler.syntax import Expr, cast, column
from executors.statement import Column
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue, nearest_valid
from metric_catalog.query import Compare, Filter, MetricCondition, MetricQuery

PERIOD_START, PERIOD_END = "period__start", "period__end"


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


def met(draft: Draft, part: Part, tree: Filter) -> Part:
    """Return the groups whose metrics meet `tree`."""
    node = part.node
    names = [*part.keys, *(c.name for c in part.columns)]
    test = having_condition(draft, node.name, names, tree)
    carried = tuple(Named(name, column(node.name, name)) for name in names)
    return replace(part, node=draft.close(Compute("met", Kept(node, (test,)), carried)))


def having_condition(draft: Draft, table: str, names: list[str], tree: Filter) -> Expr:
    """Return a condition on metrics as one on the columns `names` of `table`."""

    def leaf_column(leaf: Compare | MetricCondition) -> tuple[Expr, Callable[[object], Expr]]:
        name = leaf.dimension if isinstance(leaf, Compare) else leaf.metric
        if name not in names:
            near = nearest_valid(name, names)
            raise CatalogError((issue("unknown_having", nearest=near, name=name),))
        if name in draft.catalog.metrics:
            return column(table, name), metric_value(draft, name)
        return column(table, name), draft.bind

    return condition(tree, leaf_column)


def sort_keys(query: MetricQuery, groups: tuple[Wanted, ...], part: Part) -> tuple[SortKey, ...]:
    """Return the order asked for, then all groups, so that equal rows always come alike."""
    names = [*part.keys, *(c.name for c in part.columns)]
    by_name = {w.name: w.column for w in groups}
    keys: dict[str, SortKey] = {}
    for item in query.order:
        found = item.by if item.by in names else by_name.get(item.by)
        if found is None or found not in names:
            near = nearest_valid(item.by, names)
            raise CatalogError((issue("unknown_order", nearest=near, name=item.by),))
        keys.setdefault(found, SortKey(found, item.descending))
    for key in part.keys:
        keys.setdefault(key, SortKey(key))
    return tuple(keys.values())


def ordered_rows(
    draft: Draft, query: MetricQuery, groups: tuple[Wanted, ...], part: Part
) -> Closed:
    """Return the rows of `part` in the query's order, at most as many as its limit."""
    keys = sort_keys(query, groups, part)
    if not keys and query.limit is None:
        return part.node
    return draft.close(OrderLimit("result", part.node, keys, query.limit))


def only(draft: Draft, node: Closed, columns: tuple[Column, ...]) -> Closed:
    """Return `node` with no more than `columns`, in the same order of rows."""
    source = node.source if isinstance(node, OrderLimit) else node
    carried = tuple(Named(c.name, column(source.name, c.name)) for c in columns)
    shown = draft.close(Compute("shown", source, carried))
    if not isinstance(node, OrderLimit):
        return shown
    keys = tuple(replace(key, table=source.name) for key in node.keys)
    return draft.close(OrderLimit("result", shown, keys, node.limit))
