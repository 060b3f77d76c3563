"""Result tables made by hand, for the tests of detectors."""

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from assistant.insights.investigation import Intent, Investigation
from executors.result import Cell, ResultTable
from executors.statement import Column
from metric_catalog.calendars import Calendar
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import Grain, Period, shift
from metric_catalog.query import MetricQuery, Query

AS_OF = dt.date(2026, 11, 1)
OCTOBER = Period.of_days(dt.date(2026, 10, 1), dt.date(2026, 10, 31))
SEPTEMBER = Period.of_days(dt.date(2026, 9, 1), dt.date(2026, 9, 30))
CALENDAR = Calendar()


def metric(metric_id: str = "sales", **more: Any) -> Metric:
    """A simple metric; `more` are fields of the definition."""
    of = {"type": "simple", "model": "orders", "measure": "amount"}
    return Metric(**{"id": metric_id, "name": metric_id, "of": of, **more})


def investigation(
    intent: Intent = "explain",
    current: Period | None = OCTOBER,
    base: Period | None = SEPTEMBER,
    split_by: tuple[str, ...] = (),
    of: Metric | None = None,
    query: MetricQuery | None = None,
    **more: Any,
) -> Investigation:
    """An investigation of `sales` in October against September."""
    chosen = of or metric()
    asked = query or MetricQuery((chosen.id,))
    return Investigation(
        asked, intent, chosen, more.pop("as_of", AS_OF), CALENDAR, current, base, split_by, **more
    )


def table(
    query: Query, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Cell]]
) -> ResultTable:
    """A result table; columns are (name, role)."""
    named = tuple(Column(name, role) for name, role in columns)  # type: ignore[arg-type]
    return ResultTable(query, named, tuple(tuple(row) for row in rows))


Sides = Mapping[Period, Mapping[str, Sequence[float | None]]]


def split_table(query: MetricQuery, dimension: str | None, sides: Sides) -> ResultTable:
    """Rows per period and member; cells are (value,) or (value, numerator, denominator)."""
    name = query.metrics[0]
    width = max(len(cells) for side in sides.values() for cells in side.values())
    grain = query.grain
    times = [f"metric_time__{grain}"] if grain else ["period__start", "period__end"]
    columns = [(time, "time") for time in times]
    columns += [(dimension, "dimension")] if dimension else []
    columns += [
        (name, "metric"),
        (f"{name}__numerator", "component"),
        (f"{name}__denominator", "component"),
    ][:width]
    rows: list[list[Cell]] = []
    for period, side in sides.items():
        if any(asked.intersect(period) == period for asked in query.periods):
            at: list[Cell] = [period.start] if grain else [period.start, period.end]
            for member, cells in side.items():
                key: list[Cell] = [member] if dimension else []
                rows.append([*at, *key, *cells])
    return table(query, columns, rows)


def series_table(
    query: MetricQuery, grain: Grain, values: Mapping[dt.datetime, float]
) -> ResultTable:
    """Rows per unit of `grain`."""
    columns = [(f"metric_time__{grain}", "time"), (query.metrics[0], "metric")]
    return table(query, columns, [[at, value] for at, value in values.items()])


def months_back(period: Period, count: int) -> list[Period]:
    """The `count` months before the month `period`, oldest first."""
    start = period.bounds()[0]
    edges = [shift(start, -back, Grain.MONTH) for back in range(count, -1, -1)]
    return [Period(a, b) for a, b in pairwise(edges)]
