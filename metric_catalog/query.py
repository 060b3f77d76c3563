"""Owns the constrained IR: what may be asked, as plain, hashable data with a JSON round trip.

`MetricQuery` asks for metrics by group-bys over periods; `CubeQuery` asks for all segments of
several dimensions at once, for two periods. Names are catalog names: `dimension`,
`entity__dimension`, `metric_time`; a grain or date part is kept apart from the name.
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from metric_catalog.periods import Period

Scalar = str | int | float | bool | None
CompareOp = Literal[
    "=", "!=", "<", "<=", ">", ">=", "in", "contains", "prefix", "suffix", "is_null"
]
ComparisonKind = Literal["previous", "year", "holiday", "period", "members"]

METRIC_TIME = "metric_time"


@dataclass(frozen=True, slots=True)
class Compare:
    """`dimension op values`; `dimension` may carry `__grain` or `__extract_part`."""

    dimension: str
    op: CompareOp
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class MetricCondition:
    """Entities of `entity` (or groups, where empty: `having`) whose `metric` meets `op values`."""

    metric: str
    op: CompareOp
    values: tuple[Scalar, ...]
    entity: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class And:
    """All of `items`."""

    items: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of `items`."""

    items: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of `item`; unknown stays unknown, as in SQL."""

    item: "Filter"


Filter = And | Or | Not | Compare | MetricCondition


@dataclass(frozen=True, slots=True)
class GroupBy:
    """A dimension, entity or time dimension, with a grain or a date part where it is a time."""

    name: str
    grain: str | None = None
    date_part: str | None = None

    @property
    def column(self) -> str:
        """The result column: `name`, `name__grain` or `name__extract_part`."""
        if self.date_part:
            return f"{self.name}__extract_{self.date_part}"
        return f"{self.name}__{self.grain}" if self.grain else self.name


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a value is compared with; `period` only where `kind` is `period`.

    `previous` and `year` of a running period are its same days, `holiday` is a year before by the
    days from the festival. `members` sets groups beside each other and asks for nothing more.
    """

    kind: ComparisonKind
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class AveragePer:
    """The mean over the periods of `grain` inside the period asked (日均, 月均)."""

    grain: str


@dataclass(frozen=True, slots=True)
class CountGroups:
    """How many groups remain after `having` (超过100的部门有几个)."""


@dataclass(frozen=True, slots=True)
class ShareOfTotal:
    """Each group's part of the total over all groups of the same time cell (占比)."""


@dataclass(frozen=True, slots=True)
class RankWithin:
    """The rank of each group inside each member of `dimension`."""

    dimension: str


PostAggregation = AveragePer | CountGroups | ShareOfTotal | RankWithin


@dataclass(frozen=True, slots=True)
class Order:
    """One sort key: a column of the result."""

    by: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """Metrics by group-bys over periods. No metric = the distinct values of the group-bys.

    `periods` empty = all time; several periods give one row set each. `other` adds one row for
    all groups beyond `limit`; without a limit for all that the filters on the group-bys leave out
    (a member against the rest). `distinct=False` keeps duplicates of a query without metrics;
    `min_max_only` gives the least and greatest value of the only group-by.
    """

    metrics: tuple[str, ...] = ()
    group_by: tuple[GroupBy, ...] = ()
    filters: Filter | None = None
    having: Filter | None = None
    periods: tuple[Period, ...] = ()
    grain: str | None = None
    comparison: Comparison | None = None
    post: PostAggregation | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    other: bool = False
    distinct: bool = True
    min_max_only: bool = False

    def with_filter(self, condition: Filter) -> "MetricQuery":
        """Return the query narrowed by `condition`."""
        return replace(self, filters=both(self.filters, condition))


@dataclass(frozen=True, slots=True)
class CubeQuery:
    """All segments of up to `depth` of `dimensions` for the components of one metric at once.

    Rows carry one cell per dimension, the mask `__grouped` (bit i: split by dimension i, else the
    cell is null), the mask `__other` (bit i: all other members of dimension i together, the cell
    is null), and each component in the `current` and the `base` period; absent is 0.

    Members are those in `members` where it names the dimension, else the `most_members` with most
    rows; a missing member (null) is one of its own where `members` does not leave it out. All
    others are one, "other", so that the segments of a set always add up to the whole. Segments
    of two and more dimensions in which no component reaches `least_share` of the whole, in either
    period, are left out.
    """

    metric: str
    dimensions: tuple[str, ...]
    depth: int
    current: Period
    base: Period | None
    filters: Filter | None = None
    members: tuple[tuple[str, tuple[Scalar, ...]], ...] = ()
    most_members: int = 29
    least_share: float = 0.0


Query = MetricQuery | CubeQuery


def both(left: Filter | None, right: Filter | None) -> Filter | None:
    """Return the conjunction of two optional filters, flattened."""
    parts: list[Filter] = []
    for side in (left, right):
        if isinstance(side, And):
            parts.extend(side.items)
        elif side is not None:
            parts.append(side)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def filter_leaves(condition: Filter | None) -> tuple[Compare | MetricCondition, ...]:
    """Return every comparison in `condition`, left to right."""
    match condition:
        case None:
            return ()
        case And(items) | Or(items):
            return tuple(leaf for item in items for leaf in filter_leaves(item))
        case Not(item):
            return filter_leaves(item)
        case Compare() | MetricCondition():
            return (condition,)
        case _:
            assert_never(condition)


def iso(value: Scalar | dt.date | dt.datetime) -> Scalar:
    """Return `value` as JSON can hold it: dates as ISO text, everything else unchanged."""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value
