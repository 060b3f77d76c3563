"""Owns the gate: which readings may become a query, which are asked back, which refused."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from assistant.reading.cover import FILLERS
from assistant.reading.reading import Reading
from assistant.resolve.outcomes import Clarification, Option, Refusal
from metric_catalog.catalog import Catalog
from metric_catalog.policy import Policy
from prompts.render import render
from retrieval.grams import grams_of
from retrieval.lexical import Strangeness
from retrieval.match import MetricMatch

MOST_OPTIONS = 4
SHOWN_DIMENSIONS = 8
NAMED = ("exact", "synonym", "fuzzy", "picked")
Confidence = Callable[[tuple[MetricMatch, ...]], float]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The probabilities above which a metric found by meaning is answered, asked about, heard.

    `likely`: the score of a first match that is asked about though several others are as near.
    """

    answer: float = 0.85
    ask: float = 0.5
    hear: float = 0.2
    likely: float = 0.996


@dataclass(frozen=True, slots=True)
class Gate:
    """How sure is sure enough: `confidence` in a metric found by meaning, its thresholds.

    `nearest_values` gives (label, dimension) of the members that look like some words;
    `strangeness` says whether words are about anything that the metrics are about.
    """

    confidence: Confidence
    nearest_values: Callable[[str, Policy], tuple[tuple[str, str], ...]]
    strangeness: Callable[[str], Strangeness]
    thresholds: Thresholds = Thresholds()


def check(
    reading: Reading, catalog: Catalog, policy: Policy, gate: Gate
) -> Clarification | Refusal | None:
    """Return why the reading cannot be answered as it is, None where it can."""
    refused = _out_of_scope(reading)
    if refused:
        return refused
    if reading.intent == "catalog":
        return None
    unclear = _unclear_metric(reading, catalog, policy, gate)
    if unclear:
        return unclear
    ungoverned = _ungoverned(reading, catalog, policy)
    if ungoverned:
        return ungoverned
    if reading.impossible:
        return _impossible(reading, catalog)
    if reading.ambiguities:
        return _which_member(reading, catalog)
    return _unknown_words(reading, catalog, policy, gate) or _split_missing(reading, catalog)


def _split_missing(reading: Reading, catalog: Catalog) -> Clarification | None:
    """Ask of what a share or a ranking is wanted, or who is to meet a condition."""
    told = reading.group_by or reading.grain or len(reading.periods) > 1
    lone_share = reading.intent == "share" and reading.filters is None
    lone_condition = reading.having is not None and reading.intent in ("value", "threshold")
    if told or not (lone_share or lone_condition or reading.intent == "ranking"):
        return None
    labels = [
        path.element.label[reading.language]
        for path in catalog.dimensions_of(reading.metrics[0])
        if path.element.label
    ]
    options = tuple(
        Option(label, _say(reading, "split_by", words=reading.text, label=label))
        for label in dict.fromkeys(labels[:MOST_OPTIONS])
    )
    text = _say(reading, "which_split", words=_words(reading))
    return Clarification("group_by", text, options, reading.language) if options else None


def _say(reading: Reading, key: str, **arguments: str) -> str:
    return render(reading.language, "clarification", key, **arguments)


def _impossible(reading: Reading, catalog: Catalog) -> Refusal:
    """Name what the metric can be split by instead."""
    metric = reading.metrics[0]
    labels = [
        path.element.label[reading.language] or path.short
        for path in catalog.dimensions_of(metric)[:SHOWN_DIMENSIONS]
        if path.element.label
    ]
    text = render(
        reading.language,
        "refusal",
        "no_dimension",
        metric=catalog.metric(metric).name[reading.language],
        dimension=reading.impossible[0],
        known=render(reading.language, "narrative", "list_joiner").join(labels) or "–",
    )
    return Refusal("impossible", text, reading.impossible[0], (), reading.language)


def refuse(
    reading: Reading, reason: str, missing: str = "", nearest: tuple[str, ...] = (), **extra: str
) -> Refusal:
    """Return a refusal with its sentence."""
    text = render(reading.language, "refusal", reason, missing=missing, **extra)
    return Refusal(reason, text, missing, nearest, reading.language)


