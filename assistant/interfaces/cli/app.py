"""Owns the command `askmetric`: its commands and where each lives."""

import io
import os
import sys

# One thread for numpy's small products: more only wait for each other. Read when numpy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import typer

from assistant.interfaces.cli import (
    acting,
    asking,
    evaluating,
    governing,
    measuring,
    querying,
    serving,
)
from assistant.interfaces.cli.desk import WORLD_FAILED, environment_language, report_fault
from assistant.interfaces.cli.usage import Commands
from prompts.render import render

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("ask")(asking.ask)
app.command("read")(asking.read)
app.command("query")(querying.query)
app.command("explain-table")(measuring.explain_table)
app.add_typer(governing.app, name="catalog")
app.add_typer(acting.app, name="actions")
app.command("replay")(acting.replay)
app.command("requests")(acting.requests)
app.add_typer(evaluating.app, name="eval")
app.command("demo")(serving.demo)
app.command("serve")(serving.serve)


def main() -> None:
    """Run the command line; a letter that the terminal cannot show is shown as `?`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        app()
    except Exception as error:  # noqa: BLE001 - faults of the program itself are caught here once
        lang = environment_language()
        sys.stderr.write(render(lang, "errors", "internal_fault", **report_fault(error)) + "\n")
        sys.exit(WORLD_FAILED)
