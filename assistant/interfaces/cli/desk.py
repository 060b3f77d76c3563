"""Owns what every command needs: the project, the language, exit codes, errors as one sentence."""

import datetime as dt
import json
import locale
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import typer

from assistant.actions.items import ActionRefused
from assistant.config import find_project
from assistant.interfaces.cli.refusals import action_refusal, catalog_refusal, explain_action
from assistant.resolve.unanswerable import explain_issue
from assistant.wiring import Assistant
from executors.executor import ExecutorError
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue
from metric_catalog.model.definition import Language
from prompts.render import has, render

ANSWERED, FAILED, WRONG_USAGE, WORLD_FAILED = 0, 1, 2, 3
STATUS_BY_CODE = {
    "unknown_metric": FAILED,
    "no_project": WRONG_USAGE,
    "unknown_role": WRONG_USAGE,
    "unknown_revision": WRONG_USAGE,
    "unknown_suite": WRONG_USAGE,
}
"""What ends with another status than a broken definition, which keeps everything from working."""

P = ParamSpec("P")
R = TypeVar("R")

ProjectOption = Annotated[Path | None, typer.Option("--project", help="Project folder.")]
LangOption = Annotated[str | None, typer.Option("--lang", help="zh or en.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RoleOption = Annotated[str | None, typer.Option("--role", help="Ask as this role.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="The day asked, YYYY-MM-DD.")]


class Failure(Exception):
    """A command ends: `code` names the sentence, `status` is the exit code."""

    def __init__(self, code: str, status: int, arguments: Mapping[str, str]) -> None:
        self.code = code
        self.status = status
        self.arguments = arguments
        super().__init__(code)


def environment_language() -> Language:
    """Return the language of the environment: Chinese where it says so, else English."""
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


def language(lang: str | None) -> Language | None:
    """Return the language asked for; ends the command with 2 on any other word."""
    match lang:
        case None | "zh" | "en":
            return lang
        case _:
            fail("wrong_language", WRONG_USAGE, given=lang)


def open_assistant(project: Path | None) -> Assistant:
    """Return the project at work; raises CatalogError where there is none."""
    return Assistant(find_project(Path.cwd(), project))


def check_role(assistant: Assistant, role: str | None) -> Assistant:
    """Return `assistant`, once `role` is known to it; raises CatalogError."""
    assistant.policy(role)
    return assistant


def existing(file: Path) -> Path:
    """Return `file` where it is one; ends the command with 2 where there is none."""
    if not file.is_file():
        fail("no_file", WRONG_USAGE, file=file)
    return file


def existing_lines(file: Path) -> Path:
    """Return `file` where it is JSON objects, one per line; ends the command with 2 otherwise."""
    with existing(file).open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                fits = not line.strip() or isinstance(json.loads(line), dict)
            except (ValueError, RecursionError):
                fits = False
            if not fits:
                fail("not_json_lines", WRONG_USAGE, file=file, line=number)
    return file


def writable(file: Path | None) -> Path | None:
    """Return `file` where its folder is there; ends the command with 2 where it is not."""
    if file is not None and not file.absolute().parent.is_dir():
        fail("no_folder", WRONG_USAGE, folder=file.parent)
    return file


def parse_day(text: str | None) -> dt.date | None:
    """Return the day of `--as-of` or `--due`; ends the command with 2 on anything else."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        fail("wrong_date", WRONG_USAGE, given=text)


def fail(code: str, status: int, **arguments: object) -> NoReturn:
    """End the command with `status` and the sentence of `code` on standard error."""
    raise Failure(code, status, {name: str(value) for name, value in arguments.items()})


def print_json(content: Any) -> None:
    """Print one JSON value on one line; half characters, which no bytes can hold, as escapes."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, default=str)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        text = json.dumps(content, allow_nan=False, default=str)
    typer.echo(text)


@contextmanager
def reported(named: Language | None, as_json: bool = False) -> Iterator[None]:
    """Turn errors of definitions and of the world into one clear sentence each and an exit code.

    `as_json` = what ends with 1 prints an object that says why, and no sentence.
    """
    lang = named or environment_language()
    try:
        yield
    except Failure as failure:
        room = "usage" if has(lang, "usage", failure.code) else "errors"
        typer.echo(render(lang, room, failure.code, **failure.arguments), err=True)
        raise typer.Exit(failure.status) from failure
    except CatalogError as error:
        status = STATUS_BY_CODE.get(error.issues[0].code, WORLD_FAILED)
        if as_json and status == FAILED:
            print_json(catalog_refusal(error.issues, lang))
        else:
            typer.echo(_first_of(error.issues, lang), err=True)
        raise typer.Exit(status) from error
    except ExecutorError as error:
        typer.echo(render(lang, "errors", error.code, **error.arguments), err=True)
        raise typer.Exit(WORLD_FAILED) from error
    except ActionRefused as error:
        if named is None and error.language is not None:
            lang = "zh" if error.language == "zh" else "en"
        if as_json:
            print_json(action_refusal(error, lang))
        else:
            typer.echo(explain_action(error, lang), err=True)
        raise typer.Exit(FAILED) from error
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(ANSWERED) from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        cause = f"{error.strerror or type(error).__name__}{where}"
        typer.echo(render(lang, "errors", "system_failed", cause=cause), err=True)
        raise typer.Exit(WORLD_FAILED) from error


def _first_of(issues: tuple[Issue, ...], lang: Language) -> str:
    """Return the first issue on one line, with how many more `catalog check` shows."""
    text = explain_issue(issues[0], lang)
    if len(issues) > 1:
        text += " " + render(lang, "errors", "more_issues", count=len(issues) - 1)
    return " ".join(text.split())


def report_fault(error: Exception) -> dict[str, str]:
    """Return what a fault of the program's own is told by: its cause and the place in the code."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return {"cause": f"{type(error).__name__}: {error}".split("\n", 1)[0], "place": place}


def command(run: Callable[P, R]) -> Callable[P, R]:
    """Return `run` with its errors reported in the language of `--lang`, else the environment's."""

    @wraps(run)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        chosen = kwargs.get("lang")
        named: Language | None = chosen if chosen in ("zh", "en") else None
        with reported(named, kwargs.get("as_json") is True):
            return run(*args, **kwargs)

    return wrapped
