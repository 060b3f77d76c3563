"""Owns the JSON of an answer, as programs read it and as the state keeps it."""

import dataclasses
import datetime as dt
from typing import Any

from assistant.insights.answer import Answer, MetricStamp, Receipt, Recommendation
from assistant.insights.finding import Change, Driver, Finding, Segment
from executors.result import json_cell
from metric_catalog.query_json import comparison_to_json, filter_to_json, having_to_json

Json = dict[str, Any]


def answer_to_json(answer: Answer) -> Json:
    """Return the contract's object of an answer: the query's slots and everything found."""
    query = answer.query
    recommendations = [recommendation_to_json(item) for item in answer.recommendations]
    return {
        "answer_id": answer.id,
        "outcome": "answer",
        "question": answer.question,
        "language": answer.language,
        "intent": answer.intent,
        "metrics": list(query.metrics),
        "metric": stamp_to_json(answer.metrics[0]) if answer.metrics else None,
        "group_by": [item.column for item in query.group_by],
        "filters": filter_to_json(query.filters),
        "having": having_to_json(query.having),
        "period": query.periods[0].to_json() if len(query.periods) == 1 else None,
        "periods": [period.to_json() for period in query.periods],
        "comparison": comparison_to_json(query.comparison),
        "grain": query.grain,
        "order": [{"by": item.by, "desc": item.descending} for item in query.order],
        "limit": query.limit,
        "headline": answer.headline,
        "narrative": list(answer.narrative),
        "notes": list(answer.notes),
        "value": json_cell(answer.value),
        "rows": answer.table.to_json() if answer.table else None,
        "change": change_to_json(answer.change),
        "drivers": [driver_to_json(driver) for driver in answer.drivers],
        "segments": [segment_to_json(segment) for segment in answer.segments],
        "findings": [finding_to_json(finding) for finding in answer.findings],
        "recommendation": recommendations[0] if recommendations else None,
        "recommendations": recommendations,
        "clarification": None,
        "refusal": None,
        "sql": answer.receipt.sql if answer.receipt else None,
        "receipt": receipt_to_json(answer.receipt),
        "runners_up": list(answer.runners_up),
        "follow_ups": list(answer.follow_ups),
        "chart": chart_to_json(answer.chart),
        "timings_ms": answer.timings_ms,
    }


def stamp_to_json(stamp: MetricStamp) -> Json:
    """Return {id, version, status, hash, owner}."""
    return dataclasses.asdict(stamp)


def change_to_json(change: Change | None) -> Json | None:
    """Return {current, previous, absolute, relative, normal, interval, …}."""
    if change is None:
        return None
    return {
        "current": json_cell(change.current),
        "previous": json_cell(change.previous),
        "absolute": json_cell(change.absolute),
        "relative": json_cell(change.relative),
        "normal": change.normal,
        "interval": list(change.interval) if change.interval else None,
        "expected": json_cell(change.expected),
        "basis": change.basis,
    }


def driver_to_json(driver: Driver) -> Json:
    """Return {dimension, member, kind, effect, current, base, shares [current, base]}."""
    return {
        "dimension": driver.dimension,
        "member": driver.member,
        "kind": driver.kind,
        "effect": json_cell(driver.effect),
        "current": json_cell(driver.current),
        "base": json_cell(driver.base),
        "shares": list(driver.shares) if driver.shares else None,
    }


def segment_to_json(segment: Segment) -> Json:
    """Return {elements, score, effect}."""
    return {
        "elements": list(segment.elements),
        "score": json_cell(segment.score),
        "effect": json_cell(segment.effect),
    }


def finding_to_json(finding: Finding) -> Json:
    """Return a finding without the queries behind it."""
    return {
        "kind": finding.kind,
        "subject": finding.subject,
        "size": json_cell(finding.size),
        "direction": finding.direction,
        "significance": json_cell(finding.significance),
        "facts": {name: json_cell(value) for name, value in finding.facts},
        "points": [[label, json_cell(value)] for label, value in finding.points],
        "period": finding.period.to_json() if finding.period else None,
    }


def recommendation_to_json(item: Recommendation) -> Json:
    """Return {playbook, title, text, expected_effect, action, …}."""
    return {**dataclasses.asdict(item), "due": item.due.isoformat()}


def receipt_to_json(receipt: Receipt | None) -> Json | None:
    """Return the receipt with ISO dates."""
    if receipt is None:
        return None
    return {
        **dataclasses.asdict(receipt),
        "as_of": receipt.as_of.isoformat(),
        "data_as_of": receipt.data_as_of.isoformat() if receipt.data_as_of else None,
    }


def chart_to_json(chart: Any) -> Json | None:
    """Return the chart's kind and data."""
    if chart is None:
        return None
    content = _plain(dataclasses.asdict(chart))
    return {"kind": type(chart).__name__.lower(), **content}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return json_cell(value) if isinstance(value, float | dt.date) else value
