"""Owns the way from answers to a report: chips, table, recommendation, receipt, footer."""

from collections.abc import Mapping, Sequence

from assistant.exports.report import Field, Report, Section, Table
from assistant.insights.answer import Answer, Recommendation
from assistant.insights.charts.matplotlib import BUILT_IN, Drawer
from assistant.insights.figures import format_day, format_difference, format_period
from assistant.insights.labels import Labels
from executors.result import Cell, ResultTable
from executors.statement import Column
from metric_catalog.query import METRIC_TIME, Comparison, GroupBy, MetricQuery
from prompts.render import has, render

HASH_SHOWN = 12
SUFFIXES = {
    "__numerator__base": "numerator_before",
    "__denominator__base": "denominator_before",
    "__numerator": "numerator",
    "__denominator": "denominator",
    "__base": "before",
    "__change": "change",
    "__growth": "growth",
    "__share": "share",
    "__total": "total_of",
    "__rank": "rank",
    "__incomplete": "young",
}
TIMES = (METRIC_TIME, "period__start", "period__end")
"""Columns that no definition names."""
COUNTED = (
    "numerator", "denominator", "numerator_before", "denominator_before", "rank", "young",
)  # fmt: skip
"""Parts of a ratio: plain numbers, whatever the ratio's unit is."""


def report_of(
    answers: Sequence[Answer],
    labels: Labels,
    title: str = "",
    drawers: Mapping[str, Drawer] = BUILT_IN,
) -> Report:
    """Return the report of the answers in the labels' language, in their order."""
    days = [answer.receipt.as_of for answer in answers if answer.receipt]
    made_on = max(days, default=None)
    day = format_day(made_on, labels.language) if made_on else ""
    if not title:
        title = _say(labels, "report_title", day=day)
        title = answers[0].headline if len(answers) == 1 else title
    sections = tuple(_section(answer, labels) for answer in answers)
    return Report(title, labels.language, sections, made_on, drawers)


def _say(labels: Labels, key: str, **arguments: object) -> str:
    return render(labels.language, "exports", key, **arguments)


def _section(answer: Answer, labels: Labels) -> Section:
    return Section(
        answer_id=answer.id,
        question=answer.question,
        headline=answer.headline,
        chips=chips_of(answer, labels),
        chart=answer.chart,
        narrative=(*answer.narrative, *answer.notes),
        recommendation=_recommendation(answer, labels),
        table=table_of(answer.table, labels) if answer.table else None,
        receipt=_receipt(answer, labels),
        sql=answer.receipt.sql if answer.receipt else "",
        footer=_footer(answer, labels),
    )


def chips_of(answer: Answer, labels: Labels) -> tuple[tuple[str, str], ...]:
    """Return what was read as (label, value): metric, period, comparison, filters, grain."""
    query, chips = answer.query, []
    for stamp in answer.metrics:
        key = f"status_{stamp.status}"
        status = _say(labels, key) if has(labels.language, "exports", key) else stamp.status
        shown = _say(labels, "metric_value", name=labels.metric(stamp.id),
                     version=stamp.version, status=status)  # fmt: skip
        chips.append(("metric", shown))
    chips.append(("period", _period(answer, labels)))
    if query.comparison is not None:
        chips.append(("compared", _comparison(query.comparison, labels)))
    if query.filters is not None:
        chips.append(("filters", labels.filter(query.filters)))
    groups = [labels.dimension(item.name) for item in query.group_by if not item.grain]
    if groups:
        chips.append(("by", render(labels.language, "narrative", "list_joiner").join(groups)))
    if query.grain:
        chips.append(("grain", labels.grain(query.grain)))
    return tuple((_say(labels, key), value) for key, value in chips if value)


def _period(answer: Answer, labels: Labels) -> str:
    periods = answer.query.periods
    if len(periods) > 1:
        return _say(labels, "several_periods", count=len(periods))
    if not periods and answer.table is None:
        return ""
    period = periods[0] if periods else None
    return format_period(period, labels.language, _say(labels, "all_time"))


def _comparison(comparison: Comparison, labels: Labels) -> str:
    period = format_period(comparison.period, labels.language, _say(labels, "all_time"))
    return _say(labels, f"comparison_{comparison.kind}", period=period)


