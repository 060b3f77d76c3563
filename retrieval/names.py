"""Owns `NameIndex`: where a text names a metric, goal, dimension or entity.

Built from the catalog alone: no database, no vectors.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Text, Words
from metric_catalog.model.metrics import Metric
from metric_catalog.policy import Policy
from retrieval.folding import fold_name
from retrieval.occurrence import NamedKind, NameEvidence, Occurrence, in_reading_order
from retrieval.phrases import Hit, PhraseIndex

EXACT_SCORE = 1.0
SYNONYM_SCORE = 0.97
FUZZY_SCORE = 0.7
# One wrong letter says less against a long name than against a short one.
FUZZY_LENGTH, FUZZY_GAIN, MOST_FUZZY = 6, 0.02, 0.9

# "Each" before a dimension's name asks for groups; it is no part of the name.
EACH = "各"
SHORTEST_STEM = 2
# A stem that ends so is a person or a thing on its own, not what is counted.
NO_STEM_END = frozenset("人户者次销件笔倍总客")
# So many of its last words may come first: the success rate of payments.
LONGEST_HEAD = 2
# A name with one of these in it is no plain compound: it does not turn.
LINKS = frozenset(
    ("of", "per", "to", "by", "in", "on", "for", "with", "and", "at", "a", "the", "after", "not")
)
PARTS = frozenset(("share", "shares", "percentage", "proportion", "number", "count", "part"))


@dataclass(frozen=True, slots=True)
class Named:
    """One word or phrase that names `id`, as people write it; `models` as in `Occurrence`."""

    words: str
    kind: NamedKind
    id: str
    evidence: NameEvidence
    models: tuple[str, ...] = ()


class NameIndex:
    """Every name and synonym of a catalog, in both languages."""

    def __init__(self, names: Iterable[Named]) -> None:
        self._names = _merged(names)
        self._phrases = PhraseIndex(name.words for name in self._names)

    @classmethod
    def of(cls, catalog: Catalog) -> "NameIndex":
        """Return the index of all metrics (private ones left out), goals, dimensions, entities."""
        return cls((*_metrics(catalog), *_goals(catalog), *_elements(catalog)))

    def occurrences(self, text: str, policy: Policy) -> tuple[Occurrence, ...]:
        """Return every stretch of `text` that is a name the asker may see, in reading order.

        Overlapping ones are all returned, also several meanings of one stretch. An exact hit
        hides the misspelt reading of the same stretch.
        """
        best: dict[tuple[int, int, str, str], Occurrence] = {}
        hits = self._phrases.hits(text)
        exact = {(hit.start, hit.end) for hit in hits if not hit.fuzzy}
        for hit in hits:
            name = self._names[hit.phrase]
            if _hidden(name, policy) or (hit.fuzzy and (hit.start, hit.end) in exact):
                continue
            found = _occurrence(text, hit, name)
            key = (found.start, found.end, found.kind, found.id)
            if key not in best or found.score > best[key].score:
                best[key] = found
        return in_reading_order(list(best.values()))


def _occurrence(text: str, hit: Hit, name: Named) -> Occurrence:
    evidence: NameEvidence = "fuzzy" if hit.fuzzy else name.evidence
    score = EXACT_SCORE if evidence == "exact" else SYNONYM_SCORE
    if evidence == "fuzzy":
        more = max(0, hit.end - hit.start - FUZZY_LENGTH)
        score = min(MOST_FUZZY, FUZZY_SCORE + FUZZY_GAIN * more)
    dimension = name.id if name.kind == "dimension" else None
    return Occurrence(
        start=hit.start,
        end=hit.end,
        words=text[hit.start : hit.end],
        kind=name.kind,
        id=name.id,
        evidence=evidence,
        score=score,
        dimension=dimension,
        models=name.models,
    )


def _hidden(name: Named, policy: Policy) -> bool:
    if name.kind == "metric":
        return name.id in policy.hidden_metrics
    return name.kind in ("dimension", "entity") and hides(policy, name.id)


def hides(policy: Policy, dimension: str) -> bool:
    """Return whether the asker may not see the dimension, under its short name or any path."""
    if not policy.hidden_dimensions:
        return False
    return any(hidden.rsplit("__", 1)[-1] == dimension for hidden in policy.hidden_dimensions)


def _merged(names: Iterable[Named]) -> tuple[Named, ...]:
    """The same words for the same thing once, with the models of all and the best evidence."""
    found: dict[tuple[str, str, str], Named] = {}
    for name in names:
        if not name.words.strip():
            continue
        key = (name.words.casefold(), name.kind, name.id)
        old = found.get(key)
        if old is None:
            found[key] = name
            continue
        evidence: NameEvidence = "exact" if "exact" in (old.evidence, name.evidence) else "synonym"
        models = tuple(dict.fromkeys((*old.models, *name.models)))
        found[key] = Named(old.words, name.kind, name.id, evidence, models)
    return tuple(found.values())


def _metrics(catalog: Catalog) -> Iterator[Named]:
    shown = [metric for metric in catalog.metrics.values() if not metric.private]
    for metric in shown:
        yield from _named("metric", metric.id, metric.name, metric.synonyms)
    yield from _stems(shown)
    yield from _turned(shown)


def _stems(metrics: Iterable[Metric]) -> Iterator[Named]:
    """Names without the closing "number of" (订单数 → 订单), where they mean one metric alone."""
    taken: set[str] = set()
    owners: dict[str, set[str]] = {}
    for metric in metrics:
        taken.update((metric.name.zh, *metric.synonyms.zh))
        stem = metric.name.zh.removesuffix("数")
        if stem != metric.name.zh and len(stem) >= SHORTEST_STEM and stem[-1] not in NO_STEM_END:
            owners.setdefault(stem, set()).add(metric.id)
    for stem, ids in owners.items():
        if len(ids) == 1 and stem not in taken:
            yield Named(stem, "metric", next(iter(ids)), "synonym")


def _turned(metrics: Iterable[Metric]) -> Iterator[Named]:
    """English names with their last word first, where they mean one metric alone.

    The refund rate is the rate of refunds, an unpaid order rate the rate of unpaid orders.
    """
    taken = {fold_name(words) for metric in metrics for words in _english(metric)}
    owners: dict[str, dict[str, str]] = {}
    for metric in metrics:
        for words in (turned for name in _english(metric) for turned in _turns(name)):
            owners.setdefault(fold_name(words), {})[metric.id] = words
    for form, said in owners.items():
        if len(said) == 1 and form not in taken:
            yield from (Named(words, "metric", id, "synonym") for id, words in said.items())


def _english(metric: Metric) -> tuple[str, ...]:
    return tuple(words for words in (metric.name.en, *metric.synonyms.en) if words)


def _turns(name: str) -> Iterator[str]:
    words = name.casefold().split()
    if any(word in LINKS or not word.replace("-", "").isalnum() for word in words):
        return
    for place in range(1, len(words))[-LONGEST_HEAD:]:
        whole, head = " ".join(words[:place]), " ".join(words[place:])
        if head in PARTS:  # "share of old customers who …" goes on
            continue
        for said in (whole, f"{whole}s"):
            yield from (f"{head} of {said}", f"{head} of the {said}", f"{head} of our {said}")


def _goals(catalog: Catalog) -> Iterator[Named]:
    for goal in catalog.goals.values():
        yield from _named("goal", goal.id, goal.name, goal.synonyms)


def _elements(catalog: Catalog) -> Iterator[Named]:
    for model in catalog.models.values():
        for dimension in model.dimensions:
            at = (model.id,)
            yield from _named("dimension", dimension.name, dimension.label, dimension.synonyms, at)
        for entity in model.entities:
            yield from _named("entity", entity.name, entity.label or Text(), Words(), (model.id,))


def _named(
    kind: NamedKind, id: str, name: Text, synonyms: Words, models: tuple[str, ...] = ()
) -> Iterator[Named]:
    for words in dict.fromkeys((id, name.en, name.zh)):
        yield Named(words, kind, id, "exact", models)
    for words in synonyms.all:
        bare = words.removeprefix(EACH) if kind == "dimension" else words
        yield Named(bare, kind, id, "synonym", models)
