"""Owns the words of time: the packs as a trie, and the folding of a text that keeps its offsets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Senses = Mapping[str, int | str]
PACKS = ("time_en", "time_zh")
TOKEN_SENSES_APART = frozenset(
    (
        "to_date",
        "cumulative_to_date",
        "cumulative",
        "grain",
        "grain_weak",
        "average",
        "comparison",
        "recent",
        "whole_unit",
    )
)
"""Senses of whole phrases: looked up beside the grammar, so that they do not cut its words."""

_LINE_ENDS = "\n\r\v\f\u2028\u2029"
_SEPARATORS = " \t-"
_PUNCTUATION = {
    **dict.fromkeys("–—−‒―－‐‑", "-"),
    **dict.fromkeys("～〜∼∽", "~"),
    **dict.fromkeys("‘’ʼ＇`´", "'"),
    **dict.fromkeys("\u3000\u00a0\u2009\u202f\t", " "),
    "〇": "零",
    "○": "零",
    "：": ":",
}
_FULL_WIDTH_SHIFT = 0xFEE0


@dataclass(slots=True)
class TrieNode:
    """A letter of the lexicon; `senses` where a phrase ends."""

    after: dict[str, "TrieNode"] = field(default_factory=dict)
    senses: dict[str, int | str] | None = None
    guard: frozenset[str] = frozenset()
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase found in a text: its end, its senses, and whether it needs neighbours."""

    end: int
    senses: Senses
    weak: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of both packs: `words` feed the grammar, `phrases` are signals of their own."""

    words: TrieNode
    phrases: TrieNode
    folding: Mapping[int, str]


@cache
def load_lexicon() -> Lexicon:
    """The lexicon of both packs; read once."""
    words, phrases = TrieNode(), TrieNode()
    folding = {ord(char): plain for char, plain in _PUNCTUATION.items()}
    folding |= {0xFF01 + i: chr(0x21 + i).lower() for i in range(94) if 0xFF01 + i not in folding}
    for pack in PACKS:
        path = Path(__file__).with_name("packs") / f"{pack}.yml"
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_FastLoader)  # noqa: S506
        for pair in data.get("traditional", "").split():
            folding[ord(pair[0])] = pair[1]
        _add_pack(words, phrases, data)
    return Lexicon(words, phrases, folding)


# The same safe loader in C where PyYAML has it: the packs load ten times faster.
_FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _add_pack(words: TrieNode, phrases: TrieNode, data: dict[str, Any]) -> None:
    for sense, values in data["senses"].items():
        root = phrases if sense in TOKEN_SENSES_APART else words
        for value, texts in values.items():
            for text in texts:
                node = _insert(root, text)
                node.senses = {**(node.senses or {}), sense: value}
    for text in data.get("stop", ()):
        _insert(words, text).senses = {}
    for root in (words, phrases):
        for text, following in data.get("guards", {}).items():
            _insert(root, text).guard = frozenset(str(item) for item in following)
        for text in data.get("weak", ()):
            _insert(root, text).weak = True


def _insert(root: TrieNode, text: str) -> TrieNode:
    node = root
    for char in text:
        node = node.after.setdefault(char, TrieNode())
    return node


def fold(text: str) -> str:
    """The text in lower case, half width and simplified characters, character for character."""
    folding = load_lexicon().folding
    return "".join(
        folding.get(ord(char)) or (low if len(low := char.lower()) == 1 else char) for char in text
    )


def longest(root: TrieNode, text: str, start: int) -> Entry | None:
    """The longest phrase of the lexicon that begins at `start` of a folded text."""
    if not _is_boundary(text, start):
        return None
    node, place, best = root, start, None
    while True:
        if node.senses is not None and _may_end(node, text, place):
            best = Entry(place, node.senses, node.weak)
        if place == len(text):
            return best
        after = node.after.get(text[place])
        if after is not None:
            node, place = after, place + 1
            continue
        after = node.after.get(" ")
        if after is None or text[place] not in _SEPARATORS:
            return best
        node, place = after, place + 1
        while place < len(text) and text[place] in _SEPARATORS:
            place += 1


def _is_boundary(text: str, place: int) -> bool:
    """Whether no Latin word and no number goes on across the place."""
    if place in (0, len(text)):
        return True
    left, right = text[place - 1], text[place]
    if not (left.isascii() and right.isascii()):
        return True
    return not (left.isalpha() and right.isalnum()) and not (left.isdigit() and right.isdigit())


def _may_end(node: TrieNode, text: str, place: int) -> bool:
    if not _is_boundary(text, place):
        return False
    return not node.guard or not any(text.startswith(word, place) for word in node.guard)
