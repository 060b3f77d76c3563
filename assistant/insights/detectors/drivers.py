"""Owns the detector of drivers: which members of which dimension a change comes from, exactly."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from assistant.insights import parts as exact
from assistant.insights.compared import (
    Cells,
    direction,
    members,
    split_query,
    stored_values,
    total,
    value_query,
)
from assistant.insights.finding import Finding
from assistant.insights.history import earlier_periods, elapsed
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from assistant.insights.parts import Parts
from executors.result import Cell, ResultTable
from metric_catalog.periods import Period, as_day
from metric_catalog.query import Compare, Filter, MetricQuery, Not, Or, Query, iso

USUAL_PERIODS = 3
"""Earlier periods whose changes show how much members usually move apart."""
REMOVED_MEMBERS = 6
"""So many members are left out one by one where values do not add up."""
NOT_KNOWN, SUM, MIX_RATE, REMOVAL = "unknown", "sum", "mix_rate", "leave_one_out"


@dataclass(frozen=True, slots=True)
class DriversDetector:
    """Splits the change by every dimension worth it, the most telling dimension first."""

    name: str = "drivers"
    intents: tuple[Intent, ...] = ("explain", "growth")

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the splits, then for totals without a member where values do not add up."""
        if investigation.current is None or investigation.base is None:
            return Done()
        first = [value_query(investigation), *_splits(investigation).values()]
        if missing := tuple(query for query in first if query not in tables):
            return Ask(missing)
        split = _Split(investigation, tables)
        if split.change is None:
            return Done()
        if removals := tuple(query for query in split.removals() if query not in tables):
            return Ask(removals)
        return Done(split.findings())


def _splits(investigation: Investigation) -> dict[str, MetricQuery]:
    """The query of each dimension, over both periods and some earlier ones."""
    sides = (investigation.current, investigation.base)
    periods = (*(p for p in sides if p is not None), *_usual(investigation))
    return {d: split_query(investigation, d, periods) for d in investigation.split_by}


def _usual(investigation: Investigation) -> tuple[Period, ...]:
    """The latest earlier periods of the current one's kind, newest first."""
    target = investigation.current and elapsed(investigation.current, investigation.as_of)
    if target is None or target.start is None or target.end is None:
        return ()
    start = investigation.history_start
    first = as_day(start) if start else None
    earlier = earlier_periods(target, investigation.calendar, first)
    return tuple(reversed(earlier[-USUAL_PERIODS:]))


