"""Owns `ask` and `read`: one question, or a batch of them."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from assistant.asking import Conversation
from assistant.insights.answer import Answer
from assistant.insights.labels import Labels
from assistant.interfaces.cli.batches import Batch, answer_lines
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
    writable,
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
    chart: Annotated[
        list[Path] | None, typer.Option("--chart", help="Draw the chart here.")
    ] = None,
    export: Annotated[list[Path] | None, typer.Option("--export", help="Write it here.")] = None,
    role: RoleOption = None,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Answer a question, ask back, or say what is missing."""
    chosen, day = language(lang), parse_day(as_of)
    charts, exports = tuple(chart or ()), tuple(export or ())
    _one_of(question, batch)
    _check_files(charts, exports)
    if batch is not None and (charts or exports):
        fail("batch_writes_nothing", WRONG_USAGE)
    conversation = Conversation(check_role(open_assistant(project), role), role)
    if batch is not None:
        answered = answer_lines(Batch(conversation, day, chosen, False), existing(batch))
        raise typer.Exit(ANSWERED if answered else WORLD_FAILED)
    reply = conversation.ask(conversation.question(question or "", day, chosen))
    if as_json:
        print_json(reply.content)
    else:
        typer.echo(card(reply.outcome, conversation.assistant.catalog))
    _write_charts(reply.outcome, charts)
    _write_exports(reply.outcome, conversation.assistant.catalog, exports)
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
        answered = answer_lines(Batch(conversation, day, chosen, True), existing(batch))
        raise typer.Exit(ANSWERED if answered else WORLD_FAILED)
    print_json(conversation.read(conversation.question(text or "", day, chosen)).to_json())


def _one_of(text: str | None, batch: Path | None) -> None:
    if text is None and batch is None:
        fail("no_question", WRONG_USAGE)
    if text is not None and batch is not None:
        fail("question_or_batch", WRONG_USAGE)


def _check_files(charts: tuple[Path, ...], exports: tuple[Path, ...]) -> None:
    """End with 2 where a file could not be written, before anything is asked."""
    for files, known in ((charts, CHART_FORMS), (exports, sorted(find("exporter")))):
        for file in files:
            if _ending(file) not in known:
                fail("unknown_export", WRONG_USAGE, given=_ending(file), known=", ".join(known))
            if file.is_dir():
                fail("is_folder", WRONG_USAGE, file=file)
            writable(file)


def _ending(file: Path) -> str:
    return file.suffix.lower().lstrip(".")


def _write_charts(outcome: Outcome, files: tuple[Path, ...]) -> None:
    """Draw the chart into every file, and say so; say where there is none."""
    if files and (not isinstance(outcome, Answer) or outcome.chart is None):
        typer.echo(render(outcome.language, "card", "chart_none"), err=True)
        return
    for file in files:
        from assistant.insights.charts.matplotlib import draw

        assert isinstance(outcome, Answer) and outcome.chart is not None
        form: Literal["png", "svg"] = "svg" if _ending(file) == "svg" else "png"
        file.write_bytes(draw(outcome.chart, form, drawers=find("chart")))
        typer.echo(render(outcome.language, "card", "written", file=file), err=True)


def _write_exports(outcome: Outcome, catalog: Catalog, files: tuple[Path, ...]) -> None:
    """Write the answer into every file, and say so; a question back or a refusal into none."""
    if files and not isinstance(outcome, Answer):
        typer.echo(render(outcome.language, "card", "export_none"), err=True)
        return
    for file in files:
        assert isinstance(outcome, Answer)
        export_answer(outcome, catalog, file)
        typer.echo(render(outcome.language, "card", "written", file=file), err=True)


def export_answer(answer: Answer, catalog: Catalog, file: Path) -> None:
    """Write an answer in the format of the file's ending; raises KeyError on an unknown one."""
    from assistant.exports.answers import report_of
    from assistant.exports.report import exporter_for

    lang: Language = "zh" if answer.language == "zh" else "en"
    write = exporter_for(file, find("exporter"))
    write(report_of((answer,), Labels(catalog, lang), drawers=find("chart")), file)
