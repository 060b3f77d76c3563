"""Owns `eval …`: golden suites, outside requests, periods."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from assistant.interfaces.cli.desk import (
    FAILED,
    WRONG_USAGE,
    AsOfOption,
    JsonOption,
    LangOption,
    ProjectOption,
    command,
    existing,
    existing_lines,
    fail,
    parse_day,
    print_json,
    writable,
)

CONFORMANCE_VARIABLE = "ASKMETRIC_CONFORMANCE"
MODEL_READER = "llm"
SUITE_FORMS = (".yml", ".yaml")
"""A suite's name that ends so is a file."""
RowsOption = Annotated[Path | None, typer.Option("--rows", help="Write one JSON line per case.")]


class RunByDefault(TyperGroup):
    """A group whose unknown first word is an argument of `run`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `run` in front of a word that is no subcommand."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["run", *args]
        rest: list[str] = super().parse_args(ctx, args)
        return rest


app = typer.Typer(no_args_is_help=True, cls=RunByDefault, help="Measured quality.")


@app.command()
@command
def conformance(
    directory: Annotated[Path | None, typer.Argument(metavar="[DIR]")] = None,
    cases: Annotated[Path | None, typer.Option("--cases")] = None,
    tables: Annotated[Path | None, typer.Option("--tables")] = None,
    manifests: Annotated[Path | None, typer.Option("--manifests")] = None,
    as_json: JsonOption = False,
    rows: RowsOption = None,
    lang: LangOption = None,
) -> None:
    """Run outside requests on outside tables and compare."""
    from assistant.pipeline import query
    from eval.conformance import Folder, write_rows
    from eval.conformance import conformance as run
    from metric_catalog.policy import EVERYTHING

    named = os.environ.get(CONFORMANCE_VARIABLE)
    chosen = directory or (Path(named) / "metricflow" if named else None)
    if chosen is None and not (cases and tables and manifests):
        fail("no_conformance", WRONG_USAGE, variable=CONFORMANCE_VARIABLE)
    writable(rows)
    folder = Folder.of(chosen or Path(), cases, tables, manifests)
    existing_lines(folder.cases)
    report = run(folder, lambda asked, catalog, executor: query(
        asked, catalog, executor, EVERYTHING)[1])  # fmt: skip
    if rows is not None:
        write_rows(report, rows)
    content = report.to_json()
    if as_json:
        print_json(content)
    else:
        for name, counts in content["features"].items():
            typer.echo(f"{name:28} " + "  ".join(f"{k} {v}" for k, v in counts.items()))
        for failure in content["failures"]:
            typer.echo(f"{failure['index']}: {failure['verdict']}: {failure['reason']}")
        kinds = ("pass", "unsupported", "wrong", "error", "unjudged")
        typer.echo("  ".join(f"{kind} {content.get(kind, 0)}" for kind in kinds))
    raise typer.Exit(0 if report.passed else FAILED)


@app.command()
@command
def periods(
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl")],
    as_json: JsonOption = False,
    rows: RowsOption = None,
    lang: LangOption = None,
) -> None:
    """Score how periods are read."""
    from eval.periods import score_periods, write_rows

    writable(rows)
    report = score_periods(existing_lines(file))
    if rows is not None:
        write_rows(report.rows, rows)
    content = report.to_json()
    if as_json:
        print_json(content)
        return
    for name, counts in content["languages"].items():
        typer.echo(f"{name}: {counts['right']} of {counts['counted']} ({counts['share']:.1%})")


@app.command()
@command
def run(
    suite: Annotated[str, typer.Argument(metavar="SUITE|FILE")],
    as_of: AsOfOption = None,
    reader: Annotated[str | None, typer.Option("--reader", help="llm")] = None,
    as_json: JsonOption = False,
    junit: Annotated[Path | None, typer.Option("--junit")] = None,
    html: Annotated[Path | None, typer.Option("--html")] = None,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Run a suite of golden questions."""
    from assistant.llm.settings import MODEL_VARIABLE, URL_VARIABLE, read_settings
    from eval.case import read_cases
    from eval.run import run_suite

    if reader not in (None, MODEL_READER):
        fail("unknown_reader", WRONG_USAGE, given=reader)
    if reader and read_settings(os.environ) is None:
        fail("no_language_model", WRONG_USAGE, url=URL_VARIABLE, model=MODEL_VARIABLE)
    day = parse_day(as_of)
    for file in (junit, html):
        writable(file)
    named = Path(suite)
    if named.suffix in SUITE_FORMS and not read_cases(existing(named)):
        fail("no_cases", WRONG_USAGE, file=named)
    raise typer.Exit(run_suite(suite, day, as_json, junit, html, project, reader is not None))
