"""Owns conditions on a metric: whether a value meets one, and the bound it is measured from."""

from typing import assert_never

from metric_catalog.query import And, Compare, Filter, MetricCondition, Not, Or, filter_leaves

ORDERED = ("<", "<=", ">", ">=")


def is_about(condition: Filter, metric: str) -> bool:
    """Return whether every comparison of `condition` is of `metric` with numbers."""
    return all(
        _name(leaf) == metric and _bounds(leaf) and leaf.op in (*ORDERED, "=", "!=", "in")
        for leaf in filter_leaves(condition)
    )


def meets(value: float, condition: Filter) -> bool:
    """Return whether `value` meets a condition that `is_about` its metric."""
    match condition:
        case And(items):
            return all(meets(value, item) for item in items)
        case Or(items):
            return any(meets(value, item) for item in items)
        case Not(item):
            return not meets(value, item)
        case Compare() | MetricCondition():
            return _holds(value, condition)
        case _:
            assert_never(condition)


def bound_of(condition: Filter) -> float | None:
    """Return the number that the first comparison orders by; None where it orders nothing."""
    leaves = filter_leaves(condition)
    first = leaves[0] if leaves else None
    return _bounds(first)[0] if first is not None and first.op in ORDERED else None


def _name(leaf: Compare | MetricCondition) -> str:
    return leaf.metric if isinstance(leaf, MetricCondition) else leaf.dimension


def _bounds(leaf: Compare | MetricCondition) -> list[float]:
    return [float(v) for v in leaf.values if isinstance(v, int | float)]


def _holds(value: float, leaf: Compare | MetricCondition) -> bool:
    bounds = _bounds(leaf)
    bound = bounds[0]
    return {
        "=": value == bound, "!=": value != bound, "<": value < bound, "<=": value <= bound,
        ">": value > bound, ">=": value >= bound,
    }.get(leaf.op, value in bounds)  # fmt: skip
