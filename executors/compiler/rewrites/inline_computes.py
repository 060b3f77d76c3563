"""Owns one rewrite: what is computed of values that nobody else reads is done in their place."""

from sqlglot import exp

from executors.compiler.plan import Aggregate, Combine, Compute, Named, Node, Plan
from executors.compiler.rewrites.tree import (
    columns_read,
    is_column,
    mapping,
    rebuilt,
    substituted,
    uses,
)


def inline_computes(plan: Plan) -> Plan:
    """Compute in the aggregate or combination itself."""
    used = uses(plan)

    def change(node: Node) -> Node:
        if not isinstance(node, Compute) or node.distinct or not node.columns:
            return node
        source = node.source
        if isinstance(source, Aggregate) and used[source.name] == 1:
            return _into_aggregate(node, source)
        if isinstance(source, Combine) and used[source.name] == 1:
            return _into_combine(node, source)
        return node

    return rebuilt(plan, change)


def _split(
    node: Compute, table: str, keys: tuple[str, ...]
) -> tuple[tuple[Named, ...], tuple[Named, ...]] | None:
    """Return the columns that pass keys through and the others; None if others read keys."""
    plain = tuple(c for c in node.columns if c.name in keys and is_column(c.value, table, c.name))
    others = tuple(c for c in node.columns if c not in plain)
    in_front = node.columns[: len(plain)] == plain
    if not in_front or any(columns_read(c.value, table) & set(keys) for c in others):
        return None
    return plain, others


def _into_aggregate(node: Compute, source: Aggregate) -> Node:
    keys = tuple(group.name for group in source.groups)
    parts = _split(node, source.name, keys)
    if parts is None or len(parts[0]) != len(keys):
        return node
    held, groups = mapping(source.values), mapping(source.groups)
    values = tuple(Named(c.name, substituted(c.value, source.name, held)) for c in parts[1])
    if any(not list(value.value.find_all(exp.AggFunc)) for value in values):
        return node
    ordered = tuple(Named(c.name, groups[c.name]) for c in parts[0])
    return Aggregate(node.name, source.source, ordered, values)


def _into_combine(node: Compute, source: Combine) -> Node:
    parts = _split(node, source.name, source.keys)
    if parts is None or tuple(c.name for c in parts[0]) != source.keys:
        return node
    held = mapping(source.values)
    values = tuple(Named(c.name, substituted(c.value, source.name, held)) for c in parts[1])
    return Combine(node.name, source.sources, source.keys, values)
