"""Owns lists whose members share a noun: "annual vs monthly plans" are two kinds of plans."""

import re
from collections.abc import Callable, Sequence

from assistant.reading.spans import Span
from retrieval.occurrence import Occurrence

_BEFORE = re.compile(r"([a-z][a-z\-]+)(?:,| and| or| vs\.?| versus| &| than)(?: the)? $")
_AFTER = re.compile(r"^(?:,| and| or| vs\.?| versus| &| than)(?: the)? ([a-z][a-z\-]+)(?= |$|\?)")
# Spans that a member may stand in for: a grain ("annual") or nothing that says anything.
REPLACED = ("grain", "filler", "weak")


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
