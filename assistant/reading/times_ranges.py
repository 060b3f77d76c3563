"""Owns ranges from one date to another, and the dates around them."""

from dataclasses import replace

from assistant.reading.times_dates import edge, expression
from assistant.reading.times_ends import like
from assistant.reading.times_fitting import accepts, attach, level, needs
from assistant.reading.times_named import MAX_DAY
from assistant.reading.times_nodes import Level, Loose, Node, Now, Nth, Span, Weekday
from assistant.reading.times_parts import whole_unit
from assistant.reading.times_windows import ago
from assistant.reading.times_words import Parsed, Words, longest_of


def end_date(words: Words, place: int) -> Parsed | None:
    """An end of a range: a date, an edge, now."""
    found = longest_of(words, place, (edge, expression, ago, whole_unit, _now))
    return found


def _now(words: Words, place: int) -> Parsed | None:
    place = words.skip(place, "definite")
    return (Now(), place + 1) if words.has(place, "now") else None


def _loose(words: Words, place: int) -> Parsed | None:
    """A bare number as an end of a range."""
    place = words.skip(place, "article", "ordinal_mark")
    number = words.number(place, "number") or words.number(place, "ordinal")
    return (Loose(number), place + 1) if number is not None else None


def opened(words: Words, place: int) -> Parsed | None:
    """From X to Y, between X and Y, 从X到Y, a container around it: Feb between 2-7 2018."""
    if not words.has(place, "from"):
        return None
    start = words.skip(place + 1, "at", "article") if words.has(place + 1, "at") else place + 1
    first = _end_point(words, start)
    if first is None:
        return None
    node, after = first
    after = words.skip(after, "tail") if words.name(after, "tail") == "since" else after
    between = words.has(place, "between") or words.has(place, "from")
    joined = (
        words.has(after, "to") or words.mark(after, "-~") or (between and words.has(after, "and"))
    )
    if not joined:
        return None
    return _closed(words, node, after, opener=True)


def _end_point(words: Words, place: int) -> Parsed | None:
    found = end_date(words, place)
    loose = _loose(words, place)
    if found is None or (loose and loose[1] > found[1]):
        return loose
    return found


def plain(words: Words, place: int) -> Parsed | None:
    """X - Y, X to Y, X至Y, X和Y之间; at least one end says what it is."""
    found = end_date(words, place)
    if found is None:
        found = _loose(words, place)
    if found is None:
        return None
    node, after = found
    after = (
        words.skip(after, "tail")
        if words.name(after, "tail") == "since" and (words.has(after + 1, "to"))
        else after
    )
    if words.has(after, "to") or words.mark(after, "-~"):
        return _closed(words, node, after, opener=False)
    if words.has(after, "and"):
        closed = _closed(words, node, after, opener=False)
        if closed is not None and words.has(closed[1] - 1, "between_tail"):
            return closed
    return None


def _closed(words: Words, first: Node, place: int, *, opener: bool) -> Parsed | None:
    """The rest of a range from its connecting word on."""
    after = words.skip(place + 1, "to") if words.mark(place, "-~") else place + 1
    after = words.skip(after, "at")
    last = _end_point(words, after)
    if last is None:
        return None
    node, end = last
    if isinstance(node, Weekday) and words.has(after, "weekday") and node.of is not None:
        first = attach(first, node.of) if accepts(first, node.of) else first
    after = end
    if not opener and not _clear(words, first, node, place):
        return None
    after = words.skip(after, "inside", "between_tail")
    pair = _outer(words, first, node, after)
    return pair if pair is not None else (Span(first, node), after)


def _clear(words: Words, first: Node, last: Node, place: int) -> bool:
    """Whether a range without an opening word is one: 2-7 alone is not, 2-7 Feb is."""
    if isinstance(first, Loose):
        return not isinstance(last, Loose)
    if isinstance(last, Loose):
        numbered = words.has(place - 1, "number") or words.has(place - 1, "week")
        by_number = isinstance(first, Nth) and (words.tight(place + 1) or numbered)
        return level(first) is Level.DAY or by_number
    return True


def _outer(words: Words, first: Node, last: Node, place: int) -> Parsed | None:
    """Between 4 and 22 this month: a container said after the range."""
    link = words.skip(place + words.mark(place, ","), "of", "link")
    found = words.once(expression, link) or words.once(whole_unit, link)
    if found is None:
        return None
    ends = _as_days(first, last)
    if ends is None:
        return None
    ends = ends[0], _beside(*ends)
    if not accepts(ends[1], found[0]):
        return None
    inner = attach(ends[0], found[0]) if accepts(ends[0], found[0]) else ends[0]
    return Span(inner, attach(ends[1], found[0])), found[1]


def _beside(first: Node, last: Node) -> Node:
    """March 1-15, 2015: the last day is of the same month."""
    if isinstance(first, Nth) and isinstance(last, Nth) and last.of is None:
        return replace(last, of=first.of) if level(first) == level(last) else last
    return last


def _as_days(first: Node, last: Node) -> tuple[Node, Node] | None:
    if isinstance(last, Loose):
        last = like(last.number, first) if not isinstance(first, Loose) else Nth("day", last.number)
    if isinstance(first, Loose):
        first = like(first.number, last)
    if isinstance(last, Nth) and last.unit == "day" and not 1 <= last.number <= MAX_DAY:
        return None
    return first, last


def contained(words: Words, place: int) -> Parsed | None:
    """Last week between Friday and Sunday, Feb between 2-7 two thousand and eighteen."""
    outer = words.once(expression, place)
    if outer is None:
        return None
    start = words.skip(outer[1], "link")
    found = words.once(opened, start) or words.once(opened, outer[1])
    found = found or words.once(plain, start)
    if found is None or not isinstance(found[0], Span):
        return None
    coarse, span, after = outer[0], found[0], found[1]
    ends = _as_days(span.first, span.last)
    if ends is None:
        return None
    if needs(coarse) is not None and isinstance(ends[1], Nth) and ends[1].of is not None:
        year = ends[1].of
        if accepts(coarse, year):
            coarse = attach(coarse, year)
            ends = (Nth("day", _number(ends[0])), Nth("day", _number(ends[1])))
    if needs(coarse) is not None:
        year_after = words.once(expression, words.skip(after, "link"))
        if year_after is not None and accepts(coarse, year_after[0]):
            coarse, after = attach(coarse, year_after[0]), year_after[1]
    if not all(accepts(end, coarse) for end in ends):
        return None
    return Span(attach(ends[0], coarse), attach(ends[1], coarse)), after


def _number(node: Node) -> int:
    return node.number if isinstance(node, Nth) else 0
