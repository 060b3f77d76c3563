"""Owns the chips of the answer card: what was understood, each with questions that change it."""

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.exports.answers import chips_of
from assistant.insights.answer import Answer
from assistant.insights.figures import format_period
from assistant.interfaces.chat.html import EMPTY, Html, button, join, tag
from assistant.interfaces.chat.view import View
from assistant.interfaces.chat.words import say_if_known
from metric_catalog.model.semantic_model import Dimension
from prompts.render import sentences

MOST_CHOICES = 5


@dataclass(frozen=True, slots=True)
class Chip:
    """One slot: its label, its value, and (label, question) of what it can become instead."""

    slot: str
    label: str
    value: str
    choices: tuple[tuple[str, str], ...]
    badge: str = ""


def chip_row(view: View, answer: Answer) -> Html:
    """Return the chips of an answer as buttons that open a menu of re-asks."""
    chips = [_chip(view, answer, chip) for chip in chips_for(view, answer)]
    return tag("div", *chips, class_="am-chips") if chips else EMPTY


def chips_for(view: View, answer: Answer) -> list[Chip]:
    """Return metric, period, comparison, filters, groups and grain with their alternatives."""
    query, labels = answer.query, view.labels
    chips = [_metric_chip(view, answer, place) for place in range(len(answer.metrics))]
    written = dict(chips_of(answer, labels))
    if answer.receipt is None:
        return chips

    def value_of(key: str) -> str:
        return written.get(str(sentences(labels.language, "exports")[key]), "")

    chips.append(_plain(view, "period", value_of("period"), _choices(view, "period")))
    chips.append(
        _plain(
            view,
            "compared",
            value_of("compared") or _compared(view, answer) or view.say("nothing_compared"),
            _choices(view, "compared"),
        )
    )
    dimensions = _dimension_choices(view, answer)
    if query.filters is not None:
        chips.append(_plain(view, "filters", labels.filter(query.filters), _unfiltered(view)))
    chips.append(_plain(view, "by", value_of("by") or view.say("not_split"), dimensions))
    grain = labels.grain(query.grain) if query.grain else view.say("no_grain")
    chips.append(_plain(view, "grain", grain, _choices(view, "grain")))
    return chips


def _plain(view: View, slot: str, value: str, choices: Iterable[tuple[str, str]]) -> Chip:
    return Chip(slot, view.say(f"chip_{slot}"), value, tuple(choices))


def _compared(view: View, answer: Answer) -> str:
    """The period that a change was measured against, where the question named none."""
    bases = [f.change for f in answer.findings if f.change and f.change.previous is not None]
    return view.say("usual_comparison") if bases else ""


def _metric_chip(view: View, answer: Answer, place: int) -> Chip:
    stamp, labels = answer.metrics[place], view.labels
    known = view.catalog.metrics.get(stamp.id)
    alike = [
        metric.id
        for metric in view.catalog.metrics.values()
        if known and metric.domain == known.domain and not metric.private
        and view.catalog.status_of(metric.id) == "published"
    ]  # fmt: skip
    others = [m for m in dict.fromkeys([*answer.runners_up, *alike]) if m != stamp.id]
    choices = [
        (labels.metric(m), view.say("reask_metric", metric=labels.metric(m)))
        for m in others[:MOST_CHOICES]
    ]
    value = view.say("metric_version", metric=labels.metric(stamp.id), version=stamp.version)
    badge = say_if_known(view.language, f"status_{stamp.status}", stamp.status)
    return Chip("metric", view.say("chip_metric"), value, tuple(choices), badge)


def _choices(view: View, slot: str) -> list[tuple[str, str]]:
    """The alternatives that the page's words list for a slot: label and question alike."""
    listed = sentences(view.language, "chat")[f"choices_{slot}"]
    return [(str(item), str(item)) for item in listed]


def _dimension_choices(view: View, answer: Answer) -> list[tuple[str, str]]:
    asked = {item.name for item in answer.query.group_by}
    names = [
        path.short
        for path in view.catalog.dimensions_of(answer.query.metrics[0])
        if isinstance(path.element, Dimension) and not path.is_time
        and path.short not in asked and path.name not in asked
    ] if answer.query.metrics else []  # fmt: skip
    shown = dict.fromkeys(view.labels.dimension(name) for name in names)
    labelled = list(shown)[:MOST_CHOICES]
    return [(label, view.say("reask_by", dimension=label)) for label in labelled]


def _unfiltered(view: View) -> list[tuple[str, str]]:
    answer = view.answer
    if answer is None or not answer.query.metrics:
        return []
    periods = answer.query.periods
    period = format_period(periods[0] if periods else None, view.language, "")
    metric = view.labels.metric(answer.query.metrics[0])
    question = view.say("reask_unfiltered", metric=metric, period=period).strip()
    return [(view.say("without_filters"), question)]


def _chip(view: View, answer: Answer, chip: Chip) -> Html:
    badge = tag("span", chip.badge, class_="am-badge") if chip.badge else EMPTY
    shown = join([
        tag("span", chip.label, class_="am-chip-label"),
        tag("span", chip.value, class_="am-chip-value"), badge,
    ])  # fmt: skip
    items = [
        button(label, "am-choice", do="ask", text=text, after=answer.id)
        for label, text in chip.choices
    ]
    draft = chip.choices[0][1] if chip.choices else answer.question
    items.append(button(view.say("in_own_words"), "am-choice am-own", fill=draft, after=answer.id))
    menu = tag("div", *items, class_="am-menu")
    named = f"am-chip am-chip-{chip.slot}"
    return tag("details", tag("summary", shown), menu, class_=named, data_slot=chip.slot)
