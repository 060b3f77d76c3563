"""Owns the mentions that are one phrase: to date, grains, averages, comparisons, recently."""

from dataclasses import replace

from assistant.reading.times_kinds import from_nodes, last_complete
from assistant.reading.times_lexicon import Entry
from assistant.reading.times_mention import Against, TimeMention
from assistant.reading.times_nodes import (
    Relative,
    ToDate,
)
from assistant.reading.times_resolve import Scene, resolve
from assistant.reading.times_sureness import LIKELY
from metric_catalog.periods import Grain, complete_units_before

RECENT_DAYS = 30
RECENT_TREND_MONTHS = 3


def phrase_mention(entry: Entry, start: int, text: str, scene: Scene) -> TimeMention | None:
    """The mention of a phrase of the lexicon, by its first sense."""
    base = TimeMention(start, entry.end, text[start : entry.end], "grain")
    if entry.weak:
        base = replace(base, score=LIKELY)
    for sense, value in entry.senses.items():
        name = str(value)
        match sense:
            case "to_date" | "cumulative_to_date" | "cumulative" if name != "all":
                summed = name if sense != "to_date" or "cumulative" in entry.senses else None
                return _to_date(base, name, summed, scene)
            case "cumulative":
                return replace(base, kind="cumulative", cumulative=name)
            case "grain":
                civil = name in Grain._value2member_map_
                return replace(base, kind="grain", grain=Grain(name) if civil else name)
            case "grain_weak":
                return replace(base, kind="grain", grain=Grain(name), score=LIKELY)
            case "average":
                return replace(base, kind="average", average_per=Grain(name))
            case "comparison":
                against: Against = "year" if name == "year" else "previous"
                return replace(base, kind="same_period", comparison=against)
            case "recent":
                return _recent(base, scene)
            case "whole_unit":
                node = Relative(name, 0, whole=True)
                return from_nodes([node], start, entry.end, text, scene)
    return None


def _to_date(base: TimeMention, unit: str, summed: str | None, scene: Scene) -> TimeMention | None:
    period = resolve(ToDate(unit), scene)
    if period is None:
        return None
    return replace(
        base,
        kind="to_date",
        periods=(period,),
        unit=unit,
        cumulative=summed,
        incomplete=True,
        alternatives=last_complete(unit, scene),
    )


def _recent(base: TimeMention, scene: Scene) -> TimeMention:
    days = complete_units_before(scene.today, RECENT_DAYS, Grain.DAY, scene.calendar)
    months = complete_units_before(scene.today, RECENT_TREND_MONTHS, Grain.MONTH, scene.calendar)
    return replace(
        base,
        kind="recent",
        periods=(days,),
        unit="day",
        assumption="recent_30_days",
        alternatives=(months,),
    )
