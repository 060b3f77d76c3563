"""Owns units of metrics defined per unit: a weekly rate over a month is the mean of its weeks."""

from dataclasses import replace

from assistant.insights.investigation import Investigation
from metric_catalog.periods import Grain, Period, is_complete, split, whole_units
from metric_catalog.query import AveragePer


def per_own_unit(investigation: Investigation) -> Investigation:
    """Return the investigation of the mean per unit, for a value over more than one unit.

    Of a metric with one grain of its own, over the whole units inside the period; there is no
    change then. Unchanged for everything else, and where no unit is whole.
    """
    query, grains = investigation.query, investigation.metric.grains
    plain = replace(query, filters=None, periods=(), order=(), limit=None)
    alone = plain == replace(
        plain, group_by=(), having=None, grain=None, comparison=None, post=None
    )
    if investigation.intent != "value" or not alone or len(query.metrics) != 1:
        return investigation
    if len(grains) != 1 or grains[0] not in {g.value for g in Grain} or len(query.periods) != 1:
        return investigation
    period, grain = query.periods[0], Grain(grains[0])
    if period.start is None or period.end is None:
        return investigation
    if whole_units(period, investigation.calendar) == (grain, 1):
        return investigation
    pieces = split(period, grain, investigation.calendar)
    whole = [
        piece
        for piece in pieces
        if whole_units(piece, investigation.calendar) == (grain, 1)
        and is_complete(piece, investigation.as_of)
    ]
    if not whole:
        return investigation
    span = Period(whole[0].start, whole[-1].end)
    asked = replace(query, periods=(span,), post=AveragePer(grain.value))
    return replace(investigation, query=asked, current=None, base=None)
