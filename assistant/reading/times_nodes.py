"""Owns what an expression of time says before the clock is read: a closed union of nodes.

A node may lack its container (March of which year?).
"""

from dataclasses import dataclass
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
    """`count` units just before (negative) or after a node.

    `inside`: counted from the far side, so that they begin (or end) together with the node.
    """

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
