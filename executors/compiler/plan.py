"""Owns the plan: closed, frozen nodes between the query and SQL.

`Read`, `Join` and `Filter` are open: what stands above them names columns as `alias.column` of
the tables inside. All other nodes are closed: they give exactly their own columns, which what
stands above names as `<node name>.column`; each becomes one named CTE.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, assert_never

from sqlglot import exp

JoinKind = Literal["left", "inner", "full", "cross"]


@dataclass(frozen=True, slots=True)
class Named:
    """A column and what it holds."""

    name: str
    value: exp.Expr


@dataclass(frozen=True, slots=True)
class Read:
    """The rows of a table under an alias; `model` is the semantic model it belongs to."""

    model: str
    table: str
    alias: str


@dataclass(frozen=True, slots=True)
class Visible:
    """The rows of a closed node under another alias."""

    source: "Closed"
    alias: str


@dataclass(frozen=True, slots=True)
class Join:
    """`right` beside `left`; `on` is None for a cross join."""

    left: "Node"
    right: "Node"
    kind: JoinKind
    on: exp.Expr | None


@dataclass(frozen=True, slots=True)
class Filter:
    """The rows of `source` that meet all `conditions`."""

    source: "Node"
    conditions: tuple[exp.Expr, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Every moment of `grain` from `start` to `end`, both included, in one column.

    The bounds may read the only row of `source`.
    """

    name: str
    column: str
    grain: str
    start: exp.Expr
    end: exp.Expr
    source: "Closed | None" = None


@dataclass(frozen=True, slots=True)
class TimeSpine:
    """The moments of a time spine: `columns` of the spine rows, each row once if `distinct`."""

    name: str
    source: "Node"
    grain: str
    columns: tuple[Named, ...]
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One row per group; without groups exactly one row. `values` hold aggregate functions.

    Of the groups named in `one_of` each row has one, the others are null there: the rows by each
    of them alone, below each other.
    """

    name: str
    source: "Node"
    groups: tuple[Named, ...]
    values: tuple[Named, ...]
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compute:
    """The rows of `source` with new columns; no column means all of the only table inside."""

    name: str
    source: "Node"
    columns: tuple[Named, ...]
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """As `Compute`, with window functions among the columns."""

    name: str
    source: "Node"
    columns: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Combine:
    """Closed sources side by side where all `keys` are equal (null equals null), none lost.

    `values` name columns as `<source name>.column`. Without keys every source has one row.
    """

    name: str
    sources: tuple["Closed", ...]
    keys: tuple[str, ...]
    values: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """The rows of all `sources` below each other; they have the same columns."""

    name: str
    sources: tuple["Closed", ...]


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column to sort by, of the result, or of `table` below it; nulls come last either way.

    With `last` only the rows where the column is that text are put behind all others.
    """

    column: str
    descending: bool = False
    table: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class OrderLimit:
    """The first `limit` rows of `source` in the order of `keys`."""

    name: str
    source: "Closed"
    keys: tuple[SortKey, ...]
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class GroupingSet:
    """One set of a cube: the positions of its dimensions, and of the set it is rolled up from.

    Without a parent it is made of the cube's source. One that is not `shown` is only rolled up.
    """

    dimensions: tuple[int, ...]
    parent: tuple[int, ...] | None = None
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Packed:
    """Where the code of a dimension's member stands in a packed key; code 0 = not split by it."""

    dimension: str
    shift: int
    bits: int

    @property
    def mask(self) -> int:
        """The bits of the key that hold the code."""
        return ((1 << self.bits) - 1) << self.shift


@dataclass(frozen=True, slots=True)
class Cube:
    """The sums of all segments in `sets`, rolled up from the rows of `source`.

    The source has the column KEY, one integer that packs the codes of all `fields`, and `values`.
    A segment's KEY holds the codes of the dimensions in its set, GROUPED has a bit for each.
    """

    name: str
    source: "Closed"
    fields: tuple[Packed, ...]
    sets: tuple[GroupingSet, ...]
    values: tuple[str, ...]


KEY = "__key"
GROUPED = "__grouped"

Open = Read | Visible | Join | Filter
Closed = Series | TimeSpine | Aggregate | Compute | Window | Combine | Stack | OrderLimit | Cube
Node = Open | Closed

CLOSED = (Series, TimeSpine, Aggregate, Compute, Window, Combine, Stack, OrderLimit, Cube)


@dataclass(frozen=True, slots=True)
class Plan:
    """The root of a plan."""

    root: Closed


def inputs(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below `node`."""
    match node:
        case Read():
            return ()
        case Series(source=below):
            return (below,) if below else ()
        case Join(left, right):
            return (left, right)
        case Combine(sources=sources) | Stack(sources=sources):
            return sources
        case (
            Visible(source=source)
            | Filter(source=source)
            | TimeSpine(source=source)
            | Aggregate(source=source)
            | Compute(source=source)
            | Window(source=source)
            | OrderLimit(source=source)
            | Cube(source=source)
        ):
            return (source,)
        case _:
            assert_never(node)


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and everything below it, top down, shared nodes every time."""
    yield node
    for below in inputs(node):
        yield from walk(below)


def columns_of(node: Closed) -> tuple[str, ...]:
    """Return the names of the columns of a closed node, empty for all of a table."""
    match node:
        case Series(column=column):
            return (column,)
        case TimeSpine(columns=columns) | Compute(columns=columns) | Window(columns=columns):
            return tuple(column.name for column in columns)
        case Aggregate(groups=groups, values=values):
            return tuple(column.name for column in (*groups, *values))
        case Combine(keys=keys, values=values):
            return (*keys, *(column.name for column in values))
        case Stack(sources=sources):
            return columns_of(sources[0])
        case OrderLimit(source=source):
            return columns_of(source)
        case Cube(values=values):
            return (KEY, GROUPED, *values)
        case _:
            assert_never(node)
