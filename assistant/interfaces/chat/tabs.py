"""Owns the tabs below the card: data, SQL, definition, how it was read, quality."""

from collections.abc import Callable

from assistant.exports.answers import table_of
from assistant.exports.report import Field, Table
from assistant.insights.answer import MetricStamp
from assistant.insights.figures import format_day, format_unit_difference
from assistant.interfaces.chat.html import EMPTY, Html, tag
from assistant.interfaces.chat.quality import quality
from assistant.interfaces.chat.read_tab import how_read
from assistant.interfaces.chat.view import View
from assistant.interfaces.chat.words import say_if_known
from executors.result import Cell
from metric_catalog.interchange.listing import formula
from metric_catalog.model.definition import Language
from metric_catalog.model.metrics import Metric
from prompts.render import sentences

MOST_ROWS = 200
HASH_SHOWN = 16
PLACES = 2
PARTS = ("__numerator", "__denominator")
"""Columns that are numbers, whatever the unit of their ratio is."""


def tabs(view: View) -> Html:
    """Return the tabs that have something to show; the first is open."""
    made: dict[str, Callable[[View], Html]] = {
        "data": _data,
        "sql": _sql,
        "definition": _definition,
        "read": how_read,
        "quality": quality,
    }
    shown = {name: content for name, make in made.items() if (content := make(view))}
    if not shown:
        return EMPTY
    key = view.reply.outcome.id
    first = next(iter(shown))
    heads = [
        tag(
            "button", view.say(f"tab_{name}"), type="button", role="tab", class_="am-tab",
            id=f"am-tab-{key}-{name}", aria_controls=f"am-pane-{key}-{name}",
            aria_selected="true" if name == first else "false",
            tabindex="0" if name == first else "-1",
        )
        for name in shown
    ]  # fmt: skip
    panes = [
        tag(
            "div", content, role="tabpanel", class_="am-pane", id=f"am-pane-{key}-{name}",
            aria_labelledby=f"am-tab-{key}-{name}", hidden=name != first, tabindex="0",
        )
        for name, content in shown.items()
    ]  # fmt: skip
    bar = tag("div", *heads, role="tablist", class_="am-tabbar", aria_label=view.say("details"))
    return tag("section", bar, *panes, class_="am-tabs")


def _data(view: View) -> Html:
    answer = view.answer
    if answer is None or answer.table is None or not answer.table.rows:
        return EMPTY
    table = table_of(answer.table, view.labels)
    left_out = len(table.rows) - MOST_ROWS
    more = tag("p", view.say("more_rows", count=left_out), class_="am-quiet")
    return tag("div", grid(view, table), more if left_out > 0 else EMPTY, class_="am-scroll")


def grid(view: View, table: Table) -> Html:
    """Return a table of the first rows, numbers to the right; a single row as pairs."""
    if len(table.rows) == 1:
        return _pairs(view, table)
    kinds = ["am-number" if field.unit is not None else None for field in table.fields]
    head = [
        tag("th", f.label, scope="col", class_=kind)
        for f, kind in zip(table.fields, kinds, strict=True)
    ]
    rows = [
        tag(
            "tr",
            *(
                tag("td", _exact(field, cell, view.language), class_=kind)
                for field, cell, kind in zip(table.fields, row, kinds, strict=True)
            ),
        )
        for row in table.rows[:MOST_ROWS]
    ]
    return tag("table", tag("thead", tag("tr", *head)), tag("tbody", *rows), class_="am-grid")


def _exact(field: Field, cell: Cell, language: Language) -> str:
    """Return a cell in full, as people check it: no 万 or M, rates to a hundredth of a percent."""
    if cell is None:
        return "–"
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return str(cell)
    part = any(word in field.name for word in PARTS)
    if field.difference and field.unit is not None:
        return format_unit_difference(float(cell), field.unit, language, PLACES, field.currency)
    if field.unit == "ratio" and not part:
        return f"{cell * 100:,.{PLACES}f}%"
    whole = isinstance(cell, int) or (part and float(cell).is_integer())
    return f"{int(cell):,}" if whole else f"{cell:,.{PLACES}f}"


def _pairs(view: View, table: Table) -> Html:
    rows = [
        tag(
            "tr",
            tag("th", field.label, scope="row"),
            tag("td", _exact(field, cell, view.language), class_="am-number"),
        )
        for field, cell in zip(table.fields, table.rows[0], strict=True)
    ]
    return tag("table", tag("tbody", *rows), class_="am-grid")


def _sql(view: View) -> Html:
    sql = view.reply.content.get("sql")
    if not sql:
        return EMPTY
    note = tag("p", view.say("sql_note"), class_="am-quiet")
    return tag("div", note, tag("pre", tag("code", str(sql)), class_="am-code"))


def _definition(view: View) -> Html:
    answer = view.answer
    known = view.catalog.metrics
    stamps = [s for s in answer.metrics if s.id in known] if answer else []
    return Html("".join(_defined(view, stamp, known[stamp.id]) for stamp in stamps))


def _defined(view: View, stamp: MetricStamp, metric: Metric) -> Html:
    language, catalog = view.language, view.catalog
    approval = catalog.approval_of(metric.id)
    approved = ""
    if approval is not None:
        day = format_day(approval.at, language)
        approved = view.say("approved_by", by=approval.by, day=day)
    models = (catalog.models[m] for m in catalog.base_models(metric.id) if m in catalog.models)
    status = say_if_known(language, f"status_{stamp.status}", stamp.status)
    dimensions = (path for path in catalog.dimensions_of(metric.id) if not path.is_time)
    rows = (
        ("definition_id", f"{stamp.id} v{stamp.version} · {status}"),
        ("definition_caliber", metric.caliber[language]),
        ("definition_description", metric.description[language]),
        ("definition_formula", formula(catalog, metric, language, sentences(language, "codes"))),
        ("definition_source", ", ".join(dict.fromkeys(model.table for model in models))),
        ("definition_dimensions", ", ".join(dict.fromkeys(
            view.labels.dimension(path.short) for path in dimensions))),
        ("definition_owner", stamp.owner),
        ("definition_approved", approved),
        ("definition_synonyms", ", ".join(metric.synonyms[language])),
        ("definition_hash", stamp.hash[:HASH_SHOWN]),
    )  # fmt: skip
    return tag("div", tag("h4", view.labels.metric(metric.id)), facts(view, rows))


def facts(view: View, rows: tuple[tuple[str, str], ...]) -> Html:
    """Return labelled facts, those without a value left out."""
    pairs = [tag("div", tag("dt", view.say(key)), tag("dd", value)) for key, value in rows if value]
    return tag("dl", *pairs, class_="am-facts-list") if pairs else EMPTY
