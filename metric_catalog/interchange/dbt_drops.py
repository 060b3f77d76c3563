"""Owns what is dropped with a metric whose filter we have no words for: all that is made of it."""

from collections.abc import Mapping, Set

from metric_catalog.conditions import parse_condition
from metric_catalog.errors import CatalogError
from metric_catalog.interchange.manifest import Findings
from metric_catalog.model.metrics import Metric
from metric_catalog.model.semantic_model import SavedQuery
from metric_catalog.query import MetricCondition, filter_leaves
from metric_catalog.used_names import metrics_below

REASON = "loss_depends"


def drop_dependents(metrics: dict[str, Metric], dropped: set[str], findings: Findings) -> None:
    """Move the metrics that need a dropped one from `metrics` to `dropped`."""
    changed = bool(dropped)
    while changed:
        changed = False
        for name, metric in list(metrics.items()):
            needed = [below for below in metrics_below(metric) if below in dropped]
            if needed:
                del metrics[name]
                dropped.add(name)
                findings.dropped(f"metrics.{name}", REASON, ", ".join(needed))
                changed = True


def drop_saved(
    saved: Mapping[str, SavedQuery], dropped: Set[str], findings: Findings
) -> dict[str, SavedQuery]:
    """Return the saved queries that need no dropped metric."""
    kept = {}
    for name, query in saved.items():
        needed = [each for each in _metrics(query) if each in dropped]
        if needed:
            findings.dropped(f"saved_queries.{name}", REASON, ", ".join(dict.fromkeys(needed)))
        else:
            kept[name] = query
    return kept


def _metrics(query: SavedQuery) -> list[str]:
    """Return the metrics that a saved query shows, sorts by or asks for in its conditions."""
    sorted_by = [name.removeprefix("-") for name in query.order]
    asked = []
    for text in query.where:
        try:
            leaves = tuple(filter_leaves(parse_condition(text)))
        except CatalogError:
            continue  # told at its own place
        asked += [leaf.metric for leaf in leaves if isinstance(leaf, MetricCondition)]
    return [*query.metrics, *sorted_by, *asked]
