"""Owns what is done with the values of a query afterwards: means, counts, shares, ranks."""

from executors.compiler.answer import Part
from executors.compiler.draft import Draft
from executors.compiler.names import Wanted
from executors.compiler.scope import Scope
from metric_catalog.errors import UnsupportedQuery
from metric_catalog.issues import issue
from metric_catalog.query import MetricQuery


def post_aggregated(
    draft: Draft,
    query: MetricQuery,
    metrics: tuple[str, ...],
    groups: tuple[Wanted, ...],
    scope: Scope,
    part: Part,
) -> Part:
    """Return `part` after the query's post-aggregation."""
    raise UnsupportedQuery((issue("post_aggregation", kind=type(query.post).__name__),))
