"""Owns all arithmetic of grains and periods: half-open stretches of time in the catalog's zone.

Year, half-year, quarter and month are those of the civil calendar; a fiscal year is asked for by
name (`fiscal_year`). Moments are naive datetimes in the catalog's zone.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Self

from metric_catalog.calendars import DEFAULT_CALENDAR, Calendar, festival_days

DAYS_OF_WEEK = 7
MONTHS_OF_YEAR = 12
MONTHS_OF_QUARTER = 3
TREND_BY_DAY_UP_TO_DAYS = 31
TREND_BY_WEEK_UP_TO_DAYS = 26 * DAYS_OF_WEEK

_MIDNIGHT = time()
_DAY = timedelta(days=1)


class Grain(StrEnum):
    """A standard unit of time, finest first."""

    NANOSECOND = "nanosecond"
    MICROSECOND = "microsecond"
    MILLISECOND = "millisecond"
    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def order(self) -> int:
        """The place among the grains: 0 is the finest."""
        return _ORDER[self]

    @classmethod
    def parse(cls, text: str) -> Self:
        """The grain of a name in any case, plural allowed; raises ValueError."""
        name = text.strip().lower()
        return cls(name.removesuffix("s"))


_ORDER = {grain: place for place, grain in enumerate(Grain)}
_CLOCK: dict[Grain, timedelta] = {
    Grain.MICROSECOND: timedelta(microseconds=1),
    Grain.MILLISECOND: timedelta(milliseconds=1),
    Grain.SECOND: timedelta(seconds=1),
    Grain.MINUTE: timedelta(minutes=1),
    Grain.HOUR: timedelta(hours=1),
    Grain.DAY: _DAY,
    Grain.WEEK: timedelta(days=DAYS_OF_WEEK),
}
MONTHS: dict[Grain, int] = {
    Grain.MONTH: 1,
    Grain.QUARTER: MONTHS_OF_QUARTER,
    Grain.YEAR: MONTHS_OF_YEAR,
}
_COARSEST_FIRST = (Grain.YEAR, Grain.QUARTER, Grain.MONTH, Grain.WEEK, Grain.DAY)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (included) to `end` (excluded); None is an open bound."""

    start: datetime | None
    end: datetime | None

    def __post_init__(self) -> None:
        for bound in (self.start, self.end):
            if bound is not None and bound.tzinfo is not None:
                raise ValueError("zone")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("empty")

    @classmethod
    def of_days(cls, first: date, last: date) -> Self:
        """The days from first to last, both included."""
        return cls(as_day(first), as_day(last) + _DAY)

    @classmethod
    def from_json(cls, value: dict[str, str | None]) -> Self:
        """The inverse of `to_json`; raises ValueError or KeyError."""
        start, end = value["start"], value["end_exclusive"]
        return cls(
            None if start is None else datetime.fromisoformat(start),
            None if end is None else datetime.fromisoformat(end),
        )

    def to_json(self) -> dict[str, str | None]:
        """{"start", "end_exclusive"}: a date at midnight, else ISO without offset, null if open."""
        return {"start": _bound_text(self.start), "end_exclusive": _bound_text(self.end)}

    @property
    def days(self) -> float | None:
        """The length in days; None if a bound is open."""
        if self.start is None or self.end is None:
            return None
        return (self.end - self.start) / _DAY

    def bounds(self) -> tuple[datetime, datetime]:
        """Start and end of a closed period; raises ValueError if a bound is open."""
        if self.start is None or self.end is None:
            raise ValueError("open")
        return self.start, self.end

    def contains(self, moment: datetime) -> bool:
        """Whether the moment lies in the period."""
        after_start = self.start is None or self.start <= moment
        return after_start and (self.end is None or moment < self.end)

    def intersect(self, other: "Period") -> "Period | None":
        """The time in both, or None."""
        starts = [bound for bound in (self.start, other.start) if bound is not None]
        ends = [bound for bound in (self.end, other.end) if bound is not None]
        start, end = max(starts, default=None), min(ends, default=None)
        if start is not None and end is not None and start >= end:
            return None
        return Period(start, end)


def _bound_text(bound: datetime | None) -> str | None:
    if bound is None:
        return None
    return bound.date().isoformat() if bound.time() == _MIDNIGHT else bound.isoformat()


def as_day(moment: date | datetime) -> datetime:
    """Midnight of the day."""
    return datetime(moment.year, moment.month, moment.day)


