"""Owns the sides of comparisons in the text of a condition: names, values, metrics by entity."""

import datetime as dt
import re
from dataclasses import dataclass

from metric_catalog.condition_text import METRIC
from metric_catalog.condition_tokens import RESERVED, Token, Tokens, unquote
from metric_catalog.issues import nearest_names
from metric_catalog.periods import Grain
from metric_catalog.query import METRIC_TIME, Scalar

FALSE_OR_TRUE = {"true": True, "false": False}
SELECT, TRUNCATED = "select", "date_trunc"
FUNCTIONS = (TRUNCATED, METRIC, "cast")
COMMON = ("day", "week", "month", "quarter", "year")
"""Named where a grain is asked for that looks like none."""
_GRAINS = frozenset(grain.value for grain in Grain)
_NESTED = frozenset(grain.value for grain in Grain if grain.order <= Grain.DAY.order)
_ABOVE_DAY = _GRAINS - _NESTED
_TIME_TYPES = frozenset({"date", "timestamp", "datetime"})
_PLAIN_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?")


@dataclass(frozen=True, slots=True)
class Name:
    """A name, or a metric by entities, on one side of a comparison."""

    name: str
    entity: tuple[str, ...] | None = None


Operand = Name | tuple[Scalar]


class Operands(Tokens):
    """Reads one side of a comparison after the other."""

    def value(self) -> Scalar:
        """Return the value that comes next; raises CatalogError where a name does."""
        at = self.peek().text
        operand = self.operand()
        if isinstance(operand, Name):
            self.fail("condition_value_expected", [f"'{at}'"], at=at)
        return operand[0]

    def operand(self) -> Operand:
        """Return the name or the value that comes next."""
        operand = self._plain_operand()
        while self.accept("::"):
            operand = self._cast(operand, self.take().word)
        return operand

    def _plain_operand(self) -> Operand:
        token = self.take()
        match token.kind:
            case "text":
                return (unquote(token.text),)
            case "number":
                return (self._number(token.text),)
            case "quoted":
                return Name(unquote(token.text))
            case "name":
                return self._word(token)
            case "symbol" if token.word in ("-", "+") and self.peek().kind == "number":
                return (self._number(token.text + self.take().text),)
        if self.peek().word == SELECT:
            self.fail("condition_subquery")
        self.unread(token)

    def _word(self, token: Token) -> Operand:
        word = token.word
        if word in FALSE_OR_TRUE:
            return (FALSE_OR_TRUE[word],)
        if word == "null":
            return (None,)
        if word == SELECT:
            self.fail("condition_subquery")
        if word in _TIME_TYPES and self.peek().kind == "text":
            return self._cast((unquote(self.take().text),), word)
        if self.peek().word != "(":
            if word in RESERVED:
                self.fail("condition_syntax", at=token.text)
            return Name(token.text)
        if word == "cast":
            return self._cast_call()
        if word == METRIC:
            return self._metric()
        if word == TRUNCATED:
            return self._truncated(token)
        near = nearest_names(token.text, FUNCTIONS)
        self.fail("condition_function", near, name=token.text)

    def _truncated(self, token: Token) -> Operand:
        """Return the grain of a time, asked by name; one of days may be made coarser."""
        self.expect("(")
        grain = self.value()
        self.expect(",")
        inner = self.operand()
        self.expect(")")
        if grain not in _GRAINS:
            near = nearest_names(str(grain), _GRAINS) or COMMON
            self.fail("condition_grain", near, grain=grain)
        if not isinstance(inner, Name) or inner.entity is not None:
            self.fail("condition_truncates_names", [f"{token.text}('{grain}', {METRIC_TIME})"])
        base, _, before = inner.name.rpartition("__")
        if base and before in _GRAINS:
            fits = before == grain or (before in _NESTED and grain in _ABOVE_DAY)
            if not fits:
                near = (inner.name, f"{base}__{grain}")
                self.fail("condition_grain_apart", near, name=inner.name, grain=grain)
            return Name(f"{base}__{grain}")
        return Name(f"{inner.name}__{grain}")

    def _cast_call(self) -> Operand:
        self.expect("(")
        operand = self.operand()
        self.expect("as")
        kind = self.take().word
        self.expect(")")
        return self._cast(operand, kind)

    def _cast(self, operand: Operand, kind: str) -> Operand:
        if kind not in _TIME_TYPES:
            self.fail("condition_cast", type=kind)
        if isinstance(operand, Name):
            if kind == "date":  # it would cut the time of day off: that is a grain, asked by name
                self.fail("condition_cast", type=kind)
            return operand
        moment = _moment(operand[0])
        if moment is None or moment.tzinfo is not None:
            self.fail("condition_date", value=operand[0])
        if kind == "date":
            return (moment.date().isoformat(),)
        return operand if _PLAIN_MOMENT.fullmatch(str(operand[0])) else (moment.isoformat(" "),)

    def _metric(self) -> Name:
        self.expect("(")
        names = [self._plain_name()]
        while self.accept(","):
            names.append(self._plain_name())
        self.expect(")")
        return Name(names[0], tuple(names[1:]))

    def _plain_name(self) -> str:
        token = self.take()
        if token.kind == "name" and token.word not in RESERVED:
            return token.text
        if token.kind in ("quoted", "text"):
            return unquote(token.text)
        self.unread(token)

    def _number(self, text: str) -> int | float:
        if re.fullmatch(r"[+-]?\d{1,30}", text):
            return int(text)
        value = float(text)
        if value in (float("inf"), float("-inf")):
            self.fail("condition_syntax", at=text[:20])
        return value


def _moment(value: Scalar) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
