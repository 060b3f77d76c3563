"""Owns the tokens of time: words with their senses, numbers, and dates in figures."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assistant.reading.times_lexicon import Senses, TrieNode, load_lexicon, longest
from assistant.reading.times_numbers import CHINESE_NUMERALS, read_chinese, read_english

YEAR_DIGITS = 4
_YEAR_LIKE = 1000
MAX_NUMBER_WORDS = 10
NO_SENSES: Mapping[str, int | str] = {}
_QUANTITY_MARKS = frozenset("万亿千百%‰")

# Each pattern is anchored, without nested repetition, and reads at most some twenty characters.
_SEP = r" ?([-/.]) ?"
_Y, _M, _D = r"((?:1[5-9]|2[0-9])\d\d)", r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
_END = r"(?![\d]|[-/.]\d)"
_DATES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(_Y + _SEP + _M + r" ?\2 ?" + _D + r"(?!\d)"), "y-md"),
    (re.compile(_M + _SEP + _D + r" ?\2 ?" + _Y + r"(?!\d)"), "m-dy"),
    (re.compile(_D + _SEP + _M + r" ?\2 ?" + _Y + r"(?!\d)"), "d-my"),
    (re.compile(_M + r"([/])" + _D + r"/(\d\d)(?![\d])"), "m-dy"),
    (re.compile(_Y + r" {0,2}([-/.]) {0,2}" + _M + _END + r"(?! ?[月日号年])"), "y-m"),
    (re.compile(_M + r" {0,2}([-/]) {0,2}" + _Y + r"(?!\d)(?! ?年)"), "m-y"),
    (re.compile(_M + r"(/)" + _D + r"(?![\d/])"), "m-d"),
    (re.compile(_D + r"(/)" + _M + r"(?![\d/])"), "d-m"),
    (re.compile(r"((?:19|20)\d\d)()(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"), "y-md"),
    (re.compile(r"(20\d\d)()(0[1-9]|1[0-2])(?!\d)"), "y-m"),
)
_CODE_END = r"(?=$|[^a-z0-9]|[qh][1-4](?![a-z0-9])|fy)"
_CODES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"q([1-4])" + _CODE_END), "quarter"),
    (re.compile(r"h([12])" + _CODE_END), "half"),
    (re.compile(r"(?:wk|cw|kw|w)([0-5]?\d)(?![a-z0-9])"), "week"),
    (re.compile(r"fy ?'?((?:19|20)?\d\d)(?:/\d\d)?" + _CODE_END), "fiscal"),
    (re.compile(r"cy ?'?((?:19|20)?\d\d)" + _CODE_END), "year"),
    (re.compile(r"[lrt](\d{1,3})([dwmqy])(?![a-z0-9])"), "rolled"),
    (re.compile(r"([tl])tm(?![a-z0-9])"), "year_rolled"),
)
_FIGURES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"([1-4])q ?'?((?:20)?\d\d)?(?![a-z0-9])"), "quarter"),
    (re.compile(r"([12])h ?'?((?:20)?\d\d)?(?![a-z0-9])"), "half"),
    (re.compile(r"(\d{1,3})(?:st|nd|rd|th)(?![a-z])"), "ordinal"),
    (re.compile(r"\d{1,3}0 ?'?s(?![a-z])"), ""),
    (re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)"), ""),
    (re.compile(r"\d+\.\d+"), ""),
    (re.compile(r"24/7"), ""),
)
_SHORT_UNITS = {
    "d": "day", "w": "week", "m": "month", "mo": "month", "y": "year", "q": "quarter", "h": "hour",
}  # fmt: skip
_SHORT_UNIT = re.compile(r"(?:mo|[dwmqyh])(?![a-z0-9])")
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_\u3400-\u9fff]+|_+")
_YEAR_SHORT = re.compile(r"'(\d\d)(?![\d])")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the text from `start` to `end`; no senses = nothing about time."""

    start: int
    end: int
    senses: Senses
    weak: bool = False


def tokenize(text: str) -> tuple[Token, ...]:
    """The tokens of a folded text in order; white space is left out."""
    words = load_lexicon().words
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        if text[place] == " ":
            place += 1
            continue
        token = _token(words, text, place)
        tokens.append(token)
        place = token.end
    return tuple(_joined(tokens))


def _token(words: TrieNode, text: str, place: int) -> Token:
    char = text[place]
    entry = longest(words, text, place)
    token = _figures(text, place) if char.isdigit() and char.isascii() else None
    if token is None and char in CHINESE_NUMERALS:
        token = _numerals(text, place)
    if token is None and "a" <= char <= "z":
        token = _match_codes(_CODES, text, place)
    if token is None and char == "'" and (match := _YEAR_SHORT.match(text, place)):
        token = Token(place, match.end(), {"year": full_year(int(match[1]))})
    if entry is not None and (token is None or entry.end >= token.end):
        return Token(place, entry.end, entry.senses, entry.weak)
    if token is not None:
        return token
    if "a" <= char <= "z" and place and text[place - 1].isdigit():
        match = _SHORT_UNIT.match(text, place)
        if match:
            return Token(place, match.end(), {"unit": _SHORT_UNITS[match[0]]}, weak=True)
    match = _LETTERS.match(text, place)
    if match:
        return Token(place, match.end(), NO_SENSES)
    return Token(place, place + 1, {"mark": char})


