"""Owns leftovers: the content words of a question that nothing in its cover explains."""

import re
from collections.abc import Sequence

from assistant.reading.cover import FILLERS
from assistant.reading.spans import Span

_TOKEN = re.compile(r"[a-z0-9][a-z0-9'&.\-]*|[㐀-䶿一-鿿]+|[^\W_]+")
_LABEL = re.compile(r"[^:：\n?？]{1,60}(?:[:：](?!\d))(?=.*\w)")
# Words that may be part of what names a metric.
CONTENT = ("move.", "cond.", "weak")
COUNTING = ("rel.count", "intent.value")
SHORTEST_LATIN = 3
SHORTEST_CHINESE = 2


def find_leftovers(text: str, folded: str, cover: Sequence[Span]) -> tuple[str, ...]:
    """Return the uncovered words long enough to mean something, in order.

    `folded` is `text` in one case; two capitals (TV, UK) mean something too.
    """
    letters = list(folded)
    for span in cover:
        letters[span.start : span.end] = " " * span.length
    rest = "".join(letters)
    words = []
    for match in _TOKEN.finditer(rest):
        word = match.group().strip(".-'&")
        if _has_meaning(word) or _is_short_name(text[match.start() : match.end()]):
            words.append(word)
        elif noun := _noun_after(match, cover):
            words.append(folded[_noun_begins(match.start(), cover) : noun.end])
        elif not match.group().isascii() and not _misspells(match.start(), cover):
            words.append(folded[slice(*_broken_word(*match.span(), cover))])
    return tuple(words)


def with_label(cover: tuple[Span, ...], folded: str) -> tuple[Span, ...]:
    """Return the cover with a label taken as preamble: "Board pack: margin by quarter".

    A label stands before the first colon and says nothing that any lexicon knows.
    """
    label = _LABEL.match(folded)
    if label is None:
        return cover
    inside = [span for span in cover if span.start < label.end()]
    if any(span.name not in FILLERS for span in inside):
        return cover
    said = Span(0, label.end(), label.group(), "word", "preamble")
    return (said, *cover[len(inside) :])


def _is_short_name(word: str) -> bool:
    return len(word) == SHORTEST_LATIN - 1 and word.isascii() and word.isalpha() and word.isupper()


def _noun_after(match: re.Match[str], cover: Sequence[Span]) -> Span | None:
    """Return the dimension that a lone Chinese character is part of: 五|线|城市, 中|心|店."""
    if match.group().isascii():
        return None
    return next((s for s in cover if s.kind == "dimension" and s.start == match.end()), None)


def _misspells(start: int, cover: Sequence[Span]) -> bool:
    """Whether a lone character ends a metric's name, spelt wrongly: 复购律."""
    return any(s.kind == "metric" and s.end == start for s in cover)


def _broken_word(start: int, end: int, cover: Sequence[Span]) -> tuple[int, int]:
    """Return where the word stands whose other characters were taken for fillers: 拉|萨, 线|上."""
    single = [s for s in cover if s.name == "filler" and s.length == 1]
    start = next((s.start for s in single if s.end == start), start)
    end = next((s.end for s in single if s.start == end), end)
    return start, end


def _noun_begins(start: int, cover: Sequence[Span]) -> int:
    """Return where the word begins that ends in an unknown character at `start`."""
    before = next((s for s in cover if s.end == start), None)
    part = before is not None and (before.kind == "number" or before.name in FILLERS)
    return before.start if before is not None and part else start


def _has_meaning(word: str) -> bool:
    latin = word.isascii()
    if latin and any(letter.isdigit() for letter in word) and any(map(str.isalpha, word)):
        return True  # Q5, h3
    return len(word) >= (SHORTEST_LATIN if latin else SHORTEST_CHINESE)


def search_text(
    text: str, cover: Sequence[Span], *, members: bool = False, counted: bool = False
) -> str:
    """Return the text for the vector index: without times, members, numbers and set phrases.

    `members` = they stay; `counted` = so do the words that ask how many. Empty where only fillers
    and dimensions are left: they name no metric.
    """
    without = ("time", "number") if members else ("time", "value", "number")
    said = (*CONTENT, *(COUNTING if counted else ()))
    rest, core = list(text), list(text)
    for span in cover:
        set_phrase = span.kind == "word" and not span.name.startswith(said)
        if span.kind in without or (set_phrase and span.name != "filler"):
            rest[span.start : span.end] = " " * span.length
        if set_phrase or span.kind in (*without, "dimension"):
            core[span.start : span.end] = " " * span.length
    if not any(letter.isalnum() for letter in core):
        return ""
    return re.sub(r"\s+", " ", "".join(rest)).strip(" ?？!！。.,，")
