"""Owns the timeline of a question: the values of its metric period by period, as asked."""

import datetime as dt
from dataclasses import dataclass, replace

from assistant.insights.cells import by_start
from assistant.insights.history import History, history_of
from assistant.insights.investigation import Investigation
from assistant.insights.maturity import mature_until
from executors.result import ResultTable
from metric_catalog import periods
from metric_catalog.periods import Grain, Period
from metric_catalog.query import MetricQuery


@dataclass(frozen=True, slots=True)
class Point:
    """One period's value; `complete` = it lies wholly before the day asked and in the range."""

    period: Period
    value: float
    complete: bool

    @property
    def label(self) -> str:
        """The first day, ISO."""
        return self.period.bounds()[0].date().isoformat()


def asked_span(investigation: Investigation) -> Period | None:
    """Return the closed stretch of time asked about; None where it is open or unknown."""
    spans = investigation.query.periods or (
        (investigation.current,) if investigation.current else ()
    )
    if not spans or any(span.start is None or span.end is None for span in spans):
        return None
    starts, ends = zip(*(span.bounds() for span in spans), strict=True)
    return Period(min(starts), max(ends))


def asked_grain(investigation: Investigation, span: Period) -> Grain | None:
    """Return the grain asked, else the metric's or the customary one; None for a custom grain."""
    query = investigation.query
    named = query.grain or next((item.grain for item in query.group_by if item.grain), None)
    name = named or investigation.metric.default_grain or periods.default_trend_grain(span).value
    return Grain(name) if name in {grain.value for grain in Grain} else None


def last_history(investigation: Investigation) -> History | None:
    """Return the history of the timeline's last period that is complete; None below days."""
    span = asked_span(investigation)
    grain = asked_grain(investigation, span) if span else None
    if span is None or grain is None or grain.order < Grain.DAY.order:
        return None
    cut = min(span.bounds()[1], periods.as_day(investigation.as_of))
    mature = mature_until(investigation.metric, investigation.related or {}, investigation.as_of)
    if mature is not None:
        cut = min(cut, mature)  # what is too young is low and means nothing
    if cut <= span.bounds()[0]:
        return None
    end = periods.floor(cut, grain, investigation.calendar)
    last = Period(periods.shift(end, -1, grain), end)
    return history_of(investigation, last, investigation.metric.id)


def timeline_query(investigation: Investigation) -> MetricQuery | None:
    """Return the query of the timeline; the asked one itself where it is that already."""
    span = asked_span(investigation)
    grain = asked_grain(investigation, span) if span else None
    if span is None or grain is None:
        return None
    asked, metric = investigation.query, investigation.metric.id
    own = MetricQuery((metric,), filters=asked.filters, periods=(span,), grain=grain.value)
    same = replace(asked, order=(), comparison=None) == own and not asked.order
    return asked if same else own


def timeline_of(investigation: Investigation, table: ResultTable) -> tuple[Point, ...]:
    """Return the points of the timeline in order; periods without a row are left out."""
    span = asked_span(investigation)
    grain = asked_grain(investigation, span) if span else None
    if span is None or grain is None:
        return ()
    cut = periods.as_day(investigation.as_of)
    points = []
    found = by_start(table, investigation.metric.id)
    for start in sorted(found):
        value = found[start].value
        if value is not None:
            period = Period(start, periods.shift(start, 1, grain))
            points.append(Point(period, value, _whole(period, span, cut)))
    return tuple(points)


def _whole(period: Period, span: Period, cut: dt.datetime) -> bool:
    return period.intersect(span) == period and period.bounds()[1] <= cut
