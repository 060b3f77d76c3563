"""Owns wrong usage: what the command line cannot be read as, in one sentence, ending with 2."""

import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer._click.exceptions import (
    BadOptionUsage,
    BadParameter,
    MissingParameter,
    NoArgsIsHelpError,
    NoSuchOption,
    UsageError,
)
from typer.core import TyperGroup

from assistant.interfaces.cli.desk import WRONG_USAGE, environment_language
from metric_catalog.model.definition import Language
from prompts.render import render


class Commands(TyperGroup):
    """The commands; whatever is wrong with the words behind them is said in one sentence."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Run a command; ends with 2 where its words cannot be read."""
        words = list(sys.argv[1:] if args is None else args)
        try:
            ended = super().main(words, *rest, **{**options, "standalone_mode": False})
        except NoArgsIsHelpError as error:
            error.show()
            ended = WRONG_USAGE
        except UsageError as error:
            typer.echo(explain_usage(error, language_of(words)), err=True)
            ended = WRONG_USAGE
        sys.exit(ended if isinstance(ended, int) else 0)


def language_of(words: Sequence[str]) -> Language:
    """Return the language that `--lang` names among the words, else the environment's."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        named = following if word == "--lang" else word.removeprefix("--lang=")
        if named in ("zh", "en") and word.startswith("--lang"):
            return "zh" if named == "zh" else "en"
    return environment_language()


def explain_usage(error: UsageError, lang: Language) -> str:
    """Return what is wrong with the words of a command, as one sentence."""
    command = error.ctx.command_path if error.ctx else "askmetric"

    def say(key: str, **arguments: object) -> str:
        text = render(lang, "usage", key, command=command, **arguments)
        return " ".join(f"{text} {render(lang, 'usage', 'see_help', command=command)}".split())

    match error:
        case MissingParameter():
            return say("missing", name=_name(error))
        case NoSuchOption():
            near = " / ".join(f"`{name}`" for name in error.possibilities or ())
            key = "unknown_option_near" if near else "unknown_option"
            return say(key, name=error.option_name, near=near)
        case BadOptionUsage():
            takes = "requires" in error.message
            return say("no_value" if takes else "no_value_taken", name=error.option_name)
        case BadParameter():
            return say("bad_number" if _is_number(error) else "bad_value", name=_name(error))
        case _:
            return _of_words(error, say)


def _of_words(error: UsageError, say: Any) -> str:
    """What is said of words that are neither options nor their values."""
    quoted = error.message.split("'")
    if error.message == "Missing command.":
        return str(say("missing", name="COMMAND"))
    if error.message.startswith("No such command") and len(quoted) > 1:
        return str(say("unknown_command", name=quoted[1]))
    if "unexpected extra argument" in error.message:
        extra = error.message.partition("(")[2].rpartition(")")[0]
        return str(say("too_many_words", name=extra))
    return str(say("other", cause=error.message))


def _name(error: BadParameter) -> str:
    """The option or the argument that it is about, as people write it."""
    parameter = error.param
    if parameter is None:
        return str(error.param_hint or "")
    if parameter.param_type_name == "option":
        return parameter.opts[0]
    return (parameter.metavar or parameter.name or "").upper()


def _is_number(error: BadParameter) -> bool:
    return "valid integer" in error.message or " or equal to " in error.message
