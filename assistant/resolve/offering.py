"""Owns what a language model is offered: names and descriptions that the asker may see."""

from collections.abc import Iterator, Sequence
from typing import Literal

from assistant.llm.offer import Offer, Offered
from assistant.reading.leftovers import search_text
from assistant.reading.reading import Reading
from assistant.resolve.gate import NAMED, Gate
from assistant.resolve.outcomes import Clarification, Refusal
from metric_catalog.catalog import Catalog
from metric_catalog.joins import DimensionPath
from metric_catalog.model.semantic_model import Dimension
from metric_catalog.policy import Policy
from prompts.render import render

MOST_METRICS = 60
MOST_DIMENSIONS = 40
MOST_MEMBERS = 60
# Intents that words can add to a plain question; the others need slots of their own.
INTENTS = ("trend", "growth", "explain", "share", "cumulative", "anomaly", "forecast")

Doubt = Literal["metric", "contested", "unknown", "words"]


def find_doubt(reading: Reading, stopped: Clarification | Refusal | None) -> Doubt | None:
    """Return what a model may be asked about, None where it may not be asked.

    `metric`: candidates are there, none is sure. `contested`: a name stands against the meaning.
    `unknown`: no metric is near. `words`: the metric is named, other words are unexplained.
    """
    named = bool(reading.matches) and reading.matches[0].evidence in NAMED
    match stopped:
        case Refusal(reason="no_metric") if not named:
            return "unknown"
        case Clarification(slot="metric") if "contested" in reading.markers:
            return "contested"
        case Clarification(slot="metric") if not named:
            return "metric" if reading.matches else "unknown"
        case Clarification(slot="filter") if reading.leftovers and not reading.ambiguities:
            return "words"
        case _:
            return None


def make_offer(
    reading: Reading, doubt: Doubt, catalog: Catalog, policy: Policy, gate: Gate
) -> Offer:
    """Return what the unexplained words may be read as; nothing that the policy hides."""
    words = _unexplained(reading)
    if not words:
        return Offer((), ())
    if doubt == "contested":
        return Offer(words, tuple(_candidates(reading, catalog, policy)))
    metrics = () if doubt == "words" else tuple(_metrics(reading, catalog, policy))
    paths = tuple(_paths(reading, catalog, policy))[:MOST_DIMENSIONS]
    items = [*metrics, *_dimensions(reading, paths, catalog)]
    items += _members(reading, paths, policy, gate)
    if not reading.explicit_intent:
        items += [Offered("intent", (i,), render(reading.language, "assisted", i)) for i in INTENTS]
    return Offer(words, tuple(items), period=not reading.periods)


def _unexplained(reading: Reading) -> tuple[str, ...]:
    """Return the words left over; where none is, what the metric was searched by."""
    searched = search_text(reading.text, reading.spans)
    return reading.leftovers or ((searched,) if searched else ())


def _candidates(reading: Reading, catalog: Catalog, policy: Policy) -> Iterator[Offered]:
    for match in reading.matches:
        if may_be_named(match.metric, catalog, policy):
            yield _metric(match.metric, reading, catalog)


def _metrics(reading: Reading, catalog: Catalog, policy: Policy) -> list[Offered]:
    """Return the candidates first, then the rest of the catalog."""
    near = tuple(match.metric for match in reading.matches)
    every = [m for m in dict.fromkeys((*near, *catalog.metrics)) if m in catalog.metrics]
    shown = [m for m in every if may_be_named(m, catalog, policy)][:MOST_METRICS]
    return [_metric(m, reading, catalog) for m in shown]


def may_be_named(metric_id: str, catalog: Catalog, policy: Policy) -> bool:
    """Whether the asker may see the metric and would get an answer with it."""
    hidden = metric_id in policy.hidden_metrics or catalog.metric(metric_id).private
    return not hidden and catalog.status_of(metric_id) in ("published", "deprecated")


def _metric(metric_id: str, reading: Reading, catalog: Catalog) -> Offered:
    metric = catalog.metric(metric_id)
    language = reading.language
    return Offered("metric", (metric_id,), metric.name[language], metric.description[language])


def _paths(reading: Reading, catalog: Catalog, policy: Policy) -> Iterator[DimensionPath]:
    """Give the dimensions of the metrics that may be meant, each short name once."""
    metrics = reading.metrics or tuple(match.metric for match in reading.matches)
    seen: set[str] = set()
    for metric_id in metrics:
        for path in catalog.dimensions_of(metric_id):
            hidden = {path.short, path.name, catalog.canonical(path)} & policy.hidden_dimensions
            if path.short not in seen and not hidden and _is_public(path):
                seen.add(path.short)
                yield path


def _is_public(path: DimensionPath) -> bool:
    return isinstance(path.element, Dimension) and path.element.sensitivity == "public"


def _dimensions(
    reading: Reading, paths: tuple[DimensionPath, ...], catalog: Catalog
) -> Iterator[Offered]:
    grouped = {last_name(item.name) for item in reading.group_by}
    for path in paths:
        if path.short not in grouped and isinstance(path.element, Dimension):
            label = path.element.label[reading.language] or path.short
            yield Offered(
                "dimension", (path.short,), label, path.element.description[reading.language]
            )


def _members(
    reading: Reading, paths: Sequence[DimensionPath], policy: Policy, gate: Gate
) -> Iterator[Offered]:
    """Give members: those whose words are near the words left over, then those the catalog names.

    The value index is asked for both, so that only what the asker may see is offered.
    """
    if not reading.leftovers:
        return
    shorts = {path.short for path in paths}
    found: dict[tuple[str, str], str] = {}
    for words in reading.leftovers:
        for value, dimension in gate.nearest_values(words, policy):
            if last_name(dimension) in shorts:
                found.setdefault((last_name(dimension), value), value)
    for short, value, label in _declared(paths, reading):
        seen = gate.nearest_values(value, policy)
        if any((last_name(dimension), other) == (short, value) for other, dimension in seen):
            found[(short, value)] = label
    for (short, value), label in list(found.items())[:MOST_MEMBERS]:
        yield Offered("member", (short, value), label)


def _declared(paths: Sequence[DimensionPath], reading: Reading) -> Iterator[tuple[str, str, str]]:
    """Give (dimension, value, label) of the members that definitions give names to."""
    for path in paths:
        if isinstance(path.element, Dimension):
            for item in path.element.values:
                if isinstance(item.value, str):
                    yield path.short, item.value, item.label[reading.language] or item.value


def last_name(name: str) -> str:
    """Return the dimension's own name, without the path to it."""
    return name.rsplit("__", 1)[-1]
