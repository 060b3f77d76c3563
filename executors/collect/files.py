"""Owns loading a project's files into one DuckDB file, which is then opened read-only.

A new database is written beside the old one and swapped in whole: readers of the old file go on,
and a failure leaves what was loaded before.
"""

import contextlib
import re
from collections.abc import Iterable
from pathlib import Path

import duckdb

from executors.executor import ExecutorError

SPREADSHEET = ".xlsx"
READERS = {".csv": "read_csv", ".tsv": "read_csv", ".parquet": "read_parquet"}
_ILLEGAL = re.compile(r"\W+")


def table_name(text: str) -> str:
    """Return `text` as a table name: letters, digits and underscores, lower case."""
    name = _ILLEGAL.sub("_", text.strip()).strip("_").lower() or "table"
    return f"t_{name}" if name[0].isdigit() else name


def is_stale(files: Iterable[Path], target: Path) -> bool:
    """Whether `target` is missing or older than one of `files`."""
    if not target.exists():
        return True
    made = target.stat().st_mtime_ns
    return any(file.stat().st_mtime_ns > made for file in files)


def load_files(files: Iterable[Path], target: Path) -> tuple[str, ...]:
    """Write every file as a table of the DuckDB file `target`; return the tables' names.

    A table is called as its file; each sheet of a workbook with several is `<file>_<sheet>`.
    Raises ExecutorError naming the file that cannot be read, or two that give one name.
    """
    draft = target.with_name(target.name + ".new")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.unlink(missing_ok=True)
    made: list[str] = []
    try:
        with contextlib.closing(duckdb.connect(str(draft))) as connection:
            for file in files:
                for name in _load(connection, file):
                    if name in made:
                        raise ExecutorError("table_twice", table=name, file=file.name)
                    made.append(name)
        draft.replace(target)
    except OSError as error:
        raise ExecutorError("state_failed", cause=error.strerror or str(error)) from error
    finally:
        draft.unlink(missing_ok=True)
    return tuple(made)


def _load(connection: duckdb.DuckDBPyConnection, file: Path) -> list[str]:
    try:
        if file.suffix.lower() == SPREADSHEET:
            return _load_workbook(connection, file)
        reader = READERS.get(file.suffix.lower())
        if reader is None:
            raise ExecutorError("file_kind_unknown", file=file.name)
        name = table_name(file.stem)
        relation = getattr(connection, reader)(str(file))
        relation.create(name)
        return [name]
    except (duckdb.Error, ValueError, KeyError, OSError) as error:
        cause = str(error).strip().splitlines()[0][:200] if str(error).strip() else "unreadable"
        raise ExecutorError("file_unreadable", file=file.name, cause=cause) from error


def _load_workbook(connection: duckdb.DuckDBPyConnection, file: Path) -> list[str]:
    import pandas as pd
    import pyarrow as pa

    sheets = pd.read_excel(file, sheet_name=None)
    names = []
    for sheet, frame in sheets.items():
        if frame.empty and not len(frame.columns):
            continue
        name = table_name(file.stem if len(sheets) == 1 else f"{file.stem}_{sheet}")
        frame.columns = [str(column) for column in frame.columns]
        connection.from_arrow(pa.Table.from_pandas(frame, preserve_index=False)).create(name)
        names.append(name)
    return names
