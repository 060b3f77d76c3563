"""Owns what an expression of time says before the clock is read: a closed union of nodes.

A node may lack its container (March of which year?). `needs` names the missing level, `attach`
puts a container there, `container` finds the part of a node at a level.
"""

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Literal


class Level(IntEnum):
    """How coarse a node is; a container has a lower number than what it contains."""

    YEAR = 0
    HALF = 1
    QUARTER = 2
    MONTH = 3
    TEN_DAYS = 4
    WEEK = 5
    DAY = 6


LEVELS: dict[str, Level] = {
    "year": Level.YEAR,
    "fiscal_year": Level.YEAR,
    "half": Level.HALF,
    "season": Level.QUARTER,
    "quarter": Level.QUARTER,
    "fiscal_quarter": Level.QUARTER,
    "month": Level.MONTH,
    "ten_days": Level.TEN_DAYS,
    "half_month": Level.TEN_DAYS,
    "week": Level.WEEK,
    "weekend": Level.DAY,
    "business_day": Level.DAY,
    "day": Level.DAY,
    "hour": Level.DAY,
    "minute": Level.DAY,
}


@dataclass(frozen=True, slots=True)
class Year:
    """A civil or fiscal year by its number."""

    number: int
    fiscal: bool = False


@dataclass(frozen=True, slots=True)
class Relative:
    """The unit `offset` units from the one of as_of."""

    unit: str
    offset: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Nth:
    """The number-th unit of a container (from its end where negative).

    `named`: said as a part of a date (March, the 5th), so that it needs its usual container.
    """

    unit: str
    number: int
    of: "Node | None" = None
    named: bool = True
    weekday: int | None = None
    fiscal: bool = False


@dataclass(frozen=True, slots=True)
class Weekday:
    """A weekday of a week, or the nth one of a longer container."""

    day: int
    nth: int | None = None
    of: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Feast:
    """A festival by its name in the calendar."""

    name: str
    of: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Run:
    """The first (count > 0) or last (count < 0) units of a container."""

    unit: str
    count: int
    of: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Rolling:
    """`count` units before (negative) or after as_of."""

    unit: str
    count: int


@dataclass(frozen=True, slots=True)
class Away:
    """The day or unit `count` units from a node, or from as_of."""

    unit: str
    count: int
    anchor: "Node | None" = None


@dataclass(frozen=True, slots=True)
class Beside:
    """`count` units just before (negative) or after a node; `inside` begins with the node."""

    unit: str
    count: int
    anchor: "Node"
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """The unit that contains the first (or last) day of a node."""

    unit: str
    inner: "Node"
    last: bool = False


@dataclass(frozen=True, slots=True)
class Nearest:
    """The latest (-1) or the next (+1) occurrence of a node that lacks its container."""

    node: "Node"
    direction: int


@dataclass(frozen=True, slots=True)
class Edge:
    """The start or the end of a node: a moment, only good as a bound."""

    node: "Node"
    side: str


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of asking: a bound."""


@dataclass(frozen=True, slots=True)
class Loose:
    """A bare number, to be read as the other end of its range says."""

    number: int


@dataclass(frozen=True, slots=True)
class Span:
    """From a node to another, both included."""

    first: "Node"
    last: "Node"


Side = Literal["before", "after", "since", "by"]


@dataclass(frozen=True, slots=True)
class Bound:
    """An open period: before (excluded), after (excluded), since or by (included) a node."""

    side: Side
    node: "Node"


@dataclass(frozen=True, slots=True)
class Both:
    """What lies in both."""

    one: "Node"
    other: "Node"


@dataclass(frozen=True, slots=True)
class ToDate:
    """From the start of the unit of as_of to as_of."""

    unit: str


@dataclass(frozen=True, slots=True)
class Rest:
    """From as_of to the end of a node."""

    node: "Node"


Part = Nth | Weekday | Feast | Run
Node = (
    Year
    | Relative
    | Part
    | Rolling
    | Away
    | Beside
    | Around
    | Nearest
    | Edge
    | Now
    | Loose
    | Span
    | Bound
    | Both
    | ToDate
    | Rest
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


def is_complete(node: Node) -> bool:
    """Whether nothing is missing, so that the clock alone settles it."""
    return needs(node) is None


def is_current(node: Node) -> bool:
    """Whether the node is the running unit, read to date."""
    return isinstance(node, Relative) and not node.offset and not node.whole and node.unit != "day"
