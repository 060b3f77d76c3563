"""Owns splits: a metric by one dimension at a time, over both periods and some earlier ones."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Literal

from assistant.insights import parts as exact
from assistant.insights.answered import once
from assistant.insights.cells import Cells, members, total
from assistant.insights.compared import split_query, value_query
from assistant.insights.history import earlier_periods, elapsed
from assistant.insights.investigation import Investigation
from assistant.insights.parts import Parts
from assistant.insights.telling import has_turned_over, special
from executors.result import ResultTable
from metric_catalog.periods import Period, as_day
from metric_catalog.query import MetricQuery, Query

USUAL_PERIODS = 3
"""Earlier periods whose changes show how much members usually move apart."""

Rule = Literal["unknown", "sum", "mix_rate", "leave_one_out"]
"""How members make up the total: not known, by sum, by numerator and denominator, by removal."""

Sides = tuple[dict[str, Cells], dict[str, Cells]]


def split_queries(investigation: Investigation) -> dict[str, MetricQuery]:
    """Return the query of each dimension worth splitting by."""
    sides = (investigation.current, investigation.base)
    periods = (*(p for p in sides if p is not None), *_usual(investigation))
    return {d: split_query(investigation, d, periods) for d in investigation.worth_splitting}


def _usual(investigation: Investigation) -> tuple[Period, ...]:
    """The latest earlier periods of the current one's kind, newest first."""
    target = investigation.current and elapsed(investigation.current, investigation.as_of)
    if target is None or target.start is None or target.end is None:
        return ()
    start = investigation.history_start
    earlier = earlier_periods(
        target, investigation.calendar, as_day(start) if start else None, USUAL_PERIODS
    )
    return tuple(reversed(earlier))


def splits_of(investigation: Investigation, tables: Mapping[Query, ResultTable]) -> "Splits":
    """Return the splits in `tables`, read once for all detectors."""
    return once(tables, "splits", Splits, lambda: Splits(investigation, tables))


@dataclass(frozen=True)
class Splits:
    """The change of a metric by each dimension, as the tables at hand tell.

    `tables` hold the total (`value_query`) and every one of `split_queries`.
    """

    investigation: Investigation
    tables: Mapping[Query, ResultTable]
    _read: dict[tuple[str, Period], dict[str, Cells]] = field(default_factory=dict)
    _rules: dict[str, Rule] = field(default_factory=dict)
    _made: dict[str, Parts | None] = field(default_factory=dict)

    @cached_property
    def queries(self) -> dict[str, MetricQuery]:
        """The query of each dimension."""
        return split_queries(self.investigation)

    @cached_property
    def _usual(self) -> tuple[Period, ...]:
        return _usual(self.investigation)

    def totals(self, query: MetricQuery | None = None) -> tuple[Cells, Cells]:
        """Return the total in the current and the base period, or that of `query`."""
        table = self.tables[query or value_query(self.investigation)]
        sides = (self.investigation.current, self.investigation.base)
        now, before = (total(table, self.investigation.metric.id, side) for side in sides)
        return now, before

    @property
    def change(self) -> float | None:
        """Current minus base; None where a side is missing."""
        now, before = self.totals()
        if now.value is None or before.value is None:
            return None
        return now.value - before.value

    def table(self, dimension: str) -> ResultTable:
        """Return the table by `dimension`."""
        return self.tables[self.queries[dimension]]

    def sides(self, dimension: str) -> Sides:
        """Return the members of `dimension` in the current and the base period."""
        now, before = self.investigation.current, self.investigation.base
        return (
            self._members(dimension, now) if now else {},
            self._members(dimension, before) if before else {},
        )

    def _members(self, dimension: str, period: Period) -> dict[str, Cells]:
        key = dimension, period
        if key not in self._read:
            metric = self.investigation.metric.id
            self._read[key] = members(self.table(dimension), metric, dimension, period)
        return self._read[key]

    def rule(self, dimension: str) -> Rule:
        """Return how the members of `dimension` make up the total."""
        if dimension not in self._rules:
            self._rules[dimension] = self._rule(dimension)
        return self._rules[dimension]

    def _rule(self, dimension: str) -> Rule:
        now, before = self.sides(dimension)
        whole_now, whole_before = self.totals()
        if not now and not before:
            return "unknown"
        if whole_now.has_components and whole_before.has_components:
            return "unknown" if self.has_negative(dimension) else "mix_rate"
        sums = exact.adds_up(now, whole_now.value) and exact.adds_up(before, whole_before.value)
        return "sum" if sums else "leave_one_out"

    def has_negative(self, dimension: str) -> bool:
        """Return whether a member's denominator is negative: its share and rate mean nothing."""
        return any(
            (c.denominator or 0.0) < 0 for side in self.sides(dimension) for c in side.values()
        )

    def parts(self, dimension: str) -> Parts | None:
        """Return the exact parts where members add up or have components, else the differences."""
        if dimension not in self._made:
            change, sides = self.change, self.sides(dimension)
            made = None if change is None else self._parts(dimension, sides, change)
            self._made[dimension] = made
        return self._made[dimension]

    def _parts(self, dimension: str, sides: Sides, change: float) -> Parts | None:
        if self.rule(dimension) == "mix_rate":
            return exact.ratio_parts(dimension, *sides, change)
        return exact.additive_parts(dimension, *sides, change)

    def special(self, dimension: str, parts: Parts) -> float:
        """Return how much the change tells of one member, beyond the usual."""
        every = [self._members(dimension, p) for p in self._usual]
        usual = []
        for now, before in pairwise(side for side in every if side):
            change = self._whole(dimension, now) - self._whole(dimension, before)
            usual.append(self._parts(dimension, (now, before), change))
        return special(parts, [found for found in usual if found is not None])

    def _whole(self, dimension: str, side: Mapping[str, Cells]) -> float:
        """The total of an earlier period as its members tell it."""
        if self.rule(dimension) != "mix_rate":
            return math.fsum(cells.value or 0.0 for cells in side.values())
        bottom = math.fsum(cells.denominator or 0.0 for cells in side.values())
        top = math.fsum(cells.numerator or 0.0 for cells in side.values())
        return top / bottom if bottom else 0.0

    def ranked(self) -> tuple[str, ...]:
        """Return the dimensions, the most telling first.

        Without those that turned over, and those of which one member is left.
        """
        sizes = {}
        for dimension in self.investigation.worth_splitting:
            parts = self.parts(dimension)
            known = parts is not None and self.rule(dimension) != "unknown" and len(parts.net) > 1
            if parts is not None and known and not has_turned_over(parts):
                sizes[dimension] = self.special(dimension, parts)
        return tuple(sorted(sizes, key=lambda dimension: -sizes[dimension]))