def floor(moment: datetime, grain: Grain, calendar: Calendar = DEFAULT_CALENDAR) -> datetime:
    """The first moment of the unit that contains the moment."""
    if grain in MONTHS:
        months = MONTHS[grain]
        return datetime(moment.year, (moment.month - 1) // months * months + 1, 1)
    if grain is Grain.NANOSECOND:
        return moment
    midnight = as_day(moment)
    if grain is Grain.WEEK:
        return midnight - timedelta(days=(moment.weekday() - calendar.week_start) % DAYS_OF_WEEK)
    return midnight + (moment - midnight) // _CLOCK[grain] * _CLOCK[grain]


def shift(moment: datetime, count: int, grain: Grain) -> datetime:
    """The moment `count` grains later; in months and coarser the day is clamped to the month's.

    Raises OverflowError or ValueError beyond the years 1 to 9999.
    """
    if grain not in MONTHS:
        if grain is Grain.NANOSECOND:
            return moment + timedelta(microseconds=count // 1000)
        return moment + count * _CLOCK[grain]
    year, month = divmod(
        moment.year * MONTHS_OF_YEAR + moment.month - 1 + count * MONTHS[grain], 12
    )
    return moment.replace(year=year, month=month + 1, day=min(moment.day, _month_days(year, month)))


def _month_days(year: int, month_from_zero: int) -> int:
    if month_from_zero == MONTHS_OF_YEAR - 1:
        return 31
    return (date(year, month_from_zero + 2, 1) - date(year, month_from_zero + 1, 1)).days


def unit(moment: datetime, grain: Grain, calendar: Calendar = DEFAULT_CALENDAR) -> Period:
    """The whole unit that contains the moment."""
    start = floor(moment, grain, calendar)
    return Period(start, shift(start, 1, grain))


def custom_unit(moment: datetime, name: str, calendar: Calendar) -> Period | None:
    """The unit of a custom grain that contains the moment; None outside what the calendar knows."""
    starts = calendar.custom_starts(name) or ()
    place = bisect_right(starts, moment)
    return Period(starts[place - 1], starts[place]) if 0 < place < len(starts) else None


def fiscal_year(year: int, calendar: Calendar) -> Period:
    """The fiscal year named after the civil year in which it ends."""
    start_month = calendar.fiscal_year_start_month
    start = datetime(year if start_month == 1 else year - 1, start_month, 1)
    return Period(start, shift(start, 1, Grain.YEAR))


def fiscal_year_of(moment: datetime, calendar: Calendar) -> int:
    """The name of the fiscal year that contains the moment: the civil year in which it ends."""
    start_month = calendar.fiscal_year_start_month
    return moment.year + (start_month > 1 and moment.month >= start_month)


def festival(name: str, year: int) -> Period | None:
    """The days of a festival in a civil year; None where its date is not known."""
    days = festival_days(name, year)
    return None if days is None else Period.of_days(*days)


def units(period: Period, grain: Grain, calendar: Calendar = DEFAULT_CALENDAR) -> Iterator[Period]:
    """The whole units that touch a closed period, in order."""
    start, end = period.bounds()
    moment = floor(start, grain, calendar)
    while moment < end:
        after = shift(moment, 1, grain)
        yield Period(moment, after)
        moment = after


def split(
    period: Period, grain: Grain, calendar: Calendar = DEFAULT_CALENDAR
) -> tuple[Period, ...]:
    """A closed period cut at the grain's boundaries: pieces in order whose union is the period.

    The first and last piece may be shorter than a unit. Raises ValueError for an open period.
    """
    pieces = (whole.intersect(period) for whole in units(period, grain, calendar))
    return tuple(piece for piece in pieces if piece is not None)


def whole_units(period: Period, calendar: Calendar = DEFAULT_CALENDAR) -> tuple[Grain, int] | None:
    """(grain, count) of the coarsest grain of which the period is exactly `count` whole units."""
    if period.start is None or period.end is None:
        return None
    for grain in _COARSEST_FIRST:
        if all(floor(b, grain, calendar) == b for b in (period.start, period.end)):
            return grain, _count(period.start, period.end, grain)
    return None


def _count(start: datetime, end: datetime, grain: Grain) -> int:
    if grain in MONTHS:
        return ((end.year - start.year) * MONTHS_OF_YEAR + end.month - start.month) // MONTHS[grain]
    return (end - start) // _CLOCK[grain]


def complete_units_before(
    as_of: date | datetime, count: int, grain: Grain, calendar: Calendar = DEFAULT_CALENDAR
) -> Period:
    """The last `count` whole units before the unit of as_of (days: before as_of itself)."""
    end = floor(as_day(as_of), grain, calendar)
    return Period(shift(end, -count, grain), end)


def is_complete(period: Period, as_of: date | datetime) -> bool:
    """Whether the period ended before the day of as_of, which itself is incomplete."""
    return period.end is not None and period.end <= as_day(as_of)


def default_trend_grain(period: Period) -> Grain:
    """Day up to 31 days, week up to 26 weeks, else month (open periods too)."""
    days = period.days
    if days is not None and days <= TREND_BY_DAY_UP_TO_DAYS:
        return Grain.DAY
    if days is not None and days <= TREND_BY_WEEK_UP_TO_DAYS:
        return Grain.WEEK
    return Grain.MONTH
