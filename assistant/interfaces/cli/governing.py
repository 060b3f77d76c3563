"""Owns `catalog …`: check, list, show, diff, approve, import, export."""

import datetime as dt
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from assistant.interfaces.cli.desk import (
    FAILED,
    JsonOption,
    LangOption,
    ProjectOption,
    command,
    environment_language,
    language,
    open_assistant,
    print_json,
)
from assistant.resolve.unanswerable import explain_issue
from metric_catalog.check import check as check_catalog
from metric_catalog.errors import CatalogError
from prompts.render import render

app = typer.Typer(no_args_is_help=True, help="The governed metric catalog.")


@app.command()
@command
def check(
    as_json: JsonOption = False, project: ProjectOption = None, lang: LangOption = None
) -> None:
    """Find every fault of the definitions at once."""
    chosen = language(lang) or environment_language()
    assistant = open_assistant(project)
    try:
        catalog = assistant.catalog
        issues = check_catalog(catalog)
    except CatalogError as error:
        issues = error.issues
    errors = [found for found in issues if found.severity == "error"]
    if as_json:
        print_json([{"code": i.code, "severity": i.severity, "place": i.place,
                     "text": explain_issue(i, chosen), "nearest": list(i.nearest)}
                    for i in issues])  # fmt: skip
    else:
        for found in issues:
            typer.echo(f"{found.severity}: {explain_issue(found, chosen)}")
        if not errors:
            counts = {"metrics": len(catalog.metrics), "models": len(catalog.models)}
            warnings = len(issues) - len(errors)
            typer.echo(render(chosen, "card", "check_ok", warnings=warnings, **counts))
    raise typer.Exit(FAILED if errors else 0)


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


def git_user(folder: Path) -> str:
    """Return git's user.name in `folder`, empty where there is none."""
    try:
        done = subprocess.run(
            ["git", "config", "user.name"],  # noqa: S607
            cwd=folder, capture_output=True, text=True, check=False, timeout=10,
        )  # fmt: skip
    except OSError:
        return ""
    return done.stdout.strip()


def today() -> dt.date:
    """Return the day an approval is given."""
    return dt.date.today()
