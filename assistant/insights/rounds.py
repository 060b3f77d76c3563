"""Owns the rounds: detectors ask, their queries are merged and run together, at most four times."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from assistant.insights.answered import Answered
from assistant.insights.finding import Finding
from assistant.insights.investigation import (
    MAX_ROUNDS,
    Ask,
    Detector,
    Done,
    Intent,
    Investigation,
)
from executors.result import ResultTable
from metric_catalog.query import CubeQuery, Query

Run = Callable[[tuple[Query, ...]], Mapping[Query, ResultTable]]

CUT, UNANSWERED = "cut", "unanswered"
ORDER = (
    "quality", "change", "drivers", "identity", "segments", "trend", "anomaly", "change_point",
    "attainment", "cross_section", "opportunity", "concentration", "ranking_change", "forecast",
    "influence",
)  # fmt: skip
"""In which order detectors speak; unknown ones come last."""


class ForIntents(Detector, Protocol):
    """A detector that says which intents it serves; what a plugin registers."""

    @property
    def intents(self) -> tuple[Intent, ...]:
        """The intents it is run for."""
        ...


def choose_detectors(intent: Intent, registered: Iterable[ForIntents]) -> tuple[Detector, ...]:
    """Return the registered detectors that serve `intent`, in the order they speak."""
    fitting = [detector for detector in registered if intent in detector.intents]
    return tuple(sorted(fitting, key=lambda detector: _place(detector.name)))


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


@dataclass
class _Rounds:
    """What has been asked, answered and found so far."""

    investigation: Investigation
    tables: Answered = field(default_factory=Answered)
    found: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    unanswered: list[Query] = field(default_factory=list)

    def step(self, detectors: Sequence[Detector]) -> tuple[list[Detector], tuple[Query, ...]]:
        """Let each detector speak; return those that wait, and the queries they wait for."""
        waiting: list[Detector] = []
        asked: dict[Query, None] = {}
        for detector in detectors:
            match detector.step(self.investigation, self.tables):
                case Done(findings):
                    self.found[detector.name] = findings
                case Ask(queries):
                    new = [query for query in queries if query not in self.tables]
                    asked.update(dict.fromkeys(new))
                    if new:
                        waiting.append(detector)
                    else:  # it asks for what it has: it would never end
                        self.found[detector.name] = (self._cut(detector),)
        return waiting, tuple(asked)

    def answer(self, asked: tuple[Query, ...], run: Run) -> None:
        """Run the queries together; one that cannot be answered becomes an empty table."""
        self.tables.update(run(asked))
        for query in asked:
            if query not in self.tables:
                self.tables[query] = ResultTable(query, (), ())
                self.unanswered.append(query)

    def _cut(self, detector: Detector) -> Finding:
        subject = self.investigation.metric.id
        facts = (("code", CUT), ("detector", detector.name), ("rounds", MAX_ROUNDS))
        return Finding("quality", subject, facts=facts)

    def cut(self, detectors: Sequence[Detector]) -> None:
        """End the detectors that still wait after the last round."""
        for detector in detectors:
            self.found[detector.name] = (self._cut(detector),)

    def findings(self, detectors: Sequence[Detector]) -> tuple[Finding, ...]:
        """All findings in the detectors' order, matters of quality first."""
        found = [finding for d in detectors for finding in self.found.get(d.name, ())]
        subject = self.investigation.metric.id
        queries = tuple(query for query in self.unanswered if _metric(query) == subject)
        if queries:
            facts = (("code", UNANSWERED), ("queries", len(queries)))
            found.append(Finding("quality", subject, facts=facts, queries=queries))
        return tuple(sorted(found, key=lambda finding: finding.kind != "quality"))


def _metric(query: Query) -> str:
    return query.metric if isinstance(query, CubeQuery) else (*query.metrics, "")[0]


def investigate(
    investigation: Investigation, detectors: Sequence[Detector], run: Run
) -> tuple[Finding, ...]:
    """Return what all detectors found.

    The queries of a round are de-duplicated and run together, `MAX_ROUNDS` times at most; a
    detector that would ask on is ended with a finding of kind `quality` (code `cut`). `run` may
    leave out a query that cannot be answered: its detectors see an empty table without columns,
    and where it was about the metric itself, a finding of kind `quality` says so (`unanswered`).
    """
    rounds = _Rounds(investigation)
    waiting, asked = rounds.step(detectors)
    for _ in range(MAX_ROUNDS):
        if not waiting:
            break
        rounds.answer(asked, run)
        waiting, asked = rounds.step(waiting)
    rounds.cut(waiting)
    return rounds.findings(detectors)
