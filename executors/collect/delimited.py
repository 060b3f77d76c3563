"""Owns reading CSV and TSV: in which letters, with which columns, and whether days are certain.

DuckDB finds separator, header and types; what it would guess in silence is an error here.
"""

import codecs
import re
from itertools import islice
from pathlib import Path

import duckdb
from duckdb import ColumnExpression, ConstantExpression, FunctionExpression

from executors.executor import ExecutorError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CHINESE = "gb18030"
"""What spreadsheets write in Chinese where it is not UTF-8."""

CHUNK = 1 << 20
SEPARATORS = re.compile(r"[,;\t|]")
ALL_ROWS = -1
NO_DIALECT = "Error when sniffing"
"""How DuckDB says that no separator cuts all rows into the same columns."""

SNIFF = "SELECT Delimiter, SkipRows FROM sniff_csv(?, sample_size = ?)"

YEAR_LAST = r"^\s*\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})(\D.*)?$"
SHORT_YEAR = r"^\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(\D.*)?$"
DAY_FIRST = r"^\s*(1[3-9]|2\d|3[01])[-/.]"
DAY_SECOND = r"^\s*\d{1,2}[-/.](1[3-9]|2\d|3[01])[-/.]"
"""Ways to write a date without its year in front; a number above 12 is no month."""


def read_delimited(
    connection: duckdb.DuckDBPyConnection, file: Path, place: Path, named: str | None = None
) -> duckdb.DuckDBPyRelation:
    """Return the rows of `file` with the types that all of them fit.

    `place` is a folder for a copy in UTF-8 where one is needed, `named` what people call the
    file. Raises ExecutorError: an empty file, letters that cannot be read, rows of unequal
    length, days and months that cannot be told apart.
    """
    name = named or file.name
    source = _in_utf8(file, place, name)
    if not source.stat().st_size:
        raise ExecutorError("file_empty", file=name)
    try:
        relation = connection.read_csv(str(source), sample_size=ALL_ROWS)
    except duckdb.InvalidInputException as error:
        code = "rows_uneven" if NO_DIALECT in str(error) else "file_unreadable"
        raise ExecutorError(code, file=name, cause=str(error).splitlines()[0]) from error
    alone = len(relation.columns) == 1 and SEPARATORS.search(relation.columns[0])
    if alone or _leaves_out_rows(connection, source, relation.columns[0]):
        raise ExecutorError("rows_uneven", file=name)
    days = [
        column
        for column, kind in zip(relation.columns, relation.types, strict=True)
        if str(kind).startswith(("DATE", "TIMESTAMP"))
    ]
    if days:
        texts = connection.read_csv(str(source), all_varchar=True, header=True)
        for column in days:
            if column in texts.columns and _is_unclear(texts, column):
                raise ExecutorError("date_unclear", file=name, column=column)
    return relation


def _leaves_out_rows(connection: duckdb.DuckDBPyConnection, source: Path, first: str) -> bool:
    """Whether DuckDB begins below the first line and leaves out more than a title.

    It skips rows that are shorter than those after them, be they header and data.
    """
    with source.open(encoding="utf-8", errors="replace") as lines:
        if first in lines.readline():
            return False
        (found,) = connection.execute(SNIFF, [str(source), ALL_ROWS]).fetchall()
        separator, skipped = found
        lines.seek(0)
        return any(separator in line for line in islice(lines, skipped))


def _is_unclear(texts: duckdb.DuckDBPyRelation, column: str) -> bool:
    """Whether no value shows which number of its dates is the day."""

    def has(pattern: str) -> bool:
        fits = FunctionExpression(
            "regexp_matches", ColumnExpression(column), ConstantExpression(pattern)
        )
        return bool(texts.filter(fits).limit(1).fetchall())

    if not has(YEAR_LAST):
        return False
    return has(SHORT_YEAR) or has(DAY_FIRST) == has(DAY_SECOND)


def _in_utf8(file: Path, place: Path, name: str) -> Path:
    encoding = _encoding(file)
    if encoding is None:
        return file
    copy = place / f"{file.stem}.utf8{file.suffix}"
    try:
        with (
            file.open(encoding=encoding, newline="") as source,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            while part := source.read(CHUNK):
                target.write(part)
    except UnicodeError as error:
        raise ExecutorError("file_letters", file=name) from error
    return copy


def _encoding(file: Path) -> str | None:
    """Return the encoding to read `file` with, None where it is plain UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as source:
        start = source.read(len(codecs.BOM_UTF8))
        for mark, encoding in MARKS:
            if start.startswith(mark):
                return encoding
        source.seek(0)
        try:
            while part := source.read(CHUNK):
                decoder.decode(part)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return CHINESE
    return None
