"""Owns the conventions for what a question leaves open: its period, base and grain."""

import datetime as dt
from dataclasses import dataclass

from assistant.insights.investigation import Intent
from assistant.reading.intents import JUDGEMENT
from assistant.reading.reading import Reading
from metric_catalog.calendars import Calendar
from metric_catalog.earlier_periods import holiday_aligned, previous, year_before
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import (
    Grain,
    Period,
    complete_units_before,
    default_trend_grain,
    is_complete,
    unit,
    whole_units,
)
from metric_catalog.query import AveragePer

TREND_MONTHS = 12
ANOMALY_DAYS = 90
FORECAST_MONTHS = 24
EXTREME_UNITS = {"day": 30, "week": 26, "month": 12, "quarter": 8, "year": 3}
NAMED_DAYS = ("extreme.day", "extreme.when")
"""Words that ask for days: then the odd ones are told, not whether the period was normal."""
COMPARED: frozenset[Intent] = frozenset({"comparison", "growth", "explain"})


@dataclass(frozen=True, slots=True)
class PeriodChoice:
    """The periods to ask for, and codes of the conventions that chose them."""

    periods: tuple[Period, ...]
    assumptions: tuple[str, ...] = ()


def asks_whether_normal(reading: Reading) -> bool:
    """Whether the question is if a period was normal, rather than which parts of it were not."""
    asked = reading.intent == "anomaly" and JUDGEMENT in reading.markers
    by_unit = any(span.kind == "time" and span.name == "grain" for span in reading.spans)
    return asked and not (by_unit or reading.group_by or reading.markers & {*NAMED_DAYS})


def choose_periods(
    reading: Reading,
    intent: Intent,
    as_of: dt.date,
    calendar: Calendar,
    mature: dt.datetime | None = None,
) -> PeriodChoice:
    """Return the periods said, else the conventional one for `intent`.

    `mature`: the end of the complete cohorts of a metric that waits for them. What is chosen
    ends before it; what is said is kept.
    """
    if reading.periods:
        return PeriodChoice(reading.periods, reading.assumptions)
    day = as_of if mature is None else min(as_of, mature.date())
    match intent:
        case "trend":
            return _last(TREND_MONTHS, Grain.MONTH, as_of, calendar, "trend_default")
        case "extreme" | "threshold" if intent == "extreme" or reading.grain:
            grain = _civil(reading.grain)
            count = EXTREME_UNITS.get(grain.value, TREND_MONTHS)
            return _last(count, grain, day, calendar, "extreme_default")
        case "anomaly" if not asks_whether_normal(reading):
            return _last(ANOMALY_DAYS, Grain.DAY, as_of, calendar, "anomaly_default")
        case "forecast":
            return PeriodChoice((shift_unit(as_of, Grain.MONTH, calendar),))
        case "cumulative":
            year = Period(dt.datetime(as_of.year, 1, 1), dt.datetime.combine(as_of, dt.time()))
            return PeriodChoice((year,), ("year_to_date_default",))
        case _:
            last = _last(1, Grain.MONTH, as_of, calendar, "last_month_default")
            whole = _last(1, Grain.MONTH, day, calendar, "mature_month_default")
            return last if last.periods == whole.periods else whole


def _civil(grain: str | None) -> Grain:
    """Return the grain to count units by; those of business years are counted in months."""
    return Grain(grain) if grain in set(Grain) else Grain.MONTH


def choose_history(reading: Reading, as_of: dt.date, calendar: Calendar) -> PeriodChoice:
    """Return the history that a forecast is built on."""
    grain = _civil(reading.grain)
    return _last(FORECAST_MONTHS, grain, as_of, calendar, "forecast_default")


def shift_unit(as_of: dt.date, grain: Grain, calendar: Calendar) -> Period:
    """Return the first whole unit that is still to come, or runs: what a forecast is asked for."""
    running = unit(dt.datetime.combine(as_of, dt.time()), grain, calendar)
    return running


def _last(count: int, grain: Grain, as_of: dt.date, calendar: Calendar, code: str) -> PeriodChoice:
    return PeriodChoice((complete_units_before(as_of, count, grain, calendar),), (code,))


def choose_base(
    reading: Reading, metric: Metric, current: Period, as_of: dt.date, calendar: Calendar
) -> Period | None:
    """Return the period to compare `current` with; a running one like for like.

    None where `current` is open to the past, or lies wholly ahead without an end.
    """
    if current.start is None or (current.end is None and current.start.date() >= as_of):
        return None
    closed = _elapsed(current, as_of)
    kind = reading.comparison.kind if reading.comparison else None
    if kind == "period" and reading.comparison and reading.comparison.period:
        return reading.comparison.period
    match metric.comparison if kind in (None, "members") else kind:
        case "year":
            return year_before(closed, calendar)
        case "holiday":
            return holiday_aligned(closed, calendar)
        case _:
            return previous(closed, calendar, _running_unit(current, closed, calendar))


def _running_unit(current: Period, closed: Period, calendar: Calendar) -> Grain | None:
    """Return the unit that runs: January to October of a year stand against those before."""
    if closed == current or current.end is None:
        return None
    whole = whole_units(current, calendar)
    return whole[0] if whole and whole[1] == 1 else None


def _elapsed(period: Period, as_of: dt.date) -> Period:
    """Return the part of a running period that is over, so that the base has the same days."""
    today = dt.datetime.combine(as_of, dt.time())
    if is_complete(period, as_of) or period.start is None or period.start >= today:
        return period if period.end is not None else Period(period.start, today)
    return Period(period.start, today)


def choose_grain(reading: Reading, metric: Metric, intent: Intent, period: Period) -> str | None:
    """Return the grain for what runs over time: as said, else the metric's, else by length."""
    if isinstance(reading.post, AveragePer):
        return None
    if asks_whether_normal(reading):
        return None
    if reading.grain:
        return reading.grain
    if intent == "extreme":
        return "day" if "extreme.when" in reading.markers and _is_short(period) else "month"
    if intent == "anomaly":
        return "day"
    if intent == "forecast":
        return "month"
    if intent != "trend":
        return None
    return metric.default_grain or str(default_trend_grain(period))


def _is_short(period: Period) -> bool:
    return str(default_trend_grain(period)) == "day"
