"""Owns where joins and windows leave rows as they are, whatever else is asked of the plan."""

from collections.abc import Callable
from dataclasses import replace

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
from executors.compiler.syntax import number

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


def independent(
    node: Window, names: tuple[str, ...], is_key: Callable[[str, exp.Expr], bool]
) -> Window | Compute | None:
    """Return `node` where its windows are the same without the columns `names`, else None.

    So are those of functions without an order, and the number of a row among those of a key
    that is one row's alone: it is 1, and nothing has to be sorted for it.
    """
    groups = [item.value for item in node.columns if item.name in names]
    columns = tuple(
        Named(item.name, number(1)) if _is_lone(item.value, node.source, is_key) else item
        for item in node.columns
    )
    left = [window for item in columns for window in item.value.find_all(exp.Window)]
    if not all(_is_whole(window, groups) for window in left):
        return None
    return replace(node, columns=columns) if left else Compute(node.name, node.source, columns)


def _is_whole(window: exp.Expr, groups: list[exp.Expr]) -> bool:
    """Whether a window is a function without an order over cells that are none of `groups`."""
    cells = window.args.get("partition_by") or []
    plain = isinstance(window.this, WHOLE_GROUP) and not window.args.get("order")
    return plain and not any(cell in groups for cell in cells)


def _is_lone(value: exp.Expr, source: Node, is_key: Callable[[str, exp.Expr], bool]) -> bool:
    """Whether a value is the number of a row among those of a key that is of one row only."""
    if not isinstance(value, exp.Window):
        return False
    cells = value.args.get("partition_by") or []
    read = _only_read(source)
    numbered = isinstance(value.this, exp.RowNumber) and len(cells) == 1
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
