"""Owns the backing of a model's picks: what else must speak for them before they answer."""

import re
from collections.abc import Iterator, Sequence

from assistant.llm.choice import Choice
from assistant.reading.cover import FILLERS
from assistant.reading.folding import fold
from assistant.reading.reading import Reading
from assistant.resolve.gate import MOST_OPTIONS, Gate
from assistant.resolve.offering import Doubt, last_name, may_be_named
from metric_catalog.catalog import Catalog
from metric_catalog.policy import Policy

SEVERAL = 2
# So many everyday words together say which metric is meant, and what a character counts of them.
ENOUGH, CHARACTER = 3.0, 0.75
_WORD = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")


def is_backed(
    reading: Reading,
    doubt: Doubt,
    taken: Sequence[Choice],
    catalog: Catalog,
    policy: Policy,
    gate: Gate,
) -> bool:
    """Whether every pick is one that the asker would be offered without a model, and no duel.

    A metric must be among the candidates shown. A member must be the only one whose name is like
    the words. Splits, periods and intents rest on the model alone, and are not backed.
    """
    others = [choice for choice in taken if choice.kind != "metric"]
    if not all(_is_near(choice, reading, policy, gate) for choice in others):
        return False
    picked = [choice.target[0] for choice in taken if choice.kind == "metric"]
    if doubt == "words":
        return not picked
    shown = [match.metric for match in reading.matches[:MOST_OPTIONS]]
    is_shown = doubt == "metric" and all(metric in shown for metric in picked)
    return is_shown and says_which(reading, catalog, policy)


def _is_near(choice: Choice, reading: Reading, policy: Policy, gate: Gate) -> bool:
    """Whether the value index alone finds the member, and no other, from the words left over."""
    if choice.kind != "member":
        return False
    left = [words for words in reading.leftovers if words in fold(choice.words)]
    near = {pair for words in left for pair in gate.nearest_values(words, policy)}
    dimension, value = choice.target
    return {(last_name(name), found) for found, name in near} == {(dimension, value)}


def says_which(reading: Reading, catalog: Catalog, policy: Policy) -> bool:
    """Whether the words that nothing explains say more than several metrics' names have in common.

    "Profit" and 转化率 are parts of several names, "it went down" has no words of its own: only
    the asker knows which is meant.
    """
    names = [
        tuple(fold(name) for name in _names(metric, catalog))
        for metric in catalog.metrics
        if may_be_named(metric, catalog, policy)
    ]

    def is_shared(word: str) -> bool:
        return sum(any(_stem(word) in name for name in own) for own in names) >= SEVERAL

    if any(not is_shared(word) for word in _words(reading, ())):
        return True
    said = [word for word in _words(reading, FILLERS) if not is_shared(word)]
    return sum(1.0 if word.isascii() else len(word) * CHARACTER for word in said) >= ENOUGH


def _words(reading: Reading, kept: tuple[str, ...]) -> list[str]:
    """Return the words of the question that no lexicon knows, and those of the kinds `kept`."""
    letters = list(fold(reading.text))
    for span in reading.spans:
        if span.name not in kept:
            letters[span.start : span.end] = " " * span.length
    return _WORD.findall("".join(letters))


def _names(metric_id: str, catalog: Catalog) -> Iterator[str]:
    metric = catalog.metric(metric_id)
    yield from (metric.name.en, metric.name.zh, *metric.synonyms.all)


def _stem(word: str) -> str:
    """Return an English word without the s of its plural; short ones and Chinese as they are."""
    return word[:-1] if word.isascii() and len(word) > len("cost") and word[-1] == "s" else word
