"""Owns the outcomes that are no answer: a question back, a refusal. Values, not exceptions."""

from dataclasses import dataclass
from typing import Any

from assistant.insights.answer import Answer, MetricStamp
from assistant.insights.answer_json import answer_to_json, stamp_to_json
from assistant.reading.reading import Reading
from metric_catalog.model.definition import Language

MOST_RUNNERS_UP = 4
NOTHING = ("value", "rows", "change", "recommendation", "sql", "receipt", "chart")
NONE = ("drivers", "segments", "findings", "recommendations", "narrative", "notes", "follow_ups")
"""What an answer has, and a question back or a refusal has not: null, and empty lists."""


@dataclass(frozen=True, slots=True)
class Option:
    """One click: what it says, and the question it asks instead."""

    label: str
    reask: str


@dataclass(frozen=True, slots=True)
class Clarification:
    """A question back about one slot, with at most four options, each a ready re-ask."""

    slot: str
    text: str
    options: tuple[Option, ...]
    language: Language
    id: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer: a typed reason, what is missing, the nearest metrics by id."""

    reason: str
    text: str
    missing: str
    nearest: tuple[str, ...]
    language: Language
    id: str = ""


Outcome = Answer | Clarification | Refusal


def outcome_to_json(
    reading: Reading, outcome: Outcome, metric: MetricStamp | None = None
) -> dict[str, Any]:
    """Return the object of `ask --json`: what was read, and what came of it.

    `metric` is the definition of the first metric read; an answer names its own.
    """
    read = reading.to_json()
    if isinstance(outcome, Answer):
        kept = {name: read[name] for name in ("spans", "comparison", "filters")}
        return {**answer_to_json(outcome), **kept, "leftovers": list(reading.leftovers)}
    asked = isinstance(outcome, Clarification)
    return {
        **read,
        "answer_id": outcome.id,
        "outcome": "clarification" if asked else "refusal",
        "question": reading.text,
        "language": reading.language,
        "headline": outcome.text,
        "clarification": _asked(outcome) if isinstance(outcome, Clarification) else None,
        "refusal": _refused(outcome) if isinstance(outcome, Refusal) else None,
        "metric": stamp_to_json(metric) if metric else None,
        **dict.fromkeys(NOTHING),
        **{name: [] for name in NONE},
        "leftovers": list(reading.leftovers),
        "runners_up": [match.metric for match in reading.matches[:MOST_RUNNERS_UP]],
        "timings_ms": {},
    }


def _asked(outcome: Clarification) -> dict[str, Any]:
    options = [{"label": option.label, "reask": option.reask} for option in outcome.options]
    return {"slot": outcome.slot, "text": outcome.text, "options": options}


def _refused(outcome: Refusal) -> dict[str, Any]:
    return {
        "reason": outcome.reason,
        "text": outcome.text,
        "missing": outcome.missing,
        "nearest": list(outcome.nearest),
    }
