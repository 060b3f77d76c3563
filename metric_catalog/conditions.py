"""Owns the text of conditions (`--where`, `--having`, filters of definitions) and its parser.

    channel = 'flash' and not city in ('a', 'b')
    booking__ds__month >= DATE '2020-01-01' or metric(bookings, listing) > 2

A text becomes the filter tree of the query, or issues; it is never pasted into SQL.
`render_condition` is the inverse of `parse_condition`.
"""

from functools import lru_cache
from typing import assert_never

from metric_catalog.condition_operands import FALSE_OR_TRUE, SELECT, Name, Operand, Operands
from metric_catalog.condition_text import render_condition
from metric_catalog.query import (
    And,
    Compare,
    CompareOp,
    Filter,
    MetricCondition,
    Not,
    Or,
    Scalar,
)

MAX_DEPTH = 40
CACHED = 4_096

_MIRROR: dict[str, CompareOp] = {
    "=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip
_SAME = {"<>": "!=", "==": "="}
_TEXT_OPS: dict[str, CompareOp] = {"contains": "contains", "prefix": "prefix", "suffix": "suffix"}


__all__ = ["parse_condition", "parse_having", "render_condition"]


@lru_cache(maxsize=CACHED)
def parse_condition(text: str, place: str = "") -> Filter:
    """Return the filter tree of `text`, names as they stand there; raises CatalogError."""
    return _Parser(text, place).parse()


def parse_having(text: str, place: str = "") -> Filter:
    """Return the tree of a condition on metrics: every name in `text` is a metric's."""
    return _on_metrics(parse_condition(text, place))


def _on_metrics(condition: Filter) -> Filter:
    match condition:
        case And(items):
            return And(tuple(_on_metrics(item) for item in items))
        case Or(items):
            return Or(tuple(_on_metrics(item) for item in items))
        case Not(item):
            return Not(_on_metrics(item))
        case Compare(name, op, values):
            return MetricCondition(name, op, values)
        case MetricCondition():
            return condition
        case _:
            assert_never(condition)


class _Parser(Operands):
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str, place: str) -> None:
        super().__init__(text, place)
        self._depth = 0

    def parse(self) -> Filter:
        """Return the tree of the whole text."""
        if self.peek().kind == "end":
            self.fail("condition_empty")
        tree = self._any()
        if self.peek().kind != "end":
            self.unread(self.peek())
        return tree

    def _any(self) -> Filter:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.fail("condition_too_deep", limit=MAX_DEPTH)
        items = [self._all()]
        while self.accept("or"):
            items.append(self._all())
        self._depth -= 1
        return items[0] if len(items) == 1 else Or(tuple(items))

    def _all(self) -> Filter:
        items = [self._one()]
        while self.accept("and"):
            items.append(self._one())
        return items[0] if len(items) == 1 else And(tuple(items))

    def _one(self) -> Filter:
        if self.accept("not"):
            self._depth += 1
            if self._depth > MAX_DEPTH:
                self.fail("condition_too_deep", limit=MAX_DEPTH)
            item = self._one()
            self._depth -= 1
            return Not(item)
        if self.accept("("):
            if self.peek().word == SELECT:
                self.fail("condition_subquery")
            inner = self._any()
            self.expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Filter:
        left = self.operand()
        op = _SAME.get(self.peek().word, self.peek().word)
        if op in _MIRROR:
            self.take()
            return self._compare(left, op, self.operand())
        if not isinstance(left, Name):
            if self.peek().kind == "end":
                self.fail("condition_no_name")
            self.unread(self.peek())
        if self.accept("is"):
            return self._is(left)
        negated = self.accept("not")
        condition = self._word_operator(left, negated)
        return Not(condition) if negated else condition

    def _compare(self, left: Operand, op: str, right: Operand) -> Filter:
        match left, right:
            case Name(), Name():
                self.fail("condition_two_names", left=left.name, right=right.name)
            case Name(), (value,):
                return self._leaf(left, _MIRROR[_MIRROR[op]], (value,))
            case (value,), Name():
                return self._leaf(right, _MIRROR[op], (value,))
            case _:
                self.fail("condition_no_name")

    def _word_operator(self, left: Name, negated: bool) -> Filter:
        word = self.peek().word
        if word == "in":
            self.take()
            return self._leaf(left, "in", self._list())
        if word == "between":
            self.take()
            low = self.value()
            self.expect("and")
            bounds = (self._leaf(left, ">=", (low,)), self._leaf(left, "<=", (self.value(),)))
            return And(bounds)
        if word == "like":
            self.take()
            return self._like(left)
        if word in _TEXT_OPS:
            self.take()
            values = self._list() if self.peek().word == "(" else (self.value(),)
            return self._leaf(left, _TEXT_OPS[word], values)
        if negated:
            self.unread(self.peek())
        return self._leaf(left, "=", (True,))

    def _is(self, left: Name) -> Filter:
        negated = self.accept("not")
        if self.accept("null"):
            condition = self._leaf(left, "is_null", ())
        elif self.peek().word in FALSE_OR_TRUE:
            wanted = FALSE_OR_TRUE[self.take().word]
            known = Not(self._leaf(left, "is_null", ()))
            condition = And((known, self._leaf(left, "=", (wanted,))))
        else:
            self.unread(self.peek())
        return Not(condition) if negated else condition

    def _like(self, left: Name) -> Filter:
        pattern = self.value()
        if not isinstance(pattern, str):
            self.fail("condition_pattern", pattern=pattern)
        start, end = pattern.startswith("%"), len(pattern) > 1 and pattern.endswith("%")
        inner = pattern[start : len(pattern) - end]
        if not inner or any(sign in inner for sign in "%_\\"):
            self.fail("condition_pattern", pattern=pattern)
        op: CompareOp = "="
        if start or end:
            op = "contains" if start and end else ("suffix" if start else "prefix")
        return self._leaf(left, op, (inner,))

    def _leaf(self, name: Name, op: CompareOp, values: tuple[Scalar, ...]) -> Filter:
        if any(value is None for value in values):
            self.fail("condition_null", name=name.name)
        if name.entity is not None:
            return MetricCondition(name.name, op, values, name.entity)
        return Compare(name.name, op, values)

    def _list(self) -> tuple[Scalar, ...]:
        self.expect("(")
        if self.peek().word == SELECT:
            self.fail("condition_subquery")
        values = [self.value()]
        while self.accept(","):
            values.append(self.value())
        self.expect(")")
        return tuple(values)
