"""Owns `explain-table`: which segments of a table of leaves moved against expectation."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.interfaces.cli.desk import (
    ANSWERED,
    FAILED,
    WRONG_USAGE,
    JsonOption,
    LangOption,
    command,
    environment_language,
    existing,
    fail,
    language,
    print_json,
)
from executors.executor import ExecutorError
from metric_catalog.model.definition import Language
from prompts.render import render

if TYPE_CHECKING:
    from assistant.insights.localise.leaves import TableProblem


@command
def explain_table(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.parquet…")],
    dimensions: Annotated[str, typer.Option("--dimensions", help="Column names, by commas.")],
    actual: Annotated[str, typer.Option("--actual")],
    expected: Annotated[str, typer.Option("--expected")],
    actual_denominator: Annotated[str | None, typer.Option("--actual-denominator")] = None,
    expected_denominator: Annotated[str | None, typer.Option("--expected-denominator")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Find the segments that explain why actual differs from expected, one line per file."""
    from assistant.insights.explain_table import explain_table as explain
    from assistant.insights.localise.leaves import TableProblem
    from executors.collect.tables import read_table

    chosen = language(lang) or environment_language()
    if (actual_denominator is None) != (expected_denominator is None):
        fail("two_denominators", WRONG_USAGE)
    names = [name.strip() for name in dimensions.split(",") if name.strip()]
    broken = False
    for file in files:
        try:
            # the frame is nobody else's, so that it is gone once its leaves are read
            found = explain(
                read_table(existing(file)), names, actual, expected, actual_denominator,
                expected_denominator,
            )  # fmt: skip
        except ExecutorError as error:
            fail("unreadable_table", WRONG_USAGE, file=file, cause=error.arguments["cause"])
        if isinstance(found, TableProblem):
            broken = True
            _report(file, found, chosen, as_json)
            continue
        content = found.to_json(str(file))
        reason = found.unjudged
        text = render(chosen, "errors", f"table_{reason}") if reason else None
        if as_json:
            print_json({**content, "unjudged": {"code": reason, "text": text} if text else None})
            continue
        if text:
            typer.echo(f"{file}: {text}")
            continue
        typer.echo(f"{file}: {len(found.causes)}")
        for cause in found.causes:
            elements = " & ".join(cause.elements)
            typer.echo(f"  {elements}  {cause.effect:+,.4g}  ({cause.score:.1f})")
    raise typer.Exit(FAILED if broken else ANSWERED)


def _report(file: Path, problem: "TableProblem", lang: Language, as_json: bool) -> None:
    """Say what makes an answer impossible; other files go on."""
    text = render(lang, "errors", f"table_{problem.code}", name=problem.column)
    if as_json:
        print_json({"file": str(file), "causes": [], "normal": True, "seconds": 0.0,
                    "problem": {"code": problem.code, "text": text}})  # fmt: skip
    else:
        typer.echo(f"{file}: {text}", err=True)
