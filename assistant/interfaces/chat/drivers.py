"""Owns the drivers on the card: who moved the number, by how much, as bars around zero."""

from assistant.insights.answer import Answer
from assistant.insights.figures import format_difference, format_value
from assistant.insights.finding import Driver
from assistant.insights.narrative import top_drivers
from assistant.interfaces.chat.html import EMPTY, Html, tag
from assistant.interfaces.chat.view import View
from metric_catalog.model.metrics import Metric

MOST_SEGMENTS = 3
LEAST_BAR = 2.0
"""Percent of the widest bar, so that every driver can be seen."""


def driver_list(view: View, answer: Answer) -> Html:
    """Return the top drivers as a table with bars, nothing where there are none."""
    metric = _metric(view, answer)
    drivers = _shown(answer)
    if metric is None or not drivers:
        return EMPTY
    widest = max(abs(driver.effect) for driver in drivers) or 1.0
    rows = [_row(view, metric, driver, abs(driver.effect) / widest) for driver in drivers]
    parts = [tag("h3", view.say("drivers")), tag("table", tag("tbody", *rows))]
    combined = _segments(view, answer, metric)
    note = tag("p", view.say("drivers_note"), class_="am-quiet")
    return tag("section", *parts, combined, note, class_="am-section am-drivers")


def driver_lines(view: View, answer: Answer) -> frozenset[str]:
    """Return the sentences of the narrative that the list of drivers already says."""
    metric = _metric(view, answer)
    if metric is None:
        return frozenset()
    pairs = [
        (_name(view, driver), format_difference(driver.effect, metric, view.language))
        for driver in _shown(answer)
    ]
    return frozenset(
        line for line in answer.narrative if any(all(part in line for part in p) for p in pairs)
    )


def _metric(view: View, answer: Answer) -> Metric | None:
    return view.catalog.metrics.get(answer.metrics[0].id) if answer.metrics else None


def _shown(answer: Answer) -> list[Driver]:
    parts = [d for d in answer.drivers if d.member is not None and d.kind != "residual"]
    return top_drivers([driver for driver in parts if driver.effect])


def _name(view: View, driver: Driver) -> str:
    if driver.dimension is None:
        return view.labels.metric(str(driver.member))
    return view.labels.member(driver.dimension, driver.member)


def _row(view: View, metric: Metric, driver: Driver, size: float) -> Html:
    up = driver.effect > 0
    good = up == (metric.direction == "up_good")
    mood = "am-plain" if metric.direction == "none" else "am-good" if good else "am-bad"
    own = driver.dimension is None or view.labels.says_dimension(driver.member)
    of = "" if own else view.labels.dimension(driver.dimension or "")
    name = tag("th", _name(view, driver), tag("small", of), scope="row")
    how = tag("td", _how(view, metric, driver), class_="am-how")
    width = max(LEAST_BAR, size * 100) / 2
    side = f"left:50%;width:{width:.1f}%" if up else f"right:50%;width:{width:.1f}%"
    bar = tag("span", tag("i", class_=mood, style=side), class_="am-bar", aria_hidden="true")
    shown = format_difference(driver.effect, metric, view.language)
    effect = tag("td", shown, class_=f"am-effect {mood}")
    return tag("tr", name, how, tag("td", bar, class_="am-bar-cell"), effect)


def _how(view: View, metric: Metric, driver: Driver) -> str:
    if driver.kind == "rate" and driver.current is not None and driver.base is not None:
        before = format_value(driver.base, metric, view.language)
        now = format_value(driver.current, metric, view.language)
        return view.say("kind_rate_from", base=before, current=now)
    return view.say(f"kind_{driver.kind}")


def _segments(view: View, answer: Answer, metric: Metric) -> Html:
    """Combinations of members that moved more than their parts let expect."""
    lines = []
    for segment in [s for s in answer.segments if len(s.elements) > 1][:MOST_SEGMENTS]:
        names = [_element(view, element) for element in segment.elements]
        effect = format_difference(segment.effect, metric, view.language)
        lines.append(view.say("segment", names=" × ".join(names), effect=effect))
    if not lines:
        return EMPTY
    return tag("ul", *(tag("li", line) for line in lines), class_="am-segments")


def _element(view: View, element: str) -> str:
    dimension, _, member = element.partition("=")
    shown = view.labels.member(dimension, member)
    if view.labels.says_dimension(member):
        return shown
    return view.say("element", dimension=view.labels.dimension(dimension), member=shown)
