"""Owns the `Executor` seam: something that runs a statement in its own SQL dialect."""

from typing import Protocol

from executors.result import ResultTable
from executors.statement import Statement
from metric_catalog.query import Query


class ExecutorError(Exception):
    """The world failed: the database, the disk, the network or the time limit. `code` names it."""

    def __init__(self, code: str, **arguments: object) -> None:
        self.code = code
        self.arguments = {name: str(value) for name, value in arguments.items()}
        super().__init__(f"{code} {self.arguments}")


class Executor(Protocol):
    """Runs statements. `dialect` is sqlglot's name of its SQL."""

    @property
    def dialect(self) -> str:
        """The SQL dialect, in sqlglot's words."""
        ...

    def run(self, statement: Statement, query: Query) -> ResultTable:
        """Return the rows of `statement`, which answers `query`; raises ExecutorError."""
        ...
