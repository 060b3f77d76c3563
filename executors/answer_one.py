"""Owns the running of one query: a value that does not fit is the asker's fault alone."""

import datetime as dt
from dataclasses import replace

from executors.compiler.compile import compile_query
from executors.executor import Executor, ExecutorError
from executors.result import ResultTable
from executors.statement import Statement
from executors.value_types import check_values
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.policy import Policy
from metric_catalog.query import CubeQuery, Query

FAILED = "query_failed"


def answer_one(
    asked: Query, catalog: Catalog, executor: Executor, policy: Policy, as_of: dt.date | None
) -> tuple[Statement, ResultTable]:
    """Return the statement and the rows of `asked`; raises CatalogError or ExecutorError.

    Values that cannot be compared with their columns are a CatalogError: found by the types of
    the columns, else by the query failing with its conditions and not without them.
    """
    statement = compile_query(asked, catalog, policy, as_of)
    check_values(asked, catalog, executor)
    try:
        return statement, executor.run(statement, asked)
    except ExecutorError as error:
        bare = _without_values(asked)
        if error.code != FAILED or bare is None:
            raise
        executor.run(compile_query(bare, catalog, policy, as_of), bare)  # fails where data does
        raise CatalogError((issue("value_unfit", cause=error.arguments["cause"]),)) from error


def _without_values(asked: Query) -> Query | None:
    """Return the query without its conditions, None where it has none."""
    if isinstance(asked, CubeQuery):
        return replace(asked, filters=None) if asked.filters else None
    if asked.filters is None and asked.having is None:
        return None
    return replace(asked, filters=None, having=None)
