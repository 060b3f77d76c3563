"""Owns what the data says of keys: rows that share what joins take for one row's alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from executors.compiler.repeats import compile_repeats
from executors.executor import Executor, ExecutorError
from executors.statement import Joined, Statement
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue
from metric_catalog.joins import DimensionPath, nearest_paths, validity
from metric_catalog.model.semantic_model import Entity, SemanticModel
from metric_catalog.query import Compare, CubeQuery, MetricQuery, Query, filter_leaves
from metric_catalog.repeats import Kind, Repeat


@dataclass
class UniqueKeys:
    """Says what of the data repeats a key of a table; asks once for each."""

    catalog: Catalog
    executor: Executor
    _known: dict[Joined, int | None] = field(default_factory=dict)

    def __call__(self, model_id: str) -> bool:
        """Return whether each key of a model is known to be of one row, at any time, anywhere.

        Raises CatalogError for an unknown model.
        """
        model = self.catalog.model(model_id)
        keys = () if validity(model) or _partitions(model) else keys_of(model)
        return bool(keys) and all(self.rows(_joined(model, key)) == 0 for key in keys)

    def rows(self, joined: Joined) -> int | None:
        """Return how many rows repeat the key of a join; None where the table cannot be read."""
        if joined not in self._known:
            self._known[joined] = self._measured(joined)
        return self._known[joined]

    def repeat(self, joined: Joined) -> Repeat | None:
        """Return what repeats the key of a join, if anything is known to."""
        rows = self.rows(joined)
        if not rows:
            return None
        kind: Kind = "partition" if joined.within else "key"
        if joined.model and set(validity(self.catalog.model(joined.model))) == {"start", "end"}:
            kind = "moment"
        return Repeat(joined.table, joined.key, rows, kind, joined.model)

    def repeated_behind(self, statement: Statement, queries: Iterable[Query]) -> tuple[Issue, ...]:
        """Return a warning for each repeated key that numbers rest on.

        Those are the joins of `statement`, which answers the first of `queries`, and those that
        the splits and filters of all need.
        """
        asked = tuple(queries)
        joined = statement.joined if any(_counts(query) for query in asked[:1]) else ()
        ways = (way for query in asked for way in self._ways(query))
        found = map(self.repeat, dict.fromkeys((*joined, *ways)))
        return tuple(dict.fromkeys(r.told(severity="warning") for r in found if r is not None))

    def _ways(self, query: Query) -> Iterator[Joined]:
        """Yield the joins that the names of a query need."""
        leaves = filter_leaves(query.filters)
        names = [leaf.dimension for leaf in leaves if isinstance(leaf, Compare)]
        if isinstance(query, CubeQuery):
            names += query.dimensions
        else:
            names += [item.name for item in query.group_by]
        bases = {base: None for name in _metrics(query) for base in self.catalog.base_models(name)}
        for base in bases:
            index = self.catalog.index(base)
            for name in dict.fromkeys(names):
                found = index.by_name.get(name) or index.by_short.get(name, ())
                for path in nearest_paths(found):
                    yield from joins_along(self.catalog, base, path)

    def _measured(self, joined: Joined) -> int | None:
        model = self.catalog.models.get(joined.model) or _spine_model(joined)
        week_start = self.catalog.calendar.week_start
        statement = compile_repeats(model, joined.key, joined.within, week_start)
        try:
            rows = self.executor.run(statement, MetricQuery()).rows
        except (CatalogError, ExecutorError):
            return None
        return int(str(rows[0][0] or 0)) if rows else None


def repeats(catalog: Catalog, executor: Executor) -> tuple[Repeat, ...]:
    """Return what repeats a key of any model or time spine, or one that any join relies on.

    Rows of history may share a key at different moments, rows of a partitioned table in different
    partitions, unless something joins them without. A table that cannot be read repeats nothing:
    what is wrong with it is found elsewhere.
    """
    unique = UniqueKeys(catalog, executor)
    own = (
        _joined(model, key, _partitions(model))
        for model in catalog.models.values()
        for key in keys_of(model)
    )
    ways = (
        way
        for model in catalog.models
        for path in catalog.reach(model)
        for way in joins_along(catalog, model, path)
    )
    spines = (Joined(spine.table, spine.column) for spine in catalog.time_spines)
    found = map(unique.repeat, dict.fromkeys((*own, *ways, *spines)))
    return tuple(dict.fromkeys(repeat for repeat in found if repeat is not None))


def joins_along(catalog: Catalog, start: str, path: DimensionPath) -> Iterator[Joined]:
    """Yield the tables that are joined on a path from the model `start`."""
    passed = set(_partitions(catalog.model(start)))
    for step in path.steps:
        model = catalog.model(step.right)
        own = _partitions(model)
        yield Joined(model.table, step.entity, model.id, tuple(n for n in own if n in passed))
        passed |= set(own)


def keys_of(model: SemanticModel) -> tuple[Entity, ...]:
    """Return the keys of which a row is found, where rows have a validity one at each moment."""
    kinds = ("natural",) if validity(model) else ("primary", "unique")
    return tuple(entity for entity in model.entities if entity.type in kinds)


def _joined(model: SemanticModel, key: Entity, within: Sequence[str] = ()) -> Joined:
    return Joined(model.table, key.name, model.id, tuple(within))


def _partitions(model: SemanticModel) -> tuple[str, ...]:
    return tuple(d.name for d in model.dimensions if d.is_partition)


def _spine_model(joined: Joined) -> SemanticModel:
    return SemanticModel(id="spine", table=joined.table)


def _counts(query: Query) -> bool:
    """Whether rows that are found twice count twice in the answer."""
    return bool(_metrics(query)) or not (isinstance(query, MetricQuery) and query.distinct)


def _metrics(query: Query) -> tuple[str, ...]:
    return (query.metric,) if isinstance(query, CubeQuery) else query.metrics
