"""Owns the words of an action item in either language; it is kept in that of its first question."""

from collections.abc import Mapping
from typing import Any

from assistant.actions.items import ActionItem
from assistant.insights.figures import format_difference
from assistant.insights.labels import Labels
from assistant.insights.openings import opened
from metric_catalog.model.definition import BilingualText
from prompts.render import fill


def title_in(item: ActionItem, labels: Labels) -> str:
    """Return the title in the language of `labels`, as it is kept where none is known."""
    playbook = labels.catalog.playbooks.get(item.playbook)
    if playbook is None or item.language == labels.language:
        return item.title
    return _again(item, labels, playbook.title, item.title)


def title_of(item: ActionItem, answer: Mapping[str, Any]) -> str | None:
    """Return the title in which a stored answer offers the item, None where it does not."""
    offered = answer.get("recommendations") or ()
    return next((str(o["title"]) for o in offered if o["playbook"] == item.playbook), None)


def action_in(item: ActionItem, labels: Labels) -> str:
    """Return what is to be done in the language of `labels`, as it is kept where none is known."""
    playbook = labels.catalog.playbooks.get(item.playbook)
    if playbook is None or item.language == labels.language:
        return item.action
    return _again(item, labels, playbook.action, item.action)


def text_in(item: ActionItem, labels: Labels) -> str:
    """Return the reason in the language of `labels`, as it is kept where none is known."""
    playbook = labels.catalog.playbooks.get(item.playbook)
    if playbook is None or item.language == labels.language:
        return item.text
    return _again(item, labels, playbook.text, item.text)


def _again(item: ActionItem, labels: Labels, template: BilingualText, kept: str) -> str:
    """Fill a text of the playbook in the other language, once it gives `kept` in the item's own.

    So a text that names several members, or was written since, is left as it was accepted.
    """
    own = Labels(labels.catalog, "zh" if item.language == "zh" else "en")
    for effect in _effects(item, labels):
        if _filled(item, own, template, effect) == kept:
            return _filled(item, labels, template, effect)
    return kept


def _effects(item: ActionItem, labels: Labels) -> tuple[float, ...]:
    """What the cause may have done to the metric: the expected effect is a share of it."""
    share = labels.catalog.playbooks[item.playbook].expected.share
    if item.expected_effect is None or not share or item.metric not in labels.catalog.metrics:
        return (0.0,)
    return -item.expected_effect / share, item.expected_effect / share


def _filled(item: ActionItem, labels: Labels, template: BilingualText, effect: float) -> str:
    metric = labels.catalog.metrics.get(item.metric)
    dimension, _, member = (item.segment or "").rpartition("=")
    slots = {
        "metric": labels.metric(item.metric),
        "dimension": labels.dimension(dimension) if dimension else "",
        "effect": format_difference(effect, metric, labels.language) if metric else "",
        "member": labels.member(dimension, member) if dimension else member,
    }
    return opened(fill(template[labels.language], slots), labels.language)
