"""Owns the earlier periods a period is judged by: which they are, their queries, their values."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.insights.cells import Cells, by_start
from assistant.insights.investigation import Investigation
from executors.result import ResultTable
from metric_catalog import periods
from metric_catalog.calendars import Calendar
from metric_catalog.earlier_periods import to_date_grain
from metric_catalog.periods import Grain, Period
from metric_catalog.query import Filter, MetricQuery, Query

MAX_EARLIER = {Grain.DAY: 800, Grain.WEEK: 200, Grain.MONTH: 96, Grain.QUARTER: 40, Grain.YEAR: 20}
"""How many earlier periods of a grain are asked for at most."""
MAX_PARTS = 60
"""How many are asked for one by one, where days do not add up to them."""
CHECKED = 3
"""So many of the latest periods show whether days add up."""
SAME = 1e-9
ALIGNED_DAYS = 28
"""Free ranges shorter than this are compared on the same weekdays: whole weeks apart."""

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class History:
    """The earlier periods of a kind, oldest first, and `target`, for one metric.

    Whole single units are read by `grain`. Other ranges are read as sums of days where days add up
    to them (sums, and ratios of sums), else one by one, the latest ones.
    """

    metric: str
    filters: Filter | None
    earlier: tuple[Period, ...]
    target: Period
    grain: Grain | None
    row_grain: Grain = Grain.DAY

    @property
    def periods(self) -> tuple[Period, ...]:
        """All periods, the target last."""
        return (*self.earlier, self.target)

    @property
    def _span(self) -> Period:
        return Period(self.periods[0].start, self.target.end)

    def by_grain(self) -> MetricQuery:
        """Return the query of the whole stretch by grain; by that of the rows for free ranges."""
        grain = self.grain or self.row_grain
        return MetricQuery(
            (self.metric,), filters=self.filters, periods=(self._span,), grain=grain.value
        )

    def by_period(self, most: int = MAX_PARTS) -> MetricQuery:
        """Return the query of the latest periods, one by one."""
        return MetricQuery((self.metric,), filters=self.filters, periods=self.periods[-most:])

    def missing(self, tables: Mapping[Query, ResultTable]) -> tuple[MetricQuery, ...]:
        """Return the queries that are still to be answered before `values`."""
        wanted = [self.by_grain()] if self.grain else [self.by_grain(), self.by_period(CHECKED)]
        asked = tuple(query for query in wanted if query not in tables)
        if asked or self.grain or self._days_add_up(tables):
            return asked
        return () if self.by_period() in tables else (self.by_period(),)

    def values(self, tables: Mapping[Query, ResultTable]) -> tuple[float | None, ...]:
        """Return the value of each of `periods`, None where there is none."""
        days = by_start(tables[self.by_grain()], self.metric) if self.grain is None else {}
        if self.grain is None and self._add_up(days, tables):
            return tuple(_summed(days, period) for period in self.periods)
        query = self.by_grain() if self.grain else self.by_period()
        found = by_start(tables[query], self.metric)
        return tuple(found.get(p.bounds()[0], Cells()).value for p in self.periods)

    def read(self, tables: Mapping[Query, ResultTable]) -> tuple[MetricQuery, ...]:
        """Return the queries the values come from."""
        return tuple(q for q in (self.by_grain(), self.by_period()) if q in tables)

    def _days_add_up(self, tables: Mapping[Query, ResultTable]) -> bool:
        return self._add_up(by_start(tables[self.by_grain()], self.metric), tables)

    def _add_up(
        self, days: Mapping[dt.datetime, Cells], tables: Mapping[Query, ResultTable]
    ) -> bool:
        """Whether the days given add up to the latest periods."""
        known = by_start(tables[self.by_period(CHECKED)], self.metric)
        pairs = [
            (_summed(days, p), known.get(p.bounds()[0], Cells()).value)
            for p in self.periods[-CHECKED:]
        ]
        return all(_same(summed, value) for summed, value in pairs)


def _summed(days: Mapping[dt.datetime, Cells], period: Period) -> float | None:
    """The sum of the days, or the ratio of the components' sums; None before the first day."""
    start, end = period.bounds()
    inside = [days[day] for i in range((end - start).days) if (day := start + i * _DAY) in days]
    if not inside or start < min(days):
        return None
    if any(cells.has_components for cells in inside):
        below = math.fsum(cells.denominator or 0.0 for cells in inside)
        return math.fsum(cells.numerator or 0.0 for cells in inside) / below if below else None
    return math.fsum(cells.value or 0.0 for cells in inside)


