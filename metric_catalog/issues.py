"""Owns `Issue`: what is wrong, as a code with arguments, a place and the nearest valid names.

Sentences live in `prompts/<lang>/errors.yml` under the same code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong: `code` names the sentence, `arguments` fill it."""

    code: str
    arguments: tuple[tuple[str, str], ...] = ()
    place: str = ""
    nearest: tuple[str, ...] = ()
    severity: Severity = "error"


def issue(
    code: str,
    place: str = "",
    nearest: Iterable[str] = (),
    severity: Severity = "error",
    **arguments: object,
) -> Issue:
    """Return an `Issue` with `arguments` as text, in the order given."""
    texts = tuple((name, str(value)) for name, value in arguments.items())
    return Issue(code, texts, place, tuple(nearest), severity)


def nearest_names(name: str, names: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """Return up to `count` of `names` that look like `name`, best first."""
    return tuple(get_close_matches(name, list(names), n=count, cutoff=0.5))
