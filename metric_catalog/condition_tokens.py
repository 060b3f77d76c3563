"""Owns the words of conditions: a text cut into tokens, and the cursor over them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue

MAX_LENGTH = 200_000
SHORT = 80

_TOKEN = re.compile(
    r"""\s+
    | (?P<comment>--|/\*|\#)
    | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    | (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")+")
    | (?P<name>[^\W\d]\w*)
    | (?P<symbol><>|!=|<=|>=|==|::|[=<>(),;*.+\-])
    """,
    re.VERBOSE,
)
RESERVED = frozenset(
    {"and", "or", "not", "in", "between", "like", "is", "null", "true", "false", "select"}
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, its text and where it starts."""

    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """The lower-case text of a bare word or symbol, empty for a quoted name or a text."""
        return self.text.lower() if self.kind in ("name", "symbol") else ""


class Tokens:
    """The tokens of one text and the position among them; `place` is for issues."""

    def __init__(self, text: str, place: str) -> None:
        self._text, self._place, self._next = text, place, 0
        if len(text) > MAX_LENGTH:
            self.fail("condition_too_long", limit=MAX_LENGTH)
        self._tokens = self._split()

    def _split(self) -> list[Token]:
        tokens, at = [], 0
        while at < len(self._text):
            found = _TOKEN.match(self._text, at)
            if found is None:
                self.fail("condition_syntax", at=self._text[at : at + 20])
            if found.lastgroup == "comment":
                self.fail("condition_comment")
            if found.lastgroup:
                tokens.append(Token(found.lastgroup, found.group(), at))
            at = found.end()
        if any(token.word == ";" for token in tokens):
            self.fail("condition_statements")
        return tokens

    def fail(self, code: str, nearest: Sequence[str] = (), **arguments: object) -> NoReturn:
        """Raise the CatalogError of one issue."""
        short = self._text.strip()[:SHORT]
        given = tuple((name, str(value)) for name, value in arguments.items())
        raise CatalogError((Issue(code, (*given, ("text", short)), self._place, tuple(nearest)),))

    def unread(self, token: Token) -> NoReturn:
        """Raise the CatalogError that the text cannot be read at `token`, or ends too early."""
        if token.kind == "end":
            self.fail("condition_unfinished")
        self.fail("condition_syntax", at=token.text)

    def peek(self, ahead: int = 0) -> Token:
        """Return a token without stepping over it, of kind `end` behind the last."""
        place = self._next + ahead
        return self._tokens[place] if place < len(self._tokens) else Token("end", "", -1)

    def take(self) -> Token:
        """Return the next token and step over it."""
        token = self.peek()
        self._next += 1
        return token

    def accept(self, *words: str) -> bool:
        """Step over `words` where they follow."""
        if all(self.peek(i).word == word for i, word in enumerate(words)):
            self._next += len(words)
            return True
        return False

    def expect(self, word: str) -> None:
        """Step over `word`, which must follow."""
        if not self.accept(word):
            self.unread(self.peek())


def unquote(text: str) -> str:
    """Return the inside of a quoted text or name."""
    mark = text[0]
    return text[1:-1].replace(mark * 2, mark)
