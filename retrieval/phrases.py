"""Owns `PhraseIndex`: finds every known phrase inside a text, also where one letter is wrong.

A phrase is looked up by its folded text in a dictionary: from each place where a name may begin,
only the lengths that occur with the next two letters are tried, so the cost grows with the
length of the text and hardly with the number of phrases.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from retrieval.folding import Folded, Token, fold, form_and_words, is_cjk
from retrieval.spelling import HalfIndex, WordList

LONGEST_PHRASE = 80
_HEAD = 2
_HAS_NUMBER = re.compile(r"[0-9一二三四五六七八九]")
_PARTICLE = "的"
SHORTEST_BRIDGED = 3
_MOST_RESPELLINGS = 8
_NUMERALS = dict(zip("一二三四五六七八九", "123456789", strict=True))
_SPELT = {digit: numeral for numeral, digit in _NUMERALS.items()}


@dataclass(frozen=True, slots=True)
class Hit:
    """source[start:end] is the phrase `phrase` (its number); `fuzzy` = one letter is wrong."""

    start: int
    end: int
    phrase: int
    fuzzy: bool = False


class PhraseIndex:
    """Phrases by number, in the order given; equal folded phrases keep all their numbers."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._numbers: dict[str, list[int]] = {}
        self._vocabulary: set[str] = set()
        for number, phrase in enumerate(phrases):
            form, words = form_and_words(phrase)
            self._vocabulary.update(words)
            for spelt in _spellings(form):
                self._numbers.setdefault(spelt, []).append(number)
        self._lengths: dict[str, set[int]] = {}
        for form in self._numbers:
            self._lengths.setdefault(form[:_HEAD], set()).add(len(form))

    @property
    def forms(self) -> Iterable[str]:
        """Every folded phrase."""
        return self._numbers

    def numbers(self, form: str) -> tuple[int, ...]:
        """Return the numbers of the phrases folded to `form`."""
        return tuple(self._numbers.get(form, ()))

    def hits(self, text: str, fuzzy: bool = True) -> tuple[Hit, ...]:
        """Return all stretches of `text` that are phrases, overlapping ones too, each once."""
        folded = fold(text)
        found = dict.fromkeys(self._exact(folded))
        found |= dict.fromkeys(self._across_particles(folded))
        if fuzzy:
            known = {(hit.start, hit.end, hit.phrase) for hit in found}
            for hit in self._misspelt(folded):
                if (hit.start, hit.end, hit.phrase) not in known:
                    found[hit] = None
        return tuple(found)

    def _exact(self, folded: Folded, first: int = 0, last: int | None = None) -> Iterator[Hit]:
        text = folded.text
        for start in range(first, len(text) if last is None else last):
            if not folded.opens[start]:
                continue
            for length in self._lengths_at(text, start):
                end = start + length
                if end > len(text) or not folded.closes[end - 1]:
                    continue
                for number in self._numbers.get(text[start:end], ()):
                    yield Hit(*folded.place(start, end), number)

    def _lengths_at(self, text: str, start: int) -> Iterator[int]:
        if text[start] in self._lengths:
            yield 1
        yield from (
            self._lengths.get(text[start : start + _HEAD], ()) if start + 1 < len(text) else ()
        )

    def _across_particles(self, folded: Folded) -> Iterator[Hit]:
        """门店的利润 names 门店利润."""
        dropped = frozenset(i for i, letter in enumerate(folded.text) if letter == _PARTICLE)
        if not dropped:
            return
        bridged = {folded.starts[i] for i in dropped}
        for hit in self._exact(folded.without(dropped)):
            if any(hit.start < place < hit.end for place in bridged) and _is_long(hit, bridged):
                yield hit

    def _misspelt(self, folded: Folded) -> Iterator[Hit]:
        for token, word in self._respellings(folded):
            respelt = folded.replaced(token, word)
            after = token.start + len(word)
            first, last = folded.place(token.start, token.end)
            for hit in self._exact(respelt, max(0, token.start - LONGEST_PHRASE), after):
                if hit.start <= first and last <= hit.end:
                    yield Hit(hit.start, hit.end, hit.phrase, fuzzy=True)
        for start, form in self._halves.near(folded.text):
            place = folded.place(start, start + len(form))
            for number in self._numbers[form]:
                yield Hit(*place, number, fuzzy=True)

    def _respellings(self, folded: Folded) -> list[tuple[Token, str]]:
        found: list[tuple[Token, str]] = []
        for token in folded.tokens:
            if token.is_word and folded.opens[token.start]:
                word = folded.text[token.start : token.end]
                found.extend((token, near) for near in self._words.near(word))
        return found[:_MOST_RESPELLINGS]

    @cached_property
    def _words(self) -> WordList:
        return WordList(self._vocabulary)

    @cached_property
    def _halves(self) -> HalfIndex:
        return HalfIndex(form for form in self._numbers if not form.isascii())


def _is_long(hit: Hit, bridged: set[int]) -> bool:
    """Whether a name is long enough to be told when a particle stands in it: not 成|的|都."""
    inside = sum(hit.start < place < hit.end for place in bridged)
    return hit.end - hit.start - inside >= SHORTEST_BRIDGED


def _spellings(form: str) -> tuple[str, ...]:
    """The form, and its other spelling of numbers: 7日留存率 = 七日留存率, 一线 = 1线."""
    if not form or len(form) > LONGEST_PHRASE:
        return ()
    if form.isascii() or not _HAS_NUMBER.search(form):
        return (form,)
    other = "".join(
        _SPELT.get(letter, letter) if _counts(form, i) else _NUMERALS.get(letter, letter)
        for i, letter in enumerate(form)
    )
    return (form,) if other == form else (form, other)


def _counts(form: str, place: int) -> bool:
    """Whether the letter is a lone digit before a Chinese character."""
    following = form[place + 1 : place + 2]
    alone = not (form[place - 1 : place] if place else "").isalnum() or (
        place > 0 and is_cjk(form[place - 1])
    )
    return form[place].isdigit() and alone and bool(following) and is_cjk(following)
