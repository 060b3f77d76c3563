"""Owns `ask`, `read` and `query`: one question, a batch of them, or a typed query."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from assistant.asking import Conversation
from assistant.insights.answer import Answer
from assistant.insights.labels import Labels
from assistant.interfaces.cli.desk import (
    ANSWERED,
    FAILED,
    WORLD_FAILED,
    WRONG_USAGE,
    AsOfOption,
    JsonOption,
    LangOption,
    ProjectOption,
    command,
    environment_language,
    fail,
    language,
    open_assistant,
    parse_day,
    print_json,
)
from assistant.interfaces.present import card
from assistant.pipeline import query as run_query
from assistant.plugins import find
from assistant.question import Question
from assistant.resolve.unanswerable import explain_issue
from executors.compiler.compile import compile_query
from executors.executor import ExecutorError
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import parse_condition
from metric_catalog.model.definition import Language
from metric_catalog.periods import Period
from metric_catalog.query import Comparison, Filter, GroupBy, MetricQuery, Order, both
from prompts.render import render

BatchOption = Annotated[Path | None, typer.Option("--batch", help="JSON lines to answer.")]
TextArgument = Annotated[str | None, typer.Argument(help="The question.")]


@command
def ask(
    question: TextArgument = None,
    batch: BatchOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    chart: Annotated[Path | None, typer.Option("--chart", help="Draw the chart here.")] = None,
    export: Annotated[Path | None, typer.Option("--export", help="Write the answer here.")] = None,
    role: Annotated[str | None, typer.Option("--role", help="Ask as this role.")] = None,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Answer a question, ask back, or say what is missing."""
    chosen, day = language(lang), parse_day(as_of)
    _one_of(question, batch)
    conversation = Conversation(open_assistant(project), role)
    if batch is not None:
        lines = [_answer_line(conversation, line, day, chosen, False) for line in _lines(batch)]
        raise typer.Exit(WORLD_FAILED if False in lines else ANSWERED)
    reply = conversation.ask(conversation.question(question or "", day, chosen))
    if as_json:
        print_json(reply.content)
    else:
        typer.echo(card(reply.outcome, conversation.assistant.catalog))
    _write_files(reply.outcome, conversation, chart, export)
    raise typer.Exit(ANSWERED if isinstance(reply.outcome, Answer) else FAILED)


