"""Owns what is named in short: "annual vs monthly plans", "steps reached and completed", 各类."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from assistant.reading.spans import Span
from metric_catalog.policy import Policy
from retrieval.folding import is_cjk
from retrieval.occurrence import Occurrence

_BEFORE = re.compile(r"([a-z][a-z\-]+)(?:,| and| or| vs\.?| versus| &| than)(?: the)? $")
_AFTER = re.compile(r"^(?:,| and| or| vs\.?| versus| &| than)(?: the)? ([a-z][a-z\-]+)(?= |$|\?)")
_JOINED_AFTER = re.compile(r"\s*(?:,|、|和|与|及|以及|跟|&|and|or|vs\.?|versus)\s*(?:the )?")
_JOINED_BEFORE = re.compile(r"\s*(?:,|、|和|与|及|以及|跟|&|\band|\bor|\bvs\.?|\bversus)\s*$")
_EACH = re.compile(r"(?:哪|各|每)(?:一)?(?:个)?([㐀-䶿一-鿿])")
# They count things of any kind.
_MEASURE_WORDS = frozenset("个家种位些几条款间名项样天日周月季年次单笔件人")
# Spans that a member may stand in for: a grain ("annual") or nothing that says anything.
REPLACED = ("grain", "filler", "weak")
# What a metric named in short may be taken for: "amount", "paid", "profit".
FREE = ("word", "dimension", "goal", "number")
# How many Chinese characters two names must share for one to stand for the other.
SHARED_CJK = 2
SMALL = ("filler", "rel.which", "rel.by")


def complete_lists(
    cover: Sequence[Span], folded: str, search: Callable[[str], Sequence[Occurrence]]
) -> tuple[Span, ...]:
    """Return the cover with the first, or last, members of such lists.

    `search` gives the members that some words begin.
    """
    found = list(cover)
    for span in cover:
        if span.kind != "value":
            continue
        before = _BEFORE.search(folded, 0, span.start)
        after = _AFTER.search(folded[span.end :])
        if before:
            _take(found, span, before.start(1), before[1], search)
        if after:
            _take(found, span, span.end + after.start(1), after[1], search)
    return tuple(sorted(found, key=lambda s: s.start))


def _take(
    cover: list[Span],
    beside: Span,
    start: int,
    words: str,
    search: Callable[[str], Sequence[Occurrence]],
) -> None:
    there = [s for s in cover if s.start < start + len(words) and start < s.end]
    if any(span.name not in REPLACED for span in there):
        return
    options = {o.value: o for o in search(words) if o.id == beside.name and o.value != beside.value}
    if len(options) != 1:
        return
    (member,) = options.values()
    for span in there:
        cover.remove(span)
    end = start + len(words)
    cover.append(
        Span(start, end, words, "value", beside.name, member.value, "prefix", member.score)
    )


def complete_names(
    cover: Sequence[Span], folded: str, spoken: Mapping[str, tuple[str, ...]], policy: Policy
) -> tuple[Span, ...]:
    """Return the cover with the metrics whose names share words with the one that they are beside.

    "Steps reached and completed", "gross and net sales", 引导步骤到达数和完成数. `spoken`:
    published metric → its names in small letters.
    """
    found = list(cover)
    for span in cover:
        if span.kind != "metric" or span.evidence == "fuzzy":
            continue
        for start, end, metric in _beside_name(span, folded, spoken):
            there = [s for s in found if s.start < end and start < s.end]
            free = all(
                (s.kind in FREE and start <= s.start and s.end <= end)
                or (s.kind == "time" and start <= s.start and end < s.end)
                for s in there
            ) and not _goes_on(folded, end, found)
            if metric not in policy.hidden_metrics and free:
                rest = [_after(end, s, folded) for s in there if s.kind == "time"]
                found = [s for s in found if s not in there] + rest
                found.append(Span(start, end, folded[start:end], "metric", metric))
    return tuple(sorted(found, key=lambda s: s.start))


def _goes_on(text: str, end: int, cover: Sequence[Span]) -> bool:
    """Whether a Chinese word goes on at `end` that nothing in the cover explains."""
    inside = end < len(text) and is_cjk(text[end - 1]) and is_cjk(text[end])
    return inside and not any(s.start <= end < s.end for s in cover)


def _after(end: int, span: Span, folded: str) -> Span:
    """Return what is left of a span after `end`: completed | in October."""
    start = end + len(folded[end : span.end]) - len(folded[end : span.end].lstrip())
    return replace(span, start=start, words=folded[start : span.end])


def _beside_name(
    span: Span, folded: str, spoken: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[int, int, str]]:
    """Yield where a metric is named by what its name does not share with `span`: start, end, id."""
    after = _JOINED_AFTER.match(folded, span.end)
    before = _JOINED_BEFORE.search(folded[: span.start])
    name = folded[span.start : span.end]
    if after:
        start = after.end()
        yield from _most_shared(
            (shared, start, start + len(part), metric)
            for metric, part, shared in _unshared(name, spoken, span.name, ending=True)
            if folded.startswith(part, start) and _are_words(folded, start, start + len(part))
        )
    if before:
        end = before.start()
        yield from _most_shared(
            (shared, end - len(part), end, metric)
            for metric, part, shared in _unshared(name, spoken, span.name, ending=False)
            if folded.endswith(part, 0, end) and _are_words(folded, end - len(part), end)
        )


def _most_shared(
    places: Iterable[tuple[int, int, int, str]],
) -> Iterator[tuple[int, int, str]]:
    """Yield the place whose name shares most, where no other metric's shares as much."""
    found = list(places)
    most = max((place[0] for place in found), default=0)
    best = {place[1:] for place in found if place[0] == most}
    if len({metric for *_, metric in best}) == 1:
        yield max(best, key=lambda place: place[1] - place[0])


