"""Owns recommendations on the card: accept, edit, dismiss, and what became of them."""

import datetime as dt

from assistant.actions.items import ActionItem
from assistant.insights.answer import Answer, Recommendation
from assistant.insights.figures import format_day, format_difference
from assistant.interfaces.chat.html import EMPTY, Html, button, tag
from assistant.interfaces.chat.view import View
from assistant.interfaces.chat.words import say
from metric_catalog.model.definition import Language

MOST_OFFERED = 3


def advice(view: View, answer: Answer) -> Html:
    """Return the recommendations of an answer, the best one open; nothing where there are none."""
    offered = answer.recommendations[:MOST_OFFERED]
    if not offered:
        return EMPTY
    best, *others = [_one(view, answer, item) for item in offered]
    parts = [tag("h3", view.say("recommendation")), best]
    if others:
        title = tag("summary", view.say("other_recommendations", count=len(others)))
        parts.append(tag("details", title, *others, class_="am-others"))
    return tag("section", *parts, class_="am-section")


def _one(view: View, answer: Answer, item: Recommendation) -> Html:
    taken = view.items.get(item.playbook)
    parts = [
        tag("h4", item.title),
        tag("p", item.text),
        tag("p", tag("strong", view.say("action")), " ", item.action),
        tag("p", *_facts(view, answer, item, taken), class_="am-quiet"),
    ]
    if taken is None or taken.state == "dismissed":
        parts += [_status(view, taken), *_choices(view, answer, item)]
    else:
        parts += [_status(view, taken), _seen(view)]
    state = taken.state if taken else "offered"
    return tag("div", *parts, class_=f"am-advice am-advice-{state}", data_playbook=item.playbook)


def _facts(
    view: View, answer: Answer, item: Recommendation, taken: ActionItem | None
) -> list[Html]:
    owner = taken.owner if taken else item.owner
    due = format_day(dt.date.fromisoformat(taken.due) if taken else item.due, view.language)
    said = [view.say("owner_due", owner=owner or "–", due=due)]
    metric = view.catalog.metrics.get(answer.metrics[0].id) if answer.metrics else None
    if metric is not None and item.expected_effect is not None:
        effect = format_difference(item.expected_effect, metric, view.language)
        said.insert(0, view.say("expected", effect=effect, metric=view.labels.metric(metric.id)))
    if item.guard_metric:
        said.append(view.say("guard", metric=view.labels.metric(item.guard_metric)))
    return [tag("span", text, class_="am-fact") for text in said]


def _status(view: View, taken: ActionItem | None) -> Html:
    if taken is None:
        return EMPTY
    text = view.say(f"taken_{taken.state}", id=taken.id)
    return tag("p", text, class_=f"am-status am-status-{taken.state}", role="status")


def _seen(view: View) -> Html:
    return button(view.say("see_actions"), "am-second", go="actions")


def _choices(view: View, answer: Answer, item: Recommendation) -> list[Html]:
    named = {"answer": answer.id, "playbook": item.playbook}
    buttons = [
        button(view.say("accept"), "am-first", do="accept", **named),
        button(view.say("edit"), "am-second", toggle="edit"),
        button(view.say("dismiss"), "am-second", do="dismiss", **named),
    ]
    fields = edit_fields(view.language, item.owner, item.due.isoformat(), item.text)
    form = tag(
        "form", *fields, _save(view.say("accept_edited")), class_="am-form", hidden=True,
        data_do="accept", data_answer=answer.id, data_playbook=item.playbook,
    )  # fmt: skip
    return [tag("p", *buttons, class_="am-row"), form]


def _save(label: str) -> Html:
    return tag("button", label, type="submit", class_="am-button am-first")


def edit_fields(language: Language, owner: str, due: str, words: str) -> list[Html]:
    """Return the inputs for owner, due date and words of an action."""
    return [
        field(say(language, "owner"), tag("input", name="owner", value=owner, maxlength=200)),
        field(say(language, "due"), tag("input", name="due", type="date", value=due)),
        field(say(language, "words"), tag("textarea", words, name="words", rows=3, maxlength=2000)),
    ]


def field(label: str, control: Html) -> Html:
    """Return a labelled input."""
    return tag("label", tag("span", label), control, class_="am-field")
