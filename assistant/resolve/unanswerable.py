"""Owns what becomes of a query that the catalog or the compiler turns down: a typed refusal."""

from assistant.reading.reading import Reading
from assistant.resolve.gate import refuse
from assistant.resolve.outcomes import Refusal
from metric_catalog.errors import CatalogError, UnsupportedQuery
from metric_catalog.issues import Issue
from metric_catalog.model.definition import Language
from prompts.render import render


def refuse_query(reading: Reading, error: CatalogError) -> Refusal:
    """Return the refusal that says why the query cannot be run."""
    reason = "unsupported" if isinstance(error, UnsupportedQuery) else "impossible"
    missing = " ".join(explain_issue(found, reading.language) for found in error.issues)
    return refuse(reading, reason, missing)


def explain_issue(found: Issue, language: Language) -> str:
    """Return the sentence of an issue, with the nearest names and its place."""
    text = render(language, "errors", found.code, **dict(found.arguments))
    if found.nearest:
        joiner = render(language, "errors", "or")
        near = joiner.join(f"`{name}`" for name in found.nearest)
        text += render(language, "errors", "did_you_mean", nearest=near)
    if found.place:
        text += render(language, "errors", "at_place", place=found.place)
    return text
