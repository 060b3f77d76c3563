"""Owns `Draft`: what one plan shares while it is built - names, parameters, finished parts."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from sqlglot import exp

from executors.compiler.names import Names
from executors.compiler.plan import (
    Aggregate,
    Combine,
    Compute,
    Cube,
    OrderLimit,
    Read,
    Series,
    Stack,
    TimeSpine,
    Window,
)
from executors.compiler.syntax import Expr, cast
from executors.compiler.units import unit_start
from executors.statement import Joined, Parameter
from metric_catalog.catalog import Catalog
from metric_catalog.errors import UnsupportedQuery
from metric_catalog.issues import issue
from metric_catalog.model.semantic_model import TimeSpine as SpineTable
from metric_catalog.periods import Period
from metric_catalog.policy import Policy

Value = TypeVar("Value")
Made = TypeVar(
    "Made", Series, TimeSpine, Aggregate, Compute, Window, Combine, Stack, OrderLimit, Cube
)


@dataclass
class Draft:
    """The catalog and the policy of one compilation and everything made so far.

    `as_of` is the day asked (incomplete itself), where it is known. `applied` names what was done
    to the query itself, for the explanation; `joined` what was put beside rows.
    """

    names: Names
    as_of: dt.date | None = None
    parameters: dict[str, Parameter] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)
    joined: dict[Joined, None] = field(default_factory=dict)
    _placeholders: dict[tuple[type, Parameter], str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _finished: dict[Any, Any] = field(default_factory=dict)
    _label: str = ""
    _open: list[Any] = field(default_factory=list)

    @property
    def catalog(self) -> Catalog:
        """The catalog that names come from."""
        return self.names.catalog

    @property
    def policy(self) -> Policy:
        """What the asker may see."""
        return self.names.policy

    def unit_start(self, grain: str, moment: Expr) -> Expr:
        """Return the start of the unit of a standard or business grain that holds `moment`."""
        return unit_start(grain, moment, self.catalog.calendar)

    @property
    def week_start(self) -> int:
        """The first day of the week, 0 = Monday."""
        return self.catalog.calendar.week_start

    def bind(self, value: Any) -> Expr:
        """Return a placeholder for `value`, the same one for equal values."""
        key = (type(value), value)
        if key not in self._placeholders:
            self._placeholders[key] = f"p{len(self._placeholders)}"
            self.parameters[self._placeholders[key]] = value
        return exp.Placeholder(this=self._placeholders[key])

    def moment(self, value: dt.datetime) -> Expr:
        """Return `value` as a bound date at midnight, else as a bound timestamp."""
        if value.time() == dt.time():
            return cast(self.bind(value.date().isoformat()), "DATE")
        return cast(self.bind(value.isoformat(sep=" ")), "TIMESTAMP")

    def within(self, moment: Expr, period: Period | None) -> tuple[Expr, ...]:
        """Return the conditions that `moment` lies in the half-open `period`."""
        conditions: list[Expr] = []
        if period and period.start is not None:
            conditions.append(exp.GTE(this=moment, expression=self.moment(period.start)))
        if period and period.end is not None:
            conditions.append(exp.LT(this=moment, expression=self.moment(period.end)))
        return tuple(conditions)

    def close(self, node: Made) -> Made:
        """Return `node` under a name that no other node, table or model has."""
        if self._label:
            node = replace(node, name=f"{node.name}_{self._label}")
        key = node.name.lower()
        free = 0 if key in self._taken else 1
        count = self._counts.get(key, 1 - free) + 1
        self._counts[key] = count
        return node if count == 1 else replace(node, name=f"{node.name}_{count}")

    def spine_rows(self, spine: SpineTable, alias: str) -> Read:
        """Return the rows of a time spine's table."""
        self.joined[Joined(spine.table, spine.column)] = None
        return Read("", spine.table, alias)

    @contextmanager
    def labelled(self, label: str) -> Iterator[None]:
        """Name all nodes that are closed meanwhile with `label` at their end."""
        before, self._label = self._label, label
        try:
            yield
        finally:
            self._label = before

    @cached_property
    def _taken(self) -> frozenset[str]:
        models = self.catalog.models.values()
        tables = {model.table.lower() for model in models}
        tables |= {spine.table.lower() for spine in self.catalog.time_spines}
        return frozenset(tables | {model.id.lower() for model in models})

    def once(self, key: Any, make: Callable[[], Value]) -> Value:
        """Return what `make` gave the first time that `key` was asked for."""
        if key not in self._finished:
            self._finished[key] = make()
        made: Value = self._finished[key]
        return made

    def guarded(self, key: Any, subject: str, make: Callable[[], Value]) -> Value:
        """Return what `make` gives; raises UnsupportedQuery if it needs itself again."""
        if key in self._open:
            raise UnsupportedQuery((issue("circular_definition", subject=subject),))
        self._open.append(key)
        try:
            return make()
        finally:
            self._open.pop()
