"""Owns units of metrics defined per unit: a weekly rate over a month is the mean of its weeks."""

from dataclasses import replace

from assistant.insights.investigation import Intent, Investigation
from metric_catalog.earlier_periods import previous, year_before
from metric_catalog.periods import Grain, Period, is_complete, split, whole_units
from metric_catalog.query import AveragePer, Comparison

LAST_UNIT: frozenset[Intent] = frozenset({
    "explain", "growth", "comparison", "breakdown", "ranking", "share", "threshold", "attainment",
})  # fmt: skip
"""The intents whose answers are of the last whole unit: its parts and its change are exact."""


def per_own_unit(investigation: Investigation) -> Investigation:
    """Return the investigation in the metric's own unit, where the period is longer.

    Of a metric with one grain of its own, over the whole units inside the period: a value is
    their mean and has no change; what compares or splits is told of the last one, beside the
    one before, or a year earlier. Unchanged for everything else, and where no unit is whole.
    """
    whole = _whole_units(investigation)
    if not whole:
        return investigation
    query = investigation.query
    if investigation.intent == "value" and _is_plain(investigation):
        span = Period(whole[0].start, whole[-1].end)
        asked = replace(query, periods=(span,), post=AveragePer(str(whole_grain(investigation))))
        return replace(investigation, query=asked, current=None, base=None)
    timed = query.grain is not None or any(item.grain for item in query.group_by)
    if timed or not (investigation.intent in LAST_UNIT or investigation.intent == "value"):
        return investigation
    last = whole[-1]
    base = _base(investigation, last)
    compared = query.comparison
    if compared is not None and compared.period is not None and base is not None:
        compared = Comparison(compared.kind, base)
    asked = replace(query, periods=(last,), comparison=compared)
    return replace(investigation, query=asked, current=last, base=base)


def whole_grain(investigation: Investigation) -> Grain | None:
    """Return the one grain that the metric is defined for."""
    grains = investigation.metric.grains
    return Grain(grains[0]) if len(grains) == 1 and grains[0] in set(Grain) else None


def _whole_units(investigation: Investigation) -> list[Period]:
    """Return the whole units inside the period; none where it is one, or has none."""
    query, grain = investigation.query, whole_grain(investigation)
    if grain is None or len(query.metrics) != 1 or len(query.periods) != 1:
        return []
    period, calendar = query.periods[0], investigation.calendar
    if None in (period.start, period.end) or whole_units(period, calendar) == (grain, 1):
        return []
    return [
        piece
        for piece in split(period, grain, calendar)
        if whole_units(piece, calendar) == (grain, 1) and is_complete(piece, investigation.as_of)
    ]


def _is_plain(investigation: Investigation) -> bool:
    query = investigation.query
    plain = replace(query, filters=None, periods=(), order=(), limit=None)
    return plain == replace(plain, group_by=(), having=None, grain=None, comparison=None, post=None)


def _base(investigation: Investigation, last: Period) -> Period | None:
    """Return the unit to compare the last one with: the one before, or a year earlier."""
    current, base = investigation.current, investigation.base
    if current is None or base is None:
        return None
    calendar = investigation.calendar
    if None not in (current.start, current.end) and base == year_before(current, calendar):
        return year_before(last, calendar)
    return previous(last, calendar)
