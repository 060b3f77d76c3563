"""Owns the rules on conditions: each can be read and names only what its metric can reach."""

from collections.abc import Iterator
from dataclasses import dataclass

from metric_catalog.catalog import Catalog
from metric_catalog.conditions import parse_condition
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue, issue, nearest_names
from metric_catalog.query import METRIC_TIME, Compare, MetricCondition, filter_leaves
from metric_catalog.rules.grains import bare_name, grains_of
from metric_catalog.rules.places import conditions_of, place_of


def names_for(catalog: Catalog, metric_id: str) -> frozenset[str]:
    """Return every name that conditions of the metric may use."""
    names = {METRIC_TIME}
    for model in catalog.base_models(metric_id):
        if model in catalog.models:
            names |= names_from(catalog, model)
    return frozenset(names)


def names_from(catalog: Catalog, model: str) -> frozenset[str]:
    """Return the names of everything that rows of `model` can be split by."""
    paths = catalog.reach(model)
    names = {path.name for path in paths} | {catalog.canonical(path) for path in paths}
    return frozenset(names | {path.short for path in paths if not path.steps})


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the conditions of one metric may name."""

    metric: str
    names: frozenset[str]
    grains: frozenset[str]
    metrics: frozenset[str]

    def faults(self, text: str, place: str) -> Iterator[Issue]:
        """Yield what is wrong with the condition `text`."""
        try:
            tree = parse_condition(text, place)
        except CatalogError as error:
            yield from error.issues
            return
        for leaf in filter_leaves(tree):
            match leaf:
                case Compare(dimension=name):
                    yield from self._name(name, place)
                case MetricCondition(metric=metric, entity=entities):
                    if metric not in self.metrics:
                        near = nearest_names(metric, self.metrics)
                        yield issue("unknown_metric", place, near, metric=metric)
                    for entity in entities:
                        yield from self._name(entity, place)

    def _name(self, name: str, place: str) -> Iterator[Issue]:
        if name not in self.names and bare_name(name, self.grains) not in self.names:
            near = nearest_names(name, self.names)
            yield issue("unknown_dimension", place, near, metric=self.metric, dimension=name)


def conditions_hold(catalog: Catalog) -> Iterator[Issue]:
    """Every condition can be read, and names only what its metric can reach."""
    grains, metrics = grains_of(catalog), frozenset(catalog.metrics)
    for metric in catalog.metrics.values():
        scope = _Scope(metric.id, names_for(catalog, metric.id), grains, metrics)
        for field, text in conditions_of(metric):
            yield from scope.faults(text, place_of(catalog, "metrics", metric.id, field))


def saved_queries_hold(catalog: Catalog) -> Iterator[Issue]:
    """Saved queries name metrics that exist, and their conditions can be read."""
    for query in catalog.saved_queries.values():
        place = place_of(catalog, "saved_queries", query.id)
        for index, name in enumerate(query.metrics):
            if name not in catalog.metrics:
                near = nearest_names(name, catalog.metrics)
                yield issue("unknown_metric", f"{place}.metrics[{index}]", near, metric=name)
        for index, text in enumerate(query.where):
            try:
                parse_condition(text, f"{place}.where[{index}]")
            except CatalogError as error:
                yield from error.issues
