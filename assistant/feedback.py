"""Owns feedback: whether an answer was useful, and what was wrong with it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from assistant.state import tables
from assistant.state.store import Store

Reason = Literal[
    "", "wrong_number", "wrong_metric", "wrong_period", "wrong_filter", "unclear", "not_useful",
    "slow", "other",
]  # fmt: skip
REASONS: tuple[Reason, ...] = get_args(Reason)[1:]
LONGEST_COMMENT = 2_000


@dataclass(frozen=True, slots=True)
class Feedback:
    """One judgement of one answer. `reason` is empty where none was given."""

    id: str
    answer_id: str
    liked: bool
    reason: Reason = ""
    comment: str = ""


def give_feedback(
    store: Store, answer_id: str, by: str, liked: bool, reason: str = "", comment: str = ""
) -> Feedback:
    """Keep what `by` thinks of an answer; a later judgement of the same person replaces it.

    An unknown reason is kept as `other`. Raises ExecutorError.
    """
    key = hashlib.sha256(f"{answer_id}\x1f{by}".encode()).hexdigest()[:12]
    given = Feedback(key, answer_id, liked, _reason(reason), comment[:LONGEST_COMMENT])
    store.replace(
        tables.feedback,
        {
            "id": given.id,
            "answer_id": given.answer_id,
            "liked": int(given.liked),
            "reason": given.reason,
            "comment": given.comment,
        },
    )
    return given


def list_feedback(store: Store, answer_id: str | None = None) -> tuple[Feedback, ...]:
    """Return all feedback, or that on one answer, the oldest first."""
    wanted = {} if answer_id is None else {"answer_id": answer_id}
    return tuple(_read(row) for row in store.find(tables.feedback, **wanted))


def _read(row: Mapping[str, Any]) -> Feedback:
    liked = bool(row["liked"])
    return Feedback(row["id"], row["answer_id"], liked, _reason(row["reason"]), row["comment"])


def _reason(text: str) -> Reason:
    known: tuple[Reason, ...] = get_args(Reason)
    return next((reason for reason in known if reason == text), "other")
