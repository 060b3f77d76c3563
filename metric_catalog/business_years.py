"""Owns the units of business years: fiscal ones of whole months, retail ones of whole weeks.

A fiscal year begins in the month that the calendar names, its quarters are three months each. A
retail year has 52 or 53 weeks and ends with the week whose last day is nearest to 31 January; each
of its quarters has months of 4, 5 and 4 weeks, a 53rd week belongs to the last month. Source: the
4-5-4 calendar of the National Retail Federation, whose weeks begin on Sunday.
"""

from bisect import bisect_right
from datetime import datetime, timedelta

from metric_catalog.calendars import Calendar
from metric_catalog.periods import (
    DAYS_OF_WEEK,
    MONTHS_OF_YEAR,
    Grain,
    Period,
    as_day,
    floor,
    shift,
)

FISCAL: dict[str, Grain] = {
    "fiscal_month": Grain.MONTH,
    "fiscal_quarter": Grain.QUARTER,
    "fiscal_year": Grain.YEAR,
}
"""The fiscal grains, each with the civil one of the same length."""

FISCAL_MONTHS: dict[str, int] = {"fiscal_month": 1, "fiscal_quarter": 3, "fiscal_year": 12}
_WEEKS_BEFORE = (0, 4, 9, 13, 17, 22, 26, 30, 35, 39, 43, 48)
"""How many weeks of a retail year lie before each of its months."""

RETAIL: dict[str, tuple[int, ...]] = {
    "retail_month": tuple(weeks * DAYS_OF_WEEK for weeks in _WEEKS_BEFORE),
    "retail_quarter": tuple(weeks * DAYS_OF_WEEK for weeks in _WEEKS_BEFORE[::3]),
    "retail_year": (0,),
}
"""The retail grains, each with the days of the year before each of its units."""

BUSINESS_GRAINS = (*FISCAL, *RETAIL)

DAYS_INTO_FIRST_WEEK = 34
"""From 1 January to 4 February, which the first week of every retail year contains.

The last day of a year lies from 28 January to 3 February, so the next begins by 4 February.
"""


def fiscal_offset(grain: str, calendar: Calendar) -> int:
    """How many months the units of a fiscal grain begin after the civil ones of their length."""
    return (calendar.fiscal_year_start_month - 1) % FISCAL_MONTHS[grain]


def retail_year_start(year: int, calendar: Calendar) -> datetime:
    """The first day of the retail year named after the civil year in which it begins."""
    inside = datetime(year, 1, 1) + timedelta(days=DAYS_INTO_FIRST_WEEK)
    return inside - timedelta(days=(inside.weekday() - calendar.retail_week_start) % DAYS_OF_WEEK)


def business_floor(moment: datetime, grain: str, calendar: Calendar) -> datetime:
    """The first moment of the unit that contains the moment; raises KeyError for other grains."""
    if grain in FISCAL:
        months = fiscal_offset(grain, calendar)
        first = datetime(moment.year, moment.month, 1)
        return shift(floor(shift(first, -months, Grain.MONTH), FISCAL[grain]), months, Grain.MONTH)
    year, place = _retail_place(moment, grain, calendar)
    return retail_year_start(year, calendar) + timedelta(days=RETAIL[grain][place])


def unit_floor(moment: datetime, grain: str, calendar: Calendar) -> datetime:
    """The first moment of a unit, standard or of a business year; raises ValueError for others."""
    if grain in BUSINESS_GRAINS:
        return business_floor(moment, grain, calendar)
    return floor(moment, Grain(grain), calendar)


def business_shift(start: datetime, count: int, grain: str, calendar: Calendar) -> datetime:
    """The first moment of the unit `count` units after the one that contains `start`."""
    first = business_floor(start, grain, calendar)
    if grain in FISCAL:
        return shift(first, count, FISCAL[grain])
    year, place = _retail_place(first, grain, calendar)
    years, place = divmod(place + count, len(RETAIL[grain]))
    return retail_year_start(year + years, calendar) + timedelta(days=RETAIL[grain][place])


def business_unit(moment: datetime, grain: str, calendar: Calendar) -> Period:
    """The whole unit that contains the moment."""
    start = business_floor(moment, grain, calendar)
    return Period(start, business_shift(start, 1, grain, calendar))


def units_of_year(grain: str) -> int:
    """How many units of the grain a year has."""
    return MONTHS_OF_YEAR // FISCAL_MONTHS[grain] if grain in FISCAL else len(RETAIL[grain])


def _retail_place(moment: datetime, grain: str, calendar: Calendar) -> tuple[int, int]:
    """The retail year that contains the moment, and the unit's place in it."""
    year = moment.year
    if as_day(moment) < retail_year_start(year, calendar):
        year -= 1
    days = (as_day(moment) - retail_year_start(year, calendar)).days
    return year, bisect_right(RETAIL[grain], days) - 1