def _out_of_scope(reading: Reading) -> Refusal | None:
    for reason in ("injection", "personal", "chat"):
        if f"refuse.{reason}" in reading.markers:
            if reason == "chat" and reading.metrics:
                continue
            return refuse(reading, {"chat": "out_of_scope"}.get(reason, reason))
    if not any(letter.isalnum() for letter in reading.text):
        return refuse(reading, "empty")
    if "proof" in reading.markers:
        return refuse(reading, "cause_proof", _words(reading), reading.metrics[:3])
    named = {span.name for span in reading.spans if span.kind == "metric"}
    numbers = any(span.kind == "number" for span in reading.spans)
    if "refuse.formula" in reading.markers and (len(named) > 1 or (named and numbers)):
        return refuse(reading, "formula", _words(reading), reading.metrics[:3])
    return None


def _unclear_metric(
    reading: Reading,
    catalog: Catalog,
    policy: Policy,
    gate: Gate,
) -> Clarification | Refusal | None:
    visible = tuple(m for m in reading.matches if m.metric not in policy.hidden_metrics)
    nearest = tuple(m.metric for m in visible)[:MOST_OPTIONS]
    if not visible:
        return _metric_missing(reading, catalog, policy)
    if "contested" in reading.markers:
        return _which_metric(reading, nearest, catalog)
    if visible[0].evidence in NAMED:
        return None
    strange = {gate.strangeness(words) for words in reading.leftovers}
    if "foreign" in strange:
        return refuse(reading, "no_metric", _words(reading), nearest[:3])
    sure = gate.confidence(visible)
    if sure >= gate.thresholds.answer and "novel" not in strange:
        return None
    if sure >= gate.thresholds.ask or visible[0].score >= gate.thresholds.likely:
        return _which_metric(reading, nearest, catalog)
    if reading.explicit_intent and not reading.leftovers:
        return _metric_missing(reading, catalog, policy)
    if sure < gate.thresholds.hear and not _understood(reading):
        return refuse(reading, "out_of_scope", "", nearest[:3])
    return refuse(reading, "no_metric", _words(reading), nearest[:3])


def _understood(reading: Reading) -> bool:
    """Whether anything of a metric question was understood, the metric apart."""
    return bool(
        reading.periods
        or reading.group_by
        or reading.filters
        or reading.comparison
        or reading.grain
    )


def _with_headline(nearest: tuple[str, ...], catalog: Catalog) -> tuple[str, ...]:
    """Return the options with the headline metric of the first one's goal among them."""
    heads = [
        goal.metrics[0]
        for goal in catalog.goals.values()
        if nearest and nearest[0] in goal.metrics and catalog.status_of(goal.metrics[0]) != "draft"
    ]
    if not heads or heads[0] in nearest:
        return nearest
    return (*nearest[: MOST_OPTIONS - 1], heads[0])


def _which_metric(reading: Reading, nearest: tuple[str, ...], catalog: Catalog) -> Clarification:
    shown = _with_headline(nearest, catalog)
    options = tuple(metric_option(reading, m, catalog) for m in shown)
    text = _say(reading, "which_metric", words=_words(reading))
    return Clarification("metric", text, options, reading.language)


def _metric_missing(reading: Reading, catalog: Catalog, policy: Policy) -> Clarification | Refusal:
    """Ask for the metric where everything else was understood; refuse where nothing was."""
    understood = _understood(reading) or reading.explicit_intent
    if not understood or reading.leftovers:
        return refuse(reading, "no_metric", _words(reading))
    heads = dict.fromkeys(goal.metrics[0] for goal in catalog.goals.values() if goal.metrics)
    first = (m for m in catalog.metrics.values() if m.tier == 1 and m.status == "published")
    heads.update(dict.fromkeys(metric.id for metric in first))
    shown = [m for m in heads if m in catalog.metrics and m not in policy.hidden_metrics]
    options = tuple(metric_option(reading, m, catalog) for m in shown[:MOST_OPTIONS])
    text = _say(reading, "no_metric_named")
    return Clarification("metric", text, options, reading.language)


def metric_option(reading: Reading, metric_id: str, catalog: Catalog) -> Option:
    """Return the option that asks the same about `metric_id`: its name and the words understood."""
    name = catalog.metric(metric_id).name[reading.language]
    rest = [
        s.words
        for s in reading.spans
        if s.kind not in ("metric", "goal") and s.name not in FILLERS
        and not s.name.startswith(("refuse", "cond", "follow"))
    ]  # fmt: skip
    joiner = "" if reading.language == "zh" else " "
    return Option(name, joiner.join([name, *rest]))


