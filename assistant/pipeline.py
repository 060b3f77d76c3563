"""Owns the straight line: `query` runs a typed query, `ask` takes a question to its outcome."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter

from assistant.compose import Composer, compose
from assistant.conversation import Turn, follow, pick
from assistant.question import Question
from assistant.reading.candidates import Lexicons
from assistant.reading.metric_slot import Meaning
from assistant.reading.read import read
from assistant.reading.reading import Reading
from assistant.resolve.assisted import Assist, tell
from assistant.resolve.gate import Gate, check
from assistant.resolve.outcomes import Outcome
from assistant.resolve.unanswerable import refuse_query
from executors.answer_all import answer_all
from executors.answer_one import answer_one
from executors.executor import Executor
from executors.repeated_keys import UniqueKeys
from executors.result import ResultTable
from executors.statement import Statement
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.policy import Policy
from metric_catalog.query import Query


@dataclass(frozen=True)
class Line:
    """What the line runs on, all of it as values; made by `assistant.wiring`."""

    catalog: Catalog
    executor: Executor
    lexicons: Lexicons
    meaning: Meaning
    gate: Gate
    composer: Composer
    assist: Assist | None = None

    @cached_property
    def unique(self) -> UniqueKeys:
        """What the data says of keys, each asked for once."""
        return UniqueKeys(self.catalog, self.executor)


def query(
    asked: Query,
    catalog: Catalog,
    executor: Executor,
    policy: Policy,
    as_of: dt.date | None = None,
) -> tuple[Statement, ResultTable]:
    """Return the statement and the rows of `asked`; raises CatalogError or ExecutorError."""
    return answer_one(asked, catalog, executor, policy, as_of)


def understand(
    question: Question, line: Line, policy: Policy, before: Turn | None = None
) -> Reading:
    """Return how the question is read, after the turn before it."""
    earlier = before.reading.metrics if before else ()

    def read_as(text: str) -> Reading:
        said = replace(question, text=text)
        found = read(said, line.lexicons, policy, line.meaning, earlier)
        return pick(found, before, line.catalog) or follow(found, before)

    reading = read_as(question.text)
    return line.assist(question, reading, read_as, policy) if line.assist else reading


def ask(
    question: Question, line: Line, policy: Policy, before: Turn | None = None
) -> tuple[Reading, Outcome]:
    """Return how the question was read and what came of it; raises ExecutorError."""
    started = perf_counter()
    reading = understand(question, line, policy, before)
    stopped = check(reading, line.catalog, policy, line.gate)
    read_ms = (perf_counter() - started) * 1000
    if stopped is not None:
        return reading, tell(stopped, reading)

    def run(asked: Query) -> tuple[Statement, ResultTable]:
        return query(asked, line.catalog, line.executor, policy, question.as_of)

    def run_all(asked: tuple[Query, ...]) -> Mapping[Query, ResultTable]:
        return answer_all(asked, line.catalog, line.executor, policy, question.as_of, line.unique)

    repeated = line.unique.repeated_behind
    try:
        outcome = compose(question, reading, policy, line.composer, run, run_all, repeated, read_ms)
    except CatalogError as error:
        outcome = refuse_query(reading, error)
    return reading, tell(outcome, reading)
