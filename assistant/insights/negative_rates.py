"""Owns rates whose denominator is zero or below: they are none, and no number is told of them."""

from dataclasses import replace

from assistant.insights.cells import DENOMINATOR, NUMERATOR
from executors.result import Cell, ResultTable


def without_negative_rates(table: ResultTable) -> ResultTable:
    """Return the table with every ratio whose denominator is negative left empty.

    The components stay, so that a reader sees why.
    """
    pairs = [(metric, below) for metric, below in _pairs(table) if _any_negative(table, below)]
    if not pairs:
        return table

    def cleared(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
        cells = list(row)
        for metric, below in pairs:
            if _is_negative(row[below]):
                cells[metric] = None
        return tuple(cells)

    return replace(table, rows=tuple(cleared(row) for row in table.rows))


def has_negative_rates(table: ResultTable) -> bool:
    """Return whether a ratio of the table has a negative denominator."""
    return any(_any_negative(table, below) for _, below in _pairs(table))


def has_rates_of_nothing(table: ResultTable) -> bool:
    """Return whether a ratio of the table has a denominator of 0 under something."""
    names = {column.name: place for place, column in enumerate(table.columns)}
    return any(
        row[below] == 0 and row[names[table.columns[metric].name + NUMERATOR]]
        for metric, below in _pairs(table)
        for row in table.rows
    )


def _pairs(table: ResultTable) -> list[tuple[int, int]]:
    """The places of each ratio and its denominator."""
    names = {column.name: place for place, column in enumerate(table.columns)}
    return [
        (place, names[name + DENOMINATOR])
        for name, place in names.items()
        if name + DENOMINATOR in names and name + NUMERATOR in names
    ]


def _any_negative(table: ResultTable, place: int) -> bool:
    return any(_is_negative(row[place]) for row in table.rows)


def _is_negative(cell: Cell) -> bool:
    return isinstance(cell, int | float) and cell < 0
