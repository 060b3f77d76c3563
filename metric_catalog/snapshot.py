"""Owns snapshots: a metric's whole definition as plain data, and the catalog made of it again."""

from typing import Any

from metric_catalog.calendars import Calendar
from metric_catalog.catalog import Catalog
from metric_catalog.model.metrics import Metric
from metric_catalog.model.semantic_model import SemanticModel, TimeSpine
from metric_catalog.used_names import metrics_below, models_of

Json = dict[str, Any]


def take_snapshot(catalog: Catalog, metric_id: str) -> Json:
    """Return the metric, all that it is made of and every model (joins may reach any), as JSON."""
    pending, metrics = [metric_id], {}
    while pending:
        current = catalog.metric(pending.pop())
        if current.id not in metrics:
            metrics[current.id] = current
            pending.extend(metrics_below(current))
    touched = {m for metric in metrics.values() for m in models_of(metric)}
    reached = {p.model for model in touched for p in catalog.reach(model)} | touched
    return {
        "metric": metric_id,
        "hash": catalog.hash_of(metric_id),
        "metrics": [m.model_dump(mode="json") for m in metrics.values()],
        "models": [catalog.models[m].model_dump(mode="json") for m in sorted(reached)],
        "time_spines": [s.model_dump(mode="json") for s in catalog.time_spines],
    }


def open_snapshot(snapshot: Json, calendar: Calendar) -> Catalog:
    """Return a catalog of the snapshot's definitions only; raises pydantic.ValidationError."""
    metrics = [Metric.model_validate(item) for item in snapshot["metrics"]]
    models = [SemanticModel.model_validate(item) for item in snapshot["models"]]
    return Catalog(
        calendar=calendar,
        metrics={metric.id: metric for metric in metrics},
        models={model.id: model for model in models},
        time_spines=tuple(TimeSpine.model_validate(s) for s in snapshot.get("time_spines", ())),
        trusted=True,
    )
