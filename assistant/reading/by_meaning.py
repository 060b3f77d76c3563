"""Owns the search by meaning: which words of a question are searched, and which are surest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.reading.leftovers import search_text
from assistant.reading.spans import Span
from assistant.reading.value_slots import KEYS
from metric_catalog.policy import Policy
from retrieval.match import MetricMatch

Matches = tuple[MetricMatch, ...]
Search = Callable[[str, Policy], Matches]
Confidence = Callable[[Matches], float]

# How many metrics found by meaning are weighed against each other.
MOST_CANDIDATES = 5
# From here on a text is sure of its metric; by how many times the odds one is much surer.
SURE = 0.85
MUCH_SURER = 5.0
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Meaning:
    """The stage that finds metrics by meaning: its search, and how sure its first match is."""

    search: Search
    confidence: Confidence


def texts_of(text: str, cover: Sequence[Span], *, named: bool, counted: bool) -> tuple[str, ...]:
    """Return the texts to search for the metric of a question, none where it says nothing of one.

    First the words alone. Where no metric is `named`, also with the set phrases (of "what part
    was paid back" every word counts) and with the members: mostly they are whose figure is asked
    for, but in 老顾客流失 they are what it is about. `counted` = a number of things is asked for.
    """
    # "How many users" alone says too little for its words to count.
    bare = search_text(text, cover).lower().rstrip("s") in KEYS
    words = search_text(text, cover, counted=counted and not bare)
    plain = not any(len(part) >= SHORTEST or part.isascii() for part in words.split())
    if named or bare or plain:
        return (words,) if words else ()
    texts = [words, search_text(text, cover, phrases=True)]
    if any(span.kind == "value" for span in cover):
        texts.append(search_text(text, cover, members=True, counted=counted))
    return tuple(dict.fromkeys(filter(None, texts)))


def surest(
    texts: Sequence[str],
    fit: Callable[[Matches], Matches],
    meaning: Meaning,
    policy: Policy,
) -> tuple[Matches, bool]:
    """Return what is found by the text whose first match is surest; `fit` leaves what may be.

    And whether that is disputed: another text is rather sure of another metric.
    """
    heard = [fit(meaning.search(text, policy)) for text in texts]
    odds = [_odds(meaning.confidence(found[:MOST_CANDIDATES])) for found in heard]
    told = [pair for pair in zip(odds, heard, strict=True) if pair[1]]
    if not told:
        return (), False
    # The words alone are the poorest text: what else is sure of itself knows more.
    richer = [pair for pair in told[1:] if pair[0] >= _odds(SURE)]
    best_odds, best = max(richer or told, key=lambda pair: pair[0])
    apart = [other for other, found in told if found[0].metric != best[0].metric and other >= 1.0]
    rivals = [other for other, found in richer if found[0].metric != best[0].metric]
    far = MUCH_SURER if richer else 1 / MUCH_SURER
    return best, bool(rivals) or any(other > best_odds * far for other in apart)


def _odds(probability: float) -> float:
    return probability / max(1.0 - probability, 1e-9)
