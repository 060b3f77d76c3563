"""Owns duels: words that name a dimension and one of its rivals' members at once ("stores")."""

from collections.abc import Mapping, Sequence

from assistant.reading.spans import Span

ASKING = ("rel.by", "rel.which", "rel.count", "rank.top", "rank.bottom")


def settle_rivals(
    cover: Sequence[Span], candidates: Sequence[Span], names: Mapping[str, tuple[str, ...]]
) -> tuple[Span, ...]:
    """Return the cover with each member replaced by the dimension of the same words that is meant.

    A dimension is meant where the metric cannot be split by the member's dimension, or where the
    words before ask for groups: "top 5 stores", 各门店, "which channel". `names` are the
    dimensions that the metric has, by short name.
    """
    settled = []
    for index, span in enumerate(cover):
        rival = _rival(span, candidates, names)
        if rival is not None and (not names.get(span.name) or _asks_for_groups(cover, index)):
            settled.append(rival)
        else:
            settled.append(span)
    return tuple(settled)


def _rival(
    span: Span, candidates: Sequence[Span], names: Mapping[str, tuple[str, ...]]
) -> Span | None:
    if span.kind not in ("value", "dimension"):
        return None
    found = [
        c
        for c in candidates
        if c.kind == "dimension"
        and (c.start, c.end) == (span.start, span.end)
        and names.get(c.name)
    ]
    return max(found, key=lambda c: c.score, default=None)


def _asks_for_groups(cover: Sequence[Span], index: int) -> bool:
    position = index - 1
    while position >= 0:
        span = cover[position]
        if span.kind == "word" and span.name in ASKING:
            return True
        if span.kind != "number" and not (span.kind == "word" and span.name == "filler"):
            return False
        position -= 1
    return False
