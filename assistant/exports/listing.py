"""Owns the metric list as a spreadsheet: every cell a text, so that nothing becomes a formula."""

from collections.abc import Mapping
from pathlib import Path

from metric_catalog.interchange.listing import Listing

HEADING_HEIGHT = 22
WIDE, NARROW = 40, 16
WIDE_COLUMNS = ("description", "caliber", "formula", "dimensions", "synonyms")
SHEET_NAME_LENGTH = 31
CELL_LENGTH = 32_767


def write_xlsx(table: Listing, headings: Mapping[str, str], file: Path) -> None:
    """Write the list to `file`; `headings` name the columns and, as `title`, the sheet.

    Raises OSError.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    book = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(headings["title"][:SHEET_NAME_LENGTH])
    head = book.add_format({"bold": True, "bottom": 1, "valign": "vcenter"})
    body = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 3)
    sheet.set_row(0, HEADING_HEIGHT)
    for place, key in enumerate(table.columns):
        sheet.set_column(place, place, WIDE if key in WIDE_COLUMNS else NARROW)
        sheet.write_string(0, place, headings.get(key, key), head)
    for line, row in enumerate(table.rows, start=1):
        for place, cell in enumerate(row):
            sheet.write_string(line, place, cell[:CELL_LENGTH], body)
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.columns) - 1)
    try:
        book.close()
    except FileCreateError as error:
        raise OSError(str(error)) from error
