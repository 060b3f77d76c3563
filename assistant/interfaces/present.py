"""Owns how outcomes look in a terminal: the answer card as text."""

from collections.abc import Sequence

from assistant.actions.items import ActionItem
from assistant.exports.answers import group_by_of
from assistant.insights.answer import Answer
from assistant.insights.charts.spec import Line
from assistant.insights.figures import format_difference, format_value
from assistant.insights.labels import Labels
from assistant.resolve.outcomes import Clarification, Outcome, Refusal
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from prompts.render import render

MOST_ROWS = 15


def card(outcome: Outcome, catalog: Catalog) -> str:
    """Return the text of an outcome, in its own language."""
    match outcome:
        case Answer():
            return _answer_card(outcome, catalog)
        case Clarification(text=text, options=options):
            lines = [text, *(f"  {n}. {o.label}" for n, o in enumerate(options, 1))]
            return "\n".join(lines)
        case Refusal(text=text, nearest=nearest, language=language):
            labels = Labels(catalog, language)
            if not nearest:
                return text
            names = ", ".join(labels.metric(metric) for metric in nearest)
            return f"{text}\n{render(language, 'card', 'nearest', names=names)}"


def _answer_card(answer: Answer, catalog: Catalog) -> str:
    language: Language = "zh" if answer.language == "zh" else "en"
    lines = [answer.headline, *(f"  {line}" for line in answer.narrative)]
    lines += [f"  {note}" for note in answer.notes]
    lines += _rows(answer, catalog, language)
    lines += _advice(answer, catalog, language)
    lines += _footer(answer, language)
    return "\n".join(lines)


def _advice(answer: Answer, catalog: Catalog, language: Language) -> list[str]:
    """What is best done, what it should win, and how to take it on."""
    if not answer.recommendations:
        return []
    best = answer.recommendations[0]
    lines = [
        render(language, "card", "recommendation", text=best.text),
        f"  {best.action}",
    ]
    metric = catalog.metrics.get(answer.metrics[0].id) if answer.metrics else None
    if metric is not None and best.expected_effect is not None:
        effect = format_difference(best.expected_effect, metric, language)
        lines.append("  " + render(language, "exports", "recommendation_effect", effect=effect))
    lines.append("  " + render(language, "card", "accept_with", answer=answer.id))
    return lines


def _rows(answer: Answer, catalog: Catalog, language: Language) -> list[str]:
    table = answer.table
    if table is None or len(table.rows) < 2:
        return []
    labels = Labels(catalog, language)
    grains = {item.column: item.grain for item in group_by_of(table)}
    shown = [i for i, column in enumerate(table.columns) if column.role != "component"]
    lines, partly = [], _not_whole(answer)
    for row in table.rows[:MOST_ROWS]:
        cells = []
        for position in shown:
            column, cell = table.columns[position], row[position]
            if column.role == "metric" and isinstance(cell, int | float) and column.metric:
                cells.append(format_value(float(cell), catalog.metric(column.metric), language))
            elif column.role == "time":
                cells.append(labels.moment(cell, grains.get(column.name)))
            else:
                cells.append(labels.cell(column.name, cell))
        if partly & set(cells):
            cells.append(render(language, "card", "not_whole"))
        lines.append("    " + "  ".join(cells))
    if len(table.rows) > MOST_ROWS:
        lines.append("    …")
    return lines


def _not_whole(answer: Answer) -> frozenset[str]:
    """The labels of the units that the chart draws as not complete."""
    chart = answer.chart
    if not isinstance(chart, Line) or chart.forecast:
        return frozenset()
    last = chart.labels[len(chart.labels) - chart.dashed :]
    return frozenset((*last, *(chart.labels[:1] if chart.incomplete_first else ())))


def _footer(answer: Answer, language: Language) -> list[str]:
    if answer.receipt is None:
        return []
    stamp = answer.metrics[0]
    return [
        render(
            language,
            "card",
            "footer",
            metric=f"{stamp.id}@{stamp.version}",
            status=render(language, "exports", f"status_{stamp.status}"),
            as_of=answer.receipt.data_as_of or "–",
            ms=round(sum(answer.timings_ms.values())),
            answer=answer.id,
        )
    ]


def action_lines(items: Sequence[ActionItem], titles: Sequence[str], language: Language) -> str:
    """Return one line per action item, under the title given for it."""
    lines = [
        render(
            language,
            "card",
            "action",
            id=item.id,
            state=render(language, "card", f"state_{item.state}"),
            title=title,
            owner=item.owner or "–",
            due=item.due,
            metric=f"{item.metric}@{item.version}",
        )
        for item, title in zip(items, titles, strict=True)
    ]
    return "\n".join(lines) or render(language, "card", "no_actions")
