"""Owns cubes of what does not add up: every set of segments is measured by itself, exactly."""

from collections.abc import Callable
from itertools import combinations

from sqlglot import exp

from executors.compiler.cube_members import Members, members_of, named_members
from executors.compiler.draft import Draft
from executors.compiler.metrics import measure, metric_column
from executors.compiler.names import Wanted
from executors.compiler.plan import GROUPED, Closed, Compute, Named, Node, Packed, Stack
from executors.compiler.rows import Rows, open_rows
from executors.compiler.scope import DENOMINATOR, NUMERATOR, Measured, Scope, combined
from executors.compiler.simple import kept
from executors.compiler.syntax import Expr, case, column, equal, number
from metric_catalog.periods import Period
from metric_catalog.query import CubeQuery

OTHERS = "__other"
REST = "__rest"


def measured_sets(
    draft: Draft,
    query: CubeQuery,
    wanted: tuple[Wanted, ...],
    fields: tuple[Packed, ...],
    sides: tuple[tuple[str, Period], ...],
) -> tuple[Closed, list[str]]:
    """Return all segments and the roles of their components."""
    sources = [_rows_of(draft, query, model) for model in draft.names.bases]
    groups: list[tuple[Wanted, ...]] = [
        _grouped(members_of(draft, query, each, field, sources))
        if not (each.grain or each.part) or named_members(query, each) is not None
        else (each,)
        for each, field in zip(wanted, fields, strict=True)
    ]
    scope = Scope(()).narrowed(query.filters)
    parts: list[Closed] = []
    roles: list[str] = []
    for size in range(min(query.depth, len(wanted)) + 1):
        for places in combinations(range(len(wanted)), size):
            asked = tuple(each for place in places for each in groups[place])
            measured = {
                side: measure(draft, query.metric, Scope(asked, scope.filters, period))
                for side, period in sides
            }
            found, values = _values(measured)
            roles = roles or found
            parts.append(_as_rows(draft, groups, places, list(measured.values()), values))
    return draft.close(Stack("cube", tuple(parts))), roles


def _rows_of(
    draft: Draft, query: CubeQuery, model_id: str
) -> Callable[[Wanted], tuple[Rows, Node]]:
    """Return how the rows of a model are joined to a dimension, at any time."""

    def opened(wanted: Wanted) -> tuple[Rows, Node]:
        model = draft.catalog.model(model_id)
        rows = open_rows(draft, model, model.time_dimension, metric_column=metric_column)
        scope = Scope(()).narrowed(query.filters)
        rows.prepare((wanted,), scope.filters)
        rows.column(wanted)
        return rows, kept(draft, rows, scope)

    return opened


def _grouped(members: Members) -> tuple[Wanted, Wanted]:
    """Return the two columns that a dimension is grouped by: its member, and whether "other"."""
    wanted = members.wanted
    among = Wanted(wanted.name, wanted.grain, wanted.part, wanted.column, among=members)
    rest = Wanted(
        wanted.name, wanted.grain, wanted.part, f"{wanted.column}{REST}", members, rest=True
    )
    return among, rest


def _values(measured: dict[str, Measured]) -> tuple[list[str], list[Named]]:
    first = next(iter(measured.values()))
    roles = [NUMERATOR, DENOMINATOR] if NUMERATOR in first.parts else ["value"]
    values = [
        Named(f"{side}__{role}", item.read() if role == "value" else item.part(role))
        for side, item in measured.items()
        for role in roles
    ]
    return roles, values


def _as_rows(
    draft: Draft,
    groups: list[tuple[Wanted, ...]],
    places: tuple[int, ...],
    measured: list[Measured],
    values: list[Named],
) -> Closed:
    node = combined(draft, "segments", measured, values)
    items: list[Named] = []
    others: Expr = number(0)
    for place, columns in enumerate(groups):
        name = columns[0].column
        split = place in places
        items.append(Named(name, column(node.name, name) if split else exp.Null()))
        if split and len(columns) > 1:
            is_other = equal(column(node.name, columns[1].column), number(1))
            bit = case((is_other, number(1 << place)), default=number(0))
            others = (
                bit if isinstance(others, exp.Literal) else exp.Add(this=others, expression=bit)
            )
    mask = sum(1 << place for place in places)
    items += [Named(GROUPED, number(mask)), Named(OTHERS, others)]
    items += [Named(value.name, column(node.name, value.name)) for value in values]
    return draft.close(Compute("segment_rows", node, tuple(items)))
