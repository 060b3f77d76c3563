"""Owns what the times of a question fill: periods, grain, comparison, averages, extremes."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.insights.investigation import Intent
from assistant.reading.cover import FILLERS
from assistant.reading.folding import fold
from assistant.reading.spans import Span
from assistant.reading.times import TimeMention, read_period
from assistant.reading.value_slots import POOLING
from metric_catalog.calendars import Calendar
from metric_catalog.earlier_periods import previous, year_before
from metric_catalog.periods import Grain, Period, complete_units_before, split, whole_units
from metric_catalog.query import Comparison

RATE_WORDS = ("同比", "环比", "yoy", "y/y", "mom", "m/m", "wow", "qoq", "q/q", "dod",
              "over year", "over month", "over week", "over quarter", "over period")  # fmt: skip
# 上半年 has a word for "last" in it, though it is a half.
HALVES = ("上", "前")
_YEAR = re.compile(r"(?:19|20)\d\d|[今明后]年|\byear|\bfy|上上?年(?!度)")
COMPARED_UNITS = {
    Grain.DAY: ("day over", "day on", "dod", "d/d", "日环比"),
    Grain.WEEK: ("week over", "week on", "wow", "w/w", "周环比"),
    Grain.QUARTER: ("quarter over", "quarter on", "qoq", "q/q", "季环比", "季度环比"),
}
FROM = ("from", "从", "自", "由")
BETWEEN = ("between", "in between", *FROM)
RELATIVE_WORDS = ("last", "previous", "prior", "before", "ago", "earlier", "past", "same",
                  "上", "去", "前", "同期", "昨")  # fmt: skip
# Units of a date said beside them, not of today: 10月的月累计, 上个月…当月.
OF_THAT_DATE = ("月累计", "年累计", "季累计", "周累计", "月度累计", "季度累计", "年度累计",
                "当月累计", "当月", "当周", "当天", "当日", "当年", "当季", "当季度", "that month",
                "that week", "that day", "that year", "that quarter")  # fmt: skip
RECENT_DAYS = 30
RECENT_MONTHS = 3
OVER_TIME: frozenset[Intent] = frozenset({"trend", "anomaly", "forecast", "extreme"})
CHANGING = frozenset({"intent.explain", "intent.growth", "move.up", "move.down"})
NEARBY = 4
# A day of a month: "1 Oct", "Oct 1st", 10月1日, 2025-10-01, but no Q3, 10月 or 2025-10.
_DAY = re.compile(r"(?<![\w/.-])\d{1,2}(?:st|nd|rd|th)?(?![\w/.-])|[日号]|\d[-/.]\d{1,2}[-/.]\d")


@dataclass(frozen=True, slots=True)
class TimeSlots:
    """Periods asked, and how they are to be cut, averaged and compared."""

    periods: tuple[Period, ...] = ()
    comparison: Comparison | None = None
    grain: str | None = None
    average_per: str | None = None
    cumulative: bool = False
    recent: bool = False
    rate_of_change: bool = False
    several: bool = False
    assumptions: tuple[str, ...] = ()
    compared_unit: Grain | None = None


def read_time_slots(cover: Sequence[Span], words: frozenset[str], calendar: Calendar) -> TimeSlots:
    """Return the time slots of a cover."""
    mentions = [(i, span.time) for i, span in enumerate(cover) if span.time is not None]
    mentions = _with_one_year(mentions, cover, calendar)
    averaged = "intent.average" in words
    said = next((m.grain for _, m in mentions if m.kind == "grain" and m.grain), None)
    slots = TimeSlots(
        grain=next((m.grain for _, m in mentions if m.grain and not m.average_per), None),
        average_per=next((str(m.average_per) for _, m in mentions if m.average_per), None)
        or (said if averaged else None),
        cumulative=any(m.cumulative for _, m in mentions),
        recent=any(m.kind == "recent" for _, m in mentions),
        assumptions=tuple(m.assumption for _, m in mentions if m.assumption),
        rate_of_change=any(m.comparison and _is_rate(m.words) for _, m in mentions),
        compared_unit=next((unit for _, m in mentions if (unit := _compared_unit(m))), None),
    )
    slots = replace(slots, comparison=_named_comparison([m for _, m in mentions], calendar))
    dated = [(i, m) for i, m in mentions if m.periods and not m.comparison]
    dated = [(i, m) for i, m in dated if fold(m.words) not in OF_THAT_DATE] or dated
    return _place_periods(slots, dated, cover, words, calendar)


def _with_one_year(
    mentions: Sequence[tuple[int, TimeMention]], cover: Sequence[Span], calendar: Calendar
) -> list[tuple[int, TimeMention]]:
    """Return the mentions; of two beside each other the year said of one is that of the other.

    "First half vs second half of 2025", 2025年上半年和下半年对比.
    """
    shared = list(mentions)
    for place, ((i, one), (j, other)) in enumerate(pairwise(mentions)):
        if _is_year_of(other, one) and not _follows_comparing(cover, j):
            shared[place] = (i, _said_with(other, one, calendar))
            shared[place + 1] = (j, replace(other, periods=()))
        if not (_is_part_of_year(one) and _is_part_of_year(other) and one.unit == other.unit):
            continue
        if _says_year(one) and not _says_year(other):
            shared[place + 1] = (j, _in_year_of(other, one))
        elif _says_year(other) and not _says_year(one):
            shared[place] = (i, _in_year_of(one, other))
    return shared


def _is_year_of(year: TimeMention, part: TimeMention) -> bool:
    """Whether a year said afterwards is that of a date without one: 七夕卖了多少 去年."""
    if year.unit != "year" or year.comparison or len(year.periods) != 1:
        return False
    bare = part.kind in ("bare", "festival") and len(part.periods) == 1
    return bare and part.periods[0].start is not None and not _says_year(part)


def _said_with(year: TimeMention, part: TimeMention, calendar: Calendar) -> TimeMention:
    """Return the date as if the year had been said with it: festivals move."""
    start = year.periods[0].start
    if start is None:
        return part
    said = f"{part.words} {start.year}" if part.words.isascii() else f"{start.year}年{part.words}"
    period = read_period(said, dt.date(start.year, 12, 31), calendar)
    return part if period is None else replace(part, periods=(period,))


def _is_part_of_year(mention: TimeMention) -> bool:
    lone = len(mention.periods) == 1 and mention.periods[0].start is not None
    return lone and mention.kind in ("bare", "absolute", "compared") and bool(mention.unit)


def _says_year(mention: TimeMention) -> bool:
    words = fold(mention.words)
    relative = any(word in words for word in RELATIVE_WORDS if word not in HALVES)
    return relative or bool(_YEAR.search(words))


def _in_year_of(mention: TimeMention, other: TimeMention) -> TimeMention:
    period, said = mention.periods[0], other.periods[0]
    assert period.start is not None and said.start is not None
    years = said.start.year - period.start.year
    start, end = (None if d is None else _moved(d, years) for d in (period.start, period.end))
    moved = Period(start, end)
    # March against March of last year: the other one is that of this year.
    return mention if moved == said else replace(mention, periods=(moved,))


def _moved(moment: dt.datetime, years: int) -> dt.datetime:
    """The same day of another year; February 29 becomes March 1."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, month=3, day=1)


