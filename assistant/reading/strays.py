"""Owns what no slot explains: metrics besides those asked for, half names, what is unsupported."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from assistant.reading.cover import FILLERS
from assistant.reading.metric_slot import NAMED, MetricSlot
from assistant.reading.spans import Span
from metric_catalog.catalog import Catalog
from retrieval.folding import fold_name
from retrieval.occurrence import Occurrence
from retrieval.values import SUFFIX_SCORE

PER = ("per", "each", "every", "每", "每个", "每位", "每名", "每一个")


def has_strays(
    cover: Sequence[Span], slot: MetricSlot, words: frozenset[str], catalog: Catalog
) -> bool:
    """Whether a metric is named besides those asked for: one of them may be meant.

    A count may stand for the things counted: "money refunded on orders".
    """
    if "intent.definition" in words:
        return False
    asked = {match.metric for match in slot.matches} | {match.words for match in slot.matches}
    return any(
        span.kind == "metric"
        and not {span.name, span.words} & asked
        and not _is_told_by(span, slot, catalog)
        and (catalog.metrics[span.name].unit != "count" or _is_per(cover, index))
        and not _has_condition(cover, index)
        for index, span in enumerate(cover)
    )


def _is_told_by(span: Span, slot: MetricSlot, catalog: Catalog) -> bool:
    """Whether the definition of a metric asked for speaks of another: net sales after refunds."""
    words = fold_name(span.words)
    asked = [catalog.metrics[m.metric] for m in slot.matches if m.evidence in NAMED]
    return any(
        words in fold_name(said)
        for metric in asked
        for said in (*metric.description.both, *metric.caliber.both)
    )


def _is_per(cover: Sequence[Span], index: int) -> bool:
    """Whether one metric is to be divided by another: "revenue per buyer"."""
    before = [span for span in cover[:index] if span.name not in FILLERS][-1:]
    return bool(before) and before[0].words.lower() in PER


def _has_condition(cover: Sequence[Span], index: int) -> bool:
    """Whether a metric is named for the condition right after it: "refund rate under 3%"."""
    after = [span for span in cover[index + 1 :] if span.name not in FILLERS][:1]
    return bool(after) and after[0].name.startswith(("op.", "cond."))


def find_half_names(
    cover: Sequence[Span],
    candidates: Sequence[Span],
    search: Callable[[str], Sequence[Occurrence]],
) -> tuple[str, ...]:
    """Return the words that are the end of several members' names: "the Central store".

    They are no other member's alone, though one is called so: Central is a region, too. `search`
    returns the members that some words may mean.
    """
    found = []
    for value, noun in pairwise(cover):
        if value.kind != "value" or not _beside(value, noun) or noun.words.endswith("s"):
            continue  # "Central stores" are those of a region
        both, place = f"{value.words} {noun.words}", (noun.start, noun.end)
        of = {c.name for c in candidates if c.kind == "dimension" and (c.start, c.end) == place}
        if noun.kind in ("dimension", "value") and any(_ending_in(both, search).values()):
            found.append(both)
        elif of & {name for name, many in _ending_in(value.words, search).items() if many}:
            found.append(value.words)
    return tuple(found)


def _beside(one: Span, other: Span) -> bool:
    return one.words.isascii() and other.words.isascii() and other.start - one.end == 1


def _ending_in(words: str, search: Callable[[str], Sequence[Occurrence]]) -> dict[str, bool]:
    """Return per dimension with members that end in the words whether it has several of them."""
    of = Counter(o.id for o in search(words) if o.score == SUFFIX_SCORE)
    return {dimension: count > 1 for dimension, count in of.items()}


def find_unsupported(cover: Sequence[Span]) -> tuple[str, ...]:
    """Return the words understood that no query can answer yet: "every Monday"."""
    return tuple(span.words for span in cover if span.name.startswith("unsupported."))
