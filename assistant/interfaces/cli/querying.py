"""Owns `query`: a typed query over governed metrics, as a table, SQL or a plan."""

import datetime as dt
import json
import re
from collections.abc import Iterable
from typing import Annotated

import typer

from assistant.insights.negative_rates import has_negative_rates, without_negative_rates
from assistant.interfaces.cli.cautions import not_in_force, standing
from assistant.interfaces.cli.desk import (
    FAILED,
    WRONG_USAGE,
    JsonOption,
    LangOption,
    ProjectOption,
    RoleOption,
    check_role,
    command,
    environment_language,
    fail,
    language,
    open_assistant,
    print_json,
)
from assistant.interfaces.cli.refusals import issue_to_json, query_refusal
from assistant.pipeline import query as run_query
from assistant.resolve.unanswerable import explain_issue
from executors.compiler.compile import compile_query
from executors.compiler.grains import check_named_grains
from executors.repeated_keys import UniqueKeys
from executors.statement import Statement
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import parse_condition
from metric_catalog.issues import Issue, issue
from metric_catalog.model.definition import Language
from metric_catalog.periods import Period
from metric_catalog.query import Comparison, Filter, GroupBy, MetricQuery, Order, both
from prompts.render import render

MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?")
MOST_ROWS = 2**31 - 1  # of --limit: databases count rows in 64 bits, nobody reads so many


@command
def query(
    metrics: Annotated[str, typer.Option("--metrics", help="Metric ids, by commas.")] = "",
    group_by: Annotated[str, typer.Option("--group-by", help="Names, by commas.")] = "",
    where: Annotated[list[str] | None, typer.Option("--where", help="A condition.")] = None,
    having: Annotated[list[str] | None, typer.Option("--having", help="On metrics.")] = None,
    start: Annotated[str | None, typer.Option("--start", help="First moment.")] = None,
    end: Annotated[str | None, typer.Option("--end", help="End, exclusive.")] = None,
    compare: Annotated[str | None, typer.Option("--compare", help="previous or year.")] = None,
    grain: Annotated[str | None, typer.Option("--grain", help="Cut time by this.")] = None,
    order: Annotated[list[str] | None, typer.Option("--order", help="NAME or -NAME.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=0, max=MOST_ROWS)] = None,
    as_json: JsonOption = False,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL only.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Print plan and SQL.")] = False,
    role: RoleOption = None,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Run a typed query over governed metrics."""
    chosen = language(lang) or environment_language()
    if not any(name.strip() for name in f"{metrics},{group_by}".split(",")):
        fail("no_query", WRONG_USAGE)
    assistant = check_role(open_assistant(project), role)
    policy, catalog = assistant.policy(role), assistant.catalog
    try:
        asked = _typed(metrics, group_by, where, having, (start, end), compare, grain, order, limit)
        statement = compile_query(asked, catalog, policy, assistant.as_of, explain)
        check_named_grains(catalog, asked)
    except CatalogError as error:
        _report(error, chosen, as_json)
        raise typer.Exit(FAILED) from error
    cautions = list(not_in_force(asked.metrics, catalog))
    if sql or explain:
        _warn(cautions, chosen)
        typer.echo(_explained(statement, chosen) if explain else statement.runnable("duckdb"))
        return
    assistant.executor.data_as_of = assistant.as_of
    try:
        _, table = run_query(asked, catalog, assistant.executor, policy, assistant.as_of)
    except CatalogError as error:
        _report(error, chosen, as_json)
        raise typer.Exit(FAILED) from error
    cautions += UniqueKeys(catalog, assistant.executor).repeated_behind(statement, (asked,))
    if has_negative_rates(table):
        cautions.append(issue("negative_denominator", severity="warning"))
        table = without_negative_rates(table)
    _warn(cautions, chosen)
    if as_json:
        told = [issue_to_json(found, chosen) for found in cautions]
        metrics_told = standing(asked.metrics, catalog)
        print_json({**table.to_json(), "metrics": metrics_told, "warnings": told})
    else:
        typer.echo("\t".join(column.name for column in table.columns))
        for row in table.to_json()["rows"]:
            typer.echo("\t".join("" if cell is None else str(cell) for cell in row))


def _warn(cautions: Iterable[Issue], lang: Language) -> None:
    for found in cautions:
        typer.echo(explain_issue(found, lang), err=True)


def _explained(statement: Statement, lang: Language) -> str:
    """Return the plan, what was done to it, the SQL, and what each placeholder stands for."""
    done = []
    for applied in statement.rewrites:
        code, _, detail = applied.partition(" ")
        done.append(f"- {render(lang, 'codes', f'rewrite.{code}')} {detail}".rstrip())
    values = [f"${name} = {json.dumps(v, ensure_ascii=False)}" for name, v in statement.parameters]
    parts = {
        "explain_plan": [statement.plan],
        "explain_done": done,
        "explain_sql": [statement.sql("duckdb", pretty=True)],
        "explain_values": values,
    }
    shown = [
        "\n".join([render(lang, "card", key), *lines]) for key, lines in parts.items() if lines
    ]
    return "\n\n".join(shown)


def _report(error: CatalogError, lang: Language, as_json: bool) -> None:
    if as_json:
        print_json(query_refusal(error.issues, lang))
    else:
        for found in error.issues:
            typer.echo(explain_issue(found, lang), err=True)


def _typed(
    metrics: str,
    group_by: str,
    where: list[str] | None,
    having: list[str] | None,
    bounds: tuple[str | None, str | None],
    compare: str | None,
    grain: str | None,
    order: list[str] | None,
    limit: int | None,
) -> MetricQuery:
    if compare not in (None, "previous", "year"):
        fail("wrong_comparison", WRONG_USAGE, given=compare)
    names = [name for item in order or () for name in item.split(",") if name]
    period = _period(*bounds)
    return MetricQuery(
        metrics=tuple(name.strip() for name in metrics.split(",") if name.strip()),
        group_by=tuple(GroupBy(n.strip()) for n in group_by.split(",") if n.strip()),
        filters=_conjunction(where),
        having=_conjunction(having),
        periods=(period,) if period else (),
        comparison=Comparison("previous" if compare == "previous" else "year") if compare else None,
        grain=grain,
        order=tuple(Order(name.lstrip("-"), name.startswith("-")) for name in names),
        limit=limit,
    )


def _conjunction(texts: list[str] | None) -> Filter | None:
    result: Filter | None = None
    for text in texts or ():
        result = both(result, parse_condition(text))
    return result


def _period(start: str | None, end: str | None) -> Period | None:
    if start is None and end is None:
        return None
    bounds = _moment(start), _moment(end)
    try:
        return Period(*bounds)
    except ValueError:
        fail("wrong_period", WRONG_USAGE, start=start, end=end)


def _moment(text: str | None) -> dt.datetime | None:
    """Return an ISO date or timestamp; ends the command with 2 on anything else."""
    if text is None:
        return None
    try:
        if MOMENT.fullmatch(text):
            return dt.datetime.fromisoformat(text)
    except ValueError:
        pass
    fail("wrong_moment", WRONG_USAGE, given=text)
