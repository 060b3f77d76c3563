"""Owns CSV: the tables of a report, safe to open in a spreadsheet."""

import csv
import io
from pathlib import Path

from assistant.exports.report import Report, Table
from executors.result import Cell, json_cell

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
ENCODING = "utf-8-sig"
"""With the mark that lets spreadsheets read Chinese."""


def write(report: Report, path: Path) -> None:
    """Write every table with its header; several are parted by an empty line and the finding."""
    buffer = io.StringIO()
    rows = csv.writer(buffer, lineterminator="\n")
    tables = [(section.headline, section.table) for section in report.sections if section.table]
    for place, (headline, table) in enumerate(tables):
        if len(tables) > 1:
            if place:
                rows.writerow([])
            rows.writerow([guarded(headline)])
        rows.writerows(table_rows(table))
    path.write_text(buffer.getvalue(), ENCODING, newline="")


def table_rows(table: Table) -> list[list[object]]:
    """Return header and rows as they are written."""
    head: list[object] = [guarded(field.label) for field in table.fields]
    return [head, *([_cell(cell) for cell in row] for row in table.rows)]


def _cell(cell: Cell) -> object:
    return guarded(cell) if isinstance(cell, str) else json_cell(cell)


def guarded(text: str) -> str:
    """Return text with an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
