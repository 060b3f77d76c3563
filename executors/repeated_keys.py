"""Owns what the data says of keys: primary and unique keys that several rows share."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from executors.compiler.compile import compile_query
from executors.executor import Executor, ExecutorError
from executors.statement import Statement
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue
from metric_catalog.joins import JoinStep, nearest_paths, validity
from metric_catalog.model.definition import Text
from metric_catalog.model.metrics import Metric, Simple
from metric_catalog.model.semantic_model import Aggregation, Entity, Measure, SemanticModel, own
from metric_catalog.policy import EVERYTHING
from metric_catalog.query import Compare, CubeQuery, MetricQuery, Query, filter_leaves

ROWS, VALUES = "key_rows", "key_values"
CODE = "source_key_repeated"


def repeated_keys(catalog: Catalog, executor: Executor) -> dict[tuple[str, str], int]:
    """Return by model and entity how many rows repeat a key that should have one row each.

    Joins rely on these keys: a repeated one would count rows several times. Keys of tables that
    keep history or are cut into partitions repeat by design. A table that cannot be read has
    none: what is wrong with it is found elsewhere.
    """
    found = {}
    for model in catalog.models.values():
        for entity in () if _repeats_by_design(model) else _keys(model):
            repeated = _repeated(executor, model, own(entity))
            if repeated:
                found[model.id, entity.name] = repeated
    return found


def repeated_in_joins(
    catalog: Catalog, executor: Executor, statement: Statement, metrics: Sequence[str]
) -> tuple[Issue, ...]:
    """Return a warning for each repeated key of the tables that `statement` joins to its facts."""
    return UniqueKeys(catalog, executor).repeated_in_joins(statement, metrics)


@dataclass
class UniqueKeys:
    """Says of a model whether each of its keys has one row in the data; asks once per model."""

    catalog: Catalog
    executor: Executor
    _known: dict[str, dict[str, int | None]] = field(default_factory=dict)

    def __call__(self, model_id: str) -> bool:
        """Return whether the keys of a model are known to be unique; raises CatalogError."""
        repeated = self.repeated(model_id)
        return bool(repeated) and all(rows == 0 for rows in repeated.values())

    def repeated(self, model_id: str) -> Mapping[str, int | None]:
        """Return by key how many rows repeat one; None where the table cannot be read.

        Keys that repeat by design are left out. Raises CatalogError for an unknown model.
        """
        if model_id not in self._known:
            model = self.catalog.model(model_id)
            keys = () if _repeats_by_design(model) else _keys(model)
            found = {key.name: _repeated(self.executor, model, own(key)) for key in keys}
            self._known[model_id] = found
        return self._known[model_id]

    def repeated_in_joins(self, statement: Statement, metrics: Sequence[str]) -> tuple[Issue, ...]:
        """Return a warning for each repeated key of the tables that `statement` joins.

        A fact table has no key that its own sums rest on; what it is joined to must have one row
        each.
        """
        facts = {model for metric in metrics for model in self.catalog.base_models(metric)}
        read = {table.name.lower() for table in statement.select.find_all(exp.Table)}
        return self._warnings(
            model.id
            for model in self.catalog.models.values()
            if model.id not in facts and model.table.rpartition(".")[2].lower() in read
        )

    def repeated_behind(self, statement: Statement, queries: Iterable[Query]) -> tuple[Issue, ...]:
        """Return the warnings of the first of `queries`, and of the splits and filters of all."""
        asked = tuple(queries)
        first = self.repeated_in_joins(statement, _metrics(asked[0])) if asked else ()
        ways = (step.right for query in asked for step in self._steps(query))
        return tuple(dict.fromkeys((*first, *self._warnings(dict.fromkeys(ways)))))

    def _warnings(self, models: Iterable[str]) -> tuple[Issue, ...]:
        return tuple(
            issue(CODE, severity="warning", entity=key, table=self._table(model), rows=n)
            for model in models
            for key, n in self.repeated(model).items()
            if n
        )

    def _table(self, model_id: str) -> str:
        return self.catalog.model(model_id).table

    def _steps(self, query: Query) -> Iterator[JoinStep]:
        """Yield the joins that the names of a query need."""
        leaves = filter_leaves(query.filters)
        names = [leaf.dimension for leaf in leaves if isinstance(leaf, Compare)]
        if isinstance(query, CubeQuery):
            names += query.dimensions
        else:
            names += [item.name for item in query.group_by]
        bases = {base: None for name in _metrics(query) for base in self.catalog.base_models(name)}
        for index in map(self.catalog.index, bases):
            for name in dict.fromkeys(names):
                found = index.by_name.get(name) or index.by_short.get(name, ())
                yield from (step for path in nearest_paths(found) for step in path.steps)


def _metrics(query: Query) -> tuple[str, ...]:
    return (query.metric,) if isinstance(query, CubeQuery) else query.metrics


def _repeats_by_design(model: SemanticModel) -> bool:
    return bool(validity(model)) or any(d.is_partition for d in model.dimensions)


def _keys(model: SemanticModel) -> tuple[Entity, ...]:
    return tuple(e for e in model.entities if e.type in ("primary", "unique"))


def _repeated(executor: Executor, model: SemanticModel, key: str) -> int | None:
    """Return how many rows repeat a key, None where the table cannot be read."""
    measures = (
        Measure(name=ROWS, agg=Aggregation.COUNT, expr=key),
        Measure(name=VALUES, agg=Aggregation.COUNT_DISTINCT, expr=key),
    )
    alone = model.model_copy(update={"measures": measures, "time_dimension": None})
    metrics = {
        name: Metric(id=name, name=Text(), of=Simple(model=model.id, measure=name))
        for name in (ROWS, VALUES)
    }
    catalog = Catalog(models={model.id: alone}, metrics=metrics, trusted=True)
    query = MetricQuery((ROWS, VALUES))
    try:
        rows = executor.run(compile_query(query, catalog, EVERYTHING), query).rows
    except (CatalogError, ExecutorError):
        return None
    return int(str(rows[0][0])) - int(str(rows[0][1])) if rows else None
