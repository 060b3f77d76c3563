"""Owns one rewrite: conditions on groups are asked of the rows, before anything is aggregated."""

from sqlglot import exp

from executors.compiler.plan import Aggregate, Combine, Compute, Filter, Named, Node, Plan
from executors.compiler.rewrites.tree import Expr, columns_read, mapping, rebuilt, substituted, uses
from executors.compiler.syntax import column


def push_filters(plan: Plan) -> Plan:
    """Move conditions on the groups of an aggregate or combination below it."""
    used = uses(plan)

    def change(node: Node) -> Node:
        if not isinstance(node, Filter):
            return node
        source = node.source
        if not isinstance(source, Aggregate | Combine | Compute) or used[source.name] != 1:
            return node
        below, left = _pushed(source, node.conditions)
        if len(left) == len(node.conditions):
            return node
        return Filter(below, left) if left else below

    return rebuilt(plan, change)


def _pushed(
    source: Aggregate | Combine | Compute, conditions: tuple[Expr, ...]
) -> tuple[Node, tuple[Expr, ...]]:
    """Return `source` with the conditions it can take, and those it cannot."""
    keys = _keys(source)
    mine = tuple(c for c in conditions if _only_reads(c, source.name, set(keys)))
    if isinstance(source, Combine):
        mine = mine if all(isinstance(each, Aggregate) for each in source.sources) else ()
    left = tuple(c for c in conditions if c not in mine)
    if not mine:
        return source, left
    match source:
        case Aggregate(name, below, groups, values):
            held = tuple(substituted(c, name, keys) for c in mine)
            return Aggregate(name, Filter(below, held), groups, values), left
        case Compute(name, below, columns, distinct):
            held = tuple(substituted(c, name, keys) for c in mine)
            return Compute(name, Filter(below, held), columns, distinct), left
        case Combine(name, sources, names, values):
            narrowed = []
            for each in sources:
                assert isinstance(each, Aggregate)
                own = {key: column(each.name, key) for key in names}
                held = tuple(substituted(c, name, own) for c in mine)
                narrowed.append(_pushed(each, held)[0])
            return Combine(name, tuple(narrowed), names, values), left  # type: ignore[arg-type]


def _keys(source: Aggregate | Combine | Compute) -> dict[str, Expr]:
    match source:
        case Aggregate(groups=groups):
            return mapping(groups) if groups else {}
        case Compute(columns=columns):
            return mapping(columns)
        case Combine(name=name, keys=keys):
            return mapping(tuple(Named(key, column(name, key)) for key in keys))


def _only_reads(condition: Expr, table: str, names: set[str]) -> bool:
    tables = {leaf.table for leaf in condition.find_all(exp.Column)}
    return tables == {table} and columns_read(condition, table) <= names
