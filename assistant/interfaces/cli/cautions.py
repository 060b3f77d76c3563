"""Owns what the rows of a typed query come with: how its metrics stand, what is doubtful."""

from collections.abc import Iterable, Iterator
from typing import Any

from metric_catalog.catalog import Catalog
from metric_catalog.issues import Issue, issue

TRIED = {
    "draft": "draft_tried",
    "in_review": "draft_tried",
    "deprecated": "deprecated_tried",
    "retired": "retired_tried",
}
"""What is said of metrics that are not in force: analysts try them out with typed queries."""


def standing(metrics: Iterable[str], catalog: Catalog) -> list[dict[str, Any]]:
    """Return {id, version, status, hash} of each metric, as in force."""
    return [
        {
            "id": metric_id,
            "version": catalog.metric(metric_id).version,
            "status": catalog.status_of(metric_id),
            "hash": catalog.hash_of(metric_id),
        }
        for metric_id in metrics
    ]


def not_in_force(metrics: Iterable[str], catalog: Catalog) -> Iterator[Issue]:
    """Yield a warning for each metric that questions are not answered with, or not for long."""
    for metric_id in metrics:
        code = TRIED.get(catalog.status_of(metric_id))
        if code is not None:
            successor = catalog.metric(metric_id).successor
            near = (successor,) if successor else ()
            yield issue(code, "", near, "warning", metric=metric_id)
