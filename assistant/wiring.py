"""Owns the composition: a project's folder in, everything that answers its questions out."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from assistant.compose import Composer
from assistant.config import Project
from assistant.pipeline import Line, query
from assistant.plugins import detectors
from assistant.reading.candidates import Lexicons
from assistant.reading.metric_slot import Meaning, examples_of
from assistant.resolve.gate import Gate
from assistant.sources import Sources, read_sources
from assistant.state.store import Store
from executors.collect.files import is_stale, load_files
from executors.duckdb import DuckDBExecutor, Limits
from executors.result import ResultTable
from metric_catalog.catalog import Catalog
from metric_catalog.expressions import parse_condition
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
    """A project at work. Parts are made when they are first needed, and once."""

    project: Project

    @cached_property
    def catalog(self) -> Catalog:
        """The definitions; raises CatalogError with every issue."""
        settings = self.project.settings
        return load(self.project.metric_files, self.project.root, settings.name,
                    self.project.calendar)  # fmt: skip

    @cached_property
    def executor(self) -> DuckDBExecutor:
        """The engine, on the project's data."""
        data = self.project.settings.data
        files = self.project.data_files
        if files and is_stale(files, self.project.database):
            load_files(files, self.project.database)
        limits = Limits(memory=data.memory, threads=data.threads, milliseconds=data.seconds * 1000)
        return DuckDBExecutor(self.project.database, limits)

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

        return MetricIndex.open(self.catalog, self.project.state_folder / "index")

    @cached_property
    def line(self) -> Line:
        """The straight line of this project."""
        self.executor.data_as_of = self.as_of
        values = ValueIndex(self.sources.entries)

        def nearest(words: str, policy: Policy) -> tuple[tuple[str, str], ...]:
            found = values.search(words, policy, NEAREST_VALUES)
            return tuple(dict.fromkeys((str(o.value), str(o.dimension)) for o in found))

        return Line(
            catalog=self.catalog,
            executor=self.executor,
            lexicons=Lexicons(
                self.catalog, NameIndex.of(self.catalog), values, examples_of(self.catalog)
            ),
            meaning=Meaning(
                lambda text, policy: self.index.search(text, CANDIDATES, policy), _confidence
            ),
            gate=Gate(_confidence, nearest),
            composer=Composer(self.catalog, detectors(), self._first_day, self._record),
        )

    def _first_day(self, metric_id: str) -> dt.date | None:
        return self.sources.first_day(self.catalog.base_models(metric_id)[:1])

    def _record(self) -> Mapping[str, float]:
        return {}

    def policy(self, role: str | None) -> Policy:
        """Return what `role` may see; everyone sees all where the project names no roles."""
        section = self.project.settings.roles.get(role or EVERYONE)
        if section is None:
            return Policy(role or EVERYONE)
        rows = []
        for model, text in section.rows.items():
            rows.append(RowFilter(model, parse_condition(text, f"roles.{role}.rows.{model}")))
        return Policy(
            role or EVERYONE,
            tuple(rows),
            frozenset(section.hidden_metrics),
            frozenset(section.hidden_dimensions),
        )


def _confidence(matches: tuple[MetricMatch, ...]) -> float:
    from retrieval.search import confidence

    return confidence(matches)
