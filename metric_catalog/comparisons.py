"""Owns the two periods of a comparison: what stands against what, both cut alike while one runs."""

from datetime import date, timedelta
from typing import Literal

from metric_catalog.calendars import Calendar
from metric_catalog.periods import (
    Grain,
    Period,
    as_day,
    holiday_aligned,
    previous,
    same_days,
    to_date_grain,
    whole_units,
    year_before,
)

Against = Literal["previous", "year", "holiday"]


def base_of(period: Period, against: Against, calendar: Calendar) -> Period:
    """The period that a closed one is compared with; raises ValueError for an open one."""
    match against:
        case "previous":
            return previous(period, calendar)
        case "holiday":
            return holiday_aligned(period, calendar)
        case "year":
            return year_before(period, calendar)


def compared_alike(
    period: Period, against: Against, calendar: Calendar, as_of: date | None
) -> tuple[Period, Period]:
    """The period and its base; where `as_of` lies inside, the first parts of both that are over.

    The base is that of the whole period, cut at the same place: two months of which one is over
    stand against the first of the two months before. Without an end the period ends at `as_of`.
    Raises ValueError for a period without a start, or without any end.
    """
    over = elapsed(period, as_of)
    if over == period or period.end is None:
        return over, base_of(over, against, calendar)
    return over, _cut_base(period, over, against, calendar)


def elapsed(period: Period, as_of: date | None) -> Period:
    """The part of a period before `as_of`; all of it where it is over or has not begun."""
    if as_of is None or (period.start is not None and period.start >= as_day(as_of)):
        return period
    end = as_day(as_of)
    return period if period.end is not None and period.end <= end else Period(period.start, end)


def _cut_base(period: Period, over: Period, against: Against, calendar: Calendar) -> Period:
    base = base_of(period, against, calendar)
    whole, part = whole_units(period, calendar), to_date_grain(period, calendar)
    if against != "previous" and base == year_before(period, calendar):
        if whole is None or whole[0] is not Grain.WEEK:
            return same_days(over, -1, Grain.YEAR)
    elif part is not None:
        return previous(over, calendar, part)
    elif whole is not None and whole[0].order > Grain.WEEK.order:
        grain, count = whole
        return same_days(over, -count, grain)
    start, end = base.bounds()
    return Period(start, min(end, start + _length(over)))


def _length(period: Period) -> timedelta:
    start, end = period.bounds()
    return end - start
