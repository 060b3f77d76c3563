"""Owns what a command that is turned down prints with `--json`: one object that says why."""

from collections.abc import Sequence
from typing import Any

from assistant.actions.items import ActionRefused
from assistant.resolve.unanswerable import explain_issue
from metric_catalog.issues import Issue
from metric_catalog.model.definition import Language
from prompts.render import has, render

MISSING = ("metric", "name", "dimension", "grain", "word")
"""The arguments of an issue that hold what was named and cannot be had, the likeliest first."""


def action_refusal(error: ActionRefused, lang: Language) -> dict[str, Any]:
    """Return why an action item cannot be what was asked of it."""
    return _refusal(error.code, explain_action(error, lang), error.missing, error.nearest)


def explain_action(error: ActionRefused, lang: Language) -> str:
    """Return the sentence of a refused step."""
    room = "card" if has(lang, "card", error.code) else "errors"
    return render(lang, room, error.code, **error.arguments)


def catalog_refusal(issues: Sequence[Issue], lang: Language) -> dict[str, Any]:
    """Return why a name or a definition cannot be used: the first issue, and all of them."""
    first = issues[0]
    named = dict(first.arguments)
    text = explain_issue(first, lang)
    missing = next((named[name] for name in MISSING if name in named), text)
    return _refusal(first.code, text, missing, first.nearest, _all(issues, lang))


def query_refusal(issues: Sequence[Issue], lang: Language) -> dict[str, Any]:
    """Return why a typed query cannot be run: it does not fit the definitions."""
    text = explain_issue(issues[0], lang)
    return _refusal("impossible", text, text, issues[0].nearest, _all(issues, lang))


def issue_to_json(found: Issue, lang: Language) -> dict[str, Any]:
    """Return {code, severity, place, text, nearest}."""
    return {
        "code": found.code,
        "severity": found.severity,
        "place": found.place,
        "text": explain_issue(found, lang),
        "nearest": list(found.nearest),
    }


def _all(issues: Sequence[Issue], lang: Language) -> list[dict[str, Any]]:
    return [{**dict(found.arguments), **issue_to_json(found, lang)} for found in issues]


def _refusal(
    reason: str,
    text: str,
    missing: str,
    nearest: Sequence[str],
    issues: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    why: dict[str, Any] = {"reason": reason, "text": text, "missing": missing}
    why["nearest"] = list(nearest)
    if issues:
        why["issues"] = list(issues)
    return {"outcome": "refusal", "refusal": why}
