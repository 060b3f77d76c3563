"""Owns `catalog …`: check, list, show, diff, approve, import, export."""

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from assistant.authors import History, changed_unsigned, unsigned_changes
from assistant.interfaces.cli.desk import (
    FAILED,
    WORLD_FAILED,
    WRONG_USAGE,
    JsonOption,
    LangOption,
    ProjectOption,
    command,
    environment_language,
    existing,
    fail,
    language,
    open_assistant,
    print_json,
    writable,
)
from assistant.interfaces.cli.refusals import catalog_refusal, issue_to_json
from assistant.resolve.unanswerable import explain_issue
from assistant.revisions import revision_catalog
from assistant.wiring import Assistant
from executors.executor import ExecutorError
from executors.last_days import last_days
from executors.repeated_keys import repeats
from metric_catalog.approvals import approve as approve_metric
from metric_catalog.approvals import write_approval
from metric_catalog.catalog import Catalog
from metric_catalog.check import check as check_catalog
from metric_catalog.check import check_sources
from metric_catalog.diff import diff as changes_of
from metric_catalog.errors import CatalogError
from metric_catalog.interchange.dbt import import_manifest
from metric_catalog.interchange.listing import listing, to_markdown
from metric_catalog.interchange.manifest import LossItem
from metric_catalog.interchange.written import write_catalog
from metric_catalog.issues import Issue
from metric_catalog.lines import line_of
from metric_catalog.load import load_all
from metric_catalog.model.definition import Language
from prompts.render import render, sentences

app = typer.Typer(no_args_is_help=True, help="The governed metric catalog.")


@app.command()
@command
def check(
    as_json: JsonOption = False, project: ProjectOption = None, lang: LangOption = None
) -> None:
    """Find every fault of the definitions at once."""
    chosen = language(lang) or environment_language()
    assistant = open_assistant(project)
    settings = assistant.project.settings
    files, root = assistant.project.metric_files, assistant.project.root
    catalog, unreadable = load_all(files, root, settings.name, assistant.project.calendar)
    from_data = _check_data(assistant, catalog, chosen)
    unsigned = () if unreadable else unsigned_changes(History(assistant.project, catalog))
    issues = (unreadable or check_catalog(catalog)) + unsigned + (from_data or ())
    errors = [found for found in issues if found.severity == "error"]
    lines = [line_of(root, found.place) for found in issues]
    if as_json:
        told = zip(issues, lines, strict=True)
        print_json([{**issue_to_json(found, chosen), "line": line} for found, line in told])
    else:
        for found, line in zip(issues, lines, strict=True):
            where = "" if line is None else render(chosen, "errors", "at_line", line=line)
            typer.echo(f"{found.severity}: {explain_issue(found, chosen)}{where}")
        if not errors and from_data is not None:
            counts = {"metrics": len(catalog.metrics), "models": len(catalog.models)}
            warnings = len(issues) - len(errors)
            typer.echo(render(chosen, "card", "check_ok", warnings=warnings, **counts))
    raise typer.Exit(FAILED if errors else WORLD_FAILED if from_data is None else 0)


def _check_data(assistant: Assistant, catalog: Catalog, lang: Language) -> tuple[Issue, ...] | None:
    """Return what the data does not bear out; says so where there is none to look at.

    None where it should be there and cannot be read: then nothing can be said of it.
    """
    try:
        columns = assistant.executor.columns()
    except ExecutorError as error:
        typer.echo(render(lang, "errors", error.code, **error.arguments), err=True)
        return () if error.code == "no_data_files" else None
    days = last_days(catalog, assistant.executor)
    repeated = repeats(catalog, assistant.executor)
    return check_sources(catalog, columns, days, repeated, assistant.as_of)


@app.command("tables")
@command
def list_tables(
    as_json: JsonOption = False, project: ProjectOption = None, lang: LangOption = None
) -> None:
    """List the tables of the data with their columns and types: what definitions can read."""
    columns = open_assistant(project).executor.columns()
    if as_json:
        print_json(columns)
        return
    for table, types in columns.items():
        typer.echo(table)
        for name, kind in types.items():
            typer.echo(f"  {name:30} {kind}")


@app.command("list")
@command
def list_metrics(
    as_json: JsonOption = False, project: ProjectOption = None, lang: LangOption = None
) -> None:
    """List every metric with its status in force."""
    chosen = language(lang) or environment_language()
    catalog = open_assistant(project).catalog
    rows = [
        {
            "id": metric.id,
            "name": metric.name.model_dump(),
            "type": metric.of.type,
            "status": catalog.status_of(metric.id),
            "version": metric.version,
            "owner": metric.owner,
            "domain": metric.domain,
            "unit": metric.unit,
        }
        for metric in catalog.metrics.values()
    ]
    if as_json:
        print_json(rows)
        return
    for metric in catalog.metrics.values():
        status = catalog.status_of(metric.id)
        typer.echo(f"{metric.id:32} {status:12} {metric.name[chosen]}")


