"""Owns the language packs: the words of questions and what they mean, found in a text."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from assistant.reading.spans import Span

MAX_WORD = 80


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """The words of one language: a YAML file of patterns by meaning.

    `spaced`: words end where no letter or digit follows, as in English; in Chinese they do not.
    """

    file: Path
    spaced: bool


EN = LanguagePack(Path(__file__).with_name("packs") / "en.yml", spaced=True)
ZH = LanguagePack(Path(__file__).with_name("packs") / "zh.yml", spaced=False)
PACKS = (EN, ZH)


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning (`intent.explain`, `rank.top`, `filler`, …) with the pattern of its words."""

    name: str
    pattern: re.Pattern[str]


@lru_cache(maxsize=4)
def meanings(packs: tuple[LanguagePack, ...]) -> tuple[Meaning, ...]:
    """Return every meaning of every pack; raises re.error on a broken pattern, OSError."""
    found = []
    for pack in packs:
        for name, words in yaml.safe_load(pack.file.read_text("utf-8")).items():
            for group in _groups(words, pack):
                found.append(Meaning(name, re.compile(group)))
    return tuple(found)


def _groups(words: list[str], pack: LanguagePack) -> list[str]:
    """Return one pattern per entry, longest alternatives decided by the regular expression."""
    if not pack.spaced:
        return [f"(?:{word})" for word in words]
    return [rf"(?<![a-z0-9])(?:{word})(?![a-z0-9])" for word in words]


def find_words(text: str, packs: tuple[LanguagePack, ...] = PACKS) -> tuple[Span, ...]:
    """Return every word span of `text`, which is folded (lower case, simplified); may overlap."""
    spans = []
    for meaning in meanings(packs):
        for match in meaning.pattern.finditer(text):
            start, end = match.span()
            if end > start and end - start <= MAX_WORD:
                spans.append(Span(start, end, text[start:end], "word", meaning.name))
    return tuple(spans)
