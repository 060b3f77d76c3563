"""Owns the page of action items: what is to be done, by whom, until when, measured by what."""

import datetime as dt
from collections.abc import Iterable

from assistant.actions.items import ActionItem
from assistant.actions.words import action_in, text_in, title_in
from assistant.insights.figures import format_day, format_difference, format_value
from assistant.insights.labels import Labels
from assistant.interfaces.chat.advice import edit_fields
from assistant.interfaces.chat.html import EMPTY, Html, button, tag
from assistant.interfaces.chat.words import say, say_if_known
from metric_catalog.model.definition import Language

ORDER = {"open": 0, "done": 1, "verified": 2, "dismissed": 3}


def item_list(items: Iterable[ActionItem], labels: Labels, as_of: dt.date) -> Html:
    """Return every action item, open ones first, each by its due date."""
    language = labels.language
    ordered = sorted(items, key=lambda item: (ORDER.get(item.state, 9), item.due))
    title = tag("h2", say(language, "actions_title"), class_="am-headline")
    if not ordered:
        empty = tag("p", say(language, "actions_none"), class_="am-lead")
        return tag("article", title, empty, class_="am-card am-items", lang=language)
    counts = {state: sum(item.state == state for item in ordered) for state in ORDER}
    said = [
        say(language, "count_state", count=count, state=say(language, f"state_{state}"))
        for state, count in counts.items() if count
    ]  # fmt: skip
    lead = tag("p", " · ".join(said), class_="am-lead")
    cards = [_item(item, labels, as_of) for item in ordered]
    listed = tag("ul", *cards, class_="am-item-list")
    return tag("article", title, lead, listed, class_="am-card am-items", lang=language)


def _item(item: ActionItem, labels: Labels, as_of: dt.date) -> Html:
    language = labels.language
    late = item.state == "open" and item.due < as_of.isoformat()
    badge = tag("span", say_if_known(language, f"state_{item.state}", item.state),
                class_=f"am-state am-state-{item.state}")  # fmt: skip
    overdue = tag("span", say(language, "overdue"), class_="am-state am-state-late")
    head = tag("p", badge, overdue if late else EMPTY, tag("strong", title_in(item, labels)))
    parts = [
        head,
        tag("p", action_in(item, labels), class_="am-item-action"),
        tag("p", text_in(item, labels), class_="am-quiet") if item.text != item.action else EMPTY,
        tag("dl", *_facts(item, labels), class_="am-item-facts"),
    ]
    if item.state == "open":
        parts += _buttons(item, language)
    return tag("li", *parts, class_=f"am-item am-item-{item.state}", data_action=item.id)


def _facts(item: ActionItem, labels: Labels) -> list[Html]:
    language, metric = labels.language, labels.catalog.metrics.get(item.metric)
    rows = [
        ("owner", item.owner or "–"),
        ("due", _day(item.due, language)),
        ("measured_by", say(language, "measured_with", metric=labels.metric(item.metric),
                            definition=f"{item.metric}@{item.version}")),
    ]  # fmt: skip
    if metric is not None and item.baseline is not None:
        rows.append(("baseline", format_value(item.baseline, metric, language)))
    if metric is not None and item.expected_effect is not None:
        rows.append(("expected_effect", format_difference(item.expected_effect, metric, language)))
    if item.guard_metric:
        rows.append(("guard_metric", labels.metric(item.guard_metric)))
    if item.question:
        rows.append(("from_question", item.question))
    rows.append(("action_id", item.id))
    return [tag("div", tag("dt", say(language, key)), tag("dd", value)) for key, value in rows]


def _day(text: str, language: Language) -> str:
    try:
        return format_day(dt.date.fromisoformat(text), language)
    except ValueError:
        return text


def _buttons(item: ActionItem, language: Language) -> list[Html]:
    done = button(say(language, "mark_done"), "am-first", do="finish", action=item.id)
    change = button(say(language, "edit"), "am-second", toggle="edit")
    fields = edit_fields(language, item.owner, item.due, item.text)
    save = tag("button", say(language, "save"), type="submit", class_="am-button am-first")
    form = tag("form", *fields, save, class_="am-form", hidden=True, data_do="edit",
               data_action=item.id)  # fmt: skip
    return [tag("p", done, change, class_="am-row"), form]
