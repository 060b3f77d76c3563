"""Owns the outcomes that are no answer: a question back, a refusal. Values, not exceptions."""

from dataclasses import dataclass

from metric_catalog.model.definition import Language


@dataclass(frozen=True, slots=True)
class Option:
    """One click: what it says, and the question it asks instead."""

    label: str
    reask: str


@dataclass(frozen=True, slots=True)
class Clarification:
    """A question back about one slot, with at most four options, each a ready re-ask."""

    slot: str
    text: str
    options: tuple[Option, ...]
    language: Language
    id: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer: a typed reason, what is missing, the nearest metrics by id."""

    reason: str
    text: str
    missing: str
    nearest: tuple[str, ...]
    language: Language
    id: str = ""
