"""Owns folding for patterns: a text as the packs compare it, at the same offsets."""

import unicodedata

from retrieval.folding import fold_letter

_APOSTROPHES = frozenset("’‘´`")


def fold(text: str) -> str:
    """Return `text` in lower case, half width and simplified characters; of the same length."""
    return "".join(_same_length(letter) for letter in text)


def _same_length(letter: str) -> str:
    if letter in _APOSTROPHES:
        return "'"
    if letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf"):
        return " "
    folded = fold_letter(letter)
    return folded if len(folded) == 1 else letter
