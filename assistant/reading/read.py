"""Owns `read`: one question in, its `Reading` out; nothing of the data is touched."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from assistant.insights.investigation import Intent
from assistant.question import Question
from assistant.reading.candidates import Lexicons, find_candidates, find_names
from assistant.reading.conditions import (
    NumberCondition,
    Rank,
    find_conditions,
    find_rank,
    unused_numbers,
)
from assistant.reading.cover import best_cover
from assistant.reading.folding import fold
from assistant.reading.governed import as_governed
from assistant.reading.having import read_having
from assistant.reading.intents import EXTREMES, GRAINS, MOVES, settle
from assistant.reading.leftovers import find_leftovers, with_label
from assistant.reading.lexicon import find_words
from assistant.reading.metric_slot import (
    NAMED,
    Asked,
    Figure,
    Meaning,
    MetricSlot,
    fill_metric_slot,
    is_quotient,
    with_rates,
)
from assistant.reading.ordering import read_order, read_post
from assistant.reading.preamble import OWN, PREAMBLE, without_preamble
from assistant.reading.reading import Reading
from assistant.reading.rivals import members_of_before, release_metrics, settle_rivals
from assistant.reading.shared_nouns import complete_lists
from assistant.reading.short_forms import write_out
from assistant.reading.spans import Span
from assistant.reading.strays import find_half_names, find_unsupported, has_strays
from assistant.reading.times_slots import TimeSlots, read_time_slots, recent_period
from assistant.reading.value_slots import ValueSlots, dimension_names, read_value_slots
from metric_catalog.model.metrics import Metric
from metric_catalog.periods import (
    Grain,
    Period,
    complete_units_before,
    default_trend_grain,
    shift,
)
from metric_catalog.policy import Policy
from metric_catalog.query import Compare, Comparison, filter_leaves

LONGEST_TEXT = 2000
LEANING = frozenset(("rel.only", "follow.swap"))
# Words that say what the figure asked for is counted in, whatever else they mean.
UNITS = {
    "unit.currency": ("currency",),
    "unit.time": ("days", "hours", "number"),
    "unit.count": ("count",),
    "unit.ratio": ("ratio",),
}
UNITS_SAID = {f"noun.{grain}": f"extreme.{grain}" for grain in GRAINS[:-1]}
NAMED_GRAINS = {**EXTREMES, **{f"grain.{grain}": grain for grain in GRAINS}}


def read(
    question: Question,
    lexicons: Lexicons,
    policy: Policy,
    meaning: Meaning,
    earlier: tuple[str, ...] = (),
) -> Reading:
    """Return the reading of `question`; `meaning` is asked only where names leave doubt.

    `earlier`: the metrics of the turn before, whose dimensions a turn without a metric means.
    """
    text = _spoken(write_out(question.text[:LONGEST_TEXT]), lexicons, policy)
    folded = fold(text)
    candidates = find_candidates(text, question.language, question.as_of, lexicons, policy)
    cover = complete_lists(
        best_cover([c for c in candidates if not c.name.startswith("unit.")], folded),
        folded,
        lambda said: lexicons.values.search(said, policy),
    )
    cover = with_label(cover, folded)
    cover = with_rates(cover, folded)
    words = _words(cover, candidates)
    unknown = find_leftovers(text, folded, cover)
    halves = find_half_names(cover, candidates, lambda said: lexicons.values.search(said, policy))
    leftovers = (*unknown, *find_unsupported(cover), *halves)
    if earlier and words & LEANING:
        cover = members_of_before(cover, candidates, dimension_names(earlier, lexicons.catalog))
    slot = MetricSlot()
    if not any(word.startswith("refuse.") and word != "refuse.formula" for word in words):
        asked = _asked(cover, candidates, lexicons)
        # A share of what meets a condition is of the groups that do: no rate of theirs.
        share = "intent.share" in words and "cond.negative" not in words
        figure = Figure(_units(candidates), _is_counted(candidates), share)
        slot = fill_metric_slot(
            text, cover, asked, figure, unknown, lexicons, meaning, policy
        )  # fmt: skip
    named = tuple(m.metric for m in takewhile(lambda m: m.evidence in NAMED, slot.matches))
    metrics = named if not slot.contested else named[:1]
    metrics = metrics or tuple(m.metric for m in slot.matches[:1])
    split = metrics if named else earlier or metrics
    names = dimension_names(split, lexicons.catalog)
    cover = release_metrics(settle_rivals(cover, candidates, names), candidates, names, metrics)
    if named and not slot.verbatim and has_strays(cover, slot, words, lexicons.catalog):
        slot = replace(slot, contested=True)
    times = read_time_slots(cover, words, lexicons.catalog.calendar)
    times = _with_named_time(times, cover, candidates)
    values = read_value_slots(cover, candidates, split, lexicons.catalog, words)
    draft = Reading(
        text=question.text[:LONGEST_TEXT],
        language=question.language,
        intent="value",
        metrics=metrics,
        matches=slot.matches,
        spans=cover,
        markers=words | _sureness(slot),
        assumptions=times.assumptions,
        ambiguities=values.ambiguities,
        impossible=values.impossible if named else (),
        leftovers=() if slot.verbatim else (*_unsaid(leftovers, values, lexicons), *values.unfit),
        periods=times.periods,
    )
    leading = lexicons.catalog.metrics.get(split[0]) if split else None
    filled = _fill(draft, cover, words, times, values, lexicons, question.as_of, leading)
    if named:
        filled = _without_dropped(filled)
    return as_governed(filled, named, lexicons, policy)


def _sureness(slot: MetricSlot) -> frozenset[str]:
    """Return the markers that say how the names of a question stand to the whole of it."""
    said = {"contested": slot.contested, "agreed": slot.agreed}
    return frozenset(marker for marker, holds in said.items() if holds)


def _unsaid(leftovers: Sequence[str], values: ValueSlots, lexicons: Lexicons) -> tuple[str, ...]:
    """Return the leftovers but those that name the dimension of a member: gateway errors *failed*.

    The member's dimension is "failure reason": the word says what the filter says already.
    """
    if values.filters is None:
        return tuple(leftovers)
    used = {leaf.dimension.rsplit("__", 1)[-1] for leaf in filter_leaves(values.filters)
            if isinstance(leaf, Compare)}  # fmt: skip
    labels = [
        fold(label)
        for model in lexicons.catalog.models.values()
        for dimension in model.dimensions
        if dimension.name in used and dimension.label
        for label in (dimension.label.en, dimension.label.zh)
    ]
    return tuple(w for w in leftovers if not any(fold(w) in label for label in labels))


def _without_dropped(reading: Reading) -> Reading:
    """Return the reading without the groups that are not to be told apart: 不分门店."""
    dropped = {
        after.name
        for before, after in pairwise(reading.spans)
        if before.name == "follow.drop" and after.kind == "dimension"
    }
    kept = tuple(g for g in reading.group_by if g.column.rsplit("__", 1)[-1] not in dropped)
    if len(kept) == len(reading.group_by):
        return reading
    intent: Intent = "value" if reading.intent == "breakdown" and not kept else reading.intent
    return replace(reading, group_by=kept, intent=intent)


def _asked(cover: Sequence[Span], candidates: Sequence[Span], lexicons: Lexicons) -> Asked:
    """Return what dimensions the cover names, or names members of; each may be one of several."""
    settled = settle_rivals(cover, candidates, lexicons.dimensions)
    return tuple(
        frozenset(c.name for c in candidates if c.kind == s.kind and _same_place(c, s)) | {s.name}
        for s in settled
        if s.kind in ("value", "dimension")
    )  # fmt: skip


def _with_named_time(
    times: TimeSlots, cover: Sequence[Span], candidates: Sequence[Span]
) -> TimeSlots:
    """Return the times; where none is said beside it, the one to date in a metric's name counts.

    今年累计成交额 is a metric's name and says of which year.
    """
    if times.periods:
        return times
    named = [span for span in cover if span.kind == "metric"]
    inside = [
        c.time.periods
        for c in candidates
        if c.time is not None and c.time.kind == "to_date" and c.time.periods
        and any(m.start <= c.start and c.end <= m.end for m in named)
    ]  # fmt: skip
    return replace(times, periods=inside[0]) if inside else times


def _units(candidates: Sequence[Span]) -> frozenset[str]:
    """Return the units that the figure asked for may have, empty where any will do."""
    return frozenset(unit for c in candidates for unit in UNITS.get(c.name, ()))


def _is_counted(candidates: Sequence[Span]) -> bool:
    """Whether a number of people or things is asked for."""
    return any(c.name == "unit.counted" for c in candidates)


def _same_place(one: Span, other: Span) -> bool:
    return (one.start, one.end) == (other.start, other.end)


def _spoken(text: str, lexicons: Lexicons, policy: Policy) -> str:
    """Return the text with what only introduces the question blanked out."""
    folded = fold(text)
    words = find_words(folded, lexicons.packs)
    if not any(word.name == PREAMBLE for word in words):
        return text
    named = find_names(text, folded, lexicons, policy)
    metrics = [span for span in named if span.kind in ("metric", "goal")]
    if OWN.search(folded):
        metrics += [Span(o.start, o.end, o.words, "value") for o in
                    lexicons.values.occurrences(text, policy)]  # fmt: skip
    return without_preamble(text, folded, words, metrics)


def _words(cover: Sequence[Span], candidates: Sequence[Span]) -> frozenset[str]:
    """Return the meanings of the words seen; a goal's words keep the condition inside them."""
    seen = {span.name for span in cover if span.kind == "word"}
    goals = [s for s in cover if s.kind == "goal" or (s.kind == "metric" and s.evidence != "exact")]
    seen |= {
        c.name
        for c in candidates
        if c.name.startswith("cond.") and any(c.overlaps(goal) for goal in goals)
    }
    seen |= {c.name for c in candidates if c.name == "follow.before"}
    # 哪家店 names a dimension and asks which one.
    named = {s.start for s in cover if s.kind == "dimension"}
    seen |= {c.name for c in candidates if c.name == "rel.which" and c.start in named}
    return frozenset(seen)


