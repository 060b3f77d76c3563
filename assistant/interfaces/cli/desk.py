"""Owns what every command needs: the project, the language, exit codes, errors as one sentence."""

import datetime as dt
import json
import locale
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

from assistant.actions.items import UnknownAnswer
from assistant.config import find_project
from assistant.resolve.unanswerable import explain_issue
from assistant.wiring import Assistant
from executors.executor import ExecutorError
from metric_catalog.errors import CatalogError
from metric_catalog.model.definition import Language
from prompts.render import has, render

ANSWERED, FAILED, WRONG_USAGE, WORLD_FAILED = 0, 1, 2, 3
P = ParamSpec("P")
R = TypeVar("R")

ProjectOption = Annotated[Path | None, typer.Option("--project", help="Project folder.")]
LangOption = Annotated[str | None, typer.Option("--lang", help="zh or en.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="The day asked, YYYY-MM-DD.")]


def environment_language() -> Language:
    """Return the language of the environment: Chinese where it says so, else English."""
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


def language(lang: str | None) -> Language | None:
    """Return the language asked for; ends the command with 2 on any other word."""
    if lang is None or lang in ("zh", "en"):
        return lang  # type: ignore[return-value]
    fail("wrong_language", WRONG_USAGE, environment_language(), given=lang)
    return None


def open_assistant(project: Path | None) -> Assistant:
    """Return the project at work; raises CatalogError where there is none."""
    return Assistant(find_project(Path.cwd(), project))


def parse_day(text: str | None) -> dt.date | None:
    """Return the day of `--as-of` or `--due`; ends the command with 2 on anything else."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        fail("wrong_date", WRONG_USAGE, environment_language(), given=text)
        return None


def fail(code: str, status: int, lang: Language, **arguments: object) -> None:
    """Print the sentence of `code` on standard error and end with `status`."""
    typer.echo(render(lang, "errors", code, **arguments), err=True)
    raise typer.Exit(status)


def print_json(content: Any) -> None:
    """Print one JSON value on one line."""
    typer.echo(json.dumps(content, ensure_ascii=False, allow_nan=False, default=str))


@contextmanager
def reported(lang: Language) -> Iterator[None]:
    """Turn errors of definitions and of the world into one clear sentence each and an exit code."""
    try:
        yield
    except CatalogError as error:
        for found in error.issues:
            typer.echo(explain_issue(found, lang), err=True)
        raise typer.Exit(WORLD_FAILED) from error
    except ExecutorError as error:
        typer.echo(render(lang, "errors", error.code, **error.arguments), err=True)
        raise typer.Exit(WORLD_FAILED) from error
    except UnknownAnswer as error:
        room = "card" if has(lang, "card", error.code) else "errors"
        typer.echo(render(lang, room, error.code, **error.arguments), err=True)
        raise typer.Exit(FAILED) from error
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(ANSWERED) from None
    except OSError as error:
        cause = error.strerror or type(error).__name__
        typer.echo(render(lang, "errors", "system_failed", cause=cause), err=True)
        raise typer.Exit(WORLD_FAILED) from error


def command(run: Callable[P, R]) -> Callable[P, R]:
    """Return `run` with its errors reported in the language of `--lang`, else the environment's."""

    @wraps(run)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        chosen = kwargs.get("lang")
        lang: Language = "zh" if chosen == "zh" else "en" if chosen else environment_language()
        with reported(lang):
            return run(*args, **kwargs)

    return wrapped