def recent_period(
    intent: Intent, as_of: dt.date, calendar: Calendar
) -> tuple[Period, tuple[str, ...]]:
    """Return what 最近 or "recently" without a unit means for `intent`, and its code."""
    if intent in OVER_TIME:
        months = complete_units_before(as_of, RECENT_MONTHS, Grain.MONTH, calendar)
        return months, ("recent_3_months",)
    return complete_units_before(as_of, RECENT_DAYS, Grain.DAY, calendar), ("recent_30_days",)


def _compared_unit(mention: TimeMention) -> Grain | None:
    """Return the unit that words of comparison are about: week over week, 周环比."""
    if mention.comparison != "previous":
        return None
    words = fold(mention.words)
    return next((unit for unit, said in COMPARED_UNITS.items() if words.startswith(said)), None)


def _is_rate(words: str) -> bool:
    """Whether the words of a comparison ask for its rate (同比, YoY), not for the two values."""
    folded = fold(words)
    return any(word in folded for word in RATE_WORDS)


def _named_comparison(mentions: Sequence[TimeMention], calendar: Calendar) -> Comparison | None:
    for mention in mentions:
        if mention.comparison == "period" and mention.periods:
            return _said_base(mention, mentions, calendar)
        if mention.comparison in ("previous", "year"):
            return Comparison(mention.comparison)
    return None


def _said_base(
    mention: TimeMention, mentions: Sequence[TimeMention], calendar: Calendar
) -> Comparison:
    """Return the comparison with a period said after "vs" or "than".

    One that is named (September, 9月) stays that period; a relative one (last year, 上月) is the
    period before, or the same period of the year before, where it is just that.
    """
    base = mention.periods[0]
    if not any(word in mention.words.lower() for word in RELATIVE_WORDS):
        return Comparison("period", base)
    asked = [p for m in mentions if not m.comparison for p in m.periods]
    if asked:
        return _base(asked[0], base, calendar)
    return _lone_base(base, calendar)


