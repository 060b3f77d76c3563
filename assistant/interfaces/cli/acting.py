"""Owns `actions …` and `requests`: what was accepted, turned down, done; what people miss."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Annotated, Any

import typer

from assistant.actions.items import (
    ActionItem,
    Choices,
    dismiss,
    edit,
    finish,
    list_items,
    take_on,
)
from assistant.actions.words import title_in, title_of
from assistant.asking import replay_answer
from assistant.insights.labels import Labels
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
from assistant.wiring import Assistant
from metric_catalog.errors import CatalogError
from metric_catalog.model.definition import Language
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
    chosen, assistant = language(lang) or environment_language(), open_assistant(project)
    items = list_items(assistant.store)
    if as_json:
        print_json([asdict(item) for item in items])
    else:
        typer.echo(action_lines(items, _titles(assistant, items, chosen), chosen))


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
    named, choices = language(lang), Choices(playbook, owner, parse_day(due))
    assistant = open_assistant(project)
    taken = take_on(assistant.store, assistant.catalog, answer_id, choices)
    ignored = choices.not_in(taken.item) if taken.before else {}
    told = Told(assistant, named, taken.item, answer_id)
    key = "accepted_before" if taken.before else "accepted"
    text = " ".join((told.sentence(key), *([_not_applied(told, ignored)] if ignored else [])))
    if as_json:
        said = {"accepted_before": taken.before, "not_applied": ignored, "notice": text}
        print_json({**asdict(taken.item), **said})
    else:
        typer.echo(text)


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
    named, assistant = language(lang), open_assistant(project)
    item = dismiss(assistant.store, assistant.catalog, answer_id, playbook)
    _say("dismissed", Told(assistant, named, item, answer_id), as_json)


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
    named, choices = language(lang), Choices(None, owner, parse_day(due), text)
    assistant = open_assistant(project)
    item = edit(assistant.store, action_id, choices)
    _say("edited", Told(assistant, named, item, action_id), as_json)


@app.command("done")
@command
def done_action(
    action_id: ActionArgument,
    as_json: JsonOption = False,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Mark an action item as done."""
    named, assistant = language(lang), open_assistant(project)
    item = finish(assistant.store, action_id)
    _say("finished", Told(assistant, named, item, action_id), as_json)


@dataclass(frozen=True)
class Told:
    """An item as a command speaks of it: in the language named, else of the answer or the item."""

    assistant: Assistant
    named: Language | None
    item: ActionItem
    key: str

    @cached_property
    def answer(self) -> Mapping[str, Any] | None:
        """The answer that the command names, None where it names the item."""
        row = self.assistant.store.get(tables.answers, self.key)
        return row["content"] if row else None

    @property
    def language(self) -> Language:
        """The language of `--lang`, else of the answer that was named, else of the item."""
        spoken = self.answer["language"] if self.answer else self.item.language
        return self.named or language(spoken) or environment_language()

    def sentence(self, key: str) -> str:
        """Return the sentence `key` about the item."""
        title = None
        if self.answer and self.answer["language"] == self.language:
            title = title_of(self.item, self.answer)
        if title is None:
            (title,) = _titles(self.assistant, (self.item,), self.language)
        return render(self.language, "card", key, **{**asdict(self.item), "title": title})


def _titles(assistant: Assistant, items: tuple[ActionItem, ...], lang: Language) -> tuple[str, ...]:
    """Return the titles of items in a language; as they are kept where definitions are broken."""
    kept = tuple(item.title for item in items)
    if all(item.language == lang for item in items):
        return kept
    try:
        labels = Labels(assistant.catalog, lang)
    except CatalogError:
        return kept
    return tuple(title_in(item, labels) for item in items)


def _say(key: str, told: Told, as_json: bool) -> None:
    if as_json:
        print_json(asdict(told.item))
    else:
        typer.echo(told.sentence(key))


def _not_applied(told: Told, ignored: Mapping[str, str]) -> str:
    """Return which words of the command changed nothing, and the command that would."""
    options = " ".join(f"--{name} {shlex.quote(said)}" for name, said in ignored.items())
    given = render(told.language, "card", "_".join(("given", *ignored)))
    named = {"given": given, "id": told.item.id, "options": options}
    return render(told.language, "card", "not_applied", **named)


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
