"""Owns what governs a definition: status, targets, approvals."""

import datetime as dt
import unicodedata
from typing import Literal

from metric_catalog.model.definition import Definition, Name

Status = Literal["draft", "in_review", "published", "deprecated", "retired"]


class Target(Definition):
    """A value to reach in the period [start, end)."""

    value: float
    start: dt.date
    end: dt.date
    filter: str | None = None


class Approval(Definition):
    """Who approved which meaning: bound to the transitive definition hash."""

    metric: Name
    version: int
    hash: str
    by: str
    at: dt.date
    why: str = ""


def same_person(one: str, other: str) -> bool:
    """Whether two names are written alike: width, case, blanks and invisible signs do not count."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    shown = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    return " ".join(shown.split())
