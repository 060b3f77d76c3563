"""Owns earlier revisions of a project's definitions, as git keeps them."""

import subprocess
import tempfile
from pathlib import Path

from assistant.config import FILE, Project, read_project
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.issues import issue
from metric_catalog.load import load

GIT_SECONDS = 30


def run_git(folder: Path, *words: str) -> str:
    """Return what git prints in `folder`; empty where it fails or is missing."""
    try:
        done = subprocess.run(
            ["git", *words],  # noqa: S607
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=GIT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def revision_catalog(project: Project, revision: str) -> Catalog:
    """Return the catalog as it was at `revision`; raises CatalogError where git has none."""
    if revision.startswith("-") or not run_git(project.root, "rev-parse", "--verify", revision):
        raise CatalogError((issue("unknown_revision", revision=revision),))
    listed = run_git(project.root, "ls-tree", "-r", "--name-only", revision, "--", ".")
    with tempfile.TemporaryDirectory() as place:
        then = _settled(project, revision, Path(place))
        globs = then.settings.metrics.files
        names = [name for name in listed.splitlines() if name.endswith((".yml", ".yaml"))]
        kept = [name for name in names if any(Path(name).match(glob) for glob in globs)]
        for name in kept:
            file = then.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(run_git(project.root, "show", f"{revision}:./{name}"), "utf-8")
        files = sorted(then.root / name for name in kept)
        return load(files, then.root, then.settings.name, then.calendar)


def _settled(project: Project, revision: str, root: Path) -> Project:
    """Return the project as its settings at `revision` made it; today's where they are no good."""
    (root / FILE).write_text(run_git(project.root, "show", f"{revision}:./{FILE}"), "utf-8")
    try:
        return read_project(root)
    except CatalogError:
        return Project(root.resolve(), project.settings)
