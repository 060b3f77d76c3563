"""Owns the earlier periods a period is judged by: which they are, their query, their values."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.insights.investigation import Investigation
from executors.result import Cell, ResultTable
from metric_catalog import periods
from metric_catalog.calendars import Calendar
from metric_catalog.periods import Grain, Period
from metric_catalog.query import Filter, MetricQuery

MAX_EARLIER = {Grain.DAY: 800, Grain.WEEK: 200, Grain.MONTH: 96, Grain.QUARTER: 40, Grain.YEAR: 20}
"""How many earlier periods of a grain are asked for at most."""
MAX_PARTS = 60
"""The same for parts of units and free ranges, which are asked for one by one."""
ALIGNED_DAYS = 28
"""Free ranges shorter than this are compared on the same weekdays: whole weeks apart."""
PERIOD_START, PERIOD_END = "period__start", "period__end"

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class History:
    """The earlier periods of a kind, oldest first, then `target` itself; and their query.

    `grain` is set where they are whole single units, read from one query by grain.
    """

    earlier: tuple[Period, ...]
    target: Period
    grain: Grain | None
    query: MetricQuery

    @property
    def periods(self) -> tuple[Period, ...]:
        """All periods, the target last."""
        return (*self.earlier, self.target)

    def values(self, table: ResultTable, column: str) -> tuple[float | None, ...]:
        """Return the cells of `column` for `periods`, None where a period has no row."""
        return tuple(cells_by_start(table, column).get(p.bounds()[0]) for p in self.periods)


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
    if periods.whole_units(target, calendar) is None:
        return None
    first = investigation.history_start
    earlier = earlier_periods(target, calendar, periods.as_day(first) if first else None)
    cut = periods.as_day(investigation.as_of)
    earlier = tuple(p for p in earlier if p.bounds()[1] <= cut)
    grain = _single_grain(target, calendar)
    filters = investigation.query.filters
    return History(earlier, target, grain, _query(metric, filters, earlier, target, grain))


def elapsed(period: Period, as_of: dt.date) -> Period | None:
    """Return the part of `period` before `as_of`; all of it where that would be nothing."""
    if period.start is None or period.end is None:
        return None
    cut = periods.as_day(as_of)
    if period.start < cut < period.end:
        return Period(period.start, cut)
    return period


def _single_grain(target: Period, calendar: Calendar) -> Grain | None:
    whole = periods.whole_units(target, calendar)
    return whole[0] if whole and whole[1] == 1 else None


def earlier_periods(
    target: Period, calendar: Calendar, first: dt.datetime | None, most: int | None = None
) -> tuple[Period, ...]:
    """Return the periods of the target's kind before it, oldest first, none before `first`.

    At most `most`. Whole units: the units before, as many at a time. The first part of a unit
    (month to date): the same part of the units before. Else: ranges of the same length, one
    before the other, short ones on the same weekdays.
    """
    whole = periods.whole_units(target, calendar)
    part = periods.to_date_grain(target, calendar)
    grain, count = whole if whole else (Grain.DAY, 1)
    if grain is Grain.DAY and 1 < count < ALIGNED_DAYS and part is None:
        grain, count = Grain.WEEK, math.ceil(count / periods.DAYS_OF_WEEK)
    limit = MAX_PARTS if part or count > 1 else MAX_EARLIER[grain]
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


def _query(
    metric: str,
    filters: Filter | None,
    earlier: tuple[Period, ...],
    target: Period,
    grain: Grain | None,
) -> MetricQuery:
    if grain is None:
        return MetricQuery((metric,), filters=filters, periods=(*earlier, target))
    span = Period(earlier[0].start if earlier else target.start, target.end)
    return MetricQuery((metric,), filters=filters, periods=(span,), grain=grain.value)


def cells_by_start(table: ResultTable, column: str) -> dict[dt.datetime, float | None]:
    """Return the numbers of `column` by the start of their period; empty where it is missing."""
    names = [c.name for c in table.columns]
    if column not in names:
        return {}
    times = [c.name for c in table.columns if c.role == "time" and c.name != PERIOD_END]
    times.sort(key=lambda name: name == PERIOD_START)
    numbers = [number(cell) for cell in table.values(column)]
    starts = [moment(cell) for cell in table.values(times[0])] if times else _only_start(table)
    return {at: value for at, value in zip(starts, numbers, strict=False) if at is not None}


def _only_start(table: ResultTable) -> list[dt.datetime | None]:
    """A query of one period without grain has no time column: its period dates the row."""
    if isinstance(table.query, MetricQuery) and len(table.query.periods) == 1:
        return [table.query.periods[0].start]
    return []


def moment(cell: Cell) -> dt.datetime | None:
    """Return a time cell as a moment: dates at midnight, ISO text parsed; None for no time."""
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, dt.date):
        return periods.as_day(cell)
    return dt.datetime.fromisoformat(cell) if isinstance(cell, str) else None


def number(cell: Cell) -> float | None:
    """Return a numeric cell as a float; None for nothing, not-a-number and everything else."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    value = float(cell)
    return value if value - value == 0 else None


def known(
    history: Sequence[Period], values: Sequence[float | None]
) -> tuple[tuple[Period, ...], tuple[float, ...]]:
    """Return the periods that have a value, and the values."""
    pairs = [(p, v) for p, v in zip(history, values, strict=True) if v is not None]
    return tuple(p for p, _ in pairs), tuple(v for _, v in pairs)
