"""Owns how parts of a date fit together: levels, what is missing, containers."""

from dataclasses import replace

from assistant.reading.times_nodes import (
    LEVELS,
    Around,
    Feast,
    Level,
    Nearest,
    Node,
    Nth,
    Part,
    Relative,
    Run,
    Weekday,
    Year,
)


def level(node: Node) -> Level | None:
    """How coarse a node is; None for nodes that are no part of a date."""
    match node:
        case Year():
            return Level.YEAR
        case Relative(unit=unit) | Nth(unit=unit) | Around(unit=unit):
            return LEVELS[unit]
        case Weekday() | Feast() | Run():
            return Level.DAY
        case Nearest(node=inner):
            return level(inner)
        case _:
            return None


def needs(node: Node) -> Level | None:
    """The level of the container that a node lacks, or None."""
    match node:
        case Nth() | Weekday() | Feast() | Run():
            return _usual_container(node) if node.of is None else needs(node.of)
        case _:
            return None


def _usual_container(node: Part) -> Level:
    match node:
        case Nth(unit="day" | "ten_days" | "half_month" | "weekend"):
            return Level.MONTH
        case Weekday(nth=None):
            return Level.WEEK
        case Weekday():
            return Level.MONTH
        case _:
            return Level.YEAR


def accepts(part: Node, coarse: Node) -> bool:
    """Whether `coarse` may be the container that `part` lacks."""
    missing, coarse_level = needs(part), level(coarse)
    if (
        missing is None
        or coarse_level is None
        or isinstance(coarse, Weekday | Feast | Run | Nearest)
    ):
        return False
    lacking = lacking_part(part)
    match lacking:
        case Nth(unit="week", named=True):
            return coarse_level <= Level.YEAR
        case Nth(unit="month", named=False) | Nth(unit="week"):
            return coarse_level < LEVELS[lacking.unit]
        case Nth(unit="day", named=False) | Run():
            return coarse_level < _unit_level(lacking)
        case Weekday(nth=int()):
            return coarse_level <= Level.MONTH
        case _:
            return coarse_level == missing


def _unit_level(part: Part) -> Level:
    return LEVELS[part.unit] if isinstance(part, Nth | Run) else Level.DAY


def lacking_part(node: Node) -> Part:
    """The outermost part of a node, the one whose container is missing."""
    assert isinstance(node, Nth | Weekday | Feast | Run)
    return node if node.of is None else lacking_part(node.of)


def attach(node: Node, coarse: Node) -> Node:
    """The node with `coarse` as the container that it lacks."""
    assert isinstance(node, Nth | Weekday | Feast | Run)
    if node.of is None:
        return replace(node, of=coarse)
    return replace(node, of=attach(node.of, coarse))


def container(node: Node, wanted: Level) -> Node | None:
    """The part of a node at a level, the node itself included; None if it has none."""
    found = level(node)
    if found == wanted and not isinstance(node, Weekday | Feast | Run):
        return node
    if isinstance(node, Nth | Weekday | Feast | Run) and node.of is not None:
        return container(node.of, wanted)
    return None


def is_current(node: Node) -> bool:
    """Whether the node is the running unit, read to date."""
    return isinstance(node, Relative) and not node.offset and not node.whole and node.unit != "day"
