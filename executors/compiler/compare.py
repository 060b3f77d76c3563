"""Owns comparisons: the same metrics in a base period beside those of the period asked."""

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from executors.compiler.answer import Part
from executors.compiler.compared_cells import moved_cell
from executors.compiler.draft import Draft
from executors.compiler.nearest import near_period
from executors.compiler.offsets import counts_everywhere
from executors.compiler.plan import Closed, Combine, Compute, Named, Node
from executors.compiler.scope import Scope
from executors.compiler.syntax import Expr, column, divide
from executors.statement import Column
from metric_catalog.comparisons import compared_alike, elapsed
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.periods import Period
from metric_catalog.query import MetricQuery

BASE, CHANGE, GROWTH = "base", "change", "growth"
BEFORE = "before"
LIKE_FOR_LIKE = "like_for_like"
"""Named among the rewrites where a running period and its base are cut alike."""


def compared_periods(
    draft: Draft, query: MetricQuery, metrics: tuple[str, ...], scope: Scope
) -> tuple[Period | None, Period]:
    """Return the period to measure and its base; raises CatalogError where there is none.

    A running period is cut at the day asked and its base at the same place, unless all metrics
    say that running periods are only marked. A base that the query names stays as it is.
    """
    comparison, period = query.comparison, scope.period
    assert comparison is not None and comparison.kind != "members"
    if comparison.kind == "period" and comparison.period is not None:
        return period, comparison.period
    against, as_of = comparison.kind, draft.as_of
    if all(draft.catalog.metric(m).complete_period == "mark" for m in metrics):
        as_of = None
    ends = period and (period.end or (as_of and elapsed(period, as_of).end))
    if against == "period" or period is None or period.start is None or not ends:
        near = near_period(period, draft.as_of)
        raise CatalogError((issue("comparison_needs_period", nearest=near, kind=against),))
    grain = next((w.grain for w in scope.groups if draft.names.is_business(w.grain)), None)
    try:
        now, base = compared_alike(period, against, draft.catalog.calendar, as_of, grain)
    except (ValueError, OverflowError) as error:
        raise CatalogError((issue("beyond_the_calendar"),)) from error
    if now != period:
        draft.applied.append(f"{LIKE_FOR_LIKE} {_span(now)}, {_span(base)}")
    return now, base


def _span(period: Period) -> str:
    """Return a period as ISO bounds, half-open."""
    return "[{start}, {end_exclusive})".format(**period.to_json())


def compared(
    draft: Draft,
    metrics: tuple[str, ...],
    scope: Scope,
    earlier: Period,
    answer: Callable[[Scope], Part],
) -> Part:
    """Return the metrics of `scope` with `__base`, `__change` and `__growth` beside each.

    `__base` is the value in `earlier`. Time cells of the base period stand beside those at the
    same place of the period asked.
    """
    now = answer(scope)
    with draft.labelled(BEFORE):
        base = answer(replace(scope, period=earlier))
    moved = _moved(draft, metrics, scope, base, earlier)
    values: list[Named] = []
    columns: list[Column] = []
    for item in now.columns:
        values.append(Named(item.name, column(now.node.name, item.name)))
        columns.append(item)
    for metric in metrics:
        current, before = column(now.node.name, metric), column(moved.name, metric)
        change: Expr = exp.Sub(this=current, expression=before)
        values += [
            Named(f"{metric}__{BASE}", before),
            Named(f"{metric}__{CHANGE}", change),
            Named(f"{metric}__{GROWTH}", divide(change, exp.Abs(this=before))),
        ]
        columns += [
            Column(f"{metric}__{role}", "component", metric) for role in (BASE, CHANGE, GROWTH)
        ]
    for item in base.columns:
        if item.role == "component":
            values.append(Named(f"{item.name}__{BASE}", column(moved.name, item.name)))
            columns.append(Column(f"{item.name}__{BASE}", "component", item.metric))
    node = draft.close(Combine("compared", (now.node, moved), now.keys, tuple(values)))
    return Part(node, now.keys, tuple(columns), scope.period)


def _moved(
    draft: Draft, metrics: tuple[str, ...], scope: Scope, base: Part, earlier: Period
) -> Closed:
    """Return the base values with their time cells moved to the period asked."""
    timed = [
        w for w in scope.groups
        if w.grain and all(counts_everywhere(draft, metric, w) for metric in metrics)
    ]  # fmt: skip
    name = base.node.name
    node: Node = base.node
    values: dict[str, Expr] = {}
    for wanted in timed:
        values[wanted.column], node = moved_cell(draft, wanted, name, node, scope.period, earlier)
    columns = [Named(key, values.get(key, column(name, key))) for key in base.keys]
    columns += [Named(item.name, column(name, item.name)) for item in base.columns]
    return draft.close(Compute("base", node, tuple(columns)))
