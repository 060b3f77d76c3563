"""Owns `Concepts`: which common ideas a text speaks of, whatever its words and its language.

`concepts.yml` lists the words of each idea; regular forms of English verbs are made here.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

import yaml

from retrieval.folding import is_cjk
from retrieval.phrases import Hit, PhraseIndex

# Which kind of figure is asked for, not what it is about.
SHAPES = frozenset({"share", "count", "amount", "average", "duration", "total"})
# Ideas that nearly every question has: they say little about which metric is meant.
COMMON = SHAPES | {"person", "product", "user", "start_something", "complete", "first_time"}
COMMON_WEIGHT = 0.5
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_VOWELS = "aeiou"
_SHORTEST_VERB = 3


class Concepts:
    """Words and phrases by the concept they stand for."""

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        self.fingerprint = sha256(repr(sorted(words.items())).encode()).hexdigest()
        self._owners: list[str] = []
        phrases: list[str] = []
        for concept, listed in words.items():
            for phrase in dict.fromkeys(form for word in listed for form in _inflected(word)):
                phrases.append(phrase)
                self._owners.append(concept)
        self._phrases = PhraseIndex(phrases)

    def of(self, text: str) -> frozenset[str]:
        """Return the concepts that `text` speaks of.

        Inside a longer phrase an English word means something else (try in "tries to pay"), and
        so does a single Chinese character (回 in 回头客); a Chinese word keeps its meaning.
        """
        return frozenset(concept for _, _, concept in self.places(text))

    def places(self, text: str) -> tuple[tuple[int, int, str], ...]:
        """Return where `text` speaks of which concept: (start, end, concept)."""
        hits = self._phrases.hits(text, fuzzy=False)
        return tuple(
            (hit.start, hit.end, self._owners[hit.phrase])
            for hit in hits
            if not (self._loses_meaning(text, hit) and any(_holds(other, hit) for other in hits))
        )

    def _loses_meaning(self, text: str, hit: Hit) -> bool:
        if self._owners[hit.phrase] in SHAPES:
            return False
        return hit.end - hit.start == 1 or not is_cjk(text[hit.start])


def _holds(outer: Hit, inner: Hit) -> bool:
    longer = outer.end - outer.start > inner.end - inner.start
    return longer and outer.start <= inner.start and inner.end <= outer.end


@cache
def common_concepts() -> Concepts:
    """Return the concepts that come with the program."""
    path = Path(__file__).with_name("concepts.yml")
    listed = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 (safe loader)
    return Concepts({name: (*words["en"], *words["zh"]) for name, words in listed.items()})


def _inflected(phrase: str) -> Iterator[str]:
    """The phrase, and its regular -ed and -ing forms, made of the first word."""
    yield phrase
    verb, _, rest = phrase.partition(" ")
    if not (verb.isascii() and verb.isalpha() and verb.islower() and len(verb) >= _SHORTEST_VERB):
        return
    for form in _verb_forms(verb):
        yield f"{form} {rest}".strip()


def _verb_forms(verb: str) -> tuple[str, ...]:
    if verb.endswith(("ed", "ing", "s", "ly", "ion", "ment")):
        return ()
    if verb.endswith("e"):
        return (f"{verb}d", f"{verb[:-1]}ing")
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return (f"{verb[:-1]}ied", f"{verb}ing")
    doubled = verb + verb[-1]
    return (f"{verb}ed", f"{verb}ing", f"{doubled}ed", f"{doubled}ing")
