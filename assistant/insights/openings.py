"""Owns how sentences begin: with a capital letter, where the language has them."""

import re

from metric_catalog.model.definition import Language

_PLAIN_WORD = re.compile(r"[a-z]+(?=[\s:,;.-]|$)")


def opened(text: str, language: Language) -> str:
    """Return `text` with its first letter large where it begins with a plain small word.

    Names with a look of their own stay as they are: eBay, iOS.
    """
    if language == "zh" or not _PLAIN_WORD.match(text):
        return text
    return text[0].upper() + text[1:]
