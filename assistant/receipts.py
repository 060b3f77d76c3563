"""Owns receipts: what an answer rests on, and the replay that says what has moved since."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal

from assistant.insights.answer import MetricStamp, Receipt
from assistant.question import Question
from executors.result import ResultTable
from executors.statement import Statement
from metric_catalog.catalog import Catalog
from metric_catalog.policy import Policy
from metric_catalog.query import MetricQuery
from metric_catalog.query_json import to_json

HASH_LENGTH = 16
SIGNIFICANT_DIGITS = 12

Verdict = Literal["same", "data_moved", "definition_moved"]


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found: the verdict and both values of the first metric."""

    verdict: Verdict
    then: float | None
    now: float | None
    moved: tuple[str, ...] = ()


def stamp(metric_id: str, catalog: Catalog) -> MetricStamp:
    """Return which definition of a metric is in force."""
    metric = catalog.metric(metric_id)
    return MetricStamp(
        metric.id,
        metric.version,
        catalog.status_of(metric_id),
        catalog.hash_of(metric_id),
        metric.owner,
    )


def write_receipt(
    question: Question,
    query: MetricQuery,
    catalog: Catalog,
    policy: Policy,
    statement: Statement,
    table: ResultTable,
    assumptions: tuple[str, ...],
) -> Receipt:
    """Return the receipt of one answer."""
    return Receipt(
        query=to_json(query),
        metrics=tuple(stamp(metric, catalog) for metric in query.metrics),
        zone=catalog.calendar.zone,
        policy=policy.subject,
        sql=statement.runnable("duckdb"),
        data_as_of=table.data_as_of,
        result_hash=result_hash(table),
        as_of=question.as_of,
        assumptions=assumptions,
    )


def result_hash(table: ResultTable) -> str:
    """Return the hash of the rows as a multiset; floats count to twelve digits."""
    rows = sorted(json.dumps([_rounded(cell) for cell in row], default=str) for row in table.rows)
    names = [column.name for column in table.columns]
    text = json.dumps([names, rows], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_LENGTH]


def _rounded(cell: Any) -> Any:
    return f"{cell:.{SIGNIFICANT_DIGITS}g}" if isinstance(cell, float) else cell


def answer_id(question: Question, query: MetricQuery | None, hashes: tuple[str, ...]) -> str:
    """Return the id of an answer: the same question, query, day and data give the same id."""
    whole = [question.text, question.language, str(question.as_of), question.asker]
    whole += [json.dumps(to_json(query), sort_keys=True) if query else "", *hashes]
    return hashlib.sha256("\x1f".join(whole).encode()).hexdigest()[:12]


def compare_receipts(
    stored: dict[str, Any], now: Receipt, then_value: float | None, now_value: float | None
) -> Replay:
    """Return what moved between a stored receipt and one made now."""
    before = {metric["id"]: metric["hash"] for metric in stored["metrics"]}
    moved = tuple(m.id for m in now.metrics if before.get(m.id) != m.hash)
    if moved:
        return Replay("definition_moved", then_value, now_value, moved)
    same = stored["result_hash"] == now.result_hash
    return Replay("same" if same else "data_moved", then_value, now_value)
