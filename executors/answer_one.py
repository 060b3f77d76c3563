"""Owns the running of one query: a value that does not fit is the asker's fault alone."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from executors.compiler.compile import compile_query
from executors.executor import Executor, ExecutorError
from executors.members import may_be_named, members
from executors.result import ResultTable
from executors.statement import Statement
from executors.value_types import KnowsColumns, check_values
from metric_catalog.catalog import Catalog
from metric_catalog.check import check_sources
from metric_catalog.conditions import render_condition
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue
from metric_catalog.policy import Policy
from metric_catalog.query import CubeQuery, Filter, Query, Scalar, filter_leaves

Compiled = Callable[[Query], Statement]


def answer_one(
    asked: Query, catalog: Catalog, executor: Executor, policy: Policy, as_of: dt.date | None
) -> tuple[Statement, ResultTable]:
    """Return the statement and the rows of `asked`; raises CatalogError or ExecutorError.

    Values that cannot be compared with their columns are a CatalogError: found by the types of
    the columns, else by the query failing with its conditions and not without them. So is a table
    that is not as its definition says.
    """
    statement = compile_query(asked, catalog, policy, as_of)

    def members_of(name: str) -> tuple[Scalar, ...]:
        named = may_be_named(name, catalog)
        return (named and members(name, catalog, executor, policy)) or ()

    check_values(asked, catalog, executor, members_of)
    try:
        return statement, executor.run(statement, asked)
    except ExecutorError as error:
        if error.unanswered:
            _blame_tables(statement, catalog, executor, error)
            _blame_values(
                asked, lambda query: compile_query(query, catalog, policy, as_of), executor
            )
        raise


def _blame_tables(
    statement: Statement, catalog: Catalog, executor: Executor, error: ExecutorError
) -> None:
    """Raise CatalogError where a table that was read is not as its definition says."""
    if not isinstance(executor, KnowsColumns):
        return
    read = {table.name.lower() for table in statement.select.find_all(exp.Table)}
    models = {
        name: model
        for name, model in catalog.models.items()
        if model.table.rpartition(".")[2].lower() in read
    }
    spines = tuple(s for s in catalog.time_spines if s.table.rpartition(".")[2].lower() in read)
    behind = replace(catalog, models=models, metrics={}, time_spines=spines)
    found = check_sources(behind, executor.columns(), {})
    if found:
        raise CatalogError(found) from error


def _blame_values(asked: Query, compiled: Compiled, executor: Executor) -> None:
    """Raise CatalogError where a query fails because of its conditions alone."""
    bare = _with_conditions(asked, None, None)
    if bare == asked:
        return
    executor.run(compiled(bare), bare)  # fails where the data does
    having = None if isinstance(asked, CubeQuery) else asked.having
    for leaf in filter_leaves(asked.filters):
        alone = _with_conditions(asked, leaf, None)
        try:
            executor.run(compiled(alone), alone)
        except ExecutorError as error:
            raise CatalogError((_unfit(leaf),)) from error
    raise CatalogError((_unfit(having or asked.filters),))


def _with_conditions(asked: Query, filters: Filter | None, having: Filter | None) -> Query:
    if isinstance(asked, CubeQuery):
        return replace(asked, filters=filters)
    return replace(asked, filters=filters, having=having)


def _unfit(condition: Filter | None) -> Issue:
    text = render_condition(condition) if condition is not None else ""
    return issue("value_unfit", condition=text)
