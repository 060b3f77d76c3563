"""Owns figures as people read them: 万/亿 and K/M/B, percent, percentage points, dates, periods."""

import datetime as dt
import math
from functools import lru_cache

from metric_catalog.model.definition import Language
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import Grain, Period, whole_units
from prompts.render import render, sentences

CURRENCY = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$"}
ROOM = "figures"
LEAST_SHORTENED = 10_000
UNREADABLE = 1e16
"""Larger numbers are written with their power of ten."""
MINUS = "-"


def format_value(value: float | None, metric: Metric, language: Language) -> str:
    """Return `value` with the metric's unit: 12.3%, ¥1.23亿, 3.4 days; a dash for nothing."""
    return format_unit(value, metric.unit, language, metric.decimals, metric.currency)


def format_unit(
    value: float | None,
    unit: str,
    language: Language,
    decimals: int | None = None,
    currency: str | None = None,
) -> str:
    """Return `value` in `unit` (`ratio` is a fraction shown as percent)."""
    if value is None or not math.isfinite(value):
        return "–"
    if abs(value) >= UNREADABLE:
        return f"{value:.3g}"
    if unit == "ratio":
        return f"{value * 100:.{1 if decimals is None else decimals}f}%"
    sign = MINUS if value < 0 else ""
    number = shorten(abs(value), language, decimals, whole=unit == "count")
    if unit == "currency":
        return f"{sign}{CURRENCY.get(currency or '', currency or '')}{number}"
    if unit in ("days", "hours"):
        return render(language, ROOM, unit, number=sign + number)
    return sign + number


@lru_cache(maxsize=2)
def _steps(language: Language) -> tuple[tuple[float, str], ...]:
    """Return the magnitudes that have a word, the largest first."""
    pairs = (step.split() for step in str(sentences(language, ROOM)["steps"]).split(","))
    return tuple((float(size), word) for size, word in pairs)


def shorten(value: float, language: Language, decimals: int | None, whole: bool = False) -> str:
    """Return a magnitude with 万/亿 or K/M/B from 10,000 up, else with thousands separators."""
    if value >= LEAST_SHORTENED:
        for step, word in _steps(language):
            if value >= step:
                return f"{value / step:.2f}".rstrip("0").rstrip(".") + word
    if whole and float(value).is_integer():
        return f"{int(value):,}"
    places = (0 if float(value).is_integer() else 2) if decimals is None else decimals
    return f"{value:,.{places}f}"


def format_difference(value: float | None, metric: Metric, language: Language) -> str:
    """Return a difference with its sign; of rates in percentage points, never in percent."""
    return format_unit_difference(value, metric.unit, language, metric.decimals, metric.currency)


def format_unit_difference(
    value: float | None,
    unit: str,
    language: Language,
    decimals: int | None = None,
    currency: str | None = None,
) -> str:
    """Return a difference in `unit` with its sign; of `ratio` in percentage points."""
    if value is None:
        return "–"
    sign = "+" if value > 0 else MINUS if value < 0 else ""
    if unit == "ratio" and abs(value) < UNREADABLE:
        points = f"{abs(value) * 100:.2f}".rstrip("0").rstrip(".")
        return render(language, ROOM, "points", number=sign + points)
    return sign + format_unit(abs(value), unit, language, decimals, currency)


def format_relative(value: float | None) -> str:
    """Return a relative change in percent with its sign."""
    if value is None:
        return "–"
    return f"{value * 100:+.1f}%"


def format_period(period: Period | None, language: Language, all_time: str) -> str:
    """Return a period in words: 2026年10月, October 2026, or its first and last day."""
    if period is None or (period.start is None and period.end is None):
        return all_time
    if period.start is None or period.end is None:
        return _open(period, language)
    units = whole_units(period)
    if units in ((Grain.MONTH, 1), (Grain.QUARTER, 1), (Grain.YEAR, 1)):
        return format_unit_of_time(period.start, units[0].value, language)
    last = period.end - dt.timedelta(microseconds=1)
    if last.date() == period.start.date():
        return format_day(period.start, language)
    first, until = _ends(period.start, last, language)
    tight = " " not in first  # 19–25 Oct 2026, but 28 Sep – 4 Oct 2026
    return render(language, ROOM, "range_tight" if tight else "range", first=first, last=until)


def format_when(period: Period | None, language: Language) -> str:
    """Return a period as a sentence says it: in October 2026, from 1 to 27 October 2026."""
    if period is None or (period.start is None and period.end is None):
        return render(language, ROOM, "when_always")
    if period.start is None or period.end is None:
        at = period.start or period.end
        assert at is not None
        key = "when_before" if period.start is None else "when_since"
        return render(language, ROOM, key, period=format_day(at, language))
    named = format_period(period, language, "")
    if whole_units(period) in ((Grain.MONTH, 1), (Grain.QUARTER, 1), (Grain.YEAR, 1)):
        return render(language, ROOM, "when_unit", period=named)
    last = period.end - dt.timedelta(microseconds=1)
    if last.date() == period.start.date():
        return render(language, ROOM, "when_day", period=named)
    first, until = _ends(period.start, last, language)
    return render(language, ROOM, "when_range", first=first, last=until)


def _ends(first: dt.datetime, last: dt.datetime, language: Language) -> tuple[str, str]:
    """The first and the last day, or month of whole months; what they share is said once."""
    after = last + dt.timedelta(microseconds=1)
    if all(day.day == 1 and day.time() == dt.time() for day in (first, after)):
        return _end_months(first, last, language)
    days = format_day(first, language), format_day(last, language)
    if first.year != last.year:
        return days
    alike = "day_alone" if first.month == last.month else "short_day"
    if language == "zh":
        return days[0], _short_day(last, language, alike)
    return _short_day(first, language, alike), days[1]


def _end_months(first: dt.date, last: dt.date, language: Language) -> tuple[str, str]:
    months = [format_unit_of_time(day, "month", language, "short_months") for day in (first, last)]
    if first.year == last.year:
        place = 1 if language == "zh" else 0
        months[place] = _short_day((first, last)[place], language, "month_alone")
    return months[0], months[1]


def _short_day(moment: dt.date, language: Language, key: str) -> str:
    month = sentences(language, ROOM)["short_months"][moment.month - 1]
    return render(language, ROOM, key, month=month, day=moment.day)


def format_so_far(when: str, language: Language) -> str:
    """Return the words for a period that is not over."""
    return render(language, ROOM, "so_far", when=when)


def _open(period: Period, language: Language) -> str:
    if period.start is not None:
        return render(language, ROOM, "since", day=format_day(period.start, language))
    assert period.end is not None
    return render(language, ROOM, "before", day=format_day(period.end, language))


def format_unit_of_time(
    start: dt.date, grain: str, language: Language, months: str = "months"
) -> str:
    """Return the month, quarter or year that begins at `start`: October 2026, 2026年第4季度.

    `months` names the list of month names to use, `months` or `short_months`.
    """
    return render(
        language, ROOM, grain, year=start.year, quarter=(start.month - 1) // 3 + 1,
        month=sentences(language, ROOM)[months][start.month - 1],
    )  # fmt: skip


def format_day(moment: dt.date, language: Language) -> str:
    """Return a day: 2026年10月31日, 31 Oct 2026."""
    month = sentences(language, ROOM)["short_months"][moment.month - 1]
    return render(language, ROOM, "day", year=moment.year, month=month, day=moment.day)
