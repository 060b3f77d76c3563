"""Owns `ValueIndex`: where a text names a value of a dimension, seen through a Policy.

Values are read elsewhere and handed in as plain entries; nothing here touches a database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from metric_catalog.policy import Policy
from metric_catalog.query import Scalar
from retrieval.folding import fold_name, is_cjk
from retrieval.occurrence import NameEvidence, Occurrence, in_reading_order
from retrieval.phrases import Hit, PhraseIndex
from retrieval.sight import Sight, Visible

EXACT_SCORE = 1.0
SYNONYM_SCORE = 0.97
FUZZY_SCORE = 0.65
WEAK_SCORE = 0.3
PREFIX_SCORE, SUFFIX_SCORE, CONTAINS_SCORE = 0.8, 0.7, 0.6
SHORTEST_PART = 2
_BREAK = "\n"


@dataclass(frozen=True, slots=True)
class ValueEntry:
    """A stored `value` of `dimension` (its short name) in semantic model `model`.

    `words`: how people write it (labels); `synonyms`: other words. The stored value itself is
    always a word.
    """

    dimension: str
    value: Scalar
    words: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    model: str = ""


class ValueIndex:
    """All values of a project's dimensions, found by their words."""

    def __init__(self, entries: Iterable[ValueEntry]) -> None:
        self._entries = tuple(entries)
        self._owners: list[tuple[int, NameEvidence]] = []
        words: list[str] = []
        for number, entry in enumerate(self._entries):
            for word, evidence in _words(entry):
                words.append(word)
                self._owners.append((number, evidence))
        self._words = tuple(words)
        self._phrases = PhraseIndex(words)
        self._homes = frozenset((entry.model, entry.dimension) for entry in self._entries)
        self._all = ""

    def occurrences(
        self, text: str, policy: Policy, visible: Visible | None = None
    ) -> tuple[Occurrence, ...]:
        """Return every stretch of `text` that is a value the asker may see, in reading order.

        `visible`: the values that the asker's rows hold, needed for dimensions whose rows the
        policy narrows by another dimension; without it their values stay unseen.
        """
        sight = Sight(policy, self._homes, visible)
        hits = self._phrases.hits(text)
        exact = {(hit.start, hit.end) for hit in hits if not hit.fuzzy}
        found = []
        for hit in hits:
            if hit.fuzzy and ((hit.start, hit.end) in exact or self._begins_otherwise(text, hit)):
                continue
            found.append(self._occurrence(text, hit))
        return in_reading_order(self._seen(found, sight))

    def search(
        self, text: str, policy: Policy, count: int = 10, visible: Visible | None = None
    ) -> tuple[Occurrence, ...]:
        """Return up to `count` values that `text` as a whole may mean, the surest first.

        Equal words, then values that begin with, end in or contain the text, then misspelt ones.
        """
        sight = Sight(policy, self._homes, visible)
        form = fold_name(text)
        found = [
            self._occurrence(text, hit)
            for hit in self._phrases.hits(text)
            if (hit.start, hit.end) == (len(text) - len(text.lstrip()), len(text.rstrip()))
        ]
        if len(form) >= SHORTEST_PART:
            found += self._containing(text, form, count * 10)
        seen = self._seen(found, sight)
        return tuple(
            sorted(seen, key=lambda o: (-o.score, len(str(o.value)), str(o.value)))[:count]
        )

    def _begins_otherwise(self, text: str, hit: Hit) -> bool:
        """Whether a Latin name begins with another letter: Suzhou is no slip of Quzhou."""
        typed, known = text[hit.start].lower(), self._words[hit.phrase][:1].lower()
        return typed.isascii() and known.isascii() and typed != known

    def _containing(self, text: str, form: str, most: int) -> list[Occurrence]:
        found: list[Occurrence] = []
        if not self._all:
            self._all = _BREAK + _BREAK.join(self._phrases.forms) + _BREAK
        patterns = (
            (_BREAK + form, PREFIX_SCORE),
            (form + _BREAK, SUFFIX_SCORE),
            (form, CONTAINS_SCORE),
        )
        for pattern, score in patterns:
            place = self._all.find(pattern)
            while place >= 0 and len(found) < most:
                start = self._all.rfind(_BREAK, 0, place + 1) + 1
                end = self._all.index(_BREAK, place + 1)
                whole = self._all[start:end]
                if whole != form:
                    found.extend(self._named(text, whole, score))
                place = self._all.find(pattern, end)
        return found

    def _named(self, text: str, form: str, score: float) -> list[Occurrence]:
        return [
            self._made(text, 0, len(text), number, "fuzzy", score)
            for number in self._phrases.numbers(form)
        ]

    def _occurrence(self, text: str, hit: Hit) -> Occurrence:
        evidence: NameEvidence = "fuzzy" if hit.fuzzy else self._owners[hit.phrase][1]
        score = _score(evidence, self._words[hit.phrase])
        return self._made(text, hit.start, hit.end, hit.phrase, evidence, score)

    def _made(
        self, text: str, start: int, end: int, phrase: int, evidence: NameEvidence, score: float
    ) -> Occurrence:
        entry = self._entries[self._owners[phrase][0]]
        return Occurrence(
            start=start,
            end=end,
            words=text[start:end],
            kind="value",
            id=entry.dimension,
            evidence=evidence,
            score=score,
            dimension=entry.dimension,
            value=entry.value,
            models=(entry.model,) if entry.model else (),
        )

    def _seen(self, found: list[Occurrence], sight: Sight) -> list[Occurrence]:
        """What the asker may see, one value of one dimension once per stretch."""
        best: dict[tuple[int, int, str, str], Occurrence] = {}
        for each in found:
            model = each.models[0] if each.models else ""
            if not sight.shows(model, each.id, each.value):
                continue
            key = (each.start, each.end, each.id, repr(each.value))
            best[key] = _joined(best[key], each) if key in best else each
        return list(best.values())


