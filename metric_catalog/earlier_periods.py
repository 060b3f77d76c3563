"""Owns which earlier period one is compared with: the one before, a year before, by the holiday."""

from datetime import time, timedelta

from metric_catalog.calendars import DEFAULT_CALENDAR, Calendar, spring_festival
from metric_catalog.periods import MONTHS, Grain, Period, as_day, floor, shift, whole_units

WEEKS_OF_YEAR_SHIFT = 52
SPRING_FESTIVAL_REACH_DAYS = 35
"""A period that lies wholly within this many days of Spring Festival moves with it."""

_MIDNIGHT = time()
_DAY = timedelta(days=1)
_FINEST_FIRST = (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def to_date_grain(period: Period, calendar: Calendar = DEFAULT_CALENDAR) -> Grain | None:
    """The finest unit of which the period is a first part of at least two days, or None."""
    whole = whole_units(period, calendar)
    if whole is None or whole[0] is not Grain.DAY or whole[1] == 1:
        return None
    start, end = period.bounds()
    for grain in _FINEST_FIRST:
        if floor(start, grain, calendar) == start and end < shift(start, 1, grain):
            return grain
    return None


def same_days(period: Period, count: int, grain: Grain) -> Period:
    """First and last day moved by `count` grains; a month end is clamped on the last day."""
    start, end = period.bounds()
    if end.time() != _MIDNIGHT or start.time() != _MIDNIGHT:
        return Period(shift(start, count, grain), shift(end, count, grain))
    return Period(shift(start, count, grain), shift(end - _DAY, count, grain) + _DAY)


def previous(
    period: Period, calendar: Calendar = DEFAULT_CALENDAR, to_date: Grain | None = None
) -> Period:
    """The period before, of equal kind.

    Whole units: as many units before. The first part of a unit (month to date): the same days of
    the unit before. Else the same length just before. `to_date` names the unit where the dates
    alone leave it open (1 to 4 January). Raises ValueError for an open period.
    """
    start, end = period.bounds()
    whole = whole_units(period, calendar)
    part = to_date or to_date_grain(period, calendar)
    if part is not None and end < shift(floor(start, part, calendar), 1, part):
        return same_days(period, -1, part)
    if whole is not None:
        grain, count = whole
        return Period(shift(start, -count, grain), start)
    return Period(start - (end - start), start)


def year_before(period: Period, calendar: Calendar = DEFAULT_CALENDAR) -> Period:
    """The same dates a year earlier; whole weeks go back 52 weeks, so that weekdays align.

    29 February becomes the 28th; whole months stay whole. Raises ValueError for an open period.
    """
    start, end = period.bounds()
    whole = whole_units(period, calendar)
    if whole is not None and whole[0] is Grain.WEEK:
        back = -WEEKS_OF_YEAR_SHIFT
        return Period(shift(start, back, Grain.WEEK), shift(end, back, Grain.WEEK))
    if whole is not None and whole[0] in MONTHS:
        return Period(shift(start, -1, Grain.YEAR), shift(end, -1, Grain.YEAR))
    return same_days(period, -1, Grain.YEAR)


def holiday_aligned(period: Period, calendar: Calendar = DEFAULT_CALENDAR) -> Period:
    """A year earlier, moved by the distance between the two years' Spring Festivals if near it.

    Near: wholly within 35 days of the festival; otherwise, and where the calendar keeps no Chinese
    holidays, the same as `year_before`. Raises ValueError for an open period.
    """
    start, end = period.bounds()
    this, before = spring_festival(start.year), spring_festival(start.year - 1)
    if calendar.holidays != "cn" or this is None or before is None:
        return year_before(period, calendar)
    reach = timedelta(days=SPRING_FESTIVAL_REACH_DAYS)
    if as_day(this) - reach <= start and end <= as_day(this) + reach:
        distance = this - before
        return Period(start - distance, end - distance)
    return year_before(period, calendar)
