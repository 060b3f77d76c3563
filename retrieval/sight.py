"""Owns `Sight`: which values of dimensions a Policy lets an asker see.

Fails closed: a value is shown only where the policy surely allows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from metric_catalog.policy import Policy
from metric_catalog.query import (
    And,
    Compare,
    Filter,
    MetricCondition,
    Not,
    Or,
    Scalar,
    filter_leaves,
)
from retrieval.names import hides

Visible = Mapping[tuple[str, str], frozenset[Scalar]]
"""(model, dimension) → the values that the asker's rows hold."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What `policy` shows; `homes` = the (model, dimension) pairs that have values at all."""

    policy: Policy
    homes: frozenset[tuple[str, str]]
    visible: Visible | None = None

    def shows(self, model: str, dimension: str, value: Scalar) -> bool:
        """Return whether the asker may see that `dimension` of `model` has `value`."""
        if hides(self.policy, dimension):
            return False
        if not self.policy.rows:
            return True
        if self.visible is not None and (model, dimension) in self.visible:
            if value not in self.visible[model, dimension]:
                return False
            known = True
        else:
            known = False
        return all(
            _holds(row.condition, dimension, value, unknown=known)
            for row in self.policy.rows
            if self._concerns(row.model, row.condition, model, dimension)
        )

    def _concerns(self, owner: str, condition: Filter, model: str, dimension: str) -> bool:
        """Whether rows of `owner` under `condition` say which values of the dimension are seen.

        They do in the model itself; in another one where the condition is about the dimension
        and the owner has none of that name itself, so that it means the joined one.
        """
        if not model or owner == model:
            return True
        names = {
            _short(leaf.dimension) for leaf in filter_leaves(condition) if isinstance(leaf, Compare)
        }
        return dimension in names and (owner, dimension) not in self.homes


def _short(name: str) -> str:
    return name.rsplit("__", 1)[-1]


def _holds(condition: Filter, dimension: str, value: Scalar, unknown: bool) -> bool:
    truth = _truth(condition, dimension, value)
    return unknown if truth is None else truth


def _truth(condition: Filter, dimension: str, value: Scalar) -> bool | None:
    """Three-valued: None where the condition depends on anything else."""
    match condition:
        case And(items):
            parts = [_truth(item, dimension, value) for item in items]
            return False if False in parts else (None if None in parts else True)
        case Or(items):
            parts = [_truth(item, dimension, value) for item in items]
            return True if True in parts else (None if None in parts else False)
        case Not(item):
            inner = _truth(item, dimension, value)
            return None if inner is None else not inner
        case Compare(name, op, values):
            return _compare(op, value, values) if _short(name) == dimension else None
        case MetricCondition():
            return None
        case _:
            assert_never(condition)


def _compare(op: str, value: Scalar, values: tuple[Scalar, ...]) -> bool | None:
    if op == "is_null":
        return value is None
    if value is None:
        return False
    text = str(value)
    match op:
        case "=" | "in":
            return value in values
        case "!=":
            return value not in values
        case "contains":
            return any(str(part) in text for part in values)
        case "prefix":
            return any(text.startswith(str(part)) for part in values)
        case "suffix":
            return any(text.endswith(str(part)) for part in values)
    return _ordered(op, value, values)


def _ordered(op: str, value: Scalar, values: tuple[Scalar, ...]) -> bool | None:
    """<, <=, >, >= between two numbers or two texts; None where they do not compare."""
    if len(values) != 1:
        return None
    other = values[0]
    if isinstance(value, str) and isinstance(other, str):
        return _in_order(op, (value > other) - (value < other))
    if isinstance(value, int | float) and isinstance(other, int | float):
        return _in_order(op, (value > other) - (value < other))
    return None


def _in_order(op: str, sign: int) -> bool:
    return {"<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[op]
