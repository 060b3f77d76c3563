"""Owns the text of a filter tree: the inverse of the parser of conditions."""

import re
from typing import assert_never

from metric_catalog.condition_tokens import RESERVED
from metric_catalog.query import And, Compare, CompareOp, Filter, MetricCondition, Not, Or, Scalar

METRIC = "metric"


def render_condition(condition: Filter) -> str:
    """Return the text that parses to `condition`; `having` trees via `parse_having`."""
    match condition:
        case And(items):
            return " and ".join(_render_item(item) for item in items)
        case Or(items):
            return " or ".join(_render_item(item) for item in items)
        case Not(item):
            return f"not {_render_item(item)}"
        case Compare(name, op, values):
            return _render_leaf(_render_name(name), op, values)
        case MetricCondition(metric, op, values, entity):
            names = ", ".join(_render_name(name) for name in (metric, *entity))
            return _render_leaf(f"{METRIC}({names})" if entity else names, op, values)
        case _:
            assert_never(condition)


def _render_item(item: Filter) -> str:
    text = render_condition(item)
    return text if isinstance(item, Compare | MetricCondition) else f"({text})"


def _render_leaf(name: str, op: CompareOp, values: tuple[Scalar, ...]) -> str:
    if op == "is_null":
        return f"{name} is null"
    if op == "in" or len(values) != 1:
        return f"{name} {op} ({', '.join(_render_value(value) for value in values)})"
    return f"{name} {op} {_render_value(values[0])}"


def _render_name(name: str) -> str:
    plain = re.fullmatch(r"[^\W\d]\w*", name) and name.lower() not in RESERVED
    return name if plain else '"' + name.replace('"', '""') + '"'


def _render_value(value: Scalar) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            assert_never(value)
