"""Owns what the history of a metric expected of its last period."""

from collections.abc import Mapping
from dataclasses import dataclass

from assistant.insights.answered import once
from assistant.insights.expectation import Expectation, expect
from assistant.insights.history import History, known
from assistant.insights.investigation import Investigation
from executors.result import ResultTable
from metric_catalog.periods import Period
from metric_catalog.query import Query


@dataclass(frozen=True, slots=True)
class ExpectedHistory:
    """The values of a history's periods, the earlier ones that are known, what they expected."""

    values: tuple[float | None, ...]
    earlier: tuple[Period, ...]
    expectation: Expectation | None


def expect_history(
    investigation: Investigation, history: History, tables: Mapping[Query, ResultTable]
) -> ExpectedHistory:
    """Return what the history in `tables` expected; computed once for all detectors."""

    def make() -> ExpectedHistory:
        values = history.values(tables)
        earlier, numbers = known(history.earlier, values[:-1])
        if investigation.history_start is None:
            # the first one may be cut by the data's start
            earlier, numbers = earlier[1:], numbers[1:]
        expectation = expect(earlier, numbers, history.target, investigation.calendar)
        return ExpectedHistory(values, earlier, expectation)

    key = history, investigation.history_start is None, investigation.calendar
    return once(tables, key, ExpectedHistory, make)
