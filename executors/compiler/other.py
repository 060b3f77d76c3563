"""Owns the row "other": what the groups beyond the limit come to together."""

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from executors.compiler.answer import Part
from executors.compiler.draft import Draft
from executors.compiler.finish import having_condition, sort_keys
from executors.compiler.names import Wanted
from executors.compiler.plan import (
    Aggregate,
    Closed,
    Compute,
    Join,
    Named,
    Node,
    OrderLimit,
    SortKey,
    Stack,
)
from executors.compiler.plan import Filter as Kept
from executors.compiler.scope import Rest, Scope
from executors.compiler.simple import TOP, adds_up
from executors.compiler.syntax import (
    all_of,
    cast,
    column,
    is_null,
    number,
    same,
    text,
)
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.query import Compare, Filter, MetricCondition, MetricQuery, filter_leaves

GROUPS = "__groups"
OTHER = "__other__"
"""The cell of the row that stands for all members beyond the limit."""


def with_other(
    draft: Draft, query: MetricQuery, scope: Scope, answer: Callable[[Scope], Part]
) -> Part:
    """Return the first `limit` groups and one row (per time cell) for all the others.

    Without a limit the others are those that the filters on the group-bys leave out.
    Groups are ranked by the query's order over the whole period. The other row is measured over
    the rows that belong to no top group: ratios from their components, distinct counts exactly.
    """
    members = tuple(w for w in scope.groups if not (w.grain or w.part))
    timed = tuple(w for w in scope.groups if w.grain or w.part)
    choosing = _choosing(draft, scope, members) if query.limit is None else ()
    if not members or (query.limit is None and not choosing):
        raise CatalogError((issue("other_of_no_groups"),))
    ranked = answer(replace(scope, groups=members))
    top = _top(draft, query, members, ranked)
    best = answer(scope) if timed else ranked
    adds_up_here = query.comparison is None and query.post is None and _add_up(draft, best)
    if adds_up_here and not choosing:
        rest: Closed = _added_up(draft, best, top, members, timed)
        beyond: Node = Kept(rest, (exp.GT(this=column(rest.name, GROUPS), expression=number(0)),))
    else:
        outside = tuple(f for f in scope.filters if f not in choosing)
        inner = replace(scope, groups=timed, filters=outside, rest=Rest(top, members))
        rest = answer(inner).node
        beyond = rest if choosing else _if_any(draft, rest, ranked, top)
    keys = tuple(w.column for w in scope.groups)
    names = [c.name for c in best.columns]
    shown = _inside(draft, best, top, members, keys, names)
    others = _as_other(draft, rest.name, beyond, members, keys, names)
    node = draft.close(Stack("with_other", (shown, others)))
    return Part(node, keys, best.columns, scope.period)


def _choosing(draft: Draft, scope: Scope, members: tuple[Wanted, ...]) -> tuple[Filter, ...]:
    """Return the filters that read nothing but the group-bys: they choose the members."""

    def chooses(leaf: Compare | MetricCondition) -> bool:
        return isinstance(leaf, Compare) and draft.names.wanted(leaf.dimension) in members

    return tuple(f for f in scope.filters if all(map(chooses, filter_leaves(f))))


def _top(draft: Draft, query: MetricQuery, members: tuple[Wanted, ...], ranked: Part) -> Compute:
    source: Closed = ranked.node
    name = source.name
    names = [*ranked.keys, *(c.name for c in ranked.columns)]
    if query.having is not None:
        carried = tuple(Named(n, column(name, n)) for n in names)
        met = having_condition(draft, name, names, query.having)
        source = draft.close(Compute("met", Kept(source, (met,)), carried))
    keys = sort_keys(query, members, ranked)
    if not query.order:
        keys = (SortKey(ranked.columns[0].name, True), *keys)
    best = draft.close(OrderLimit("top", source, keys, query.limit))
    columns = [Named(w.column, column(best.name, w.column)) for w in members]
    columns.append(Named(TOP, number(1)))
    return draft.close(Compute("top_members", best, tuple(columns)))


def _inside(
    draft: Draft,
    part: Part,
    top: Compute,
    members: tuple[Wanted, ...],
    keys: tuple[str, ...],
    names: list[str],
) -> Compute:
    name = part.node.name
    on = all_of(same(column(name, w.column), column(top.name, w.column)) for w in members)
    columns = [_cell(name, key, members) for key in keys]
    columns += [Named(n, column(name, n)) for n in names]
    return draft.close(Compute("in_top", Join(part.node, top, "inner", on), tuple(columns)))


def _cell(name: str, key: str, members: tuple[Wanted, ...]) -> Named:
    value = column(name, key)
    return Named(key, cast(value, "TEXT") if key in {w.column for w in members} else value)


def _add_up(draft: Draft, part: Part) -> bool:
    return all(c.role == "metric" and adds_up(draft, c.name) for c in part.columns)


def _added_up(
    draft: Draft, best: Part, top: Compute, members: tuple[Wanted, ...], timed: tuple[Wanted, ...]
) -> Aggregate:
    """Return the sums over all groups that are not in `top`, and how many those are."""
    name = best.node.name
    on = all_of(same(column(name, w.column), column(top.name, w.column)) for w in members)
    beyond = Kept(Join(best.node, top, "left", on), (is_null(column(top.name, TOP)),))
    keys = tuple(Named(w.column, column(name, w.column)) for w in timed)
    sums = [Named(c.name, exp.Sum(this=column(name, c.name))) for c in best.columns]
    sums.append(Named(GROUPS, exp.Count(this=exp.Star(), big_int=True)))
    return draft.close(Aggregate("rest", beyond, keys, tuple(sums)))


def _if_any(draft: Draft, rest: Closed, ranked: Part, top: Compute) -> Node:
    """Return the rows of `rest`, none if all groups are in `top`."""
    name = ranked.node.name
    on = all_of(same(column(name, key), column(top.name, key)) for key in ranked.keys)
    beyond = Kept(Join(ranked.node, top, "left", on), (is_null(column(top.name, TOP)),))
    count = Named(GROUPS, exp.Count(this=exp.Star(), big_int=True))
    left_over = draft.close(Aggregate("left_over", beyond, (), (count,)))
    any_left = exp.GT(this=column(left_over.name, GROUPS), expression=number(0))
    return Kept(Join(rest, left_over, "cross", None), (any_left,))


def _as_other(
    draft: Draft,
    name: str,
    source: Node,
    members: tuple[Wanted, ...],
    keys: tuple[str, ...],
    names: list[str],
) -> Compute:
    named = {w.column for w in members}
    columns = [Named(k, text(OTHER) if k in named else column(name, k)) for k in keys]
    columns += [Named(n, column(name, n)) for n in names]
    return draft.close(Compute("other", source, tuple(columns)))


def other_last(draft: Draft, part: Part, members: list[str], keys: tuple[SortKey, ...]) -> Closed:
    """Return the rows in order, the other rows after all others."""
    first = SortKey(members[0], last=OTHER)
    return draft.close(OrderLimit("result", part.node, (first, *keys)))
