"""Owns the answer card: headline, chips, chart, drivers, advice, follow-ups, details, footer."""

from base64 import b64encode
from dataclasses import replace
from functools import lru_cache

from assistant.insights.answer import Answer
from assistant.insights.charts.matplotlib import Drawer
from assistant.insights.charts.spec import ChartSpec
from assistant.insights.figures import format_day, format_difference, format_relative
from assistant.interfaces.chat.advice import advice
from assistant.interfaces.chat.chips import chip_row
from assistant.interfaces.chat.drivers import driver_lines, driver_list
from assistant.interfaces.chat.feedback_form import feedback_form
from assistant.interfaces.chat.html import EMPTY, Html, button, tag
from assistant.interfaces.chat.read_tab import found_line
from assistant.interfaces.chat.tabs import tabs
from assistant.interfaces.chat.view import View
from assistant.interfaces.chat.words import say
from assistant.plugins import find
from metric_catalog.model.definition import Language

CHART_PIXELS = 1280
PHONE, PHONE_INCHES, PHONE_PIXELS = "(max-width: 600px)", 4.0, 900
"""On a narrow page the chart is drawn again: fewer inches, letters of the same size."""
MOST_PICTURES = 64


def card(view: View) -> Html:
    """Return the panel for a reply: the answer card, or why there is no answer."""
    answer = view.answer
    body = _answer(view, answer) if answer else _no_answer(view)
    key = view.reply.outcome.id
    return tag("article", *body, class_="am-card", data_answer=key, lang=view.language)


def _answer(view: View, answer: Answer) -> list[Html]:
    return [
        tag("p", answer.question, class_="am-question"),
        tag("h2", answer.headline, class_="am-headline"),
        delta(answer, view),
        chip_row(view, answer),
        tag("p", found_line(view), class_="am-quiet am-how-found"),
        _sentences(view, answer),
        picture(answer.chart, view.language),
        driver_list(view, answer),
        advice(view, answer),
        _follow_ups(view, answer),
        tabs(view),
        _footer(view, answer),
        feedback_form(view, answer.id),
    ]


def _no_answer(view: View) -> list[Html]:
    content = view.reply.content
    asked = content["outcome"] == "clarification"
    title = view.say("waiting" if asked else "not_answered")
    return [
        tag("p", content["question"], class_="am-question"),
        tag("h2", title, class_="am-headline"),
        tag("p", content["headline"], class_="am-lead"),
        tag("p", view.say("waiting_hint" if asked else "not_answered_hint"), class_="am-quiet"),
        tabs(view),
        feedback_form(view, content["answer_id"]),
    ]


def delta(answer: Answer, view: View) -> Html:
    """Return the change as a badge in the colour of its direction, nothing where there is none."""
    change = answer.change
    if change is None or not change.absolute or not answer.metrics:
        return EMPTY
    metric = view.catalog.metrics.get(answer.metrics[0].id)
    if metric is None:
        return EMPTY
    up = change.absolute > 0
    good = metric.direction != "none" and (up == (metric.direction == "up_good"))
    mood = "am-plain" if metric.direction == "none" else "am-good" if good else "am-bad"
    shown = format_difference(change.absolute, metric, view.language)
    if metric.unit != "ratio" and change.relative is not None:
        shown = f"{shown} ({format_relative(change.relative)})"
    usual = view.say("normal" if change.normal else "unusual") if change.interval else ""
    words = tag("span", usual, class_="am-usual") if usual else EMPTY
    arrow = "▲" if up else "▼"
    return tag("p", tag("span", arrow, " ", shown, class_=f"am-delta {mood}"), words)


def _sentences(view: View, answer: Answer) -> Html:
    """The narrative without the sentences that the list of drivers says."""
    said = driver_lines(view, answer)
    lines = [line for line in (*answer.narrative, *answer.notes) if line not in said]
    return tag("div", *(tag("p", line) for line in lines), class_="am-lead") if lines else EMPTY


def picture(chart: ChartSpec | None, language: Language) -> Html:
    """Return the chart as a picture with its alt text, nothing where there is none."""
    if chart is None:
        return EMPTY
    label = say(language, "chart")
    slim = replace(chart, frame=replace(chart.frame, width=PHONE_INCHES))
    small = tag("source", media=PHONE, srcset=_source(slim, PHONE_PIXELS))
    image = tag("img", src=_source(chart, CHART_PIXELS), alt=chart.frame.alt, class_="am-chart")
    both = tag("picture", small, image)
    return tag("figure", both, class_="am-figure", tabindex="0", aria_label=label)


@lru_cache(maxsize=MOST_PICTURES)
def _source(chart: ChartSpec, pixels: int) -> str:
    """The picture as an address, without a title: the card says it."""
    from assistant.insights.charts.matplotlib import figure_of, save

    slim = pixels == PHONE_PIXELS
    figure, _ = figure_of(chart, _drawers(), title=False)
    drawn = save(figure, "png", pixels, chart.frame.title, chart.frame.alt, whole=slim)
    return f"data:image/png;base64,{b64encode(drawn).decode()}"


@lru_cache(maxsize=1)
def _drawers() -> dict[str, Drawer]:
    return find("chart")


def _follow_ups(view: View, answer: Answer) -> Html:
    if not answer.follow_ups:
        return EMPTY
    asks = [
        button(text, "am-follow", do="ask", text=text, after=answer.id)
        for text in answer.follow_ups
    ]
    title = tag("h3", view.say("ask_next"))
    return tag("section", title, tag("div", *asks, class_="am-follows"), class_="am-section")


def _footer(view: View, answer: Answer) -> Html:
    until = answer.receipt.data_as_of if answer.receipt else None
    parts = []
    if until is not None and answer.receipt is not None:
        parts.append(view.say("data_until", day=format_day(until, view.language)))
        behind = (answer.receipt.as_of - until).days
        parts.append(view.say("fresh" if behind <= 0 else "days_behind", days=behind))
    if answer.table is not None:
        parts.append(view.say("rows", rows=len(answer.table.rows)))
    if answer.timings_ms:
        parts.append(view.say("milliseconds", ms=round(sum(answer.timings_ms.values()))))
    parts.append(view.say("receipt", answer=answer.id))
    words = tag("p", " · ".join(parts), class_="am-facts")
    links = [
        tag(
            "a", view.say(f"file_{ending}"), href=address, download=True, class_="am-button am-file"
        )
        for ending, address in view.files
    ]
    return tag("footer", words, tag("p", *links, class_="am-files"), class_="am-footer")
