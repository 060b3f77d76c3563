"""Owns taking a workbook apart: every sheet with a table becomes a CSV file."""

import csv
import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from executors.executor import ExecutorError

SPREADSHEET = ".xlsx"
HEADER_SEARCH = 20
"""How many rows may stand above the header."""

Row = Sequence[Any]


def unpack(file: Path, place: Path) -> dict[str, Path]:
    """Write each sheet of `file` into the folder `place`; return the files by table name.

    A workbook with one table gives its own name, else `<file>_<sheet>`. Rows above the header
    (a title) and empty rows and columns are left out. Raises ExecutorError.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError) as error:
        raise ExecutorError("workbook_unreadable", file=file.name) from error
    tables: dict[str, list[Row]] = {}
    try:
        for sheet in book.worksheets:
            rows = _table(sheet.iter_rows(values_only=True))
            if rows:
                tables[sheet.title] = rows
    finally:
        book.close()
    if not tables:
        raise ExecutorError("file_empty", file=file.name)
    names = {t: file.stem if len(tables) == 1 else f"{file.stem}_{t}" for t in tables}
    written = {}
    for number, (title, rows) in enumerate(tables.items()):
        target = place / f"{number}.csv"
        with target.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, quoting=csv.QUOTE_MINIMAL).writerows(rows)
        written[names[title]] = target
    return written


def _table(rows: Iterable[Row]) -> list[Row]:
    """Return header and rows as text, without what is empty; none where there is no header."""
    rest = iter(rows)
    above = list(islice(rest, HEADER_SEARCH))
    filled = [sum(cell is not None for cell in row) for row in above]
    least = min(2, max(filled, default=0))
    start = next((i for i, count in enumerate(filled) if count and count >= least), None)
    if start is None:
        return []
    header = above[start]
    kept = [i for i, cell in enumerate(header) if cell is not None and str(cell).strip()]
    body = (
        [_text(row[i]) if i < len(row) else "" for i in kept]
        for row in (*above[start + 1 :], *rest)
    )
    return [[str(header[i]).strip() for i in kept], *(row for row in body if any(row))]


def _text(cell: Any) -> str:
    """Return a cell as CSV has it: days as ISO, whole floats without a fraction."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case dt.datetime():
            return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case _:
            return str(cell)
