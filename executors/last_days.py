"""Owns how far the tables of a catalog reach: the last day of data by table."""

import datetime as dt

from executors.compiler.compile import compile_query
from executors.executor import Executor, ExecutorError
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.model.semantic_model import SemanticModel
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import GroupBy, MetricQuery


def last_days(catalog: Catalog, executor: Executor) -> dict[str, dt.date]:
    """Return the last day by table, for the tables that have measures and a time dimension.

    A table that cannot be read has none: what is wrong with it is found elsewhere.
    """
    found: dict[str, dt.date] = {}
    for model in catalog.models.values():
        if model.measures and model.time_dimension:
            last = _last_day(catalog, executor, model)
            if last is not None:
                found[model.table] = last
    return found


def _last_day(catalog: Catalog, executor: Executor, model: SemanticModel) -> dt.date | None:
    dimension = model.dimension(str(model.time_dimension))
    if dimension is None or dimension.type != "time":
        return None
    alone = Catalog(models={model.id: model}, metrics={}, trusted=True)
    query = MetricQuery((), (GroupBy(dimension.name, "day"),), min_max_only=True)
    try:
        rows = executor.run(compile_query(query, alone, EVERYTHING), query).rows
    except (CatalogError, ExecutorError):
        return None
    last = rows[0][1] if rows else None
    if isinstance(last, dt.datetime):
        return last.date()
    return last if isinstance(last, dt.date) else None
