"""Owns values written as SQL literals: for texts that people read and run, never for the program.

Whoever runs statements binds their parameters; a literal here is the same value of the same type.
"""

import re
from functools import reduce

from sqlglot import exp
from sqlglot.generator import Generator

_SPECIAL = re.compile(rf"([\x00-\x1f\x7f-\x9f\u2028\u2029]|{Generator.SENTINEL_LINE_BREAK[:4]})")
"""Control characters, which terminals obey, and what the layout of a text replaces."""


def literal_of(value: str | int | float | bool | None) -> exp.Expr:
    """Return `value` as an expression without parameters; control characters go by number."""
    match value:
        case None:
            return exp.Null()
        case bool():
            return exp.Boolean(this=value)
        case int():
            return exp.Literal.number(value)
        case float():
            return exp.cast(exp.Literal.string(repr(value)), "DOUBLE")
        case str():
            parts = [_part(part) for part in _SPECIAL.split(value) if part]
            joined = reduce(
                lambda one, other: exp.DPipe(this=one, expression=other),
                parts or [exp.Literal.string("")],
            )
            return exp.Paren(this=joined) if len(parts) > 1 else joined


def _part(text: str) -> exp.Expr:
    if len(text) == 1 and _SPECIAL.fullmatch(text):
        return exp.Chr(expressions=[exp.Literal.number(ord(text))])
    return exp.Literal.string(text)
