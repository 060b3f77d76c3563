"""Owns one rewrite: columns that nobody reads are not made."""

from collections import defaultdict
from dataclasses import replace

from sqlglot import exp

from executors.compiler.plan import (
    Aggregate,
    Combine,
    Compute,
    Cube,
    Named,
    Node,
    OrderLimit,
    Plan,
    Stack,
    Visible,
    Window,
    columns_of,
)
from executors.compiler.rewrites.tree import expressions, nodes, rebuilt


def prune_columns(plan: Plan) -> Plan:
    """Drop the unread values of aggregates, combinations, computations and windows."""
    before = None
    while plan is not before:
        before, plan = plan, _pruned(plan)
    return plan


def _pruned(plan: Plan) -> Plan:
    read = _read_columns(plan)

    def change(node: Node) -> Node:
        match node:
            case Aggregate(name=name, values=values):
                kept = _kept(values, read[name])
                return (
                    node
                    if kept == values or not (kept or node.groups)
                    else replace(node, values=kept)
                )
            case Combine(name=name, values=values):
                kept = _kept(values, read[name])
                return node if kept == values or not kept else replace(node, values=kept)
            case (
                Compute(name=name, columns=columns, distinct=False)
                | Window(name=name, columns=columns)
            ):
                kept = _kept(columns, read[name])
                return node if kept == columns or not kept else replace(node, columns=kept)
            case _:
                return node

    return rebuilt(plan, change)


def _kept(columns: tuple[Named, ...], names: set[str]) -> tuple[Named, ...]:
    return tuple(column for column in columns if column.name in names)


def _read_columns(plan: Plan) -> dict[str, set[str]]:
    """Return the columns that are read of each table or node, by its name."""
    read: dict[str, set[str]] = defaultdict(set)
    read[plan.root.name] |= set(columns_of(plan.root))
    for node in nodes(plan):
        for value in expressions(node):
            for leaf in value.find_all(exp.Column):
                read[leaf.table].add(leaf.name)
        match node:
            case Stack(sources=sources):
                for source in sources:
                    read[source.name] |= set(columns_of(source))
            case Cube(source=source):
                read[source.name] |= set(columns_of(source))
            case OrderLimit(name=name, source=source, keys=keys):
                read[source.name] |= read[name] | {k.column for k in keys if k.table is None}
                for key in keys:
                    if key.table:
                        read[key.table].add(key.column)
            case Combine(sources=sources, keys=names):
                for source in sources:
                    read[source.name] |= set(names)
            case Visible(source=source, alias=alias):
                read[source.name] |= read[alias]
            case _:
                pass
    return read