class _Split:
    """The change by each dimension, as far as the tables at hand tell."""

    def __init__(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> None:
        self._investigation, self._tables = investigation, tables
        self._metric = investigation.metric.id
        whole = tables[value_query(investigation)]
        self._now = total(whole, self._metric, investigation.current)
        self._before = total(whole, self._metric, investigation.base)
        self._queries = _splits(investigation)

    @property
    def change(self) -> float | None:
        """Current minus base; None where a side is missing."""
        if self._now.value is None or self._before.value is None:
            return None
        return self._now.value - self._before.value

    def _sides(self, dimension: str) -> tuple[dict[str, Cells], dict[str, Cells]]:
        table = self._tables[self._queries[dimension]]
        current, base = self._investigation.current, self._investigation.base
        if current is None or base is None:
            return {}, {}
        return (
            members(table, self._metric, dimension, current),
            members(table, self._metric, dimension, base),
        )

    def _rule(self, dimension: str) -> str:
        """How the members make up the total."""
        now, before = self._sides(dimension)
        if not now and not before:
            return NOT_KNOWN
        if self._now.has_components and self._before.has_components:
            return MIX_RATE
        sums = exact.adds_up(now, self._now.value) and exact.adds_up(before, self._before.value)
        return SUM if sums else REMOVAL

    def removals(self) -> tuple[MetricQuery, ...]:
        """The totals without a member that are needed, and without all of the largest ones."""
        asked: list[MetricQuery] = []
        for dimension in self._investigation.split_by:
            if self._rule(dimension) == REMOVAL:
                asked += self._without(dimension).values()
        return tuple(asked)

    def _without(self, dimension: str) -> dict[str, MetricQuery]:
        """Per member the query of the total without it; the small members together as other."""
        now, before = self._sides(dimension)
        moved = {
            m: abs(_of(now, m) - _of(before, m)) + EPSILON * (_of(now, m) + _of(before, m))
            for m in {*now, *before}
        }
        ranked = sorted(moved, key=lambda member: (-moved[member], member))
        stored = stored_values(self._tables[self._queries[dimension]], dimension)
        named = ranked if len(ranked) <= REMOVED_MEMBERS else ranked[: REMOVED_MEMBERS - 1]
        base = value_query(self._investigation)
        found = {m: base.with_filter(_not(dimension, stored[m])) for m in named}
        if len(named) < len(ranked):
            kept = Or(tuple(_is(dimension, stored[m]) for m in named))
            found[exact.OTHER] = base.with_filter(kept)
        return found

    def _parts(self, dimension: str) -> tuple[str, Parts | None]:
        rule, change = self._rule(dimension), self.change
        now, before = self._sides(dimension)
        if change is None or rule == NOT_KNOWN:
            return rule, None
        if rule == MIX_RATE:
            return rule, exact.ratio_parts(dimension, now, before, change)
        if rule == SUM:
            return rule, exact.additive_parts(dimension, now, before, change)
        without = {
            member: self._totals(self._tables[query])
            for member, query in self._without(dimension).items()
        }
        whole = (self._now.value or 0.0, self._before.value or 0.0)
        return rule, exact.removal_parts(dimension, whole, without, now, before)

    def _totals(self, table: ResultTable) -> tuple[float | None, float | None]:
        current, base = self._investigation.current, self._investigation.base
        return total(table, self._metric, current).value, total(table, self._metric, base).value

    def _usual_parts(self, dimension: str, rule: str) -> list[Parts]:
        """The same decomposition of the changes between earlier periods."""
        table = self._tables[self._queries[dimension]]
        sides = [members(table, self._metric, dimension, p) for p in _usual(self._investigation)]
        found = []
        for now, before in pairwise(side for side in sides if side):
            if rule == MIX_RATE:
                change = _pooled(now) - _pooled(before)
                ratio = exact.ratio_parts(dimension, now, before, change)
                found += [ratio] if ratio else []
            else:
                change = math.fsum(_of(now, m) for m in now) - math.fsum(
                    _of(before, m) for m in before
                )
                found.append(exact.additive_parts(dimension, now, before, change))
        return found

    def findings(self) -> tuple[Finding, ...]:
        """One finding per dimension, the one that tells most first."""
        found = []
        for dimension in self._investigation.split_by:
            rule, split = self._parts(dimension)
            if split is not None:
                usual = self._usual_parts(dimension, rule)
                found.append(self._finding(dimension, rule, split, usual))
        return tuple(sorted(found, key=lambda finding: -(finding.size or 0.0)))

    def _finding(self, dimension: str, rule: str, split: Parts, usual: list[Parts]) -> Finding:
        change = self.change or 0.0
        special = exact.special(split, usual)
        drivers = exact.arranged(split, change)
        first = drivers[0] if drivers else None
        facts = (
            ("metric", self._metric),
            ("rule", rule),
            ("members", len(split.net)),
            ("top_member", first.member if first else None),
            ("special_share", special / abs(change) if change else None),
            ("residual_share", split.residual / change if change else None),
            ("simpson", split.simpson),
        )
        return Finding(
            "drivers",
            dimension,
            special,
            direction(change),
            None,
            facts,
            drivers=drivers,
            period=self._investigation.current,
            queries=(self._queries[dimension],),
        )


EPSILON = 1e-6
"""Breaks ties between members that moved alike: the larger one first."""


def _of(side: Mapping[str, Cells], member: str) -> float:
    return (side[member].value or 0.0) if member in side else 0.0


def _pooled(side: Mapping[str, Cells]) -> float:
    bottom = math.fsum(cells.denominator or 0.0 for cells in side.values())
    top = math.fsum(cells.numerator or 0.0 for cells in side.values())
    return top / bottom if bottom else 0.0


def _is(dimension: str, value: Cell) -> Filter:
    if value is None:
        return Compare(dimension, "is_null", ())
    return Compare(dimension, "=", (iso(value),))


def _not(dimension: str, value: Cell) -> Filter:
    """Every row but the member's; rows without a value stay in, unlike SQL's plain not."""
    if value is None:
        return Not(_is(dimension, value))
    return Or((Not(_is(dimension, value)), Compare(dimension, "is_null", ())))


DETECTOR = DriversDetector()
