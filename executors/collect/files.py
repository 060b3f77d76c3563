"""Owns loading a project's files into one DuckDB file, which is then opened read-only.

A new database is written beside the old one and swapped in whole: readers of the old file go on,
and a failure leaves what was loaded before. What was loaded is noted beside it.
"""

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from executors.collect.columns import typed
from executors.collect.delimited import read_delimited
from executors.collect.workbooks import SPREADSHEET, unpack
from executors.executor import ExecutorError

DELIMITED = (".csv", ".tsv")
PARQUET = ".parquet"
LOADER = "2"
"""Grows when files are read in another way, so that they are loaded again."""

_ILLEGAL = re.compile(r"\W+")


def table_name(text: str) -> str:
    """Return `text` as a table name: letters, digits and underscores, lower case."""
    name = _ILLEGAL.sub("_", text.strip()).strip("_").lower() or "table"
    return f"t_{name}" if name[0].isdigit() else name


def is_stale(files: Iterable[Path], target: Path, zone: str) -> bool:
    """Whether `target` is missing or holds anything but `files` as they are now."""
    try:
        return not target.exists() or _note(target).read_text("utf-8") != _state(files, zone)
    except FileNotFoundError:
        return True
    except OSError as error:
        raise ExecutorError("state_failed", cause=error.strerror or str(error)) from error


def load_files(files: Iterable[Path], target: Path, zone: str) -> tuple[str, ...]:
    """Write every file as a table of the DuckDB file `target`; return the tables' names.

    A table is called as its file; each sheet of a workbook with several is `<file>_<sheet>`.
    Moments with an offset become moments of `zone`. Raises ExecutorError naming the file that
    cannot be read, or two that give one name.
    """
    chosen = tuple(files)
    draft = target.with_name(f"{target.name}.{os.getpid()}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        state = _state(chosen, zone)
        made = _write(chosen, draft, zone)
        draft.replace(target)
        _note(target).write_text(state, "utf-8")
    except OSError as error:
        raise ExecutorError("state_failed", cause=error.strerror or str(error)) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return made


def _note(target: Path) -> Path:
    return target.with_suffix(".loaded")


def _state(files: Iterable[Path], zone: str) -> str:
    """Return a digest of names, sizes and times of the files, and of how they are read."""
    seen = [LOADER, zone]
    for file in files:
        state = file.stat()
        seen.append(f"{file}\x1f{state.st_size}\x1f{state.st_mtime_ns}")
    return hashlib.sha256("\x1e".join(seen).encode()).hexdigest()


def _write(files: Sequence[Path], draft: Path, zone: str) -> tuple[str, ...]:
    made: list[str] = []
    try:
        with contextlib.closing(duckdb.connect(str(draft))) as connection:
            for file in files:
                for name in _load(connection, file, zone):
                    if name in made:
                        raise ExecutorError("table_twice", table=name, file=file.name)
                    made.append(name)
    except duckdb.Error as error:
        raise ExecutorError("load_failed", cause=first_line(error)) from error
    return tuple(made)


def _load(connection: duckdb.DuckDBPyConnection, file: Path, zone: str) -> list[str]:
    kind = file.suffix.lower()
    with tempfile.TemporaryDirectory() as place:
        try:
            if kind == PARQUET:
                tables = {table_name(file.stem): connection.from_parquet(str(file))}
            elif kind in DELIMITED:
                tables = {table_name(file.stem): read_delimited(connection, file, Path(place))}
            elif kind == SPREADSHEET:
                tables = {
                    table_name(name): read_delimited(connection, sheet, Path(place), file.name)
                    for name, sheet in unpack(file, Path(place)).items()
                }
            else:
                raise ExecutorError("file_kind_unknown", file=file.name)
            for name, relation in tables.items():
                typed(relation, zone).create(name)
        except (duckdb.Error, ValueError, KeyError, OSError) as error:
            raise ExecutorError(
                "file_unreadable", file=file.name, cause=first_line(error)
            ) from error
    return list(tables)


def first_line(error: Exception) -> str:
    """Return what an error says first."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
