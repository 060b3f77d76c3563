"""Owns the choice of the intent from the words seen and the slots filled."""

from assistant.insights.investigation import Intent

GRAINS = ("day", "week", "month", "quarter", "year")
EXTREMES = {f"extreme.{grain}": grain for grain in GRAINS}
JUDGEMENT = "intent.judgement"
"""Asks whether a metric is normal in a period; an anomaly asks for what is odd in it."""
MOVES = frozenset(("move.up", "move.down"))
# The first of these that a question has words for wins: the rarer and more telling before the
# common ones. What slots decide (a limit, a group-by) comes in `settle`.
PRIORITY: tuple[Intent, ...] = (
    "definition", "catalog", "forecast", "attainment", "explain", "anomaly",
)  # fmt: skip


def settle(words: frozenset[str], slots: frozenset[str]) -> tuple[Intent, bool]:
    """Return the intent, and whether the question named it (rather than its slots implying it).

    `words`: meanings seen. `slots`: which slots are filled: group_by, rank, limit, extreme,
    condition, comparison, members, several_periods, average_per, cumulative, grain, metric.
    """
    for intent in PRIORITY:
        named = f"intent.{intent}" in words or (intent == "anomaly" and JUDGEMENT in words)
        if named and not _outruled(intent, words, slots):
            return intent, True
    if "extreme" in slots and "condition" not in slots:
        return "extreme", True
    if "intent.share" in words:
        return "share", True
    if "intent.growth" in words:
        return "growth", True
    if "average_per" in slots:
        return "average", True
    counted = "rank" in slots and "limit" in slots
    if "condition" in slots and not counted and {"group_by", "count", "grain", "extreme"} & slots:
        return "threshold", True
    if "rank" in slots or "intent.ranking" in words:
        return "ranking", True
    if "members" in slots or "several_periods" in slots:
        return "comparison", True
    return _by_comparison(words, slots)


def _by_comparison(words: frozenset[str], slots: frozenset[str]) -> tuple[Intent, bool]:
    if "rate_of_change" in slots:
        return "growth", True
    if "comparison" in slots:
        return "comparison", True
    if "cumulative" in slots or ("intent.cumulative" in words and "group_by" not in slots):
        return "cumulative", True
    if "intent.breakdown" in words and "several_metrics" in slots and "group_by" not in slots:
        return "value", True
    if "intent.trend" in words or "grain" in slots:
        return "trend", "intent.trend" in words
    if "group_by" in slots or "intent.breakdown" in words:
        return "breakdown", True
    return "value", bool({"intent.value", "rel.count"} & words)


def _outruled(intent: Intent, words: frozenset[str], slots: frozenset[str]) -> bool:
    """Whether other words say that `intent`'s words are meant otherwise here."""
    if intent == "definition":
        return bool({"rank", "limit", "comparison"} & slots) or "intent.explain" in words
    if intent == "attainment":
        return "condition" in slots and "intent.attainment" not in words
    return False
