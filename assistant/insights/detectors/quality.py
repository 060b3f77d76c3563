"""Owns the detector of quality: what may be wrong with the numbers before any cause is named."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.insights.cells import by_start
from assistant.insights.finding import Finding
from assistant.insights.investigation import Ask, Done, Intent, Investigation
from assistant.insights.maturity import mature_until, young_from
from assistant.insights.timeline import asked_grain, asked_span
from executors.result import ResultTable
from metric_catalog import periods
from metric_catalog.periods import Grain, Period
from metric_catalog.query import MetricQuery, Query

INCOMPLETE, GAP, DEFINITION, BEFORE_DATA, UNEQUAL = (
    "incomplete_period", "data_gap", "definition_changed", "before_data", "unequal_periods",
)  # fmt: skip
YOUNG, COHORTS_CUT = "young_cohorts", "cohorts_cut"
FIRST_UNIT, LAST_UNIT = "first_unit_incomplete", "last_unit_incomplete"
USUAL_DAYS = 28
"""Days before the period that show whether every day usually has data."""
MOST_DAYS = 92
"""Longer periods are not looked through day by day."""
UNEQUAL_SHARE = 0.05
"""Periods that differ more in length than this are not alike; months do by up to a tenth."""


@dataclass(frozen=True, slots=True)
class QualityDetector:
    """Names incomplete periods, days without data, a definition changed between the periods.

    Facts: code, then what it is about: `until` (incomplete_period: the first day not over),
    `days`, `first` (data_gap), `since` (young_cohorts: from then on cohorts are too young, in the
    period or cohorts_cut: after it), `since`, `version` (definition_changed), `first` (before_data:
    where the data starts), `current_days`, `base_days` (unequal_periods), `start`, `grain`
    (first_unit_incomplete, last_unit_incomplete: a unit of a time line that is not whole).
    """

    name: str = "quality"
    intents: tuple[Intent, ...] = (
        "value", "explain", "growth", "comparison", "trend", "anomaly", "attainment", "breakdown",
        "ranking", "share", "threshold",
    )  # fmt: skip

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Ask for the days of the period where a change is to be explained; then check."""
        query = _daily(investigation)
        if query is not None and query not in tables:
            return Ask((query,))
        found = [*_incomplete(investigation), *_cut_units(investigation)]
        found += _before_data(investigation)
        found += [*_definition(investigation), *_unequal(investigation), *_young(investigation)]
        if query is not None:
            found += _gaps(investigation, tables[query], query)
        return Done(tuple(found))


def _finding(investigation: Investigation, code: str, **facts: str | float | int) -> Finding:
    named = (("code", code), *facts.items())
    return Finding("quality", investigation.metric.id, facts=named, period=investigation.current)


def _incomplete(investigation: Investigation) -> list[Finding]:
    current = investigation.current
    if current is None or current.end is None:
        return []
    if not investigation.is_under_way:
        return []
    return [_finding(investigation, INCOMPLETE, until=investigation.as_of.isoformat())]


def _cut_units(investigation: Investigation) -> list[Finding]:
    """The first and the last unit of a time line where only a part of it is inside, or is over."""
    over_time = investigation.query.grain or any(g.grain for g in investigation.query.group_by)
    span = asked_span(investigation) if over_time else None
    grain = asked_grain(investigation, span) if span else None
    if span is None or grain is None or grain.order < Grain.DAY.order:
        return []
    start, end = span.bounds()
    first = periods.floor(start, grain, investigation.calendar)
    last = periods.floor(end - dt.timedelta(microseconds=1), grain, investigation.calendar)
    if first == last:
        return []
    found = []
    if first < start:
        found.append((FIRST_UNIT, first))
    if periods.shift(last, 1, grain) > min(end, periods.as_day(investigation.as_of)):
        found.append((LAST_UNIT, last))
    return [_finding(investigation, code, start=at.date().isoformat(), grain=grain.value)
            for code, at in found]  # fmt: skip


def _before_data(investigation: Investigation) -> list[Finding]:
    first = investigation.history_start
    if first and investigation.lost_base:
        return [_finding(investigation, BEFORE_DATA, first=first.isoformat())]
    for period in (investigation.base, investigation.current):
        if first and period and period.start and period.start < periods.as_day(first):
            return [_finding(investigation, BEFORE_DATA, first=first.isoformat())]
    return []


def _definition(investigation: Investigation) -> list[Finding]:
    """A definition in force only since a day between the start of the base and the current end.

    The first version of a metric changed nothing: all of the data is measured by it.
    """
    since, base = investigation.metric.effective_from, investigation.base
    if investigation.metric.version < 2:
        return []
    current = investigation.current
    if since is None or base is None or base.start is None or current is None:
        return []
    at = periods.as_day(since)
    if not base.start < at or (current.end is not None and at >= current.end):
        return []
    version = investigation.metric.version
    return [_finding(investigation, DEFINITION, since=since.isoformat(), version=version)]


def _young(investigation: Investigation) -> list[Finding]:
    """Cohorts whose days are not over: in the period, or left out of it."""
    young, current = young_from(investigation), investigation.current
    if young is not None:
        return [_finding(investigation, YOUNG, since=young.date().isoformat())]
    known = investigation.related or {}
    until = mature_until(investigation.metric, known, investigation.as_of)
    asked = [period.end for period in investigation.query.periods if period.end is not None]
    if (
        current is None
        or until is None
        or current.end != until
        or max(asked, default=until) <= until
    ):
        return []
    return [_finding(investigation, COHORTS_CUT, since=until.date().isoformat())]


def _unequal(investigation: Investigation) -> list[Finding]:
    current, base = investigation.current, investigation.base
    now, before = (current.days if current else None), (base.days if base else None)
    if now is None or before is None or current is None or base is None:
        return []
    short, long = sorted((now, before))
    kinds = [periods.whole_units(p, investigation.calendar) for p in (current, base)]
    if kinds[0] == kinds[1] or long - short <= UNEQUAL_SHARE * long:
        return []
    return [_finding(investigation, UNEQUAL, current_days=now, base_days=before)]


def _daily(investigation: Investigation) -> MetricQuery | None:
    """The metric by day over the period and the weeks before, for simple metrics to explain."""
    current = investigation.current
    if current is None or current.start is None or current.end is None:
        return None
    simple = investigation.metric.of.type == "simple"
    asked = investigation.intent in ("explain", "growth", "anomaly")
    if not simple or not asked or (current.days or 0) > MOST_DAYS:
        return None
    if investigation.row_grain is not Grain.DAY:
        return None
    start = periods.as_day(current.start) - dt.timedelta(days=USUAL_DAYS)
    end = min(current.end, periods.as_day(investigation.as_of))
    if end <= current.start:
        return None
    return MetricQuery(
        (investigation.metric.id,),
        filters=investigation.query.filters,
        periods=(Period(start, end),),
        grain=Grain.DAY.value,
    )


def _gaps(investigation: Investigation, table: ResultTable, query: MetricQuery) -> list[Finding]:
    """Days without a value, where before the period every day had one."""
    current, span = investigation.current, query.periods[0]
    if current is None or current.start is None:
        return []
    seen = {at for at, value in by_start(table, investigation.metric.id).items()
            if value.value is not None}  # fmt: skip
    days = [piece.bounds()[0] for piece in periods.split(span, Grain.DAY)]
    usual = [day for day in days if day < current.start]
    empty = [day for day in days if day >= current.start and day not in seen]
    if not empty or any(day not in seen for day in usual):
        return []
    return [_finding(investigation, GAP, days=len(empty), first=empty[0].date().isoformat())]


DETECTOR = QualityDetector()
