"""Owns `--batch`: one JSON object per line in, one answer per line out, in one process."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

from assistant.asking import Conversation
from assistant.interfaces.cli.desk import environment_language, print_json, report_fault
from assistant.question import Question, language_of, plain_text
from assistant.reading.reading import Reading
from assistant.receipts import answer_id
from assistant.resolve.outcomes import Refusal, outcome_to_json
from executors.executor import ExecutorError
from metric_catalog.model.definition import Language
from prompts.render import LANGUAGES, render

SAID = ("outcome", "headline", "refusal")
"""What a line that cannot be read says beside the fields of a reading."""
MARGIN = 20
"""How much deeper than a line its answer may nest what it repeats of it."""
Json = dict[str, Any]


class BrokenLine(Exception):
    """A line is no question: `code` names the sentence, `arguments` fill it."""

    def __init__(self, code: str, **arguments: str) -> None:
        self.code = code
        self.arguments = arguments
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Batch:
    """How lines are answered: by `conversation`, read only or asked too.

    `day` and `lang` hold where a line names none of its own.
    """

    conversation: Conversation
    day: dt.date | None
    lang: Language | None
    read_only: bool

    def answer(self, line: Any) -> tuple[Json, bool]:
        """Return the object of one line, and whether the world held; never raises."""
        key = line.get("id") if isinstance(line, dict) else None
        named = {} if key is None else {"id": key}
        try:
            question = self._question(line)
            return {**named, **self._reply(question, None if key is None else str(key))}, True
        except BrokenLine as error:
            return {**named, **self._refusal(line, error.code, error.arguments)}, True
        except ExecutorError as error:
            return {**named, **self._refusal(line, error.code, error.arguments)}, False
        except Exception as error:  # noqa: BLE001 - a fault on one line must not lose the others
            return {**named, **self._refusal(line, "internal_fault", report_fault(error))}, False

    def _reply(self, question: Question, key: str | None) -> Json:
        if self.read_only:
            return self.conversation.read(question, key).to_json()
        return self.conversation.ask(question, key).content

    def _question(self, line: Any) -> Question:
        """Return the question of a line; raises BrokenLine."""
        text = _text(line)
        if text is None:
            raise BrokenLine("broken_line")
        after = None if line.get("after") in (None, "") else str(line["after"])
        if after is not None and after not in self.conversation.turns:
            raise BrokenLine("unknown_turn", after=after)
        if line.get("lang") not in (None, *LANGUAGES):
            raise BrokenLine("wrong_language", given=str(line["lang"]))
        day = _day(line.get("as_of"), self.day)
        return self.conversation.question(text, day, self.lang or line.get("lang"), after)

    def _refusal(self, line: Any, code: str, arguments: Mapping[str, str]) -> Json:
        """Return every field of an answer or a reading, and why there is none."""
        text = plain_text(_text(line) or "")
        language = self.lang or language_of(text, environment_language())
        reading = Reading(text, language, "value")
        refusal = Refusal(code, render(language, "errors", code, **arguments), "", (), language)
        content = outcome_to_json(reading, refusal)
        if self.read_only:
            return reading.to_json() | {name: content[name] for name in SAID}
        question = self.conversation.question(text, None, language)
        return {**content, "answer_id": answer_id(question, None, (refusal.text,))}


def answer_lines(batch: Batch, file: Path) -> bool:
    """Print one line per line of `file`; False where the world failed on any of them.

    Later lines may follow earlier ones by id.
    """
    held = True
    for line in _lines(file):
        content, done = batch.answer(line)
        print_json(content)
        held = held and done
    return held


def _lines(file: Path) -> Iterator[Any]:
    """Give each line's value; one that is no JSON, or could not be repeated in it, as its error."""
    with file.open("rb") as lines:
        for line in lines:
            try:
                found = json.loads(line.decode("utf-8-sig"))
                json.dumps(reduce(lambda inner, _: [inner], range(MARGIN), found), allow_nan=False)
                yield found
            except (ValueError, RecursionError) as error:
                yield error


def _text(line: Any) -> str | None:
    """Return the question of a line, None where it has none."""
    if not isinstance(line, dict):
        return None
    text = line.get("text") if line.get("question") is None else line["question"]
    return text if isinstance(text, str) else None


def _day(given: Any, otherwise: dt.date | None) -> dt.date | None:
    if given is None:
        return otherwise
    try:
        return dt.date.fromisoformat(given)
    except (TypeError, ValueError) as error:
        raise BrokenLine("wrong_date", given=str(given)) from error
