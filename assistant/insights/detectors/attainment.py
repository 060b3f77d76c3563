"""Owns the detector of attainment: a metric against its target, and whether it is on pace."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.insights.cells import total
from assistant.insights.compared import value_query
from assistant.insights.finding import Finding
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from executors.result import ResultTable
from metric_catalog import periods
from metric_catalog.conditions import parse_condition
from metric_catalog.model.governance import Target
from metric_catalog.periods import Period
from metric_catalog.query import Query

SUMMED_UNITS = ("count", "currency")
"""Targets of these units are shared out over time; a rate's target holds every day."""


@dataclass(frozen=True, slots=True)
class AttainmentDetector:
    """Compares the current period with the targets that cover it.

    Size = value − target. Facts: value, target, attainment (value / target), met, elapsed (share
    of the target's time that is over), pace (attainment / elapsed, for amounts under way).
    """

    name: str = "attainment"
    intents: tuple[Intent, ...] = ("attainment", "value")

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the value; then compare."""
        current = investigation.current
        if current is None or current.start is None or current.end is None:
            return Done()
        target = target_for(investigation, current)
        if target is None:
            return Done()
        query = value_query(investigation)
        if query not in tables:
            return Ask((query,))
        value = total(tables[query], investigation.metric.id, current).value
        return Done(() if value is None else (_finding(investigation, value, target),))


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached in which period."""

    value: float
    period: Period


def target_for(investigation: Investigation, current: Period) -> Goal | None:
    """Return the target of exactly this period, of the unit it is a part of, or the sum of its
    parts' targets where they cover it; None otherwise.

    An amount is measured by the target of a longer unit only from that unit's start: a week in
    the middle of a month says nothing of the month's target.
    """
    fitting = [t for t in investigation.metric.targets if _same_rows(investigation, t)]
    spans = [(Period(periods.as_day(t.start), periods.as_day(t.end)), t.value) for t in fitting]
    for span, value in spans:
        if span == current:
            return Goal(value, span)
    summed = investigation.metric.unit in SUMMED_UNITS
    around = [
        item
        for item in spans
        if item[0].intersect(current) == current
        and not (summed and (item[0].start != current.start or current.days == 1))
    ]
    if around:
        span, value = min(around, key=lambda item: item[0].days or 0)
        return Goal(value, span)
    return _one_after_another(spans, current) if summed else None


def _one_after_another(spans: list[tuple[Period, float]], current: Period) -> Goal | None:
    """The sum of targets that follow each other from the period's start until they cover it.

    The last one may reach further: the year so far is measured by all months that have begun.
    """
    start, end = current.bounds()
    at, total = start, 0.0
    while at < end:
        following = [item for item in spans if item[0].start == at]
        if not following:
            return None
        span, value = min(following, key=lambda item: item[0].days or 0)
        at, total = span.bounds()[1], total + value
    return Goal(total, Period(start, at))


def _same_rows(investigation: Investigation, target: Target) -> bool:
    wanted = parse_condition(target.filter) if target.filter else None
    return wanted == investigation.query.filters


def _finding(investigation: Investigation, value: float, goal: Goal) -> Finding:
    metric = investigation.metric
    start, end = goal.period.bounds()
    reached = min(max(_data_end(investigation), start), end)
    elapsed = (reached - start) / (end - start)
    attainment = value / goal.value if goal.value else None
    down = metric.direction == "down_good"
    met = value <= goal.value if down else value >= goal.value
    summed = metric.unit in SUMMED_UNITS
    pace = attainment / elapsed if summed and attainment is not None and elapsed > 0 else None
    facts = (
        ("value", value),
        ("target", goal.value),
        ("attainment", attainment),
        ("met", met),
        ("elapsed", elapsed),
        ("pace", pace),
    )
    gap = value - goal.value
    return Finding(
        "attainment",
        metric.id,
        gap,
        "up" if gap > 0 else "down" if gap < 0 else "flat",
        facts=facts,
        period=goal.period,
        queries=(value_query(investigation),),
    )


def _data_end(investigation: Investigation) -> dt.datetime:
    """Where the value's time ends: at the day asked, or the end of the period asked."""
    cut = periods.as_day(investigation.as_of)
    current = investigation.current
    return min(cut, current.end) if current and current.end else cut


DETECTOR = AttainmentDetector()
