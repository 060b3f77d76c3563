"""Owns `ResultTable`: the rows that answer a query, with column roles and the data's date."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from executors.statement import Column
from metric_catalog.query import Query

if TYPE_CHECKING:
    import pandas as pd

Cell = str | int | float | bool | dt.date | dt.datetime | None


@dataclass(frozen=True)
class ResultTable:
    """Rows of `query`, at most as many as the executor's limit (else `truncated`).

    `data_as_of` is the day after the last complete day of the data, where known.
    """

    query: Query
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    truncated: bool = False
    data_as_of: dt.date | None = None

    @property
    def frame(self) -> "pd.DataFrame":
        """The rows as a pandas frame, columns by name."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=[column.name for column in self.columns])

    def index(self, name: str) -> int:
        """Return the position of column `name`; raises KeyError."""
        for position, column in enumerate(self.columns):
            if column.name == name:
                return position
        raise KeyError(name)

    def values(self, name: str) -> tuple[Cell, ...]:
        """Return the cells of column `name`, top to bottom."""
        position = self.index(name)
        return tuple(row[position] for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """Return {columns, rows, truncated, data_as_of} as in the contracts."""
        return {
            "columns": [{"name": c.name, "role": c.role} for c in self.columns],
            "rows": [[json_cell(cell) for cell in row] for row in self.rows],
            "truncated": self.truncated,
            "data_as_of": self.data_as_of.isoformat() if self.data_as_of else None,
        }


def plain_cell(value: Any) -> Cell:
    """Return a database cell as a plain Python value (decimals and huge integers as float/int)."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if value is None or isinstance(value, str | int | float | bool | dt.date):
        return value
    return str(value)


def json_cell(value: Cell) -> Any:
    """Return a cell as JSON: dates `YYYY-MM-DD` at midnight, not-a-number as null."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, dt.date) else value
