"""Owns the arithmetic of units beyond the grains: halves, weekends, business days, weeks."""

from datetime import datetime, timedelta

from metric_catalog.calendars import Calendar
from metric_catalog.periods import (
    DAYS_OF_WEEK,
    MONTHS_OF_YEAR,
    Grain,
    Period,
    fiscal_year,
    fiscal_year_of,
    floor,
    shift,
)

DAY = timedelta(days=1)
DAYS_TO_MIDWEEK = 3
MONTHS_OF_HALF = 6
SEASON_START_MONTHS = (3, 6, 9, 12)
SEASON_MONTHS = 3
TEN = 10
HALF_MONTH = 15
SATURDAY_OFFSET = 5
BUSINESS_DAYS = 5
_MONTH_UNITS = {"half": 6, "fiscal_quarter": 3}


def year_period(number: int) -> Period:
    """The civil year."""
    start = datetime(number, 1, 1)
    return Period(start, shift(start, 1, Grain.YEAR))


def move(moment: datetime, count: int, unit: str) -> datetime:
    """The moment `count` units later, units beyond the standard grains included."""
    if unit in _MONTH_UNITS:
        return shift(moment, count * _MONTH_UNITS[unit], Grain.MONTH)
    match unit:
        case "fiscal_year":
            return shift(moment, count, Grain.YEAR)
        case "weekend":
            return shift(moment, count, Grain.WEEK)
        case "business_day":
            return _move_business(moment, count)
        case _:
            return shift(moment, count, Grain(unit))


def _move_business(moment: datetime, count: int) -> datetime:
    weeks, rest = divmod(abs(count), BUSINESS_DAYS)
    step = DAY if count > 0 else -DAY
    moment += step * weeks * DAYS_OF_WEEK
    while rest:
        moment += step
        rest -= (moment if count < 0 else moment - DAY).weekday() < BUSINESS_DAYS
    return moment


def unit_start(moment: datetime, unit: str, calendar: Calendar) -> datetime:
    """The first moment of the unit that contains the moment."""
    match unit:
        case "half":
            return datetime(moment.year, 1 if moment.month <= MONTHS_OF_HALF else 7, 1)
        case "fiscal_year" | "fiscal_quarter":
            start = fiscal_year(fiscal_year_of(moment, calendar), calendar).bounds()[0]
            months = (moment.year - start.year) * MONTHS_OF_YEAR + moment.month - start.month
            quarters = months // 3 if unit == "fiscal_quarter" else 0
            return shift(start, quarters, Grain.QUARTER)
        case "weekend":
            monday = moment - timedelta(days=moment.weekday())
            return floor(monday, Grain.DAY, calendar) + SATURDAY_OFFSET * DAY
        case "business_day":
            return floor(moment, Grain.DAY, calendar)
        case _:
            return floor(moment, Grain(unit), calendar)


def weeks_of(start: datetime, end: datetime, calendar: Calendar) -> tuple[datetime, datetime]:
    """The first moments of the first week of a stretch and of the week after its last."""
    midweek = DAYS_TO_MIDWEEK * DAY
    first = floor(start + midweek, Grain.WEEK, calendar)
    after = floor(end - DAY - midweek, Grain.WEEK, calendar) + DAYS_OF_WEEK * DAY
    return first, after


def nth_week(number: int, start: datetime, end: datetime, calendar: Calendar) -> Period | None:
    """The number-th week of a stretch, from its end where negative; None beyond its weeks."""
    first, after = weeks_of(start, end, calendar)
    begin = shift(first, number - 1, Grain.WEEK) if number > 0 else shift(after, number, Grain.WEEK)
    return Period(begin, shift(begin, 1, Grain.WEEK)) if first <= begin < after else None
