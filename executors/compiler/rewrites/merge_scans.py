"""Owns one rewrite: measures of the same rows by the same groups are aggregated in one scan."""

from dataclasses import dataclass, replace

from sqlglot import exp

from executors.compiler.plan import (
    Aggregate,
    Closed,
    Combine,
    Compute,
    Cube,
    Named,
    Node,
    OrderLimit,
    Plan,
    Stack,
    inputs,
)
from executors.compiler.rewrites.tree import (
    mapping,
    nodes,
    rebuilt,
    with_expressions,
)
from executors.compiler.syntax import column, name

_WHOLE = (OrderLimit, Stack, Cube)
"""What gives out all columns of what it stands on, so that no column may be added there."""


@dataclass
class _Scan:
    """The aggregates that become one: `into` with all values, `names` of all of them."""

    into: Aggregate
    names: list[str]


def merge_scans(plan: Plan) -> Plan:
    """Make one aggregate of all that read the same rows by the same groups."""
    renamed: dict[str, Aggregate] = {}
    for scan in _scans(plan):
        if len(scan.names) > 1:
            renamed |= dict.fromkeys(scan.names, scan.into)
    if not renamed:
        return plan

    def change(node: Node) -> Node:
        if isinstance(node, Aggregate) and node.name in renamed:
            return renamed[node.name]
        if isinstance(node, OrderLimit):
            return _keys_renamed(node, renamed)
        node = with_expressions(node, lambda value: _renamed(value, renamed))
        return _once(node) if isinstance(node, Combine) else node

    return rebuilt(plan, change)


def _scans(plan: Plan) -> list[_Scan]:
    every = nodes(plan)
    whole = {id(below) for node in every if isinstance(node, _WHOLE) for below in inputs(node)}
    scans: list[_Scan] = []
    for node in reversed(every):
        if not isinstance(node, Aggregate) or id(node) in whole or node is plan.root:
            continue
        fellow = next((scan for scan in scans if _fits(scan.into, node)), None)
        if fellow is None:
            scans.append(_Scan(node, [node.name]))
            continue
        known = mapping(fellow.into.values)
        more = tuple(value for value in node.values if value.name not in known)
        fellow.into = replace(fellow.into, values=(*fellow.into.values, *more))
        fellow.names.append(node.name)
    return scans


def _fits(one: Aggregate, other: Aggregate) -> bool:
    if one.groups != other.groups or one.source != other.source:
        return False
    known = mapping(one.values)
    return all(known.get(value.name, value.value) == value.value for value in other.values)


def _renamed(value: exp.Expr, renamed: dict[str, Aggregate]) -> exp.Expr:
    if not any(leaf.table in renamed for leaf in value.find_all(exp.Column)):
        return value
    copy = value.copy()
    for leaf in copy.find_all(exp.Column):
        if leaf.table in renamed:
            leaf.set("table", name(renamed[leaf.table].name))
    return copy


def _keys_renamed(node: OrderLimit, renamed: dict[str, Aggregate]) -> OrderLimit:
    if not any(key.table in renamed for key in node.keys):
        return node
    keys = tuple(
        replace(key, table=renamed[key.table].name) if key.table in renamed else key
        for key in node.keys
    )
    return replace(node, keys=keys)


def _once(node: Combine) -> Node:
    """Return the combination with every source once; of one source it is a computation."""
    sources: dict[str, Closed] = {source.name: source for source in node.sources}
    if len(sources) == len(node.sources):
        return node
    only, *others = sources.values()
    if others:
        return Combine(node.name, (only, *others), node.keys, node.values)
    keys = tuple(Named(key, column(only.name, key)) for key in node.keys)
    return Compute(node.name, only, (*keys, *node.values))
