"""Owns the rules on references: whatever a definition names must exist."""

from collections.abc import Iterable, Iterator

from metric_catalog.catalog import Catalog
from metric_catalog.issues import Issue, issue, nearest_names
from metric_catalog.model.metrics import (
    Conversion,
    EntityShare,
    Interval,
    Metric,
    Retention,
    Simple,
    inputs_of,
)
from metric_catalog.model.semantic_model import SemanticModel
from metric_catalog.rules.conditions import names_for
from metric_catalog.rules.places import place_of
from metric_catalog.used_names import entity_of, models_of


def inputs_exist(catalog: Catalog) -> Iterator[Issue]:
    """Every input metric exists."""
    for metric in catalog.metrics.values():
        for index, given in enumerate(inputs_of(metric)):
            if given.metric not in catalog.metrics:
                place = place_of(catalog, "metrics", metric.id, f"inputs[{index}]")
                near = nearest_names(given.metric, catalog.metrics)
                yield issue("unknown_metric", place, near, metric=given.metric)


def models_exist(catalog: Catalog) -> Iterator[Issue]:
    """Every semantic model that a metric reads exists, with its measure and its entity."""
    for metric in catalog.metrics.values():
        for name in models_of(metric):
            place = place_of(catalog, "metrics", metric.id, "model")
            model = catalog.models.get(name)
            if model is None:
                yield issue("unknown_model", place, nearest_names(name, catalog.models), model=name)
            else:
                yield from _parts_exist(catalog, metric, model)


def _parts_exist(catalog: Catalog, metric: Metric, model: SemanticModel) -> Iterator[Issue]:
    if isinstance(metric.of, Simple | EntityShare) and model.measure(metric.of.measure) is None:
        place = place_of(catalog, "metrics", metric.id, "measure")
        near = nearest_names(metric.of.measure, (m.name for m in model.measures))
        name = metric.of.measure
        yield issue("unknown_measure", place, near, measure=name, model=model.id)
    entity = entity_of(metric)
    if isinstance(metric.of, Interval | EntityShare | Retention) and entity is not None:
        names = [item.name for item in model.entities]
        if entity not in (*names, model.primary_entity):
            place = place_of(catalog, "metrics", metric.id, "entity")
            near = nearest_names(entity, names)
            yield issue("unknown_entity", place, near, entity=entity, model=model.id)
    if metric.time_dimension is not None and not _is_time(model, metric.time_dimension):
        place = place_of(catalog, "metrics", metric.id, "time_dimension")
        yield _no_time(place, model, metric.time_dimension)


def _is_time(model: SemanticModel, name: str) -> bool:
    dimension = model.dimension(name)
    return dimension is not None and dimension.type == "time"


def _no_time(place: str, model: SemanticModel, name: str) -> Issue:
    times = [d.name for d in model.dimensions if d.type == "time"]
    near = nearest_names(name, times)
    return issue("unknown_time_dimension", place, near, dimension=name, model=model.id)


def model_times_exist(catalog: Catalog) -> Iterator[Issue]:
    """The time dimensions of models, measures and stocks exist and are times."""
    for model in catalog.models.values():
        wanted = [("time_dimension", model.time_dimension)]
        for measure in model.measures:
            own = f"measures.{measure.name}"
            wanted.append((f"{own}.time_dimension", measure.time_dimension))
            if measure.non_additive is not None:
                wanted.append((f"{own}.non_additive", measure.non_additive.name))
        for field, name in wanted:
            if name is not None and not _is_time(model, name):
                yield _no_time(place_of(catalog, "semantic_models", model.id, field), model, name)


def conversion_entities_exist(catalog: Catalog) -> Iterator[Issue]:
    """The entity of a conversion is known to every model that it reads."""
    for metric in catalog.metrics.values():
        entity = entity_of(metric)
        if metric.of.type != "conversion" or entity is None:
            continue
        for name in catalog.base_models(metric.id):
            model = catalog.models.get(name)
            if model and model.entity(entity) is None and model.primary_entity != entity:
                place = place_of(catalog, "metrics", metric.id, "entity")
                near = nearest_names(entity, (item.name for item in model.entities))
                yield issue("unknown_entity", place, near, entity=entity, model=model.id)


