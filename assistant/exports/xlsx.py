"""Owns XLSX: one sheet per answer; text stays text, numbers keep their formats."""

from pathlib import Path
from typing import TYPE_CHECKING

from assistant.exports.formats import number_format
from assistant.exports.report import Report, Section, Table
from executors.result import Cell, json_cell

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

FORBIDDEN = "[]:*?/\\'"
LONGEST_NAME = 31
"""What Excel allows in a sheet's name."""
LARGEST = 1e300
WIDE, NARROW = 22, 16


def write(report: Report, path: Path) -> None:
    """Write the workbook: finding, chips, narrative, table and receipt of every answer."""
    from xlsxwriter import Workbook

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(str(path), options) as book:
        book.set_properties({"title": report.title})
        bold = book.add_format({"bold": True})
        for number, section in enumerate(report.sections, 1):
            sheet = book.add_worksheet(sheet_name(number, section.headline))
            _write_section(section, book, sheet, bold)
        if not report.sections:
            book.add_worksheet()


def sheet_name(number: int, headline: str) -> str:
    """Return a name that Excel takes and no other sheet has."""
    kept = "".join(" " if c in FORBIDDEN else c for c in headline).strip()
    return f"{number} {kept}"[:LONGEST_NAME].strip()


def _write_section(section: Section, book: "Workbook", sheet: "Worksheet", bold: "Format") -> None:
    sheet.set_column(0, 0, WIDE)
    sheet.set_column(1, 12, NARROW)
    sheet.write_string(0, 0, section.headline, bold)
    row = 1
    for label, value in (*section.chips, *section.receipt):
        sheet.write_string(row, 0, label)
        sheet.write_string(row, 1, value)
        row += 1
    for line in (*section.narrative, *section.recommendation):
        sheet.write_string(row, 0, line)
        row += 1
    if section.table is not None:
        _write_table(section.table, book, sheet, row + 1, bold)


def _write_table(
    table: Table, book: "Workbook", sheet: "Worksheet", top: int, bold: "Format"
) -> None:
    formats = [
        None
        if field.unit is None
        else book.add_format(
            {
                "num_format": number_format(
                    field.unit, field.decimals, field.currency, field.difference
                )
            }
        )
        for field in table.fields
    ]
    for column, field in enumerate(table.fields):
        sheet.write_string(top, column, field.label, bold)
    for place, row in enumerate(table.rows, 1):
        for column, cell in enumerate(row):
            _write_cell(sheet, top + place, column, cell, formats[column])


def _write_cell(
    sheet: "Worksheet", row: int, column: int, cell: Cell, shown: "Format | None"
) -> None:
    value = json_cell(cell)
    if value is None:
        sheet.write_blank(row, column, None, shown)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float) and abs(value) < LARGEST:
        sheet.write_number(row, column, value, shown)
    else:
        sheet.write_string(row, column, str(value))