def _words(reading: Reading) -> str:
    return reading.text.strip()[:80]


def _ungoverned(reading: Reading, catalog: Catalog, policy: Policy) -> Refusal | None:
    for metric_id in reading.metrics:
        metric = catalog.metric(metric_id)
        name = metric.name[reading.language]
        if metric_id in policy.hidden_metrics:
            return refuse(reading, "no_metric", _words(reading))
        status = catalog.status_of(metric_id)
        if reading.intent == "definition":
            continue
        if status in ("draft", "in_review"):
            return refuse(reading, "draft", name, _others(reading, metric_id), status=status)
        if status == "retired":
            successor = (metric.successor,) if metric.successor else ()
            return refuse(reading, "retired", name, successor)
    return None


def _others(reading: Reading, metric_id: str) -> tuple[str, ...]:
    return tuple(m.metric for m in reading.matches if m.metric != metric_id)[:3]


def _which_member(reading: Reading, catalog: Catalog) -> Clarification:
    ambiguity = reading.ambiguities[0]
    options = []
    for label, dimension in ambiguity.options[:MOST_OPTIONS]:
        said = dimension_label(dimension, reading, catalog) or label
        naming = (
            f"{said}{ambiguity.words}" if reading.language == "zh" else f"{said} {ambiguity.words}"
        )
        options.append(Option(naming, reading.text.replace(ambiguity.words, naming, 1)))
    text = _say(reading, "which_dimension", words=ambiguity.words)
    return Clarification(ambiguity.slot, text, tuple(options), reading.language)


def dimension_label(dimension: str, reading: Reading, catalog: Catalog) -> str:
    """Return what people call the dimension, in the question's language."""
    for metric in reading.metrics:
        for path in catalog.dimensions_of(metric):
            if dimension in (path.name, path.short) and path.element.label:
                return path.element.label[reading.language] or path.short
    return dimension


def _member_label(value: str, dimension: str, reading: Reading, catalog: Catalog) -> str:
    """Return what people call a member, in the question's language."""
    for model in catalog.models.values():
        owner = model.dimension(dimension)
        known = next((v for v in owner.values if str(v.value) == value), None) if owner else None
        if known is not None and known.label:
            return known.label[reading.language] or value
    return value


def _put(words: str, said: str, text: str) -> str:
    """Say something else for some words of a text, whatever their case."""
    return re.sub(re.escape(words), lambda _: said, text, count=1, flags=re.IGNORECASE)


def _is_said_of(words: str, reading: Reading, catalog: Catalog) -> bool:
    """Whether the names or the description of the metric asked for have these words themselves.

    Satisfaction *with our service*: the definition says that it is the service that is rated.
    """
    if not reading.metrics:
        return False
    metric = catalog.metric(reading.metrics[0])
    language = reading.language
    said = (metric.name[language], *metric.synonyms[language], metric.description[language])
    known = frozenset(gram for text in said for gram in grams_of(text))
    grams = grams_of(words)
    return bool(grams) and grams <= known


def _is_everyday(words: str, gate: Gate) -> bool:
    """Whether words of a question whose metric is sure say nothing that has to be understood.

    A number in them does: version 9.9.9.
    """
    return not any(map(str.isdigit, words)) and not gate.strangeness(words)


def _unknown_words(
    reading: Reading, catalog: Catalog, policy: Policy, gate: Gate
) -> Clarification | None:
    if reading.matches and reading.matches[0].evidence not in NAMED:
        return None
    for words in reading.leftovers:
        if _is_said_of(words, reading, catalog):
            continue
        found = gate.nearest_values(words, policy)
        near = dict.fromkeys(_member_label(v, d, reading, catalog) for v, d in found)
        options = tuple(
            Option(label, _put(words, label, reading.text)) for label in list(near)[:MOST_OPTIONS]
        )
        if options:
            text = _say(reading, "unknown_value", words=words)
            return Clarification("filter", text, options, reading.language)
        if "agreed" in reading.markers and _is_everyday(words, gate):
            continue
        without = _put(words, "", reading.text)
        text = _say(reading, "unknown_words", words=words)
        label = _say(reading, "ignore_words", words=words)
        return Clarification("filter", text, (Option(label, without),), reading.language)
    return None
