"""Owns the rules on governance: a published metric has words, an owner, an author, an approval."""

import math
import re
from collections.abc import Iterator

from metric_catalog.catalog import Catalog
from metric_catalog.issues import Issue, Severity, issue
from metric_catalog.model.definition import Text
from metric_catalog.model.governance import Target, same_person
from metric_catalog.model.metrics import Metric, inputs_of
from metric_catalog.rules.places import place_of

LIVE = ("published", "deprecated")
COMING = ("draft", "in_review")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_SENTENCE = re.compile(r"[A-Za-z]+ [A-Za-z]+")


def _live(catalog: Catalog) -> Iterator[Metric]:
    for metric in catalog.metrics.values():
        if metric.status in LIVE and not metric.private:
            yield metric


def _in_work(catalog: Catalog) -> Iterator[Metric]:
    for metric in catalog.metrics.values():
        if metric.status in (*LIVE, *COMING) and not metric.private:
            yield metric


def _severity(metric: Metric) -> Severity:
    """Return how bad a gap is: before a metric is published it is only a warning."""
    return "error" if metric.status in LIVE else "warning"


def _lacks(catalog: Catalog, metric: Metric, field: str, severity: Severity | None = None) -> Issue:
    place = place_of(catalog, "metrics", metric.id, field)
    return issue(
        f"missing_{field}", place, severity=severity or _severity(metric), metric=metric.id
    )


def owners_named(catalog: Catalog) -> Iterator[Issue]:
    """A metric has an owner."""
    for metric in _in_work(catalog):
        if not metric.owner.strip():
            yield _lacks(catalog, metric, "owner")


def authors_named(catalog: Catalog) -> Iterator[Issue]:
    """A metric says who changed it last, so that nobody approves an own change."""
    for metric in _in_work(catalog):
        if not metric.changed_by.strip():
            yield _lacks(catalog, metric, "changed_by")


def units_given(catalog: Catalog) -> Iterator[Issue]:
    """A metric says its unit; money says its currency."""
    for metric in _in_work(catalog):
        if "unit" not in metric.model_fields_set:
            yield _lacks(catalog, metric, "unit")
        if metric.unit == "currency" and not metric.currency:
            yield _lacks(catalog, metric, "currency")


def words_in_both_languages(catalog: Catalog) -> Iterator[Issue]:
    """Name, description and caliber of a metric are there in both languages."""
    for metric in _in_work(catalog):
        for field in ("name", "description", "caliber"):
            text: Text = getattr(metric, field)
            if not text.en and not text.zh:
                if metric.status in LIVE:
                    yield _lacks(catalog, metric, field)
                continue
            for language in ("en", "zh"):
                if not _in_language(text, language):
                    place = place_of(catalog, "metrics", metric.id, f"{field}.{language}")
                    given = {"metric": metric.id, "field": field, "language": language}
                    yield issue("missing_translation", place, severity=_severity(metric), **given)


def _in_language(text: Text, language: str) -> bool:
    """Whether a text is there; a sentence copied from the other language does not count."""
    own, other = (text.en, text.zh) if language == "en" else (text.zh, text.en)
    if not own.strip():
        return False
    if own != other:
        return True
    foreign = _CHINESE if language == "en" else _SENTENCE
    return not foreign.search(own)


def approvals_given(catalog: Catalog) -> Iterator[Issue]:
    """What is published is approved in its present meaning; else it answers as a draft."""
    for metric in _live(catalog) if not catalog.trusted else ():
        if catalog.approval_of(metric.id) is None:
            place = place_of(catalog, "metrics", metric.id, "status")
            before = [a.hash for a in catalog.approvals if a.metric == metric.id]
            code = "approval_outdated" if before else "approval_missing"
            current = catalog.hash_of(metric.id)
            if current in before:
                continue  # by its author: `approvals_by_others` says so
            yield issue(code, place, severity="warning", metric=metric.id, hash=current)


def approvals_by_others(catalog: Catalog) -> Iterator[Issue]:
    """Nobody approves an own change."""
    for approval in catalog.approvals:
        metric = catalog.metrics.get(approval.metric)
        if metric is None or approval.hash != catalog.hash_of(metric.id):
            continue
        if same_person(approval.by, metric.changed_by):
            place = place_of(catalog, "metrics", metric.id, "changed_by")
            yield issue("approved_by_author", place, metric=metric.id, by=approval.by)


def approvals_used(catalog: Catalog) -> Iterator[Issue]:
    """Every approval is of a metric that exists."""
    for name in dict.fromkeys(approval.metric for approval in catalog.approvals):
        if name not in catalog.metrics:
            yield issue("approval_unknown_metric", "approvals.yml", severity="warning", metric=name)


def successors_named(catalog: Catalog) -> Iterator[Issue]:
    """A deprecated metric names its successor, and that one is still in use."""
    for metric in catalog.metrics.values():
        if metric.status == "deprecated" and metric.successor is None:
            yield _lacks(catalog, metric, "successor")
        successor = catalog.metrics.get(metric.successor or "")
        if successor is not None and successor.status in ("deprecated", "retired"):
            place = place_of(catalog, "metrics", metric.id, "successor")
            yield issue("successor_not_in_use", place, metric=metric.id, successor=successor.id)


def inputs_in_use(catalog: Catalog) -> Iterator[Issue]:
    """A published metric is not made of a retired one."""
    for metric in _live(catalog):
        for given in inputs_of(metric):
            below = catalog.metrics.get(given.metric)
            if below is not None and below.status == "retired":
                place = place_of(catalog, "metrics", metric.id, "inputs")
                yield issue("input_retired", place, metric=metric.id, input=below.id)


def targets_smart(catalog: Catalog) -> Iterator[Issue]:
    """A target has a finite value, an end after its start, and lies in the metric's lifetime."""
    for metric in catalog.metrics.values():
        for index, target in enumerate(metric.targets):
            place = place_of(catalog, "metrics", metric.id, f"targets[{index}]")
            for code in _faults(metric, target):
                yield issue(code, place, metric=metric.id, start=target.start, end=target.end)
        yield from _overlaps(catalog, metric)


def _faults(metric: Metric, target: Target) -> Iterator[str]:
    if not math.isfinite(target.value):
        yield "target_without_value"
    if target.end <= target.start:
        yield "target_without_end"
    elif metric.effective_from is not None and target.end <= metric.effective_from:
        yield "target_before_effective"
    if metric.direction == "none":
        yield "target_without_direction"


def _overlaps(catalog: Catalog, metric: Metric) -> Iterator[Issue]:
    """Two targets of one length, over the same rows, must not speak of the same days."""
    for index, target in enumerate(metric.targets):
        for other in metric.targets[:index]:
            same = target.filter == other.filter and (target.start, target.end) == (
                other.start,
                other.end,
            )
            if same and target.value != other.value:
                place = place_of(catalog, "metrics", metric.id, f"targets[{index}]")
                given = {"metric": metric.id, "start": target.start, "end": target.end}
                yield issue("target_conflict", place, **given)  # type: ignore[arg-type]
