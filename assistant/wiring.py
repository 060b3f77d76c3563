"""Owns the composition: a project's folder in, everything that answers its questions out."""

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from assistant.compose import Composer
from assistant.config import APPROVALS, FILE, Project
from assistant.llm.chooser import Chooser
from assistant.llm.settings import read_settings
from assistant.pipeline import Line, query
from assistant.plugins import chosen, detectors, language_model, language_packs
from assistant.reading.candidates import Lexicons
from assistant.reading.metric_slot import Meaning, examples_of
from assistant.resolve.assisted import Assist, Assistance
from assistant.resolve.gate import Gate
from assistant.sources import Sources, read_sources
from assistant.state.store import Store
from executors.collect.files import is_stale, load_files
from executors.executor import Engine, ExecutorError, Limits, OpenEngine
from executors.result import ResultTable
from metric_catalog.catalog import Catalog
from metric_catalog.check import broken
from metric_catalog.errors import CatalogError
from metric_catalog.expressions import parse_condition
from metric_catalog.issues import Issue, issue, nearest_names
from metric_catalog.load import load
from metric_catalog.policy import Policy, RowFilter
from metric_catalog.query import Query
from retrieval.match import MetricMatch
from retrieval.names import NameIndex
from retrieval.values import ValueIndex

if TYPE_CHECKING:
    from retrieval.search import MetricIndex

EVERYONE = "everyone"
NEAREST_VALUES = 4
CANDIDATES = 5


@dataclass
class Assistant:
    """A project at work. Parts are made when they are first needed, and once.

    `with_model`: a language model helps to read where the environment names one.
    """

    project: Project
    with_model: bool = True

    @cached_property
    def definitions(self) -> Catalog:
        """The definitions as they stand; raises CatalogError where they cannot be read."""
        settings = self.project.settings
        return load(self.project.metric_files, self.project.root, settings.name,
                    self.project.calendar)  # fmt: skip

    @cached_property
    def catalog(self) -> Catalog:
        """The definitions, sound enough to answer from; raises CatalogError with every issue.

        Where a definition is gone, its nearest neighbour must not answer in its place.
        """
        catalog = self.definitions
        if not self.project.metric_files:
            files = ", ".join(self.project.settings.metrics.files)
            raise CatalogError((issue("no_metric_files", FILE, files=files),))
        faults = (*_vanished(catalog), *broken(catalog))
        if faults:
            raise CatalogError(faults)
        return catalog

    @cached_property
    def executor(self) -> Engine:
        """The engine, on the project's data."""
        data, zone = self.project.settings.data, self.project.settings.calendar.zone
        self._load_files()
        milliseconds = data.seconds * 1000
        limits = Limits(
            memory=data.memory, threads=data.threads, milliseconds=milliseconds, zone=zone
        )
        open_engine: OpenEngine = chosen("executor", data.engine, "data.engine")
        return open_engine(self.project.database, limits)

    def _load_files(self) -> None:
        """Load the project's files where it has no database of its own and they have changed."""
        settings, target = self.project.settings, self.project.database
        if settings.data.database or not settings.data.files:
            return
        files, zone = self.project.data_files, settings.calendar.zone
        if not files:
            raise ExecutorError("no_data_files", files=", ".join(settings.data.files))
        if is_stale(files, target, zone):
            load_files(files, target, zone)

    @cached_property
    def store(self) -> Store:
        """The state."""
        return Store(self.project.state_url)

    @cached_property
    def sources(self) -> Sources:
        """Members and days of the data."""
        folder, whole = self.project.state_folder, Policy(EVERYONE)

        def run(asked: Query) -> ResultTable:
            return query(asked, self.catalog, self.executor, whole)[1]

        return read_sources(self.catalog, self.project.database, folder, run)

    @cached_property
    def as_of(self) -> dt.date:
        """The day asked where nobody names one."""
        chosen = self.project.settings.data.as_of
        if isinstance(chosen, dt.date):
            return chosen
        last = self.sources.last_day() if chosen == "data" else None
        return last + dt.timedelta(days=1) if last else dt.date.today()

    @cached_property
    def index(self) -> "MetricIndex":
        """The index of what metrics mean, beside the state."""
        from retrieval.search import MetricIndex

        name = self.project.settings.retrieval.embedder
        embedder = chosen("embedder", name, "retrieval.embedder")()
        return MetricIndex.open(self.catalog, self.project.state_folder / "index", embedder)

    @cached_property
    def line(self) -> Line:
        """The straight line of this project."""
        self.executor.data_as_of = self.as_of
        values = ValueIndex(self.sources.entries)

        def nearest(words: str, policy: Policy) -> tuple[tuple[str, str], ...]:
            found = values.search(words, policy, NEAREST_VALUES)
            return tuple(dict.fromkeys((str(o.value), str(o.dimension)) for o in found))

        gate = Gate(_confidence, nearest, lambda words: self.index.strangeness(words))
        return Line(
            catalog=self.catalog,
            executor=self.executor,
            lexicons=Lexicons(
                self.catalog,
                NameIndex.of(self.catalog),
                values,
                examples_of(self.catalog),
                language_packs(),
            ),
            meaning=Meaning(
                lambda text, policy: self.index.search(text, CANDIDATES, policy), _confidence
            ),
            gate=gate,
            composer=Composer(self.catalog, detectors(), self._first_day, self._record),
            assist=self._assist(gate),
        )

    def _assist(self, gate: Gate) -> Assist | None:
        settings = read_settings(os.environ) if self.with_model else None
        if settings is None:
            return None
        chooser = Chooser(language_model(settings), settings.model)
        return Assistance(chooser, self.catalog, gate)

    def _first_day(self, metric_id: str) -> dt.date | None:
        return self.sources.first_day(self.catalog.base_models(metric_id)[:1])

    def _record(self) -> Mapping[str, float]:
        return {}

    def policy(self, role: str | None) -> Policy:
        """Return what `role` may see; raises CatalogError where the project has no such role.

        Without a role it is that of `everyone`, who see all where the project does not say.
        """
        roles = self.project.settings.roles
        section = roles.get(role or EVERYONE)
        if section is None:
            if role not in (None, EVERYONE):
                near = nearest_names(role, roles)
                raise CatalogError((issue("unknown_role", nearest=near, role=role),))
            return Policy(EVERYONE)
        rows = []
        for model, text in section.rows.items():
            rows.append(RowFilter(model, parse_condition(text, f"roles.{role}.rows.{model}")))
        return Policy(
            role or EVERYONE,
            tuple(rows),
            frozenset(section.hidden_metrics),
            frozenset(section.hidden_dimensions),
        )


def _vanished(catalog: Catalog) -> tuple[Issue, ...]:
    """Return one issue for each approved metric that no file defines any more."""
    names = dict.fromkeys(approval.metric for approval in catalog.approvals)
    return tuple(
        issue("approved_metric_missing", APPROVALS, metric=name)
        for name in names
        if name not in catalog.metrics
    )


def _confidence(matches: tuple[MetricMatch, ...]) -> float:
    from retrieval.search import confidence

    return confidence(matches)
