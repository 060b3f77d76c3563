"""Owns the messages of the chat: the question, one compact card per answer, options as buttons."""

from assistant.insights.answer import Answer
from assistant.interfaces.chat.card import delta
from assistant.interfaces.chat.html import EMPTY, Html, button, tag
from assistant.interfaces.chat.view import View
from assistant.interfaces.chat.words import say
from assistant.resolve.outcomes import Clarification, Refusal
from metric_catalog.model.definition import Language

MOST_SUGGESTED = 4


def asked(text: str) -> Html:
    """Return what the visitor wrote, as text."""
    return tag("p", text, class_="am-asked")


def greeting(language: Language) -> Html:
    """Return the first message of an empty chat."""
    return tag("p", say(language, "greeting"), class_="am-greeting")


def thinking(language: Language) -> Html:
    """Return the sign that an answer is on its way."""
    dots = tag("span", tag("i"), tag("i"), tag("i"), class_="am-dots", aria_hidden="true")
    return tag("p", dots, say(language, "thinking"), class_="am-thinking", role="status")


def failed(text: str) -> Html:
    """Return an error as one sentence."""
    return tag("p", text, class_="am-failed", role="alert")


def told(view: View) -> Html:
    """Return the compact card of a reply."""
    match view.reply.outcome:
        case Answer() as answer:
            body = _answer(view, answer)
        case Clarification() as outcome:
            body = _clarification(view, outcome)
        case Refusal() as outcome:
            body = _refusal(view, outcome)
    return tag("div", *body, class_="am-told", lang=view.language)


def _answer(view: View, answer: Answer) -> list[Html]:
    facts = [f"{view.labels.metric(stamp.id)} v{stamp.version}" for stamp in answer.metrics[:1]]
    if answer.recommendations:
        facts.append(view.say("has_recommendation", count=len(answer.recommendations)))
    more = button(view.say("show"), "am-link", do="show", answer=answer.id)
    return [
        tag("p", answer.headline, class_="am-told-headline"),
        delta(answer, view),
        tag("p", tag("span", " · ".join(facts)), more, class_="am-told-facts"),
    ]


def _clarification(view: View, outcome: Clarification) -> list[Html]:
    options = [
        button(
            option.label, "am-option", do="ask", text=option.reask, picked="yes", after=view.before
        )
        for option in outcome.options
    ]
    return [tag("p", outcome.text), tag("div", *options, class_="am-options")]


def _refusal(view: View, outcome: Refusal) -> list[Html]:
    names = [view.labels.metric(metric) for metric in outcome.nearest[:MOST_SUGGESTED]]
    options = [button(n, "am-option", do="ask", text=n, picked="yes") for n in names]
    if not options:
        return [tag("p", outcome.text)]
    return [
        tag("p", outcome.text),
        tag("p", view.say("nearest"), class_="am-quiet") if options else EMPTY,
        tag("div", *options, class_="am-options"),
    ]
