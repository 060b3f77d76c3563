"""Owns commands: what a click on the page asks for, read from the browser's data."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_QUESTION = 1_000
LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask `text`, following the answer `after`; `picked`: chosen from options we offered."""

    text: str
    after: str | None = None
    picked: bool = False


@dataclass(frozen=True, slots=True)
class Show:
    """Show an earlier answer again."""

    answer: str


@dataclass(frozen=True, slots=True)
class Accept:
    """Accept a recommendation, as it is or with changes."""

    answer: str
    playbook: str
    owner: str | None = None
    due: dt.date | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Dismiss:
    """Turn a recommendation down."""

    answer: str
    playbook: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Change an action item."""

    action: str
    owner: str | None = None
    due: dt.date | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """Mark an action item as done."""

    action: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Say whether an answer was useful, and why not."""

    answer: str
    liked: bool
    reason: str = ""
    comment: str = ""


Command = Ask | Show | Accept | Dismiss | Edit | Finish | Rate


def read_command(data: Mapping[str, Any]) -> Command | None:
    """Return the command of a click, None for anything else."""
    given = {k: v.strip() for k, v in data.items() if isinstance(k, str) and isinstance(v, str)}
    answer, action = given.get("answer", ""), given.get("action", "")
    match given.get("do"):
        case "ask" if given.get("text"):
            text = given["text"][:LONGEST_QUESTION]
            return Ask(text, given.get("after") or None, given.get("picked") == "yes")
        case "show" if answer:
            return Show(answer)
        case "accept" if answer and given.get("playbook"):
            return Accept(answer, given["playbook"], *_changes(given))
        case "dismiss" if answer and given.get("playbook"):
            return Dismiss(answer, given["playbook"])
        case "edit" if action:
            return Edit(action, *_changes(given))
        case "finish" if action:
            return Finish(action)
        case "rate" if answer:
            comment = given.get("comment", "")[:LONGEST_TEXT]
            return Rate(answer, given.get("liked") == "yes", given.get("reason", ""), comment)
        case _:
            return None


def _changes(given: Mapping[str, str]) -> tuple[str | None, dt.date | None, str | None]:
    owner, text = given.get("owner", "")[:200], given.get("words", "")[:LONGEST_TEXT]
    try:
        due = dt.date.fromisoformat(given.get("due", ""))
    except ValueError:
        due = None
    return owner or None, due, text or None
