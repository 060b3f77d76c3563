"""Owns the members that the data holds of a dimension, as the asker may see them."""

from executors.compiler.compile import compile_query
from executors.executor import Executor, ExecutorError
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.model.semantic_model import Dimension
from metric_catalog.policy import Policy
from metric_catalog.query import And, Compare, Filter, GroupBy, MetricQuery, Not, Scalar

MOST_MEMBERS = 5_000
"""So many members are looked at for one that was meant."""


def may_be_named(dimension: str, catalog: Catalog) -> bool:
    """Return whether members may be named to whoever looks for one: not keys, nothing personal."""
    found = [
        path.element
        for model in catalog.models
        for index in (catalog.index(model),)
        for path in index.by_name.get(dimension) or index.by_short.get(dimension, ())
    ]
    return bool(found) and all(
        isinstance(each, Dimension) and each.searchable and each.sensitivity == "public"
        for each in found
    )


def members(
    dimension: str,
    catalog: Catalog,
    executor: Executor,
    policy: Policy,
    among: tuple[Scalar, ...] = (),
) -> tuple[Scalar, ...] | None:
    """Return the members of `dimension`, no empty one; of those `among`, where some are given.

    None where they cannot be read, or the name means none.
    """
    known: Filter = Not(Compare(dimension, "is_null", ()))
    if among:
        known = And((known, Compare(dimension, "in", among)))
    query = MetricQuery((), (GroupBy(dimension),), known, limit=MOST_MEMBERS)
    try:
        rows = executor.run(compile_query(query, catalog, policy), query).rows
    except (CatalogError, ExecutorError):
        return None
    return tuple(row[0] for row in rows)  # type: ignore[misc]
