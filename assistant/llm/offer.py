"""Owns `Offer`: what a language model may pick from, and the JSON schema of its reply."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["metric", "dimension", "member", "intent", "period"]
PERIOD_KEY = "period"
MOST_READINGS = 6
LONGEST_WORDS = 120
LONGEST_DESCRIPTION = 160


@dataclass(frozen=True, slots=True)
class Offered:
    """One thing that words may mean: `key` is what the model answers, `target` what it stands for.

    `target` is a metric's id, a dimension's name, a member as (dimension, label), or an intent.
    """

    kind: Kind
    target: tuple[str, ...]
    name: str
    description: str = ""

    @property
    def key(self) -> str:
        """The closed word that stands for it in the reply."""
        return f"{self.kind}:{'='.join(self.target)}"


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that the unexplained `words` of a question may be read as.

    `period`: whether a period may be said, because none was read.
    """

    words: tuple[str, ...]
    items: tuple[Offered, ...]
    period: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The closed words of the reply."""
        return (*(item.key for item in self.items), *((PERIOD_KEY,) if self.period else ()))

    def listing(self) -> str:
        """Return one line per thing offered: its key, its name, what it is."""
        lines = []
        for item in self.items:
            said = f": {_line(item.description)}" if item.description else ""
            lines.append(f"- {item.key} ({_line(item.name)}){said}")
        return "\n".join(lines)

    def schema(self) -> dict[str, Any]:
        """Return the closed schema of a reply: words of the question, each with one key."""
        bound = {"type": ["string", "null"]}
        reading = {
            "words": {"type": "string"},
            "means": {"type": "string", "enum": list(self.keys)},
            "start": bound,
            "end_exclusive": bound,
        }
        return _closed({"readings": {"type": "array", "items": _closed(reading)}})


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_DESCRIPTION]
