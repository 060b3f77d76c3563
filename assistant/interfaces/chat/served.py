"""Owns what is served: the assistant in use, replaced when its files change and still load.

A definition or a database that cannot be loaded changes nothing: what was loaded before goes on
answering, and `problem` says why it was kept.
"""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from assistant.config import APPROVALS, FILE, Project, read_project
from assistant.insights.labels import Labels
from assistant.interfaces.chat.own_copy import own_executor
from assistant.resolve.unanswerable import explain_issue
from assistant.wiring import Assistant
from executors.executor import Engine, ExecutorError
from metric_catalog.catalog import Catalog
from metric_catalog.errors import CatalogError
from metric_catalog.issues import Issue
from metric_catalog.model.definition import Language
from prompts.render import has, render

MOST_ISSUES = 3
Stamp = tuple[tuple[str, int, int], ...]
Problem = CatalogError | ExecutorError
R = TypeVar("R")


@dataclass
class Served:
    """The assistant in use. Safe to use from several threads."""

    assistant: Assistant
    problem: Problem | None = None
    _files: Stamp = ()
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _warm: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def load(cls, assistant: Assistant) -> "Served":
        """Return `assistant` ready to answer; raises CatalogError or ExecutorError."""
        served = cls(assistant)
        served._files = files_of(assistant.project)
        assistant.executor = own_executor(assistant.executor, assistant.project)
        _open(assistant)
        return served

    @property
    def catalog(self) -> Catalog:
        """The definitions in use."""
        return self.assistant.catalog

    @property
    def as_of(self) -> dt.date:
        """The day asked where nobody names one."""
        return self.assistant.as_of

    def labels(self, language: Language) -> Labels:
        """Return the labels of the definitions in use."""
        return Labels(self.catalog, language)

    def warm(self) -> None:
        """Load what the first question found by meaning needs. Others wait until it is there."""
        with self._lock:
            try:
                _ = self.assistant.index
            finally:
                self._warm.set()

    def run(self, work: Callable[[Assistant], R]) -> R:
        """Return what `work` gives on the assistant in use; one at a time until it is warm."""
        if self._warm.is_set():
            return work(self.assistant)
        with self._lock:
            return work(self.assistant)

    def close(self) -> None:
        """Close the connections to data and state."""
        with self._lock:
            self.assistant.executor.close()
            self.assistant.store.engine.dispose()

    def refresh(self) -> None:
        """Load definitions and data again where their files changed; keep the old where not."""
        with self._lock:
            project = self.assistant.project
            found = files_of(project)
            if found == self._files:
                return
            data_moved = _of_data(project, found) != _of_data(project, self._files)
            self._files = found
            try:
                self.assistant = _load_again(self.assistant, data_moved)
                self.problem = None
            except (CatalogError, ExecutorError) as error:
                self.problem = error
            except OSError as error:
                cause = error.strerror or type(error).__name__
                self.problem = ExecutorError("system_failed", cause=cause)


def files_of(project: Project) -> Stamp:
    """Return name, size and time of change of every file that the project is made of."""
    files = [
        project.root / FILE, project.approvals_file, *project.metric_files, *project.data_files,
    ]  # fmt: skip
    if not project.data_files:
        files.append(project.database)
    found = []
    for file in dict.fromkeys(files):
        try:
            state = file.stat()
        except OSError:
            continue
        found.append((str(file), state.st_size, state.st_mtime_ns))
    return tuple(found)


def _of_data(project: Project, stamp: Stamp) -> Stamp:
    definitions = {str(file) for file in (*project.metric_files, project.root / FILE)}
    kinds = (".yml", ".yaml", ".toml", APPROVALS)
    return tuple(s for s in stamp if s[0] not in definitions and not s[0].endswith(kinds))


def _load_again(old: Assistant, data_moved: bool) -> Assistant:
    """Return a new assistant on the same folder; raises what loading raises."""
    new = Assistant(read_project(old.project.root))
    same_data = old.project.settings.data == new.project.settings.data and not data_moved
    new.executor = old.executor if same_data else own_executor(new.executor, new.project)
    _open(new)
    _ = new.index
    return new


def _open(assistant: Assistant) -> None:
    """Make what every question needs: definitions, connection, members, state."""
    _ = assistant.catalog
    _try(assistant.executor)
    _ = assistant.line
    _ = assistant.store.engine


def _try(executor: Engine) -> None:
    executor.columns()


def explain(error: Problem, language: Language) -> str:
    """Return the sentence of an error of definitions or of the world."""
    if isinstance(error, ExecutorError):
        room = "errors" if has(language, "errors", error.code) else "card"
        return render(language, room, error.code, **error.arguments)
    return " ".join(explain_issue(found, language) for found in _first(error.issues))


def _first(issues: tuple[Issue, ...]) -> tuple[Issue, ...]:
    return issues[:MOST_ISSUES]
