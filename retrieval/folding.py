"""Owns folding: text brought to the form in which names are compared, with a way back.

Letters: compatibility forms (full width), case, accents and traditional characters are levelled;
spaces, hyphens, underscores and apostrophes fall away; English plurals and number words become
their plain form. Every folded character knows the stretch of the text it stands for.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_IS_CJK = re.compile(f"[{CJK}]")
_ALL_CJK = re.compile(f"[{CJK}]+")
_TOKEN = re.compile(
    rf"(?P<word>[^\W\d_{CJK}]+(?:['’][^\W\d_{CJK}]+)*)"
    r"|(?P<number>\d+(?:[.,:/~\-–—]\d+)*\+?)"
    r"|(?P<gap>[\s\-_‐‑–—·'’]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_RANGE_DASHES = str.maketrans("~–—", "---")
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1
    )
} | {
    "twelve": "12",
    "fourteen": "14",
    "twenty": "20",
    "thirty": "30",
    "sixty": "60",
    "ninety": "90",
}
# Plural-looking words that mean something else without their s.
_NOT_PLURAL = frozenset({"news", "goods", "means", "series", "always", "ios", "sms", "aws"})
_SHORTEST_PLURAL = 4
_DIGITS = frozenset("一二三四五六七八九")
_TENS = frozenset("十百千")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or single character: its place [start, end) in the folded text."""

    start: int
    end: int
    is_word: bool


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded `text`; character i stands for source[starts[i]:ends[i]].

    `opens[i]`, `closes[i]`: whether a name may begin with, or end at, character i: never in the
    middle of a Latin word or a number.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    opens: tuple[bool, ...]
    closes: tuple[bool, ...]
    tokens: tuple[Token, ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the source that the folded stretch [start, end) stands for."""
        return self.starts[start], self.ends[end - 1]

    def replaced(self, token: Token, word: str) -> "Folded":
        """Return the text with the word `token` spelt `word`, standing for the same source."""
        first, last = self.place(token.start, token.end)
        count = len(word)
        middle = (False,) * (count - 1)
        before, after = slice(token.start), slice(token.end, None)
        return Folded(
            self.text[before] + word + self.text[after],
            (*self.starts[before], *(first,) * count, *self.starts[after]),
            (*self.ends[before], *(last,) * count, *self.ends[after]),
            (*self.opens[before], True, *middle, *self.opens[after]),
            (*self.closes[before], *middle, True, *self.closes[after]),
            (),
        )

    def without(self, dropped: frozenset[int]) -> "Folded":
        """Return the text without the characters at the places `dropped`."""
        kept = [i for i in range(len(self.text)) if i not in dropped]
        return Folded(
            "".join(self.text[i] for i in kept),
            tuple(self.starts[i] for i in kept),
            tuple(self.ends[i] for i in kept),
            tuple(self.opens[i] for i in kept),
            tuple(self.closes[i] for i in kept),
            (),
        )


def is_cjk(letter: str) -> bool:
    """Return whether `letter` is a Chinese character."""
    return _IS_CJK.match(letter) is not None


def fold(text: str) -> Folded:
    """Return `text` folded, with the way back to it."""
    letters, sources = _levelled(text)
    out: list[str] = []
    places: list[tuple[int, int]] = []
    opens: list[bool] = []
    closes: list[bool] = []
    tokens: list[Token] = []
    glued = False
    for word, first, last, kind in _folded_tokens(letters):
        stretch = _stretches(word, letters, sources, first, last)
        # A number glued to a word before it (d7, q4) is the rest of that word; so is 七 of 十七.
        glued = glued or (word in _DIGITS and bool(out) and out[-1] in _TENS)
        opens.extend(index == 0 and not glued for index in range(len(word)))
        closes.extend(index == len(word) - 1 for index in range(len(word)))
        tokens.append(Token(len(out), len(out) + len(word), kind == "word"))
        out.extend(word)
        places.extend(stretch)
        glued = kind == "word" and letters[last : last + 1].isdigit()
        if glued:
            closes[-1] = False
    starts, ends = tuple(p[0] for p in places), tuple(p[1] for p in places)
    return Folded("".join(out), starts, ends, tuple(opens), tuple(closes), tuple(tokens))


@cache
def fold_letter(letter: str) -> str:
    """Return the levelled form of one character: width, case, accents, traditional forms."""
    level = unicodedata.normalize("NFKC", letter).lower()
    if level.isascii():
        return level
    if len(level) == 1 and is_cjk(level):
        return _simplified(level)
    split = unicodedata.normalize("NFKD", level)
    bare = "".join(part for part in split if not unicodedata.combining(part))
    return unicodedata.normalize("NFKC", bare)


class _Levels(dict[int, str]):
    """The translation table of `fold_letter`, filled as letters are met."""

    def __missing__(self, code: int) -> str:
        self[code] = fold_letter(chr(code))
        return self[code]


_LEVELS = _Levels()


def fold_name(name: str) -> str:
    """Return the folded text alone: `fold(name).text`, quicker."""
    return form_and_words(name)[0]


def form_and_words(name: str) -> tuple[str, tuple[str, ...]]:
    """Return the folded text and the Latin words in it."""
    letters = name.translate(_LEVELS)
    if _ALL_CJK.fullmatch(letters):
        return letters, ()
    found = list(_folded_tokens(letters))
    words = tuple(word for word, _, _, kind in found if kind == "word")
    return "".join(word for word, _, _, _ in found), words


def _folded_tokens(letters: str) -> Iterator[tuple[str, int, int, str]]:
    for match in _TOKEN.finditer(letters):
        kind = match.lastgroup or "other"
        if kind == "gap":
            continue
        word = match.group()
        if kind == "word":
            word = _plain(word)
        elif kind == "number":
            word = word.translate(_RANGE_DASHES)
        yield word, match.start(), match.end(), kind


def _levelled(text: str) -> tuple[str, list[int]]:
    letters: list[str] = []
    sources: list[int] = []
    for index, letter in enumerate(text):
        for part in _LEVELS[ord(letter)]:
            letters.append(part)
            sources.append(index)
    return "".join(letters), sources


def _stretches(
    word: str, letters: str, sources: list[int], first: int, last: int
) -> list[tuple[int, int]]:
    """One stretch of the source per folded letter; the last one reaches the token's end."""
    end = sources[last - 1] + 1
    if len(word) > last - first or not letters.startswith(word, first):
        return [(sources[first], end)] * len(word)
    places = [(sources[first + i], sources[first + i] + 1) for i in range(len(word))]
    places[-1] = (places[-1][0], end)
    return places


def _plain(word: str) -> str:
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    word = word.replace("'", "").replace("’", "")
    return _NUMBER_WORDS.get(word) or _singular(word)


def _singular(word: str) -> str:
    if len(word) < _SHORTEST_PLURAL or not word.endswith("s") or word in _NOT_PLURAL:
        return word
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > _SHORTEST_PLURAL:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    return word[:-1]


@cache
def _simplified(letter: str) -> str:
    plain: str = _converter().convert(letter)
    return plain if len(plain) == 1 else letter


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")
