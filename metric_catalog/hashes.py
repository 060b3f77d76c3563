"""Owns definition hashes: one number for everything that a metric means, its words left out.

The hash is transitive: it covers the input metrics, the measures, filters, the tables of the
metric with their keys and dimensions, what its conditions reach by joins, the metrics they ask
for, the time spines and the part of the calendar it is counted by, and the zone.
"""

import hashlib
import json
from typing import Any

from metric_catalog.calendar_used import calendar_used
from metric_catalog.calendars import SUNDAY, Calendar
from metric_catalog.foundations import add_counted, foundation
from metric_catalog.model.metrics import Metric, inputs_of
from metric_catalog.model.semantic_model import SemanticModel
from metric_catalog.used_names import (
    Definitions,
    condition_metrics,
    metrics_below,
    models_of,
    names_plain_time,
)

HASH_LENGTH = 16
MEANING = ("of", "filter", "time_dimension", "zero_denominator", "unit", "currency")
WORDS = {"label", "description", "synonyms", "values", "searchable", "sensitivity"}
LATER = frozenset({"attribution", "looks_back"})
"""Keys that came later: what they say by default says nothing new of a definition."""


def definition_hash(metric_id: str, known: Definitions, calendar: Calendar) -> str:
    """Return the hash of the meaning of `metric_id`: the same for equal meaning, in hex."""
    meaning = _meaning(metric_id, known, ())
    calendar = calendar_used(metric_id, known, calendar)
    whole: dict[str, Any] = {"metric": meaning, "calendar": repr(calendar)}
    if calendar.retail_week_start != SUNDAY:
        whole["retail_week_start"] = calendar.retail_week_start
    if clock := default_clock(metric_id, known):
        whole["default_grain"] = clock
    text = json.dumps(whole, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_LENGTH]


def default_clock(metric_id: str, known: Definitions) -> dict[str, Any]:
    """Return the metric's default grain where a condition is read by it, with its spine."""
    pending, done = [metric_id], set[str]()
    grain = known.metrics[metric_id].default_grain
    while grain and pending:
        current = known.metrics.get(pending.pop())
        if current is None or current.id in done:
            continue
        if names_plain_time(current):
            found: dict[str, Any] = {"grain": grain}
            add_counted(found, grain, known.time_spines)
            return found
        done.add(current.id)
        pending.extend(metrics_below(current))
    return {}


def _meaning(metric_id: str, known: Definitions, above: tuple[str, ...]) -> dict[str, Any]:
    metric = known.metrics.get(metric_id)
    if metric is None or metric_id in above:
        return {"missing": metric_id}
    dumped = own_meaning(metric)
    below = (*above, metric_id)
    dumped["inputs"] = [_meaning(i.metric, known, below) for i in inputs_of(metric)]
    models = [known.models[m] for m in models_of(metric) if m in known.models]
    dumped["models"] = [model_meaning(model, metric) for model in models]
    if asked := condition_metrics(metric):
        dumped["asked"] = [_meaning(name, known, below) for name in asked]
    if rest := foundation(metric, known):
        dumped["foundation"] = rest
    return dumped


def own_meaning(metric: Metric) -> dict[str, Any]:
    """Return what the metric's own lines mean, as JSON."""
    dumped = metric.model_dump(mode="json", include=set(MEANING))
    for later in LATER & dumped["of"].keys():
        if dumped["of"][later] == "every":
            del dumped["of"][later]
    return dumped


def model_meaning(model: SemanticModel, metric: Metric) -> dict[str, Any]:
    """Return what a model that `metric` reads means for it, as JSON: of the measures its own."""
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
