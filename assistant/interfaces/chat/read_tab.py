"""Owns the tab that says how a question was read, word by word, and how its metric was found."""

from assistant.insights.figures import format_period
from assistant.interfaces.chat.html import EMPTY, Html, button, tag
from assistant.interfaces.chat.view import View
from assistant.interfaces.chat.words import say_if_known
from assistant.reading.spans import Span
from metric_catalog.periods import Period
from retrieval.match import MetricMatch

FILLER = "filler"
NONE_FITS = "no_metric"
"""Why a question is refused for which no metric was found: the nearest one is none."""
NAMED = ("exact", "synonym")


def how_read(view: View) -> Html:
    """Return how the metric was found, the runners-up, every word with what it was taken for."""
    reading = view.reply.reading
    words = [span for span in reading.spans if span.name != FILLER]
    parts = [_found(view), runners_up(view), _words(view, words)]
    if reading.leftovers:
        left = ", ".join(reading.leftovers)
        parts.append(tag("p", view.say("leftovers", words=left), class_="am-quiet"))
    periods = [_period(view, p) for p in reading.periods]
    said = [view.say("read_intent", intent=_intent(view))]
    if periods:
        said.append(view.say("read_period", period="; ".join(periods)))
    parts.insert(1, tag("p", " · ".join(said)))
    return tag("div", *parts)


def _intent(view: View) -> str:
    intent = str(view.reply.content.get("intent") or view.reply.reading.intent)
    return say_if_known(view.language, f"intent_{intent}", intent)


def _found(view: View) -> Html:
    """How the metric that answers was found, in words instead of a figure."""
    text = found_line(view)
    return tag("p", tag("strong", text), class_="am-found") if text else EMPTY


def found_line(view: View) -> str:
    """Return how the metric was found as a sentence; empty where none was."""
    content = view.reply.content
    metrics = content.get("metrics") or []
    if (content["refusal"] or {}).get("reason") == NONE_FITS:
        return ""
    if not metrics or (content["clarification"] or {}).get("slot") == "metric":
        return ""
    named = view.labels.metric(str(metrics[0]))
    match = _match(view, str(metrics[0]))
    if view.picked:
        key, words = "found_picked", ""
    elif match is None:
        key, words = "found_before", ""
    else:
        key, words = f"found_{match.evidence}", match.words
    return view.say(key, metric=named, words=words)


def _match(view: View, metric: str) -> MetricMatch | None:
    """What speaks for the metric in the question itself, None where the turn before does."""
    matches = {match.metric: match for match in view.reply.reading.matches}
    match = matches.get(metric)
    if match is None or (match.evidence in NAMED and not _said(view, match.words)):
        return None
    return match


def _said(view: View, words: str) -> bool:
    """Whether the question itself has the words; else they come from the turn before."""
    return words.casefold() in view.reply.reading.text.casefold()


def runners_up(view: View) -> Html:
    """The metrics that came next, each a question."""
    content = view.reply.content
    asked_back = (content.get("clarification") or {}).get("slot", "metric")
    first = content["metrics"][:1] if view.answer or asked_back != "metric" else []
    names = [str(m) for m in content.get("runners_up") or [] if m not in first]
    shown = [m for m in dict.fromkeys(names) if m in view.catalog.metrics]
    if not shown:
        return tag("p", view.say("no_runners_up"), class_="am-quiet")
    after = view.reply.outcome.id
    asks = []
    for metric in shown:
        name = view.labels.metric(metric)
        text = view.say("reask_metric", metric=name)
        asks.append(button(name, "am-option", do="ask", text=text, after=after, picked="yes"))
    return tag("p", tag("span", view.say("runners_up")), *asks, class_="am-runners")


def _words(view: View, spans: list[Span]) -> Html:
    if not spans:
        return EMPTY
    head = [tag("th", view.say(key), scope="col") for key in ("words_said", "words_mean", "how")]
    rows = [
        tag(
            "tr",
            tag("td", span.words),
            tag("td", _meaning(view, span)),
            tag("td", _how(view, span)),
        )
        for span in spans
    ]
    return tag("table", tag("thead", tag("tr", *head)), tag("tbody", *rows), class_="am-grid")


def _meaning(view: View, span: Span) -> str:
    kind = say_if_known(view.language, f"span_{span.kind}", span.kind)
    match span.kind:
        case "metric":
            return f"{kind}: {view.labels.metric(span.name)}"
        case "goal" if span.name in view.catalog.goals:
            return f"{kind}: {view.catalog.goals[span.name].name[view.language]}"
        case "dimension":
            return f"{kind}: {view.labels.dimension(span.name)}"
        case "value":
            member = view.labels.member(span.name, span.value)
            return f"{view.labels.dimension(span.name)} = {member}"
        case "number":
            return f"{kind}: {span.value}"
        case "time":
            periods = view.reply.reading.periods
            return f"{kind}: {_period(view, periods[0])}" if len(periods) == 1 else kind
        case _:
            return _word(view, span.name)


def _word(view: View, name: str) -> str:
    """What a word of the question stands for: its kind of question, or what it does."""
    family, _, rest = name.partition(".")
    if family == "intent":
        return say_if_known(view.language, f"intent_{rest}", rest)
    return say_if_known(view.language, f"word_{family}", family)


def _period(view: View, period: Period) -> str:
    return format_period(period, view.language, "–")


def _how(view: View, span: Span) -> str:
    return say_if_known(view.language, f"evidence_{span.evidence}", span.evidence)
