"""Owns the parts of a date: the named ones, and those counted or told from as_of."""

from dataclasses import replace

from assistant.reading.times_fitting import level
from assistant.reading.times_named import (
    NAMED_UNITS,
    count,
    dated,
    day,
    feast,
    month,
    numbered,
    quarter,
    unit,
    weekday,
    year,
)
from assistant.reading.times_nodes import (
    LEVELS,
    Feast,
    Nearest,
    Nth,
    Relative,
    Run,
    Weekday,
)
from assistant.reading.times_words import Parsed, Words, longest_of


def ordinal(words: Words, place: int) -> Parsed | None:
    """The third week, 第三周, first Friday, 第九个月, the first 2 weeks, second half."""
    place = words.skip(place, "article")
    number = words.number(place, "ordinal")
    edge = words.number(place, "edge")
    if number is None and edge is None:
        return None
    after = place + 1
    ranked = -1 if number is None and edge == -1 else number or 1
    some = count(words, after)
    named = unit(words, some[1] if some else after)
    if some and named and (edge is not None or ranked == 1):
        return (Run(named[0], some[0] * (edge or 1)), named[1]) if _countable(named[0]) else None
    if number is None and edge is not None and some:
        if some[0] != 1:
            return None
        after = some[1]
    if number is None and not words.has(after, "unit") and not words.has(after, "weekday"):
        after = words.skip(after, "measure")
    if words.has(words.skip(after, "measure"), "weekday"):
        after = words.skip(after, "measure")
        return Weekday(words.number(after, "weekday") or 0, ranked), after + 1
    return _ranked_unit(words, after, ranked, named)


def _ranked_unit(
    words: Words, place: int, ranked: int, named: tuple[str, int] | None
) -> Parsed | None:
    if named is None:
        named = unit(words, place)
    if named is None or not _countable(named[0]):
        return None
    name, after = named
    if name.startswith("fiscal_"):
        if name == "fiscal_year":
            return None
        return Nth("quarter", ranked, named=False, fiscal=True), after
    if name == "year":
        return None
    return Nth(name, ranked, named=False), after


def _countable(name: str) -> bool:
    return name not in ("hour", "minute")


def relative(words: Words, place: int) -> Parsed | None:
    """Yesterday, 去年, last month, 上上周, next Monday, this September, last Christmas."""
    rel = words.name(place, "rel") or words.name(words.skip(place, "definite"), "rel")
    if rel is not None:
        name, offset = rel.split()
        after = (place if words.has(place, "rel") else place + 1) + 1
        return Relative(name, int(offset)), words.skip(
            after, "year_mark"
        ) if name == "year" else after
    start = words.skip(place, "article")
    step = words.number(start, "offset")
    if step is None:
        return None
    after = start + 1
    named = unit(words, after)
    if named is not None:
        return _relative_unit(words, start, step, named)
    return _relative_part(words, after, step)


def _relative_unit(words: Words, start: int, step: int, named: tuple[str, int]) -> Parsed:
    """Last week; but `last week of ...` is counted from the end of what follows."""
    name, after = named
    if words.number(start, "edge") == -1 and words.has(after, "of"):
        coarse = words.once(part, after + 1) or words.once(whole_unit, after)
        coarse = coarse or words.once(whole_unit, after + 1)
        coarse_level = level(coarse[0]) if coarse else None
        if coarse_level is not None and coarse_level < LEVELS[name]:
            return Nth(name, -1, named=False), after
    return Relative(name, step), after


def _relative_part(words: Words, place: int, step: int) -> Parsed | None:
    found = longest_of(words, place, (weekday, month, quarter, feast))
    if found is None:
        return None
    node, after = found
    offset = words.at(place - 1)
    if offset.end - offset.start == 1 and not isinstance(node, Weekday):
        return None  # 上 and 下 alone go with units and weekdays; 查下3月 is March.
    match node:
        case Weekday() if words.number(place - 1, "edge") == -1 and words.has(after, "of"):
            return Weekday(node.day, -1), after
        case Weekday() if words.has(place - 1, "soon"):
            return Nearest(node, 1), after
        case Weekday():
            return Weekday(node.day, of=Relative("week", step)), after
        case Nth(unit="week"):
            return None
        case Nth() | Feast() if step == 0:
            return type(node)(node.unit, node.number, Relative("year", 0)) if isinstance(
                node, Nth
            ) else Feast(node.name, Relative("year", 0)), after
        case Nth() | Feast():
            return Nearest(node, 1 if step > 0 else -1), after
        case _:
            return None


def stepped(words: Words, place: int) -> Parsed | None:
    """The month after next, the week before last."""
    place = words.skip(place, "article")
    name, side = words.name(place, "unit"), words.name(place + 1, "bound")
    after = words.skip(place + 2, "article")
    step = words.number(after, "offset")
    if name is None or (side, step) not in (("after", 1), ("before", -1)):
        return None
    if unit(words, after + 1) or words.once(part, after + 1) or step is None:
        return None
    return Relative(name, 2 * step), after + 1


def whole(words: Words, place: int) -> Parsed | None:
    """The whole of this year, the entire month: not only to date; all of 2016."""
    start = words.skip(place, "article")
    if not words.has(start, "exact"):
        return None
    named = words.name(start + 1, "unit")
    after = words.skip(start + 2 if named else start + 1, "of", "article")
    found = words.once(part, after) if after > start + 2 or not named else None
    if found is not None:
        node = found[0]
        return (replace(node, whole=True) if isinstance(node, Relative) else node), found[1]
    if named in NAMED_UNITS and start > place:
        return Relative(named, 0, whole=True), start + 2
    return None


def whole_unit(words: Words, place: int) -> Parsed | None:
    """The year, the quarter (of the first quarter of the year)."""
    if not words.has(place, "definite") or words.has(place + 1, "number"):
        return None
    name = words.name(place + 1, "unit")
    if name not in NAMED_UNITS:
        return None
    return Relative(name, 0, whole=True), place + 2


PARTS = (
    dated, relative, whole, stepped, ordinal, quarter, numbered, month, year, day, weekday, feast,
)  # fmt: skip


def part(words: Words, place: int) -> Parsed | None:
    """The longest part of a date at a place."""
    return longest_of(words, place, PARTS)
