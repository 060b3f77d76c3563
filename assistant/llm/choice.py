"""Owns `Choice`: from a model's reply to the picks that were on offer; all else is dropped."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from assistant.llm.model import ModelFailed
from assistant.llm.offer import LONGEST_WORDS, MOST_READINGS, PERIOD_KEY, Kind, Offer
from metric_catalog.periods import Period

LONGEST_REPLY = 20_000


@dataclass(frozen=True, slots=True)
class Choice:
    """`words` of the question, read by a model as `target`; a period has no target."""

    words: str
    kind: Kind
    target: tuple[str, ...] = ()
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class ModelPart:
    """What a model took part in: its name with the prompt's version, and (words, meaning) taken.

    `reask` is set where its reading is only proposed: the question in the catalog's words, and
    `metrics` those that it would ask for.
    """

    model: str
    taken: tuple[tuple[str, str], ...] = ()
    reask: str | None = None
    metrics: tuple[str, ...] = ()


def parse_reply(reply: str, offer: Offer, question: str) -> tuple[Choice, ...]:
    """Return the choices of a reply that were on offer and quote the question, in its order.

    Raises ModelFailed where the reply is not of the schema's shape.
    """
    if len(reply) > LONGEST_REPLY:
        raise ModelFailed("too_large")
    try:
        content = json.loads(_unfenced(reply))
    except (json.JSONDecodeError, RecursionError) as error:
        raise ModelFailed("malformed") from error
    readings = content.get("readings") if isinstance(content, dict) else None
    if not isinstance(readings, list):
        raise ModelFailed("malformed")
    found = (_choice(item, offer, question) for item in readings[:MOST_READINGS])
    return tuple(dict.fromkeys(choice for choice in found if choice is not None))


def _unfenced(reply: str) -> str:
    """Return the reply without the code fence that models without a schema like to add."""
    text = reply.strip()
    if text.startswith("```") and text.endswith("```"):
        return text.strip("`").removeprefix("json")
    return text


def _choice(item: Any, offer: Offer, question: str) -> Choice | None:
    if not isinstance(item, dict):
        return None
    words, means = item.get("words"), item.get("means")
    if not isinstance(words, str) or not isinstance(means, str):
        return None
    words = words.strip()
    if not words or len(words) > LONGEST_WORDS or question.count(words) != 1:
        return None
    if means == PERIOD_KEY and offer.period:
        period = _period(item.get("start"), item.get("end_exclusive"))
        return Choice(words, "period", period=period) if period else None
    for offered in offer.items:
        if offered.key == means:
            return Choice(words, offered.kind, offered.target)
    return None


def _period(start: Any, end: Any) -> Period | None:
    """Return a period of whole days with both bounds, None where it is none."""
    if not isinstance(start, str) or not isinstance(end, str):
        return None
    try:
        first, last = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
    except ValueError:
        return None
    if first >= last:
        return None
    midnight = dt.time()
    return Period(dt.datetime.combine(first, midnight), dt.datetime.combine(last, midnight))
