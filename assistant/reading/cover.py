"""Owns the cover: of all spans that compete for the same words, the best set without overlap."""

from bisect import bisect_right
from collections.abc import Sequence

from assistant.reading.spans import Span
from retrieval.folding import is_cjk

# How much a character is worth by what it would mean; a name beats a word, a word beats filler.
WEIGHTS = {"metric": 1.6, "goal": 1.35, "value": 1.35, "time": 1.5, "dimension": 1.3,
           "number": 0.9, "word": 1.0}  # fmt: skip
CONTAINERS = ("metric", "value", "dimension")
# `weak` words say something, though nothing that would have to be asked back.
FILLERS = ("filler", "weak", "preamble")
FILLER_WEIGHT = 0.35
PREAMBLE_WEIGHT = 0.6
REFUSAL_WEIGHT = 1.45
EXTREME_WEIGHT = 1.35
SPAN_PRICE = 0.45
LATIN_LETTER = 0.4


def best_cover(spans: Sequence[Span], text: str) -> tuple[Span, ...]:
    """Return the non-overlapping spans of the highest total worth, in reading order.

    Weighted interval scheduling: O(n log n) in the number of spans.
    """
    ordered = sorted(_whole_names(spans), key=lambda span: (span.end, span.start))
    ends = [span.end for span in ordered]
    best = [0.0]
    chosen: list[Span | None] = [None]
    for index, span in enumerate(ordered):
        before = bisect_right(ends, span.start, 0, index)
        gain = best[before] + worth(span, text)
        if gain > best[index] and worth(span, text) > 0:
            best.append(gain)
            chosen.append(span)
        else:
            best.append(best[index])
            chosen.append(None)
    return _trace(ordered, ends, chosen)


def _whole_names(spans: Sequence[Span]) -> list[Span]:
    """Return the spans without names inside a longer one: household income is no household.

    A longer one that another name cuts into may be none itself: 零食 | 品类, not 零 | 食品类.
    """
    names = [s for s in spans if s.kind in CONTAINERS and s.evidence != "fuzzy"]
    places = {(s.start, s.end) for s in names}
    longer = {
        (start, end)
        for start, end in places
        if not any(a < start < b < end or start < a < end < b for a, b in places)
    }
    return [
        span
        for span in spans
        if span.kind not in CONTAINERS
        or not any(
            start <= span.start and span.end <= end and end - start > span.length
            for start, end in longer
        )
    ]


def _trace(ordered: list[Span], ends: list[int], chosen: list[Span | None]) -> tuple[Span, ...]:
    cover: list[Span] = []
    index = len(ordered)
    while index > 0:
        span = chosen[index]
        if span is None:
            index -= 1
        else:
            cover.append(span)
            index = bisect_right(ends, span.start, 0, index - 1)
    return tuple(reversed(cover))


def worth(span: Span, text: str) -> float:
    """Return what choosing `span` is worth: its letters by kind and score, less a fixed price."""
    said = text[span.start : span.end].replace(" ", "")
    letters = sum(LATIN_LETTER if c.isalpha() and not is_cjk(c) else 1.0 for c in said)
    weight = WEIGHTS[span.kind]
    if span.kind == "word":
        if span.name in FILLERS:
            weight = PREAMBLE_WEIGHT if span.name == "preamble" else FILLER_WEIGHT
        elif span.name.startswith(("refuse.", "unsupported.")):
            weight = REFUSAL_WEIGHT
        elif span.name.startswith("extreme."):
            weight = EXTREME_WEIGHT
    price = SPAN_PRICE if span.name not in FILLERS else SPAN_PRICE / 4
    return letters * weight * span.score - price
