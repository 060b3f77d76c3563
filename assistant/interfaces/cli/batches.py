"""Owns `--batch`: one JSON object per line in, one answer per line out, in one process."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assistant.asking import Conversation
from assistant.interfaces.cli.desk import environment_language, print_json, report_fault
from assistant.question import Question
from executors.executor import ExecutorError
from metric_catalog.model.definition import Language
from prompts.render import render


class BrokenLine(Exception):
    """A line is no question: `code` names the sentence, `arguments` fill it."""

    def __init__(self, code: str, **arguments: str) -> None:
        self.code = code
        self.arguments = arguments
        super().__init__(code)


def answer_lines(
    conversation: Conversation,
    file: Path,
    day: dt.date | None,
    lang: Language | None,
    read_only: bool,
) -> bool:
    """Print one line per line of `file`; False where the world failed on any of them.

    `day` is the day asked where a line names none. Later lines may follow earlier ones by id.
    """
    done = [_answer(conversation, line, day, lang, read_only) for line in _lines(file)]
    return all(done)


def _lines(file: Path) -> Iterator[Any]:
    """Give each line's value; a line that is no JSON as the error that says so."""
    with file.open("rb") as lines:
        for line in lines:
            try:
                text = line.decode("utf-8-sig").strip()
                if text:
                    yield json.loads(text)
            except (ValueError, RecursionError) as error:
                yield error


def _answer(
    conversation: Conversation,
    line: Any,
    day: dt.date | None,
    lang: Language | None,
    read_only: bool,
) -> bool:
    """Print the answer to one line; False where the world failed on it."""
    key = line.get("id") if isinstance(line, dict) else None
    named = {} if key is None else {"id": key}
    remembered = None if key is None else str(key)
    try:
        question = _question(conversation, line, day, lang)
        if read_only:
            content = conversation.read(question, remembered).to_json()
        else:
            content = conversation.ask(question, remembered).content
    except BrokenLine as error:
        print_json({**named, **_refusal(error.code, lang, error.arguments)})
        return True
    except ExecutorError as error:
        print_json({**named, **_refusal(error.code, lang, error.arguments)})
        return False
    except Exception as error:  # noqa: BLE001 - a fault on one line must not lose the others
        print_json({**named, **_refusal("internal_fault", lang, report_fault(error))})
        return False
    print_json({**named, **content})
    return True


def _question(
    conversation: Conversation, line: Any, day: dt.date | None, lang: Language | None
) -> Question:
    """Return the question of a line; raises BrokenLine."""
    text = line.get("question", line.get("text")) if isinstance(line, dict) else None
    if not isinstance(text, str):
        raise BrokenLine("broken_line", cause=str(line)[:200])
    after = None if line.get("after") is None else str(line["after"])
    chosen = lang or (line["lang"] if line.get("lang") in ("zh", "en") else None)
    return conversation.question(text, _day(line.get("as_of"), day), chosen, after)


def _day(given: Any, otherwise: dt.date | None) -> dt.date | None:
    if given is None:
        return otherwise
    try:
        return dt.date.fromisoformat(given)
    except (TypeError, ValueError) as error:
        raise BrokenLine("wrong_date", given=str(given)) from error


def _refusal(code: str, lang: Language | None, arguments: dict[str, str]) -> dict[str, Any]:
    text = render(lang or environment_language(), "errors", code, **arguments)
    refusal = {"reason": code, "text": text, "missing": "", "nearest": []}
    return {"outcome": "refusal", "headline": text, "refusal": refusal}
