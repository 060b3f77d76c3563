"""Owns the tab of quality: how fresh, whole and usual the numbers are, and what was not renewed."""

from assistant.insights.answer import Answer
from assistant.insights.figures import format_day, format_value
from assistant.insights.finding import Finding
from assistant.interfaces.chat.html import EMPTY, Html, tag
from assistant.interfaces.chat.view import View
from assistant.interfaces.chat.words import say
from prompts.render import has

FINE, WARNING = "am-fine", "am-warning"
Check = tuple[str, str]


def quality(view: View) -> Html:
    """Return one line per check, warnings first."""
    checks: list[Check] = []
    if view.problem:
        checks.append((WARNING, view.say("kept_definitions", cause=view.problem)))
    if view.answer is not None:
        checks += _checks(view, view.answer)
    if not checks:
        return EMPTY
    checks.sort(key=lambda check: check[0] == FINE)
    lines = [tag("li", text, class_=mood) for mood, text in checks]
    return tag("ul", *lines, class_="am-checks")


def _checks(view: View, answer: Answer) -> list[Check]:
    return [
        *_definition(view, answer), *_data(view, answer), *_variation(view, answer),
        *(check for finding in answer.findings for check in _found(view, finding)),
    ]  # fmt: skip


def _definition(view: View, answer: Answer) -> list[Check]:
    found = []
    for stamp in answer.metrics:
        now = view.catalog.status_of(stamp.id) if stamp.id in view.catalog.metrics else "retired"
        fine = now == "published"
        key = "definition_approved_now" if fine else "definition_not_approved_now"
        text = view.say(key, metric=view.labels.metric(stamp.id), version=stamp.version)
        found.append((FINE if fine else WARNING, text))
    return found


def _data(view: View, answer: Answer) -> list[Check]:
    found: list[Check] = []
    receipt, table = answer.receipt, answer.table
    if receipt is not None and receipt.data_as_of is not None:
        day = format_day(receipt.data_as_of, view.language)
        behind = (receipt.as_of - receipt.data_as_of).days
        text = view.say("data_until", day=day)
        found.append((FINE if behind <= 0 else WARNING, text))
    if table is not None:
        key = "rows_cut" if table.truncated else "rows_whole"
        text = view.say(key, rows=len(table.rows))
        found.append((WARNING if table.truncated else FINE, text))
        empty = sum(cell is None for name in answer.query.metrics for cell in _cells(answer, name))
        if empty:
            found.append((WARNING, view.say("empty_cells", count=empty)))
    return found


def _cells(answer: Answer, name: str) -> tuple[object, ...]:
    table = answer.table
    known = table is not None and any(column.name == name for column in table.columns)
    return table.values(name) if table is not None and known else ()


def _variation(view: View, answer: Answer) -> list[Check]:
    change = answer.change
    metric = view.catalog.metrics.get(answer.metrics[0].id) if answer.metrics else None
    if change is None or metric is None:
        return []
    if change.interval is None:
        return [(WARNING, view.say("no_history"))]
    low, high = (format_value(bound, metric, view.language) for bound in change.interval)
    key = "within_expected" if change.normal else "outside_expected"
    return [(FINE, view.say(key, low=low, high=high))]


def _found(view: View, finding: Finding) -> list[Check]:
    if finding.kind != "quality":
        return []
    key = f"quality_{finding.fact('code')}"
    if not has(view.language, "chat", key):
        return []
    return [(WARNING, say(view.language, key, **dict(finding.facts)))]
