"""Owns where joins and windows leave rows as they are, whatever else is asked of the plan."""

from collections.abc import Callable

from sqlglot import exp

from executors.compiler.plan import (
    Compute,
    Filter,
    Join,
    Named,
    Node,
    Plan,
    Read,
    Visible,
    Window,
    walk,
)
from executors.compiler.rewrites.tree import nodes

WHOLE_GROUP = (exp.Min, exp.Max)
"""Window functions that give the same in whatever order their rows come."""


def joined_models(plan: Plan) -> frozenset[str]:
    """Return the models whose rows are put beside others, by a key that is said to be theirs.

    The rows of metrics by entity and of time spines are not among them.
    """
    rights = (node.right for node in nodes(plan) if isinstance(node, Join))
    return frozenset(model for right in rights for model in _models(right))


def multiplied(plan: Plan) -> bool:
    """Return whether what an asker may see of a model is found by joins."""
    return any(
        isinstance(below, Join)
        for node in nodes(plan)
        if isinstance(node, Visible) and _is_policy(node)
        for below in walk(node.source)
    )


def _models(right: Node) -> tuple[str, ...]:
    """Return the model of a joined table; none for the rows a plan starts from."""
    match right:
        case Read(model=model, alias=alias) if model and alias != model:
            return (model,)
        case Visible(source=Compute() as source, alias=alias) if _is_policy(right):
            read = next((n for n in walk(source) if isinstance(n, Read)), None)
            return (read.model,) if read and alias != read.model else ()
        case _:
            return ()


def _is_policy(node: Visible) -> bool:
    """Whether a node is all columns of the rows of a table that the asker may see."""
    return isinstance(node.source, Compute) and not node.source.columns


def is_independent(
    node: Window, names: tuple[str, ...], is_key: Callable[[str, exp.Expr], bool]
) -> bool:
    """Return whether the windows over rows are the same without the columns `names`.

    So are those of functions without an order, and the number of a row among those of a key
    that is one row's alone.
    """
    return all(
        _is_whole(window, _values(node.columns, names)) or _is_lone(window, node.source, is_key)
        for item in node.columns
        for window in item.value.find_all(exp.Window)
    )


def _values(columns: tuple[Named, ...], names: tuple[str, ...]) -> list[exp.Expr]:
    return [item.value for item in columns if item.name in names]


def _is_whole(window: exp.Expr, groups: list[exp.Expr]) -> bool:
    """Whether a window is a function without an order over cells that are none of `groups`."""
    cells = window.args.get("partition_by") or []
    plain = isinstance(window.this, WHOLE_GROUP) and not window.args.get("order")
    return plain and not any(cell in groups for cell in cells)


def _is_lone(window: exp.Expr, source: Node, is_key: Callable[[str, exp.Expr], bool]) -> bool:
    """Whether a window numbers the rows of a key that is of one row only."""
    cells = window.args.get("partition_by") or []
    read = _only_read(source)
    numbered = isinstance(window.this, exp.RowNumber) and len(cells) == 1
    return numbered and read is not None and is_key(read.model, cells[0])


def _only_read(node: Node) -> Read | None:
    """Return the table whose rows `node` has, each once at most; None where that is not known.

    Joined models are asked about elsewhere: their keys are unique wherever splits are merged.
    """
    match node:
        case Read(model=model, alias=alias):
            return node if alias == model else None
        case Filter(source=source):
            return _only_read(source)
        case Join(left=left, right=right, kind="left"):
            return _only_read(left) if _models(right) else None
        case _:
            return None
