"""Owns stretches counted from a date: 3 days before, the week after, for 3 days from."""

from assistant.reading.times_dates import expression
from assistant.reading.times_fitting import level
from assistant.reading.times_named import count
from assistant.reading.times_nodes import (
    LEVELS,
    Away,
    Beside,
    Both,
    Bound,
    Level,
    Node,
    Now,
    Relative,
    Rest,
)
from assistant.reading.times_parts import whole_unit
from assistant.reading.times_ranges import end_date
from assistant.reading.times_windows import duration
from assistant.reading.times_words import Parsed, Words


def away(words: Words, place: int) -> Parsed | None:
    """Two days after today, 3 days before Christmas, more than 2 weeks after today."""
    more, less = words.has(place, "more"), words.has(place, "less")
    length = words.has(place, "length")
    start = place + (more or less or length)
    definite = words.has(start, "definite")
    found = duration(words, start)
    if found is None:
        return None
    number, name, after = found
    after += words.mark(after, ",")
    direction = words.number(after, "away")
    if direction is None:
        direction = 1 if length and words.name(after, "bound") == "since" else None
    point = None if direction is None else end_date(words, words.skip(after + 1, "at", "article"))
    if (
        direction is None
        or point is None
        or level(point[0]) is None
        and not isinstance(point[0], Now)
    ):
        return None
    return _placed(point[0], direction * number, name, (more, less, length or definite)), point[1]


def _placed(anchor: Node, signed: int, name: str, manner: tuple[bool, bool, bool]) -> Node:
    more, less, stretch = manner
    day = Away(name, signed, anchor)
    if more:
        return Bound("after" if signed > 0 else "before", day)
    if less and signed > 0:
        return Both(Bound("after", anchor), Bound("before", day))
    if less:
        return Both(Bound("before", anchor), Bound("since", day))
    if stretch:
        inside = signed > 0 and isinstance(anchor, Relative | Now)
        return Beside(name, signed, anchor, inside)
    return day


def length_from(words: Words, place: int) -> Parsed | None:
    """For 1 week, from 20th dec; 10 days starting March 5; 3 months from January 2016."""
    length = words.has(place, "length")
    found = duration(words, place + length)
    if found is None:
        return None
    number, name, after = found
    after += words.mark(after, ",")
    if words.name(after, "bound") != "since":
        return None
    starting = length or words.has(after, "commencing")
    point = end_date(words, words.skip(after + 1, "at", "article"))
    if point is None or not (starting or level(point[0]) not in (Level.DAY, None)):
        return None
    return Beside(name, number, point[0], inside=True), point[1]


def length_to(words: Words, place: int) -> Parsed | None:
    """The 12 months ending June 2016, last three months to September."""
    start = words.skip(place, "article")
    led = start > place or words.has(start, "side")
    found = duration(words, start + words.has(start, "side"))
    if found is None and words.has(place, "definite") and words.has(start, "unit"):
        found = 1, words.name(start, "unit") or "", start + 1
    if found is None:
        return None
    number, name, after = found
    if not (words.has(after, "ending") or (led and words.has(after, "to"))):
        return None
    point = words.once(expression, words.skip(after + 1, "at", "article"))
    if point is None or level(point[0]) is None or not LEVELS[name] <= (level(point[0]) or 0):
        return None
    return Beside(name, -number, point[0], inside=True), point[1]


def beside(words: Words, place: int) -> Parsed | None:
    """双11前7天, 国庆后一周, X起3天内."""
    inner = words.once(expression, place)
    if inner is None or level(inner[0]) is not Level.DAY:
        return None
    node, after = inner
    after = words.skip(after, "link")
    tail = words.name(after, "tail") or words.name(after, "side")
    sign = {"before": -1, "past": -1, "after": 1, "future": 1, "since": 1}.get(tail or "")
    found = duration(words, words.skip(after + 1, "link")) if sign else None
    if sign is None or found is None or not count(words, words.skip(after + 1, "link")):
        return None
    number, name, end = found
    return Beside(name, sign * number, node, inside=tail == "since"), words.skip(end, "inner")


def next_to(words: Words, place: int) -> Parsed | None:
    """The week before Christmas, the day after Thanksgiving."""
    if not words.has(place, "definite"):
        return None
    name, direction = words.name(place + 1, "unit"), words.number(place + 2, "away")
    if name is None or direction is None:
        return None
    point = words.once(expression, words.skip(place + 3, "article"))
    if point is None or level(point[0]) is None:
        return None
    return Beside(name, direction, point[0]), point[1]


def rest(words: Words, place: int) -> Parsed | None:
    """The rest of the month."""
    if not words.has(place, "rest"):
        return None
    found = words.once(whole_unit, place + 1) or words.once(expression, place + 1)
    return (Rest(found[0]), found[1]) if found else None
