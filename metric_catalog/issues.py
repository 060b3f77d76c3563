"""Owns `Issue`: what is wrong, as a code with arguments, a place and the nearest valid names.

Sentences live in `prompts/<lang>/errors.yml` under the same code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["error", "warning"]
ALIKE = 0.5
"""From which likeness on, 0 to 1, a name is taken for a misspelling of another."""
MOST_NEAREST = 3


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


def nearest_names(
    name: str, names: Iterable[str], count: int = MOST_NEAREST, alike: float = ALIKE
) -> tuple[str, ...]:
    """Return up to `count` of `names` that look like `name`, whatever their case, best first."""
    by_plain: dict[str, str] = {}
    for known in sorted(names):
        by_plain.setdefault(known.casefold(), known)
    found = get_close_matches(name.casefold(), list(by_plain), n=count, cutoff=alike)
    return tuple(by_plain[plain] for plain in found)


def nearest_valid(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that look like `name`; where none does, the one that does so most.

    For lists of which one must be taken: there is a nearest name unless `names` is empty.
    """
    known = tuple(names)
    return nearest_names(name, known) or nearest_names(name, known, 1, 0.0)
