"""Owns the two periods of a comparison: their query, and how rows of several periods are read."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from assistant.insights.history import PERIOD_END, PERIOD_START, moment, number
from assistant.insights.investigation import Investigation
from executors.result import Cell, ResultTable
from metric_catalog.periods import Period
from metric_catalog.query import GroupBy, MetricQuery

NUMERATOR, DENOMINATOR = "__numerator", "__denominator"
NULL_MEMBER = "∅"
"""How a missing dimension value is written as a member."""

Direction = Literal["up", "down", "flat"]


def direction(size: float | None) -> Direction | None:
    """Return which way a size points."""
    if size is None:
        return None
    return "up" if size > 0 else "down" if size < 0 else "flat"


@dataclass(frozen=True, slots=True)
class Cells:
    """One metric in one cell of a result; the components are None where it has none."""

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None

    @property
    def has_components(self) -> bool:
        """Whether numerator and denominator are both known."""
        return self.numerator is not None and self.denominator is not None


def value_query(investigation: Investigation) -> MetricQuery:
    """Return the query of the metric's total in the current and the base period."""
    sides = (investigation.current, investigation.base)
    periods = tuple(dict.fromkeys(p for p in sides if p is not None))
    filters = investigation.query.filters
    return MetricQuery((investigation.metric.id,), filters=filters, periods=periods)


def split_query(
    investigation: Investigation, dimension: str, periods: tuple[Period, ...]
) -> MetricQuery:
    """Return the query of the metric by `dimension` over `periods`, each once."""
    return MetricQuery(
        (investigation.metric.id,),
        (GroupBy(dimension),),
        investigation.query.filters,
        periods=tuple(dict.fromkeys(periods)),
    )


def total(table: ResultTable, metric: str, period: Period | None) -> Cells:
    """Return the metric in `period` from a table without group-bys; empty cells where absent."""
    if period is None:
        return Cells()
    return by_member(table, metric, (), period).get((), Cells())


def members(table: ResultTable, metric: str, dimension: str, period: Period) -> dict[str, Cells]:
    """Return the metric by member of `dimension` in `period`; members without a row are absent."""
    found = by_member(table, metric, (dimension,), period)
    return {key[0]: cells for key, cells in found.items()}


def by_member(
    table: ResultTable, metric: str, dimensions: tuple[str, ...], period: Period
) -> dict[tuple[str, ...], Cells]:
    """Return the metric by members of `dimensions` in `period`; empty where a column is missing."""
    names = {column.name: place for place, column in enumerate(table.columns)}
    if metric not in names or any(d not in names for d in dimensions):
        return {}
    keys = [names[d] for d in dimensions]
    found: dict[tuple[str, ...], Cells] = {}
    for row in table.rows:
        if _in_period(table, row, names, period):
            cells = [
                number(row[names[name]]) if name in names else None
                for name in (metric, metric + NUMERATOR, metric + DENOMINATOR)
            ]
            found[tuple(member_of(row[key]) for key in keys)] = Cells(*cells)
    return found


def _in_period(
    table: ResultTable, row: tuple[Cell, ...], names: dict[str, int], period: Period
) -> bool:
    if PERIOD_START not in names:
        return isinstance(table.query, MetricQuery) and table.query.periods == (period,)
    start = moment(row[names[PERIOD_START]])
    end = moment(row[names[PERIOD_END]]) if PERIOD_END in names else period.end
    return (start, end) == (period.start, period.end)


def member_of(cell: Cell) -> str:
    """Return a dimension's cell as a member's name: null as `∅`, whole numbers without `.0`."""
    if cell is None:
        return NULL_MEMBER
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)


def stored_values(table: ResultTable, dimension: str) -> dict[str, Cell]:
    """Return the stored value of every member of `dimension` in the table."""
    if all(column.name != dimension for column in table.columns):
        return {}
    return {member_of(cell): cell for cell in table.values(dimension)}
