"""Owns follow-ups: what a turn inherits from the one before, and what it must not."""

from dataclasses import dataclass, replace

from assistant.insights.investigation import Intent
from assistant.llm.choice import ModelPart
from assistant.reading.cover import FILLERS
from assistant.reading.reading import Reading
from assistant.reading.spans import Span
from metric_catalog.catalog import Catalog
from metric_catalog.earlier_periods import previous
from metric_catalog.periods import Period
from metric_catalog.query import (
    And,
    Compare,
    Comparison,
    Filter,
    GroupBy,
    Not,
    Order,
    both,
    filter_leaves,
)
from retrieval.folding import fold_name
from retrieval.match import MetricMatch

COMPARING = "intent.comparison"
TURNED = "follow.turn"
# So many metrics are offered where it is not clear which one is meant.
MOST_OPTIONS = 4
SHORT_TURN = 14
NAMED = ("exact", "synonym", "fuzzy", "picked")


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn before: its reading as followed, and the turn before that.

    `first`: the members of the first row of its answer, where that had groups.
    """

    reading: Reading
    before: "Turn | None" = None
    first: tuple[Compare, ...] = ()


def pick(reading: Reading, before: Turn | None, catalog: Catalog) -> Reading | None:
    """Return the turn before with the metric that `reading` picks, None where it picks none.

    Where the turn before left open which metric is meant, a part of the name of one of those it
    was asked about settles it: "the 30 day one", 7日的.
    """
    if before is None or not _is_open(before.reading) or _own_metric(reading):
        return None
    said = fold_name(" ".join(s.words for s in _spoken(reading)))
    offered = [match.metric for match in before.reading.matches[:MOST_OPTIONS]]
    offered = list(dict.fromkeys(m for m in offered if m in catalog.metrics))
    if not said or reading.filters or reading.group_by:
        return None
    for names in (lambda m: m.name.both, lambda m: (*m.name.both, *m.synonyms.all)):
        found = [m for m in offered
                 if any(said in fold_name(name) for name in names(catalog.metrics[m]))]  # fmt: skip
        if len(found) == 1:
            return _with_pick(before.reading, found[0], reading)
    return None


def _is_open(reading: Reading) -> bool:
    return bool(reading.matches) and ("contested" in reading.markers or not _own_metric(reading))


def _spoken(reading: Reading) -> list[Span]:
    """Return what a reply says, in order: its spans but fillers and "one", and its leftovers."""
    text = reading.text.casefold()
    kept = [s for s in reading.spans if not _is_empty(s)]
    for words in reading.leftovers:
        start = text.find(words.casefold())
        if start >= 0 and not any(s.start <= start < s.end for s in kept):
            kept.append(Span(start, start + len(words), words, "word"))
    return sorted(kept, key=lambda span: span.start)


def _is_empty(span: Span) -> bool:
    """Whether words only point: "the … one", 那个."""
    return span.name in FILLERS or span.name.startswith("follow.") or span.value == 1


def _with_pick(earlier: Reading, metric: str, reply: Reading) -> Reading:
    match = MetricMatch(metric, 1.0, "picked", reply.text)
    return replace(
        earlier,
        metrics=(metric,),
        matches=(match, *(m for m in earlier.matches if m.metric != metric)),
        markers=earlier.markers - {"contested"},
        leftovers=(),
    )


def follow(reading: Reading, before: Turn | None) -> Reading:
    """Return `reading` completed from the turn before, where it leans on it.

    It leans where it names no metric of its own, or says so ("what about …", 那…呢) and names
    only a metric. A question that stands alone inherits nothing.
    """
    if before is None:
        return reading
    if "follow.back" in reading.markers and not (_own_metric(reading) or _has_slots(reading)):
        return before.before.reading if before.before else before.reading
    earlier = before.reading
    if not earlier.metrics:
        return reading
    if before.first and _means_first(reading, earlier):
        return _of_first(reading, before)
    if _own_metric(reading) and not _asks_on(reading, earlier):
        if "follow.add" in reading.markers and _is_plain(reading):
            return _add_metric(reading, earlier)
        follows = "follow.swap" in reading.markers or not _own_metric(earlier)
        return _swap_metric(reading, earlier) if follows and _is_plain(reading) else reading
    if not _leans(reading) or _stands_alone(reading):
        return reading
    return _inherit(_with_both(reading, before), earlier)


def _means_first(reading: Reading, earlier: Reading) -> bool:
    """Whether a turn is about the first group before: "the top one", "its" after a single."""
    single = "follow.its" in reading.markers and earlier.limit == 1
    return "follow.first" in reading.markers or single


def _of_first(reading: Reading, before: Turn) -> Reading:
    """Return what is asked about the first group of the answer before, in the same period."""
    earlier = before.reading
    named = _own_metric(reading)
    filters = both(earlier.filters, reading.filters)
    for member in before.first:
        filters = both(filters, member)
    groups = {member.dimension for member in before.first}
    group_by = tuple(g for g in reading.group_by if g.name not in groups)
    told = _says_intent(reading) and reading.intent not in ("ranking", "extreme")
    return replace(
        reading,
        intent=reading.intent if told else ("breakdown" if group_by else "value"),
        metrics=reading.metrics if named else earlier.metrics,
        matches=reading.matches if named else earlier.matches,
        group_by=group_by,
        filters=filters,
        periods=reading.periods or earlier.periods,
        order=() if not group_by else reading.order,
        limit=None if not group_by else reading.limit,
        rank=None if not group_by else reading.rank,
        having=None,
        post=None,
        assumptions=reading.assumptions or earlier.assumptions,
    )


def _with_both(reading: Reading, before: Turn) -> Reading:
    """Return a turn that compares with the members said before put side by side.

    "Compare with East" after "West", or "compare them" after "Beijing" and "Shanghai".
    """
    if COMPARING not in reading.markers:
        return reading
    said = _one_member(reading.filters)
    first = _one_member(before.reading.filters)
    if said is None and reading.filters is None and first and before.before:
        said, first = first, _one_member(before.before.reading.filters)
    if not said or not first or said.dimension != first.dimension or said == first:
        return reading
    both_members = Compare(said.dimension, "in", (*first.values, *said.values))
    return replace(
        reading,
        intent="comparison",
        explicit_intent=True,
        filters=both_members,
        group_by=(GroupBy(said.dimension),),
        comparison=Comparison("members"),
    )


def _one_member(condition: Filter | None) -> Compare | None:
    """Return the last condition on one member."""
    found = [part for part in _parts(condition) if isinstance(part, Compare) and part.op == "="]
    return found[-1] if found else None


def _own_metric(reading: Reading) -> bool:
    return bool(reading.matches) and reading.matches[0].evidence in NAMED


def _is_plain(reading: Reading) -> bool:
    """Whether a turn names a metric and nothing else."""
    filled = reading.periods or reading.group_by or reading.filters or reading.order
    return not (filled or reading.rank)


def _asks_on(reading: Reading, earlier: Reading) -> bool:
    """Whether a turn asks which of the groups before meet a condition: 亏钱的是哪些."""
    conditioned = reading.having is not None and not (reading.periods or reading.group_by)
    return conditioned and bool(earlier.group_by) and reading.metrics == earlier.metrics


def _add_metric(reading: Reading, earlier: Reading) -> Reading:
    metrics = tuple(dict.fromkeys((*earlier.metrics, *reading.metrics)))
    swapped = _swap_metric(reading, earlier)
    return replace(swapped, metrics=metrics, matches=(*earlier.matches, *reading.matches))


def _leans(reading: Reading) -> bool:
    """Whether any slot was understood, so that the rest can come from before."""
    if any(marker.startswith("refuse.") for marker in reading.markers):
        return False
    own: object = _has_slots(reading) or reading.comparison or reading.limit or reading.ambiguities
    own = own or reading.having or reading.markers & {"follow.before", TURNED}
    own = own or (COMPARING in reading.markers and not reading.leftovers)
    if own or reading.explicit_intent or _only_number(reading) is not None:
        return True
    return bool(reading.leftovers) and bool(reading.markers & {"follow.swap", "rel.only"})


def _stands_alone(reading: Reading) -> bool:
    """Whether a whole question was asked in words of its own: "why do people not come back"."""
    swaps = reading.markers & {"follow.swap", "follow.add", "rel.only"}
    return bool(
        reading.leftovers and reading.matches and reading.explicit_intent
        and not (swaps or reading.limit)
        and (_says_why(reading) or not _has_slots(reading))
    )  # fmt: skip


def _has_slots(reading: Reading) -> bool:
    """Whether a turn says a period, groups, members, an order or a grain of its own."""
    filled = reading.periods or reading.group_by or reading.filters or reading.order
    return bool(filled or reading.grain)


def _only_number(reading: Reading) -> int | None:
    # "One" in words is mostly no number: 拆一下.
    spans = [s for s in reading.spans if s.kind == "number"]
    numbers = [s.value for s in spans if s.value != 1 or s.words.isdigit() and s.words.isascii()]
    return numbers[0] if len(numbers) == 1 and isinstance(numbers[0], int) else None


def _swap_metric(reading: Reading, earlier: Reading) -> Reading:
    metric = reading.metrics[0]
    order = tuple(Order(metric, o.descending) for o in earlier.order)
    return replace(
        earlier,
        text=reading.text,
        language=reading.language,
        metrics=reading.metrics,
        matches=reading.matches,
        order=order,
        having=None,
        spans=reading.spans,
        markers=reading.markers | _kept_markers(earlier),
        leftovers=reading.leftovers,
        ambiguities=(),
    )


def _kept_markers(earlier: Reading) -> frozenset[str]:
    return earlier.markers & {"recent"}


def _inherit(reading: Reading, earlier: Reading) -> Reading:
    dropped = "follow.drop" in reading.markers
    dropped = dropped or ("rel.exclude" in reading.markers and reading.filters is None)
    if dropped and reading.group_by:
        return _drop(reading, earlier)
    limit = reading.limit if reading.limit is not None else _limit(reading, earlier)
    group_by = reading.group_by or earlier.group_by
    usual: Intent = "value" if earlier.intent in ("definition", "catalog") else earlier.intent
    intent = reading.intent if _says_intent(reading) else usual
    split_on = "follow.add" in reading.markers and earlier.intent == "trend"
    if split_on and reading.group_by and not _says_why(reading):
        intent = "trend"
    elif reading.group_by and intent in ("value", "trend", "explain") and not _says_why(reading):
        intent = "breakdown"
    return replace(
        reading,
        intent=intent,
        metrics=earlier.metrics,
        matches=earlier.matches,
        group_by=group_by,
        filters=_merge(earlier.filters, reading.filters, "follow.add" in reading.markers),
        having=reading.having or earlier.having,
        periods=reading.periods or _periods(reading, earlier),
        comparison=(None if _is_before(reading) else reading.comparison) or earlier.comparison,
        grain=reading.grain or (earlier.grain if intent == earlier.intent else None),
        order=_rank_order(reading, earlier),
        limit=limit,
        post=reading.post or (earlier.post if intent == earlier.intent else None),
        markers=reading.markers | (frozenset() if reading.periods else _kept_markers(earlier)),
        leftovers=_still_unknown(reading, limit),
        assumptions=reading.assumptions or earlier.assumptions,
        model=reading.model or _taken_from(earlier),
    )


def _is_before(reading: Reading) -> bool:
    return "follow.before" in reading.markers


def _periods(reading: Reading, earlier: Reading) -> tuple[Period, ...]:
    """Return the periods of before, or the one before that: "and the month before?"."""
    if not _is_before(reading) or len(earlier.periods) != 1:
        return earlier.periods
    return (previous(earlier.periods[0]),)


def _drop(reading: Reading, earlier: Reading) -> Reading:
    """Return the turn before without its filters and groups by the dimensions named (不限渠道)."""
    named = {item.name for item in reading.group_by}
    kept: Filter | None = None
    for part in _parts(earlier.filters):
        if not {x.dimension for x in filter_leaves(part) if isinstance(x, Compare)} & named:
            kept = both(kept, part)
    group_by = tuple(item for item in earlier.group_by if item.name not in named)
    ungrouped = earlier.intent == "breakdown" and not group_by
    return replace(
        earlier,
        text=reading.text,
        intent="value" if ungrouped else earlier.intent,
        filters=kept,
        group_by=group_by,
        periods=reading.periods or earlier.periods,
        spans=reading.spans,
    )


def _taken_from(earlier: Reading) -> ModelPart | None:
    """Return the model whose reading is carried on; what was only proposed is not."""
    part = earlier.model
    return part if part is not None and part.reask is None else None


def _says_why(reading: Reading) -> bool:
    return "intent.explain" in reading.markers


def _says_intent(reading: Reading) -> bool:
    if _is_before(reading) and reading.intent == "comparison":
        return False
    return reading.intent not in ("value", "breakdown") or "intent.breakdown" in reading.markers


def _limit(reading: Reading, earlier: Reading) -> int | None:
    number = _only_number(reading)
    if number is not None and (reading.rank or "follow.swap" in reading.markers):
        return number
    return earlier.limit


def _rank_order(reading: Reading, earlier: Reading) -> tuple[Order, ...]:
    if not (reading.order or reading.rank) and TURNED in reading.markers:
        return tuple(replace(item, descending=not item.descending) for item in earlier.order)
    if reading.order or not reading.rank:
        return reading.order or earlier.order
    return (Order(earlier.metrics[0], reading.rank == "top"),)


def _merge(earlier: Filter | None, new: Filter | None, added: bool = False) -> Filter | None:
    """Return `earlier` with the dimensions that `new` speaks of replaced by `new`.

    Members `added` stand beside those before; members left out of a list leave the others.
    """
    new = _with_list(earlier, new, added)
    spoken = {leaf.dimension for leaf in filter_leaves(new) if isinstance(leaf, Compare)}
    kept: Filter | None = None
    for part in _parts(earlier):
        names = {leaf.dimension for leaf in filter_leaves(part) if isinstance(leaf, Compare)}
        if not names & spoken:
            kept = both(kept, part)
    return both(kept, new)


def _with_list(earlier: Filter | None, new: Filter | None, added: bool) -> Filter | None:
    """Return `new` as the list of members that remains, where `earlier` is a list of the same."""
    left_out = isinstance(new, Not) or (isinstance(new, Compare) and new.op == "!=")
    said = new.item if isinstance(new, Not) else new
    if not isinstance(said, Compare) or not (added or left_out):
        return new
    lists = [p for p in _parts(earlier) if isinstance(p, Compare) and p.op in ("=", "in")]
    before = next((p.values for p in lists if p.dimension == said.dimension), None)
    if before is None:
        return new
    if left_out:
        values = tuple(v for v in before if v not in said.values)
    else:
        values = tuple(dict.fromkeys((*before, *said.values)))
    if not values:
        return new
    return Compare(said.dimension, "=" if len(values) == 1 else "in", values)


def _parts(condition: Filter | None) -> tuple[Filter, ...]:
    if condition is None:
        return ()
    return condition.items if isinstance(condition, And) else (condition,)


def _still_unknown(reading: Reading, limit: int | None) -> tuple[str, ...]:
    """Return the leftovers, but for the number that became the limit."""
    used = {s.words for s in reading.spans if s.kind == "number" and s.value == limit}
    return tuple(words for words in reading.leftovers if words not in used)
