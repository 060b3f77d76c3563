"""Owns `Question`: what was asked, in which language, on which day, by whom."""

import datetime as dt
from dataclasses import dataclass

from metric_catalog.model.definition import Language

CJK_START, CJK_END = "\u3400", "\u9fff"


@dataclass(frozen=True, slots=True)
class Question:
    """One turn. `as_of` is the day asked and counts as incomplete; `after` is the answer before."""

    text: str
    as_of: dt.date
    language: Language
    asker: str = "everyone"
    after: str | None = None


_WIDTH = 0xFEE0
_HALF_WIDTH = {
    code: code - _WIDTH
    for first, last in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"), ("％", "％"))
    for code in range(ord(first), ord(last) + 1)
}


def plain_text(text: str) -> str:
    """Return `text` on one line, letters and digits in half width, without half characters.

    Shells and JSON may let half a character through.
    """
    whole = text.encode("utf-8", "replace").decode("utf-8").translate(_HALF_WIDTH)
    return " ".join(whole.split())


def language_of(text: str, fallback: Language = "en") -> Language:
    """Return the language of `text`: Chinese where it has Chinese characters."""
    if any(CJK_START <= letter <= CJK_END for letter in text):
        return "zh"
    return "en" if any(letter.isalpha() for letter in text) else fallback
