"""Owns the language packs: the words of questions and what they mean, found in a text."""

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from assistant.reading.spans import Span

PACKS = ("en", "zh")
MAX_WORD = 80


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning (`intent.explain`, `rank.top`, `filler`, …) with the pattern of its words."""

    name: str
    pattern: re.Pattern[str]


@lru_cache(maxsize=1)
def meanings() -> tuple[Meaning, ...]:
    """Return every meaning of every pack; raises re.error on a broken pattern."""
    found = []
    for pack in PACKS:
        text = files("assistant.reading.packs").joinpath(f"{pack}.yml").read_text("utf-8")
        for name, words in yaml.safe_load(text).items():
            for group in _groups(words, pack):
                found.append(Meaning(name, re.compile(group)))
    return tuple(found)


def _groups(words: list[str], pack: str) -> list[str]:
    """Return one pattern per entry, longest alternatives decided by the regular expression."""
    if pack == "zh":
        return [f"(?:{word})" for word in words]
    return [rf"(?<![a-z0-9])(?:{word})(?![a-z0-9])" for word in words]


def find_words(text: str) -> tuple[Span, ...]:
    """Return every word span of `text`, which is folded (lower case, simplified); may overlap."""
    spans = []
    for meaning in meanings():
        for match in meaning.pattern.finditer(text):
            start, end = match.span()
            if end > start and end - start <= MAX_WORD:
                spans.append(Span(start, end, text[start:end], "word", meaning.name))
    return tuple(spans)
