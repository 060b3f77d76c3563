"""Owns the rules on words: no two definitions answer to the same word, in any language."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from metric_catalog.catalog import Catalog
from metric_catalog.issues import Issue, Severity, issue
from metric_catalog.model.metrics import Metric
from metric_catalog.rules.places import place_of

ALIVE = ("draft", "in_review", "published", "deprecated")


def plain(word: str) -> str:
    """Return a word as lookups see it: width, case, spaces and underscores do not matter."""
    folded = unicodedata.normalize("NFKC", word).casefold()
    return "".join(folded.replace("_", " ").split())


def words_of(metric: Metric) -> Iterator[tuple[str, str]]:
    """Yield every word for `metric` with the field that holds it."""
    for language in ("en", "zh"):
        name = getattr(metric.name, language)
        if name:
            yield f"name.{language}", name
        for index, word in enumerate(getattr(metric.synonyms, language)):
            yield f"synonyms.{language}[{index}]", word


def _named(catalog: Catalog) -> Iterator[Metric]:
    for metric in catalog.metrics.values():
        if metric.status in ALIVE and not metric.private:
            yield metric


def words_do_not_collide(catalog: Catalog) -> Iterator[Issue]:
    """Two metrics share no name and no synonym, within a language and across both."""
    owners: dict[str, list[tuple[Metric, str, str]]] = defaultdict(list)
    for metric in _named(catalog):
        for field, word in words_of(metric):
            owners[plain(word)].append((metric, field, word))
    for claims in owners.values():
        first = claims[0][0]
        for metric, field, word in claims[1:]:
            if metric.id == first.id:
                continue
            place = place_of(catalog, "metrics", metric.id, field)
            both_named = field.startswith("name") and claims[0][1].startswith("name")
            code = "name_collision" if both_named else "synonym_collision"
            severity = _severity(first, metric)
            yield issue(code, place, severity=severity, word=word, metric=metric.id, other=first.id)


def _severity(first: Metric, second: Metric) -> Severity:
    """A successor may keep the words of the metric that it replaces."""
    related = second.id == first.successor or first.id == second.successor
    return "warning" if related else "error"


def synonyms_say_something(catalog: Catalog) -> Iterator[Issue]:
    """A synonym is neither empty nor a repetition inside its own language."""
    for metric in _named(catalog):
        seen: dict[tuple[str, str], str] = {}
        for field, word in words_of(metric):
            language = field.split(".")[1][:2]
            key = (language, plain(word))
            place = place_of(catalog, "metrics", metric.id, field)
            if not key[1]:
                yield issue("synonym_empty", place, severity="warning", metric=metric.id)
            elif key in seen:
                given = {"word": word, "metric": metric.id}
                yield issue("synonym_repeated", place, severity="warning", **given)
            seen.setdefault(key, field)


def dimensions_do_not_collide(catalog: Catalog) -> Iterator[Issue]:
    """No dimension is called like a metric."""
    metrics = {plain(w): m.id for m in _named(catalog) for _, w in words_of(m)}
    for model in catalog.models.values():
        for dimension in model.dimensions:
            words = (dimension.label.en, dimension.label.zh, *dimension.synonyms.all)
            for word in dict.fromkeys(word for word in words if word):
                if plain(word) in metrics:
                    place = place_of(
                        catalog, "semantic_models", model.id, f"dimensions.{dimension.name}"
                    )
                    yield issue(
                        "dimension_named_like_metric",
                        place,
                        severity="warning",
                        word=word,
                        dimension=dimension.name,
                        metric=metrics[plain(word)],
                    )
