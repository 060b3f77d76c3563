"""Owns the compiler's entry: a typed query in, a statement out."""

import datetime as dt

from sqlglot import exp

from executors.compiler.build import build
from executors.compiler.explain import explained
from executors.compiler.rewrite import rewrite
from executors.compiler.sql import to_sql
from executors.statement import Statement
from metric_catalog.catalog import Catalog
from metric_catalog.policy import Policy
from metric_catalog.query import Query


def compile_query(
    query: Query,
    catalog: Catalog,
    policy: Policy,
    as_of: dt.date | None = None,
    explain: bool = False,
) -> Statement:
    """Return the statement that answers `query` for whom `policy` is.

    `as_of` is the day asked: it and later days are not over. With it retention marks running
    cohorts, averages count elapsed time only and running periods are compared like for like.
    `explain` fills the statement's `plan`.
    Raises CatalogError for a wrong query, UnsupportedQuery for one that cannot be answered.
    """
    built = build(query, catalog, policy, as_of)
    plan, rewrites = rewrite(built.plan)
    select = to_sql(plan)
    used = {leaf.name for leaf in select.find_all(exp.Placeholder)}
    parameters = tuple((name, v) for name, v in built.parameters.items() if name in used)
    text = explained(plan) if explain else ""
    applied = (*built.applied, *rewrites)
    return Statement(select, parameters, built.columns, text, applied, built.joined)
