"""Owns definition hashes: one number for everything that a metric means, its words left out.

The hash is transitive: it covers the input metrics, the measures, filters, the table and the
joins and dimensions of every model it touches, the calendar and the zone.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from metric_catalog.calendars import SUNDAY, Calendar
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

HASH_LENGTH = 16
MEANING = ("of", "filter", "time_dimension", "zero_denominator", "unit", "currency")
WORDS = {"label", "description", "synonyms", "values", "searchable", "sensitivity"}


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


def definition_hash(
    metric_id: str,
    metrics: Mapping[str, Metric],
    models: Mapping[str, SemanticModel],
    calendar: Calendar,
) -> str:
    """Return the hash of the meaning of `metric_id`: the same for equal meaning, in hex."""
    meaning = _meaning(metric_id, metrics, models, ())
    whole: dict[str, Any] = {"metric": meaning, "calendar": repr(calendar)}
    if calendar.retail_week_start != SUNDAY:
        whole["retail_week_start"] = calendar.retail_week_start
    text = json.dumps(whole, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_LENGTH]


def _meaning(
    metric_id: str,
    metrics: Mapping[str, Metric],
    models: Mapping[str, SemanticModel],
    above: tuple[str, ...],
) -> dict[str, Any]:
    metric = metrics.get(metric_id)
    if metric is None or metric_id in above:
        return {"missing": metric_id}
    dumped = metric.model_dump(mode="json", include=set(MEANING))
    below = (*above, metric_id)
    dumped["inputs"] = [_meaning(i.metric, metrics, models, below) for i in inputs_of(metric)]
    dumped["models"] = [_model(models[m], metric) for m in models_of(metric) if m in models]
    return dumped


def _model(model: SemanticModel, metric: Metric) -> dict[str, Any]:
    used = getattr(metric.of, "measure", None)
    dumped = model.model_dump(mode="json", exclude=WORDS)
    dumped["measures"] = [m for m in dumped["measures"] if m["name"] == used]
    return {key: _bare(value) for key, value in dumped.items()}


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items() if key not in WORDS}
    return value
