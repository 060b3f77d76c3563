"""Owns the running of several queries together: what is alike by one statement, two at a time."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from executors.compiler.compile import compile_query
from executors.compiler.splits import DIALECTS, IsUnique, Splits, alike, compile_splits
from executors.executor import Executor, ExecutorError
from executors.result import ResultTable
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.policy import Policy
from metric_catalog.query import Query

AT_ONCE = 2
"""Queries of one answer that run side by side: small ones keep one core busy each."""


def answer_all(
    asked: tuple[Query, ...],
    catalog: Catalog,
    executor: Executor,
    policy: Policy,
    as_of: dt.date | None,
    is_unique: IsUnique,
) -> dict[Query, ResultTable]:
    """Return the rows of each of `asked` that can be answered; raises ExecutorError.

    Splits of the same by several dimensions are one statement where that gives the same rows;
    where it fails or gives more rows than may be read, each is asked alone.
    """

    def run(query: Query) -> dict[Query, ResultTable]:
        try:
            statement = compile_query(query, catalog, policy, as_of)
        except CatalogError:
            return {}
        return {query: executor.run(statement, query)}

    def run_splits(splits: Splits) -> dict[Query, ResultTable]:
        try:
            found = splits.tables(executor.run(splits.statement, splits.query))
        except ExecutorError as error:
            if not error.unanswered:
                raise
            found = None
        if found is not None:
            return dict(found)
        return {each: table for one in splits.queries for each, table in run(one).items()}

    families = alike(asked) if executor.dialect in DIALECTS else ()
    made = [compile_splits(family, catalog, policy, as_of, is_unique) for family in families]
    together = [splits for splits in made if splits is not None]
    alone = set(asked) - {each for splits in together for each in splits.queries}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # The longest first, so that one does not run on alone at the end.
        jobs = [pool.submit(run_splits, splits) for splits in together]
        jobs += [pool.submit(run, query) for query in asked if query in alone]
        found = [job.result() for job in jobs]
    return {query: each[query] for query in asked for each in found if query in each}
