"""Owns the reading head of the time grammar: looking at tokens by sense, and remembered results."""

from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.reading.times_nodes import Node
from assistant.reading.times_tokens import Token

Parsed = tuple[Node, int]
"""A node and the place after its last token."""
Rule = Callable[["Words", int], Parsed | None]
MAX_DEPTH = 40
_NO_TOKEN = Token(0, 0, {})


@dataclass(slots=True)
class Words:
    """The tokens of a text. `seen` remembers what a rule found at a place: reading is linear.

    Rules within rules are followed `MAX_DEPTH` deep; no sentence says more, hostile text does.
    """

    tokens: tuple[Token, ...]
    seen: dict[tuple[Rule, int], Parsed | None] = field(default_factory=dict)
    depth: int = 0

    def at(self, place: int) -> Token:
        """The token at a place; one without senses beyond the end."""
        return self.tokens[place] if 0 <= place < len(self.tokens) else _NO_TOKEN

    def has(self, place: int, sense: str) -> bool:
        """Whether the token has the sense."""
        return sense in self.at(place).senses

    def number(self, place: int, sense: str) -> int | None:
        """The whole number that a sense carries, or None."""
        value = self.at(place).senses.get(sense)
        return value if isinstance(value, int) else None

    def name(self, place: int, sense: str) -> str | None:
        """The name that a sense carries, or None."""
        value = self.at(place).senses.get(sense)
        return value if isinstance(value, str) else None

    def mark(self, place: int, marks: str) -> bool:
        """Whether the token is one of the marks of punctuation."""
        mark = self.at(place).senses.get("mark")
        return isinstance(mark, str) and mark in marks

    def skip(self, place: int, *senses: str) -> int:
        """The place after one token with any of the senses, or the same place."""
        return place + any(self.has(place, sense) for sense in senses)

    def tight(self, place: int) -> bool:
        """Whether no space stands between the token and the one before."""
        return place > 0 and self.at(place).start == self.at(place - 1).end

    def once(self, rule: Rule, place: int) -> Parsed | None:
        """What the rule finds at the place; asked once."""
        key = (rule, place)
        if key in self.seen:
            return self.seen[key]
        self.seen[key] = None
        if self.depth < MAX_DEPTH:
            self.depth += 1
            self.seen[key] = rule(self, place)
            self.depth -= 1
        return self.seen[key]


def longest_of(words: Words, place: int, rules: tuple[Rule, ...]) -> Parsed | None:
    """The result that reaches furthest; the earlier rule wins a tie."""
    best: Parsed | None = None
    for rule in rules:
        found = words.once(rule, place)
        if found is not None and (best is None or found[1] > best[1]):
            best = found
    return best
