"""A tiny metric engine over rows in memory: answers queries by brute force, for detectors."""

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from assistant.insights.finding import Finding
from assistant.insights.investigation import Investigation
from assistant.insights.rounds import ForIntents, investigate
from executors.result import Cell, ResultTable
from executors.statement import Column
from metric_catalog.periods import Grain, Period, floor
from metric_catalog.query import (
    And,
    Compare,
    CubeQuery,
    Filter,
    MetricCondition,
    MetricQuery,
    Not,
    Or,
    Query,
)

Row = Mapping[str, Any]
Measure = Callable[[Sequence[Row]], tuple[float | None, ...]]


def total_of(field: str) -> Measure:
    """A sum."""
    return lambda rows: (math.fsum(row[field] for row in rows),)


def rate_of(top: str, bottom: str) -> Measure:
    """A ratio of sums with its components."""

    def measure(rows: Sequence[Row]) -> tuple[float | None, ...]:
        n, d = math.fsum(row[top] for row in rows), math.fsum(row[bottom] for row in rows)
        return (n / d if d else None, n, d)

    return measure


def count_of(field: str) -> Measure:
    """A distinct count."""
    return lambda rows: (float(len({row[field] for row in rows})),)


@dataclass
class Engine:
    """Rows with a moment `at`, and measures by metric id."""

    rows: Sequence[Row]
    measures: Mapping[str, Measure]

    def run(self, queries: tuple[Query, ...]) -> dict[Query, ResultTable]:
        """Answer what can be answered."""
        return {q: t for q in queries if (t := self.answer(q)) is not None}

    def answer(self, query: Query) -> ResultTable | None:
        """One table, None where a metric is not known."""
        assert not isinstance(query, CubeQuery)
        if any(name not in self.measures for name in query.metrics):
            return None
        names = [item.column for item in query.group_by]
        grain = Grain(query.grain) if query.grain else None
        groups: dict[tuple[Cell, ...], list[Row]] = {}
        for period in query.periods:
            for row in self.rows:
                if period.contains(row["at"]) and holds(query.filters, row):
                    groups.setdefault(_key(row, period, query, grain, names), []).append(row)
        columns, rows = _keys(query, grain, names), {key: list(key) for key in groups}
        for name in query.metrics:
            cells = {key: self.measures[name](found) for key, found in groups.items()}
            columns += _parts(name)[: max(map(len, cells.values()), default=1)]
            for key, row in rows.items():
                row += cells[key]
        return ResultTable(
            query, tuple(columns), tuple(tuple(rows[key]) for key in sorted(rows, key=str))
        )

    def findings(self, detector: ForIntents, asked: Investigation) -> tuple[Finding, ...]:
        """What one detector finds."""
        return investigate(asked, [detector], self.run)


def _key(
    row: Row, period: Period, query: MetricQuery, grain: Grain | None, names: Sequence[str]
) -> tuple[Cell, ...]:
    times: tuple[Cell, ...] = (period.start, period.end) if len(query.periods) > 1 else ()
    times += (floor(row["at"], grain),) if grain else ()
    return (*times, *(row[name] for name in names))


def _keys(query: MetricQuery, grain: Grain | None, names: Sequence[str]) -> list[Column]:
    several = ["period__start", "period__end"] if len(query.periods) > 1 else []
    times = several + ([f"metric_time__{grain}"] if grain else [])
    return [
        *(Column(time, "time") for time in times),
        *(Column(dimension, "dimension") for dimension in names),
    ]


def _parts(name: str) -> list[Column]:
    return [Column(name, "metric", name), Column(f"{name}__numerator", "component", name),
            Column(f"{name}__denominator", "component", name)]  # fmt: skip


def holds(condition: Filter | None, row: Row) -> bool:
    """Whether the row meets the condition; unknown counts as no, also under `not`, as in SQL."""
    return _truth(condition, row) is True


def _truth(condition: Filter | None, row: Row) -> bool | None:
    match condition:
        case None:
            return True
        case And(items):
            found = [_truth(item, row) for item in items]
            return False if False in found else None if None in found else True
        case Or(items):
            found = [_truth(item, row) for item in items]
            return True if True in found else None if None in found else False
        case Not(item):
            inner = _truth(item, row)
            return None if inner is None else not inner
        case Compare(dimension, "is_null", _):
            return row[dimension] is None
        case Compare(dimension, "=", values):
            return None if row[dimension] is None else row[dimension] == values[0]
        case Compare(dimension, "!=", values):
            return None if row[dimension] is None else row[dimension] != values[0]
        case Compare(dimension, "in", values):
            return None if row[dimension] is None else row[dimension] in values
        case Compare() | MetricCondition():
            raise NotImplementedError(condition)
        case _:
            assert_never(condition)


def days_of(first: str, count: int) -> list[dt.datetime]:
    """`count` days from `first`."""
    start = dt.datetime.fromisoformat(first)
    return [start + dt.timedelta(days=place) for place in range(count)]
