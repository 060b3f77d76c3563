"""Owns the reading of result cells: one metric by period, by member, over time."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from executors.result import Cell, ResultTable
from metric_catalog.periods import Period, as_day
from metric_catalog.query import MetricQuery

PERIOD_START, PERIOD_END = "period__start", "period__end"
NUMERATOR, DENOMINATOR = "__numerator", "__denominator"
NULL_MEMBER = "∅"
"""How a missing dimension value is written as a member."""


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
    """Return the metric by members of `dimensions` in `period`; empty where a column is missing.

    The table holds the period as one of several, as a unit of its grain, or as the only one.
    """
    names = {column.name: place for place, column in enumerate(table.columns)}
    if metric not in names or any(d not in names for d in dimensions):
        return {}
    keys = [names[d] for d in dimensions]
    read = _reader(names, metric)
    rows = _rows_of(table, names, period)
    if len(keys) == 1:
        (key,) = keys
        return {(member_of(row[key]),): read(row) for row in rows}
    return {tuple(member_of(row[key]) for key in keys): read(row) for row in rows}


def _rows_of(
    table: ResultTable, names: dict[str, int], period: Period
) -> Sequence[tuple[Cell, ...]]:
    """The rows of `period`."""
    if PERIOD_START in names:
        rows = _rows_at(table.rows, names[PERIOD_START], period.start)
        return _rows_at(rows, names[PERIOD_END], period.end) if PERIOD_END in names else rows
    if _is_only(table, period):
        return table.rows
    query = table.query
    time = next((place for place, c in enumerate(table.columns) if c.role == "time"), None)
    if time is None or not isinstance(query, MetricQuery) or query.grain is None:
        return ()
    # a unit of the grain: the asker knows that the period is one
    return _rows_at(table.rows, time, period.start)


def _rows_at(
    rows: Sequence[tuple[Cell, ...]], place: int, at: dt.datetime | None
) -> list[tuple[Cell, ...]]:
    """The rows whose time is `at`; a column of plain moments is compared as it is."""
    plain = rows and all(type(row[place]) is dt.datetime for row in rows)
    if plain and rows[0][place].tzinfo is None:  # type: ignore[union-attr]
        return [row for row in rows if row[place] == at]
    return [row for row in rows if moment(row[place]) == at]


def _is_only(table: ResultTable, period: Period) -> bool:
    query = table.query
    return isinstance(query, MetricQuery) and query.grain is None and query.periods == (period,)


def member_of(cell: Cell) -> str:
    """Return a dimension's cell as a member's name: null as `∅`, whole numbers without `.0`."""
    if type(cell) is str:  # most are
        return cell
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


def by_start(table: ResultTable, metric: str) -> dict[dt.datetime, Cells]:
    """Return the metric by the start of its period; empty where a column is missing."""
    names = {column.name: place for place, column in enumerate(table.columns)}
    if metric not in names:
        return {}
    times = [c.name for c in table.columns if c.role == "time" and c.name != PERIOD_END]
    times.sort(key=lambda name: name == PERIOD_START)
    starts = [moment(cell) for cell in table.values(times[0])] if times else _only_start(table)
    rows = zip(starts, table.rows, strict=False)
    read = _reader(names, metric)
    return {at: read(row) for at, row in rows if at is not None}


def _reader(names: dict[str, int], metric: str) -> Callable[[tuple[Cell, ...]], Cells]:
    """What reads a row's value and components; their places are looked up once."""
    value = names[metric]
    top, bottom = names.get(metric + NUMERATOR), names.get(metric + DENOMINATOR)
    if top is None or bottom is None:
        return lambda row: Cells(number(row[value]))
    return lambda row: Cells(number(row[value]), number(row[top]), number(row[bottom]))


def _only_start(table: ResultTable) -> list[dt.datetime | None]:
    """A query of one period without grain has no time column: its period dates the row."""
    if isinstance(table.query, MetricQuery) and len(table.query.periods) == 1:
        return [table.query.periods[0].start]
    return []


def moment(cell: Cell) -> dt.datetime | None:
    """Return a time cell as a moment: dates at midnight, ISO text parsed; None for no time."""
    if isinstance(cell, dt.datetime):
        return cell if cell.tzinfo is None else cell.replace(tzinfo=None)
    if isinstance(cell, dt.date):
        return as_day(cell)
    return dt.datetime.fromisoformat(cell) if isinstance(cell, str) else None


def number(cell: Cell) -> float | None:
    """Return a numeric cell as a float; None for nothing, not-a-number and everything else."""
    if type(cell) is float:  # most are
        return cell if cell - cell == 0 else None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    value = float(cell)
    return value if value - value == 0 else None