def _fill(
    draft: Reading,
    cover: Sequence[Span],
    words: frozenset[str],
    times: TimeSlots,
    values: ValueSlots,
    lexicons: Lexicons,
    as_of: dt.date,
    first: Metric | None,
) -> Reading:
    """Return the reading with all slots; `first` is the metric asked about, if only before."""
    conditions = find_conditions(cover)
    rank = find_rank(cover, first.direction if first else "none")
    words = _with_units(words, conditions, rank, values)
    grain = times.grain or next((NAMED_GRAINS[w] for w in words if w in NAMED_GRAINS), None)
    comparison = times.comparison or (Comparison("members") if values.members else None)
    several = len(draft.metrics) > 1
    slots = _slot_names(words, times, values, conditions, rank, grain, comparison, several)
    intent, explicit = settle(words, slots)
    intent = _with_moves(intent, words, times, values)
    if (
        several
        and "intent.comparison" in words
        and not (draft.periods or slots - {"several_metrics"})
    ):
        intent, explicit = "definition", True
    if intent == "share" and first is not None and is_quotient(first):
        # One rate, or average, has no part in another.
        intent = "breakdown" if values.group_by else "value"
    if intent == "value" and first is not None and _runs_in(first.default_grain, cover):
        intent, explicit = "trend", False
    usual = _usual_grain(intent, draft.periods, times, first)
    grain = usual if intent == "average" else grain or usual
    periods, assumptions = draft.periods, draft.assumptions
    if times.compared_unit and not periods:
        periods = (complete_units_before(as_of, 1, times.compared_unit, lexicons.catalog.calendar),)
    if times.recent:
        recent, assumptions = recent_period(intent, as_of, lexicons.catalog.calendar)
        periods = (recent,)
    if intent == "forecast":
        periods = tuple(_to_come(period, cover, as_of) for period in periods)
    # "Why does this store lose money" takes the loss for granted: it asks about one figure.
    premise = intent == "explain" and not values.group_by
    having = read_having(
        draft, conditions, words - {"cond.negative"} if premise else words, lexicons
    )
    order, limit = read_order(draft, intent, rank, values, slots, words)
    if rank is not None and having == Compare(draft.metrics[0] if draft.metrics else "", "<", (0,)):
        # The most loss-making are those with the least profit.
        most = rank.spans[0].name not in ("rank.bottom", "rank.best")
        order = tuple(replace(o, descending=not most) for o in order)
    return Reading(
        text=draft.text,
        language=draft.language,
        intent=intent,
        metrics=draft.metrics,
        matches=draft.matches,
        group_by=values.group_by,
        filters=values.filters,
        having=having,
        periods=periods,
        comparison=comparison,
        grain=grain,
        order=order,
        limit=limit,
        post=read_post(intent, times, conditions, words, values, rank),
        spans=draft.spans,
        markers=draft.markers | ({"recent"} if times.recent else frozenset()),
        leftovers=_unexplained(draft, unused_numbers(cover, conditions, rank)),
        assumptions=assumptions,
        ambiguities=draft.ambiguities,
        impossible=draft.impossible,
        explicit_intent=explicit,
        rank=None if rank is None else ("top" if rank.descending else "bottom"),
        move=next((w.removeprefix("move.") for w in words if w.startswith("move.")), None),
    )


