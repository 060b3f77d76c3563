"""Owns earlier revisions of a project's definitions, as git keeps them."""

import subprocess
import tempfile
from pathlib import Path

from assistant.config import Project
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
    names = [name for name in listed.splitlines() if name.endswith((".yml", ".yaml"))]
    globs = project.settings.metrics.files
    kept = [name for name in names if any(Path(name).match(glob) for glob in globs)]
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for name in kept:
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(run_git(project.root, "show", f"{revision}:./{name}"), "utf-8")
        files = sorted(root / name for name in kept)
        return load(files, root, project.settings.name, project.calendar)
