"""Owns used names: what the number of a metric asks which rows for, without any query's wishes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from metric_catalog.conditions import parse_condition
from metric_catalog.errors import CatalogError
from metric_catalog.joins import Index
from metric_catalog.model.metrics import (
    Conversion,
    EntityShare,
    Interval,
    Metric,
    Retention,
    Simple,
    inputs_of,
)
from metric_catalog.model.semantic_model import SemanticModel, TimeSpine
from metric_catalog.query import METRIC_TIME, Compare, MetricCondition, filter_leaves


class Definitions(Protocol):
    """The part of a catalog that the numbers of metrics rest on."""

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """The metrics by id."""

    @property
    def models(self) -> Mapping[str, SemanticModel]:
        """The semantic models by id."""

    @property
    def time_spines(self) -> tuple[TimeSpine, ...]:
        """The time spines, the first that knows a grain counts it."""

    def index(self, model_id: str) -> Index:
        """Return what rows of the model reach, by name."""


@dataclass(frozen=True, slots=True)
class Use:
    """A name used by rows of the model `base`."""

    base: str
    name: str


def models_of(metric: Metric) -> tuple[str, ...]:
    """Return the semantic models that `metric` reads itself, without its inputs."""
    match metric.of:
        case Simple(model=model) | Interval(model=model) | EntityShare(model=model):
            return (model,)
        case Retention(cohort_model=cohort, return_model=back):
            return (cohort, back)
        case _:
            return ()


def entity_of(metric: Metric) -> str | None:
    """Return the entity that `metric` counts, where its type names one."""
    match metric.of:
        case Conversion(entity=entity) | Retention(entity=entity):
            return entity
        case Interval(entity=entity) | EntityShare(entity=entity):
            return entity
        case _:
            return None


def metrics_below(metric: Metric) -> tuple[str, ...]:
    """Return the metrics that `metric` is made of, and those that its conditions ask for."""
    below = [item.metric for item in inputs_of(metric)]
    return tuple(dict.fromkeys((*below, *condition_metrics(metric))))


def condition_metrics(metric: Metric) -> tuple[str, ...]:
    """Return the metrics by entity that the conditions of `metric` ask for."""
    leaves = (leaf for text in _texts(metric) for leaf in _leaves(text))
    return tuple(dict.fromkeys(leaf.metric for leaf in leaves if isinstance(leaf, MetricCondition)))


def names_plain_time(metric: Metric) -> bool:
    """Return whether a condition names the metric's time without a grain: by the default one."""
    leaves = (leaf for text in _texts(metric) for leaf in _leaves(text))
    return any(isinstance(leaf, Compare) and leaf.dimension == METRIC_TIME for leaf in leaves)


def _texts(metric: Metric) -> Iterator[str]:
    texts = [metric.filter, *(item.filter for item in inputs_of(metric))]
    if isinstance(metric.of, Retention):
        texts += [metric.of.cohort_filter, metric.of.return_filter]
    return (text for text in texts if text)


def _leaves(text: str) -> tuple[Compare | MetricCondition, ...]:
    try:
        return tuple(filter_leaves(parse_condition(text)))
    except CatalogError:
        return ()  # no query can be made of it


def uses(metric: Metric, known: Definitions) -> Iterator[Use]:
    """Yield every name that the number of `metric` asks its rows for."""
    for bases, text in _conditions(metric, known):
        for leaf in _leaves(text):
            match leaf:
                case Compare(dimension=name):
                    yield from (Use(base, name) for base in bases)
                case MetricCondition(metric=other, entity=entities):
                    both = (*bases, *_bases(other, known))
                    yield from (Use(base, name) for name in entities for base in both)
    entity = entity_of(metric)
    inputs = [base for item in inputs_of(metric) for base in _bases(item.metric, known)]
    if entity is not None:
        yield from (Use(base, entity) for base in (*models_of(metric), *inputs))
    for base in models_of(metric):
        model = known.models.get(base)
        measure = model.measure(getattr(metric.of, "measure", "")) if model else None
        if measure is not None and measure.non_additive is not None:
            yield from (Use(base, name) for name in measure.non_additive.window_groupings)


def _conditions(metric: Metric, known: Definitions) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each condition of `metric` with the models whose rows it chooses."""
    if metric.filter:
        yield _bases(metric.id, known, metric), metric.filter
    for item in inputs_of(metric):
        if item.filter:
            yield _bases(item.metric, known), item.filter
    if isinstance(metric.of, Retention):
        if metric.of.cohort_filter:
            yield (metric.of.cohort_model,), metric.of.cohort_filter
        if metric.of.return_filter:
            yield (metric.of.return_model,), metric.of.return_filter


def _bases(
    metric_id: str, known: Definitions, metric: Metric | None = None, above: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Return the models whose rows a condition on the metric chooses."""
    metric = metric or known.metrics.get(metric_id)
    if metric is None or metric_id in above:
        return ()
    match metric.of:
        case Retention(cohort_model=cohort):
            return (cohort,)
        case Conversion(base=base):
            inputs = [base.metric]
        case _:
            inputs = [item.metric for item in inputs_of(metric)]
    below = (_bases(item, known, None, (*above, metric_id)) for item in inputs)
    return tuple(dict.fromkeys((*models_of(metric), *(base for part in below for base in part))))
