"""Owns figures as people read them: 万/亿 and K/M/B, percent, percentage points, dates, periods."""

import datetime as dt

from metric_catalog.model.definition import Language
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import Grain, Period, whole_units

CURRENCY = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$"}
ZH_STEPS = ((1e8, "亿"), (1e4, "万"))
EN_STEPS = ((1e9, "B"), (1e6, "M"), (1e3, "K"))
LEAST_SHORTENED = 10_000
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
    if value is None or value != value:
        return "–"
    if unit == "ratio":
        return f"{value * 100:.{1 if decimals is None else decimals}f}%"
    sign = MINUS if value < 0 else ""
    number = shorten(abs(value), language, decimals, whole=unit == "count")
    if unit == "currency":
        return f"{sign}{CURRENCY.get(currency or '', currency or '')}{number}"
    suffix = {"days": ("天", " days"), "hours": ("小时", " hours")}.get(unit)
    return f"{sign}{number}{suffix[0 if language == 'zh' else 1] if suffix else ''}"


def shorten(value: float, language: Language, decimals: int | None, whole: bool = False) -> str:
    """Return a magnitude with 万/亿 or K/M/B from 10,000 up, else with thousands separators."""
    if value >= LEAST_SHORTENED:
        for step, word in ZH_STEPS if language == "zh" else EN_STEPS:
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
    if unit == "ratio":
        points = f"{abs(value) * 100:.2f}".rstrip("0").rstrip(".")
        return f"{sign}{points}{' 个百分点' if language == 'zh' else ' pp'}"
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
    if units == (Grain.MONTH, 1):
        month = period.start
        return f"{month.year}年{month.month}月" if language == "zh" else f"{month:%B %Y}"
    if units == (Grain.QUARTER, 1):
        quarter = (period.start.month - 1) // 3 + 1
        year = period.start.year
        return f"{year}年第{quarter}季度" if language == "zh" else f"Q{quarter} {year}"
    if units == (Grain.YEAR, 1):
        return f"{period.start.year}年" if language == "zh" else str(period.start.year)
    last = period.end - dt.timedelta(microseconds=1)
    if last.date() == period.start.date():
        return format_day(period.start, language)
    joiner = "至" if language == "zh" else " – "
    return format_day(period.start, language) + joiner + format_day(last, language)


def _open(period: Period, language: Language) -> str:
    if period.start is not None:
        day = format_day(period.start, language)
        return f"{day}以来" if language == "zh" else f"since {day}"
    assert period.end is not None
    day = format_day(period.end, language)
    return f"{day}之前" if language == "zh" else f"before {day}"


def format_day(moment: dt.date, language: Language) -> str:
    """Return a day: 2026年10月31日, 31 Oct 2026."""
    if language == "zh":
        return f"{moment.year}年{moment.month}月{moment.day}日"
    return f"{moment.day} {moment:%b %Y}"
