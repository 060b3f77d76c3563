"""Owns the templates of dbt filters: `{{ Dimension('a__b') }} > 2` becomes text of our conditions.

Nothing is executed: the inside of `{{ }}` is read as a Python syntax tree and only the known
calls with literal arguments are understood.
"""

import ast
import re
from dataclasses import dataclass
from typing import NoReturn

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from metric_catalog.conditions import parse_condition, render_condition
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import DIALECT
from metric_catalog.issues import issue
from metric_catalog.query import Filter, GroupBy

MAX_LENGTH = 200_000
_SLOT = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_CALLS = ("Dimension", "TimeDimension", "Entity", "Metric")
_NAME = re.compile(r"[A-Za-z_]\w*")
_SHORT = 120


class BeyondConditions(CatalogError):
    """A filter is sound SQL, but our conditions have no words for it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One call of a template: what it names. `entity` are the group-bys of a metric."""

    kind: str
    name: str
    grain: str | None = None
    date_part: str | None = None
    entity: tuple[str, ...] = ()
    descending: bool = False

    @property
    def group_by(self) -> GroupBy:
        """The item as a group-by of a query."""
        return GroupBy(self.name, self.grain, self.date_part)

    @property
    def text(self) -> str:
        """The name as conditions write it."""
        if self.kind == "Metric":
            return f"metric({', '.join((self.name, *self.entity))})" if self.entity else self.name
        return self.group_by.column


def condition_of(template: str, place: str = "") -> Filter:
    """Return the filter tree of a dbt filter; raises CatalogError, or BeyondConditions."""
    if len(template) > MAX_LENGTH:
        _fail("template_not_understood", place, template)
    text = _SLOT.sub(lambda found: reference_of(found.group(1), place).text, template)
    if any(mark in text for mark in ("{{", "}}", "{%", "{#")):
        _fail("template_not_understood", place, template)
    try:
        return parse_condition(text, place)
    except CatalogError as error:
        if _is_sound(text):
            raise BeyondConditions(error.issues) from error
        raise


def _is_sound(text: str) -> bool:
    """Return whether a text is one SQL condition, whatever it uses."""
    try:
        sqlglot.parse_one(text, read=DIALECT, into=exp.Condition)
    except (SqlglotError, RecursionError):
        return False
    return True


def condition_text(template: str, place: str = "") -> str:
    """Return a dbt filter in the words of our conditions; raises CatalogError."""
    return render_condition(condition_of(template, place))


def reference_of(text: str, place: str = "") -> Reference:
    """Return what one call names, such as `TimeDimension('ds', 'day').descending(True)`."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        _fail("template_not_understood", place, text)
    methods: list[ast.Call] = []
    while isinstance(tree, ast.Call) and isinstance(tree.func, ast.Attribute):
        methods.insert(0, tree)
        tree = tree.func.value
    if not (isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name)):
        _fail("template_not_understood", place, text)
    return _Call(text, place).reference(tree.func.id, tree, methods)


@dataclass(frozen=True, slots=True)
class _Call:
    """One call being read; `text` and `place` are for issues."""

    text: str
    place: str

    def reference(self, kind: str, call: ast.Call, methods: list[ast.Call]) -> Reference:
        """Return the reference of `call` with its `methods` applied."""
        if kind not in _CALLS:
            _fail("template_function", self.place, kind)
        order = ("name", "group_by") if kind == "Metric" else ("name", *_POSITIONS.get(kind, ()))
        given = self._arguments(call, order)
        for method in methods:
            given.update(self._method(method))
        path = self._names(given.pop("entity_path", ()))
        name = "__".join((*path, self._name(given.pop("name", None))))
        grain, part = given.pop("time_granularity_name", None), given.pop("date_part_name", None)
        reference = Reference(
            kind,
            name,
            grain if grain is None else self._name(grain).lower(),
            part if part is None else self._name(part).lower(),
            self._names(given.pop("group_by", ())),
            given.pop("descending", False) is True,
        )
        if given:
            _fail("template_not_understood", self.place, self.text)
        return reference

    def _method(self, call: ast.Call) -> dict[str, object]:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        keys = {"grain": "time_granularity_name", "date_part": "date_part_name"}
        if name not in (*keys, "descending") or len(call.args) != 1 or call.keywords:
            _fail("template_function", self.place, f".{name}")
        return {keys.get(name, name): self._value(call.args[0])}

    def _arguments(self, call: ast.Call, order: tuple[str, ...]) -> dict[str, object]:
        if len(call.args) > len(order):
            _fail("template_not_understood", self.place, self.text)
        given = {name: self._value(node) for name, node in zip(order, call.args, strict=False)}
        for keyword in call.keywords:
            key = _KEYWORDS.get(keyword.arg or "")
            if key is None or key in given:
                _fail("template_not_understood", self.place, self.text)
            given[key] = self._value(keyword.value)
        return {key: value for key, value in given.items() if value is not None}

    def _value(self, node: ast.expr) -> object:
        match node:
            case ast.Constant(value=str() | bool() | None):
                return node.value
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return tuple(self._value(item) for item in items)
            case ast.Call(func=ast.Name(id=kind)):
                return self.reference(kind, node, []).text
        _fail("template_not_understood", self.place, self.text)

    def _name(self, value: object) -> str:
        if isinstance(value, str) and _NAME.fullmatch(value):
            return value
        _fail("template_not_understood", self.place, self.text)

    def _names(self, value: object) -> tuple[str, ...]:
        if isinstance(value, str):
            return (self._name(value),)
        if isinstance(value, tuple):
            return tuple(self._name(item) for item in value)
        _fail("template_not_understood", self.place, self.text)


_POSITIONS = {
    "Dimension": ("entity_path",),
    "Entity": ("entity_path",),
    "TimeDimension": (
        "time_granularity_name", "entity_path", "descending", "date_part_name",
    ),
}  # fmt: skip
_KEYWORDS = {
    "name": "name",
    "entity_path": "entity_path",
    "time_granularity_name": "time_granularity_name",
    "grain": "time_granularity_name",
    "date_part_name": "date_part_name",
    "date_part": "date_part_name",
    "descending": "descending",
    "group_by": "group_by",
    "metric_name": "name",
    "entity_name": "name",
    "dimension_name": "name",
    "time_dimension_name": "name",
}


def _fail(code: str, place: str, text: str) -> NoReturn:
    short = " ".join(text.split())[:_SHORT]
    raise CatalogError((issue(code, place, text=short),))
