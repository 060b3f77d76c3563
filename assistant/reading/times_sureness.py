"""Owns how surely words are about time, by the words around them."""

from collections.abc import Sequence

from assistant.reading.times_named import count
from assistant.reading.times_nodes import (
    Away,
    Node,
    Nth,
    Rolling,
    Year,
)
from assistant.reading.times_words import Words

SURE, LIKELY, VAGUE, WEAK = 1.0, 0.8, 0.5, 0.4
FIRST_LIKELY_YEAR, LAST_LIKELY_YEAR = 1900, 2100
FIRST_DATA_YEAR, LAST_DATA_YEAR, ROUND = 1990, 2040, 1000
SURE_DAY_MARKS = "号號"


def score(words: Words, text: str, place: int, after: int, nodes: Sequence[Node]) -> float:
    """How surely the words are about time, by the words around them."""
    node, token = nodes[0], words.at(place)
    led = any(words.has(place - 1, sense) for sense in ("at", "bound", "link"))
    single = after == place + 1
    if _counts_things(words, after - 1):
        return 0.0
    if words.has(place - 1, "comparator") and single and _is_figure(words, place):
        return LIKELY if _is_over_a_year(words, place, text) else 0.0
    if single and token.weak:
        named = place > 0 and text[token.start].isupper() and not text.isupper()
        return SURE if led else LIKELY if named else WEAK
    if isinstance(node, Away) and node.anchor is None and node.count > 0:
        return WEAK
    if isinstance(node, Rolling) and (_hangs(words, place) or _is_within(words, place)):
        return WEAK
    if _is_ordinal_alone(words, after, node):
        return LIKELY if led else WEAK
    if isinstance(node, Nth) and node.unit == "day" and node.of is None and not led:
        return SURE if text[words.at(after - 1).start] in SURE_DAY_MARKS else VAGUE
    return _figure_score(node, led) if single and _is_figure(words, place) else SURE


def _counts_things(words: Words, last: int) -> bool:
    """2000 orders, 3 to 5 stores, 2016元: the figure at the end is an amount."""
    number = words.number(last, "number")
    if number is None or not words.has(last + 1, "quantity"):
        return False
    likely = FIRST_DATA_YEAR <= number <= LAST_DATA_YEAR and number % ROUND
    return not likely or words.tight(last + 1)


def _is_over_a_year(words: Words, place: int, text: str) -> bool:
    """Over 2017 is throughout that year; above 2017, 超过2017 is a number."""
    before, number = words.at(place - 1), words.number(place, "number")
    likely = number is not None and FIRST_DATA_YEAR <= number <= LAST_DATA_YEAR and number % ROUND
    return bool(likely) and text[before.start : before.end].lower() == "over"


def _hangs(words: Words, place: int) -> bool:
    """首购后30天: counted from a word before, not from as_of."""
    before = words.at(place - 1).senses
    unknown = before.keys() <= {"mark", "quantity", "comparator"}
    return words.has(place, "tail") and place > 0 and unknown and words.tight(place)


def _is_within(words: Words, place: int) -> bool:
    """Within 30 days: rather a condition than the days to come."""
    return words.has(place, "less") and bool(count(words, place + 1))


def _is_ordinal_alone(words: Words, after: int, node: Node) -> bool:
    bare = isinstance(node, Nth) and node.of is None and node.unit == "day"
    return bare and words.has(after - 1, "ordinal")


def _is_figure(words: Words, place: int) -> bool:
    return words.has(place, "date") or words.has(place, "number")


def _figure_score(node: Node, led: bool) -> float:
    """A bare figure is less sure than one with a mark or a preposition."""
    if isinstance(node, Year) and not FIRST_LIKELY_YEAR <= node.number <= LAST_LIKELY_YEAR:
        return WEAK
    return SURE if led else LIKELY
