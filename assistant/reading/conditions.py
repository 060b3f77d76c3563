"""Owns conditions on numbers: which operator belongs to which number, and ranks with counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.reading.cover import FILLERS
from assistant.reading.spans import Span
from metric_catalog.model.metrics import Direction
from metric_catalog.query import CompareOp

OPERATORS: dict[str, CompareOp] = {
    "op.ge": ">=", "op.le": "<=", "op.gt": ">", "op.lt": "<", "op.eq": "=",
}  # fmt: skip
# How many fillers may stand between an operator and its number ("above about 5").
REACH = 2
BETWEEN_REACH = 3
RANKS = ("rank.top", "rank.bottom", "rank.best", "rank.worst", "rank.severe")


@dataclass(frozen=True, slots=True)
class NumberCondition:
    """`op value` with the spans that say it; `percent` = the number was said as a percentage."""

    op: CompareOp
    value: float | int
    percent: bool
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Rank:
    """Highest or lowest first; `count` where a number says how many."""

    descending: bool
    count: int | None
    spans: tuple[Span, ...]


def find_conditions(cover: Sequence[Span]) -> tuple[NumberCondition, ...]:
    """Return each number of the cover that an operator next to it turns into a condition."""
    found = list(_between(cover))
    used: set[int] = {cover.index(span) for condition in found for span in condition.spans}
    for index, span in enumerate(cover):
        if span.kind != "number" or index in used or not isinstance(span.value, int | float):
            continue
        neighbour = _operator(cover, index, used)
        if neighbour is None:
            continue
        used.add(neighbour)
        operator = cover[neighbour]
        found.append(
            NumberCondition(
                OPERATORS[operator.name], span.value, span.evidence == "percent", (operator, span)
            )
        )
    return tuple(found)


def _between(cover: Sequence[Span]) -> tuple[NumberCondition, ...]:
    """Return the two bounds of "between 5 and 10", 在20万到40万之间."""
    for index, word in enumerate(cover):
        if word.name != "op.between":
            continue
        after = [s for s in cover[index + 1 : index + 2 + BETWEEN_REACH] if s.kind == "number"]
        if len(after) == 2 and all(isinstance(s.value, int | float) for s in after):
            low, high = sorted(after, key=lambda s: float(s.value or 0))
            percent = high.evidence == "percent"
            scale = 100 if percent and low.evidence != "percent" else 1
            return (
                NumberCondition(">=", float(low.value or 0) / scale, percent, (word, low)),
                NumberCondition("<=", float(high.value or 0), percent, (high,)),
            )
    return ()


def _operator(cover: Sequence[Span], index: int, used: set[int]) -> int | None:
    after = _near(cover, index, 1, ("op.ge", "op.le"))
    before = _near(cover, index, -1, tuple(OPERATORS))
    # "10 or more" and 10以上 stand behind; everything else stands before its number.
    if after is not None and cover[after].start - cover[index].end <= 1 and before is None:
        return after if after not in used else None
    return before if before is not None and before not in used else None


def _near(cover: Sequence[Span], index: int, step: int, names: tuple[str, ...]) -> int | None:
    fillers = 0
    position = index + step
    while 0 <= position < len(cover) and fillers <= REACH:
        span = cover[position]
        if span.kind == "word" and span.name in names:
            return position
        if span.kind != "word" or not (span.name in FILLERS or span.name.startswith("intent")):
            return None
        fillers += 1
        position += step
    return None


def find_rank(cover: Sequence[Span], direction: Direction = "none") -> Rank | None:
    """Return the rank of the cover with the number that belongs to it; one with a number first.

    The best are the highest, but of a metric whose `direction` is down the lowest. What is severe
    is high, unless high is good.
    """
    ranks = []
    for index, span in enumerate(cover):
        if span.kind == "word" and span.name in RANKS:
            ranks.append((span, _rank_number(cover, index)))
    if not ranks:
        return None
    word, number = next((pair for pair in ranks if pair[1]), ranks[0])
    number = number or next(iter(counted_groups(cover)), None)
    good = "rank.worst" if direction == "down_good" else "rank.best"
    highest = ("rank.top", good, "" if direction == "up_good" else "rank.severe")
    descending = all(span.name in highest for span, _ in ranks)
    count = number.value if number and isinstance(number.value, int) else None
    return Rank(descending, count, (word, number) if number else (word,))


def counted_groups(cover: Sequence[Span]) -> tuple[Span, ...]:
    """Return the numbers right before a dimension: "10 cities", 三家门店."""
    found = []
    for index, span in enumerate(cover):
        if span.kind != "number" or not _is_count(span):
            continue
        if index and cover[index - 1].kind == "dimension":
            continue  # "tier 5 cities" counts no cities
        rest = [s for s in cover[index + 1 : index + 2 + REACH] if s.name not in FILLERS]
        if rest and rest[0].kind == "dimension" and _touches(cover, index, rest[0]):
            found.append(span)
    return tuple(found)


def _touches(cover: Sequence[Span], index: int, noun: Span) -> bool:
    """Whether nothing unknown stands between a number and a Chinese noun: 99号店 is no count."""
    if noun.words.isascii():
        return True
    row = cover[index : cover.index(noun) + 1]
    return all(b.start == a.end for a, b in pairwise(row))


def _rank_number(cover: Sequence[Span], index: int) -> Span | None:
    for step in (1, -1):
        position = index + step
        while 0 <= position < len(cover) and abs(position - index) <= REACH:
            span = cover[position]
            if span.kind == "number":
                return span if _is_count(span) else None
            if span.kind != "word" or span.name not in FILLERS:
                break
            position += step
    return None


def _is_count(span: Span) -> bool:
    return span.evidence == "number" and isinstance(span.value, int) and span.value > 0


def unused_numbers(
    cover: Sequence[Span], conditions: Sequence[NumberCondition], rank: Rank | None
) -> tuple[str, ...]:
    """Return the words of numbers that are neither a condition's nor a rank's."""
    used = {id(span) for condition in conditions for span in condition.spans}
    used |= {id(span) for span in (rank.spans if rank else ())}
    used |= {id(span) for span in counted_groups(cover)}
    return tuple(s.words for s in cover if s.kind == "number" and id(s) not in used and _speaks(s))


def _speaks(span: Span) -> bool:
    """Whether a number alone says something: 一 and "one" are mostly no numbers."""
    return any(letter.isdigit() and letter.isascii() for letter in span.words) or (
        len(span.words) > 1 and not span.words.isascii()
    )
