"""Owns duels: words that name a dimension and one of its rivals' members at once ("stores")."""

from collections.abc import Mapping, Sequence

from assistant.reading.conditions import RANKS
from assistant.reading.cover import FILLERS
from assistant.reading.spans import Span

RANKING = ("intent.ranking", *RANKS)
CLOSING_LETTERS = 10
# "Stores with profit below zero" asks for the stores, and so does 利润低于0的门店有几家.
SUCH_THAT = ("with", "whose", "where", "that", "having")
CONDITIONS = ("op.", "cond.", "rank.")
ASKING = ("rel.by", "rel.which", "rel.count", *RANKS)
"""Words after which groups are asked for."""


def settle_rivals(
    cover: Sequence[Span], candidates: Sequence[Span], names: Mapping[str, tuple[str, ...]]
) -> tuple[Span, ...]:
    """Return the cover with each member replaced by the dimension of the same words that is meant.

    A dimension is meant where the metric cannot be split by the member's dimension, or where the
    words before ask for groups: "top 5 stores", 各门店, "which channel". `names` are the
    dimensions that the metric has, by short name.
    """
    settled = []
    # What is ranked is said already in "the city with the lowest store profit", "worst month".
    said = any(span.kind == "dimension" or span.name.startswith("noun.") for span in cover)
    ranking = any(span.name in RANKING for span in cover) and not said
    for index, span in enumerate(cover):
        rival = _rival(span, candidates, names)
        asked = _asks_for_groups(cover, index)
        if rival is not None and (asked or (names.get(rival.name) and not names.get(span.name))):
            settled.append(rival)
        else:
            if span.kind in ("metric", "goal"):
                settled += _swallowed(span, candidates, names, (asked and not said) or ranking)
            settled.append(span)
    return tuple(settled)


def _swallowed(
    span: Span, candidates: Sequence[Span], names: Mapping[str, tuple[str, ...]], asked: bool
) -> list[Span]:
    """Return the dimension that a metric's name begins with: 各门店客流 asks for it by store.

    So does a name with "by" in it: "stock by category", 各品类库存.
    """
    inside = [c for c in candidates if span.start <= c.start and c.end <= span.end]
    bys = [c for c in inside if c.name == "rel.by"]
    found = [
        c
        for c in inside
        if c.kind == "dimension"
        and c.length < span.length
        and names.get(c.name)
        and ((asked and c.start == span.start) or any(0 <= c.start - by.end <= 1 for by in bys))
    ]
    return [max(found, key=lambda c: (c.end, c.score))] if found else []


def _rival(
    span: Span, candidates: Sequence[Span], names: Mapping[str, tuple[str, ...]]
) -> Span | None:
    if span.kind not in ("value", "dimension"):
        return None
    found = [
        c
        for c in candidates
        if c.kind == "dimension" and (c.start, c.end) == (span.start, span.end)
    ]
    return max(found, key=lambda c: (bool(names.get(c.name)), c.score), default=None)


def _asks_for_groups(cover: Sequence[Span], index: int) -> bool:
    rest = cover[index + 1 :]
    following = [s for s in rest if s.name not in FILLERS]
    if [s.name for s in following] in (["rel.count"], ["rel.which"]):
        return True
    if rest and rest[0].words in SUCH_THAT and any(s.name.startswith(CONDITIONS) for s in rest):
        return True
    position = index - 1
    while position >= 0:
        span = cover[position]
        if span.kind == "word" and span.name in ASKING:
            return True
        if span.kind != "number" and not (span.kind == "word" and span.name in FILLERS):
            return False
        position -= 1
    return False


def release_metrics(
    cover: Sequence[Span],
    candidates: Sequence[Span],
    names: Mapping[str, tuple[str, ...]],
    metrics: Sequence[str],
) -> tuple[Span, ...]:
    """Return the cover with each metric that is not asked for read as the member it names too.

    "AOV of new customers": new customers are a metric, but here they are whose AOV is asked.
    """
    released = []
    for span in cover:
        member = None
        if span.kind == "metric" and span.name not in metrics:
            member = next(
                (
                    c
                    for c in candidates
                    if c.kind == "value" and names.get(c.name) and _same_words(c, span)
                ),
                None,
            )
        released.append(member or span)
    return tuple(released)


def members_of_before(
    cover: Sequence[Span], candidates: Sequence[Span], names: Mapping[str, tuple[str, ...]]
) -> tuple[Span, ...]:
    """Return the cover of a follow-up with metrics read as the members they name too.

    After "GMV in September", "new customers only" asks for their GMV. `names` are the dimensions
    of the metric before, by short name.
    """
    members = {(c.start, c.end): c for c in candidates if c.kind == "value" and names.get(c.name)}
    return tuple(
        members.get((span.start, span.end), span) if span.kind == "metric" else span
        for span in cover
    )


def _same_words(member: Span, span: Span) -> bool:
    """Whether a member is what a metric's name says, but for a closing word."""
    return member.start == span.start and 0 <= span.end - member.end <= CLOSING_LETTERS
