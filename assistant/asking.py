"""Owns a conversation with a project: each turn is answered, stored, and remembered for the next."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.conversation import Turn
from assistant.insights.answer import Answer
from assistant.pipeline import ask, understand
from assistant.question import Question, language_of
from assistant.reading.reading import Reading
from assistant.receipts import answer_id
from assistant.resolve.outcomes import Outcome, Refusal, outcome_to_json
from assistant.state import tables
from assistant.state.store import now
from assistant.wiring import Assistant
from metric_catalog.model.definition import Language

MOST_TURNS = 10_000
# Refusals that say what people miss, as opposed to what they should not ask.
WISHES = frozenset({"no_metric", "draft", "retired", "unsupported", "no_target"})


@dataclass(frozen=True)
class Reply:
    """One turn: how it was read, what came of it, and both as JSON."""

    reading: Reading
    outcome: Outcome
    content: dict[str, Any]


@dataclass
class Conversation:
    """Turns with one project by id; forgets the oldest beyond a limit."""

    assistant: Assistant
    role: str | None = None
    turns: dict[str, Turn] = field(default_factory=dict)

    def question(
        self, text: str, as_of: dt.date | None, language: Language | None, after: str | None = None
    ) -> Question:
        """Return the question with the project's day and the language it is written in."""
        default = self.assistant.project.settings.language.default
        chosen = language or language_of(text, default)
        role = self.role or "everyone"
        return Question(text, as_of or self.assistant.as_of, chosen, role, after)

    def read(self, question: Question, key: str | None = None) -> Reading:
        """Return the reading of a turn, and remember it under `key`."""
        policy = self.assistant.policy(self.role)
        before = self.turns.get(question.after or "")
        reading = understand(question, self.assistant.line, policy, before)
        self._remember(key, Turn(reading, before))
        return reading

    def ask(self, question: Question, key: str | None = None) -> Reply:
        """Return the reply to a turn, stored; remembered under `key` and the answer's id."""
        policy = self.assistant.policy(self.role)
        before = self.turns.get(question.after or "")
        reading, outcome = ask(question, self.assistant.line, policy, before)
        if not isinstance(outcome, Answer):
            outcome = replace(outcome, id=answer_id(question, None, (outcome.text,)))
        content = outcome_to_json(reading, outcome)
        self._keep(question, outcome, content)
        turn = Turn(reading, before)
        self._remember(key, turn)
        self._remember(outcome.id, turn)
        return Reply(reading, outcome, content)

    def _remember(self, key: str | None, turn: Turn) -> None:
        if key is not None:
            self.turns[key] = turn
            while len(self.turns) > MOST_TURNS:
                self.turns.pop(next(iter(self.turns)))

    def _keep(self, question: Question, outcome: Outcome, content: dict[str, Any]) -> None:
        row = {
            "id": outcome.id,
            "question": question.text,
            "language": question.language,
            "as_of": question.as_of.isoformat(),
            "outcome": content["outcome"],
            "asker": question.asker,
            "content": content,
        }
        self.assistant.store.replace(tables.answers, row)
        if isinstance(outcome, Refusal) and outcome.reason in WISHES:
            self._wish(question, outcome)

    def _wish(self, question: Question, refusal: Refusal) -> None:
        """Keep a refusal as a request for a metric; the same words count up."""
        words = " ".join(question.text.lower().split())
        key = hashlib.sha256(words.encode()).hexdigest()[:12]
        store = self.assistant.store
        known = store.get(tables.wishes, key)
        row = {
            "id": key,
            "question": question.text,
            "language": question.language,
            "reason": refusal.reason,
            "missing": refusal.missing,
            "count": (known["count"] if known else 0) + 1,
            "last_at": now(),
        }
        if known:
            store.change(tables.wishes, key, count=row["count"], last_at=row["last_at"])
        else:
            store.put(tables.wishes, row)
