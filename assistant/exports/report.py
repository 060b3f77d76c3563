"""Owns `Report`: answered questions as plain data, ready to be written in any format."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assistant.insights.charts.matplotlib import BUILT_IN, Drawer
from assistant.insights.charts.spec import ChartSpec
from assistant.insights.charts.text import finite
from assistant.insights.figures import format_unit, format_unit_difference
from executors.result import Cell
from executors.statement import Role
from metric_catalog.model.definition import Language
from prompts.render import render


@dataclass(frozen=True, slots=True)
class Field:
    """One column: what people call it and how its numbers are written.

    `unit` None = text (a member, a time); `ratio` is a fraction shown as percent; a
    `difference` has its sign, of rates it is in percentage points.
    """

    name: str
    label: str
    role: Role
    unit: str | None = None
    decimals: int | None = None
    currency: str | None = None
    difference: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as they came, members and times already as people write them."""

    fields: tuple[Field, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def text(self, place: int, cell: Cell, language: Language) -> str:
        """Return the cell of column `place` as people read it."""
        column = self.fields[place]
        is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
        if column.unit is not None and (is_number or cell is None):
            number = float(cell) if isinstance(cell, int | float) else None
            form = format_unit_difference if column.difference else format_unit
            return form(finite(number), column.unit, language, column.decimals, column.currency)
        return "" if cell is None else str(cell)


@dataclass(frozen=True, slots=True)
class Section:
    """One answered question. Chips and receipt are (label, value) pairs."""

    answer_id: str
    question: str
    headline: str
    chips: tuple[tuple[str, str], ...] = ()
    chart: ChartSpec | None = None
    narrative: tuple[str, ...] = ()
    recommendation: tuple[str, ...] = ()
    table: Table | None = None
    receipt: tuple[tuple[str, str], ...] = ()
    sql: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Sections under a title; `made_on` is the day the answers were asked, not the clock's.

    `drawers` draw its charts by kind, where a format cannot hold a chart of its own.
    """

    title: str
    language: Language
    sections: tuple[Section, ...]
    made_on: dt.date | None = None
    drawers: Mapping[str, Drawer] = field(default_factory=lambda: BUILT_IN)

    def say(self, key: str, **arguments: object) -> str:
        """Return a text of the exports' room in the report's language."""
        return render(self.language, "exports", key, **arguments)


Exporter = Callable[[Report, Path], None]
"""Writes a report to a file; raises OSError where it cannot."""


def exporter_for(path: Path, exporters: Mapping[str, Exporter]) -> Exporter:
    """Return the exporter registered under the file's ending; raises KeyError with the known."""
    ending = path.suffix.lower().removeprefix(".")
    if ending not in exporters:
        raise KeyError(ending, *sorted(exporters))
    return exporters[ending]
