"""Owns which points of a line are not complete: running units, units cut short, young cohorts."""

import datetime as dt

from assistant.insights.charts.rows import columns_of, number
from assistant.insights.story import Story
from executors.result import Cell
from metric_catalog.business_years import BUSINESS_GRAINS, business_unit
from metric_catalog.periods import Grain, Period, as_day, custom_unit, is_complete, unit

YOUNG = "__incomplete"
"""The component that counts the members of a cohort whose days are not over."""


def begins_inside(story: Story, moments: list[Cell], grain: str | None) -> bool:
    """Return whether the period asked begins after the unit of the first point does."""
    starts = [period.start for period in story.investigation.query.periods]
    first = _unit(story, moments[0], grain) if len(moments) > 1 else None
    if first is None or first.start is None or not starts or None in starts:
        return False
    return first.start < min(start for start in starts if start is not None)


def count_incomplete(story: Story, moments: list[Cell], grain: str | None) -> int:
    """Return how many of the last points still grow or are cut by the end of the period."""
    periods, as_of = story.investigation.query.periods, as_day(story.investigation.as_of)
    ends = [period.end for period in periods if period.end is not None]
    end = min(as_of, max(ends)) if ends and len(ends) == len(periods) else as_of
    young = young_cohorts(story, story.investigation.query.metrics[0])
    count = 0
    for moment in reversed(moments):
        whole = _unit(story, moment, grain)
        if whole is None:
            running = not count and bool(periods) and not is_complete(periods[-1], as_of)
        else:
            running = whole.end is not None and whole.end > end
        if not running and moment not in young:
            break
        count += 1
    return count


def young_cohorts(story: Story, metric: str) -> frozenset[Cell]:
    """Return the time cells whose cohort has members with days to come."""
    if all(column.name != metric + YOUNG for column in story.table.columns):
        return frozenset()
    time = columns_of(story, "time")[0]
    pairs = zip(story.table.values(time), story.table.values(metric + YOUNG), strict=True)
    return frozenset(at for at, count in pairs if number(count))


def _unit(story: Story, moment: Cell, grain: str | None) -> Period | None:
    """The unit that a time cell begins; None where the calendar does not know the grain."""
    if grain is None or not isinstance(moment, dt.date):
        return None
    start = moment if isinstance(moment, dt.datetime) else as_day(moment)
    calendar = story.investigation.calendar
    if grain in BUSINESS_GRAINS:
        return business_unit(start, grain, calendar)
    if grain not in set(Grain):
        return custom_unit(start, grain, calendar)
    known = Grain(grain)
    return unit(start, known, calendar) if known.order >= Grain.DAY.order else None