def constant_properties_exist(catalog: Catalog) -> Iterator[Issue]:
    """Every constant property of a conversion is one of the events on its side."""
    for metric in catalog.metrics.values():
        of = metric.of
        if not isinstance(of, Conversion):
            continue
        for index, pair in enumerate(of.constant_properties):
            for side, event, name in (
                ("base", of.base.metric, pair.base),
                ("conversion", of.conversion.metric, pair.conversion),
            ):
                model = _event_model(catalog, event)
                if model is not None and not (model.entity(name) or model.dimension(name)):
                    field = f"constant_properties[{index}].{side}"
                    place = place_of(catalog, "metrics", metric.id, field)
                    known = [d.name for d in model.dimensions] + [e.name for e in model.entities]
                    near = nearest_names(name, known)
                    yield issue("unknown_dimension", place, near, metric=metric.id, dimension=name)


def _event_model(catalog: Catalog, metric_id: str) -> SemanticModel | None:
    metric = catalog.metrics.get(metric_id)
    if metric is None or not isinstance(metric.of, Simple):
        return None
    return catalog.models.get(metric.of.model)


def dimensions_exist(catalog: Catalog) -> Iterator[Issue]:
    """Every dimension that a metric allows can be reached from all of its models."""
    for metric in catalog.metrics.values():
        if not metric.dimensions or any(m not in catalog.models for m in models_of(metric)):
            continue
        names = names_for(catalog, metric.id)
        for index, name in enumerate(metric.dimensions):
            if name not in names:
                place = place_of(catalog, "metrics", metric.id, f"dimensions[{index}]")
                near = nearest_names(name, names)
                yield issue("unknown_dimension", place, near, metric=metric.id, dimension=name)


def playbooks_exist(catalog: Catalog) -> Iterator[Issue]:
    """Every playbook named exists, and every playbook names metrics that exist."""
    for metric in catalog.metrics.values():
        place = place_of(catalog, "metrics", metric.id, "playbooks")
        yield from _missing(metric.playbooks, catalog.playbooks, place, "playbook")
    for playbook in catalog.playbooks.values():
        place = place_of(catalog, "playbooks", playbook.id)
        for index, trigger in enumerate(playbook.triggers):
            where = f"{place}.triggers[{index}].metrics"
            yield from _missing(trigger.metrics, catalog.metrics, where, "metric")
            yield from _trigger_dimension(catalog, trigger.metrics, trigger.dimension, where)
        guard = (playbook.guard_metric,) if playbook.guard_metric else ()
        yield from _missing(guard, catalog.metrics, f"{place}.guard_metric", "metric")


def _trigger_dimension(
    catalog: Catalog, metrics: Iterable[str], dimension: str | None, place: str
) -> Iterator[Issue]:
    if dimension is None:
        return
    for metric in metrics:
        if metric in catalog.metrics:
            known = names_for(catalog, metric)
            if dimension not in known:
                near = nearest_names(dimension, known)
                yield issue("unknown_dimension", place, near, metric=metric, dimension=dimension)


def goals_exist(catalog: Catalog) -> Iterator[Issue]:
    """Every goal leads to metrics and playbooks that exist."""
    for goal in catalog.goals.values():
        place = place_of(catalog, "goals", goal.id)
        yield from _missing(goal.metrics, catalog.metrics, f"{place}.metrics", "metric")
        yield from _missing(goal.playbooks, catalog.playbooks, f"{place}.playbooks", "playbook")


def relatives_exist(catalog: Catalog) -> Iterator[Issue]:
    """Successors and drivers are metrics that exist."""
    for metric in catalog.metrics.values():
        successor = (metric.successor,) if metric.successor else ()
        place = place_of(catalog, "metrics", metric.id, "successor")
        yield from _missing(successor, catalog.metrics, place, "metric")
        for index, edge in enumerate(metric.drivers):
            place = place_of(catalog, "metrics", metric.id, f"drivers[{index}]")
            yield from _missing(edge.metrics, catalog.metrics, place, "metric")


def _missing(names: Iterable[str], known: Iterable[str], place: str, kind: str) -> Iterator[Issue]:
    there = set(known)
    for index, name in enumerate(names):
        if name not in there:
            where, near = f"{place}[{index}]", nearest_names(name, there)
            yield issue(f"unknown_{kind}", where, near, **{kind: name})  # type: ignore[arg-type]
