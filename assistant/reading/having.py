"""Owns conditions on metrics: which metric a number, or a loss, is said of."""

from collections.abc import Sequence

from assistant.reading.candidates import Lexicons
from assistant.reading.conditions import NumberCondition
from assistant.reading.reading import Reading
from assistant.reading.spans import Span
from metric_catalog.model.metrics import Conversion, EntityShare, Metric, Retention
from metric_catalog.query import Compare, Filter, both, filter_leaves


def read_having(
    draft: Reading,
    conditions: Sequence[NumberCondition],
    words: frozenset[str],
    lexicons: Lexicons,
) -> Filter | None:
    """Return the conditions on metrics; a loss is one too."""
    if not draft.metrics:
        return None
    having: Filter | None = None
    for condition in conditions:
        said = _metric_of(condition, draft, lexicons)
        value = scaled(condition, lexicons.catalog.metrics.get(said))
        having = both(having, Compare(said, condition.op, (value,)))
    if "cond.negative" in words:
        said = _negative(draft, lexicons)
        spoken = {leaf.dimension for leaf in filter_leaves(having)}  # type: ignore[union-attr]
        if said not in spoken and _may_be_negative(said, lexicons):
            having = both(having, Compare(said, "<", (0,)))
    return having


def _may_be_negative(metric: str, lexicons: Lexicons) -> bool:
    """Whether a figure can fall below zero: no share of entities can."""
    return not isinstance(lexicons.catalog.metrics[metric].of, (EntityShare, Retention, Conversion))


def _negative(draft: Reading, lexicons: Lexicons) -> str:
    """Return the metric that is said to be negative; losing money is the one asked for itself."""
    words = [s for s in draft.spans if s.name == "cond.negative"]
    named = [
        s for s in draft.spans if words and s.kind in ("metric", "goal") and s.end <= words[0].start
    ]
    return _said_metric(named[-1], draft, lexicons) if named else draft.metrics[0]


def _metric_of(condition: NumberCondition, draft: Reading, lexicons: Lexicons) -> str:
    """Return the metric that a condition is about: the one named last before it."""
    first = condition.spans[0]
    named = [s for s in draft.spans if s.kind in ("metric", "goal") and s.end <= first.start]
    if not named:
        return draft.metrics[0]
    return _said_metric(named[-1], draft, lexicons)


def _said_metric(last: Span, draft: Reading, lexicons: Lexicons) -> str:
    """Return the metric that a span names; a goal's words are for one near the metric asked for."""
    if last.kind == "metric":
        meant = [m.metric for m in draft.matches if m.words == last.words]
        return meant[0] if meant else last.name
    metrics = lexicons.catalog.goals[last.name].metrics
    if draft.metrics[0] in metrics:
        return draft.metrics[0]
    model = lexicons.catalog.base_models(draft.metrics[0])
    near = [m for m in metrics if set(lexicons.catalog.base_models(m)) & set(model)]
    return (*near, *metrics, draft.metrics[0])[0]


def scaled(condition: NumberCondition, metric: Metric | None) -> float | int:
    """Return the number in the metric's unit: "below 5" of a rate means 5 %."""
    is_rate = metric is not None and metric.unit == "ratio"
    if is_rate and not condition.percent and abs(condition.value) > 1:
        return round(condition.value / 100, 12)
    return condition.value