def _runs_in(grain: str | None, cover: Sequence[Span]) -> bool:
    """Whether the period is a number of the units that a metric is told in: the last 8 weeks."""
    return grain is not None and any(
        s.time is not None and s.time.kind == "rolling" and s.time.unit == grain
        and any(letter.isdigit() for letter in s.words)
        for s in cover
    )  # fmt: skip


def _to_come(period: Period, cover: Sequence[Span], as_of: dt.date) -> Period:
    """Return the period; a month without a year that is over is the next one, where it is asked."""
    bare = any(s.time is not None and s.time.kind == "bare" and s.time.periods == (period,)
               for s in cover)  # fmt: skip
    if not bare or None in (period.start, period.end) or period.bounds()[1].date() > as_of:
        return period
    start, end = period.bounds()
    return Period(shift(start, 1, Grain.YEAR), shift(end, 1, Grain.YEAR))


def _with_units(
    words: frozenset[str],
    conditions: Sequence[NumberCondition],
    rank: Rank | None,
    values: ValueSlots,
) -> frozenset[str]:
    """Return the words; units of time that are ranked or meet a condition are what is asked for.

    "The three best months", "days with more than 600 orders", gmv最低的那周.
    """
    units = [word for word in words if word in UNITS_SAID]
    if not units or values.group_by or not (conditions or rank):
        return words
    return words | {UNITS_SAID[units[0]]}


