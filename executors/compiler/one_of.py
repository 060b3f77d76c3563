"""Owns the change of a plan by several groups at once into one by each of them alone.

Rows are read and joined once. Every aggregate of rows by all of the groups is made by each of
them instead (grouping sets); what stands above carries along by which one a row is split.
"""

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from executors.compiler.lone_rows import independent
from executors.compiler.plan import (
    CLOSED,
    Aggregate,
    Closed,
    Combine,
    Compute,
    Filter,
    Named,
    Node,
    OrderLimit,
    Plan,
    Read,
    SortKey,
    Stack,
    Visible,
    Window,
    columns_of,
    inputs,
)
from executors.compiler.rewrites.tree import is_column, rebuilt
from executors.compiler.syntax import column

SPLIT = "__split"
"""The column with the mask of a row: every bit is set but that of the group it is split by."""

IsKey = Callable[[str, exp.Expr], bool]
"""Whether no two rows of a model have the same value of an expression over its own columns."""


class _NotKnown(Exception):
    """The plan holds a node for which splitting by each group is not the same."""


def mask_of(place: int, count: int) -> int:
    """Return what SPLIT holds in the rows by the group at `place` of `count`."""
    return int((1 << count) - 1 - (1 << (count - 1 - place)))


def by_one_of(plan: Plan, names: tuple[str, ...], is_key: IsKey) -> Plan | None:
    """Return `plan`, which is by all the groups `names`, by each of them alone, and SPLIT.

    None where that need not give what plans by one group each do: windows over groups, filled
    up time, or distinct rows. The joins that the groups need must not multiply rows.
    """
    try:
        changed = rebuilt(plan, lambda node: _changed(node, names, is_key))
    except _NotKnown:
        return None
    return changed if _is_split(changed.root) else None


def _changed(node: Node, names: tuple[str, ...], is_key: IsKey) -> Node:
    below = [_is_split(each) for each in inputs(node)]
    match node:
        case Aggregate() if not any(below):
            return _aggregated(node, names)
        case Filter() if not any(below) or isinstance(node.source, CLOSED):
            return node
        case _ if not any(below):
            return _untouched(node, names, is_key)
        case Aggregate(source=source, groups=groups):
            _carry(groups, _name_of(source), names)
            return replace(node, groups=(*groups, _split(source)))
        case Compute(source=source, columns=columns):
            _carry(columns, _name_of(source), names)
            return replace(node, columns=(*columns, _split(source)))
        case Combine(keys=keys) if all(below) and set(names) <= set(keys):
            return replace(node, keys=(*keys, SPLIT))
        case Stack() if all(below):
            return node
        case OrderLimit(keys=keys, limit=None):
            return replace(node, keys=(*keys, SortKey(SPLIT)))
        case _:
            raise _NotKnown


def _aggregated(node: Aggregate, names: tuple[str, ...]) -> Node:
    """Return an aggregate of rows by each of the groups, where it is by all of them."""
    own = {group.name: group.value for group in node.groups}
    if not set(names) & set(own):
        return node
    texts = {value.sql() for value in own.values()}
    bound = any(value.find(exp.Placeholder) for value in own.values())
    if not set(names) <= set(own) or len(texts) < len(own) or bound:
        raise _NotKnown
    mask = exp.Grouping(expressions=[own[name].copy() for name in names])
    return replace(node, values=(*node.values, Named(SPLIT, mask)), one_of=names)


def _untouched(node: Node, names: tuple[str, ...], is_key: IsKey) -> Node:
    """Return a node that stands on nothing split: rows, which may hold the groups already."""
    if not isinstance(node, CLOSED) or not set(columns_of(node)) & set(names):
        return node
    match node:
        case Compute(distinct=False):
            return node
        case Window():
            rows = independent(node, names, is_key)
        case _:
            rows = None
    if rows is None:
        raise _NotKnown
    return rows


def _carry(columns: tuple[Named, ...], table: str, names: tuple[str, ...]) -> None:
    plain = {c.name for c in columns if is_column(c.value, table, c.name)}
    if not set(names) <= plain:
        raise _NotKnown


def _is_split(node: Node) -> bool:
    """Whether the rows of `node` are by one group each."""
    match node:
        case Read():
            return False
        case Filter(source=source) | Visible(source=source):
            return _is_split(source)
        case _ if isinstance(node, CLOSED):
            return SPLIT in columns_of(node)
        case _:
            return any(_is_split(each) for each in inputs(node))


def _name_of(node: Node) -> str:
    """The name under which a split node is read from above, directly or after a filter."""
    source = node.source if isinstance(node, Filter) else node
    if not isinstance(source, CLOSED):
        raise _NotKnown
    found: Closed = source
    return found.name


def _split(node: Node) -> Named:
    return Named(SPLIT, column(_name_of(node), SPLIT))