def _place_periods(
    slots: TimeSlots,
    dated: Sequence[tuple[int, TimeMention]],
    cover: Sequence[Span],
    words: frozenset[str],
    calendar: Calendar,
) -> TimeSlots:
    if not dated:
        return slots
    compared = [(i, m) for i, m in dated if _follows_comparing(cover, i)]
    plain = [(i, m) for i, m in dated if (i, m) not in compared]
    periods = tuple(dict.fromkeys(p for _, m in plain for p in m.periods))
    if compared and not slots.comparison:
        base = compared[-1][1].periods[0]
        if not periods:
            return replace(slots, comparison=_lone_base(base, calendar))
        return replace(slots, periods=periods[:1], comparison=_base(periods[0], base, calendar))
    if len(periods) == 1 and _is_from_to(plain[0][1], words, calendar):
        return _from_to(slots, periods[0], calendar)
    if len(periods) > 1 and {span.words.strip().lower() for span in cover} & POOLING:
        periods = _joined(periods)
    if len(periods) == 2 and slots.comparison is None and words & {"intent.comparison", *CHANGING}:
        first, second = sorted(periods, key=lambda p: (p.start is not None, p.start), reverse=True)
        return replace(slots, periods=(first,), comparison=_base(first, second, calendar))
    return replace(slots, periods=periods, several=len(periods) > 1)


def _joined(periods: tuple[Period, ...]) -> tuple[Period, ...]:
    """Return periods that follow each other without a gap as one: July and August together."""
    if any(None in (period.start, period.end) for period in periods):
        return periods
    ordered = sorted(periods, key=lambda period: period.bounds())
    if any(one.end != other.start for one, other in pairwise(ordered)):
        return periods
    return (Period(ordered[0].start, ordered[-1].end),)


def _follows_comparing(cover: Sequence[Span], index: int) -> bool:
    """Whether a comparing word stands right before the time ("vs last year", 比上月)."""
    position = index - 1
    while position >= 0 and index - position <= NEARBY:
        span = cover[position]
        if _ends_a_clause(span, cover[position + 1]):
            return False
        if span.kind == "word" and span.name == "intent.comparison":
            return span.words not in ("和", "跟", "与", "compare") and _has_before(cover, position)
        # "Against the same month a year ago".
        if span.kind != "word" or not (span.name in FILLERS or span.name.startswith("noun.")):
            return False
        position -= 1
    return False


def _ends_a_clause(span: Span, following: Span) -> bool:
    """Whether more than a space stands between two spans: 对比，9月 compares nothing with 9月."""
    return following.start - span.end > (1 if span.words.isascii() else 0)


def _has_before(cover: Sequence[Span], index: int) -> bool:
    """Whether anything was said before that can be compared."""
    return any(span.kind in ("metric", "goal", "time", "value") for span in cover[:index])


def _base(current: Period, base: Period, calendar: Calendar) -> Comparison:
    """Return the comparison of `current` with a base said after a comparing word.

    A base that is the year before, or a longer unit such as "last year" beside a month, means the
    same period of that year.
    """
    if base == current:
        # "October compared to last October", said after it: that of the year before.
        return Comparison("year")
    if base == previous(current, calendar):
        return Comparison("previous")
    if base == year_before(current, calendar):
        return Comparison("year")
    longer = (base.days or 0) > (current.days or 0)
    if longer and whole_units(base, calendar) == (Grain.YEAR, 1):
        return Comparison("year")
    return Comparison("period", base)


def _lone_base(base: Period, calendar: Calendar) -> Comparison:
    units = whole_units(base, calendar)
    return Comparison("year") if units and units[0] == Grain.YEAR else Comparison("previous")


def _is_from_to(mention: TimeMention, words: frozenset[str], calendar: Calendar) -> bool:
    """Whether a range names the two ends of a change: "fell from September to October".

    One between two days is a range: "change from 1 Sep to 31 Oct".
    """
    if mention.kind != "range" or _DAY.search(mention.words.lower()):
        return False
    ends = FROM if words & CHANGING else BETWEEN if "intent.comparison" in words else ()
    period = mention.periods[0]
    units = None if None in (period.start, period.end) else whole_units(period, calendar)
    said = bool(ends) and mention.words.strip().lower().startswith(ends)
    coarse = units is not None and units[0] not in (Grain.DAY, Grain.WEEK)
    return said and coarse and units is not None and units[1] > 1


def _from_to(slots: TimeSlots, period: Period, calendar: Calendar) -> TimeSlots:
    """ "fell from September to October": the last unit against the first."""
    units = whole_units(period, calendar)
    parts = split(period, units[0], calendar) if units else (period,)
    first, last = parts[0], parts[-1]
    kind = Comparison("previous") if first == previous(last, calendar) else None
    return replace(slots, periods=(last,), comparison=kind or Comparison("period", first))
