"""Owns cubes: all segments of several dimensions at once, in one or two periods.

Additive components are read once, summed up per combination of all dimensions, and rolled up from
there. Anything else (distinct counts, medians, entity shares) is measured per set, exactly.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

from sqlglot import exp

from executors.compiler.conditions import condition
from executors.compiler.draft import Draft
from executors.compiler.metrics import measure, metric_column, parsed, visible_metric
from executors.compiler.names import Wanted
from executors.compiler.plan import (
    GROUPED,
    Aggregate,
    Closed,
    Combine,
    Compute,
    Cube,
    GroupingSet,
    Named,
    Stack,
)
from executors.compiler.plan import Filter as Kept
from executors.compiler.rows import open_rows
from executors.compiler.scope import DENOMINATOR, NUMERATOR, Measured, Scope, combined
from executors.compiler.simple import aggregate, kept, measure_of, time_of
from executors.compiler.syntax import (
    Expr,
    all_of,
    case,
    coalesce,
    column,
    number,
    qualified,
)
from executors.statement import Column
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.model.metrics import Metric, MetricInput, Ratio, Simple
from metric_catalog.model.semantic_model import Aggregation, Measure, own
from metric_catalog.periods import Period
from metric_catalog.query import Compare, CubeQuery

CURRENT, BASE = "current", "base"
VALUE = "value"
MAX_DIMENSIONS = 30


@dataclass(frozen=True)
class _Component:
    """One additive measure of a cube, with the filters that hold for it."""

    role: str
    metric: Metric
    of: Simple
    scope: Scope


def build_cube(draft: Draft, query: CubeQuery) -> tuple[Closed, tuple[Column, ...]]:
    """Return the segments of a cube: dimensions, the mask GROUPED, components per period.

    Bit i of the mask says that the row is split by dimension i; the others are null there. The
    row with mask 0 is the whole. Components are `value`, or `numerator` and `denominator`.
    """
    metric = visible_metric(draft, query.metric)
    if not query.depth >= 0 or len(query.dimensions) > MAX_DIMENSIONS:
        raise CatalogError((issue("cube_depth", depth=query.depth),))
    wanted = tuple(draft.names.wanted(name) for name in query.dimensions)
    scope = Scope(()).narrowed(query.filters)
    components = _additive(draft, metric, scope)
    sides = ((CURRENT, query.current),) + (((BASE, query.base),) if query.base else ())
    if components:
        node, roles = _rolled_up(draft, query, wanted, components, sides)
    else:
        node, roles = _per_set(draft, query, wanted, scope, sides)
    columns = [Column(w.column, "time" if w.grain else "dimension") for w in wanted]
    columns.append(Column(GROUPED, "dimension"))
    columns += [
        Column(f"{side}__{role}", "component", metric.id) for side, _ in sides for role in roles
    ]
    return node, tuple(columns)


def _sets(count: int, depth: int) -> tuple[GroupingSet, ...]:
    """Return all sets up to `depth`, largest first, each smaller one with a parent one larger."""
    sets = []
    top = min(depth, count)
    for size in range(top, -1, -1):
        for places in combinations(range(count), size):
            parent = None
            if size < top:
                extra = next(place for place in range(count) if place not in places)
                parent = tuple(sorted((*places, extra)))
            sets.append(GroupingSet(places, parent))
    return tuple(sets)


def _additive(draft: Draft, metric: Metric, scope: Scope) -> tuple[_Component, ...]:
    """Return the components of a metric that can be rolled up, none where it cannot."""
    narrowed = scope.narrowed(parsed(metric.filter))
    match metric.of:
        case Simple() as of:
            _, measured = measure_of(draft, metric, of)
            if measured.agg is Aggregation.AVERAGE:
                return tuple(_Component(r, metric, of, narrowed) for r in (NUMERATOR, DENOMINATOR))
            found = _Component(VALUE, metric, of, narrowed)
            return (found,) if _is_additive(draft, found) else ()
        case Ratio(numerator=above, denominator=below):
            parts = [
                _input(draft, role, source, narrowed)
                for role, source in ((NUMERATOR, above), (DENOMINATOR, below))
            ]
            return tuple(p for p in parts if p) if all(parts) else ()
        case _:
            return ()


def _input(draft: Draft, role: str, source: MetricInput, scope: Scope) -> _Component | None:
    metric = draft.catalog.metric(source.metric)
    if not isinstance(metric.of, Simple) or source.offset_window or source.offset_to_grain:
        return None
    narrowed = scope.narrowed(parsed(source.filter), parsed(metric.filter))
    found = _Component(role, metric, metric.of, narrowed)
    return found if _is_additive(draft, found) else None


def _is_additive(draft: Draft, component: _Component) -> bool:
    _, measured = measure_of(draft, component.metric, component.of)
    return measured.agg.additive and measured.non_additive is None


def _summed(component: _Component, measured: Measure) -> Callable[[Expr], Expr]:
    if measured.agg is not Aggregation.AVERAGE:
        return lambda value: aggregate(measured, value)
    if component.role == NUMERATOR:
        return lambda value: exp.Sum(this=value)
    return lambda value: exp.Count(this=value, big_int=True)


def _leaves(
    draft: Draft,
    component: _Component,
    wanted: tuple[Wanted, ...],
    sides: tuple[tuple[str, Period], ...],
) -> Aggregate:
    """Return one row per combination of all dimensions, a column per period."""
    model, measured = measure_of(draft, component.metric, component.of)
    time = time_of(component.metric, model, measured)
    rows = open_rows(draft, model, time, metric_column=metric_column)
    rows.prepare(wanted, component.scope.filters)
    groups = tuple(Named(w.column, rows.column(w)) for w in wanted)
    value, total = qualified(own(measured), model.id), _summed(component, measured)
    inside = [all_of(draft.within(rows.known_moment(), period)) for _, period in sides]
    values = tuple(
        Named(
            f"{side}__{component.role}", total(case((test, value)) if test is not None else value)
        )
        for (side, _), test in zip(sides, inside, strict=True)
    )
    source = kept(draft, rows, component.scope)
    either = [exp.Paren(this=test) for test in inside if test is not None]
    if len(either) == len(sides):
        source = rows.keep(
            (*_conditions(source, rows.node), exp.Paren(this=exp.or_(*either, copy=False)))
        )
    return draft.close(Aggregate(f"{component.metric.id}_leaves", source, groups, values))


def _conditions(source: object, node: object) -> tuple[Expr, ...]:
    return source.conditions if isinstance(source, Kept) and source is not node else ()


def _rolled_up(
    draft: Draft,
    query: CubeQuery,
    wanted: tuple[Wanted, ...],
    components: tuple[_Component, ...],
    sides: tuple[tuple[str, Period], ...],
) -> tuple[Closed, list[str]]:
    nodes = [_leaves(draft, component, wanted, sides) for component in components]
    keys = tuple(w.column for w in wanted)
    values = [
        Named(f"{side}__{part.role}", column(node.name, f"{side}__{part.role}"))
        for side, _ in sides
        for part, node in zip(components, nodes, strict=True)
    ]
    leaves: Closed = nodes[0]
    if len(nodes) > 1:
        leaves = draft.close(Combine("leaves", tuple(nodes), keys, tuple(values)))
    members = tuple(
        (w.column, _members(draft, w, query)) for w in wanted if w.name in dict(query.members)
    )
    sums = tuple((value.name, exp.Sum) for value in values)
    sets = _sets(len(wanted), query.depth)
    cube = draft.close(Cube("segments", leaves, keys, sets, sums, members))
    carried = [Named(key, column(cube.name, key)) for key in (*keys, GROUPED)]
    carried += [Named(v.name, coalesce(column(cube.name, v.name), number(0))) for v in values]
    node = draft.close(Compute("cube", cube, tuple(carried)))
    return node, [part.role for part in components]


def _members(draft: Draft, wanted: Wanted, query: CubeQuery) -> Expr:
    values = dict(query.members)[wanted.name]
    left = exp.Column(this=exp.Identifier(this=wanted.column, quoted=True))
    tree = Compare(wanted.name, "in", values)
    return condition(tree, lambda _: (left, draft.bind))


def _per_set(
    draft: Draft,
    query: CubeQuery,
    wanted: tuple[Wanted, ...],
    scope: Scope,
    sides: tuple[tuple[str, Period], ...],
) -> tuple[Closed, list[str]]:
    members = dict(query.members)
    parts: list[Closed] = []
    roles: list[str] = [VALUE]
    for each in reversed(_sets(len(wanted), query.depth)):
        groups = tuple(wanted[place] for place in each.dimensions)
        narrowed = scope.narrowed(
            *(Compare(w.name, "in", members[w.name]) for w in groups if w.name in members)
        )
        measured = {
            side: measure(draft, query.metric, Scope(groups, narrowed.filters, period))
            for side, period in sides
        }
        first = next(iter(measured.values()))
        if NUMERATOR in first.parts:
            roles = [NUMERATOR, DENOMINATOR]
        values = [
            Named(f"{side}__{role}", item.read() if role == VALUE else item.part(role))
            for side, item in measured.items()
            for role in roles
        ]
        parts.append(_as_rows(draft, wanted, each, list(measured.values()), values))
    return draft.close(Stack("cube", tuple(parts))), roles


def _as_rows(
    draft: Draft,
    wanted: tuple[Wanted, ...],
    each: GroupingSet,
    measured: list[Measured],
    values: list[Named],
) -> Closed:
    node = combined(draft, "segments", measured, values)
    items = [
        Named(w.column, column(node.name, w.column) if place in each.dimensions else exp.Null())
        for place, w in enumerate(wanted)
    ]
    mask = sum(1 << place for place in each.dimensions)
    items.append(Named(GROUPED, number(mask)))
    items += [Named(value.name, column(node.name, value.name)) for value in values]
    return draft.close(Compute("segment_rows", node, tuple(items)))
