"""Owns the SQL of the start of a unit: of the standard grains and of those of business years."""

from sqlglot import exp

from executors.compiler.syntax import (
    Expr,
    between_units,
    cast,
    minus,
    number,
    operand,
    plus,
    truncated,
)
from metric_catalog.business_years import (
    DAYS_INTO_FIRST_WEEK,
    FISCAL,
    RETAIL,
    fiscal_offset,
)
from metric_catalog.calendars import Calendar
from metric_catalog.periods import DAYS_OF_WEEK, Grain

BASE_OF_FISCAL, BASE_OF_RETAIL = Grain.MONTH.value, Grain.DAY.value
"""The standard grains that the units of business years are made of."""

WEEKS_OF_QUARTER = 13
DAYS_OF_QUARTER = WEEKS_OF_QUARTER * DAYS_OF_WEEK


def unit_start(grain: str, moment: Expr, calendar: Calendar) -> Expr:
    """Return the start of the unit of `grain` that holds `moment`, as a timestamp."""
    if grain in FISCAL:
        return _fiscal(grain, moment, calendar)
    if grain in RETAIL:
        return _retail(grain, moment, calendar.retail_week_start)
    return truncated(grain, moment, calendar.week_start)


def _fiscal(grain: str, moment: Expr, calendar: Calendar) -> Expr:
    """Return the civil unit of the moment as many months earlier as the fiscal one begins later."""
    months, civil = fiscal_offset(grain, calendar), FISCAL[grain].value
    if not months:
        return truncated(civil, moment)
    earlier = minus(cast(moment, "TIMESTAMP"), months, "month")
    return plus(truncated(civil, earlier), months, "month")


def _retail(grain: str, moment: Expr, week_start: int) -> Expr:
    """Return the start of the year and as many days later as whole units of it are over.

    The year's first week holds 4 February: a week belongs to the civil year of the day as many
    days before its last one as lie between 1 January and then. Week k is in month (3k + 1) // 13,
    but the 53rd in the 12th, and month m begins with week round(13m / 3): 0, 4, 9, 13, ...
    """
    week = truncated("week", moment, week_start)
    back = DAYS_INTO_FIRST_WEEK - (DAYS_OF_WEEK - 1)
    january = truncated("year", minus(week, back, "day"))
    year = truncated("week", plus(january, DAYS_INTO_FIRST_WEEK, "day"), week_start)
    days = between_units("day", year, week)
    if grain == "retail_quarter":
        return plus(year, _times(_least(_whole(days, DAYS_OF_QUARTER), 3), DAYS_OF_QUARTER), "day")
    if grain == "retail_month":
        month = _least(_whole(_sum(_times(days, 3), DAYS_OF_WEEK), DAYS_OF_QUARTER), 11)
        weeks = _whole(_sum(_times(month, 2 * WEEKS_OF_QUARTER), 3), 6)
        return plus(year, _times(weeks, DAYS_OF_WEEK), "day")
    return year


def _times(value: Expr, count: int) -> Expr:
    return exp.Mul(this=operand(value), expression=number(count))


def _sum(value: Expr, count: int) -> Expr:
    return exp.Add(this=value, expression=number(count))


def _whole(value: Expr, count: int) -> Expr:
    return exp.IntDiv(this=operand(value), expression=number(count))


def _least(value: Expr, most: int) -> Expr:
    return exp.Least(this=value, expressions=[number(most)], ignore_nulls=True)