def _unshared(
    name: str, spoken: Mapping[str, tuple[str, ...]], of: str, *, ending: bool
) -> Iterator[tuple[str, str, int]]:
    """Yield (metric, what its name does not share with `name`, how many letters it shares)."""
    for metric, names in spoken.items():
        for other in names if metric != of else ():
            most = min(_shared_letters(name, other, ending=ending), len(name) - 1, len(other) - 1)
            for shared in range(1, most + 1):
                part = other[shared:] if ending else other[: len(other) - shared]
                edge = other[shared - 1] if ending else other[-shared]
                if edge == " " or (is_cjk(edge) and shared >= SHARED_CJK):
                    yield metric, part.strip(), shared


def _shared_letters(one: str, other: str, *, ending: bool) -> int:
    """Return how many letters both begin with (`ending`: their endings differ), or end in."""
    pairs = zip(one, other, strict=False) if ending else zip(one[::-1], other[::-1], strict=False)
    shared = 0
    for a, b in pairs:
        if a != b:
            break
        shared += 1
    return shared


def _are_words(text: str, start: int, end: int) -> bool:
    """Whether no Latin word is cut at `start` or `end`."""

    def cuts(place: int) -> bool:
        around = text[place - 1 : place + 1] if place > 0 else ""
        return len(around) == 2 and around.isascii() and around.isalnum()

    return start >= 0 and not cuts(start) and not cuts(end)


def name_dimensions(
    cover: Sequence[Span], folded: str, labels: Mapping[str, Sequence[str]]
) -> tuple[Span, ...]:
    """Return the cover with dimensions named by one character: 各类 by category, 哪一步.

    `labels`: short name → what people call each dimension that the metric has.
    """
    found = list(cover)
    for match in _EACH.finditer(folded):
        start, end = match.span(1)
        letter = match[1]
        whole = any(s.start < end and start < s.end and s.name not in SMALL for s in cover)
        glued = end < len(folded) and is_cjk(folded[end]) and not any(s.start == end for s in cover)
        if letter in _MEASURE_WORDS or whole or glued:
            continue
        meant = [n for n, said in labels.items() if any(label.endswith(letter) for label in said)]
        meant = meant or [n for n, s in labels.items() if any(x.startswith(letter) for x in s)]
        if len(meant) == 1:
            found = [s for s in found if s.name != "filler" or s.end <= start or end <= s.start]
            found.append(Span(start, end, letter, "dimension", meant[0]))
    return tuple(sorted(found, key=lambda s: s.start))
