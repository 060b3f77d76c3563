"""Owns the metric slot: which metrics a question means, by name, goal, example or meaning."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.reading.leftovers import search_text
from assistant.reading.spans import Span
from metric_catalog.catalog import Catalog
from metric_catalog.policy import Policy
from retrieval.folding import fold_name, is_cjk
from retrieval.match import MetricMatch

Search = Callable[[str, Policy], tuple[MetricMatch, ...]]
Confidence = Callable[[tuple[MetricMatch, ...]], float]

NAMED = ("exact", "synonym", "fuzzy", "picked")
JOINING = frozenset(
    ("and", "&", "plus", "with", "as well as", "the", "their", "also", "or",
     "和", "与", "及", "以及", "跟", "还有", "并", "、", "同时", "或")
)  # fmt: skip
SORTING = frozenset(("by", "ranked by", "sorted by", "sort by", "rank by", "按", "按照"))
SURE = ("exact", "synonym", "picked")
# How sure the meaning of a whole question must be to speak against a name found inside it.
RIVAL_CONFIDENCE = 0.85


@dataclass(frozen=True, slots=True)
class Meaning:
    """The stage that finds metrics by meaning: its search, and how sure its first match is."""

    search: Search
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class MetricSlot:
    """The metrics meant, best first. `verbatim` = the question is an example of the definition.

    `contested` = a name stands in the question, but the question as a whole means another one.
    """

    matches: tuple[MetricMatch, ...] = ()
    verbatim: bool = False
    contested: bool = False


def examples_of(catalog: Catalog) -> dict[str, str]:
    """Return folded example question → metric, without those that several metrics give."""
    found: dict[str, set[str]] = {}
    for metric in catalog.metrics.values():
        if not metric.private:
            for example in metric.examples.all:
                found.setdefault(_plain(example), set()).add(metric.id)
    return {text: metrics.pop() for text, metrics in found.items() if len(metrics) == 1}


def _plain(text: str) -> str:
    return "".join(letter for letter in fold_name(text) if letter.isalnum())


def fill_metric_slot(
    text: str,
    cover: Sequence[Span],
    leftovers: Sequence[str],
    catalog: Catalog,
    examples: dict[str, str],
    meaning: Meaning,
    policy: Policy,
) -> MetricSlot:
    """Return the metrics that a question means; meaning is searched where names leave doubt."""
    example = examples.get(_plain(text))
    if example is not None and example not in policy.hidden_metrics:
        return MetricSlot((MetricMatch(example, 1.0, "synonym", text),), verbatim=True)
    named = _named(cover)
    if named and all(match.evidence in SURE for match in named) and not leftovers:
        return MetricSlot(named)
    if not named:
        goal = _by_goal(cover, catalog)
        if goal:
            return MetricSlot(goal)
    wanted = search_text(text, cover)
    found = _that_fit(meaning.search(wanted, policy) if wanted else (), cover, catalog)
    similar = tuple(match for match in found if match.evidence not in NAMED)
    if not named:
        return MetricSlot(found)
    return _weigh(named, similar, meaning.confidence)


def _that_fit(
    found: tuple[MetricMatch, ...], cover: Sequence[Span], catalog: Catalog
) -> tuple[MetricMatch, ...]:
    """Return the metrics that have the members and dimensions said: "profit of Beijing East"."""
    said = {span.name for span in cover if span.kind in ("value", "dimension")}
    if not said:
        return found
    fitting = tuple(
        match
        for match in found
        if said <= {path.short for path in catalog.dimensions_of(match.metric)}
    )
    return fitting or found


def _named(cover: Sequence[Span]) -> tuple[MetricMatch, ...]:
    """Return the metrics named together: "GMV and orders" are two, "AOV of new buyers" is one.

    Of several that are not joined, the one after "by" counts, else the head of the phrase: the
    first in English, the last in Chinese.
    """
    groups = _joined(cover)
    if not groups:
        return ()
    ordered = [g for g in groups if _is_sorted_by(cover, g[0])]
    chinese = any(is_cjk(letter) for span in groups[-1] for letter in span.words)
    chosen = ordered[0] if ordered else groups[-1] if chinese else groups[0]
    matches: dict[str, MetricMatch] = {}
    for span in chosen:
        match = MetricMatch(span.name, span.score, span.evidence, span.words)  # type: ignore[arg-type]
        matches.setdefault(span.name, match)
    return tuple(matches.values())


def _joined(cover: Sequence[Span]) -> list[list[Span]]:
    """Return the metric spans in groups whose members are joined by "and", a comma, or nothing."""
    groups: list[list[Span]] = []
    open_group = False
    for span in cover:
        if span.kind == "metric":
            if open_group:
                groups[-1].append(span)
            else:
                groups.append([span])
            open_group = True
        elif span.kind != "word" or span.words.strip().lower() not in JOINING:
            open_group = False
    return groups


def _is_sorted_by(cover: Sequence[Span], metric: Span) -> bool:
    before = [span for span in cover if span.end <= metric.start][-1:]
    return bool(before) and before[0].words.lower() in SORTING


def _by_goal(cover: Sequence[Span], catalog: Catalog) -> tuple[MetricMatch, ...]:
    for span in cover:
        if span.kind == "goal" and catalog.goals[span.name].metrics:
            metrics = catalog.goals[span.name].metrics
            return tuple(MetricMatch(m, span.score, "synonym", span.words) for m in metrics[:1])
    return ()


def _weigh(
    named: tuple[MetricMatch, ...],
    similar: tuple[MetricMatch, ...],
    confidence: Confidence,
) -> MetricSlot:
    """Return the names, contested where the rest of the question surely means another metric."""
    if len(named) > 1 or not similar or similar[0].metric == named[0].metric:
        return MetricSlot(named)
    if confidence(similar) < RIVAL_CONFIDENCE:
        return MetricSlot(named)
    if named[0].evidence == "fuzzy":
        return MetricSlot((*similar[:1], *named, *similar[1:]))
    return MetricSlot((*named, *similar), contested=True)
