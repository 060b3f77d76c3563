"""Owns what is done with the values of a query afterwards: counting groups, shares, ranks."""

from dataclasses import replace
from typing import assert_never

from sqlglot import exp

from executors.compiler.answer import Part, answered
from executors.compiler.draft import Draft
from executors.compiler.names import Wanted
from executors.compiler.plan import Aggregate, Compute, Join, Named, Window
from executors.compiler.scope import Scope
from executors.compiler.simple import adds_up
from executors.compiler.syntax import Expr, all_of, column, divide, ordered, over, same
from executors.statement import Column
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue, nearest_valid
from metric_catalog.query import (
    AveragePer,
    CountGroups,
    MetricQuery,
    PostAggregation,
    RankWithin,
    ShareOfTotal,
)
from metric_catalog.wholes import makes_a_whole

SHARE, TOTAL, RANK = "share", "total", "rank"
GROUP_COUNT = "group_count"


def shared(draft: Draft, metrics: tuple[str, ...], scope: Scope, part: Part) -> Part:
    """Return `part` with `__share` and `__total` beside each metric.

    The total is measured over all groups of the same time cell, and summed up only where values
    of groups add up. Raises CatalogError for metrics whose groups are no parts of a whole.
    """
    for metric in metrics:
        if not makes_a_whole(draft.catalog, metric):
            raise CatalogError((issue("share_of_rate", metric=metric),))
    timed = tuple(w for w in scope.groups if w.grain or w.part)
    if timed == scope.groups or all(adds_up(draft, metric) for metric in metrics):
        return _shared_in_place(draft, metrics, timed, part)
    total = answered(draft, metrics, replace(scope, groups=timed))
    left, right = part.node.name, total.node.name
    on = all_of(same(column(left, w.column), column(right, w.column)) for w in timed)
    joined = Join(part.node, total.node, "left" if timed else "cross", on)
    columns = [Named(n, column(left, n)) for n in (*part.keys, *(c.name for c in part.columns))]
    added: list[Column] = []
    for metric in metrics:
        whole = column(right, metric)
        columns.append(Named(f"{metric}__{SHARE}", divide(column(left, metric), whole)))
        columns.append(Named(f"{metric}__{TOTAL}", whole))
        added += [Column(f"{metric}__{role}", "component", metric) for role in (SHARE, TOTAL)]
    node = draft.close(Compute("shares", joined, tuple(columns)))
    return Part(node, part.keys, (*part.columns, *added), part.period)


def _shared_in_place(
    draft: Draft, metrics: tuple[str, ...], timed: tuple[Wanted, ...], part: Part
) -> Part:
    """Return `part` with shares of totals that are the sums of its own rows.

    Where nothing but time groups, each time cell is one row and its own total.
    """
    name = part.node.name
    columns = [Named(n, column(name, n)) for n in (*part.keys, *(c.name for c in part.columns))]
    added: list[Column] = []
    cell = [column(name, w.column) for w in timed]
    for metric in metrics:
        value = column(name, metric)
        whole = over(exp.Sum(this=value), cell)
        columns.append(Named(f"{metric}__{SHARE}", divide(value, whole)))
        columns.append(Named(f"{metric}__{TOTAL}", whole))
        added += [Column(f"{metric}__{role}", "component", metric) for role in (SHARE, TOTAL)]
    node = draft.close(Window("shares", part.node, tuple(columns)))
    return Part(node, part.keys, (*part.columns, *added), part.period)


def post_aggregated(
    draft: Draft, query: MetricQuery, groups: tuple[Wanted, ...], part: Part
) -> Part:
    """Return `part` after the steps that come last: counting groups, ranks."""
    post: PostAggregation | None = query.post
    match post:
        case None | AveragePer() | ShareOfTotal():
            return part
        case CountGroups():
            return _counted(draft, groups, part)
        case RankWithin(dimension):
            return _ranked(draft, query, groups, part, dimension)
        case _:
            assert_never(post)


def _counted(draft: Draft, groups: tuple[Wanted, ...], part: Part) -> Part:
    """Count the groups of each period and time cell; the time cells where nothing else groups."""
    plain = {w.column for w in groups if not (w.grain or w.part)}
    counted = plain or {w.column for w in groups}
    keys = tuple(key for key in part.keys if key not in counted)
    if len(keys) == len(part.keys):
        raise CatalogError((issue("count_of_no_groups"),))
    name = part.node.name
    columns = tuple(Named(key, column(name, key)) for key in keys)
    count: Expr = exp.Count(this=exp.Star(), big_int=True)
    node = draft.close(Aggregate("group_counts", part.node, columns, (Named(GROUP_COUNT, count),)))
    return Part(node, keys, (Column(GROUP_COUNT, "metric"),), None)


def _ranked(
    draft: Draft, query: MetricQuery, groups: tuple[Wanted, ...], part: Part, dimension: str
) -> Part:
    """Add `__rank`: 1 = the greatest value inside each member of `dimension`, equals alike."""
    within = [w for w in groups if dimension in (w.name, w.column)]
    if not within:
        near = nearest_valid(dimension, [w.column for w in groups])
        raise CatalogError((issue("rank_within_no_group", nearest=near, dimension=dimension),))
    name = part.node.name
    partition = [w.column for w in groups if w in within or w.grain or w.part]
    partition += [key for key in part.keys if key not in {w.column for w in groups}]
    descending = {item.by: item.descending for item in query.order}
    columns = [Named(n, column(name, n)) for n in (*part.keys, *(c.name for c in part.columns))]
    added: list[Column] = []
    for metric in query.metrics:
        order = ordered(column(name, metric), descending.get(metric, True))
        rank = exp.Window(
            this=exp.Anonymous(this="RANK", expressions=[]),
            partition_by=[column(name, key) for key in partition],
            order=exp.Order(expressions=[order]),
        )
        columns.append(Named(f"{metric}__{RANK}", rank))
        added.append(Column(f"{metric}__{RANK}", "component", metric))
    node = draft.close(Window("ranked", part.node, tuple(columns)))
    return Part(node, part.keys, (*part.columns, *added), part.period)
