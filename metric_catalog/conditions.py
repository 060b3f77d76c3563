"""Owns the text of conditions (`--where`, `--having`, filters of definitions) and its parser.

    channel = 'flash' and not city in ('a', 'b')
    booking__ds__month >= DATE '2020-01-01' or metric(bookings, listing) > 2

A text becomes the filter tree of the query, or issues; it is never pasted into SQL.
`render_condition` is the inverse of `parse_condition`.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn, assert_never

from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue
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

MAX_LENGTH = 200_000
MAX_DEPTH = 40
CACHED = 4_096

_TOKEN = re.compile(
    r"""\s+
    | (?P<comment>--|/\*|\#)
    | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")+")
    | (?P<name>[^\W\d]\w*)
    | (?P<symbol><>|!=|<=|>=|==|::|[=<>(),;*.+\-])
    """,
    re.VERBOSE,
)
_RESERVED = frozenset(
    {"and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "select"}
)
_MIRROR: dict[str, CompareOp] = {
    "=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip
_SAME = {"<>": "!=", "==": "="}
_TEXT_OPS: dict[str, CompareOp] = {"contains": "contains", "prefix": "prefix", "suffix": "suffix"}
_TIME_TYPES = frozenset({"date", "timestamp", "datetime"})
_FALSE_OR_TRUE = {"true": True, "false": False}
_METRIC = "metric"
_SELECT = "select"


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """The lower-case text of a bare word or symbol, empty for a quoted name or a text."""
        return self.text.lower() if self.kind in ("name", "symbol") else ""


@dataclass(frozen=True, slots=True)
class _Name:
    """A name, or a metric by entities, on one side of a comparison."""

    name: str
    entity: tuple[str, ...] | None = None


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
            return _render_leaf(f"{_METRIC}({names})" if entity else names, op, values)
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
    plain = re.fullmatch(r"[^\W\d]\w*", name) and name.lower() not in _RESERVED
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


_Operand = _Name | tuple[Scalar]


class _Parser:
    """Recursive descent over the tokens of one text; `_next` is the position."""

    def __init__(self, text: str, place: str) -> None:
        self._text, self._place, self._next, self._depth = text, place, 0, 0
        if len(text) > MAX_LENGTH:
            self._fail("condition_too_long", limit=MAX_LENGTH)
        self._tokens = self._split()

    def parse(self) -> Filter:
        """Return the tree of the whole text."""
        if not self._tokens:
            self._fail("condition_empty")
        tree = self._any()
        if self._next < len(self._tokens):
            self._fail("condition_syntax", at=self._peek().text)
        return tree

    def _split(self) -> list[_Token]:
        tokens, at = [], 0
        while at < len(self._text):
            found = _TOKEN.match(self._text, at)
            if found is None:
                self._fail("condition_syntax", at=self._text[at : at + 20])
            if found.lastgroup == "comment":
                self._fail("condition_comment")
            if found.lastgroup:
                tokens.append(_Token(found.lastgroup, found.group(), at))
            at = found.end()
        if any(token.word == ";" for token in tokens):
            self._fail("condition_statements")
        return tokens

    def _fail(self, code: str, **arguments: object) -> NoReturn:
        short = self._text.strip()[:80]
        given = tuple((name, str(value)) for name, value in arguments.items())
        raise CatalogError((Issue(code, (*given, ("text", short)), self._place),))

    def _peek(self, ahead: int = 0) -> _Token:
        place = self._next + ahead
        return self._tokens[place] if place < len(self._tokens) else _Token("end", "", -1)

    def _take(self) -> _Token:
        token = self._peek()
        self._next += 1
        return token

    def _accept(self, *words: str) -> bool:
        """Step over `words` where they follow."""
        if all(self._peek(i).word == word for i, word in enumerate(words)):
            self._next += len(words)
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            self._fail("condition_syntax", at=self._peek().text)

    def _any(self) -> Filter:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail("condition_too_deep", limit=MAX_DEPTH)
        items = [self._all()]
        while self._accept("or"):
            items.append(self._all())
        self._depth -= 1
        return items[0] if len(items) == 1 else Or(tuple(items))

    def _all(self) -> Filter:
        items = [self._one()]
        while self._accept("and"):
            items.append(self._one())
        return items[0] if len(items) == 1 else And(tuple(items))

    def _one(self) -> Filter:
        if self._accept("not"):
            self._depth += 1
            if self._depth > MAX_DEPTH:
                self._fail("condition_too_deep", limit=MAX_DEPTH)
            item = self._one()
            self._depth -= 1
            return Not(item)
        if self._accept("("):
            if self._peek().word == _SELECT:
                self._fail("condition_subquery")
            inner = self._any()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Filter:
        left = self._operand()
        op = _SAME.get(self._peek().word, self._peek().word)
        if op in _MIRROR:
            self._take()
            return self._compare(left, op, self._operand())
        if not isinstance(left, _Name):
            self._fail("condition_syntax", at=self._peek().text or str(left[0]))
        if self._accept("is"):
            return self._is(left)
        negated = self._accept("not")
        condition = self._word_operator(left, negated)
        return Not(condition) if negated else condition

    def _compare(self, left: _Operand, op: str, right: _Operand) -> Filter:
        match left, right:
            case _Name(), _Name():
                self._fail("condition_two_names", left=left.name, right=right.name)
            case _Name(), (value,):
                return self._leaf(left, _MIRROR[_MIRROR[op]], (value,))
            case (value,), _Name():
                return self._leaf(right, _MIRROR[op], (value,))
            case _:
                self._fail("condition_no_name")

    def _word_operator(self, left: _Name, negated: bool) -> Filter:
        word = self._peek().word
        if word == "in":
            self._take()
            return self._leaf(left, "in", self._list())
        if word == "between":
            self._take()
            low = self._value()
            self._expect("and")
            bounds = (self._leaf(left, ">=", (low,)), self._leaf(left, "<=", (self._value(),)))
            return And(bounds)
        if word == "like":
            self._take()
            return self._like(left)
        if word in _TEXT_OPS:
            self._take()
            values = self._list() if self._peek().word == "(" else (self._value(),)
            return self._leaf(left, _TEXT_OPS[word], values)
        if negated:
            self._fail("condition_syntax", at=self._peek().text)
        return self._leaf(left, "=", (True,))

    def _is(self, left: _Name) -> Filter:
        negated = self._accept("not")
        if self._accept("null"):
            condition = self._leaf(left, "is_null", ())
        elif self._peek().word in _FALSE_OR_TRUE:
            wanted = _FALSE_OR_TRUE[self._take().word]
            known = Not(self._leaf(left, "is_null", ()))
            condition = And((known, self._leaf(left, "=", (wanted,))))
        else:
            self._fail("condition_syntax", at=self._peek().text)
        return Not(condition) if negated else condition

    def _like(self, left: _Name) -> Filter:
        pattern = self._value()
        if not isinstance(pattern, str):
            self._fail("condition_pattern", pattern=pattern)
        start, end = pattern.startswith("%"), len(pattern) > 1 and pattern.endswith("%")
        inner = pattern[start : len(pattern) - end]
        if not inner or any(sign in inner for sign in "%_\\"):
            self._fail("condition_pattern", pattern=pattern)
        op: CompareOp = "="
        if start or end:
            op = "contains" if start and end else ("suffix" if start else "prefix")
        return self._leaf(left, op, (inner,))

    def _leaf(self, name: _Name, op: CompareOp, values: tuple[Scalar, ...]) -> Filter:
        if any(value is None for value in values):
            self._fail("condition_null", name=name.name)
        if name.entity is not None:
            return MetricCondition(name.name, op, values, name.entity)
        return Compare(name.name, op, values)

    def _list(self) -> tuple[Scalar, ...]:
        self._expect("(")
        if self._peek().word == _SELECT:
            self._fail("condition_subquery")
        values = [self._value()]
        while self._accept(","):
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _value(self) -> Scalar:
        at = self._peek().text
        operand = self._operand()
        if isinstance(operand, _Name):
            self._fail("condition_value_expected", at=at)
        return operand[0]

    def _operand(self) -> _Operand:
        operand = self._plain_operand()
        while self._accept("::"):
            operand = self._cast(operand, self._take().word)
        return operand

    def _plain_operand(self) -> _Operand:
        token = self._take()
        match token.kind:
            case "text":
                return (_unquote(token.text),)
            case "number":
                return (self._number(token.text),)
            case "quoted":
                return _Name(_unquote(token.text))
            case "name":
                return self._word(token)
            case "symbol" if token.word in ("-", "+") and self._peek().kind == "number":
                return (self._number(token.text + self._take().text),)
        if self._peek().word == _SELECT:
            self._fail("condition_subquery")
        self._fail("condition_syntax", at=token.text)

    def _word(self, token: _Token) -> _Operand:
        word = token.word
        if word in _FALSE_OR_TRUE:
            return (_FALSE_OR_TRUE[word],)
        if word == "null":
            return (None,)
        if word == _SELECT:
            self._fail("condition_subquery")
        if word in _TIME_TYPES and self._peek().kind == "text":
            return self._cast((_unquote(self._take().text),), word)
        if self._peek().word != "(":
            if word in _RESERVED:
                self._fail("condition_syntax", at=token.text)
            return _Name(token.text)
        if word == "cast":
            return self._cast_call()
        if word == _METRIC:
            return self._metric()
        self._fail("condition_function", name=token.text)

    def _cast_call(self) -> _Operand:
        self._expect("(")
        operand = self._operand()
        self._expect("as")
        kind = self._take().word
        self._expect(")")
        return self._cast(operand, kind)

    def _cast(self, operand: _Operand, kind: str) -> _Operand:
        if kind not in _TIME_TYPES:
            self._fail("condition_cast", type=kind)
        if isinstance(operand, _Name):
            if kind == "date":  # it would cut the time of day off: that is a grain, asked by name
                self._fail("condition_cast", type=kind)
            return operand
        moment = _moment(operand[0])
        if moment is None:
            self._fail("condition_date", value=operand[0])
        return (moment.date().isoformat(),) if kind == "date" else operand

    def _metric(self) -> _Name:
        self._expect("(")
        names = [self._plain_name()]
        while self._accept(","):
            names.append(self._plain_name())
        self._expect(")")
        return _Name(names[0], tuple(names[1:]))

    def _plain_name(self) -> str:
        token = self._take()
        if token.kind == "name" and token.word not in _RESERVED:
            return token.text
        if token.kind in ("quoted", "text"):
            return _unquote(token.text)
        self._fail("condition_syntax", at=token.text)

    def _number(self, text: str) -> int | float:
        if re.fullmatch(r"[+-]?\d{1,30}", text):
            return int(text)
        value = float(text)
        if value in (float("inf"), float("-inf")):
            self._fail("condition_syntax", at=text[:20])
        return value


def _unquote(text: str) -> str:
    mark = text[0]
    return text[1:-1].replace(mark * 2, mark)


def _moment(value: Scalar) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