@command
def read(
    text: TextArgument = None,
    batch: BatchOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
    role: Annotated[str | None, typer.Option("--role", help="Read as this role.")] = None,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Show how a text is read, without asking the data."""
    chosen, day = language(lang), parse_day(as_of)
    _one_of(text, batch)
    conversation = Conversation(open_assistant(project), role)
    if batch is not None:
        for line in _lines(batch):
            _answer_line(conversation, line, day, chosen, True)
        return
    print_json(conversation.read(conversation.question(text or "", day, chosen)).to_json())


def _one_of(text: str | None, batch: Path | None) -> None:
    if (text is None) == (batch is None):
        fail("question_or_batch", WRONG_USAGE, environment_language())


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    """Give each line as an object; a broken one as {"broken": cause}."""
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                content = json.loads(line)
            except ValueError as error:
                content = {"broken": str(error)}
            yield content if isinstance(content, dict) else {"broken": f"line {number}"}


def _answer_line(
    conversation: Conversation,
    line: dict[str, Any],
    day: dt.date | None,
    lang: Language | None,
    read_only: bool,
) -> bool:
    """Print the answer to one line of a batch; False where the world failed on it."""
    key = line.get("id")
    named = {} if key is None else {"id": key}
    remembered = None if key is None else str(key)
    question = _question(conversation, line, day, lang)
    if question is None:
        print_json({**named, **_broken("broken_line", lang, str(line.get("broken", "")))})
        return True
    try:
        if read_only:
            print_json({**named, **conversation.read(question, remembered).to_json()})
        else:
            print_json({**named, **conversation.ask(question, remembered).content})
    except ExecutorError as error:
        print_json({**named, **_broken(error.code, question.language, **error.arguments)})
        return False
    return True


def _question(
    conversation: Conversation, line: dict[str, Any], day: dt.date | None, lang: Language | None
) -> Question | None:
    text = line.get("question", line.get("text"))
    after = None if line.get("after") is None else str(line["after"])
    chosen = lang or (line["lang"] if line.get("lang") in ("zh", "en") else None)
    try:
        asked = dt.date.fromisoformat(str(line["as_of"])[:10]) if line.get("as_of") else day
    except ValueError:
        return None
    return conversation.question(text, asked, chosen, after) if isinstance(text, str) else None


def _broken(code: str, lang: Language | None, missing: str = "", **arguments: str) -> Any:
    text = render(lang or environment_language(), "errors", code, **arguments)
    refusal = {"reason": code, "text": text, "missing": missing, "nearest": []}
    return {"outcome": "refusal", "refusal": refusal}


def _write_files(
    outcome: Any, conversation: Conversation, chart: Path | None, export: Path | None
) -> None:
    lang = outcome.language
    if chart is not None:
        if not isinstance(outcome, Answer) or outcome.chart is None:
            typer.echo(render(lang, "card", "chart_none"), err=True)
        else:
            from assistant.insights.charts.matplotlib import draw

            form: Literal["png", "svg"] = "svg" if chart.suffix.lower() == ".svg" else "png"
            chart.write_bytes(draw(outcome.chart, form, drawers=find("chart")))
            typer.echo(render(lang, "card", "written", file=chart), err=True)
    if export is not None and isinstance(outcome, Answer):
        export_answer(outcome, conversation.assistant.catalog, export)
        typer.echo(render(lang, "card", "written", file=export), err=True)


def export_answer(answer: Answer, catalog: Catalog, file: Path) -> None:
    """Write an answer in the format of the file's ending; ends with 2 on an unknown one."""
    from assistant.exports.answers import report_of
    from assistant.exports.report import exporter_for

    lang: Language = "zh" if answer.language == "zh" else "en"
    try:
        write = exporter_for(file, find("exporter"))
    except KeyError as error:
        given, *known = error.args
        fail("unknown_export", WRONG_USAGE, lang, given=given, known=", ".join(known))
        return
    write(report_of((answer,), Labels(catalog, lang), drawers=find("chart")), file)


@command
def query(
    metrics: Annotated[str, typer.Option("--metrics", help="Metric ids, by commas.")] = "",
    group_by: Annotated[str, typer.Option("--group-by", help="Names, by commas.")] = "",
    where: Annotated[list[str] | None, typer.Option("--where", help="A condition.")] = None,
    having: Annotated[list[str] | None, typer.Option("--having", help="On metrics.")] = None,
    start: Annotated[str | None, typer.Option("--start", help="First moment.")] = None,
    end: Annotated[str | None, typer.Option("--end", help="End, exclusive.")] = None,
    compare: Annotated[str | None, typer.Option("--compare", help="previous or year.")] = None,
    grain: Annotated[str | None, typer.Option("--grain", help="Cut time by this.")] = None,
    order: Annotated[list[str] | None, typer.Option("--order", help="NAME or -NAME.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=0)] = None,
    as_json: JsonOption = False,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL only.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Print plan and SQL.")] = False,
    role: Annotated[str | None, typer.Option("--role", help="Query as this role.")] = None,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Run a typed query over governed metrics."""
    chosen = language(lang) or environment_language()
    assistant = open_assistant(project)
    policy = assistant.policy(role)
    try:
        asked = _typed(metrics, group_by, where, having, (start, end), compare, grain, order, limit)
        statement = compile_query(asked, assistant.catalog, policy, explain=explain)
    except CatalogError as error:
        _report(error, chosen, as_json)
        raise typer.Exit(FAILED) from error
    if sql or explain:
        parts = [statement.plan, *statement.rewrites] if explain else []
        typer.echo("\n".join([*parts, statement.sql("duckdb", pretty=True)]))
        return
    assistant.executor.data_as_of = assistant.as_of
    _, table = run_query(asked, assistant.catalog, assistant.executor, policy)
    if as_json:
        print_json(table.to_json())
    else:
        typer.echo("\t".join(column.name for column in table.columns))
        for row in table.to_json()["rows"]:
            typer.echo("\t".join("" if cell is None else str(cell) for cell in row))


def _report(error: CatalogError, lang: Any, as_json: bool) -> None:
    if as_json:
        issues = [
            {
                **dict(found.arguments),
                "code": found.code,
                "text": explain_issue(found, lang),
                "place": found.place,
                "nearest": list(found.nearest),
            }
            for found in error.issues
        ]
        print_json({"outcome": "refusal", "refusal": {"reason": "impossible", "issues": issues,
                    "missing": issues[0]["text"], "nearest": issues[0]["nearest"]}})  # fmt: skip
    else:
        for found in error.issues:
            typer.echo(explain_issue(found, lang), err=True)


def _typed(
    metrics: str,
    group_by: str,
    where: list[str] | None,
    having: list[str] | None,
    bounds: tuple[str | None, str | None],
    compare: str | None,
    grain: str | None,
    order: list[str] | None,
    limit: int | None,
) -> MetricQuery:
    if compare not in (None, "previous", "year"):
        fail("wrong_comparison", WRONG_USAGE, environment_language(), given=compare)
    names = [name for item in order or () for name in item.split(",") if name]
    period = _period(*bounds)
    return MetricQuery(
        metrics=tuple(name.strip() for name in metrics.split(",") if name.strip()),
        group_by=tuple(GroupBy(n.strip()) for n in group_by.split(",") if n.strip()),
        filters=_conjunction(where),
        having=_conjunction(having),
        periods=(period,) if period else (),
        comparison=Comparison("previous" if compare == "previous" else "year") if compare else None,
        grain=grain,
        order=tuple(Order(name.lstrip("-"), name.startswith("-")) for name in names),
        limit=limit,
    )


def _conjunction(texts: list[str] | None) -> Filter | None:
    result: Filter | None = None
    for text in texts or ():
        result = both(result, parse_condition(text))
    return result


def _period(start: str | None, end: str | None) -> Period | None:
    if start is None and end is None:
        return None
    try:
        return Period(*(dt.datetime.fromisoformat(text) if text else None for text in (start, end)))
    except ValueError:
        fail("wrong_period", WRONG_USAGE, environment_language(), start=start, end=end)
        return None
