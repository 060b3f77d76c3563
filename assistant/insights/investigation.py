"""Owns `Intent` and `Investigation`: what is asked of the numbers, for the detectors to follow."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from assistant.insights.finding import Finding
from executors.result import ResultTable
from metric_catalog.calendars import Calendar
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import Grain, Period, as_day, is_complete
from metric_catalog.query import And, Compare, MetricQuery, Query

Intent = Literal[
    "value", "trend", "comparison", "breakdown", "ranking", "share", "growth", "cumulative",
    "average", "extreme", "threshold", "attainment", "explain", "anomaly", "forecast",
    "definition", "catalog",
]  # fmt: skip

MAX_ROUNDS = 4


@dataclass(frozen=True)
class Investigation:
    """The question in numbers. `current` is compared with `base` where both are known.

    `query` is what was asked; `metric` its first metric; `split_by` the dimensions worth
    splitting by, best first; `related` other governed metrics by id (drivers, profile);
    `history_start` is the first day of the data, where known. `running`: the period is the part
    that is over of a unit that is not (this month, 本月). `lost_base`: what was to be compared with
    is over before the data begin. `row_grain`: the grain of the rows' time, days where it is finer;
    nothing can be looked through by less.
    """

    query: MetricQuery
    intent: Intent
    metric: Metric
    as_of: dt.date
    calendar: Calendar
    current: Period | None
    base: Period | None
    split_by: tuple[str, ...] = ()
    related: Mapping[str, Metric] | None = None
    history_start: dt.date | None = None
    running: bool = False
    lost_base: bool = False
    row_grain: Grain = Grain.DAY

    @property
    def narrowed(self) -> dict[str, Compare]:
        """The conditions that narrow the question to one member of a dimension, by dimension."""
        filters = self.query.filters
        items = filters.items if isinstance(filters, And) else (filters,)
        leaves = [item for item in items if isinstance(item, Compare) and item.op in ("=", "in")]
        return {leaf.dimension: leaf for leaf in leaves if len(leaf.values) == 1}

    @property
    def worth_splitting(self) -> tuple[str, ...]:
        """Of `split_by` those of which the question names no member, but for one it groups by."""
        grouped = {item.name for item in self.query.group_by}
        return tuple(d for d in self.split_by if d in grouped or d not in self.narrowed)

    @property
    def is_under_way(self) -> bool:
        """Whether the period asked has begun and is not over: it, or the unit it is a part of."""
        current, today = self.current, as_day(self.as_of)
        if current is None or current.end is None:
            return False
        if current.start is not None and current.start > today:
            return False
        return self.running or not is_complete(current, self.as_of)

    @property
    def judges(self) -> bool:
        """Whether it is asked if the period as a whole was normal, not which parts were odd."""
        return self.intent == "anomaly" and self.query.grain is None


@dataclass(frozen=True, slots=True)
class Ask:
    """The queries whose tables the detector needs next."""

    queries: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What the detector found; nothing is a finding too."""

    findings: tuple[Finding, ...] = ()


class Detector(Protocol):
    """Finds one kind of thing. Never runs a query itself: it asks, and gets tables by query."""

    @property
    def name(self) -> str:
        """What the detector is called."""
        ...

    def step(self, investigation: Investigation, tables: Mapping[Query, ResultTable]) -> Ask | Done:
        """Return the queries still needed (none of them in `tables`), or the findings."""
        ...
