"""Owns `Answer` and `Receipt`: everything one question got, and what it takes to replay it."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from assistant.insights.charts.spec import ChartSpec
from assistant.insights.finding import Change, Driver, Finding, Segment
from assistant.insights.investigation import Intent
from executors.result import ResultTable
from metric_catalog.query import MetricQuery


@dataclass(frozen=True, slots=True)
class MetricStamp:
    """Which definition answered: id, version, status in force, definition hash, owner."""

    id: str
    version: int
    status: str
    hash: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What anyone needs to replay an answer: same / data moved / definition moved.

    `query` is the canonical JSON, `result_hash` the hash of the rows.
    """

    query: dict[str, Any]
    metrics: tuple[MetricStamp, ...]
    zone: str
    policy: str
    sql: str
    data_as_of: dt.date | None
    result_hash: str
    as_of: dt.date
    assumptions: tuple[str, ...] = ()
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to do: a playbook filled in for this answer.

    `expected_effect` is in the metric's own unit over a period like the one asked;
    `segment` the driver it answers to (`dimension=member`).
    """

    playbook: str
    title: str
    text: str
    action: str
    expected_effect: float | None
    segment: str | None
    owner: str
    due: dt.date
    guard_metric: str | None = None


@dataclass(frozen=True)
class Answer:
    """A question's answer. Texts are in the question's language."""

    id: str
    question: str
    language: str
    intent: Intent
    query: MetricQuery
    metrics: tuple[MetricStamp, ...]
    table: ResultTable | None
    headline: str
    narrative: tuple[str, ...] = ()
    value: float | None = None
    change: Change | None = None
    drivers: tuple[Driver, ...] = ()
    segments: tuple[Segment, ...] = ()
    findings: tuple[Finding, ...] = ()
    chart: ChartSpec | None = None
    recommendations: tuple[Recommendation, ...] = ()
    follow_ups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    receipt: Receipt | None = None
    runners_up: tuple[str, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
