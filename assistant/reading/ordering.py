"""Owns what becomes of the groups: their order and number, and what is computed over them."""

from collections.abc import Sequence

from assistant.reading.conditions import NumberCondition, Rank
from assistant.reading.intents import EXTREMES, MOVES
from assistant.reading.reading import Reading
from assistant.reading.times_slots import TimeSlots
from assistant.reading.value_slots import ValueSlots
from metric_catalog.query import AveragePer, CountGroups, Order, PostAggregation, ShareOfTotal


def read_order(
    draft: Reading,
    intent: str,
    rank: Rank | None,
    values: ValueSlots,
    slots: frozenset[str],
    words: frozenset[str],
) -> tuple[tuple[Order, ...], int | None]:
    """Return the order of the groups and how many are asked for."""
    if not draft.metrics or intent not in ("ranking", "extreme", "explain", "threshold", "growth"):
        return (), None
    if intent == "growth" and values.group_by and (words & MOVES or rank or "rel.which" in words):
        by = "change" if words & MOVES else "growth"
        rising = "move.up" in words if words & MOVES else rank is None or rank.descending
        limit = rank.count if rank else None
        return (Order(f"{draft.metrics[0]}__{by}", rising),), limit
    if rank is None and intent == "extreme":
        return (Order(draft.metrics[0], True),), 1
    if rank is None:
        return ((Order(draft.metrics[0], True),), None) if intent == "ranking" else ((), None)
    limit = rank.count
    if limit is None and (intent == "extreme" or _asks_for_one(draft.text, words)):
        limit = 1
    if not values.group_by and "extreme" not in slots and intent != "extreme":
        return (), None
    return (Order(draft.metrics[0], rank.descending),), limit


def _asks_for_one(text: str, words: frozenset[str]) -> bool:
    """Whether one member is asked for (哪个渠道最高, "which channel has the most")."""
    plural = any(word in text for word in ("哪些", "哪几", "都有"))
    return "rel.which" in words and not plural


def read_post(
    intent: str,
    times: TimeSlots,
    conditions: Sequence[NumberCondition],
    words: frozenset[str],
    values: ValueSlots,
    rank: Rank | None,
) -> PostAggregation | None:
    """Return what is computed over the groups: shares, an average, how many meet a condition."""
    if intent == "share":
        return ShareOfTotal()
    if times.average_per is not None:
        return AveragePer(times.average_per)
    groups = values.group_by or any(word in EXTREMES for word in words)
    if "rel.count" in words and (conditions or "cond.negative" in words) and groups:
        return CountGroups()
    return None
