"""Owns the recorded executor: fixed tables by query, for tests and replays."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from executors.executor import ExecutorError
from executors.result import ResultTable
from executors.statement import Statement
from metric_catalog.query import Query


@dataclass
class RecordedExecutor:
    """Answers from `tables`; `asked` keeps every query in order."""

    tables: Mapping[Query, ResultTable]
    dialect: str = "duckdb"
    asked: list[Query] = field(default_factory=list)

    def run(self, statement: Statement, query: Query) -> ResultTable:
        """Return the table recorded for `query`; raises ExecutorError where there is none."""
        self.asked.append(query)
        if query not in self.tables:
            raise ExecutorError("nothing_recorded", query=query)
        return self.tables[query]
