"""Owns one rewrite: metrics that are made of other metrics take their place in one combination."""

from sqlglot import exp

from executors.compiler.plan import CLOSED, Closed, Combine, Compute, Named, Node, Plan
from executors.compiler.rewrites.tree import (
    is_column,
    mapping,
    rebuilt,
    substituted,
    uses,
)

_STRICT = (
    exp.Column, exp.Identifier, exp.Literal, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg,
    exp.Paren, exp.Cast, exp.DataType, exp.Nullif,
)  # fmt: skip


def flatten_combines(plan: Plan) -> Plan:
    """Combine the sources of a source directly, where its values are null without any of them."""
    used = uses(plan)

    def change(node: Node) -> Node:
        if not isinstance(node, Combine):
            return node
        sources: list[Closed] = []
        values = node.values
        for source in node.sources:
            inner = _opened(source, node.keys) if used[source.name] == 1 else None
            inner = inner or _beside_its_own(source, node)
            if inner is None:
                sources.append(source)
                continue
            held = mapping(inner[1])
            values = tuple(Named(v.name, substituted(v.value, source.name, held)) for v in values)
            sources += inner[0]
        unique: dict[str, Closed] = {source.name: source for source in sources}
        if tuple(unique.values()) == node.sources:
            return node
        return Combine(node.name, tuple(unique.values()), node.keys, values)

    return rebuilt(plan, change)


def _beside_its_own(
    source: Closed, node: Combine
) -> tuple[tuple[Closed, ...], tuple[Named, ...]] | None:
    """Return what is computed row by row of another source of `node`: it has the same rows."""
    match source:
        case Compute(source=below, columns=columns, distinct=False) if below in node.sources:
            assert isinstance(below, CLOSED)
            return (
                ((below,), columns[len(node.keys) :])
                if _through(columns, below, node.keys)
                else None
            )
    return None


def _through(columns: tuple[Named, ...], below: Closed, keys: tuple[str, ...]) -> bool:
    """Whether the first columns are the keys of `below` as they are."""
    plain = columns[: len(keys)]
    return len(plain) == len(keys) and all(
        c.name == k and is_column(c.value, below.name, k) for c, k in zip(plain, keys, strict=True)
    )


def _opened(
    source: Closed, keys: tuple[str, ...]
) -> tuple[tuple[Closed, ...], tuple[Named, ...]] | None:
    match source:
        case Combine(sources=below, keys=same, values=values) if same == keys:
            return (below, values) if all(map(_strict, values)) else None
        case Compute(source=below, columns=columns, distinct=False) if isinstance(below, CLOSED):
            values = columns[len(keys) :]
            through = _through(columns, below, keys)
            return ((below,), values) if through and all(map(_strict, values)) else None
    return None


def _strict(column: Named) -> bool:
    """Whether the value is null where everything it reads is null."""
    parts = list(column.value.walk())
    return all(isinstance(p, _STRICT) for p in parts) and any(
        isinstance(p, exp.Column) for p in parts
    )
