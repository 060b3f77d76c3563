"""Owns `ask` and `read`: one question, or a batch of them."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from assistant.asking import Conversation
from assistant.insights.answer import Answer
from assistant.insights.labels import Labels
from assistant.interfaces.cli.batches import answer_lines
from assistant.interfaces.cli.desk import (
    ANSWERED,
    FAILED,
    WORLD_FAILED,
    WRONG_USAGE,
    AsOfOption,
    JsonOption,
    LangOption,
    ProjectOption,
    RoleOption,
    check_role,
    command,
    existing,
    fail,
    language,
    open_assistant,
    parse_day,
    print_json,
)
from assistant.interfaces.present import card
from assistant.plugins import find
from assistant.resolve.outcomes import Outcome
from metric_catalog.catalog import Catalog
from metric_catalog.model.definition import Language
from prompts.render import render

CHART_FORMS = ("png", "svg")
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
    role: RoleOption = None,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Answer a question, ask back, or say what is missing."""
    chosen, day = language(lang), parse_day(as_of)
    _one_of(question, batch)
    _check_files(chart, export)
    conversation = Conversation(check_role(open_assistant(project), role), role)
    if batch is not None:
        answered = answer_lines(conversation, existing(batch), day, chosen, False)
        raise typer.Exit(ANSWERED if answered else WORLD_FAILED)
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
    role: RoleOption = None,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Show how a text is read, without asking the data."""
    chosen, day = language(lang), parse_day(as_of)
    _one_of(text, batch)
    conversation = Conversation(check_role(open_assistant(project), role), role)
    if batch is not None:
        answered = answer_lines(conversation, existing(batch), day, chosen, True)
        raise typer.Exit(ANSWERED if answered else WORLD_FAILED)
    print_json(conversation.read(conversation.question(text or "", day, chosen)).to_json())


def _one_of(text: str | None, batch: Path | None) -> None:
    if (text is None) == (batch is None):
        fail("question_or_batch", WRONG_USAGE)


def _check_files(chart: Path | None, export: Path | None) -> None:
    """End with 2 where a file could not be written, before anything is asked."""
    if chart is not None and _ending(chart) not in CHART_FORMS:
        fail("unknown_export", WRONG_USAGE, given=_ending(chart), known=", ".join(CHART_FORMS))
    if export is not None and _ending(export) not in (known := sorted(find("exporter"))):
        fail("unknown_export", WRONG_USAGE, given=_ending(export), known=", ".join(known))
    for file in (chart, export):
        if file is not None and not file.absolute().parent.is_dir():
            fail("no_folder", WRONG_USAGE, folder=file.parent)


def _ending(file: Path) -> str:
    return file.suffix.lower().lstrip(".")


def _write_files(
    outcome: Outcome, conversation: Conversation, chart: Path | None, export: Path | None
) -> None:
    lang = outcome.language
    if chart is not None:
        if not isinstance(outcome, Answer) or outcome.chart is None:
            typer.echo(render(lang, "card", "chart_none"), err=True)
        else:
            from assistant.insights.charts.matplotlib import draw

            form: Literal["png", "svg"] = "svg" if _ending(chart) == "svg" else "png"
            chart.write_bytes(draw(outcome.chart, form, drawers=find("chart")))
            typer.echo(render(lang, "card", "written", file=chart), err=True)
    if export is not None and isinstance(outcome, Answer):
        export_answer(outcome, conversation.assistant.catalog, export)
        typer.echo(render(lang, "card", "written", file=export), err=True)


def export_answer(answer: Answer, catalog: Catalog, file: Path) -> None:
    """Write an answer in the format of the file's ending; raises KeyError on an unknown one."""
    from assistant.exports.answers import report_of
    from assistant.exports.report import exporter_for

    lang: Language = "zh" if answer.language == "zh" else "en"
    write = exporter_for(file, find("exporter"))
    write(report_of((answer,), Labels(catalog, lang), drawers=find("chart")), file)
