"""Owns wholes: of which metrics the values of groups are parts, so that they have a share."""

from typing import assert_never

from sqlglot import exp

from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import parse_expression
from metric_catalog.model.metrics import (
    Conversion,
    Cumulative,
    Derived,
    EntityShare,
    Interval,
    Ratio,
    Retention,
    Simple,
)
from metric_catalog.model.semantic_model import Aggregation


def makes_a_whole(catalog: Catalog, metric_id: str) -> bool:
    """Return whether the values of groups are parts of the value of all of them together.

    Sums and counts are; so are distinct counts, whose parts may overlap inside a whole of their
    own. Rates, averages, medians, extremes and times are not: what is said of each group says
    nothing of how much of the whole it is.
    """
    of = catalog.metric(metric_id).of
    match of:
        case Simple(model=model_id, measure=name):
            measure = catalog.model(model_id).measure(name)
            return measure is None or measure.agg.additive or measure.agg in _COUNTED
        case Ratio() | Retention() | Interval() | EntityShare():
            return False
        case Conversion(calculation=calculation):
            return calculation == "conversions"
        case Cumulative(metric=given):
            return makes_a_whole(catalog, given.metric)
        case Derived(expr=text, inputs=inputs):
            return _adds(text) and all(makes_a_whole(catalog, given.metric) for given in inputs)
        case _:
            assert_never(of)


_COUNTED = (Aggregation.COUNT_DISTINCT,)


def _adds(text: str) -> bool:
    """Whether the expression only adds, subtracts and scales its inputs."""
    try:
        return _is_linear(parse_expression(text))
    except CatalogError:
        return False


def _is_linear(tree: exp.Expr) -> bool:
    match tree:
        case exp.Column():
            return True
        case exp.Paren() | exp.Neg():
            return _is_linear(tree.this)
        case exp.Add() | exp.Sub():
            return _is_linear(tree.left) and _is_linear(tree.right)
        case exp.Mul():
            sides = (tree.left, tree.right)
            return any(map(_is_constant, sides)) and any(map(_is_linear, sides))
        case exp.Div():
            return _is_linear(tree.left) and _is_constant(tree.right)
        case exp.Coalesce(this=first, expressions=others):
            return _is_linear(first) and all(_is_zero(other) for other in others)
    return False


def _is_constant(tree: exp.Expr) -> bool:
    return not list(tree.find_all(exp.Column))


def _is_zero(tree: exp.Expr) -> bool:
    return isinstance(tree, exp.Literal) and not tree.is_string and float(tree.name) == 0
