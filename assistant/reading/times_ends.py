"""Owns what the two ends of a range lend each other."""

from dataclasses import replace

from assistant.reading.times_fitting import attach, container, lacking_part, level, needs
from assistant.reading.times_nodes import LEVELS, Level, Loose, Node, Nth, Year


def with_kinds(first: Node, last: Node) -> tuple[Node, Node]:
    """Bare numbers take the kind of the other end."""
    match first, last:
        case Loose(a), Loose(b):
            return Nth("day", a), Nth("day", b)
        case Loose(a), _:
            return like(a, last), last
        case _, Loose(b):
            return first, like(b, first)
        case _:
            return first, last


def like(number: int, other: Node) -> Node:
    """A bare number read as the finest part of another node."""
    match other:
        case Year():
            return Year(
                number if number >= 100 else other.number // 100 * 100 + number, other.fiscal
            )
        case Nth():
            return replace(other, number=number, of=None, weekday=None)
        case _:
            return Nth("day", number)


def borrow(first: Node, last: Node) -> Node:
    """The first end with the container that only the last one names."""
    missing = needs(first)
    if missing is None or missing is Level.WEEK:
        return first
    lacking = lacking_part(first)
    if isinstance(lacking, Nth) and lacking.unit in LEVELS and level(last) is None:
        return first
    found = container(last, missing)
    return attach(first, found) if found is not None and found != first else first