@app.command()
@command
def show(
    metric_id: Annotated[str, typer.Argument(metavar="ID")],
    as_json: JsonOption = False,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Show one definition whole, with its status, hash and dimensions."""
    chosen = language(lang) or environment_language()
    catalog = open_assistant(project).catalog
    metric = catalog.metric(metric_id)
    content = {
        **metric.model_dump(mode="json"),
        "status_in_force": catalog.status_of(metric_id),
        "hash": catalog.hash_of(metric_id),
        "place": catalog.places.get(f"metrics:{metric_id}", ""),
        "allowed_dimensions": [catalog.canonical(p) for p in catalog.dimensions_of(metric_id)],
    }
    if as_json:
        print_json(content)
        return
    import yaml

    title = f"{metric.name[chosen]} ({metric.id}@{metric.version})"
    typer.echo(f"{title}\n{metric.caliber[chosen]}\n")
    shown = {key: value for key, value in content.items() if value not in (None, "", [], {})}
    typer.echo(yaml.safe_dump(shown, allow_unicode=True, sort_keys=False))


@app.command()
@command
def approve(
    metric_id: Annotated[str, typer.Argument(metavar="ID")],
    by: Annotated[str | None, typer.Option("--by", help="Defaults to git's user.name.")] = None,
    why: Annotated[str, typer.Option("--why")] = "",
    as_json: JsonOption = False,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Approve the present meaning of a metric; its author cannot."""
    chosen = language(lang) or environment_language()
    assistant = open_assistant(project)
    history = History(assistant.project, assistant.catalog)
    name = history.user[0] if by is None else by
    try:
        unsigned = changed_unsigned(history, metric_id, name)
        today = dt.date.today()
        given = approve_metric(assistant.catalog, metric_id, name, why, today, unsigned)
    except CatalogError as error:
        if as_json:
            print_json(catalog_refusal(error.issues, chosen))
        for found in () if as_json else error.issues:
            typer.echo(explain_issue(found, chosen), err=True)
        raise typer.Exit(FAILED) from error
    write_approval(assistant.project.approvals_file, given)
    if as_json:
        print_json(given.model_dump(mode="json"))
        return
    typer.echo(render(chosen, "card", "approved", metric=metric_id, by=given.by, hash=given.hash))


@app.command()
@command
def diff(
    revision: Annotated[str, typer.Argument(metavar="[REV]")] = "HEAD",
    as_json: JsonOption = False,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Show per metric what changed in meaning since a revision, and what that does to the data."""
    from eval.impact import impacts

    chosen = language(lang) or environment_language()
    assistant = open_assistant(project)
    changes = changes_of(revision_catalog(assistant.project, revision), assistant.definitions)
    reports = impacts(assistant, revision, changes)
    if as_json:
        print_json([report.to_json() for report in reports])
        return
    if not reports:
        typer.echo(render(chosen, "card", "nothing_changed", revision=revision))
    for report in reports:
        typer.echo("\n".join(report.lines(chosen)))


@app.command("import")
@command
def import_definitions(
    kind: Annotated[str, typer.Argument(metavar="dbt")],
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST")],
    out: Annotated[Path, typer.Option("--out", help="A folder for the metric files.")],
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Import a dbt semantic manifest, with a report of what was kept, approximated, dropped."""
    chosen = language(lang) or environment_language()
    if kind != "dbt":
        fail("unknown_import", WRONG_USAGE, kind=kind)
    try:
        result = import_manifest(existing(manifest))
        files = write_catalog(result.catalog, out)
    except CatalogError as error:
        if as_json:
            told = [issue_to_json(found, chosen) for found in error.issues]
            print_json({**catalog_refusal(error.issues, chosen), "issues": told})
        for found in () if as_json else error.issues:
            typer.echo(explain_issue(found, chosen), err=True)
        unreadable = isinstance(error.__cause__, OSError)  # a broken file was read well enough
        raise typer.Exit(WORLD_FAILED if unreadable else FAILED) from error
    if as_json:
        report = [{**asdict(item), "text": _told(item, chosen)} for item in result.report]
        print_json({"files": [str(file) for file in files], "report": report})
        return
    for item in result.report:
        typer.echo(_told(item, chosen))
    for file in files:
        typer.echo(render(chosen, "card", "written", file=file))


def _told(item: LossItem, lang: Language) -> str:
    """Return what became of one item of the source, in words."""
    if not item.reason:
        return render(lang, "card", "import_kept", place=item.place)
    sentence = render(lang, "errors", item.reason)
    key = "import_lost_detail" if item.detail else "import_lost"
    return render(lang, "card", key, place=item.place, sentence=sentence, detail=item.detail)


@app.command()
@command
def export(
    form: Annotated[str, typer.Option("--format", help="md or xlsx")] = "md",
    out: Annotated[Path | None, typer.Option("--out", help="Where to; md prints without.")] = None,
    project: ProjectOption = None,
    lang: LangOption = None,
) -> None:
    """Write the metric list that people put on the wall."""
    chosen = language(lang) or environment_language()
    if form not in ("md", "xlsx"):
        fail("unknown_format", WRONG_USAGE, given=form)
    writable(out)
    assistant = open_assistant(project)
    headings = sentences(chosen, "listing")
    table = listing(assistant.catalog, chosen, sentences(chosen, "codes"))
    if form == "xlsx":
        from assistant.exports.listing import write_xlsx

        file = out or Path(f"{assistant.project.settings.name}_metrics.xlsx")
        write_xlsx(table, headings, file)
        typer.echo(render(chosen, "card", "written", file=file))
        return
    text = to_markdown(table, headings)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text, encoding="utf-8")
        typer.echo(render(chosen, "card", "written", file=out))
