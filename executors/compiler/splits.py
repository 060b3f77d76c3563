"""Owns splits: queries of the same by one dimension each, answered by one statement."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from executors.compiler.build import Built, build
from executors.compiler.lone_rows import joined_models, multiplied
from executors.compiler.one_of import SPLIT, by_one_of, mask_of
from executors.compiler.plan import Plan, columns_of
from executors.compiler.rewrite import rewrite
from executors.compiler.sql import to_sql
from executors.compiler.syntax import qualified
from executors.result import ResultTable
from executors.statement import Column, Statement
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.joins import nearest_paths
from metric_catalog.model.metrics import Retention
from metric_catalog.model.semantic_model import own
from metric_catalog.policy import Policy
from metric_catalog.query import METRIC_TIME, GroupBy, MetricQuery, Query

IsUnique = Callable[[str], bool]
"""Whether no two rows of a model share a value of one of its primary and unique keys."""

MOST_SPLITS = 16
DIALECTS = frozenset({"duckdb"})
"""Engines that read rows once for several groupings, and are known to gain by it."""


@dataclass(frozen=True)
class Splits:
    """The statement that answers all of `queries`, and `query`, which is by all their groups."""

    queries: tuple[MetricQuery, ...]
    query: MetricQuery
    statement: Statement

    def tables(self, whole: ResultTable) -> Mapping[Query, ResultTable] | None:
        """Return the table of each query out of that of all; None where rows were cut off."""
        if whole.truncated:
            return None
        names = [item.column for item in self.query.group_by]
        split = whole.values(SPLIT)
        found: dict[Query, ResultTable] = {}
        for place, (name, query) in enumerate(zip(names, self.queries, strict=True)):
            others = {*names, SPLIT} - {name}
            kept = [at for at, c in enumerate(whole.columns) if c.name not in others]
            mine = mask_of(place, len(names))
            rows = [row for row, mask in zip(whole.rows, split, strict=True) if mask == mine]
            cells = tuple(tuple(row[at] for at in kept) for row in rows)
            columns = tuple(whole.columns[at] for at in kept)
            found[query] = replace(whole, query=query, columns=columns, rows=cells)
        return found


def alike(queries: Iterable[Query]) -> tuple[tuple[MetricQuery, ...], ...]:
    """Return the queries that ask the same by one dimension each, two and more together."""
    families: dict[MetricQuery, list[MetricQuery]] = {}
    for query in queries:
        if isinstance(query, MetricQuery) and _is_split(query):
            families.setdefault(replace(query, group_by=()), []).append(query)
    return tuple(tuple(each) for each in families.values() if 1 < len(each) <= MOST_SPLITS)


def _is_split(query: MetricQuery) -> bool:
    """Whether a query is by one plain dimension and nothing is done to its rows afterwards."""
    if len(query.group_by) != 1 or len(query.metrics) != 1:
        return False
    (item,) = query.group_by
    if item != GroupBy(item.name) or item.name.startswith(METRIC_TIME):
        return False
    asked = (query.having, query.comparison, query.post, query.limit)
    return all(each is None for each in asked) and not (query.order or query.other)


def compile_splits(
    queries: tuple[MetricQuery, ...],
    catalog: Catalog,
    policy: Policy,
    as_of: dt.date | None,
    is_unique: IsUnique,
) -> Splits | None:
    """Return the statement for one of the families in `alike`, read and joined once.

    A table whose keys are not known to be unique would multiply the rows of all splits, not of
    its own alone: splits by its columns are left out. None where less than two are left, one of
    the queries is wrong, or the metric is not made so that all of them can be answered together
    exactly as each alone.
    """
    made = _planned(queries, catalog, policy, as_of)
    if made is None:
        return None
    doubtful = {model for model in joined_models(made[1]) if not is_unique(model)}
    if doubtful:
        kept = tuple(q for q in queries if not _passes(q, catalog, doubtful))
        made = _planned(kept, catalog, policy, as_of) if 1 < len(kept) < len(queries) else None
        if made is None or joined_models(made[1]) & doubtful:
            return None
        queries = kept
    return _compiled(queries, *made, catalog, is_unique)


def _planned(
    queries: tuple[MetricQuery, ...], catalog: Catalog, policy: Policy, as_of: dt.date | None
) -> tuple[Built, Plan] | None:
    """Return the plan by the groups of all queries; None where it is not by one column each."""
    try:
        built = build(_by_all(queries), catalog, policy, as_of)
    except CatalogError:
        return None
    names = {item.column for item in _by_all(queries).group_by}
    if not names <= {c.name for c in built.columns}:
        return None  # a time gets a grain of its own
    return built, rewrite(built.plan)[0]


def _by_all(queries: tuple[MetricQuery, ...]) -> MetricQuery:
    return replace(queries[0], group_by=tuple(each.group_by[0] for each in queries))


def _passes(query: MetricQuery, catalog: Catalog, models: Collection[str]) -> bool:
    """Return whether a way to what `query` is split by joins one of `models`."""
    (item,), (metric,) = query.group_by, query.metrics
    of = catalog.metric(metric).of
    bases = (of.cohort_model,) if isinstance(of, Retention) else catalog.base_models(metric)
    indexes = [catalog.index(base) for base in bases]
    found = [i.by_name.get(item.name) or i.by_short.get(item.name, ()) for i in indexes]
    steps = (step for paths in found for path in nearest_paths(paths) for step in path.steps)
    return any(step.right in models for step in steps)


def _compiled(
    queries: tuple[MetricQuery, ...],
    built: Built,
    plan: Plan,
    catalog: Catalog,
    is_unique: IsUnique,
) -> Splits | None:
    """Return the statement of a plan by all groups, by each of them; None where that differs."""

    def is_key(model_id: str, value: exp.Expr) -> bool:
        model = catalog.model(model_id)
        keys = [e for e in model.entities if e.type in ("primary", "unique")]
        own_key = any(qualified(own(entity), model_id) == value for entity in keys)
        return own_key and is_unique(model_id)

    query = _by_all(queries)
    names = tuple(item.column for item in query.group_by)
    split = None if multiplied(plan) else by_one_of(plan, names, is_key)
    if split is None:
        return None
    select = to_sql(split)
    used = {leaf.name for leaf in select.find_all(exp.Placeholder)}
    parameters = tuple((name, v) for name, v in built.parameters.items() if name in used)
    known = {c.name: c for c in (*built.columns, Column(SPLIT, "dimension"))}
    columns = tuple(known[name] for name in columns_of(split.root))
    return Splits(queries, query, Statement(select, parameters, columns))