def _usual_grain(
    intent: Intent, periods: tuple[Period, ...], times: TimeSlots, metric: Metric | None
) -> str | None:
    """Return the grain of what runs over time where none is named: the metric's, else by length."""
    if intent == "anomaly":
        return "day"
    if intent == "average":
        return times.average_per
    if intent != "trend":
        return None
    if metric is not None and metric.default_grain:
        return metric.default_grain
    if times.recent or len(periods) != 1:
        return "month"
    return str(default_trend_grain(periods[0]))


def _unexplained(draft: Reading, numbers: tuple[str, ...]) -> tuple[str, ...]:
    verbatim = draft.matches[:1] and draft.matches[0].words == draft.text
    return draft.leftovers if verbatim else (*draft.leftovers, *numbers)


def _with_moves(
    intent: Intent, words: frozenset[str], times: TimeSlots, values: ValueSlots
) -> Intent:
    """Return the intent; a value said to move is a growth, over 最近 a trend.

    Groups that moved are told by their growth; what contributes to a move explains it.
    """
    if not words & MOVES:
        return intent
    if intent == "share":
        return "explain" if values.group_by and "cond.negative" not in words else "share"
    if intent in ("ranking", "breakdown") and values.group_by:
        return "growth"
    if intent != "value":
        return intent
    return "trend" if times.recent else "growth"


def _slot_names(
    words: frozenset[str],
    times: TimeSlots,
    values: ValueSlots,
    conditions: Sequence[NumberCondition],
    rank: Rank | None,
    grain: str | None,
    comparison: Comparison | None,
    several_metrics: bool,
) -> frozenset[str]:
    present = {
        "group_by": bool(values.group_by),
        "rank": rank is not None,
        "limit": rank is not None and rank.count is not None,
        "extreme": any(w in EXTREMES for w in words) or "extreme.when" in words,
        "when": "extreme.when" in words,
        "condition": bool(conditions) or "cond.negative" in words,
        "count": "rel.count" in words,
        "comparison": comparison is not None,
        "members": values.members,
        "several_periods": times.several,
        "average_per": times.average_per is not None,
        "cumulative": times.cumulative,
        "grain": grain is not None,
        "rate_of_change": times.rate_of_change,
        "several_metrics": several_metrics,
    }
    return frozenset(name for name, filled in present.items() if filled)
