"""Owns a conversation with a project: each turn is answered, stored, and remembered."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

from assistant.actions.items import UnknownAnswer
from assistant.conversation import Turn
from assistant.insights.answer import Answer
from assistant.pipeline import ask, query, understand
from assistant.question import Question, language_of, plain_text
from assistant.reading.reading import Reading
from assistant.receipts import Replay, answer_id, compare_receipts, stamp, write_receipt
from assistant.resolve.outcomes import Outcome, Refusal, outcome_to_json
from assistant.state import tables
from assistant.state.store import now
from assistant.wiring import Assistant
from metric_catalog.model.definition import Language
from metric_catalog.query import Compare
from metric_catalog.query_json import from_json

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
    """Turns with one project by id; forgets the oldest beyond a limit.

    `keep` = answers and wishes are stored; an evaluation leaves no traces.
    """

    assistant: Assistant
    role: str | None = None
    turns: dict[str, Turn] = field(default_factory=dict)
    keep: bool = True

    def question(
        self, text: str, as_of: dt.date | None, language: Language | None, after: str | None = None
    ) -> Question:
        """Return the question with the project's day and the language it is written in."""
        default = self.assistant.project.settings.language.default
        text = plain_text(text)
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
        started = perf_counter()
        reading, outcome = ask(question, self.assistant.line, policy, before)
        if not isinstance(outcome, Answer):
            outcome = replace(outcome, id=answer_id(question, None, (outcome.text,)))
        seen = [metric for metric in reading.metrics[:1] if metric not in policy.hidden_metrics]
        content = outcome_to_json(
            reading, outcome, stamp(seen[0], self.assistant.catalog) if seen else None
        )
        if not content["timings_ms"]:
            content["timings_ms"] = {"read": round((perf_counter() - started) * 1000, 2)}
        if self.keep:
            self._keep(question, outcome, content)
        turn = Turn(reading, before, first_members(content))
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


def first_members(content: dict[str, Any]) -> tuple[Compare, ...]:
    """Return the members of the first row of an answer, none where it has no groups."""
    table = content.get("rows")
    if not table or not table["rows"]:
        return ()
    first = zip(table["columns"], table["rows"][0], strict=True)
    return tuple(
        Compare(column["name"], "=", (cell,))
        for column, cell in first
        if column["role"] == "dimension" and cell is not None
    )


def replay_answer(assistant: Assistant, answer_id: str) -> Replay:
    """Return what has moved since an answer; raises UnknownAnswer where there is no receipt."""
    row = assistant.store.get(tables.answers, answer_id)
    receipt = row["content"].get("receipt") if row else None
    if row is None or receipt is None:
        raise UnknownAnswer("unknown_answer", answer_id, answer=answer_id)
    asked, policy = from_json(receipt["query"]), assistant.policy(receipt["policy"])
    day = dt.date.fromisoformat(receipt["as_of"])
    question = Question(row["question"], day, row["language"], row["asker"])
    statement, table = query(asked, assistant.catalog, assistant.executor, policy, day)
    now_receipt = write_receipt(
        question, asked, assistant.catalog, policy, statement, table, tuple(receipt["assumptions"])
    )
    cells = table.values(asked.metrics[0]) if len(table.rows) == 1 else (None,)
    value = float(cells[0]) if isinstance(cells[0], int | float) else None
    return compare_receipts(receipt, now_receipt, row["content"].get("value"), value)
