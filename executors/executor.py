"""Owns the `Executor` seam: something that runs a statement in its own SQL dialect."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from executors.result import ResultTable
from executors.statement import Parameter, Statement
from metric_catalog.query import Query

UNANSWERED = ("query_failed", "query_cell", "query_overflow", "query_too_large")
"""Codes of a database that ran a statement and could not answer it: not for want of time."""


class ExecutorError(Exception):
    """The world failed: the database, the disk, the network or the time limit. `code` names it."""

    def __init__(self, code: str, **arguments: object) -> None:
        self.code = code
        self.arguments = {name: str(value) for name, value in arguments.items()}
        super().__init__(f"{code} {self.arguments}")

    @property
    def unanswered(self) -> bool:
        """Whether the database could not answer a statement; others may go well."""
        return self.code in UNANSWERED


@dataclass(frozen=True, slots=True)
class Limits:
    """What one statement may use: rows returned, memory, threads and milliseconds.

    `zone` (an IANA name) is where moments that carry a zone are counted, never that of the process.
    """

    rows: int = 100_000
    memory: str = "4GB"
    threads: int = 2
    milliseconds: int = 60_000
    zone: str = "UTC"


class Executor(Protocol):
    """Runs statements. `dialect` is sqlglot's name of its SQL."""

    @property
    def dialect(self) -> str:
        """The SQL dialect, in sqlglot's words."""
        ...

    def run(self, statement: Statement, query: Query) -> ResultTable:
        """Return the rows of `statement`, which answers `query`; raises ExecutorError."""
        ...


class Engine(Executor, Protocol):
    """A database that stays open: an executor with the day of its data and the names of it."""

    data_as_of: dt.date | None

    def fetch(
        self, sql: str, parameters: Mapping[str, Parameter], count: int
    ) -> tuple[tuple[Any, ...], ...]:
        """Return at most `count` rows of one SELECT; raises ExecutorError on anything else.

        For check SQL that people wrote by hand; answers go through `run`.
        """
        ...

    def columns(self) -> dict[str, dict[str, str]]:
        """Return the type of every column by table and name; raises ExecutorError."""
        ...

    def interrupt(self) -> None:
        """Stop the statements that run now; they raise ExecutorError."""
        ...

    def close(self) -> None:
        """Close the connection; a later run opens it again."""
        ...


class OpenEngine(Protocol):
    """What is registered as an executor: opens the database at a path. Connects when used."""

    def __call__(self, path: Path, limits: Limits) -> Engine:
        """Return the engine; raises nothing before it is used."""
        ...