def full_year(number: int) -> int:
    """The year of two digits: 00-69 is 2000-2069, 70-99 is 1970-1999; longer ones as they are."""
    if number >= 100:
        return number
    return number + (2000 if number < 70 else 1900)


def _figures(text: str, place: int) -> Token | None:
    if place and (
        text[place - 1].isascii() and text[place - 1].isalpha() or text[place - 1] == "_"
    ):
        digits = _DIGITS.match(text, place)
        return Token(place, digits.end() if digits else place + 1, NO_SENSES)
    for pattern, order in _DATES:
        match = pattern.match(text, place)
        if match:
            return Token(place, match.end(), _date_senses(order, match))
    figure = _match_codes(_FIGURES, text, place)
    if figure is not None:
        return figure
    match = _DIGITS.match(text, place)
    if match is None:
        return None
    end = match.end()
    if end - place > YEAR_DIGITS or (end < len(text) and text[end] in _QUANTITY_MARKS):
        return Token(place, end, NO_SENSES)
    return Token(place, end, {"number": int(match[0]), "digits": end - place})


def _date_senses(order: str, match: re.Match[str]) -> Senses:
    fields = [group for group in match.groups() if group and group.isdigit()]
    senses: dict[str, int | str] = {"date": order}
    for name, field in zip(order.replace("-", ""), fields, strict=True):
        number = int(field)
        senses[{"y": "date_year", "m": "date_month", "d": "date_day"}[name]] = (
            full_year(number) if name == "y" else number
        )
    return senses


def _match_codes(
    patterns: tuple[tuple[re.Pattern[str], str], ...], text: str, place: int
) -> Token | None:
    if place and text[place - 1].isascii() and text[place - 1].isalpha():
        return None
    for pattern, kind in patterns:
        match = pattern.match(text, place)
        if match:
            return Token(place, match.end(), _code_senses(kind, match))
    return None


def _code_senses(kind: str, match: re.Match[str]) -> Senses:
    match kind:
        case "":
            return NO_SENSES
        case "fiscal" | "year":
            return {kind: full_year(int(match[1]))}
        case "rolled":
            return {"rolled": f"{int(match[1])} {_SHORT_UNITS[match[2]]}"}
        case "year_rolled":
            return {"rolled": "12 month"}
        case _ if match.lastindex == 2:
            return {kind: int(match[1]), "of_year": full_year(int(match[2]))}
        case _:
            return {kind: int(match[1])}


def _numerals(text: str, place: int) -> Token:
    end = place
    while end < len(text) and text[end] in CHINESE_NUMERALS:
        end += 1
    value = read_chinese(text[place:end])
    if value is None or (end < len(text) and text[end] in _QUANTITY_MARKS):
        return Token(place, end, NO_SENSES)
    number, digitwise = value
    digits = end - place if digitwise else YEAR_DIGITS if number >= _YEAR_LIKE else 1
    return Token(place, end, {"number": number, "digits": digits})


def _joined(tokens: list[Token]) -> list[Token]:
    """Number words become one number; the mark of an ordinal joins its number."""
    joined: list[Token] = []
    place = 0
    while place < len(tokens):
        token, after = _join_at(tokens, place)
        joined.append(token)
        place = after
    return joined


def _join_at(tokens: list[Token], place: int) -> tuple[Token, int]:
    token = tokens[place]
    if "ordinal_mark" in token.senses and place + 1 < len(tokens):
        number = tokens[place + 1].senses.get("number")
        if number is not None:
            return Token(
                token.start, tokens[place + 1].end, {"ordinal": number, "marked": 1}
            ), place + 2
    if "cardinal" in token.senses:
        return _number_words(tokens, place)
    return token, place + 1


def _number_words(tokens: list[Token], place: int) -> tuple[Token, int]:
    """The number that begins with a number word, an ordinal at its end included."""
    run: list[tuple[int, int, bool]] = []
    after = place
    while after < min(len(tokens), place + MAX_NUMBER_WORDS):
        senses = tokens[after].senses
        word = senses.get("cardinal", senses.get("ordinal"))
        is_word = isinstance(word, int) and "number" not in senses
        if is_word and (run or "cardinal" in senses):
            run.append((int(word or 0), after, "ordinal" in senses))
            if "ordinal" in senses:
                break
        elif not (run and _joins_number(senses, run[-1][0])):
            break
        after += 1
    value, used = read_english([word for word, _, _ in run])
    _, last, is_ordinal = run[used - 1]
    span = tokens[place].start, tokens[last].end
    if is_ordinal:
        return Token(*span, {"ordinal": value}), last + 1
    return Token(*span, {"number": value, "digits": len(str(value))}), last + 1


def _joins_number(senses: Senses, before: int) -> bool:
    """`twenty-seven`, `two thousand and sixteen`."""
    return senses.get("mark") == "-" or ("and" in senses and before in (100, 1000))
