"""Owns conditions: the filter tree of a query becomes a SQL condition with bound values."""

from collections.abc import Callable
from typing import assert_never

from sqlglot import exp

from executors.compiler.syntax import (
    Expr,
    all_of,
    any_of,
    cast,
    is_null,
    negated,
    not_null,
    operand,
)
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.query import And, Compare, CompareOp, Filter, MetricCondition, Not, Or

Leaf = Compare | MetricCondition
Bind = Callable[[object], Expr]
LeafColumn = Callable[[Leaf], tuple[Expr, Bind]]

_ORDERINGS: dict[str, type[exp.Binary]] = {
    "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE,
}  # fmt: skip


def condition(tree: Filter, leaf_column: LeafColumn) -> Expr:
    """Return `tree` as SQL; `leaf_column` gives a leaf's left side and the form of its values."""
    match tree:
        case And(items):
            return all_of(condition(item, leaf_column) for item in items) or exp.true()
        case Or(items):
            return any_of(condition(item, leaf_column) for item in items) or exp.false()
        case Not(item):
            return negated(condition(item, leaf_column))
        case Compare() | MetricCondition():
            left, bind = leaf_column(tree)
            return _compared(left, tree.op, tree.values, bind)
        case _:
            assert_never(tree)


def _compared(left: Expr, op: CompareOp, values: tuple[object, ...], bind: Bind) -> Expr:
    match op:
        case "is_null":
            return is_null(left)
        case "=" | "in":
            return _among(left, values, bind)
        case "!=":
            return _not_among(left, values, bind)
        case "contains" | "prefix" | "suffix":
            return any_of(_like(left, op, value, bind) for value in values) or exp.false()
        case "<" | "<=" | ">" | ">=":
            if len(values) != 1 or values[0] is None:
                raise CatalogError((issue("one_value_expected", op=op, values=values),))
            return _ORDERINGS[op](this=operand(left), expression=bind(values[0]))
        case _:
            assert_never(op)


def _among(left: Expr, values: tuple[object, ...], bind: Bind) -> Expr:
    known = [bind(value) for value in values if value is not None]
    options: list[Expr] = []
    if len(known) == 1:
        options.append(exp.EQ(this=operand(left), expression=known[0]))
    elif known:
        options.append(exp.In(this=operand(left), expressions=known))
    if len(known) < len(values):
        options.append(is_null(left))
    return any_of(options) or exp.false()


def _not_among(left: Expr, values: tuple[object, ...], bind: Bind) -> Expr:
    known = [bind(value) for value in values if value is not None]
    options: list[Expr] = []
    if len(known) == 1:
        options.append(exp.NEQ(this=operand(left), expression=known[0]))
    elif known:
        options.append(exp.Not(this=exp.In(this=operand(left), expressions=known)))
    if len(known) < len(values):
        options.append(not_null(left))
    return all_of(options) or exp.true()


def _like(left: Expr, op: CompareOp, value: object, bind: Bind) -> Expr:
    if not isinstance(value, str):
        raise CatalogError((issue("text_expected", nearest=(f"'{value}'",), op=op, value=value),))
    words = cast(left, "TEXT")
    if op == "contains":
        return exp.Contains(this=words, expression=bind(value))
    if op == "prefix":
        return exp.StartsWith(this=words, expression=bind(value))
    return exp.EndsWith(this=words, expression=bind(value))