def _same(summed: float | None, value: float | None) -> bool:
    if summed is None or value is None:
        return summed is None and value is None
    return abs(summed - value) <= SAME * max(abs(summed), abs(value))


def history_of(
    investigation: Investigation, period: Period, metric: str, whole: bool = False
) -> History | None:
    """Return the history that `period` is judged by; None for open and sub-day periods.

    Of a running period what has elapsed is judged, by the same part of earlier ones; `whole`:
    all of it.
    """
    target = period if whole else elapsed(period, investigation.as_of)
    if target is None or target.start is None or target.end is None:
        return None
    calendar = investigation.calendar
    units = periods.whole_units(target, calendar)
    finest = investigation.row_grain
    if units is None or units[0].order < finest.order:
        return None
    first = investigation.history_start
    earlier = earlier_periods(target, calendar, periods.as_day(first) if first else None)
    cut = periods.as_day(investigation.as_of)
    earlier = tuple(p for p in earlier if p.bounds()[1] <= cut)
    grain = units[0] if units[1] == 1 else None
    return History(metric, investigation.query.filters, earlier, target, grain, finest)


def elapsed(period: Period, as_of: dt.date) -> Period | None:
    """Return the part of `period` before `as_of`; all of it where that would be nothing."""
    if period.start is None or period.end is None:
        return None
    cut = periods.as_day(as_of)
    if period.start < cut < period.end:
        return Period(period.start, cut)
    return period


def earlier_periods(
    target: Period, calendar: Calendar, first: dt.datetime | None, most: int | None = None
) -> tuple[Period, ...]:
    """Return the periods of the target's kind before it, oldest first, none before `first`.

    At most `most`. Whole units: the units before, as many at a time. The first part of a unit
    (month to date): the same part of the units before. Else: ranges of the same length, one
    before the other, short ones on the same weekdays.
    """
    whole = periods.whole_units(target, calendar)
    part = to_date_grain(target, calendar)
    grain, count = whole if whole else (Grain.DAY, 1)
    if grain is Grain.DAY and 1 < count < ALIGNED_DAYS and part is None:
        grain, count = Grain.WEEK, math.ceil(count / periods.DAYS_OF_WEEK)
    limit = MAX_EARLIER[part or grain]
    found: list[Period] = []
    for back in range(1, min(limit, most or limit) + 1):
        earlier = _back(target, back, part or grain, 1 if part else count)
        if earlier is None or (first is not None and earlier.bounds()[0] < first):
            break
        found.append(earlier)
    return tuple(reversed(found))


def _back(target: Period, back: int, grain: Grain, count: int) -> Period | None:
    start, end = target.bounds()
    try:
        moved = periods.shift(start, -back * count, grain)
        last = periods.shift(end - _DAY, -back * count, grain) + _DAY
    except (OverflowError, ValueError):
        return None
    whole_months = grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR) and end.day == start.day == 1
    return Period(moved, periods.shift(end, -back * count, grain) if whole_months else last)


def known(
    history: Sequence[Period], values: Sequence[float | None]
) -> tuple[tuple[Period, ...], tuple[float, ...]]:
    """Return the periods that have a value, and the values."""
    pairs = [(p, v) for p, v in zip(history, values, strict=True) if v is not None]
    return tuple(p for p, _ in pairs), tuple(v for _, v in pairs)
