"""Owns numbers in questions: digits, Chinese numerals, small English numerals, with their units."""

import re

from assistant.reading.spans import Span

CHINESE_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5,
                  "六": 6, "七": 7, "八": 8, "九": 9}  # fmt: skip
CHINESE_UNITS = {"十": 10, "百": 100, "千": 1000}
MAGNITUDES = {"万": 1e4, "亿": 1e8, "千": 1e3, "百万": 1e6, "千万": 1e7, "百": 1e2,
              "k": 1e3, "m": 1e6, "b": 1e9, "bn": 1e9, "mn": 1e6, "w": 1e4,
              "thousand": 1e3, "million": 1e6, "billion": 1e9, "hundred": 1e2}  # fmt: skip
ENGLISH = {"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
           "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15,
           "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100}  # fmt: skip
_DIGITS = re.compile(
    r"(?:(?<![a-z0-9_.])|(?<=top))(?P<currency>[¥$€£])?(?P<sign>-)?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?!\.\d)"
    r"\s*(?P<unit>百万|千万|万|亿|千|百|thousand|million|billion|hundred|bn|mn|[kmbw](?![a-z]))?"
    r"\s*(?P<percent>%|percent(?:age points?)?|个?百分点|pp)?"
)
_CHINESE = re.compile(
    r"(?P<percent>百分之)?(?P<number>[零〇一二两三四五六七八九十百千]+(?:点[零〇一二三四五六七八九]+)?)"
    r"(?P<unit>[万亿])?(?P<tenth>成)?"
)
_ENGLISH = re.compile(rf"(?<![a-z])(?:{'|'.join(ENGLISH)})(?![a-z])(?P<percent>\s*percent)?")


def find_numbers(text: str) -> tuple[Span, ...]:
    """Return every number of a folded text; a percentage comes as its fraction.

    The evidence is `percent` where a percent sign or word was there, else `number`.
    """
    spans = [_digit_span(match) for match in _DIGITS.finditer(text)]
    spans += [span for match in _CHINESE.finditer(text) if (span := _chinese_span(match))]
    for match in _ENGLISH.finditer(text):
        word = match.group().split()[0]
        percent = bool(match.group("percent"))
        spans.append(_span(match, ENGLISH[word] / 100 if percent else ENGLISH[word], percent))
    return tuple(spans)


def _span(match: re.Match[str], value: float, percent: bool) -> Span:
    words = match.group().rstrip()
    number = int(value) if float(value).is_integer() and not percent else value
    evidence = "percent" if percent else "number"
    return Span(match.start(), match.start() + len(words), words, "number", "", number, evidence)


def _digit_span(match: re.Match[str]) -> Span:
    value = float(match["number"].replace(",", "")) * MAGNITUDES.get(match["unit"] or "", 1)
    value = -value if match["sign"] else value
    percent = bool(match["percent"])
    return _span(match, round(value / 100, 12) if percent else value, percent)


def _chinese_span(match: re.Match[str]) -> Span | None:
    value = chinese_number(match["number"])
    if value is None:
        return None
    if match["tenth"]:
        return _span(match, value / 10, True)
    value *= MAGNITUDES.get(match["unit"] or "", 1)
    return _span(match, value / 100 if match["percent"] else value, bool(match["percent"]))


def chinese_number(text: str) -> float | None:
    """Return the value of a Chinese numeral (二十三, 一千零五, 二零二六), None where it is none."""
    whole, _, fraction = text.partition("点")
    value = _chinese_whole(whole)
    if value is None:
        return None
    digits = "".join(str(CHINESE_DIGITS[letter]) for letter in fraction)
    return float(f"{value}.{digits}") if digits else float(value)


def _chinese_whole(text: str) -> int | None:
    if len(text) > 1 and all(letter in CHINESE_DIGITS for letter in text):
        return int("".join(str(CHINESE_DIGITS[letter]) for letter in text))
    total, digit, seen = 0, 0, False
    for letter in text:
        if letter in CHINESE_DIGITS:
            digit, seen = CHINESE_DIGITS[letter], True
        else:
            total += (digit or (1 if letter == "十" else 0)) * CHINESE_UNITS[letter]
            digit, seen = 0, seen or letter == "十"
    return total + digit if seen else None
