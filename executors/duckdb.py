"""Owns the DuckDB executor: one file opened read-only and locked down, one SELECT at a time."""

import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from executors.executor import ExecutorError, Limits
from executors.result import ResultTable, plain_cell
from executors.statement import Parameter, Statement
from metric_catalog.query import Query

DIALECT = "duckdb"
COLUMNS = """
SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
ORDER BY table_schema, table_name, ordinal_position
"""
MOST_COLUMNS = 1_000_000
LOCKED = "Could not set lock"
"""How DuckDB says that another process has the file open for writing."""
DAMAGED = ("Could not read", "Corrupt", "checksum")
"""How DuckDB says that blocks of the file cannot be read, as opposed to a disk that is full."""
LOCK_DOWN: Mapping[str, str | bool | int] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
}
LOCKED_IN = "SELECT current_setting('lock_configuration'), current_setting('TimeZone')"
ZONED = "SELECT count(*) FROM duckdb_columns() WHERE NOT internal AND data_type LIKE '%TIME ZONE%'"


@dataclass
class DuckDBExecutor:
    """Runs statements on the DuckDB file at `path`; connects at the first one.

    `data_as_of` is stamped on every result. One connection, one cursor per thread.
    """

    path: Path
    limits: Limits = field(default_factory=Limits)
    data_as_of: dt.date | None = None
    dialect: str = DIALECT
    _connection: duckdb.DuckDBPyConnection | None = None
    _columns: dict[str, dict[str, str]] | None = None
    _running: set[duckdb.DuckDBPyConnection] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, statement: Statement, query: Query) -> ResultTable:
        """Return the rows of `statement`, cut at the row limit; raises ExecutorError."""
        rows = self.fetch(statement.sql(DIALECT), dict(statement.parameters), self.limits.rows + 1)
        return ResultTable(
            query=query,
            columns=statement.columns,
            rows=rows[: self.limits.rows],
            truncated=len(rows) > self.limits.rows,
            data_as_of=self.data_as_of,
        )

    def fetch(
        self, sql: str, parameters: Mapping[str, Parameter], count: int
    ) -> tuple[tuple[Any, ...], ...]:
        """Return at most `count` rows of one SELECT; raises ExecutorError on anything else."""
        cursor = self._open().cursor()
        with self._lock:
            self._running.add(cursor)
        try:
            cursor.execute(_one_select(cursor, sql), dict(parameters))
            rows = cursor.fetchmany(count)
        except duckdb.InterruptException as error:
            raise ExecutorError("query_stopped") from error
        except duckdb.Error as error:
            raise _failure(error) from error
        finally:
            with self._lock:
                self._running.discard(cursor)
            cursor.close()
        return tuple(tuple(plain_cell(cell) for cell in row) for row in rows)

    def columns(self) -> dict[str, dict[str, str]]:
        """Return the type of every column by table and name; `schema.table` outside `main`."""
        if self._columns is None:
            found: dict[str, dict[str, str]] = {}
            for schema, table, column, kind in self.fetch(COLUMNS, {}, MOST_COLUMNS):
                name = table if schema == "main" else f"{schema}.{table}"
                found.setdefault(name, {})[column] = kind
            self._columns = found
        return {name: dict(types) for name, types in self._columns.items()}

    def interrupt(self) -> None:
        """Stop the statements that run now; they raise ExecutorError."""
        with self._lock:
            for cursor in self._running:
                cursor.interrupt()

    def close(self) -> None:
        """Close the connection; a later run opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            self._columns = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._connection is None:
                self._connection = connect(self.path, self.limits)
            return self._connection


def _one_select(cursor: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """Return the statement in `sql`; raises ExecutorError where it is not one SELECT.

    Read-only is not enough: temporary tables, macros and settings are still open there.
    """
    found = cursor.extract_statements(sql)
    if len(found) != 1 or found[0].type != duckdb.StatementType.SELECT:
        raise ExecutorError("not_one_select")
    return found[0]


def connect(path: Path, limits: Limits) -> duckdb.DuckDBPyConnection:
    """Return a locked-down read-only connection to `path`; raises ExecutorError."""
    if not path.exists():
        raise ExecutorError("database_missing", path=path.name)
    config: dict[str, str | bool | int] = {
        **LOCK_DOWN,
        "memory_limit": limits.memory,
        "threads": limits.threads,
        "max_execution_time": limits.milliseconds,
    }
    try:
        connection = duckdb.connect(str(path), read_only=True, config=dict(config))
        _lock(connection, limits.zone)
        return connection
    except duckdb.Error as error:
        if LOCKED in str(error):
            raise ExecutorError("database_locked", path=path.name) from error
        raise ExecutorError(
            "database_unreadable", path=path.name, cause=_first_line(error)
        ) from error


def _lock(connection: duckdb.DuckDBPyConnection, zone: str) -> None:
    """Set the zone, which cannot be set while the file is opened, and lock all settings.

    Connections of one process to one file share the settings, so the first one has done it. One
    that another has locked in another zone serves where no column has a zone to be counted in.
    """
    found = connection.execute(LOCKED_IN).fetchone()
    if found is not None and found[0] and connection.execute(ZONED).fetchone() == (0,):
        return
    if found != (True, zone):
        connection.execute(f"SET GLOBAL TimeZone = {_quoted(zone)}")
        connection.execute("SET GLOBAL lock_configuration = true")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _failure(error: duckdb.Error) -> ExecutorError:
    """Return a statement's failure by its kind; the database's words stay inside, for programs."""
    cause = _first_line(error)
    match error:
        case duckdb.IOException() if any(word in cause for word in DAMAGED):
            return ExecutorError("query_failed", cause=cause)
        case duckdb.OutOfMemoryException() | duckdb.IOException():
            return ExecutorError("query_too_large", cause=cause)
        case duckdb.ConversionException():
            return ExecutorError("query_cell", cause=cause)
        case duckdb.OutOfRangeException():
            return ExecutorError("query_overflow", cause=cause)
    return ExecutorError("query_failed", cause=cause)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
