"""Owns windows counted from as_of: rolling, ago, the first quarters."""

from assistant.reading.times_dates import expression
from assistant.reading.times_fitting import level
from assistant.reading.times_named import MAX_MONTH, MAX_QUARTER, SHORT_YEAR_DIGITS, count, unit
from assistant.reading.times_nodes import (
    Away,
    Beside,
    Bound,
    Level,
    Node,
    Nth,
    Relative,
    Rolling,
    Side,
    Span,
)
from assistant.reading.times_tokens import YEAR_DIGITS
from assistant.reading.times_words import Parsed, Words

MIN_TWO_DIGITS = 10
DIRECTIONS = {"past": -1, "future": 1}


def duration(words: Words, place: int) -> tuple[int, str, int] | None:
    """(count, unit, place after) of 3 days, a week, 半年, a fortnight."""
    some = count(words, place)
    after = words.skip(place, "article") if some is None else some[1]
    number = some[0] if some else 1
    after = words.skip(after, "measure") if words.has(after + 1, "span") else after
    span = words.name(after, "span")
    if span is not None:
        size, name = span.split()
        return number * int(size), name, after + 1
    more = words.has(after, "half_more") and some is not None
    named = unit(words, after + more)
    if named and named[0] == "year" and (more or words.has(named[1], "half_more")):
        return number * 12 + 6, "month", named[1] + (not more)
    if named is None or (some is None and after == place) or _is_year(words, after - 1, named[1]):
        return None
    return number, named[0], named[1]


def _is_year(words: Words, place: int, after: int) -> bool:
    """2010年, 07年 and 16年之前 name a year; 10年前 and 3年 count years."""
    digits, number = words.number(place, "digits"), words.number(place, "number")
    if number is None or digits is None or not words.has(place + 1, "year_mark"):
        return False
    if digits == SHORT_YEAR_DIGITS:
        written = words.at(after).end - words.at(after).start
        return number < MIN_TWO_DIGITS or (words.has(after, "ago") and written > 1)
    return digits == YEAR_DIGITS


def rolling(words: Words, place: int) -> Parsed | None:
    """Last 3 weeks, 近7天, 过去半年, 5 past years, within the next 2 weeks, L30D."""
    start = words.skip(place, "less")
    start = words.skip(start, "article")
    rolled = words.name(start, "rolled")
    if rolled is not None:
        size, name = rolled.split()
        return Rolling(name, -int(size)), start + 1
    side = words.name(start, "side")
    found = _after_side(words, start) if side else _before_side(words, start)
    if found is None:
        bare = duration(words, start) if words.has(place, "less") and start > place else None
        return (Rolling(bare[1], bare[0]), words.skip(bare[2], "inner")) if bare else None
    number, name, after, side = found
    after = words.skip(after, "inner")
    node: Node = Rolling(name, DIRECTIONS[side] * number)
    if words.has(after, "away") and side == "future" and _is_today(words, after + 1):
        inside = words.has(after, "from")
        return Beside(name, number, Relative("day", 0), inside), after + 2
    return node, after


def _after_side(words: Words, place: int) -> tuple[int, str, int, str] | None:
    side = str(words.name(place, "side"))
    start = words.skip(place + 1, "link")
    for _ in range(2):
        start = words.skip(start, "exact")
    span = words.name(words.skip(start, "article"), "span")
    found = duration(words, start)
    if found is None and span is not None:
        size, name = span.split()
        return int(size), name, words.skip(start, "article") + 1, side
    if found is None:
        return None
    if not (count(words, start) or span or words.has(found[2] - 1, "half_more")):
        return None
    if side == "past" and words.has(place, "edge") and _first_quarters(words, start):
        return None
    return *found, side


def _first_quarters(words: Words, place: int) -> bool:
    """前三季度 are the first three quarters; 前三个季度 the last three."""
    return words.has(place, "number") and words.has(place + 1, "quarter_mark")


def _before_side(words: Words, place: int) -> tuple[int, str, int, str] | None:
    some = count(words, place)
    side = words.name(some[1], "side") if some else None
    named = unit(words, some[1] + 1) if some and side else None
    return (some[0], *named, side) if some and named and side else None


def _is_today(words: Words, place: int) -> bool:
    return words.name(place, "rel") == "day 0" or words.has(place, "now")


def ago(words: Words, place: int) -> Parsed | None:
    """3 days ago, more than 3 days ago, 两个月前, a week from now."""
    start = words.skip(place, "more", "less")
    found = duration(words, start)
    if found is None:
        return None
    number, name, after = found
    if start > place and words.has(after, "ago"):
        side: Side = "before" if words.has(place, "more") else "since"
        return Bound(side, Away(name, -number)), after + 1
    if _is_named(words, after - 1, number):
        return None
    if words.has(after, "ago"):
        return Away(name, -number), after + 1
    return (Away(name, number), after + 1) if words.has(after, "hence") else None


def _is_named(words: Words, place: int, number: int) -> bool:
    """十月 and 三季度 are names, 十个月 and 三个季度 durations."""
    if not words.has(place - 1, "number"):
        return False
    limits = {"month_mark": MAX_MONTH, "quarter_mark": MAX_QUARTER}
    return any(words.has(place, mark) and number <= limit for mark, limit in limits.items())


def first_quarters(words: Words, place: int) -> Parsed | None:
    """前三季度: from the first to the third quarter of the latest year that has begun."""
    outer = words.once(expression, place)
    start = words.skip(outer[1], "link") if outer else place
    if words.number(start, "edge") != 1 or not _first_quarters(words, start + 1):
        return None
    number = words.number(start + 1, "number") or 1
    year = outer[0] if outer and level(outer[0]) is Level.YEAR else Relative("year", 0, whole=True)
    return Span(Nth("quarter", 1, year), Nth("quarter", number, year)), start + 3
