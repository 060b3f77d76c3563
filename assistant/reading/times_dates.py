"""Owns whole dates: parts put together, coarse and fine in any order."""

from dataclasses import replace

from assistant.reading.times_fitting import accepts, attach, level, needs
from assistant.reading.times_named import MAX_MONTH, bare_day, bare_year, count, is_day_level, unit
from assistant.reading.times_nodes import Around, Edge, Level, Node, Nth, Relative, Run, Weekday
from assistant.reading.times_parts import part, whole_unit
from assistant.reading.times_words import Parsed, Words

MAX_PARTS = 6
MAX_LINKS = 3


def expression(words: Words, place: int) -> Parsed | None:
    """A date or a named period: parts joined while each fits the ones before."""
    found = _head(words, place)
    if found is None:
        return None
    node, place = found
    for _ in range(MAX_PARTS):
        longer = _extended(words, node, place)
        if longer is None:
            break
        node, place = longer
    return _suffixed(words, node, place)


def _head(words: Words, place: int) -> Parsed | None:
    return words.once(week_of, place) or words.once(part, place)


def _links(words: Words, place: int) -> int:
    for _ in range(MAX_LINKS):
        tight_mark = words.mark(place, "-/.") and words.tight(place) and words.tight(place + 1)
        if not (words.has(place, "link") or words.mark(place, ",") or tight_mark):
            break
        place += 1
    return place


def _extended(words: Words, node: Node, place: int) -> Parsed | None:
    after = _links(words, place)
    linked = after > place
    for candidate in _next_parts(words, node, after, linked):
        joined = _join(node, candidate[0])
        if joined is not None:
            return joined, candidate[1]
    return None


def _next_parts(words: Words, node: Node, place: int, linked: bool) -> list[Parsed]:
    found: list[Parsed | None] = []
    if isinstance(node, Weekday) and node.of is None:
        found.append(words.once(expression, place))
    found.append(words.once(part, place))
    if is_day_level(node) and needs(node) is Level.YEAR and _same_marks(words, place):
        found.append(words.once(bare_year, place))
    if linked:
        found.append(words.once(whole_unit, words.skip(place, "article")))
        found.append(
            words.once(whole_unit, place - 1) if words.has(place - 1, "definite") else None
        )
    found.append(_edge_run(words, place))
    if isinstance(node, Nth) and node.unit == "month" and node.named:
        found.append(words.once(bare_day, place))
        if needs(node) is not None and words.has(place - 1, "link"):
            found.append(words.once(bare_year, place))
    return [item for item in found if item is not None]


def _same_marks(words: Words, place: int) -> bool:
    """5/sep/16, 5-sep-16: the same mark twice, as in a date in figures."""
    return any(words.mark(place - 1, mark) and words.mark(place - 3, mark) for mark in "-/")


def _edge_run(words: Words, place: int) -> Parsed | None:
    """2021年的前2周, 最后4个月."""
    edge, some = words.number(place, "edge"), count(words, place + 1)
    named = unit(words, some[1]) if some else None
    if edge is None or some is None or named is None:
        return None
    return Run(named[0], some[0] * edge), named[1]


def _join(node: Node, other: Node) -> Node | None:
    """Two parts as one date, whichever of them contains the other; None if they do not fit."""
    if isinstance(other, Weekday) and other.nth is None and other.of is None and is_day_level(node):
        return node
    if isinstance(node, Weekday) and node.nth is None and node.of is None and is_day_level(other):
        return replace(other, weekday=node.day) if isinstance(other, Nth) else other
    if accepts(node, other):
        return attach(node, other)
    if isinstance(node, Nth) and (node.unit, node.of) == ("half", None):
        return Nth("half_month", node.number, other) if level(other) is Level.MONTH else None
    if accepts(other, node):
        return attach(other, node)
    return None


def _suffixed(words: Words, node: Node, place: int) -> Parsed:
    """11月5日那周, 2016年全年, November 5 week."""
    that = words.name(place, "that")
    coarse = level(node)
    if that in ("week", "month") and coarse is Level.DAY:
        return Around(str(that), node), place + 1
    if that == "day" and coarse is Level.DAY:
        return node, place + 1
    if words.mark(place, "(") and words.has(place + 1, "weekday") and words.mark(place + 2, ")"):
        return node, place + 3
    if words.has(place, "whole"):
        whole = replace(node, whole=True) if isinstance(node, Relative) else node
        return whole, place + 1
    return node, place


def week_of(words: Words, place: int) -> Parsed | None:
    """The week of July 23, the week commencing 4 February, w/c Feb 4, the week ending 9 May."""
    start = words.skip(place, "article")
    if words.has(start, "week_of") or words.has(start, "week_ending"):
        ending, after = words.has(start, "week_ending"), start + 1
    elif words.name(start, "unit") == "week":
        ending, after = words.has(start + 1, "ending"), start + 2
        if not (ending or words.has(start + 1, "of") or words.has(start + 1, "commencing")):
            return None
    else:
        return None
    inner = words.once(expression, words.skip(after, "article", "at"))
    if inner is None or level(inner[0]) is not Level.DAY:
        return None
    return Around("week", inner[0], last=ending), inner[1]


def edge(words: Words, place: int) -> Parsed | None:
    """The end of june, the start of 2008, 年底, 6月底: only good as a bound."""
    side = words.name(place, "boundary")
    if side is not None:
        start = place + 1
        inner = words.once(whole_unit, start) or words.once(
            expression, words.skip(start, "article")
        )
        return (Edge(inner[0], side), inner[1]) if inner else None
    word = words.name(place, "boundary_word")
    if word is not None:
        name, side = word.split()
        return Edge(Relative(name, 0, whole=True), side), place + 1
    return _relative_edge(words, place) or _suffix_edge(words, place)


def _relative_edge(words: Words, place: int) -> Parsed | None:
    """上个月底, 上季度末, 这个月初: the boundary of a unit counted from as_of."""
    step, word = words.number(place, "offset"), words.name(place + 1, "boundary_word")
    if step is None or word is None:
        return None
    name, side = word.split()
    return Edge(Relative(name, step, whole=True), side), place + 2


def _suffix_edge(words: Words, place: int) -> Parsed | None:
    """6月底, 2025年6月底, 2024年底, 第三季度末."""
    unit_edge = _number_edge(words, place)
    inner = None if unit_edge else words.once(expression, place)
    if inner is None:
        return unit_edge
    node, after = inner
    after = words.skip(after, "link")
    side = words.name(after, "bound_suffix")
    if side is not None and level(node) in (Level.YEAR, Level.MONTH, Level.QUARTER):
        return Edge(node, side), after + 1
    word = words.name(after, "boundary_word")
    if word is not None and level(node) is Level.YEAR and word.startswith("year"):
        return Edge(node, word.split()[1]), after + 1
    later = _number_edge(words, after)
    if later is not None and isinstance(later[0], Edge) and accepts(later[0].node, node):
        return Edge(attach(later[0].node, node), later[0].side), later[1]
    return None


def _number_edge(words: Words, place: int) -> Parsed | None:
    number = words.number(place, "number") or words.number(place, "ordinal")
    word = words.name(place + 1, "boundary_word")
    if number is None or word is None or number > MAX_MONTH:
        return None
    name, side = word.split()
    return (Edge(Nth(name, number), side), place + 2) if name in ("month", "quarter") else None