def _recommendation(answer: Answer, labels: Labels) -> tuple[str, ...]:
    if not answer.recommendations:
        return ()
    best = answer.recommendations[0]
    lines = [_say(labels, "recommendation_text", title=best.title, text=best.text)]
    if best.action:
        lines.append(_say(labels, "recommendation_action", action=best.action))
    effect = _effect(answer, best, labels)
    if effect:
        lines.append(_say(labels, "recommendation_effect", effect=effect))
    due = format_day(best.due, labels.language)
    lines.append(_say(labels, "recommendation_owner", owner=best.owner, due=due))
    return tuple(lines)


def _effect(answer: Answer, item: Recommendation, labels: Labels) -> str:
    known = labels.catalog.metrics.get(answer.metrics[0].id) if answer.metrics else None
    if known is None or item.expected_effect is None:
        return ""
    return format_difference(item.expected_effect, known, labels.language)


def table_of(table: ResultTable, labels: Labels) -> Table:
    """Return the result with members, times and headers in words; numbers stay numbers."""
    asked = {item.column: item for item in group_by_of(table)}
    fields = tuple(_field(column, labels, asked) for column in table.columns)
    grains = {column: item.grain for column, item in asked.items()}
    rows = tuple(
        tuple(
            _cell(column, cell, labels, grains.get(column.name))
            for column, cell in zip(table.columns, row, strict=True)
        )
        for row in table.rows
    )
    return Table(fields, rows)


def _cell(column: Column, cell: Cell, labels: Labels, grain: str | None) -> Cell:
    match column.role:
        case "dimension":
            return labels.cell(column.name, cell)
        case "time":
            return None if cell is None else labels.moment(cell, grain)
        case "metric" | "component":
            return cell


def group_by_of(table: ResultTable) -> tuple[GroupBy, ...]:
    """The group-bys, the time that a grain alone adds among them."""
    if not isinstance(table.query, MetricQuery):
        return ()
    grain = table.query.grain
    return (*table.query.group_by, *((GroupBy(METRIC_TIME, grain),) if grain else ()))


def _field(column: Column, labels: Labels, asked: Mapping[str, GroupBy]) -> Field:
    if column.role in ("dimension", "time"):
        name = asked[column.name].name if column.name in asked else column.name
        label = _say(labels, name) if name in TIMES else labels.dimension(name)
        return Field(column.name, label, column.role)
    metric = labels.catalog.metrics.get(column.metric or column.name)
    if metric is None:
        return Field(column.name, column.name, column.role, "number")
    name = labels.metric(metric.id)
    key = next((key for end, key in SUFFIXES.items() if column.name.endswith(end)), None)
    label = _say(labels, key, name=name) if key else name
    if key in COUNTED:
        return Field(column.name, label, column.role, "number")
    if key in ("growth", "share"):
        return Field(column.name, label, column.role, "ratio")
    number = (metric.unit, metric.decimals, metric.currency, key == "change")
    return Field(column.name, label, column.role, *number)


def _receipt(answer: Answer, labels: Labels) -> tuple[tuple[str, str], ...]:
    receipt = answer.receipt
    if receipt is None:
        return ()
    lines = [("receipt_answer", answer.id)]
    for stamp in receipt.metrics:
        definition = f"{stamp.id}@{stamp.version} {stamp.hash[:HASH_SHOWN]}"
        lines.append(("receipt_definition", definition))
        lines.append(("receipt_owner", stamp.owner))
    data = format_day(receipt.data_as_of, labels.language) if receipt.data_as_of else ""
    lines += [
        ("receipt_data", data),
        ("receipt_zone", receipt.zone),
        ("receipt_policy", receipt.policy),
        ("receipt_result", receipt.result_hash[:HASH_SHOWN]),
    ]
    return tuple((_say(labels, key), value) for key, value in lines if value)


def _footer(answer: Answer, labels: Labels) -> str:
    until = answer.receipt.data_as_of if answer.receipt else None
    unknown = _say(labels, "footer_unknown")
    return _say(
        labels,
        "footer",
        data=format_day(until, labels.language) if until else unknown,
        rows=len(answer.table.rows) if answer.table else 0,
        ms=round(sum(answer.timings_ms.values())),
        answer=answer.id,
    )
