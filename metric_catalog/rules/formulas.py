"""Owns the rules on formulas: expressions are allow-listed, complete and without cycles."""

from collections.abc import Iterator

from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import columns_of, parse_expression
from metric_catalog.issues import Issue, issue, nearest_names
from metric_catalog.model.metrics import Derived, inputs_of
from metric_catalog.model.semantic_model import SemanticModel
from metric_catalog.rules.places import place_of

EXACTLY_TWO = ("ratio",)
AT_LEAST_TWO = ("sum", "difference", "product")


def expressions_parse(catalog: Catalog) -> Iterator[Issue]:
    """Every expression of a semantic model is allow-listed."""
    for model in catalog.models.values():
        for field, text in _expressions(model):
            try:
                parse_expression(text, place_of(catalog, "semantic_models", model.id, field))
            except CatalogError as error:
                yield from error.issues


def _expressions(model: SemanticModel) -> Iterator[tuple[str, str]]:
    for group in ("entities", "dimensions", "measures"):
        for item in getattr(model, group):
            if item.expr is not None:
                yield f"{group}.{item.name}.expr", item.expr


def derived_names_exist(catalog: Catalog) -> Iterator[Issue]:
    """A derived metric uses the names of its inputs, each of them, and nothing else."""
    for metric in catalog.metrics.values():
        if not isinstance(metric.of, Derived):
            continue
        place = place_of(catalog, "metrics", metric.id, "expr")
        try:
            used = columns_of(parse_expression(metric.of.expr, place))
        except CatalogError as error:
            yield from error.issues
            continue
        names = [given.name for given in metric.of.inputs]
        for name in used:
            if name not in names:
                yield issue("unknown_input", place, nearest_names(name, names), name=name)
        for name in names:
            if name not in used:
                yield issue("unused_input", place, severity="warning", name=name)
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield issue("duplicate_input", place, name=name)


def names_are_unique(catalog: Catalog) -> Iterator[Issue]:
    """The entities, dimensions and measures of a model have names of their own."""
    for model in catalog.models.values():
        for group in ("entities", "dimensions", "measures"):
            names = [item.name for item in getattr(model, group)]
            for name in sorted({name for name in names if names.count(name) > 1}):
                place = place_of(catalog, "semantic_models", model.id, group)
                yield issue("duplicate_name", place, id=name)


def identities_fit(catalog: Catalog) -> Iterator[Issue]:
    """A ratio of drivers has two of them, other identities two or more."""
    for metric in catalog.metrics.values():
        for index, edge in enumerate(metric.drivers):
            place = place_of(catalog, "metrics", metric.id, f"drivers[{index}]")
            count = len(edge.metrics)
            if edge.kind in EXACTLY_TWO and count != 2 or edge.kind in AT_LEAST_TWO and count < 2:
                yield issue("driver_count", place, metric=metric.id, kind=edge.kind, count=count)
            if metric.id in edge.metrics:
                yield issue("driver_of_itself", place, metric=metric.id)


def inputs_without_cycles(catalog: Catalog) -> Iterator[Issue]:
    """No metric is made of itself."""
    done: set[str] = set()
    for metric in catalog.metrics:
        yield from _walk(catalog, metric, done)


def _walk(catalog: Catalog, start: str, done: set[str]) -> Iterator[Issue]:
    """Depth first with an own stack: a long chain must not exhaust the interpreter's."""
    path: list[str] = []
    pending = [(start, False)]
    while pending:
        name, leaving = pending.pop()
        if leaving:
            path.pop()
            done.add(name)
        elif name in path:
            cycle = [*path[path.index(name) :], name]
            place = place_of(catalog, "metrics", name, "inputs")
            yield issue("metric_cycle", place, path=" → ".join(cycle))
        elif name not in done and name in catalog.metrics:
            path.append(name)
            pending.append((name, True))
            pending.extend((item.metric, False) for item in inputs_of(catalog.metrics[name]))


def successors_without_cycles(catalog: Catalog) -> Iterator[Issue]:
    """A chain of successors ends."""
    for metric in catalog.metrics.values():
        seen, current = [metric.id], metric.successor
        while current is not None and current in catalog.metrics and current not in seen:
            seen.append(current)
            current = catalog.metrics[current].successor
        if current == metric.id:
            place = place_of(catalog, "metrics", metric.id, "successor")
            yield issue("metric_cycle", place, path=" → ".join([*seen, metric.id]))
