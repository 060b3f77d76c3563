"""Owns walking and rebuilding plans: shared nodes stay shared, unchanged ones stay the same."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from sqlglot import exp

from executors.compiler.plan import (
    CLOSED,
    Aggregate,
    Combine,
    Compute,
    Cube,
    Filter,
    Join,
    Named,
    Node,
    OrderLimit,
    Plan,
    Read,
    Series,
    Stack,
    TimeSpine,
    Visible,
    Window,
    inputs,
)

Expr = exp.Expr


def rebuilt(plan: Plan, change: Callable[[Node], Node]) -> Plan:
    """Return the plan with `change` applied to every node, bottom up, once per shared node."""
    done: dict[int, Node] = {}

    def visit(node: Node) -> Node:
        if id(node) not in done:
            below = tuple(visit(each) for each in inputs(node))
            same = all(a is b for a, b in zip(below, inputs(node), strict=True))
            done[id(node)] = change(node if same else with_inputs(node, below))
        return done[id(node)]

    root = visit(plan.root)
    assert isinstance(root, CLOSED)
    return plan if root is plan.root else Plan(root)


def with_inputs(node: Node, below: tuple[Node, ...]) -> Node:
    """Return `node` over other inputs."""
    match node:
        case Read():
            return node
        case Join():
            return replace(node, left=below[0], right=below[1])
        case Combine() | Stack():
            return replace(node, sources=below)  # type: ignore[arg-type]
        case Series():
            return replace(node, source=below[0]) if below else node  # type: ignore[arg-type]
        case _:
            return replace(node, source=below[0])  # type: ignore[arg-type]


def expressions(node: Node) -> Iterator[Expr]:
    """Yield the expressions that `node` itself holds."""
    match node:
        case Join(on=on):
            if on is not None:
                yield on
        case Filter(conditions=conditions):
            yield from conditions
        case Series(start=start, end=end):
            yield from (start, end)
        case TimeSpine(columns=columns) | Compute(columns=columns) | Window(columns=columns):
            yield from (column.value for column in columns)
        case Aggregate(groups=groups, values=values):
            yield from (column.value for column in (*groups, *values))
        case Combine(values=values):
            yield from (column.value for column in values)
        case Read() | Visible() | Stack() | OrderLimit() | Cube():
            return


def with_expressions(node: Node, change: Callable[[Expr], Expr]) -> Node:
    """Return `node` with `change` applied to every expression that it holds itself."""
    if all(change(value) is value for value in expressions(node)):
        return node

    def all_named(columns: tuple[Named, ...]) -> tuple[Named, ...]:
        return tuple(Named(column.name, change(column.value)) for column in columns)

    match node:
        case Join(on=on):
            return replace(node, on=None if on is None else change(on))
        case Filter(conditions=conditions):
            return replace(node, conditions=tuple(map(change, conditions)))
        case Series(start=start, end=end):
            return replace(node, start=change(start), end=change(end))
        case TimeSpine() | Compute() | Window():
            return replace(node, columns=all_named(node.columns))
        case Aggregate():
            return replace(node, groups=all_named(node.groups), values=all_named(node.values))
        case Combine():
            return replace(node, values=all_named(node.values))
        case Read() | Visible() | Stack() | OrderLimit() | Cube():
            return node
        case _:
            assert_never(node)


def nodes(plan: Plan) -> list[Node]:
    """Return every node once, what stands above before what is below."""
    seen: set[int] = set()
    order: list[Node] = []

    def visit(node: Node) -> None:
        if id(node) in seen:
            return
        seen.add(id(node))
        for below in inputs(node):
            visit(below)
        order.append(node)

    visit(plan.root)
    return order[::-1]


def uses(plan: Plan) -> Counter[str]:
    """Return how many nodes read each closed node, by its name: those on it, and sort keys."""
    every = nodes(plan)
    found = Counter(
        below.name for node in every for below in inputs(node) if isinstance(below, CLOSED)
    )
    for node in every:
        if isinstance(node, OrderLimit):
            found.update({key.table for key in node.keys if key.table})
    return found


def columns_read(value: Expr, table: str) -> set[str]:
    """Return the columns of `table` that an expression reads."""
    return {leaf.name for leaf in value.find_all(exp.Column) if leaf.table == table}


def substituted(value: Expr, table: str, columns: Mapping[str, Expr]) -> Expr:
    """Return `value` with the columns of `table` replaced by what they hold."""

    if isinstance(value, exp.Column) and value.table == table:
        return columns[value.name].copy()

    def swap(leaf: Expr) -> Expr:
        if isinstance(leaf, exp.Column) and leaf.table == table:
            held = columns[leaf.name].copy()
            simple = isinstance(held, exp.Column | exp.Func | exp.Literal | exp.Paren | exp.Cast)
            return held if simple else exp.Paren(this=held)
        return leaf

    return value.copy().transform(swap, copy=False)


def mapping(columns: tuple[Named, ...]) -> dict[str, Expr]:
    """Return what each column holds, by its name."""
    return {column.name: column.value for column in columns}


def is_column(value: Expr, table: str, name: str) -> bool:
    """Return whether an expression is just `table.name`."""
    return isinstance(value, exp.Column) and value.table == table and value.name == name
