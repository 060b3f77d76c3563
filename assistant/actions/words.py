"""Owns the words of an action item in either language; it is kept in that of its first question."""

from collections.abc import Mapping
from typing import Any

from assistant.actions.items import ActionItem
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


def _again(item: ActionItem, labels: Labels, template: BilingualText, kept: str) -> str:
    """Fill a text of the playbook in the other language, once it gives `kept` in the item's own.

    So a text that names several members, or was written since, is left as it was accepted.
    """
    own = Labels(labels.catalog, "zh" if item.language == "zh" else "en")
    return _filled(item, labels, template) if _filled(item, own, template) == kept else kept


def _filled(item: ActionItem, labels: Labels, template: BilingualText) -> str:
    dimension, _, member = (item.segment or "").rpartition("=")
    slots = {
        "metric": labels.metric(item.metric),
        "dimension": labels.dimension(dimension) if dimension else "",
        "member": labels.member(dimension, member) if dimension else member,
    }
    return opened(fill(template[labels.language], slots), labels.language)
