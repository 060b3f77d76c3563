"""Owns `actions …` and `requests`: what was accepted, turned down, done; what people miss."""

from dataclasses import asdict
from typing import Annotated

import typer

from assistant.actions.items import Choices, accept, dismiss, edit, finish, list_items
from assistant.asking import replay_answer
from assistant.interfaces.cli.desk import (
    ANSWERED,
    FAILED,
    WRONG_USAGE,
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
from assistant.interfaces.present import action_lines
from assistant.state import tables
from prompts.render import render

app = typer.Typer(no_args_is_help=True, help="Action items.")
AnswerArgument = Annotated[str, typer.Argument(metavar="ANSWER_ID")]
ActionArgument = Annotated[str, typer.Argument(metavar="ID")]
PlaybookOption = Annotated[str | None, typer.Option("--playbook")]
OwnerOption = Annotated[str | None, typer.Option("--owner")]
DueOption = Annotated[str | None, typer.Option("--due")]
TextOption = Annotated[str | None, typer.Option("--text")]


@app.command("list")
@command
def list_actions(
    as_json: JsonOption = False, project: ProjectOption = None, lang: LangOption = None
) -> None:
    """List every action item."""
    items = list_items(open_assistant(project).store)
    if as_json:
        print_json([asdict(item) for item in items])
    else:
        typer.echo(action_lines(items, language(lang) or environment_language()))


@app.command("accept")
@command
def accept_answer(
    answer_id: AnswerArgument,
    playbook: PlaybookOption = None,
    owner: OwnerOption = None,
    due: DueOption = None,
    as_json: JsonOption = False,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Turn an answer's recommendation into an action item; twice gives the same one."""
    assistant = open_assistant(project)
    choices = Choices(playbook, owner, parse_day(due))
    item = accept(assistant.store, assistant.catalog, answer_id, choices)
    _say("accepted", item, lang, as_json)


@app.command("dismiss")
@command
def dismiss_answer(
    answer_id: AnswerArgument,
    playbook: PlaybookOption = None,
    as_json: JsonOption = False,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Turn a recommendation down."""
    assistant = open_assistant(project)
    item = dismiss(assistant.store, assistant.catalog, answer_id, playbook)
    _say("dismissed", item, lang, as_json)


@app.command("edit")
@command
def edit_action(
    action_id: ActionArgument,
    owner: OwnerOption = None,
    due: DueOption = None,
    text: TextOption = None,
    as_json: JsonOption = False,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Change owner, due date or words of an action item."""
    if not (owner or due or text):
        fail("nothing_to_edit", WRONG_USAGE)
    choices = Choices(None, owner, parse_day(due), text)
    _say("edited", edit(open_assistant(project).store, action_id, choices), lang, as_json)


@app.command("done")
@command
def done_action(
    action_id: ActionArgument,
    as_json: JsonOption = False,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Mark an action item as done."""
    _say("finished", finish(open_assistant(project).store, action_id), lang, as_json)


def _say(key: str, item: object, lang: str | None, as_json: bool) -> None:
    content = asdict(item)  # type: ignore[call-overload]
    if as_json:
        print_json(content)
        return
    chosen = language(lang) or environment_language()
    typer.echo(render(chosen, "card", key, **content))


@command
def requests(
    as_json: JsonOption = False, project: ProjectOption = None, lang: LangOption = None
) -> None:
    """List what people asked that no metric answers, most wanted first."""
    chosen = language(lang) or environment_language()
    rows = sorted(open_assistant(project).store.find(tables.wishes), key=lambda r: -r["count"])
    if as_json:
        print_json([dict(row) for row in rows])
    elif not rows:
        typer.echo(render(chosen, "card", "no_wishes"))
    for row in () if as_json else rows:
        typer.echo(render(chosen, "card", "wish", **row))


@command
def replay(
    answer_id: AnswerArgument,
    as_json: JsonOption = False,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Run a stored answer's receipt again: same, data moved, or definition moved."""
    chosen = language(lang) or environment_language()
    found = replay_answer(open_assistant(project), answer_id)
    if as_json:
        print_json({"answer_id": answer_id, **asdict(found)})
    else:
        moved = ", ".join(found.moved)
        key = f"replay_{found.verdict}"
        typer.echo(render(chosen, "card", key, then=found.then, now=found.now, moved=moved))
    raise typer.Exit(ANSWERED if found.verdict == "same" else FAILED)
