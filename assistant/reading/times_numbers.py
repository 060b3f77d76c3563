"""Owns numbers in words: Chinese numerals, and English cardinals and ordinals such as years."""

from collections.abc import Sequence

CHINESE_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
CHINESE_TENS = {"廿": 20, "卅": 30}
CHINESE_UNITS = {"十": 10, "百": 100, "千": 1000}
CHINESE_NUMERALS = frozenset((*CHINESE_DIGITS, *CHINESE_TENS, *CHINESE_UNITS))
MAX_NUMERALS = 8
_CENTURIES = (18, 19, 20)
_TEN, _TWENTY, _HUNDRED, _THOUSAND = 10, 20, 100, 1000


def read_chinese(text: str) -> tuple[int, bool] | None:
    """(value, read digit by digit) of a run of Chinese numerals; None if it is too long."""
    if len(text) > MAX_NUMERALS:
        return None
    if all(char in CHINESE_DIGITS for char in text):
        value = 0
        for char in text:
            value = value * _TEN + CHINESE_DIGITS[char]
        return value, len(text) > 1
    total, current = 0, 0
    for char in text:
        if char in CHINESE_UNITS:
            total += max(current, 1) * CHINESE_UNITS[char]
            current = 0
        elif char in CHINESE_TENS:
            total, current = total + CHINESE_TENS[char], 0
        else:
            current = CHINESE_DIGITS[char]
    return total + current, False


def add_word(value: int | None, word: int) -> int | None:
    """The number after one more number word, or None if the word begins another number.

    two, thousand, eighteen -> 2018; twenty, sixteen -> 2016; twenty, seven -> 27.
    """
    if value is None:
        return word
    low = value % _HUNDRED
    if word == _THOUSAND:
        return value * _THOUSAND if value < _THOUSAND else None
    if word == _HUNDRED:
        return value * _HUNDRED if value < _HUNDRED and value >= 1 else None
    if word < _TEN:
        joins = low == 0 or (low >= _TWENTY and low % _TEN == 0)
        return value + word if joins else None
    if value in _CENTURIES:
        return value * _HUNDRED + word
    return value + word if low == 0 and value >= _HUNDRED else None


def read_english(words: Sequence[int]) -> tuple[int, int]:
    """(value, words used) of the longest number at the head of number words; at least one word."""
    value: int | None = None
    for used, word in enumerate(words):
        following = add_word(value, word)
        if following is None:
            return value or 0, used
        value = following
    return value or 0, len(words)