def _joined(one: Occurrence, other: Occurrence) -> Occurrence:
    better, lesser = (one, other) if one.score >= other.score else (other, one)
    models = tuple(dict.fromkeys((*better.models, *lesser.models)))
    return Occurrence(
        better.start, better.end, better.words, "value", better.id, better.evidence, better.score,
        better.dimension, better.value, models,
    )  # fmt: skip


def _words(entry: ValueEntry) -> list[tuple[str, NameEvidence]]:
    """Every word of the entry, the stored value first; each folded form once."""
    spoken: dict[str, NameEvidence] = {}
    for word in (_written(entry.value), *entry.words):
        spoken.setdefault(word, "exact")
    for word in entry.synonyms:
        spoken.setdefault(word, "synonym")
    return [(word, evidence) for word, evidence in spoken.items() if word.strip()]


def _written(value: Scalar) -> str:
    """The stored value as a word; truth values and null are no words."""
    return "" if value is None or isinstance(value, bool) else str(value)


def _score(evidence: NameEvidence, word: str) -> float:
    if evidence == "fuzzy":
        return FUZZY_SCORE
    if _is_weak(fold_name(word)):
        return WEAK_SCORE
    return EXACT_SCORE if evidence == "exact" else SYNONYM_SCORE


def _is_weak(form: str) -> bool:
    """Single characters and bare numbers say little: 男, A, 7, 2024."""
    if len(form) == 1:
        return True
    return not any(letter.isalpha() or is_cjk(letter) for letter in form)


def grouped(entries: Iterable[ValueEntry]) -> Mapping[tuple[str, str], tuple[ValueEntry, ...]]:
    """Return the entries by (model, dimension)."""
    groups: dict[tuple[str, str], list[ValueEntry]] = {}
    for entry in entries:
        groups.setdefault((entry.model, entry.dimension), []).append(entry)
    return {key: tuple(group) for key, group in groups.items()}
