"""Owns the two periods of a comparison: what stands against what, both cut alike while one runs."""

from datetime import date, datetime
from typing import Literal

from metric_catalog.business_years import (
    BUSINESS_GRAINS,
    FISCAL,
    business_floor,
    business_shift,
    units_of_year,
)
from metric_catalog.calendars import Calendar
from metric_catalog.earlier_periods import (
    holiday_aligned,
    previous,
    same_days,
    to_date_grain,
    year_before,
)
from metric_catalog.periods import Grain, Period, as_day, floor, shift, whole_units

Against = Literal["previous", "year", "holiday"]


def base_of(
    period: Period, against: Against, calendar: Calendar, grain: str | None = None
) -> Period:
    """The period that a closed one is compared with; raises ValueError for an open one.

    With a `grain` of business years a period that begins with one of its units moves by whole
    units: by as many as it touches, or by those of a year.
    """
    back = _units_back(period, against, calendar, grain)
    if back is not None:
        return _moved_by_units(period, back, calendar, str(grain))
    match against:
        case "previous":
            return previous(period, calendar)
        case "holiday":
            return holiday_aligned(period, calendar)
        case "year":
            return year_before(period, calendar)


def compared_alike(
    period: Period,
    against: Against,
    calendar: Calendar,
    as_of: date | None,
    grain: str | None = None,
) -> tuple[Period, Period]:
    """The period and its base; where `as_of` lies inside, the first parts of both that are over.

    The base is that of the whole period, cut at the same place: two months of which one is over
    stand against the first of the two months before. `grain` as in `base_of`. Without an end the
    period ends at `as_of`. Raises ValueError for a period without a start, or without any end.
    """
    over = elapsed(period, as_of)
    if over == period or period.end is None:
        return over, base_of(over, against, calendar, grain)
    back = _units_back(period, against, calendar, grain)
    if back is not None:
        return over, _moved_by_units(over, back, calendar, str(grain))
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
    grain, count = (part, 1) if part else whole or (Grain.DAY, 1)
    if against != "previous" and base == year_before(period, calendar):
        grain, count = (Grain.DAY if grain is Grain.WEEK else Grain.YEAR), 1
    if grain.order > Grain.WEEK.order:
        return _earlier(over, count, grain)
    start, end = base.bounds()
    first, last = over.bounds()
    return Period(start, min(end, start + (last - first)))


def _earlier(period: Period, count: int, grain: Grain) -> Period:
    """The same days so many months, quarters or years earlier; whole months stay whole."""
    start, end = period.bounds()
    if end == floor(end, Grain.MONTH):
        return Period(shift(start, -count, grain), shift(end, -count, grain))
    return same_days(period, -count, grain)


def _units_back(
    period: Period, against: Against, calendar: Calendar, grain: str | None
) -> int | None:
    """By how many units of a business year the base is earlier; None where it goes by other rules.

    So it does for festivals, and for periods that begin inside a unit.
    """
    start = period.bounds()[0]
    if against == "holiday" or grain is None or grain not in BUSINESS_GRAINS:
        return None
    if start != business_floor(start, grain, calendar):
        return None
    if against == "year":
        return units_of_year(grain)
    after, end = period.bounds()
    count = 0
    while after < end:
        count, after = count + 1, business_shift(after, 1, grain, calendar)
    return count


def _moved_by_units(period: Period, back: int, calendar: Calendar, grain: str) -> Period:
    """Both bounds `back` units earlier, as far into their unit as they are, at most to its end."""
    if grain in FISCAL:
        return _earlier(period, back, FISCAL[grain])

    def moved(moment: datetime) -> datetime:
        unit = business_floor(moment, grain, calendar)
        start = business_shift(unit, -back, grain, calendar)
        return min(start + (moment - unit), business_shift(start, 1, grain, calendar))

    start, end = period.bounds()
    return Period(moved(start), moved(end))
