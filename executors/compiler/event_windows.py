"""Owns the window of a conversion: whether an event lies in it, and how far it can reach."""

from datetime import datetime

from sqlglot import exp

from executors.compiler.names import STANDARD_GRAINS
from executors.compiler.nearest import near_grains
from executors.compiler.syntax import Expr, between_units, minus, number
from metric_catalog.calendars import Calendar
from metric_catalog.errors import UnsupportedQuery
from metric_catalog.issues import issue
from metric_catalog.model.metrics import Window
from metric_catalog.periods import Grain, Period, floor, shift


def inside_window(window: Window, start: Expr, end: Expr, grain: Grain) -> Expr:
    """Return whether `start` is later than `end` less the window; both are moments of `grain`.

    Whole days apart, which is where most windows are, are counted: that costs less.
    """
    length = _grain(window)
    if length is Grain.DAY and grain.order >= Grain.DAY.order:
        return exp.LT(this=between_units("day", start, end), expression=number(window.count))
    return exp.GT(this=start, expression=minus(end, window.count, length))


def reach(
    window: Window | None, period: Period | None, grain: Grain, calendar: Calendar
) -> Period | None:
    """Return when the conversions of base events in `period` happen, moments being of `grain`.

    No other conversion event can belong to them. No other base event can take one away either:
    it would have to be as late as they are, and no later than the conversion.
    """
    if period is None:
        return None
    start = floor(period.start, grain, calendar) if period.start else None
    if period.end is None or window is None:
        return Period(start, None)
    return Period(start, _last(window, period.end, grain, calendar))


def _last(window: Window, end: datetime, grain: Grain, calendar: Calendar) -> datetime | None:
    """Return the end of the windows that begin before `end`, None beyond the years there are."""
    length = _grain(window)
    try:
        after = shift(end, window.count, length)
        if shift(after, -window.count, length) < end:
            # The day was clamped to its month's: windows of the days left out end a day later.
            after = shift(after, 1, Grain.DAY)
        whole = floor(after, grain, calendar)
        return whole if whole == after else shift(whole, 1, grain)
    except (OverflowError, ValueError):
        return None


def _grain(window: Window) -> Grain:
    """Return the standard grain of a window; raises UnsupportedQuery."""
    if window.grain not in STANDARD_GRAINS:
        near = near_grains(window.grain)
        raise UnsupportedQuery((issue("custom_window", nearest=near, grain=window.grain),))
    return Grain(window.grain)
